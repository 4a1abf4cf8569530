//! Programs: recorded as they run, answered from the cassette by the programs in memory.

use std::any::Any;
use std::io::Result;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::deck::{Copy, Deck, Live, copied, is_like, micros, program_key, redacted, took, value_to_bytes};
use super::scan;
use super::vault::{HIDDEN, Vault};
use crate::Errno;
use crate::error::errno::EIO;
use crate::subprocess::backend::{Backend, BoxFuture, Child, Command, Pipe, Pipes, Ready, Spawned, WaitStatus};
use crate::subprocess::mock::{Mock, Reply};
use crate::subprocess::{Arg, Stdio};

/// EPERM: what a cassette does not do.
const REFUSED: i32 = 1;

/// A program that runs until it is ended.
const ENDLESS: Duration = Duration::from_secs(100 * 365 * 86_400);

#[derive(Debug)]
pub(super) struct Programs {
    inner: Arc<dyn Backend>,
    /// Knows the directory of the process, which a program inherits.
    os: crate::os::Os,
    /// Answers from the cassette.
    fake: Mock,
    deck: Arc<Deck>,
}

impl Programs {
    pub(super) fn new(inner: Arc<dyn Backend>, os: crate::os::Os, fake: Mock, deck: Arc<Deck>) -> Programs {
        Programs { inner, os, fake, deck }
    }

    fn words(&self, command: &Command) -> (Vec<String>, String) {
        let vault = &self.deck.vault;
        let mut args: Vec<String> = command.args.iter().map(|arg| shown(vault, arg)).collect();
        if let Some(first) = args.first_mut() {
            *first = command.program.to_string_lossy().into_owned();
        }
        let cwd = command.cwd.clone().or_else(|| self.os.getcwd().ok());
        let cwd = cwd.map(|cwd| cwd.to_string_lossy().into_owned()).unwrap_or_default();
        // Before they are quoted: a replacement may change the quotes.
        (scan::arguments(vault, &args).iter().map(|arg| vault.scrub(arg)).collect(), vault.scrub(&cwd))
    }

    fn answer(&self, key: &str, command: &Command) -> Result<Option<Spawned>> {
        let Some((number, entry)) = self.deck.library.take("program", key, |_| true) else { return Ok(None) };
        if let Some(errno) = entry["errno"].as_i64().and_then(|errno| i32::try_from(errno).ok()) {
            return Err(std::io::Error::from_raw_os_error(errno));
        }
        if entry["over"] == true {
            return Err(Errno::because(REFUSED, format!("not in the cassette: the whole output of {key}, which is too long")));
        }
        let path = format!("/cassette/{number}");
        let program = self.fake.program(path.as_str());
        if entry["stdin"].is_null() {
            program.answer(reply(&entry).ignores_stdin());
        } else {
            let (deck, key) = (self.deck.clone(), key.to_owned());
            program.runs(move |call| chosen(&deck, &key, number, &entry, &call.stdin));
        }
        let mut command = command.clone();
        command.program = path.clone().into();
        command.args = vec![Arg::Plain(path.into())];
        self.fake.spawn(&command).map(Some)
    }
}

fn shown(vault: &Vault, arg: &Arg) -> String {
    match arg {
        Arg::Plain(text) => text.to_string_lossy().into_owned(),
        Arg::Secret(secret) => {
            vault.learn(secret.expose());
            HIDDEN.to_owned()
        }
    }
}

/// What the program does with this input: what is recorded for it.
fn chosen(deck: &Deck, key: &str, number: usize, first: &Value, stdin: &[u8]) -> Reply {
    let mut input = redacted(&deck.vault, stdin);
    deck.vault.scrub_value(&mut input);
    // A program that a signal ends may have read a part of its input only.
    let cut = first["returncode"].as_i64().is_some_and(|code| code < 0);
    let begins = || first["stdin"].as_str().zip(input.as_str()).is_some_and(|(recorded, input)| input.starts_with(recorded));
    if is_like(&first["stdin"], &input) || (cut && begins()) {
        return reply(first);
    }
    deck.library.give_back(number);
    match deck.library.take("program", key, |entry| is_like(&entry["stdin"], &input)) {
        Some((_, entry)) => reply(&entry),
        None => Reply::new().stderr(format!("not in the cassette: {key} with this input\n")).code(255),
    }
}

fn reply(entry: &Value) -> Reply {
    let output = |name: &str| value_to_bytes(&entry[name]).unwrap_or_default();
    let mut reply = Reply::new().stdout(output("stdout")).stderr(output("stderr"));
    let returncode = entry["returncode"].as_i64().and_then(|code| i32::try_from(code).ok());
    if let Some(signal) = entry["signal"].as_i64().and_then(|signal| i32::try_from(signal).ok()) {
        let ends_with = returncode.filter(|code| *code >= 0);
        let reply = reply.delay(ENDLESS);
        return if ends_with.is_some() { reply.on_signal(signal, ends_with) } else { reply };
    }
    reply = reply.delay(took(entry));
    match returncode {
        Some(code) if code < 0 => reply.dies_of(code.saturating_neg()),
        code => reply.code(code.unwrap_or(0)),
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Programs {
    fn interrupts(&self) -> crate::Interrupts {
        self.inner.interrupts()
    }

    fn spawn(&self, command: &Command) -> Result<Spawned> {
        // What a program is given may be in what it prints.
        for (name, value) in command.environ.iter().flat_map(|environ| environ.iter()) {
            if self.deck.vault.is_secret(&name.to_string_lossy()) {
                self.deck.vault.learn(&value.to_string_lossy());
            }
        }
        let (args, cwd) = self.words(command);
        let key = program_key(args.iter().map(String::as_str), &cwd);
        if let Some(spawned) = self.answer(&key, command)? {
            return Ok(spawned);
        }
        if !self.deck.records {
            return Err(Errno::because(REFUSED, self.deck.unknown("program", &key)));
        }
        if [&command.stdout, &command.stderr].iter().any(|stream| matches!(stream, Stdio::File(_) | Stdio::Fd(_))) {
            let why = "a cassette does not record a program that writes to an open file: use a pipe";
            return Err(Errno::because(REFUSED, why));
        }
        let mut command = command.clone();
        for stream in [&mut command.stdin, &mut command.stdout, &mut command.stderr] {
            if let Stdio::Child(pipe) = stream {
                *pipe = inside(pipe);
            }
        }
        let piped = |stream: &Stdio| matches!(stream, Stdio::Pipe).then(Copy::default);
        let run = Arc::new(Run {
            args,
            cwd,
            stdin: piped(&command.stdin),
            stdout: piped(&command.stdout),
            stderr: piped(&command.stderr),
            end: Mutex::default(),
        });
        self.deck.push(run.clone());
        let start = self.inner.monotonic();
        let Spawned { child, pipes } = self.inner.spawn(&command).inspect_err(|error| {
            run.lock().errno = Some(Errno::of(error).unwrap_or(EIO));
        })?;
        let limit = self.deck.limit;
        let watch = |pipe: Option<Arc<dyn Pipe>>, copy: &Option<Copy>| {
            let (inner, copy) = (pipe?, copy.clone()?);
            Some(Arc::new(Watched { inner, copy, limit }) as Arc<dyn Pipe>)
        };
        let pipes = Pipes {
            stdin: watch(pipes.stdin, &run.stdin),
            stdout: watch(pipes.stdout, &run.stdout),
            stderr: watch(pipes.stderr, &run.stderr),
        };
        Ok(Spawned { child: Box::new(Process { inner: child, run, start, clock: self.inner.clone() }), pipes })
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        if self.deck.records { self.inner.check_directory(path) } else { self.fake.check_directory(path) }
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }
}

struct Run {
    args: Vec<String>,
    cwd: String,
    stdin: Option<Copy>,
    stdout: Option<Copy>,
    stderr: Option<Copy>,
    end: Mutex<End>,
}

#[derive(Clone, Copy, Default)]
struct End {
    errno: Option<i32>,
    returncode: Option<i32>,
    took: Duration,
    /// The signal that the script sent last.
    signal: Option<i32>,
}

impl Run {
    fn lock(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live for Run {
    fn entry(&self, vault: &Vault) -> Option<Value> {
        let End { errno, returncode, took, signal } = *self.lock();
        let stream = |copy: &Option<Copy>| copy.as_ref().map(|copy| redacted(vault, &copied(copy).bytes));
        let over =
            [&self.stdin, &self.stdout, &self.stderr].iter().any(|copy| copy.as_ref().is_some_and(|copy| copied(copy).over));
        let mut entry = json!({ "kind": "program", "args": self.args, "cwd": self.cwd });
        if let Some(errno) = errno {
            entry["errno"] = errno.into();
            return Some(entry);
        }
        for (name, copy) in [("stdin", &self.stdin), ("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if let Some(bytes) = stream(copy) {
                entry[name] = bytes;
            }
        }
        entry["returncode"] = json!(returncode);
        entry["took_us"] = micros(took).into();
        if over {
            entry["over"] = true.into();
        }
        if let Some(signal) = signal {
            entry["signal"] = signal.into();
        }
        Some(entry)
    }
}

/// The backend's own pipe beneath a recorded one.
fn inside(pipe: &Arc<dyn Pipe>) -> Arc<dyn Pipe> {
    let any: &dyn Any = &**pipe;
    any.downcast_ref::<Watched>().map_or_else(|| pipe.clone(), |watched| watched.inner.clone())
}

fn all_inside(pipes: &Pipes) -> Pipes {
    let [stdin, stdout, stderr] = [&pipes.stdin, &pipes.stdout, &pipes.stderr].map(|pipe| pipe.as_ref().map(inside));
    Pipes { stdin, stdout, stderr }
}

/// A pipe whose bytes are copied.
struct Watched {
    inner: Arc<dyn Pipe>,
    copy: Copy,
    limit: usize,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Pipe for Watched {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        copied(&self.copy).add(buffer.get(..read).unwrap_or_default(), self.limit);
        Ok(read)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        let before = bytes.len();
        let read = self.inner.read_to(bytes)?;
        copied(&self.copy).add(bytes.get(before..).unwrap_or_default(), self.limit);
        Ok(read)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        let written = self.inner.write(bytes)?;
        copied(&self.copy).add(bytes.get(..written).unwrap_or(bytes), self.limit);
        Ok(written)
    }

    fn wait_readable(&self) -> Result<()> {
        self.inner.wait_readable()
    }

    fn wait_writable(&self) -> Result<()> {
        self.inner.wait_writable()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.inner.as_fd()
    }
}

#[derive(Debug)]
struct Process {
    inner: Box<dyn Child>,
    run: Arc<Run>,
    start: Duration,
    clock: Arc<dyn Backend>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("args", &self.args).finish_non_exhaustive()
    }
}

impl Process {
    fn ended(&self, status: WaitStatus) {
        let WaitStatus(word) = status;
        let signal = word & 0x7f;
        let mut end = self.run.lock();
        end.returncode = Some(if signal == 0 { (word >> 8) & 0xff } else { -signal });
        end.took = self.clock.monotonic().saturating_sub(self.start);
    }

    fn signalled(&self, signal: i32) {
        let mut end = self.run.lock();
        if end.returncode.is_none() {
            end.signal = Some(signal);
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Child for Process {
    fn pid(&self) -> u32 {
        self.inner.pid()
    }

    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready> {
        self.inner.poll(&all_inside(pipes), exit, timeout)
    }

    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>> {
        Box::pin(async move { self.inner.poll_async(&all_inside(pipes), exit, timeout).await })
    }

    fn wait(&mut self) -> Result<WaitStatus> {
        let status = self.inner.wait()?;
        self.ended(status);
        Ok(status)
    }

    fn try_wait(&mut self) -> Result<Option<WaitStatus>> {
        let status = self.inner.try_wait()?;
        if let Some(status) = status {
            self.ended(status);
        }
        Ok(status)
    }

    fn send_signal(&mut self, signal: i32) -> Result<()> {
        self.inner.send_signal(signal)?;
        self.signalled(signal);
        Ok(())
    }

    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()> {
        self.signalled(9);
        self.inner.kill_tree(&all_inside(pipes))
    }

    fn detach(self: Box<Self>) {
        self.inner.detach();
    }
}
