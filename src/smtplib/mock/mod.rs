//! Mail servers in memory, with an outbox.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::smtplib::Reply;
//!
//! let world = World::new();
//! world.smtplib.refuse("eve@example.org", Reply::new(550, "no such user"));
//! let smtp = world.batteries().smtplib.smtp("mail.example.com", 25).wait()?;
//! let refused = smtp.sendmail("ann@example.com", ["bob@example.org", "eve@example.org"], "Subject: hi\n\nhi\n").wait()?;
//! assert_eq!(refused["eve@example.org"].code, 550);
//! assert_eq!(world.smtplib.outbox()[0].data, b"Subject: hi\r\n\r\nhi\r\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Mails in the outbox are as they were sent: their lines end in CRLF. Compare `get_text()?.replace("\r\n", "\n")` with a text of your own.
//!
//! | modelled | how |
//! | --- | --- |
//! | connecting | every host answers, except after [`Mock::unreachable`] |
//! | EHLO, HELO, LHLO | [`Mock::extension`]; STARTTLS, AUTH, SIZE, PIPELINING, 8BITMIME, SMTPUTF8, DSN are offered by default, CHUNKING is supported too |
//! | TLS | as a flag; certificates are valid except after [`Mock::bad_certificate`] |
//! | AUTH | PLAIN, LOGIN, CRAM-MD5, XOAUTH2 against [`Mock::user`] |
//! | MAIL, RCPT, DATA, BDAT, RSET, VRFY, NOOP, HELP, QUIT | as a server does, with size limit, known mailboxes, refused addresses and domains |
//! | any other reply | [`Mock::reply`], [`Mock::reply_after`], [`Mock::hang_up`], [`Mock::raw`] for the next use of a verb |
//! | the network's own faults | `world.script().fail_next("smtplib.send", ..)` |
//! | BINARYMIME, ETRN, delivery reports | not modelled: 500, like a server that does not support them |

pub(super) mod server;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::backend::{Backend, Connection, Target, Tls};
use super::email::EmailMessage;
use super::{Reply, Smtplib};
use crate::Secret;
use crate::interrupt::Interrupts;
use crate::mock::Script;
use server::Conversation;

/// A mail that a server accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The sender of `MAIL FROM`.
    pub mail_from: String,
    /// The accepted recipients.
    pub rcpt_to: Vec<String>,
    /// The options of `MAIL`.
    pub mail_options: Vec<String>,
    /// The options of each `RCPT`.
    pub rcpt_options: Vec<Vec<String>>,
    /// The message, with doubled dots removed.
    pub data: Vec<u8>,
    /// Whether it arrived over TLS.
    pub encrypted: bool,
    /// The user who was logged in.
    pub user: Option<String>,
}

impl Envelope {
    /// Returns the parsed message.
    pub fn message(&self) -> EmailMessage {
        EmailMessage::from_bytes(&self.data)
    }
}

/// A planned reply for a verb.
#[derive(Clone, Debug)]
enum Planned {
    Reply(Reply, Duration),
    Hangup,
    Raw(Vec<u8>),
}

/// The behaviour of the servers.
#[derive(Debug)]
pub(super) struct Behaviour {
    hostname: String,
    extensions: BTreeMap<String, String>,
    users: BTreeMap<String, Secret>,
    /// Whether any user may log in with any password.
    any_login: bool,
    login_required: bool,
    size_limit: Option<u64>,
    mailboxes: Option<Vec<String>>,
    refused: BTreeMap<String, Reply>,
    greylisted: BTreeMap<String, u32>,
    unreachable: Vec<String>,
    bad_certificates: BTreeMap<String, String>,
    planned: VecDeque<(String, Planned)>,
}

impl Behaviour {
    fn new() -> Behaviour {
        let offered = [
            ("8BITMIME", ""),
            ("AUTH", "CRAM-MD5 PLAIN LOGIN XOAUTH2"),
            ("DSN", ""),
            ("HELP", ""),
            ("PIPELINING", ""),
            ("SIZE", "33554432"),
            ("SMTPUTF8", ""),
            ("STARTTLS", ""),
        ];
        Behaviour {
            hostname: "mock.invalid".into(),
            extensions: offered.into_iter().map(|(name, parameters)| (name.into(), parameters.into())).collect(),
            users: BTreeMap::new(),
            any_login: false,
            login_required: false,
            size_limit: Some(33_554_432),
            mailboxes: None,
            refused: BTreeMap::new(),
            greylisted: BTreeMap::new(),
            unreachable: Vec::new(),
            bad_certificates: BTreeMap::new(),
            planned: VecDeque::new(),
        }
    }

    /// The behaviour of a server that accepts everything.
    pub(super) fn of_a_directory() -> Behaviour {
        let mut behaviour = Behaviour { any_login: true, size_limit: None, ..Behaviour::new() };
        for extension in ["CHUNKING", "SIZE"] {
            behaviour.extensions.insert(extension.into(), String::new());
        }
        behaviour
    }

    /// The same without PIPELINING: the client waits for the answer to a mail.
    #[cfg(feature = "lettre")]
    pub(super) fn of_a_transport() -> Behaviour {
        let mut behaviour = Behaviour::of_a_directory();
        behaviour.extensions.remove("PIPELINING");
        behaviour
    }

    fn take(&mut self, verb: &str) -> Option<Planned> {
        server::take(&mut self.planned, verb)
    }

    fn plans(&self, verb: &str) -> bool {
        self.planned.iter().any(|(wanted, _)| wanted == verb)
    }

    /// Returns the extensions for EHLO: STARTTLS only before TLS, AUTH only if there are users,
    /// SIZE with the limit.
    fn offered(&self, encrypted: bool) -> Vec<(String, String)> {
        let offered = self.extensions.iter().filter(|(name, _)| match name.as_str() {
            "STARTTLS" => !encrypted,
            "AUTH" => self.any_login || !self.users.is_empty(),
            _ => true,
        });
        let size = self.size_limit.map(|limit| limit.to_string());
        offered
            .map(|(name, parameters)| match (&size, name.as_str()) {
                (Some(limit), "SIZE") => (name.clone(), limit.clone()),
                _ => (name.clone(), parameters.clone()),
            })
            .collect()
    }

    fn offers(&self, extension: &str, encrypted: bool) -> bool {
        self.offered(encrypted).iter().any(|(name, _)| name.eq_ignore_ascii_case(extension))
    }

    fn refusal(&mut self, address: &str) -> Option<Reply> {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        for key in [address, domain] {
            if let Some(tries) = self.greylisted.get_mut(key).filter(|tries| **tries > 0) {
                *tries -= 1;
                return Some(Reply::new(451, "4.7.1 Greylisted, try again later"));
            }
            if let Some(reply) = self.refused.get(key) {
                return Some(reply.clone());
            }
        }
        let unknown = self.mailboxes.as_ref().is_some_and(|known| !known.iter().any(|mailbox| mailbox == address));
        unknown.then(|| Reply::new(550, "5.1.1 No such user here"))
    }
}

/// The mail servers of a world. Clones share them.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    outbox: Vec<Envelope>,
    debug: Vec<String>,
}

impl Mock {
    /// Creates servers that record their calls in this script.
    pub fn new(script: Script) -> Mock {
        let behaviour = Behaviour::new();
        let state = State { behaviour, outbox: Vec::new(), debug: Vec::new() };
        Mock { script, state: Arc::new(Mutex::new(state)) }
    }

    /// Returns the battery on these servers.
    pub fn handle(&self) -> Smtplib {
        Smtplib::new(Arc::new(self.clone()))
    }

    /// Returns the accepted mails, oldest first.
    pub fn outbox(&self) -> Vec<Envelope> {
        self.lock().outbox.clone()
    }

    /// Returns the accepted mails without the first ones.
    pub(crate) fn outbox_from(&self, first: usize) -> Vec<Envelope> {
        self.lock().outbox.get(first..).unwrap_or_default().to_vec()
    }

    /// Returns the lines of the debug log.
    pub fn debug_log(&self) -> Vec<String> {
        self.lock().debug.clone()
    }

    fn arrange(&self, change: impl FnOnce(&mut Behaviour)) -> &Mock {
        change(&mut self.lock().behaviour);
        self
    }

    /// Adds a user who may log in. Before the first one, AUTH is not offered.
    pub fn user(&self, user: impl Into<String>, password: impl Into<Secret>) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.users.insert(user.into(), password.into());
        })
    }

    /// Accepts every name and password, because a dry run cannot check them.
    pub(crate) fn accept_any_login(&self) {
        self.arrange(|behaviour| behaviour.any_login = true);
    }

    /// Accepts mail only from logged-in users.
    pub fn login_required(&self) -> &Mock {
        self.arrange(|behaviour| behaviour.login_required = true)
    }

    /// Offers an extension with these parameters.
    pub fn extension(&self, name: &str, parameters: &str) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.extensions.insert(name.to_ascii_uppercase(), parameters.to_owned());
        })
    }

    /// Removes an extension.
    pub fn without_extension(&self, name: &str) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.extensions.remove(&name.to_ascii_uppercase());
        })
    }

    /// Supports only HELO, like a server without ESMTP.
    pub fn without_esmtp(&self) -> &Mock {
        self.arrange(|behaviour| behaviour.extensions.clear())
    }

    /// Sets the maximum size of a message in bytes. Default: 32 MiB; `None` means no limit.
    pub fn size_limit(&self, bytes: impl Into<Option<u64>>) -> &Mock {
        let bytes = bytes.into();
        self.arrange(|behaviour| behaviour.size_limit = bytes)
    }

    /// Accepts only these recipients. By default every recipient is accepted.
    pub fn mailboxes<A: Into<String>>(&self, addresses: impl IntoIterator<Item = A>) -> &Mock {
        let addresses = addresses.into_iter().map(Into::into).collect();
        self.arrange(|behaviour| behaviour.mailboxes = Some(addresses))
    }

    /// Refuses a recipient, or a whole domain, with this reply.
    pub fn refuse(&self, address_or_domain: impl Into<String>, reply: Reply) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.refused.insert(address_or_domain.into(), reply);
        })
    }

    /// Refuses a recipient, or a whole domain, with 451 this many times, then accepts it.
    pub fn greylist(&self, address_or_domain: impl Into<String>, times: u32) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.greylisted.insert(address_or_domain.into(), times);
        })
    }

    /// Makes a host unreachable.
    pub fn unreachable(&self, host: impl Into<String>) -> &Mock {
        self.arrange(|behaviour| behaviour.unreachable.push(host.into()))
    }

    /// Makes the certificate of a host invalid, with this reason.
    pub fn bad_certificate(&self, host: impl Into<String>, why: impl Into<String>) -> &Mock {
        self.arrange(|behaviour| {
            behaviour.bad_certificates.insert(host.into(), why.into());
        })
    }

    fn plan(&self, verb: &str, planned: Planned) -> &Mock {
        self.arrange(|behaviour| behaviour.planned.push_back((verb.to_ascii_lowercase(), planned)))
    }

    /// Sets the reply to the next use of this verb; several are queued. In addition to the verbs
    /// there are `"connect"` for the greeting, and `"message"` for the reply after the message. 421
    /// closes the connection.
    pub fn reply(&self, verb: &str, reply: Reply) -> &Mock {
        self.plan(verb, Planned::Reply(reply, Duration::ZERO))
    }

    /// Like [`Mock::reply`], after a delay on the virtual clock.
    pub fn reply_after(&self, verb: &str, delay: Duration, reply: Reply) -> &Mock {
        self.plan(verb, Planned::Reply(reply, delay))
    }

    /// Closes the connection without a reply at the next use of this verb.
    pub fn hang_up(&self, verb: &str) -> &Mock {
        self.plan(verb, Planned::Hangup)
    }

    /// Replies with these bytes to the next use of this verb.
    pub fn raw(&self, verb: &str, bytes: impl Into<Vec<u8>>) -> &Mock {
        self.plan(verb, Planned::Raw(bytes.into()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_certificate(&self, host: &str, tls: &Tls) -> io::Result<()> {
        match self.lock().behaviour.bad_certificates.get(host) {
            Some(why) if !tls.dangerously_accept_any_certificate => {
                Err(io::Error::new(io::ErrorKind::InvalidData, format!("invalid peer certificate: {why}")))
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Backend for Mock {
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>> {
        let (host, shown) = match target {
            Target::Tcp { host, port, .. } => (host.clone(), format!("{host}:{port}")),
            Target::Unix(path) => (path.display().to_string(), path.display().to_string()),
        };
        self.script.enter::<io::Error>("smtplib.connect", shown)?;
        if self.lock().behaviour.unreachable.contains(&host) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        if let Some(tls) = tls {
            self.check_certificate(&host, tls)?;
        }
        let conversation = Conversation::new(&mut self.lock().behaviour, tls.is_some());
        Ok(Box::new(MockConnection { mock: self.clone(), conversation }))
    }

    async fn local_hostname(&self) -> String {
        "client.invalid".into()
    }

    fn debug(&self, line: &str) {
        self.lock().debug.push(line.to_owned());
    }

    async fn sleep(&self, duration: Duration) {
        self.script.clock().sleep(duration).await;
    }

    fn interrupts(&self) -> Interrupts {
        self.script.clock().interrupts().clone()
    }
}

#[derive(Debug)]
struct MockConnection {
    mock: Mock,
    conversation: Conversation,
}

#[async_trait]
impl Connection for MockConnection {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mock.script.enter::<io::Error>("smtplib.send", self.conversation.subject(bytes))?;
        if self.conversation.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let state = &mut *self.mock.lock();
        self.conversation.feed(&mut state.behaviour, &mut state.outbox, bytes);
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        self.mock.script.enter::<io::Error>("smtplib.receive", "")?;
        let delay = std::mem::take(&mut self.conversation.delay);
        if !delay.is_zero() {
            self.mock.script.clock().sleep(delay).await;
        }
        if self.conversation.output.is_empty() && !self.conversation.closed {
            // The server sends nothing and the client waits: only a deadline ends that.
            std::future::pending::<()>().await;
        }
        let output = std::mem::take(&mut self.conversation.output);
        buffer.extend_from_slice(&output);
        Ok(output.len())
    }

    async fn start_tls(&mut self, host: &str, tls: &Tls) -> io::Result<()> {
        self.mock.script.enter::<io::Error>("smtplib.start_tls", host)?;
        self.mock.check_certificate(host, tls)?;
        self.conversation.restart_encrypted();
        Ok(())
    }
}
