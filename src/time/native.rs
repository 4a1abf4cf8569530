//! The clocks of this machine.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId as Kernel, DynamicClockId, Timespec};

use super::backend::{Backend, ClockId};
use super::zone::bundled;
use crate::ambient::Variables;
use crate::interrupt::Interrupts;
use crate::wait::BoxFuture;

/// This machine.
#[derive(Clone, Debug)]
pub struct Native {
    zones: PathBuf,
}

impl Default for Native {
    fn default() -> Native {
        Native::with_zones("/usr/share/zoneinfo")
    }
}

impl Native {
    /// This machine with another directory of zones, for which C uses `TZDIR`.
    pub fn with_zones(directory: impl Into<PathBuf>) -> Native {
        Native { zones: directory.into() }
    }
}

/// The environment that the process was started with.
pub(super) fn environ() -> Variables {
    std::env::vars_os().collect()
}

/// Returns the kernel's clock, if this is one of its fixed clocks.
fn kernel(clock: ClockId) -> Option<Kernel> {
    Some(match clock {
        ClockId::Realtime => Kernel::Realtime,
        ClockId::Monotonic => Kernel::Monotonic,
        ClockId::ProcessCpuTime => Kernel::ProcessCPUTime,
        ClockId::ThreadCpuTime => Kernel::ThreadCPUTime,
        ClockId::MonotonicRaw => Kernel::MonotonicRaw,
        ClockId::Boottime => Kernel::Boottime,
        ClockId::Tai | ClockId::Thread(_) => return None,
    })
}

fn einval() -> io::Error {
    rustix::io::Errno::INVAL.into()
}

/// Returns the processor time of a thread: the first number of its `schedstat`. The kernel's
/// per-thread clocks need unsafe code.
fn thread_time(id: u32) -> io::Result<i128> {
    let text =
        std::fs::read_to_string(format!("/proc/self/task/{id}/schedstat")).map_err(|error| match error.raw_os_error() {
            Some(2) => rustix::io::Errno::SRCH.into(),
            _ => error,
        })?;
    text.split_ascii_whitespace().next().and_then(|number| number.parse().ok()).ok_or_else(einval)
}

impl Backend for Native {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        let now = rustix::time::clock_gettime(Kernel::Monotonic);
        Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
    }

    fn clock_gettime(&self, clock: ClockId) -> io::Result<i128> {
        let now = match (kernel(clock), clock) {
            (Some(kernel), _) => rustix::time::clock_gettime(kernel),
            (None, ClockId::Tai) => rustix::time::clock_gettime_dynamic(DynamicClockId::Tai)?,
            (None, ClockId::Thread(id)) => return thread_time(id),
            (None, _) => return Err(einval()),
        };
        Ok(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec))
    }

    fn clock_getres(&self, clock: ClockId) -> io::Result<Duration> {
        match (kernel(clock), clock) {
            (Some(kernel), _) => {
                let step = rustix::time::clock_getres(kernel);
                Ok(Duration::new(step.tv_sec.unsigned_abs(), step.tv_nsec as u32))
            }
            // Linux counts nanoseconds in all its high-resolution clocks.
            (None, _) => self.clock_gettime(clock).map(|_| Duration::from_nanos(1)),
        }
    }

    fn clock_settime(&self, clock: ClockId, nanoseconds: i128) -> io::Result<()> {
        let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).map_err(|_| einval())?;
        let to = Timespec { tv_sec: seconds, tv_nsec: nanoseconds.rem_euclid(1_000_000_000) as _ };
        Ok(rustix::time::clock_settime(kernel(clock).ok_or_else(einval)?, to)?)
    }

    fn native_id(&self) -> u32 {
        rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs()
    }

    fn zone_file(&self, name: Option<&Path>) -> io::Result<Vec<u8>> {
        let Some(name) = name else { return std::fs::read("/etc/localtime") };
        // `join` replaces the directory by an absolute path.
        let read = std::fs::read(self.zones.join(name));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !name.is_absolute() && !self.zones.exists() => bundled(name),
            read => read,
        }
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        crate::wait::timer(duration)
    }

    fn interrupts(&self) -> Interrupts {
        crate::interrupt::native::interrupts().clone()
    }
}
