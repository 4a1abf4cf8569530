//! Open files and directories with a hook around each of their calls.

use std::any::Any;
use std::ffi::OsStr;
use std::io::{Result, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Core;
use super::os::opening;
use crate::layers::hook::{Call, Subject};
use crate::os::backend::{Advice, Backend, Dir, Entries, Handle, OpenFlags, StatResult, StatVfsResult, Times};

/// An open file, with the path that it was opened by.
#[derive(Debug)]
pub(super) struct OpenFile {
    inner: Box<dyn Handle>,
    path: PathBuf,
    core: Core,
}

impl OpenFile {
    pub(super) fn new(inner: Box<dyn Handle>, path: PathBuf, core: &Core) -> OpenFile {
        OpenFile { inner, path, core: core.clone() }
    }

    /// The handle, if it is one of a layer.
    pub(super) fn of(handle: &dyn Handle) -> Option<&OpenFile> {
        (handle as &dyn Any).downcast_ref()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn subject(&self) -> Subject<'_> {
        Subject::path(self.path.as_path(), true)
    }
}

/// The handle beneath this layer: a backend knows its own handles only.
pub(super) fn inner(handle: &dyn Handle) -> &dyn Handle {
    OpenFile::of(handle).map_or(handle, |file| &*file.inner)
}

fn count(bytes: &usize) -> Option<u64> {
    u64::try_from(*bytes).ok()
}

/// The first `most` bytes.
fn head(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[..bytes.len().min(most)]
}

fn head_mut(bytes: &mut [u8], most: usize) -> &mut [u8] {
    let length = bytes.len().min(most);
    &mut bytes[..length]
}

#[deny(clippy::missing_trait_methods)]
impl Handle for OpenFile {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.core.transfer(Call::look("os.read", self.subject()), |most| self.inner.read(head_mut(buffer, most)), count)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        let read = |most: usize| {
            if most >= bytes.capacity() - bytes.len() {
                return self.inner.read_to(bytes);
            }
            let mut some = vec![0; most];
            let read = self.inner.read(&mut some)?;
            bytes.extend_from_slice(head(&some, read));
            Ok(read)
        };
        self.core.transfer(Call::look("os.read", self.subject()), read, count)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        self.core.transfer(Call::change("os.write", self.subject()), |most| self.inner.write(head(bytes, most.max(1))), count)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        self.core.call(Call::look("os.lseek", self.subject()), || self.inner.seek(to))
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64> {
        self.core.call(Call::look("os.lseek", self.subject()), || self.inner.seek_sparse(offset, hole))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let read = |most| self.inner.read_at(head_mut(buffer, most), offset);
        self.core.transfer(Call::look("os.pread", self.subject()), read, count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        let write = |most: usize| self.inner.write_at(head(bytes, most.max(1)), offset);
        self.core.transfer(Call::change("os.pwrite", self.subject()), write, count)
    }

    fn stat(&self) -> Result<StatResult> {
        self.core.call(Call::look("os.fstat", self.subject()), || self.inner.stat())
    }

    fn statvfs(&self) -> Result<StatVfsResult> {
        self.core.call(Call::look("os.fstatvfs", self.subject()), || self.inner.statvfs())
    }

    fn allocate(&self, offset: u64, length: u64) -> Result<()> {
        self.core.call(Call::change("os.posix_fallocate", self.subject()), || self.inner.allocate(offset, length))
    }

    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        self.core.call(Call::look("os.posix_fadvise", self.subject()), || self.inner.advise(offset, length, advice))
    }

    fn truncate(&self, length: u64) -> Result<()> {
        self.core.call(Call::change("os.ftruncate", self.subject()), || self.inner.truncate(length))
    }

    fn sync(&self, data_only: bool) -> Result<()> {
        self.core.call(Call::change("os.fsync", self.subject()), || self.inner.sync(data_only))
    }

    fn chmod(&self, mode: u32) -> Result<()> {
        self.core.call(Call::change("os.fchmod", self.subject()), || self.inner.chmod(mode))
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        self.core.call(Call::change("os.fchown", self.subject()), || self.inner.chown(uid, gid))
    }

    fn utime(&self, times: Times) -> Result<()> {
        self.core.call(Call::change("os.futimens", self.subject()), || self.inner.utime(times))
    }

    fn lock(&self, exclusive: bool, wait: bool) -> Result<()> {
        self.core.call(Call::look("os.flock", self.subject()), || self.inner.lock(exclusive, wait))
    }

    fn unlock(&self) -> Result<()> {
        self.core.call(Call::look("os.flock", self.subject()), || self.inner.unlock())
    }

    fn isatty(&self) -> bool {
        self.inner.isatty()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.inner.as_fd()
    }
}

/// An open directory, with the path that it was opened by.
#[derive(Debug)]
pub(super) struct OpenDir {
    inner: Box<dyn Dir>,
    path: PathBuf,
    core: Core,
    files: Arc<dyn Backend>,
}

impl OpenDir {
    pub(super) fn new(inner: Box<dyn Dir>, path: PathBuf, core: &Core, files: &Arc<dyn Backend>) -> OpenDir {
        OpenDir { inner, path, core: core.clone(), files: files.clone() }
    }

    /// The path of a link that a call is to follow, for a hook that judges by paths. The directory may have been moved since: its links lead
    /// elsewhere then, so that they are followed from the path that was judged.
    fn followed(&self, name: &OsStr, follow: bool) -> Option<PathBuf> {
        let path = self.path.join(name);
        let judged = follow && self.inner.readlink(name).is_ok() && self.core.hook.opened(&path, true).is_some();
        judged.then_some(path)
    }

    fn here(&self) -> Subject<'_> {
        Subject::path(self.path.as_path(), true)
    }

    fn at(&self, name: &OsStr, follow: bool) -> Subject<'static> {
        Subject::path(self.path.join(name), follow)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Dir for OpenDir {
    fn entries(&self) -> Result<Entries> {
        self.core.call(Call::look("os.read_dir", self.here()), || self.inner.entries())
    }

    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>> {
        let call = Call::look("os.open_dir", self.at(name, follow));
        let dir = self.core.call(call, || match self.followed(name, follow) {
            Some(path) => self.files.open_dir(&path, true),
            None => self.inner.open_dir(name, follow),
        })?;
        let path = self.core.opened(&self.path.join(name), follow);
        Ok(Box::new(OpenDir::new(dir, path, &self.core, &self.files)))
    }

    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let follow = !flags.nofollow && !flags.exclusive;
        let handle = self.core.call(opening(self.at(name, follow), &flags), || self.inner.open(name, flags, mode))?;
        let path = self.core.opened(&self.path.join(name), follow);
        Ok(Box::new(OpenFile::new(handle, path, &self.core)))
    }

    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult> {
        self.core.call(Call::look("os.stat", self.at(name, follow)), || match self.followed(name, follow) {
            Some(path) => self.files.stat(&path, true),
            None => self.inner.stat(name, follow),
        })
    }

    fn stat_self(&self) -> Result<StatResult> {
        self.core.call(Call::look("os.fstat", self.here()), || self.inner.stat_self())
    }

    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.core.call(Call::change("os.mkdir", self.at(name, false)), || self.inner.mkdir(name, mode))
    }

    fn rmdir(&self, name: &OsStr) -> Result<()> {
        self.core.call(Call::change("os.rmdir", self.at(name, false)), || self.inner.rmdir(name))
    }

    fn unlink(&self, name: &OsStr) -> Result<()> {
        self.core.call(Call::change("os.unlink", self.at(name, false)), || self.inner.unlink(name))
    }

    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()> {
        self.core.call(Call::change("os.symlink", self.at(name, false)), || self.inner.symlink(target, name))
    }

    fn readlink(&self, name: &OsStr) -> Result<PathBuf> {
        self.core.call(Call::look("os.readlink", self.at(name, false)), || self.inner.readlink(name))
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()> {
        let subject = Subject::Paths(self.path.join(from).into(), self.path.join(to).into());
        self.core.call(Call::change("os.rename", subject), || self.inner.rename(from, to))
    }

    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.core.call(Call::change("os.chmod", self.at(name, false)), || self.inner.chmod(name, mode))
    }

    fn utime(&self, name: &OsStr, times: Times) -> Result<()> {
        self.core.call(Call::change("os.utime", self.at(name, false)), || self.inner.utime(name, times))
    }
}
