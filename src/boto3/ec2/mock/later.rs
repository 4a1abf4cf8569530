//! What launches ask of concepts that are not here yet.

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types::*;

use super::launch::Launch;
use super::refusal::{Answer, Refusal};
use super::region::Region;

impl Region {
    pub(super) fn with_template(&self, input: RunInstancesInput) -> Answer<RunInstancesInput> {
        if input.launch_template().is_some() { Err(Refusal::NotModelled) } else { Ok(input) }
    }

    pub(super) fn placement_group(&self, _: &str) -> Answer<()> {
        Err(Refusal::NotModelled)
    }

    pub(super) fn profile(&self, _: &IamInstanceProfileSpecification) -> Answer<IamInstanceProfile> {
        Err(Refusal::NotModelled)
    }

    pub(super) fn put_profile(&mut self, _: &str, _: &IamInstanceProfile) {}

    pub(super) fn release_profiles(&mut self, _: &str) {}

    pub(super) fn plan_market(&self, _: &RunInstancesInput) -> Answer<()> {
        Err(Refusal::NotModelled)
    }

    pub(super) fn put_spot_request_for(&mut self, _: &str, _: &Launch<'_>) {}

    pub(super) fn close_spot_request(&mut self, _: &str) {}
}
