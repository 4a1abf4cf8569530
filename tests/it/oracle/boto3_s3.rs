//! What boto3 is answered by moto, and what it is answered by the fake.

use leyden::boto3::s3::Client;
use leyden::boto3::s3::primitives::ByteStream;
use leyden::boto3::s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, CreateBucketConfiguration, Delete,
    EncodingType, MetadataDirective, ObjectAttributes, ObjectCannedAcl, ObjectIdentifier, StorageClass, Tag, Tagging,
    TaggingDirective, VersioningConfiguration,
};
use leyden::boto3::{Error, Result};
use leyden::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::oracle::{Replay, cases};

/// DIFFERENCE: where moto does otherwise than AWS documents, the fake follows AWS. By the call's number in the data.
pub(crate) const DIFFERENCES: &[(&[usize], &str)] = &[
    (&[95], "moto ignores CopySourceIfMatch"),
    (&[107], "moto ignores Quiet"),
    (&[188, 190, 192, 194], "without a delimiter there is no NextMarker, which moto makes a digest"),
    (&[205], "the null version's id is told where versions are kept"),
    (&[212], "a delete marker that is named cannot be read: 405, not 404"),
    (&[213], "a delete marker that is deleted is told as such"),
    (&[217], "the null version's id is told of a copy's source"),
    (&[222], "moto forgets all versions when a suspended bucket is written to; only the null version goes"),
    (&[231], "moto looks at the parts' sizes before their order"),
    (&[232], "moto tells a version where none are kept"),
    (&[233], "moto lets an upload be completed twice"),
    (&[235], "moto tells a part's own ETag, and no range"),
    (&[244], "moto tells a version where none are kept"),
    (&[248], "moto breaks down where an upload is gone"),
    (&[256], "If-None-Match of a write takes nothing but `*`"),
    (&[259, 260, 265, 266], "moto does not know `*` of a read"),
    (&[263, 264], "moto wants the quotes of an ETag in a HEAD, and does not in a GET"),
    (&[284, 287], "no range of an empty object can be satisfied"),
    (&[290, 300, 301, 302, 303, 304, 305], "a range that is none is not regarded (RFC 9110)"),
    (&[344], "a copy's source without a key is no source"),
    (&[345, 363, 364, 379, 458, 481, 515, 549], "moto breaks down"),
    (&[366, 383, 394, 395], "moto lets more or other tags pass than AWS documents"),
    (
        &[367, 368, 369, 370, 371, 372, 397, 398],
        "moto says in its own words, or not at all, which characters and lengths a tag has",
    ),
    (&[409, 419, 421], "a bucket has these from its creation on, since 2023"),
    (&[443, 444, 445, 446], "a bucket without object lock has neither legal holds nor retention"),
    (&[452], "public-read-write grants two permissions"),
    (&[469, 487], "S3 writes a space as a plus sign"),
    (&[475, 482], "max-keys is a number up to 1000, and told as that"),
    (&[483, 484, 485], "a common prefix counts as one, and is not told again after a marker"),
    (&[499, 500, 501], "moto begins with the marker's own versions, and forgets delete markers"),
    (&[502], "a version's marker goes with a key's"),
    (&[506], "a delete marker is made of what never was, too"),
    (&[512, 514], "a part's number that is none is told as such"),
    (&[521, 522, 523], "moto takes the markers of parts for places in its list"),
    (&[534, 540], "moto completes parts in a wrong order"),
    (&[548], "an upload is of one key"),
    (&[550], "moto tells a version where none are kept"),
    (&[557], "uploads are listed by key"),
    (&[559, 560, 561], "moto lists all uploads, whatever is asked"),
    (&[566, 567, 568, 569, 570], "moto takes any range of a copy's source"),
    (&[571], "moto does not say that it is the key"),
];

/// The parameters of a call.
struct Params<'a>(&'a Map<String, Value>);

impl Params<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn number(&self, name: &str) -> Option<i32> {
        self.0.get(name)?.as_i64()?.try_into().ok()
    }

    fn body(&self) -> ByteStream {
        match self.0.get("Body") {
            Some(Value::String(text)) => text.clone().into_bytes().into(),
            Some(long) => long["*"][0].as_str().unwrap().repeat(long["*"][1].as_u64().unwrap() as usize).into_bytes().into(),
            None => ByteStream::default(),
        }
    }

    fn tagging(&self) -> Tagging {
        let tags =
            self.0["Tagging"]["TagSet"].as_array().unwrap().iter().map(|tag| {
                Tag::builder().key(tag["Key"].as_str().unwrap()).value(tag["Value"].as_str().unwrap()).build().unwrap()
            });
        Tagging::builder().set_tag_set(Some(tags.collect())).build().unwrap()
    }

    fn metadata(&self) -> Option<std::collections::HashMap<String, String>> {
        let metadata = self.0.get("Metadata")?.as_object()?;
        Some(metadata.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect())
    }

    fn source(&self) -> Option<String> {
        match self.0.get("CopySource")? {
            Value::String(source) => Some(source.clone()),
            source => {
                let text = |name: &str| source[name].as_str();
                let key: String = text("Key").unwrap().bytes().map(|byte| format!("%{byte:02X}")).collect();
                let version = text("VersionId").map(|id| format!("?versionId={id}")).unwrap_or_default();
                Some(format!("{}/{key}{version}", text("Bucket").unwrap()))
            }
        }
    }
}

/// What is said of an object, read or headed.
macro_rules! object {
    ($got:expr) => {
        json!({
            "ETag": $got.e_tag, "ContentLength": $got.content_length, "ContentType": $got.content_type, "ContentRange": $got.content_range,
            "Metadata": $got.metadata, "CacheControl": $got.cache_control, "ContentDisposition": $got.content_disposition,
            "ContentLanguage": $got.content_language, "VersionId": $got.version_id, "TagCount": $got.tag_count,
            "StorageClass": $got.storage_class.as_ref().map(|class| class.as_str()), "PartsCount": $got.parts_count,
        })
    };
}

macro_rules! entries {
    ($entries:expr) => {
        $entries.iter().map(|entry| json!({
            "Key": entry.key, "Size": entry.size, "ETag": entry.e_tag, "StorageClass": entry.storage_class.as_ref().map(|class| class.as_str()),
        })).collect::<Vec<_>>()
    };
}

macro_rules! prefixes {
    ($prefixes:expr) => {
        $prefixes.iter().map(|prefix| json!({"Prefix": prefix.prefix})).collect::<Vec<_>>()
    };
}

fn tags(tags: &[Tag]) -> Value {
    json!({"TagSet": tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect::<Vec<_>>()})
}

fn reading(s3: &Client, op: &str, p: &Params<'_>) -> Result<Value> {
    Ok(match op {
        "get_object" => {
            let got = s3.get_object(|get| {
                let get = get
                    .set_bucket(p.text("Bucket"))
                    .set_key(p.text("Key"))
                    .set_range(p.text("Range"))
                    .set_version_id(p.text("VersionId"));
                get.set_if_match(p.text("IfMatch"))
                    .set_if_none_match(p.text("IfNoneMatch"))
                    .set_part_number(p.number("PartNumber"))
            });
            let got = got.wait()?;
            let mut told = object!(got);
            let body = async { got.body.collect().await }.wait().unwrap().to_vec();
            told["Body"] = body.into_iter().map(char::from).collect::<String>().into();
            told
        }
        "head_object" => {
            let got = s3.head_object(|head| {
                let head = head.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_version_id(p.text("VersionId"));
                head.set_range(p.text("Range"))
                    .set_if_match(p.text("IfMatch"))
                    .set_if_none_match(p.text("IfNoneMatch"))
                    .set_part_number(p.number("PartNumber"))
            });
            let got = got.wait()?;
            object!(got)
        }
        "get_object_attributes" => {
            let wanted = [ObjectAttributes::Etag, ObjectAttributes::ObjectSize, ObjectAttributes::StorageClass].to_vec();
            let got = s3.get_object_attributes(|get| {
                get.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_object_attributes(Some(wanted))
            });
            let got = got.wait()?;
            json!({"ETag": got.e_tag, "ObjectSize": got.object_size, "StorageClass": got.storage_class.map(|class| class.as_str().to_owned())})
        }
        "get_object_tagging" => {
            tags(&s3.get_object_tagging(|get| get.set_bucket(p.text("Bucket")).set_key(p.text("Key"))).wait()?.tag_set)
        }
        "get_object_acl" => {
            let got = s3.get_object_acl(|get| get.set_bucket(p.text("Bucket")).set_key(p.text("Key"))).wait()?;
            json!({"Grants": got.grants().iter().map(|grant| json!({"Permission": grant.permission.as_ref().map(|one| one.as_str())})).collect::<Vec<_>>()})
        }
        _ => return listing(s3, op, p),
    })
}

fn listing(s3: &Client, op: &str, p: &Params<'_>) -> Result<Value> {
    Ok(match op {
        "list_objects_v2" => {
            let got = s3.list_objects_v2(|list| {
                let list = list.set_bucket(p.text("Bucket")).set_prefix(p.text("Prefix")).set_delimiter(p.text("Delimiter"));
                let list = list.set_max_keys(p.number("MaxKeys")).set_start_after(p.text("StartAfter"));
                list.set_continuation_token(p.text("ContinuationToken"))
                    .set_encoding_type(p.text("EncodingType").as_deref().map(EncodingType::from))
            });
            let got = got.wait()?;
            json!({
                "KeyCount": got.key_count, "IsTruncated": got.is_truncated, "MaxKeys": got.max_keys, "Prefix": got.prefix, "Delimiter": got.delimiter,
                "StartAfter": got.start_after, "NextContinuationToken": got.next_continuation_token, "Contents": entries!(got.contents()),
                "CommonPrefixes": prefixes!(got.common_prefixes()),
            })
        }
        "list_objects" => {
            let got = s3.list_objects(|list| {
                let list = list.set_bucket(p.text("Bucket")).set_prefix(p.text("Prefix")).set_delimiter(p.text("Delimiter"));
                list.set_max_keys(p.number("MaxKeys"))
                    .set_marker(p.text("Marker"))
                    .set_encoding_type(p.text("EncodingType").as_deref().map(EncodingType::from))
            });
            let got = got.wait()?;
            json!({
                "IsTruncated": got.is_truncated, "MaxKeys": got.max_keys, "Prefix": got.prefix, "NextMarker": got.next_marker,
                "Contents": entries!(got.contents()), "CommonPrefixes": prefixes!(got.common_prefixes()),
            })
        }
        "list_object_versions" => {
            let got = s3.list_object_versions(|list| {
                let list = list.set_bucket(p.text("Bucket")).set_prefix(p.text("Prefix")).set_delimiter(p.text("Delimiter"));
                let list = list.set_max_keys(p.number("MaxKeys")).set_key_marker(p.text("KeyMarker"));
                list.set_version_id_marker(p.text("VersionIdMarker"))
            });
            let got = got.wait()?;
            let versions = got
                .versions()
                .iter()
                .map(|one| json!({"Key": one.key, "VersionId": one.version_id, "IsLatest": one.is_latest, "Size": one.size}));
            let markers = got
                .delete_markers()
                .iter()
                .map(|one| json!({"Key": one.key, "VersionId": one.version_id, "IsLatest": one.is_latest}));
            json!({
                "IsTruncated": got.is_truncated, "NextKeyMarker": got.next_key_marker, "NextVersionIdMarker": got.next_version_id_marker, "Versions": versions.collect::<Vec<_>>(), "DeleteMarkers": markers.collect::<Vec<_>>(),
                "CommonPrefixes": prefixes!(got.common_prefixes()),
            })
        }
        "list_parts" => {
            let got = s3.list_parts(|list| {
                let list = list.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_upload_id(p.text("UploadId"));
                let marker = p.number("PartNumberMarker").map(|marker| marker.to_string());
                list.set_max_parts(p.number("MaxParts")).set_part_number_marker(marker)
            });
            let got = got.wait()?;
            let parts =
                got.parts().iter().map(|part| json!({"PartNumber": part.part_number, "Size": part.size, "ETag": part.e_tag}));
            let next = got.next_part_number_marker.as_deref().and_then(|next| next.parse::<i32>().ok());
            json!({"IsTruncated": got.is_truncated, "NextPartNumberMarker": next, "Parts": parts.collect::<Vec<_>>()})
        }
        "list_multipart_uploads" => {
            let got = s3.list_multipart_uploads(|list| {
                let list = list.set_bucket(p.text("Bucket")).set_prefix(p.text("Prefix")).set_delimiter(p.text("Delimiter"));
                list.set_max_uploads(p.number("MaxUploads")).set_key_marker(p.text("KeyMarker"))
            });
            let got = got.wait()?;
            let uploads = got.uploads().iter().map(|upload| json!({"Key": upload.key, "UploadId": upload.upload_id}));
            json!({
                "IsTruncated": got.is_truncated, "NextKeyMarker": got.next_key_marker, "Uploads": uploads.collect::<Vec<_>>(),
                "CommonPrefixes": prefixes!(got.common_prefixes()),
            })
        }
        _ => return writing(s3, op, p),
    })
}

fn writing(s3: &Client, op: &str, p: &Params<'_>) -> Result<Value> {
    Ok(match op {
        "put_object" => {
            let got = s3.put_object(|put| {
                let put = put.set_bucket(p.text("Bucket")).set_key(p.text("Key")).body(p.body()).set_metadata(p.metadata());
                let put = put
                    .set_content_type(p.text("ContentType"))
                    .set_cache_control(p.text("CacheControl"))
                    .set_tagging(p.text("Tagging"));
                let put =
                    put.set_content_language(p.text("ContentLanguage")).set_content_disposition(p.text("ContentDisposition"));
                put.set_if_none_match(p.text("IfNoneMatch"))
                    .set_if_match(p.text("IfMatch"))
                    .set_storage_class(p.text("StorageClass").as_deref().map(StorageClass::from))
            });
            let got = got.wait()?;
            json!({"ETag": got.e_tag, "ChecksumCRC32": got.checksum_crc32, "VersionId": got.version_id})
        }
        "copy_object" => {
            let got = s3.copy_object(|copy| {
                let copy = copy
                    .set_bucket(p.text("Bucket"))
                    .set_key(p.text("Key"))
                    .set_copy_source(p.source())
                    .set_metadata(p.metadata());
                let copy = copy.set_metadata_directive(p.text("MetadataDirective").as_deref().map(MetadataDirective::from));
                let copy = copy.set_content_type(p.text("ContentType")).set_copy_source_if_match(p.text("CopySourceIfMatch"));
                let copy = copy.set_tagging_directive(p.text("TaggingDirective").as_deref().map(TaggingDirective::from));
                let copy = copy.set_tagging(p.text("Tagging"));
                copy.set_copy_source_if_none_match(p.text("CopySourceIfNoneMatch"))
                    .set_storage_class(p.text("StorageClass").as_deref().map(StorageClass::from))
            });
            let got = got.wait()?;
            let tag = got.copy_object_result.and_then(|result| result.e_tag);
            json!({"CopyObjectResult.ETag": tag, "CopySourceVersionId": got.copy_source_version_id, "VersionId": got.version_id})
        }
        "delete_object" => {
            let got = s3.delete_object(|delete| {
                let delete = delete.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_version_id(p.text("VersionId"));
                delete.set_if_match(p.text("IfMatch"))
            });
            let got = got.wait()?;
            json!({"DeleteMarker": got.delete_marker, "VersionId": got.version_id})
        }
        "delete_objects" => {
            let objects = p.0["Delete"]["Objects"].as_array().unwrap().iter();
            let objects = objects.map(|one| ObjectIdentifier::builder().key(one["Key"].as_str().unwrap()).build().unwrap());
            let delete = Delete::builder()
                .set_objects(Some(objects.collect()))
                .set_quiet(p.0["Delete"]["Quiet"].as_bool())
                .build()
                .unwrap();
            let got = s3.delete_objects(|request| request.set_bucket(p.text("Bucket")).delete(delete)).wait()?;
            json!({"Deleted": got.deleted().iter().map(|one| json!({"Key": one.key})).collect::<Vec<_>>()})
        }
        "create_multipart_upload" => {
            let got = s3.create_multipart_upload(|create| {
                let create = create.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_metadata(p.metadata());
                let create = create.set_content_type(p.text("ContentType")).set_tagging(p.text("Tagging"));
                create.set_storage_class(p.text("StorageClass").as_deref().map(StorageClass::from))
            });
            let got = got.wait()?;
            json!({"Bucket": got.bucket, "Key": got.key, "UploadId": got.upload_id})
        }
        "upload_part" => {
            let got = s3.upload_part(|part| {
                let part = part.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_upload_id(p.text("UploadId"));
                part.set_part_number(p.number("PartNumber")).body(p.body())
            });
            json!({"ETag": got.wait()?.e_tag})
        }
        "upload_part_copy" => {
            let got = s3.upload_part_copy(|part| {
                let part = part.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_upload_id(p.text("UploadId"));
                part.set_part_number(p.number("PartNumber"))
                    .set_copy_source(p.source())
                    .set_copy_source_range(p.text("CopySourceRange"))
            });
            json!({"CopyPartResult.ETag": got.wait()?.copy_part_result.and_then(|result| result.e_tag)})
        }
        "complete_multipart_upload" => {
            let parts = p.0["MultipartUpload"]["Parts"].as_array().unwrap().iter().map(|part| {
                CompletedPart::builder()
                    .part_number(part["PartNumber"].as_i64().unwrap() as i32)
                    .e_tag(part["ETag"].as_str().unwrap_or_default())
                    .build()
            });
            let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
            let got = s3.complete_multipart_upload(|done| {
                done.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_upload_id(p.text("UploadId")).multipart_upload(parts)
            });
            let got = got.wait()?;
            json!({"Bucket": got.bucket, "Key": got.key, "ETag": got.e_tag, "VersionId": got.version_id})
        }
        "abort_multipart_upload" => {
            let abort = s3.abort_multipart_upload(|abort| {
                abort.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_upload_id(p.text("UploadId"))
            });
            abort.wait().map(|_| json!({}))?
        }
        _ => return buckets(s3, op, p),
    })
}

fn buckets(s3: &Client, op: &str, p: &Params<'_>) -> Result<Value> {
    /// Operations of which only the bucket is said and nothing is asked.
    macro_rules! silent {
        ($($operation:ident),*) => {
            match op {
                $(stringify!($operation) => return s3.$operation(|ask| ask.set_bucket(p.text("Bucket"))).wait().map(|_| json!({})),)*
                _ => panic!("{op} is not mapped"),
            }
        };
        (of an object: $($operation:ident),*) => {
            match op {
                $(stringify!($operation) => {
                    let ask = s3.$operation(|ask| ask.set_bucket(p.text("Bucket")).set_key(p.text("Key")));
                    return ask.wait().map(|_| json!({}));
                })*
                _ => {}
            }
        };
    }
    silent!(of an object: get_object_legal_hold, get_object_retention, delete_object_tagging);
    Ok(match op {
        "create_bucket" => {
            let there = p.0.get("CreateBucketConfiguration").and_then(|told| told["LocationConstraint"].as_str());
            let there = there.map(|there| {
                CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(there)).build()
            });
            let create = s3.create_bucket(|create| create.set_bucket(p.text("Bucket")).set_create_bucket_configuration(there));
            create.wait().map(|_| json!({}))?
        }
        "get_bucket_location" => {
            let got = s3.get_bucket_location(|get| get.set_bucket(p.text("Bucket"))).wait()?;
            json!({"LocationConstraint": got.location_constraint.as_ref().map(|there| there.as_str())})
        }
        "get_bucket_versioning" => {
            let got = s3.get_bucket_versioning(|get| get.set_bucket(p.text("Bucket"))).wait()?;
            json!({"Status": got.status.as_ref().map(|status| status.as_str())})
        }
        "put_bucket_versioning" => {
            let status = BucketVersioningStatus::from(p.0["VersioningConfiguration"]["Status"].as_str().unwrap());
            let wanted = VersioningConfiguration::builder().status(status).build();
            let put = s3.put_bucket_versioning(|put| put.set_bucket(p.text("Bucket")).versioning_configuration(wanted));
            put.wait().map(|_| json!({}))?
        }
        "get_bucket_tagging" => tags(&s3.get_bucket_tagging(|get| get.set_bucket(p.text("Bucket"))).wait()?.tag_set),
        "put_bucket_tagging" => {
            s3.put_bucket_tagging(|put| put.set_bucket(p.text("Bucket")).tagging(p.tagging())).wait().map(|_| json!({}))?
        }
        "put_object_tagging" => {
            let put = s3.put_object_tagging(|put| put.set_bucket(p.text("Bucket")).set_key(p.text("Key")).tagging(p.tagging()));
            put.wait().map(|_| json!({}))?
        }
        "put_object_acl" => {
            let acl = p.text("ACL").as_deref().map(ObjectCannedAcl::from);
            let put = s3.put_object_acl(|put| put.set_bucket(p.text("Bucket")).set_key(p.text("Key")).set_acl(acl));
            put.wait().map(|_| json!({}))?
        }
        "get_bucket_policy" => json!({"Policy": s3.get_bucket_policy(|get| get.set_bucket(p.text("Bucket"))).wait()?.policy}),
        "put_bucket_policy" => {
            let put = s3.put_bucket_policy(|put| put.set_bucket(p.text("Bucket")).set_policy(p.text("Policy")));
            put.wait().map(|_| json!({}))?
        }
        "get_bucket_acl" => {
            let got = s3.get_bucket_acl(|get| get.set_bucket(p.text("Bucket"))).wait()?;
            json!({"Grants": got.grants().iter().map(|grant| json!({"Permission": grant.permission.as_ref().map(|one| one.as_str())})).collect::<Vec<_>>()})
        }
        _ => silent!(
            head_bucket,
            delete_bucket,
            delete_bucket_tagging,
            delete_bucket_policy,
            get_bucket_cors,
            get_bucket_lifecycle_configuration,
            get_bucket_website,
            get_bucket_replication,
            get_bucket_encryption,
            get_bucket_logging,
            get_bucket_notification_configuration,
            get_bucket_request_payment,
            get_bucket_accelerate_configuration,
            get_bucket_ownership_controls,
            get_public_access_block,
            get_bucket_policy_status,
            delete_bucket_cors,
            delete_bucket_lifecycle,
            delete_bucket_website,
            delete_bucket_encryption,
            delete_bucket_ownership_controls,
            delete_public_access_block,
            get_object_lock_configuration
        ),
    })
}

/// What was made up by this run's server, as the data hide theirs.
fn masked(value: &Value, made_up: &[String]) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, inner)| (name.clone(), masked(inner, made_up))).collect::<Map<_, _>>().into()
        }
        Value::Array(values) => values.iter().map(|inner| masked(inner, made_up)).collect(),
        Value::String(text) if made_up.contains(text) => json!("<made up>"),
        other => other.clone(),
    }
}

/// Python's answer has no empty fields.
pub(crate) fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let nothing = |value: &Value| match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(values) => values.is_empty(),
                Value::Object(fields) => fields.is_empty(),
                _ => false,
            };
            let fields = fields.into_iter().map(|(name, inner)| (name, without_nothing(inner)));
            fields.filter(|(_, inner)| !nothing(inner)).collect::<Map<_, _>>().into()
        }
        Value::Array(values) => values.into_iter().map(without_nothing).collect(),
        other => other,
    }
}

/// Puts in what earlier calls gave.
fn resolved(value: &Value, answers: &[Value]) -> Value {
    match value {
        Value::Object(fields) => match fields.get("$") {
            Some(named) => answers[named[0].as_u64().unwrap() as usize][named[1].as_str().unwrap()].clone(),
            None => fields.iter().map(|(name, inner)| (name.clone(), resolved(inner, answers))).collect::<Map<_, _>>().into(),
        },
        Value::Array(values) => values.iter().map(|inner| resolved(inner, answers)).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_fake_answers_as_moto_does() {
    let world = World::new();
    replayed(&world.batteries().boto3.client().region_name("us-east-1").s3());
}

#[test]
fn it_answers_so_over_the_wire_format() {
    let world = World::new();
    let Batteries { os, time, .. } = world.batteries();
    replayed(&leyden::boto3::Boto3::from_sdk_config(&world.boto3.sdk_config(), os, time).client().s3());
}

fn replayed(s3: &Client) {
    let mut replay = Replay::default();
    let (mut answers, mut made_up) = (Vec::<Value>::new(), Vec::new());
    for (number, case) in cases("boto3_s3").into_iter().enumerate() {
        let op = case["op"].as_str().unwrap();
        let params = resolved(&case["params"], &answers);
        let answer = reading(s3, op, &Params(params.as_object().unwrap()));
        let (raw, told) = match answer {
            Ok(answer) => (answer.clone(), json!({"answer": answer})),
            Err(Error::Client(error)) => (json!({}), json!({"error": [error.code, error.status, error.message]})),
            Err(error) => (json!({}), json!({"error": error.to_string()})),
        };
        for name in ["VersionId", "UploadId", "NextContinuationToken", "CopySourceVersionId", "NextVersionIdMarker"] {
            made_up.extend(raw[name].as_str().filter(|id| *id != "null").map(str::to_owned));
        }
        let told = without_nothing(masked(&told, &made_up));
        answers.push(raw);
        let mut python = case.clone();
        python.as_object_mut().unwrap().retain(|name, _| name == "answer" || name == "error");
        let python = without_nothing(python);
        match DIFFERENCES.iter().find(|(differs, _)| differs.contains(&number)) {
            Some((_, reason)) => assert_ne!(told, python, "{number} differs no more: {reason}"),
            None => replay.check(format_args!("{number} {op} {}", case["params"]), told.to_string(), python.to_string()),
        }
    }
    replay.finish(470);
}

/// A world's bucket with an object of five bytes.
fn five_bytes() -> (World, Client) {
    let world = World::new();
    let s3 = world.batteries().boto3.client().s3();
    s3.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
    s3.put_object(|put| put.bucket("bucket").key("from").body(b"hello".to_vec().into())).wait().unwrap();
    (world, s3)
}

/// What AWS documents of `x-amz-copy-source-range`, and moto does not check.
#[test]
fn a_copied_part_names_its_first_and_its_last_byte() {
    let (_world, s3) = five_bytes();
    let upload = s3.create_multipart_upload(|create| create.bucket("bucket").key("k")).wait().unwrap().upload_id.unwrap();
    let copy = |range: &str| {
        let copy = s3.upload_part_copy(|part| {
            let part = part.bucket("bucket").key("k").upload_id(&upload).part_number(1);
            part.copy_source("bucket/from").copy_source_range(range)
        });
        copy.wait().map(|_| ()).map_err(|error| error.code().map(str::to_owned))
    };
    assert_eq!((copy("bytes=0-4"), copy("bytes=4-4")), (Ok(()), Ok(())));
    for range in ["bytes=-2", "bytes=3-", "bytes=3-1", "bytes=0-5", "bytes=5-6", "bytes=", "0-1", "bytes=0-1,3-4"] {
        assert_eq!(copy(range), Err(Some("InvalidArgument".into())), "{range}");
    }
}

/// The characters that AWS documents for tags.
#[test]
fn tags_have_letters_numbers_spaces_and_a_few_signs() {
    let (_world, s3) = five_bytes();
    let put = |key: &str, value: &str| {
        let tag = Tag::builder().key(key).value(value).build().unwrap();
        let tags = Tagging::builder().tag_set(tag).build().unwrap();
        let put = s3.put_object_tagging(|put| put.bucket("bucket").key("from").tagging(tags));
        put.wait().map(|_| ()).map_err(|error| error.code().map(str::to_owned))
    };
    for text in ["plain", "two words", "+-=._:/@", "größe", "日本", "٣"] {
        assert_eq!((put(text, "v"), put("k", text)), (Ok(()), Ok(())), "{text}");
    }
    for text in ["<", "a!", "a*", "50%", "tab\t", "line\n", "a,b", "\u{1f980}"] {
        let refused = || Err(Some("InvalidTag".into()));
        assert_eq!((put(text, "v"), put("k", text)), (refused(), refused()), "{text}");
    }
    let said = s3.put_object(|put| put.bucket("bucket").key("said").tagging("k=%3C")).wait().unwrap_err();
    assert_eq!(said.code(), Some("InvalidTag"));
}
