//! The backend of `platform`: the properties of a machine.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let platform = leyden::platform::Platform::new(Arc::new(world.platform.clone()));
//! assert_eq!(platform.system(), "Linux");
//! ```

use std::fmt::Debug;
use std::io::Result;
use std::path::{Path, PathBuf};

/// The kernel's description of itself: the five fields of `os.uname`.
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
/// - The properties do not change while the program runs, except for the host name and the contents
///   of files.
pub trait Backend: Debug + Send + Sync + 'static {
    /// Returns the kernel's description of itself.
    fn uname(&self) -> Kernel;

    /// Returns the output of `uname -p`: `"unknown"` on most Linux systems. `ENOENT` if the program
    /// does not exist.
    fn processor(&self) -> Result<String>;

    /// Returns name and version of the program's C library: `("glibc", "2.36")`. `None` for a
    /// static binary, or a library without a version.
    fn libc(&self) -> Option<(String, String)>;

    /// Returns the output of `python3 --version`: `"Python 3.11.7"`. `ENOENT` if there is no Python
    /// in the PATH.
    fn python(&self) -> Result<String>;

    /// Returns the absolute path of the running program.
    fn executable(&self) -> Result<PathBuf>;

    /// Reads a whole file; follows links.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;
}
