//! [`Error`]: the errors of `subprocess`, named after Python's exceptions.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::args::Args;
use super::signal;
use crate::error::Errno;
use crate::error::errno::EIO;
use crate::interrupt::KeyboardInterrupt;

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of `subprocess`. Python's `SubprocessError` is this enum; Python's `OSError`s are
/// variants of it too.
///
/// <https://docs.python.org/3/library/subprocess.html#exceptions>
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "subprocess.SubprocessError")]
pub enum Error {
    /// `CalledProcessError`: with `check`, the program ended with a non-zero exit status or was
    /// killed by a signal.
    #[error("command '{cmd}' {}{}", Ending(*returncode), Tail(cmd, stderr.as_deref()))]
    #[doc(alias(
        "subprocess.CalledProcessError",
        "subprocess.CalledProcessError.cmd",
        "subprocess.CalledProcessError.returncode"
    ))]
    #[doc(alias("subprocess.CalledProcessError.stdout", "subprocess.CalledProcessError.stderr"))]
    #[doc(alias("subprocess.CalledProcessError.output"))]
    CalledProcess {
        /// The program and its arguments.
        cmd: Args,
        /// The exit status; a negative value is the signal that killed the program.
        returncode: i32,
        /// The output, if it was captured.
        stdout: Option<Vec<u8>>,
        /// The standard error, if it was captured.
        stderr: Option<Vec<u8>>,
    },
    /// `TimeoutExpired`: the program did not end in time. It was killed with everything that it
    /// started, except after [`Popen::wait`](super::Popen::wait) and
    /// [`Popen::communicate`](super::Popen::communicate).
    #[error("command '{cmd}' timed out after {} seconds", timeout.as_secs_f64())]
    #[doc(alias("subprocess.TimeoutExpired", "subprocess.TimeoutExpired.cmd", "subprocess.TimeoutExpired.timeout"))]
    #[doc(alias("subprocess.TimeoutExpired.stdout", "subprocess.TimeoutExpired.stderr", "subprocess.TimeoutExpired.output"))]
    TimeoutExpired {
        /// The program and its arguments.
        cmd: Args,
        /// The timeout that was set.
        timeout: Duration,
        /// The output up to then, if it was captured. Raw bytes, also in text mode.
        stdout: Option<Vec<u8>>,
        /// The standard error up to then, if it was captured.
        stderr: Option<Vec<u8>>,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM arrived during the wait. As for `TimeoutExpired`, the
    /// program was killed, except after [`Popen::wait`](super::Popen::wait) and
    /// [`Popen::communicate`](super::Popen::communicate).
    #[error("waiting for command '{cmd}' was ended by {}", interrupt.signal())]
    KeyboardInterrupt {
        /// The program and its arguments.
        cmd: Args,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `FileNotFoundError`: the program or the working directory does not exist.
    /// [`OsError::filename`] names the one that is missing.
    #[error("{0}")]
    FileNotFound(OsError),
    /// `PermissionError`: the program is not executable or is a directory, or the user may not be
    /// changed to, or the directory not entered.
    #[error("{0}")]
    Permission(OsError),
    /// `NotADirectoryError`: the working directory, or a part of the path to the program, is a
    /// file.
    #[error("{0}")]
    NotADirectory(OsError),
    /// Any other `OSError`: arguments too long, unknown executable format, too many processes.
    #[error("{0}")]
    Os(OsError),
    /// The program has ended but its exit status is unknown: SIGCHLD is ignored in this process, or
    /// other code in this process reaped the program.
    #[error("command '{cmd}': unknown exit status: SIGCHLD is ignored, or the process was waited for elsewhere")]
    UnknownStatus {
        /// The program and its arguments.
        cmd: Args,
    },
    /// `ValueError`: an invalid argument, or arguments that exclude each other. The text names
    /// them.
    #[error("{0}")]
    Value(String),
    /// `LookupError`: unknown encoding or error handler.
    #[error("unknown {what}: {name}")]
    Lookup {
        /// `"encoding"` or `"error handler"`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// `UnicodeDecodeError`: the output is not text in the requested encoding.
    #[error("the output is not {encoding} at byte {position}")]
    UnicodeDecode {
        /// The requested encoding.
        encoding: &'static str,
        /// The offset of the first invalid byte.
        position: usize,
    },
    /// `UnicodeEncodeError`: the input has a character that the encoding cannot represent.
    #[error("the input has {character:?}, which is not in {encoding}, at character {position}")]
    UnicodeEncode {
        /// The requested encoding.
        encoding: &'static str,
        /// The position of the character in the text, in characters.
        position: usize,
        /// The character.
        character: char,
    },
    /// The backend does not support the operation, or leyden does not (see the module's table).
    #[error("not implemented: {operation}")]
    NotImplemented {
        /// The operation.
        operation: String,
    },
}

/// The errno of a failed system call, with the path concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsError {
    operation: &'static str,
    errno: i32,
    filename: Option<Box<Path>>,
    directory: bool,
    /// Detail from the backend in addition to the errno.
    reason: Option<Box<str>>,
}

impl Error {
    /// The program could not be started.
    pub(super) fn spawn(error: &io::Error, program: &OsStr) -> Error {
        Error::new("run", error, Some(Path::new(program)), false)
    }

    /// The working directory is invalid.
    pub(super) fn directory(error: &io::Error, directory: &Path) -> Error {
        Error::new("run", error, Some(directory), true)
    }

    /// A call on a process or its pipes failed.
    pub(super) fn io(operation: &'static str, error: &io::Error) -> Error {
        Error::new(operation, error, None, false)
    }

    fn new(operation: &'static str, error: &io::Error, filename: Option<&Path>, directory: bool) -> Error {
        if error.kind() == io::ErrorKind::Unsupported && Errno::of(error).is_none() {
            return Error::NotImplemented { operation: error.to_string() };
        }
        if error.kind() == io::ErrorKind::InvalidInput && error.raw_os_error().is_none() {
            return Error::Value(error.to_string());
        }
        // By contract, a backend returns an errno. Errors that the standard library creates itself
        // have none: they become EIO.
        let errno = Errno::of(error).unwrap_or(EIO);
        let wrap = match errno {
            2 => Error::FileNotFound,
            1 | 13 => Error::Permission,
            20 => Error::NotADirectory,
            _ => Error::Os,
        };
        let reason = Errno::reason(error).map(Into::into);
        wrap(OsError { operation, errno, filename: filename.map(Into::into), directory, reason })
    }

    /// Returns the name of Python's exception class: `"CalledProcessError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::KeyboardInterrupt { .. } => "KeyboardInterrupt",
            Error::CalledProcess { .. } => "CalledProcessError",
            Error::TimeoutExpired { .. } => "TimeoutExpired",
            Error::FileNotFound(_) => "FileNotFoundError",
            Error::Permission(_) => "PermissionError",
            Error::NotADirectory(_) => "NotADirectoryError",
            Error::Os(error) => crate::error::of_io(&io::Error::from_raw_os_error(error.errno)),
            Error::UnknownStatus { .. } => "SubprocessError",
            Error::Value(_) => "ValueError",
            Error::Lookup { .. } => "LookupError",
            Error::UnicodeDecode { .. } => "UnicodeDecodeError",
            Error::UnicodeEncode { .. } => "UnicodeEncodeError",
            Error::NotImplemented { .. } => "NotImplementedError",
        }
    }

    /// Returns true where Python's `except OSError` matches: the program could not be started, or a
    /// call on its process or pipes failed.
    pub fn is_os_error(&self) -> bool {
        self.os_error().is_some()
    }

    /// Returns true where Python's `except SubprocessError` matches: `CalledProcess`,
    /// `TimeoutExpired` and `UnknownStatus`.
    pub fn is_subprocess_error(&self) -> bool {
        matches!(self, Error::CalledProcess { .. } | Error::TimeoutExpired { .. } | Error::UnknownStatus { .. })
    }

    /// `CalledProcessError.returncode`.
    pub fn returncode(&self) -> Option<i32> {
        if let Error::CalledProcess { returncode, .. } = self { Some(*returncode) } else { None }
    }

    /// Returns true for `TimeoutExpired`.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::TimeoutExpired { .. })
    }

    /// Returns the captured output of the program, for `CalledProcess` and `TimeoutExpired`.
    pub fn stdout(&self) -> Option<&[u8]> {
        match self {
            Error::CalledProcess { stdout, .. } | Error::TimeoutExpired { stdout, .. } => stdout.as_deref(),
            _ => None,
        }
    }

    /// Returns the captured standard error, like [`Error::stdout`].
    pub fn stderr(&self) -> Option<&[u8]> {
        match self {
            Error::CalledProcess { stderr, .. } | Error::TimeoutExpired { stderr, .. } => stderr.as_deref(),
            _ => None,
        }
    }

    /// Returns the system error, if this is one.
    pub fn os_error(&self) -> Option<&OsError> {
        match self {
            Error::FileNotFound(error) | Error::Permission(error) | Error::NotADirectory(error) | Error::Os(error) => Some(error),
            _ => None,
        }
    }

    /// `OSError.errno`.
    pub fn errno(&self) -> Option<i32> {
        self.os_error().map(|error| error.errno)
    }

    /// `OSError.filename`: the program as the caller named it, or the working directory.
    pub fn filename(&self) -> Option<&Path> {
        self.os_error()?.filename()
    }
}

impl OsError {
    /// Returns the errno.
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// Returns the program as the caller named it, or the working directory if that is invalid.
    pub fn filename(&self) -> Option<&Path> {
        self.filename.as_deref()
    }

    /// Returns true if the working directory is invalid, not the program.
    pub fn is_directory(&self) -> bool {
        self.directory
    }
}

impl fmt::Display for OsError {
    /// `cannot run 'df': no such file or directory (errno 2)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.operation)?;
        if let Some(path) = &self.filename {
            write!(f, "{} '{}'", if self.directory { " in directory" } else { "" }, path.display())?;
        }
        let reason = self.reason.as_deref().map_or_else(|| crate::os::strerror(self.errno).to_lowercase(), str::to_owned);
        write!(f, ": {reason} (errno {})", self.errno)
    }
}

/// `returned non-zero exit status 1`, `died with SIGKILL (9)`: Python's wording.
struct Ending(i32);

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            code if code >= 0 => write!(f, "returned non-zero exit status {code}"),
            code => match signal::name(code.wrapping_neg()) {
                Some(name) => write!(f, "died with {name} ({})", code.wrapping_neg()),
                None => write!(f, "died with unknown signal {}", code.wrapping_neg()),
            },
        }
    }
}

/// The last line of the standard error, which usually gives the reason.
struct Tail<'a>(&'a Args, Option<&'a [u8]>);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 200;
        let Some(stderr) = self.1 else { return Ok(()) };
        let last = stderr.split(|byte| *byte == b'\n' || *byte == b'\r').rfind(|line| !line.trim_ascii().is_empty());
        let Some(line) = last else { return Ok(()) };
        // Redact before truncating: a part of a secret would no longer match.
        let line = self.0.redact(String::from_utf8_lossy(line.trim_ascii()).as_ref());
        let cut: String = line.chars().take(MOST).filter(|c| !c.is_control()).collect();
        write!(f, ": {cut}{}", if line.chars().count() > MOST { ".." } else { "" })
    }
}

crate::error::umbrella!(Error);
