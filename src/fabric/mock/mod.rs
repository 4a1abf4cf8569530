//! Machines in memory, and the network between them.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let web1 = world.fabric.host("web1");
//! web1.os.write("/etc/motd", "hi\n");
//! web1.shell("systemctl is-active app").reply("active\n", 0);
//! let web = world.batteries().fabric.connection("deploy@web1");
//! assert_eq!(web.run("cat /etc/motd").hide(true).wait()?.stdout, "hi\n");
//! assert!(web.run("systemctl is-active app").hide(true).wait()?.ok());
//! web1.refuse();
//! web.close().wait();
//! assert!(web.run("true").wait().unwrap_err().is_connection());
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! # What is modelled
//!
//! | the machine | here |
//! |---|---|
//! | names | hosts of [`Mock::host`]; any other does not resolve |
//! | host keys | each host has one, which is in the world's `/etc/ssh/ssh_known_hosts`; [`Host::change_key`], [`Host::forget_key`] |
//! | logins | every user gets in without credentials, until [`Host::password`], [`Host::authorized_key`] or [`Host::two_factor`] asks for some |
//! | users | root, those of the host's `/etc/passwd`, [`Host::user`]; a login of another adds it. Commands, SFTP and `batteries()` have the ids of the user |
//! | sshd | [`Host::refuse`], [`Host::stall`], [`Host::drop_after`], [`Host::latency`], [`Host::up`]; each call of `batteries()` on files and programs meets them too |
//! | files | [`Host::os`]: an `os` mock of the host's own, that SFTP and the commands below see |
//! | programs | [`Host::shell`] answers a whole line, [`Host::program`] a program with its arguments: a `subprocess` mock of the host's own |
//! | the shell | `&&`, `||`, `;`, quotes, `cd`, `export`, `exit`, `sh -c`; a line with anything else needs an answer of its own |
//! | commands | `true false : echo pwd cat mkdir rm mv ln readlink test [ touch chmod ls whoami id hostname uname sleep` on the host's files, with the options that scripts use |
//! | sudo | [`Host::sudoers`]: every user without a password until then, from then on only those named. `-u` needs a user of the host. A program under it gets what was written so far and the end |
//! | standard input | a program answers when it has ended: with a watcher it stays open, so its program needs [`Reply::ignores_stdin`](crate::subprocess::mock::Reply::ignores_stdin) or [`each_line`](crate::subprocess::mock::Program::each_line) |
//! | time | the world's clock |
//!
//! Not modelled, and an explicit error: tunnels, pipes and redirections in the shell, commands without an answer.
//!
//! Not modelled, without an error: what the answer of a program changes in [`Host::os`] is done by the test's author, whichever user runs the program.

mod auth;
mod builtins;
mod chain;
mod host;
mod inline;
mod network;
mod session;
mod shell;
mod sudo;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use host::Host;

use super::Fabric;
use crate::mock::Script;

/// A network of machines in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    pub(super) script: Script,
    pub(super) os: crate::os::mock::Mock,
    subprocess: crate::subprocess::mock::Mock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    hosts: BTreeMap<String, Host>,
    stdout: String,
    stderr: String,
    stdin: Vec<u8>,
}

impl std::fmt::Debug for State {
    /// The hosts; what was typed and printed may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Mock {
    /// A network without hosts. The local files are those of `os`, the local programs those of `subprocess`.
    pub fn new(script: Script, os: crate::os::mock::Mock, subprocess: crate::subprocess::mock::Mock) -> Mock {
        Mock { script, os, subprocess, state: Arc::default() }
    }

    /// The battery on it.
    pub fn handle(&self) -> Fabric {
        Fabric::new(Arc::new(self.clone()), self.os.handle(), self.subprocess.handle())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host of this name, made if there is none yet; its key is then known to the world.
    pub fn host(&self, name: impl Into<String>) -> Host {
        let name = name.into();
        if let Some(host) = self.lock().hosts.get(&name) {
            return host.clone();
        }
        let host = Host::new(&name, self.script.clone(), self.os.clone());
        self.lock().hosts.insert(name, host.clone());
        host.know_key();
        host
    }

    fn find(&self, name: &str) -> Option<Host> {
        self.lock().hosts.get(name).cloned()
    }

    /// What was printed on the local standard output.
    pub fn stdout(&self) -> String {
        self.lock().stdout.clone()
    }

    /// What was printed on the local standard error.
    pub fn stderr(&self) -> String {
        self.lock().stderr.clone()
    }

    /// What the local standard input gives.
    pub fn set_stdin(&self, bytes: impl Into<Vec<u8>>) {
        self.lock().stdin = bytes.into();
    }
}
