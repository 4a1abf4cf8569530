//! VPC endpoints and Amazon's lists of prefixes.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, VpcEndpoint, VpcEndpointType};
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, named, on_mock_and_moto};

on_mock_and_moto!([
    an_endpoint_of_a_gateway,
    the_route_of_an_endpoint_is_its_own,
    a_table_has_one_route_to_a_service,
    an_endpoint_of_interfaces,
    one_subnet_a_zone,
    a_service_that_there_is_not,
    a_vpc_that_is_not_there,
    an_endpoint_that_is_not_there,
    what_does_not_go_with_a_kind,
    names_of_the_service_lead_to_the_endpoint,
    tables_are_added_and_removed,
    subnets_and_groups_are_added_and_removed,
    a_policy_is_set_and_reset,
    a_deleted_endpoint_of_interfaces,
    endpoints_by_filter,
    a_vpc_with_an_endpoint_stays,
    kinds_that_are_not_modelled,
    lists_of_amazon,
    the_entries_of_a_list,
    a_list_that_is_not_there,
]);

const S3: &str = "com.amazonaws.us-east-1.s3";
const SQS: &str = "com.amazonaws.us-east-1.sqs";
const ABSENT: &str = "vpce-0ffffffffffffffff";

fn gateway(lab: &Lab, vpc: &str, tables: &[String]) -> String {
    let made = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(vpc).service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway);
        endpoint.set_route_table_ids(Some(tables.to_vec()))
    });
    made.wait().unwrap().vpc_endpoint.unwrap().vpc_endpoint_id.unwrap()
}

fn interface(lab: &Lab, vpc: &str, subnets: &[String]) -> Result<String, Error> {
    let made = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(vpc).service_name(SQS).vpc_endpoint_type(VpcEndpointType::Interface);
        endpoint.set_subnet_ids(Some(subnets.to_vec()))
    });
    Ok(made.wait()?.vpc_endpoint.unwrap().vpc_endpoint_id.unwrap())
}

fn shown(lab: &Lab, id: &str) -> VpcEndpoint {
    lab.ec2.describe_vpc_endpoints(|which| which.vpc_endpoint_ids(id)).wait().unwrap().vpc_endpoints.unwrap().remove(0)
}

fn list(lab: &Lab) -> String {
    let lists = lab.ec2.describe_prefix_lists(|which| which.filters(filter("prefix-list-name", [S3]))).wait().unwrap();
    lists.prefix_lists()[0].prefix_list_id().unwrap().to_owned()
}

/// The routes of a table that lead to this endpoint, and where they are for.
fn routes(lab: &Lab, table: &str, id: &str) -> Vec<Option<String>> {
    let all = lab.described_table(table).routes.unwrap();
    all.into_iter().filter(|own| own.gateway_id() == Some(id)).map(|own| own.destination_prefix_list_id).collect()
}

fn an_endpoint_of_a_gateway(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let table = lab.route_table(&vpc);
    let made = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(&vpc).service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway);
        endpoint.route_table_ids(&table).tag_specifications(named(ResourceType::VpcEndpoint, "files"))
    });
    let made = made.wait().unwrap().vpc_endpoint.unwrap();
    let id = made.vpc_endpoint_id().unwrap();
    assert!(id.starts_with("vpce-"));
    assert_eq!((made.service_name(), made.vpc_id()), (Some(S3), Some(vpc.as_str())));
    assert_eq!(made.state().unwrap().as_str(), "available");
    assert_eq!(made.tags()[0].value(), Some("files"));
    assert!(made.policy_document().unwrap().contains("Allow"));
    assert_eq!(shown(lab, id).route_table_ids(), std::slice::from_ref(&table));
    assert_eq!(routes(lab, &table, id), [Some(list(lab))]);
    let gone = lab.ec2.delete_vpc_endpoints(|which| which.vpc_endpoint_ids(id)).wait().unwrap();
    assert!(gone.unsuccessful().is_empty());
    assert!(routes(lab, &table, id).is_empty());
    if lab.as_amazon("moto shows it as deleted, for ever") {
        let gone = lab.ec2.describe_vpc_endpoints(|which| which.vpc_endpoint_ids(id)).wait();
        assert_eq!(code(gone), "InvalidVpcEndpointId.NotFound");
    }
}

fn the_route_of_an_endpoint_is_its_own(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let table = lab.route_table(&vpc);
    let id = gateway(lab, &vpc, std::slice::from_ref(&table));
    let made = lab
        .ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("10.9.0.0/16").vpc_endpoint_id(&id))
        .wait();
    assert_eq!(code(made), "RouteNotSupported");
    let gone = lab.ec2.delete_route(|route| route.route_table_id(&table).destination_prefix_list_id(list(lab))).wait();
    if lab.as_amazon("moto removes it") {
        assert_eq!(code(gone), "InvalidParameterValue");
    }
}

fn a_table_has_one_route_to_a_service(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let table = lab.route_table(&vpc);
    gateway(lab, &vpc, std::slice::from_ref(&table));
    let again = lab.ec2.create_vpc_endpoint(|endpoint| {
        endpoint.vpc_id(&vpc).service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway).route_table_ids(&table)
    });
    let again = again.wait();
    let absent = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(&vpc).service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway);
        endpoint.route_table_ids("rtb-0ffffffffffffffff")
    });
    assert_eq!(code(absent.wait()), "InvalidRouteTableID.NotFound");
    if lab.as_amazon("in moto the second route takes the place of the first") {
        assert_eq!(code(again), "RouteAlreadyExists");
    }
}

fn an_endpoint_of_interfaces(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnets = [lab.subnet_in(&vpc, "10.0.1.0/24", "us-east-1a"), lab.subnet_in(&vpc, "10.0.2.0/24", "us-east-1b")];
    let id = interface(lab, &vpc, &subnets).unwrap();
    if lab.as_amazon("moto takes no time for it") {
        assert_eq!(shown(lab, &id).state().unwrap().as_str(), "pending");
    }
    lab.settle();
    let shown = shown(lab, &id);
    assert_eq!(shown.state().unwrap().as_str(), "available");
    assert_eq!((shown.subnet_ids(), shown.network_interface_ids().len()), (&subnets[..], 2));
    assert!(shown.dns_entries()[0].dns_name().unwrap().starts_with(&id));
    let nic = lab.described_interface(&shown.network_interface_ids()[0]);
    assert_eq!(nic.vpc_id(), Some(vpc.as_str()));
    if lab.as_amazon("moto gives it an interface like any") {
        assert_eq!((nic.interface_type().unwrap().as_str(), nic.requester_managed()), ("vpc_endpoint", Some(true)));
        assert_eq!(nic.groups()[0].group_name(), Some("default"));
        assert_eq!(shown.groups()[0].group_name(), Some("default"));
        assert_eq!(shown.dns_entries().len(), 3);
    }
}

fn one_subnet_a_zone(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnets = ["10.0.1.0/24", "10.0.2.0/24"].map(|block| lab.subnet_in(&vpc, block, "us-east-1a"));
    let made = interface(lab, &vpc, &subnets);
    if lab.as_amazon("moto does not look at the zones") {
        assert_eq!(code(made), "DuplicateSubnetsInSameZone");
    }
}

fn a_service_that_there_is_not(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    for (service, kind) in [
        ("com.example.s3", VpcEndpointType::Gateway),
        (SQS, VpcEndpointType::Gateway),
        ("com.amazonaws.eu-west-1.sqs", VpcEndpointType::Interface),
    ] {
        let made =
            lab.ec2.create_vpc_endpoint(|endpoint| endpoint.vpc_id(&vpc).service_name(service).vpc_endpoint_type(kind)).wait();
        if lab.as_amazon("moto takes any name") {
            assert_eq!(code(made), "InvalidServiceName", "{service}");
        }
    }
}

fn a_vpc_that_is_not_there(lab: &Lab) {
    let made = lab.ec2.create_vpc_endpoint(|endpoint| {
        endpoint.vpc_id("vpc-0ffffffffffffffff").service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway)
    });
    assert_eq!(code(made.wait()), "InvalidVpcID.NotFound");
}

fn an_endpoint_that_is_not_there(lab: &Lab) {
    assert_eq!(
        code(lab.ec2.describe_vpc_endpoints(|which| which.vpc_endpoint_ids(ABSENT)).wait()),
        "InvalidVpcEndpointId.NotFound"
    );
    assert_eq!(
        code(lab.ec2.modify_vpc_endpoint(|which| which.vpc_endpoint_id(ABSENT).policy_document("{}")).wait()),
        "InvalidVpcEndpointId.NotFound"
    );
    let gone = lab.ec2.delete_vpc_endpoints(|which| which.vpc_endpoint_ids(ABSENT)).wait().unwrap();
    if lab.as_amazon("moto passes over it") {
        let why = &gone.unsuccessful()[0];
        assert_eq!(why.resource_id(), Some(ABSENT));
        assert_eq!(why.error().unwrap().code(), Some("InvalidVpcEndpoint.NotFound"));
    }
}

fn what_does_not_go_with_a_kind(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let (subnet, table) = (lab.subnet(&vpc, "10.0.1.0/24"), lab.route_table(&vpc));
    let gateway = lab.ec2.create_vpc_endpoint(|endpoint| {
        endpoint.vpc_id(&vpc).service_name(S3).vpc_endpoint_type(VpcEndpointType::Gateway).subnet_ids(&subnet)
    });
    let gateway = gateway.wait();
    let interface = lab.ec2.create_vpc_endpoint(|endpoint| {
        endpoint.vpc_id(&vpc).service_name(SQS).vpc_endpoint_type(VpcEndpointType::Interface).route_table_ids(&table)
    });
    let interface = interface.wait();
    if lab.as_amazon("moto keeps what it has no use for") {
        assert_eq!(code(gateway), "InvalidParameter");
        assert_eq!(code(interface), "InvalidParameter");
        assert!(lab.ec2.describe_vpc_endpoints(|which| which).wait().unwrap().vpc_endpoints().is_empty());
    }
}

fn names_of_the_service_lead_to_the_endpoint(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let make = || {
        let made = lab.ec2.create_vpc_endpoint(|endpoint| {
            let endpoint = endpoint.vpc_id(&vpc).service_name(SQS).vpc_endpoint_type(VpcEndpointType::Interface);
            endpoint.subnet_ids(&subnet).private_dns_enabled(true)
        });
        made.wait()
    };
    let early = make();
    if !lab.as_amazon("moto does not look at the names of the VPC") {
        return;
    }
    assert_eq!(code(early), "InvalidParameter");
    let yes = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_vpc_attribute(|which| which.vpc_id(&vpc).enable_dns_hostnames(yes)).wait().unwrap();
    let made = make().unwrap().vpc_endpoint.unwrap();
    assert_eq!(made.private_dns_enabled(), Some(true));
    assert!(made.dns_entries().iter().any(|own| own.dns_name() == Some("sqs.us-east-1.amazonaws.com")));
    assert_eq!(code(make()), "InvalidParameter");
}

fn tables_are_added_and_removed(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let (first, second) = (lab.route_table(&vpc), lab.route_table(&vpc));
    let id = gateway(lab, &vpc, std::slice::from_ref(&first));
    let changed = lab
        .ec2
        .modify_vpc_endpoint(|which| which.vpc_endpoint_id(&id).add_route_table_ids(&second).remove_route_table_ids(&first))
        .wait()
        .unwrap();
    assert_eq!(changed.r#return(), Some(true));
    assert_eq!(shown(lab, &id).route_table_ids(), std::slice::from_ref(&second));
    if lab.as_amazon("moto leaves the routes as they were") {
        assert!(routes(lab, &first, &id).is_empty());
        assert_eq!(routes(lab, &second, &id).len(), 1);
        lab.ec2.delete_route_table(|which| which.route_table_id(&second)).wait().unwrap();
        assert!(shown(lab, &id).route_table_ids().is_empty());
    }
}

fn subnets_and_groups_are_added_and_removed(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnets = [lab.subnet_in(&vpc, "10.0.1.0/24", "us-east-1a"), lab.subnet_in(&vpc, "10.0.2.0/24", "us-east-1b")];
    let group = lab.ec2.create_security_group(|group| group.group_name("web").description("web").vpc_id(&vpc)).wait().unwrap();
    let group = group.group_id.unwrap();
    let id = interface(lab, &vpc, &subnets[..1]).unwrap();
    lab.settle();
    lab.ec2
        .modify_vpc_endpoint(|which| {
            let which = which.vpc_endpoint_id(&id).add_subnet_ids(&subnets[1]).remove_subnet_ids(&subnets[0]);
            which.add_security_group_ids(&group)
        })
        .wait()
        .unwrap();
    let after = shown(lab, &id);
    assert_eq!(after.subnet_ids(), &subnets[1..]);
    assert!(after.groups().iter().any(|own| own.group_id() == Some(&group)));
    if lab.as_amazon("moto leaves the interfaces as they were") {
        let nic = lab.described_interface(&after.network_interface_ids()[0]);
        assert_eq!((after.network_interface_ids().len(), nic.subnet_id()), (1, Some(subnets[1].as_str())));
        assert_eq!(nic.groups().len(), 2);
        lab.ec2.delete_subnet(|which| which.subnet_id(&subnets[0])).wait().unwrap();
        let absent = lab.ec2.modify_vpc_endpoint(|which| {
            which.vpc_endpoint_id(&id).remove_subnet_ids(&subnets[1]).add_subnet_ids("subnet-0ffffffffffffffff")
        });
        assert_eq!(code(absent.wait()), "InvalidSubnetID.NotFound");
        assert_eq!(shown(lab, &id), after, "what is refused changes nothing");
    }
}

fn a_policy_is_set_and_reset(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let id = gateway(lab, &vpc, &[]);
    let policy = r#"{"Statement":[]}"#;
    let open = shown(lab, &id).policy_document;
    lab.ec2.modify_vpc_endpoint(|which| which.vpc_endpoint_id(&id).policy_document(policy)).wait().unwrap();
    assert_eq!(shown(lab, &id).policy_document(), Some(policy));
    let broken = lab.ec2.modify_vpc_endpoint(|which| which.vpc_endpoint_id(&id).policy_document("{")).wait();
    let reset = lab.ec2.modify_vpc_endpoint(|which| which.vpc_endpoint_id(&id).reset_policy(true)).wait();
    if lab.as_amazon("moto does not read policies, and does not reset them") {
        assert_eq!(code(broken), "InvalidPolicyDocument");
        reset.unwrap();
        assert_eq!(shown(lab, &id).policy_document, open);
    }
}

fn a_deleted_endpoint_of_interfaces(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let id = interface(lab, &vpc, std::slice::from_ref(&subnet)).unwrap();
    lab.settle();
    let nic = shown(lab, &id).network_interface_ids.unwrap().remove(0);
    lab.ec2.delete_vpc_endpoints(|which| which.vpc_endpoint_ids(&id)).wait().unwrap();
    if lab.as_amazon("moto takes no time for it, and shows it for ever") {
        assert_eq!(shown(lab, &id).state().unwrap().as_str(), "deleting");
        lab.settle();
        assert_eq!(
            code(lab.ec2.describe_vpc_endpoints(|which| which.vpc_endpoint_ids(&id)).wait()),
            "InvalidVpcEndpointId.NotFound"
        );
    }
    let gone = lab.ec2.describe_network_interfaces(|which| which.network_interface_ids(&nic)).wait();
    assert_eq!(code(gone), "InvalidNetworkInterfaceID.NotFound");
    lab.ec2.delete_subnet(|which| which.subnet_id(&subnet)).wait().unwrap();
    lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait().unwrap();
}

fn endpoints_by_filter(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let id = gateway(lab, &vpc, &[]);
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    interface(lab, &vpc, &[subnet]).unwrap();
    for (name, value) in [("vpc-endpoint-type", "Gateway"), ("service-name", S3)] {
        let found = lab.ec2.describe_vpc_endpoints(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.vpc_endpoints().iter().map(|one| one.vpc_endpoint_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
    let found = lab.ec2.describe_vpc_endpoints(|which| which.filters(filter("vpc-id", [&vpc]))).wait().unwrap();
    assert_eq!(found.vpc_endpoints().len(), 2);
}

fn a_vpc_with_an_endpoint_stays(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    gateway(lab, &vpc, &[]);
    let deleted = lab.ec2.delete_vpc(|which| which.vpc_id(&vpc)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn kinds_that_are_not_modelled(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(&vpc).vpc_endpoint_type(VpcEndpointType::GatewayLoadBalancer);
        endpoint.service_name("com.amazonaws.vpce.us-east-1.vpce-svc-0ffffffffffffffff")
    });
    let made = made.wait();
    if lab.as_amazon("moto takes any kind; this fake says which it does not know") {
        assert!(matches!(made, Err(Error::NotImplemented { operation: "create_vpc_endpoint" })), "{made:?}");
    }
}

fn lists_of_amazon(lab: &Lab) {
    let all = lab.ec2.describe_prefix_lists(|which| which).wait().unwrap();
    let names: Vec<_> = all.prefix_lists().iter().map(|one| one.prefix_list_name().unwrap()).collect();
    assert!(names.contains(&S3) && names.contains(&"com.amazonaws.us-east-1.dynamodb"), "{names:?}");
    let managed = lab
        .ec2
        .describe_managed_prefix_lists(|which| which.filters(filter("prefix-list-name", [S3])))
        .wait()
        .unwrap()
        .prefix_lists
        .unwrap();
    assert_eq!(managed.iter().map(|one| one.prefix_list_id().unwrap()).collect::<Vec<_>>(), [list(lab)]);
    assert_eq!((managed[0].owner_id(), managed[0].address_family()), (Some("AWS"), Some("IPv4")));
    assert_eq!(managed[0].state().unwrap().as_str(), "create-complete");
    let ours = lab.ec2.describe_managed_prefix_lists(|which| which.filters(filter("owner-id", ["123456789012"]))).wait().unwrap();
    assert!(ours.prefix_lists().is_empty());
}

fn the_entries_of_a_list(lab: &Lab) {
    let id = list(lab);
    let entries = lab.ec2.get_managed_prefix_list_entries(|of| of.prefix_list_id(&id)).wait().unwrap().entries.unwrap();
    assert!(entries.iter().any(|one| one.cidr() == Some("52.216.0.0/15")));
    if lab.as_amazon("moto shows no blocks with its lists") {
        let shown = lab.ec2.describe_prefix_lists(|which| which.prefix_list_ids(&id)).wait().unwrap().prefix_lists.unwrap();
        assert_eq!(shown[0].cidrs(), entries.iter().map(|one| one.cidr().unwrap()).collect::<Vec<_>>());
    }
}

fn a_list_that_is_not_there(lab: &Lab) {
    let entries = lab.ec2.get_managed_prefix_list_entries(|of| of.prefix_list_id("pl-0ffffffffffffffff")).wait();
    let lists = lab.ec2.describe_managed_prefix_lists(|which| which.prefix_list_ids("pl-0ffffffffffffffff")).wait();
    if lab.as_amazon("moto has nothing to say") {
        assert_eq!(code(entries), "InvalidPrefixListID.NotFound");
        assert_eq!(code(lists), "InvalidPrefixListID.NotFound");
    }
}
