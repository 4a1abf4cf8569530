//! [`Host`]: a machine of the network in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::backend::OfferedKey;
use super::auth::Factor;
use super::sudo::Sudoer;
use crate::Secret;
use crate::mock::Script;
use crate::subprocess::Args;
use crate::subprocess::mock::Program;

/// Where the world's own machine keeps the keys of its hosts.
const KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";

/// A machine in memory, with its own files and programs. Clones share it.
#[derive(Clone)]
pub struct Host {
    /// Its files, to arrange and inspect.
    pub os: crate::os::mock::Mock,
    /// Its programs.
    pub subprocess: crate::subprocess::mock::Mock,
    name: Arc<str>,
    /// The files of the machine that connects: its known_hosts.
    local: crate::os::mock::Mock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    reach: Reach,
    latency: Option<Duration>,
    drop_after: Option<usize>,
    key: u64,
    users: BTreeMap<String, Vec<Vec<Factor>>>,
    sudoers: BTreeMap<String, Sudoer>,
    accept_env: Vec<String>,
    ran: Vec<String>,
}

/// A user of the host.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The groups that name it as a member.
    pub(super) groups: Vec<u32>,
    pub(super) home: String,
}

/// Whether the host answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reach {
    #[default]
    Up,
    Refused,
    Unreachable,
    Stalled,
}

impl std::fmt::Debug for Host {
    /// Its name and users; the lines that it ran may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        let users: Vec<&String> = state.users.keys().chain(state.sudoers.keys()).collect();
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("reach", &state.reach)
            .field("users", &users)
            .finish_non_exhaustive()
    }
}

impl Host {
    pub(super) fn new(name: &str, script: Script, local: crate::os::mock::Mock) -> Host {
        let os = crate::os::mock::Mock::new(script.clone());
        let uname = crate::os::UnameResult { nodename: name.to_owned(), ..os.handle().uname() };
        os.set_uname(uname);
        let subprocess = crate::subprocess::mock::Mock::new(script, os.clone());
        Host { os, subprocess, name: name.into(), local, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A line of the remote shell. A line with `cd`, `export` or `sudo` in front of this one gets the answer too.
    pub fn shell(&self, line: impl AsRef<str>) -> Program {
        self.subprocess.shell(line)
    }

    /// A program of the host, as [`subprocess::mock::Mock::program`](crate::subprocess::mock::Mock::program) takes it.
    pub fn program(&self, argv: impl Into<Args>) -> Program {
        self.subprocess.program(argv)
    }

    /// Every command line that sshd got, in that order.
    pub fn lines(&self) -> Vec<String> {
        self.lock().ran.clone()
    }

    pub(super) fn ran(&self, line: &str) {
        self.lock().ran.push(line.to_owned());
    }

    /// Nothing listens on the port.
    pub fn refuse(&self) -> &Host {
        self.lock().reach = Reach::Refused;
        self
    }

    /// The network does not lead there.
    pub fn unreachable(&self) -> &Host {
        self.lock().reach = Reach::Unreachable;
        self
    }

    /// The connection is taken and nothing is ever answered: only a deadline ends that.
    pub fn stall(&self) -> &Host {
        self.lock().reach = Reach::Stalled;
        self
    }

    /// The host answers again, and connections no longer break.
    pub fn up(&self) -> &Host {
        let mut state = self.lock();
        state.reach = Reach::Up;
        state.drop_after = None;
        drop(state);
        self
    }

    /// Each connection breaks after so many bytes of output.
    pub fn drop_after(&self, bytes: usize) -> &Host {
        self.lock().drop_after = Some(bytes);
        self
    }

    /// Connecting and each command take so long, on the virtual clock.
    pub fn latency(&self, latency: Duration) -> &Host {
        self.lock().latency = Some(latency);
        self
    }

    /// The user may log in with this password.
    pub fn password(&self, user: impl Into<String>, password: impl Into<Secret>) -> &Host {
        self.allow(user, vec![Factor::Password(password.into())])
    }

    /// The user may log in with this private key: the text of its file.
    pub fn authorized_key(&self, user: impl Into<String>, private: impl Into<Secret>) -> &Host {
        self.allow(user, vec![Factor::Key(private.into())])
    }

    /// The user needs the password and then this code.
    pub fn two_factor(&self, user: impl Into<String>, password: impl Into<Secret>, code: impl Into<Secret>) -> &Host {
        self.allow(user, vec![Factor::Password(password.into()), Factor::Code(code.into())])
    }

    fn allow(&self, user: impl Into<String>, way: Vec<Factor>) -> &Host {
        let user = user.into();
        self.user(&user);
        self.lock().users.entry(user).or_default().push(way);
        self
    }

    /// Adds an ordinary user, as `useradd -m` does, unless the host has it already: lines in its `/etc/passwd` and `/etc/group`, and a home
    /// directory. Ids count from 1000. A login of a user that the host does not have adds it too.
    pub fn user(&self, name: impl AsRef<str>) -> &Host {
        let name = name.as_ref();
        if self.account(name).is_some() {
            return self;
        }
        let text = self.os.read_text("/etc/passwd").unwrap_or_default();
        let used: Vec<u32> = text.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok()).collect();
        let id = (1000..u32::MAX).find(|id| !used.contains(id)).unwrap_or(65_534);
        let home = format!("/home/{name}");
        self.os.write("/etc/passwd", format!("{text}{name}:x:{id}:{id}::{home}:/bin/bash\n"));
        let groups = self.os.read_text("/etc/group").unwrap_or_default();
        self.os.write("/etc/group", format!("{groups}{name}:x:{id}:\n"));
        if !self.os.exists(&home) {
            self.os.mkdir(&home);
            self.os.chown(&home, id, id);
        }
        self
    }

    /// What the host's `/etc/passwd` and `/etc/group` have of a user.
    pub(super) fn account(&self, name: &str) -> Option<Account> {
        let text = self.os.read_text("/etc/passwd").unwrap_or_default();
        let found = text.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [known, _, uid, gid, _, home, ..] = fields.as_slice() else { return None };
            let ids = (uid.parse().ok()?, gid.parse().ok()?);
            (*known == name).then(|| Account { uid: ids.0, gid: ids.1, groups: Vec::new(), home: (*home).to_owned() })
        });
        // A machine without the file still has its root.
        let root = || Account { uid: 0, gid: 0, groups: Vec::new(), home: "/root".to_owned() };
        let mut account = found.or_else(|| (name == "root").then(root))?;
        let text = self.os.read_text("/etc/group").unwrap_or_default();
        account.groups.extend(text.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [_, _, gid, members, ..] = fields.as_slice() else { return None };
            if members.split(',').any(|member| member == name) { gid.parse::<u32>().ok() } else { None }
        }));
        Some(account)
    }

    /// The ways in for a user. None: no user needs any.
    pub(super) fn ways(&self, user: &str) -> Option<Vec<Vec<Factor>>> {
        let state = self.lock();
        (!state.users.is_empty()).then(|| state.users.get(user).cloned().unwrap_or_default())
    }

    /// The user may use sudo with this password. Until one user has a password, every user may use sudo without one; from then on, only those
    /// that were named here.
    pub fn sudoers(&self, user: impl Into<String>, password: impl Into<Secret>) -> &Host {
        let user = user.into();
        self.user(&user);
        self.lock().sudoers.insert(user, Sudoer::Password(password.into()));
        self
    }

    /// The user may not use sudo.
    pub fn no_sudo(&self, user: impl Into<String>) -> &Host {
        self.lock().sudoers.insert(user.into(), Sudoer::Denied);
        self
    }

    pub(super) fn sudoer(&self, user: &str) -> Sudoer {
        let state = self.lock();
        match state.sudoers.get(user) {
            Some(sudoer) => sudoer.clone(),
            None if state.sudoers.values().any(|other| matches!(other, Sudoer::Password(_))) => Sudoer::Denied,
            None => Sudoer::NoPassword,
        }
    }

    /// `AcceptEnv`: the variables that clients may send by the protocol.
    pub fn accept_env<N: Into<String>>(&self, names: impl IntoIterator<Item = N>) -> &Host {
        self.lock().accept_env.extend(names.into_iter().map(Into::into));
        self
    }

    pub(super) fn accepts(&self, name: &str) -> bool {
        self.lock().accept_env.iter().any(|known| known == name)
    }

    /// The host gets another key, of which known_hosts knows nothing: it was set up anew, or it is an impostor.
    pub fn change_key(&self) -> &Host {
        self.lock().key += 1;
        self
    }

    /// The world's known_hosts forgets the host's key.
    pub fn forget_key(&self) -> &Host {
        let text = self.local.read_text(KNOWN_HOSTS).unwrap_or_default();
        let prefix = format!("{} ", self.name);
        let rest: String = text.split_inclusive('\n').filter(|line| !line.starts_with(&prefix)).collect();
        self.local.write(KNOWN_HOSTS, rest);
        self
    }

    /// The world's known_hosts learns the host's key.
    pub fn know_key(&self) -> &Host {
        let mut text = self.local.read_text(KNOWN_HOSTS).unwrap_or_default();
        let key = self.key();
        text.push_str(&format!("{} {} {}\n", self.name, key.algorithm, STANDARD.encode(&key.blob)));
        self.local.write(KNOWN_HOSTS, text);
        self
    }

    /// Its key: an Ed25519 key of which no private half exists.
    pub(super) fn key(&self) -> OfferedKey {
        let algorithm = "ssh-ed25519";
        let mut point = [0_u8; 32];
        // FNV-1a, spread over the point: the same in every run.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.lock().key;
        for (at, byte) in point.iter_mut().enumerate() {
            for name in self.name.bytes().chain([u8::try_from(at).unwrap_or_default()]) {
                hash = (hash ^ u64::from(name)).wrapping_mul(0x0100_0000_01b3);
            }
            *byte = hash.to_be_bytes()[0];
        }
        let mut blob = Vec::new();
        for part in [algorithm.as_bytes(), &point] {
            blob.extend(u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
            blob.extend(part);
        }
        OfferedKey::new(algorithm, blob)
    }

    pub(super) fn reach(&self) -> Reach {
        self.lock().reach
    }

    pub(super) fn latency_now(&self) -> Option<Duration> {
        self.lock().latency
    }

    pub(super) fn drops_after(&self) -> Option<usize> {
        self.lock().drop_after
    }
}
