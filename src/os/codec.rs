//! Text and bytes: the encodings and error handlers of Python's `open` and `subprocess`.

use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    /// UTF-8 whose first three bytes may be a byte order mark; writing makes one.
    Utf8Sig,
    Ascii,
    Latin1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Errors {
    #[default]
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    /// Of bytes there is no such thing: as `Strict`, where Python has a `TypeError`.
    XmlCharRefReplace,
}

/// U+FEFF in UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The first bytes that are wrong: where, and how many of them one replacement stands for.
struct Wrong {
    at: usize,
    len: usize,
}

/// A text that cannot be written: which character, and where.
pub(crate) struct NoSuchCharacter(pub(crate) char, pub(crate) usize);

impl Encoding {
    /// By any of Python's names for it: letters and digits in any case, whatever else stands between them.
    pub(crate) fn named(name: &str) -> Option<Encoding> {
        if name.contains('\0') {
            return None;
        }
        let words = name.split(|character: char| !character.is_ascii_alphanumeric() && character != '.');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let name = words.join("_").to_ascii_lowercase();
        match name.as_str() {
            "utf_8" => Some(Encoding::Utf8),
            "utf_8_sig" => Some(Encoding::Utf8Sig),
            "ascii" | "ansi_x3.4_1986" | "iso_646.irv_1991" => Some(Encoding::Ascii),
            "latin_1" => Some(Encoding::Latin1),
            // In an alias, and there alone, a dot is as good as anything else.
            _ => match name.replace('.', "_").as_str() {
                "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => Some(Encoding::Utf8),
                "646" | "ansi_x3_4_1968" | "cp367" | "csascii" | "ibm367" | "iso646_us" | "iso_ir_6" | "us" | "us_ascii" => {
                    Some(Encoding::Ascii)
                }
                "8859" | "cp819" | "csisolatin1" | "ibm819" | "iso8859" | "iso8859_1" | "iso_8859_1" | "iso_8859_1_1987"
                | "iso_ir_100" | "l1" | "latin" | "latin1" => Some(Encoding::Latin1),
                _ => None,
            },
        }
    }

    /// Python's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Sig => "utf-8-sig",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
        }
    }

    /// The bytes are UTF-8, and as that the text that they stand for: mostly they are.
    pub(crate) fn is_plain(self, bytes: &[u8]) -> bool {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => std::str::from_utf8(bytes).is_ok(),
            Encoding::Ascii | Encoding::Latin1 => bytes.is_ascii(),
        }
    }

    /// The text of some bytes; `Err` is the offset of the first that is wrong. Who reads a file knows where its byte order mark may be.
    pub(crate) fn decode(self, bytes: Vec<u8>, errors: Errors) -> Result<String, usize> {
        match self {
            Encoding::Latin1 if !bytes.is_ascii() => Ok(bytes.into_iter().map(char::from).collect()),
            Encoding::Ascii if !bytes.is_ascii() => self.mend(&bytes, errors),
            _ => match String::from_utf8(bytes) {
                Ok(text) => Ok(text),
                Err(error) => self.mend(error.as_bytes(), errors),
            },
        }
    }

    fn mend(self, mut bytes: &[u8], errors: Errors) -> Result<String, usize> {
        let mut text = String::with_capacity(bytes.len());
        let length = bytes.len();
        while let Some(wrong) = self.first_wrong(bytes) {
            let (good, rest) = bytes.split_at(wrong.at);
            let (bad, rest) = rest.split_at(wrong.len);
            text.push_str(&String::from_utf8_lossy(good));
            match errors {
                Errors::Strict | Errors::XmlCharRefReplace => return Err(length - bytes.len() + wrong.at),
                Errors::Ignore => {}
                Errors::Replace => text.push(char::REPLACEMENT_CHARACTER),
                Errors::BackslashReplace => text.extend(bad.iter().map(|byte| format!("\\x{byte:02x}"))),
            }
            bytes = rest;
        }
        text.push_str(&String::from_utf8_lossy(bytes));
        Ok(text)
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

    /// The bytes of some text, without a byte order mark.
    pub(crate) fn encode(self, text: &str, errors: Errors) -> Result<Cow<'_, [u8]>, NoSuchCharacter> {
        let limit = match self {
            Encoding::Utf8 | Encoding::Utf8Sig => None,
            Encoding::Ascii => Some(0x80),
            Encoding::Latin1 => Some(0x100),
        };
        let Some(limit) = limit.filter(|_| !text.is_ascii()) else { return Ok(Cow::Borrowed(text.as_bytes())) };
        let mut bytes = Vec::with_capacity(text.len());
        for (position, character) in text.chars().enumerate() {
            let code = u32::from(character);
            match u8::try_from(code).ok().filter(|_| code < limit) {
                Some(byte) => bytes.push(byte),
                None => match errors {
                    Errors::Strict => return Err(NoSuchCharacter(character, position)),
                    Errors::Ignore => {}
                    Errors::Replace => bytes.push(b'?'),
                    Errors::BackslashReplace => bytes.extend_from_slice(backslash(code).as_bytes()),
                    Errors::XmlCharRefReplace => bytes.extend_from_slice(format!("&#{code};").as_bytes()),
                },
            }
        }
        Ok(Cow::Owned(bytes))
    }
}

impl Errors {
    /// By Python's name.
    pub(crate) fn named(name: &str) -> Option<Errors> {
        match name {
            "strict" => Some(Errors::Strict),
            "ignore" => Some(Errors::Ignore),
            "replace" => Some(Errors::Replace),
            "backslashreplace" => Some(Errors::BackslashReplace),
            "xmlcharrefreplace" => Some(Errors::XmlCharRefReplace),
            _ => None,
        }
    }
}

fn backslash(code: u32) -> String {
    match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x10000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}
