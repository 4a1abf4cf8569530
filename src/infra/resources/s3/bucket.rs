//! [`Bucket`]: a bucket and its configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::configuration::Rule;
use super::found;
use crate::boto3::s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// The encryption at rest that objects get unless their upload names another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// Keys that S3 manages: what every bucket has.
    #[serde(rename = "AES256")]
    Aes256,
    /// A key of KMS, by its ARN.
    #[serde(rename = "aws:kms")]
    Kms(String),
}

/// A bucket and its configuration: `Bucket::new("acme-logs").versioning().tag("owner", "ops")`.
///
/// What is declared is managed, and drift of it is seen. Tags, lifecycle rules and policy that are not declared are taken off; encryption and
/// the public access block that are not declared stay as they are. Deleting fails while there are objects, unless
/// [`Bucket::delete_contents`] was declared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    pub(super) bucket: String,
    pub(super) region: Option<String>,
    pub(super) versioning: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) lifecycle: Vec<Rule>,
    pub(super) encryption: Option<Encryption>,
    pub(super) policy: Option<Value>,
    pub(super) block_public_access: Option<bool>,
    pub(super) delete_contents: bool,
}

/// The outputs of [`Bucket`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BucketOut {
    /// `arn:aws:s3:::acme-logs`.
    pub arn: String,
}

impl Bucket {
    /// A bucket of this name, in the region of the configuration.
    pub fn new(name: impl Into<String>) -> Bucket {
        Bucket {
            bucket: name.into(),
            region: None,
            versioning: false,
            tags: BTreeMap::new(),
            lifecycle: Vec::new(),
            encryption: None,
            policy: None,
            block_public_access: None,
            delete_contents: false,
        }
    }

    /// In this region. A change replaces the bucket.
    #[must_use]
    pub fn region(self, name: impl Into<String>) -> Bucket {
        Bucket { region: Some(name.into()), ..self }
    }

    /// Keeps every version of every object.
    #[must_use]
    pub fn versioning(self) -> Bucket {
        Bucket { versioning: true, ..self }
    }

    /// A tag; others are taken off.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Bucket {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// A lifecycle rule: objects under this prefix are deleted after so many days.
    #[must_use]
    pub fn expire(mut self, id: impl Into<String>, prefix: impl Into<String>, days: i32) -> Bucket {
        self.lifecycle.push(Rule { id: id.into(), prefix: prefix.into(), days });
        self.lifecycle.sort();
        self
    }

    /// The default encryption.
    #[must_use]
    pub fn encryption(self, encryption: Encryption) -> Bucket {
        Bucket { encryption: Some(encryption), ..self }
    }

    /// The policy, as JSON.
    #[must_use]
    pub fn policy(self, policy: Value) -> Bucket {
        Bucket { policy: Some(policy), ..self }
    }

    /// Blocks all public access.
    #[must_use]
    pub fn block_public_access(self) -> Bucket {
        Bucket { block_public_access: Some(true), ..self }
    }

    /// When it is deleted, so are all objects in it, with all their versions.
    #[must_use]
    pub fn delete_contents(self) -> Bucket {
        Bucket { delete_contents: true, ..self }
    }

    fn out(name: &str) -> BucketOut {
        BucketOut { arn: format!("arn:aws:s3:::{name}") }
    }
}

pub(super) fn client(scope: &Scope) -> crate::boto3::s3::Client {
    scope.boto3.client().s3()
}

impl Resource for Bucket {
    const TYPE: &'static str = "s3.bucket";
    type Out = BucketOut;
    const FIELDS: &'static [Field] = &[
        Field::new("bucket").force_new(),
        Field::new("region").force_new().computed(),
        Field::new("encryption").computed(),
        Field::new("block_public_access").computed(),
    ];

    fn validate(&self) -> crate::Result<()> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.chars().all(plain) {
            return Err(crate::Error::other(format!(
                "bucket {:?} is not a valid name: 3 to 63 of a-z, 0-9, '-' and '.'",
                self.bucket
            )));
        }
        Ok(())
    }

    fn natural_id(&self) -> Option<Id> {
        Some(Id::new(&self.bucket))
    }

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<Bucket>>) -> crate::Result<Option<Live<Bucket>>> {
        let s3 = client(scope);
        let name = id.as_str();
        if found(s3.head_bucket(|head| head.bucket(name)).await, &["404", "NoSuchBucket"])?.is_none() {
            return Ok(None);
        }
        let location = s3.get_bucket_location(|get| get.bucket(name)).await?;
        let region = match location.location_constraint().map(BucketLocationConstraint::as_str) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        };
        let mut bucket = Bucket { region: Some(region), ..Bucket::new(name) };
        bucket.read_configuration(&s3).await?;
        // How it is deleted is the declaration's alone.
        bucket.delete_contents = was.is_some_and(|was| was.inputs.delete_contents);
        Ok(Some(Live::new(bucket, Bucket::out(name))))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, BucketOut)> {
        let s3 = client(scope);
        let region = self.region.clone().or_else(|| s3.meta().region_name().map(str::to_owned));
        let elsewhere = region.filter(|region| region != "us-east-1");
        s3.create_bucket(|create| {
            let place = elsewhere.map(|region| {
                let region = BucketLocationConstraint::from(region.as_str());
                CreateBucketConfiguration::builder().location_constraint(region).build()
            });
            create.bucket(&self.bucket).set_create_bucket_configuration(place)
        })
        .await?;
        self.write_configuration(&s3, &Bucket::new(&self.bucket)).await?;
        Ok((Id::new(&self.bucket), Bucket::out(&self.bucket)))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<Bucket>) -> crate::Result<BucketOut> {
        self.write_configuration(&client(scope), &was.inputs).await?;
        Ok(Bucket::out(&self.bucket))
    }

    async fn delete(scope: &Scope, id: &Id, was: &Live<Bucket>) -> crate::Result<()> {
        let s3 = client(scope);
        if was.inputs.delete_contents {
            super::configuration::empty(&s3, id.as_str()).await?;
        }
        found(s3.delete_bucket(|delete| delete.bucket(id.as_str())).await, &["NoSuchBucket"]).map(drop)
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let buckets = client(scope).list_buckets(|list| list).await?;
        Ok(buckets.buckets().iter().filter_map(|bucket| bucket.name()).map(Id::new).collect())
    }
}
