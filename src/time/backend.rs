//! The backend of `time`: the operations of a machine's clocks.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let time = leyden::time::Time::new(Arc::new(world.time.clone()));
//! time.sleep(secs(60)).wait();
//! assert_eq!(time.monotonic(), world.clock().elapsed());
//! ```

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::interrupt::Interrupts;
use crate::wait::BoxFuture;

/// The clocks that Python names: `time.CLOCK_*`.
///
/// <https://docs.python.org/3/library/time.html#clock-id-constants>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClockId {
    /// The wall clock.
    #[doc(alias = "time.CLOCK_REALTIME")]
    Realtime,
    /// Never goes back. Stops while the machine is suspended.
    #[doc(alias = "time.CLOCK_MONOTONIC")]
    Monotonic,
    /// The processor time of this process, all threads together.
    #[doc(alias = "time.CLOCK_PROCESS_CPUTIME_ID")]
    ProcessCpuTime,
    /// The processor time of the calling thread.
    #[doc(alias = "time.CLOCK_THREAD_CPUTIME_ID")]
    ThreadCpuTime,
    /// Monotonic, and NTP does not adjust its rate.
    #[doc(alias = "time.CLOCK_MONOTONIC_RAW")]
    MonotonicRaw,
    /// Monotonic, and runs on while the machine is suspended.
    #[doc(alias = "time.CLOCK_BOOTTIME")]
    Boottime,
    /// International atomic time: the wall clock without leap seconds.
    #[doc(alias = "time.CLOCK_TAI")]
    Tai,
    /// The processor time of one thread of this process, by its kernel id: the result of
    /// `pthread_getcpuclockid`.
    Thread(u32),
}

/// The clocks and the zone files of a machine.
///
/// # Contract
///
/// - Every error is an errno.
/// - Reading a clock has no side effects, and `now` and `monotonic` cannot fail.
/// - Methods are called from many threads at once.
pub trait Backend: Debug + Send + Sync + 'static {
    /// Returns the wall clock.
    fn now(&self) -> SystemTime;

    /// Returns a clock that never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns any clock, in nanoseconds since its own epoch. `EINVAL` if the machine does not have
    /// it; `ESRCH` for [`ClockId::Thread`] of a thread that does not exist.
    fn clock_gettime(&self, clock: ClockId) -> io::Result<i128>;

    /// Returns the resolution of a clock.
    fn clock_getres(&self, clock: ClockId) -> io::Result<Duration>;

    /// Sets a clock. `EPERM` unless root; `EINVAL` for every clock but the wall clock.
    fn clock_settime(&self, clock: ClockId, nanoseconds: i128) -> io::Result<()>;

    /// Returns the kernel's id of the calling thread.
    fn native_id(&self) -> u32;

    /// Returns the zone file (RFC 9636) of this name. A relative name is below the machine's
    /// directory of zones; `None` is the machine's own zone, `/etc/localtime`. `ENOENT` if it does
    /// not exist.
    fn zone_file(&self, name: Option<&Path>) -> io::Result<Vec<u8>>;

    /// Blocks the thread for at least this duration.
    fn sleep(&self, duration: Duration);

    /// Like [`Backend::sleep`], without blocking a thread. Works on any async runtime, or none.
    fn sleep_async(&self, duration: Duration) -> BoxFuture<()>;

    /// Returns the interrupts that end the sleeps of the handle early. They do not end the two
    /// methods above.
    ///
    /// The default implementation reports none.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}
