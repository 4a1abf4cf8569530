//! Python's regular expressions, with its grammar, results and error messages.
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
//! Follows Python 3.11 ([`re`](https://docs.python.org/3.11/library/re.html)) and is tested against
//! it.
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
//! A pattern without back-references, look-arounds, conditions, atomic groups and possessive
//! quantifiers [is linear](Pattern::is_linear): the engine of the `regex` crate finds it in time
//! proportional to the text. Everything else, the groups of a match, short texts and long counted
//! repeats use a backtracking engine. It tries alternatives in Python's order and has its rule for
//! loops whose body matches nothing. For a linear pattern it remembers failed states, so that it is
//! linear too. For others it has a step budget; exceeding it is [`Error::BacktrackLimit`], never a
//! wrong result.
//!
//! `fancy-regex` is not used, because it has another rule for loops whose body matches nothing:
//! `(a|b*)*` on `"b"` gives the group `"b"` there and `""` in Python, and `(?:a|b*|c)*` on `"bc"`
//! matches `"bc"` there and `"b"` in Python. The `regex` crate has the same rule as `fancy-regex`;
//! for such patterns it is only used to find where they may match.
//!
//! # DIFFERENCES
//!
//! - Positions are byte offsets, as Rust's slices need. Those in a [`PatternError`] are in
//!   characters, as in Python.
//! - A group that the pattern does not have is `None` for [`Match::group`]; Python raises
//!   `IndexError`.
//! - A [`Window`] position inside a character is moved to the next character.
//! - The flags `L`, `T` and `DEBUG` are not implemented: inline `(?L)` and `(?t)` are
//!   [`Error::Unsupported`].
//! - Groups nested deeper than 100, and repetitions that multiply to more than 250,000 items, are
//!   [`Error::TooLarge`].
//! - A search that would practically not end in Python is [`Error::BacktrackLimit`].
//! - Python warns of ambiguous patterns (`[[a]`, `[a--b]`); leyden treats them alike, without a
//!   warning.
//! - `\U` beyond `\U7fffffff` is a bad escape, as from `\U00110000` on; Python fails with
//!   `OverflowError`.
//! - Lone surrogates (`\ud800`) are allowed in a pattern and match nothing, because Rust text
//!   cannot contain them.
//! - `\N{...}` supports the names of Unicode 14, as Python 3.11 does, without named sequences.
//! - A class with scoped flags at the start, `(?a:\W)`, is searched with these flags. CPython's
//!   `search` (not its `match`) skips to the first character that the class matches outside of the
//!   scope, and so misses matches.

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
#[cfg(feature = "regex")]
mod to_regex;
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

/// Compiles a pattern. The last 512 are cached.
///
/// # Errors
/// [`Error::Pattern`] with Python's message and position; [`Error::Flags`], [`Error::RepetitionOverflow`], [`Error::TooLarge`],
/// [`Error::Unsupported`].
#[doc(alias = "re.compile")]
pub fn compile<P: IntoPattern>(pattern: P) -> Result<Pattern<P::Text>> {
    pattern.into_pattern()
}

/// Returns the first match in the text.
#[doc(alias = "re.search")]
pub fn search<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.search(text)
}

/// Returns the match at the beginning of the text. (`match` is a Rust keyword.)
#[doc(alias = "re.match")]
pub fn match_<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.match_(text)
}

/// Returns the match of the whole text.
#[doc(alias = "re.fullmatch")]
pub fn fullmatch<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Option<Match<'t, P::Text>>> {
    pattern.into_pattern()?.fullmatch(text)
}

/// Returns the texts of all matches; see [`Pattern::findall`].
#[doc(alias = "re.findall")]
pub fn findall<'t, F: FromMatch<'t, P::Text>, P: IntoPattern>(
    pattern: P,
    text: impl Into<Window<'t, P::Text>>,
) -> Result<Vec<F>> {
    pattern.into_pattern()?.findall(text)
}

/// Iterates over all matches; see [`Pattern::finditer`].
#[doc(alias = "re.finditer")]
pub fn finditer<'t, P: IntoPattern>(pattern: P, text: impl Into<Window<'t, P::Text>>) -> Result<Matches<'t, P::Text>> {
    Ok(pattern.into_pattern()?.finditer(text))
}

/// Returns the parts between the matches; see [`Pattern::split`].
#[doc(alias = "re.split")]
pub fn split<'t, F: FromPart<'t, P::Text>, P: IntoPattern>(pattern: P, text: impl Into<Split<'t, P::Text>>) -> Result<Vec<F>> {
    pattern.into_pattern()?.split(text)
}

/// Replaces all matches; see [`Pattern::sub`].
#[doc(alias = "re.sub")]
pub fn sub<P: IntoPattern>(pattern: P, repl: impl Replacement<P::Text>, text: &P::Text) -> Result<<P::Text as ToOwned>::Owned> {
    pattern.into_pattern()?.sub(repl, text)
}

/// Like [`sub`], with the number of replacements.
#[doc(alias = "re.subn")]
pub fn subn<P: IntoPattern>(
    pattern: P,
    repl: impl Replacement<P::Text>,
    text: &P::Text,
) -> Result<(<P::Text as ToOwned>::Owned, usize)> {
    pattern.into_pattern()?.subn(repl, text)
}

/// Returns a pattern that matches a text literally.
#[doc(alias = "re.escape")]
pub fn escape<S: AsText + ?Sized>(text: &S) -> <S::Text as ToOwned>::Owned {
    let text = text.as_text();
    let special = |byte: &u8| b"()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(byte);
    let escaped = text.bytes().iter().flat_map(|byte| special(byte).then_some(b'\\').into_iter().chain([*byte]));
    S::Text::join(escaped.collect())
}

/// Compiles a pattern once, on first use: `re!(r"\d+")`, `re!(r"a.c", re::I)`. Returns a `&'static
/// Pattern<str>`.
///
/// # Panics
/// On first use, if the pattern is invalid: it is part of the program, not of its input.
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
