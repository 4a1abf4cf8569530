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
/// Clones share the connection; verbs on them wait for each other. When the last one goes, QUIT is said and nothing waited for.
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

/// A verb that was not spoken yet: end it with `.wait()?` or `.await?`.
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

/// Makes a [`Verb`] of a method of the session, within the budget.
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

    /// The server's name, as it was asked for.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The budget of each verb, connecting included. None: no limit.
    #[doc(alias = "smtplib.SMTP.timeout")]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The name that we greet with: what [`Connect::local_hostname`](super::Connect::local_hostname) said, or this machine's full name, or its address in brackets.
    #[doc(alias = "smtplib.SMTP.local_hostname")]
    pub fn local_hostname(&self) -> &str {
        &self.local_hostname
    }

    /// The local address that was asked for, and its port.
    #[doc(alias = "smtplib.SMTP.source_address")]
    pub fn source_address(&self) -> Option<(&str, u16)> {
        self.source_address.as_deref().map(|(host, port)| (host.as_str(), *port))
    }

    /// The charset of commands: `"ascii"`, or `"utf-8"` after a `MAIL` with SMTPUTF8, until `RSET`.
    #[doc(alias = "smtplib.SMTP.command_encoding")]
    pub fn command_encoding(&self) -> &'static str {
        if self.facts().utf8 { "utf-8" } else { "ascii" }
    }

    /// Connects again, with the same settings. Gives the greeting, whatever it is.
    #[doc(alias("smtplib.SMTP.connect", "smtplib.LMTP.connect"))]
    pub fn connect(&self) -> Verb<Reply> {
        verb!(self, "connect", |session| session.connect().await)
    }

    /// True while the connection is open: Python's `sock` is not None.
    #[doc(alias = "smtplib.SMTP.sock")]
    pub fn is_connected(&self) -> bool {
        self.facts().connected
    }

    /// True once TLS protects the connection.
    pub fn is_encrypted(&self) -> bool {
        self.facts().encrypted
    }

    /// Greets with EHLO (LHLO in LMTP) and learns the extensions. An empty name is this machine's.
    ///
    /// Other verbs do it where it is needed.
    #[doc(alias("smtplib.SMTP.ehlo", "smtplib.SMTP.ehlo_msg", "smtplib.LMTP.ehlo_msg"))]
    pub fn ehlo(&self, name: impl Into<String>) -> Verb<Reply> {
        let name = name.into();
        verb!(self, "EHLO", |session| session.ehlo(&name).await)
    }

    /// Greets with HELO, as before 1995.
    #[doc(alias = "smtplib.SMTP.helo")]
    pub fn helo(&self, name: impl Into<String>) -> Verb<Reply> {
        let name = name.into();
        verb!(self, "HELO", |session| session.helo(&name).await)
    }

    /// EHLO unless the server was greeted; HELO if it does not know EHLO.
    #[doc(alias = "smtplib.SMTP.ehlo_or_helo_if_needed")]
    pub fn ehlo_or_helo_if_needed(&self) -> Verb<()> {
        verb!(self, "EHLO", |session| session.ehlo_or_helo_if_needed().await)
    }

    /// What the server said to EHLO.
    #[doc(alias = "smtplib.SMTP.ehlo_resp")]
    pub fn ehlo_resp(&self) -> Option<Vec<u8>> {
        self.facts().ehlo_resp.clone()
    }

    /// What the server said to HELO.
    #[doc(alias = "smtplib.SMTP.helo_resp")]
    pub fn helo_resp(&self) -> Option<Vec<u8>> {
        self.facts().helo_resp.clone()
    }

    /// True once EHLO succeeded.
    #[doc(alias = "smtplib.SMTP.does_esmtp")]
    pub fn does_esmtp(&self) -> bool {
        self.facts().does_esmtp
    }

    /// The extensions that EHLO showed, by lower-case name, with their parameters.
    #[doc(alias = "smtplib.SMTP.esmtp_features")]
    pub fn esmtp_features(&self) -> BTreeMap<String, String> {
        self.facts().esmtp_features.clone()
    }

    /// True if the server offers the extension. Names know no case.
    #[doc(alias = "smtplib.SMTP.has_extn")]
    pub fn has_extn(&self, name: &str) -> bool {
        self.facts().esmtp_features.contains_key(&name.to_ascii_lowercase())
    }

    /// Changes to TLS and forgets what the server said before.
    ///
    /// DIFFERENCE: the certificate is verified; Python's default is not to.
    #[doc(alias = "smtplib.SMTP.starttls")]
    pub fn starttls(&self) -> Verb<Reply> {
        verb!(self, "STARTTLS", |session| session.starttls().await)
    }

    /// Logs in by CRAM-MD5, PLAIN or LOGIN, whichever the server offers and takes first in this order.
    ///
    /// DIFFERENCE: without TLS it is refused, unless the connection was made with
    /// [`dangerously_allow_cleartext_login`](super::Connect::dangerously_allow_cleartext_login).
    #[doc(alias = "smtplib.SMTP.login")]
    pub fn login(&self, user: impl Into<String>, password: impl Into<Secret>) -> Verb<Reply> {
        let (user, password) = (user.into(), password.into());
        verb!(self, "AUTH", |session| session.login(&user, &password, true).await)
    }

    /// [`login`](Smtp::login) without an initial response, for servers that cannot take one: `initial_response_ok=False`.
    pub fn login_without_initial_response(&self, user: impl Into<String>, password: impl Into<Secret>) -> Verb<Reply> {
        let (user, password) = (user.into(), password.into());
        verb!(self, "AUTH", |session| session.login(&user, &password, false).await)
    }

    /// Logs in with an OAuth 2 bearer token (XOAUTH2, as the big mail providers want it).
    pub fn login_xoauth2(&self, user: impl Into<String>, token: impl Into<Secret>) -> Verb<Reply> {
        let answer = auth::auth_xoauth2(&user.into(), &token.into());
        // A refusal comes as a challenge that explains; it wants an empty answer.
        self.auth("XOAUTH2", move |challenge| Some(if challenge.is_none() { answer.clone() } else { Secret::new("") }))
    }

    /// Any mechanism. `respond` gets each challenge, decoded, and gives the answer; None asks for an initial response.
    #[doc(alias = "smtplib.SMTP.auth")]
    pub fn auth(
        &self,
        mechanism: impl Into<String>,
        mut respond: impl FnMut(Option<&[u8]>) -> Option<Secret> + Send + 'static,
    ) -> Verb<Reply> {
        let mechanism = mechanism.into();
        verb!(self, "AUTH", |session| session.auth(&mechanism, &mut respond, true).await)
    }

    /// Opens a transaction. Options such as `"BODY=8BITMIME"`, `"SMTPUTF8"`, `"RET=HDRS"` go along where the server knows ESMTP.
    #[doc(alias = "smtplib.SMTP.mail")]
    pub fn mail(&self, sender: impl Into<String>, options: impl Into<Options>) -> Verb<Reply> {
        let (sender, options) = (sender.into(), options.into().0);
        verb!(self, "MAIL", |session| {
            let line = session.mail_line(&sender, &options)?;
            session.command(&line).await
        })
    }

    /// Adds a recipient. Options such as `"NOTIFY=SUCCESS,FAILURE"`.
    #[doc(alias = "smtplib.SMTP.rcpt")]
    pub fn rcpt(&self, recipient: impl Into<String>, options: impl Into<Options>) -> Verb<Reply> {
        let (recipient, options) = (recipient.into(), options.into().0);
        verb!(self, "RCPT", |session| {
            let line = session.rcpt_line(&recipient, &options)?;
            session.command(&line).await
        })
    }

    /// Sends the message of the open transaction. Line ends become CRLF, lines that begin with a dot are quoted.
    #[doc(alias = "smtplib.SMTP.data")]
    pub fn data(&self, message: impl AsRef<[u8]>) -> Verb<Reply> {
        let message = Composed::from(message.as_ref().to_vec());
        verb!(self, "DATA", |session| session.data(&message).await)
    }

    /// Does nothing, and shows that the server is there.
    #[doc(alias = "smtplib.SMTP.noop")]
    pub fn noop(&self) -> Verb<Reply> {
        self.docmd("noop")
    }

    /// Drops the open transaction.
    #[doc(alias = "smtplib.SMTP.rset")]
    pub fn rset(&self) -> Verb<Reply> {
        verb!(self, "RSET", |session| session.rset().await)
    }

    /// Asks whether an address is known.
    #[doc(alias("smtplib.SMTP.verify", "smtplib.SMTP.vrfy"))]
    pub fn verify(&self, address: &str) -> Verb<Reply> {
        self.docmd(format!("vrfy {}", quote::addr_only(address)))
    }

    /// Asks who is on a mailing list.
    #[doc(alias = "smtplib.SMTP.expn")]
    pub fn expn(&self, address: &str) -> Verb<Reply> {
        self.docmd(format!("expn {}", quote::addr_only(address)))
    }

    /// The server's help text.
    #[doc(alias = "smtplib.SMTP.help")]
    pub fn help(&self, topic: &str) -> Verb<String> {
        let command = if topic.is_empty() { "help".to_owned() } else { format!("help {topic}") };
        verb!(self, "HELP", |session| session.docmd(&command).await.map(|reply| reply.text()))
    }

    /// Any command, and the answer to it. A line end in it is refused.
    #[doc(alias("smtplib.SMTP.docmd", "smtplib.SMTP.putcmd"))]
    pub fn docmd(&self, command: impl Into<String>) -> Verb<Reply> {
        let command = command.into();
        verb!(self, "a command", |session| session.docmd(&command).await)
    }

    /// Sends bytes as they are.
    #[doc(alias = "smtplib.SMTP.send")]
    pub fn send(&self, bytes: impl Into<Vec<u8>>) -> Verb<()> {
        let bytes = bytes.into();
        verb!(self, "send", |session| session.send(&bytes).await)
    }

    /// Reads an answer, after [`send`](Smtp::send).
    #[doc(alias = "smtplib.SMTP.getreply")]
    pub fn getreply(&self) -> Verb<Reply> {
        verb!(self, "an answer", |session| session.getreply().await)
    }

    /// A whole mail. Gives the recipients that were refused: none, if all is well. An error only when all are refused, or the
    /// sender or the message is. [`?.check()?`](Refused::check) makes an error of some.
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

    /// A whole mail, whose sender and recipients stand in its headers: `Sender` or `From`; `To`, `Cc` and `Bcc` (or the `Resent-` ones).
    /// `Bcc` is not sent. Addresses that are not ASCII ask for SMTPUTF8. Bodies with bytes above 127 go as `BODY=8BITMIME` where the server takes them, else encoded (RFC 6152).
    ///
    /// Fails before anything is sent if a header is not a list of addresses, or if the message has no sender or no recipients. A recipient that the server refuses is in the result: end with
    /// [`?.check()?`](Refused::check) to make it an error.
    #[doc(alias = "smtplib.SMTP.send_message")]
    pub fn send_message(&self, message: &EmailMessage) -> SendMail {
        SendMail::message(Via::One(self.clone()), message)
    }

    pub(super) fn mail_in_one(&self, mail: Arc<Mail>) -> Verb<Refused> {
        verb!(self, "sendmail", |session| session.sendmail(&mail).await)
    }

    /// True if a part of the last mail has gone.
    pub(super) async fn is_committed(&self) -> bool {
        self.session.lock().await.committed
    }

    /// False if the server has closed the connection, as far as that shows without asking it.
    pub(super) async fn is_alive(&self) -> bool {
        self.session.lock().await.is_alive()
    }

    /// Says QUIT and closes.
    #[doc(alias = "smtplib.SMTP.quit")]
    pub fn quit(&self) -> Verb<Reply> {
        verb!(self, "QUIT", |session| session.quit().await)
    }

    /// Closes without a word.
    #[doc(alias = "smtplib.SMTP.close")]
    pub fn close(&self) -> Verb<()> {
        verb!(self, "close", |session| {
            session.close();
            Ok(())
        })
    }

    /// 1 shows what is sent and received on stderr. Passwords do not show.
    #[doc(alias("smtplib.SMTP.set_debuglevel", "smtplib.SMTP.debuglevel"))]
    pub fn set_debuglevel(&self, level: u32) {
        self.facts().debuglevel = level;
    }
}

pub(super) fn strings<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Vec<String> {
    all.into_iter().map(Into::into).collect()
}
