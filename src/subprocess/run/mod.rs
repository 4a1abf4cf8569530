//! [`Run`]: what to run and how, the parameter object of every call.

mod plan;

use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Subprocess;
use super::args::{Arg, Args};
use super::backend::{Id, Standing};
use super::completed::CompletedProcess;
use super::error::Result;
use super::stdio::Stdio;

/// What to run and how: Python's arguments of `Popen` and `run`, under their names.
///
/// `Run::new(..)` is a free-standing value to keep and clone. `subprocess.run(..)` is the same
/// bound to a machine, where `.wait()` or `.await` starts it. Both have the same settings.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::subprocess::Run;
///
/// let world = World::new();
/// world.subprocess.program("df").reply("/dev/sda1  42%\n", 0);
/// let subprocess = world.batteries().subprocess;
///
/// let df = Run::new(["df", "-h"]).capture_output(true).check(true).timeout(secs(10));
/// let disk = subprocess.run(df.clone()).wait()?;
/// let root = subprocess.run(df).arg("/").cwd("/tmp").wait()?;
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing runs until `.wait()`, `.await`, `.lines()` or `.spawn()`"]
pub struct Run<K = ()> {
    pub(super) spec: Spec,
    pub(super) on: K,
}

/// Binds a [`Run`] to a machine and to a result: `subprocess.run(..)` is a
/// `Run<On<CompletedProcess>>`.
#[derive(Clone, Debug)]
pub struct On<T> {
    pub(super) handle: Subprocess,
    /// The settings that the call implies.
    pub(super) prepare: fn(&mut Spec) -> Result<()>,
    pub(super) finish: fn(CompletedProcess) -> Result<T>,
}

/// Binds a [`Run`] to a machine where `.spawn()` starts the program and returns a `Popen`: the type
/// of `subprocess.popen(..)`.
#[derive(Clone, Debug)]
pub struct Start(pub(super) Subprocess);

#[derive(Clone, Default)]
pub(super) struct Spec {
    pub(super) args: Args,
    pub(super) shell: bool,
    pub(super) executable: Option<OsString>,
    pub(super) stdin: Option<Stdio>,
    pub(super) stdout: Option<Stdio>,
    pub(super) stderr: Option<Stdio>,
    pub(super) input: Option<Vec<u8>>,
    pub(super) capture_output: bool,
    pub(super) check: bool,
    pub(super) timeout: Option<Duration>,
    text: Option<bool>,
    encoding: Option<String>,
    errors: Option<String>,
    environ: Option<Vec<(OsString, Arg)>>,
    update: Vec<(OsString, Arg)>,
    cwd: Option<PathBuf>,
    standing: Standing,
    restore_signals: Option<bool>,
    pub(super) pipesize: Option<usize>,
    pass_fds: Vec<Arc<OwnedFd>>,
}

impl Run {
    /// A program and its arguments: `["df", "-h"]`, a `Vec`, a slice; or a program alone: `"df"`.
    pub fn new(args: impl Into<Args>) -> Run {
        Run { spec: Spec { args: args.into(), ..Spec::default() }, on: () }
    }

    /// A command line for the shell. Same as `Run::new(line).shell(true)`.
    pub fn shell_line(line: impl Into<Arg>) -> Run {
        Run::new([line.into()]).shell(true)
    }
}

impl<T: Into<Args>> From<T> for Run {
    fn from(args: T) -> Run {
        Run::new(args)
    }
}

impl<K> Run<K> {
    pub(super) fn bind<L>(self, on: L) -> Run<L> {
        Run { spec: self.spec, on }
    }

    /// Adds an argument, which may be a [`Secret`](crate::Secret).
    pub fn arg(mut self, arg: impl Into<Arg>) -> Self {
        self.spec.args.0.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<Arg>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.spec.args.0.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs the first argument as a command line of `/bin/sh -c`; further arguments are its `$0`,
    /// `$1`, ... Default: false.
    ///
    /// Quote every value that you insert into the line; the shell interprets it otherwise.
    /// `Popen(shell=True)`.
    pub fn shell(mut self, shell: bool) -> Self {
        self.spec.shell = shell;
        self
    }

    /// Sets the program to run instead of the first argument, which stays its `argv[0]`. With
    /// `shell`: the shell to use.
    pub fn executable(mut self, program: impl Into<OsString>) -> Self {
        self.spec.executable = Some(program.into());
        self
    }

    /// Sets standard input: [`PIPE`](super::PIPE), [`DEVNULL`](super::DEVNULL), a file, the output
    /// of another child. Default: inherited.
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.spec.stdin = Some(stdin.into());
        self
    }

    /// Sets standard output. Default: inherited.
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.spec.stdout = Some(stdout.into());
        self
    }

    /// Sets standard error, which may be [`STDOUT`](super::STDOUT). Default: inherited.
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.spec.stderr = Some(stderr.into());
        self
    }

    /// Sets the input to write before standard input is closed. Excludes `stdin`.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.spec.input = Some(input.into());
        self
    }

    /// Captures standard output and error. Excludes `stdout` and `stderr`. Default: false.
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.spec.capture_output = capture;
        self
    }

    /// Makes a non-zero exit status an error,
    /// [`Error::CalledProcess`](super::Error::CalledProcess). Default: false, as in Python.
    pub fn check(mut self, check: bool) -> Self {
        self.spec.check = check;
        self
    }

    /// Sets the time limit, counted from the start of the program. When it expires, the program is
    /// killed with everything that it started:
    /// [`Error::TimeoutExpired`](super::Error::TimeoutExpired). Default: `None`, no limit, as in
    /// Python.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Self {
        self.spec.timeout = timeout.into().into();
        self
    }

    /// Sets text mode: output is decoded, and `\r\n` and `\r` become `\n`. Output that cannot be
    /// decoded is an error. Default: false.
    pub fn text(mut self, text: bool) -> Self {
        self.spec.text = Some(text);
        self
    }

    /// Same as [`Run::text`].
    pub fn universal_newlines(self, text: bool) -> Self {
        self.text(text)
    }

    /// Sets the encoding and turns on text mode: one of
    /// [`Open::encoding`](crate::os::Open::encoding). Default: `utf-8`. An unknown encoding is
    /// [`Error::Lookup`](super::Error::Lookup).
    pub fn encoding(mut self, encoding: impl Into<String>) -> Self {
        self.spec.encoding = Some(encoding.into());
        self
    }

    /// Sets how to handle bytes that cannot be decoded and characters that cannot be encoded, and
    /// turns on text mode: one of [`Open::errors`](crate::os::Open::errors). Default: `strict`, an
    /// error. An unknown handler is [`Error::Lookup`](super::Error::Lookup).
    pub fn errors(mut self, errors: impl Into<String>) -> Self {
        self.spec.errors = Some(errors.into());
        self
    }

    /// Replaces the whole environment of the program. The program is looked up in this
    /// environment's `PATH`.
    pub fn env<N: Into<OsString>, V: Into<Arg>>(mut self, environ: impl IntoIterator<Item = (N, V)>) -> Self {
        self.spec.environ = Some(environ.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Adds variables to the environment, replacing those of the same name: Python's
    /// `env={**os.environ, ..}`. A value may be a [`Secret`](crate::Secret).
    pub fn env_update<N: Into<OsString>, V: Into<Arg>>(mut self, environ: impl IntoIterator<Item = (N, V)>) -> Self {
        self.spec.update.extend(environ.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Sets the working directory. A relative path is relative to the working directory of the
    /// batteries, which is also the default. A program given as a relative path is looked up from
    /// the new directory.
    pub fn cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.spec.cwd = Some(cwd.into());
        self
    }

    /// Sets the user to run as, by number or by name. Requires root.
    pub fn user(mut self, user: impl Into<Id>) -> Self {
        self.spec.standing.user = Some(user.into());
        self
    }

    /// Sets the group to run as, by number or by name. Requires root.
    pub fn group(mut self, group: impl Into<Id>) -> Self {
        self.spec.standing.group = Some(group.into());
        self
    }

    /// Sets the supplementary groups. Requires root. Excludes `user`.
    pub fn extra_groups<I: Into<Id>>(mut self, groups: impl IntoIterator<Item = I>) -> Self {
        self.spec.standing.extra_groups = Some(groups.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the umask: the permission bits that new files do not get.
    pub fn umask(mut self, umask: u32) -> Self {
        self.spec.standing.umask = Some(umask);
        self
    }

    /// Starts the program in a new session: without a terminal, and killed as a whole. Default:
    /// false.
    pub fn start_new_session(mut self, start: bool) -> Self {
        self.spec.standing.start_new_session = start;
        self
    }

    /// Sets the process group to join; 0 creates a new one, which is killed as a whole.
    pub fn process_group(mut self, group: u32) -> Self {
        self.spec.standing.process_group = Some(group);
        self
    }

    /// Restores signals that Rust ignores (SIGPIPE) to their default action in the program.
    /// Default: true. False is [`Error::NotImplemented`](super::Error::NotImplemented).
    pub fn restore_signals(mut self, restore: bool) -> Self {
        self.spec.restore_signals = Some(restore);
        self
    }

    /// Sets the capacity of the pipes in bytes. Default: the system's, usually 65536.
    pub fn pipesize(mut self, bytes: usize) -> Self {
        self.spec.pipesize = Some(bytes);
        self
    }

    /// Sets descriptors that stay open in the program under the same numbers. All others are
    /// closed.
    pub fn pass_fds<F: Into<OwnedFd>>(mut self, fds: impl IntoIterator<Item = F>) -> Self {
        self.spec.pass_fds.extend(fds.into_iter().map(|fd| Arc::new(fd.into())));
        self
    }
}

impl<K> fmt::Debug for Run<K> {
    /// Omits the environment and the input, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("args", &self.spec.args)
            .field("shell", &self.spec.shell)
            .field("cwd", &self.spec.cwd)
            .field("check", &self.spec.check)
            .field("timeout", &self.spec.timeout)
            .finish_non_exhaustive()
    }
}
