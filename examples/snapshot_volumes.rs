//! A nightly job that takes snapshots of the EBS volumes with a given tag.
//!
//!     cargo run --example snapshot_volumes --features ec2                       a rehearsal, in memory
//!     snapshot_volumes [--dry-run] [--wait] [--region REGION] KEY=VALUE         the real thing
//!
//! Each snapshot gets the tags of its volume, so `clean_up_snapshots` finds them by the same `KEY=VALUE`. `--wait` waits until Amazon has
//! completed them. The default region is that of the profile or of `AWS_DEFAULT_REGION`. The exit code is 1 if a volume has
//! no snapshot at the end, or if no volume has the tag, because a backup job that backs up nothing is broken.
//!
//! The Python original:
//!
//! ```python
//! ec2 = boto3.resource("ec2", region_name=args.region)
//! key, value = args.tag.split("=", 1)
//! failed, made, volumes = 0, [], 0
//! for volume in ec2.volumes.filter(Filters=[{"Name": f"tag:{key}", "Values": [value]}]):
//!     volumes += 1
//!     if args.dry_run:
//!         print(f"{volume.id}: would be snapshot, {volume.size} GiB")
//!         continue
//!     tags = [tag for tag in volume.tags if not tag["Key"].startswith("aws:")]
//!     try:
//!         snapshot = volume.create_snapshot(
//!             Description=f"{volume.id} on {time.strftime('%Y-%m-%d', time.gmtime())}",
//!             TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}])
//!     except ClientError as error:
//!         print(f"{volume.id}: {error}", file=sys.stderr)
//!         failed += 1
//!     else:
//!         print(f"{volume.id}: {snapshot.id}, {volume.size} GiB")
//!         made.append(snapshot)
//! if args.wait:
//!     for snapshot in made:
//!         try:
//!             snapshot.wait_until_completed()
//!             print(f"{snapshot.id} is completed")
//!         except WaiterError as error:
//!             print(f"{snapshot.id}: {error}", file=sys.stderr)
//!             failed += 1
//! sys.exit(f"no volume has the tag {args.tag}" if not volumes else 1 if failed else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::boto3::ec2::resources::{Snapshot, Volume};
use leyden::boto3::ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use leyden::prelude::*;
use std::process::ExitCode;

const USAGE: &str = "usage: snapshot_volumes [--dry-run] [--wait] [--region REGION] KEY=VALUE";

fn snapshot(Batteries { sys, time, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let mut args: Vec<String> = sys.argv().iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let (dry_run, wait) = (flag(&mut args, "--dry-run"), flag(&mut args, "--wait"));
    let region = option(&mut args, "--region");
    let tag = match &args[..] {
        [tag] => tag.split_once('=').filter(|_| !tag.starts_with('-')),
        _ => None,
    };
    let Some((key, value)) = tag else { match sys.exit(USAGE)? {} };

    let ec2 = match region {
        Some(region) => boto3.resource().region_name(region).ec2(),
        None => boto3.resource().ec2(),
    };
    let today = time.strftime("%Y-%m-%d", &time.gmtime(None)?)?;
    let tagged = Filter::builder().name(format!("tag:{key}")).values(value).build();
    let (mut volumes, mut made, mut failed) = (0, Vec::new(), 0);
    for volume in ec2.volumes().filter(|describe| describe.filters(tagged)) {
        let volume = volume?;
        let size = volume.size().wait()?.unwrap_or_default();
        volumes += 1;
        if dry_run {
            sys.stdout.write(&format!("{}: would be snapshot, {size} GiB\n", volume.id()))?;
            continue;
        }
        match take(&volume, &today) {
            Ok(snapshot) => {
                sys.stdout.write(&format!("{}: {}, {size} GiB\n", volume.id(), snapshot.id()))?;
                made.push(snapshot);
            }
            // One volume that cannot be snapshot does not leave the others without.
            Err(error) => {
                sys.stderr.write(&format!("{}: {error}\n", volume.id()))?;
                failed += 1;
            }
        }
    }
    for snapshot in made.iter().filter(|_| wait) {
        match snapshot.wait_until_completed(|describe| describe).wait() {
            Ok(()) => sys.stdout.write(&format!("{} is completed\n", snapshot.id()))?,
            Err(error) => {
                failed += 1;
                sys.stderr.write(&format!("{}: {error}\n", snapshot.id()))?
            }
        };
    }
    if volumes == 0 {
        sys.exit(format!("no volume has the tag {key}={value}"))?;
    }
    if failed > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

fn take(volume: &Volume, today: &str) -> leyden::Result<Snapshot> {
    let mut tags = volume.tags().wait()?;
    tags.retain(|tag| !tag.key().unwrap_or_default().starts_with("aws:")); // those are Amazon's to give
    let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).set_tags(Some(tags)).build();
    let description = format!("{} on {today}", volume.id());
    Ok(volume.create_snapshot(|create| create.description(description).tag_specifications(tags)).wait()?)
}

/// Takes a flag out of the arguments, if it is there.
fn flag(args: &mut Vec<String>, name: &str) -> bool {
    let before = args.len();
    args.retain(|arg| arg != name);
    args.len() < before
}

/// Takes an option and its value out of the arguments, if they are there.
fn option(args: &mut Vec<String>, name: &str) -> Option<String> {
    let at = args.iter().position(|arg| arg == name).filter(|at| at + 1 < args.len())?;
    args.drain(at..at + 2).nth(1)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(snapshot(&real));
    }
    let world = rehearsal();
    let start = world.clock().elapsed();
    let code = world.batteries().sys.status_of(snapshot(&world.batteries()));
    print!("{}", world.sys.stdout());
    println!("exit code {code}, after {:?} of simulated time", world.clock().elapsed() - start);
    ExitCode::SUCCESS
}

/// Three volumes, of which two are to be backed up.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["snapshot_volumes", "--wait", "--region", "eu-central-1", "Backup=nightly"]);
    for (name, backup, size) in [("data", "nightly", 100), ("mail", "nightly", 20), ("scratch", "never", 500)] {
        let tags = [("Name", name), ("Backup", backup)].map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = TagSpecification::builder().resource_type(ResourceType::Volume).set_tags(Some(tags.into())).build();
        let ec2 = world.batteries().boto3.resource().region_name("eu-central-1").ec2();
        let made =
            ec2.create_volume(|create| create.availability_zone("eu-central-1a").size(size).tag_specifications(tags)).wait();
        assert!(made.is_ok(), "{made:?}");
    }
    world.clock().advance(secs(60));
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(snapshot(&world.batteries()))
    }

    /// State, description and tag `Name` of the snapshots.
    fn snapshots(world: &World) -> Vec<(String, String, String)> {
        let ec2 = world.batteries().boto3.client().region_name("eu-central-1").ec2();
        let answer = ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait().unwrap();
        let name = |tags: &[Tag]| tags.iter().find(|tag| tag.key() == Some("Name")).and_then(Tag::value).map(str::to_owned);
        let all = answer.snapshots().iter().map(|snapshot| {
            let state = snapshot.state().unwrap().to_string();
            (state, snapshot.description().unwrap().to_owned(), name(snapshot.tags()).unwrap())
        });
        all.collect()
    }

    #[test]
    fn the_volumes_with_the_tag_have_completed_snapshots() {
        let world = rehearsal();
        assert_eq!(code(&world), 0);
        let mut made = snapshots(&world);
        made.sort_by(|a, b| a.2.cmp(&b.2));
        assert_eq!(
            made.iter().map(|made| (made.0.as_str(), made.2.as_str())).collect::<Vec<_>>(),
            [("completed", "data"), ("completed", "mail")]
        );
        assert!(made[0].1.starts_with("vol-") && made[0].1.ends_with(" on 2026-01-01"), "{}", made[0].1);
    }

    #[test]
    fn a_dry_run_makes_none() {
        let world = rehearsal();
        world.sys.set_argv(["snapshot_volumes", "--dry-run", "--region", "eu-central-1", "Backup=nightly"]);
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().contains(": would be snapshot, 100 GiB\n"), "{}", world.sys.stdout());
        assert!(snapshots(&world).is_empty());
    }

    #[test]
    fn one_that_fails_does_not_leave_the_others_without() {
        let world = rehearsal();
        let refusal = ClientError::new("CreateSnapshot", 400, "SnapshotCreationPerVolumeRateExceeded", "Too many.");
        world.script().fail_next("ec2.create_snapshot", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("SnapshotCreationPerVolumeRateExceeded"), "{}", world.sys.stderr());
        assert_eq!(snapshots(&world).len(), 1);
    }

    #[test]
    fn a_job_that_backs_up_nothing_is_broken() {
        let world = rehearsal();
        world.sys.set_argv(["snapshot_volumes", "--region", "eu-central-1", "Backup=nigthly"]);
        assert_eq!(code(&world), 1);
        assert_eq!(world.sys.stderr(), "no volume has the tag Backup=nigthly\n");
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec![], vec!["Backup"], vec!["a=b", "c=d"], vec!["a=b", "--region"], vec!["--nowait=1"]] {
            let world = World::new();
            world.sys.set_argv([vec!["snapshot_volumes"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }
}
