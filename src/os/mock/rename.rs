//! Operations that create, move and remove names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::errno::*;
use super::handles::pipe::Pipe;
use super::lookup::{LONGEST_PATH, Last, Links};
use super::permissions::WRITE;
use super::tree::Tree;
use super::tree::content::Content;
use super::tree::inode::{Directory, Ino, Inode, Kind};
use crate::os::backend::{Access, FileType};

impl Tree {
    pub(super) fn mkdir(&mut self, at: Ino, path: &Path, mode: u32) -> Result<()> {
        let (dir, name) = self.locate(at, path, Links::Name)?.vacant(true)?;
        self.writable(dir)?;
        self.may_create(dir)?;
        let directory = Directory { entries: BTreeMap::new(), parent: dir, dead: false };
        self.create(dir, &name, Kind::Dir(directory), mode & 0o1777).map(drop)
    }

    pub(super) fn mknod(&mut self, at: Ino, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        let kind = match file_type {
            FileType::File => Kind::File(Content::default()),
            FileType::Fifo => Kind::Fifo(Pipe::default()),
            FileType::Socket => Kind::Socket,
            FileType::CharDevice => Kind::CharDevice(device),
            FileType::BlockDevice => Kind::BlockDevice(device),
            FileType::Dir => return Err(EPERM),
            FileType::Symlink => return Err(EINVAL),
        };
        let (dir, name) = self.locate(at, path, Links::Name)?.vacant(false)?;
        self.writable(dir)?;
        self.may_create(dir)?;
        if matches!(kind, Kind::CharDevice(_) | Kind::BlockDevice(_)) && !self.who.is_root() {
            return Err(EPERM);
        }
        self.create(dir, &name, kind, mode).map(drop)
    }

    pub(super) fn symlink(&mut self, at: Ino, target: &Path, path: &Path) -> Result<()> {
        let bytes = target.as_os_str().as_bytes();
        match bytes.len() {
            _ if bytes.contains(&0) => return Err(EINVAL),
            0 => return Err(ENOENT),
            length if length > LONGEST_PATH => return Err(ENAMETOOLONG),
            _ => {}
        }
        let (dir, name) = self.locate(at, path, Links::Name)?.vacant(false)?;
        self.writable(dir)?;
        self.may_create(dir)?;
        self.create(dir, &name, Kind::Symlink(target.into()), 0o777).map(drop)
    }

    pub(super) fn link(&mut self, original: &Path, path: &Path, follow: bool) -> Result<()> {
        let root = super::tree::ROOT;
        let ino = self.resolve(root, original, Links::followed(follow))?;
        let (dir, name) = self.locate(root, path, Links::Name)?.vacant(false)?;
        let inode = self.node(ino)?;
        if inode.fs != self.node(dir)?.fs {
            return Err(EXDEV);
        }
        self.writable(dir)?;
        if !self.may_be_linked(inode) {
            return Err(EPERM);
        }
        self.may_create(dir)?;
        if inode.is_dir() {
            return Err(EPERM);
        }
        self.add_link(ino)?;
        self.attach(dir, &name, ino)
    }

    /// `fs.protected_hardlinks`, which every distribution enables: a user cannot link files of
    /// others without write permission.
    fn may_be_linked(&self, inode: &Inode) -> bool {
        let read_write = Access { read: true, write: true, execute: false };
        let plain = matches!(inode.kind, Kind::File(_)) && inode.mode & 0o4000 == 0 && inode.mode & 0o2010 != 0o2010;
        self.who.owns(inode) || (plain && self.who.may(inode, read_write).is_ok())
    }

    pub(super) fn unlink(&mut self, at: Ino, path: &Path) -> Result<()> {
        let found = self.locate(at, path, Links::Name)?;
        let Last::Name(name) = found.last else { return Err(EISDIR) };
        self.writable(found.dir)?;
        let ino = found.node.ok_or(ENOENT)?;
        if found.slash {
            return Err(if self.node(ino)?.is_dir() { EISDIR } else { ENOTDIR });
        }
        self.may_delete(found.dir, ino, false)?;
        self.detach(found.dir, &name)?;
        self.drop_link(ino)
    }

    pub(super) fn rmdir(&mut self, at: Ino, path: &Path) -> Result<()> {
        let found = self.locate(at, path, Links::Name)?;
        let name = match found.last {
            Last::Name(name) => name,
            Last::Dot => return Err(EINVAL),
            Last::DotDot => return Err(ENOTEMPTY),
            Last::Root => return Err(EBUSY),
        };
        self.writable(found.dir)?;
        let ino = found.node.ok_or(ENOENT)?;
        self.may_delete(found.dir, ino, true)?;
        if self.is_mount_point(ino) {
            return Err(EBUSY);
        }
        self.fetch_names(ino)?;
        if !self.node(ino)?.directory()?.entries.is_empty() {
            return Err(ENOTEMPTY);
        }
        self.detach(found.dir, &name)?;
        self.drop_link(ino)
    }

    pub(super) fn rename(&mut self, at: Ino, from: &Path, to: &Path) -> Result<()> {
        // The kernel looks up both directories before either name.
        let (from, to) = match (self.locate(at, from, Links::Name), self.locate(at, to, Links::Name)) {
            (Err(error), Err(other)) if error == ENAMETOOLONG => return Err(other),
            (Ok(from), Err(error)) if error == ENAMETOOLONG && from.node.is_none() => return Err(ENOENT),
            (from, to) => (from?, to?),
        };
        if self.node(from.dir)?.fs != self.node(to.dir)?.fs {
            return Err(EXDEV);
        }
        let (Last::Name(from_name), Last::Name(to_name)) = (&from.last, &to.last) else { return Err(EBUSY) };
        self.writable(from.dir)?;
        let ino = from.node.ok_or(ENOENT)?;
        let is_dir = self.node(ino)?.is_dir();
        if !is_dir && (from.slash || to.slash) {
            return Err(ENOTDIR);
        }
        if self.is_within(to.dir, ino)? {
            return Err(EINVAL);
        }
        if let Some(target) = to.node
            && self.is_within(from.dir, target)?
        {
            return Err(ENOTEMPTY);
        }
        if to.node == Some(ino) {
            return Ok(()); // two names of the same file
        }
        self.may_delete(from.dir, ino, is_dir)?;
        match to.node {
            Some(target) => self.may_delete(to.dir, target, is_dir)?,
            None => self.may_create(to.dir)?,
        }
        if is_dir && from.dir != to.dir {
            self.who.may(self.node(ino)?, WRITE)?; // its `..` changes
        }
        if self.is_mount_point(ino) || to.node.is_some_and(|target| self.is_mount_point(target)) {
            return Err(EBUSY);
        }
        if let Some(target) = to.node {
            if is_dir {
                self.fetch_names(target)?;
            }
            if let Kind::Dir(directory) = &self.node(target)?.kind
                && !directory.entries.is_empty()
            {
                return Err(ENOTEMPTY);
            }
            self.detach(to.dir, to_name)?;
            self.drop_link(target)?;
        }
        self.relocate((from.dir, from_name), (to.dir, to_name))
    }

    fn relocate(&mut self, from: (Ino, &OsString), to: (Ino, &OsString)) -> Result<()> {
        let ino = self.detach(from.0, from.1)?;
        self.attach(to.0, to.1, ino)?;
        let now = self.now;
        self.node_mut(ino)?.stamp(now);
        Ok(())
    }

    /// Returns true if this directory is the other one, or inside it.
    fn is_within(&self, dir: Ino, ancestor: Ino) -> Result<bool> {
        let mut dir = dir;
        loop {
            if dir == ancestor {
                return Ok(true);
            }
            let parent = self.parent(dir)?;
            if parent == dir {
                return Ok(false);
            }
            dir = parent;
        }
    }
}
