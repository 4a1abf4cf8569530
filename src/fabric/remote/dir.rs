//! A directory of the other machine. The protocol knows no open directories to work beneath: what is done is done by path.

use std::ffi::OsStr;
use std::io::Result;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::agent::errno;
use super::files::Remote;
use crate::error::errno::{EINVAL, ENOENT};
use crate::os::backend::{Dir, Entries, Files as _, Handle, OpenFlags, StatResult, Times};

#[derive(Debug)]
pub(super) struct RemoteDir {
    remote: Remote,
    path: PathBuf,
    found: StatResult,
}

impl RemoteDir {
    pub(super) fn new(remote: Remote, path: PathBuf, found: StatResult) -> RemoteDir {
        RemoteDir { remote, path, found }
    }

    /// An entry's path. The directory must be the one that was opened: a link or another directory in its place is ENOENT.
    fn at(&self, name: &OsStr) -> Result<PathBuf> {
        let bytes = name.as_bytes();
        if bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') || bytes.contains(&0) {
            return Err(errno(EINVAL));
        }
        self.same()?;
        Ok(self.path.join(name))
    }

    fn same(&self) -> Result<StatResult> {
        let now = self.remote.stat(&self.path, true)?;
        if (now.st_dev, now.st_ino) == (self.found.st_dev, self.found.st_ino) { Ok(now) } else { Err(errno(ENOENT)) }
    }
}

impl Dir for RemoteDir {
    fn entries(&self) -> Result<Entries> {
        self.same()?;
        self.remote.read_dir(&self.path)
    }

    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>> {
        self.remote.open_dir(&self.at(name)?, follow)
    }

    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        self.remote.open(&self.at(name)?, flags, mode)
    }

    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult> {
        self.remote.stat(&self.at(name)?, follow)
    }

    fn stat_self(&self) -> Result<StatResult> {
        self.same()
    }

    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.remote.mkdir(&self.at(name)?, mode)
    }

    fn rmdir(&self, name: &OsStr) -> Result<()> {
        self.remote.rmdir(&self.at(name)?)
    }

    fn unlink(&self, name: &OsStr) -> Result<()> {
        self.remote.unlink(&self.at(name)?)
    }

    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()> {
        self.remote.symlink(target, &self.at(name)?)
    }

    fn readlink(&self, name: &OsStr) -> Result<PathBuf> {
        self.remote.readlink(&self.at(name)?)
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()> {
        self.remote.rename(&self.at(from)?, &self.at(to)?)
    }

    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.remote.chmod(&self.at(name)?, mode, false)
    }

    fn utime(&self, name: &OsStr, times: Times) -> Result<()> {
        self.remote.utime(&self.at(name)?, times, false)
    }
}
