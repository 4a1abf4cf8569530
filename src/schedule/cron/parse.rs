//! From text to [`Cron`]: what cronsim 2.8 takes, and `15W`, and `@daily`.

use std::str::FromStr;

use super::super::error::{Error, Result};
use super::{Cron, Days, Stars};

/// A field: its name, its bounds, the names of its values from the lower bound on.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const SECOND: Field = Field { name: "second", low: 0, high: 59, names: &[] };
const MINUTE: Field = Field { name: "minute", low: 0, high: 59, names: &[] };
const HOUR: Field = Field { name: "hour", low: 0, high: 23, names: &[] };
const DAY: Field = Field { name: "day of month", low: 1, high: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    low: 1,
    high: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEKDAY: Field = Field { name: "day of week", low: 0, high: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

const MACROS: [(&str, &str); 7] = [
    ("@YEARLY", "0 0 1 1 *"),
    ("@ANNUALLY", "0 0 1 1 *"),
    ("@MONTHLY", "0 0 1 * *"),
    ("@WEEKLY", "0 0 * * 0"),
    ("@DAILY", "0 0 * * *"),
    ("@MIDNIGHT", "0 0 * * *"),
    ("@HOURLY", "0 * * * *"),
];

/// Where in a field something is wrong, in characters from its start, and what.
type Fault = (usize, String);

impl Field {
    fn number(&self, text: &str, at: usize) -> Result<u32, Fault> {
        if let Some(found) = self.names.iter().position(|name| *name == text) {
            return Ok(self.low + found as u32);
        }
        let number = plain_number(text).ok_or_else(|| (at, format!("invalid {} '{text}'", self.name)))?;
        if (self.low..=self.high).contains(&number) {
            return Ok(number);
        }
        Err((at, format!("{} {text} is not between {} and {}", self.name, self.low, self.high)))
    }

    /// The values of a term without specials: `*`, `5`, `1-5`, and these with a step.
    fn term(&self, text: &str, at: usize) -> Result<u64, Fault> {
        if let Some((term, step)) = text.split_once('/') {
            let values = self.term(term, at)?;
            let step_at = at + term.chars().count() + 1;
            let every = plain_number(step)
                .filter(|step| *step > 0)
                .ok_or_else(|| (step_at, format!("invalid step '{step}' of the {}", self.name)))?;
            let values = if values.count_ones() == 1 { values_between(values.trailing_zeros(), self.high) } else { values };
            return Ok(every_nth(values, every));
        }
        if text == "*" {
            return Ok(values_between(self.low, self.high));
        }
        if let Some((first, last)) = text.split_once('-') {
            let (low, high) = (self.number(first, at)?, self.number(last, at + first.chars().count() + 1)?);
            if high < low {
                return Err((at, format!("the range '{text}' of the {} runs backwards", self.name)));
            }
            return Ok(values_between(low, high));
        }
        Ok(1 << self.number(text, at)?)
    }

    fn plain(&self, text: &str) -> Result<u64, Fault> {
        terms(text).try_fold(0, |values, (at, term)| Ok(values | self.term(term, at)?))
    }
}

fn plain_number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A step too large for the type leaves the first value only, as every step beyond the range does.
    plain.then(|| text.parse().unwrap_or(u32::MAX))
}

fn values_between(low: u32, high: u32) -> u64 {
    (low..=high).fold(0, |values, value| values | (1 << value))
}

/// Every n-th of the values, from the lowest on.
pub(in crate::schedule) fn every_nth(values: u64, every: u32) -> u64 {
    let set = (0..64).filter(|bit| values >> bit & 1 == 1);
    set.step_by(every as usize).fold(0, |values, bit| values | (1 << bit))
}

/// The terms of a list, with where they begin.
fn terms(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(',').scan(0, |at, term| {
        let start = *at;
        *at += term.chars().count() + 1;
        Some((start, term))
    })
}

fn day_of_month(text: &str, days: &mut Days) -> Result<(), Fault> {
    for (at, term) in terms(text) {
        // A step after `L` has no effect, as in cronsim.
        let (special, step) = term.split_once('/').map_or((term, None), |(special, step)| (special, Some(step)));
        if matches!(special, "L" | "LW") {
            if step.is_some_and(|step| plain_number(step).is_none_or(|step| step == 0)) {
                return Err((at, format!("invalid step in '{term}'")));
            }
            if special == "L" { days.last = true } else { days.last_weekday = true }
        } else if let Some(day) = term.strip_suffix('W') {
            days.nearest |= 1 << DAY.number(day, at)?;
        } else {
            days.of_month |= DAY.term(term, at)?;
        }
    }
    Ok(())
}

fn day_of_week(text: &str, days: &mut Days) -> Result<(), Fault> {
    for (at, term) in terms(text) {
        if let Some((day, nth)) = term.split_once('#') {
            let weekday = WEEKDAY.number(day, at)? % 7;
            let nth = plain_number(nth).filter(|nth| (1..=5).contains(nth)).ok_or_else(|| {
                (at + day.chars().count() + 1, format!("'{nth}' is not a number of a weekday in a month, 1 to 5"))
            })?;
            days.nth[weekday as usize] |= 1 << nth;
        } else if let Some(day) = term.strip_suffix('L').filter(|day| plain_number(day).is_some()) {
            days.last_of_week |= 1 << (WEEKDAY.number(day, at)? % 7);
        } else {
            let values = WEEKDAY.term(term, at)?;
            days.of_week |= (values | values >> 7) & 0x7f;
        }
    }
    Ok(())
}

impl FromStr for Cron {
    type Err = Error;

    fn from_str(text: &str) -> Result<Cron> {
        let upper = text.to_uppercase();
        let refused = |column: usize, reason: String| Error::Cron { expression: text.into(), column, reason };
        let trimmed = upper.trim();
        let lead = upper.chars().take_while(|c| c.is_whitespace()).count();
        let expanded = match trimmed.strip_prefix('@') {
            None => upper.clone(),
            Some(_) => MACROS
                .iter()
                .find(|(name, _)| *name == trimmed)
                .map(|(_, meaning)| (*meaning).to_owned())
                .ok_or_else(|| refused(lead + 1, format!("unknown shorthand '{}'", text.trim())))?,
        };
        let parts = columns(&expanded);
        let (seconds, five) = match parts.as_slice() {
            five if five.len() == 5 => (None, five),
            [second, five @ ..] if five.len() == 5 => (Some(second), five),
            _ => return Err(refused(1, format!("expected 5 fields, or 6 with seconds; found {}", parts.len()))),
        };
        let [minute, hour, day, month, weekday] = five else {
            return Err(refused(1, "expected 5 fields".into()));
        };
        let placed = |column: usize| move |(at, reason): Fault| refused(column + at, reason);
        let star = |field: &(usize, &str)| field.1.starts_with('*');
        let stars = Stars { minute: star(minute), hour: star(hour), day: star(day), weekday: star(weekday) };
        let mut days = Days { both: stars.day || stars.weekday, ..Days::default() };
        let cron = Cron {
            text: text.trim().into(),
            seconds: seconds.map_or(Ok(1), |(column, text)| SECOND.plain(text).map_err(placed(*column)))?,
            minutes: MINUTE.plain(minute.1).map_err(placed(minute.0))?,
            hours: HOUR.plain(hour.1).map_err(placed(hour.0))?,
            months: MONTH.plain(month.1).map_err(placed(month.0))?,
            days: {
                day_of_month(day.1, &mut days).map_err(placed(day.0))?;
                day_of_week(weekday.1, &mut days).map_err(placed(weekday.0))?;
                days
            },
            fixed: seconds.is_none() && !stars.minute && !stars.hour,
            stars,
        };
        if !cron.can_match() {
            return Err(refused(day.0, "no month of the expression has such a day".into()));
        }
        Ok(cron)
    }
}

impl Cron {
    /// False for the 30th of February and its like.
    fn can_match(&self) -> bool {
        const LONGEST: [u32; 13] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let Days { of_month, last, last_weekday, nearest, both, .. } = self.days;
        let first = (of_month | nearest).trailing_zeros();
        let longest = (1..=12).filter(|month| self.months >> month & 1 == 1).map(|month| LONGEST[month]).max().unwrap_or(0);
        !both || last || last_weekday || first <= longest
    }
}

/// The fields, with the column at which each begins.
fn columns(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (column, (at, c)) in text.char_indices().enumerate() {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some((column + 1, at)),
            (true, Some((from, begin))) => {
                found.push((from, text.get(begin..at).unwrap_or_default()));
                start = None;
            }
            _ => {}
        }
    }
    if let Some((from, begin)) = start {
        found.push((from, text.get(begin..).unwrap_or_default()));
    }
    found
}
