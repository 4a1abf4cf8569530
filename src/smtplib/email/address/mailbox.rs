//! Strict parser for address lists (RFC 5322, 3.4, with the obsolete forms of 4.4): text that is
//! not an address is an error, so no recipient is guessed.

use super::{Address, Group};
use crate::smtplib::Error;
use crate::smtplib::email::header::{decode_words, encoded_word};

impl Address {
    /// Parses one address: `Ann Smith <ann@example.com>` or `ann@example.com`. The name may contain
    /// encoded words.
    ///
    /// The error gives the problem and its place. Unlike [`parseaddr`](crate::smtplib::email::parseaddr), nothing
    /// is skipped.
    ///
    /// ```
    /// use leyden::smtplib::email::Address;
    ///
    /// let ann = Address::parse("=?utf-8?q?Zo=C3=AB?= <zoe@example.com>")?;
    /// assert_eq!((ann.display_name.as_str(), ann.domain.as_str()), ("Zoë", "example.com"));
    /// assert!(Address::parse("alice@x.org bob@y.com").is_err());
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Address, Error> {
        let mut found = Group::parse_list(text)?;
        match found.pop() {
            Some(Group { display_name: None, mut addresses }) if found.is_empty() => {
                addresses.pop().ok_or_else(|| Error::Value(format!("{text:?} is not an address: it is empty")))
            }
            Some(_) => Err(Error::Value(format!("{text:?} is not one address: it is a list or a group"))),
            None => Err(Error::Value(format!("{text:?} is not an address: it is empty"))),
        }
    }
}

impl Group {
    /// Parses the value of a header such as `To`: addresses and groups, separated by commas. A
    /// single address is a group without a name. Empty entries (`a@b,,c@d`) are left out. Any other
    /// text is an error.
    pub fn parse_list(text: &str) -> Result<Vec<Group>, Error> {
        let mut reader = Reader { text, at: 0 };
        reader.list().map_err(|what| {
            let near: String = text[reader.at.min(text.len())..].chars().take(20).collect();
            let place = if near.is_empty() { "at the end".to_owned() } else { format!("before {near:?}") };
            let shown: String = text.chars().take(200).collect();
            Error::Value(format!("{shown:?} is not a list of addresses: {what} {place}"))
        })
    }
}

#[derive(Debug)]
enum Word {
    Atom(String),
    Quoted(String),
    Dot,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn list(&mut self) -> Read<Vec<Group>> {
        let mut groups = Vec::new();
        // The members of the open group.
        let mut open: Option<Group> = None;
        loop {
            self.space()?;
            match self.peek() {
                None => {
                    groups.extend(open);
                    return Ok(groups);
                }
                Some(',') => {
                    self.at += 1;
                    continue;
                }
                Some(';') if open.is_some() => {
                    self.at += 1;
                    groups.extend(open.take());
                    self.space()?;
                    self.end(false)?;
                    continue;
                }
                _ => {}
            }
            let words = self.words()?;
            let address = match self.peek() {
                Some(':') if open.is_none() => {
                    if words.is_empty() {
                        return Err("a group without a name");
                    }
                    self.at += 1;
                    open = Some(Group { display_name: Some(phrase(&words)), addresses: Vec::new() });
                    continue;
                }
                Some('<') => {
                    let (username, domain) = self.angle()?;
                    Address { display_name: phrase(&words), username, domain }
                }
                Some('@') => {
                    let username = local_part(words)?;
                    self.at += 1;
                    let domain = self.domain()?;
                    Address { display_name: String::new(), username, domain }
                }
                Some(',' | ';') | None => {
                    let username = local_part(words)?;
                    Address { username, ..Address::default() }
                }
                Some(_) => return Err("an unexpected character"),
            };
            self.end(open.is_some())?;
            match &mut open {
                Some(group) => group.addresses.push(address),
                None => groups.push(Group { display_name: None, addresses: vec![address] }),
            }
        }
    }

    /// Checks that only a separator or the end follows an address.
    fn end(&mut self, in_group: bool) -> Read<()> {
        match self.peek() {
            None | Some(',') => Ok(()),
            Some(';') if in_group => Ok(()),
            Some(_) => Err("text after an address, without a comma"),
        }
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Read<()> {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\r' | '\n' => self.at += 1,
                '(' => self.comment()?,
                _ => break,
            }
        }
        Ok(())
    }

    fn comment(&mut self) -> Read<()> {
        let start = self.at;
        let (mut depth, mut escaped) = (0usize, false);
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        self.at = start;
        Err("a comment that does not end")
    }

    fn quoted(&mut self) -> Read<String> {
        let start = self.at;
        self.at += 1;
        let (mut inner, mut escaped) = (String::new(), false);
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    continue;
                }
                '"' => return Ok(inner),
                // The line ends of folding are not part of the text.
                '\r' | '\n' => continue,
                _ => {}
            }
            inner.push(next);
        }
        self.at = start;
        Err("a quotation mark without its pair")
    }

    /// Reads words and dots up to a special character. White space between two words is an atom `"
    /// "`.
    fn words(&mut self) -> Read<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            let before = self.at;
            self.space()?;
            let spaced = self.at > before && !words.is_empty();
            let Some(next) = self.peek() else { break };
            let word = match next {
                '"' => Word::Quoted(self.quoted()?),
                '.' => {
                    self.at += 1;
                    Word::Dot
                }
                _ if is_special(next) => break,
                _ => Word::Atom(self.atom()?),
            };
            if spaced {
                words.push(Word::Atom(" ".into()));
            }
            words.push(word);
        }
        Ok(words)
    }

    fn atom(&mut self) -> Read<String> {
        // Some software puts characters into encoded words that RFC 2047 forbids there: they are
        // part of the word.
        let mut end = encoded_word(&self.text[self.at..]).map_or(self.at, |(_, length)| self.at + length);
        let rest = &self.text[end..];
        end +=
            rest.find(|next: char| next == '.' || next == '"' || is_special(next) || next.is_whitespace()).unwrap_or(rest.len());
        let atom = &self.text[self.at..end];
        if end == self.at || atom.chars().any(char::is_control) {
            return Err("an unexpected character");
        }
        self.at = end;
        Ok(atom.to_owned())
    }

    fn angle(&mut self) -> Read<(String, String)> {
        self.at += 1;
        self.space()?;
        // A route (RFC 822, `<@a,@b:user@host>`) must be accepted and ignored.
        if matches!(self.peek(), Some('@' | ',')) {
            loop {
                self.space()?;
                match self.peek() {
                    Some(',') => self.at += 1,
                    Some('@') => {
                        self.at += 1;
                        self.domain()?;
                    }
                    Some(':') => {
                        self.at += 1;
                        break;
                    }
                    _ => return Err("a route without an address"),
                }
            }
        }
        let words = self.words()?;
        let username = local_part(words)?;
        let domain = match self.peek() {
            Some('@') => {
                self.at += 1;
                self.domain()?
            }
            _ => String::new(),
        };
        self.space()?;
        if self.peek() != Some('>') {
            return Err("an address whose bracket does not close");
        }
        self.at += 1;
        self.space()?;
        Ok((username, domain))
    }

    fn domain(&mut self) -> Read<String> {
        self.space()?;
        if self.peek() == Some('[') {
            let rest = &self.text[self.at..];
            let end = rest.find(']').ok_or("a domain literal that does not end")?;
            let literal = &rest[..=end];
            if literal[1..].chars().any(|next| next == '[' || next == '\\' || next.is_whitespace() || next.is_control()) {
                return Err("an invalid domain literal");
            }
            self.at += literal.len();
            let literal = literal.to_owned();
            self.space()?;
            return Ok(literal);
        }
        let mut domain = String::new();
        for word in self.words()? {
            match word {
                Word::Dot => domain.push('.'),
                // The obsolete form has white space around its dots only.
                Word::Atom(space) if space == " " => domain.push(' '),
                Word::Atom(atom) => domain.push_str(&atom),
                Word::Quoted(_) => return Err("a quoted domain"),
            }
        }
        let domain = undotted_space(&domain).ok_or("a domain of several words")?;
        if domain.split('.').any(str::is_empty) {
            return Err("an invalid domain");
        }
        Ok(domain)
    }
}

/// Removes white space around dots. `None` if there is other white space.
fn undotted_space(text: &str) -> Option<String> {
    let joined: String = text.split('.').map(str::trim).collect::<Vec<_>>().join(".");
    (!joined.contains(' ')).then_some(joined)
}

fn is_special(character: char) -> bool {
    "()<>[]:;@\\,".contains(character)
}

/// Returns the display name: its words, decoded.
fn phrase(words: &[Word]) -> String {
    let text: String = words
        .iter()
        .map(|word| match word {
            Word::Atom(atom) | Word::Quoted(atom) => atom.as_str(),
            Word::Dot => ".",
        })
        .collect();
    decode_words(&text)
}

/// Returns the local part: words with dots between them, which may be spaced in the obsolete form.
/// Dots at other places are accepted too, because such mailboxes exist.
fn local_part(words: Vec<Word>) -> Read<String> {
    let mut local = String::new();
    let mut last_is_word = false;
    let mut any = false;
    for word in words {
        match word {
            Word::Atom(space) if space == " " => continue,
            Word::Dot => {
                local.push('.');
                last_is_word = false;
            }
            Word::Atom(_) | Word::Quoted(_) if last_is_word => return Err("several words where an address is expected"),
            Word::Atom(text) | Word::Quoted(text) => {
                local.push_str(&text);
                last_is_word = true;
            }
        }
        any = true;
    }
    if !any {
        return Err("an address is missing");
    }
    if local.contains(['\r', '\n', '\0']) {
        return Err("a line end in an address");
    }
    Ok(local)
}
