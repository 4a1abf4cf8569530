//! Keeps EBS snapshots by age: one a day for a week, one a week for a month, one a month for a year. Deletes the others.
//!
//!     cargo run --example keep_snapshots --features clap,ec2                            a rehearsal, in memory
//!     keep_snapshots [OPTIONS] <TAG>                                                    the real thing; see --help
//!
//! Looks at the account's own completed snapshots with the tag, volume by volume. Of each day, week and month the newest snapshot is the one that stays. A snapshot that
//! cannot be deleted is reported, the others are deleted all the same, and the exit code is 1.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use clap::Parser;
use leyden::boto3::ec2::types::{ResourceType, Tag, TagSpecification};
use leyden::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::process::ExitCode;

/// Delete EBS snapshots, except one of each day, week and month.
#[derive(Debug, Parser)]
struct Args {
    /// Which snapshots: KEY=VALUE
    #[arg(value_parser = tag)]
    tag: (String, String),
    /// Of how many days one is kept
    #[arg(long, default_value_t = 7)]
    daily: usize,
    /// Of how many weeks one is kept
    #[arg(long, default_value_t = 4)]
    weekly: usize,
    /// Of how many months one is kept
    #[arg(long, default_value_t = 12)]
    monthly: usize,
    /// The region; without it, the one that is configured
    #[arg(long)]
    region: Option<String>,
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
}

fn tag(text: &str) -> Result<(String, String), &'static str> {
    text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())).ok_or("expected KEY=VALUE")
}

fn keep(Batteries { sys, time, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let args = Args::try_parse_from(sys.argv())?;
    let ec2 = match &args.region {
        Some(region) => boto3.resource().region_name(region).ec2(),
        None => boto3.resource().ec2(),
    };
    let mut volumes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let wanted = format!("tag:{}", args.tag.0);
    for snapshot in ec2
        .snapshots()
        .filter(|describe| describe.owner_ids("self").filter(wanted, [&args.tag.1]).filter("status", ["completed"]))
    {
        let snapshot = snapshot?;
        if let Some(start) = snapshot.start_time().wait()? {
            let volume = snapshot.volume_id().wait()?.unwrap_or_default();
            volumes.entry(volume).or_default().push((start, snapshot));
        }
    }
    let mut failed = 0;
    for (volume, mut snapshots) in volumes {
        snapshots.sort_by_key(|(start, _)| Reverse(*start));
        let mut kept = HashSet::new();
        for (period, count) in [("%Y-%m-%d", args.daily), ("%G-W%V", args.weekly), ("%Y-%m", args.monthly)] {
            let mut seen = Vec::new();
            for (start, snapshot) in &snapshots {
                let period = time.strftime(period, &time.gmtime(start.secs())?)?;
                if seen.last() != Some(&period) && seen.len() < count {
                    kept.insert(snapshot.id().to_owned());
                    seen.push(period);
                }
            }
        }
        for (start, snapshot) in snapshots.iter().filter(|(_, snapshot)| !kept.contains(snapshot.id())) {
            let name = format!("{volume}: {} of {}", snapshot.id(), time.strftime("%Y-%m-%d", &time.gmtime(start.secs())?)?);
            if args.dry_run {
                sys.print(format_args!("{name} would be deleted"))?;
            } else if let Err(error) = snapshot.delete(|delete| delete).wait() {
                failed += 1;
                sys.stderr.write(&format!("{name} stays: {error}\n"))?;
            }
        }
        sys.print(format_args!("{volume}: {} of {} kept", kept.len(), snapshots.len()))?;
    }
    if failed > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(keep(&real));
    }
    let world = rehearsal(400);
    for _ in 0..2 {
        let code = world.batteries().sys.status_of(keep(&world.batteries()));
        println!("exit code {code}");
    }
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    ExitCode::SUCCESS
}

/// A volume with a snapshot a day.
fn rehearsal(days: usize) -> World {
    let world = World::new();
    world.sys.set_argv(["keep_snapshots", "--region", "eu-central-1", "Backup=nightly"]);
    snapshots(&world, days);
    world
}

fn snapshots(world: &World, days: usize) {
    let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
    let volume = ec2.create_volume(|create| create.availability_zone("eu-central-1a").size(1)).wait();
    let volume = volume.unwrap_or_else(|error| panic!("{error}"));
    world.clock().advance(secs(3600));
    for _ in 0..days {
        let nightly = Tag::builder().key("Backup").value("nightly").build();
        let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).tags(nightly).build();
        let made = ec2.create_snapshot(|create| create.volume_id(volume.id()).tag_specifications(tags)).wait();
        assert!(made.is_ok(), "{made:?}");
        world.clock().advance(secs(86_400));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(keep(&world.batteries()))
    }

    /// The days of the snapshots that are left, oldest first.
    fn left(world: &World) -> Vec<String> {
        let Batteries { boto3, time, .. } = world.batteries();
        let ec2 = boto3.client().region_name("eu-central-1").ec2();
        let answer = ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait().unwrap();
        let day = |secs| time.strftime("%Y-%m-%d", &time.gmtime(secs).unwrap()).unwrap();
        let mut days: Vec<_> = answer.snapshots().iter().map(|snapshot| day(snapshot.start_time().unwrap().secs())).collect();
        days.sort();
        days
    }

    #[test]
    fn a_year_of_snapshots_becomes_a_few() {
        let world = rehearsal(400); // to 2027-02-04, a Thursday
        assert_eq!(code(&world), 0, "{}", world.sys.stderr());
        let months = ["03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31"];
        let mut expected: Vec<String> = months.iter().map(|day| format!("2026-{day}")).collect();
        let days = ["17", "24", "29", "30", "31"];
        expected.extend(days.iter().map(|day| format!("2027-01-{day}")));
        expected.extend((1..=4).map(|day| format!("2027-02-0{day}")));
        assert_eq!(left(&world), expected);
        assert_eq!((code(&world), left(&world)), (0, expected), "a second run finds nothing to do");
    }

    #[test]
    fn counts_are_taken_one_by_one() {
        let world = rehearsal(10);
        world.sys.set_argv([
            "keep_snapshots",
            "--daily",
            "2",
            "--weekly",
            "0",
            "--monthly",
            "0",
            "--region",
            "eu-central-1",
            "Backup=nightly",
        ]);
        assert_eq!((code(&world), left(&world)), (0, vec!["2026-01-09".to_owned(), "2026-01-10".to_owned()]));
    }

    #[test]
    fn a_dry_run_and_another_tag_delete_nothing() {
        for argv in [["--dry-run", "Backup=nightly"], ["--daily=1", "Backup=weekly"]] {
            let world = rehearsal(20);
            world.sys.set_argv([&["keep_snapshots", "--region", "eu-central-1"], &argv[..]].concat());
            assert_eq!((code(&world), left(&world).len()), (0, 20));
        }
    }

    #[test]
    fn a_refusal_is_reported_and_the_others_go() {
        let world = rehearsal(20);
        let refusal = ClientError::new("DeleteSnapshot", 400, "InvalidSnapshot.InUse", "It is in use by ami-1");
        world.script().fail_next("ec2.delete_snapshot", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains(" stays: ") && world.sys.stderr().contains("ami-1"), "{}", world.sys.stderr());
        let after = left(&world).len();
        assert_eq!((code(&world), left(&world).len()), (0, after - 1));
    }

    #[test]
    fn whatever_fails_the_newest_stays() {
        torture(
            |world| {
                world.sys.set_argv([
                    "keep_snapshots",
                    "--daily",
                    "1",
                    "--weekly",
                    "1",
                    "--monthly",
                    "1",
                    "--region",
                    "eu-central-1",
                    "Backup=nightly",
                ]);
                snapshots(world, 3);
            },
            keep,
            |world, _| match left(world).last().map(String::as_str) {
                Some("2026-01-03") => Ok(()),
                newest => Err(format!("the newest is {newest:?}")),
            },
        )
        .assert_ok();
    }

    #[test]
    fn a_tag_without_a_value_is_a_usage_error() {
        let world = World::new();
        world.sys.set_argv(["keep_snapshots", "Backup"]);
        assert_eq!(code(&world), 2);
        assert!(world.sys.stderr().contains("expected KEY=VALUE"), "{}", world.sys.stderr());
    }
}
