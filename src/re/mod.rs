//! Python's regular expressions: its grammar, its answers, its error messages.
//!
//! ```
//! use leyden::re;
//!
//! let log = "2024-05-06 ana logged in\n2024-05-07 bo logged out";
//! let days: Vec<&str> = re::findall(r"\d{4}-\d\d-\d\d", log)?;
//! assert_eq!(days, ["2024-05-06", "2024-05-07"]);
//!
//! let found = re::search((r"(?P<who>\w+) LOGGED (in|out)$", re::I | re::M), log)?.unwrap();
//! assert_eq!((found.group("who"), found.group(2)), (Some("ana"), Some("in")));
//! assert_eq!(re::sub(r"(\w+) logged (\w+)", r"\2: \g<1>", log)?, "2024-05-06 in: ana\n2024-05-07 out: bo");
//!
//! let error = re::compile("a(b").unwrap_err();
//! assert_eq!(error.to_string(), r#"bad pattern "a(b": missing ), unterminated subpattern at position 1"#);
//! # Ok::<(), re::Error>(())
//! ```
//!
//! It follows Python 3.11 ([`re`](https://docs.python.org/3.11/library/re.html)), proved against it case by case.
//!
//! | Python | leyden |
//! |---|---|
//! | `re.compile(p, re.I \| re.M)` | [`compile((p, re::I \| re::M))`](compile), or [`Source::new(p).flags(..)`](Source) |
//! | a pattern in a constant | [`re!(r"\d+")`](crate::re!): a `&'static Pattern` |
//! | `re.search`, `re.match`, `re.fullmatch` | [`search`], [`match_`] (`match` is Rust's), [`fullmatch`]: `Result<Option<Match>>` |
//! | `re.findall` | [`findall`]; the result type says what a match is: `Vec<&str>`, `Vec<(&str, &str)>`, `Vec<[&str; 3]>`, `Vec<Vec<&str>>` |
//! | `re.finditer` | [`finditer`]: an iterator of `Result<Match>` |
//! | `re.split(p, s, maxsplit=1)` | [`split(p, Split::new(s).maxsplit(1))`](split): `Vec<&str>`, or `Vec<Option<&str>>` with Python's `None` |
//! | `re.sub(p, r, s, count=1)` | [`sub(p, Sub::new(r).count(1), s)`](sub); `r` is a template or a closure from the [`Match`] |
//! | `re.subn`, `re.escape`, `re.purge` | [`subn`], [`escape`], [`purge`] |
//! | `p.search(s, pos, endpos)` | [`p.search(Window::new(s).pos(..).endpos(..))`](Window) |
//! | `m[1]`, `m.group(1, 2)`, `m.groups(default)` | [`m.group(1)`](Match::group) and [`m.groups()`](Match::groups) give `Option`s |
//! | `m.span()`, `m.start(1)` | [`m.span(0)`](Match::span) in bytes, [`m.char_span(0)`](Match::char_span) in Python's characters |
//! | `re.error` | [`Error::Pattern`] with [`msg`, `pos`, `lineno`, `colno`](PatternError) |
//! | a bytes pattern | `re::search(br"\d+", bytes)`: the same functions; the pattern is a `Pattern<[u8]>` |
//! | `re.Scanner`, `p.scanner` | a loop of [`match_`](Pattern::match_) over [`Window::pos`] |
//!
//! # Two engines
//!
//! A pattern without back-references, look-arounds, conditions, atomic groups and possessive quantifiers
//! [is linear](Pattern::is_linear): the engine of the `regex` crate finds it, and the time grows no faster than the text. All else,
//! the groups of a match, short texts and long counted repeats go to a backtracking engine with Python's order of trying and its rule
//! for loops whose body matches nothing. For a linear pattern it remembers what has failed, so that it too is linear; for the others it
//! has a step budget, beyond which there is [`Error::BacktrackLimit`] and never a wrong answer.
//!
//! `fancy-regex` is not beneath it, since it leaves loops whose body matches nothing by another rule: `(a|b*)*` on `"b"` gives the
//! group `"b"` there and `""` in Python, and `(?:a|b*|c)*` on `"bc"` matches `"bc"` there and `"b"` in Python. So does the `regex`
//! crate; such patterns it is only asked where they may match.
//!
//! # DIFFERENCES
//!
//! - Positions are bytes, as Rust's slices need; those in a [`PatternError`] are characters, as in Python.
//! - A group that the pattern does not have is `None` for [`Match::group`], where Python raises `IndexError`.
//! - A [`Window`] position inside a character means the next character.
//! - The flags `L`, `T` and `DEBUG` are not there: inline `(?L)` and `(?t)` are [`Error::Unsupported`].
//! - Groups nested deeper than 100, and repetitions that multiply to more than 250,000 items, are [`Error::TooLarge`].
//! - Where Python would go on for ever, there is [`Error::BacktrackLimit`].
//! - Python warns of dubious patterns (`[[a]`, `[a--b]`); leyden takes them as Python does, without a word.
//! - `\U` beyond `\U7fffffff` is a bad escape, as it is from `\U00110000` on; Python trips over it with `OverflowError`.
//! - Lone surrogates (`\ud800`) can be written in a pattern and match nothing, since no Rust text holds them.
//! - `\N{...}` knows the names of Unicode 14, as Python 3.11 does, and no named sequences.
//! - A class at the front whose meaning is scoped, `(?a:\W)`, is searched for with that meaning. CPython's `search` (not its
//!   `match`) skips to the first character with the meaning that the class has outside of the scope, and so misses matches.

mod cache;
mod engine;
mod error;
mod flags;
mod ir;
mod matching;
mod parse;
mod pattern;
mod source;
mod template;
mod text;
mod unicode;
mod vm;

use text::sealed::Text as _;

pub use cache::purge;
pub use error::{Error, PatternError, Result};
pub use flags::{A, ASCII, DOTALL, Flags, I, IGNORECASE, M, MULTILINE, NOFLAG, S, U, UNICODE, VERBOSE, X};
pub use matching::iter::Matches;
pub use matching::shape::{FromMatch, FromPart};
pub use matching::{GroupKey, Match};
pub use pattern::Pattern;
pub use source::{IntoPattern, Source, Split, Window};
pub use template::{Replacement, Sub};
pub use text::{AsText, Text};

/// Compiles a pattern. The last 512 are kept, so to compile one again costs a look-up.
///
/// # Errors
/// [`Error::Pattern`] with Python's message and position; [`Error::Flags`], [`Error::RepetitionOverflow`], [`Error::TooLarge`],
/// [`Error::Unsupported`].
#[doc(alias = "re.compile")]
pub fn compile<P: IntoPattern>(pattern: P) -> Result<Pattern<P::Text>> {
    pattern.into_pattern()
}

/// The first match anywhere in the text.
#[doc(alias = "re.search")]
pub fn search<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.search(text)
}

/// The match at the beginning of the text. (`match` is a Rust keyword.)
#[doc(alias = "re.match")]
pub fn match_<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.match_(text)
}

/// The match of the whole text.
#[doc(alias = "re.fullmatch")]
pub fn fullmatch<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.fullmatch(text)
}

/// The texts of every match; see [`Pattern::findall`].
#[doc(alias = "re.findall")]
pub fn findall<'t, F: FromMatch<'t, P::Text>, P: IntoPattern>(
    pattern: P,
    text: impl Into<Window<'t, P::Text>>,
) -> Result<Vec<F>> {
    pattern.into_pattern()?.findall(text)
}

/// Every match, lazily; see [`Pattern::finditer`].
#[doc(alias = "re.finditer")]
pub fn finditer<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Matches<'t, P::Text>> {
    Ok(pattern.into_pattern()?.finditer(text))
}

/// The parts between the matches; see [`Pattern::split`].
#[doc(alias = "re.split")]
pub fn split<'t, F: FromPart<'t, P::Text>, P: IntoPattern>(pattern: P, text: impl Into<Split<'t, P::Text>>) -> Result<Vec<F>> {
    pattern.into_pattern()?.split(text)
}

/// The text with every match replaced; see [`Pattern::sub`].
#[doc(alias = "re.sub")]
pub fn sub<P: IntoPattern>(pattern: P, repl: impl Replacement<P::Text>, text: &P::Text) -> Result<<P::Text as ToOwned>::Owned> {
    pattern.into_pattern()?.sub(repl, text)
}

/// As [`sub`], with the number of replacements.
#[doc(alias = "re.subn")]
pub fn subn<P: IntoPattern>(
    pattern: P,
    repl: impl Replacement<P::Text>,
    text: &P::Text,
) -> Result<(<P::Text as ToOwned>::Owned, usize)> {
    pattern.into_pattern()?.subn(repl, text)
}

/// The pattern that matches a text literally.
#[doc(alias = "re.escape")]
pub fn escape<S: AsText + ?Sized>(text: &S) -> <S::Text as ToOwned>::Owned {
    let text = text.as_text();
    let special = |byte: &u8| b"()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(byte);
    let escaped = text.bytes().iter().flat_map(|byte| special(byte).then_some(b'\\').into_iter().chain([*byte]));
    S::Text::join(escaped.collect())
}

/// A pattern that is compiled once, when it is first used: `re!(r"\d+")`, `re!(r"a.c", re::I)`. It is a
/// `&'static Pattern<str>`.
///
/// # Panics
/// At its first use, if the pattern is wrong: it is part of the program, not its input.
#[macro_export]
macro_rules! re {
    ($pattern:expr $(, $flags:expr)? $(,)?) => {{
        static PATTERN: ::std::sync::LazyLock<$crate::re::Pattern> = ::std::sync::LazyLock::new(|| {
            let source = $crate::re::Source::new($pattern)$(.flags($flags))?;
            $crate::re::compile(source).unwrap_or_else(|error| ::std::panic!("{error}"))
        });
        &*PATTERN
    }};
}

/// `repr()` of a string, for messages of other batteries.
#[cfg(feature = "fabric")]
pub(crate) fn python_repr(text: &str) -> String {
    unicode::repr(&text.chars().collect::<Vec<char>>())
}
