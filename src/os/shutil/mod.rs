//! `shutil`: copying, moving and removing files and whole trees; archives.
//!
//! ```
//! use leyden::os::shutil::{CopyTree, ignore_patterns};
//! let os = leyden::World::new().batteries().os;
//! # for dir in ["/srv", "/srv/site", "/srv/site/css", "/srv/site/.git"] { os.mkdir(dir)?; }
//! os.shutil.copytree("/srv/site", CopyTree::new("/backup/site").ignore(ignore_patterns([".git", "*.tmp"])))?;
//! assert!(os.path.isdir("/backup/site/css") && !os.path.exists("/backup/site/.git"));
//! os.shutil.rmtree("/srv/site")?;
//! # Ok::<(), leyden::os::Error>(())
//! ```
//!
//! This is Python's [`shutil`](https://docs.python.org/3/library/shutil.html) over the handle.
//!
//! | Python | leyden |
//! |---|---|
//! | `copyfileobj(fsrc, fdst)` | [`copyfileobj`] |
//! | `copyfile copymode copystat copy copy2` `(src, dst, follow_symlinks=)` | [`OsShutil::copyfile`], ..., with [`CopyTo`] for the option |
//! | `copytree(src, dst, ..)`, `ignore_patterns(..)` | [`OsShutil::copytree`], with [`CopyTree`] for the options; [`ignore_patterns`] |
//! | `rmtree(path, ignore_errors=, onerror=)` | [`OsShutil::rmtree`], with [`RmTree`] for the options |
//! | `move(src, dst, copy_function=)` | [`OsShutil::move_`], with [`MoveTo`] for the option |
//! | `which(cmd, mode=, path=)` | [`OsShutil::which`], with [`Which`] for the options |
//! | `chown(path, user=, group=)` | [`OsShutil::chown`], with [`Owner`] |
//! | `disk_usage`, `get_terminal_size` | the same |
//! | `make_archive`, `unpack_archive`, the registry of formats | [`OsShutil::make_archive`], [`OsShutil::unpack_archive`], ...: see [`archive`] |
//! | `Error SameFileError SpecialFileError ReadError RegistryError` | variants of [`Error`] |
//!
//! DIFFERENCE: a file that is replaced is never lost: the copy is written beside it and takes its place when it is complete, with its mode and
//! owner. The inode is another one then, and extended attributes are those of the source or none. A file with more than one name, or in a
//! directory that may not be written to, is written over in place, as Python does. A copy that fails leaves no part of a new file behind.
//!
//! DIFFERENCE: `copytree` into its own source leaves out the copy (Python copies it into itself until the path is too long), and
//! `ignore_dangling_symlinks` looks at where a link really leads (Python looks from the working directory).
//!
//! DIFFERENCE: `rmtree` of a path that ends in `/` refuses a link too, instead of emptying the directory that it leads to. The root
//! directory is refused under every name, as `rm` does.
//!
//! DIFFERENCE: `move` compares directories by device and inode. A directory is never moved into itself, whichever links or mounts lead
//! there (Python 3.11 removes the tree when a link leads there). A link moves into the directory that it leads to, as with `mv`.
//!
//! DIFFERENCE: users and groups are those of `/etc/passwd` and `/etc/group` alone.

pub mod archive;
mod copy;
pub(super) mod descent;
mod moves;
mod replace;
pub(super) mod rmtree;
mod tree;
mod which;

pub use copy::{COPY_BUFSIZE, CopyTo};
pub use moves::MoveTo;
pub use rmtree::RmTree;
pub use tree::{CopyTree, ignore_patterns};
pub use which::{Account, Owner, Which};

use super::machine::accounts;
use super::path::OsPath;
use super::{Error, Result, TerminalSize};
use copy::Keep;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The handle `os.shutil`: Python's module `shutil`. Clones share the registered archive formats.
#[derive(Clone, Debug)]
pub struct OsShutil {
    path: OsPath,
    formats: archive::Registry,
}

/// What [`OsShutil::disk_usage`] answers, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiskUsage {
    /// The size of the file system.
    #[doc(alias = "shutil.disk_usage().total")]
    pub total: u64,
    /// What is taken.
    #[doc(alias = "shutil.disk_usage().used")]
    pub used: u64,
    /// What users other than root can still take.
    #[doc(alias = "shutil.disk_usage().free")]
    pub free: u64,
}

/// Copies what is left in `src` to `dst`, and says how many bytes that were.
///
/// # Errors
/// Those of reading and writing.
#[doc(alias = "shutil.copyfileobj")]
pub fn copyfileobj(src: &mut (impl Read + ?Sized), dst: &mut (impl Write + ?Sized)) -> io::Result<u64> {
    io::copy(&mut io::BufReader::with_capacity(COPY_BUFSIZE, src), dst)
}

impl OsShutil {
    /// Whether `rmtree` withstands whoever swaps directories for links while it runs: always.
    #[doc(alias = "shutil.rmtree.avoids_symlink_attacks")]
    pub const RMTREE_AVOIDS_SYMLINK_ATTACKS: bool = true;

    pub(super) fn new(path: OsPath) -> OsShutil {
        OsShutil { path, formats: archive::Registry::default() }
    }

    /// Copies the data of a file, and nothing else, to the file `dst`.
    ///
    /// # Errors
    /// [`Error::SameFile`]; [`Error::SpecialFile`] for a named pipe; those of reading and writing.
    #[doc(alias = "shutil.copyfile")]
    pub fn copyfile(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<PathBuf> {
        let to = dst.into();
        copy::copy(&self.path, src.as_ref(), &to, Keep::Nothing)?;
        Ok(to.dst)
    }

    /// Copies data and permissions, to the file `dst` or into the directory `dst`. Gives the path of the copy.
    ///
    /// # Errors
    /// Those of [`OsShutil::copyfile`] and of changing the mode.
    #[doc(alias = "shutil.copy")]
    pub fn copy(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<PathBuf> {
        self.copy_into(src.as_ref(), dst.into(), Keep::Mode)
    }

    /// Copies data, permissions, times and extended attributes, to the file `dst` or into the directory `dst`. Gives the path of the copy.
    ///
    /// # Errors
    /// Those of [`OsShutil::copyfile`] and [`OsShutil::copystat`].
    #[doc(alias = "shutil.copy2")]
    pub fn copy2(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<PathBuf> {
        self.copy_into(src.as_ref(), dst.into(), Keep::Stat)
    }

    fn copy_into(&self, src: &Path, mut to: CopyTo, keep: Keep) -> Result<PathBuf> {
        to.dst = copy::into_dir(&self.path, src, to.dst);
        copy::copy(&self.path, src, &to, keep)?;
        Ok(to.dst)
    }

    /// Copies the permissions. Where neither path is followed and both are links, nothing happens: a link has none.
    ///
    /// # Errors
    /// Those of looking at `src` and changing `dst`.
    #[doc(alias = "shutil.copymode")]
    pub fn copymode(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<()> {
        copy::mode(&self.path, src.as_ref(), &dst.into())
    }

    /// Copies permissions, times (to the nanosecond) and extended attributes. Attributes that the destination refuses are left out.
    ///
    /// # Errors
    /// Those of looking at `src` and changing `dst`.
    #[doc(alias = "shutil.copystat")]
    pub fn copystat(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<()> {
        copy::stat(&self.path, src.as_ref(), &dst.into())
    }

    /// Copies a directory and everything in it. Gives the destination.
    ///
    /// # Errors
    /// [`Error::CopyTree`] with all that could not be copied, when the rest has been; another error when it could not begin.
    #[doc(alias = "shutil.copytree")]
    pub fn copytree<'a>(&self, src: impl AsRef<Path>, dst: impl Into<CopyTree<'a>>) -> Result<PathBuf> {
        let to = dst.into();
        let dst = to.dst.clone();
        tree::copytree(&self.path, src.as_ref(), to)?;
        Ok(dst)
    }

    /// Removes a directory and everything in it. Follows no link, not even one that takes a directory's place meanwhile.
    ///
    /// # Errors
    /// The first that came up, unless [`RmTree`] says otherwise; `ELOOP` for a link.
    #[doc(alias = "shutil.rmtree")]
    pub fn rmtree<'a>(&self, path: impl Into<RmTree<'a>>) -> Result<()> {
        let RmTree { path, mut onerror } = path.into();
        rmtree::remove(&self.path, &path, &mut onerror)
    }

    /// Moves a file or a tree, to `dst` or into the directory `dst`: a rename, or a copy and a removal where that cannot be had. Gives the new path.
    ///
    /// # Errors
    /// [`Error::Shutil`] where the name is taken in that directory, or it is inside of `src`; those of copying and removing.
    #[doc(alias = "shutil.move")]
    pub fn move_<'a>(&self, src: impl AsRef<Path>, dst: impl Into<MoveTo<'a>>) -> Result<PathBuf> {
        moves::relocate(&self.path, src.as_ref(), dst.into())
    }

    /// The program that `cmd` stands for on the handle's `PATH`. A `cmd` with a slash is looked at where it says.
    #[doc(alias = "shutil.which")]
    pub fn which(&self, cmd: impl Into<Which>) -> Option<PathBuf> {
        which::which(&self.path, cmd.into())
    }

    /// The space on the file system that holds `path`.
    ///
    /// # Errors
    /// Where it cannot be looked at.
    #[doc(alias = "shutil.disk_usage")]
    pub fn disk_usage(&self, path: impl AsRef<Path>) -> Result<DiskUsage> {
        let path = path.as_ref();
        let space = self.path.backend().statvfs(&self.path.resolve(path));
        let space = space.map_err(|error| Error::new("statvfs", &error, Some(path), None))?;
        let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
        let used = bytes(space.f_blocks.saturating_sub(space.f_bfree));
        Ok(DiskUsage { total: bytes(space.f_blocks), used, free: bytes(space.f_bavail) })
    }

    /// Changes owner and group, by name or number. Follows links.
    ///
    /// # Errors
    /// [`Error::Value`] when neither is given; [`Error::Lookup`] for a name that nobody bears; those of changing the owner.
    #[doc(alias = "shutil.chown")]
    pub fn chown(&self, path: impl AsRef<Path>, owner: Owner) -> Result<()> {
        let path = path.as_ref();
        let backend = self.path.backend();
        if owner.user.is_none() && owner.group.is_none() {
            return Err(Error::Value("chown: neither user nor group is given".into()));
        }
        let uid = owner.user.map(|user| match user {
            Account::Id(uid) => Ok(uid),
            Account::Name(name) => accounts::user_named(backend, &name)
                .map(|user| user.uid)
                .ok_or_else(|| Error::Lookup(format!("chown: there is no user '{}'", name.display()))),
        });
        let gid = owner.group.map(|group| match group {
            Account::Id(gid) => Ok(gid),
            Account::Name(name) => accounts::groups(backend)
                .into_iter()
                .find_map(|(other, gid)| (other == name).then_some(gid))
                .ok_or_else(|| Error::Lookup(format!("chown: there is no group '{}'", name.display()))),
        });
        let changed = backend.chown(&self.path.resolve(path), uid.transpose()?, gid.transpose()?, true);
        changed.map_err(|error| Error::new("chown", &error, Some(path), None))
    }

    /// Columns and lines: `COLUMNS` and `LINES` of the handle, else the terminal's, else the fallback (Python's is `(80, 24)`).
    #[doc(alias = "shutil.get_terminal_size")]
    pub fn get_terminal_size(&self, fallback: (u16, u16)) -> TerminalSize {
        which::terminal_size(&self.path, fallback)
    }
}
