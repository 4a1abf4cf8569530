//! Presigned URLs and forms, in the hands of somebody who has `requests` and no keys.

use leyden::boto3::s3::types::{
    BucketVersioningStatus, ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ObjectCannedAcl,
};
use leyden::boto3::s3::{Condition, PresignPost, PresignedPost, PresignedUrl};
use leyden::prelude::*;
use leyden::requests::{Part, Requests, Response};

use super::boto3_s3::{Fixture, etag, s3_conformance};

s3_conformance! {
    everywhere [
        an_object_is_read, an_object_is_put, a_head, a_range, names_that_need_quoting, what_is_not_there,
    ]
    not_s3s "answers DELETE by 204, and keeps no such headers" [
        an_object_is_deleted, headers_that_are_signed, headers_of_the_answer, a_part_is_put, a_version,
    ]
    fake "moto checks no signatures" [
        a_signature_expires, a_week_at_most, another_key, another_method, another_signature, half_a_signature, a_stranger, a_header_that_was_not_signed,
        a_header_that_is_missing, nobody_signed, what_everybody_may_read, an_endpoint_of_ones_own, another_region, bad_digest,
        a_body_that_breaks_off, what_is_planned_goes_first, another_host, what_is_not_modelled, listings_tags_and_copies, the_log, a_form, a_form_by_its_file_name,
        a_form_that_redirects, a_form_that_is_too_large, a_form_of_another_key, a_form_with_more, a_form_that_was_changed, a_form_expires,
    ]
}

fn requests(f: &Fixture) -> Requests {
    f.world.as_ref().map_or_else(|| Batteries::included().requests, |world| world.batteries().requests)
}

fn to_get(f: &Fixture, bucket: &str, key: &str) -> PresignedUrl {
    f.s3.generate_presigned_url().get_object(|get| get.bucket(bucket).key(key)).wait().unwrap()
}

fn to_put(f: &Fixture, bucket: &str, key: &str) -> PresignedUrl {
    f.s3.generate_presigned_url().put_object(|put| put.bucket(bucket).key(key)).wait().unwrap()
}

/// Status, and what S3's XML has as code.
fn refused(response: &Response) -> (u16, String) {
    let text = response.text().unwrap();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    assert!(text.starts_with("<?xml") || text.is_empty(), "{text}");
    (response.status_code, code.to_owned())
}

fn because(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn an_object_is_read(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let response = requests(f).get(to_get(f, &bucket, "hello")).wait().unwrap();
    assert_eq!((response.status_code, response.text().unwrap().as_str()), (200, "hello"));
    assert_eq!(response.headers.get("ETag").cloned(), Some(etag(b"hello")));
}

fn an_object_is_put(f: &Fixture) {
    let bucket = f.bucket();
    let response = requests(f).put(to_put(f, &bucket, "k")).data("hello").wait().unwrap();
    assert_eq!(response.status_code, 200);
    assert_eq!(f.get(&bucket, "k"), b"hello");
}

fn a_head(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let url = f.s3.generate_presigned_url().head_object(|head| head.bucket(&bucket).key("hello")).wait().unwrap();
    let response = requests(f).head(&url).wait().unwrap();
    assert_eq!((response.status_code, response.headers.get("Content-Length").map(String::as_str)), (200, Some("5")));
}

fn a_range(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    let response = requests(f).get(to_get(f, &bucket, "hello")).header("Range", "bytes=1-2").wait().unwrap();
    assert_eq!((response.status_code, response.text().unwrap().as_str()), (206, "el"));
    assert_eq!(response.headers.get("Content-Range").map(String::as_str), Some("bytes 1-2/5"));
}

fn names_that_need_quoting(f: &Fixture) {
    let bucket = f.bucket();
    for key in ["a b/c+d", "ü~(1)!*'", "a%20b", "a/b=c&d"] {
        assert_eq!(requests(f).put(to_put(f, &bucket, key)).data(key).wait().unwrap().status_code, 200, "{key}");
        assert_eq!(f.get(&bucket, key), key.as_bytes());
        assert_eq!(requests(f).get(to_get(f, &bucket, key)).wait().unwrap().text().unwrap(), key);
    }
}

fn what_is_not_there(f: &Fixture) {
    let bucket = f.bucket();
    let response = requests(f).get(to_get(f, &bucket, "k")).wait().unwrap();
    assert_eq!(response.status_code, 404);
    assert!(response.text().unwrap().contains("<Code>NoSuchKey</Code>"));
}

fn an_object_is_deleted(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = f.s3.generate_presigned_url().delete_object(|delete| delete.bucket(&bucket).key("k")).wait().unwrap();
    assert_eq!(requests(f).delete(&url).wait().unwrap().status_code, 204);
    assert_eq!(requests(f).get(to_get(f, &bucket, "k")).wait().unwrap().status_code, 404);
}

fn headers_that_are_signed(f: &Fixture) {
    let bucket = f.bucket();
    let signed = f.s3.generate_presigned_url();
    let url = signed.put_object(|put| put.bucket(&bucket).key("k").content_type("text/x-notes").metadata("mood", "good"));
    let url = url.wait().unwrap();
    let response = requests(f).put(&url).headers(url.headers.clone()).data("hello").wait().unwrap();
    assert_eq!(response.status_code, 200);
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("k")).wait().unwrap();
    assert_eq!(head.content_type(), Some("text/x-notes"));
    assert_eq!(head.metadata().and_then(|metadata| metadata.get("mood")).map(String::as_str), Some("good"));
}

fn headers_of_the_answer(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let signed = f.s3.generate_presigned_url();
    let named = |name: &str| format!("attachment; filename=\"{name}\"");
    let url = signed.get_object(|get| {
        get.bucket(&bucket).key("k").response_content_disposition(named("a b.txt")).response_content_type("text/x-notes")
    });
    let response = requests(f).get(url.wait().unwrap()).wait().unwrap();
    assert_eq!(response.headers.get("Content-Disposition"), Some(&named("a b.txt")));
    assert_eq!(response.headers.get("Content-Type").map(String::as_str), Some("text/x-notes"));
}

fn a_part_is_put(f: &Fixture) {
    let bucket = f.bucket();
    let upload = f.s3.create_multipart_upload(|create| create.bucket(&bucket).key("k")).wait().unwrap().upload_id.unwrap();
    let signed = f.s3.generate_presigned_url();
    let url = signed.upload_part(|part| part.bucket(&bucket).key("k").upload_id(&upload).part_number(1)).wait().unwrap();
    let response = requests(f).put(&url).data("hello").wait().unwrap();
    assert_eq!(response.status_code, 200);
    let part = CompletedPart::builder().part_number(1).e_tag(response.headers.get("ETag").unwrap()).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    f.s3.complete_multipart_upload(|whole| whole.bucket(&bucket).key("k").upload_id(&upload).multipart_upload(parts))
        .wait()
        .unwrap();
    assert_eq!(f.get(&bucket, "k"), b"hello");
}

fn a_version(f: &Fixture) {
    let bucket = f.versioned();
    let first = f.put(&bucket, "k", "first");
    f.version(&bucket, BucketVersioningStatus::Enabled);
    f.put(&bucket, "k", "second");
    let signed = f.s3.generate_presigned_url();
    let url = signed.get_object(|get| get.bucket(&bucket).key("k").set_version_id(first.clone())).wait().unwrap();
    let response = requests(f).get(&url).wait().unwrap();
    assert_eq!((response.text().unwrap().as_str(), response.headers.get("x-amz-version-id")), ("first", first.as_ref()));
}

fn a_signature_expires(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let signed = f.s3.generate_presigned_url();
    let url = signed.get_object(|get| get.bucket(&bucket).key("k")).expires_in(secs(60)).wait().unwrap();
    let clock = f.world.as_ref().unwrap().clock();
    clock.advance(secs(60));
    assert_eq!(requests(f).get(&url).wait().unwrap().status_code, 200);
    clock.advance(secs(1));
    let response = requests(f).get(&url).wait().unwrap();
    assert_eq!(refused(&response), because(403, "AccessDenied"));
    assert!(response.text().unwrap().contains("<Message>Request has expired</Message>"));
}

fn a_week_at_most(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = f.s3.generate_presigned_url().get_object(|get| get.bucket(&bucket).key("k")).expires_in(secs(3600)).wait().unwrap();
    let longer = url.url.replace("X-Amz-Expires=3600", "X-Amz-Expires=604801");
    assert_eq!(refused(&requests(f).get(longer).wait().unwrap()), because(400, "AuthorizationQueryParametersError"));
    let longer = url.url.replace("X-Amz-Expires=3600", "X-Amz-Expires=604800");
    assert_eq!(refused(&requests(f).get(longer).wait().unwrap()), because(403, "SignatureDoesNotMatch"));
}

fn another_key(f: &Fixture) {
    let bucket = f.fill(&["mine", "yours"]);
    let url = to_get(f, &bucket, "mine").url.replace("/mine?", "/yours?");
    assert_eq!(refused(&requests(f).get(url).wait().unwrap()), because(403, "SignatureDoesNotMatch"));
}

fn another_method(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = to_get(f, &bucket, "k");
    assert_eq!(refused(&requests(f).put(&url).data("x").wait().unwrap()), because(403, "SignatureDoesNotMatch"));
    assert_eq!(refused(&requests(f).delete(&url).wait().unwrap()), because(403, "SignatureDoesNotMatch"));
    assert_eq!(requests(f).head(&url).wait().unwrap().status_code, 403);
    assert_eq!(f.get(&bucket, "k"), b"k");
}

fn another_signature(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let mut url = to_get(f, &bucket, "k").url;
    let at = url.find("X-Amz-Signature=").unwrap() + "X-Amz-Signature=".len();
    let other = if url[at..].starts_with('0') { "1" } else { "0" };
    url.replace_range(at..=at, other);
    let response = requests(f).get(url).wait().unwrap();
    assert_eq!(refused(&response), because(403, "SignatureDoesNotMatch"));
    assert_eq!(response.headers.get("Content-Type").map(String::as_str), Some("application/xml"));
}

fn half_a_signature(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = to_get(f, &bucket, "k").url;
    let url = url.split("&X-Amz-Signature").next().unwrap();
    let missing = ["X-Amz-Date=", "X-Amz-Credential="].map(|name| url.replace(name, "X-Amz-Other="));
    for url in missing {
        assert_eq!(refused(&requests(f).get(url).wait().unwrap()), because(400, "AuthorizationQueryParametersError"));
    }
}

fn a_stranger(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = to_get(f, &bucket, "k").url.replace("X-Amz-Credential=AKIA", "X-Amz-Credential=AKIB");
    assert_eq!(refused(&requests(f).get(url).wait().unwrap()), because(403, "InvalidAccessKeyId"));
}

fn a_header_that_was_not_signed(f: &Fixture) {
    let bucket = f.bucket();
    let put = requests(f).put(to_put(f, &bucket, "k")).header("x-amz-acl", "public-read").data("hello").wait().unwrap();
    assert_eq!(refused(&put), because(403, "AccessDenied"));
    // Of the others it does not matter.
    assert_eq!(requests(f).put(to_put(f, &bucket, "k")).header("Content-Type", "a/b").data("x").wait().unwrap().status_code, 200);
}

fn a_header_that_is_missing(f: &Fixture) {
    let bucket = f.bucket();
    let signed = f.s3.generate_presigned_url();
    let url = signed.put_object(|put| put.bucket(&bucket).key("k").content_type("text/plain")).wait().unwrap();
    assert_eq!(refused(&requests(f).put(&url).data("x").wait().unwrap()), because(403, "SignatureDoesNotMatch"));
    let other = requests(f).put(&url).header("Content-Type", "text/html").data("x").wait().unwrap();
    assert_eq!(refused(&other), because(403, "SignatureDoesNotMatch"));
}

fn unsigned(url: &PresignedUrl) -> &str {
    url.url.split('?').next().unwrap()
}

fn nobody_signed(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = to_get(f, &bucket, "k");
    assert_eq!(refused(&requests(f).get(unsigned(&url)).wait().unwrap()), because(403, "AccessDenied"));
}

fn what_everybody_may_read(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    f.s3.delete_public_access_block(|delete| delete.bucket(&bucket)).wait().unwrap();
    f.s3.put_object_acl(|put| put.bucket(&bucket).key("k").acl(ObjectCannedAcl::PublicRead)).wait().unwrap();
    assert_eq!(requests(f).get(unsigned(&to_get(f, &bucket, "k"))).wait().unwrap().text().unwrap(), "k");
}

fn an_endpoint_of_ones_own(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let boto3 = f.world.as_ref().unwrap().batteries().boto3;
    let s3 = boto3.client().endpoint_url("http://minio.test:9000").aws_access_key_id("me").aws_secret_access_key("mine").s3();
    let url = s3.generate_presigned_url().get_object(|get| get.bucket(&bucket).key("k")).wait().unwrap();
    assert!(url.url.starts_with(&format!("http://minio.test:9000/{bucket}/k?")), "{url}");
    assert_eq!(requests(f).get(&url).wait().unwrap().text().unwrap(), "k");
    let other = url.url.replace("minio.test", "other.test");
    assert!(requests(f).get(other).wait().unwrap_err().is_connection_error());
}

fn another_region(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let s3 = f.world.as_ref().unwrap().batteries().boto3.client().region_name("eu-west-1").s3();
    let url = s3.generate_presigned_url().get_object(|get| get.bucket(&bucket).key("k")).wait().unwrap();
    assert_eq!(requests(f).get(&url).allow_redirects(false).wait().unwrap().status_code, 301);
}

fn bad_digest(f: &Fixture) {
    let bucket = f.bucket();
    let signed = f.s3.generate_presigned_url();
    let url = signed
        .put_object(|put| put.bucket(&bucket).key("k").checksum_algorithm(ChecksumAlgorithm::Crc32).checksum_crc32("AAAAAA=="));
    let url = url.wait().unwrap();
    let response = requests(f).put(&url).headers(url.headers.clone()).data("hello").wait().unwrap();
    assert_eq!(response.status_code, 400);
    assert!(f.world.as_ref().unwrap().boto3.s3.keys(&bucket).is_empty());
}

fn a_body_that_breaks_off(f: &Fixture) {
    let bucket = f.fill(&["hello"]);
    f.world.as_ref().unwrap().boto3.s3.cut(&bucket, "hello", 2);
    let response = requests(f).get(to_get(f, &bucket, "hello")).wait();
    assert!(response.is_err(), "{response:?}");
}

fn what_is_planned_goes_first(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    f.world.as_ref().unwrap().requests.get("https://*.amazonaws.com/k").reply(503);
    assert_eq!(requests(f).get(to_get(f, &bucket, "k")).wait().unwrap().status_code, 503);
}

fn another_host(f: &Fixture) {
    for url in ["https://sns.eu-west-1.amazonaws.com/", "https://bucket.s3.example/k"] {
        assert!(requests(f).get(url).wait().unwrap_err().is_connection_error());
    }
}

fn listings_tags_and_copies(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let signed = f.s3.generate_presigned_url();
    let list = signed.list_objects_v2(|list| list.bucket(&bucket)).wait().unwrap();
    let listed = requests(f).get(&list).wait().unwrap().text().unwrap();
    assert!(listed.contains("<Contents><Key>k</Key>"), "{listed}");
    let tags = signed.get_object_tagging(|get| get.bucket(&bucket).key("k")).wait().unwrap();
    assert!(requests(f).get(&tags).wait().unwrap().text().unwrap().ends_with("<TagSet></TagSet></Tagging>"));
    let copy = signed.copy_object(|copy| copy.bucket(&bucket).key("l").copy_source(format!("{bucket}/k"))).wait().unwrap();
    assert_eq!(requests(f).put(&copy).headers(copy.headers.clone()).wait().unwrap().status_code, 200);
    assert_eq!(f.get(&bucket, "l"), b"k");
}

fn what_is_not_modelled(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    let url = format!("https://{bucket}.s3.us-east-1.amazonaws.com/");
    for query in ["?analytics&id=a", "?metrics", "k?torrent", "k?acl&tagging"] {
        assert_eq!(refused(&requests(f).get(format!("{url}{query}")).wait().unwrap()), because(501, "NotImplemented"), "{query}");
    }
    let old =
        requests(f).get(&url).header("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=").wait().unwrap();
    assert_eq!(refused(&old), because(400, "InvalidRequest"));
    let put = requests(f).put(format!("{url}k")).header("x-amz-strange", "1").data("x").wait().unwrap();
    assert_eq!(refused(&put), because(501, "NotImplemented"));
}

fn the_log(f: &Fixture) {
    let bucket = f.fill(&["k"]);
    requests(f).get(to_get(f, &bucket, "k")).wait().unwrap();
    let calls = f.world.as_ref().unwrap().script().calls();
    let last: Vec<_> = calls.iter().rev().take(2).map(|call| call.operation).collect();
    assert_eq!(last, ["s3.get_object", "requests.send"]);
}

fn form(f: &Fixture, bucket: &str, key: &str) -> PresignPost {
    f.s3.generate_presigned_post(bucket, key)
}

fn post(f: &Fixture, form: &PresignedPost, data: &str) -> Response {
    let file = Part::bytes(data.as_bytes().to_vec()).filename("notes.txt");
    requests(f).post(&form.url).data(form.fields.clone()).file("file", file).allow_redirects(false).wait().unwrap()
}

fn a_form(f: &Fixture) {
    let bucket = f.bucket();
    let form =
        form(f, &bucket, "k").field("Content-Type", "text/x-notes").condition(Condition::is("Content-Type", "text/x-notes"));
    let response = post(f, &form.wait().unwrap(), "hello");
    assert_eq!(response.status_code, 204, "{}", response.text().unwrap());
    let object = f.s3.get_object(|get| get.bucket(&bucket).key("k")).wait().unwrap();
    assert_eq!(object.content_type(), Some("text/x-notes"));
    assert_eq!(f.get(&bucket, "k"), b"hello");
}

fn a_form_by_its_file_name(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "incoming/${filename}").wait().unwrap();
    assert_eq!(post(f, &form, "hello").status_code, 204);
    assert_eq!(f.get(&bucket, "incoming/notes.txt"), b"hello");
}

fn a_form_that_redirects(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").field("success_action_redirect", "https://example.test/done");
    let form = form.condition(Condition::starts_with("success_action_redirect", "https://example.test/")).wait().unwrap();
    let response = post(f, &form, "hello");
    assert_eq!(response.status_code, 303);
    assert!(
        response.headers.get("Location").unwrap().starts_with(&format!("https://example.test/done?bucket={bucket}&key=k&etag="))
    );
}

fn a_form_that_is_too_large(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").condition(Condition::ContentLengthRange(2, 4)).wait().unwrap();
    assert_eq!(refused(&post(f, &form, "hello")), because(400, "EntityTooLarge"));
    assert_eq!(refused(&post(f, &form, "h")), because(400, "EntityTooSmall"));
    assert_eq!(post(f, &form, "hell").status_code, 204);
}

fn changed(form: &PresignedPost, name: &str, value: &str) -> PresignedPost {
    let mut form = form.clone();
    form.fields.retain(|(own, _)| own != name);
    form.fields.push((name.to_owned(), value.to_owned()));
    form
}

fn a_form_of_another_key(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").wait().unwrap();
    let response = post(f, &changed(&form, "key", "other"), "hello");
    assert_eq!(refused(&response), because(403, "AccessDenied"));
    assert!(
        response.text().unwrap().contains("Invalid according to Policy: Policy Condition failed: "),
        "{}",
        response.text().unwrap()
    );
}

fn a_form_with_more(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").wait().unwrap();
    let response = post(f, &changed(&form, "acl", "public-read"), "hello");
    assert_eq!(refused(&response), because(403, "AccessDenied"));
    assert!(response.text().unwrap().contains("Extra input fields: acl"));
}

fn a_form_that_was_changed(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").wait().unwrap();
    let policy = form.field("policy").unwrap();
    let other = if policy.ends_with("fQ==") { policy.replace("fQ==", "fSA=") } else { format!("{policy}IA==") };
    assert_eq!(refused(&post(f, &changed(&form, "policy", &other), "hello")), because(403, "SignatureDoesNotMatch"));
}

fn a_form_expires(f: &Fixture) {
    let bucket = f.bucket();
    let form = form(f, &bucket, "k").expires_in(secs(60)).wait().unwrap();
    f.world.as_ref().unwrap().clock().advance(secs(61));
    let response = post(f, &form, "hello");
    assert_eq!(refused(&response), because(403, "AccessDenied"));
    assert!(response.text().unwrap().contains("Policy expired."));
}
