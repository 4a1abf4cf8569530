//! File attributes: stat, access, permissions, owner, times, extended attributes, the file system.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::os::backend::{Access, FileTime, Files, StatResult, StatVfsResult, Times, WaitOptions, XattrFlags};
use crate::os::machine::limits::Limit;
use crate::os::{Os, Result};

/// A path, and how to handle a symbolic link in its last component: Python's `follow_symlinks` and
/// `effective_ids`.
///
/// ```
/// use leyden::os::Target;
///
/// let os = leyden::World::new().batteries().os;
/// os.symlink("nowhere", "/link")?;
/// assert!(os.stat("/link").is_err());
/// assert!(os.stat(Target::new("/link").follow_symlinks(false))?.is_symlink());
/// # Ok::<(), leyden::os::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Target {
    pub(in crate::os) path: PathBuf,
    pub(in crate::os) follow: bool,
    effective: bool,
}

impl Target {
    /// This path, following links.
    pub fn new(path: impl Into<PathBuf>) -> Target {
        Target { path: path.into(), follow: true, effective: false }
    }

    /// Sets whether a link in the path's last component is followed. Default: true.
    pub fn follow_symlinks(self, follow: bool) -> Target {
        Target { follow, ..self }
    }

    /// For [`Os::access`]: sets whether to check the effective user and group instead of the real
    /// ones. Default: false.
    pub fn effective_ids(self, effective: bool) -> Target {
        Target { effective, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for Target {
    fn from(path: P) -> Target {
        Target::new(path.as_ref())
    }
}

impl Os {
    /// Returns the attributes of a file. <https://docs.python.org/3/library/os.html#os.stat>
    #[doc(alias = "os.stat")]
    pub fn stat(&self, path: impl Into<Target>) -> Result<StatResult> {
        let Target { path, follow, .. } = path.into();
        self.on("stat", &path, |backend, path| backend.stat(path, follow))
    }

    /// Returns the attributes of a file; of a link itself.
    /// <https://docs.python.org/3/library/os.html#os.lstat>
    #[doc(alias = "os.lstat")]
    pub fn lstat(&self, path: impl AsRef<Path>) -> Result<StatResult> {
        self.on("lstat", path.as_ref(), |backend, path| backend.stat(path, false))
    }

    /// Returns true if the real user has this access to a path: `os.access("/etc", R_OK | X_OK)`.
    /// Any error is false.
    ///
    /// <https://docs.python.org/3/library/os.html#os.access>
    #[doc(alias = "os.access")]
    pub fn access(&self, path: impl Into<Target>, mode: Access) -> bool {
        let Target { path, follow, effective } = path.into();
        self.on("access", &path, |backend, path| backend.access(path, mode, effective, follow)).unwrap_or(false)
    }

    /// Sets the permission bits. Those of a link cannot be set: `EOPNOTSUPP`. <https://docs.python.org/3/library/os.html#os.chmod>
    #[doc(alias = "os.chmod")]
    pub fn chmod(&self, path: impl Into<Target>, mode: u32) -> Result<()> {
        let Target { path, follow, .. } = path.into();
        self.on("chmod", &path, |backend, path| backend.chmod(path, mode & 0o7777, follow))
    }

    /// Sets owner and group; `None` (Python's -1) leaves one unchanged.
    /// <https://docs.python.org/3/library/os.html#os.chown>
    #[doc(alias = "os.chown")]
    pub fn chown(&self, path: impl Into<Target>, uid: impl Into<Option<u32>>, gid: impl Into<Option<u32>>) -> Result<()> {
        let (Target { path, follow, .. }, uid, gid) = (path.into(), uid.into(), gid.into());
        self.on("chown", &path, |backend, path| backend.chown(path, uid, gid, follow))
    }

    /// Like [`Os::chown`], for a link itself. <https://docs.python.org/3/library/os.html#os.lchown>
    #[doc(alias = "os.lchown")]
    pub fn lchown(&self, path: impl AsRef<Path>, uid: impl Into<Option<u32>>, gid: impl Into<Option<u32>>) -> Result<()> {
        let (uid, gid) = (uid.into(), gid.into());
        self.on("lchown", path.as_ref(), |backend, path| backend.chown(path, uid, gid, false))
    }

    /// Sets access and modification time: `(atime, mtime)`, or `None` for now.
    ///
    /// <https://docs.python.org/3/library/os.html#os.utime>
    #[doc(alias = "os.utime")]
    pub fn utime(&self, path: impl Into<Target>, times: impl Into<Times>) -> Result<()> {
        let (Target { path, follow, .. }, times) = (path.into(), times.into());
        self.on("utime", &path, |backend, path| backend.utime(path, times, follow))
    }

    /// Returns size and limits of the file system that contains a path.
    /// <https://docs.python.org/3/library/os.html#os.statvfs>
    #[doc(alias = "os.statvfs")]
    pub fn statvfs(&self, path: impl AsRef<Path>) -> Result<StatVfsResult> {
        self.on("statvfs", path.as_ref(), Files::statvfs)
    }

    /// Returns a limit of the file system that contains a path, by name (`"PC_NAME_MAX"`) or
    /// number. `None`: no limit (Python: -1).
    ///
    /// # Errors
    /// [`Error::Value`](crate::os::Error::Value) for a name that is not in [`PATHCONF_NAMES`](crate::os::PATHCONF_NAMES).
    ///
    /// <https://docs.python.org/3/library/os.html#os.pathconf>
    #[doc(alias = "os.pathconf")]
    pub fn pathconf<'a>(&self, path: impl AsRef<Path>, name: impl Into<Limit<'a>>) -> Result<Option<i64>> {
        let name = name.into().number(crate::os::PATHCONF_NAMES)?;
        self.on("pathconf", path.as_ref(), |backend, path| backend.pathconf(path, name))
    }

    /// Returns the value of an extended attribute (`user.mime_type`).
    /// <https://docs.python.org/3/library/os.html#os.getxattr>
    #[doc(alias = "os.getxattr")]
    pub fn getxattr(&self, path: impl Into<Target>, attribute: impl AsRef<OsStr>) -> Result<Vec<u8>> {
        let Target { path, follow, .. } = path.into();
        self.on("getxattr", &path, |backend, path| backend.getxattr(path, attribute.as_ref(), follow))
    }

    /// Sets an extended attribute. <https://docs.python.org/3/library/os.html#os.setxattr>
    #[doc(alias = "os.setxattr")]
    pub fn setxattr(
        &self,
        path: impl Into<Target>,
        attribute: impl AsRef<OsStr>,
        value: impl AsRef<[u8]>,
        flags: XattrFlags,
    ) -> Result<()> {
        let Target { path, follow, .. } = path.into();
        self.on("setxattr", &path, |backend, path| backend.setxattr(path, attribute.as_ref(), value.as_ref(), flags, follow))
    }

    /// Lists the extended attributes. <https://docs.python.org/3/library/os.html#os.listxattr>
    #[doc(alias = "os.listxattr")]
    pub fn listxattr(&self, path: impl Into<Target>) -> Result<Vec<OsString>> {
        let Target { path, follow, .. } = path.into();
        self.on("listxattr", &path, |backend, path| backend.listxattr(path, follow))
    }

    /// Removes an extended attribute. <https://docs.python.org/3/library/os.html#os.removexattr>
    #[doc(alias = "os.removexattr")]
    pub fn removexattr(&self, path: impl Into<Target>, attribute: impl AsRef<OsStr>) -> Result<()> {
        let Target { path, follow, .. } = path.into();
        self.on("removexattr", &path, |backend, path| backend.removexattr(path, attribute.as_ref(), follow))
    }

    /// Sets the umask, and returns the previous one.
    ///
    /// The umask belongs to the process: other threads and other handles see the change. Prefer to
    /// set the mode of a file.
    ///
    /// <https://docs.python.org/3/library/os.html#os.umask>
    #[doc(alias = "os.umask")]
    pub fn umask(&self, mask: u32) -> u32 {
        self.backend.umask(mask)
    }
}

impl Times {
    /// Both times now.
    pub fn now() -> Times {
        Times { atime: Some(FileTime::Now), mtime: Some(FileTime::Now) }
    }
}

impl From<(SystemTime, SystemTime)> for Times {
    /// Access and modification time.
    fn from((atime, mtime): (SystemTime, SystemTime)) -> Times {
        Times { atime: Some(FileTime::At(atime)), mtime: Some(FileTime::At(mtime)) }
    }
}

impl From<Option<(SystemTime, SystemTime)>> for Times {
    /// `None` is now.
    fn from(times: Option<(SystemTime, SystemTime)>) -> Times {
        times.map_or_else(Times::now, Times::from)
    }
}

impl std::ops::BitOr for Access {
    type Output = Access;

    fn bitor(self, other: Access) -> Access {
        Access { read: self.read | other.read, write: self.write | other.write, execute: self.execute | other.execute }
    }
}

impl std::ops::BitOr for WaitOptions {
    type Output = WaitOptions;

    fn bitor(self, other: WaitOptions) -> WaitOptions {
        WaitOptions {
            nohang: self.nohang | other.nohang,
            untraced: self.untraced | other.untraced,
            continued: self.continued | other.continued,
        }
    }
}

/// Returns the major part of a device number. <https://docs.python.org/3/library/os.html#os.major>
#[doc(alias = "os.major")]
pub fn major(device: u64) -> u32 {
    (((device >> 32) & 0xffff_f000) | ((device >> 8) & 0xfff)) as u32
}

/// Returns the minor part of a device number. <https://docs.python.org/3/library/os.html#os.minor>
#[doc(alias = "os.minor")]
pub fn minor(device: u64) -> u32 {
    (((device >> 12) & 0xffff_ff00) | (device & 0xff)) as u32
}

/// Returns the device number for these parts.
/// <https://docs.python.org/3/library/os.html#os.makedev>
#[doc(alias = "os.makedev")]
pub fn makedev(major: u32, minor: u32) -> u64 {
    let (major, minor) = (u64::from(major), u64::from(minor));
    ((major & 0xffff_f000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffff_ff00) << 12) | (minor & 0xff)
}
