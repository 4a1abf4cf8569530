//! EC2: snapshots of the volumes with the tag, the oldest deleted. Only with the feature `ec2`, which takes minutes to compile.

use crate::job::{Done, Settings};
use leyden::boto3::ec2::types::{Filter, ResourceType, Snapshot, Tag, TagSpecification, VolumeType};
use leyden::prelude::*;
use std::collections::BTreeMap;

pub fn snapshot(Batteries { boto3, time, .. }: &Batteries, settings: &Settings) -> leyden::Result<((), Done)> {
    let ec2 = boto3.client().ec2();
    let (key, value) = &settings.tag;
    let tagged = Filter::builder().name(format!("tag:{key}")).values(value).build();
    let ready = Filter::builder().name("status").values("available").values("in-use").build();
    let mut volumes = Vec::new();
    for page in ec2.paginate().describe_volumes(|describe| describe.filters(tagged.clone()).filters(ready.clone())) {
        volumes.extend(page?.volumes().iter().filter_map(|volume| volume.volume_id().map(str::to_owned)));
    }
    let mut snapshots: BTreeMap<String, Vec<Snapshot>> = BTreeMap::new();
    for page in ec2.paginate().describe_snapshots(|describe| describe.owner_ids("self").filters(tagged.clone())) {
        for snapshot in page?.snapshots() {
            snapshots.entry(snapshot.volume_id().unwrap_or_default().to_owned()).or_default().push(snapshot.clone());
        }
    }
    let today = time.strftime("%Y-%m-%d", &time.gmtime(None)?)?;
    let (mut made, mut deleted) = (0, 0);
    for volume in &volumes {
        let mut of_volume = snapshots.remove(volume).unwrap_or_default();
        of_volume.sort_by(|one, other| date(other).cmp(date(one)));
        if of_volume.first().map(date) != Some(today.as_str()) {
            let tags = [(key.as_str(), value.as_str()), ("Date", &today)]
                .map(|(key, value)| Tag::builder().key(key).value(value).build());
            let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).set_tags(Some(tags.into())).build();
            ec2.create_snapshot(|create| {
                create.volume_id(volume).description(format!("nightly {today}")).tag_specifications(tags)
            })
            .wait()?;
            made += 1;
        }
        // Today's counts among those that are kept.
        let older = of_volume.iter().filter(|snapshot| date(snapshot) != today);
        for old in older.skip(settings.keep.saturating_sub(1)) {
            ec2.delete_snapshot(|delete| delete.snapshot_id(old.snapshot_id().unwrap_or_default())).wait()?;
            deleted += 1;
        }
    }
    let text = format!("{} volumes, {made} snapshots made, {deleted} deleted", volumes.len());
    Ok(((), Done { text, changed: made + deleted > 0 }))
}

/// The day of a snapshot, from its tag.
fn date(snapshot: &Snapshot) -> &str {
    snapshot.tags().iter().find(|tag| tag.key() == Some("Date")).and_then(Tag::value).unwrap_or_default()
}

fn tags(kind: ResourceType, tags: &[(&str, &str)]) -> TagSpecification {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

/// The demonstration's volumes in memory: one is to be backed up, one is not. The snapshots of earlier runs have these dates.
pub fn arrange(world: &World, settings: &Settings, dates: &[String]) -> leyden::Result<()> {
    let Settings { region, tag: (key, value), .. } = settings;
    let ec2 = world.batteries().boto3.client().region_name(region).ec2();
    let create = |name, backup: &str| {
        let tags = tags(ResourceType::Volume, &[("Name", name), (key, backup)]);
        ec2.create_volume(|create| {
            create.availability_zone(format!("{region}a")).size(20).volume_type(VolumeType::Gp3).tag_specifications(tags)
        })
        .wait()
    };
    let data = create("data", value)?;
    create("scratch", "never")?;
    world.clock().advance(secs(60)); // until then they are being created
    for date in dates {
        let tags = tags(ResourceType::Snapshot, &[(key, value), ("Date", date)]);
        ec2.create_snapshot(|create| create.volume_id(data.volume_id().unwrap_or_default()).tag_specifications(tags)).wait()?;
    }
    Ok(())
}

/// The dates of the job's snapshots in memory.
pub fn dates(world: &World, settings: &Settings) -> leyden::Result<Vec<String>> {
    let Settings { region, tag: (key, value), .. } = settings;
    let ec2 = world.batteries().boto3.client().region_name(region).ec2();
    let snapshots = ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait()?;
    let of_this_job = snapshots
        .snapshots()
        .iter()
        .filter(|snapshot| snapshot.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value)));
    Ok(of_this_job.map(|snapshot| date(snapshot).to_owned()).collect())
}
