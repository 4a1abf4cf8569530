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

/// What to run, and how: Python's arguments of `Popen` and `run`, under their names.
///
/// `Run::new(..)` is a value of its own, to keep and to clone; `subprocess.run(..)` is the same bound to a machine, where
/// `.wait()` or `.await` starts it. Both take the same settings.
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

/// Binds a [`Run`] to a machine and to what is made of its end: `subprocess.run(..)` is a `Run<On<CompletedProcess>>`.
#[derive(Clone, Debug)]
pub struct On<T> {
    pub(super) handle: Subprocess,
    /// The settings that the call implies.
    pub(super) prepare: fn(&mut Spec) -> Result<()>,
    pub(super) finish: fn(CompletedProcess) -> Result<T>,
}

/// Binds a [`Run`] to a machine where `.spawn()` starts it and gives it out of the hand: what `subprocess.popen(..)` gives.
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

    /// A line for the shell. The same as `Run::new(line).shell(true)`.
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

    /// One more argument; a [`Secret`](crate::Secret) too.
    pub fn arg(mut self, arg: impl Into<Arg>) -> Self {
        self.spec.args.0.push(arg.into());
        self
    }

    /// More arguments.
    pub fn args<A: Into<Arg>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.spec.args.0.extend(args.into_iter().map(Into::into));
        self
    }

    /// The first argument is a line for `/bin/sh -c`; further ones are its `$0`, `$1`, ... Default: false.
    ///
    /// What is put into such a line must be quoted, or it is run. `Popen(shell=True)`.
    pub fn shell(mut self, shell: bool) -> Self {
        self.spec.shell = shell;
        self
    }

    /// The program to run instead of the first argument, which stays the name that it sees. With `shell`: the shell.
    pub fn executable(mut self, program: impl Into<OsString>) -> Self {
        self.spec.executable = Some(program.into());
        self
    }

    /// Standard input: [`PIPE`](super::PIPE), [`DEVNULL`](super::DEVNULL), a file, the output of another child. Default: the
    /// parent's own.
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.spec.stdin = Some(stdin.into());
        self
    }

    /// Standard output. Default: the parent's own.
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.spec.stdout = Some(stdout.into());
        self
    }

    /// Standard error; [`STDOUT`](super::STDOUT) too. Default: the parent's own.
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.spec.stderr = Some(stderr.into());
        self
    }

    /// Feeds the program this, and then the end. Not together with `stdin`.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.spec.input = Some(input.into());
        self
    }

    /// Keeps standard output and error. Not together with `stdout` and `stderr`. Default: false.
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.spec.capture_output = capture;
        self
    }

    /// An exit status that is not zero is an error, [`Error::CalledProcess`](super::Error::CalledProcess). Default: false, as in Python.
    pub fn check(mut self, check: bool) -> Self {
        self.spec.check = check;
        self
    }

    /// The time until the program must have ended, from its start; then it and all that it started is killed:
    /// [`Error::TimeoutExpired`](super::Error::TimeoutExpired). Default: None, no limit, as in Python.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Self {
        self.spec.timeout = timeout.into().into();
        self
    }

    /// Text mode: the output is decoded, `\r\n` and `\r` in it become `\n`; output that cannot be decoded is an error. Default: false.
    pub fn text(mut self, text: bool) -> Self {
        self.spec.text = Some(text);
        self
    }

    /// The same as [`Run::text`].
    pub fn universal_newlines(self, text: bool) -> Self {
        self.text(text)
    }

    /// The encoding of text mode, and text mode: one of [`Open::encoding`](crate::os::Open::encoding), `utf-8` if none is named. An unknown
    /// one is [`Error::Lookup`](super::Error::Lookup).
    pub fn encoding(mut self, encoding: impl Into<String>) -> Self {
        self.spec.encoding = Some(encoding.into());
        self
    }

    /// How to handle bytes that cannot be decoded and characters that cannot be encoded, and text mode: one of
    /// [`Open::errors`](crate::os::Open::errors), `strict` (an error) if none is named. An unknown one is
    /// [`Error::Lookup`](super::Error::Lookup).
    pub fn errors(mut self, errors: impl Into<String>) -> Self {
        self.spec.errors = Some(errors.into());
        self
    }

    /// The whole environment of the program, in place of the batteries' own. The program is found by *its* `PATH`.
    pub fn env<N: Into<OsString>, V: Into<Arg>>(mut self, environ: impl IntoIterator<Item = (N, V)>) -> Self {
        self.spec.environ = Some(environ.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Adds to the environment, and overrides in it: Python's `env={**os.environ, ..}`. A value may be a
    /// [`Secret`](crate::Secret).
    pub fn env_update<N: Into<OsString>, V: Into<Arg>>(mut self, environ: impl IntoIterator<Item = (N, V)>) -> Self {
        self.spec.update.extend(environ.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// The directory to run in; a relative one is relative to that of the batteries. A program that is a relative path is looked
    /// for from there. Default: that of the batteries.
    pub fn cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.spec.cwd = Some(cwd.into());
        self
    }

    /// The user to run as, by number or by name. For root only.
    pub fn user(mut self, user: impl Into<Id>) -> Self {
        self.spec.standing.user = Some(user.into());
        self
    }

    /// The group to run as, by number or by name. For root only.
    pub fn group(mut self, group: impl Into<Id>) -> Self {
        self.spec.standing.group = Some(group.into());
        self
    }

    /// The supplementary groups. For root only, and not together with `user`.
    pub fn extra_groups<I: Into<Id>>(mut self, groups: impl IntoIterator<Item = I>) -> Self {
        self.spec.standing.extra_groups = Some(groups.into_iter().map(Into::into).collect());
        self
    }

    /// The mask of permissions that new files do not get.
    pub fn umask(mut self, umask: u32) -> Self {
        self.spec.standing.umask = Some(umask);
        self
    }

    /// The program leads a session of its own: no terminal, and a group that is killed as a whole. Default: false.
    pub fn start_new_session(mut self, start: bool) -> Self {
        self.spec.standing.start_new_session = start;
        self
    }

    /// The process group that the program joins; 0 is a new one, that is killed as a whole.
    pub fn process_group(mut self, group: u32) -> Self {
        self.spec.standing.process_group = Some(group);
        self
    }

    /// Whether signals that Rust ignores (SIGPIPE) work in the program as usual. True, the default, is all there is: false is
    /// [`Error::NotImplemented`](super::Error::NotImplemented).
    pub fn restore_signals(mut self, restore: bool) -> Self {
        self.spec.restore_signals = Some(restore);
        self
    }

    /// The capacity of the pipes, in bytes. Default: the system's, mostly 65536.
    pub fn pipesize(mut self, bytes: usize) -> Self {
        self.spec.pipesize = Some(bytes);
        self
    }

    /// Descriptors that stay open in the program, under the numbers that they have here. All others are closed.
    pub fn pass_fds<F: Into<OwnedFd>>(mut self, fds: impl IntoIterator<Item = F>) -> Self {
        self.spec.pass_fds.extend(fds.into_iter().map(|fd| Arc::new(fd.into())));
        self
    }
}

impl<K> fmt::Debug for Run<K> {
    /// Without the environment and the input, which may hold what nobody should see.
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
