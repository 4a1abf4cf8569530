//! The calls that take a descriptor in Python: `os.fstat`, `os.fsync`, `os.lseek` and similar ones.

use std::io::{self, Seek, SeekFrom};

use super::File;
use crate::error::errno::{EINVAL, ENXIO};
use crate::os::backend::{Advice, Handle, StatResult, StatVfsResult, Times};
use crate::os::{Error, Result};

/// The reference point of [`File::lseek`]: [`SEEK_SET`](crate::os::SEEK_SET) and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start.
    Set,
    /// The current position.
    Cur,
    /// The end.
    End,
    /// The first byte of data from the offset on.
    Data,
    /// The first hole from the offset on.
    Hole,
}

impl File {
    /// Returns the attributes of the file, even if its name was removed.
    #[doc(alias = "os.fstat")]
    pub fn stat(&mut self) -> Result<StatResult> {
        self.settled("fstat", Handle::stat)
    }

    /// Returns size and limits of the file system that contains the file.
    #[doc(alias = "os.fstatvfs")]
    pub fn statvfs(&mut self) -> Result<StatVfsResult> {
        self.settled("fstatvfs", Handle::statvfs)
    }

    /// Moves the position and returns it: `lseek(0, SEEK_END)`. Like `Seek`, with support for
    /// holes.
    ///
    /// # Errors
    /// `EINVAL` before the start; `ENXIO` if there is no data or hole from there on; `ESPIPE`.
    #[doc(alias = "os.lseek")]
    pub fn lseek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let start = u64::try_from(offset);
        let invalid = |_| io::Error::from_raw_os_error(EINVAL);
        let position = self.settle().and_then(|()| match whence {
            Whence::Set => self.handle.seek(SeekFrom::Start(start.map_err(invalid)?)),
            Whence::Cur => self.handle.seek(SeekFrom::Current(offset)),
            Whence::End => self.handle.seek(SeekFrom::End(offset)),
            Whence::Data | Whence::Hole => {
                let offset = start.map_err(|_| io::Error::from_raw_os_error(ENXIO))?;
                self.handle.seek_sparse(offset, whence == Whence::Hole)
            }
        });
        self.position = position.map_err(|error| self.failed("lseek", &error))?;
        Ok(self.position)
    }

    /// Allocates space for these bytes, so that writing them cannot fail for lack of it. The file
    /// grows if necessary.
    #[doc(alias = "os.posix_fallocate")]
    pub fn posix_fallocate(&mut self, offset: u64, length: u64) -> Result<()> {
        self.settled("posix_fallocate", |handle| handle.allocate(offset, length))
    }

    /// Declares the expected access pattern for these bytes; a length of 0 extends to the end.
    #[doc(alias = "os.posix_fadvise")]
    pub fn posix_fadvise(&mut self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        self.settled("posix_fadvise", |handle| handle.advise(offset, length, advice))
    }

    /// Truncates the file, or extends it with zeros; `None` means at the position. The position
    /// does not change.
    #[doc(alias = "os.ftruncate")]
    pub fn truncate(&mut self, length: impl Into<Option<u64>>) -> Result<()> {
        let length = match length.into() {
            Some(length) => length,
            None => self.stream_position().map_err(|error| self.failed("ftruncate", &error))?,
        };
        // Bytes that were read ahead may no longer exist.
        self.settle().map_err(|error| self.failed("ftruncate", &error))?;
        self.settled("ftruncate", |handle| handle.truncate(length))
    }

    /// Writes the file to the device and waits for it.
    #[doc(alias = "os.fsync")]
    pub fn sync(&mut self) -> Result<()> {
        self.settled("fsync", |handle| handle.sync(false))
    }

    /// Like [`File::sync`], for the contents only, without times and owner.
    #[doc(alias = "os.fdatasync")]
    pub fn sync_data(&mut self) -> Result<()> {
        self.settled("fdatasync", |handle| handle.sync(true))
    }

    /// Sets the permission bits.
    #[doc(alias = "os.fchmod")]
    pub fn chmod(&mut self, mode: u32) -> Result<()> {
        self.settled("fchmod", |handle| handle.chmod(mode))
    }

    /// Sets owner and group; `None` leaves one unchanged.
    #[doc(alias = "os.fchown")]
    pub fn chown(&mut self, uid: impl Into<Option<u32>>, gid: impl Into<Option<u32>>) -> Result<()> {
        let (uid, gid) = (uid.into(), gid.into());
        self.settled("fchown", |handle| handle.chown(uid, gid))
    }

    /// Sets the times.
    pub fn utime(&mut self, times: impl Into<Times>) -> Result<()> {
        let times = times.into();
        self.settled("utime", |handle| handle.utime(times))
    }

    /// Reads up to `length` bytes at an offset without moving the position.
    #[doc(alias = "os.pread")]
    pub fn read_at(&mut self, length: usize, offset: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let read = self.settled("pread", |handle| handle.read_at(&mut bytes, offset))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Writes at an offset, possibly not all bytes, without moving the position.
    #[doc(alias = "os.pwrite")]
    pub fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        self.settle().map_err(|error| self.failed("pwrite", &error))?;
        self.settled("pwrite", |handle| handle.write_at(bytes, offset))
    }

    /// Takes an exclusive lock on the whole file: `fcntl.flock(f, LOCK_EX)`. Waits for it. It only
    /// affects processes that use locks, and is released when the file is closed.
    ///
    /// DIFFERENCE: it is then released even if a program that was started meanwhile has a copy of
    /// the descriptor. In Python such a program keeps the lock, also one that another thread is
    /// just starting. To hold a lock for a program, keep the file open.
    pub fn lock(&mut self) -> Result<()> {
        self.settled("flock", |handle| handle.lock(true, true))
    }

    /// Takes a shared lock: `fcntl.flock(f, LOCK_SH)`. Waits for it.
    pub fn lock_shared(&mut self) -> Result<()> {
        self.settled("flock", |handle| handle.lock(false, true))
    }

    /// Takes the exclusive lock, or returns false at once if it is held elsewhere.
    pub fn try_lock(&mut self) -> Result<bool> {
        match self.settled("flock", |handle| handle.lock(true, false)) {
            Err(Error::BlockingIo(_)) => Ok(false),
            answer => answer.map(|()| true),
        }
    }

    /// Releases the lock.
    pub fn unlock(&mut self) -> Result<()> {
        self.settled("flock", Handle::unlock)
    }
}
