//! The report: what was found as JSON, the page, and both packed.

use crate::crawl::Page;
use crate::facts::{Disk, FULL, Facts, Host};
use crate::job::{Done, Settings};
use crate::page;
use leyden::os::shutil::archive::MakeArchive;
use leyden::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What was written, or was there already.
pub struct Written {
    /// Distinguishes one state of site and machines from another; not how long a page took, and not what time it is.
    pub fingerprint: String,
    /// The same with the day of the report.
    pub version: String,
    pub html: String,
    pub archive: PathBuf,
    pub problems: usize,
}

/// Something that needs a person.
pub struct Problem {
    pub place: String,
    pub text: String,
}

/// One night in the trends.
#[derive(Clone, Debug)]
pub struct Point {
    pub day: String,
    pub problems: usize,
    /// The median time of a page, in milliseconds.
    pub ms: f64,
    /// How full the fullest disk is, in percent.
    pub disk: u8,
}

impl Point {
    fn read(text: &str) -> Vec<Point> {
        let file: Value = serde_json::from_str(text).unwrap_or_default();
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let point = |of: &Value| Point {
            day: of["day"].as_str().unwrap_or_default().to_owned(),
            problems: usize::try_from(number(&of["problems"])).unwrap_or(0),
            ms: of["ms"].as_f64().unwrap_or(0.0),
            disk: u8::try_from(number(&of["disk"])).unwrap_or(100),
        };
        file.as_array().into_iter().flatten().map(point).collect()
    }

    pub fn to_text(points: &[Point]) -> String {
        let point = |of: &Point| json!({ "day": of.day, "problems": of.problems, "ms": of.ms, "disk": of.disk });
        format!("{:#}\n", Value::Array(points.iter().map(point).collect()))
    }
}

/// How many nights the trends show.
const NIGHTS: usize = 30;

pub fn write(
    batteries: &Batteries,
    settings: &Settings,
    pages: &[Page],
    facts: &Facts,
    hosts: &[Host],
) -> leyden::Result<(Written, Done)> {
    let Batteries { os, time, .. } = batteries;
    let (directory, base) = (settings.out.join("report"), settings.out.join("report"));
    let (html, json, archive) = (directory.join("index.html"), directory.join("report.json"), settings.out.join("report.zip"));
    let problems = problems(settings, pages, facts, hosts);
    let mut state = state(settings, pages, facts, hosts);
    // Ports of loopback change from run to run; the site does not.
    let fingerprint = format!("{:016x}", fnv(&state.to_string().replace(&settings.url, "/")));
    let day = time.strftime("%Y-%m-%d", &time.gmtime(None)?)?;
    let history = settings.out.join("history.json");
    let mut points = if os.path.exists(&history) { Point::read(&os.read_text(&history)?) } else { Vec::new() };

    let before =
        if os.path.exists(&json) { serde_json::from_str(&os.read_text(&json)?).unwrap_or(Value::Null) } else { Value::Null };
    let same = before["fingerprint"] == *fingerprint
        && points.last().is_some_and(|last| last.day == day)
        && os.path.exists(&html)
        && os.path.exists(&archive);
    let done = if same {
        Done::nothing(format!("{} is up to date", html.display()))
    } else {
        os.makedirs(MakeDirs::new(&directory).exist_ok(true))?;
        // One point a day: the last run of a day counts.
        points.retain(|point| point.day != day);
        let disk = facts.disks.iter().map(|disk| disk.percent).max().unwrap_or(0);
        points.push(Point { day: day.clone(), problems: problems.len(), ms: median(pages), disk });
        points.drain(..points.len().saturating_sub(NIGHTS));
        let when = time.strftime("%A, %d %B %Y, %H:%M", None)?;
        os.write_text(&html, page::render(settings, pages, facts, hosts, &points, &when, &problems))?;
        state["fingerprint"] = fingerprint.clone().into();
        state["problems"] = problems.len().into();
        os.write_text(&json, format!("{state:#}\n"))?;
        os.shutil.make_archive(base, MakeArchive::new("zip").root_dir(&directory))?;
        os.write_text(&history, Point::to_text(&points))?;
        Done::changed(format!("written to {}", html.display()))
    };
    let (html, version) = (os.read_text(&html)?, format!("{fingerprint}-{day}"));
    Ok((Written { fingerprint, version, html, archive, problems: problems.len() }, done))
}

fn state(settings: &Settings, pages: &[Page], facts: &Facts, hosts: &[Host]) -> Value {
    let found: Vec<Value> = pages
        .iter()
        .map(|page| json!({ "url": page.url, "status": page.status, "title": page.title, "problems": page.problems }))
        .collect();
    let full = |disks: &[Disk]| -> Vec<String> {
        disks.iter().filter(|disk| disk.percent > FULL).map(|disk| disk.mount.clone()).collect()
    };
    let others: Vec<Value> =
        hosts.iter().map(|host| json!({ "name": host.name, "full": full(&host.disks), "problem": host.problem })).collect();
    json!({ "site": settings.url, "pages": found, "machine": facts.machine, "full": full(&facts.disks), "hosts": others })
}

/// Machines first: a machine that is down may be why a page is.
fn problems(settings: &Settings, pages: &[Page], facts: &Facts, hosts: &[Host]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let full = |place: &str, disks: &[Disk]| {
        let full: Vec<_> = disks.iter().filter(|disk| disk.percent > FULL).collect();
        let problem =
            |disk: &&Disk| Problem { place: place.to_owned(), text: format!("{} is {} % full", disk.mount, disk.percent) };
        full.iter().map(problem).collect::<Vec<_>>()
    };
    for host in hosts {
        problems.extend(host.problem.iter().map(|text| Problem { place: host.name.clone(), text: text.clone() }));
        problems.extend(full(&host.name, &host.disks));
    }
    problems.extend(full("this machine", &facts.disks));
    for page in pages {
        let from = settings.path(&page.linked_from);
        let from = if from.is_empty() { String::new() } else { format!(" (linked from {from})") };
        problems.extend(
            page.problems
                .iter()
                .map(|text| Problem { place: settings.path(&page.url).to_owned(), text: format!("{text}{from}") }),
        );
    }
    problems
}

/// The median time of the pages that answered, in milliseconds with one decimal.
pub fn median(pages: &[Page]) -> f64 {
    let mut times: Vec<u128> = pages.iter().filter(|page| page.status.is_some()).map(|page| page.took.as_micros()).collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |micros| (*micros as f64 / 100.0).round() / 10.0)
}

/// FNV-1a: enough to tell two reports apart.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
