//! `sys`: arguments, standard streams, exit.

pub mod backend;
pub mod mock;
pub mod native;

use std::sync::Arc;

pub use backend::Backend;

/// The handle: Python's module `sys` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sys {
    backend: Arc<dyn Backend>,
}

impl Sys {
    /// This machine's.
    pub fn native() -> Sys {
        Sys::new(Arc::new(native::Native))
    }

    /// Any.
    pub fn new(backend: Arc<dyn Backend>) -> Sys {
        Sys { backend }
    }
}
