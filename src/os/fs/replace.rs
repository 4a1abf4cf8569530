//! Replaces a file atomically: writes a new file beside it, and renames.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::open::Open;
use super::stream::Stream;
use crate::error::errno::{EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENODATA, ENOENT, ENOSYS, ENOTDIR, EOPNOTSUPP, EPERM, ESTALE};
use crate::os::backend::{Access, Backend, Handle, OpenFlags, StatResult, XattrFlags};
use crate::os::{Os, Result};

/// The number of links that the kernel follows.
const LINKS: usize = 40;

impl Os {
    pub(super) fn replace_contents(&self, operation: &'static str, open: &Open, permissions: u32, parts: &[&[u8]]) -> Result<()> {
        self.on(operation, &open.path, |backend, path| match find(backend, path)? {
            Some(stat) if stat.is_symlink() && open.nofollow => Err(errno(ELOOP)),
            Some(stat) if stat.is_symlink() => {
                let target = last_target(backend, path)?;
                replace(backend, &target, find(backend, &target)?, open.sync, permissions, parts)
            }
            found => replace(backend, path, found, open.sync, permissions, parts),
        })
    }
}

fn find(backend: &dyn Backend, path: &Path) -> io::Result<Option<StatResult>> {
    match backend.stat(path, false) {
        Err(error) if error.raw_os_error() == Some(ENOENT) => Ok(None),
        found => found.map(Some),
    }
}

/// Returns the final target of links, which need not exist. The kernel resolves the directory of
/// each link.
fn last_target(backend: &dyn Backend, path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        match backend.readlink(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(error) if matches!(error.raw_os_error(), Some(EINVAL | ENOENT)) => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(errno(ELOOP))
}

fn replace(
    backend: &dyn Backend,
    path: &Path,
    found: Option<StatResult>,
    sync: bool,
    permissions: u32,
    parts: &[&[u8]],
) -> io::Result<()> {
    match &found {
        Some(stat) if stat.is_dir() => return Err(errno(EISDIR)),
        Some(stat) if !stat.is_file() => return write(&*backend.open(path, flags(false), 0)?, sync, parts),
        // Unlike opening the file, the rename would not check write permission.
        Some(_) if !backend.access(path, Access { write: true, ..Access::default() }, true, true)? => {
            // Opening gives the reason: EACCES, or EROFS.
            return Err(backend.open(path, flags(false), 0).err().unwrap_or_else(|| errno(EACCES)));
        }
        _ => {}
    }
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(errno(if found.is_some() { ENOTDIR } else { EISDIR }));
    }
    // Only the owner may read the new file until it has the old one's permissions.
    let (beside, handle) = match make_beside(backend, path, if found.is_some() { 0o600 } else { permissions }) {
        Err(error) if found.is_some() && holds_no_new_files(backend, path, &error) => {
            // A single call: a kernel file takes each write as a whole value.
            let truncated = OpenFlags { truncate: true, ..flags(false) };
            return write(&*backend.open(path, truncated, 0)?, sync, &[&parts.concat()]);
        }
        made => made?,
    };
    let done = write(&*handle, sync, parts)
        .and_then(|()| found.map_or(Ok(()), |found| take_after(backend, path, &beside, &*handle, &found)))
        .and_then(|()| still_there(backend, &beside, &*handle))
        .and_then(|()| backend.rename(&beside, path));
    if let Err(error) = done {
        let _ = backend.unlink(&beside);
        return Err(error);
    }
    if sync {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        backend.open(directory, OpenFlags { read: true, directory: true, ..OpenFlags::default() }, 0)?.sync(false)?;
    }
    Ok(())
}

/// Returns true for a directory in which no file can be created, whatever the permissions: in
/// `/proc`, `/sys` and similar file systems.
fn holds_no_new_files(backend: &dyn Backend, path: &Path, error: &io::Error) -> bool {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let allowed = || {
        let access = Access { write: true, execute: true, ..Access::default() };
        backend.access(directory, access, true, true).unwrap_or(false)
    };
    match error.raw_os_error() {
        Some(ENOENT | ENOSYS | EOPNOTSUPP) => true,
        Some(EACCES | EPERM) => allowed(),
        _ => false,
    }
}

/// Fails if the name now refers to another file. In a directory of another user, that user may have
/// replaced it by a link.
pub(in crate::os) fn still_there(backend: &dyn Backend, path: &Path, handle: &dyn Handle) -> io::Result<()> {
    let (named, open) = (backend.stat(path, false)?, handle.stat()?);
    if (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino) { Ok(()) } else { Err(errno(ESTALE)) }
}

/// Returns a path to the open file that stays valid if its name changes, and whether a link at its
/// end is to be followed. Without a kernel descriptor it is the name, and links are not followed.
pub(in crate::os) fn pinned(handle: &dyn Handle, name: &Path) -> (PathBuf, bool) {
    match handle.as_fd() {
        Some(fd) => (format!("/proc/self/fd/{}", fd.as_raw_fd()).into(), true),
        None => (name.to_path_buf(), false),
    }
}

/// Creates a file in the same directory, with an unused name.
fn make_beside(backend: &dyn Backend, path: &Path, permissions: u32) -> io::Result<(PathBuf, Box<dyn Handle>)> {
    // A path that ends in `..` has no name and is a directory: EISDIR before this, unless it does
    // not exist.
    let name = path.file_name().ok_or_else(|| errno(ENOENT))?;
    loop {
        let mut random = [0; 8];
        backend.urandom(&mut random)?;
        let mut beside = OsString::from(".");
        // A name has at most 255 bytes.
        beside.push(std::ffi::OsStr::from_bytes(name.as_bytes().get(..200).unwrap_or(name.as_bytes())));
        beside.push(format!(".{:016x}.tmp", u64::from_ne_bytes(random)));
        let beside = path.with_file_name(beside);
        match backend.open(&beside, flags(true), permissions) {
            Ok(handle) => return Ok((beside, handle)),
            Err(error) if error.raw_os_error() == Some(EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
}

fn flags(new: bool) -> OpenFlags {
    OpenFlags { write: true, create: new, exclusive: new, nofollow: new, ..OpenFlags::default() }
}

fn write(handle: &dyn Handle, sync: bool, parts: &[&[u8]]) -> io::Result<()> {
    for part in parts {
        Stream(handle).write_all(part)?;
    }
    if sync { handle.sync(false) } else { Ok(()) }
}

/// Copies the attributes of the old file to the new one.
fn take_after(backend: &dyn Backend, old: &Path, new: &Path, handle: &dyn Handle, found: &StatResult) -> io::Result<()> {
    let made = handle.stat()?;
    let uid = (made.st_uid != found.st_uid).then_some(found.st_uid);
    let gid = (made.st_gid != found.st_gid).then_some(found.st_gid);
    if uid.is_some() || gid.is_some() {
        handle.chown(uid, gid)?;
    }
    let names = match backend.listxattr(old, false) {
        Err(error) if error.raw_os_error() == Some(EOPNOTSUPP) => Vec::new(),
        names => names?,
    };
    let (new, follow) = pinned(handle, new);
    for name in names {
        match backend.getxattr(old, &name, false) {
            Ok(value) => backend.setxattr(&new, &name, &value, XattrFlags::Either, follow)?,
            Err(error) if error.raw_os_error() == Some(ENODATA) => {} // gone since
            Err(error) => return Err(error),
        }
    }
    // After chown and the access control lists, which change them. Set-id bits are cleared, as when
    // a file is written.
    let permissions = found.permissions() & 0o1777;
    if handle.stat()?.permissions() != permissions { handle.chmod(permissions) } else { Ok(()) }
}

fn errno(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}
