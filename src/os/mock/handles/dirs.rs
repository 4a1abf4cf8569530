//! Open directories.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::open;
use crate::os::backend::{Dir, Entries, Entry, Handle, OpenFlags, StatResult, Times};
use crate::os::mock::Core;
use crate::os::mock::errno::*;
use crate::os::mock::lookup::Links;
use crate::os::mock::permissions::READ;
use crate::os::mock::tree::inode::{Ino, Name};

/// The number of names per batch: as with `getdents`, later changes do not affect a batch.
const BATCH: usize = 64;

pub(in crate::os::mock) fn open(core: &Arc<Core>, at: Ino, path: &Path, follow: bool, label: PathBuf) -> Result<OpenDir> {
    let mut state = core.lock();
    let ino = state.tree.resolve(at, path, Links::followed(follow))?;
    let inode = state.tree.node(ino)?;
    inode.directory()?;
    state.tree.who.may(inode, READ)?;
    state.tree.open(ino)?;
    Ok(OpenDir { core: core.clone(), ino, label })
}

/// An open directory of the model.
pub(in crate::os::mock) struct OpenDir {
    core: Arc<Core>,
    ino: Ino,
    label: PathBuf,
}

impl fmt::Debug for OpenDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenDir").field("path", &self.label).finish_non_exhaustive()
    }
}

impl Drop for OpenDir {
    fn drop(&mut self) {
        self.core.lock().tree.close(self.ino);
    }
}

impl OpenDir {
    /// Returns the entries, through a separate handle.
    pub(in crate::os::mock) fn listing(&self) -> Result<Entries> {
        let mut state = self.core.lock();
        state.tree.open(self.ino)?;
        let dir = OpenDir { core: self.core.clone(), ino: self.ino, label: self.label.clone() };
        Ok(Box::new(Listing { dir, last: None, batch: VecDeque::new(), ended: false }))
    }

    /// Logs the call, and checks that the name is a single one.
    fn enter<'a>(&self, operation: &'static str, name: &'a OsStr) -> io::Result<&'a Path> {
        self.core.enter(operation, self.label.join(name).display())?;
        one(name)
    }
}

/// Checks that a name stays within its directory.
fn one(name: &OsStr) -> io::Result<&Path> {
    let bytes = name.as_bytes();
    let leads_on = matches!(bytes, b"" | b"." | b"..") || bytes.contains(&b'/');
    if leads_on { Err(EINVAL.into()) } else { Ok(Path::new(name)) }
}

struct Listing {
    dir: OpenDir,
    last: Option<Name>,
    batch: VecDeque<Entry>,
    ended: bool,
}

impl Listing {
    fn fetch(&mut self) -> io::Result<()> {
        self.dir.core.enter("os.next_entries", self.dir.label.display())?;
        let mut state = self.dir.core.lock();
        let tree = &mut state.tree;
        tree.fetch_names(self.dir.ino)?;
        let from = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut last = None;
        for (name, ino) in tree.node(self.dir.ino)?.directory()?.entries.range((from, Bound::Unbounded)).take(BATCH) {
            let file_type = tree.node(*ino)?.file_type();
            let number = tree.stat_of(*ino)?.st_ino;
            self.batch.push_back(Entry { name: name.name.clone(), file_type: Some(file_type), ino: number });
            last = Some(name);
        }
        self.last = last.cloned();
        self.ended = self.batch.len() < BATCH;
        tree.accessed(self.dir.ino);
        Ok(())
    }
}

impl Iterator for Listing {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        if self.batch.is_empty()
            && !self.ended
            && let Err(error) = self.fetch()
        {
            self.ended = true;
            return Some(Err(error));
        }
        self.batch.pop_front().map(Ok)
    }
}

impl Dir for OpenDir {
    fn entries(&self) -> io::Result<Entries> {
        self.core.enter("os.entries", self.label.display())?;
        Ok(self.listing()?)
    }

    fn open_dir(&self, name: &OsStr, follow: bool) -> io::Result<Box<dyn Dir>> {
        let name = self.enter("os.open_dir", name)?;
        Ok(Box::new(open(&self.core, self.ino, name, follow, self.label.join(name))?))
    }

    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> io::Result<Box<dyn Handle>> {
        let name = self.enter("os.open", name)?;
        let flags = OpenFlags { nofollow: true, ..flags };
        Ok(Box::new(open::open(&self.core, self.ino, name, flags, mode, self.label.join(name))?))
    }

    fn stat(&self, name: &OsStr, follow: bool) -> io::Result<StatResult> {
        let name = self.enter("os.stat", name)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(self.ino, name, Links::followed(follow))?;
        Ok(state.tree.stat_of(ino)?)
    }

    fn stat_self(&self) -> io::Result<StatResult> {
        self.core.enter("os.stat_self", self.label.display())?;
        Ok(self.core.lock().tree.stat_of(self.ino)?)
    }

    fn mkdir(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        let name = self.enter("os.mkdir", name)?;
        Ok(self.core.lock().tree.mkdir(self.ino, name, mode)?)
    }

    fn rmdir(&self, name: &OsStr) -> io::Result<()> {
        let name = self.enter("os.rmdir", name)?;
        Ok(self.core.lock().tree.rmdir(self.ino, name)?)
    }

    fn unlink(&self, name: &OsStr) -> io::Result<()> {
        let name = self.enter("os.unlink", name)?;
        Ok(self.core.lock().tree.unlink(self.ino, name)?)
    }

    fn symlink(&self, target: &Path, name: &OsStr) -> io::Result<()> {
        let name = self.enter("os.symlink", name)?;
        Ok(self.core.lock().tree.symlink(self.ino, target, name)?)
    }

    fn readlink(&self, name: &OsStr) -> io::Result<PathBuf> {
        let name = self.enter("os.readlink", name)?;
        Ok(self.core.lock().tree.readlink(self.ino, name)?.to_path_buf())
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let from = self.enter("os.rename", from)?;
        Ok(self.core.lock().tree.rename(self.ino, from, one(to)?)?)
    }

    fn chmod(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        let name = self.enter("os.chmod", name)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(self.ino, name, Links::NoFollow)?;
        Ok(state.tree.chmod(ino, mode)?)
    }

    fn utime(&self, name: &OsStr, times: Times) -> io::Result<()> {
        let name = self.enter("os.utime", name)?;
        let mut state = self.core.lock();
        let ino = state.tree.resolve(self.ino, name, Links::NoFollow)?;
        Ok(state.tree.utime(ino, times)?)
    }
}
