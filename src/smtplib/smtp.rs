//! [`Smtp`]: a connection to a mail server, and its verbs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::email::EmailMessage;
use super::email::message::composed::Composed;
use super::reply::Reply;
use super::send::{Options, SendMail, Via};
use super::session::{Facts, Session};
use super::transaction::{Mail, Refused};
use super::{Error, Result, Target, auth, quote};
use crate::Secret;
use crate::wait::BoxFuture;

/// An open connection to a mail server: Python's `SMTP` object.
///
/// Clones share the connection; their verbs wait for each other. Dropping the last clone sends QUIT
/// without waiting for the reply.
#[derive(Clone, Debug)]
#[doc(alias("smtplib.SMTP", "smtplib.SMTP_SSL", "smtplib.LMTP"))]
pub struct Smtp {
    session: Arc<tokio::sync::Mutex<Session>>,
    facts: Arc<Mutex<Facts>>,
    timeout: Option<Duration>,
    host: Arc<str>,
    local_hostname: Arc<str>,
    source_address: Option<Arc<(String, u16)>>,
}

/// A verb to run with `.wait()?` or `.await?`.
#[must_use = "nothing is sent until `.wait()` or `.await`"]
pub struct Verb<T>(BoxFuture<Result<T>>);

impl<T> Verb<T> {
    pub(super) fn new(future: impl Future<Output = Result<T>> + Send + 'static) -> Verb<T> {
        Verb(Box::pin(future))
    }
}

impl<T> std::fmt::Debug for Verb<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verb(..)")
    }
}

impl<T> IntoFuture for Verb<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

/// Turns a method of the session into a [`Verb`] with its time limit.
macro_rules! verb {
    ($self:ident, $name:literal, |$session:ident| $body:expr) => {{
        let (shared, budget) = ($self.session.clone(), $self.timeout);
        Verb::new(async move {
            let mut session = shared.lock_owned().await;
            session.within($name, budget, async move |$session: &mut Session| $body).await
        })
    }};
}

impl Smtp {
    pub(super) async fn open(mut session: Session) -> Result<Smtp> {
        let budget = session.settings.timeout;
        let connecting = async |session: &mut Session| Ok((session.connect().await?, session.local_hostname().await));
        let (reply, local_hostname) = session.within("connect", budget, connecting).await?;
        if reply.code != 220 {
            session.close();
            return Err(Error::ConnectRefused { host: session.host(), reply });
        }
        let source_address = match &session.settings.target {
            Target::Tcp { source_address, .. } => source_address.clone().map(Arc::new),
            Target::Unix(_) => None,
        };
        let (facts, host, local_hostname) = (session.shared_facts(), session.host().into(), local_hostname.into());
        let session = Arc::new(tokio::sync::Mutex::new(session));
        Ok(Smtp { timeout: budget, facts, host, local_hostname, source_address, session })
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the server's name as the caller gave it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the time limit of each verb, connecting included; `None`: no limit.
    #[doc(alias = "smtplib.SMTP.timeout")]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns the name for the greeting: that of
    /// [`Connect::local_hostname`](super::Connect::local_hostname), or this machine's fully
    /// qualified name, or its address in brackets.
    #[doc(alias = "smtplib.SMTP.local_hostname")]
    pub fn local_hostname(&self) -> &str {
        &self.local_hostname
    }

    /// Returns the configured local address and port.
    #[doc(alias = "smtplib.SMTP.source_address")]
    pub fn source_address(&self) -> Option<(&str, u16)> {
        self.source_address.as_deref().map(|(host, port)| (host.as_str(), *port))
    }

    /// The charset of commands: `"ascii"`, or `"utf-8"` after a `MAIL` with SMTPUTF8, until `RSET`.
    #[doc(alias = "smtplib.SMTP.command_encoding")]
    pub fn command_encoding(&self) -> &'static str {
        if self.facts().utf8 { "utf-8" } else { "ascii" }
    }

    /// Connects again, with the same settings. Returns the greeting, even if it is a refusal.
    #[doc(alias("smtplib.SMTP.connect", "smtplib.LMTP.connect"))]
    pub fn connect(&self) -> Verb<Reply> {
        verb!(self, "connect", |session| session.connect().await)
    }

    /// Returns true while the connection is open: Python's `sock` is not None.
    #[doc(alias = "smtplib.SMTP.sock")]
    pub fn is_connected(&self) -> bool {
        self.facts().connected
    }

    /// Returns true if TLS protects the connection.
    pub fn is_encrypted(&self) -> bool {
        self.facts().encrypted
    }

    /// Sends EHLO (LHLO in LMTP) and stores the extensions. An empty name is this machine's.
    ///
    /// Other verbs call it when needed.
    #[doc(alias("smtplib.SMTP.ehlo", "smtplib.SMTP.ehlo_msg", "smtplib.LMTP.ehlo_msg"))]
    pub fn ehlo(&self, name: impl Into<String>) -> Verb<Reply> {
        let name = name.into();
        verb!(self, "EHLO", |session| session.ehlo(&name).await)
    }

    /// Sends HELO, the greeting before ESMTP.
    #[doc(alias = "smtplib.SMTP.helo")]
    pub fn helo(&self, name: impl Into<String>) -> Verb<Reply> {
        let name = name.into();
        verb!(self, "HELO", |session| session.helo(&name).await)
    }

    /// Sends EHLO unless the server was greeted, or HELO if EHLO is not supported.
    #[doc(alias = "smtplib.SMTP.ehlo_or_helo_if_needed")]
    pub fn ehlo_or_helo_if_needed(&self) -> Verb<()> {
        verb!(self, "EHLO", |session| session.ehlo_or_helo_if_needed().await)
    }

    /// Returns the reply to EHLO.
    #[doc(alias = "smtplib.SMTP.ehlo_resp")]
    pub fn ehlo_resp(&self) -> Option<Vec<u8>> {
        self.facts().ehlo_resp.clone()
    }

    /// Returns the reply to HELO.
    #[doc(alias = "smtplib.SMTP.helo_resp")]
    pub fn helo_resp(&self) -> Option<Vec<u8>> {
        self.facts().helo_resp.clone()
    }

    /// Returns true if EHLO succeeded.
    #[doc(alias = "smtplib.SMTP.does_esmtp")]
    pub fn does_esmtp(&self) -> bool {
        self.facts().does_esmtp
    }

    /// Returns the extensions from EHLO, by lower-case name, with their parameters.
    #[doc(alias = "smtplib.SMTP.esmtp_features")]
    pub fn esmtp_features(&self) -> BTreeMap<String, String> {
        self.facts().esmtp_features.clone()
    }

    /// Returns true if the server offers the extension. Names are case-insensitive.
    #[doc(alias = "smtplib.SMTP.has_extn")]
    pub fn has_extn(&self, name: &str) -> bool {
        self.facts().esmtp_features.contains_key(&name.to_ascii_lowercase())
    }

    /// Switches to TLS and discards the state learnt before.
    ///
    /// DIFFERENCE: the certificate is verified; Python does not verify it by default.
    #[doc(alias = "smtplib.SMTP.starttls")]
    pub fn starttls(&self) -> Verb<Reply> {
        verb!(self, "STARTTLS", |session| session.starttls().await)
    }

    /// Logs in with CRAM-MD5, PLAIN or LOGIN, in this order: the first one that the server offers
    /// and accepts.
    ///
    /// DIFFERENCE: fails without TLS, unless the connection was made with
    /// [`dangerously_allow_cleartext_login`](super::Connect::dangerously_allow_cleartext_login).
    #[doc(alias = "smtplib.SMTP.login")]
    pub fn login(&self, user: impl Into<String>, password: impl Into<Secret>) -> Verb<Reply> {
        let (user, password) = (user.into(), password.into());
        verb!(self, "AUTH", |session| session.login(&user, &password, true).await)
    }

    /// Like [`login`](Smtp::login) without an initial response, for servers that do not support
    /// one: `initial_response_ok=False`.
    pub fn login_without_initial_response(&self, user: impl Into<String>, password: impl Into<Secret>) -> Verb<Reply> {
        let (user, password) = (user.into(), password.into());
        verb!(self, "AUTH", |session| session.login(&user, &password, false).await)
    }

    /// Logs in with an OAuth 2 bearer token (XOAUTH2, which large mail providers use).
    pub fn login_xoauth2(&self, user: impl Into<String>, token: impl Into<Secret>) -> Verb<Reply> {
        let answer = auth::auth_xoauth2(&user.into(), &token.into());
        // A refusal arrives as a challenge with the reason, which requires an empty answer.
        self.auth("XOAUTH2", move |challenge| Some(if challenge.is_none() { answer.clone() } else { Secret::new("") }))
    }

    /// Authenticates with any mechanism. `respond` gets each decoded challenge and returns the
    /// answer; `None` asks for an initial response.
    #[doc(alias = "smtplib.SMTP.auth")]
    pub fn auth(
        &self,
        mechanism: impl Into<String>,
        mut respond: impl FnMut(Option<&[u8]>) -> Option<Secret> + Send + 'static,
    ) -> Verb<Reply> {
        let mechanism = mechanism.into();
        verb!(self, "AUTH", |session| session.auth(&mechanism, &mut respond, true).await)
    }

    /// Starts a transaction. Options such as `"BODY=8BITMIME"`, `"SMTPUTF8"`, `"RET=HDRS"` are sent
    /// if the server supports ESMTP.
    #[doc(alias = "smtplib.SMTP.mail")]
    pub fn mail(&self, sender: impl Into<String>, options: impl Into<Options>) -> Verb<Reply> {
        let (sender, options) = (sender.into(), options.into().0);
        verb!(self, "MAIL", |session| {
            let line = session.mail_line(&sender, &options)?;
            session.command(&line).await
        })
    }

    /// Adds a recipient, with options such as `"NOTIFY=SUCCESS,FAILURE"`.
    #[doc(alias = "smtplib.SMTP.rcpt")]
    pub fn rcpt(&self, recipient: impl Into<String>, options: impl Into<Options>) -> Verb<Reply> {
        let (recipient, options) = (recipient.into(), options.into().0);
        verb!(self, "RCPT", |session| {
            let line = session.rcpt_line(&recipient, &options)?;
            session.command(&line).await
        })
    }

    /// Sends the message of the transaction. Line ends become CRLF, and leading dots are doubled.
    #[doc(alias = "smtplib.SMTP.data")]
    pub fn data(&self, message: impl AsRef<[u8]>) -> Verb<Reply> {
        let message = Composed::from(message.as_ref().to_vec());
        verb!(self, "DATA", |session| session.data(&message).await)
    }

    /// Sends NOOP, which checks that the server responds.
    #[doc(alias = "smtplib.SMTP.noop")]
    pub fn noop(&self) -> Verb<Reply> {
        self.docmd("noop")
    }

    /// Aborts the transaction.
    #[doc(alias = "smtplib.SMTP.rset")]
    pub fn rset(&self) -> Verb<Reply> {
        verb!(self, "RSET", |session| session.rset().await)
    }

    /// Asks whether an address exists.
    #[doc(alias("smtplib.SMTP.verify", "smtplib.SMTP.vrfy"))]
    pub fn verify(&self, address: &str) -> Verb<Reply> {
        self.docmd(format!("vrfy {}", quote::addr_only(address)))
    }

    /// Asks for the members of a mailing list.
    #[doc(alias = "smtplib.SMTP.expn")]
    pub fn expn(&self, address: &str) -> Verb<Reply> {
        self.docmd(format!("expn {}", quote::addr_only(address)))
    }

    /// Returns the server's help text.
    #[doc(alias = "smtplib.SMTP.help")]
    pub fn help(&self, topic: &str) -> Verb<String> {
        let command = if topic.is_empty() { "help".to_owned() } else { format!("help {topic}") };
        verb!(self, "HELP", |session| session.docmd(&command).await.map(|reply| reply.text()))
    }

    /// Sends any command and returns the reply. A line end in it is an error.
    #[doc(alias("smtplib.SMTP.docmd", "smtplib.SMTP.putcmd"))]
    pub fn docmd(&self, command: impl Into<String>) -> Verb<Reply> {
        let command = command.into();
        verb!(self, "a command", |session| session.docmd(&command).await)
    }

    /// Sends bytes unchanged.
    #[doc(alias = "smtplib.SMTP.send")]
    pub fn send(&self, bytes: impl Into<Vec<u8>>) -> Verb<()> {
        let bytes = bytes.into();
        verb!(self, "send", |session| session.send(&bytes).await)
    }

    /// Reads a reply, after [`send`](Smtp::send).
    #[doc(alias = "smtplib.SMTP.getreply")]
    pub fn getreply(&self) -> Verb<Reply> {
        verb!(self, "an answer", |session| session.getreply().await)
    }

    /// Sends a whole mail. Returns the refused recipients: none if all were accepted. Fails only if
    /// all are refused, or the sender or the message is. [`?.check()?`](Refused::check) also fails
    /// if some are.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let smtp = world.batteries().smtplib.smtp("mail.example.com", 25).wait()?;
    /// let refused = smtp.sendmail("ann@example.com", ["bob@example.org"], "Subject: hello\n\nHow are you?\n").wait()?;
    /// assert!(refused.is_empty());
    /// assert_eq!(world.smtplib.outbox()[0].rcpt_to, ["bob@example.org"]);
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[doc(alias = "smtplib.SMTP.sendmail")]
    pub fn sendmail<R: Into<String>>(
        &self,
        from: impl Into<String>,
        to: impl IntoIterator<Item = R>,
        message: impl AsRef<[u8]>,
    ) -> SendMail {
        SendMail::text(Via::One(self.clone()), from.into(), to, message.as_ref())
    }

    /// Sends a whole mail with the sender and recipients of its headers: `Sender` or `From`; `To`,
    /// `Cc` and `Bcc` (or the `Resent-` ones). `Bcc` is not sent. An address that is not ASCII
    /// requests SMTPUTF8. Bodies with bytes above 127 are sent as `BODY=8BITMIME` if the server
    /// supports it, otherwise encoded (RFC 6152).
    ///
    /// Fails before anything is sent if a header is not a list of addresses, or if the message has
    /// no sender or no recipients. The result holds the recipients that the server refused: end
    /// with [`?.check()?`](Refused::check) to make them an error.
    #[doc(alias = "smtplib.SMTP.send_message")]
    pub fn send_message(&self, message: &EmailMessage) -> SendMail {
        SendMail::message(Via::One(self.clone()), message)
    }

    pub(super) fn mail_in_one(&self, mail: Arc<Mail>) -> Verb<Refused> {
        verb!(self, "sendmail", |session| session.sendmail(&mail).await)
    }

    /// Returns true if a part of the last mail was sent.
    pub(super) async fn is_committed(&self) -> bool {
        self.session.lock().await.committed
    }

    /// Returns false if the server has closed the connection, without sending a command to check.
    pub(super) async fn is_alive(&self) -> bool {
        self.session.lock().await.is_alive()
    }

    /// Sends QUIT and closes the connection.
    #[doc(alias = "smtplib.SMTP.quit")]
    pub fn quit(&self) -> Verb<Reply> {
        verb!(self, "QUIT", |session| session.quit().await)
    }

    /// Closes the connection without QUIT.
    #[doc(alias = "smtplib.SMTP.close")]
    pub fn close(&self) -> Verb<()> {
        verb!(self, "close", |session| {
            session.close();
            Ok(())
        })
    }

    /// Level 1 logs all commands and replies to stderr, without passwords.
    #[doc(alias("smtplib.SMTP.set_debuglevel", "smtplib.SMTP.debuglevel"))]
    pub fn set_debuglevel(&self, level: u32) {
        self.facts().debuglevel = level;
    }
}

pub(super) fn strings<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Vec<String> {
    all.into_iter().map(Into::into).collect()
}
