//! The journal: what ran, what was interrupted, and what was missed while the process was down.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new(); // 2026-01-01 00:00:00
//! let start = |world: &World| -> leyden::Result<_> {
//!     let Batteries { schedule, .. } = world.batteries();
//!     schedule.clear(None); // a process starts without jobs
//!     schedule.journal("/var/lib/ops")?;
//!     schedule.cron("0 2 * * *").name("nightly").do_(|_| "done".to_owned())?;
//!     Ok(schedule)
//! };
//! let schedule = start(&world)?;
//! world.clock().advance(secs(2 * 3600));
//! schedule.run_pending().check()?;
//! schedule.close_journal();
//! world.clock().advance(secs(30 * 3600)); // down during the second night: made up at the next start
//! let schedule = start(&world)?;
//! assert_eq!(schedule.run_pending().check()?, 1);
//! assert_eq!(schedule.history("nightly")?.len(), 2);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! A journal is a directory with two files: `journal.jsonl`, one record a line with a checksum, and `lock`, which names the process that uses it.
//! A record is written and synced before a run begins, and another one after it has ended. If the process dies at any point, also by `kill -9` or a power cut:
//!
//! - a run whose end was recorded does not run again;
//! - a run that had begun without an end is reported as interrupted by the next [`Scheduler::journal`], once, and stays in the history.
//!   With [`rerun`](super::Every::rerun) it runs again at once; otherwise the next run is that of its rule;
//! - a time that passed while the process was down counts as missed: see [`Missed`](super::Missed).
//!
//! A job is recognized by its name. If its rule has changed, or if its last run lies more than a day in the future, it starts afresh. The lock is the kernel's and ends with the process; a second process gets
//! [`Error::JournalInUse`], which names the first. Use a local file system: `flock` of network file systems is not a lock everywhere.
//!
//! A record that is damaged in the middle of the file makes the journal corrupt: the file is kept as `journal.corrupt-N`, and the records that can be read are used.
//! An incomplete last record is what a crash leaves, and is dropped.

mod record;

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::datetime::system_time;
use super::error::{Error, Result};
use super::serve::outcome::Outcome;
use super::serve::runs::Run;
use super::{Scheduler, zone};
use crate::os::{self, File, MakeDirs, Open, Os};
use record::{Begin, End, Record};

/// How many runs of a job the history keeps.
const HISTORY: usize = 100;

/// How many records are appended before the file is written anew without the oldest ones.
const COMPACT: usize = 10_000;

/// How much of a run's output is kept: its end, in bytes.
const TAIL: usize = 4096;

/// A run in the [history](Scheduler::history).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Past {
    /// The job's name.
    pub job: String,
    /// The time of its rule; None for a run that was asked for.
    pub scheduled: Option<SystemTime>,
    /// When it began.
    pub started: SystemTime,
    /// How long it took; None if it was interrupted.
    pub duration: Option<Duration>,
    /// How it ended.
    pub ending: Ending,
    /// The error of a failed run, in one line of at most 4 KiB.
    pub error: Option<String>,
    /// The end of what the job returned as text, at most 4 KiB.
    pub tail: String,
    /// The process that ran it.
    pub pid: u32,
}

/// How a run in the history ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// It goes on, as far as is known.
    Running,
    /// It succeeded.
    Done,
    /// It failed.
    Failed,
    /// It was dropped for a later run of the job.
    Overlapped,
    /// The process ended during it.
    Interrupted,
}

impl Ending {
    /// `"done"`, `"failed"`, ..
    pub fn name(self) -> &'static str {
        match self {
            Ending::Running => "running",
            Ending::Done => "done",
            Ending::Failed => "failed",
            Ending::Overlapped => "overlapped",
            Ending::Interrupted => "interrupted",
        }
    }

    fn named(name: &str) -> Option<Ending> {
        let all = [Ending::Running, Ending::Done, Ending::Failed, Ending::Overlapped, Ending::Interrupted];
        all.into_iter().find(|ending| ending.name() == name)
    }
}

/// What [`Scheduler::journal`] found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Opened {
    /// The runs during which the last process ended.
    pub interrupted: Vec<Past>,
    /// Where a corrupt journal was kept, and how many of its records were unreadable.
    pub corrupt: Option<(PathBuf, usize)>,
}

/// What is known of one job.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) spec: u64,
    pub(super) last_scheduled: Option<i64>,
    /// When that run began: what was missed before was made up by it.
    pub(super) last_begun: i64,
    /// The last run was interrupted, and none has begun since.
    pub(super) interrupted: bool,
    runs: VecDeque<(Begin, Option<End>)>,
}

#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    os: Os,
    state: Mutex<State>,
    /// Holds the lock.
    _lock: File,
}

impl Drop for Journal {
    /// What a failed write left must not be read by the next process as the begin of a run.
    fn drop(&mut self) {
        let _ = self.lock().cut_off();
    }
}

#[derive(Debug)]
struct State {
    file: File,
    /// The length up to which all records are whole; what follows is a write that failed.
    length: u64,
    torn: bool,
    appended: usize,
    last_run: u64,
    jobs: BTreeMap<String, Known>,
}

impl State {
    /// Cuts off what a failed write left: the next record begins on a line of its own.
    fn cut_off(&mut self) -> os::Result<()> {
        if self.torn {
            self.file.truncate(self.length)?;
            self.torn = false;
        }
        Ok(())
    }
}

impl Journal {
    pub(super) fn open(os: &Os, dir: &Path, pid: u32, now: i64) -> Result<(Journal, Opened)> {
        let failed = |operation| move |source| Error::Journal { path: dir.to_path_buf(), operation, source };
        os.makedirs(MakeDirs::new(dir).mode(0o700).exist_ok(true)).map_err(failed("create the directory"))?;
        let lock = take_lock(os, dir, pid, now)?;
        let path = dir.join("journal.jsonl");
        let bytes = match os.read_bytes(&path) {
            Ok(bytes) => bytes,
            Err(os::Error::FileNotFound(_)) => Vec::new(),
            Err(error) => return Err(failed("read the records")(error)),
        };
        let read = record::read(&bytes);
        let mut opened = Opened::default();
        if read.damaged > 0 {
            let kept = aside(os, dir).map_err(failed("keep the corrupt file"))?;
            opened.corrupt = Some((kept, read.damaged));
        }
        let mut jobs = BTreeMap::new();
        let mut last_run = 0;
        for record in read.records {
            last_run = last_run.max(record.run());
            take(&mut jobs, record);
        }
        for known in jobs.values_mut() {
            for (begin, end) in known.runs.iter_mut().filter(|(_, end)| end.is_none()) {
                let interrupted = End::interrupted(begin, now);
                opened.interrupted.push(past(begin, Some(&interrupted)));
                *end = Some(interrupted);
            }
            known.interrupted = known.runs.back().is_some_and(|(_, end)| end.as_ref().is_some_and(End::is_interruption));
        }
        let (file, length) = rewrite(os, &path, &jobs).map_err(failed("write the records"))?;
        let state = Mutex::new(State { file, length, torn: false, appended: 0, last_run, jobs });
        Ok((Journal { dir: dir.to_path_buf(), os: os.clone(), state, _lock: lock }, opened))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self, job: &str) -> Option<Known> {
        self.lock().jobs.get(job).cloned()
    }

    /// Records that a run begins. When this returns, the record is on disk.
    pub(super) fn begin(&self, job: &str, spec: u64, scheduled: Option<i64>, now: i64, pid: u32) -> Result<u64> {
        let mut state = self.lock();
        let run = state.last_run.saturating_add(1);
        self.append(&mut state, Record::Begin(Begin { run, job: job.into(), spec, scheduled, at: now, pid }))?;
        state.last_run = run;
        Ok(run)
    }

    /// Records how a run ended.
    pub(super) fn end(&self, run: u64, ended: &Run, now: i64) -> Result<()> {
        let (ending, error, tail) = match &ended.outcome {
            Outcome::Done(output) => (Ending::Done, None, tail(&output.text)),
            Outcome::Failed(error) => (Ending::Failed, Some(one_line(&error.to_string())), ""),
            _ => (Ending::Overlapped, None, ""),
        };
        let took = u64::try_from(ended.duration.as_micros()).ok();
        let end = End { run, job: ended.job.clone(), at: now, took, ending, error, tail: tail.into() };
        self.append(&mut self.lock(), Record::End(end))
    }

    fn append(&self, state: &mut State, record: Record) -> Result<()> {
        let failed = |operation, source| Error::Journal { path: self.dir.clone(), operation, source };
        state.cut_off().map_err(|error| failed("cut off an incomplete record", error))?;
        if state.appended >= COMPACT {
            let (file, length) = rewrite(&self.os, &self.dir.join("journal.jsonl"), &state.jobs)
                .map_err(|error| failed("write the records anew", error))?;
            (state.file, state.length, state.appended) = (file, length, 0);
        }
        let line = record::line(&record);
        state.torn = true;
        let io = |error: std::io::Error| os::Error::new("write", &error, Some(&self.dir.join("journal.jsonl")), None);
        let written = state.file.write_all(&line).map_err(io).and_then(|()| state.file.sync_data());
        if let Err(error) = written {
            // At once: this process may not come to another record. If it fails, the next record or the end of the journal tries again.
            let _ = state.cut_off();
            return Err(failed("append a record", error));
        }
        state.torn = false;
        state.length += line.len() as u64;
        state.appended += 1;
        take(&mut state.jobs, record);
        Ok(())
    }

    pub(super) fn history(&self, job: &str) -> Vec<Past> {
        let state = self.lock();
        let runs = state.jobs.get(job).into_iter().flat_map(|known| &known.runs);
        runs.map(|(begin, end)| past(begin, end.as_ref())).collect()
    }
}

fn take_lock(os: &Os, dir: &Path, pid: u32, now: i64) -> Result<File> {
    let failed = |source| Error::Journal { path: dir.to_path_buf(), operation: "take the lock", source };
    let mut lock = os.open(Open::new(dir.join("lock")).mode("a+").permissions(0o600)).map_err(failed)?;
    if !lock.try_lock().map_err(failed)? {
        let holder = os.read_text(dir.join("lock")).unwrap_or_default();
        let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
        return Err(Error::JournalInUse { path: dir.into(), holder: holder.into() });
    }
    lock.truncate(0).map_err(failed)?;
    let started = super::DateTime::from_micros(now).map_or_else(|_| String::new(), |at| at.with_microsecond(0).to_string());
    lock.write_text(format!("process {pid} since {started} UTC\n")).map_err(failed)?;
    lock.flush().map_err(|error| failed(os::Error::new("write", &error, Some(&dir.join("lock")), None)))?;
    Ok(lock)
}

/// Renames a corrupt journal to a name that is free.
fn aside(os: &Os, dir: &Path) -> os::Result<PathBuf> {
    let mut number = 1;
    loop {
        let kept = dir.join(format!("journal.corrupt-{number}"));
        match os.link(dir.join("journal.jsonl"), &kept) {
            Ok(()) => return Ok(kept),
            Err(os::Error::FileExists(_)) => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Writes what is known to a file beside, renames it, and opens it for appending.
fn rewrite(os: &Os, path: &Path, jobs: &BTreeMap<String, Known>) -> os::Result<(File, u64)> {
    let mut records: Vec<(u64, Vec<u8>)> = Vec::new();
    for (begin, end) in jobs.values().flat_map(|known| &known.runs) {
        records.push((begin.run.saturating_mul(2), record::line(&Record::Begin(begin.clone()))));
        if let Some(end) = end {
            records.push((end.run.saturating_mul(2).saturating_add(1), record::line(&Record::End(end.clone()))));
        }
    }
    records.sort_by_key(|(at, _)| *at);
    let bytes: Vec<u8> = records.into_iter().flat_map(|(_, line)| line).collect();
    os.write_bytes(Open::new(path).permissions(0o600).sync(true), &bytes)?;
    // Without a buffer: it would keep a record whose write failed, and write it when the file is closed.
    Ok((os.open(Open::new(path).mode("ab").buffering(0))?, bytes.len() as u64))
}

/// A record changes what is known.
fn take(jobs: &mut BTreeMap<String, Known>, record: Record) {
    match record {
        Record::Begin(begin) => {
            let known = jobs.entry(begin.job.clone()).or_default();
            known.spec = begin.spec;
            known.interrupted = false;
            if let Some(scheduled) = begin.scheduled {
                (known.last_scheduled, known.last_begun) = (Some(scheduled), begin.at);
            }
            known.runs.push_back((begin, None));
            // A run without an end is kept: it is still to be reported.
            while known.runs.len() > HISTORY && known.runs.front().is_some_and(|(_, end)| end.is_some()) {
                known.runs.pop_front();
            }
        }
        Record::End(end) => {
            let runs = jobs.get_mut(&end.job).into_iter().flat_map(|known| &mut known.runs);
            if let Some((_, slot)) = runs.rev().find(|(begin, _)| begin.run == end.run) {
                *slot = Some(end);
            }
        }
    }
}

fn past(begin: &Begin, end: Option<&End>) -> Past {
    Past {
        job: begin.job.clone(),
        scheduled: begin.scheduled.map(system_time),
        started: system_time(begin.at),
        duration: end.and_then(|end| end.took).map(Duration::from_micros),
        ending: end.map_or(Ending::Running, |end| end.ending),
        error: end.and_then(|end| end.error.clone()),
        tail: end.map(|end| end.tail.clone()).unwrap_or_default(),
        pid: begin.pid,
    }
}

/// The lines of an error in one, at most as long as what is kept of an output.
fn one_line(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let mut line = lines.collect::<Vec<_>>().join("; ");
    line.truncate(line.floor_char_boundary(TAIL));
    line
}

/// The last bytes of a text, from the start of a character on.
fn tail(text: &str) -> &str {
    let mut from = text.len().saturating_sub(TAIL);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default()
}

/// The runs of a job in a journal that another process may have open.
#[cfg(feature = "cli")]
pub(super) fn peek(os: &Os, dir: &Path, job: &str) -> Result<Vec<Past>> {
    let bytes = match os.read_bytes(dir.join("journal.jsonl")) {
        Ok(bytes) => bytes,
        Err(os::Error::FileNotFound(_)) => return Ok(Vec::new()),
        Err(source) => return Err(Error::Journal { path: dir.into(), operation: "read the records", source }),
    };
    let mut jobs = BTreeMap::new();
    for record in record::read(&bytes).records {
        take(&mut jobs, record);
    }
    let runs = jobs.get(job).into_iter().flat_map(|known: &Known| &known.runs);
    Ok(runs.map(|(begin, end)| past(begin, end.as_ref())).collect())
}

impl Scheduler {
    /// Opens a journal in a directory, which is created if need be, and notes every run in it from now on. Call it before the jobs are added.
    /// See [the module](self).
    ///
    /// # Errors
    /// [`Error::JournalInUse`] if another process, or another scheduler of this one, has it open. [`Error::Journal`] if a file cannot be read or written.
    /// [`Error::Value`] if there are jobs already.
    pub fn journal(&self, dir: impl AsRef<Path>) -> Result<Opened> {
        if !self.table().jobs.is_empty() {
            return Err(Error::Value("the journal must be opened before jobs are added".into()));
        }
        let (journal, opened) = Journal::open(&self.os, dir.as_ref(), self.os.getpid(), zone::now(&self.time))?;
        *self.state.journal.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal.into());
        Ok(opened)
    }

    /// Closes the journal, so that another process can open it. Runs are not noted any more.
    pub fn close_journal(&self) {
        *self.state.journal.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn journalled(&self) -> Option<std::sync::Arc<Journal>> {
        self.state.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last runs of a job, oldest first, at most 100. [`Error::Value`] without a journal.
    pub fn history(&self, job: impl AsRef<str>) -> Result<Vec<Past>> {
        let journal = self.journalled().ok_or_else(|| Error::Value("the scheduler has no journal".into()))?;
        Ok(journal.history(job.as_ref()))
    }
}
