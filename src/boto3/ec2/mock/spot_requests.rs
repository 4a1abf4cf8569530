//! The operations on spot requests.

use aws_sdk_ec2::operation::{
    cancel_spot_instance_requests::*, describe_spot_instance_requests::*, request_spot_instances::*,
    run_instances::RunInstancesInput,
};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::{check_max_results, page};
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::spot::{Bid, check_interruption, price, product};
use super::spot_prices::dollars;
use super::table::Record;
use super::tags::specified_for;

/// Returns the launch of a request.
fn launch(of: RequestSpotLaunchSpecification) -> Answer<RunInstancesInput> {
    let placement = of.placement.map(|place| {
        Placement::builder()
            .set_availability_zone(place.availability_zone)
            .set_group_name(place.group_name)
            .set_tenancy(place.tenancy)
            .build()
    });
    RunInstancesInput::builder()
        .min_count(1)
        .max_count(1)
        .set_image_id(of.image_id)
        .set_instance_type(of.instance_type)
        .set_key_name(of.key_name)
        .set_user_data(of.user_data)
        .set_kernel_id(of.kernel_id)
        .set_ramdisk_id(of.ramdisk_id)
        .set_subnet_id(of.subnet_id)
        .set_ebs_optimized(of.ebs_optimized)
        .set_block_device_mappings(of.block_device_mappings)
        .set_network_interfaces(of.network_interfaces)
        .set_iam_instance_profile(of.iam_instance_profile)
        .set_monitoring(of.monitoring)
        .set_security_group_ids(of.security_group_ids)
        .set_security_groups(of.security_groups)
        .set_placement(placement)
        .build()
        .map_err(|error| Refusal::value(error.to_string()))
}

impl Region {
    pub(super) fn request_spot_instances(&mut self, input: RequestSpotInstancesInput) -> Answer<RequestSpotInstancesOutput> {
        let tags = specified_for(input.tag_specifications(), "spot-instances-request")?;
        let count = input.instance_count().unwrap_or(1);
        if count < 1 {
            return Err(Refusal::bad_value(count, "instanceCount", "It must be at least 1."));
        }
        if input.launch_group().is_some() || input.block_duration_minutes().is_some() {
            return Err(Refusal::NotModelled);
        }
        check_interruption(input.instance_interruption_behavior())?;
        if input.valid_until().is_some_and(|until| self.until(until).is_zero()) {
            return Err(Refusal::value("The parameter validUntil must be in the future."));
        }
        if let (Some(from), Some(until)) = (input.valid_from(), input.valid_until())
            && from.as_nanos() >= until.as_nanos()
        {
            return Err(Refusal::value("The parameter validFrom must be before validUntil."));
        }
        let most = input.spot_price().map(price).transpose()?;
        let run = launch(required(input.launch_specification.clone(), "LaunchSpecification")?)?;
        let (specification, windows, hourly) = {
            let planned = self.plan(&run)?;
            let windows = planned.image.platform().is_some();
            (self.specification(&planned), windows, planned.shape.hourly(windows))
        };
        let mut made = Vec::new();
        for _ in 0..count {
            let id = self.ids.next("sir");
            let request = SpotInstanceRequest::builder()
                .spot_instance_request_id(&id)
                .spot_price(dollars(most.unwrap_or(hourly)))
                .r#type(input.r#type().cloned().unwrap_or(SpotInstanceType::OneTime))
                .instance_interruption_behavior(InstanceInterruptionBehavior::Terminate)
                .product_description(product(windows))
                .launch_specification(specification.clone())
                .create_time(self.stamp())
                .set_valid_from(input.valid_from)
                .set_valid_until(input.valid_until)
                .set_availability_zone_group(input.availability_zone_group.clone());
            self.bids.put(Bid { request: request.build(), launch: run.clone() });
            self.tags.put_all(&id, &tags);
            let message = "Your Spot request has been submitted for review, and is pending evaluation.";
            self.put_status(&id, SpotInstanceState::Open, "pending-evaluation", message);
            self.later(delays::SPOT, Region::spot_evaluated, &id);
            if let Some(until) = input.valid_until() {
                self.later(self.until(until), Region::spot_evaluated, &id);
            }
            made.push(self.bids.get(&id)?.shown(self).request);
        }
        Ok(RequestSpotInstancesOutput::builder().set_spot_instance_requests(Some(made)).build())
    }

    pub(super) fn describe_spot_instance_requests(
        &mut self,
        input: DescribeSpotInstanceRequestsInput,
    ) -> Answer<DescribeSpotInstanceRequestsOutput> {
        check_max_results(input.max_results(), input.spot_instance_request_ids(), "spotInstanceRequestIdSet")?;
        let bids: Vec<Bid> = self.listed(input.spot_instance_request_ids(), input.filters())?;
        let requests = bids.into_iter().map(|bid| bid.request).collect();
        let (requests, next) = page(requests, input.max_results(), input.next_token())?;
        Ok(DescribeSpotInstanceRequestsOutput::builder().set_spot_instance_requests(Some(requests)).set_next_token(next).build())
    }

    /// Running instances keep running.
    pub(super) fn cancel_spot_instance_requests(
        &mut self,
        input: CancelSpotInstanceRequestsInput,
    ) -> Answer<CancelSpotInstanceRequestsOutput> {
        use SpotInstanceState::{Active, Cancelled, Disabled, Open};
        let ids = required_list(input.spot_instance_request_ids(), "SpotInstanceRequestId")?;
        self.bids.all(ids)?;
        let mut answers = Vec::new();
        for id in ids {
            match self.bids.get(id)?.request.state() {
                Some(Open) => {
                    let message = "Your Spot request is canceled before it can be fulfilled.";
                    self.put_status(id, Cancelled, "canceled-before-fulfillment", message);
                }
                Some(Active | Disabled) => {
                    let message = "Your Spot request is canceled, but your instance is still running.";
                    self.put_status(id, Cancelled, "request-canceled-and-instance-running", message);
                }
                _ => {}
            }
            let state = match self.bids.get(id)?.request.state() {
                Some(SpotInstanceState::Closed | SpotInstanceState::Failed) => CancelSpotInstanceRequestState::Closed,
                _ => CancelSpotInstanceRequestState::Cancelled,
            };
            answers.push(CancelledSpotInstanceRequest::builder().spot_instance_request_id(id).state(state).build());
        }
        Ok(CancelSpotInstanceRequestsOutput::builder().set_cancelled_spot_instance_requests(Some(answers)).build())
    }
}
