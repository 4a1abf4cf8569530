//! The network: SSH by russh.
//!
//! - AES-GCM comes before ChaCha20 where the processor has AES; `TCP_NODELAY` is set.
//! - The crate that does RSA has a timing side channel without a fix (RUSTSEC-2023-0071): prefer Ed25519 and ECDSA keys.

#![allow(clippy::disallowed_methods, reason = "the native backend is the one place that touches the machine")]

mod auth;
mod channel;
mod client;
mod listener;
mod proxy;
mod session;

use std::io::{Read as _, Write as _};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};

use super::backend::{Backend, BoxStream, Listener, Session, Stream, Target};
use super::error::{Error, Result};
use crate::BoxFuture;
use crate::wait::driver::{blocking, detach, on_runtime};

/// This machine's network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

#[async_trait]
impl Backend for Native {
    async fn connect(&self, target: &Target) -> Result<Arc<dyn Session>> {
        let target = target.clone();
        on_runtime(async move { client::connect(&target).await }).await
    }

    async fn listen(&self, host: &str, port: u16) -> Result<Box<dyn Listener>> {
        let host = host.to_owned();
        on_runtime(async move {
            let failed = |source| Error::Connect { host: format!("{host}:{port}"), source };
            let socket = TcpListener::bind((host.as_str(), port)).await.map_err(failed)?;
            let port = socket.local_addr().map_err(failed)?.port();
            Ok(Box::new(listener::LocalListener::new(socket, port)) as Box<dyn Listener>)
        })
        .await
    }

    async fn dial(&self, host: &str, port: u16) -> Result<BoxStream> {
        let host = host.to_owned();
        on_runtime(async move { Ok(Box::new(dial(&host, port).await?) as BoxStream) }).await
    }

    fn print(&self, stream: Stream, text: &str) {
        // As `print` in Python would fail and nothing can be done: a closed standard stream loses the copy, not the capture.
        let _lost = match stream {
            Stream::Stdout => {
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Stream::Stderr => std::io::stderr().lock().write_all(text.as_bytes()),
        };
    }

    async fn read_stdin(&self) -> Result<Bytes> {
        let read = || {
            let mut buffer = vec![0; 32 * 1024];
            let count = std::io::stdin().lock().read(&mut buffer)?;
            buffer.truncate(count);
            Ok(Bytes::from(buffer))
        };
        let bytes: std::io::Result<Bytes> = blocking(true, read).await;
        bytes.map_err(|source| Error::Os { operation: "read", path: "standard input".to_owned(), source })
    }

    fn pty_size(&self) -> (u16, u16) {
        match rustix::termios::tcgetwinsize(std::io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }

    async fn sleep(&self, duration: Duration) {
        crate::wait::timer(duration).await;
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn spawn(&self, task: BoxFuture<()>) {
        detach(task);
    }

    async fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        blocking(true, work).await;
    }
}

async fn dial(host: &str, port: u16) -> Result<TcpStream> {
    let failed = |source| Error::Connect { host: format!("{host}:{port}"), source };
    let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}
