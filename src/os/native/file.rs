//! An open file of this machine.

use std::io::{Result, SeekFrom};
use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{self, FallocateFlags, FlockOperation, Mode};
use rustix::io::retry_on_intr;

use crate::os::backend::{Advice, Handle, StatResult, StatVfsResult, Times};

#[derive(Debug)]
pub(super) struct OpenFile(pub(super) OwnedFd);

impl Handle for OpenFile {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::read(&self.0, &mut *buffer))?)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::write(&self.0, bytes))?)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        Ok(fs::seek(
            &self.0,
            match to {
                SeekFrom::Start(at) => fs::SeekFrom::Start(at),
                SeekFrom::End(by) => fs::SeekFrom::End(by),
                SeekFrom::Current(by) => fs::SeekFrom::Current(by),
            },
        )?)
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64> {
        Ok(fs::seek(&self.0, if hole { fs::SeekFrom::Hole(offset) } else { fs::SeekFrom::Data(offset) })?)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pread(&self.0, &mut *buffer, offset))?)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pwrite(&self.0, bytes, offset))?)
    }

    fn stat(&self) -> Result<StatResult> {
        Ok(super::stat_result(&fs::fstat(&self.0)?))
    }

    fn statvfs(&self) -> Result<StatVfsResult> {
        Ok(super::statvfs_result(&retry_on_intr(|| fs::fstatvfs(&self.0))?))
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        Ok(retry_on_intr(|| fs::fallocate(&self.0, FallocateFlags::empty(), offset, length))?)
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
        Ok(fs::fadvise(&self.0, offset, NonZeroU64::new(length), advice)?)
    }

    fn truncate(&self, length: u64) -> Result<()> {
        Ok(retry_on_intr(|| fs::ftruncate(&self.0, length))?)
    }

    fn sync(&self, data_only: bool) -> Result<()> {
        Ok(retry_on_intr(|| if data_only { fs::fdatasync(&self.0) } else { fs::fsync(&self.0) })?)
    }

    fn chmod(&self, mode: u32) -> Result<()> {
        Ok(fs::fchmod(&self.0, Mode::from_raw_mode(mode))?)
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        Ok(fs::fchown(&self.0, uid.map(fs::Uid::from_raw), gid.map(fs::Gid::from_raw))?)
    }

    fn utime(&self, times: Times) -> Result<()> {
        Ok(fs::futimens(&self.0, &super::timestamps(times)?)?)
    }

    fn lock(&self, exclusive: bool, wait: bool) -> Result<()> {
        let operation = match (exclusive, wait) {
            (true, true) => FlockOperation::LockExclusive,
            (true, false) => FlockOperation::NonBlockingLockExclusive,
            (false, true) => FlockOperation::LockShared,
            (false, false) => FlockOperation::NonBlockingLockShared,
        };
        Ok(retry_on_intr(|| fs::flock(&self.0, operation))?)
    }

    fn unlock(&self) -> Result<()> {
        Ok(fs::flock(&self.0, FlockOperation::Unlock)?)
    }

    fn isatty(&self) -> bool {
        rustix::termios::isatty(&self.0)
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}
