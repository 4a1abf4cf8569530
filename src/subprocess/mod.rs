//! `subprocess`: running programs. <https://docs.python.org/3/library/subprocess.html>
//!
//! ```
//! use leyden::prelude::*;
//!
//! fn disk(Batteries { subprocess, .. }: &Batteries) -> leyden::Result<String> {
//!     let df = subprocess.run(["df", "-h"]).capture_output(true).check(true).timeout(secs(10)).wait()?;
//!     Ok(df.stdout_text()?)
//! }
//!
//! let world = World::new(); // in a test; `Batteries::included()` on the machine
//! world.subprocess.program("df").reply("/dev/sda1  42%\n", 0);
//! assert_eq!(disk(&world.batteries())?, "/dev/sda1  42%\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! A program is a list of arguments. No shell is involved except in [`Run::shell`],
//! [`Run::shell_line`] and the four calls that take a command line
//! ([`getoutput`](Subprocess::getoutput), [`getstatusoutput`](Subprocess::getstatusoutput),
//! [`system`](Subprocess::system), [`shell_pipe`](Subprocess::shell_pipe)). `.wait()` blocks and
//! needs no async runtime; `.await` works on any.
//!
//! # Python and leyden
//!
//! | Python | leyden |
//! |---|---|
//! | `subprocess.run(args, ..)` | [`subprocess.run(args)`](Subprocess::run)`....wait()?`, or `run(Run::new(args)...)` |
//! | `subprocess.Popen(args, ..)` | [`subprocess.popen(args)`](Subprocess::popen)`....spawn()?`, [`Popen::new`] |
//! | `call`, `check_call`, `check_output`, `getoutput`, `getstatusoutput` | the same, each with `.wait()?` |
//! | `os.system(line)`, `os.popen(line, mode)` | [`subprocess.system(line)`](Subprocess::system), [`subprocess.shell_pipe(line, mode)`](Subprocess::shell_pipe) |
//! | `Popen(.., stdin=p1.stdout)` | `.stdin(p1.stdout.take().unwrap())`, or [`subprocess.pipe(a).to(b)`](Subprocess::pipe) |
//! | `list2cmdline` | [`list2cmdline`] |
//! | `PIPE`, `DEVNULL`, `STDOUT`, a file | [`PIPE`], [`DEVNULL`], [`STDOUT`], a [`Stdio`] from a file |
//! | `input= capture_output= check= timeout= cwd= env= shell= executable= text= encoding= errors= universal_newlines=` | methods of [`Run`] |
//! | `user= group= extra_groups= umask= start_new_session= process_group= pipesize= pass_fds= restore_signals=` | methods of [`Run`] |
//! | `env={**os.environ, "A": "b"}` | [`Run::env_update`] |
//! | `result.stdout` | `Option<Vec<u8>>`: the bytes, in text mode the text as UTF-8; [`CompletedProcess::stdout_text`] is a `String` either way |
//! | `for line in p.stdout` | [`PipeReader::lines`], or without a `Popen`: [`Run::lines`]; lines come without their ends, as everywhere in Rust |
//! | `p.communicate(input, timeout)` | `p.communicate().input(..).timeout(..).wait()?` |
//! | `p.wait(timeout)`, `poll`, `kill`, `terminate`, `send_signal` | [`p.wait(None)?`](Popen::wait), `p.wait(secs(3))?`, the same |
//! | `with Popen(..) as p:` | a block: `Drop` |
//! | `KeyboardInterrupt` | [`Error::KeyboardInterrupt`], after [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt) |
//! | `CalledProcessError`, `TimeoutExpired`, `SubprocessError` | [`Error::CalledProcess`], [`Error::TimeoutExpired`], [`Error`] |
//! | `FileNotFoundError`, `PermissionError`, `NotADirectoryError`, `OSError` | the variants of [`Error`], with program or directory in [`Error::filename`] |
//! | `ValueError`, `LookupError`, `UnicodeDecodeError` | [`Error::Value`], [`Error::Lookup`], [`Error::UnicodeDecode`] |
//! | `bufsize=` | none: readers read ahead, writers do not wait |
//! | `preexec_fn=` | none: a function between `fork` and `exec` cannot be written safely |
//! | `close_fds=False` | none: `pass_fds` names the descriptors that stay open |
//! | `startupinfo=`, `creationflags=` | none: Windows |
//!
//! Beyond Python: [`Secret`](crate::Secret)s as arguments and variables, [`Run::lines`] with a deadline, [`Pipeline`], [`Popen::kill_tree`],
//! [`Popen::detach`], `.await`.
//!
//! # Deadlines and trees
//!
//! There is no deadline unless you set one, as in Python. When a deadline expires, the program is
//! killed with everything that it started, and reaped. The error holds the output up to then.
//! "Everything that it started" means:
//!
//! - its descendants, whatever process group or session they moved to;
//! - its process group or session, if it leads one ([`Run::process_group`]`(0)`,
//!   [`Run::start_new_session`]);
//! - every process that holds the other end of one of its pipes, so that an orphan cannot delay the
//!   deadline.
//!
//! A daemon that has left all three is not found: start such a program in a new session. (A session
//! is not the default, because Ctrl-C would no longer reach the program, and the program could not
//! read from the terminal.) The same processes are killed when a `Popen`, a future or an iterator
//! is dropped. A process of another user (`sudo`) cannot be killed: the deadline then returns
//! [`Error::Permission`].
//!
//! # Differences
//!
//! - DIFFERENCE: dropping a [`Popen`] kills the process tree; Python leaves the program running.
//!   [`Popen::detach`] leaves it running.
//! - DIFFERENCE: a deadline kills the process tree. Python kills only the program, and waits as
//!   long as a grandchild holds the pipe.
//! - DIFFERENCE: messages are lower case without a full stop, name a signal as `SIGKILL (9)`, and
//!   end with the last line of the captured standard error. A list of arguments is shown as a shell
//!   command line. `TimeoutExpired` shows the timeout that was set, not the time that was left.
//! - DIFFERENCE: text is UTF-8 unless `encoding` says otherwise, whatever the locale. Encodings and error
//!   handlers are those of `os::Open::encoding` and `os::Open::errors`; others are [`Error::Lookup`].
//! - DIFFERENCE: in text mode, the output in [`Error::CalledProcess`] is the decoded text as UTF-8
//!   bytes.
//! - DIFFERENCE: if the program wrote nothing, the captured output in [`Error::TimeoutExpired`] is
//!   empty; in Python it is None.
//! - DIFFERENCE: an empty argument list is [`Error::Value`]; in Python it is an `IndexError`.
//! - DIFFERENCE: descriptors that this process opened are closed in the program. Descriptors that
//!   this process inherited without `O_CLOEXEC` are passed on.
//! - DIFFERENCE: `user` drops root's supplementary groups, which the program would otherwise keep
//!   by mistake. `user` together with `extra_groups` is not implemented.
//! - DIFFERENCE: `restore_signals(false)` is not implemented: signals that this process ignores
//!   have their default action in the program. The same holds for `system`, where Python leaves
//!   SIGPIPE ignored. `system` does not ignore Ctrl-C while it waits.
//! - DIFFERENCE: with `user`, `group`, `start_new_session` or `pass_fds`, a file in an unknown
//!   executable format is run by the shell; Python returns an `OSError` (`ENOEXEC`), as leyden does
//!   without these settings.
//! - DIFFERENCE: real-time signals cannot be sent.
//! - DIFFERENCE: if the exit status is not available (SIGCHLD is ignored, or other code called
//!   `waitpid`), the result is [`Error::UnknownStatus`]; Python reports 0, success.
//! - DIFFERENCE: `timeout`, `check`, `input` and `capture_output` are errors for [`Popen`], not
//!   ignored: they belong to `run` and `communicate`.
//!
//! # Backends
//!
//! | | programs |
//! |---|---|
//! | [`native`] | of this machine: `posix_spawn`, one `poll(2)` over pipes and a pidfd, no thread per process |
//! | [`mock`] | defined by the test, on the virtual clock and the files of its [`World`](crate::World) |

mod args;
pub mod backend;
mod call;
mod completed;
mod error;
pub mod mock;
pub mod native;
mod pipe;
mod pipeline;
mod popen;
mod process;
mod run;
mod shell;
mod signal;
mod stdio;
mod text;

use std::sync::Arc;

pub use args::{Arg, Args, list2cmdline};
pub use backend::{Backend, Id, WaitStatus};
pub use call::RunLines;
pub use completed::CompletedProcess;
pub use error::{Error, OsError, Result};
pub use pipe::{PipeReader, PipeWriter};
pub use pipeline::Pipeline;
pub use popen::{Communicate, Communicated, Popen};
pub use run::{On, Run, Start};
pub use shell::ShellPipe;
#[cfg(feature = "fabric")]
pub(crate) use signal::name as signal_name;
pub use stdio::{DEVNULL, PIPE, STDOUT, Stdio};
pub use text::Lines;

use crate::ambient::Ambient;
use run::Spec;

/// The handle: Python's module `subprocess` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Subprocess {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl Subprocess {
    /// A handle on this machine. Programs get the environment and the working directory of this
    /// `Ambient`.
    pub fn native(ambient: Ambient) -> Subprocess {
        Subprocess::new(Arc::new(native::Native), ambient)
    }

    /// A handle on any backend.
    pub fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> Subprocess {
        Subprocess { backend, ambient }
    }

    /// The environment and the working directory of programs.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    fn on<T>(
        &self,
        run: impl Into<Run>,
        prepare: fn(&mut Spec) -> Result<()>,
        finish: fn(CompletedProcess) -> Result<T>,
    ) -> Run<On<T>> {
        run.into().bind(On { handle: self.clone(), prepare, finish })
    }

    /// Runs a program to its end.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.run>
    #[doc(alias = "subprocess.run")]
    pub fn run(&self, run: impl Into<Run>) -> Run<On<CompletedProcess>> {
        self.on(run, |_| Ok(()), Ok)
    }

    /// Starts a program in the background: `subprocess.Popen(..)`. `.spawn()` starts it.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen>
    #[doc(alias = "subprocess.Popen")]
    pub fn popen(&self, run: impl Into<Run>) -> Run<Start> {
        run.into().bind(Start(self.clone()))
    }

    /// Runs a program to its end and returns the exit status.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.call>
    #[doc(alias = "subprocess.call")]
    pub fn call(&self, run: impl Into<Run>) -> Run<On<i32>> {
        self.on(run, |_| Ok(()), |completed| Ok(completed.returncode))
    }

    /// Runs a program to its end. A non-zero exit status is an error.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.check_call>
    #[doc(alias = "subprocess.check_call")]
    pub fn check_call(&self, run: impl Into<Run>) -> Run<On<()>> {
        let check = |spec: &mut Spec| {
            spec.check = true;
            Ok(())
        };
        self.on(run, check, |_| Ok(()))
    }

    /// Runs a program to its end and returns its output. A non-zero exit status is an error.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.check_output>
    #[doc(alias = "subprocess.check_output")]
    pub fn check_output(&self, run: impl Into<Run>) -> Run<On<Vec<u8>>> {
        let output = |spec: &mut Spec| {
            if spec.stdout.is_some() {
                return Err(Error::Value("stdout argument not allowed, it will be overridden".into()));
            }
            if !spec.capture_output {
                spec.stdout = Some(Stdio::Pipe);
            }
            spec.check = true;
            Ok(())
        };
        self.on(run, output, |completed| Ok(completed.stdout.unwrap_or_default()))
    }

    /// Returns the output and standard error of a shell command line as text, without one trailing
    /// newline, whatever the exit status.
    ///
    /// Quote every value that you insert into the line; the shell interprets it otherwise.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.getoutput>
    #[doc(alias = "subprocess.getoutput")]
    pub fn getoutput(&self, line: impl Into<Arg>) -> Run<On<String>> {
        self.on(Run::shell_line(line), merged, |completed| Ok(status_and_output(&completed)?.1))
    }

    /// Like [`Subprocess::getoutput`], with the exit status.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.getstatusoutput>
    #[doc(alias = "subprocess.getstatusoutput")]
    pub fn getstatusoutput(&self, line: impl Into<Arg>) -> Run<On<(i32, String)>> {
        self.on(Run::shell_line(line), merged, |completed| status_and_output(&completed))
    }

    /// Starts a pipeline: `subprocess.pipe("dmesg").to(["grep", "hda"])`.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#replacing-shell-pipeline>
    pub fn pipe(&self, first: impl Into<Run>) -> Pipeline {
        Pipeline::new(self.clone(), first.into())
    }

    /// Runs a shell command line to its end and returns the wait status (not the exit status).
    /// Quote every value that you insert into the line; the shell interprets it otherwise.
    ///
    /// <https://docs.python.org/3/library/os.html#os.system>
    #[doc(alias = "os.system")]
    pub fn system(&self, line: impl Into<Arg>) -> Run<On<WaitStatus>> {
        self.on(Run::shell_line(line), |_| Ok(()), |completed| Ok(shell::wait_status(completed.returncode)))
    }

    /// Starts a shell command line and returns a pipe to it: mode `"r"` reads its output, `"w"`
    /// writes its input. Quote every value that you insert into the line; the shell interprets it
    /// otherwise.
    ///
    /// <https://docs.python.org/3/library/os.html#os.popen>
    #[doc(alias = "os.popen")]
    pub fn shell_pipe(&self, line: impl Into<Arg>, mode: &str) -> Result<ShellPipe> {
        let popen = self.popen(Run::shell_line(line));
        match mode {
            "r" => Ok(ShellPipe(popen.stdout(PIPE).spawn()?)),
            "w" => Ok(ShellPipe(popen.stdin(PIPE).spawn()?)),
            _ => Err(Error::Value(format!("invalid mode '{mode}'"))),
        }
    }
}

fn merged(spec: &mut Spec) -> Result<()> {
    spec.stdout = Some(Stdio::Pipe);
    spec.stderr = Some(Stdio::Stdout);
    spec.text_on();
    Ok(())
}

fn status_and_output(completed: &CompletedProcess) -> Result<(i32, String)> {
    let mut text = completed.stdout_text()?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok((completed.returncode, text))
}
