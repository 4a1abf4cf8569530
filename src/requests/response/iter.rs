//! A response's body in chunks: [`IterContent`], [`IterLines`] and [`Raw`].

use std::collections::VecDeque;
use std::io;
use std::sync::PoisonError;

use bytes::{Buf, Bytes, BytesMut};

use super::encoding::{Codec, TextDecoder};
use super::{Content, Response};
use crate::Wait;
use crate::requests::error::{Error, Result};

/// The source of the chunks: the connection, or a body in memory.
#[derive(Debug)]
struct Source<'a> {
    response: &'a mut Response,
    /// The rest of a body in memory.
    kept: Option<Bytes>,
    checked: bool,
}

impl<'a> Source<'a> {
    fn new(response: &'a mut Response) -> Source<'a> {
        Source { response, kept: None, checked: false }
    }

    async fn next(&mut self, raw: bool) -> Result<Option<Bytes>> {
        if !self.checked {
            self.checked = true;
            match &self.response.content {
                Content::Read(bytes) => self.kept = Some(bytes.clone()),
                Content::Consumed => return Err(Error::StreamConsumed),
                Content::Unread(_) => {}
            }
        }
        if let Some(kept) = &mut self.kept {
            return Ok(Some(std::mem::take(kept)).filter(|kept| !kept.is_empty()));
        }
        let Content::Unread(reader) = &mut self.response.content else { return Ok(None) };
        let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
        let piece = if raw { reader.next_raw().await } else { reader.next().await };
        if !matches!(piece, Ok(Some(_))) {
            // At the end the connection returns to the pool; after an error there is nothing more
            // to read.
            self.response.content = Content::Consumed;
        }
        piece
    }

    /// Fails, and discards the body, if this many bytes may not be held in memory.
    fn check(&mut self, size: usize) -> Result<()> {
        let Content::Unread(reader) = &mut self.response.content else { return Ok(()) };
        let fits = reader.get_mut().unwrap_or_else(PoisonError::into_inner).check(size as u64);
        if fits.is_err() {
            self.response.content = Content::Consumed;
        }
        fits
    }
}

/// The body in chunks: a blocking iterator, or `next_chunk().await`. [`Response::iter_content`]
/// returns it.
#[derive(Debug)]
pub struct IterContent<'a> {
    source: Source<'a>,
    size: Option<usize>,
    buffer: BytesMut,
    ended: bool,
}

impl<'a> IterContent<'a> {
    pub(in crate::requests) fn new(response: &'a mut Response, size: Option<usize>) -> IterContent<'a> {
        IterContent { source: Source::new(response), size: size.filter(|&size| size > 0), buffer: BytesMut::new(), ended: false }
    }

    /// Returns the next chunk; `None` at the end.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        let Some(size) = self.size else { return self.source.next(false).await };
        while self.buffer.len() < size && !self.ended {
            let next = match self.source.next(false).await {
                Ok(Some(piece)) => self.source.check(size.min(self.buffer.len() + piece.len())).map(|()| Some(piece)),
                other => other,
            };
            if next.is_err() {
                // Return nothing after an error, not even the bytes read before it.
                self.buffer = BytesMut::new();
                self.ended = true;
            }
            match next? {
                // Pass chunks of the right size through without a copy.
                Some(piece) if self.buffer.is_empty() && piece.len() == size => return Ok(Some(piece)),
                Some(piece) => self.buffer.extend_from_slice(&piece),
                None => self.ended = true,
            }
        }
        let piece = self.buffer.split_to(size.min(self.buffer.len()));
        Ok(Some(piece.freeze()).filter(|piece| !piece.is_empty()))
    }

    /// Decodes the chunks as text, in the response's encoding or UTF-8. Characters are never split.
    #[must_use]
    pub fn decode_unicode(self) -> IterText<'a> {
        let codec = self.source.response.encoding.as_deref().and_then(Codec::by_name).unwrap_or(Codec::Utf8);
        IterText { chunks: self, decoder: codec.decoder(), ended: false }
    }
}

impl Iterator for IterContent<'_> {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().wait().transpose()
    }
}

/// The body in chunks of text. [`IterContent::decode_unicode`] returns it.
#[derive(Debug)]
pub struct IterText<'a> {
    chunks: IterContent<'a>,
    decoder: TextDecoder,
    ended: bool,
}

impl IterText<'_> {
    /// Returns the next chunk of text; `None` at the end.
    #[doc(alias = "requests.utils.stream_decode_response_unicode")]
    pub async fn next_text(&mut self) -> Result<Option<String>> {
        while !self.ended {
            let chunk = self.chunks.next_chunk().await;
            // Nothing follows an error.
            self.ended = !matches!(chunk, Ok(Some(_)));
            let text = self.decoder.decode(chunk?.as_deref().unwrap_or_default(), self.ended);
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

impl Iterator for IterText<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_text().wait().transpose()
    }
}

/// The lines of a body: a blocking iterator, or `next_line().await`. [`Response::iter_lines`]
/// returns it.
///
/// A line of a streamed body longer than [`Limits::body`](crate::requests::Limits) is `TooLarge`. Nothing
/// follows an error.
///
/// DIFFERENCE: the result does not depend on the chunks. A `\r\n` that spans two chunks is one line
/// end, and a delimiter at the end of a chunk makes no empty line, unlike in requests.
/// DIFFERENCE: where Python's chunks happen to end does not show: a `\r\n` that two of them share is one line end, and a delimiter at a chunk's end makes no empty line.
#[derive(Debug)]
pub struct IterLines<'a> {
    chunks: IterContent<'a>,
    delimiter: Option<Vec<u8>>,
    buffer: Vec<u8>,
    lines: VecDeque<Bytes>,
    empty: bool,
    ended: bool,
}

impl<'a> IterLines<'a> {
    pub(in crate::requests) fn new(response: &'a mut Response) -> IterLines<'a> {
        IterLines {
            chunks: IterContent::new(response, None),
            delimiter: None,
            buffer: Vec::new(),
            lines: VecDeque::new(),
            empty: true,
            ended: false,
        }
    }

    /// Sets the line end, instead of `\n`, `\r` and `\r\n`. A text that ends with the delimiter
    /// then has an empty last line.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<Vec<u8>>) -> IterLines<'a> {
        self.delimiter = Some(delimiter.into()).filter(|delimiter| !delimiter.is_empty());
        self
    }

    /// Returns the next line; `None` at the end.
    pub async fn next_line(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            let next = match self.chunks.next_chunk().await {
                Ok(Some(chunk)) => {
                    self.empty = false;
                    self.buffer.extend_from_slice(&chunk);
                    self.split(chunk.len());
                    let longest = self.lines.iter().map(Bytes::len).max().unwrap_or(0).max(self.buffer.len());
                    self.chunks.source.check(longest).map(|()| true)
                }
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            };
            match next {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    self.finish();
                }
                Err(error) => {
                    // Return nothing after an error, not even the incomplete line.
                    (self.buffer, self.lines, self.ended) = (Vec::new(), VecDeque::new(), true);
                    return Err(error);
                }
            }
        }
    }

    /// Moves complete lines out of the buffer, whose last `fresh` bytes were not searched yet.
    fn split(&mut self, fresh: usize) {
        let mut start = 0;
        let overlap = self.delimiter.as_ref().map_or(1, Vec::len);
        let mut at = self.buffer.len().saturating_sub(fresh + overlap);
        while at < self.buffer.len() {
            let end_len = match &self.delimiter {
                Some(delimiter) => {
                    if self.buffer[at..].starts_with(delimiter) {
                        delimiter.len()
                    } else {
                        0
                    }
                }
                None => match self.buffer[at..] {
                    [b'\n', ..] => 1,
                    [b'\r', b'\n', ..] => 2,
                    // The `\n` may be in the next chunk.
                    [b'\r'] => break,
                    [b'\r', ..] => 1,
                    _ => 0,
                },
            };
            if end_len > 0 && at >= start {
                self.lines.push_back(Bytes::copy_from_slice(&self.buffer[start..at]));
                start = at + end_len;
                at = start;
            } else {
                at += 1;
            }
        }
        self.buffer.drain(..start);
    }

    fn finish(&mut self) {
        let rest = std::mem::take(&mut self.buffer);
        match &self.delimiter {
            Some(_) if self.empty => {}
            Some(_) => self.lines.push_back(rest.into()),
            None if rest.is_empty() => {}
            None => self.lines.push_back(Bytes::copy_from_slice(rest.strip_suffix(b"\r").unwrap_or(&rest))),
        }
    }
}

impl Iterator for IterLines<'_> {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().wait().transpose()
    }
}

/// The body as received, not decoded. [`Response::raw`] returns it.
#[derive(Debug)]
pub struct Raw<'a> {
    source: Source<'a>,
    rest: Bytes,
}

impl<'a> Raw<'a> {
    pub(in crate::requests) fn new(response: &'a mut Response) -> Raw<'a> {
        Raw { source: Source::new(response), rest: Bytes::new() }
    }
}

impl io::Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && !buffer.is_empty() {
            let next = self.source.next(true).wait().map_err(io::Error::other)?;
            self.rest = next.unwrap_or_default();
        }
        let length = buffer.len().min(self.rest.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest.advance(length);
        Ok(length)
    }
}
