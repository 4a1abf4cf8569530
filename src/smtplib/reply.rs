//! [`Reply`]: what a server answers.

use std::fmt;

/// A server's answer: Python's `(code, msg)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits; -1 where the server sent none.
    pub code: i32,
    /// The text, without the codes; several lines are joined by `\n`.
    pub message: Vec<u8>,
}

impl Reply {
    /// An answer.
    pub fn new(code: i32, message: impl Into<Vec<u8>>) -> Reply {
        Reply { code, message: message.into() }
    }

    /// The text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.message).into_owned()
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// 4xx: try again later.
    pub fn is_temporary(&self) -> bool {
        (400..500).contains(&self.code)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text().escape_debug())
    }
}

/// The longest line that is read, in bytes: Python's `smtplib._MAXLINE`.
pub(super) const MAX_LINE: usize = 8192;

/// The most bytes of one answer: a server that never ends it fills no memory.
const MAX_REPLY: usize = 1 << 20;

/// What a buffer holds.
pub(super) enum Parsed {
    /// Not a whole answer yet.
    More,
    /// An answer, and how many bytes it took.
    Reply(Reply, usize),
    /// A line or an answer beyond the limits.
    TooLong,
}

/// Reads one answer from the start of the buffer.
pub(super) fn parse(buffer: &[u8]) -> Parsed {
    let mut message = Vec::new();
    let mut used = 0;
    for line in buffer.split_inclusive(|byte| *byte == b'\n') {
        if line.len() > MAX_LINE || used > MAX_REPLY {
            return Parsed::TooLong;
        }
        if line.last() != Some(&b'\n') {
            return Parsed::More;
        }
        if used > 0 {
            message.push(b'\n');
        }
        used += line.len();
        message.extend_from_slice(strip(line.get(4..).unwrap_or_default()));
        match code(line) {
            // Python stops at a broken code, however the line goes on.
            None => return Parsed::Reply(Reply::new(-1, message), used),
            Some(code) if line.get(3) != Some(&b'-') => return Parsed::Reply(Reply::new(code, message), used),
            Some(_) => {}
        }
    }
    Parsed::More
}

/// Python's `int(line[:3])`: white space around it and a sign are allowed.
fn code(line: &[u8]) -> Option<i32> {
    std::str::from_utf8(line.get(..3).unwrap_or(line)).ok()?.trim().parse().ok()
}

fn strip(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}
