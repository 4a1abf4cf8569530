//! In memory.

use std::sync::Arc;

use super::Subprocess;
use super::backend::Backend;
use crate::mock::Script;

/// In memory.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    os: crate::os::mock::Mock,
}

impl Mock {
    /// One that enters its calls in this script.
    pub fn new(script: Script, os: crate::os::mock::Mock) -> Mock {
        Mock { script, os }
    }

    /// The battery on it.
    pub fn handle(&self) -> Subprocess {
        Subprocess::new(Arc::new(self.clone()), self.os.ambient().clone())
    }
}

impl Backend for Mock {}
