//! The inodes, and their names.

pub(super) mod content;
pub(super) mod inode;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use self::content::{BLOCK, Content};
use self::inode::{Directory, Ino, Inode, Kind, Name};
use super::errno::*;
use super::permissions::Credentials;
use crate::os::backend::StatResult;

/// The root directory of the whole tree.
pub(super) const ROOT: Ino = 2;

/// ext4's limit for hard links.
const MOST_LINKS: u64 = 65_000;

/// A mounted file system.
#[derive(Debug)]
pub(super) struct FileSystem {
    /// The device number on the underlying machine.
    pub(super) device: Option<u64>,
    pub(super) root: Ino,
    /// The directory that it covers.
    pub(super) mounted_on: Option<Ino>,
    pub(super) read_only: bool,
    /// The total number of blocks, and the used ones.
    pub(super) blocks: u64,
    pub(super) used_blocks: u64,
    /// The total number of inodes, and the used ones.
    pub(super) inodes: u64,
    pub(super) used_inodes: u64,
}

impl FileSystem {
    pub(super) fn new(root: Ino) -> FileSystem {
        FileSystem {
            device: None,
            root,
            mounted_on: None,
            read_only: false,
            blocks: (1 << 40) / BLOCK,
            used_blocks: 0,
            inodes: 1 << 26,
            used_inodes: 0,
        }
    }
}

/// The whole tree, and the current credentials.
#[derive(Debug)]
pub(super) struct Tree {
    inodes: HashMap<Ino, Inode>,
    next: Ino,
    pub(super) file_systems: Vec<FileSystem>,
    /// Covered directories, and the roots of the file systems on them.
    mounts: HashMap<Ino, Ino>,
    /// The underlying machine of this tree.
    pub(super) beneath: Option<Box<super::origin::Beneath>>,
    pub(super) who: Arc<Credentials>,
    pub(super) umask: u32,
    /// The world's time at this call.
    pub(super) now: SystemTime,
}

impl Tree {
    pub(super) fn new(now: SystemTime) -> Tree {
        let mut tree = Tree {
            inodes: HashMap::new(),
            next: ROOT,
            file_systems: Vec::new(),
            mounts: HashMap::new(),
            beneath: None,
            who: Arc::new(Credentials::new(0, 0)),
            umask: 0o022,
            now,
        };
        tree.new_file_system();
        tree
    }

    /// Creates an unmounted file system with an empty root directory.
    fn new_file_system(&mut self) -> Ino {
        let (root, fs) = (self.next, self.file_systems.len());
        self.next += 1;
        self.file_systems.push(FileSystem { used_inodes: 1, ..FileSystem::new(root) });
        let directory = Directory { entries: BTreeMap::new(), parent: root, dead: false };
        self.inodes.insert(root, self.inode(fs, Kind::Dir(directory), 0o755, 0, 0));
        root
    }

    /// Mounts a new, empty file system on a directory.
    pub(super) fn mount(&mut self, over: Ino) -> Result<usize> {
        self.node(over)?.directory()?;
        let root = self.new_file_system();
        self.mounts.insert(over, root);
        let fs = self.file_systems.len() - 1;
        self.fs_mut(fs)?.mounted_on = Some(over);
        self.node_mut(over)?.opens += 1; // it cannot be removed while it is covered
        Ok(fs)
    }

    pub(super) fn is_mount_point(&self, ino: Ino) -> bool {
        self.mounts.contains_key(&ino) || self.file_systems.iter().any(|fs| fs.root == ino)
    }

    /// Returns a new inode number.
    pub(super) fn next_ino(&mut self) -> Ino {
        let ino = self.next;
        self.next += 1;
        ino
    }

    pub(super) fn insert(&mut self, ino: Ino, inode: Inode) {
        self.inodes.insert(ino, inode);
    }

    /// Returns the root of the file system mounted here, or the inode itself.
    pub(super) fn top(&self, ino: Ino) -> Ino {
        let mut ino = ino;
        while let Some(root) = self.mounts.get(&ino) {
            ino = *root;
        }
        ino
    }

    /// Returns `..`, also across a mount point.
    pub(super) fn parent(&self, dir: Ino) -> Result<Ino> {
        let mut dir = dir;
        loop {
            let inode = self.node(dir)?;
            let fs = self.fs(inode.fs)?;
            match fs.mounted_on {
                Some(covered) if fs.root == dir => dir = covered,
                _ => return Ok(self.top(inode.directory()?.parent)),
            }
        }
    }

    pub(super) fn node(&self, ino: Ino) -> Result<&Inode> {
        self.inodes.get(&ino).ok_or(ENOENT)
    }

    pub(super) fn node_mut(&mut self, ino: Ino) -> Result<&mut Inode> {
        self.inodes.get_mut(&ino).ok_or(ENOENT)
    }

    pub(super) fn fs(&self, fs: usize) -> Result<&FileSystem> {
        self.file_systems.get(fs).ok_or(ENOENT)
    }

    pub(super) fn fs_mut(&mut self, fs: usize) -> Result<&mut FileSystem> {
        self.file_systems.get_mut(fs).ok_or(ENOENT)
    }

    /// Returns the inode with this name in a directory.
    pub(super) fn entry(&mut self, dir: Ino, name: &OsStr) -> Result<Option<Ino>> {
        self.fetch(dir, name)?;
        Ok(self.node(dir)?.directory()?.entries.get(&Name::new(name)).copied())
    }

    /// Creates an inode of this user with this name. The caller checks the permission.
    pub(super) fn create(&mut self, dir: Ino, name: &OsStr, kind: Kind, mode: u32) -> Result<Ino> {
        let parent = self.node(dir)?;
        let (fs, parent_mode, parent_gid) = (parent.fs, parent.mode, parent.gid);
        let almighty = self.who.almighty;
        let file_system = self.fs_mut(fs)?;
        if file_system.used_inodes >= file_system.inodes && !almighty {
            return Err(ENOSPC);
        }
        file_system.used_inodes += 1;
        let is_dir = matches!(kind, Kind::Dir(_));
        let mut mode = if matches!(kind, Kind::Symlink(_)) { 0o777 } else { mode & 0o7777 & !self.umask };
        // A directory with the set-group-id bit passes its group on, and the bit to subdirectories.
        let inherits = parent_mode & 0o2000 != 0;
        let gid = if inherits { parent_gid } else { self.who.gid.1 };
        if inherits && is_dir {
            mode |= 0o2000;
        }
        let inode = self.inode(fs, kind, mode, self.who.uid.1, gid);
        let ino = self.next;
        self.next += 1;
        self.inodes.insert(ino, inode);
        self.attach(dir, name, ino)?;
        Ok(ino)
    }

    fn inode(&self, fs: usize, kind: Kind, mode: u32, uid: u32, gid: u32) -> Inode {
        let nlink = if matches!(kind, Kind::Dir(_)) { 2 } else { 1 };
        let now = self.now;
        let (xattrs, opens, lock) = Default::default();
        Inode { fs, kind, mode, uid, gid, nlink, atime: now, mtime: now, ctime: now, changed: true, xattrs, opens, lock }
    }

    /// Adds a name to a directory. The caller handles a previous inode of that name.
    pub(super) fn attach(&mut self, dir: Ino, name: &OsStr, ino: Ino) -> Result<()> {
        let now = self.now;
        if let Kind::Dir(child) = &mut self.node_mut(ino)?.kind {
            child.parent = dir;
            self.node_mut(dir)?.nlink += 1;
        }
        let parent = self.node_mut(dir)?;
        parent.mtime = now;
        parent.stamp(now);
        parent.directory_mut()?.entries.insert(Name::new(name), ino);
        Ok(())
    }

    /// Removes a name from a directory, without changing the inode.
    pub(super) fn detach(&mut self, dir: Ino, name: &OsStr) -> Result<Ino> {
        let now = self.now;
        let parent = self.node_mut(dir)?;
        let ino = parent.directory_mut()?.entries.remove(&Name::new(name)).ok_or(ENOENT)?;
        parent.mtime = now;
        parent.stamp(now);
        if self.node(ino)?.is_dir() {
            self.node_mut(dir)?.nlink -= 1;
        }
        Ok(ino)
    }

    /// Counts another name for a file.
    pub(super) fn add_link(&mut self, ino: Ino) -> Result<()> {
        let now = self.now;
        let inode = self.node_mut(ino)?;
        if inode.nlink >= MOST_LINKS {
            return Err(EMLINK);
        }
        inode.nlink += 1;
        inode.stamp(now);
        Ok(())
    }

    /// Counts one name less: a file without names and open handles is removed.
    pub(super) fn drop_link(&mut self, ino: Ino) -> Result<()> {
        let now = self.now;
        let inode = self.node_mut(ino)?;
        inode.stamp(now);
        if let Kind::Dir(directory) = &mut inode.kind {
            directory.dead = true;
            inode.nlink = 0;
        } else {
            inode.nlink = inode.nlink.saturating_sub(1);
        }
        self.collect(ino);
        Ok(())
    }

    pub(super) fn open(&mut self, ino: Ino) -> Result<()> {
        self.node_mut(ino)?.opens += 1;
        Ok(())
    }

    pub(super) fn close(&mut self, ino: Ino) {
        if let Ok(inode) = self.node_mut(ino) {
            inode.opens = inode.opens.saturating_sub(1);
        }
        self.collect(ino);
    }

    fn collect(&mut self, ino: Ino) {
        let unused = self.node(ino).is_ok_and(|inode| inode.nlink == 0 && inode.opens == 0);
        if let Some(inode) = unused.then(|| self.inodes.remove(&ino)).flatten()
            && let Ok(fs) = self.fs_mut(inode.fs)
        {
            fs.used_inodes -= 1;
            if let Kind::File(content) = &inode.kind {
                fs.used_blocks -= content.allocated();
            }
        }
    }

    /// Changes a file's bytes, and updates the used space. `change` gets the number of free blocks.
    pub(super) fn change<T>(&mut self, ino: Ino, change: impl FnOnce(&mut Content, u64) -> T) -> Result<T> {
        let fs = self.node(ino)?.fs;
        let file_system = self.fs(fs)?;
        let free = if self.who.almighty { u64::MAX } else { file_system.blocks.saturating_sub(file_system.used_blocks) };
        let content = self.node_mut(ino)?.content_mut()?;
        let before = content.allocated();
        let result = change(content, free);
        let after = content.allocated();
        let file_system = self.fs_mut(fs)?;
        file_system.used_blocks = file_system.used_blocks - before + after;
        Ok(result)
    }

    /// Records a change of the contents: updates both times, and clears set-id bits unless root
    /// wrote.
    pub(super) fn touch(&mut self, ino: Ino) -> Result<()> {
        let (now, root) = (self.now, self.who.is_root());
        let inode = self.node_mut(ino)?;
        inode.mtime = now;
        inode.stamp(now);
        if !root {
            inode.drop_set_id();
        }
        Ok(())
    }

    /// Records a read. As with `relatime`, the time is updated if it is older than the last change,
    /// or than a day.
    pub(super) fn accessed(&mut self, ino: Ino) {
        let now = self.now;
        let read_only = self.node(ino).and_then(|inode| self.fs(inode.fs)).is_ok_and(|fs| fs.read_only);
        if let Ok(inode) = self.node_mut(ino)
            && !read_only
        {
            let day_old = now.duration_since(inode.atime).is_ok_and(|age| age >= Duration::from_secs(86_400));
            if inode.atime <= inode.mtime || inode.atime <= inode.ctime || day_old {
                inode.atime = now;
            }
        }
    }

    pub(super) fn stat_of(&self, ino: Ino) -> Result<StatResult> {
        let inode = self.node(ino)?;
        let (st_size, st_blocks) = match &inode.kind {
            Kind::File(content) => (content.length(), content.allocated() * (BLOCK / 512)),
            Kind::Dir(_) => (BLOCK, BLOCK / 512),
            Kind::Symlink(target) => (target.as_os_str().len() as u64, 0),
            _ => (0, 0),
        };
        let file_type = inode.file_type();
        let mut stat = StatResult::empty(file_type);
        stat.st_mode |= inode.mode;
        stat.st_ino = ino;
        stat.st_dev = inode.fs as u64 + 1;
        (stat.st_nlink, stat.st_uid, stat.st_gid) = (inode.nlink, inode.uid, inode.gid);
        (stat.st_size, stat.st_blocks, stat.st_blksize) = (st_size, st_blocks, BLOCK);
        (stat.st_atime, stat.st_mtime, stat.st_ctime) = (inode.atime, inode.mtime, inode.ctime);
        if let Kind::CharDevice(device) | Kind::BlockDevice(device) = inode.kind {
            stat.st_rdev = device;
        }
        Ok(self.presented(ino, stat))
    }
}
