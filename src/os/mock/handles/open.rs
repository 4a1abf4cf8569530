//! Opening files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::OpenFile;
use super::pipe::Pipe;
use crate::os::backend::{Access, OpenFlags};
use crate::os::mock::errno::*;
use crate::os::mock::lookup::{Last, Links};
use crate::os::mock::tree::Tree;
use crate::os::mock::tree::content::Content;
use crate::os::mock::tree::inode::{Ino, Kind};
use crate::os::mock::{Core, State};

/// The existing devices, `/dev/null` and others, by their numbers.
pub(super) const NULL: u64 = 0x103;
pub(super) const ZERO: u64 = 0x105;
pub(super) const FULL: u64 = 0x107;
pub(super) const RANDOM: u64 = 0x108;
pub(super) const URANDOM: u64 = 0x109;
pub(in crate::os::mock) const DEVICES: [(&str, u64); 5] =
    [("/dev/null", NULL), ("/dev/zero", ZERO), ("/dev/full", FULL), ("/dev/random", RANDOM), ("/dev/urandom", URANDOM)];

impl Tree {
    /// Finds or creates the file to open, and checks the access.
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
            Kind::File(_) => self.fetch_content(ino)?,
            _ => {}
        }
        Ok(ino)
    }

    pub(in crate::os::mock) fn pipe(&mut self, ino: Ino) -> Result<&mut Pipe> {
        if let Kind::Fifo(pipe) = &mut self.node_mut(ino)?.kind { Ok(pipe) } else { Err(EINVAL) }
    }
}

/// Opens a file, and waits for the other end of a named pipe.
pub(in crate::os::mock) fn open(
    core: &Arc<Core>,
    at: Ino,
    path: &Path,
    flags: OpenFlags,
    mode: u32,
    label: PathBuf,
) -> Result<OpenFile> {
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
