//! Encodings of one byte a character, from Python's own tables.

use std::sync::{LazyLock, OnceLock};

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let lines = include_str!("single_byte.txt").lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, digits)| Line { name, digits, table: OnceLock::new() }).collect()
});

struct Line {
    name: &'static str,
    digits: &'static str,
    table: OnceLock<Table>,
}

/// One encoding.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The character of each byte.
    characters: Vec<Option<char>>,
    /// The byte of each character, in order.
    bytes: Vec<(char, u8)>,
    /// ASCII is what it is, in both directions.
    pub(super) is_ascii: bool,
}

/// The number of the encoding with this name, with hyphens.
pub(super) fn number(name: &str) -> Option<u8> {
    LINES.iter().position(|line| line.name == name).and_then(|at| u8::try_from(at).ok())
}

/// The encoding of a number that [`number`] gave.
pub(super) fn table(number: u8) -> Option<&'static Table> {
    let line = LINES.get(usize::from(number))?;
    Some(line.table.get_or_init(|| Table::new(line)))
}

impl Table {
    fn new(line: &Line) -> Table {
        let digits = line.digits.as_bytes().chunks(4).map(|digits| str::from_utf8(digits).unwrap_or_default());
        let upper = digits.map(|digits| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        let mut characters: Vec<Option<char>> = upper.collect();
        if characters.len() == 128 {
            characters.splice(0..0, (0..128_u8).map(|byte| Some(char::from(byte))));
        }
        let numbered = characters.iter().zip(0..=255_u8);
        let mut bytes: Vec<(char, u8)> = numbered.filter_map(|(character, byte)| Some(((*character)?, byte))).collect();
        // Of two bytes with one character, Python writes the later one.
        bytes.sort_by_key(|(character, byte)| (*character, std::cmp::Reverse(*byte)));
        bytes.dedup_by_key(|(character, _)| *character);
        let mut table = Table { name: line.name, characters, bytes, is_ascii: false };
        table.is_ascii = (0..128_u8).all(|byte| {
            let character = char::from(byte);
            table.character(byte) == Some(character) && table.byte(character) == Some(byte)
        });
        table
    }

    pub(super) fn character(&self, byte: u8) -> Option<char> {
        self.characters.get(usize::from(byte)).copied().flatten()
    }

    pub(super) fn byte(&self, character: char) -> Option<u8> {
        let at = self.bytes.binary_search_by_key(&character, |(character, _)| *character).ok()?;
        self.bytes.get(at).map(|(_, byte)| *byte)
    }
}
