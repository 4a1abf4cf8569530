//! What Python says about single characters.

use super::tables;
use std::collections::HashMap;
use std::sync::LazyLock;

fn within(table: &[(u32, u32)], c: u32) -> bool {
    let after = table.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= table[after - 1].1
}

fn mapped(table: &[(u32, u32, u32, i32)], c: u32) -> u32 {
    let after = table.partition_point(|&(first, ..)| first <= c);
    match table[..after].last() {
        Some(&(first, last, step, difference)) if c <= last && (c - first).is_multiple_of(step) => {
            c.wrapping_add_signed(difference)
        }
        _ => c,
    }
}

/// The simple lower case.
pub(super) fn lower(c: u32) -> u32 {
    if c < 128 { ascii_lower(c) } else { mapped(tables::LOWER, c) }
}

/// The simple upper case.
pub(super) fn upper(c: u32) -> u32 {
    mapped(tables::UPPER, c)
}

/// The lower case of an ASCII letter; other characters stay.
pub(super) fn ascii_lower(c: u32) -> u32 {
    if (65..=90).contains(&c) { c + 32 } else { c }
}

/// Whether a character has case.
pub(super) fn is_cased(c: u32) -> bool {
    lower(c) != c || upper(c) != c
}

/// The other lower-case characters that match a lower-case character when case is ignored.
pub(super) fn extra_cases(c: u32) -> &'static [u32] {
    tables::EXTRA_CASES.binary_search_by_key(&c, |&(c, _)| c).map_or(&[], |found| tables::EXTRA_CASES[found].1)
}

/// Every character that has another lower case, with it.
pub(super) fn lowered() -> impl Iterator<Item = (u32, u32)> {
    tables::LOWER.iter().flat_map(|&(first, last, step, difference)| {
        (first..=last).step_by(step as usize).map(move |c| (c, c.wrapping_add_signed(difference)))
    })
}

/// The characters whose lower case is `c`, `c` aside.
pub(super) fn raised(c: u32) -> &'static [u32] {
    static RAISED: LazyLock<HashMap<u32, Vec<u32>>> = LazyLock::new(|| {
        let mut raised: HashMap<u32, Vec<u32>> = HashMap::new();
        lowered().for_each(|(c, lower)| raised.entry(lower).or_default().push(c));
        raised
    });
    RAISED.get(&c).map_or(&[], Vec::as_slice)
}

/// `\w` of a str pattern.
#[inline]
pub(super) fn is_word(c: u32) -> bool {
    if c < 128 { is_ascii_word(c) } else { within(tables::WORD, c) }
}

/// `\w` in ASCII.
#[inline]
pub(super) fn is_ascii_word(c: u32) -> bool {
    const WORD: [u32; 4] = [0, 0x03ff_0000, 0x87ff_fffe, 0x07ff_fffe];
    c < 128 && WORD[c as usize / 32] >> (c % 32) & 1 == 1
}

/// `str.isalpha()` of one character.
pub(super) fn is_alpha(c: char) -> bool {
    within(tables::ALPHA, c.into())
}

/// `str.isidentifier()`.
pub(super) fn is_identifier(name: &[char]) -> bool {
    name.split_first().is_some_and(|(&first, rest)| {
        within(tables::ID_START, first.into()) && rest.iter().all(|&c| within(tables::ID_CONTINUE, c.into()))
    })
}

/// The value of a decimal digit of any script.
pub(super) fn decimal(c: char) -> Option<u32> {
    let c = u32::from(c);
    let after = tables::DIGIT.partition_point(|&(first, _)| first <= c);
    tables::DIGIT[..after].last().filter(|&&(_, last)| c <= last).map(|&(first, _)| (c - first) % 10)
}

/// `str.isspace()` of one character.
pub(super) fn is_space(c: char) -> bool {
    within(tables::SPACE, c.into())
}

/// `repr()` of a string.
pub(super) fn repr(text: &[char]) -> String {
    let quote = if text.contains(&'\'') && !text.contains(&'"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for &c in text {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if within(tables::PRINTABLE, c.into()) => out.push(c),
            c => out.push_str(&escape(c)),
        }
    }
    out.push(quote);
    out
}

/// A character as `repr` escapes it.
pub(super) fn escape(c: char) -> String {
    match u32::from(c) {
        c @ 0..=0xff => format!("\\x{c:02x}"),
        c @ 0x100..=0xffff => format!("\\u{c:04x}"),
        c => format!("\\U{c:08x}"),
    }
}

/// The character of a Unicode name, as `unicodedata.lookup` finds it: letter case does not count, all else does.
pub(super) fn named(name: &str) -> Option<char> {
    let c = unicode_names2::character(name)?;
    let known = within(tables::PRINTABLE, c.into()) || within(tables::NAMED_UNPRINTABLE, c.into());
    // The crate also takes names with spaces, hyphens and underscores astray. An alias has no official spelling to compare with.
    let spelling = unicode_names2::name(c).is_some_and(|official| official.to_string().eq_ignore_ascii_case(name));
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"- ()".contains(&b)) && name.trim() == name && !name.contains("  ");
    let alias = || {
        let squeezed = |name: &str| name.replace([' ', '-', '_'], "").to_ascii_uppercase();
        unicode_names2::name(c).is_none_or(|official| squeezed(&official.to_string()) != squeezed(name))
    };
    (known && (spelling || (plain && alias()))).then_some(c)
}
