//! Converts a message for sending, a piece at a time: CRLF line ends, doubled dots, encoded
//! attachments.

use std::collections::VecDeque;

use super::email::content::encode::base64_lines;
use super::email::message::composed::{Composed, Segment};

/// The size of one write.
pub(super) const PIECE: usize = 64 << 10;

/// The bytes of an attachment per piece: whole lines of base64.
const BYTES: usize = 57 * 800;

/// Converts line ends to CRLF, piece by piece.
#[derive(Debug)]
pub(super) struct Lines {
    /// Whether a leading dot of a line is doubled.
    dots: bool,
    line_begins: bool,
    /// The last byte was a CR whose line end is already written: an LF after it belongs to it.
    after_cr: bool,
}

impl Lines {
    pub(super) fn new(dots: bool) -> Lines {
        Lines { dots, line_begins: true, after_cr: false }
    }

    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let mut rest = text;
        if std::mem::take(&mut self.after_cr) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(first) = rest.first() {
            if self.dots && self.line_begins && *first == b'.' {
                out.push(b'.');
            }
            let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
                out.extend_from_slice(rest);
                self.line_begins = false;
                return;
            };
            out.extend_from_slice(&rest[..end]);
            out.extend_from_slice(b"\r\n");
            self.line_begins = true;
            self.after_cr = rest[end] == b'\r' && rest.len() == end + 1;
            rest = &rest[end + if rest[end..].starts_with(b"\r\n") { 2 } else { 1 }..];
        }
    }
}

/// The bytes of a message for `DATA` or `BDAT`, in pieces.
#[derive(Debug)]
pub(super) struct Wire<'a> {
    segments: VecDeque<Segment<'a>>,
    /// The position in the first segment.
    at: usize,
    lines: Lines,
    any: bool,
    over: bool,
}

impl<'a> Wire<'a> {
    /// Creates it. With `dots` it is for `DATA`: leading dots are doubled, and a lone dot ends the
    /// message.
    pub(super) fn new(message: &'a Composed, dots: bool) -> Wire<'a> {
        Wire { segments: message.segments().into(), at: 0, lines: Lines::new(dots), any: false, over: false }
    }

    /// Appends the next piece. Returns false at the end.
    pub(super) fn piece(&mut self, out: &mut Vec<u8>) -> bool {
        let full = out.len() + PIECE;
        while let Some(segment) = self.segments.front().copied() {
            if out.len() >= full {
                return true;
            }
            let length = match segment {
                Segment::Text(text) => {
                    let piece = &text[self.at..text.len().min(self.at + PIECE)];
                    self.lines.push(piece, out);
                    self.any |= !piece.is_empty();
                    self.at += piece.len();
                    text.len()
                }
                Segment::Base64(data) => {
                    let piece = &data[self.at..data.len().min(self.at + BYTES)];
                    base64_lines(piece, "\r\n", out);
                    // Base64 always ends with a line end, and none of its lines begins with a dot.
                    self.lines.line_begins = true;
                    self.lines.after_cr = false;
                    self.any |= !piece.is_empty();
                    self.at += piece.len();
                    data.len()
                }
            };
            if self.at >= length {
                self.segments.pop_front();
                self.at = 0;
            }
        }
        if std::mem::replace(&mut self.over, true) {
            return false;
        }
        if !self.any || !self.lines.line_begins {
            out.extend_from_slice(b"\r\n");
        }
        if self.lines.dots {
            out.extend_from_slice(b".\r\n");
        }
        true
    }
}

/// Returns the size of a message for `SIZE`, without doubled dots.
pub(super) fn size(message: &Composed) -> usize {
    let mut lines = 0;
    let of_segment = |segment: Segment<'_>| match segment {
        Segment::Base64(data) => {
            let rest = data.len() % 57;
            data.len() / 57 * 78 + if rest == 0 { 0 } else { rest.div_ceil(3) * 4 + 2 }
        }
        Segment::Text(text) => {
            let mut from = 0;
            // Each bare CR or LF grows by one byte.
            while let Some(at) = memchr::memchr2(b'\r', b'\n', &text[from..]) {
                let crlf = text[from + at..].starts_with(b"\r\n");
                lines += usize::from(!crlf);
                from += at + if crlf { 2 } else { 1 };
            }
            text.len()
        }
    };
    message.segments().into_iter().map(of_segment).sum::<usize>() + lines
}

/// Returns true if the message ends with a line end, so that none is added.
pub(super) fn is_ended(message: &Composed) -> bool {
    let last = message.segments().into_iter().rev().find_map(|segment| match segment {
        Segment::Base64(data) => (!data.is_empty()).then_some(true),
        Segment::Text(text) => text.last().map(|last| matches!(last, b'\r' | b'\n')),
    });
    last.unwrap_or(false)
}
