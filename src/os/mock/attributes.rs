//! The attributes of a file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::errno::*;
use super::lookup::{LONGEST_NAME, Links};
use super::permissions::{READ, WRITE};
use super::tree::content::{BLOCK, LONGEST};
use super::tree::inode::{Ino, Kind};
use super::tree::{ROOT, Tree};
use crate::os::backend::{Access, FileTime, StatVfsResult, Times, XattrFlags};

const LONGEST_XATTR: usize = 65_536;

/// `ST_RDONLY` and `ST_RELATIME`.
const READ_ONLY: u64 = 1;
const RELATIME: u64 = 4096;

impl Tree {
    pub(super) fn access(&mut self, path: &Path, access: Access, effective: bool, follow: bool) -> bool {
        let who = self.who.clone();
        if !effective {
            self.who = Arc::new(who.by_real_ids());
        }
        let answer = self.resolve(ROOT, path, Links::followed(follow)).and_then(|ino| {
            if access.write
                && !matches!(self.node(ino)?.kind, Kind::Fifo(_) | Kind::Socket | Kind::CharDevice(_) | Kind::BlockDevice(_))
            {
                self.writable(ino)?;
            }
            self.who.may(self.node(ino)?, access)
        });
        self.who = who;
        answer.is_ok()
    }

    pub(super) fn readlink(&mut self, at: Ino, path: &Path) -> Result<Arc<Path>> {
        let ino = self.resolve(at, path, Links::NoFollow)?;
        let Kind::Symlink(target) = &self.node(ino)?.kind else { return Err(EINVAL) };
        let target = target.clone();
        self.accessed(ino);
        Ok(target)
    }

    pub(super) fn chmod(&mut self, ino: Ino, mode: u32) -> Result<()> {
        self.writable(ino)?;
        let (who, now) = (self.who.clone(), self.now);
        let inode = self.node_mut(ino)?;
        if matches!(inode.kind, Kind::Symlink(_)) {
            return Err(EOPNOTSUPP);
        }
        if !who.owns(inode) {
            return Err(EPERM);
        }
        inode.mode = mode & 0o7777;
        if !who.is_root() && !who.in_group(inode.gid) {
            inode.mode &= !0o2000;
        }
        inode.stamp(now);
        Ok(())
    }

    pub(super) fn chown(&mut self, ino: Ino, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        self.writable(ino)?;
        if [uid, gid].contains(&Some(u32::MAX)) {
            return Err(EINVAL);
        }
        let (who, now) = (self.who.clone(), self.now);
        let inode = self.node_mut(ino)?;
        let own = who.uid.1 == inode.uid;
        let keeps = uid.is_none_or(|uid| own && uid == inode.uid);
        let joins = gid.is_none_or(|gid| own && (gid == inode.gid || who.in_group(gid)));
        let allowed = who.is_root() || (keeps && joins);
        if !allowed {
            return Err(EPERM);
        }
        inode.uid = uid.unwrap_or(inode.uid);
        inode.gid = gid.unwrap_or(inode.gid);
        inode.drop_set_id();
        inode.stamp(now);
        Ok(())
    }

    pub(super) fn utime(&mut self, ino: Ino, times: Times) -> Result<()> {
        self.writable(ino)?;
        let now = self.now;
        let inode = self.node(ino)?;
        if !self.who.owns(inode) {
            // With write permission, only the current time may be set.
            let touch = times.atime == Some(FileTime::Now) && times.mtime == Some(FileTime::Now);
            if touch { self.who.may(inode, WRITE)? } else { return Err(EPERM) }
        }
        let inode = self.node_mut(ino)?;
        let at = |time: FileTime| if let FileTime::At(time) = time { time } else { now };
        inode.atime = times.atime.map_or(inode.atime, at);
        inode.mtime = times.mtime.map_or(inode.mtime, at);
        inode.stamp(now);
        Ok(())
    }

    /// Sets the length of a file, after the checks.
    pub(super) fn set_length(&mut self, ino: Ino, length: u64) -> Result<()> {
        if i64::try_from(length).is_err() {
            return Err(EINVAL);
        }
        if length > LONGEST {
            return Err(EFBIG);
        }
        if length == 0 {
            self.content_is_here(ino);
        } else {
            self.fetch_content(ino)?;
        }
        self.change(ino, |content, _| content.truncate(length))?;
        self.touch(ino) // even if the length is unchanged
    }

    pub(super) fn truncate(&mut self, path: &Path, length: u64) -> Result<()> {
        if i64::try_from(length).is_err() {
            return Err(EINVAL);
        }
        let ino = self.resolve(ROOT, path, Links::Follow)?;
        match self.node(ino)?.kind {
            Kind::File(_) => {}
            Kind::Dir(_) => return Err(EISDIR),
            _ => return Err(EINVAL),
        }
        self.writable(ino)?;
        self.who.may(self.node(ino)?, WRITE)?;
        self.set_length(ino, length)
    }

    pub(super) fn statvfs(&mut self, path: &Path) -> Result<StatVfsResult> {
        let ino = self.resolve(ROOT, path, Links::Follow)?;
        self.statvfs_of(ino)
    }

    pub(super) fn statvfs_of(&mut self, ino: Ino) -> Result<StatVfsResult> {
        let number = self.node(ino)?.fs;
        let fs = self.fs(number)?;
        let free = fs.blocks.saturating_sub(fs.used_blocks);
        let free_inodes = fs.inodes.saturating_sub(fs.used_inodes);
        Ok(StatVfsResult {
            f_bsize: BLOCK,
            f_frsize: BLOCK,
            f_blocks: fs.blocks,
            f_bfree: free,
            f_bavail: free,
            f_files: fs.inodes,
            f_ffree: free_inodes,
            f_favail: free_inodes,
            f_flag: RELATIME | if fs.read_only { READ_ONLY } else { 0 },
            f_namemax: LONGEST_NAME as u64,
            f_fsid: number as u64 + 1,
        })
    }

    /// glibc's numbers of `pathconf`.
    pub(super) fn pathconf(&mut self, path: &Path, name: i32) -> Result<Option<i64>> {
        self.resolve(ROOT, path, Links::Follow)?;
        Ok(match name {
            0 => Some(65_000),                  // PC_LINK_MAX
            1 | 2 => Some(255),                 // PC_MAX_CANON, PC_MAX_INPUT
            3 => Some(LONGEST_NAME as i64),     // PC_NAME_MAX
            4 => Some(LONGEST_PATH_WITH_END),   // PC_PATH_MAX
            5 => Some(4096),                    // PC_PIPE_BUF
            6 | 7 => Some(1),                   // PC_CHOWN_RESTRICTED, PC_NO_TRUNC
            8 => Some(0),                       // PC_VDISABLE
            9 | 11 | 12 | 14 | 15 | 19 => None, // PC_SYNC_IO, PC_PRIO_IO, PC_SOCK_MAXBUF, PC_REC_*, PC_SYMLINK_MAX
            13 => Some(64),                     // PC_FILESIZEBITS
            16..=18 => Some(BLOCK as i64),      // PC_REC_MIN_XFER_SIZE, PC_REC_XFER_ALIGN, PC_ALLOC_SIZE_MIN
            20 => Some(1),                      // PC_2_SYMLINKS
            _ => return Err(EINVAL),
        })
    }

    pub(super) fn getxattr(&mut self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>> {
        let ino = self.resolve(ROOT, path, Links::followed(follow))?;
        self.fetch_attributes(ino)?;
        self.may_xattr(ino, name, READ)?;
        self.node(ino)?.xattrs.get(name).cloned().ok_or(ENODATA)
    }

    pub(super) fn setxattr(&mut self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()> {
        if value.len() > LONGEST_XATTR {
            return Err(E2BIG);
        }
        let ino = self.resolve(ROOT, path, Links::followed(follow))?;
        self.writable(ino)?;
        self.may_xattr(ino, name, WRITE)?;
        self.fetch_attributes(ino)?;
        let now = self.now;
        let inode = self.node_mut(ino)?;
        match (inode.xattrs.contains_key(name), flags) {
            (true, XattrFlags::Create) => return Err(EEXIST),
            (false, XattrFlags::Replace) => return Err(ENODATA),
            _ => {}
        }
        inode.xattrs.insert(name.to_owned(), value.to_owned());
        inode.stamp(now);
        Ok(())
    }

    pub(super) fn removexattr(&mut self, path: &Path, name: &OsStr, follow: bool) -> Result<()> {
        let ino = self.resolve(ROOT, path, Links::followed(follow))?;
        self.writable(ino)?;
        self.may_xattr(ino, name, WRITE)?;
        self.fetch_attributes(ino)?;
        let now = self.now;
        let inode = self.node_mut(ino)?;
        inode.xattrs.remove(name).ok_or(ENODATA)?;
        inode.stamp(now);
        Ok(())
    }

    pub(super) fn listxattr(&mut self, path: &Path, follow: bool) -> Result<Vec<OsString>> {
        let ino = self.resolve(ROOT, path, Links::followed(follow))?;
        self.fetch_attributes(ino)?;
        let root = self.who.is_root();
        let names = self.node(ino)?.xattrs.keys();
        Ok(names.filter(|name| root || !name.as_bytes().starts_with(b"trusted.")).cloned().collect())
    }

    /// The rules for namespaces.
    fn may_xattr(&self, ino: Ino, name: &OsStr, access: Access) -> Result<()> {
        let bytes = name.as_bytes();
        let inode = self.node(ino)?;
        let denied = if access.write { EPERM } else { ENODATA };
        if bytes.contains(&0) {
            return Err(EINVAL);
        }
        if bytes.is_empty() || bytes.len() > LONGEST_NAME {
            return Err(ERANGE);
        }
        if let Some(rest) = bytes.strip_prefix(b"user.") {
            let foreign_sticky = inode.is_dir() && inode.mode & 0o1000 != 0 && !self.who.owns(inode);
            if !matches!(inode.kind, Kind::File(_) | Kind::Dir(_)) || (access.write && foreign_sticky) {
                return Err(denied);
            }
            self.who.may(inode, access)?;
            return if rest.is_empty() { Err(EINVAL) } else { Ok(()) };
        }
        if bytes.starts_with(b"trusted.") {
            return if self.who.is_root() { Ok(()) } else { Err(denied) };
        }
        if bytes.starts_with(b"security.") {
            return if self.who.is_root() || access.read { Ok(()) } else { Err(EPERM) };
        }
        Err(EOPNOTSUPP)
    }
}

/// `PATH_MAX` counts the byte that ends a path in C.
const LONGEST_PATH_WITH_END: i64 = super::lookup::LONGEST_PATH as i64 + 1;
