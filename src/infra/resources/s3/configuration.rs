//! Reading and writing the configuration of a bucket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bucket::{Bucket, Encryption};
use super::found;
use crate::boto3::s3::Client;
use crate::boto3::s3::shapes::{GetBucketLifecycleConfigurationOutput, GetBucketTaggingOutput};
use crate::boto3::s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, Delete, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, ObjectIdentifier, PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
};

/// Objects under a prefix are deleted after so many days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) prefix: String,
    pub(super) days: i32,
}

fn invalid(error: impl std::fmt::Display) -> crate::Error {
    crate::Error::other(error.to_string())
}

impl Bucket {
    pub(super) async fn read_configuration(&mut self, s3: &Client) -> crate::Result<()> {
        let name = &self.bucket.clone();
        let versioning = s3.get_bucket_versioning(|get| get.bucket(name)).await?;
        self.versioning = versioning.status() == Some(&BucketVersioningStatus::Enabled);
        let tags = found(s3.get_bucket_tagging(|get| get.bucket(name)).await, &["NoSuchTagSet"])?;
        let pairs = tags.iter().flat_map(GetBucketTaggingOutput::tag_set);
        self.tags = pairs.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect::<BTreeMap<_, _>>();
        let rules = s3.get_bucket_lifecycle_configuration(|get| get.bucket(name)).await;
        let rules = found(rules, &["NoSuchLifecycleConfiguration"])?;
        self.lifecycle = rules.iter().flat_map(GetBucketLifecycleConfigurationOutput::rules).map(rule).collect();
        self.lifecycle.sort();
        let encryption = s3.get_bucket_encryption(|get| get.bucket(name)).await;
        let encryption = found(encryption, &["ServerSideEncryptionConfigurationNotFoundError"])?;
        let default = encryption.as_ref().and_then(|answer| {
            answer.server_side_encryption_configuration()?.rules().first()?.apply_server_side_encryption_by_default()
        });
        self.encryption = default.map(|default| match (default.sse_algorithm(), default.kms_master_key_id()) {
            (ServerSideEncryption::Aes256, _) => Encryption::Aes256,
            (_, Some(key)) => Encryption::Kms(key.to_owned()),
            // The key that AWS manages for S3.
            (_, None) => Encryption::Kms("alias/aws/s3".to_owned()),
        });
        let policy = found(s3.get_bucket_policy(|get| get.bucket(name)).await, &["NoSuchBucketPolicy"])?;
        let text = policy.as_ref().and_then(|policy| policy.policy());
        self.policy = text.map(|text| serde_json::from_str::<Value>(text).map_err(invalid)).transpose()?;
        let block = s3.get_public_access_block(|get| get.bucket(name)).await;
        let block = found(block, &["NoSuchPublicAccessBlockConfiguration"])?;
        let all = |block: &PublicAccessBlockConfiguration| {
            [block.block_public_acls(), block.ignore_public_acls(), block.block_public_policy(), block.restrict_public_buckets()]
                .iter()
                .all(|flag| *flag == Some(true))
        };
        self.block_public_access =
            Some(block.as_ref().and_then(|answer| answer.public_access_block_configuration()).is_some_and(all));
        Ok(())
    }

    /// Writes what differs from what was.
    pub(super) async fn write_configuration(&self, s3: &Client, was: &Bucket) -> crate::Result<()> {
        let name = &self.bucket;
        if self.versioning != was.versioning {
            let status = if self.versioning { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
            let versioning = VersioningConfiguration::builder().status(status).build();
            s3.put_bucket_versioning(|put| put.bucket(name).versioning_configuration(versioning)).await?;
        }
        if self.tags != was.tags {
            if self.tags.is_empty() {
                s3.delete_bucket_tagging(|delete| delete.bucket(name)).await?;
            } else {
                let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
                let tags = tags.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
                let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(invalid)?;
                s3.put_bucket_tagging(|put| put.bucket(name).tagging(tagging)).await?;
            }
        }
        if self.lifecycle != was.lifecycle {
            self.write_lifecycle(s3).await?;
        }
        if let Some(encryption) = self.encryption.as_ref().filter(|_| self.encryption != was.encryption) {
            let default = match encryption {
                Encryption::Aes256 => ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256),
                Encryption::Kms(key) => {
                    ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms).kms_master_key_id(key)
                }
            };
            let default = default.build().map_err(invalid)?;
            let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
            let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(invalid)?;
            s3.put_bucket_encryption(|put| put.bucket(name).server_side_encryption_configuration(configuration)).await?;
        }
        // The block before the policy: a public policy is then refused, rather than public for a moment.
        match self.block_public_access {
            Some(true) if was.block_public_access != Some(true) => {
                let block = PublicAccessBlockConfiguration::builder()
                    .block_public_acls(true)
                    .ignore_public_acls(true)
                    .block_public_policy(true)
                    .restrict_public_buckets(true)
                    .build();
                s3.put_public_access_block(|put| put.bucket(name).public_access_block_configuration(block)).await?;
            }
            Some(false) if was.block_public_access == Some(true) => {
                s3.delete_public_access_block(|delete| delete.bucket(name)).await?;
            }
            _ => {}
        }
        match &self.policy {
            same if *same == was.policy => {}
            Some(policy) => drop(s3.put_bucket_policy(|put| put.bucket(name).policy(policy.to_string())).await?),
            None => drop(s3.delete_bucket_policy(|delete| delete.bucket(name)).await?),
        }
        Ok(())
    }

    async fn write_lifecycle(&self, s3: &Client) -> crate::Result<()> {
        let name = &self.bucket;
        if self.lifecycle.is_empty() {
            s3.delete_bucket_lifecycle(|delete| delete.bucket(name)).await?;
            return Ok(());
        }
        let rules = self.lifecycle.iter().map(|rule| {
            LifecycleRule::builder()
                .id(&rule.id)
                .status(ExpirationStatus::Enabled)
                .filter(LifecycleRuleFilter::builder().prefix(&rule.prefix).build())
                .expiration(LifecycleExpiration::builder().days(rule.days).build())
                .build()
        });
        let rules = rules.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(invalid)?;
        s3.put_bucket_lifecycle_configuration(|put| put.bucket(name).lifecycle_configuration(configuration)).await?;
        Ok(())
    }
}

/// A rule as it is; one that does more than rules here do, or is switched off, differs from every declared one.
fn rule(rule: &LifecycleRule) -> Rule {
    let simple = *rule.status() == ExpirationStatus::Enabled
        && rule.transitions().is_empty()
        && rule.noncurrent_version_transitions().is_empty()
        && rule.noncurrent_version_expiration().is_none()
        && rule.abort_incomplete_multipart_upload().is_none()
        && rule.filter().is_none_or(|filter| {
            let sized = filter.object_size_greater_than().is_some() || filter.object_size_less_than().is_some();
            filter.tag().is_none() && filter.and().is_none() && !sized
        });
    let days = rule.expiration().and_then(LifecycleExpiration::days).filter(|_| simple).unwrap_or(-1);
    let prefix = rule.filter().and_then(|filter| filter.prefix()).unwrap_or_default();
    Rule { id: rule.id().unwrap_or_default().to_owned(), prefix: prefix.to_owned(), days }
}

/// Deletes every version of every object, a page at a time.
pub(super) async fn empty(s3: &Client, bucket: &str) -> crate::Result<()> {
    loop {
        let page = s3.list_object_versions(|list| list.bucket(bucket)).await?;
        let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        let all = versions.chain(markers).filter_map(|(key, version)| Some((key?, version)));
        let objects =
            all.map(|(key, version)| ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned)).build());
        let objects = objects.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(invalid)?;
        let done = s3.delete_objects(|request| request.bucket(bucket).delete(delete)).await?;
        if let Some(error) = done.errors().first() {
            return Err(invalid(format!("{}: {}", error.key().unwrap_or_default(), error.message().unwrap_or("not deleted"))));
        }
    }
}
