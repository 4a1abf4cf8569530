//! [`Bandwidth`]: `max_bandwidth`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::Time;

/// Bytes per second, for all parts together: each waits until the previous ones have used their
/// time.
#[derive(Debug)]
pub(super) struct Bandwidth {
    rate: u64,
    time: Time,
    /// When the line is free again, on the monotonic clock.
    free: Mutex<Duration>,
}

impl Bandwidth {
    pub(super) fn new(rate: u64, time: Time) -> Bandwidth {
        Bandwidth { rate: rate.max(1), time, free: Mutex::default() }
    }

    /// Waits for the turn of this many bytes.
    pub(super) async fn take(&self, bytes: usize) {
        let wait = {
            let now = self.time.monotonic();
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            let start = now.max(*free);
            *free = start.saturating_add(Duration::from_secs_f64(bytes as f64 / self.rate as f64));
            start - now
        };
        if !wait.is_zero() {
            self.time.timer(wait).await;
        }
    }
}
