//! A file that hides its errors from its writer.

use std::cell::RefCell;
use std::io::{self, Seek, SeekFrom, Write};
use std::rc::Rc;

/// Keeps the first error; after it, all writes succeed without an effect.
///
/// `ZipWriter` (9.8) panics when it is dropped or finished after a write error ("assertion failed:
/// file_end >= self.stats.start").
pub(super) struct Steady<W> {
    inner: W,
    failed: Failed,
    position: u64,
    end: u64,
}

/// The error, for the owner of the [`Steady`].
#[derive(Clone, Default)]
pub(super) struct Failed(Rc<RefCell<Option<io::Error>>>);

impl Failed {
    /// Returns the error, if there was one.
    pub(super) fn check(&self) -> io::Result<()> {
        self.0.borrow_mut().take().map_or(Ok(()), Err)
    }
}

impl<W> Steady<W> {
    pub(super) fn new(inner: W, failed: Failed) -> Steady<W> {
        Steady { inner, failed, position: 0, end: 0 }
    }

    fn steadily<T>(&mut self, call: impl FnOnce(&mut W) -> io::Result<T>) -> Option<T> {
        let mut failed = self.failed.0.borrow_mut();
        if failed.is_some() {
            return None;
        }
        call(&mut self.inner).map_err(|error| *failed = Some(error)).ok()
    }
}

impl<W: Write> Write for Steady<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.steadily(|inner| inner.write(bytes)).unwrap_or(bytes.len());
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.steadily(Write::flush);
        Ok(())
    }
}

impl<W: Seek> Seek for Steady<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
        };
        let moved = moved.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.position = self.steadily(|inner| inner.seek(SeekFrom::Start(moved))).unwrap_or(moved);
        Ok(self.position)
    }
}
