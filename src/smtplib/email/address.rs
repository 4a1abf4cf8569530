//! Addresses: `Ann Smith <ann@example.com>`, and groups of them.

use std::fmt;

use super::super::Error;
use super::header::{decode_words, encode_word, encoded_word};

/// An address: Python's `email.headerregistry.Address`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias("email.headerregistry.Address"))]
pub struct Address {
    /// The name for people, decoded; may be empty.
    #[doc(alias = "email.headerregistry.Address.display_name")]
    pub display_name: String,
    /// Before the `@`.
    #[doc(alias = "email.headerregistry.Address.username")]
    pub username: String,
    /// After the `@`; may be empty.
    #[doc(alias = "email.headerregistry.Address.domain")]
    pub domain: String,
}

impl Address {
    /// From its parts. A line end in one of them is an error.
    pub fn new(
        display_name: impl Into<String>,
        username: impl Into<String>,
        domain: impl Into<String>,
    ) -> Result<Address, Error> {
        let address = Address { display_name: display_name.into(), username: username.into(), domain: domain.into() };
        if [&address.display_name, &address.username, &address.domain].iter().any(|part| part.contains(['\r', '\n'])) {
            return Err(Error::Value("invalid arguments; address parts cannot contain CR or LF".into()));
        }
        Ok(address)
    }

    /// `user@domain`; the user in quotes where that is needed; `<>` if both are empty.
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
    /// Its name. None: a single address that stands for itself.
    #[doc(alias = "email.headerregistry.Group.display_name")]
    pub display_name: Option<String>,
    /// Who is in it.
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

/// A name as it stands before an address: in quotes where it holds what has a meaning there.
pub(super) fn phrase(name: &str) -> String {
    if name.chars().any(|character| "()<>@,:;.\"\\[]".contains(character)) { quoted(name) } else { name.to_owned() }
}

/// `formataddr((name, address))`: for a header. A name that is not ASCII becomes an encoded word.
#[doc(alias = "email.utils.formataddr")]
pub fn formataddr(name: &str, address: &str) -> String {
    if name.is_empty() {
        address.to_owned()
    } else if name.is_ascii() {
        format!("{} <{address}>", phrase(name))
    } else {
        format!("{} <{address}>", encode_word(name))
    }
}

/// `parseaddr(text)`: name and address of the first address in the text; None if there is none.
#[doc(alias = "email.utils.parseaddr")]
pub fn parseaddr(text: &str) -> Option<(String, String)> {
    let found = groups(text).into_iter().flat_map(|group| group.addresses).next()?;
    let spec = found.addr_spec();
    (spec != "<>").then_some((found.display_name, spec))
}

/// `getaddresses(fields)`: name and address of every address in these header values; the members of groups too.
#[doc(alias = "email.utils.getaddresses")]
pub fn getaddresses<'a>(fields: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let groups = fields.into_iter().flat_map(groups);
    groups.flat_map(|group| group.addresses).map(|address| (address.display_name.clone(), address.addr_spec())).collect()
}

/// The addresses and groups of a header value (RFC 5322, 3.4), as lenient as people are.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut reader = Reader { text, at: 0 };
    let mut groups = Vec::new();
    while reader.at < text.len() {
        match reader.mailbox(&[',', ';', ':']) {
            (words, Some(':')) => {
                let mut members = Vec::new();
                loop {
                    let (member, end) = reader.mailbox(&[',', ';']);
                    members.extend(member.address());
                    if end != Some(',') {
                        break;
                    }
                }
                groups.push(Group { display_name: Some(words.name()), addresses: members });
            }
            (words, _) => groups.extend(words.address().map(|address| Group { display_name: None, addresses: vec![address] })),
        }
    }
    groups
}

/// The value of a header of addresses as a text: encoded words become names, in quotes where a comma or a bracket came out of them. Without the quotes the sender of a
/// message could add recipients to it that no reader of its headers sees.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut reader = Reader { text, at: 0 };
    let (mut out, mut words) = (String::with_capacity(text.len()), 0);
    loop {
        let start = reader.at;
        // Whatever stands in an encoded word is a part of it.
        if let Some((_, length)) = encoded_word(&text[start..]) {
            reader.at += length;
            continue;
        }
        let next = reader.next();
        if next.is_some_and(|next| !"\"(<[,;:@".contains(next)) {
            continue;
        }
        out.push_str(&decoded_words(&text[words..start]));
        match next {
            None => return out,
            Some('"') => out.push_str(&quoted(&decode_words(&reader.quoted('"')))),
            Some('(') => {
                let comment = decode_words(&reader.comment());
                let escaped = comment.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
                out.push_str(&format!("({escaped})"));
            }
            Some('<') => drop(reader.angle()),
            Some('[') => drop(reader.quoted(']')),
            Some(_) => {}
        }
        if !matches!(next, Some('"' | '(')) {
            out.push_str(&text[start..reader.at]);
        }
        words = reader.at;
    }
}

fn decoded_words(written: &str) -> String {
    let words = written.trim();
    let decoded = decode_words(words);
    if decoded == words { written.to_owned() } else { written.replace(words, &phrase(&decoded)) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// What stands between two separators.
#[derive(Default)]
struct Words {
    /// Outside the angle brackets, with one space between words.
    outside: String,
    /// The same with its quotes, as an address has them.
    literal: String,
    /// Inside them.
    angle: Option<String>,
    comment: String,
}

impl Words {
    fn name(&self) -> String {
        let name = if self.outside.trim().is_empty() { self.comment.trim() } else { self.outside.trim() };
        decode_words(name)
    }

    fn address(self) -> Option<Address> {
        let (name, spec) = match &self.angle {
            Some(spec) => (self.name(), spec.clone()),
            None => (decode_words(self.comment.trim()), self.literal.clone()),
        };
        if spec.is_empty() && name.is_empty() {
            return None;
        }
        // A route (RFC 822, `<@a,@b:user@host>`) says nothing any more.
        let spec =
            if spec.starts_with('@') { spec.rsplit_once(':').map_or(spec.clone(), |(_, spec)| spec.to_owned()) } else { spec };
        // An `@` within quotes belongs to the name before it.
        let (username, domain) = spec.rsplit_once('@').filter(|(_, domain)| !domain.contains('"')).unwrap_or((&spec, ""));
        let username = match username.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) => unescape(inner),
            None => username.to_owned(),
        };
        Some(Address { display_name: name, username, domain: domain.to_owned() })
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    plain
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.text[self.at..].chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Reads up to one of the separators, and says which it was.
    fn mailbox(&mut self, separators: &[char]) -> (Words, Option<char>) {
        let mut words = Words::default();
        let mut ended = false;
        while let Some(character) = self.next() {
            match character {
                '"' => {
                    let inner = self.quoted('"');
                    words.literal.push_str(&quoted(&inner));
                    words.outside.push_str(&inner);
                }
                '(' => {
                    let comment = self.comment();
                    if !words.comment.is_empty() {
                        words.comment.push(' ');
                    }
                    words.comment.push_str(&comment);
                }
                '<' => words.angle = Some(self.angle()),
                '[' => {
                    let inner = format!("[{}]", self.quoted(']'));
                    words.literal.push_str(&inner);
                    words.outside.push_str(&inner);
                }
                _ if separators.contains(&character) => return (words, Some(character)),
                _ if character.is_whitespace() => {
                    if !words.outside.ends_with(' ') {
                        words.outside.push(' ');
                    }
                    // Python takes the first of several words that are no address.
                    ended |= !words.literal.is_empty()
                        && !words.literal.contains('@')
                        && !self.text[self.at..].trim_start().starts_with(['@', '.']);
                }
                _ => {
                    words.outside.push(character);
                    if !ended {
                        words.literal.push(character);
                    }
                }
            }
        }
        (words, None)
    }

    fn quoted(&mut self, end: char) -> String {
        let mut inner = String::new();
        while let Some(character) = self.next() {
            match character {
                '\\' => inner.extend(self.next()),
                _ if character == end => break,
                _ => inner.push(character),
            }
        }
        inner
    }

    fn comment(&mut self) -> String {
        let mut inner = String::new();
        let mut depth = 1;
        while let Some(character) = self.next() {
            match character {
                '\\' => {
                    inner.extend(self.next());
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            inner.push(character);
        }
        inner
    }

    fn angle(&mut self) -> String {
        let mut inner = String::new();
        while let Some(character) = self.next() {
            match character {
                '>' => break,
                '"' => inner.push_str(&quoted(&self.quoted('"'))),
                '(' => {
                    self.comment();
                }
                _ if character.is_whitespace() => {}
                _ => inner.push(character),
            }
        }
        inner
    }
}
