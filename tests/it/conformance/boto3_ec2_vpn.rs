//! VPN: both ends and what is between them.

use aws_sdk_ec2::types::{
    AttachmentStatus, GatewayType, ResourceType, VpnConnection, VpnConnectionOptionsSpecification, VpnGateway, VpnState,
    VpnTunnelOptionsSpecification,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, named, on_mock_and_moto};

on_mock_and_moto!([
    a_customer_gateway,
    a_customer_gateway_is_made_once,
    a_customer_gateway_that_is_not_there,
    customer_gateways_by_filter,
    a_vpn_gateway_is_attached,
    a_vpn_gateway_is_detached,
    a_vpc_has_one_vpn_gateway,
    a_vpn_gateway_that_is_not_there,
    an_attached_vpn_gateway_stays,
    vpn_gateways_by_filter,
    a_connection_comes_to_life,
    the_waiters_of_connections,
    a_connection_between_absent_ends,
    a_connection_that_is_not_there,
    two_ends_at_amazon,
    tunnels_as_asked_for,
    what_a_connection_uses_stays,
    connections_by_filter,
    routes_are_propagated,
    a_route_through_a_vpn_gateway,
]);

fn customer(lab: &Lab, address: &str) -> String {
    let made = lab
        .ec2
        .create_customer_gateway(|gateway| gateway.r#type(GatewayType::Ipsec1).public_ip(address).bgp_asn(65_534))
        .wait()
        .unwrap();
    made.customer_gateway.unwrap().customer_gateway_id.unwrap()
}

fn gateway(lab: &Lab) -> String {
    let made = lab.ec2.create_vpn_gateway(|gateway| gateway.r#type(GatewayType::Ipsec1)).wait().unwrap();
    made.vpn_gateway.unwrap().vpn_gateway_id.unwrap()
}

fn shown_gateway(lab: &Lab, id: &str) -> VpnGateway {
    lab.ec2.describe_vpn_gateways(|which| which.vpn_gateway_ids(id)).wait().unwrap().vpn_gateways.unwrap().remove(0)
}

fn connect(lab: &Lab, customer: &str, gateway: &str) -> String {
    let made = lab
        .ec2
        .create_vpn_connection(|vpn| vpn.r#type("ipsec.1").customer_gateway_id(customer).vpn_gateway_id(gateway))
        .wait()
        .unwrap();
    made.vpn_connection.unwrap().vpn_connection_id.unwrap()
}

fn shown(lab: &Lab, id: &str) -> VpnConnection {
    lab.ec2.describe_vpn_connections(|which| which.vpn_connection_ids(id)).wait().unwrap().vpn_connections.unwrap().remove(0)
}

fn a_customer_gateway(lab: &Lab) {
    let made = lab.ec2.create_customer_gateway(|gateway| {
        let gateway = gateway.r#type(GatewayType::Ipsec1).ip_address("205.251.242.54").bgp_asn(65_534);
        gateway.tag_specifications(named(ResourceType::CustomerGateway, "office"))
    });
    let made = made.wait().unwrap().customer_gateway.unwrap();
    let id = made.customer_gateway_id().unwrap();
    assert!(id.starts_with("cgw-"));
    assert_eq!((made.ip_address(), made.bgp_asn()), (Some("205.251.242.54"), Some("65534")));
    assert_eq!((made.r#type(), made.tags()[0].value()), (Some("ipsec.1"), Some("office")));
    lab.ec2.get_waiter().customer_gateway_available(|which| which.customer_gateway_ids(id)).wait().unwrap();
    lab.ec2.delete_customer_gateway(|which| which.customer_gateway_id(id)).wait().unwrap();
    let shown = lab.ec2.describe_customer_gateways(|which| which.customer_gateway_ids(id)).wait().unwrap();
    assert_eq!(shown.customer_gateways()[0].state(), Some("deleted"));
}

fn a_customer_gateway_is_made_once(lab: &Lab) {
    let (first, again) = (customer(lab, "205.251.242.54"), customer(lab, "205.251.242.54"));
    assert_ne!(first, customer(lab, "205.251.242.55"));
    if lab.as_amazon("moto makes another of the same") {
        assert_eq!(first, again);
    }
}

fn a_customer_gateway_that_is_not_there(lab: &Lab) {
    let absent = "cgw-0ffffffffffffffff";
    assert_eq!(
        code(lab.ec2.delete_customer_gateway(|which| which.customer_gateway_id(absent)).wait()),
        "InvalidCustomerGatewayID.NotFound"
    );
    let described = lab.ec2.describe_customer_gateways(|which| which.customer_gateway_ids(absent)).wait();
    let odd = lab.ec2.create_customer_gateway(|gateway| gateway.r#type(GatewayType::Ipsec1).ip_address("office")).wait();
    if lab.as_amazon("moto describes nothing, and takes any address") {
        assert_eq!(code(described), "InvalidCustomerGatewayID.NotFound");
        assert_eq!(code(odd), "InvalidParameterValue");
    }
}

fn customer_gateways_by_filter(lab: &Lab) {
    let id = customer(lab, "205.251.242.54");
    customer(lab, "205.251.242.55");
    for (name, value) in [("ip-address", "205.251.242.54"), ("customer-gateway-id", &id)] {
        let found = lab.ec2.describe_customer_gateways(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.customer_gateways().iter().map(|one| one.customer_gateway_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
    let found = lab.ec2.describe_customer_gateways(|which| which.filters(filter("bgp-asn", ["65534"]))).wait().unwrap();
    if lab.as_amazon("moto keeps the number as one, and looks for a text") {
        assert_eq!(found.customer_gateways().len(), 2);
    }
}

fn a_vpn_gateway_is_attached(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    assert!(id.starts_with("vgw-"));
    let fresh = shown_gateway(lab, &id);
    assert_eq!(fresh.state(), Some(&VpnState::Available));
    if lab.as_amazon("moto gives it no number") {
        assert_eq!(fresh.amazon_side_asn(), Some(64_512));
    }
    let to = lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap().vpc_attachment.unwrap();
    assert_eq!(to.vpc_id(), Some(vpc.as_str()));
    if lab.as_amazon("moto takes no time for it") {
        assert_eq!(to.state(), Some(&AttachmentStatus::Attaching));
    }
    lab.settle();
    let to = shown_gateway(lab, &id).vpc_attachments.unwrap().remove(0);
    assert_eq!((to.vpc_id(), to.state()), (Some(vpc.as_str()), Some(&AttachmentStatus::Attached)));
}

fn a_vpn_gateway_is_detached(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    let detach = || lab.ec2.detach_vpn_gateway(|of| of.vpn_gateway_id(&id).vpc_id(&vpc)).wait();
    assert_eq!(code(detach()), "InvalidVpnGatewayAttachment.NotFound");
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    lab.settle();
    detach().unwrap();
    lab.settle();
    assert_eq!(shown_gateway(lab, &id).vpc_attachments()[0].state(), Some(&AttachmentStatus::Detached));
    lab.ec2.delete_vpn_gateway(|which| which.vpn_gateway_id(&id)).wait().unwrap();
    assert_eq!(shown_gateway(lab, &id).state(), Some(&VpnState::Deleted));
    lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait().unwrap();
}

fn a_vpc_has_one_vpn_gateway(lab: &Lab) {
    let (vpc, id, other) = (lab.vpc("10.0.0.0/16"), gateway(lab), gateway(lab));
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    let second = lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&other).vpc_id(&vpc)).wait();
    let elsewhere = lab.vpc("10.1.0.0/16");
    let moved = lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&elsewhere)).wait();
    if lab.as_amazon("moto attaches any to any") {
        assert_eq!(code(second), "InvalidParameterValue");
        assert_eq!(code(moved), "VpnGatewayAttachmentLimitExceeded");
    }
}

fn a_vpn_gateway_that_is_not_there(lab: &Lab) {
    let (absent, vpc) = ("vgw-0ffffffffffffffff", lab.vpc("10.0.0.0/16"));
    let not_found = "InvalidVpnGatewayID.NotFound";
    assert_eq!(code(lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(absent).vpc_id(&vpc)).wait()), not_found);
    assert_eq!(code(lab.ec2.detach_vpn_gateway(|of| of.vpn_gateway_id(absent).vpc_id(&vpc)).wait()), not_found);
    assert_eq!(code(lab.ec2.delete_vpn_gateway(|which| which.vpn_gateway_id(absent)).wait()), not_found);
    let id = gateway(lab);
    assert_eq!(
        code(lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id("vpc-0ffffffffffffffff")).wait()),
        "InvalidVpcID.NotFound"
    );
}

fn an_attached_vpn_gateway_stays(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    lab.settle();
    let deleted = lab.ec2.delete_vpn_gateway(|which| which.vpn_gateway_id(&id)).wait();
    let vpc_deleted = lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait();
    if lab.as_amazon("moto deletes both") {
        assert_eq!(code(deleted), "IncorrectState");
        assert_eq!(code(vpc_deleted), "DependencyViolation");
    }
}

fn vpn_gateways_by_filter(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    gateway(lab);
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    lab.settle();
    for (name, value) in [("attachment.vpc-id", vpc.as_str()), ("attachment.state", "attached"), ("vpn-gateway-id", &id)] {
        let found = lab.ec2.describe_vpn_gateways(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.vpn_gateways().iter().map(|one| one.vpn_gateway_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
}

fn a_connection_comes_to_life(lab: &Lab) {
    let (customer, gateway) = (customer(lab, "205.251.242.54"), gateway(lab));
    let id = connect(lab, &customer, &gateway);
    assert!(id.starts_with("vpn-"));
    if lab.as_amazon("moto takes no time for it") {
        assert_eq!(shown(lab, &id).state(), Some(&VpnState::Pending));
    }
    lab.settle();
    let shown = shown(lab, &id);
    assert_eq!(shown.state(), Some(&VpnState::Available));
    assert_eq!((shown.customer_gateway_id(), shown.vpn_gateway_id()), (Some(customer.as_str()), Some(gateway.as_str())));
    let configuration = shown.customer_gateway_configuration().unwrap();
    assert!(configuration.contains(&customer) && configuration.matches("<ipsec_tunnel>").count() == 2, "{configuration}");
    if lab.as_amazon("moto tells nothing of the tunnels but its own configuration") {
        let tunnels = shown.options().unwrap().tunnel_options();
        assert_eq!((tunnels.len(), shown.vgw_telemetry().len()), (2, 2));
        assert!(configuration.contains(tunnels[1].pre_shared_key().unwrap()));
        assert_ne!(tunnels[0].pre_shared_key(), tunnels[1].pre_shared_key());
        assert_eq!(shown.vgw_telemetry()[0].outside_ip_address(), tunnels[0].outside_ip_address());
        assert_eq!(shown.vgw_telemetry()[0].status().unwrap().as_str(), "DOWN");
    }
}

fn the_waiters_of_connections(lab: &Lab) {
    let id = connect(lab, &customer(lab, "205.251.242.54"), &gateway(lab));
    lab.ec2.get_waiter().vpn_connection_available(|which| which.vpn_connection_ids(&id)).wait().unwrap();
    lab.ec2.delete_vpn_connection(|which| which.vpn_connection_id(&id)).wait().unwrap();
    lab.ec2.get_waiter().vpn_connection_deleted(|which| which.vpn_connection_ids(&id)).wait().unwrap();
    assert_eq!(shown(lab, &id).state(), Some(&VpnState::Deleted));
}

fn a_connection_between_absent_ends(lab: &Lab) {
    let gateway = gateway(lab);
    let made = lab
        .ec2
        .create_vpn_connection(|vpn| vpn.r#type("ipsec.1").customer_gateway_id("cgw-0ffffffffffffffff").vpn_gateway_id(&gateway));
    assert_eq!(code(made.wait()), "InvalidCustomerGatewayID.NotFound");
    let customer = customer(lab, "205.251.242.54");
    let made = lab.ec2.create_vpn_connection(|vpn| {
        vpn.r#type("ipsec.1").customer_gateway_id(&customer).vpn_gateway_id("vgw-0ffffffffffffffff")
    });
    let made = made.wait();
    if lab.as_amazon("moto does not look for the gateway") {
        assert_eq!(code(made), "InvalidVpnGatewayID.NotFound");
    }
}

fn a_connection_that_is_not_there(lab: &Lab) {
    let absent = "vpn-0ffffffffffffffff";
    assert_eq!(
        code(lab.ec2.delete_vpn_connection(|which| which.vpn_connection_id(absent)).wait()),
        "InvalidVpnConnectionID.NotFound"
    );
    assert_eq!(
        code(lab.ec2.describe_vpn_connections(|which| which.vpn_connection_ids(absent)).wait()),
        "InvalidVpnConnectionID.NotFound"
    );
}

fn two_ends_at_amazon(lab: &Lab) {
    let (customer, gateway) = (customer(lab, "205.251.242.54"), gateway(lab));
    let made = lab.ec2.create_vpn_connection(|vpn| {
        let vpn = vpn.r#type("ipsec.1").customer_gateway_id(&customer).vpn_gateway_id(&gateway);
        vpn.transit_gateway_id("tgw-0ffffffffffffffff")
    });
    let made = made.wait();
    if lab.as_amazon("moto calls it InvalidParameterValue") {
        assert_eq!(code(made), "InvalidParameterCombination");
    }
}

fn tunnels_as_asked_for(lab: &Lab) {
    let (customer, gateway) = (customer(lab, "205.251.242.54"), gateway(lab));
    let make = |block: &str, key: &str| {
        let tunnel = VpnTunnelOptionsSpecification::builder().tunnel_inside_cidr(block).pre_shared_key(key);
        let tunnel = tunnel.phase1_lifetime_seconds(3600).build();
        let options = VpnConnectionOptionsSpecification::builder().static_routes_only(true).tunnel_options(tunnel).build();
        let made = lab.ec2.create_vpn_connection(|vpn| {
            vpn.r#type("ipsec.1").customer_gateway_id(&customer).vpn_gateway_id(&gateway).options(options)
        });
        made.wait()
    };
    let (odd_block, odd_key) = (make("10.0.0.0/30", "a_good_key"), make("169.254.12.0/30", "short"));
    let made = make("169.254.12.0/30", "a_good_key").map(|made| made.vpn_connection.unwrap());
    if lab.as_amazon("moto passes over options") {
        assert_eq!(code(odd_block), "InvalidParameterValue");
        assert_eq!(code(odd_key), "InvalidParameterValue");
        let made = made.unwrap();
        let options = made.options().unwrap();
        let first = &options.tunnel_options()[0];
        assert_eq!((first.tunnel_inside_cidr(), first.pre_shared_key()), (Some("169.254.12.0/30"), Some("a_good_key")));
        assert_eq!((first.phase1_lifetime_seconds(), options.static_routes_only()), (Some(3600), Some(true)));
        assert!(options.tunnel_options()[1].tunnel_inside_cidr().unwrap().starts_with("169.254."));
    }
}

fn what_a_connection_uses_stays(lab: &Lab) {
    let (customer, gateway) = (customer(lab, "205.251.242.54"), gateway(lab));
    let id = connect(lab, &customer, &gateway);
    lab.settle();
    let ends = || {
        let customer = lab.ec2.delete_customer_gateway(|which| which.customer_gateway_id(&customer)).wait().map(drop);
        (customer, lab.ec2.delete_vpn_gateway(|which| which.vpn_gateway_id(&gateway)).wait().map(drop))
    };
    let (end, other) = ends();
    if lab.as_amazon("moto deletes both ends") {
        assert_eq!((code(end), code(other)), ("IncorrectState".to_owned(), "IncorrectState".to_owned()));
        lab.ec2.delete_vpn_connection(|which| which.vpn_connection_id(&id)).wait().unwrap();
        lab.settle();
        let (end, other) = ends();
        end.unwrap();
        other.unwrap();
    }
}

fn connections_by_filter(lab: &Lab) {
    let (first, second) = (customer(lab, "205.251.242.54"), customer(lab, "205.251.242.55"));
    let gateway = gateway(lab);
    let id = connect(lab, &first, &gateway);
    connect(lab, &second, &gateway);
    lab.settle();
    if !lab.as_amazon("moto looks for filters in attributes of its own") {
        return;
    }
    for (name, value) in [("customer-gateway-id", first.as_str()), ("vpn-connection-id", &id)] {
        let found = lab.ec2.describe_vpn_connections(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.vpn_connections().iter().map(|one| one.vpn_connection_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
    let found = lab.ec2.describe_vpn_connections(|which| which.filters(filter("option.static-routes-only", ["false"])));
    assert_eq!(found.wait().unwrap().vpn_connections().len(), 2);
}

fn routes_are_propagated(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    let table = lab.route_table(&vpc);
    let enable = || lab.ec2.enable_vgw_route_propagation(|to| to.gateway_id(&id).route_table_id(&table)).wait();
    let early = enable();
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    lab.settle();
    if !lab.as_amazon("moto knows no propagation") {
        return;
    }
    assert_eq!(code(early), "Gateway.NotAttached");
    enable().unwrap();
    enable().unwrap();
    let propagating = || lab.described_table(&table).propagating_vgws.unwrap();
    assert_eq!(propagating().iter().map(|own| own.gateway_id().unwrap()).collect::<Vec<_>>(), [id.as_str()]);
    lab.ec2.disable_vgw_route_propagation(|to| to.gateway_id(&id).route_table_id(&table)).wait().unwrap();
    assert!(propagating().is_empty());
    let absent = lab.ec2.enable_vgw_route_propagation(|to| to.gateway_id(&id).route_table_id("rtb-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidRouteTableID.NotFound");
}

fn a_route_through_a_vpn_gateway(lab: &Lab) {
    let (vpc, id) = (lab.vpc("10.0.0.0/16"), gateway(lab));
    let table = lab.route_table(&vpc);
    let make = |id: &str| {
        let route =
            lab.ec2.create_route(|route| route.route_table_id(&table).destination_cidr_block("192.168.0.0/16").gateway_id(id));
        route.wait()
    };
    assert_eq!(code(make("vgw-0ffffffffffffffff")), "InvalidVpnGatewayID.NotFound");
    if lab.as_amazon("moto does not ask if it is attached") {
        assert_eq!(code(make(&id)), "InvalidParameterValue");
    }
    lab.ec2.attach_vpn_gateway(|to| to.vpn_gateway_id(&id).vpc_id(&vpc)).wait().unwrap();
    lab.settle();
    make(&id).unwrap();
    let found = lab.described_table(&table).routes.unwrap();
    assert!(found.iter().any(|own| own.gateway_id() == Some(&id)));
}
