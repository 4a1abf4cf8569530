//! Restores an EBS volume from its snapshot, and attaches it in place of the broken one.
//!
//!     cargo run --example restore_volume --features ec2                         a rehearsal, in memory
//!     restore_volume [--dry-run] [--region REGION] VOLUME [SNAPSHOT]            the real thing
//!
//! Without `SNAPSHOT` it is the volume's newest that is completed. The new volume has the size, type and tags of the broken one. It is
//! ready before the instance is stopped for the exchange; an instance that ran runs again afterwards. If the exchange fails, the
//! broken volume is put back, and the exit code is 1. The broken volume is kept, and the new one outlives the instance.
//!
//! The Python original:
//!
//! ```python
//! ec2 = boto3.resource("ec2", region_name=args.region)
//! waiter = ec2.meta.client.get_waiter
//! broken = ec2.Volume(args.volume)
//! if not broken.attachments:
//!     sys.exit(f"{broken.id} is attached to no instance")
//! at = {"InstanceId": broken.attachments[0]["InstanceId"], "Device": broken.attachments[0]["Device"]}
//! completed = [{"Name": "status", "Values": ["completed"]}]
//! snapshots = sorted(broken.snapshots.filter(OwnerIds=["self"], Filters=completed), key=lambda s: s.start_time)
//! if not args.snapshot and not snapshots:
//!     sys.exit(f"{broken.id} has no snapshot that is completed")
//! snapshot = ec2.Snapshot(args.snapshot) if args.snapshot else snapshots[-1]
//! print(f"{snapshot.id} of {snapshot.start_time:%Y-%m-%d} is to replace {broken.id} at {at['Device']} of {at['InstanceId']}")
//! if args.dry_run:
//!     sys.exit(0)
//!
//! more = {"Iops": broken.iops} if broken.volume_type in ("gp3", "io1", "io2") else {}
//! more |= {"Throughput": broken.throughput} if broken.throughput else {}
//! more |= {"TagSpecifications": [{"ResourceType": "volume", "Tags": broken.tags}]} if broken.tags else {}
//! new = ec2.create_volume(SnapshotId=snapshot.id, AvailabilityZone=broken.availability_zone, Size=broken.size,
//!                         VolumeType=broken.volume_type, **more)
//! waiter("volume_available").wait(VolumeIds=[new.id])
//! print(f"{new.id} is made of {snapshot.id}")
//! instance = ec2.Instance(at["InstanceId"])
//! ran = instance.state["Name"] == "running"
//! try:
//!     if ran:
//!         instance.stop()
//!         instance.wait_until_stopped()
//!     broken.detach_from_instance(**at)
//!     waiter("volume_available").wait(VolumeIds=[broken.id])
//!     new.attach_to_instance(**at)
//!     waiter("volume_in_use").wait(VolumeIds=[new.id])
//! except (ClientError, WaiterError):
//!     put_back(broken, new, at)
//!     raise
//! finally:
//!     if ran:
//!         instance.wait_until_stopped()
//!         instance.start()
//!         instance.wait_until_running()
//! print(f"{new.id} is in use, {broken.id} is kept")
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::boto3::ec2::ServiceResource;
use leyden::boto3::ec2::resources::{Instance, Snapshot, Volume};
use leyden::boto3::ec2::types::{Filter, InstanceStateName, ResourceType, TagSpecification, VolumeAttachmentState, VolumeType};
use leyden::prelude::*;
use std::process::ExitCode;

const USAGE: &str = "usage: restore_volume [--dry-run] [--region REGION] VOLUME [SNAPSHOT]";

fn restore(Batteries { sys, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let mut args = sys.args();
    let dry_run = args.iter().any(|arg| arg == "--dry-run");
    args.retain(|arg| arg != "--dry-run");
    let region = option(&mut args, "--region");
    let (volume, snapshot) = match &args[..] {
        [volume] if !volume.starts_with('-') => (volume, None),
        [volume, snapshot] if !volume.starts_with('-') => (volume, Some(snapshot)),
        _ => match sys.exit(USAGE)? {},
    };
    let ec2 = match region {
        Some(region) => boto3.resource().region_name(region).ec2(),
        None => boto3.resource().ec2(),
    };

    let broken = ec2.volume(volume);
    let attachments = broken.attachments().wait()?;
    let Some((instance, device)) = attachments.first().and_then(|at| at.instance_id().zip(at.device())) else {
        match sys.exit(format!("{volume} is attached to no instance"))? {}
    };
    let place = Place { ec2: ec2.clone(), instance: ec2.instance(instance), device: device.to_owned() };
    let snapshot = match snapshot {
        Some(id) => ec2.snapshot(id),
        None => match newest(&broken)? {
            Some(snapshot) => snapshot,
            None => match sys.exit(format!("{volume} has no snapshot that is completed"))? {},
        },
    };
    let start = snapshot.start_time().wait()?.map_or_else(|| "an unknown time".to_owned(), |start| start.to_string());
    sys.stdout.write(&format!("{} of {start} is to replace {volume} at {device} of {instance}\n", snapshot.id()))?;
    if dry_run {
        return Ok(());
    }

    // What takes long comes first: the instance still runs.
    let new = copy(&ec2, &broken, &snapshot)?;
    sys.stdout.write(&format!("{} is made of {}\n", new.id(), snapshot.id()))?;
    let ran = place.instance.state().wait()?.and_then(|state| state.name) == Some(InstanceStateName::Running);
    let done = exchange(&place, &broken, &new, ran);
    let back = if done.is_err() { put_back(&place, &broken, &new) } else { Ok(()) };
    // A server that was running must run again, even if the exchange failed.
    let runs = if ran { start_again(&place.instance) } else { Ok(()) };
    done?;
    back?;
    runs?;
    sys.stdout.write(&format!("{} is in use, {volume} is kept\n", new.id()))?;
    Ok(())
}

/// Where the volume belongs.
struct Place {
    ec2: ServiceResource,
    instance: Instance,
    device: String,
}

impl Place {
    fn attach(&self, volume: &Volume) -> leyden::Result<()> {
        volume.attach_to_instance(|attach| attach.instance_id(self.instance.id()).device(&self.device)).wait()?;
        self.ec2.meta().client().get_waiter().volume_in_use(|describe| describe.volume_ids(volume.id())).wait()?;
        Ok(())
    }

    fn available(&self, volume: &Volume) -> leyden::Result<()> {
        self.ec2.meta().client().get_waiter().volume_available(|describe| describe.volume_ids(volume.id())).wait()?;
        Ok(())
    }
}

fn newest(volume: &Volume) -> leyden::Result<Option<Snapshot>> {
    let completed = Filter::builder().name("status").values("completed").build();
    let mut newest = None;
    for snapshot in volume.snapshots().filter(|describe| describe.owner_ids("self").filters(completed)) {
        let snapshot = snapshot?;
        let start = snapshot.start_time().wait()?;
        if newest.as_ref().is_none_or(|(known, _)| start > *known) {
            newest = Some((start, snapshot));
        }
    }
    Ok(newest.map(|(_, snapshot)| snapshot))
}

/// A volume like the other, with what is in the snapshot.
fn copy(ec2: &ServiceResource, broken: &Volume, snapshot: &Snapshot) -> leyden::Result<Volume> {
    let like = broken.data().wait()?;
    let rated = matches!(like.volume_type(), Some(VolumeType::Gp3 | VolumeType::Io1 | VolumeType::Io2));
    let mut tags = like.tags().to_vec();
    tags.retain(|tag| !tag.key().unwrap_or_default().starts_with("aws:")); // those are Amazon's to give
    let tags = (!tags.is_empty())
        .then(|| vec![TagSpecification::builder().resource_type(ResourceType::Volume).set_tags(Some(tags)).build()]);
    let new = ec2.create_volume(|create| {
        create
            .snapshot_id(snapshot.id())
            .set_availability_zone(like.availability_zone.clone())
            .set_size(like.size())
            .set_volume_type(like.volume_type.clone())
            .set_iops(like.iops().filter(|_| rated))
            .set_throughput(like.throughput())
            .set_tag_specifications(tags)
    });
    let new = new.wait()?;
    ec2.meta().client().get_waiter().volume_available(|describe| describe.volume_ids(new.id())).wait()?;
    Ok(new)
}

fn exchange(place: &Place, broken: &Volume, new: &Volume, ran: bool) -> leyden::Result<()> {
    if ran {
        place.instance.stop(|stop| stop).wait()?;
        place.instance.wait_until_stopped(|describe| describe).wait()?;
    }
    broken.detach_from_instance(|detach| detach.instance_id(place.instance.id()).device(&place.device)).wait()?;
    place.available(broken)?;
    place.attach(new)
}

/// The broken volume back in its place, unless one of both is there.
fn put_back(place: &Place, broken: &Volume, new: &Volume) -> leyden::Result<()> {
    broken.reload().wait()?;
    new.reload().wait()?;
    if !new.attachments().wait()?.is_empty() {
        return Ok(());
    }
    match broken.attachments().wait()?.first().and_then(|at| at.state.clone()) {
        None => {}
        Some(VolumeAttachmentState::Detaching) => place.available(broken)?,
        Some(_) => return Ok(()),
    }
    place.attach(broken)
}

fn start_again(instance: &Instance) -> leyden::Result<()> {
    instance.reload().wait()?;
    match instance.state().wait()?.and_then(|state| state.name) {
        Some(InstanceStateName::Running) => return Ok(()),
        Some(InstanceStateName::Stopping) => instance.wait_until_stopped(|describe| describe).wait()?,
        _ => {}
    }
    instance.start(|start| start).wait()?;
    instance.wait_until_running(|describe| describe).wait()?;
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
        return real.sys.finish(restore(&real));
    }
    let world = World::new();
    let broken = rehearsal(&world);
    world.sys.set_argv(["restore_volume", "--region", REGION, &broken]);
    let start = world.clock().elapsed();
    let code = world.batteries().sys.status_of(restore(&world.batteries()));
    print!("{}", world.sys.stdout());
    println!("exit code {code}, after {:?} of simulated time", world.clock().elapsed() - start);
    ExitCode::SUCCESS
}

const REGION: &str = "eu-central-1";

/// A server with a data volume, of which there are two snapshots. The volume's id.
fn rehearsal(world: &World) -> String {
    let broken = arrange(world);
    broken.map_or_else(|error| panic!("{error}"), |volume| volume.id().to_owned())
}

fn arrange(world: &World) -> leyden::Result<Volume> {
    let ec2 = world.batteries().boto3.resource().region_name(REGION).ec2();
    let image = world.boto3.ec2.add_amazon_image(REGION, leyden::boto3::ec2::mock::AmazonImage::new("linux"));
    let servers = ec2.create_instances(|run| run.image_id(image).min_count(1).max_count(1)).wait()?;
    let zone = servers[0].placement().wait()?.and_then(|place| place.availability_zone);
    let volume = ec2.create_volume(|create| create.set_availability_zone(zone).size(40).volume_type(VolumeType::Gp3)).wait()?;
    world.clock().advance(secs(3600));
    volume.attach_to_instance(|attach| attach.instance_id(servers[0].id()).device("/dev/sdf")).wait()?;
    for _ in 0..2 {
        volume.create_snapshot(|create| create).wait()?;
        world.clock().advance(secs(86_400));
    }
    Ok(volume)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(restore(&world.batteries()))
    }

    fn ready(more: &[&str]) -> (World, String) {
        let world = World::new();
        let broken = rehearsal(&world);
        world.sys.set_argv([&["restore_volume", "--region", REGION, &broken], more].concat());
        (world, broken)
    }

    /// The volume at `/dev/sdf` with its snapshot, and the state of the server.
    fn found(world: &World) -> (Option<(String, String)>, InstanceStateName) {
        let ec2 = world.batteries().boto3.client().region_name(REGION).ec2();
        let at = Filter::builder().name("attachment.device").values("/dev/sdf").build();
        let volumes = ec2.describe_volumes(|describe| describe.filters(at)).wait().unwrap();
        let volume = volumes.volumes().first();
        let volume =
            volume.map(|volume| (volume.volume_id().unwrap().to_owned(), volume.snapshot_id().unwrap_or_default().to_owned()));
        (volume, world.boto3.ec2.states(REGION)[0].1.clone())
    }

    #[test]
    fn the_newest_snapshot_takes_the_place_of_the_broken_volume() {
        let (world, broken) = ready(&[]);
        let ec2 = world.batteries().boto3.resource().region_name(REGION).ec2();
        let newest = newest(&ec2.volume(&broken)).unwrap().unwrap();
        assert_eq!(code(&world), 0);
        let (Some((volume, snapshot)), state) = found(&world) else { panic!("nothing is attached") };
        assert_eq!((snapshot.as_str(), state), (newest.id(), InstanceStateName::Running));
        let new = ec2.volume(&volume);
        assert_eq!((new.size().wait().unwrap(), new.volume_type().wait().unwrap()), (Some(40), Some(VolumeType::Gp3)));
        assert!(ec2.volume(&broken).attachments().wait().unwrap().is_empty(), "the broken one is kept");
    }

    #[test]
    fn a_snapshot_can_be_chosen() {
        let (world, broken) = ready(&[]);
        let ec2 = world.batteries().boto3.resource().region_name(REGION).ec2();
        let newest = newest(&ec2.volume(&broken)).unwrap().unwrap();
        let oldest = ec2.volume(&broken).snapshots().into_iter().map(Result::unwrap).find(|other| *other != newest).unwrap();
        world.sys.set_argv(["restore_volume", "--region", REGION, &broken, oldest.id()]);
        assert_eq!(code(&world), 0);
        assert_eq!(found(&world).0.unwrap().1, oldest.id());
    }

    #[test]
    fn a_root_volume_is_exchanged_while_the_server_stands_still() {
        let (world, _) = ready(&[]);
        let ec2 = world.batteries().boto3.resource().region_name(REGION).ec2();
        let server = ec2.instances().into_iter().next().unwrap().unwrap();
        let device = server.root_device_name().wait().unwrap().unwrap();
        let at = Filter::builder().name("attachment.device").values(&device).build();
        let root = ec2.volumes().filter(|describe| describe.filters(at.clone())).into_iter().next().unwrap().unwrap();
        root.create_snapshot(|create| create).wait().unwrap().wait_until_completed(|describe| describe).wait().unwrap();
        world.sys.set_argv(["restore_volume", "--region", REGION, root.id()]);
        assert_eq!(code(&world), 0, "{}", world.sys.stderr());
        let now = ec2.volumes().filter(|describe| describe.filters(at)).into_iter().next().unwrap().unwrap();
        assert_ne!(now, root);
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let (world, broken) = ready(&["--dry-run"]);
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().contains(" is to replace "), "{}", world.sys.stdout());
        assert_eq!(found(&world).0.unwrap().0, broken);
        assert_eq!(world.script().count("ec2.stop_instances"), 0);
    }

    #[test]
    fn if_the_new_one_cannot_be_attached_the_broken_one_is_put_back() {
        let (world, broken) = ready(&[]);
        let refusal = ClientError::new("AttachVolume", 400, "AttachmentLimitExceeded", "Too many volumes.");
        world.script().fail_next("ec2.attach_volume", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("AttachmentLimitExceeded"), "{}", world.sys.stderr());
        let (volume, state) = found(&world);
        assert_eq!((volume.unwrap().0, state), (broken, InstanceStateName::Running));
    }

    #[test]
    fn what_cannot_be_restored_is_told() {
        let world = World::new();
        let ec2 = world.batteries().boto3.resource().region_name(REGION).ec2();
        let loose = ec2.create_volume(|create| create.availability_zone("eu-central-1a").size(8)).wait().unwrap();
        world.sys.set_argv(["restore_volume", "--region", REGION, loose.id()]);
        assert_eq!(code(&world), 1);
        assert_eq!(world.sys.stderr(), format!("{} is attached to no instance\n", loose.id()));
        let world = World::new();
        world.sys.set_argv(["restore_volume", "--region", REGION, "vol-0fedcba9876543210"]);
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("InvalidVolume.NotFound"), "{}", world.sys.stderr());
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec![], vec!["--region", "eu-west-1"], vec!["vol-1", "snap-1", "i-1"], vec!["--dryrun"]] {
            let world = World::new();
            world.sys.set_argv([vec!["restore_volume"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }

    #[test]
    fn whatever_fails_a_volume_is_in_place() {
        torture(
            |world| {
                let broken = rehearsal(world);
                world.sys.set_argv(["restore_volume", "--region", REGION, &broken]);
            },
            restore,
            |world, result| {
                let (volume, state) = found(world);
                let Some((_, snapshot)) = volume else { return Err("no volume is attached".into()) };
                match result {
                    Ok(()) if snapshot.is_empty() || state != InstanceStateName::Running => {
                        Err(format!("a success: {snapshot:?}, {state}"))
                    }
                    _ => Ok(()),
                }
            },
        )
        .assert_ok();
    }
}
