//! [`Error`]: the errors of `os`, named after Python's exceptions.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Errno;
use crate::error::errno::{
    EACCES, EAGAIN, EALREADY, ECHILD, EEXIST, EINPROGRESS, EINTR, EIO, EISDIR, ENOENT, ENOTDIR, EPERM, EPIPE, ESHUTDOWN, ESRCH,
    ETIMEDOUT,
};

/// An error of `os`, of its `path`, `shutil`, `glob` and `tempfile`.
///
/// The variant is Python's exception class; [`Error::errno`], [`Error::filename`] and [`Error::filename2`] are its attributes.
///
/// <https://docs.python.org/3/library/exceptions.html#os-exceptions>
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `FileNotFoundError`: ENOENT.
    #[error("{0}")]
    FileNotFound(OsError),
    /// `FileExistsError`: EEXIST.
    #[error("{0}")]
    FileExists(OsError),
    /// `PermissionError`: EACCES, EPERM.
    #[error("{0}")]
    Permission(OsError),
    /// `IsADirectoryError`: EISDIR.
    #[error("{0}")]
    IsADirectory(OsError),
    /// `NotADirectoryError`: ENOTDIR.
    #[error("{0}")]
    NotADirectory(OsError),
    /// `BlockingIOError`: EAGAIN, EALREADY, EINPROGRESS.
    #[error("{0}")]
    BlockingIo(OsError),
    /// `BrokenPipeError`: EPIPE, ESHUTDOWN.
    #[error("{0}")]
    BrokenPipe(OsError),
    /// `ChildProcessError`: ECHILD.
    #[error("{0}")]
    ChildProcess(OsError),
    /// `ProcessLookupError`: ESRCH.
    #[error("{0}")]
    ProcessLookup(OsError),
    /// `InterruptedError`: EINTR. Interrupted calls are repeated, so only a caller's own code
    /// returns it.
    #[error("{0}")]
    Interrupted(OsError),
    /// `TimeoutError`: ETIMEDOUT.
    #[error("{0}")]
    Timeout(OsError),
    /// Any other `OSError`.
    #[error("{0}")]
    Os(OsError),
    /// `ValueError`: an invalid argument. The text names it.
    #[error("{0}")]
    Value(String),
    /// `UnicodeDecodeError`: the contents are not text in this encoding.
    #[error("'{}': byte {position} is not {encoding}", path.display())]
    UnicodeDecode {
        /// The file.
        path: PathBuf,
        /// The encoding's name.
        encoding: &'static str,
        /// The offset of the first invalid byte.
        position: usize,
    },
    /// `LookupError`: unknown user, group, archive format, encoding or error handler.
    #[error("{0}")]
    Lookup(String),
    /// `shutil.Error` of `copytree`: the entries that could not be copied. The rest was copied.
    #[error("copytree: {} could not be copied, first {}", .0.len(), .0.first().map_or_else(String::new, CopyFailure::line))]
    #[doc(alias = "shutil.Error")]
    CopyTree(Vec<CopyFailure>),
    /// `shutil.Error` otherwise: an operation that `shutil` refuses. The text gives operation and
    /// reason.
    #[error("{0}")]
    Shutil(String),
    /// `shutil.SameFileError`: source and destination are the same file.
    #[error("copy '{}' -> '{}': they are the same file", src.display(), dst.display())]
    #[doc(alias = "shutil.SameFileError")]
    SameFile {
        /// The source.
        src: PathBuf,
        /// The destination.
        dst: PathBuf,
    },
    /// `shutil.SpecialFileError`: the file is a named pipe.
    #[error("copy '{}': it is a named pipe", path.display())]
    #[doc(alias = "shutil.SpecialFileError")]
    SpecialFile {
        /// The pipe.
        path: PathBuf,
    },
    /// `shutil.ReadError`: the file is not an archive, or is damaged.
    #[error("unpack '{}': {problem}", path.display())]
    #[doc(alias("shutil.ReadError", "tarfile.ReadError"))]
    ReadArchive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// `tarfile.FilterError`: an entry of an archive would leave the target directory, or is of a
    /// forbidden kind.
    #[error("unpack '{}': entry '{}' {problem}", path.display(), entry.display())]
    #[doc(alias = "tarfile.FilterError")]
    UnsafeEntry {
        /// The archive.
        path: PathBuf,
        /// The entry's name.
        entry: PathBuf,
        /// The reason.
        problem: &'static str,
    },
    /// The archive exceeds a limit. Entries unpacked so far remain.
    #[error("unpack '{}': more than {limit} {unit}", path.display())]
    ArchiveTooLarge {
        /// The archive.
        path: PathBuf,
        /// The limit.
        limit: u64,
        /// Its unit: `entries` or `bytes`.
        unit: &'static str,
    },
    /// `shutil.RegistryError`: a format that cannot be registered.
    #[error("{0}")]
    #[doc(alias = "shutil.RegistryError")]
    Registry(String),
    /// `UnicodeEncodeError`: the encoding cannot represent a character.
    #[error("'{}': {encoding} has no {character:?}, character {position} of the text", path.display())]
    UnicodeEncode {
        /// The file.
        path: PathBuf,
        /// The encoding's name.
        encoding: &'static str,
        /// The character.
        character: char,
        /// The index of the character in the text, from 0.
        position: usize,
    },
    /// The mock does not model this operation.
    #[error("the mock does not model {operation}")]
    NotImplemented {
        /// The operation.
        operation: &'static str,
    },
}

/// The errno of a failed system call, with the paths concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsError {
    operation: &'static str,
    errno: i32,
    filename: Option<Box<Path>>,
    filename2: Option<Box<Path>>,
    /// Detail from the backend in addition to the errno.
    reason: Option<Box<str>>,
}

/// An entry that `copytree` could not copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' -> '{}'", src.display(), dst.display())]
#[non_exhaustive]
pub struct CopyFailure {
    /// The source.
    pub src: PathBuf,
    /// The destination.
    pub dst: PathBuf,
    /// The cause.
    #[source]
    pub why: Error,
}

impl CopyFailure {
    fn line(&self) -> String {
        format!("{self}: {}", self.why)
    }
}

impl Error {
    /// Creates the error of a system call. `operation` is Python's name for it (`"mkdir"`); the
    /// paths are those of the caller.
    pub fn new(operation: &'static str, error: &io::Error, filename: Option<&Path>, filename2: Option<&Path>) -> Error {
        if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            return own.clone();
        }
        // By contract, a backend returns an errno. Errors that the standard library creates itself
        // have none: they become EIO.
        let errno = Errno::of(error).unwrap_or(EIO);
        let wrap = match errno {
            ENOENT => Error::FileNotFound,
            EEXIST => Error::FileExists,
            EPERM | EACCES => Error::Permission,
            EISDIR => Error::IsADirectory,
            ENOTDIR => Error::NotADirectory,
            EAGAIN | EALREADY | EINPROGRESS => Error::BlockingIo,
            EPIPE | ESHUTDOWN => Error::BrokenPipe,
            ECHILD => Error::ChildProcess,
            ESRCH => Error::ProcessLookup,
            EINTR => Error::Interrupted,
            ETIMEDOUT => Error::Timeout,
            _ => Error::Os,
        };
        let reason = Errno::reason(error).map(Into::into);
        wrap(OsError { operation, errno, filename: filename.map(Into::into), filename2: filename2.map(Into::into), reason })
    }

    /// Returns the name of Python's exception class: `"FileNotFoundError"`.
    ///
    /// ```
    /// let os = leyden::World::new().batteries().os;
    /// assert_eq!(os.remove("/nowhere").unwrap_err().python_name(), "FileNotFoundError");
    /// ```
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::FileNotFound(_) => "FileNotFoundError",
            Error::FileExists(_) => "FileExistsError",
            Error::Permission(_) => "PermissionError",
            Error::IsADirectory(_) => "IsADirectoryError",
            Error::NotADirectory(_) => "NotADirectoryError",
            Error::BlockingIo(_) => "BlockingIOError",
            Error::BrokenPipe(_) => "BrokenPipeError",
            Error::ChildProcess(_) => "ChildProcessError",
            Error::ProcessLookup(_) => "ProcessLookupError",
            Error::Interrupted(_) => "InterruptedError",
            Error::Timeout(_) => "TimeoutError",
            Error::Os(error) => crate::error::of_io(&io::Error::from_raw_os_error(error.errno)),
            Error::Value(_) => "ValueError",
            Error::UnicodeDecode { .. } => "UnicodeDecodeError",
            Error::UnicodeEncode { .. } => "UnicodeEncodeError",
            Error::Lookup(_) => "LookupError",
            Error::CopyTree(_) | Error::Shutil(_) => "Error",
            Error::SameFile { .. } => "SameFileError",
            Error::SpecialFile { .. } => "SpecialFileError",
            Error::ReadArchive { .. } | Error::ArchiveTooLarge { .. } => "ReadError",
            Error::UnsafeEntry { .. } => "FilterError",
            Error::Registry(_) => "RegistryError",
            Error::NotImplemented { .. } => "NotImplementedError",
        }
    }

    /// Returns true where Python's `except OSError` matches: errors of system calls, and the errors
    /// of `shutil`, which derive from it except for `RegistryError`.
    pub fn is_os_error(&self) -> bool {
        match self {
            Error::CopyTree(_)
            | Error::Shutil(_)
            | Error::SameFile { .. }
            | Error::SpecialFile { .. }
            | Error::ReadArchive { .. }
            | Error::ArchiveTooLarge { .. } => true,
            _ => self.os_error().is_some(),
        }
    }

    /// Returns true where Python's `except TimeoutError` matches: ETIMEDOUT, from a network file
    /// system or another machine.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// `OSError.errno`.
    #[doc(alias = "os.error.errno")]
    pub fn errno(&self) -> Option<i32> {
        self.os_error().map(|error| error.errno)
    }

    /// `OSError.strerror`: the C library's text for the errno.
    #[doc(alias = "os.error.strerror")]
    pub fn strerror(&self) -> Option<String> {
        self.errno().map(strerror)
    }

    /// `OSError.filename`: the path as the caller gave it.
    #[doc(alias = "os.error.filename")]
    pub fn filename(&self) -> Option<&Path> {
        self.os_error()?.filename.as_deref()
    }

    /// `OSError.filename2`: the second path of `rename`, `link`, `symlink` and `copy`.
    #[doc(alias = "os.error.filename2")]
    pub fn filename2(&self) -> Option<&Path> {
        self.os_error()?.filename2.as_deref()
    }

    /// Returns the kind in the standard library, for `match error.kind()`.
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Error::UnicodeDecode { .. } | Error::UnicodeEncode { .. } => io::ErrorKind::InvalidData,
            Error::Value(_) => io::ErrorKind::InvalidInput,
            Error::NotImplemented { .. } => io::ErrorKind::Unsupported,
            _ => self.errno().map_or(io::ErrorKind::Other, |errno| io::Error::from_raw_os_error(errno).kind()),
        }
    }

    fn os_error(&self) -> Option<&OsError> {
        match self {
            Error::FileNotFound(error)
            | Error::FileExists(error)
            | Error::Permission(error)
            | Error::IsADirectory(error)
            | Error::NotADirectory(error)
            | Error::BlockingIo(error)
            | Error::BrokenPipe(error)
            | Error::ChildProcess(error)
            | Error::ProcessLookup(error)
            | Error::Interrupted(error)
            | Error::Timeout(error)
            | Error::Os(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for io::Error {
    /// For code that uses `std::io::Error`: keeps the kind; the original error is the source.
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

/// `os.strerror`: the C library's text for an errno: `"No such file or directory"`.
#[doc(alias = "os.strerror")]
pub fn strerror(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    text.rsplit_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

impl fmt::Display for OsError {
    /// `mkdir '/srv/out': no such file or directory (errno 2)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        if let Some(path) = &self.filename {
            write!(f, " '{}'", path.display())?;
        }
        if let Some(path) = &self.filename2 {
            write!(f, " -> '{}'", path.display())?;
        }
        let reason = self.reason.as_deref().map_or_else(|| strerror(self.errno).to_lowercase(), str::to_owned);
        write!(f, ": {reason} (errno {})", self.errno)
    }
}

crate::error::umbrella!(Error);
