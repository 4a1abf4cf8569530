//! The session with one server: its state, and one command after the other.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use super::backend::{Backend, Connection, Target, Tls};
use super::quote;
use super::reply::{Parsed, Parser, Reply};
use super::{Error, Result};

/// The settings of a session.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) target: Target,
    /// TLS from the first byte.
    pub(super) implicit_tls: bool,
    pub(super) tls: Tls,
    /// Sends LHLO instead of EHLO, and expects a reply per recipient after DATA.
    pub(super) lmtp: bool,
    pub(super) local_hostname: Option<String>,
    /// The time limit of each verb.
    pub(super) timeout: Option<Duration>,
    pub(super) cleartext_login: bool,
    pub(super) pipelining: bool,
    pub(super) chunking: bool,
}

/// The state of the server, readable while a verb is running.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) ehlo_resp: Option<Vec<u8>>,
    pub(super) helo_resp: Option<Vec<u8>>,
    pub(super) esmtp_features: BTreeMap<String, String>,
    pub(super) does_esmtp: bool,
    pub(super) encrypted: bool,
    pub(super) connected: bool,
    pub(super) debuglevel: u32,
    /// Whether commands are UTF-8: after `MAIL` with SMTPUTF8, until `RSET`.
    pub(super) utf8: bool,
}

impl Facts {
    /// Resets the state learnt from the server.
    fn forget(&mut self) {
        *self = Facts { debuglevel: self.debuglevel, connected: self.connected, ..Facts::default() };
    }
}

#[derive(Debug)]
pub(super) struct Session {
    backend: Arc<dyn Backend>,
    pub(super) settings: Settings,
    facts: Arc<Mutex<Facts>>,
    connection: Option<Box<dyn Connection>>,
    input: Vec<u8>,
    /// The parser of the reply at the start of `input`.
    parser: Parser,
    /// Whether a part of the message was sent: a lost connection then leaves open whether the mail
    /// was accepted.
    pub(super) committed: bool,
}

impl Session {
    pub(super) fn new(backend: Arc<dyn Backend>, settings: Settings) -> Session {
        Session {
            backend,
            settings,
            facts: Arc::default(),
            connection: None,
            input: Vec::new(),
            parser: Parser::default(),
            committed: false,
        }
    }

    pub(super) fn shared_facts(&self) -> Arc<Mutex<Facts>> {
        self.facts.clone()
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the server's name, for errors and for TLS.
    pub(super) fn host(&self) -> String {
        self.settings.target.host()
    }

    /// Connects and reads the greeting.
    pub(super) async fn connect(&mut self) -> Result<Reply> {
        self.close();
        self.facts().forget();
        let Settings { target, implicit_tls, tls, .. } = &self.settings;
        let shown = match target {
            Target::Tcp { host, port, .. } => format!("{host}:{port}"),
            Target::Unix(path) => path.display().to_string(),
        };
        self.debug(|| format!("connect: to {shown}"));
        let connection = self.backend.connect(target, implicit_tls.then_some(tls)).await;
        self.connection = Some(connection.map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidData => Error::Tls { host: self.host(), source },
            _ => Error::Connect { target: shown, source },
        })?);
        let implicit_tls = self.settings.implicit_tls;
        {
            let mut facts = self.facts();
            facts.connected = true;
            facts.encrypted = implicit_tls;
        }
        self.getreply().await
    }

    /// Drops the connection without QUIT.
    pub(super) fn close(&mut self) {
        self.connection = None;
        self.input.clear();
        self.parser = Parser::default();
        self.facts().connected = false;
    }

    /// Returns false if the connection is closed, or the server sent an unsolicited reply, which
    /// announces that it closes.
    pub(super) fn is_alive(&mut self) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let heard = pin!(connection.receive(&mut self.input)).as_mut().poll(&mut context).is_ready();
        if heard {
            self.close();
        }
        !heard
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.debug(|| format!("send: {}", shown(bytes)));
        self.send_unlogged(bytes).await
    }

    async fn send_unlogged(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(connection) = &mut self.connection else { return Err(self.disconnected("please run connect() first", None)) };
        match connection.send(bytes).await {
            Ok(()) => Ok(()),
            Err(source) => {
                self.close();
                Err(self.disconnected("server not connected", Some(source)))
            }
        }
    }

    /// Reads one reply of one or several lines.
    pub(super) async fn getreply(&mut self) -> Result<Reply> {
        loop {
            match self.parser.parse(&self.input) {
                Parsed::Reply(reply, used) => {
                    self.input.drain(..used);
                    self.debug(|| format!("reply: {reply}"));
                    return Ok(reply);
                }
                Parsed::TooLong => {
                    self.close();
                    return Err(Error::Response { command: "reply", reply: Reply::new(500, "Line too long.") });
                }
                Parsed::More => {}
            }
            let Some(connection) = &mut self.connection else {
                return Err(self.disconnected("please run connect() first", None));
            };
            match connection.receive(&mut self.input).await {
                Ok(0) => {
                    self.close();
                    return Err(self.disconnected("connection unexpectedly closed", None));
                }
                Ok(_) => {}
                Err(source) => {
                    self.close();
                    return Err(self.disconnected("connection unexpectedly closed", Some(source)));
                }
            }
        }
    }

    pub(super) async fn docmd(&mut self, command: &str) -> Result<Reply> {
        let line = quote::line(command)?;
        if !command.is_ascii() && !self.facts().utf8 {
            return Err(Error::Value(format!("the command {command:?} is not ASCII")));
        }
        self.send(line.as_bytes()).await?;
        self.getreply().await
    }

    /// Sends a command that contains a password or a proof of one.
    pub(super) async fn docmd_secret(&mut self, shown: &str, command: &str) -> Result<Reply> {
        let line = quote::line(command)?;
        self.debug(|| format!("send: {shown} ***"));
        self.send_unlogged(line.as_bytes()).await?;
        self.getreply().await
    }

    /// Returns the name for the greeting, which is looked up once.
    pub(super) async fn local_hostname(&mut self) -> String {
        match &self.settings.local_hostname {
            Some(name) => name.clone(),
            None => self.settings.local_hostname.insert(self.backend.local_hostname().await).clone(),
        }
    }

    pub(super) async fn rset(&mut self) -> Result<Reply> {
        self.facts().utf8 = false;
        self.docmd("rset").await
    }

    pub(super) async fn helo(&mut self, name: &str) -> Result<Reply> {
        let name = if name.is_empty() { self.local_hostname().await } else { name.to_owned() };
        let reply = self.docmd(&format!("helo {name}")).await?;
        self.facts().helo_resp = Some(reply.message.clone());
        Ok(reply)
    }

    pub(super) async fn ehlo(&mut self, name: &str) -> Result<Reply> {
        self.facts().esmtp_features.clear();
        let name = if name.is_empty() { self.local_hostname().await } else { name.to_owned() };
        let verb = if self.settings.lmtp { "lhlo" } else { "ehlo" };
        let reply = self.docmd(&format!("{verb} {name}")).await?;
        if reply.code == -1 && reply.message.is_empty() {
            self.close();
            return Err(self.disconnected("server not connected", None));
        }
        let mut facts = self.facts();
        facts.ehlo_resp = Some(reply.message.clone());
        if reply.code == 250 {
            facts.does_esmtp = true;
            facts.esmtp_features = features(&reply.message);
        }
        drop(facts);
        Ok(reply)
    }

    pub(super) async fn ehlo_or_helo_if_needed(&mut self) -> Result<()> {
        let greeted = {
            let facts = self.facts();
            facts.helo_resp.is_some() || facts.ehlo_resp.is_some()
        };
        if greeted || self.ehlo("").await?.is_success() {
            return Ok(());
        }
        let reply = self.helo("").await?;
        if reply.is_success() { Ok(()) } else { Err(Error::Helo(reply)) }
    }

    pub(super) fn has_extn(&self, name: &str) -> bool {
        self.facts().esmtp_features.contains_key(&name.to_ascii_lowercase())
    }

    pub(super) async fn starttls(&mut self) -> Result<Reply> {
        self.ehlo_or_helo_if_needed().await?;
        if !self.has_extn("starttls") {
            return Err(Error::NotSupported { extension: "STARTTLS" });
        }
        let reply = self.docmd("STARTTLS").await?;
        if reply.code != 220 {
            return Err(Error::Response { command: "STARTTLS", reply });
        }
        // Buffered data arrived in clear text and would be taken for a reply under TLS
        // (CVE-2011-0411).
        if !self.input.is_empty() {
            self.close();
            return Err(Error::StartTlsInjection { host: self.host() });
        }
        let (host, tls) = (self.host(), self.settings.tls.clone());
        let Some(connection) = &mut self.connection else { return Err(self.disconnected("please run connect() first", None)) };
        if let Err(source) = connection.start_tls(&host, &tls).await {
            self.close();
            return Err(Error::Tls { host, source });
        }
        // RFC 3207: knowledge obtained before TLS must be discarded.
        let mut facts = self.facts();
        facts.forget();
        facts.encrypted = true;
        drop(facts);
        Ok(reply)
    }

    /// Sends QUIT, and closes the connection whatever the reply.
    pub(super) async fn quit(&mut self) -> Result<Reply> {
        let reply = self.docmd("quit").await;
        self.close();
        self.facts().forget();
        reply
    }

    /// Runs a verb within its time limit. When it expires, or the future is dropped, the connection
    /// is closed, because a late reply belongs to no verb.
    pub(super) async fn within<T>(
        &mut self,
        operation: &'static str,
        budget: Option<Duration>,
        verb: impl AsyncFnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        let backend = self.backend.clone();
        // If a verb is dropped before its end, the next one would take its reply for its own.
        let mut running = Running { session: self, done: false };
        let outcome = backend.interrupts().during(within(&*backend, budget, verb(running.session))).await;
        running.done = matches!(outcome, Ok(Some(_)));
        match outcome {
            Ok(Some(result)) => result,
            Ok(None) => Err(Error::Timeout { host: running.session.host(), operation, budget: budget.unwrap_or_default() }),
            Err(interrupt) => Err(Error::KeyboardInterrupt { host: running.session.host(), operation, interrupt }),
        }
    }

    pub(super) fn disconnected(&self, what: &'static str, source: Option<std::io::Error>) -> Error {
        Error::ServerDisconnected { host: self.host(), what, source }
    }

    fn debug(&self, line: impl FnOnce() -> String) {
        if self.facts().debuglevel > 0 {
            self.backend.debug(&line());
        }
    }
}

/// A running verb: closes the connection unless it completes.
struct Running<'a> {
    session: &'a mut Session,
    done: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.session.close();
        }
    }
}

impl Drop for Session {
    /// Sends QUIT if the connection accepts it at once. A background task reads the reply: closing
    /// before it would reset the connection, which some servers log as an error.
    fn drop(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let Some(mut connection) = self.connection.take() else { return };
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut answer = Vec::new();
        if !matches!(pin!(connection.send(b"quit\r\n")).as_mut().poll(&mut context), Poll::Ready(Ok(()))) {
            return;
        }
        if pin!(connection.receive(&mut answer)).as_mut().poll(&mut context).is_pending() {
            crate::wait::driver::detach(async move {
                crate::wait::driver::within(Some(PATIENCE), connection.receive(&mut answer)).await;
            });
        }
    }
}

/// Returns the extensions in the reply to EHLO, by lower-case name.
fn features(message: &[u8]) -> BTreeMap<String, String> {
    let mut features: BTreeMap<String, String> = BTreeMap::new();
    // Latin-1: each byte is a character.
    let text: String = message.iter().map(|byte| char::from(*byte)).collect();
    for line in text.split('\n').skip(1) {
        // Servers older than RFC 2554 send AUTH=LOGIN.
        if let Some(mechanisms) = line.get(..5).filter(|start| start.eq_ignore_ascii_case("auth=")).and_then(|_| line.get(5..)) {
            let auth = features.entry("auth".into()).or_default();
            auth.push(' ');
            auth.push_str(mechanisms);
            continue;
        }
        let length = line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        if length == 0 || line.starts_with('-') {
            continue;
        }
        let (name, parameters) = line.split_at(length);
        let (name, parameters) = (name.to_ascii_lowercase(), parameters.trim());
        if name == "auth" {
            let auth = features.entry(name).or_default();
            auth.push(' ');
            auth.push_str(parameters);
        } else {
            features.insert(name, parameters.to_owned());
        }
    }
    features
}

/// Returns bytes for the debug log: one line, not a whole message.
fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 1000;
    let more = if bytes.len() > MOST { format!(" .. {} bytes in all", bytes.len()) } else { String::new() };
    format!("{:?}{more}", String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]))
}

/// Returns a future's output; `None` if the time limit expired.
async fn within<F: Future>(backend: &dyn Backend, budget: Option<Duration>, future: F) -> Option<F::Output> {
    let Some(budget) = budget else { return Some(future.await) };
    let (mut future, mut sleep) = (pin!(future), pin!(backend.sleep(budget)));
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => sleep.as_mut().poll(context).map(|()| None),
    })
    .await
}
