//! Spot requests: evaluated after a while, fulfilled by an instance, closed or reopened when that
//! ends.

use std::time::{Duration, SystemTime};

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types::*;
use aws_smithy_types::DateTime;

use super::agenda::delays;
use super::filter::{Field, Values, each, filters, stamp};
use super::ids::Kind;
use super::instance_types::Shape;
use super::launch::Launch;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::spot_prices::{dollars, next_change};
use super::table::{Record, Table};

/// A request and its launch.
#[derive(Clone, Debug)]
pub(super) struct Bid {
    pub(super) request: SpotInstanceRequest,
    pub(super) launch: RunInstancesInput,
}

/// The market options of a launch.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// The maximum price.
    pub(super) price: String,
}

fn launch_of(bid: &Bid) -> Option<&LaunchSpecification> {
    bid.request.launch_specification()
}

fn disk<T>(bid: &Bid, what: impl Fn(&EbsBlockDevice) -> Option<T>) -> Vec<String>
where
    Option<T>: Values,
{
    let mappings = launch_of(bid).map_or(&[][..], LaunchSpecification::block_device_mappings);
    each(mappings, |mapping| mapping.ebs().and_then(&what))
}

fn nic<V: Values>(bid: &Bid, what: impl Fn(&InstanceNetworkInterfaceSpecification) -> V) -> Vec<String> {
    let nics = launch_of(bid).map_or(&[][..], LaunchSpecification::network_interfaces);
    nics.iter().flat_map(|nic| what(nic).values()).collect()
}

impl Record for Bid {
    const KIND: &'static Kind = &Kind {
        prefix: "sir",
        resource: "spot-instances-request",
        not_found: "InvalidSpotInstanceRequestID.NotFound",
        absent: "The spot instance request ID '{}' does not exist",
        malformed: Some("InvalidSpotInstanceRequestID.Malformed"),
    };
    const FILTERS: &'static [Field<Bid>] = filters!(bid: Bid =>
        "availability-zone-group" = bid.request.availability_zone_group(),
        "create-time" = stamp(bid.request.create_time()),
        "fault-code" = bid.request.fault().and_then(SpotInstanceStateFault::code),
        "fault-message" = bid.request.fault().and_then(SpotInstanceStateFault::message),
        "instance-id" = bid.request.instance_id(),
        "launch-group" = bid.request.launch_group(),
        "launch.block-device-mapping.delete-on-termination" = disk(bid, EbsBlockDevice::delete_on_termination),
        "launch.block-device-mapping.device-name" = each(
            launch_of(bid).map_or(&[][..], LaunchSpecification::block_device_mappings), BlockDeviceMapping::device_name),
        "launch.block-device-mapping.snapshot-id" = disk(bid, |ebs| ebs.snapshot_id.clone()),
        "launch.block-device-mapping.volume-size" = disk(bid, EbsBlockDevice::volume_size),
        "launch.block-device-mapping.volume-type" = disk(bid, |ebs| ebs.volume_type().map(|of| of.as_str().to_owned())),
        "launch.group-id" = each(launch_of(bid).map_or(&[][..], LaunchSpecification::security_groups), GroupIdentifier::group_id),
        "launch.group-name" =
            each(launch_of(bid).map_or(&[][..], LaunchSpecification::security_groups), GroupIdentifier::group_name),
        "launch.image-id" = launch_of(bid).and_then(LaunchSpecification::image_id),
        "launch.instance-type" = launch_of(bid).and_then(LaunchSpecification::instance_type),
        "launch.kernel-id" = launch_of(bid).and_then(LaunchSpecification::kernel_id),
        "launch.key-name" = launch_of(bid).and_then(LaunchSpecification::key_name),
        "launch.monitoring-enabled" = launch_of(bid)
            .and_then(LaunchSpecification::monitoring).and_then(RunInstancesMonitoringEnabled::enabled),
        "launch.ramdisk-id" = launch_of(bid).and_then(LaunchSpecification::ramdisk_id),
        "launched-availability-zone" = bid.request.launched_availability_zone(),
        "launched-availability-zone-id" = bid.request.launched_availability_zone_id(),
        "network-interface.addresses.primary" =
            nic(bid, |nic| each(nic.private_ip_addresses(), PrivateIpAddressSpecification::primary)),
        "network-interface.delete-on-termination" = nic(bid, InstanceNetworkInterfaceSpecification::delete_on_termination),
        "network-interface.description" = nic(bid, |nic| nic.description.clone()),
        "network-interface.device-index" = nic(bid, InstanceNetworkInterfaceSpecification::device_index),
        "network-interface.group-id" = nic(bid, |nic| nic.groups().to_vec()),
        "network-interface.network-interface-id" = nic(bid, |nic| nic.network_interface_id.clone()),
        "network-interface.private-ip-address" = nic(bid, |nic| nic.private_ip_address.clone()),
        "network-interface.subnet-id" = nic(bid, |nic| nic.subnet_id.clone()),
        "product-description" = bid.request.product_description(),
        "spot-instance-request-id" = bid.request.spot_instance_request_id(),
        "spot-price" = bid.request.spot_price(),
        "state" = bid.request.state(),
        "status-code" = bid.request.status().and_then(SpotInstanceStatus::code),
        "status-message" = bid.request.status().and_then(SpotInstanceStatus::message),
        "type" = bid.request.r#type(),
        "valid-from" = stamp(bid.request.valid_from()),
        "valid-until" = stamp(bid.request.valid_until()),
    );

    fn id(&self) -> &str {
        self.request.spot_instance_request_id().unwrap_or_default()
    }

    fn rows(region: &Region) -> &Table<Bid> {
        &region.bids
    }

    fn shown(&self, region: &Region) -> Bid {
        let mut shown = self.clone();
        shown.request.tags = Some(region.tags.of(self.id()));
        shown
    }
}

/// Parses a price.
pub(super) fn price(text: &str) -> Answer<f64> {
    let price: Option<f64> = text.parse().ok().filter(|price: &f64| price.is_finite() && *price > 0.0);
    price.ok_or_else(|| Refusal::bad_value(text, "price", "It must be a number greater than 0."))
}

/// Rejects interruption behaviours that are not modelled.
pub(super) fn check_interruption(behavior: Option<&InstanceInterruptionBehavior>) -> Answer<()> {
    match behavior {
        None | Some(InstanceInterruptionBehavior::Terminate) => Ok(()),
        Some(_) => Err(Refusal::NotModelled),
    }
}

impl Region {
    /// Returns the market options of a launch that takes a spot instance at once, or fails.
    pub(super) fn plan_market(
        &self,
        options: &InstanceMarketOptionsRequest,
        shape: &Shape,
        zone: &str,
        windows: bool,
    ) -> Answer<Terms> {
        if required(options.market_type(), "instanceMarketOptions.marketType")? != &MarketType::Spot {
            return Err(Refusal::NotModelled);
        }
        let asked = options.spot_options();
        if asked.is_some_and(|asked| asked.block_duration_minutes().is_some()) {
            return Err(Refusal::NotModelled);
        }
        check_interruption(asked.and_then(SpotMarketOptions::instance_interruption_behavior))?;
        if asked.and_then(SpotMarketOptions::spot_instance_type) == Some(&SpotInstanceType::Persistent) {
            let message = "Persistent Spot Instance requests are only supported when the instance interruption behavior is either hibernate or stop.";
            return Err(Refusal::combination(message));
        }
        if asked.is_some_and(|asked| asked.valid_until().is_some()) {
            return Err(Refusal::combination("The parameter validUntil is only supported for persistent requests."));
        }
        let now = self.spot_price(shape, zone, windows, self.now);
        let most = match asked.and_then(SpotMarketOptions::max_price) {
            Some(most) => price(most)?,
            None => shape.hourly(windows),
        };
        if most < now {
            let message = format!(
                "Your Spot request price of {most} is lower than the minimum required Spot request fulfillment price of {}.",
                dollars(now)
            );
            return Err(Refusal::new("SpotMaxPriceTooLow", message));
        }
        Ok(Terms { price: dollars(most) })
    }

    pub(super) fn put_status(&mut self, id: &str, state: SpotInstanceState, code: &str, message: impl Into<String>) {
        let now = self.stamp();
        if let Ok(bid) = self.bids.get_mut(id) {
            bid.request.state = Some(state);
            bid.request.status = Some(SpotInstanceStatus::builder().code(code).message(message).update_time(now).build());
        }
    }

    /// Records the request of a launched instance, whether it had one before or not.
    pub(super) fn put_spot_request_for(&mut self, instance_id: &str, launch: &Launch<'_>, terms: &Terms, tags: &[Tag]) {
        let id = self.ids.next("sir");
        let request = SpotInstanceRequest::builder()
            .spot_instance_request_id(&id)
            .spot_price(&terms.price)
            .r#type(SpotInstanceType::OneTime)
            .instance_interruption_behavior(InstanceInterruptionBehavior::Terminate)
            .product_description(product(launch.image.platform().is_some()))
            .launch_specification(self.specification(launch))
            .create_time(self.stamp());
        self.bids.put(Bid { request: request.build(), launch: launch.input.clone() });
        self.tags.put_all(&id, tags);
        self.fulfil(&id, instance_id);
    }

    /// Converts a launch to its form in the request's description.
    pub(super) fn specification(&self, launch: &Launch<'_>) -> LaunchSpecification {
        let input = launch.input;
        let place = SpotPlacement::builder()
            .availability_zone(&launch.zone.0)
            .set_group_name(input.placement().and_then(|place| place.group_name.clone()))
            .set_tenancy(input.placement().and_then(|place| place.tenancy.clone()));
        LaunchSpecification::builder()
            .set_image_id(launch.image.image_id.clone())
            .instance_type(launch.shape.name.as_str().into())
            .set_key_name(input.key_name.clone())
            .set_user_data(input.user_data.clone())
            .set_kernel_id(input.kernel_id.clone())
            .set_ramdisk_id(input.ramdisk_id.clone())
            .set_subnet_id(input.subnet_id.clone())
            .set_ebs_optimized(input.ebs_optimized)
            .set_block_device_mappings(input.block_device_mappings.clone())
            .set_network_interfaces(input.network_interfaces.clone())
            .set_iam_instance_profile(input.iam_instance_profile.clone())
            .set_security_groups(launch.groups())
            .monitoring(
                input.monitoring().cloned().unwrap_or_else(|| RunInstancesMonitoringEnabled::builder().enabled(false).build()),
            )
            .placement(place.build())
            .build()
    }

    fn fulfil(&mut self, id: &str, instance_id: &str) {
        let Ok(machine) = self.instances.get_mut(instance_id) else { return };
        machine.instance.instance_lifecycle = Some(InstanceLifecycleType::Spot);
        machine.instance.spot_instance_request_id = Some(id.to_owned());
        let placement = machine.instance.placement.clone();
        if let Ok(bid) = self.bids.get_mut(id) {
            bid.request.instance_id = Some(instance_id.to_owned());
            bid.request.launched_availability_zone = placement.as_ref().and_then(|place| place.availability_zone.clone());
            bid.request.launched_availability_zone_id = placement.and_then(|place| place.availability_zone_id);
        }
        self.put_status(id, SpotInstanceState::Active, "fulfilled", "Your Spot request is fulfilled.");
    }

    /// Evaluates an open request: too early, too late, price too low, or fulfilled.
    pub(super) fn spot_evaluated(&mut self, id: &str) {
        use SpotInstanceState::{Closed, Failed, Open};
        let Ok(bid) = self.bids.get(id).cloned() else { return };
        if bid.request.state() != Some(&Open) {
            return;
        }
        if bid.request.valid_until().is_some_and(|until| self.until(until).is_zero()) {
            return self.put_status(id, Closed, "schedule-expired", "Your Spot request has expired.");
        }
        let wait = bid.request.valid_from().map_or(Duration::ZERO, |from| self.until(from));
        if !wait.is_zero() {
            self.put_status(id, Open, "not-scheduled-yet", "Your Spot request is not evaluated until the scheduled date.");
            return self.later(wait, Region::spot_evaluated, id);
        }
        let launch = match self.plan(&bid.launch) {
            Ok(launch) => launch,
            Err(Refusal::Client { code, message }) => {
                if let Ok(bid) = self.bids.get_mut(id) {
                    bid.request.fault = Some(SpotInstanceStateFault::builder().code(code).message(&message).build());
                }
                return self.put_status(id, Failed, "bad-parameters", message);
            }
            // Checked when the request was made.
            Err(Refusal::NotModelled) => return,
        };
        let now = self.spot_price(&launch.shape, &launch.zone.0, launch.image.platform().is_some(), self.now);
        let most = bid.request.spot_price().and_then(|most| most.parse().ok()).unwrap_or(f64::INFINITY);
        if most < now {
            let message = format!(
                "Your Spot request price of {most} is lower than the minimum required Spot request fulfillment price of {}.",
                dollars(now)
            );
            self.put_status(id, Open, "price-too-low", message);
            return self.later(next_change(self.now), Region::spot_evaluated, id);
        }
        match self.launch_all(&launch, 1, 1) {
            Ok((_, instances)) => instances.iter().for_each(|instance_id| self.fulfil(id, instance_id)),
            Err(_) => {
                let message = "There is no Spot capacity available that matches your request.";
                self.put_status(id, Open, "capacity-not-available", message);
                self.later(next_change(self.now), Region::spot_evaluated, id);
            }
        }
    }

    /// Returns the time until then; zero if it is over.
    pub(super) fn until(&self, time: &DateTime) -> Duration {
        SystemTime::try_from(*time).ok().and_then(|time| time.duration_since(self.now).ok()).unwrap_or_default()
    }

    fn active_bid(&self, instance_id: &str) -> Option<&Bid> {
        self.bids.iter().find(|bid| {
            bid.request.instance_id() == Some(instance_id)
                && matches!(bid.request.state(), Some(SpotInstanceState::Active | SpotInstanceState::Disabled))
        })
    }

    /// Returns true if a stopped instance keeps its request.
    pub(super) fn spot_persists(&self, instance_id: &str) -> bool {
        self.active_bid(instance_id).is_some_and(|bid| bid.request.r#type() == Some(&SpotInstanceType::Persistent))
    }

    /// Updates the request of an instance whose state changes.
    pub(super) fn spot_changed(&mut self, instance_id: &str, state: SpotInstanceState, code: &str, message: &str) {
        if let Some(id) = self.active_bid(instance_id).map(|bid| bid.id().to_owned()) {
            self.put_status(&id, state, code, message);
        }
    }

    /// Handles a terminated instance: a one-time request is closed, a persistent one reopened.
    pub(super) fn close_spot_request(&mut self, instance_id: &str, by_amazon: bool) {
        let Some(bid) = self.active_bid(instance_id) else { return };
        let (id, persists) = (bid.id().to_owned(), self.spot_persists(instance_id));
        let (code, message) = if by_amazon {
            ("instance-terminated-no-capacity", "Your Spot Instance was terminated as there is no Spot capacity available.")
        } else {
            ("instance-terminated-by-user", "Your Spot Instance was terminated due to user-initiated termination.")
        };
        if persists {
            if let Ok(bid) = self.bids.get_mut(&id) {
                bid.request.instance_id = None;
            }
            self.put_status(&id, SpotInstanceState::Open, code, message);
            self.later(delays::SPOT, Region::spot_evaluated, &id);
        } else {
            self.put_status(&id, SpotInstanceState::Closed, code, message);
        }
    }
}

pub(super) fn product(windows: bool) -> RiProductDescription {
    if windows { RiProductDescription::Windows } else { RiProductDescription::LinuxUnix }
}
