//! [`Error`]: what `platform` reports, named after Python's exceptions.

use std::io;
use std::path::PathBuf;

/// An error of `platform`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `FileNotFoundError`: there is no such file.
    #[error("cannot read '{}': no such file", path.display())]
    FileNotFound {
        /// The file.
        path: PathBuf,
        /// The error of the machine.
        source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation}")]
    Os {
        /// What was tried: `"read '/bin/sh'"`.
        operation: String,
        /// The error of the machine.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn reading(path: impl Into<PathBuf>, source: io::Error) -> Error {
        let path = path.into();
        match source.raw_os_error() {
            Some(2) => Error::FileNotFound { path, source },
            _ => Error::Os { operation: format!("read '{}'", path.display()), source },
        }
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
