//! Ports that listen: local ones, and those of the remote machine.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use super::super::backend::{BoxStream, Listener};
use super::super::error::{Error, Result};
use super::session::Inner;

#[derive(Debug)]
pub(super) struct LocalListener {
    socket: std::sync::Mutex<Option<Arc<TcpListener>>>,
    port: u16,
}

impl LocalListener {
    pub(super) fn new(socket: TcpListener, port: u16) -> LocalListener {
        LocalListener { socket: std::sync::Mutex::new(Some(Arc::new(socket))), port }
    }

    fn socket(&self) -> Option<Arc<TcpListener>> {
        self.socket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Listener for LocalListener {
    fn port(&self) -> u16 {
        self.port
    }

    async fn accept(&self) -> Result<(BoxStream, (String, u16))> {
        let failed = |source| Error::Connect { host: format!("port {}", self.port), source };
        let Some(socket) = self.socket() else { return Err(failed(std::io::ErrorKind::NotConnected.into())) };
        let (stream, origin) = socket.accept().await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok((Box::new(stream), (origin.ip().to_string(), origin.port())))
    }

    async fn close(&self) {
        self.socket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    }
}

pub(super) type Forwarded = (BoxStream, (String, u16));

#[derive(Debug)]
pub(super) struct RemoteListener {
    pub(super) inner: Arc<Inner>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) streams: Mutex<Streams>,
}

pub(super) struct Streams(pub(super) mpsc::UnboundedReceiver<Forwarded>);

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streams")
    }
}

#[async_trait]
impl Listener for RemoteListener {
    fn port(&self) -> u16 {
        self.port
    }

    async fn accept(&self) -> Result<(BoxStream, (String, u16))> {
        self.streams.lock().await.0.recv().await.ok_or_else(|| self.inner.lost("the forward was cancelled"))
    }

    async fn close(&self) {
        self.inner.forwards().remove(&self.port);
        // A connection that is gone has cancelled it already.
        let _gone = self.inner.handle.cancel_tcpip_forward(self.host.clone(), u32::from(self.port)).await;
    }
}
