//! S3: the bucket as declared, the report in it, and its older versions cleaned up.

use crate::job::{Done, Settings};
use crate::report::Written;
use leyden::infra::resources::s3::Bucket;
use leyden::infra::{Infra, State};
use leyden::prelude::*;

pub const ARCHIVE: &str = "report.zip";
pub const FINGERPRINT: &str = "fingerprint";

/// Makes the bucket, or changes it to what is declared here. The state is a file beside the report.
pub fn declare(batteries: &Batteries, settings: &Settings) -> leyden::Result<((), Done)> {
    batteries.os.makedirs(MakeDirs::new(&settings.out).exist_ok(true))?;
    let infra = Infra::new("nightly", State::file(settings.out.join("infra.json")));
    let plan = infra
        .plan(batteries, |declare| {
            let bucket = Bucket::new(&settings.bucket)
                .region(&settings.region)
                .versioning()
                .block_public_access()
                .expire("scratch", "scratch/", 30)
                .tag("job", "nightly");
            declare.add("reports", bucket)?.adopt().protect();
            Ok(())
        })
        .wait()?;
    if plan.is_empty() {
        return Ok(((), Done::nothing(format!("s3://{} is as declared", settings.bucket))));
    }
    plan.apply(batteries).wait()?;
    Ok(((), Done::changed(format!("s3://{} set up", settings.bucket))))
}

pub fn back_up(Batteries { boto3, .. }: &Batteries, settings: &Settings, report: &Written) -> leyden::Result<((), Done)> {
    let s3 = boto3.client().s3();
    let bucket = settings.bucket.as_str();
    // The object itself holds which report it is.
    let there = match s3.head_object(|head| head.bucket(bucket).key(ARCHIVE)).wait() {
        Ok(head) => head.metadata().and_then(|metadata| metadata.get(FINGERPRINT)).cloned(),
        Err(error) if error.client().is_some_and(|refusal| refusal.status == 404) => None,
        Err(error) => return Err(error.into()),
    };
    let first = there.is_none();
    let new = there.as_deref() != Some(&report.version);
    if new {
        let version = report.version.clone();
        s3.upload_file(&report.archive, bucket, ARCHIVE).extra_args(move |put| put.metadata(FINGERPRINT, version)).wait()?;
    }
    // What was just uploaded for the first time has no older versions.
    let removed = if first { 0 } else { retire(&s3, settings)? };
    let text = match (new, removed) {
        (false, 0) => format!("s3://{bucket}/{ARCHIVE} is up to date"),
        (true, 0) => format!("s3://{bucket}/{ARCHIVE} uploaded"),
        (_, removed) => format!("s3://{bucket}/{ARCHIVE}, {removed} old versions deleted"),
    };
    Ok(((), Done { text, changed: new || removed > 0 }))
}

/// Deletes the versions of the archive beyond those that are kept.
fn retire(s3: &leyden::boto3::s3::Client, settings: &Settings) -> leyden::Result<usize> {
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
