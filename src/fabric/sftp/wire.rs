//! Packets of SFTP version 3. <https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02>

use std::time::{Duration, SystemTime};

/// The longest packet that is accepted of the other side. OpenSSH's are at most 256 KiB.
pub(super) const MAX_PACKET: usize = 1 << 20;

pub(super) mod kind {
    pub(in super::super) const INIT: u8 = 1;
    pub(in super::super) const VERSION: u8 = 2;
    pub(in super::super) const OPEN: u8 = 3;
    pub(in super::super) const CLOSE: u8 = 4;
    pub(in super::super) const READ: u8 = 5;
    pub(in super::super) const WRITE: u8 = 6;
    pub(in super::super) const LSTAT: u8 = 7;
    pub(in super::super) const FSTAT: u8 = 8;
    pub(in super::super) const SETSTAT: u8 = 9;
    pub(in super::super) const FSETSTAT: u8 = 10;
    pub(in super::super) const OPENDIR: u8 = 11;
    pub(in super::super) const READDIR: u8 = 12;
    pub(in super::super) const REMOVE: u8 = 13;
    pub(in super::super) const MKDIR: u8 = 14;
    pub(in super::super) const RMDIR: u8 = 15;
    pub(in super::super) const REALPATH: u8 = 16;
    pub(in super::super) const STAT: u8 = 17;
    pub(in super::super) const RENAME: u8 = 18;
    pub(in super::super) const READLINK: u8 = 19;
    pub(in super::super) const SYMLINK: u8 = 20;
    pub(in super::super) const STATUS: u8 = 101;
    pub(in super::super) const HANDLE: u8 = 102;
    pub(in super::super) const DATA: u8 = 103;
    pub(in super::super) const NAME: u8 = 104;
    pub(in super::super) const ATTRS: u8 = 105;
    pub(in super::super) const EXTENDED: u8 = 200;
    pub(in super::super) const EXTENDED_REPLY: u8 = 201;
}

pub(in crate::fabric) mod open_flag {
    pub(in crate::fabric) const READ: u32 = 1;
    pub(in crate::fabric) const WRITE: u32 = 2;
    pub(in crate::fabric) const APPEND: u32 = 4;
    pub(in crate::fabric) const CREATE: u32 = 8;
    pub(in crate::fabric) const TRUNCATE: u32 = 16;
    pub(in crate::fabric) const EXCLUSIVE: u32 = 32;
}

/// A packet being written, with its length in front.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(kind: u8) -> Writer {
        Writer(vec![0, 0, 0, 0, kind])
    }

    pub(super) fn u32(mut self, number: u32) -> Writer {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(super) fn u64(mut self, number: u64) -> Writer {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(super) fn string(mut self, bytes: impl AsRef<[u8]>) -> Writer {
        let bytes = bytes.as_ref();
        // A length beyond 32 bits cannot be: packets are limited long before.
        self.0.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    pub(super) fn attributes(self, attributes: &super::SftpAttributes) -> Writer {
        attributes.pack(self)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX).to_be_bytes();
        if let Some(head) = self.0.first_chunk_mut::<4>() {
            *head = length;
        }
        self.0
    }
}

/// A packet being read. Every length in it is checked against what is there.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

/// The packet is shorter than its length fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truncated;

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, Truncated> {
        let (byte, rest) = self.0.split_first().ok_or(Truncated)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Truncated> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Truncated)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*bytes))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Truncated> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Truncated)?;
        self.0 = rest;
        Ok(u64::from_be_bytes(*bytes))
    }

    pub(super) fn string(&mut self) -> Result<&'a [u8], Truncated> {
        let length = self.u32()? as usize;
        if length > self.0.len() {
            return Err(Truncated);
        }
        let (string, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(string)
    }
}

/// Seconds of the protocol, which are whole and not before 1970.
pub(super) fn seconds(time: SystemTime) -> u32 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

pub(super) fn time(seconds: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(seconds))
}
