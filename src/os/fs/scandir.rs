//! `os.scandir`: the entries of a directory, with what the file system tells for nothing.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::os::backend::{Backend, Entries, Entry, FileType, Files, StatResult};
use crate::os::{Error, Os, Result};

const ENOENT: i32 = 2;

impl Os {
    /// The entries of a directory, in the order of the file system, without `.` and `..`. `"."` is Python's default.
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

/// What [`Os::scandir`] gives. Dropping it closes the directory.
#[must_use]
pub struct ScanDir {
    entries: Entries,
    /// The directory as the caller gave it.
    dir: PathBuf,
    origin: Arc<Origin>,
}

/// Where entries come from.
struct Origin {
    /// The directory as the machine was asked for it.
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

/// One entry of a directory. It asks the machine no more than it must, and nothing twice: what it said once it says again, whatever
/// has become of the file.
///
/// <https://docs.python.org/3/library/os.html#os.DirEntry>
#[doc(alias = "os.DirEntry")]
#[derive(Clone)]
pub struct DirEntry {
    path: PathBuf,
    file_type: Option<FileType>,
    ino: u64,
    origin: Arc<Origin>,
    /// What was asked already, and answered.
    stat: OnceLock<Box<StatResult>>,
    lstat: OnceLock<Box<StatResult>>,
}

impl DirEntry {
    /// The name alone.
    #[doc(alias = "os.DirEntry.name")]
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// The name, joined to the directory as it was given to `scandir`.
    #[doc(alias = "os.DirEntry.path")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The inode's number. Asks nothing.
    #[doc(alias = "os.DirEntry.inode")]
    pub fn inode(&self) -> u64 {
        self.ino
    }

    /// True if it is a directory, or a link to one. A link that leads nowhere, and an entry that is gone, are none.
    #[doc(alias = "os.DirEntry.is_dir")]
    pub fn is_dir(&self) -> Result<bool> {
        self.is(FileType::Dir)
    }

    /// True if it is a regular file, or a link to one.
    #[doc(alias = "os.DirEntry.is_file")]
    pub fn is_file(&self) -> Result<bool> {
        self.is(FileType::File)
    }

    /// True if it is a symbolic link, wherever it leads.
    #[doc(alias = "os.DirEntry.is_symlink")]
    pub fn is_symlink(&self) -> Result<bool> {
        Ok(self.file_type()? == Some(FileType::Symlink))
    }

    /// What it is itself: of a link, [`FileType::Symlink`]. None if it is gone. `entry.is_dir(follow_symlinks=False)` is
    /// `entry.file_type()? == Some(FileType::Dir)`.
    pub fn file_type(&self) -> Result<Option<FileType>> {
        if self.file_type.is_some() {
            return Ok(self.file_type);
        }
        gone(self.lstat().map(|stat| stat.file_type()))
    }

    /// What is known of the file; of a link, of what it leads to.
    #[doc(alias = "os.DirEntry.stat")]
    pub fn stat(&self) -> Result<StatResult> {
        match self.file_type {
            Some(FileType::Symlink) | None => self.ask(&self.stat, true),
            // No link: both answers are the same one.
            Some(_) => self.lstat(),
        }
    }

    /// What is known of the entry itself: `entry.stat(follow_symlinks=False)`.
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

/// An entry that is gone is nothing, as in Python; other errors stay errors.
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
