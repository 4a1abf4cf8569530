//! What a launch is refused for, and what is left of it: nothing.

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesInputBuilder;
use aws_sdk_ec2::types::*;
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, filter, on_mock};

on_mock!(
    "moto refuses none of these",
    [
        a_launch_with_a_bad_profile_leaves_nothing,
        a_launch_at_a_bad_price_leaves_nothing,
        a_launch_with_a_bad_disk_leaves_nothing,
        a_launch_without_room_leaves_nothing,
        a_launch_takes_what_room_there_is,
        an_interface_is_for_one_instance,
        a_launch_without_room_keeps_the_interface_it_was_given,
        an_interface_keeps_its_address,
        a_launch_that_nothing_here_would_do,
    ]
);

/// Nothing is there but what every account has.
fn nothing_is_left(lab: &Lab) {
    lab.settle();
    assert_eq!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations(), []);
    assert_eq!(lab.ec2.describe_volumes(|which| which).wait().unwrap().volumes(), []);
    assert_eq!(lab.ec2.describe_network_interfaces(|which| which).wait().unwrap().network_interfaces(), []);
    assert_eq!(lab.ec2.describe_tags(|which| which).wait().unwrap().tags(), []);
}

fn refused(lab: &Lab, how: impl FnOnce(RunInstancesInputBuilder) -> RunInstancesInputBuilder) {
    let image = lab.image();
    lab.ec2.run_instances(|run| how(run.image_id(&image).min_count(1).max_count(2))).wait().unwrap_err();
    nothing_is_left(lab);
}

fn a_launch_with_a_bad_profile_leaves_nothing(lab: &Lab) {
    let profile = IamInstanceProfileSpecification::builder().name("web").arn("arn:aws:iam::123456789012:instance-profile/db");
    refused(lab, |run| run.iam_instance_profile(profile.build()));
}

fn a_launch_at_a_bad_price_leaves_nothing(lab: &Lab) {
    let price = SpotMarketOptions::builder().max_price("a lot").build();
    let options = InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).spot_options(price).build();
    refused(lab, |run| run.instance_market_options(options));
}

fn a_launch_with_a_bad_disk_leaves_nothing(lab: &Lab) {
    // Operations a second must be given for this type.
    let ebs = EbsBlockDevice::builder().volume_size(10).volume_type("io1".into()).build();
    refused(lab, |run| run.block_device_mappings(BlockDeviceMapping::builder().device_name("/dev/sdf").ebs(ebs).build()));
}

/// A subnet with room for eleven.
fn small_subnet(lab: &Lab) -> String {
    let vpc = lab.vpc("10.1.0.0/16");
    lab.subnet(&vpc, "10.1.2.0/28")
}

fn a_launch_without_room_leaves_nothing(lab: &Lab) {
    let (image, subnet) = (lab.image(), small_subnet(lab));
    let run = lab.ec2.run_instances(|run| run.image_id(&image).subnet_id(&subnet).min_count(12).max_count(12));
    assert_eq!(run.wait().unwrap_err().code(), Some("InsufficientFreeAddressesInSubnet"));
    nothing_is_left(lab);
}

fn a_launch_takes_what_room_there_is(lab: &Lab) {
    let (image, subnet) = (lab.image(), small_subnet(lab));
    let run = lab.ec2.run_instances(|run| run.image_id(&image).subnet_id(&subnet).min_count(1).max_count(20)).wait().unwrap();
    assert_eq!(run.instances().len(), 11);
    let nics = lab.ec2.describe_network_interfaces(|which| which).wait().unwrap();
    assert_eq!(nics.network_interfaces().len(), 11);
}

fn interface(lab: &Lab, subnet: &str) -> String {
    let made = lab.ec2.create_network_interface(|nic| nic.subnet_id(subnet)).wait().unwrap().network_interface.unwrap();
    made.network_interface_id.unwrap()
}

fn shown(lab: &Lab, nic: &str) -> NetworkInterface {
    let shown = lab.ec2.describe_network_interfaces(|which| which.network_interface_ids(nic)).wait().unwrap();
    shown.network_interfaces.unwrap().remove(0)
}

fn with(nic: &str) -> builders::InstanceNetworkInterfaceSpecificationBuilder {
    InstanceNetworkInterfaceSpecification::builder().network_interface_id(nic).device_index(0)
}

fn an_interface_is_for_one_instance(lab: &Lab) {
    let subnet = small_subnet(lab);
    let (nic, image) = (interface(lab, &subnet), lab.image());
    let run = lab.ec2.run_instances(|run| run.image_id(&image).network_interfaces(with(&nic).build()).min_count(2).max_count(2));
    assert_eq!(run.wait().unwrap_err().code(), Some("InvalidParameterCombination"));
}

fn a_launch_without_room_keeps_the_interface_it_was_given(lab: &Lab) {
    let subnet = small_subnet(lab);
    let nics: Vec<String> = (0..11).map(|_| interface(lab, &subnet)).collect();
    let (image, before) = (lab.image(), shown(lab, &nics[0]));
    let another = InstanceNetworkInterfaceSpecification::builder().subnet_id(&subnet).device_index(1).build();
    let run = lab.ec2.run_instances(|run| {
        run.image_id(&image)
            .network_interfaces(with(&nics[0]).delete_on_termination(true).build())
            .network_interfaces(another)
            .min_count(1)
            .max_count(1)
    });
    assert_eq!(run.wait().unwrap_err().code(), Some("InsufficientFreeAddressesInSubnet"));
    assert_eq!(shown(lab, &nics[0]), before);
}

fn an_interface_keeps_its_address(lab: &Lab) {
    let vpc = lab.default_vpc();
    let subnets = lab.ec2.describe_subnets(|which| which.filters(filter("vpc-id", [vpc.as_str()]))).wait().unwrap();
    let nic = interface(lab, subnets.subnets()[0].subnet_id().unwrap());
    let address = lab.ec2.allocate_address(|address| address).wait().unwrap();
    let own = address.allocation_id().unwrap();
    lab.ec2.associate_address(|which| which.allocation_id(own).network_interface_id(&nic)).wait().unwrap();
    let image = lab.image();
    let public = with(&nic).associate_public_ip_address(true).build();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).network_interfaces(public).min_count(1).max_count(1));
    assert_eq!(run.wait().unwrap_err().code(), Some("InvalidParameterCombination"));
    let run = lab.ec2.run_instances(|run| run.image_id(&image).network_interfaces(with(&nic).build()).min_count(1).max_count(1));
    let id = run.wait().unwrap().instances.unwrap().remove(0).instance_id.unwrap();
    assert_eq!(lab.instance(&id).public_ip_address(), address.public_ip());
}

/// What no instance would show is not passed over.
fn a_launch_that_nothing_here_would_do(lab: &Lab) {
    let image = lab.image();
    let host = Placement::builder().host_id("h-0123456789abcdef0").build();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).placement(host).min_count(1).max_count(1));
    assert!(matches!(run.wait().unwrap_err(), Error::NotImplemented { operation: "run_instances" }));
    let block = InstanceMarketOptionsRequest::builder().market_type(MarketType::CapacityBlock).build();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).instance_market_options(block).min_count(1).max_count(1));
    assert!(matches!(run.wait().unwrap_err(), Error::NotImplemented { operation: "run_instances" }));
    nothing_is_left(lab);
}
