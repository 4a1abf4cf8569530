//! [`Run`]: a command with its options, before it runs.

mod arguments;
pub(super) mod commands;
pub(super) mod local;
pub(super) mod options;
mod prepare;
mod promise;
mod result;
pub(super) mod runner;
mod watchers;

use std::marker::PhantomData;
use std::time::Duration;

pub use options::{Hide, In, Out, RunOptions};
pub use promise::{Join, Promise};
pub use result::RunResult;
pub use watchers::{FailingResponder, Responder, StreamPattern, StreamWatcher};

use super::connection::Connection;
use super::context::Context;
use super::error::{Error, Result, WatcherError};
use crate::{BoxFuture, Secret};
use prepare::Prepare;
use runner::Mode;

/// A command with its options: end it with `.wait()?` or `.await?`.
///
/// The options that are not set are those of the configuration's `run` tree. `W` says what runs, `K` what it gives: a [`RunResult`], after
/// [`asynchronous`](Run::asynchronous) a [`Promise`], after [`disown`](Run::disown) nothing.
///
/// <https://docs.pyinvoke.org/en/stable/api/runners.html#invoke.runners.Runner.run>
#[doc(alias = "invoke.run")]
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct Run<W, K = Finished> {
    what: W,
    options: RunOptions,
    kind: PhantomData<K>,
}

/// [`Run`] gives a [`RunResult`].
#[derive(Debug)]
pub struct Finished(());
/// [`Run`] gives a [`Promise`].
#[derive(Debug)]
pub struct Promised(());
/// [`Run`] gives nothing, and the command goes on by itself.
#[derive(Debug)]
pub struct Disowned(());

/// A remote command.
#[derive(Clone, Debug)]
pub struct Remote {
    pub(super) connection: Connection,
    pub(super) command: String,
}

/// A local command.
#[doc(alias = "invoke.Local")]
#[derive(Clone, Debug)]
pub struct Local {
    pub(super) context: Context,
    pub(super) command: String,
}

/// The remote user's login shell.
#[derive(Clone, Debug)]
pub struct LoginShell {
    pub(super) connection: Connection,
}

/// A command by sudo, remote or local.
#[derive(Clone, Debug)]
pub struct SudoCommand {
    place: Place,
    command: String,
    password: Option<Secret>,
    user: Option<String>,
}

#[derive(Clone, Debug)]
enum Place {
    Remote(Connection),
    Local(Box<Context>),
}

impl SudoCommand {
    pub(super) fn remote(connection: Connection, command: String) -> SudoCommand {
        SudoCommand { place: Place::Remote(connection), command, password: None, user: None }
    }

    pub(super) fn local(context: Context, command: String) -> SudoCommand {
        SudoCommand { place: Place::Local(Box::new(context)), command, password: None, user: None }
    }
}

/// What takes all the options of `run`.
pub trait Command: sealed::Sealed {}
impl Command for Remote {}
impl Command for Local {}
impl Command for SudoCommand {}
impl Command for super::group::GroupCommand {}
impl Command for super::group::GroupSudo {}

/// What runs on one machine.
pub trait Single: sealed::Sealed {}
impl Single for Remote {}
impl Single for Local {}
impl Single for SudoCommand {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::super::group::GroupCommand {}
    impl Sealed for super::super::group::GroupSudo {}
    impl Sealed for super::Remote {}
    impl Sealed for super::Local {}
    impl Sealed for super::SudoCommand {}
}

impl<W> Run<W> {
    pub(super) fn new(what: W) -> Run<W> {
        Run { what, options: RunOptions::default(), kind: PhantomData }
    }
}

impl<W: Prepare, K> Run<W, K> {
    /// The deadline that is set, or that the configuration or the default sets, is at most this.
    pub(super) fn at_most(mut self, limit: Option<Duration>, below: &RunOptions) -> Self {
        if let Some(limit) = limit {
            let set = self.options.timeout.or(below.timeout).unwrap_or(Some(options::COMMAND_TIMEOUT));
            self.options.timeout = Some(Some(set.map_or(limit, |set| set.min(limit))));
        }
        self
    }
}

impl<W, K> Run<W, K> {
    pub(super) fn with(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    pub(super) fn into_parts(self) -> (W, RunOptions) {
        (self.what, self.options)
    }

    pub(super) fn what_mut(&mut self) -> &mut W {
        &mut self.what
    }
}

impl<K> Run<SudoCommand, K> {
    pub(super) fn given(mut self, password: Option<Secret>, user: Option<String>) -> Self {
        self.what.password = password;
        self.what.user = user;
        self
    }
}

/// `Context._sudo`: a refused password is an error of its own.
fn transmute(error: Error, prompt: Option<&str>) -> Error {
    match (error, prompt) {
        (Error::Failure { result, reason: WatcherError::ResponseNotAccepted(_) }, Some(prompt)) => {
            Error::AuthFailure { result, prompt: prompt.to_owned() }
        }
        (error, _) => error,
    }
}

impl<W: Prepare> IntoFuture for Run<W, Finished> {
    type Output = Result<RunResult>;
    type IntoFuture = BoxFuture<Result<RunResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let prompt = self.what.prompt();
            let ready = self.what.prepare(self.options, Mode::Wait)?;
            ready.finish().await.map_err(|error| transmute(error, prompt.as_deref()))
        })
    }
}

impl<W: Prepare> IntoFuture for Run<W, Promised> {
    type Output = Result<Promise>;
    type IntoFuture = BoxFuture<Result<Promise>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let prompt = self.what.prompt();
            let mut ready = self.what.prepare(self.options, Mode::Asynchronous)?;
            let backend = ready.backend();
            let channel = ready.start().await?;
            let (promise, sender) = Promise::new(&ready.plan.result);
            let plan = ready.plan;
            let inner = backend.clone();
            backend.spawn(Box::pin(async move {
                let result = match channel {
                    Some(channel) => plan.drive(inner, channel).await,
                    None => Ok(plan.result),
                };
                // Without a receiver, the promise was dropped and the result is not wanted.
                let _unwanted = sender.send(result.map_err(|error| transmute(error, prompt.as_deref())));
            }));
            Ok(promise)
        })
    }
}

impl<W: Prepare> IntoFuture for Run<W, Disowned> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut ready = self.what.prepare(self.options, Mode::Asynchronous)?;
            let backend = ready.backend();
            if let Some(channel) = ready.start().await? {
                // What it writes is dropped, so that it does not wait for a reader.
                backend.spawn(Box::pin(async move {
                    while channel.next().await.is_ok_and(|event| event != super::backend::Event::Closed) {}
                }));
            }
            Ok(())
        })
    }
}
