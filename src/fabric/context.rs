//! [`Context`]: invoke's context, for local commands.

use std::sync::Arc;

use super::Fabric;
use super::connection::Invalid;
use super::connection::settings::Settings;
use super::error::Result;
use super::run::commands::Scope;
use super::run::{Local, Run, SudoCommand};

/// `invoke.Context`: runs local commands with the configuration's settings. [`Fabric::context`] and
/// [`Connection::context`](super::Connection::context) give one.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.subprocess.program(["/bin/bash", "-c", "cd /srv && git rev-parse HEAD"]).reply("4f2a\n", 0);
/// world.os.mkdir("/srv");
/// let context = world.batteries().fabric.context();
/// assert_eq!(context.cd("/srv").run("git rev-parse HEAD").hide(true).wait()?.stdout, "4f2a\n");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.pyinvoke.org/en/stable/api/context.html>
#[doc(alias = "invoke.Context")]
#[derive(Clone)]
pub struct Context {
    fabric: Fabric,
    settings: Arc<Settings>,
    scope: Scope,
    invalid: Option<Invalid>,
}

impl Context {
    pub(super) fn with(fabric: &Fabric, settings: &Arc<Settings>, scope: Scope, invalid: Option<Invalid>) -> Context {
        Context { fabric: fabric.clone(), settings: settings.clone(), scope, invalid }
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(super) fn fabric(&self) -> &Fabric {
        &self.fabric
    }

    pub(super) fn check(&self) -> Result<()> {
        self.invalid.as_ref().map_or(Ok(()), |invalid| Err(invalid.error()))
    }

    /// The configuration; None if it could not be read.
    #[doc(alias = "invoke.Context.config")]
    pub fn config(&self) -> Option<&super::Config> {
        self.settings.config.as_deref()
    }

    /// Runs a command by the local shell.
    #[doc(alias = "invoke.Context.run")]
    pub fn run(&self, command: impl Into<String>) -> Run<Local> {
        Run::new(Local { context: self.clone(), command: command.into() })
    }

    /// Runs a command by the local `sudo`, and answers its prompt.
    #[doc(alias = "invoke.Context.sudo")]
    #[doc(alias = "invoke.sudo")]
    pub fn sudo(&self, command: impl Into<String>) -> Run<SudoCommand> {
        Run::new(SudoCommand::local(self.clone(), command.into()))
    }

    /// The context in a directory: its commands begin with `cd path && `.
    #[doc(alias = "invoke.Context.cd")]
    #[must_use]
    pub fn cd(&self, path: impl Into<String>) -> Context {
        let mut inner = self.clone();
        inner.scope.cwds.push(path.into());
        inner
    }

    /// The context with a command before each of its commands.
    #[doc(alias = "invoke.Context.prefix")]
    #[must_use]
    pub fn prefix(&self, command: impl Into<String>) -> Context {
        let mut inner = self.clone();
        inner.scope.prefixes.push(command.into());
        inner
    }

    /// The directory of the commands, as it is put into them.
    #[doc(alias = "invoke.Context.cwd")]
    pub fn cwd(&self) -> String {
        self.scope.cwd()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("scope", &self.scope).finish_non_exhaustive()
    }
}
