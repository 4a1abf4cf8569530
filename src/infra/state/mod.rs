//! The state: what is known of the objects that were made, and where that is kept.
//!
//! ```
//! use leyden::{infra::{Infra, State}, prelude::*};
//!
//! let world = World::new();
//! let infra = Infra::new("prod", State::file("/srv/prod.json"));
//! let state = infra.state(&world.batteries()).pull().wait()?; // nothing was applied yet
//! assert_eq!((state.serial(), state.addresses().len()), (0, 0));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! A state is a snapshot followed by one line for each step since: a journal. [`State::file`] keeps it in a file that is appended
//! to and, after a run, replaced by one line. [`State::s3`] keeps it in one object that is replaced in each step.
//!
//! Secrets are in it only as salted hashes.

mod entry;
mod file;
#[cfg(feature = "requests")]
mod http;
mod journal;
mod lock;
mod manage;
#[cfg(feature = "s3")]
mod s3;
mod snapshot;
mod store;
mod tfstate;

pub use entry::{Entry, Status};
pub(super) use journal::Change;
pub use lock::LockInfo;
pub use manage::{Manage, Request};
pub(super) use manage::{load, rename};
pub use snapshot::{Output, Snapshot};
pub use store::State;
pub(super) use store::{Held, Store};
pub use tfstate::{Tfstate, read_tfstate};

/// The format that is written, and the newest that is read.
pub(super) const FORMAT: u64 = 1;
