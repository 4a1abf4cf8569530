//! Fleets: instances of several templates and types, requested once or maintained.

use aws_sdk_ec2::operation::create_fleet::{CreateFleetInput, CreateFleetOutput};
use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::filter::{Field, filters};
use super::fleet_pools::Pool;
use super::ids::Kind;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::spot_prices::next_change;
use super::table::{Record, Table};
use super::tags::{of_kind, specified};

/// A fleet and its pools.
#[derive(Clone, Debug)]
pub(super) struct Fleet {
    pub(super) data: FleetData,
    pools: Vec<Pool>,
    tags: Vec<(String, Vec<Tag>)>,
    /// The target capacity: on-demand and spot.
    demand: i32,
    spot: i32,
    diversified: bool,
    pub(super) members: Vec<Member>,
}

/// An instance of a fleet.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) instance_id: String,
    weight: f64,
    spot: bool,
}

impl Record for Fleet {
    const KIND: &'static Kind = &Kind {
        prefix: "fleet",
        resource: "fleet",
        not_found: "InvalidFleetId.NotFound",
        absent: "The fleet ID '{}' does not exist",
        malformed: None,
    };
    const FILTERS: &'static [Field<Fleet>] = filters!(fleet: Fleet =>
        "activity-status" = fleet.data.activity_status(),
        "excess-capacity-termination-policy" = fleet.data.excess_capacity_termination_policy(),
        "fleet-state" = fleet.data.fleet_state(),
        "replace-unhealthy-instances" = fleet.data.replace_unhealthy_instances(),
        "type" = fleet.data.r#type(),
    );

    fn id(&self) -> &str {
        self.data.fleet_id().unwrap_or_default()
    }

    fn rows(region: &Region) -> &Table<Fleet> {
        &region.fleets
    }

    fn shown(&self, region: &Region) -> Fleet {
        let mut shown = self.clone();
        let (demand, spot) = region.filled(self);
        shown.data.tags = Some(region.tags.of(self.id()));
        shown.data.fulfilled_capacity = Some(demand + spot);
        shown.data.fulfilled_on_demand_capacity = Some(demand);
        shown
    }
}

/// The launched instances, and the errors.
#[derive(Default)]
struct Filled {
    instances: Vec<CreateFleetInstance>,
    errors: Vec<CreateFleetError>,
    members: Vec<Member>,
}

/// Returns the target capacities: on-demand and spot.
fn targets(asked: &TargetCapacitySpecificationRequest) -> Answer<(i32, i32)> {
    let total = required(asked.total_target_capacity(), "TargetCapacitySpecification.TotalTargetCapacity")?;
    if asked.target_capacity_unit_type().is_some_and(|unit| *unit != TargetCapacityUnitType::Units) {
        return Err(Refusal::NotModelled);
    }
    let (demand, spot) = (asked.on_demand_target_capacity().unwrap_or(0), asked.spot_target_capacity().unwrap_or(0));
    if total < 1 || demand < 0 || spot < 0 || demand.saturating_add(spot) > total {
        let why = "The capacities must not be negative, and those of Spot and On-Demand not exceed the total.";
        return Err(Refusal::bad_value(total, "totalTargetCapacity", why));
    }
    let rest = total - demand - spot;
    Ok(match asked.default_target_capacity_type() {
        Some(DefaultTargetCapacityType::Spot) => (demand, spot + rest),
        Some(DefaultTargetCapacityType::OnDemand) | None => (demand + rest, spot),
        Some(_) => return Err(Refusal::NotModelled),
    })
}

/// Rejects settings that are not modelled.
fn refuse_unknown(input: &CreateFleetInput) -> Answer<()> {
    let spot = input.spot_options().is_some_and(|own| {
        own.maintenance_strategies().is_some()
            || own.single_instance_type().is_some()
            || own.single_availability_zone().is_some()
            || own.min_target_capacity().is_some()
            || own.max_total_price().is_some()
            || own.instance_interruption_behavior().is_some_and(|how| *how != SpotInstanceInterruptionBehavior::Terminate)
    });
    let demand = input.on_demand_options().is_some_and(|own| {
        own.capacity_reservation_options().is_some()
            || own.single_instance_type().is_some()
            || own.single_availability_zone().is_some()
            || own.min_target_capacity().is_some()
            || own.max_total_price().is_some()
    });
    let healthy = input.replace_unhealthy_instances() == Some(true);
    let expires = input.terminate_instances_with_expiration() == Some(true) && input.valid_until().is_some();
    let unknown =
        spot || demand || healthy || expires || input.reserved_capacity_options().is_some() || input.context().is_some();
    if unknown { Err(Refusal::NotModelled) } else { Ok(()) }
}

impl Region {
    /// Fills a fleet of the type `instant` at once, others a little later.
    pub(super) fn create_fleet(&mut self, input: CreateFleetInput) -> Answer<CreateFleetOutput> {
        refuse_unknown(&input)?;
        let kind = input.r#type().cloned().unwrap_or(FleetType::Maintain);
        let instant = kind == FleetType::Instant;
        // Only these tag their instances; others leave it to their templates.
        let kinds: &[&str] = if instant { &["fleet", "instance", "volume", "network-interface"] } else { &["fleet"] };
        let tags = specified(input.tag_specifications(), kinds)?;
        let target = required(input.target_capacity_specification(), "TargetCapacitySpecification")?;
        let (demand, spot) = targets(target)?;
        let mut pools = self.pools(required_list(input.launch_template_configs(), "LaunchTemplateConfigs")?)?;
        let configs = configs_of(&pools);
        pools.sort_by(|a, b| a.cheaper(b, input.on_demand_options().and_then(OnDemandOptionsRequest::allocation_strategy)));
        let strategy = input.spot_options().and_then(SpotOptionsRequest::allocation_strategy);
        let diversified = strategy == Some(&SpotAllocationStrategy::Diversified);
        let id = fleet_id(&self.ids.next("fleet"));
        let target = TargetCapacitySpecification::builder()
            .set_total_target_capacity(target.total_target_capacity)
            .on_demand_target_capacity(demand)
            .spot_target_capacity(spot)
            .set_default_target_capacity_type(target.default_target_capacity_type.clone())
            .build();
        let data = FleetData::builder()
            .fleet_id(&id)
            .r#type(kind)
            .fleet_state(FleetStateCode::Submitted)
            .activity_status(FleetActivityStatus::PendingFulfillment)
            .create_time(self.stamp())
            .set_client_token(input.client_token.clone())
            .set_excess_capacity_termination_policy(input.excess_capacity_termination_policy.clone())
            .target_capacity_specification(target)
            .set_launch_template_configs(Some(configs))
            .terminate_instances_with_expiration(input.terminate_instances_with_expiration().unwrap_or(false))
            .replace_unhealthy_instances(false)
            .set_valid_from(input.valid_from)
            .set_valid_until(input.valid_until)
            .build();
        self.tags.put_all(&id, &of_kind(&tags, "fleet"));
        self.fleets.put(Fleet { data, pools, tags, demand, spot, diversified, members: Vec::new() });
        if instant {
            let Filled { instances, errors, .. } = self.fill_fleet(&id);
            return Ok(CreateFleetOutput::builder().fleet_id(id).set_instances(Some(instances)).set_errors(Some(errors)).build());
        }
        let wait = input.valid_from().map_or(delays::SPOT, |from| self.until(from).max(delays::SPOT));
        self.later(wait, Region::fleet_due, &id);
        Ok(CreateFleetOutput::builder().fleet_id(id).build())
    }

    /// Returns the current capacity of a fleet: on-demand and spot.
    fn filled(&self, fleet: &Fleet) -> (f64, f64) {
        let there = fleet.members.iter().filter(|member| !self.is_over(&member.instance_id));
        there.fold(
            (0.0, 0.0),
            |(demand, spot), member| {
                if member.spot { (demand, spot + member.weight) } else { (demand + member.weight, spot) }
            },
        )
    }

    /// Fills the fleet, or refills it.
    fn fleet_due(&mut self, id: &str) {
        let now = self.stamp();
        let due = self.fleets.get(id).is_ok_and(|fleet| {
            matches!(fleet.data.fleet_state(), Some(FleetStateCode::Submitted | FleetStateCode::Active))
                && fleet.data.valid_until().is_none_or(|until| until.as_nanos() > now.as_nanos())
        });
        if due {
            self.fill_fleet(id);
        }
    }

    /// Replaces a terminated instance, if the fleet maintains its capacity.
    pub(super) fn fleet_lost(&mut self, instance_id: &str) {
        let keeps = |fleet: &&Fleet| {
            fleet.data.r#type() == Some(&FleetType::Maintain)
                && fleet.members.iter().any(|member| member.instance_id == instance_id)
        };
        let fleet = self.fleets.iter().find(keeps).map(|fleet| fleet.id().to_owned());
        if let Some(id) = fleet {
            self.later(delays::SPOT, Region::fleet_due, &id);
        }
    }

    /// Launches the missing instances, and returns the result.
    fn fill_fleet(&mut self, id: &str) -> Filled {
        let mut filled = Filled::default();
        let Ok(fleet) = self.fleets.get(id).cloned() else { return filled };
        let (has_demand, has_spot) = self.filled(&fleet);
        let (demand, spot) = (f64::from(fleet.demand) - has_demand, f64::from(fleet.spot) - has_spot);
        self.fill(&fleet, &fleet.pools, demand, false, &mut filled);
        if fleet.diversified {
            let each = (spot / f64::from(u32::try_from(fleet.pools.len()).unwrap_or(1).max(1))).floor();
            for pool in fleet.pools.iter().skip(1) {
                self.fill(&fleet, std::slice::from_ref(pool), each, true, &mut filled);
            }
        }
        let launched: f64 = filled.members.iter().filter(|member| member.spot).map(|member| member.weight).sum();
        self.fill(&fleet, &fleet.pools, spot - launched, true, &mut filled);
        let Ok(fleet) = self.fleets.get_mut(id) else { return filled };
        fleet.members.extend(filled.members.iter().cloned());
        fleet.data.fleet_state = Some(FleetStateCode::Active);
        let status = if filled.errors.is_empty() { FleetActivityStatus::Fulfilled } else { FleetActivityStatus::Error };
        fleet.data.activity_status = Some(status);
        fleet.data.errors = Some(filled.errors.iter().map(described_error).collect());
        if fleet.data.r#type() == Some(&FleetType::Instant) {
            fleet.data.instances = Some(filled.instances.iter().map(described_instances).collect());
        }
        if fleet.data.r#type() == Some(&FleetType::Maintain) && !filled.errors.is_empty() {
            // The price may have changed by then.
            self.later(next_change(self.now), Region::fleet_due, id);
        }
        filled
    }

    /// Launches instances from the first pool that has them, until the capacity is reached.
    fn fill(&mut self, fleet: &Fleet, pools: &[Pool], mut missing: f64, spot: bool, filled: &mut Filled) {
        for pool in pools {
            if missing <= 0.0 {
                return;
            }
            let lifecycle = if spot { InstanceLifecycle::Spot } else { InstanceLifecycle::OnDemand };
            // As many as needed; the last one may exceed the target.
            let count = (missing / pool.weight).ceil().min(1000.0) as i32;
            match pool.launch(count, spot, &fleet.tags).and_then(|run| self.launch_for_fleet(fleet.id(), run)) {
                Ok(ids) => {
                    missing -= f64::from(u32::try_from(ids.len()).unwrap_or(0)) * pool.weight;
                    let member = |id: &String| Member { instance_id: id.clone(), weight: pool.weight, spot };
                    filled.members.extend(ids.iter().map(member));
                    let first = ids.first().and_then(|id| self.instances.get(id).ok()).map(|machine| &machine.instance);
                    let place = first.and_then(Instance::placement);
                    let made = CreateFleetInstance::builder()
                        .launch_template_and_overrides(pool.shown.clone())
                        .lifecycle(lifecycle)
                        .set_instance_type(first.and_then(|first| first.instance_type.clone()))
                        .set_platform(first.and_then(|first| first.platform.clone()))
                        .set_availability_zone(place.and_then(|place| place.availability_zone.clone()))
                        .set_availability_zone_id(place.and_then(|place| place.availability_zone_id.clone()))
                        .set_subnet_id(first.and_then(|first| first.subnet_id.clone()))
                        .set_instance_ids(Some(ids));
                    filled.instances.push(made.build());
                }
                Err(refusal) => {
                    let (code, message) = match refusal {
                        Refusal::Client { code, message } => (code, message),
                        Refusal::NotModelled => ("NotImplemented", "the template uses settings that are not modelled".to_owned()),
                    };
                    let error = CreateFleetError::builder()
                        .launch_template_and_overrides(pool.shown.clone())
                        .lifecycle(lifecycle)
                        .error_code(code)
                        .error_message(message);
                    filled.errors.push(error.build());
                }
            }
        }
    }

    fn launch_for_fleet(&mut self, fleet_id: &str, run: RunInstancesInput) -> Answer<Vec<String>> {
        let (run, mut own_tags) = self.with_template(run)?;
        own_tags.push(Tag::builder().key("aws:ec2:fleet-id").value(fleet_id).build());
        let mut launch = self.plan(&run)?;
        launch.tag("instance", own_tags);
        let count = run.max_count().unwrap_or(1);
        self.launch_all(&launch, 1, count).map(|(_, ids)| ids)
    }
}

/// Converts launched instances to their later description.
fn described_instances(made: &CreateFleetInstance) -> DescribeFleetsInstances {
    DescribeFleetsInstances::builder()
        .set_launch_template_and_overrides(made.launch_template_and_overrides.clone())
        .set_lifecycle(made.lifecycle.clone())
        .set_instance_ids(made.instance_ids.clone())
        .set_instance_type(made.instance_type.clone())
        .set_platform(made.platform.clone())
        .build()
}

fn described_error(error: &CreateFleetError) -> DescribeFleetError {
    DescribeFleetError::builder()
        .set_launch_template_and_overrides(error.launch_template_and_overrides.clone())
        .set_lifecycle(error.lifecycle.clone())
        .set_error_code(error.error_code.clone())
        .set_error_message(error.error_message.clone())
        .build()
}

/// `fleet-` and a UUID, as in AWS.
fn fleet_id(counted: &str) -> String {
    let digits = format!("{:0>32}", counted.trim_start_matches("fleet-"));
    let mut id = "fleet".to_owned();
    let mut rest = digits.as_str();
    for length in [8, 4, 4, 4, 12] {
        let (part, more) = rest.split_at(length);
        id.push('-');
        id.push_str(part);
        rest = more;
    }
    id
}

/// Returns the pools in the form of the request: a template with its overrides.
fn configs_of(pools: &[Pool]) -> Vec<FleetLaunchTemplateConfig> {
    let mut configs: Vec<FleetLaunchTemplateConfig> = Vec::new();
    for pool in pools {
        let template = pool.shown.launch_template_specification.clone();
        let overrides = pool.shown.overrides.clone();
        match configs.last_mut().filter(|config| config.launch_template_specification == template) {
            Some(config) => config.overrides.get_or_insert_default().extend(overrides),
            None => {
                let overrides = Some(overrides.into_iter().collect());
                let config =
                    FleetLaunchTemplateConfig::builder().set_launch_template_specification(template).set_overrides(overrides);
                configs.push(config.build());
            }
        }
    }
    configs
}
