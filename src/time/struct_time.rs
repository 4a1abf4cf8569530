//! [`StructTime`]: a time in fields.

use std::cmp::Ordering;

use super::calendar;
use super::error::{Error, Result};

/// A time in fields: nine numbers, and the zone if known.
///
/// Equality and order use only the nine numbers, as in Python. The default is the first moment of
/// 1900.
///
/// ```
/// use leyden::time::StructTime;
///
/// let t = StructTime { tm_year: 2026, tm_mon: 2, tm_mday: 28, ..StructTime::default() };
/// assert!(t < StructTime::from([2026, 3, 1, 0, 0, 0, 6, 60, 0]));
/// ```
///
/// <https://docs.python.org/3/library/time.html#time.struct_time>
#[derive(Clone, Debug)]
#[doc(alias = "time.struct_time")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StructTime {
    /// The year, which may be 0 or negative.
    #[doc(alias = "time.struct_time.tm_year")]
    pub tm_year: i32,
    /// 1 to 12.
    #[doc(alias = "time.struct_time.tm_mon")]
    pub tm_mon: i32,
    /// 1 to 31.
    #[doc(alias = "time.struct_time.tm_mday")]
    pub tm_mday: i32,
    /// 0 to 23.
    #[doc(alias = "time.struct_time.tm_hour")]
    pub tm_hour: i32,
    /// 0 to 59.
    #[doc(alias = "time.struct_time.tm_min")]
    pub tm_min: i32,
    /// 0 to 61, to allow leap seconds.
    #[doc(alias = "time.struct_time.tm_sec")]
    pub tm_sec: i32,
    /// Monday is 0.
    #[doc(alias = "time.struct_time.tm_wday")]
    pub tm_wday: i32,
    /// 1 to 366.
    #[doc(alias = "time.struct_time.tm_yday")]
    pub tm_yday: i32,
    /// 1 in daylight saving time, 0 in standard time, -1 if unknown.
    #[doc(alias = "time.struct_time.tm_isdst")]
    pub tm_isdst: i32,
    /// The zone's abbreviation: `"CET"`.
    #[doc(alias = "time.struct_time.tm_zone")]
    pub tm_zone: Option<String>,
    /// Seconds east of UTC.
    #[doc(alias = "time.struct_time.tm_gmtoff")]
    pub tm_gmtoff: Option<i32>,
}

impl Default for StructTime {
    fn default() -> StructTime {
        StructTime::from([1900, 1, 1, 0, 0, 0, 0, 1, -1])
    }
}

impl From<[i32; 9]> for StructTime {
    fn from(items: [i32; 9]) -> StructTime {
        let [tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec, tm_wday, tm_yday, tm_isdst] = items;
        StructTime {
            tm_year,
            tm_mon,
            tm_mday,
            tm_hour,
            tm_min,
            tm_sec,
            tm_wday,
            tm_yday,
            tm_isdst,
            tm_zone: None,
            tm_gmtoff: None,
        }
    }
}

impl From<&StructTime> for [i32; 9] {
    /// `tuple(t)`.
    fn from(t: &StructTime) -> [i32; 9] {
        [t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_wday, t.tm_yday, t.tm_isdst]
    }
}

impl PartialEq for StructTime {
    fn eq(&self, other: &StructTime) -> bool {
        <[i32; 9]>::from(self) == <[i32; 9]>::from(other)
    }
}

impl Eq for StructTime {}

impl PartialOrd for StructTime {
    fn partial_cmp(&self, other: &StructTime) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StructTime {
    fn cmp(&self, other: &StructTime) -> Ordering {
        <[i32; 9]>::from(self).cmp(&<[i32; 9]>::from(other))
    }
}

impl StructTime {
    /// Converts seconds since 1970, in a zone with this offset east of UTC.
    pub(super) fn at(seconds: i64, offset: i32, isdst: bool, zone: String) -> Result<StructTime> {
        let too_large = || Error::Overflow(format!("the year of {seconds} seconds since the epoch is out of range"));
        let local = seconds.checked_add(offset.into()).ok_or_else(too_large)?;
        let (days, second) = (local.div_euclid(calendar::DAY), local.rem_euclid(calendar::DAY));
        let (year, month, day) = calendar::date(days);
        Ok(StructTime {
            tm_year: i32::try_from(year).map_err(|_| too_large())?,
            tm_mon: month as i32,
            tm_mday: day as i32,
            tm_hour: (second / 3600) as i32,
            tm_min: (second / 60 % 60) as i32,
            tm_sec: (second % 60) as i32,
            tm_wday: calendar::weekday(days) as i32,
            tm_yday: (days - calendar::days(year, 1, 1)) as i32 + 1,
            tm_isdst: isdst.into(),
            tm_zone: Some(zone),
            tm_gmtoff: Some(offset),
        })
    }

    /// Checks the fields as `strftime` and `asctime` do. Replaces 0 for "unknown" in the month, the
    /// day and the day of the year by 1, and normalizes the weekday. Drops the zone's name.
    pub(super) fn checked(&self) -> Result<StructTime> {
        let within = |value: i32, low: i32, high: i32, what: &str| {
            if (low..=high).contains(&value) { Ok(value) } else { Err(Error::Value(format!("{what} out of range"))) }
        };
        Ok(StructTime {
            tm_year: self.tm_year,
            tm_mon: within(self.tm_mon, 0, 12, "month")?.max(1),
            tm_mday: within(self.tm_mday, 0, 31, "day of month")?.max(1),
            tm_hour: within(self.tm_hour, 0, 23, "hour")?,
            tm_min: within(self.tm_min, 0, 59, "minute")?,
            tm_sec: within(self.tm_sec, 0, 61, "seconds")?,
            // CPython counts from Sunday, as C does, and checks the range after the remainder: -8
            // is a Sunday, -7 is an error.
            tm_wday: (within(self.tm_wday.wrapping_add(1) % 7, 0, 6, "day of week")? + 6) % 7,
            tm_yday: within(self.tm_yday, 0, 366, "day of year")?.max(1),
            tm_isdst: self.tm_isdst.clamp(-1, 1),
            tm_zone: None,
            tm_gmtoff: self.tm_gmtoff,
        })
    }

    /// `Sun Jun 20 23:21:05 1993`.
    pub(super) fn asctime(&self) -> Result<String> {
        let t = self.checked()?;
        let (weekday, month) = (name(&calendar::WEEKDAYS, t.tm_wday), name(&calendar::MONTHS, t.tm_mon - 1));
        let StructTime { tm_mday, tm_hour, tm_min, tm_sec, tm_year, .. } = t;
        Ok(format!("{} {}{tm_mday:3} {tm_hour:02}:{tm_min:02}:{tm_sec:02} {tm_year}", short(weekday), short(month)))
    }
}

/// Returns a name by its number. Checked values are always in range.
pub(super) fn name(names: &[&'static str], number: i32) -> &'static str {
    usize::try_from(number).ok().and_then(|at| names.get(at)).copied().unwrap_or("?")
}

/// Returns the three-letter form of the C locale.
pub(super) fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}
