//! `mktime`: from local time to the moment, step by step as glibc does it.
//!
//! Only that gives its answers in the gaps and folds of a zone: it guesses, looks what the guess is in local time, and corrects
//! the guess by the difference until that is none. What the first guess is decides which of two moments is found.

use super::calendar;
use super::error::{Error, Result};
use super::struct_time::StructTime;
use super::zone::Zone;

/// The parts of a local time; they may be out of range.
struct Wanted {
    days: i64,
    hour: i64,
    min: i64,
    sec: i64,
}

impl Wanted {
    /// How far this is from a local time.
    fn minus(&self, t: &StructTime) -> i64 {
        let days = self.days - calendar::days(t.tm_year.into(), t.tm_mon.into(), t.tm_mday.into());
        ((days * 24 + self.hour - i64::from(t.tm_hour)) * 60 + self.min - i64::from(t.tm_min)) * 60 + self.sec
            - i64::from(t.tm_sec)
    }
}

/// The moment at which a zone shows this time, in seconds from 1970.
pub(super) fn mktime(zone: &Zone, t: &StructTime) -> Result<i64> {
    let out_of_range = || Error::Overflow("mktime argument out of range".into());
    let months = i64::from(t.tm_mon) - 1;
    let year = i64::from(t.tm_year) + months.div_euclid(12);
    let wanted = Wanted {
        days: calendar::days(year, months.rem_euclid(12) + 1, 1) + i64::from(t.tm_mday) - 1,
        hour: t.tm_hour.into(),
        min: t.tm_min.into(),
        // Seconds out of range are added at the end, as leap seconds are not known here.
        sec: t.tm_sec.clamp(0, 59).into(),
    };
    let isdst = t.tm_isdst;
    let mut at = ((wanted.days * 24 + wanted.hour) * 60 + wanted.min) * 60 + wanted.sec;
    let (mut before, mut before_that) = (at, at);
    let mut before_was_dst = false;
    let mut probes = 6;
    let found = loop {
        let local = zone.localtime(at).map_err(|_| out_of_range())?;
        let off = wanted.minus(&local);
        if off == 0 {
            break Some(local.tm_isdst != 0);
        }
        let dst = local.tm_isdst != 0;
        let swings = at == before_that && at != before;
        // In a gap: both neighbours are wrong. The one that is not as wanted, or is in daylight saving time, is taken.
        if swings && (if isdst < 0 { before_was_dst <= dst } else { (isdst != 0) != dst }) {
            break None;
        }
        probes -= 1;
        if probes == 0 {
            return Err(out_of_range());
        }
        before_that = before;
        before = at;
        at += off;
        before_was_dst = dst;
    };
    if let Some(dst) = found
        && isdst >= 0
        && (isdst != 0) != dst
    {
        // A zone that never does what was asked is taken to do it by the usual hour.
        let by_the_hour = if dst { 3600 } else { -3600 };
        at = neighbour(zone, &wanted, at, isdst != 0)?.unwrap_or(at + by_the_hour);
    }
    Ok(at - wanted.sec + i64::from(t.tm_sec))
}

/// The same time by the offset that the zone has at the nearest moment at which it is (or is not) in daylight saving time.
fn neighbour(zone: &Zone, wanted: &Wanted, at: i64, dst: bool) -> Result<Option<i64>> {
    // The shortest stretch with one rule, and half the longest, of the tz database.
    const STRIDE: i64 = 601_200;
    const BOUND: i64 = 536_454_000 / 2 + STRIDE;
    let mut distance = STRIDE;
    while distance < BOUND {
        for there in [at - distance, at + distance] {
            let local = zone.localtime(there).map_err(|_| Error::Overflow("mktime argument out of range".into()))?;
            if (local.tm_isdst != 0) == dst {
                return Ok(Some(there + wanted.minus(&local)));
            }
        }
        distance += STRIDE;
    }
    Ok(None)
}
