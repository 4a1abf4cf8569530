//! `platform`: what kind of machine this is.

pub mod backend;
pub mod mock;
pub mod native;

use std::sync::Arc;

pub use backend::Backend;

/// The handle: Python's module `platform` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Platform {
    backend: Arc<dyn Backend>,
}

impl Platform {
    /// This machine's.
    pub fn native() -> Platform {
        Platform::new(Arc::new(native::Native))
    }

    /// Any.
    pub fn new(backend: Arc<dyn Backend>) -> Platform {
        Platform { backend }
    }
}
