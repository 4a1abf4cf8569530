//! [`Run`] and [`Runs`]: what was run, and how it ended.

use std::time::Duration;

use super::outcome::Outcome;
use crate::schedule::datetime::DateTime;
use crate::schedule::error::{Error, Result};

/// One run of a job.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// The job's name.
    pub job: String,
    /// The time of its rule, in local time. None for a run that was asked for, not due.
    pub scheduled: Option<DateTime>,
    /// When it started, in local time.
    pub started: DateTime,
    /// How long it took.
    pub duration: Duration,
    /// 0 for the first try, 1 for the first retry.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The first error of a hook: [`on_success`](crate::schedule::Every::on_success), [`on_failure`](crate::schedule::Every::on_failure).
    pub hook_error: Option<crate::Error>,
}

/// The runs of one [`run_pending`](crate::schedule::Scheduler::run_pending) or [`run_all`](crate::schedule::Scheduler::run_all), in order.
///
/// A failed job does not stop the others: what failed is here.
#[derive(Debug, Default)]
#[must_use = "failures are in here: end with `.check()?`, or look at `.failed()`"]
pub struct Runs {
    pub(in crate::schedule) runs: Vec<Run>,
    pub(in crate::schedule) error: Option<Error>,
}

impl Runs {
    /// The runs that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.outcome.error().is_some())
    }

    /// The first failure, or that of the scheduler itself (a zone file, the journal); else the number of runs.
    pub fn check(self) -> Result<usize> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let count = self.runs.len();
        for run in self.runs {
            if let Outcome::Failed(error) = run.outcome {
                return Err(error);
            }
        }
        Ok(count)
    }
}

impl std::ops::Deref for Runs {
    type Target = [Run];

    fn deref(&self) -> &[Run] {
        &self.runs
    }
}

impl IntoIterator for Runs {
    type Item = Run;
    type IntoIter = std::vec::IntoIter<Run>;

    fn into_iter(self) -> Self::IntoIter {
        self.runs.into_iter()
    }
}
