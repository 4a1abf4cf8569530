//! Cron expressions: [`Cron`].
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::schedule::Cron;
//!
//! let time = World::new().batteries().time; // 2026-01-01 00:00:00 UTC
//! let cron: Cron = "*/15 2-4 * * MON-FRI".parse()?;
//! let next = cron.after(&time, Some("Europe/Berlin"), time.time())?.next().unwrap();
//! assert_eq!(time.strftime("%a %H:%M", &time.gmtime(next)?)?, "Thu 01:00");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | field | values | names | special |
//! |---|---|---|---|
//! | second (only if there are six fields) | 0 to 59 | | |
//! | minute | 0 to 59 | | |
//! | hour | 0 to 23 | | |
//! | day of month | 1 to 31 | | `L` the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th of the same month |
//! | month | 1 to 12 | `JAN` to `DEC` | |
//! | day of week | 0 to 7, Sunday is 0 and 7 | `SUN` to `SAT` | `MON#2` the second Monday, `5L` the last Friday |
//!
//! Each field is `*`, a number, a name, a range `1-5`, any of these with a step `/2`, or a list of them with commas. A number with a step
//! runs to the end of the range: `5/15` is `5-59/15`. Letters may be of either case. `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`
//! and `@hourly` are the expressions of crontab(5).
//!
//! If both day fields are restricted, a day matches that matches either of them, as in Vixie cron. A field that begins with `*` is not
//! restricted, and then both have to match.
//!
//! # Daylight saving time
//!
//! As in Debian's cron: if neither the minute nor the hour begins with `*` (and there are no seconds), the expression names fixed times of day.
//! A time that a gap skips runs at the end of the gap, and a time that a fold repeats runs once, the first time. Every other expression runs
//! whenever the local clock shows a time that matches: in a gap not at all, in a fold twice.

mod parse;
mod search;

use std::fmt;
use std::time::SystemTime;

pub(super) use parse::every_nth;

use super::datetime::{SECOND, system_time, utc_micros};
use super::error::Result;
use super::zone::Rules;
use crate::time::Time;

/// A parsed cron expression; see [the module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    pub(in crate::schedule) text: String,
    pub(in crate::schedule) seconds: u64,
    pub(in crate::schedule) minutes: u64,
    pub(in crate::schedule) hours: u64,
    pub(in crate::schedule) days: Days,
    pub(in crate::schedule) months: u64,
    /// Neither the minute nor the hour begins with a star, and there are no seconds.
    pub(in crate::schedule) fixed: bool,
    /// The fields that begin with a star.
    pub(in crate::schedule) stars: Stars,
}

/// Which fields begin with a star: for cron that is a wildcard, whatever the field matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::schedule) struct Stars {
    pub(in crate::schedule) minute: bool,
    pub(in crate::schedule) hour: bool,
    pub(in crate::schedule) day: bool,
    pub(in crate::schedule) weekday: bool,
}

/// Which days of a month match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::schedule) struct Days {
    /// Bit n is day n.
    pub(in crate::schedule) of_month: u64,
    pub(in crate::schedule) last: bool,
    pub(in crate::schedule) last_weekday: bool,
    /// Bit n: the weekday nearest to day n.
    pub(in crate::schedule) nearest: u64,
    /// Bit n is weekday n, Sunday is 0.
    pub(in crate::schedule) of_week: u64,
    /// For each weekday, bit n is its n-th in the month.
    pub(in crate::schedule) nth: [u8; 7],
    /// Bit n: the last weekday n of the month.
    pub(in crate::schedule) last_of_week: u64,
    /// Both fields have to match.
    pub(in crate::schedule) both: bool,
}

impl Cron {
    /// The moments that match after another moment, in a zone of the time zone database or, for None, in the local zone of `time`.
    ///
    /// The iterator ends if no moment matches within 50 years. [`Error::UnknownTimeZone`](super::Error::UnknownTimeZone) for a zone that the database
    /// does not have.
    pub fn after(&self, time: &Time, zone: Option<&str>, after: SystemTime) -> Result<After<'_>> {
        let rules = match zone {
            Some(name) => Rules::named(time, name)?.1,
            None => Rules::local(time)?,
        };
        Ok(After { cron: self, rules, at: Some(utc_micros(after)) })
    }

    /// True if crontab(5) has the expression too: five fields without `L`, `W` and `#`.
    pub(crate) fn is_plain(&self) -> bool {
        let days = &self.days;
        let special = days.last || days.last_weekday || days.nearest != 0 || days.last_of_week != 0 || days.nth != [0; 7];
        self.seconds == 1 && !special
    }

    /// The first moment after another one, both in microseconds since 1970.
    pub(super) fn next(&self, utc: i64, rules: &Rules) -> Option<i64> {
        search::next(self, utc.div_euclid(SECOND), rules).map(|second| second * SECOND)
    }

    /// The first matching time of the calendar from one on, both in microseconds, whatever a zone makes of it.
    pub(super) fn next_local(&self, local: i64) -> Option<i64> {
        search::next_local(self, local.div_euclid(SECOND)).map(|second| second * SECOND)
    }
}

impl fmt::Display for Cron {
    /// The expression as it was given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What [`Cron::after`] gives.
#[derive(Clone, Debug)]
pub struct After<'c> {
    cron: &'c Cron,
    rules: Rules,
    at: Option<i64>,
}

impl Iterator for After<'_> {
    type Item = SystemTime;

    fn next(&mut self) -> Option<SystemTime> {
        self.at = self.cron.next(self.at?, &self.rules);
        self.at.map(system_time)
    }
}
