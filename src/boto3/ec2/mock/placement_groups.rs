//! Placement groups, and the instances in them.

use aws_sdk_ec2::operation::{create_placement_group::*, delete_placement_group::*, describe_placement_groups::*};
use aws_sdk_ec2::types::*;

use super::filter::filters;
use super::instance_types::Shape;
use super::instances::Machine;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    PlacementGroup in placement_groups by group_id, tagged tags,
    Kind {
        prefix: "pg",
        resource: "placement-group",
        not_found: "InvalidPlacementGroup.Unknown",
        absent: "The Placement Group '{}' is unknown.",
        malformed: None,
    },
    filters!(group: PlacementGroup =>
        "group-arn" = group.group_arn(),
        "group-name" = group.group_name(),
        "spread-level" = group.spread_level(),
        "state" = group.state(),
        "strategy" = group.strategy(),
    )
);

const MOST_PARTITIONS: i32 = 7;
/// The maximum number of instances of a spread group in one zone.
const MOST_SPREAD: usize = 7;

impl Region {
    fn placement_group_named(&self, name: &str) -> Answer<&PlacementGroup> {
        let found = self.placement_groups.iter().find(|group| group.group_name() == Some(name));
        found.ok_or_else(|| PlacementGroup::KIND.absent_name(name))
    }

    /// Returns the group of a placement, by name or by id. An empty name means none.
    pub(super) fn placement_group(&self, name: Option<&str>, id: Option<&str>) -> Answer<Option<&PlacementGroup>> {
        match (name.filter(|name| !name.is_empty()), id.filter(|id| !id.is_empty())) {
            (Some(_), Some(_)) => {
                Err(Refusal::combination("Specify either the name of the placement group or its ID, not both."))
            }
            (Some(name), None) => self.placement_group_named(name).map(Some),
            (None, Some(id)) => self.placement_groups.get(id).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Returns the existing instances of a group.
    fn placed_in(&self, group: &PlacementGroup) -> impl Iterator<Item = &Machine> {
        let name = group.group_name().unwrap_or_default();
        self.instances.iter().filter(move |machine| {
            machine.state() != InstanceStateName::Terminated
                && machine.instance.placement().and_then(Placement::group_name) == Some(name)
        })
    }

    /// Returns the requested group, if it can take this many more instances of this shape in this
    /// zone.
    pub(super) fn plan_group(
        &self,
        placement: Option<&Placement>,
        shape: &Shape,
        zone: &str,
        count: i32,
    ) -> Answer<Option<PlacementGroup>> {
        let Some(placement) = placement else { return Ok(None) };
        let group = self.placement_group(placement.group_name(), placement.group_id())?;
        let strategy = group.and_then(PlacementGroup::strategy);
        if let Some(partition) = placement.partition_number() {
            let most = group.and_then(PlacementGroup::partition_count).unwrap_or(0);
            if strategy != Some(&PlacementStrategy::Partition) {
                let message =
                    "The parameter PartitionNumber may only be used with a placement group of the strategy 'partition'.";
                return Err(Refusal::combination(message));
            }
            if !(1..=most).contains(&partition) {
                return Err(Refusal::bad_value(partition, "partitionNumber", &format!("The group has {most} partitions.")));
            }
        }
        let Some(group) = group else { return Ok(None) };
        if strategy == Some(&PlacementStrategy::Cluster) && !shape.clusters() {
            let message = format!(
                "Cluster placement groups are not supported by the '{}' instance type. Specify a supported instance type or change the placement group strategy, and try again.",
                shape.name
            );
            return Err(Refusal::combination(message));
        }
        if strategy == Some(&PlacementStrategy::Spread) {
            let there = self.placed_in(group).filter(|machine| machine.zone() == Some(zone)).count();
            if there + usize::try_from(count).unwrap_or(0) > MOST_SPREAD {
                let message =
                    format!("A spread placement group has at most {MOST_SPREAD} running instances in an Availability Zone.");
                return Err(Refusal::new("InsufficientInstanceCapacity", message));
            }
        }
        Ok(Some(group.clone()))
    }

    /// Places an instance in this group: in the requested partition, otherwise in the one with the
    /// fewest instances.
    pub(super) fn put_in_group(&self, placement: &mut Placement, group: &PlacementGroup) {
        placement.group_name.clone_from(&group.group_name);
        placement.group_id.clone_from(&group.group_id);
        if placement.partition_number.is_none()
            && let Some(partitions) = group.partition_count()
        {
            let number = |machine: &Machine| machine.instance.placement().and_then(Placement::partition_number);
            let used: Vec<Option<i32>> = self.placed_in(group).map(number).collect();
            let load = |partition: &i32| used.iter().filter(|used| **used == Some(*partition)).count();
            placement.partition_number = (1..=partitions).min_by_key(load);
        }
    }

    pub(super) fn create_placement_group(&mut self, input: CreatePlacementGroupInput) -> Answer<CreatePlacementGroupOutput> {
        let tags = specified_for(input.tag_specifications(), "placement-group")?;
        let name = required(input.group_name(), "groupName")?;
        if name.is_empty() || name.chars().count() > 255 || !name.is_ascii() {
            return Err(Refusal::bad_value(name, "groupName", "It must be of 1 to 255 ASCII characters."));
        }
        if input.linked_group_id().is_some() || input.parent_group_id().is_some() || input.operator().is_some() {
            return Err(Refusal::NotModelled);
        }
        let strategy = input.strategy().cloned().unwrap_or(PlacementStrategy::Cluster);
        let known = [PlacementStrategy::Cluster, PlacementStrategy::Spread, PlacementStrategy::Partition];
        if !known.contains(&strategy) {
            return Err(Refusal::bad_value(strategy.as_str(), "strategy", "Valid values are cluster, spread and partition."));
        }
        let partitioned = strategy == PlacementStrategy::Partition;
        if input.partition_count().is_some() && !partitioned {
            return Err(Refusal::combination("The parameter PartitionCount may only be used with the strategy 'partition'."));
        }
        if let Some(count) = input.partition_count().filter(|count| !(1..=MOST_PARTITIONS).contains(count)) {
            return Err(Refusal::bad_value(count, "partitionCount", "Valid values are from 1 to 7."));
        }
        if input.spread_level().is_some() && strategy != PlacementStrategy::Spread {
            return Err(Refusal::combination("The parameter SpreadLevel may only be used with the strategy 'spread'."));
        }
        if input.spread_level() == Some(&SpreadLevel::Host) {
            return Err(Refusal::value("The spread level 'host' is for AWS Outposts only."));
        }
        if self.placement_group_named(name).is_ok() {
            let message = format!("The Placement Group '{name}' already exists.");
            return Err(Refusal::new("InvalidPlacementGroup.Duplicate", message));
        }
        let id = self.ids.next("pg");
        let spread = (strategy == PlacementStrategy::Spread).then_some(SpreadLevel::Rack);
        let group = PlacementGroup::builder()
            .group_id(&id)
            .group_name(name)
            .group_arn(self.arn("placement-group", name))
            .state(PlacementGroupState::Available)
            .strategy(strategy)
            .set_partition_count(partitioned.then(|| input.partition_count().unwrap_or(2)))
            .set_spread_level(spread);
        self.placement_groups.put(group.build());
        self.tags.put_all(&id, &tags);
        let made = self.placement_groups.get(&id)?.shown(self);
        Ok(CreatePlacementGroupOutput::builder().placement_group(made).build())
    }

    pub(super) fn describe_placement_groups(
        &mut self,
        input: DescribePlacementGroupsInput,
    ) -> Answer<DescribePlacementGroupsOutput> {
        for name in input.group_names() {
            self.placement_group_named(name)?;
        }
        let mut groups: Vec<PlacementGroup> = self.listed(input.group_ids(), input.filters())?;
        let names = input.group_names();
        groups.retain(|group| names.is_empty() || names.iter().any(|name| Some(name.as_str()) == group.group_name()));
        Ok(DescribePlacementGroupsOutput::builder().set_placement_groups(Some(groups)).build())
    }

    pub(super) fn delete_placement_group(&mut self, input: DeletePlacementGroupInput) -> Answer<DeletePlacementGroupOutput> {
        let name = required(input.group_name(), "groupName")?;
        let group = self.placement_group_named(name)?;
        if self.placed_in(group).next().is_some() {
            let message = format!("The placement group '{name}' is in use and may not be deleted.");
            return Err(Refusal::new("InvalidPlacementGroup.InUse", message));
        }
        let id = group.id().to_owned();
        self.placement_groups.take(&id)?;
        self.tags.forget(&id);
        Ok(DeletePlacementGroupOutput::builder().build())
    }
}
