//! Dates in headers: those of cookies by RFC 6265, others as `http.cookiejar.http2time` and
//! `email.utils.parsedate_tz` parse them.

use crate::time::calendar::{self, DAY};

/// Returns the `Expires` of a cookie in seconds since 1970: RFC 6265 5.1.1, which searches for a
/// time, a day, a month and a year in any order. `None` if one is missing or out of range.
pub(in crate::requests) fn cookie_date(text: &str) -> Option<i64> {
    let delimiter = |c: char| matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(delimiter).filter(|token| !token.is_empty()) {
        let found = time.is_none() && {
            time = time_of_day(token);
            time.is_some()
        };
        if found {
            continue;
        }
        // A number has a maximum length, and must not be followed by another digit.
        let number = |least, most| digits(token, least, most).filter(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_digit()));
        if day.is_none()
            && let Some((number, _)) = number(1, 2)
        {
            day = Some(number);
        } else if month.is_none()
            && let Some(at) = MONTHS.iter().position(|name| token.get(..3).is_some_and(|three| name.eq_ignore_ascii_case(three)))
        {
            month = Some(at as i64 + 1);
        } else if year.is_none()
            && let Some((number, _)) = number(2, 4)
        {
            year = Some(number);
        }
    }
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        year => year,
    };
    let days = match month {
        2 if calendar::is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let valid = (1..=days).contains(&day) && year >= 1601 && hour <= 23 && minute <= 59 && second <= 59;
    valid.then(|| calendar::days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// `8:00:00`, followed by anything but another digit.
fn time_of_day(token: &str) -> Option<(i64, i64, i64)> {
    let (hour, rest) = digits(token, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((hour, minute, second))
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Returns a date in any of the formats that servers write, in seconds since 1970. `None` if it is
/// not a date. `now` determines the century of a short year.
pub(in crate::requests) fn http2time(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    let text = strip_weekday(text);
    // day, month, year: separated by spaces, dashes or slashes.
    let (day, rest) = digits(text, 1, 2)?;
    let rest = separator(rest)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (month, rest) = rest.split_at(end);
    let rest = separator(rest)?;
    let (year, rest) = digits(rest, 1, 9)?;
    let (clock, rest) = clock(rest);
    let zone = rest.trim_start();
    let month = match MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month)) {
        Some(at) => at as i64 + 1,
        None => month.parse().ok().filter(|month| (1..=12).contains(month))?,
    };
    let offset = zone_offset(zone)?;
    let year = if year < 1000 { full_year(year, now) } else { year };
    let (hour, minute, second) = clock;
    let valid = (1970..=9999).contains(&year)
        && (1..=31).contains(&day)
        && (0..=24).contains(&hour)
        && (0..=59).contains(&minute)
        && (0..=61).contains(&second);
    valid.then(|| calendar::days(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset)
}

fn strip_weekday(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let is_day = text.get(..3).is_some_and(|three| end >= 3 && names.iter().any(|name| name.eq_ignore_ascii_case(three)));
    if !is_day {
        return text;
    }
    let rest = &text[end..];
    rest.strip_prefix(',').unwrap_or(rest).trim_start()
}

fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number = (end >= least).then(|| text[..end].parse().ok())??;
    Some((number, &text[end..]))
}

/// One dash or slash, or spaces.
fn separator(text: &str) -> Option<&str> {
    let trimmed = text.trim_start();
    if trimmed.len() < text.len() { Some(trimmed) } else { text.strip_prefix(['-', '/']) }
}

/// An optional `hh:mm[:ss]` after spaces or a colon.
fn clock(text: &str) -> ((i64, i64, i64), &str) {
    let parse = || {
        let trimmed = text.trim_start();
        let rest = if trimmed.len() < text.len() { trimmed } else { text.strip_prefix(':')? };
        let (hour, rest) = digits(rest, 1, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
        match rest.strip_prefix(':') {
            None => Some(((hour, minute, 0), rest)),
            Some(rest) => digits(rest, 2, 2).map(|(second, rest)| ((hour, minute, second), rest)),
        }
    };
    parse().unwrap_or(((0, 0, 0), text))
}

/// Returns the seconds east of Greenwich. `None` if Python does not know the zone.
fn zone_offset(text: &str) -> Option<i64> {
    let end = text.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(text.len());
    let (zone, comment) = (&text[..end], text[end..].trim());
    let commented = comment.is_empty()
        || comment
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .is_some_and(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    if !commented {
        return None;
    }
    if zone.is_empty() || ["GMT", "UTC", "UT", "Z"].iter().any(|utc| utc.eq_ignore_ascii_case(zone)) {
        return Some(0);
    }
    let (sign, number) = match zone.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, rest) = digits(number, 2, 2)?;
    let minutes = if rest.is_empty() { 0 } else { digits(rest, 2, 2).filter(|(_, rest)| rest.is_empty())?.0 };
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Returns the year with these last digits that is closest to now.
fn full_year(short: i64, now: i64) -> i64 {
    let (current, _, _) = calendar::date(now.div_euclid(DAY));
    let century = current % 100;
    let year = short + current - century;
    match century - short {
        ahead if ahead > 50 => year + 100,
        ahead if ahead < -50 => year - 100,
        _ => year,
    }
}
