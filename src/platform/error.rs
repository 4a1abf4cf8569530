//! [`Error`]: the errors of `platform`, named after Python's exceptions.

use std::io;
use std::path::PathBuf;

use crate::error::errno::ENOENT;
use crate::error::innermost;

/// An error of `platform`.
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `FileNotFoundError`: the file does not exist.
    #[error("cannot read '{}': no such file or directory", path.display())]
    FileNotFound {
        /// The file.
        path: PathBuf,
        /// The system error.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation}: {}", innermost(source))]
    Os {
        /// The operation: `"read '/bin/sh'"`.
        operation: String,
        /// The system error.
        r#source: io::Error,
    },
}

impl Error {
    pub(super) fn reading(path: impl Into<PathBuf>, source: io::Error) -> Error {
        let path = path.into();
        match source.raw_os_error() {
            Some(ENOENT) => Error::FileNotFound { path, source },
            _ => Error::Os { operation: format!("read '{}'", path.display()), source },
        }
    }

    /// Returns the name of Python's exception class: `"FileNotFoundError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::FileNotFound { .. } => "FileNotFoundError",
            Error::Os { source, .. } => crate::error::of_io(source),
        }
    }

    /// Returns true where Python's `except OSError` matches: all errors of this battery.
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::FileNotFound { .. } | Error::Os { .. })
    }

    /// `OSError.errno`, if there is one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::FileNotFound { source, .. } | Error::Os { source, .. } => source.raw_os_error(),
        }
    }
}

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
