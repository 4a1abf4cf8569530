//! Hand-over: a job as a systemd timer, a crontab line, a Kubernetes CronJob or an EventBridge schedule.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::schedule::hand_over::HandOver;
//!
//! let schedule = World::new().batteries().schedule;
//! let job = schedule.every(1).day().at("04:00").name("nightly").do_(|_| ())?;
//! let line = HandOver::of(&job, ["/usr/local/bin/ops", "run", "nightly"])?.crontab()?;
//! assert_eq!(line.text, "0 4 * * * /usr/local/bin/ops run nightly\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The target starts a program, which should be the same binary with the job as an entry: `ops run nightly` (see `Jobs`, feature `cli`). Retries and the timeout of the job
//! are applied by that program. The rest is the target's, and where it differs from the job's policies, the hand-over is refused with the reason
//! ([`Error::HandOver`]), or warned about if [`allow_differences`](HandOver::allow_differences) was called:
//!
//! | | systemd | cron | Kubernetes | EventBridge |
//! |---|---|---|---|---|
//! | seconds, `every(N).seconds()` | yes | refused | refused | refused |
//! | `every(N)` minutes or hours, from the start on | yes | on the clock's multiples of N: differs | as cron | `rate` |
//! | `every(N).days()` and weeks, N > 1, and `to` | refused | refused | refused | `rate`; `to` refused |
//! | `once_at` | yes | refused | refused | `at(..)` |
//! | `L`, `MON#2`, `5L` | yes | refused | refused | yes |
//! | `LW`, `15W` | refused | refused | refused | yes |
//! | both day fields restricted (either matches) | two calendar events | yes | yes | refused |
//! | both day fields restricted, one begins with `*` (both match) | yes | yes | refused | refused |
//! | a zone | yes | refused: cron's is the machine's | yes | yes |
//! | no zone: the machine's | yes | yes | the controller's: noted | UTC: differs if the machine's is not |
//! | a fixed time in a gap of the zone | skipped: differs | as here | skipped: differs | skipped: differs |
//! | a fixed time in a fold of the zone | yes | yes | twice: differs | yes |
//! | a wildcard in a fold of the zone | not each time: differs | as here | differs | once: differs |
//! | `missed(Skip)` | `Persistent=false` | yes | `startingDeadlineSeconds` | yes |
//! | `missed(Once)`, the default | `Persistent=true` | none is made up: noted | as systemd | none: noted |
//! | `missed(All)` | one for all: differs | differs | differs | differs |
//! | `grace` | differs | differs | `startingDeadlineSeconds` | maximum age of the event |
//! | `overlap(Skip)`, the default | yes | starts a second one: noted | `Forbid` | starts a second one: noted |
//! | `overlap(Allow)` | differs | yes | `Allow` | yes |
//! | `overlap(CancelOld)` | differs | differs | `Replace` | differs |
//! | `overlap(Queue)` | differs | differs | differs | differs |
//! | `jitter` | `FixedRandomDelay` | differs | differs | a flexible window: differs |
//! | `until` | differs | differs | differs | the schedule's end date |
//!
//! "Noted" is a warning that does not refuse.

mod eventbridge;
mod kubernetes;
mod systemd;

pub use eventbridge::EventBridgeSchedule;
pub use systemd::{Units, escape};

use super::cron::{Cron, every_nth};
use super::datetime::{DateTime, SECOND};
use super::error::{Error, Result};
use super::job::{Facts, Job};
use super::policy::{Missed, Overlap};
use super::rule::Rule;
use super::rule::interval::{Interval, Unit};
use super::zone::{self, Rules};
use crate::os::shlex;

/// A job on its way to another engine; see [the module](self).
#[derive(Clone, Debug)]
#[must_use = "end with `.systemd()?`, `.crontab()?`, `.kubernetes(..)?` or `.eventbridge()?`"]
pub struct HandOver {
    name: String,
    command: Vec<String>,
    facts: Facts,
    when: When,
    zone: Option<String>,
    rules: Rules,
    local: Rules,
    now: i64,
    lenient: bool,
}

/// A text for a target, and what is different there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handed {
    /// The crontab line or the manifest.
    pub text: String,
    /// Differences that were allowed, and notes.
    pub warnings: Vec<String>,
}

/// The rule, in terms that targets know.
#[derive(Clone, Debug)]
enum When {
    Calendar(Cron),
    /// Every so many units, from the start on.
    Period(i64, Unit),
    Once(DateTime),
}

/// The differences of a target.
struct Differences<'h> {
    hand_over: &'h HandOver,
    target: &'static str,
    warnings: Vec<String>,
}

impl Differences<'_> {
    /// A difference: refused, unless the caller allowed differences.
    fn differs(&mut self, reason: impl Into<String>) -> Result<()> {
        let reason = reason.into();
        if !self.hand_over.lenient {
            return Err(self.refused(format!("{reason}; `allow_differences` accepts that")));
        }
        self.warnings.push(reason);
        Ok(())
    }

    fn differs_if(&mut self, differs: bool, reason: &str) -> Result<()> {
        if differs { self.differs(reason) } else { Ok(()) }
    }

    fn note_if(&mut self, noted: bool, note: &str) {
        if noted {
            self.warnings.push(note.into());
        }
    }

    /// What the target cannot do at all.
    fn refused(&self, reason: impl Into<String>) -> Error {
        Error::HandOver { job: self.hand_over.name.clone(), target: self.target, reason: reason.into() }
    }
}

impl HandOver {
    /// A job, and the program with its arguments that the target is to start for it.
    ///
    /// [`Error::Value`] if the command is empty, or if it or the job's name holds a control character.
    pub fn of(job: &Job, command: impl IntoIterator<Item = impl Into<String>>) -> Result<HandOver> {
        let facts = job.cell.lock().clone();
        let command: Vec<String> = command.into_iter().map(Into::into).collect();
        let name = facts.called().to_owned();
        if command.first().is_none_or(String::is_empty) {
            return Err(Error::Value(format!("the command of job '{name}' is empty")));
        }
        if command.iter().chain([&name]).any(|text| text.chars().any(char::is_control)) {
            return Err(Error::Value(format!("the name or command of job '{}' has a control character", name.escape_debug())));
        }
        let time = &job.scheduler.time;
        let local = Rules::local(time)?;
        let (when, zone) = match &facts.rule {
            Rule::Cron { cron, zone } => (When::Calendar(cron.clone()), zone.clone()),
            Rule::Interval(interval) => (calendar(interval, &name)?, interval.zone.clone()),
            Rule::Once(at) => (When::Once(DateTime::from_micros(local.local_of(*at))?), None),
        };
        let (zone, rules) = zone.map_or((None, local.clone()), |(zone, rules)| (Some(zone), rules));
        Ok(HandOver { name, command, when, zone, rules, local, now: zone::now(time), facts, lenient: false })
    }

    /// Hands over in spite of differences, which become warnings.
    pub fn allow_differences(self) -> HandOver {
        HandOver { lenient: true, ..self }
    }

    fn differences(&self, target: &'static str) -> Differences<'_> {
        Differences { hand_over: self, target, warnings: Vec::new() }
    }

    /// A line of a user's crontab (without a user field).
    pub fn crontab(&self) -> Result<Handed> {
        let mut found = self.differences("cron");
        let fields = self.plain_fields(&mut found)?;
        if let Some(zone) = &self.zone {
            return Err(found.refused(format!("cron has the machine's time zone, the job that of {zone}")));
        }
        found.note_if(self.facts.policy.missed == Missed::Once, "cron makes up no run that was missed while the machine was off");
        found.note_if(self.facts.policy.overlap == Overlap::Skip, "cron starts the job though it still runs");
        self.common(&mut found)?;
        let overlap = self.facts.policy.overlap;
        found
            .differs_if(matches!(overlap, Overlap::Queue(_) | Overlap::CancelOld), "cron starts the job though it still runs")?;
        found.differs_if(self.facts.policy.grace.is_some(), "cron knows no grace")?;
        let command = escaped(&shlex::join(self.command.iter().map(String::as_str))?);
        Ok(Handed { text: format!("{fields} {command}\n"), warnings: found.warnings })
    }

    /// What no target but EventBridge and systemd has.
    fn common(&self, found: &mut Differences<'_>) -> Result<()> {
        let policy = &self.facts.policy;
        let target = found.target;
        found.differs_if(matches!(policy.missed, Missed::All { .. }), &format!("{target} does not make up each missed run"))?;
        found.differs_if(!policy.jitter.is_zero(), &format!("{target} knows no jitter"))?;
        found.differs_if(self.facts.cancel_after.is_some(), &format!("{target} knows no last moment"))
    }

    /// Five fields as crontab(5) knows them: no seconds, no `L`, `W` and `#`.
    fn plain_fields(&self, found: &mut Differences<'_>) -> Result<String> {
        let target = found.target;
        let cron = match &self.when {
            When::Calendar(cron) => cron.clone(),
            When::Once(_) => return Err(found.refused(format!("{target} has no jobs that run once"))),
            When::Period(..) => self.aligned(found)?,
        };
        let days = &cron.days;
        if cron.seconds != 1 {
            return Err(found.refused(format!("{target} has no seconds")));
        }
        if !cron.is_plain() {
            return Err(found.refused(format!("{target} has no L, W and #")));
        }
        // A star makes a wildcard of a time, and makes both day fields match: it is kept where it was, and set nowhere else.
        let stars = cron.stars;
        let minutes = field(cron.minutes, ALL_MINUTES, stars.minute);
        let hours = field(cron.hours, ALL_HOURS, stars.hour);
        let day = field(days.of_month, ALL_DAYS, stars.day);
        let weekday = field(days.of_week, ALL_WEEKDAYS, stars.weekday);
        Ok(format!("{minutes} {hours} {day} {} {weekday}", field(cron.months, ALL_MONTHS, cron.months == ALL_MONTHS)))
    }

    /// A period as multiples on the clock.
    fn aligned(&self, found: &mut Differences<'_>) -> Result<Cron> {
        let When::Period(count, unit) = self.when else {
            return Err(found.refused("not an interval"));
        };
        let text = match unit {
            Unit::Minutes if count <= 60 && 60 % count == 0 => format!("*/{count} * * * *"),
            Unit::Hours if count <= 24 && 24 % count == 0 => format!("0 */{count} * * *"),
            _ => return Err(found.refused(format!("{} has no interval of {count} {}", found.target, unit.name()))),
        };
        found.differs(format!("{} counts {} on the clock, not from the start", found.target, unit.name()))?;
        text.parse()
    }

    /// A local time of the machine's in UTC.
    fn in_utc(&self, at: DateTime) -> Result<DateTime> {
        DateTime::from_micros(self.local.moment(at.micros()))
    }

    /// Times that a change of the clock skips or repeats, in the next five years, and that the target treats in another way.
    fn changes_of_the_clock(&self, found: &mut Differences<'_>) -> Result<()> {
        let When::Calendar(cron) = &self.when else { return Ok(()) };
        let end = self.now.saturating_add(5 * 366 * 86_400 * SECOND);
        let mut at = self.now;
        while let Some(change) = self.rules.next_change(at).filter(|change| *change < end) {
            let (before, after) = (change + self.rules.offset(change - SECOND), change + self.rules.offset(change));
            let (from, to) = (before.min(after), before.max(after));
            let matches = cron.next_local(from).filter(|local| *local < to);
            let gap = before < after;
            let target = found.target;
            // robfig/cron, which Kubernetes uses, goes on by elapsed minutes: `SpecSchedule.Next`.
            let twice = target == "Kubernetes" && cron.fixed && !gap;
            if let Some(local) = matches.filter(|_| twice || cron.fixed == gap) {
                let time = DateTime::from_micros(local)?;
                return found.differs(match (cron.fixed, gap) {
                    (true, true) => {
                        format!("{time} does not exist in the zone: {target} skips that run, leyden makes it right after")
                    }
                    (true, false) => format!("{time} comes twice in the zone: {target} runs both times, leyden once"),
                    (false, _) => format!("{time} comes twice in the zone: {target} does not run each time, leyden does"),
                });
            }
            at = change;
        }
        Ok(())
    }
}

const ALL_MINUTES: u64 = (1 << 60) - 1;
const ALL_HOURS: u64 = (1 << 24) - 1;
const ALL_DAYS: u64 = 0xffff_fffe;
const ALL_MONTHS: u64 = 0x1ffe;
const ALL_WEEKDAYS: u64 = 0x7f;

/// The rule of `every(..)` in terms of a calendar or a period.
fn calendar(interval: &Interval, name: &str) -> Result<When> {
    let refused = |reason: String| Err(Error::HandOver { job: name.into(), target: "another engine", reason });
    if interval.latest.is_some() {
        return refused("a random interval has no counterpart".into());
    }
    let Some(unit) = interval.unit else { return refused("it has no unit".into()) };
    let parsed = |text: String| Ok(When::Calendar(text.strip_prefix("0 ").map_or(text.as_str(), |five| five).parse()?));
    match (interval.at_time, interval.start_day, unit) {
        (Some(at), Some(day), _) => parsed(format!("{} {} {} * * {}", at.second, at.minute, at.hour, (day as u32 + 1) % 7)),
        (Some(at), None, Unit::Days) if interval.interval == 1 => {
            parsed(format!("{} {} {} * * *", at.second, at.minute, at.hour))
        }
        (Some(at), None, Unit::Hours) if interval.interval == 1 => parsed(format!("{} {} * * * *", at.second, at.minute)),
        (Some(at), None, Unit::Minutes) if interval.interval == 1 => parsed(format!("{} * * * * *", at.second)),
        (None, None, _) => Ok(When::Period(interval.interval, unit)),
        (Some(_), ..) => refused(format!("every {} {} at a time has no counterpart", interval.interval, unit.name())),
        (None, Some(day), _) => refused(format!("a job of every {} needs a time: `.at(..)`", day.name())),
    }
}

/// `1-5,7` of a set.
fn list(values: u64) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for value in (0..64).filter(|value| values >> value & 1 == 1) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => ranges.push((value, value)),
        }
    }
    let shown = ranges.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}

/// A field of crontab(5). One with a star begins with `*`: `*/15` for `0,15,30,45`, `*/15,7` if there is more.
fn field(values: u64, all: u64, star: bool) -> String {
    if !star {
        return list(values);
    }
    if values == all {
        return "*".to_owned();
    }
    // A step beyond the range leaves its first value, so that one is found.
    let (step, part) = (2..=64).map(|step| (step, every_nth(all, step))).find(|(_, part)| part & !values == 0).unwrap_or((64, 0));
    let rest = values & !part;
    if rest == 0 { format!("*/{step}") } else { format!("*/{step},{}", list(rest)) }
}

/// A shell's command for a crontab, where a percent sign is a newline unless a backslash precedes it. Some crons also make one backslash
/// of two, so a backslash before another one or before a percent sign ends its quotes. `shlex` puts every backslash in single quotes.
fn escaped(command: &str) -> String {
    let mut out = String::new();
    let mut characters = command.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '%' => out.push_str("\\%"),
            '\\' if matches!(characters.peek(), Some('\\' | '%')) => out.push_str("\\''"),
            c => out.push(c),
        }
    }
    out
}
