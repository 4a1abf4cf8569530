//! Versions and locks.

use leyden::boto3::s3::primitives::DateTime;
use leyden::boto3::s3::types::{
    BucketVersioningStatus, Delete, ObjectIdentifier, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention,
    ObjectLockRetentionMode,
};
use leyden::prelude::*;

use super::boto3_s3::{Fixture, because, read, refused, s3_conformance};

s3_conformance! {
    everywhere []
    not_s3s "keeps no versions" [
        a_put_gives_a_version, old_versions_are_read, a_delete_leaves_a_marker, a_marker_hides_the_object, a_marker_removed,
        a_version_removed_for_good, the_current_version_removed, a_missing_version, versions_are_listed,
        versions_are_listed_newest_first, markers_are_listed, the_null_version, versions_with_a_prefix,
        versions_with_a_delimiter, versions_in_pages, several_versions_deleted_at_once, deleting_markers_at_once,
        tags_of_a_version,
    ]
    not_s3s "has no locks" [a_legal_hold, retention_needs_a_bucket_with_locks, governance_can_be_bypassed]
    fake "moto lets compliance be shortened, and takes the past" [compliance_cannot_be_shortened, a_retention_in_the_past]
    fake "time goes by when we say so" [a_retention_ends, a_default_retention]
    fake "moto takes what is no id" [a_strange_version]
    fake "moto answers XML that Amazon's client cannot read" [a_retention]
    fake "moto takes the marker for no version" [reading_a_marker_by_its_version]
    fake "moto forgets all versions when a suspended bucket is written to" [suspended_deletes]
    fake "moto forgets all versions when a suspended bucket is written to" [suspended_puts_replace_the_null_version]
    fake "moto answers XML that Amazon's client cannot read" [versioning_is_off_at_first]
    fake "moto answers XML that Amazon's client cannot read" [versioning_is_switched_on]
}

fn versioning_is_off_at_first(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(f.s3.get_bucket_versioning(|get| get.bucket(&bucket)).wait().unwrap().status, None);
}

fn versioning_is_switched_on(f: &Fixture) {
    let bucket = f.versioned();
    let status = || f.s3.get_bucket_versioning(|get| get.bucket(&bucket)).wait().unwrap().status;
    assert_eq!(status(), Some(BucketVersioningStatus::Enabled));
    f.version(&bucket, BucketVersioningStatus::Suspended);
    assert_eq!(status(), Some(BucketVersioningStatus::Suspended));
}

fn a_put_gives_a_version(f: &Fixture) {
    let bucket = f.versioned();
    let (one, two) = (f.put(&bucket, "a", "one").unwrap(), f.put(&bucket, "a", "two").unwrap());
    assert_ne!(one, two);
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().version_id, Some(two));
}

fn old(f: &Fixture, bucket: &str, version: &str) -> Vec<u8> {
    read(f.s3.get_object(|get| get.bucket(bucket).key("a").version_id(version)).wait().unwrap().body)
}

fn old_versions_are_read(f: &Fixture) {
    let bucket = f.versioned();
    let one = f.put(&bucket, "a", "one").unwrap();
    f.put(&bucket, "a", "two");
    assert_eq!(old(f, &bucket, &one), b"one");
    assert_eq!(f.get(&bucket, "a"), b"two");
}

fn remove(f: &Fixture, bucket: &str, version: Option<&str>) -> (Option<bool>, Option<String>) {
    let deleted =
        f.s3.delete_object(|delete| delete.bucket(bucket).key("a").set_version_id(version.map(str::to_owned))).wait().unwrap();
    (deleted.delete_marker, deleted.version_id)
}

fn a_delete_leaves_a_marker(f: &Fixture) {
    let bucket = f.versioned();
    let one = f.put(&bucket, "a", "one").unwrap();
    let (marker, version) = remove(f, &bucket, None);
    assert_eq!(marker, Some(true));
    assert_ne!(version.as_deref(), Some(one.as_str()));
    assert_eq!(old(f, &bucket, &one), b"one");
}

fn a_marker_hides_the_object(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    remove(f, &bucket, None);
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
    assert!(f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap().contents().is_empty());
}

fn a_marker_removed(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let (_, marker) = remove(f, &bucket, None);
    remove(f, &bucket, marker.as_deref());
    assert_eq!(f.get(&bucket, "a"), b"one");
}

fn reading_a_marker_by_its_version(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let (_, marker) = remove(f, &bucket, None);
    let get = f.s3.get_object(|get| get.bucket(&bucket).key("a").set_version_id(marker));
    assert_eq!(refused(get), because(405, "MethodNotAllowed"));
}

fn a_version_removed_for_good(f: &Fixture) {
    let bucket = f.versioned();
    let one = f.put(&bucket, "a", "one").unwrap();
    f.put(&bucket, "a", "two");
    assert_eq!(remove(f, &bucket, Some(&one)).1, Some(one.clone()));
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").version_id(&one))).0, 404);
    assert_eq!(f.get(&bucket, "a"), b"two");
}

fn the_current_version_removed(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let two = f.put(&bucket, "a", "two").unwrap();
    remove(f, &bucket, Some(&two));
    assert_eq!(f.get(&bucket, "a"), b"one");
}

fn a_missing_version(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let get = f.s3.get_object(|get| get.bucket(&bucket).key("a").version_id("null"));
    assert_eq!(refused(get), because(404, "NoSuchVersion"));
}

fn a_strange_version(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").version_id("x"))), because(400, "InvalidArgument"));
}

fn listed(f: &Fixture, bucket: &str) -> Vec<(String, String, bool)> {
    let listed = f.s3.list_object_versions(|list| list.bucket(bucket)).wait().unwrap();
    let entry = |version: &leyden::boto3::s3::types::ObjectVersion| {
        (version.key.clone().unwrap(), version.version_id.clone().unwrap(), version.is_latest == Some(true))
    };
    listed.versions().iter().map(entry).collect()
}

fn versions_are_listed(f: &Fixture) {
    let bucket = f.versioned();
    let (a, b) = (f.put(&bucket, "a", "one").unwrap(), f.put(&bucket, "b", "two").unwrap());
    assert_eq!(listed(f, &bucket), [("a".to_owned(), a, true), ("b".to_owned(), b, true)]);
}

fn versions_are_listed_newest_first(f: &Fixture) {
    let bucket = f.versioned();
    let (one, two) = (f.put(&bucket, "a", "one").unwrap(), f.put(&bucket, "a", "two").unwrap());
    assert_eq!(listed(f, &bucket), [("a".to_owned(), two, true), ("a".to_owned(), one, false)]);
}

fn markers_are_listed(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let (_, marker) = remove(f, &bucket, None);
    let listed = f.s3.list_object_versions(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!((listed.delete_markers()[0].version_id.clone(), listed.delete_markers()[0].is_latest), (marker, Some(true)));
    assert_eq!(listed.versions()[0].is_latest, Some(false));
}

fn versions_with_a_prefix(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a/1", "");
    f.put(&bucket, "b/1", "");
    let listed = f.s3.list_object_versions(|list| list.bucket(&bucket).prefix("b/")).wait().unwrap();
    assert_eq!(listed.versions().iter().filter_map(|version| version.key.as_deref()).collect::<Vec<_>>(), ["b/1"]);
}

fn versions_with_a_delimiter(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a/1", "");
    f.put(&bucket, "b", "");
    let listed = f.s3.list_object_versions(|list| list.bucket(&bucket).delimiter("/")).wait().unwrap();
    assert_eq!((listed.versions().len(), listed.common_prefixes()[0].prefix.as_deref()), (1, Some("a/")));
}

fn versions_in_pages(f: &Fixture) {
    let bucket = f.versioned();
    for body in ["1", "2", "3"] {
        f.put(&bucket, "a", body);
    }
    let all = listed(f, &bucket);
    let first = f.s3.list_object_versions(|list| list.bucket(&bucket).max_keys(2)).wait().unwrap();
    assert_eq!((first.versions().len(), first.is_truncated), (2, Some(true)));
    let rest = f.s3.list_object_versions(|list| {
        list.bucket(&bucket).set_key_marker(first.next_key_marker).set_version_id_marker(first.next_version_id_marker)
    });
    let rest = rest.wait().unwrap();
    assert_eq!(rest.versions().iter().filter_map(|version| version.version_id.clone()).collect::<Vec<_>>(), [all[2].1.clone()]);
    assert_eq!(rest.is_truncated, Some(false));
}

fn the_null_version(f: &Fixture) {
    let bucket = f.bucket();
    f.put(&bucket, "a", "before");
    f.version(&bucket, BucketVersioningStatus::Enabled);
    f.put(&bucket, "a", "after");
    assert_eq!(old(f, &bucket, "null"), b"before");
    assert_eq!(listed(f, &bucket)[1].1, "null");
}

fn suspended_puts_replace_the_null_version(f: &Fixture) {
    let bucket = f.versioned();
    let kept = f.put(&bucket, "a", "kept").unwrap();
    f.version(&bucket, BucketVersioningStatus::Suspended);
    f.put(&bucket, "a", "one");
    f.put(&bucket, "a", "two");
    assert_eq!(old(f, &bucket, &kept), b"kept");
    assert_eq!(old(f, &bucket, "null"), b"two");
    assert_eq!(listed(f, &bucket).len(), 2);
}

fn suspended_deletes(f: &Fixture) {
    let bucket = f.versioned();
    let kept = f.put(&bucket, "a", "kept").unwrap();
    f.version(&bucket, BucketVersioningStatus::Suspended);
    remove(f, &bucket, None);
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
    assert_eq!(old(f, &bucket, &kept), b"kept");
}

fn at_once(f: &Fixture, bucket: &str, versions: &[Option<&str>]) {
    let objects = versions
        .iter()
        .map(|version| ObjectIdentifier::builder().key("a").set_version_id(version.map(str::to_owned)).build().unwrap());
    let delete = Delete::builder().set_objects(Some(objects.collect())).build().unwrap();
    let deleted = f.s3.delete_objects(|request| request.bucket(bucket).delete(delete)).wait().unwrap();
    assert!(deleted.errors().is_empty());
}

fn several_versions_deleted_at_once(f: &Fixture) {
    let bucket = f.versioned();
    let (one, two) = (f.put(&bucket, "a", "one").unwrap(), f.put(&bucket, "a", "two").unwrap());
    at_once(f, &bucket, &[Some(&one), Some(&two)]);
    assert!(listed(f, &bucket).is_empty());
}

fn deleting_markers_at_once(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    at_once(f, &bucket, &[None]);
    let marker =
        f.s3.list_object_versions(|list| list.bucket(&bucket)).wait().unwrap().delete_markers()[0].version_id.clone().unwrap();
    at_once(f, &bucket, &[Some(&marker)]);
    assert_eq!(f.get(&bucket, "a"), b"one");
}

fn tags_of_a_version(f: &Fixture) {
    use leyden::boto3::s3::types::{Tag, Tagging};
    let bucket = f.versioned();
    let one = f.put(&bucket, "a", "one").unwrap();
    f.put(&bucket, "a", "two");
    let tag = Tag::builder().key("k").value("v").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    f.s3.put_object_tagging(|put| put.bucket(&bucket).key("a").version_id(&one).tagging(tagging)).wait().unwrap();
    let tags = |version: Option<String>| {
        f.s3.get_object_tagging(|get| get.bucket(&bucket).key("a").set_version_id(version)).wait().unwrap().tag_set.len()
    };
    assert_eq!((tags(Some(one)), tags(None)), (1, 0));
}

fn locked(f: &Fixture) -> String {
    let bucket = f.name();
    f.s3.create_bucket(|create| create.bucket(&bucket).object_lock_enabled_for_bucket(true)).wait().unwrap();
    bucket
}

fn hold(f: &Fixture, bucket: &str, status: ObjectLockLegalHoldStatus) {
    let hold = ObjectLockLegalHold::builder().status(status).build();
    f.s3.put_object_legal_hold(|put| put.bucket(bucket).key("a").legal_hold(hold)).wait().unwrap();
}

fn a_legal_hold(f: &Fixture) {
    let bucket = locked(f);
    let version = f.put(&bucket, "a", "one").unwrap();
    hold(f, &bucket, ObjectLockLegalHoldStatus::On);
    let held = f.s3.get_object_legal_hold(|get| get.bucket(&bucket).key("a")).wait().unwrap().legal_hold.unwrap();
    assert_eq!(held.status, Some(ObjectLockLegalHoldStatus::On));
    let delete = f.s3.delete_object(|delete| delete.bucket(&bucket).key("a").version_id(&version));
    assert_eq!(refused(delete), because(403, "AccessDenied"));
    hold(f, &bucket, ObjectLockLegalHoldStatus::Off);
    remove(f, &bucket, Some(&version));
}

fn retain(f: &Fixture, bucket: &str, mode: ObjectLockRetentionMode, until: i64) -> leyden::boto3::Result<()> {
    let retention = ObjectLockRetention::builder().mode(mode).retain_until_date(DateTime::from_secs(until)).build();
    f.s3.put_object_retention(|put| put.bucket(bucket).key("a").retention(retention)).wait().map(|_| ())
}

const LATER: i64 = 4_000_000_000;

fn a_retention(f: &Fixture) {
    let bucket = locked(f);
    let version = f.put(&bucket, "a", "one").unwrap();
    retain(f, &bucket, ObjectLockRetentionMode::Governance, LATER).unwrap();
    let got = f.s3.get_object_retention(|get| get.bucket(&bucket).key("a")).wait().unwrap().retention.unwrap();
    assert_eq!(got.mode, Some(ObjectLockRetentionMode::Governance));
    let delete = f.s3.delete_object(|delete| delete.bucket(&bucket).key("a").version_id(&version));
    assert_eq!(refused(delete), because(403, "AccessDenied"));
    // A marker may be put on top.
    remove(f, &bucket, None);
}

fn governance_can_be_bypassed(f: &Fixture) {
    let bucket = locked(f);
    let version = f.put(&bucket, "a", "one").unwrap();
    retain(f, &bucket, ObjectLockRetentionMode::Governance, LATER).unwrap();
    let delete =
        f.s3.delete_object(|delete| delete.bucket(&bucket).key("a").version_id(&version).bypass_governance_retention(true));
    delete.wait().unwrap();
    assert!(listed(f, &bucket).is_empty());
}

fn retention_needs_a_bucket_with_locks(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, "a", "one");
    let error = retain(f, &bucket, ObjectLockRetentionMode::Governance, LATER).unwrap_err();
    assert_eq!(error.code(), Some("InvalidRequest"));
}

fn compliance_cannot_be_shortened(f: &Fixture) {
    let bucket = locked(f);
    let version = f.put(&bucket, "a", "one").unwrap();
    retain(f, &bucket, ObjectLockRetentionMode::Compliance, LATER).unwrap();
    assert_eq!(retain(f, &bucket, ObjectLockRetentionMode::Compliance, LATER - 1).unwrap_err().code(), Some("AccessDenied"));
    assert_eq!(retain(f, &bucket, ObjectLockRetentionMode::Governance, LATER).unwrap_err().code(), Some("AccessDenied"));
    retain(f, &bucket, ObjectLockRetentionMode::Compliance, LATER + 1).unwrap();
    let delete =
        f.s3.delete_object(|delete| delete.bucket(&bucket).key("a").version_id(&version).bypass_governance_retention(true));
    assert_eq!(refused(delete), because(403, "AccessDenied"));
}

fn a_retention_in_the_past(f: &Fixture) {
    let bucket = locked(f);
    f.put(&bucket, "a", "one");
    assert_eq!(
        retain(f, &bucket, ObjectLockRetentionMode::Governance, 1_000_000_000).unwrap_err().code(),
        Some("InvalidArgument")
    );
}

fn a_retention_ends(f: &Fixture) {
    let bucket = locked(f);
    let version = f.put(&bucket, "a", "one").unwrap();
    let clock = f.world.as_ref().unwrap().clock().clone();
    let now = DateTime::from(clock.now()).secs();
    retain(f, &bucket, ObjectLockRetentionMode::Compliance, now + 3_600).unwrap();
    clock.advance(secs(3_601));
    remove(f, &bucket, Some(&version));
}

fn a_default_retention(f: &Fixture) {
    use leyden::boto3::s3::types::{DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRule};
    let bucket = locked(f);
    let default = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(2).build();
    let rule = ObjectLockRule::builder().default_retention(default).build();
    let configuration = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule).build();
    f.s3.put_object_lock_configuration(|put| put.bucket(&bucket).object_lock_configuration(configuration)).wait().unwrap();
    f.put(&bucket, "a", "one");
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    let now = DateTime::from(f.world.as_ref().unwrap().clock().now()).secs();
    assert_eq!(head.object_lock_retain_until_date.map(|until| until.secs()), Some(now + 2 * 86_400));
}
