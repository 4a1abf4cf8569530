//! Text to bytes and back: the encodings and error handlers of a standard stream.

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

/// What becomes of bytes that are no text, and of characters that the encoding lacks.
///
/// DIFFERENCE: there is no `surrogateescape`, as a Rust string holds no lone surrogates: read the bytes from
/// [`TextIo::buffer`](super::TextIo::buffer) instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Errors {
    /// `"strict"`: an error.
    Strict,
    /// `"ignore"`: they are left out. DIFFERENCE: lines are found before that, so a `\r` and a `\n` with nothing but such bytes
    /// between them end two lines.
    Ignore,
    /// `"replace"`: U+FFFD on the way in, `?` on the way out.
    Replace,
    /// `"backslashreplace"`: `\xff`, `\u20ac`.
    BackslashReplace,
    /// `"xmlcharrefreplace"`: `&#8364;`. On the way in there is no such thing: as `Strict`.
    XmlCharRefReplace,
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
        }
    }
}

/// Adds the bytes of a text, or gives the character that has none.
pub(super) fn encode(text: &str, encoding: Encoding, errors: Errors, out: &mut Vec<u8>) -> Result<(), char> {
    let highest = match encoding {
        Encoding::Utf8 => {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        Encoding::Ascii => 0x7f,
        Encoding::Latin1 => 0xff,
    };
    for c in text.chars() {
        let number = c as u32;
        match errors {
            _ if number <= highest => out.push(number as u8),
            Errors::Strict => return Err(c),
            Errors::Ignore => {}
            Errors::Replace => out.push(b'?'),
            Errors::XmlCharRefReplace => out.extend_from_slice(format!("&#{number};").as_bytes()),
            Errors::BackslashReplace => out.extend_from_slice(
                match number {
                    0..=0xff => format!("\\x{number:02x}"),
                    0x100..=0xffff => format!("\\u{number:04x}"),
                    _ => format!("\\U{number:08x}"),
                }
                .as_bytes(),
            ),
        }
    }
    Ok(())
}

/// Bytes that could not be decoded: how far it went, and what was wrong there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undecodable {
    pub(super) at: usize,
    pub(super) byte: u8,
}

/// The text of some bytes and how many of them it is; fewer than all only where `more` may come and the last character is not
/// whole yet.
pub(super) fn decode(bytes: &[u8], encoding: Encoding, errors: Errors, more: bool) -> Result<(String, usize), Undecodable> {
    // Mostly nothing is wrong with any of it.
    if encoding != Encoding::Latin1
        && let Ok(text) = std::str::from_utf8(bytes)
        && (encoding == Encoding::Utf8 || text.is_ascii())
    {
        return Ok((text.to_owned(), bytes.len()));
    }
    let mut text = String::with_capacity(bytes.len());
    if encoding == Encoding::Latin1 {
        text.extend(bytes.iter().map(|byte| char::from(*byte)));
        return Ok((text, bytes.len()));
    }
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let (good, wrong) = match encoding {
            Encoding::Ascii => {
                let good = rest.iter().take_while(|byte| byte.is_ascii()).count();
                (good, (good < rest.len()).then_some(1))
            }
            _ => match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), None),
                Err(error) => match error.error_len() {
                    Some(length) => (error.valid_up_to(), Some(length)),
                    None if more => {
                        let good = error.valid_up_to();
                        text.push_str(&String::from_utf8_lossy(rest.get(..good).unwrap_or(&[])));
                        return Ok((text, at + good));
                    }
                    None => (error.valid_up_to(), Some(rest.len() - error.valid_up_to())),
                },
            },
        };
        text.push_str(&String::from_utf8_lossy(rest.get(..good).unwrap_or(&[])));
        at += good;
        let Some(length) = wrong else { break };
        let wrong = bytes.get(at..at + length).unwrap_or(&[]);
        match errors {
            Errors::Strict | Errors::XmlCharRefReplace => {
                return Err(Undecodable { at, byte: wrong.first().copied().unwrap_or(0) });
            }
            Errors::Ignore => {}
            Errors::Replace => text.push('\u{fffd}'),
            Errors::BackslashReplace => wrong.iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}"))),
        }
        at += length;
    }
    Ok((text, at))
}
