//! The job itself: seven steps over the batteries. What fails is reported, the rest goes on.

use crate::{cloud, crawl, facts, mail, report};
use leyden::prelude::*;
use std::path::PathBuf;

/// What the job is about.
#[derive(Clone, Debug)]
pub struct Settings {
    pub url: String,
    /// How many pages are looked at, at most, and how many at a time.
    pub pages: usize,
    pub workers: usize,
    pub out: PathBuf,
    pub bucket: String,
    pub region: String,
    pub endpoint_url: Option<String>,
    /// Volumes that bear this tag are snapshot; so many snapshots, and so many versions of the report, are kept.
    pub tag: (String, String),
    pub keep: usize,
    pub smtp: String,
    pub from: String,
    pub to: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            url: String::new(),
            pages: 50,
            workers: 4,
            out: "target/nightly".into(),
            bucket: "nightly-reports".into(),
            region: "eu-central-1".into(),
            endpoint_url: None,
            tag: ("Backup".into(), "nightly".into()),
            keep: 3,
            smtp: "localhost".into(),
            from: "nightly@example.com".into(),
            to: "ops@example.com".into(),
        }
    }
}

/// What a step did: a line for people, and whether anything is different now.
pub struct Done {
    pub text: String,
    pub changed: bool,
}

impl Done {
    pub fn changed(text: impl Into<String>) -> Done {
        Done { text: text.into(), changed: true }
    }

    pub fn nothing(text: impl Into<String>) -> Done {
        Done { text: text.into(), changed: false }
    }
}

/// What became of the steps, in order.
#[derive(Default)]
pub struct Summary(pub Vec<(&'static str, leyden::Result<Done>)>);

impl Summary {
    fn step<T>(&mut self, name: &'static str, result: leyden::Result<(T, Done)>) -> Option<T> {
        let (value, result) = match result {
            Ok((value, done)) => (Some(value), Ok(done)),
            Err(error) => (None, Err(error)),
        };
        self.0.push((name, result));
        value
    }

    pub fn failed(&self) -> bool {
        self.0.iter().any(|(_, result)| result.is_err())
    }

    pub fn changed(&self) -> bool {
        self.0.iter().any(|(_, result)| result.as_ref().is_ok_and(|done| done.changed))
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, result) in &self.0 {
            match result {
                Ok(done) => text += &format!("{name:<8} {}\n", done.text),
                Err(error) => text += &format!("{name:<8} FAILED: {error:#}\n"),
            }
        }
        let failures = self.0.iter().filter(|(_, result)| result.is_err()).count();
        text + &match (failures, self.changed()) {
            (0, true) => "All done.\n".to_owned(),
            (0, false) => "All done: no changes.\n".to_owned(),
            (1, _) => "1 step failed.\n".to_owned(),
            (n, _) => format!("{n} steps failed.\n"),
        }
    }
}

/// The job. Steps that need what another could not give are left out; the summary says which failed.
pub fn nightly(batteries: &Batteries, settings: &Settings) -> Summary {
    let mut summary = Summary::default();
    let pages = summary.step("site", crawl::crawl(batteries, settings)).unwrap_or_default();
    let facts = summary.step("machine", facts::collect(batteries)).unwrap_or_default();
    if let Some(written) = summary.step("report", report::write(batteries, settings, &pages, &facts)) {
        summary.step("backup", cloud::back_up(batteries, settings, &written));
        summary.step("mail", mail::send(batteries, settings, &written));
    }
    summary.step("volumes", cloud::snapshot(batteries, settings));
    summary
}
