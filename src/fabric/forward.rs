//! Tunnels: `forward_local` and `forward_remote`.

use std::sync::{Arc, Mutex, PoisonError};

use super::backend::{Backend, BoxStream, Listener, Session};
use super::connection::Connection;
use super::error::{Error, Result};
use crate::BoxFuture;

/// A tunnel. It ends when it is dropped; [`Tunnel::close`] also gives the first error of the connections that went through it.
///
/// DIFFERENCE: Python's tunnel is a context manager, which raises those errors at its end.
#[doc(alias = "fabric.tunnels.TunnelManager")]
#[must_use = "the tunnel ends when it is dropped"]
pub struct Tunnel {
    port: u16,
    listener: Arc<dyn Listener>,
    backend: Arc<dyn Backend>,
    failed: Arc<Mutex<Option<Error>>>,
    /// Dropping it ends the task that accepts connections.
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tunnel").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Tunnel {
    /// The port that listens: the one that was asked for, or the one that was chosen for 0.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops listening, and gives the first error of a connection.
    pub fn close(mut self) -> CloseTunnel {
        self.stop.take();
        CloseTunnel(self)
    }

    fn start(listener: Box<dyn Listener>, backend: &Arc<dyn Backend>, to: To) -> Tunnel {
        let listener: Arc<dyn Listener> = Arc::from(listener);
        let failed = Arc::new(Mutex::new(None));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (inner, errors, spawner) = (listener.clone(), failed.clone(), backend.clone());
        backend.spawn(Box::pin(async move {
            let mut stopped = std::pin::pin!(stopped);
            loop {
                let mut accepting = std::pin::pin!(inner.accept());
                let accepted = std::future::poll_fn(|context| {
                    if stopped.as_mut().poll(context).is_ready() {
                        return std::task::Poll::Ready(None);
                    }
                    accepting.as_mut().poll(context).map(Some)
                });
                let Some(Ok((stream, origin))) = accepted.await else { break };
                let (to, errors) = (to.clone(), errors.clone());
                spawner.spawn(Box::pin(async move {
                    if let Err(error) = to.carry(stream, origin).await {
                        errors.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }));
            }
        }));
        Tunnel { port: listener.port(), listener, backend: backend.clone(), failed, stop: Some(stop) }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.stop.take();
        let listener = self.listener.clone();
        self.backend.spawn(Box::pin(async move { listener.close().await }));
    }
}

/// The other end.
#[derive(Clone)]
enum To {
    Remote { session: Arc<dyn Session>, host: String, port: u16 },
    Local { backend: Arc<dyn Backend>, host: String, port: u16 },
}

impl To {
    async fn carry(self, mut near: BoxStream, origin: (String, u16)) -> Result<()> {
        let mut far = match &self {
            To::Remote { session, host, port } => session.direct_tcpip(host, *port, (&origin.0, origin.1)).await?,
            To::Local { backend, host, port } => backend.dial(host, *port).await?,
        };
        // A connection that ends on one side ends on the other: how it ended is for those who speak through it.
        let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        Ok(())
    }
}

/// What [`Tunnel::close`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct CloseTunnel(Tunnel);

impl IntoFuture for CloseTunnel {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.0.listener.close().await;
            let failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            failed.map_or(Ok(()), Err)
        })
    }
}

/// A tunnel with its arguments, before it is opened.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct Forward {
    connection: Connection,
    direction: Direction,
    listen: u16,
    to: Option<u16>,
    remote_host: String,
    local_host: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Local,
    Remote,
}

impl Forward {
    /// The port of the other end. Default: the same.
    pub fn to_port(mut self, port: u16) -> Self {
        self.to = Some(port);
        self
    }

    /// The remote host: for a local forward the one to connect to, by its name on the remote machine (default: `localhost`); for a
    /// remote one the address to listen on (default: `127.0.0.1`).
    pub fn remote_host(mut self, host: impl Into<String>) -> Self {
        self.remote_host = host.into();
        self
    }

    /// The local host: for a local forward the address to listen on, for a remote one the host to connect to. Default: `localhost`.
    pub fn local_host(mut self, host: impl Into<String>) -> Self {
        self.local_host = host.into();
        self
    }
}

impl IntoFuture for Forward {
    type Output = Result<Tunnel>;
    type IntoFuture = BoxFuture<Result<Tunnel>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let backend = self.connection.backend().clone();
            let session = self.connection.session().await?;
            let port = self.to.filter(|port| *port != 0).unwrap_or(self.listen);
            match self.direction {
                Direction::Local => {
                    let listener = backend.listen(&self.local_host, self.listen).await?;
                    let port = if port == 0 { listener.port() } else { port };
                    Ok(Tunnel::start(listener, &backend, To::Remote { session, host: self.remote_host, port }))
                }
                Direction::Remote => {
                    let listener = session.forward(&self.remote_host, self.listen).await?;
                    let port = if port == 0 { listener.port() } else { port };
                    let to = To::Local { backend: backend.clone(), host: self.local_host, port };
                    Ok(Tunnel::start(listener, &backend, to))
                }
            }
        })
    }
}

impl Connection {
    /// Opens a local port that leads to a port on the remote machine's side: `ssh -L`. 0 lets the system choose the port.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.forward_local>
    #[doc(alias = "fabric.Connection.forward_local")]
    pub fn forward_local(&self, local_port: u16) -> Forward {
        self.forward(Direction::Local, local_port, "localhost")
    }

    /// Opens a port on the remote machine that leads to a port on this machine's side: `ssh -R`. 0 lets the server choose the port.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.forward_remote>
    #[doc(alias = "fabric.Connection.forward_remote")]
    pub fn forward_remote(&self, remote_port: u16) -> Forward {
        self.forward(Direction::Remote, remote_port, "127.0.0.1")
    }

    fn forward(&self, direction: Direction, listen: u16, remote_host: &str) -> Forward {
        Forward {
            connection: self.clone(),
            direction,
            listen,
            to: None,
            remote_host: remote_host.to_owned(),
            local_host: "localhost".to_owned(),
        }
    }
}
