//! [`Job`]: a job of a scheduler.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use super::datetime::DateTime;
use super::error::Result;
use super::policy::{self, Policy};
use super::rule::interval::{AtTime, Interval, Unit, Weekday};
use super::rule::{Due, Planned, Rule};
use super::serve::outcome::Output;
use super::serve::runs::Run;
use super::value::Value;
use super::zone::{Rules, local_now};
use super::{Scheduler, every};
use crate::Batteries;
use crate::wait::BoxFuture;

/// A job that is called.
pub(super) type Call = dyn Fn(&Batteries) -> crate::Result<Output> + Send + Sync;

/// A job that is awaited.
pub(super) type Task = dyn Fn(Batteries) -> BoxFuture<crate::Result<Output>> + Send + Sync;

/// What a job does.
#[derive(Clone)]
pub(super) enum Function {
    Call(Arc<Call>),
    Task(Arc<Task>),
}

/// What is known of a job.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) rule: Rule,
    pub(super) name: Option<String>,
    /// The function's name; None before it is given.
    pub(super) function: Option<String>,
    pub(super) args: Vec<Value>,
    pub(super) kwargs: Vec<(String, Value)>,
    pub(super) last_run: Option<DateTime>,
    pub(super) planned: Option<Planned>,
    pub(super) tags: BTreeSet<String>,
    pub(super) cancel_after: Option<DateTime>,
    pub(super) policy: Policy,
    /// Failed tries of the run that is planned.
    pub(super) tries: u32,
}

impl Facts {
    pub(super) fn new(rule: Rule) -> Facts {
        Facts {
            rule,
            name: None,
            function: None,
            args: Vec::new(),
            kwargs: Vec::new(),
            last_run: None,
            planned: None,
            tags: BTreeSet::new(),
            cancel_after: None,
            policy: Policy::default(),
            tries: 0,
        }
    }

    /// `job._is_overdue(when)`.
    pub(super) fn is_overdue(&self, when: DateTime) -> bool {
        self.cancel_after.is_some_and(|after| when > after)
    }

    /// The name that errors and journals show: the given one, else the function's.
    pub(super) fn called(&self) -> &str {
        self.name.as_deref().or(self.function.as_deref()).unwrap_or("job")
    }

    /// By how much each of its runs is delayed, in microseconds.
    pub(super) fn jitter(&self) -> i64 {
        policy::jitter(self.called(), self.policy.jitter)
    }

    fn interval(&self) -> Option<&Interval> {
        match &self.rule {
            Rule::Interval(interval) => Some(interval),
            _ => None,
        }
    }

    /// `str(job)`.
    pub(super) fn str(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::Interval(rule) => {
                write!(f, "Job(interval={}, unit={}, ", rule.interval, rule.unit.map_or("None", Unit::name))?;
            }
            Rule::Cron { cron, .. } => write!(f, "Job(cron='{cron}', ")?,
            Rule::Once(_) => write!(f, "Job(once=True, ")?,
        }
        let kwargs: Vec<(Value, Value)> =
            self.kwargs.iter().map(|(name, value)| (Value::Str(name.clone()), value.clone())).collect();
        let name = self.function.as_deref().unwrap_or("None");
        write!(f, "do={name}, args={}, kwargs={})", Value::Tuple(self.args.clone()), Value::Dict(kwargs))
    }

    /// `repr(job)`.
    pub(super) fn repr(&self, f: &mut fmt::Formatter<'_>, local: Option<&Rules>) -> fmt::Result {
        match &self.rule {
            Rule::Interval(rule) => {
                let unit = rule.unit.map_or("None", Unit::name);
                let unit = if rule.interval == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
                write!(f, "Every {} ", rule.interval)?;
                match (rule.at_time, rule.latest) {
                    (Some(at), _) => write!(f, "{unit} at {at} do ")?,
                    (None, Some(latest)) => write!(f, "to {latest} {unit} do ")?,
                    (None, None) => write!(f, "{unit} do ")?,
                }
            }
            Rule::Cron { cron, zone: Some((zone, _)) } => write!(f, "Cron '{cron}' in {zone} do ")?,
            Rule::Cron { cron, zone: None } => write!(f, "Cron '{cron}' do ")?,
            Rule::Once(_) => f.write_str("Once do ")?,
        }
        match &self.function {
            None => f.write_str("[None]")?,
            Some(name) => {
                let args = self.args.iter().map(ToString::to_string);
                let kwargs = self.kwargs.iter().map(|(name, value)| format!("{name}={value}"));
                write!(f, "{name}({})", args.chain(kwargs).collect::<Vec<_>>().join(", "))?;
            }
        }
        let next = self.planned.zip(local).and_then(|(planned, local)| planned.shown(local).ok());
        let shown = |at: Option<DateTime>| at.map_or("[never]".into(), |at| at.with_microsecond(0).to_string());
        write!(f, " (last run: {}, next run: {})", shown(self.last_run), shown(next))
    }
}

/// A function that is called after a run.
type Hook = Arc<dyn Fn(&Batteries, &Run) -> crate::Result<()> + Send + Sync>;

#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) success: Vec<Hook>,
    pub(super) failure: Vec<Hook>,
}

pub(super) struct Cell {
    pub(super) id: u64,
    pub(super) facts: Mutex<Facts>,
    pub(super) function: Function,
    pub(super) hooks: Hooks,
    /// The threads that are inside of its function or its hooks.
    pub(super) inside: Mutex<Vec<ThreadId>>,
}

/// A thread is inside of a job as long as this lives.
pub(super) struct Inside<'c>(&'c Cell);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut inside = self.0.inside();
        if let Some(at) = inside.iter().rposition(|thread| *thread == std::thread::current().id()) {
            inside.swap_remove(at);
        }
    }
}

impl Cell {
    fn inside(&self) -> MutexGuard<'_, Vec<ThreadId>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self) -> Inside<'_> {
        self.inside().push(std::thread::current().id());
        Inside(self)
    }

    /// True if a call of the job goes on, on any thread.
    pub(super) fn is_inside(&self) -> bool {
        !self.inside().is_empty()
    }

    /// True if this thread is inside of the job: to call it now would not end.
    pub(super) fn is_nested(&self) -> bool {
        self.inside().contains(&std::thread::current().id())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> String {
        self.lock().called().to_owned()
    }
}

/// A job of a [`Scheduler`]: what [`do_`](super::Every::do_) returns. Clones are the same job.
///
/// `Display` is Python's `str(job)`, `Debug` its `repr(job)`. Jobs are compared by identity.
///
/// ```
/// use leyden::prelude::*;
///
/// let schedule = World::new().batteries().schedule; // 2026-01-01 00:00:00
/// let job = schedule.every(1).hour().at(":30").name("beat").do_(|_| ())?;
/// assert_eq!(format!("{job:?}"), "Every 1 hour at 00:30:00 do beat() (last run: [never], next run: 2026-01-01 00:30:00)");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://schedule.readthedocs.io/en/stable/reference.html#schedule.Job>
#[derive(Clone)]
#[doc(alias = "schedule.Job")]
pub struct Job {
    pub(super) cell: Arc<Cell>,
    pub(super) scheduler: Scheduler,
}

impl Job {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.cell.lock()
    }

    /// The job's name: that of [`name`](super::Every::name), else the function's.
    pub fn name(&self) -> String {
        self.cell.name()
    }

    /// The interval, of a job of [`every`](Scheduler::every).
    #[doc(alias = "schedule.Job.interval")]
    pub fn interval(&self) -> Option<i64> {
        self.facts().interval().map(|rule| rule.interval)
    }

    /// The upper end of a random interval: [`to`](super::Every::to).
    #[doc(alias = "schedule.Job.latest")]
    pub fn latest(&self) -> Option<i64> {
        self.facts().interval().and_then(|rule| rule.latest)
    }

    /// The unit of the interval.
    #[doc(alias = "schedule.Job.unit")]
    pub fn unit(&self) -> Option<Unit> {
        self.facts().interval().and_then(|rule| rule.unit)
    }

    /// The time of day, of the hour or of the minute: [`at`](super::Every::at).
    #[doc(alias = "schedule.Job.at_time")]
    pub fn at_time(&self) -> Option<AtTime> {
        self.facts().interval().and_then(|rule| rule.at_time)
    }

    /// The zone's name, as the time zone database spells it.
    #[doc(alias = "schedule.Job.at_time_zone")]
    pub fn at_time_zone(&self) -> Option<String> {
        match &self.facts().rule {
            Rule::Interval(Interval { zone, .. }) | Rule::Cron { zone, .. } => zone.as_ref().map(|(name, _)| name.clone()),
            Rule::Once(_) => None,
        }
    }

    /// The weekday of a weekly job.
    #[doc(alias = "schedule.Job.start_day")]
    pub fn start_day(&self) -> Option<Weekday> {
        self.facts().interval().and_then(|rule| rule.start_day)
    }

    /// When it ran last, in local time. None before its first run.
    #[doc(alias = "schedule.Job.last_run")]
    pub fn last_run(&self) -> Option<DateTime> {
        self.facts().last_run
    }

    /// When it is due next, in local time, with jitter and retries. None if no run is to come.
    #[doc(alias = "schedule.Job.next_run")]
    pub fn next_run(&self) -> Option<DateTime> {
        let local = Rules::local(&self.scheduler.time).ok()?;
        self.facts().planned?.shown(&local).ok()
    }

    /// Moves the next run: assignment to `job.next_run` in Python.
    pub fn set_next_run(&self, at: DateTime) -> Result<()> {
        let local = Rules::local(&self.scheduler.time)?;
        self.scheduler.plan(&self.cell, Some(Planned::local(at, &local)));
        Ok(())
    }

    /// The moment after which it is cancelled: [`until`](super::Every::until).
    #[doc(alias = "schedule.Job.cancel_after")]
    pub fn cancel_after(&self) -> Option<DateTime> {
        self.facts().cancel_after
    }

    /// Its tags, in alphabetical order.
    #[doc(alias = "schedule.Job.tags")]
    pub fn tags(&self) -> BTreeSet<String> {
        self.facts().tags.clone()
    }

    /// Adds tags.
    pub fn tag<T: Into<String>>(&self, tags: impl IntoIterator<Item = T>) {
        self.facts().tags.extend(tags.into_iter().map(Into::into));
    }

    /// True if it is due.
    #[doc(alias = "schedule.Job.should_run")]
    pub fn should_run(&self) -> Result<bool> {
        let now = local_now(&self.scheduler.time)?.micros();
        let utc = super::zone::now(&self.scheduler.time);
        Ok(self.facts().planned.is_some_and(|planned| match planned.due {
            Due::Local(at) => now >= at,
            Due::Utc(at) => utc >= at,
        }))
    }

    /// Runs the job now, due or not, and plans its next run. A job whose [`until`](super::Every::until) has passed is not run:
    /// [`Outcome::Expired`](super::Outcome::Expired). As in Python the job stays on the schedule, even if it returned `CancelJob`.
    #[doc(alias = "schedule.Job.run")]
    pub fn run(&self) -> Run {
        self.scheduler.run_one(&self.cell)
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Job) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

impl Eq for Job {}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts().str(f)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = Rules::local(&self.scheduler.time).ok();
        self.facts().repr(f, local.as_ref())
    }
}

impl<K> fmt::Display for every::Every<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts.str(f)
    }
}

impl<K> fmt::Debug for every::Every<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts.repr(f, None)
    }
}
