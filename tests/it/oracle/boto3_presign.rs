//! `tests/oracle/boto3_presign.py`: URLs and forms that botocore signed. A signature is right only if all that is signed is the same.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use leyden::Wait;
use leyden::World;
use leyden::boto3::s3::{Client, Condition, Presign};
use leyden::boto3::{AddressingStyle, Boto3, Config};
use serde_json::Value;

const KEYS: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

fn cases() -> impl Iterator<Item = Value> {
    crate::support::oracle::cases("boto3_presign").into_iter()
}

/// The fake, and the real thing on the fake's clock: nothing of this needs a network.
fn batteries() -> [Boto3; 2] {
    let world = World::new();
    [world.batteries().boto3, Boto3::native(world.os.handle(), world.time.handle())]
}

fn client(boto3: &Boto3, case: &Value) -> Client {
    let text = |name: &str| case[name].as_str();
    let mut client = boto3.client().region_name(text("region").unwrap_or("eu-west-1"));
    client = client.aws_access_key_id(KEYS.0).aws_secret_access_key(KEYS.1);
    if let Some(url) = text("endpoint") {
        client = client.endpoint_url(url);
    }
    if let Some(token) = text("token") {
        client = client.aws_session_token(token);
    }
    if text("style") == Some("path") {
        client = client.config(Config::new().addressing_style(AddressingStyle::Path));
    }
    client.s3()
}

/// A time as Python's isoformat writes it.
fn when(text: &str) -> SystemTime {
    assert_eq!(text, "2025-12-31T23:59:58+00:00");
    UNIX_EPOCH + Duration::from_secs(1_767_225_598)
}

macro_rules! parameter {
    (text $value:ident) => {
        $value.as_str().unwrap().into()
    };
    (number $value:ident) => {
        $value.as_i64().unwrap().try_into().unwrap()
    };
    (when $value:ident) => {
        when($value.as_str().unwrap()).into()
    };
    (list $value:ident) => {
        $value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().into()).collect()
    };
    (map $value:ident) => {
        $value
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().into()))
            .collect::<HashMap<String, String>>()
    };
}

macro_rules! operations {
    ($($operation:ident $([$($kind:ident $name:literal $setter:ident),+])?;)+) => {
        fn presign(client: &Client, case: &Value) -> Presign {
            let (presign, parameters) = (client.generate_presigned_url(), case["params"].as_object().unwrap());
            match case["ask"].as_str().unwrap() {
                $(stringify!($operation) => presign.$operation(|input| {
                    #[allow(unused_mut, reason = "an operation without parameters")]
                    let mut known = 0;
                    $($(
                        let value = parameters.get($name);
                        known += usize::from(value.is_some());
                        let input = match value {
                            Some(value) => input.$setter(Some(parameter!($kind value))),
                            None => input,
                        };
                    )+)?
                    assert_eq!(known, parameters.len(), "a parameter of {case} is not set");
                    input
                }),)+
                other => panic!("{other} is not in the table"),
            }
        }
    };
}

operations! {
    abort_multipart_upload [text "Bucket" set_bucket, text "Key" set_key, text "UploadId" set_upload_id];
    complete_multipart_upload [text "Bucket" set_bucket, text "Key" set_key, text "UploadId" set_upload_id];
    copy_object [text "Bucket" set_bucket, text "CopySource" set_copy_source, text "Key" set_key];
    create_bucket [text "Bucket" set_bucket];
    create_multipart_upload [text "Bucket" set_bucket, text "Key" set_key, text "ContentType" set_content_type];
    delete_bucket [text "Bucket" set_bucket];
    delete_bucket_cors [text "Bucket" set_bucket];
    delete_bucket_encryption [text "Bucket" set_bucket];
    delete_bucket_lifecycle [text "Bucket" set_bucket];
    delete_bucket_ownership_controls [text "Bucket" set_bucket];
    delete_bucket_policy [text "Bucket" set_bucket];
    delete_bucket_replication [text "Bucket" set_bucket];
    delete_bucket_tagging [text "Bucket" set_bucket];
    delete_bucket_website [text "Bucket" set_bucket];
    delete_object [text "Bucket" set_bucket, text "Key" set_key, text "VersionId" set_version_id];
    delete_object_tagging [text "Bucket" set_bucket, text "Key" set_key];
    delete_public_access_block [text "Bucket" set_bucket];
    get_bucket_accelerate_configuration [text "Bucket" set_bucket];
    get_bucket_acl [text "Bucket" set_bucket];
    get_bucket_cors [text "Bucket" set_bucket];
    get_bucket_encryption [text "Bucket" set_bucket];
    get_bucket_lifecycle_configuration [text "Bucket" set_bucket];
    get_bucket_location [text "Bucket" set_bucket];
    get_bucket_logging [text "Bucket" set_bucket];
    get_bucket_notification_configuration [text "Bucket" set_bucket];
    get_bucket_ownership_controls [text "Bucket" set_bucket];
    get_bucket_policy [text "Bucket" set_bucket];
    get_bucket_policy_status [text "Bucket" set_bucket];
    get_bucket_replication [text "Bucket" set_bucket];
    get_bucket_request_payment [text "Bucket" set_bucket];
    get_bucket_tagging [text "Bucket" set_bucket];
    get_bucket_versioning [text "Bucket" set_bucket];
    get_bucket_website [text "Bucket" set_bucket];
    get_object [text "Bucket" set_bucket, text "Key" set_key, text "VersionId" set_version_id, number "PartNumber" set_part_number, text "ResponseContentType" set_response_content_type, text "ResponseContentDisposition" set_response_content_disposition, text "ResponseContentEncoding" set_response_content_encoding, text "ResponseContentLanguage" set_response_content_language, text "ResponseCacheControl" set_response_cache_control, when "ResponseExpires" set_response_expires, text "Range" set_range, text "IfMatch" set_if_match, text "IfNoneMatch" set_if_none_match, when "IfModifiedSince" set_if_modified_since, text "RequestPayer" set_request_payer, text "ExpectedBucketOwner" set_expected_bucket_owner];
    get_object_acl [text "Bucket" set_bucket, text "Key" set_key];
    get_object_attributes [text "Bucket" set_bucket, text "Key" set_key, list "ObjectAttributes" set_object_attributes];
    get_object_legal_hold [text "Bucket" set_bucket, text "Key" set_key];
    get_object_lock_configuration [text "Bucket" set_bucket];
    get_object_retention [text "Bucket" set_bucket, text "Key" set_key];
    get_object_tagging [text "Bucket" set_bucket, text "Key" set_key];
    get_public_access_block [text "Bucket" set_bucket];
    head_bucket [text "Bucket" set_bucket];
    head_object [text "Bucket" set_bucket, text "Key" set_key, text "VersionId" set_version_id];
    list_buckets;
    list_multipart_uploads [text "Bucket" set_bucket, text "EncodingType" set_encoding_type];
    list_object_versions [text "Bucket" set_bucket, text "EncodingType" set_encoding_type, text "KeyMarker" set_key_marker, text "VersionIdMarker" set_version_id_marker];
    list_objects [text "Bucket" set_bucket, text "EncodingType" set_encoding_type];
    list_objects_v2 [text "Bucket" set_bucket, text "EncodingType" set_encoding_type, text "Prefix" set_prefix, text "Delimiter" set_delimiter, number "MaxKeys" set_max_keys];
    list_parts [text "Bucket" set_bucket, text "Key" set_key, text "UploadId" set_upload_id];
    put_bucket_acl [text "Bucket" set_bucket];
    put_bucket_lifecycle_configuration [text "Bucket" set_bucket];
    put_bucket_policy [text "Bucket" set_bucket, text "Policy" set_policy];
    put_object [text "Bucket" set_bucket, text "Key" set_key, text "ContentType" set_content_type, number "ContentLength" set_content_length, text "ACL" set_acl, map "Metadata" set_metadata, text "StorageClass" set_storage_class, text "ServerSideEncryption" set_server_side_encryption, text "CacheControl" set_cache_control, text "ContentDisposition" set_content_disposition, text "Tagging" set_tagging, text "IfNoneMatch" set_if_none_match, text "ChecksumSHA256" set_checksum_sha256, text "ContentMD5" set_content_md5, text "WebsiteRedirectLocation" set_website_redirect_location, text "ContentEncoding" set_content_encoding, text "ContentLanguage" set_content_language];
    put_object_acl [text "Bucket" set_bucket, text "Key" set_key];
    put_object_legal_hold [text "Bucket" set_bucket, text "Key" set_key];
    put_object_lock_configuration [text "Bucket" set_bucket];
    put_object_retention [text "Bucket" set_bucket, text "Key" set_key];
    restore_object [text "Bucket" set_bucket, text "Key" set_key];
    upload_part [text "Bucket" set_bucket, text "Key" set_key, number "PartNumber" set_part_number, text "UploadId" set_upload_id, number "ContentLength" set_content_length];
    upload_part_copy [text "Bucket" set_bucket, text "CopySource" set_copy_source, text "Key" set_key, number "PartNumber" set_part_number, text "UploadId" set_upload_id];
}

/// URL without query, and the query's parameters.
fn parts(url: &str) -> (&str, BTreeMap<&str, &str>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    (path, query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect())
}

/// DIFFERENCES, all of them Amazon's client's own: where the bucket stands in `get_bucket_location`, a copy source that is not quoted once
/// more, a key of blanks alone, and an endpoint with a path, which it joins without a slash.
fn differs(case: &Value) -> bool {
    case["ask"] == "get_bucket_location"
        || case["params"]["CopySource"] == "other/s%20rc?versionId=1"
        || case["params"]["Key"] == "\u{a0}"
        || case["endpoint"].as_str().is_some_and(|url| url.ends_with("/base"))
}

#[test]
fn urls_are_botocores() {
    for boto3 in batteries() {
        let (mut count, mut wrong) = (0, Vec::new());
        for case in cases().filter(|case| case["kind"] == "url") {
            let mut presign = presign(&client(&boto3, &case), &case);
            if let Some(seconds) = case["expires"].as_u64() {
                presign = presign.expires_in(Duration::from_secs(seconds));
            }
            if let Some(method) = case["method"].as_str() {
                presign = presign.http_method(method);
            }
            count += 1;
            let ours = presign.wait();
            if differs(&case) {
                continue;
            }
            let right = match (&ours, case["url"].as_str()) {
                (Ok(ours), Some(theirs)) => parts(&ours.url) == parts(theirs),
                // DIFFERENCE: what is sent as a body is no JSON, and needs not be.
                (Ok(ours), None) => case["err"] == "JSONDecodeError" && !ours.body.is_empty(),
                (Err(_), _) => false,
            };
            if !right {
                wrong.push(format!("{case}\n  ours {:?}\n", ours.map(|signed| signed.url)));
            }
        }
        assert!(count > 150);
        assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.concat());
    }
}

fn condition(json: &Value) -> Condition {
    if let Some(object) = json.as_object() {
        let (field, value) = object.iter().next().unwrap();
        return Condition::is(field, value.as_str().unwrap());
    }
    let text = |n: usize| json[n].as_str().unwrap();
    match text(0) {
        "content-length-range" => Condition::ContentLengthRange(json[1].as_u64().unwrap(), json[2].as_u64().unwrap()),
        "eq" => Condition::Eq(text(1)[1..].to_owned(), text(2).to_owned()),
        _ => Condition::starts_with(&text(1)[1..], text(2)),
    }
}

#[test]
fn forms_are_botocores() {
    for boto3 in batteries() {
        let mut count = 0;
        for case in cases().filter(|case| case["kind"] == "post") {
            let text = |name: &str| case[name].as_str().unwrap();
            let mut post = client(&boto3, &case).generate_presigned_post(text("bucket"), text("key"));
            for (name, value) in case["fields"].as_object().unwrap() {
                post = post.field(name, value.as_str().unwrap());
            }
            for json in case["conditions"].as_array().unwrap() {
                post = post.condition(condition(json));
            }
            if let Some(seconds) = case["expires"].as_u64() {
                post = post.expires_in(Duration::from_secs(seconds));
            }
            let ours = post.wait().unwrap();
            count += 1;
            if differs(&case) {
                continue;
            }
            let theirs: BTreeMap<String, String> = serde_json::from_value(
                case["answer"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()))
                    .collect(),
            )
            .unwrap();
            assert_eq!(ours.fields.into_iter().collect::<BTreeMap<_, _>>(), theirs, "{case}");
            assert_eq!(ours.url, text("url"), "{case}");
        }
        assert_eq!(count, 15);
    }
}
