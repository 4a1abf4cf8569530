//! [`Error`]: the errors of `time`, named after Python's exceptions.

use std::io;

use crate::error::innermost;

/// An error of `time`.
///
/// <https://docs.python.org/3/library/exceptions.html>
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ValueError`: an invalid argument. The text is Python's.
    #[error("{0}")]
    Value(String),
    /// `OverflowError`: a time outside the range of the calendar or the clock.
    #[error("{0}")]
    Overflow(String),
    /// `PermissionError`: only root may set the clock.
    #[error("cannot {operation}: {}", innermost(source))]
    Permission {
        /// The operation: `"set CLOCK_REALTIME"`.
        operation: String,
        /// The system error.
        r#source: io::Error,
    },
    /// `ProcessLookupError`: no thread of this process has this id.
    #[error("cannot {operation}: {}", innermost(source))]
    ProcessLookup {
        /// The operation.
        operation: String,
        /// The system error.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation}: {}", innermost(source))]
    Os {
        /// The operation: `"read the zone file Europe/Berlin"`.
        operation: String,
        /// The system error.
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

    /// Returns the name of Python's exception class: `"OverflowError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::Value(_) => "ValueError",
            Error::Overflow(_) => "OverflowError",
            Error::Permission { .. } => "PermissionError",
            Error::ProcessLookup { .. } => "ProcessLookupError",
            Error::Os { source, .. } => crate::error::of_io(source),
        }
    }

    /// Returns true where Python's `except OSError` matches.
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::Permission { .. } | Error::ProcessLookup { .. } | Error::Os { .. })
    }

    /// `OSError.errno`, if there is one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::Permission { source, .. } | Error::ProcessLookup { source, .. } | Error::Os { source, .. } => {
                source.raw_os_error()
            }
            Error::Value(_) | Error::Overflow(_) => None,
        }
    }
}

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
