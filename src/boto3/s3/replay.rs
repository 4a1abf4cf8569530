//! Duplicates inputs with a body: the AWS SDK does not let them be cloned.

use aws_smithy_types::byte_stream::ByteStream;

use super::shapes::{PutObjectInputBuilder, UploadPartInputBuilder};
use crate::boto3::{Error, Result};

/// Returns a body for the request, and one for its repetition, if its bytes can be read twice.
fn bodies(body: ByteStream) -> (ByteStream, Option<ByteStream>) {
    let body = body.into_inner();
    match body.try_clone() {
        Some(again) => (ByteStream::new(body), Some(ByteStream::new(again))),
        None => (ByteStream::new(body), None),
    }
}

/// Copies all parameters except the body.
macro_rules! carry {
    ($from:expr, $to:expr; $($get:ident $set:ident),+ $(,)?) => { $to$(.$set($from.$get().clone()))+ };
}

macro_rules! twice {
    ($operation:ident, $Input:ident: $($get:ident $set:ident),+ $(,)?) => {
        pub(super) fn $operation(input: $Input) -> Result<($Input, Option<$Input>)> {
            let again = carry!(input, $Input::default(); $($get $set),+);
            if input.get_body().is_none() {
                return Ok((input, Some(again)));
            }
            let first = carry!(input, $Input::default(); $($get $set),+);
            let invalid = |error: aws_smithy_types::error::operation::BuildError| Error::ParamValidation {
                operation: stringify!($operation),
                report: error.to_string(),
            };
            let (body, copy) = bodies(input.build().map_err(invalid)?.body);
            Ok((first.body(body), copy.map(|copy| again.body(copy))))
        }
    };
}

twice!(put_object, PutObjectInputBuilder:
    get_acl set_acl,
    get_bucket set_bucket,
    get_cache_control set_cache_control,
    get_content_disposition set_content_disposition,
    get_content_encoding set_content_encoding,
    get_content_language set_content_language,
    get_content_length set_content_length,
    get_content_md5 set_content_md5,
    get_content_type set_content_type,
    get_checksum_algorithm set_checksum_algorithm,
    get_checksum_crc32 set_checksum_crc32,
    get_checksum_crc32_c set_checksum_crc32_c,
    get_checksum_crc64_nvme set_checksum_crc64_nvme,
    get_checksum_sha1 set_checksum_sha1,
    get_checksum_sha256 set_checksum_sha256,
    get_checksum_sha512 set_checksum_sha512,
    get_checksum_md5 set_checksum_md5,
    get_checksum_xxhash64 set_checksum_xxhash64,
    get_checksum_xxhash3 set_checksum_xxhash3,
    get_checksum_xxhash128 set_checksum_xxhash128,
    get_expires set_expires,
    get_if_match set_if_match,
    get_if_none_match set_if_none_match,
    get_grant_full_control set_grant_full_control,
    get_grant_read set_grant_read,
    get_grant_read_acp set_grant_read_acp,
    get_grant_write_acp set_grant_write_acp,
    get_key set_key,
    get_write_offset_bytes set_write_offset_bytes,
    get_metadata set_metadata,
    get_server_side_encryption set_server_side_encryption,
    get_storage_class set_storage_class,
    get_website_redirect_location set_website_redirect_location,
    get_sse_customer_algorithm set_sse_customer_algorithm,
    get_sse_customer_key set_sse_customer_key,
    get_sse_customer_key_md5 set_sse_customer_key_md5,
    get_ssekms_key_id set_ssekms_key_id,
    get_ssekms_encryption_context set_ssekms_encryption_context,
    get_bucket_key_enabled set_bucket_key_enabled,
    get_request_payer set_request_payer,
    get_tagging set_tagging,
    get_object_lock_mode set_object_lock_mode,
    get_object_lock_retain_until_date set_object_lock_retain_until_date,
    get_object_lock_legal_hold_status set_object_lock_legal_hold_status,
    get_object_lock_event_hold set_object_lock_event_hold,
    get_object_lock_event_hold_duration_days set_object_lock_event_hold_duration_days,
    get_object_lock_event_hold_duration_years set_object_lock_event_hold_duration_years,
    get_expected_bucket_owner set_expected_bucket_owner,
);

twice!(upload_part, UploadPartInputBuilder:
    get_bucket set_bucket,
    get_content_length set_content_length,
    get_content_md5 set_content_md5,
    get_checksum_algorithm set_checksum_algorithm,
    get_checksum_crc32 set_checksum_crc32,
    get_checksum_crc32_c set_checksum_crc32_c,
    get_checksum_crc64_nvme set_checksum_crc64_nvme,
    get_checksum_sha1 set_checksum_sha1,
    get_checksum_sha256 set_checksum_sha256,
    get_checksum_sha512 set_checksum_sha512,
    get_checksum_md5 set_checksum_md5,
    get_checksum_xxhash64 set_checksum_xxhash64,
    get_checksum_xxhash3 set_checksum_xxhash3,
    get_checksum_xxhash128 set_checksum_xxhash128,
    get_key set_key,
    get_part_number set_part_number,
    get_upload_id set_upload_id,
    get_sse_customer_algorithm set_sse_customer_algorithm,
    get_sse_customer_key set_sse_customer_key,
    get_sse_customer_key_md5 set_sse_customer_key_md5,
    get_request_payer set_request_payer,
    get_expected_bucket_owner set_expected_bucket_owner,
);
