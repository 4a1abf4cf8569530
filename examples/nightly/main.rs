//! The nightly job: check a website, look after this machine, write a report, back it up to S3, snapshot the volumes, mail the report.
//!
//!     cargo run --example nightly --all-features
//!     nightly [--url URL] [--out DIR] [--live] [--endpoint-url URL] [--smtp HOST[:PORT]] [--to ADDRESS]
//!
//! Without arguments HTTP, files and processes are real (a small site is served on loopback), while Amazon and the mail server are in
//! memory: the mail is saved as `.eml`, what lies in S3 as files, all beneath `target/nightly`. `--live` makes everything real;
//! `--endpoint-url` takes Amazon from elsewhere, `--smtp` the mail server.
//!
//! A second run finds everything done, changes nothing and says so. A step that fails is reported, the others are done all the same, and
//! the exit code is 1. Every file is replaced in one step: stopped at any moment, the job leaves nothing half-written.
#![allow(unreachable_pub, reason = "a binary of several files")]

mod cloud;
mod crawl;
mod demo;
mod facts;
mod job;
mod mail;
mod report;
mod site;
#[cfg(test)]
mod tests;

use job::{Settings, nightly};
use leyden::prelude::*;
use std::process::ExitCode;

const USAGE: &str = "usage: nightly [--url URL] [--out DIR] [--live] [--endpoint-url URL] [--smtp HOST[:PORT]] [--to ADDRESS]";

fn main() -> ExitCode {
    let batteries = Batteries::included();
    batteries.sys.finish(script(&batteries))
}

fn script(real: &Batteries) -> leyden::Result<()> {
    let mut settings = Settings::default();
    let (mut live, mut smtp) = (false, false);
    let mut url = None;
    let arguments: Vec<String> = real.sys.argv().iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = || match arguments.next() {
            Some(value) => Ok(value),
            None => real.sys.exit(USAGE).map(|never| match never {}),
        };
        match argument.as_str() {
            "--live" => live = true,
            "--url" => url = Some(value()?),
            "--out" => settings.out = value()?.into(),
            "--endpoint-url" => settings.endpoint_url = Some(value()?),
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
    let demo = if live { None } else { Some(demo::Demo::new(real, &settings)?) };
    let mut set = Batteries::builder().os(real.os.clone()).time(real.time.clone());
    if let Some(demo) = &demo {
        if settings.endpoint_url.is_none() {
            set = set.boto3(demo.boto3());
        }
        if !smtp {
            set = set.smtplib(demo.smtplib());
        }
    }
    let summary = nightly(&set.build(), &settings);
    if let Some(demo) = &demo {
        demo.save()?;
    }
    real.sys.stdout.write(&summary.text())?;
    if summary.failed() {
        real.sys.exit(1)?;
    }
    Ok(())
}
