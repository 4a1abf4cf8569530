//! [`Error`]: what `os` reports, named after Python's exceptions.

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
    /// `InterruptedError`: EINTR. Calls are made again, so this is seen only where a caller's own code gives it.
    #[error("{0}")]
    Interrupted(OsError),
    /// `TimeoutError`: ETIMEDOUT.
    #[error("{0}")]
    Timeout(OsError),
    /// Any other `OSError`.
    #[error("{0}")]
    Os(OsError),
    /// `ValueError`: an argument that makes no sense. The text says which.
    #[error("{0}")]
    Value(String),
    /// `UnicodeDecodeError`: text was asked for, and these bytes are none in this encoding.
    #[error("'{}': byte {position} is not {encoding}", path.display())]
    UnicodeDecode {
        /// The file.
        path: PathBuf,
        /// The encoding's name.
        encoding: &'static str,
        /// The offset of the first byte that is wrong.
        position: usize,
    },
    /// `LookupError`: no user, group, archive format, encoding or error handler has that name.
    #[error("{0}")]
    Lookup(String),
    /// `shutil.Error` of `copytree`: all that could not be copied. The rest was.
    #[error("copytree: {} could not be copied, first {}", .0.len(), .0.first().map_or_else(String::new, CopyFailure::line))]
    #[doc(alias = "shutil.Error")]
    CopyTree(Vec<CopyFailure>),
    /// `shutil.Error` otherwise: something that `shutil` will not do. The text says what and why.
    #[error("{0}")]
    Shutil(String),
    /// `shutil.SameFileError`: source and destination are one file.
    #[error("copy '{}' -> '{}': they are the same file", src.display(), dst.display())]
    #[doc(alias = "shutil.SameFileError")]
    SameFile {
        /// The source.
        src: PathBuf,
        /// The destination.
        dst: PathBuf,
    },
    /// `shutil.SpecialFileError`: it is a named pipe.
    #[error("copy '{}': it is a named pipe", path.display())]
    #[doc(alias = "shutil.SpecialFileError")]
    SpecialFile {
        /// The pipe.
        path: PathBuf,
    },
    /// `shutil.ReadError`: it is no archive, or a damaged one.
    #[error("unpack '{}': {problem}", path.display())]
    #[doc(alias("shutil.ReadError", "tarfile.ReadError"))]
    ReadArchive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// `tarfile.FilterError`: an entry of an archive that would reach out of the target directory, or is of a kind that is refused.
    #[error("unpack '{}': entry '{}' {problem}", path.display(), entry.display())]
    #[doc(alias = "tarfile.FilterError")]
    UnsafeEntry {
        /// The archive.
        path: PathBuf,
        /// The entry's name.
        entry: PathBuf,
        /// Why it is refused.
        problem: &'static str,
    },
    /// An archive that holds more than was allowed. What was unpacked so far is there.
    #[error("unpack '{}': more than {limit} {unit}", path.display())]
    ArchiveTooLarge {
        /// The archive.
        path: PathBuf,
        /// How much was allowed.
        limit: u64,
        /// Of what: `entries` or `bytes`.
        unit: &'static str,
    },
    /// `shutil.RegistryError`: a format that cannot be registered.
    #[error("{0}")]
    #[doc(alias = "shutil.RegistryError")]
    Registry(String),
    /// `UnicodeEncodeError`: the encoding has no such character.
    #[error("'{}': {encoding} has no {character:?}, character {position} of the text", path.display())]
    UnicodeEncode {
        /// The file.
        path: PathBuf,
        /// The encoding's name.
        encoding: &'static str,
        /// The character.
        character: char,
        /// Which character of the text it is; the first is 0.
        position: usize,
    },
    /// A mock does not model this.
    #[error("the mock does not model {operation}")]
    NotImplemented {
        /// What was asked of it.
        operation: &'static str,
    },
}

/// What a system call reported, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsError {
    operation: &'static str,
    errno: i32,
    filename: Option<Box<Path>>,
    filename2: Option<Box<Path>>,
    /// What a backend says beyond the errno.
    reason: Option<Box<str>>,
}

/// One thing that `copytree` could not copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' -> '{}'", src.display(), dst.display())]
#[non_exhaustive]
pub struct CopyFailure {
    /// What.
    pub src: PathBuf,
    /// Where to.
    pub dst: PathBuf,
    /// Why not.
    #[source]
    pub why: Error,
}

impl CopyFailure {
    fn line(&self) -> String {
        format!("{self}: {}", self.why)
    }
}

impl Error {
    /// The error of a system call. `operation` is Python's name for it (`"mkdir"`), the paths are as the caller gave them.
    pub fn new(operation: &'static str, error: &io::Error, filename: Option<&Path>, filename2: Option<&Path>) -> Error {
        if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            return own.clone();
        }
        // A backend gives an errno, by contract. What the standard library makes up itself has none: EIO stands for it.
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

    /// The name of Python's exception class: `"FileNotFoundError"`.
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

    /// `except OSError`: what a system call reported, and the errors of `shutil`, which derive from it but for `RegistryError`.
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

    /// `except TimeoutError`: ETIMEDOUT, from a network file system or another machine.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// `OSError.errno`.
    #[doc(alias = "os.error.errno")]
    pub fn errno(&self) -> Option<i32> {
        self.os_error().map(|error| error.errno)
    }

    /// `OSError.strerror`: what the errno means, in the C library's words.
    #[doc(alias = "os.error.strerror")]
    pub fn strerror(&self) -> Option<String> {
        self.errno().map(strerror)
    }

    /// `OSError.filename`: the path, as the caller gave it.
    #[doc(alias = "os.error.filename")]
    pub fn filename(&self) -> Option<&Path> {
        self.os_error()?.filename.as_deref()
    }

    /// `OSError.filename2`: the second path of `rename`, `link`, `symlink` and `copy`.
    #[doc(alias = "os.error.filename2")]
    pub fn filename2(&self) -> Option<&Path> {
        self.os_error()?.filename2.as_deref()
    }

    /// The same as the standard library sees it: for `match error.kind()`.
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
    /// For code that speaks `std::io`: the kind is kept, the error is its source.
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

/// `os.strerror`: what an errno means, in the C library's words: `"No such file or directory"`.
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
