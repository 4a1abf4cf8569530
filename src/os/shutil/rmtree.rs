//! `rmtree`: removes a directory with everything in it.

use super::descent::Descent;
use crate::error::errno::{ELOOP, ESTALE};
use crate::os::backend::FileType;
use crate::os::path::{OsPath, without_trailing_slash};
use crate::os::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};

/// Called with each error. `Ok` continues with the rest, `Err` ends the removal with that error.
type OnError<'a> = Box<dyn FnMut(Error) -> Result<()> + 'a>;

/// The argument of [`OsShutil::rmtree`](super::OsShutil::rmtree): a path, alone or with options.
pub struct RmTree<'a> {
    pub(super) path: PathBuf,
    pub(super) onerror: OnError<'a>,
}

impl<'a> RmTree<'a> {
    /// Removes `path`; the first error ends it.
    pub fn new(path: impl Into<PathBuf>) -> RmTree<'a> {
        RmTree { path: path.into(), onerror: Box::new(Err) }
    }

    /// Sets whether errors are ignored, so that as much as possible is removed. Default: false.
    #[must_use]
    pub fn ignore_errors(self, ignore: bool) -> RmTree<'a> {
        if ignore { self.onerror(|_| Ok(())) } else { self.onerror(Err) }
    }

    /// Sets a function that is called with each error: `Ok` continues with the rest, `Err` ends the
    /// removal.
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

pub(in crate::os) fn remove(os: &OsPath, path: &Path, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
    let path = without_trailing_slash(path); // `link/` would be the link's target
    let at = os.resolve(path);
    let failed = |operation, error: &io::Error, path: &Path| Error::new(operation, error, Some(path), None);
    let seen = match os.backend().stat(&at, false) {
        Ok(stat) => stat,
        Err(error) => return onerror(failed("lstat", &error, path)),
    };
    // `rm --preserve-root`: an empty variable in a path is the usual cause, and the root cannot be
    // removed anyway.
    if os.backend().stat(Path::new("/"), true).is_ok_and(|root| os.samestat(&root, &seen)) {
        return onerror(Error::Shutil(format!("rmtree '{}': it is the root directory", path.display())));
    }
    let opened = os.backend().open_dir(&at, false).and_then(|dir| Ok((dir.stat_self()?, dir)));
    match opened {
        _ if seen.is_symlink() => {
            return onerror(match os.backend().stat(&at, true) {
                Ok(_) => failed("rmtree", &io::Error::from_raw_os_error(ELOOP), path),
                Err(error) => failed("open", &error, path), // dangling
            });
        }
        Ok((stat, _)) if !os.samestat(&stat, &seen) => {
            return onerror(failed("rmtree", &io::Error::from_raw_os_error(ESTALE), path)); // replaced meanwhile
        }
        Ok((_, dir)) => match Descent::new(path, dir) {
            Ok(descent) => empty(descent, onerror)?,
            Err(error) => onerror(failed("open", &error, path))?,
        },
        Err(error) => onerror(failed("open", &error, path))?,
    }
    os.backend().rmdir(&at).or_else(|error| onerror(failed("rmdir", &error, path)))
}

fn empty(mut at: Descent, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
    let failed = |operation, error: &io::Error, path: &Path| Error::new(operation, error, Some(path), None);
    list(&mut at, onerror)?;
    loop {
        let Some(entry) = at.next() else {
            let Some(name) = at.leave() else { return Ok(()) };
            at.with(|dir| dir.rmdir(&name)).or_else(|error| onerror(failed("rmdir", &error, &at.path_of(&name))))?;
            continue;
        };
        let name = entry.name.as_os_str();
        let is_dir = match entry.file_type {
            Some(file_type) => file_type == FileType::Dir,
            None => at.with(|dir| dir.stat(name, false)).is_ok_and(|stat| stat.is_dir()),
        };
        if !is_dir {
            at.with(|dir| dir.unlink(name)).or_else(|error| onerror(failed("unlink", &error, &at.path_of(name))))?;
            continue;
        }
        match at.enter(name) {
            Ok(()) => list(&mut at, onerror)?,
            Err(error) => onerror(failed("open", &error, &at.path_of(name)))?,
        }
    }
}

fn list(at: &mut Descent, onerror: &mut dyn FnMut(Error) -> Result<()>) -> Result<()> {
    at.list().or_else(|error| onerror(Error::new("scandir", &error, Some(&at.path()), None)))
}
