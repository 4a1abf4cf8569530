//! [`Every`]: a job before it has a function, configured link by link.

use std::marker::PhantomData;
use std::sync::Arc;

use super::Scheduler;
use super::error::{Error, Result};
use super::job::{Facts, Function, Hooks, Job};
use super::policy::{Backoff, Missed, Overlap};
use super::rule::Rule;
use super::rule::interval::{Interval, Unit, Weekday};
use super::rule::until::Until;
use super::serve::outcome::JobOutput;
use super::serve::runs::Run;
use super::value::Value;
use super::zone::Rules;
use crate::wait::BoxFuture;
use crate::{Batteries, Seconds};

/// The kind of rule of [`Scheduler::every`].
#[derive(Clone, Copy, Debug)]
pub enum ByInterval {}

/// The kind of rule of [`Scheduler::cron`].
#[derive(Clone, Copy, Debug)]
pub enum ByCron {}

/// The kind of rule of [`Scheduler::once_at`].
#[derive(Clone, Copy, Debug)]
pub enum ByMoment {}

/// A job that is being configured: Python's chain `every(2).hours.at(":30").tag("x")`.
///
/// The first link that fails is what [`do_`](Every::do_) returns, so that a chain needs one `?`. Nothing is scheduled before.
///
/// ```
/// use leyden::prelude::*;
///
/// let schedule = World::new().batteries().schedule;
/// let job = schedule.every(1).monday().at(("09:00", "Europe/Berlin")).tag(["mail"]).do_(|_| ())?;
/// assert_eq!(job.next_run().unwrap().to_string(), "2026-01-05 08:00:00");
/// let error = schedule.every(2).monday().do_(|_| ()).unwrap_err();
/// assert!(error.to_string().starts_with("Scheduling .monday() jobs is only allowed for weekly jobs."));
/// # Ok::<(), leyden::Error>(())
/// ```
#[must_use = "a job does nothing before `.do_(..)`"]
pub struct Every<K = ByInterval> {
    pub(super) facts: Facts,
    pub(super) scheduler: Scheduler,
    pub(super) error: Option<Error>,
    hooks: Hooks,
    pub(super) kind: PhantomData<K>,
}

/// A time of day with an optional zone: the arguments of [`Every::at`].
#[derive(Clone, Debug)]
pub struct At {
    time: String,
    zone: Option<String>,
}

impl At {
    /// `"10:30"`, `"10:30:15"`, `":30"`, `"15:30"`: see [`Every::at`].
    pub fn new(time: impl Into<String>) -> At {
        At { time: time.into(), zone: None }
    }

    /// The zone in which the time is meant.
    pub fn tz(self, zone: impl Into<String>) -> At {
        At { zone: Some(zone.into()), ..self }
    }
}

impl From<&str> for At {
    fn from(time: &str) -> At {
        At::new(time)
    }
}

impl From<String> for At {
    fn from(time: String) -> At {
        At::new(time)
    }
}

impl<T: Into<String>, Z: Into<String>> From<(T, Z)> for At {
    fn from((time, zone): (T, Z)) -> At {
        At::new(time).tz(zone)
    }
}

macro_rules! units {
    ($(#[$one:meta] $singular:ident, #[$many:meta] $plural:ident, $unit:ident);+ $(;)?) => {$(
        #[doc = concat!("The unit: one ", stringify!($singular), ". [`Error::Interval`] if the interval is not 1.")]
        #[$one]
        pub fn $singular(self) -> Every {
            self.only_one(concat!("Use ", stringify!($plural), " instead of ", stringify!($singular))).$plural()
        }

        #[doc = concat!("The unit: ", stringify!($plural), ".")]
        #[$many]
        pub fn $plural(self) -> Every {
            self.rule(|rule| rule.unit = Some(Unit::$unit))
        }
    )+};
}

macro_rules! weekdays {
    ($(#[$alias:meta] $name:ident, $day:ident);+ $(;)?) => {$(
        #[doc = concat!("Weekly on ", stringify!($day), ". [`Error::Interval`] if the interval is not 1.")]
        #[$alias]
        pub fn $name(self) -> Every {
            const TEXT: &str = concat!(
                "Scheduling .", stringify!($name), "() jobs is only allowed for weekly jobs. Using .", stringify!($name),
                "() on a job scheduled to run every 2 or more weeks is not supported."
            );
            self.only_one(TEXT).rule(|rule| {
                rule.start_day = Some(Weekday::$day);
                rule.unit = Some(Unit::Weeks);
            })
        }
    )+};
}

impl Every {
    fn rule(mut self, change: impl FnOnce(&mut Interval)) -> Every {
        if let (None, Rule::Interval(rule)) = (&self.error, &mut self.facts.rule) {
            change(rule);
        }
        self
    }

    fn only_one(mut self, text: &str) -> Every {
        if let (None, Rule::Interval(rule)) = (&self.error, &self.facts.rule)
            && rule.interval != 1
        {
            self.error = Some(Error::Interval(text.into()));
        }
        self
    }

    units! {
        #[doc(alias = "schedule.Job.second")] second, #[doc(alias = "schedule.Job.seconds")] seconds, Seconds;
        #[doc(alias = "schedule.Job.minute")] minute, #[doc(alias = "schedule.Job.minutes")] minutes, Minutes;
        #[doc(alias = "schedule.Job.hour")] hour, #[doc(alias = "schedule.Job.hours")] hours, Hours;
        #[doc(alias = "schedule.Job.day")] day, #[doc(alias = "schedule.Job.days")] days, Days;
        #[doc(alias = "schedule.Job.week")] week, #[doc(alias = "schedule.Job.weeks")] weeks, Weeks;
    }

    weekdays! {
        #[doc(alias = "schedule.Job.monday")] monday, Monday;
        #[doc(alias = "schedule.Job.tuesday")] tuesday, Tuesday;
        #[doc(alias = "schedule.Job.wednesday")] wednesday, Wednesday;
        #[doc(alias = "schedule.Job.thursday")] thursday, Thursday;
        #[doc(alias = "schedule.Job.friday")] friday, Friday;
        #[doc(alias = "schedule.Job.saturday")] saturday, Saturday;
        #[doc(alias = "schedule.Job.sunday")] sunday, Sunday;
    }

    /// The time at which it runs, after the unit was chosen: `HH:MM` or `HH:MM:SS` of days and weekdays, `MM:SS` or `:MM` of hours, `:SS` of minutes.
    /// `("10:30", "Europe/Berlin")` or [`At::tz`] names the zone; without one, it is the local zone.
    ///
    /// [`Error::ScheduleValue`] with Python's text for any other form; [`Error::UnknownTimeZone`].
    #[doc(alias = "schedule.Job.at")]
    pub fn at(mut self, at: impl Into<At>) -> Every {
        let at = at.into();
        if let (None, Rule::Interval(rule)) = (&self.error, &mut self.facts.rule)
            && let Err(error) = set_at(rule, &at, &self.scheduler)
        {
            self.error = Some(error);
        }
        self
    }

    /// A random interval: from the one of `every` to this one, both included, drawn anew for each run.
    #[doc(alias = "schedule.Job.to")]
    pub fn to(self, latest: i64) -> Every {
        self.rule(|rule| rule.latest = Some(latest))
    }
}

fn set_at(rule: &mut Interval, at: &At, scheduler: &Scheduler) -> Result<()> {
    let takes_time = matches!(rule.unit, Some(Unit::Days | Unit::Hours | Unit::Minutes)) || rule.start_day.is_some();
    if !takes_time {
        return Err(Error::ScheduleValue("Invalid unit (valid units are `days`, `hours`, and `minutes`)".into()));
    }
    if let Some(zone) = &at.zone {
        rule.zone = Some(Rules::named(&scheduler.time, zone)?);
    }
    rule.at(&at.time)
}

impl Every<ByCron> {
    /// The zone whose clock the expression is about. Without it, the local zone. [`Error::UnknownTimeZone`].
    pub fn zone(mut self, name: impl Into<String>) -> Every<ByCron> {
        let name = name.into();
        if let (None, Rule::Cron { zone, .. }) = (&self.error, &mut self.facts.rule) {
            match Rules::named(&self.scheduler.time, &name) {
                Ok(named) => *zone = Some(named),
                Err(error) => self.error = Some(error),
            }
        }
        self
    }
}

impl<K> Every<K> {
    pub(super) fn new(scheduler: &Scheduler, rule: Result<Rule>) -> Every<K> {
        let (rule, error) = match rule {
            Ok(rule) => (rule, None),
            // Never scheduled: `do_` returns the error.
            Err(error) => (Rule::Once(i64::MIN), Some(error)),
        };
        Every { facts: Facts::new(rule), scheduler: scheduler.clone(), error, hooks: Hooks::default(), kind: PhantomData }
    }

    /// The name by which errors, the history and the journal know the job. Without it, that of the function.
    ///
    /// It is also what `str` and `repr` show as the function.
    pub fn name(mut self, name: impl Into<String>) -> Every<K> {
        self.facts.name = Some(name.into());
        self
    }

    /// Tags, for [`Scheduler::get_jobs`] and [`Scheduler::clear`]. Tags are text; equal ones count once.
    #[doc(alias = "schedule.Job.tag")]
    pub fn tag<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Every<K> {
        self.facts.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// The last moment at which it may run: a [`DateTime`](super::DateTime), a `SystemTime`, a `Duration` from now, a text such as `"2026-12-24 18:00"` or `"18:00"`,
    /// or [`Until::today`]. A job whose next run would be later is cancelled.
    ///
    /// [`Error::ScheduleValue`] for a moment in the past, and for any other text.
    #[doc(alias = "schedule.Job.until")]
    pub fn until(mut self, until: impl Into<Until>) -> Every<K> {
        if self.error.is_none() {
            match until.into().resolve(&self.scheduler.time) {
                Ok(at) => self.facts.cancel_after = Some(at),
                Err(error) => self.error = Some(error),
            }
        }
        self
    }

    /// A positional argument for `str` and `repr`; the function has its arguments already.
    pub fn arg(mut self, value: impl Into<Value>) -> Every<K> {
        self.facts.args.push(value.into());
        self
    }

    /// A keyword argument for `str` and `repr`.
    pub fn kwarg(mut self, name: impl Into<String>, value: impl Into<Value>) -> Every<K> {
        self.facts.kwargs.push((name.into(), value.into()));
        self
    }

    /// What becomes of missed runs. [`Missed::Once`] by default.
    pub fn missed(mut self, missed: Missed) -> Every<K> {
        self.facts.policy.missed = missed;
        self
    }

    /// How late a run may start; a later one is [`Outcome::Missed`](super::Outcome::Missed). Unlimited by default.
    pub fn grace(mut self, grace: impl Into<Seconds>) -> Every<K> {
        self.facts.policy.grace = Some(grace.into().into());
        self
    }

    /// What happens if it is due while it still runs. [`Overlap::Skip`] by default.
    pub fn overlap(mut self, overlap: Overlap) -> Every<K> {
        self.facts.policy.overlap = overlap;
        self
    }

    /// Runs it up to this much later, so that jobs of one time do not start together. The delay of a name is always the same: it shifts all
    /// runs, and the [`grace`](Every::grace) counts from the shifted time.
    pub fn jitter(mut self, jitter: impl Into<Seconds>) -> Every<K> {
        self.facts.policy.jitter = jitter.into().into();
        self
    }

    /// How often a failed run is tried again, with pauses of 1, 2, 4, .. seconds, at most 5 minutes. See [`Every::backoff`].
    pub fn retries(mut self, retries: u32) -> Every<K> {
        self.facts.policy.retries = retries;
        self
    }

    /// The pauses between tries.
    pub fn backoff(mut self, backoff: Backoff) -> Every<K> {
        self.facts.policy.backoff = backoff;
        self
    }

    /// How long a run may take. A job of [`do_async`](Every::do_async) is dropped at its next `.await` then. A job of [`do_`](Every::do_) cannot be stopped: it runs to
    /// its end, and the run counts as failed. Both are [`Error::TimedOut`].
    pub fn timeout(mut self, timeout: impl Into<Seconds>) -> Every<K> {
        self.facts.policy.timeout = Some(timeout.into().into());
        self
    }

    /// With a journal: runs it again at once if the process died during a run. Without it, the interrupted run is only reported.
    pub fn rerun(mut self) -> Every<K> {
        self.facts.policy.rerun = true;
        self
    }

    /// Calls this after each run that succeeds: a heartbeat, so that a job that did not run is noticed.
    pub fn on_success<F>(mut self, hook: F) -> Every<K>
    where
        F: Fn(&Batteries, &Run) -> crate::Result<()> + Send + Sync + 'static,
    {
        self.hooks.success.push(Arc::new(hook));
        self
    }

    /// Calls this after each run that fails, retries included: a mail, a webhook.
    pub fn on_failure<F>(mut self, hook: F) -> Every<K>
    where
        F: Fn(&Batteries, &Run) -> crate::Result<()> + Send + Sync + 'static,
    {
        self.hooks.failure.push(Arc::new(hook));
        self
    }

    /// Gives the job its function and schedules it. The function gets the batteries of the scheduler and may return what [`JobOutput`] names.
    /// It may run on another thread, and twice at a time if [`Overlap::Allow`] says so: shared state belongs in an atomic or a mutex.
    ///
    /// The first error of the chain, or of computing the first run.
    #[doc(alias = "schedule.Job.do")]
    pub fn do_<F, T>(self, function: F) -> Result<Job>
    where
        F: Fn(&Batteries) -> T + Send + Sync + 'static,
        T: JobOutput,
    {
        if self.facts.policy.overlap == Overlap::CancelOld {
            return Err(Error::Value("overlap(CancelOld) needs a job of do_async: a thread cannot be stopped".into()));
        }
        let name = function_name::<F>();
        self.register(name, Function::Call(Arc::new(move |batteries| function(batteries).into_output())))
    }

    /// The same for a function that is awaited. While it waits, the scheduler and other jobs go on.
    pub fn do_async<F, W, T>(self, function: F) -> Result<Job>
    where
        F: Fn(Batteries) -> W + Send + Sync + 'static,
        W: Future<Output = T> + Send + 'static,
        T: JobOutput + 'static,
    {
        let name = function_name::<F>();
        let task = move |batteries: Batteries| -> BoxFuture<crate::Result<super::serve::outcome::Output>> {
            let run = function(batteries);
            Box::pin(async move { run.await.into_output() })
        };
        self.register(name, Function::Task(Arc::new(task)))
    }

    fn register(mut self, name: String, function: Function) -> Result<Job> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.facts.function = Some(self.facts.name.clone().unwrap_or(name));
        self.scheduler.clone().register(self.facts, function, self.hooks)
    }
}

/// `"nightly"` of `crate::jobs::nightly`; a closure is called as Python calls it.
fn function_name<F>() -> String {
    let path = std::any::type_name::<F>();
    let path = path.split_once('<').map_or(path, |(path, _)| path);
    let name = path.rsplit("::").next().unwrap_or(path);
    if name.starts_with('{') { "<lambda>".into() } else { name.into() }
}
