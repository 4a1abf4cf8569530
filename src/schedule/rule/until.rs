//! [`Until`]: the forms that `until()` takes.

use std::time::{Duration, SystemTime};

use crate::schedule::datetime::{DAY, DateTime, parse_time, utc_micros};
use crate::schedule::error::{Error, Result};
use crate::schedule::zone::{Rules, local_now};
use crate::time::Time;

/// The last moment of a job, in one of the forms that Python's `until()` takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Until {
    /// A local date and time.
    At(DateTime),
    /// A moment; shown in the local zone.
    Moment(SystemTime),
    /// So much later than now: Python's `timedelta`.
    After(Duration),
    /// Today at this time: `"HH:MM[:SS[.ffffff]]"`, Python's `datetime.time`. See [`Until::today`].
    Today(String),
    /// `"2026-12-24 18:00:00"`, `"2026-12-24 18:00"`, `"2026-12-24"`, `"18:00:00"` or `"18:00"`.
    Text(String),
}

impl Until {
    /// Today at this time of day.
    pub fn today(time: impl Into<String>) -> Until {
        Until::Today(time.into())
    }

    /// The moment; an error for one in the past.
    pub(in crate::schedule) fn resolve(&self, time: &Time) -> Result<DateTime> {
        let at = self.moment(time)?;
        if at < local_now(time)? {
            return Err(Error::ScheduleValue("Cannot schedule a job to run until a time in the past".into()));
        }
        Ok(at)
    }

    /// The moment, past or not.
    pub(in crate::schedule) fn moment(&self, time: &Time) -> Result<DateTime> {
        let now = local_now(time)?;
        Ok(match self {
            Until::At(at) => *at,
            Until::Moment(at) => DateTime::from_micros(Rules::local(time)?.local_of(utc_micros(*at)))?,
            Until::After(duration) => now.checked_add(*duration)?,
            Until::Today(text) => {
                let of_day = parse_time(text).ok_or_else(|| Error::ScheduleValue(format!("invalid time of day '{text}'")))?;
                DateTime::from_micros(now.micros().div_euclid(DAY) * DAY + of_day)?
            }
            Until::Text(text) => parse(time, text, now)?,
        })
    }
}

const FORMATS: [&str; 5] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S", "%H:%M"];

fn parse(time: &Time, text: &str, now: DateTime) -> Result<DateTime> {
    let found = FORMATS.iter().find_map(|format| {
        let t = time.strptime(text, format).ok()?;
        let number = |number: i32| u32::try_from(number).ok();
        // A leap second is a time for `time.strptime` and none for `datetime`.
        DateTime::new(t.tm_year, number(t.tm_mon)?, number(t.tm_mday)?)
            .and_hms(number(t.tm_hour)?, number(t.tm_min)?, number(t.tm_sec)?)
            .ok()
    });
    let at = found.ok_or_else(|| Error::ScheduleValue("Invalid string format for until()".into()))?;
    if text.contains('-') {
        return Ok(at);
    }
    DateTime::from_micros(now.micros().div_euclid(DAY) * DAY + at.micros().rem_euclid(DAY))
}

impl From<DateTime> for Until {
    fn from(at: DateTime) -> Until {
        Until::At(at)
    }
}

impl From<SystemTime> for Until {
    fn from(at: SystemTime) -> Until {
        Until::Moment(at)
    }
}

impl From<Duration> for Until {
    fn from(after: Duration) -> Until {
        Until::After(after)
    }
}

impl From<&str> for Until {
    fn from(text: &str) -> Until {
        Until::Text(text.into())
    }
}

impl From<String> for Until {
    fn from(text: String) -> Until {
        Until::Text(text)
    }
}
