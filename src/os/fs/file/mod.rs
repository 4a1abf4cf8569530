//! [`File`]: an open file.

mod calls;
mod streams;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Seek, SeekFrom, Write};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::open::{Open, Plan};
use crate::os::backend::{Handle, StatResult};
use crate::os::{Error, Result};
use crate::text::newline::{Codec, Newline};
use crate::text::{Encoding, Undecodable, Unencodable};

pub use calls::Whence;

/// An open file: the result of Python's `open`.
///
/// It is buffered, and closed when it is dropped. [`File::close`] also reports whether the last
/// bytes could be written.
///
/// `Read`, `BufRead`, `Write` and `Seek` transfer bytes, in every mode.
/// [`read_text`](File::read_text), [`readline`](File::readline), [`lines`](File::lines) and
/// [`write_text`](File::write_text) transfer text, with the encoding and newlines of [`Open`].
///
/// DIFFERENCE: in Python the mode determines whether `read` and `write` transfer text or bytes;
/// here the method does.
///
/// DIFFERENCE: the position is always where the last call ended, so reads, writes and truncation
/// can be mixed. In Python, without a `seek` in between, text is written (and a file truncated)
/// after the data that was read ahead, and reads do not see unwritten data.
#[doc(alias("os.read", "os.write"))]
pub struct File {
    handle: Arc<dyn Handle>,
    path: PathBuf,
    mode: String,
    plan: Rules,
    /// Read ahead; the bytes from `at` on were not returned yet.
    input: Vec<u8>,
    at: usize,
    /// Not written yet.
    output: Vec<u8>,
    /// The position of the next read or write, relative to the last seek.
    position: u64,
    /// The expected size for reading everything.
    size: u64,
    /// The encoding of the file's byte order mark, after its start was read.
    order: Option<Encoding>,
}

#[derive(Clone, Copy)]
struct Rules {
    readable: bool,
    writable: bool,
    codec: Option<Codec>,
    buffer: usize,
    by_line: bool,
}

const BUFFER: usize = 32 * 1024;

impl File {
    pub(in crate::os) fn opened(handle: Box<dyn Handle>, open: Open, plan: &Plan, stat: &StatResult) -> Result<File> {
        let position = match plan.flags.append {
            true => handle.seek(SeekFrom::End(0)).unwrap_or(0), // a pipe has no end to seek to
            false => 0,
        };
        let by_line = match plan.buffering {
            Some(size) => size == 1 && plan.codec.is_some(),
            None => plan.flags.write && !stat.is_file() && handle.isatty(),
        };
        let buffer = plan.buffering.filter(|&size| size != 1).unwrap_or(BUFFER);
        let rules = Rules { readable: plan.flags.read, writable: plan.flags.write, codec: plan.codec, buffer, by_line };
        let (path, mode) = (open.path, open.mode);
        let size = if stat.is_file() { stat.st_size } else { 0 };
        Ok(File {
            handle: handle.into(),
            path,
            mode,
            plan: rules,
            input: Vec::new(),
            at: 0,
            output: Vec::new(),
            position,
            size,
            order: None,
        })
    }

    /// Returns the open file itself, to use it as the stream of a program. Flushes buffers, and
    /// sets the kernel's position to the one that this file's user sees.
    pub fn shared_handle(&mut self) -> Result<Arc<dyn Handle>> {
        self.settle().map_err(|error| self.failed("flush", &error))?;
        Ok(self.handle.clone())
    }

    /// Returns the path that was passed to `open`.
    pub fn name(&self) -> &Path {
        &self.path
    }

    /// Returns the mode that was passed to `open`.
    pub fn mode(&self) -> &str {
        &self.mode
    }

    /// Returns the kernel's descriptor; `None` in a mock.
    pub fn fileno(&self) -> Option<BorrowedFd<'_>> {
        self.handle.as_fd()
    }

    /// Returns true for a terminal.
    pub fn isatty(&self) -> bool {
        self.handle.isatty()
    }

    /// Returns true if the mode allows reading.
    pub fn readable(&self) -> bool {
        self.plan.readable
    }

    /// Returns true if the mode allows writing.
    pub fn writable(&self) -> bool {
        self.plan.writable
    }

    /// Reads the rest of the file, decoded and with translated newlines.
    ///
    /// # Errors
    /// [`Error::UnicodeDecode`], without losing data: the position does not change if the file can
    /// seek. [`Error::Value`] in a binary mode.
    pub fn read_text(&mut self) -> Result<String> {
        let codec = self.codec(self.plan.readable, "read")?;
        let start = self.position;
        let mut bytes = Vec::new();
        self.rest(&mut bytes).map_err(|error| self.failed("read", &error))?;
        let (codec, mark) = self.begin(codec, start, &bytes);
        bytes.drain(..mark);
        codec.decode(bytes).map_err(|Undecodable { at, .. }| {
            let _ = self.seek(SeekFrom::Start(start));
            self.undecodable(codec, start + (mark + at) as u64)
        })
    }

    /// Reads the next line with its newline; empty at the end.
    ///
    /// DIFFERENCE: invalid bytes are an error in the line that contains them; in Python already in
    /// an earlier line, if they were read ahead.
    ///
    /// # Errors
    /// [`Error::UnicodeDecode`]; [`Error::Value`] in a binary mode.
    pub fn readline(&mut self) -> Result<String> {
        let codec = self.codec(self.plan.readable, "readline")?;
        let start = self.position;
        let mut line: Vec<u8> = Vec::new();
        let read = match codec.encoding.unit() {
            Some(unit) => self.line_of_units(codec, unit, &mut line),
            None => self.line_of_bytes(codec, &mut line),
        };
        read.map_err(|error| self.failed("readline", &error))?;
        let (codec, mark) = self.begin(codec, start, &line);
        line.drain(..mark);
        let failed = |Undecodable { at, .. }| self.undecodable(codec, start + (mark + at) as u64);
        if codec.encoding.unit().is_some() {
            return codec.decode(line).map_err(failed);
        }
        codec.newline.read_line(&mut line);
        // The newline is already translated, and a line contains no other.
        Codec { newline: Newline::Kept, ..codec }.decode(line).map_err(failed)
    }

    fn line_of_bytes(&mut self, codec: Codec, line: &mut Vec<u8>) -> io::Result<()> {
        loop {
            if self.at == self.input.len() && self.fill()? == 0 {
                return Ok(());
            }
            let ahead = self.input.get(self.at..).unwrap_or_default();
            let end = match codec.newline.goes_on(line, ahead) {
                Some(end) => Some(end),
                None => codec.newline.line_end(ahead),
            };
            line.extend_from_slice(ahead.get(..end.unwrap_or(ahead.len())).unwrap_or_default());
            self.consume(end.unwrap_or(usize::MAX));
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Reads a line in an encoding whose newline is not the byte 10, unit by unit.
    fn line_of_units(&mut self, codec: Codec, unit: usize, line: &mut Vec<u8>) -> io::Result<()> {
        let mut codec = codec;
        let mut after_cr = false;
        let mut newlines: [Cow<'_, [u8]>; 2] = Default::default();
        loop {
            let ahead = self.peek(unit.max(if line.is_empty() { codec.encoding.longest_mark() } else { 0 }))?;
            if ahead.is_empty() {
                return Ok(());
            }
            if line.is_empty() {
                let first: Vec<u8> = ahead.iter().take(4).copied().collect();
                codec = self.begin(codec, self.position, &first).0;
                newlines = ["\n", "\r"].map(|newline| codec.encoding.encode(newline, codec.errors).unwrap_or_default());
            }
            let ahead = self.input.get(self.at..).unwrap_or_default();
            let next = ahead.get(..unit).unwrap_or(ahead);
            let [lf, cr] = &newlines;
            let (is_lf, is_cr) = (**lf == *next, **cr == *next);
            let (takes, ends) = match codec.newline {
                Newline::Universal | Newline::Kept if after_cr => (is_lf, true),
                Newline::Universal | Newline::Kept | Newline::Lf => (true, is_lf),
                Newline::Cr => (true, is_cr),
                Newline::CrLf => (true, after_cr && is_lf),
            };
            after_cr = is_cr;
            if takes {
                line.extend_from_slice(next);
                let length = next.len();
                self.consume(length);
            }
            if ends {
                return Ok(());
            }
        }
    }

    /// Returns at least this many bytes, unless the file ends before, without consuming them.
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.input.len() - self.at < count {
            self.push()?;
            self.input.drain(..self.at);
            self.at = 0;
            self.input.reserve_exact(self.plan.buffer.max(count));
            if self.handle.read_to(&mut self.input)? == 0 {
                break;
            }
        }
        Ok(self.input.get(self.at..).unwrap_or_default())
    }

    /// Returns the codec for bytes at `position`, and the length of their byte order mark. The mark
    /// applies to the rest of the file.
    fn begin(&mut self, codec: Codec, position: u64, bytes: &[u8]) -> (Codec, usize) {
        let (encoding, mark) =
            if position == 0 { codec.encoding.begin(bytes) } else { (self.order.unwrap_or(codec.encoding), 0) };
        if position == 0 {
            self.order = Some(encoding);
        }
        (Codec { encoding, ..codec }, mark)
    }

    /// Reads the remaining lines with their newlines.
    ///
    /// # Errors
    /// Same as [`File::readline`].
    pub fn readlines(&mut self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            match self.readline()? {
                line if line.is_empty() => return Ok(lines),
                line => lines.push(line),
            }
        }
    }

    /// Iterates over the remaining lines without their newlines, like Rust's `BufRead::lines`. For
    /// lines with newlines, as in Python's `for line in file`, use [`File::readline`]. An error
    /// ends the iteration. A `for` loop accepts the file itself:
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// world.os.write("/hosts", "web1\nweb2\n");
    /// let mut hosts = Vec::new();
    /// for line in world.batteries().os.open("/hosts")? {
    ///     hosts.push(line?);
    /// }
    /// assert_eq!(hosts, ["web1", "web2"]);
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn lines(self) -> Lines {
        Lines { file: Some(self) }
    }

    /// Writes text, encoded and with translated newlines. Returns its number of characters.
    ///
    /// # Errors
    /// [`Error::UnicodeEncode`], before anything is written; [`Error::Value`] in a binary mode.
    pub fn write_text(&mut self, text: impl AsRef<str>) -> Result<usize> {
        let codec = self.codec(self.plan.writable, "write")?;
        let text = text.as_ref();
        let codec = Codec { encoding: self.order.filter(|_| self.position > 0).unwrap_or(codec.encoding), ..codec };
        let bytes = codec.encode(text).map_err(|error| self.unencodable(codec, error))?;
        // As in Python, even an empty text writes the byte order mark.
        let mark = if self.position == 0 { codec.encoding.mark() } else { b"" };
        self.write_all(mark).and_then(|()| self.write_all(&bytes)).map_err(|error| self.failed("write", &error))?;
        Ok(text.chars().count())
    }

    /// Writes several texts without adding newlines.
    ///
    /// # Errors
    /// Same as [`File::write_text`].
    pub fn writelines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
        lines.into_iter().try_for_each(|line| self.write_text(line).map(drop))
    }

    /// Writes buffered bytes and closes the file. Dropping it does the same, but ignores errors.
    #[doc(alias = "os.close")]
    pub fn close(mut self) -> Result<()> {
        let written = self.push().map_err(|error| self.failed("close", &error));
        self.output.clear();
        written
    }

    pub(in crate::os) fn handle(&self) -> &dyn Handle {
        &*self.handle
    }

    /// Sets the kernel's position to the one that the caller sees.
    pub(in crate::os) fn settle(&mut self) -> io::Result<()> {
        self.push()?;
        let unread = self.input.len() - self.at;
        if unread > 0 {
            self.handle.seek(SeekFrom::Current(-(unread as i64)))?;
        }
        self.input.clear();
        self.at = 0;
        Ok(())
    }

    fn settled<T>(&mut self, operation: &'static str, ask: impl FnOnce(&dyn Handle) -> io::Result<T>) -> Result<T> {
        self.push().and_then(|()| ask(&*self.handle)).map_err(|error| self.failed(operation, &error))
    }

    /// Reads ahead.
    fn fill(&mut self) -> io::Result<usize> {
        self.push()?;
        self.input.clear();
        self.input.reserve_exact(self.plan.buffer.max(1));
        self.at = 0;
        self.handle.read_to(&mut self.input)
    }

    /// Writes the buffered bytes.
    fn push(&mut self) -> io::Result<()> {
        let mut done = 0;
        let result = loop {
            match self.output.get(done..) {
                None | Some([]) => break Ok(()),
                Some(rest) => match self.handle.write(rest) {
                    Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                    Ok(written) => done += written,
                    Err(error) => break Err(error),
                },
            }
        };
        self.output.drain(..done.min(self.output.len()));
        result
    }

    /// Reads everything from the position on.
    fn rest(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let before = bytes.len();
        bytes.extend_from_slice(self.input.get(self.at..).unwrap_or_default());
        self.at = self.input.len();
        self.push()?;
        let expected = self.size.saturating_sub(self.position + (bytes.len() - before) as u64);
        read_to_end(&*self.handle, bytes, expected)?;
        self.position += (bytes.len() - before) as u64;
        Ok(bytes.len() - before)
    }

    fn codec(&self, allowed: bool, what: &str) -> Result<Codec> {
        match self.plan.codec {
            Some(codec) if allowed => Ok(codec),
            Some(_) => Err(Error::Value(format!("{what} '{}': its mode '{}' does not allow it", self.path.display(), self.mode))),
            None => Err(Error::Value(format!("{what} '{}': text of a file opened for bytes", self.path.display()))),
        }
    }

    fn failed(&self, operation: &'static str, error: &io::Error) -> Error {
        Error::new(operation, error, Some(&self.path), None)
    }

    fn undecodable(&self, codec: Codec, position: u64) -> Error {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        Error::UnicodeDecode { path: self.path.clone(), encoding: codec.encoding.name(), position }
    }

    fn unencodable(&self, codec: Codec, Unencodable { character, position }: Unencodable) -> Error {
        Error::UnicodeEncode { path: self.path.clone(), encoding: codec.encoding.name(), character, position }
    }
}

/// Reads to the end. `expected` is the probable size: a regular file of exactly that size is not
/// read again.
pub(in crate::os) fn read_to_end(handle: &dyn Handle, bytes: &mut Vec<u8>, expected: u64) -> io::Result<()> {
    let start = bytes.len();
    // One more byte than expected, to detect that the file has grown.
    bytes.reserve(usize::try_from(expected).unwrap_or(usize::MAX).clamp(512, 1 << 30) + 1);
    while handle.read_to(bytes)? > 0 {
        if expected > 0 && (bytes.len() - start) as u64 == expected {
            break;
        }
        bytes.reserve(BUFFER);
    }
    Ok(())
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = self.push();
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.path).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// An iterator over the lines of a file. [`File::lines`] returns it.
#[derive(Debug)]
pub struct Lines {
    file: Option<File>,
}

/// `for line in os.open(path)?`: see [`File::lines`].
impl IntoIterator for File {
    type Item = Result<String>;
    type IntoIter = Lines;

    fn into_iter(self) -> Lines {
        self.lines()
    }
}

impl Iterator for Lines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        let file = self.file.as_mut()?;
        let newline = file.plan.codec.map(|codec| codec.newline).unwrap_or_default();
        match file.readline() {
            Ok(line) if line.is_empty() => None,
            Ok(mut line) => {
                line.truncate(newline.strip(&line).len());
                Some(Ok(line))
            }
            Err(error) => {
                self.file = None;
                Some(Err(error))
            }
        }
    }
}
