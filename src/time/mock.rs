//! The clocks of a world, which advance when the script sleeps.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new(); // 2026-01-01 00:00:00
//! world.time.set_zone("Europe/Berlin");
//! world.clock().advance(secs(3600));
//! let time = world.batteries().time;
//! assert_eq!(time.strftime("%F %T %Z", None)?, "2026-01-01 02:00:00 CET");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | wall clock, monotonic clocks | the world's virtual clock; setting the wall clock moves no other |
//! | `sleep` | returns at once and moves the clock; in the log as `time.sleep` |
//! | processor time | does not pass, except by [`Mock::spend`]; all threads share it |
//! | zones | UTC, or the zone of [`Mock::set_zone`] or of the world's `TZ`; every zone of the tz database exists |
//! | a zone file that cannot be read | a fault planned for `time.zone_file` |
//!
//! A sleep cannot fail: a fault planned for `time.sleep` is consumed and appears only in the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::Time;
use super::backend::{Backend, ClockId};
use super::zone::bundled;
use crate::ambient::Ambient;
use crate::error::errno::{EINVAL, ENOENT, ESRCH};
use crate::interrupt::Interrupts;
use crate::mock::Script;
use crate::wait::BoxFuture;

/// Virtual clocks.
#[derive(Clone, Debug, Default)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
    ambient: Ambient,
}

#[derive(Debug, Default)]
struct State {
    zone: Option<PathBuf>,
    spent: Duration,
}

/// The only thread of a world.
const THREAD: u32 = 1;

impl Mock {
    /// Creates clocks on the clock of this script, in UTC.
    pub fn new(script: Script) -> Mock {
        Mock { script, ..Mock::default() }
    }

    /// Uses the `TZ` of this environment.
    pub fn with_ambient(self, ambient: Ambient) -> Mock {
        Mock { ambient, ..self }
    }

    /// Returns the battery on these clocks.
    pub fn handle(&self) -> Time {
        Time::new(Arc::new(self.clone())).with_ambient(self.ambient.clone())
    }

    /// Sets the target of the link `/etc/localtime`: `"Europe/Berlin"`. A handle that has already
    /// used its zone keeps it until `tzset`.
    pub fn set_zone(&self, name: impl Into<PathBuf>) {
        self.lock().zone = Some(name.into());
    }

    /// Advances the processor time.
    pub fn spend(&self, time: Duration) {
        let mut state = self.lock();
        state.spent = state.spent.saturating_add(time);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter_sleep(&self, duration: Duration) {
        // `sleep` returns no error, so a planned fault only shows in the log.
        let _ = self.script.enter::<io::Error>("time.sleep", format_args!("{duration:?}"));
    }
}

fn errno(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

impl Backend for Mock {
    fn now(&self) -> SystemTime {
        self.script.clock().now()
    }

    fn monotonic(&self) -> Duration {
        self.script.clock().elapsed()
    }

    fn clock_gettime(&self, clock: ClockId) -> io::Result<i128> {
        let nanoseconds = |duration: Duration| duration.as_nanos() as i128;
        match clock {
            ClockId::Realtime | ClockId::Tai => Ok(match self.now().duration_since(SystemTime::UNIX_EPOCH) {
                Ok(since) => nanoseconds(since),
                Err(before) => -nanoseconds(before.duration()),
            }),
            ClockId::Monotonic | ClockId::MonotonicRaw | ClockId::Boottime => Ok(nanoseconds(self.monotonic())),
            ClockId::ProcessCpuTime | ClockId::ThreadCpuTime | ClockId::Thread(THREAD) => Ok(nanoseconds(self.lock().spent)),
            ClockId::Thread(_) => Err(errno(ESRCH)),
        }
    }

    fn clock_getres(&self, clock: ClockId) -> io::Result<Duration> {
        self.clock_gettime(clock).map(|_| Duration::from_nanos(1))
    }

    fn clock_settime(&self, clock: ClockId, nanoseconds: i128) -> io::Result<()> {
        self.script.enter::<io::Error>("time.clock_settime", format_args!("{clock:?}"))?;
        if clock != ClockId::Realtime || nanoseconds < 0 {
            return Err(errno(EINVAL));
        }
        let since = Duration::new(
            u64::try_from(nanoseconds / 1_000_000_000).map_err(|_| errno(EINVAL))?,
            (nanoseconds % 1_000_000_000) as u32,
        );
        self.script.clock().set(SystemTime::UNIX_EPOCH.checked_add(since).ok_or_else(|| errno(EINVAL))?);
        Ok(())
    }

    fn native_id(&self) -> u32 {
        THREAD
    }

    fn zone_file(&self, name: Option<&Path>) -> io::Result<Vec<u8>> {
        let name = name.map(Path::to_path_buf).or_else(|| self.lock().zone.clone()).ok_or_else(|| errno(ENOENT))?;
        self.script.enter::<io::Error>("time.zone_file", name.display())?;
        let name = name.strip_prefix("/usr/share/zoneinfo").unwrap_or(&name);
        bundled(name)
    }

    fn sleep(&self, duration: Duration) {
        self.enter_sleep(duration);
        self.script.clock().advance(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        let (mock, sleep) = (self.clone(), self.script.clock().sleep(duration));
        Box::pin(async move {
            mock.enter_sleep(duration);
            sleep.await;
        })
    }

    fn interrupts(&self) -> Interrupts {
        self.script.clock().interrupts().clone()
    }
}
