//! `os`: files, directories, the environment, this process and its machine.

mod accounts;
pub mod backend;
mod codec;
mod constants;
mod dir;
mod dirs;
pub mod environ;
mod error;
mod file;
mod files;
pub mod fnmatch;
mod fwalk;
pub mod glob;
mod limits;
mod machine;
mod meta;
pub mod mock;
mod names;
pub mod native;
mod open;
#[doc(alias = "os.path")]
pub mod path;
mod process;
mod replace;
mod scandir;
pub mod shlex;
pub mod shutil;
mod stream;
pub mod tempfile;
mod text;
mod user;
mod wait_status;
mod walk;

use std::io;
use std::path::Path;
use std::sync::Arc;

pub use backend::{
    Access, Advice, Backend, FileTime, FileType, OpenFlags, PriorityOf, StatResult, StatVfsResult, Times, TimesResult,
    UnameResult, WaitOptions, WaitStatus, Who,
};
pub use constants::*;
pub use dir::Dir;
pub use dirs::MakeDirs;
pub use environ::Environ;
pub use error::{CopyFailure, Error, OsError, strerror};
pub use file::{File, Lines, Whence};
pub use fwalk::Fwalk;
pub use limits::{Limit, PATHCONF_NAMES, SYSCONF_NAMES};
pub use machine::TerminalSize;
pub use meta::{Target, XattrFlags, major, makedev, minor};
pub use names::{fsdecode, fsencode, fspath};
pub use open::Open;
pub use scandir::{DirEntry, ScanDir};
pub use wait_status::WaitidResult;
pub use walk::{Step, Walk, Walker};

use crate::ambient::Ambient;

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The handle: Python's module `os` as a value. Cheap to clone; clones share the working directory and the environment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Os {
    /// `os.path`: the questions that need the file system (`os.path.exists(..)`).
    pub path: path::OsPath,
    /// `os.environ`: the variables of this handle.
    pub environ: Environ,
    /// `shutil`: copying, moving and removing whole trees; archives.
    pub shutil: shutil::OsShutil,
    /// `glob`: the paths that match a pattern.
    pub glob: glob::OsGlob,
    /// `tempfile`: files and directories that go away by themselves.
    pub tempfile: tempfile::OsTempfile,
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl Os {
    /// The machine that this program runs on.
    pub fn native() -> Os {
        let backend = Arc::new(native::Native);
        let ambient = Ambient::over_process(backend::Machine::environ(&*backend));
        Os::new(backend, ambient)
    }

    /// Any machine, with this environment and working directory.
    pub fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> Os {
        let path = path::OsPath::new(backend.clone(), ambient.clone());
        Os {
            shutil: shutil::OsShutil::new(path.clone()),
            glob: glob::OsGlob::new(path.clone()),
            tempfile: tempfile::OsTempfile::new(path.clone()),
            path,
            environ: Environ::new(ambient.clone()),
            backend,
            ambient,
        }
    }

    /// The seam, for what is written over it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// The environment and the working directory, which the other batteries share.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Asks the machine about a path; an error names it as the caller gave it.
    fn on<T>(&self, operation: &'static str, path: &Path, ask: impl FnOnce(&dyn Backend, &Path) -> io::Result<T>) -> Result<T> {
        ask(&*self.backend, &self.ambient.resolve(path)).map_err(|error| Error::new(operation, &error, Some(path), None))
    }

    /// The same with two paths.
    fn on_both<T>(
        &self,
        operation: &'static str,
        (one, other): (&Path, &Path),
        ask: impl FnOnce(&dyn Backend, &Path, &Path) -> io::Result<T>,
    ) -> Result<T> {
        let answer = ask(&*self.backend, &self.ambient.resolve(one), &self.ambient.resolve(other));
        answer.map_err(|error| Error::new(operation, &error, Some(one), Some(other)))
    }
}
