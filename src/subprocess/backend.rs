//! The backend of `subprocess`: one primitive, [`Backend::spawn`], which returns a [`Child`] and
//! the [`Pipe`]s to it.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let subprocess = leyden::subprocess::Subprocess::new(Arc::new(world.subprocess.clone()), world.os.ambient().clone());
//! world.subprocess.program("true").reply("", 0);
//! assert_eq!(subprocess.run("true").wait()?.returncode, 0);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Deadlines, `communicate`, pipelines, text and errors are implemented once, on top of these
//! traits.

use std::any::Any;
use std::ffi::OsString;
use std::fmt::{self, Debug};
use std::io::Result;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::args::Arg;
use super::stdio::Stdio;
use crate::ambient::Variables;
use crate::interrupt::Interrupts;
pub use crate::os::backend::WaitStatus;
use crate::secret::Names;

/// A boxed future that may borrow.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A machine that runs programs.
///
/// # Contract
///
/// - **Errors** are those of the system call that failed: `raw_os_error` is `Some`. An operation
///   that a backend does not support is `ErrorKind::Unsupported` with a text that names it. `EINTR`
///   is never returned.
/// - **Threads.** All clones of a handle share one backend. One thread may read a pipe while
///   another waits for the child.
/// - **No leaks.** Descriptors that are not passed to the child are closed in it. The parent's ends
///   are closed when the last [`Pipe`] is dropped.
/// - **Wrappers** forward every method.
pub trait Backend: Debug + Send + Sync + 'static {
    /// Starts a program.
    ///
    /// - A program name without a slash is looked up in the `PATH` of the child's environment
    ///   (`/bin:/usr/bin` if unset). A name with a slash is a path, relative to the child's
    ///   directory.
    /// - `spawn` itself returns these errors, not the child: `ENOENT`, `EACCES` (not executable, or
    ///   a directory), `ENOTDIR`, `ENOEXEC` (neither a binary nor `#!`), `E2BIG`, `EINVAL` (a NUL
    ///   byte). An empty name is `EACCES`, because it resolves to a directory of the `PATH`.
    /// - A missing or inaccessible working directory is also `ENOENT`, `ENOTDIR` or `EACCES`.
    ///   [`Backend::check_directory`] distinguishes the two cases.
    fn spawn(&self, command: &Command) -> Result<Spawned>;

    /// Fails as `chdir` to this path would fail, without changing the directory of any process.
    fn check_directory(&self, path: &Path) -> Result<()>;

    /// Returns a clock that never goes back. Deadlines are measured on it.
    fn monotonic(&self) -> Duration;

    /// Returns the interrupts that end the waits of the handle. The default implementation reports
    /// none.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}

/// The program that [`Backend::spawn`] starts. `Debug` shows the names of the environment
/// variables, not their values.
#[derive(Clone)]
#[non_exhaustive]
pub struct Command {
    /// The program: a name to look up in `PATH`, or a path.
    pub program: OsString,
    /// The arguments. The first is `argv[0]`, the name that the program sees.
    pub args: Vec<Arg>,
    /// The whole environment. `None`: inherited from this process.
    pub environ: Option<Arc<Variables>>,
    /// The working directory. `None`: inherited from this process.
    pub cwd: Option<PathBuf>,
    /// Standard input.
    pub stdin: Stdio,
    /// Standard output.
    pub stdout: Stdio,
    /// Standard error.
    pub stderr: Stdio,
    /// The child's user, groups, umask, session and process group.
    pub standing: Standing,
    /// The capacity of the pipes in bytes. `None`: the system's default.
    pub pipesize: Option<usize>,
    /// Descriptors that stay open in the child under the same numbers.
    pub pass_fds: Vec<Arc<OwnedFd>>,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environ = self.environ.as_deref().map(Names);
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("environ", &environ)
            .field("cwd", &self.cwd)
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .field("standing", &self.standing)
            .field("pipesize", &self.pipesize)
            .field("pass_fds", &self.pass_fds)
            .finish()
    }
}

/// Process attributes that the child does not inherit from its parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// The user.
    pub user: Option<Id>,
    /// The group.
    pub group: Option<Id>,
    /// The supplementary groups.
    pub extra_groups: Option<Vec<Id>>,
    /// The file mode creation mask.
    pub umask: Option<u32>,
    /// Whether the child starts a new session, and with it a new process group.
    pub start_new_session: bool,
    /// The process group to join; 0 creates a new one.
    pub process_group: Option<u32>,
}

/// A user or group, by number or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// The number.
    Number(u32),
    /// The name, looked up on the machine that starts the program.
    Name(String),
}

impl From<u32> for Id {
    fn from(number: u32) -> Id {
        Id::Number(number)
    }
}

impl From<&str> for Id {
    fn from(name: &str) -> Id {
        Id::Name(name.into())
    }
}

/// A child and the parent's ends of its pipes: one for each stream that is [`Stdio::Pipe`].
#[derive(Debug)]
pub struct Spawned {
    /// The process.
    pub child: Box<dyn Child>,
    /// The pipes.
    pub pipes: Pipes,
}

/// The parent's ends of a child's pipes.
#[derive(Clone, Debug, Default)]
pub struct Pipes {
    /// To write to.
    pub stdin: Option<Arc<dyn Pipe>>,
    /// To read from.
    pub stdout: Option<Arc<dyn Pipe>>,
    /// To read from.
    pub stderr: Option<Arc<dyn Pipe>>,
}

/// The sources that are ready in the sense of `poll(2)`: a call on them returns data or an error at
/// once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// The pipe to standard input accepts bytes, or its reading end is closed.
    pub stdin: bool,
    /// Standard output has bytes or is at its end.
    pub stdout: bool,
    /// Standard error has bytes or is at its end.
    pub stderr: bool,
    /// The process has ended.
    pub exit: bool,
}

impl Ready {
    /// Returns true if any source is ready.
    pub fn any(self) -> bool {
        self.stdin || self.stdout || self.stderr || self.exit
    }
}

/// A process that was started and not yet reaped. Dropping it neither kills nor reaps the process;
/// the handle does both.
pub trait Child: Debug + Send + Sync {
    /// The process id.
    fn pid(&self) -> u32;

    /// Blocks until one of these pipes is ready, until the process has ended (if `exit` is true),
    /// or until the timeout. On timeout nothing is ready. Does not reap the process.
    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready>;

    /// Like [`Child::poll`], without blocking the thread. Works on any async runtime, or none.
    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>>;

    /// Blocks until the process has ended and reaps it. `ECHILD` if the status is not available: it
    /// was already taken, or the kernel discarded it because SIGCHLD is ignored.
    fn wait(&mut self) -> Result<WaitStatus>;

    /// Reaps the process if it has ended. `ECHILD`, as for `wait`.
    fn try_wait(&mut self) -> Result<Option<WaitStatus>>;

    /// Sends a signal to the process. `EINVAL` for an invalid signal number, `EPERM`, `ECHILD` if
    /// the process was already reaped.
    fn send_signal(&mut self, signal: i32) -> Result<()>;

    /// Kills the process, all its descendants, the process group or session that it leads, and
    /// every process that holds the other end of these pipes. The process must still be reaped
    /// afterwards.
    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()>;

    /// Lets the process continue in the background. It is reaped when it ends, without a caller
    /// that waits.
    fn detach(self: Box<Self>);
}

/// The parent's end of a pipe. It closes when its last clone is dropped.
pub trait Pipe: Any + Debug + Send + Sync {
    /// Blocks until there are bytes. Returns 0 at the end of the stream.
    fn read(&self, buffer: &mut [u8]) -> Result<usize>;

    /// Appends the bytes that are available, up to a few times the capacity of a pipe.
    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize>;

    /// Blocks until there are bytes, the end of the stream, or an interrupt, which is returned as
    /// an error. The default implementation returns at once.
    fn wait_readable(&self) -> Result<()> {
        Ok(())
    }

    /// Writes as many bytes as the pipe accepts now. `EAGAIN` if that is zero, `EPIPE` if the
    /// reading end is closed.
    fn write(&self, bytes: &[u8]) -> Result<usize>;

    /// Blocks until bytes can be written or the reading end is closed.
    fn wait_writable(&self) -> Result<()>;

    /// Returns the kernel's descriptor; `None` for a pipe in memory.
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;
}
