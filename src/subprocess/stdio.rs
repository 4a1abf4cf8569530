//! [`Stdio`]: what a child's standard streams are connected to.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::backend::Pipe;
use super::pipe::{PipeReader, PipeWriter};
use crate::os::backend::Handle;

/// What a standard stream of a child is connected to: Python's `stdin=`, `stdout=` and `stderr=`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Stdio {
    /// Inherited from the parent. Python's None.
    #[default]
    Inherit,
    /// A new pipe to the parent.
    Pipe,
    /// `/dev/null`.
    DevNull,
    /// For standard error: the same as standard output.
    Stdout,
    /// A descriptor: a socket, a `std::fs::File`, a pipe of your own.
    Fd(Arc<OwnedFd>),
    /// An open file of the `os` battery.
    File(Arc<dyn Handle>),
    /// The pipe of another child.
    Child(Arc<dyn Pipe>),
}

impl Stdio {
    /// An open file of the `os` battery: `stdout=open("log", "w")`. Flushes the file's write buffer
    /// first.
    ///
    /// ```
    /// use leyden::prelude::*;
    /// use leyden::os::Open;
    /// use leyden::subprocess::Stdio;
    ///
    /// let world = World::new();
    /// world.subprocess.program("make").reply("done\n", 0);
    /// let Batteries { os, subprocess, .. } = world.batteries();
    ///
    /// let mut log = os.open(Open::new("/log").mode("w"))?;
    /// log.write_text("make: ")?;
    /// subprocess.check_call("make").stdout(Stdio::file(&mut log)?).wait()?;
    /// assert_eq!(world.os.read_text("/log").as_deref(), Some("make: done\n"));
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn file(file: &mut crate::os::File) -> crate::os::Result<Stdio> {
        Ok(Stdio::File(file.shared_handle()?))
    }
}

/// A new pipe to the parent. <https://docs.python.org/3/library/subprocess.html#subprocess.PIPE>
#[doc(alias = "subprocess.PIPE")]
pub const PIPE: Stdio = Stdio::Pipe;

/// Reads are at the end at once; writes are discarded.
/// <https://docs.python.org/3/library/subprocess.html#subprocess.DEVNULL>
#[doc(alias = "subprocess.DEVNULL")]
pub const DEVNULL: Stdio = Stdio::DevNull;

/// Sends standard error to standard output, in the order of the writes.
///
/// <https://docs.python.org/3/library/subprocess.html#subprocess.STDOUT>
#[doc(alias = "subprocess.STDOUT")]
pub const STDOUT: Stdio = Stdio::Stdout;

impl From<OwnedFd> for Stdio {
    fn from(fd: OwnedFd) -> Stdio {
        Stdio::Fd(Arc::new(fd))
    }
}

impl From<std::fs::File> for Stdio {
    fn from(file: std::fs::File) -> Stdio {
        OwnedFd::from(file).into()
    }
}

impl From<Arc<dyn Handle>> for Stdio {
    fn from(file: Arc<dyn Handle>) -> Stdio {
        Stdio::File(file)
    }
}

impl From<PipeReader> for Stdio {
    /// Connects the output of one child to the input of the next. Bytes that the reader has already
    /// buffered do not reach the next child.
    fn from(reader: PipeReader) -> Stdio {
        Stdio::Child(reader.into_pipe())
    }
}

impl From<PipeWriter> for Stdio {
    fn from(writer: PipeWriter) -> Stdio {
        Stdio::Child(writer.into_pipe())
    }
}
