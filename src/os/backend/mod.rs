//! The backend of `os`: the operations of a machine, and their data types.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let os = leyden::os::Os::new(Arc::new(world.os.clone()), world.os.ambient().clone());
//! os.makedirs("/srv/reports")?; // two calls of a primitive
//! assert_eq!(world.script().count("os.mkdir"), 2);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! [`Files`] is the file system, [`Machine`] is the rest of the kernel; a [`Backend`] is both. The
//! rest of the battery (`makedirs`, `walk`, `shutil`, `glob`, `tempfile`, atomic writes) is
//! implemented once, on top of these primitives.

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
/// - **Errors.** Every error is an errno: [`Errno::of`](crate::Errno::of) is `Some`. The handle
///   adds the operation and the paths; a backend does not. `EINTR` is never returned: an
///   interrupted call is repeated (PEP 475).
/// - **Paths** are passed as to the kernel: absolute, or relative to the process's own directory;
///   they need not be UTF-8. A path with a NUL byte is `EINVAL`. An empty path is `ENOENT`.
/// - **Clones and threads.** All clones of a handle share one backend, which is called from many
///   threads at once. Each call is as atomic as the kernel's own.
/// - **Wrappers** forward every method; `#[deny(clippy::missing_trait_methods)]` checks that.
pub trait Backend: Files + Machine {}

impl<T: Files + Machine + ?Sized> Backend for T {}

/// The common supertraits of backends, to keep the traits readable.
pub trait Shared: Any + Debug + Send + Sync {}

impl<T: Debug + Send + Sync + 'static> Shared for T {}
