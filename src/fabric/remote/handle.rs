//! An open file of the other machine.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{Result, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::agent::errno;
use super::files::{Remote, attributes};
use crate::Wait as _;
use crate::error::errno::{EBADF, EINVAL, EIO, EISDIR, ENXIO, EOPNOTSUPP, EPERM};
use crate::fabric::sftp::raw::{Raw, RawHandle};
use crate::fabric::sftp::{SftpAttributes, SftpError};
use crate::os::backend::{Advice, FileTime, Files as _, Handle, OpenFlags, StatResult, StatVfsResult, Times};

#[derive(Debug)]
pub(super) struct RemoteHandle {
    remote: Remote,
    raw: Raw,
    handle: RawHandle,
    path: PathBuf,
    flags: OpenFlags,
    position: Mutex<u64>,
    /// Device and inode when it was opened.
    identity: Option<(u64, u64)>,
    /// An inode number for a file whose name is gone: equal to no other.
    nameless: u64,
}

fn plain(error: &SftpError) -> std::io::Error {
    errno(error.errno().unwrap_or(crate::error::errno::EIO))
}

impl RemoteHandle {
    pub(super) fn new(
        remote: Remote,
        (raw, handle): (Raw, RawHandle),
        path: PathBuf,
        flags: OpenFlags,
        identity: Option<(u64, u64)>,
    ) -> RemoteHandle {
        let nameless = RandomState::new().hash_one(&path);
        RemoteHandle { remote, raw, handle, path, flags, position: Mutex::new(0), identity, nameless }
    }

    fn at(&self) -> MutexGuard<'_, u64> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attributes(&self) -> Result<SftpAttributes> {
        self.raw.fstat(&self.handle).wait().map_err(|error| plain(&error))
    }

    fn set(&self, attributes: &SftpAttributes) -> Result<()> {
        self.raw.fsetstat(&self.handle, attributes).wait().map_err(|error| match error {
            SftpError::Status { code: 3, .. } => errno(EPERM),
            error => plain(&error),
        })
    }

    fn size(&self) -> Result<u64> {
        Ok(self.attributes()?.st_size.unwrap_or(0))
    }

    /// Why a read or write failed, of which the protocol says nothing.
    fn failed(&self, error: &SftpError, writing: bool) -> std::io::Error {
        if error.errno().is_some() {
            return plain(error);
        }
        match self.attributes() {
            Ok(found) if found.is_dir() => errno(EISDIR),
            // The disk is full is the one failure of a write that scripts see.
            Ok(_) if writing => {
                let full = self.statvfs().is_ok_and(|space| space.f_bavail == 0);
                errno(if full { 28 } else { 5 })
            }
            _ => plain(error),
        }
    }

    /// Copies within the server, and moves both positions.
    pub(super) fn copy_to(&self, to: &RemoteHandle, length: u64) -> Result<u64> {
        if !self.flags.read || !to.flags.write {
            return Err(errno(EBADF));
        }
        let (from_at, to_at) = (*self.at(), *to.at());
        if self.identity == to.identity && from_at < to_at.saturating_add(length) && to_at < from_at.saturating_add(length) {
            return Err(errno(EINVAL));
        }
        let length = length.min(self.size()?.saturating_sub(from_at));
        if length == 0 {
            return Ok(0);
        }
        let copied = self.raw.copy_data((&self.handle, from_at), length, (&to.handle, to_at)).wait();
        copied.map_err(|error| match error {
            SftpError::Unsupported(_) => errno(EOPNOTSUPP),
            error => to.failed(&error, true),
        })?;
        *self.at() += length;
        *to.at() += length;
        Ok(length)
    }
}

impl Handle for RemoteHandle {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let mut position = self.at();
        let count = self.read_at(buffer, *position)?;
        *position = position.saturating_add(count as u64);
        Ok(count)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        let start = bytes.len();
        let room = bytes.capacity() - start;
        bytes.resize(start + room, 0);
        let read = self.read(bytes.get_mut(start..).unwrap_or_default());
        bytes.truncate(start + read.as_ref().copied().unwrap_or(0));
        read
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        let mut position = self.at();
        let count = self.write_at(bytes, *position)?;
        *position = if self.flags.append { self.size()? } else { position.saturating_add(count as u64) };
        Ok(count)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        let mut position = self.at();
        let new = match to {
            SeekFrom::Start(at) => i64::try_from(at).ok().and(Some(at)),
            SeekFrom::Current(by) => position.checked_add_signed(by),
            SeekFrom::End(by) => self.size()?.checked_add_signed(by),
        };
        *position = new.ok_or_else(|| errno(EINVAL))?;
        Ok(*position)
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64> {
        // As on a file system without holes.
        let size = self.size()?;
        if offset >= size {
            return Err(errno(ENXIO));
        }
        let at = if hole { size } else { offset };
        *self.at() = at;
        Ok(at)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        if !self.flags.read && self.flags.write {
            return Err(errno(EBADF));
        }
        if i64::try_from(offset).is_err() {
            return Err(errno(EINVAL));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let bytes = self.raw.read_some(&self.handle, offset, buffer.len()).wait().map_err(|error| self.failed(&error, false))?;
        let Some(target) = buffer.get_mut(..bytes.len()) else { return Err(errno(EIO)) };
        target.copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        if !self.flags.write {
            return Err(errno(EBADF));
        }
        self.raw.write_some(&self.handle, offset, bytes).wait().map_err(|error| self.failed(&error, true))
    }

    fn stat(&self) -> Result<StatResult> {
        let open = self.attributes()?;
        let named = self
            .remote
            .stat(&self.path, true)
            .ok()
            .filter(|named| self.identity == Some((named.st_dev, named.st_ino)) && Some(named.st_size) == open.st_size);
        if let Some(named) = named {
            return Ok(named);
        }
        // The name is gone, or another file's since: what the protocol says of the open file, and a number of its own.
        let mut stat = StatResult::empty(open.file_type().unwrap_or(crate::os::FileType::File));
        stat.st_mode = open.st_mode.unwrap_or(stat.st_mode);
        stat.st_size = open.st_size.unwrap_or(0);
        stat.st_uid = open.st_uid.unwrap_or(0);
        stat.st_gid = open.st_gid.unwrap_or(0);
        (stat.st_dev, stat.st_ino) = self.identity.unwrap_or((u64::MAX, self.nameless));
        stat.st_nlink = 0;
        let time = |seconds: Option<u32>| {
            std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(seconds.unwrap_or(0)))
        };
        stat.st_atime = time(open.st_atime);
        stat.st_mtime = time(open.st_mtime);
        stat.st_ctime = stat.st_mtime;
        stat.st_blocks = stat.st_size.div_ceil(512);
        Ok(stat)
    }

    fn statvfs(&self) -> Result<StatVfsResult> {
        self.raw.fstatvfs(&self.handle).wait().map_err(|error| plain(&error))
    }

    fn allocate(&self, _: u64, _: u64) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn advise(&self, _: u64, _: u64, _: Advice) -> Result<()> {
        Ok(())
    }

    fn truncate(&self, length: u64) -> Result<()> {
        if !self.flags.write || i64::try_from(length).is_err() {
            return Err(errno(EINVAL));
        }
        let mut size = SftpAttributes::new();
        size.st_size = Some(length);
        self.set(&size)
    }

    fn sync(&self, _data_only: bool) -> Result<()> {
        self.raw.fsync(&self.handle).wait().map_err(|error| plain(&error))
    }

    fn chmod(&self, mode: u32) -> Result<()> {
        self.set(&attributes(mode & 0o7777))
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        let found = self.attributes()?;
        let mut owner = SftpAttributes::new();
        owner.st_uid = uid.or(found.st_uid);
        owner.st_gid = gid.or(found.st_gid);
        self.set(&owner)
    }

    fn utime(&self, times: Times) -> Result<()> {
        let found = self.attributes()?;
        let seconds = |time: Option<FileTime>, kept: Option<u32>| match time {
            None => Ok(kept),
            Some(FileTime::At(time)) => {
                let since = time.duration_since(std::time::SystemTime::UNIX_EPOCH).map_err(|_| errno(EINVAL))?;
                u32::try_from(since.as_secs()).map(Some).map_err(|_| errno(EINVAL))
            }
            Some(FileTime::Now) => {
                let now = self.remote.agent.output(b"date +%s")?;
                String::from_utf8_lossy(&now).trim().parse().map(Some).map_err(|_| errno(EOPNOTSUPP))
            }
        };
        let mut wanted = SftpAttributes::new();
        wanted.st_atime = seconds(times.atime, found.st_atime)?;
        wanted.st_mtime = seconds(times.mtime, found.st_mtime)?;
        self.set(&wanted)
    }

    fn lock(&self, _exclusive: bool, _wait: bool) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn unlock(&self) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn isatty(&self) -> bool {
        false
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
