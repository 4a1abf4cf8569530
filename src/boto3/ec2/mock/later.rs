//! What launches ask of concepts that are not here yet.

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;

use super::launch::Launch;
use super::refusal::{Answer, Refusal};
use super::region::Region;

impl Region {
    pub(super) fn plan_market(&self, _: &RunInstancesInput) -> Answer<()> {
        Err(Refusal::NotModelled)
    }

    pub(super) fn put_spot_request_for(&mut self, _: &str, _: &Launch<'_>) {}

    pub(super) fn close_spot_request(&mut self, _: &str) {}
}
