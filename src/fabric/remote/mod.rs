//! The batteries of another machine: [`Connection::batteries`].
//!
//! ```
//! use leyden::prelude::*;
//!
//! fn motd(Batteries { os, .. }: &Batteries) -> leyden::Result<String> { Ok(os.read_text("/etc/motd")?) }
//!
//! let world = World::new();
//! world.fabric.host("web1").os.write("/etc/motd", "hi\n");
//! let web = world.batteries().fabric.connection("web1");
//! assert_eq!(motd(&web.batteries().wait()?)?, "hi\n"); // the function that runs here, there
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! `os` works over SFTP, and by small commands of a POSIX shell where SFTP has no word; `subprocess` by a channel for each program; `platform` and `time` by
//! what the machine says. The environment and the working directory are those that a login gives. Other batteries are those of this side. A host
//! in memory gives its own fakes.
//!
//! A program that a deadline ends is killed there, with its process group, its session and all its descendants: it announces its process when it
//! starts, and a second shell ends them.
//!
//! # What is needed there
//!
//! An SFTP server, `/bin/sh`, and the programs of GNU coreutils: `stat -c`, `env`, `id`, `test`, `head`, `touch`, `chown`, `ln`, `mkfifo`, `uname`, `date`; `ps`, `kill` and `getconf`
//! for processes and limits.
//!
//! # What is not here
//!
//! | Battery | What | Answer |
//! |---|---|---|
//! | `os` | extended attributes, `flock`, `posix_fallocate`, setting ids, groups and sessions, affinity, `times`, sockets by `mknod` | `EOPNOTSUPP` |
//! | `os` | `waitpid` | `ECHILD`: children are `subprocess`' |
//! | `os` | terminals | `ENOTTY`, not one |
//! | `os` | inode numbers of `scandir` | 0: the protocol has none; `stat` has them |
//! | `os` | `Dir`, `O_NOFOLLOW`, `O_DIRECTORY` | by path: the directory's identity is compared before each call, which is not proof against a swap in between |
//! | `os` | `O_NONBLOCK`, `O_SYNC`, `O_NOATIME`, `O_NOCTTY` | not sent |
//! | `os` | times of open files | whole seconds; by path they have nanoseconds |
//! | `subprocess` | other users and groups, `pass_fds`, local files and pipes as streams, rows of programs, another `argv[0]`, joining a group | `ErrorKind::Unsupported` |
//! | `subprocess` | inherited streams | output is shown on this side, input is empty |
//! | `time` | processor clocks | `EINVAL` |
//! | `time` | `sleep`, `monotonic` | this side's |

mod agent;
mod child;
mod dir;
mod facts;
mod files;
mod handle;
mod machine;
mod programs;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use super::backend::Machine;
use super::connection::Connection;
use super::error::{Error, Result};
use crate::Batteries;
use crate::ambient::Ambient;
use crate::os::Os;
use agent::Agent;
use facts::Facts;
use files::Remote;
use programs::Programs;

/// The batteries of another machine, when they are awaited: [`Connection::batteries`].
#[derive(Debug)]
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct OpenBatteries {
    connection: Connection,
    others: Option<Batteries>,
}

impl OpenBatteries {
    /// Sets where the batteries come from that are not the other machine's: `requests`, `smtplib`, .. Default: the machine that this program runs
    /// on; for a host in memory an empty world, so that a test reaches no network.
    pub fn over(mut self, batteries: &Batteries) -> OpenBatteries {
        self.others = Some(batteries.clone());
        self
    }
}

impl Connection {
    /// The batteries of the other machine: `os`, `subprocess`, `platform` and `time` there, the others here. Connects if need be.
    ///
    /// A function that takes `&Batteries` runs there unchanged. What cannot be done over SSH is an error that says so: see [`remote`](super::remote).
    pub fn batteries(&self) -> OpenBatteries {
        OpenBatteries { connection: self.clone(), others: None }
    }
}

impl IntoFuture for OpenBatteries {
    type Output = Result<Batteries>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Batteries>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let session = self.connection.session().await?;
            let in_memory = session.machine();
            let others = self.others.unwrap_or_else(|| match &in_memory {
                Some(_) => crate::World::new().batteries(),
                None => Batteries::included(),
            });
            let machine = match in_memory {
                Some(machine) => machine,
                None => machine(&self.connection).await?,
            };
            let mut batteries = others;
            batteries.os = machine.os;
            batteries.subprocess = machine.subprocess;
            batteries.platform = machine.platform;
            batteries.time = machine.time;
            Ok(batteries)
        })
    }
}

/// The machine at the other end, over its session.
async fn machine(connection: &Connection) -> Result<Machine> {
    let agent = Arc::new(Agent::new(connection.clone()));
    let lost = |error: std::io::Error| Error::ConnectionLost { host: connection.host().to_owned(), reason: error.to_string() };
    let environ = agent.ask(b"env -0").await.map_err(lost)?;
    let mut cwd = agent.ask(b"pwd -P").await.map_err(lost)?.output;
    if cwd.last() == Some(&b'\n') {
        cwd.pop();
    }
    let cwd = PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(cwd));
    let ambient = Ambient::isolated(machine::variables(&environ.output), cwd);
    let remote = Remote::new(agent);
    let os = Os::new(Arc::new(remote.clone()), ambient.clone());
    let subprocess = crate::subprocess::Subprocess::new(Arc::new(Programs { remote: remote.clone() }), ambient.clone());
    let platform = crate::platform::Platform::new(Arc::new(Facts::new(remote.clone())));
    let time = crate::time::Time::new(Arc::new(Facts::new(remote))).with_ambient(ambient);
    Ok(Machine { os, subprocess, platform, time })
}
