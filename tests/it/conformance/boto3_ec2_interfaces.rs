//! Interfaces: more addresses, what can be set on them.

use std::net::Ipv6Addr;

use aws_sdk_ec2::types::{AttributeBooleanValue, AttributeValue, NetworkInterfaceAttachmentChanges, NetworkInterfaceAttribute};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, on_mock_and_moto};

on_mock_and_moto!([
    addresses_are_assigned_by_number,
    an_address_is_assigned_by_name,
    an_address_that_is_taken,
    an_address_moves_with_its_elastic_one,
    addresses_of_an_absent_interface,
    neither_addresses_nor_a_number,
    as_many_addresses_as_the_type_has,
    addresses_are_unassigned,
    the_primary_address_stays,
    an_address_that_is_not_there,
    a_secondary_address_is_public,
    ipv6_addresses_by_number_and_name,
    ipv6_addresses_without_a_block,
    an_interface_with_ipv6_from_the_start,
    an_instance_with_ipv6_from_the_start,
    the_description_is_changed,
    the_check_of_source_and_destination,
    the_groups_are_changed,
    the_attachment_is_changed,
    two_changes_at_once,
    an_attribute_that_there_is_not,
    an_address_goes_where_its_interface_goes,
    the_attributes_of_addresses,
]);

const ABSENT: &str = "eni-0ffffffffffffffff";

fn one(lab: &Lab) -> (String, String) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let nic = lab.interface(&subnet);
    (subnet, nic)
}

fn private(lab: &Lab, nic: &str) -> Vec<(String, bool)> {
    let all = lab.described_interface(nic).private_ip_addresses.unwrap();
    all.into_iter().map(|own| (own.private_ip_address.unwrap(), own.primary.unwrap_or(false))).collect()
}

fn addresses_are_assigned_by_number(lab: &Lab) {
    let (_, nic) = one(lab);
    let assigned = lab
        .ec2
        .assign_private_ip_addresses(|to| to.network_interface_id(&nic).secondary_private_ip_address_count(3))
        .wait()
        .unwrap();
    assert_eq!(assigned.network_interface_id(), Some(nic.as_str()));
    if lab.as_amazon("moto names the primary one too") {
        assert_eq!(assigned.assigned_private_ip_addresses().len(), 3);
    }
    let all = private(lab, &nic);
    assert_eq!((all.len(), all.iter().filter(|own| own.1).count()), (4, 1));
    assert!(all.iter().all(|own| own.0.starts_with("10.0.1.")));
}

fn an_address_is_assigned_by_name(lab: &Lab) {
    let (subnet, nic) = one(lab);
    for _ in 0..2 {
        lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).private_ip_addresses("10.0.1.77")).wait().unwrap();
    }
    assert_eq!(private(lab, &nic)[1..], [("10.0.1.77".to_owned(), false)]);
    if lab.as_amazon("moto does not count what was assigned") {
        let free = lab.ec2.describe_subnets(|which| which.subnet_ids(&subnet)).wait().unwrap().subnets.unwrap().remove(0);
        assert_eq!(free.available_ip_address_count(), Some(249));
    }
}

fn an_address_that_is_taken(lab: &Lab) {
    let (subnet, nic) = one(lab);
    let other = lab.interface(&subnet);
    lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).private_ip_addresses("10.0.1.77")).wait().unwrap();
    let again =
        lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&other).private_ip_addresses("10.0.1.77")).wait();
    let outside = lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).private_ip_addresses("10.9.9.9")).wait();
    if lab.as_amazon("moto gives an address to anybody, and any address") {
        assert_eq!(code(again), "InvalidIPAddress.InUse");
        assert_eq!(code(outside), "InvalidParameterValue");
    }
}

fn an_address_moves_with_its_elastic_one(lab: &Lab) {
    let (subnet, nic) = one(lab);
    let (other, allocation) = (lab.interface(&subnet), lab.allocation());
    lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).private_ip_addresses("10.0.1.77")).wait().unwrap();
    lab.ec2
        .associate_address(|to| to.allocation_id(&allocation).network_interface_id(&nic).private_ip_address("10.0.1.77"))
        .wait()
        .unwrap();
    lab.ec2
        .assign_private_ip_addresses(|to| {
            to.network_interface_id(&other).private_ip_addresses("10.0.1.77").allow_reassignment(true)
        })
        .wait()
        .unwrap();
    assert!(private(lab, &other).contains(&("10.0.1.77".to_owned(), false)));
    if lab.as_amazon("moto leaves it where it was, too") {
        assert_eq!(private(lab, &nic).len(), 1);
        let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&allocation)).wait().unwrap().addresses.unwrap();
        assert_eq!(shown[0].network_interface_id(), Some(other.as_str()));
    }
}

fn addresses_of_an_absent_interface(lab: &Lab) {
    let absent = "InvalidNetworkInterfaceID.NotFound";
    let ec2 = &lab.ec2;
    assert_eq!(
        code(ec2.assign_private_ip_addresses(|to| to.network_interface_id(ABSENT).private_ip_addresses("10.0.1.7")).wait()),
        absent
    );
    assert_eq!(
        code(ec2.unassign_private_ip_addresses(|to| to.network_interface_id(ABSENT).private_ip_addresses("10.0.1.7")).wait()),
        absent
    );
    assert_eq!(code(ec2.assign_ipv6_addresses(|to| to.network_interface_id(ABSENT).ipv6_addresses("::1")).wait()), absent);
    assert_eq!(code(ec2.unassign_ipv6_addresses(|to| to.network_interface_id(ABSENT).ipv6_addresses("::1")).wait()), absent);
}

fn neither_addresses_nor_a_number(lab: &Lab) {
    let (_, nic) = one(lab);
    let assigned = lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic)).wait();
    if lab.as_amazon("moto assigns none and says nothing") {
        assert_eq!(code(assigned), "MissingParameter");
    }
}

fn as_many_addresses_as_the_type_has(lab: &Lab) {
    let instance = lab.run_one();
    let nic = lab.instance(&instance).network_interfaces.unwrap().remove(0).network_interface_id.unwrap();
    let assigned =
        lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).secondary_private_ip_address_count(20)).wait();
    if lab.as_amazon("moto has no limit") {
        assert_eq!(code(assigned), "PrivateIpAddressLimitExceeded");
    }
}

fn addresses_are_unassigned(lab: &Lab) {
    let (_, nic) = one(lab);
    let named = ["10.0.1.77".to_owned(), "10.0.1.78".to_owned()];
    lab.ec2
        .assign_private_ip_addresses(|to| to.network_interface_id(&nic).set_private_ip_addresses(Some(named.to_vec())))
        .wait()
        .unwrap();
    lab.ec2.unassign_private_ip_addresses(|of| of.network_interface_id(&nic).private_ip_addresses("10.0.1.77")).wait().unwrap();
    assert_eq!(private(lab, &nic)[1..], [("10.0.1.78".to_owned(), false)]);
}

fn the_primary_address_stays(lab: &Lab) {
    let (_, nic) = one(lab);
    let primary = private(lab, &nic).remove(0).0;
    let gone = lab.ec2.unassign_private_ip_addresses(|of| of.network_interface_id(&nic).private_ip_addresses(&primary)).wait();
    if lab.as_amazon("moto takes the primary one as well") {
        assert_eq!(code(gone), "InvalidParameterValue");
        assert_eq!(private(lab, &nic), [(primary, true)]);
    }
}

fn an_address_that_is_not_there(lab: &Lab) {
    let (_, nic) = one(lab);
    let gone = lab.ec2.unassign_private_ip_addresses(|of| of.network_interface_id(&nic).private_ip_addresses("10.0.1.99")).wait();
    if lab.as_amazon("moto passes over it") {
        assert_eq!(code(gone), "InvalidParameterValue");
    }
}

fn a_secondary_address_is_public(lab: &Lab) {
    let (_, nic) = one(lab);
    let (first, second) = (lab.allocation(), lab.allocation());
    lab.ec2.assign_private_ip_addresses(|to| to.network_interface_id(&nic).private_ip_addresses("10.0.1.77")).wait().unwrap();
    lab.ec2.associate_address(|to| to.allocation_id(&first).network_interface_id(&nic)).wait().unwrap();
    let made = lab
        .ec2
        .associate_address(|to| to.allocation_id(&second).network_interface_id(&nic).private_ip_address("10.0.1.77"))
        .wait()
        .unwrap();
    if !lab.as_amazon("moto knows one public address an interface") {
        return;
    }
    let allocations = || -> Vec<Option<String>> {
        let nic = lab.described_interface(&nic);
        nic.private_ip_addresses().iter().map(|own| own.association()?.allocation_id.clone()).collect()
    };
    assert_eq!(allocations(), [Some(first.clone()), Some(second)]);
    lab.ec2.disassociate_address(|which| which.set_association_id(made.association_id)).wait().unwrap();
    assert_eq!(allocations(), [Some(first), None]);
}

fn with_ipv6(lab: &Lab) -> (String, String) {
    let made = lab.ec2.create_vpc(|vpc| vpc.cidr_block("10.0.0.0/16").amazon_provided_ipv6_cidr_block(true)).wait().unwrap();
    let vpc = made.vpc.unwrap().vpc_id.unwrap();
    let shown = lab.ec2.describe_vpcs(|which| which.vpc_ids(&vpc)).wait().unwrap().vpcs.unwrap().remove(0);
    // moto does not write addresses as they are written by rule.
    let block = shown.ipv6_cidr_block_association_set()[0].ipv6_cidr_block().unwrap();
    let block = format!("{}/64", block.trim_end_matches("/56").parse::<Ipv6Addr>().unwrap());
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let made = lab.ec2.associate_subnet_cidr_block(|to| to.subnet_id(&subnet).ipv6_cidr_block(&block)).wait().unwrap();
    assert_eq!(made.ipv6_cidr_block_association().unwrap().ipv6_cidr_block(), Some(block.as_str()));
    (subnet, block.replace("::/64", ""))
}

fn ipv6(lab: &Lab, nic: &str) -> Vec<String> {
    let all = lab.described_interface(nic).ipv6_addresses.unwrap_or_default();
    all.into_iter().map(|own| own.ipv6_address.unwrap()).collect()
}

fn ipv6_addresses_by_number_and_name(lab: &Lab) {
    let (subnet, block) = with_ipv6(lab);
    let nic = lab.interface(&subnet);
    let assigned = lab.ec2.assign_ipv6_addresses(|to| to.network_interface_id(&nic).ipv6_address_count(2)).wait().unwrap();
    assert_eq!(assigned.assigned_ipv6_addresses(), ipv6(lab, &nic));
    let named = format!("{block}::77");
    lab.ec2.assign_ipv6_addresses(|to| to.network_interface_id(&nic).ipv6_addresses(&named)).wait().unwrap();
    assert_eq!(ipv6(lab, &nic).len(), 3);
    let gone = lab.ec2.unassign_ipv6_addresses(|of| of.network_interface_id(&nic).ipv6_addresses(&named)).wait().unwrap();
    assert_eq!(gone.unassigned_ipv6_addresses(), std::slice::from_ref(&named));
    assert_eq!(ipv6(lab, &nic).len(), 2);
    if lab.as_amazon("moto passes over what is not there, and looks at no block") {
        assert_eq!(
            code(lab.ec2.unassign_ipv6_addresses(|of| of.network_interface_id(&nic).ipv6_addresses(&named)).wait()),
            "InvalidParameterValue"
        );
        assert_eq!(
            code(lab.ec2.assign_ipv6_addresses(|to| to.network_interface_id(&nic).ipv6_addresses("2001:db8::1")).wait()),
            "InvalidParameterValue"
        );
    }
}

fn ipv6_addresses_without_a_block(lab: &Lab) {
    let (_, nic) = one(lab);
    let assigned = lab.ec2.assign_ipv6_addresses(|to| to.network_interface_id(&nic).ipv6_addresses("2001:db8::1")).wait();
    if lab.as_amazon("moto looks at no block") {
        assert_eq!(code(assigned), "InvalidParameterValue");
    }
}

fn an_interface_with_ipv6_from_the_start(lab: &Lab) {
    let (subnet, block) = with_ipv6(lab);
    let made = lab.ec2.create_network_interface(|nic| nic.subnet_id(&subnet).ipv6_address_count(1)).wait().unwrap();
    let nic = made.network_interface.unwrap().network_interface_id.unwrap();
    let own = ipv6(lab, &nic);
    assert_eq!(own.len(), 1);
    let of = |text: &str| text.parse::<Ipv6Addr>().unwrap().to_bits() >> 64;
    assert_eq!(of(&own[0]), of(&format!("{block}::")));
}

fn an_instance_with_ipv6_from_the_start(lab: &Lab) {
    let (subnet, _) = with_ipv6(lab);
    let image = lab.image();
    let run = |count: i32| {
        lab.ec2
            .run_instances(|run| run.image_id(&image).subnet_id(&subnet).ipv6_address_count(2).min_count(count).max_count(count))
    };
    let instance = run(1).wait().unwrap().instances.unwrap().remove(0).instance_id.unwrap();
    lab.settle();
    if lab.as_amazon("moto gives an instance no such addresses") {
        let nic = lab.instance(&instance).network_interfaces.unwrap().remove(0);
        assert_eq!(nic.ipv6_addresses().len(), 2);
        assert_eq!(lab.instance(&instance).ipv6_address(), nic.ipv6_addresses()[0].ipv6_address());
        run(2).wait().unwrap();
    }
}

fn the_description_is_changed(lab: &Lab) {
    let (_, nic) = one(lab);
    let text = AttributeValue::builder().value("of the database").build();
    lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic).description(text)).wait().unwrap();
    assert_eq!(lab.described_interface(&nic).description(), Some("of the database"));
    let shown = lab.ec2.describe_network_interface_attribute(|of| {
        of.network_interface_id(&nic).attribute(NetworkInterfaceAttribute::Description)
    });
    let shown = shown.wait().unwrap();
    assert_eq!(shown.network_interface_id(), Some(nic.as_str()));
    assert_eq!(shown.description().unwrap().value(), Some("of the database"));
    assert!(shown.source_dest_check().is_none());
}

fn the_check_of_source_and_destination(lab: &Lab) {
    let (_, nic) = one(lab);
    let checks = || {
        let shown = lab.ec2.describe_network_interface_attribute(|of| {
            of.network_interface_id(&nic).attribute(NetworkInterfaceAttribute::SourceDestCheck)
        });
        shown.wait().unwrap().source_dest_check().unwrap().value()
    };
    assert_eq!(checks(), Some(true));
    let no = AttributeBooleanValue::builder().value(false).build();
    lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic).source_dest_check(no)).wait().unwrap();
    if lab.as_amazon("moto takes a false for no word at all, and does not know how to reset") {
        assert_eq!(checks(), Some(false));
        lab.ec2.reset_network_interface_attribute(|of| of.network_interface_id(&nic).source_dest_check("x")).wait().unwrap();
        assert_eq!(checks(), Some(true));
    }
}

fn the_groups_are_changed(lab: &Lab) {
    let (subnet, nic) = one(lab);
    let vpc =
        lab.ec2.describe_subnets(|which| which.subnet_ids(subnet)).wait().unwrap().subnets.unwrap().remove(0).vpc_id.unwrap();
    let group = lab.ec2.create_security_group(|group| group.group_name("web").description("web").vpc_id(&vpc)).wait().unwrap();
    let group = group.group_id.unwrap();
    lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic).groups(&group)).wait().unwrap();
    let shown = lab
        .ec2
        .describe_network_interface_attribute(|of| of.network_interface_id(&nic).attribute(NetworkInterfaceAttribute::GroupSet))
        .wait()
        .unwrap();
    assert_eq!(shown.groups().iter().map(|own| own.group_id().unwrap()).collect::<Vec<_>>(), [group.as_str()]);
    let absent =
        lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic).groups("sg-0ffffffffffffffff")).wait();
    if lab.as_amazon("moto answers 500 when it describes the interface afterwards") {
        assert_eq!(code(absent), "InvalidGroup.NotFound");
        assert_eq!(code(lab.ec2.delete_security_group(|which| which.group_id(&group)).wait()), "DependencyViolation");
    }
}

fn the_attachment_is_changed(lab: &Lab) {
    let instance = lab.run_one();
    let subnet = lab.instance(&instance).subnet_id.unwrap();
    let nic = lab.interface(&subnet);
    let attached = lab
        .ec2
        .attach_network_interface(|to| to.network_interface_id(&nic).instance_id(&instance).device_index(1))
        .wait()
        .unwrap()
        .attachment_id
        .unwrap();
    lab.settle();
    let change = |id: &str| {
        let change = NetworkInterfaceAttachmentChanges::builder().attachment_id(id).delete_on_termination(true).build();
        lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic).attachment(change)).wait()
    };
    let (done, absent) = (change(&attached), change("eni-attach-0ffffffffffffffff"));
    let shown = lab
        .ec2
        .describe_network_interface_attribute(|of| of.network_interface_id(&nic).attribute(NetworkInterfaceAttribute::Attachment))
        .wait()
        .unwrap();
    assert_eq!(shown.attachment().unwrap().instance_id(), Some(instance.as_str()));
    if lab.as_amazon("moto passes over changes of attachments") {
        done.unwrap();
        assert_eq!(code(absent), "InvalidAttachmentID.NotFound");
        assert_eq!(shown.attachment().unwrap().delete_on_termination(), Some(true));
        lab.ec2.terminate_instances(|which| which.instance_ids(&instance)).wait().unwrap();
        lab.settle();
        let gone = lab.ec2.describe_network_interfaces(|which| which.network_interface_ids(&nic)).wait();
        assert_eq!(code(gone), "InvalidNetworkInterfaceID.NotFound");
    }
}

fn two_changes_at_once(lab: &Lab) {
    let (_, nic) = one(lab);
    let text = AttributeValue::builder().value("x").build();
    let no = AttributeBooleanValue::builder().value(false).build();
    let both = lab
        .ec2
        .modify_network_interface_attribute(|of| of.network_interface_id(&nic).description(text).source_dest_check(no))
        .wait();
    let none = lab.ec2.modify_network_interface_attribute(|of| of.network_interface_id(&nic)).wait();
    if lab.as_amazon("moto makes all changes that there are") {
        assert_eq!(code(both), "InvalidParameterCombination");
        assert_eq!(code(none), "InvalidParameterCombination");
    }
}

fn an_attribute_that_there_is_not(lab: &Lab) {
    let (_, nic) = one(lab);
    let shown = lab.ec2.describe_network_interface_attribute(|of| of.network_interface_id(&nic).attribute("colour".into()));
    assert_eq!(code(shown.wait()), "InvalidParameterValue");
    let absent = lab.ec2.describe_network_interface_attribute(|of| {
        of.network_interface_id(ABSENT).attribute(NetworkInterfaceAttribute::Description)
    });
    assert_eq!(code(absent.wait()), "InvalidNetworkInterfaceID.NotFound");
}

fn the_attributes_of_addresses(lab: &Lab) {
    let (first, second) = (lab.allocation(), lab.allocation());
    let all = lab.ec2.describe_addresses_attribute(|which| which).wait().unwrap();
    assert_eq!(all.addresses().len(), 2);
    let one = lab.ec2.describe_addresses_attribute(|which| which.allocation_ids(&second)).wait().unwrap().addresses.unwrap();
    assert_eq!(one[0].allocation_id(), Some(second.as_str()));
    assert_eq!((one[0].ptr_record(), one[0].public_ip().is_some()), (None, true));
    assert_ne!(first, second);
    let absent = lab.ec2.describe_addresses_attribute(|which| which.allocation_ids("eipalloc-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidAllocationID.NotFound");
}

fn an_address_goes_where_its_interface_goes(lab: &Lab) {
    let (instance, allocation) = (lab.run_one(), lab.allocation());
    let nic = lab.interface(&lab.instance(&instance).subnet_id.unwrap());
    lab.ec2.associate_address(|to| to.allocation_id(&allocation).network_interface_id(&nic)).wait().unwrap();
    lab.ec2.attach_network_interface(|to| to.network_interface_id(&nic).instance_id(&instance).device_index(1)).wait().unwrap();
    lab.settle();
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&allocation)).wait().unwrap().addresses.unwrap();
    assert_eq!(shown[0].network_interface_id(), Some(nic.as_str()));
    if lab.as_amazon("moto keeps the instance of the time before") {
        assert_eq!(shown[0].instance_id(), Some(instance.as_str()));
    }
}
