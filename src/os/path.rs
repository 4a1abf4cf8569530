//! `os.path`: POSIX path handling.

use std::sync::Arc;

use super::Backend;
use crate::ambient::Ambient;

/// The handle `os.path`.
#[derive(Clone, Debug)]
pub struct OsPath {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl OsPath {
    pub(super) fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> OsPath {
        OsPath { backend, ambient }
    }
}
