//! [`Scope`]: the batteries that a resource works with, and those of other hosts.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::Batteries;

/// Gives the batteries of a host by its name: `move |host| Ok(fabric.connection(host).batteries().wait()?)`.
///
/// See [`Infra::hosts`](crate::infra::Infra::hosts).
pub type Hosts = Arc<dyn Fn(&str) -> crate::Result<Batteries> + Send + Sync>;

/// What a resource may touch: it dereferences to [`Batteries`].
#[derive(Clone)]
pub struct Scope {
    batteries: Batteries,
    hosts: Option<Hosts>,
}

impl Scope {
    pub(in crate::infra) fn new(batteries: Batteries, hosts: Option<Hosts>) -> Scope {
        Scope { batteries, hosts }
    }

    /// The batteries of a host; None is this machine.
    ///
    /// # Errors
    /// If the host cannot be reached, or if [`Infra::hosts`](crate::infra::Infra::hosts) was not called.
    pub fn host(&self, name: Option<&str>) -> crate::Result<Batteries> {
        match (name, &self.hosts) {
            (None, _) => Ok(self.batteries.clone()),
            (Some(name), Some(hosts)) => hosts(name),
            (Some(name), None) => Err(crate::Error::other(format!("host {name:?}: no hosts are configured: use Infra::hosts"))),
        }
    }
}

impl Deref for Scope {
    type Target = Batteries;

    fn deref(&self) -> &Batteries {
        &self.batteries
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("batteries", &self.batteries).finish_non_exhaustive()
    }
}
