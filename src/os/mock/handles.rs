//! Open files.

use std::fmt;
use std::io::{self, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::content::{Content, LONGEST};
use super::errno::*;
use super::lookup::{Last, Links};
use super::pipe::Pipe;
use super::tree::{Ino, Kind, Tree};
use super::{Core, State};
use crate::os::backend::{Access, Advice, Handle, OpenFlags, StatResult, StatVfsResult, Times};

/// The devices that there are: `/dev/null` and its like, by their numbers.
const NULL: u64 = 0x103;
const ZERO: u64 = 0x105;
const FULL: u64 = 0x107;
const RANDOM: u64 = 0x108;
const URANDOM: u64 = 0x109;
pub(super) const DEVICES: [(&str, u64); 5] =
    [("/dev/null", NULL), ("/dev/zero", ZERO), ("/dev/full", FULL), ("/dev/random", RANDOM), ("/dev/urandom", URANDOM)];

impl Tree {
    /// Finds or makes the file to open, and checks whether it may be opened so.
    fn find_to_open(&mut self, at: Ino, path: &Path, flags: OpenFlags, mode: u32) -> Result<Ino> {
        if flags.create && flags.directory {
            return Err(EINVAL);
        }
        let stays = flags.nofollow || (flags.create && flags.exclusive);
        let links = match (flags.create, stays) {
            (true, true) => Links::Name,
            (true, false) => Links::Create,
            (false, false) => Links::Follow,
            (false, true) => Links::NoFollow,
        };
        let found = self.locate(at, path, links)?;
        if flags.create {
            let Last::Name(name) = &found.last else { return Err(if flags.exclusive { EEXIST } else { EISDIR }) };
            if found.slash {
                return Err(EISDIR);
            }
            if found.node.is_none() {
                self.writable(found.dir)?;
                self.may_create(found.dir)?;
                return self.create(found.dir, name, Kind::File(Content::default()), mode);
            }
            if flags.exclusive {
                return Err(EEXIST);
            }
        }
        let ino = found.node.ok_or(ENOENT)?;
        let inode = self.node(ino)?;
        let write = flags.write || flags.truncate;
        if !inode.is_dir() && (flags.directory || found.slash) {
            return Err(ENOTDIR);
        }
        match inode.kind {
            Kind::Symlink(_) => return Err(ELOOP),
            Kind::Dir(_) if write || flags.create => return Err(EISDIR),
            Kind::File(_) if write => self.writable(ino)?,
            _ => {}
        }
        self.who.may(inode, Access { read: flags.read, write, execute: false })?;
        if flags.noatime && !self.who.owns(inode) {
            return Err(EPERM);
        }
        match inode.kind {
            Kind::Socket | Kind::BlockDevice(_) => return Err(ENXIO),
            Kind::CharDevice(device) if DEVICES.iter().all(|(_, known)| *known != device) => return Err(ENXIO),
            Kind::File(_) if flags.truncate => self.set_length(ino, 0)?,
            _ => {}
        }
        Ok(ino)
    }

    fn pipe(&mut self, ino: Ino) -> Result<&mut Pipe> {
        if let Kind::Fifo(pipe) = &mut self.node_mut(ino)?.kind { Ok(pipe) } else { Err(EINVAL) }
    }
}

/// Opens a file, and waits for the other side of a named pipe.
pub(super) fn open(core: &Arc<Core>, at: Ino, path: &Path, flags: OpenFlags, mode: u32, label: PathBuf) -> Result<OpenFile> {
    let write = flags.write || flags.append;
    let flags = OpenFlags { write, read: flags.read || !write, ..flags };
    let mut state = core.lock();
    let ino = state.tree.find_to_open(at, path, flags, mode)?;
    let is_pipe = matches!(state.tree.node(ino)?.kind, Kind::Fifo(_));
    if is_pipe {
        state.tree.pipe(ino)?.open(flags.read, flags.write, flags.nonblock)?;
    }
    state.tree.open(ino)?;
    state.next_handle += 1;
    let file = OpenFile { core: core.clone(), ino, id: state.next_handle, flags, position: AtomicU64::new(0), is_pipe, label };
    if is_pipe {
        core.changed.notify_all();
        let pipe = state.tree.pipe(ino)?;
        let came = (pipe.readers_ever, pipe.writers_ever);
        let alone = |state: &mut State| {
            let pipe = state.tree.pipe(ino);
            pipe.is_ok_and(|pipe| pipe.is_alone(flags.read, flags.write) && (pipe.readers_ever, pipe.writers_ever) == came)
        };
        while !flags.nonblock && alone(&mut state) {
            state = core.wait(state);
        }
    }
    Ok(file)
}

/// An open file of the model.
pub(super) struct OpenFile {
    core: Arc<Core>,
    pub(super) ino: Ino,
    id: u64,
    flags: OpenFlags,
    /// Moved only while the state is locked.
    position: AtomicU64,
    is_pipe: bool,
    /// The path it was opened by, for the log.
    label: PathBuf,
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

    fn at(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    fn move_to(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }

    /// `offset` None: at the position, which moves.
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
        // On Linux O_APPEND wins over the offset that `pwrite` is given.
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

/// The kernel's offsets have a sign.
fn check_offset(offset: Option<u64>) -> Result<()> {
    if offset.is_some_and(|offset| i64::try_from(offset).is_err()) { Err(EINVAL) } else { Ok(()) }
}

/// Copies between two open files; whole files share their blocks until one of them changes.
pub(super) fn copy_range(core: &Core, from: &OpenFile, to: &OpenFile, length: u64) -> Result<u64> {
    const AT_ONCE: u64 = 1 << 20;
    if !from.flags.read || !to.flags.write || to.flags.append {
        return Err(EBADF);
    }
    let mut state = core.lock();
    let tree = &mut state.tree;
    let (source, target) = (tree.node(from.ino)?, tree.node(to.ino)?);
    if source.is_dir() || target.is_dir() {
        return Err(EISDIR);
    }
    let (fs, content, present) = (source.fs, source.content()?.clone(), target.content()?.length());
    if fs != target.fs {
        return Err(EXDEV);
    }
    let (start, end) = (from.at(), to.at());
    let available = content.length().saturating_sub(start).min(length);
    if from.ino == to.ino && start < end + available && end < start + available {
        return Err(EINVAL);
    }
    if available == 0 {
        return Ok(0);
    }
    let copied = tree.change(to.ino, |target, free| {
        if (start, end, present) == (0, 0, 0) && content.allocated() <= free {
            *target = content;
            target.truncate(available);
            available
        } else {
            let mut buffer = vec![0; available.min(AT_ONCE) as usize];
            let read = content.read(start, &mut buffer);
            target.write(end, &buffer[..read], free) as u64
        }
    })?;
    if copied == 0 {
        return Err(ENOSPC);
    }
    tree.touch(to.ino)?;
    tree.accessed(from.ino);
    from.move_to(start + copied);
    to.move_to(end + copied);
    Ok(copied)
}

impl Handle for OpenFile {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.enter("os.read")?;
        Ok(self.do_read(buffer, None)?)
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
