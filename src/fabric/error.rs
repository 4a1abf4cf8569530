//! [`Error`]: what `fabric` reports, named after the exceptions of fabric, invoke and paramiko.

use std::io;
use std::time::Duration;

use super::run::RunResult;
use super::texts::python_repr;

/// `Result` with this module's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of `fabric`.
///
/// `Display` is one line. [`Error::python_str`] and [`Error::python_repr`] give the texts of `str(exception)` and `repr(exception)` in
/// Python, where fabric and invoke define them.
///
/// <https://docs.pyinvoke.org/en/stable/api/exceptions.html>
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `invoke.UnexpectedExit`: the command ended with a status other than 0.
    #[doc(alias = "invoke.exceptions.UnexpectedExit")]
    #[error("{}", bad_exit(.0))]
    UnexpectedExit(Box<RunResult>),
    /// `invoke.CommandTimedOut`: the deadline came first. The command was killed; the result has what it wrote until then.
    #[doc(alias = "invoke.exceptions.CommandTimedOut")]
    #[error("{}: timed out after {timeout:?}", shown(result))]
    CommandTimedOut {
        /// What there is of the result; `exited` is -1, and -9 for local commands.
        result: Box<RunResult>,
        /// The deadline.
        timeout: Duration,
    },
    /// `invoke.AuthFailure`: sudo does not accept the password.
    #[doc(alias = "invoke.exceptions.AuthFailure")]
    #[error("{}: the password for prompt {} was rejected", shown(result), python_repr(prompt))]
    AuthFailure {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// The prompt.
        prompt: String,
    },
    /// `invoke.Failure`: a watcher ended the command.
    #[doc(alias = "invoke.exceptions.Failure")]
    #[error("{}: {reason}", shown(result))]
    Failure {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// Why.
        reason: WatcherError,
    },
    /// `invoke.ThreadException`: a stream of the command could not be copied; the command was ended.
    #[doc(alias = "invoke.exceptions.ThreadException")]
    #[error("{}: copying {stream}: {source}", shown(result))]
    ThreadException {
        /// What there is of the result.
        result: Box<RunResult>,
        /// `stdin`, `stdout` or `stderr`.
        stream: &'static str,
        /// Why.
        source: io::Error,
    },
    /// `fabric.exceptions.GroupException`: some hosts of a group failed. The typed form is [`GroupException`](super::GroupException).
    #[error("{}", group(failures, *total))]
    GroupException {
        /// Each host that failed, and how.
        failures: Vec<(String, String)>,
        /// How many hosts there were.
        total: usize,
    },
    /// The budget of a group was used up before this host had its turn, or while it was worked on.
    #[error("{host}: the group's deadline of {timeout:?} passed")]
    GroupTimeout {
        /// The host.
        host: String,
        /// The budget.
        timeout: Duration,
    },
    /// The connection broke while a command ran. The result has what it wrote until then.
    #[error("{}: connection lost: {reason}", shown(result))]
    Interrupted {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// Why.
        reason: String,
    },
    /// The connection is closed or broken.
    #[error("{host}: connection lost: {reason}")]
    ConnectionLost {
        /// The host, and the port if it is not 22.
        host: String,
        /// Why.
        reason: String,
    },
    /// `NoValidConnectionsError`, `socket.gaierror`, `TimeoutError`: no connection to the host.
    #[error("cannot connect to {host}")]
    Connect {
        /// The host and port.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// The connection was not open and authenticated within the budget.
    #[error("cannot connect to {host}: timed out after {timeout:?}")]
    ConnectTimeout {
        /// The host and port.
        host: String,
        /// The budget.
        timeout: Duration,
    },
    /// `paramiko.AuthenticationException`: the server accepts none of the credentials.
    #[error("{user}@{host}: authentication failed: tried {}; the server accepts {}", list(tried), list(accepted))]
    Authentication {
        /// The user.
        user: String,
        /// The host.
        host: String,
        /// What was tried, in that order.
        tried: Vec<String>,
        /// The methods that the server would go on with.
        accepted: Vec<String>,
    },
    /// `paramiko.PasswordRequiredException`, or a key that cannot be read.
    #[error("private key {path}: {reason}")]
    Key {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// `paramiko.SSHException: Server not found in known_hosts`: the host key is not known, and the policy is to refuse those.
    #[error("{host}: unknown host key {fingerprint}: not in {}", list(files))]
    UnknownHostKey {
        /// The host, as known_hosts files write it.
        host: String,
        /// Algorithm and SHA-256 of the key.
        fingerprint: String,
        /// The files that were searched.
        files: Vec<String>,
    },
    /// `paramiko.BadHostKeyException`: another key is known for the host. Either the server was set up anew, or the connection is
    /// intercepted.
    #[error("{host}: host key changed: the server shows {fingerprint}, {file}:{line} has another")]
    BadHostKey {
        /// The host, as known_hosts files write it.
        host: String,
        /// Algorithm and SHA-256 of the key that was shown.
        fingerprint: String,
        /// The file with the other key.
        file: String,
        /// The line of it.
        line: usize,
    },
    /// A known_hosts file revokes the key.
    #[error("{host}: host key {fingerprint} is revoked by {file}:{line}")]
    RevokedHostKey {
        /// The host.
        host: String,
        /// Algorithm and SHA-256 of the key.
        fingerprint: String,
        /// The file.
        file: String,
        /// The line of it.
        line: usize,
    },
    /// `paramiko.ChannelException`: the server refuses to open a channel, or to start what was asked for in it.
    #[error("{host}: {what}: refused by the server: {reason}")]
    Channel {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// The server's reason.
        reason: String,
    },
    /// `paramiko.SSHException`: a violation of the protocol, no algorithm in common, a broken key exchange.
    #[error("{host}: {reason}")]
    Ssh {
        /// The host.
        host: String,
        /// What went wrong.
        reason: String,
    },
    /// `paramiko.ProxyCommandFailure`: the `ProxyCommand` cannot be run.
    #[error("proxy command {command}")]
    ProxyCommand {
        /// The command.
        command: String,
        /// Why.
        source: Box<crate::Error>,
    },
    /// A file of the configuration, or a variable of it, is not usable.
    #[error("{0}")]
    Config(String),
    /// `FileNotFoundError`, `PermissionError`, `OSError` of SFTP and of transfers.
    #[error("{operation} {path}")]
    Os {
        /// What was done: `put`, `get`, `listdir`.
        operation: &'static str,
        /// The path.
        path: String,
        /// Why; its kind is Python's class.
        source: io::Error,
    },
    /// An error of another battery: `local()`, a file to send.
    #[error("{0}")]
    Local(Box<crate::Error>),
    /// `ValueError`: an argument that cannot be used as it is.
    #[error("{0}")]
    Value(String),
    /// A function of `each` failed.
    #[error("{0}")]
    Other(Box<crate::Error>),
    /// A function of `each` panicked.
    #[error("panicked: {0}")]
    Panicked(String),
    /// A mock does not model this.
    #[error("the mock does not model {operation}")]
    NotImplemented {
        /// What was asked of it.
        operation: &'static str,
    },
}

/// `invoke.WatcherError`: what a [`StreamWatcher`](super::StreamWatcher) reports to end a command.
#[doc(alias = "invoke.exceptions.WatcherError")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatcherError {
    /// `invoke.ResponseNotAccepted`: the response did not please.
    #[doc(alias = "invoke.exceptions.ResponseNotAccepted")]
    #[error("{0}")]
    ResponseNotAccepted(String),
    /// sudo asks for a password, and none is set.
    #[error("sudo asks for a password ({}) and none is set: use .password() or Config sudo.password", python_repr(prompt))]
    NoPassword {
        /// The prompt.
        prompt: String,
    },
    /// Any other.
    #[error("{0}")]
    Other(String),
}

fn shown(result: &RunResult) -> String {
    match &result.connection {
        Some(connection) => format!("{}: {}", connection.host(), result.shown()),
        None => result.shown(),
    }
}

fn bad_exit(result: &RunResult) -> String {
    let how = result.exited.map_or_else(|| "did not end".to_owned(), |exited| format!("exited with {exited}"));
    let last = result.stderr.lines().rev().find(|line| !line.trim().is_empty());
    match last {
        Some(line) => format!("{} {how}: {}", shown(result), line.trim()),
        None => format!("{} {how}", shown(result)),
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

fn group(failures: &[(String, String)], total: usize) -> String {
    let shown: Vec<String> = failures.iter().take(3).map(|(host, error)| format!("{host}: {error}")).collect();
    let more = if failures.len() > 3 { ", .." } else { "" };
    format!("{} of {total} hosts failed: {}{more}", failures.len(), shown.join(", "))
}

impl Error {
    /// The result of the command, complete or not, where there is one.
    pub fn result(&self) -> Option<&RunResult> {
        match self {
            Error::UnexpectedExit(result)
            | Error::CommandTimedOut { result, .. }
            | Error::AuthFailure { result, .. }
            | Error::Failure { result, .. }
            | Error::ThreadException { result, .. }
            | Error::Interrupted { result, .. } => Some(result),
            _ => None,
        }
    }

    /// `Failure.reason`: the error of the watcher that ended the command.
    pub fn reason(&self) -> Option<&WatcherError> {
        match self {
            Error::Failure { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// True for `invoke.Failure` and what Python derives from it.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Error::UnexpectedExit(_) | Error::CommandTimedOut { .. } | Error::AuthFailure { .. } | Error::Failure { .. }
        )
    }

    /// True if a deadline came first.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::CommandTimedOut { .. } | Error::ConnectTimeout { .. } | Error::GroupTimeout { .. })
    }

    /// True if there is no connection: it could not be made, or it broke.
    pub fn is_connection(&self) -> bool {
        matches!(
            self,
            Error::Interrupted { .. } | Error::ConnectionLost { .. } | Error::Connect { .. } | Error::ConnectTimeout { .. }
        )
    }
}

impl crate::mock::Fault for Error {
    fn injected(operation: &'static str) -> Error {
        Error::ConnectionLost { host: operation.to_owned(), reason: "injected fault".to_owned() }
    }
}

crate::error::umbrella!(Error);
