//! What a job returns: [`CancelJob`], [`JobOutput`], [`Outcome`].

use crate::schedule::error::Error;

/// Returned by a job that unschedules itself.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::schedule::CancelJob;
///
/// let world = World::new();
/// let Batteries { schedule, time, .. } = world.batteries();
/// schedule.every(1).second().do_(|_| CancelJob)?;
/// time.sleep(secs(1)).wait();
/// schedule.run_pending();
/// assert!(schedule.get_jobs(None).is_empty());
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "schedule.CancelJob")]
pub struct CancelJob;

/// What a run that did not fail leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The job asked to be unscheduled.
    pub cancel: bool,
    /// What the job returned as text: its end is kept in the journal's history.
    pub text: String,
}

/// The types that a job may return: `()`, [`CancelJob`], `Option<CancelJob>`, `String`, [`Output`], and a `Result` of these with any
/// error that [`leyden::Error`](crate::Error) takes.
#[diagnostic::on_unimplemented(
    message = "a job cannot return `{Self}`",
    label = "not an outcome of a job",
    note = "a job returns `()`, `String`, `schedule::CancelJob`, or a `Result` of one; end what takes time with `.wait()?`, or use `do_async` for a function that is awaited"
)]
pub trait JobOutput {
    /// The run's outcome.
    fn into_output(self) -> crate::Result<Output>;
}

impl JobOutput for () {
    fn into_output(self) -> crate::Result<Output> {
        Ok(Output::default())
    }
}

impl JobOutput for CancelJob {
    fn into_output(self) -> crate::Result<Output> {
        Ok(Output { cancel: true, ..Output::default() })
    }
}

impl JobOutput for Option<CancelJob> {
    fn into_output(self) -> crate::Result<Output> {
        Ok(Output { cancel: self.is_some(), ..Output::default() })
    }
}

impl JobOutput for String {
    fn into_output(self) -> crate::Result<Output> {
        Ok(Output { text: self, ..Output::default() })
    }
}

impl JobOutput for Output {
    fn into_output(self) -> crate::Result<Output> {
        Ok(self)
    }
}

impl<T: JobOutput, E: Into<crate::Error>> JobOutput for Result<T, E> {
    fn into_output(self) -> crate::Result<Output> {
        self.map_err(Into::into)?.into_output()
    }
}

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The job returned.
    Done(Output),
    /// The job returned an error or panicked ([`Error::JobFailed`]), or its time was up ([`Error::TimedOut`]).
    Failed(Error),
    /// Not run: its [`until`](crate::schedule::Every::until) has passed.
    Expired,
    /// Not run: later than the job's policies allow. See [`Missed`](crate::schedule::Missed) and [`grace`](crate::schedule::Every::grace).
    Missed,
    /// Not run, or ended early: another run of the job was in the way. See [`Overlap`](crate::schedule::Overlap).
    Overlapped,
    /// Not run: another machine holds the lease.
    NotLeader,
}

impl Outcome {
    /// True if the job was run: [`Outcome::Done`] or [`Outcome::Failed`].
    pub fn is_run(&self) -> bool {
        matches!(self, Outcome::Done(_) | Outcome::Failed(_))
    }

    /// The failure, if it is one.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Failed(error) => Some(error),
            _ => None,
        }
    }
}
