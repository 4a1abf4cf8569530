//! The newlines of a text file, and the text file's codec: encoding, error handler and newlines together.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::codec::{Encoding, Errors, NoSuchCharacter};
use super::{Error, Result};

/// How a text file's bytes become text and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Codec {
    pub(super) encoding: Encoding,
    pub(super) errors: Errors,
    pub(super) newline: Newline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Newline {
    /// `None`: `\n`, `\r` and `\r\n` end a line and are read as `\n`.
    #[default]
    Universal,
    /// `""`: the same three end a line and are read as they are.
    Kept,
    /// Only this one ends a line, and `\n` is written as it.
    Lf,
    Cr,
    CrLf,
}

impl Newline {
    /// `None` is [`Newline::Universal`].
    pub(super) fn named(newline: &str) -> Result<Newline> {
        match newline {
            "" => Ok(Newline::Kept),
            "\n" => Ok(Newline::Lf),
            "\r" => Ok(Newline::Cr),
            "\r\n" => Ok(Newline::CrLf),
            _ => Err(Error::Value(format!("illegal newline value: {newline:?}"))),
        }
    }

    /// Whether a line whose beginning was seen ends at the beginning of what follows, and where there.
    pub(super) fn goes_on(self, line: &[u8], ahead: &[u8]) -> Option<usize> {
        match (self, line.last()?, ahead.first()?) {
            (Newline::Universal | Newline::Kept | Newline::CrLf, b'\r', b'\n') => Some(1),
            (Newline::Universal | Newline::Kept, b'\r', _) => Some(0),
            _ => None,
        }
    }

    /// The line without its newline.
    pub(super) fn strip(self, line: &str) -> &str {
        let ends: &[&str] = match self {
            Newline::Universal | Newline::Lf => &["\n"],
            Newline::Kept => &["\r\n", "\n", "\r"],
            Newline::Cr => &["\r"],
            Newline::CrLf => &["\r\n"],
        };
        ends.iter().find_map(|end| line.strip_suffix(end)).unwrap_or(line)
    }

    /// The end of the first line, its newline included. None: more bytes are needed to tell, unless these are the last.
    pub(super) fn line_end(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Newline::Lf => memchr(b'\n', bytes).map(|at| at + 1),
            Newline::Cr => memchr(b'\r', bytes).map(|at| at + 1),
            Newline::CrLf => memmem::find(bytes, b"\r\n").map(|at| at + 2),
            Newline::Universal | Newline::Kept => {
                let at = memchr2(b'\n', b'\r', bytes)?;
                match (bytes.get(at), bytes.get(at + 1)) {
                    (Some(b'\r'), None) => None,
                    (Some(b'\r'), Some(b'\n')) => Some(at + 2),
                    _ => Some(at + 1),
                }
            }
        }
    }

    /// A line as the caller shall see it: its newline translated, if it has one.
    pub(super) fn read_line(self, line: &mut Vec<u8>) {
        if self == Newline::Universal && line.pop_if(|last| *last == b'\r').is_some() {
            line.push(b'\n');
        } else if self == Newline::Universal && line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            line.push(b'\n');
        }
    }
}

impl Codec {
    /// The text of some bytes; `Err` is the offset of the first that is wrong.
    pub(super) fn decode(self, bytes: Vec<u8>) -> Result<String, usize> {
        if self.newline != Newline::Universal || memchr(b'\r', &bytes).is_none() {
            return self.encoding.decode(bytes, self.errors);
        }
        // On bytes, so that the text need not be copied a second time; but what is left out may stand between two halves of a newline.
        if self.encoding.is_plain(&bytes) {
            return self.encoding.decode(universal(&bytes), self.errors);
        }
        Ok(self.encoding.decode(bytes, self.errors)?.replace("\r\n", "\n").replace('\r', "\n"))
    }

    /// The bytes of some text.
    pub(super) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, NoSuchCharacter> {
        let end = match self.newline {
            Newline::Cr => "\r",
            Newline::CrLf => "\r\n",
            _ => return self.encoding.encode(text, self.errors),
        };
        if !text.contains('\n') {
            return self.encoding.encode(text, self.errors);
        }
        let text = text.replace('\n', end);
        self.encoding.encode(&text, self.errors).map(|bytes| Cow::Owned(bytes.into_owned()))
    }
}

fn universal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(b'\r', rest) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.push(b'\n');
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\r")).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
