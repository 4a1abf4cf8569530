//! Tags of objects and buckets.

use std::collections::BTreeSet;

use aws_sdk_s3::operation::delete_bucket_tagging::{DeleteBucketTaggingInput, DeleteBucketTaggingOutput};
use aws_sdk_s3::operation::delete_object_tagging::{DeleteObjectTaggingInput, DeleteObjectTaggingOutput};
use aws_sdk_s3::operation::get_bucket_tagging::{GetBucketTaggingInput, GetBucketTaggingOutput};
use aws_sdk_s3::operation::get_object_tagging::{GetObjectTaggingInput, GetObjectTaggingOutput};
use aws_sdk_s3::operation::put_bucket_tagging::{PutBucketTaggingInput, PutBucketTaggingOutput};
use aws_sdk_s3::operation::put_object_tagging::{PutObjectTaggingInput, PutObjectTaggingOutput};
use aws_sdk_s3::types::Tag;

use super::refusal::{Answer, Refusal};
use super::state::{Request, key};

/// The maximum number of tags of an object.
const MOST_OF_OBJECT: usize = 10;

/// The maximum number of tags of a bucket.
const MOST_OF_BUCKET: usize = 50;

/// Letters, numbers, spaces, and these characters.
fn is_allowed(char: char) -> bool {
    char.is_alphanumeric() || (char.is_whitespace() && !char.is_control()) || "+-=._:/@".contains(char)
}

fn check(tags: &[Tag], most: usize, of: &str) -> Answer<()> {
    if tags.len() > most {
        return Err(Refusal::bad_request("BadRequest", format_args!("{of} tags cannot be greater than {most}")));
    }
    let mut keys = BTreeSet::new();
    for tag in tags {
        if tag.key.is_empty() || tag.key.chars().count() > 128 || !tag.key.chars().all(is_allowed) {
            return Err(Refusal::bad_request("InvalidTag", "The TagKey you have provided is invalid"));
        }
        if tag.value.chars().count() > 256 || !tag.value.chars().all(is_allowed) {
            return Err(Refusal::bad_request("InvalidTag", "The TagValue you have provided is invalid"));
        }
        if tag.key.starts_with("aws:") {
            return Err(Refusal::bad_request("InvalidTag", "System tags cannot be added/updated by requester"));
        }
        if !keys.insert(tag.key.as_str()) {
            return Err(Refusal::bad_request("InvalidTag", "Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(())
}

/// Parses `a=1&b=2`, the parameter `Tagging` of a write.
pub(super) fn from_header(header: Option<&str>) -> Answer<Vec<Tag>> {
    let mut tags = Vec::new();
    for pair in header.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let tag = Tag::builder()
            .key(super::objects::copy::form_decoded(key)?)
            .value(super::objects::copy::form_decoded(value)?)
            .build();
        tags.push(tag.map_err(|error| Refusal::Unsendable(error.to_string()))?);
    }
    check(&tags, MOST_OF_OBJECT, "Object")?;
    Ok(tags)
}

fn built<T>(output: Result<T, impl std::error::Error>) -> Answer<T> {
    output.map_err(|error| Refusal::Unsendable(error.to_string()))
}

impl Request<'_> {
    pub(super) fn get_object_tagging(&mut self, input: GetObjectTaggingInput) -> Answer<GetObjectTaggingOutput> {
        let (version_id, object) = self.bucket(&input.bucket)?.object_mut(key(&input.key)?, &input.version_id)?;
        built(
            GetObjectTaggingOutput::builder()
                .set_version_id(version_id)
                .set_tag_set(Some(object.attributes.tags.clone()))
                .build(),
        )
    }

    pub(super) fn put_object_tagging(&mut self, input: PutObjectTaggingInput) -> Answer<PutObjectTaggingOutput> {
        let tagging = input.tagging.ok_or_else(|| Refusal::missing("Tagging"))?;
        let (version_id, object) = self.bucket(&input.bucket)?.object_mut(key(&input.key)?, &input.version_id)?;
        check(&tagging.tag_set, MOST_OF_OBJECT, "Object")?;
        object.attributes.tags = tagging.tag_set;
        Ok(PutObjectTaggingOutput::builder().set_version_id(version_id).build())
    }

    pub(super) fn delete_object_tagging(&mut self, input: DeleteObjectTaggingInput) -> Answer<DeleteObjectTaggingOutput> {
        let (version_id, object) = self.bucket(&input.bucket)?.object_mut(key(&input.key)?, &input.version_id)?;
        object.attributes.tags.clear();
        Ok(DeleteObjectTaggingOutput::builder().set_version_id(version_id).build())
    }

    pub(super) fn get_bucket_tagging(&mut self, input: GetBucketTaggingInput) -> Answer<GetBucketTaggingOutput> {
        let tags = self.bucket(&input.bucket)?.configuration.tags.clone();
        let tags = tags.ok_or_else(|| Refusal::new(404, "NoSuchTagSet", "The TagSet does not exist"))?;
        built(GetBucketTaggingOutput::builder().set_tag_set(Some(tags)).build())
    }

    pub(super) fn put_bucket_tagging(&mut self, input: PutBucketTaggingInput) -> Answer<PutBucketTaggingOutput> {
        let tagging = input.tagging.ok_or_else(|| Refusal::missing("Tagging"))?;
        let bucket = self.bucket(&input.bucket)?;
        check(&tagging.tag_set, MOST_OF_BUCKET, "Bucket")?;
        bucket.configuration.tags = Some(tagging.tag_set);
        Ok(PutBucketTaggingOutput::builder().build())
    }

    pub(super) fn delete_bucket_tagging(&mut self, input: DeleteBucketTaggingInput) -> Answer<DeleteBucketTaggingOutput> {
        self.bucket(&input.bucket)?.configuration.tags = None;
        Ok(DeleteBucketTaggingOutput::builder().build())
    }
}
