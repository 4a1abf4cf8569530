//! An open directory of this machine, and its listing.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::Result;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, CWD, Mode, OFlags, RawDir};
use rustix::io::{Errno, retry_on_intr};

use super::file::OpenFile;
use super::{at, oflags, path_of, stat_result, timestamps};
use crate::os::backend::{Dir, Entries, Entry, FileType, Handle, OpenFlags, StatResult, Times};

#[derive(Debug)]
pub(super) struct OpenDir(OwnedFd);

impl OpenDir {
    pub(super) fn open(beneath: impl AsFd, path: &Path, follow: bool) -> Result<OpenDir> {
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        flags.set(OFlags::NOFOLLOW, !follow);
        Ok(OpenDir(retry_on_intr(|| fs::openat(&beneath, path, flags, Mode::empty()))?))
    }

    pub(super) fn into_names(self) -> Names {
        Names { fd: self.0, buffer: Vec::with_capacity(BATCH), batch: VecDeque::new(), done: false }
    }
}

impl Dir for OpenDir {
    fn entries(&self) -> Result<Entries> {
        // Opened again, not duplicated: duplicates share the position, so two readers would each
        // get half of the names.
        let again = match OpenDir::open(&self.0, Path::new("."), true) {
            // Looking up `.` in the directory needs search permission; listing does not.
            Err(error) if error.raw_os_error() == Some(Errno::ACCESS.raw_os_error()) => {
                OpenDir::open(CWD, format!("/proc/self/fd/{}", self.0.as_raw_fd()).as_ref(), true)?
            }
            again => again?,
        };
        Ok(Box::new(again.into_names()))
    }

    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>> {
        Ok(Box::new(OpenDir::open(&self.0, one(name)?, follow)?))
    }

    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let name = one(name)?;
        let flags = oflags(flags) | OFlags::NOFOLLOW;
        let fd = retry_on_intr(|| fs::openat(&self.0, name, flags, Mode::from_raw_mode(mode)))?;
        Ok(Box::new(OpenFile::new(fd)))
    }

    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult> {
        Ok(stat_result(&fs::statat(&self.0, one(name)?, at(follow))?))
    }

    fn stat_self(&self) -> Result<StatResult> {
        Ok(stat_result(&fs::fstat(&self.0)?))
    }

    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()> {
        Ok(fs::mkdirat(&self.0, one(name)?, Mode::from_raw_mode(mode))?)
    }

    fn rmdir(&self, name: &OsStr) -> Result<()> {
        Ok(fs::unlinkat(&self.0, one(name)?, AtFlags::REMOVEDIR)?)
    }

    fn unlink(&self, name: &OsStr) -> Result<()> {
        Ok(fs::unlinkat(&self.0, one(name)?, AtFlags::empty())?)
    }

    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()> {
        Ok(fs::symlinkat(target, &self.0, one(name)?)?)
    }

    fn readlink(&self, name: &OsStr) -> Result<PathBuf> {
        Ok(path_of(fs::readlinkat(&self.0, one(name)?, Vec::new())?))
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()> {
        Ok(fs::renameat(&self.0, one(from)?, &self.0, one(to)?)?)
    }

    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()> {
        chmod_no_link(&self.0, one(name)?, mode)
    }

    fn utime(&self, name: &OsStr, times: Times) -> Result<()> {
        Ok(fs::utimensat(&self.0, one(name)?, &timestamps(times)?, AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

/// Checks that a name stays within its directory.
fn one(name: &OsStr) -> Result<&Path> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.contains(&b'/') || bytes == b"." || bytes == b".." {
        return Err(Errno::INVAL.into());
    }
    Ok(Path::new(name))
}

/// `fchmodat` has no flags: open the file with `O_PATH` first, so that no link can take its place,
/// and change it through that descriptor.
pub(super) fn chmod_no_link(beneath: impl AsFd, path: &Path, mode: u32) -> Result<()> {
    let pin = fs::openat(beneath, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if FileType::of_mode(fs::fstat(&pin)?.st_mode) == FileType::Symlink {
        return Err(Errno::OPNOTSUPP.into());
    }
    Ok(fs::chmod(format!("/proc/self/fd/{}", pin.as_raw_fd()), Mode::from_raw_mode(mode))?)
}

/// The buffer size of one getdents call, as in the C library: about a thousand names.
const BATCH: usize = 32 * 1024;

/// The names in a directory, fetched one buffer at a time: memory does not grow with the directory.
#[derive(Debug)]
pub(super) struct Names {
    fd: OwnedFd,
    buffer: Vec<u8>,
    batch: VecDeque<Entry>,
    done: bool,
}

impl Names {
    fn fetch(&mut self) -> Result<()> {
        let mut dir = RawDir::new(&self.fd, self.buffer.spare_capacity_mut());
        loop {
            match dir.next() {
                None => self.done = true,
                Some(Err(Errno::INTR)) => continue,
                Some(Err(errno)) => {
                    self.done = true;
                    return Err(errno.into());
                }
                Some(Ok(entry)) => {
                    let name = entry.file_name().to_bytes();
                    if name != b"." && name != b".." {
                        let name = OsStr::from_bytes(name).to_os_string();
                        self.batch.push_back(Entry { name, file_type: file_type(entry.file_type()), ino: entry.ino() });
                    }
                    if !dir.is_buffer_empty() || self.batch.is_empty() {
                        continue;
                    }
                }
            }
            return Ok(());
        }
    }
}

impl Iterator for Names {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        if self.batch.is_empty()
            && !self.done
            && let Err(error) = self.fetch()
        {
            return Some(Err(error));
        }
        self.batch.pop_front().map(Ok)
    }
}

fn file_type(file_type: fs::FileType) -> Option<FileType> {
    match file_type {
        fs::FileType::RegularFile => Some(FileType::File),
        fs::FileType::Directory => Some(FileType::Dir),
        fs::FileType::Symlink => Some(FileType::Symlink),
        fs::FileType::Fifo => Some(FileType::Fifo),
        fs::FileType::Socket => Some(FileType::Socket),
        fs::FileType::CharacterDevice => Some(FileType::CharDevice),
        fs::FileType::BlockDevice => Some(FileType::BlockDevice),
        _ => None,
    }
}
