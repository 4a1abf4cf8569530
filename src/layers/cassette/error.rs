//! Why a cassette cannot be read, written or used.

use std::path::PathBuf;

/// Why a cassette cannot be read, written or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error(transparent)]
    Os(#[from] crate::os::Error),
    /// There is no such file, and the mode does not record.
    #[error("{}: no such cassette, and the mode does not record", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A line is not an entry of a cassette.
    #[error("{}:{line}: not a cassette entry: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// An entry still holds a secret, in a form that is not replaced. Nothing was written.
    #[error("{}: not written: a secret is in entry {number} ({entry}); hide it with a redaction rule", path.display())]
    Leak {
        /// The file.
        path: PathBuf,
        /// The line that the entry would have, from 1.
        number: usize,
        /// What the entry records, secrets hidden.
        entry: String,
    },
    /// What is recorded of a file cannot be laid out in memory.
    #[error("cannot lay out the recorded file {}: {reason}", path.display())]
    File {
        /// The recorded file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

crate::error::umbrella!(Error);
