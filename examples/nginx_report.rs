//! Reports what is in the access logs of nginx: requests, traffic, statuses, busy pages, busy clients, errors.
//!
//!     cargo run --example nginx_report --features clap                                  a rehearsal, in memory
//!     nginx_report [OPTIONS] <LOGS>..                                                   the real thing; see --help
//!
//! Reads the `combined` format, packed or not (`*.gz`), and counts the lines that it cannot read. CI compares its report with that of the Python program
//! `tests/ports/nginx_report.py` on generated logs.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use clap::Parser;
use flate2::read::MultiGzDecoder;
use leyden::os::Os;
use leyden::prelude::*;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Report what is in the access logs of nginx.
#[derive(Debug, Parser)]
struct Args {
    /// The logs; `*.gz` are unpacked
    #[arg(required = true)]
    logs: Vec<PathBuf>,
    /// How many pages and clients are listed
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Exit with 1 if more than this share of the requests failed, in percent
    #[arg(long)]
    limit: Option<f64>,
}

const COMBINED: &str = concat!(
    r#"(?P<client>\S+) \S+ \S+ \[(?P<time>[^]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" "#,
    r#"(?P<status>\d{3}) (?P<bytes>\d+|-)(?: "[^"]*" "[^"]*")?\s*$"#
);

/// Python's `Counter`: what is equally frequent is listed in the order in which it was first seen.
#[derive(Debug, Default)]
struct Counter {
    places: HashMap<String, usize>,
    counts: Vec<(String, u64)>,
}

impl Counter {
    fn add(&mut self, key: &str) {
        if let Some(&place) = self.places.get(key) {
            self.counts[place].1 += 1;
        } else {
            self.places.insert(key.to_owned(), self.counts.len());
            self.counts.push((key.to_owned(), 1));
        }
    }

    fn most_common(&self, top: usize) -> Vec<&(String, u64)> {
        let mut sorted: Vec<_> = self.counts.iter().collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        sorted.truncate(top);
        sorted
    }
}

#[derive(Debug, Default)]
struct Totals {
    requests: u64,
    bytes: u64,
    unreadable: u64,
    errors: u64,
    statuses: Counter,
    pages: Counter,
    clients: Counter,
}

fn report(Batteries { os, sys, .. }: &Batteries) -> leyden::Result<()> {
    let args = Args::try_parse_from(sys.argv())?;
    let line_format = re::compile(COMBINED)?;
    let mut totals = Totals::default();
    for log in &args.logs {
        for line in lines(os, log)? {
            let line = String::from_utf8_lossy(&line?).into_owned();
            let Some(request) = line_format.match_(&line)? else {
                totals.unreadable += 1;
                continue;
            };
            let group = |name| request.group(name).unwrap_or_default();
            let (status, page) = (group("status"), group("path"));
            totals.requests += 1;
            totals.bytes += group("bytes").parse().unwrap_or(0); // "-" is 0
            totals.errors += u64::from(status.starts_with('5'));
            totals.statuses.add(status);
            totals.pages.add(page.split('?').next().unwrap_or(page));
            totals.clients.add(group("client"));
        }
    }
    print(sys, &totals, args.top)?;
    let failed = 100.0 * totals.errors as f64 / totals.requests.max(1) as f64;
    if args.limit.is_some_and(|limit| failed > limit) {
        sys.exit(format!("{failed:.1} % of the requests failed"))?;
    }
    Ok(())
}

/// The lines of a log, packed or not.
fn lines(os: &Os, log: &Path) -> leyden::Result<impl Iterator<Item = std::io::Result<Vec<u8>>>> {
    let file = os.open(Open::new(log).mode("rb"))?;
    let reader: Box<dyn Read> = if log.endswith(".gz") { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(BufReader::new(reader).split(b'\n'))
}

fn print(sys: &leyden::sys::Sys, totals: &Totals, top: usize) -> leyden::Result<()> {
    let Totals { requests, bytes, unreadable, errors, .. } = totals;
    sys.print(format_args!(
        "{requests} requests, {:.1} MiB, {errors} errors, {unreadable} unreadable lines",
        *bytes as f64 / 1048576.0
    ))?;
    for (title, counter) in [("status", &totals.statuses), ("page", &totals.pages), ("client", &totals.clients)] {
        sys.print(format_args!("{title:>8}"))?;
        for (key, count) in counter.most_common(top) {
            sys.print(format_args!("{count:8} {key}"))?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(report(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(report(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["nginx_report", "--top", "2", "--limit", "10", "/var/log/nginx/access.log"]);
    let log: String = (0..40)
        .map(|n| {
            let (page, status) = [("/", 200), ("/cart?item=7", 200), ("/", 304), ("/pay", 502)][n % 4];
            format!(
                "198.51.100.{} - - [01/Jan/2026:00:00:{n:02} +0000] \"GET {page} HTTP/1.1\" {status} 4096 \"-\" \"curl/8\"\n",
                n % 3
            )
        })
        .collect();
    world.os.write("/var/log/nginx/access.log", log + "\x16\x03\x01 is not HTTP\n");
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use leyden::world::torture;
    use std::io::Write as _;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(report(&world.batteries()))
    }

    #[test]
    fn counts_and_fails_above_the_limit() {
        let world = rehearsal();
        assert_eq!(code(&world), 1);
        let expected = "40 requests, 0.2 MiB, 10 errors, 1 unreadable lines\n  status\n      20 200\n      10 304\n    page\n      20 /\n      10 /cart\n  \
             client\n      14 198.51.100.0\n      13 198.51.100.1\n";
        assert_eq!(world.sys.stdout(), expected);
        assert_eq!(world.sys.stderr(), "25.0 % of the requests failed\n");
    }

    #[test]
    fn packed_logs_are_read_with_all_their_members() {
        let world = rehearsal();
        let mut packed = Vec::new();
        for line in ["10.0.0.1 - - [x] \"GET /a HTTP/1.1\" 200 1\n", "10.0.0.1 - ana [x] \"POST /b HTTP/1.1\" 500 -\n"] {
            let mut gzip = GzEncoder::new(&mut packed, Compression::default());
            gzip.write_all(line.as_bytes()).unwrap();
            gzip.finish().unwrap();
        }
        world.os.write("/log.gz", packed);
        world.sys.set_argv(["nginx_report", "/log.gz"]);
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().starts_with("2 requests, 0.0 MiB, 1 errors, 0 unreadable lines\n"), "{}", world.sys.stdout());
    }

    #[test]
    fn a_log_that_is_missing_is_an_error() {
        let world = World::new();
        world.sys.set_argv(["nginx_report", "/log"]);
        assert_eq!(code(&world), 1);
        assert_eq!(world.sys.stderr(), "open '/log': no such file or directory (errno 2)\n");
    }

    #[test]
    fn an_incomplete_report_is_not_a_success() {
        torture(
            |world| {
                world.sys.set_argv(["nginx_report", "/log"]);
                world.os.write("/log", "10.0.0.1 - - [x] \"GET /a HTTP/1.1\" 200 1\n");
            },
            report,
            |world, result| match result {
                Ok(()) if !world.sys.stdout().starts_with("1 requests") => Err(world.sys.stdout()),
                _ => Ok(()),
            },
        )
        .assert_ok();
    }
}
