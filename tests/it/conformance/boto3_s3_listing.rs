//! Listings: prefixes, delimiters, pages, encodings.

use leyden::boto3::s3::shapes::ListObjectsV2Output;
use leyden::boto3::s3::types::{EncodingType, StorageClass};
use leyden::prelude::*;

use super::boto3_s3::{Fixture, because, etag, refused, s3_conformance};

s3_conformance! {
    everywhere [
        an_empty_bucket, keys_are_in_order, a_prefix, a_prefix_of_nothing, a_delimiter, a_prefix_and_a_delimiter, start_after,
        v1_lists_them_all, v1_with_a_prefix, v1_with_a_delimiter,
    ]
    not_s3s "has no pages" [
        pages, pages_of_one, the_last_page_has_no_token, common_prefixes_count, pages_over_prefixes, v1_pages, no_keys_at_all,
        a_page_that_fits_exactly,
    ]
    not_s3s "lists by file names, and has no owner" [
        a_delimiter_of_letters, order_is_of_bytes, fetch_owner, no_owner_in_v2, v1_has_owners,
        the_name_and_the_prefix_come_back, entries_tell_the_class, key_count, a_prefix_that_is_a_key,
        start_after_within_a_prefix, an_empty_delimiter_is_none, prefixes_and_keys_side_by_side,
    ]
    not_s3s "does not encode" [
        keys_are_encoded_on_demand, keys_that_xml_cannot_carry, v1_keys_that_xml_cannot_carry,
        a_prefix_that_xml_cannot_carry, pages_of_keys_that_xml_cannot_carry,
    ]
    not_s3s "lists no ETags" [entries_tell_size_and_etag]
    fake "moto encodes keys and prefixes, and no versions" [
        versions_that_xml_cannot_carry, a_start_and_a_delimiter_that_xml_cannot_carry, the_prefix_of_v1_stays_encoded,
    ]
    fake "moto lists more than a thousand" [never_more_than_a_thousand]
    fake "moto takes any token" [a_strange_token]
    fake "moto encodes spaces as %20, AWS as +" [a_space_is_a_plus]
    fake "moto knows no such names" [a_strange_encoding]
    fake "moto forgets the limits of buckets" [pages_of_buckets]
    fake "moto breaks: 500" [a_negative_limit]
    fake "moto gives a digest for NextMarker, and always" [v1_next_marker_with_a_delimiter, v1_no_next_marker_without]
}

fn keys(listed: &ListObjectsV2Output) -> Vec<String> {
    listed.contents().iter().filter_map(|entry| entry.key.clone()).collect()
}

fn prefixes(listed: &ListObjectsV2Output) -> Vec<String> {
    listed.common_prefixes().iter().filter_map(|prefix| prefix.prefix.clone()).collect()
}

fn an_empty_bucket(f: &Fixture) {
    let bucket = f.bucket();
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!((keys(&listed).len(), listed.key_count), (0, Some(0)));
    assert_ne!(listed.is_truncated, Some(true));
}

fn keys_are_in_order(f: &Fixture) {
    let bucket = f.fill(&["b", "a", "c"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap()), ["a", "b", "c"]);
}

fn order_is_of_bytes(f: &Fixture) {
    let bucket = f.fill(&["ä", "a", "Z", "a-", "a/b", "a0", "~"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap()), ["Z", "a", "a-", "a/b", "a0", "~", "ä"]);
}

fn a_prefix(f: &Fixture) {
    let bucket = f.fill(&["a/1", "a/2", "b/1"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("a/")).wait().unwrap()), ["a/1", "a/2"]);
}

fn a_prefix_that_is_a_key(f: &Fixture) {
    let bucket = f.fill(&["a", "ab", "b"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("a")).wait().unwrap()), ["a", "ab"]);
}

fn a_prefix_of_nothing(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("z")).wait().unwrap()).is_empty());
}

fn a_delimiter(f: &Fixture) {
    let bucket = f.fill(&["a/1", "a/2", "b/1", "c"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("/")).wait().unwrap();
    assert_eq!((keys(&listed), prefixes(&listed)), (vec!["c".to_owned()], vec!["a/".to_owned(), "b/".to_owned()]));
}

fn a_prefix_and_a_delimiter(f: &Fixture) {
    let bucket = f.fill(&["a/b/1", "a/b/2", "a/c", "d"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("a/").delimiter("/")).wait().unwrap();
    assert_eq!((keys(&listed), prefixes(&listed)), (vec!["a/c".to_owned()], vec!["a/b/".to_owned()]));
}

fn a_delimiter_of_letters(f: &Fixture) {
    let bucket = f.fill(&["a--b--c", "a--d", "e"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("--")).wait().unwrap();
    assert_eq!((keys(&listed), prefixes(&listed)), (vec!["e".to_owned()], vec!["a--".to_owned()]));
}

fn an_empty_delimiter_is_none(f: &Fixture) {
    let bucket = f.fill(&["a/b"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("")).wait().unwrap()), ["a/b"]);
}

fn prefixes_and_keys_side_by_side(f: &Fixture) {
    let bucket = f.fill(&["a", "a/", "a/b"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("/")).wait().unwrap();
    assert_eq!((keys(&listed), prefixes(&listed)), (vec!["a".to_owned()], vec!["a/".to_owned()]));
}

fn start_after(f: &Fixture) {
    let bucket = f.fill(&["a", "b", "c"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).start_after("a")).wait().unwrap()), ["b", "c"]);
}

fn start_after_within_a_prefix(f: &Fixture) {
    let bucket = f.fill(&["a/1", "a/2", "a/3", "b"]);
    assert_eq!(keys(&f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("a/").start_after("a/2")).wait().unwrap()), ["a/3"]);
}

/// All pages of so many entries.
fn paged(f: &Fixture, bucket: &str, size: i32, delimiter: Option<&str>) -> Vec<(Vec<String>, Vec<String>)> {
    let (mut pages, mut token) = (Vec::new(), None);
    loop {
        let list = f.s3.list_objects_v2(|list| {
            list.bucket(bucket).max_keys(size).set_continuation_token(token.take()).set_delimiter(delimiter.map(str::to_owned))
        });
        let listed = list.wait().unwrap();
        pages.push((keys(&listed), prefixes(&listed)));
        assert_eq!(listed.is_truncated == Some(true), listed.next_continuation_token.is_some());
        match listed.next_continuation_token {
            Some(next) => token = Some(next),
            None => return pages,
        }
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn pages(f: &Fixture) {
    let bucket = f.fill(&["a", "b", "c", "d", "e"]);
    let pages: Vec<_> = paged(f, &bucket, 2, None).into_iter().map(|(keys, _)| keys).collect();
    assert_eq!(pages, [strings(&["a", "b"]), strings(&["c", "d"]), strings(&["e"])]);
}

fn pages_of_one(f: &Fixture) {
    let bucket = f.fill(&["a", "b", "c"]);
    assert_eq!(paged(f, &bucket, 1, None).len(), 3);
}

fn a_page_that_fits_exactly(f: &Fixture) {
    let bucket = f.fill(&["a", "b"]);
    assert_eq!(paged(f, &bucket, 2, None).len(), 1);
}

fn the_last_page_has_no_token(f: &Fixture) {
    let bucket = f.fill(&["a", "b"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).max_keys(10)).wait().unwrap();
    assert_eq!((listed.is_truncated, listed.next_continuation_token, listed.max_keys), (Some(false), None, Some(10)));
}

fn common_prefixes_count(f: &Fixture) {
    let bucket = f.fill(&["a/1", "a/2", "b", "c/1"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("/").max_keys(2)).wait().unwrap();
    assert_eq!((listed.key_count, listed.is_truncated), (Some(2), Some(true)));
    assert_eq!((keys(&listed), prefixes(&listed)), (strings(&["b"]), strings(&["a/"])));
}

fn pages_over_prefixes(f: &Fixture) {
    let bucket = f.fill(&["a/1", "a/2", "b/1", "b/2", "c"]);
    let pages = paged(f, &bucket, 1, Some("/"));
    assert_eq!(pages, [(vec![], strings(&["a/"])), (vec![], strings(&["b/"])), (strings(&["c"]), vec![])]);
}

fn no_keys_at_all(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).max_keys(0)).wait().unwrap();
    assert_eq!((keys(&listed).len(), listed.is_truncated), (0, Some(false)));
}

fn never_more_than_a_thousand(f: &Fixture) {
    let bucket = f.bucket();
    for number in 0..1001 {
        f.put(&bucket, &format!("{number:04}"), "");
    }
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).max_keys(5000)).wait().unwrap();
    assert_eq!((listed.key_count, listed.max_keys, listed.is_truncated), (Some(1000), Some(1000), Some(true)));
}

fn a_negative_limit(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.list_objects_v2(|list| list.bucket(&bucket).max_keys(-1))), because(400, "InvalidArgument"));
}

fn a_strange_token(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.list_objects_v2(|list| list.bucket(&bucket).continuation_token("not a token")));
    assert_eq!(refusal, because(400, "InvalidArgument"));
}

fn fetch_owner(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).fetch_owner(true)).wait().unwrap();
    assert!(listed.contents()[0].owner.as_ref().is_some_and(|owner| owner.id.is_some()));
}

fn no_owner_in_v2(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert!(f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap().contents()[0].owner.is_none());
}

fn v1_has_owners(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert!(f.s3.list_objects(|list| list.bucket(&bucket)).wait().unwrap().contents()[0].owner.is_some());
}

fn entries_tell_size_and_etag(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap();
    let entry = &listed.contents()[0];
    assert_eq!((entry.size, entry.e_tag.clone()), (Some(5), Some(etag(b"hello"))));
    assert!(entry.last_modified.is_some());
}

fn entries_tell_the_class(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.put_object(|put| put.bucket(&bucket).key("b").storage_class(StorageClass::OnezoneIa)).wait().unwrap();
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap();
    let classes: Vec<_> = listed.contents().iter().filter_map(|entry| Some(entry.storage_class.as_ref()?.as_str())).collect();
    assert_eq!(classes, ["STANDARD", "ONEZONE_IA"]);
}

fn key_count(f: &Fixture) {
    let bucket = f.fill(&["a/1", "b"]);
    assert_eq!(f.s3.list_objects_v2(|list| list.bucket(&bucket).delimiter("/")).wait().unwrap().key_count, Some(2));
}

fn the_name_and_the_prefix_come_back(f: &Fixture) {
    let bucket = f.bucket();
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("p").delimiter("/")).wait().unwrap();
    assert_eq!((listed.name, listed.prefix.as_deref(), listed.delimiter.as_deref()), (Some(bucket), Some("p"), Some("/")));
}

fn keys_are_encoded_on_demand(f: &Fixture) {
    let bucket = f.fill(&["ü/(1)"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).encoding_type(EncodingType::Url)).wait().unwrap();
    assert_eq!(keys(&listed), ["%C3%BC/%281%29"]);
    assert_eq!(listed.encoding_type, Some(EncodingType::Url));
}

const STRANGE: &[&str] = &["\u{1}", "a\u{8}b\u{1f}", "c+d e%20", "ü/\u{1}/x"];

fn keys_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!(keys(&listed), STRANGE);
    assert_eq!(listed.encoding_type, Some(EncodingType::Url));
    for key in STRANGE {
        assert_eq!(f.get(&bucket, key), key.as_bytes());
    }
}

fn v1_keys_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let listed = f.s3.list_objects(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!(listed.contents().iter().filter_map(|entry| entry.key.as_deref()).collect::<Vec<_>>(), STRANGE);
    let rest = f.s3.list_objects(|list| list.bucket(&bucket).marker(STRANGE[1])).wait().unwrap();
    assert_eq!(rest.contents().iter().filter_map(|entry| entry.key.as_deref()).collect::<Vec<_>>(), STRANGE[2..]);
}

fn versions_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.versioned();
    f.put(&bucket, STRANGE[0], "1");
    f.put(&bucket, STRANGE[1], "1");
    f.s3.delete_object(|delete| delete.bucket(&bucket).key(STRANGE[1])).wait().unwrap();
    let listed = f.s3.list_object_versions(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!(listed.versions().iter().filter_map(|version| version.key.as_deref()).collect::<Vec<_>>(), STRANGE[..2]);
    assert_eq!(listed.delete_markers()[0].key.as_deref(), Some(STRANGE[1]));
}

fn a_prefix_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).prefix("ü/").delimiter("/")).wait().unwrap();
    assert_eq!(prefixes(&listed), ["ü/\u{1}/"]);
    assert_eq!((listed.prefix.as_deref(), listed.delimiter.as_deref()), (Some("ü/"), Some("/")));
}

fn a_start_and_a_delimiter_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).start_after("\u{1} +").delimiter("\u{1}")).wait().unwrap();
    assert_eq!((keys(&listed), prefixes(&listed)), (strings(&STRANGE[1..3]), strings(&["ü/\u{1}"])));
    assert_eq!((listed.start_after.as_deref(), listed.delimiter.as_deref()), (Some("\u{1} +"), Some("\u{1}")));
}

/// botocore has forgotten it, and so has its caller.
fn the_prefix_of_v1_stays_encoded(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let listed = f.s3.list_objects(|list| list.bucket(&bucket).prefix("ü/")).wait().unwrap();
    assert_eq!((listed.prefix.as_deref(), listed.contents()[0].key.as_deref()), (Some("%C3%BC/"), Some(STRANGE[3])));
}

fn pages_of_keys_that_xml_cannot_carry(f: &Fixture) {
    let bucket = f.fill(STRANGE);
    let pages = f.s3.paginate().list_objects(|list| list.bucket(&bucket)).page_size(1);
    let listed: Vec<_> =
        pages.flat_map(|page| page.unwrap().contents.unwrap_or_default()).filter_map(|entry| entry.key).collect();
    assert_eq!(listed, STRANGE);
}

fn a_space_is_a_plus(f: &Fixture) {
    let bucket = f.fill(&["a b+c"]);
    let listed = f.s3.list_objects_v2(|list| list.bucket(&bucket).encoding_type(EncodingType::Url)).wait().unwrap();
    assert_eq!(keys(&listed), ["a+b%2Bc"]);
}

fn a_strange_encoding(f: &Fixture) {
    let bucket = f.bucket();
    let refusal = refused(f.s3.list_objects_v2(|list| list.bucket(&bucket).encoding_type(EncodingType::from("rot13"))));
    assert_eq!(refusal, because(400, "InvalidArgument"));
}

fn pages_of_buckets(f: &Fixture) {
    let mut made: Vec<_> = (0..3).map(|_| f.bucket()).collect();
    made.sort();
    let first = f.s3.list_buckets(|list| list.max_buckets(2)).wait().unwrap();
    assert_eq!(first.buckets().len(), 2);
    let second = f.s3.list_buckets(|list| list.max_buckets(2).set_continuation_token(first.continuation_token)).wait().unwrap();
    assert_eq!((second.buckets().len(), second.continuation_token), (1, None));
    assert_eq!(f.s3.list_buckets(|list| list.prefix(&made[2])).wait().unwrap().buckets().len(), 1);
}

fn v1_keys(f: &Fixture, bucket: &str, marker: Option<&str>, size: i32) -> (Vec<String>, bool, Option<String>) {
    let listed =
        f.s3.list_objects(|list| list.bucket(bucket).set_marker(marker.map(str::to_owned)).max_keys(size)).wait().unwrap();
    let keys = listed.contents().iter().filter_map(|entry| entry.key.clone()).collect();
    (keys, listed.is_truncated == Some(true), listed.next_marker)
}

fn v1_lists_them_all(f: &Fixture) {
    let bucket = f.fill(&["b", "a"]);
    let listed = f.s3.list_objects(|list| list.bucket(&bucket)).wait().unwrap();
    assert_eq!(listed.contents().iter().filter_map(|entry| entry.key.as_deref()).collect::<Vec<_>>(), ["a", "b"]);
}

fn v1_with_a_prefix(f: &Fixture) {
    let bucket = f.fill(&["a/1", "b/1"]);
    assert_eq!(f.s3.list_objects(|list| list.bucket(&bucket).prefix("b/")).wait().unwrap().contents().len(), 1);
}

fn v1_with_a_delimiter(f: &Fixture) {
    let bucket = f.fill(&["a/1", "b"]);
    let listed = f.s3.list_objects(|list| list.bucket(&bucket).delimiter("/")).wait().unwrap();
    assert_eq!(listed.common_prefixes()[0].prefix.as_deref(), Some("a/"));
    assert_eq!(listed.contents().len(), 1);
}

fn v1_pages(f: &Fixture) {
    let bucket = f.fill(&["a", "b", "c"]);
    let (first, truncated, _) = v1_keys(f, &bucket, None, 2);
    assert_eq!((first, truncated), (strings(&["a", "b"]), true));
    let (second, truncated, _) = v1_keys(f, &bucket, Some("b"), 2);
    assert_eq!((second, truncated), (strings(&["c"]), false));
}

fn v1_no_next_marker_without(f: &Fixture) {
    let bucket = f.fill(&["a", "b"]);
    assert_eq!(v1_keys(f, &bucket, None, 1).2, None);
}

fn v1_next_marker_with_a_delimiter(f: &Fixture) {
    let bucket = f.fill(&["a/1", "b/1"]);
    let listed = f.s3.list_objects(|list| list.bucket(&bucket).delimiter("/").max_keys(1)).wait().unwrap();
    assert_eq!(listed.next_marker.as_deref(), Some("a/"));
    let rest = f.s3.list_objects(|list| list.bucket(&bucket).delimiter("/").marker("a/")).wait().unwrap();
    assert_eq!(rest.common_prefixes()[0].prefix.as_deref(), Some("b/"));
}
