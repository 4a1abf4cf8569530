//! One mail: MAIL, RCPT, DATA.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::email::message::composed::Composed;
use super::email::{EmailMessage, Policy};
use super::quote::{self, quoteaddr};
use super::reply::Reply;
use super::session::Session;
use super::wire::{self, Wire};
use super::{Error, Result};

/// The recipients that the server refused, by address, each with its reply. The others get the
/// mail.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::smtplib::{Error, Reply};
///
/// let world = World::new();
/// world.smtplib.refuse("eve@example.org", Reply::new(550, "no such user"));
/// let smtp = world.batteries().smtplib.smtp("mail.example.com", 25).wait()?;
/// let send = || smtp.sendmail("ann@example.com", ["bob@example.org", "eve@example.org"], "Subject: hello\n\nHow are you?\n");
/// assert_eq!(send().wait()?["eve@example.org"].code, 550);
/// assert!(matches!(send().wait()?.check(), Err(Error::SomeRecipientsRefused { .. })));
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the recipients that the server refused: `.check()?` makes an error of them"]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refused(BTreeMap<String, Reply>);

impl Refused {
    pub(super) fn new() -> Refused {
        Refused::default()
    }

    /// Fails with [`Error::SomeRecipientsRefused`] if recipients were refused. The others get the
    /// mail.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::SomeRecipientsRefused { recipients: self.0 }) }
    }

    /// Returns the recipients and replies as a map.
    pub fn into_map(self) -> BTreeMap<String, Reply> {
        self.0
    }

    fn all(self) -> Error {
        Error::RecipientsRefused { recipients: self.0 }
    }
}

impl std::ops::Deref for Refused {
    type Target = BTreeMap<String, Reply>;

    fn deref(&self) -> &BTreeMap<String, Reply> {
        &self.0
    }
}

impl IntoIterator for Refused {
    type Item = (String, Reply);
    type IntoIter = std::collections::btree_map::IntoIter<String, Reply>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Refused {
    type Item = (&'a String, &'a Reply);
    type IntoIter = std::collections::btree_map::Iter<'a, String, Reply>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// The content of a mail.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Bytes, sent unchanged.
    Text(Composed),
    /// A message that is composed when the server's extensions are known.
    Email(Arc<EmailMessage>),
}

impl Default for Message {
    fn default() -> Message {
        Message::Text(Composed::default())
    }
}

/// A mail as it enters a transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) message: Message,
    pub(super) mail_options: Vec<String>,
    pub(super) rcpt_options: Vec<String>,
}

impl Session {
    pub(super) fn mail_line(&self, sender: &str, options: &[String]) -> Result<String> {
        let does_esmtp = self.facts().does_esmtp;
        let utf8 = does_esmtp && options.iter().any(|option| option.eq_ignore_ascii_case("smtputf8"));
        if utf8 && !self.has_extn("smtputf8") {
            return Err(Error::NotSupported { extension: "SMTPUTF8" });
        }
        let utf8 = utf8 || self.facts().utf8;
        let sender = address(sender)?;
        if !sender.is_ascii() && !utf8 {
            return Err(Error::Value(format!("the address {sender} is not ASCII: it needs the option SMTPUTF8")));
        }
        self.facts().utf8 = utf8;
        let options = if does_esmtp { options } else { &[] };
        quote::line(&words(format!("mail FROM:{sender}"), options))
    }

    pub(super) fn rcpt_line(&self, recipient: &str, options: &[String]) -> Result<String> {
        let options = if self.facts().does_esmtp { options } else { &[] };
        let recipient = address(recipient)?;
        if !recipient.is_ascii() && !self.facts().utf8 {
            return Err(Error::Value(format!("the address {recipient} is not ASCII: it needs the option SMTPUTF8")));
        }
        quote::line(&words(format!("rcpt TO:{recipient}"), options))
    }

    pub(super) async fn command(&mut self, line: &str) -> Result<Reply> {
        self.send(line.as_bytes()).await?;
        self.getreply().await
    }

    /// Sends RSET after a refusal. The next command reports a lost connection.
    async fn reset(&mut self) -> Result<()> {
        match self.rset().await {
            Ok(_) | Err(Error::ServerDisconnected { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Handles a refusal: 421 closes the connection, any other reply resets the transaction.
    async fn after(&mut self, refusal: &Reply) -> Result<()> {
        if refusal.code == 421 {
            self.close();
            return Ok(());
        }
        self.reset().await
    }

    pub(super) async fn sendmail(&mut self, mail: &Mail) -> Result<Refused> {
        self.ehlo_or_helo_if_needed().await?;
        if mail.to.is_empty() {
            return Err(Error::Value("no recipients".into()));
        }
        self.committed = false;
        let (message, own_options) = self.compose(mail);
        let message = &*message;
        let mut options = Vec::new();
        if self.facts().does_esmtp {
            if self.has_extn("size") {
                options.push(format!("size={}", wire::size(message)));
            }
            options.extend(mail.mail_options.iter().cloned());
            options.extend(own_options);
        }
        let mail_line = self.mail_line(&mail.from, &options)?;
        let rcpt_lines = mail.to.iter().map(|each| self.rcpt_line(each, &mail.rcpt_options)).collect::<Result<Vec<_>>>()?;
        // All lines are checked before the first is sent. With PIPELINING they go in one packet,
        // including DATA: a server that refused all recipients refuses it too, or gets an empty
        // message without recipients (RFC 2920, 3.1).
        let pipelined = self.settings.pipelining && self.has_extn("pipelining");
        let chunking = self.settings.chunking && self.has_extn("chunking");
        if pipelined {
            let mut lines: String = std::iter::once(&mail_line).chain(&rcpt_lines).map(String::as_str).collect();
            if !chunking {
                lines.push_str("data\r\n");
            }
            self.send(lines.as_bytes()).await?;
        } else {
            self.send(mail_line.as_bytes()).await?;
        }
        let reply = self.getreply().await?;
        if reply.code != 250 {
            if pipelined && reply.code != 421 {
                for _ in &rcpt_lines {
                    self.getreply().await?;
                }
                self.refuse_data(chunking).await?;
            }
            self.after(&reply).await?;
            return Err(Error::SenderRefused { sender: mail.from.clone(), reply });
        }
        let mut refused = Refused::new();
        let mut accepted = Vec::new();
        for (recipient, line) in mail.to.iter().zip(&rcpt_lines) {
            if !pipelined {
                self.send(line.as_bytes()).await?;
            }
            let reply = self.getreply().await?;
            let code = reply.code;
            if matches!(code, 250 | 251) {
                accepted.push(recipient);
            } else {
                refused.0.insert(recipient.clone(), reply);
            }
            if code == 421 {
                self.close();
                return Err(refused.all());
            }
        }
        if accepted.is_empty() {
            if pipelined {
                self.refuse_data(chunking).await?;
            }
            self.reset().await?;
            return Err(refused.all());
        }
        let sent = match (chunking, pipelined) {
            (true, _) => self.bdat(message).await,
            (false, true) => self.after_data(message).await,
            (false, false) => self.data(message).await,
        };
        let mut last = match sent {
            // DIFFERENCE: Python leaves the transaction open here, and its next mail fails with
            // "nested MAIL command".
            Err(Error::Data(reply)) => {
                self.after(&reply).await?;
                return Err(Error::Data(reply));
            }
            other => other?,
        };
        if self.settings.lmtp {
            // RFC 2033: a reply for each accepted recipient.
            for (number, recipient) in accepted.iter().enumerate() {
                if number > 0 {
                    last = self.getreply().await?;
                }
                if last.code != 250 {
                    refused.0.insert((*recipient).clone(), last.clone());
                }
            }
            if refused.len() < mail.to.len() {
                return Ok(refused);
            }
        }
        if last.code != 250 {
            self.after(&last).await?;
            return Err(Error::Data(last));
        }
        Ok(refused)
    }

    /// Returns the message for this server, and the options that it needs in addition to the
    /// caller's.
    fn compose<'a>(&self, mail: &'a Mail) -> (Cow<'a, Composed>, Vec<String>) {
        let given = |name: &str| {
            let is = |option: &String| option.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            mail.mail_options.iter().any(is)
        };
        let international = !mail.from.is_ascii() || mail.to.iter().any(|address| !address.is_ascii());
        let eight_bit = self.has_extn("8bitmime");
        let (message, utf8) = match &mail.message {
            Message::Text(text) => (Cow::Borrowed(text), false),
            Message::Email(message) => {
                let utf8 = international || given("smtputf8");
                let policy =
                    if utf8 { Policy::SMTPUTF8 } else { Policy { eight_bit: eight_bit || given("body="), ..Policy::SMTP } };
                (Cow::Owned(message.compose(policy, &["Bcc", "Resent-Bcc"])), utf8)
            }
        };
        let mut options = Vec::new();
        if utf8 && !given("smtputf8") {
            options.push("SMTPUTF8".into());
        }
        if (utf8 || eight_bit && !message.is_ascii()) && !given("body=") {
            options.push("BODY=8BITMIME".into());
        }
        (message, options)
    }

    /// Sends DATA with a message, and returns the reply.
    pub(super) async fn data(&mut self, message: &Composed) -> Result<Reply> {
        self.send(b"data\r\n").await?;
        self.after_data(message).await
    }

    async fn after_data(&mut self, message: &Composed) -> Result<Reply> {
        let reply = self.getreply().await?;
        if reply.code != 354 {
            return Err(Error::Data(reply));
        }
        self.message(Wire::new(message, true), Vec::new()).await
    }

    /// Sends the message in one chunk with its size: without doubling dots and without waiting for
    /// a reply to DATA (RFC 3030).
    async fn bdat(&mut self, message: &Composed) -> Result<Reply> {
        let size = wire::size(message) + if wire::is_ended(message) { 0 } else { 2 };
        self.message(Wire::new(message, false), format!("bdat {size} last\r\n").into_bytes()).await
    }

    async fn message(&mut self, mut wire: Wire<'_>, mut buffer: Vec<u8>) -> Result<Reply> {
        self.committed = true;
        while wire.piece(&mut buffer) {
            // A short message goes in one packet with its end.
            if buffer.len() >= wire::PIECE {
                self.send(&buffer).await?;
                buffer.clear();
            }
        }
        if !buffer.is_empty() {
            self.send(&buffer).await?;
        }
        self.getreply().await
    }

    /// Reads the reply to a DATA that was pipelined in vain.
    async fn refuse_data(&mut self, chunking: bool) -> Result<()> {
        if !chunking && self.getreply().await?.code == 354 {
            self.send(b".\r\n").await?;
            self.getreply().await?;
        }
        Ok(())
    }
}

/// DIFFERENCE: a line end in an address is an error; Python removes it, which sends to another
/// address. So is a bracket within the brackets: the text after it would be an option.
fn address(text: &str) -> Result<String> {
    quote::line(text)?;
    let quoted = quoteaddr(text);
    let (mut in_quotes, mut escaped) = (false, false);
    let inner = quoted.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let whole = inner.is_some_and(|inner| {
        inner.chars().all(|character| match character {
            _ if escaped => {
                escaped = false;
                true
            }
            '\\' if in_quotes => {
                escaped = true;
                true
            }
            '"' => {
                in_quotes = !in_quotes;
                true
            }
            '<' | '>' => in_quotes,
            character => !character.is_control(),
        })
    });
    match whole {
        true => Ok(quoted),
        false => Err(Error::Value(format!("{text:?} is not an address"))),
    }
}

fn words(mut command: String, options: &[String]) -> String {
    for option in options {
        command.push(' ');
        command.push_str(option);
    }
    command
}
