//! [`Error`]: what `schedule` reports, named after Python's exceptions.

use std::path::PathBuf;

/// An error of `schedule`.
///
/// The texts of the first four variants are those of Python's schedule 1.2.2.
///
/// <https://schedule.readthedocs.io/en/stable/reference.html#exceptions>
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ScheduleError`: an inconsistent job.
    #[error("{0}")]
    #[doc(alias = "schedule.ScheduleError")]
    Schedule(String),
    /// `ScheduleValueError`: an argument that does not fit the job.
    #[error("{0}")]
    #[doc(alias = "schedule.ScheduleValueError")]
    ScheduleValue(String),
    /// `IntervalError`: a singular unit or a weekday with an interval other than 1.
    #[error("{0}")]
    #[doc(alias = "schedule.IntervalError")]
    Interval(String),
    /// `OverflowError`: the next run lies outside the calendar (years 1 to 9999).
    #[error("{0}")]
    Overflow(String),
    /// pytz's `UnknownTimeZoneError`: the time zone database has no zone of this name.
    #[error("unknown time zone '{0}'")]
    UnknownTimeZone(String),
    /// A text that is not a date and time.
    #[error("invalid date and time '{0}': expected YYYY-MM-DD[ HH:MM[:SS[.ffffff]]]")]
    DateTime(String),
    /// A cron expression that cannot be parsed, or that never matches.
    #[error("invalid cron expression '{expression}': column {column}: {reason}")]
    Cron {
        /// The expression.
        expression: String,
        /// Where the error is, counted in characters from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Options that contradict each other, or a value that an option does not take.
    #[error("{0}")]
    Value(String),
    /// Two jobs of one name, where the name identifies the job: in a journal, in [`Jobs`](super::Jobs).
    #[error("a job named '{0}' exists already")]
    DuplicateJob(String),
    /// A name that no job has.
    #[error("no job named '{0}'")]
    UnknownJob(String),
    /// A job returned an error or panicked.
    #[error("job '{job}' failed: {error}")]
    JobFailed {
        /// The job's name.
        job: String,
        /// What it returned.
        error: crate::Error,
    },
    /// A run took longer than the job's `timeout`.
    #[error("job '{job}' timed out after {seconds} s")]
    TimedOut {
        /// The job's name.
        job: String,
        /// The limit.
        seconds: f64,
    },
    /// Another process has the journal open.
    #[error("journal {} is in use by {holder}", path.display())]
    JournalInUse {
        /// The journal's directory.
        path: PathBuf,
        /// The process that holds it: id, start time and command, as it wrote them.
        holder: String,
    },
    /// The journal cannot be read or written.
    #[error("journal {}: {operation}: {source}", path.display())]
    Journal {
        /// The journal's directory.
        path: PathBuf,
        /// What failed: `"append a record"`.
        operation: &'static str,
        /// Why.
        source: crate::os::Error,
    },
    /// The lease cannot be read, taken or renewed.
    #[error("lease {lease}: {reason}")]
    Lease {
        /// Which one: `"s3://bucket/key"`.
        lease: String,
        /// Why.
        reason: String,
    },
    /// A job that a target cannot run with the same meaning.
    #[error("cannot hand job '{job}' over to {target}: {reason}")]
    HandOver {
        /// The job's name.
        job: String,
        /// `"systemd"`, `"cron"`, `"Kubernetes"`, `"EventBridge"`.
        target: &'static str,
        /// Which difference, and what to do about it.
        reason: String,
    },
    /// The clock or the zone cannot be read.
    #[error(transparent)]
    Time(#[from] crate::time::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    Os(#[from] crate::os::Error),
}

impl Error {
    /// The name of the exception class of schedule, pytz or Python: `"ScheduleValueError"`. What they do not have gives the nearest
    /// base class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::Schedule(_) => "ScheduleError",
            Error::ScheduleValue(_) => "ScheduleValueError",
            Error::Interval(_) => "IntervalError",
            Error::Overflow(_) => "OverflowError",
            Error::UnknownTimeZone(_) => "UnknownTimeZoneError",
            Error::DateTime(_) | Error::Cron { .. } | Error::Value(_) => "ValueError",
            Error::UnknownJob(_) => "KeyError",
            Error::TimedOut { .. } => "TimeoutError",
            Error::JobFailed { error, .. } => error.python_name(),
            Error::Journal { source, .. } => source.python_name(),
            Error::Time(error) => error.python_name(),
            Error::Os(error) => error.python_name(),
            _ => "Exception",
        }
    }
}

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::error::umbrella!(Error);
