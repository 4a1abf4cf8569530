//! The Gregorian calendar for all years within 64 bits of seconds. (jiff ends with the year 9999,
//! glibc does not.)

use super::error::{Error, Result};
use super::struct_time::StructTime;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Seconds in 400 years, after which the calendar repeats, weekdays included.
pub(crate) const CYCLE: i64 = 146_097 * DAY;

/// Returns the days from 1970-01-01 to this date. The day may be out of range; the month must be 1
/// to 12.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns year, month and day for a number of days since 1970-01-01.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns the weekday; Monday is 0.
pub(crate) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

pub(crate) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(crate) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Converts a time in UTC to seconds since 1970: the inverse of
/// [`Time::gmtime`](super::Time::gmtime). In Python it is `calendar.timegm`. Hours, minutes,
/// seconds and the day of the month may be out of range and carry over. The weekday and the day of
/// the year are ignored.
///
/// ```
/// use leyden::time::{StructTime, timegm};
/// assert_eq!(timegm(&StructTime::from([2026, 1, 1, 0, 0, 0, 0, 0, 0]))?, 1_767_225_600);
/// # Ok::<(), leyden::time::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] unless the year is 1 to 9999 and the month 1 to 12, as in Python.
///
/// <https://docs.python.org/3/library/calendar.html#calendar.timegm>
#[doc(alias = "calendar.timegm")]
pub fn timegm(t: &StructTime) -> Result<i64> {
    if !(1..=9999).contains(&t.tm_year) {
        return Err(Error::Value(format!("year {} is out of range", t.tm_year)));
    }
    if !(1..=12).contains(&t.tm_mon) {
        return Err(Error::Value("month must be in 1..12".into()));
    }
    let days = days(t.tm_year.into(), t.tm_mon.into(), 1) + i64::from(t.tm_mday) - 1;
    Ok(((days * 24 + i64::from(t.tm_hour)) * 60 + i64::from(t.tm_min)) * 60 + i64::from(t.tm_sec))
}
