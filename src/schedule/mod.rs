//! `schedule`: jobs that run at intervals, at times and by cron expressions.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new(); // 2026-01-01 00:00:00; on the machine: Batteries::included()
//! let Batteries { schedule, time, .. } = world.batteries();
//! schedule.every(10).minutes().do_(|Batteries { os, .. }| os.write_text("/beat", "alive").map(drop))?;
//! time.sleep(secs(600)).wait();
//! schedule.run_pending().check()?;
//! assert!(world.os.exists("/beat"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python's schedule 1.2.2 | leyden |
//! |---|---|
//! | `schedule.every().hour.do(job)` | `schedule.every(1).hour().do_(job)?` |
//! | `schedule.every(5).to(10).days.do(job)` | `schedule.every(5).to(10).days().do_(job)?` |
//! | `schedule.every().monday.at("12:30", "Europe/Berlin")` | `schedule.every(1).monday().at(("12:30", "Europe/Berlin"))` |
//! | `.do(job, 1, name="x")` | `.do_(move \|_\| job(1, "x"))?`; [`arg`](Every::arg) and [`kwarg`](Every::kwarg) name them for `repr` |
//! | `.tag("a", "b")`, `.until("18:30")` | `.tag(["a", "b"])`, `.until("18:30")` |
//! | `@repeat(every().hour)` | [`repeat`]`(schedule.every(1).hour(), job)?` |
//! | `while True: schedule.run_pending(); time.sleep(1)` | `schedule.serve().wait()?`, or the same loop |
//! | `schedule.run_pending()` | `schedule.run_pending().check()?` |
//! | `schedule.Scheduler()` | [`Scheduler::over`]`(&batteries)` |
//! | `return schedule.CancelJob` | return [`CancelJob`] |
//! | `random.seed(1)` | [`Scheduler::seed`]`(1)`: the same intervals as in Python |
//! | `ScheduleError`, `ScheduleValueError`, `IntervalError` | variants of [`Error`], with Python's texts |
//!
//! Beyond Python:
//!
//! | | |
//! |---|---|
//! | [`Scheduler::cron`], [`Scheduler::once_at`] | cron expressions in a zone, one-shot jobs |
//! | [`missed`](Every::missed), [`grace`](Every::grace), [`overlap`](Every::overlap), [`jitter`](Every::jitter) | policies of a job |
//! | [`retries`](Every::retries), [`backoff`](Every::backoff), [`timeout`](Every::timeout) | failures of a job |
//! | [`Scheduler::serve`] | a loop that sleeps until the next run, with workers and a [`Stop`] |
//! | [`on_success`](Every::on_success), [`on_failure`](Every::on_failure) | hooks: a mail, a webhook, a heartbeat |
//!
//! A job gets the batteries of its scheduler. Everything goes over the `time` battery (and `os` for the journal), so in a [`World`](crate::World) a year of jobs passes in
//! an instant. This is also why the battery has no backend of its own: its effects are those two batteries' effects.
//!
//! # What is not here
//!
//! | | instead |
//! |---|---|
//! | a client of EventBridge Scheduler, and SSM's SendCommand | [`hand_over::EventBridgeSchedule`] gives the input of `aws scheduler create-schedule` |
//! | `serve` that ends on SIGTERM by itself | a [`Stop`] that a signal handler's thread stops |
//! | leaders by anything but S3, queues, workflows | an engine: see [`hand_over`] |
//!
//! With a [`Leader`], each machine's journal knows only its own runs: what another leader ran while a machine was down looks missed there. Use [`Missed::Skip`] then.
//!
//! # DIFFERENCE
//!
//! - A job that fails or panics does not stop the others, and is planned anew as if it had succeeded (or tried again, see [`Every::retries`]). In Python the
//!   exception leaves `run_pending`, and the job stays due.
//! - The first error of a chain is returned by `do_`, not raised by its link. A `Job` that has a function cannot be reconfigured, but for its tags and its next run.
//! - The local time is that of the battery's zone. pytz's zones end in 2037; these go on.
//! - An unknown zone has a text of ours; pytz's is the bare name in quotes.
//! - An interval of 0 whose time has passed is an error, as is a negative one; Python loops without end, or until the calendar ends.
//! - Tags are text. Python takes any hashable value.
//! - An interval is an integer. Python also takes a float.
//! - The local times of `at` without a zone, and of intervals, are compared with the local clock, as in Python: when the clock goes back by an hour, an hourly job
//!   pauses for two. Name a zone, or use [`Scheduler::cron`], for jobs by moments.

pub mod cron;
mod datetime;
mod error;
mod every;
pub mod hand_over;
mod job;
#[cfg(feature = "cli")]
pub mod jobs;
pub mod journal;
mod leader;
mod policy;
mod rule;
mod serve;
mod table;
mod value;
mod zone;

use std::sync::{Arc, Mutex, PoisonError};

pub use cron::Cron;
pub use datetime::{Date, DateTime};
pub use error::{Error, Result};
pub use every::{At, ByCron, ByInterval, ByMoment, Every};
pub use job::Job;
#[cfg(feature = "cli")]
pub use jobs::Jobs;
pub use journal::{Ending, Opened, Past};
pub use leader::Leader;
#[cfg(feature = "s3")]
pub use leader::lease::S3Lease;
pub use policy::{Backoff, Missed, Overlap};
pub use rule::interval::{AtTime, Unit, Weekday};
pub use rule::until::Until;
pub use serve::outcome::{CancelJob, JobOutput, Outcome, Output};
pub use serve::runs::{Run, Runs};
pub use serve::{Serve, Served, Stop};
pub use value::Value;

use crate::Batteries;
use crate::os::Os;
use crate::time::Time;
use job::{Cell, Facts, Function, Hooks};
use rule::interval::Interval;
use rule::random::Random;
use rule::{Planned, Rule};
use table::Table;
use zone::Rules;

/// A set of jobs, and Python's module `schedule` as a value: [`Batteries::schedule`] is its default scheduler. Cheap to clone; clones share the jobs.
///
/// <https://schedule.readthedocs.io/en/stable/reference.html#schedule.Scheduler>
#[derive(Clone)]
#[doc(alias = "schedule.Scheduler")]
#[doc(alias = "schedule.default_scheduler")]
pub struct Scheduler {
    state: Arc<State>,
    time: Time,
    os: Os,
    /// What jobs get, but for the scheduler itself: that would be a cycle. None in that copy only.
    on: Option<Arc<Batteries>>,
}

#[derive(Default)]
struct State {
    table: Mutex<Table>,
    random: Mutex<Option<Random>>,
    journal: Mutex<Option<Arc<journal::Journal>>>,
    leader: Mutex<Option<Arc<dyn Leader>>>,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").field("jobs", &self.table().jobs.len()).finish_non_exhaustive()
    }
}

impl Scheduler {
    /// A scheduler of its own, without jobs, whose jobs get these batteries. `schedule.Scheduler()` in Python.
    pub fn over(batteries: &Batteries) -> Scheduler {
        Scheduler::on(batteries, &Scheduler::unbound(batteries.os.clone(), batteries.time.clone()))
    }

    /// The same jobs, which get these batteries.
    pub(crate) fn on(batteries: &Batteries, jobs: &Scheduler) -> Scheduler {
        let (os, time) = (batteries.os.clone(), batteries.time.clone());
        let rest = Batteries { schedule: Scheduler::unbound(os.clone(), time.clone()), ..batteries.clone() };
        Scheduler { state: jobs.state.clone(), time, os, on: Some(Arc::new(rest)) }
    }

    /// A scheduler that cannot run jobs yet.
    pub(crate) fn unbound(os: Os, time: Time) -> Scheduler {
        Scheduler { state: Arc::default(), time, os, on: None }
    }

    /// What a job gets.
    fn batteries(&self) -> Result<Batteries> {
        let on = self.on.as_deref().ok_or_else(|| Error::Value("the scheduler has no batteries: use Scheduler::over".into()))?;
        Ok(Batteries { schedule: self.clone(), ..on.clone() })
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        self.state.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job that runs every so many seconds, minutes, hours, days or weeks. `schedule.every()` is `schedule.every(1)`.
    #[doc(alias = "schedule.every")]
    #[doc(alias = "schedule.Scheduler.every")]
    pub fn every(&self, interval: i64) -> Every {
        Every::new(self, Ok(Rule::Interval(Interval::new(interval))))
    }

    /// A job that runs when a cron expression matches, in the local zone or in that of [`zone`](Every::zone). [`Error::Cron`] comes from `do_`.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let schedule = World::new().batteries().schedule; // Thursday, 2026-01-01
    /// let job = schedule.cron("30 2 * * MON-FRI").zone("America/New_York").do_(|_| ())?;
    /// assert_eq!(job.next_run().unwrap().to_string(), "2026-01-01 07:30:00");
    /// let error = schedule.cron("0 25 * * *").do_(|_| ()).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid cron expression '0 25 * * *': column 3: hour 25 is not between 0 and 23");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn cron(&self, expression: impl AsRef<str>) -> Every<ByCron> {
        Every::new(self, expression.as_ref().parse().map(|cron| Rule::Cron { cron, zone: None }))
    }

    /// A job that runs once: at a [`DateTime`], a `SystemTime`, after a `Duration`, or at a text such as `"2026-12-24 18:00"`. It leaves the schedule afterwards.
    /// A moment in the past is due at once, as far as [`grace`](Every::grace) allows.
    pub fn once_at(&self, at: impl Into<Until>) -> Every<ByMoment> {
        let moment = at.into().moment(&self.time).and_then(|at| Ok(Rules::local(&self.time)?.moment(at.micros())));
        Every::new(self, moment.map(Rule::Once))
    }

    /// Seeds the intervals of [`Every::to`]: `random.seed(seed)` in Python, which then draws the same ones. Without it, the machine's random bytes do.
    pub fn seed(&self, seed: u128) {
        *self.state.random.lock().unwrap_or_else(PoisonError::into_inner) = Some(Random::seeded(seed));
    }

    fn with_random<T>(&self, draw: impl FnOnce(&mut Random) -> Result<T>) -> Result<T> {
        let mut random = self.state.random.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *random {
            Some(random) => draw(random),
            None => {
                let bytes = self.os.urandom(16)?;
                let seed = bytes.iter().fold(0, |seed, byte| seed << 8 | u128::from(*byte));
                draw(random.insert(Random::seeded(seed)))
            }
        }
    }

    /// When a rule is due after a run that began or ended at a moment. The run was late by the job's jitter, and the next one is too: the
    /// jitter shifts the runs and does not add up.
    fn next_after_run(&self, facts: &Facts, utc: i64) -> Result<Option<Planned>> {
        match facts.rule {
            Rule::Once(_) => self.next_of(facts, utc),
            _ => self.next_of(facts, utc.saturating_sub(facts.jitter())),
        }
    }

    /// When a rule is due after a moment, with the job's jitter.
    fn next_of(&self, facts: &Facts, utc: i64) -> Result<Option<Planned>> {
        let local = Rules::local(&self.time)?;
        let random = matches!(&facts.rule, Rule::Interval(Interval { latest: Some(_), .. }));
        let next = if random {
            self.with_random(|random| facts.rule.next(utc, &local, random))?
        } else {
            // Nothing is drawn from it.
            facts.rule.next(utc, &local, &mut Random::idle())?
        };
        Ok(next.map(|planned| planned.delayed(facts.jitter())))
    }

    /// When a new job is due first: by its rule, or by what the journal knows of it.
    fn first_of(&self, facts: &Facts) -> Result<Option<Planned>> {
        let now = zone::now(&self.time);
        let from_now = || match facts.rule {
            // A moment in the past is due at once.
            Rule::Once(at) => Ok(Some(Planned::utc(at))),
            _ => self.next_of(facts, now),
        };
        let Some(journal) = self.journalled() else { return from_now() };
        let name = facts.called();
        if self.table().jobs.values().any(|cell| cell.lock().called() == name) {
            return Err(Error::DuplicateJob(name.into()));
        }
        let spec = policy::fnv(facts.rule.spec().as_bytes());
        let Some(known) = journal.known(name).filter(|known| known.spec == spec) else { return from_now() };
        // A run of a later day than this one was made by a clock that was wrong.
        match known.last_scheduled.filter(|last| *last <= now.saturating_add(datetime::DAY)) {
            Some(last) if known.interrupted && facts.policy.rerun => Ok(Some(Planned { scheduled: last, ..Planned::utc(now) })),
            // Due at once if it passed while no process ran.
            Some(last) => match facts.policy.missed {
                Missed::All { .. } => self.next_of(facts, last),
                Missed::Once | Missed::Skip => {
                    self.next_of(facts, last.max(known.last_begun.min(now).saturating_sub(facts.jitter())))
                }
            },
            None => from_now(),
        }
    }

    fn register(self, mut facts: Facts, function: Function, hooks: Hooks) -> Result<Job> {
        let planned = self.first_of(&facts)?;
        facts.planned = None;
        let cell = self.table().insert(facts, function, hooks);
        self.plan(&cell, planned);
        Ok(Job { cell, scheduler: self })
    }

    /// Sets when a job is due.
    fn plan(&self, cell: &Arc<Cell>, planned: Option<Planned>) {
        self.table().plan(cell, planned);
    }

    /// The jobs with a tag, or all of them for None, in the order in which they were added.
    #[doc(alias = "schedule.get_jobs")]
    #[doc(alias = "schedule.Scheduler.get_jobs")]
    pub fn get_jobs<'t>(&self, tag: impl Into<Option<&'t str>>) -> Vec<Job> {
        let cells = self.table().tagged(tag.into());
        cells.into_iter().map(|cell| Job { cell, scheduler: self.clone() }).collect()
    }

    /// All jobs.
    #[doc(alias = "schedule.jobs")]
    #[doc(alias = "schedule.Scheduler.jobs")]
    pub fn jobs(&self) -> Vec<Job> {
        self.get_jobs(None)
    }

    /// Removes the jobs with a tag, or all of them for None.
    #[doc(alias = "schedule.clear")]
    #[doc(alias = "schedule.Scheduler.clear")]
    pub fn clear<'t>(&self, tag: impl Into<Option<&'t str>>) {
        let mut table = self.table();
        for cell in table.tagged(tag.into()) {
            table.remove(&cell);
        }
    }

    /// Removes a job. One that is not on the schedule is ignored.
    #[doc(alias = "schedule.cancel_job")]
    #[doc(alias = "schedule.Scheduler.cancel_job")]
    pub fn cancel_job(&self, job: &Job) {
        self.table().remove(&job.cell);
    }

    /// When the first job (with this tag, or of all for None) is due, in local time. None without such a job.
    #[doc(alias = "schedule.next_run")]
    #[doc(alias = "schedule.Scheduler.next_run")]
    #[doc(alias = "schedule.Scheduler.get_next_run")]
    pub fn next_run<'t>(&self, tag: impl Into<Option<&'t str>>) -> Result<Option<DateTime>> {
        let local = Rules::local(&self.time)?;
        self.table().first_due(tag.into(), &local)
    }

    /// Seconds until [`next_run`](Scheduler::next_run); negative if a job is overdue, None without jobs.
    #[doc(alias = "schedule.idle_seconds")]
    #[doc(alias = "schedule.Scheduler.idle_seconds")]
    pub fn idle_seconds(&self) -> Result<Option<f64>> {
        let now = zone::local_now(&self.time)?;
        Ok(self.next_run(None)?.map(|next| next.seconds_since(now)))
    }
}

/// Schedules a function by a configured job: Python's decorator `@repeat(every().hour)`.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::schedule::repeat;
///
/// let schedule = World::new().batteries().schedule;
/// let job = repeat(schedule.every(10).minutes(), |_| ())?;
/// assert_eq!(job.interval(), Some(10));
/// # Ok::<(), leyden::Error>(())
/// ```
#[doc(alias = "schedule.repeat")]
pub fn repeat<K, F, T>(job: Every<K>, function: F) -> Result<Job>
where
    F: Fn(&Batteries) -> T + Send + Sync + 'static,
    T: JobOutput,
{
    job.do_(function)
}
