//! [`Connection`]: one machine.

use std::fmt;
use std::sync::Arc;

use super::backend::Session;
use super::error::Result;

/// A connection to a machine.
#[derive(Clone)]
pub struct Connection(Arc<str>);

impl Connection {
    /// The host.
    pub fn host(&self) -> &str {
        &self.0
    }

    /// The open session; connects first if there is none.
    pub(crate) async fn session(&self) -> Result<Arc<dyn Session>> {
        Err(super::Error::NotImplemented { operation: "fabric.session" })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Connection host={}>", self.0)
    }
}

impl PartialEq for Connection {
    fn eq(&self, other: &Connection) -> bool {
        self.0 == other.0
    }
}
