//! Reading objects: conditions, ranges, parts.

use std::ops::Range;

use aws_sdk_s3::operation::get_object::{GetObjectInput, GetObjectOutput};
use aws_sdk_s3::operation::head_object::{HeadObjectInput, HeadObjectOutput};
use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::{ChecksumMode, ObjectLockLegalHoldStatus, ObjectLockMode};

use super::attributes::{customer_key, show_encryption};
use super::checksums::show_with_type;
use super::etags_match;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Checksum, Object, Request, Version, key};

/// The conditions of a read.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock) struct Conditions<'a> {
    pub(in crate::boto3::s3::mock) if_match: Option<&'a str>,
    pub(in crate::boto3::s3::mock) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<DateTime>,
    pub(super) if_unmodified_since: Option<DateTime>,
}

/// How a read with a failed condition is refused.
#[derive(Debug)]
pub(in crate::boto3::s3::mock) enum Unmet {
    NotModified,
    Failed,
}

impl Conditions<'_> {
    /// RFC 9110, section 13.2.2: the date counts only if there is no ETag condition.
    pub(in crate::boto3::s3::mock) fn check(&self, etag: &str, modified: DateTime) -> Result<(), Unmet> {
        let matches = match (self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) => etags_match(wanted, etag),
            (None, Some(since)) => modified.secs() <= since.secs(),
            (None, None) => true,
        };
        if !matches {
            return Err(Unmet::Failed);
        }
        let changed = match (self.if_none_match, self.if_modified_since) {
            (Some(known), _) => !etags_match(known, etag),
            (None, Some(since)) => modified.secs() > since.secs(),
            (None, None) => true,
        };
        if changed { Ok(()) } else { Err(Unmet::NotModified) }
    }
}

impl From<Unmet> for Refusal {
    fn from(unmet: Unmet) -> Refusal {
        match unmet {
            Unmet::NotModified => Refusal::new(304, "304", "Not Modified"),
            Unmet::Failed => Refusal::precondition_failed(),
        }
    }
}

/// The selected bytes, and how they are described.
#[derive(Debug)]
struct Slice {
    range: Range<usize>,
    content_range: Option<String>,
    parts_count: Option<i32>,
    /// The checksum of exactly these bytes, if there is one.
    checksum: Option<Checksum>,
}

/// Parses a single range: `bytes=0-9`, `bytes=5-`, `bytes=-3`. Other text is not a range, and
/// selects the whole.
pub(super) fn parse_range(text: &str, size: usize) -> Answer<Option<Range<usize>>> {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Ok(None) };
    let range = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() && last > 0 => size.saturating_sub(last)..size,
        (Err(_), Ok(0)) if first.is_empty() => size..size,
        _ => return Ok(None),
    };
    if range.start >= size {
        return Err(Refusal::new(416, "InvalidRange", "The requested range is not satisfiable"));
    }
    Ok(Some(range))
}

fn slice(object: &Object, range: Option<&str>, part: Option<i32>) -> Answer<Slice> {
    let size = object.bytes.len();
    let tell = |range: &Range<usize>| Some(format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1)));
    let Some(number) = part else {
        let range = range.map(|range| parse_range(range, size)).transpose()?.flatten();
        return Ok(match range {
            Some(range) => Slice { content_range: tell(&range), range, parts_count: None, checksum: None },
            None => Slice { range: 0..size, content_range: None, parts_count: None, checksum: object.checksum.clone() },
        });
    };
    if range.is_some() {
        return Err(Refusal::invalid_request("Cannot specify both Range header and partNumber query parameter"));
    }
    if !(1..=10_000).contains(&number) {
        return Err(Refusal::invalid_argument("Part number must be an integer between 1 and 10000, inclusive"));
    }
    let unsatisfiable = || Refusal::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
    if object.parts.is_empty() {
        // An object uploaded in one request is its own first part.
        let whole = Slice { range: 0..size, content_range: None, parts_count: None, checksum: object.checksum.clone() };
        return if number == 1 {
            Ok(Slice { content_range: tell(&whole.range).filter(|_| size > 0), ..whole })
        } else {
            Err(unsatisfiable())
        };
    }
    let mut start = 0;
    // Parts are numbered by position, whatever their upload numbers.
    let index = usize::try_from(number - 1).map_err(|_| unsatisfiable())?;
    for (at, part) in object.parts.iter().enumerate() {
        if at == index {
            let range = start..start + part.size;
            let parts_count = i32::try_from(object.parts.len()).ok();
            return Ok(Slice { content_range: tell(&range), range, parts_count, checksum: part.checksum.clone() });
        }
        start += part.size;
    }
    Err(unsatisfiable())
}

/// The two reads differ only in the body.
macro_rules! describe {
    ($builder:expr, $input:expr, $bucket:expr, $version:expr, $object:expr, $slice:expr, $now:expr, $with_checksum:expr) => {{
        let (input, version, object, slice) = (&$input, $version, $object, &$slice);
        let attributes = &object.attributes;
        let headers = &attributes.headers;
        let encryption = &attributes.encryption;
        let or = |overridden: &Option<String>, own: &Option<String>| overridden.clone().or_else(|| own.clone());
        let expires = input.response_expires.or(headers.expires);
        let checksum = slice.checksum.as_ref().filter(|_| $with_checksum);
        #[allow(deprecated, reason = "boto3 has both: Expires and ExpiresString")]
        let builder = show_with_type!(show_encryption!($builder, encryption), checksum)
            .accept_ranges("bytes")
            .last_modified(version.modified)
            .content_length(i64::try_from(slice.range.len()).unwrap_or(i64::MAX))
            .set_content_range(slice.content_range.clone())
            .e_tag(&object.etag)
            .set_version_id($bucket.shown(&version.id))
            .set_cache_control(or(&input.response_cache_control, &headers.cache_control))
            .set_content_disposition(or(&input.response_content_disposition, &headers.content_disposition))
            .set_content_encoding(or(&input.response_content_encoding, &headers.content_encoding))
            .set_content_language(or(&input.response_content_language, &headers.content_language))
            .set_content_type(or(&input.response_content_type, &headers.content_type))
            .set_expires(expires)
            .set_expires_string(expires.and_then(|expires| expires.fmt(DateTimeFormat::HttpDate).ok()))
            .set_website_redirect_location(headers.website_redirect_location.clone())
            .set_metadata(Some(headers.metadata.clone()))
            .set_storage_class(attributes.storage_class.clone())
            .set_parts_count(slice.parts_count)
            .set_restore(attributes.restored($now))
            .set_tag_count(Some(attributes.tags.len() as i32).filter(|count| *count > 0))
            .set_object_lock_mode(attributes.retention.as_ref().map(|retention| ObjectLockMode::from(retention.mode.as_str())))
            .set_object_lock_retain_until_date(attributes.retention.as_ref().map(|retention| retention.until))
            .set_object_lock_legal_hold_status(attributes.legal_hold.then_some(ObjectLockLegalHoldStatus::On));
        builder
    }};
}

macro_rules! conditions {
    ($input:expr) => {
        Conditions {
            if_match: $input.if_match.as_deref(),
            if_none_match: $input.if_none_match.as_deref(),
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        }
    };
}

/// Checks that the customer's key is the one it was stored with.
pub(in crate::boto3::s3::mock) fn unlock(object: &Object, key_md5: Option<String>) -> Answer<()> {
    match (&object.attributes.encryption.customer_key_md5, key_md5) {
        (None, None) => Ok(()),
        (Some(own), Some(key)) if *own == key => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::access_denied("Access Denied")),
        (Some(_), None) => Err(Refusal::invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
        )),
        (None, Some(_)) => Err(Refusal::invalid_request("The encryption parameters are not applicable to this object.")),
    }
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn get_object(&mut self, input: GetObjectInput) -> Answer<GetObjectOutput> {
        let now = self.now;
        let cut = self.state.cut(&input.bucket, &input.key);
        let bucket = self.bucket(&input.bucket)?;
        let (version, object): (&Version, &Object) = bucket.object(key(&input.key)?, &input.version_id)?;
        unlock(object, customer_key!(input)?)?;
        conditions!(input).check(&object.etag, version.modified)?;
        object.attributes.is_at_hand(now)?;
        let slice = slice(object, input.range.as_deref(), input.part_number)?;
        let bytes = object.bytes.slice(slice.range.clone());
        let body = match cut {
            Some(after) => super::body::cut(bytes, after),
            None => ByteStream::from(bytes),
        };
        // The client requests checksums whenever it can verify them.
        Ok(describe!(GetObjectOutput::builder(), input, bucket, version, object, slice, now, true).body(body).build())
    }

    pub(in crate::boto3::s3::mock) fn head_object(&mut self, input: HeadObjectInput) -> Answer<HeadObjectOutput> {
        let now = self.now;
        let bucket = self.bucket(&input.bucket)?;
        let (version, object) = bucket.object(key(&input.key)?, &input.version_id)?;
        unlock(object, customer_key!(input)?)?;
        conditions!(input).check(&object.etag, version.modified)?;
        let slice = slice(object, input.range.as_deref(), input.part_number)?;
        let asked = input.checksum_mode == Some(ChecksumMode::Enabled);
        Ok(describe!(HeadObjectOutput::builder(), input, bucket, version, object, slice, now, asked).build())
    }
}
