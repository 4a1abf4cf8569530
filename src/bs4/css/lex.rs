//! The tokens of a selector.

use super::types::is_space;

/// A place in a selector.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'s> {
    pub(super) text: &'s str,
    pub(super) at: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn whitespace(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(is_space) {
            self.bump();
        }
        self.at > start
    }

    /// Skips one complete comment.
    pub(super) fn comment(&mut self) -> bool {
        let Some(end) = self.rest().strip_prefix("/*").and_then(|body| body.find("*/")) else { return false };
        self.at += end + 4;
        true
    }

    pub(super) fn comments(&mut self) {
        while self.comment() {}
    }

    /// Whitespace and comments.
    pub(super) fn skip(&mut self) {
        while self.whitespace() || self.comment() {}
    }

    fn escape(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix('\\') else { return false };
        let hex = rest.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if hex > 0 {
            self.at += 1 + hex;
            if !self.eat("\r\n") && self.peek().is_some_and(is_space) {
                self.bump();
            }
            return true;
        }
        match rest.chars().next() {
            None => self.at += 1,
            Some('\r' | '\n' | '\u{c}') => return false,
            Some(c) => self.at += 1 + c.len_utf8(),
        }
        true
    }

    /// Returns an identifier as written.
    pub(super) fn identifier(&mut self) -> Option<&'s str> {
        let start = self.at;
        if !self.eat("--") {
            self.eat("-");
            let starts = self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c >= '\u{80}');
            if starts {
                self.bump();
            } else if !self.escape() {
                self.at = start;
                return None;
            }
        }
        loop {
            if self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || c >= '\u{80}') {
                self.bump();
            } else if !self.escape() {
                return self.text.get(start..self.at);
            }
        }
    }

    /// Returns a quoted string or an identifier as written.
    pub(super) fn value(&mut self) -> Option<&'s str> {
        let start = self.at;
        let Some(quote) = self.peek().filter(|&c| c == '"' || c == '\'') else { return self.identifier() };
        self.bump();
        loop {
            match self.peek() {
                Some(c) if c == quote => {
                    self.bump();
                    return self.text.get(start..self.at);
                }
                Some('\\') => {
                    self.bump();
                    if !self.eat("\r\n") {
                        self.peek()?;
                        self.bump();
                    }
                }
                None | Some('\r' | '\n' | '\u{c}') => {
                    self.at = start;
                    return None;
                }
                Some(_) => self.bump(),
            }
        }
    }

    /// Returns comma-separated values up to the closing parenthesis.
    pub(super) fn values(&mut self) -> Option<Vec<String>> {
        let mut values = vec![unescape(self.value()?)];
        loop {
            self.skip();
            if self.eat(")") {
                return Some(values);
            }
            if !self.eat(",") {
                return None;
            }
            self.skip();
            values.push(unescape(self.value()?));
        }
    }
}

/// Resolves the escapes of a name or a quoted string.
pub(super) fn unescape(written: &str) -> String {
    let quoted = written.starts_with(['"', '\'']);
    let text = if quoted { written.get(1..written.len().saturating_sub(1)).unwrap_or_default() } else { written };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let hex = escape.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if hex > 0 {
            let number = u32::from_str_radix(&escape[..hex], 16).unwrap_or_default();
            out.push(char::from_u32(number).filter(|&c| c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = &escape[hex..];
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(is_space)).unwrap_or(rest);
            continue;
        }
        match escape.chars().next() {
            None => {
                out.push(char::REPLACEMENT_CHARACTER);
                rest = "";
            }
            Some('\r' | '\n' | '\u{c}') if quoted => {
                rest = escape.strip_prefix("\r\n").or_else(|| escape.strip_prefix(is_space)).unwrap_or(escape);
            }
            Some(c) => {
                out.push(c);
                rest = &escape[c.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Escapes a text as a CSS identifier.
pub(super) fn escape(identifier: &str) -> String {
    let mut out = String::with_capacity(identifier.len());
    let dash = identifier.starts_with('-');
    if identifier == "-" {
        return "\\-".to_owned();
    }
    for (index, c) in identifier.chars().enumerate() {
        match c {
            '\0' => out.push(char::REPLACEMENT_CHARACTER),
            '\u{1}'..='\u{1f}' | '\u{7f}' => out.push_str(&format!("\\{:x} ", u32::from(c))),
            '0'..='9' if index == 0 || dash && index == 1 => out.push_str(&format!("\\{:x} ", u32::from(c))),
            '-' | '_' | '0'..='9' | 'a'..='z' | 'A'..='Z' => out.push(c),
            _ if is_identifier(c) => out.push(c),
            _ => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out
}

/// The non-ASCII characters of identifiers.
fn is_identifier(c: char) -> bool {
    matches!(u32::from(c),
        0xb7 | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0x37d | 0x37f..=0x1fff | 0x200c..=0x200d | 0x203f..=0x2040 | 0x2070..=0x218f
        | 0x2c00..=0x2fef | 0x3001..=0xd7ff | 0xf900..=0xfdcf | 0xfdf0..=0xfffd | 0x10000..=0x10ffff)
}
