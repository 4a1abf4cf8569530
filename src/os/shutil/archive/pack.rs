//! The common part of creating tar and zip archives.

use super::MakeArchive;
use crate::os::backend::{Entry, OpenFlags, StatResult};
use crate::os::fs::stream::Stream;
use crate::os::path::{OsPath, dirname, join};
use crate::os::shutil::replace::Target;
use crate::os::shutil::tree;
use crate::os::text::bytes;
use crate::os::{Error, Result};
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Bzip2,
    Xz,
}

/// An archive that is being written.
pub(super) struct Output {
    pub(super) target: Target,
    /// Its name.
    pub(super) path: PathBuf,
    own: StatResult,
    /// The file that it replaces.
    old: Option<StatResult>,
}

impl Output {
    /// Returns true for the archive itself, the new one or the one that it replaces.
    pub(super) fn is(&self, os: &OsPath, stat: &StatResult) -> bool {
        [Some(&self.own), self.old.as_ref()].into_iter().flatten().any(|own| os.samestat(stat, own))
    }
}

/// Creates the archive at `base_name` plus `ending`, and returns the same path as Python.
pub(super) fn write(
    os: &OsPath,
    base_name: &Path,
    ending: &str,
    archive: &MakeArchive,
    fill: impl FnOnce(&Output) -> Result<()>,
) -> Result<PathBuf> {
    let mut name = bytes(base_name).to_vec();
    name.extend_from_slice(ending.as_bytes());
    let path = PathBuf::from(OsString::from_vec(name));
    let given = match archive.root_dir {
        Some(_) => os.abspath(&path)?,
        None => path.clone(),
    };
    if archive.dry_run {
        return Ok(given);
    }
    let dir = dirname(&path);
    if !dir.as_os_str().is_empty() && !os.exists(dir) {
        tree::makedirs(os, dir, true)?;
    }
    let old = os.stat(&path).ok();
    let target = Target::open(os, None, &path, 0o666)?;
    let own = match target.handle().stat() {
        Ok(own) => own,
        Err(error) => return target.finish(os, Err(Error::new("fstat", &error, Some(&path), None))).map(|()| given),
    };
    let output = Output { target, path, own, old };
    let filled = fill(&output);
    output.target.finish(os, filled)?;
    Ok(given)
}

/// Returns the directory to pack.
pub(super) fn base(archive: &MakeArchive) -> (PathBuf, &Path) {
    let name = archive.base_dir.as_deref().unwrap_or(Path::new("."));
    let path = archive.root_dir.as_ref().map_or_else(|| name.to_path_buf(), |root| join(root, name));
    (path, name)
}

/// Lists a directory, sorted.
pub(super) fn sorted(os: &OsPath, dir: &Path) -> Result<Vec<Entry>> {
    let entries = os.backend().read_dir(&os.resolve(dir)).and_then(Iterator::collect::<io::Result<Vec<Entry>>>);
    let mut entries = entries.map_err(|error| Error::new("scandir", &error, Some(dir), None))?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// Passes an open file to `read`.
pub(super) fn with_file<T>(os: &OsPath, path: &Path, read: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> Result<T> {
    let flags = OpenFlags { read: true, ..OpenFlags::default() };
    let file = os.backend().open(&os.resolve(path), flags, 0).map_err(|error| Error::new("open", &error, Some(path), None))?;
    read(&mut Stream(&*file)).map_err(|error| Error::new("make_archive", &error, Some(path), None))
}
