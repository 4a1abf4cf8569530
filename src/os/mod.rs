//! `os`: files, directories, the environment, this process and its machine.

mod accounts;
pub mod backend;
pub mod environ;
mod error;
pub mod fnmatch;
pub mod glob;
pub mod mock;
pub mod native;
pub mod path;
pub mod shlex;
pub mod shutil;
mod stream;
pub mod tempfile;
mod text;

use std::path::Path;
use std::sync::Arc;

pub use backend::Backend;
pub use environ::Environ;
pub use error::{CopyFailure, Error, OsError, strerror};

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

    /// Makes one directory. <https://docs.python.org/3/library/os.html#os.mkdir>
    #[doc(alias = "os.mkdir")]
    pub fn mkdir(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        self.backend.mkdir(&self.ambient.resolve(path), 0o777).map_err(|error| Error::new("mkdir", &error, Some(path), None))
    }

    /// Removes one empty directory. <https://docs.python.org/3/library/os.html#os.rmdir>
    #[doc(alias = "os.rmdir")]
    pub fn rmdir(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        self.backend.rmdir(&self.ambient.resolve(path)).map_err(|error| Error::new("rmdir", &error, Some(path), None))
    }
}
