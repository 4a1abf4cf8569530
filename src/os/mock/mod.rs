//! A machine in memory: a Linux file system and kernel, as far as scripts use them.
//!
//! ```
//! use leyden::World;
//!
//! let world = World::new();
//! world.os.write("/srv/in.txt", "hello"); // arrange: makes /srv too
//! world.batteries().os.mkdir("/srv/out")?; // act
//! assert_eq!(world.os.tree("/srv"), "in.txt (5)\nout/\n"); // inspect
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The methods of [`Mock`] are for the test: permissions, read-only mounts and full disks do not
//! apply to them, and they are neither logged nor subject to faults. The calls of the script go
//! through the handle of [`World::batteries`](crate::World::batteries) and are recorded in the
//! world's [`Script`] as `os.` and the primitive's name: `os.mkdir`, `os.read`. Further entries of
//! a directory listing are recorded as `os.next_entries`, 64 at a time, so that a listing can fail
//! half-way.
//!
//! # A new machine
//!
//! The user is root, the working directory `/`. There are `/bin`, `/dev` (`null`, `zero`, `full`,
//! `random`, `urandom`), `/etc/passwd` and `/etc/group` (root and `nobody`), `/home`, `/root`,
//! `/tmp` and `/var/tmp` (mode 1777), and `/usr/bin`. The disk has 1 TiB, the umask is 022. The
//! variables HOME, LANG, LOGNAME, PATH, SHELL and USER are set. There are four processors, no
//! terminal, this process (100) and init (1).
//!
//! # What is modelled
//!
//! | Concept | Model |
//! |---|---|
//! | Inodes | mode, owner, group, links, size, blocks, times (from the world's clock; `relatime`), extended attributes; unlinked files live while open |
//! | Names | 255 bytes, paths 4095, any bytes; 40 links followed; directories are ordered by a hash, the same in every run |
//! | Permissions | owner, group, other, groups, root; set-id and sticky bits; umask; `fs.protected_hardlinks` |
//! | Files | sparse; copies share blocks; `O_APPEND`, `O_TRUNC`, `O_EXCL`, `O_NOFOLLOW`, ..; `flock`; 16 TiB at most |
//! | Space | [`Mock::set_capacity`], [`Mock::set_inodes`]: `ENOSPC`, after a partial write where the kernel makes one |
//! | Mounts | [`Mock::mount`], [`Mock::set_read_only`]: `EXDEV`, `EROFS`, `EBUSY` |
//! | Named pipes | with buffer, both ends, `O_NONBLOCK`; blocking opens, reads and writes wait for another thread |
//! | Devices | the five of `/dev`; others and sockets exist, but opening one is `ENXIO` |
//! | Processes | [`Mock::spawn_process`]: `kill`, `killpg`, `waitpid`, groups, sessions, priorities, affinity. This process survives every signal and records it: [`Mock::signals`]. Signals reach the programs of `subprocess` too |
//! | Extended attributes | `user.`, `trusted.`, `security.`; a value has 64 KiB at most (ext4 stops at 4 KiB in all) |
//! | Machine | load, processors, uname, terminal, login, uptime, processor times: as configured. Random bytes: seeded, see [`Mock::seed`] |
//!
//! Not modelled: ACLs and `system.` attributes (`EOPNOTSUPP`), quotas per user, capabilities other
//! than root's, namespaces, reserved blocks, limits of the process (`ulimit`),
//! `fs.protected_symlinks`. All methods of the backend are implemented.

mod arrange;
mod attributes;
mod errno;
mod files;
mod handles;
mod lookup;
mod machine;
pub(crate) mod origin;
mod permissions;
pub(crate) mod processes;
mod rename;
mod tree;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

pub use processes::{OnSignal, Process, ProcessState};

use super::Os;
use crate::ambient::Ambient;
use crate::mock::Script;

/// A machine in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    core: Arc<Core>,
}

#[derive(Debug)]
struct Core {
    script: Script,
    ambient: Ambient,
    /// The session: 0 is the machine's own process, another number a user's session.
    session: u64,
    shared: Arc<Shared>,
}

/// The machine itself, shared by its sessions.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Notified of every change that another thread may wait for.
    changed: Condvar,
    elsewhere: OnceLock<Box<dyn processes::Elsewhere>>,
}

impl std::ops::Deref for Core {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

#[derive(Debug)]
struct State {
    tree: tree::Tree,
    machine: machine::Facts,
    next_handle: u64,
    /// The session whose credentials the tree currently has.
    session: u64,
    /// The credentials of the other sessions.
    away: BTreeMap<u64, Arc<permissions::Credentials>>,
}

impl State {
    /// Gives the tree the credentials of a session.
    fn act_as(&mut self, session: u64) {
        if session != self.session
            && let Some(who) = self.away.remove(&session)
        {
            let other = std::mem::replace(&mut self.tree.who, who);
            self.away.insert(self.session, other);
            self.session = session;
        }
    }
}

impl Core {
    /// Logs a call, and returns the fault planned for it: the first step of every primitive.
    fn enter(&self, operation: &'static str, subject: impl Display) -> io::Result<()> {
        self.script.enter(operation, subject)
    }

    /// Locks the state, with the current time of the world.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tree.now = self.script.clock().now();
        state.act_as(self.session);
        state
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let mut state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.act_as(self.session);
        state
    }
}

impl Mock {
    /// Creates a new machine that records its calls in this script and uses the script's clock.
    pub fn new(script: Script) -> Mock {
        let mock = Mock::bare(script, Ambient::isolated(machine::default_environ(), "/"));
        mock.furnish();
        mock
    }

    /// Creates a machine with only a root directory.
    fn bare(script: Script, ambient: Ambient) -> Mock {
        let tree = tree::Tree::new(script.clock().now());
        let state = State { tree, machine: machine::Facts::new(), next_handle: 0, session: 0, away: BTreeMap::new() };
        let shared = Shared { state: Mutex::new(state), changed: Condvar::new(), elsewhere: OnceLock::new() };
        Mock { core: Arc::new(Core { script, ambient, session: 0, shared: Arc::new(shared) }) }
    }

    /// Returns this machine as seen by a session of an ordinary user, with its own environment and
    /// working directory.
    #[cfg_attr(not(feature = "fabric"), expect(dead_code))]
    pub(crate) fn session(&self, uid: u32, gid: u32, groups: Vec<u32>, ambient: Ambient) -> Mock {
        let session = u64::from(uid) + 1;
        let mut who = permissions::Credentials::new(uid, gid);
        who.groups.extend(groups);
        let mut state = self.core.lock();
        state.away.insert(session, Arc::new(who));
        drop(state);
        let (script, shared) = (self.core.script.clone(), self.core.shared.clone());
        Mock { core: Arc::new(Core { script, ambient, session, shared }) }
    }

    /// Returns the environment and the working directory, shared by the batteries of the world.
    pub fn ambient(&self) -> &Ambient {
        &self.core.ambient
    }

    /// Returns the battery on this machine.
    pub fn handle(&self) -> Os {
        Os::new(Arc::new(self.clone()), self.core.ambient.clone())
    }

    /// Returns the log of calls and the planned faults.
    pub fn script(&self) -> &Script {
        &self.core.script
    }

    /// Returns the attributes that the kernel uses to run a program or enter a directory, and
    /// whether that is permitted (x). Not a call of a script, so it is not logged.
    #[cfg_attr(not(feature = "subprocess"), expect(dead_code))]
    pub(crate) fn look_at(&self, path: &std::path::Path) -> io::Result<(crate::os::backend::StatResult, bool)> {
        let execute = crate::os::backend::Access { execute: true, ..Default::default() };
        let mut state = self.core.lock();
        let ino = state.tree.resolve(tree::ROOT, path, lookup::Links::Follow)?;
        Ok((state.tree.stat_of(ino)?, state.tree.access(path, execute, true, true)))
    }
}
