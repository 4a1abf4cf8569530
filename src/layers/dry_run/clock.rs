//! Clocks: a pause takes no time, and the clocks show as if it had.

use std::io::Result;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::errno::EPERM;
use crate::interrupt::Interrupts;
use crate::mock::Clock;
use crate::time::backend::{Backend, ClockId};
use crate::wait::BoxFuture;

/// The clocks beneath, ahead by the time that pauses would have taken.
#[derive(Clone, Debug)]
pub(super) struct Ahead {
    inner: Arc<dyn Backend>,
    /// Pauses that are awaited together pass together.
    pauses: Clock,
}

impl Ahead {
    pub(super) fn new(inner: Arc<dyn Backend>) -> Ahead {
        Ahead { inner, pauses: Clock::default() }
    }

    fn by(&self) -> Duration {
        self.pauses.elapsed()
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Ahead {
    fn now(&self) -> SystemTime {
        let now = self.inner.now();
        now.checked_add(self.by()).unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic().saturating_add(self.by())
    }

    fn clock_gettime(&self, clock: ClockId) -> Result<i128> {
        let ahead = match clock {
            ClockId::Realtime | ClockId::Monotonic | ClockId::MonotonicRaw | ClockId::Boottime | ClockId::Tai => self.by(),
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
        Err(crate::Errno::because(EPERM, format!("a rehearsal does not set the clock {clock:?}")))
    }

    fn native_id(&self) -> u32 {
        self.inner.native_id()
    }

    fn zone_file(&self, name: Option<&Path>) -> Result<Vec<u8>> {
        self.inner.zone_file(name)
    }

    fn sleep(&self, duration: Duration) {
        self.pauses.advance(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(self.pauses.sleep(duration))
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}
