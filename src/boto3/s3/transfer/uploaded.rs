//! [`Uploaded`]: what the service answered to an upload.

use aws_sdk_s3::types::ChecksumAlgorithm;

use crate::boto3::s3::shapes::{CompleteMultipartUploadOutput, PutObjectOutput};

/// The object that an upload made. Python's `upload_file` returns None.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.os.write("app.log", "hello\n");
/// let s3 = world.batteries().boto3.client().s3();
/// s3.create_bucket(|create| create.bucket("logs")).wait()?;
/// let stored = s3.upload_file("app.log", "logs", "app.log").wait()?;
/// assert_eq!((stored.size, stored.e_tag.as_deref()), (6, Some("\"b1946ac92492d2347c6235b4d2611184\"")));
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How many bytes were sent.
    pub size: u64,
    /// The ETag, with its quotes. Of an object that went in parts it is not the MD5 of the bytes: it ends in `-` and the number of parts.
    pub e_tag: Option<String>,
    /// The version, in a bucket with versions.
    pub version_id: Option<String>,
    /// The checksum that the service computed, in Base64. Of an object that went in parts it is that of the parts' checksums, and ends in `-` and their
    /// number, unless a checksum of the whole was asked for.
    pub checksum: Option<(ChecksumAlgorithm, String)>,
}

macro_rules! uploaded {
    ($answer:expr, $size:expr) => {{
        let answer = $answer;
        let known = [
            (ChecksumAlgorithm::Crc32, answer.checksum_crc32),
            (ChecksumAlgorithm::Crc32C, answer.checksum_crc32_c),
            (ChecksumAlgorithm::Crc64Nvme, answer.checksum_crc64_nvme),
            (ChecksumAlgorithm::Sha1, answer.checksum_sha1),
            (ChecksumAlgorithm::Sha256, answer.checksum_sha256),
        ];
        let checksum = known.into_iter().find_map(|(algorithm, value)| Some((algorithm, value?)));
        Uploaded { size: $size, e_tag: answer.e_tag, version_id: answer.version_id, checksum }
    }};
}

impl Uploaded {
    pub(super) fn at_once(answer: PutObjectOutput, size: u64) -> Uploaded {
        uploaded!(answer, size)
    }

    pub(super) fn in_parts(answer: CompleteMultipartUploadOutput, size: u64) -> Uploaded {
        uploaded!(answer, size)
    }
}
