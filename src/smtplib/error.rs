//! [`Error`]: what `smtplib` reports, named after Python's exceptions.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::Reply;
use crate::interrupt::KeyboardInterrupt;

/// An error of `smtplib`.
///
/// Python's hierarchy is in the predicates: [`Error::is_response`] is `SMTPResponseException`, whose `smtp_code` and `smtp_error` are
/// [`Error::reply`].
///
/// <https://docs.python.org/3/library/smtplib.html#smtplib.SMTPException>
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `SMTPServerDisconnected`: the server closed the connection, or there is none any more.
    #[error("{host}: {what}")]
    ServerDisconnected {
        /// The server.
        host: String,
        /// What happened.
        what: &'static str,
        /// Why, where the network says so.
        source: Option<io::Error>,
    },
    /// `OSError`: no connection.
    #[error("cannot connect to {target}")]
    Connect {
        /// Host and port, or the socket's path.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// `ssl.SSLError`: the server's certificate or the handshake is not good.
    #[error("no TLS with {host}")]
    Tls {
        /// The name that was asked for.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// `SMTPConnectError`: the server greets with something else than 220.
    #[error("{host} does not take connections: {reply}")]
    ConnectRefused {
        /// The server.
        host: String,
        /// Its answer.
        reply: Reply,
    },
    /// `SMTPHeloError`: the server refuses our greeting.
    #[error("the server refuses our HELO: {0}")]
    Helo(Reply),
    /// `SMTPAuthenticationError`: user and password do not please.
    #[error("the server refuses the credentials: {0}")]
    Authentication(Reply),
    /// `SMTPSenderRefused`
    #[error("the server refuses sender <{sender}>: {reply}")]
    SenderRefused {
        /// The sender.
        sender: String,
        /// The server's answer.
        reply: Reply,
    },
    /// `SMTPRecipientsRefused`: all of them; nothing was sent.
    #[error("the server refuses every recipient: {}", list(recipients))]
    RecipientsRefused {
        /// Each recipient with the server's answer.
        recipients: BTreeMap<String, Reply>,
    },
    /// Some recipients were refused, and the others have got the mail: what [`Refused::check`](super::Refused::check) makes of them. Python gives a dictionary.
    #[error("the server refuses {} of the recipients: {}", recipients.len(), list(recipients))]
    SomeRecipientsRefused {
        /// Each refused recipient with the server's answer.
        recipients: BTreeMap<String, Reply>,
    },
    /// `SMTPException`: the server goes on with challenges. The connection is closed.
    #[error("the server never ends its challenges: {last}")]
    AuthenticationLoop {
        /// Its last answer.
        last: Reply,
    },
    /// `SMTPDataError`: the server does not take the message.
    #[error("the server refuses the message: {0}")]
    Data(Reply),
    /// `SMTPResponseException`: any other answer that is none of success.
    #[error("{command}: {reply}")]
    Response {
        /// What it answered to.
        command: &'static str,
        /// The answer.
        reply: Reply,
    },
    /// `SMTPNotSupportedError`: the server does not offer this extension.
    #[error("the server does not support {extension}")]
    NotSupported {
        /// Its name.
        extension: &'static str,
    },
    /// `SMTPException`: the server offers no way to authenticate that we know.
    #[error("no suitable authentication method: the server offers {offered:?}")]
    NoAuthentication {
        /// The mechanisms that it offers.
        offered: String,
    },
    /// A password was about to go over a connection without TLS: call `starttls` first. (Python sends it.)
    #[error("refusing to send a password to {host} without TLS: call starttls() first")]
    CleartextPassword {
        /// The server.
        host: String,
    },
    /// The server sent more than its answer to STARTTLS before TLS began: somebody on the way may have injected it.
    #[error("{host} sent data before TLS began")]
    StartTlsInjection {
        /// The server.
        host: String,
    },
    /// `TimeoutError`: the budget of a verb is used up. The connection is closed.
    #[error("{operation} took longer than {budget:?}")]
    Timeout {
        /// The verb.
        operation: &'static str,
        /// The budget.
        budget: Duration,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM came first: see [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt). The connection is closed.
    #[error("{host}: {operation} was ended by {}", interrupt.signal())]
    KeyboardInterrupt {
        /// The server.
        host: String,
        /// The verb.
        operation: &'static str,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `ValueError`: an argument that cannot be sent as it is.
    #[error("{0}")]
    Value(String),
    /// `MessageDefect`: a message that was read is broken, and its policy makes an error of that.
    #[error("the message is broken: {0}")]
    Defect(super::email::Defect),
    /// `OSError`: the file of a message cannot be read.
    #[error("cannot read the message")]
    Read {
        /// Why.
        source: io::Error,
    },
    /// A mock does not model this.
    #[error("the mock does not model {operation}")]
    NotImplemented {
        /// What was asked of it.
        operation: &'static str,
    },
}

fn list(recipients: &BTreeMap<String, Reply>) -> String {
    recipients.iter().map(|(recipient, reply)| format!("<{recipient}> {reply}")).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// True for `SMTPResponseException` and what Python derives from it: the server answered, and the answer is no.
    pub fn is_response(&self) -> bool {
        self.reply().is_some()
    }

    /// True for `SMTPException` and what Python derives from it: `except SMTPException`. False for a connection that cannot be made (`OSError`), for a deadline and for arguments that
    /// cannot be sent (`ValueError`).
    #[doc(alias = "smtplib.SMTPException")]
    pub fn is_smtp_exception(&self) -> bool {
        self.is_response()
            || matches!(
                self,
                Error::ServerDisconnected { .. }
                    | Error::RecipientsRefused { .. }
                    | Error::SomeRecipientsRefused { .. }
                    | Error::AuthenticationLoop { .. }
                    | Error::NotSupported { .. }
                    | Error::NoAuthentication { .. }
                    | Error::StartTlsInjection { .. }
                    | Error::CleartextPassword { .. }
            )
    }

    /// `smtp_code` and `smtp_error`: the server's answer.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Error::ConnectRefused { reply, .. } | Error::SenderRefused { reply, .. } | Error::Response { reply, .. } => {
                Some(reply)
            }
            Error::Helo(reply) | Error::Authentication(reply) | Error::Data(reply) => Some(reply),
            _ => None,
        }
    }

    /// True if the same mail may be taken later: a 4xx answer, a lost connection, a deadline.
    pub fn is_temporary(&self) -> bool {
        match self {
            Error::RecipientsRefused { recipients } | Error::SomeRecipientsRefused { recipients } => {
                recipients.values().any(Reply::is_temporary)
            }
            Error::ServerDisconnected { .. } | Error::Connect { .. } | Error::Timeout { .. } => true,
            _ => self.reply().is_some_and(Reply::is_temporary),
        }
    }
}

crate::error::umbrella!(Error);
