//! `smtplib`: sending mail.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::smtplib::email::EmailMessage;
//!
//! fn alarm(Batteries { smtplib, .. }: &Batteries) -> leyden::Result<()> {
//!     let mut message = EmailMessage::new();
//!     message.set("From", "monitor@example.com")?.set("To", "ops@example.com")?.set("Subject", "disk full")?;
//!     message.set_content("97 % of / is in use.\n")?;
//!     let smtp = smtplib.smtp("mail.example.com", 587).wait()?;
//!     smtp.starttls().wait()?;
//!     smtp.login("monitor", "hunter2").wait()?;
//!     smtp.send_message(&message).wait()?.check()?;
//!     Ok(())
//! }
//!
//! let world = World::new();
//! world.smtplib.user("monitor", "hunter2");
//! alarm(&world.batteries())?;
//! assert_eq!(world.smtplib.outbox()[0].rcpt_to, ["ops@example.com"]);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Python's [smtplib](https://docs.python.org/3/library/smtplib.html), spoken over tokio's sockets and rustls. The protocol stands above the byte stream, so the
//! servers in memory ([`mock`]) get the same bytes as those on the network. Messages are composed and read by [`email`].
//!
//! | Python | leyden |
//! |---|---|
//! | `smtplib.SMTP(host, port, timeout=5)` | [`smtplib.smtp(host, port).timeout(secs(5)).wait()?`](Smtplib::smtp), or `.await?` |
//! | `smtplib.SMTP_SSL(host)`, `smtplib.LMTP("/run/lmtp")` | [`smtplib.smtp_ssl(host, 0)`](Smtplib::smtp_ssl), [`smtplib.lmtp("/run/lmtp", 0)`](Smtplib::lmtp) |
//! | - | [`smtplib.smtp(host, port).pool()`](Connect::pool), connections that stay open |
//! | `with smtplib.SMTP(..) as s:` | `let s = ..;`: the last clone that goes says QUIT |
//! | `s.starttls(context=c)` | [`s.starttls().wait()?`](Smtp::starttls); authorities by [`add_root_certificates`](Connect::add_root_certificates) |
//! | `s.login(user, password)` | `s.login(user, password).wait()?`: CRAM-MD5, PLAIN, LOGIN |
//! | - | [`s.login_xoauth2(user, token)`](Smtp::login_xoauth2) |
//! | `s.auth("PLAIN", f)` | [`s.auth("PLAIN", f)`](Smtp::auth) |
//! | `s.sendmail(a, [b], text, mail_options=[o])` | [`s.sendmail(a, [b], text).mail_options([o]).wait()?`](Smtp::sendmail), the refused recipients |
//! | `s.send_message(m)` | [`s.send_message(&m).wait()?`](Smtp::send_message) |
//! | `s.ehlo()`, `s.has_extn("size")`, `s.esmtp_features` | `s.ehlo("").wait()?`, `s.has_extn("size")`, `s.esmtp_features()` |
//! | `s.docmd("NOOP")`, `s.mail(..)`, `s.rcpt(..)`, `s.data(..)` | the same, each a [`Verb`] that ends with `.wait()?` |
//! | `code, text = s.noop()` | [`Reply`] with `code` and `message` |
//! | `except SMTPRecipientsRefused as e: e.recipients` | [`Error::RecipientsRefused`]` { recipients }` |
//! | `except SMTPResponseException as e: e.smtp_code` | [`error.reply()`](Error::reply) |
//! | `s.set_debuglevel(1)` | `s.set_debuglevel(1)` |
//! | `s.local_hostname`, `s.source_address`, `s.timeout`, `s.command_encoding` | methods of the same names |
//! | `smtplib.SMTP()`, then `s.connect(host)` | `smtplib.smtp(host, 0)`; [`s.connect()`](Smtp::connect) connects again |
//!
//! # DIFFERENCES
//!
//! Safety: certificates and host names are verified (Python's default is not to); a password needs TLS or a Unix socket, unless
//! [`dangerously_allow_cleartext_login`](Connect::dangerously_allow_cleartext_login) was said; what the server sends behind its answer to STARTTLS, before TLS begins, is
//! [`Error::StartTlsInjection`]; a line end or NUL in an address, an option or a command is an error (Python drops it from an address, and sends to somebody else);
//! passwords do not show in the debug log.
//!
//! Recipients: `send_message` refuses a header that is not a list of addresses, and a message without sender or recipients; Python sends to what its lenient parser finds. Refused recipients
//! are [`Refused`], which must be used: [`Refused::check`] makes an error of them. 8-bit bodies go as `BODY=8BITMIME`, or encoded where the server does not offer it. A verb whose future is
//! dropped closes the connection.
//!
//! Messages: bare CR and bare LF become CRLF before dots are quoted, in bytes too (Python does it in `str` only): no message can end early.
//!
//! Time: each verb, connecting included, has one budget for all that it does, 5 minutes unless told otherwise ([`DEFAULT_TIMEOUT`]). Past it the connection is
//! closed. Python has none by default, and its own is for each read.
//!
//! Transactions: RSET follows a refused DATA, so the next mail on the connection is taken (Python's fails with "nested MAIL command"). MAIL, RCPT and DATA go in one packet where the server
//! offers PIPELINING, and the message by BDAT where it offers CHUNKING; the answers are the same, and [`pipelining(false)`](Connect::pipelining) and
//! [`chunking(false)`](Connect::chunking) turn it off. LMTP's answers after DATA are read for each recipient; Python reads one and takes the next for the answer to its
//! next command.
//!
//! SMTPUTF8: `send_message` asks for it when an address is not ASCII, as Python's does, and [`Error::NotSupported`] comes before anything is sent if the server does not offer it. Where
//! it is asked for, headers go as UTF-8 and BODY=8BITMIME is said too. An address that is not ASCII without the option is [`Error::Value`] (Python's `UnicodeEncodeError`).
//!
//! # Backends
//!
//! | backend | where mail goes |
//! |---|---|
//! | [`native`] | to servers on the network |
//! | [`mock`] | to servers in memory, with an outbox for tests |
//! | [`EmlDir`] | into a directory, as `.eml` files |
//!
//! A [`Pool`] keeps connections open between mails, on any of them.
//!
//! # What is not there
//!
//! Client certificates (`keyfile`, `certfile`), a `context` of one's own, BINARYMIME, and mechanisms beyond those above, but by [`Smtp::auth`]. `send_message` adds no `Date` and no
//! `Message-ID`, as Python's adds none: see [`email::formatdate`] and [`email::make_msgid`].

mod auth;
pub mod backend;
pub mod email;
mod eml_dir;
mod envelope;
mod error;
pub mod mock;
pub mod native;
mod pool;
mod quote;
mod reply;
mod send;
mod session;
mod smtp;
mod transaction;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use auth::{auth_cram_md5, auth_login, auth_plain, auth_xoauth2};
pub use backend::{Backend, Target, Tls};
pub use eml_dir::EmlDir;
pub use error::Error;
pub use pool::Pool;
pub use quote::{quoteaddr, quotedata};
pub use reply::Reply;
pub use send::{Options, SendMail};
pub use smtp::{Smtp, Verb};
pub use transaction::Refused;

use crate::wait::BoxFuture;
use session::{Session, Settings};

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The port of SMTP: 25.
#[doc(alias("smtplib.SMTP_PORT", "smtplib.SMTP.default_port"))]
pub const SMTP_PORT: u16 = 25;

/// The port of SMTP with TLS from the first byte: 465.
#[doc(alias("smtplib.SMTP_SSL_PORT", "smtplib.SMTP_SSL.default_port"))]
pub const SMTP_SSL_PORT: u16 = 465;

/// The port of LMTP: 2003, as in Python (the usual one is 24).
#[doc(alias = "smtplib.LMTP_PORT")]
pub const LMTP_PORT: u16 = 2003;

/// The line end of the protocol.
#[doc(alias("smtplib.CRLF", "smtplib.bCRLF"))]
pub const CRLF: &str = "\r\n";

/// How servers older than RFC 2554 announce AUTH, in Python's `re`; such lines are understood.
#[doc(alias = "smtplib.OLDSTYLE_AUTH")]
pub const OLDSTYLE_AUTH: &str = "(?i)auth=(.*)";

/// The budget of each verb, unless told otherwise: five minutes, the time that RFC 5321 gives a server for most answers.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// The handle: Python's module `smtplib` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Smtplib {
    backend: Arc<dyn Backend>,
}

impl Smtplib {
    /// This machine's network.
    pub fn native() -> Smtplib {
        Smtplib::new(Arc::new(native::Native))
    }

    /// Any network.
    pub fn new(backend: Arc<dyn Backend>) -> Smtplib {
        Smtplib { backend }
    }

    /// The seam, for what is written over it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Connects to a mail server. Port 0 is 25; `"host:port"` is understood too.
    #[doc(alias = "smtplib.SMTP")]
    pub fn smtp(&self, host: &str, port: u16) -> Connect {
        self.connect(host, port, SMTP_PORT)
    }

    /// The same with TLS from the first byte. Port 0 is 465.
    ///
    /// DIFFERENCE: the certificate is verified; Python's default is not to.
    #[doc(alias = "smtplib.SMTP_SSL")]
    pub fn smtp_ssl(&self, host: &str, port: u16) -> Connect {
        self.connect(host, port, SMTP_SSL_PORT).edit(|settings| settings.implicit_tls = true)
    }

    /// Connects to a local delivery agent (RFC 2033). A host that begins with `/` is a Unix socket. Port 0 is 2003.
    ///
    /// DIFFERENCE: after DATA an answer is read for each recipient, as RFC 2033 has it; Python reads one and takes the
    /// next for the answer to its next command.
    #[doc(alias = "smtplib.LMTP")]
    pub fn lmtp(&self, host: &str, port: u16) -> Connect {
        let mut connect = self.connect(host, port, LMTP_PORT);
        if host.starts_with('/') {
            connect = connect.edit(|settings| settings.target = Target::Unix(PathBuf::from(host)));
        }
        connect.edit(|settings| settings.lmtp = true)
    }

    fn connect(&self, host: &str, port: u16, default: u16) -> Connect {
        let (host, port) = match host.split_once(':') {
            Some((name, number)) if port == 0 && !number.contains(':') => match number.parse() {
                Ok(number) => (name, number),
                Err(_) => {
                    return Connect { backend: self.backend.clone(), settings: Err(format!("nonnumeric port in {host:?}")) };
                }
            },
            _ => (host, port),
        };
        let host = if host.is_empty() { "localhost" } else { host };
        let target = Target::Tcp { host: host.to_owned(), port: if port == 0 { default } else { port }, source_address: None };
        let settings = Settings {
            target,
            implicit_tls: false,
            tls: Tls::default(),
            lmtp: false,
            local_hostname: None,
            timeout: Some(DEFAULT_TIMEOUT),
            cleartext_login: false,
            pipelining: true,
            chunking: true,
        };
        Connect { backend: self.backend.clone(), settings: Ok(settings) }
    }
}

/// What [`Smtplib::smtp`] gives: end it with `.wait()?` or `.await?` to connect.
#[derive(Clone, Debug)]
#[must_use = "nothing is connected until `.wait()` or `.await`"]
pub struct Connect {
    backend: Arc<dyn Backend>,
    settings: Result<Settings, String>,
}

impl Connect {
    fn edit(mut self, change: impl FnOnce(&mut Settings)) -> Connect {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// The budget of each verb, connecting included; None lifts it. 5 minutes without it ([`DEFAULT_TIMEOUT`]).
    ///
    /// DIFFERENCE: Python has none by default, and its own is for each read.
    pub fn timeout(self, budget: impl Into<Option<Duration>>) -> Connect {
        let budget = budget.into();
        self.edit(|settings| settings.timeout = budget)
    }

    /// The name to greet with: `local_hostname=`. Without it, this machine's full name, or its address in brackets.
    pub fn local_hostname(self, name: impl Into<String>) -> Connect {
        self.edit(|settings| settings.local_hostname = Some(name.into()))
    }

    /// The local address to connect from; port 0 is any: `source_address=`.
    pub fn source_address(self, host: impl Into<String>, port: u16) -> Connect {
        self.edit(|settings| {
            if let Target::Tcp { source_address, .. } = &mut settings.target {
                *source_address = Some((host.into(), port));
            }
        })
    }

    /// Trusts these certificate authorities (PEM) too.
    pub fn add_root_certificates(self, pem: impl Into<Vec<u8>>) -> Connect {
        self.edit(|settings| settings.tls.extra_roots.push(pem.into()))
    }

    /// Accepts any certificate for any name, as Python does by default. An attacker on the network can then read the mail and the password.
    pub fn dangerously_accept_any_certificate(self) -> Connect {
        self.edit(|settings| settings.tls.dangerously_accept_any_certificate = true)
    }

    /// Sends a password without TLS, as Python does. An attacker on the network can then read it.
    pub fn dangerously_allow_cleartext_login(self) -> Connect {
        self.edit(|settings| settings.cleartext_login = true)
    }

    /// False: one command at a time, even where the server offers PIPELINING.
    pub fn pipelining(self, on: bool) -> Connect {
        self.edit(|settings| settings.pipelining = on)
    }

    /// False: messages go by `DATA`, even where the server offers CHUNKING.
    pub fn chunking(self, on: bool) -> Connect {
        self.edit(|settings| settings.chunking = on)
    }
}

impl IntoFuture for Connect {
    type Output = Result<Smtp>;
    type IntoFuture = BoxFuture<Result<Smtp>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Smtp::open(Session::new(self.backend, self.settings.map_err(Error::Value)?)).await })
    }
}
