//! [`Retry`]: urllib3's rules for retries.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::requests::backend::Failure;
use crate::requests::cookies::date::http2time;
use crate::secret::url::redact;

/// The number of retries for one kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// Python's None: limited only by the total.
    Unlimited,
    /// This many retries.
    Times(i64),
    /// Python's False: no retries, and the error is returned unchanged.
    Never,
}

impl Tries {
    fn less_one(self) -> Tries {
        match self {
            Tries::Times(left) => Tries::Times(left - 1),
            other => other,
        }
    }

    fn is_exhausted(self) -> bool {
        matches!(self, Tries::Times(left) if left < 0)
    }
}

impl From<u32> for Tries {
    fn from(times: u32) -> Tries {
        Tries::Times(times.into())
    }
}

impl From<Option<u32>> for Tries {
    fn from(times: Option<u32>) -> Tries {
        times.map_or(Tries::Unlimited, Into::into)
    }
}

impl From<bool> for Tries {
    fn from(try_at_all: bool) -> Tries {
        if try_at_all { Tries::Unlimited } else { Tries::Never }
    }
}

/// A failed attempt. `Debug` hides secrets in the URLs.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestHistory {
    /// The method.
    pub method: String,
    /// The URL's path and query.
    pub url: String,
    /// The failure; `None` if there was a response.
    pub error: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// The target of the redirect.
    pub redirect_location: Option<String>,
}

impl fmt::Debug for RequestHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHistory")
            .field("method", &self.method)
            .field("url", &redact(&self.url))
            .field("error", &self.error)
            .field("status", &self.status)
            .field("redirect_location", &self.redirect_location.as_deref().map(redact))
            .finish()
    }
}

/// When to retry, and how long to wait before: urllib3's `Retry`, for
/// [`HttpAdapter`](crate::requests::HttpAdapter) or a single call's `max_retries`.
///
/// ```
/// use leyden::requests::Retry;
/// use std::time::Duration;
///
/// let retry = Retry::new(5).status_forcelist([500, 502, 503]).backoff_factor(0.5);
/// let retry = retry.increment("GET", "/", Err(&leyden::requests::Failure::ConnectTimeout)).unwrap();
/// assert_eq!(retry.get_backoff_time(0.0), Duration::ZERO); // the first retry comes at once
/// let retry = retry.increment("GET", "/", Ok((503, None))).unwrap();
/// assert_eq!(retry.get_backoff_time(0.0), Duration::from_secs(1));
/// ```
///
/// <https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html#urllib3.util.Retry>
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "requests.adapters.Retry")]
#[non_exhaustive]
pub struct Retry {
    /// All retries together. Default 10.
    pub total: Tries,
    /// After a failure to connect.
    pub connect: Tries,
    /// After a lost connection or a read timeout.
    pub read: Tries,
    /// Redirects. requests follows them itself, so this counts only in [`Retry::increment`].
    pub redirect: Tries,
    /// After a status of the forcelist.
    pub status: Tries,
    /// After any other failure, for example of TLS.
    pub other: Tries,
    /// The methods that may be repeated. `None`: all.
    pub allowed_methods: Option<Vec<String>>,
    /// The statuses to retry.
    pub status_forcelist: Vec<u16>,
    /// Seconds: the pause before the n-th retry is `factor * 2^(n-1)`, and none before the first.
    pub backoff_factor: f64,
    /// The longest pause, in seconds. Default 120.
    pub backoff_max: f64,
    /// The maximum random addition to the pause, in seconds.
    pub backoff_jitter: f64,
    /// Whether exhausted retries for a status are an error (the default), or return the last
    /// response.
    pub raise_on_status: bool,
    /// The same for redirects.
    pub raise_on_redirect: bool,
    /// Whether to wait as long as `Retry-After` requests. Default true.
    pub respect_retry_after_header: bool,
    /// The longest `Retry-After`, in seconds. Default six hours.
    pub retry_after_max: f64,
    /// Headers that are not sent to another host.
    pub remove_headers_on_redirect: Vec<String>,
    /// The failed attempts so far.
    pub history: Vec<RequestHistory>,
}

impl Retry {
    /// `Retry.DEFAULT_ALLOWED_METHODS`: the idempotent methods.
    #[doc(alias = "requests.adapters.Retry.DEFAULT_ALLOWED_METHODS")]
    pub const DEFAULT_ALLOWED_METHODS: [&'static str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"];
    /// `Retry.DEFAULT_BACKOFF_MAX`, seconds.
    #[doc(alias = "requests.adapters.Retry.DEFAULT_BACKOFF_MAX")]
    pub const DEFAULT_BACKOFF_MAX: f64 = 120.0;
    /// `Retry.DEFAULT_RETRY_AFTER_MAX`, seconds.
    #[doc(alias = "requests.adapters.Retry.DEFAULT_RETRY_AFTER_MAX")]
    pub const DEFAULT_RETRY_AFTER_MAX: f64 = 21_600.0;
    /// `Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT`.
    #[doc(alias = "requests.adapters.Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT")]
    pub const DEFAULT_REMOVE_HEADERS_ON_REDIRECT: [&'static str; 3] = ["Authorization", "Cookie", "Proxy-Authorization"];
    /// `Retry.RETRY_AFTER_STATUS_CODES`.
    #[doc(alias = "requests.adapters.Retry.RETRY_AFTER_STATUS_CODES")]
    pub const RETRY_AFTER_STATUS_CODES: [u16; 3] = [413, 429, 503];

    /// Creates a value with this total.
    pub fn new(total: impl Into<Tries>) -> Retry {
        let total = total.into();
        let never = total == Tries::Never;
        Retry {
            total,
            connect: Tries::Unlimited,
            read: Tries::Unlimited,
            redirect: if never { Tries::Times(0) } else { Tries::Unlimited },
            status: Tries::Unlimited,
            other: Tries::Unlimited,
            allowed_methods: Some(Self::DEFAULT_ALLOWED_METHODS.map(str::to_owned).to_vec()),
            status_forcelist: Vec::new(),
            backoff_factor: 0.0,
            backoff_max: Self::DEFAULT_BACKOFF_MAX,
            backoff_jitter: 0.0,
            raise_on_status: true,
            raise_on_redirect: !never,
            respect_retry_after_header: true,
            retry_after_max: Self::DEFAULT_RETRY_AFTER_MAX,
            remove_headers_on_redirect: Self::DEFAULT_REMOVE_HEADERS_ON_REDIRECT.map(str::to_owned).to_vec(),
            history: Vec::new(),
        }
    }

    /// The default of an adapter: no retries.
    pub(in crate::requests) fn none() -> Retry {
        Retry { read: Tries::Never, ..Retry::new(0) }
    }

    /// Sets the retries after a failure to connect.
    #[must_use]
    pub fn connect(self, tries: impl Into<Tries>) -> Retry {
        Retry { connect: tries.into(), ..self }
    }

    /// Sets the retries after a lost connection.
    #[must_use]
    pub fn read(self, tries: impl Into<Tries>) -> Retry {
        Retry { read: tries.into(), ..self }
    }

    /// Sets the retries for redirects.
    #[must_use]
    pub fn redirect(self, tries: impl Into<Tries>) -> Retry {
        Retry { redirect: tries.into(), ..self }
    }

    /// Sets the retries for statuses of the forcelist.
    #[must_use]
    pub fn status(self, tries: impl Into<Tries>) -> Retry {
        Retry { status: tries.into(), ..self }
    }

    /// Sets the retries after any other failure.
    #[must_use]
    pub fn other(self, tries: impl Into<Tries>) -> Retry {
        Retry { other: tries.into(), ..self }
    }

    /// Sets the methods that may be repeated.
    #[must_use]
    pub fn allowed_methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Retry {
        Retry { allowed_methods: Some(methods.into_iter().map(Into::into).collect()), ..self }
    }

    /// Allows all methods to be repeated, including POST: Python's `allowed_methods=None`.
    #[must_use]
    pub fn any_method(self) -> Retry {
        Retry { allowed_methods: None, ..self }
    }

    /// Sets the statuses to retry.
    #[must_use]
    pub fn status_forcelist(self, statuses: impl IntoIterator<Item = u16>) -> Retry {
        Retry { status_forcelist: statuses.into_iter().collect(), ..self }
    }

    /// Sets the backoff factor in seconds.
    #[must_use]
    pub fn backoff_factor(self, seconds: f64) -> Retry {
        Retry { backoff_factor: seconds, ..self }
    }

    /// Sets the longest pause in seconds.
    #[must_use]
    pub fn backoff_max(self, seconds: f64) -> Retry {
        Retry { backoff_max: seconds, ..self }
    }

    /// Sets the maximum random addition to the pause in seconds.
    #[must_use]
    pub fn backoff_jitter(self, seconds: f64) -> Retry {
        Retry { backoff_jitter: seconds, ..self }
    }

    /// Sets whether exhausted retries for a status are an error, or return the last response.
    #[must_use]
    pub fn raise_on_status(self, raise: bool) -> Retry {
        Retry { raise_on_status: raise, ..self }
    }

    /// Sets whether `Retry-After` is respected.
    #[must_use]
    pub fn respect_retry_after_header(self, respect: bool) -> Retry {
        Retry { respect_retry_after_header: respect, ..self }
    }

    /// Sets the longest `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after_max(self, seconds: f64) -> Retry {
        Retry { retry_after_max: seconds, ..self }
    }

    /// Returns the pause after the failures so far. `random` is in 0.0..1.0, for the jitter.
    #[doc(alias = "requests.adapters.Retry.get_backoff_time")]
    pub fn get_backoff_time(&self, random: f64) -> Duration {
        let errors = self.history.iter().rev().take_while(|entry| entry.redirect_location.is_none()).count();
        if errors <= 1 {
            return Duration::ZERO;
        }
        let exponent = i32::try_from(errors - 1).unwrap_or(i32::MAX);
        let pause = self.backoff_factor * 2f64.powi(exponent) + random * self.backoff_jitter;
        seconds(pause.min(self.backoff_max))
    }

    /// Parses a `Retry-After` header: seconds, or a date. `None` if it is invalid, where urllib3
    /// raises `InvalidHeader`.
    #[doc(alias("requests.adapters.Retry.parse_retry_after", "requests.adapters.Retry.get_retry_after"))]
    pub fn parse_retry_after(&self, header: &str, now: SystemTime) -> Option<Duration> {
        let digits = header.trim();
        let pause = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().ok()?
        } else {
            let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            http2time(&of_asctime(digits), now.as_secs().try_into().ok()?)? as f64 - now.as_secs_f64()
        };
        Some(seconds(pause.min(self.retry_after_max)))
    }

    /// Returns the pause before the next attempt: from `Retry-After`, otherwise the backoff.
    #[doc(alias("requests.adapters.Retry.sleep", "requests.adapters.Retry.sleep_for_retry"))]
    pub fn pause(&self, retry_after: Option<&str>, now: SystemTime, random: f64) -> Duration {
        let asked =
            retry_after.filter(|_| self.respect_retry_after_header).and_then(|header| self.parse_retry_after(header, now));
        asked.filter(|pause| !pause.is_zero()).unwrap_or_else(|| self.get_backoff_time(random))
    }

    /// Returns true if a response with this status is to be retried.
    #[doc(alias = "requests.adapters.Retry.is_retry")]
    pub fn is_retry(&self, method: &str, status: u16, has_retry_after: bool) -> bool {
        if !self.is_method_retryable(method) {
            return false;
        }
        let some_left = !matches!(self.total, Tries::Times(0) | Tries::Never | Tries::Unlimited);
        self.status_forcelist.contains(&status)
            || (some_left
                && self.respect_retry_after_header
                && has_retry_after
                && Self::RETRY_AFTER_STATUS_CODES.contains(&status))
    }

    fn is_method_retryable(&self, method: &str) -> bool {
        let allowed = self.allowed_methods.as_ref().filter(|methods| !methods.is_empty());
        allowed.is_none_or(|methods| methods.iter().any(|own| own.eq_ignore_ascii_case(method)))
    }

    /// Returns true if a count went below zero.
    #[doc(alias = "requests.adapters.Retry.is_exhausted")]
    pub fn is_exhausted(&self) -> bool {
        [self.total, self.connect, self.read, self.redirect, self.status, self.other].into_iter().any(Tries::is_exhausted)
    }

    /// Counts a failure or a response (its status and redirect target). `None` if no attempt is
    /// left, or if this kind of failure is never retried.
    #[doc(alias = "requests.adapters.Retry.increment")]
    pub fn increment(&self, method: &str, url: &str, outcome: Result<(u16, Option<&str>), &Failure>) -> Option<Retry> {
        let mut next = self.clone();
        next.total = self.total.less_one();
        let mut entry =
            RequestHistory { method: method.into(), url: url.into(), error: None, status: None, redirect_location: None };
        match outcome {
            Err(failure) => {
                if self.total == Tries::Never {
                    return None;
                }
                match failure {
                    Failure::Connect(_) | Failure::ConnectTimeout | Failure::Proxy(_) if self.connect == Tries::Never => {
                        return None;
                    }
                    Failure::Connect(_) | Failure::ConnectTimeout | Failure::Proxy(_) => next.connect = self.connect.less_one(),
                    Failure::ReadTimeout | Failure::Protocol(_) => {
                        if self.read == Tries::Never || !self.is_method_retryable(method) {
                            return None;
                        }
                        next.read = self.read.less_one();
                    }
                    _ => next.other = self.other.less_one(),
                }
                entry.error = Some(failure.to_string());
            }
            Ok((status, Some(location))) => {
                next.redirect = self.redirect.less_one();
                (entry.status, entry.redirect_location) = (Some(status), Some(location.into()));
            }
            Ok((status, None)) => {
                next.status = self.status.less_one();
                entry.status = Some(status);
            }
        }
        next.history.push(entry);
        (!next.is_exhausted()).then_some(next)
    }
}

fn seconds(seconds: f64) -> Duration {
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO }
}

impl Default for Retry {
    /// `Retry.DEFAULT`: three.
    #[doc(alias = "requests.adapters.Retry.DEFAULT")]
    fn default() -> Retry {
        Retry::new(3)
    }
}

impl From<u32> for Retry {
    /// Sets the total.
    #[doc(alias = "requests.adapters.Retry.from_int")]
    fn from(total: u32) -> Retry {
        Retry::new(total)
    }
}

/// Reorders `Thu Jan  1 00:01:00 2026`, the oldest date format of HTTP, like the others.
fn of_asctime(date: &str) -> std::borrow::Cow<'_, str> {
    match date.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        [_, month, day, time, year] if time.contains(':') && day.parse::<u8>().is_ok() => {
            format!("{day} {month} {year} {time}").into()
        }
        _ => date.into(),
    }
}
