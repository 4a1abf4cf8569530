//! [`Seconds`] and [`TimeLimit`]: durations as Python writes them, in seconds.

use std::time::Duration;

/// A duration: a [`Duration`], or a number of seconds, integer or float. The argument of
/// [`Time::sleep`](crate::time::Time::sleep).
///
/// Negative values and NaN give zero; values too large give [`Duration::MAX`].
///
/// ```
/// use leyden::Seconds;
/// use std::time::Duration;
///
/// assert_eq!(Duration::from(Seconds::from(5)), Duration::from_secs(5));
/// assert_eq!(Duration::from(Seconds::from(0.25)), Duration::from_millis(250));
/// assert_eq!(Duration::from(Seconds::from(-1)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(Duration);

/// A time limit: a [`Duration`], a number of seconds, or an `Option` of one; `None` means no limit.
/// The argument of `.timeout(..)`.
///
/// Numbers are converted like [`Seconds`].
///
/// ```
/// use leyden::TimeLimit;
/// use std::time::Duration;
///
/// assert_eq!(Option::from(TimeLimit::from(2.5)), Some(Duration::from_millis(2500)));
/// assert_eq!(Option::<Duration>::from(TimeLimit::from(None)), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimit(Option<Duration>);

impl From<Duration> for Seconds {
    fn from(span: Duration) -> Seconds {
        Seconds(span)
    }
}

impl From<Seconds> for Duration {
    fn from(span: Seconds) -> Duration {
        span.0
    }
}

impl From<Seconds> for TimeLimit {
    fn from(span: Seconds) -> TimeLimit {
        TimeLimit(Some(span.0))
    }
}

impl From<Duration> for TimeLimit {
    fn from(span: Duration) -> TimeLimit {
        TimeLimit(Some(span))
    }
}

impl From<Option<Duration>> for TimeLimit {
    /// `None` means no limit.
    fn from(limit: Option<Duration>) -> TimeLimit {
        TimeLimit(limit)
    }
}

impl From<TimeLimit> for Option<Duration> {
    fn from(limit: TimeLimit) -> Option<Duration> {
        limit.0
    }
}

macro_rules! numbers {
    ($($number:ty),+: $read:expr) => {$(
        impl From<$number> for Seconds {
            fn from(seconds: $number) -> Seconds {
                Seconds($read(seconds))
            }
        }

        impl From<$number> for TimeLimit {
            fn from(seconds: $number) -> TimeLimit {
                Seconds::from(seconds).into()
            }
        }
    )+};
}

numbers!(i8, i16, i32, i64, isize, usize: |seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
numbers!(u8, u16, u32: |seconds| Duration::from_secs(u64::from(seconds)));
numbers!(u64: Duration::from_secs);
numbers!(f32: |seconds| of_float(f64::from(seconds)));
numbers!(f64: of_float);

fn of_float(seconds: f64) -> Duration {
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO }
}
