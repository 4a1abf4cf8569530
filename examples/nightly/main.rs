//! The nightly job: declare a bucket, check a website, look at this machine and at others, write a report, back it up, mail it.
//!
//!     cargo run --example nightly --features most         now, with everything embedded
//!     nightly [--dry-run] [--url URL] [--hosts A,B] [--out DIR] [--live] [--endpoint-url URL] [--smtp HOST[:PORT]] [--to ADDRESS]
//!     nightly month                                       a month on a schedule, in memory: a night off, a broken page, a full disk
//!     nightly install --systemd [--user]                  a timer; its settings are in /etc/nightly.json. See `nightly help`
//!
//! Without arguments HTTP, files and processes are real (a small site is served on loopback). The bucket, three hosts and the mail server
//! are in memory: the mail is saved as `.eml`, and the objects of S3 as files, all beneath `target/nightly`. `--live` makes everything real:
//! credentials and region come from the environment, as in Python. With the feature `ec2` the job also makes snapshots of volumes.
//!
//! A second run finds everything done, changes nothing and prints so. A step that fails is reported, the others are done all the same, and
//! the exit code is 1. Every file is replaced in one step: a run that is stopped leaves nothing half-written. `--dry-run` reads for real and
//! prints what a run would write, send and upload.
#![allow(unreachable_pub, reason = "a binary of several files")]

mod cloud;
mod crawl;
mod demo;
mod facts;
mod job;
mod mail;
mod month;
mod page;
mod report;
mod site;
#[cfg(test)]
mod tests;
#[cfg(feature = "ec2")]
mod volumes;

use job::{Settings, nightly, rehearsal, scheduled};
use leyden::layers::DryRun;
use leyden::prelude::*;
use leyden::schedule::{Jobs, Missed};
use std::process::ExitCode;

const USAGE: &str = "usage: nightly [--dry-run] [--url URL] [--hosts A,B] [--out DIR] [--live] [--endpoint-url URL] [--smtp HOST[:PORT]] [--to ADDRESS]\n       \
                     nightly month | help | list | run | schedule | history | check | emit | install | uninstall ..";

/// Where the scheduled job finds its settings: `{"url": "https://www.example.com/", "hosts": ["web1", "web2"], "bucket": ..}`.
const SETTINGS: &str = "/etc/nightly.json";

fn main() -> ExitCode {
    let batteries = Batteries::included();
    let arguments = batteries.sys.args();
    match arguments.first().map(String::as_str) {
        Some("month") => batteries.sys.finish(month::rehearse(&batteries.sys)),
        Some(command) if !command.starts_with('-') => jobs().main(),
        _ => batteries.sys.finish(script(&batteries, arguments)),
    }
}

/// The job for a schedule, and for the commands that show, rehearse and install it.
fn jobs() -> Jobs {
    Jobs::new("nightly")
        .about("Checks a website and machines, and reports on them")
        .journal("/var/lib/nightly/journal")
        .job("report", |batteries: &Batteries| scheduled(batteries, &Settings::read(batteries, SETTINGS)?))
        .about("Writes the report, with the settings of /etc/nightly.json")
        .cron("30 2 * * *")
        .missed(Missed::Once)
        .timeout(secs(3600))
        .rehearsal(rehearsal)
}

fn script(real: &Batteries, arguments: Vec<String>) -> leyden::Result<()> {
    let mut settings = Settings::default();
    let (mut live, mut smtp, mut dry_run, mut endpoint, mut url) = (false, false, false, None, None);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = || match arguments.next() {
            Some(value) => Ok(value),
            None => real.sys.exit(USAGE).map(|never| match never {}),
        };
        match argument.as_str() {
            "--live" => live = true,
            "--dry-run" => dry_run = true,
            "--url" => url = Some(value()?),
            "--hosts" => settings.hosts = value()?.split(',').map(str::to_owned).collect(),
            "--out" => settings.out = value()?.into(),
            "--endpoint-url" => endpoint = Some(value()?),
            "--to" => settings.to = value()?,
            "--smtp" => {
                settings.smtp = value()?;
                smtp = true;
            }
            _ => match real.sys.exit(USAGE)? {},
        }
    }
    // The site lives as long as this value.
    let site = if url.is_none() { Some(site::Site::serve()?) } else { None };
    settings.url = url.or_else(|| site.as_ref().map(site::Site::url)).unwrap_or_default();
    let environ = &real.os.environ;
    environ.setdefault("AWS_DEFAULT_REGION", &settings.region)?;
    if let Some(endpoint) = &endpoint {
        environ.set("AWS_ENDPOINT_URL", endpoint)?;
    }
    let hosts = !settings.hosts.is_empty();
    let demo = if live { None } else { Some(demo::Demo::new(real, &mut settings)?) };
    let mut set = Batteries::builder().os(real.os.clone()).time(real.time.clone());
    if let Some(demo) = &demo {
        if endpoint.is_none() {
            set = set.boto3(demo.world.boto3.handle_with(real.os.clone(), real.time.clone()));
        }
        if !smtp {
            set = set.smtplib(demo.smtplib(real));
        }
        if !hosts {
            settings.hosts = demo::HOSTS.map(str::to_owned).into();
            set = set.fabric(demo.world.fabric.handle());
        }
    }
    let batteries = set.build();
    let summary = if dry_run {
        let plan = rehearsal(DryRun::over(&batteries));
        let mut rehearsed = plan.batteries();
        if let (Some(demo), false) = (&demo, hosts) {
            // The world knows the keys of its hosts.
            rehearsed.fabric = rehearsal(DryRun::over(&demo.world.batteries())).batteries().fabric;
        }
        let summary = nightly(&rehearsed, &settings);
        // The differences of the page are long: the first line of each effect names it.
        let plan = plan.plan();
        for effect in plan.effects() {
            real.sys.print(effect.to_string().lines().next().unwrap_or_default())?;
        }
        real.sys.print(plan.to_string().lines().last().unwrap_or_default())?;
        summary
    } else {
        demo.iter().try_for_each(|demo| demo.begin(real))?;
        nightly(&batteries, &settings)
    };
    if let (Some(demo), false) = (&demo, dry_run) {
        demo.save(real)?;
    }
    real.sys.stdout.write(&summary.text())?;
    if summary.failed() {
        real.sys.exit(1)?;
    }
    Ok(())
}
