//! The sources of a fleet's instances: a template with one set of overrides is a pool.

use std::cmp::Ordering;

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types::*;

use super::instance_types::Shape;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::Record;

/// A template, and the fleet's overrides.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    overrides: Option<FleetLaunchTemplateOverridesRequest>,
    user_data: Option<String>,
    /// The capacity of one instance.
    pub(super) weight: f64,
    /// The on-demand price per unit of capacity.
    price: f64,
    pub(super) shown: LaunchTemplateAndOverridesResponse,
}

fn refuse_unknown(overrides: &FleetLaunchTemplateOverridesRequest) -> Answer<()> {
    let unknown = overrides.instance_requirements().is_some()
        || !overrides.block_device_mappings().is_empty()
        || overrides.iam_instance_profile().is_some()
        || overrides.metadata_options().is_some();
    if unknown { Err(Refusal::NotModelled) } else { Ok(()) }
}

fn shown(own: &FleetLaunchTemplateOverridesRequest) -> FleetLaunchTemplateOverrides {
    FleetLaunchTemplateOverrides::builder()
        .set_instance_type(own.instance_type.clone())
        .set_max_price(own.max_price.clone())
        .set_subnet_id(own.subnet_id.clone())
        .set_availability_zone(own.availability_zone.clone())
        .set_availability_zone_id(own.availability_zone_id.clone())
        .set_weighted_capacity(own.weighted_capacity)
        .set_priority(own.priority)
        .set_image_id(own.image_id.clone())
        .set_placement(own.placement().map(|place| PlacementResponse::builder().set_group_name(place.group_name.clone()).build()))
        .build()
}

impl Region {
    /// Returns all pools, in the order of the request.
    pub(super) fn pools(&self, configs: &[FleetLaunchTemplateConfigRequest]) -> Answer<Vec<Pool>> {
        let mut pools = Vec::new();
        for config in configs {
            let asked = required(config.launch_template_specification(), "LaunchTemplateSpecification")?;
            let template = self.template(asked.launch_template_id(), asked.launch_template_name())?;
            let version = template.version(Some(required(asked.version(), "LaunchTemplateSpecification.Version")?))?;
            let specification = FleetLaunchTemplateSpecification::builder()
                .launch_template_id(template.id())
                .set_launch_template_name(asked.launch_template_name.clone())
                .version(version.version_number().unwrap_or(0).to_string())
                .build();
            let own_type = version.launch_template_data().and_then(ResponseLaunchTemplateData::instance_type);
            let overrides: Vec<Option<&FleetLaunchTemplateOverridesRequest>> =
                if config.overrides().is_empty() { vec![None] } else { config.overrides().iter().map(Some).collect() };
            for own in overrides {
                own.map(refuse_unknown).transpose()?;
                let weight = own.and_then(FleetLaunchTemplateOverridesRequest::weighted_capacity).unwrap_or(1.0);
                if !(weight.is_finite() && weight > 0.0) {
                    return Err(Refusal::bad_value(weight, "weightedCapacity", "It must be greater than 0."));
                }
                let of = own.and_then(FleetLaunchTemplateOverridesRequest::instance_type).or(own_type);
                let hourly = of.and_then(|of| Shape::of(of.as_str())).map_or(f64::INFINITY, |shape| shape.hourly(false));
                pools.push(Pool {
                    overrides: own.cloned(),
                    user_data: asked.launch_template_specification_user_data.clone(),
                    weight,
                    price: hourly / weight,
                    shown: LaunchTemplateAndOverridesResponse::builder()
                        .launch_template_specification(specification.clone())
                        .set_overrides(own.map(shown))
                        .build(),
                });
            }
        }
        Ok(pools)
    }
}

impl Pool {
    /// Orders two pools by the strategy.
    pub(super) fn cheaper(&self, other: &Pool, strategy: Option<&FleetOnDemandAllocationStrategy>) -> Ordering {
        let priority = |pool: &Pool| pool.overrides.as_ref().and_then(|own| own.priority).unwrap_or(f64::INFINITY);
        match strategy {
            Some(FleetOnDemandAllocationStrategy::Prioritized) => priority(self).total_cmp(&priority(other)),
            _ => self.price.total_cmp(&other.price),
        }
    }

    /// Returns the launch of this many instances.
    pub(super) fn launch(&self, count: i32, spot: bool, tags: &[(String, Vec<Tag>)]) -> Answer<RunInstancesInput> {
        let of = self.shown.launch_template_specification();
        let template = LaunchTemplateSpecification::builder()
            .set_launch_template_id(of.and_then(|of| of.launch_template_id.clone()))
            .set_version(of.and_then(|of| of.version.clone()));
        let specifications = tags.iter().filter(|(kind, _)| kind != "fleet").map(|(kind, tags)| {
            TagSpecification::builder().resource_type(kind.as_str().into()).set_tags(Some(tags.clone())).build()
        });
        let own = self.overrides.as_ref();
        let mut placement = own.and_then(|own| own.placement.clone());
        if let Some(own) = own.filter(|own| own.availability_zone.is_some() || own.availability_zone_id.is_some()) {
            let place = placement.get_or_insert_with(|| Placement::builder().build());
            place.availability_zone.clone_from(&own.availability_zone);
            place.availability_zone_id.clone_from(&own.availability_zone_id);
        }
        let market = spot.then(|| {
            let price = SpotMarketOptions::builder().set_max_price(own.and_then(|own| own.max_price.clone())).build();
            InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).spot_options(price).build()
        });
        RunInstancesInput::builder()
            .min_count(1)
            .max_count(count)
            .launch_template(template.build())
            .set_instance_type(own.and_then(|own| own.instance_type.clone()))
            .set_subnet_id(own.and_then(|own| own.subnet_id.clone()))
            .set_image_id(own.and_then(|own| own.image_id.clone()))
            .set_key_name(own.and_then(|own| own.key_name.clone()))
            .set_user_data(self.user_data.clone())
            .set_placement(placement)
            .set_instance_market_options(market)
            .set_tag_specifications(Some(specifications.collect()))
            .build()
            .map_err(|error| Refusal::value(error.to_string()))
    }
}
