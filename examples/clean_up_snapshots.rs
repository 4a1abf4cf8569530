//! Deletes old EBS snapshots, and keeps the newest ones of each volume.
//!
//!     cargo run --example clean_up_snapshots --features ec2                             a rehearsal, in memory
//!     clean_up_snapshots [--dry-run] [--keep N] [--region REGION] KEY=VALUE             the real thing
//!
//! Lists the account's own snapshots with the tag, volume by volume (deleted volumes too), and keeps the N newest completed ones
//! (default: 2). Snapshots that are not completed are neither counted nor deleted. A snapshot that cannot be deleted, for example
//! because an image uses it, is reported; the others are still deleted, and the exit code is 1.
//!
//! The Python original:
//!
//! ```python
//! ec2 = boto3.resource("ec2", region_name=args.region)
//! key, value = args.tag.split("=", 1)
//! filters = [{"Name": f"tag:{key}", "Values": [value]}, {"Name": "status", "Values": ["completed"]}]
//! volumes = {}
//! for snapshot in ec2.snapshots.filter(OwnerIds=["self"], Filters=filters):
//!     volumes.setdefault(snapshot.volume_id, []).append(snapshot)
//! failed = 0
//! for volume, snapshots in sorted(volumes.items()):
//!     snapshots.sort(key=lambda snapshot: snapshot.start_time, reverse=True)
//!     for snapshot in snapshots[args.keep:]:
//!         day = snapshot.start_time.strftime("%Y-%m-%d")
//!         if args.dry_run:
//!             print(f"{volume}: {snapshot.id} of {day} would be deleted")
//!             continue
//!         try:
//!             snapshot.delete()
//!             print(f"{volume}: {snapshot.id} of {day} is deleted")
//!         except ClientError as error:
//!             print(f"{volume}: {snapshot.id} of {day} stays: {error}", file=sys.stderr)
//!             failed += 1
//!     print(f"{volume}: {min(len(snapshots), args.keep)} kept")
//! sys.exit(1 if failed else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::boto3::ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use leyden::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::process::ExitCode;

const USAGE: &str = "usage: clean_up_snapshots [--dry-run] [--keep N] [--region REGION] KEY=VALUE";

fn clean_up(Batteries { sys, time, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let mut args = sys.args();
    let dry_run = args.iter().any(|arg| arg == "--dry-run");
    args.retain(|arg| arg != "--dry-run");
    let region = option(&mut args, "--region");
    let keep: Option<usize> = option(&mut args, "--keep").map_or(Some(2), |keep| keep.parse().ok());
    let tag = match &args[..] {
        [tag] => tag.split_once('=').filter(|_| !tag.starts_with('-')),
        _ => None,
    };
    let (Some((key, value)), Some(keep)) = (tag, keep) else { match sys.exit(USAGE)? {} };

    let ec2 = match region {
        Some(region) => boto3.resource().region_name(region).ec2(),
        None => boto3.resource().ec2(),
    };
    let tagged = Filter::builder().name(format!("tag:{key}")).values(value).build();
    let completed = Filter::builder().name("status").values("completed").build();
    let mut volumes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for snapshot in ec2.snapshots().filter(|describe| describe.owner_ids("self").filters(tagged).filters(completed)) {
        let snapshot = snapshot?;
        let volume = snapshot.volume_id().wait()?.unwrap_or_default();
        // The age of a snapshot without a time is unknown: it is kept and not counted.
        if let Some(start) = snapshot.start_time().wait()? {
            volumes.entry(volume).or_default().push((start, snapshot));
        }
    }
    let mut failed = 0;
    for (volume, mut snapshots) in volumes {
        snapshots.sort_by_key(|(start, _)| Reverse(*start));
        let old = snapshots.split_off(keep.min(snapshots.len()));
        for (start, snapshot) in old {
            let day = time.strftime("%Y-%m-%d", &time.gmtime(start.secs())?)?;
            let which = format!("{volume}: {} of {day}", snapshot.id());
            if dry_run {
                sys.stdout.write(&format!("{which} would be deleted\n"))?;
                continue;
            }
            match snapshot.delete(|delete| delete).wait() {
                Ok(_) => sys.stdout.write(&format!("{which} is deleted\n"))?,
                Err(error) => {
                    failed += 1;
                    sys.stderr.write(&format!("{which} stays: {error}\n"))?
                }
            };
        }
        sys.stdout.write(&format!("{volume}: {} kept\n", snapshots.len()))?;
    }
    if failed > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

/// Takes an option and its value out of the arguments, if they are there.
fn option(args: &mut Vec<String>, name: &str) -> Option<String> {
    let at = args.iter().position(|arg| arg == name).filter(|at| at + 1 < args.len())?;
    args.drain(at..at + 2).nth(1)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(clean_up(&real));
    }
    let world = rehearsal();
    for run in ["the first run", "the second run"] {
        let code = world.batteries().sys.status_of(clean_up(&world.batteries()));
        println!("{run}: exit code {code}");
    }
    print!("{}", world.sys.stdout());
    ExitCode::SUCCESS
}

/// A volume with four nightly snapshots, and one with a single one.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["clean_up_snapshots", "--keep", "2", "--region", "eu-central-1", "Backup=nightly"]);
    let volumes = [(); 2].map(|()| volume(&world));
    snapshot(&world, &volumes[1]);
    for _ in 0..4 {
        snapshot(&world, &volumes[0]);
    }
    world
}

fn volume(world: &World) -> String {
    let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
    let made = ec2.create_volume(|create| create.availability_zone("eu-central-1a").size(20)).wait();
    world.clock().advance(secs(60));
    made.map_or_else(|error| panic!("{error}"), |volume| volume.id().to_owned())
}

/// A snapshot, and the day after.
fn snapshot(world: &World, volume: &str) -> String {
    let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
    let nightly = Tag::builder().key("Backup").value("nightly").build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).tags(nightly).build();
    let made = ec2.create_snapshot(|create| create.volume_id(volume).tag_specifications(tags)).wait();
    world.clock().advance(secs(86_400));
    made.map_or_else(|error| panic!("{error}"), |snapshot| snapshot.id().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(clean_up(&world.batteries()))
    }

    /// The snapshots that are left, oldest first.
    fn left(world: &World) -> Vec<String> {
        let ec2 = world.batteries().boto3.client().region_name("eu-central-1").ec2();
        let answer = ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait().unwrap();
        let mut left = answer.snapshots().to_vec();
        left.sort_by_key(|snapshot| snapshot.start_time().unwrap().secs());
        left.into_iter().filter_map(|snapshot| snapshot.snapshot_id).collect()
    }

    #[test]
    fn of_each_volume_the_newest_stay() {
        let world = rehearsal();
        let before = left(&world);
        assert_eq!((before.len(), code(&world)), (5, 0));
        assert_eq!(left(&world), [before[0].clone(), before[3].clone(), before[4].clone()]);
        assert_eq!((code(&world), left(&world).len()), (0, 3), "a second run finds nothing to do");
    }

    #[test]
    fn what_is_still_being_made_is_neither_counted_nor_deleted() {
        let world = World::new();
        let volume = volume(&world);
        let old = snapshot(&world, &volume);
        let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
        let nightly = Tag::builder().key("Backup").value("nightly").build();
        let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).tags(nightly).build();
        let pending = ec2.create_snapshot(|create| create.volume_id(&volume).tag_specifications(tags)).wait().unwrap();
        world.sys.set_argv(["clean_up_snapshots", "--keep", "1", "--region", "eu-central-1", "Backup=nightly"]);
        assert_eq!(code(&world), 0);
        assert_eq!(left(&world), [old, pending.id().to_owned()]);
    }

    #[test]
    fn the_newest_is_known_within_a_second() {
        let world = World::new();
        let volume = volume(&world);
        let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
        let mut made = Vec::new();
        for _ in 0..3 {
            let nightly = Tag::builder().key("Backup").value("nightly").build();
            let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).tags(nightly).build();
            made.push(ec2.create_snapshot(|create| create.volume_id(&volume).tag_specifications(tags)).wait().unwrap());
            world.clock().advance(secs(0.25));
        }
        world.clock().advance(secs(3600));
        world.sys.set_argv(["clean_up_snapshots", "--keep", "1", "--region", "eu-central-1", "Backup=nightly"]);
        assert_eq!((code(&world), left(&world)), (0, vec![made[2].id().to_owned()]));
    }

    #[test]
    fn what_bears_another_tag_stays() {
        let world = rehearsal();
        world.sys.set_argv(["clean_up_snapshots", "--keep", "0", "--region", "eu-central-1", "Backup=weekly"]);
        assert_eq!((code(&world), left(&world).len()), (0, 5));
    }

    #[test]
    fn a_dry_run_deletes_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["clean_up_snapshots", "--dry-run", "--region", "eu-central-1", "Backup=nightly"]);
        assert_eq!((code(&world), left(&world).len()), (0, 5));
        assert_eq!(world.sys.stdout().matches("would be deleted").count(), 2, "{}", world.sys.stdout());
    }

    #[test]
    fn one_that_is_in_use_is_told_and_the_others_go() {
        let world = rehearsal();
        let refusal = ClientError::new("DeleteSnapshot", 400, "InvalidSnapshot.InUse", "It is in use by ami-1");
        world.script().fail_next("ec2.delete_snapshot", leyden::boto3::Error::from(refusal));
        assert_eq!((code(&world), left(&world).len()), (1, 4));
        assert!(world.sys.stderr().contains(" stays: ") && world.sys.stderr().contains("ami-1"), "{}", world.sys.stderr());
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec![], vec!["Backup"], vec!["--keep", "few", "a=b"], vec!["--keep", "-1", "a=b"], vec!["--dry=run"]] {
            let world = World::new();
            world.sys.set_argv([vec!["clean_up_snapshots"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }

    #[test]
    fn whatever_fails_each_volume_keeps_its_newest() {
        torture(
            |world| {
                world.sys.set_argv(["clean_up_snapshots", "--keep", "1", "--region", "eu-central-1", "Backup=nightly"]);
                let volume = volume(world);
                for _ in 0..3 {
                    snapshot(world, &volume);
                }
            },
            clean_up,
            |world, result| match (result.is_ok(), left(world).len()) {
                (_, 0) => Err("all are deleted".into()),
                (true, n) if n > 1 => Err(format!("a success that left {n}")),
                _ => Ok(()),
            },
        )
        .assert_ok();
    }
}
