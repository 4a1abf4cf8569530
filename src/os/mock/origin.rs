//! A tree over another machine. Paths are fetched from there on first access; changes stay here.
//!
//! A dry run uses it: the real files underneath, with the model's semantics on top. The underlying
//! machine is only read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Mock;
use super::errno::*;
use super::handles::pipe::Pipe;
use super::lookup::Links;
use super::permissions::Credentials;
use super::tree::content::Content;
use super::tree::inode::{Directory, Ino, Inode, Kind};
use super::tree::{FileSystem, ROOT, Tree};
use crate::ambient::Ambient;
use crate::error::errno::EIO;
use crate::mock::Script;
use crate::os::backend::{Backend, FileType, Handle, OpenFlags, StatResult};

/// The largest file that is copied into memory for a partial change: 256 MiB.
const LARGEST: u64 = 256 << 20;

/// The first inode number of files created here, outside the range of the underlying machine.
const MADE_HERE: u64 = 1 << 62;

/// The underlying machine, and what was fetched from it.
#[derive(Debug)]
pub(super) struct Beneath {
    base: Arc<dyn Backend>,
    origins: HashMap<Ino, Origin>,
    /// File systems by device number of the underlying machine.
    devices: HashMap<u64, usize>,
    /// Files with several names, by device and inode number of the underlying machine.
    linked: HashMap<(u64, u64), Ino>,
}

/// The origin of an inode.
#[derive(Debug)]
struct Origin {
    path: PathBuf,
    stat: StatResult,
    /// For a file: its bytes were fetched or replaced. For a directory: all its names were fetched.
    whole: bool,
    /// Whether extended attributes were fetched.
    attributes: bool,
    /// The names of a directory that were looked up, whether they exist or not.
    seen: BTreeSet<OsString>,
    /// The existing ones.
    children: BTreeMap<OsString, Ino>,
}

fn errno(error: &std::io::Error) -> Errno {
    Errno::from(crate::Errno::of(error).unwrap_or(EIO))
}

impl Tree {
    /// Lays the tree over a machine. The tree must be new.
    pub(super) fn lay_over(&mut self, base: Arc<dyn Backend>) -> Result<()> {
        let stat = base.stat(Path::new("/"), true).map_err(|error| errno(&error))?;
        self.beneath = Some(Box::new(Beneath { base, origins: HashMap::new(), devices: HashMap::new(), linked: HashMap::new() }));
        let fs = self.file_system_of(stat.st_dev, Path::new("/"), ROOT)?;
        let (mode, nlink) = (stat.st_mode & 0o7777, stat.st_nlink);
        let root = self.node_mut(ROOT)?;
        (root.fs, root.mode, root.nlink, root.uid, root.gid) = (fs, mode, nlink, stat.st_uid, stat.st_gid);
        (root.atime, root.mtime, root.ctime, root.changed) = (stat.st_atime, stat.st_mtime, stat.st_ctime, false);
        self.remember(ROOT, PathBuf::from("/"), stat);
        Ok(())
    }

    fn remember(&mut self, ino: Ino, path: PathBuf, stat: StatResult) {
        if let Some(beneath) = &mut self.beneath {
            let (whole, attributes, seen, children) = Default::default();
            beneath.origins.insert(ino, Origin { path, stat, whole, attributes, seen, children });
        }
    }

    fn origin(&self, ino: Ino) -> Option<&Origin> {
        self.beneath.as_ref()?.origins.get(&ino)
    }

    fn origin_mut(&mut self, ino: Ino) -> Option<&mut Origin> {
        self.beneath.as_mut()?.origins.get_mut(&ino)
    }

    /// Models an underlying file system: whether it is read-only, and its space.
    fn file_system_of(&mut self, device: u64, path: &Path, root: Ino) -> Result<usize> {
        let Some(beneath) = &self.beneath else { return Ok(0) };
        if let Some(known) = beneath.devices.get(&device) {
            return Ok(*known);
        }
        let limits = beneath.base.statvfs(path).ok();
        let mut fs = FileSystem::new(root);
        fs.device = Some(device);
        if let Some(limits) = limits {
            fs.read_only = limits.f_flag & 1 != 0; // ST_RDONLY
            // Some file systems (proc, overlay) report no sizes; they are never full.
            if limits.f_blocks > 0 {
                fs.blocks = limits.f_bavail.saturating_mul(limits.f_frsize.max(1)) / super::tree::content::BLOCK;
            }
            if limits.f_files > 0 {
                fs.inodes = limits.f_favail;
            }
        }
        self.file_systems.push(fs);
        let number = self.file_systems.len() - 1;
        if let Some(beneath) = &mut self.beneath {
            beneath.devices.insert(device, number);
        }
        Ok(number)
    }

    /// Fetches a name of a directory.
    pub(super) fn fetch(&mut self, dir: Ino, name: &OsStr) -> Result<()> {
        let Some(beneath) = &mut self.beneath else { return Ok(()) };
        let Some(origin) = beneath.origins.get_mut(&dir) else { return Ok(()) };
        if origin.whole || !origin.seen.insert(name.to_owned()) {
            return Ok(());
        }
        let path = origin.path.join(name);
        match beneath.base.stat(&path, false) {
            Ok(stat) => self.import(dir, name, path, stat),
            Err(error) => match errno(&error) {
                ENOENT | ENOTDIR => Ok(()),
                other => {
                    origin.seen.remove(name);
                    Err(other)
                }
            },
        }
    }

    /// Fetches all names of a directory.
    pub(super) fn fetch_names(&mut self, dir: Ino) -> Result<()> {
        let Some(origin) = self.origin(dir).filter(|origin| !origin.whole) else { return Ok(()) };
        let Some(beneath) = &self.beneath else { return Ok(()) };
        let entries = beneath.base.read_dir(&origin.path).map_err(|error| errno(&error))?;
        let names = entries.map(|entry| entry.map(|entry| entry.name)).collect::<std::io::Result<Vec<_>>>();
        for name in names.map_err(|error| errno(&error))? {
            self.fetch(dir, &name)?;
        }
        if let Some(origin) = self.origin_mut(dir) {
            origin.whole = true;
        }
        Ok(())
    }

    /// Fetches the bytes of a file.
    pub(super) fn fetch_content(&mut self, ino: Ino) -> Result<()> {
        let Some(origin) = self.origin(ino).filter(|origin| !origin.whole) else { return Ok(()) };
        if !matches!(self.node(ino)?.kind, Kind::File(_)) {
            return Ok(());
        }
        let Some(beneath) = &self.beneath else { return Ok(()) };
        let bytes = read_whole(&*beneath.base, &origin.path)?;
        let fs = self.node(ino)?.fs;
        let content = self.node_mut(ino)?.content_mut()?;
        content.truncate(0);
        content.write(0, &bytes, u64::MAX);
        let blocks = content.allocated();
        self.fs_mut(fs)?.used_blocks += blocks;
        self.content_is_here(ino);
        Ok(())
    }

    /// Marks the bytes as replaced or fetched: the underlying ones no longer matter.
    pub(super) fn content_is_here(&mut self, ino: Ino) {
        if let Some(origin) = self.origin_mut(ino) {
            origin.whole = true;
        }
    }

    /// Fetches the extended attributes of a file. An underlying file system without any has none.
    pub(super) fn fetch_attributes(&mut self, ino: Ino) -> Result<()> {
        let Some(origin) = self.origin(ino).filter(|origin| !origin.attributes) else { return Ok(()) };
        let Some(beneath) = &self.beneath else { return Ok(()) };
        let path = &origin.path;
        let names = beneath.base.listxattr(path, false).unwrap_or_default();
        let values = names.into_iter().filter_map(|name| {
            let value = beneath.base.getxattr(path, &name, false).ok()?;
            Some((name, value))
        });
        let values: BTreeMap<_, _> = values.collect();
        self.node_mut(ino)?.xattrs.extend(values);
        if let Some(origin) = self.origin_mut(ino) {
            origin.attributes = true;
        }
        Ok(())
    }

    fn import(&mut self, dir: Ino, name: &OsStr, path: PathBuf, stat: StatResult) -> Result<()> {
        let key = (stat.st_dev, stat.st_ino);
        let file_type = stat.file_type();
        let known = self.beneath.as_ref().and_then(|beneath| beneath.linked.get(&key)).copied();
        let ino = match known.filter(|_| file_type != FileType::Dir) {
            Some(ino) if self.node(ino).is_ok() => ino,
            _ => self.import_inode(dir, path, stat, file_type)?,
        };
        self.node_mut(dir)?.directory_mut()?.entries.insert(super::tree::inode::Name::new(name), ino);
        if let Some(origin) = self.origin_mut(dir) {
            origin.children.insert(name.to_owned(), ino);
        }
        Ok(())
    }

    fn import_inode(&mut self, dir: Ino, path: PathBuf, stat: StatResult, file_type: FileType) -> Result<Ino> {
        let kind = match file_type {
            FileType::File => {
                // Only the length, until the bytes are needed.
                let mut content = Content::default();
                content.truncate(stat.st_size);
                Kind::File(content)
            }
            FileType::Dir => Kind::Dir(Directory { entries: BTreeMap::new(), parent: dir, dead: false }),
            FileType::Symlink => {
                let beneath = self.beneath.as_ref().ok_or(ENOENT)?;
                Kind::Symlink(beneath.base.readlink(&path).map_err(|error| errno(&error))?.into())
            }
            FileType::Fifo => Kind::Fifo(Pipe::default()),
            FileType::Socket => Kind::Socket,
            FileType::CharDevice => Kind::CharDevice(stat.st_rdev),
            FileType::BlockDevice => Kind::BlockDevice(stat.st_rdev),
        };
        let ino = self.next_ino();
        let fs = self.file_system_of(stat.st_dev, &path, ino)?;
        self.fs_mut(fs)?.used_inodes += 1;
        let (xattrs, opens, lock) = Default::default();
        let inode = Inode {
            fs,
            kind,
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            nlink: stat.st_nlink,
            atime: stat.st_atime,
            mtime: stat.st_mtime,
            ctime: stat.st_ctime,
            changed: false,
            xattrs,
            opens,
            lock,
        };
        self.insert(ino, inode);
        if stat.st_nlink > 1
            && file_type != FileType::Dir
            && let Some(beneath) = &mut self.beneath
        {
            beneath.linked.insert((stat.st_dev, stat.st_ino), ino);
        }
        self.remember(ino, path, stat);
        Ok(ino)
    }

    /// Returns the origin if nothing was changed: bytes, names and attributes.
    fn is_as_beneath(&self, ino: Ino) -> Option<&Origin> {
        let origin = self.origin(ino)?;
        let inode = self.node(ino).ok()?;
        (!inode.changed).then_some(origin)
    }

    /// Over a machine: returns the underlying `stat` if nothing was changed; inode numbers are
    /// unique in any case.
    pub(super) fn presented(&self, ino: Ino, stat: StatResult) -> StatResult {
        let Some(_) = &self.beneath else { return stat };
        if let Some(origin) = self.is_as_beneath(ino) {
            return origin.stat;
        }
        let device = self.node(ino).and_then(|inode| self.fs(inode.fs)).ok().and_then(|fs| fs.device);
        let (st_dev, st_ino) = match self.origin(ino) {
            Some(origin) => (origin.stat.st_dev, origin.stat.st_ino),
            None => (device.unwrap_or(stat.st_dev), MADE_HERE | ino),
        };
        StatResult { st_dev, st_ino, ..stat }
    }
}

fn read_whole(base: &dyn Backend, path: &Path) -> Result<Vec<u8>> {
    let read = OpenFlags { read: true, nofollow: true, ..OpenFlags::default() };
    let handle = base.open(path, read, 0).map_err(|error| errno(&error))?;
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(1 << 16);
        if handle.read_to(&mut bytes).map_err(|error| errno(&error))? == 0 {
            return Ok(bytes);
        }
        if bytes.len() as u64 > LARGEST {
            return Err(EFBIG);
        }
    }
}

/// The change at one path.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) path: PathBuf,
    /// The previous state.
    pub(crate) before: Option<Snapshot>,
    /// The current state.
    pub(crate) after: Option<Snapshot>,
    /// The previous path, if the file was moved.
    pub(crate) moved_from: Option<PathBuf>,
    /// The other path, if it is another name of this file.
    pub(crate) linked_to: Option<PathBuf>,
    /// The number of files and directories removed with it, for a whole tree.
    pub(crate) entries: usize,
}

/// The state of a file at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) file_type: FileType,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) size: u64,
    pub(crate) mtime: std::time::SystemTime,
    pub(crate) bytes: Bytes,
    pub(crate) xattrs: BTreeMap<OsString, Vec<u8>>,
}

/// The contents of a file: a link's target, or the location of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bytes {
    /// A kind of file without contents.
    None,
    /// The bytes of this underlying file.
    Beneath(PathBuf),
    /// These bytes.
    Here(Vec<u8>),
    /// A symbolic link's target.
    Target(PathBuf),
}

impl Tree {
    fn snapshot(&self, ino: Ino) -> Option<Snapshot> {
        let inode = self.node(ino).ok()?;
        let (size, bytes) = match &inode.kind {
            Kind::File(content) => match self.origin(ino).filter(|origin| !origin.whole) {
                Some(origin) => (content.length(), Bytes::Beneath(origin.path.clone())),
                None => {
                    let mut bytes = vec![0; usize::try_from(content.length().min(LARGEST)).unwrap_or(0)];
                    content.read(0, &mut bytes);
                    (content.length(), Bytes::Here(bytes))
                }
            },
            Kind::Symlink(target) => (0, Bytes::Target(target.to_path_buf())),
            _ => (0, Bytes::None),
        };
        let Inode { mode, uid, gid, mtime, ref xattrs, .. } = *inode;
        Some(Snapshot { file_type: inode.file_type(), mode, uid, gid, size, mtime, bytes, xattrs: xattrs.clone() })
    }

    fn snapshot_beneath(&self, ino: Ino) -> Option<Snapshot> {
        let origin = self.origin(ino)?;
        let stat = &origin.stat;
        let beneath = self.beneath.as_ref()?;
        let bytes = match stat.file_type() {
            FileType::File => Bytes::Beneath(origin.path.clone()),
            FileType::Symlink => Bytes::Target(beneath.base.readlink(&origin.path).ok()?),
            _ => Bytes::None,
        };
        let xattrs = if origin.attributes {
            let names = beneath.base.listxattr(&origin.path, false).unwrap_or_default();
            let value = |name: OsString| Some((name.clone(), beneath.base.getxattr(&origin.path, &name, false).ok()?));
            names.into_iter().filter_map(value).collect()
        } else {
            BTreeMap::new()
        };
        Some(Snapshot {
            file_type: stat.file_type(),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: if bytes == Bytes::None || matches!(bytes, Bytes::Target(_)) { 0 } else { stat.st_size },
            mtime: stat.st_mtime,
            bytes,
            xattrs,
        })
    }

    /// Returns the changes at all paths.
    fn changes(&self) -> Vec<Change> {
        let mut here = HashMap::new();
        self.places(ROOT, &PathBuf::from("/"), &mut here);
        let mut changes = Vec::new();
        self.compare(ROOT, &PathBuf::from("/"), &here, &mut changes);
        changes
    }

    /// Returns where each inode of the underlying machine is now.
    fn places(&self, dir: Ino, path: &Path, here: &mut HashMap<Ino, Vec<PathBuf>>) {
        let Ok(directory) = self.node(dir).and_then(Inode::directory) else { return };
        for (name, ino) in &directory.entries {
            let path = path.join(&name.name);
            if self.origin(*ino).is_some() {
                here.entry(*ino).or_default().push(path.clone());
            }
            self.places(*ino, &path, here);
        }
    }

    fn compare(&self, dir: Ino, path: &Path, here: &HashMap<Ino, Vec<PathBuf>>, changes: &mut Vec<Change>) {
        let Ok(directory) = self.node(dir).and_then(Inode::directory) else { return };
        let was = self.origin(dir).map(|origin| &origin.children);
        for (name, ino) in &directory.entries {
            let path = path.join(&name.name);
            let before = was.and_then(|was| was.get(&name.name)).copied();
            if before == Some(*ino) {
                if self.is_as_beneath(*ino).is_none() {
                    let (before, after) = (self.snapshot_beneath(*ino), self.snapshot(*ino));
                    // A directory whose names changed has a new time, which the changes of its
                    // names already imply.
                    let same = |before: &Option<Snapshot>, after: &Option<Snapshot>| {
                        let timeless =
                            |of: &Option<Snapshot>| of.clone().map(|of| Snapshot { mtime: std::time::UNIX_EPOCH, ..of });
                        timeless(before) == timeless(after)
                    };
                    let is_dir = self.node(*ino).is_ok_and(Inode::is_dir);
                    if !(is_dir && same(&before, &after)) && before != after {
                        changes.push(Change { path: path.clone(), before, after, moved_from: None, linked_to: None, entries: 1 });
                    }
                }
            } else {
                let origin = self.origin(*ino);
                let still = origin.is_some_and(|origin| here.get(ino).is_some_and(|paths| paths.contains(&origin.path)));
                changes.push(Change {
                    path: path.clone(),
                    before: before.and_then(|before| self.snapshot_beneath(before)),
                    after: self.snapshot(*ino),
                    moved_from: origin.filter(|_| !still).map(|origin| origin.path.clone()),
                    linked_to: origin.filter(|_| still).map(|origin| origin.path.clone()),
                    entries: 1,
                });
            }
            self.compare(*ino, &path, here, changes);
        }
        for (name, ino) in was.into_iter().flatten() {
            let gone = !directory.entries.contains_key(&super::tree::inode::Name::new(name));
            // A moved file is reported at its new path.
            if gone && !here.contains_key(ino) {
                changes.push(Change {
                    path: path.join(name),
                    before: self.snapshot_beneath(*ino),
                    after: None,
                    moved_from: None,
                    linked_to: None,
                    entries: self.entries_beneath(*ino),
                });
            }
        }
    }

    fn entries_beneath(&self, ino: Ino) -> usize {
        let children = self.origin(ino).map(|origin| origin.children.values());
        1 + children.into_iter().flatten().map(|child| self.entries_beneath(*child)).sum::<usize>()
    }
}

impl Mock {
    /// Creates a machine in memory over another one, which is only read. `who` are the real,
    /// effective and saved ids.
    pub(crate) fn over(base: Arc<dyn Backend>, ambient: Ambient, script: Script) -> std::io::Result<Mock> {
        let mock = Mock::bare(script, ambient);
        {
            let mut state = mock.core.lock();
            let (uid, gid) = (base.getresuid(), base.getresgid());
            let groups = base.getgroups()?;
            state.tree.who = Arc::new(Credentials { uid, gid, groups, almighty: false });
            state.tree.umask = base.current_umask();
            state.tree.lay_over(base)?;
        }
        Ok(mock)
    }

    /// Returns the underlying file of this path if nothing was changed, so that it can be read
    /// there.
    pub(crate) fn unchanged_file(&self, path: &Path, follow: bool) -> Option<PathBuf> {
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow)).ok()?;
        let origin = state.tree.is_as_beneath(ino).filter(|origin| !origin.whole)?;
        (origin.stat.file_type() == FileType::File).then(|| origin.path.clone())
    }

    /// Returns the underlying directory of this path if neither its names nor its attributes were
    /// changed.
    pub(crate) fn unchanged_dir(&self, path: &Path, follow: bool) -> Option<PathBuf> {
        let mut state = self.core.lock();
        let ino = state.tree.resolve(ROOT, path, Links::followed(follow)).ok()?;
        let origin = state.tree.is_as_beneath(ino)?;
        (origin.stat.file_type() == FileType::Dir).then(|| origin.path.clone())
    }

    /// Returns a path with links resolved, as far as it exists.
    pub(crate) fn canonical(&self, path: &Path) -> PathBuf {
        let mut state = self.core.lock();
        let tree = &mut state.tree;
        let Ok(found) = tree.locate(ROOT, path, Links::Name) else { return path.to_owned() };
        let mut names = Vec::new();
        let mut dir = found.dir;
        while let Ok(parent) = tree.parent(dir)
            && parent != dir
        {
            let name =
                tree.node(parent).and_then(Inode::directory).ok().and_then(|directory| {
                    directory.entries.iter().find(|(_, ino)| **ino == dir).map(|(name, _)| name.name.clone())
                });
            let Some(name) = name else { return path.to_owned() };
            names.push(name);
            dir = parent;
        }
        let mut canonical = PathBuf::from("/");
        canonical.extend(names.into_iter().rev());
        if let super::lookup::Last::Name(name) = found.last {
            canonical.push(name);
        }
        canonical
    }

    /// Returns the changes at all paths.
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.core.lock().tree.changes()
    }

    /// Returns true if an open file belongs to this machine.
    pub(crate) fn owns(handle: &dyn Handle) -> bool {
        (handle as &dyn std::any::Any).is::<super::handles::OpenFile>()
    }
}
