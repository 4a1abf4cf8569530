//! `ExtraArgs`: the parameters of a transfer, and the requests that each is sent with.

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedPart, CopyPartResult};

use crate::boto3::s3::shapes::{
    CompleteMultipartUploadInputBuilder, CopyObjectInputBuilder, CreateMultipartUploadInputBuilder, GetObjectInputBuilder,
    HeadObjectInputBuilder, HeadObjectOutput, PutObjectInputBuilder, UploadPartCopyInputBuilder, UploadPartInputBuilder,
    UploadPartOutput,
};
use crate::boto3::{Error, Result};

/// The parameters of an upload: `S3Transfer.ALLOWED_UPLOAD_ARGS`, without `ChecksumType` and
/// `MpuObjectSize`, which `PutObject` does not have.
#[doc(alias = "S3.S3Transfer.ALLOWED_UPLOAD_ARGS")]
pub const ALLOWED_UPLOAD_ARGS: &[&str] = &[
    "ACL",
    "CacheControl",
    "ChecksumAlgorithm",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "ExpectedBucketOwner",
    "Expires",
    "GrantFullControl",
    "GrantRead",
    "GrantReadACP",
    "GrantWriteACP",
    "Metadata",
    "ObjectLockLegalHoldStatus",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "RequestPayer",
    "ServerSideEncryption",
    "StorageClass",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "SSECustomerKeyMD5",
    "SSEKMSKeyId",
    "SSEKMSEncryptionContext",
    "Tagging",
    "WebsiteRedirectLocation",
    "ChecksumCRC32",
    "ChecksumCRC32C",
    "ChecksumCRC64NVME",
    "ChecksumMD5",
    "ChecksumSHA1",
    "ChecksumSHA256",
    "ChecksumSHA512",
    "ChecksumXXHASH3",
    "ChecksumXXHASH64",
    "ChecksumXXHASH128",
];

/// The parameters of a download: `S3Transfer.ALLOWED_DOWNLOAD_ARGS`.
#[doc(alias = "S3.S3Transfer.ALLOWED_DOWNLOAD_ARGS")]
pub const ALLOWED_DOWNLOAD_ARGS: &[&str] = &[
    "ChecksumMode",
    "VersionId",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "SSECustomerKeyMD5",
    "RequestPayer",
    "ExpectedBucketOwner",
];

/// The parameters of a copy: `S3Transfer.ALLOWED_COPY_ARGS`.
#[doc(alias = "S3.S3Transfer.ALLOWED_COPY_ARGS")]
pub const ALLOWED_COPY_ARGS: &[&str] = &[
    "ACL",
    "CacheControl",
    "ChecksumAlgorithm",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "ExpectedBucketOwner",
    "Expires",
    "GrantFullControl",
    "GrantRead",
    "GrantReadACP",
    "GrantWriteACP",
    "Metadata",
    "ObjectLockLegalHoldStatus",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "RequestPayer",
    "ServerSideEncryption",
    "StorageClass",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "SSECustomerKeyMD5",
    "SSEKMSKeyId",
    "SSEKMSEncryptionContext",
    "Tagging",
    "WebsiteRedirectLocation",
    "CopySourceIfMatch",
    "CopySourceIfModifiedSince",
    "CopySourceIfNoneMatch",
    "CopySourceIfUnmodifiedSince",
    "CopySourceSSECustomerAlgorithm",
    "CopySourceSSECustomerKey",
    "CopySourceSSECustomerKeyMD5",
    "MetadataDirective",
    "TaggingDirective",
    "AnnotationDirective",
];

/// Copies parameters that have the same name in another input.
macro_rules! carry {
    ($from:expr, $to:expr; $($get:ident $set:ident),+ $(,)?) => { $to$(.$set($from.$get().clone()))+ };
}

/// The parameters that create an object.
macro_rules! carry_creation {
    ($from:expr, $to:expr) => {
        carry!($from, $to;
            get_acl set_acl, get_cache_control set_cache_control, get_content_disposition set_content_disposition,
            get_content_encoding set_content_encoding, get_content_language set_content_language,
            get_content_type set_content_type, get_expected_bucket_owner set_expected_bucket_owner, get_expires set_expires,
            get_grant_full_control set_grant_full_control, get_grant_read set_grant_read,
            get_grant_read_acp set_grant_read_acp, get_grant_write_acp set_grant_write_acp, get_metadata set_metadata,
            get_object_lock_legal_hold_status set_object_lock_legal_hold_status, get_object_lock_mode set_object_lock_mode,
            get_object_lock_retain_until_date set_object_lock_retain_until_date, get_request_payer set_request_payer,
            get_server_side_encryption set_server_side_encryption, get_storage_class set_storage_class,
            get_sse_customer_algorithm set_sse_customer_algorithm, get_sse_customer_key set_sse_customer_key,
            get_sse_customer_key_md5 set_sse_customer_key_md5, get_ssekms_key_id set_ssekms_key_id,
            get_ssekms_encryption_context set_ssekms_encryption_context, get_tagging set_tagging,
            get_website_redirect_location set_website_redirect_location
        )
    };
}

/// The checksums of whole objects.
macro_rules! carry_checksums {
    ($from:expr, $to:expr) => {
        carry!($from, $to;
            get_checksum_crc32 set_checksum_crc32, get_checksum_crc32_c set_checksum_crc32_c,
            get_checksum_crc64_nvme set_checksum_crc64_nvme, get_checksum_md5 set_checksum_md5,
            get_checksum_sha1 set_checksum_sha1, get_checksum_sha256 set_checksum_sha256,
            get_checksum_sha512 set_checksum_sha512, get_checksum_xxhash3 set_checksum_xxhash3,
            get_checksum_xxhash64 set_checksum_xxhash64, get_checksum_xxhash128 set_checksum_xxhash128
        )
    };
}

/// The parameters of every request about an object with a customer key.
macro_rules! carry_access {
    ($from:expr, $to:expr) => {
        carry!($from, $to; get_sse_customer_algorithm set_sse_customer_algorithm, get_sse_customer_key set_sse_customer_key,
get_sse_customer_key_md5 set_sse_customer_key_md5, get_request_payer set_request_payer,
get_expected_bucket_owner set_expected_bucket_owner)
    };
}

fn refuse(given: &[(bool, &str)], allowed: &[&str]) -> Result<()> {
    match given.iter().find(|(given, _)| *given) {
        Some((_, name)) => Err(Error::Value(format!("Invalid extra_args key '{name}', must be one of: {}", allowed.join(", ")))),
        None => Ok(()),
    }
}

pub(super) fn check_upload(args: &PutObjectInputBuilder) -> Result<()> {
    let given = [
        (args.get_body().is_some(), "Body"),
        (args.get_bucket().is_some(), "Bucket"),
        (args.get_bucket_key_enabled().is_some(), "BucketKeyEnabled"),
        (args.get_content_length().is_some(), "ContentLength"),
        (args.get_content_md5().is_some(), "ContentMD5"),
        (args.get_if_match().is_some(), "IfMatch"),
        (args.get_if_none_match().is_some(), "IfNoneMatch"),
        (args.get_key().is_some(), "Key"),
        (args.get_object_lock_event_hold().is_some(), "ObjectLockEventHold"),
        (args.get_object_lock_event_hold_duration_days().is_some(), "ObjectLockEventHoldDurationDays"),
        (args.get_object_lock_event_hold_duration_years().is_some(), "ObjectLockEventHoldDurationYears"),
        (args.get_write_offset_bytes().is_some(), "WriteOffsetBytes"),
    ];
    refuse(&given, ALLOWED_UPLOAD_ARGS)
}

pub(super) fn check_download(args: &GetObjectInputBuilder) -> Result<()> {
    let given = [
        (args.get_bucket().is_some(), "Bucket"),
        (args.get_if_match().is_some(), "IfMatch"),
        (args.get_if_modified_since().is_some(), "IfModifiedSince"),
        (args.get_if_none_match().is_some(), "IfNoneMatch"),
        (args.get_if_unmodified_since().is_some(), "IfUnmodifiedSince"),
        (args.get_key().is_some(), "Key"),
        (args.get_part_number().is_some(), "PartNumber"),
        (args.get_range().is_some(), "Range"),
        (args.get_response_cache_control().is_some(), "ResponseCacheControl"),
        (args.get_response_content_disposition().is_some(), "ResponseContentDisposition"),
        (args.get_response_content_encoding().is_some(), "ResponseContentEncoding"),
        (args.get_response_content_language().is_some(), "ResponseContentLanguage"),
        (args.get_response_content_type().is_some(), "ResponseContentType"),
        (args.get_response_expires().is_some(), "ResponseExpires"),
    ];
    refuse(&given, ALLOWED_DOWNLOAD_ARGS)
}

pub(super) fn check_copy(args: &CopyObjectInputBuilder) -> Result<()> {
    let given = [
        (args.get_bucket().is_some(), "Bucket"),
        (args.get_bucket_key_enabled().is_some(), "BucketKeyEnabled"),
        (args.get_copy_source().is_some(), "CopySource"),
        (args.get_expected_source_bucket_owner().is_some(), "ExpectedSourceBucketOwner"),
        (args.get_if_match().is_some(), "IfMatch"),
        (args.get_if_none_match().is_some(), "IfNoneMatch"),
        (args.get_key().is_some(), "Key"),
        (args.get_object_lock_event_hold().is_some(), "ObjectLockEventHold"),
        (args.get_object_lock_event_hold_duration_days().is_some(), "ObjectLockEventHoldDurationDays"),
        (args.get_object_lock_event_hold_duration_years().is_some(), "ObjectLockEventHoldDurationYears"),
    ];
    refuse(&given, ALLOWED_COPY_ARGS)
}

/// Copies the parameters of an upload. The builder itself cannot be cloned, and a request may have
/// to be repeated.
pub(super) fn put(args: &PutObjectInputBuilder, algorithm: Option<&ChecksumAlgorithm>) -> PutObjectInputBuilder {
    let put = carry_creation!(args, PutObjectInputBuilder::default());
    carry_checksums!(args, put).set_checksum_algorithm(algorithm.cloned())
}

pub(super) fn create(args: &PutObjectInputBuilder, algorithm: Option<&ChecksumAlgorithm>) -> CreateMultipartUploadInputBuilder {
    let create = carry_creation!(args, CreateMultipartUploadInputBuilder::default());
    create.set_checksum_algorithm(algorithm.cloned()).set_checksum_type(whole(args).map(|_| ChecksumType::FullObject))
}

pub(super) fn part(args: &PutObjectInputBuilder, algorithm: Option<&ChecksumAlgorithm>) -> UploadPartInputBuilder {
    carry_access!(args, UploadPartInputBuilder::default()).set_checksum_algorithm(algorithm.cloned())
}

pub(super) fn complete(args: &PutObjectInputBuilder) -> CompleteMultipartUploadInputBuilder {
    let complete = carry_access!(args, CompleteMultipartUploadInputBuilder::default());
    carry_checksums!(args, complete).set_checksum_type(whole(args).map(|_| ChecksumType::FullObject))
}

/// Returns the algorithm of an upload: the requested one, that of a given checksum, or CRC32 unless
/// checksums are sent only when required.
pub(super) fn algorithm(args: &PutObjectInputBuilder, when_supported: bool) -> Option<ChecksumAlgorithm> {
    let asked = whole(args).or_else(|| args.get_checksum_algorithm().clone());
    asked.or_else(|| when_supported.then_some(ChecksumAlgorithm::Crc32))
}

/// Returns the algorithm of the whole object's checksum, if the caller supplied one.
fn whole(args: &PutObjectInputBuilder) -> Option<ChecksumAlgorithm> {
    let given = [
        (args.get_checksum_crc32(), "CRC32"),
        (args.get_checksum_crc32_c(), "CRC32C"),
        (args.get_checksum_crc64_nvme(), "CRC64NVME"),
        (args.get_checksum_md5(), "MD5"),
        (args.get_checksum_sha1(), "SHA1"),
        (args.get_checksum_sha256(), "SHA256"),
        (args.get_checksum_sha512(), "SHA512"),
        (args.get_checksum_xxhash3(), "XXHASH3"),
        (args.get_checksum_xxhash64(), "XXHASH64"),
        (args.get_checksum_xxhash128(), "XXHASH128"),
    ];
    given.iter().find(|(checksum, _)| checksum.is_some()).map(|(_, name)| ChecksumAlgorithm::from(*name))
}

/// Returns the entry of a part in the request that completes the upload.
pub(super) fn uploaded(number: i32, part: &UploadPartOutput) -> CompletedPart {
    let line = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag().map(str::to_owned));
    let line = line.set_checksum_crc32(part.checksum_crc32().map(str::to_owned));
    let line = line.set_checksum_crc32_c(part.checksum_crc32_c().map(str::to_owned));
    let line = line.set_checksum_crc64_nvme(part.checksum_crc64_nvme().map(str::to_owned));
    let line = line.set_checksum_md5(part.checksum_md5().map(str::to_owned));
    let line = line.set_checksum_sha1(part.checksum_sha1().map(str::to_owned));
    let line = line.set_checksum_sha256(part.checksum_sha256().map(str::to_owned));
    let line = line.set_checksum_sha512(part.checksum_sha512().map(str::to_owned));
    let line = line.set_checksum_xxhash3(part.checksum_xxhash3().map(str::to_owned));
    let line = line.set_checksum_xxhash64(part.checksum_xxhash64().map(str::to_owned));
    let line = line.set_checksum_xxhash128(part.checksum_xxhash128().map(str::to_owned));
    line.build()
}

/// Returns the entry of a copied part.
pub(super) fn copied(number: i32, part: Option<&CopyPartResult>) -> CompletedPart {
    let line = CompletedPart::builder().part_number(number);
    let Some(part) = part else { return line.build() };
    let line = line.set_e_tag(part.e_tag().map(str::to_owned));
    let line = line.set_checksum_crc32(part.checksum_crc32().map(str::to_owned));
    let line = line.set_checksum_crc32_c(part.checksum_crc32_c().map(str::to_owned));
    let line = line.set_checksum_crc64_nvme(part.checksum_crc64_nvme().map(str::to_owned));
    let line = line.set_checksum_md5(part.checksum_md5().map(str::to_owned));
    let line = line.set_checksum_sha1(part.checksum_sha1().map(str::to_owned));
    let line = line.set_checksum_sha256(part.checksum_sha256().map(str::to_owned));
    let line = line.set_checksum_sha512(part.checksum_sha512().map(str::to_owned));
    let line = line.set_checksum_xxhash3(part.checksum_xxhash3().map(str::to_owned));
    let line = line.set_checksum_xxhash64(part.checksum_xxhash64().map(str::to_owned));
    let line = line.set_checksum_xxhash128(part.checksum_xxhash128().map(str::to_owned));
    line.build()
}

pub(super) fn head(args: &GetObjectInputBuilder) -> HeadObjectInputBuilder {
    carry!(args, HeadObjectInputBuilder::default();
        get_checksum_mode set_checksum_mode, get_version_id set_version_id,
        get_sse_customer_algorithm set_sse_customer_algorithm, get_sse_customer_key set_sse_customer_key,
        get_sse_customer_key_md5 set_sse_customer_key_md5, get_request_payer set_request_payer,
        get_expected_bucket_owner set_expected_bucket_owner
    )
}

/// Returns the HEAD request for a copy's source.
pub(super) fn head_source(args: &CopyObjectInputBuilder) -> HeadObjectInputBuilder {
    HeadObjectInputBuilder::default()
        .set_if_match(args.get_copy_source_if_match().clone())
        .set_if_modified_since(*args.get_copy_source_if_modified_since())
        .set_if_none_match(args.get_copy_source_if_none_match().clone())
        .set_if_unmodified_since(*args.get_copy_source_if_unmodified_since())
        .set_sse_customer_algorithm(args.get_copy_source_sse_customer_algorithm().clone())
        .set_sse_customer_key(args.get_copy_source_sse_customer_key().clone())
        .set_sse_customer_key_md5(args.get_copy_source_sse_customer_key_md5().clone())
        .set_request_payer(args.get_request_payer().clone())
        .set_expected_bucket_owner(args.get_expected_bucket_owner().clone())
        // The copy gets a checksum of the same kind.
        .set_checksum_mode(args.get_checksum_algorithm().is_none().then_some(ChecksumMode::Enabled))
}

/// Returns the algorithm of the source's checksum, which `CopyObject` gives the copy too. Checksums
/// of the whole object are requested as such for multipart copies.
fn source_checksum(source: &HeadObjectOutput) -> (Option<ChecksumAlgorithm>, Option<ChecksumType>) {
    let known = [
        (source.checksum_crc64_nvme().is_some(), ChecksumAlgorithm::Crc64Nvme),
        (source.checksum_crc32_c().is_some(), ChecksumAlgorithm::Crc32C),
        (source.checksum_crc32().is_some(), ChecksumAlgorithm::Crc32),
        (source.checksum_sha256().is_some(), ChecksumAlgorithm::Sha256),
        (source.checksum_sha1().is_some(), ChecksumAlgorithm::Sha1),
    ];
    let Some((_, algorithm)) = known.into_iter().find(|(there, _)| *there) else { return (None, None) };
    let whole = matches!(algorithm, ChecksumAlgorithm::Crc64Nvme | ChecksumAlgorithm::Crc32C | ChecksumAlgorithm::Crc32);
    let full = whole && source.checksum_type() != Some(&ChecksumType::Composite);
    (Some(algorithm), full.then_some(ChecksumType::FullObject))
}

/// Starts a multipart copy. It has no directives, so the properties that `CopyObject` would copy
/// are set here.
pub(super) fn create_copy(
    args: &CopyObjectInputBuilder,
    source: &HeadObjectOutput,
    replace: bool,
) -> CreateMultipartUploadInputBuilder {
    let create = carry_creation!(args, CreateMultipartUploadInputBuilder::default())
        .set_tagging(None)
        .set_checksum_algorithm(args.get_checksum_algorithm().clone());
    let create = match (args.get_checksum_algorithm(), source_checksum(source)) {
        (None, (algorithm, kind)) => create.set_checksum_algorithm(algorithm).set_checksum_type(kind),
        (Some(_), _) => create,
    };
    if replace {
        return create;
    }
    create
        .set_cache_control(source.cache_control.clone())
        .set_content_disposition(source.content_disposition.clone())
        .set_content_encoding(source.content_encoding.clone())
        .set_content_language(source.content_language.clone())
        .set_content_type(source.content_type.clone())
        .set_expires(source.expires_string().and_then(|expires| {
            aws_smithy_types::DateTime::from_str(expires, aws_smithy_types::date_time::Format::HttpDate).ok()
        }))
        .set_metadata(source.metadata.clone())
}

pub(super) fn part_copy(args: &CopyObjectInputBuilder) -> UploadPartCopyInputBuilder {
    carry!(args, UploadPartCopyInputBuilder::default();
        get_copy_source_if_match set_copy_source_if_match, get_copy_source_if_modified_since set_copy_source_if_modified_since,
        get_copy_source_if_none_match set_copy_source_if_none_match,
        get_copy_source_if_unmodified_since set_copy_source_if_unmodified_since,
        get_copy_source_sse_customer_algorithm set_copy_source_sse_customer_algorithm,
        get_copy_source_sse_customer_key set_copy_source_sse_customer_key,
        get_copy_source_sse_customer_key_md5 set_copy_source_sse_customer_key_md5,
        get_sse_customer_algorithm set_sse_customer_algorithm, get_sse_customer_key set_sse_customer_key,
        get_sse_customer_key_md5 set_sse_customer_key_md5, get_request_payer set_request_payer,
        get_expected_bucket_owner set_expected_bucket_owner
    )
}

pub(super) fn complete_copy(args: &CopyObjectInputBuilder) -> CompleteMultipartUploadInputBuilder {
    carry_access!(args, CompleteMultipartUploadInputBuilder::default())
}
