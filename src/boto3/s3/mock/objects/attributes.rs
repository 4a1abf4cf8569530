//! The metadata of an object, collected from the fields of inputs and copied to those of outputs.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{ObjectLockRetentionMode, ServerSideEncryption, StorageClass};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};

use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Bucket, Encryption, Headers, Retention};

/// User metadata, keys and values together.
const METADATA_LIMIT: usize = 2048;

/// Collects the metadata from the fields of an input.
macro_rules! attributes {
    ($input:expr, $bucket:expr) => {{
        let input = &$input;
        $crate::boto3::s3::mock::state::Attributes {
            headers: $crate::boto3::s3::mock::objects::attributes::headers!(input),
            storage_class: $crate::boto3::s3::mock::objects::attributes::storage_class(input.storage_class.as_ref())?,
            encryption: $crate::boto3::s3::mock::objects::attributes::encryption!(input, $bucket),
            tags: $crate::boto3::s3::mock::tagging::from_header(input.tagging.as_deref())?,
            acl: match $crate::boto3::s3::mock::access::acl::object_grants!(input).resolve()? {
                Some(acl) => {
                    $bucket.accept_acl(&acl)?;
                    acl
                }
                None => $crate::boto3::s3::mock::access::acl::private(),
            },
            retention: $crate::boto3::s3::mock::objects::attributes::retention!(input, $bucket),
            legal_hold: input.object_lock_legal_hold_status == Some(aws_sdk_s3::types::ObjectLockLegalHoldStatus::On),
            restored: None,
        }
    }};
}
pub(in crate::boto3::s3::mock) use attributes;

macro_rules! headers {
    ($input:expr) => {
        $crate::boto3::s3::mock::state::Headers {
            metadata: $input.metadata.clone().unwrap_or_default(),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $input.content_encoding.clone(),
            content_language: $input.content_language.clone(),
            content_type: $input.content_type.clone(),
            expires: $input.expires,
            website_redirect_location: $input.website_redirect_location.clone(),
        }
        .checked()?
    };
}
pub(in crate::boto3::s3::mock) use headers;

macro_rules! encryption {
    ($input:expr, $bucket:expr) => {
        $crate::boto3::s3::mock::state::Encryption {
            algorithm: $input.server_side_encryption.clone(),
            kms_key_id: $input.ssekms_key_id.clone(),
            bucket_key_enabled: $input.bucket_key_enabled,
            customer_algorithm: $input.sse_customer_algorithm.clone(),
            customer_key_md5: $crate::boto3::s3::mock::objects::attributes::customer_key!($input)?,
        }
        .completed(&*$bucket)?
    };
}
pub(in crate::boto3::s3::mock) use encryption;

/// The customer's key, identified by its MD5.
macro_rules! customer_key {
    ($input:expr) => {
        $crate::boto3::s3::mock::objects::attributes::key_md5(
            $input.sse_customer_algorithm.as_deref(),
            $input.sse_customer_key.as_deref(),
            $input.sse_customer_key_md5.as_deref(),
        )
    };
}
pub(in crate::boto3::s3::mock) use customer_key;

macro_rules! retention {
    ($input:expr, $bucket:expr) => {{
        if $input.object_lock_event_hold.is_some() {
            return Err($crate::boto3::s3::mock::refusal::Refusal::NotModelled);
        }
        let locked = $input.object_lock_mode.is_some() || $input.object_lock_legal_hold_status.is_some();
        $bucket.accept_lock(locked)?;
        $crate::boto3::s3::mock::objects::attributes::retention_of(
            $input.object_lock_mode.as_ref().map(|mode| mode.as_str()),
            $input.object_lock_retain_until_date,
        )?
    }};
}
pub(in crate::boto3::s3::mock) use retention;

/// Sets the encryption fields of a response.
macro_rules! show_encryption {
    ($builder:expr, $encryption:expr) => {{
        let encryption = &$encryption;
        $builder
            .set_server_side_encryption(encryption.algorithm.clone())
            .set_ssekms_key_id(encryption.kms_key_id.clone())
            .set_bucket_key_enabled(encryption.bucket_key_enabled)
            .set_sse_customer_algorithm(encryption.customer_algorithm.clone())
            .set_sse_customer_key_md5(encryption.customer_key_md5.clone())
    }};
}
pub(super) use show_encryption;

impl Headers {
    /// Names are headers, so their case is lost. An object without a type is binary.
    pub(in crate::boto3::s3::mock) fn checked(self) -> Answer<Headers> {
        let size: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > METADATA_LIMIT {
            return Err(Refusal::bad_request(
                "MetadataTooLarge",
                "Your metadata headers exceed the maximum allowed metadata size",
            ));
        }
        let metadata = self.metadata.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let content_type = self.content_type.or_else(|| Some("binary/octet-stream".to_owned()));
        Ok(Headers { metadata, content_type, ..self })
    }
}

impl Encryption {
    /// Adds the bucket's default: everything is encrypted, since 2023.
    pub(in crate::boto3::s3::mock) fn completed(self, bucket: &Bucket) -> Answer<Encryption> {
        if self.customer_key_md5.is_some() {
            return Ok(self);
        }
        match &self.algorithm {
            None => Ok(bucket.configuration.default_encryption()),
            Some(ServerSideEncryption::Aes256) if self.kms_key_id.is_some() => Err(Refusal::invalid_argument(
                "Server Side Encryption with KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            )),
            Some(ServerSideEncryption::Aes256 | ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse) => Ok(self),
            Some(_) => Err(Refusal::invalid_argument("The encryption method specified is not supported")),
        }
    }
}

/// The standard class is not returned.
pub(in crate::boto3::s3::mock) fn storage_class(class: Option<&StorageClass>) -> Answer<Option<StorageClass>> {
    match class {
        None | Some(StorageClass::Standard) => Ok(None),
        Some(class) if StorageClass::values().contains(&class.as_str()) => Ok(Some(class.clone())),
        Some(_) => Err(Refusal::bad_request("InvalidStorageClass", "The storage class you specified is not valid")),
    }
}

pub(in crate::boto3::s3::mock) fn key_md5(
    algorithm: Option<&str>,
    key: Option<&str>,
    md5: Option<&str>,
) -> Answer<Option<String>> {
    match (algorithm, key) {
        (None, None) => Ok(None),
        (Some("AES256"), Some(key)) => {
            // botocore and the SDK send the key in Base64 and add its MD5 if it is missing.
            let raw = BASE64_STANDARD.decode(key).ok().filter(|raw| raw.len() == 32);
            let raw = raw.ok_or_else(|| Refusal::invalid_argument("The secret key was invalid for the specified algorithm."))?;
            let computed = BASE64_STANDARD.encode(<[u8; 16]>::from(Md5::digest(&raw)));
            if md5.is_some_and(|md5| md5 != computed) {
                return Err(Refusal::invalid_argument(
                    "The calculated MD5 hash of the key did not match the hash that was provided.",
                ));
            }
            Ok(Some(computed))
        }
        (Some("AES256"), None) => Err(Refusal::invalid_argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
        )),
        (Some(_), _) => Err(Refusal::bad_request(
            "InvalidEncryptionAlgorithmError",
            "The encryption request you specified is not valid. Supported value: AES256.",
        )),
        (None, Some(_)) => Err(Refusal::invalid_argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
        )),
    }
}

pub(in crate::boto3::s3::mock) fn retention_of(mode: Option<&str>, until: Option<DateTime>) -> Answer<Option<Retention>> {
    match (mode.map(ObjectLockRetentionMode::from), until) {
        (None, None) => Ok(None),
        (Some(mode @ (ObjectLockRetentionMode::Governance | ObjectLockRetentionMode::Compliance)), Some(until)) => {
            Ok(Some(Retention { mode, until }))
        }
        (Some(_), Some(_)) => Err(Refusal::invalid_argument("Unknown wormMode directive.")),
        _ => {
            Err(Refusal::invalid_argument("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"))
        }
    }
}
