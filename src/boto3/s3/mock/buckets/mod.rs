//! Buckets: creating, finding and removing them.

pub(super) mod configuration;
pub(super) mod rules;

use std::net::Ipv4Addr;

use aws_sdk_s3::operation::create_bucket::{CreateBucketInput, CreateBucketOutput};
use aws_sdk_s3::operation::delete_bucket::{DeleteBucketInput, DeleteBucketOutput};
use aws_sdk_s3::operation::get_bucket_location::{GetBucketLocationInput, GetBucketLocationOutput};
use aws_sdk_s3::operation::head_bucket::{HeadBucketInput, HeadBucketOutput};
use aws_sdk_s3::operation::list_buckets::{ListBucketsInput, ListBucketsOutput};
use aws_sdk_s3::types::{Bucket as Listed, BucketCannedAcl, BucketLocationConstraint, BucketVersioningStatus, ObjectOwnership};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::access::acl;
use super::refusal::{Answer, Refusal};
use super::state::{Bucket, DEFAULT_REGION, Request};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_valid_name(name: &str) -> bool {
    let ends = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '.')
        && ends(name.chars().next())
        && ends(name.chars().next_back())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|reserved| name.starts_with(reserved))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|reserved| name.ends_with(reserved))
}

/// `EU` is older than the names of regions.
fn region_of(constraint: &str) -> &str {
    if constraint == "EU" { "eu-west-1" } else { constraint }
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn create_bucket(&mut self, input: CreateBucketInput) -> Answer<CreateBucketOutput> {
        let name = input.bucket.as_deref().filter(|name| !name.is_empty()).ok_or_else(|| Refusal::missing("Bucket"))?;
        if !is_valid_name(name) {
            return Err(Refusal::bad_request("InvalidBucketName", "The specified bucket is not valid."));
        }
        let configuration = input.create_bucket_configuration;
        let constraint = configuration.as_ref().and_then(|configuration| configuration.location_constraint.as_ref());
        let region = match constraint.map(BucketLocationConstraint::as_str) {
            // `us-east-1` must not be given as a constraint.
            Some(DEFAULT_REGION) => {
                return Err(Refusal::bad_request("InvalidLocationConstraint", "The specified location-constraint is not valid"));
            }
            Some(constraint) if self.region == DEFAULT_REGION || region_of(constraint) == self.region => region_of(constraint),
            None if self.region == DEFAULT_REGION => DEFAULT_REGION,
            other => {
                let what = other.unwrap_or("unspecified");
                let message = format!(
                    "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
                );
                return Err(Refusal::bad_request("IllegalLocationConstraintException", message));
            }
        };
        if self.state.taken.contains(name) {
            let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
                           Please select a different name and try again.";
            return Err(Refusal::new(409, "BucketAlreadyExists", message));
        }
        if let Some(existing) = self.state.buckets.get(name) {
            // In the oldest region, creating an existing bucket again is not an error.
            if existing.region != DEFAULT_REGION || region != DEFAULT_REGION {
                let message = "Your previous request to create the named bucket succeeded and you already own it.";
                return Err(Refusal::new(409, "BucketAlreadyOwnedByYou", message));
            }
            return Ok(CreateBucketOutput::builder().location(format!("/{name}")).build());
        }
        let mut bucket = Bucket::new(region.to_owned(), self.now);
        let ownership = input.object_ownership.unwrap_or(ObjectOwnership::BucketOwnerEnforced);
        let grants = acl::Grants {
            canned: input.acl.as_ref().map(BucketCannedAcl::as_str),
            full_control: input.grant_full_control.as_deref(),
            read: input.grant_read.as_deref(),
            read_acp: input.grant_read_acp.as_deref(),
            write: input.grant_write.as_deref(),
            write_acp: input.grant_write_acp.as_deref(),
        };
        bucket.configuration.own(ownership.clone());
        if let Some(acl) = grants.resolve()? {
            if ownership == ObjectOwnership::BucketOwnerEnforced && acl != acl::private() {
                let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
                return Err(Refusal::bad_request("InvalidBucketAclWithObjectOwnership", message));
            }
            bucket.acl = acl;
        }
        if input.object_lock_enabled_for_bucket == Some(true) {
            bucket.versioning = Some(BucketVersioningStatus::Enabled);
            bucket.configuration.enable_object_lock();
        }
        if let Some(tags) = configuration.as_ref().and_then(|configuration| configuration.tags.clone()) {
            bucket.configuration.tags = Some(tags);
        }
        let location = if region == DEFAULT_REGION { format!("/{name}") } else { format!("http://{name}.s3.amazonaws.com/") };
        self.state.buckets.insert(name.to_owned(), bucket);
        Ok(CreateBucketOutput::builder().location(location).bucket_arn(format!("arn:aws:s3:::{name}")).build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket(&mut self, input: DeleteBucketInput) -> Answer<DeleteBucketOutput> {
        // Uploads in progress do not keep a bucket: they are removed with it.
        if !self.bucket(&input.bucket)?.objects.is_empty() {
            return Err(Refusal::new(409, "BucketNotEmpty", "The bucket you tried to delete is not empty"));
        }
        self.state.buckets.remove(input.bucket.as_deref().unwrap_or_default());
        Ok(DeleteBucketOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn head_bucket(&mut self, input: HeadBucketInput) -> Answer<HeadBucketOutput> {
        let region = self.bucket(&input.bucket)?.region.clone();
        let name = input.bucket.unwrap_or_default();
        Ok(HeadBucketOutput::builder()
            .bucket_region(region)
            .bucket_arn(format!("arn:aws:s3:::{name}"))
            .access_point_alias(false)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_location(
        &mut self,
        input: GetBucketLocationInput,
    ) -> Answer<GetBucketLocationOutput> {
        // The only operation that works in every region.
        let name = input.bucket.as_deref().ok_or_else(|| Refusal::missing("Bucket"))?;
        let bucket = self.state.buckets.get(name);
        let region = &bucket.ok_or_else(|| Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"))?.region;
        let constraint = (region != DEFAULT_REGION).then(|| BucketLocationConstraint::from(region.as_str()));
        Ok(GetBucketLocationOutput::builder().set_location_constraint(constraint).build())
    }

    pub(in crate::boto3::s3::mock) fn list_buckets(&mut self, input: ListBucketsInput) -> Answer<ListBucketsOutput> {
        let limit = match input.max_buckets {
            None => usize::MAX,
            Some(limit @ 1..=10_000) => usize::try_from(limit).unwrap_or(usize::MAX),
            Some(_) => return Err(Refusal::invalid_argument("Argument max-buckets must be an integer between 1 and 10000")),
        };
        let after = match &input.continuation_token {
            None => None,
            Some(token) => Some(super::listing::position(token)?),
        };
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let mut matching = self.state.buckets.iter().filter(|(name, bucket)| {
            name.starts_with(prefix)
                && input.bucket_region.as_ref().is_none_or(|region| *region == bucket.region)
                && after.as_ref().is_none_or(|after| *name > after)
        });
        let page: Vec<Listed> = matching
            .by_ref()
            .take(limit)
            .map(|(name, bucket)| {
                let listed =
                    Listed::builder().name(name).creation_date(bucket.created).bucket_arn(format!("arn:aws:s3:::{name}"));
                // The region is returned only for paginated requests.
                let region = input.max_buckets.is_some() || input.prefix.is_some() || input.bucket_region.is_some();
                listed.set_bucket_region(region.then(|| bucket.region.clone())).build()
            })
            .collect();
        let token = matching.next().and_then(|_| page.last()?.name.as_deref()).map(|name| BASE64_STANDARD.encode(name));
        Ok(ListBucketsOutput::builder()
            .set_buckets(Some(page))
            .owner(acl::owner())
            .set_continuation_token(token)
            .set_prefix(input.prefix)
            .build())
    }
}
