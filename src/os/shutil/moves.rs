//! `move`: a file or a tree to another place.

use super::copy::{self, CopyTo, Keep};
use super::rmtree;
use super::tree::{self, CopyFunction, CopyTree};
use crate::os::path::{OsPath, basename, join, without_trailing_slash};
use crate::os::text::bytes;
use crate::os::{Error, Result};
use std::path::{Path, PathBuf};

/// Where [`OsShutil::move_`](super::OsShutil::move_) moves to: a path, alone or with an option.
pub struct MoveTo<'a> {
    dst: PathBuf,
    copy_function: Option<CopyFunction<'a>>,
}

impl<'a> MoveTo<'a> {
    /// To `dst`, or into it if it is a directory.
    pub fn new(dst: impl Into<PathBuf>) -> MoveTo<'a> {
        MoveTo { dst: dst.into(), copy_function: None }
    }

    /// Copies each file, instead of `copy2`, where a rename cannot be had.
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
    let mut real_dst = dst.clone();
    if os.isdir(&dst) {
        if copy::is_same(os, src, &dst) {
            return rename(&dst).map(|()| dst);
        }
        real_dst = join(&dst, basename(without_trailing_slash(src)));
        if os.exists(&real_dst) {
            return Err(Error::Shutil(format!("move '{}': '{}' is there already", src.display(), real_dst.display())));
        }
    }
    if rename(&real_dst).is_ok() {
        return Ok(real_dst);
    }
    let unlink = || os.backend().unlink(&os.resolve(src)).map_err(|error| Error::new("unlink", &error, Some(src), None));
    if os.islink(src) {
        copy::link_again(os, src, &real_dst)?;
        unlink()?;
    } else if os.isdir(src) {
        if is_inside(os, &dst, src)? {
            return Err(Error::Shutil(format!("move '{}': '{}' is inside of it", src.display(), dst.display())));
        }
        let tree = CopyTree::new(real_dst.as_path()).symlinks(true);
        let tree = match copy_function {
            Some(copy) => tree.copy_function(copy),
            None => tree,
        };
        tree::copytree(os, src, tree)?;
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

fn is_inside(os: &OsPath, path: &Path, dir: &Path) -> Result<bool> {
    let slashed = |path: &Path| Ok::<_, Error>(join(os.abspath(path)?, ""));
    Ok(bytes(&slashed(path)?).starts_with(bytes(&slashed(dir)?)))
}
