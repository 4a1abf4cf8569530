//! The processes: a state machine that advances as far as it can without time passing.

mod channel;
mod ending;
mod steps;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use channel::Channel;

use super::program::{Answer, Call, Ran, Reply, Step};
use crate::os::backend::Handle;
use crate::subprocess::backend::{Standing, WaitStatus};
use crate::subprocess::process::returncode;

pub(super) enum Source {
    Nothing,
    Channel(usize),
    File(Arc<dyn Handle>),
}

pub(super) enum Sink {
    Nowhere,
    Channel(usize),
    File(Arc<dyn Handle>),
}

type Talk = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What a process needs that cannot be done under the lock.
pub(super) enum Advance {
    Idle,
    Call(u32, Arc<dyn Fn(&Call) -> Reply + Send + Sync>, Box<Call>),
    Line(u32, Talk, String),
}

#[derive(Default)]
pub(super) struct Machine {
    programs: Vec<(Vec<OsString>, VecDeque<Answer>)>,
    /// All processes ever started, because a test may ask for them.
    processes: BTreeMap<u32, Process>,
    /// Those that have not ended.
    running: BTreeSet<u32>,
    channels: Vec<Channel>,
    started: u32,
}

impl fmt::Debug for Machine {
    /// Shows only counts: arguments, input and output may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("programs", &self.programs.len())
            .field("started", &self.started)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

const CAPACITY: usize = 65_536;
/// The first process id. Not 1, to look like a machine that has been up for a while.
const FIRST_PID: u32 = 1_000;

struct Process {
    call: Call,
    standing: Standing,
    /// `None`: the parent has ended.
    parent: Option<u32>,
    group: u32,
    session: u32,
    body: Body,
    /// A function of the test is running for this process.
    busy: bool,
    signals: BTreeMap<i32, Option<i32>>,
    source: Source,
    sinks: [Sink; 2],
    written: [Vec<u8>; 2],
    wake: Option<Duration>,
    /// Since when the process is stopped, and the signals that are pending.
    stopped: Option<Duration>,
    pending: Vec<i32>,
    status: Option<WaitStatus>,
    reaped: bool,
    /// Whether the test's script started it, not another program.
    called: bool,
}

enum Body {
    /// Reads the input to its end.
    Reads(Answer),
    /// Answers line by line: the incomplete line read so far, and the output not yet written.
    Talks {
        function: Talk,
        heard: Vec<u8>,
        says: Vec<u8>,
    },
    Steps(VecDeque<Step>),
}

impl Machine {
    pub(super) fn add_program(&mut self, argv: Vec<OsString>) -> usize {
        self.programs.push((argv, VecDeque::new()));
        self.programs.len() - 1
    }

    pub(super) fn add_answer(&mut self, number: usize, answer: Answer) {
        if let Some((_, answers)) = self.programs.get_mut(number) {
            answers.push_back(answer);
        }
    }

    /// Returns true if there is an answer, without using it up.
    #[cfg(feature = "fabric")]
    pub(super) fn knows(&self, program: &OsStr, args: &[&OsStr]) -> bool {
        let name = Path::new(program).file_name();
        self.programs.iter().any(|(argv, _)| {
            let Some((known, first)) = argv.split_first() else { return false };
            let there = known == program
                || (name.is_some() && name == Some(known.as_os_str()) && Path::new(known).parent() == Some(Path::new("")));
            there && first.len() <= args.len() && first.iter().zip(args).all(|(wanted, arg)| wanted == arg)
        })
    }

    pub(super) fn find(&mut self, path: &Path, args: &[&OsStr]) -> Option<Answer> {
        let matches = |(argv, _): &(Vec<OsString>, VecDeque<Answer>)| {
            let Some((program, first)) = argv.split_first() else { return false };
            let there = if Path::new(program).parent() == Some(Path::new("")) {
                ["/usr/bin", "/bin"].iter().any(|dir| Path::new(dir).join(program) == path)
            } else {
                Path::new(program) == path
            };
            there && first.len() <= args.len() && first.iter().zip(args).all(|(wanted, arg)| wanted == arg)
        };
        let best = self.programs.iter_mut().filter(|program| matches(program)).max_by_key(|(argv, _)| argv.len())?;
        let answers = &mut best.1;
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Some(answer.unwrap_or_else(|| Answer::Reply(Reply::new())))
    }

    pub(super) fn start(&mut self, call: Call, standing: Standing, answer: Answer, sinks: [Sink; 2], source: Source) -> u32 {
        let pid = FIRST_PID + self.started;
        let (body, signals) = match answer {
            Answer::Reply(reply) if reply.ignores_stdin => (Body::Steps(reply.steps), reply.signals),
            Answer::Reply(reply) => (Body::Reads(Answer::Reply(reply.clone())), reply.signals),
            Answer::EachLine(function) => (Body::Talks { function, heard: Vec::new(), says: Vec::new() }, BTreeMap::new()),
            answer @ Answer::Runs(_) => (Body::Reads(answer), BTreeMap::new()),
        };
        let session = if standing.start_new_session { pid } else { 1 };
        let group = match standing.process_group {
            Some(0) => pid,
            Some(group) => group,
            None => session,
        };
        let process = Process { parent: Some(1), group, session, ..Process::new(call, standing, body, source, sinks) };
        self.add(Process { signals, called: true, ..process })
    }

    fn add(&mut self, process: Process) -> u32 {
        let pid = FIRST_PID + self.started;
        self.started += 1;
        self.processes.insert(pid, process);
        self.running.insert(pid);
        pid
    }

    pub(super) fn reply(&mut self, pid: u32, reply: Reply) {
        if let Some(process) = self.processes.get_mut(&pid)
            && process.status.is_none()
        {
            process.busy = false;
            process.body = Body::Steps(reply.steps);
            process.signals = reply.signals;
        }
    }

    pub(super) fn says(&mut self, pid: u32, bytes: Vec<u8>) {
        if let Some(process) = self.processes.get_mut(&pid)
            && let Body::Talks { says, .. } = &mut process.body
        {
            *says = bytes;
            process.busy = false;
        }
    }

    /// Returns the group and the session of a live process; `None`: those of the script itself.
    pub(super) fn standing(&self, pid: u32) -> Option<(Option<u32>, Option<u32>)> {
        let process = self.processes.get(&pid).filter(|process| process.status.is_none() || !process.reaped)?;
        let other = |number: u32| (number != 1).then_some(number);
        Some((other(process.group), other(process.session)))
    }

    pub(super) fn members(&self, group: Option<u32>) -> Vec<u32> {
        let pids = self.processes.keys().copied();
        pids.filter(|pid| self.standing(*pid).is_some_and(|(its, _)| its == group)).collect()
    }

    pub(super) fn status(&self, pid: u32) -> Option<WaitStatus> {
        self.processes.get(&pid)?.status
    }

    pub(super) fn reap(&mut self, pid: u32) -> Option<WaitStatus> {
        let process = self.processes.get_mut(&pid)?;
        process.reaped |= process.status.is_some();
        process.status
    }

    pub(super) fn detach(&mut self, pid: u32) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.reaped = true;
        }
    }

    pub(super) fn ran(&self) -> Vec<Ran> {
        let called = self.processes.iter().filter(|(_, process)| process.called);
        called
            .map(|(pid, process)| Ran {
                pid: *pid,
                argv: process.call.argv.clone(),
                args: process.call.args.clone(),
                environ: process.call.environ.clone(),
                cwd: process.call.cwd.clone(),
                standing: process.standing.clone(),
                stdin: process.call.stdin.clone(),
                stdout: process.written.first().cloned().unwrap_or_default(),
                stderr: process.written.last().cloned().unwrap_or_default(),
                returncode: process.status.map(returncode),
            })
            .collect()
    }

    pub(super) fn unfinished(&self) -> Vec<u32> {
        let unfinished = |process: &Process| process.status.is_none() || !process.reaped;
        self.processes.iter().filter(|(_, process)| unfinished(process)).map(|(pid, _)| *pid).collect()
    }
}

impl Process {
    fn new(call: Call, standing: Standing, body: Body, source: Source, sinks: [Sink; 2]) -> Process {
        Process {
            call,
            standing,
            parent: None,
            group: 1,
            session: 1,
            body,
            busy: false,
            signals: BTreeMap::new(),
            source,
            sinks,
            written: [Vec::new(), Vec::new()],
            wake: None,
            stopped: None,
            pending: Vec::new(),
            status: None,
            reaped: false,
            called: false,
        }
    }
}
