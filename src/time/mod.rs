//! `time`: clocks, sleeping, calendars.
//!
//! ```
//! use leyden::prelude::*;
//! use std::time::Duration;
//!
//! let world = World::new(); // 2026-01-01, in UTC; on the machine: Batteries::included()
//! let time = world.batteries().time;
//! time.sleep(Duration::from_secs(3600)).wait(); // in a world this takes no time
//! assert_eq!(time.strftime("%a %H:%M", None)?, "Thu 01:00");
//! assert_eq!(time.strptime("2026-03-01", "%Y-%m-%d")?.tm_yday, 60);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `time.time()`, a float | [`Time::time`], a `SystemTime`; `time_ns()` gives the number |
//! | `time.monotonic()`, `perf_counter()`, `process_time()`, floats | `Duration`s; the `_ns` ones are integers |
//! | `time.sleep(1.5)` | `time.sleep(secs(1.5)).wait()` or `.await` |
//! | `KeyboardInterrupt` out of `time.sleep` | `time.sleep(secs(1.5)).interruptible().wait()?` |
//! | `time.gmtime()`, `time.gmtime(0)` | `time.gmtime(None)`, `time.gmtime(0)`, `time.gmtime(system_time)` |
//! | `time.strftime("%F")`, `time.strftime("%F", t)` | `time.strftime("%F", None)`, `time.strftime("%F", &t)` |
//! | `time.mktime(t)`, a float | [`Time::mktime`], a `SystemTime` |
//! | `time.struct_time` | [`StructTime`]; compared by its nine numbers |
//! | `time.tzname`, `timezone`, `altzone`, `daylight` | methods, because they depend on the zone |
//! | `ValueError`, `OverflowError`, `OSError` | the variants of [`Error`], with Python's texts |
//!
//! The zone is that of `TZ` in the environment of the batteries (`os.environ`), else `/etc/localtime`.
//!
//! # DIFFERENCE
//!
//! - The locale is always C: English names, `%c` as `Thu Jan  1 00:00:00 1970`.
//! - A change of `TZ` takes effect at once. [`Time::tzset`] is needed only after a zone *file* has
//!   changed.
//! - In a fold, the result of glibc's `mktime` without `tm_isdst` depends on earlier calls. Here
//!   each call behaves like the first of a process.
//! - `%Z` of a time without a zone gives `tzname`; glibc gives the names that it used last.
//! - `strptime` accepts ASCII digits only, and has its own text for a directive that occurs twice.
//! - A zone file that exists but cannot be read is an error; glibc falls back to UTC. `TZDIR` and
//!   leap-second (`right/`) zones are ignored.
//! - A rule in `TZ` must follow POSIX; otherwise the zone is UTC under the name that the rule
//!   begins with. glibc also accepts some invalid rules: minutes above 59, or one date where two
//!   are required. A rule without dates uses those of the United States since 2007; in glibc, those
//!   of New York's zone file. Rules that change within days of New Year, or of each other, follow
//!   POSIX; glibc's results differ by accident.
//! - On a machine without a directory of zones (a minimal container), named zones come from the
//!   database in the crate; glibc falls back to UTC.
//! - Years end at 2,147,483,647, which is 1,900 before Python's limit. Later times are
//!   [`Error::Overflow`].
//! - [`Time::pthread_getcpuclockid`] identifies threads by the kernel's id.
//! - A negative sleep cannot be expressed: `Duration` is never negative.
//! - A signal ends a sleep early only after `Sys::on_interrupt`, and only [`Sleep::interruptible`]
//!   reports it. A plain sleep returns no error, so that a pause needs no `?`.

pub mod backend;
pub(crate) mod calendar;
mod clocks;
mod error;
mod mktime;
pub mod mock;
pub mod native;
mod strftime;
mod strptime;
mod struct_time;
pub(crate) mod zone;

use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

pub use backend::{Backend, ClockId};
pub use calendar::timegm;
pub use clocks::ClockInfo;
pub use error::{Error, Result};
pub use struct_time::StructTime;

use crate::Seconds;
use crate::ambient::Ambient;
use crate::interrupt::KeyboardInterrupt;
use zone::Zone;

/// A handle on a machine's clocks: Python's module `time` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Time {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
    zone: Arc<Mutex<Option<Known>>>,
}

/// The zone in use, and the `TZ` value that selected it.
#[derive(Clone, Debug)]
struct Known {
    tz: Option<OsString>,
    zone: Arc<Zone>,
}

/// A moment: now (`None`), a `SystemTime`, or seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The time of the call.
    Now,
    /// This moment.
    At(SystemTime),
    /// Seconds since 1970-01-01 00:00:00 UTC; negative before it.
    Seconds(i64),
}

impl From<SystemTime> for When {
    fn from(at: SystemTime) -> When {
        When::At(at)
    }
}

impl From<Option<SystemTime>> for When {
    fn from(at: Option<SystemTime>) -> When {
        at.map_or(When::Now, When::At)
    }
}

impl From<i64> for When {
    fn from(seconds: i64) -> When {
        When::Seconds(seconds)
    }
}

impl From<i32> for When {
    fn from(seconds: i32) -> When {
        When::Seconds(seconds.into())
    }
}

impl When {
    /// Returns whole seconds since 1970, rounded down, and the remaining nanoseconds.
    fn since_epoch(self, time: &Time) -> (i64, u32) {
        match self {
            When::Now => since_epoch(time.time()),
            When::At(at) => since_epoch(at),
            When::Seconds(seconds) => (seconds, 0),
        }
    }
}

/// A `SystemTime` has 64 bits of seconds on Linux: nothing is truncated.
fn since_epoch(at: SystemTime) -> (i64, u32) {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).map_or(i64::MIN, |seconds| -seconds);
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds.saturating_sub(1), 1_000_000_000 - nanos),
            }
        }
    }
}

impl Time {
    /// A handle on this machine's clocks, with the `TZ` that the process was started with.
    pub fn native() -> Time {
        Time::native_with(Ambient::over_process(native::environ()))
    }

    /// A handle on this machine's clocks, with the `TZ` of this environment.
    pub fn native_with(ambient: Ambient) -> Time {
        Time::new(Arc::new(native::Native::default())).with_ambient(ambient)
    }

    /// A handle on any backend, with an empty environment: the zone is that of the backend.
    pub fn new(backend: Arc<dyn Backend>) -> Time {
        Time { backend, ambient: Ambient::default(), zone: Arc::default() }
    }

    /// Returns the environment that sets the zone.
    pub(crate) fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Uses the `TZ` of this environment, which is read whenever a zone is needed.
    pub fn with_ambient(self, ambient: Ambient) -> Time {
        Time { ambient, zone: Arc::default(), ..self }
    }

    /// Pauses for a number of seconds or a `Duration`: `.wait()` blocks, `.await` yields to other
    /// tasks. The pause begins there, not in this call.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let time = world.batteries().time;
    /// time.sleep(5).wait();
    /// time.sleep(0.5).wait();
    /// assert_eq!(world.clock().elapsed(), secs(5.5));
    /// ```
    ///
    /// DIFFERENCE: a negative number does not pause. Python's `ValueError` would make every pause a
    /// `Result`.
    ///
    /// <https://docs.python.org/3/library/time.html#time.sleep>
    #[doc(alias = "time.sleep")]
    pub fn sleep(&self, seconds: impl Into<Seconds>) -> Sleep {
        Sleep { backend: self.backend.clone(), duration: seconds.into().into() }
    }

    /// Completes after the duration, whatever signal arrives: for deadlines and retry delays.
    #[cfg(any(feature = "requests", feature = "smtplib", feature = "aws", feature = "schedule"))]
    pub(crate) fn timer(&self, duration: Duration) -> crate::wait::BoxFuture<()> {
        self.backend.sleep_async(duration)
    }

    /// Converts a moment to UTC. Fails with [`Error::Overflow`] beyond the year 2,147,483,647.
    ///
    /// <https://docs.python.org/3/library/time.html#time.gmtime>
    #[doc(alias = "time.gmtime")]
    pub fn gmtime(&self, when: impl Into<When>) -> Result<StructTime> {
        // The C library names the zone of `gmtime` "GMT".
        StructTime::at(when.into().since_epoch(self).0, 0, false, "GMT".into())
    }

    /// Converts a moment to the local zone.
    /// <https://docs.python.org/3/library/time.html#time.localtime>
    #[doc(alias = "time.localtime")]
    pub fn localtime(&self, when: impl Into<When>) -> Result<StructTime> {
        self.zone()?.localtime(when.into().since_epoch(self).0)
    }

    /// Converts a local time to a moment. Numbers out of range carry over: April 31 is May 1.
    /// `tm_isdst` selects between the two moments of a repeated hour; -1 leaves the choice to the
    /// zone's rules. `tm_wday` and `tm_yday` are ignored.
    ///
    /// <https://docs.python.org/3/library/time.html#time.mktime>
    #[doc(alias = "time.mktime")]
    pub fn mktime(&self, t: &StructTime) -> Result<SystemTime> {
        let seconds = mktime::mktime(&*self.zone()?, t)?;
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH;
        let at = if seconds < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
        at.ok_or_else(|| Error::Overflow("mktime argument out of range".into()))
    }

    /// Formats a time as `Sun Jun 20 23:21:05 1993`. `None` is the current local time.
    ///
    /// <https://docs.python.org/3/library/time.html#time.asctime>
    #[doc(alias = "time.asctime")]
    pub fn asctime<'t>(&self, t: impl Into<Option<&'t StructTime>>) -> Result<String> {
        match t.into() {
            Some(t) => t.asctime(),
            None => self.localtime(When::Now)?.asctime(),
        }
    }

    /// `asctime` of a moment in local time. <https://docs.python.org/3/library/time.html#time.ctime>
    #[doc(alias = "time.ctime")]
    pub fn ctime(&self, when: impl Into<When>) -> Result<String> {
        self.localtime(when)?.asctime()
    }

    /// Formats a time; `None` is the current local time. Supports all directives of glibc with its
    /// flags (`%-d`, `%_d`, `%05d`, `%^a`, `%#Z`), widths and the modifiers `E` and `O`. Unknown
    /// directives are copied. Fails with [`Error::Value`] if a number of the time is out of range
    /// or the format contains a NUL.
    ///
    /// <https://docs.python.org/3/library/time.html#time.strftime>
    #[doc(alias = "time.strftime")]
    pub fn strftime<'t>(&self, format: &str, t: impl Into<Option<&'t StructTime>>) -> Result<String> {
        if format.contains('\0') {
            return Err(Error::Value("embedded null character".into()));
        }
        match t.into() {
            Some(t) => strftime::strftime(format, t, self),
            None => strftime::strftime(format, &self.localtime(When::Now)?, self),
        }
    }

    /// Parses a time by a format. Python's default format is `"%a %b %d %H:%M:%S %Y"`, the output
    /// of `ctime`. Fields that the format does not name are those of 1900-01-01 00:00:00. Fails
    /// with [`Error::Value`] and Python's text if the text does not match.
    ///
    /// <https://docs.python.org/3/library/time.html#time.strptime>
    #[doc(alias = "time.strptime")]
    pub fn strptime(&self, text: &str, format: &str) -> Result<StructTime> {
        strptime::strptime(text, format, || {
            let (standard, daylight) = self.tzname()?;
            let has_dst = self.daylight()? != 0;
            Ok(strptime::Names {
                ambiguous: has_dst && standard == daylight,
                standard: ["utc".into(), "gmt".into(), standard.to_lowercase()],
                daylight: has_dst.then(|| daylight.to_lowercase()),
            })
        })
    }

    /// Determines the zone again, even if `TZ` has not changed.
    /// <https://docs.python.org/3/library/time.html#time.tzset>
    #[doc(alias = "time.tzset")]
    pub fn tzset(&self) -> Result<()> {
        *self.zone.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.zone().map(drop)
    }

    /// Returns the seconds *west* of UTC without daylight saving time, this year.
    #[doc(alias = "time.timezone")]
    pub fn timezone(&self) -> Result<i32> {
        Ok(-self.halves()?.0.offset)
    }

    /// Returns the seconds *west* of UTC with daylight saving time, this year. Same as
    /// [`Time::timezone`] in a zone without it.
    #[doc(alias = "time.altzone")]
    pub fn altzone(&self) -> Result<i32> {
        Ok(-self.halves()?.1.offset)
    }

    /// Returns 1 if the zone has daylight saving time this year, otherwise 0.
    #[doc(alias = "time.daylight")]
    pub fn daylight(&self) -> Result<i32> {
        let (standard, daylight) = self.halves()?;
        Ok((standard.offset != daylight.offset).into())
    }

    /// Returns the zone's names without and with daylight saving time: `("CET", "CEST")`.
    ///
    /// <https://docs.python.org/3/library/time.html#time.tzname>
    #[doc(alias = "time.tzname")]
    pub fn tzname(&self) -> Result<(String, String)> {
        let (standard, daylight) = self.halves()?;
        Ok((standard.name, daylight.name))
    }

    /// Returns the zone's state around January 1 and half a year later, the one further west first.
    /// CPython derives its four zone attributes the same way.
    fn halves(&self) -> Result<(zone::Info, zone::Info)> {
        const YEAR: i64 = (365 * 24 + 6) * 3600;
        let zone = self.zone()?;
        let january = since_epoch(self.time()).0 / YEAR * YEAR;
        let cut = |mut info: zone::Info| {
            info.name.truncate(9);
            info
        };
        let (winter, summer) = (cut(zone.info(january)), cut(zone.info(january + YEAR / 2)));
        // In the southern hemisphere January is in summer.
        Ok(if winter.offset > summer.offset { (summer, winter) } else { (winter, summer) })
    }

    /// The zone in use, for batteries that compute with local times.
    #[cfg(feature = "schedule")]
    pub(crate) fn local_zone(&self) -> Result<Arc<Zone>> {
        self.zone()
    }

    /// Returns a zone by its case-insensitive name, if the database has it.
    #[cfg(feature = "schedule")]
    pub(crate) fn named_zone(&self, name: &str) -> Result<Option<Arc<Zone>>> {
        Ok(Zone::named(&*self.backend, name)?.map(Arc::new))
    }

    fn zone(&self) -> Result<Arc<Zone>> {
        let environ = self.ambient.environ();
        let tz = environ.get(OsStr::new("TZ"));
        let mut known = self.zone.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.tz.as_ref() == tz) {
            return Ok(known.zone.clone());
        }
        let zone = Arc::new(Zone::find(&|name| self.backend.zone_file(name), tz.map(OsString::as_os_str))?);
        *known = Some(Known { tz: tz.cloned(), zone: zone.clone() });
        Ok(zone)
    }
}

/// Local time on a machine where only files are accessible: `os` writes it into archives.
#[cfg(feature = "os")]
#[derive(Debug)]
pub(crate) struct LocalTime(Zone);

#[cfg(feature = "os")]
impl LocalTime {
    /// Returns the zone for a `TZ` value; `read` returns the zone file of a name, and
    /// `/etc/localtime` for `None`.
    pub(crate) fn find(
        tz: Option<&OsStr>,
        read: &dyn Fn(Option<&std::path::Path>) -> std::io::Result<Vec<u8>>,
    ) -> Result<LocalTime> {
        Zone::find(read, tz).map(LocalTime)
    }

    pub(crate) fn at(&self, moment: SystemTime) -> Result<StructTime> {
        self.0.localtime(since_epoch(moment).0)
    }
}

#[cfg(feature = "os")]
pub(crate) use zone::bundled as bundled_zone;

impl strftime::Local for Time {
    fn tzname(&self, dst: bool) -> Result<String> {
        Time::tzname(self).map(|(standard, daylight)| if dst { daylight } else { standard })
    }

    fn mktime(&self, t: &StructTime) -> Result<i64> {
        mktime::mktime(&*self.zone()?, t)
    }
}

/// A pause. [`Time::sleep`] returns it.
#[derive(Clone, Debug)]
#[must_use = "a sleep does nothing until `.wait()` or `.await`"]
pub struct Sleep {
    backend: Arc<dyn Backend>,
    duration: Duration,
}

impl Sleep {
    /// Blocks for the duration. Same as [`Wait::wait`](crate::Wait::wait); needs no async runtime.
    ///
    /// An interrupt ends the sleep early; the next call that can fail reports it: see
    /// [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt). A sleep that begins before that report
    /// lasts at most 100 ms.
    pub fn wait(self) {
        if self.backend.interrupts().is_armed() {
            crate::wait::thread::block_on(self.into_future());
        } else {
            self.backend.sleep(self.duration);
        }
    }

    /// Returns the same pause as a call that can fail: an interrupt is its error.
    ///
    /// DIFFERENCE: in Python each `time.sleep` can raise `KeyboardInterrupt`. Here a plain sleep
    /// returns `()`, so that scripts that do not handle interrupts need no `?` after each pause.
    ///
    /// ```
    /// # #[cfg(feature = "sys")] {
    /// use leyden::prelude::*;
    ///
    /// fn watch(Batteries { sys, time, .. }: &Batteries) -> leyden::Result<()> {
    ///     sys.on_interrupt()?;
    ///     loop {
    ///         // .. look at something, then:
    ///         time.sleep(secs(60)).interruptible().wait()?;
    ///     }
    /// }
    ///
    /// let world = World::new();
    /// world.interrupt_at(secs(150), leyden::Signal::Sigint);
    /// let error = watch(&world.batteries()).unwrap_err();
    /// assert_eq!(error.to_string(), "interrupted by SIGINT");
    /// assert_eq!(world.clock().elapsed(), secs(150));
    /// # }
    /// ```
    pub fn interruptible(self) -> InterruptibleSleep {
        InterruptibleSleep(self)
    }
}

impl IntoFuture for Sleep {
    type Output = ();
    type IntoFuture = crate::wait::BoxFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        /// Long enough that a loop without fallible calls does not occupy a processor.
        const HURRY: Duration = Duration::from_millis(100);
        let watch = self.backend.interrupts().watch();
        let duration =
            if watch.interrupted().is_some() { return self.backend.sleep_async(self.duration.min(HURRY)) } else { self.duration };
        let sleep = self.backend.sleep_async(duration);
        Box::pin(async move { watch.race(sleep).await.unwrap_or(()) })
    }
}

/// A pause that an interrupt fails. [`Sleep::interruptible`] returns it.
#[derive(Clone, Debug)]
#[must_use = "a sleep does nothing until `.wait()?` or `.await?`"]
pub struct InterruptibleSleep(Sleep);

impl InterruptibleSleep {
    /// Blocks for the duration. Needs no async runtime.
    ///
    /// # Errors
    /// The interrupt that ended the pause early, or that was pending when it began.
    pub fn wait(self) -> Result<(), KeyboardInterrupt> {
        if self.0.backend.interrupts().is_armed() {
            return crate::wait::thread::block_on(self.into_future());
        }
        self.0.backend.sleep(self.0.duration);
        Ok(())
    }
}

impl IntoFuture for InterruptibleSleep {
    type Output = Result<(), KeyboardInterrupt>;
    type IntoFuture = crate::wait::BoxFuture<Result<(), KeyboardInterrupt>>;

    fn into_future(self) -> Self::IntoFuture {
        let Sleep { backend, duration } = self.0;
        Box::pin(async move { backend.interrupts().during(backend.sleep_async(duration)).await })
    }
}
