//! Text mode: encodings, error handlers, universal newlines.

use std::io::BufRead;

use super::error::{Error, Result};
use crate::text::newline::universal_text;
use crate::text::{Encoding, Errors, Undecodable, Unencodable};

/// How bytes become text: the `text`, `encoding` and `errors` settings of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Whether text mode is on: newlines are translated, and output is decoded before it is
    /// returned.
    pub(super) on: bool,
    pub(super) encoding: Encoding,
    pub(super) errors: Errors,
}

impl Text {
    /// Decodes bytes and translates newlines.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<String> {
        Ok(universal_text(self.decode_raw(bytes, true)?))
    }

    /// Returns captured output: the text as UTF-8 in text mode, otherwise the bytes as read.
    pub(super) fn output(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
        // Shrink a buffer that is mostly empty. A full one keeps its spare capacity: those pages
        // were never touched, and if they went back to the allocator, the next large output would
        // fault each of them in again.
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to_fit();
        }
        let is_the_text =
            !self.on || (self.encoding.begin(&bytes).1 == 0 && self.encoding.is_plain(&bytes) && !bytes.contains(&b'\r'));
        if is_the_text { Ok(bytes) } else { Ok(self.decode(&bytes)?.into_bytes()) }
    }

    /// A stream may begin with a byte order mark.
    fn decode_raw(&self, bytes: &[u8], begins: bool) -> Result<String> {
        let (encoding, mark) = if begins { self.encoding.begin(bytes) } else { (self.encoding, 0) };
        let text = encoding.decode(bytes.get(mark..).unwrap_or_default().to_vec(), self.errors);
        text.map_err(|Undecodable { at, .. }| Error::UnicodeDecode { encoding: encoding.name(), position: mark + at })
    }

    /// Encodes input. Outside text mode, and for UTF-8, the bytes stay as they are.
    pub(super) fn encode(&self, input: Vec<u8>) -> Result<Vec<u8>> {
        let Text { on, encoding, errors } = *self;
        if !on || encoding == Encoding::Utf8 {
            return Ok(input);
        }
        let text = str::from_utf8(&input)
            .map_err(|error| Error::UnicodeDecode { encoding: Encoding::Utf8.name(), position: error.valid_up_to() })?;
        let bytes = encoding.encode(text, errors).map_err(|Unencodable { character, position }| Error::UnicodeEncode {
            encoding: encoding.name(),
            position,
            character,
        })?;
        // Python writes the byte order mark with the first text, and not for an empty text.
        let mark = if text.is_empty() { b"" } else { encoding.mark() };
        Ok(if mark.is_empty() { bytes.into_owned() } else { [mark, &bytes].concat() })
    }
}

/// Splits a stream into lines as it arrives.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    text: Text,
    buffer: Vec<u8>,
    /// Where the incomplete line begins, and how far it was searched.
    start: usize,
    searched: usize,
    /// The last line ended in `\r`: a `\n` that follows is part of that line end.
    after_cr: bool,
    /// Whether a line was returned before: a byte order mark can no longer follow.
    begun: bool,
    /// For encodings whose newline is not the byte 10: the bytes that are not decoded yet. The
    /// buffer then holds UTF-8.
    wide: Option<Wide>,
}

#[derive(Debug)]
struct Wide {
    text: Text,
    pending: Vec<u8>,
    begun: bool,
    /// The number of bytes decoded.
    position: usize,
    failed: Option<Error>,
}

impl Wide {
    /// Decodes the bytes read so far into UTF-8.
    fn decode(&mut self, bytes: &[u8], more: bool) -> String {
        self.pending.extend_from_slice(bytes);
        let mut decoded = String::new();
        if self.failed.is_some() || (!self.begun && more && self.pending.len() < self.text.encoding.longest_mark()) {
            return decoded;
        }
        if !self.begun {
            let (encoding, mark) = self.text.encoding.begin(&self.pending);
            self.text.encoding = encoding;
            self.pending.drain(..mark);
            self.position = mark;
            self.begun = true;
        }
        match self.text.encoding.decode_to(&self.pending, self.text.errors, more, &mut decoded) {
            Ok(done) => {
                self.pending.drain(..done);
                self.position += done;
            }
            Err(Undecodable { at, .. }) => {
                let encoding = self.text.encoding.name();
                self.failed = Some(Error::UnicodeDecode { encoding, position: self.position + at });
            }
        }
        decoded
    }
}

impl Splitter {
    pub(super) fn new(text: Text) -> Splitter {
        if text.encoding.unit().is_none() {
            return Splitter { text, ..Splitter::default() };
        }
        let wide = Wide { text: text.clone(), pending: Vec::new(), begun: false, position: 0, failed: None };
        let text = Text { encoding: Encoding::Utf8, ..text };
        Splitter { text, wide: Some(wide), ..Splitter::default() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        match &mut self.wide {
            Some(wide) => self.buffer.extend_from_slice(wide.decode(bytes, true).as_bytes()),
            None => self.buffer.extend_from_slice(bytes),
        }
    }

    /// Returns the next complete line, without its line end.
    pub(super) fn next_line(&mut self) -> Option<Result<String>> {
        if self.after_cr && self.buffer.get(self.start).is_some() {
            self.after_cr = false;
            if self.buffer.get(self.start) == Some(&b'\n') {
                self.start += 1;
                self.searched = self.searched.max(self.start);
            }
        }
        let rest = self.buffer.get(self.searched..).unwrap_or_default();
        let end = if self.text.on { memchr::memchr2(b'\n', b'\r', rest) } else { memchr::memchr(b'\n', rest) };
        let Some(length) = end else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + length;
        self.after_cr = self.buffer.get(end) == Some(&b'\r');
        let line = self.buffer.get(self.start..end).unwrap_or_default();
        let line = self.text.decode_raw(line, !std::mem::replace(&mut self.begun, true));
        self.start = end + 1;
        self.searched = self.start;
        Some(line)
    }

    /// Returns the last line, if the stream does not end with a line end.
    pub(super) fn rest(&mut self) -> Option<Result<String>> {
        if let Some(wide) = &mut self.wide {
            self.buffer.extend_from_slice(wide.decode(b"", false).as_bytes());
        }
        let line = self.next_line();
        if line.is_some() {
            return line;
        }
        if let Some(error) = self.wide.as_mut().and_then(|wide| wide.failed.take()) {
            self.start = self.buffer.len();
            self.searched = self.start;
            return Some(Err(error));
        }
        let rest = self.buffer.split_off(self.start);
        let begins = !self.begun;
        *self = Splitter::new(std::mem::take(&mut self.text));
        if rest.is_empty() {
            return None;
        }
        // A lone byte order mark is not a line, nor is one that consists of ignored bytes.
        Some(self.text.decode_raw(&rest, begins)).filter(|line| !line.as_ref().is_ok_and(String::is_empty))
    }
}

/// An iterator over the lines of a stream. [`PipeReader::lines`](super::PipeReader::lines) returns
/// it.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    splitter: Splitter,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, text: Text) -> Lines<R> {
        Lines { reader, splitter: Splitter::new(text), ended: false }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        loop {
            if let Some(line) = self.splitter.next_line() {
                return Some(line);
            }
            if self.ended {
                return self.splitter.rest();
            }
            let read = match self.reader.fill_buf() {
                Ok(bytes) => {
                    self.splitter.push(bytes);
                    bytes.len()
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(Error::io("read", &error)));
                }
            };
            self.reader.consume(read);
            self.ended = read == 0;
        }
    }
}
