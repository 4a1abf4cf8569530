//! `copytree`: copies a directory with everything in it.

use super::copy::{self, COPY_BUFSIZE, CopyTo, Keep};
use super::name_pattern::NamePattern;
use crate::os::backend::{Entry, FileType};
use crate::os::path::{OsPath, basename, dirname, join, without_trailing_slash};
use crate::os::{CopyFailure, Error, Result};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

type Ignore<'a> = Box<dyn FnMut(&Path, &[OsString]) -> Vec<OsString> + 'a>;
pub(super) type CopyFunction<'a> = Box<dyn FnMut(&Path, &Path) -> Result<()> + 'a>;

/// The destination of [`OsShutil::copytree`](super::OsShutil::copytree): a path, alone or with
/// options.
pub struct CopyTree<'a> {
    pub(super) dst: PathBuf,
    symlinks: bool,
    ignore: Option<Ignore<'a>>,
    copy_function: Option<CopyFunction<'a>>,
    ignore_dangling_symlinks: bool,
    dirs_exist_ok: bool,
}

impl<'a> CopyTree<'a> {
    /// Copies to `dst`, which is created with its parents, and must not exist yet.
    pub fn new(dst: impl Into<PathBuf>) -> CopyTree<'a> {
        CopyTree {
            dst: dst.into(),
            symlinks: false,
            ignore: None,
            copy_function: None,
            ignore_dangling_symlinks: false,
            dirs_exist_ok: false,
        }
    }

    /// Sets whether links are copied as links, instead of as their targets. Default: false.
    #[must_use]
    pub fn symlinks(self, symlinks: bool) -> CopyTree<'a> {
        CopyTree { symlinks, ..self }
    }

    /// Sets a function that gets each directory with its names, and returns the names not to copy:
    /// [`ignore_patterns`], or your own.
    #[must_use]
    pub fn ignore(self, ignore: impl FnMut(&Path, &[OsString]) -> Vec<OsString> + 'a) -> CopyTree<'a> {
        CopyTree { ignore: Some(Box::new(ignore)), ..self }
    }

    /// Sets the function that copies each file, instead of `copy2`.
    #[must_use]
    pub fn copy_function(self, copy: impl FnMut(&Path, &Path) -> Result<()> + 'a) -> CopyTree<'a> {
        CopyTree { copy_function: Some(Box::new(copy)), ..self }
    }

    /// Sets whether dangling links are skipped, if links are not copied as links. Default: false,
    /// each is an error.
    #[must_use]
    pub fn ignore_dangling_symlinks(self, ignore: bool) -> CopyTree<'a> {
        CopyTree { ignore_dangling_symlinks: ignore, ..self }
    }

    /// Sets whether existing directories are accepted. Default: false.
    #[must_use]
    pub fn dirs_exist_ok(self, ok: bool) -> CopyTree<'a> {
        CopyTree { dirs_exist_ok: ok, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for CopyTree<'_> {
    fn from(dst: P) -> Self {
        CopyTree::new(dst.as_ref())
    }
}

impl std::fmt::Debug for CopyTree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyTree").field("dst", &self.dst).finish_non_exhaustive()
    }
}

/// For [`CopyTree::ignore`]: returns the names that match one of the patterns: shell patterns (see
/// [`fnmatch`](crate::os::fnmatch)), or regular expressions (see [`NamePattern`]).
#[doc(alias = "shutil.ignore_patterns")]
pub fn ignore_patterns<P: Into<NamePattern>>(
    patterns: impl IntoIterator<Item = P>,
) -> impl FnMut(&Path, &[OsString]) -> Vec<OsString> + Clone {
    let patterns: Vec<NamePattern> = patterns.into_iter().map(Into::into).collect();
    move |_, names| names.iter().filter(|name| patterns.iter().any(|pattern| pattern.matches(name))).cloned().collect()
}

/// A directory whose entries are being copied.
struct Level {
    src: PathBuf,
    dst: PathBuf,
    entries: std::vec::IntoIter<Entry>,
    ignored: Vec<OsString>,
}

/// How much of a tree was copied.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Copied {
    /// Everything that is not ignored.
    Whole,
    /// The copy is inside its source, and was excluded.
    WithoutItself,
}

pub(super) fn copytree(os: &OsPath, src: &Path, mut to: CopyTree<'_>) -> Result<Copied> {
    let mut copied = Copied::Whole;
    let mut failures = Vec::new();
    let mut buffer = vec![0; COPY_BUFSIZE + 1];
    let dst = std::mem::take(&mut to.dst);
    let top = enter(os, src.to_path_buf(), dst.clone(), &mut to, true)?;
    let copy = os.stat(&dst)?;
    let mut levels = vec![top];
    while let Some(level) = levels.last_mut() {
        let Some(entry) = level.entries.next() else {
            if let Some(Level { src, dst, .. }) = levels.pop()
                && let Err(why) = copy::stat(os, &src, &CopyTo::new(dst.as_path()))
            {
                failures.push(CopyFailure { src, dst, why });
            }
            continue;
        };
        if level.ignored.contains(&entry.name) {
            continue;
        }
        let (src, dst) = (join(&level.src, &entry.name), join(&level.dst, &entry.name));
        if entry.ino == copy.st_ino && os.lstat(&src).is_ok_and(|stat| os.samestat(&stat, &copy)) {
            copied = Copied::WithoutItself;
            continue;
        }
        match one(os, &src, &dst, &entry, &mut to, &mut buffer) {
            Ok(below) => levels.extend(below),
            Err(why) => failures.push(CopyFailure { src, dst, why }),
        }
    }
    if failures.is_empty() { Ok(copied) } else { Err(Error::CopyTree(failures)) }
}

/// Reads the names in `src` and creates `dst`.
fn enter(os: &OsPath, src: PathBuf, dst: PathBuf, to: &mut CopyTree<'_>, top: bool) -> Result<Level> {
    let entries = os.backend().read_dir(&os.resolve(&src)).and_then(Iterator::collect::<io::Result<Vec<Entry>>>);
    let entries = entries.map_err(|error| Error::new("scandir", &error, Some(&src), None))?;
    let ignored = to.ignore.as_mut().map_or_else(Vec::new, |ignore| {
        let names: Vec<OsString> = entries.iter().map(|entry| entry.name.clone()).collect();
        ignore(&src, &names)
    });
    if top {
        makedirs(os, &dst, to.dirs_exist_ok)?;
    } else {
        mkdir(os, &dst, to.dirs_exist_ok)?;
    }
    Ok(Level { src, dst, entries: entries.into_iter(), ignored })
}

/// Copies an entry, or returns the directory to copy next.
fn one(os: &OsPath, src: &Path, dst: &Path, entry: &Entry, to: &mut CopyTree<'_>, buffer: &mut [u8]) -> Result<Option<Level>> {
    let file_type = match entry.file_type {
        Some(file_type) => file_type,
        None => os.lstat(src)?.file_type(),
    };
    let mut is_dir = file_type == FileType::Dir;
    if file_type == FileType::Symlink {
        if to.symlinks {
            copy::link_again(os, src, dst)?;
            copy::stat(os, src, &CopyTo::new(dst).follow_symlinks(false))?;
            return Ok(None);
        }
        if to.ignore_dangling_symlinks && !os.exists(src) {
            return Ok(None);
        }
        is_dir = os.isdir(src);
    }
    if is_dir {
        return enter(os, src.into(), dst.into(), to, false).map(Some);
    }
    match &mut to.copy_function {
        Some(copy) => copy(src, dst)?,
        None => {
            let from = os.stat(src)?;
            let dst = if to.dirs_exist_ok { copy::into_dir(os, src, dst.into()) } else { dst.into() };
            copy::data(os, src, &from, &dst, Keep::Stat, buffer)?;
        }
    }
    Ok(None)
}

/// `os.makedirs`
pub(super) fn makedirs(os: &OsPath, path: &Path, exist_ok: bool) -> Result<()> {
    let parent = dirname(without_trailing_slash(path));
    // The root is its own parent, and may not be accessible.
    let is_root = parent.as_os_str() == path.as_os_str();
    if !parent.as_os_str().is_empty() && !is_root && !os.exists(parent) {
        match makedirs(os, parent, true) {
            // A dangling link: the next step reports it.
            Err(Error::FileExists(_)) => {}
            made => made?,
        }
        // new/. exists as soon as new does.
        if basename(without_trailing_slash(path)) == "." {
            return Ok(());
        }
    }
    mkdir(os, path, exist_ok)
}

fn mkdir(os: &OsPath, path: &Path, exist_ok: bool) -> Result<()> {
    match os.backend().mkdir(&os.resolve(path), 0o777) {
        Err(error) if !(exist_ok && os.isdir(path)) => Err(Error::new("mkdir", &error, Some(path), None)),
        _ => Ok(()),
    }
}
