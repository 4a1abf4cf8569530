//! The seam of `os`: what a machine must be able to do, and the plain data it speaks.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle stands on any backend; this one is the mock.
//! let os = leyden::os::Os::new(Arc::new(world.os.clone()), world.os.ambient().clone());
//! os.makedirs("/srv/reports")?; // two calls of a primitive
//! assert_eq!(world.script().count("os.mkdir"), 2);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! [`Files`] is the file system, [`Machine`] is the rest of the kernel; a [`Backend`] is both. Everything else of the battery
//! (`makedirs`, `walk`, `shutil`, `glob`, `tempfile`, atomic writes) is written once, over these primitives.

mod data;
mod files;
mod machine;

pub use data::{
    Access, Advice, Entry, FileTime, FileType, OpenFlags, PriorityOf, StatResult, StatVfsResult, Times, TimesResult, UnameResult,
    WaitOptions, WaitStatus, Who, XattrFlags,
};
pub use files::{Dir, Entries, Files, Handle};
pub use machine::Machine;

use std::any::Any;
use std::fmt::Debug;

/// A machine: a file system and a kernel.
///
/// # Contract
///
/// - **Errors.** Every error is an errno: [`Errno::of`](crate::Errno::of) is Some. The handle adds the operation and the paths;
///   a backend does not. `EINTR` never comes out: an interrupted call is made again (PEP 475).
/// - **Paths** come as the kernel gets them: absolute, or relative to the process's own directory; they need not be UTF-8. A path with a NUL
///   byte is `EINVAL`. An empty path is `ENOENT`.
/// - **Clones and threads.** A backend is shared by all clones of a handle and called from many threads at once. Each call is
///   as atomic as the kernel's own.
/// - **Wrappers** forward every method; `#[deny(clippy::missing_trait_methods)]` proves it.
pub trait Backend: Files + Machine {}

impl<T: Files + Machine + ?Sized> Backend for T {}

/// What backends have in common, so that the traits stay readable.
pub trait Shared: Any + Debug + Send + Sync {}

impl<T: Debug + Send + Sync + 'static> Shared for T {}
