//! Copies within S3.

use aws_sdk_s3::operation::copy_object::{CopyObjectInput, CopyObjectOutput};
use aws_sdk_s3::types::{ChecksumAlgorithm, CopyObjectResult, MetadataDirective, TaggingDirective};

use super::attributes::{attributes, show_encryption};
use super::checksums::{self, show_with_type};
use super::reads::{Conditions, unlock};
use super::too_large;
use crate::boto3::s3::encoding::unquoted;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Bucket, Object, Request, hex_md5, key, quoted};

/// The maximum size of a copy in one request.
const LARGEST: usize = 5 << 30;

/// The source: `bucket/key`, percent-encoded, optionally with `?versionId=`.
#[derive(Debug)]
pub(in crate::boto3::s3::mock) struct Source {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl Source {
    pub(in crate::boto3::s3::mock) fn parse(text: &Option<String>) -> Answer<Source> {
        let text = text.as_deref().filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing("CopySource"))?;
        let (path, version_id) = match text.split_once("?versionId=") {
            Some((path, id)) => (path, Some(id.to_owned())),
            None => (text, None),
        };
        let path = decoded(path.strip_prefix('/').unwrap_or(path))?;
        match path.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Source { bucket: bucket.to_owned(), key: key.to_owned(), version_id })
            }
            _ => Err(Refusal::invalid_argument("Invalid copy source object key")),
        }
    }
}

/// Decodes text in which a plus is a space.
pub(in crate::boto3::s3::mock) fn form_decoded(text: &str) -> Answer<String> {
    decoded(&text.replace('+', " "))
}

fn decoded(text: &str) -> Answer<String> {
    String::from_utf8(unquoted(text)).map_err(|_| Refusal::invalid_argument("Invalid copy source encoding."))
}

/// The data read from the source.
#[derive(Debug)]
pub(in crate::boto3::s3::mock) struct Read {
    pub(in crate::boto3::s3::mock) object: Object,
    pub(in crate::boto3::s3::mock) version_id: Option<String>,
}

/// Returns the conditions on the source, which inputs of copies share.
macro_rules! source_conditions {
    ($input:expr) => {
        $crate::boto3::s3::mock::objects::reads::Conditions {
            if_match: $input.copy_source_if_match.as_deref(),
            if_none_match: $input.copy_source_if_none_match.as_deref(),
            if_modified_since: $input.copy_source_if_modified_since,
            if_unmodified_since: $input.copy_source_if_unmodified_since,
        }
    };
}
pub(super) use source_conditions;

/// Returns the customer's key of the source.
macro_rules! source_key {
    ($input:expr) => {
        $crate::boto3::s3::mock::objects::attributes::key_md5(
            $input.copy_source_sse_customer_algorithm.as_deref(),
            $input.copy_source_sse_customer_key.as_deref(),
            $input.copy_source_sse_customer_key_md5.as_deref(),
        )?
    };
}
pub(super) use source_key;

impl Request<'_> {
    /// Reads the source, which may be in any region.
    pub(in crate::boto3::s3::mock) fn source(
        &self,
        source: &Source,
        conditions: &Conditions<'_>,
        key_md5: Option<String>,
    ) -> Answer<Read> {
        let bucket = self.state.buckets.get(&source.bucket);
        let bucket: &Bucket = bucket.ok_or_else(|| Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
        let (version, object) = match bucket.object(&source.key, &source.version_id) {
            Err(refusal) if refusal.code() == "MethodNotAllowed" => {
                let message = "The source of a copy request may not specifically refer to a delete marker by version id.";
                return Err(Refusal::invalid_request(message));
            }
            found => found?,
        };
        unlock(object, key_md5)?;
        // "Not modified" for a reader is a failed condition here.
        conditions.check(&object.etag, version.modified).map_err(|_| Refusal::precondition_failed())?;
        object.attributes.is_at_hand(self.now)?;
        Ok(Read { object: object.clone(), version_id: bucket.shown(&version.id) })
    }

    pub(in crate::boto3::s3::mock) fn copy_object(&mut self, input: CopyObjectInput) -> Answer<CopyObjectOutput> {
        let source = Source::parse(&input.copy_source)?;
        let (now, fresh) = (self.now, self.state.ids.version());
        self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let read = self.source(&source, &source_conditions!(input), source_key!(input))?;
        if read.object.bytes.len() > LARGEST {
            return Err(too_large());
        }
        self.make_room(read.object.bytes.len())?;
        let bucket = self.bucket(&input.bucket)?;
        bucket.write_conditions(key, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let own = &read.object.attributes;
        let mut attributes = attributes!(input, bucket).retained(bucket, now);
        let replaces = match &input.metadata_directive {
            None | Some(MetadataDirective::Copy) => false,
            Some(MetadataDirective::Replace) => true,
            Some(_) => return Err(Refusal::invalid_argument("Unknown metadata directive.")),
        };
        if !replaces {
            attributes.headers = own.headers.clone();
            // A redirect is never copied, only set.
            attributes.headers.website_redirect_location = input.website_redirect_location.clone();
        }
        match &input.tagging_directive {
            None | Some(TaggingDirective::Copy) => attributes.tags = own.tags.clone(),
            Some(TaggingDirective::Replace) => {}
            Some(_) => return Err(Refusal::invalid_argument("Unknown tagging directive.")),
        }
        let onto_itself = Some(&source.bucket) == input.bucket.as_ref() && source.key == key && source.version_id.is_none();
        let changes = replaces
            || input.storage_class.is_some()
            || input.website_redirect_location.is_some()
            || input.server_side_encryption.is_some()
            || input.sse_customer_algorithm.is_some();
        if onto_itself && !changes {
            let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
                           metadata, storage class, website redirect location or encryption attributes.";
            return Err(Refusal::invalid_request(message));
        }
        let algorithm = input.checksum_algorithm.clone().or_else(|| Some(read.object.checksum.as_ref()?.algorithm.clone()));
        let checksum = checksums::full(&algorithm.unwrap_or(ChecksumAlgorithm::Crc64Nvme), &read.object.bytes)?;
        let etag = quoted(hex_md5(&read.object.bytes));
        let object = Object { bytes: read.object.bytes, etag, checksum: Some(checksum), parts: Vec::new(), attributes };
        let result =
            show_with_type!(CopyObjectResult::builder(), object.checksum.as_ref()).e_tag(&object.etag).last_modified(now);
        let output = show_encryption!(CopyObjectOutput::builder(), object.attributes.encryption);
        Ok(output
            .copy_object_result(result.build())
            .set_copy_source_version_id(read.version_id)
            .set_version_id(bucket.store(key, Some(object), now, fresh))
            .build())
    }
}
