//! `parseaddr` and `getaddresses`: Python's address parser, which is lenient by default.
//!
//! Follows the rules of CPython's `email._parseaddr.AddrlistClass`, without recursion, because
//! untrusted input controls the nesting.

/// `parseaddr(text)`: returns name and address of the first address in the text; `None` if there is
/// none.
///
/// As in Python 3.11.7, parsing is lenient: text after the first address is ignored.
/// [`ParseAddr::strict`] is the `strict=True` of later releases (CVE-2023-27043): `None` unless the
/// text is exactly one address. [`Address::parse`](crate::smtplib::email::Address::parse) reports the error.
///
/// ```
/// use leyden::smtplib::email::{ParseAddr, parseaddr};
///
/// assert_eq!(parseaddr("Ann <ann@example.com>"), Some(("Ann".into(), "ann@example.com".into())));
/// assert_eq!(parseaddr(ParseAddr::new("ann@example.com <bob@example.org>").strict(true)), None);
/// ```
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.parseaddr>
#[doc(alias = "email.utils.parseaddr")]
pub fn parseaddr<'a>(text: impl Into<ParseAddr<'a>>) -> Option<(String, String)> {
    let ParseAddr { text, strict } = text.into();
    let first = match strict {
        false => AddrList::new(text).list().into_iter().next()?,
        true => match <[_; 1]>::try_from(validated(AddrList::new(balanced(text)).list())) {
            Ok([only]) => only,
            Err(_) => return None,
        },
    };
    (first != Pair::default()).then_some(first)
}

/// The argument of [`parseaddr`].
#[derive(Clone, Copy, Debug)]
pub struct ParseAddr<'a> {
    text: &'a str,
    strict: bool,
}

impl<'a> ParseAddr<'a> {
    /// Parses this text leniently.
    pub fn new(text: &'a str) -> ParseAddr<'a> {
        ParseAddr { text, strict: false }
    }

    /// `strict=True`: accepts only one well-formed address.
    #[must_use]
    pub fn strict(self, strict: bool) -> ParseAddr<'a> {
        ParseAddr { strict, ..self }
    }
}

impl<'a> From<&'a str> for ParseAddr<'a> {
    fn from(text: &'a str) -> ParseAddr<'a> {
        ParseAddr::new(text)
    }
}

impl<'a> From<&'a String> for ParseAddr<'a> {
    fn from(text: &'a String) -> ParseAddr<'a> {
        ParseAddr::new(text)
    }
}

/// `getaddresses(fields)`: returns name and address of every address in these header values,
/// including members of groups. An entry that cannot be parsed is `("", "")`.
///
/// Parsing is lenient, as in Python 3.11.7: use [`GetAddresses::strict`] for untrusted headers.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.getaddresses>
#[doc(alias = "email.utils.getaddresses")]
pub fn getaddresses<'a>(fields: impl Into<GetAddresses<'a>>) -> Vec<(String, String)> {
    let GetAddresses { fields, strict } = fields.into();
    if !strict {
        return AddrList::new(&fields.join(", ")).list();
    }
    let fields: Vec<&str> = fields.into_iter().map(balanced).collect();
    let found = validated(AddrList::new(&fields.join(", ")).list());
    // Each comma outside quotes separates two addresses: any other number means that the text is
    // not a list of addresses.
    let expected: usize = fields.iter().map(|field| 1 + without_quoted(field).matches(',').count()).sum();
    if found.len() == expected { found } else { vec![Pair::default()] }
}

/// The argument of [`getaddresses`].
#[derive(Clone, Debug)]
pub struct GetAddresses<'a> {
    fields: Vec<&'a str>,
    strict: bool,
}

impl<'a> GetAddresses<'a> {
    /// Parses these header values leniently.
    pub fn new(fields: impl IntoIterator<Item = &'a str>) -> GetAddresses<'a> {
        GetAddresses { fields: fields.into_iter().collect(), strict: false }
    }

    /// `strict=True`: returns one `("", "")` if the number of addresses does not match the commas
    /// in the fields.
    #[must_use]
    pub fn strict(self, strict: bool) -> GetAddresses<'a> {
        GetAddresses { strict, ..self }
    }
}

impl<'a, I: IntoIterator<Item = &'a str>> From<I> for GetAddresses<'a> {
    fn from(fields: I) -> GetAddresses<'a> {
        GetAddresses::new(fields)
    }
}

type Pair = (String, String);

/// Returns the text that Python parses instead if the parentheses do not match.
fn balanced(text: &str) -> &str {
    let mut open = 0usize;
    let mut escaped = false;
    for character in without_quoted(text).chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => open += 1,
            ')' if open == 0 => return "('', '')",
            ')' => open -= 1,
            _ => {}
        }
    }
    if open == 0 { text } else { "('', '')" }
}

/// A `[` that is left after parsing is an invalid domain literal.
fn validated(found: Vec<Pair>) -> Vec<Pair> {
    found.into_iter().map(|pair| if pair.1.contains('[') { Pair::default() } else { pair }).collect()
}

/// Returns the text without double-quoted parts.
fn without_quoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut start, mut open, mut escaped) = (0, None, false);
    for (at, character) in text.char_indices() {
        match (escaped, character) {
            (true, _) => escaped = false,
            (_, '\\') => escaped = true,
            (_, '"') => match open.take() {
                None => open = Some(at),
                Some(opened) => {
                    kept.push_str(&text[start..opened]);
                    start = at + 1;
                }
            },
            _ => {}
        }
    }
    kept.push_str(&text[start..]);
    kept
}

/// The kind of a list entry.
enum Entry {
    Address(Pair),
    Nothing,
    /// The `:` of a group follows.
    Group,
}

struct AddrList<'a> {
    text: &'a str,
    at: usize,
    comments: Vec<String>,
}

const SPACE: &[char] = &[' ', '\t', '\r', '\n'];
const ATOM_ENDS: &[char] = &['(', ')', '<', '>', '@', ',', ':', ';', '.', '"', '[', ']', ' ', '\t', '\r', '\n'];
const PHRASE_ENDS: &[char] = &['(', ')', '<', '>', '@', ',', ':', ';', '"', '[', ']', ' ', '\t', '\r', '\n'];

impl<'a> AddrList<'a> {
    fn new(text: &'a str) -> AddrList<'a> {
        AddrList { text, at: 0, comments: Vec::new() }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn list(mut self) -> Vec<Pair> {
        let mut found = Vec::new();
        // The number of open groups, and where the members of the outermost one begin.
        let (mut open, mut members) = (0usize, 0);
        loop {
            if open > 0 {
                self.skip();
                match self.peek() {
                    Some(';') => {
                        self.at += 1;
                        open -= 1;
                        self.comma();
                        if open == 0 && found.len() == members {
                            found.push(Pair::default());
                        }
                        continue;
                    }
                    None => {
                        if found.len() == members {
                            found.push(Pair::default());
                        }
                        return found;
                    }
                    _ => {}
                }
            } else if self.at >= self.text.len() {
                return found;
            }
            match self.entry() {
                Entry::Group => {
                    if open == 0 {
                        members = found.len();
                    }
                    self.at += 1;
                    open += 1;
                    continue;
                }
                Entry::Address(pair) => found.push(pair),
                Entry::Nothing if open == 0 => found.push(Pair::default()),
                Entry::Nothing => {}
            }
            self.comma();
        }
    }

    fn comma(&mut self) {
        self.skip();
        if self.peek() == Some(',') {
            self.at += 1;
        }
    }

    fn entry(&mut self) -> Entry {
        self.comments.clear();
        self.skip();
        let start = self.at;
        let phrase = self.phrase();
        self.skip();
        match self.peek() {
            Some('.' | '@') => {
                // The comments so far are repeated, as in Python.
                self.at = start;
                let spec = self.spec();
                Entry::Address((self.comments.join(" "), spec))
            }
            Some(':') => Entry::Group,
            Some('<') => {
                let route = self.route();
                let mut name = phrase.join(" ");
                if !self.comments.is_empty() {
                    name = format!("{name} ({})", self.comments.join(" "));
                }
                Entry::Address((name, route))
            }
            next => match (phrase.into_iter().next(), next) {
                (Some(word), _) => Entry::Address((self.comments.join(" "), word)),
                (None, Some(special)) => {
                    if "()<>@,:;.\"[]".contains(special) {
                        self.at += 1;
                    }
                    Entry::Nothing
                }
                (None, None) => Entry::Nothing,
            },
        }
    }

    /// Skips white space and comments; returns the white space within the line.
    fn skip(&mut self) -> String {
        let mut space = String::new();
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' => space.push(next),
                '\r' | '\n' => {}
                '(' => {
                    let comment = self.comment();
                    self.comments.push(comment);
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        space
    }

    fn route(&mut self) -> String {
        self.at += 1;
        self.skip();
        let mut expected = false;
        while let Some(next) = self.peek() {
            if expected {
                self.domain();
                expected = false;
            } else {
                match next {
                    '>' => {
                        self.at += 1;
                        break;
                    }
                    '@' => expected = true,
                    ':' => {}
                    _ => {
                        let spec = self.spec();
                        self.at += self.peek().map_or(0, char::len_utf8);
                        return spec;
                    }
                }
                self.at += 1;
            }
            self.skip();
        }
        String::new()
    }

    fn spec(&mut self) -> String {
        let mut spec = String::new();
        // Where the current trailing white space begins.
        let mut blank: Option<usize> = None;
        self.skip();
        while let Some(next) = self.peek() {
            let mut keeps_space = true;
            match next {
                '.' => {
                    spec.truncate(blank.take().unwrap_or(spec.len()));
                    spec.push('.');
                    self.at += 1;
                    keeps_space = false;
                }
                '"' => {
                    let inner = self.delimited('"');
                    spec.push_str(&format!("\"{}\"", crate::smtplib::email::quote(&inner)));
                }
                _ if ATOM_ENDS.contains(&next) => {
                    spec.truncate(blank.take().unwrap_or(spec.len()));
                    break;
                }
                _ => spec.push_str(self.atom(ATOM_ENDS)),
            }
            blank = None;
            let space = self.skip();
            if keeps_space && !space.is_empty() {
                blank = Some(spec.len());
                spec.push_str(&space);
            }
        }
        if self.peek() != Some('@') {
            return spec;
        }
        self.at += 1;
        self.skip();
        let domain = self.domain();
        if domain.is_empty() { String::new() } else { format!("{spec}@{domain}") }
    }

    fn domain(&mut self) -> String {
        let mut domain = String::new();
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' => self.at += 1,
                '(' => {
                    let comment = self.comment();
                    self.comments.push(comment);
                }
                '[' => {
                    let literal = self.delimited(']');
                    domain.push_str(&format!("[{literal}]"));
                }
                '.' => {
                    self.at += 1;
                    domain.push('.');
                }
                // A second `@`: the address after it is another one (bpo-34155).
                '@' => return String::new(),
                _ if ATOM_ENDS.contains(&next) => break,
                _ => domain.push_str(self.atom(ATOM_ENDS)),
            }
        }
        domain
    }

    /// Reads from the opening character to the closing one or a carriage return.
    fn delimited(&mut self, end: char) -> String {
        let mut inner = String::new();
        self.at += 1;
        let mut escaped = false;
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                _ if escaped => {
                    inner.push(next);
                    escaped = false;
                }
                '\r' => break,
                '\\' => escaped = true,
                _ if next == end => break,
                _ => inner.push(next),
            }
        }
        inner
    }

    fn comment(&mut self) -> String {
        let mut inner = String::new();
        self.at += 1;
        let (mut depth, mut escaped) = (1, false);
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                _ if escaped => {
                    inner.push(next);
                    escaped = false;
                }
                '\\' => escaped = true,
                '(' => depth += 1,
                ')' | '\r' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => inner.push(next),
            }
        }
        inner
    }

    fn atom(&mut self, ends: &[char]) -> &'a str {
        let rest = &self.text[self.at..];
        let atom = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += atom.len();
        atom
    }

    fn phrase(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        while let Some(next) = self.peek() {
            match next {
                _ if SPACE.contains(&next) => self.at += 1,
                '"' => words.push(self.delimited('"')),
                '(' => {
                    let comment = self.comment();
                    self.comments.push(comment);
                }
                _ if PHRASE_ENDS.contains(&next) => break,
                _ => words.push(self.atom(PHRASE_ENDS).to_owned()),
            }
        }
        words
    }
}
