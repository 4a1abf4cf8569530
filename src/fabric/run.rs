//! [`Run`]: a command with its options, before it runs.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::backend::{Channel, Exec};
use super::commands::{check, check_name, exported};
use super::connection::Connection;
use super::context::Context;
use super::error::{Error, Result, WatcherError};
use super::options::{Hide, In, Out, RunOptions};
use super::promise::Promise;
use super::race::within;
use super::result::RunResult;
use super::runner::{Mode, Plan};
use super::watchers::{FailingResponder, RefusePrompt, StreamWatcher, escape};
use crate::{BoxFuture, Secret};

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

/// What `shell` takes too.
impl<W, K> Run<W, K> {
    fn set(mut self, change: impl FnOnce(&mut RunOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// A variable of the command. It may be called several times.
    #[doc(alias = "invoke.run(env=)")]
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(|options| {
            let (name, value) = (name.into(), value.into());
            let env = options.env.get_or_insert_with(Vec::new);
            match env.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => env.push((name, value)),
            }
        })
    }

    /// Several variables.
    pub fn envs<N: Into<String>, V: Into<String>>(self, env: impl IntoIterator<Item = (N, V)>) -> Self {
        env.into_iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    /// Whether the variables are the whole environment of a local command. Remote commands get theirs from the server. Default: false.
    #[doc(alias = "invoke.run(replace_env=)")]
    pub fn replace_env(self, replace: bool) -> Self {
        self.set(|options| options.replace_env = Some(replace))
    }

    /// What standard input is: text, bytes, [`In::reader`], [`In::Stdin`]. Default: empty.
    #[doc(alias = "invoke.run(in_stream=)")]
    pub fn in_stream(self, input: impl Into<In>) -> Self {
        self.set(|options| options.in_stream = Some(input.into()))
    }

    /// A watcher more. Those of the configuration no longer apply.
    #[doc(alias = "invoke.run(watchers=)")]
    pub fn watcher(self, watcher: impl StreamWatcher + 'static) -> Self {
        self.set(|options| options.watchers.get_or_insert_with(Vec::new).push(Arc::new(watcher)))
    }

    /// How output becomes text, by Python's name of the encoding. Default: UTF-8; what is not valid becomes U+FFFD.
    #[doc(alias = "invoke.run(encoding=)")]
    pub fn encoding(self, encoding: impl Into<String>) -> Self {
        self.set(|options| options.encoding = Some(encoding.into()))
    }
}

/// The options of commands.
impl<W: Command, K> Run<W, K> {
    /// Which streams are not copied to the local terminal: `true`, [`Hide::Both`], [`Hide::Out`]. Default: none.
    #[doc(alias = "invoke.run(hide=)")]
    pub fn hide(self, hide: impl Into<Hide>) -> Self {
        self.set(|options| options.hide = Some(hide.into()))
    }

    /// Whether a status other than 0 is no error. Default: false.
    #[doc(alias = "invoke.run(warn=)")]
    pub fn warn(self, warn: bool) -> Self {
        self.set(|options| options.warn = Some(warn))
    }

    /// Whether the command has a terminal. Its errors are then part of its output. Default: false.
    #[doc(alias = "invoke.run(pty=)")]
    pub fn pty(self, pty: bool) -> Self {
        self.set(|options| options.pty = Some(pty))
    }

    /// Whether a local command for which there is no terminal runs without one. Default: true.
    #[doc(alias = "invoke.run(fallback=)")]
    pub fn fallback(self, fallback: bool) -> Self {
        self.set(|options| options.fallback = Some(fallback))
    }

    /// The shell of a local command. Remote ones are run by the user's login shell. Default: `/bin/bash`.
    #[doc(alias = "invoke.run(shell=)")]
    pub fn shell(self, shell: impl Into<String>) -> Self {
        self.set(|options| options.shell = Some(shell.into()))
    }

    /// Whether the command is printed first. Default: false.
    #[doc(alias = "invoke.run(echo=)")]
    pub fn echo(self, echo: bool) -> Self {
        self.set(|options| options.echo = Some(echo))
    }

    /// How it is printed; `{command}` is the command. Default: bold.
    #[doc(alias = "invoke.run(echo_format=)")]
    pub fn echo_format(self, format: impl Into<String>) -> Self {
        self.set(|options| options.echo_format = Some(format.into()))
    }

    /// Whether what is read from `in_stream` is copied to standard output. Default: false; a terminal does so itself.
    #[doc(alias = "invoke.run(echo_stdin=)")]
    pub fn echo_stdin(self, echo: bool) -> Self {
        self.set(|options| options.echo_stdin = Some(echo))
    }

    /// Where standard output is copied, [`Out::writer`] or [`Out::shared`]; `hide` does not hide it there.
    #[doc(alias = "invoke.run(out_stream=)")]
    pub fn out_stream(self, out: Out) -> Self {
        self.set(|options| options.out_stream = Some(out))
    }

    /// Where standard error is copied.
    #[doc(alias = "invoke.run(err_stream=)")]
    pub fn err_stream(self, err: Out) -> Self {
        self.set(|options| options.err_stream = Some(err))
    }

    /// The deadline; `None` lifts it. Default: the configuration's `timeouts.command`, then one hour. When it comes, the command is killed
    /// with all that it has started, as far as the machine can find it.
    ///
    /// DIFFERENCE: Python has no deadline by default, and closes the channel of a remote command, which goes on.
    #[doc(alias = "invoke.run(timeout=)")]
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.set(|options| options.timeout = Some(timeout.into()))
    }

    /// Whether the command is only printed: the result is empty and its status 0. Default: false.
    #[doc(alias = "invoke.run(dry=)")]
    pub fn dry(self, dry: bool) -> Self {
        self.set(|options| options.dry = Some(dry))
    }
}

impl<W: Command + Single> Run<W, Finished> {
    /// Starts the command and gives a [`Promise`] of its result. Nothing is shown, and there is no standard input unless
    /// [`in_stream`](Run::in_stream) is set.
    #[doc(alias = "invoke.run(asynchronous=)")]
    pub fn asynchronous(self) -> Run<W, Promised> {
        Run { what: self.what, options: self.options, kind: PhantomData }
    }

    /// Starts the command and leaves it alone: neither its output nor its status is looked at.
    #[doc(alias = "invoke.run(disown=)")]
    pub fn disown(self) -> Run<W, Disowned> {
        Run { what: self.what, options: self.options, kind: PhantomData }
    }
}

impl<K> Run<SudoCommand, K> {
    /// The password. Default: the configuration's `sudo.password`. If sudo asks and there is none, the command fails.
    #[doc(alias = "invoke.sudo(password=)")]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.what.password = Some(password.into());
        self
    }

    /// The user to become, with their home directory. Default: the configuration's `sudo.user`, then root.
    #[doc(alias = "invoke.sudo(user=)")]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.what.user = Some(user.into());
        self
    }
}

/// A command that is ready to start: its plan, and where it starts.
#[expect(missing_debug_implementations, reason = "it is not exported")]
pub struct Ready {
    plan: Plan,
    start: Start,
}

enum Start {
    Remote { connection: Connection, exec: Exec },
    Local { context: Context, env: Vec<(String, String)>, replace: bool },
}

/// What can become ready. It is not exported: no other crate can implement or call it.
pub trait Prepare: Send + Sized + 'static {
    /// Decides all options.
    fn prepare(self, options: RunOptions, mode: Mode) -> Result<Ready>;

    /// The prompt, for sudo.
    fn prompt(&self) -> Option<String> {
        None
    }
}

impl Prepare for Remote {
    fn prepare(self, options: RunOptions, mode: Mode) -> Result<Ready> {
        self.connection.check()?;
        let command = self.connection.scope.apply(&self.command);
        let options = options.over(&self.connection.shared.settings.run);
        remote(self.connection, command, options, mode)
    }
}

impl Prepare for Local {
    fn prepare(self, options: RunOptions, mode: Mode) -> Result<Ready> {
        self.context.check()?;
        let command = self.context.scope().apply(&self.command);
        let options = options.over(&self.context.settings().run);
        local(self.context, command, options, mode)
    }
}

impl Prepare for LoginShell {
    fn prepare(self, options: RunOptions, mode: Mode) -> Result<Ready> {
        self.connection.check()?;
        let below = &self.connection.shared.settings.run;
        // The other options are invoke's defaults, so that a configuration does not make the shell useless.
        let options = RunOptions {
            pty: Some(true),
            warn: Some(true),
            env: options.env.or_else(|| below.env.clone()),
            in_stream: options.in_stream.or_else(|| below.in_stream.clone()),
            watchers: options.watchers.or_else(|| below.watchers.clone()),
            encoding: options.encoding.or_else(|| below.encoding.clone()),
            timeout: below.timeout,
            ..RunOptions::default()
        };
        let mut ready = remote(self.connection, String::new(), options, mode)?;
        if let Start::Remote { exec, .. } = &mut ready.start {
            exec.command = None;
        }
        Ok(ready)
    }
}

impl Prepare for SudoCommand {
    fn prepare(self, options: RunOptions, mode: Mode) -> Result<Ready> {
        let (scope, settings) = match &self.place {
            Place::Remote(connection) => (&connection.scope, connection.shared.settings.clone()),
            Place::Local(context) => (context.scope(), context.settings().clone()),
        };
        let prompt = &settings.sudo_prompt;
        let user = self.user.as_deref().or(settings.sudo_user.as_deref());
        // Of the call alone: variables of the configuration do not pass sudo, as in invoke.
        let names: Vec<&str> = options.env.iter().flatten().map(|(name, _)| name.as_str()).collect();
        names.iter().try_for_each(|name| check_name(name))?;
        let line = scope.sudo(&self.command, prompt, user, &names)?;
        let mut options = options.over(&settings.run);
        let watcher: Arc<dyn StreamWatcher> = match self.password.as_ref().or(settings.sudo_password.as_ref()) {
            Some(password) => {
                let response = Secret::new(format!("{}\n", password.expose()));
                Arc::new(FailingResponder::new(&escape(prompt), response, "Sorry, try again.\n")?)
            }
            None => Arc::new(RefusePrompt::new(prompt)),
        };
        options.watchers.get_or_insert_with(Vec::new).push(watcher);
        match self.place {
            Place::Remote(connection) => {
                connection.check()?;
                remote(connection, line, options, mode)
            }
            Place::Local(context) => {
                context.check()?;
                local(*context, line, options, mode)
            }
        }
    }

    fn prompt(&self) -> Option<String> {
        Some(match &self.place {
            Place::Remote(connection) => connection.shared.settings.sudo_prompt.clone(),
            Place::Local(context) => context.settings().sudo_prompt.clone(),
        })
    }
}

fn remote(connection: Connection, command: String, options: RunOptions, mode: Mode) -> Result<Ready> {
    let env = options.env.clone().unwrap_or_default();
    for (name, value) in &env {
        check_name(name)?;
        check(value, name)?;
    }
    let plan = Plan::new(command, options, Some(connection.clone()), mode)?;
    let mut exec = Exec { forward_agent: connection.forward_agent(), ..Exec::default() };
    let mut line = plan.result.command.clone();
    if !env.is_empty() {
        if connection.inline_ssh_env() {
            line = exported(&line, &plan.result.env)?;
        } else {
            exec.env = env;
        }
    }
    exec.command = Some(line.into_bytes());
    exec.pty = plan.result.pty.then(|| connection.backend().pty_size());
    Ok(Ready { plan, start: Start::Remote { connection, exec } })
}

fn local(context: Context, command: String, options: RunOptions, mode: Mode) -> Result<Ready> {
    if options.pty == Some(true) && options.fallback == Some(false) {
        return Err(Error::NotImplemented { operation: "a terminal for local commands" });
    }
    let env = options.env.clone().unwrap_or_default();
    let replace = options.replace_env.unwrap_or_default();
    // Without a terminal, as invoke does where standard input has no descriptor.
    let plan = Plan::new(command, RunOptions { pty: None, ..options }, None, mode)?;
    Ok(Ready { plan, start: Start::Local { context, env, replace } })
}

impl Ready {
    fn backend(&self) -> Arc<dyn super::backend::Backend> {
        match &self.start {
            Start::Remote { connection, .. } => connection.backend().clone(),
            Start::Local { context, .. } => context.fabric().backend.clone(),
        }
    }

    /// Starts it. None for a dry run.
    async fn start(&mut self) -> Result<Option<Arc<dyn Channel>>> {
        let backend = self.backend();
        if self.plan.dry {
            self.plan.echo(&backend);
            return Ok(None);
        }
        match &self.start {
            Start::Remote { connection, exec } => {
                let session = connection.session().await?;
                self.plan.echo(&backend);
                let starting = session.exec(exec);
                let patience = connection.connect_kwargs().channel_timeout.or(self.plan.timeout);
                let channel = match patience {
                    None => starting.await?,
                    Some(timeout) => match within(&backend, timeout, starting).await {
                        Some(channel) => channel?,
                        None => {
                            let result = Box::new(RunResult { exited: Some(-1), ..self.plan.result.clone() });
                            return Err(Error::CommandTimedOut { result, timeout });
                        }
                    },
                };
                Ok(Some(channel))
            }
            Start::Local { context, env, replace } => {
                self.plan.echo(&backend);
                let result = &self.plan.result;
                super::local::spawn(context.fabric(), &result.shell, &result.command, env, *replace).map(Some)
            }
        }
    }

    pub(super) async fn finish(mut self) -> Result<RunResult> {
        let backend = self.backend();
        match self.start().await? {
            Some(channel) => self.plan.drive(backend, channel).await,
            None => Ok(self.plan.result),
        }
    }
}

impl<W: Prepare, K> Run<W, K> {
    /// The deadline that is set, or that the configuration or the default sets, is at most this.
    pub(super) fn at_most(mut self, limit: Option<Duration>, below: &RunOptions) -> Self {
        if let Some(limit) = limit {
            let set = self.options.timeout.or(below.timeout).unwrap_or(Some(super::options::COMMAND_TIMEOUT));
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
