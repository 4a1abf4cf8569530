//! What a script needs in one line: `use leyden::prelude::*;`.

pub use crate::{Batteries, Secret, Wait, World};
use std::time::Duration;

/// A duration of so many seconds: `secs(10)`, `secs(1.5)`.
///
/// Less than nothing, and what is no number, is no time at all; more than a `Duration` holds is the longest one.
pub fn secs(seconds: impl Into<f64>) -> Duration {
    let seconds = seconds.into();
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO }
}
