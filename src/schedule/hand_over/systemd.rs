//! systemd timers: systemd.timer(5), systemd.time(7), systemd.service(5).

use super::super::cron::Cron;
use super::super::error::{Error, Result};
use super::super::policy::{Missed, Overlap};
use super::super::rule::interval::Unit;
use super::{ALL_DAYS, ALL_MONTHS, Differences, HandOver, When, list};

/// The two units of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Units {
    /// The name of both, escaped, without `.timer` and `.service`.
    pub name: String,
    /// What `NAME.timer` holds.
    pub timer: String,
    /// What `NAME.service` holds.
    pub service: String,
    /// Differences that were allowed.
    pub warnings: Vec<String>,
}

impl HandOver {
    /// A timer and a service of type `oneshot`.
    pub fn systemd(&self) -> Result<Units> {
        let mut found = self.differences("systemd");
        let policy = &self.facts.policy;
        let mut timer = String::new();
        match &self.when {
            When::Calendar(cron) => {
                let zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
                for event in calendar_events(cron, &found)? {
                    timer += &format!("OnCalendar={event}{zone}\n");
                }
                self.changes_of_the_clock(&mut found)?;
            }
            When::Once(at) => timer += &format!("OnCalendar={at}\n"),
            When::Period(count, unit @ (Unit::Seconds | Unit::Minutes | Unit::Hours)) => {
                let seconds = unit.micros() / 1_000_000 * count;
                timer += &format!("OnActiveSec={seconds}s\nOnUnitActiveSec={seconds}s\n");
            }
            When::Period(1, unit) => {
                return Err(found.refused(format!("every {} needs a time: `.at(..)`", unit.name().trim_end_matches('s'))));
            }
            When::Period(count, unit) => {
                return Err(found.refused(format!("an interval of {count} {} would start again with each boot", unit.name())));
            }
        }
        let persistent = policy.missed != Missed::Skip && !matches!(self.when, When::Period(..));
        timer += &format!("Persistent={persistent}\nAccuracySec=1s\n");
        found.differs_if(matches!(policy.missed, Missed::All { .. }), "systemd makes up one run for all that were missed")?;
        found.differs_if(policy.overlap != Overlap::Skip, "systemd does not start a service that is active")?;
        found.differs_if(policy.grace.is_some(), "systemd knows no grace")?;
        found.differs_if(self.facts.cancel_after.is_some(), "systemd knows no last moment")?;
        if !policy.jitter.is_zero() {
            timer += &format!("RandomizedDelaySec={}us\nFixedRandomDelay=true\n", policy.jitter.as_micros());
        }
        // A backslash at the end would continue the line.
        let description = self.name.replace('%', "%%");
        let description = description.trim_end_matches('\\');
        let exec = exec_start(&self.command).map_err(|reason| found.refused(reason))?;
        Ok(Units {
            name: escape(&self.name)?,
            timer: format!("[Unit]\nDescription={description}\n\n[Timer]\n{timer}\n[Install]\nWantedBy=timers.target\n"),
            service: format!("[Unit]\nDescription={description}\n\n[Service]\nType=oneshot\nExecStart={exec}\n"),
            warnings: found.warnings,
        })
    }
}

/// A name as systemd-escape(1) escapes it: `/` becomes `-`, what is not a letter, a digit, `:`, `_` or `.` becomes `\xNN`.
///
/// ```
/// use leyden::schedule::hand_over::escape;
///
/// assert_eq!(escape("data/back-up é")?, r"data-back\x2dup\x20\xc3\xa9");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// [`Error::Value`] if the name is empty, or so long that `NAME.service` has more than 255 bytes.
pub fn escape(name: &str) -> Result<String> {
    let mut out = String::new();
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'/' => out.push('-'),
            b'.' if at == 0 => out.push_str("\\x2e"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' | b'_' | b'.' => out.push(byte.into()),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    if out.is_empty() || out.len() > 255 - ".service".len() {
        return Err(Error::Value(format!("'{name}' cannot be the name of a unit: escaped, it has {} bytes", out.len())));
    }
    Ok(out)
}

/// `ExecStart=`: quoted as systemd.syntax(7) reads it, without specifiers and variables.
fn exec_start(command: &[String]) -> Result<String, String> {
    let program = command.first().map(String::as_str).unwrap_or_default();
    if !program.starts_with('/') {
        return Err(format!("the program '{program}' is not an absolute path"));
    }
    let quoted = command.iter().enumerate().map(|(at, word)| {
        let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-.,:=@+".contains(&byte));
        if plain {
            return word.clone();
        }
        let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
        // Variables are replaced in the arguments, not in the path of the program.
        if at == 0 { format!("\"{escaped}\"") } else { format!("\"{}\"", escaped.replace('$', "$$")) }
    });
    Ok(quoted.collect::<Vec<_>>().join(" "))
}

/// The calendar events whose union is the expression.
fn calendar_events(cron: &Cron, found: &Differences<'_>) -> Result<Vec<String>> {
    let days = &cron.days;
    if days.last_weekday || days.nearest != 0 {
        return Err(found.refused("systemd has no LW and no nearest weekday"));
    }
    let star = |all: bool, values: u64| if all { "*".to_owned() } else { list(values).replace('-', "..") };
    let time = format!(
        "{}:{}:{}",
        star(cron.hours == (1 << 24) - 1, cron.hours),
        star(cron.minutes == (1 << 60) - 1, cron.minutes),
        star(cron.seconds == (1 << 60) - 1, cron.seconds)
    );
    let month = star(cron.months == ALL_MONTHS, cron.months);
    let weekdays = |values: u64| {
        const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        let named = NAMES.iter().enumerate().filter(|(day, _)| values >> day & 1 == 1).map(|(_, name)| *name);
        named.collect::<Vec<_>>().join(",")
    };
    let event = |weekday: &str, day: &str| {
        let weekday = if weekday.is_empty() { String::new() } else { format!("{weekday} ") };
        format!("{weekday}*-{month}{day} {time}")
    };
    let any_date = days.of_month == ALL_DAYS;
    let any_weekday = days.of_week == 0x7f;
    let mut events = Vec::new();
    // The dates, without and with a restriction to weekdays.
    let mut dates = Vec::new();
    if days.of_month != 0 {
        dates.push((days.of_month, format!("-{}", star(any_date, days.of_month))));
    }
    if days.last {
        dates.push((0, "~01".to_owned()));
    }
    let nth = (0..7).flat_map(|day| (1..=5).filter(move |n| days.nth[day] >> n & 1 == 1).map(move |n| (day, n)));
    let special: Vec<(usize, u32)> = nth.collect();
    if !days.both {
        events.extend(dates.iter().map(|(_, date)| event("", date)));
        if days.of_week != 0 {
            events.push(event(&weekdays(days.of_week), "-*"));
        }
    } else {
        let restricted = if any_weekday { String::new() } else { weekdays(days.of_week) };
        if days.of_week != 0 {
            events.extend(dates.iter().map(|(_, date)| event(&restricted, date)));
        }
        let numbered = !special.is_empty() || days.last_of_week != 0;
        if numbered && !any_date {
            return Err(found.refused("a numbered weekday together with dates has no counterpart"));
        }
    }
    for (day, n) in special {
        // The second Monday is the Monday from the 8th to the 14th.
        let first = (n - 1) * 7 + 1;
        events.push(event(&weekdays(1 << day), &format!("-{:02}..{:02}", first, (first + 6).min(31))));
    }
    for day in (0..7).filter(|day| days.last_of_week >> day & 1 == 1) {
        events.push(event(&weekdays(1 << day), "~07/1"));
    }
    Ok(events)
}
