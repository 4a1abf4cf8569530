//! Listings of versions, uploads and parts; and the parts of an object.

use aws_sdk_s3::operation::get_object_attributes::{GetObjectAttributesInput, GetObjectAttributesOutput};
use aws_sdk_s3::operation::list_multipart_uploads::{ListMultipartUploadsInput, ListMultipartUploadsOutput};
use aws_sdk_s3::operation::list_object_versions::{ListObjectVersionsInput, ListObjectVersionsOutput};
use aws_sdk_s3::operation::list_parts::{ListPartsInput, ListPartsOutput};
use aws_sdk_s3::types::{
    Checksum as ShownChecksum, ChecksumType, DeleteMarkerEntry, GetObjectAttributesParts, Initiator, MultipartUpload,
    ObjectAttributes, ObjectPart, ObjectVersion, ObjectVersionStorageClass, Part as ShownPart, StorageClass,
};

use super::access::acl;
use super::listing::{Last, Query, common_prefixes, encoder, from, limited};
use super::objects::attributes::customer_key;
use super::objects::checksums::{show, show_with_type};
use super::objects::reads::unlock;
use super::refusal::{Answer, Refusal};
use super::state::{Request, Upload, Version, key};

/// A version in a listing.
#[derive(Clone, Copy, Debug)]
struct Listed<'a> {
    key: &'a str,
    version: &'a Version,
    latest: bool,
}

fn part_marker(marker: &Option<String>) -> Answer<i32> {
    let Some(marker) = marker.as_deref().filter(|marker| !marker.is_empty()) else { return Ok(0) };
    let number = marker.parse::<i32>().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| Refusal::invalid_argument("Argument part-number-marker must be an integer between 0 and 2147483647"))
}

impl Request<'_> {
    pub(super) fn list_object_versions(&mut self, input: ListObjectVersionsInput) -> Answer<ListObjectVersionsOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let query = Query::new(&input.prefix, &input.delimiter, input.max_keys, "max-keys")?;
        let encode = encoder(&input.encoding_type)?;
        let after = input.key_marker.as_deref().filter(|marker| !marker.is_empty());
        let after_version = input.version_id_marker.as_deref().filter(|marker| !marker.is_empty());
        if after.is_none() && after_version.is_some() {
            return Err(Refusal::invalid_argument("A version-id marker cannot be specified without a key marker."));
        }
        // A version's marker continues within its key.
        let within = after.filter(|_| after_version.is_some());
        let (rest, from_key) = match (within, after_version) {
            (Some(key), Some(id)) => {
                let versions = bucket.objects.get_key_value(key).filter(|(key, _)| key.starts_with(query.prefix));
                let rest = versions.map(|(key, versions)| {
                    let newest_first = versions.iter().rev().skip_while(move |version| version.id != id).skip(1);
                    newest_first.map(|version| Listed { key, version, latest: false }).collect::<Vec<_>>()
                });
                (rest.unwrap_or_default(), after)
            }
            _ => (Vec::new(), after),
        };
        let others = from(&bucket.objects, query.prefix, from_key).flat_map(|(key, versions)| {
            let newest_first = versions.iter().rev().enumerate();
            newest_first.map(move |(at, version)| Listed { key, version, latest: at == 0 })
        });
        let all = rest.into_iter().chain(others).map(|listed| (listed.key, listed));
        let page = query.page(all, after.filter(|_| within.is_none()));
        let (next_key, next_version) = match page.last.filter(|_| page.truncated) {
            Some(Last::Item(item)) => (Some(encode(item.key)), Some(item.version.id.clone())),
            Some(Last::Prefix(prefix)) => (Some(encode(&prefix)), None),
            None => (None, None),
        };
        let (mut versions, mut markers) = (Vec::new(), Vec::new());
        for Listed { key, version, latest } in page.items {
            match &version.object {
                None => markers.push(
                    DeleteMarkerEntry::builder()
                        .key(encode(key))
                        .version_id(&version.id)
                        .is_latest(latest)
                        .last_modified(version.modified)
                        .owner(acl::owner())
                        .build(),
                ),
                Some(object) => {
                    let class = object.attributes.storage_class.as_ref().map_or("STANDARD", |class| class.as_str());
                    let checksum = object.checksum.as_ref();
                    versions.push(
                        ObjectVersion::builder()
                            .key(encode(key))
                            .version_id(&version.id)
                            .is_latest(latest)
                            .last_modified(version.modified)
                            .e_tag(&object.etag)
                            .size(object.bytes.len() as i64)
                            .storage_class(ObjectVersionStorageClass::from(class))
                            .set_checksum_algorithm(checksum.map(|checksum| vec![checksum.algorithm.clone()]))
                            .set_checksum_type(checksum.map(|checksum| checksum.kind.clone()))
                            .owner(acl::owner())
                            .build(),
                    );
                }
            }
        }
        Ok(ListObjectVersionsOutput::builder()
            .is_truncated(page.truncated)
            .key_marker(encode(input.key_marker.as_deref().unwrap_or_default()))
            .version_id_marker(input.version_id_marker.clone().unwrap_or_default())
            .set_next_key_marker(next_key)
            .set_next_version_id_marker(next_version)
            .set_versions(Some(versions).filter(|versions| !versions.is_empty()))
            .set_delete_markers(Some(markers).filter(|markers| !markers.is_empty()))
            .set_name(input.bucket.clone())
            .prefix(encode(query.prefix))
            .set_delimiter(query.delimiter.map(&encode))
            .max_keys(query.limit as i32)
            .set_common_prefixes(common_prefixes(&page.prefixes, &encode))
            .set_encoding_type(input.encoding_type.clone())
            .build())
    }

    pub(super) fn list_multipart_uploads(&mut self, input: ListMultipartUploadsInput) -> Answer<ListMultipartUploadsOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let query = Query::new(&input.prefix, &input.delimiter, input.max_uploads, "max-uploads")?;
        let encode = encoder(&input.encoding_type)?;
        let after = input.key_marker.as_deref().filter(|marker| !marker.is_empty());
        // An upload's marker is ignored without its key.
        let after_id = input.upload_id_marker.as_deref().filter(|marker| !marker.is_empty() && after.is_some());
        // For one key, the oldest upload comes first.
        let mut uploads: Vec<(&str, &str, &Upload)> =
            bucket.uploads.iter().map(|((key, id), upload)| (key.as_str(), id.as_str(), upload)).collect();
        uploads.sort_by_key(|(key, id, upload)| (*key, upload.initiated.secs(), *id));
        let passed = after_id.and_then(|id| uploads.iter().position(|(key, upload, _)| Some(*key) == after && *upload == id));
        let rest = uploads.into_iter().enumerate().filter(|(at, (key, _, _))| match (passed, after) {
            (Some(passed), _) => *at > passed,
            (None, Some(after)) => *key > after,
            (None, None) => true,
        });
        let page = query.page(rest.map(|(_, item)| (item.0, item)), after);
        let (next_key, next_id) = match page.last.filter(|_| page.truncated) {
            Some(Last::Item((key, id, _))) => (Some(encode(key)), Some(id.to_owned())),
            Some(Last::Prefix(prefix)) => (Some(encode(&prefix)), None),
            None => (None, None),
        };
        let shown: Vec<_> = page
            .items
            .iter()
            .map(|(key, id, upload)| {
                MultipartUpload::builder()
                    .key(encode(key))
                    .upload_id(*id)
                    .initiated(upload.initiated)
                    .storage_class(upload.attributes.storage_class.clone().unwrap_or(StorageClass::Standard))
                    .owner(acl::owner())
                    .initiator(initiator())
                    .set_checksum_algorithm(upload.algorithm.clone())
                    .set_checksum_type(upload.kind.clone())
                    .build()
            })
            .collect();
        Ok(ListMultipartUploadsOutput::builder()
            .set_bucket(input.bucket.clone())
            .key_marker(encode(input.key_marker.as_deref().unwrap_or_default()))
            .upload_id_marker(input.upload_id_marker.clone().unwrap_or_default())
            .set_next_key_marker(next_key)
            .set_next_upload_id_marker(next_id)
            .set_prefix(input.prefix.as_deref().map(&encode))
            .set_delimiter(query.delimiter.map(&encode))
            .max_uploads(query.limit as i32)
            .is_truncated(page.truncated)
            .set_uploads(Some(shown).filter(|shown| !shown.is_empty()))
            .set_common_prefixes(common_prefixes(&page.prefixes, &encode))
            .set_encoding_type(input.encoding_type.clone())
            .build())
    }

    pub(super) fn list_parts(&mut self, input: ListPartsInput) -> Answer<ListPartsOutput> {
        let limit = limited(input.max_parts, "max-parts")?;
        let after = part_marker(&input.part_number_marker)?;
        let upload = self.bucket(&input.bucket)?.upload(key(&input.key)?, &input.upload_id)?;
        let chosen = upload.algorithm.is_some();
        let mut rest = upload.parts.iter().filter(|(number, _)| **number > after);
        let parts: Vec<_> = rest
            .by_ref()
            .take(limit)
            .map(|(number, part)| {
                let checksum = part.checksum.as_ref().filter(|_| chosen);
                show!(ShownPart::builder(), checksum)
                    .part_number(*number)
                    .e_tag(&part.etag)
                    .size(part.bytes.len() as i64)
                    .last_modified(part.modified)
                    .build()
            })
            .collect();
        let truncated = limit > 0 && rest.next().is_some();
        let last = parts.last().and_then(|part| part.part_number).unwrap_or(0);
        Ok(ListPartsOutput::builder()
            .set_bucket(input.bucket.clone())
            .set_key(input.key.clone())
            .set_upload_id(input.upload_id.clone())
            .part_number_marker(after.to_string())
            .next_part_number_marker(last.to_string())
            .max_parts(limit as i32)
            .is_truncated(truncated)
            .set_parts(Some(parts).filter(|parts| !parts.is_empty()))
            .initiator(initiator())
            .owner(acl::owner())
            .storage_class(upload.attributes.storage_class.clone().unwrap_or(StorageClass::Standard))
            .set_checksum_algorithm(upload.algorithm.clone())
            .set_checksum_type(upload.kind.clone())
            .build())
    }

    pub(super) fn get_object_attributes(&mut self, input: GetObjectAttributesInput) -> Answer<GetObjectAttributesOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let asked = input
            .object_attributes
            .clone()
            .filter(|asked| !asked.is_empty())
            .ok_or_else(|| Refusal::missing("ObjectAttributes"))?;
        let asks = |attribute: &ObjectAttributes| asked.contains(attribute);
        let (version, object) = bucket.object(key(&input.key)?, &input.version_id)?;
        unlock(object, customer_key!(input)?)?;
        let mut output =
            GetObjectAttributesOutput::builder().last_modified(version.modified).set_version_id(bucket.shown(&version.id));
        if asks(&ObjectAttributes::Etag) {
            // The only place where an ETag has no quotes.
            output = output.e_tag(object.etag.trim_matches('"'));
        }
        if asks(&ObjectAttributes::Checksum) {
            // The checksum of the parts' checksums, without their number.
            let bare = object.checksum.clone().map(|mut checksum| {
                if let Some((value, _)) = checksum.value.split_once('-') {
                    checksum.value = value.to_owned();
                }
                checksum
            });
            output = output.set_checksum(bare.map(|bare| show_with_type!(ShownChecksum::builder(), Some(&bare)).build()));
        }
        if asks(&ObjectAttributes::ObjectSize) {
            output = output.object_size(object.bytes.len() as i64);
        }
        if asks(&ObjectAttributes::StorageClass) {
            output = output.storage_class(object.attributes.storage_class.clone().unwrap_or(StorageClass::Standard));
        }
        if asks(&ObjectAttributes::ObjectParts) && !object.parts.is_empty() {
            let limit = limited(input.max_parts, "max-parts")?;
            let after = part_marker(&input.part_number_marker)?;
            let mut rest = object.parts.iter().filter(|part| part.number > after);
            let composite = object.checksum.as_ref().is_some_and(|checksum| checksum.kind == ChecksumType::Composite);
            let page: Vec<_> = rest
                .by_ref()
                .take(limit)
                .map(|part| {
                    let checksum = part.checksum.as_ref();
                    show!(ObjectPart::builder(), checksum).part_number(part.number).size(part.size as i64).build()
                })
                .collect();
            let truncated = limit > 0 && rest.next().is_some();
            let last = page.last().and_then(|part| part.part_number).unwrap_or(0);
            let parts = GetObjectAttributesParts::builder().total_parts_count(object.parts.len() as i32);
            // Without checksums of the parts, only their number is returned.
            let parts = if composite {
                parts
                    .part_number_marker(after.to_string())
                    .next_part_number_marker(last.to_string())
                    .max_parts(limit as i32)
                    .is_truncated(truncated)
                    .set_parts(Some(page))
            } else {
                parts
            };
            output = output.object_parts(parts.build());
        }
        Ok(output.build())
    }
}

fn initiator() -> Initiator {
    let owner = acl::owner();
    Initiator::builder().set_id(owner.id).set_display_name(owner.display_name).build()
}
