//! [`Error`]: what `platform` reports, named after Python's exceptions.

use std::io;
use std::path::PathBuf;

use crate::error::errno::ENOENT;
use crate::error::innermost;

/// An error of `platform`.
// `r#source` is a cause that `Display` names: thiserror keeps it out of `source()`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `FileNotFoundError`: there is no such file.
    #[error("cannot read '{}': no such file or directory", path.display())]
    FileNotFound {
        /// The file.
        path: PathBuf,
        /// The error of the machine.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation}: {}", innermost(source))]
    Os {
        /// What was tried: `"read '/bin/sh'"`.
        operation: String,
        /// The error of the machine.
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

    /// The name of Python's exception class: `"FileNotFoundError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::FileNotFound { .. } => "FileNotFoundError",
            Error::Os { source, .. } => crate::error::of_io(source),
        }
    }

    /// `except OSError`: all errors of this battery.
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::FileNotFound { .. } | Error::Os { .. })
    }

    /// `OSError.errno`, where the machine gave one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::FileNotFound { source, .. } | Error::Os { source, .. } => source.raw_os_error(),
        }
    }
}

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
