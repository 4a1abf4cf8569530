//! How a stream converts between text and bytes: [`Newline`] and [`Reconfigure`].

use super::codec::{Encoding, Errors};

/// What ends a line: Python's argument `newline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newline {
    /// `None`: `\n`, `\r` and `\r\n` end a line and are read as `\n`. Written text is unchanged.
    Universal,
    /// `""`: the same three end a line, and are kept.
    Any,
    /// `"\n"`
    Lf,
    /// `"\r"`. A written `\n` becomes `\r`.
    Cr,
    /// `"\r\n"`. A written `\n` becomes `\r\n`.
    CrLf,
}

/// The settings that [`TextIo::reconfigure`](super::TextIo::reconfigure) changes. Settings that are
/// not named stay.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "pass it to `reconfigure`"]
pub struct Reconfigure {
    pub(super) encoding: Option<Encoding>,
    pub(super) errors: Option<Errors>,
    pub(super) newline: Option<Newline>,
    pub(super) line_buffering: Option<bool>,
    pub(super) write_through: Option<bool>,
}

impl Reconfigure {
    /// Creates a value that changes nothing.
    pub fn new() -> Reconfigure {
        Reconfigure::default()
    }

    /// Sets the encoding. The error handler becomes `strict`, unless [`Reconfigure::errors`] sets
    /// another.
    pub fn encoding(self, encoding: Encoding) -> Reconfigure {
        Reconfigure { encoding: Some(encoding), ..self }
    }

    /// Sets the error handler.
    pub fn errors(self, errors: Errors) -> Reconfigure {
        Reconfigure { errors: Some(errors), ..self }
    }

    /// Sets the line end.
    pub fn newline(self, newline: Newline) -> Reconfigure {
        Reconfigure { newline: Some(newline), ..self }
    }

    /// Flushes after each line.
    pub fn line_buffering(self, line_buffering: bool) -> Reconfigure {
        Reconfigure { line_buffering: Some(line_buffering), ..self }
    }

    /// Flushes after each write.
    pub fn write_through(self, write_through: bool) -> Reconfigure {
        Reconfigure { write_through: Some(write_through), ..self }
    }
}
