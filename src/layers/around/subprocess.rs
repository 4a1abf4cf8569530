//! Running programs with a hook around each call.

use std::borrow::Cow;
use std::io::Result;
use std::path::Path;
use std::time::Duration;

use super::{Around, Core};
use crate::interrupt::Interrupts;
use crate::is_secret_name;
use crate::layers::hook::{Call, Subject};
use crate::secret::command::redact_command;
use crate::subprocess::Arg;
use crate::subprocess::backend::{Backend, BoxFuture, Child, Command, Pipes, Ready, Spawned, WaitStatus};

/// A program as a subject, its secret arguments hidden.
pub(in crate::layers) fn program(command: &Command) -> Subject<'_> {
    let mut hide_next = false;
    let args = command.args.iter().map(|arg| match arg {
        Arg::Plain(text) if !std::mem::take(&mut hide_next) => {
            let text = text.to_string_lossy();
            // `--password value` in two arguments.
            hide_next = text.strip_prefix('-').is_some_and(is_secret_name);
            Cow::Owned(redact_command(&text).into_owned())
        }
        _ => Cow::Borrowed("***"),
    });
    Subject::Program {
        program: &command.program,
        args: args.collect(),
        cwd: command.cwd.as_deref(),
        environ: command.environ.as_deref(),
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        let spawned = self.core.call(Call::change("subprocess.spawn", program(command)), || self.inner.spawn(command))?;
        let child =
            Watched { name: command.program.to_string_lossy().into_owned(), inner: spawned.child, core: self.core.clone() };
        Ok(Spawned { child: Box::new(child), pipes: spawned.pipes })
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        let call = Call::look("subprocess.check_directory", Subject::path(path, true));
        self.core.call(call, || self.inner.check_directory(path))
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}

/// A child; waiting for it and signals to it pass the hook.
#[derive(Debug)]
struct Watched {
    inner: Box<dyn Child>,
    name: String,
    core: Core,
}

impl Watched {
    fn subject(&self) -> Subject<'static> {
        Subject::text(format!("{}, process {}", self.name, self.inner.pid()))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Child for Watched {
    fn pid(&self) -> u32 {
        self.inner.pid()
    }

    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready> {
        self.inner.poll(pipes, exit, timeout)
    }

    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>> {
        self.inner.poll_async(pipes, exit, timeout)
    }

    fn wait(&mut self) -> Result<WaitStatus> {
        let call = Call::look("subprocess.wait", self.subject());
        self.core.call(call, || self.inner.wait())
    }

    fn try_wait(&mut self) -> Result<Option<WaitStatus>> {
        self.inner.try_wait()
    }

    fn send_signal(&mut self, signal: i32) -> Result<()> {
        let call = Call::change("subprocess.send_signal", self.subject());
        self.core.call(call, || self.inner.send_signal(signal))
    }

    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()> {
        // Never stopped by a hook: a deadline relies on it.
        self.core.note(Call::change("subprocess.kill_tree", self.subject()), || self.inner.kill_tree(pipes))
    }

    fn detach(self: Box<Self>) {
        self.inner.detach();
    }
}
