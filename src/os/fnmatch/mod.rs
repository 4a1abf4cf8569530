//! `fnmatch`: matches file names with shell patterns.
//!
//! ```
//! use leyden::os::fnmatch::{filter, fnmatch};
//! assert!(fnmatch("report-2024.csv", "report-[0-9]*.csv"));
//! assert_eq!(filter(["a.rs", "b.py", "c.rs"], "*.rs"), ["a.rs", "c.rs"]);
//! ```
//!
//! `*` matches everything, `?` one character, `[seq]` one character of `seq` (`a-z` is a range),
//! `[!seq]` one that is not in it. A `[` without its `]` matches itself; the only escape is `[*]`.
//! A leading dot and `/` have no special meaning: see
//! [`glob`](https://docs.python.org/3/library/glob.html) for patterns of paths.
//!
//! These are Python's [`fnmatch`](https://docs.python.org/3/library/fnmatch.html) functions, with
//! the same results. Patterns are not compiled or cached, and the time is at most proportional to
//! the product of both lengths.
//!
//! | Python | leyden |
//! |---|---|
//! | `fnmatch(name, pat)`, `fnmatchcase(name, pat)` | [`fnmatch`], [`fnmatchcase`]; the same thing on a file system that knows case |
//! | `filter(names, pat)` | [`filter`] |
//! | `translate(pat)` | [`translate`]: the regular expression, for the `re` battery |
//!
//! DIFFERENCE: names and patterns may mix text and bytes. Bytes that are not UTF-8 count as one
//! character each, as in Python's strings for such names.

use super::text;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

mod translate;
pub use translate::translate;

/// Returns true if the whole of `name` matches `pattern`.
#[doc(alias = "fnmatch.fnmatch")]
pub fn fnmatch(name: impl AsRef<OsStr>, pattern: impl AsRef<OsStr>) -> bool {
    Pattern::new(pattern.as_ref().as_bytes()).matches(name.as_ref().as_bytes())
}

/// Returns true if the whole of `name` matches `pattern`, case-sensitively (as does [`fnmatch()`]
/// here).
#[doc(alias = "fnmatch.fnmatchcase")]
pub fn fnmatchcase(name: impl AsRef<OsStr>, pattern: impl AsRef<OsStr>) -> bool {
    fnmatch(name, pattern)
}

/// Returns the `names` that match `pattern`, in order.
#[doc(alias = "fnmatch.filter")]
pub fn filter<N: AsRef<OsStr>>(names: impl IntoIterator<Item = N>, pattern: impl AsRef<OsStr>) -> Vec<N> {
    let pattern = Pattern::new(pattern.as_ref().as_bytes());
    names.into_iter().filter(|name| pattern.matches(name.as_ref().as_bytes())).collect()
}

/// A pattern split at its stars. The text before the first and after the last star can match at one
/// place only.
struct Pattern<'a> {
    head: &'a [u8],
    /// From the first star to the last, both included; empty if there is none.
    middle: &'a [u8],
    tail: &'a [u8],
    /// The number of characters that the tail matches.
    tail_chars: usize,
    /// Whether head and tail are plain ASCII, to be compared directly.
    literal: bool,
}

impl<'a> Pattern<'a> {
    fn new(pattern: &'a [u8]) -> Pattern<'a> {
        let last_close = pattern.iter().rposition(|byte| *byte == b']');
        let mut stars = None;
        let (mut at, mut tail_chars) = (0, 0);
        while let Some(byte) = pattern.get(at) {
            if *byte == b'*' {
                stars = Some((stars.map_or(at, |(first, _)| first), at));
                (at, tail_chars) = (at + 1, 0);
            } else {
                at += element(pattern, at, last_close);
                tail_chars += 1;
            }
        }
        let (first, last) = stars.unwrap_or((pattern.len(), pattern.len()));
        let (head, rest) = pattern.split_at(first);
        let (middle, tail) = rest.split_at((last + 1 - first).min(rest.len()));
        let plain = |segment: &[u8]| segment.iter().all(|byte| byte.is_ascii() && !matches!(byte, b'?' | b'['));
        Pattern { head, middle, tail, tail_chars, literal: plain(head) && plain(tail) }
    }

    fn matches(&self, name: &[u8]) -> bool {
        if self.literal && !self.middle.is_empty() {
            let between = name.strip_prefix(self.head).and_then(|rest| rest.strip_suffix(self.tail));
            return between.is_some_and(|between| self.middle.len() == 1 || starred(between, self.middle));
        }
        let Some(rest) = fixed(name, self.head) else { return false };
        if self.middle.is_empty() {
            return rest.is_empty();
        }
        let chars = if rest.is_ascii() { rest.len() } else { count(rest) };
        let Some(free) = chars.checked_sub(self.tail_chars) else { return false };
        let (between, end) = rest.split_at(skip_chars(rest, free));
        fixed(end, self.tail).is_some_and(<[u8]>::is_empty) && (self.middle.len() == 1 || starred(between, self.middle))
    }
}

fn count(mut text: &[u8]) -> usize {
    let mut chars = 0;
    while let Some((_, len)) = text::first(text) {
        text = text.get(len..).unwrap_or_default();
        chars += 1;
    }
    chars
}

/// Returns the length in bytes of the first `chars` characters.
fn skip_chars(text: &[u8], chars: usize) -> usize {
    if text.is_ascii() {
        return chars;
    }
    (0..chars).fold(0, |at, _| at + text.get(at..).and_then(text::first).map_or(0, |(_, len)| len))
}

/// Matches a pattern without stars at the start of the name, and returns the rest of the name.
fn fixed<'a>(mut name: &'a [u8], pattern: &[u8]) -> Option<&'a [u8]> {
    let last_close = pattern.iter().rposition(|byte| *byte == b']');
    let mut p = 0;
    while let Some(b) = pattern.get(p) {
        let (in_name, in_pattern) = match name.first() {
            Some(a) if *a < 0x80 && *b < 0x80 && !matches!(b, b'?' | b'[') => (a == b).then_some((1, 1))?,
            _ => one(name, 0, pattern, p, last_close)?,
        };
        name = name.get(in_name..)?;
        p += in_pattern;
    }
    Some(name)
}

/// Returns the length in bytes of the pattern element at this place, which is not a star.
fn element(pattern: &[u8], at: usize, last_close: Option<usize>) -> usize {
    match pattern.get(at..) {
        Some(rest @ [b'[', after @ ..]) => set_end(after, at + 1, last_close).map_or(1, |end| end + 2).min(rest.len()),
        Some(rest) => text::first(rest).map_or(1, |(_, len)| len),
        None => 1,
    }
}

/// Returns the end of a set, given the text after its `[` (which is before `at`), if it is closed.
/// A `]` directly after `[` or `[!` is a member.
fn set_end(after: &[u8], at: usize, last_close: Option<usize>) -> Option<usize> {
    let skip = usize::from(after.first() == Some(&b'!'));
    let skip = skip + usize::from(after.get(skip) == Some(&b']'));
    last_close.filter(|close| *close >= at + skip)?;
    Some(skip + after.get(skip..)?.iter().position(|byte| *byte == b']')?)
}

/// Uses two cursors. On a mismatch the last `*` takes one more character. Earlier ones never need
/// to be tried again, because the text between them was matched as early as possible.
fn starred(name: &[u8], pattern: &[u8]) -> bool {
    let last_close = pattern.iter().rposition(|byte| *byte == b']');
    let (mut n, mut p) = (0, 0);
    let mut retry = None; // (name, pattern) cursors from which the last `*` can be resumed
    loop {
        let advanced = match (name.get(n), pattern.get(p)) {
            (_, Some(b'*')) => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                retry = Some((n, p));
                continue;
            }
            (None, None) => return true,
            (None, Some(_)) => return false, // fewer characters are left than when the last `*` began
            (Some(_), None) => None,
            (Some(a), Some(b)) if *a < 0x80 && *b < 0x80 && !matches!(b, b'?' | b'[') => (a == b).then_some((1, 1)),
            (Some(_), Some(_)) => one(name, n, pattern, p, last_close),
        };
        match (advanced, &mut retry) {
            (Some((in_name, in_pattern)), _) => {
                n += in_name;
                p += in_pattern;
            }
            (None, None) => return false,
            (None, Some((from, after_star))) => {
                *from += skip(name, *from, pattern.get(*after_star));
                n = *from;
                p = *after_star;
            }
        }
    }
}

/// Returns how far a `*` may advance: one character, or directly to the next place where an ASCII
/// literal after it can match.
fn skip(name: &[u8], from: usize, literal: Option<&u8>) -> usize {
    let rest = name.get(from..).unwrap_or_default();
    let step = text::first(rest).map_or(1, |(_, len)| len);
    match literal {
        Some(byte) if *byte < 0x80 && !matches!(byte, b'?' | b'[') => {
            let ahead = rest.get(step..).unwrap_or_default();
            step + ahead.iter().position(|other| other == byte).unwrap_or(ahead.len())
        }
        _ => step,
    }
}

/// Matches one character with a pattern element other than `*`. Returns the lengths of both on
/// success.
fn one(name: &[u8], n: usize, pattern: &[u8], p: usize, last_close: Option<usize>) -> Option<(usize, usize)> {
    let (c, in_name) = text::first(name.get(n..)?)?;
    let rest = pattern.get(p..)?;
    match rest {
        [b'?', ..] => Some((in_name, 1)),
        [b'[', after @ ..] => {
            let Some(end) = set_end(after, p + 1, last_close) else { return (c == u32::from(b'[')).then_some((in_name, 1)) };
            in_set(after.get(..end)?, c).then_some((in_name, end + 2))
        }
        _ => {
            let (expected, in_pattern) = text::first(rest)?;
            (c == expected).then_some((in_name, in_pattern))
        }
    }
}

/// Returns true if the set between `[` and `]` contains the character.
///
/// A range with reversed ends is empty. If such ranges begin the set, Python drops them before it
/// checks for `!`, so `[b-a!x]` is `[!x]` in Python and here.
fn in_set(mut set: &[u8], wanted: u32) -> bool {
    let take = |set: &mut &[u8]| {
        let (c, len) = text::first(set)?;
        *set = set.get(len..)?;
        Some(c)
    };
    let mut negated = false;
    let mut found = false;
    let mut empty = true; // only empty ranges so far
    if let [b'!', rest @ ..] = set {
        (negated, set, empty) = (true, rest, false);
    }
    while let Some(low) = take(&mut set) {
        let range_to = match set {
            [b'-', rest @ ..] => text::first(rest).map(|(high, len)| (high, rest.get(len..).unwrap_or_default())),
            _ => None,
        };
        match range_to {
            Some((high, rest)) if low > high => {
                set = rest;
                continue;
            }
            _ if empty && low == u32::from(b'!') => negated = true, // a `-` after it is a member then
            Some((high, rest)) => {
                set = rest;
                found |= (low..=high).contains(&wanted);
            }
            None => found |= low == wanted,
        }
        empty = false;
    }
    found != negated
}
