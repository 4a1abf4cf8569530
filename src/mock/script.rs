//! [`Script`]: what all mocks of a world share: the log of calls, and the faults to come.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::error::errno::EIO;
use crate::interrupt::Signal;

/// An error that a test plans for a mock, or that a mock makes up where [`torture`](crate::world::torture()) asks for one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a backend gives",
    note = "plan the error type of the battery's backend: `std::io::Error` for os, time and subprocess, `requests::Failure` for requests, \
            `boto3::Error` for boto3, `fabric::Error` for fabric"
)]
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// What this battery reports when the machine or the network lets it down in `operation` (`"os.mkdir"`): an I/O error,
    /// a lost connection.
    fn injected(operation: &'static str) -> Self;
}

impl Fault for std::io::Error {
    /// EIO, the error that every system call on a failing device gives.
    fn injected(_: &'static str) -> std::io::Error {
        std::io::Error::from_raw_os_error(EIO)
    }
}

/// One call of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Which primitive of which battery: `"os.mkdir"`.
    pub operation: &'static str,
    /// What it was called on, for people: `"/srv/out"`.
    pub subject: String,
    /// When, since the world began.
    pub at: Duration,
    /// True if a fault was given instead of an answer.
    pub failed: bool,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { operation, subject, .. } = self;
        write!(f, "{operation}({subject}){}", if self.failed { " failed" } else { "" })
    }
}

/// The ordered log of every backend call in a world, across its batteries, and the faults that wait for their call.
///
/// Clones share the script. Each mock enters each call of a primitive here first.
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::{World, os};
///
/// let world = World::new();
/// let os = world.batteries().os;
/// world.script().fail_next("os.mkdir", std::io::Error::from_raw_os_error(28)); // ENOSPC
/// assert_eq!(os.mkdir("/out").unwrap_err().errno(), Some(28));
/// os.mkdir("/out").unwrap();
/// assert_eq!(world.script().count("os.mkdir"), 2);
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Script {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    faults: VecDeque<Planned>,
    lasting: Vec<Lasting>,
    fail_nth: Option<usize>,
    interrupts: Vec<(usize, Signal)>,
    fail_from: Option<usize>,
    /// The call of this number fails, and with it all later calls of its operation.
    break_nth: Option<usize>,
    /// That operation, once it is known.
    broken: Option<&'static str>,
    limits: Option<Limits>,
}

struct Planned {
    operation: String,
    subject: Option<String>,
    error: Box<dyn Any + Send>,
}

struct Lasting {
    operation: String,
    make: Box<dyn Fn() -> Box<dyn Any + Send> + Send>,
}

/// Past these, a job is taken to hang: see [`torture`](crate::world::torture()).
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) calls: usize,
    pub(crate) deadline: Duration,
}

impl Limits {
    pub(crate) const NONE: Limits = Limits { calls: usize::MAX, deadline: Duration::MAX };
}

/// The payload of the panic that ends a job that went past its [`Limits`].
pub(crate) struct Hung {
    pub(crate) why: String,
    /// The time was up; else there were too many calls.
    pub(crate) late: bool,
}

impl Script {
    /// A script on this clock.
    pub fn new(clock: Clock) -> Script {
        Script { state: Arc::default(), clock }
    }

    /// The clock that stamps the calls.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Every call so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How often a primitive (`"os.mkdir"`) or a battery (`"os"`) was called.
    pub fn count(&self, operation: &str) -> usize {
        self.lock().calls.iter().filter(|call| matches(operation, call.operation)).count()
    }

    pub(crate) fn count_all(&self) -> usize {
        self.lock().calls.len()
    }

    /// Forgets the calls so far; faults that wait stay.
    pub fn clear(&self) {
        self.lock().calls.clear();
    }

    /// The next call of this primitive (`"os.mkdir"`) or battery (`"os"`) gives this error instead of an answer. Several
    /// wait in a queue, each for one call.
    ///
    /// The error is of the type that the battery's `Backend` gives: `std::io::Error` for `os`.
    pub fn fail_next(&self, operation: impl Into<String>, error: impl Fault) {
        self.plan(operation.into(), None, error);
    }

    /// The next call of this primitive or battery on this subject gives this error: `fail_on("os.unlink", "b.log", error)` lets `a.log`
    /// go and `b.log` fail. Calls on other subjects neither meet the fault nor use it up.
    ///
    /// A subject is what [`Call::subject`] shows. It matches if it is this text, or has it as a whole part: `b.log` is a part of
    /// `/var/log/b.log` and of `logs/2026/b.log`, not of `web.log` or `b.log.1`.
    ///
    /// Retries above the backend see the fault as a failed attempt: to fail a call that is tried again, plan a fault for each attempt, or
    /// use [`Script::keep_failing`].
    ///
    /// ```
    /// # #[cfg(feature = "os")] {
    /// use leyden::World;
    ///
    /// let world = World::new();
    /// world.os.write("/log/a.log", "");
    /// world.os.write("/log/b.log", "");
    /// let os = world.batteries().os;
    /// world.script().fail_on("os.unlink", "b.log", std::io::Error::from_raw_os_error(13));
    /// os.remove("/log/a.log").unwrap();
    /// assert_eq!(os.remove("/log/b.log").unwrap_err().python_name(), "PermissionError");
    /// os.remove("/log/b.log").unwrap(); // only once
    /// # }
    /// ```
    pub fn fail_on(&self, operation: impl Into<String>, subject: impl Into<String>, error: impl Fault) {
        self.plan(operation.into(), Some(subject.into()), error);
    }

    fn plan(&self, operation: String, subject: Option<String>, error: impl Fault) {
        self.lock().faults.push_back(Planned { operation, subject, error: Box::new(error) });
    }

    /// Every call of this primitive or battery gives such an error from now on, until [`Script::stop_failing`]. So the retries above the
    /// backend are used up. Faults that were planned for one call come first.
    ///
    /// ```
    /// # #[cfg(feature = "os")] {
    /// use leyden::World;
    ///
    /// let world = World::new();
    /// let os = world.batteries().os;
    /// world.script().keep_failing("os.mkdir", || std::io::Error::from_raw_os_error(30)); // EROFS
    /// assert!(os.mkdir("/a").is_err() && os.mkdir("/b").is_err());
    /// world.script().stop_failing("os.mkdir");
    /// os.mkdir("/a").unwrap();
    /// # }
    /// ```
    pub fn keep_failing<E: Fault>(&self, operation: impl Into<String>, make: impl Fn() -> E + Send + 'static) {
        let make = Box::new(move || -> Box<dyn Any + Send> { Box::new(make()) });
        self.lock().lasting.push(Lasting { operation: operation.into(), make });
    }

    /// Ends what [`Script::keep_failing`] began for this operation.
    pub fn stop_failing(&self, operation: &str) {
        self.lock().lasting.retain(|fault| fault.operation != operation);
    }

    /// The `n`-th call from now on, whichever it is, gives its battery's own [`Fault::injected`]. The first call is 0.
    pub fn fail_nth(&self, n: usize) {
        let mut state = self.lock();
        state.fail_nth = Some(state.calls.len() + n);
    }

    /// The `n`-th call from now on, whichever it is, finds that this signal has just arrived. The first call is 0.
    pub(crate) fn interrupt_at_call(&self, n: usize, signal: Signal) {
        let mut state = self.lock();
        let at = state.calls.len() + n;
        state.interrupts.push((at, signal));
    }

    /// The same, and every later call of the same operation fails too: a fault that outlasts the retries. See
    /// [`torture_lasting`](crate::world::torture_lasting).
    pub fn break_nth(&self, n: usize) {
        let mut state = self.lock();
        state.break_nth = Some(state.calls.len() + n);
        state.broken = None;
    }

    /// Every call from the `n`-th from now on fails so, as if the program had been killed there. The first call is 0.
    pub fn fail_from(&self, n: usize) {
        let mut state = self.lock();
        state.fail_from = Some(state.calls.len() + n);
    }

    /// Takes back [`Script::fail_nth`], [`Script::break_nth`] and [`Script::fail_from`].
    pub fn fail_no_more(&self) {
        let mut state = self.lock();
        (state.fail_nth, state.fail_from, state.break_nth, state.broken) = (None, None, None, None);
    }

    /// Planned faults that no call has met.
    pub fn pending_faults(&self) -> usize {
        self.lock().faults.len()
    }

    /// For mocks: logs a call and gives the fault that was planned for it, if any. Call it first in every primitive.
    ///
    /// # Panics
    ///
    /// If the planned error is of another type than the battery's: a mistake in the test that must not pass for an answer.
    pub fn enter<E: Fault>(&self, operation: &'static str, subject: impl fmt::Display) -> Result<(), E> {
        let mut state = self.lock();
        let number = state.calls.len();
        let at = self.clock.elapsed();
        if let Some(limits) = state.limits
            && (number >= limits.calls || at > limits.deadline)
            // What is dropped on the way out cleans up.
            && !std::thread::panicking()
        {
            let why = format!("{number} calls, {at:?} of virtual time, last {operation}({subject})");
            drop(state);
            // No message: this ends a job, it reports nothing.
            std::panic::resume_unwind(Box::new(Hung { why, late: number < limits.calls }));
        }
        let subject = subject.to_string();
        let meets = |fault: &Planned| {
            matches(&fault.operation, operation) && fault.subject.as_deref().is_none_or(|wanted| has_part(&subject, wanted))
        };
        let planned = state.faults.iter().position(meets);
        let planned = planned.and_then(|at| state.faults.remove(at)).map(|fault| fault.error);
        let planned = planned.or_else(|| {
            let lasting = state.lasting.iter().find(|fault| matches(&fault.operation, operation))?;
            Some((lasting.make)())
        });
        if state.break_nth == Some(number) {
            state.broken = Some(operation);
        }
        let nth = state.fail_nth == Some(number)
            || state.broken == Some(operation)
            || state.fail_from.is_some_and(|from| number >= from);
        let signal = state.interrupts.iter().position(|(at, _)| *at == number).map(|at| state.interrupts.remove(at).1);
        state.calls.push(Call { operation, subject, at, failed: nth || planned.is_some() });
        drop(state);
        signal.into_iter().for_each(|signal| self.clock.interrupts().deliver(signal));
        match planned {
            Some(fault) => Err(*fault
                .downcast::<E>()
                .unwrap_or_else(|_| panic!("the fault planned for {operation} is not a {}", std::any::type_name::<E>()))),
            None if nth => Err(E::injected(operation)),
            None => Ok(()),
        }
    }

    pub(crate) fn limit(&self, limits: Limits) {
        self.lock().limits = Some(limits);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a subject has this text as a whole part, between separators.
fn has_part(subject: &str, wanted: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "._-".contains(c);
    subject.match_indices(wanted).any(|(at, _)| {
        let (before, after) = (subject[..at].chars().next_back(), subject[at + wanted.len()..].chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

fn matches(wanted: &str, operation: &str) -> bool {
    operation.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("calls", &self.calls).field("pending_faults", &self.faults.len()).finish_non_exhaustive()
    }
}
