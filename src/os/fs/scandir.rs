//! `os.scandir`: the entries of a directory, with the information that the listing provides.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::error::errno::ENOENT;
use crate::os::backend::{Backend, Entries, Entry, FileType, Files, StatResult};
use crate::os::{Error, Os, Result};

impl Os {
    /// Iterates over the entries of a directory, in the order of the file system, without `.` and
    /// `..`. `"."` is Python's default.
    ///
    /// ```
    /// let os = leyden::World::new().batteries().os;
    /// os.write_text("/notes", "")?;
    /// for entry in os.scandir("/")? {
    ///     let entry = entry?;
    ///     println!("{} {}", entry.path().display(), entry.is_file()?);
    /// }
    /// # Ok::<(), leyden::os::Error>(())
    /// ```
    ///
    /// <https://docs.python.org/3/library/os.html#os.scandir>
    #[doc(alias = "os.scandir")]
    pub fn scandir(&self, path: impl AsRef<Path>) -> Result<ScanDir> {
        let path = path.as_ref();
        let entries = self.on("scandir", path, Files::read_dir)?;
        let asked = self.ambient.resolve(path).into();
        Ok(ScanDir { entries, dir: path.into(), origin: Arc::new(Origin { asked, backend: self.backend.clone() }) })
    }
}

/// An iterator over directory entries. [`Os::scandir`] returns it. Dropping it closes the
/// directory.
#[must_use]
pub struct ScanDir {
    entries: Entries,
    /// The directory as the caller gave it.
    dir: PathBuf,
    origin: Arc<Origin>,
}

/// The origin of entries.
struct Origin {
    /// The directory as passed to the machine.
    asked: PathBuf,
    backend: Arc<dyn Backend>,
}

impl Iterator for ScanDir {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Result<DirEntry>> {
        Some(match self.entries.next()? {
            Err(error) => Err(Error::new("scandir", &error, Some(&self.dir), None)),
            Ok(Entry { name, file_type, ino }) => {
                let mut path = PathBuf::with_capacity(self.dir.as_os_str().len() + 1 + name.len());
                path.push(&self.dir);
                path.push(name);
                let (stat, lstat) = Default::default();
                Ok(DirEntry { path, file_type, ino, origin: self.origin.clone(), stat, lstat })
            }
        })
    }
}

impl fmt::Debug for ScanDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScanDir").field(&self.dir).finish()
    }
}

/// An entry of a directory. It accesses the machine only when necessary, and caches the results,
/// whatever happens to the file later.
///
/// <https://docs.python.org/3/library/os.html#os.DirEntry>
#[doc(alias = "os.DirEntry")]
#[derive(Clone)]
pub struct DirEntry {
    path: PathBuf,
    file_type: Option<FileType>,
    ino: u64,
    origin: Arc<Origin>,
    /// The cached result.
    stat: OnceLock<Box<StatResult>>,
    lstat: OnceLock<Box<StatResult>>,
}

impl DirEntry {
    /// Returns the name without the directory.
    #[doc(alias = "os.DirEntry.name")]
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// Returns the name, joined to the directory as it was passed to `scandir`.
    #[doc(alias = "os.DirEntry.path")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the inode's number, without a system call.
    #[doc(alias = "os.DirEntry.inode")]
    pub fn inode(&self) -> u64 {
        self.ino
    }

    /// Returns true for a directory, or a link to one. False for a dangling link or a removed
    /// entry.
    #[doc(alias = "os.DirEntry.is_dir")]
    pub fn is_dir(&self) -> Result<bool> {
        self.is(FileType::Dir)
    }

    /// Returns true for a regular file, or a link to one.
    #[doc(alias = "os.DirEntry.is_file")]
    pub fn is_file(&self) -> Result<bool> {
        self.is(FileType::File)
    }

    /// Returns true for a symbolic link, even a dangling one.
    #[doc(alias = "os.DirEntry.is_symlink")]
    pub fn is_symlink(&self) -> Result<bool> {
        Ok(self.file_type()? == Some(FileType::Symlink))
    }

    /// Returns the type of the entry itself: for a link, [`FileType::Symlink`]; `None` if it was
    /// removed. `entry.is_dir(follow_symlinks=False)` is `entry.file_type()? ==
    /// Some(FileType::Dir)`.
    pub fn file_type(&self) -> Result<Option<FileType>> {
        if self.file_type.is_some() {
            return Ok(self.file_type);
        }
        gone(self.lstat().map(|stat| stat.file_type()))
    }

    /// Returns the attributes of the file; for a link, those of its target.
    #[doc(alias = "os.DirEntry.stat")]
    pub fn stat(&self) -> Result<StatResult> {
        match self.file_type {
            Some(FileType::Symlink) | None => self.ask(&self.stat, true),
            // Not a link: both results are the same.
            Some(_) => self.lstat(),
        }
    }

    /// Returns the attributes of the entry itself: `entry.stat(follow_symlinks=False)`.
    pub fn lstat(&self) -> Result<StatResult> {
        self.ask(&self.lstat, false)
    }

    fn is(&self, file_type: FileType) -> Result<bool> {
        match self.file_type {
            Some(FileType::Symlink) | None => Ok(gone(self.stat())?.is_some_and(|stat| stat.file_type() == file_type)),
            Some(found) => Ok(found == file_type),
        }
    }

    fn ask(&self, known: &OnceLock<Box<StatResult>>, follow: bool) -> Result<StatResult> {
        if let Some(stat) = known.get() {
            return Ok(**stat);
        }
        let Origin { asked, backend } = &*self.origin;
        let stat = backend.stat(&asked.join(self.name()), follow);
        let stat = stat.map_err(|error| Error::new("stat", &error, Some(&self.path), None))?;
        Ok(**known.get_or_init(|| Box::new(stat)))
    }
}

/// A removed entry is `None`, as in Python; other errors are returned.
fn gone<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.errno() == Some(ENOENT) => Ok(None),
        answer => answer.map(Some),
    }
}

impl AsRef<Path> for DirEntry {
    /// [`DirEntry::path`]: `os.remove(&entry)` works.
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirEntry").field(&self.name()).finish()
    }
}
