//! An open file of a backend with the standard library's traits.

use crate::os::backend::Handle;
use std::io::{Read, Result, Seek, SeekFrom, Write};

/// Reads, writes and seeks through a borrowed handle.
pub(crate) struct Stream<'a>(pub(crate) &'a dyn Handle);

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.0.seek(to)
    }
}
