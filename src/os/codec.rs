//! Text and bytes: the encodings, error handlers and newlines of Python's `open`.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::{Error, Result};

/// How a text file's bytes become text and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Codec {
    pub(super) encoding: Encoding,
    pub(super) errors: Errors,
    pub(super) newline: Newline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    #[default]
    Utf8,
    /// UTF-8 whose first three bytes may be a byte order mark; writing makes one.
    Utf8Sig,
    Ascii,
    Latin1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Errors {
    #[default]
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
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

/// U+FEFF in UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The first bytes that are wrong: where, and how many of them one replacement stands for.
struct Wrong {
    at: usize,
    len: usize,
}

/// A text that cannot be written: which character, and where.
pub(super) struct NoSuchCharacter(pub(super) char, pub(super) usize);

impl Encoding {
    /// Python's names for it, in any case, `_` and spaces being `-`.
    pub(super) fn named(name: &str) -> Result<Encoding> {
        match name.to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Ok(Encoding::Utf8),
            "utf-8-sig" => Ok(Encoding::Utf8Sig),
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Ok(Encoding::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" | "latin" | "cp819" => Ok(Encoding::Latin1),
            _ => Err(Error::Value(format!("unknown encoding: {name}"))),
        }
    }

    /// Python's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Sig => "utf-8-sig",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
        }
    }

    fn first_wrong(self, bytes: &[u8]) -> Option<Wrong> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => std::str::from_utf8(bytes).err().map(|error| Wrong {
                at: error.valid_up_to(),
                len: error.error_len().unwrap_or(bytes.len() - error.valid_up_to()),
            }),
            Encoding::Ascii => bytes.iter().position(|byte| !byte.is_ascii()).map(|at| Wrong { at, len: 1 }),
            Encoding::Latin1 => None,
        }
    }

    /// The last code point that it has, less one: `None` for all of them.
    fn limit(self) -> Option<u32> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => None,
            Encoding::Ascii => Some(0x80),
            Encoding::Latin1 => Some(0x100),
        }
    }
}

impl Errors {
    /// By Python's name.
    pub(super) fn named(name: &str) -> Result<Errors> {
        match name {
            "strict" => Ok(Errors::Strict),
            "ignore" => Ok(Errors::Ignore),
            "replace" => Ok(Errors::Replace),
            "backslashreplace" => Ok(Errors::BackslashReplace),
            _ => Err(Error::Value(format!("unknown error handler name '{name}'"))),
        }
    }
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
    pub(super) fn decode(self, mut bytes: Vec<u8>) -> Result<String, usize> {
        if self.encoding == Encoding::Latin1 && !bytes.is_ascii() {
            return Ok(self.read_newlines(bytes.into_iter().map(char::from).collect()));
        }
        if self.encoding == Encoding::Ascii
            && let Some(wrong) = self.encoding.first_wrong(&bytes)
        {
            return match self.errors {
                Errors::Strict => Err(wrong.at),
                _ => Ok(self.read_newlines(self.mend(&bytes))),
            };
        }
        if self.newline == Newline::Universal && memchr(b'\r', &bytes).is_some() {
            // On bytes, so that the text need not be copied a second time. The errors' offsets are those of the file still.
            if self.errors == Errors::Strict
                && let Some(wrong) = self.encoding.first_wrong(&bytes)
            {
                return Err(wrong.at);
            }
            bytes = universal(&bytes);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(error) if self.errors == Errors::Strict => Err(error.utf8_error().valid_up_to()),
            Err(error) => Ok(self.mend(error.as_bytes())),
        }
    }

    fn mend(self, mut bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        while let Some(wrong) = self.encoding.first_wrong(bytes) {
            let (good, rest) = bytes.split_at(wrong.at);
            let (bad, rest) = rest.split_at(wrong.len);
            text.push_str(&String::from_utf8_lossy(good));
            match self.errors {
                Errors::Strict | Errors::Ignore => {}
                Errors::Replace => text.push('\u{fffd}'),
                Errors::BackslashReplace => text.extend(bad.iter().map(|byte| format!("\\x{byte:02x}"))),
            }
            bytes = rest;
        }
        text.push_str(&String::from_utf8_lossy(bytes));
        text
    }

    fn read_newlines(self, text: String) -> String {
        if self.newline == Newline::Universal && text.contains('\r') {
            return text.replace("\r\n", "\n").replace('\r', "\n");
        }
        text
    }

    /// The bytes of some text.
    pub(super) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, NoSuchCharacter> {
        let text = match self.newline {
            Newline::Cr if text.contains('\n') => Cow::Owned(text.replace('\n', "\r")),
            Newline::CrLf if text.contains('\n') => Cow::Owned(text.replace('\n', "\r\n")),
            _ => Cow::Borrowed(text),
        };
        let Some(limit) = self.encoding.limit().filter(|_| !text.is_ascii()) else {
            return Ok(match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            });
        };
        let mut bytes = Vec::with_capacity(text.len());
        for (position, character) in text.chars().enumerate() {
            let code = u32::from(character);
            match u8::try_from(code).ok().filter(|_| code < limit) {
                Some(byte) => bytes.push(byte),
                None => match self.errors {
                    Errors::Strict => return Err(NoSuchCharacter(character, position)),
                    Errors::Ignore => {}
                    Errors::Replace => bytes.push(b'?'),
                    Errors::BackslashReplace => bytes.extend_from_slice(backslash(code).as_bytes()),
                },
            }
        }
        Ok(Cow::Owned(bytes))
    }
}

fn backslash(code: u32) -> String {
    match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x10000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
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
