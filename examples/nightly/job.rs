//! The job itself: steps over the batteries. A step that fails is reported, and the rest goes on.

use crate::{cloud, crawl, facts, mail, report};
use leyden::layers::{DryRun, Programs};
use leyden::prelude::*;
use serde_json::Value;
use std::path::PathBuf;

/// What the job is about.
#[derive(Clone, Debug)]
pub struct Settings {
    pub url: String,
    /// How many pages are looked at, at most, and how many at a time.
    pub pages: usize,
    pub workers: usize,
    /// Other machines, as `[user@]host[:port]`.
    pub hosts: Vec<String>,
    pub out: PathBuf,
    pub bucket: String,
    pub region: String,
    /// Volumes with this tag get a snapshot (feature `ec2`); so many snapshots, and so many versions of the report, are kept.
    #[cfg_attr(not(feature = "ec2"), allow(dead_code, reason = "only volumes have it"))]
    pub tag: (String, String),
    pub keep: usize,
    pub smtp: String,
    pub from: String,
    pub to: String,
    /// A line at the end of the report.
    pub note: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            url: String::new(),
            pages: 50,
            workers: 4,
            hosts: Vec::new(),
            out: "target/nightly".into(),
            bucket: "nightly-reports".into(),
            region: "eu-central-1".into(),
            tag: ("Backup".into(), "nightly".into()),
            keep: 3,
            smtp: "localhost".into(),
            from: "nightly@example.com".into(),
            to: "ops@example.com".into(),
            note: String::new(),
        }
    }
}

impl Settings {
    /// The path of a page of the site.
    pub fn path<'u>(&self, url: &'u str) -> &'u str {
        url.strip_prefix(self.url.trim_end_matches('/')).unwrap_or(url)
    }

    /// The settings of a JSON file: the scheduled job has no arguments.
    pub fn read(Batteries { os, .. }: &Batteries, path: &str) -> leyden::Result<Settings> {
        let file: Value = serde_json::from_str(&os.read_text(path)?)?;
        let text = |name: &str, default: String| file[name].as_str().map_or(default, str::to_owned);
        let of = Settings { out: "/var/lib/nightly".into(), ..Settings::default() };
        let hosts = file["hosts"].as_array().into_iter().flatten().filter_map(|host| Some(host.as_str()?.to_owned()));
        let settings = Settings {
            url: text("url", of.url),
            hosts: hosts.collect(),
            bucket: text("bucket", of.bucket),
            region: text("region", of.region),
            smtp: text("smtp", of.smtp),
            from: text("from", of.from),
            to: text("to", of.to),
            ..of
        };
        if settings.url.is_empty() {
            return Err(leyden::Error::other(format!("{path} has no \"url\"")));
        }
        Ok(settings)
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

/// The result of each step, in order.
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

/// The job. Steps that need the result of a failed one are left out.
pub fn nightly(batteries: &Batteries, settings: &Settings) -> Summary {
    let mut summary = Summary::default();
    summary.step("bucket", cloud::declare(batteries, settings));
    let pages = summary.step("site", crawl::crawl(batteries, settings)).unwrap_or_default();
    let facts = summary.step("machine", facts::collect(batteries)).unwrap_or_default();
    let hosts = match settings.hosts.as_slice() {
        [] => Vec::new(),
        _ => summary.step("hosts", facts::hosts(batteries, settings)).unwrap_or_default(),
    };
    if let Some(written) = summary.step("report", report::write(batteries, settings, &pages, &facts, &hosts)) {
        summary.step("backup", cloud::back_up(batteries, settings, &written));
        summary.step("mail", mail::send(batteries, settings, &written));
    }
    #[cfg(feature = "ec2")]
    summary.step("volumes", crate::volumes::snapshot(batteries, settings));
    summary
}

/// The job as one of a schedule: its text is the output, a failed step makes it fail.
pub fn scheduled(batteries: &Batteries, settings: &Settings) -> leyden::Result<String> {
    let summary = nightly(batteries, settings);
    if summary.failed() { Err(leyden::Error::other(summary.text().trim_end())) } else { Ok(summary.text()) }
}

/// What a rehearsal runs because it only reads, and which writes it assumes to succeed.
pub fn rehearsal(dry_run: DryRun) -> DryRun {
    dry_run.programs(Programs::refuse().allow(["df", "uptime"])).commands([facts::LOOK]).assume_s3([
        "create_bucket",
        "put_bucket_versioning",
        "put_bucket_tagging",
        "put_bucket_lifecycle_configuration",
        "put_public_access_block",
        "put_object",
        "delete_object",
    ])
}
