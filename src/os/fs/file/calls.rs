//! The calls that take a descriptor in Python: `os.fstat`, `os.fsync`, `os.lseek` and their like.

use std::io::{self, Seek, SeekFrom};

use super::File;
use crate::os::backend::{Advice, Handle, StatResult, StatVfsResult, Times};
use crate::os::{Error, Result};

const ENXIO: i32 = 6;
const EINVAL: i32 = 22;

/// From where [`File::lseek`] counts: [`SEEK_SET`](crate::os::SEEK_SET) and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start.
    Set,
    /// The position.
    Cur,
    /// The end.
    End,
    /// The first byte from the offset on that is in no hole.
    Data,
    /// The first hole from the offset on.
    Hole,
}

impl File {
    /// What is known of the file, also when its name is gone.
    #[doc(alias = "os.fstat")]
    pub fn stat(&mut self) -> Result<StatResult> {
        self.settled("fstat", Handle::stat)
    }

    /// The space and limits of the file system that holds the file.
    #[doc(alias = "os.fstatvfs")]
    pub fn statvfs(&mut self) -> Result<StatVfsResult> {
        self.settled("fstatvfs", Handle::statvfs)
    }

    /// Moves the position, and gives it: `lseek(0, SEEK_END)`. The same as `Seek`, and to the holes of a file besides.
    ///
    /// # Errors
    /// `EINVAL` for what is before the start; `ENXIO` if there is no data or hole from there on; `ESPIPE`.
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

    /// Makes sure that these bytes have their place on the device: writing them cannot fail for want of space. The file grows if need be.
    #[doc(alias = "os.posix_fallocate")]
    pub fn posix_fallocate(&mut self, offset: u64, length: u64) -> Result<()> {
        self.settled("posix_fallocate", |handle| handle.allocate(offset, length))
    }

    /// Says how these bytes will be read; a length of 0 is up to the end.
    #[doc(alias = "os.posix_fadvise")]
    pub fn posix_fadvise(&mut self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        self.settled("posix_fadvise", |handle| handle.advise(offset, length, advice))
    }

    /// Cuts the file, or lengthens it by zeros; None means: here. The position stays.
    #[doc(alias = "os.ftruncate")]
    pub fn truncate(&mut self, length: impl Into<Option<u64>>) -> Result<()> {
        let length = match length.into() {
            Some(length) => length,
            None => self.stream_position().map_err(|error| self.failed("ftruncate", &error))?,
        };
        // What was read ahead may be gone then.
        self.settle().map_err(|error| self.failed("ftruncate", &error))?;
        self.settled("ftruncate", |handle| handle.truncate(length))
    }

    /// Writes everything to the device, and waits for it.
    #[doc(alias = "os.fsync")]
    pub fn sync(&mut self) -> Result<()> {
        self.settled("fsync", |handle| handle.sync(false))
    }

    /// The same for the contents alone: times and owner may come later.
    #[doc(alias = "os.fdatasync")]
    pub fn sync_data(&mut self) -> Result<()> {
        self.settled("fdatasync", |handle| handle.sync(true))
    }

    /// Sets the permission bits.
    #[doc(alias = "os.fchmod")]
    pub fn chmod(&mut self, mode: u32) -> Result<()> {
        self.settled("fchmod", |handle| handle.chmod(mode))
    }

    /// Sets owner and group; None leaves one alone.
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

    /// Reads up to `length` bytes at an offset; the position stays.
    #[doc(alias = "os.pread")]
    pub fn read_at(&mut self, length: usize, offset: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let read = self.settled("pread", |handle| handle.read_at(&mut bytes, offset))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Writes at an offset, perhaps less than everything; the position stays.
    #[doc(alias = "os.pwrite")]
    pub fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        self.settle().map_err(|error| self.failed("pwrite", &error))?;
        self.settled("pwrite", |handle| handle.write_at(bytes, offset))
    }

    /// Takes a lock on the whole file that nobody else can hold meanwhile: `fcntl.flock(f, LOCK_EX)`. Waits for it. It binds those
    /// who ask for locks, and is given back when the file is closed.
    ///
    /// DIFFERENCE: it is given back then even if a program that was started meanwhile has a copy of the descriptor. In Python such a
    /// program keeps the lock, also one that another thread is just starting; to hold a lock for a program, keep the file open.
    pub fn lock(&mut self) -> Result<()> {
        self.settled("flock", |handle| handle.lock(true, true))
    }

    /// Takes a lock that others can share: `fcntl.flock(f, LOCK_SH)`. Waits for it.
    pub fn lock_shared(&mut self) -> Result<()> {
        self.settled("flock", |handle| handle.lock(false, true))
    }

    /// Takes the exclusive lock, or gives false at once if somebody has it.
    pub fn try_lock(&mut self) -> Result<bool> {
        match self.settled("flock", |handle| handle.lock(true, false)) {
            Err(Error::BlockingIo(_)) => Ok(false),
            answer => answer.map(|()| true),
        }
    }

    /// Gives the lock back.
    pub fn unlock(&mut self) -> Result<()> {
        self.settled("flock", Handle::unlock)
    }
}
