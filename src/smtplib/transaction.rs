//! One mail: MAIL, RCPT, DATA.

use std::collections::BTreeMap;

use super::quote::{self, quoteaddr, quotedata};
use super::reply::Reply;
use super::session::Session;
use super::{Error, Result};

/// Recipients that the server did not take, each with its answer.
pub type Refused = BTreeMap<String, Reply>;

/// A mail as it goes into a transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) message: Vec<u8>,
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
        let quoted = quotedata(&mail.message);
        let mut options = Vec::new();
        if self.facts().does_esmtp {
            if self.has_extn("size") {
                options.push(format!("size={}", quote::fix_eols(&mail.message).len()));
            }
            options.extend(mail.mail_options.iter().cloned());
        }
        let mail_line = self.mail_line(&mail.from, &options)?;
        let rcpt_lines = mail.to.iter().map(|each| self.rcpt_line(each, &mail.rcpt_options)).collect::<Result<Vec<_>>>()?;
        // All lines are known to be good before the first goes out. With PIPELINING they go in one packet; a server gets DATA only
        // when it has taken somebody, else it would wait for a message that nobody gets.
        let pipelined = self.settings.pipelining && self.has_extn("pipelining");
        if pipelined {
            let lines: String = std::iter::once(&mail_line).chain(&rcpt_lines).map(String::as_str).collect();
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
            self.reset().await?;
            return Err(Error::RecipientsRefused { recipients: refused });
        }
        let mut last = match self.data(&quoted).await {
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

    /// DATA with a quoted message, and the answer to it.
    pub(super) async fn data(&mut self, quoted: &[u8]) -> Result<Reply> {
        let reply = self.docmd("data").await?;
        if reply.code != 354 {
            return Err(Error::Data(reply));
        }
        self.send(quoted).await?;
        self.send(if quoted.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" }).await?;
        self.getreply().await
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
