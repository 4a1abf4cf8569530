//! The parent's ends of pipes as `Read` and `Write`.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::sync::Arc;

use super::backend::Pipe;
use super::text::{Lines, Text};

/// The reading end of a child's standard output or error. Dropping it closes it: a child that
/// writes after that gets SIGPIPE.
#[derive(Debug)]
pub struct PipeReader {
    pipe: Arc<dyn Pipe>,
    text: Text,
    buffer: Vec<u8>,
    start: usize,
}

const BUFFER: usize = 64 * 1024;

impl PipeReader {
    pub(super) fn new(pipe: Arc<dyn Pipe>, text: Text) -> PipeReader {
        PipeReader { pipe, text, buffer: Vec::new(), start: 0 }
    }

    pub(super) fn into_pipe(self) -> Arc<dyn Pipe> {
        self.pipe
    }

    /// Returns the pipe and the bytes that were read ahead.
    pub(super) fn into_parts(mut self) -> (Arc<dyn Pipe>, Vec<u8>) {
        self.buffer.drain(..self.start);
        (self.pipe, self.buffer)
    }

    /// Returns an iterator over the lines as text, without line ends. They are decoded with the
    /// `text`, `encoding` and `errors` of the call (UTF-8 by default). In text mode a line ends at
    /// `\n`, `\r` or `\r\n`, otherwise at `\n`. Memory holds one line at a time.
    pub fn lines(self) -> Lines<PipeReader> {
        let text = self.text.clone();
        Lines::new(self, text)
    }
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.buffer.len() && buffer.len() >= BUFFER {
            self.pipe.wait_readable()?;
            return self.pipe.read(buffer);
        }
        let mut available = self.fill_buf()?;
        let n = available.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for PipeReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.buffer.len() {
            self.start = 0;
            self.buffer.clear();
            self.pipe.wait_readable()?;
            self.pipe.read_to(&mut self.buffer)?;
        }
        Ok(self.buffer.get(self.start..).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.buffer.len());
    }
}

/// The writing end of a child's standard input. Dropping it closes it, and the child reads the end
/// of its input.
///
/// Writes are not buffered. `BrokenPipe` if the child has closed its standard input.
#[derive(Debug)]
pub struct PipeWriter {
    pipe: Arc<dyn Pipe>,
}

impl PipeWriter {
    pub(super) fn new(pipe: Arc<dyn Pipe>) -> PipeWriter {
        PipeWriter { pipe }
    }

    pub(super) fn into_pipe(self) -> Arc<dyn Pipe> {
        self.pipe
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.pipe.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.pipe.wait_writable()?,
                answer => return answer,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
