//! [`Encoding`]: one of Python's text encodings, by any of its names.

use super::errors::{Errors, escaped, may_hold_escapes};
#[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
use super::multi_byte;
use super::single_byte;
use super::wide::Order;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A text encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    /// UTF-8 that may begin with a byte order mark; writing makes one.
    Utf8Sig,
    Ascii,
    Latin1,
    Utf16(Order),
    Utf32(Order),
    /// A number of [`single_byte`].
    SingleByte(u8),
    /// A number of [`multi_byte`].
    #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
    MultiByte(u8),
}

/// The first bytes that are not text in the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// The offset of the first.
    pub(crate) at: usize,
    /// How many one replacement takes the place of.
    pub(crate) len: usize,
}

/// The first character that the encoding lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unencodable {
    pub(crate) character: char,
    /// Which character of the text it is; the first is 0.
    pub(crate) position: usize,
}

/// How decoding stopped.
pub(super) enum Step {
    /// At the end of the bytes.
    End,
    /// At so many wrong bytes.
    Wrong(usize),
    /// At so many bytes that are the beginning of a character, with which the bytes end.
    Cut(usize),
}

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Python's names: of each encoding its module's, and the others.
static NAMES: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("aliases.txt").lines().filter_map(|line| Some((line.split(' ').next()?, line)));
    lines.flat_map(|(module, line)| line.split(' ').skip(1).map(move |alias| (alias, module))).collect()
});

impl Encoding {
    /// By any of Python's names for it: letters and digits in any case, with anything between the words.
    pub(crate) fn named(name: &str) -> Option<Encoding> {
        match name {
            "utf-8" | "utf8" | "UTF-8" => return Some(Encoding::Utf8),
            _ if name.contains('\0') => return None,
            _ => {}
        }
        // `encodings.normalize_encoding`
        let words = name.split(|character: char| !character.is_ascii_alphanumeric() && character != '.');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let name = words.join("_").to_ascii_lowercase();
        // In an alias, and there alone, a dot is as good as anything else.
        let alias = NAMES.get(name.as_str()).or_else(|| NAMES.get(name.replace('.', "_").as_str()));
        Encoding::of_module(alias.copied().unwrap_or(&name))
    }

    /// By the name of Python's module `encodings.…`, or a spelling that Python knows without one.
    fn of_module(module: &str) -> Option<Encoding> {
        Some(match module {
            "utf_8" => Encoding::Utf8,
            "utf_8_sig" => Encoding::Utf8Sig,
            "ascii" | "ansi_x3.4_1986" | "iso_646.irv_1991" => Encoding::Ascii,
            "latin_1" => Encoding::Latin1,
            "utf_16" => Encoding::Utf16(Order::Marked),
            "utf_16_le" => Encoding::Utf16(Order::Little),
            "utf_16_be" => Encoding::Utf16(Order::Big),
            "utf_32" => Encoding::Utf32(Order::Marked),
            "utf_32_le" => Encoding::Utf32(Order::Little),
            "utf_32_be" => Encoding::Utf32(Order::Big),
            _ => {
                let single = single_byte::number(&module.replace('_', "-")).filter(|_| !module.contains('-'));
                #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
                if let Some(number) = multi_byte::number(module) {
                    return Some(Encoding::MultiByte(number));
                }
                return single.map(Encoding::SingleByte);
            }
        })
    }

    /// Python's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Sig => "utf-8-sig",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
            Encoding::Utf16(Order::Marked) => "utf-16",
            Encoding::Utf16(Order::Little) => "utf-16-le",
            Encoding::Utf16(Order::Big) => "utf-16-be",
            Encoding::Utf32(Order::Marked) => "utf-32",
            Encoding::Utf32(Order::Little) => "utf-32-le",
            Encoding::Utf32(Order::Big) => "utf-32-be",
            Encoding::SingleByte(number) => single_byte::table(number).map_or("charmap", |table| table.name),
            #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
            Encoding::MultiByte(number) => multi_byte::name(number).unwrap_or("multibyte"),
        }
    }

    /// The byte order mark that a new stream begins with; [`Encoding::encode`] writes none.
    pub(crate) fn mark(self) -> &'static [u8] {
        match self {
            Encoding::Utf8Sig => MARK,
            Encoding::Utf16(Order::Marked) => b"\xff\xfe",
            Encoding::Utf32(Order::Marked) => b"\xff\xfe\0\0",
            _ => b"",
        }
    }

    /// For the first bytes of a stream: the encoding that a byte order mark says, and the length of the mark. Without a mark it is this
    /// one and 0.
    pub(crate) fn begin(self, bytes: &[u8]) -> (Encoding, usize) {
        match (self, bytes) {
            (Encoding::Utf8Sig, [0xef, 0xbb, 0xbf, ..]) => (self, 3),
            (Encoding::Utf16(Order::Marked), [0xff, 0xfe, ..]) => (Encoding::Utf16(Order::Little), 2),
            (Encoding::Utf16(Order::Marked), [0xfe, 0xff, ..]) => (Encoding::Utf16(Order::Big), 2),
            (Encoding::Utf32(Order::Marked), [0xff, 0xfe, 0, 0, ..]) => (Encoding::Utf32(Order::Little), 4),
            (Encoding::Utf32(Order::Marked), [0, 0, 0xfe, 0xff, ..]) => (Encoding::Utf32(Order::Big), 4),
            _ => (self, 0),
        }
    }

    /// How long the longest mark is that [`Encoding::begin`] looks for.
    pub(crate) fn longest_mark(self) -> usize {
        self.mark().len()
    }

    /// How many bytes the smallest character has, where line ends cannot be found among the bytes: there `\n` is not one byte 10, or a byte 10
    /// is not always `\n`.
    #[cfg(feature = "os")]
    pub(crate) fn unit(self) -> Option<usize> {
        match self {
            Encoding::Utf16(_) => Some(2),
            Encoding::Utf32(_) => Some(4),
            Encoding::SingleByte(number) => single_byte::table(number).is_some_and(|table| !table.is_ascii).then_some(1),
            _ => None,
        }
    }

    fn is_utf8(self) -> bool {
        matches!(self, Encoding::Utf8 | Encoding::Utf8Sig)
    }

    /// ASCII text is the same bytes.
    fn is_ascii_compatible(self) -> bool {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig | Encoding::Ascii | Encoding::Latin1 => true,
            Encoding::Utf16(_) | Encoding::Utf32(_) => false,
            Encoding::SingleByte(number) => single_byte::table(number).is_some_and(|table| table.is_ascii),
            // iso2022_jp takes ASCII bytes for Japanese behind an escape.
            #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
            Encoding::MultiByte(_) => false,
        }
    }

    /// Whether the bytes are UTF-8, and as that the text that they mean: mostly they are.
    pub(crate) fn is_plain(self, bytes: &[u8]) -> bool {
        match self.is_utf8() {
            true => std::str::from_utf8(bytes).is_ok(),
            false => self.is_ascii_compatible() && bytes.is_ascii(),
        }
    }

    /// The text of some bytes. A byte order mark is not looked for: see [`Encoding::begin`].
    pub(crate) fn decode(self, bytes: Vec<u8>, errors: Errors) -> Result<String, Undecodable> {
        let bytes = match self.is_utf8() || (self.is_ascii_compatible() && bytes.is_ascii()) {
            true if errors == Errors::SurrogateEscape && may_hold_escapes(&bytes) => bytes,
            true => match String::from_utf8(bytes) {
                Ok(text) => return Ok(text),
                Err(error) => error.into_bytes(),
            },
            false => bytes,
        };
        let mut text = String::with_capacity(bytes.len());
        self.decode_to(&bytes, errors, false, &mut text)?;
        Ok(text)
    }

    /// Adds the text of some bytes, and gives how many bytes it is of: fewer than all only where `more` follow and the last
    /// character is not whole yet.
    pub(crate) fn decode_to(self, bytes: &[u8], errors: Errors, more: bool, out: &mut String) -> Result<usize, Undecodable> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let (good, step) = self.step(rest, errors, more, out);
            at += good;
            let len = match step {
                Step::End => return Ok(at),
                Step::Cut(_) if more => return Ok(at),
                Step::Cut(len) | Step::Wrong(len) => len,
            };
            let wrong = bytes.get(at..at + len).unwrap_or_default();
            at += errors.decode(wrong, out).ok_or(Undecodable { at, len })?;
        }
    }

    #[cfg_attr(not(any(feature = "bs4", feature = "requests", feature = "smtplib")), allow(unused_variables))]
    fn step(self, bytes: &[u8], errors: Errors, more: bool, out: &mut String) -> (usize, Step) {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => utf8(bytes, errors == Errors::SurrogateEscape, out),
            Encoding::Latin1 => {
                out.extend(bytes.iter().map(|byte| char::from(*byte)));
                (bytes.len(), Step::End)
            }
            Encoding::Ascii => one_by_one(bytes, |byte| byte.is_ascii().then_some(char::from(byte)), out),
            Encoding::SingleByte(number) => {
                let table = single_byte::table(number);
                one_by_one(bytes, |byte| table?.character(byte), out)
            }
            Encoding::Utf16(order) => order.decode16(bytes, out),
            Encoding::Utf32(order) => order.decode32(bytes, out),
            #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
            Encoding::MultiByte(number) => multi_byte::decode(number, bytes, out, more),
        }
    }

    /// The bytes of some text, without a byte order mark.
    pub(crate) fn encode(self, text: &str, errors: Errors) -> Result<Cow<'_, [u8]>, Unencodable> {
        let plain = match self.is_utf8() {
            true => !may_hold_escapes(text.as_bytes()),
            false => self.is_ascii_compatible() && text.is_ascii(),
        };
        if plain {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut bytes = Vec::with_capacity(text.len());
        self.encode_to(text, errors, &mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// Adds the bytes of some text, without a byte order mark.
    pub(crate) fn encode_to(self, text: &str, errors: Errors, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        if self.is_utf8() && !may_hold_escapes(text.as_bytes()) {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let (mut rest, mut position) = (text, 0);
        // As in Python's charmap, an error names the first of several characters in a row.
        let mut first: Option<Unencodable> = None;
        let in_a_row = matches!(self, Encoding::SingleByte(_));
        let escapes = errors == Errors::SurrogateEscape && !matches!(self, Encoding::Utf16(_) | Encoding::Utf32(_));
        loop {
            let (good, lacking) = self.encode_some(rest, out);
            let Some(character) = lacking else { return Ok(()) };
            position += rest.get(..good).unwrap_or_default().chars().count();
            let unencodable = first.filter(|_| good == 0 && in_a_row).unwrap_or(Unencodable { character, position });
            first = Some(unencodable);
            match escaped(character).filter(|_| escapes) {
                Some(byte) => out.push(byte),
                None => {
                    let instead = errors.encode(character).ok_or(unencodable)?;
                    if self.encode_some(&instead, out).1.is_some() {
                        return Err(unencodable);
                    }
                }
            }
            rest = rest.get(good + character.len_utf8()..).unwrap_or_default();
            position += 1;
        }
    }

    /// Adds the bytes up to the first character that the encoding lacks. Gives how many bytes of the text that are, and the character.
    fn encode_some(self, text: &str, out: &mut Vec<u8>) -> (usize, Option<char>) {
        let table = match self {
            Encoding::SingleByte(number) => single_byte::table(number),
            #[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
            Encoding::MultiByte(number) => {
                let escape = text.char_indices().find(|(_, character)| escaped(*character).is_some());
                let text = text.get(..escape.map_or(text.len(), |(at, _)| at)).unwrap_or_default();
                let (good, lacking) = multi_byte::encode(number, text, out);
                return (good, lacking.or(escape.map(|(_, character)| character)));
            }
            _ => None,
        };
        for (at, character) in text.char_indices() {
            let code = u32::from(character);
            let byte = match self {
                _ if escaped(character).is_some() => None,
                Encoding::Ascii => u8::try_from(code).ok().filter(u8::is_ascii),
                Encoding::Latin1 => u8::try_from(code).ok(),
                Encoding::Utf8 | Encoding::Utf8Sig => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    continue;
                }
                Encoding::Utf16(order) => {
                    order.encode16(character, out);
                    continue;
                }
                Encoding::Utf32(order) => {
                    order.encode32(character, out);
                    continue;
                }
                _ => table.and_then(|table| table.byte(character)),
            };
            match byte {
                Some(byte) => out.push(byte),
                None => return (at, Some(character)),
            }
        }
        (text.len(), None)
    }
}

/// UTF-8 up to the first wrong bytes. With `escapes`, the characters that keep wrong bytes are wrong bytes themselves: else they would not
/// come back as the bytes that they were.
fn utf8(bytes: &[u8], escapes: bool, out: &mut String) -> (usize, Step) {
    let (text, step) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, Step::End),
        Err(error) => {
            let left = bytes.len() - error.valid_up_to();
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (str::from_utf8(good).unwrap_or_default(), error.error_len().map_or(Step::Cut(left), Step::Wrong))
        }
    };
    let escape = if escapes { text.char_indices().find(|(_, character)| escaped(*character).is_some()) } else { None };
    match escape {
        Some((at, character)) => {
            out.push_str(text.get(..at).unwrap_or_default());
            (at, Step::Wrong(character.len_utf8()))
        }
        None => {
            out.push_str(text);
            (text.len(), step)
        }
    }
}

fn one_by_one(bytes: &[u8], character: impl Fn(u8) -> Option<char>, out: &mut String) -> (usize, Step) {
    for (at, byte) in bytes.iter().enumerate() {
        match character(*byte) {
            Some(character) => out.push(character),
            None => return (at, Step::Wrong(1)),
        }
    }
    (bytes.len(), Step::End)
}
