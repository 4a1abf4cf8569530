//! Uploads in parts.

use leyden::boto3::s3::primitives::ByteStream;
use leyden::boto3::s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart, ObjectAttributes,
};
use leyden::prelude::*;

use super::boto3_s3::{Fixture, because, etag, read, refused, s3_conformance};

s3_conformance! {
    everywhere [
        an_upload_in_one_part, an_upload_in_two_parts, a_part_has_its_md5, nothing_is_there_before, aborting,
        metadata_of_an_upload, a_part_copied, a_range_copied,
    ]
    not_s3s "names other errors" [
        a_part_that_is_too_small, a_missing_part, a_part_of_another_content, completing_without_parts,
        aborting_a_missing_upload, listing_parts_of_a_missing_upload,
    ]
    not_s3s "makes no ETag of parts" [the_etag_counts_the_parts]
    not_s3s "does not list uploads" [uploads_are_listed, uploads_are_listed_by_prefix, a_completed_upload_is_not_listed]
    not_s3s "keeps one part of a number, whichever" [a_part_replaced]
    not_s3s "takes every number" [a_part_number_out_of_bounds]
    not_s3s "ignores conditions" [completing_if_there_is_none]
    not_moto "answers XML that Amazon's client cannot read" [parts_are_listed]
    fake "moto computes no checksum of parts" [
        a_composite_checksum, a_full_checksum_of_parts, parts_among_the_attributes, the_wrong_checksum_of_parts,
        a_part_of_another_algorithm, a_type_that_does_not_go,
    ]
    fake "moto takes it" [the_wrong_size]
    fake "what is left behind is for us to tell" [uploads_left_behind]
    fake "moto breaks: 500" [a_missing_upload, a_part_that_is_not_there, completing_an_aborted_upload]
    fake "moto copies nothing, and calls it done" [a_range_copied_beyond_the_end]
    fake "moto gives the whole" [parts_are_read_one_by_one]
    fake "moto answers XML that Amazon's client cannot read" [parts_in_pages]
    fake "moto looks at the sizes first" [parts_out_of_order]
    fake "moto lists all uploads on one page" [uploads_in_pages]
}

const MIB: usize = 1 << 20;

/// Of 5 MiB of `a` and `hello`, by Python's zlib.
const COMPOSITE: &str = "QaduHg==-2";
const FULL: &str = "dsLl6w==";

fn create(f: &Fixture, bucket: &str, key: &str) -> String {
    f.s3.create_multipart_upload(|create| create.bucket(bucket).key(key)).wait().unwrap().upload_id.unwrap()
}

/// Uploads a part.
fn part(f: &Fixture, bucket: &str, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let body = ByteStream::from(body);
    let upload =
        f.s3.upload_part(|part| part.bucket(bucket).key(key).upload_id(id).part_number(number).body(body)).wait().unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(upload.e_tag).build()
}

fn of(parts: Vec<CompletedPart>) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts)).build()
}

/// A whole upload of 5 MiB of `a` and three bytes of `b`.
fn two_parts(f: &Fixture, bucket: &str) -> String {
    let id = create(f, bucket, "big");
    let parts = vec![part(f, bucket, "big", &id, 1, vec![b'a'; 5 * MIB]), part(f, bucket, "big", &id, 2, b"bbb".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| done.bucket(bucket).key("big").upload_id(&id).multipart_upload(of(parts)));
    done.wait().unwrap().e_tag.unwrap()
}

fn an_upload_in_one_part(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let parts = vec![part(f, &bucket, "a", &id, 1, b"hello".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)));
    let done = done.wait().unwrap();
    assert_eq!((done.key.as_deref(), done.bucket.as_deref()), (Some("a"), Some(bucket.as_str())));
    assert_eq!(f.get(&bucket, "a"), b"hello");
}

fn an_upload_in_two_parts(f: &Fixture) {
    let bucket = f.bucket();
    two_parts(f, &bucket);
    let bytes = f.get(&bucket, "big");
    assert_eq!((bytes.len(), &bytes[5 * MIB..]), (5 * MIB + 3, &b"bbb"[..]));
}

fn the_etag_counts_the_parts(f: &Fixture) {
    let bucket = f.bucket();
    // md5(md5(a * 5 MiB) + md5(bbb)), as Python computes it.
    let expected = {
        use md5::{Digest as _, Md5};
        let digests = [Md5::digest(vec![b'a'; 5 * MIB]), Md5::digest(b"bbb")].concat();
        format!("{}-2\"", etag(&digests).trim_end_matches('"'))
    };
    assert_eq!(two_parts(f, &bucket), expected);
    assert_eq!(f.s3.head_object(|head| head.bucket(&bucket).key("big")).wait().unwrap().e_tag, Some(expected));
}

fn a_part_has_its_md5(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    assert_eq!(part(f, &bucket, "a", &id, 1, b"hello".to_vec()).e_tag, Some(etag(b"hello")));
}

fn nothing_is_there_before(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 1, b"hello".to_vec());
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
}

fn parts_are_listed(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 2, b"two".to_vec());
    part(f, &bucket, "a", &id, 1, b"one!".to_vec());
    let listed = f.s3.list_parts(|list| list.bucket(&bucket).key("a").upload_id(&id)).wait().unwrap();
    let mut parts: Vec<_> = listed.parts().iter().map(|part| (part.part_number, part.size)).collect();
    parts.sort();
    assert_eq!(parts, [(Some(1), Some(4)), (Some(2), Some(3))]);
}

fn parts_in_pages(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    for number in [1, 2, 5] {
        part(f, &bucket, "a", &id, number, b"x".to_vec());
    }
    let first = f.s3.list_parts(|list| list.bucket(&bucket).key("a").upload_id(&id).max_parts(2)).wait().unwrap();
    assert_eq!((first.parts().len(), first.is_truncated, first.next_part_number_marker.as_deref()), (2, Some(true), Some("2")));
    let second = f.s3.list_parts(|list| list.bucket(&bucket).key("a").upload_id(&id).part_number_marker("2")).wait().unwrap();
    assert_eq!(second.parts().iter().map(|part| part.part_number).collect::<Vec<_>>(), [Some(5)]);
}

fn a_part_replaced(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 1, b"old".to_vec());
    let parts = vec![part(f, &bucket, "a", &id, 1, b"new".to_vec())];
    f.s3.complete_multipart_upload(|done| done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)))
        .wait()
        .unwrap();
    assert_eq!(f.get(&bucket, "a"), b"new");
}

fn aborting(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 1, b"hello".to_vec());
    f.s3.abort_multipart_upload(|abort| abort.bucket(&bucket).key("a").upload_id(&id)).wait().unwrap();
    assert_eq!(refused(f.s3.get_object(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
}

fn aborting_a_missing_upload(f: &Fixture) {
    let bucket = f.bucket();
    let abort = f.s3.abort_multipart_upload(|abort| abort.bucket(&bucket).key("a").upload_id("nope"));
    assert_eq!(refused(abort), because(404, "NoSuchUpload"));
}

fn a_missing_upload(f: &Fixture) {
    let bucket = f.bucket();
    let body = ByteStream::from_static(b"x");
    let upload = f.s3.upload_part(|part| part.bucket(&bucket).key("a").upload_id("nope").part_number(1).body(body));
    assert_eq!(refused(upload), because(404, "NoSuchUpload"));
}

fn completing_an_aborted_upload(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let parts = vec![part(f, &bucket, "a", &id, 1, b"hello".to_vec())];
    f.s3.abort_multipart_upload(|abort| abort.bucket(&bucket).key("a").upload_id(&id)).wait().unwrap();
    let done = f.s3.complete_multipart_upload(|done| done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)));
    assert_eq!(refused(done), because(404, "NoSuchUpload"));
}

fn listing_parts_of_a_missing_upload(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.list_parts(|list| list.bucket(&bucket).key("a").upload_id("nope"))), because(404, "NoSuchUpload"));
}

fn completed(f: &Fixture, bucket: &str, id: &str, parts: Vec<CompletedPart>) -> (u16, String) {
    refused(f.s3.complete_multipart_upload(|done| done.bucket(bucket).key("a").upload_id(id).multipart_upload(of(parts))))
}

fn a_part_that_is_too_small(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let parts = vec![part(f, &bucket, "a", &id, 1, b"one".to_vec()), part(f, &bucket, "a", &id, 2, b"two".to_vec())];
    assert_eq!(completed(f, &bucket, &id, parts), because(400, "EntityTooSmall"));
}

fn a_missing_part(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 1, b"one".to_vec());
    let parts = vec![CompletedPart::builder().part_number(2).e_tag(etag(b"one")).build()];
    assert_eq!(completed(f, &bucket, &id, parts), because(400, "InvalidPart"));
}

fn a_part_of_another_content(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 1, b"one".to_vec());
    let parts = vec![CompletedPart::builder().part_number(1).e_tag(etag(b"two")).build()];
    assert_eq!(completed(f, &bucket, &id, parts), because(400, "InvalidPart"));
}

fn parts_out_of_order(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let one = part(f, &bucket, "a", &id, 1, vec![b'a'; 5 * MIB]);
    let two = part(f, &bucket, "a", &id, 2, b"two".to_vec());
    assert_eq!(completed(f, &bucket, &id, vec![two, one]), because(400, "InvalidPartOrder"));
}

fn completing_without_parts(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    assert_eq!(completed(f, &bucket, &id, Vec::new()), because(400, "MalformedXML"));
}

fn uploads_are_listed(f: &Fixture) {
    let bucket = f.bucket();
    let (b, a) = (create(f, &bucket, "b"), create(f, &bucket, "a"));
    let listed = f.s3.list_multipart_uploads(|list| list.bucket(&bucket)).wait().unwrap();
    let mut uploads: Vec<_> =
        listed.uploads().iter().map(|upload| (upload.key.clone().unwrap(), upload.upload_id.clone().unwrap())).collect();
    uploads.sort();
    assert_eq!(uploads, [("a".to_owned(), a), ("b".to_owned(), b)]);
}

fn uploads_are_listed_by_prefix(f: &Fixture) {
    let bucket = f.bucket();
    create(f, &bucket, "a/1");
    create(f, &bucket, "b/1");
    let listed = f.s3.list_multipart_uploads(|list| list.bucket(&bucket).prefix("b/")).wait().unwrap();
    assert_eq!(listed.uploads().iter().filter_map(|upload| upload.key.as_deref()).collect::<Vec<_>>(), ["b/1"]);
}

fn uploads_in_pages(f: &Fixture) {
    let bucket = f.bucket();
    for key in ["a", "b", "c"] {
        create(f, &bucket, key);
    }
    let first = f.s3.list_multipart_uploads(|list| list.bucket(&bucket).max_uploads(2)).wait().unwrap();
    assert_eq!((first.uploads().len(), first.is_truncated, first.next_key_marker.as_deref()), (2, Some(true), Some("b")));
    let second = f.s3.list_multipart_uploads(|list| {
        list.bucket(&bucket).set_key_marker(first.next_key_marker).set_upload_id_marker(first.next_upload_id_marker)
    });
    assert_eq!(second.wait().unwrap().uploads().iter().filter_map(|upload| upload.key.clone()).collect::<Vec<_>>(), ["c"]);
}

fn a_completed_upload_is_not_listed(f: &Fixture) {
    let bucket = f.bucket();
    two_parts(f, &bucket);
    assert!(f.s3.list_multipart_uploads(|list| list.bucket(&bucket)).wait().unwrap().uploads().is_empty());
}

fn metadata_of_an_upload(f: &Fixture) {
    let bucket = f.bucket();
    let id =
        f.s3.create_multipart_upload(|create| create.bucket(&bucket).key("a").metadata("owner", "ann"))
            .wait()
            .unwrap()
            .upload_id
            .unwrap();
    let parts = vec![part(f, &bucket, "a", &id, 1, b"hello".to_vec())];
    f.s3.complete_multipart_upload(|done| done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)))
        .wait()
        .unwrap();
    let metadata = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().metadata.unwrap();
    assert_eq!(metadata.get("owner").map(String::as_str), Some("ann"));
}

fn copied(f: &Fixture, range: Option<&str>) -> Vec<u8> {
    let bucket = f.fill(&["0123456789"]);
    let id = create(f, &bucket, "a");
    let copy = f.s3.upload_part_copy(|copy| {
        let copy = copy.bucket(&bucket).key("a").upload_id(&id).part_number(1).copy_source(format!("{bucket}/0123456789"));
        copy.set_copy_source_range(range.map(str::to_owned))
    });
    let tag = copy.wait().unwrap().copy_part_result.unwrap().e_tag;
    let parts = vec![CompletedPart::builder().part_number(1).set_e_tag(tag).build()];
    f.s3.complete_multipart_upload(|done| done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)))
        .wait()
        .unwrap();
    f.get(&bucket, "a")
}

fn a_part_copied(f: &Fixture) {
    assert_eq!(copied(f, None), b"0123456789");
}

fn a_range_copied(f: &Fixture) {
    assert_eq!(copied(f, Some("bytes=2-4")), b"234");
}

fn a_range_copied_beyond_the_end(f: &Fixture) {
    let bucket = f.fill(&["0123456789"]);
    let id = create(f, &bucket, "a");
    let copy = f.s3.upload_part_copy(|copy| {
        let copy = copy.bucket(&bucket).key("a").upload_id(&id).part_number(1).copy_source(format!("{bucket}/0123456789"));
        copy.copy_source_range("bytes=20-30")
    });
    assert_eq!(refused(copy).0 / 100, 4);
}

fn parts_are_read_one_by_one(f: &Fixture) {
    let bucket = f.bucket();
    two_parts(f, &bucket);
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("big").part_number(2)).wait().unwrap();
    assert_eq!((got.parts_count, got.content_length), (Some(2), Some(3)));
    assert_eq!(read(got.body), b"bbb");
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("big").part_number(1)).wait().unwrap();
    assert_eq!((head.parts_count, head.content_length), (Some(2), Some(5 * MIB as i64)));
}

fn a_part_that_is_not_there(f: &Fixture) {
    let bucket = f.bucket();
    two_parts(f, &bucket);
    assert_eq!(refused(f.s3.head_object(|head| head.bucket(&bucket).key("big").part_number(3))).0, 416);
}

fn a_part_number_out_of_bounds(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let body = ByteStream::from_static(b"x");
    let upload = f.s3.upload_part(|part| part.bucket(&bucket).key("a").upload_id(&id).part_number(10_001).body(body));
    assert_eq!(refused(upload), because(400, "InvalidArgument"));
}

fn completing_if_there_is_none(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let id = create(f, &bucket, "a");
    let parts = vec![part(f, &bucket, "a", &id, 1, b"new".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| {
        done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)).if_none_match("*")
    });
    assert_eq!(refused(done), because(412, "PreconditionFailed"));
}

fn with_checksums(f: &Fixture, bucket: &str, kind: Option<ChecksumType>) -> (Option<String>, Option<ChecksumType>) {
    let create = f.s3.create_multipart_upload(|create| {
        create.bucket(bucket).key("a").checksum_algorithm(ChecksumAlgorithm::Crc32).set_checksum_type(kind)
    });
    let id = create.wait().unwrap().upload_id.unwrap();
    let parts = vec![part(f, bucket, "a", &id, 1, vec![b'a'; 5 * MIB]), part(f, bucket, "a", &id, 2, b"hello".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| done.bucket(bucket).key("a").upload_id(&id).multipart_upload(of(parts)));
    let done = done.wait().unwrap();
    (done.checksum_crc32, done.checksum_type)
}

fn a_composite_checksum(f: &Fixture) {
    let bucket = f.bucket();
    let (value, kind) = with_checksums(f, &bucket, None);
    // base64(crc32(crc32(part 1) + crc32(part 2))) of zlib.crc32, with the number of parts.
    assert_eq!((value.as_deref(), kind), (Some(COMPOSITE), Some(ChecksumType::Composite)));
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("a").checksum_mode(ChecksumMode::Enabled)).wait().unwrap();
    assert_eq!(head.checksum_crc32.as_deref(), Some(COMPOSITE));
}

fn a_full_checksum_of_parts(f: &Fixture) {
    let bucket = f.bucket();
    let (value, kind) = with_checksums(f, &bucket, Some(ChecksumType::FullObject));
    assert_eq!((value.as_deref(), kind), (Some(FULL), Some(ChecksumType::FullObject)));
}

fn parts_among_the_attributes(f: &Fixture) {
    let bucket = f.bucket();
    with_checksums(f, &bucket, None);
    let get = f.s3.get_object_attributes(|get| {
        get.bucket(&bucket)
            .key("a")
            .object_attributes(ObjectAttributes::ObjectParts)
            .object_attributes(ObjectAttributes::Checksum)
    });
    let got = get.wait().unwrap();
    let parts = got.object_parts.unwrap();
    assert_eq!(parts.total_parts_count, Some(2));
    assert_eq!(parts.parts()[1].checksum_crc32.as_deref(), Some("NhCmhg=="));
    assert_eq!(got.checksum.unwrap().checksum_crc32.as_deref(), COMPOSITE.split('-').next());
}

fn the_wrong_checksum_of_parts(f: &Fixture) {
    let bucket = f.bucket();
    let algorithm = ChecksumAlgorithm::Crc32;
    let id =
        f.s3.create_multipart_upload(|create| create.bucket(&bucket).key("a").checksum_algorithm(algorithm))
            .wait()
            .unwrap()
            .upload_id
            .unwrap();
    let parts = vec![part(f, &bucket, "a", &id, 1, b"hello".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| {
        done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)).checksum_crc32("AAAAAA==")
    });
    assert_eq!(refused(done), because(400, "BadDigest"));
}

fn a_part_of_another_algorithm(f: &Fixture) {
    let bucket = f.bucket();
    let algorithm = ChecksumAlgorithm::Sha256;
    let id =
        f.s3.create_multipart_upload(|create| create.bucket(&bucket).key("a").checksum_algorithm(algorithm))
            .wait()
            .unwrap()
            .upload_id
            .unwrap();
    let body = ByteStream::from_static(b"hello");
    let upload = f.s3.upload_part(|part| {
        part.bucket(&bucket).key("a").upload_id(&id).part_number(1).body(body).checksum_algorithm(ChecksumAlgorithm::Crc32)
    });
    assert_eq!(refused(upload), because(400, "InvalidRequest"));
}

fn a_type_that_does_not_go(f: &Fixture) {
    let bucket = f.bucket();
    let create = f.s3.create_multipart_upload(|create| {
        create.bucket(&bucket).key("a").checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_type(ChecksumType::FullObject)
    });
    assert_eq!(refused(create), because(400, "InvalidRequest"));
}

fn the_wrong_size(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    let parts = vec![part(f, &bucket, "a", &id, 1, b"hello".to_vec())];
    let done = f.s3.complete_multipart_upload(|done| {
        done.bucket(&bucket).key("a").upload_id(&id).multipart_upload(of(parts)).mpu_object_size(4)
    });
    assert_eq!(refused(done), because(400, "InvalidRequest"));
}

fn uploads_left_behind(f: &Fixture) {
    let bucket = f.bucket();
    let id = create(f, &bucket, "a");
    part(f, &bucket, "a", &id, 3, b"hello".to_vec());
    let world = f.world.as_ref().unwrap();
    let left = world.boto3.s3.uploads();
    assert_eq!((left.len(), left[0].key.as_str(), left[0].parts.get(&3)), (1, "a", Some(&5)));
    f.s3.abort_multipart_upload(|abort| abort.bucket(&bucket).key("a").upload_id(&id)).wait().unwrap();
    assert!(world.boto3.s3.uploads().is_empty());
}
