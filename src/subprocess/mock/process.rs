//! What processes do: a state machine that goes as far as it can without time passing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::program::{Answer, Call, Ran, Reply, Step};
use crate::os::backend::Handle;
use crate::subprocess::backend::{Standing, WaitStatus};
use crate::subprocess::process::returncode;
use crate::subprocess::signal;

#[derive(Debug)]
pub(super) enum Source {
    Nothing,
    Channel(usize),
    File(Arc<dyn Handle>),
}

#[derive(Debug)]
pub(super) enum Sink {
    Nowhere,
    Channel(usize),
    File(Arc<dyn Handle>),
}

type Talk = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What a process cannot do under the lock.
pub(super) enum Advance {
    Idle,
    Call(u32, Arc<dyn Fn(&Call) -> Reply + Send + Sync>, Box<Call>),
    Line(u32, Talk, String),
}

#[derive(Debug, Default)]
pub(super) struct Machine {
    programs: Vec<(Vec<OsString>, VecDeque<Answer>)>,
    processes: BTreeMap<u32, Process>,
    channels: Vec<Channel>,
    started: u32,
}

#[derive(Debug)]
struct Channel {
    bytes: VecDeque<u8>,
    capacity: usize,
    readers: usize,
    writers: usize,
}

const CAPACITY: usize = 65_536;
/// The first number given away; like on a machine that is not just up.
const FIRST_PID: u32 = 1_000;

#[derive(Debug)]
struct Process {
    call: Call,
    standing: Standing,
    /// None: nobody's, its parent is gone.
    parent: Option<u32>,
    group: u32,
    session: u32,
    body: Body,
    /// A function of the test is at work for it.
    busy: bool,
    signals: BTreeMap<i32, Option<i32>>,
    source: Source,
    sinks: [Sink; 2],
    written: [Vec<u8>; 2],
    wake: Option<Duration>,
    /// Since when it stands still, and the signals that wait.
    stopped: Option<Duration>,
    pending: Vec<i32>,
    status: Option<WaitStatus>,
    reaped: bool,
    /// Started by the test's script, not by another program.
    called: bool,
}

enum Body {
    /// Reads its input to the end.
    Reads(Answer),
    /// Talks, line by line; what was read and is no line yet, and what it has still to say.
    Talks {
        function: Talk,
        heard: Vec<u8>,
        says: Vec<u8>,
    },
    Steps(VecDeque<Step>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Reads(answer) => write!(f, "Reads({answer:?})"),
            Body::Talks { .. } => f.write_str("Talks"),
            Body::Steps(steps) => write!(f, "Steps({})", steps.len()),
        }
    }
}

enum Moved {
    Yes,
    No,
    Out(Advance),
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

    pub(super) fn channel(&mut self, capacity: Option<usize>) -> usize {
        // The kernel rounds up to pages.
        let capacity = capacity.map_or(CAPACITY, |capacity| capacity.max(4096).next_power_of_two());
        self.channels.push(Channel { bytes: VecDeque::new(), capacity, readers: 1, writers: 1 });
        self.channels.len() - 1
    }

    pub(super) fn reader(&mut self, channel: usize) -> usize {
        self.with(channel, |channel| channel.readers += 1);
        channel
    }

    pub(super) fn writer(&mut self, channel: usize) -> usize {
        self.with(channel, |channel| channel.writers += 1);
        channel
    }

    pub(super) fn another(&mut self, sink: &Sink) -> Sink {
        match sink {
            Sink::Nowhere => Sink::Nowhere,
            Sink::Channel(channel) => Sink::Channel(self.writer(*channel)),
            Sink::File(file) => Sink::File(file.clone()),
        }
    }

    fn with<T: Default>(&mut self, channel: usize, change: impl FnOnce(&mut Channel) -> T) -> T {
        self.channels.get_mut(channel).map(change).unwrap_or_default()
    }

    pub(super) fn close(&mut self, channel: usize, reads: bool) {
        self.with(channel, |channel| {
            let ends = if reads { &mut channel.readers } else { &mut channel.writers };
            *ends = ends.saturating_sub(1);
        });
    }

    pub(super) fn readable(&self, channel: usize) -> bool {
        self.channels.get(channel).is_none_or(|channel| !channel.bytes.is_empty() || channel.writers == 0)
    }

    pub(super) fn writable(&self, channel: usize) -> bool {
        self.channels.get(channel).is_none_or(|channel| channel.bytes.len() < channel.capacity || channel.readers == 0)
    }

    pub(super) fn read(&mut self, channel: usize, buffer: &mut [u8]) -> usize {
        self.with(channel, |channel| std::io::Read::read(&mut channel.bytes, buffer).unwrap_or(0))
    }

    /// None: nobody reads it.
    pub(super) fn write(&mut self, channel: usize, bytes: &[u8]) -> Option<usize> {
        self.with(channel, |channel| {
            let n = bytes.len().min(channel.capacity - channel.bytes.len().min(channel.capacity));
            (channel.readers > 0).then(|| {
                channel.bytes.extend(bytes.iter().take(n));
                n
            })
        })
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

    /// Lets every process go as far as it can.
    pub(super) fn advance(&mut self, now: Duration) -> Advance {
        loop {
            let mut moved = false;
            let pids: Vec<u32> = self.processes.keys().copied().collect();
            for pid in pids {
                loop {
                    match self.step(pid, now) {
                        Moved::Yes => moved = true,
                        Moved::No => break,
                        Moved::Out(advance) => return advance,
                    }
                }
            }
            if !moved {
                return Advance::Idle;
            }
        }
    }

    /// When the next process that sleeps wakes.
    pub(super) fn next_event(&self, now: Duration) -> Option<Duration> {
        let awake = self.processes.values().filter(|process| process.status.is_none() && process.stopped.is_none());
        awake.filter_map(|process| process.wake).filter(|wake| *wake > now).min()
    }

    fn step(&mut self, pid: u32, now: Duration) -> Moved {
        let Some(process) = self.processes.get_mut(&pid) else { return Moved::No };
        let asleep = process.wake.is_some_and(|wake| wake > now);
        if process.status.is_some() || process.stopped.is_some() || process.busy || asleep {
            return Moved::No;
        }
        process.wake = None;
        match &mut process.body {
            Body::Reads(_) => self.read_step(pid),
            Body::Talks { says, .. } if !says.is_empty() => {
                let bytes = std::mem::take(says);
                let Some(n) = self.write_out(pid, 0, &bytes, true) else { return Moved::Yes };
                if let Some(Body::Talks { says, .. }) = self.processes.get_mut(&pid).map(|process| &mut process.body) {
                    *says = bytes.get(n..).unwrap_or_default().to_vec();
                }
                if n == 0 { Moved::No } else { Moved::Yes }
            }
            Body::Talks { .. } => self.talk_step(pid),
            Body::Steps(steps) => {
                let next = steps.pop_front().unwrap_or(Step::Exit(0));
                self.do_step(pid, next, now)
            }
        }
    }

    fn do_step(&mut self, pid: u32, step: Step, now: Duration) -> Moved {
        let Some(process) = self.processes.get_mut(&pid) else { return Moved::No };
        match step {
            Step::Exit(code) => self.end(pid, WaitStatus(code << 8)),
            Step::Die(signal) => self.end(pid, WaitStatus(signal & 0x7f)),
            Step::Sleep(time) => process.wake = Some(now.saturating_add(time)),
            Step::Background(reply) => self.background(pid, reply),
            Step::Write(error, bytes) => {
                let Some(n) = self.write_out(pid, usize::from(error), &bytes, true) else { return Moved::Yes };
                if n < bytes.len() {
                    self.push_step(pid, Step::Write(error, bytes.get(n..).unwrap_or_default().to_vec()));
                    return if n == 0 { Moved::No } else { Moved::Yes };
                }
            }
            Step::Repeat(bytes) => {
                let endless = bytes.repeat(CAPACITY / bytes.len().max(1) + 1);
                let Some(n) = self.write_out(pid, 0, &endless, false) else { return Moved::Yes };
                // It goes on in the middle of what it repeats.
                let mut bytes = bytes;
                let length = bytes.len().max(1);
                bytes.rotate_left(n % length);
                self.push_step(pid, Step::Repeat(bytes));
                if n == endless.len() {
                    // Nobody holds it up: it goes to a file or to nowhere. There, time passes.
                    self.push_step(pid, Step::Sleep(Duration::from_millis(1)));
                }
                return if n == 0 { Moved::No } else { Moved::Yes };
            }
        }
        Moved::Yes
    }

    fn push_step(&mut self, pid: u32, step: Step) {
        if let Some(Body::Steps(steps)) = self.processes.get_mut(&pid).map(|process| &mut process.body) {
            steps.push_front(step);
        }
    }

    /// Reads what is there of the input. None: nothing now. Empty: the end.
    fn input(&mut self, pid: u32) -> Option<Vec<u8>> {
        let Machine { processes, channels, .. } = self;
        let process = processes.get_mut(&pid)?;
        let bytes = match &process.source {
            Source::Nothing => Vec::new(),
            Source::File(file) => {
                let mut buffer = vec![0; CAPACITY];
                let n = file.read(&mut buffer).unwrap_or(0);
                buffer.truncate(n);
                buffer
            }
            Source::Channel(channel) => {
                let channel = channels.get_mut(*channel)?;
                if channel.bytes.is_empty() && channel.writers > 0 {
                    return None;
                }
                channel.bytes.drain(..).collect()
            }
        };
        process.call.stdin.extend_from_slice(&bytes);
        Some(bytes)
    }

    fn read_step(&mut self, pid: u32) -> Moved {
        match self.input(pid) {
            None => return Moved::No,
            Some(bytes) if !bytes.is_empty() => return Moved::Yes,
            Some(_) => {}
        }
        let Some(process) = self.processes.get_mut(&pid) else { return Moved::No };
        match std::mem::replace(&mut process.body, Body::Steps(VecDeque::new())) {
            Body::Reads(Answer::Reply(reply)) => process.body = Body::Steps(reply.steps),
            Body::Reads(Answer::Runs(function)) => {
                process.busy = true;
                return Moved::Out(Advance::Call(pid, function, Box::new(process.call.clone())));
            }
            other => process.body = other,
        }
        Moved::Yes
    }

    fn talk_step(&mut self, pid: u32) -> Moved {
        let line = match self.input(pid) {
            Some(bytes) if bytes.is_empty() => match self.heard(pid) {
                Some(heard) if !heard.is_empty() => std::mem::take(heard),
                _ => {
                    self.end(pid, WaitStatus(0));
                    return Moved::Yes;
                }
            },
            more => {
                let Some(heard) = self.heard(pid) else { return Moved::No };
                let read = more.is_some();
                heard.extend(more.into_iter().flatten());
                let Some(end) = heard.iter().position(|byte| *byte == b'\n') else {
                    return if read { Moved::Yes } else { Moved::No };
                };
                let mut line: Vec<u8> = heard.drain(..=end).collect();
                line.pop();
                line
            }
        };
        let Some(process) = self.processes.get_mut(&pid) else { return Moved::No };
        let Body::Talks { function, .. } = &process.body else { return Moved::No };
        process.busy = true;
        Moved::Out(Advance::Line(pid, function.clone(), String::from_utf8_lossy(&line).into_owned()))
    }

    fn heard(&mut self, pid: u32) -> Option<&mut Vec<u8>> {
        match &mut self.processes.get_mut(&pid)?.body {
            Body::Talks { heard, .. } => Some(heard),
            _ => None,
        }
    }

    /// Writes what the sink takes. None: nobody reads it, and the process is dead of that.
    fn write_out(&mut self, pid: u32, which: usize, bytes: &[u8], record: bool) -> Option<usize> {
        let written = match self.processes.get(&pid)?.sinks.get(which)? {
            Sink::Nowhere => Some(bytes.len()),
            // What a file does not take (a full disk) the program leaves, as most do.
            Sink::File(file) => Some(file.write(bytes).map_or(bytes.len(), |n| n.max(1))),
            Sink::Channel(channel) => {
                let channel = *channel;
                self.write(channel, bytes)
            }
        };
        if written.is_none() {
            self.end(pid, WaitStatus(signal::SIGPIPE));
        } else if record && let Some(record) = self.processes.get_mut(&pid).and_then(|process| process.written.get_mut(which)) {
            record.extend(bytes.iter().take(written.unwrap_or(0)));
        }
        written
    }

    fn background(&mut self, parent: u32, reply: Reply) {
        let Some(process) = self.processes.get(&parent) else { return };
        let (call, group, session) = (process.call.clone(), process.group, process.session);
        let channels: Vec<usize> =
            process.sinks.iter().filter_map(|sink| if let Sink::Channel(c) = sink { Some(*c) } else { None }).collect();
        let sinks = process.sinks.each_ref().map(|sink| match sink {
            Sink::Nowhere => Sink::Nowhere,
            Sink::Channel(channel) => Sink::Channel(*channel),
            Sink::File(file) => Sink::File(file.clone()),
        });
        for channel in channels {
            self.writer(channel);
        }
        let child = Process::new(call, Standing::default(), Body::Steps(reply.steps), Source::Nothing, sinks);
        self.add(Process { parent: Some(parent), group, session, signals: reply.signals, ..child });
    }

    /// It ends: its ends of pipes close, its children are nobody's.
    fn end(&mut self, pid: u32, status: WaitStatus) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.status.is_some() {
            return;
        }
        process.status = Some(status);
        process.body = Body::Steps(VecDeque::new());
        process.reaped |= !process.called;
        let source = std::mem::replace(&mut process.source, Source::Nothing);
        let sinks = std::mem::replace(&mut process.sinks, [Sink::Nowhere, Sink::Nowhere]);
        if let Source::Channel(channel) = source {
            self.close(channel, true);
        }
        for sink in sinks {
            if let Sink::Channel(channel) = sink {
                self.close(channel, false);
            }
        }
        for child in self.processes.values_mut().filter(|child| child.parent == Some(pid)) {
            child.parent = None;
        }
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

    pub(super) fn signal(&mut self, pid: u32, signal: i32, now: Duration) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.status.is_some() || signal == 0 {
            return;
        }
        if signal == signal::SIGKILL {
            return self.end(pid, WaitStatus(signal));
        }
        if signal == signal::SIGCONT {
            let Some(since) = process.stopped.take() else { return };
            process.wake = process.wake.map(|wake| wake.saturating_add(now.saturating_sub(since)));
            let pending = std::mem::take(&mut process.pending);
            pending.into_iter().for_each(|signal| self.signal(pid, signal, now));
            return;
        }
        if process.stopped.is_some() {
            process.pending.push(signal);
            return;
        }
        match process.signals.get(&signal).copied() {
            Some(None) => {}
            Some(Some(code)) => self.end(pid, WaitStatus((code & 0xff) << 8)),
            None if signal::STOPPING.contains(&signal) => process.stopped = Some(now),
            None if signal::IGNORED.contains(&signal) => {}
            None => self.end(pid, WaitStatus(signal)),
        }
    }

    /// The same that belong to a tree on a real machine.
    pub(super) fn kill_tree(&mut self, root: u32, channels: [Option<usize>; 3], now: Duration) {
        let Some(process) = self.processes.get(&root) else { return };
        let (leads_group, leads_session) = (process.group == root, process.session == root);
        let [stdin, stdout, stderr] = channels;
        let mut members: BTreeSet<u32> = BTreeSet::from([root]);
        loop {
            let belongs = |(pid, process): (&u32, &Process)| {
                let holds = |sink: &Sink| matches!(sink, Sink::Channel(c) if stdout == Some(*c) || stderr == Some(*c));
                process.status.is_none()
                    && !members.contains(pid)
                    && (process.parent.is_some_and(|parent| members.contains(&parent))
                        || (leads_group && process.group == root)
                        || (leads_session && process.session == root)
                        || process.sinks.iter().any(holds)
                        || matches!(&process.source, Source::Channel(c) if stdin == Some(*c)))
            };
            let more: Vec<u32> = self.processes.iter().filter(|entry| belongs(*entry)).map(|(pid, _)| *pid).collect();
            if more.is_empty() {
                break;
            }
            members.extend(more);
        }
        for pid in members {
            self.signal(pid, signal::SIGKILL, now);
        }
    }

    pub(super) fn ran(&self) -> Vec<Ran> {
        let called = self.processes.iter().filter(|(_, process)| process.called);
        called
            .map(|(pid, process)| Ran {
                pid: *pid,
                argv: process.call.argv.clone(),
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
