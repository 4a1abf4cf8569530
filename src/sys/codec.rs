//! Converts text to bytes and back: the encodings and error handlers of a standard stream.

use crate::text;

/// The encoding of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// `"utf-8"`, the default.
    Utf8,
    /// `"ascii"`
    Ascii,
    /// `"latin-1"`: each byte is the character of that number.
    Latin1,
}

impl Encoding {
    /// Python's name: `"utf-8"`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
        }
    }
}

/// How to handle bytes that cannot be decoded, and characters that cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Errors {
    /// `"strict"`: an error.
    Strict,
    /// `"ignore"`: they are left out. DIFFERENCE: lines are split before that, so a `\r` and a `\n`
    /// with only ignored bytes between them end two lines.
    Ignore,
    /// `"replace"`: U+FFFD when reading, `?` when writing.
    Replace,
    /// `"backslashreplace"`: `\xff`, `\u20ac`.
    BackslashReplace,
    /// `"xmlcharrefreplace"`: `&#8364;` when writing. When reading, same as `Strict`.
    XmlCharRefReplace,
    /// `"surrogateescape"`: bytes that cannot be decoded are kept, and written back unchanged.
    ///
    /// DIFFERENCE: a Rust string holds no lone surrogates: the byte is the private character U+10DC80 to U+10DCFF, not U+DC80 to U+DCFF.
    SurrogateEscape,
}

impl Errors {
    /// Python's name: `"strict"`.
    pub fn name(self) -> &'static str {
        match self {
            Errors::Strict => "strict",
            Errors::Ignore => "ignore",
            Errors::Replace => "replace",
            Errors::BackslashReplace => "backslashreplace",
            Errors::XmlCharRefReplace => "xmlcharrefreplace",
            Errors::SurrogateEscape => "surrogateescape",
        }
    }
}

impl From<Encoding> for text::Encoding {
    fn from(encoding: Encoding) -> text::Encoding {
        match encoding {
            Encoding::Utf8 => text::Encoding::Utf8,
            Encoding::Ascii => text::Encoding::Ascii,
            Encoding::Latin1 => text::Encoding::Latin1,
        }
    }
}

impl From<Errors> for text::Errors {
    fn from(errors: Errors) -> text::Errors {
        match errors {
            Errors::Strict => text::Errors::Strict,
            Errors::Ignore => text::Errors::Ignore,
            Errors::Replace => text::Errors::Replace,
            Errors::BackslashReplace => text::Errors::BackslashReplace,
            Errors::XmlCharRefReplace => text::Errors::XmlCharRefReplace,
            Errors::SurrogateEscape => text::Errors::SurrogateEscape,
        }
    }
}

/// Appends the encoded text, or returns the character that cannot be encoded.
pub(super) fn encode(text: &str, encoding: Encoding, errors: Errors, out: &mut Vec<u8>) -> Result<(), char> {
    text::Encoding::from(encoding).encode_to(text, errors.into(), out).map_err(|lacking| lacking.character)
}

/// Bytes that could not be decoded: the text before them, and the cause.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undecodable {
    pub(super) at: usize,
    pub(super) byte: u8,
}

/// Decodes bytes.
pub(super) fn decode(bytes: &[u8], encoding: Encoding, errors: Errors) -> Result<String, Undecodable> {
    let mut out = String::with_capacity(bytes.len());
    let decoded = text::Encoding::from(encoding).decode_to(bytes, errors.into(), false, &mut out);
    match decoded {
        Ok(_) => Ok(out),
        Err(wrong) => Err(Undecodable { at: wrong.at, byte: bytes.get(wrong.at).copied().unwrap_or(0) }),
    }
}
