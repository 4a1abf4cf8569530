//! Fleets that are filled at once.

use aws_sdk_ec2::operation::create_fleet::CreateFleetOutput;
use aws_sdk_ec2::operation::create_fleet::builders::CreateFleetInputBuilder;
use aws_sdk_ec2::types::*;
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    a_fleet_is_filled,
    a_fleet_has_spot_and_on_demand,
    a_fleet_takes_the_cheapest_type,
    a_fleet_takes_the_first_type,
    a_fleet_is_spread_over_its_pools,
    instances_have_weights,
    a_pool_that_fails_is_told,
    a_fleet_can_be_described,
    a_fleet_has_tags,
    a_deleted_fleet_takes_its_instances_along,
    a_fleet_that_is_not_there,
    a_fleet_needs_a_template,
    a_fleet_needs_a_capacity,
    a_fleet_keeps_its_capacity,
    a_fleet_that_asks_once,
    a_fleet_can_leave_its_instances,
    what_a_fleet_would_not_do_is_told,
]);

fn template(lab: &Lab) {
    let data = RequestLaunchTemplateData::builder().image_id(lab.image()).instance_type(InstanceType::T3Micro).build();
    lab.ec2.create_launch_template(|make| make.launch_template_name("web").launch_template_data(data)).wait().unwrap();
}

type Override = FleetLaunchTemplateOverridesRequest;

fn of(name: &str, overrides: Vec<Override>) -> FleetLaunchTemplateConfigRequest {
    let template = FleetLaunchTemplateSpecificationRequest::builder().launch_template_name(name).version("$Latest").build();
    let overrides = (!overrides.is_empty()).then_some(overrides);
    FleetLaunchTemplateConfigRequest::builder().launch_template_specification(template).set_overrides(overrides).build()
}

fn kind(of: InstanceType) -> Override {
    Override::builder().instance_type(of).build()
}

fn capacity(total: i32, spot: i32) -> TargetCapacitySpecificationRequest {
    TargetCapacitySpecificationRequest::builder()
        .total_target_capacity(total)
        .spot_target_capacity(spot)
        .on_demand_target_capacity(total - spot)
        .default_target_capacity_type(DefaultTargetCapacityType::OnDemand)
        .build()
}

fn try_create(
    lab: &Lab,
    overrides: Vec<Override>,
    capacity: TargetCapacitySpecificationRequest,
    how: impl FnOnce(CreateFleetInputBuilder) -> CreateFleetInputBuilder,
) -> Result<CreateFleetOutput, Error> {
    let fleet = lab.ec2.create_fleet(|fleet| {
        how(fleet.r#type(FleetType::Instant))
            .launch_template_configs(of("web", overrides))
            .target_capacity_specification(capacity)
    });
    let fleet = fleet.wait();
    lab.settle();
    fleet
}

fn create(lab: &Lab, overrides: Vec<Override>, capacity: TargetCapacitySpecificationRequest) -> CreateFleetOutput {
    template(lab);
    try_create(lab, overrides, capacity, |fleet| fleet).unwrap()
}

fn ids(fleet: &CreateFleetOutput) -> Vec<String> {
    fleet.instances().iter().flat_map(|made| made.instance_ids().to_vec()).collect()
}

fn kinds(lab: &Lab, fleet: &CreateFleetOutput) -> Vec<String> {
    ids(fleet).iter().map(|id| lab.instance(id).instance_type().unwrap().as_str().to_owned()).collect()
}

fn a_fleet_is_filled(lab: &Lab) {
    let fleet = create(lab, Vec::new(), capacity(3, 0));
    assert!(fleet.fleet_id().unwrap().starts_with("fleet-"));
    assert_eq!(fleet.fleet_id().unwrap().len(), "fleet-5d130460-0c26-bfd9-2c32-0100a098f625".len());
    assert_eq!(fleet.errors(), []);
    assert_eq!(kinds(lab, &fleet), ["t3.micro"; 3]);
    let made = &fleet.instances()[0];
    assert_eq!(made.lifecycle(), Some(&InstanceLifecycle::OnDemand));
    let template = made.launch_template_and_overrides().unwrap().launch_template_specification().unwrap();
    assert!(template.launch_template_id().unwrap().starts_with("lt-"));
    assert_eq!(template.version(), Some("1"));
    for id in ids(&fleet) {
        assert_eq!(lab.state(&id), "running");
    }
}

fn a_fleet_has_spot_and_on_demand(lab: &Lab) {
    let fleet = create(lab, Vec::new(), capacity(3, 2));
    let spot: Vec<_> = ids(&fleet).iter().map(|id| lab.instance(id).instance_lifecycle().cloned()).collect();
    assert_eq!(spot.iter().filter(|of| **of == Some(InstanceLifecycleType::Spot)).count(), 2);
    assert_eq!(spot.len(), 3);
    let requests = lab.ec2.describe_spot_instance_requests(|which| which.filters(filter("state", ["active"]))).wait().unwrap();
    assert_eq!(requests.spot_instance_requests().len(), 2);
}

fn a_fleet_takes_the_cheapest_type(lab: &Lab) {
    let fleet =
        create(lab, vec![kind(InstanceType::M5Large), kind(InstanceType::T3Nano), kind(InstanceType::C5Large)], capacity(2, 0));
    if lab.as_amazon("moto knows no prices and takes the first") {
        assert_eq!(kinds(lab, &fleet), ["t3.nano"; 2]);
    }
}

fn a_fleet_takes_the_first_type(lab: &Lab) {
    template(lab);
    let prior = |of: InstanceType, priority: f64| Override::builder().instance_type(of).priority(priority).build();
    let options = OnDemandOptionsRequest::builder().allocation_strategy(FleetOnDemandAllocationStrategy::Prioritized).build();
    let overrides = vec![prior(InstanceType::T3Nano, 2.0), prior(InstanceType::M5Large, 1.0)];
    let fleet = try_create(lab, overrides, capacity(2, 0), |fleet| fleet.on_demand_options(options)).unwrap();
    if lab.as_amazon("moto does not look at priorities") {
        assert_eq!(kinds(lab, &fleet), ["m5.large"; 2]);
    }
}

fn a_fleet_is_spread_over_its_pools(lab: &Lab) {
    template(lab);
    let options = SpotOptionsRequest::builder().allocation_strategy(SpotAllocationStrategy::Diversified).build();
    let overrides = vec![kind(InstanceType::T3Nano), kind(InstanceType::T3Micro), kind(InstanceType::T3Small)];
    let fleet = try_create(lab, overrides, capacity(6, 6), |fleet| fleet.spot_options(options)).unwrap();
    let mut kinds = kinds(lab, &fleet);
    kinds.sort();
    assert_eq!(kinds, ["t3.micro", "t3.micro", "t3.nano", "t3.nano", "t3.small", "t3.small"]);
}

fn instances_have_weights(lab: &Lab) {
    let large = Override::builder().instance_type(InstanceType::M5Large).weighted_capacity(2.0).build();
    let fleet = create(lab, vec![large], capacity(5, 0));
    assert_eq!(ids(&fleet).len(), 3);
    let shown = lab.ec2.describe_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap())).wait().unwrap();
    assert_eq!(shown.fleets()[0].fulfilled_capacity(), Some(6.0));
    if lab.as_amazon("moto does not look at the weight") {
        let zero = Override::builder().weighted_capacity(0.0).build();
        assert_eq!(code(try_create(lab, vec![zero], capacity(1, 0), |fleet| fleet)), "InvalidParameterValue");
    }
}

fn a_pool_that_fails_is_told(lab: &Lab) {
    let absent = Override::builder().instance_type(InstanceType::T3Nano).subnet_id("subnet-0ffffffffffffffff").build();
    template(lab);
    let fleet = try_create(lab, vec![absent, kind(InstanceType::T3Micro)], capacity(2, 0), |fleet| fleet);
    if lab.as_amazon("moto refuses the fleet") {
        let fleet = fleet.unwrap();
        assert_eq!(fleet.errors()[0].error_code(), Some("InvalidSubnetID.NotFound"));
        assert_eq!(kinds(lab, &fleet), ["t3.micro"; 2]);
        let cheap = Override::builder().max_price("0.0001").build();
        let fleet = try_create(lab, vec![cheap], capacity(1, 1), |fleet| fleet).unwrap();
        assert_eq!((fleet.errors()[0].error_code(), ids(&fleet).len()), (Some("SpotMaxPriceTooLow"), 0));
    }
}

fn a_fleet_can_be_described(lab: &Lab) {
    let fleet = create(lab, vec![kind(InstanceType::T3Small)], capacity(2, 1));
    let shown = lab.ec2.describe_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap())).wait().unwrap();
    let shown = &shown.fleets()[0];
    assert_eq!((shown.fleet_state(), shown.r#type()), (Some(&FleetStateCode::Active), Some(&FleetType::Instant)));
    assert_eq!(shown.target_capacity_specification().unwrap().total_target_capacity(), Some(2));
    assert_eq!(shown.fulfilled_capacity(), Some(2.0));
    let config = &shown.launch_template_configs()[0];
    assert_eq!(config.overrides()[0].instance_type(), Some(&InstanceType::T3Small));
    let all = lab.ec2.describe_fleets(|which| which).wait().unwrap();
    if lab.as_amazon("moto shows fleets of this type without being asked for them") {
        assert_eq!(all.fleets(), []);
        assert_eq!(shown.instances().len(), 2);
    }
}

fn a_fleet_has_tags(lab: &Lab) {
    template(lab);
    let tags = |of: ResourceType, value: &str| TagSpecification::builder().resource_type(of).tags(tag("team", value)).build();
    let fleet = try_create(lab, Vec::new(), capacity(1, 0), |fleet| {
        fleet.tag_specifications(tags(ResourceType::Fleet, "blue")).tag_specifications(tags(ResourceType::Instance, "red"))
    });
    let fleet = fleet.unwrap();
    let shown = lab.ec2.describe_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap())).wait().unwrap();
    assert_eq!(shown.fleets()[0].tags(), [tag("team", "blue")]);
    let instance = lab.instance(&ids(&fleet)[0]);
    assert!(instance.tags().contains(&tag("team", "red")));
    if lab.as_amazon("moto says of no instance to which fleet it belongs") {
        assert!(instance.tags().contains(&tag("aws:ec2:fleet-id", fleet.fleet_id().unwrap())));
    }
}

fn a_deleted_fleet_takes_its_instances_along(lab: &Lab) {
    let fleet = create(lab, Vec::new(), capacity(2, 1));
    let id = fleet.fleet_id().unwrap();
    let deleted = lab.ec2.delete_fleets(|which| which.fleet_ids(id).terminate_instances(true)).wait().unwrap();
    let item = &deleted.successful_fleet_deletions()[0];
    assert_eq!(item.current_fleet_state(), Some(&FleetStateCode::DeletedTerminatingInstances));
    assert_eq!(item.previous_fleet_state(), Some(&FleetStateCode::Active));
    lab.settle();
    for id in ids(&fleet) {
        assert_eq!(lab.state(&id), "terminated");
    }
    let shown = lab.ec2.describe_fleets(|which| which.fleet_ids(id)).wait().unwrap();
    if lab.as_amazon("moto deletes without end") {
        assert_eq!(shown.fleets()[0].fleet_state(), Some(&FleetStateCode::Deleted));
        let again = lab.ec2.delete_fleets(|which| which.fleet_ids(id).terminate_instances(true)).wait().unwrap();
        let why = again.unsuccessful_fleet_deletions()[0].error().unwrap().code();
        assert_eq!(why, Some(&DeleteFleetErrorCode::FleetNotInDeletableState));
        let kept = lab.ec2.delete_fleets(|which| which.fleet_ids(id).terminate_instances(false)).wait();
        assert_eq!(code(kept), "UnsupportedOperation");
    }
}

fn a_fleet_that_is_not_there(lab: &Lab) {
    let absent = "fleet-00000000-0000-0000-0000-000000000000";
    let shown = lab.ec2.describe_fleets(|which| which.fleet_ids(absent)).wait();
    if lab.as_amazon("moto leaves it out, and answers 500 when it shall be deleted") {
        assert_eq!(code(shown), "InvalidFleetId.NotFound");
        let deleted = lab.ec2.delete_fleets(|which| which.fleet_ids(absent).terminate_instances(true)).wait().unwrap();
        let why = deleted.unsuccessful_fleet_deletions()[0].error().unwrap().code();
        assert_eq!(why, Some(&DeleteFleetErrorCode::FleetIdDoesNotExist));
    }
}

fn a_fleet_needs_a_template(lab: &Lab) {
    let absent = try_create(lab, Vec::new(), capacity(1, 0), |fleet| fleet);
    assert_eq!(code(absent), "InvalidLaunchTemplateName.NotFoundException");
    template(lab);
    let versionless = FleetLaunchTemplateSpecificationRequest::builder().launch_template_name("web").build();
    let config = FleetLaunchTemplateConfigRequest::builder().launch_template_specification(versionless).build();
    let fleet = lab.ec2.create_fleet(|fleet| {
        fleet.r#type(FleetType::Instant).launch_template_configs(config).target_capacity_specification(capacity(1, 0))
    });
    let fleet = fleet.wait();
    if lab.as_amazon("moto takes the default version") {
        assert_eq!(code(fleet), "MissingParameter");
    }
}

fn a_fleet_needs_a_capacity(lab: &Lab) {
    template(lab);
    let too_much = TargetCapacitySpecificationRequest::builder().total_target_capacity(1).spot_target_capacity(2).build();
    for bad in [capacity(0, 0), too_much] {
        let fleet = try_create(lab, Vec::new(), bad, |fleet| fleet);
        if lab.as_amazon("moto takes any capacity") {
            assert_eq!(code(fleet), "InvalidParameterValue");
        }
    }
}

/// The instances that run for a fleet.
fn running(lab: &Lab, fleet: &CreateFleetOutput) -> Vec<String> {
    let own = filter("tag:aws:ec2:fleet-id", [fleet.fleet_id().unwrap()]);
    let shown = lab.ec2.describe_instances(|which| which.filters(own).filters(filter("instance-state-name", ["running"])));
    let shown = shown.wait().unwrap();
    shown.reservations().iter().flat_map(Reservation::instances).map(|one| one.instance_id().unwrap().to_owned()).collect()
}

fn lasting(lab: &Lab, of: FleetType) -> CreateFleetOutput {
    template(lab);
    let fleet = try_create(lab, Vec::new(), capacity(3, 1), |fleet| fleet.r#type(of)).unwrap();
    assert_eq!(fleet.instances(), []);
    fleet
}

fn a_fleet_keeps_its_capacity(lab: &Lab) {
    let fleet = lasting(lab, FleetType::Maintain);
    let shown = lab.ec2.describe_fleets(|which| which).wait().unwrap();
    assert_eq!(shown.fleets()[0].fleet_id(), fleet.fleet_id());
    assert_eq!(shown.fleets()[0].fleet_state(), Some(&FleetStateCode::Active));
    assert_eq!(shown.fleets()[0].fulfilled_capacity(), Some(3.0));
    if lab.as_amazon("moto fills it once, and says of no instance to which fleet it belongs") {
        let before = running(lab, &fleet);
        assert_eq!(before.len(), 3);
        lab.ec2.terminate_instances(|which| which.set_instance_ids(Some(before[1..].to_vec()))).wait().unwrap();
        let short = lab.ec2.describe_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap())).wait().unwrap();
        assert_eq!(short.fleets()[0].fulfilled_capacity(), Some(1.0));
        lab.settle();
        let after = running(lab, &fleet);
        assert_eq!((after.len(), after[0] == before[0]), (3, true));
        lab.ec2.delete_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap()).terminate_instances(true)).wait().unwrap();
        lab.settle();
        assert_eq!(running(lab, &fleet), [""; 0]);
    }
}

fn a_fleet_that_asks_once(lab: &Lab) {
    let fleet = lasting(lab, FleetType::Request);
    if lab.as_amazon("moto says of no instance to which fleet it belongs") {
        let before = running(lab, &fleet);
        lab.ec2.terminate_instances(|which| which.instance_ids(&before[0])).wait().unwrap();
        lab.settle();
        assert_eq!((before.len(), running(lab, &fleet).len()), (3, 2));
    }
}

fn a_fleet_can_leave_its_instances(lab: &Lab) {
    let fleet = lasting(lab, FleetType::Maintain);
    let deleted =
        lab.ec2.delete_fleets(|which| which.fleet_ids(fleet.fleet_id().unwrap()).terminate_instances(false)).wait().unwrap();
    assert_eq!(deleted.successful_fleet_deletions()[0].current_fleet_state(), Some(&FleetStateCode::DeletedRunning));
    if lab.as_amazon("moto says of no instance to which fleet it belongs") {
        let left = running(lab, &fleet);
        lab.ec2.terminate_instances(|which| which.instance_ids(&left[0])).wait().unwrap();
        lab.settle();
        assert_eq!((left.len(), running(lab, &fleet).len()), (3, 2));
    }
}

fn what_a_fleet_would_not_do_is_told(lab: &Lab) {
    template(lab);
    let lasts = try_create(lab, Vec::new(), capacity(1, 0), |fleet| fleet.replace_unhealthy_instances(true));
    if lab.as_amazon("moto takes no notice of it") {
        assert!(matches!(lasts.unwrap_err(), Error::NotImplemented { operation: "create_fleet" }));
        assert_eq!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations(), []);
    }
}
