//! [`Buffer`]: a standard stream as bytes.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::backend::Stream;
use super::error::Error;
use super::text::{BUFFER, Inner};

/// The byte layer of a [`TextIo`](super::TextIo). Implements `Read` and `Write`; reading from
/// stdout and writing to stdin fail.
#[derive(Clone)]
pub struct Buffer {
    inner: Arc<Inner>,
}

impl Buffer {
    pub(super) fn new(inner: Arc<Inner>) -> Buffer {
        Buffer { inner }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Buffer fileno={}>", self.inner.stream.fileno())
    }
}

impl io::Read for Buffer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inner.stream != Stream::Stdin {
            return Err(Error::UnsupportedOperation("not readable").into());
        }
        let state = &mut *self.inner.lock();
        match state.input.bytes(buffer) {
            0 => Ok(self.inner.read(buffer)?),
            count => Ok(count),
        }
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.inner.stream == Stream::Stdin {
            return Err(Error::UnsupportedOperation("not writable").into());
        }
        let state = &mut *self.inner.lock();
        if state.pending.len() + bytes.len() > BUFFER {
            self.inner.flush(state)?;
        }
        if bytes.len() >= BUFFER {
            let written = self.inner.backend.write(self.inner.stream, bytes);
            return Ok(written.map_err(|error| Error::os("write to", self.inner.stream, error))?);
        }
        state.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.inner.flush(&mut self.inner.lock())?)
    }
}
