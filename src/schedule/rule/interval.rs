//! [`Interval`]: the rule of `every(..)`, computed step by step as schedule 1.2.2 does.

use super::random::Random;
use crate::schedule::datetime::{DAY, DateTime, SECOND};
use crate::schedule::error::{Error, Result};
use crate::schedule::zone::Rules;
use crate::time::calendar;

/// The unit of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `seconds`.
    Seconds,
    /// `minutes`.
    Minutes,
    /// `hours`.
    Hours,
    /// `days`.
    Days,
    /// `weeks`.
    Weeks,
}

impl Unit {
    /// Python's word for it: `"hours"`.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Minutes => "minutes",
            Unit::Hours => "hours",
            Unit::Days => "days",
            Unit::Weeks => "weeks",
        }
    }

    /// Microseconds of one.
    pub(in crate::schedule) fn micros(self) -> i64 {
        match self {
            Unit::Seconds => SECOND,
            Unit::Minutes => 60 * SECOND,
            Unit::Hours => 3600 * SECOND,
            Unit::Days => DAY,
            Unit::Weeks => 7 * DAY,
        }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// Python's word for it: `"monday"`.
    pub fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        }
    }
}

/// A time of day, to the second: Python's `job.at_time`. Shown as `HH:MM:SS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtTime {
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}

impl std::fmt::Display for AtTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

#[derive(Clone, Debug)]
pub(in crate::schedule) struct Interval {
    pub(in crate::schedule) interval: i64,
    pub(in crate::schedule) latest: Option<i64>,
    pub(in crate::schedule) unit: Option<Unit>,
    pub(in crate::schedule) start_day: Option<Weekday>,
    pub(in crate::schedule) at_time: Option<AtTime>,
    pub(in crate::schedule) zone: Option<(String, Rules)>,
}

/// A date with the offset that it is written in: pytz's aware datetime. Without a zone the offset is 0 and stays so.
#[derive(Clone, Copy)]
struct Aware {
    naive: i64,
    offset: i64,
}

impl Aware {
    fn plus(self, micros: i64) -> Result<Aware> {
        let naive = DateTime::from_micros(self.naive.saturating_add(micros))?.micros();
        Ok(Aware { naive, ..self })
    }

    fn utc(self) -> i64 {
        self.naive.saturating_sub(self.offset)
    }
}

impl Interval {
    pub(in crate::schedule) fn new(interval: i64) -> Interval {
        Interval { interval, latest: None, unit: None, start_day: None, at_time: None, zone: None }
    }

    /// `Job.at`, whose checks come in this order.
    pub(in crate::schedule) fn at(&mut self, text: &str) -> Result<()> {
        let value = |text: &str| Err(Error::ScheduleValue(text.into()));
        let daily = self.unit == Some(Unit::Days) || self.start_day.is_some();
        // In Python `$` also matches before a last newline, and `int()` ignores it.
        let plain = text.strip_suffix('\n').unwrap_or(text);
        let parts: Vec<Option<u32>> = plain.split(':').map(two_digits).collect();
        let is = |part: usize, least: u32| matches!(parts.get(part), Some(Some(number)) if *number < least);
        if daily && !(matches!(parts.len(), 2 | 3) && is(0, 30) && is(1, 60) && (parts.len() == 2 || is(2, 60))) {
            return value("Invalid time format for a daily job (valid format is HH:MM(:SS)?)");
        }
        let empty_first = plain.starts_with(':');
        if self.unit == Some(Unit::Hours) && !(parts.len() == 2 && (empty_first || is(0, 60)) && is(1, 60)) {
            return value("Invalid time format for an hourly job (valid format is (MM)?:SS)");
        }
        if self.unit == Some(Unit::Minutes) && !(parts.len() == 2 && empty_first && is(1, 60)) {
            return value("Invalid time format for a minutely job (valid format is :SS)");
        }
        let part = |at: usize| parts.get(at).copied().flatten().unwrap_or(0);
        let (mut hour, mut minute, second) = match (parts.len(), self.unit) {
            (3, _) => (part(0), part(1), part(2)),
            (2, Some(Unit::Minutes)) => (0, 0, part(1)),
            (2, Some(Unit::Hours)) if !empty_first => (0, part(0), part(1)),
            _ => (part(0), part(1), 0),
        };
        if daily {
            if hour > 23 {
                // The braces are in Python's text too.
                return value("Invalid number of hours ({} is not between 0 and 23)");
            }
        } else if self.unit == Some(Unit::Hours) {
            hour = 0;
        } else if self.unit == Some(Unit::Minutes) {
            (hour, minute) = (0, 0);
        }
        self.at_time = Some(AtTime { hour, minute, second });
        Ok(())
    }

    /// `Job._schedule_next_run`: the next run after a moment, in the local zone's time.
    pub(in crate::schedule) fn next(&self, utc_now: i64, local: &Rules, random: &mut Random) -> Result<DateTime> {
        let Some(unit) = self.unit else {
            return Err(Error::ScheduleValue(
                "Invalid unit (valid units are `seconds`, `minutes`, `hours`, `days`, and `weeks`)".into(),
            ));
        };
        let interval = match self.latest {
            Some(latest) if latest < self.interval => {
                return Err(Error::Schedule("`latest` is greater than `interval`".into()));
            }
            Some(latest) => random.randint(self.interval, latest),
            None => self.interval,
        };
        let now = match &self.zone {
            Some((_, rules)) => Aware { naive: rules.local_of(utc_now), offset: rules.offset(utc_now) },
            None => Aware { naive: local.local_of(utc_now), offset: 0 },
        };
        let mut next = now;
        if let Some(day) = self.start_day {
            if unit != Unit::Weeks {
                return Err(Error::ScheduleValue("`unit` should be 'weeks'".into()));
            }
            let today = calendar::weekday(next.naive.div_euclid(DAY));
            next = next.plus((day as i64 - today).rem_euclid(7) * DAY)?;
        }
        if let Some(at) = self.at_time {
            next = self.move_to(next, at, unit)?;
        }
        let period = period(interval, unit)?;
        if interval != 1 {
            next = next.plus(period)?;
        }
        if next.utc() <= now.utc() {
            next = match period {
                // Python goes back until the calendar ends, or loops for ever.
                i64::MIN..0 => return Err(Error::Overflow("date value out of range".into())),
                0 => return Err(Error::ScheduleValue("an interval of 0 has no next run".into())),
                _ => next.plus(((now.utc() - next.utc()) / period + 1).saturating_mul(period))?,
            };
        }
        next = self.correct(next, self.at_time.is_some())?;
        match self.zone {
            Some(_) => DateTime::from_micros(local.local_of(next.utc())),
            None => DateTime::from_micros(next.naive),
        }
    }

    /// `Job._move_to_at_time`.
    fn move_to(&self, moment: Aware, at: AtTime, unit: Unit) -> Result<Aware> {
        let whole = unit == Unit::Days || self.start_day.is_some();
        let (days, of_day) = (moment.naive.div_euclid(DAY), moment.naive.rem_euclid(DAY) / SECOND);
        let hour = if whole { at.hour.into() } else { of_day / 3600 };
        let minute = if whole || unit == Unit::Hours { at.minute.into() } else { of_day / 60 % 60 };
        let naive = days * DAY + (hour * 3600 + minute * 60 + i64::from(at.second)) * SECOND;
        self.correct(Aware { naive, ..moment }, true)
    }

    /// `Job._correct_utc_offset`.
    fn correct(&self, moment: Aware, fixate_time: bool) -> Result<Aware> {
        let Some((_, rules)) = &self.zone else { return Ok(moment) };
        let normalize = |moment: Aware| {
            let offset = rules.offset(moment.utc());
            Aware { naive: moment.utc().saturating_add(offset), offset }
        };
        let normalized = normalize(moment);
        if normalized.offset == moment.offset || !fixate_time {
            return Ok(normalized);
        }
        let difference = normalized.offset - moment.offset;
        let moved = normalized.plus(-difference)?;
        // The time does not exist: in a gap it is one offset later.
        if normalize(moved).offset == normalized.offset { Ok(moved) } else { moved.plus(difference) }
    }
}

/// `datetime.timedelta(**{unit: interval})`, with its errors.
fn period(interval: i64, unit: Unit) -> Result<i64> {
    let micros = i128::from(interval) * i128::from(unit.micros());
    let days = micros.div_euclid(i128::from(DAY));
    if i32::try_from(days).is_err() {
        return Err(Error::Overflow("Python int too large to convert to C int".into()));
    }
    if days.abs() > 999_999_999 {
        return Err(Error::Overflow(format!("days={days}; must have magnitude <= 999999999")));
    }
    // A billion days are more than the calendar holds: what does not fit ends beyond it too.
    Ok(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
}

/// `[0-9]\d`: Python's `\d` is any decimal digit of Unicode, and the first one is checked to be ASCII by `[0-5]`.
fn two_digits(text: &str) -> Option<u32> {
    let mut characters = text.chars();
    let (tens, ones) = (characters.next()?.to_digit(10)?, decimal(characters.next()?)?);
    characters.next().is_none().then_some(tens * 10 + ones)
}

/// The zeros of Unicode's decimal digits; nine digits follow each.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040,
    0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0,
    0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

fn decimal(c: char) -> Option<u32> {
    let at = ZEROS.partition_point(|zero| *zero <= c as u32).checked_sub(1)?;
    let digit = c as u32 - ZEROS.get(at)?;
    (digit < 10).then_some(digit)
}
