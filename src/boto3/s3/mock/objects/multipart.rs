//! Multipart uploads.

use aws_sdk_s3::operation::abort_multipart_upload::{AbortMultipartUploadInput, AbortMultipartUploadOutput};
use aws_sdk_s3::operation::complete_multipart_upload::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput};
use aws_sdk_s3::operation::create_multipart_upload::{CreateMultipartUploadInput, CreateMultipartUploadOutput};
use aws_sdk_s3::operation::upload_part::{UploadPartInput, UploadPartOutput};
use aws_sdk_s3::operation::upload_part_copy::{UploadPartCopyInput, UploadPartCopyOutput};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedPart, CopyPartResult};
use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};

use super::attributes::{attributes, customer_key, show_encryption};
use super::check_length;
use super::checksums::{self, sent, show, show_with_type, values};
use super::copy::{Source, source_conditions, source_key};
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{
    Attributes, Bucket, Checksum, Object, Part, PartSize, Request, Upload, hex_md5, key, quoted,
};

/// The minimum size of a part, except the last.
const SMALLEST_PART: usize = 5 << 20;

/// The maximum size of an object.
const LARGEST: u64 = 50 << 40;

impl Bucket {
    pub(in crate::boto3::s3::mock) fn upload(&mut self, key: &str, id: &Option<String>) -> Answer<&mut Upload> {
        let id = id.as_deref().filter(|id| !id.is_empty()).ok_or_else(|| Refusal::missing("UploadId"))?;
        self.uploads.get_mut(&(key.to_owned(), id.to_owned())).ok_or_else(Refusal::no_such_upload)
    }
}

impl Upload {
    /// Returns the checksum algorithm for a part of this upload without one.
    fn default_algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm.clone().unwrap_or(ChecksumAlgorithm::Crc32)
    }

    fn accept(&mut self, number: i32, bytes: Bytes, checksum: Checksum, now: aws_sdk_s3::primitives::DateTime) -> Answer<&Part> {
        if let Some(algorithm) = &self.algorithm
            && *algorithm != checksum.algorithm
        {
            let (wanted, came) = (algorithm.as_str().to_lowercase(), checksum.algorithm.as_str().to_lowercase());
            return Err(Refusal::invalid_request(format_args!(
                "Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual checksum Type: {came}"
            )));
        }
        let part = Part { etag: quoted(hex_md5(&bytes)), bytes, modified: now, checksum: Some(checksum) };
        Ok(self.parts.entry(number).insert_entry(part).into_mut())
    }

    fn unlock(&self, key_md5: Option<String>) -> Answer<()> {
        if self.attributes.encryption.customer_key_md5 == key_md5 {
            return Ok(());
        }
        let message = "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";
        Err(Refusal::invalid_request(message))
    }

    /// Assembles the named parts.
    fn assemble(&self, wanted: &[CompletedPart]) -> Answer<(Bytes, String, Vec<PartSize>)> {
        let numbers: Vec<i32> = wanted.iter().map(|part| part.part_number.unwrap_or_default()).collect();
        if !numbers.is_sorted_by(|one, next| one < next) {
            let message =
                "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
            return Err(Refusal::bad_request("InvalidPartOrder", message));
        }
        let invalid = || {
            let message = "One or more of the specified parts could not be found. The part might not have been uploaded, or the \
                           specified entity tag might not have matched the part's entity tag.";
            Refusal::bad_request("InvalidPart", message)
        };
        let mut parts = Vec::new();
        for (named, number) in wanted.iter().zip(numbers) {
            let part = self.parts.get(&number).ok_or_else(invalid)?;
            let bare = |etag: &str| etag.trim_matches('"').to_owned();
            if named.e_tag.as_deref().map(bare) != Some(bare(&part.etag)) {
                return Err(invalid());
            }
            for (algorithm, value) in values!(named) {
                let known = part.checksum.as_ref().filter(|checksum| checksum.algorithm == algorithm);
                if known.is_none_or(|checksum| checksum.value != value) {
                    return Err(invalid());
                }
            }
            parts.push((number, part));
        }
        if parts.iter().rev().skip(1).any(|(_, part)| part.bytes.len() < SMALLEST_PART) {
            return Err(Refusal::bad_request(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed object size.",
            ));
        }
        let mut bytes = BytesMut::with_capacity(parts.iter().map(|(_, part)| part.bytes.len()).sum());
        let (mut digests, mut sizes) = (Md5::new(), Vec::new());
        for (number, part) in parts {
            bytes.extend_from_slice(&part.bytes);
            digests.update(<[u8; 16]>::from(Md5::digest(&part.bytes)));
            sizes.push(PartSize { number, size: part.bytes.len(), checksum: part.checksum.clone() });
        }
        let digest: String = <[u8; 16]>::from(digests.finalize()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((bytes.freeze(), quoted(format_args!("{digest}-{}", sizes.len())), sizes))
    }

    /// Returns the checksum of the whole: of its bytes, or of its parts' checksums. Default:
    /// CRC64NVME.
    fn checksum(&self, bytes: &[u8], parts: &[PartSize]) -> Answer<Checksum> {
        let Some(algorithm) = &self.algorithm else { return checksums::full(&ChecksumAlgorithm::Crc64Nvme, bytes) };
        match checksums::kind_of_parts(algorithm, self.kind.as_ref())? {
            ChecksumType::FullObject => checksums::full(algorithm, bytes),
            _ => checksums::composite(algorithm, parts),
        }
    }
}

fn part_number(number: Option<i32>) -> Answer<i32> {
    let number = number.ok_or_else(|| Refusal::missing("PartNumber"))?;
    if (1..=10_000).contains(&number) {
        return Ok(number);
    }
    Err(Refusal::invalid_argument("Part number must be an integer between 1 and 10000, inclusive"))
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn create_multipart_upload(
        &mut self,
        input: CreateMultipartUploadInput,
    ) -> Answer<CreateMultipartUploadOutput> {
        let (now, id) = (self.now, self.state.ids.upload());
        let bucket = self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let attributes: Attributes = attributes!(input, bucket).retained(bucket, now);
        let kind = match &input.checksum_algorithm {
            Some(algorithm) => Some(checksums::kind_of_parts(algorithm, input.checksum_type.as_ref())?),
            None if input.checksum_type.is_some() => {
                return Err(Refusal::invalid_request(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
                ));
            }
            None => None,
        };
        let output = show_encryption!(CreateMultipartUploadOutput::builder(), attributes.encryption);
        let algorithm = input.checksum_algorithm.clone();
        let upload = Upload { initiated: now, attributes, algorithm, kind: kind.clone(), parts: Default::default() };
        bucket.uploads.insert((key.to_owned(), id.clone()), upload);
        Ok(output
            .set_bucket(input.bucket.clone())
            .key(key)
            .upload_id(id)
            .set_checksum_algorithm(input.checksum_algorithm.clone())
            .set_checksum_type(kind)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn upload_part(&mut self, input: UploadPartInput) -> Answer<UploadPartOutput> {
        let (now, body) = (self.now, self.body.clone());
        let number = part_number(input.part_number)?;
        check_length(input.content_length, body.len())?;
        self.make_room(body.len())?;
        let bucket = self.bucket(&input.bucket)?;
        let upload = bucket.upload(key(&input.key)?, &input.upload_id)?;
        upload.unlock(customer_key!(input)?)?;
        let checksum = sent!(input).check(&body, &upload.default_algorithm())?;
        let output = show_encryption!(UploadPartOutput::builder(), upload.attributes.encryption);
        let part = upload.accept(number, body, checksum, now)?;
        Ok(show!(output, part.checksum.as_ref()).e_tag(&part.etag).build())
    }

    pub(in crate::boto3::s3::mock) fn upload_part_copy(&mut self, input: UploadPartCopyInput) -> Answer<UploadPartCopyOutput> {
        let now = self.now;
        let number = part_number(input.part_number)?;
        let source = Source::parse(&input.copy_source)?;
        self.bucket(&input.bucket)?.upload(key(&input.key)?, &input.upload_id)?.unlock(customer_key!(input)?)?;
        let read = self.source(&source, &source_conditions!(input), source_key!(input))?;
        let whole = read.object.bytes;
        let bytes = match input.copy_source_range.as_deref() {
            None => whole,
            Some(text) => {
                let invalid = || {
                    Refusal::invalid_argument(
                        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
                    )
                };
                let (first, last) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or_else(invalid)?;
                let offset = |text: &str| text.parse::<usize>().map_err(|_| invalid());
                let (first, last) = (offset(first)?, offset(last)?);
                if first > last {
                    return Err(invalid());
                }
                if last >= whole.len() {
                    let size = whole.len();
                    return Err(Refusal::invalid_argument(format_args!(
                        "Range specified is not valid for source object of size: {size}"
                    )));
                }
                whole.slice(first..=last)
            }
        };
        check_length(None, bytes.len())?;
        self.make_room(bytes.len())?;
        let bucket = self.bucket(&input.bucket)?;
        let upload = bucket.upload(key(&input.key)?, &input.upload_id)?;
        let checksum = checksums::full(&upload.default_algorithm(), &bytes)?;
        let output = show_encryption!(UploadPartCopyOutput::builder(), upload.attributes.encryption);
        let chosen = upload.algorithm.is_some();
        let part = upload.accept(number, bytes, checksum, now)?;
        let result =
            show!(CopyPartResult::builder(), part.checksum.as_ref().filter(|_| chosen)).e_tag(&part.etag).last_modified(now);
        Ok(output.copy_part_result(result.build()).set_copy_source_version_id(read.version_id).build())
    }

    pub(in crate::boto3::s3::mock) fn complete_multipart_upload(
        &mut self,
        input: CompleteMultipartUploadInput,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let (now, fresh) = (self.now, self.state.ids.version());
        let bucket = self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let upload = bucket.upload(key, &input.upload_id)?;
        let wanted = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref()).unwrap_or_default();
        if wanted.is_empty() {
            return Err(Refusal::malformed_xml());
        }
        let (bytes, etag, parts) = upload.assemble(wanted)?;
        if bytes.len() as u64 > LARGEST {
            return Err(super::too_large());
        }
        if let Some(said) = input.mpu_object_size
            && usize::try_from(said) != Ok(bytes.len())
        {
            let size = bytes.len();
            return Err(Refusal::invalid_request(format_args!(
                "The provided 'x-amz-mp-object-size' header value {said} does not match what was computed: {size}"
            )));
        }
        let checksum = upload.checksum(&bytes, &parts)?;
        for (algorithm, value) in values!(input) {
            // The checksum of the parts may be given without their number.
            let same = value == checksum.value || checksum.value.split_once('-').is_some_and(|(bare, _)| bare == value);
            if algorithm != checksum.algorithm || !same {
                let name = algorithm.as_str().to_lowercase();
                let message = format!("The {name} you specified did not match the calculated checksum.");
                return Err(Refusal::bad_request("BadDigest", message));
            }
        }
        let attributes = upload.attributes.clone();
        bucket.write_conditions(key, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        bucket.uploads.remove(&(key.to_owned(), input.upload_id.clone().unwrap_or_default()));
        let name = input.bucket.clone().unwrap_or_default();
        let output = CompleteMultipartUploadOutput::builder()
            .location(format!("https://{name}.s3.{}.amazonaws.com/{key}", bucket.region))
            .bucket(name)
            .key(key)
            .e_tag(&etag)
            .set_server_side_encryption(attributes.encryption.algorithm.clone())
            .set_ssekms_key_id(attributes.encryption.kms_key_id.clone())
            .set_bucket_key_enabled(attributes.encryption.bucket_key_enabled);
        let output = show_with_type!(output, Some(&checksum));
        let object = Object { bytes, etag, checksum: Some(checksum), parts, attributes };
        Ok(output.set_version_id(bucket.store(key, Some(object), now, fresh)).build())
    }

    pub(in crate::boto3::s3::mock) fn abort_multipart_upload(
        &mut self,
        input: AbortMultipartUploadInput,
    ) -> Answer<AbortMultipartUploadOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let upload = bucket.upload(key, &input.upload_id)?;
        if input.if_match_initiated_time.is_some_and(|time| time.secs() != upload.initiated.secs()) {
            return Err(Refusal::precondition_failed());
        }
        bucket.uploads.remove(&(key.to_owned(), input.upload_id.clone().unwrap_or_default()));
        Ok(AbortMultipartUploadOutput::builder().build())
    }
}
