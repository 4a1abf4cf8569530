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
//!
//! A [`Connection`] is opened at its first use. Commands, transfers and tunnels are request values: `.wait()?` blocks, `.await?` works on any
//! runtime. A [`Group`] does the same on many machines; [`Connection::batteries`] gives the batteries of the other machine, so that a function over
//! `&Batteries` runs there unchanged.
//!
//! # Python and leyden
//!
//! | Python | leyden |
//! |---|---|
//! | `Connection("deploy@web1:2222")` | `fabric.connection("deploy@web1:2222")` |
//! | `Connection("web1", user=.., gateway=.., connect_kwargs={..})` | `fabric.connection(`[`Connect::new`]`("web1").user(..).gateway(..).connect_kwargs(`[`ConnectKwargs`]`))` |
//! | `c.run("make", hide=True, warn=True)` | `c.run("make").hide(true).warn(true).wait()?`, a [`RunResult`] |
//! | `c.sudo("reboot", user=.., password=..)` | `c.sudo("reboot").user(..).password(..).wait()?` |
//! | `c.local("make")`, `invoke.run("make")` | `c.local("make").wait()?`, `fabric.context().run("make").wait()?` |
//! | `with c.cd("/srv"):`, `with c.prefix("workon x"):` | `let c = c.cd("/srv");`, `let c = c.prefix("workon x");` |
//! | `c.put(..)`, `c.get(..)`, `c.sftp()` | the same, with `.wait()?` |
//! | `with c.forward_local(5432):`, `c.forward_remote(8080)` | `let tunnel = c.forward_local(5432).wait()?;`, a [`Tunnel`] |
//! | `c.run(.., asynchronous=True)`, `disown=True` | `c.run(..).asynchronous().wait()?`, a [`Promise`]; `.disown().wait()?` |
//! | `c.run(.., watchers=[Responder(..)])` | `c.run(..).watcher(`[`Responder::new`]`(..)?)` |
//! | `ThreadingGroup("a", "b").run(..)`, `SerialGroup` | `fabric.group(["a", "b"]).run(..).wait()`, `.limit(1)` |
//! | `GroupException.result` | [`GroupException`]`.result` |
//! | `UnexpectedExit`, `CommandTimedOut`, `AuthFailure`, `Failure` | the variants of [`Error`]; `str()` and `repr()` are [`Error::python_str`] and [`Error::python_repr`] |
//! | `str(result)`, `repr(result)`, `repr(c)` | `Display` and `Debug` of [`RunResult`], `Debug` of [`Connection`] and [`GroupResult`] |
//! | `@task`, `fab` | a function; `Jobs` of `schedule` makes a program of several |
//!
//! # Differences
//!
//! - DIFFERENCE: host keys are checked by known_hosts files, on jump hosts too; fabric accepts every key. See [`HostKeys`].
//! - DIFFERENCE: connecting has a budget of 30 seconds and each command one of an hour; Python has none. `None` lifts them.
//! - DIFFERENCE: a deadline kills what the command has started; fabric closes the channel, and the processes go on. On Linux a second command finds them
//!   by the server's process; one that has left its session is not found.
//! - DIFFERENCE: values of `env` are quoted where they need it; fabric sends `export A=x y`. Names that a shell cannot export are an error.
//! - DIFFERENCE: `cd` escapes what would end the command or open a quote; fabric escapes blanks.
//! - DIFFERENCE: `sudo` inside `cd` and `prefix` runs the whole chain by `/bin/sh -c` under sudo; fabric's line fails.
//! - DIFFERENCE: `sudo` without a password is an error when sudo asks; fabric answers with the text `None`. A line break outside of quotes is an error.
//! - DIFFERENCE: standard input is empty unless [`Run::in_stream`] is set; Python copies `sys.stdin`.
//! - DIFFERENCE: a connection that breaks while a command runs is [`Error::Interrupted`], with what was written; fabric says that the command exited with -1.
//! - DIFFERENCE: the hops of `ProxyJump` have OpenSSH's order: the first one is reached directly. fabric begins with the last one. Hops may also be
//!   `ssh://` URIs and IPv6 addresses in brackets, and `none` is not a host.
//! - DIFFERENCE: a dry run does not connect.
//! - DIFFERENCE: a character whose bytes arrive in two pieces is decoded as one; invoke makes two U+FFFD of it.
//! - DIFFERENCE: local commands have no terminal (`pty` falls back, `fallback(false)` is an error).
//! - DIFFERENCE: the default host name rules of the shell apply to names too: a host or user that begins with `-` is an error.
//!
//! # Backends
//!
//! | | machines |
//! |---|---|
//! | [`native`] | russh, on leyden's runtime |
//! | [`mock`] | hosts of the [`World`](crate::World), with files, programs, users and a network that fails as the test says |

pub mod backend;
pub mod config;
mod connection;
mod context;
mod error;
mod forward;
mod group;
pub mod known_hosts;
pub mod mock;
pub mod native;
mod python;
mod race;
pub mod remote;
mod run;
pub mod sftp;
pub mod ssh_config;
mod texts;
pub mod transfer;

use std::sync::Arc;

pub use backend::{Backend, Session, Stream};
pub use config::Config;
pub use connection::{
    Close, Connect, ConnectKwargs, Connection, CreateSession, Gateway, HostKeys, Open, Shorthand, derive_shorthand,
};
pub use context::Context;
pub use error::{Error, Result, WatcherError};
pub use forward::{CloseTunnel, Forward, Tunnel};
pub use group::{CloseAll, Each, Group, GroupCommand, GroupException, GroupResult, GroupSudo, GroupTransfer};
pub use run::{
    Command, Disowned, FailingResponder, Finished, Hide, In, Join, Local, LoginShell, Out, Promise, Promised, Remote, Responder,
    Run, RunOptions, RunResult, Single, StreamPattern, StreamWatcher, SudoCommand,
};
pub use transfer::{Destination, Source, Transfer, TransferResult};

use crate::os::Os;
use crate::subprocess::Subprocess;
use connection::Invalid;
use connection::settings::{self, Settings};
use run::commands::Scope;

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
    /// The configuration files and ssh_config are read now, the network is used at the first command. Arguments that
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

    /// The size of the local terminal as columns and rows: what `pty` asks of the remote machine. (80, 24) without a terminal.
    #[doc(alias = "invoke.pty_size")]
    pub fn pty_size(&self) -> (u16, u16) {
        self.backend.pty_size()
    }

    /// Local commands with the configuration's settings: `invoke.Context()`.
    pub fn context(&self) -> Context {
        let (settings, invalid) = self.settings();
        Context::with(self, &settings, Scope::default(), invalid)
    }

    /// `fabric.Config()`: the configuration files and ssh_config as they are now. [`Connect::config`] takes it, after changes.
    ///
    /// As in Python, the variables `FABRIC_*` count only after [`Config::load_shell_env`].
    pub fn config(&self) -> Result<Config> {
        Config::builder(&self.os).subprocess(self.subprocess.clone()).build().map_err(settings::config_error)
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
