//! `subprocess`: running programs.

pub mod backend;
pub mod mock;
pub mod native;

use std::sync::Arc;

pub use backend::Backend;

use crate::ambient::Ambient;

/// The handle: Python's module `subprocess` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Subprocess {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl Subprocess {
    /// This machine's.
    pub fn native(ambient: Ambient) -> Subprocess {
        Subprocess::new(Arc::new(native::Native), ambient)
    }

    /// Any.
    pub fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> Subprocess {
        Subprocess { backend, ambient }
    }
}
