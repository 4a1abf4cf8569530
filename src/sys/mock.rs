//! In memory.

use std::sync::Arc;

use super::Sys;
use super::backend::Backend;
use crate::mock::Script;

/// In memory.
#[derive(Clone, Debug, Default)]
pub struct Mock {
    script: Script,
}

impl Mock {
    /// One that enters its calls in this script.
    pub fn new(script: Script) -> Mock {
        Mock { script }
    }

    /// The battery on it.
    pub fn handle(&self) -> Sys {
        Sys::new(Arc::new(self.clone()))
    }
}

impl Backend for Mock {}
