//! Regions, zones and instance types.

use aws_sdk_ec2::types::{InstanceType, LocationType};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    regions_have_endpoints,
    one_region_by_name,
    regions_by_filter,
    zones_are_of_this_region,
    zones_by_filter,
    an_instance_type_says_what_it_has,
    an_instance_type_that_there_is_not,
    instance_types_by_filter,
    offerings_by_zone,
    account_attributes,
]);

fn regions_have_endpoints(lab: &Lab) {
    let regions = lab.ec2.describe_regions(|which| which).wait().unwrap().regions.unwrap();
    let own = regions.iter().find(|region| region.region_name() == Some("eu-west-1")).unwrap();
    assert_eq!(own.endpoint(), Some("ec2.eu-west-1.amazonaws.com"));
    assert!(regions.len() > 15);
}

fn one_region_by_name(lab: &Lab) {
    let regions = lab.ec2.describe_regions(|which| which.region_names("us-west-2")).wait().unwrap().regions.unwrap();
    assert_eq!(regions.iter().map(|region| region.region_name().unwrap()).collect::<Vec<_>>(), ["us-west-2"]);
}

fn regions_by_filter(lab: &Lab) {
    let answer = lab.ec2.describe_regions(|which| which.filters(filter("region-name", ["eu-west-?"]))).wait().unwrap();
    if lab.as_amazon("moto does not filter regions") {
        assert_eq!(answer.regions().len(), 3);
    }
}

fn zones_are_of_this_region(lab: &Lab) {
    let zones = lab.ec2.describe_availability_zones(|which| which).wait().unwrap().availability_zones.unwrap();
    assert_eq!(zones.len(), 6);
    assert!(zones.iter().all(|zone| zone.region_name() == Some("us-east-1") && zone.state().unwrap().as_str() == "available"));
    assert!(zones.iter().all(|zone| zone.zone_id().unwrap().starts_with("use1-az")));
}

fn zones_by_filter(lab: &Lab) {
    let zones = lab.ec2.describe_availability_zones(|which| which.filters(filter("zone-name", ["us-east-1b"]))).wait().unwrap();
    assert_eq!(zones.availability_zones().len(), 1);
}

fn an_instance_type_says_what_it_has(lab: &Lab) {
    let all = lab
        .ec2
        .describe_instance_types(|which| which.instance_types(InstanceType::M5Xlarge))
        .wait()
        .unwrap()
        .instance_types
        .unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].v_cpu_info().unwrap().default_v_cpus(), Some(4));
    assert_eq!(all[0].memory_info().unwrap().size_in_mib(), Some(16_384));
    assert!(all[0].processor_info().unwrap().supported_architectures().iter().any(|of| of.as_str() == "x86_64"));
}

fn an_instance_type_that_there_is_not(lab: &Lab) {
    let answer = lab.ec2.describe_instance_types(|which| which.instance_types("m5.enormous".into())).wait();
    if lab.as_amazon("moto answers InvalidInstanceType.NotFound") {
        assert_eq!(code(answer), "InvalidInstanceType");
    }
}

fn instance_types_by_filter(lab: &Lab) {
    let types =
        lab.ec2.describe_instance_types(|which| which.filters(filter("instance-type", ["t3.micro", "t3.small"]))).wait().unwrap();
    assert_eq!(types.instance_types().len(), 2);
    let arm = lab.ec2.describe_instance_types(|which| {
        which
            .filters(filter("processor-info.supported-architecture", ["arm64"]))
            .filters(filter("instance-type", ["t3.micro", "t4g.micro"]))
    });
    assert_eq!(
        arm.wait().unwrap().instance_types().iter().map(|one| one.instance_type().unwrap().as_str()).collect::<Vec<_>>(),
        ["t4g.micro"]
    );
}

fn offerings_by_zone(lab: &Lab) {
    let offerings = lab.ec2.describe_instance_type_offerings(|which| {
        which.location_type(LocationType::Region).filters(filter("instance-type", ["t3.micro"]))
    });
    let offerings = offerings.wait().unwrap().instance_type_offerings.unwrap();
    assert_eq!(offerings.len(), 1);
    assert_eq!(offerings[0].location(), Some("us-east-1"));
}

fn account_attributes(lab: &Lab) {
    let attributes = lab.ec2.describe_account_attributes(|which| which.attribute_names("supported-platforms".into())).wait();
    if lab.as_amazon("moto gives all, whatever is asked") {
        let attributes = attributes.unwrap().account_attributes.unwrap();
        assert_eq!(attributes[0].attribute_values()[0].attribute_value(), Some("VPC"));
    }
}
