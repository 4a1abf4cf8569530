//! The seam of `time`: what the machine's clocks must be able to do.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// A future on the heap.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The clocks that Python names: `time.CLOCK_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClockId {
    /// The wall clock.
    #[doc(alias = "time.CLOCK_REALTIME")]
    Realtime,
    /// Never goes back; stands still while the machine sleeps.
    #[doc(alias = "time.CLOCK_MONOTONIC")]
    Monotonic,
}

/// The clocks of a machine.
pub trait Backend: Debug + Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// A clock that never goes back.
    fn monotonic(&self) -> Duration;

    /// Blocks the thread for the duration, at least.
    fn sleep(&self, duration: Duration);

    /// The same without a thread. It needs no runtime, and works on any.
    fn sleep_async(&self, duration: Duration) -> BoxFuture<()>;
}
