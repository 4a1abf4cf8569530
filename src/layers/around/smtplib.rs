//! Connections to mail servers with a hook around each call.

use std::io::Result;
use std::time::Duration;

use async_trait::async_trait;

use super::{Around, Core};
use crate::interrupt::Interrupts;
use crate::layers::hook::{Call, Subject};
use crate::smtplib::backend::{Backend, Connection, Target, Tls};

fn server(target: &Target) -> Subject<'_> {
    match target {
        Target::Tcp { host, port, .. } => Subject::Host { host: host.into(), port: *port },
        Target::Unix(path) => Subject::path(path.as_path(), true),
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> Result<Box<dyn Connection>> {
        let call = Call::look("smtplib.connect", server(target));
        let inner = self.core.awaited(call, |_| self.inner.connect(target, tls), |_| None).await?;
        Ok(Box::new(Watched { inner, target: target.clone(), core: self.core.clone() }))
    }

    async fn local_hostname(&self) -> String {
        self.inner.local_hostname().await
    }

    fn debug(&self, line: &str) {
        self.inner.debug(line);
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}

/// An open connection.
#[derive(Debug)]
struct Watched {
    inner: Box<dyn Connection>,
    target: Target,
    core: Core,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Connection for Watched {
    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let Watched { inner, target, core } = self;
        let send = |_| async move { inner.send(bytes).await.map(|()| bytes.len()) };
        let count = |bytes: &usize| u64::try_from(*bytes).ok();
        core.awaited(Call::change("smtplib.send", server(target)), send, count).await.map(drop)
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        let Watched { inner, target, core } = self;
        let count = |bytes: &usize| u64::try_from(*bytes).ok();
        core.awaited(Call::look("smtplib.receive", server(target)), |_| inner.receive(buffer), count).await
    }

    async fn start_tls(&mut self, host: &str, tls: &Tls) -> Result<()> {
        let Watched { inner, target, core } = self;
        core.awaited(Call::look("smtplib.start_tls", server(target)), |_| inner.start_tls(host, tls), |()| None).await
    }
}
