//! This machine, through rustix, and nix for calls that rustix does not wrap. Interrupted calls are
//! repeated.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod dir;
mod file;
mod kernel;
mod limits;

use std::ffi::{CString, OsStr, OsString};
use std::io::Result;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::buffer::spare_capacity;
use rustix::fs::{self, AtFlags, CWD, Mode, OFlags, Timespec, Timestamps};
use rustix::io::{Errno, retry_on_intr};

use super::backend::{
    Access, Dir, Entries, FileTime, FileType, Files, Handle, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags,
};

/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Native;

impl Files for Native {
    fn blocks(&self) -> bool {
        true
    }

    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let fd = retry_on_intr(|| fs::openat(CWD, path, oflags(flags), Mode::from_raw_mode(mode)))?;
        Ok(Box::new(file::OpenFile::new(fd)))
    }

    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>> {
        Ok(Box::new(dir::OpenDir::open(CWD, path, follow)?))
    }

    fn read_dir(&self, path: &Path) -> Result<Entries> {
        Ok(Box::new(dir::OpenDir::open(CWD, path, true)?.into_names()))
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult> {
        Ok(stat_result(&fs::statat(CWD, path, at(follow))?))
    }

    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool> {
        let mut wanted = fs::Access::EXISTS;
        wanted.set(fs::Access::READ_OK, access.read);
        wanted.set(fs::Access::WRITE_OK, access.write);
        wanted.set(fs::Access::EXEC_OK, access.execute);
        let flags = if effective { at(follow) | AtFlags::EACCESS } else { at(follow) };
        match fs::accessat(CWD, path, wanted, flags) {
            Err(Errno::NOSYS) => Err(Errno::NOSYS.into()), // before Linux 5.8, in a set-id program: unknown
            answer => Ok(answer.is_ok()),
        }
    }

    fn mkdir(&self, path: &Path, mode: u32) -> Result<()> {
        Ok(fs::mkdirat(CWD, path, Mode::from_raw_mode(mode))?)
    }

    fn rmdir(&self, path: &Path) -> Result<()> {
        Ok(fs::unlinkat(CWD, path, AtFlags::REMOVEDIR)?)
    }

    fn unlink(&self, path: &Path) -> Result<()> {
        Ok(fs::unlinkat(CWD, path, AtFlags::empty())?)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        Ok(fs::renameat(CWD, from, CWD, to)?)
    }

    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()> {
        let flags = if follow { AtFlags::SYMLINK_FOLLOW } else { AtFlags::empty() };
        Ok(fs::linkat(CWD, original, CWD, link, flags)?)
    }

    fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        Ok(fs::symlinkat(target, CWD, link)?)
    }

    fn readlink(&self, path: &Path) -> Result<PathBuf> {
        Ok(path_of(fs::readlinkat(CWD, path, Vec::new())?))
    }

    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()> {
        match follow {
            true => Ok(fs::chmodat(CWD, path, Mode::from_raw_mode(mode), AtFlags::empty())?),
            false => dir::chmod_no_link(CWD, path, mode),
        }
    }

    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        kernel::no_such_id(&[uid, gid])?;
        Ok(fs::chownat(CWD, path, uid.map(fs::Uid::from_raw), gid.map(fs::Gid::from_raw), at(follow))?)
    }

    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()> {
        Ok(fs::utimensat(CWD, path, &timestamps(times)?, at(follow))?)
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<()> {
        // Not open and ftruncate, which is ENXIO for a named pipe.
        let length = i64::try_from(length).map_err(|_| Errno::INVAL)?;
        loop {
            match nix::unistd::truncate(path, length) {
                Err(nix::Error::EINTR) => {}
                answer => return answer.map_err(std::io::Error::from),
            }
        }
    }

    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        let file_type = fs::FileType::from_raw_mode(file_type.mode());
        Ok(fs::mknodat(CWD, path, file_type, Mode::from_raw_mode(mode), device)?)
    }

    fn statvfs(&self, path: &Path) -> Result<StatVfsResult> {
        Ok(statvfs_result(&retry_on_intr(|| fs::statvfs(path))?))
    }

    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>> {
        limits::pathconf(path, name)
    }

    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>> {
        grow(|buffer| match follow {
            true => fs::getxattr(path, name, spare_capacity(buffer)),
            false => fs::lgetxattr(path, name, spare_capacity(buffer)),
        })
    }

    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()> {
        let flags = match flags {
            XattrFlags::Either => fs::XattrFlags::empty(),
            XattrFlags::Create => fs::XattrFlags::CREATE,
            XattrFlags::Replace => fs::XattrFlags::REPLACE,
        };
        match follow {
            true => Ok(fs::setxattr(path, name, value, flags)?),
            false => Ok(fs::lsetxattr(path, name, value, flags)?),
        }
    }

    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>> {
        let names = grow(|buffer| match follow {
            true => fs::listxattr(path, spare_capacity(buffer)),
            false => fs::llistxattr(path, spare_capacity(buffer)),
        })?;
        Ok(names.split(|&byte| byte == 0).filter(|name| !name.is_empty()).map(|name| OsStr::from_bytes(name).into()).collect())
    }

    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()> {
        match follow {
            true => Ok(fs::removexattr(path, name)?),
            false => Ok(fs::lremovexattr(path, name)?),
        }
    }

    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64> {
        let (Some(from), Some(to)) = (from.as_fd(), to.as_fd()) else {
            return Err(Errno::XDEV.into());
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(retry_on_intr(|| fs::copy_file_range(from, None, to, None, length))? as u64)
    }

    fn sync(&self) {
        fs::sync();
    }

    /// From proc_pid_status(5). umask(2) can only set it, and two threads that read it at once that way could leave the other's value.
    fn current_umask(&self) -> u32 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
        mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or_else(|| {
            let mask = self.umask(0o077);
            self.umask(mask);
            mask
        })
    }

    fn umask(&self, mask: u32) -> u32 {
        rustix::process::umask(Mode::from_raw_mode(mask & 0o777)).as_raw_mode()
    }
}

fn oflags(flags: OpenFlags) -> OFlags {
    let mut oflags = OFlags::CLOEXEC
        | match (flags.read, flags.write || flags.append) {
            (true, true) => OFlags::RDWR,
            (false, true) => OFlags::WRONLY,
            (_, false) => OFlags::RDONLY,
        };
    oflags.set(OFlags::APPEND, flags.append);
    oflags.set(OFlags::TRUNC, flags.truncate);
    oflags.set(OFlags::CREATE, flags.create);
    oflags.set(OFlags::EXCL, flags.exclusive);
    oflags.set(OFlags::NOFOLLOW, flags.nofollow);
    oflags.set(OFlags::DIRECTORY, flags.directory);
    oflags.set(OFlags::NONBLOCK, flags.nonblock);
    oflags.set(OFlags::SYNC, flags.sync);
    oflags.set(OFlags::DSYNC, flags.dsync || flags.sync);
    oflags.set(OFlags::NOATIME, flags.noatime);
    oflags.set(OFlags::NOCTTY, flags.noctty);
    oflags
}

fn at(follow: bool) -> AtFlags {
    if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW }
}

fn path_of(text: CString) -> PathBuf {
    OsString::from_vec(text.into_bytes()).into()
}

/// Repeats the call with a larger buffer until the result fits: it may grow between two calls.
fn grow(ask: impl Fn(&mut Vec<u8>) -> rustix::io::Result<usize>) -> Result<Vec<u8>> {
    let mut buffer = Vec::with_capacity(256);
    loop {
        match ask(&mut buffer) {
            Err(Errno::RANGE) if buffer.capacity() < 1 << 20 => buffer = Vec::with_capacity(buffer.capacity() * 4),
            Err(errno) => return Err(errno.into()),
            Ok(_) => return Ok(buffer),
        }
    }
}

fn stat_result(stat: &fs::Stat) -> StatResult {
    let mut result = StatResult::empty(FileType::File);
    result.st_mode = stat.st_mode;
    result.st_ino = stat.st_ino;
    result.st_dev = stat.st_dev;
    result.st_nlink = stat.st_nlink;
    result.st_uid = stat.st_uid;
    result.st_gid = stat.st_gid;
    result.st_size = stat.st_size as u64;
    result.st_atime = time(stat.st_atime, stat.st_atime_nsec as u32);
    result.st_mtime = time(stat.st_mtime, stat.st_mtime_nsec as u32);
    result.st_ctime = time(stat.st_ctime, stat.st_ctime_nsec as u32);
    result.st_blksize = stat.st_blksize as u64;
    result.st_blocks = stat.st_blocks as u64;
    result.st_rdev = stat.st_rdev;
    result
}

fn statvfs_result(stat: &fs::StatVfs) -> StatVfsResult {
    StatVfsResult {
        f_bsize: stat.f_bsize,
        f_frsize: stat.f_frsize,
        f_blocks: stat.f_blocks,
        f_bfree: stat.f_bfree,
        f_bavail: stat.f_bavail,
        f_files: stat.f_files,
        f_ffree: stat.f_ffree,
        f_favail: stat.f_favail,
        // The kernel adds ST_VALID for internal use; the C library removes it too.
        f_flag: stat.f_flag.bits() & !0x20,
        f_namemax: stat.f_namemax,
        f_fsid: stat.f_fsid,
    }
}

fn time(seconds: i64, nanoseconds: u32) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let base = if seconds < 0 { SystemTime::UNIX_EPOCH.checked_sub(whole) } else { SystemTime::UNIX_EPOCH.checked_add(whole) };
    base.and_then(|base| base.checked_add(Duration::from_nanos(nanoseconds.into()))).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn timestamps(times: Times) -> Result<Timestamps> {
    Ok(Timestamps { last_access: timespec(times.atime)?, last_modification: timespec(times.mtime)? })
}

fn timespec(time: Option<FileTime>) -> Result<Timespec> {
    let special = |tv_nsec| Ok(Timespec { tv_sec: 0, tv_nsec });
    match time {
        None => special(fs::UTIME_OMIT),
        Some(FileTime::Now) => special(fs::UTIME_NOW),
        Some(FileTime::At(time)) => {
            let (seconds, nanoseconds) = match time.duration_since(SystemTime::UNIX_EPOCH) {
                Ok(after) => (i64::try_from(after.as_secs()), after.subsec_nanos()),
                Err(before) => {
                    // -1.25 s is second -2 plus 0.75 s: nanoseconds are positive.
                    let before = before.duration();
                    let borrow = i64::from(before.subsec_nanos() > 0);
                    let seconds = i64::try_from(before.as_secs()).map(|seconds| -seconds - borrow);
                    (seconds, (1_000_000_000 - before.subsec_nanos()) % 1_000_000_000)
                }
            };
            Ok(Timespec { tv_sec: seconds.map_err(|_| Errno::OVERFLOW)?, tv_nsec: nanoseconds.into() })
        }
    }
}
