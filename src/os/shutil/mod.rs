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
//! DIFFERENCE: a file that is replaced is never lost. The copy is written beside it and takes its
//! place when complete, with its mode and owner. It then has another inode, and the extended
//! attributes of the source or none. A file with several names, or in a directory that is not
//! writable, is overwritten in place, as in Python. A failed copy leaves no partial file.
//!
//! DIFFERENCE: `copytree` into its own source excludes the copy (Python copies it into itself until
//! the path is too long), and `ignore_dangling_symlinks` checks the link's real target (Python
//! resolves it from the working directory).
//!
//! DIFFERENCE: `rmtree` of a path that ends in `/` rejects a link too, instead of emptying its
//! target. The root directory is rejected under every name, as by `rm`.
//!
//! DIFFERENCE: `move` compares directories by device and inode. A directory is never moved into
//! itself, through any links or mounts (Python 3.11 removes the tree if a link leads there). A link
//! is moved into the directory that it refers to, as by `mv`.
//!
//! DIFFERENCE: users and groups are only those of `/etc/passwd` and `/etc/group`.

pub mod archive;
mod copy;
pub(super) mod descent;
mod moves;
mod name_pattern;
mod replace;
pub(super) mod rmtree;
mod tree;
mod which;

pub use copy::{COPY_BUFSIZE, CopyTo};
pub use moves::MoveTo;
pub use name_pattern::NamePattern;
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

/// The result of [`OsShutil::disk_usage`], in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DiskUsage {
    /// The size of the file system.
    #[doc(alias = "shutil.disk_usage().total")]
    pub total: u64,
    /// The used space.
    #[doc(alias = "shutil.disk_usage().used")]
    pub used: u64,
    /// The space available to users other than root.
    #[doc(alias = "shutil.disk_usage().free")]
    pub free: u64,
}

/// Copies the rest of `src` to `dst`, and returns the number of bytes.
///
/// # Errors
/// Errors of reading and writing.
#[doc(alias = "shutil.copyfileobj")]
pub fn copyfileobj(src: &mut (impl Read + ?Sized), dst: &mut (impl Write + ?Sized)) -> io::Result<u64> {
    io::copy(&mut io::BufReader::with_capacity(COPY_BUFSIZE, src), dst)
}

impl OsShutil {
    /// Whether `rmtree` resists attacks that replace directories by links while it runs: always.
    #[doc(alias = "shutil.rmtree.avoids_symlink_attacks")]
    pub const RMTREE_AVOIDS_SYMLINK_ATTACKS: bool = true;

    pub(super) fn new(path: OsPath) -> OsShutil {
        OsShutil { path, formats: archive::Registry::default() }
    }

    /// Copies only the data of a file, to the file `dst`.
    ///
    /// # Errors
    /// [`Error::SameFile`]; [`Error::SpecialFile`] for a named pipe; errors of reading and writing.
    #[doc(alias = "shutil.copyfile")]
    pub fn copyfile(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<PathBuf> {
        let to = dst.into();
        copy::copy(&self.path, src.as_ref(), &to, Keep::Nothing)?;
        Ok(to.dst)
    }

    /// Copies data and permissions, to the file `dst` or into the directory `dst`. Returns the path
    /// of the copy.
    ///
    /// # Errors
    /// Those of [`OsShutil::copyfile`] and of changing the mode.
    #[doc(alias = "shutil.copy")]
    pub fn copy(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<PathBuf> {
        self.copy_into(src.as_ref(), dst.into(), Keep::Mode)
    }

    /// Copies data, permissions, times and extended attributes, to the file `dst` or into the
    /// directory `dst`. Returns the path of the copy.
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

    /// Copies the permissions. Does nothing if links are not followed and both paths are links,
    /// which have none.
    ///
    /// # Errors
    /// Errors of reading `src` and changing `dst`.
    #[doc(alias = "shutil.copymode")]
    pub fn copymode(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<()> {
        copy::mode(&self.path, src.as_ref(), &dst.into())
    }

    /// Copies permissions, times (in nanoseconds) and extended attributes. Attributes that the
    /// destination rejects are skipped.
    ///
    /// # Errors
    /// Errors of reading `src` and changing `dst`.
    #[doc(alias = "shutil.copystat")]
    pub fn copystat(&self, src: impl AsRef<Path>, dst: impl Into<CopyTo>) -> Result<()> {
        copy::stat(&self.path, src.as_ref(), &dst.into())
    }

    /// Copies a directory and everything in it. Returns the destination.
    ///
    /// # Errors
    /// [`Error::CopyTree`] with the entries that could not be copied, after copying the rest;
    /// another error if it could not start.
    #[doc(alias = "shutil.copytree")]
    pub fn copytree<'a>(&self, src: impl AsRef<Path>, dst: impl Into<CopyTree<'a>>) -> Result<PathBuf> {
        let to = dst.into();
        let dst = to.dst.clone();
        tree::copytree(&self.path, src.as_ref(), to)?;
        Ok(dst)
    }

    /// Removes a directory and everything in it. Follows no link, even if one replaces a directory
    /// meanwhile.
    ///
    /// # Errors
    /// The first error, unless [`RmTree`] changes that; `ELOOP` for a link.
    #[doc(alias = "shutil.rmtree")]
    pub fn rmtree<'a>(&self, path: impl Into<RmTree<'a>>) -> Result<()> {
        let RmTree { path, mut onerror } = path.into();
        rmtree::remove(&self.path, &path, &mut onerror)
    }

    /// Moves a file or a tree, to `dst` or into the directory `dst`: by a rename or, if that is not
    /// possible, by copy and removal. Returns the new path.
    ///
    /// # Errors
    /// [`Error::Shutil`] if the name exists in that directory, or the directory is inside `src`;
    /// errors of copying and removing.
    #[doc(alias = "shutil.move")]
    pub fn move_<'a>(&self, src: impl AsRef<Path>, dst: impl Into<MoveTo<'a>>) -> Result<PathBuf> {
        moves::relocate(&self.path, src.as_ref(), dst.into())
    }

    /// Returns the program for `cmd` in the handle's `PATH`. A `cmd` with a slash is checked at its
    /// path.
    #[doc(alias = "shutil.which")]
    pub fn which(&self, cmd: impl Into<Which>) -> Option<PathBuf> {
        which::which(&self.path, cmd.into())
    }

    /// Returns the space on the file system that contains `path`.
    ///
    /// # Errors
    /// If it cannot be accessed.
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
    /// [`Error::Value`] if neither is given; [`Error::Lookup`] for an unknown name; errors of
    /// changing the owner.
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
                .ok_or_else(|| Error::Lookup(format!("chown: unknown user '{}'", name.display()))),
        });
        let gid = owner.group.map(|group| match group {
            Account::Id(gid) => Ok(gid),
            Account::Name(name) => accounts::groups(backend)
                .into_iter()
                .find_map(|(other, gid)| (other == name).then_some(gid))
                .ok_or_else(|| Error::Lookup(format!("chown: unknown group '{}'", name.display()))),
        });
        let changed = backend.chown(&self.path.resolve(path), uid.transpose()?, gid.transpose()?, true);
        changed.map_err(|error| Error::new("chown", &error, Some(path), None))
    }

    /// Returns columns and lines: `COLUMNS` and `LINES` of the handle, otherwise the terminal's,
    /// otherwise the fallback (Python's is `(80, 24)`).
    #[doc(alias = "shutil.get_terminal_size")]
    pub fn get_terminal_size(&self, fallback: (u16, u16)) -> TerminalSize {
        which::terminal_size(&self.path, fallback)
    }
}
