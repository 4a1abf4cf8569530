//! Route tables, routes and gateways.

use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_route_to_the_internet,
    a_route_twice,
    a_route_that_is_not_there,
    a_route_is_replaced,
    a_route_through_an_absent_gateway,
    a_table_that_is_not_there,
    a_table_in_use_stays,
    a_subnet_uses_a_table,
    a_subnet_goes_to_another_table,
    a_gateway_is_attached_once,
    an_attached_gateway_stays,
    a_gateway_that_is_not_attached,
    a_gateway_out_only,
]);

fn gateway(lab: &Lab, vpc: &str) -> String {
    let id =
        lab.ec2.create_internet_gateway(|gateway| gateway).wait().unwrap().internet_gateway.unwrap().internet_gateway_id.unwrap();
    lab.ec2.attach_internet_gateway(|to| to.internet_gateway_id(&id).vpc_id(vpc)).wait().unwrap();
    id
}

fn table(lab: &Lab, vpc: &str) -> String {
    lab.ec2.create_route_table(|table| table.vpc_id(vpc)).wait().unwrap().route_table.unwrap().route_table_id.unwrap()
}

fn routes(lab: &Lab, table: &str) -> Vec<(String, Option<String>)> {
    let table =
        lab.ec2.describe_route_tables(|which| which.route_table_ids(table)).wait().unwrap().route_tables.unwrap().remove(0);
    table.routes.unwrap().into_iter().map(|route| (route.destination_cidr_block.unwrap(), route.gateway_id)).collect()
}

fn out(lab: &Lab) -> (String, String, String) {
    let vpc = lab.vpc("10.0.0.0/16");
    let (gateway, table) = (gateway(lab, &vpc), table(lab, &vpc));
    lab.ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").gateway_id(&gateway))
        .wait()
        .unwrap();
    (vpc, gateway, table)
}

fn a_route_to_the_internet(lab: &Lab) {
    let (_, gateway, table) = out(lab);
    let routes = routes(lab, &table);
    assert_eq!(routes.len(), 2);
    assert!(routes.contains(&("0.0.0.0/0".to_owned(), Some(gateway))));
}

fn a_route_twice(lab: &Lab) {
    let (_, gateway, table) = out(lab);
    let again = lab
        .ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").gateway_id(&gateway))
        .wait();
    assert_eq!(code(again), "RouteAlreadyExists");
}

fn a_route_that_is_not_there(lab: &Lab) {
    let (_, _, table) = out(lab);
    lab.ec2.delete_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0")).wait().unwrap();
    let again = lab.ec2.delete_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0")).wait();
    assert_eq!(code(again), "InvalidRoute.NotFound");
}

fn a_route_is_replaced(lab: &Lab) {
    let (vpc, gateway, table) = out(lab);
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let nic = lab
        .ec2
        .create_network_interface(|nic| nic.subnet_id(subnet))
        .wait()
        .unwrap()
        .network_interface
        .unwrap()
        .network_interface_id
        .unwrap();
    lab.ec2
        .replace_route(|route| route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").network_interface_id(&nic))
        .wait()
        .unwrap();
    assert!(!routes(lab, &table).contains(&("0.0.0.0/0".to_owned(), Some(gateway))));
    let absent = lab
        .ec2
        .replace_route(|route| route.route_table_id(&table).destination_cidr_block("9.9.9.0/24").network_interface_id(&nic))
        .wait();
    assert_eq!(code(absent), "InvalidParameterValue");
}

fn a_route_through_an_absent_gateway(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let table = table(lab, &vpc);
    let made = lab.ec2.create_route(|route| {
        route.route_table_id(&table).destination_cidr_block("0.0.0.0/0").gateway_id("igw-0ffffffffffffffff")
    });
    assert_eq!(code(made.wait()), "InvalidInternetGatewayID.NotFound");
}

fn a_table_that_is_not_there(lab: &Lab) {
    assert_eq!(
        code(lab.ec2.describe_route_tables(|which| which.route_table_ids("rtb-0ffffffffffffffff")).wait()),
        "InvalidRouteTableID.NotFound"
    );
    assert_eq!(
        code(lab.ec2.delete_route_table(|which| which.route_table_id("rtb-0ffffffffffffffff")).wait()),
        "InvalidRouteTableID.NotFound"
    );
}

fn a_table_in_use_stays(lab: &Lab) {
    let (vpc, _, table) = out(lab);
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let association =
        lab.ec2.associate_route_table(|to| to.route_table_id(&table).subnet_id(subnet)).wait().unwrap().association_id.unwrap();
    assert_eq!(code(lab.ec2.delete_route_table(|which| which.route_table_id(&table)).wait()), "DependencyViolation");
    lab.ec2.disassociate_route_table(|which| which.association_id(association)).wait().unwrap();
    lab.ec2.delete_route_table(|which| which.route_table_id(&table)).wait().unwrap();
}

fn a_subnet_uses_a_table(lab: &Lab) {
    let (vpc, _, table) = out(lab);
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    lab.ec2.associate_route_table(|to| to.route_table_id(&table).subnet_id(&subnet)).wait().unwrap();
    let found = lab.ec2.describe_route_tables(|which| which.filters(filter("association.subnet-id", [&subnet]))).wait().unwrap();
    assert_eq!(found.route_tables().iter().map(|one| one.route_table_id().unwrap()).collect::<Vec<_>>(), [table.as_str()]);
}

fn a_gateway_is_attached_once(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let gateway = gateway(lab, &vpc);
    let again = lab.ec2.attach_internet_gateway(|to| to.internet_gateway_id(&gateway).vpc_id(&vpc)).wait();
    assert_eq!(code(again), "Resource.AlreadyAssociated");
}

fn an_attached_gateway_stays(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let gateway = gateway(lab, &vpc);
    assert_eq!(code(lab.ec2.delete_internet_gateway(|which| which.internet_gateway_id(&gateway)).wait()), "DependencyViolation");
    lab.ec2.detach_internet_gateway(|which| which.internet_gateway_id(&gateway).vpc_id(&vpc)).wait().unwrap();
    lab.ec2.delete_internet_gateway(|which| which.internet_gateway_id(&gateway)).wait().unwrap();
    let gone = lab.ec2.describe_internet_gateways(|which| which.internet_gateway_ids(&gateway)).wait();
    assert_eq!(code(gone), "InvalidInternetGatewayID.NotFound");
}

fn a_gateway_that_is_not_attached(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let id =
        lab.ec2.create_internet_gateway(|gateway| gateway).wait().unwrap().internet_gateway.unwrap().internet_gateway_id.unwrap();
    assert_eq!(
        code(lab.ec2.detach_internet_gateway(|which| which.internet_gateway_id(&id).vpc_id(&vpc)).wait()),
        "Gateway.NotAttached"
    );
}

fn a_gateway_out_only(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab
        .ec2
        .create_egress_only_internet_gateway(|gateway| gateway.vpc_id(&vpc))
        .wait()
        .unwrap()
        .egress_only_internet_gateway
        .unwrap();
    let id = made.egress_only_internet_gateway_id().unwrap();
    assert!(id.starts_with("eigw-"));
    let other = lab.ec2.create_egress_only_internet_gateway(|gateway| gateway.vpc_id(lab.default_vpc())).wait().unwrap();
    assert_ne!(other.egress_only_internet_gateway.unwrap().egress_only_internet_gateway_id(), Some(id));
    let describe = || lab.ec2.describe_egress_only_internet_gateways(|which| which.egress_only_internet_gateway_ids(id)).wait();
    let shown = describe().unwrap().egress_only_internet_gateways.unwrap();
    assert_eq!((shown.len(), shown[0].attachments()[0].vpc_id()), (1, Some(vpc.as_str())));
    assert_eq!(shown[0].attachments()[0].state().unwrap().as_str(), "attached");
    lab.ec2.delete_egress_only_internet_gateway(|which| which.egress_only_internet_gateway_id(id)).wait().unwrap();
    assert_eq!(
        code(lab.ec2.delete_egress_only_internet_gateway(|which| which.egress_only_internet_gateway_id(id)).wait()),
        "InvalidGatewayID.NotFound"
    );
    let gone = describe();
    if lab.as_amazon("moto describes nothing") {
        assert_eq!(code(gone), "InvalidGatewayID.NotFound");
    }
}

fn a_subnet_goes_to_another_table(lab: &Lab) {
    let (vpc, _, first) = out(lab);
    let (subnet, second) = (lab.subnet(&vpc, "10.0.1.0/24"), table(lab, &vpc));
    let old =
        lab.ec2.associate_route_table(|to| to.route_table_id(&first).subnet_id(&subnet)).wait().unwrap().association_id.unwrap();
    let moved = lab.ec2.replace_route_table_association(|to| to.association_id(&old).route_table_id(&second)).wait().unwrap();
    assert_ne!(moved.new_association_id(), Some(old.as_str()));
    let found = lab.ec2.describe_route_tables(|which| which.filters(filter("association.subnet-id", [&subnet]))).wait().unwrap();
    assert_eq!(found.route_tables().iter().map(|one| one.route_table_id().unwrap()).collect::<Vec<_>>(), [second.as_str()]);
    let again = lab.ec2.replace_route_table_association(|to| to.association_id(&old).route_table_id(&first)).wait();
    assert_eq!(code(again), "InvalidAssociationID.NotFound");
    let absent =
        lab.ec2.replace_route_table_association(|to| to.association_id(&old).route_table_id("rtb-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidRouteTableID.NotFound");
}
