//! `str()` and `repr()` of the exceptions that fabric and invoke define.

use super::error::Error;
use super::group::GroupException;
use super::run::RunResult;
use super::texts::{python_repr, python_seconds};

impl Error {
    /// `str(exception)` in Python, where fabric or invoke define it: several lines for a command that failed.
    pub fn python_str(&self) -> Option<String> {
        Some(match self {
            Error::UnexpectedExit(result) => {
                let (stdout, stderr) = result.streams_for_display();
                format!(
                    "Encountered a bad command exit code!\n\nCommand: {}\n\nExit code: {}\n\nStdout:{stdout}\n\nStderr:{stderr}\n\n",
                    command(result),
                    result.python_exited()
                )
            }
            Error::CommandTimedOut { result, timeout } => {
                let (stdout, stderr) = result.streams_for_display();
                format!(
                    "Command did not complete within {} seconds!\n\nCommand: {}\n\nStdout:{stdout}\n\nStderr:{stderr}\n\n",
                    python_seconds(*timeout),
                    command(result)
                )
            }
            Error::AuthFailure { prompt, .. } => {
                format!("The password submitted to prompt {} was rejected.", python_repr(prompt))
            }
            // Python's Exception shows its first argument.
            Error::Failure { result, .. } => result.to_string(),
            Error::Value(text) | Error::Config(text) => text.clone(),
            _ => return None,
        })
    }

    /// `repr(exception)` in Python, where fabric or invoke define it.
    pub fn python_repr(&self) -> Option<String> {
        Some(match self {
            Error::UnexpectedExit(result) => {
                format!("<UnexpectedExit: cmd={} exited={}>", command(result), result.python_exited())
            }
            Error::CommandTimedOut { result, timeout } => {
                format!("<CommandTimedOut: cmd={} timeout={}>", command(result), python_seconds(*timeout))
            }
            Error::AuthFailure { result, .. } => format!("<AuthFailure: cmd={}>", command(result)),
            Error::Failure { result, .. } => format!("<Failure: cmd={}>", command(result)),
            Error::Value(text) => format!("ValueError({})", python_repr(text)),
            Error::Authentication { .. } => "AuthenticationException('Authentication failed.')".to_owned(),
            _ => return None,
        })
    }
}

impl<T: std::fmt::Debug> GroupException<T> {
    /// `str(exception)` in Python: the result as a dictionary.
    pub fn python_str(&self) -> String {
        format!("{:?}", self.result)
    }

    /// `repr(exception)` in Python.
    pub fn python_repr(&self) -> String {
        format!("GroupException({:?})", self.result)
    }
}

/// `shell()` has no command: Python shows None.
fn command(result: &RunResult) -> String {
    python_repr(&result.command)
}
