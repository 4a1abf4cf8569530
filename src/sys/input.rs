//! [`Input`]: the bytes that were read and not yet consumed, and how text is decoded from them.

use super::codec::{self, Encoding, Errors};
use super::config::Newline;
use super::error::Result;

/// The number of bytes per read.
const CHUNK: usize = 8192;

/// Text, or the position and value of the byte that cannot be decoded.
pub(super) type Taken = std::result::Result<String, (u64, u8)>;

type Read<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<usize>;

#[derive(Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    /// The bytes before this index are consumed.
    at: usize,
    /// The position of `at` in the stream.
    position: u64,
    started: bool,
    seen_cr: bool,
    seen_lf: bool,
    seen_crlf: bool,
}

impl Input {
    /// Returns the number of bytes that were read and not consumed.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn started(&self) -> bool {
        self.started
    }

    pub(super) fn newlines(&self) -> Vec<&'static str> {
        let all = [(self.seen_cr, "\r"), (self.seen_lf, "\n"), (self.seen_crlf, "\r\n")];
        all.into_iter().filter(|(seen, _)| *seen).map(|(_, newline)| newline).collect()
    }

    /// Discards the buffer after a seek.
    pub(super) fn forget(&mut self, position: u64) {
        (self.at, self.position) = (0, position);
        self.bytes.clear();
    }

    /// Consumes buffered bytes as they are.
    pub(super) fn bytes(&mut self, buffer: &mut [u8]) -> usize {
        let rest = self.rest();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.consume(count);
        count
    }

    /// Consumes a whole line, or everything up to the end.
    pub(super) fn all(
        &mut self,
        line: bool,
        newline: Newline,
        encoding: Encoding,
        errors: Errors,
        read: Read<'_>,
    ) -> Result<Taken> {
        let mut looked = 0;
        let end = loop {
            if line && let Some(end) = line_end(self.rest(), looked, newline, false) {
                break end;
            }
            // A line end may span two chunks.
            looked = self.waiting().saturating_sub(1);
            if !self.fill(read)? {
                let end = if line { line_end(self.rest(), looked, newline, true) } else { None };
                break end.unwrap_or(self.waiting());
            }
        };
        if !line && encoding == Encoding::Utf8 && errors != Errors::SurrogateEscape && self.at == 0 {
            // Everything is consumed, so move it instead of copying.
            match String::from_utf8(std::mem::take(&mut self.bytes)) {
                Ok(text) => {
                    self.position += text.len() as u64;
                    return Ok(Ok(self.translate(text, newline)));
                }
                Err(error) => self.bytes = error.into_bytes(),
            }
        }
        Ok(match codec::decode(self.rest().get(..end).unwrap_or(&[]), encoding, errors) {
            Ok(text) => {
                self.consume(end);
                Ok(self.translate(text, newline))
            }
            Err(error) => Err((self.position + error.at as u64, error.byte)),
        })
    }

    /// Consumes up to this many characters, or those of a shorter line.
    pub(super) fn characters(
        &mut self,
        size: usize,
        line: bool,
        newline: Newline,
        encoding: Encoding,
        errors: Errors,
        read: Read<'_>,
    ) -> Result<Taken> {
        let mut text = String::new();
        let (mut count, mut end) = (0, 0);
        // A `\r` here may be the first half of a line end that is kept as it is.
        let mut half = false;
        while count < size {
            let Some(length) = self.unit(end, newline, encoding, read)? else { break };
            let unit = self.rest().get(end..end + length).unwrap_or(&[]);
            if half && newline == Newline::Any && unit != b"\n" {
                break;
            }
            let ends = match newline {
                Newline::CrLf => half && unit == b"\n",
                Newline::Any => unit == b"\n",
                _ => line_end(unit, 0, newline, true).is_some(),
            };
            half = line && unit == b"\r";
            match codec::decode(unit, encoding, errors) {
                Ok(piece) => {
                    count += if piece == "\r\n" { 1 } else { piece.chars().count() };
                    text.push_str(&piece);
                }
                // Return the text before the byte; the next call reports the byte.
                Err(_) if end > 0 => break,
                Err(error) => return Ok(Err((self.position, error.byte))),
            }
            end += length;
            if line && ends {
                break;
            }
        }
        self.consume(end);
        Ok(Ok(self.translate(text, newline)))
    }

    /// Returns the length of the character (or the invalid bytes) at a position; `None` at the end.
    /// A `\r\n` counts as one where it is translated to one.
    fn unit(&mut self, from: usize, newline: Newline, encoding: Encoding, read: Read<'_>) -> Result<Option<usize>> {
        let at_least = |input: &mut Input, count: usize, read: Read<'_>| -> Result<bool> {
            while input.waiting() < from + count {
                if !input.fill(read)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        if !at_least(self, 1, read)? {
            return Ok(None);
        }
        let first = self.rest().get(from).copied().unwrap_or(0);
        if first == b'\r' && newline == Newline::Universal {
            let both = at_least(self, 2, read)? && self.rest().get(from + 1) == Some(&b'\n');
            return Ok(Some(1 + usize::from(both)));
        }
        let width = match first {
            _ if encoding != Encoding::Utf8 => 1,
            0xf0..=0xf7 => 4,
            0xe0..=0xef => 3,
            0xc0..=0xdf => 2,
            _ => 1,
        };
        at_least(self, width, read)?;
        let rest = self.rest();
        let unit = rest.get(from..rest.len().min(from + width)).unwrap_or(&[]);
        Ok(Some(match std::str::from_utf8(unit) {
            Err(error) if encoding == Encoding::Utf8 => error.error_len().unwrap_or(unit.len()),
            _ => unit.len(),
        }))
    }

    /// Reads another chunk. Returns false at the end.
    fn fill(&mut self, read: Read<'_>) -> Result<bool> {
        self.started = true;
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        let length = self.bytes.len();
        self.bytes.resize(length + CHUNK, 0);
        let count = read(self.bytes.get_mut(length..).unwrap_or(&mut []));
        self.bytes.truncate(length + count.as_ref().copied().unwrap_or(0));
        Ok(count? > 0)
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        self.position += count as u64;
    }

    /// Translates every line end to `\n`, if requested, and records which kinds occurred.
    fn translate(&mut self, text: String, newline: Newline) -> String {
        if !matches!(newline, Newline::Universal | Newline::Any) {
            return text;
        }
        if !text.contains('\r') {
            self.seen_lf = self.seen_lf || text.contains('\n');
            return text;
        }
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.next_if_eq(&'\n').is_some() => self.seen_crlf = true,
                '\r' => self.seen_cr = true,
                c => {
                    self.seen_lf |= c == '\n';
                    out.push(c);
                    continue;
                }
            }
            out.push('\n');
        }
        if newline == Newline::Universal { out } else { text }
    }
}

/// Returns the end of the first line that ends at or after `from`, newline included. A `\r` at the
/// very end may be half of a `\r\n` unless `all` is true.
fn line_end(bytes: &[u8], from: usize, newline: Newline, all: bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let find = |byte: u8| rest.iter().position(|there| *there == byte).map(|at| from + at + 1);
    match newline {
        Newline::Lf => find(b'\n'),
        Newline::Cr => find(b'\r'),
        Newline::CrLf => rest.windows(2).position(|pair| pair == b"\r\n").map(|at| from + at + 2),
        Newline::Universal | Newline::Any => {
            let end = from + lf_or_cr(rest)? + 1;
            if bytes.get(end - 1) == Some(&b'\n') {
                return Some(end);
            }
            match bytes.get(end) {
                Some(b'\n') => Some(end + 1),
                Some(_) => Some(end),
                None => all.then_some(end),
            }
        }
    }
}

/// Returns the position of the first `\n` or `\r`. Written so that the compiler vectorizes it:
/// sixteen bytes at once.
fn lf_or_cr(bytes: &[u8]) -> Option<usize> {
    let is = |byte: &u8| (*byte == b'\n') | (*byte == b'\r');
    let without = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |found, byte| found | is(byte));
    let at = 16 * bytes.as_chunks().0.iter().take_while(without).count();
    Some(at + bytes.get(at..)?.iter().position(is)?)
}
