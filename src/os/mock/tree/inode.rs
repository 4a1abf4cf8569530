//! Files of every kind.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::content::Content;
use crate::os::backend::FileType;
use crate::os::mock::errno::*;
use crate::os::mock::handles::locks::Lock;
use crate::os::mock::handles::pipe::Pipe;

/// The number of an inode, unique in the whole machine.
pub(in crate::os::mock) type Ino = u64;

/// A file of any kind.
#[derive(Debug)]
pub(in crate::os::mock) struct Inode {
    /// Which of [`Tree::file_systems`] it is on.
    pub(in crate::os::mock) fs: usize,
    pub(in crate::os::mock) kind: Kind,
    /// The permission bits alone.
    pub(in crate::os::mock) mode: u32,
    pub(in crate::os::mock) uid: u32,
    pub(in crate::os::mock) gid: u32,
    pub(in crate::os::mock) nlink: u64,
    pub(in crate::os::mock) atime: SystemTime,
    pub(in crate::os::mock) mtime: SystemTime,
    pub(in crate::os::mock) ctime: SystemTime,
    /// Whether it differs from the underlying machine, if it came from one.
    pub(in crate::os::mock) changed: bool,
    pub(in crate::os::mock) xattrs: BTreeMap<OsString, Vec<u8>>,
    /// The number of open handles: while there are any, the file exists without a name.
    pub(in crate::os::mock) opens: usize,
    pub(in crate::os::mock) lock: Lock,
}

#[derive(Debug)]
pub(in crate::os::mock) enum Kind {
    File(Content),
    Dir(Directory),
    Symlink(Arc<Path>),
    Fifo(Pipe),
    Socket,
    CharDevice(u64),
    BlockDevice(u64),
}

#[derive(Debug)]
pub(in crate::os::mock) struct Directory {
    pub(in crate::os::mock) entries: BTreeMap<Name, Ino>,
    pub(in crate::os::mock) parent: Ino,
    /// Removed but still open: no entry can be created in it.
    pub(in crate::os::mock) dead: bool,
}

/// A name in a directory, ordered by its hash: as on ext4, the order of a listing is reproducible
/// and meaningless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::os::mock) struct Name {
    hash: u64,
    pub(in crate::os::mock) name: OsString,
}

impl Name {
    pub(in crate::os::mock) fn new(name: &OsStr) -> Name {
        // FNV-1a with an additional mix, so that names that differ in the last letter are not
        // adjacent.
        let fnv = name
            .as_bytes()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Name { hash: (fnv ^ (fnv >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15), name: name.to_owned() }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Inode {
    /// Records a change of the contents or of the attributes.
    pub(in crate::os::mock) fn stamp(&mut self, now: SystemTime) {
        self.ctime = now;
        self.changed = true;
    }

    pub(in crate::os::mock) fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Dir(_))
    }

    pub(in crate::os::mock) fn file_type(&self) -> FileType {
        match self.kind {
            Kind::File(_) => FileType::File,
            Kind::Dir(_) => FileType::Dir,
            Kind::Symlink(_) => FileType::Symlink,
            Kind::Fifo(_) => FileType::Fifo,
            Kind::Socket => FileType::Socket,
            Kind::CharDevice(_) => FileType::CharDevice,
            Kind::BlockDevice(_) => FileType::BlockDevice,
        }
    }

    pub(in crate::os::mock) fn directory(&self) -> Result<&Directory> {
        if let Kind::Dir(directory) = &self.kind { Ok(directory) } else { Err(ENOTDIR) }
    }

    pub(in crate::os::mock) fn directory_mut(&mut self) -> Result<&mut Directory> {
        if let Kind::Dir(directory) = &mut self.kind { Ok(directory) } else { Err(ENOTDIR) }
    }

    pub(in crate::os::mock) fn content(&self) -> Result<&Content> {
        if let Kind::File(content) = &self.kind { Ok(content) } else { Err(EINVAL) }
    }

    pub(in crate::os::mock) fn content_mut(&mut self) -> Result<&mut Content> {
        if let Kind::File(content) = &mut self.kind { Ok(content) } else { Err(EINVAL) }
    }

    /// Clears the set-id bits after a change of contents or owner.
    pub(in crate::os::mock) fn drop_set_id(&mut self) {
        if !self.is_dir() {
            self.mode &= !0o4000;
            if self.mode & 0o010 != 0 {
                self.mode &= !0o2000;
            }
        }
    }
}
