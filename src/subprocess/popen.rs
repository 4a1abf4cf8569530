//! [`Popen`]: a program that runs in the background.

use std::pin::Pin;
use std::time::Duration;

use super::Subprocess;
use super::args::Args;
use super::backend::Pipes;
use super::completed::CompletedProcess;
use super::error::{Error, Result};
use super::pipe::{PipeReader, PipeWriter};
use super::process::{Deadline, Exchange, Mode, Process, block};
use super::run::{Run, Spec, Start};
use super::signal;
use super::text::Text;

/// A started program. <https://docs.python.org/3/library/subprocess.html#popen-objects>
///
/// DIFFERENCE: dropping it kills the program with everything that it started, and reaps it, so that
/// neither zombies nor orphans remain. Python leaves the program running. [`Popen::detach`] does
/// that here.
#[derive(Debug)]
#[doc(alias("subprocess.Popen", "subprocess.Popen.__del__"))]
pub struct Popen {
    // Dropped before the pipes: they identify the other processes of the tree.
    process: Process,
    /// The program's standard input, if it is a pipe. Drop it (`popen.stdin = None`) to close the
    /// program's input.
    #[doc(alias = "subprocess.Popen.stdin")]
    pub stdin: Option<PipeWriter>,
    /// The program's standard output, if it is a pipe.
    #[doc(alias = "subprocess.Popen.stdout")]
    pub stdout: Option<PipeReader>,
    /// The program's standard error, if it has a pipe of its own.
    #[doc(alias = "subprocess.Popen.stderr")]
    pub stderr: Option<PipeReader>,
    text: Text,
    encoding: Option<String>,
    errors: Option<String>,
    pipesize: Option<usize>,
    exchange: Option<Exchange>,
}

impl Popen {
    /// Starts a program at once, as in Python. Same as `subprocess.popen(run).spawn()`.
    pub fn new(subprocess: &Subprocess, run: impl Into<Run>) -> Result<Popen> {
        subprocess.popen(run).spawn()
    }

    /// Starts the program and takes the input out of the spec.
    pub(super) fn start(handle: &Subprocess, spec: &mut Spec) -> Result<(Popen, Vec<u8>)> {
        let plan = spec.plan(&handle.ambient)?;
        // A script that was asked to end starts no new program.
        let pending = handle.backend.interrupts().check();
        pending.map_err(|interrupt| Error::KeyboardInterrupt { cmd: spec.args.clone(), interrupt })?;
        let (command, text) = (plan.command, plan.text);
        let spawned = handle.backend.spawn(&command).map_err(|error| {
            // A missing program and a missing directory have the same errno: check the directory.
            let at_fault = command.cwd.as_deref().and_then(|cwd| Some((cwd, handle.backend.check_directory(cwd).err()?)));
            match at_fault {
                Some((cwd, fault)) if fault.raw_os_error() == error.raw_os_error() => Error::directory(&fault, cwd),
                _ => Error::spawn(&error, &command.program),
            }
        })?;
        let (child, pipes) = (spawned.child, spawned.pipes);
        let process = Process::new(handle.backend.clone(), &pipes, child, spec.args.clone());
        let reader = |pipe| PipeReader::new(pipe, text.clone());
        let popen = Popen {
            process,
            stdin: pipes.stdin.map(PipeWriter::new),
            stdout: pipes.stdout.map(reader),
            stderr: pipes.stderr.map(reader),
            encoding: spec.encoding_name().map(Into::into),
            errors: spec.errors_name().map(Into::into),
            pipesize: spec.pipesize,
            text,
            exchange: None,
        };
        Ok((popen, plan.input.unwrap_or_default()))
    }

    /// The program and its arguments, as the caller gave them.
    #[doc(alias = "subprocess.Popen.args")]
    pub fn args(&self) -> &Args {
        &self.process.cmd
    }

    /// The process id. With `shell`, that of the shell.
    #[doc(alias = "subprocess.Popen.pid")]
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// The exit status, if it is already known; a negative value is the signal that killed the
    /// program. [`Popen::poll`] updates it.
    #[doc(alias = "subprocess.Popen.returncode")]
    pub fn returncode(&self) -> Option<i32> {
        self.process.returncode
    }

    /// The encoding that was set.
    #[doc(alias = "subprocess.Popen.encoding")]
    pub fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// The error handler that was set.
    #[doc(alias = "subprocess.Popen.errors")]
    pub fn errors(&self) -> Option<&str> {
        self.errors.as_deref()
    }

    /// Returns true in text mode.
    #[doc(alias("subprocess.Popen.text_mode", "subprocess.Popen.universal_newlines"))]
    pub fn text_mode(&self) -> bool {
        self.text.on
    }

    /// The capacity of the pipes that was set.
    #[doc(alias = "subprocess.Popen.pipesize")]
    pub fn pipesize(&self) -> Option<usize> {
        self.pipesize
    }

    /// Returns the exit status, or `None` while the program runs.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.poll>
    #[doc(alias = "subprocess.Popen.poll")]
    pub fn poll(&mut self) -> Result<Option<i32>> {
        self.process.poll()
    }

    /// Waits until the program has ended and returns its exit status. With a timeout, fails with
    /// [`Error::TimeoutExpired`] when it expires; the program keeps running.
    ///
    /// A program that fills a pipe does not end before its output is read: see
    /// [`Popen::communicate`].
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.wait>
    #[doc(alias = "subprocess.Popen.wait")]
    pub fn wait(&mut self, timeout: impl Into<crate::TimeLimit>) -> Result<i32> {
        let deadline = Deadline::new(&*self.process.backend, timeout.into().into());
        let backend = self.process.backend.clone();
        let ended = block(&*backend, |mode| self.process.exit(&deadline, mode))?;
        ended.ok_or_else(|| self.expired(&deadline))
    }

    /// Like [`Popen::wait`], for asynchronous code.
    pub async fn ended(&mut self, timeout: Option<Duration>) -> Result<i32> {
        let deadline = Deadline::new(&*self.process.backend, timeout);
        let ended = self.process.exit(&deadline, Mode::Async).await?;
        ended.ok_or_else(|| self.expired(&deadline))
    }

    /// Writes the input, reads the pipes to their end and waits for the program. `.wait()` or
    /// `.await` returns standard output and error, if these are pipes.
    ///
    /// With a timeout, fails with [`Error::TimeoutExpired`] when it expires. The program keeps
    /// running and no output is lost: another call (without input) returns all of it.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.communicate>
    #[doc(alias = "subprocess.Popen.communicate")]
    pub fn communicate(&mut self) -> Communicate<'_> {
        Communicate { popen: self, input: None, timeout: None }
    }

    /// Sends a signal to the program, not to its children. Does nothing if the program has already
    /// ended.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.send_signal>
    #[doc(alias = "subprocess.Popen.send_signal")]
    pub fn send_signal(&mut self, signal: i32) -> Result<()> {
        self.process.send_signal(signal)
    }

    /// Sends SIGTERM, which asks the program to end.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.terminate>
    #[doc(alias = "subprocess.Popen.terminate")]
    pub fn terminate(&mut self) -> Result<()> {
        self.send_signal(signal::SIGTERM)
    }

    /// Sends SIGKILL to the program, not to its children.
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen.kill>
    #[doc(alias = "subprocess.Popen.kill")]
    pub fn kill(&mut self) -> Result<()> {
        self.send_signal(signal::SIGKILL)
    }

    /// Kills and reaps the program with everything that it started, as a deadline and `drop` do.
    pub fn kill_tree(&mut self) -> Result<()> {
        self.process.kill_tree(None)
    }

    /// Leaves the program running and returns its process id. It is reaped when it ends.
    pub fn detach(mut self) -> u32 {
        self.process.detach();
        self.process.pid
    }

    pub(super) fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// Begins an exchange over the pipes, unless one is in progress. The exchange stays in `self`:
    /// an abandoned call loses no output, and on drop the pipes still identify the processes of the
    /// tree.
    pub(super) fn begin(&mut self, input: Vec<u8>) -> &mut Exchange {
        let Popen { exchange, stdin, stdout, stderr, .. } = self;
        exchange.get_or_insert_with(|| {
            let stdin = stdin.take().map(PipeWriter::into_pipe);
            let (stdout, out) = stdout.take().map(PipeReader::into_parts).unzip();
            let (stderr, err) = stderr.take().map(PipeReader::into_parts).unzip();
            let mut exchange = Exchange::new(Pipes { stdin, stdout, stderr }, input);
            (exchange.stdout, exchange.stderr) = (out, err);
            exchange
        })
    }

    /// Begins the exchange of another program, which also writes the input of this one.
    pub(super) fn lend_input(&mut self, input: Vec<u8>, other: &mut Popen) {
        other.begin(Vec::new()).take_input(self.begin(input));
    }

    /// Waits until something is ready and transfers it. Returns false if the deadline expired.
    pub(super) async fn step(&mut self, deadline: &Deadline, mode: Mode) -> Result<bool> {
        let Some(exchange) = &mut self.exchange else { return Ok(true) };
        self.process.step(exchange, deadline, mode).await
    }

    /// Transfers bytes until the pipes have ended, and waits for the end of the program. Returns
    /// `None` if the deadline expired.
    pub(super) async fn finish(&mut self, deadline: &Deadline, mode: Mode) -> Result<Option<i32>> {
        let Some(exchange) = &mut self.exchange else { return self.process.exit(deadline, mode).await };
        match self.process.exchange(exchange, deadline, mode).await? {
            true => self.process.exit(deadline, mode).await,
            false => Ok(None),
        }
    }

    /// Takes the captured output.
    pub(super) fn written(&mut self) -> Result<Communicated> {
        let exchange = self.exchange.take().unwrap_or_default();
        let decode = |bytes: Option<Vec<u8>>| bytes.map(|bytes| self.text.output(bytes)).transpose();
        Ok((decode(exchange.stdout)?, decode(exchange.stderr)?))
    }

    fn expired(&self, deadline: &Deadline) -> Error {
        let exchange = self.exchange.as_ref();
        Error::TimeoutExpired {
            cmd: self.process.cmd.clone(),
            timeout: deadline.timeout.unwrap_or_default(),
            stdout: exchange.and_then(|exchange| exchange.stdout.clone()),
            stderr: exchange.and_then(|exchange| exchange.stderr.clone()),
        }
    }

    /// Kills the tree after the deadline expired.
    pub(super) fn kill_late(&mut self, deadline: &Deadline) -> Error {
        match self.process.kill_tree(self.exchange.as_mut()) {
            Ok(()) => self.expired(deadline),
            Err(error) => error,
        }
    }

    /// Kills the tree after an interrupt, as after a deadline.
    pub(super) fn kill_interrupted(&mut self, error: Error) -> Error {
        match error {
            Error::KeyboardInterrupt { .. } => self.process.kill_tree(self.exchange.as_mut()).err().unwrap_or(error),
            error => error,
        }
    }

    /// `run`: transfers, waits, and kills the tree if the deadline expires.
    pub(super) async fn complete(mut self, input: Vec<u8>, deadline: &Deadline, mode: Mode) -> Result<CompletedProcess> {
        self.begin(input);
        let Some(code) = self.finish(deadline, mode).await.map_err(|error| self.kill_interrupted(error))? else {
            return Err(self.kill_late(deadline));
        };
        let (stdout, stderr) = self.written()?;
        Ok(CompletedProcess::new(self.process.cmd.clone(), code, stdout, stderr, std::mem::take(&mut self.text)))
    }
}

impl Run<Start> {
    /// Starts the program.
    pub fn spawn(self) -> Result<Popen> {
        let Run { mut spec, on: Start(handle) } = self;
        if spec.input.is_some() || spec.capture_output || spec.check || spec.timeout.is_some() {
            let text = "input, capture_output, check and timeout are for run: popen takes stdin, stdout and stderr, communicate the rest";
            return Err(Error::Value(text.into()));
        }
        Ok(Popen::start(&handle, &mut spec)?.0)
    }
}

/// A call that exchanges data with a program. [`Popen::communicate`] returns it.
#[must_use = "nothing is exchanged until `.wait()` or `.await`"]
pub struct Communicate<'a> {
    popen: &'a mut Popen,
    input: Option<Vec<u8>>,
    timeout: Option<Duration>,
}

impl std::fmt::Debug for Communicate<'_> {
    /// Omits the input, which may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Communicate").field("popen", &self.popen).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Standard output and standard error, if they are pipes. In text mode, the decoded text as UTF-8.
pub type Communicated = (Option<Vec<u8>>, Option<Vec<u8>>);

impl<'a> Communicate<'a> {
    /// Sets the input to write before standard input is closed. Standard input must be a pipe.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Communicate<'a> {
        self.input = Some(input.into());
        self
    }

    /// Sets the time limit. Default: `None`, no limit.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Communicate<'a> {
        self.timeout = timeout.into().into();
        self
    }

    /// Blocks until the exchange is done.
    pub fn wait(self) -> Result<Communicated> {
        let backend = self.popen.process.backend.clone();
        block(&*backend, |mode| self.go(mode))
    }

    async fn go(self, mode: Mode) -> Result<Communicated> {
        let Communicate { popen, input, timeout } = self;
        if input.is_some() && popen.exchange.is_some() {
            return Err(Error::Value("cannot send input after starting communication".into()));
        }
        if input.as_ref().is_some_and(|input| !input.is_empty()) && popen.stdin.is_none() {
            return Err(Error::Value("input is given, but stdin is not a pipe".into()));
        }
        let deadline = Deadline::new(&*popen.process.backend, timeout);
        let input = popen.text.encode(input.unwrap_or_default())?;
        popen.begin(input);
        match popen.finish(&deadline, mode).await? {
            Some(_) => popen.written(),
            None => Err(popen.expired(&deadline)),
        }
    }
}

impl<'a> IntoFuture for Communicate<'a> {
    type Output = Result<Communicated>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Communicated>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.go(Mode::Async))
    }
}
