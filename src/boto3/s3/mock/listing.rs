//! Listings: prefix, delimiter, pages.

use std::collections::BTreeMap;
use std::ops::Bound;

use aws_sdk_s3::operation::list_objects::{ListObjectsInput, ListObjectsOutput};
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2Input, ListObjectsV2Output};
use aws_sdk_s3::types::{CommonPrefix, EncodingType, Object as Listed, ObjectStorageClass, OptionalObjectAttributes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::access::acl;
use super::refusal::{Answer, Refusal};
use super::state::{Bucket, Object, Request, Version};

/// The requested listing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    pub(super) limit: usize,
}

/// The contents of a page.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) prefixes: Vec<String>,
    pub(super) truncated: bool,
    /// The last entry, where the next page continues.
    pub(super) last: Option<Last<T>>,
}

/// The last entry of a page.
#[derive(Clone, Debug)]
pub(super) enum Last<T> {
    Item(T),
    Prefix(String),
}

impl<'a> Query<'a> {
    pub(super) fn new(
        prefix: &'a Option<String>,
        delimiter: &'a Option<String>,
        limit: Option<i32>,
        name: &str,
    ) -> Answer<Query<'a>> {
        let delimiter = delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
        Ok(Query { prefix: prefix.as_deref().unwrap_or_default(), delimiter, limit: limited(limit, name)? })
    }

    /// Returns the first page of `items`, in order, which the caller has already positioned. A
    /// common prefix up to `after` was on an earlier page.
    pub(super) fn page<T: Clone>(&self, items: impl Iterator<Item = (&'a str, T)>, after: Option<&str>) -> Page<T> {
        let mut page = Page { items: Vec::new(), prefixes: Vec::new(), truncated: false, last: None };
        for (key, item) in items {
            let Some(rest) = key.strip_prefix(self.prefix) else { continue };
            let common = self.delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
            let common = common.and_then(|end| key.get(..self.prefix.len() + end));
            let listed = common.is_some_and(|common| {
                page.prefixes.last().is_some_and(|last| last == common) || after.is_some_and(|after| common <= after)
            });
            if listed {
                continue;
            }
            if page.items.len() + page.prefixes.len() == self.limit {
                page.truncated = self.limit > 0;
                break;
            }
            if let Some(common) = common {
                page.prefixes.push(common.to_owned());
                page.last = Some(Last::Prefix(common.to_owned()));
            } else {
                page.last = Some(Last::Item(item.clone()));
                page.items.push(item);
            }
        }
        page
    }
}

/// Returns the page size: 1,000 at most.
pub(super) fn limited(limit: Option<i32>, name: &str) -> Answer<usize> {
    let limit = usize::try_from(limit.unwrap_or(1000));
    let limit = limit
        .map_err(|_| Refusal::invalid_argument(format_args!("Argument {name} must be an integer between 0 and 2147483647")))?;
    Ok(limit.min(1000))
}

/// Returns the encoder for `EncodingType`: `url`, or none.
pub(super) fn encoder(encoding: &Option<EncodingType>) -> Answer<impl Fn(&str) -> String> {
    let url = match encoding {
        None => false,
        Some(EncodingType::Url) => true,
        Some(_) => return Err(Refusal::invalid_argument("Invalid Encoding Method specified in Request")),
    };
    Ok(move |text: &str| if url { url_encoded(text) } else { text.to_owned() })
}

fn url_encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}

pub(super) fn common_prefixes(prefixes: &[String], encode: &impl Fn(&str) -> String) -> Option<Vec<CommonPrefix>> {
    let shown = prefixes.iter().map(|prefix| CommonPrefix::builder().prefix(encode(prefix)).build());
    Some(shown.collect::<Vec<_>>()).filter(|shown| !shown.is_empty())
}

/// Decodes a continuation token.
pub(super) fn position(token: &str) -> Answer<String> {
    let position = BASE64_STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    position.ok_or_else(|| Refusal::invalid_argument("The continuation token provided is incorrect"))
}

/// Iterates over the keys of a map after a marker, from where the prefix begins.
pub(super) fn from<'a, V>(
    map: &'a BTreeMap<String, V>,
    prefix: &str,
    after: Option<&str>,
) -> impl Iterator<Item = (&'a str, &'a V)> {
    let start = match after {
        Some(after) if after >= prefix => Bound::Excluded(after),
        _ => Bound::Included(prefix),
    };
    let prefix = prefix.to_owned();
    map.range::<str, _>((start, Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(&prefix))
        .map(|(key, value)| (key.as_str(), value))
}

impl Bucket {
    fn current_objects<'a>(&'a self, prefix: &str, after: Option<&str>) -> impl Iterator<Item = (&'a str, Current<'a>)> {
        from(&self.objects, prefix, after).filter_map(|(key, versions)| {
            let version = versions.last()?;
            Some((key, Current { key, version, object: version.object.as_ref()? }))
        })
    }
}

/// A listed object.
#[derive(Clone, Copy, Debug)]
struct Current<'a> {
    key: &'a str,
    version: &'a Version,
    object: &'a Object,
}

impl Current<'_> {
    fn show(&self, encode: &impl Fn(&str) -> String, owner: bool, _optional: &Option<Vec<OptionalObjectAttributes>>) -> Listed {
        let Current { key, version, object } = self;
        let class = object.attributes.storage_class.as_ref().map_or("STANDARD", |class| class.as_str());
        let checksum = object.checksum.as_ref();
        Listed::builder()
            .key(encode(key))
            .last_modified(version.modified)
            .e_tag(&object.etag)
            .size(i64::try_from(object.bytes.len()).unwrap_or(i64::MAX))
            .storage_class(ObjectStorageClass::from(class))
            .set_checksum_algorithm(checksum.map(|checksum| vec![checksum.algorithm.clone()]))
            .set_checksum_type(checksum.map(|checksum| checksum.kind.clone()))
            .set_owner(owner.then(acl::owner))
            .build()
    }
}

impl Request<'_> {
    pub(super) fn list_objects(&mut self, input: ListObjectsInput) -> Answer<ListObjectsOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let query = Query::new(&input.prefix, &input.delimiter, input.max_keys, "max-keys")?;
        let encode = encoder(&input.encoding_type)?;
        let after = input.marker.as_deref().filter(|marker| !marker.is_empty());
        let page = query.page(bucket.current_objects(query.prefix, after), after);
        // Without a delimiter the caller already has the last key.
        let next = page.last.filter(|_| page.truncated && query.delimiter.is_some()).map(|last| match last {
            Last::Item(item) => encode(item.key),
            Last::Prefix(prefix) => encode(&prefix),
        });
        let contents: Vec<_> =
            page.items.iter().map(|item| item.show(&encode, true, &input.optional_object_attributes)).collect();
        Ok(ListObjectsOutput::builder()
            .is_truncated(page.truncated)
            .marker(encode(input.marker.as_deref().unwrap_or_default()))
            .set_next_marker(next)
            .set_contents(Some(contents).filter(|contents| !contents.is_empty()))
            .set_name(input.bucket.clone())
            .prefix(encode(query.prefix))
            .set_delimiter(query.delimiter.map(&encode))
            .max_keys(query.limit as i32)
            .set_common_prefixes(common_prefixes(&page.prefixes, &encode))
            .set_encoding_type(input.encoding_type.clone())
            .build())
    }

    pub(super) fn list_objects_v2(&mut self, input: ListObjectsV2Input) -> Answer<ListObjectsV2Output> {
        let bucket = self.bucket(&input.bucket)?;
        let query = Query::new(&input.prefix, &input.delimiter, input.max_keys, "max-keys")?;
        let encode = encoder(&input.encoding_type)?;
        let after = match &input.continuation_token {
            Some(token) if token.is_empty() => {
                return Err(Refusal::invalid_argument("The continuation token provided is incorrect"));
            }
            Some(token) => Some(position(token)?),
            None => input.start_after.clone().filter(|after| !after.is_empty()),
        };
        let page = query.page(bucket.current_objects(query.prefix, after.as_deref()), after.as_deref());
        let next = page.last.filter(|_| page.truncated).map(|last| match last {
            Last::Item(item) => BASE64_STANDARD.encode(item.key),
            Last::Prefix(prefix) => BASE64_STANDARD.encode(prefix),
        });
        let owner = input.fetch_owner == Some(true);
        let contents: Vec<_> =
            page.items.iter().map(|item| item.show(&encode, owner, &input.optional_object_attributes)).collect();
        Ok(ListObjectsV2Output::builder()
            .is_truncated(page.truncated)
            .key_count((contents.len() + page.prefixes.len()) as i32)
            .set_contents(Some(contents).filter(|contents| !contents.is_empty()))
            .set_name(input.bucket.clone())
            .prefix(encode(query.prefix))
            .set_delimiter(query.delimiter.map(&encode))
            .max_keys(query.limit as i32)
            .set_common_prefixes(common_prefixes(&page.prefixes, &encode))
            .set_encoding_type(input.encoding_type.clone())
            .set_continuation_token(input.continuation_token.clone())
            .set_next_continuation_token(next)
            .set_start_after(input.start_after.as_deref().map(&encode))
            .build())
    }
}
