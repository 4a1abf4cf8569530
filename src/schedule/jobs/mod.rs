//! [`Jobs`]: one binary of a team's jobs, with a command line.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::schedule::Jobs;
//!
//! let world = World::new();
//! let jobs = Jobs::new("ops").job("beat", |Batteries { os, .. }: &Batteries| os.write_text("/beat", "alive").map(drop)).cron("*/5 * * * *");
//! assert_eq!(jobs.run(&world.batteries(), ["ops", "run", "beat"]), 0);
//! assert!(world.os.exists("/beat"));
//! // In main: fn main() -> std::process::ExitCode { jobs.main() }
//! ```
//!
//! | command | |
//! |---|---|
//! | `ops list` | the jobs, their rules, next and last runs |
//! | `ops run NAME` | runs one job now, with its retries and its timeout |
//! | `ops schedule [--workers N]` | runs the jobs when they are due, until it is stopped |
//! | `ops history NAME [--limit N]` | the last runs of a job |
//! | `ops check [--tolerance SECONDS]` | says which jobs are late or failed last |
//! | `ops emit --systemd\|--cron\|--kubernetes\|--eventbridge [NAME ..]` | what another engine needs: see [`hand_over`](super::hand_over) |
//! | `ops install --systemd [--user]`, `ops install --cron` | writes the units, or `/etc/cron.d/ops` |
//! | `ops install --cron NAME`, `ops uninstall --cron NAME` | the same for one job; the lines of the others stay |
//! | `ops uninstall ..` | removes what `install` wrote |
//! | `ops infra plan\|apply\|destroy` | with the feature `infra`: see `Jobs::infra` |
//! | `ops completion bash\|zsh\|fish\|elvish\|powershell` | a script that completes commands and the names of jobs |
//!
//! | exit code | |
//! |---|---|
//! | 0 | success |
//! | 1 | the job failed; `check` found something |
//! | 2 | wrong arguments, or a job that is configured wrongly |
//! | 3 | a target cannot run a job with the same meaning |
//! | 75 | the job runs already, in another process (`EX_TEMPFAIL`: try again later) |
//! | 124 | the job's time was up, as with timeout(1) |
//!
//! With [`Jobs::journal`] (or `--journal DIR`), runs are kept in a journal: `schedule` has one below `DIR/schedule`, `run NAME` one below `DIR/run/NAME`. So two runs of one
//! job exclude each other, and different jobs do not.
//!
//! `run NAME --dry-run` rehearses: it reads for real, changes nothing, and prints the plan of [`DryRun`], as
//! [`Jobs::rehearsal`] configures it. `run NAME --trace` prints a table of the
//! calls that were made, see [`Trace`](crate::layers::Trace). A rehearsal is not in the journal.

mod commands;
mod install;
mod report;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::every::{At, Every};
use super::job::{Facts, Function, Job};
use super::policy::{Backoff, Missed, Overlap, Policy};
use super::rule::Rule;
use super::serve::outcome::JobOutput;
use super::{Error, Result, Scheduler, Stop};
use crate::layers::DryRun;
use crate::{Batteries, Seconds};

/// Jobs by name, as a program; see [the module](self).
#[derive(Debug)]
#[must_use = "end with `.main()` or `.run(..)`"]
pub struct Jobs {
    program: String,
    about: String,
    entries: Vec<Entry>,
    journal: Option<PathBuf>,
    stop: Stop,
    subcommands: Vec<Box<dyn Subcommand>>,
}

/// A command beside those of the jobs, which a layer above the batteries adds.
pub(crate) trait Subcommand: Send + Sync {
    /// Its name, arguments and help.
    fn command(&self) -> clap::Command;
    /// Runs it; the result is the exit code.
    fn run(&self, batteries: &Batteries, matches: &clap::ArgMatches) -> crate::Result<u8>;
}

impl std::fmt::Debug for dyn Subcommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Subcommand").field(&self.command().get_name()).finish()
    }
}

/// A job of the program. The methods of [`Jobs`] that configure a job configure the last one.
struct Entry {
    name: String,
    about: String,
    function: Call,
    when: When,
    zone: Option<String>,
    policy: Policy,
    rehearsal: Option<Rehearsal>,
}

/// How `run NAME --dry-run` rehearses the job.
type Rehearsal = Arc<dyn Fn(DryRun) -> DryRun + Send + Sync>;

type Call = Arc<super::job::Call>;

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("when", &self.when).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
enum When {
    /// Only by `run NAME`.
    Never,
    /// Daily at this time.
    Daily(String),
    Cron(String),
    Period(Duration),
}

/// How often: the argument of [`Jobs::every`].
#[derive(Clone, Debug)]
pub struct Frequency(When);

impl From<&str> for Frequency {
    /// Daily at `HH:MM` or `HH:MM:SS`.
    fn from(time: &str) -> Frequency {
        Frequency(When::Daily(time.into()))
    }
}

impl From<Duration> for Frequency {
    /// Every so many seconds, from the start on. A part of a second is refused when the program starts.
    fn from(period: Duration) -> Frequency {
        Frequency(When::Period(period))
    }
}

impl Jobs {
    /// A program of this name, without jobs.
    pub fn new(program: impl Into<String>) -> Jobs {
        let about = "Runs and schedules jobs".into();
        Jobs { program: program.into(), about, entries: Vec::new(), journal: None, stop: Stop::new(), subcommands: Vec::new() }
    }

    #[cfg(feature = "infra")]
    pub(crate) fn subcommand(mut self, subcommand: impl Subcommand + 'static) -> Jobs {
        self.subcommands.push(Box::new(subcommand));
        self
    }

    /// Adds a job. Without [`every`](Jobs::every) or [`cron`](Jobs::cron) it only runs by `run NAME`. Two jobs of one name are refused when the program starts.
    pub fn job<F, T>(mut self, name: impl Into<String>, function: F) -> Jobs
    where
        F: Fn(&Batteries) -> T + Send + Sync + 'static,
        T: JobOutput,
    {
        let function: Call = Arc::new(move |batteries| function(batteries).into_output());
        let (name, about) = (name.into(), String::new());
        self.entries.push(Entry {
            name,
            about,
            function,
            when: When::Never,
            zone: None,
            policy: Policy::default(),
            rehearsal: None,
        });
        self
    }

    /// Changes the job that was added last. Before the first one, nothing.
    fn last(mut self, change: impl FnOnce(&mut Entry)) -> Jobs {
        if let Some(entry) = self.entries.last_mut() {
            change(entry);
        }
        self
    }

    /// What the last job does, for `list`; before the first job, what the program does.
    pub fn about(mut self, about: impl Into<String>) -> Jobs {
        match self.entries.last_mut() {
            Some(entry) => entry.about = about.into(),
            None => self.about = about.into(),
        }
        self
    }

    /// Daily at a time (`"02:00"`), or every so many seconds (a `Duration`).
    pub fn every(self, frequency: impl Into<Frequency>) -> Jobs {
        self.last(|entry| entry.when = frequency.into().0)
    }

    /// By a [cron expression](super::cron).
    pub fn cron(self, expression: impl Into<String>) -> Jobs {
        self.last(|entry| entry.when = When::Cron(expression.into()))
    }

    /// The zone of a daily time or a cron expression.
    pub fn zone(self, zone: impl Into<String>) -> Jobs {
        self.last(|entry| entry.zone = Some(zone.into()))
    }

    /// See [`Every::missed`].
    pub fn missed(self, missed: Missed) -> Jobs {
        self.last(|entry| entry.policy.missed = missed)
    }

    /// See [`Every::grace`].
    pub fn grace(self, grace: impl Into<Seconds>) -> Jobs {
        self.last(|entry| entry.policy.grace = Some(grace.into().into()))
    }

    /// See [`Every::overlap`].
    pub fn overlap(self, overlap: Overlap) -> Jobs {
        self.last(|entry| entry.policy.overlap = overlap)
    }

    /// See [`Every::jitter`].
    pub fn jitter(self, jitter: impl Into<Seconds>) -> Jobs {
        self.last(|entry| entry.policy.jitter = jitter.into().into())
    }

    /// See [`Every::retries`].
    pub fn retries(self, retries: u32) -> Jobs {
        self.last(|entry| entry.policy.retries = retries)
    }

    /// See [`Every::backoff`].
    pub fn backoff(self, backoff: Backoff) -> Jobs {
        self.last(|entry| entry.policy.backoff = backoff)
    }

    /// See [`Every::timeout`].
    pub fn timeout(self, timeout: impl Into<Seconds>) -> Jobs {
        self.last(|entry| entry.policy.timeout = Some(timeout.into().into()))
    }

    /// See [`Every::rerun`].
    pub fn rerun(self) -> Jobs {
        self.last(|entry| entry.policy.rerun = true)
    }

    /// Configures the rehearsal of `run NAME --dry-run`: which programs only read, which answers to assume. Without it everything that
    /// cannot be rehearsed is refused.
    ///
    /// ```
    /// # #[cfg(feature = "subprocess")] {
    /// use leyden::layers::Programs;
    /// use leyden::prelude::*;
    /// use leyden::schedule::Jobs;
    ///
    /// fn disks(Batteries { subprocess, .. }: &Batteries) -> leyden::Result<String> {
    ///     Ok(subprocess.run(["df", "-h"]).capture_output(true).check(true).wait()?.stdout_text()?)
    /// }
    ///
    /// let world = World::new();
    /// world.subprocess.program("df").reply("/dev/sda1  97% /\n", 0);
    /// let jobs = Jobs::new("ops").job("disks", disks).rehearsal(|dry_run| dry_run.programs(Programs::refuse().allow(["df"])));
    /// assert_eq!(jobs.run(&world.batteries(), ["ops", "run", "disks", "--dry-run"]), 0);
    /// assert_eq!(world.sys.stdout(), "/dev/sda1  97% /\nNo changes.\n");
    /// # }
    /// ```
    pub fn rehearsal(self, configure: impl Fn(DryRun) -> DryRun + Send + Sync + 'static) -> Jobs {
        self.last(|entry| entry.rehearsal = Some(Arc::new(configure)))
    }

    /// Keeps runs in journals below this directory.
    pub fn journal(mut self, dir: impl Into<PathBuf>) -> Jobs {
        self.journal = Some(dir.into());
        self
    }

    /// Ends `schedule` when this handle is stopped.
    pub fn stop(mut self, stop: &Stop) -> Jobs {
        self.stop = stop.clone();
        self
    }

    /// Runs the command of the process's arguments on this machine.
    pub fn main(self) -> ExitCode {
        let batteries = Batteries::included();
        let arguments = batteries.sys.argv();
        let code = self.run(&batteries, arguments);
        // What cannot be written to a closed pipe has been reported by the code already.
        let flushed = batteries.sys.stdout.flush();
        ExitCode::from(if flushed.is_err() && code == 0 { 120 } else { code })
    }

    /// Runs a command, the program's name first. It writes to `stdout` and `stderr` of `sys`; the result is the exit code.
    pub fn run(self, batteries: &Batteries, arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> u8 {
        commands::run(&self, batteries, arguments.into_iter().map(Into::into).collect())
    }

    fn entry(&self, name: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownJob(name.into()))
    }
}

impl Entry {
    /// Adds the job to a scheduler; None if it has no rule.
    fn register(&self, schedule: &Scheduler) -> Result<Option<Job>> {
        match &self.when {
            When::Never => Ok(None),
            When::Daily(time) => {
                let at = At::new(time);
                let at = self.zone.iter().fold(at, At::tz);
                self.add(schedule.every(1).day().at(at)).map(Some)
            }
            When::Period(period) if period.subsec_nanos() > 0 || period.is_zero() => {
                let text = format!("job '{}': every {} s is not a number of whole seconds", self.name, period.as_secs_f64());
                Err(Error::Value(text))
            }
            When::Period(period) => {
                let seconds = i64::try_from(period.as_secs()).unwrap_or(i64::MAX);
                self.add(schedule.every(seconds).seconds()).map(Some)
            }
            When::Cron(expression) => {
                let cron = schedule.cron(expression);
                self.add(self.zone.iter().fold(cron, Every::zone)).map(Some)
            }
        }
    }

    fn add<K>(&self, mut job: Every<K>) -> Result<Job> {
        job.facts.policy = self.policy.clone();
        let function = self.function.clone();
        job.name(&self.name).do_(move |batteries| function(batteries))
    }

    /// Adds the job so that it is due now, once.
    fn register_now(&self, schedule: &Scheduler) -> Result<Job> {
        let mut facts = Facts::new(Rule::Once(super::zone::now(&schedule.time)));
        facts.policy = Policy { missed: Missed::Once, grace: None, jitter: Duration::ZERO, ..self.policy.clone() };
        facts.name = Some(self.name.clone());
        facts.function = Some(self.name.clone());
        let function = self.function.clone();
        schedule.clone().register(
            facts,
            Function::Call(Arc::new(move |batteries| function(batteries))),
            super::job::Hooks::default(),
        )
    }
}
