//! An open file of this machine.

use std::io::{Result, SeekFrom};
use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::buffer::spare_capacity;
use rustix::fs::{self, FallocateFlags, FlockOperation, Mode};
use rustix::io::retry_on_intr;

use crate::os::backend::{Advice, Handle, StatResult, StatVfsResult, Times};

#[derive(Debug)]
pub(super) struct OpenFile {
    fd: OwnedFd,
    locked: AtomicBool,
}

impl OpenFile {
    pub(super) fn new(fd: OwnedFd) -> OpenFile {
        OpenFile { fd, locked: AtomicBool::new(false) }
    }
}

/// Unlocks explicitly. A lock belongs to the open file, and a program that another thread starts
/// has a copy of the descriptor until its exec, so closing ours would not release the lock before
/// that.
impl Drop for OpenFile {
    fn drop(&mut self) {
        if *self.locked.get_mut() {
            let _ = self.unlock();
        }
    }
}

impl Handle for OpenFile {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::read(&self.fd, &mut *buffer))?)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        // Reads into the vector's spare capacity, to avoid a copy.
        Ok(retry_on_intr(|| rustix::io::read(&self.fd, spare_capacity(bytes)))?)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::write(&self.fd, bytes))?)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        Ok(fs::seek(
            &self.fd,
            match to {
                SeekFrom::Start(at) => fs::SeekFrom::Start(at),
                SeekFrom::End(by) => fs::SeekFrom::End(by),
                SeekFrom::Current(by) => fs::SeekFrom::Current(by),
            },
        )?)
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64> {
        Ok(fs::seek(&self.fd, if hole { fs::SeekFrom::Hole(offset) } else { fs::SeekFrom::Data(offset) })?)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pread(&self.fd, &mut *buffer, offset))?)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pwrite(&self.fd, bytes, offset))?)
    }

    fn stat(&self) -> Result<StatResult> {
        Ok(super::stat_result(&fs::fstat(&self.fd)?))
    }

    fn statvfs(&self) -> Result<StatVfsResult> {
        Ok(super::statvfs_result(&retry_on_intr(|| fs::fstatvfs(&self.fd))?))
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        Ok(retry_on_intr(|| fs::fallocate(&self.fd, FallocateFlags::empty(), offset, length))?)
    }

    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        let advice = match advice {
            Advice::Normal => fs::Advice::Normal,
            Advice::Sequential => fs::Advice::Sequential,
            Advice::Random => fs::Advice::Random,
            Advice::NoReuse => fs::Advice::NoReuse,
            Advice::WillNeed => fs::Advice::WillNeed,
            Advice::DontNeed => fs::Advice::DontNeed,
        };
        Ok(fs::fadvise(&self.fd, offset, NonZeroU64::new(length), advice)?)
    }

    fn truncate(&self, length: u64) -> Result<()> {
        Ok(retry_on_intr(|| fs::ftruncate(&self.fd, length))?)
    }

    fn sync(&self, data_only: bool) -> Result<()> {
        Ok(retry_on_intr(|| if data_only { fs::fdatasync(&self.fd) } else { fs::fsync(&self.fd) })?)
    }

    fn chmod(&self, mode: u32) -> Result<()> {
        Ok(fs::fchmod(&self.fd, Mode::from_raw_mode(mode))?)
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        super::kernel::no_such_id(&[uid, gid])?;
        Ok(fs::fchown(&self.fd, uid.map(fs::Uid::from_raw), gid.map(fs::Gid::from_raw))?)
    }

    fn utime(&self, times: Times) -> Result<()> {
        Ok(fs::futimens(&self.fd, &super::timestamps(times)?)?)
    }

    fn lock(&self, exclusive: bool, wait: bool) -> Result<()> {
        let operation = match (exclusive, wait) {
            (true, true) => FlockOperation::LockExclusive,
            (true, false) => FlockOperation::NonBlockingLockExclusive,
            (false, true) => FlockOperation::LockShared,
            (false, false) => FlockOperation::NonBlockingLockShared,
        };
        retry_on_intr(|| fs::flock(&self.fd, operation))?;
        self.locked.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn unlock(&self) -> Result<()> {
        Ok(fs::flock(&self.fd, FlockOperation::Unlock)?)
    }

    fn isatty(&self) -> bool {
        rustix::termios::isatty(&self.fd)
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.as_fd())
    }
}
