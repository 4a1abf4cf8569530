//! The target of unpacking, which no entry can leave.
//!
//! Every entry is written through open directories, which are opened one by one from the target
//! without following a link. So neither links in the archive nor concurrent changes to the tree
//! have an effect.

use super::Unpack;
use crate::error::errno::{EEXIST, EISDIR, ENOENT};
use crate::os::backend::{Dir, FileTime, Handle, OpenFlags, Times};
use crate::os::fs::stream::Stream;
use crate::os::path::{OsPath, join};
use crate::os::shutil::COPY_BUFSIZE;
use crate::os::shutil::tree;
use crate::os::text;
use crate::os::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

/// The attributes to set on an entry when it is complete. `None` keeps the system's default.
#[derive(Clone, Copy, Default)]
pub(super) struct Attributes {
    pub(super) mode: Option<u32>,
    pub(super) mtime: Option<SystemTime>,
}

/// The maximum length of a path in bytes. Deeper entries could be created, but most programs could
/// not access or remove them.
const PATH_MAX: usize = 4095;

pub(super) struct Sandbox<'a> {
    os: &'a OsPath,
    what: &'a Unpack,
    root: Rc<dyn Dir>,
    /// The length of `root`'s path before each name.
    length: usize,
    /// The directory of the last entry, because the next one is usually in it too.
    last: Option<(Vec<OsString>, Rc<dyn Dir>)>,
    /// Set at the end, because filling a directory changes its time, and its mode may not allow
    /// filling it.
    dirs: Vec<(Vec<OsString>, Attributes)>,
    entries: u64,
    bytes: u64,
    buffer: Vec<u8>,
}

fn new() -> OpenFlags {
    OpenFlags { write: true, create: true, exclusive: true, nofollow: true, ..OpenFlags::default() }
}

impl<'a> Sandbox<'a> {
    pub(super) fn new(os: &'a OsPath, what: &'a Unpack) -> Result<Sandbox<'a>> {
        let target = what.extract_dir.as_path();
        if !os.isdir(target) {
            tree::makedirs(os, target, true)?;
        }
        let root =
            os.backend().open_dir(&os.resolve(target), true).map_err(|error| Error::new("open", &error, Some(target), None))?;
        let buffer = vec![0; COPY_BUFSIZE];
        let length = text::bytes(&os.realpath(target)?).len() + 1;
        Ok(Sandbox { os, what, root: root.into(), length, last: None, dirs: Vec::new(), entries: 0, bytes: 0, buffer })
    }

    /// Counts another entry.
    pub(super) fn count(&mut self) -> Result<()> {
        self.entries += 1;
        if self.entries > self.what.max_entries { Err(self.too_large(self.what.max_entries, "entries")) } else { Ok(()) }
    }

    pub(super) fn too_large(&self, limit: u64, unit: &'static str) -> Error {
        Error::ArchiveTooLarge { path: self.what.filename.clone(), limit, unit }
    }

    pub(super) fn refused(&self, name: &[u8], problem: &'static str) -> Error {
        Error::UnsafeEntry { path: self.what.filename.clone(), entry: text::path(name).into(), problem }
    }

    /// The archive itself cannot be read, or is damaged.
    pub(super) fn broken(&self, error: &io::Error) -> Error {
        match error.raw_os_error() {
            Some(_) => Error::new("read", error, Some(&self.what.filename), None),
            None => Error::ReadArchive { path: self.what.filename.clone(), problem: error.to_string() },
        }
    }

    pub(super) fn dir(&mut self, name: &[u8], attributes: Attributes) -> Result<()> {
        let parts = self.parts(name)?;
        let Some((base, parents)) = parts.split_last() else { return Ok(()) };
        let parent = self.walk(parents, name)?;
        // Already counted as an entry, whether it is created here or not.
        let (dir, _) = self.below(&*parent, base, name)?;
        self.last = Some((parts.clone(), dir.into()));
        self.dirs.push((parts, attributes));
        Ok(())
    }

    pub(super) fn file(&mut self, name: &[u8], attributes: Attributes, data: &mut dyn Read) -> Result<()> {
        let (dir, base) = self.place(name)?;
        let mode = attributes.mode.map_or(0o666, |_| 0o600);
        let (file, temp) = match dir.open(&base, new(), mode) {
            Ok(file) => (file, None),
            Err(error) if error.raw_os_error() == Some(EEXIST) => {
                let (file, temp) = self.beside(&*dir, &base, mode, name)?;
                (file, Some(temp))
            }
            Err(error) => return Err(self.failed("open", &error, name)),
        };
        let written = self.fill(&*file, name, attributes, data);
        drop(file);
        let placed = written.and_then(|()| match &temp {
            Some(temp) => dir.rename(temp, &base).map_err(|error| self.failed("rename", &error, name)),
            None => Ok(()),
        });
        if placed.is_err() {
            let _ = dir.unlink(temp.as_ref().unwrap_or(&base));
        }
        placed
    }

    /// Creates a symbolic link to `target`, if that cannot lead out of the sandbox.
    ///
    /// Its own directory is a real one, so up to as many `..` as its depth stay within. After a
    /// name there may be none: the name could be a link to a less deep place, now or later.
    pub(super) fn symlink(&mut self, name: &[u8], target: &[u8], attributes: Attributes) -> Result<()> {
        let depth = self.parts(name)?.len().saturating_sub(1);
        let mut parts = target.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).peekable();
        let mut ups = 0;
        while parts.next_if(|part| *part == b"..").is_some() {
            ups += 1;
        }
        if target.first() == Some(&b'/') || ups > depth || parts.any(|part| part == b"..") {
            return Err(self.refused(name, "is a link that may lead out of the target"));
        }
        let (dir, base) = self.place(name)?;
        if dir.stat(&base, false).is_ok_and(|stat| !stat.is_dir()) {
            dir.unlink(&base).map_err(|error| self.failed("unlink", &error, name))?;
        }
        dir.symlink(text::path(target), &base).map_err(|error| self.failed("symlink", &error, name))?;
        match times(attributes) {
            Some(times) => dir.utime(&base, times).map_err(|error| self.failed("utime", &error, name)),
            None => Ok(()),
        }
    }

    /// Creates a copy of the file of an earlier entry.
    pub(super) fn again(&mut self, name: &[u8], original: &[u8], attributes: Attributes) -> Result<()> {
        let (dir, base) = self.place(original)?;
        let is_file = dir.stat(&base, false).map_err(|error| self.failed("open", &error, original))?.is_file();
        if !is_file {
            return Err(self.refused(name, "is a hard link to something other than a file"));
        }
        let flags = OpenFlags { read: true, nofollow: true, ..OpenFlags::default() };
        let file = dir.open(&base, flags, 0).map_err(|error| self.failed("open", &error, original))?;
        if self.parts(name)? == self.parts(original)? {
            return Ok(());
        }
        self.file(name, attributes, &mut Stream(&*file))
    }

    /// Sets the deferred attributes, deepest first.
    pub(super) fn finish(mut self) -> Result<()> {
        let mut dirs = std::mem::take(&mut self.dirs);
        dirs.sort_by_key(|(parts, _)| std::cmp::Reverse(parts.len()));
        for (parts, attributes) in dirs {
            let Some((base, parents)) = parts.split_last() else { continue };
            let name = parts.join(OsStr::new("/"));
            let dir = self.walk(parents, name.as_bytes())?;
            if let Some(mode) = attributes.mode {
                dir.chmod(base, mode).map_err(|error| self.failed("chmod", &error, name.as_bytes()))?;
            }
            if let Some(times) = times(attributes) {
                dir.utime(base, times).map_err(|error| self.failed("utime", &error, name.as_bytes()))?;
            }
        }
        Ok(())
    }

    fn failed(&self, operation: &'static str, error: &io::Error, name: &[u8]) -> Error {
        Error::new(operation, error, Some(&join(&self.what.extract_dir, text::path(name))), None)
    }

    fn parts(&self, name: &[u8]) -> Result<Vec<OsString>> {
        if name.first() == Some(&b'/') {
            return Err(self.refused(name, "has an absolute name"));
        }
        if self.length + name.len() > PATH_MAX {
            return Err(self.refused(name.get(..PATH_MAX).unwrap_or(name), "has a name that is too long"));
        }
        let parts = name.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
        let parts: Vec<OsString> = parts.map(|part| OsStr::from_bytes(part).to_owned()).collect();
        if parts.iter().any(|part| part == "..") {
            return Err(self.refused(name, "has a name that leads out of the target"));
        }
        Ok(parts)
    }

    /// Returns the open directory of an entry, and its name.
    fn place(&mut self, name: &[u8]) -> Result<(Rc<dyn Dir>, OsString)> {
        let mut parts = self.parts(name)?;
        let base = parts.pop().ok_or_else(|| self.refused(name, "has no name"))?;
        Ok((self.walk(&parts, name)?, base))
    }

    fn walk(&mut self, parts: &[OsString], name: &[u8]) -> Result<Rc<dyn Dir>> {
        if let Some((last, dir)) = &self.last
            && last == parts
        {
            return Ok(dir.clone());
        }
        let mut dir = self.root.clone();
        for part in parts {
            let (below, made) = self.below(&*dir, part, name)?;
            dir = below.into();
            if made {
                self.count()?;
            }
        }
        self.last = Some((parts.to_vec(), dir.clone()));
        Ok(dir)
    }

    /// Opens or creates a subdirectory, and returns whether it was created.
    fn below(&self, dir: &dyn Dir, part: &OsStr, name: &[u8]) -> Result<(Box<dyn Dir>, bool)> {
        let mut made = false;
        let opened = dir.open_dir(part, false).or_else(|error| match error.raw_os_error() {
            Some(ENOENT) => match dir.mkdir(part, 0o777) {
                Err(error) if error.raw_os_error() != Some(EEXIST) => Err(error),
                done => {
                    made = done.is_ok();
                    dir.open_dir(part, false)
                }
            },
            _ => Err(error),
        });
        opened.map(|dir| (dir, made)).map_err(|error| {
            if dir.stat(part, false).is_ok_and(|stat| stat.is_symlink()) {
                self.refused(name, "leads through a link")
            } else {
                self.failed("open", &error, name)
            }
        })
    }

    /// Creates a file beside one that will be replaced.
    fn beside(&self, dir: &dyn Dir, base: &OsStr, mode: u32, name: &[u8]) -> Result<(Box<dyn Handle>, OsString)> {
        if dir.stat(base, false).is_ok_and(|stat| stat.is_dir()) {
            return Err(self.failed("open", &io::Error::from_raw_os_error(EISDIR), name));
        }
        let mut last = io::Error::from_raw_os_error(EEXIST);
        for _ in 0..100 {
            let mut random = [0; 8];
            self.os.backend().urandom(&mut random).map_err(|error| self.failed("open", &error, name))?;
            let temp = OsString::from(format!(".tmp{:016x}", u64::from_ne_bytes(random)));
            match dir.open(&temp, new(), mode) {
                Ok(file) => return Ok((file, temp)),
                Err(error) if error.raw_os_error() == Some(EEXIST) => last = error,
                Err(error) => return Err(self.failed("open", &error, name)),
            }
        }
        Err(self.failed("open", &last, name))
    }

    fn fill(&mut self, file: &dyn Handle, name: &[u8], attributes: Attributes, data: &mut dyn Read) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let filled = self.pour(file, name, data, &mut buffer);
        self.buffer = buffer;
        filled?;
        if let Some(mode) = attributes.mode {
            file.chmod(mode).map_err(|error| self.failed("chmod", &error, name))?;
        }
        match times(attributes) {
            Some(times) => file.utime(times).map_err(|error| self.failed("utime", &error, name)),
            None => Ok(()),
        }
    }

    fn pour(&mut self, file: &dyn Handle, name: &[u8], data: &mut dyn Read, buffer: &mut [u8]) -> Result<()> {
        loop {
            let read = match data.read(buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(&error)),
            };
            self.bytes += read as u64;
            if self.bytes > self.what.max_bytes {
                return Err(self.too_large(self.what.max_bytes, "bytes"));
            }
            let bytes = buffer.get(..read).unwrap_or_default();
            io::Write::write_all(&mut Stream(file), bytes).map_err(|error| self.failed("write", &error, name))?;
        }
    }
}

fn times(attributes: Attributes) -> Option<Times> {
    let mtime = FileTime::At(attributes.mtime?);
    Some(Times { atime: Some(mtime), mtime: Some(mtime) })
}

/// Opens an archive for reading.
pub(super) fn open(os: &OsPath, archive: &Path) -> Result<Box<dyn Handle>> {
    let flags = OpenFlags { read: true, ..OpenFlags::default() };
    os.backend().open(&os.resolve(archive), flags, 0).map_err(|error| Error::new("open", &error, Some(archive), None))
}
