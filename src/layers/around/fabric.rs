//! Connections to other machines with a hook around connecting, commands, subsystems and forwards.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Around, Core, Injected};
use crate::BoxFuture;
use crate::fabric::backend::{Backend, BoxStream, Channel, Exec, Listener, Machine, Session, Stream, Target};
use crate::fabric::{Error, Result};
use crate::layers::hook::{Call, Failure, Subject};

impl From<Injected> for Error {
    fn from(Injected { operation, failure }: Injected) -> Error {
        let reason = match failure {
            Failure::Refused(refused) => return Error::Value(refused.to_string()),
            Failure::NotRecorded(why) => why.to_string(),
            Failure::Timeout => "no answer in time".to_owned(),
            Failure::Reset => "connection reset by peer".to_owned(),
            Failure::Throttled => "too many connections".to_owned(),
            Failure::Errno(errno) => std::io::Error::from_raw_os_error(errno).to_string(),
        };
        Error::ConnectionLost { host: operation.to_owned(), reason }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    async fn connect(&self, target: &Target) -> Result<Arc<dyn Session>> {
        let call = Call::look("fabric.connect", Subject::Host { host: (&*target.host).into(), port: target.port });
        let inner = self.core.awaited(call, |_| self.inner.connect(target), |_| None).await?;
        Ok(Arc::new(Watched { inner, host: target.host.clone(), core: self.core.clone() }))
    }

    async fn listen(&self, host: &str, port: u16) -> Result<Box<dyn Listener>> {
        let call = Call::change("fabric.listen", Subject::Host { host: host.into(), port });
        self.core.awaited(call, |_| self.inner.listen(host, port), |_| None).await
    }

    async fn dial(&self, host: &str, port: u16) -> Result<BoxStream> {
        let call = Call::change("fabric.dial", Subject::Host { host: host.into(), port });
        self.core.awaited(call, |_| self.inner.dial(host, port), |_| None).await
    }

    fn print(&self, stream: Stream, text: &str) {
        self.inner.print(stream, text);
    }

    async fn read_stdin(&self) -> Result<Bytes> {
        self.inner.read_stdin().await
    }

    fn pty_size(&self) -> (u16, u16) {
        self.inner.pty_size()
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }

    fn spawn(&self, task: BoxFuture<()>) {
        self.inner.spawn(task);
    }

    async fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        self.inner.blocking(work).await;
    }
}

/// An open connection. What runs through a channel of it passes unseen.
#[derive(Debug)]
struct Watched {
    inner: Arc<dyn Session>,
    host: String,
    core: Core,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Session for Watched {
    async fn exec(&self, request: &Exec) -> Result<Arc<dyn Channel>> {
        let command = request.shown().unwrap_or_else(|| "a login shell".to_owned());
        let call = Call::change("fabric.exec", Subject::text(format!("{}: {command}", self.host)));
        self.core.awaited(call, |_| self.inner.exec(request), |_| None).await
    }

    async fn subsystem(&self, name: &str) -> Result<BoxStream> {
        let call = Call::change("fabric.subsystem", Subject::text(format!("{}: {name}", self.host)));
        self.core.awaited(call, |_| self.inner.subsystem(name), |_| None).await
    }

    async fn direct_tcpip(&self, host: &str, port: u16, origin: (&str, u16)) -> Result<BoxStream> {
        let call = Call::change("fabric.direct_tcpip", Subject::Host { host: host.into(), port });
        self.core.awaited(call, |_| self.inner.direct_tcpip(host, port, origin), |_| None).await
    }

    async fn forward(&self, host: &str, port: u16) -> Result<Box<dyn Listener>> {
        let call = Call::change("fabric.forward", Subject::Host { host: host.into(), port });
        self.core.awaited(call, |_| self.inner.forward(host, port), |_| None).await
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn machine(&self) -> Option<Machine> {
        let Machine { os, subprocess, platform, time } = self.inner.machine()?;
        let core = &self.core;
        Some(Machine::new(
            crate::os::Os::new(Arc::new(Around::new(os.backend().clone(), core)), os.ambient().clone()),
            crate::subprocess::Subprocess::new(
                Arc::new(Around::new(subprocess.backend().clone(), core)),
                subprocess.ambient().clone(),
            ),
            crate::platform::Platform::new(Arc::new(Around::new(platform.backend().clone(), core))),
            crate::time::Time::new(Arc::new(Around::new(time.backend().clone(), core))).with_ambient(time.ambient().clone()),
        ))
    }

    async fn keepalive(&self) -> Result<()> {
        self.inner.keepalive().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
