//! [`Dir`]: an open directory, Python's `dir_fd`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::open::Open;
use crate::os::backend::{self, FileType, StatResult, Times};
use crate::os::{Error, File, Os, Result, Target};

/// An open directory: Python's `dir_fd`, with the calls that take one as its methods.
///
/// Operations through it affect this directory, even if its path changes. A name is a single name:
/// one with a slash, `.` and `..` are `EINVAL`, so operations stay within the directory. Errors
/// show the path that the directory was opened by, joined with the name. Clones share it; dropping
/// the last one closes it.
///
/// ```
/// let os = leyden::World::new().batteries().os;
/// os.makedirs("/srv/old")?;
/// let srv = os.open_dir("/srv")?;
/// os.rename("/srv", "/moved")?;
/// srv.mkdir("new", 0o777)?;
/// assert!(os.path.isdir("/moved/new"));
/// # Ok::<(), leyden::os::Error>(())
/// ```
#[derive(Clone)]
pub struct Dir {
    dir: Arc<dyn backend::Dir>,
    path: PathBuf,
}

impl Os {
    /// Opens a directory. Without [`Target::follow_symlinks`] a link is an error. In Python:
    /// `os.open(path, O_RDONLY | O_DIRECTORY)`.
    pub fn open_dir(&self, path: impl Into<Target>) -> Result<Dir> {
        let Target { path, follow, .. } = path.into();
        let dir = self.on("open", &path, |backend, path| backend.open_dir(path, follow))?;
        Ok(Dir { dir: dir.into(), path })
    }
}

impl Dir {
    /// Returns the path that it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lists the directory in the order of the file system: `os.listdir(fd)`.
    pub fn listdir(&self) -> Result<Vec<OsString>> {
        let names = self.dir.entries().and_then(|entries| entries.map(|entry| Ok(entry?.name)).collect());
        names.map_err(|error| Error::new("listdir", &error, Some(&self.path), None))
    }

    /// Returns names and, if the file system lists them, types: the source of [`Os::scandir`].
    pub(in crate::os) fn entries(&self) -> Result<backend::Entries> {
        self.dir.entries().map_err(|error| Error::new("scandir", &error, Some(&self.path), None))
    }

    /// Opens a subdirectory. Without [`Target::follow_symlinks`] a link is an error, even if it is
    /// placed there in between.
    pub fn open_dir(&self, name: impl Into<Target>) -> Result<Dir> {
        let Target { path: name, follow, .. } = name.into();
        let dir = self.on("open", name.as_os_str(), |dir, name| dir.open_dir(name, follow))?;
        Ok(Dir { dir: dir.into(), path: self.path.join(name) })
    }

    /// Opens a file in the directory. A link is never followed: `ELOOP`.
    pub fn open(&self, open: impl Into<Open>) -> Result<File> {
        let mut open = open.into();
        let plan = open.plan()?;
        let opened = self.on("open", open.path.as_os_str(), |dir, name| {
            let handle = dir.open(name, plan.flags, plan.permissions)?;
            Ok((handle.stat()?, handle))
        });
        let (stat, handle) = opened?;
        open.path = self.path.join(&open.path);
        File::opened(handle, open, &plan, &stat)
    }

    /// Returns the attributes of an entry.
    pub fn stat(&self, name: impl Into<Target>) -> Result<StatResult> {
        let Target { path: name, follow, .. } = name.into();
        self.on("stat", name.as_os_str(), |dir, name| dir.stat(name, follow))
    }

    /// Returns the attributes of an entry; of a link itself.
    pub fn lstat(&self, name: impl AsRef<OsStr>) -> Result<StatResult> {
        self.on("lstat", name.as_ref(), |dir, name| dir.stat(name, false))
    }

    /// Returns the attributes of the directory itself.
    pub fn stat_self(&self) -> Result<StatResult> {
        self.dir.stat_self().map_err(|error| Error::new("fstat", &error, Some(&self.path), None))
    }

    /// Creates a subdirectory with this mode, before the umask.
    pub fn mkdir(&self, name: impl AsRef<OsStr>, mode: u32) -> Result<()> {
        self.on("mkdir", name.as_ref(), |dir, name| dir.mkdir(name, mode))
    }

    /// Removes an empty subdirectory.
    pub fn rmdir(&self, name: impl AsRef<OsStr>) -> Result<()> {
        self.on("rmdir", name.as_ref(), backend::Dir::rmdir)
    }

    /// Removes a file or a link in the directory.
    pub fn unlink(&self, name: impl AsRef<OsStr>) -> Result<()> {
        self.on("unlink", name.as_ref(), backend::Dir::unlink)
    }

    /// Creates a symbolic link to `src` in the directory.
    pub fn symlink(&self, src: impl AsRef<Path>, name: impl AsRef<OsStr>) -> Result<()> {
        self.on("symlink", name.as_ref(), |dir, name| dir.symlink(src.as_ref(), name))
    }

    /// Returns the target of a symbolic link in the directory.
    pub fn readlink(&self, name: impl AsRef<OsStr>) -> Result<PathBuf> {
        self.on("readlink", name.as_ref(), backend::Dir::readlink)
    }

    /// Renames within the directory, replacing an existing file.
    pub fn rename(&self, src: impl AsRef<OsStr>, dst: impl AsRef<OsStr>) -> Result<()> {
        let (src, dst) = (src.as_ref(), dst.as_ref());
        let renamed = self.dir.rename(src, dst);
        renamed.map_err(|error| Error::new("rename", &error, Some(&self.path.join(src)), Some(&self.path.join(dst))))
    }

    /// Sets the permission bits of an entry. Those of a link cannot be set.
    pub fn chmod(&self, name: impl AsRef<OsStr>, mode: u32) -> Result<()> {
        self.on("chmod", name.as_ref(), |dir, name| dir.chmod(name, mode & 0o7777))
    }

    /// Sets the times of an entry; of a link itself.
    pub fn utime(&self, name: impl AsRef<OsStr>, times: impl Into<Times>) -> Result<()> {
        let times = times.into();
        self.on("utime", name.as_ref(), |dir, name| dir.utime(name, times))
    }

    /// Returns the type of an entry; `None` if it does not exist or cannot be determined.
    pub(in crate::os) fn file_type(&self, name: &OsStr, follow: bool) -> Option<FileType> {
        self.dir.stat(name, follow).ok().map(|stat| stat.file_type())
    }

    fn on<T>(
        &self,
        operation: &'static str,
        name: &OsStr,
        ask: impl FnOnce(&dyn backend::Dir, &OsStr) -> io::Result<T>,
    ) -> Result<T> {
        ask(&*self.dir, name).map_err(|error| Error::new(operation, &error, Some(&self.path.join(name)), None))
    }
}

impl fmt::Debug for Dir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dir").field(&self.path).finish()
    }
}
