//! The network, through tokio and rustls.
//!
//! lettre could carry the connection too. But it sends EHLO itself, its timeout covers only
//! connecting, and it does not expose the bytes before TLS. Python's verbs need these, so the
//! backend is the byte stream.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UnixStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::backend::{Backend, Connection, Target, Tls};
use crate::interrupt::Interrupts;
use crate::wait::driver::{on_runtime, within};

/// This machine's network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

#[async_trait]
impl Backend for Native {
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>> {
        let (target, tls) = (target.clone(), tls.cloned());
        // The runtime in which a socket is created drives it: use the crate's, which is independent
        // of the caller's.
        let connection = on_runtime(async move { connect(&target, tls.as_ref()).await }).await?;
        Ok(Box::new(connection))
    }

    async fn local_hostname(&self) -> String {
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        if name.contains('.') {
            return name;
        }
        // RFC 5321: without a fully qualified name, an address in brackets.
        let found = on_runtime(async move { lookup_host((name.as_str(), 0)).await.map(Vec::from_iter) }).await;
        let address = found.ok().and_then(|found| found.into_iter().find(std::net::SocketAddr::is_ipv4));
        format!("[{}]", address.map_or_else(|| "127.0.0.1".into(), |address| address.ip().to_string()))
    }

    #[allow(clippy::print_stderr, reason = "Python's debug log goes to stderr, and this is the seam")]
    fn debug(&self, line: &str) {
        eprintln!("{line}");
    }

    async fn sleep(&self, duration: Duration) {
        within(Some(duration), std::future::pending::<()>()).await;
    }

    fn interrupts(&self) -> Interrupts {
        crate::interrupt::native::interrupts().clone()
    }
}

async fn connect(target: &Target, tls: Option<&Tls>) -> io::Result<Stream> {
    let mut stream = match target {
        Target::Unix(path) => Stream::Unix(UnixStream::connect(path).await?),
        Target::Tcp { host, port, source_address } => Stream::Tcp(tcp(host, *port, source_address.as_ref()).await?),
    };
    if let (Some(tls), Target::Tcp { host, .. }) = (tls, target) {
        stream.start_tls(host, tls).await?;
    }
    Ok(stream)
}

async fn tcp(host: &str, port: u16, source: Option<&(String, u16)>) -> io::Result<TcpStream> {
    let stream = match source {
        None => TcpStream::connect((host, port)).await?,
        Some((address, source_port)) => {
            let from = lookup_host((address.as_str(), *source_port)).await?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
            let to = lookup_host((host, port)).await?.find(|to| to.is_ipv4() == from.is_ipv4());
            let socket = if from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.bind(from)?;
            socket.connect(to.ok_or(io::ErrorKind::AddrNotAvailable)?).await?
        }
    };
    // Each write is a whole command: Nagle's algorithm would only delay it.
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// The handshake failed: nothing may be sent in clear after that.
    Broken,
}

impl Stream {
    fn io(&mut self) -> io::Result<&mut (dyn Io + Send)> {
        match self {
            Stream::Tcp(stream) => Ok(stream),
            Stream::Unix(stream) => Ok(stream),
            Stream::Tls(stream) => Ok(stream),
            Stream::Broken => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

trait Io: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

#[async_trait]
impl Connection for Stream {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let io = self.io()?;
        io.write_all(bytes).await?;
        io.flush().await
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        self.io()?.read_buf(buffer).await
    }

    async fn start_tls(&mut self, host: &str, tls: &Tls) -> io::Result<()> {
        let Stream::Tcp(tcp) = std::mem::replace(self, Stream::Broken) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "TLS needs a plain TCP connection"));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(config(tls)?));
        *self = Stream::Tls(Box::new(connector.connect(name, tcp).await?));
        Ok(())
    }
}

fn config(tls: &Tls) -> io::Result<rustls::ClientConfig> {
    let builder = if tls.dangerously_accept_any_certificate {
        crate::tls::client(None)
    } else {
        let (roots, own) = roots(tls)?;
        crate::tls::client_that_pins(roots, own)
    };
    Ok(builder.map_err(io::Error::other)?.with_no_client_auth())
}

/// Returns this machine's authorities, which may include a company's own; Mozilla's, for machines
/// without any; and the caller's certificates.
fn roots(tls: &Tls) -> io::Result<(rustls::RootCertStore, Vec<CertificateDer<'static>>)> {
    let mut roots = crate::tls::mozilla();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut own = Vec::new();
    for pem in &tls.extra_roots {
        for certificate in crate::tls::certificates(pem).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))? {
            own.push(certificate.clone());
            roots.add(certificate).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        }
    }
    Ok((roots, own))
}
