//! `fabric`: commands and files on other machines, over SSH. <https://docs.fabfile.org/en/stable/>
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.fabric.host("web1").shell("uname -s").reply("Linux\n", 0);
//! let Batteries { fabric, .. } = world.batteries(); // on the machine: `Batteries::included()`
//! let web = fabric.connection("deploy@web1");
//! assert_eq!(web.run("uname -s").hide(true).wait()?.stdout, "Linux\n");
//! # Ok::<(), leyden::Error>(())
//! ```

pub mod backend;
pub mod config;
mod connection;
mod error;
pub mod known_hosts;
mod result;
pub mod sftp;
pub mod ssh_config;
mod texts;

use std::sync::Arc;

pub use backend::{Backend, Session, Stream};
pub use connection::Connection;
pub use error::{Error, Result, WatcherError};
pub use result::RunResult;

use crate::os::Os;
use crate::subprocess::Subprocess;

/// The handle: Python's module `fabric` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fabric {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) os: Os,
    pub(crate) subprocess: Subprocess,
}

impl Fabric {
    /// Any backend. Configuration, keys and local files are read through `os`; `local()` runs through `subprocess`.
    pub fn new(backend: Arc<dyn Backend>, os: Os, subprocess: Subprocess) -> Fabric {
        Fabric { backend, os, subprocess }
    }
}
