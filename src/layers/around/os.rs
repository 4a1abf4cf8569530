//! The file system's primitives with a hook around each.

use std::ffi::{OsStr, OsString};
use std::io::Result;
use std::path::{Path, PathBuf};

use super::Around;
use super::os_open::{OpenDir, OpenFile, inner};
use crate::layers::hook::{Call, Subject};
use crate::os::backend::{
    Access, Backend, Dir, Entries, FileType, Files, Handle, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags,
};

fn on(path: &Path, follow: bool) -> Subject<'_> {
    Subject::path(path, follow)
}

fn pair<'a>(from: &'a Path, to: &'a Path) -> Subject<'a> {
    Subject::Paths(from.into(), to.into())
}

/// Whether opening a file so can change it.
pub(super) fn changes(flags: &OpenFlags) -> bool {
    flags.write || flags.append || flags.truncate || flags.create
}

pub(super) fn opening<'a>(subject: Subject<'a>, flags: &OpenFlags) -> Call<'a> {
    if changes(flags) { Call::change("os.open", subject) } else { Call::look("os.open", subject) }
}

#[deny(clippy::missing_trait_methods)]
impl Files for Around<dyn Backend> {
    fn blocks(&self) -> bool {
        self.inner.blocks()
    }

    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let follow = !flags.nofollow && !flags.exclusive;
        let handle = self.core.call(opening(on(path, follow), &flags), || self.inner.open(path, flags, mode))?;
        Ok(Box::new(OpenFile::new(handle, self.core.opened(path, follow), &self.core)))
    }

    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>> {
        let dir = self.core.call(Call::look("os.open_dir", on(path, follow)), || self.inner.open_dir(path, follow))?;
        Ok(Box::new(OpenDir::new(dir, self.core.opened(path, follow), &self.core, &self.inner)))
    }

    fn read_dir(&self, path: &Path) -> Result<Entries> {
        self.core.call(Call::look("os.read_dir", on(path, true)), || self.inner.read_dir(path))
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult> {
        self.core.call(Call::look("os.stat", on(path, follow)), || self.inner.stat(path, follow))
    }

    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool> {
        self.core.call(Call::look("os.access", on(path, follow)), || self.inner.access(path, access, effective, follow))
    }

    fn mkdir(&self, path: &Path, mode: u32) -> Result<()> {
        self.core.call(Call::change("os.mkdir", on(path, false)), || self.inner.mkdir(path, mode))
    }

    fn rmdir(&self, path: &Path) -> Result<()> {
        self.core.call(Call::change("os.rmdir", on(path, false)), || self.inner.rmdir(path))
    }

    fn unlink(&self, path: &Path) -> Result<()> {
        self.core.call(Call::change("os.unlink", on(path, false)), || self.inner.unlink(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.core.call(Call::change("os.rename", pair(from, to)), || self.inner.rename(from, to))
    }

    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.link", pair(original, link)), || self.inner.link(original, link, follow))
    }

    fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        self.core.call(Call::change("os.symlink", on(link, false)), || self.inner.symlink(target, link))
    }

    fn readlink(&self, path: &Path) -> Result<PathBuf> {
        self.core.call(Call::look("os.readlink", on(path, false)), || self.inner.readlink(path))
    }

    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.chmod", on(path, follow)), || self.inner.chmod(path, mode, follow))
    }

    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.chown", on(path, follow)), || self.inner.chown(path, uid, gid, follow))
    }

    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.utime", on(path, follow)), || self.inner.utime(path, times, follow))
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<()> {
        self.core.call(Call::change("os.truncate", on(path, true)), || self.inner.truncate(path, length))
    }

    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        // A pipe is not a device: what judges by names tells them apart.
        let operation = if file_type == FileType::Fifo { "os.mkfifo" } else { "os.mknod" };
        self.core.call(Call::change(operation, on(path, false)), || self.inner.mknod(path, file_type, mode, device))
    }

    fn statvfs(&self, path: &Path) -> Result<StatVfsResult> {
        self.core.call(Call::look("os.statvfs", on(path, true)), || self.inner.statvfs(path))
    }

    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>> {
        self.core.call(Call::look("os.pathconf", on(path, true)), || self.inner.pathconf(path, name))
    }

    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>> {
        self.core.call(Call::look("os.getxattr", on(path, follow)), || self.inner.getxattr(path, name, follow))
    }

    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.setxattr", on(path, follow)), || self.inner.setxattr(path, name, value, flags, follow))
    }

    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>> {
        self.core.call(Call::look("os.listxattr", on(path, follow)), || self.inner.listxattr(path, follow))
    }

    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()> {
        self.core.call(Call::change("os.removexattr", on(path, follow)), || self.inner.removexattr(path, name, follow))
    }

    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64> {
        let subject = match (OpenFile::of(from), OpenFile::of(to)) {
            (Some(from), Some(to)) => pair(from.path(), to.path()),
            _ => Subject::Machine,
        };
        let copy = |most: usize| self.inner.copy_range(inner(from), inner(to), length.min(most as u64));
        self.core.transfer(Call::change("os.copy_range", subject), copy, |copied| Some(*copied))
    }

    fn sync(&self) {
        self.core.note(Call::look("os.sync", Subject::Machine), || self.inner.sync());
    }

    fn current_umask(&self) -> u32 {
        self.inner.current_umask()
    }

    fn umask(&self, mask: u32) -> u32 {
        self.core.note(Call::change("os.umask", Subject::text(format!("{mask:03o}"))), || self.inner.umask(mask))
    }
}
