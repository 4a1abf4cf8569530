//! The backend of `sys`: a program's arguments and its three byte streams.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let sys = world.batteries().sys; // on the mock's backend
//! for word in ["one ", "two\n"] {
//!     sys.stdout.write(word)?; // into a buffer
//! }
//! sys.stdout.flush()?;
//! assert_eq!(world.script().count("sys.write"), 1); // one call of the primitive
//! # Ok::<(), leyden::Error>(())
//! ```

use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{Result, SeekFrom};
use std::path::PathBuf;

use super::exit::ExitStatus;
use crate::error::errno::ENOSYS;
use crate::interrupt::Interrupts;

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Descriptor 0.
    Stdin,
    /// Descriptor 1.
    Stdout,
    /// Descriptor 2.
    Stderr,
}

impl Stream {
    /// The descriptor: 0, 1, 2.
    pub fn fileno(self) -> u32 {
        match self {
            Stream::Stdin => 0,
            Stream::Stdout => 1,
            Stream::Stderr => 2,
        }
    }
}

/// The machine's side of a program: arguments and standard streams.
///
/// # Contract
///
/// - Every error is an errno. `EINTR` is never returned.
/// - Nothing is buffered here: bytes that `write` accepted are with the kernel.
/// - Methods are called from many threads at once. Each call is as atomic as the kernel's own.
pub trait Backend: Debug + Send + Sync + 'static {
    /// Returns the program's name and its arguments, which need not be UTF-8.
    fn argv(&self) -> Vec<OsString>;

    /// Returns the absolute path of the running program. `ENOENT` if the system does not provide
    /// it.
    fn executable(&self) -> Result<PathBuf>;

    /// Returns the thread library and its version: `"NPTL 2.36"`. `None` if unknown.
    fn thread_library(&self) -> Option<String>;

    /// Blocks until there are bytes and reads some of them; 0 is the end. `EBADF` if the stream is
    /// closed.
    fn read(&self, stream: Stream, buffer: &mut [u8]) -> Result<usize>;

    /// Writes some of the bytes. `EPIPE` if the reading end is closed, `ENOSPC`, `EBADF`.
    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<usize>;

    /// Seeks in a regular file and returns the new position. `ESPIPE` for a pipe or a terminal.
    fn seek(&self, stream: Stream, to: SeekFrom) -> Result<u64>;

    /// Truncates a regular file, or extends it with NULs. `EINVAL` for anything else.
    fn truncate(&self, stream: Stream, length: u64) -> Result<()>;

    /// Returns true if the stream is connected to a terminal.
    fn isatty(&self, stream: Stream) -> bool;

    /// Records a call of `sys.exit`. The program continues until its `main` returns.
    fn exit(&self, status: &ExitStatus);

    /// Makes SIGINT and SIGTERM interrupt waits; a second signal ends the process. A call after a
    /// signal was reported installs the handlers again.
    ///
    /// The default implementation fails with `ENOSYS`: the backend does not handle signals.
    fn on_interrupt(&self) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(ENOSYS))
    }

    /// Returns the interrupts that have arrived. The default implementation reports none.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}
