//! The machine's own clocks.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::thread;
use std::time::{Duration, SystemTime};

use super::backend::{Backend, BoxFuture};

/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Native;

impl Backend for Native {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(futures_timer::Delay::new(duration))
    }
}
