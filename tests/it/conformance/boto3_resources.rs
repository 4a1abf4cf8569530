//! boto3's resources, over S3 in memory and over moto.

use std::collections::HashSet;

use leyden::boto3::s3::ServiceResource;
use leyden::boto3::s3::primitives::ByteStream;
use leyden::boto3::s3::resources::{Bucket, ObjectSummary};
use leyden::boto3::s3::types;
use leyden::boto3::{ClientError, Error};
use leyden::{Wait, World};

/// A service, and a name for a bucket that nobody else uses.
struct Fixture {
    s3: ServiceResource,
    name: String,
}

impl Fixture {
    fn mock() -> Fixture {
        Fixture { s3: World::new().batteries().boto3.resource().region_name("us-east-1").s3(), name: "backups".to_owned() }
    }

    fn moto() -> Fixture {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO is the URL of a moto_server");
        let resource = leyden::Batteries::included().boto3.resource().region_name("us-east-1").endpoint_url(url);
        let n = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("resources-{}-{n}", std::process::id());
        Fixture { s3: resource.aws_access_key_id("x").aws_secret_access_key("x").s3(), name }
    }

    fn bucket(&self) -> Bucket {
        self.s3.create_bucket(|create| create.bucket(&self.name)).wait().unwrap()
    }

    /// With objects `k00`, `k01`, ...
    fn filled(&self, objects: usize) -> Bucket {
        let bucket = self.bucket();
        for n in 0..objects {
            bucket.put_object(|put| put.key(format!("k{n:02}")).body(text("hello"))).wait().unwrap();
        }
        bucket
    }
}

fn text(text: &str) -> ByteStream {
    text.as_bytes().to_vec().into()
}

fn keys(objects: impl IntoIterator<Item = leyden::boto3::Result<ObjectSummary>>) -> Vec<String> {
    objects.into_iter().map(|object| object.unwrap().key().to_owned()).collect()
}

macro_rules! cases {
    (both: $($case:ident),+; mock: $($only:ident),+;) => {
        mod mock {
            use super::*;
            $(#[test] fn $case() { super::$case(&Fixture::mock()) })+
            $(#[test] fn $only() { super::$only(&Fixture::mock()) })+
        }
        mod moto {
            use super::*;
            $(#[test] #[ignore = "needs moto_server"] fn $case() { super::$case(&Fixture::moto()) })+
        }
    };
}

// moto gives some answers another root element than AWS, which Amazon's client for Rust refuses: ListParts, GetBucketVersioning,
// GetBucketRequestPayment.
cases! {
    both:
    buckets_are_made_listed_and_deleted,
    an_object_is_put_read_and_deleted,
    an_action_makes_what_is_loaded_old,
    listed_resources_have_their_data,
    pages_and_limits,
    a_batch_deletes_page_by_page,
    a_bucket_finds_itself_among_all,
    a_summary_loads_by_head,
    a_class_without_load_says_so,
    waiters_wait,
    what_is_not_there_fails_as_the_service_says;
    mock:
    versions_and_their_markers,
    an_upload_in_parts,
    what_a_bucket_is_configured_to;
}

fn buckets_are_made_listed_and_deleted(at: &Fixture) {
    let bucket = at.bucket();
    assert_eq!(bucket, at.s3.bucket(&at.name));
    assert!(at.s3.buckets().into_iter().any(|found| found.unwrap() == bucket));
    bucket.delete(|delete| delete).wait().unwrap();
    assert!(!at.s3.buckets().into_iter().any(|found| found.unwrap() == bucket));
}

fn an_object_is_put_read_and_deleted(at: &Fixture) {
    let bucket = at.bucket();
    let object = bucket.put_object(|put| put.key("a b/ü").body(text("hello")).content_type("text/plain")).wait().unwrap();
    assert_eq!(object, bucket.object("a b/ü"));
    let body = object.get(|get| get).wait().unwrap().body;
    assert_eq!(async { body.collect().await }.wait().unwrap().to_vec(), b"hello");
    assert_eq!(object.content_length().wait().unwrap(), Some(5));
    assert_eq!(object.content_type().wait().unwrap().as_deref(), Some("text/plain"));
    let copy = bucket.object("copy");
    copy.copy_from(|copy| copy.copy_source(format!("{}/a%20b/%C3%BC", at.name))).wait().unwrap();
    assert_eq!(copy.e_tag().wait().unwrap(), object.e_tag().wait().unwrap());
    object.delete(|delete| delete).wait().unwrap();
    assert_eq!(keys(bucket.objects()), ["copy"]);
}

fn an_action_makes_what_is_loaded_old(at: &Fixture) {
    let object = at.bucket().object("k");
    object.put(|put| put.body(text("one"))).wait().unwrap();
    assert_eq!(object.content_length().wait().unwrap(), Some(3));
    let other = object.clone();
    assert!(other.meta().data().is_some(), "clones share what is loaded");
    object.put(|put| put.body(text("three"))).wait().unwrap();
    assert!(other.meta().data().is_none());
    assert_eq!(other.content_length().wait().unwrap(), Some(5));
    // Behind its back nothing is noticed, until it is loaded again.
    at.s3.object(&at.name, "k").put(|put| put.body(text("sixsix"))).wait().unwrap();
    assert_eq!(object.content_length().wait().unwrap(), Some(5));
    object.reload().wait().unwrap();
    assert_eq!(object.content_length().wait().unwrap(), Some(6));
}

fn listed_resources_have_their_data(at: &Fixture) {
    for object in at.filled(3).objects() {
        let object = object.unwrap();
        assert_eq!(object.bucket_name(), at.name);
        assert_eq!(object.meta().data().unwrap().size, Some(5));
        assert_eq!(object.size().wait().unwrap(), Some(5));
    }
}

fn pages_and_limits(at: &Fixture) {
    let bucket = at.filled(7);
    let sizes =
        |pages: leyden::boto3::collection::Pages<ObjectSummary>| pages.map(|page| page.unwrap().len()).collect::<Vec<_>>();
    assert_eq!(sizes(bucket.objects().page_size(3).pages()), [3, 3, 1]);
    assert_eq!(sizes(bucket.objects().page_size(3).limit(4).pages()), [3, 1]);
    assert_eq!(sizes(bucket.objects().page_size(3).limit(3).pages()), [3]);
    assert_eq!(sizes(bucket.objects().pages()), [7]);
    assert_eq!(keys(bucket.objects().filter(|list| list.prefix("k0")).limit(2)), ["k00", "k01"]);
    assert_eq!(keys(bucket.objects().filter(|list| list.marker("k04"))), ["k05", "k06"]);
    assert_eq!(keys(bucket.objects().limit(0)), [""; 0]);
    let all = bucket.objects().all().page_size(2);
    assert_eq!(keys(all.clone()), keys(all), "a collection can be listed again");
}

fn a_batch_deletes_page_by_page(at: &Fixture) {
    let bucket = at.filled(5);
    let answers = bucket.objects().filter(|list| list.prefix("k")).page_size(2).delete().wait().unwrap();
    let deleted: Vec<usize> = answers.iter().map(|answer| answer.deleted().len()).collect();
    assert_eq!(deleted, [2, 2, 1]);
    assert_eq!(keys(bucket.objects()), [""; 0]);
    assert!(bucket.objects().delete().wait().unwrap().is_empty(), "nothing is sent for nothing");
}

fn versions_and_their_markers(at: &Fixture) {
    let bucket = at.bucket();
    let versioning = bucket.versioning();
    assert_eq!(versioning.status().wait().unwrap(), None);
    versioning.enable(|enable| enable).wait().unwrap();
    assert_eq!(versioning.status().wait().unwrap(), Some(types::BucketVersioningStatus::Enabled));
    let object = bucket.object("k");
    object.put(|put| put.body(text("one"))).wait().unwrap();
    let first = object.version_id().wait().unwrap().unwrap();
    object.put(|put| put.body(text("two"))).wait().unwrap();
    object.delete(|delete| delete).wait().unwrap();
    let versions: Vec<_> = bucket.object_versions().into_iter().map(Result::unwrap).collect();
    let sizes: Vec<_> = versions.iter().map(|version| version.size().wait().unwrap()).collect();
    assert_eq!(sizes, [Some(3), Some(3), None], "a marker has no size");
    assert!(versions.iter().all(|version| version.object() == object));
    let body = object.version(&first).get(|get| get).wait().unwrap().body;
    assert_eq!(async { body.collect().await }.wait().unwrap().to_vec(), b"one");
    bucket.object_versions().delete().wait().unwrap();
    assert_eq!(bucket.object_versions().into_iter().count(), 0);
    versioning.suspend(|suspend| suspend).wait().unwrap();
    assert_eq!(versioning.status().wait().unwrap(), Some(types::BucketVersioningStatus::Suspended));
}

fn an_upload_in_parts(at: &Fixture) {
    let bucket = at.bucket();
    let upload = bucket.object("big").initiate_multipart_upload(|create| create).wait().unwrap();
    assert_eq!(bucket.multipart_uploads().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [upload.clone()]);
    let part = upload.part(1);
    let answer = part.upload(|upload| upload.body(text("hello"))).wait().unwrap();
    let parts: Vec<_> = upload.parts().into_iter().map(Result::unwrap).collect();
    assert_eq!(parts, [part.clone()]);
    assert_eq!(parts[0].size().wait().unwrap(), Some(5));
    assert_eq!(parts[0].multipart_upload(), upload);
    let done = types::CompletedPart::builder().part_number(1).set_e_tag(answer.e_tag).build();
    let parts = types::CompletedMultipartUpload::builder().parts(done).build();
    let object = upload.complete(|complete| complete.multipart_upload(parts)).wait().unwrap();
    assert_eq!(object, bucket.object("big"));
    assert_eq!(object.content_length().wait().unwrap(), Some(5));
    let given_up = bucket.object("other").initiate_multipart_upload(|create| create).wait().unwrap();
    given_up.abort(|abort| abort).wait().unwrap();
    assert_eq!(bucket.multipart_uploads().into_iter().count(), 0);
}

fn what_a_bucket_is_configured_to(at: &Fixture) {
    let bucket = at.bucket();
    let tag = types::Tag::builder().key("team").value("ops").build().unwrap();
    let tagging = bucket.tagging();
    tagging.put(|put| put.tagging(types::Tagging::builder().tag_set(tag.clone()).build().unwrap())).wait().unwrap();
    assert_eq!(tagging.tag_set().wait().unwrap(), [tag]);
    tagging.delete(|delete| delete).wait().unwrap();
    assert_eq!(tagging.tag_set().wait().unwrap_err().code(), Some("NoSuchTagSet"));

    let rule = types::LifecycleRule::builder().id("old").status(types::ExpirationStatus::Enabled);
    let rule = rule.expiration(types::LifecycleExpiration::builder().days(9).build());
    let rule = rule.filter(types::LifecycleRuleFilter::builder().prefix("logs/").build()).build().unwrap();
    let rules = types::BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    bucket.lifecycle_configuration().put(|put| put.lifecycle_configuration(rules)).wait().unwrap();
    // The older class reads the same.
    assert_eq!(bucket.lifecycle().rules().wait().unwrap()[0].id(), Some("old"));
    bucket.lifecycle().delete(|delete| delete).wait().unwrap();
    assert_eq!(bucket.lifecycle_configuration().load().wait().unwrap_err().code(), Some("NoSuchLifecycleConfiguration"));

    let policy = bucket.policy();
    assert_eq!(policy.load().wait().unwrap_err().code(), Some("NoSuchBucketPolicy"));
    let owner = bucket.acl().owner().wait().unwrap();
    assert!(owner.is_some());
    assert_eq!(bucket.acl().grants().wait().unwrap().len(), 1);
    assert_eq!(bucket.request_payment().payer().wait().unwrap(), Some(types::Payer::BucketOwner));
    assert_eq!(bucket.acl().bucket(), bucket);
}

fn a_bucket_finds_itself_among_all(at: &Fixture) {
    let bucket = at.bucket();
    assert!(bucket.meta().data().is_none());
    assert!(bucket.creation_date().wait().unwrap().is_some());
    let nowhere = at.s3.bucket("there-is-no-such-bucket");
    assert_eq!(nowhere.creation_date().wait().unwrap(), None);
    assert!(nowhere.meta().data().is_some(), "nothing is what was found");
}

fn a_summary_loads_by_head(at: &Fixture) {
    let object = at.filled(1).object("k00");
    let summary = at.s3.object_summary(&at.name, "k00");
    assert_eq!(summary.size().wait().unwrap(), Some(5));
    assert_eq!(summary.e_tag().wait().unwrap(), object.e_tag().wait().unwrap());
    assert_eq!(summary.object(), object);
}

fn a_class_without_load_says_so(at: &Fixture) {
    let version = at.s3.object_version(&at.name, "k", "1");
    let error = version.size().wait().unwrap_err();
    assert!(matches!(error, Error::ResourceLoad { .. }));
    let shown = format!("s3.ObjectVersion(bucket_name='{}', object_key='k', id='1') has no load method", at.name);
    assert_eq!(error.to_string(), shown);
}

fn waiters_wait(at: &Fixture) {
    let bucket = at.bucket();
    bucket.wait_until_exists(|head| head).wait().unwrap();
    bucket.object("k").wait_until_not_exists(|head| head).wait().unwrap();
    let error = bucket.object("k").wait_until_exists(|head| head).max_attempts(1).wait().unwrap_err();
    assert!(error.to_string().contains("ObjectExists"), "{error}");
}

fn what_is_not_there_fails_as_the_service_says(at: &Fixture) {
    let bucket = at.bucket();
    let error = bucket.object("nothing").content_length().wait().unwrap_err();
    assert_eq!(error.code(), Some("404"));
    assert_eq!(
        at.s3.bucket("there-is-no-such-bucket").objects().into_iter().next().unwrap().unwrap_err().code(),
        Some("NoSuchBucket")
    );
}

fn refused(operation: &str, status: u16, code: &str) -> Error {
    ClientError::new(operation, status, code, "no").into()
}

fn world() -> (World, Fixture) {
    let world = World::new();
    let s3 = world.batteries().boto3.resource().region_name("us-east-1").s3();
    (world, Fixture { s3, name: "backups".to_owned() })
}

#[test]
fn an_attribute_loads_once() {
    let (world, at) = world();
    let object = at.filled(1).object("k00");
    let length = object.content_length();
    assert_eq!(world.script().count("s3.head_object"), 0, "nothing is sent before it is waited for");
    assert_eq!(length.wait().unwrap(), Some(5));
    object.e_tag().wait().unwrap();
    assert_eq!(object.data().wait().unwrap().content_length, Some(5));
    assert_eq!(world.script().count("s3.head_object"), 1);
    object.load().wait().unwrap();
    assert_eq!(world.script().count("s3.head_object"), 2);
}

#[test]
fn a_listing_asks_for_no_more_than_is_wanted() {
    let (world, at) = world();
    let bucket = at.filled(5);
    let asked = || world.script().count("s3.list_objects");
    let _ = bucket.objects().page_size(2);
    assert_eq!(asked(), 0);
    let mut objects = bucket.objects().page_size(2).into_iter();
    assert_eq!(objects.next().unwrap().unwrap().key(), "k00");
    assert_eq!(objects.next().unwrap().unwrap().key(), "k01");
    assert_eq!(asked(), 1);
    assert_eq!(objects.next().unwrap().unwrap().key(), "k02");
    assert_eq!(asked(), 2);
    assert_eq!(keys(bucket.objects().page_size(2).limit(2)), ["k00", "k01"]);
    assert_eq!(asked(), 3);
}

#[test]
fn a_listing_ends_at_an_error() {
    let (world, at) = world();
    let mut objects = at.filled(3).objects().page_size(2).into_iter();
    assert!(objects.next().unwrap().is_ok());
    assert!(objects.next().unwrap().is_ok());
    world.script().fail_next("s3.list_objects", refused("ListObjects", 503, "SlowDown"));
    assert_eq!(objects.next().unwrap().unwrap_err().code(), Some("SlowDown"));
    assert!(objects.next().is_none());
}

#[test]
fn a_batch_stops_at_the_first_refusal() {
    let (world, at) = world();
    let bucket = at.filled(5);
    world.script().fail_next("s3.delete_objects", refused("DeleteObjects", 503, "SlowDown"));
    let error = bucket.objects().page_size(2).delete().wait().unwrap_err();
    assert_eq!(error.code(), Some("SlowDown"));
    assert_eq!(world.boto3.s3.keys("backups").len(), 5);
}

#[test]
fn an_action_that_fails_keeps_what_is_loaded() {
    let (world, at) = world();
    let object = at.filled(1).object("k00");
    object.load().wait().unwrap();
    world.script().fail_next("s3.put_object", refused("PutObject", 503, "SlowDown"));
    object.put(|put| put.body(text("x"))).wait().unwrap_err();
    assert!(object.meta().data().is_some());
}

#[test]
fn buckets_that_may_not_be_listed_have_no_attributes() {
    let (world, at) = world();
    let bucket = at.bucket();
    world.script().fail_next("s3.list_buckets", refused("ListBuckets", 403, "AccessDenied"));
    assert_eq!(bucket.creation_date().wait().unwrap(), None);
    world.script().fail_next("s3.list_buckets", refused("ListBuckets", 503, "SlowDown"));
    assert_eq!(bucket.load().wait().unwrap_err().code(), Some("SlowDown"));
}

#[test]
fn listings_can_be_awaited() {
    let (_, at) = world();
    let bucket = at.filled(5);
    let found = async {
        let (mut objects, mut found) = (bucket.objects().page_size(2).into_iter(), Vec::new());
        while let Some(object) = objects.next_resource().await {
            found.push(object.unwrap().key().to_owned());
        }
        found
    };
    assert_eq!(found.wait(), ["k00", "k01", "k02", "k03", "k04"]);
}

#[test]
fn resources_are_known_by_their_identifiers() {
    let (_, at) = world();
    let one = at.s3.bucket("b").object("k");
    let set = HashSet::from([one.clone(), at.s3.object("b", "k"), at.s3.object("b", "l")]);
    assert_eq!(set.len(), 2);
    assert_eq!(format!("{one:?}"), "s3.Object(bucket_name='b', key='k')");
    assert_eq!(format!("{:?}", at.s3.bucket("it's")), "s3.Bucket(name=\"it's\")");
    assert_eq!(
        format!("{:?}", at.s3.bucket("b").objects()),
        "s3.Bucket.objectsCollection(s3.Bucket(name='b'), s3.ObjectSummary)"
    );
    assert_eq!(one.get_available_subresources(), ["Acl", "Bucket", "MultipartUpload", "Version"]);
    assert_eq!(one.meta().service_name(), "s3");
    assert_eq!(one.meta().identifiers(), ["bucket_name", "key"]);
    assert_eq!(one.meta().client().meta().service_name(), "s3");
}
