//! The tokens of a pattern or a template: a character, or a backslash and the character after it.

use crate::re::error::{Error, PatternError, Result};
use crate::re::unicode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) struct Token {
    pub(in crate::re) c: char,
    pub(in crate::re) escaped: bool,
}

impl Token {
    /// Whether it is this very character, without a backslash.
    pub(in crate::re) fn is(self, c: char) -> bool {
        !self.escaped && self.c == c
    }

    pub(in crate::re) fn len(self) -> usize {
        1 + usize::from(self.escaped)
    }

    /// As written in the pattern.
    pub(in crate::re) fn source(self) -> String {
        let backslash = if self.escaped { "\\" } else { "" };
        format!("{backslash}{}", self.c)
    }
}

/// The pattern with one token of look-ahead. It is read eagerly: a lone backslash at the end is found one token early, as in Python.
#[derive(Debug)]
pub(in crate::re) struct Tokens {
    pattern: Vec<char>,
    pub(in crate::re) text: bool,
    index: usize,
    pub(in crate::re) next: Option<Token>,
}

impl Tokens {
    pub(in crate::re) fn new(pattern: Vec<char>, text: bool) -> Result<Tokens> {
        let mut tokens = Tokens { pattern, text, index: 0, next: None };
        tokens.advance()?;
        Ok(tokens)
    }

    fn advance(&mut self) -> Result<()> {
        self.next = match (self.pattern.get(self.index), self.pattern.get(self.index + 1)) {
            (None, _) => None,
            (Some('\\'), None) => {
                return Err(self.error_at("bad escape (end of pattern)".into(), Some(self.pattern.len() - 1)));
            }
            (Some('\\'), Some(&c)) => Some(Token { c, escaped: true }),
            (Some(&c), _) => Some(Token { c, escaped: false }),
        };
        self.index += self.next.map_or(0, Token::len);
        Ok(())
    }

    pub(in crate::re) fn get(&mut self) -> Result<Option<Token>> {
        let this = self.next;
        self.advance()?;
        Ok(this)
    }

    /// Takes the next token if it is this character.
    pub(in crate::re) fn eat(&mut self, c: char) -> Result<bool> {
        let found = self.next.is_some_and(|next| next.is(c));
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Up to `most` characters of a kind.
    pub(in crate::re) fn take_while(&mut self, most: usize, of: impl Fn(char) -> bool) -> Result<String> {
        let mut out = String::new();
        while let Some(Token { c, escaped: false }) = self.next {
            if out.len() == most || !of(c) {
                break;
            }
            out.push(c);
            self.advance()?;
        }
        Ok(out)
    }

    pub(in crate::re) fn digits(&mut self) -> Result<String> {
        self.take_while(usize::MAX, |c| c.is_ascii_digit())
    }

    /// A name up to its closing character.
    pub(in crate::re) fn until(&mut self, end: char, what: &str) -> Result<Vec<char>> {
        let mut out = Vec::new();
        loop {
            match self.get()? {
                None if out.is_empty() => return Err(self.error(format!("missing {what}"), 0)),
                None => return Err(self.error(format!("missing {end}, unterminated name"), out.len())),
                Some(this) if this.is(end) && out.is_empty() => return Err(self.error(format!("missing {what}"), 1)),
                Some(this) if this.is(end) => return Ok(out),
                Some(this) => out.extend(this.source().chars()),
            }
        }
    }

    /// The position of the next token.
    pub(in crate::re) fn tell(&self) -> usize {
        self.index - self.next.map_or(0, Token::len)
    }

    pub(in crate::re) fn seek(&mut self, index: usize) -> Result<()> {
        self.index = index;
        self.advance()
    }

    /// An error `offset` characters before the next token.
    pub(in crate::re) fn error(&self, message: impl Into<String>, offset: usize) -> Error {
        self.error_at(message.into(), Some(self.tell().saturating_sub(offset)))
    }

    pub(in crate::re) fn error_at(&self, message: String, pos: Option<usize>) -> Error {
        let ascii = |c: char| if c.is_ascii() { c.to_string() } else { unicode::escape(c) };
        let message = if self.text || pos.is_none() { message } else { message.chars().map(ascii).collect() };
        Error::Pattern(Box::new(PatternError::new(message, if pos.is_some() { &self.pattern } else { &[] }, pos)))
    }
}

/// A group number as Python's `int()` reads it: sign, spaces, underscores and digits of any script.
///
/// The digits come without leading zeros; their number is unbounded as far as Python reads them.
pub(in crate::re) fn int(name: &[char]) -> Option<String> {
    let start = name.iter().position(|&c| !unicode::is_space(c))?;
    let end = name.iter().rposition(|&c| !unicode::is_space(c))? + 1;
    let digits = match &name[start..end] {
        ['-', digits @ ..] if digits.iter().all(|&c| c == '_' || unicode::decimal(c) == Some(0)) => digits,
        ['+', digits @ ..] | digits => digits,
    };
    let mut out = String::new();
    let mut after_digit = false;
    let mut count = 0;
    for &c in digits {
        match unicode::decimal(c) {
            Some(digit) => {
                count += 1;
                if digit > 0 || !out.is_empty() {
                    out.extend(char::from_digit(digit, 10));
                }
            }
            None if c == '_' && after_digit => {}
            None => return None,
        }
        after_digit = c != '_';
    }
    // Python refuses to convert more than 4,300 digits.
    (after_digit && count <= 4300).then(|| if out.is_empty() { "0".into() } else { out })
}
