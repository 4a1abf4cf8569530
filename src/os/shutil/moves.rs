//! `move`: moves a file or a tree.

use super::copy::{self, CopyTo, Keep};
use super::rmtree;
use super::tree::{self, Copied, CopyFunction, CopyTree};
use crate::os::path::{OsPath, basename, join, without_trailing_slash};
use crate::os::{Error, Result};
use std::path::{Path, PathBuf};

/// The destination of [`OsShutil::move_`](super::OsShutil::move_): a path, alone or with an option.
pub struct MoveTo<'a> {
    dst: PathBuf,
    copy_function: Option<CopyFunction<'a>>,
}

impl<'a> MoveTo<'a> {
    /// Moves to `dst`, or into it if it is a directory.
    pub fn new(dst: impl Into<PathBuf>) -> MoveTo<'a> {
        MoveTo { dst: dst.into(), copy_function: None }
    }

    /// Sets the function that copies each file, instead of `copy2`, if a rename is not possible.
    #[must_use]
    pub fn copy_function(self, copy: impl FnMut(&Path, &Path) -> Result<()> + 'a) -> MoveTo<'a> {
        MoveTo { copy_function: Some(Box::new(copy)), ..self }
    }
}

impl<P: AsRef<Path>> From<P> for MoveTo<'_> {
    fn from(dst: P) -> Self {
        MoveTo::new(dst.as_ref())
    }
}

impl std::fmt::Debug for MoveTo<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MoveTo").field("dst", &self.dst).finish_non_exhaustive()
    }
}

pub(super) fn relocate(os: &OsPath, src: &Path, to: MoveTo<'_>) -> Result<PathBuf> {
    let MoveTo { dst, copy_function } = to;
    let rename = |to: &Path| {
        let renamed = os.backend().rename(&os.resolve(src), &os.resolve(to));
        renamed.map_err(|error| Error::new("rename", &error, Some(src), Some(to)))
    };
    let inside = || Error::Shutil(format!("move '{}': '{}' is inside of it", src.display(), dst.display()));
    let mut real_dst = dst.clone();
    if os.isdir(&dst) {
        // A link and its target count as the same file here, but only a link and itself are.
        if copy::is_same(os, src, &dst) && (!os.islink(src) || is_same_link(os, src, &dst)) {
            return rename(&dst).map(|()| dst);
        }
        real_dst = join(&dst, basename(without_trailing_slash(src)));
        if os.exists(&real_dst) {
            return Err(Error::Shutil(format!("move '{}': '{}' is there already", src.display(), real_dst.display())));
        }
    }
    let Err(renamed) = rename(&real_dst) else { return Ok(real_dst) };
    let unlink = || os.backend().unlink(&os.resolve(src)).map_err(|error| Error::new("unlink", &error, Some(src), None));
    if os.islink(src) {
        copy::link_again(os, src, &real_dst)?;
        unlink()?;
    } else if os.isdir(src) {
        if os.islink(without_trailing_slash(src)) {
            return Err(renamed); // `link/`: could be copied, but the link not removed as a directory
        }
        if is_inside(os, &real_dst, src)? {
            return Err(inside());
        }
        let tree = CopyTree::new(real_dst.as_path()).symlinks(true);
        let tree = match copy_function {
            Some(copy) => tree.copy_function(copy),
            None => tree,
        };
        if tree::copytree(os, src, tree)? == Copied::WithoutItself {
            // The destination is inside the source through another mount. Only the copy of this
            // call is removed.
            rmtree::remove(os, &real_dst, &mut Err)?;
            return Err(inside());
        }
        rmtree::remove(os, src, &mut Err)?;
    } else {
        match copy_function {
            Some(mut copy) => copy(src, &real_dst)?,
            None => {
                let into = copy::into_dir(os, src, real_dst.clone());
                copy::copy(os, src, &CopyTo::new(into), Keep::Stat)?;
            }
        }
        unlink()?;
    }
    Ok(real_dst)
}

fn is_same_link(os: &OsPath, one: &Path, other: &Path) -> bool {
    os.lstat(one).is_ok_and(|one| os.lstat(other).is_ok_and(|other| os.samestat(&one, &other)))
}

/// Returns true if `path`, which need not exist, is in the directory `dir`. Directories are
/// compared by device and inode, because the path may contain links, `..` and other spellings.
fn is_inside(os: &OsPath, path: &Path, dir: &Path) -> Result<bool> {
    let dir = os.stat(dir)?;
    let real = os.realpath(path)?;
    for ancestor in real.ancestors() {
        match os.stat(ancestor) {
            Ok(stat) if os.samestat(&stat, &dir) => return Ok(true),
            Ok(_) | Err(Error::FileNotFound(_) | Error::NotADirectory(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
