//! VPCs, subnets, interfaces and what belongs to them.

use aws_sdk_ec2::types::{AttributeBooleanValue, NewDhcpConfiguration, RuleAction, VpcAttributeName};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_new_account_has_a_default_vpc,
    a_second_default_vpc,
    a_vpc_has_what_every_vpc_has,
    a_vpc_that_is_not_there,
    a_block_of_a_vpc_that_is_too_large,
    a_block_that_is_none,
    a_vpc_with_a_subnet_stays,
    an_empty_vpc_goes,
    a_second_block,
    vpc_attributes,
    a_subnet_counts_its_addresses,
    a_subnet_out_of_its_vpc,
    two_subnets_in_one_place,
    a_subnet_of_an_absent_vpc,
    a_subnet_in_use_stays,
    a_subnet_gives_public_addresses_if_told,
    subnets_by_filter,
    an_interface_alone,
    an_interface_in_use_stays,
    attach_and_detach_an_interface,
    dhcp_options,
    network_acl_entries,
    the_default_acl_stays,
    a_default_subnet,
    a_network_acl_entry_is_replaced,
    a_subnet_gets_another_acl,
]);

fn a_new_account_has_a_default_vpc(lab: &Lab) {
    let vpc = lab.default_vpc();
    let shown = lab.ec2.describe_vpcs(|which| which.vpc_ids(&vpc)).wait().unwrap().vpcs.unwrap().remove(0);
    assert_eq!((shown.cidr_block(), shown.is_default()), (Some("172.31.0.0/16"), Some(true)));
    let subnets = lab.ec2.describe_subnets(|which| which.filters(filter("vpc-id", [&vpc]))).wait().unwrap().subnets.unwrap();
    assert_eq!(subnets.len(), 6);
    assert!(subnets.iter().all(|subnet| subnet.default_for_az() == Some(true) && subnet.map_public_ip_on_launch() == Some(true)));
    if lab.as_amazon("moto gives it no gateway") {
        let gateways =
            lab.ec2.describe_internet_gateways(|which| which.filters(filter("attachment.vpc-id", [&vpc]))).wait().unwrap();
        assert_eq!(gateways.internet_gateways().len(), 1);
    }
}

fn a_second_default_vpc(lab: &Lab) {
    assert_eq!(code(lab.ec2.create_default_vpc(|vpc| vpc).wait()), "DefaultVpcAlreadyExists");
}

fn a_vpc_has_what_every_vpc_has(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let of_vpc = || filter("vpc-id", [vpc.as_str()]);
    let tables = lab.ec2.describe_route_tables(|which| which.filters(of_vpc())).wait().unwrap().route_tables.unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].associations()[0].main(), Some(true));
    assert_eq!(tables[0].routes()[0].gateway_id(), Some("local"));
    let groups = lab.ec2.describe_security_groups(|which| which.filters(of_vpc())).wait().unwrap().security_groups.unwrap();
    assert_eq!(groups.iter().map(|group| group.group_name().unwrap()).collect::<Vec<_>>(), ["default"]);
    let acls = lab.ec2.describe_network_acls(|which| which.filters(of_vpc())).wait().unwrap().network_acls.unwrap();
    assert_eq!(acls.iter().map(|acl| acl.is_default().unwrap()).collect::<Vec<_>>(), [true]);
    assert_eq!(acls[0].entries().len(), 4);
}

fn a_vpc_that_is_not_there(lab: &Lab) {
    assert_eq!(code(lab.ec2.describe_vpcs(|which| which.vpc_ids("vpc-0ffffffffffffffff")).wait()), "InvalidVpcID.NotFound");
    assert_eq!(code(lab.ec2.delete_vpc(|which| which.vpc_id("vpc-0ffffffffffffffff")).wait()), "InvalidVpcID.NotFound");
}

fn a_block_of_a_vpc_that_is_too_large(lab: &Lab) {
    assert_eq!(code(lab.ec2.create_vpc(|vpc| vpc.cidr_block("10.0.0.0/8")).wait()), "InvalidVpc.Range");
    assert_eq!(code(lab.ec2.create_vpc(|vpc| vpc.cidr_block("10.0.0.0/29")).wait()), "InvalidVpc.Range");
}

fn a_block_that_is_none(lab: &Lab) {
    let made = lab.ec2.create_vpc(|vpc| vpc.cidr_block("10.0.0.0")).wait();
    if lab.as_amazon("moto takes it for a block of one address") {
        assert_eq!(code(made), "InvalidParameterValue");
    }
}

fn a_vpc_with_a_subnet_stays(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    lab.subnet(&vpc, "10.0.1.0/24");
    let deleted = lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn an_empty_vpc_goes(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait().unwrap();
    assert_eq!(code(lab.ec2.describe_vpcs(|which| which.vpc_ids(&vpc)).wait()), "InvalidVpcID.NotFound");
    assert!(
        lab.ec2.describe_route_tables(|which| which.filters(filter("vpc-id", [&vpc]))).wait().unwrap().route_tables().is_empty()
    );
}

fn a_second_block(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.associate_vpc_cidr_block(|block| block.vpc_id(&vpc).cidr_block("10.1.0.0/16")).wait().unwrap();
    let id = made.cidr_block_association().unwrap().association_id().unwrap().to_owned();
    let blocks = || {
        lab.ec2
            .describe_vpcs(|which| which.vpc_ids(&vpc))
            .wait()
            .unwrap()
            .vpcs
            .unwrap()
            .remove(0)
            .cidr_block_association_set
            .unwrap()
    };
    assert_eq!(blocks().len(), 2);
    lab.ec2.disassociate_vpc_cidr_block(|which| which.association_id(&id)).wait().unwrap();
    if lab.as_amazon("moto shows it as disassociated") {
        assert_eq!(blocks().len(), 1);
    }
    let first = blocks()[0].association_id().unwrap().to_owned();
    assert_eq!(code(lab.ec2.disassociate_vpc_cidr_block(|which| which.association_id(&first)).wait()), "OperationNotPermitted");
}

fn vpc_attributes(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let hostnames = || {
        let attribute =
            lab.ec2.describe_vpc_attribute(|which| which.vpc_id(&vpc).attribute(VpcAttributeName::EnableDnsHostnames));
        attribute.wait().unwrap().enable_dns_hostnames().unwrap().value()
    };
    assert_eq!(hostnames(), Some(false));
    let yes = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_vpc_attribute(|which| which.vpc_id(&vpc).enable_dns_hostnames(yes)).wait().unwrap();
    assert_eq!(hostnames(), Some(true));
}

fn a_subnet_counts_its_addresses(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let free = || {
        lab.ec2
            .describe_subnets(|which| which.subnet_ids(&subnet))
            .wait()
            .unwrap()
            .subnets
            .unwrap()
            .remove(0)
            .available_ip_address_count
    };
    assert_eq!(free(), Some(251));
    lab.ec2.create_network_interface(|nic| nic.subnet_id(&subnet)).wait().unwrap();
    assert_eq!(free(), Some(250));
}

fn a_subnet_out_of_its_vpc(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    assert_eq!(code(lab.ec2.create_subnet(|subnet| subnet.vpc_id(&vpc).cidr_block("10.1.0.0/24")).wait()), "InvalidSubnet.Range");
}

fn two_subnets_in_one_place(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    lab.subnet(&vpc, "10.0.1.0/24");
    assert_eq!(
        code(lab.ec2.create_subnet(|subnet| subnet.vpc_id(&vpc).cidr_block("10.0.1.128/25")).wait()),
        "InvalidSubnet.Conflict"
    );
}

fn a_subnet_of_an_absent_vpc(lab: &Lab) {
    let made = lab.ec2.create_subnet(|subnet| subnet.vpc_id("vpc-0ffffffffffffffff").cidr_block("10.0.1.0/24")).wait();
    assert_eq!(code(made), "InvalidVpcID.NotFound");
}

fn a_subnet_in_use_stays(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    lab.ec2.create_network_interface(|nic| nic.subnet_id(&subnet)).wait().unwrap();
    let deleted = lab.ec2.delete_subnet(|which| which.subnet_id(&subnet)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn a_subnet_gives_public_addresses_if_told(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let shown = || lab.ec2.describe_subnets(|which| which.subnet_ids(&subnet)).wait().unwrap().subnets.unwrap().remove(0);
    assert_eq!(shown().map_public_ip_on_launch(), Some(false));
    let yes = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_subnet_attribute(|which| which.subnet_id(&subnet).map_public_ip_on_launch(yes)).wait().unwrap();
    assert_eq!(shown().map_public_ip_on_launch(), Some(true));
}

fn subnets_by_filter(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    for (name, value) in [("cidr-block", "10.0.1.0/24"), ("vpc-id", vpc.as_str()), ("subnet-id", &subnet)] {
        let found = lab.ec2.describe_subnets(|which| which.filters(filter(name, [value]))).wait().unwrap().subnets.unwrap();
        assert_eq!(found.iter().map(|one| one.subnet_id().unwrap()).collect::<Vec<_>>(), [subnet.as_str()], "{name}");
    }
}

fn interface(lab: &Lab) -> (String, String) {
    let instance = lab.run_one();
    let subnet = lab.instance(&instance).subnet_id.unwrap();
    let made = lab.ec2.create_network_interface(|nic| nic.subnet_id(subnet).description("second")).wait().unwrap();
    lab.settle();
    (instance, made.network_interface.unwrap().network_interface_id.unwrap())
}

fn status(lab: &Lab, nic: &str) -> String {
    let nics =
        lab.ec2.describe_network_interfaces(|which| which.network_interface_ids(nic)).wait().unwrap().network_interfaces.unwrap();
    nics[0].status().unwrap().as_str().to_owned()
}

fn an_interface_alone(lab: &Lab) {
    let (_, nic) = interface(lab);
    assert_eq!(status(lab, &nic), "available");
    lab.ec2.delete_network_interface(|which| which.network_interface_id(&nic)).wait().unwrap();
    let gone = lab.ec2.describe_network_interfaces(|which| which.network_interface_ids(&nic)).wait();
    assert_eq!(code(gone), "InvalidNetworkInterfaceID.NotFound");
}

fn an_interface_in_use_stays(lab: &Lab) {
    let (instance, nic) = interface(lab);
    lab.ec2.attach_network_interface(|to| to.network_interface_id(&nic).instance_id(&instance).device_index(1)).wait().unwrap();
    lab.settle();
    let deleted = lab.ec2.delete_network_interface(|which| which.network_interface_id(&nic)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "InvalidParameterValue");
    }
}

fn attach_and_detach_an_interface(lab: &Lab) {
    let (instance, nic) = interface(lab);
    let attached = lab
        .ec2
        .attach_network_interface(|to| to.network_interface_id(&nic).instance_id(&instance).device_index(1))
        .wait()
        .unwrap();
    lab.settle();
    assert_eq!(status(lab, &nic), "in-use");
    assert_eq!(lab.instance(&instance).network_interfaces().len(), 2);
    lab.ec2.detach_network_interface(|which| which.attachment_id(attached.attachment_id().unwrap())).wait().unwrap();
    lab.settle();
    assert_eq!(status(lab, &nic), "available");
}

fn dhcp_options(lab: &Lab) {
    let servers = NewDhcpConfiguration::builder().key("domain-name-servers").values("10.2.5.1").values("10.2.5.2").build();
    let made = lab.ec2.create_dhcp_options(|options| options.dhcp_configurations(servers)).wait().unwrap().dhcp_options.unwrap();
    let (id, vpc) = (made.dhcp_options_id().unwrap(), lab.vpc("10.0.0.0/16"));
    lab.ec2.associate_dhcp_options(|to| to.dhcp_options_id(id).vpc_id(&vpc)).wait().unwrap();
    let shown = lab.ec2.describe_vpcs(|which| which.vpc_ids(&vpc)).wait().unwrap().vpcs.unwrap().remove(0);
    assert_eq!(shown.dhcp_options_id(), Some(id));
    assert_eq!(code(lab.ec2.delete_dhcp_options(|which| which.dhcp_options_id(id)).wait()), "DependencyViolation");
    let shown = lab.ec2.describe_dhcp_options(|which| which.dhcp_options_ids(id)).wait().unwrap().dhcp_options.unwrap().remove(0);
    assert_eq!(shown.dhcp_configurations()[0].values().len(), 2);
    let absent = lab.ec2.describe_dhcp_options(|which| which.dhcp_options_ids("dopt-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidDhcpOptionID.NotFound");
}

fn network_acl_entries(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let acl = lab.ec2.create_network_acl(|acl| acl.vpc_id(&vpc)).wait().unwrap().network_acl.unwrap().network_acl_id.unwrap();
    let add = || {
        lab.ec2.create_network_acl_entry(|entry| {
            entry
                .network_acl_id(&acl)
                .rule_number(110)
                .protocol("-1")
                .rule_action(RuleAction::Deny)
                .egress(false)
                .cidr_block("10.9.0.0/16")
        })
    };
    add().wait().unwrap();
    assert_eq!(code(add().wait()), "NetworkAclEntryAlreadyExists");
    let entries = || {
        lab.ec2
            .describe_network_acls(|which| which.network_acl_ids(&acl))
            .wait()
            .unwrap()
            .network_acls
            .unwrap()
            .remove(0)
            .entries
            .unwrap()
    };
    assert!(entries().iter().any(|entry| entry.rule_number() == Some(110) && entry.cidr_block() == Some("10.9.0.0/16")));
    lab.ec2.delete_network_acl_entry(|entry| entry.network_acl_id(&acl).rule_number(110).egress(false)).wait().unwrap();
    assert!(!entries().iter().any(|entry| entry.rule_number() == Some(110)));
    lab.ec2.delete_network_acl(|which| which.network_acl_id(&acl)).wait().unwrap();
}

fn the_default_acl_stays(lab: &Lab) {
    let vpc = lab.default_vpc();
    let acl = lab
        .ec2
        .describe_network_acls(|which| which.filters(filter("vpc-id", [&vpc])))
        .wait()
        .unwrap()
        .network_acls
        .unwrap()
        .remove(0);
    assert_eq!(acl.associations().len(), 6);
    let deleted = lab.ec2.delete_network_acl(|which| which.network_acl_id(acl.network_acl_id().unwrap())).wait();
    if lab.as_amazon("moto sees its subnets before it sees that it is the default") {
        assert_eq!(code(deleted), "InvalidParameterValue");
    }
}

fn a_default_subnet(lab: &Lab) {
    let make = || lab.ec2.create_default_subnet(|subnet| subnet.availability_zone("us-east-1a")).wait();
    let again = make();
    if !lab.as_amazon("moto looks for a subnet of the zone in all VPCs") {
        return;
    }
    assert_eq!(code(again), "DefaultSubnetAlreadyExistsInAvailabilityZone");
    let of_zone = [filter("default-for-az", ["true"]), filter("availability-zone", ["us-east-1a"])];
    let found =
        lab.ec2.describe_subnets(|which| which.set_filters(Some(of_zone.to_vec()))).wait().unwrap().subnets.unwrap().remove(0);
    lab.ec2.delete_subnet(|which| which.subnet_id(found.subnet_id().unwrap())).wait().unwrap();
    let made = make().unwrap().subnet.unwrap();
    assert_eq!((made.default_for_az(), made.map_public_ip_on_launch()), (Some(true), Some(true)));
    assert_eq!((made.cidr_block(), made.vpc_id()), (found.cidr_block(), Some(lab.default_vpc().as_str())));
}

fn acl_of(lab: &Lab, vpc: &str, is_default: &str) -> aws_sdk_ec2::types::NetworkAcl {
    let filters = [filter("vpc-id", [vpc]), filter("default", [is_default])];
    lab.ec2
        .describe_network_acls(|which| which.set_filters(Some(filters.to_vec())))
        .wait()
        .unwrap()
        .network_acls
        .unwrap()
        .remove(0)
}

fn a_network_acl_entry_is_replaced(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let acl = lab.ec2.create_network_acl(|acl| acl.vpc_id(&vpc)).wait().unwrap().network_acl.unwrap().network_acl_id.unwrap();
    let replace = |number: i32| {
        let replaced = lab.ec2.replace_network_acl_entry(|entry| {
            let entry = entry.network_acl_id(&acl).rule_number(number).protocol("-1").egress(false);
            entry.rule_action(RuleAction::Allow).cidr_block("10.8.0.0/16")
        });
        replaced.wait()
    };
    lab.ec2
        .create_network_acl_entry(|entry| {
            let entry = entry.network_acl_id(&acl).rule_number(110).protocol("-1").egress(false);
            entry.rule_action(RuleAction::Deny).cidr_block("10.9.0.0/16")
        })
        .wait()
        .unwrap();
    replace(110).unwrap();
    let entries = acl_of(lab, &vpc, "false").entries.unwrap();
    let own: Vec<_> = entries.iter().filter(|entry| entry.rule_number() == Some(110)).collect();
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].rule_action(), own[0].cidr_block()), (Some(&RuleAction::Allow), Some("10.8.0.0/16")));
    let absent = replace(120);
    if lab.as_amazon("moto answers 500 to an entry that is not there") {
        assert_eq!(code(absent), "InvalidNetworkAclEntry.NotFound");
    }
}

fn a_subnet_gets_another_acl(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let acl = lab.ec2.create_network_acl(|acl| acl.vpc_id(&vpc)).wait().unwrap().network_acl.unwrap().network_acl_id.unwrap();
    let default = acl_of(lab, &vpc, "true");
    let old =
        default.associations().iter().find(|to| to.subnet_id() == Some(&subnet)).unwrap().network_acl_association_id().unwrap();
    let new = lab.ec2.replace_network_acl_association(|to| to.association_id(old).network_acl_id(&acl)).wait().unwrap();
    assert_ne!(new.new_association_id(), Some(old));
    assert!(acl_of(lab, &vpc, "true").associations().is_empty());
    let to = acl_of(lab, &vpc, "false").associations.unwrap().remove(0);
    assert_eq!((to.subnet_id(), to.network_acl_association_id()), (Some(subnet.as_str()), new.new_association_id()));
    let again = lab.ec2.replace_network_acl_association(|to| to.association_id(old).network_acl_id(&acl)).wait();
    if lab.as_amazon("moto answers 500 to an association that is not there") {
        assert_eq!(code(again), "InvalidAssociationID.NotFound");
    }
}
