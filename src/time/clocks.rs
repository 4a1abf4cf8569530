//! Reading clocks: [`ClockInfo`], and the clock methods of [`Time`].

use std::time::{Duration, SystemTime};

use super::backend::ClockId;
use super::error::{Error, Result};
use super::{Time, When};

/// The properties of a clock: the result of `time.get_clock_info`.
///
/// <https://docs.python.org/3/library/time.html#time.get_clock_info>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockInfo {
    /// The underlying call: `"clock_gettime(CLOCK_MONOTONIC)"`.
    #[doc(alias = "time.get_clock_info().implementation")]
    pub implementation: &'static str,
    /// Whether the clock never goes back.
    #[doc(alias = "time.get_clock_info().monotonic")]
    pub monotonic: bool,
    /// Whether an administrator or NTP can set the clock.
    #[doc(alias = "time.get_clock_info().adjustable")]
    pub adjustable: bool,
    /// The smallest step.
    #[doc(alias = "time.get_clock_info().resolution")]
    pub resolution: Duration,
}

impl ClockId {
    fn name(self) -> &'static str {
        match self {
            ClockId::Realtime => "CLOCK_REALTIME",
            ClockId::Monotonic => "CLOCK_MONOTONIC",
            ClockId::ProcessCpuTime => "CLOCK_PROCESS_CPUTIME_ID",
            ClockId::ThreadCpuTime => "CLOCK_THREAD_CPUTIME_ID",
            ClockId::MonotonicRaw => "CLOCK_MONOTONIC_RAW",
            ClockId::Boottime => "CLOCK_BOOTTIME",
            ClockId::Tai => "CLOCK_TAI",
            ClockId::Thread(_) => "the clock of a thread",
        }
    }
}

impl Time {
    /// The wall clock. <https://docs.python.org/3/library/time.html#time.time>
    #[doc(alias = "time.time")]
    pub fn time(&self) -> SystemTime {
        self.backend.now()
    }

    /// The wall clock, in nanoseconds since 1970. <https://docs.python.org/3/library/time.html#time.time_ns>
    #[doc(alias = "time.time_ns")]
    pub fn time_ns(&self) -> i128 {
        let (seconds, nanos) = super::since_epoch(self.backend.now());
        i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
    }

    /// Returns a clock that never goes back, since an arbitrary start.
    /// <https://docs.python.org/3/library/time.html#time.monotonic>
    #[doc(alias = "time.monotonic")]
    pub fn monotonic(&self) -> Duration {
        self.backend.monotonic()
    }

    /// Like [`Time::monotonic`], in nanoseconds.
    #[doc(alias = "time.monotonic_ns")]
    pub fn monotonic_ns(&self) -> u128 {
        self.monotonic().as_nanos()
    }

    /// Returns the clock with the highest resolution: on Linux the monotonic one.
    /// <https://docs.python.org/3/library/time.html#time.perf_counter>
    #[doc(alias = "time.perf_counter")]
    pub fn perf_counter(&self) -> Duration {
        self.monotonic()
    }

    /// Like [`Time::perf_counter`], in nanoseconds.
    #[doc(alias = "time.perf_counter_ns")]
    pub fn perf_counter_ns(&self) -> u128 {
        self.monotonic_ns()
    }

    /// Returns the processor time of this process, which excludes sleep.
    /// <https://docs.python.org/3/library/time.html#time.process_time>
    #[doc(alias = "time.process_time")]
    pub fn process_time(&self) -> Result<Duration> {
        self.clock_gettime(ClockId::ProcessCpuTime)
    }

    /// Like [`Time::process_time`], in nanoseconds.
    #[doc(alias = "time.process_time_ns")]
    pub fn process_time_ns(&self) -> Result<i128> {
        self.clock_gettime_ns(ClockId::ProcessCpuTime)
    }

    /// The processor time of the calling thread. <https://docs.python.org/3/library/time.html#time.thread_time>
    #[doc(alias = "time.thread_time")]
    pub fn thread_time(&self) -> Result<Duration> {
        self.clock_gettime(ClockId::ThreadCpuTime)
    }

    /// Like [`Time::thread_time`], in nanoseconds.
    #[doc(alias = "time.thread_time_ns")]
    pub fn thread_time_ns(&self) -> Result<i128> {
        self.clock_gettime_ns(ClockId::ThreadCpuTime)
    }

    /// Returns any clock, since its own epoch: 1970 for the wall clock. Fails with
    /// [`Error::Overflow`] if the wall clock is set before 1970.
    ///
    /// <https://docs.python.org/3/library/time.html#time.clock_gettime>
    #[doc(alias = "time.clock_gettime")]
    pub fn clock_gettime(&self, clock: ClockId) -> Result<Duration> {
        let nanoseconds = self.clock_gettime_ns(clock)?;
        let seconds = u64::try_from(nanoseconds.div_euclid(1_000_000_000));
        let seconds = seconds.map_err(|_| Error::Overflow(format!("{} is before its epoch", clock.name())))?;
        Ok(Duration::new(seconds, nanoseconds.rem_euclid(1_000_000_000) as u32))
    }

    /// Like [`Time::clock_gettime`], in nanoseconds; negative before the clock's epoch.
    #[doc(alias = "time.clock_gettime_ns")]
    pub fn clock_gettime_ns(&self, clock: ClockId) -> Result<i128> {
        self.backend.clock_gettime(clock).map_err(|error| Error::os(format!("read {}", clock.name()), error))
    }

    /// Returns the resolution of a clock.
    /// <https://docs.python.org/3/library/time.html#time.clock_getres>
    #[doc(alias = "time.clock_getres")]
    pub fn clock_getres(&self, clock: ClockId) -> Result<Duration> {
        self.backend.clock_getres(clock).map_err(|error| Error::os(format!("read {}", clock.name()), error))
    }

    /// Sets the wall clock of the whole machine. Fails with [`Error::Permission`] unless root.
    /// Other clocks cannot be set.
    ///
    /// <https://docs.python.org/3/library/time.html#time.clock_settime>
    #[doc(alias = "time.clock_settime")]
    pub fn clock_settime(&self, clock: ClockId, time: impl Into<When>) -> Result<()> {
        let (seconds, nanos) = time.into().since_epoch(self);
        self.clock_settime_ns(clock, i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
    }

    /// Like [`Time::clock_settime`], in nanoseconds since 1970.
    #[doc(alias = "time.clock_settime_ns")]
    pub fn clock_settime_ns(&self, clock: ClockId, nanoseconds: i128) -> Result<()> {
        let set = self.backend.clock_settime(clock, nanoseconds);
        set.map_err(|error| Error::os(format!("set {}", clock.name()), error))
    }

    /// Returns the clock that measures the processor time of another thread of this process. Fails
    /// with [`Error::ProcessLookup`] if the thread does not exist.
    ///
    /// DIFFERENCE: a thread is identified by its kernel id ([`Time::get_native_id`]), not by its
    /// `pthread_t`.
    ///
    /// <https://docs.python.org/3/library/time.html#time.pthread_getcpuclockid>
    #[doc(alias = "time.pthread_getcpuclockid")]
    pub fn pthread_getcpuclockid(&self, thread: u32) -> Result<ClockId> {
        let clock = ClockId::Thread(thread);
        self.backend.clock_gettime(clock).map_err(|error| Error::os(format!("read the clock of thread {thread}"), error))?;
        Ok(clock)
    }

    /// Returns the kernel id of the calling thread, for [`Time::pthread_getcpuclockid`]:
    /// `threading.get_native_id`.
    pub fn get_native_id(&self) -> u32 {
        self.backend.native_id()
    }

    /// Returns the properties of a clock: `"time"`, `"monotonic"`, `"perf_counter"`,
    /// `"process_time"` or `"thread_time"`.
    ///
    /// <https://docs.python.org/3/library/time.html#time.get_clock_info>
    #[doc(alias = "time.get_clock_info")]
    pub fn get_clock_info(&self, name: &str) -> Result<ClockInfo> {
        let (clock, implementation) = match name {
            "time" => (ClockId::Realtime, "clock_gettime(CLOCK_REALTIME)"),
            "monotonic" | "perf_counter" => (ClockId::Monotonic, "clock_gettime(CLOCK_MONOTONIC)"),
            "process_time" => (ClockId::ProcessCpuTime, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)"),
            "thread_time" => (ClockId::ThreadCpuTime, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)"),
            _ => return Err(Error::Value("unknown clock".into())),
        };
        let wall = clock == ClockId::Realtime;
        Ok(ClockInfo { implementation, monotonic: !wall, adjustable: wall, resolution: self.clock_getres(clock)? })
    }
}
