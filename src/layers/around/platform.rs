//! The facts of a machine with a hook around each call.

use std::io::Result;
use std::path::{Path, PathBuf};

use super::Around;
use crate::layers::hook::{Call, Subject};
use crate::platform::backend::{Backend, Kernel};

#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    fn uname(&self) -> Kernel {
        self.core.note(Call::look("platform.uname", Subject::Machine), || self.inner.uname())
    }

    fn processor(&self) -> Result<String> {
        self.core.call(Call::look("platform.processor", Subject::Machine), || self.inner.processor())
    }

    fn libc(&self) -> Option<(String, String)> {
        self.core.note(Call::look("platform.libc", Subject::Machine), || self.inner.libc())
    }

    fn python(&self) -> Result<String> {
        self.core.call(Call::look("platform.python", Subject::Machine), || self.inner.python())
    }

    fn executable(&self) -> Result<PathBuf> {
        self.core.call(Call::look("platform.executable", Subject::Machine), || self.inner.executable())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let read = |bytes: &Vec<u8>| u64::try_from(bytes.len()).ok();
        self.core.transfer(Call::look("platform.read", Subject::path(path, true)), |_| self.inner.read(path), read)
    }
}
