//! [`Clock`]: the virtual time of a world.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use crate::interrupt::{Interrupts, Signal};

/// The one clock of a [`World`](crate::World): it moves only when a script sleeps or the test advances it.
///
/// Clones share the clock. It starts at 2026-01-01 00:00:00 UTC, so that every run of a test sees the same times.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>, Interrupts);

#[derive(Debug)]
struct State {
    /// What the wall clock showed when so much time had passed; `set` moves it without time passing.
    wall: (SystemTime, Duration),
    /// Time passed since the start. Never goes back.
    elapsed: Duration,
    /// Asynchronous sleepers by (when they wake, their number).
    sleepers: BTreeMap<(Duration, u64), ()>,
    next_sleeper: u64,
    /// Signals to come, by when.
    signals: BTreeMap<(Duration, i32), Signal>,
}

/// 2026-01-01 00:00:00 UTC.
const START: Duration = Duration::from_secs(1_767_225_600);

/// A `SystemTime` is 64 bits of seconds on Linux.
const LAST: Duration = Duration::new(i64::MAX as u64, 999_999_999);

/// A sleeper that was polled this often without its turn coming waits for a sleeper that is never polled: it goes ahead.
const PATIENCE: u32 = 1_000;

impl Default for Clock {
    fn default() -> Clock {
        Clock(
            Arc::new(Mutex::new(State {
                wall: (SystemTime::UNIX_EPOCH + START, Duration::ZERO),
                elapsed: Duration::ZERO,
                sleepers: BTreeMap::new(),
                next_sleeper: 0,
                signals: BTreeMap::new(),
            })),
            Interrupts::default(),
        )
    }
}

impl Clock {
    /// The wall clock's time. Beyond the last moment that a `SystemTime` can hold, that one.
    pub fn now(&self) -> SystemTime {
        let state = self.lock();
        let (wall, since) = state.wall;
        let last = || SystemTime::UNIX_EPOCH.checked_add(LAST).unwrap_or(wall);
        wall.checked_add(state.elapsed.saturating_sub(since)).unwrap_or_else(last)
    }

    /// The time that has passed since the world began: what a monotonic clock shows.
    pub fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.elapsed = state.elapsed.saturating_add(by);
        let now = state.elapsed;
        while let Some(at) = state.signals.first_key_value().map(|(at, _)| *at).filter(|at| at.0 <= now) {
            let signal = state.signals.remove(&at);
            drop(state);
            signal.into_iter().for_each(|signal| self.1.deliver(signal));
            state = self.lock();
        }
    }

    /// A signal at this time since the world began; at once, if that has passed.
    pub(crate) fn interrupt_at(&self, at: Duration, signal: Signal) {
        self.lock().signals.insert((at, signal.number()), signal);
        self.advance(Duration::ZERO);
    }

    /// The signals that have arrived.
    pub(crate) fn interrupts(&self) -> &Interrupts {
        &self.1
    }

    /// Sets the wall clock, as an administrator does: no time passes, [`Clock::elapsed`] stays.
    pub fn set(&self, now: SystemTime) {
        let mut state = self.lock();
        state.wall = (now, state.elapsed);
    }

    /// A sleep that takes no time: it moves the clock. Several that are awaited together wake in the order of their
    /// deadlines, and the clock shows each its own.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { clock: self.clone(), duration, entry: None, polls: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What [`Clock::sleep`] gives.
#[derive(Debug)]
#[must_use = "a sleep does nothing until it is awaited"]
pub struct Sleep {
    clock: Clock,
    duration: Duration,
    entry: Option<(Duration, u64)>,
    polls: u32,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.clock.lock();
        let Some(entry) = this.entry else {
            // The first poll only takes a place, so that futures awaited together with this one can do so too.
            let entry = (state.elapsed.saturating_add(this.duration), state.next_sleeper);
            state.next_sleeper += 1;
            state.sleepers.insert(entry, ());
            this.entry = Some(entry);
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        this.polls += 1;
        let first = state.sleepers.first_key_value().is_none_or(|(first, ())| *first >= entry);
        if !first && state.elapsed < entry.0 && this.polls < PATIENCE {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        // A signal before its end comes first: what is awaited together with it may end it.
        if let Some(at) = state.signals.first_key_value().map(|(at, _)| *at).filter(|at| at.0 <= entry.0) {
            let signal = state.signals.remove(&at);
            state.elapsed = state.elapsed.max(at.0);
            drop(state);
            signal.into_iter().for_each(|signal| this.clock.1.deliver(signal));
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        state.elapsed = state.elapsed.max(entry.0);
        state.sleepers.remove(&entry);
        this.entry = None;
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            self.clock.lock().sleepers.remove(&entry);
        }
    }
}
