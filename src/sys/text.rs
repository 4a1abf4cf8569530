//! [`TextIo`]: a standard stream as in Python, text over buffered bytes.

use std::fmt;
use std::io::{self, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::backend::{Backend, Stream};
use super::buffer::Buffer;
use super::codec::{self, Encoding, Errors};
use super::config::{Newline, Reconfigure};
use super::error::{Error, Result};
use super::input::Input;

/// The size of the write buffer, unless the stream is line buffered.
pub(super) const BUFFER: usize = 8192;

/// A standard stream: `sys.stdin`, `sys.stdout`, `sys.stderr`.
///
/// Clones are the same stream. It can be used from many threads; calls do not interleave. Unflushed
/// text is flushed when the last clone is dropped. That flush cannot report an error;
/// [`TextIo::flush`], [`TextIo::close`] and [`Sys::finish`](super::Sys::finish) can.
///
/// `writeln!(&sys.stdout, ..)` works, as `&TextIo` is a [`std::io::Write`].
///
/// <https://docs.python.org/3/library/io.html#io.TextIOWrapper>
#[derive(Clone)]
#[doc(alias("sys.stdin", "sys.stdout", "sys.stderr"))]
pub struct TextIo {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) stream: Stream,
    pub(super) backend: Arc<dyn Backend>,
    state: Mutex<State>,
}

pub(super) struct State {
    encoding: Encoding,
    errors: Errors,
    newline: Newline,
    /// `None`: depends on whether the stream is a terminal, which was not checked yet.
    line_buffering: Option<bool>,
    write_through: bool,
    closed: Option<&'static str>,
    /// Written by the caller and not yet passed to the kernel.
    pub(super) pending: Vec<u8>,
    pub(super) input: Input,
}

impl TextIo {
    pub(super) fn new(stream: Stream, backend: Arc<dyn Backend>) -> TextIo {
        let (errors, line_buffering) = match stream {
            Stream::Stderr => (Errors::BackslashReplace, Some(true)),
            _ => (Errors::Strict, None),
        };
        let state = State {
            encoding: Encoding::Utf8,
            errors,
            newline: Newline::Universal,
            line_buffering,
            write_through: false,
            closed: None,
            pending: Vec::new(),
            input: Input::default(),
        };
        TextIo { inner: Arc::new(Inner { stream, backend, state: Mutex::new(state) }) }
    }

    /// Writes text and returns its number of characters. The text is passed on when the buffer is
    /// full, at a line end if the stream is line buffered, or by [`TextIo::flush`].
    ///
    /// Fails with [`Error::BrokenPipe`] if the reading end is closed; it never panics.
    #[doc(alias = "sys.stdout.write")]
    pub fn write(&self, text: &str) -> Result<usize> {
        let state = &mut *self.open()?;
        self.must_write()?;
        if state.pending.len() >= BUFFER {
            self.inner.flush(state)?;
        }
        let linesep = match state.newline {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        };
        let start = state.pending.len();
        let translated = linesep.map(|linesep| text.replace('\n', linesep));
        let encoded = codec::encode(translated.as_deref().unwrap_or(text), state.encoding, state.errors, &mut state.pending);
        if let Err(character) = encoded {
            state.pending.truncate(start);
            return Err(Error::UnicodeEncode { stream: self.inner.stream, encoding: state.encoding.name(), character });
        }
        let full = state.write_through || state.pending.len() >= BUFFER;
        if full || (self.inner.line_buffering(state) && text.contains(['\n', '\r'])) {
            self.inner.flush(state)?;
        }
        Ok(text.chars().count())
    }

    /// Writes each text; no newlines are added.
    #[doc(alias = "sys.stdout.writelines")]
    pub fn writelines(&self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
        lines.into_iter().try_for_each(|line| self.write(line.as_ref()).map(drop))
    }

    /// Passes the buffered text to the system. Bytes that it does not accept stay in the buffer.
    #[doc(alias = "sys.stdout.flush")]
    pub fn flush(&self) -> Result<()> {
        self.inner.flush(&mut *self.open()?)
    }

    /// Reads up to `size` characters, fewer only at the end; `None` reads everything up to the end.
    /// Empty at the end.
    ///
    /// With [`Errors::BackslashReplace`] the escape of an invalid byte is never split: the result
    /// may be up to three characters longer.
    #[doc(alias = "sys.stdout.read")]
    pub fn read(&self, size: impl Into<Option<usize>>) -> Result<String> {
        self.take(size.into(), false)
    }

    /// Reads one line with its newline, or up to `size` characters of it. The last line may lack
    /// the newline. Empty at the end.
    #[doc(alias = "sys.stdout.readline")]
    pub fn readline(&self, size: impl Into<Option<usize>>) -> Result<String> {
        self.take(size.into(), true)
    }

    /// Reads all lines, or stops after the line that takes the total beyond `hint` characters.
    #[doc(alias = "sys.stdout.readlines")]
    pub fn readlines(&self, hint: impl Into<Option<usize>>) -> Result<Vec<String>> {
        let hint = hint.into().filter(|hint| *hint > 0).unwrap_or(usize::MAX);
        let (mut lines, mut length) = (Vec::new(), 0);
        for line in self.lines() {
            let line = line?;
            length += line.chars().count();
            lines.push(line);
            if length > hint {
                break;
            }
        }
        Ok(lines)
    }

    /// `for line in sys.stdin`: iterates over the lines with their newlines.
    #[doc(alias("sys.stdin.__iter__", "sys.stdin.__next__"))]
    pub fn lines(&self) -> Lines {
        Lines { stream: self.clone() }
    }

    /// Returns the byte layer: `sys.stdin.buffer`, `sys.stdout.buffer`. Text and bytes keep their
    /// order.
    #[doc(alias = "sys.stdout.buffer")]
    pub fn buffer(&self) -> Buffer {
        Buffer::new(self.inner.clone())
    }

    /// Closes the text layer, for all clones, and returns the byte layer.
    #[doc(alias = "sys.stdout.detach")]
    pub fn detach(&self) -> Result<Buffer> {
        let state = &mut *self.open()?;
        self.inner.flush(state)?;
        state.closed = Some("underlying buffer has been detached");
        Ok(self.buffer())
    }

    /// Flushes and closes the stream, for all clones. The descriptor stays open, as in Python. A
    /// second call does nothing.
    #[doc(alias = "sys.stdout.close")]
    pub fn close(&self) -> Result<()> {
        let state = &mut *self.inner.lock();
        if state.closed.is_some() {
            return Ok(());
        }
        let flushed = self.inner.flush(state);
        state.closed = Some("I/O operation on closed file.");
        state.pending.clear();
        flushed
    }

    /// Returns true after [`TextIo::close`].
    #[doc(alias = "sys.stdout.closed")]
    pub fn closed(&self) -> bool {
        self.inner.lock().closed.is_some()
    }

    /// `"utf-8"`, unless [`TextIo::reconfigure`] changed it. DIFFERENCE: it does not depend on
    /// `PYTHONIOENCODING` or the locale.
    #[doc(alias = "sys.stdout.encoding")]
    pub fn encoding(&self) -> &'static str {
        self.inner.lock().encoding.name()
    }

    /// `"strict"`; `"backslashreplace"` for stderr.
    #[doc(alias = "sys.stdout.errors")]
    pub fn errors(&self) -> &'static str {
        self.inner.lock().errors.name()
    }

    /// 0, 1 or 2.
    #[doc(alias = "sys.stdout.fileno")]
    pub fn fileno(&self) -> u32 {
        self.inner.stream.fileno()
    }

    /// Returns true if the stream is connected to a terminal.
    #[doc(alias = "sys.stdout.isatty")]
    pub fn isatty(&self) -> Result<bool> {
        drop(self.open()?);
        Ok(self.inner.backend.isatty(self.inner.stream))
    }

    /// Returns true if each line is flushed: on a terminal, and always for stderr.
    #[doc(alias = "sys.stdout.line_buffering")]
    pub fn line_buffering(&self) -> bool {
        self.inner.line_buffering(&mut self.inner.lock())
    }

    /// Returns true if each write is flushed.
    #[doc(alias = "sys.stdout.write_through")]
    pub fn write_through(&self) -> bool {
        self.inner.lock().write_through
    }

    /// `"<stdin>"`, `"<stdout>"`, `"<stderr>"`.
    #[doc(alias = "sys.stdout.name")]
    pub fn name(&self) -> &'static str {
        match self.inner.stream {
            Stream::Stdin => "<stdin>",
            Stream::Stdout => "<stdout>",
            Stream::Stderr => "<stderr>",
        }
    }

    /// `"r"` or `"w"`.
    #[doc(alias = "sys.stdout.mode")]
    pub fn mode(&self) -> &'static str {
        if self.inner.stream == Stream::Stdin { "r" } else { "w" }
    }

    /// Returns the kinds of line end that were read so far, if universal newlines are on.
    #[doc(alias = "sys.stdout.newlines")]
    pub fn newlines(&self) -> Vec<&'static str> {
        self.inner.lock().input.newlines()
    }

    /// Returns true for stdin.
    #[doc(alias = "sys.stdout.readable")]
    pub fn readable(&self) -> bool {
        self.inner.stream == Stream::Stdin
    }

    /// Returns true for stdout and stderr.
    #[doc(alias = "sys.stdout.writable")]
    pub fn writable(&self) -> bool {
        self.inner.stream != Stream::Stdin
    }

    /// Returns true if the stream is connected to a regular file.
    #[doc(alias = "sys.stdout.seekable")]
    pub fn seekable(&self) -> Result<bool> {
        drop(self.open()?);
        Ok(self.inner.backend.seek(self.inner.stream, SeekFrom::Current(0)).is_ok())
    }

    /// Returns the position of the next read or write, in bytes. [`Error::UnsupportedOperation`] on
    /// a pipe or a terminal.
    #[doc(alias = "sys.stdout.tell")]
    pub fn tell(&self) -> Result<u64> {
        let state = &mut *self.open()?;
        self.inner.flush(state)?;
        let at = self.inner.seek(SeekFrom::Current(0))?;
        Ok(at.saturating_sub(state.input.waiting() as u64))
    }

    /// Seeks to a position from [`TextIo::tell`], or to the end. Relative to the current position
    /// or the end, only 0 is allowed.
    #[doc(alias = "sys.stdout.seek")]
    pub fn seek(&self, to: SeekFrom) -> Result<u64> {
        match to {
            SeekFrom::Current(0) => return self.tell(),
            SeekFrom::Current(_) => return Err(Error::UnsupportedOperation("can't do nonzero cur-relative seeks")),
            SeekFrom::End(0) | SeekFrom::Start(_) => {}
            SeekFrom::End(_) => return Err(Error::UnsupportedOperation("can't do nonzero end-relative seeks")),
        }
        let state = &mut *self.open()?;
        self.inner.flush(state)?;
        let at = self.inner.seek(to)?;
        state.input.forget(at);
        Ok(at)
    }

    /// Truncates the file to this length, by default to the current position, and returns the
    /// length. The position does not change.
    #[doc(alias = "sys.stdout.truncate")]
    pub fn truncate(&self, length: impl Into<Option<u64>>) -> Result<u64> {
        let state = &mut *self.open()?;
        if self.inner.stream == Stream::Stdin {
            return Err(Error::UnsupportedOperation("truncate"));
        }
        self.inner.flush(state)?;
        let length = match length.into() {
            Some(length) => length,
            None => self.inner.seek(SeekFrom::Current(0))?,
        };
        let cut = self.inner.backend.truncate(self.inner.stream, length);
        cut.map_err(|error| Error::os("truncate", self.inner.stream, error)).map(|()| length)
    }

    /// Changes how text is converted to bytes. Encoding and newline cannot change after the first
    /// read.
    ///
    /// ```
    /// use leyden::sys::{Errors, Reconfigure};
    ///
    /// let sys = leyden::World::new().batteries().sys;
    /// sys.stdin.reconfigure(Reconfigure::new().errors(Errors::Replace))?;
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[doc(alias = "sys.stdout.reconfigure")]
    pub fn reconfigure(&self, change: Reconfigure) -> Result<()> {
        let state = &mut *self.open()?;
        if state.input.started() && (change.encoding.is_some() || change.newline.is_some()) {
            return Err(Error::UnsupportedOperation(
                "It is not possible to set the encoding or newline of stream after the first read",
            ));
        }
        self.inner.flush(state)?;
        if let Some(encoding) = change.encoding {
            (state.encoding, state.errors) = (encoding, Errors::Strict);
        }
        state.errors = change.errors.unwrap_or(state.errors);
        state.newline = change.newline.unwrap_or(state.newline);
        state.line_buffering = change.line_buffering.or(state.line_buffering);
        state.write_through = change.write_through.unwrap_or(state.write_through);
        Ok(())
    }

    fn take(&self, size: Option<usize>, line: bool) -> Result<String> {
        let state = &mut *self.open()?;
        if self.inner.stream != Stream::Stdin {
            return Err(Error::UnsupportedOperation("not readable"));
        }
        let (encoding, stream) = (state.encoding, self.inner.stream);
        let mut read = |buffer: &mut [u8]| self.inner.read(buffer);
        let taken = match size {
            Some(size) => state.input.characters(size, line, state.newline, encoding, state.errors, &mut read)?,
            None => state.input.all(line, state.newline, encoding, state.errors, &mut read)?,
        };
        taken.map_err(|(position, byte)| Error::UnicodeDecode { stream, encoding: encoding.name(), byte, position })
    }

    /// Locks the state. Fails if the stream is closed.
    fn open(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.inner.lock();
        match state.closed {
            Some(why) => Err(Error::Value(why.to_owned())),
            None => Ok(state),
        }
    }

    fn must_write(&self) -> Result<()> {
        if self.writable() { Ok(()) } else { Err(Error::UnsupportedOperation("not writable")) }
    }
}

impl Inner {
    // A panic while the lock is held loses at most one character, so poisoning is ignored.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line_buffering(&self, state: &mut State) -> bool {
        *state.line_buffering.get_or_insert_with(|| self.backend.isatty(self.stream))
    }

    pub(super) fn flush(&self, state: &mut State) -> Result<()> {
        let mut sent = 0;
        let flushed = loop {
            match state.pending.get(sent..) {
                None | Some([]) => break Ok(()),
                Some(rest) => match self.backend.write(self.stream, rest) {
                    Ok(count) => sent += count,
                    Err(error) => break Err(Error::os("write to", self.stream, error)),
                },
            }
        };
        state.pending.drain(..sent.min(state.pending.len()));
        flushed
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.backend.read(self.stream, buffer).map_err(|error| Error::os("read from", self.stream, error))
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        self.backend.seek(self.stream, to).map_err(|error| match error.raw_os_error() {
            Some(29) => Error::UnsupportedOperation("underlying stream is not seekable"),
            _ => Error::os("seek in", self.stream, error),
        })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // `drop` cannot report an error.
        let _ = self.flush(&mut self.lock());
    }
}

impl fmt::Debug for TextIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<TextIo name='{}' mode='{}' encoding='{}'>", self.name(), self.mode(), self.encoding())
    }
}

impl io::Write for &TextIo {
    /// The bytes must be whole characters, which `write!` guarantees.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        TextIo::write(self, text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(TextIo::flush(self)?)
    }
}

/// For what takes a writer of its own: `csv::Writer::from_writer(sys.stdout.clone())`.
impl io::Write for TextIo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut &*self, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(TextIo::flush(self)?)
    }
}

/// An iterator over lines. [`TextIo::lines`] returns it.
#[derive(Clone, Debug)]
pub struct Lines {
    stream: TextIo,
}

impl Iterator for Lines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        self.stream.readline(None).map(|line| Some(line).filter(|line| !line.is_empty())).transpose()
    }
}
