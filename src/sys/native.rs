//! The machine itself.

use super::backend::Backend;

/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Native;

impl Backend for Native {}
