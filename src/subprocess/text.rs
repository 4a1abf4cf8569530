//! Text mode: encodings, error handlers, universal newlines.

use std::io::BufRead;

use super::error::{Error, Result};

/// How bytes become text: what `text`, `encoding` and `errors` of a call say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Text mode is on: newlines are translated, output is decoded before it is handed over.
    pub(super) on: bool,
    pub(super) encoding: Encoding,
    pub(super) errors: Errors,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Utf8,
    Ascii,
    Latin1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Errors {
    #[default]
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
}

impl Encoding {
    pub(super) fn parse(name: &str) -> Result<Encoding> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" | "u8" | "cp65001" => Ok(Encoding::Utf8),
            "ascii" | "us-ascii" | "646" => Ok(Encoding::Ascii),
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => Ok(Encoding::Latin1),
            _ => Err(Error::Lookup { what: "encoding", name: name.into() }),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
        }
    }
}

impl Errors {
    pub(super) fn parse(name: &str) -> Result<Errors> {
        match name {
            "strict" => Ok(Errors::Strict),
            "ignore" => Ok(Errors::Ignore),
            "replace" => Ok(Errors::Replace),
            "backslashreplace" => Ok(Errors::BackslashReplace),
            "xmlcharrefreplace" => Ok(Errors::XmlCharRefReplace),
            _ => Err(Error::Lookup { what: "error handler", name: name.into() }),
        }
    }
}

impl Text {
    /// Decodes, and translates newlines.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<String> {
        Ok(universal_newlines(self.decode_raw(bytes)?))
    }

    /// What becomes of captured output: in text mode the text, in UTF-8; else the bytes as they came.
    pub(super) fn output(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
        // A little output came into much room. A large one keeps the room that it grew into: nobody has touched the rest of it, and the
        // allocator that gets it back would give the next large output pages that the kernel has to fetch anew, one fault for each.
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to_fit();
        }
        let is_the_text = !self.on || (self.is_plain(&bytes) && !bytes.contains(&b'\r'));
        if is_the_text { Ok(bytes) } else { Ok(self.decode(&bytes)?.into_bytes()) }
    }

    /// The bytes are UTF-8 and the text that they stand for: mostly they are.
    fn is_plain(&self, bytes: &[u8]) -> bool {
        match self.encoding {
            Encoding::Utf8 => str::from_utf8(bytes).is_ok(),
            Encoding::Ascii | Encoding::Latin1 => bytes.is_ascii(),
        }
    }

    fn decode_raw(&self, bytes: &[u8]) -> Result<String> {
        if self.encoding == Encoding::Utf8
            && let Ok(text) = str::from_utf8(bytes)
        {
            return Ok(text.to_owned());
        }
        match self.encoding {
            Encoding::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Encoding::Utf8 | Encoding::Ascii => {
                let mut text = String::with_capacity(bytes.len());
                let mut position = 0;
                for chunk in bytes.utf8_chunks() {
                    for c in chunk.valid().chars() {
                        if self.encoding == Encoding::Utf8 || c.is_ascii() {
                            text.push(c);
                        } else {
                            // To ASCII, each byte of it is wrong by itself.
                            for (i, byte) in c.encode_utf8(&mut [0; 4]).bytes().enumerate() {
                                self.replace(&mut text, &[byte], position + i)?;
                            }
                        }
                        position += c.len_utf8();
                    }
                    if self.encoding == Encoding::Utf8 && !chunk.invalid().is_empty() {
                        self.replace(&mut text, chunk.invalid(), position)?;
                    } else {
                        for (i, byte) in chunk.invalid().iter().enumerate() {
                            self.replace(&mut text, &[*byte], position + i)?;
                        }
                    }
                    position += chunk.invalid().len();
                }
                Ok(text)
            }
        }
    }

    fn replace(&self, text: &mut String, invalid: &[u8], position: usize) -> Result<()> {
        match self.errors {
            Errors::Ignore => {}
            Errors::Replace => text.push(char::REPLACEMENT_CHARACTER),
            Errors::BackslashReplace => invalid.iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}"))),
            // There is no character to refer to: Python gives a TypeError here.
            Errors::Strict | Errors::XmlCharRefReplace => {
                return Err(Error::UnicodeDecode { encoding: self.encoding.name(), position });
            }
        }
        Ok(())
    }

    /// Encodes input: outside text mode, and for UTF-8, the bytes are what they are.
    pub(super) fn encode(&self, input: Vec<u8>) -> Result<Vec<u8>> {
        if !self.on || self.encoding == Encoding::Utf8 {
            return Ok(input);
        }
        let text = str::from_utf8(&input)
            .map_err(|error| Error::UnicodeDecode { encoding: Encoding::Utf8.name(), position: error.valid_up_to() })?;
        let limit = if self.encoding == Encoding::Ascii { 0x80 } else { 0x100 };
        let mut bytes = Vec::with_capacity(text.len());
        for (position, c) in text.chars().enumerate() {
            let code = u32::from(c);
            match self.errors {
                _ if code < limit => bytes.push(code as u8),
                Errors::Strict => return Err(Error::UnicodeEncode { encoding: self.encoding.name(), position, character: c }),
                Errors::Ignore => {}
                Errors::Replace => bytes.push(b'?'),
                Errors::XmlCharRefReplace => bytes.extend(format!("&#{code};").bytes()),
                Errors::BackslashReplace if code < 0x100 => bytes.extend(format!("\\x{code:02x}").bytes()),
                Errors::BackslashReplace if code < 0x1_0000 => bytes.extend(format!("\\u{code:04x}").bytes()),
                Errors::BackslashReplace => bytes.extend(format!("\\U{code:08x}").bytes()),
            }
        }
        Ok(bytes)
    }
}

fn universal_newlines(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

/// Cuts a stream into lines, as it comes.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    text: Text,
    buffer: Vec<u8>,
    /// Where the line that is not yet complete begins, and how far it was searched.
    start: usize,
    searched: usize,
    /// The last line ended in `\r`: a `\n` that follows belongs to it.
    after_cr: bool,
}

impl Splitter {
    pub(super) fn new(text: Text) -> Splitter {
        Splitter { text, ..Splitter::default() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete line, without its end.
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
        let line = self.text.decode_raw(line);
        self.start = end + 1;
        self.searched = self.start;
        Some(line)
    }

    /// What is left at the end of the stream, if anything: a line without an end.
    pub(super) fn rest(&mut self) -> Option<Result<String>> {
        let line = self.next_line();
        if line.is_some() {
            return line;
        }
        let rest = self.buffer.split_off(self.start);
        *self = Splitter::new(std::mem::take(&mut self.text));
        (!rest.is_empty()).then(|| self.text.decode_raw(&rest))
    }
}

/// The lines of a stream, as they come: what [`PipeReader::lines`](super::PipeReader::lines) gives.
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
