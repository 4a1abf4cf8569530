//! [`Timeout`] and [`Limits`]: the limits of a call in time and size.

use std::time::Duration;

use crate::TimeLimit;

/// The time limits of a call.
///
/// `connect` and `read` are Python's: the time to establish one connection, and the longest time
/// without data from the server. `total` limits the whole call: redirects, retries with their
/// pauses, and the body. The time counts from the start of the call.
///
/// DIFFERENCE: in Python there is no limit by default, and never one for the whole call, so a
/// server that sends a byte from time to time can block it forever. Here the default is 60 seconds
/// for each read and 60 seconds in total (an hour for
/// [`download`](super::RequestBuilder::download)). A longer `read` or `connect` raises the total to
/// the same value. `timeout(None)` removes all limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    pub(super) connect: Option<Duration>,
    pub(super) read: Option<Duration>,
    pub(super) total: Option<Duration>,
    /// Whether the total is the default, which a download may raise.
    pub(super) by_default: bool,
}

/// The default total timeout of a call.
pub const DEFAULT_TOTAL: Duration = Duration::from_secs(60);
/// The default total timeout of a download.
pub const DEFAULT_DOWNLOAD_TOTAL: Duration = Duration::from_secs(3600);

impl Timeout {
    /// Creates the default limits.
    pub fn new() -> Timeout {
        Timeout { connect: None, read: Some(DEFAULT_TOTAL), total: Some(DEFAULT_TOTAL), by_default: true }
    }

    /// No limits.
    pub fn none() -> Timeout {
        Timeout { connect: None, read: None, total: None, by_default: false }
    }

    /// Sets the connect timeout.
    #[must_use]
    pub fn connect(self, connect: impl Into<TimeLimit>) -> Timeout {
        Timeout { connect: connect.into().into(), ..self }.raised()
    }

    /// Sets the read timeout.
    #[must_use]
    pub fn read(self, read: impl Into<TimeLimit>) -> Timeout {
        Timeout { read: read.into().into(), ..self }.raised()
    }

    /// Sets the total timeout.
    #[must_use]
    pub fn total(self, total: impl Into<TimeLimit>) -> Timeout {
        Timeout { total: total.into().into(), by_default: false, ..self }
    }

    fn raised(self) -> Timeout {
        if !self.by_default {
            return self;
        }
        let longest = self.connect.unwrap_or_default().max(self.read.unwrap_or_default());
        Timeout { total: Some(DEFAULT_TOTAL.max(longest)), ..self }
    }
}

impl Default for Timeout {
    fn default() -> Timeout {
        Timeout::new()
    }
}

macro_rules! both {
    ($($number:ty),+) => {$(
        impl From<$number> for Timeout {
            /// Sets both the connect and the read timeout, in seconds.
            fn from(both: $number) -> Timeout {
                Timeout::new().connect(both).read(both)
            }
        }
    )+};
}

both!(Duration, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

impl<C: Into<TimeLimit>, R: Into<TimeLimit>> From<(C, R)> for Timeout {
    /// Connect and read timeout: `(3.05, 27)`. `None` means no separate limit; the total still
    /// applies.
    fn from((connect, read): (C, R)) -> Timeout {
        Timeout::new().connect(connect).read(read)
    }
}

impl From<Option<Duration>> for Timeout {
    /// `None` removes all limits.
    fn from(both: Option<Duration>) -> Timeout {
        both.map_or_else(Timeout::none, Into::into)
    }
}

/// The largest accepted response. A larger one fails with
/// [`Error::TooLarge`](super::Error::TooLarge) instead of filling the memory.
///
/// DIFFERENCE: Python has no such limits, except 100 headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The size in bytes of a decoded body that is read into memory. Default 1 GiB. Streams are not
    /// limited: they hold one chunk.
    pub body: Option<u64>,
    /// The size in bytes of all headers together. Default 256 KiB.
    pub head: Option<u64>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { body: Some(1 << 30), head: Some(256 << 10) }
    }
}

impl Limits {
    /// Sets the limit for the body; `None` means no limit.
    #[must_use]
    pub fn body(self, bytes: impl Into<Option<u64>>) -> Limits {
        Limits { body: bytes.into(), ..self }
    }

    /// Sets the limit for the headers; `None` means no limit.
    #[must_use]
    pub fn head(self, bytes: impl Into<Option<u64>>) -> Limits {
        Limits { head: bytes.into(), ..self }
    }
}
