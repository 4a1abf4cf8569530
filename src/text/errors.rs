//! Python's error handlers.

/// How to handle bytes that cannot be decoded, and characters that cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Errors {
    #[default]
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    /// Decoding has no such handler: it is `Strict` there, where Python has a `TypeError`.
    XmlCharRefReplace,
    SurrogateEscape,
}

/// What `surrogateescape` makes of the byte 0x80; the others follow.
const ESCAPE: u32 = 0x10_dc00;

impl Errors {
    /// By Python's name.
    pub(crate) fn named(name: &str) -> Option<Errors> {
        Some(match name {
            "strict" => Errors::Strict,
            "ignore" => Errors::Ignore,
            "replace" => Errors::Replace,
            "backslashreplace" => Errors::BackslashReplace,
            "xmlcharrefreplace" => Errors::XmlCharRefReplace,
            "surrogateescape" => Errors::SurrogateEscape,
            _ => return None,
        })
    }

    /// Adds what takes the place of wrong bytes, and gives how many of them it does. None: they are an error.
    pub(super) fn decode(self, wrong: &[u8], out: &mut String) -> Option<usize> {
        match self {
            Errors::Strict | Errors::XmlCharRefReplace => return None,
            Errors::Ignore => {}
            Errors::Replace => out.push(char::REPLACEMENT_CHARACTER),
            Errors::BackslashReplace => out.extend(wrong.iter().map(|byte| format!("\\x{byte:02x}"))),
            Errors::SurrogateEscape => {
                // As in Python, an ASCII byte is never escaped: it would come back as another text.
                let high = wrong.iter().take_while(|byte| !byte.is_ascii()).count();
                out.extend(wrong.iter().take(high).filter_map(|byte| char::from_u32(ESCAPE + u32::from(*byte))));
                return Some(high).filter(|high| *high > 0);
            }
        }
        Some(wrong.len())
    }

    /// The text that takes the place of a character; None: it is an error.
    pub(super) fn encode(self, character: char) -> Option<String> {
        let code = python_code(character);
        match self {
            Errors::Strict | Errors::SurrogateEscape => None,
            Errors::Ignore => Some(String::new()),
            Errors::Replace => Some("?".into()),
            Errors::XmlCharRefReplace => Some(format!("&#{code};")),
            Errors::BackslashReplace => Some(match code {
                0..0x100 => format!("\\x{code:02x}"),
                0x100..0x10000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            }),
        }
    }
}

/// The byte that a character of `surrogateescape` keeps.
pub(super) fn escaped(character: char) -> Option<u8> {
    u32::from(character).checked_sub(ESCAPE).and_then(|byte| u8::try_from(byte).ok()).filter(|byte| !byte.is_ascii())
}

/// Whether UTF-8 may hold a character of `surrogateescape`: it begins with this byte then.
pub(super) fn may_hold_escapes(text: &[u8]) -> bool {
    text.contains(&0xf4)
}

/// The number of the character, as Python has it.
fn python_code(character: char) -> u32 {
    escaped(character).map_or_else(|| u32::from(character), |byte| 0xdc00 + u32::from(byte))
}
