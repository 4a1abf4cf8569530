//! Archives old logs in S3: uploads each log, verifies the upload, deletes the log here, and mails a report.
//!
//!     cargo run --example archive_logs --features clap,s3,smtplib                       a rehearsal, in memory
//!     archive_logs [OPTIONS] <DIRECTORY> <BUCKET>                                       the real thing; see --help
//!
//! Takes the files `*.log` that were last written to N days ago or earlier. To verify, the object is read back and its SHA-256 compared with that of the log before the
//! upload. A log that changed in the meantime stays. A log that cannot be archived stays too, the others are archived all the same, and the exit code is 1.
//!
//! The Python original:
//!
//! ```python
//! parser = argparse.ArgumentParser(description="Archive old logs in S3")
//! parser.add_argument("directory")
//! parser.add_argument("bucket")
//! parser.add_argument("--days", type=int, default=30)
//! parser.add_argument("--prefix", default="")
//! parser.add_argument("--dry-run", action="store_true")
//! parser.add_argument("--mail")
//! args = parser.parse_args()
//! s3, report, failed = boto3.client("s3"), [], 0
//! for name in sorted(os.listdir(args.directory)):
//!     log = os.path.join(args.directory, name)
//!     before = os.lstat(log)
//!     if not name.endswith(".log") or not stat.S_ISREG(before.st_mode) or before.st_mtime > time.time() - args.days * 86400:
//!         continue
//!     key = args.prefix + time.strftime("%Y/%m/%d/", time.gmtime(before.st_mtime)) + name
//!     try:
//!         if args.dry_run:
//!             line = f"{log} would go to s3://{args.bucket}/{key}"
//!         else:
//!             with open(log, "rb") as file:
//!                 digest = hashlib.file_digest(file, "sha256").digest()
//!             s3.upload_file(log, args.bucket, key)
//!             if hashlib.sha256(s3.get_object(Bucket=args.bucket, Key=key)["Body"].read()).digest() != digest:
//!                 raise Exception("the object in S3 differs from the log")
//!             now = os.lstat(log)
//!             if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
//!                 raise Exception("the log changed while it was archived")
//!             os.remove(log)
//!             line = f"{log} is now s3://{args.bucket}/{key}"
//!     except Exception as error:
//!         line, failed = f"{log} stays: {error}", failed + 1
//!     print(line)
//!     report.append(line)
//! if args.mail and report:
//!     message = EmailMessage()
//!     message["From"] = message["To"] = args.mail
//!     message["Subject"] = f"{len(report) - failed} logs archived, {failed} failed"
//!     message.set_content("\n".join(report) + "\n")
//!     smtplib.SMTP("localhost").send_message(message)
//! sys.exit(1 if failed else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use clap::Parser;
use leyden::boto3::s3::Client;
use leyden::os::{Os, StatResult};
use leyden::prelude::*;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Archive old logs in S3.
#[derive(Debug, Parser)]
struct Args {
    /// Where the logs are
    directory: PathBuf,
    /// The bucket that they go to
    bucket: String,
    /// How old a log has to be
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// What keys begin with
    #[arg(long, default_value = "")]
    prefix: String,
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Who gets the report
    #[arg(long)]
    mail: Option<String>,
}

fn archive(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { os, sys, time, boto3, .. } = batteries;
    let args = Args::try_parse_from(sys.argv())?;
    let limit = time.time().checked_sub(secs(u64::from(args.days) * 86_400)).unwrap_or(SystemTime::UNIX_EPOCH);
    let s3 = boto3.client().s3();
    let (mut report, mut failed) = (Vec::new(), 0);
    for (log, before) in old_logs(os, &args.directory, limit)? {
        let (bucket, name) = (&args.bucket, path::basename(&log).to_string_lossy());
        let day = time.strftime("%Y/%m/%d", &time.gmtime(before.st_mtime)?)?;
        let (key, log_name) = (format!("{}{day}/{name}", args.prefix), log.display());
        let line = match args.dry_run {
            true => format!("{log_name} would go to s3://{bucket}/{key}"),
            false => match move_log(os, &s3, &log, &before, bucket, &key) {
                Ok(()) => format!("{log_name} is now s3://{bucket}/{key}"),
                Err(error) => {
                    failed += 1;
                    format!("{log_name} stays: {error}")
                }
            },
        };
        sys.print(&line)?;
        report.push(line);
    }
    if let Some(owner) = args.mail.filter(|_| !report.is_empty()) {
        let subject = format!("{} logs archived, {failed} failed", report.len() - failed);
        mail(batteries, &owner, &subject, &report).context("mailing the report")?;
    }
    if failed > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

/// The logs that were last written to at the limit or before, in order.
fn old_logs(os: &Os, directory: &Path, limit: SystemTime) -> leyden::Result<Vec<(PathBuf, StatResult)>> {
    let mut logs = Vec::new();
    for name in os.listdir(directory)? {
        if name.endswith(".log") {
            let log = directory.join(name);
            let stat = os.lstat(&log)?; // a link to a log is not a log
            if stat.is_file() && stat.st_mtime <= limit {
                logs.push((log, stat));
            }
        }
    }
    logs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(logs)
}

fn move_log(os: &Os, s3: &Client, log: &Path, before: &StatResult, bucket: &str, key: &str) -> leyden::Result<()> {
    let digest = sha256(os.open(Open::new(log).mode("rb"))?)?;
    s3.upload_file(log, bucket, key).wait()?;
    let stored = s3.body(s3.get_object(|get| get.bucket(bucket).key(key)).wait()?);
    if sha256(stored)? != digest {
        return Err(leyden::Error::other("the object in S3 differs from the log"));
    }
    let state = |stat: &StatResult| (stat.st_ino, stat.st_size, stat.st_mtime);
    if state(&os.lstat(log)?) != state(before) {
        return Err(leyden::Error::other("the log changed while it was archived"));
    }
    os.remove(log)?;
    Ok(())
}

fn sha256(mut reader: impl Read) -> leyden::Result<Vec<u8>> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(hash.finalize().to_vec()),
            read => hash.update(&piece[..read]),
        }
    }
}

fn mail(Batteries { smtplib, .. }: &Batteries, owner: &str, subject: &str, report: &[String]) -> leyden::Result<()> {
    let mut message = EmailMessage::new();
    message.set("From", owner)?.set("To", owner)?.set("Subject", subject)?;
    message.set_content(report.join("\n") + "\n")?;
    smtplib.smtp("localhost", 25).wait()?.send_message(&message).wait()?.check()?;
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(archive(&real));
    }
    let world = rehearsal();
    world.boto3.s3.latency(secs(1));
    // Another program writes to one of the logs while it is uploaded.
    world.before_on("s3.put_object", "cron.log", |world| world.os.write("/var/log/app/cron.log", "one more line\n"));
    let code = world.batteries().sys.status_of(archive(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    println!("here: {:?}", world.os.listdir("/var/log/app"));
    println!("mailed {:?}", world.smtplib.outbox()[0].message().get("Subject").unwrap_or_default());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// Three logs of last year, one of today, and a link.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["archive_logs", "--prefix", "web1/", "--mail", "ops@example.com", "/var/log/app", "logs"]);
    let made = world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("logs")).wait();
    assert!(made.is_ok(), "{made:?}");
    for name in ["access", "cron", "error"] {
        world.os.write(format!("/var/log/app/{name}.log"), format!("{name}\n").repeat(1000));
    }
    world.os.symlink("access.log", "/var/log/app/link.log");
    world.clock().advance(secs(40 * 86_400));
    world.os.write("/var/log/app/today.log", "today\n");
    world
}

/// Changes to the program that these tests catch. Each was tried: at least one test fails with it.
///
/// | change | caught by |
/// |---|---|
/// | `sha256(stored)? != digest` dropped | `a_damaged_upload_keeps_the_log` |
/// | the size compared instead of the digest | `a_damaged_upload_keeps_the_log` |
/// | the log hashed again after the upload | `a_log_that_changes_stays_whole` |
/// | the check for changes dropped | `a_log_that_changes_stays_whole` |
/// | `st_mtime` not compared | `a_log_that_is_rewritten_in_place_stays` |
/// | `st_ino` not compared | `a_log_that_is_exchanged_stays` |
/// | `os.remove` before the verification | `a_damaged_upload_keeps_the_log`, `whatever_fails_no_log_is_lost` |
/// | `os.remove` dropped | `old_logs_move_and_the_report_is_mailed` |
/// | `<= limit` turned round, or dropped | `old_logs_move_and_the_report_is_mailed` |
/// | `--days` ignored | `days_and_prefix_count` |
/// | `--prefix` ignored | `old_logs_move_and_the_report_is_mailed` |
/// | the day not in the key | `logs_of_two_days_do_not_overwrite_each_other` |
/// | `stat` instead of `lstat` | `old_logs_move_and_the_report_is_mailed` |
/// | `move_log(..)?` instead of `match` | `a_log_that_fails_does_not_stop_the_others` |
/// | `failed += 1` dropped | `a_log_that_fails_does_not_stop_the_others` |
/// | `sys.exit(1)` dropped | `a_log_that_fails_does_not_stop_the_others` |
/// | `--dry-run` ignored | `a_dry_run_changes_nothing` |
/// | the mail not sent, or sent without a line | `old_logs_move_and_the_report_is_mailed`, `nothing_to_do_is_not_mailed` |
/// | the error of the mail dropped | `a_report_that_cannot_be_mailed_is_an_error` |
/// | `check()` dropped | `a_refused_recipient_is_an_error` |
#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;
    use leyden::world::{torture, torture_lasting};

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(archive(&world.batteries()))
    }

    fn stored(world: &World, key: &str) -> Option<String> {
        world.boto3.s3.object("logs", key).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    fn mails(world: &World) -> Vec<String> {
        world.smtplib.outbox().iter().map(|mail| mail.message().get("Subject").unwrap()).collect()
    }

    #[test]
    fn old_logs_move_and_the_report_is_mailed() {
        let world = rehearsal();
        assert_eq!(code(&world), 0, "{}", world.sys.stdout());
        assert_eq!(world.os.listdir("/var/log/app"), ["link.log", "today.log"]);
        let keys = ["web1/2026/01/01/access.log", "web1/2026/01/01/cron.log", "web1/2026/01/01/error.log"];
        assert_eq!(world.boto3.s3.keys("logs"), keys);
        assert_eq!(stored(&world, keys[2]).unwrap(), "error\n".repeat(1000));
        assert_eq!(mails(&world), ["3 logs archived, 0 failed"]);
        let text = world.smtplib.outbox()[0].message().get_text().unwrap();
        assert_eq!(text.replace("\r\n", "\n"), world.sys.stdout());
        assert_eq!(world.sys.stdout().lines().next().unwrap(), format!("/var/log/app/access.log is now s3://logs/{}", keys[0]));
    }

    #[test]
    fn nothing_to_do_is_not_mailed() {
        let world = rehearsal();
        world.sys.set_argv(["archive_logs", "--days", "60", "--mail", "ops@example.com", "/var/log/app", "logs"]);
        assert_eq!(code(&world), 0);
        assert!(mails(&world).is_empty() && world.boto3.s3.keys("logs").is_empty());
    }

    #[test]
    fn days_and_prefix_count() {
        let world = rehearsal();
        world.sys.set_argv(["archive_logs", "--days", "0", "/var/log/app", "logs"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.boto3.s3.keys("logs").last().unwrap(), "2026/02/10/today.log");
        assert!(mails(&world).is_empty());
    }

    #[test]
    fn a_damaged_upload_keeps_the_log() {
        let world = rehearsal();
        world.before_on("s3.get_object", "cron.log", |world| {
            world.boto3.s3.corrupt("logs", "web1/2026/01/01/cron.log");
        });
        assert_eq!(code(&world), 1, "{}", world.sys.stdout());
        assert_eq!(world.os.listdir("/var/log/app"), ["cron.log", "link.log", "today.log"]);
        assert!(world.sys.stdout().contains("cron.log stays: the object in S3 differs from the log"), "{}", world.sys.stdout());
        assert_eq!(mails(&world), ["2 logs archived, 1 failed"]);
    }

    #[test]
    fn a_log_that_changes_stays_whole() {
        let world = rehearsal();
        let more = "cron\n".repeat(1000) + "one more line\n";
        let longer = more.clone();
        world.before_on("s3.get_object", "cron.log", move |world| world.os.write("/var/log/app/cron.log", longer));
        assert_eq!(code(&world), 1);
        assert_eq!(world.os.read("/var/log/app/cron.log").unwrap(), more.as_bytes());
        assert!(world.sys.stdout().contains("cron.log stays: the log changed while"), "{}", world.sys.stdout());
    }

    #[test]
    fn a_log_that_is_rewritten_in_place_stays() {
        let world = rehearsal();
        world.before_on("s3.get_object", "cron.log", |world| {
            world.clock().advance(secs(1));
            world.os.write("/var/log/app/cron.log", "CRON\n".repeat(1000));
        });
        assert_eq!(code(&world), 1);
        assert!(world.os.exists("/var/log/app/cron.log"));
    }

    #[test]
    fn a_log_that_is_exchanged_stays() {
        let world = rehearsal();
        world.sys.set_argv(["archive_logs", "--days", "0", "/var/log/app", "logs"]);
        // The same size, and at the same moment.
        world.before_on("s3.get_object", "today.log", |world| {
            world.os.write("/var/log/app/new", "other\n");
            world.batteries().os.replace("/var/log/app/new", "/var/log/app/today.log").unwrap();
        });
        assert_eq!(code(&world), 1);
        assert_eq!(world.os.read("/var/log/app/today.log").unwrap(), b"other\n");
    }

    #[test]
    fn logs_of_two_days_do_not_overwrite_each_other() {
        let world = rehearsal();
        assert_eq!(code(&world), 0);
        world.os.write("/var/log/app/cron.log", "new\n");
        world.clock().advance(secs(31 * 86_400));
        assert_eq!(code(&world), 0);
        assert_eq!(stored(&world, "web1/2026/01/01/cron.log").unwrap(), "cron\n".repeat(1000));
        assert_eq!(stored(&world, "web1/2026/02/10/cron.log").unwrap(), "new\n");
    }

    #[test]
    fn a_log_that_fails_does_not_stop_the_others() {
        let world = rehearsal();
        let refusal = ClientError::new("PutObject", 403, "AccessDenied", "Access Denied");
        world.script().fail_on("s3.put_object", "access.log", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert_eq!(world.os.listdir("/var/log/app"), ["access.log", "link.log", "today.log"]);
        assert_eq!(mails(&world), ["2 logs archived, 1 failed"]);
        assert_eq!(code(&world), 0, "the next run archives it");
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["archive_logs", "--dry-run", "/var/log/app", "logs"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.os.listdir("/var/log/app").len(), 5);
        assert!(world.boto3.s3.keys("logs").is_empty());
        assert!(world.sys.stdout().starts_with("/var/log/app/access.log would go to s3://logs/2026/01/01/access.log\n"));
    }

    #[test]
    fn a_report_that_cannot_be_mailed_is_an_error() {
        let world = rehearsal();
        world.smtplib.unreachable("localhost");
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().starts_with("mailing the report: "), "{}", world.sys.stderr());
        assert_eq!(world.boto3.s3.keys("logs").len(), 3);
    }

    #[test]
    fn a_refused_recipient_is_an_error() {
        let world = rehearsal();
        world.smtplib.refuse("ops@example.com", leyden::smtplib::Reply::new(550, "no such user"));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("no such user"), "{}", world.sys.stderr());
    }

    #[test]
    fn wrong_arguments_print_the_usage() {
        let world = World::new();
        world.sys.set_argv(["archive_logs", "--days", "few", "/var/log", "logs"]);
        assert_eq!(code(&world), 2);
        assert!(world.sys.stderr().starts_with("error: invalid value 'few' for '--days <DAYS>'"), "{}", world.sys.stderr());
        world.sys.set_argv(["archive_logs", "--help"]);
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().starts_with("Archive old logs in S3\n\nUsage: archive_logs"), "{}", world.sys.stdout());
    }

    fn two_logs(world: &World) {
        world.sys.set_argv(["archive_logs", "/log", "logs"]);
        world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("logs")).wait().unwrap();
        world.os.write("/log/a.log", "alpha\n");
        world.os.write("/log/b.log", "beta\n");
        world.clock().advance(secs(40 * 86_400));
    }

    /// Each log is here or there, and whole.
    fn none_is_lost(world: &World, result: &leyden::Result<()>) -> Result<(), String> {
        for (name, text) in [("a.log", "alpha\n"), ("b.log", "beta\n")] {
            let here = world.os.exists(format!("/log/{name}"));
            let there = stored(world, &format!("2026/01/01/{name}"));
            if !here && there.as_deref() != Some(text) {
                return Err(format!("{name} is lost: {there:?}"));
            }
            if here && result.is_ok() {
                return Err(format!("a success that left {name}"));
            }
        }
        Ok(())
    }

    #[test]
    fn whatever_fails_no_log_is_lost() {
        torture(two_logs, archive, none_is_lost).assert_ok();
        torture_lasting(two_logs, archive, none_is_lost).assert_ok();
    }
}
