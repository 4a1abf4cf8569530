//! Policies, public access and ownership: permissions other than lists.

use aws_sdk_s3::operation::delete_bucket_ownership_controls::{
    DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput,
};
use aws_sdk_s3::operation::delete_bucket_policy::{DeleteBucketPolicyInput, DeleteBucketPolicyOutput};
use aws_sdk_s3::operation::delete_public_access_block::{DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput};
use aws_sdk_s3::operation::get_bucket_ownership_controls::{GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput};
use aws_sdk_s3::operation::get_bucket_policy::{GetBucketPolicyInput, GetBucketPolicyOutput};
use aws_sdk_s3::operation::get_bucket_policy_status::{GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput};
use aws_sdk_s3::operation::get_public_access_block::{GetPublicAccessBlockInput, GetPublicAccessBlockOutput};
use aws_sdk_s3::operation::put_bucket_ownership_controls::{PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput};
use aws_sdk_s3::operation::put_bucket_policy::{PutBucketPolicyInput, PutBucketPolicyOutput};
use aws_sdk_s3::operation::put_public_access_block::{PutPublicAccessBlockInput, PutPublicAccessBlockOutput};
use aws_sdk_s3::types::{
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PolicyStatus, PublicAccessBlockConfiguration,
};
use serde_json::Value;

use super::acl;
use crate::boto3::s3::mock::buckets::configuration::Configuration;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::Request;

/// The maximum size of a policy.
const LARGEST: usize = 20 << 10;

impl Configuration {
    pub(in crate::boto3::s3::mock) fn own(&mut self, ownership: ObjectOwnership) {
        let rule = OwnershipControlsRule::builder().object_ownership(ownership).build();
        self.ownership = rule.and_then(|rule| OwnershipControls::builder().rules(rule).build()).ok();
        // The default of each new bucket since April 2023.
        self.public_access = Some(
            PublicAccessBlockConfiguration::builder()
                .block_public_acls(true)
                .ignore_public_acls(true)
                .block_public_policy(true)
                .restrict_public_buckets(true)
                .build(),
        );
    }

    pub(in crate::boto3::s3::mock) fn ownership(&self) -> Option<ObjectOwnership> {
        Some(self.ownership.as_ref()?.rules.first()?.object_ownership.clone())
    }

    fn public_access(&self, wanted: impl Fn(&PublicAccessBlockConfiguration) -> Option<bool>) -> bool {
        self.public_access.as_ref().and_then(wanted) == Some(true)
    }

    pub(super) fn blocks_public_acls(&self) -> bool {
        self.public_access(|block| block.block_public_acls)
    }

    pub(super) fn ignores_public_acls(&self) -> bool {
        self.public_access(|block| block.ignore_public_acls)
    }
}

/// Returns the statements of a policy, or why it is invalid.
fn statements(policy: &str) -> Answer<Vec<Value>> {
    let malformed = |message: &str| Refusal::bad_request("MalformedPolicy", message);
    if policy.len() > LARGEST {
        return Err(malformed("Policies must be no larger than 20 KB"));
    }
    let document: Value = serde_json::from_str(policy).map_err(|_| malformed("This policy contains invalid Json"))?;
    let Value::Object(mut document) = document else {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    };
    let statements = match document.remove("Statement") {
        None => return Err(malformed("Missing required field Statement")),
        Some(Value::Array(statements)) if !statements.is_empty() => statements,
        Some(statement @ Value::Object(_)) => vec![statement],
        Some(_) => return Err(malformed("Could not parse the policy: Statement is empty!")),
    };
    for statement in &statements {
        for field in ["Effect", "Principal", "Action", "Resource"] {
            let negated = format!("Not{field}");
            if statement.get(field).is_none() && statement.get(negated.as_str()).is_none() {
                return Err(malformed(&format!("Missing required field {field}")));
            }
        }
        if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
            return Err(malformed("Invalid effect"));
        }
    }
    Ok(statements)
}

/// Returns true if anonymous users are allowed without a condition.
fn is_public(statements: &[Value]) -> bool {
    let anybody = |principal: &Value| match principal {
        Value::String(name) => name == "*",
        Value::Array(names) => names.iter().any(|name| name == "*"),
        _ => false,
    };
    statements.iter().any(|statement| {
        let principal = statement.get("Principal");
        let open = principal.is_some_and(|principal| anybody(principal) || principal.get("AWS").is_some_and(anybody));
        open && statement.get("Effect").is_some_and(|effect| effect == "Allow") && statement.get("Condition").is_none()
    })
}

fn no_policy() -> Refusal {
    Refusal::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn get_bucket_policy(&mut self, input: GetBucketPolicyInput) -> Answer<GetBucketPolicyOutput> {
        let policy = self.bucket(&input.bucket)?.configuration.policy.clone().ok_or_else(no_policy)?;
        Ok(GetBucketPolicyOutput::builder().policy(policy).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_policy(&mut self, input: PutBucketPolicyInput) -> Answer<PutBucketPolicyOutput> {
        let settings = &mut self.bucket(&input.bucket)?.configuration;
        let policy = input.policy.ok_or_else(|| Refusal::missing("Policy"))?;
        let public = is_public(&statements(&policy)?);
        if public && settings.public_access(|block| block.block_public_policy) {
            return Err(Refusal::access_denied("Access Denied"));
        }
        settings.policy = Some(policy);
        Ok(PutBucketPolicyOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_policy(
        &mut self,
        input: DeleteBucketPolicyInput,
    ) -> Answer<DeleteBucketPolicyOutput> {
        self.bucket(&input.bucket)?.configuration.policy = None;
        Ok(DeleteBucketPolicyOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_policy_status(
        &mut self,
        input: GetBucketPolicyStatusInput,
    ) -> Answer<GetBucketPolicyStatusOutput> {
        let policy = self.bucket(&input.bucket)?.configuration.policy.clone().ok_or_else(no_policy)?;
        let status = PolicyStatus::builder().is_public(is_public(&statements(&policy)?)).build();
        Ok(GetBucketPolicyStatusOutput::builder().policy_status(status).build())
    }

    pub(in crate::boto3::s3::mock) fn get_public_access_block(
        &mut self,
        input: GetPublicAccessBlockInput,
    ) -> Answer<GetPublicAccessBlockOutput> {
        let block = self.bucket(&input.bucket)?.configuration.public_access.clone();
        let block = block.ok_or_else(|| {
            let message = "The public access block configuration was not found";
            Refusal::new(404, "NoSuchPublicAccessBlockConfiguration", message)
        })?;
        Ok(GetPublicAccessBlockOutput::builder().public_access_block_configuration(block).build())
    }

    pub(in crate::boto3::s3::mock) fn put_public_access_block(
        &mut self,
        input: PutPublicAccessBlockInput,
    ) -> Answer<PutPublicAccessBlockOutput> {
        let settings = &mut self.bucket(&input.bucket)?.configuration;
        let mut block =
            input.public_access_block_configuration.ok_or_else(|| Refusal::missing("PublicAccessBlockConfiguration"))?;
        // Missing fields are off.
        for said in [
            &mut block.block_public_acls,
            &mut block.ignore_public_acls,
            &mut block.block_public_policy,
            &mut block.restrict_public_buckets,
        ] {
            said.get_or_insert(false);
        }
        settings.public_access = Some(block);
        Ok(PutPublicAccessBlockOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_public_access_block(
        &mut self,
        input: DeletePublicAccessBlockInput,
    ) -> Answer<DeletePublicAccessBlockOutput> {
        self.bucket(&input.bucket)?.configuration.public_access = None;
        Ok(DeletePublicAccessBlockOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_ownership_controls(
        &mut self,
        input: GetBucketOwnershipControlsInput,
    ) -> Answer<GetBucketOwnershipControlsOutput> {
        let controls = self.bucket(&input.bucket)?.configuration.ownership.clone();
        let controls = controls
            .ok_or_else(|| Refusal::new(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"))?;
        Ok(GetBucketOwnershipControlsOutput::builder().ownership_controls(controls).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_ownership_controls(
        &mut self,
        input: PutBucketOwnershipControlsInput,
    ) -> Answer<PutBucketOwnershipControlsOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let controls = input.ownership_controls.ok_or_else(|| Refusal::missing("OwnershipControls"))?;
        let [rule] = controls.rules.as_slice() else { return Err(Refusal::malformed_xml()) };
        match rule.object_ownership {
            ObjectOwnership::BucketOwnerEnforced if bucket.acl != acl::private() => {
                let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
                return Err(Refusal::bad_request("InvalidBucketAclWithObjectOwnership", message));
            }
            ObjectOwnership::BucketOwnerEnforced | ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter => {}
            _ => return Err(Refusal::malformed_xml()),
        }
        bucket.configuration.ownership = Some(controls);
        Ok(PutBucketOwnershipControlsOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_ownership_controls(
        &mut self,
        input: DeleteBucketOwnershipControlsInput,
    ) -> Answer<DeleteBucketOwnershipControlsOutput> {
        self.bucket(&input.bucket)?.configuration.ownership = None;
        Ok(DeleteBucketOwnershipControlsOutput::builder().build())
    }
}
