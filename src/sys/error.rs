//! [`Error`]: what `sys` reports, named after Python's exceptions.

use std::io;

use super::backend::Stream;
use crate::error::errno::EPIPE;
use crate::error::innermost;
use crate::interrupt::KeyboardInterrupt;

/// An error of a standard stream.
///
/// <https://docs.python.org/3/library/exceptions.html>
// `r#source` is a cause that `Display` names: thiserror keeps it out of `source()`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `BrokenPipeError`: nobody reads any more.
    #[error("{}: broken pipe", name(.stream))]
    BrokenPipe {
        /// The stream.
        stream: Stream,
        /// What the machine said.
        r#source: io::Error,
    },
    /// Any other `OSError`.
    #[error("cannot {operation} {}: {}", name(.stream), innermost(source))]
    Os {
        /// What was tried: `"write to"`.
        operation: &'static str,
        /// The stream.
        stream: Stream,
        /// What the machine said.
        r#source: io::Error,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM came while a stream was waited for.
    #[error("{}: the wait was ended by {}", name(.stream), interrupt.signal())]
    KeyboardInterrupt {
        /// The stream.
        stream: Stream,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// The path of the running program is not known.
    #[error("cannot find the running program: {}", innermost(.0))]
    Executable(io::Error),
    /// The handlers of SIGINT and SIGTERM cannot be installed.
    #[error("cannot handle SIGINT and SIGTERM: {0}")]
    Interrupts(io::Error),
    /// `io.UnsupportedOperation`: the stream cannot do this. The text is Python's.
    #[error("{0}")]
    UnsupportedOperation(&'static str),
    /// `ValueError`: the stream is closed, or an argument makes no sense.
    #[error("{0}")]
    Value(String),
    /// `UnicodeDecodeError`: what came in is no text. Nothing is lost: after `reconfigure` it can be read another way.
    #[error("{}: '{encoding}' codec cannot decode byte 0x{byte:02x} in position {position}", name(.stream))]
    UnicodeDecode {
        /// The stream.
        stream: Stream,
        /// Its encoding.
        encoding: &'static str,
        /// The first wrong byte.
        byte: u8,
        /// Where it is, in bytes from where the stream began (or was sought to).
        position: u64,
    },
    /// `UnicodeEncodeError`: the encoding has no such character. Nothing of the text was written.
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

    /// The name of Python's exception class: `"BrokenPipeError"`.
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

    /// `except OSError`: `io.UnsupportedOperation` derives from it too.
    pub fn is_os_error(&self) -> bool {
        matches!(self, Error::BrokenPipe { .. } | Error::Os { .. } | Error::Executable(_) | Error::UnsupportedOperation(_))
    }

    /// `OSError.errno`, where the machine gave one.
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
    /// For code that speaks `std::io`: the kind is kept, the error is its source.
    fn from(error: Error) -> io::Error {
        let kind = match &error {
            Error::BrokenPipe { source, .. }
            | Error::Os { source, .. }
            | Error::Executable(source)
            | Error::Interrupts(source) => source.kind(),
            // Not `Interrupted`: the standard library makes such a call again.
            Error::KeyboardInterrupt { .. } => io::ErrorKind::Other,
            Error::UnsupportedOperation(_) => io::ErrorKind::Unsupported,
            Error::UnicodeDecode { .. } | Error::UnicodeEncode { .. } => io::ErrorKind::InvalidData,
            Error::Value(_) => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, error)
    }
}

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
