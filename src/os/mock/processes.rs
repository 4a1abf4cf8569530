//! The other processes of the machine.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::errno::*;
use super::permissions::Credentials;
use super::{Core, Mock};
use crate::os::backend::{WaitOptions, WaitStatus, Who};

const SIGKILL: i32 = 9;
const SIGCHLD: i32 = 17;
const SIGCONT: i32 = 18;
const SIGSTOP: i32 = 19;
/// SIGTSTP, SIGTTIN and SIGTTOU: they stop a process, but can be caught.
const STOPS: std::ops::RangeInclusive<i32> = 20..=22;
const SIGURG: i32 = 23;
const SIGWINCH: i32 = 28;
/// The last signal with a name. Real-time signals follow, which cannot be sent in safe code.
const LAST_SIGNAL: i32 = 31;

/// The status of a child that continued after a stop.
const CONTINUED: WaitStatus = WaitStatus(0xffff);

/// The reaction of a process to a signal that can be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSignal {
    /// The kernel's default: most signals end the process.
    Default,
    /// Ignores the signal.
    Ignore,
    /// Exits with this code.
    Exit(u8),
}

/// The state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    /// Running.
    Running,
    /// A signal stopped it.
    Stopped,
    /// Ended with this status, not yet reaped by its parent.
    Ended(WaitStatus),
    /// Does not exist (any more).
    Gone,
}

type Handler = Arc<dyn Fn(i32) -> OnSignal + Send + Sync>;

pub(super) struct Entry {
    pub(super) parent: u32,
    pub(super) group: u32,
    pub(super) session: u32,
    pub(super) uid: u32,
    pub(super) nice: i32,
    pub(super) cpus: Option<Vec<usize>>,
    state: ProcessState,
    /// A change that `waitpid` has not reported yet.
    news: Option<WaitStatus>,
    signals: Vec<i32>,
    handler: Option<Handler>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("parent", &self.parent).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Entry {
    fn new(pid: u32, parent: u32, uid: u32) -> Entry {
        let (news, signals, handler, cpus) = Default::default();
        Entry { parent, group: pid, session: pid, uid, nice: 0, cpus, state: ProcessState::Running, news, signals, handler }
    }

    fn has_ended(&self) -> bool {
        matches!(self.state, ProcessState::Ended(_) | ProcessState::Gone)
    }
}

/// Processes in another mock of the world. Signals reach them too, and their groups can be looked
/// up. A group or session of `None` is that of this process.
pub(crate) trait Elsewhere: fmt::Debug + Send + Sync {
    /// Returns the group and the session of a process, if it exists.
    fn find(&self, pid: u32) -> Option<(Option<u32>, Option<u32>)>;

    /// Returns the processes of a group.
    fn members(&self, group: Option<u32>) -> Vec<u32>;

    /// Sends a signal to a process.
    fn signal(&self, pid: u32, signal: i32);
}

/// The process table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) own: u32,
    entries: BTreeMap<u32, Entry>,
    next: u32,
}

impl Table {
    pub(super) fn new(own: u32) -> Table {
        let entries = BTreeMap::from([(1, Entry::new(1, 0, 0)), (own, Entry::new(own, 1, 0))]);
        Table { own, entries, next: own + 1 }
    }

    /// Returns a process by its id; 0 is this one.
    pub(super) fn find(&mut self, pid: u32) -> Result<&mut Entry> {
        let pid = if pid == 0 { self.own } else { pid };
        self.entries.get_mut(&pid).ok_or(ESRCH)
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.values_mut()
    }

    fn spawn(&mut self, parent: u32, uid: u32) -> u32 {
        let pid = self.next;
        self.next += 1;
        let mut entry = Entry::new(pid, parent, uid);
        if let Some(parent) = self.entries.get(&parent) {
            (entry.group, entry.session, entry.nice) = (parent.group, parent.session, parent.nice);
        }
        self.entries.insert(pid, entry);
        pid
    }

    pub(super) fn members(&self, group: u32) -> Vec<u32> {
        self.entries.iter().filter(|(_, entry)| entry.group == group).map(|(pid, _)| *pid).collect()
    }

    /// Ends a process: its children are adopted by init, and it becomes a zombie if its parent
    /// waits for children.
    fn end(&mut self, pid: u32, status: WaitStatus) {
        let own = self.own;
        for child in self.entries.values_mut().filter(|child| child.parent == pid) {
            child.parent = 1;
        }
        if let Some(entry) = self.entries.get_mut(&pid)
            && !entry.has_ended()
            && pid != own
        {
            entry.state = ProcessState::Ended(status);
            entry.news = Some(status);
        }
        self.entries.retain(|_, entry| entry.parent == own || !entry.has_ended());
    }

    pub(super) fn setpgid(&mut self, pid: u32, group: u32) -> Result<()> {
        let own = self.own;
        let pid = if pid == 0 { own } else { pid };
        let group = if group == 0 { pid } else { group };
        let session = self.find(own)?.session;
        let there = group == pid || self.entries.values().any(|other| other.group == group && other.session == session);
        let entry = self.find(pid)?;
        if pid != own && entry.parent != own {
            return Err(ESRCH);
        }
        if entry.session == pid || entry.session != session || !there {
            return Err(EPERM);
        }
        entry.group = group;
        Ok(())
    }

    pub(super) fn setsid(&mut self) -> Result<u32> {
        let own = self.own;
        if self.entries.values().any(|entry| entry.group == own) {
            return Err(EPERM);
        }
        let entry = self.find(own)?;
        (entry.group, entry.session) = (own, own);
        Ok(own)
    }

    /// Checks the children once: `Some` if one has changed, `None` if none has yet.
    pub(super) fn news(&mut self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        let own = self.own;
        let own_group = self.find(own)?.group;
        let asked = |pid: u32, entry: &Entry| {
            entry.parent == own
                && match who {
                    Who::Any => true,
                    Who::Pid(wanted) => pid == wanted,
                    Who::Group(0) => entry.group == own_group,
                    Who::Group(wanted) => entry.group == wanted,
                }
        };
        let mut children = self.entries.iter_mut().filter(|(pid, entry)| asked(**pid, entry)).peekable();
        if children.peek().is_none() {
            return Err(ECHILD);
        }
        let reported = children.find_map(|(pid, entry)| {
            let wanted = entry.has_ended()
                || (entry.news == Some(CONTINUED) && options.continued)
                || (entry.state == ProcessState::Stopped && options.untraced);
            entry.news.filter(|_| wanted).map(|status| {
                entry.news = None;
                (*pid, status)
            })
        });
        if let Some((pid, _)) = reported {
            self.entries.retain(|number, entry| *number != pid || !entry.has_ended());
        }
        Ok(reported)
    }
}

/// Sends a signal. Nothing is locked while the process's handler runs.
pub(super) fn kill(core: &Core, pid: u32, signal: i32) -> Result<()> {
    let mut state = core.lock();
    let who = state.tree.who.clone();
    let own = state.machine.processes.own;
    let session = state.machine.processes.find(own)?.session;
    let Ok(entry) = state.machine.processes.find(pid) else {
        drop(state);
        let elsewhere = core.elsewhere.get().filter(|elsewhere| elsewhere.find(pid).is_some()).ok_or(ESRCH)?;
        check_signal(signal)?;
        elsewhere.signal(pid, signal);
        return Ok(());
    };
    check(&who, entry, session, signal)?;
    if signal == 0 || entry.has_ended() {
        return Ok(());
    }
    entry.signals.push(signal);
    if pid == own {
        return Ok(());
    }
    let caught = if signal == SIGKILL || signal == SIGSTOP { None } else { entry.handler.clone() };
    drop(state);
    let reaction = caught.map_or(OnSignal::Default, |handler| handler(signal));
    let mut state = core.lock();
    let table = &mut state.machine.processes;
    match (reaction, signal) {
        (OnSignal::Exit(code), _) => table.end(pid, WaitStatus(i32::from(code) << 8)),
        (_, SIGCONT) => {
            let entry = table.find(pid)?;
            if entry.state == ProcessState::Stopped {
                (entry.state, entry.news) = (ProcessState::Running, Some(CONTINUED));
            }
        }
        (OnSignal::Ignore, _) | (_, SIGCHLD | SIGURG | SIGWINCH) => {}
        (OnSignal::Default, _) if signal == SIGSTOP || STOPS.contains(&signal) => {
            let entry = table.find(pid)?;
            if entry.state == ProcessState::Running {
                (entry.state, entry.news) = (ProcessState::Stopped, Some(WaitStatus(signal << 8 | 0x7f)));
            }
        }
        (OnSignal::Default, _) => table.end(pid, WaitStatus(signal)),
    }
    core.changed.notify_all();
    Ok(())
}

fn check_signal(signal: i32) -> Result<()> {
    if (0..=LAST_SIGNAL).contains(&signal) { Ok(()) } else { Err(EINVAL) }
}

fn check(who: &Credentials, entry: &Entry, own_session: u32, signal: i32) -> Result<()> {
    check_signal(signal)?;
    let continues = signal == SIGCONT && entry.session == own_session;
    if who.is_root() || who.uid.0 == entry.uid || who.uid.1 == entry.uid || continues { Ok(()) } else { Err(EPERM) }
}

/// A process of the model: the target of a script's `kill` and `waitpid`.
///
/// ```
/// use leyden::World;
/// use leyden::os::mock::{OnSignal, ProcessState};
///
/// let world = World::new();
/// let daemon = world.os.spawn_process();
/// daemon.on_signal(|signal| if signal == 15 { OnSignal::Ignore } else { OnSignal::Default });
/// let kernel = world.batteries().os.backend().clone();
/// kernel.kill(daemon.pid(), 15)?;
/// assert_eq!(daemon.state(), ProcessState::Running);
/// kernel.kill(daemon.pid(), 9)?;
/// assert_eq!(daemon.signals(), [15, 9]);
/// assert!(matches!(daemon.state(), ProcessState::Ended(_)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Process {
    core: Arc<Core>,
    pid: u32,
}

impl Process {
    /// Returns its id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns its state.
    pub fn state(&self) -> ProcessState {
        self.with(|entry| entry.state).unwrap_or(ProcessState::Gone)
    }

    /// Returns the signals it received, oldest first; empty after its parent reaped it.
    pub fn signals(&self) -> Vec<i32> {
        self.with(|entry| entry.signals.clone()).unwrap_or_default()
    }

    /// Sets the reaction to signals, except SIGKILL and SIGSTOP. The function may use the machine.
    pub fn on_signal(&self, handler: impl Fn(i32) -> OnSignal + Send + Sync + 'static) {
        self.with(|entry| entry.handler = Some(Arc::new(handler)));
    }

    /// Makes it exit.
    pub fn exit(&self, code: u8) {
        self.core.lock().machine.processes.end(self.pid, WaitStatus(i32::from(code) << 8));
        self.core.changed.notify_all();
    }

    /// Moves it to a process group; 0 makes it the leader of a new one.
    pub fn set_group(&self, group: u32) {
        let group = if group == 0 { self.pid } else { group };
        self.with(|entry| entry.group = group);
    }

    /// Makes it the leader of a new session and group.
    pub fn set_session(&self) {
        let pid = self.pid;
        self.with(|entry| (entry.group, entry.session) = (pid, pid));
    }

    /// Reaps it as its parent would. `None` while it runs.
    pub fn reap(&self) -> Option<WaitStatus> {
        let reported = self.core.lock().machine.processes.news(Who::Pid(self.pid), WaitOptions::default());
        reported.ok().flatten().map(|(_, status)| status)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.core.lock().machine.processes.find(self.pid).ok().map(look)
    }
}

impl Mock {
    /// Starts a child of this process, in its group and session. It runs until it is killed or
    /// [`exit`](Process::exit) is called.
    pub fn spawn_process(&self) -> Process {
        let mut state = self.core.lock();
        let (own, uid) = (state.machine.processes.own, state.tree.who.uid.1);
        Process { core: self.core.clone(), pid: state.machine.processes.spawn(own, uid) }
    }

    /// Starts a process that is not a child of this one, in its own session, as this user: a
    /// daemon.
    pub fn spawn_daemon(&self, uid: u32) -> Process {
        let pid = self.core.lock().machine.processes.spawn(1, uid);
        let process = Process { core: self.core.clone(), pid };
        process.set_session();
        process
    }

    /// Sets the other process table: the mock of `subprocess`.
    #[allow(dead_code, reason = "unused without subprocess")]
    pub(crate) fn keeps_processes(&self, elsewhere: Box<dyn Elsewhere>) {
        let _ = self.core.elsewhere.set(elsewhere);
    }

    /// Returns the process with this id, if it exists.
    pub fn process(&self, pid: u32) -> Option<Process> {
        let process = Process { core: self.core.clone(), pid };
        (pid != 0 && process.with(|_| ()).is_some()).then_some(process)
    }

    /// Returns the signals that the script sent to its own process, which survives them all.
    pub fn signals(&self) -> Vec<i32> {
        let mut state = self.core.lock();
        state.machine.processes.find(0).map(|own| own.signals.clone()).unwrap_or_default()
    }
}
