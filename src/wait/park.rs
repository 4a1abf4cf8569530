//! Without a runtime, the calling thread polls and parks. Enough for every battery that uses no
//! network.

pub(super) use super::thread::block_on;

/// Completes after the duration. One thread serves all such timers.
#[cfg(feature = "time")]
pub(crate) fn timer(duration: std::time::Duration) -> crate::wait::BoxFuture<()> {
    // The timer adds the duration to an `Instant`, which panics on overflow.
    const CENTURY: std::time::Duration = std::time::Duration::from_secs(100 * 365 * 24 * 3600);
    Box::pin(futures_timer::Delay::new(duration.min(CENTURY)))
}
