//! Placement groups, and launches into them.

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesInputBuilder;
use aws_sdk_ec2::types::*;
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, on_mock, tag};

on_mock!(
    "moto has no placement groups",
    [
        a_group_has_a_strategy,
        a_group_of_the_same_name,
        a_group_that_is_not_there,
        groups_have_tags,
        groups_by_filter,
        a_strategy_has_its_options,
        a_deleted_group_is_gone,
        a_group_in_use,
        a_launch_into_a_group,
        a_launch_into_an_absent_group,
        a_cluster_has_no_burstable_instances,
        a_group_that_is_spread_has_seven,
        partitions_are_filled_evenly,
        a_partition_that_is_not_there,
        a_stopped_instance_changes_its_group,
    ]
);

fn make(lab: &Lab, name: &str, strategy: PlacementStrategy) -> PlacementGroup {
    lab.ec2.create_placement_group(|group| group.group_name(name).strategy(strategy)).wait().unwrap().placement_group.unwrap()
}

fn launch(
    lab: &Lab,
    of: InstanceType,
    place: Placement,
    how: impl FnOnce(RunInstancesInputBuilder) -> RunInstancesInputBuilder,
) -> Result<Vec<Instance>, Error> {
    let image = lab.image();
    let run = lab.ec2.run_instances(|run| how(run.image_id(image).instance_type(of).placement(place).min_count(1).max_count(1)));
    Ok(run.wait()?.instances.unwrap())
}

fn into(name: &str) -> Placement {
    Placement::builder().group_name(name).build()
}

fn placement(lab: &Lab, id: &str) -> Placement {
    lab.instance(id).placement.unwrap()
}

fn a_group_has_a_strategy(lab: &Lab) {
    let made = make(lab, "near", PlacementStrategy::Cluster);
    assert!(made.group_id().unwrap().starts_with("pg-"));
    assert_eq!(made.group_arn(), Some("arn:aws:ec2:us-east-1:123456789012:placement-group/near"));
    assert_eq!((made.state(), made.strategy()), (Some(&PlacementGroupState::Available), Some(&PlacementStrategy::Cluster)));
    assert_eq!((made.partition_count(), made.spread_level()), (None, None));
    let by_name = lab.ec2.describe_placement_groups(|which| which.group_names("near")).wait().unwrap();
    let by_id = lab.ec2.describe_placement_groups(|which| which.group_ids(made.group_id().unwrap())).wait().unwrap();
    assert_eq!((by_name.placement_groups(), by_id.placement_groups()), (&[made.clone()][..], &[made][..]));
}

fn a_group_of_the_same_name(lab: &Lab) {
    make(lab, "near", PlacementStrategy::Cluster);
    let again = lab.ec2.create_placement_group(|group| group.group_name("near").strategy(PlacementStrategy::Spread)).wait();
    assert_eq!(code(again), "InvalidPlacementGroup.Duplicate");
}

fn a_group_that_is_not_there(lab: &Lab) {
    let error = lab.ec2.describe_placement_groups(|which| which.group_names("absent")).wait().unwrap_err();
    assert_eq!(error.code(), Some("InvalidPlacementGroup.Unknown"));
    assert_eq!(error.client().unwrap().message, "The Placement Group 'absent' is unknown.");
    assert_eq!(code(lab.ec2.delete_placement_group(|which| which.group_name("absent")).wait()), "InvalidPlacementGroup.Unknown");
}

fn groups_have_tags(lab: &Lab) {
    let tags = TagSpecification::builder().resource_type(ResourceType::PlacementGroup).tags(tag("team", "blue")).build();
    let made = lab.ec2.create_placement_group(|group| group.group_name("near").tag_specifications(tags)).wait().unwrap();
    let made = made.placement_group.unwrap();
    assert_eq!((made.tags(), made.strategy()), (&[tag("team", "blue")][..], Some(&PlacementStrategy::Cluster)));
    let id = made.group_id().unwrap();
    lab.ec2.create_tags(|which| which.resources(id).tags(tag("team", "red"))).wait().unwrap();
    let red = lab.ec2.describe_placement_groups(|which| which.filters(filter("tag:team", ["red"]))).wait().unwrap();
    assert_eq!(red.placement_groups()[0].group_id(), Some(id));
}

fn groups_by_filter(lab: &Lab) {
    make(lab, "near", PlacementStrategy::Cluster);
    make(lab, "far", PlacementStrategy::Spread);
    let named = |name: &str, value: &str| {
        let groups = lab.ec2.describe_placement_groups(|which| which.filters(filter(name, [value]))).wait().unwrap();
        groups.placement_groups().iter().map(|group| group.group_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("strategy", "spread"), ["far"]);
    assert_eq!(named("group-name", "n*"), ["near"]);
    assert_eq!(named("spread-level", "rack"), ["far"]);
    assert_eq!(named("state", "available"), ["near", "far"]);
}

fn a_strategy_has_its_options(lab: &Lab) {
    let parted = lab.ec2.create_placement_group(|group| group.group_name("parted").strategy(PlacementStrategy::Partition)).wait();
    assert_eq!(parted.unwrap().placement_group.unwrap().partition_count(), Some(2));
    for count in [0, 8] {
        let bad = lab.ec2.create_placement_group(|group| {
            group.group_name("bad").strategy(PlacementStrategy::Partition).partition_count(count)
        });
        assert_eq!(code(bad.wait()), "InvalidParameterValue");
    }
    let bad =
        lab.ec2.create_placement_group(|group| group.group_name("bad").strategy(PlacementStrategy::Spread).partition_count(2));
    assert_eq!(code(bad.wait()), "InvalidParameterCombination");
    let bad = lab.ec2.create_placement_group(|group| group.group_name("bad").spread_level(SpreadLevel::Rack));
    assert_eq!(code(bad.wait()), "InvalidParameterCombination");
    assert_eq!(code(lab.ec2.create_placement_group(|group| group).wait()), "MissingParameter");
}

fn a_deleted_group_is_gone(lab: &Lab) {
    make(lab, "near", PlacementStrategy::Cluster);
    lab.ec2.delete_placement_group(|which| which.group_name("near")).wait().unwrap();
    assert_eq!(lab.ec2.describe_placement_groups(|which| which).wait().unwrap().placement_groups(), []);
    make(lab, "near", PlacementStrategy::Cluster);
}

fn a_group_in_use(lab: &Lab) {
    make(lab, "near", PlacementStrategy::Cluster);
    let instances = launch(lab, InstanceType::M5Large, into("near"), |run| run).unwrap();
    let delete = || lab.ec2.delete_placement_group(|which| which.group_name("near")).wait();
    assert_eq!(code(delete()), "InvalidPlacementGroup.InUse");
    lab.ec2.terminate_instances(|which| which.instance_ids(instances[0].instance_id().unwrap())).wait().unwrap();
    lab.settle();
    delete().unwrap();
}

fn a_launch_into_a_group(lab: &Lab) {
    let group = make(lab, "near", PlacementStrategy::Cluster);
    let by_name = launch(lab, InstanceType::M5Large, into("near"), |run| run.max_count(2)).unwrap();
    assert_eq!(by_name.len(), 2);
    for instance in &by_name {
        let placed = placement(lab, instance.instance_id().unwrap());
        assert_eq!((placed.group_name(), placed.group_id()), (Some("near"), group.group_id()));
    }
    let by_id = Placement::builder().group_id(group.group_id().unwrap()).build();
    let by_id = launch(lab, InstanceType::M5Large, by_id, |run| run).unwrap();
    assert_eq!(by_id[0].placement().unwrap().group_name(), Some("near"));
    let in_it = lab.ec2.describe_instances(|which| which.filters(filter("placement-group-name", ["near"]))).wait().unwrap();
    assert_eq!(in_it.reservations().len(), 2);
}

fn a_launch_into_an_absent_group(lab: &Lab) {
    assert_eq!(code(launch(lab, InstanceType::M5Large, into("absent"), |run| run)), "InvalidPlacementGroup.Unknown");
    assert_eq!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations(), []);
}

fn a_cluster_has_no_burstable_instances(lab: &Lab) {
    make(lab, "near", PlacementStrategy::Cluster);
    let error = launch(lab, InstanceType::T3Micro, into("near"), |run| run).unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterCombination"));
    assert!(error.client().unwrap().message.starts_with("Cluster placement groups are not supported by the 't3.micro'"));
}

fn a_group_that_is_spread_has_seven(lab: &Lab) {
    make(lab, "far", PlacementStrategy::Spread);
    let zone = |name: &str| Placement::builder().group_name("far").availability_zone(name).build();
    launch(lab, InstanceType::T3Micro, zone("us-east-1a"), |run| run.min_count(7).max_count(7)).unwrap();
    let eighth = launch(lab, InstanceType::T3Micro, zone("us-east-1a"), |run| run);
    assert_eq!(code(eighth), "InsufficientInstanceCapacity");
    launch(lab, InstanceType::T3Micro, zone("us-east-1b"), |run| run).unwrap();
}

fn partitions_are_filled_evenly(lab: &Lab) {
    let group =
        lab.ec2.create_placement_group(|group| group.group_name("p").strategy(PlacementStrategy::Partition).partition_count(3));
    group.wait().unwrap();
    let instances = launch(lab, InstanceType::T3Micro, into("p"), |run| run.min_count(6).max_count(6)).unwrap();
    let mut partitions: Vec<_> = instances.iter().map(|one| one.placement().unwrap().partition_number().unwrap()).collect();
    partitions.sort_unstable();
    assert_eq!(partitions, [1, 1, 2, 2, 3, 3]);
    let third = Placement::builder().group_name("p").partition_number(3).build();
    let instances = launch(lab, InstanceType::T3Micro, third, |run| run).unwrap();
    assert_eq!(instances[0].placement().unwrap().partition_number(), Some(3));
}

fn a_partition_that_is_not_there(lab: &Lab) {
    make(lab, "p", PlacementStrategy::Partition);
    make(lab, "far", PlacementStrategy::Spread);
    let place = |name: &str| Placement::builder().group_name(name).partition_number(3).build();
    assert_eq!(code(launch(lab, InstanceType::T3Micro, place("p"), |run| run)), "InvalidParameterValue");
    assert_eq!(code(launch(lab, InstanceType::T3Micro, place("far"), |run| run)), "InvalidParameterCombination");
}

fn a_stopped_instance_changes_its_group(lab: &Lab) {
    make(lab, "far", PlacementStrategy::Spread);
    make(lab, "near", PlacementStrategy::Cluster);
    let id = lab.run_one();
    let put = |name: &str| lab.ec2.modify_instance_placement(|which| which.instance_id(&id).group_name(name)).wait();
    assert_eq!(code(put("far")), "IncorrectInstanceState");
    lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    assert_eq!(put("far").unwrap().r#return(), Some(true));
    assert_eq!(placement(lab, &id).group_name(), Some("far"));
    assert_eq!(code(put("absent")), "InvalidPlacementGroup.Unknown");
    assert_eq!(code(put("near")), "InvalidParameterCombination");
    put("").unwrap();
    assert_eq!(placement(lab, &id).group_name(), Some(""));
    let dedicated = lab.ec2.modify_instance_placement(|which| which.instance_id(&id).tenancy(HostTenancy::Dedicated));
    dedicated.wait().unwrap();
    assert_eq!(placement(lab, &id).tenancy(), Some(&Tenancy::Dedicated));
}
