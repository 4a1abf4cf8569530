//! From one moment to the next one that matches.
//!
//! The calendar is searched month by month with the days of a month as one word of bits, then the time of day. What a zone does with the
//! result is looked at once per change of its offset, and changes far from any match are not looked at.

use super::super::datetime::{SECOND, days_of_month};
use super::super::zone::Rules;
use super::{Cron, Days};
use crate::time::calendar;

const DAY: i64 = 86_400;

/// The years in which a match is looked for: the 29th of February is a Monday once in 28 years, around 2100 once in 40.
const YEARS: i64 = 50;

/// The first second after another one, both since 1970.
pub(super) fn next(cron: &Cron, after: i64, rules: &Rules) -> Option<i64> {
    let offset = |utc: i64| rules.offset(utc * SECOND) / SECOND;
    if cron.fixed {
        let mut local = after + offset(after);
        loop {
            local = next_local(cron, local + 1)?;
            // In the second half of a fold, times that have run in the first half come again.
            let utc = rules.moment(local * SECOND).div_euclid(SECOND);
            if utc > after {
                return Some(utc);
            }
        }
    }
    let mut from = after + 1;
    loop {
        let east = offset(from);
        let utc = next_local(cron, from + east)? - east;
        let Some(change) = rules.next_change(from * SECOND).map(|change| change / SECOND) else { return Some(utc) };
        if utc < change {
            return Some(utc);
        }
        // Within a day of a change the local clock may go back to times before `from`. Elsewhere nothing matches before `utc`.
        from = if change > from + 2 * DAY { change.max(utc - 2 * DAY) } else { change };
    }
}

/// The first matching time of the calendar from a second on, that one included.
pub(super) fn next_local(cron: &Cron, from: i64) -> Option<i64> {
    let (year, month, day) = calendar::date(from.div_euclid(DAY));
    let last_year = year + YEARS;
    let of_day = from.rem_euclid(DAY);
    let days = cron.days.in_month(year, month) >> day << day;
    if has(cron.months, month) {
        // Today from this second on, then the other days of the month.
        if has(days, day)
            && let Some(of_day) = time_of_day(cron, of_day)
        {
            return Some(calendar::days(year, month, day) * DAY + of_day);
        }
        if let Some(day) = lowest(days & !(1 << day)) {
            return Some(calendar::days(year, month, day) * DAY + time_of_day(cron, 0)?);
        }
    }
    let (mut year, mut month) = (year, month);
    loop {
        month += 1;
        match lowest(cron.months >> month << month) {
            Some(found) => month = found,
            None => {
                (year, month) = (year + 1, 0);
                if year > last_year {
                    return None;
                }
                continue;
            }
        }
        if let Some(day) = lowest(cron.days.in_month(year, month)) {
            return Some(calendar::days(year, month, day) * DAY + time_of_day(cron, 0)?);
        }
    }
}

/// The first matching second of a day from one on.
fn time_of_day(cron: &Cron, from: i64) -> Option<i64> {
    let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
    if has(cron.hours, hour) {
        if has(cron.minutes, minute)
            && let Some(second) = lowest(cron.seconds >> second << second)
        {
            return Some(hour * 3600 + minute * 60 + second);
        }
        if let Some(minute) = lowest(above(cron.minutes, minute)) {
            return Some(hour * 3600 + minute * 60 + lowest(cron.seconds)?);
        }
    }
    let hour = lowest(above(cron.hours, hour))?;
    Some(hour * 3600 + lowest(cron.minutes)? * 60 + lowest(cron.seconds)?)
}

fn has(bits: u64, at: i64) -> bool {
    bits >> at & 1 == 1
}

fn above(bits: u64, at: i64) -> u64 {
    bits & (u64::MAX << at << 1)
}

fn lowest(bits: u64) -> Option<i64> {
    (bits != 0).then(|| i64::from(bits.trailing_zeros()))
}

impl Days {
    /// Bit n is set if day n of the month matches.
    fn in_month(&self, year: i64, month: i64) -> u64 {
        let length = days_of_month(year, month);
        let all = (1_u64 << (length + 1)) - 2;
        // Monday is 0 in the calendar, Sunday in cron.
        let first = (calendar::weekday(calendar::days(year, month, 1)) + 1) % 7;
        let of_month = self.by_date(length, first) & all;
        let of_week = self.by_weekday(length, first) & all;
        if self.both { of_month & of_week } else { of_month | of_week }
    }

    fn by_date(&self, length: i64, first: i64) -> u64 {
        let mut days = self.of_month;
        if self.last {
            days |= 1 << length;
        }
        let weekday = |day: i64| (first + day - 1) % 7;
        if self.last_weekday {
            days |= 1
                << match weekday(length) {
                    0 => length - 2,
                    6 => length - 1,
                    _ => length,
                };
        }
        let mut nearest = self.nearest;
        while let Some(day) = lowest(nearest) {
            nearest &= nearest - 1;
            if day <= length {
                days |= 1
                    << match weekday(day) {
                        0 if day == length => day - 2,
                        0 => day + 1,
                        6 if day == 1 => day + 2,
                        6 => day - 1,
                        _ => day,
                    };
            }
        }
        days
    }

    fn by_weekday(&self, length: i64, first: i64) -> u64 {
        const WEEKLY: u64 = 0x1020_4081;
        let mut days = 0;
        for weekday in 0..7_i64 {
            // The first one of the month is day 1 to 7.
            let day = (weekday - first).rem_euclid(7) + 1;
            if has(self.of_week, weekday) {
                days |= WEEKLY << day;
            }
            if has(self.last_of_week, weekday) {
                days |= 1 << (day + (length - day) / 7 * 7);
            }
            let mut nth = u64::from(self.nth[weekday as usize]);
            while let Some(n) = lowest(nth) {
                nth &= nth - 1;
                days |= 1 << (day + 7 * (n - 1));
            }
        }
        days
    }
}
