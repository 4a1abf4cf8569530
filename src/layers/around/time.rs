//! Clocks with a hook around sleeping, setting and zone files. Reading a clock passes by it.

use std::io::Result;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Around;
use crate::interrupt::Interrupts;
use crate::layers::hook::{Call, Outcome, Subject};
use crate::time::backend::{Backend, ClockId};
use crate::wait::BoxFuture;

fn lasting(duration: Duration) -> Subject<'static> {
    Subject::text(format!("{duration:?}"))
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    fn now(&self) -> SystemTime {
        self.inner.now()
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }

    fn clock_gettime(&self, clock: ClockId) -> Result<i128> {
        self.inner.clock_gettime(clock)
    }

    fn clock_getres(&self, clock: ClockId) -> Result<Duration> {
        self.inner.clock_getres(clock)
    }

    fn clock_settime(&self, clock: ClockId, nanoseconds: i128) -> Result<()> {
        let call = Call::change("time.clock_settime", Subject::text(format!("{clock:?}")));
        self.core.call(call, || self.inner.clock_settime(clock, nanoseconds))
    }

    fn native_id(&self) -> u32 {
        self.inner.native_id()
    }

    fn zone_file(&self, name: Option<&Path>) -> Result<Vec<u8>> {
        let subject = name.map_or(Subject::Machine, |name| Subject::text(name.display().to_string()));
        let read = |bytes: &Vec<u8>| u64::try_from(bytes.len()).ok();
        self.core.transfer(Call::look("time.zone_file", subject), |_| self.inner.zone_file(name), read)
    }

    fn sleep(&self, duration: Duration) {
        self.core.note(Call::look("time.sleep", lasting(duration)), || self.inner.sleep(duration));
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        let (sleep, core) = (self.inner.sleep_async(duration), self.core.clone());
        Box::pin(async move {
            let call = Call::look("time.sleep", lasting(duration));
            let (start, _) = (core.now(), core.hook.before(&call));
            sleep.await;
            core.hook.after(&call, &Outcome { took: core.now().saturating_sub(start), bytes: None, error: None });
        })
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}
