//! [`Header`]: a header value with several charsets; Python's `email.header`.

use std::fmt;

use super::header_lines::HeaderLines;
use super::{decode_q, q_plain};
use crate::smtplib::email::content::charset::{Charset, Encoding};
use crate::smtplib::email::content::encode::a2b_base64;
use crate::smtplib::{Error, Result};
use base64::Engine as _;

/// A header value composed of texts in several charsets: Python's `email.header.Header`.
///
/// [`EmailMessage::set`](crate::smtplib::email::EmailMessage::set) takes plain text and encodes it when the message
/// is written. This type is for scripts that encode headers themselves.
///
/// ```
/// use leyden::smtplib::email::{Header, decode_header, make_header};
///
/// let header = Header::new("Grüße aus Köln", "utf-8")?.header_name("Subject");
/// assert_eq!(header.encode()?, "=?utf-8?b?R3LDvMOfZSBhdXMgS8O2bG4=?=");
/// assert_eq!(make_header(decode_header(&header.encode()?)?)?.to_string(), "Grüße aus Köln");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.header.html#email.header.Header>
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "email.header.Header")]
pub struct Header {
    chunks: Vec<(String, Charset)>,
    charset: Charset,
    maxlinelen: usize,
    name_length: usize,
    continuation_ws: String,
}

impl Default for Header {
    /// An empty header in US-ASCII.
    fn default() -> Header {
        Header { chunks: Vec::new(), charset: Charset::ascii(), maxlinelen: 78, name_length: 0, continuation_ws: " ".into() }
    }
}

impl Header {
    /// Creates a header from a text in this charset, which is also the default for appended text.
    /// Text beyond US-ASCII is encoded as UTF-8. Fails for an unknown charset, or one that cannot
    /// encode the text.
    pub fn new(text: &str, charset: &str) -> Result<Header> {
        let mut header = Header::of_charset(charset)?;
        header.append(text, None)?;
        Ok(header)
    }

    /// Creates an empty header with this charset.
    pub fn of_charset(charset: &str) -> Result<Header> {
        Ok(Header { charset: Charset::new(charset)?, ..Header::default() })
    }

    /// `maxlinelen=`: folds lines at this length. Default: 78; 0 does not fold.
    #[must_use]
    pub fn maxlinelen(self, maxlinelen: usize) -> Header {
        Header { maxlinelen, ..self }
    }

    /// `header_name=`: leaves room for this name on the first line.
    #[must_use]
    pub fn header_name(self, name: &str) -> Header {
        Header { name_length: name.chars().count() + 2, ..self }
    }

    /// `continuation_ws=`: the white space at the start of the following lines. Default: a space.
    #[must_use]
    pub fn continuation_ws(self, white_space: &str) -> Header {
        Header { continuation_ws: white_space.to_owned(), ..self }
    }

    /// Appends text, in this charset or that of the header.
    pub fn append(&mut self, text: &str, charset: Option<&str>) -> Result<()> {
        let charset = match charset {
            Some(name) => Charset::new(name)?,
            None => self.charset.clone(),
        };
        self.push(text.to_owned(), charset)
    }

    /// Appends bytes of this charset, or that of the header.
    pub fn append_bytes(&mut self, bytes: &[u8], charset: Option<&str>) -> Result<()> {
        let charset = match charset {
            Some(name) => Charset::new(name)?,
            None => self.charset.clone(),
        };
        let text = charset.decode(bytes).ok_or_else(|| Error::Value(format!("the bytes are not valid {charset}")))?;
        self.push(text, charset)
    }

    fn push(&mut self, text: String, charset: Charset) -> Result<()> {
        let charset = match charset.encode(&text) {
            Some(_) => charset,
            None if charset.output_charset == "us-ascii" => Charset::utf8(),
            None => return Err(Error::Value(format!("{charset} cannot encode {text:?}"))),
        };
        self.chunks.push((text, charset));
        Ok(())
    }

    /// Joins neighbouring pieces of the same charset.
    fn runs(&self) -> Vec<(String, &Charset)> {
        let mut runs: Vec<(String, &Charset)> = Vec::new();
        for (text, charset) in &self.chunks {
            match runs.last_mut() {
                Some((run, last)) if *last == charset => {
                    run.push(' ');
                    run.push_str(text);
                }
                _ => runs.push((text.clone(), charset)),
            }
        }
        runs
    }

    /// Returns the encoded value: ASCII, folded, with `\n` line ends. Fails if it would contain
    /// another header.
    pub fn encode(&self) -> Result<String> {
        self.encode_with(";, \t", self.maxlinelen, "\n")
    }

    /// `encode(splitchars, maxlinelen, linesep)`: the preferred characters to fold ASCII at, best
    /// first; the line length, 0 for any; the line end.
    pub fn encode_with(&self, splitchars: &str, maxlinelen: usize, linesep: &str) -> Result<String> {
        let most = if maxlinelen == 0 { 1_000_000 } else { maxlinelen };
        let mut lines = HeaderLines::new(self.name_length, most, &self.continuation_ws, splitchars);
        let mut before: Option<(&Charset, bool)> = None;
        for (text, charset) in self.runs() {
            if let Some((last, space)) = before {
                let begins = text.chars().next().is_some_and(breaks);
                let transition = if last.input_charset == "us-ascii" {
                    charset.input_charset != "us-ascii" && !space
                } else {
                    !begins || charset.input_charset != "us-ascii"
                };
                if transition {
                    lines.transition();
                }
            }
            before = Some((charset, text.chars().next_back().is_some_and(breaks)));
            let mut pieces = split_lines(&text).into_iter();
            lines.feed("", pieces.next().unwrap_or_default(), charset)?;
            let mut several = false;
            for piece in pieces {
                several = true;
                lines.newline();
                let bare = piece.trim_start();
                match charset.header_encoding {
                    Some(_) => lines.feed(&self.continuation_ws, &format!(" {bare}"), charset)?,
                    None => lines.feed(&piece[..piece.len() - bare.len()], bare, charset)?,
                }
            }
            if several {
                lines.newline();
            }
        }
        if before.is_some() {
            lines.transition();
        }
        let value = lines.finish(linesep);
        let named =
            |line: &str| line.split([' ', '\t']).next().unwrap_or_default().chars().skip(1).any(|character| character == ':');
        let injected = value.split('\n').skip(1).any(named);
        if injected {
            return Err(Error::Value(format!("header value appears to contain an embedded header: {value:?}")));
        }
        Ok(value)
    }
}

impl fmt::Display for Header {
    /// Writes the decoded text, with a space between encoded and plain text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<(bool, bool)> = None;
        for (text, charset) in self.runs() {
            let plain = charset.input_charset == "us-ascii";
            if let Some((last_plain, last_space)) = before {
                let begins = text.chars().next().is_some_and(breaks);
                if !last_plain && plain && !begins || last_plain && !plain && !last_space {
                    f.write_str(" ")?;
                }
            }
            before = Some((plain, text.chars().next_back().is_some_and(breaks)));
            f.write_str(&text)?;
        }
        Ok(())
    }
}

/// Returns true for white space and special characters of a header.
fn breaks(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '\\')
}

/// Python's `str.splitlines()`.
fn split_lines(text: &str) -> Vec<&str> {
    let ends = ['\n', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.find(ends).unwrap_or(rest.len());
        lines.push(&rest[..at]);
        let end = &rest[at..];
        let skip = if end.starts_with("\r\n") { 2 } else { end.chars().next().map_or(0, char::len_utf8) };
        rest = &end[skip..];
    }
    lines
}

/// Returns the text as one encoded word; empty for an empty text.
pub(in crate::smtplib::email) fn encoded_word(bytes: &[u8], charset: &Charset, base64: bool) -> String {
    let name = &charset.output_charset;
    match base64 {
        _ if bytes.is_empty() => String::new(),
        true => format!("=?{name}?b?{}?=", crate::smtplib::email::content::encode::BASE64.encode(bytes)),
        false => format!("=?{name}?q?{}?=", super::encode_q(bytes)),
    }
}

/// Returns the length of bytes in an encoded word.
pub(super) fn word_length(bytes: &[u8], base64: bool) -> usize {
    match base64 {
        true => bytes.len().div_ceil(3) * 4,
        false => bytes.iter().map(|byte| if q_plain(*byte) || *byte == b' ' { 1 } else { 3 }).sum(),
    }
}

/// Returns true if a text in this charset is encoded as base64.
pub(super) fn takes_base64(bytes: &[u8], charset: &Charset) -> bool {
    match charset.header_encoding {
        Some(Encoding::QuotedPrintable) | None => false,
        Some(Encoding::Base64) => true,
        Some(Encoding::Shortest) => word_length(bytes, true) < word_length(bytes, false),
    }
}

/// `decode_header(value)`: splits a value into pieces, each with the charset of its encoded word in
/// lower case, or `None` for plain text. Fails for invalid base64.
///
/// DIFFERENCE: plain text is returned as UTF-8. Python returns a `str`, or bytes with `\uXXXX` in
/// them.
///
/// <https://docs.python.org/3/library/email.header.html#email.header.decode_header>
#[doc(alias = "email.header.decode_header")]
#[allow(clippy::type_complexity, reason = "Python's list of pairs")]
pub fn decode_header(value: &str) -> Result<Vec<(Vec<u8>, Option<String>)>> {
    // A word: its text, and for an encoded word its encoding and charset.
    let mut words: Vec<(&str, Option<(char, String)>)> = Vec::new();
    for line in split_lines(value) {
        let mut rest = line.trim_start();
        while let Some((before, word, after)) = next_word(rest) {
            if !before.is_empty() {
                words.push((before, None));
            }
            // White space between two encoded words only separates them.
            if let [.., (_, Some(_)), (blank, None)] = words[..]
                && blank.trim().is_empty()
            {
                words.pop();
            }
            words.push(word);
            rest = after;
        }
        if !rest.is_empty() {
            words.push((rest, None));
        }
    }
    if words.iter().all(|(_, encoded)| encoded.is_none()) {
        return Ok(vec![(value.as_bytes().to_vec(), None)]);
    }
    let mut pieces: Vec<(Vec<u8>, Option<String>)> = Vec::new();
    for (text, encoded) in words {
        let (bytes, charset) = match encoded {
            None => (text.as_bytes().to_vec(), None),
            Some(('q', charset)) => (decode_q(text.as_bytes()), Some(charset)),
            Some((_, charset)) => (
                a2b_base64(text.as_bytes(), (4 - text.chars().count() % 4) % 4)
                    .ok_or_else(|| Error::Value("Base64 decoding error".into()))?,
                Some(charset),
            ),
        };
        match pieces.last_mut() {
            Some((run, last)) if *last == charset => {
                if charset.is_none() {
                    run.push(b' ');
                }
                run.extend(bytes);
            }
            _ => pieces.push((bytes, charset)),
        }
    }
    Ok(pieces)
}

/// Returns the text before the first encoded word, the word, and the text after it.
#[allow(clippy::type_complexity, reason = "three pieces of a line")]
fn next_word(line: &str) -> Option<(&str, (&str, Option<(char, String)>), &str)> {
    for (start, _) in line.match_indices("=?") {
        let (charset, rest) = line[start + 2..].split_once('?')?;
        let mut characters = rest.chars();
        let (Some(encoding @ ('q' | 'Q' | 'b' | 'B')), Some('?')) = (characters.next(), characters.next()) else { continue };
        let Some((text, after)) = characters.as_str().split_once("?=") else { continue };
        return Some((&line[..start], (text, Some((encoding.to_ascii_lowercase(), charset.to_lowercase()))), after));
    }
    None
}

/// `make_header(pieces)`: creates a header from the result of [`decode_header`]. Fails for an
/// unknown charset, and for bytes that are invalid in their charset.
///
/// <https://docs.python.org/3/library/email.header.html#email.header.make_header>
#[doc(alias = "email.header.make_header")]
pub fn make_header(pieces: impl IntoIterator<Item = (Vec<u8>, Option<String>)>) -> Result<Header> {
    let mut header = Header::default();
    for (bytes, charset) in pieces {
        match charset {
            Some(charset) => header.append_bytes(&bytes, Some(&charset))?,
            None => {
                let text = std::str::from_utf8(&bytes);
                header.append(text.map_err(|_| Error::Value("plain text of a header that is not UTF-8".into()))?, None)?;
            }
        }
    }
    Ok(header)
}
