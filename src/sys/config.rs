//! How a stream makes text of bytes: [`Newline`] and [`Reconfigure`].

use super::codec::{Encoding, Errors};

/// What ends a line: Python's argument `newline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newline {
    /// `None`: `\n`, `\r` and `\r\n` end a line that comes in, and become `\n`. What goes out stays as it is.
    Universal,
    /// `""`: the same three, and they stay as they are.
    Any,
    /// `"\n"`
    Lf,
    /// `"\r"`; a `\n` that goes out becomes it.
    Cr,
    /// `"\r\n"`; a `\n` that goes out becomes it.
    CrLf,
}

/// What [`TextIo::reconfigure`](super::TextIo::reconfigure) changes; what is not named stays.
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
    /// Changes nothing yet.
    pub fn new() -> Reconfigure {
        Reconfigure::default()
    }

    /// The encoding; its error handler becomes strict, unless [`Reconfigure::errors`] names one.
    pub fn encoding(self, encoding: Encoding) -> Reconfigure {
        Reconfigure { encoding: Some(encoding), ..self }
    }

    /// The error handler.
    pub fn errors(self, errors: Errors) -> Reconfigure {
        Reconfigure { errors: Some(errors), ..self }
    }

    /// What ends a line.
    pub fn newline(self, newline: Newline) -> Reconfigure {
        Reconfigure { newline: Some(newline), ..self }
    }

    /// Flush behind each line.
    pub fn line_buffering(self, line_buffering: bool) -> Reconfigure {
        Reconfigure { line_buffering: Some(line_buffering), ..self }
    }

    /// Flush behind each write.
    pub fn write_through(self, write_through: bool) -> Reconfigure {
        Reconfigure { write_through: Some(write_through), ..self }
    }
}
