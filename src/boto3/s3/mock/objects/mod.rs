//! Objects: putting them.

pub(super) mod attributes;
pub(super) mod body;
pub(super) mod checksums;
pub(super) mod copy;
pub(super) mod lock;
pub(super) mod multipart;
pub(super) mod reads;
pub(super) mod restore;
pub(super) mod versions;

use aws_sdk_s3::operation::put_object::{PutObjectInput, PutObjectOutput};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType};
use md5::{Digest as _, Md5};

use self::attributes::{attributes, show_encryption};
use self::checksums::{composite, full, sent, show_with_type};
use super::refusal::{Answer, Refusal};
use super::state::{Bucket, Object, Request, hex_md5, key, quoted};

/// The maximum size of an object in one request.
pub(super) const LARGEST: u64 = 5 << 30;

/// ETags are compared without their quotes; `*` matches any.
pub(super) fn etags_match(wanted: &str, etag: &str) -> bool {
    let bare = |etag: &str| etag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    wanted.split(',').any(|wanted| wanted.trim() == "*" || bare(wanted) == bare(etag))
}

impl Bucket {
    /// Changes the middle byte of the current version, and its ETag and checksums with it. None if there is no byte.
    pub(super) fn corrupt(&mut self, key: &str) -> Option<()> {
        let object = self.objects.get_mut(key)?.last_mut()?.object.as_mut()?;
        let mut bytes = object.bytes.to_vec();
        let middle = bytes.len() / 2;
        *bytes.get_mut(middle)? ^= 1;
        object.bytes = bytes.into();
        let mut start = 0;
        let mut digests = Vec::new();
        for part in &mut object.parts {
            let piece = object.bytes.slice(start..start + part.size);
            start += part.size;
            digests.extend(<[u8; 16]>::from(Md5::digest(&piece)));
            if let Some(checksum) = &mut part.checksum {
                *checksum = full(&checksum.algorithm, &piece).ok()?;
            }
        }
        object.etag = match object.parts.len() {
            0 => quoted(hex_md5(&object.bytes)),
            parts => quoted(format_args!("{}-{parts}", hex_md5(&digests))),
        };
        if let Some(checksum) = &mut object.checksum {
            *checksum = match checksum.kind {
                ChecksumType::Composite => composite(&checksum.algorithm, &object.parts).ok()?,
                _ => full(&checksum.algorithm, &object.bytes).ok()?,
            };
        }
        Some(())
    }

    /// `If-Match` and `If-None-Match` of a write.
    pub(super) fn write_conditions(&self, key: &str, if_match: Option<&str>, if_none_match: Option<&str>) -> Answer<()> {
        let current = self.current(key).and_then(|version| version.object.as_ref());
        if let Some(wanted) = if_none_match {
            if wanted.trim_matches('"') != "*" {
                return Err(Refusal::new(
                    501,
                    "NotImplemented",
                    "A header you provided implies functionality that is not implemented",
                ));
            }
            if current.is_some() {
                return Err(Refusal::precondition_failed());
            }
        }
        let Some(wanted) = if_match else { return Ok(()) };
        match current {
            None => Err(Refusal::no_such_key()),
            Some(object) if etags_match(wanted, &object.etag) => Ok(()),
            Some(_) => Err(Refusal::precondition_failed()),
        }
    }
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn put_object(&mut self, input: PutObjectInput) -> Answer<PutObjectOutput> {
        if input.write_offset_bytes.is_some() {
            // Appending is only for directory buckets.
            return Err(Refusal::new(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented",
            ));
        }
        let (now, body, fresh) = (self.now, self.body.clone(), self.state.ids.version());
        check_length(input.content_length, body.len())?;
        self.make_room(body.len())?;
        let bucket = self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let attributes = attributes!(input, bucket).retained(bucket, now);
        bucket.write_conditions(key, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let checksum = sent!(input).check(&body, &ChecksumAlgorithm::Crc32)?;
        let object =
            Object { etag: quoted(hex_md5(&body)), bytes: body, checksum: Some(checksum), parts: Vec::new(), attributes };
        let output = PutObjectOutput::builder().e_tag(&object.etag);
        let output = show_encryption!(output, object.attributes.encryption);
        let output = show_with_type!(output, object.checksum.as_ref());
        Ok(output.set_version_id(bucket.store(key, Some(object), now, fresh)).build())
    }
}

/// Checks the announced and the maximum length of a body.
pub(super) fn check_length(said: Option<i64>, came: usize) -> Answer<()> {
    if came as u64 > LARGEST || said.is_some_and(|said| said as u64 > LARGEST) {
        return Err(too_large());
    }
    if said.is_some_and(|said| usize::try_from(said) != Ok(came)) {
        let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        return Err(Refusal::bad_request("IncompleteBody", message));
    }
    Ok(())
}

pub(super) fn too_large() -> Refusal {
    Refusal::bad_request("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}
