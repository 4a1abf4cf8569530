//! What the fake keeps: buckets, and in them the versions of objects and the uploads in progress.

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

/// The account whose S3 this is.
pub(super) const ACCOUNT: &str = "123456789012";

/// The region of those who name none.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// Names of buckets that others have.
    pub(super) taken: BTreeSet<String>,
    pub(super) ids: Ids,
    pub(super) no_credentials: bool,
    pub(super) latency: Duration,
    pub(super) quota: Option<u64>,
    /// Who has signed URLs, by the name of the key.
    pub(super) signers: BTreeMap<String, ClientConfig>,
    /// Reads to come that break off: after how many bytes.
    pub(super) cuts: Vec<Cut>,
}

/// A body that breaks off.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) after: usize,
}

/// Names that nobody has used yet; the same in each run.
#[derive(Debug, Default)]
pub(super) struct Ids(u64);

impl Ids {
    /// 16 letters in capitals and digits, as AWS numbers exchanges.
    pub(super) fn request(&mut self) -> String {
        self.0 += 1;
        let digest: [u8; 16] = Md5::digest(self.0.to_be_bytes()).into();
        digest.iter().take(8).map(|byte| format!("{byte:02X}")).collect()
    }

    /// 32 letters, as AWS names versions.
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

/// A bucket with all that is in it.
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

    /// The current version, if it is an object.
    pub(super) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last().filter(|version| version.object.is_some())
    }

    /// Bytes held, in objects and in parts.
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
    /// `null` is the one from before versioning was switched on, or since it is suspended.
    pub(super) id: String,
    pub(super) modified: DateTime,
    /// None is a delete marker.
    pub(super) object: Option<Object>,
}

pub(super) const NULL: &str = "null";

/// What is stored under a key.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) bytes: Bytes,
    /// With its quotes.
    pub(super) etag: String,
    pub(super) checksum: Option<Checksum>,
    /// Of which parts it was put together.
    pub(super) parts: Vec<PartSize>,
    pub(super) attributes: Attributes,
}

/// A part of an object that came in parts.
#[derive(Clone, Debug)]
pub(super) struct PartSize {
    pub(super) number: i32,
    pub(super) size: usize,
    pub(super) checksum: Option<Checksum>,
}

/// What is said about an object beside its bytes.
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

/// What `MetadataDirective` decides about.
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

/// How an object is encrypted at rest: told, not done, except that a customer's key is asked for again.
#[derive(Clone, Debug, Default)]
pub(super) struct Encryption {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) kms_key_id: Option<String>,
    pub(super) bucket_key_enabled: Option<bool>,
    pub(super) customer_algorithm: Option<String>,
    pub(super) customer_key_md5: Option<String>,
}

/// Until when a version must not be deleted.
#[derive(Clone, Debug)]
pub(super) struct Retention {
    pub(super) mode: ObjectLockRetentionMode,
    pub(super) until: DateTime,
}

/// A checksum as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    pub(super) algorithm: ChecksumAlgorithm,
    /// Base64; of several parts with `-N`.
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

/// A part that was uploaded.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
    pub(super) modified: DateTime,
    pub(super) checksum: Option<Checksum>,
}

/// One request: the state it works on, and whence and when it is asked.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) state: &'a mut State,
    pub(super) region: &'a str,
    pub(super) now: DateTime,
    /// What came as the request's body, if its operation has one.
    pub(super) body: Bytes,
}

impl State {
    /// Takes the next planned break of a read of this object.
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

    /// Refuses what would not fit.
    pub(super) fn make_room(&self, size: usize) -> Answer<()> {
        let Some(quota) = self.state.quota else { return Ok(()) };
        let held: u64 = self.state.buckets.values().map(Bucket::size).sum();
        let fits = held.saturating_add(size as u64) <= quota;
        // No error of Amazon's, who has no end: this is Ceph's.
        if fits { Ok(()) } else { Err(Refusal::new(403, "QuotaExceeded", "The quota of this account is exceeded.")) }
    }
}

/// The bucket, if there is one and this is its region.
pub(super) fn find<'a>(buckets: &'a mut BTreeMap<String, Bucket>, region: &str, name: &Option<String>) -> Answer<&'a mut Bucket> {
    let name = name.as_deref().filter(|name| !name.is_empty()).ok_or_else(|| Refusal::missing("Bucket"))?;
    let bucket = buckets.get_mut(name).ok_or_else(|| Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
    if bucket.region == region {
        return Ok(bucket);
    }
    Err(Refusal::Elsewhere { region: bucket.region.clone() })
}

/// The key, checked.
pub(super) fn key(key: &Option<String>) -> Answer<&str> {
    let key = key.as_deref().filter(|key| !key.is_empty()).ok_or_else(|| Refusal::missing("Key"))?;
    if key.len() > 1024 {
        return Err(Refusal::bad_request("KeyTooLongError", "Your key is too long"));
    }
    Ok(key)
}

/// S3 counts in whole seconds.
pub(super) fn whole_seconds(time: SystemTime) -> DateTime {
    DateTime::from_secs(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64))
}

pub(super) fn hex_md5(bytes: &[u8]) -> String {
    <[u8; 16]>::from(Md5::digest(bytes)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digits of an ETag, in its quotes.
pub(super) fn quoted(digits: impl std::fmt::Display) -> String {
    format!("\"{digits}\"")
}
