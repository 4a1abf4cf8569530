//! [`Error`]: what `fabric` reports, named after the exceptions of fabric, invoke and paramiko.

use std::fmt;
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
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// `invoke.UnexpectedExit`: the command ended with a status other than 0.
    #[doc(alias = "invoke.exceptions.UnexpectedExit")]
    UnexpectedExit(Box<RunResult>),
    /// `invoke.CommandTimedOut`: the deadline came first. The command was killed; the result has what it wrote until then.
    #[doc(alias = "invoke.exceptions.CommandTimedOut")]
    CommandTimedOut {
        /// What there is of the result; `exited` is -1, and -9 for local commands.
        result: Box<RunResult>,
        /// The deadline.
        timeout: Duration,
    },
    /// `invoke.AuthFailure`: sudo does not accept the password.
    #[doc(alias = "invoke.exceptions.AuthFailure")]
    AuthFailure {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// The prompt.
        prompt: String,
    },
    /// `invoke.Failure`: a watcher ended the command.
    #[doc(alias = "invoke.exceptions.Failure")]
    Failure {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// Why.
        reason: WatcherError,
    },
    /// `invoke.ThreadException`: a stream of the command could not be copied; the command was ended.
    #[doc(alias = "invoke.exceptions.ThreadException")]
    ThreadException {
        /// What there is of the result.
        result: Box<RunResult>,
        /// `stdin`, `stdout` or `stderr`.
        stream: &'static str,
        /// Why.
        r#source: io::Error,
    },
    /// `fabric.exceptions.GroupException`: some hosts of a group failed. The typed form is [`GroupException`](super::GroupException).
    GroupException {
        /// Each host that failed, and how.
        failures: Vec<(String, String)>,
        /// How many hosts there were.
        total: usize,
    },
    /// The budget of a group was used up before this host had its turn, or while it was worked on.
    GroupTimeout {
        /// The host.
        host: String,
        /// The budget.
        timeout: Duration,
    },
    /// The connection broke while a command ran. The result has what it wrote until then.
    Interrupted {
        /// What there is of the result; `exited` is None.
        result: Box<RunResult>,
        /// Why.
        reason: String,
    },
    /// The connection is closed or broken.
    ConnectionLost {
        /// The host, and the port if it is not 22.
        host: String,
        /// Why.
        reason: String,
    },
    /// `NoValidConnectionsError`, `socket.gaierror`, `TimeoutError`: no connection to the host.
    Connect {
        /// The host and port.
        host: String,
        /// Why.
        r#source: io::Error,
    },
    /// The connection was not open and authenticated within the budget.
    ConnectTimeout {
        /// The host and port.
        host: String,
        /// The budget.
        timeout: Duration,
    },
    /// `paramiko.AuthenticationException`: the server accepts none of the credentials.
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
    Key {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// `paramiko.SSHException: Server not found in known_hosts`: the host key is not known, and the policy is to refuse those.
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
    Channel {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// The server's reason.
        reason: String,
    },
    /// `paramiko.SSHException`: a violation of the protocol, no algorithm in common, a broken key exchange.
    Ssh {
        /// The host.
        host: String,
        /// What went wrong.
        reason: String,
    },
    /// `paramiko.ProxyCommandFailure`: the `ProxyCommand` cannot be run.
    ProxyCommand {
        /// The command.
        command: String,
        /// Why.
        r#source: Box<crate::Error>,
    },
    /// A file of the configuration, or a variable of it, is not usable.
    Config(String),
    /// `FileNotFoundError`, `PermissionError`, `OSError` of SFTP and of transfers.
    Os {
        /// What was done: `put`, `get`, `listdir`.
        operation: &'static str,
        /// The path; of a copy `here -> there`, as the paths were given.
        path: String,
        /// Why; its kind is Python's class.
        r#source: io::Error,
    },
    /// An error of another battery: `local()`, a file to send.
    Local(Box<crate::Error>),
    /// `ValueError`: an argument that cannot be used as it is.
    Value(String),
    /// A function of `each` failed.
    Other(Box<crate::Error>),
    /// A function of `each` panicked.
    Panicked(String),
    /// A mock does not model this.
    NotImplemented {
        /// What was asked of it.
        operation: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UnexpectedExit(inner) => write!(f, "{}", bad_exit(inner)),
            Error::CommandTimedOut { result, timeout } => write!(f, "{}: timed out after {timeout:?}", shown(result)),
            Error::AuthFailure { result, prompt } => {
                write!(f, "{}: the password for prompt {} was rejected", shown(result), python_repr(prompt))
            }
            Error::Failure { result, reason } => write!(f, "{}: {reason}", shown(result)),
            Error::ThreadException { result, stream, source } => {
                write!(f, "{}: copying {stream}: {}", shown(result), why(source))
            }
            Error::GroupException { failures, total } => write!(f, "{}", group(failures, *total)),
            Error::GroupTimeout { host, timeout } => write!(f, "{host}: the group's deadline of {timeout:?} passed"),
            Error::Interrupted { result, reason } => write!(f, "{}: connection lost: {reason}", shown(result)),
            Error::ConnectionLost { host, reason } => write!(f, "{host}: connection lost: {reason}"),
            Error::Connect { host, source } => write!(f, "cannot connect to {host}: {}", why(source)),
            Error::ConnectTimeout { host, timeout } => write!(f, "cannot connect to {host}: timed out after {timeout:?}"),
            Error::Authentication { user, host, tried, accepted } => {
                write!(f, "{user}@{host}: authentication failed: tried {}; the server accepts {}", list(tried), list(accepted))
            }
            Error::Key { path, reason } => write!(f, "private key {path}: {reason}"),
            Error::UnknownHostKey { host, fingerprint, files } => {
                write!(f, "{host}: unknown host key {fingerprint}: not in {}", list(files))
            }
            Error::BadHostKey { host, fingerprint, file, line } => {
                write!(f, "{host}: host key changed: the server shows {fingerprint}, {file}:{line} has another")
            }
            Error::RevokedHostKey { host, fingerprint, file, line } => {
                write!(f, "{host}: host key {fingerprint} is revoked by {file}:{line}")
            }
            Error::Channel { host, what, reason } => write!(f, "{host}: {what}: refused by the server: {reason}"),
            Error::Ssh { host, reason } => write!(f, "{host}: {reason}"),
            Error::ProxyCommand { command, source } => write!(f, "proxy command {command}: {}", source),
            Error::Config(inner) => write!(f, "{inner}"),
            Error::Os { operation, path, source } => write!(f, "{operation} {path}: {}", why(source)),
            Error::Local(inner) => write!(f, "{inner}"),
            Error::Value(inner) => write!(f, "{inner}"),
            Error::Other(inner) => write!(f, "{inner}"),
            Error::Panicked(inner) => write!(f, "panicked: {inner}"),
            Error::NotImplemented { operation } => write!(f, "the mock does not model {operation}"),
        }
    }
}

/// The line names the reason, so that [`source`](std::error::Error::source) does not repeat it: it is what lies behind the reason, where there is more.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Connect { source, .. } | Error::Os { source, .. } | Error::ThreadException { source, .. } => source.source(),
            Error::ProxyCommand { source, .. } => source.source(),
            Error::Local(inner) | Error::Other(inner) => inner.source(),
            _ => None,
        }
    }
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

/// The reason of an I/O error in lower case, without the number that the standard library adds.
fn why(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(errno) => crate::os::strerror(errno).to_lowercase(),
        None => error.to_string().lines().collect::<Vec<_>>().join(" "),
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

impl Error {
    /// The name of the exception class of fabric, invoke, paramiko or Python: `"UnexpectedExit"`. What they do not have gives the
    /// nearest base class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::UnexpectedExit(_) => "UnexpectedExit",
            Error::CommandTimedOut { .. } => "CommandTimedOut",
            Error::AuthFailure { .. } => "AuthFailure",
            Error::Failure { .. } => "Failure",
            Error::ThreadException { .. } => "ThreadException",
            Error::GroupException { .. } => "GroupException",
            Error::GroupTimeout { .. } | Error::ConnectTimeout { .. } => "TimeoutError",
            Error::ConnectionLost { .. } | Error::Interrupted { .. } | Error::Ssh { .. } | Error::UnknownHostKey { .. } => {
                "SSHException"
            }
            Error::Connect { source, .. } | Error::Os { source, .. } => crate::error::of_io(source),
            Error::Authentication { .. } => "AuthenticationException",
            Error::BadHostKey { .. } | Error::RevokedHostKey { .. } => "BadHostKeyException",
            Error::Channel { .. } => "ChannelException",
            Error::ProxyCommand { .. } => "ProxyCommandFailure",
            Error::Local(error) | Error::Other(error) => error.python_name(),
            Error::Value(_) => "ValueError",
            Error::NotImplemented { .. } => "NotImplementedError",
            _ => "Exception",
        }
    }
}

impl crate::mock::Fault for Error {
    fn injected(operation: &'static str) -> Error {
        Error::ConnectionLost { host: operation.to_owned(), reason: "injected fault".to_owned() }
    }
}

crate::error::umbrella!(Error);
