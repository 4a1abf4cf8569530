//! Flow logs.

use aws_sdk_ec2::types::{FlowLog, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, named, on_mock_and_moto};

on_mock_and_moto!([
    a_log_of_a_vpc,
    logs_of_several_interfaces,
    the_same_log_twice,
    a_log_of_what_is_not_there,
    a_log_without_a_place,
    a_log_without_leave,
    a_log_at_an_odd_interval,
    a_log_in_a_bucket_has_no_group,
    a_log_that_is_not_there,
    logs_by_filter,
    a_dry_run_makes_no_log,
]);

const ROLE: &str = "arn:aws:iam::123456789012:role/flow";

fn log(lab: &Lab, vpc: &str, group: &str, traffic: TrafficType) -> Result<String, Error> {
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(traffic);
        log.log_group_name(group).deliver_logs_permission_arn(ROLE)
    });
    Ok(made.wait()?.flow_log_ids.unwrap().remove(0))
}

fn shown(lab: &Lab, id: &str) -> FlowLog {
    lab.ec2.describe_flow_logs(|which| which.flow_log_ids(id)).wait().unwrap().flow_logs.unwrap().remove(0)
}

fn a_log_of_a_vpc(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        let log = log.log_group_name("flows").deliver_logs_permission_arn(ROLE);
        log.tag_specifications(named(ResourceType::VpcFlowLog, "all"))
    });
    let made = made.wait().unwrap();
    assert!(made.unsuccessful().is_empty());
    let id = &made.flow_log_ids()[0];
    assert!(id.starts_with("fl-"));
    let shown = shown(lab, id);
    assert_eq!((shown.resource_id(), shown.traffic_type()), (Some(vpc.as_str()), Some(&TrafficType::All)));
    assert_eq!((shown.log_group_name(), shown.flow_log_status()), (Some("flows"), Some("ACTIVE")));
    assert_eq!(shown.log_destination_type(), Some(&LogDestinationType::CloudWatchLogs));
    assert_eq!((shown.max_aggregation_interval(), shown.deliver_logs_permission_arn()), (Some(600), Some(ROLE)));
    assert!(shown.log_format().unwrap().starts_with("${version} ${account-id}"));
    assert_eq!(shown.tags()[0].value(), Some("all"));
    if lab.as_amazon("moto looks for the group of logs, which this fake does not have") {
        assert_eq!(shown.deliver_logs_status(), Some("SUCCESS"));
    }
    lab.ec2.delete_flow_logs(|which| which.flow_log_ids(id)).wait().unwrap();
    assert!(lab.ec2.describe_flow_logs(|which| which).wait().unwrap().flow_logs().is_empty());
}

fn logs_of_several_interfaces(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let nics = vec![lab.interface(&subnet), lab.interface(&subnet)];
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.set_resource_ids(Some(nics.clone())).resource_type(FlowLogsResourceType::NetworkInterface);
        log.traffic_type(TrafficType::Reject)
            .log_group_name("flows")
            .deliver_logs_permission_arn(ROLE)
            .max_aggregation_interval(60)
    });
    let ids = made.wait().unwrap().flow_log_ids.unwrap();
    assert_eq!(ids.iter().map(|id| shown(lab, id).resource_id.unwrap()).collect::<Vec<_>>(), nics);
    assert_eq!(shown(lab, &ids[0]).max_aggregation_interval(), Some(60));
}

fn the_same_log_twice(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    log(lab, &vpc, "flows", TrafficType::All).unwrap();
    assert_eq!(code(log(lab, &vpc, "flows", TrafficType::All)), "FlowLogAlreadyExists");
    log(lab, &vpc, "others", TrafficType::All).unwrap();
}

fn a_log_of_what_is_not_there(lab: &Lab) {
    assert_eq!(code(log(lab, "vpc-0ffffffffffffffff", "flows", TrafficType::All)), "InvalidVpcID.NotFound");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids("subnet-0ffffffffffffffff").resource_type(FlowLogsResourceType::Subnet);
        log.traffic_type(TrafficType::All).log_group_name("flows").deliver_logs_permission_arn(ROLE)
    });
    assert_eq!(code(made.wait()), "InvalidSubnetID.NotFound");
}

fn a_log_without_a_place(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.deliver_logs_permission_arn(ROLE)
    });
    assert_eq!(code(made.wait()), "InvalidParameter");
}

fn a_log_without_leave(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.log_group_name("flows")
    });
    assert_eq!(code(made.wait()), "InvalidParameter");
}

fn a_log_at_an_odd_interval(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.log_group_name("flows").deliver_logs_permission_arn(ROLE).max_aggregation_interval(10)
    });
    assert_eq!(code(made.wait()), "InvalidParameter");
}

fn a_log_in_a_bucket_has_no_group(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.log_destination_type(LogDestinationType::S3).log_destination("arn:aws:s3:::flows").log_group_name("flows")
    });
    assert_eq!(code(made.wait()), "InvalidParameter");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.log_destination_type(LogDestinationType::S3).log_destination("arn:aws:s3:::flows")
    });
    let made = made.wait().unwrap();
    if lab.as_amazon("moto looks for the bucket, which this fake does not") {
        let shown = shown(lab, &made.flow_log_ids()[0]);
        assert_eq!(shown.log_destination(), Some("arn:aws:s3:::flows"));
        assert_eq!(shown.log_destination_type(), Some(&LogDestinationType::S3));
    }
}

fn a_log_that_is_not_there(lab: &Lab) {
    let absent = "fl-0ffffffffffffffff";
    assert_eq!(code(lab.ec2.delete_flow_logs(|which| which.flow_log_ids(absent)).wait()), "InvalidFlowLogId.NotFound");
    let vpc = lab.vpc("10.0.0.0/16");
    let id = log(lab, &vpc, "flows", TrafficType::All).unwrap();
    assert_eq!(
        code(lab.ec2.delete_flow_logs(|which| which.flow_log_ids(&id).flow_log_ids(absent)).wait()),
        "InvalidFlowLogId.NotFound"
    );
    let described = lab.ec2.describe_flow_logs(|which| which.flow_log_ids(absent)).wait();
    if lab.as_amazon("moto deletes those that are there, and describes nothing") {
        assert_eq!(code(described), "InvalidFlowLogId.NotFound");
        assert_eq!(shown(lab, &id).resource_id(), Some(vpc.as_str()));
    }
}

fn logs_by_filter(lab: &Lab) {
    let (vpc, other) = (lab.vpc("10.0.0.0/16"), lab.vpc("10.1.0.0/16"));
    let id = log(lab, &vpc, "flows", TrafficType::Reject).unwrap();
    log(lab, &other, "others", TrafficType::All).unwrap();
    for (name, value) in
        [("resource-id", vpc.as_str()), ("traffic-type", "REJECT"), ("log-group-name", "flows"), ("flow-log-id", &id)]
    {
        let found = lab.ec2.describe_flow_logs(|which| which.filter(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.flow_logs().iter().map(|one| one.flow_log_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
}

fn a_dry_run_makes_no_log(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_flow_logs(|log| {
        let log = log.resource_ids(&vpc).resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        log.log_group_name("flows").deliver_logs_permission_arn(ROLE).dry_run(true)
    });
    assert_eq!(code(made.wait()), "DryRunOperation");
    assert!(lab.ec2.describe_flow_logs(|which| which).wait().unwrap().flow_logs().is_empty());
}
