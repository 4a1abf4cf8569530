//! Reads an access log line by line with a pattern of six named groups: `log leyden|peer PATH`. Prints totals.
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stdout)]

use leyden::prelude::*;
use leyden::re;
use std::io::BufRead;

const PATTERN: &str =
    r#"(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d+|-)"#;

/// What is counted: lines that match, failed requests, bytes sent, and the length of the other groups.
#[derive(Default)]
struct Totals([usize; 4]);

impl Totals {
    fn add(&mut self, [host, user, time, request, status, size]: [&str; 6]) {
        self.0[0] += 1;
        self.0[1] += usize::from(status.starts_with('5'));
        self.0[2] += size.parse().unwrap_or(0);
        self.0[3] += host.len() + user.len() + time.len() + request.len();
    }
}

const NAMES: [&str; 6] = ["host", "user", "time", "request", "status", "size"];

fn leyden(path: &str, totals: &mut Totals) -> leyden::Result<()> {
    let Batteries { os, .. } = Batteries::included();
    let pattern = re::compile(PATTERN)?;
    for line in os.open(path)? {
        let line = line?;
        if let Some(found) = pattern.match_(&line)? {
            totals.add(NAMES.map(|name| found.group(name).unwrap_or_default()));
        }
    }
    Ok(())
}

fn peer(path: &str, totals: &mut Totals) -> leyden::Result<()> {
    let pattern = regex::Regex::new(&format!("^{PATTERN}")).map_err(leyden::Error::other)?;
    for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
        if let Some(found) = pattern.captures(&line?) {
            totals.add(NAMES.map(|name| found.name(name).map_or("", |group| group.as_str())));
        }
    }
    Ok(())
}

fn main() -> leyden::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, which, path] = args.as_slice() else {
        return Err(leyden::Error::other(std::io::Error::other("usage: log leyden|peer PATH")));
    };
    let mut totals = Totals::default();
    if which == "peer" {
        peer(path, &mut totals)?
    } else {
        leyden(path, &mut totals)?
    }
    println!("{:?}", totals.0);
    Ok(())
}
