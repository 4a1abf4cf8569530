//! How a test defines programs, and the record of their runs.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::machine::Shared;
use crate::ambient::Variables;
use crate::os::Os;
use crate::secret::{Length, Names};
use crate::subprocess::args::Args;
use crate::subprocess::backend::Standing;

/// The steps of a program: each method adds one. Without steps it ends at once with exit status 0.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(super) steps: VecDeque<Step>,
    pub(super) signals: BTreeMap<i32, Option<i32>>,
    pub(super) ignores_stdin: bool,
}

#[derive(Clone)]
pub(super) enum Step {
    /// Writes bytes; true: to standard error.
    Write(bool, Vec<u8>),
    /// Writes the same bytes without end.
    Repeat(Vec<u8>),
    Sleep(Duration),
    Background(Reply),
    Exit(i32),
    Die(i32),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Write(error, bytes) => f.debug_tuple("Write").field(error).field(&Length(bytes.len())).finish(),
            Step::Repeat(bytes) => f.debug_tuple("Repeat").field(&Length(bytes.len())).finish(),
            Step::Sleep(time) => f.debug_tuple("Sleep").field(time).finish(),
            Step::Background(reply) => f.debug_tuple("Background").field(reply).finish(),
            Step::Exit(code) => f.debug_tuple("Exit").field(code).finish(),
            Step::Die(signal) => f.debug_tuple("Die").field(signal).finish(),
        }
    }
}

impl Reply {
    /// Creates a reply without steps.
    pub fn new() -> Reply {
        Reply::default()
    }

    fn step(mut self, step: Step) -> Reply {
        self.steps.push_back(step);
        self
    }

    /// Writes to standard output.
    pub fn stdout(self, bytes: impl Into<Vec<u8>>) -> Reply {
        self.step(Step::Write(false, bytes.into()))
    }

    /// Writes to standard error.
    pub fn stderr(self, bytes: impl Into<Vec<u8>>) -> Reply {
        self.step(Step::Write(true, bytes.into()))
    }

    /// Writes these bytes to standard output again and again, until the reading end is closed.
    pub fn repeat(self, bytes: impl Into<Vec<u8>>) -> Reply {
        self.step(Step::Repeat(bytes.into()))
    }

    /// Lets this much of the world's time pass.
    pub fn delay(self, time: Duration) -> Reply {
        self.step(Step::Sleep(time))
    }

    /// Starts another process, which holds the same pipes and runs on its own.
    pub fn background(self, reply: Reply) -> Reply {
        self.step(Step::Background(reply))
    }

    /// Ends with this exit status (0 to 255).
    pub fn code(self, code: i32) -> Reply {
        self.step(Step::Exit(code & 0xff))
    }

    /// Ends by this signal.
    pub fn dies_of(self, signal: i32) -> Reply {
        self.step(Step::Die(signal))
    }

    /// Sets the reaction to a signal: `None` ignores it, a number is the exit status with which the
    /// program ends.
    pub fn on_signal(mut self, signal: i32, ends_with: Option<i32>) -> Reply {
        self.signals.insert(signal, ends_with);
        self
    }

    /// Leaves standard input unread. By default the program reads all of it before its first step.
    pub fn ignores_stdin(mut self) -> Reply {
        self.ignores_stdin = true;
        self
    }
}

/// How a program answers.
#[derive(Clone)]
pub(super) enum Answer {
    Reply(Reply),
    Runs(Arc<dyn Fn(&Call) -> Reply + Send + Sync>),
    EachLine(Arc<dyn Fn(&str) -> String + Send + Sync>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Reply(_) => "Reply",
            Answer::Runs(_) => "Runs",
            Answer::EachLine(_) => "EachLine",
        })
    }
}

/// A program of a mock, whose answers these methods define. Several answers are used in turn; the
/// last one repeats.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) machine: Arc<Shared>,
    pub(super) number: usize,
}

impl Program {
    /// Reads the input, writes `stdout` and ends with this exit status.
    pub fn reply(self, stdout: impl Into<Vec<u8>>, code: i32) -> Program {
        self.answer(Reply::new().stdout(stdout).code(code))
    }

    /// Answers with these steps.
    pub fn answer(self, reply: Reply) -> Program {
        self.add(Answer::Reply(reply))
    }

    /// Reads the input and answers with the steps that `function` returns. The function gets the
    /// call and may use the mock's files.
    pub fn runs(self, function: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Program {
        self.add(Answer::Runs(Arc::new(function)))
    }

    /// Answers each line of the input at once, and ends with 0 at the end of the input: for
    /// interactive programs. The function gets the line without its line end and returns everything
    /// to write.
    pub fn each_line(self, function: impl Fn(&str) -> String + Send + Sync + 'static) -> Program {
        self.add(Answer::EachLine(Arc::new(function)))
    }

    fn add(self, answer: Answer) -> Program {
        self.machine.answer(self.number, answer);
        self
    }
}

/// What a program sees when it runs: the argument of [`Program::runs`]. `Debug` hides secret
/// arguments, values of variables, and input.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// The program as the caller named it, and its arguments.
    pub argv: Vec<OsString>,
    /// All of its standard input.
    pub stdin: Vec<u8>,
    /// Its environment.
    pub environ: Arc<Variables>,
    /// The directory in which it runs.
    pub cwd: PathBuf,
    /// The machine's files, with this environment and directory: paths are relative to them.
    pub os: Os,
    /// The arguments in the form that `Debug` shows.
    pub(super) args: Args,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("argv", &self.args)
            .field("stdin", &Length(self.stdin.len()))
            .field("environ", &Names(&self.environ))
            .field("cwd", &self.cwd)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// Returns argument `n` as text; empty if there is none. Argument 0 is the program.
    pub fn arg(&self, n: usize) -> String {
        self.argv.get(n).map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// The record of a started program. `Debug` hides secret arguments, values of variables, input and
/// output.
#[derive(Clone)]
#[non_exhaustive]
pub struct Ran {
    /// The process id.
    pub pid: u32,
    /// The program as the caller named it, and its arguments, secrets included.
    pub argv: Vec<OsString>,
    /// Its environment.
    pub environ: Arc<Variables>,
    /// The directory in which it ran.
    pub cwd: PathBuf,
    /// The requested user, groups, umask, session and process group.
    pub standing: Standing,
    /// The input read so far.
    pub stdin: Vec<u8>,
    /// The output so far, wherever it went, without the bytes of [`Reply::repeat`].
    pub stdout: Vec<u8>,
    /// The standard error so far, in the same form.
    pub stderr: Vec<u8>,
    /// The exit status, negative for a signal; None while it runs.
    pub returncode: Option<i32>,
    pub(super) args: Args,
}

impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ran")
            .field("pid", &self.pid)
            .field("argv", &self.args)
            .field("environ", &Names(&self.environ))
            .field("cwd", &self.cwd)
            .field("standing", &self.standing)
            .field("stdin", &Length(self.stdin.len()))
            .field("stdout", &Length(self.stdout.len()))
            .field("stderr", &Length(self.stderr.len()))
            .field("returncode", &self.returncode)
            .finish()
    }
}

impl Ran {
    /// Returns the program and its arguments as text.
    pub fn args(&self) -> Vec<String> {
        self.argv.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }
}
