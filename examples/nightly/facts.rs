//! Facts of this machine.

use crate::job::Done;
use leyden::prelude::*;

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What stays as it is from night to night.
    pub machine: Vec<(&'static str, String)>,
    /// What does not.
    pub now: Vec<(&'static str, String)>,
    /// Mount point and how full it is, in percent.
    pub disks: Vec<(String, u8)>,
}

/// A disk that is fuller than this, in percent, is a problem.
pub const FULL: u8 = 95;

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
    let df = df.stdout_text()?;
    let rows: Vec<(&str, &str)> = re::findall(r"(?m)^/dev/\S+(?:\s+\d+){3}\s+(\d+)%\s+(/.*)$", &*df)?;
    facts.disks = rows.iter().map(|(percent, mount)| (mount.to_string(), percent.parse().unwrap_or(100))).collect();
    let full = facts.disks.iter().filter(|(_, percent)| *percent > FULL).count();
    let text = format!("{}, {} disks, {full} nearly full", facts.machine[1].1, facts.disks.len());
    Ok((facts, Done::nothing(text)))
}
