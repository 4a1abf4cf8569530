//! How a process advances.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::program::{Answer, Reply, Step};
use super::{Advance, Body, CAPACITY, Machine, Process, Sink, Source};
use crate::subprocess::backend::{Standing, WaitStatus};
use crate::subprocess::signal;

enum Moved {
    Yes,
    No,
    Out(Advance),
}

impl Machine {
    /// Advances every process as far as possible.
    pub(in crate::subprocess::mock) fn advance(&mut self, now: Duration) -> Advance {
        loop {
            let mut moved = false;
            let pids: Vec<u32> = self.running.iter().copied().collect();
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

    /// Returns when the next sleeping process wakes.
    pub(in crate::subprocess::mock) fn next_event(&self, now: Duration) -> Option<Duration> {
        let running = self.running.iter().filter_map(|pid| self.processes.get(pid));
        running.filter(|process| process.stopped.is_none()).filter_map(|process| process.wake).filter(|wake| *wake > now).min()
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
                // Continue in the middle of the repeated bytes.
                let mut bytes = bytes;
                let length = bytes.len().max(1);
                bytes.rotate_left(n % length);
                self.push_step(pid, Step::Repeat(bytes));
                if n == endless.len() {
                    // Writes to a file or to a discarded stream never block, so let time pass here.
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

    /// Reads the available input. `None`: none now. Empty: the end.
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

    /// Writes what the sink accepts. Returns `None` if the reading end is closed and SIGPIPE killed
    /// the process.
    fn write_out(&mut self, pid: u32, which: usize, bytes: &[u8], record: bool) -> Option<usize> {
        let written = match self.processes.get(&pid)?.sinks.get(which)? {
            Sink::Nowhere => Some(bytes.len()),
            // Most programs ignore a short write to a full disk.
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
}
