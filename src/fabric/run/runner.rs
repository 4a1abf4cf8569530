//! What `invoke.Runner` does, for remote and local commands alike: copies the streams, answers by watchers, holds the deadline.

use std::collections::BTreeMap;
use std::io::Error as IoError;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use super::options::{COMMAND_TIMEOUT, ECHO_FORMAT, Hide, In, Out, RunOptions};
use super::result::RunResult;
use super::watchers::StreamWatcher;
use crate::fabric::backend::{Backend, Channel, Event, Stream};
use crate::fabric::connection::Connection;
use crate::fabric::error::{Error, Result, WatcherError};
use crate::fabric::race::{blocking, within};
use crate::fabric::texts::{echo_format, python_repr};
use crate::text::{Encoding, Errors};

/// As much as invoke reads at once: watchers see the stream after each piece of this size.
const READ_CHUNK: usize = 1000;
/// How long ending a command that ran past its deadline may take.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// A command with all its options decided.
pub(in crate::fabric) struct Plan {
    /// The result so far: what does not depend on the command's run.
    pub(in crate::fabric) result: RunResult,
    encoding: Encoding,
    out: Out,
    err: Out,
    pub(in crate::fabric) input: In,
    watchers: Vec<Arc<dyn StreamWatcher>>,
    pub(in crate::fabric) timeout: Option<Duration>,
    pub(in crate::fabric) warn: bool,
    pub(in crate::fabric) dry: bool,
    echo: Option<String>,
    echo_stdin: bool,
    /// A signal shows as minus its number, not as -1.
    local: bool,
}

/// How the command is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To its end.
    Wait,
    /// Beside the script.
    Asynchronous,
}

impl Plan {
    /// `Runner._setup`.
    pub(in crate::fabric) fn new(
        command: String,
        options: RunOptions,
        connection: Option<Connection>,
        mode: Mode,
    ) -> Result<Plan> {
        let local = connection.is_none();
        super::commands::check(&command, "command")?;
        let mut hide = options.hide.unwrap_or_default();
        let dry = options.dry.unwrap_or_default();
        let echo = (options.echo.unwrap_or_default() && hide != Hide::All) || dry;
        if mode == Mode::Asynchronous {
            hide = Hide::All;
        }
        let (out, err) = (options.out_stream.unwrap_or_default(), options.err_stream.unwrap_or_default());
        let name = options.encoding.as_deref().unwrap_or("utf-8");
        let encoding = Encoding::named(name).ok_or_else(|| Error::Value(format!("unknown encoding: {name}")))?;
        let echo = match echo {
            true => {
                let format = options.echo_format.as_deref().unwrap_or(ECHO_FORMAT);
                Some(echo_format(format, &command).map_err(Error::Value)? + "\n")
            }
            false => None,
        };
        let env: BTreeMap<String, String> = options.env.unwrap_or_default().into_iter().collect();
        let result = RunResult {
            encoding: name.to_owned(),
            command,
            shell: options.shell.unwrap_or_else(|| "/bin/bash".to_owned()),
            env,
            pty: options.pty.unwrap_or_default(),
            hide: hide.streams(&out, &err),
            connection,
            ..RunResult::new("")
        };
        Ok(Plan {
            result,
            encoding,
            out,
            err,
            input: options.in_stream.unwrap_or_default(),
            watchers: options.watchers.unwrap_or_default(),
            timeout: options.timeout.unwrap_or(Some(COMMAND_TIMEOUT)),
            warn: options.warn.unwrap_or_default(),
            dry,
            echo,
            echo_stdin: options.echo_stdin.unwrap_or_default(),
            local,
        })
    }

    /// `Runner.echo`: on the local standard output, whatever `out_stream` is.
    pub(in crate::fabric) fn echo(&self, backend: &Arc<dyn Backend>) {
        if let Some(line) = &self.echo {
            backend.print(Stream::Stdout, line);
        }
    }

    /// Runs the command that `channel` is.
    pub(in crate::fabric) async fn drive(self, backend: Arc<dyn Backend>, channel: Arc<dyn Channel>) -> Result<RunResult> {
        let mut guard = Guard { channel: Some(channel.clone()), backend: backend.clone() };
        let captured = Mutex::new(Captured::default());
        let ended = self.copy(&backend, &*channel, &captured).await;
        let killed = !matches!(ended, Ok(()) | Err(Ended::Lost(_)));
        if killed {
            within(&backend, KILL_PATIENCE, channel.kill()).await;
        } else {
            channel.close().await;
        }
        guard.channel = None;
        let captured = captured.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut result = self.result;
        result.stdout = captured.stdout.text;
        result.stderr = captured.stderr.text;
        result.signal = captured.signal.clone();
        result.exited = Some(match (captured.exited, &captured.signal) {
            (Some(status), _) => i32::try_from(status).unwrap_or(-1),
            (None, Some(name)) if self.local => -signal_number(name),
            (None, _) => -1,
        });
        let result = Box::new(result);
        match ended {
            Ok(()) if result.ok() || self.warn => Ok(*result),
            Ok(()) => Err(Error::UnexpectedExit(result)),
            Err(Ended::Deadline(timeout)) => {
                let exited = Some(if self.local { -9 } else { -1 });
                Err(Error::CommandTimedOut { result: Box::new(RunResult { exited, ..*result }), timeout })
            }
            Err(Ended::Watcher(reason)) => {
                Err(Error::Failure { result: Box::new(RunResult { exited: None, ..*result }), reason })
            }
            Err(Ended::Stream(stream, source)) => {
                Err(Error::ThreadException { result: Box::new(RunResult { exited: None, ..*result }), stream, source })
            }
            Err(Ended::Lost(error)) => {
                let result = Box::new(RunResult { exited: None, ..*result });
                match error {
                    Error::ConnectionLost { reason, .. } => Err(Error::Interrupted { result, reason }),
                    error => Err(error),
                }
            }
        }
    }

    /// Copies until the command has ended, a watcher or a stream fails, or the deadline comes.
    async fn copy(&self, backend: &Arc<dyn Backend>, channel: &dyn Channel, captured: &Mutex<Captured>) -> Result<(), Ended> {
        let mut reader = pin!(self.read(backend, channel, captured));
        let mut feeder = pin!(self.feed(backend, channel));
        let mut timer = self.timeout.map(|timeout| backend.sleep(timeout));
        let mut fed = false;
        std::future::poll_fn(move |context| {
            if let Poll::Ready(ended) = reader.as_mut().poll(context) {
                return Poll::Ready(ended);
            }
            if !fed && let Poll::Ready(ended) = feeder.as_mut().poll(context) {
                fed = true;
                if let Err(error) = ended {
                    return Poll::Ready(Err(error));
                }
            }
            match (&mut timer, self.timeout) {
                (Some(timer), Some(timeout)) => timer.as_mut().poll(context).map(|()| Err(Ended::Deadline(timeout))),
                _ => Poll::Pending,
            }
        })
        .await
    }

    async fn read(&self, backend: &Arc<dyn Backend>, channel: &dyn Channel, captured: &Mutex<Captured>) -> Result<(), Ended> {
        let mut watchers: [Vec<Box<dyn StreamWatcher>>; 2] =
            [self.watchers.iter().map(|watcher| watcher.fresh()).collect(), self.watchers.iter().map(|w| w.fresh()).collect()];
        loop {
            match channel.next().await.map_err(Ended::Lost)? {
                Event::Stdout(bytes) => self.take(backend, channel, captured, Stream::Stdout, &bytes, &mut watchers[0]).await?,
                Event::Stderr(bytes) => self.take(backend, channel, captured, Stream::Stderr, &bytes, &mut watchers[1]).await?,
                Event::Exit(status) => lock(captured).exited = Some(status),
                Event::Signal(name) => lock(captured).signal = Some(name),
                Event::Closed => break,
            }
        }
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = lock(captured).of(stream).finish(self.encoding);
            self.show(backend, stream, &rest)?;
        }
        Ok(())
    }

    /// `Runner._handle_output`.
    async fn take(
        &self,
        backend: &Arc<dyn Backend>,
        channel: &dyn Channel,
        captured: &Mutex<Captured>,
        stream: Stream,
        bytes: &[u8],
        watchers: &mut [Box<dyn StreamWatcher>],
    ) -> Result<(), Ended> {
        let size = if watchers.is_empty() { bytes.len().max(1) } else { READ_CHUNK };
        for chunk in bytes.chunks(size) {
            let new = lock(captured).of(stream).add(chunk, self.encoding);
            self.show(backend, stream, &new)?;
            let mut responses = Vec::new();
            for watcher in &mut *watchers {
                responses.extend(watcher.submit(&lock(captured).of(stream).text).map_err(Ended::Watcher)?);
            }
            for response in responses {
                let bytes = self
                    .encoding
                    .encode(response.expose(), Errors::Strict)
                    .map_err(|_| Ended::Stream("stdin", IoError::other("the response cannot be encoded")))?
                    .into_owned();
                channel.write(&bytes).await.map_err(Ended::Lost)?;
            }
        }
        Ok(())
    }

    fn show(&self, backend: &Arc<dyn Backend>, stream: Stream, text: &str) -> Result<(), Ended> {
        if text.is_empty() || self.result.hide.contains(&stream) {
            return Ok(());
        }
        let (out, name) = if stream == Stream::Stdout { (&self.out, "stdout") } else { (&self.err, "stderr") };
        match out {
            Out::Inherit => backend.print(stream, text),
            Out::Writer(writer) => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                writer.write_all(text.as_bytes()).and_then(|()| writer.flush()).map_err(|error| Ended::Stream(name, error))?;
            }
        }
        Ok(())
    }

    /// `Runner.handle_stdin`.
    async fn feed(&self, backend: &Arc<dyn Backend>, channel: &dyn Channel) -> Result<(), Ended> {
        match &self.input {
            In::Disabled => return Ok(()),
            // A watcher may have something to write.
            In::Empty if !self.watchers.is_empty() || self.result.pty => return Ok(()),
            In::Empty => {}
            In::Bytes(bytes) => {
                for chunk in bytes.chunks(32 * 1024) {
                    self.send(backend, channel, chunk).await?;
                }
            }
            In::Stdin => loop {
                let bytes = backend.read_stdin().await.map_err(Ended::Lost)?;
                if bytes.is_empty() {
                    break;
                }
                self.send(backend, channel, &bytes).await?;
            },
            In::Reader(reader) => loop {
                let reader = reader.clone();
                let read = blocking(backend, move || {
                    let mut buffer = vec![0; 32 * 1024];
                    let count = reader.lock().unwrap_or_else(PoisonError::into_inner).read(&mut buffer)?;
                    buffer.truncate(count);
                    Ok::<_, IoError>(buffer)
                });
                let bytes = read.await.unwrap_or_else(|| Ok(Vec::new())).map_err(|error| Ended::Stream("stdin", error))?;
                if bytes.is_empty() {
                    break;
                }
                self.send(backend, channel, &bytes).await?;
            },
        }
        if self.result.pty {
            return Ok(());
        }
        channel.close_stdin().await.map_err(Ended::Lost)
    }

    async fn send(&self, backend: &Arc<dyn Backend>, channel: &dyn Channel, bytes: &[u8]) -> Result<(), Ended> {
        channel.write(bytes).await.map_err(Ended::Lost)?;
        if self.echo_stdin {
            self.show_always(backend, &String::from_utf8_lossy(bytes))?;
        }
        Ok(())
    }

    /// The echo of standard input is shown even where the output is hidden.
    fn show_always(&self, backend: &Arc<dyn Backend>, text: &str) -> Result<(), Ended> {
        match &self.out {
            Out::Inherit => backend.print(Stream::Stdout, text),
            Out::Writer(writer) => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                writer.write_all(text.as_bytes()).map_err(|error| Ended::Stream("stdout", error))?;
            }
        }
        Ok(())
    }
}

/// Why copying ended before the command did.
enum Ended {
    Deadline(Duration),
    Watcher(WatcherError),
    Stream(&'static str, IoError),
    Lost(Error),
}

#[derive(Default)]
struct Captured {
    stdout: Decoded,
    stderr: Decoded,
    exited: Option<u32>,
    signal: Option<String>,
}

impl Captured {
    fn of(&mut self, stream: Stream) -> &mut Decoded {
        if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr }
    }
}

fn lock(captured: &Mutex<Captured>) -> MutexGuard<'_, Captured> {
    captured.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Text of a stream that comes in pieces. DIFFERENCE: a character that two pieces share is whole; invoke makes U+FFFD of its halves.
#[derive(Default)]
struct Decoded {
    text: String,
    pending: Vec<u8>,
}

impl Decoded {
    /// Adds bytes, and gives the text that they complete.
    fn add(&mut self, bytes: &[u8], encoding: Encoding) -> String {
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        if matches!(encoding, Encoding::Utf8 | Encoding::Utf8Sig) {
            let keep = incomplete(&all);
            self.pending = all.split_off(all.len() - keep);
        }
        self.decode(all, encoding)
    }

    fn finish(&mut self, encoding: Encoding) -> String {
        let rest = std::mem::take(&mut self.pending);
        self.decode(rest, encoding)
    }

    fn decode(&mut self, bytes: Vec<u8>, encoding: Encoding) -> String {
        let new = encoding.decode(bytes, Errors::Replace).unwrap_or_default();
        self.text.push_str(&new);
        new
    }
}

/// How many bytes at the end begin a character that is not whole.
fn incomplete(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(3);
    match std::str::from_utf8(&bytes[from..]) {
        Ok(_) => 0,
        Err(_) => (1..=bytes.len() - from)
            .find(|count| {
                let tail = &bytes[bytes.len() - count..];
                tail[0] >= 0xc0 && std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
            })
            .unwrap_or(0),
    }
}

/// Ends the command if its future is dropped.
struct Guard {
    channel: Option<Arc<dyn Channel>>,
    backend: Arc<dyn Backend>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            self.backend.spawn(Box::pin(async move { channel.kill().await }));
        }
    }
}

const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
    "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The number of a signal on Linux.
pub(in crate::fabric) fn signal_number(name: &str) -> i32 {
    let at = SIGNALS.iter().position(|signal| *signal == name);
    at.and_then(|at| i32::try_from(at + 1).ok()).or_else(|| name.parse().ok()).unwrap_or(0)
}

/// The name of a signal on Linux, or its number.
pub(in crate::fabric) fn signal_name(number: i32) -> String {
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    at.and_then(|at| SIGNALS.get(at)).map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

/// For errors about a command.
pub(in crate::fabric) fn shown(command: &str) -> String {
    python_repr(command)
}
