//! `os.environ`: the variables of a handle.

use std::ffi::{OsStr, OsString};

use crate::ambient::Ambient;

/// The environment variables of one set of batteries: `os.environ`.
///
/// <https://docs.python.org/3/library/os.html#os.environ>
#[derive(Clone, Debug)]
#[doc(alias("os.environ", "os.environb"))]
pub struct Environ(Ambient);

impl Environ {
    pub(super) fn new(ambient: Ambient) -> Environ {
        Environ(ambient)
    }

    /// The value, or None. `os.environ.get(name)`.
    #[doc(alias("os.environ.get", "os.getenv", "os.getenvb"))]
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.0.var(name)
    }
}
