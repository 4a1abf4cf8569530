//! The processes, and the lock around them.

use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind, Result};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use super::process::{Advance, Machine, Sink, Source};
use super::program::{Answer, Call, Program, Ran};
use crate::ambient::{Ambient, Variables};
use crate::error::errno::{EACCES, EAGAIN, EBADF, ECHILD, EDEADLK, EINVAL, ENOENT, EPIPE};
use crate::mock::Clock;
use crate::os::Os;
use crate::os::backend::FileType;
use crate::os::mock::processes::Elsewhere;
use crate::subprocess::args::{Arg, Args};
use crate::subprocess::backend::{BoxFuture, Child, Command, Pipe, Pipes, Ready, Spawned, WaitStatus};
use crate::subprocess::signal;
use crate::subprocess::stdio::Stdio;

/// The machine that all clones of a mock share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<Machine>,
    changed: Condvar,
    clock: Clock,
}

/// Weak, because the processes hold the machine's files, which hold this window.
#[derive(Debug)]
struct Window(Weak<Shared>);

impl Elsewhere for Window {
    fn find(&self, pid: u32) -> Option<(Option<u32>, Option<u32>)> {
        let machine = self.0.upgrade()?;
        machine.run();
        machine.lock().standing(pid)
    }

    fn members(&self, group: Option<u32>) -> Vec<u32> {
        let Some(machine) = self.0.upgrade() else { return Vec::new() };
        machine.run();
        machine.lock().members(group)
    }

    fn signal(&self, pid: u32, signal: i32) {
        if let Some(machine) = self.0.upgrade() {
            machine.lock().signal(pid, signal, machine.clock.elapsed());
            machine.run();
        }
    }
}

fn errno(number: i32) -> Error {
    Error::from_raw_os_error(number)
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Shared {
        Shared { state: Mutex::default(), changed: Condvar::new(), clock }
    }

    /// The view of the processes for `os.kill` and the related calls.
    pub(super) fn window(self: &Arc<Self>) -> Box<dyn Elsewhere> {
        Box::new(Window(Arc::downgrade(self)))
    }

    pub(super) fn program(self: &Arc<Self>, argv: Vec<OsString>) -> Program {
        let number = self.lock().add_program(argv);
        Program { machine: self.clone(), number }
    }

    #[cfg(feature = "fabric")]
    pub(super) fn knows(&self, program: &OsStr, args: &[&OsStr]) -> bool {
        self.lock().knows(program, args)
    }

    pub(super) fn answer(&self, number: usize, answer: Answer) {
        self.lock().add_answer(number, answer);
    }

    pub(super) fn calls(&self) -> Vec<Ran> {
        self.run();
        self.lock().ran()
    }

    pub(super) fn processes(&self) -> Vec<u32> {
        self.run();
        self.lock().unfinished()
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances every process as far as possible. The test's own functions run without the lock,
    /// because they may use the world.
    fn run(&self) {
        loop {
            let advance = self.lock().advance(self.clock.elapsed());
            match advance {
                Advance::Idle => break,
                Advance::Call(pid, function, call) => {
                    let reply = function(&call);
                    self.lock().reply(pid, reply);
                }
                Advance::Line(pid, function, line) => {
                    let answer = function(&line);
                    self.lock().says(pid, answer.into_bytes());
                }
            }
        }
        self.changed.notify_all();
    }

    /// Waits until `done` returns something, and moves the clock meanwhile. Returns `None` on
    /// timeout.
    fn wait<T>(&self, timeout: Option<Duration>, mut done: impl FnMut(&mut Machine) -> Option<T>) -> Result<Option<T>> {
        /// The real time that another thread has to do what this thread waits for.
        const PATIENCE: Duration = Duration::from_millis(200);
        let until = timeout.map(|timeout| self.clock.elapsed().saturating_add(timeout));
        let mut patient = true;
        loop {
            self.run();
            let mut state = self.lock();
            if let Some(answer) = done(&mut state) {
                return Ok(Some(answer));
            }
            let now = self.clock.elapsed();
            let event = state.next_event(now);
            match (event, until) {
                (_, Some(until)) if until <= now => return Ok(None),
                (Some(event), until) => self.clock.advance(until.map_or(event, |until| event.min(until)).saturating_sub(now)),
                (None, Some(until)) => self.clock.advance(until.saturating_sub(now)),
                (None, None) if patient => {
                    let waited = self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
                    patient = !waited.1.timed_out();
                }
                (None, None) => return Err(errno(EDEADLK)),
            }
        }
    }

    pub(super) fn spawn(self: &Arc<Self>, command: &Command, os: &crate::os::mock::Mock) -> Result<Spawned> {
        let environ = command.environ.clone().unwrap_or_default();
        let cwd = command.cwd.clone().unwrap_or_else(|| PathBuf::from("/"));
        let answer = self.find(command, &environ, &cwd, os)?;
        let mut pipes = Pipes::default();
        let stdin = match &command.stdin {
            Stdio::Pipe => {
                let channel = self.lock().channel(command.pipesize);
                pipes.stdin = Some(self.end(channel, false));
                Source::Channel(channel)
            }
            Stdio::Inherit | Stdio::DevNull => Source::Nothing,
            Stdio::File(file) => Source::File(file.clone()),
            Stdio::Child(pipe) => Source::Channel(self.lock().reader(self.known(pipe)?)),
            Stdio::Fd(_) | Stdio::Stdout => return Err(kernel()),
        };
        let sink = |stdio: &Stdio, end: &mut Option<Arc<dyn Pipe>>| match stdio {
            Stdio::Pipe => {
                let channel = self.lock().channel(command.pipesize);
                *end = Some(self.end(channel, true));
                Ok(Sink::Channel(channel))
            }
            Stdio::Inherit | Stdio::DevNull => Ok(Sink::Nowhere),
            Stdio::File(file) => Ok(Sink::File(file.clone())),
            Stdio::Child(pipe) => Ok(Sink::Channel(self.lock().writer(self.known(pipe)?))),
            Stdio::Fd(_) | Stdio::Stdout => Err(kernel()),
        };
        let stdout = sink(&command.stdout, &mut pipes.stdout)?;
        let stderr = match &command.stderr {
            Stdio::Stdout => self.lock().another(&stdout),
            other => sink(other, &mut pipes.stderr)?,
        };
        let argv: Vec<OsString> = command.args.iter().map(|arg| arg.expose().to_owned()).collect();
        let os = Os::new(Arc::new(os.clone()), Ambient::isolated((*environ).clone(), cwd.clone()));
        let call = Call { argv, stdin: Vec::new(), environ, cwd, os, args: Args(command.args.clone()) };
        let pid = self.lock().start(call, command.standing.clone(), answer, [stdout, stderr], stdin);
        self.run();
        Ok(Spawned { child: Box::new(MockChild { machine: self.clone(), pid }), pipes })
    }

    fn end(self: &Arc<Self>, channel: usize, reads: bool) -> Arc<dyn Pipe> {
        Arc::new(MockPipe { machine: self.clone(), channel, reads })
    }

    /// Returns the channel of another child's pipe, if the child is of this machine.
    fn known(&self, pipe: &Arc<dyn Pipe>) -> Result<usize> {
        let pipe: &dyn std::any::Any = &**pipe;
        match pipe.downcast_ref::<MockPipe>() {
            Some(pipe) if std::ptr::eq(&*pipe.machine, self) => Ok(pipe.channel),
            _ => Err(Error::new(ErrorKind::Unsupported, "the pipe of another machine as a stream of a program in memory")),
        }
    }

    fn find(&self, command: &Command, environ: &Variables, cwd: &Path, os: &crate::os::mock::Mock) -> Result<Answer> {
        let program = command.program.as_os_str();
        let args: Vec<&OsStr> = command.args.iter().skip(1).map(Arg::expose).collect();
        let paths: Vec<PathBuf> = if program.as_bytes().contains(&b'/') {
            vec![cwd.join(program)]
        } else if program.is_empty() {
            return Err(errno(EACCES));
        } else {
            let path = environ.get(OsStr::new("PATH")).map_or(OsStr::new("/bin:/usr/bin"), OsString::as_os_str);
            path.as_bytes().split(|byte| *byte == b':').map(|dir| cwd.join(OsStr::from_bytes(dir)).join(program)).collect()
        };
        let mut failed = errno(ENOENT);
        for path in &paths {
            if let Some(answer) = self.lock().find(path, &args) {
                return Ok(answer);
            }
            match os.look_at(path) {
                Ok((stat, true)) if stat.file_type() != FileType::Dir => {
                    let what = format!("no answer is scripted for the program {}", path.display());
                    return Err(Error::new(ErrorKind::Unsupported, what));
                }
                Ok(_) => failed = errno(EACCES),
                Err(error) if matches!(error.raw_os_error(), Some(ENOENT)) => {}
                // Report why a path that was named explicitly fails. A candidate from the PATH is
                // skipped instead.
                Err(error) if paths.len() == 1 || error.raw_os_error() == Some(EACCES) => failed = error,
                Err(_) => {}
            }
        }
        Err(failed)
    }
}

fn kernel() -> Error {
    Error::new(ErrorKind::Unsupported, "a descriptor of the kernel as a stream of a program in memory")
}

#[derive(Debug)]
struct MockChild {
    machine: Arc<Shared>,
    pid: u32,
}

impl MockChild {
    fn ready(state: &Machine, pid: u32, channels: [Option<usize>; 3], exit: bool) -> Option<Ready> {
        let [stdin, stdout, stderr] = channels;
        let ready = Ready {
            stdin: stdin.is_some_and(|channel| state.writable(channel)),
            stdout: stdout.is_some_and(|channel| state.readable(channel)),
            stderr: stderr.is_some_and(|channel| state.readable(channel)),
            exit: exit && state.status(pid).is_some(),
        };
        ready.any().then_some(ready)
    }

    fn channels(&self, pipes: &Pipes) -> Result<[Option<usize>; 3]> {
        let known = |pipe: &Option<Arc<dyn Pipe>>| pipe.as_ref().map(|pipe| self.machine.known(pipe)).transpose();
        Ok([known(&pipes.stdin)?, known(&pipes.stdout)?, known(&pipes.stderr)?])
    }
}

impl Child for MockChild {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready> {
        let channels = self.channels(pipes)?;
        let ready = self.machine.wait(timeout, |state| MockChild::ready(state, self.pid, channels, exit))?;
        Ok(ready.unwrap_or_default())
    }

    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>> {
        Box::pin(async move {
            /// How often the other futures of the same task get a turn to do what this one waits
            /// for.
            const PATIENCE: u32 = 1_000;
            let channels = self.channels(pipes)?;
            let clock = self.machine.clock.clone();
            let until = timeout.map(|timeout| clock.elapsed().saturating_add(timeout));
            let mut tries = 0;
            loop {
                self.machine.run();
                let now = clock.elapsed();
                let event = {
                    let state = self.machine.lock();
                    if let Some(ready) = MockChild::ready(&state, self.pid, channels, exit) {
                        return Ok(ready);
                    }
                    state.next_event(now)
                };
                match event.into_iter().chain(until).min() {
                    Some(_) if until.is_some_and(|until| until <= now) => return Ok(Ready::default()),
                    Some(next) => clock.sleep(next.saturating_sub(now)).await,
                    None if tries < PATIENCE => {
                        tries += 1;
                        Yield(false).await;
                    }
                    None => return Err(errno(EDEADLK)),
                }
            }
        })
    }

    fn wait(&mut self) -> Result<WaitStatus> {
        let pid = self.pid;
        let status = self.machine.wait(None, |state| state.reap(pid))?;
        status.ok_or_else(|| errno(ECHILD))
    }

    fn try_wait(&mut self) -> Result<Option<WaitStatus>> {
        self.machine.run();
        Ok(self.machine.lock().reap(self.pid))
    }

    fn send_signal(&mut self, signal: i32) -> Result<()> {
        if !(0..=signal::SIGRTMAX).contains(&signal) {
            return Err(errno(EINVAL));
        }
        self.machine.run();
        self.machine.lock().signal(self.pid, signal, self.machine.clock.elapsed());
        self.machine.run();
        Ok(())
    }

    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()> {
        let channels = self.channels(pipes)?;
        self.machine.run();
        self.machine.lock().kill_tree(self.pid, channels, self.machine.clock.elapsed());
        self.machine.run();
        Ok(())
    }

    fn detach(self: Box<Self>) {
        self.machine.lock().detach(self.pid);
    }
}

/// A future that is pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The parent's end of a pipe.
#[derive(Debug)]
struct MockPipe {
    machine: Arc<Shared>,
    channel: usize,
    reads: bool,
}

impl Pipe for MockPipe {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if !self.reads {
            return Err(errno(EBADF));
        }
        let n = self.machine.wait(None, |state| state.readable(self.channel).then(|| state.read(self.channel, buffer)))?;
        self.machine.run();
        Ok(n.unwrap_or(0))
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        let mut buffer = vec![0; 64 * 1024];
        let n = self.read(&mut buffer)?;
        bytes.extend(buffer.iter().take(n));
        Ok(n)
    }

    fn wait_readable(&self) -> Result<()> {
        let interrupts = self.machine.clock.interrupts();
        interrupts.check()?;
        if interrupts.is_armed() && self.reads {
            self.machine.wait(None, |state| state.readable(self.channel).then_some(()))?;
            interrupts.check()?;
        }
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        if self.reads {
            return Err(errno(EBADF));
        }
        self.machine.run();
        let written = self.machine.lock().write(self.channel, bytes);
        self.machine.run();
        match written {
            None => Err(errno(EPIPE)),
            Some(0) if !bytes.is_empty() => Err(errno(EAGAIN)),
            Some(n) => Ok(n),
        }
    }

    fn wait_writable(&self) -> Result<()> {
        self.machine.wait(None, |state| state.writable(self.channel).then_some(()))?;
        Ok(())
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

impl Drop for MockPipe {
    fn drop(&mut self) {
        self.machine.lock().close(self.channel, self.reads);
        self.machine.run();
    }
}
