//! [`Connection`]: one machine, reached when it is first used.

pub(super) mod connect;
mod gateway;
mod host_keys;
mod identity;
pub(super) mod open;
mod requests;
pub(super) mod settings;
mod shorthand;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use connect::{Connect, Gateway};
pub use requests::{Close, CreateSession, Open};
pub use settings::{ConnectKwargs, HostKeys};
pub use shorthand::{Shorthand, derive_shorthand};

use super::Fabric;
use super::backend::{Backend, Credential, Exec, Session};
use super::config::Config;
use super::context::Context;
use super::error::{Error, Result};
use super::run::commands::Scope;
use super::run::{LoginShell, Remote, Run, SudoCommand};
use super::ssh_config::SshConfigDict;
use connect::{Facts, place, resolve};
use gateway::gateway;
use settings::{HostOptions, Settings};

/// `fabric.Connection`: a machine. No network is used until the first command, transfer or [`open`](Connection::open).
///
/// Clones share the connection, and the last one that is dropped closes it. [`cd`](Connection::cd) and [`prefix`](Connection::prefix) give a
/// clone with a directory or a command more. `Debug` is Python's `repr`; equality and order are those of host, user and port, as in Python.
///
/// Arguments that contradict each other make a connection whose every use fails with that error; [`Fabric::try_connection`] gives it at once.
///
/// <https://docs.fabfile.org/en/stable/api/connection.html>
#[doc(alias = "fabric.Connection")]
#[derive(Clone)]
pub struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) scope: Scope,
}

pub(super) struct Shared {
    pub(super) fabric: Fabric,
    pub(super) settings: Arc<Settings>,
    pub(super) facts: Facts,
    /// What is wrong with the arguments or the configuration.
    pub(super) invalid: Option<Invalid>,
    session: Mutex<Option<Arc<dyn Session>>>,
    opening: tokio::sync::Mutex<()>,
    /// The SFTP session, once there is one.
    pub(super) sftp: tokio::sync::Mutex<Option<super::sftp::SftpClient>>,
}

/// An error that is given each time that the connection is used.
#[derive(Clone)]
pub(super) enum Invalid {
    Value(String),
    Config(String),
}

impl Invalid {
    pub(super) fn error(&self) -> Error {
        match self {
            Invalid::Value(text) => Error::Value(text.clone()),
            Invalid::Config(text) => Error::Config(text.clone()),
        }
    }
}

impl From<Error> for Invalid {
    fn from(error: Error) -> Invalid {
        match error {
            Error::Value(text) => Invalid::Value(text),
            error => Invalid::Config(error.to_string()),
        }
    }
}

impl Connection {
    /// With these settings, and what `lookup` says of the host.
    pub(super) fn build(fabric: &Fabric, settings: &Arc<Settings>, connect: Connect, invalid: Option<Invalid>) -> Connection {
        let depth = connect.depth;
        let attempt = || {
            let (host, user, port) = place(&connect)?;
            let options = settings.lookup(&host)?;
            resolve(connect.clone(), host, user, port, settings, options)
        };
        let (mut facts, mut invalid) = match attempt() {
            Ok(facts) => (facts, invalid),
            Err(error) => (unusable(&connect, settings), invalid.or(Some(error.into()))),
        };
        if facts.gateway.is_none() && invalid.is_none() {
            match gateway(fabric, settings, &facts, depth) {
                Ok(gateway) => facts.gateway = gateway,
                Err(error) => invalid = Some(error.into()),
            }
        }
        let shared = Shared {
            fabric: fabric.clone(),
            settings: settings.clone(),
            facts,
            invalid,
            session: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            sftp: tokio::sync::Mutex::default(),
        };
        Connection { shared: Arc::new(shared), scope: Scope::default() }
    }

    fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    pub(super) fn backend(&self) -> &Arc<dyn Backend> {
        &self.shared.fabric.backend
    }

    /// Fails if the arguments or the configuration cannot be used.
    pub(super) fn check(&self) -> Result<()> {
        self.shared.invalid.as_ref().map_or(Ok(()), |invalid| Err(invalid.error()))
    }

    /// The configuration; None if it could not be read.
    #[doc(alias = "fabric.Connection.config")]
    pub fn config(&self) -> Option<&Config> {
        self.shared.settings.config.as_deref()
    }

    /// What ssh_config says of the host.
    #[doc(alias = "fabric.Connection.ssh_config")]
    pub fn ssh_config(&self) -> Option<&SshConfigDict> {
        self.facts().options.all.as_ref()
    }

    /// The host: `HostName` of ssh_config if there is one, else what was given.
    #[doc(alias = "fabric.Connection.host")]
    pub fn host(&self) -> &str {
        &self.facts().host
    }

    /// The host as it was given.
    #[doc(alias = "fabric.Connection.original_host")]
    pub fn original_host(&self) -> &str {
        &self.facts().original_host
    }

    /// The remote user.
    #[doc(alias = "fabric.Connection.user")]
    pub fn user(&self) -> &str {
        &self.facts().user
    }

    /// The port.
    #[doc(alias = "fabric.Connection.port")]
    pub fn port(&self) -> u16 {
        self.facts().port
    }

    /// The gateway, if there is one.
    #[doc(alias = "fabric.Connection.gateway")]
    #[doc(alias = "fabric.Connection.get_gateway")]
    pub fn gateway(&self) -> Option<&Gateway> {
        self.facts().gateway.as_ref().filter(|gateway| !matches!(gateway, Gateway::Direct))
    }

    /// Whether remote commands may use the local agent.
    #[doc(alias = "fabric.Connection.forward_agent")]
    pub fn forward_agent(&self) -> bool {
        self.facts().forward_agent
    }

    /// The budget for connecting and authenticating.
    #[doc(alias = "fabric.Connection.connect_timeout")]
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.facts().connect_timeout
    }

    /// How to authenticate: arguments and configuration merged, and the key files of configuration, arguments and ssh_config in that order.
    #[doc(alias = "fabric.Connection.connect_kwargs")]
    #[doc(alias = "fabric.Connection.resolve_connect_kwargs")]
    pub fn connect_kwargs(&self) -> &ConnectKwargs {
        &self.facts().connect_kwargs
    }

    /// Whether variables go in front of the command line.
    pub fn inline_ssh_env(&self) -> bool {
        self.facts().inline_ssh_env
    }

    /// Takes a host string apart: [`derive_shorthand`](super::derive_shorthand).
    pub fn derive_shorthand(host_string: &str) -> Result<Shorthand> {
        shorthand::derive_shorthand(host_string)
    }

    /// Whether it is open.
    #[doc(alias = "fabric.Connection.is_connected")]
    pub fn is_connected(&self) -> bool {
        self.active().is_some()
    }

    fn active(&self) -> Option<Arc<dyn Session>> {
        let session = self.shared.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.as_ref().filter(|session| session.is_active()).cloned()
    }

    /// What it authenticates with, in that order, which is OpenSSH's: private keys that were given as text, the agent, key files with their
    /// certificates, keyboard-interactive, the password. Key files are read now.
    #[doc(alias = "fabric.auth.OpenSSHAuthStrategy")]
    #[doc(alias = "fabric.auth.OpenSSHAuthStrategy.get_sources")]
    pub fn auth_sources(&self) -> Result<Vec<Credential>> {
        self.check()?;
        let shared = &self.shared;
        open::credentials(&shared.fabric.os, &shared.facts, &shared.settings.identities).map(|(sources, _)| sources)
    }

    /// Those of [`auth_sources`](Connection::auth_sources) that are keys: the agent and the key files.
    #[doc(alias = "fabric.auth.OpenSSHAuthStrategy.get_pubkeys")]
    pub fn auth_pubkeys(&self) -> Result<Vec<Credential>> {
        let is_key = |source: &Credential| matches!(source, Credential::Agent { .. } | Credential::Key { .. });
        self.auth_sources().map(|sources| sources.into_iter().filter(is_key).collect())
    }

    /// Connects and authenticates with [`auth_sources`](Connection::auth_sources), unless it is open already. Commands and transfers do so by
    /// themselves.
    #[doc(alias = "fabric.Connection.open")]
    #[doc(alias = "fabric.auth.OpenSSHAuthStrategy.authenticate")]
    pub fn open(&self) -> Open {
        Open(self.clone())
    }

    /// Opens a channel of the connection and starts what the request describes, with the connection's agent forwarding: below [`run`](Connection::run),
    /// for protocols of one's own.
    #[doc(alias = "fabric.Connection.create_session")]
    pub fn create_session(&self, request: Exec) -> CreateSession {
        CreateSession(self.clone(), request)
    }

    /// Closes it, with its channels. The next command opens it again. Dropping the last clone does the same.
    #[doc(alias = "fabric.Connection.close")]
    pub fn close(&self) -> Close {
        Close(self.clone())
    }

    /// The open session; connects first if there is none.
    pub(crate) fn session(&self) -> crate::BoxFuture<Result<Arc<dyn Session>>> {
        // On the heap: a gateway's session is opened by the same function.
        let connection = self.clone();
        Box::pin(async move { connection.connected().await })
    }

    async fn connected(&self) -> Result<Arc<dyn Session>> {
        self.check()?;
        if let Some(session) = self.active() {
            return Ok(session);
        }
        let _one = self.shared.opening.lock().await;
        if let Some(session) = self.active() {
            return Ok(session);
        }
        let connecting = open::open(self.clone());
        let session = match self.facts().connect_timeout {
            None => connecting.await?,
            Some(timeout) => match super::race::within(self.backend(), timeout, connecting).await {
                Some(session) => session?,
                None => return Err(Error::ConnectTimeout { host: self.place(), timeout }),
            },
        };
        *self.shared.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        Ok(session)
    }

    /// Host and port for errors.
    pub(super) fn place(&self) -> String {
        let Facts { host, port, .. } = self.facts();
        if *port == 22 { host.clone() } else { format!("{host}:{port}") }
    }

    /// Runs a command by the remote user's shell.
    ///
    /// Output is copied to the local terminal while it comes, unless [`hide`](Run::hide) is set, and captured. A status other than 0 is
    /// [`Error::UnexpectedExit`], unless [`warn`](Run::warn) is set. What is put into the command must be quoted
    /// ([`os::shlex::quote`](crate::os::shlex::quote)), or the shell runs it.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.run>
    #[doc(alias = "fabric.Connection.run")]
    pub fn run(&self, command: impl Into<String>) -> Run<Remote> {
        Run::new(Remote { connection: self.clone(), command: command.into() })
    }

    /// Runs a command by `sudo`, and answers its prompt with the password.
    ///
    /// The command is the rest of sudo's line: of `a && b`, `b` runs without sudo, as in fabric. A line break outside of quotes is an error.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.sudo>
    #[doc(alias = "fabric.Connection.sudo")]
    pub fn sudo(&self, command: impl Into<String>) -> Run<SudoCommand> {
        Run::new(SudoCommand::remote(self.clone(), command.into()))
    }

    /// Runs the remote user's login shell in a terminal. A status other than 0 is not an error.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.shell>
    #[doc(alias = "fabric.Connection.shell")]
    pub fn shell(&self) -> Run<LoginShell> {
        Run::new(LoginShell { connection: self.clone() })
    }

    /// Runs a command on the local machine: [`Context::run`] with this connection's settings, directories and prefixes.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.local>
    #[doc(alias = "fabric.Connection.local")]
    pub fn local(&self, command: impl Into<String>) -> Run<super::run::Local> {
        self.context().run(command)
    }

    /// The local context with this connection's settings, directories and prefixes.
    pub fn context(&self) -> Context {
        Context::with(&self.shared.fabric, &self.shared.settings, self.scope.clone(), self.shared.invalid.clone())
    }

    /// The connection in a directory: its commands begin with `cd path && `. Relative paths add up.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let web = World::new().batteries().fabric.connection("web1");
    /// let site = web.cd("/var/www").cd("site one");
    /// assert_eq!(site.cwd(), "/var/www/site\\ one");
    /// ```
    ///
    /// Python's `with c.cd(path):` is the scope of the value. <https://docs.pyinvoke.org/en/stable/api/context.html#invoke.context.Context.cd>
    #[doc(alias = "fabric.Connection.cd")]
    #[must_use]
    pub fn cd(&self, path: impl Into<String>) -> Connection {
        let mut inner = self.clone();
        inner.scope.cwds.push(path.into());
        inner
    }

    /// The connection with a command before each of its commands: `prefix && command`.
    ///
    /// <https://docs.pyinvoke.org/en/stable/api/context.html#invoke.context.Context.prefix>
    #[doc(alias = "fabric.Connection.prefix")]
    #[must_use]
    pub fn prefix(&self, command: impl Into<String>) -> Connection {
        let mut inner = self.clone();
        inner.scope.prefixes.push(command.into());
        inner
    }

    /// The directory of the commands, as it is put into them; empty without [`cd`](Connection::cd).
    #[doc(alias = "fabric.Connection.cwd")]
    pub fn cwd(&self) -> String {
        self.scope.cwd()
    }
}

/// The facts of a connection that cannot be used: enough to show it.
fn unusable(connect: &Connect, settings: &Settings) -> Facts {
    Facts {
        host: connect.host.clone(),
        original_host: connect.host.clone(),
        user: connect.user.clone().unwrap_or_else(|| settings.user.clone()),
        port: connect.port.unwrap_or(settings.port),
        gateway: None,
        forward_agent: false,
        connect_timeout: None,
        connect_kwargs: ConnectKwargs::default(),
        inline_ssh_env: true,
        host_keys: HostKeys::Strict,
        options: HostOptions::default(),
    }
}
