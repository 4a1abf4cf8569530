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
//! Python's [smtplib](https://docs.python.org/3/library/smtplib.html), over tokio's sockets and
//! rustls. The protocol is implemented on top of a byte stream, so the servers in memory ([`mock`])
//! get the same bytes as those on the network. [`email`] composes and parses messages.
//!
//! | Python | leyden |
//! |---|---|
//! | `smtplib.SMTP(host, port, timeout=5)` | [`smtplib.smtp(host, port).timeout(secs(5)).wait()?`](Smtplib::smtp), or `.await?` |
//! | `smtplib.SMTP_SSL(host)`, `smtplib.LMTP("/run/lmtp")` | [`smtplib.smtp_ssl(host, 0)`](Smtplib::smtp_ssl), [`smtplib.lmtp("/run/lmtp", 0)`](Smtplib::lmtp) |
//! | - | [`smtplib.smtp(host, port).pool()`](Connect::pool), connections that stay open |
//! | `with smtplib.SMTP(..) as s:` | `let s = ..;`: dropping the last clone sends QUIT |
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
//! Security:
//!
//! - Certificates and host names are verified; Python does not verify them by default.
//! - A password requires TLS or a Unix socket, unless
//!   [`dangerously_allow_cleartext_login`](Connect::dangerously_allow_cleartext_login) is set. The
//!   debug log does not show passwords.
//! - Data that the server sends after its reply to STARTTLS, before TLS begins, is
//!   [`Error::StartTlsInjection`].
//! - A line end or NUL in an address, an option or a command is an error. Python removes it from an
//!   address, which sends to another address.
//!
//! Recipients:
//!
//! - `send_message` rejects a header that is not a list of addresses, and a message without sender
//!   or recipients. Python sends to the addresses that its lenient parser finds.
//! - Refused recipients are returned as [`Refused`], which must be used: [`Refused::check`] turns
//!   them into an error.
//! - 8-bit bodies are sent as `BODY=8BITMIME`, or encoded if the server does not offer it.
//! - Dropping the future of a verb closes the connection.
//!
//! Messages: bare CR and bare LF become CRLF before dots are escaped, also in bytes (in Python only
//! in `str`), so that a message cannot end early.
//!
//! Time: each verb, connecting included, has one time limit for everything that it does, by default
//! 5 minutes ([`DEFAULT_TIMEOUT`]). When it expires, the connection is closed. Python has none by
//! default, and its limit applies to each read.
//!
//! Transactions:
//!
//! - RSET follows a refused DATA, so that the server accepts the next mail on the connection. In
//!   Python it fails with "nested MAIL command".
//! - MAIL, RCPT and DATA are sent in one packet if the server offers PIPELINING, and the message is
//!   sent by BDAT if it offers CHUNKING. The results are the same;
//!   [`pipelining(false)`](Connect::pipelining) and [`chunking(false)`](Connect::chunking) turn
//!   them off.
//! - LMTP's replies after DATA are read for each recipient. Python reads one and takes the next for
//!   the reply to its next command.
//!
//! SMTPUTF8: as in Python, `send_message` requests it if an address is not ASCII. If the server
//! does not offer it, [`Error::NotSupported`] is returned before anything is sent. With SMTPUTF8,
//! headers are UTF-8 and BODY=8BITMIME is sent too. An address that is not ASCII without the option
//! is [`Error::Value`] (Python's `UnicodeEncodeError`).
//!
//! # Backends
//!
//! | backend | mails go |
//! |---|---|
//! | [`native`] | to servers on the network |
//! | [`mock`] | to servers in memory, with an outbox for tests |
//! | [`EmlDir`] | into a directory, as `.eml` files |
//! | `lettre::LettreBackend`, with the feature `lettre` | through a transport of that crate |
//!
//! A [`Pool`] keeps connections open between mails, on any of them.
//!
//! # Not implemented
//!
//! Client certificates (`keyfile`, `certfile`), a custom `context`, BINARYMIME, and other
//! mechanisms, except through [`Smtp::auth`]. As in Python, `send_message` adds neither `Date` nor
//! `Message-ID`: see [`email::formatdate`] and [`email::make_msgid`].

mod auth;
pub mod backend;
pub mod email;
mod eml_dir;
mod envelope;
mod error;
#[cfg(feature = "lettre")]
pub mod lettre;
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

/// The result of the calls of this battery.
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

/// The form of AUTH in servers older than RFC 2554, as a Python regular expression. Such lines are
/// supported.
#[doc(alias = "smtplib.OLDSTYLE_AUTH")]
pub const OLDSTYLE_AUTH: &str = "(?i)auth=(.*)";

/// The default time limit of each verb: five minutes, the time that RFC 5321 gives a server for
/// most replies.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// A handle on the network: Python's module `smtplib` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Smtplib {
    backend: Arc<dyn Backend>,
}

impl Smtplib {
    /// A handle on this machine's network.
    pub fn native() -> Smtplib {
        Smtplib::new(Arc::new(native::Native))
    }

    /// A handle on any backend.
    pub fn new(backend: Arc<dyn Backend>) -> Smtplib {
        Smtplib { backend }
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Connects to a mail server. Port 0 is 25; `"host:port"` is accepted too.
    #[doc(alias = "smtplib.SMTP")]
    pub fn smtp(&self, host: &str, port: u16) -> Connect {
        self.connect(host, port, SMTP_PORT)
    }

    /// Connects with TLS from the first byte. Port 0 is 465.
    ///
    /// DIFFERENCE: the certificate is verified; Python does not verify it by default.
    #[doc(alias = "smtplib.SMTP_SSL")]
    pub fn smtp_ssl(&self, host: &str, port: u16) -> Connect {
        self.connect(host, port, SMTP_SSL_PORT).edit(|settings| settings.implicit_tls = true)
    }

    /// Connects to a local delivery agent (RFC 2033). A host that begins with `/` is a Unix socket.
    /// Port 0 is 2003.
    ///
    /// DIFFERENCE: after DATA, a reply is read for each recipient (RFC 2033). Python reads one and
    /// takes the next for the reply to its next command.
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

/// A connection to be made with `.wait()?` or `.await?`. [`Smtplib::smtp`] returns it.
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

    /// Sets the time limit of each verb, connecting included; `None` means no limit. Default: 5
    /// minutes ([`DEFAULT_TIMEOUT`]).
    ///
    /// DIFFERENCE: Python has none by default, and its limit applies to each read.
    pub fn timeout(self, budget: impl Into<crate::TimeLimit>) -> Connect {
        let budget = budget.into().into();
        self.edit(|settings| settings.timeout = budget)
    }

    /// Sets the name for the greeting: `local_hostname=`. Default: this machine's fully qualified
    /// name, or its address in brackets.
    pub fn local_hostname(self, name: impl Into<String>) -> Connect {
        self.edit(|settings| settings.local_hostname = Some(name.into()))
    }

    /// Sets the local address to connect from: `source_address=`. Port 0 is any port.
    pub fn source_address(self, host: impl Into<String>, port: u16) -> Connect {
        self.edit(|settings| {
            if let Target::Tcp { source_address, .. } = &mut settings.target {
                *source_address = Some((host.into(), port));
            }
        })
    }

    /// Trusts these certificate authorities (PEM) in addition.
    pub fn add_root_certificates(self, pem: impl Into<Vec<u8>>) -> Connect {
        self.edit(|settings| settings.tls.extra_roots.push(pem.into()))
    }

    /// Accepts any certificate for any name, as Python does by default. An attacker on the network
    /// path can then read the mail and the password.
    pub fn dangerously_accept_any_certificate(self) -> Connect {
        self.edit(|settings| settings.tls.dangerously_accept_any_certificate = true)
    }

    /// Allows sending a password without TLS, as Python does. An attacker on the network path can
    /// then read it.
    pub fn dangerously_allow_cleartext_login(self) -> Connect {
        self.edit(|settings| settings.cleartext_login = true)
    }

    /// Sets whether commands are pipelined if the server offers PIPELINING. Default: true.
    pub fn pipelining(self, on: bool) -> Connect {
        self.edit(|settings| settings.pipelining = on)
    }

    /// Sets whether messages are sent by `BDAT` if the server offers CHUNKING. Default: true.
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
