//! The file system's primitives: each is logged in the script, then forwarded to the tree.

use std::any::Any;
use std::ffi::{OsStr, OsString};
use std::io::Result;
use std::path::{Path, PathBuf};

use super::Mock;
use super::errno::EOPNOTSUPP;
use super::handles::OpenFile;
use super::handles::{copy, dirs, open};
use super::lookup::Links;
use super::tree::ROOT;
use crate::os::backend::{
    Access, Dir, Entries, FileType, Files, Handle, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags,
};

impl Mock {
    fn enter(&self, operation: &'static str, path: &Path) -> Result<()> {
        self.core.enter(operation, path.display())
    }

    fn enter_pair(&self, operation: &'static str, from: &Path, to: &Path) -> Result<()> {
        self.core.enter(operation, format_args!("{} -> {}", from.display(), to.display()))
    }
}

impl Files for Mock {
    fn blocks(&self) -> bool {
        false
    }

    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        self.enter("os.open", path)?;
        Ok(Box::new(open::open(&self.core, ROOT, path, flags, mode, path.to_owned())?))
    }

    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>> {
        self.enter("os.open_dir", path)?;
        Ok(Box::new(dirs::open(&self.core, ROOT, path, follow, path.to_owned())?))
    }

    fn read_dir(&self, path: &Path) -> Result<Entries> {
        self.enter("os.read_dir", path)?;
        Ok(dirs::open(&self.core, ROOT, path, true, path.to_owned())?.listing()?)
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult> {
        self.enter("os.stat", path)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow))?;
        Ok(state.tree.stat_of(ino)?)
    }

    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool> {
        self.enter("os.access", path)?;
        Ok(self.core.lock().tree.access(path, access, effective, follow))
    }

    fn mkdir(&self, path: &Path, mode: u32) -> Result<()> {
        self.enter("os.mkdir", path)?;
        Ok(self.core.lock().tree.mkdir(ROOT, path, mode)?)
    }

    fn rmdir(&self, path: &Path) -> Result<()> {
        self.enter("os.rmdir", path)?;
        Ok(self.core.lock().tree.rmdir(ROOT, path)?)
    }

    fn unlink(&self, path: &Path) -> Result<()> {
        self.enter("os.unlink", path)?;
        Ok(self.core.lock().tree.unlink(ROOT, path)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.enter_pair("os.rename", from, to)?;
        Ok(self.core.lock().tree.rename(ROOT, from, to)?)
    }

    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()> {
        self.enter_pair("os.link", original, link)?;
        Ok(self.core.lock().tree.link(original, link, follow)?)
    }

    fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        self.enter_pair("os.symlink", target, link)?;
        Ok(self.core.lock().tree.symlink(ROOT, target, link)?)
    }

    fn readlink(&self, path: &Path) -> Result<PathBuf> {
        self.enter("os.readlink", path)?;
        Ok(self.core.lock().tree.readlink(ROOT, path)?.to_path_buf())
    }

    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()> {
        self.enter("os.chmod", path)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow))?;
        Ok(state.tree.chmod(ino, mode)?)
    }

    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        self.enter("os.chown", path)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow))?;
        Ok(state.tree.chown(ino, uid, gid)?)
    }

    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()> {
        self.enter("os.utime", path)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow))?;
        Ok(state.tree.utime(ino, times)?)
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<()> {
        self.enter("os.truncate", path)?;
        Ok(self.core.lock().tree.truncate(path, length)?)
    }

    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        self.enter("os.mknod", path)?;
        Ok(self.core.lock().tree.mknod(ROOT, path, file_type, mode, device)?)
    }

    fn statvfs(&self, path: &Path) -> Result<StatVfsResult> {
        self.enter("os.statvfs", path)?;
        Ok(self.core.lock().tree.statvfs(path)?)
    }

    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>> {
        self.enter("os.pathconf", path)?;
        Ok(self.core.lock().tree.pathconf(path, name)?)
    }

    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>> {
        self.enter("os.getxattr", path)?;
        Ok(self.core.lock().tree.getxattr(path, name, follow)?)
    }

    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()> {
        self.enter("os.setxattr", path)?;
        Ok(self.core.lock().tree.setxattr(path, name, value, flags, follow)?)
    }

    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>> {
        self.enter("os.listxattr", path)?;
        Ok(self.core.lock().tree.listxattr(path, follow)?)
    }

    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()> {
        self.enter("os.removexattr", path)?;
        Ok(self.core.lock().tree.removexattr(path, name, follow)?)
    }

    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64> {
        self.core.enter("os.copy_range", format_args!("{length} bytes"))?;
        let from: &dyn Any = from;
        let to: &dyn Any = to;
        // A handle of another backend: the caller must copy the bytes itself.
        let (Some(from), Some(to)) = (from.downcast_ref::<OpenFile>(), to.downcast_ref::<OpenFile>()) else {
            return Err(EOPNOTSUPP.into());
        };
        Ok(copy::copy_range(&self.core, from, to, length)?)
    }

    fn sync(&self) {}

    fn umask(&self, mask: u32) -> u32 {
        std::mem::replace(&mut self.core.lock().tree.umask, mask & 0o777)
    }
}
