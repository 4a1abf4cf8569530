//! `list`, `history` and `check`: what is planned and what was.

use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::ArgMatches;

use super::super::datetime::{DateTime, utc_micros};
use super::super::journal::{self, Ending, Past};
use super::super::zone::{self, Rules};
use super::super::{Job, Result, Scheduler};
use super::commands::{FAILED, run_journal};
use super::{Entry, Jobs, When};
use crate::Batteries;

/// The runs of a job from both journals, oldest first. Reading them needs no lock.
fn past(batteries: &Batteries, dir: Option<&Path>, name: &str) -> Result<Vec<Past>> {
    let Some(dir) = dir else { return Ok(Vec::new()) };
    let mut runs = journal::peek(&batteries.os, &dir.join("schedule"), name)?;
    runs.extend(journal::peek(&batteries.os, &run_journal(dir, name)?, name)?);
    runs.sort_by_key(|run| run.started);
    Ok(runs)
}

fn shown(batteries: &Batteries, at: SystemTime) -> String {
    let local = Rules::local(&batteries.time).and_then(|local| DateTime::from_micros(local.local_of(utc_micros(at))));
    local.map_or_else(|_| "?".into(), |at| at.with_microsecond(0).to_string())
}

fn took(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".into(), |duration| format!("{:.1} s", duration.as_secs_f64()))
}

impl Entry {
    fn rule(&self) -> String {
        let zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
        match &self.when {
            When::Never => "-".into(),
            When::Daily(time) => format!("daily {time}{zone}"),
            When::Cron(expression) => format!("{expression}{zone}"),
            When::Period(period) => format!("every {} s", period.as_secs()),
        }
    }
}

/// Columns as wide as their widest cell.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn strings<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub(super) fn list(jobs: &Jobs, batteries: &Batteries, dir: Option<&Path>) -> crate::Result<u8> {
    let schedule = Scheduler::over(batteries);
    let mut rows = vec![strings(["NAME", "WHEN", "NEXT RUN", "LAST RUN", "OUTCOME", "ABOUT"])];
    for entry in &jobs.entries {
        let next = entry.register(&schedule)?.and_then(|job| job.next_run());
        let next = next.map_or_else(|| "-".into(), |next| next.with_microsecond(0).to_string());
        let last = past(batteries, dir, &entry.name)?.pop();
        let (started, ending) = last.map_or(("-".into(), "-"), |last| (shown(batteries, last.started), last.ending.name()));
        rows.push(vec![entry.name.clone(), entry.rule(), next, started, ending.to_owned(), entry.about.clone()]);
    }
    batteries.sys.stdout.write(&table(&rows))?;
    Ok(0)
}

pub(super) fn history(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches, dir: Option<&Path>) -> crate::Result<u8> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    jobs.entry(name)?;
    if dir.is_none() {
        return Err(super::Error::Value("the program has no journal: use --journal DIR".into()).into());
    }
    let runs = past(batteries, dir, name)?;
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or(20);
    let mut rows = vec![strings(["STARTED", "SCHEDULED", "TOOK", "OUTCOME", "DETAILS"])];
    for run in runs.iter().skip(runs.len().saturating_sub(limit)) {
        let scheduled = run.scheduled.map_or_else(|| "-".into(), |at| shown(batteries, at));
        let details = run.error.clone().or_else(|| run.tail.lines().last().map(str::to_owned)).unwrap_or_default();
        rows.push(vec![shown(batteries, run.started), scheduled, took(run.duration), run.ending.name().to_owned(), details]);
    }
    batteries.sys.stdout.write(&table(&rows))?;
    Ok(0)
}

pub(super) fn check(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches, dir: Option<&Path>) -> crate::Result<u8> {
    if dir.is_none() {
        return Err(super::Error::Value("the program has no journal: use --journal DIR".into()).into());
    }
    let tolerance = matches.get_one::<u64>("tolerance").copied().unwrap_or(300);
    let schedule = Scheduler::over(batteries);
    let mut found = Vec::new();
    for entry in &jobs.entries {
        let Some(job) = entry.register(&schedule)? else { continue };
        let runs = past(batteries, dir, &entry.name)?;
        let Some(last) = runs.last() else {
            found.push(format!("{}: never ran", entry.name));
            continue;
        };
        if let Some(due) = late(&job, last, tolerance)? {
            found.push(format!("{}: late: due at {due}, last run at {}", entry.name, shown(batteries, last.started)));
        }
        if matches!(last.ending, Ending::Failed | Ending::Interrupted) {
            let why = last.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            found.push(format!("{}: {} at {}{why}", entry.name, last.ending.name(), shown(batteries, last.started)));
        }
    }
    for line in &found {
        batteries.sys.stdout.write(&format!("{line}\n"))?;
    }
    Ok(if found.is_empty() { 0 } else { FAILED })
}

/// The time at which the job should have run after its last run, if that is longer ago than tolerated.
fn late(job: &Job, last: &Past, tolerance: u64) -> Result<Option<DateTime>> {
    let facts = job.cell.lock().clone();
    let reference = last.scheduled.map_or(last.started, |scheduled| scheduled.max(last.started));
    let Some(next) = job.scheduler.next_after_run(&facts, utc_micros(reference))? else { return Ok(None) };
    let local = Rules::local(&job.scheduler.time)?;
    let due = next.shown(&local)?;
    let limit = next
        .moment(&local, utc_micros(reference))
        .saturating_add(i64::try_from(tolerance).unwrap_or(i64::MAX).saturating_mul(1_000_000));
    Ok((zone::now(&job.scheduler.time) > limit).then_some(due.with_microsecond(0)))
}
