//! Copying one file: data, mode, times and attributes.

use super::replace::Target;
use crate::error::errno::{EACCES, EINVAL, EISDIR, ENODATA, ENOSPC, ENOSYS, ENXIO, EOPNOTSUPP, EPERM, EXDEV};
use crate::os::backend::{FileTime, FileType, Handle, OpenFlags, StatResult, Times, XattrFlags};
use crate::os::fs::replace::pinned;
use crate::os::path::{OsPath, basename, join};
use crate::os::{Error, Result};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

/// The size of a read: Python's `shutil.COPY_BUFSIZE`, in bytes.
#[doc(alias = "shutil.COPY_BUFSIZE")]
pub const COPY_BUFSIZE: usize = 64 * 1024;

/// The destination of the copying functions of [`OsShutil`](super::OsShutil): a path, alone or with
/// an option.
#[derive(Clone, Debug)]
pub struct CopyTo {
    pub(super) dst: PathBuf,
    pub(super) follow_symlinks: bool,
}

impl CopyTo {
    /// Copies to `dst`, following links.
    pub fn new(dst: impl Into<PathBuf>) -> CopyTo {
        CopyTo { dst: dst.into(), follow_symlinks: true }
    }

    /// Sets whether a link is copied as its target, instead of as a link. Default: true.
    #[must_use]
    pub fn follow_symlinks(self, follow: bool) -> CopyTo {
        CopyTo { follow_symlinks: follow, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for CopyTo {
    fn from(dst: P) -> CopyTo {
        CopyTo::new(dst.as_ref())
    }
}

/// The attributes to copy with the data.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Keep {
    Nothing,
    Mode,
    Stat,
}

/// Returns the destination of a copy to `dst`: inside it if it is a directory.
pub(super) fn into_dir(os: &OsPath, src: &Path, dst: PathBuf) -> PathBuf {
    if os.isdir(&dst) { join(&dst, basename(src)) } else { dst }
}

/// Python's `copyfile`, `copy` and `copy2`, without the selection of the destination's name.
pub(super) fn copy(os: &OsPath, src: &Path, to: &CopyTo, keep: Keep) -> Result<()> {
    let dst = to.dst.as_path();
    let known = [src, dst].map(|path| os.stat(path).ok());
    if let [Some(from), Some(old)] = &known
        && os.samestat(from, old)
    {
        return Err(Error::SameFile { src: src.into(), dst: dst.into() });
    }
    for (path, stat) in [src, dst].into_iter().zip(&known) {
        if stat.is_some_and(|stat| stat.file_type() == FileType::Fifo) {
            return Err(Error::SpecialFile { path: path.into() });
        }
    }
    if !to.follow_symlinks && os.islink(src) {
        link_again(os, src, dst)?;
        return if keep == Keep::Stat { stat(os, src, to) } else { Ok(()) };
    }
    let from = os.stat(src).map_err(|error| as_open(error, src))?;
    let mut buffer = vec![0; COPY_BUFSIZE.min(usize::try_from(from.st_size).unwrap_or(COPY_BUFSIZE).max(4096) + 1)];
    data(os, src, &from, dst, keep, &mut buffer)
}

/// Python reports that `open` failed; so does this, although it checks first.
fn as_open(error: Error, path: &Path) -> Error {
    match error.errno() {
        Some(errno) => Error::new("open", &io::Error::from_raw_os_error(errno), Some(path), None),
        None => error,
    }
}

pub(super) fn is_same(os: &OsPath, src: &Path, dst: &Path) -> bool {
    os.samefile(src, dst).unwrap_or(false)
}

/// Copies the file `src` with the attributes `from`.
pub(super) fn data(os: &OsPath, src: &Path, from: &StatResult, dst: &Path, keep: Keep, buffer: &mut [u8]) -> Result<()> {
    let failed = |error: io::Error| Error::new("copyfile", &error, Some(src), Some(dst));
    if from.file_type() == FileType::Fifo {
        return Err(Error::SpecialFile { path: src.into() });
    }
    if from.is_dir() {
        return Err(Error::new("open", &io::Error::from_raw_os_error(EISDIR), Some(src), None));
    }
    let read = OpenFlags { read: true, ..OpenFlags::default() };
    let source = os.backend().open(&os.resolve(src), read, 0).map_err(|error| Error::new("open", &error, Some(src), None))?;
    // If the permissions are copied too, the file must never have more than those.
    let mode = if keep == Keep::Nothing { 0o666 } else { 0o666 & (from.permissions() | 0o600) };
    let target = Target::open(os, Some((src, from)), dst, mode)?;
    let copied = pump(os, &*source, target.handle(), from, buffer).map_err(failed).and_then(|()| match keep {
        Keep::Nothing => Ok(()),
        Keep::Mode => target.handle().chmod(from.permissions()).map_err(|error| Error::new("chmod", &error, Some(dst), None)),
        Keep::Stat => {
            let (at, follow) = pinned(target.handle(), &os.resolve(target.path()));
            xattrs(os, (src, true), (&at, dst, follow))?;
            target.handle().chmod(from.permissions()).map_err(|error| Error::new("chmod", &error, Some(dst), None))?;
            target.handle().utime(times(from)).map_err(|error| Error::new("utime", &error, Some(dst), None))
        }
    });
    target.finish(os, copied)
}

fn pump(os: &OsPath, from: &dyn Handle, to: &dyn Handle, known: &StatResult, buffer: &mut [u8]) -> io::Result<()> {
    const STEP: u64 = 1 << 30;
    if known.is_file() && known.st_blocks.saturating_mul(512) < known.st_size && sparse(os, from, to, buffer)? {
        return Ok(());
    }
    if known.is_file() && known.st_size > COPY_BUFSIZE as u64 {
        let mut moved = 0;
        loop {
            match os.backend().copy_range(from, to, STEP) {
                Ok(0) if moved > 0 => return Ok(()),
                Ok(n) if n > 0 => moved += n,
                // Not supported, or a file without a known size: use reads.
                Ok(_) => break,
                Err(error) if moved == 0 && matches!(error.raw_os_error(), Some(EXDEV | EINVAL | ENOSYS | EOPNOTSUPP)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    let mut total = 0;
    loop {
        let n = from.read(buffer)?;
        let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { return Ok(()) };
        write_all(to, read)?;
        total += n as u64;
        // A regular file returns less than requested only at its end.
        if n < buffer.len() && known.is_file() && total == known.st_size {
            return Ok(());
        }
    }
}

/// Copies only data and keeps holes, as `cp` does. Returns false, without copying, if the file
/// system does not report holes.
fn sparse(os: &OsPath, from: &dyn Handle, to: &dyn Handle, buffer: &mut [u8]) -> io::Result<bool> {
    let mut end = 0;
    loop {
        let data = match from.seek_sparse(end, false) {
            Ok(data) => data,
            Err(error) if error.raw_os_error() == Some(ENXIO) => break, // the rest is a hole, or there is none
            Err(_) if end == 0 => {
                from.seek(SeekFrom::Start(0))?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        end = from.seek_sparse(data, true)?;
        from.seek(SeekFrom::Start(data))?;
        to.seek(SeekFrom::Start(data))?;
        segment(os, from, to, end.saturating_sub(data), buffer)?;
    }
    // A hole at the end; the file may have grown meanwhile.
    to.truncate(end.max(from.stat()?.st_size))?;
    Ok(true)
}

/// Copies this many bytes, or up to the end of a file that became shorter.
fn segment(os: &OsPath, from: &dyn Handle, to: &dyn Handle, mut left: u64, buffer: &mut [u8]) -> io::Result<()> {
    let mut ranges = true;
    while left > 0 {
        if ranges {
            match os.backend().copy_range(from, to, left) {
                Ok(copied) if copied > 0 => {
                    left = left.saturating_sub(copied);
                    continue;
                }
                Ok(_) => {}
                Err(error) if matches!(error.raw_os_error(), Some(EXDEV | EINVAL | ENOSYS | EOPNOTSUPP)) => {}
                Err(error) => return Err(error),
            }
            ranges = false;
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = from.read(buffer.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Ok(());
        }
        write_all(to, buffer.get(..read).unwrap_or_default())?;
        left = left.saturating_sub(read as u64);
    }
    Ok(())
}

fn write_all(to: &dyn Handle, mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match to.write(rest)? {
            0 => return Err(io::Error::from_raw_os_error(ENOSPC)),
            written => rest = rest.get(written..).unwrap_or_default(),
        }
    }
    Ok(())
}

pub(super) fn link_again(os: &OsPath, src: &Path, dst: &Path) -> Result<()> {
    let target = os.backend().readlink(&os.resolve(src)).map_err(|error| Error::new("readlink", &error, Some(src), None))?;
    os.backend().symlink(&target, &os.resolve(dst)).map_err(|error| Error::new("symlink", &error, Some(&target), Some(dst)))
}

fn times(stat: &StatResult) -> Times {
    Times { atime: Some(FileTime::At(stat.st_atime)), mtime: Some(FileTime::At(stat.st_mtime)) }
}

/// Python's `copymode`.
pub(super) fn mode(os: &OsPath, src: &Path, to: &CopyTo) -> Result<()> {
    if !to.follow_symlinks && os.islink(src) && os.islink(&to.dst) {
        return Ok(()); // a link has no mode here
    }
    let stat = os.stat(src)?;
    chmod(os, &to.dst, stat.permissions())
}

fn chmod(os: &OsPath, path: &Path, mode: u32) -> Result<()> {
    os.backend().chmod(&os.resolve(path), mode, true).map_err(|error| Error::new("chmod", &error, Some(path), None))
}

/// Python's `copystat`.
pub(super) fn stat(os: &OsPath, src: &Path, to: &CopyTo) -> Result<()> {
    let dst = to.dst.as_path();
    let follow = to.follow_symlinks || !(os.islink(src) && os.islink(dst));
    let stat = if follow { os.stat(src)? } else { os.lstat(src)? };
    let failed = |operation, error: &io::Error| Error::new(operation, error, Some(dst), None);
    // Through one open file if possible: in a directory of another user, the name may refer to
    // another file between two calls.
    let opened = if follow && os.stat(dst).is_ok_and(|stat| stat.is_file() || stat.is_dir()) {
        let flags = OpenFlags { read: true, nonblock: true, noctty: true, ..OpenFlags::default() };
        os.backend().open(&os.resolve(dst), flags, 0).ok()
    } else {
        None
    };
    if let Some(handle) = opened {
        let (at, through) = pinned(&*handle, &os.resolve(dst));
        handle.utime(times(&stat)).map_err(|error| failed("utime", &error))?;
        // In memory, a link is followed by name.
        xattrs(os, (src, true), (&at, dst, through || handle.as_fd().is_none()))?;
        return handle.chmod(stat.permissions()).map_err(|error| failed("chmod", &error));
    }
    let set = os.backend().utime(&os.resolve(dst), times(&stat), follow);
    set.map_err(|error| failed("utime", &error))?;
    xattrs(os, (src, follow), (&os.resolve(dst), dst, follow))?;
    if follow { chmod(os, dst, stat.permissions()) } else { Ok(()) }
}

/// Copies the extended attributes. As in Python, it is not an error if a file system does not
/// support them or rejects one. The destination consists of its path, its name for errors, and
/// whether a link there is followed.
fn xattrs(os: &OsPath, (src, follow): (&Path, bool), (to, dst, through): (&Path, &Path, bool)) -> Result<()> {
    let failed = |operation, error: &io::Error, path| Err(Error::new(operation, error, Some(path), None));
    let refused =
        |error: &io::Error| matches!(error.raw_os_error(), Some(EPERM | EACCES | EINVAL | ENOSYS | ENODATA | EOPNOTSUPP));
    let from = os.resolve(src);
    let names = match os.backend().listxattr(&from, follow) {
        Ok(names) => names,
        Err(error) if refused(&error) => return Ok(()),
        Err(error) => return failed("listxattr", &error, src),
    };
    for name in names {
        let copied = os.backend().getxattr(&from, &name, follow);
        let copied = copied.and_then(|value| os.backend().setxattr(to, &name, &value, XattrFlags::Either, through));
        match copied {
            Err(error) if !refused(&error) => return failed("setxattr", &error, dst),
            _ => {}
        }
    }
    Ok(())
}
