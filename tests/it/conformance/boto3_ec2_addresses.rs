//! Elastic addresses.

use aws_sdk_ec2::types::DomainType;
use leyden::Wait;

use super::boto3_ec2::{Lab, code, on_mock_and_moto};

on_mock_and_moto!([
    an_address_is_allocated_and_released,
    an_address_that_is_not_there,
    an_address_goes_to_an_instance,
    an_associated_address_is_not_released,
    an_association_ends,
    an_association_is_not_taken_over_unasked,
    an_absent_association,
]);

fn allocate(lab: &Lab) -> (String, String) {
    let made = lab.ec2.allocate_address(|address| address.domain(DomainType::Vpc)).wait().unwrap();
    (made.allocation_id.unwrap(), made.public_ip.unwrap())
}

fn an_address_is_allocated_and_released(lab: &Lab) {
    let (id, ip) = allocate(lab);
    assert!(id.starts_with("eipalloc-"));
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&id)).wait().unwrap().addresses.unwrap().remove(0);
    assert_eq!((shown.public_ip(), shown.domain()), (Some(ip.as_str()), Some(&DomainType::Vpc)));
    lab.ec2.release_address(|which| which.allocation_id(&id)).wait().unwrap();
    assert!(lab.ec2.describe_addresses(|which| which).wait().unwrap().addresses().is_empty());
}

fn an_address_that_is_not_there(lab: &Lab) {
    assert_eq!(
        code(lab.ec2.release_address(|which| which.allocation_id("eipalloc-0ffffffffffffffff")).wait()),
        "InvalidAllocationID.NotFound"
    );
    assert_eq!(code(lab.ec2.describe_addresses(|which| which.public_ips("1.2.3.4")).wait()), "InvalidAddress.NotFound");
}

fn an_address_goes_to_an_instance(lab: &Lab) {
    let (id, ip) = allocate(lab);
    let instance = lab.run_one();
    let made = lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instance)).wait().unwrap();
    assert!(made.association_id().unwrap().starts_with("eipassoc-"));
    assert_eq!(lab.instance(&instance).public_ip_address(), Some(ip.as_str()));
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&id)).wait().unwrap().addresses.unwrap().remove(0);
    assert_eq!((shown.instance_id(), shown.association_id()), (Some(instance.as_str()), made.association_id()));
}

fn an_associated_address_is_not_released(lab: &Lab) {
    let (id, _) = allocate(lab);
    let instance = lab.run_one();
    lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instance)).wait().unwrap();
    let released = lab.ec2.release_address(|which| which.allocation_id(&id)).wait();
    if lab.as_amazon("moto releases it") {
        assert_eq!(code(released), "InvalidIPAddress.InUse");
    }
}

fn an_association_ends(lab: &Lab) {
    let (id, _) = allocate(lab);
    let instance = lab.run_one();
    let made = lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instance)).wait().unwrap();
    lab.ec2.disassociate_address(|which| which.association_id(made.association_id().unwrap())).wait().unwrap();
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&id)).wait().unwrap().addresses.unwrap().remove(0);
    assert_eq!(shown.association_id(), None);
    lab.ec2.release_address(|which| which.allocation_id(&id)).wait().unwrap();
}

fn an_association_is_not_taken_over_unasked(lab: &Lab) {
    let (id, _) = allocate(lab);
    let instances = lab.run(2);
    lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instances[0])).wait().unwrap();
    let again =
        lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instances[1]).allow_reassociation(false)).wait();
    assert_eq!(code(again), "Resource.AlreadyAssociated");
    lab.ec2.associate_address(|to| to.allocation_id(&id).instance_id(&instances[1]).allow_reassociation(true)).wait().unwrap();
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&id)).wait().unwrap().addresses.unwrap().remove(0);
    assert_eq!(shown.instance_id(), Some(instances[1].as_str()));
}

fn an_absent_association(lab: &Lab) {
    let ended = lab.ec2.disassociate_address(|which| which.association_id("eipassoc-0ffffffffffffffff")).wait();
    assert_eq!(code(ended), "InvalidAssociationID.NotFound");
}
