//! A connection to a [`Host`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::super::backend::{BoxStream, Channel, Event, Exec, Listener, Machine, Session};
use super::super::error::{Error, Result};
use super::chain::Chain;
use super::host::{Host, Reach};
use super::inline::Inline;
use super::shell::Shell;
use crate::layers::{Call, Effect, Failure, Hook, Outcome, Verdict};
use crate::mock::Script;

#[derive(Debug)]
pub(super) struct MockSession {
    script: Script,
    host: Host,
    user: String,
    line: Arc<Line>,
}

/// The wire: it breaks after some bytes.
#[derive(Debug)]
pub(super) struct Line {
    host: String,
    open: AtomicBool,
    left: Mutex<Option<usize>>,
}

impl Line {
    fn lost(&self) -> Error {
        Error::ConnectionLost { host: self.host.clone(), reason: "connection reset by peer".to_owned() }
    }

    /// The bytes until it breaks. None: it does not.
    fn left(&self) -> Option<usize> {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes pass, or as many of them as pass before it breaks.
    fn pass(&self, bytes: usize) -> usize {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        match left.as_mut() {
            None => bytes,
            Some(left) => {
                let passing = bytes.min(*left);
                *left -= passing;
                if passing < bytes {
                    self.open.store(false, Ordering::Relaxed);
                }
                passing
            }
        }
    }
}

impl MockSession {
    pub(super) fn new(script: Script, host: Host, user: String) -> MockSession {
        let line = Line { host: host.name().to_owned(), open: AtomicBool::new(true), left: Mutex::new(host.drops_after()) };
        MockSession { script, host, user, line: Arc::new(line) }
    }

    async fn enter(&self, operation: &'static str, subject: &str) -> Result<()> {
        self.script.enter::<Error>(operation, format_args!("{}: {subject}", self.host.name()))?;
        if let Some(latency) = self.host.latency_now() {
            self.script.clock().sleep(latency).await;
        }
        if self.host.reach() != Reach::Up {
            self.line.open.store(false, Ordering::Relaxed);
        }
        if self.is_active() { Ok(()) } else { Err(self.line.lost()) }
    }
}

#[async_trait]
impl Session for MockSession {
    async fn exec(&self, request: &Exec) -> Result<Arc<dyn Channel>> {
        let line = match &request.command {
            Some(command) => String::from_utf8_lossy(command).into_owned(),
            None => String::new(),
        };
        let shown = request.shown();
        self.enter("fabric.exec", shown.as_deref().unwrap_or("login shell")).await?;
        self.host.ran(&line);
        let mut shell = Shell::new(&self.host, &self.user, request.pty.is_some());
        for (name, value) in &request.env {
            if self.host.accepts(name) {
                shell.set(name, value);
            }
        }
        let chain = match request.command {
            Some(_) => Chain::new(&self.script, shell, &line)?,
            None => Chain::login(&self.script, shell)?,
        };
        Ok(Arc::new(Wire { inner: Arc::new(chain), line: self.line.clone() }))
    }

    async fn subsystem(&self, name: &str) -> Result<BoxStream> {
        self.enter("fabric.subsystem", name).await?;
        if name != "sftp" {
            let (host, what) = (self.host.name().to_owned(), name.to_owned());
            return Err(Error::Channel { host, what, reason: "subsystem request failed".to_owned() });
        }
        let (os, home) = (Shell::new(&self.host, &self.user, false).os(), super::shell::home(&self.host, &self.user));
        Ok(Box::new(Inline::new(|far| Box::pin(crate::fabric::sftp::serve(os, home, Box::new(far))))))
    }

    fn machine(&self) -> Option<Machine> {
        let platform = crate::platform::mock::Mock::new(self.script.clone());
        let node = self.host.name().to_owned();
        platform.set_uname(crate::platform::backend::Kernel { node, ..crate::platform::backend::Backend::uname(&platform) });
        let time = crate::time::mock::Mock::new(self.script.clone());
        let shell = Shell::new(&self.host, &self.user, false);
        let root = self.host.account(&self.user).is_none_or(|account| account.uid == 0);
        let mut batteries = crate::World::new().batteries();
        (batteries.os, batteries.subprocess) = if root {
            (self.host.os.handle(), self.host.subprocess.handle())
        } else {
            let programs = Arc::new(self.host.subprocess.clone());
            let os = shell.os();
            let subprocess = crate::subprocess::Subprocess::new(programs, os.ambient().clone());
            (os, subprocess)
        };
        (batteries.platform, batteries.time) = (platform.handle(), time.handle());
        let hook = Passing { script: self.script.clone(), host: self.host.clone(), line: self.line.clone() };
        let over = crate::layers::over(&batteries, Arc::new(hook));
        Some(Machine::new(over.os, over.subprocess, over.platform, over.time))
    }

    async fn direct_tcpip(&self, host: &str, port: u16, _origin: (&str, u16)) -> Result<BoxStream> {
        self.enter("fabric.direct_tcpip", &format!("{host}:{port}")).await?;
        Err(Error::NotImplemented { operation: "fabric.direct_tcpip" })
    }

    async fn forward(&self, host: &str, port: u16) -> Result<Box<dyn Listener>> {
        self.enter("fabric.forward", &format!("{host}:{port}")).await?;
        Err(Error::NotImplemented { operation: "fabric.forward" })
    }

    fn is_active(&self) -> bool {
        self.line.open.load(Ordering::Relaxed)
    }

    async fn keepalive(&self) -> Result<()> {
        self.enter("fabric.keepalive", "").await
    }

    async fn close(&self) {
        self.line.open.store(false, Ordering::Relaxed);
    }
}

/// The network under the batteries of a host: each call on its files and programs passes it.
#[derive(Debug)]
struct Passing {
    script: Script,
    host: Host,
    line: Arc<Line>,
}

impl Hook for Passing {
    fn before(&self, call: &Call<'_>) -> Verdict {
        // Clocks and sleeps are this side's.
        if !matches!(call.battery(), "os" | "subprocess") {
            return Verdict::go();
        }
        if let Some(latency) = self.host.latency_now() {
            self.script.clock().advance(latency);
        }
        let left = self.line.left();
        if self.host.reach() != Reach::Up || left == Some(0) {
            self.line.open.store(false, Ordering::Relaxed);
        }
        match left {
            _ if !self.line.open.load(Ordering::Relaxed) => Verdict::fail(Failure::Reset),
            Some(left) if call.effect == Effect::Look => Verdict::short(left),
            _ => Verdict::go(),
        }
    }

    fn after(&self, call: &Call<'_>, outcome: &Outcome) {
        if call.effect == Effect::Look
            && let Some(bytes) = outcome.bytes
        {
            self.line.pass(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
    }
}

/// A channel over a wire that can break.
#[derive(Debug)]
struct Wire {
    inner: Arc<dyn Channel>,
    line: Arc<Line>,
}

#[async_trait]
impl Channel for Wire {
    async fn next(&self) -> Result<Event> {
        if !self.line.open.load(Ordering::Relaxed) {
            return Err(self.line.lost());
        }
        Ok(match self.inner.next().await? {
            Event::Stdout(mut bytes) => {
                let passing = self.line.pass(bytes.len());
                if passing == 0 && !bytes.is_empty() {
                    return Err(self.line.lost());
                }
                bytes.truncate(passing);
                Event::Stdout(bytes)
            }
            Event::Stderr(mut bytes) => {
                let passing = self.line.pass(bytes.len());
                if passing == 0 && !bytes.is_empty() {
                    return Err(self.line.lost());
                }
                bytes.truncate(passing);
                Event::Stderr(bytes)
            }
            event => event,
        })
    }

    async fn write(&self, bytes: &[u8]) -> Result<()> {
        self.inner.write(bytes).await
    }

    async fn close_stdin(&self) -> Result<()> {
        self.inner.close_stdin().await
    }

    async fn signal(&self, name: &str) -> Result<()> {
        self.inner.signal(name).await
    }

    async fn resize(&self, columns: u16, rows: u16) -> Result<()> {
        self.inner.resize(columns, rows).await
    }

    async fn kill(&self) {
        self.inner.kill().await;
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
