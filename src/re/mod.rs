//! `re`: Python's regular expressions.

mod ast;
mod cache;
mod charset;
mod engine;
mod error;
mod flags;
mod ir;
mod iter;
mod linear;
mod loose;
mod matching;
mod parse;
mod pattern;
mod program;
mod shape;
mod source;
mod tables;
mod template;
mod text;
mod unicode;
mod vm;

pub use cache::purge;
pub use error::{Error, PatternError, Result};
pub use flags::{A, ASCII, DOTALL, Flags, I, IGNORECASE, M, MULTILINE, NOFLAG, S, U, UNICODE, VERBOSE, X};
pub use iter::Matches;
pub use matching::{GroupKey, Match};
pub use pattern::Pattern;
pub use shape::{FromMatch, FromPart};
pub use source::{IntoPattern, Source, Split, Window};
pub use template::{Replacement, Sub};
pub use text::Text;

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
pub fn escape<T: Text + ?Sized>(text: &T) -> T::Owned {
    let special = |byte: &u8| b"()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(byte);
    let escaped = text.bytes().iter().flat_map(|byte| special(byte).then_some(b'\\').into_iter().chain([*byte]));
    T::join(escaped.collect())
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
