//! How a process ends: on its own, by a signal, or with its tree.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::{Body, Machine, Process, Sink, Source};
use crate::subprocess::backend::WaitStatus;
use crate::subprocess::signal;

impl Machine {
    /// Ends a process: closes its ends of pipes and orphans its children.
    pub(super) fn end(&mut self, pid: u32, status: WaitStatus) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.status.is_some() {
            return;
        }
        process.status = Some(status);
        self.running.remove(&pid);
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
        for other in &self.running {
            if let Some(child) = self.processes.get_mut(other).filter(|child| child.parent == Some(pid)) {
                child.parent = None;
            }
        }
    }

    pub(in crate::subprocess::mock) fn signal(&mut self, pid: u32, signal: i32, now: Duration) {
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

    /// Kills the same processes that belong to a tree on a real machine.
    pub(in crate::subprocess::mock) fn kill_tree(&mut self, root: u32, channels: [Option<usize>; 3], now: Duration) {
        let Some(process) = self.processes.get(&root) else { return };
        let (leads_group, leads_session) = (process.group == root, process.session == root);
        let [stdin, stdout, stderr] = channels;
        let mut members: BTreeSet<u32> = BTreeSet::from([root]);
        loop {
            let belongs = |pid: &u32, process: &Process| {
                let holds = |sink: &Sink| matches!(sink, Sink::Channel(c) if stdout == Some(*c) || stderr == Some(*c));
                !members.contains(pid)
                    && (process.parent.is_some_and(|parent| members.contains(&parent))
                        || (leads_group && process.group == root)
                        || (leads_session && process.session == root)
                        || process.sinks.iter().any(holds)
                        || matches!(&process.source, Source::Channel(c) if stdin == Some(*c)))
            };
            let running = self.running.iter().copied();
            let more: Vec<u32> =
                running.filter(|pid| self.processes.get(pid).is_some_and(|process| belongs(pid, process))).collect();
            if more.is_empty() {
                break;
            }
            members.extend(more);
        }
        for pid in members {
            self.signal(pid, signal::SIGKILL, now);
        }
    }
}
