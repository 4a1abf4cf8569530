//! Walks down a tree of any depth through open directories.
//!
//! All operations use open directories, never a path that another process may have redirected. One
//! descriptor per level would run out in a tree of a thousand levels, which a small archive can
//! create. So only the deepest levels stay open, and some evenly spaced marks further up. A closed
//! level is opened again from the mark above it, and must be the same directory. The number of
//! descriptors is bounded, and the number of steps is about that of the levels: `depth / MARKS`
//! additional steps for each `WINDOW` levels.

use crate::error::errno::{EMFILE, ENFILE, ESTALE};
use crate::os::backend::{Dir, Entry, StatResult};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

const WINDOW: usize = 128;
const MARKS: usize = 128;

struct Level {
    name: OsString,
    identity: (u64, u64),
    dir: Option<Box<dyn Dir>>,
    entries: std::vec::IntoIter<Entry>,
    /// The length of the parent directory's path.
    above: usize,
}

pub(in crate::os) struct Descent {
    path: Vec<u8>,
    levels: Vec<Level>,
    window: usize,
    marks: usize,
    /// Levels divisible by this number are marks.
    spacing: usize,
}

fn identity(stat: &StatResult) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

impl Descent {
    /// Begins in `dir`, whose path is `path`.
    pub(in crate::os) fn new(path: &Path, dir: Box<dyn Dir>) -> io::Result<Descent> {
        let path = path.as_os_str().as_bytes().to_vec();
        let identity = identity(&dir.stat_self()?);
        let top = Level { name: OsString::new(), identity, dir: Some(dir), entries: Vec::new().into_iter(), above: path.len() };
        Ok(Descent { path, levels: vec![top], window: WINDOW, marks: MARKS, spacing: 1 })
    }

    /// Reads the names in the directory; [`Descent::next`] returns them.
    pub(in crate::os) fn list(&mut self) -> io::Result<()> {
        let entries: Vec<Entry> = self.with(|dir| dir.entries()?.collect())?;
        if let Some(level) = self.levels.last_mut() {
            level.entries = entries.into_iter();
        }
        Ok(())
    }

    /// Returns the next name in the directory.
    pub(in crate::os) fn next(&mut self) -> Option<Entry> {
        self.levels.last_mut()?.entries.next()
    }

    /// Enters a directory, without following a link.
    pub(in crate::os) fn enter(&mut self, name: &OsStr) -> io::Result<()> {
        let (dir, identity) = self.with(|dir| {
            let below = dir.open_dir(name, false)?;
            let stat = below.stat_self()?;
            Ok((below, identity(&stat)))
        })?;
        let above = self.path.len();
        if !self.path.ends_with(b"/") {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name.as_bytes());
        self.levels.push(Level { name: name.into(), identity, dir: Some(dir), entries: Vec::new().into_iter(), above });
        let last = self.levels.len() - 1;
        if let Some(old) = last.checked_sub(self.window) {
            if !self.keeps(old, last)
                && let Some(level) = self.levels.get_mut(old)
            {
                level.dir = None;
            }
            if old / self.spacing > self.marks {
                self.thin();
            }
        }
        Ok(())
    }

    /// Leaves the directory, and returns its name; `None` at the top.
    pub(in crate::os) fn leave(&mut self) -> Option<OsString> {
        if self.levels.len() < 2 {
            return None;
        }
        let left = self.levels.pop()?;
        self.path.truncate(left.above);
        Some(left.name)
    }

    /// Returns the path of a name in the directory.
    pub(in crate::os) fn path_of(&self, name: &OsStr) -> PathBuf {
        crate::os::path::join(self.path(), name)
    }

    /// Returns the path of the directory.
    pub(in crate::os) fn path(&self) -> PathBuf {
        OsString::from_vec(self.path.clone()).into()
    }

    /// Runs an operation in the directory. If no descriptors are left, closes some first.
    pub(in crate::os) fn with<T>(&mut self, job: impl Fn(&dyn Dir) -> io::Result<T>) -> io::Result<T> {
        loop {
            let done = self.reopen().and_then(&job);
            match done {
                Err(error) if matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) && self.window > 2 => {
                    self.window /= 2;
                    self.marks /= 2;
                    self.thin();
                }
                done => return done,
            }
        }
    }

    /// Returns the directory, opened again if it was closed.
    fn reopen(&mut self) -> io::Result<&dyn Dir> {
        let last = self.levels.len() - 1;
        let mut from = self.levels.iter().rposition(|level| level.dir.is_some()).unwrap_or_default();
        let mut held: Option<Box<dyn Dir>> = None;
        while from < last {
            let above = held.as_deref().or_else(|| self.levels.get(from)?.dir.as_deref());
            let Some((above, level)) = above.zip(self.levels.get(from + 1)) else { break };
            let dir = above.open_dir(&level.name, false)?;
            if identity(&dir.stat_self()?) != level.identity {
                return Err(io::Error::from_raw_os_error(ESTALE)); // another directory has taken its place
            }
            let keeps = self.keeps(from, last);
            if let (Some(done), Some(level)) = (held.replace(dir), self.levels.get_mut(from))
                && keeps
            {
                level.dir = Some(done);
            }
            from += 1;
        }
        let level = self.levels.last_mut().ok_or_else(|| io::Error::from_raw_os_error(ESTALE))?;
        if held.is_some() {
            level.dir = held;
        }
        level.dir.as_deref().ok_or_else(|| io::Error::from_raw_os_error(ESTALE))
    }

    fn keeps(&self, level: usize, last: usize) -> bool {
        level + self.window > last || level.is_multiple_of(self.spacing)
    }

    /// Closes superfluous descriptors.
    fn thin(&mut self) {
        let last = self.levels.len() - 1;
        while last / self.spacing > self.marks {
            self.spacing *= 2;
        }
        for number in 0..last {
            if !self.keeps(number, last)
                && let Some(level) = self.levels.get_mut(number)
            {
                level.dir = None;
            }
        }
    }
}
