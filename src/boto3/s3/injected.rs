//! The methods that boto3 adds to S3's resources by hand.

use super::resources::convert::object_of_head_object_output;
use super::resources::{Bucket, ObjectSummary};
use super::types;
use crate::boto3::{Error, Result};

/// `Bucket.load`: finds the bucket in the list of all. A missing or inaccessible one has no
/// attributes.
pub(super) fn bucket(bucket: &Bucket) -> impl Future<Output = Result<Option<types::Bucket>>> + Send + use<> {
    let (name, call) = (bucket.name.clone(), bucket.meta.client.list_buckets(|list| list).timeout(None));
    async move {
        let found = match call.await {
            Ok(all) => all.buckets.into_iter().flatten().find(|bucket| bucket.name.as_ref() == Some(&name)),
            Err(Error::Client(refusal)) if refusal.code == "AccessDenied" => None,
            Err(error) => return Err(error),
        };
        Ok(Some(found.unwrap_or_else(|| types::Bucket::builder().build())))
    }
}

/// `ObjectSummary.load`: `head_object`, of which the `content_length` is the `size`.
pub(super) fn object_summary(object: &ObjectSummary) -> impl Future<Output = Result<Option<types::Object>>> + Send + use<> {
    let head = object.meta.client.head_object(|head| head.bucket(&object.bucket_name).key(&object.key)).timeout(None);
    async move { Ok(Some(object_of_head_object_output(head.await?))) }
}
