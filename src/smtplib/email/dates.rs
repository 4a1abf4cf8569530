//! Dates and identifiers in mail: the functions of `email.utils` for `Date` and `Message-ID`.
//!
//! A date is a [`StructTime`]: with `tm_gmtoff` it is Python's aware `datetime`, without it a naive
//! one.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;

use super::super::{Error, Result};
use crate::os::Os;
use crate::time::{StructTime, Time, When};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LONG_MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The zone names of RFC 822, in hours and minutes. (Its military zones have the wrong sign, so
/// they are not supported.)
const ZONES: [(&str, i32); 12] = [
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("AST", -400),
    ("ADT", -300),
    ("EST", -500),
    ("EDT", -400),
    ("CST", -600),
    ("CDT", -500),
    ("MST", -700),
    ("MDT", -600),
];
const PACIFIC: [(&str, i32); 2] = [("PST", -800), ("PDT", -700)];

/// Parses a date in the formats of RFC 5322, 2822 and 822 and common variants. `None` if it is not
/// a date. `tm_wday` is 0 and `tm_yday` 1, and the numbers are not range-checked:
/// [`parsedate_to_datetime`] is stricter.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.parsedate>
#[doc(alias = "email.utils.parsedate")]
pub fn parsedate(text: &str) -> Option<StructTime> {
    parse(text).map(|date| StructTime { tm_gmtoff: None, ..date })
}

/// Like [`parsedate`], with the offset from UTC in `tm_gmtoff`: 0 if the text has none, or `-0000`.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.parsedate_tz>
#[doc(alias = "email.utils.parsedate_tz")]
pub fn parsedate_tz(text: &str) -> Option<StructTime> {
    parse(text).map(|date| StructTime { tm_gmtoff: Some(date.tm_gmtoff.unwrap_or(0)), ..date })
}

/// Parses a date and computes its weekday. The offset is in `tm_gmtoff`: `None` if the text has
/// none, or `-0000`, which means unknown. Fails for an invalid day.
///
/// ```
/// use leyden::smtplib::email::parsedate_to_datetime;
///
/// let date = parsedate_to_datetime("Fri, 9 Nov 2001 01:08:47 +0100")?;
/// assert_eq!((date.tm_mday, date.tm_wday, date.tm_gmtoff), (9, 4, Some(3600)));
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.parsedate_to_datetime>
#[doc(alias = "email.utils.parsedate_to_datetime")]
pub fn parsedate_to_datetime(text: &str) -> Result<StructTime> {
    let date = parse(text).ok_or_else(|| Error::Value(format!("Invalid date value or format {text:?}")))?;
    datetime(&date)
}

/// Converts the result of [`parsedate_tz`] to a moment. Without an offset it is a local time in the
/// zone of `time`.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.mktime_tz>
#[doc(alias = "email.utils.mktime_tz")]
pub fn mktime_tz(time: &Time, date: &StructTime) -> Result<SystemTime> {
    match date.tm_gmtoff {
        None => time.mktime(&StructTime { tm_isdst: -1, ..date.clone() }).map_err(|error| Error::Value(error.to_string())),
        Some(offset) => moment(timegm(date)? - i64::from(offset)),
    }
}

/// Formats a date for a header: `Fri, 09 Nov 2001 01:08:47 -0000`. Without an offset it ends in
/// `-0000`. With `usegmt` it ends in `GMT`, as in HTTP, and the offset must be 0. Fails for an
/// invalid day.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.format_datetime>
#[doc(alias = "email.utils.format_datetime")]
pub fn format_datetime(date: &StructTime, usegmt: bool) -> Result<String> {
    let StructTime { tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec, tm_wday, tm_gmtoff, .. } = datetime(date)?;
    let zone = match tm_gmtoff {
        Some(0) if usegmt => "GMT".to_owned(),
        _ if usegmt => return Err(Error::Value("usegmt option requires a UTC datetime".into())),
        None => "-0000".to_owned(),
        Some(offset) => {
            let (sign, distance) = (if offset < 0 { '-' } else { '+' }, offset.abs());
            let seconds = if distance % 60 == 0 { String::new() } else { format!("{:02}", distance % 60) };
            format!("{sign}{:02}{:02}{seconds}", distance / 3600, distance / 60 % 60)
        }
    };
    let (day, month) = (name(&DAYS, tm_wday), name(&MONTHS, tm_mon - 1));
    Ok(format!("{day}, {tm_mday:02} {month} {tm_year:04} {tm_hour:02}:{tm_min:02}:{tm_sec:02} {zone}"))
}

/// The arguments of [`formatdate`]: the clock, and Python's keyword arguments.
#[derive(Clone, Debug)]
#[must_use]
pub struct FormatDate<'a> {
    time: &'a Time,
    timeval: When,
    localtime: bool,
    usegmt: bool,
}

impl<'a> FormatDate<'a> {
    /// Now, in UTC with offset `-0000`.
    pub fn new(time: &'a Time) -> FormatDate<'a> {
        FormatDate { time, timeval: When::Now, localtime: false, usegmt: false }
    }

    /// `timeval=`: formats this moment instead of now.
    pub fn timeval(self, timeval: impl Into<When>) -> FormatDate<'a> {
        FormatDate { timeval: timeval.into(), ..self }
    }

    /// `localtime=`: uses the local zone, with its offset.
    pub fn localtime(self, localtime: bool) -> FormatDate<'a> {
        FormatDate { localtime, ..self }
    }

    /// `usegmt=`: writes `GMT` instead of `-0000`, as in HTTP. Local time is written with its
    /// offset anyway.
    pub fn usegmt(self, usegmt: bool) -> FormatDate<'a> {
        FormatDate { usegmt, ..self }
    }
}

impl<'a> From<&'a Time> for FormatDate<'a> {
    fn from(time: &'a Time) -> FormatDate<'a> {
        FormatDate::new(time)
    }
}

/// Formats a moment for the header `Date`, by default now.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::smtplib::email::{EmailMessage, FormatDate, formatdate};
///
/// let world = World::new();
/// let time = world.batteries().time;
/// let mut message = EmailMessage::new();
/// message.set("Date", formatdate(&time)?)?;
/// assert_eq!(message.get("Date").as_deref(), Some("Thu, 01 Jan 2026 00:00:00 -0000"));
/// assert_eq!(formatdate(FormatDate::new(&time).timeval(0).usegmt(true))?, "Thu, 01 Jan 1970 00:00:00 GMT");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.formatdate>
#[doc(alias = "email.utils.formatdate")]
pub fn formatdate<'a>(date: impl Into<FormatDate<'a>>) -> Result<String> {
    let FormatDate { time, timeval, localtime, usegmt } = date.into();
    let moment = if localtime { time.localtime(timeval) } else { time.gmtime(timeval) };
    let moment = moment.map_err(|error| Error::Value(error.to_string()))?;
    let offset = if localtime || usegmt { moment.tm_gmtoff } else { None };
    format_datetime(&StructTime { tm_gmtoff: offset, ..moment }, usegmt && !localtime)
}

/// Converts a date to the local zone. Without a date: now. A date with an offset is converted; one
/// without is local already, and `tm_isdst` selects between the two moments of a repeated hour.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.localtime>
#[doc(alias = "email.utils.localtime")]
pub fn localtime<'t>(time: &Time, date: impl Into<Option<&'t StructTime>>) -> Result<StructTime> {
    let local = |when: When| time.localtime(when).map_err(|error| Error::Value(error.to_string()));
    match date.into() {
        None => local(When::Now),
        Some(date) => match date.tm_gmtoff {
            Some(offset) => local(When::Seconds(timegm(&datetime(date)?)? - i64::from(offset))),
            None => {
                let moment = time.mktime(date).map_err(|error| Error::Value(error.to_string()))?;
                let StructTime { tm_isdst, tm_zone, tm_gmtoff, .. } = local(When::At(moment))?;
                Ok(StructTime { tm_isdst, tm_zone, tm_gmtoff, ..datetime(date)? })
            }
        },
    }
}

/// Creates a unique identifier for the header `Message-ID`: `<176722560000.1.9876543210@host>`,
/// from the time, the process id, 64 random bits and the domain. Default domain: the machine's
/// name.
///
/// DIFFERENCE: the machine's fully qualified name is not looked up in DNS.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.make_msgid>
#[doc(alias = "email.utils.make_msgid")]
pub fn make_msgid(os: &Os, time: &Time, idstring: Option<&str>, domain: Option<&str>) -> crate::os::Result<String> {
    let mut random = [0; 8];
    random.copy_from_slice(&os.urandom(8)?);
    let hundredths = time.time_ns() / 10_000_000;
    let idstring = idstring.map_or_else(String::new, |idstring| format!(".{idstring}"));
    let domain = domain.map_or_else(|| os.uname().nodename, str::to_owned);
    Ok(format!("<{hundredths}.{}.{}{idstring}@{domain}>", os.getpid(), u64::from_le_bytes(random)))
}

fn name(names: &[&'static str], number: i32) -> &'static str {
    usize::try_from(number).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// Python's `datetime(..)`: checks the ranges, and computes the weekday and the day of the year.
fn datetime(date: &StructTime) -> Result<StructTime> {
    let number = |value: i32, most: i32, what: &str| match (0..=most).contains(&value) {
        true => Ok(value),
        false => Err(Error::Value(format!("{what} must be in 0..{most}"))),
    };
    let day = day(date.tm_year, date.tm_mon, date.tm_mday).ok_or_else(|| {
        Error::Value(format!("{}-{}-{} is not a day in the years 1 to 9999", date.tm_year, date.tm_mon, date.tm_mday))
    })?;
    if date.tm_gmtoff.is_some_and(|offset| offset.abs() >= 86_400) {
        return Err(Error::Value("offset must be strictly between -24 and 24 hours".into()));
    }
    Ok(StructTime {
        tm_hour: number(date.tm_hour, 23, "hour")?,
        tm_min: number(date.tm_min, 59, "minute")?,
        tm_sec: number(date.tm_sec, 59, "second")?,
        tm_wday: day.weekday().to_monday_zero_offset().into(),
        tm_yday: day.day_of_year().into(),
        ..date.clone()
    })
}

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// Python's `calendar.timegm`: days and times out of range carry over.
fn timegm(date: &StructTime) -> Result<i64> {
    let first = day(date.tm_year, date.tm_mon, 1);
    let first =
        first.ok_or_else(|| Error::Value(format!("{}-{} is not a month in the years 1 to 9999", date.tm_year, date.tm_mon)))?;
    let days = first.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24 + i64::from(date.tm_mday) - 1;
    Ok(((days * 24 + i64::from(date.tm_hour)) * 60 + i64::from(date.tm_min)) * 60 + i64::from(date.tm_sec))
}

fn moment(seconds: i64) -> Result<SystemTime> {
    let (epoch, distance) = (SystemTime::UNIX_EPOCH, Duration::from_secs(seconds.unsigned_abs()));
    let found = if seconds < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
    found.ok_or_else(|| Error::Value(format!("{seconds} seconds since the epoch are out of range")))
}

/// Follows `email._parseaddr._parsedate_tz` step by step: dates in mail have no strict grammar.
fn parse(text: &str) -> Option<StructTime> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let first = *words.first()?;
    if first.ends_with(',') || DAYS.iter().any(|day| day.eq_ignore_ascii_case(first)) {
        words.remove(0);
    } else if let Some((_, rest)) = first.rsplit_once(',') {
        words[0] = rest;
    }
    // RFC 850: 09-Nov-01.
    if let [date, time, zone] = words[..]
        && let [day, month, year] = date.split('-').collect::<Vec<_>>()[..]
    {
        words = vec![day, month, year, time, zone];
    }
    if let [_, _, _, time] = words[..] {
        let sign = time.find('+').or_else(|| time.find('-')).filter(|at| *at > 0);
        let (time, zone) = time.split_at(sign.unwrap_or(time.len()));
        words[3] = time;
        words.push(zone);
    }
    let [mut day, mut month, mut year, mut time, mut zone] = *words.get(..5)? else { return None };
    if day.is_empty() || month.is_empty() || year.is_empty() {
        return None;
    }
    let month = month_of(month).or_else(|| {
        std::mem::swap(&mut day, &mut month);
        month_of(month)
    })?;
    day = day.strip_suffix(',').unwrap_or(day);
    if year.find(':').is_some_and(|at| at > 0) {
        std::mem::swap(&mut year, &mut time);
    }
    year = year.strip_suffix(',').unwrap_or(year);
    if !year.chars().next()?.is_numeric() {
        std::mem::swap(&mut year, &mut zone);
    }
    time = time.strip_suffix(',').unwrap_or(time);
    let colons: Vec<&str> = time.split(':').collect();
    let dots: Vec<&str> = time.split('.').collect();
    let (hour, minute, second) = match (&colons[..], &dots[..]) {
        ([hour, minute], _) | ([_], [hour, minute]) => (*hour, *minute, "0"),
        ([hour, minute, second], _) | ([_], [hour, minute, second]) => (*hour, *minute, *second),
        _ => return None,
    };
    let year = int(year)?;
    let year = match year {
        69..=99 => year + 1900,
        ..=68 => year.checked_add(2000)?,
        _ => year,
    };
    let zone = zone.to_uppercase();
    let named = ZONES.iter().chain(&PACIFIC).find(|(name, _)| *name == zone).map(|(_, offset)| *offset);
    let offset = named.or_else(|| int(&zone).filter(|offset| *offset != 0 || !zone.starts_with('-')));
    let seconds = |offset: i32| {
        let (hours, minutes) = (offset.unsigned_abs() / 100, offset.unsigned_abs() % 100);
        i32::try_from(u64::from(hours) * 3600 + u64::from(minutes) * 60).ok().map(|seconds| seconds * offset.signum())
    };
    let mut date = StructTime::from([year, month, int(day)?, int(hour)?, int(minute)?, int(second)?, 0, 1, -1]);
    date.tm_gmtoff = match offset {
        None => None,
        Some(offset) => Some(seconds(offset)?),
    };
    Some(date)
}

fn month_of(name: &str) -> Option<i32> {
    let is = |month: &&str| month.eq_ignore_ascii_case(name);
    let at = MONTHS.iter().position(is).or_else(|| LONG_MONTHS.iter().position(is))?;
    i32::try_from(at + 1).ok()
}

/// Python's `int(text)`, for ASCII digits within 32 bits.
fn int(text: &str) -> Option<i32> {
    let digits = text.trim().strip_prefix(['+', '-']).unwrap_or(text.trim());
    let well = digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if well { text.trim().replace('_', "").parse().ok() } else { None }
}
