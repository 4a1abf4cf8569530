//! [`Script`]: what all mocks of a world share: the log of calls, and the faults to come.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::interrupt::Signal;

/// An error that a test plans for a mock, or that a mock makes up where [`torture`](crate::world::torture()) asks for one.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// What this battery reports when the machine or the network lets it down in `operation` (`"os.mkdir"`): an I/O error,
    /// a lost connection.
    fn injected(operation: &'static str) -> Self;
}

impl Fault for std::io::Error {
    /// EIO, the error that every system call on a failing device gives.
    fn injected(_: &'static str) -> std::io::Error {
        std::io::Error::from_raw_os_error(5)
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
    fail_nth: Option<usize>,
    interrupts: Vec<(usize, Signal)>,
    fail_from: Option<usize>,
    limits: Option<Limits>,
}

struct Planned {
    operation: String,
    error: Box<dyn Any + Send>,
}

/// Past these, a job is taken to hang: see [`torture`](crate::world::torture()).
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) calls: usize,
    pub(crate) deadline: Duration,
}

/// The payload of the panic that ends a job that went past its [`Limits`].
pub(crate) struct Hung(pub(crate) String);

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

    /// Forgets the calls so far; faults that wait stay.
    pub fn clear(&self) {
        self.lock().calls.clear();
    }

    /// The next call of this primitive (`"os.mkdir"`) or battery (`"os"`) gives this error instead of an answer. Several
    /// wait in a queue, each for one call.
    ///
    /// The error is of the type that the battery's `Backend` gives: `std::io::Error` for `os`.
    pub fn fail_next(&self, operation: impl Into<String>, error: impl Fault) {
        self.lock().faults.push_back(Planned { operation: operation.into(), error: Box::new(error) });
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

    /// Every call from the `n`-th from now on fails so, as if the program had been killed there. The first call is 0.
    pub fn fail_from(&self, n: usize) {
        let mut state = self.lock();
        state.fail_from = Some(state.calls.len() + n);
    }

    /// Takes back [`Script::fail_nth`] and [`Script::fail_from`].
    pub fn fail_no_more(&self) {
        let mut state = self.lock();
        (state.fail_nth, state.fail_from) = (None, None);
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
        {
            let why = format!("{number} calls, {at:?} of virtual time, last {operation}({subject})");
            drop(state);
            std::panic::panic_any(Hung(why));
        }
        let planned = state.faults.iter().position(|fault| matches(&fault.operation, operation));
        let planned = planned.and_then(|at| state.faults.remove(at));
        let nth = state.fail_nth == Some(number) || state.fail_from.is_some_and(|from| number >= from);
        let signal = state.interrupts.iter().position(|(at, _)| *at == number).map(|at| state.interrupts.remove(at).1);
        state.calls.push(Call { operation, subject: subject.to_string(), at, failed: nth || planned.is_some() });
        drop(state);
        signal.into_iter().for_each(|signal| self.clock.interrupts().deliver(signal));
        match planned {
            Some(fault) => Err(*fault
                .error
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

fn matches(wanted: &str, operation: &str) -> bool {
    operation.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("calls", &self.calls).field("pending_faults", &self.faults.len()).finish_non_exhaustive()
    }
}
