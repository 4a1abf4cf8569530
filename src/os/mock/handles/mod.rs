//! Open files.

pub(super) mod copy;
pub(super) mod dirs;
pub(super) mod locks;
pub(super) mod open;
pub(super) mod pipe;

use std::fmt;
use std::io::{self, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use self::open::{FULL, NULL, RANDOM, URANDOM};
use super::Core;
use super::errno::*;
use super::tree::content::LONGEST;
use super::tree::inode::{Ino, Kind};
use crate::os::backend::{Advice, Handle, OpenFlags, StatResult, StatVfsResult, Times};

/// An open file of the model.
pub(super) struct OpenFile {
    pub(super) core: Arc<Core>,
    pub(super) ino: Ino,
    pub(super) id: u64,
    pub(super) flags: OpenFlags,
    /// Changed only while the state is locked.
    pub(super) position: AtomicU64,
    pub(super) is_pipe: bool,
    /// The path that it was opened by, for the log.
    pub(super) label: PathBuf,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFile").field("path", &self.label).field("flags", &self.flags).finish_non_exhaustive()
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let mut state = self.core.lock();
        if let Ok(inode) = state.tree.node_mut(self.ino) {
            inode.lock.release(self.id);
            if let Kind::Fifo(pipe) = &mut inode.kind {
                pipe.close(self.flags.read, self.flags.write);
            }
        }
        state.tree.close(self.ino);
        self.core.changed.notify_all();
    }
}

impl OpenFile {
    fn enter(&self, operation: &'static str) -> io::Result<()> {
        self.core.enter(operation, self.label.display())
    }

    pub(super) fn at(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    pub(super) fn move_to(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }

    /// `offset` `None`: at the position, which advances.
    fn do_read(&self, buffer: &mut [u8], offset: Option<u64>) -> Result<usize> {
        if !self.flags.read {
            return Err(EBADF);
        }
        check_offset(offset)?;
        let mut state = self.core.lock();
        if self.is_pipe {
            if offset.is_some() {
                return Err(ESPIPE);
            }
            loop {
                match state.tree.pipe(self.ino)?.read(buffer) {
                    Some(read) => {
                        self.core.changed.notify_all();
                        return Ok(read);
                    }
                    None if self.flags.nonblock => return Err(EAGAIN),
                    None => state = self.core.wait(state),
                }
            }
        }
        let from = offset.unwrap_or_else(|| self.at());
        let read = match &state.tree.node(self.ino)?.kind {
            Kind::File(content) => content.read(from, buffer),
            Kind::Dir(_) => return Err(EISDIR),
            Kind::CharDevice(NULL) => return Ok(0),
            Kind::CharDevice(RANDOM | URANDOM) => {
                state.machine.random(buffer);
                return Ok(buffer.len());
            }
            Kind::CharDevice(_) => {
                buffer.fill(0);
                return Ok(buffer.len());
            }
            _ => return Err(EINVAL),
        };
        if !buffer.is_empty() && !self.flags.noatime {
            state.tree.accessed(self.ino);
        }
        if offset.is_none() {
            self.move_to(from + read as u64);
        }
        Ok(read)
    }

    fn do_write(&self, bytes: &[u8], offset: Option<u64>) -> Result<usize> {
        if !self.flags.write {
            return Err(EBADF);
        }
        check_offset(offset)?;
        let mut state = self.core.lock();
        if self.is_pipe {
            if offset.is_some() {
                return Err(ESPIPE);
            }
            loop {
                match state.tree.pipe(self.ino)?.write(bytes)? {
                    Some(written) => {
                        self.core.changed.notify_all();
                        return Ok(written);
                    }
                    None if self.flags.nonblock => return Err(EAGAIN),
                    None => state = self.core.wait(state),
                }
            }
        }
        let length = match &state.tree.node(self.ino)?.kind {
            Kind::File(content) => content.length(),
            Kind::CharDevice(FULL) => return Err(ENOSPC),
            Kind::CharDevice(_) => return Ok(bytes.len()),
            _ => return Err(EINVAL),
        };
        if bytes.is_empty() {
            return Ok(0);
        }
        // On Linux, O_APPEND overrides the offset of `pwrite`.
        let to = if self.flags.append { length } else { offset.unwrap_or_else(|| self.at()) };
        let room = usize::try_from(LONGEST.saturating_sub(to)).unwrap_or(usize::MAX);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        if bytes.is_empty() {
            return Err(EFBIG);
        }
        let written = state.tree.change(self.ino, |content, free| content.write(to, bytes, free))?;
        if written == 0 {
            return Err(ENOSPC);
        }
        state.tree.touch(self.ino)?;
        if offset.is_none() {
            self.move_to(to + written as u64);
        }
        Ok(written)
    }

    fn do_seek(&self, to: SeekFrom) -> Result<u64> {
        let state = self.core.lock();
        let length = match &state.tree.node(self.ino)?.kind {
            Kind::File(content) => content.length(),
            Kind::Dir(_) => 0,
            Kind::CharDevice(_) => return Ok(0),
            _ => return Err(ESPIPE),
        };
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at().checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        let target = target.filter(|target| i64::try_from(*target).is_ok()).ok_or(EINVAL)?;
        self.move_to(target);
        Ok(target)
    }
}

/// The kernel's offsets are signed.
fn check_offset(offset: Option<u64>) -> Result<()> {
    if offset.is_some_and(|offset| i64::try_from(offset).is_err()) { Err(EINVAL) } else { Ok(()) }
}

impl Handle for OpenFile {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.enter("os.read")?;
        Ok(self.do_read(buffer, None)?)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let end = bytes.len();
        bytes.resize(bytes.capacity(), 0);
        let read = self.read(bytes.get_mut(end..).unwrap_or_default());
        bytes.truncate(end + read.as_ref().unwrap_or(&0));
        read
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.enter("os.write")?;
        Ok(self.do_write(bytes, None)?)
    }

    fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        self.enter("os.seek")?;
        Ok(self.do_seek(to)?)
    }

    fn seek_sparse(&self, offset: u64, hole: bool) -> io::Result<u64> {
        self.enter("os.seek_sparse")?;
        let state = self.core.lock();
        let target = match &state.tree.node(self.ino)?.kind {
            Kind::File(content) if hole => content.next_hole(offset),
            Kind::File(content) => content.next_data(offset),
            Kind::Fifo(_) => return Err(ESPIPE.into()),
            _ => return Err(EINVAL.into()),
        };
        let target = target.ok_or(ENXIO)?;
        self.move_to(target);
        Ok(target)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.enter("os.read_at")?;
        Ok(self.do_read(buffer, Some(offset))?)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.enter("os.write_at")?;
        Ok(self.do_write(bytes, Some(offset))?)
    }

    fn stat(&self) -> io::Result<StatResult> {
        self.enter("os.stat")?;
        Ok(self.core.lock().tree.stat_of(self.ino)?)
    }

    fn statvfs(&self) -> io::Result<StatVfsResult> {
        self.enter("os.statvfs")?;
        Ok(self.core.lock().tree.statvfs_of(self.ino)?)
    }

    fn allocate(&self, offset: u64, length: u64) -> io::Result<()> {
        self.enter("os.allocate")?;
        let mut state = self.core.lock();
        if !self.flags.write {
            return Err(EBADF.into());
        }
        if self.is_pipe {
            return Err(ESPIPE.into());
        }
        if length == 0 {
            return Err(EINVAL.into());
        }
        let end = offset.checked_add(length).filter(|end| *end <= LONGEST).ok_or(EFBIG)?;
        if !state.tree.change(self.ino, |content, free| content.allocate(offset..end, free))? {
            return Err(ENOSPC.into());
        }
        Ok(state.tree.touch(self.ino)?)
    }

    fn advise(&self, _offset: u64, _length: u64, _advice: Advice) -> io::Result<()> {
        self.enter("os.advise")?;
        if self.is_pipe { Err(ESPIPE.into()) } else { Ok(()) }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.enter("os.truncate")?;
        let mut state = self.core.lock();
        if !self.flags.write || self.is_pipe {
            return Err(EINVAL.into());
        }
        state.tree.node(self.ino)?.content()?;
        Ok(state.tree.set_length(self.ino, length)?)
    }

    fn sync(&self, _data_only: bool) -> io::Result<()> {
        self.enter("os.sync")?;
        if self.is_pipe { Err(EINVAL.into()) } else { Ok(()) }
    }

    fn chmod(&self, mode: u32) -> io::Result<()> {
        self.enter("os.chmod")?;
        Ok(self.core.lock().tree.chmod(self.ino, mode)?)
    }

    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> io::Result<()> {
        self.enter("os.chown")?;
        Ok(self.core.lock().tree.chown(self.ino, uid, gid)?)
    }

    fn utime(&self, times: Times) -> io::Result<()> {
        self.enter("os.utime")?;
        Ok(self.core.lock().tree.utime(self.ino, times)?)
    }

    fn lock(&self, exclusive: bool, wait: bool) -> io::Result<()> {
        self.enter("os.lock")?;
        let mut state = self.core.lock();
        while !state.tree.node_mut(self.ino)?.lock.take(self.id, exclusive) {
            self.core.changed.notify_all();
            if !wait {
                return Err(EAGAIN.into());
            }
            state = self.core.wait(state);
        }
        self.core.changed.notify_all();
        Ok(())
    }

    fn unlock(&self) -> io::Result<()> {
        self.enter("os.unlock")?;
        self.core.lock().tree.node_mut(self.ino)?.lock.release(self.id);
        self.core.changed.notify_all();
        Ok(())
    }

    fn isatty(&self) -> bool {
        false
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
