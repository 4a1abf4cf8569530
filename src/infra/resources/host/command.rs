//! [`Command`]: a program that is run once.

use serde::{Deserialize, Serialize};

use super::{ask, batteries, check_path, look, must, on_host};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A program that is run once: `Command::new(["make", "install"]).creates("/usr/local/bin/tool")`.
///
/// Whether it was run is known from the path that it creates, else from a program that ends with 0, else from the state alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    host: Option<String>,
    argv: Vec<String>,
    creates: Option<String>,
    unless: Option<Vec<String>>,
    undo: Option<Vec<String>>,
}

on_host!(Command);

impl Command {
    /// This program with its arguments; no shell is involved.
    pub fn new<A: Into<String>>(argv: impl IntoIterator<Item = A>) -> Command {
        let argv = argv.into_iter().map(Into::into).collect();
        Command { host: None, argv, creates: None, unless: None, undo: None }
    }

    /// It was run if this path exists.
    #[must_use]
    pub fn creates(self, path: impl Into<String>) -> Command {
        Command { creates: Some(path.into()), ..self }
    }

    /// It was run if this program ends with 0.
    #[must_use]
    pub fn unless<A: Into<String>>(self, argv: impl IntoIterator<Item = A>) -> Command {
        Command { unless: Some(argv.into_iter().map(Into::into).collect()), ..self }
    }

    /// Runs when it is deleted or replaced. Without it, deleting only forgets that it was run.
    #[must_use]
    pub fn undo<A: Into<String>>(self, argv: impl IntoIterator<Item = A>) -> Command {
        Command { undo: Some(argv.into_iter().map(Into::into).collect()), ..self }
    }

    /// Some: it was run, or was not. None: nothing tells.
    async fn was_run(&self, scope: &Scope) -> crate::Result<Option<bool>> {
        let there = batteries(scope, self.host.as_ref())?;
        if let Some(path) = &self.creates {
            return Ok(Some(look(&there, path)?.is_some()));
        }
        match &self.unless {
            Some(argv) => Ok(Some(ask(&there, &strs(argv)).await?.is_some())),
            None => Ok(None),
        }
    }
}

fn strs(argv: &[String]) -> Vec<&str> {
    argv.iter().map(String::as_str).collect()
}

impl Resource for Command {
    const TYPE: &'static str = "host.command";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("argv").force_new()];

    fn validate(&self) -> crate::Result<()> {
        let empty = |argv: &Vec<String>| argv.first().is_none_or(String::is_empty);
        if empty(&self.argv) || self.unless.as_ref().is_some_and(empty) || self.undo.as_ref().is_some_and(empty) {
            return Err(crate::Error::other("argv: no program"));
        }
        self.creates.as_deref().map_or(Ok(()), check_path)
    }

    async fn read(scope: &Scope, _: &Id, was: Option<&Live<Command>>) -> crate::Result<Option<Live<Command>>> {
        let Some(was) = was else { return Err(crate::Error::other("a command cannot be imported: nothing tells what was run")) };
        match was.inputs.was_run(scope).await? {
            Some(false) => Ok(None),
            _ => Ok(Some(was.clone())),
        }
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ())> {
        if self.was_run(scope).await? != Some(true) {
            must(&batteries(scope, self.host.as_ref())?, &strs(&self.argv)).await?;
        }
        Ok((Id::new(token.as_str()), ()))
    }

    async fn update(&self, _: &Scope, _: &Id, _: &Live<Command>) -> crate::Result<()> {
        Ok(()) // only how it is looked at has changed
    }

    async fn delete(scope: &Scope, _: &Id, was: &Live<Command>) -> crate::Result<()> {
        if let Some(argv) = &was.inputs.undo {
            must(&batteries(scope, was.inputs.host.as_ref())?, &strs(argv)).await?;
        }
        Ok(())
    }
}
