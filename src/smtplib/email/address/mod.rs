//! Addresses: `Ann Smith <ann@example.com>`, and groups of them.

pub(super) mod addrlist;
pub(super) mod mailbox;

use std::fmt;

use super::super::Error;
use super::header::{decode_words, encode_word, encoded_word};

/// An address: Python's `email.headerregistry.Address`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias("email.headerregistry.Address"))]
pub struct Address {
    /// The display name, decoded; may be empty.
    #[doc(alias = "email.headerregistry.Address.display_name")]
    pub display_name: String,
    /// The part before the `@`.
    #[doc(alias = "email.headerregistry.Address.username")]
    pub username: String,
    /// The part after the `@`; may be empty.
    #[doc(alias = "email.headerregistry.Address.domain")]
    pub domain: String,
}

impl Address {
    /// Creates an address from its parts. A line end in one of them is an error.
    pub fn new(
        display_name: impl Into<String>,
        username: impl Into<String>,
        domain: impl Into<String>,
    ) -> Result<Address, Error> {
        let address = Address { display_name: display_name.into(), username: username.into(), domain: domain.into() };
        check([address.display_name.as_str(), &address.username, &address.domain])?;
        Ok(address)
    }

    /// Returns `user@domain`, with the user in quotes if necessary; `<>` if both are empty.
    #[doc(alias = "email.headerregistry.Address.addr_spec")]
    pub fn addr_spec(&self) -> String {
        let dot_atom =
            !self.username.is_empty() && self.username.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext));
        let user = if dot_atom || self.username.is_empty() { self.username.clone() } else { quoted(&self.username) };
        match (user.is_empty(), self.domain.is_empty()) {
            (_, false) => format!("{user}@{}", self.domain),
            (true, true) => "<>".into(),
            (false, true) => user,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = self.addr_spec();
        if self.display_name.is_empty() {
            return f.write_str(&spec);
        }
        let spec = if spec == "<>" { "" } else { &spec };
        write!(f, "{} <{spec}>", phrase(&self.display_name))
    }
}

/// A group: `Team: ann@example.com, bob@example.org;`. Python's `email.headerregistry.Group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias("email.headerregistry.Group"))]
pub struct Group {
    /// Its name. `None`: a single address outside a group.
    #[doc(alias = "email.headerregistry.Group.display_name")]
    pub display_name: Option<String>,
    /// Its members.
    #[doc(alias = "email.headerregistry.Group.addresses")]
    pub addresses: Vec<Address>,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match &self.display_name {
            None if self.addresses.len() == 1 => f.write_str(&addresses),
            None => write!(f, ": {addresses};"),
            Some(name) if addresses.is_empty() => write!(f, "{}:;", phrase(name)),
            Some(name) => write!(f, "{}: {addresses};", phrase(name)),
        }
    }
}

fn is_atext(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character) || !character.is_ascii()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns a display name for a header, in quotes if it contains special characters.
pub(super) fn phrase(name: &str) -> String {
    if name.chars().any(is_phrase_special) { quoted(name) } else { name.to_owned() }
}

/// `formataddr((name, address))`: an address for a header. A name that is not ASCII becomes an
/// encoded word. Fails if the address is not ASCII (Python's `UnicodeEncodeError`), or if one of
/// them contains a line end or NUL.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.formataddr>
#[doc(alias = "email.utils.formataddr")]
pub fn formataddr(name: &str, address: &str) -> Result<String, Error> {
    if !address.is_ascii() {
        return Err(Error::Value(format!("the address {address:?} is not ASCII")));
    }
    check([name, address])?;
    Ok(match name {
        "" => address.to_owned(),
        name if !name.is_ascii() => format!("{} <{address}>", encode_word(name)),
        name => {
            let escaped = super::quote(name);
            let quotes = if name.chars().any(is_phrase_special) { "\"" } else { "" };
            format!("{quotes}{escaped}{quotes} <{address}>")
        }
    })
}

fn check<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    match parts.into_iter().any(|part| part.contains(['\r', '\n', '\0'])) {
        true => Err(Error::Value("invalid arguments; address parts cannot contain CR or LF".into())),
        false => Ok(()),
    }
}

fn is_phrase_special(character: char) -> bool {
    "()<>@,:;.\"\\[]".contains(character)
}

/// Returns the decoded value of an address header. A name from an encoded word is put in quotes if
/// it contains a comma or a bracket. Without the quotes, the sender of a message could add
/// recipients that no reader of its headers sees.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let tokens = tokens(text);
    let mut rest = tokens.as_slice();
    while let Some(token) = rest.first() {
        let run = rest.iter().take_while(|token| matches!(token.kind, Kind::Word | Kind::Space)).count();
        if run > 0 {
            let written: String = rest[..run].iter().map(|token| token.text).collect();
            out.push_str(&decoded_words(&written));
            rest = &rest[run..];
            continue;
        }
        match token.kind {
            Kind::Quoted => out.push_str(&quoted(&decode_words(&token.inner()))),
            Kind::Comment => {
                let comment = decode_words(&token.inner());
                let escaped = comment.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
                out.push_str(&format!("({escaped})"));
            }
            _ => out.push_str(token.text),
        }
        rest = &rest[1..];
    }
    out
}

fn decoded_words(written: &str) -> String {
    let words = written.trim();
    let decoded = decode_words(words);
    if decoded == words {
        return written.to_owned();
    }
    let start = written.len() - written.trim_start().len();
    format!("{}{}{}", &written[..start], phrase(&decoded), &written[start + words.len()..])
}

/// The kind of a token in an address header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// An atom or an encoded word, including dots.
    Word,
    Quoted,
    Comment,
    /// An address in angle brackets.
    Angle,
    /// A domain in square brackets.
    Literal,
    /// `,`, `;`, `:` or `@`.
    Special,
}

/// A token of an address header, as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

impl Token<'_> {
    /// Returns the text between the delimiters, without backslashes.
    pub(super) fn inner(&self) -> String {
        let mut inner = String::with_capacity(self.text.len());
        let mut characters = self.text.chars().skip(1).peekable();
        // In a complete token, the last character is the closing delimiter.
        let close = if self.kind == Kind::Comment { ')' } else { '"' };
        while let Some(character) = characters.next() {
            match character {
                '\\' => inner.extend(characters.next()),
                _ if character == close && characters.peek().is_none() => {}
                _ => inner.push(character),
            }
        }
        inner
    }
}

/// Splits an address header into tokens. Accepts any text; concatenated, the tokens are the text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match first {
            _ if first.is_whitespace() => (Kind::Space, rest.find(|next: char| !next.is_whitespace()).unwrap_or(rest.len())),
            '"' => (Kind::Quoted, delimited(rest, '"', '"')),
            '(' => (Kind::Comment, delimited(rest, '(', ')')),
            '<' => (Kind::Angle, delimited(rest, '<', '>')),
            '[' => (Kind::Literal, delimited(rest, '[', ']')),
            ',' | ';' | ':' | '@' => (Kind::Special, 1),
            _ => {
                // All characters of an encoded word belong to it.
                let length = encoded_word(rest).map_or_else(
                    || {
                        let mut ends = rest.char_indices().skip(1).filter(|(at, next)| {
                            next.is_whitespace() || "\"(<[,;:@".contains(*next) || *next == '=' && rest[*at..].starts_with("=?")
                        });
                        ends.next().map_or(rest.len(), |(at, _)| at)
                    },
                    |(_, length)| length,
                );
                (Kind::Word, length)
            }
        };
        tokens.push(Token { kind, text: &rest[..length] });
        at += length;
    }
    tokens
}

/// Returns the length of a token that begins with `open`, closing delimiter included; up to the end
/// of the text if there is none.
fn delimited(text: &str, open: char, close: char) -> usize {
    let (mut depth, mut escaped, mut in_quotes) = (0usize, false, false);
    for (at, next) in text.char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' if open != '<' || in_quotes => escaped = true,
            '"' if open == '<' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            _ if at == 0 => depth = 1,
            _ if next == close => {
                depth -= 1;
                if depth == 0 {
                    return at + next.len_utf8();
                }
            }
            '(' if open == '(' => depth += 1,
            _ => {}
        }
    }
    text.len()
}
