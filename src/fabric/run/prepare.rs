//! From a command and its options to one that has started: [`Prepare`] decides, [`Ready`] starts.

use std::sync::Arc;

use super::commands::{check, check_name, exported};
use super::local::spawn;
use super::runner::{Mode, Plan};
use super::watchers::{FailingResponder, RefusePrompt, StreamWatcher, escape};
use super::{Local, LoginShell, Place, Remote, RunOptions, RunResult, SudoCommand};
use crate::Secret;
use crate::fabric::backend::{Backend, Channel, Exec};
use crate::fabric::connection::Connection;
use crate::fabric::context::Context;
use crate::fabric::error::{Error, Result};
use crate::fabric::race::within;

/// A command that is ready to start: its plan, and where it starts.
#[expect(missing_debug_implementations, reason = "it is not exported")]
pub struct Ready {
    pub(super) plan: Plan,
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
                Arc::new(FailingResponder::new(escape(prompt), response, "Sorry, try again.\n")?)
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
    pub(super) fn backend(&self) -> Arc<dyn Backend> {
        match &self.start {
            Start::Remote { connection, .. } => connection.backend().clone(),
            Start::Local { context, .. } => context.fabric().backend.clone(),
        }
    }

    /// Starts it. None for a dry run.
    pub(super) async fn start(&mut self) -> Result<Option<Arc<dyn Channel>>> {
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
                spawn(context.fabric(), &result.shell, &result.command, env, *replace).map(Some)
            }
        }
    }

    pub(in crate::fabric) async fn finish(mut self) -> Result<RunResult> {
        let backend = self.backend();
        match self.start().await? {
            Some(channel) => self.plan.drive(backend, channel).await,
            None => Ok(self.plan.result),
        }
    }
}
