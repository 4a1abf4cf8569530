//! `mktime`: converts local time to a moment, with the same steps as glibc.
//!
//! Only these steps give glibc's answers in the gaps and folds of a zone. glibc guesses a moment,
//! converts the guess to local time, and corrects it by the difference until there is none. The
//! first guess decides which of two moments is found.

use super::calendar;
use super::error::{Error, Result};
use super::struct_time::StructTime;
use super::zone::Zone;

/// The last second of the last year that a `struct tm` can hold; the first follows.
const LAST: i64 = 67_768_036_191_676_799;
const FIRST: i64 = -67_768_040_609_740_800;

/// Returns the moment at which a zone shows this time, in seconds since 1970.
pub(super) fn mktime(zone: &Zone, t: &StructTime) -> Result<i64> {
    let out_of_range = || Error::Overflow("mktime argument out of range".into());
    let months = i64::from(t.tm_mon) - 1;
    let year = i64::from(t.tm_year) + months.div_euclid(12);
    let days = calendar::days(year, months.rem_euclid(12) + 1, 1) + i64::from(t.tm_mday) - 1;
    // Seconds out of range are added at the end: leap seconds are not supported.
    let second = i64::from(t.tm_sec.clamp(0, 59));
    let wanted = ((days * 24 + i64::from(t.tm_hour)) * 60 + i64::from(t.tm_min)) * 60 + second;
    let isdst = t.tm_isdst;
    let mut at = wanted;
    let (mut before, mut before_that) = (at, at);
    let mut before_was_dst = false;
    let mut probes = 6;
    let found = loop {
        if !(FIRST..=LAST).contains(&at) {
            return Err(out_of_range());
        }
        let (offset, dst) = zone.offset(at);
        let off = wanted - (at + offset);
        if off == 0 {
            break Some(dst);
        }
        let swings = at == before_that && at != before;
        // In a gap neither candidate matches. Take the one whose `tm_isdst` is not the wanted one
        // or, if any will do, the one in daylight saving time.
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
        // The zone never has the requested `tm_isdst`: assume the usual hour.
        let by_the_hour = if dst { 3600 } else { -3600 };
        at = neighbour(zone, wanted, at, isdst != 0).unwrap_or(at + by_the_hour);
    }
    Ok(at - second + i64::from(t.tm_sec))
}

/// Returns the same local time, converted with the offset of the nearest moment that has (or has
/// not) daylight saving time.
fn neighbour(zone: &Zone, wanted: i64, at: i64, dst: bool) -> Option<i64> {
    // From the tz database: the shortest period with one rule, and half the longest.
    const STRIDE: i64 = 601_200;
    const BOUND: i64 = 536_454_000 / 2 + STRIDE;
    let distances = (1..).map(|n| n * STRIDE).take_while(|distance| *distance < BOUND);
    let there = distances.flat_map(|distance| [at - distance, at + distance]).map(|there| zone.offset(there));
    there.into_iter().find(|(_, is_dst)| *is_dst == dst).map(|(offset, _)| wanted - offset)
}
