//! The [`Backend`] of the network in memory.

use std::io::{Error as IoError, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::super::backend::{Backend, BoxStream, Listener, Session, Stream, Target, Via};
use super::super::error::{Error, Result};
use super::Mock;
use super::host::Reach;
use super::session::MockSession;
use crate::BoxFuture;
use crate::error::errno::{ECONNREFUSED, EHOSTUNREACH};

impl Mock {
    fn refused(target: &Target, source: IoError) -> Error {
        Error::Connect { host: format!("{}:{}", target.host, target.port), source }
    }
}

#[async_trait]
impl Backend for Mock {
    async fn connect(&self, target: &Target) -> Result<Arc<dyn Session>> {
        self.script.enter::<Error>("fabric.connect", format_args!("{}@{}:{}", target.user, target.host, target.port))?;
        if let Via::Command(_) = target.via {
            return Err(Error::NotImplemented { operation: "ProxyCommand" });
        }
        if let Via::Jump(gateway) = &target.via
            && !gateway.is_active()
        {
            return Err(Error::ConnectionLost { host: target.host.clone(), reason: "the gateway is closed".to_owned() });
        }
        let Some(host) = self.find(&target.host) else {
            // EAI_NONAME, as getaddrinfo words it.
            return Err(Self::refused(target, IoError::new(ErrorKind::NotFound, "name or service not known")));
        };
        if let Some(latency) = host.latency_now() {
            self.script.clock().sleep(latency).await;
        }
        match host.reach() {
            Reach::Up => {}
            Reach::Refused => return Err(Self::refused(target, IoError::from_raw_os_error(ECONNREFUSED))),
            Reach::Unreachable => return Err(Self::refused(target, IoError::from_raw_os_error(EHOSTUNREACH))),
            Reach::Stalled => self.script.clock().sleep(Duration::MAX).await,
        }
        target.host_keys.check(&target.host, target.port, &host.key())?;
        super::auth::authenticate(&host, target)?;
        host.user(&target.user);
        Ok(Arc::new(MockSession::new(self.script.clone(), host, target.user.clone())))
    }

    async fn listen(&self, _host: &str, _port: u16) -> Result<Box<dyn Listener>> {
        Err(Error::NotImplemented { operation: "fabric.listen" })
    }

    async fn dial(&self, _host: &str, _port: u16) -> Result<BoxStream> {
        Err(Error::NotImplemented { operation: "fabric.dial" })
    }

    fn print(&self, stream: Stream, text: &str) {
        let mut state = self.lock();
        match stream {
            Stream::Stdout => state.stdout.push_str(text),
            Stream::Stderr => state.stderr.push_str(text),
        }
    }

    async fn read_stdin(&self) -> Result<Bytes> {
        Ok(std::mem::take(&mut self.lock().stdin).into())
    }

    fn pty_size(&self) -> (u16, u16) {
        (80, 24)
    }

    async fn sleep(&self, duration: Duration) {
        self.script.clock().sleep(duration).await;
    }

    fn monotonic(&self) -> Duration {
        self.script.clock().elapsed()
    }

    fn spawn(&self, task: BoxFuture<()>) {
        crate::wait::driver::detach(task);
    }

    async fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }
}
