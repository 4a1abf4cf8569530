//! The handle `os.path`: functions that need the file system, the environment or the working
//! directory.

use super::{abspath, expanduser, expandvars, join, relpath};
use crate::ambient::Ambient;
use crate::os::backend::{Backend, StatResult};
use crate::os::machine::accounts;
use crate::os::text::{self, bytes};
use crate::os::{Error, File, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The handle `os.path`.
///
/// ```
/// let os = leyden::World::new().batteries().os;
/// assert!(os.path.isdir("/") && !os.path.exists("/no/such/file"));
/// assert_eq!(os.path.realpath("/a/../b")?.as_os_str(), "/b");
/// # Ok::<(), leyden::os::Error>(())
/// ```
/// Methods that return only a `bool` return false on any error, as in Python.
/// The questions that answer with a `bool` alone take any error for a no, as in Python.
#[derive(Clone, Debug)]
pub struct OsPath {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

/// The argument of [`OsPath::realpath`]: a path, alone or with options.
#[derive(Debug, Clone)]
pub struct RealPath {
    path: PathBuf,
    strict: bool,
}

impl RealPath {
    /// Resolves `path` as far as it exists.
    pub fn new(path: impl Into<PathBuf>) -> RealPath {
        RealPath { path: path.into(), strict: false }
    }

    /// Sets whether a missing component, or a loop of links, is an error. Default: false.
    #[must_use]
    pub fn strict(self, strict: bool) -> RealPath {
        RealPath { strict, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for RealPath {
    fn from(path: P) -> RealPath {
        RealPath::new(path.as_ref())
    }
}

/// The argument of [`OsPath::relpath`]: a path, alone or with its starting point.
#[derive(Debug, Clone)]
pub struct RelPath {
    path: PathBuf,
    start: PathBuf,
}

impl RelPath {
    /// Returns `path` relative to the working directory.
    pub fn new(path: impl Into<PathBuf>) -> RelPath {
        RelPath { path: path.into(), start: ".".into() }
    }

    /// Sets the starting point. Default: the working directory.
    #[must_use]
    pub fn start(self, start: impl Into<PathBuf>) -> RelPath {
        RelPath { start: start.into(), ..self }
    }
}

impl<P: AsRef<Path>> From<P> for RelPath {
    fn from(path: P) -> RelPath {
        RelPath::new(path.as_ref())
    }
}

impl OsPath {
    pub(in crate::os) fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> OsPath {
        OsPath { backend, ambient }
    }

    pub(in crate::os) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub(in crate::os) fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    pub(in crate::os) fn resolve<'a>(&self, path: &'a Path) -> Cow<'a, Path> {
        self.ambient.resolve(path)
    }

    pub(in crate::os) fn cwd(&self) -> Result<PathBuf> {
        match self.ambient.cwd() {
            Some(cwd) => Ok(cwd.to_path_buf()),
            None => self.backend.getcwd().map_err(|error| Error::new("getcwd", &error, None, None)),
        }
    }

    fn look(&self, path: &Path, follow: bool) -> io::Result<StatResult> {
        self.backend.stat(&self.resolve(path), follow)
    }

    pub(in crate::os) fn stat(&self, path: &Path) -> Result<StatResult> {
        self.look(path, true).map_err(|error| Error::new("stat", &error, Some(path), None))
    }

    pub(in crate::os) fn lstat(&self, path: &Path) -> Result<StatResult> {
        self.look(path, false).map_err(|error| Error::new("lstat", &error, Some(path), None))
    }

    /// Returns true if the path exists. False for a dangling link, and if access is denied.
    #[doc(alias = "os.path.exists")]
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.look(path.as_ref(), true).is_ok()
    }

    /// Returns true if the name exists, even as a dangling link.
    #[doc(alias = "os.path.lexists")]
    pub fn lexists(&self, path: impl AsRef<Path>) -> bool {
        self.look(path.as_ref(), false).is_ok()
    }

    /// Returns true for a regular file, or a link to one.
    #[doc(alias = "os.path.isfile")]
    pub fn isfile(&self, path: impl AsRef<Path>) -> bool {
        self.look(path.as_ref(), true).is_ok_and(|stat| stat.is_file())
    }

    /// Returns true for a directory, or a link to one.
    #[doc(alias = "os.path.isdir")]
    pub fn isdir(&self, path: impl AsRef<Path>) -> bool {
        self.look(path.as_ref(), true).is_ok_and(|stat| stat.is_dir())
    }

    /// Returns true for a symbolic link.
    #[doc(alias = "os.path.islink")]
    pub fn islink(&self, path: impl AsRef<Path>) -> bool {
        self.look(path.as_ref(), false).is_ok_and(|stat| stat.is_symlink())
    }

    /// Returns true for a mount point: a directory on another device than its parent, or that is
    /// its own parent.
    #[doc(alias = "os.path.ismount")]
    pub fn ismount(&self, path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        let Ok(here) = self.look(path, false) else { return false };
        if here.is_symlink() {
            return false;
        }
        let parent = self.realpath(join(path, "..")).and_then(|parent| self.lstat(&parent));
        parent.is_ok_and(|parent| parent.st_dev != here.st_dev || parent.st_ino == here.st_ino)
    }

    /// Returns true if both paths refer to the same file.
    ///
    /// # Errors
    /// If one of them cannot be accessed.
    #[doc(alias = "os.path.samefile")]
    pub fn samefile(&self, a: impl AsRef<Path>, b: impl AsRef<Path>) -> Result<bool> {
        Ok(self.samestat(&self.stat(a.as_ref())?, &self.stat(b.as_ref())?))
    }

    /// Returns true if both are the same file, opened twice.
    ///
    /// # Errors
    /// If one of them cannot be accessed.
    #[doc(alias = "os.path.sameopenfile")]
    pub fn sameopenfile(&self, a: &mut File, b: &mut File) -> Result<bool> {
        Ok(self.samestat(&a.stat()?, &b.stat()?))
    }

    /// Returns true if both results are of the same file.
    #[doc(alias = "os.path.samestat")]
    pub fn samestat(&self, a: &StatResult, b: &StatResult) -> bool {
        (a.st_ino, a.st_dev) == (b.st_ino, b.st_dev)
    }

    /// Returns the size of the file in bytes.
    ///
    /// # Errors
    /// If it cannot be accessed; the same holds for the times.
    #[doc(alias = "os.path.getsize")]
    pub fn getsize(&self, path: impl AsRef<Path>) -> Result<u64> {
        Ok(self.stat(path.as_ref())?.st_size)
    }

    /// Returns the time of the last change of the contents.
    #[doc(alias = "os.path.getmtime")]
    pub fn getmtime(&self, path: impl AsRef<Path>) -> Result<SystemTime> {
        Ok(self.stat(path.as_ref())?.st_mtime)
    }

    /// Returns the time of the last read.
    #[doc(alias = "os.path.getatime")]
    pub fn getatime(&self, path: impl AsRef<Path>) -> Result<SystemTime> {
        Ok(self.stat(path.as_ref())?.st_atime)
    }

    /// Returns the time of the last change of the inode: its mode, owner, links or contents. Not
    /// the creation time.
    #[doc(alias = "os.path.getctime")]
    pub fn getctime(&self, path: impl AsRef<Path>) -> Result<SystemTime> {
        Ok(self.stat(path.as_ref())?.st_ctime)
    }

    /// Returns the absolute, normalized path, without accessing files: see [`abspath`].
    ///
    /// # Errors
    /// If the working directory was removed.
    #[doc(alias = "os.path.abspath")]
    pub fn abspath(&self, path: impl AsRef<Path>) -> Result<PathBuf> {
        let path = path.as_ref();
        Ok(if super::isabs(path) { super::normpath(path) } else { abspath(path, self.cwd()?) })
    }

    /// Returns the path relative to the working directory or another start, without accessing
    /// files: see [`relpath`].
    ///
    /// # Errors
    /// [`Error::Value`] for an empty path.
    #[doc(alias = "os.path.relpath")]
    pub fn relpath(&self, path: impl Into<RelPath>) -> Result<PathBuf> {
        let RelPath { path, start } = path.into();
        relpath(path, start, self.cwd()?)
    }

    /// Replaces `~` and `~user` by a home directory: `HOME`, otherwise from `/etc/passwd`.
    /// Unchanged if unknown.
    ///
    /// DIFFERENCE: users are looked up only in `/etc/passwd`, not in network directories.
    #[doc(alias = "os.path.expanduser")]
    pub fn expanduser(&self, path: impl AsRef<Path>) -> PathBuf {
        expanduser(path, |user| match user {
            Some(name) => Some(accounts::user_named(self.backend(), name)?.home),
            None => self
                .ambient
                .var("HOME")
                .map(PathBuf::from)
                .or_else(|| Some(accounts::user_of_id(self.backend(), self.backend.getresuid().0)?.home)),
        })
    }

    /// Replaces `$name` and `${name}` by the handle's variables; unknown ones are kept.
    #[doc(alias = "os.path.expandvars")]
    pub fn expandvars(&self, path: impl AsRef<Path>) -> PathBuf {
        let environ = self.ambient.environ();
        expandvars(path, |name| environ.get(name).cloned())
    }

    /// Returns the path without symbolic links, absolute and normalized.
    ///
    /// Missing components are kept, and a loop of links ends the resolution, unless
    /// [`strict`](RealPath::strict) makes either an error.
    ///
    /// # Errors
    /// With `strict`: the first component that cannot be accessed. If the working directory was
    /// removed.
    #[doc(alias = "os.path.realpath")]
    pub fn realpath(&self, path: impl Into<RealPath>) -> Result<PathBuf> {
        let RealPath { path, strict } = path.into();
        let mut walk = Walk { os: self, strict, resolved: PathBuf::new(), seen: HashMap::new() };
        walk.run(path)?;
        self.abspath(walk.resolved)
    }
}

/// Python's `_joinrealpath`, with an explicit stack instead of recursion.
struct Walk<'a> {
    os: &'a OsPath,
    strict: bool,
    resolved: PathBuf,
    /// The links so far, and their targets once known.
    seen: HashMap<PathBuf, Option<PathBuf>>,
}

/// A path that is being resolved, and the link that it came from.
struct Pending {
    rest: Vec<u8>,
    link: Option<PathBuf>,
}

impl Walk<'_> {
    fn begin(&mut self, path: &Path, link: Option<PathBuf>) -> Pending {
        let rest = match bytes(path) {
            [b'/', rest @ ..] => {
                self.resolved = "/".into();
                rest
            }
            rest => rest,
        };
        Pending { rest: rest.to_vec(), link }
    }

    fn run(&mut self, path: PathBuf) -> Result<()> {
        let mut stack = vec![self.begin(&path, None)];
        drop(path);
        while let Some(pending) = stack.last_mut() {
            if pending.rest.is_empty() {
                if let Some(link) = stack.pop().and_then(|done| done.link) {
                    self.seen.insert(link, Some(self.resolved.clone()));
                }
                continue;
            }
            let end = pending.rest.iter().position(|byte| *byte == b'/');
            let rest = end.map_or_else(Vec::new, |end| pending.rest.split_off(end + 1));
            let mut name = std::mem::replace(&mut pending.rest, rest);
            name.truncate(end.unwrap_or(name.len()));
            match name.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    self.up();
                    continue;
                }
                _ => {}
            }
            let next = join(&self.resolved, text::path(&name));
            if !self.is_link(&next)? {
                self.resolved = next;
                continue;
            }
            match self.seen.get(&next) {
                Some(Some(target)) => self.resolved = target.clone(),
                Some(None) => return self.looped(next, &stack),
                None => {
                    self.seen.insert(next.clone(), None);
                    let readlink = self.os.backend.readlink(&self.os.resolve(&next));
                    let target = readlink.map_err(|error| Error::new("readlink", &error, Some(&next), None))?;
                    let target = self.begin(&target, Some(next));
                    stack.push(target);
                }
            }
        }
        Ok(())
    }

    fn up(&mut self) {
        if self.resolved.as_os_str().is_empty() {
            self.resolved = "..".into();
            return;
        }
        let (head, name) = super::split(&self.resolved);
        self.resolved = if name == OsStr::new("..") { join(head, ["..", ".."]) } else { head.to_path_buf() };
    }

    fn is_link(&self, path: &Path) -> Result<bool> {
        match self.os.lstat(path) {
            Ok(stat) => Ok(stat.is_symlink()),
            Err(error) if self.strict => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// A link leads back to itself: keeps the rest of the path unresolved.
    fn looped(&mut self, link: PathBuf, stack: &[Pending]) -> Result<()> {
        if self.strict {
            self.os.stat(&link)?;
        }
        self.resolved = stack.iter().rev().fold(link, |path, pending| join(path, text::path(&pending.rest)));
        Ok(())
    }
}

/// The purely textual functions, so that a script reads as in Python. Each is the function of the
/// same name in [`os::path`](crate::os::path).
impl OsPath {
    /// [`join`](super::join)
    pub fn join(&self, first: impl AsRef<Path>, parts: impl super::Parts) -> PathBuf {
        join(first, parts)
    }

    /// [`split`](super::split)
    pub fn split<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> (&'a Path, &'a OsStr) {
        super::split(path)
    }

    /// [`splitext`](super::splitext)
    pub fn splitext<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> (&'a Path, &'a OsStr) {
        super::splitext(path)
    }

    /// [`splitdrive`](super::splitdrive)
    pub fn splitdrive<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> (&'a Path, &'a Path) {
        super::splitdrive(path)
    }

    /// [`basename`](super::basename)
    pub fn basename<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> &'a OsStr {
        super::basename(path)
    }

    /// [`dirname`](super::dirname)
    pub fn dirname<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> &'a Path {
        super::dirname(path)
    }

    /// [`normcase`](super::normcase)
    pub fn normcase<'a, P: AsRef<Path> + ?Sized>(&self, path: &'a P) -> &'a Path {
        super::normcase(path)
    }

    /// [`normpath`](super::normpath)
    pub fn normpath(&self, path: impl AsRef<Path>) -> PathBuf {
        super::normpath(path)
    }

    /// [`isabs`](super::isabs)
    pub fn isabs(&self, path: impl AsRef<Path>) -> bool {
        super::isabs(path)
    }

    /// [`commonprefix`](super::commonprefix)
    pub fn commonprefix<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> PathBuf {
        super::commonprefix(paths)
    }

    /// [`commonpath`](super::commonpath)
    pub fn commonpath<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> Result<PathBuf> {
        super::commonpath(paths)
    }
}
