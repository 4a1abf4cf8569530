//! Kills a process with everything that it started.
//!
//! The tree consists of the process's descendants, as `/proc` shows them, whatever group or session
//! they moved to; its process group or session, if it leads one; and every process started after it
//! that holds the other end of one of its pipes. The pipes find descendants whose parents have
//! ended, which are no longer linked to the root. A daemon is not found: its parents have ended, it
//! left the group and it holds no pipe. (Becoming the subreaper of such orphans would change the
//! whole process, and the results of `wait` in its other parts.)
//!
//! Processes are stopped before they are killed, from the root down, because a stopped process
//! starts no new one during the search. Each is held by a pidfd, so that a reused process id does
//! not hit another process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, Read, Result};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};

use super::super::backend::Pipes;
use super::now;

/// A tree that grows faster than it can be stopped is killed as far as it is known.
const ROUNDS: usize = 32;

pub(super) fn kill(root: Pid, leads_group: bool, leads_session: bool, pipes: &Pipes) -> Result<()> {
    let ends = ends(pipes);
    let root = root.as_raw_pid();
    // Without `/proc` only the group can be found. The root is killed in any case.
    let started = stat(root).map_or(u64::MAX, |stat| stat.started);
    let mut roots = BTreeSet::from([root]);
    let mut stopped: BTreeMap<i32, Option<OwnedFd>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let Ok(processes) = processes() else { break };
        let mut members: Vec<&Stat> = processes
            .iter()
            .filter(|stat| {
                roots.contains(&stat.pid)
                    || stopped.contains_key(&stat.pid)
                    || (leads_group && stat.group == root)
                    || (leads_session && stat.session == root)
            })
            .collect();
        let mut known: BTreeSet<i32> = members.iter().map(|stat| stat.pid).collect();
        let mut next = 0;
        while let Some(parent) = members.get(next).map(|stat| stat.pid) {
            members.extend(processes.iter().filter(|stat| stat.parent == parent && known.insert(stat.pid)));
            next += 1;
        }
        members.retain(|stat| !stopped.contains_key(&stat.pid));
        if members.is_empty() {
            let holders = holders(&processes, &ends, started, |pid| stopped.contains_key(&pid));
            if holders.is_empty() {
                break;
            }
            roots.extend(holders);
            continue;
        }
        let pids: Vec<i32> = members.iter().map(|stat| stat.pid).collect();
        for stat in members {
            stopped.insert(stat.pid, stop(stat));
        }
        settle(&pids);
    }
    let root_killed = signal_root(root, leads_group);
    for pidfd in stopped.values().flatten() {
        // EPERM: a process of another user, by set-uid. Only that user or root may signal it.
        let _ = rustix::process::pidfd_send_signal(pidfd, Signal::KILL);
    }
    root_killed
}

/// The root is not reaped yet, so its id and that of its group cannot have been reused.
fn signal_root(root: i32, leads_group: bool) -> Result<()> {
    let Some(root) = Pid::from_raw(root) else { return Ok(()) };
    if leads_group {
        // There is no group if the root has not yet become a leader.
        let _ = rustix::process::kill_process_group(root, Signal::KILL);
    }
    match rustix::process::kill_process(root, Signal::KILL) {
        Err(error) if error != Errno::SRCH => Err(error.into()),
        _ => Ok(()),
    }
}

fn stop(seen: &Stat) -> Option<OwnedFd> {
    let pidfd = rustix::process::pidfd_open(Pid::from_raw(seen.pid)?, PidfdFlags::empty()).ok()?;
    // The id may have been reused before the pidfd was opened, but not after.
    if stat(seen.pid)?.started != seen.started {
        return None;
    }
    let _ = rustix::process::pidfd_send_signal(&pidfd, Signal::STOP);
    Some(pidfd)
}

/// Waits until the processes have stopped. SIGSTOP takes effect at the end of a system call, and
/// that call may be a `fork`. A process that does not stop in time hangs in the kernel and starts
/// nothing there.
fn settle(pids: &[i32]) {
    const PATIENCE: Duration = Duration::from_millis(500);
    let until = now() + PATIENCE;
    let moves = |pid: &i32| stat(*pid).is_some_and(|stat| !b"TtZX".contains(&stat.state));
    while pids.iter().any(moves) && now() < until {
        std::thread::sleep(Duration::from_micros(100));
    }
}

struct Stat {
    pid: i32,
    /// `T` is stopped, `Z` is a zombie.
    state: u8,
    parent: i32,
    group: i32,
    session: i32,
    /// Clock ticks since boot.
    started: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    // One `read` returns all of it.
    let mut text = [0; 4096];
    let length = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut text).ok()?;
    let text = text.get(..length)?;
    // The process name, in parentheses, may contain any character.
    let after_name = text.get(text.iter().rposition(|byte| *byte == b')')? + 1..)?;
    let fields: Vec<&str> = str::from_utf8(after_name).ok()?.split_ascii_whitespace().collect();
    let field = |i: usize| fields.get(i)?.parse().ok();
    let state = *fields.first()?.as_bytes().first()?;
    Some(Stat { pid, state, parent: field(1)?, group: field(2)?, session: field(3)?, started: fields.get(19)?.parse().ok()? })
}

fn processes() -> Result<Vec<Stat>> {
    let entries = std::fs::read_dir("/proc")?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(numbers.filter_map(stat).collect())
}

/// The other end of a pipe: its link text in `/proc/PID/fd`, and its access mode.
struct End {
    link: String,
    access: u32,
}

const READ: u32 = 0;
const WRITE: u32 = 1;

fn ends(pipes: &Pipes) -> Vec<End> {
    let Pipes { stdin, stdout, stderr } = pipes;
    let ends = [(stdin, READ), (stdout, WRITE), (stderr, WRITE)].into_iter();
    let end = |(pipe, access): (&Option<_>, u32)| {
        let pipe: &std::sync::Arc<dyn super::super::backend::Pipe> = pipe.as_ref()?;
        let inode = rustix::fs::fstat(pipe.as_fd()?).ok()?.st_ino;
        Some(End { link: format!("pipe:[{inode}]"), access })
    };
    ends.filter_map(end).collect()
}

/// Returns the processes that hold such an end, except those already known, those started before
/// the root, and children of those. A server that received an end in a message is not part of the
/// tree, nor are its children.
fn holders(processes: &[Stat], ends: &[End], started: u64, known: impl Fn(i32) -> bool) -> Vec<i32> {
    if ends.is_empty() {
        return Vec::new();
    }
    let ours = rustix::process::getpid().as_raw_pid();
    let holds = |stat: &&Stat| stat.pid != ours && holds(stat.pid, ends).unwrap_or(false);
    let new = processes.iter().filter(|stat| stat.started >= started && !known(stat.pid));
    let mut new: Vec<i32> = new.filter(holds).map(|stat| stat.pid).collect();
    if !new.is_empty() {
        let old = processes.iter().filter(|stat| stat.started < started).filter(holds);
        let mut outside: BTreeSet<i32> = old.map(|stat| stat.pid).collect();
        while processes.iter().any(|stat| outside.contains(&stat.parent) && outside.insert(stat.pid)) {}
        new.retain(|pid| !outside.contains(pid));
    }
    new
}

fn holds(pid: i32, ends: &[End]) -> Result<bool> {
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd"))? {
        let entry = entry?;
        let Ok(link) = std::fs::read_link(entry.path()) else { continue };
        let Some(end) = ends.iter().find(|end| link.as_os_str() == end.link.as_str()) else { continue };
        let info = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", entry.file_name().display()))?;
        let flags = info.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
        let flags = flags.ok_or_else(|| Error::from(Errno::INVAL))?;
        // A child that another thread is just starting holds all our descriptors until its `exec`.
        const CLOEXEC: u32 = 0o2_000_000;
        if flags & 3 == end.access && flags & CLOEXEC == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
