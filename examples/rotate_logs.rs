//! Moves rotated logs to S3: compresses, uploads and verifies them, and only then deletes the local files.
//!
//!     cargo run --example rotate_logs --features s3                                     a rehearsal, in memory
//!     rotate_logs [--dry-run] [--days N] [--prefix PREFIX] [--region REGION] DIRECTORY BUCKET
//!
//! Takes the files that logrotate has rotated (`app.log.1`, `app.log-20260101`; not `app.log` itself, and not compressed files) and that
//! have not been written to for N days (default: 1). To verify, the object is read back, decompressed and compared with the log. A log
//! that cannot be moved stays in place and is reported; the others are still moved, and the exit code is 1. It is safe to run again.
//!
//! gzip comes from the crate `flate2`. A log may be larger than the memory: it is compressed into a temporary file and compared in chunks.
//!
//! The Python original:
//!
//! ```python
//! s3 = boto3.client("s3", region_name=args.region)
//! failed = 0
//! for name in sorted(os.listdir(args.directory)):
//!     log = os.path.join(args.directory, name)
//!     if not re.search(r"\.log[.-]", name) or name.endswith(".gz") or os.path.islink(log) or not os.path.isfile(log):
//!         continue
//!     changed = os.path.getmtime(log)
//!     if changed > time.time() - args.days * 86400:
//!         continue
//!     key = args.prefix + name + time.strftime("-%Y%m%dT%H%M%SZ.gz", time.gmtime(changed))
//!     if args.dry_run:
//!         print(f"{log} would go to s3://{args.bucket}/{key}")
//!         continue
//!     try:
//!         with tempfile.NamedTemporaryFile() as packed:
//!             with gzip.open(packed, "wb") as out, open(log, "rb") as file:
//!                 shutil.copyfileobj(file, out)
//!             packed.flush()
//!             s3.upload_file(packed.name, args.bucket, key, ExtraArgs={"ContentType": "application/gzip"})
//!         stored = s3.get_object(Bucket=args.bucket, Key=key)["Body"]
//!         with gzip.open(stored) as one, open(log, "rb") as other:
//!             if not same(one, other):
//!                 raise Exception("what is in S3 is not what is in the log")
//!         os.remove(log)
//!         print(f"{log} is now s3://{args.bucket}/{key}")
//!     except Exception as error:
//!         print(f"{log} stays: {error}", file=sys.stderr)
//!         failed += 1
//! sys.exit(1 if failed else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use leyden::boto3::s3::Client;
use leyden::os::Os;
use leyden::prelude::*;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

const USAGE: &str = "usage: rotate_logs [--dry-run] [--days N] [--prefix PREFIX] [--region REGION] DIRECTORY BUCKET";

fn rotate(Batteries { os, sys, time, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let mut args = sys.args();
    let dry_run = args.iter().any(|arg| arg == "--dry-run");
    args.retain(|arg| arg != "--dry-run");
    let days: Option<u32> = option(&mut args, "--days").map_or(Some(1), |days| days.parse().ok());
    let prefix = option(&mut args, "--prefix").unwrap_or_default();
    let region = option(&mut args, "--region");
    let [directory, bucket] = &args[..] else { match sys.exit(USAGE)? {} };
    let Some(days) = days.filter(|_| !directory.starts_with('-')) else { match sys.exit(USAGE)? {} };

    let s3 = match region {
        Some(region) => boto3.client().region_name(region).s3(),
        None => boto3.client().s3(),
    };
    let quiet_since = time.time().checked_sub(Duration::from_secs(86_400) * days).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut failed = 0;
    for (log, changed) in logs(os, directory)? {
        if changed > quiet_since {
            continue;
        }
        // The time is in the name: tomorrow's `app.log.1` is another log.
        let name = log.file_name().unwrap_or_default().to_string_lossy();
        let key = format!("{prefix}{name}{}", time.strftime("-%Y%m%dT%H%M%SZ.gz", &time.gmtime(changed)?)?);
        let log_name = log.display();
        if dry_run {
            sys.print(format_args!("{log_name} would go to s3://{bucket}/{key}"))?;
            continue;
        }
        match ship(os, &s3, &log, bucket, &key) {
            Ok(()) => sys.print(format_args!("{log_name} is now s3://{bucket}/{key}"))?,
            Err(error) => {
                failed += 1;
                sys.stderr.write(&format!("{log_name} stays: {error}\n"))?;
            }
        }
    }
    if failed > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

/// The logs that were put aside, and when they were written to last.
fn logs(os: &Os, directory: &str) -> leyden::Result<Vec<(PathBuf, SystemTime)>> {
    let mut found = Vec::new();
    for name in os.listdir(directory)? {
        if !fnmatch::fnmatch(&name, "*.log[.-]*") || fnmatch::fnmatch(&name, "*.gz") {
            continue;
        }
        let log = Path::new(directory).join(name);
        let about = os.lstat(&log)?; // not what a link leads to
        if about.is_file() {
            found.push((log, about.st_mtime));
        }
    }
    found.sort();
    Ok(found)
}

fn ship(os: &Os, s3: &Client, log: &Path, bucket: &str, key: &str) -> leyden::Result<()> {
    let mut packed = os.tempfile.named_temporary_file(())?;
    let mut gzip = GzEncoder::new(&mut packed, Compression::default());
    io::copy(&mut os.open(Open::new(log).mode("rb"))?, &mut gzip)?;
    gzip.finish().and_then(Write::flush)?;
    s3.upload_file(packed.path(), bucket, key).extra_args(|put| put.content_type("application/gzip")).wait()?;
    // A log that was written to meanwhile differs, and stays.
    let stored = s3.body(s3.get_object(|get| get.bucket(bucket).key(key)).wait()?);
    if !same(GzDecoder::new(stored), os.open(Open::new(log).mode("rb"))?)? {
        return Err(leyden::Error::other("what is in S3 is not what is in the log"));
    }
    os.remove(log)?;
    Ok(())
}

/// Whether both give the same bytes.
fn same(mut one: impl Read, mut other: impl Read) -> io::Result<bool> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        a.clear();
        b.clear();
        one.by_ref().take(1 << 16).read_to_end(&mut a)?;
        other.by_ref().take(1 << 16).read_to_end(&mut b)?;
        if a != b || a.is_empty() {
            return Ok(a == b);
        }
    }
}

/// Takes an option and its value out of the arguments, if they are there.
fn option(args: &mut Vec<String>, name: &str) -> Option<String> {
    let at = args.iter().position(|arg| arg == name).filter(|at| at + 1 < args.len())?;
    args.drain(at..at + 2).nth(1)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(rotate(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(rotate(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    println!("exit code {code}");
    println!("here: {:?}", world.os.listdir("/var/log/app"));
    println!("there: {:?}", world.boto3.s3.keys("logs"));
    ExitCode::SUCCESS
}

/// Two days of logs of a server, put aside by logrotate, and the one that is written to.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["rotate_logs", "--prefix", "web1/", "/var/log/app", "logs"]);
    let made = world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("logs")).wait();
    assert!(made.is_ok(), "{made:?}");
    for (name, line) in [("access.log.2", "GET /old\n"), ("access.log.1", "GET /\n"), ("access.log", "GET /new\n")] {
        world.os.write(format!("/var/log/app/{name}"), line.repeat(50_000));
        world.clock().advance(secs(86_400));
    }
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(rotate(&world.batteries()))
    }

    fn unpacked(world: &World, key: &str) -> Option<String> {
        let bytes = world.boto3.s3.object("logs", key)?;
        let mut text = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        Some(text)
    }

    #[test]
    fn what_was_put_aside_is_in_s3_and_no_longer_here() {
        let world = rehearsal();
        assert_eq!(code(&world), 0, "{}", world.sys.stderr());
        assert_eq!(world.os.listdir("/var/log/app"), ["access.log"]);
        assert_eq!(
            world.boto3.s3.keys("logs"),
            ["web1/access.log.1-20260102T000000Z.gz", "web1/access.log.2-20260101T000000Z.gz"]
        );
        assert_eq!(unpacked(&world, "web1/access.log.1-20260102T000000Z.gz").unwrap(), "GET /\n".repeat(50_000));
        assert!(world.boto3.s3.size() < 10_000, "it is packed");
        assert_eq!(code(&world), 0, "a second run finds nothing to do");
    }

    #[test]
    fn what_is_fresh_stays() {
        let world = rehearsal();
        world.sys.set_argv(["rotate_logs", "--days", "3", "/var/log/app", "logs"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.boto3.s3.keys("logs"), ["access.log.2-20260101T000000Z.gz"]);
    }

    #[test]
    fn a_dry_run_moves_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["rotate_logs", "--dry-run", "/var/log/app", "logs"]);
        assert_eq!(code(&world), 0);
        let line = "/var/log/app/access.log.1 would go to s3://logs/access.log.1-20260102T000000Z.gz\n";
        assert!(world.sys.stdout().starts_with(line), "{}", world.sys.stdout());
        assert!(world.boto3.s3.keys("logs").is_empty() && world.os.exists("/var/log/app/access.log.1"));
    }

    #[test]
    fn a_log_that_cannot_be_read_back_stays() {
        let world = rehearsal();
        let refusal = ClientError::new("GetObject", 403, "AccessDenied", "Access Denied");
        world.script().fail_next("s3.get_object", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().starts_with("/var/log/app/access.log.1 stays: "), "{}", world.sys.stderr());
        assert_eq!(world.os.listdir("/var/log/app"), ["access.log", "access.log.1"]);
        assert_eq!(code(&world), 0, "the next run moves it");
        assert_eq!(world.os.listdir("/var/log/app"), ["access.log"]);
    }

    #[test]
    fn a_body_that_breaks_off_is_no_proof() {
        let world = rehearsal();
        world.boto3.s3.cut("logs", "web1/access.log.1-20260102T000000Z.gz", 100);
        assert_eq!(code(&world), 1);
        assert!(world.os.exists("/var/log/app/access.log.1") && !world.os.exists("/var/log/app/access.log.2"));
    }

    #[test]
    fn a_bucket_that_is_not_there_is_told() {
        let world = rehearsal();
        world.sys.set_argv(["rotate_logs", "/var/log/app", "lgos"]);
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("NoSuchBucket"), "{}", world.sys.stderr());
        assert_eq!(world.os.listdir("/var/log/app").len(), 3);
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec![], vec!["/var/log"], vec!["--days", "few", "/var/log", "logs"], vec!["--dryrun", "/var/log"]] {
            let world = World::new();
            world.sys.set_argv([vec!["rotate_logs"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }

    #[test]
    fn whatever_fails_no_log_is_lost() {
        torture(
            |world| {
                world.sys.set_argv(["rotate_logs", "/log", "logs"]);
                world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("logs")).wait().unwrap();
                world.os.write("/log/a.log.1", "alpha\n");
                world.os.write("/log/b.log.1", "beta\n");
                world.clock().advance(secs(2 * 86_400));
            },
            rotate,
            |world, result| {
                for (name, text) in [("a.log.1", "alpha\n"), ("b.log.1", "beta\n")] {
                    let here = world.os.exists(format!("/log/{name}"));
                    let there = unpacked(world, &format!("{name}-20260101T000000Z.gz"));
                    if !here && there.as_deref() != Some(text) {
                        return Err(format!("{name} is lost: {there:?}"));
                    }
                    if here && result.is_ok() {
                        return Err(format!("a success that left {name}"));
                    }
                }
                Ok(())
            },
        )
        .assert_ok();
    }
}
