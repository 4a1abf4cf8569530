//! Checksums: computed like the client, checked like the service.

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};

use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Checksum, PartSize};

/// The checksums of a request: values by algorithm, `Content-MD5`, and the algorithm alone, whose
/// value the client computes.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock) struct Sent {
    pub(in crate::boto3::s3::mock) values: Vec<(ChecksumAlgorithm, String)>,
    pub(super) content_md5: Option<String>,
    pub(in crate::boto3::s3::mock) algorithm: Option<ChecksumAlgorithm>,
    pub(super) unmodelled: bool,
}

/// Returns the checksums of an input with a field for each.
macro_rules! values {
    ($input:expr) => {{
        use aws_sdk_s3::types::ChecksumAlgorithm as A;
        let values = [
            (A::Crc32, &$input.checksum_crc32),
            (A::Crc32C, &$input.checksum_crc32_c),
            (A::Crc64Nvme, &$input.checksum_crc64_nvme),
            (A::Sha1, &$input.checksum_sha1),
            (A::Sha256, &$input.checksum_sha256),
        ];
        let values = values.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value.clone()?)));
        values.collect::<Vec<_>>()
    }};
}
pub(in crate::boto3::s3::mock) use values;

/// Returns the checksums of an input with a body.
macro_rules! sent {
    ($input:expr) => {
        $crate::boto3::s3::mock::objects::checksums::Sent {
            values: $crate::boto3::s3::mock::objects::checksums::values!($input),
            content_md5: $input.content_md5.clone(),
            algorithm: $input.checksum_algorithm.clone(),
            unmodelled: [
                &$input.checksum_md5,
                &$input.checksum_sha512,
                &$input.checksum_xxhash64,
                &$input.checksum_xxhash3,
                &$input.checksum_xxhash128,
            ]
            .into_iter()
            .any(Option::is_some),
        }
    };
}
pub(in crate::boto3::s3::mock) use sent;

/// Sets a checksum in the output's field for its algorithm.
macro_rules! show {
    ($builder:expr, $checksum:expr) => {{
        use aws_sdk_s3::types::ChecksumAlgorithm as A;
        let checksum: Option<&$crate::boto3::s3::mock::state::Checksum> = $checksum;
        let of = |algorithm| checksum.filter(|checksum| checksum.algorithm == algorithm).map(|checksum| checksum.value.clone());
        $builder
            .set_checksum_crc32(of(A::Crc32))
            .set_checksum_crc32_c(of(A::Crc32C))
            .set_checksum_crc64_nvme(of(A::Crc64Nvme))
            .set_checksum_sha1(of(A::Sha1))
            .set_checksum_sha256(of(A::Sha256))
    }};
}
pub(in crate::boto3::s3::mock) use show;

/// Like `show`, with the checksum type.
macro_rules! show_with_type {
    ($builder:expr, $checksum:expr) => {{
        let checksum: Option<&$crate::boto3::s3::mock::state::Checksum> = $checksum;
        $crate::boto3::s3::mock::objects::checksums::show!($builder, checksum)
            .set_checksum_type(checksum.map(|checksum| checksum.kind.clone()))
    }};
}
pub(in crate::boto3::s3::mock) use show_with_type;

/// Returns the raw checksum; `None` if the fake does not support the algorithm.
fn digest(algorithm: &ChecksumAlgorithm, bytes: &[u8]) -> Option<Vec<u8>> {
    use aws_smithy_checksums::ChecksumAlgorithm as Engine;
    let engine = match algorithm {
        ChecksumAlgorithm::Crc32 => Engine::Crc32,
        ChecksumAlgorithm::Crc32C => Engine::Crc32c,
        ChecksumAlgorithm::Crc64Nvme => Engine::Crc64Nvme,
        ChecksumAlgorithm::Sha1 => Engine::Sha1,
        ChecksumAlgorithm::Sha256 => Engine::Sha256,
        _ => return None,
    };
    let mut engine = engine.into_impl();
    engine.update(bytes);
    Some(engine.finalize().to_vec())
}

/// Returns the checksum of the whole object.
pub(in crate::boto3::s3::mock) fn full(algorithm: &ChecksumAlgorithm, bytes: &[u8]) -> Answer<Checksum> {
    let digest = digest(algorithm, bytes).ok_or(Refusal::NotModelled)?;
    let value = BASE64_STANDARD.encode(digest);
    Ok(Checksum { algorithm: algorithm.clone(), value, kind: ChecksumType::FullObject })
}

/// Returns the checksum of the parts' checksums.
pub(in crate::boto3::s3::mock) fn composite(algorithm: &ChecksumAlgorithm, parts: &[PartSize]) -> Answer<Checksum> {
    let mut raw = Vec::new();
    for part in parts {
        let checksum = part.checksum.as_ref().filter(|checksum| checksum.algorithm == *algorithm);
        let decoded = checksum.and_then(|checksum| BASE64_STANDARD.decode(&checksum.value).ok());
        raw.extend(
            decoded.ok_or_else(|| {
                Refusal::invalid_request("The upload was created using a checksum algorithm that a part lacks.")
            })?,
        );
    }
    let whole = full(algorithm, &raw)?;
    Ok(Checksum { value: format!("{}-{}", whole.value, parts.len()), kind: ChecksumType::Composite, ..whole })
}

/// CRC64NVME exists only for whole objects, SHA only for parts; for the others either may be
/// requested, by default for parts.
pub(super) fn kind_of_parts(algorithm: &ChecksumAlgorithm, asked: Option<&ChecksumType>) -> Answer<ChecksumType> {
    let (only, default) = match algorithm {
        ChecksumAlgorithm::Crc64Nvme => (true, ChecksumType::FullObject),
        ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256 => (true, ChecksumType::Composite),
        _ => (false, ChecksumType::Composite),
    };
    match asked {
        Some(asked) if only && *asked != default => {
            let (asked, algorithm) = (asked.as_str(), algorithm.as_str().to_lowercase());
            Err(Refusal::invalid_request(format_args!(
                "The {asked} checksum type cannot be used with the {algorithm} checksum algorithm."
            )))
        }
        Some(asked) => Ok(asked.clone()),
        None => Ok(default),
    }
}

impl Sent {
    /// Compares the request's checksum with the body, and returns the checksum to store. Without
    /// one the client sends `default`.
    pub(in crate::boto3::s3::mock) fn check(&self, bytes: &[u8], default: &ChecksumAlgorithm) -> Answer<Checksum> {
        if self.unmodelled {
            return Err(Refusal::NotModelled);
        }
        if let Some(md5) = &self.content_md5 {
            check_md5(md5, bytes)?;
        }
        if self.values.len() > 1 {
            return Err(Refusal::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        let Some((algorithm, value)) = self.values.first() else {
            return full(self.algorithm.as_ref().unwrap_or(default), bytes);
        };
        let computed = full(algorithm, bytes)?;
        let length = |text: &str| BASE64_STANDARD.decode(text).map(|raw| raw.len());
        if length(value) != length(&computed.value) {
            let name = algorithm.as_str().to_lowercase();
            return Err(Refusal::invalid_request(format_args!("Value for x-amz-checksum-{name} header is invalid.")));
        }
        if *value != computed.value {
            let name = algorithm.as_str();
            return Err(Refusal::bad_request(
                "BadDigest",
                format_args!("The {name} you specified did not match the calculated checksum."),
            ));
        }
        Ok(computed)
    }
}

/// Compares `Content-MD5` with the body.
pub(in crate::boto3::s3::mock) fn check_md5(sent: &str, bytes: &[u8]) -> Answer<()> {
    let sent = BASE64_STANDARD.decode(sent).ok().filter(|raw| raw.len() == 16);
    let sent = sent.ok_or_else(|| Refusal::bad_request("InvalidDigest", "The Content-MD5 you specified was invalid."))?;
    if sent == <[u8; 16]>::from(Md5::digest(bytes)) {
        return Ok(());
    }
    Err(Refusal::bad_request("BadDigest", "The Content-MD5 you specified did not match what we received."))
}
