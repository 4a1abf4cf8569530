//! The seam of `sys`: a program's arguments and its three streams of bytes.
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

/// What a program is given when it is started.
///
/// # Contract
///
/// - Every error is an errno. `EINTR` never comes out.
/// - Nothing is buffered here: what `write` has taken is with the kernel.
/// - Called from many threads at once; each call is as atomic as the kernel's own.
pub trait Backend: Debug + Send + Sync + 'static {
    /// The program's name and its arguments; they need not be UTF-8.
    fn argv(&self) -> Vec<OsString>;

    /// The absolute path of the running program. `ENOENT` where the system does not tell.
    fn executable(&self) -> Result<PathBuf>;

    /// The thread library and its version: `"NPTL 2.36"`. None where that is not known.
    fn thread_library(&self) -> Option<String>;

    /// Reads some bytes, and waits for them; 0 is the end. `EBADF` if the stream is closed.
    fn read(&self, stream: Stream, buffer: &mut [u8]) -> Result<usize>;

    /// Writes some of the bytes. `EPIPE` if nobody reads any more, `ENOSPC`, `EBADF`.
    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<usize>;

    /// Moves in a regular file and gives the place. `ESPIPE` for a pipe or a terminal.
    fn seek(&self, stream: Stream, to: SeekFrom) -> Result<u64>;

    /// Cuts a regular file, or makes it longer with NULs. `EINVAL` for anything else.
    fn truncate(&self, stream: Stream, length: u64) -> Result<()>;

    /// True if a terminal is behind the stream.
    fn isatty(&self, stream: Stream) -> bool;

    /// `sys.exit` was called. It is for the log: the program goes on until its `main` returns.
    fn exit(&self, status: &ExitStatus);

    /// From now on, SIGINT and SIGTERM interrupt waits; a second one ends the process. Called again after a signal was reported, it arms
    /// the handlers anew.
    ///
    /// By default `ENOSYS`: the backend handles no signals.
    fn on_interrupt(&self) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(ENOSYS))
    }

    /// The interrupts that have arrived. By default, none ever comes.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}
