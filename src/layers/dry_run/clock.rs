//! Clocks: a pause takes no time, and the clocks show as if it had.

use std::io::Result;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::time::backend::{Backend, ClockId};
use crate::wait::BoxFuture;

/// The clocks beneath, ahead by all pauses.
#[derive(Clone, Debug)]
pub(super) struct Ahead {
    inner: Arc<dyn Backend>,
    by: Arc<Mutex<Duration>>,
}

impl Ahead {
    pub(super) fn new(inner: Arc<dyn Backend>) -> Ahead {
        Ahead { inner, by: Arc::default() }
    }

    fn by(&self) -> MutexGuard<'_, Duration> {
        self.by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, duration: Duration) {
        let mut by = self.by();
        *by = by.saturating_add(duration);
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Ahead {
    fn now(&self) -> SystemTime {
        let now = self.inner.now();
        now.checked_add(*self.by()).unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic().saturating_add(*self.by())
    }

    fn clock_gettime(&self, clock: ClockId) -> Result<i128> {
        let ahead = match clock {
            ClockId::Realtime | ClockId::Monotonic | ClockId::MonotonicRaw | ClockId::Boottime | ClockId::Tai => *self.by(),
            // No processor time passes while a program sleeps.
            _ => Duration::ZERO,
        };
        let ahead = i128::try_from(ahead.as_nanos()).unwrap_or(0);
        Ok(self.inner.clock_gettime(clock)?.saturating_add(ahead))
    }

    fn clock_getres(&self, clock: ClockId) -> Result<Duration> {
        self.inner.clock_getres(clock)
    }

    fn clock_settime(&self, clock: ClockId, _: i128) -> Result<()> {
        Err(crate::Errno::because(1, format!("a rehearsal does not set the clock {clock:?}"))) // EPERM
    }

    fn native_id(&self) -> u32 {
        self.inner.native_id()
    }

    fn zone_file(&self, name: Option<&Path>) -> Result<Vec<u8>> {
        self.inner.zone_file(name)
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        let clocks = self.clone();
        Box::pin(async move { clocks.pass(duration) })
    }
}
