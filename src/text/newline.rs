//! The newlines of a text file, and the text file's codec: encoding, error handler and newlines together.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::{Encoding, Errors, Undecodable, Unencodable};

/// How a text file's bytes become text and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Codec {
    pub(crate) encoding: Encoding,
    pub(crate) errors: Errors,
    pub(crate) newline: Newline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Newline {
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
    pub(crate) fn named(newline: &str) -> Option<Newline> {
        match newline {
            "" => Some(Newline::Kept),
            "\n" => Some(Newline::Lf),
            "\r" => Some(Newline::Cr),
            "\r\n" => Some(Newline::CrLf),
            _ => None,
        }
    }

    /// Whether a line whose beginning was seen ends at the beginning of what follows, and where there.
    pub(crate) fn goes_on(self, line: &[u8], ahead: &[u8]) -> Option<usize> {
        match (self, line.last()?, ahead.first()?) {
            (Newline::Universal | Newline::Kept | Newline::CrLf, b'\r', b'\n') => Some(1),
            (Newline::Universal | Newline::Kept, b'\r', _) => Some(0),
            _ => None,
        }
    }

    /// The line without its newline.
    pub(crate) fn strip(self, line: &str) -> &str {
        let ends: &[&str] = match self {
            Newline::Universal | Newline::Lf => &["\n"],
            Newline::Kept => &["\r\n", "\n", "\r"],
            Newline::Cr => &["\r"],
            Newline::CrLf => &["\r\n"],
        };
        ends.iter().find_map(|end| line.strip_suffix(end)).unwrap_or(line)
    }

    /// The end of the first line, its newline included. None: more bytes are needed to tell, unless these are the last.
    pub(crate) fn line_end(self, bytes: &[u8]) -> Option<usize> {
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

    /// A line as its reader sees it: its newline translated, if it has one.
    pub(crate) fn read_line(self, line: &mut Vec<u8>) {
        if self == Newline::Universal && line.pop_if(|last| *last == b'\r').is_some() {
            line.push(b'\n');
        } else if self == Newline::Universal && line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            line.push(b'\n');
        }
    }
}

impl Codec {
    /// The text of some bytes, without a byte order mark.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> Result<String, Undecodable> {
        if self.newline != Newline::Universal || (self.encoding.unit().is_none() && memchr(b'\r', &bytes).is_none()) {
            return self.encoding.decode(bytes, self.errors);
        }
        // On bytes, so that the text need not be copied a second time; but what is left out may stand between two halves of a newline.
        if self.encoding.is_plain(&bytes) {
            return self.encoding.decode(universal(&bytes), self.errors);
        }
        self.encoding.decode(bytes, self.errors).map(universal_text)
    }

    /// The bytes of some text.
    pub(crate) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, Unencodable> {
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

/// `\r\n` and `\r` as `\n`.
pub(crate) fn universal_text(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
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
