//! Amazon: the report into S3, with its older versions cleaned up; snapshots of the volumes, the oldest deleted.

use crate::job::{Done, Settings};
use crate::report::Written;
use leyden::boto3::ec2::types::{Filter, ResourceType, Snapshot, Tag, TagSpecification};
use leyden::boto3::s3;
use leyden::boto3::s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use leyden::prelude::*;
use std::collections::BTreeMap;

const ARCHIVE: &str = "report.zip";
const FINGERPRINT: &str = "fingerprint";

pub fn back_up(Batteries { boto3, .. }: &Batteries, settings: &Settings, report: &Written) -> leyden::Result<((), Done)> {
    let mut client = boto3.client().region_name(&settings.region);
    if let Some(url) = &settings.endpoint_url {
        client = client.endpoint_url(url);
    }
    let s3 = client.s3();
    let bucket = settings.bucket.as_str();
    ensure_bucket(&s3, settings)?;
    // The object says itself which report it holds.
    let there = match s3.head_object(|head| head.bucket(bucket).key(ARCHIVE)).wait() {
        Ok(head) => head.metadata().and_then(|metadata| metadata.get(FINGERPRINT)).cloned(),
        Err(error) if error.client().is_some_and(|refusal| refusal.status == 404) => None,
        Err(error) => return Err(error.into()),
    };
    let new = there.as_deref() != Some(&report.fingerprint);
    if new {
        let fingerprint = report.fingerprint.clone();
        s3.upload_file(&report.archive, bucket, ARCHIVE).extra_args(move |put| put.metadata(FINGERPRINT, fingerprint)).wait()?;
    }
    let removed = retire(&s3, settings)?;
    let text = match (new, removed) {
        (false, 0) => format!("s3://{bucket}/{ARCHIVE} is up to date"),
        (true, 0) => format!("s3://{bucket}/{ARCHIVE} uploaded"),
        (_, removed) => format!("s3://{bucket}/{ARCHIVE}, {removed} old versions deleted"),
    };
    Ok(((), Done { text, changed: new || removed > 0 }))
}

fn ensure_bucket(s3: &s3::Client, settings: &Settings) -> leyden::Result<()> {
    let bucket = settings.bucket.as_str();
    match s3.head_bucket(|head| head.bucket(bucket)).wait() {
        Ok(_) => return Ok(()),
        Err(error) if error.client().is_some_and(|refusal| refusal.status == 404) => {}
        Err(error) => return Err(error.into()),
    }
    let constraint = BucketLocationConstraint::from(settings.region.as_str());
    s3.create_bucket(|create| {
        create
            .bucket(bucket)
            .create_bucket_configuration(CreateBucketConfiguration::builder().location_constraint(constraint).build())
    })
    .wait()?;
    s3.put_bucket_versioning(|put| {
        put.bucket(bucket)
            .versioning_configuration(VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build())
    })
    .wait()?;
    Ok(())
}

/// Deletes the versions of the archive beyond those that are kept.
fn retire(s3: &s3::Client, settings: &Settings) -> leyden::Result<usize> {
    let mut versions = Vec::new();
    for page in s3.paginate().list_object_versions(|list| list.bucket(&settings.bucket).prefix(ARCHIVE)) {
        // Newest first, as S3 lists them.
        versions.extend(page?.versions().iter().filter_map(|version| version.version_id().map(str::to_owned)));
    }
    let old = versions.split_off(settings.keep.min(versions.len()));
    for version in &old {
        s3.delete_object(|delete| delete.bucket(&settings.bucket).key(ARCHIVE).version_id(version)).wait()?;
    }
    Ok(old.len())
}

pub fn snapshot(Batteries { boto3, time, .. }: &Batteries, settings: &Settings) -> leyden::Result<((), Done)> {
    let mut client = boto3.client().region_name(&settings.region);
    if let Some(url) = &settings.endpoint_url {
        client = client.endpoint_url(url);
    }
    let ec2 = client.ec2();
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

/// The day of a snapshot, as its tag says.
fn date(snapshot: &Snapshot) -> &str {
    snapshot.tags().iter().find(|tag| tag.key() == Some("Date")).and_then(Tag::value).unwrap_or_default()
}
