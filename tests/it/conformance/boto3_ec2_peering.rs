//! VPC peering.

use std::time::Duration;

use aws_sdk_ec2::types::{ResourceType, RouteState};
use leyden::boto3::ec2::Client;
use leyden::{Wait, World};

use super::boto3_ec2::{Lab, code, filter, named, on_mock_and_moto};

on_mock_and_moto!([
    a_connection_is_asked_for,
    a_connection_is_accepted,
    a_connection_is_rejected,
    a_connection_is_accepted_once,
    a_connection_is_deleted,
    a_deleted_connection_stays_so,
    a_request_that_nobody_answers_expires,
    blocks_that_overlap,
    a_vpc_with_itself,
    a_vpc_that_is_not_there,
    a_connection_that_is_not_there,
    another_account_must_answer_itself,
    between_regions_the_other_accepts,
    between_regions_both_see_it,
    a_route_through_a_connection,
    a_route_that_is_early,
    a_route_of_a_vpc_that_is_not_part_of_it,
    a_vpc_that_is_peered_stays,
    connections_by_filter,
]);

const ABSENT: &str = "pcx-0ffffffffffffffff";

fn two(lab: &Lab) -> (String, String) {
    (lab.vpc("10.0.0.0/16"), lab.vpc("10.1.0.0/16"))
}

fn ask(lab: &Lab, vpc: &str, peer: &str) -> String {
    let made = lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(vpc).peer_vpc_id(peer)).wait().unwrap();
    made.vpc_peering_connection.unwrap().vpc_peering_connection_id.unwrap()
}

fn accept(lab: &Lab, id: &str) {
    lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(id)).wait().unwrap();
    lab.settle();
}

fn status(ec2: &Client, id: &str) -> String {
    let all = ec2.describe_vpc_peering_connections(|which| which.vpc_peering_connection_ids(id)).wait().unwrap();
    all.vpc_peering_connections.unwrap().remove(0).status.unwrap().code.unwrap().as_str().to_owned()
}

fn a_connection_is_asked_for(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let made = lab.ec2.create_vpc_peering_connection(|to| {
        to.vpc_id(&vpc).peer_vpc_id(&peer).tag_specifications(named(ResourceType::VpcPeeringConnection, "office"))
    });
    let made = made.wait().unwrap().vpc_peering_connection.unwrap();
    assert!(made.vpc_peering_connection_id().unwrap().starts_with("pcx-"));
    assert_eq!(made.status().unwrap().code().unwrap().as_str(), "initiating-request");
    assert_eq!(made.tags()[0].value(), Some("office"));
    let id = made.vpc_peering_connection_id().unwrap();
    assert_eq!(status(&lab.ec2, id), "pending-acceptance");
    let (from, to) = (made.requester_vpc_info().unwrap(), made.accepter_vpc_info().unwrap());
    assert_eq!((from.vpc_id(), from.cidr_block()), (Some(vpc.as_str()), Some("10.0.0.0/16")));
    assert_eq!((to.vpc_id(), to.region()), (Some(peer.as_str()), Some("us-east-1")));
    lab.ec2.get_waiter().vpc_peering_connection_exists(|which| which.vpc_peering_connection_ids(id)).wait().unwrap();
}

fn a_connection_is_accepted(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    let accepted = lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    let to = accepted.vpc_peering_connection().unwrap().accepter_vpc_info().unwrap();
    assert_eq!((to.vpc_id(), to.cidr_block()), (Some(peer.as_str()), Some("10.1.0.0/16")));
    if lab.as_amazon("moto takes no time for it") {
        assert_eq!(status(&lab.ec2, &id), "provisioning");
    }
    lab.settle();
    assert_eq!(status(&lab.ec2, &id), "active");
}

fn a_connection_is_rejected(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    let rejected = lab.ec2.reject_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    assert_eq!(rejected.r#return(), Some(true));
    assert_eq!(status(&lab.ec2, &id), "rejected");
    let accepted = lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait();
    assert_eq!(code(accepted), "InvalidStateTransition");
}

fn a_connection_is_accepted_once(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    accept(lab, &id);
    let again = lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait();
    assert_eq!(code(again), "InvalidStateTransition");
    let rejected = lab.ec2.reject_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait();
    assert_eq!(code(rejected), "InvalidStateTransition");
}

fn a_connection_is_deleted(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    accept(lab, &id);
    let deleted = lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    assert_eq!(deleted.r#return(), Some(true));
    lab.ec2.get_waiter().vpc_peering_connection_deleted(|which| which.vpc_peering_connection_ids(&id)).wait().unwrap();
    assert_eq!(status(&lab.ec2, &id), "deleted");
    lab.ec2.delete_vpc(|which| which.vpc_id(&peer)).wait().unwrap();
}

fn a_deleted_connection_stays_so(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    lab.settle();
    assert_eq!(
        code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
        "InvalidStateTransition"
    );
    let again = lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait();
    if lab.as_amazon("moto deletes it as often as one likes") {
        assert_eq!(code(again), "InvalidStateTransition");
        for _ in 0..10 {
            lab.settle();
        }
        let gone = lab.ec2.describe_vpc_peering_connections(|which| which.vpc_peering_connection_ids(&id)).wait();
        assert_eq!(code(gone), "InvalidVpcPeeringConnectionID.NotFound");
    }
}

fn a_request_that_nobody_answers_expires(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    if !lab.as_amazon("moto waits for ever, and so does its clock") {
        return;
    }
    for _ in 0..7 * 24 * 6 {
        lab.settle();
    }
    assert_eq!(status(&lab.ec2, &id), "expired");
    assert_eq!(
        code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
        "InvalidStateTransition"
    );
}

fn blocks_that_overlap(lab: &Lab) {
    let (vpc, peer) = (lab.vpc("10.0.0.0/16"), lab.vpc("10.0.128.0/17"));
    let id = ask(lab, &vpc, &peer);
    if lab.as_amazon("moto does not look at the blocks") {
        assert_eq!(status(&lab.ec2, &id), "failed");
        assert_eq!(
            code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
            "InvalidStateTransition"
        );
        assert_eq!(
            code(lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
            "InvalidStateTransition"
        );
        lab.ec2.delete_vpc(|which| which.vpc_id(&peer)).wait().unwrap();
    }
}

fn a_vpc_with_itself(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id(&vpc)).wait();
    if lab.as_amazon("moto lets a VPC be its own neighbour") {
        assert_eq!(code(made), "InvalidParameterCombination");
    }
}

fn a_vpc_that_is_not_there(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let absent = "vpc-0ffffffffffffffff";
    assert_eq!(
        code(lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id(absent)).wait()),
        "InvalidVpcID.NotFound"
    );
    assert_eq!(
        code(lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(absent).peer_vpc_id(&vpc)).wait()),
        "InvalidVpcID.NotFound"
    );
    let elsewhere = lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id(absent).peer_region("eu-west-3"));
    assert_eq!(code(elsewhere.wait()), "InvalidVpcID.NotFound");
}

fn a_connection_that_is_not_there(lab: &Lab) {
    let codes = [
        code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(ABSENT)).wait()),
        code(lab.ec2.reject_vpc_peering_connection(|of| of.vpc_peering_connection_id(ABSENT)).wait()),
        code(lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(ABSENT)).wait()),
    ];
    let described = lab.ec2.describe_vpc_peering_connections(|which| which.vpc_peering_connection_ids(ABSENT)).wait();
    if lab.as_amazon("moto writes Id for the ID that boto3 waits for, and describes nothing") {
        assert_eq!(codes, ["InvalidVpcPeeringConnectionID.NotFound"; 3]);
        assert_eq!(code(described), "InvalidVpcPeeringConnectionID.NotFound");
    }
}

fn another_account_must_answer_itself(lab: &Lab) {
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab
        .ec2
        .create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id("vpc-0aaaaaaaaaaaaaaaa").peer_owner_id("111122223333"))
        .wait();
    if lab.as_amazon("moto knows the VPCs of all accounts") {
        let id = made.unwrap().vpc_peering_connection.unwrap().vpc_peering_connection_id.unwrap();
        assert_eq!(status(&lab.ec2, &id), "pending-acceptance");
        assert_eq!(
            code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
            "OperationNotPermitted"
        );
        lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    }
}

fn across(lab: &Lab) -> (Client, String, String) {
    let abroad = lab.abroad("eu-central-1");
    let vpc = lab.vpc("10.0.0.0/16");
    let peer = abroad.create_vpc(|vpc| vpc.cidr_block("10.1.0.0/16")).wait().unwrap().vpc.unwrap().vpc_id.unwrap();
    let made = lab
        .ec2
        .create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id(&peer).peer_region("eu-central-1"))
        .wait()
        .unwrap();
    (abroad, peer, made.vpc_peering_connection.unwrap().vpc_peering_connection_id.unwrap())
}

fn between_regions_the_other_accepts(lab: &Lab) {
    let (abroad, _, id) = across(lab);
    assert_eq!(
        code(lab.ec2.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
        "OperationNotPermitted"
    );
    assert_eq!(
        code(lab.ec2.reject_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait()),
        "OperationNotPermitted"
    );
    abroad.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    lab.settle();
    assert_eq!((status(&lab.ec2, &id), status(&abroad, &id)), ("active".to_owned(), "active".to_owned()));
}

fn between_regions_both_see_it(lab: &Lab) {
    let (abroad, peer, id) = across(lab);
    assert_eq!(status(&abroad, &id), "pending-acceptance");
    abroad.accept_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    lab.settle();
    let all = lab.ec2.describe_vpc_peering_connections(|which| which.vpc_peering_connection_ids(&id)).wait().unwrap();
    let to = all.vpc_peering_connections()[0].accepter_vpc_info().unwrap();
    assert_eq!((to.vpc_id(), to.region(), to.cidr_block()), (Some(peer.as_str()), Some("eu-central-1"), Some("10.1.0.0/16")));
    lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    lab.settle();
    assert_eq!((status(&lab.ec2, &id), status(&abroad, &id)), ("deleted".to_owned(), "deleted".to_owned()));
}

fn a_route_through_a_connection(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    accept(lab, &id);
    let table = lab.route_table(&vpc);
    let make = |id: &str| {
        let route = lab.ec2.create_route(|route| {
            route.route_table_id(&table).destination_cidr_block("10.1.0.0/16").vpc_peering_connection_id(id)
        });
        route.wait()
    };
    make(&id).unwrap();
    let route = || lab.described_table(&table).routes.unwrap().pop().unwrap();
    assert_eq!((route().vpc_peering_connection_id(), route().state()), (Some(id.as_str()), Some(&RouteState::Active)));
    lab.ec2.delete_vpc_peering_connection(|of| of.vpc_peering_connection_id(&id)).wait().unwrap();
    let absent = make(ABSENT);
    if lab.as_amazon("in moto routes always lead somewhere, and it writes Id for ID") {
        assert_eq!(route().state(), Some(&RouteState::Blackhole));
        assert_eq!(code(absent), "InvalidVpcPeeringConnectionID.NotFound");
    }
}

fn a_route_that_is_early(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let (id, table) = (ask(lab, &vpc, &peer), lab.route_table(&vpc));
    let route = lab
        .ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("10.1.0.0/16").vpc_peering_connection_id(&id));
    route.wait().unwrap();
    let state = || lab.described_table(&table).routes.unwrap().pop().unwrap().state.unwrap();
    if lab.as_amazon("in moto routes always lead somewhere") {
        assert_eq!(state(), RouteState::Blackhole);
    }
    accept(lab, &id);
    assert_eq!(state(), RouteState::Active);
}

fn a_route_of_a_vpc_that_is_not_part_of_it(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    let table = lab.route_table(&lab.vpc("10.2.0.0/16"));
    let made = lab
        .ec2
        .create_route(|route| route.route_table_id(&table).destination_cidr_block("10.1.0.0/16").vpc_peering_connection_id(&id));
    let made = made.wait();
    if lab.as_amazon("moto does not look at the VPC") {
        assert_eq!(code(made), "InvalidParameterValue");
    }
}

fn a_vpc_that_is_peered_stays(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    accept(lab, &id);
    let deleted = lab.ec2.delete_vpc(|which| which.vpc_id(&peer)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn connections_by_filter(lab: &Lab) {
    let (vpc, peer) = two(lab);
    let id = ask(lab, &vpc, &peer);
    accept(lab, &id);
    ask(lab, &vpc, &lab.vpc("10.2.0.0/16"));
    if !lab.as_amazon("moto knows no filters of connections") {
        return;
    }
    for (name, value) in
        [("status-code", "active"), ("accepter-vpc-info.vpc-id", &peer), ("accepter-vpc-info.cidr-block", "10.1.*")]
    {
        let found = lab.ec2.describe_vpc_peering_connections(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let found: Vec<_> = found.vpc_peering_connections().iter().map(|one| one.vpc_peering_connection_id().unwrap()).collect();
        assert_eq!(found, [id.as_str()], "{name}");
    }
}

/// What only a test can arrange: moto has no such door.
#[test]
fn another_account_answers() {
    let world = World::new();
    let ec2 = world.batteries().boto3.client().region_name("us-east-1").ec2();
    let vpc = ec2.create_vpc(|vpc| vpc.cidr_block("10.0.0.0/16")).wait().unwrap().vpc.unwrap().vpc_id.unwrap();
    let ask = || {
        let made = ec2.create_vpc_peering_connection(|to| {
            to.vpc_id(&vpc).peer_vpc_id("vpc-0aaaaaaaaaaaaaaaa").peer_owner_id("111122223333")
        });
        made.wait().unwrap().vpc_peering_connection.unwrap().vpc_peering_connection_id.unwrap()
    };
    let (accepted, rejected) = (ask(), ask());
    world.boto3.ec2.answer_peering("us-east-1", &accepted, Some("10.9.0.0/16"));
    world.boto3.ec2.answer_peering("us-east-1", &rejected, None);
    world.clock().advance(Duration::from_secs(60));
    assert_eq!((status(&ec2, &accepted), status(&ec2, &rejected)), ("active".to_owned(), "rejected".to_owned()));
    let shown =
        ec2.describe_vpc_peering_connections(|which| which.filters(filter("accepter-vpc-info.cidr-block", ["10.9.0.0/16"])));
    assert_eq!(shown.wait().unwrap().vpc_peering_connections()[0].vpc_peering_connection_id(), Some(accepted.as_str()));
}
