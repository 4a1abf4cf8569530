//! [`Pipeline`]: the output of one program is the input of the next.

use std::pin::Pin;
use std::time::Duration;

use super::Subprocess;
use super::completed::CompletedProcess;
use super::error::{Error, Result};
use super::popen::Popen;
use super::process::{Deadline, Mode, block};
use super::run::{Run, Spec};
use super::signal;
use super::stdio::Stdio;

/// Programs that are connected by pipes and started together. [`Subprocess::pipe`] creates one.
///
/// Each program keeps its own settings ([`Run::cwd`], [`Run::env`], ..); the settings of the whole
/// pipeline are here. The pipeline sets `stdin` of all programs but the first, and `stdout` of all
/// but the last.
#[derive(Clone)]
#[must_use = "nothing runs until `.wait()` or `.await`"]
pub struct Pipeline {
    handle: Subprocess,
    stages: Vec<Run>,
    input: Option<Vec<u8>>,
    capture_output: bool,
    check: bool,
    timeout: Option<Duration>,
}

impl std::fmt::Debug for Pipeline {
    /// Omits the input, which may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline")
            .field("stages", &self.stages)
            .field("check", &self.check)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    pub(super) fn new(handle: Subprocess, first: Run) -> Pipeline {
        Pipeline { handle, stages: vec![first], input: None, capture_output: false, check: false, timeout: None }
    }

    /// Adds a program that reads the output of the one before it.
    pub fn to(mut self, next: impl Into<Run>) -> Pipeline {
        self.stages.push(next.into());
        self
    }

    /// Sets the input of the first program.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Pipeline {
        self.input = Some(input.into());
        self
    }

    /// Captures the standard output and error of the last program. Default: false.
    pub fn capture_output(mut self, capture: bool) -> Pipeline {
        self.capture_output = capture;
        self
    }

    /// Fails if any program fails: the shell's `pipefail`. A program that was ended by SIGPIPE,
    /// because the next one stopped reading, has not failed. Default: false.
    pub fn check(mut self, check: bool) -> Pipeline {
        self.check = check;
        self
    }

    /// Sets the time in which all programs must end; then all are killed with everything that they
    /// started. Default: `None`, no limit.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Pipeline {
        self.timeout = timeout.into().into();
        self
    }

    /// Runs all programs and blocks until all have ended. The results are in the order of the
    /// programs.
    pub fn wait(self) -> Result<Vec<CompletedProcess>> {
        let backend = self.handle.backend.clone();
        block(&*backend, |mode| self.go(mode))
    }

    async fn go(self, mode: Mode) -> Result<Vec<CompletedProcess>> {
        let Pipeline { handle, stages, input, capture_output, check, timeout } = self;
        let deadline = Deadline::new(&*handle.backend, timeout);
        let mut popens = start(&handle, stages, input.is_some(), capture_output)?;
        let Some(mut last) = popens.pop() else { return Ok(Vec::new()) };
        let input = input.unwrap_or_default();
        match popens.first_mut() {
            // Write the first program's input while reading the last one's output: a full pipe
            // would otherwise block all of them.
            Some(first) => first.lend_input(input, &mut last),
            None => drop(last.begin(input)),
        }
        let mut codes = Vec::new();
        let ended = match end(&mut popens, &mut last, &mut codes, &deadline, mode).await {
            Err(error @ Error::KeyboardInterrupt { .. }) => {
                for popen in &mut popens {
                    popen.process().kill_tree(None)?;
                }
                return Err(last.kill_interrupted(error));
            }
            ended => ended?,
        };
        if !ended {
            for popen in &mut popens {
                popen.process().kill_tree(None)?;
            }
            return Err(last.kill_late(&deadline));
        }
        codes.extend(last.returncode());
        let (stdout, stderr) = last.written()?;
        let mut completed: Vec<CompletedProcess> = Vec::new();
        for (popen, code) in popens.iter().chain([&last]).zip(codes) {
            completed.push(CompletedProcess::new(popen.args().clone(), code, None, None, popen.text().clone()));
        }
        if let Some(last) = completed.last_mut() {
            (last.stdout, last.stderr) = (stdout, stderr);
        }
        let count = completed.len();
        let stopped = |i: usize, code: i32| i + 1 < count && code == -signal::SIGPIPE;
        let checked = |(i, one): (usize, CompletedProcess)| {
            let check = check && !stopped(i, one.returncode);
            one.checked(check)
        };
        completed.into_iter().enumerate().map(checked).collect()
    }
}

/// Waits for the last program and for all before it. Returns false if the deadline expired.
async fn end(popens: &mut [Popen], last: &mut Popen, codes: &mut Vec<i32>, deadline: &Deadline, mode: Mode) -> Result<bool> {
    let mut ended = last.finish(deadline, mode).await?;
    for popen in popens {
        let code = if ended.is_some() { popen.process().exit(deadline, mode).await? } else { None };
        ended = ended.and(code);
        codes.extend(code);
    }
    Ok(ended.is_some())
}

fn start(handle: &Subprocess, stages: Vec<Run>, input: bool, capture_output: bool) -> Result<Vec<Popen>> {
    let count = stages.len();
    let mut popens: Vec<Popen> = Vec::with_capacity(count);
    for (i, Run { mut spec, .. }) in stages.into_iter().enumerate() {
        let (first, last) = (i == 0, i + 1 == count);
        refuse(&spec, first && !input, last && !capture_output)?;
        if first && input {
            spec.stdin = Some(Stdio::Pipe);
        }
        if let Some(before) = popens.last_mut() {
            spec.stdin = before.stdout.take().map(Stdio::from);
        }
        if !last {
            spec.stdout = Some(Stdio::Pipe);
        } else if capture_output {
            spec.capture_output = true;
        }
        match Popen::start(handle, &mut spec) {
            Ok((popen, _)) => popens.push(popen),
            Err(error) => {
                // The pipe between them must still be open: otherwise a program could die of
                // SIGPIPE and leave its children running.
                for popen in &mut popens {
                    popen.kill_tree()?;
                }
                return Err(error);
            }
        }
    }
    Ok(popens)
}

fn refuse(spec: &Spec, own_stdin: bool, own_stdout: bool) -> Result<()> {
    let wrong = if spec.input.is_some() || spec.capture_output || spec.check || spec.timeout.is_some() {
        "input, capture_output, check and timeout are of the whole pipeline, not of one program in it"
    } else if (spec.stdin.is_some() && !own_stdin) || (spec.stdout.is_some() && !own_stdout) {
        "stdin and stdout between two programs are the pipeline's"
    } else if matches!(spec.stdin, Some(Stdio::Pipe)) || matches!(spec.stderr, Some(Stdio::Pipe)) {
        "PIPE is not for a program in a pipeline: use input and capture_output"
    } else {
        return Ok(());
    };
    Err(Error::Value(wrong.into()))
}

impl IntoFuture for Pipeline {
    type Output = Result<Vec<CompletedProcess>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.go(Mode::Async))
    }
}
