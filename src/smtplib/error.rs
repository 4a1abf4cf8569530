//! [`Error`]: the errors of `smtplib`, named after Python's exceptions.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::Reply;
use crate::error::innermost;
use crate::interrupt::KeyboardInterrupt;

/// An error of `smtplib`.
///
/// The predicates are Python's hierarchy: [`Error::is_response`] is `SMTPResponseException`, whose
/// `smtp_code` and `smtp_error` are [`Error::reply`].
///
/// <https://docs.python.org/3/library/smtplib.html#smtplib.SMTPException>
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `SMTPServerDisconnected`: the server closed the connection, or there is no connection.
    #[error("{host}: {what}{}", because(source.as_ref()))]
    ServerDisconnected {
        /// The server.
        host: String,
        /// The event.
        what: &'static str,
        /// The cause, if the network reported one.
        r#source: Option<io::Error>,
    },
    /// `OSError`: the connection failed.
    #[error("cannot connect to {target}: {}", innermost(source))]
    Connect {
        /// Host and port, or the socket's path.
        target: String,
        /// The cause.
        r#source: io::Error,
    },
    /// `ssl.SSLError`: the certificate was rejected, or the handshake failed.
    #[error("{host}: TLS failed: {}", innermost(source))]
    Tls {
        /// The expected name.
        host: String,
        /// The cause.
        r#source: io::Error,
    },
    /// `SMTPConnectError`: the greeting is not 220.
    #[error("{host} does not accept connections: {reply}")]
    ConnectRefused {
        /// The server.
        host: String,
        /// The reply.
        reply: Reply,
    },
    /// `SMTPHeloError`: the server refused the greeting.
    #[error("the server refuses our HELO: {0}")]
    Helo(Reply),
    /// `SMTPAuthenticationError`: the server refused user and password.
    #[error("the server refuses the credentials: {0}")]
    Authentication(Reply),
    /// `SMTPSenderRefused`
    #[error("the server refuses sender <{sender}>: {reply}")]
    SenderRefused {
        /// The sender.
        sender: String,
        /// The server's reply.
        reply: Reply,
    },
    /// `SMTPRecipientsRefused`: the server refused every recipient; nothing was sent.
    #[error("the server refuses every recipient: {}", list(recipients))]
    RecipientsRefused {
        /// Each recipient with the server's reply.
        recipients: BTreeMap<String, Reply>,
    },
    /// Some recipients were refused; the others were accepted.
    /// [`Refused::check`](super::Refused::check) returns it. Python returns a dictionary.
    #[error("the server refuses {} of the recipients: {}", recipients.len(), list(recipients))]
    SomeRecipientsRefused {
        /// Each refused recipient with the server's reply.
        recipients: BTreeMap<String, Reply>,
    },
    /// `SMTPException`: the server keeps sending challenges. The connection is closed.
    #[error("too many authentication challenges: {last}")]
    AuthenticationLoop {
        /// The last reply.
        last: Reply,
    },
    /// `SMTPDataError`: the server refused the message.
    #[error("the server refuses the message: {0}")]
    Data(Reply),
    /// `SMTPResponseException`: any other reply that is not a success.
    #[error("{command}: {reply}")]
    Response {
        /// The command.
        command: &'static str,
        /// The reply.
        reply: Reply,
    },
    /// `SMTPNotSupportedError`: the server does not offer this extension.
    #[error("the server does not support {extension}")]
    NotSupported {
        /// The extension.
        extension: &'static str,
    },
    /// `SMTPNotSupportedError`: the server offers no supported authentication mechanism.
    #[error("no suitable authentication method: the server offers {offered:?}")]
    NoAuthentication {
        /// The mechanisms that it offers.
        offered: String,
    },
    /// A password would be sent over a connection without TLS: call `starttls` first. (Python sends
    /// it.)
    #[error("refusing to send a password to {host} without TLS: call starttls() first")]
    CleartextPassword {
        /// The server.
        host: String,
    },
    /// The server sent data after its reply to STARTTLS, before TLS began: an attacker may have
    /// injected it.
    #[error("{host} sent data before TLS began")]
    StartTlsInjection {
        /// The server.
        host: String,
    },
    /// `TimeoutError`: the time limit of a verb expired. The connection is closed.
    #[error("{host}: {operation} took longer than {budget:?}")]
    Timeout {
        /// The server.
        host: String,
        /// The verb.
        operation: &'static str,
        /// The time limit.
        budget: Duration,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM arrived first: see
    /// [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt). The connection is closed.
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
    /// `ValueError`: an argument that cannot be sent unchanged.
    #[error("{0}")]
    Value(String),
    /// `MessageDefect`: a parsed message has a defect, and its policy raises defects.
    #[error("invalid message: {0}")]
    Defect(super::email::Defect),
    /// `OSError`: the file of a message could not be read.
    #[error("cannot read the message: {}", innermost(source))]
    Read {
        /// The cause.
        r#source: io::Error,
    },
    /// A mock does not model this.
    #[error("the mock does not model {operation}")]
    NotImplemented {
        /// The operation.
        operation: &'static str,
    },
}

fn because(source: Option<&io::Error>) -> String {
    source.map_or_else(String::new, |source| format!(": {}", innermost(source)))
}

fn list(recipients: &BTreeMap<String, Reply>) -> String {
    recipients.iter().map(|(recipient, reply)| format!("<{recipient}> {reply}")).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// Returns the name of Python's exception class: `"SMTPAuthenticationError"`. For errors that
    /// Python does not have, the nearest base class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::KeyboardInterrupt { .. } => "KeyboardInterrupt",
            Error::ServerDisconnected { .. } => "SMTPServerDisconnected",
            Error::Connect { source, .. } | Error::Read { source } => crate::error::of_io(source),
            Error::Tls { .. } => "SSLError",
            Error::ConnectRefused { .. } => "SMTPConnectError",
            Error::Helo(_) => "SMTPHeloError",
            Error::Authentication(_) => "SMTPAuthenticationError",
            Error::SenderRefused { .. } => "SMTPSenderRefused",
            Error::RecipientsRefused { .. } | Error::SomeRecipientsRefused { .. } => "SMTPRecipientsRefused",
            Error::Data(_) => "SMTPDataError",
            Error::Response { .. } => "SMTPResponseException",
            Error::NotSupported { .. } => "SMTPNotSupportedError",
            Error::NoAuthentication { .. }
            | Error::AuthenticationLoop { .. }
            | Error::CleartextPassword { .. }
            | Error::StartTlsInjection { .. } => "SMTPException",
            Error::Timeout { .. } => "TimeoutError",
            Error::Value(_) => "ValueError",
            Error::Defect(_) => "MessageDefect",
            Error::NotImplemented { .. } => "NotImplementedError",
        }
    }

    /// Returns true where Python's `except OSError` matches: `SMTPException`, which derives from
    /// it, and errors of the connection, of TLS, of files, and timeouts.
    pub fn is_os_error(&self) -> bool {
        !matches!(self, Error::Value(_) | Error::Defect(_) | Error::NotImplemented { .. })
    }

    /// Returns true where Python's `except TimeoutError` matches: the time limit of a verb expired,
    /// or connecting timed out.
    pub fn is_timeout(&self) -> bool {
        match self {
            Error::Timeout { .. } => true,
            Error::Connect { source, .. } | Error::Tls { source, .. } => source.kind() == io::ErrorKind::TimedOut,
            _ => false,
        }
    }

    /// Returns true for `SMTPResponseException` and its subclasses: the server replied with a
    /// refusal.
    pub fn is_response(&self) -> bool {
        self.reply().is_some()
    }

    /// Returns true where Python's `except SMTPException` matches. False for a failed connection
    /// (`OSError`), for a timeout and for arguments that cannot be sent (`ValueError`).
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

    /// Returns the server's reply: `smtp_code` and `smtp_error`.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Error::ConnectRefused { reply, .. } | Error::SenderRefused { reply, .. } | Error::Response { reply, .. } => {
                Some(reply)
            }
            Error::Helo(reply) | Error::Authentication(reply) | Error::Data(reply) => Some(reply),
            _ => None,
        }
    }

    /// Returns true if the same mail may be accepted later: a 4xx reply, a lost connection, a
    /// timeout.
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
