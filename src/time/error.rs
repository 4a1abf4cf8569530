//! [`Error`]: what `time` reports, named after Python's exceptions.

use std::io;

use crate::error::innermost;

/// An error of `time`.
///
/// <https://docs.python.org/3/library/exceptions.html>
// `r#source` is a cause that `Display` names: thiserror keeps it out of `source()`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ValueError`: an argument that makes no sense. The text is Python's own.
    #[error("{0}")]
    Value(String),
    /// `OverflowError`: a time that the calendar or the clock cannot hold.
    #[error("{0}")]
    Overflow(String),
    /// `PermissionError`: setting the clock, and not root.
    #[error("cannot {operation}: {}", innermost(source))]
    Permission {
        /// What was tried: `"set CLOCK_REALTIME"`.
        operation: String,
        /// What the machine said.
        r#source: io::Error,
    },
    /// `ProcessLookupError`: no thread of this process has that id.
    #[error("cannot {operation}: {}", innermost(source))]
    ProcessLookup {
        /// What was tried.
        operation: String,
        /// What the machine said.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation}: {}", innermost(source))]
    Os {
        /// What was tried: `"read the zone file Europe/Berlin"`.
        operation: String,
        /// What the machine said.
        r#source: io::Error,
    },
}

impl Error {
    pub(super) fn os(operation: impl Into<String>, source: io::Error) -> Error {
        let operation = operation.into();
        match source.raw_os_error() {
            Some(1 | 13) => Error::Permission { operation, source },
            Some(3) => Error::ProcessLookup { operation, source },
            _ => Error::Os { operation, source },
        }
    }

    /// The name of Python's exception class: `"OverflowError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::Value(_) => "ValueError",
            Error::Overflow(_) => "OverflowError",
            Error::Permission { .. } => "PermissionError",
            Error::ProcessLookup { .. } => "ProcessLookupError",
            Error::Os { source, .. } => crate::error::of_io(source),
        }
    }

    /// `except OSError`
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::Permission { .. } | Error::ProcessLookup { .. } | Error::Os { .. })
    }

    /// `OSError.errno`, where the machine gave one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::Permission { source, .. } | Error::ProcessLookup { source, .. } | Error::Os { source, .. } => {
                source.raw_os_error()
            }
            Error::Value(_) | Error::Overflow(_) => None,
        }
    }
}

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
