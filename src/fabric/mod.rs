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
pub use connect::{Connect, Gateway};
pub use connection::{Close, Connection, Open};
pub use context::Context;
pub use error::{Error, Result, WatcherError};
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
use settings::{HostOptions, Settings};

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

    fn settings(&self) -> (Arc<Settings>, Option<Invalid>) {
        (Arc::new(Settings::defaults(get_local_user(&self.os))), None)
    }

    fn build(&self, settings: &Arc<Settings>, connect: Connect, invalid: Option<Invalid>) -> Connection {
        Connection::build(self, settings, connect, &|_, _, _| Ok(HostOptions::default()), invalid)
    }
}

/// `fabric.util.get_local_user`: `LOGNAME`, `USER`, `LNAME`, `USERNAME`, or the name of the process's user; empty without any.
#[doc(alias = "fabric.util.get_local_user")]
fn get_local_user(os: &Os) -> String {
    let variables = ["LOGNAME", "USER", "LNAME", "USERNAME"].into_iter().filter_map(|name| os.ambient().var(name));
    let set = variables.map(|value| value.to_string_lossy().into_owned()).find(|value| !value.is_empty());
    set.unwrap_or_default()
}
