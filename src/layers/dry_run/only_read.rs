//! An open file of the machine beneath, whose attributes change above it.

use std::io::{Result, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::files::{Overlay, REFUSED};
use crate::Errno;
use crate::os::backend::{Advice, Backend, Handle, StatResult, StatVfsResult, Times};

/// An open file of the machine beneath. It is read there; its mode, owner and times are changed in memory.
#[derive(Debug)]
pub(super) struct OnlyRead {
    inner: Box<dyn Handle>,
    overlay: Arc<Overlay>,
    /// Its name in the rehearsal when it was opened.
    path: PathBuf,
    follow: bool,
    changed: AtomicBool,
}

impl OnlyRead {
    pub(super) fn new(inner: Box<dyn Handle>, overlay: &Arc<Overlay>, path: PathBuf, follow: bool) -> OnlyRead {
        OnlyRead { inner, overlay: overlay.clone(), path, follow, changed: AtomicBool::new(false) }
    }

    fn change(&self, change: impl FnOnce(&dyn Backend) -> Result<()>) -> Result<()> {
        let (here, named) = (self.inner.stat()?, self.overlay.reader().stat(&self.path, self.follow));
        if !named.is_ok_and(|named| (named.st_dev, named.st_ino) == (here.st_dev, here.st_ino)) {
            let why = "a rehearsal does not change an open file that was renamed, removed or replaced since";
            return Err(Errno::because(REFUSED, why));
        }
        self.overlay.write(&[&self.path], change)?;
        self.changed.store(true, Ordering::Release);
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Handle for OnlyRead {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.inner.read(buffer)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        self.inner.read_to(bytes)
    }

    // Devices that keep nothing are written; the other files are open for reading only, and fail so.
    fn write(&self, bytes: &[u8]) -> Result<usize> {
        self.inner.write(bytes)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        self.inner.seek(to)
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64> {
        self.inner.seek_sparse(offset, hole)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        self.inner.write_at(bytes, offset)
    }

    fn stat(&self) -> Result<StatResult> {
        if self.changed.load(Ordering::Acquire) {
            return self.overlay.upper().stat(&self.path, self.follow);
        }
        self.inner.stat()
    }

    fn statvfs(&self) -> Result<StatVfsResult> {
        self.inner.statvfs()
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        self.inner.allocate(offset, length)
    }

    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        self.inner.advise(offset, length, advice)
    }

    fn truncate(&self, length: u64) -> Result<()> {
        self.inner.truncate(length)
    }

    fn sync(&self, data_only: bool) -> Result<()> {
        self.inner.sync(data_only)
    }

    fn chmod(&self, mode: u32) -> Result<()> {
        self.change(|upper| upper.chmod(&self.path, mode, true))
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        self.change(|upper| upper.chown(&self.path, uid, gid, self.follow))
    }

    fn utime(&self, times: Times) -> Result<()> {
        self.change(|upper| upper.utime(&self.path, times, self.follow))?;
        self.overlay.timed(&self.path, self.follow);
        Ok(())
    }

    fn lock(&self, exclusive: bool, wait: bool) -> Result<()> {
        self.inner.lock(exclusive, wait)
    }

    fn unlock(&self) -> Result<()> {
        self.inner.unlock()
    }

    fn isatty(&self) -> bool {
        self.inner.isatty()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.inner.as_fd()
    }
}
