//! One binary of a team's jobs: `ops list`, `ops run disk`, `ops schedule`, `ops check`, `ops emit --systemd`.
//!
//!     cargo run --example ops --features cli              a rehearsal, in memory
//!     cargo run --example ops --features cli -- list      on this machine
//!
//! The Python original is a crontab with four lines, and four scripts without a list.

use std::process::ExitCode;

use leyden::os::shutil::archive::MakeArchive;
use leyden::prelude::*;
use leyden::schedule::{Jobs, Missed};

/// How full the disks are.
fn disk(Batteries { os, .. }: &Batteries) -> leyden::Result<String> {
    let usage = os.shutil.disk_usage("/")?;
    let percent = usage.used * 100 / usage.total.max(1);
    if percent > 90 { Err(leyden::Error::other(format!("/ is {percent}% full"))) } else { Ok(format!("/ is {percent}% full")) }
}

/// Removes what is older than 30 days.
fn clean(Batteries { os, time, .. }: &Batteries) -> leyden::Result<String> {
    let limit = time.time() - secs(30 * 86_400);
    let mut removed = 0;
    for entry in os.scandir("/var/tmp")? {
        let entry = entry?;
        if entry.is_file()? && entry.lstat()?.st_mtime < limit {
            os.remove(entry.path())?;
            removed += 1;
        }
    }
    Ok(format!("{removed} files removed"))
}

/// A sign of life for the monitor.
fn beat(Batteries { os, time, .. }: &Batteries) -> leyden::Result<()> {
    os.write_text("/var/tmp/beat", time.ctime(None)?)?;
    Ok(())
}

/// Packs the configuration.
fn pack(Batteries { os, .. }: &Batteries) -> leyden::Result<String> {
    Ok(os.shutil.make_archive("/var/tmp/etc", MakeArchive::new("tar").root_dir("/etc"))?.display().to_string())
}

fn jobs() -> Jobs {
    Jobs::new("ops")
        .about("The jobs of the operations team")
        .journal("/var/lib/ops")
        .job("disk", disk)
        .about("Fails if the disk is full")
        .cron("*/10 * * * *")
        .job("clean", clean)
        .about("Removes old files")
        .every("03:30")
        .retries(2)
        .job("beat", beat)
        .about("A sign of life")
        .every(secs(30))
        .missed(Missed::Skip)
        .job("pack", pack)
        .about("Packs /etc")
        .cron("0 4 * * SUN")
        .zone("UTC")
        .timeout(secs(600))
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn rehearse() -> leyden::Result<()> {
    let world = World::new();
    world.os.mkdir("/etc");
    world.os.write("/var/tmp/old", "");
    world.sys.set_executable("/usr/local/bin/ops");
    world.clock().advance(secs(40 * 86_400));
    for command in [
        "list",
        "run disk",
        "run clean",
        "run pack",
        "history clean",
        "check",
        "emit --cron disk pack",
        "emit --systemd clean",
        "run nothing",
    ] {
        let before = (world.sys.stdout().len(), world.sys.stderr().len());
        let batteries = world.batteries();
        let code = jobs().run(&batteries, ["ops"].into_iter().chain(command.split(' ')).collect::<Vec<_>>());
        batteries.sys.stdout.flush()?;
        println!("$ ops {command}");
        print!("{}{}", world.sys.stdout().split_at(before.0).1, world.sys.stderr().split_at(before.1).1);
        println!("[exit code {code}]\n");
    }
    Ok(())
}

fn main() -> ExitCode {
    let sys = Batteries::included().sys;
    if sys.argv().len() > 1 { jobs().main() } else { sys.finish(rehearse()) }
}
