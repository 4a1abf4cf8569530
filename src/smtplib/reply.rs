//! [`Reply`]: a server's reply.

use std::fmt;

/// A server's reply: Python's `(code, msg)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reply {
    /// Three digits; -1 if the server sent none.
    pub code: i32,
    /// The text, without the codes; several lines are joined by `\n`.
    #[cfg_attr(feature = "serde", serde(with = "crate::doors::serde::bytes"))]
    pub message: Vec<u8>,
}

impl Reply {
    /// Creates a reply.
    pub fn new(code: i32, message: impl Into<Vec<u8>>) -> Reply {
        Reply { code, message: message.into() }
    }

    /// Returns the text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.message).into_owned()
    }

    /// Returns true for 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// Returns true for 4xx: try again later.
    pub fn is_temporary(&self) -> bool {
        (400..500).contains(&self.code)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text().escape_debug())
    }
}

/// The maximum length of a line in bytes: Python's `smtplib._MAXLINE`.
pub(super) const MAX_LINE: usize = 8192;

/// The maximum size of one reply, so that an endless one cannot fill the memory.
const MAX_REPLY: usize = 1 << 20;

/// The content of a buffer.
pub(super) enum Parsed {
    /// An incomplete reply.
    More,
    /// A reply, and its length in bytes.
    Reply(Reply, usize),
    /// A line or a reply beyond the limits.
    TooLong,
}

/// Parses a reply that arrives in pieces. Scans each byte once.
#[derive(Debug, Default)]
pub(super) struct Parser {
    message: Vec<u8>,
    /// The bytes of the complete lines.
    used: usize,
    /// The position up to which there is no line end.
    searched: usize,
}

impl Parser {
    /// Continues where it stopped: the buffer holds the bytes of the last call and more.
    pub(super) fn parse(&mut self, buffer: &[u8]) -> Parsed {
        loop {
            let from = self.used.max(self.searched).min(buffer.len());
            let Some(end) = memchr::memchr(b'\n', &buffer[from..]).map(|at| from + at + 1) else {
                self.searched = buffer.len();
                return if buffer.len() - self.used > MAX_LINE { Parsed::TooLong } else { Parsed::More };
            };
            let line = &buffer[self.used..end];
            if line.len() > MAX_LINE || self.used > MAX_REPLY {
                return Parsed::TooLong;
            }
            if self.used > 0 {
                self.message.push(b'\n');
            }
            self.used = end;
            self.message.extend_from_slice(strip(line.get(4..).unwrap_or_default()));
            let code = match code(line) {
                // Python stops at an invalid code, whatever follows on the line.
                None => -1,
                Some(code) if line.get(3) != Some(&b'-') => code,
                Some(_) => continue,
            };
            let done = std::mem::take(self);
            return Parsed::Reply(Reply::new(code, done.message), done.used);
        }
    }
}

/// Python's `int(line[:3])`, which allows surrounding white space and a sign.
fn code(line: &[u8]) -> Option<i32> {
    std::str::from_utf8(line.get(..3).unwrap_or(line)).ok()?.trim().parse().ok()
}

fn strip(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}
