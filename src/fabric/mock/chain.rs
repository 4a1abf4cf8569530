//! A command line that runs: its commands one after another, as one [`Channel`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::super::backend::{Backend, Channel, Event};
use super::super::error::{Error, Result};
use super::super::run::local::LocalChannel;
use super::builtins::Output;
use super::shell::{Action, Join, Shell};
use super::sudo::Question;
use crate::mock::Script;

pub(super) struct Chain {
    script: Script,
    state: tokio::sync::Mutex<State>,
    input: Arc<Mutex<Input>>,
    signal: Arc<Mutex<Option<String>>>,
}

struct State {
    /// The shells that run, the outermost first.
    stack: Vec<Frame>,
    events: VecDeque<Event>,
    current: Option<Arc<dyn Channel>>,
    question: Option<Question>,
    status: u32,
    done: bool,
    pty: bool,
}

struct Frame {
    shell: Shell,
    parts: VecDeque<(Join, String)>,
    /// Its commands run by sudo: what was written for them is all that they get. `sudo` keeps the input open for its own question.
    sudo: bool,
}

/// Standard input: it goes to the command that runs, or waits for one.
#[derive(Default)]
struct Input {
    pending: Vec<u8>,
    closed: bool,
    target: Option<Arc<dyn Channel>>,
    waker: Option<std::task::Waker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Chain {
    /// Nothing of the commands, their variables and their input, which may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").finish_non_exhaustive()
    }
}

impl Chain {
    pub(super) fn new(script: &Script, shell: Shell, line: &str) -> Result<Chain> {
        let parts = shell.parse(line)?;
        let pty = shell.pty;
        let state = State {
            stack: vec![Frame { shell, parts, sudo: false }],
            events: VecDeque::new(),
            current: None,
            question: None,
            status: 0,
            done: false,
            pty,
        };
        Ok(Chain { script: script.clone(), state: tokio::sync::Mutex::new(state), input: Arc::default(), signal: Arc::default() })
    }

    /// An interactive shell: what is written to it are its commands, and it ends with its input.
    pub(super) fn login(script: &Script, shell: Shell) -> Result<Chain> {
        Err(Error::NotImplemented { operation: "fabric.shell" }).or_else(|error: Error| {
            // With an answer for the program `bash -l` of the host, that is the shell.
            if shell.host.subprocess.knows(&["bash", "-l"]) { Chain::new(script, shell, "bash -l") } else { Err(error) }
        })
    }

    fn emit(state: &mut State, output: Output) {
        let pty = state.pty;
        let raw = |bytes: Vec<u8>| -> Bytes { if pty { crlf(&bytes).into() } else { bytes.into() } };
        if !output.stdout.is_empty() {
            state.events.push_back(Event::Stdout(raw(output.stdout)));
        }
        if !output.stderr.is_empty() {
            let bytes = raw(output.stderr);
            state.events.push_back(if pty { Event::Stdout(bytes) } else { Event::Stderr(bytes) });
        }
        state.status = output.status;
    }

    /// Starts the next command, if there is one.
    async fn advance(&self, state: &mut State) -> Result<()> {
        let Some(frame) = state.stack.last_mut() else {
            state.events.push_back(Event::Exit(state.status));
            state.done = true;
            return Ok(());
        };
        let Some((join, command)) = frame.parts.pop_front() else {
            state.stack.pop();
            return Ok(());
        };
        let skip = match join {
            Join::Always => false,
            Join::IfOk => state.status != 0,
            Join::IfFailed => state.status == 0,
        };
        if skip {
            return Ok(());
        }
        let backend: Arc<dyn Backend> = Arc::new(ClockOnly(self.script.clone()));
        match frame.shell.start(&backend, &command)? {
            Action::Done(output) => Self::emit(state, output),
            Action::Exit(status) => {
                state.status = status;
                state.stack.pop();
            }
            Action::Spawned(spawned) => {
                let channel: Arc<dyn Channel> = Arc::new(LocalChannel::new(backend, &command, spawned));
                let sudo = frame.sudo;
                self.connect(&channel, sudo).await?;
                state.current = Some(channel);
            }
            Action::Nested(shell, line) => {
                let parts = shell.parse(&line)?;
                let sudo = state.stack.iter().any(|frame| frame.sudo) || command.starts_with("sudo ");
                state.stack.push(Frame { shell: *shell, parts, sudo });
            }
            Action::Sudo(question) => {
                Self::emit(state, Output { stderr: question.prompt.clone().into_bytes(), ..Output::default() });
                state.question = Some(question);
            }
            Action::Sleep(time) => {
                self.script.clock().sleep(time).await;
                state.status = 0;
            }
        }
        Ok(())
    }

    /// Gives standard input to a command.
    async fn connect(&self, channel: &Arc<dyn Channel>, last: bool) -> Result<()> {
        let (pending, closed) = {
            let mut input = lock(&self.input);
            input.target = Some(channel.clone());
            (std::mem::take(&mut input.pending), input.closed)
        };
        if !pending.is_empty() {
            channel.write(&pending).await?;
        }
        if closed || last {
            channel.close_stdin().await?;
        }
        Ok(())
    }

    /// The next line of standard input; None at its end.
    async fn line(&self) -> Option<String> {
        std::future::poll_fn(|context| {
            let mut input = lock(&self.input);
            if let Some(end) = input.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = input.pending.drain(..=end).collect();
                return std::task::Poll::Ready(Some(String::from_utf8_lossy(&line[..end]).into_owned()));
            }
            if input.closed {
                return std::task::Poll::Ready(None);
            }
            input.waker = Some(context.waker().clone());
            std::task::Poll::Pending
        })
        .await
    }

    /// What sudo does with an answer.
    async fn answered(&self, state: &mut State) -> Result<()> {
        let line = self.line().await;
        let Some(mut question) = state.question.take() else { return Ok(()) };
        match line {
            Some(line) if line == question.password.expose() => {
                let parts = question.shell.parse(&question.command)?;
                state.stack.push(Frame { shell: *question.shell, parts, sudo: true });
            }
            Some(_) if question.tries < 2 => {
                question.tries += 1;
                let text = format!("Sorry, try again.\n{}", question.prompt);
                Self::emit(state, Output { stderr: text.into_bytes(), ..Output::default() });
                state.question = Some(question);
            }
            Some(_) => Self::emit(state, Output::failed(1, "sudo: 3 incorrect password attempts\n".to_owned())),
            None => {
                let text = "\nsudo: no password was provided\nsudo: a password is required\n".to_owned();
                Self::emit(state, Output::failed(1, text));
            }
        }
        Ok(())
    }
}

fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if *byte == b'\n' {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

#[async_trait]
impl Channel for Chain {
    async fn next(&self) -> Result<Event> {
        let mut state = self.state.lock().await;
        let state = &mut *state;
        loop {
            if let Some(event) = state.events.pop_front() {
                return Ok(event);
            }
            if state.done {
                return Ok(Event::Closed);
            }
            if state.question.is_some() {
                self.answered(state).await?;
                continue;
            }
            let Some(current) = state.current.clone() else {
                self.advance(state).await?;
                continue;
            };
            match current.next().await? {
                Event::Exit(status) => state.status = status,
                Event::Signal(name) => {
                    // The shell's own command: the channel ends with the signal. After another it goes on with 128 and the number.
                    if state.stack.iter().all(|frame| frame.parts.is_empty()) {
                        state.events.push_back(Event::Signal(name));
                        state.done = true;
                    } else {
                        let number = super::super::run::runner::signal_number(&name);
                        state.status = 128 + number.unsigned_abs();
                    }
                }
                Event::Closed => {
                    state.current = None;
                    lock(&self.input).target = None;
                }
                Event::Stdout(bytes) if state.pty => return Ok(Event::Stdout(crlf(&bytes).into())),
                event => return Ok(event),
            }
        }
    }

    async fn write(&self, bytes: &[u8]) -> Result<()> {
        let target = {
            let mut input = lock(&self.input);
            if input.target.is_none() {
                input.pending.extend_from_slice(bytes);
                if let Some(waker) = input.waker.take() {
                    waker.wake();
                }
            }
            input.target.clone()
        };
        match target {
            Some(target) => target.write(bytes).await,
            None => Ok(()),
        }
    }

    async fn close_stdin(&self) -> Result<()> {
        let target = {
            let mut input = lock(&self.input);
            input.closed = true;
            if let Some(waker) = input.waker.take() {
                waker.wake();
            }
            input.target.clone()
        };
        match target {
            Some(target) => target.close_stdin().await,
            None => Ok(()),
        }
    }

    async fn signal(&self, name: &str) -> Result<()> {
        *lock(&self.signal) = Some(name.to_owned());
        let target = lock(&self.input).target.clone();
        match target {
            Some(target) => target.signal(name).await,
            None => Ok(()),
        }
    }

    async fn resize(&self, _columns: u16, _rows: u16) -> Result<()> {
        Ok(())
    }

    async fn kill(&self) {
        let target = lock(&self.input).target.take();
        if let Some(target) = target {
            target.kill().await;
        }
        let mut state = self.state.lock().await;
        state.done = true;
        state.stack.clear();
    }

    async fn close(&self) {
        let mut state = self.state.lock().await;
        if let Some(current) = state.current.take() {
            current.close().await;
        }
        state.done = true;
    }
}

/// The clock of the world, for channels that wait.
#[derive(Debug)]
struct ClockOnly(Script);

#[async_trait]
impl Backend for ClockOnly {
    async fn connect(&self, _: &super::super::backend::Target) -> Result<Arc<dyn super::super::backend::Session>> {
        Err(Error::NotImplemented { operation: "fabric.connect" })
    }

    async fn listen(&self, _: &str, _: u16) -> Result<Box<dyn super::super::backend::Listener>> {
        Err(Error::NotImplemented { operation: "fabric.listen" })
    }

    async fn dial(&self, _: &str, _: u16) -> Result<super::super::backend::BoxStream> {
        Err(Error::NotImplemented { operation: "fabric.dial" })
    }

    fn print(&self, _: super::super::backend::Stream, _: &str) {}

    async fn read_stdin(&self) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn pty_size(&self) -> (u16, u16) {
        (80, 24)
    }

    async fn sleep(&self, duration: std::time::Duration) {
        self.0.clock().sleep(duration).await;
    }

    fn monotonic(&self) -> std::time::Duration {
        self.0.clock().elapsed()
    }

    fn spawn(&self, task: crate::BoxFuture<()>) {
        crate::wait::driver::detach(task);
    }

    async fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }
}
