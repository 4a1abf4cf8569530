//! Tags.

use aws_sdk_ec2::types::{ConnectivityType, GatewayType, ResourceType, Tag, TagSpecification, VpcEndpointType};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    tags_are_made_and_shown,
    a_tag_is_written_over,
    a_tag_is_deleted_by_key,
    a_tag_with_another_value_stays,
    all_tags_are_deleted,
    one_call_tags_many,
    tags_of_an_absent_resource,
    a_key_of_amazons,
    too_many_tags,
    tags_are_described,
    tags_are_filtered,
    tags_come_with_the_resource,
    a_specification_for_another_kind,
    tags_go_with_their_resource,
    gateways_and_connections_have_tags,
]);

fn tags(lab: &Lab, id: &str) -> Vec<(String, String)> {
    let answer = lab.ec2.describe_tags(|which| which.filters(filter("resource-id", [id]))).wait().unwrap();
    let mut tags: Vec<_> =
        answer.tags().iter().map(|tag| (tag.key().unwrap().to_owned(), tag.value().unwrap_or_default().to_owned())).collect();
    tags.sort();
    tags
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

fn tags_are_made_and_shown(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data")).tags(tag("Empty", ""))).wait().unwrap();
    assert_eq!(tags(lab, &id), [pair("Empty", ""), pair("Name", "data")]);
    let volume = lab.ec2.describe_volumes(|which| which.volume_ids(&id)).wait().unwrap().volumes.unwrap().remove(0);
    assert_eq!(volume.tags().len(), 2);
}

fn a_tag_is_written_over(lab: &Lab) {
    let id = lab.volume(1);
    for value in ["one", "two"] {
        lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", value))).wait().unwrap();
    }
    assert_eq!(tags(lab, &id), [pair("Name", "two")]);
}

fn a_tag_is_deleted_by_key(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data")).tags(tag("Owner", "me"))).wait().unwrap();
    lab.ec2.delete_tags(|which| which.resources(&id).tags(Tag::builder().key("Name").build())).wait().unwrap();
    assert_eq!(tags(lab, &id), [pair("Owner", "me")]);
}

fn a_tag_with_another_value_stays(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data"))).wait().unwrap();
    lab.ec2.delete_tags(|which| which.resources(&id).tags(tag("Name", "other"))).wait().unwrap();
    assert_eq!(tags(lab, &id), [pair("Name", "data")]);
    lab.ec2.delete_tags(|which| which.resources(&id).tags(tag("Name", "data"))).wait().unwrap();
    assert!(tags(lab, &id).is_empty());
}

fn all_tags_are_deleted(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data")).tags(tag("Owner", "me"))).wait().unwrap();
    lab.ec2.delete_tags(|which| which.resources(&id)).wait().unwrap();
    if lab.as_amazon("moto deletes none without a key") {
        assert!(tags(lab, &id).is_empty());
    }
}

fn one_call_tags_many(lab: &Lab) {
    let (volume, instance) = (lab.volume(1), lab.run_one());
    lab.ec2.create_tags(|which| which.resources(&volume).resources(&instance).tags(tag("Project", "x"))).wait().unwrap();
    assert_eq!(tags(lab, &volume), tags(lab, &instance));
}

fn tags_of_an_absent_resource(lab: &Lab) {
    let answer = lab.ec2.create_tags(|which| which.resources("vol-0ffffffffffffffff").tags(tag("a", "b"))).wait();
    if lab.as_amazon("moto tags volumes that are not there") {
        assert_eq!(code(answer), "InvalidVolume.NotFound");
    }
    let odd = lab.ec2.create_tags(|which| which.resources("odd").tags(tag("a", "b"))).wait();
    assert_eq!(code(odd), "InvalidID");
}

fn a_key_of_amazons(lab: &Lab) {
    let id = lab.volume(1);
    let answer = lab.ec2.create_tags(|which| which.resources(&id).tags(tag("aws:name", "b"))).wait();
    if lab.as_amazon("moto takes them") {
        assert_eq!(code(answer), "InvalidParameterValue");
    }
}

fn too_many_tags(lab: &Lab) {
    let id = lab.volume(1);
    let many = (0..51).map(|number| tag(&format!("key{number}"), "")).collect();
    assert_eq!(code(lab.ec2.create_tags(|which| which.resources(&id).set_tags(Some(many))).wait()), "TagLimitExceeded");
    let enough = (0..50).map(|number| tag(&format!("key{number}"), "")).collect();
    lab.ec2.create_tags(|which| which.resources(&id).set_tags(Some(enough))).wait().unwrap();
    assert_eq!(tags(lab, &id).len(), 50);
}

fn tags_are_described(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data"))).wait().unwrap();
    let all = lab.ec2.describe_tags(|which| which).wait().unwrap().tags.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].resource_id(), all[0].resource_type().unwrap().as_str()), (Some(id.as_str()), "volume"));
}

fn tags_are_filtered(lab: &Lab) {
    let (one, two) = (lab.volume(1), lab.volume(1));
    lab.ec2.create_tags(|which| which.resources(&one).tags(tag("Name", "web-1"))).wait().unwrap();
    lab.ec2.create_tags(|which| which.resources(&two).tags(tag("Owner", "me"))).wait().unwrap();
    for (name, value) in [("key", "Name"), ("value", "web-*"), ("resource-id", one.as_str())] {
        let found = lab.ec2.describe_tags(|which| which.filters(filter(name, [value]))).wait().unwrap().tags.unwrap();
        assert_eq!(found.len(), 1, "{name}");
    }
    assert_eq!(lab.ec2.describe_tags(|which| which.filters(filter("resource-type", ["volume"]))).wait().unwrap().tags().len(), 2);
}

fn tags_come_with_the_resource(lab: &Lab) {
    let own = TagSpecification::builder().resource_type(ResourceType::Volume).tags(tag("Name", "data")).build();
    let made =
        lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(1).tag_specifications(own)).wait().unwrap();
    assert_eq!(made.tags(), [tag("Name", "data")]);
}

fn a_specification_for_another_kind(lab: &Lab) {
    let wrong = TagSpecification::builder().resource_type(ResourceType::Instance).tags(tag("Name", "data")).build();
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(1).tag_specifications(wrong)).wait();
    if lab.as_amazon("moto leaves it out") {
        assert_eq!(code(made), "InvalidParameterValue");
    }
}

fn tags_go_with_their_resource(lab: &Lab) {
    let id = lab.volume(1);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "data"))).wait().unwrap();
    lab.ec2.delete_volume(|which| which.volume_id(&id)).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto keeps the tags of what is gone") {
        assert!(tags(lab, &id).is_empty());
    }
}

fn gateways_and_connections_have_tags(lab: &Lab) {
    let (vpc, peer) = (lab.vpc("10.0.0.0/16"), lab.vpc("10.1.0.0/16"));
    let subnet = lab.subnet(&vpc, "10.0.1.0/24");
    let nat = lab.ec2.create_nat_gateway(|nat| nat.subnet_id(&subnet).connectivity_type(ConnectivityType::Private));
    let peering = lab.ec2.create_vpc_peering_connection(|to| to.vpc_id(&vpc).peer_vpc_id(&peer));
    let endpoint = lab.ec2.create_vpc_endpoint(|endpoint| {
        let endpoint = endpoint.vpc_id(&vpc).vpc_endpoint_type(VpcEndpointType::Gateway);
        endpoint.service_name("com.amazonaws.us-east-1.s3")
    });
    let gateway = lab.ec2.create_vpn_gateway(|gateway| gateway.r#type(GatewayType::Ipsec1));
    let customer = lab.ec2.create_customer_gateway(|customer| customer.r#type(GatewayType::Ipsec1).ip_address("205.251.242.54"));
    let made = [
        nat.wait().unwrap().nat_gateway.unwrap().nat_gateway_id.unwrap(),
        peering.wait().unwrap().vpc_peering_connection.unwrap().vpc_peering_connection_id.unwrap(),
        endpoint.wait().unwrap().vpc_endpoint.unwrap().vpc_endpoint_id.unwrap(),
        gateway.wait().unwrap().vpn_gateway.unwrap().vpn_gateway_id.unwrap(),
        customer.wait().unwrap().customer_gateway.unwrap().customer_gateway_id.unwrap(),
    ];
    lab.ec2.create_tags(|which| which.set_resources(Some(made.to_vec())).tags(tag("Env", "prod"))).wait().unwrap();
    for id in &made {
        assert_eq!(tags(lab, id), [pair("Env", "prod")], "{id}");
    }
    let all = lab.ec2.describe_tags(|which| which.filters(filter("key", ["Env"]))).wait().unwrap();
    let mut kinds: Vec<_> = all.tags().iter().map(|own| own.resource_type().unwrap().as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds.len(), made.len());
    if lab.as_amazon("moto says nat-gateway here, which it takes in no specification") {
        assert_eq!(kinds, ["customer-gateway", "natgateway", "vpc-endpoint", "vpc-peering-connection", "vpn-gateway"]);
    }
    let found = lab.ec2.describe_vpn_gateways(|which| which.filters(filter("tag:Env", ["pr*"]))).wait().unwrap();
    assert_eq!(found.vpn_gateways().len(), 1);
}
