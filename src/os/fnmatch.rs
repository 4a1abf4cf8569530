//! `fnmatch`: file names against shell patterns.
//!
//! ```
//! use leyden::os::fnmatch::{filter, fnmatch};
//! assert!(fnmatch("report-2024.csv", "report-[0-9]*.csv"));
//! assert_eq!(filter(["a.rs", "b.py", "c.rs"], "*.rs"), ["a.rs", "c.rs"]);
//! ```
//!
//! `*` matches everything, `?` one character, `[seq]` one character of `seq` (`a-z` is a range), `[!seq]` one that is not in it; a `[`
//! without its `]` stands for itself, and there is no escape but `[*]`. A leading dot and `/` are characters like any other: see
//! [`glob`](https://docs.python.org/3/library/glob.html) for patterns over paths.
//!
//! These are Python's [`fnmatch`](https://docs.python.org/3/library/fnmatch.html) functions, with its answers. Patterns are matched as they
//! are: nothing is compiled or cached, and the time is at most the product of both lengths, whatever the pattern.
//!
//! | Python | leyden |
//! |---|---|
//! | `fnmatch(name, pat)`, `fnmatchcase(name, pat)` | [`fnmatch`], [`fnmatchcase`]; the same thing on a file system that knows case |
//! | `filter(names, pat)` | [`filter`] |
//! | `translate(pat)` | [`translate`]: the regular expression, for the `re` battery |
//!
//! DIFFERENCE: names and patterns may mix text and bytes; bytes that are not UTF-8 count as one character each, as in the strings
//! that Python makes of such names.

use super::text;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

mod translate;
pub use translate::translate;

/// Whether the whole of `name` matches `pattern`.
#[doc(alias = "fnmatch.fnmatch")]
pub fn fnmatch(name: impl AsRef<OsStr>, pattern: impl AsRef<OsStr>) -> bool {
    Pattern::new(pattern.as_ref().as_bytes()).matches(name.as_ref().as_bytes())
}

/// Whether the whole of `name` matches `pattern`, case being significant (as it is for [`fnmatch()`] here).
#[doc(alias = "fnmatch.fnmatchcase")]
pub fn fnmatchcase(name: impl AsRef<OsStr>, pattern: impl AsRef<OsStr>) -> bool {
    fnmatch(name, pattern)
}

/// Those of `names` that match `pattern`, in their order.
#[doc(alias = "fnmatch.filter")]
pub fn filter<N: AsRef<OsStr>>(names: impl IntoIterator<Item = N>, pattern: impl AsRef<OsStr>) -> Vec<N> {
    let pattern = Pattern::new(pattern.as_ref().as_bytes());
    names.into_iter().filter(|name| pattern.matches(name.as_ref().as_bytes())).collect()
}

/// A pattern, and what a look at it tells for all names.
struct Pattern<'a> {
    bytes: &'a [u8],
    /// A `[` after this stands for itself.
    last_close: Option<usize>,
    /// What every name that matches ends in: what follows the last `*`, if that is literal.
    ending: &'a [u8],
    /// Whether that is all there is to it.
    ending_is_all: bool,
}

impl<'a> Pattern<'a> {
    fn new(bytes: &'a [u8]) -> Pattern<'a> {
        let star = bytes.iter().rposition(|byte| *byte == b'*');
        let ending = star.and_then(|star| bytes.get(star + 1..)).unwrap_or_default();
        let literal = !ending.iter().any(|byte| matches!(byte, b'?' | b'[' | b']'));
        Pattern {
            bytes,
            last_close: bytes.iter().rposition(|byte| *byte == b']'),
            ending: if literal { ending } else { &[] },
            ending_is_all: literal && star == Some(0) && ending.is_ascii(),
        }
    }

    fn matches(&self, name: &[u8]) -> bool {
        name.ends_with(self.ending) && (self.ending_is_all || matches(name, self.bytes, self.last_close))
    }
}

/// Two cursors. On a mismatch the last `*` takes one more character; earlier ones never need to be tried again, since
/// what stood between them has been matched as early as possible.
fn matches(name: &[u8], pattern: &[u8], last_close: Option<usize>) -> bool {
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

/// How far a `*` may move on: one character, or straight to the next place where an ASCII literal after it can match.
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

/// One character against one element of the pattern that is no `*`: how far both go on, if they match.
fn one(name: &[u8], n: usize, pattern: &[u8], p: usize, last_close: Option<usize>) -> Option<(usize, usize)> {
    let (c, in_name) = text::first(name.get(n..)?)?;
    let rest = pattern.get(p..)?;
    match rest {
        [b'?', ..] => Some((in_name, 1)),
        [b'[', after @ ..] => {
            // `]` directly after `[` or `[!` is a member; the set ends at the first one after that.
            let skip = usize::from(after.first() == Some(&b'!'));
            let skip = skip + usize::from(after.get(skip) == Some(&b']'));
            if last_close.is_none_or(|close| close < p + 1 + skip) {
                return (c == u32::from(b'[')).then_some((1, 1));
            }
            let end = skip + after.get(skip..)?.iter().position(|byte| *byte == b']')?;
            in_set(after.get(..end)?, c).then_some((in_name, end + 2))
        }
        _ => {
            let (expected, in_pattern) = text::first(rest)?;
            (c == expected).then_some((in_name, in_pattern))
        }
    }
}

/// Whether the set written between `[` and `]` holds the character.
///
/// A range whose ends are in the wrong order holds nothing. When such ranges begin the set, Python drops them before it looks
/// for the `!`, so that `[b-a!x]` is `[!x]` there, and here.
fn in_set(mut set: &[u8], wanted: u32) -> bool {
    let take = |set: &mut &[u8]| {
        let (c, len) = text::first(set)?;
        *set = set.get(len..)?;
        Some(c)
    };
    let mut negated = false;
    let mut found = false;
    let mut empty = true; // nothing but empty ranges so far
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
