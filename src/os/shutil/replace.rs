//! The target of a copy: a new file, or one beside the old file that replaces it when complete.

use crate::error::errno::{EEXIST, EISDIR, ENOENT};
use crate::os::backend::{Access, FileType, Handle, OpenFlags, StatResult};
use crate::os::fs::replace::still_there;
use crate::os::path::{OsPath, dirname};
use crate::os::tempfile::{OsTempfile, Temp};
use crate::os::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};

fn create(exclusive: bool) -> OpenFlags {
    OpenFlags { write: true, create: true, truncate: true, exclusive, ..OpenFlags::default() }
}

pub(super) struct Target {
    handle: Box<dyn Handle>,
    path: PathBuf,
    then: Then,
}

enum Then {
    /// A new file, removed if the copy fails.
    New,
    /// Replaces this file.
    Rename(PathBuf),
    /// Overwritten in place, as in Python, if there is no other way.
    InPlace,
}

impl Target {
    /// `from` is the source, if it is a file: it must be another one. `mode` is the mode of a new
    /// file.
    pub(super) fn open(os: &OsPath, from: Option<(&Path, &StatResult)>, dst: &Path, mode: u32) -> Result<Target> {
        let at = os.resolve(dst);
        let exclusive = os.backend().open(&at, create(true), mode);
        match exclusive {
            Ok(handle) => return Ok(Target { handle, path: dst.into(), then: Then::New }),
            Err(error) if error.raw_os_error() == Some(EEXIST) => {}
            Err(error) if error.raw_os_error() == Some(EISDIR) && !os.exists(dst) => {
                return Err(Error::new("open", &io::Error::from_raw_os_error(ENOENT), Some(dst), None)); // `no/such/directory/`
            }
            Err(error) => return Err(Error::new("open", &error, Some(dst), None)),
        }
        if let Ok(old) = os.stat(dst) {
            if let Some((src, from)) = from
                && os.samestat(&old, from)
            {
                return Err(Error::SameFile { src: src.into(), dst: dst.into() });
            }
            if old.file_type() == FileType::Fifo {
                return Err(Error::SpecialFile { path: dst.into() });
            }
            if old.is_file()
                && old.st_nlink == 1
                && let Some(target) = Target::beside(os, dst, &old)?
            {
                return Ok(target);
            }
        }
        let handle = os.backend().open(&at, create(false), 0o666).map_err(|error| Error::new("open", &error, Some(dst), None))?;
        Ok(Target { handle, path: dst.into(), then: Then::InPlace })
    }

    /// Creates a file beside the old one, with its owner and mode; `None` if that is not possible.
    fn beside(os: &OsPath, dst: &Path, old: &StatResult) -> Result<Option<Target>> {
        // Python writes only to writable files, whatever the directory permits.
        let writable = Access { read: false, write: true, execute: false };
        if !os.backend().access(&os.resolve(dst), writable, true, true).unwrap_or(false) {
            return Ok(None);
        }
        let real = os.realpath(dst)?;
        let temp = Temp::new().dir(dirname(&real)).prefix(".");
        let Ok((handle, path)) = OsTempfile::new(os.clone()).create(&temp) else { return Ok(None) };
        let target = Target { handle, path, then: Then::Rename(real) };
        let dressed = target.handle.stat().and_then(|new| {
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid) {
                target.handle.chown(Some(old.st_uid), Some(old.st_gid))?;
            }
            target.handle.chmod(old.permissions())
        });
        if dressed.is_err() {
            let _ = os.backend().unlink(&os.resolve(&target.path));
            return Ok(None);
        }
        Ok(Some(target))
    }

    pub(super) fn handle(&self) -> &dyn Handle {
        &*self.handle
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Completes the copy, or cleans up after a failure.
    pub(super) fn finish(self, os: &OsPath, copied: Result<()>) -> Result<()> {
        let Target { handle, path, then } = self;
        let at = os.resolve(&path);
        let done = copied.and_then(|()| match &then {
            Then::Rename(to) => still_there(os.backend(), &at, &*handle)
                .and_then(|()| os.backend().rename(&at, &os.resolve(to)))
                .map_err(|error| Error::new("rename", &error, Some(&path), Some(to))),
            Then::New | Then::InPlace => Ok(()),
        });
        drop(handle);
        if done.is_err() && !matches!(then, Then::InPlace) {
            let _ = os.backend().unlink(&at);
        }
        done
    }
}
