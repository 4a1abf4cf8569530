//! [`DateTime`]: a local date and time, Python's naive `datetime.datetime`.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::error::{Error, Result};
use crate::time::calendar;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;
const MIN: i64 = -62_135_596_800 * SECOND;
const MAX: i64 = 253_402_300_800 * SECOND - 1;

/// A date and time of the years 1 to 9999 with microseconds and without a zone: Python's naive `datetime.datetime`.
///
/// It is shown as Python's `str()` shows it, and read from the same text.
///
/// ```
/// use leyden::schedule::DateTime;
///
/// let at = DateTime::new(2026, 3, 1).and_hms(2, 30, 0)?;
/// assert_eq!(at.to_string(), "2026-03-01 02:30:00");
/// assert_eq!("2026-03-01 02:30".parse::<DateTime>()?, at);
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

/// A date whose time of day is still to be given: see [`DateTime::new`].
#[derive(Clone, Copy, Debug)]
#[must_use = "end with `.and_hms(h, m, s)` or `.midnight()`"]
pub struct Date {
    year: i32,
    month: u32,
    day: u32,
}

impl Date {
    /// The date at a time of day. [`Error::ScheduleValue`] with Python's text if a number is out of range.
    pub fn and_hms(self, hour: u32, minute: u32, second: u32) -> Result<DateTime> {
        let value = |text: &str| Err(Error::ScheduleValue(text.into()));
        match () {
            () if !(1..=9999).contains(&self.year) => value(&format!("year {} is out of range", self.year)),
            () if !(1..=12).contains(&self.month) => value("month must be in 1..12"),
            () if self.day < 1 || self.day > days_of_month(self.year.into(), self.month.into()) as u32 => {
                value("day is out of range for month")
            }
            () if hour > 23 => value("hour must be in 0..23"),
            () if minute > 59 => value("minute must be in 0..59"),
            () if second > 59 => value("second must be in 0..59"),
            () => {
                let days = calendar::days(self.year.into(), self.month.into(), self.day.into());
                Ok(DateTime(days * DAY + i64::from(hour * 3600 + minute * 60 + second) * SECOND))
            }
        }
    }

    /// The first moment of the date.
    pub fn midnight(self) -> Result<DateTime> {
        self.and_hms(0, 0, 0)
    }
}

pub(super) fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if calendar::is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl DateTime {
    /// 1970-01-01 00:00:00.
    pub(super) const EPOCH: DateTime = DateTime(0);

    /// A date; its time of day follows with [`Date::and_hms`], which also checks the numbers.
    #[allow(clippy::new_ret_no_self, reason = "a date and a time in two steps: six bare numbers are easy to mix up")]
    pub fn new(year: i32, month: u32, day: u32) -> Date {
        Date { year, month, day }
    }

    /// From microseconds since 1970-01-01 00:00:00 on the same clock, if within the years 1 to 9999.
    pub(super) fn from_micros(micros: i64) -> Result<DateTime> {
        if (MIN..=MAX).contains(&micros) { Ok(DateTime(micros)) } else { Err(Error::Overflow("date value out of range".into())) }
    }

    pub(super) fn micros(self) -> i64 {
        self.0
    }

    fn date(self) -> (i64, i64, i64) {
        calendar::date(self.0.div_euclid(DAY))
    }

    fn of_day(self) -> i64 {
        self.0.rem_euclid(DAY)
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i32 {
        self.date().0 as i32
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.date().1 as u32
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.date().2 as u32
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> u32 {
        (self.of_day() / (3600 * SECOND)) as u32
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> u32 {
        (self.of_day() / (60 * SECOND) % 60) as u32
    }

    /// The second, 0 to 59.
    pub fn second(self) -> u32 {
        (self.of_day() / SECOND % 60) as u32
    }

    /// The microsecond, 0 to 999,999.
    pub fn microsecond(self) -> u32 {
        self.of_day().rem_euclid(SECOND) as u32
    }

    /// The weekday: Monday is 0, as in Python.
    pub fn weekday(self) -> u32 {
        calendar::weekday(self.0.div_euclid(DAY)) as u32
    }

    /// The same with this microsecond (at most 999,999).
    pub fn with_microsecond(self, microsecond: u32) -> DateTime {
        DateTime(self.0 - i64::from(self.microsecond()) + i64::from(microsecond.min(999_999)))
    }

    /// This much later on the same clock. [`Error::Overflow`] after the year 9999.
    pub fn checked_add(self, duration: Duration) -> Result<DateTime> {
        let micros = i64::try_from(duration.as_micros()).ok().and_then(|micros| self.0.checked_add(micros));
        DateTime::from_micros(micros.unwrap_or(i64::MAX))
    }

    /// `(self - other).total_seconds()`.
    pub fn seconds_since(self, other: DateTime) -> f64 {
        // Python divides two integers, which rounds once.
        (self.0 - other.0) as f64 / 1e6
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", self.hour(), self.minute(), self.second())?;
        match self.microsecond() {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Digits of a fixed count, then the rest.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let plain = number.bytes().all(|byte| byte.is_ascii_digit());
    plain.then_some(()).and_then(|()| Some((number.parse().ok()?, rest)))
}

/// `HH:MM[:SS[.ffffff]]` as microseconds of the day.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = if rest.is_empty() { (0, "") } else { digits(rest.strip_prefix(':')?, 2)? };
    let micros = match rest.strip_prefix('.') {
        None if rest.is_empty() => 0,
        Some(part) if (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()) => {
            part.parse::<i64>().ok()? * 10_i64.pow(6 - part.len() as u32)
        }
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60).then(|| i64::from(hour * 3600 + minute * 60 + second) * SECOND + micros)
}

impl FromStr for DateTime {
    type Err = Error;

    /// `2026-03-01`, `2026-03-01 02:30`, `2026-03-01T02:30:15.5`.
    fn from_str(text: &str) -> Result<DateTime> {
        let parsed = || {
            let (year, rest) = digits(text, 4)?;
            let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
            let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
            let of_day = if rest.is_empty() { 0 } else { parse_time(rest.strip_prefix(['T', ' '])?)? };
            let date = DateTime::new(i32::try_from(year).ok()?, month, day).midnight().ok()?;
            Some(DateTime(date.0 + of_day))
        };
        parsed().ok_or_else(|| Error::DateTime(text.into()))
    }
}

/// A moment as microseconds since 1970, rounded down.
pub(super) fn utc_micros(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos().div_ceil(1000)).unwrap_or(MAX),
    }
}

/// Back again. Moments of [`DateTime`]'s years fit.
pub(super) fn system_time(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let at = if micros < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
    at.unwrap_or(epoch)
}
