//! Buckets and objects: putting, reading, copying, deleting.

use std::collections::HashMap;

use leyden::boto3::s3::primitives::{ByteStream, DateTime};
use leyden::boto3::s3::types::{
    BucketLocationConstraint, ChecksumAlgorithm, ChecksumMode, CreateBucketConfiguration, Delete, MetadataDirective,
    ObjectAttributes, ObjectIdentifier, StorageClass, TaggingDirective,
};
use leyden::prelude::*;

use super::boto3_s3::{Fixture, because, etag, read, refused, s3_conformance};

s3_conformance! {
    everywhere [
        a_bucket_is_listed, a_missing_bucket, deleting_an_empty_bucket, deleting_a_missing_bucket, put_gives_the_md5,
        put_and_get, an_empty_object, bytes_of_every_value, put_replaces, getting_a_missing_key, keys_with_odd_characters,
        user_metadata_comes_back, the_content_type_comes_back, head_gives_the_size, heading_a_missing_key, a_range,
        a_range_to_the_end, a_range_of_the_last_bytes, a_range_past_the_end_is_cut, a_range_outside, deleting_an_object,
        deleting_a_missing_object_is_fine, copying_an_object, copying_to_another_bucket, copying_a_missing_object, a_mebibyte,
        deleting_several, the_checksum_of_a_put,
    ]
    not_s3s "answers 200 to a bucket that is there" [making_a_bucket_again, heading_a_bucket]
    not_s3s "deletes with all that is in it" [deleting_a_bucket_that_is_not_empty]
    not_s3s "has no regions" [making_a_bucket_where_it_must_be_said, the_location_of_a_bucket]
    not_s3s "ignores conditions on reads and writes" [
        if_match, if_match_fails, if_none_match, if_modified_since, if_unmodified_since, both_conditions_hold,
        if_none_match_any, if_match_on_a_write, head_with_if_none_match, copy_if_none_match,
    ]
    not_s3s "keeps no system headers" [system_headers_come_back, headers_overridden_by_the_reader, the_default_content_type]
    not_s3s "copies metadata always" [copying_keeps_the_metadata, copying_replaces_the_metadata, copying_onto_itself]
    not_s3s "has no storage classes" [the_storage_class, a_strange_storage_class]
    not_s3s "has no tags" [tags_of_a_put, copying_keeps_the_tags, copying_replaces_the_tags]
    not_s3s "answers with strict paths" [a_version_in_the_copy_source]
    not_s3s "counts no parts of what came in one" [the_first_part_of_a_whole, heading_the_first_part]
    not_s3s "answers as to any" [
        deleting_nothing, several_ranges_are_none, a_strange_range_is_none, the_missing_key_of_a_head_has_no_message,
        checksum_of_each_algorithm, a_checksum_on_demand, attributes_of_an_object, attributes_of_a_missing_object,
        last_modified_is_in_whole_seconds, metadata_names_are_lower_case, expires_comes_back, a_redirect_comes_back,
        deleting_twice_in_one_go, the_code_of_a_head_is_the_status, a_bucket_with_tags_from_the_start,
    ]
    not_s3s "makes the bucket" [putting_into_a_missing_bucket]
    not_moto "takes it" [a_wrong_content_md5]
    fake "moto and s3s take any name" [names_that_are_none]
    fake "moto has other rules" [buckets_of_others, anonymous_readers, another_region]
    fake "moto takes them" [a_strange_content_md5, two_checksums, an_acl_where_lists_do_not_count]
    fake "moto takes it" [a_key_that_is_too_long, a_wrong_checksum, deleting_too_many, too_much_metadata]
    fake "moto ignores CopySourceIfMatch" [copy_if_match]
    fake "moto ignores Quiet" [deleting_quietly]
}

fn making_a_bucket_again(f: &Fixture) {
    let bucket = f.bucket();
    // In us-east-1 it is no error.
    f.s3.create_bucket(|create| create.bucket(&bucket)).wait().unwrap();
}

fn a_bucket_is_listed(f: &Fixture) {
    let bucket = f.bucket();
    let listed = f.s3.list_buckets(|list| list).wait().unwrap().buckets.unwrap();
    assert!(listed.iter().any(|listed| listed.name.as_deref() == Some(&bucket) && listed.creation_date.is_some()));
}

fn a_missing_bucket(f: &Fixture) {
    let missing = f.name();
    assert_eq!(refused(f.s3.list_objects_v2(|list| list.bucket(&missing))), because(404, "NoSuchBucket"));
}

fn heading_a_bucket(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(f.s3.head_bucket(|head| head.bucket(&bucket)).wait().unwrap().bucket_region.as_deref(), Some("us-east-1"));
    assert_eq!(refused(f.s3.head_bucket(|head| head.bucket(f.name()))), because(404, "404"));
}

fn deleting_an_empty_bucket(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.delete_bucket(|delete| delete.bucket(&bucket)).wait().unwrap();
    assert_eq!(refused(f.s3.list_objects_v2(|list| list.bucket(&bucket))), because(404, "NoSuchBucket"));
}

fn deleting_a_missing_bucket(f: &Fixture) {
    assert_eq!(refused(f.s3.delete_bucket(|delete| delete.bucket(f.name()))), because(404, "NoSuchBucket"));
}

fn deleting_a_bucket_that_is_not_empty(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert_eq!(refused(f.s3.delete_bucket(|delete| delete.bucket(&bucket))), because(409, "BucketNotEmpty"));
}

fn making_a_bucket_where_it_must_be_said(f: &Fixture) {
    let here = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from("us-east-1")).build();
    let refusal = refused(f.s3.create_bucket(|create| create.bucket(f.name()).create_bucket_configuration(here)));
    assert_eq!(refusal, because(400, "InvalidLocationConstraint"));
}

fn the_location_of_a_bucket(f: &Fixture) {
    let bucket = f.bucket();
    let here = f.s3.get_bucket_location(|get| get.bucket(&bucket)).wait().unwrap().location_constraint;
    assert!(here.is_none_or(|here| here.as_str().is_empty()));
    let there = f.name();
    let elsewhere = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build();
    f.s3.create_bucket(|create| create.bucket(&there).create_bucket_configuration(elsewhere)).wait().unwrap();
    let location = f.s3.get_bucket_location(|get| get.bucket(&there)).wait().unwrap().location_constraint;
    assert_eq!(location, Some(BucketLocationConstraint::EuWest1));
}

fn names_that_are_none(f: &Fixture) {
    let long = "a".repeat(64);
    for name in ["ab", &long, "Upper", "under_score", "a..b", "-ab", "ab-", "192.168.5.4", "xn--a", "a-s3alias", "a b"] {
        assert_eq!(refused(f.s3.create_bucket(|create| create.bucket(name))), because(400, "InvalidBucketName"), "{name}");
    }
}

fn buckets_of_others(f: &Fixture) {
    f.world.as_ref().unwrap().boto3.s3.taken("theirs");
    assert_eq!(refused(f.s3.create_bucket(|create| create.bucket("theirs"))), because(409, "BucketAlreadyExists"));
    let bucket = f.bucket();
    let refusal = refused(f.s3.list_objects_v2(|list| list.bucket(&bucket).expected_bucket_owner("999999999999")));
    assert_eq!(refusal, because(403, "AccessDenied"));
}

fn anonymous_readers(f: &Fixture) {
    use leyden::boto3::Config;
    use leyden::boto3::s3::types::ObjectCannedAcl;
    let bucket = f.bucket();
    f.put(&bucket, "secret", "s");
    f.s3.delete_public_access_block(|delete| delete.bucket(&bucket)).wait().unwrap();
    let public = ObjectCannedAcl::PublicRead;
    f.s3.put_object(|put| put.bucket(&bucket).key("public").body(ByteStream::from_static(b"p")).acl(public)).wait().unwrap();
    let client = f.world.as_ref().unwrap().batteries().boto3.client();
    let anybody = client.region_name("us-east-1").config(Config::default().unsigned()).s3();
    assert_eq!(read(anybody.get_object(|get| get.bucket(&bucket).key("public")).wait().unwrap().body), b"p");
    for key in ["secret", "missing"] {
        assert_eq!(refused(anybody.get_object(|get| get.bucket(&bucket).key(key))), because(403, "AccessDenied"));
    }
    assert_eq!(refused(anybody.list_objects_v2(|list| list.bucket(&bucket))), because(403, "AccessDenied"));
}

fn another_region(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let elsewhere = f.world.as_ref().unwrap().batteries().boto3.client().region_name("eu-west-1").s3();
    // B1: in memory, too, the first request is refused, and made again in the region of the bucket.
    assert!(elsewhere.get_object(|get| get.bucket(&bucket).key("a")).wait().is_ok());
    let head = elsewhere.head_bucket(|head| head.bucket(&bucket)).wait().unwrap();
    assert_eq!(head.bucket_region.as_deref(), Some("us-east-1"));
    elsewhere.put_object(|put| put.bucket(&bucket).key("b").body(ByteStream::from_static(b"b"))).wait().unwrap();
    let url = elsewhere.generate_presigned_url().get_object(|get| get.bucket(&bucket).key("b")).wait().unwrap().url;
    assert!(url.contains("us-east-1%2Fs3"), "{url}");
    let refusal = refused(elsewhere.create_bucket(|create| create.bucket("unspecified")));
    assert_eq!(refusal, because(400, "IllegalLocationConstraintException"));
}

fn a_bucket_with_tags_from_the_start(f: &Fixture) {
    // What is not set is not there.
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_bucket_tagging(|get| get.bucket(&bucket))), because(404, "NoSuchTagSet"));
}

fn put_gives_the_md5(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_object(|put| put.bucket(&bucket).key("a").body(ByteStream::from_static(b"hello"))).wait().unwrap();
    assert_eq!(put.e_tag, Some(etag(b"hello")));
    assert_eq!(put.version_id, None);
}

fn put_and_get(f: &Fixture) {
    let bucket = f.bucket();
    f.put(&bucket, "a", "hello");
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!((got.content_length, got.e_tag.clone()), (Some(5), Some(etag(b"hello"))));
    assert_eq!(read(got.body), b"hello");
}

fn an_empty_object(f: &Fixture) {
    let bucket = f.bucket();
    f.put(&bucket, "empty", "");
    assert_eq!(f.get(&bucket, "empty"), b"");
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("empty")).wait().unwrap().content_length, Some(0));
}

fn bytes_of_every_value(f: &Fixture) {
    let bucket = f.bucket();
    let bytes: Vec<u8> = (0..=255).collect();
    f.put(&bucket, "bytes", bytes.clone());
    assert_eq!(f.get(&bucket, "bytes"), bytes);
}

fn put_replaces(f: &Fixture) {
    let bucket = f.bucket();
    f.put(&bucket, "a", "one");
    f.put(&bucket, "a", "two");
    assert_eq!(f.get(&bucket, "a"), b"two");
}

fn getting_a_missing_key(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
}

fn keys_with_odd_characters(f: &Fixture) {
    let keys = ["a b", "a+b", "ü/ä", "100%", "a=b&c", "(1)", "日本", "a'b", "x~y", "q?r"];
    let bucket = f.fill(&keys);
    for key in keys {
        assert_eq!(f.get(&bucket, key), key.as_bytes(), "{key}");
    }
}

fn user_metadata_comes_back(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_object(|put| put.bucket(&bucket).key("a").metadata("owner", "ann").metadata("run", "7"));
    put.wait().unwrap();
    let expected = HashMap::from([("owner".to_owned(), "ann".to_owned()), ("run".to_owned(), "7".to_owned())]);
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().metadata, Some(expected.clone()));
    assert_eq!(f.s3.get_object(|get| get.bucket(&bucket).key("a")).wait().unwrap().metadata, Some(expected));
}

fn metadata_names_are_lower_case(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").metadata("Owner", "Ann")).wait().unwrap();
    let metadata = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().metadata.unwrap();
    assert_eq!(metadata.get("owner").map(String::as_str), Some("Ann"));
}

fn too_much_metadata(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").metadata("long", "x".repeat(3000))));
    assert_eq!(refusal, because(400, "MetadataTooLarge"));
}

fn the_content_type_comes_back(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").content_type("text/html")).wait().unwrap();
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().content_type.as_deref(), Some("text/html"));
}

fn the_default_content_type(f: &Fixture) {
    let bucket = f.bucket();
    f.put(&bucket, "a", "hello");
    let got = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    // Amazon's client for Rust says `application/octet-stream` itself, boto3 nothing.
    assert!(got.content_type.is_some_and(|told| told.ends_with("/octet-stream")));
}

fn system_headers_come_back(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_object(|put| {
        let put = put.bucket(&bucket).key("a").cache_control("no-cache").content_disposition("attachment");
        put.content_encoding("gzip").content_language("de")
    });
    put.wait().unwrap();
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(got.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(got.content_disposition.as_deref(), Some("attachment"));
    assert_eq!(got.content_encoding.as_deref(), Some("gzip"));
    assert_eq!(got.content_language.as_deref(), Some("de"));
}

fn expires_comes_back(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").expires(DateTime::from_secs(2_000_000_000))).wait().unwrap();
    let got = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(got.expires_string.as_deref(), Some("Wed, 18 May 2033 03:33:20 GMT"));
}

fn a_redirect_comes_back(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").website_redirect_location("/b")).wait().unwrap();
    let got = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(got.website_redirect_location.as_deref(), Some("/b"));
}

fn headers_overridden_by_the_reader(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let got =
        f.s3.get_object(|get| get.bucket(&bucket).key("a").response_content_type("text/x").response_cache_control("no-store"));
    let got = got.wait().unwrap();
    assert_eq!(got.content_type.as_deref(), Some("text/x"));
    assert_eq!(got.cache_control.as_deref(), Some("no-store"));
}

fn head_gives_the_size(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("hello")).wait().unwrap();
    assert_eq!((head.content_length, head.e_tag), (Some(5), Some(etag(b"hello"))));
}

fn heading_a_missing_key(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.head_object(|head| head.bucket(&bucket).key("a"))).0, 404);
}

fn the_code_of_a_head_is_the_status(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.head_object(|head| head.bucket(&bucket).key("a"))), because(404, "404"));
}

fn the_missing_key_of_a_head_has_no_message(f: &Fixture) {
    let bucket = f.bucket();
    let error = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap_err();
    assert_eq!(error.client().unwrap().message, "Not Found");
    assert_eq!(error.client().unwrap().operation, "HeadObject");
}

fn last_modified_is_in_whole_seconds(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let modified = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().last_modified.unwrap();
    assert!(!modified.has_subsec_nanos());
}

fn ranged(f: &Fixture, range: &str) -> (Vec<u8>, Option<String>, Option<i64>) {
    let bucket = f.fill(&["0123456789"]);
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("0123456789").range(range)).wait().unwrap();
    (read(got.body), got.content_range, got.content_length)
}

fn a_range(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=2-4"), (b"234".to_vec(), Some("bytes 2-4/10".to_owned()), Some(3)));
}

fn a_range_to_the_end(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=7-"), (b"789".to_vec(), Some("bytes 7-9/10".to_owned()), Some(3)));
}

fn a_range_of_the_last_bytes(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=-2"), (b"89".to_vec(), Some("bytes 8-9/10".to_owned()), Some(2)));
}

fn a_range_past_the_end_is_cut(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=8-100"), (b"89".to_vec(), Some("bytes 8-9/10".to_owned()), Some(2)));
}

fn a_range_outside(f: &Fixture) {
    let bucket = f.fill(&["0123456789"]);
    let refusal = refused(f.s3.get_object(|get| get.bucket(&bucket).key("0123456789").range("bytes=10-")));
    assert_eq!(refusal, because(416, "InvalidRange"));
}

fn several_ranges_are_none(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=0-1,4-5").0, b"0123456789");
}

fn a_strange_range_is_none(f: &Fixture) {
    assert_eq!(ranged(f, "bytes=x-y").0, b"0123456789");
}

fn the_first_part_of_a_whole(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("hello").part_number(1)).wait().unwrap();
    assert_eq!(read(got.body), b"hello");
}

fn heading_the_first_part(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("hello").part_number(1)).wait().unwrap().content_length, Some(5));
}

fn if_match(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.get_object(|get| get.bucket(&bucket).key("a").if_match(etag(b"a"))).wait().unwrap();
}

fn if_match_fails(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let refusal = refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").if_match(etag(b"b"))));
    assert_eq!(refusal, because(412, "PreconditionFailed"));
}

fn if_none_match(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.get_object(|get| get.bucket(&bucket).key("a").if_none_match(etag(b"b"))).wait().unwrap();
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").if_none_match(etag(b"a")))), because(304, "304"));
}

fn head_with_if_none_match(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert_eq!(refused(f.s3.head_object(|head| head.bucket(&bucket).key("a").if_none_match(etag(b"a")))), because(304, "304"));
    assert_eq!(refused(f.s3.head_object(|head| head.bucket(&bucket).key("a").if_match(etag(b"b")))), because(412, "412"));
}

/// Long before and long after anything.
fn past() -> DateTime {
    DateTime::from_secs(1_000_000_000)
}

fn future() -> DateTime {
    DateTime::from_secs(4_000_000_000)
}

fn if_modified_since(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.get_object(|get| get.bucket(&bucket).key("a").if_modified_since(past())).wait().unwrap();
    // AWS takes no date of the future for true, so this one is the object's own.
    let modified = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().last_modified.unwrap();
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").if_modified_since(modified))), because(304, "304"));
}

fn if_unmodified_since(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.get_object(|get| get.bucket(&bucket).key("a").if_unmodified_since(future())).wait().unwrap();
    let refusal = refused(f.s3.get_object(|get| get.bucket(&bucket).key("a").if_unmodified_since(past())));
    assert_eq!(refusal, because(412, "PreconditionFailed"));
}

fn both_conditions_hold(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let get = f.s3.get_object(|get| get.bucket(&bucket).key("a").if_match(etag(b"a")).if_none_match(etag(b"b")));
    assert_eq!(read(get.wait().unwrap().body), b"a");
}

fn if_none_match_any(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").if_none_match("*")).wait().unwrap();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").if_none_match("*")));
    assert_eq!(refusal, because(412, "PreconditionFailed"));
}

fn if_match_on_a_write(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").if_match(etag(b"b"))));
    assert_eq!(refusal, because(412, "PreconditionFailed"));
    f.s3.put_object(|put| put.bucket(&bucket).key("a").if_match(etag(b"a"))).wait().unwrap();
}

fn deleting_an_object(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let deleted = f.s3.delete_object(|delete| delete.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(deleted.version_id, None);
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
}

fn deleting_a_missing_object_is_fine(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.delete_object(|delete| delete.bucket(&bucket).key("a")).wait().unwrap();
}

fn several(keys: &[&str]) -> Delete {
    let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build().unwrap()).collect();
    Delete::builder().set_objects(Some(objects)).build().unwrap()
}

fn deleting_several(f: &Fixture) {
    let bucket = f.fill(&["a", "b", "c"]);
    let deleted = f.s3.delete_objects(|delete| delete.bucket(&bucket).delete(several(&["a", "b"]))).wait().unwrap();
    let mut keys: Vec<_> = deleted.deleted.unwrap().into_iter().filter_map(|deleted| deleted.key).collect();
    keys.sort();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(f.get(&bucket, "c"), b"c");
}

fn deleting_quietly(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let mut quiet = several(&["a", "missing"]);
    quiet.quiet = Some(true);
    let deleted = f.s3.delete_objects(|delete| delete.bucket(&bucket).delete(quiet)).wait().unwrap();
    assert_eq!((deleted.deleted(), deleted.errors()), (&[][..], &[][..]));
}

fn deleting_nothing(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.delete_objects(|delete| delete.bucket(&bucket).delete(several(&[])))), because(400, "MalformedXML"));
}

fn deleting_too_many(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.delete_objects(|delete| delete.bucket(&bucket).delete(several(&["a"; 1001]))));
    assert_eq!(refusal, because(400, "MalformedXML"));
}

fn deleting_twice_in_one_go(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let deleted = f.s3.delete_objects(|delete| delete.bucket(&bucket).delete(several(&["a", "missing"]))).wait().unwrap();
    // What was not there is deleted too.
    assert_eq!(deleted.deleted().len(), 2);
}

fn copying_an_object(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let copied = f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a"))).wait().unwrap();
    assert_eq!(copied.copy_object_result.unwrap().e_tag, Some(etag(b"a")));
    assert_eq!(f.get(&bucket, "b"), b"a");
}

fn copying_to_another_bucket(f: &Fixture) {
    let (from, to) = (f.fill(&["a"]), f.bucket());
    f.s3.copy_object(|copy| copy.bucket(&to).key("a").copy_source(format!("{from}/a"))).wait().unwrap();
    assert_eq!(f.get(&to, "a"), b"a");
}

fn copying_a_missing_object(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a"))));
    assert_eq!(refusal, because(404, "NoSuchKey"));
}

fn copying_keeps_the_metadata(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").metadata("owner", "ann").content_type("text/x")).wait().unwrap();
    f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a")).metadata("owner", "bob"))
        .wait()
        .unwrap();
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("b")).wait().unwrap();
    assert_eq!(head.metadata.unwrap().get("owner").map(String::as_str), Some("ann"));
    assert_eq!(head.content_type.as_deref(), Some("text/x"));
}

fn copying_replaces_the_metadata(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").metadata("owner", "ann")).wait().unwrap();
    let copy = f.s3.copy_object(|copy| {
        let copy = copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a")).metadata("run", "7");
        copy.metadata_directive(MetadataDirective::Replace)
    });
    copy.wait().unwrap();
    let metadata = f.s3.head_object(|head| head.bucket(&bucket).key("b")).wait().unwrap().metadata.unwrap();
    assert_eq!((metadata.get("owner"), metadata.get("run").map(String::as_str)), (None, Some("7")));
}

fn copying_onto_itself(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let refusal = refused(f.s3.copy_object(|copy| copy.bucket(&bucket).key("a").copy_source(format!("{bucket}/a"))));
    assert_eq!(refusal, because(400, "InvalidRequest"));
    let replace = MetadataDirective::Replace;
    let copy =
        f.s3.copy_object(|copy| copy.bucket(&bucket).key("a").copy_source(format!("{bucket}/a")).metadata_directive(replace));
    copy.wait().unwrap();
}

fn copy_if_match(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let copy = |tag: String| {
        f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a")).copy_source_if_match(tag))
    };
    assert_eq!(refused(copy(etag(b"b"))), because(412, "PreconditionFailed"));
    copy(etag(b"a")).wait().unwrap();
}

fn copy_if_none_match(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let copy = f.s3.copy_object(|copy| {
        copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a")).copy_source_if_none_match(etag(b"a"))
    });
    assert_eq!(refused(copy), because(412, "PreconditionFailed"));
}

fn a_version_in_the_copy_source(f: &Fixture) {
    let bucket = f.versioned();
    let old = f.put(&bucket, "a", "old").unwrap();
    f.put(&bucket, "a", "new");
    let source = format!("{bucket}/a?versionId={old}");
    let copied = f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(&source)).wait().unwrap();
    assert_eq!(copied.copy_source_version_id, Some(old));
    assert_eq!(f.get(&bucket, "b"), b"old");
}

fn tags_of_a_put(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").tagging("k=v&x=a%20b")).wait().unwrap();
    let mut tags = f.s3.get_object_tagging(|get| get.bucket(&bucket).key("a")).wait().unwrap().tag_set;
    tags.sort_by_key(|tag| tag.key.clone());
    let tags: Vec<_> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("k", "v"), ("x", "a b")]);
    assert_eq!(f.s3.get_object(|get| get.bucket(&bucket).key("a")).wait().unwrap().tag_count, Some(2));
}

fn copying_keeps_the_tags(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").tagging("k=v")).wait().unwrap();
    f.s3.copy_object(|copy| copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a"))).wait().unwrap();
    assert_eq!(f.s3.get_object_tagging(|get| get.bucket(&bucket).key("b")).wait().unwrap().tag_set.len(), 1);
}

fn copying_replaces_the_tags(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").tagging("k=v")).wait().unwrap();
    let copy = f.s3.copy_object(|copy| {
        let copy = copy.bucket(&bucket).key("b").copy_source(format!("{bucket}/a"));
        copy.tagging("x=y").tagging_directive(TaggingDirective::Replace)
    });
    copy.wait().unwrap();
    let tags = f.s3.get_object_tagging(|get| get.bucket(&bucket).key("b")).wait().unwrap().tag_set;
    assert_eq!(tags.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["x"]);
}

fn the_storage_class(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().storage_class, None);
    f.s3.put_object(|put| put.bucket(&bucket).key("b").storage_class(StorageClass::StandardIa)).wait().unwrap();
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("b")).wait().unwrap();
    assert_eq!(head.storage_class, Some(StorageClass::StandardIa));
}

fn a_strange_storage_class(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").storage_class(StorageClass::from("COLD"))));
    assert_eq!(refusal, because(400, "InvalidStorageClass"));
}

fn putting_into_a_missing_bucket(f: &Fixture) {
    let missing = f.name();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&missing).key("a").body(ByteStream::from_static(b"a"))));
    assert_eq!(refusal, because(404, "NoSuchBucket"));
}

fn a_mebibyte(f: &Fixture) {
    let bucket = f.bucket();
    let bytes: Vec<u8> = (0..1 << 20).map(|at: u32| (at * 31 % 251) as u8).collect();
    f.put(&bucket, "big", bytes.clone());
    assert_eq!(f.get(&bucket, "big"), bytes);
}

fn a_key_that_is_too_long(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("k".repeat(1025))));
    assert_eq!(refusal, because(400, "KeyTooLongError"));
}

fn the_checksum_of_a_put(f: &Fixture) {
    let bucket = f.bucket();
    let body = ByteStream::from_static(b"hello");
    let put = f.s3.put_object(|put| put.bucket(&bucket).key("a").body(body).checksum_algorithm(ChecksumAlgorithm::Crc32));
    assert_eq!(put.wait().unwrap().checksum_crc32.as_deref(), Some("NhCmhg=="));
}

/// Each algorithm's value of `hello`.
fn hello(algorithm: &ChecksumAlgorithm) -> &'static str {
    match algorithm {
        ChecksumAlgorithm::Crc32 => "NhCmhg==",
        ChecksumAlgorithm::Crc32C => "mnG7TA==",
        ChecksumAlgorithm::Sha1 => "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
        ChecksumAlgorithm::Sha256 => "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        _ => "M3eFcAZSQlc=",
    }
}

fn checksum_of_each_algorithm(f: &Fixture) {
    use ChecksumAlgorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
    let bucket = f.bucket();
    for algorithm in [Crc32, Crc32C, Crc64Nvme, Sha1, Sha256] {
        let body = ByteStream::from_static(b"hello");
        f.s3.put_object(|put| put.bucket(&bucket).key("a").body(body).checksum_algorithm(algorithm.clone())).wait().unwrap();
        let head = f.s3.head_object(|head| head.bucket(&bucket).key("a").checksum_mode(ChecksumMode::Enabled)).wait().unwrap();
        let values =
            [head.checksum_crc32, head.checksum_crc32_c, head.checksum_crc64_nvme, head.checksum_sha1, head.checksum_sha256];
        let values: Vec<_> = values.into_iter().flatten().collect();
        assert_eq!(values, [hello(&algorithm)], "{algorithm:?}");
    }
}

fn a_wrong_checksum(f: &Fixture) {
    let bucket = f.bucket();
    let put =
        f.s3.put_object(|put| put.bucket(&bucket).key("a").body(ByteStream::from_static(b"hello")).checksum_crc32("AAAAAA=="));
    assert_eq!(refused(put), because(400, "BadDigest"));
}

fn a_checksum_on_demand(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(head.checksum_crc32, None);
}

fn two_checksums(f: &Fixture) {
    let bucket = f.bucket();
    let body = ByteStream::from_static(b"hello");
    let put =
        f.s3.put_object(|put| put.bucket(&bucket).key("a").body(body).checksum_crc32("NhCmhg==").checksum_crc32_c("mnG7TA=="));
    assert_eq!(refused(put), because(400, "InvalidRequest"));
}

fn a_wrong_content_md5(f: &Fixture) {
    let bucket = f.bucket();
    let body = ByteStream::from_static(b"hello");
    let put = f.s3.put_object(|put| put.bucket(&bucket).key("a").body(body).content_md5("AAAAAAAAAAAAAAAAAAAAAA=="));
    assert_eq!(refused(put), because(400, "BadDigest"));
}

fn a_strange_content_md5(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").content_md5("zzz"))), because(400, "InvalidDigest"));
}

fn an_acl_where_lists_do_not_count(f: &Fixture) {
    use leyden::boto3::s3::types::ObjectCannedAcl;
    let bucket = f.name();
    f.s3.create_bucket(|create| create.bucket(&bucket)).wait().unwrap();
    let refusal = refused(f.s3.put_object(|put| put.bucket(&bucket).key("a").acl(ObjectCannedAcl::PublicRead)));
    assert_eq!(refusal, because(400, "AccessControlListNotSupported"));
}

fn attributes_of_an_object(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let wanted = [ObjectAttributes::Etag, ObjectAttributes::ObjectSize, ObjectAttributes::StorageClass];
    let got = f.s3.get_object_attributes(|get| get.bucket(&bucket).key("hello").set_object_attributes(Some(wanted.to_vec())));
    let got = got.wait().unwrap();
    assert_eq!(got.e_tag.as_deref(), Some(etag(b"hello").trim_matches('"')));
    assert_eq!((got.object_size, got.storage_class, got.checksum), (Some(5), Some(StorageClass::Standard), None));
}

fn attributes_of_a_missing_object(f: &Fixture) {
    let bucket = f.bucket();
    let get = f.s3.get_object_attributes(|get| get.bucket(&bucket).key("a").object_attributes(ObjectAttributes::Etag));
    assert_eq!(refused(get), because(404, "NoSuchKey"));
}
