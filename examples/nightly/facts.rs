//! Facts of this machine and of others.

use crate::job::{Done, Settings};
use leyden::fabric::GroupException;
use leyden::prelude::*;

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What stays as it is from night to night.
    pub machine: Vec<(&'static str, String)>,
    /// What does not.
    pub now: Vec<(&'static str, String)>,
    pub disks: Vec<Disk>,
}

#[derive(Clone, Debug)]
pub struct Disk {
    pub mount: String,
    /// How full it is.
    pub percent: u8,
    pub kib: u64,
}

/// Another machine, as far as it answered.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub name: String,
    pub uptime: String,
    pub disks: Vec<Disk>,
    pub problem: Option<String>,
}

/// A disk that is fuller than this, in percent, is a problem.
pub const FULL: u8 = 95;

/// What other machines are asked, in one round trip.
pub const LOOK: &str = "df -P -k && uptime";

pub fn collect(Batteries { os, sys, platform, subprocess, .. }: &Batteries) -> leyden::Result<(Facts, Done)> {
    let mut facts = Facts {
        machine: vec![
            ("host", platform.node()),
            ("system", platform.platform()),
            ("processors", os.cpu_count().map_or_else(|| "unknown".to_owned(), |count| count.to_string())),
            ("byte order", sys.byteorder().to_owned()),
        ],
        ..Facts::default()
    };
    let load = os.getloadavg().map_or_else(|_| "unknown".into(), |load| load.map(|value| format!("{value:.2}")).join(" "));
    facts.now.push(("load", load));
    // Not every machine has it.
    if let Ok(uptime) = subprocess.run("uptime").capture_output(true).check(true).timeout(secs(10)).wait() {
        facts.now.push(("uptime", uptime.stdout_text()?.trim().to_owned()));
    }
    let df = subprocess.run(["df", "-P", "-k"]).capture_output(true).check(true).timeout(secs(10)).wait()?;
    facts.disks = disks(&df.stdout_text()?)?;
    let full = facts.disks.iter().filter(|disk| disk.percent > FULL).count();
    let text = format!("{}, {} disks, {full} nearly full", facts.machine[1].1, facts.disks.len());
    Ok((facts, Done::nothing(text)))
}

/// The disks in the output of `df -P -k`. One that is mounted at several places is the first of them.
fn disks(df: &str) -> leyden::Result<Vec<Disk>> {
    let rows: Vec<(&str, &str, &str, &str)> = re::findall(r"(?m)^(/dev/\S+)\s+(\d+)\s+\d+\s+\d+\s+(\d+)%\s+(/.*)$", df)?;
    let mut devices = std::collections::BTreeSet::new();
    let first = rows.iter().filter(|(device, ..)| devices.insert(*device));
    Ok(first
        .map(|(_, kib, percent, mount)| Disk {
            mount: (*mount).to_owned(),
            percent: percent.parse().unwrap_or(100),
            kib: kib.parse().unwrap_or(0),
        })
        .collect())
}

/// All machines at once. One that does not answer is a problem of its own, not of the step.
pub fn hosts(Batteries { fabric, .. }: &Batteries, settings: &Settings) -> leyden::Result<(Vec<Host>, Done)> {
    let group = fabric.group(settings.hosts.iter().map(String::as_str)).limit(20).deadline(secs(60));
    let outcome = group.run(LOOK).hide(true).wait();
    let (Ok(result) | Err(GroupException { result, .. })) = outcome;
    let mut hosts = Vec::new();
    for (machine, outcome) in result.iter() {
        let mut host = Host { name: machine.host().to_owned(), ..Host::default() };
        match outcome {
            Ok(done) => {
                host.disks = disks(&done.stdout)?;
                host.uptime = done.stdout.lines().last().unwrap_or_default().trim().to_owned();
            }
            Err(error) => host.problem = Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
        }
        hosts.push(host);
    }
    let answered = hosts.iter().filter(|host| host.problem.is_none()).count();
    let text = format!("{answered} of {} answered", hosts.len());
    Ok((hosts, Done::nothing(text)))
}
