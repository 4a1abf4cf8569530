//! [`Error`]: what `subprocess` reports, named after Python's exceptions.

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

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of `subprocess`. Python's `SubprocessError` is this enum; its `OSError`s are variants too.
///
/// <https://docs.python.org/3/library/subprocess.html#exceptions>
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "subprocess.SubprocessError")]
pub enum Error {
    /// `CalledProcessError`: the program ended with an exit status that is not zero, or by a signal, and `check` was asked for.
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
        /// Its exit status; negative: the signal that killed it.
        returncode: i32,
        /// Its output, if it was captured.
        stdout: Option<Vec<u8>>,
        /// Its standard error, if it was captured.
        stderr: Option<Vec<u8>>,
    },
    /// `TimeoutExpired`: the program did not end in time. Unless it was [`Popen::wait`](super::Popen::wait) or
    /// [`Popen::communicate`](super::Popen::communicate) that asked, it is gone now, with all that it had started.
    #[error("command '{cmd}' timed out after {} seconds", timeout.as_secs_f64())]
    #[doc(alias("subprocess.TimeoutExpired", "subprocess.TimeoutExpired.cmd", "subprocess.TimeoutExpired.timeout"))]
    #[doc(alias("subprocess.TimeoutExpired.stdout", "subprocess.TimeoutExpired.stderr", "subprocess.TimeoutExpired.output"))]
    TimeoutExpired {
        /// The program and its arguments.
        cmd: Args,
        /// The time that it had.
        timeout: Duration,
        /// What it had written by then, if it was captured; bytes, also in text mode.
        stdout: Option<Vec<u8>>,
        /// The same of its standard error.
        stderr: Option<Vec<u8>>,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM came while the program was waited for. As with `TimeoutExpired`, the program is gone now,
    /// unless it was [`Popen::wait`](super::Popen::wait) or [`Popen::communicate`](super::Popen::communicate).
    #[error("waiting for command '{cmd}' was ended by {}", interrupt.signal())]
    KeyboardInterrupt {
        /// The program and its arguments.
        cmd: Args,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `FileNotFoundError`: there is no such program, or no such directory to run it in. [`OsError::filename`] says which.
    #[error("{0}")]
    FileNotFound(OsError),
    /// `PermissionError`: the program may not be run (it is not executable, or a directory), or the user or the directory is refused.
    #[error("{0}")]
    Permission(OsError),
    /// `NotADirectoryError`: a part of the way to the program, or the directory to run it in, is a file.
    #[error("{0}")]
    NotADirectory(OsError),
    /// Any other `OSError`: arguments that are too long, a file of no known format, too many processes.
    #[error("{0}")]
    Os(OsError),
    /// The program has ended, and its exit status cannot be found out: SIGCHLD is ignored in this process, or another part of it has
    /// waited for the program.
    #[error("command '{cmd}': unknown exit status: SIGCHLD is ignored, or the process was waited for elsewhere")]
    UnknownStatus {
        /// The program and its arguments.
        cmd: Args,
    },
    /// `ValueError`: arguments that make no sense, or not together. The text says which.
    #[error("{0}")]
    Value(String),
    /// `LookupError`: an encoding or error handler of this name is not known.
    #[error("unknown {what}: {name}")]
    Lookup {
        /// `"encoding"` or `"error handler"`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// `UnicodeDecodeError`: text was asked for, and the output is none.
    #[error("the output is not {encoding} at byte {position}")]
    UnicodeDecode {
        /// The encoding that was asked for.
        encoding: &'static str,
        /// The offset of the first byte that is wrong.
        position: usize,
    },
    /// `UnicodeEncodeError`: the input has a character that the encoding does not have.
    #[error("the input has {character:?}, which is not in {encoding}, at character {position}")]
    UnicodeEncode {
        /// The encoding that was asked for.
        encoding: &'static str,
        /// The character's place, counted in characters.
        position: usize,
        /// The character.
        character: char,
    },
    /// This backend cannot do that, or leyden cannot (the module's table says so).
    #[error("not implemented: {operation}")]
    NotImplemented {
        /// What was asked for.
        operation: String,
    },
}

/// What the operating system reported, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsError {
    operation: &'static str,
    errno: i32,
    filename: Option<Box<Path>>,
    directory: bool,
    /// What a backend says beyond the errno.
    reason: Option<Box<str>>,
}

impl Error {
    /// The program could not be started.
    pub(super) fn spawn(error: &io::Error, program: &OsStr) -> Error {
        Error::new("run", error, Some(Path::new(program)), false)
    }

    /// The directory to run it in is at fault.
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
        // A backend gives an errno, by contract. What the standard library makes up itself has none: EIO stands for it.
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

    /// The name of Python's exception class: `"CalledProcessError"`.
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

    /// `except OSError`: the program could not be started, or a call on its process or pipes failed.
    pub fn is_os_error(&self) -> bool {
        self.os_error().is_some()
    }

    /// `except SubprocessError`: `CalledProcessError`, `TimeoutExpired`, and an exit status that is unknown.
    pub fn is_subprocess_error(&self) -> bool {
        matches!(self, Error::CalledProcess { .. } | Error::TimeoutExpired { .. } | Error::UnknownStatus { .. })
    }

    /// `CalledProcessError.returncode`.
    pub fn returncode(&self) -> Option<i32> {
        if let Error::CalledProcess { returncode, .. } = self { Some(*returncode) } else { None }
    }

    /// True for `TimeoutExpired`.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::TimeoutExpired { .. })
    }

    /// What the program had written, where it was captured: of `CalledProcess` and `TimeoutExpired`.
    pub fn stdout(&self) -> Option<&[u8]> {
        match self {
            Error::CalledProcess { stdout, .. } | Error::TimeoutExpired { stdout, .. } => stdout.as_deref(),
            _ => None,
        }
    }

    /// The same of its standard error.
    pub fn stderr(&self) -> Option<&[u8]> {
        match self {
            Error::CalledProcess { stderr, .. } | Error::TimeoutExpired { stderr, .. } => stderr.as_deref(),
            _ => None,
        }
    }

    /// What the operating system reported, if it did.
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

    /// `OSError.filename`: the program as it was called, or the directory.
    pub fn filename(&self) -> Option<&Path> {
        self.os_error()?.filename()
    }
}

impl OsError {
    /// The error's number.
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// The program as it was called, or the directory, if that is at fault.
    pub fn filename(&self) -> Option<&Path> {
        self.filename.as_deref()
    }

    /// True if the directory to run in is at fault, not the program.
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

/// `returned non-zero exit status 1`, `died with SIGKILL (9)`: Python's words.
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

/// The last line of the standard error, which mostly says why.
struct Tail<'a>(&'a Args, Option<&'a [u8]>);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 200;
        let Some(stderr) = self.1 else { return Ok(()) };
        let last = stderr.split(|byte| *byte == b'\n' || *byte == b'\r').rfind(|line| !line.trim_ascii().is_empty());
        let Some(line) = last else { return Ok(()) };
        // Redacted before it is cut: half a secret is no secret that could be found any more.
        let line = self.0.redact(String::from_utf8_lossy(line.trim_ascii()).as_ref());
        let cut: String = line.chars().take(MOST).filter(|c| !c.is_control()).collect();
        write!(f, ": {cut}{}", if line.chars().count() > MOST { ".." } else { "" })
    }
}

crate::error::umbrella!(Error);
