//! EventBridge Scheduler's expressions: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>.

use std::time::Duration;

use super::super::cron::Cron;
use super::super::datetime::DateTime;
use super::super::error::Result;
use super::super::policy::{Missed, Overlap};
use super::super::rule::interval::Unit;
use super::{ALL_DAYS, ALL_HOURS, ALL_MINUTES, ALL_MONTHS, ALL_WEEKDAYS, Differences, HandOver, When, list};

/// A schedule of EventBridge Scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventBridgeSchedule {
    /// Its name: up to 64 letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// `cron(0 4 * * ? *)`, `rate(5 minutes)` or `at(2026-12-24T18:00:00)`.
    pub expression: String,
    /// The zone of a `cron` or `at` expression.
    pub time_zone: Option<String>,
    /// The flexible window, in minutes: 1 to 1440. None is off.
    pub window: Option<i32>,
    /// The last moment, in UTC.
    pub end: Option<DateTime>,
    /// How old an event may become before it is dropped, in seconds: 60 to 86,400.
    pub maximum_event_age: Option<i32>,
    /// The command, for a target that takes one.
    pub command: Vec<String>,
    /// Differences that were allowed, and notes.
    pub warnings: Vec<String>,
}

impl EventBridgeSchedule {
    /// The input of `aws scheduler create-schedule --cli-input-json`, with a target that is invoked with the command as JSON.
    pub fn to_json(&self, target_arn: &str, role_arn: &str) -> String {
        let window = match self.window {
            None => serde_json::json!({ "Mode": "OFF" }),
            Some(minutes) => serde_json::json!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes }),
        };
        let mut target = serde_json::json!({ "Arn": target_arn, "RoleArn": role_arn, "Input": self.input() });
        if let Some(age) = self.maximum_event_age {
            target["RetryPolicy"] = serde_json::json!({ "MaximumEventAgeInSeconds": age });
        }
        let mut schedule = serde_json::json!({
            "Name": self.name,
            "ScheduleExpression": self.expression,
            "FlexibleTimeWindow": window,
            "Target": target,
        });
        if let Some(zone) = &self.time_zone {
            schedule["ScheduleExpressionTimezone"] = serde_json::json!(zone);
        }
        if let Some(end) = self.end {
            schedule["EndDate"] = serde_json::json!(format!("{}Z", iso(end)));
        }
        schedule.to_string()
    }

    /// What the target gets: the command.
    pub(super) fn input(&self) -> String {
        serde_json::json!({ "command": self.command }).to_string()
    }
}

impl HandOver {
    /// The schedule's expression and options. It fires within a minute of its time.
    pub fn eventbridge(&self) -> Result<EventBridgeSchedule> {
        let mut found = self.differences("EventBridge");
        let fits = self.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !fits || !(1..=64).contains(&self.name.len()) {
            return Err(found.refused("a schedule's name has 1 to 64 letters, digits, '-', '_' and '.'"));
        }
        let expression = match &self.when {
            When::Calendar(cron) => cron_expression(cron, &found)?,
            When::Once(at) => format!("at({})", iso(self.in_utc(*at)?)),
            When::Period(_, Unit::Seconds) => return Err(found.refused("EventBridge has no seconds")),
            When::Period(count, Unit::Weeks) => rate(count * 7, Unit::Days),
            When::Period(count, unit) => rate(*count, *unit),
        };
        self.changes_of_the_clock(&mut found)?;
        let policy = &self.facts.policy;
        found.note_if(policy.missed == Missed::Once, "EventBridge makes up no run but by its retry policy");
        found.note_if(policy.overlap == Overlap::Skip, "EventBridge starts the job though it still runs");
        found.differs_if(matches!(policy.missed, Missed::All { .. }), "EventBridge does not make up each missed run")?;
        let overlaps = matches!(policy.overlap, Overlap::Queue(_) | Overlap::CancelOld);
        found.differs_if(overlaps, "EventBridge starts the job though it still runs")?;
        found.differs_if(!policy.jitter.is_zero(), "a flexible window is drawn anew for each run, and counts in minutes")?;
        let calendar = self.zone.is_none() && matches!(self.when, When::Calendar(_));
        let is_utc = self.rules.next_change(self.now).is_none() && self.rules.offset(self.now) == 0;
        found.note_if(calendar && is_utc, "without a zone, the time zone is UTC");
        found.differs_if(calendar && !is_utc, "without a zone, EventBridge has UTC, and the job the machine's time zone")?;
        let minutes = |duration: Duration| i32::try_from(duration.as_secs().div_ceil(60)).unwrap_or(1440).clamp(1, 1440);
        let age = |grace: Duration| i32::try_from(grace.as_secs()).unwrap_or(86_400).clamp(60, 86_400);
        let end = self.facts.cancel_after.map(|at| self.in_utc(at)).transpose()?;
        Ok(EventBridgeSchedule {
            name: self.name.clone(),
            expression,
            time_zone: self.zone.clone(),
            window: (!policy.jitter.is_zero()).then(|| minutes(policy.jitter)),
            end,
            maximum_event_age: policy.grace.map(age),
            command: self.command.clone(),
            warnings: found.warnings,
        })
    }
}

/// `2026-12-24T18:00:00`.
fn iso(at: DateTime) -> String {
    at.with_microsecond(0).to_string().replace(' ', "T")
}

fn rate(count: i64, unit: Unit) -> String {
    let unit = unit.name();
    format!("rate({count} {})", if count == 1 { unit.trim_end_matches('s') } else { unit })
}

/// Six fields: minutes, hours, day of month, month, day of week (Sunday is 1), year. One of the day fields has to be `?`.
fn cron_expression(cron: &Cron, found: &Differences<'_>) -> Result<String> {
    if cron.seconds != 1 {
        return Err(found.refused("EventBridge has no seconds"));
    }
    let star = |all: bool, values: u64| if all { "*".to_owned() } else { list(values) };
    let days = &cron.days;
    // A field that matches every day without a star, such as `1-31`, is restricted: either field matches, so that every day does.
    let every_day = !days.both && (days.of_month == ALL_DAYS || days.of_week == ALL_WEEKDAYS);
    let mut dates: Vec<String> = Vec::new();
    if days.of_month != 0 {
        dates.push(star(days.of_month == ALL_DAYS, days.of_month));
    }
    dates.extend(days.last.then(|| "L".to_owned()));
    dates.extend(days.last_weekday.then(|| "LW".to_owned()));
    dates.extend((1..=31).filter(|day| days.nearest >> day & 1 == 1).map(|day| format!("{day}W")));
    let mut weekdays: Vec<String> = Vec::new();
    if days.of_week != 0 {
        // Sunday is 1.
        weekdays.push(star(days.of_week == ALL_WEEKDAYS, days.of_week << 1));
    }
    for day in 0..7 {
        weekdays.extend((1..=5).filter(|n| days.nth[day] >> n & 1 == 1).map(|n| format!("{}#{n}", day + 1)));
        weekdays.extend((days.last_of_week >> day & 1 == 1).then(|| format!("{}L", day + 1)));
    }
    let special = |terms: &[String]| terms.len() > 1 && terms.iter().any(|term| term.contains(['L', 'W', '#']));
    if special(&dates) || special(&weekdays) {
        return Err(found.refused("EventBridge takes L, W and # only alone"));
    }
    let (date, weekday) = (dates.join(","), weekdays.join(","));
    let (date, weekday) = match (date.as_str(), weekday.as_str()) {
        _ if every_day => ("*".to_owned(), "?".to_owned()),
        (_, "*") => (date, "?".to_owned()),
        ("*", _) => ("?".to_owned(), weekday),
        _ => return Err(found.refused("EventBridge restricts either the day of the month or the day of the week")),
    };
    let minutes = star(cron.minutes == ALL_MINUTES, cron.minutes);
    let hours = star(cron.hours == ALL_HOURS, cron.hours);
    let months = star(cron.months == ALL_MONTHS, cron.months);
    Ok(format!("cron({minutes} {hours} {date} {months} {weekday} *)"))
}
