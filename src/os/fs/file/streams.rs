//! The bytes of a [`File`]: the standard library's traits, with its two buffers.

use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

use super::File;
use crate::error::errno::EBADF;

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.input.len() && buffer.len() >= self.plan.buffer {
            self.push()?;
            let read = self.handle.read(buffer)?;
            self.position += read as u64;
            return Ok(read);
        }
        let mut ahead = self.fill_buf()?;
        let read = ahead.read(buffer)?;
        self.consume(read);
        Ok(read)
    }

    fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        self.rest(bytes)
    }
}

impl BufRead for File {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.input.len() {
            self.fill()?;
        }
        Ok(self.input.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.input.len() - self.at);
        self.at += amount;
        self.position += amount as u64;
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A read-only file must fail now, not when the buffer is written.
        if !self.plan.writable {
            return Err(io::Error::from_raw_os_error(EBADF));
        }
        if !self.input.is_empty() {
            self.settle()?;
        }
        if self.output.len() + bytes.len() > self.plan.buffer {
            self.push()?;
        }
        let written = if bytes.len() >= self.plan.buffer {
            self.handle.write(bytes)?
        } else {
            self.output.extend_from_slice(bytes);
            bytes.len()
        };
        self.position += written as u64;
        if self.plan.by_line && bytes.contains(&b'\n') {
            self.push()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.settle()?;
        self.position = self.handle.seek(to)?;
        Ok(self.position)
    }
}
