//! The seam of `subprocess`: one primitive, [`Backend::spawn`], and what it hands out: a [`Child`] and the [`Pipe`]s to it.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle stands on any backend; this one is the mock.
//! let subprocess = leyden::subprocess::Subprocess::new(Arc::new(world.subprocess.clone()), world.os.ambient().clone());
//! world.subprocess.program("true").reply("", 0);
//! assert_eq!(subprocess.run("true").wait()?.returncode, 0);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Deadlines, `communicate`, pipelines, text and errors are written once, over these.

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

/// A future on the heap that may borrow.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A machine that runs programs.
///
/// # Contract
///
/// - **Errors** are those of the system call that failed: `raw_os_error` is Some. What a backend cannot do at all is
///   `ErrorKind::Unsupported` with a text that names it. `EINTR` never comes out.
/// - **Threads.** A backend is shared by all clones of a handle; a pipe may be read in one thread while the child is waited for
///   in another.
/// - **Nothing leaks.** A descriptor that the child was not given is closed in it; the parent's ends are closed when the last
///   [`Pipe`] is dropped.
/// - **Wrappers** forward every method.
pub trait Backend: Debug + Send + Sync + 'static {
    /// Starts a program.
    ///
    /// - A program without a slash is looked for in the `PATH` of the child's environment (`/bin:/usr/bin` without one); one with a slash
    ///   is a path, relative to the child's directory. `ENOENT`, `EACCES` (not executable, or a directory), `ENOTDIR`, `ENOEXEC` (neither a
    ///   binary nor `#!`), `E2BIG`, `EINVAL` (a NUL byte). An empty name is `EACCES`, as the directories of the `PATH` are no programs. These come from here, not from the child.
    /// - `ENOENT`, `ENOTDIR` or `EACCES` also where the directory is at fault; [`Backend::check_directory`] tells.
    fn spawn(&self, command: &Command) -> Result<Spawned>;

    /// Fails as `chdir` would. None of the processes moves.
    fn check_directory(&self, path: &Path) -> Result<()>;

    /// A clock that never goes back: deadlines are measured on it.
    fn monotonic(&self) -> Duration;

    /// The interrupts that end the waits of the facade. By default, none ever comes.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}

/// What [`Backend::spawn`] starts. `Debug` shows the names of the variables, not their values.
#[derive(Clone)]
#[non_exhaustive]
pub struct Command {
    /// The program: a name for the `PATH`, or a path.
    pub program: OsString,
    /// The arguments; the first is the name under which the program sees itself.
    pub args: Vec<Arg>,
    /// The whole environment. None: the process's own.
    pub environ: Option<Arc<Variables>>,
    /// The directory. None: the process's own.
    pub cwd: Option<PathBuf>,
    /// Standard input.
    pub stdin: Stdio,
    /// Standard output.
    pub stdout: Stdio,
    /// Standard error.
    pub stderr: Stdio,
    /// Who the child is and where it stands among the processes.
    pub standing: Standing,
    /// The capacity of the pipes in bytes. None: the system's.
    pub pipesize: Option<usize>,
    /// Descriptors that stay open in the child, under the same numbers.
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

/// What a child does not inherit of its parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Its user.
    pub user: Option<Id>,
    /// Its group.
    pub group: Option<Id>,
    /// Its supplementary groups.
    pub extra_groups: Option<Vec<Id>>,
    /// Its mask of permissions.
    pub umask: Option<u32>,
    /// It leads a session of its own, and a process group.
    pub start_new_session: bool,
    /// It joins this process group; 0 is one of its own.
    pub process_group: Option<u32>,
}

/// A user or group, by number or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// The number.
    Number(u32),
    /// The name, looked up where the program is started.
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

/// A child and the parent's ends of its pipes: there is one for each of the three that is [`Stdio::Pipe`].
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

/// What is ready, in the sense of `poll(2)`: a call on it gives an answer, or an error, at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// The pipe to standard input takes bytes, or nobody reads it any more.
    pub stdin: bool,
    /// Standard output has bytes, or has ended.
    pub stdout: bool,
    /// Standard error has bytes, or has ended.
    pub stderr: bool,
    /// The process has ended.
    pub exit: bool,
}

impl Ready {
    /// Anything at all.
    pub fn any(self) -> bool {
        self.stdin || self.stdout || self.stderr || self.exit
    }
}

/// A process that was started and not yet waited for. The facade kills and waits for each of them: dropping one does neither.
pub trait Child: Debug + Send + Sync {
    /// Its number.
    fn pid(&self) -> u32;

    /// Blocks until one of these pipes is ready, or (with `exit`) the process has ended, or the time is up: then nothing is
    /// ready. The process is not reaped by this.
    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready>;

    /// The same without blocking the thread. It needs no runtime, and works on any.
    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>>;

    /// Blocks until the process has ended and takes its status. `ECHILD` where the status is not to be had: it was taken already, or
    /// the kernel threw it away since SIGCHLD is ignored.
    fn wait(&mut self) -> Result<WaitStatus>;

    /// Takes its status if it has ended. `ECHILD`, as for `wait`.
    fn try_wait(&mut self) -> Result<Option<WaitStatus>>;

    /// Sends a signal to the process. `EINVAL` for none that exists, `EPERM`, `ECHILD` where its status was taken.
    fn send_signal(&mut self, signal: i32) -> Result<()>;

    /// Kills the process, all its descendants, its process group or session if it leads one, and whoever holds the other end of
    /// these pipes. Afterwards it is still to be waited for.
    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()>;

    /// Lets the process go on by itself: it is reaped, when it ends, without anybody waiting.
    fn detach(self: Box<Self>);
}

/// The parent's end of a pipe. It closes when its last clone is dropped.
pub trait Pipe: Any + Debug + Send + Sync {
    /// Blocks until there are bytes; 0 is the end.
    fn read(&self, buffer: &mut [u8]) -> Result<usize>;

    /// The same, appended: what there is at once, but never more than a few pipes full.
    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize>;

    /// Blocks until there are bytes or the end, where an interrupt can come: it is the error then. By default it does not wait.
    fn wait_readable(&self) -> Result<()> {
        Ok(())
    }

    /// Writes what the pipe takes now; `EAGAIN` if that is nothing, `EPIPE` if nobody reads it any more.
    fn write(&self, bytes: &[u8]) -> Result<usize>;

    /// Blocks until bytes can be written, or nobody reads any more.
    fn wait_writable(&self) -> Result<()>;

    /// The kernel's descriptor, where there is a kernel: None in memory.
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;
}
