//! The ground of every fake: the [`Script`] that logs calls and injects faults, and the virtual [`Clock`].
//!
//! ```
//! # #[cfg(feature = "os")] {
//! use leyden::World;
//!
//! let world = World::new();
//! world.script().fail_next("os.mkdir", std::io::Error::from_raw_os_error(28)); // ENOSPC
//! assert!(world.batteries().os.mkdir("/out").is_err());
//! assert_eq!(world.script().calls()[0].to_string(), "os.mkdir(/out) failed");
//! # }
//! ```
//!
//! [`crate::World`] puts the fakes of all batteries on one script and one clock.

mod clock;
mod script;

pub use clock::{Clock, Sleep};
pub use script::{Call, Fault, Script};
pub(crate) use script::{Hung, Limits};
