//! [`Timeout`] and [`Limits`]: how long a call may take and how much may come back.

use std::time::Duration;

use crate::TimeLimit;

/// How long a call may take.
///
/// `connect` and `read` are Python's: how long one connection may take to be made, and how long the server may be silent at a time. `total` bounds the
/// whole call: redirects, retries, their pauses and the body. The clock starts when the call starts.
///
/// DIFFERENCE: Python has no limit unless one is given, and none on the whole ever: a server that sends a byte now and then keeps it for ever. Here the default is 60 seconds
/// of silence and 60 seconds in total (an hour for [`download`](super::RequestBuilder::download)); a longer `read` or `connect` raises the total to it; `timeout(None)`
/// lifts everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    pub(super) connect: Option<Duration>,
    pub(super) read: Option<Duration>,
    pub(super) total: Option<Duration>,
    /// The total is the default's, not the caller's: a download may raise it.
    pub(super) by_default: bool,
}

/// The default budget of a call.
pub const DEFAULT_TOTAL: Duration = Duration::from_secs(60);
/// The default budget of a download.
pub const DEFAULT_DOWNLOAD_TOTAL: Duration = Duration::from_secs(3600);

impl Timeout {
    /// The default.
    pub fn new() -> Timeout {
        Timeout { connect: None, read: Some(DEFAULT_TOTAL), total: Some(DEFAULT_TOTAL), by_default: true }
    }

    /// None at all.
    pub fn none() -> Timeout {
        Timeout { connect: None, read: None, total: None, by_default: false }
    }

    /// For one connection.
    #[must_use]
    pub fn connect(self, connect: impl Into<TimeLimit>) -> Timeout {
        Timeout { connect: connect.into().into(), ..self }.raised()
    }

    /// For one silence.
    #[must_use]
    pub fn read(self, read: impl Into<TimeLimit>) -> Timeout {
        Timeout { read: read.into().into(), ..self }.raised()
    }

    /// For everything.
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
            /// Connect and read, in seconds.
            fn from(both: $number) -> Timeout {
                Timeout::new().connect(both).read(both)
            }
        }
    )+};
}

both!(Duration, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

impl<C: Into<TimeLimit>, R: Into<TimeLimit>> From<(C, R)> for Timeout {
    /// Connect, read: `(3.05, 27)`. None is for ever, within the total.
    fn from((connect, read): (C, R)) -> Timeout {
        Timeout::new().connect(connect).read(read)
    }
}

impl From<Option<Duration>> for Timeout {
    /// None lifts every limit.
    fn from(both: Option<Duration>) -> Timeout {
        both.map_or_else(Timeout::none, Into::into)
    }
}

/// How much of a response is taken in. What is beyond is [`Error::TooLarge`](super::Error::TooLarge), not a full memory.
///
/// DIFFERENCE: Python has no such limits, but for 100 headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a body, decoded, that is read into memory. Default 1 GiB. Streams have no such limit: they hold one chunk.
    pub body: Option<u64>,
    /// Bytes of all headers together. Default 256 KiB.
    pub head: Option<u64>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { body: Some(1 << 30), head: Some(256 << 10) }
    }
}

impl Limits {
    /// This much of a body; None is no limit.
    #[must_use]
    pub fn body(self, bytes: impl Into<Option<u64>>) -> Limits {
        Limits { body: bytes.into(), ..self }
    }

    /// This much of headers; None is no limit.
    #[must_use]
    pub fn head(self, bytes: impl Into<Option<u64>>) -> Limits {
        Limits { head: bytes.into(), ..self }
    }
}
