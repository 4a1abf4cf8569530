//! One mail: MAIL, RCPT, DATA.

use std::collections::BTreeMap;

use super::email::composed::Composed;
use super::quote::{self, quoteaddr};
use super::reply::Reply;
use super::session::Session;
use super::wire::{self, Wire};
use super::{Error, Result};

/// Recipients that the server did not take, each with its answer.
pub type Refused = BTreeMap<String, Reply>;

/// A mail as it goes into a transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) message: Composed,
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

    /// RSET after a refusal. That the connection is gone shows at the next command.
    async fn reset(&mut self) -> Result<()> {
        match self.rset().await {
            Ok(_) | Err(Error::ServerDisconnected { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What follows a refusal: 421 closes, anything else starts afresh.
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
            return Err(Error::RecipientsRefused { recipients: Refused::new() });
        }
        self.committed = false;
        let mut options = Vec::new();
        if self.facts().does_esmtp {
            if self.has_extn("size") {
                options.push(format!("size={}", wire::size(&mail.message)));
            }
            options.extend(mail.mail_options.iter().cloned());
        }
        let mail_line = self.mail_line(&mail.from, &options)?;
        let rcpt_lines = mail.to.iter().map(|each| self.rcpt_line(each, &mail.rcpt_options)).collect::<Result<Vec<_>>>()?;
        // All lines are known to be good before the first goes out. With PIPELINING they go in one packet, DATA with them: a server that takes nobody refuses it, or
        // gets an empty message for nobody (RFC 2920, 3.1).
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
                refused.insert(recipient.clone(), reply);
            }
            if code == 421 {
                self.close();
                return Err(Error::RecipientsRefused { recipients: refused });
            }
        }
        if accepted.is_empty() {
            if pipelined {
                self.refuse_data(chunking).await?;
            }
            self.reset().await?;
            return Err(Error::RecipientsRefused { recipients: refused });
        }
        let sent = match (chunking, pipelined) {
            (true, _) => self.bdat(&mail.message).await,
            (false, true) => self.after_data(&mail.message).await,
            (false, false) => self.data(&mail.message).await,
        };
        let mut last = match sent {
            // DIFFERENCE: Python leaves the transaction open here, and its next mail fails with "nested MAIL command".
            Err(Error::Data(reply)) => {
                self.after(&reply).await?;
                return Err(Error::Data(reply));
            }
            other => other?,
        };
        if self.settings.lmtp {
            // RFC 2033: an answer for each recipient that was accepted.
            for (number, recipient) in accepted.iter().enumerate() {
                if number > 0 {
                    last = self.getreply().await?;
                }
                if last.code != 250 {
                    refused.insert((*recipient).clone(), last.clone());
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

    /// DATA with a message, and the answer to it.
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

    /// The message in one chunk, by its size: no dots are quoted, and nothing waits for a go-ahead (RFC 3030).
    async fn bdat(&mut self, message: &Composed) -> Result<Reply> {
        let size = wire::size(message) + if wire::is_ended(message) { 0 } else { 2 };
        self.message(Wire::new(message, false), format!("bdat {size} last\r\n").into_bytes()).await
    }

    async fn message(&mut self, mut wire: Wire<'_>, mut buffer: Vec<u8>) -> Result<Reply> {
        self.committed = true;
        while wire.piece(&mut buffer) {
            // A short message goes in one packet with what ends it.
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

    /// Reads the answer to a DATA that went along in vain.
    async fn refuse_data(&mut self, chunking: bool) -> Result<()> {
        if !chunking && self.getreply().await?.code == 354 {
            self.send(b".\r\n").await?;
            self.getreply().await?;
        }
        Ok(())
    }
}

/// DIFFERENCE: a line end in an address is refused; Python drops it, and sends to somebody else.
fn address(text: &str) -> Result<String> {
    quote::line(text)?;
    Ok(quoteaddr(text))
}

fn words(mut command: String, options: &[String]) -> String {
    for option in options {
        command.push(' ');
        command.push_str(option);
    }
    command
}
