//! `shlex`: shell-like words.
//!
//! ```
//! use leyden::os::shlex::{join, quote, split};
//! assert_eq!(split("tar -C '/srv/my files' -xf a.tgz")?, ["tar", "-C", "/srv/my files", "-xf", "a.tgz"]);
//! assert_eq!(quote("it's")?, r#"'it'"'"'s'"#);
//! assert_eq!(split(&join(["rm", "--", "a b"])?)?, ["rm", "--", "a b"]);
//! # Ok::<(), leyden::os::Error>(())
//! ```
//!
//! These are Python's [`shlex`](https://docs.python.org/3/library/shlex.html) functions, with the
//! same results. The `subprocess` battery does not need them: it takes a list of words.
//!
//! | Python | leyden |
//! |---|---|
//! | `split(s)`, `split(s, comments=True, posix=False)` | [`split`]`(s)`, `split(Split::new(s).comments(true).posix(false))` |
//! | `quote(s)`, `join(words)` | [`quote`], [`join`] |
//! | `shlex(s, posix=, punctuation_chars=)` and its attributes | [`Shlex`]: an iterator of tokens |
//!
//! DIFFERENCE: `quote` and `join` reject a text with a NUL, which no shell can pass on; Python
//! accepts it.
//!
//! DIFFERENCE: a [`Shlex`] reads a text, not a stream, and has neither `debug` nor file inclusion
//! (`source`, `sourcehook`).

use super::Error;
use std::borrow::Cow;

mod lexer;
pub use lexer::Shlex;

/// The argument of [`split`]: the text, alone or with options.
#[derive(Debug, Clone, Copy)]
pub struct Split<'a> {
    text: &'a str,
    comments: bool,
    posix: bool,
}

impl<'a> Split<'a> {
    /// Splits `text` like a POSIX shell, with `#` as an ordinary character.
    pub fn new(text: &'a str) -> Split<'a> {
        Split { text, comments: false, posix: true }
    }

    /// Sets whether text between `#` and the end of a line is skipped. Default: false.
    #[must_use]
    pub fn comments(self, comments: bool) -> Split<'a> {
        Split { comments, ..self }
    }

    /// Sets whether quotes are removed and backslashes escape. Default: true.
    #[must_use]
    pub fn posix(self, posix: bool) -> Split<'a> {
        Split { posix, ..self }
    }
}

impl<'a> From<&'a str> for Split<'a> {
    fn from(text: &'a str) -> Split<'a> {
        Split::new(text)
    }
}

impl<'a> From<&'a String> for Split<'a> {
    fn from(text: &'a String) -> Split<'a> {
        Split::new(text)
    }
}

/// Splits a command line into words.
///
/// # Errors
/// [`Error::Value`] if a quotation is not closed or a backslash is the last character.
#[doc(alias = "shlex.split")]
pub fn split<'a>(text: impl Into<Split<'a>>) -> Result<Vec<String>, Error> {
    let Split { text, comments, posix } = text.into();
    if posix {
        return words(text, comments);
    }
    let lexer = Shlex::new(text).whitespace_split(true);
    if comments { lexer.collect() } else { lexer.commenters("").collect() }
}

/// Gives the result of [`Shlex`] with `posix` and `whitespace_split`, but processes runs of
/// characters at once.
fn words(mut rest: &str, comments: bool) -> Result<Vec<String>, Error> {
    let open_quote = || Error::Value("No closing quotation".into());
    let open_escape = || Error::Value("No escaped character".into());
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    loop {
        let (run, special, after) =
            until(rest, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'"' | b'\\' | b'#'));
        rest = after;
        if !run.is_empty() {
            word.get_or_insert_default().push_str(run);
        }
        match special {
            None => {
                words.extend(word);
                return Ok(words);
            }
            Some(b'#') if !comments => word.get_or_insert_default().push('#'),
            Some(b'#') => {
                words.extend(word.take());
                rest = until(rest, |byte| byte == b'\n').2;
            }
            Some(b'\'') => {
                let (quoted, end, after) = until(rest, |byte| byte == b'\'');
                end.ok_or_else(open_quote)?;
                word.get_or_insert_default().push_str(quoted);
                rest = after;
            }
            Some(b'"') => {
                let word = word.get_or_insert_default();
                loop {
                    let (quoted, end, after) = until(rest, |byte| matches!(byte, b'"' | b'\\'));
                    word.push_str(quoted);
                    rest = after;
                    if end.ok_or_else(open_quote)? == b'"' {
                        break;
                    }
                    let escaped = rest.chars().next().ok_or_else(open_escape)?;
                    if !matches!(escaped, '"' | '\\') {
                        word.push('\\');
                    }
                    word.push(escaped);
                    rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
                }
            }
            Some(b'\\') => {
                let escaped = rest.chars().next().ok_or_else(open_escape)?;
                word.get_or_insert_default().push(escaped);
                rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
            }
            Some(_) => words.extend(word.take()),
        }
    }
}

/// Returns the text before the first stop byte (an ASCII one), that byte, and the text after it.
#[inline]
fn until(text: &str, stops: impl Fn(u8) -> bool) -> (&str, Option<u8>, &str) {
    match text.bytes().position(stops) {
        Some(at) => {
            (text.get(..at).unwrap_or_default(), text.as_bytes().get(at).copied(), text.get(at + 1..).unwrap_or_default())
        }
        None => (text, None, ""),
    }
}

/// The bytes without special meaning in a shell: ASCII letters, digits and `_@%+=:,./-`.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        plain[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'%' | b'+' | b'=' | b':' | b',' | b'.' | b'/' | b'-');
        byte += 1;
    }
    plain
};

/// Quotes a text as one word of a POSIX shell's command line: unchanged if it has no special
/// characters, otherwise in single quotes.
///
/// # Errors
/// [`Error::Value`] if it contains a NUL.
#[doc(alias = "shlex.quote")]
pub fn quote(text: &str) -> Result<Cow<'_, str>, Error> {
    if text.is_empty() {
        return Ok(Cow::Borrowed("''"));
    }
    if text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
        return Ok(Cow::Borrowed(text));
    }
    if text.bytes().any(|byte| byte == 0) {
        return Err(Error::Value("shlex.quote: a word of a command line cannot hold a NUL".into()));
    }
    let mut quoted = String::with_capacity(text.len() + 2 + 4 * text.bytes().filter(|byte| *byte == b'\'').count());
    quoted.push('\'');
    for (at, piece) in text.split('\'').enumerate() {
        if at > 0 {
            quoted.push_str(r#"'"'"'"#);
        }
        quoted.push_str(piece);
    }
    quoted.push('\'');
    Ok(Cow::Owned(quoted))
}

/// Joins words to a command line, the inverse of [`split`].
///
/// # Errors
/// [`Error::Value`] if one of them contains a NUL.
#[doc(alias = "shlex.join")]
pub fn join<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Result<String, Error> {
    let words = words.into_iter();
    let mut line = String::with_capacity(16 * words.size_hint().0);
    for (at, word) in words.enumerate() {
        if at > 0 {
            line.push(' ');
        }
        line.push_str(&quote(word.as_ref())?);
    }
    Ok(line)
}
