//! A running process and the exchange with it: the common part of `run`, `Popen`, pipelines and
//! `lines`.
//!
//! Blocking and asynchronous callers share one driver: an `async fn` that is never pending in
//! [`Mode::Block`].

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::args::Args;
use super::backend::{Backend, Child, Pipe, Pipes, Ready, WaitStatus};
use super::error::{Error, Result};
use crate::error::errno::ECHILD;
use crate::interrupt::Watch;
use crate::secret::Length;

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Block the thread.
    Block,
    /// Register a waker.
    Async,
}

/// Blocks until a wait is over. If an interrupt can end the wait, it uses a waker, since an
/// interrupt cannot end a blocking poll.
pub(super) fn block<F: Future>(backend: &dyn Backend, wait: impl FnOnce(Mode) -> F) -> F::Output {
    if backend.interrupts().is_armed() {
        return crate::wait::thread::block_on(wait(Mode::Async));
    }
    let mut future = pin!(wait(Mode::Block));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

/// The time limit of a call.
#[derive(Clone, Debug)]
pub(super) struct Deadline {
    pub(super) timeout: Option<Duration>,
    at: Option<Duration>,
    /// An interrupt ends the wait too.
    watch: Watch,
}

impl Deadline {
    pub(super) fn new(backend: &dyn Backend, timeout: Option<Duration>) -> Deadline {
        let watch = backend.interrupts().watch();
        Deadline { timeout, at: timeout.map(|timeout| backend.monotonic().saturating_add(timeout)), watch }
    }

    /// The time left. `None`: no limit; zero: expired.
    fn left(&self, backend: &dyn Backend) -> Option<Duration> {
        self.at.map(|at| at.saturating_sub(backend.monotonic()))
    }

    /// Fails if the call was interrupted.
    pub(super) fn check(&self, cmd: &Args) -> Result<()> {
        self.watch.take().map_or(Ok(()), |interrupt| Err(Error::KeyboardInterrupt { cmd: cmd.clone(), interrupt }))
    }
}

/// How long to wait for a process after its tree was killed. A process that the kernel holds longer
/// (a dead disk), or that may not be killed (another user's), must not block the caller. It is
/// reaped when it ends.
const GRACE: Duration = Duration::from_secs(2);

/// A process that was started.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) backend: Arc<dyn Backend>,
    /// `None`: detached.
    child: Option<Box<dyn Child>>,
    pub(super) pid: u32,
    pub(super) cmd: Args,
    /// `Some`: ended and reaped.
    pub(super) returncode: Option<i32>,
    /// The parent's ends, while they are open: a process that holds the other ends belongs to the
    /// tree.
    ends: [Option<Weak<dyn Pipe>>; 3],
}

impl Process {
    pub(super) fn new(backend: Arc<dyn Backend>, spawned: &Pipes, child: Box<dyn Child>, cmd: Args) -> Process {
        let ends = [&spawned.stdin, &spawned.stdout, &spawned.stderr].map(|end| end.as_ref().map(Arc::downgrade));
        Process { backend, pid: child.pid(), child: Some(child), cmd, returncode: None, ends }
    }

    pub(super) fn poll(&mut self) -> Result<Option<i32>> {
        if let (Some(child), None) = (&mut self.child, self.returncode) {
            let status = child.try_wait().map_err(|error| wait_failed(&self.cmd, &error))?;
            self.returncode = status.map(returncode);
        }
        Ok(self.returncode)
    }

    pub(super) fn send_signal(&mut self, signal: i32) -> Result<()> {
        // As in Python, a process that has ended gets no signal. `wait` reports an unknown status.
        let ended = match self.poll() {
            Err(Error::UnknownStatus { .. }) => return Ok(()),
            polled => polled?.is_some(),
        };
        match &mut self.child {
            Some(child) if !ended => match child.send_signal(signal) {
                Err(error) if error.raw_os_error() == Some(ECHILD) => Ok(()),
                sent => sent.map_err(|error| Error::io("send a signal", &error)),
            },
            _ => Ok(()),
        }
    }

    /// Waits for the end of the process. Returns `None` if the deadline expired.
    pub(super) async fn exit(&mut self, deadline: &Deadline, mode: Mode) -> Result<Option<i32>> {
        loop {
            let fail = |error: io::Error| wait_failed(&self.cmd, &error);
            let (Some(child), None) = (&mut self.child, self.returncode) else { return Ok(self.returncode) };
            deadline.check(&self.cmd)?;
            if mode == Mode::Block && deadline.at.is_none() {
                self.returncode = Some(returncode(child.wait().map_err(fail)?));
                continue;
            }
            if let Some(status) = child.try_wait().map_err(fail)? {
                self.returncode = Some(returncode(status));
                continue;
            }
            let left = deadline.left(&*self.backend);
            if left == Some(Duration::ZERO) {
                return Ok(None);
            }
            // The next iteration handles the interrupt.
            if let Ok(ready) = deadline.watch.race(ready(&mut **child, &Pipes::default(), true, left, mode)).await {
                ready.map_err(fail)?;
            }
        }
    }

    /// Transfers bytes until all pipes have ended. Returns false if the deadline expired.
    pub(super) async fn exchange(&mut self, exchange: &mut Exchange, deadline: &Deadline, mode: Mode) -> Result<bool> {
        while exchange.goes_on() {
            if !self.step(exchange, deadline, mode).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until something is ready and transfers it. Returns false if the deadline expired.
    pub(super) async fn step(&mut self, exchange: &mut Exchange, deadline: &Deadline, mode: Mode) -> Result<bool> {
        deadline.check(&self.cmd)?;
        let left = deadline.left(&*self.backend);
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        let moved = match (&mut self.child, exchange.only_reader(), mode) {
            // One pipe and no deadline: a blocking read needs no `poll`.
            (_, Some(ready), Mode::Block) if left.is_none() => exchange.transfer(ready),
            (Some(child), ..) => match deadline.watch.race(ready(&mut **child, &exchange.pipes, false, left, mode)).await {
                Ok(Ok(ready)) => exchange.transfer(ready),
                Ok(Err(error)) => Err(error),
                Err(_) => return deadline.check(&self.cmd).map(|()| true),
            },
            (None, ..) => return Err(Error::Value("the process was detached".into())),
        };
        moved.map_err(|error| Error::io("exchange bytes", &error))?;
        Ok(true)
    }

    /// Kills the tree, reads what is left in its pipes, and reaps it.
    pub(super) fn kill_tree(&mut self, mut exchange: Option<&mut Exchange>) -> Result<()> {
        let [stdin, stdout, stderr] = self.ends.each_ref().map(|end| end.as_ref().and_then(Weak::upgrade));
        let ends = Pipes { stdin, stdout, stderr };
        let Some(child) = &mut self.child else { return Ok(()) };
        let killed = child.kill_tree(&ends).map_err(|error| Error::io("kill", &error));
        drop(ends);
        if self.returncode.is_none() {
            // Not reaped yet: until the pipes are drained, the process id cannot be reused.
            let _ = child.poll(&Pipes::default(), true, Some(GRACE));
        }
        if let Some(exchange) = &mut exchange {
            exchange.last_words(&mut **child);
        }
        match self.poll() {
            Ok(None) => self.detach(),
            Ok(Some(_)) | Err(Error::UnknownStatus { .. }) => {}
            Err(error) => return Err(error),
        }
        killed
    }

    pub(super) fn detach(&mut self) {
        if let Some(child) = self.child.take()
            && self.returncode.is_none()
        {
            child.detach();
        }
    }
}

impl Drop for Process {
    /// Leaves neither a zombie nor an orphan. `drop` cannot report an error.
    fn drop(&mut self) {
        if !matches!(self.poll(), Ok(Some(_))) {
            let _ = self.kill_tree(None);
        }
        self.detach();
    }
}

async fn ready(child: &mut dyn Child, pipes: &Pipes, exit: bool, timeout: Option<Duration>, mode: Mode) -> io::Result<Ready> {
    match mode {
        Mode::Block => child.poll(pipes, exit, timeout),
        Mode::Async => child.poll_async(pipes, exit, timeout).await,
    }
}

fn wait_failed(cmd: &Args, error: &io::Error) -> Error {
    match error.raw_os_error() {
        Some(ECHILD) => Error::UnknownStatus { cmd: cmd.clone() },
        _ => Error::io("wait", error),
    }
}

/// `os.waitstatus_to_exitcode`.
pub(super) fn returncode(WaitStatus(status): WaitStatus) -> i32 {
    match status & 0x7f {
        0 => (status >> 8) & 0xff,
        signal => -signal,
    }
}

/// The bytes to write to a process, and the bytes read from it.
#[derive(Default)]
pub(super) struct Exchange {
    pub(super) pipes: Pipes,
    input: Vec<u8>,
    written: usize,
    /// `None`: not a pipe.
    pub(super) stdout: Option<Vec<u8>>,
    pub(super) stderr: Option<Vec<u8>>,
}

impl std::fmt::Debug for Exchange {
    /// Shows only counts: the data may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |output: &Option<Vec<u8>>| output.as_ref().map(|bytes| Length(bytes.len()));
        f.debug_struct("Exchange")
            .field("pipes", &self.pipes)
            .field("input", &Length(self.input.len()))
            .field("stdout", &of(&self.stdout))
            .field("stderr", &of(&self.stderr))
            .finish_non_exhaustive()
    }
}

impl Exchange {
    pub(super) fn new(pipes: Pipes, input: Vec<u8>) -> Exchange {
        let mut exchange = Exchange { pipes, input, ..Exchange::default() };
        if exchange.input.is_empty() {
            exchange.pipes.stdin = None;
        }
        exchange
    }

    /// Takes over the input that another exchange has to write.
    pub(super) fn take_input(&mut self, from: &mut Exchange) {
        self.pipes.stdin = from.pipes.stdin.take();
        self.input = std::mem::take(&mut from.input);
    }

    fn goes_on(&self) -> bool {
        self.pipes.stdin.is_some() || self.pipes.stdout.is_some() || self.pipes.stderr.is_some()
    }

    pub(super) fn stdout_goes_on(&self) -> bool {
        self.pipes.stdout.is_some()
    }

    fn only_reader(&self) -> Option<Ready> {
        match (&self.pipes.stdin, &self.pipes.stdout, &self.pipes.stderr) {
            (None, Some(_), None) => Some(Ready { stdout: true, ..Ready::default() }),
            (None, None, Some(_)) => Some(Ready { stderr: true, ..Ready::default() }),
            _ => None,
        }
    }

    fn transfer(&mut self, ready: Ready) -> io::Result<()> {
        if ready.stdin
            && let Some(pipe) = &self.pipes.stdin
        {
            match pipe.write(self.input.get(self.written..).unwrap_or_default()) {
                Ok(n) => self.written += n,
                // A program need not read all of its input.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.written = self.input.len(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if self.written >= self.input.len() {
                self.pipes.stdin = None;
            }
        }
        for (ready, end, output) in
            [(ready.stdout, &mut self.pipes.stdout, &mut self.stdout), (ready.stderr, &mut self.pipes.stderr, &mut self.stderr)]
        {
            if ready
                && let Some(pipe) = end
                && pipe.read_to(output.get_or_insert_default())? == 0
            {
                *end = None;
            }
        }
        Ok(())
    }

    /// Reads what is in the pipes, without waiting.
    fn last_words(&mut self, child: &mut dyn Child) {
        self.pipes.stdin = None;
        // A process that could not be killed may write without end: read no more than a pipe holds.
        for _ in 0..64 {
            match child.poll(&self.pipes, false, Some(Duration::ZERO)) {
                Ok(ready) if ready.any() && self.transfer(ready).is_ok() => {}
                _ => return,
            }
        }
    }
}
