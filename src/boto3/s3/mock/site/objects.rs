//! Objects over HTTP: converts their parameters and headers.

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ObjectCannedAcl, ServerSideEncryption, StorageClass};
use bytes::{Bytes, BytesMut};

use super::{Asked, Response, not_modelled, refusal};
use crate::boto3::Result;
use crate::boto3::s3::backend::Backend as _;
use crate::boto3::s3::shapes::{
    DeleteObjectInputBuilder, GetObjectInputBuilder, HeadObjectInputBuilder, PutObjectInputBuilder, UploadPartInputBuilder,
};

/// The parameters of subresources.
const SUBRESOURCES: &[&str] =
    &["acl", "annotation", "attributes", "legal-hold", "restore", "retention", "select", "tagging", "torrent", "uploads"];

pub(super) async fn answer(asked: Asked<'_>) -> Result<Response> {
    if asked.key.is_empty() {
        return Err(not_modelled("buckets and their listings"));
    }
    if let Some(what) = SUBRESOURCES.iter().find(|name| asked.target.parameter(name).is_some()) {
        return Err(not_modelled(what));
    }
    let upload = asked.target.parameter("uploadId");
    match (asked.request.method.as_str(), upload) {
        ("GET", None) => asked.get().await,
        ("HEAD", None) => asked.head().await,
        ("PUT", None) => asked.put().await,
        ("PUT", Some(upload)) => asked.put_part(upload).await,
        ("DELETE", None) => asked.delete().await,
        (method, _) => Err(not_modelled(method)),
    }
}

/// Sets the parameters of reads.
macro_rules! reading {
    ($asked:expr, $Input:ty) => {{
        let asked = $asked;
        let parameter = |name: &str| asked.target.parameter(name).map(str::to_owned);
        let header = |name: &str| asked.request.header(name).map(str::to_owned);
        asked.no_customer_key()?;
        <$Input>::default()
            .bucket(&asked.bucket)
            .key(&asked.key)
            .set_version_id(parameter("versionId"))
            .set_part_number(asked.number("partNumber")?)
            .set_response_cache_control(parameter("response-cache-control"))
            .set_response_content_disposition(parameter("response-content-disposition"))
            .set_response_content_encoding(parameter("response-content-encoding"))
            .set_response_content_language(parameter("response-content-language"))
            .set_response_content_type(parameter("response-content-type"))
            .set_response_expires(asked.parameter_date("response-expires"))
            .set_range(header("range"))
            .set_if_match(header("if-match"))
            .set_if_none_match(header("if-none-match"))
            .set_if_modified_since(asked.header_date("if-modified-since"))
            .set_if_unmodified_since(asked.header_date("if-unmodified-since"))
            .set_checksum_mode(asked.value("x-amz-checksum-mode").map(ChecksumMode::from))
            .set_expected_bucket_owner(asked.value("x-amz-expected-bucket-owner").map(str::to_owned))
    }};
}

/// Converts both responses to headers.
macro_rules! described {
    ($output:expr) => {{
        let output = &$output;
        let mut said = Said::default();
        said.text("ETag", output.e_tag.as_deref())
            .text("Last-Modified", output.last_modified.and_then(http_date).as_deref())
            .text("Accept-Ranges", output.accept_ranges.as_deref())
            .text("Content-Range", output.content_range.as_deref())
            .text("Content-Type", output.content_type.as_deref())
            .text("Content-Length", output.content_length.map(|length| length.to_string()).as_deref())
            .text("Content-Encoding", output.content_encoding.as_deref())
            .text("Content-Disposition", output.content_disposition.as_deref())
            .text("Content-Language", output.content_language.as_deref())
            .text("Cache-Control", output.cache_control.as_deref())
            .text("Expires", output.expires_string.as_deref())
            .text("x-amz-version-id", output.version_id.as_deref())
            .text("x-amz-website-redirect-location", output.website_redirect_location.as_deref())
            .text("x-amz-server-side-encryption", output.server_side_encryption.as_ref().map(|kind| kind.as_str()))
            .text("x-amz-server-side-encryption-aws-kms-key-id", output.ssekms_key_id.as_deref())
            .text("x-amz-storage-class", output.storage_class.as_ref().map(|class| class.as_str()))
            .text("x-amz-restore", output.restore.as_deref())
            .text("x-amz-mp-parts-count", output.parts_count.map(|count| count.to_string()).as_deref())
            .text("x-amz-tagging-count", output.tag_count.map(|count| count.to_string()).as_deref());
        for (name, value) in output.metadata.iter().flatten() {
            said.text(&format!("x-amz-meta-{name}"), Some(value));
        }
        summed!(said, output);
        said
    }};
}

/// Sets the checksum headers.
macro_rules! summed {
    ($said:expr, $output:expr) => {
        $said
            .text("x-amz-checksum-crc32", $output.checksum_crc32.as_deref())
            .text("x-amz-checksum-crc32c", $output.checksum_crc32_c.as_deref())
            .text("x-amz-checksum-crc64nvme", $output.checksum_crc64_nvme.as_deref())
            .text("x-amz-checksum-sha1", $output.checksum_sha1.as_deref())
            .text("x-amz-checksum-sha256", $output.checksum_sha256.as_deref())
    };
}

/// Sets the headers of a body.
macro_rules! body {
    ($asked:expr, $input:expr) => {{
        let header = |name: &str| $asked.value(name).map(str::to_owned);
        $input
            .bucket(&$asked.bucket)
            .key(&$asked.key)
            .body(ByteStream::from($asked.request.body.clone()))
            .set_content_md5(header("content-md5"))
            .set_checksum_algorithm($asked.value("x-amz-sdk-checksum-algorithm").map(ChecksumAlgorithm::from))
            .set_checksum_crc32(header("x-amz-checksum-crc32"))
            .set_checksum_crc32_c(header("x-amz-checksum-crc32c"))
            .set_checksum_crc64_nvme(header("x-amz-checksum-crc64nvme"))
            .set_checksum_sha1(header("x-amz-checksum-sha1"))
            .set_checksum_sha256(header("x-amz-checksum-sha256"))
            .set_expected_bucket_owner(header("x-amz-expected-bucket-owner"))
    }};
}

impl Asked<'_> {
    /// Returns a header, which signers may also put into the query.
    fn value(&self, name: &str) -> Option<&str> {
        let in_query =
            || self.target.query.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        self.request.header(name).or_else(in_query)
    }

    fn number(&self, name: &str) -> Result<Option<i32>> {
        let number = self.target.parameter(name).map(str::parse).transpose();
        number.map_err(|_| refusal(400, "InvalidArgument", format!("{name} must be an integer")))
    }

    fn header_date(&self, name: &str) -> Option<DateTime> {
        DateTime::from_str(self.request.header(name)?, DateTimeFormat::HttpDate).ok()
    }

    fn parameter_date(&self, name: &str) -> Option<DateTime> {
        DateTime::from_str(self.target.parameter(name)?, DateTimeFormat::HttpDate).ok()
    }

    fn no_customer_key(&self) -> Result<()> {
        match self.value("x-amz-server-side-encryption-customer-algorithm") {
            None => Ok(()),
            Some(_) => Err(not_modelled("keys of customers")),
        }
    }

    async fn get(self) -> Result<Response> {
        let output = self.s3.get_object(reading!(&self, GetObjectInputBuilder)).await?;
        let said = described!(output);
        let mut response = Response::new(if output.content_range.is_some() { 206 } else { 200 }, said.0);
        (response.body, response.broken) = read(output.body).await;
        Ok(response)
    }

    async fn head(self) -> Result<Response> {
        let output = self.s3.head_object(reading!(&self, HeadObjectInputBuilder)).await?;
        let said = described!(output);
        Ok(Response::new(if output.content_range.is_some() { 206 } else { 200 }, said.0))
    }

    async fn put(self) -> Result<Response> {
        if self.value("x-amz-copy-source").is_some() {
            return Err(not_modelled("copies"));
        }
        self.no_customer_key()?;
        let mut put = body!(self, PutObjectInputBuilder::default());
        for (name, value) in &self.request.headers {
            put = headed(put, &name.to_ascii_lowercase(), value)?;
        }
        let output = self.s3.put_object(put).await?;
        let mut said = Said::default();
        said.text("ETag", output.e_tag.as_deref()).text("x-amz-version-id", output.version_id.as_deref());
        said.text("x-amz-server-side-encryption", output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str));
        summed!(said, output);
        Ok(Response::new(200, said.0))
    }

    async fn put_part(&self, upload: &str) -> Result<Response> {
        if self.value("x-amz-copy-source").is_some() {
            return Err(not_modelled("copies"));
        }
        self.no_customer_key()?;
        let part = UploadPartInputBuilder::default().upload_id(upload).set_part_number(self.number("partNumber")?);
        let output = self.s3.upload_part(body!(self, part)).await?;
        let mut said = Said::default();
        said.text("ETag", output.e_tag.as_deref());
        summed!(said, output);
        Ok(Response::new(200, said.0))
    }

    async fn delete(self) -> Result<Response> {
        let delete = DeleteObjectInputBuilder::default().bucket(&self.bucket).key(&self.key);
        let delete = delete.set_version_id(self.target.parameter("versionId").map(str::to_owned));
        let output = self.s3.delete_object(delete).await?;
        let mut said = Said::default();
        said.text("x-amz-version-id", output.version_id.as_deref());
        said.text("x-amz-delete-marker", output.delete_marker.filter(|marker| *marker).map(|_| "true"));
        Ok(Response::new(204, said.0))
    }
}

/// Sets a property of the uploaded object from a header, or from a form field of that name.
pub(super) fn headed(put: PutObjectInputBuilder, name: &str, value: &str) -> Result<PutObjectInputBuilder> {
    Ok(match name {
        "content-type" => put.content_type(value),
        "content-encoding" => put.content_encoding(value),
        "content-disposition" => put.content_disposition(value),
        "content-language" => put.content_language(value),
        "cache-control" => put.cache_control(value),
        "expires" => put.set_expires(DateTime::from_str(value, DateTimeFormat::HttpDate).ok()),
        "if-match" => put.if_match(value),
        "if-none-match" => put.if_none_match(value),
        "acl" | "x-amz-acl" => put.acl(ObjectCannedAcl::from(value)),
        "x-amz-storage-class" => put.storage_class(StorageClass::from(value)),
        "x-amz-server-side-encryption" => put.server_side_encryption(ServerSideEncryption::from(value)),
        "x-amz-server-side-encryption-aws-kms-key-id" => put.ssekms_key_id(value),
        "x-amz-tagging" => put.tagging(value),
        "x-amz-website-redirect-location" => put.website_redirect_location(value),
        // These are handled above, or do not concern the object.
        "x-amz-expected-bucket-owner" | "x-amz-request-payer" | "x-amz-content-sha256" | "x-amz-sdk-checksum-algorithm" => put,
        _ if name.starts_with("x-amz-checksum-") => put,
        _ => match name.strip_prefix("x-amz-meta-") {
            Some(meta) => put.metadata(meta, value),
            None if name.starts_with("x-amz-") => return Err(not_modelled(name)),
            None => put,
        },
    })
}

/// Returns the bytes, and whether the connection was lost after them.
async fn read(mut body: ByteStream) -> (Bytes, bool) {
    let mut read = BytesMut::new();
    loop {
        match body.next().await {
            Some(Ok(bytes)) => read.extend_from_slice(&bytes),
            Some(Err(_)) => return (read.freeze(), true),
            None => return (read.freeze(), false),
        }
    }
}

fn http_date(time: DateTime) -> Option<String> {
    time.fmt(DateTimeFormat::HttpDate).ok()
}

/// The headers of a response.
#[derive(Default)]
pub(super) struct Said(pub(super) Vec<(String, String)>);

impl Said {
    pub(super) fn text(&mut self, name: &str, value: Option<&str>) -> &mut Said {
        self.0.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }
}
