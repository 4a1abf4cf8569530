//! [`Error`]: the errors of `sys`, named after Python's exceptions.

use std::io;

use super::backend::Stream;
use crate::error::errno::EPIPE;
use crate::error::innermost;
use crate::interrupt::KeyboardInterrupt;

/// An error of a standard stream.
///
/// <https://docs.python.org/3/library/exceptions.html>
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `BrokenPipeError`: the reading end is closed.
    #[error("{}: broken pipe", name(.stream))]
    BrokenPipe {
        /// The stream.
        stream: Stream,
        /// The system error.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation} {}: {}", name(.stream), innermost(source))]
    Os {
        /// The operation: `"write to"`.
        operation: &'static str,
        /// The stream.
        stream: Stream,
        /// The system error.
        r#source: io::Error,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM arrived during a read.
    #[error("{}: the wait was ended by {}", name(.stream), interrupt.signal())]
    KeyboardInterrupt {
        /// The stream.
        stream: Stream,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// The path of the running program is unknown.
    #[error("cannot find the running program: {}", innermost(.0))]
    Executable(io::Error),
    /// The handlers of SIGINT and SIGTERM could not be installed.
    #[error("cannot handle SIGINT and SIGTERM: {0}")]
    Interrupts(io::Error),
    /// `io.UnsupportedOperation`: the stream does not support the operation. The text is Python's.
    #[error("{0}")]
    UnsupportedOperation(&'static str),
    /// `ValueError`: the stream is closed, or an argument is invalid.
    #[error("{0}")]
    Value(String),
    /// `UnicodeDecodeError`: the input cannot be decoded. No byte is lost: after `reconfigure` it
    /// can be read with another encoding.
    #[error("{}: '{encoding}' codec cannot decode byte 0x{byte:02x} in position {position}", name(.stream))]
    UnicodeDecode {
        /// The stream.
        stream: Stream,
        /// Its encoding.
        encoding: &'static str,
        /// The first invalid byte.
        byte: u8,
        /// Its position in bytes, from where the stream began (or the last seek).
        position: u64,
    },
    /// `UnicodeEncodeError`: the encoding cannot represent the character. Nothing of the text was
    /// written.
    #[error("{}: '{encoding}' codec cannot encode character U+{:04X}", name(.stream), *.character as u32)]
    UnicodeEncode {
        /// The stream.
        stream: Stream,
        /// Its encoding.
        encoding: &'static str,
        /// The character.
        character: char,
    },
}

fn name(stream: &Stream) -> &'static str {
    match stream {
        Stream::Stdin => "stdin",
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    }
}

impl Error {
    pub(super) fn os(operation: &'static str, stream: Stream, source: io::Error) -> Error {
        if let Some(interrupt) = source.get_ref().and_then(|inner| inner.downcast_ref::<KeyboardInterrupt>()) {
            return Error::KeyboardInterrupt { stream, interrupt: *interrupt };
        }
        match source.raw_os_error() {
            Some(EPIPE) => Error::BrokenPipe { stream, source },
            _ => Error::Os { operation, stream, source },
        }
    }

    /// Returns the name of Python's exception class: `"BrokenPipeError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::BrokenPipe { .. } => "BrokenPipeError",
            Error::Os { source, .. } | Error::Executable(source) | Error::Interrupts(source) => crate::error::of_io(source),
            Error::KeyboardInterrupt { .. } => "KeyboardInterrupt",
            Error::UnsupportedOperation(_) => "UnsupportedOperation",
            Error::Value(_) => "ValueError",
            Error::UnicodeDecode { .. } => "UnicodeDecodeError",
            Error::UnicodeEncode { .. } => "UnicodeEncodeError",
        }
    }

    /// Returns true where Python's `except OSError` matches, which includes
    /// `io.UnsupportedOperation`.
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::BrokenPipe { .. } | Error::Os { .. } | Error::Executable(_) | Error::UnsupportedOperation(_))
    }

    /// `OSError.errno`, if there is one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::BrokenPipe { source, .. }
            | Error::Os { source, .. }
            | Error::Executable(source)
            | Error::Interrupts(source) => source.raw_os_error(),
            _ => None,
        }
    }
}

impl From<Error> for io::Error {
    /// For code that uses `std::io::Error`: keeps the kind; the original error is the source.
    fn from(error: Error) -> io::Error {
        let kind = match &error {
            Error::BrokenPipe { source, .. }
            | Error::Os { source, .. }
            | Error::Executable(source)
            | Error::Interrupts(source) => source.kind(),
            // Not `Interrupted`: the standard library retries such calls.
            Error::KeyboardInterrupt { .. } => io::ErrorKind::Other,
            Error::UnsupportedOperation(_) => io::ErrorKind::Unsupported,
            Error::UnicodeDecode { .. } | Error::UnicodeEncode { .. } => io::ErrorKind::InvalidData,
            Error::Value(_) => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, error)
    }
}

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
