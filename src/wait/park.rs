//! Without a runtime: the calling thread polls and parks. Enough for every battery that speaks to no network.

pub(super) use super::thread::block_on;

/// Ready after so long, on a thread that serves all of them.
#[cfg(feature = "time")]
pub(crate) fn timer(duration: std::time::Duration) -> crate::wait::BoxFuture<()> {
    // It adds the duration to an instant, which panics beyond what an instant can hold.
    const CENTURY: std::time::Duration = std::time::Duration::from_secs(100 * 365 * 24 * 3600);
    Box::pin(futures_timer::Delay::new(duration.min(CENTURY)))
}
