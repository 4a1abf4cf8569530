//! The boundaries between the parts of a message: a boundary must not occur in a part.
//!
//! Otherwise the sender of a part could end it and append parts. So all text between boundaries is
//! searched first: encoded bodies, preambles, epilogues and headers, also of attached messages.
//!
//! DIFFERENCE: Python's boundaries are random, so writing a message twice gives two texts. Here
//! they are derived from the message, so that the text that was signed or recorded is the text that
//! is sent.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::smtplib::email::Policy;
use crate::smtplib::email::content::encode::quoted_printable;
use crate::smtplib::email::message::{Body, EmailMessage};

/// The boundaries of one message while it is written.
pub(in crate::smtplib::email) struct Boundaries {
    /// The lines that begin with `--`, without it and without trailing white space, sorted.
    lines: Vec<Vec<u8>>,
    /// The boundaries of the enclosing multiparts.
    open: HashSet<String>,
    /// A number derived from the message, and the number of boundaries made from it.
    seed: u64,
    made: u64,
}

impl Boundaries {
    pub(in crate::smtplib::email) fn of(message: &EmailMessage, policy: &Policy) -> Boundaries {
        let mut found = Boundaries { lines: Vec::new(), open: HashSet::new(), seed: 0xcbf2_9ce4_8422_2325, made: 0 };
        if !message.is_multipart() {
            return found;
        }
        for part in message.walk() {
            for header in &part.headers {
                found.stir(header.name.as_bytes());
                found.stir(header.value.as_bytes());
                found.scan(header.name.as_bytes());
            }
            for text in [&part.preamble, &part.epilogue].into_iter().flatten() {
                found.scan(text.as_bytes());
            }
            match &part.body {
                Body::Encoded(_) => found.scan(&written(part, policy)),
                // A line of base64 never begins with `--`.
                Body::ToBase64(data) => found.stir(&data.len().to_le_bytes()),
                Body::Empty | Body::Parts(_) => {}
            }
        }
        found.lines.sort_unstable();
        found
    }

    fn stir(&mut self, bytes: &[u8]) {
        // FNV-1a: it need not be secret, because every boundary is checked against the message.
        for byte in bytes {
            self.seed = (self.seed ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn scan(&mut self, text: &[u8]) {
        for line in text.split(|byte| matches!(byte, b'\r' | b'\n')) {
            if let Some(rest) = line.strip_prefix(b"--") {
                self.lines.push(rest.trim_ascii_end().to_vec());
                self.stir(rest);
            }
        }
        self.stir(&text.len().to_le_bytes());
    }

    /// Returns true if a line of the message begins with it.
    fn begins_line(&self, boundary: &[u8]) -> bool {
        let at = self.lines.partition_point(|line| line.as_slice() < boundary);
        self.lines.get(at).is_some_and(|line| line.starts_with(boundary))
    }

    fn is_line(&self, boundary: &str) -> bool {
        let closing = format!("{boundary}--");
        [boundary, &closing]
            .into_iter()
            .any(|line| self.lines.binary_search_by(|found| found.as_slice().cmp(line.as_bytes())).is_ok())
    }

    /// Returns true for a boundary that is valid (RFC 2046, 5.1.1) and occurs in no part.
    pub(in crate::smtplib::email) fn serves(&self, boundary: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
        (1..=70).contains(&boundary.len())
            && boundary.bytes().all(allowed)
            && !boundary.ends_with(' ')
            && !self.open.contains(boundary)
            && !self.is_line(boundary)
    }

    /// Returns a boundary that begins no line of the message.
    pub(in crate::smtplib::email) fn make(&mut self) -> String {
        loop {
            let mut bits = self.seed.wrapping_add(self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            self.made += 1;
            let boundary = format!("==============={:019}==", (bits ^ (bits >> 31)) >> 1);
            if !self.begins_line(boundary.as_bytes()) && !self.open.contains(&boundary) {
                return boundary;
            }
        }
    }

    pub(in crate::smtplib::email) fn open(&mut self, boundary: &str) {
        self.open.insert(boundary.to_owned());
    }

    pub(in crate::smtplib::email) fn close(&mut self, boundary: &str) {
        self.open.remove(boundary);
    }
}

/// Returns true for a body that must be encoded because the policy does not allow bytes above 127.
pub(in crate::smtplib::email) fn recodes(part: &EmailMessage, policy: &Policy) -> bool {
    !policy.eight_bit && matches!(&part.body, Body::Encoded(text) if !text.is_ascii())
}

/// Returns the body of a part as it is written, except for line ends.
pub(in crate::smtplib::email) fn written<'a>(part: &'a EmailMessage, policy: &Policy) -> Cow<'a, [u8]> {
    match &part.body {
        Body::Encoded(text) if recodes(part, policy) => Cow::Owned(quoted_printable(text)),
        Body::Encoded(text) => Cow::Borrowed(text),
        _ => Cow::Borrowed(&[]),
    }
}
