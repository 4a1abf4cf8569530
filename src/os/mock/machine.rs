//! The kernel other than the file system: configured values, and the process table.

use std::collections::BTreeMap;
use std::io::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::errno::{self, *};
use super::permissions::Credentials;
use super::processes::{self, Table};
use super::{Mock, State};
use crate::ambient::Variables;
use crate::os::backend::{Machine, PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};

pub(super) fn default_environ() -> Variables {
    [
        ("HOME", "/root"),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", "root"),
        ("PATH", "/usr/bin:/bin"),
        ("SHELL", "/bin/sh"),
        ("USER", "root"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into()
}

/// The properties of the machine.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) environ: Variables,
    pub(super) processes: Table,
    pub(super) cpus: Option<usize>,
    pub(super) loadavg: [f64; 3],
    pub(super) uname: UnameResult,
    pub(super) times: TimesResult,
    pub(super) uptime: Duration,
    /// Columns and lines, if descriptors 0 to 2 are a terminal.
    pub(super) terminal: Option<(u16, u16)>,
    pub(super) login: Option<String>,
    pub(super) sysconf: BTreeMap<i32, Option<i64>>,
    pub(super) random: u64,
}

impl Facts {
    pub(super) fn new() -> Facts {
        let uname = ["Linux", "leyden", "6.1.0", "#1 SMP", "x86_64"].map(str::to_owned);
        let [sysname, nodename, release, version, machine] = uname;
        Facts {
            environ: default_environ(),
            processes: Table::new(100),
            cpus: Some(4),
            loadavg: [0.0; 3],
            uname: UnameResult { sysname, nodename, release, version, machine },
            times: TimesResult::default(),
            uptime: Duration::from_secs(3_600),
            terminal: None,
            login: None,
            sysconf: default_sysconf(),
            random: 0,
        }
    }

    /// SplitMix64: reproducible bytes without a pattern.
    pub(super) fn random(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.random;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            for (to, from) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// glibc's numbers, with the values of a usual machine.
fn default_sysconf() -> BTreeMap<i32, Option<i64>> {
    let known = [
        (0, 2_097_152),  // SC_ARG_MAX
        (1, 127_235),    // SC_CHILD_MAX
        (2, 100),        // SC_CLK_TCK
        (3, 65_536),     // SC_NGROUPS_MAX
        (4, 1_024),      // SC_OPEN_MAX
        (29, 200_809),   // SC_VERSION
        (30, 4_096),     // SC_PAGESIZE
        (43, 2_048),     // SC_LINE_MAX
        (60, 1_024),     // SC_IOV_MAX
        (71, 256),       // SC_LOGIN_NAME_MAX
        (85, 4_194_304), // SC_PHYS_PAGES: 16 GiB
        (86, 2_097_152), // SC_AVPHYS_PAGES: 8 GiB
        (180, 64),       // SC_HOST_NAME_MAX
    ];
    let unlimited = [(173, None)]; // SC_SYMLOOP_MAX
    known.map(|(name, value)| (name, Some(value))).into_iter().chain(unlimited).collect()
}

const SC_NPROCESSORS_CONF: i32 = 83;
const SC_NPROCESSORS_ONLN: i32 = 84;

/// Sets real, effective and saved id. Each may become one of the three; root may set any.
fn change_ids(ids: &mut (u32, u32, u32), root: bool, to: [Option<u32>; 3]) -> errno::Result<()> {
    if to.contains(&Some(u32::MAX)) {
        return Err(EINVAL);
    }
    let had = [ids.0, ids.1, ids.2];
    if !root && to.iter().flatten().any(|id| !had.contains(id)) {
        return Err(EPERM);
    }
    let [real, effective, saved] = to;
    *ids = (real.unwrap_or(ids.0), effective.unwrap_or(ids.1), saved.unwrap_or(ids.2));
    Ok(())
}

impl Mock {
    fn ask<T>(
        &self,
        operation: &'static str,
        subject: impl std::fmt::Display,
        answer: impl FnOnce(&mut State) -> errno::Result<T>,
    ) -> Result<T> {
        self.core.enter(operation, subject)?;
        Ok(answer(&mut self.core.lock())?)
    }

    fn change_credentials(state: &mut State, change: impl FnOnce(&mut Credentials) -> errno::Result<()>) -> errno::Result<()> {
        change(Arc::make_mut(&mut state.tree.who))?;
        let uid = state.tree.who.uid.0;
        state.machine.processes.find(0)?.uid = uid;
        Ok(())
    }
}

/// Returns the processes whose nice value is concerned.
fn concerned(state: &mut State, of: PriorityOf) -> errno::Result<Vec<&mut processes::Entry>> {
    let uid = state.tree.who.uid.0;
    let table = &mut state.machine.processes;
    let own_group = table.find(0)?.group;
    let found: Vec<_> = match of {
        PriorityOf::Process(pid) => vec![table.find(pid)?],
        PriorityOf::Group(group) => {
            let group = if group == 0 { own_group } else { group };
            table.all().filter(|entry| entry.group == group).collect()
        }
        PriorityOf::User(user) => {
            let user = if user == 0 { uid } else { user };
            table.all().filter(|entry| entry.uid == user).collect()
        }
    };
    if found.is_empty() { Err(ESRCH) } else { Ok(found) }
}

impl Machine for Mock {
    fn environ(&self) -> Variables {
        self.core.lock().machine.environ.clone()
    }

    fn getcwd(&self) -> Result<PathBuf> {
        // The process's own directory is always the root; the handle's directory is the ambient's.
        self.ask("os.getcwd", "", |_| Ok(PathBuf::from("/")))
    }

    fn getresuid(&self) -> (u32, u32, u32) {
        self.core.lock().tree.who.uid
    }

    fn getresgid(&self) -> (u32, u32, u32) {
        self.core.lock().tree.who.gid
    }

    fn getgroups(&self) -> Result<Vec<u32>> {
        self.ask("os.getgroups", "", |state| Ok(state.tree.who.groups.clone()))
    }

    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.ask("os.setresuid", format_args!("{real:?}, {effective:?}, {saved:?}"), |state| {
            Mock::change_credentials(state, |who| {
                let root = who.is_root();
                change_ids(&mut who.uid, root, [real, effective, saved])
            })
        })
    }

    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.ask("os.setresgid", format_args!("{real:?}, {effective:?}, {saved:?}"), |state| {
            Mock::change_credentials(state, |who| {
                let root = who.is_root();
                change_ids(&mut who.gid, root, [real, effective, saved])
            })
        })
    }

    fn setgroups(&self, groups: &[u32]) -> Result<()> {
        self.ask("os.setgroups", format_args!("{groups:?}"), |state| {
            Mock::change_credentials(state, |who| {
                if !who.is_root() {
                    return Err(EPERM);
                }
                who.groups = groups.to_owned();
                Ok(())
            })
        })
    }

    fn getpid(&self) -> u32 {
        self.core.lock().machine.processes.own
    }

    fn getppid(&self) -> u32 {
        self.core.lock().machine.processes.find(0).map_or(1, |own| own.parent)
    }

    fn getpgid(&self, pid: u32) -> Result<u32> {
        self.core.enter("os.getpgid", pid)?;
        Ok(self.standing(pid)?.0)
    }

    fn getsid(&self, pid: u32) -> Result<u32> {
        self.core.enter("os.getsid", pid)?;
        Ok(self.standing(pid)?.1)
    }

    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()> {
        self.ask("os.setpgid", pid, |state| state.machine.processes.setpgid(pid, pgid))
    }

    fn setsid(&self) -> Result<u32> {
        self.ask("os.setsid", "", |state| state.machine.processes.setsid())
    }

    fn kill(&self, pid: u32, signal: i32) -> Result<()> {
        self.core.enter("os.kill", format_args!("{pid}, {signal}"))?;
        if pid == 0 {
            return Err(EINVAL.into()); // use `killpg` for the own group
        }
        Ok(processes::kill(&self.core, pid, signal)?)
    }

    fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        self.core.enter("os.killpg", format_args!("{pgid}, {signal}"))?;
        let own = self.core.lock().machine.processes.find(0)?.group;
        self.signal_group(if pgid == 0 { own } else { pgid }, signal)
    }

    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        self.core.enter("os.waitpid", format_args!("{who:?}"))?;
        let mut state = self.core.lock();
        loop {
            let news = state.machine.processes.news(who, options)?;
            if news.is_some() || options.nohang {
                return Ok(news);
            }
            state = self.core.wait(state);
        }
    }

    fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        self.ask("os.getpriority", format_args!("{of:?}"), |state| {
            concerned(state, of)?.iter().map(|entry| entry.nice).min().ok_or(ESRCH)
        })
    }

    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        self.ask("os.setpriority", format_args!("{of:?}, {priority}"), |state| {
            let who = state.tree.who.clone();
            let priority = priority.clamp(-20, 19);
            for entry in concerned(state, of)? {
                if !who.is_root() && who.uid.1 != entry.uid {
                    return Err(EPERM);
                }
                if !who.is_root() && priority < entry.nice {
                    return Err(EACCES);
                }
                entry.nice = priority;
            }
            Ok(())
        })
    }

    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>> {
        self.ask("os.sched_getaffinity", pid, |state| {
            let all = (0..state.machine.cpus.unwrap_or(1)).collect();
            Ok(state.machine.processes.find(pid)?.cpus.clone().unwrap_or(all))
        })
    }

    fn sched_setaffinity(&self, pid: u32, cpus: &[usize]) -> Result<()> {
        self.ask("os.sched_setaffinity", pid, |state| {
            let there = state.machine.cpus.unwrap_or(1);
            let mut cpus: Vec<usize> = cpus.iter().copied().filter(|cpu| *cpu < there).collect();
            cpus.sort_unstable();
            cpus.dedup();
            let who = state.tree.who.clone();
            let entry = state.machine.processes.find(pid)?;
            if !who.is_root() && who.uid.1 != entry.uid {
                return Err(EPERM);
            }
            if cpus.is_empty() {
                return Err(EINVAL);
            }
            entry.cpus = Some(cpus);
            Ok(())
        })
    }

    fn sched_yield(&self) {}

    fn cpu_count(&self) -> Option<usize> {
        self.core.lock().machine.cpus
    }

    fn getloadavg(&self) -> Result<[f64; 3]> {
        self.ask("os.getloadavg", "", |state| Ok(state.machine.loadavg))
    }

    fn uname(&self) -> UnameResult {
        self.core.lock().machine.uname.clone()
    }

    fn times(&self) -> Result<TimesResult> {
        let passed = self.core.script.clock().elapsed();
        self.ask("os.times", "", |state| {
            Ok(TimesResult { elapsed: state.machine.times.elapsed.saturating_add(passed), ..state.machine.times })
        })
    }

    fn uptime(&self) -> Result<Duration> {
        let passed = self.core.script.clock().elapsed();
        self.ask("os.uptime", "", |state| Ok(state.machine.uptime + passed))
    }

    fn urandom(&self, buffer: &mut [u8]) -> Result<()> {
        self.ask("os.urandom", buffer.len(), |state| {
            state.machine.random(buffer);
            Ok(())
        })
    }

    fn isatty(&self, fd: u32) -> bool {
        fd <= 2 && self.core.lock().machine.terminal.is_some()
    }

    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)> {
        self.ask("os.terminal_size", fd, |state| if fd > 2 { Err(EBADF) } else { state.machine.terminal.ok_or(ENOTTY) })
    }

    fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        self.ask("os.ttyname", fd, |state| match state.machine.terminal {
            _ if fd > 2 => Err(EBADF),
            Some(_) => Ok(PathBuf::from("/dev/pts/0")),
            None => Err(ENOTTY),
        })
    }

    fn getlogin(&self) -> Result<String> {
        self.ask("os.getlogin", "", |state| state.machine.login.clone().ok_or(ENXIO))
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        self.ask("os.sysconf", name, |state| match (name, state.machine.cpus) {
            (SC_NPROCESSORS_CONF | SC_NPROCESSORS_ONLN, cpus) => Ok(Some(cpus.unwrap_or(1) as i64)),
            _ => state.machine.sysconf.get(&name).copied().ok_or(EINVAL),
        })
    }
}

impl Mock {
    /// Returns the group and the session of a process in any table.
    fn standing(&self, pid: u32) -> errno::Result<(u32, u32)> {
        let mut state = self.core.lock();
        let own = state.machine.processes.find(0).map(|own| (own.group, own.session))?;
        if let Ok(entry) = state.machine.processes.find(pid) {
            return Ok((entry.group, entry.session));
        }
        drop(state);
        let (group, session) = self.core.elsewhere.get().and_then(|elsewhere| elsewhere.find(pid)).ok_or(ESRCH)?;
        Ok((group.unwrap_or(own.0), session.unwrap_or(own.1)))
    }

    /// Skips processes that may not be signalled, if another one may.
    fn signal_group(&self, group: u32, signal: i32) -> Result<()> {
        let mut state = self.core.lock();
        let own = state.machine.processes.find(0)?.group;
        let mut members = state.machine.processes.members(group);
        drop(state);
        let elsewhere = self.core.elsewhere.get().map(|elsewhere| elsewhere.members((group != own).then_some(group)));
        members.extend(elsewhere.unwrap_or_default());
        let mut outcome = Err(ESRCH);
        for pid in members {
            match processes::kill(&self.core, pid, signal) {
                Ok(()) => outcome = Ok(()),
                Err(error) if outcome.is_err() => outcome = Err(error),
                Err(_) => {}
            }
        }
        Ok(outcome?)
    }
}
