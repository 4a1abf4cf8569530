//! A program that runs on the other machine, and its pipes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Result;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::agent::{errno, of_fabric};
use super::files::Remote;
use super::programs::MARK;
use crate::Wait as _;
use crate::error::errno::{EPIPE, ESRCH, ETIMEDOUT};
use crate::fabric::backend::{Channel, Event, Stream};
use crate::os::backend::WaitStatus;
use crate::subprocess::Stdio;
use crate::subprocess::backend::{BoxFuture, Child, Command, Pipe, Pipes, Ready, Spawned};
use crate::wait::driver;

/// Bytes that are kept unread before the channel is not read any further.
const MOST_UNREAD: usize = 1 << 20;
/// How long a program may take to say that it has started.
const START: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct RemoteChild {
    pid: u32,
    remote: Remote,
    shared: Arc<Shared>,
    channel: Arc<dyn Channel>,
    reader: Option<driver::Abort<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// For those that wait without a thread, and for the reader that waits for room.
    notify: tokio::sync::Notify,
}

#[derive(Debug, Default)]
struct State {
    started: Option<std::result::Result<u32, i32>>,
    /// Standard error until the announcement is found in it.
    before: Vec<u8>,
    stdout: Buffer,
    stderr: Buffer,
    exit: Option<WaitStatus>,
    closed: bool,
    /// The program has ended: it reads nothing any more.
    stdin_closed: bool,
}

#[derive(Debug, Default)]
struct Buffer {
    bytes: VecDeque<u8>,
    /// What arrives is kept: there is a pipe.
    kept: bool,
    /// What arrives is shown on this side.
    shown: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
        self.notify.notify_waiters();
    }

    /// Blocks until something is there, or the time is up.
    fn wait_for<T>(&self, timeout: Option<Duration>, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut state = self.lock();
        let mut left = timeout;
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            state = match left {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return None,
                Some(time) => {
                    // Time is counted in steps, since there is no clock here; each is at most a tenth of a second long.
                    let step = time.min(Duration::from_millis(100));
                    let (state, waited) = self.changed.wait_timeout(state, step).unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() {
                        left = Some(time - step);
                    }
                    state
                }
            };
        }
    }

    async fn wait_async<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let notified = self.notify.notified();
            if let Some(found) = look(&mut self.lock()) {
                return found;
            }
            notified.await;
        }
    }
}

impl State {
    fn ready(&self, pipes: &Pipes, exit: bool) -> Ready {
        let readable =
            |pipe: &Option<Arc<dyn Pipe>>, buffer: &Buffer| pipe.is_some() && (!buffer.bytes.is_empty() || self.closed);
        Ready {
            // The channel takes what is written, as far as its window goes.
            stdin: pipes.stdin.is_some(),
            stdout: readable(&pipes.stdout, &self.stdout),
            stderr: readable(&pipes.stderr, &self.stderr),
            exit: exit && self.exit.is_some(),
        }
    }
}

impl RemoteChild {
    pub(super) fn start(remote: Remote, channel: Arc<dyn Channel>, command: &Command) -> Result<Spawned> {
        let shared = Arc::new(Shared::default());
        {
            let mut state = shared.lock();
            state.stdout.kept = matches!(command.stdout, Stdio::Pipe);
            state.stdout.shown = matches!(command.stdout, Stdio::Inherit);
            state.stderr.kept = matches!(command.stderr, Stdio::Pipe);
            state.stderr.shown = matches!(command.stderr, Stdio::Inherit);
        }
        let backend = remote.agent.connection().backend().clone();
        let reader = driver::until_dropped(read(channel.clone(), shared.clone(), backend));
        let started = shared.wait_for(Some(START), |state| match (&state.started, state.closed) {
            (Some(started), _) => Some(*started),
            // The login shell has ended without it.
            (None, true) => Some(Err(crate::error::errno::EIO)),
            _ => None,
        });
        let pid = match started {
            Some(Ok(pid)) => pid,
            Some(Err(number)) => return Err(errno(number)),
            None => {
                channel.kill().wait();
                return Err(errno(ETIMEDOUT));
            }
        };
        if !matches!(command.stdin, Stdio::Pipe) {
            channel.close_stdin().wait().map_err(|error| of_fabric(&error))?;
        }
        let end = |stream| -> Arc<dyn Pipe> { Arc::new(RemotePipe { shared: shared.clone(), channel: channel.clone(), stream }) };
        let pipes = Pipes {
            stdin: matches!(command.stdin, Stdio::Pipe).then(|| end(None)),
            stdout: matches!(command.stdout, Stdio::Pipe).then(|| end(Some(Stream::Stdout))),
            stderr: matches!(command.stderr, Stdio::Pipe).then(|| end(Some(Stream::Stderr))),
        };
        let child = RemoteChild { pid, remote, shared, channel, reader: Some(reader) };
        Ok(Spawned { child: Box::new(child), pipes })
    }
}

/// Reads the channel to its end.
async fn read(channel: Arc<dyn Channel>, shared: Arc<Shared>, backend: Arc<dyn crate::fabric::Backend>) {
    loop {
        let unread = |state: &mut State| (state.stdout.bytes.len() + state.stderr.bytes.len() < MOST_UNREAD).then_some(());
        shared.wait_async(unread).await;
        let mut show = Vec::new();
        match channel.next().await {
            Ok(Event::Stdout(bytes)) => shared.change(|state| take(&mut state.stdout, &bytes, Stream::Stdout, &mut show)),
            Ok(Event::Stderr(bytes)) => shared.change(|state| {
                if state.started.is_some() {
                    take(&mut state.stderr, &bytes, Stream::Stderr, &mut show);
                    return;
                }
                state.before.extend(&bytes);
                if let Some((started, rest)) = announcement(&state.before) {
                    state.started = Some(started);
                    let rest = rest.to_vec();
                    take(&mut state.stderr, &rest, Stream::Stderr, &mut show);
                    state.before.clear();
                }
            }),
            Ok(Event::Exit(status)) => shared.change(|state| {
                let status = i32::try_from(status & 0xff).unwrap_or(0);
                state.exit = Some(WaitStatus(status << 8));
                state.stdin_closed = true;
            }),
            Ok(Event::Signal(name)) => shared.change(|state| {
                state.exit = Some(WaitStatus(number(&name)));
                state.stdin_closed = true;
            }),
            Ok(Event::Closed) | Err(_) => {
                return shared.change(|state| {
                    state.closed = true;
                    state.stdin_closed = true;
                    // The connection was lost, or the server did not say: as if it had been killed.
                    state.exit.get_or_insert(WaitStatus(9));
                });
            }
        }
        for (stream, text) in show {
            backend.print(stream, &text);
        }
    }
}

fn take(buffer: &mut Buffer, bytes: &[u8], stream: Stream, show: &mut Vec<(Stream, String)>) {
    if buffer.kept {
        buffer.bytes.extend(bytes);
    } else if buffer.shown && !bytes.is_empty() {
        show.push((stream, String::from_utf8_lossy(bytes).into_owned()));
    }
}

/// The line that announces the process or an errno, and what follows it.
fn announcement(text: &[u8]) -> Option<(std::result::Result<u32, i32>, &[u8])> {
    let mark = MARK.as_bytes();
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    let line = text.get(at + mark.len()..)?;
    let end = line.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = line.split_at(end);
    let line = String::from_utf8_lossy(line).into_owned();
    let mut words = line.split_whitespace();
    let pid: u32 = words.next()?.parse().ok()?;
    let number: i32 = words.next()?.parse().ok()?;
    Some((if number == 0 { Ok(pid) } else { Err(number) }, rest.get(1..)?))
}

fn number(name: &str) -> i32 {
    let known = (1..=64).find(|signal| crate::subprocess::signal_name(*signal) == Some(&format!("SIG{name}")));
    // Some servers send the number.
    known.or_else(|| name.parse().ok()).unwrap_or(9)
}

impl Child for RemoteChild {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready> {
        let look = |state: &mut State| Some(state.ready(pipes, exit)).filter(|ready| ready.any());
        Ok(self.shared.wait_for(timeout, look).unwrap_or_default())
    }

    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>> {
        Box::pin(async move {
            let look = |state: &mut State| Some(state.ready(pipes, exit)).filter(|ready| ready.any());
            let mut ready = Box::pin(self.shared.wait_async(look));
            Ok(driver::within(timeout, &mut ready).await.unwrap_or_default())
        })
    }

    fn wait(&mut self) -> Result<WaitStatus> {
        Ok(self.shared.wait_for(None, |state| state.exit).unwrap_or(WaitStatus(9)))
    }

    fn try_wait(&mut self) -> Result<Option<WaitStatus>> {
        Ok(self.shared.lock().exit)
    }

    fn send_signal(&mut self, signal: i32) -> Result<()> {
        if self.shared.lock().exit.is_some() {
            return Ok(());
        }
        match crate::os::backend::Machine::kill(&self.remote, self.pid, signal) {
            // It has ended meanwhile, as a child that was not waited for has.
            Err(error) if error.raw_os_error() == Some(ESRCH) => Ok(()),
            sent => sent,
        }
    }

    fn kill_tree(&mut self, _pipes: &Pipes) -> Result<()> {
        let listed = self.remote.agent.output(b"ps -A -o pid= -o ppid= -o pgid= -o sid=");
        let victims = match listed {
            Ok(text) => tree(&String::from_utf8_lossy(&text), self.pid),
            // Without ps(1), the group: the server makes each command the leader of one.
            Err(_) => Vec::new(),
        };
        // One by one: a process that is gone must not spare the others. No `--`, which dash takes for a process.
        let mut line = format!("kill -9 -{} 2>/dev/null; kill -9 {} 2>/dev/null;", self.pid, self.pid);
        for victim in victims {
            line.push_str(&format!(" kill -9 {victim} 2>/dev/null;"));
        }
        line.push_str(" :");
        let killed = self.remote.agent.output(line.as_bytes());
        if killed.is_err() {
            // The helper is gone too: what the server does at a closed channel is all that is left.
            self.channel.kill().wait();
        }
        Ok(())
    }

    fn detach(mut self: Box<Self>) {
        // Its output is read on, so that it does not stand still at a full pipe.
        if let Some(reader) = self.reader.take() {
            self.shared.change(|state| {
                (state.stdout.kept, state.stderr.kept) = (false, false);
                state.stdout.bytes.clear();
                state.stderr.bytes.clear();
            });
            driver::detach(reader.finished());
        }
    }
}

/// All descendants of a process, and what is in its group or session.
fn tree(listing: &str, root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut found: HashSet<u32> = HashSet::new();
    for line in listing.lines() {
        let numbers: Vec<u32> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [pid, parent, group, session] = numbers[..] else { continue };
        children.entry(parent).or_default().push(pid);
        if group == root || session == root {
            found.insert(pid);
        }
    }
    let mut todo: Vec<u32> = found.iter().copied().chain([root]).collect();
    while let Some(pid) = todo.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if found.insert(*child) {
                todo.push(*child);
            }
        }
    }
    found.remove(&root);
    found.retain(|pid| *pid > 1);
    found.into_iter().collect()
}

/// One end of a pipe: None is standard input.
#[derive(Debug)]
struct RemotePipe {
    shared: Arc<Shared>,
    channel: Arc<dyn Channel>,
    stream: Option<Stream>,
}

impl RemotePipe {
    fn buffer<'a>(&self, state: &'a mut State) -> Option<&'a mut Buffer> {
        match self.stream? {
            Stream::Stdout => Some(&mut state.stdout),
            Stream::Stderr => Some(&mut state.stderr),
        }
    }
}

impl Drop for RemotePipe {
    fn drop(&mut self) {
        if self.stream.is_some() {
            // Without a reader, what arrives is dropped, so that the program goes on.
            self.shared.change(|state| {
                if let Some(buffer) = self.buffer(state) {
                    buffer.kept = false;
                    buffer.bytes.clear();
                }
            });
            return;
        }
        let channel = self.channel.clone();
        driver::detach(async move {
            let _ = channel.close_stdin().await;
        });
    }
}

impl Pipe for RemotePipe {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.shared.wait_for(None, |state| {
            let closed = state.closed;
            let Some(found) = self.buffer(state) else { return Some(0) };
            if found.bytes.is_empty() && !closed {
                return None;
            }
            let count = found.bytes.len().min(buffer.len());
            for (slot, byte) in buffer.iter_mut().zip(found.bytes.drain(..count)) {
                *slot = byte;
            }
            Some(count)
        });
        self.shared.notify.notify_waiters();
        Ok(count.unwrap_or(0))
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        let mut chunk = vec![0; 256 << 10];
        let count = self.read(&mut chunk)?;
        bytes.extend(chunk.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        if self.shared.lock().stdin_closed {
            return Err(errno(EPIPE));
        }
        let bytes = bytes.get(..bytes.len().min(64 << 10)).unwrap_or(bytes);
        match self.channel.write(bytes).wait() {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(errno(EPIPE)),
        }
    }

    fn wait_writable(&self) -> Result<()> {
        Ok(())
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
