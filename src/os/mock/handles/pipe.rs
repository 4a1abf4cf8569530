//! A named pipe: written data is buffered for a reader.

use std::collections::VecDeque;

use crate::os::mock::errno::*;

const CAPACITY: usize = 65_536;

/// Writes up to this size are atomic.
const ATOMIC: usize = 4096;

#[derive(Debug, Default)]
pub(in crate::os::mock) struct Pipe {
    buffer: VecDeque<u8>,
    readers: usize,
    writers: usize,
    /// The number of readers ever: an opener that waits for the other end also notices one that has
    /// left again.
    pub(super) readers_ever: u64,
    pub(super) writers_ever: u64,
}

impl Pipe {
    pub(in crate::os::mock) fn open(&mut self, read: bool, write: bool, nonblock: bool) -> Result<()> {
        if write && !read && nonblock && self.readers == 0 {
            return Err(ENXIO);
        }
        self.readers += usize::from(read);
        self.readers_ever += u64::from(read);
        self.writers += usize::from(write);
        self.writers_ever += u64::from(write);
        Ok(())
    }

    /// Returns true if an opener must wait for the other end.
    pub(super) fn is_alone(&self, read: bool, write: bool) -> bool {
        match (read, write) {
            (true, false) => self.writers == 0,
            (false, true) => self.readers == 0,
            _ => false,
        }
    }

    pub(in crate::os::mock) fn close(&mut self, read: bool, write: bool) {
        self.readers = self.readers.saturating_sub(usize::from(read));
        self.writers = self.writers.saturating_sub(usize::from(write));
        if self.readers + self.writers == 0 {
            self.buffer.clear();
        }
    }

    /// Returns `None` if there is no data yet, but a writer exists.
    pub(in crate::os::mock) fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        if self.buffer.is_empty() {
            return (self.writers == 0 || buffer.is_empty()).then_some(0);
        }
        let length = buffer.len().min(self.buffer.len());
        for (to, from) in buffer.iter_mut().zip(self.buffer.drain(..length)) {
            *to = from;
        }
        Some(length)
    }

    /// Returns `None` if there is no room yet, but a reader exists.
    pub(in crate::os::mock) fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>> {
        if self.readers == 0 {
            return Err(EPIPE);
        }
        let room = CAPACITY - self.buffer.len();
        if bytes.len() > room && (room == 0 || bytes.len() <= ATOMIC) {
            return Ok(None);
        }
        let length = bytes.len().min(room);
        self.buffer.extend(&bytes[..length]);
        Ok(Some(length))
    }
}
