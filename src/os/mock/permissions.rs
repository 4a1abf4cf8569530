//! Linux's permission checks by owner, group and others.

use super::errno::*;
use super::tree::Tree;
use super::tree::inode::{Ino, Inode};
use crate::os::backend::Access;

/// The credentials of a caller.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    /// Real, effective, saved.
    pub(super) uid: (u32, u32, u32),
    /// Real, effective, saved.
    pub(super) gid: (u32, u32, u32),
    pub(super) groups: Vec<u32>,
    /// For the test's own changes: modes, read-only mounts and full disks do not apply.
    pub(super) almighty: bool,
}

impl Credentials {
    pub(super) fn new(uid: u32, gid: u32) -> Credentials {
        Credentials { uid: (uid, uid, uid), gid: (gid, gid, gid), groups: vec![gid], almighty: false }
    }

    pub(super) fn almighty() -> Credentials {
        Credentials { almighty: true, ..Credentials::new(0, 0) }
    }

    pub(super) fn is_root(&self) -> bool {
        self.uid.1 == 0
    }

    pub(super) fn in_group(&self, gid: u32) -> bool {
        self.gid.1 == gid || self.groups.contains(&gid)
    }

    pub(super) fn owns(&self, inode: &Inode) -> bool {
        self.is_root() || self.uid.1 == inode.uid
    }

    /// Returns the credentials for `access(2)`, with the real ids as the effective ones.
    pub(super) fn by_real_ids(&self) -> Credentials {
        Credentials { uid: (self.uid.0, self.uid.0, self.uid.2), gid: (self.gid.0, self.gid.0, self.gid.2), ..self.clone() }
    }

    /// `EACCES` unless all requested kinds of access are granted.
    pub(super) fn may(&self, inode: &Inode, access: Access) -> Result<()> {
        // Root may read and write everything and search every directory, but executes a file only
        // if some execute bit is set.
        let granted = if self.is_root() {
            if inode.is_dir() || inode.mode & 0o111 != 0 { 0o7 } else { 0o6 }
        } else if self.uid.1 == inode.uid {
            inode.mode >> 6
        } else if self.in_group(inode.gid) {
            inode.mode >> 3
        } else {
            inode.mode
        };
        let wanted = u32::from(access.read) << 2 | u32::from(access.write) << 1 | u32::from(access.execute);
        if wanted & !granted == 0 { Ok(()) } else { Err(EACCES) }
    }
}

pub(super) const READ: Access = Access { read: true, write: false, execute: false };
pub(super) const WRITE: Access = Access { read: false, write: true, execute: false };
pub(super) const SEARCH: Access = Access { read: false, write: false, execute: true };
const CHANGE: Access = Access { read: false, write: true, execute: true };

impl Tree {
    /// `EROFS` where the inode's file system is mounted read-only.
    pub(super) fn writable(&self, ino: Ino) -> Result<()> {
        let read_only = self.fs(self.node(ino)?.fs)?.read_only;
        if read_only && !self.who.almighty { Err(EROFS) } else { Ok(()) }
    }

    /// Checks that a name may be added to this directory.
    pub(super) fn may_create(&self, dir: Ino) -> Result<()> {
        let inode = self.node(dir)?;
        if inode.directory()?.dead {
            return Err(ENOENT);
        }
        self.who.may(inode, CHANGE)
    }

    /// Checks that this name may be removed from this directory. In a sticky one, `EPERM` except
    /// for the owner.
    pub(super) fn may_delete(&self, dir: Ino, victim: Ino, as_dir: bool) -> Result<()> {
        let (inode, victim_inode) = (self.node(dir)?, self.node(victim)?);
        self.who.may(inode, CHANGE)?;
        if inode.mode & 0o1000 != 0 && !self.who.owns(victim_inode) && !self.who.owns(inode) {
            return Err(EPERM);
        }
        match (as_dir, victim_inode.is_dir()) {
            (true, false) => Err(ENOTDIR),
            (false, true) => Err(EISDIR),
            _ => Ok(()),
        }
    }
}
