//! [`torture()`]: a job, run once for each of its backend calls with that call failing.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::World;
use crate::mock::{Call, Hung, Limits, Script};

/// What went wrong with the `n`-th call failing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// The job panicked, with this message.
    Panicked(String),
    /// The job went on for more virtual time or more calls than a job that ends could.
    Hung(String),
    /// The invariant does not hold, for this reason.
    Broken(String),
}

/// What [`torture()`] found.
#[derive(Clone, Debug)]
#[must_use = "an unread report fails no test: end with `.assert_ok()`"]
pub struct Report {
    /// How many backend calls the job made when none failed: so many times it was run again.
    pub calls: usize,
    /// Each trouble: the number of the call that failed (None: the run in which none did), that call, and what happened.
    pub troubles: Vec<(Option<usize>, Option<Call>, Trouble)>,
}

impl Report {
    /// Fails the test with every trouble, unless there is none.
    ///
    /// # Panics
    ///
    /// If there is a trouble, or if the job made no call at all: then nothing was tested.
    pub fn assert_ok(&self) {
        assert!(self.calls > 0, "the job made no backend call: nothing was tortured");
        assert!(self.troubles.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} runs went wrong", self.troubles.len(), self.calls + 1)?;
        for (n, call, trouble) in &self.troubles {
            match (n, call) {
                (Some(n), Some(call)) => write!(f, "\n  call {n}, {call}: {trouble:?}")?,
                _ => write!(f, "\n  no call failing: {trouble:?}")?,
            }
        }
        Ok(())
    }
}

/// Runs a job once and counts its backend calls; then once for every n, in a fresh world, with the n-th call failing.
///
/// Curl's torture test, for a whole script. `setup` makes the world that the job finds; `job` may succeed or fail, but must
/// not panic or go on for ever (more than a day of virtual time, or ten times the calls of the good run and a thousand);
/// `invariant` says what must be true afterwards however it ended: no half-written file under the final name, no upload left open.
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::world::torture;
///
/// torture(
///     |world| world.os.write("/report", "old"),
///     |batteries| batteries.os.write_text("/report", "new").map_err(leyden::Error::from),
///     |world, _| match world.os.read("/report").as_deref() {
///         Some(b"old" | b"new") => Ok(()),
///         other => Err(format!("the report is {other:?}")),
///     },
/// )
/// .assert_ok();
/// # }
/// ```
pub fn torture<T, E>(
    setup: impl Fn(&World),
    job: impl Fn(&crate::Batteries) -> Result<T, E>,
    invariant: impl Fn(&World, &Result<T, E>) -> Result<(), String>,
) -> Report {
    tortured(&setup, &job, &invariant, Script::fail_nth)
}

/// [`torture()`] with faults that last: once for every n with the n-th call failing, and with it every later call of the same operation.
///
/// A fault of one call is often tried again above the backend, and does no harm: an upload to S3 sends a part again after a 500. Here the
/// retries are used up, so that the job meets the error. Only the first failed call is named in the [`Report`].
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::world::torture_lasting;
///
/// torture_lasting(
///     |world| world.os.write("/report", "old"),
///     |batteries| batteries.os.write_text("/report", "new").map_err(leyden::Error::from),
///     |world, result| match world.os.read("/report").as_deref() {
///         Some(b"new") => Ok(()),
///         Some(b"old") if result.is_err() => Ok(()),
///         other => Err(format!("the report is {other:?}")),
///     },
/// )
/// .assert_ok();
/// # }
/// ```
pub fn torture_lasting<T, E>(
    setup: impl Fn(&World),
    job: impl Fn(&crate::Batteries) -> Result<T, E>,
    invariant: impl Fn(&World, &Result<T, E>) -> Result<(), String>,
) -> Report {
    tortured(&setup, &job, &invariant, Script::break_nth)
}

fn tortured<T, E>(
    setup: &impl Fn(&World),
    job: &impl Fn(&crate::Batteries) -> Result<T, E>,
    invariant: &impl Fn(&World, &Result<T, E>) -> Result<(), String>,
    fail: fn(&Script, usize),
) -> Report {
    let good = run(setup, job, invariant, None, Limits { calls: 1_000_000, deadline: Duration::from_secs(366 * 86_400) });
    let calls = good.calls.len();
    let mut report = Report { calls, troubles: Vec::new() };
    report.troubles.extend(good.trouble.map(|trouble| (None, None, trouble)));
    let limits = Limits { calls: calls * 10 + 1_000, deadline: good.took + Duration::from_secs(86_400) };
    for n in 0..calls {
        let outcome = run(setup, job, invariant, Some((n, fail)), limits);
        let call = outcome.calls.into_iter().find(|call| call.failed);
        report.troubles.extend(outcome.trouble.map(|trouble| (Some(n), call, trouble)));
    }
    report
}

struct Outcome {
    calls: Vec<Call>,
    took: Duration,
    trouble: Option<Trouble>,
}

/// The number of a call, and how it fails.
type Failing = (usize, fn(&Script, usize));

fn run<T, E>(
    setup: &impl Fn(&World),
    job: &impl Fn(&crate::Batteries) -> Result<T, E>,
    invariant: &impl Fn(&World, &Result<T, E>) -> Result<(), String>,
    fail: Option<Failing>,
    limits: Limits,
) -> Outcome {
    let world = World::new();
    setup(&world);
    world.script().clear();
    let start = world.clock().elapsed();
    if let Some((n, fail)) = fail {
        fail(world.script(), n);
    }
    world.script().limit(Limits { deadline: start + limits.deadline, ..limits });
    let result = catch_unwind(AssertUnwindSafe(|| job(&world.batteries())));
    let calls = world.script().calls();
    let took = world.clock().elapsed() - start;
    // The invariant may look through the batteries too.
    world.script().limit(Limits::NONE);
    let trouble = match result {
        Ok(result) => invariant(&world, &result).err().map(Trouble::Broken),
        Err(payload) => Some(match payload.downcast::<Hung>() {
            Ok(hung) => Trouble::Hung(hung.why),
            Err(payload) => Trouble::Panicked(message(&*payload)),
        }),
    };
    Outcome { calls, took, trouble }
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
