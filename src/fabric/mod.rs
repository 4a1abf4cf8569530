//! `fabric`: commands and files on other machines, over SSH. <https://docs.fabfile.org/en/stable/>
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.fabric.host("web1").shell("uname -s").reply("Linux\n", 0);
//! let Batteries { fabric, .. } = world.batteries(); // on the machine: `Batteries::included()`
//! let web = fabric.connection("deploy@web1");
//! assert_eq!(web.run("uname -s").hide(true).wait()?.stdout, "Linux\n");
//! # Ok::<(), leyden::Error>(())
//! ```

pub mod backend;
mod commands;
pub mod config;
mod connect;
mod connection;
mod context;
mod error;
mod forward;
mod group;
mod host_keys;
pub mod known_hosts;
mod local;
pub mod mock;
pub mod native;
mod open;
mod options;
mod promise;
mod python;
mod race;
pub mod remote;
mod result;
mod run;
mod runner;
mod settings;
pub mod sftp;
mod shorthand;
pub mod ssh_config;
mod texts;
pub mod transfer;
mod watchers;

use std::sync::Arc;

pub use backend::{Backend, Session, Stream};
pub use config::Config;
pub use connect::{Connect, Gateway};
pub use connection::{Close, Connection, Open};
pub use context::Context;
pub use error::{Error, Result, WatcherError};
pub use forward::{CloseTunnel, Forward, Tunnel};
pub use group::{CloseAll, Each, Group, GroupCommand, GroupException, GroupResult, GroupSudo};
pub use options::{Hide, In, Out, RunOptions};
pub use promise::{Join, Promise};
pub use result::RunResult;
pub use run::{Command, Disowned, Finished, Local, LoginShell, Promised, Remote, Run, Single, SudoCommand};
pub use settings::{ConnectKwargs, HostKeys};
pub use shorthand::{Shorthand, derive_shorthand};
pub use transfer::{Destination, Source, Transfer, TransferResult};
pub use watchers::{FailingResponder, Responder, StreamWatcher};

use crate::os::Os;
use crate::subprocess::Subprocess;
use commands::Scope;
use connection::Invalid;
use settings::Settings;

/// The handle: Python's module `fabric` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fabric {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) os: Os,
    pub(crate) subprocess: Subprocess,
}

impl Fabric {
    /// This machine's network. Configuration, keys and local files are read through `os`; `local()` runs through `subprocess`.
    pub fn native(os: Os, subprocess: Subprocess) -> Fabric {
        Fabric::new(Arc::new(native::Native), os, subprocess)
    }

    /// Any backend. Configuration, keys and local files are read through `os`; `local()` runs through `subprocess`.
    pub fn new(backend: Arc<dyn Backend>, os: Os, subprocess: Subprocess) -> Fabric {
        Fabric { backend, os, subprocess }
    }

    /// The seam, for what is written over it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// `fabric.Connection(host, ..)`: a machine by `[user@]host[:port]`, or with more arguments by [`Connect`].
    ///
    /// The configuration files, the environment and ssh_config are read now, the network is used at the first command. Arguments that
    /// contradict each other make a connection whose every use fails; [`Fabric::try_connection`] fails at once.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.__init__>
    pub fn connection(&self, connect: impl Into<Connect>) -> Connection {
        let (settings, invalid) = self.settings();
        self.build(&settings, connect.into(), invalid)
    }

    /// As [`Fabric::connection`], but arguments or a configuration that cannot be used are an error at once, as in Python.
    pub fn try_connection(&self, connect: impl Into<Connect>) -> Result<Connection> {
        let connection = self.connection(connect);
        connection.check()?;
        Ok(connection)
    }

    /// A group of machines, worked on side by side: [`Group::limit`] hosts at once.
    pub fn group<C: Into<Connect>>(&self, hosts: impl IntoIterator<Item = C>) -> Group {
        let (settings, invalid) = self.settings();
        Group::from_connections(hosts.into_iter().map(|host| self.build(&settings, host.into(), invalid.clone())))
    }

    /// Local commands with the configuration's settings: `invoke.Context()`.
    pub fn context(&self) -> Context {
        let (settings, invalid) = self.settings();
        Context::with(self, &settings, Scope::default(), invalid)
    }

    /// `fabric.Config()`: the configuration files, the environment and ssh_config as they are now. [`Connect::config`] takes it, after changes.
    pub fn config(&self) -> Result<Config> {
        let mut config = Config::builder(&self.os).subprocess(self.subprocess.clone()).build().map_err(settings::config_error)?;
        config.load_shell_env().map_err(settings::config_error)?;
        config.merge().map_err(settings::config_error)?;
        Ok(config)
    }

    fn settings(&self) -> (Arc<Settings>, Option<Invalid>) {
        let settings = self.config().and_then(|config| Settings::of(Arc::new(config)));
        match settings {
            Ok(settings) => (Arc::new(settings), None),
            Err(error) => {
                (Arc::new(Settings::defaults(config::get_local_user(&self.os).unwrap_or_default())), Some(error.into()))
            }
        }
    }

    fn build(&self, settings: &Arc<Settings>, mut connect: Connect, invalid: Option<Invalid>) -> Connection {
        match connect.config.take() {
            None => Connection::build(self, settings, connect, invalid),
            Some(config) => match Settings::of(config) {
                Ok(settings) => Connection::build(self, &Arc::new(settings), connect, None),
                Err(error) => Connection::build(self, settings, connect, Some(error.into())),
            },
        }
    }
}
