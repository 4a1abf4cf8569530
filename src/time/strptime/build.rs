//! Builds a time from the directives found: computes missing fields and rejects contradictions.

use super::super::calendar::{self, MONTHS, WEEKDAYS};
use super::super::error::Result;
use super::super::struct_time::{StructTime, short};
use super::{Names, repr, value};

/// Builds the time.
pub(super) fn build(found: &[(char, &str)], names: Option<&Names>) -> Result<StructTime> {
    let number = |text: &str| text.trim_start().parse::<i64>().unwrap_or(0);
    let index = |all: &[&str], text: &str| all.iter().position(|name| name.eq_ignore_ascii_case(text)).unwrap_or(0) as i64;
    let pm = found.iter().any(|(directive, text)| *directive == 'p' && text.to_lowercase() == "pm");
    let (mut year, mut iso_year, mut month, mut day) = (None, None, 1, 1);
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    let (mut weekday, mut julian, mut week, mut iso_week) = (None, None, None, None);
    let (mut isdst, mut zone, mut gmtoff) = (-1_i32, None, None);
    for (directive, text) in found {
        match directive {
            'y' => year = Some(number(text) + if number(text) <= 68 { 2000 } else { 1900 }),
            'Y' => year = Some(number(text)),
            'G' => iso_year = Some(number(text)),
            'm' => month = number(text),
            'B' => month = index(&MONTHS, text) + 1,
            'b' => month = index(&MONTHS.map(short), text) + 1,
            'd' => day = number(text),
            'H' => hour = number(text),
            'I' => hour = number(text) % 12 + if pm { 12 } else { 0 },
            'M' => minute = number(text),
            'S' => second = number(text),
            'A' => weekday = Some(index(&WEEKDAYS, text)),
            'a' => weekday = Some(index(&WEEKDAYS.map(short), text)),
            'w' => weekday = Some((number(text) + 6) % 7),
            'u' => weekday = Some(number(text) - 1),
            'j' => julian = Some(number(text)),
            'U' | 'W' => week = Some((number(text), *directive == 'W')),
            'V' => iso_week = Some(number(text)),
            'z' => gmtoff = Some(seconds_east(text)?),
            'Z' => {
                zone = Some((*text).to_owned());
                isdst = names.map_or(-1, |names| zone_isdst(names, &text.to_lowercase()));
            }
            _ => {}
        }
    }
    if let (None, Some(_)) = (year, iso_year) {
        if iso_week.is_none() || weekday.is_none() {
            return Err(value(
                "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').",
            ));
        }
        if julian.is_some() {
            return Err(value(
                "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
            ));
        }
    } else if week.is_none() && iso_week.is_some() {
        return Err(value(if weekday.is_none() {
            "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday directive ('%A', '%a', '%w', or '%u')."
        } else {
            "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead."
        }));
    }
    // Without a year, February 29 is valid too: it is computed in 1904 and returned in 1900.
    let leap_day = year.is_none() && month == 2 && day == 29;
    let mut year = year.unwrap_or(if leap_day { 1904 } else { 1900 });
    if let (None, Some(weekday)) = (julian, weekday) {
        if let Some((week, monday_first)) = week {
            julian = Some(day_of_week(year_start(year)?, week, weekday, monday_first));
        } else if let (Some(iso_year), Some(iso_week)) = (iso_year, iso_week) {
            (year, julian) = day_of_iso_week(iso_year, iso_week, weekday).map(|(year, julian)| (year, Some(julian)))?;
        }
        if let Some(day) = julian
            && day <= 0
        {
            year -= 1;
            julian = Some(day + 365 + i64::from(calendar::is_leap(year)));
        }
    }
    let first = year_start(year)?;
    let (julian, days) = match julian {
        Some(julian) => {
            let days = first + julian - 1;
            (year, month, day) = calendar::date(days);
            year_start(year)?;
            (julian, days)
        }
        None => {
            let days = calendar::days(year, month, day);
            if calendar::date(days) != (year, month, day) {
                return Err(value("day is out of range for month"));
            }
            (days - first + 1, days)
        }
    };
    let items = [
        if leap_day { 1900 } else { year },
        month,
        day,
        hour,
        minute,
        second,
        weekday.unwrap_or(calendar::weekday(days)),
        julian,
        isdst.into(),
    ];
    Ok(StructTime { tm_zone: zone, tm_gmtoff: gmtoff, ..StructTime::from(items.map(|item| item as i32)) })
}

/// Returns the days from 1970 to the first day of a year within the range of Python's `date`.
fn year_start(year: i64) -> Result<i64> {
    if (1..=9999).contains(&year) { Ok(calendar::days(year, 1, 1)) } else { Err(value(format!("year {year} is out of range"))) }
}

/// Returns the day of the year for a week of `%U` or `%W` and a weekday.
fn day_of_week(first: i64, week: i64, weekday: i64, monday_first: bool) -> i64 {
    let turn = i64::from(!monday_first);
    let (first, weekday) = ((calendar::weekday(first) + turn) % 7, (weekday + turn) % 7);
    if week == 0 { 1 + weekday - first } else { 1 + (7 - first) % 7 + 7 * (week - 1) + weekday }
}

/// Returns the year and the day of the year for an ISO week and a weekday.
fn day_of_iso_week(iso_year: i64, week: i64, weekday: i64) -> Result<(i64, i64)> {
    let first = year_start(iso_year)?;
    let correction = calendar::weekday(first + 3) + 1 + 3;
    let day = week * 7 + weekday + 1 - correction;
    if day >= 1 {
        return Ok((iso_year, day));
    }
    Ok((iso_year - 1, day + first - year_start(iso_year - 1)?))
}

/// `+HHMM[SS[.ffffff]]`, or the same with colons. `struct_time` has no field for the fraction, so
/// it is dropped.
fn seconds_east(text: &str) -> Result<i32> {
    if text == "Z" {
        return Ok(0);
    }
    let mut z = text.to_owned();
    if z.get(3..4) == Some(":") {
        z.remove(3);
        if z.len() > 5 {
            if z.get(5..6) != Some(":") {
                return Err(value(format!("Inconsistent use of : in {text}")));
            }
            z.remove(5);
        }
    }
    let part = |from: usize| match z.get(from..z.len().min(from + 2)).unwrap_or("") {
        "" => Ok(0),
        digits => digits.parse::<i32>().map_err(|_| value(format!("invalid literal for int() with base 10: {}", repr(digits)))),
    };
    let seconds = part(1)? * 3600 + part(3)? * 60 + part(5)?;
    Ok(if z.starts_with('-') { -seconds } else { seconds })
}

fn zone_isdst(names: &Names, found: &str) -> i32 {
    if names.ambiguous && !matches!(found, "utc" | "gmt") {
        return -1;
    }
    if names.standard.iter().any(|name| name == found) {
        0
    } else if names.daylight.as_deref() == Some(found) {
        1
    } else {
        -1
    }
}
