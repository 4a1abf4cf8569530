//! Running jobs: one after another on the calling thread, as Python does.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::outcome::{Outcome, Output};
use super::runs::{Run, Runs};
use crate::schedule::Scheduler;
use crate::schedule::datetime::{DateTime, SECOND};
use crate::schedule::error::{Error, Result};
use crate::schedule::job::{Cell, Facts, Function};
use crate::schedule::journal::Journal;
use crate::schedule::policy::{Missed, fnv};
use crate::schedule::rule::interval::Interval;
use crate::schedule::rule::{Planned, Rule};
use crate::schedule::zone::{self, Rules};
use crate::wait::Wait;

/// A run that has been decided on.
#[derive(Clone, Copy, Debug)]
pub(in crate::schedule) struct Start {
    /// The time of the rule, if it is due.
    pub(in crate::schedule) scheduled: Option<i64>,
    pub(in crate::schedule) started: DateTime,
    /// On the monotonic clock.
    pub(in crate::schedule) since: Duration,
    pub(super) attempt: u32,
    /// Its number in the journal.
    run: Option<u64>,
}

/// What plans the next run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The end of a run does.
    Plan,
    /// It was planned when the run began.
    Planned,
}

impl Scheduler {
    /// Runs the jobs that are due, in the order of their times, and plans their next runs. A job that is due several times over runs once, unless
    /// [`missed`](crate::schedule::Every::missed) says otherwise.
    ///
    /// What takes time is the jobs that are due, not the jobs that there are.
    ///
    /// A job may call this, too: it runs the others that are due. A job that goes on already is not run again meanwhile.
    #[doc(alias = "schedule.run_pending")]
    #[doc(alias = "schedule.Scheduler.run_pending")]
    pub fn run_pending(&self) -> Runs {
        let mut runs = Runs::default();
        self.keep_lease();
        match self.due() {
            Ok(due) => {
                for (cell, planned) in due {
                    // Its end plans its next run.
                    if cell.is_inside() {
                        continue;
                    }
                    runs.runs.extend(self.run_due(&cell, planned));
                }
            }
            Err(error) => runs.error = Some(error),
        }
        runs
    }

    /// Runs all jobs, due or not, with a pause after each, and plans their next runs. A job that calls this is not run again:
    /// [`Outcome::Overlapped`].
    #[doc(alias = "schedule.run_all")]
    #[doc(alias = "schedule.Scheduler.run_all")]
    pub fn run_all(&self, delay: impl Into<crate::Seconds>) -> Runs {
        let delay: std::time::Duration = delay.into().into();
        let mut runs = Runs::default();
        for job in self.get_jobs(None) {
            runs.runs.extend(self.run_starts(&job.cell, vec![None]));
            self.time.sleep(delay).wait();
        }
        runs
    }

    pub(in crate::schedule) fn due(&self) -> Result<Vec<(Arc<Cell>, Planned)>> {
        let local = Rules::local(&self.time)?;
        let utc = zone::now(&self.time);
        Ok(self.table().due(local.local_of(utc), utc, &local))
    }

    pub(super) fn run_due(&self, cell: &Arc<Cell>, planned: Planned) -> Vec<Run> {
        match self.leads() {
            Ok(true) => {}
            Ok(false) => return vec![self.passed_over(cell, planned.scheduled, Outcome::NotLeader)],
            Err(error) => return vec![self.not_started(cell, error)],
        }
        match self.occurrences(cell, planned) {
            Ok(due) if due.is_empty() => vec![self.passed_over(cell, planned.scheduled, Outcome::Missed)],
            Ok(due) => self.run_starts(cell, due.into_iter().map(Some).collect()),
            Err(error) => vec![self.failed(cell, error)],
        }
    }

    /// A due run that is not made: the next one is planned, and a job without one leaves the schedule.
    pub(super) fn passed_over(&self, cell: &Arc<Cell>, scheduled: i64, outcome: Outcome) -> Run {
        match self.plan_after(cell) {
            Ok(over) => {
                if over {
                    self.table().remove(cell);
                }
                self.not_run(cell, Some(scheduled), outcome)
            }
            Err(error) => self.failed(cell, error),
        }
    }

    /// Runs a job for each of these times, and unschedules it if it asked for that.
    fn run_starts(&self, cell: &Arc<Cell>, scheduled: Vec<Option<i64>>) -> Vec<Run> {
        let mut runs = Vec::new();
        for scheduled in scheduled {
            let (run, cancel) = self.run_cell(cell, scheduled);
            runs.push(run);
            if cancel {
                self.table().remove(cell);
                break;
            }
        }
        runs
    }

    /// `job.run()`.
    pub(in crate::schedule) fn run_one(&self, cell: &Arc<Cell>) -> Run {
        self.run_cell(cell, None).0
    }

    /// One run, and whether the job is to be unscheduled.
    fn run_cell(&self, cell: &Arc<Cell>, scheduled: Option<i64>) -> (Run, bool) {
        if cell.is_nested() {
            return (self.not_run(cell, scheduled, Outcome::Overlapped), false);
        }
        match self.begin(cell, scheduled) {
            Ok(Some(start)) => {
                let result = self.call(cell);
                self.end(cell, start, result)
            }
            Ok(None) => (self.not_run(cell, scheduled, Outcome::Expired), true),
            Err(error) => (self.not_started(cell, error), false),
        }
    }

    /// A run whose start could not be noted was not made. The job goes on with its next run.
    pub(super) fn not_started(&self, cell: &Arc<Cell>, error: Error) -> Run {
        match self.plan_after(cell) {
            Ok(_) => self.failed(cell, error),
            Err(worse) => self.failed(cell, worse),
        }
    }

    /// Notes the start of a run; None if the job's last moment has passed.
    pub(in crate::schedule) fn begin(&self, cell: &Arc<Cell>, scheduled: Option<i64>) -> Result<Option<Start>> {
        let now = zone::local_now(&self.time)?;
        let (name, spec, attempt) = {
            let facts = cell.lock();
            if facts.is_overdue(now) {
                return Ok(None);
            }
            (facts.called().to_owned(), fnv(facts.rule.spec().as_bytes()), facts.tries)
        };
        let journal = self.journalled();
        let noted = |journal: Arc<Journal>| journal.begin(&name, spec, scheduled, zone::now(&self.time), self.os.getpid());
        let run = journal.map(noted).transpose()?;
        Ok(Some(Start { scheduled, started: now, since: self.time.monotonic(), attempt, run }))
    }

    /// Calls the job's function on this thread. A panic is a failure.
    pub(in crate::schedule) fn call(&self, cell: &Cell) -> crate::Result<Output> {
        let batteries = self.batteries()?;
        let _inside = cell.enter();
        let run = AssertUnwindSafe(|| match &cell.function {
            Function::Call(function) => function(&batteries),
            Function::Task(function) => function(batteries.clone()).wait(),
        });
        catch_unwind(run).unwrap_or_else(|payload| Err(panicked(payload)))
    }

    /// Notes the end of a run, plans the next one and calls the hooks.
    fn end(&self, cell: &Arc<Cell>, start: Start, result: crate::Result<Output>) -> (Run, bool) {
        self.finish(cell, start, result, Next::Plan)
    }

    /// The same of a run whose next one was planned when it began.
    pub(super) fn end_beside(&self, cell: &Arc<Cell>, start: Start, result: crate::Result<Output>) -> (Run, bool) {
        self.finish(cell, start, result, Next::Planned)
    }

    /// Notes that a run was dropped for a later one.
    pub(in crate::schedule) fn dropped(&self, cell: &Arc<Cell>, start: Start) -> Run {
        let mut run = self.not_run(cell, start.scheduled, Outcome::Overlapped);
        run.started = start.started;
        run.duration = self.time.monotonic().saturating_sub(start.since);
        self.note_in_journal(&start, &mut run);
        run
    }

    fn note_in_journal(&self, start: &Start, run: &mut Run) {
        if let (Some(number), Some(journal)) = (start.run, self.journalled())
            && let Err(error) = journal.end(number, run, zone::now(&self.time))
        {
            run.outcome = Outcome::Failed(error);
        }
    }

    fn finish(&self, cell: &Arc<Cell>, start: Start, result: crate::Result<Output>, next: Next) -> (Run, bool) {
        let interrupted = result.as_ref().is_err_and(|error| error.interrupt().is_some());
        let duration = self.time.monotonic().saturating_sub(start.since);
        let (policy, job) = {
            let facts = cell.lock();
            (facts.policy.clone(), facts.called().to_owned())
        };
        let late = policy.timeout.filter(|timeout| duration > *timeout);
        let outcome = match (result, late) {
            (Err(error), _) => match error.downcast::<Error>() {
                Ok(timed_out @ Error::TimedOut { .. }) => Outcome::Failed(timed_out),
                Ok(error) => Outcome::Failed(Error::JobFailed { job: job.clone(), error: error.into() }),
                Err(error) => Outcome::Failed(Error::JobFailed { job: job.clone(), error }),
            },
            (Ok(_), Some(timeout)) => Outcome::Failed(Error::TimedOut { job: job.clone(), seconds: timeout.as_secs_f64() }),
            (Ok(output), None) => Outcome::Done(output),
        };
        let mut run = Run {
            job,
            scheduled: self.shown(start.scheduled),
            started: start.started,
            duration,
            attempt: start.attempt,
            outcome,
            hook_error: None,
        };
        let asked = matches!(&run.outcome, Outcome::Done(Output { cancel: true, .. }));
        let retry = run.outcome.error().is_some() && start.attempt < policy.retries;
        self.note_in_journal(&start, &mut run);
        let planned = self.note_end(cell, &start, retry, next);
        let cancel = match planned {
            Ok(expired) => asked || expired,
            Err(error) => {
                run.outcome = Outcome::Failed(error);
                asked
            }
        };
        if !retry {
            self.call_hooks(cell, &mut run);
        }
        if interrupted {
            // The job's error ends here: the caller of the job learns of the signal from its own next wait.
            self.time.backend().interrupts().put_back();
        }
        (run, cancel)
    }

    /// True if the job's next run is later than its last moment, or if there is none.
    fn note_end(&self, cell: &Arc<Cell>, start: &Start, retry: bool, next: Next) -> Result<bool> {
        let (now, utc) = (zone::local_now(&self.time)?, zone::now(&self.time));
        {
            let mut facts = cell.lock();
            facts.last_run = Some(now);
            facts.tries = if retry { start.attempt + 1 } else { 0 };
        }
        if !retry {
            // After a retry beside the loop nothing is planned yet.
            return if next == Next::Plan || start.attempt > 0 { self.plan_after(cell) } else { Ok(false) };
        }
        let pause = cell.lock().policy.backoff.pause(start.attempt);
        let due = utc.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
        let scheduled = start.scheduled.unwrap_or(utc);
        self.plan(cell, Some(Planned { scheduled, ..Planned::utc(due) }));
        Ok(false)
    }

    /// Plans the first run after now. True if the job has none, or none before its last moment.
    pub(super) fn plan_after(&self, cell: &Arc<Cell>) -> Result<bool> {
        let facts: Facts = cell.lock().clone();
        let planned = self.next_after_run(&facts, zone::now(&self.time));
        let local = Rules::local(&self.time)?;
        match planned {
            Ok(Some(planned)) => {
                self.plan(cell, Some(planned));
                Ok(facts.is_overdue(planned.shown(&local)?))
            }
            Ok(None) => {
                self.plan(cell, None);
                Ok(true)
            }
            // A job without a next run is not due again and again.
            Err(error) => {
                self.plan(cell, None);
                Err(error)
            }
        }
    }

    /// Which of the times that are due are to be run, by the job's policies. The clock shows that at least one is.
    pub(super) fn occurrences(&self, cell: &Arc<Cell>, planned: Planned) -> Result<Vec<i64>> {
        let facts: Facts = cell.lock().clone();
        let grace = facts.policy.grace.map(|grace| i64::try_from(grace.as_micros()).unwrap_or(i64::MAX));
        // The retry of a run is not a run that was missed.
        if facts.tries > 0 || (facts.policy.missed == Missed::Once && grace.is_none()) {
            return Ok(vec![planned.scheduled]);
        }
        // The jitter delays every run: it makes none of them late.
        let now = zone::now(&self.time).saturating_sub(facts.jitter());
        let keep = match facts.policy.missed {
            Missed::All { max } => max,
            Missed::Skip | Missed::Once => 1,
        };
        let from = recent(&facts, planned.scheduled, now, keep, &Rules::local(&self.time)?);
        let mut due = VecDeque::from([from]);
        let mut count = if from == planned.scheduled { 1 } else { 2 };
        while let Some(next) = due.back().and_then(|last| self.next_of(&facts, *last).transpose()).transpose()? {
            if next.scheduled > now || Some(&next.scheduled) == due.back() {
                break;
            }
            count += 1;
            due.push_back(next.scheduled);
            if due.len() > keep.max(1) {
                due.pop_front();
            }
        }
        if facts.policy.missed == Missed::Skip && count > 1 || keep == 0 {
            return Ok(Vec::new());
        }
        Ok(due.into_iter().filter(|at| grace.is_none_or(|grace| now.saturating_sub(*at) <= grace)).collect())
    }

    fn shown(&self, scheduled: Option<i64>) -> Option<DateTime> {
        let local = Rules::local(&self.time).ok()?;
        DateTime::from_micros(local.local_of(scheduled?)).ok()
    }

    pub(super) fn not_run(&self, cell: &Cell, scheduled: Option<i64>, outcome: Outcome) -> Run {
        Run {
            job: cell.name(),
            scheduled: self.shown(scheduled),
            started: zone::local_now(&self.time).unwrap_or(DateTime::EPOCH),
            duration: Duration::ZERO,
            attempt: 0,
            outcome,
            hook_error: None,
        }
    }

    /// The scheduler's own failure, as one of the job.
    pub(in crate::schedule) fn failed(&self, cell: &Cell, error: Error) -> Run {
        self.not_run(cell, None, Outcome::Failed(error))
    }

    fn call_hooks(&self, cell: &Cell, run: &mut Run) {
        let hooks = match &run.outcome {
            Outcome::Done(_) => &cell.hooks.success,
            Outcome::Failed(_) => &cell.hooks.failure,
            _ => return,
        };
        let _inside = cell.enter();
        for hook in hooks {
            let called = self.batteries().map_err(crate::Error::from).and_then(|batteries| hook(&batteries, run));
            if let Err(error) = called {
                run.hook_error.get_or_insert(error);
            }
        }
    }
}

/// How many times that passed are looked at one by one: the clock of a machine without a battery starts in 1970.
const MANY: i64 = 10_000;

/// The time at which looking for what is due begins, so that at least this many follow. The first one if there are not many.
fn recent(facts: &Facts, first: i64, now: i64, keep: usize, local: &Rules) -> i64 {
    // A job that has to run more often than that has to look at all of them.
    let Ok(keep) = u32::try_from(keep).map(i64::from) else { return first };
    let passed = now.saturating_sub(first);
    match &facts.rule {
        Rule::Interval(Interval { interval, latest: None, unit: Some(unit), .. }) => {
            let period = unit.micros().saturating_mul(*interval).max(1);
            let skipped = (passed / period).saturating_sub(keep).saturating_sub(1);
            if skipped > MANY { first.saturating_add(skipped.saturating_mul(period)) } else { first }
        }
        Rule::Cron { cron, zone } => {
            let rules = zone.as_ref().map_or(local, |(_, rules)| rules);
            let mut window = (keep + 1) * SECOND;
            while passed > MANY * SECOND && window < passed {
                let begin = cron.next(now.saturating_sub(window), rules);
                let mut follow = std::iter::successors(begin, |at| cron.next(*at, rules)).take_while(|at| *at <= now);
                let enough = follow.nth(keep as usize).is_some();
                if let Some(begin) = begin.filter(|_| enough) {
                    return begin;
                }
                window = window.saturating_mul(2);
            }
            first
        }
        Rule::Interval(_) | Rule::Once(_) => first,
    }
}

/// A panic as an error. A torture test that ends the world goes on.
pub(in crate::schedule) fn panicked(payload: Box<dyn std::any::Any + Send>) -> crate::Error {
    if payload.is::<crate::mock::Hung>() {
        resume_unwind(payload);
    }
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    crate::Error::other(format!("panicked: {}", text.as_deref().unwrap_or("no message")))
}

/// A duration in microseconds.
pub(in crate::schedule) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / SECOND)
}
