//! `rmtree`: a directory with everything in it.

use crate::os::backend::{Dir, Entry, FileType};
use crate::os::path::{OsPath, join, without_trailing_slash};
use crate::os::{Error, Result};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Told of each thing that could not be removed. `Ok` goes on with the rest, `Err` ends the removal with that error.
type OnError<'a> = Box<dyn FnMut(Error) -> Result<()> + 'a>;

/// What [`OsShutil::rmtree`](super::OsShutil::rmtree) takes: a path, alone or with options.
pub struct RmTree<'a> {
    pub(super) path: PathBuf,
    pub(super) onerror: OnError<'a>,
}

impl<'a> RmTree<'a> {
    /// Removes `path`; the first error ends it.
    pub fn new(path: impl Into<PathBuf>) -> RmTree<'a> {
        RmTree { path: path.into(), onerror: Box::new(Err) }
    }

    /// Whether errors are passed over, so that what can be removed is. Default: no.
    #[must_use]
    pub fn ignore_errors(self, ignore: bool) -> RmTree<'a> {
        if ignore { self.onerror(|_| Ok(())) } else { self.onerror(Err) }
    }

    /// Told of each error, which says what failed and on which path: `Ok` goes on with the rest, `Err` ends the removal.
    #[must_use]
    pub fn onerror(self, onerror: impl FnMut(Error) -> Result<()> + 'a) -> RmTree<'a> {
        RmTree { onerror: Box::new(onerror), ..self }
    }
}

impl<P: AsRef<Path>> From<P> for RmTree<'_> {
    fn from(path: P) -> Self {
        RmTree::new(path.as_ref())
    }
}

impl std::fmt::Debug for RmTree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RmTree").field("path", &self.path).finish_non_exhaustive()
    }
}

const ELOOP: i32 = 40;
const ESTALE: i32 = 116;

/// One directory on the way down. Everything in it is removed through the open directory, never by a path that somebody may have
/// made lead elsewhere.
struct Level {
    path: PathBuf,
    dir: Box<dyn Dir>,
    entries: std::vec::IntoIter<Entry>,
}

pub(in crate::os) fn remove(os: &OsPath, path: &Path, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
    let path = without_trailing_slash(path); // `link/` would be the directory that the link leads to
    let at = os.resolve(path);
    let failed = |operation, error: &io::Error, path: &Path| Error::new(operation, error, Some(path), None);
    let seen = match os.backend().stat(&at, false) {
        Ok(stat) => stat,
        Err(error) => return onerror(failed("lstat", &error, path)),
    };
    let opened = os.backend().open_dir(&at, false).and_then(|dir| Ok((dir.stat_self()?, dir)));
    match opened {
        _ if seen.is_symlink() => {
            return onerror(match os.backend().stat(&at, true) {
                Ok(_) => failed("rmtree", &io::Error::from_raw_os_error(ELOOP), path),
                Err(error) => failed("open", &error, path), // it leads nowhere
            });
        }
        Ok((stat, _)) if !os.samestat(&stat, &seen) => {
            return onerror(failed("rmtree", &io::Error::from_raw_os_error(ESTALE), path)); // something else has taken its place
        }
        Ok((_, dir)) => empty(Level::new(path.to_path_buf(), dir, onerror)?, onerror)?,
        Err(error) => onerror(failed("open", &error, path))?,
    }
    os.backend().rmdir(&at).or_else(|error| onerror(failed("rmdir", &error, path)))
}

fn empty(top: Level, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
    let mut levels = vec![top];
    while let Some(level) = levels.last_mut() {
        let Some(entry) = level.entries.next() else {
            let done = levels.pop();
            if let (Some(done), Some(parent)) = (done, levels.last()) {
                parent.remove_dir(&done, onerror)?;
            }
            continue;
        };
        if !level.is_dir(&entry) {
            level.dir.unlink(&entry.name).or_else(|error| onerror(level.failed("unlink", &error, &entry.name)))?;
            continue;
        }
        match level.dir.open_dir(&entry.name, false) {
            Ok(dir) => {
                let path = join(&level.path, &entry.name);
                levels.push(Level::new(path, dir, onerror)?);
            }
            Err(error) => onerror(level.failed("open", &error, &entry.name))?,
        }
    }
    Ok(())
}

impl Level {
    fn new(path: PathBuf, dir: Box<dyn Dir>, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<Level> {
        let entries = dir.entries().and_then(Iterator::collect::<io::Result<Vec<Entry>>>);
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                onerror(Error::new("scandir", &error, Some(&path), None))?;
                Vec::new()
            }
        };
        Ok(Level { path, dir, entries: entries.into_iter() })
    }

    fn failed(&self, operation: &'static str, error: &io::Error, name: &OsStr) -> Error {
        Error::new(operation, error, Some(&join(&self.path, name)), None)
    }

    fn is_dir(&self, entry: &Entry) -> bool {
        match entry.file_type {
            Some(file_type) => file_type == FileType::Dir,
            None => self.dir.stat(&entry.name, false).is_ok_and(|stat| stat.is_dir()),
        }
    }

    fn remove_dir(&self, done: &Level, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
        let name = done.path.as_os_str();
        let name = crate::os::path::basename(name);
        self.dir.rmdir(name).or_else(|error| onerror(Error::new("rmdir", &error, Some(&done.path), None)))
    }
}
