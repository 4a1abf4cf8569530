//! The seam of `platform`: the few facts that only the machine knows.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle stands on any backend; this one is the mock.
//! let platform = leyden::platform::Platform::new(Arc::new(world.platform.clone()));
//! assert_eq!(platform.system(), "Linux");
//! ```

use std::fmt::Debug;
use std::io::Result;
use std::path::{Path, PathBuf};

/// What the kernel says of itself: the five fields of `os.uname`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kernel {
    /// `"Linux"`
    pub system: String,
    /// The host's name.
    pub node: String,
    /// `"6.1.0-18-amd64"`
    pub release: String,
    /// `"#1 SMP .."`
    pub version: String,
    /// `"x86_64"`
    pub machine: String,
}

/// The facts of a machine.
///
/// # Contract
///
/// - Every error is an errno.
/// - The facts do not change while the program runs, but for the host's name and what is in files.
pub trait Backend: Debug + Send + Sync + 'static {
    /// What the kernel says of itself.
    fn uname(&self) -> Kernel;

    /// What `uname -p` prints: `"unknown"` on most Linux systems. `ENOENT` if there is no such program.
    fn processor(&self) -> Result<String>;

    /// Name and version of the C library that the program runs on: `("glibc", "2.36")`. None where it runs on none (a static
    /// binary) or on one that does not tell.
    fn libc(&self) -> Option<(String, String)>;

    /// What `python3 --version` prints: `"Python 3.11.7"`. `ENOENT` where there is no Python on the PATH.
    fn python(&self) -> Result<String>;

    /// The absolute path of the running program.
    fn executable(&self) -> Result<PathBuf>;

    /// A file, whole; links are followed.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;
}
