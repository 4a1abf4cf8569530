//! NAT gateways.

use aws_sdk_ec2::types::{ConnectivityType, NatGateway, NatGatewayState, NetworkInterfaceType, ResourceType, RouteState};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, named, on_mock_and_moto};

on_mock_and_moto!([
    a_gateway_comes_to_life,
    the_waiters_of_gateways,
    a_private_gateway,
    a_gateway_of_several_addresses,
    a_gateway_without_an_address,
    a_gateway_with_an_absent_address,
    a_gateway_in_an_absent_subnet,
    a_gateway_without_a_way_out_fails,
    a_gateway_with_a_taken_address_fails,
    a_gateway_that_is_not_there,
    gateways_by_filter,
    gateways_page_by_page,
    a_client_token_makes_one_gateway,
    a_dry_run_makes_no_gateway,
    a_route_through_a_gateway,
    a_route_through_an_absent_gateway,
    a_deleted_gateway_gives_its_address_back,
    a_subnet_with_a_gateway_stays,
    what_a_gateway_has_is_its_own,
]);

const ABSENT: &str = "nat-0ffffffffffffffff";

fn place(lab: &Lab) -> (String, String, String) {
    let vpc = lab.vpc_with_gateway("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    (vpc, subnet, lab.allocation())
}

fn gateway(lab: &Lab, subnet: &str, allocation: &str) -> String {
    let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(subnet).allocation_id(allocation)).wait().unwrap();
    made.nat_gateway.unwrap().nat_gateway_id.unwrap()
}

fn shown(lab: &Lab, id: &str) -> NatGateway {
    lab.ec2.describe_nat_gateways(|which| which.nat_gateway_ids(id)).wait().unwrap().nat_gateways.unwrap().remove(0)
}

fn a_gateway_comes_to_life(lab: &Lab) {
    let (vpc, subnet, allocation) = place(lab);
    let made = lab.ec2.create_nat_gateway(|gateway| {
        gateway.subnet_id(&subnet).allocation_id(&allocation).tag_specifications(named(ResourceType::Natgateway, "out"))
    });
    let made = made.wait().unwrap().nat_gateway.unwrap();
    let id = made.nat_gateway_id().unwrap();
    assert!(id.starts_with("nat-"));
    assert_eq!(made.tags()[0].value(), Some("out"));
    if lab.as_amazon("moto takes no time for it") {
        assert_eq!(made.state(), Some(&NatGatewayState::Pending));
    }
    lab.settle();
    let shown = shown(lab, id);
    assert_eq!(shown.state(), Some(&NatGatewayState::Available));
    assert_eq!((shown.vpc_id(), shown.subnet_id()), (Some(vpc.as_str()), Some(subnet.as_str())));
    if lab.as_amazon("moto says it only if it was told") {
        assert_eq!(shown.connectivity_type(), Some(&ConnectivityType::Public));
    }
    let own = &shown.nat_gateway_addresses()[0];
    let address =
        lab.ec2.describe_addresses(|which| which.allocation_ids(&allocation)).wait().unwrap().addresses.unwrap().remove(0);
    assert_eq!((own.allocation_id(), own.public_ip()), (Some(allocation.as_str()), address.public_ip()));
    assert_eq!(own.network_interface_id(), address.network_interface_id());
    let nic = lab.described_interface(own.network_interface_id().unwrap());
    assert_eq!(nic.subnet_id(), Some(subnet.as_str()));
    if lab.as_amazon("moto takes the private address from anywhere") {
        assert_eq!(own.private_ip(), nic.private_ip_address());
        assert!(own.private_ip().unwrap().starts_with("10.0.1."));
        assert_eq!(nic.interface_type(), Some(&NetworkInterfaceType::NatGateway));
        assert_eq!((nic.requester_managed(), nic.status().unwrap().as_str()), (Some(true), "in-use"));
    }
}

fn the_waiters_of_gateways(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    let id = gateway(lab, &subnet, &allocation);
    lab.ec2.get_waiter().nat_gateway_available(|which| which.nat_gateway_ids(&id)).wait().unwrap();
    assert_eq!(shown(lab, &id).state(), Some(&NatGatewayState::Available));
    lab.ec2.delete_nat_gateway(|which| which.nat_gateway_id(&id)).wait().unwrap();
    lab.ec2.get_waiter().nat_gateway_deleted(|which| which.nat_gateway_ids(&id)).wait().unwrap();
    assert_eq!(shown(lab, &id).state(), Some(&NatGatewayState::Deleted));
}

fn a_private_gateway(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let private = || ConnectivityType::Private;
    let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).connectivity_type(private())).wait().unwrap();
    lab.settle();
    let shown = shown(lab, made.nat_gateway().unwrap().nat_gateway_id().unwrap());
    assert_eq!((shown.state(), shown.connectivity_type()), (Some(&NatGatewayState::Available), Some(&private())));
    assert_eq!(shown.nat_gateway_addresses()[0].public_ip(), None);
    let allocation = lab.allocation();
    let both = lab.ec2.create_nat_gateway(|gateway| {
        gateway.subnet_id(&subnet).connectivity_type(private()).allocation_id(&allocation).private_ip_address("10.0.1.9")
    });
    let both = both.wait();
    if lab.as_amazon("moto passes over the address, and over more private ones") {
        assert_eq!(code(both), "InvalidParameterCombination");
        let more = lab.ec2.create_nat_gateway(|gateway| {
            let gateway = gateway.subnet_id(&subnet).connectivity_type(private()).private_ip_address("10.0.1.9");
            gateway.secondary_private_ip_addresses("10.0.1.10").secondary_private_ip_address_count(1)
        });
        let addresses = more.wait().unwrap().nat_gateway.unwrap().nat_gateway_addresses.unwrap();
        let own: Vec<_> = addresses.iter().map(|own| (own.private_ip().unwrap(), own.is_primary().unwrap())).collect();
        assert_eq!(own[..2], [("10.0.1.9", true), ("10.0.1.10", false)]);
        assert_eq!(own.len(), 3);
    }
}

fn a_gateway_of_several_addresses(lab: &Lab) {
    let (_, subnet, first) = place(lab);
    let second = lab.allocation();
    let made =
        lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).allocation_id(&first).secondary_allocation_ids(&second));
    let id = made.wait().unwrap().nat_gateway.unwrap().nat_gateway_id.unwrap();
    lab.settle();
    if !lab.as_amazon("moto passes over more than one") {
        return;
    }
    let own = shown(lab, &id).nat_gateway_addresses.unwrap();
    let allocations: Vec<_> = own.iter().map(|own| (own.allocation_id().unwrap(), own.is_primary().unwrap())).collect();
    assert_eq!(allocations, [(first.as_str(), true), (second.as_str(), false)]);
    let shown = lab.ec2.describe_addresses(|which| which.allocation_ids(&second)).wait().unwrap().addresses.unwrap();
    assert_eq!((shown[0].public_ip(), shown[0].private_ip_address()), (own[1].public_ip(), own[1].private_ip()));
    let uneven = lab.ec2.create_nat_gateway(|gateway| {
        gateway.subnet_id(&subnet).allocation_id(&first).secondary_private_ip_addresses("10.0.1.9")
    });
    assert_eq!(code(uneven.wait()), "InvalidParameterCombination");
}

fn a_gateway_without_an_address(lab: &Lab) {
    let (_, subnet, _) = place(lab);
    let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet)).wait();
    if lab.as_amazon("moto makes a public gateway that has no public address") {
        assert_eq!(code(made), "MissingParameter");
    }
}

fn a_gateway_with_an_absent_address(lab: &Lab) {
    let (_, subnet, _) = place(lab);
    let made =
        lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).allocation_id("eipalloc-0ffffffffffffffff")).wait();
    assert_eq!(code(made), "InvalidAllocationID.NotFound");
}

fn a_gateway_in_an_absent_subnet(lab: &Lab) {
    let allocation = lab.allocation();
    let made =
        lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id("subnet-0ffffffffffffffff").allocation_id(allocation)).wait();
    assert_eq!(code(made), "InvalidSubnetID.NotFound");
}

fn a_gateway_without_a_way_out_fails(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let id = gateway(lab, &subnet, &lab.allocation());
    let waited = lab.ec2.get_waiter().nat_gateway_available(|which| which.nat_gateway_ids(&id)).wait();
    if lab.as_amazon("moto does not ask for an internet gateway") {
        waited.unwrap_err();
        let shown = shown(lab, &id);
        assert_eq!(shown.state(), Some(&NatGatewayState::Failed));
        assert_eq!(shown.failure_code(), Some("Gateway.NotAttached"));
        assert_eq!(shown.failure_message(), Some(&*format!("Network {vpc} has no Internet gateway attached")));
        lab.ec2.delete_subnet(|which| which.subnet_id(&subnet)).wait().unwrap();
    }
}

fn a_gateway_with_a_taken_address_fails(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    gateway(lab, &subnet, &allocation);
    let again = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).allocation_id(&allocation)).wait();
    lab.settle();
    if lab.as_amazon("moto refuses it at once") {
        let shown = shown(lab, again.unwrap().nat_gateway().unwrap().nat_gateway_id().unwrap());
        assert_eq!(shown.state(), Some(&NatGatewayState::Failed));
        assert_eq!(shown.failure_code(), Some("Resource.AlreadyAssociated"));
    }
}

fn a_gateway_that_is_not_there(lab: &Lab) {
    let shown = lab.ec2.describe_nat_gateways(|which| which.nat_gateway_ids(ABSENT)).wait();
    let deleted = lab.ec2.delete_nat_gateway(|which| which.nat_gateway_id(ABSENT)).wait();
    if lab.as_amazon("moto describes nothing, and answers 500 to the deletion") {
        assert_eq!(code(shown), "NatGatewayNotFound");
        assert_eq!(code(deleted), "NatGatewayNotFound");
    }
}

fn gateways_by_filter(lab: &Lab) {
    let (vpc, subnet, allocation) = place(lab);
    let id = gateway(lab, &subnet, &allocation);
    let other = lab.subnet(&vpc, "10.0.2.0/24");
    gateway(lab, &other, &lab.allocation());
    lab.settle();
    let found = |name: &str, value: &str| {
        let all =
            lab.ec2.describe_nat_gateways(|which| which.filter(filter(name, [value]))).wait().unwrap().nat_gateways.unwrap();
        all.into_iter().map(|one| one.nat_gateway_id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found("subnet-id", &subnet), [id.clone()]);
    assert_eq!(found("nat-gateway-id", &id), [id]);
    assert_eq!(found("vpc-id", &vpc).len(), 2);
    assert_eq!(found("state", "available").len(), 2);
    assert!(found("state", "deleted").is_empty());
}

fn gateways_page_by_page(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    for _ in 0..7 {
        let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).connectivity_type(ConnectivityType::Private));
        made.wait().unwrap();
    }
    let pages: Vec<usize> = lab
        .ec2
        .paginate()
        .describe_nat_gateways(|which| which.max_results(5).filter(filter("vpc-id", [&vpc])))
        .map(|page| page.unwrap().nat_gateways().len())
        .collect();
    assert_eq!(pages.iter().sum::<usize>(), 7);
    if lab.as_amazon("moto has one page") {
        assert_eq!(pages, [5, 2]);
    }
}

fn a_client_token_makes_one_gateway(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    if !lab.as_amazon("moto does not look at the token") {
        return;
    }
    let made = || {
        let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).allocation_id(&allocation).client_token("t"));
        made.wait().unwrap()
    };
    let first = made();
    assert_eq!(first.client_token(), Some("t"));
    assert_eq!(first.nat_gateway().unwrap().nat_gateway_id(), made().nat_gateway().unwrap().nat_gateway_id());
}

fn a_dry_run_makes_no_gateway(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    let made = lab.ec2.create_nat_gateway(|gateway| gateway.subnet_id(&subnet).allocation_id(&allocation).dry_run(true)).wait();
    if lab.as_amazon("moto makes it") {
        assert_eq!(code(made), "DryRunOperation");
        assert!(lab.ec2.describe_nat_gateways(|which| which).wait().unwrap().nat_gateways().is_empty());
    }
}

fn a_route_through_a_gateway(lab: &Lab) {
    let (vpc, subnet, allocation) = place(lab);
    let (id, table) = (gateway(lab, &subnet, &allocation), lab.route_table(&vpc));
    lab.settle();
    lab.ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").nat_gateway_id(&id))
        .wait()
        .unwrap();
    let route = || lab.described_table(&table).routes.unwrap().pop().unwrap();
    assert_eq!((route().nat_gateway_id(), route().destination_cidr_block()), (Some(id.as_str()), Some("0.0.0.0/0")));
    let found = lab.ec2.describe_route_tables(|which| which.filters(filter("route.nat-gateway-id", [&id]))).wait();
    lab.ec2.delete_nat_gateway(|which| which.nat_gateway_id(&id)).wait().unwrap();
    if lab.as_amazon("moto does not know the filter, and its routes always lead somewhere") {
        assert_eq!(found.unwrap().route_tables().len(), 1);
        assert_eq!(route().state(), Some(&RouteState::Blackhole));
    }
}

fn a_route_through_an_absent_gateway(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let table = lab.route_table(&vpc);
    let made = lab
        .ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").nat_gateway_id(ABSENT))
        .wait();
    if lab.as_amazon("moto makes a route that leads nowhere") {
        assert_eq!(code(made), "InvalidNatGatewayID.NotFound");
    }
}

fn a_deleted_gateway_gives_its_address_back(lab: &Lab) {
    let (vpc, subnet, allocation) = place(lab);
    let id = gateway(lab, &subnet, &allocation);
    lab.settle();
    let answer = lab.ec2.delete_nat_gateway(|which| which.nat_gateway_id(&id)).wait().unwrap();
    assert_eq!(answer.nat_gateway_id(), Some(id.as_str()));
    if !lab.as_amazon("moto takes no time for it, and keeps the interface and its address") {
        return;
    }
    assert_eq!(shown(lab, &id).state(), Some(&NatGatewayState::Deleting));
    lab.settle();
    assert_eq!(shown(lab, &id).state(), Some(&NatGatewayState::Deleted));
    lab.ec2.release_address(|which| which.allocation_id(&allocation)).wait().unwrap();
    lab.ec2.delete_subnet(|which| which.subnet_id(&subnet)).wait().unwrap();
    assert!(lab.ec2.describe_subnets(|which| which.filters(filter("vpc-id", [&vpc]))).wait().unwrap().subnets().is_empty());
    for _ in 0..10 {
        lab.settle();
    }
    assert_eq!(code(lab.ec2.describe_nat_gateways(|which| which.nat_gateway_ids(&id)).wait()), "NatGatewayNotFound");
}

fn a_subnet_with_a_gateway_stays(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    gateway(lab, &subnet, &allocation);
    let deleted = lab.ec2.delete_subnet(|which| which.subnet_id(&subnet)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn what_a_gateway_has_is_its_own(lab: &Lab) {
    let (_, subnet, allocation) = place(lab);
    let id = gateway(lab, &subnet, &allocation);
    lab.settle();
    let own = shown(lab, &id).nat_gateway_addresses.unwrap().remove(0);
    let nic = own.network_interface_id.unwrap();
    if !lab.as_amazon("moto lets anybody take it away") {
        return;
    }
    let ended = lab.ec2.disassociate_address(|which| which.set_association_id(own.association_id.clone())).wait();
    assert_eq!(code(ended), "AuthFailure");
    assert_eq!(code(lab.ec2.release_address(|which| which.allocation_id(&allocation)).wait()), "InvalidIPAddress.InUse");
    assert_eq!(code(lab.ec2.delete_network_interface(|which| which.network_interface_id(&nic)).wait()), "InvalidParameterValue");
    let attachment = lab.described_interface(&nic).attachment.unwrap().attachment_id.unwrap();
    assert_eq!(code(lab.ec2.detach_network_interface(|which| which.attachment_id(attachment)).wait()), "OperationNotPermitted");
    let instance = lab.run_one();
    let taken =
        lab.ec2.associate_address(|to| to.allocation_id(&allocation).instance_id(&instance).allow_reassociation(true)).wait();
    assert_eq!(code(taken), "AuthFailure");
}
