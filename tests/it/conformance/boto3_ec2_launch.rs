//! What a launch is refused for, and what is left of it: nothing.

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesInputBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, IamInstanceProfileSpecification, InstanceMarketOptionsRequest, MarketType,
    SpotMarketOptions,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, on_mock};

on_mock!(
    "moto refuses none of these",
    [
        a_launch_with_a_bad_profile_leaves_nothing,
        a_launch_at_a_bad_price_leaves_nothing,
        a_launch_with_a_bad_disk_leaves_nothing,
        a_launch_without_room_leaves_nothing,
        a_launch_takes_what_room_there_is,
        an_interface_is_for_one_instance,
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

fn an_interface_is_for_one_instance(lab: &Lab) {
    let subnet = small_subnet(lab);
    let nic = lab.ec2.create_network_interface(|nic| nic.subnet_id(&subnet)).wait().unwrap().network_interface.unwrap();
    let image = lab.image();
    let own = aws_sdk_ec2::types::InstanceNetworkInterfaceSpecification::builder()
        .network_interface_id(nic.network_interface_id().unwrap())
        .device_index(0)
        .build();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).network_interfaces(own).min_count(2).max_count(2));
    assert_eq!(run.wait().unwrap_err().code(), Some("InvalidParameterCombination"));
}
