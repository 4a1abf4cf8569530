//! The state of the fake: buckets, and in them the versions of objects and the uploads in progress.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ChecksumAlgorithm, ChecksumType, Grant, MfaDeleteStatus, ObjectLockRetentionMode,
    ServerSideEncryption, StorageClass, Tag,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use md5::{Digest as _, Md5};

use super::access::acl;
use super::buckets::configuration::Configuration;
use super::objects::restore::Restored;
use super::refusal::{Answer, Refusal};
use crate::boto3::backend::ClientConfig;

/// The account of this S3.
pub(super) const ACCOUNT: &str = "123456789012";

/// The default region.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// Names of other accounts' buckets.
    pub(super) taken: BTreeSet<String>,
    pub(super) ids: Ids,
    pub(super) no_credentials: bool,
    pub(super) latency: Duration,
    pub(super) quota: Option<u64>,
    /// The clients that have signed URLs, by access key id.
    pub(super) signers: BTreeMap<String, ClientConfig>,
    /// Planned truncated reads: after how many bytes.
    pub(super) cuts: Vec<Cut>,
}

/// A truncated body.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) after: usize,
}

/// Generates unused names, the same in each run.
#[derive(Debug, Default)]
pub(super) struct Ids(u64);

impl Ids {
    /// Returns 16 capitals and digits, like AWS's request ids.
    pub(super) fn request(&mut self) -> String {
        self.0 += 1;
        let digest: [u8; 16] = Md5::digest(self.0.to_be_bytes()).into();
        digest.iter().take(8).map(|byte| format!("{byte:02X}")).collect()
    }

    /// Returns 32 letters, like AWS's version ids.
    pub(super) fn version(&mut self) -> String {
        self.0 += 1;
        let digests: Vec<u8> = [0, 1]
            .into_iter()
            .flat_map(|half| <[u8; 16]>::from(Md5::digest([&self.0.to_be_bytes()[..], &[half]].concat())))
            .collect();
        BASE64_URL_SAFE_NO_PAD.encode(digests.get(..24).unwrap_or(&digests)).replace('-', ".")
    }

    pub(super) fn upload(&mut self) -> String {
        [self.version(), self.version(), self.version(), self.version()].concat()
    }
}

/// A bucket with its contents.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) region: String,
    pub(super) created: DateTime,
    /// The versions of each key, the current one last. Never empty.
    pub(super) objects: BTreeMap<String, Vec<Version>>,
    /// By key and upload id.
    pub(super) uploads: BTreeMap<(String, String), Upload>,
    pub(super) versioning: Option<BucketVersioningStatus>,
    pub(super) mfa_delete: Option<MfaDeleteStatus>,
    pub(super) acl: Vec<Grant>,
    pub(super) configuration: Configuration,
}

impl Bucket {
    pub(super) fn new(region: String, created: DateTime) -> Bucket {
        Bucket {
            region,
            created,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            versioning: None,
            mfa_delete: None,
            acl: acl::private(),
            configuration: Configuration::default(),
        }
    }

    pub(super) fn is_versioned(&self) -> bool {
        self.versioning == Some(BucketVersioningStatus::Enabled)
    }

    /// Returns the current version, if it is an object.
    pub(super) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last().filter(|version| version.object.is_some())
    }

    /// Returns the size of objects and parts in bytes.
    pub(super) fn size(&self) -> u64 {
        let objects =
            self.objects.values().flatten().filter_map(|version| version.object.as_ref()).map(|object| object.bytes.len());
        let parts = self.uploads.values().flat_map(|upload| upload.parts.values()).map(|part| part.bytes.len());
        objects.chain(parts).map(|size| size as u64).sum()
    }
}

/// One version of a key.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// `null` is the version from before versioning was enabled, or while it is suspended.
    pub(super) id: String,
    pub(super) modified: DateTime,
    /// `None` is a delete marker.
    pub(super) object: Option<Object>,
}

pub(super) const NULL: &str = "null";

/// A stored object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) bytes: Bytes,
    /// With its quotes.
    pub(super) etag: String,
    pub(super) checksum: Option<Checksum>,
    /// The parts that it was assembled from.
    pub(super) parts: Vec<PartSize>,
    pub(super) attributes: Attributes,
}

/// A part of a multipart object.
#[derive(Clone, Debug)]
pub(super) struct PartSize {
    pub(super) number: i32,
    pub(super) size: usize,
    pub(super) checksum: Option<Checksum>,
}

/// The metadata of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    pub(super) headers: Headers,
    pub(super) storage_class: Option<StorageClass>,
    pub(super) encryption: Encryption,
    pub(super) tags: Vec<Tag>,
    pub(super) acl: Vec<Grant>,
    pub(super) retention: Option<Retention>,
    pub(super) legal_hold: bool,
    pub(super) restored: Option<Restored>,
}

/// The headers that `MetadataDirective` controls.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    pub(super) metadata: HashMap<String, String>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) expires: Option<DateTime>,
    pub(super) website_redirect_location: Option<String>,
}

/// How an object is encrypted: reported, not performed, except that a customer's key is required
/// again.
#[derive(Clone, Debug, Default)]
pub(super) struct Encryption {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) kms_key_id: Option<String>,
    pub(super) bucket_key_enabled: Option<bool>,
    pub(super) customer_algorithm: Option<String>,
    pub(super) customer_key_md5: Option<String>,
}

/// The retention of a version.
#[derive(Clone, Debug)]
pub(super) struct Retention {
    pub(super) mode: ObjectLockRetentionMode,
    pub(super) until: DateTime,
}

/// A checksum in the form of responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    pub(super) algorithm: ChecksumAlgorithm,
    /// Base64; for several parts with `-N`.
    pub(super) value: String,
    pub(super) kind: ChecksumType,
}

/// A multipart upload in progress.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) initiated: DateTime,
    pub(super) attributes: Attributes,
    pub(super) algorithm: Option<ChecksumAlgorithm>,
    pub(super) kind: Option<ChecksumType>,
    pub(super) parts: BTreeMap<i32, Part>,
}

/// An uploaded part.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
    pub(super) modified: DateTime,
    pub(super) checksum: Option<Checksum>,
}

/// A request: the state it works on, and its source and time.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) state: &'a mut State,
    pub(super) region: &'a str,
    pub(super) now: DateTime,
    /// The body of the request, if its operation has one.
    pub(super) body: Bytes,
}

impl State {
    /// Takes the next planned truncation of a read of this object.
    pub(super) fn cut(&mut self, bucket: &Option<String>, key: &Option<String>) -> Option<usize> {
        let planned = |cut: &Cut| Some(&cut.bucket) == bucket.as_ref() && Some(&cut.key) == key.as_ref();
        let at = self.cuts.iter().position(planned)?;
        Some(self.cuts.remove(at).after)
    }
}

impl Request<'_> {
    pub(super) fn bucket(&mut self, name: &Option<String>) -> Answer<&mut Bucket> {
        find(&mut self.state.buckets, self.region, name)
    }

    /// Fails if the quota would be exceeded.
    pub(super) fn make_room(&self, size: usize) -> Answer<()> {
        let Some(quota) = self.state.quota else { return Ok(()) };
        let held: u64 = self.state.buckets.values().map(Bucket::size).sum();
        let fits = held.saturating_add(size as u64) <= quota;
        // Not an error of AWS, which has no quota: this is Ceph's.
        if fits { Ok(()) } else { Err(Refusal::new(403, "QuotaExceeded", "The quota of this account is exceeded.")) }
    }
}

/// Returns the bucket, if it exists and this is its region.
pub(super) fn find<'a>(buckets: &'a mut BTreeMap<String, Bucket>, region: &str, name: &Option<String>) -> Answer<&'a mut Bucket> {
    let name = name.as_deref().filter(|name| !name.is_empty()).ok_or_else(|| Refusal::missing("Bucket"))?;
    let bucket = buckets.get_mut(name).ok_or_else(|| Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
    if bucket.region == region {
        return Ok(bucket);
    }
    Err(Refusal::Elsewhere { region: bucket.region.clone() })
}

/// Returns the checked key.
pub(super) fn key(key: &Option<String>) -> Answer<&str> {
    let key = key.as_deref().filter(|key| !key.is_empty()).ok_or_else(|| Refusal::missing("Key"))?;
    if key.len() > 1024 {
        return Err(Refusal::bad_request("KeyTooLongError", "Your key is too long"));
    }
    Ok(key)
}

/// S3 has a resolution of whole seconds.
pub(super) fn whole_seconds(time: SystemTime) -> DateTime {
    DateTime::from_secs(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64))
}

pub(super) fn hex_md5(bytes: &[u8]) -> String {
    <[u8; 16]>::from(Md5::digest(bytes)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the digits of an ETag in quotes.
pub(super) fn quoted(digits: impl std::fmt::Display) -> String {
    format!("\"{digits}\"")
}
