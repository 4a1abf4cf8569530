//! Python's properties of single characters.

pub(super) mod charset;
pub(super) mod tables;

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

/// Returns the simple lower case.
pub(super) fn lower(c: u32) -> u32 {
    if c < 128 { ascii_lower(c) } else { mapped(tables::LOWER, c) }
}

/// Returns the simple upper case.
pub(super) fn upper(c: u32) -> u32 {
    mapped(tables::UPPER, c)
}

/// Returns the lower case of an ASCII letter; other characters are unchanged.
pub(super) fn ascii_lower(c: u32) -> u32 {
    if (65..=90).contains(&c) { c + 32 } else { c }
}

/// Returns true if a character has case.
pub(super) fn is_cased(c: u32) -> bool {
    lower(c) != c || upper(c) != c
}

/// Returns the other lower-case characters that match a lower-case character case-insensitively.
pub(super) fn extra_cases(c: u32) -> &'static [u32] {
    tables::EXTRA_CASES.binary_search_by_key(&c, |&(c, _)| c).map_or(&[], |found| tables::EXTRA_CASES[found].1)
}

/// Returns every character that has a different lower case, with it.
pub(super) fn lowered() -> impl Iterator<Item = (u32, u32)> {
    tables::LOWER.iter().flat_map(|&(first, last, step, difference)| {
        (first..=last).step_by(step as usize).map(move |c| (c, c.wrapping_add_signed(difference)))
    })
}

/// Returns the characters whose lower case is `c`, except `c`.
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

/// Returns the value of a decimal digit of any script.
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

/// Returns a character as `repr` escapes it.
pub(super) fn escape(c: char) -> String {
    match u32::from(c) {
        c @ 0..=0xff => format!("\\x{c:02x}"),
        c @ 0x100..=0xffff => format!("\\u{c:04x}"),
        c => format!("\\U{c:08x}"),
    }
}

/// Returns the character for a Unicode name or alias, like `unicodedata.lookup`: case-insensitive,
/// otherwise exact. In computed names, of ideographs and Hangul syllables, case matters too.
pub(super) fn named(name: &str) -> Option<char> {
    // Names contain only these characters, and unicode_names2 panics on some others.
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
        && name.as_bytes().first()?.is_ascii_alphanumeric()
        && name.len() <= LONGEST_NAME;
    if !is_name {
        return None;
    }
    let alias = ALIASES.binary_search_by_key(&name.to_ascii_uppercase().as_str(), |(alias, _)| *alias);
    if let Some((_, c)) = alias.ok().and_then(|at| ALIASES.get(at)) {
        return Some(*c);
    }
    // The crate also accepts names with misplaced spaces, hyphens and underscores, and aliases of a
    // later Unicode version.
    let c = unicode_names2::character(name)?;
    let official = unicode_names2::name(c)?.to_string();
    let same = match official.starts_with(IDEOGRAPH) {
        // Python accepts one leading zero.
        true => name.strip_prefix(IDEOGRAPH).is_some_and(|digits| {
            let hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
            hex && matches!(digits.len(), 4 | 5) && u32::from_str_radix(digits, 16) == Ok(u32::from(c))
        }),
        false if official.starts_with("HANGUL SYLLABLE ") => official == name,
        false => official.eq_ignore_ascii_case(name),
    };
    let known = within(tables::PRINTABLE, c.into()) || within(tables::NAMED_UNPRINTABLE, c.into());
    (same && known).then_some(c)
}

const IDEOGRAPH: &str = "CJK UNIFIED IDEOGRAPH-";

/// Longer than any name.
const LONGEST_NAME: usize = 128;

/// The aliases that Python knows, in order; written by `tests/oracle/re_aliases.py`.
static ALIASES: LazyLock<Vec<(&'static str, char)>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (alias, code) = line.split_once(';')?;
        Some((alias, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
    };
    let mut aliases: Vec<_> = include_str!("aliases.txt").lines().filter_map(line).collect();
    aliases.sort_unstable();
    aliases
});
