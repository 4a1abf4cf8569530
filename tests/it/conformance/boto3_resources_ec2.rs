//! boto3's resources, over EC2 in memory and over moto.

use std::time::Duration;

use leyden::boto3::ec2::resources::{Instance, Subnet, Vpc};
use leyden::boto3::ec2::{ServiceResource, types};
use leyden::{Wait, World};

struct Fixture {
    ec2: ServiceResource,
}

impl Fixture {
    fn mock() -> Fixture {
        Fixture { ec2: World::new().batteries().boto3.resource().region_name("us-east-1").ec2() }
    }

    fn moto() -> Fixture {
        let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO is the URL of a moto_server");
        let resource = leyden::Batteries::included().boto3.resource().region_name("us-east-1").endpoint_url(url);
        Fixture { ec2: resource.aws_access_key_id("x").aws_secret_access_key("x").ec2() }
    }

    fn network(&self) -> (Vpc, Subnet) {
        let vpc = self.ec2.create_vpc(|create| create.cidr_block("10.3.0.0/16")).wait().unwrap();
        let subnet = vpc.create_subnet(|create| create.cidr_block("10.3.1.0/24")).wait().unwrap();
        (vpc, subnet)
    }

    /// In a subnet of their own, so that listings of it have nothing else.
    fn instances(&self, count: i32) -> (Vpc, Subnet, Vec<Instance>) {
        let (vpc, subnet) = self.network();
        let image = self.ec2.images().filter(|images| images.owners("amazon")).into_iter().next().unwrap().unwrap();
        let run = subnet.create_instances(|run| run.image_id(image.id()).min_count(count).max_count(count));
        let instances = run.wait().unwrap();
        (vpc, subnet, instances)
    }
}

fn filter(name: &str, value: &str) -> types::Filter {
    types::Filter::builder().name(name).values(value).build()
}

fn tag(key: &str, value: &str) -> types::Tag {
    types::Tag::builder().key(key).value(value).build()
}

fn state(instance: &Instance) -> String {
    instance.reload().wait().unwrap();
    instance.state().wait().unwrap().and_then(|state| state.name).unwrap().to_string()
}

macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        mod mock {
            use super::*;
            $(#[test] fn $case() { super::$case(&Fixture::mock()) })+
        }
        mod moto {
            use super::*;
            $(#[test] #[ignore = "needs moto_server"] fn $case() { super::$case(&Fixture::moto()) })+
        }
    };
}

cases![
    instances_come_with_their_data,
    instances_start_and_stop_one_by_one_and_all_at_once,
    an_instance_leads_to_what_it_is_made_of,
    tags_are_made_and_taken,
    filters_of_a_collection_and_of_its_caller_both_hold,
    a_volume_becomes_a_snapshot,
    a_vpc_and_what_is_in_it,
    route_tables_give_their_routes_and_associations,
    security_groups_are_told_their_rules,
    key_pairs,
    addresses,
    what_is_not_there_fails_as_the_service_says,
];

fn instances_come_with_their_data(at: &Fixture) {
    let (_, subnet, instances) = at.instances(2);
    assert_eq!(instances.len(), 2);
    for instance in &instances {
        assert!(instance.meta().data().is_some());
        assert_eq!(instance.instance_id(), instance.id());
        assert_eq!(instance.subnet_id().wait().unwrap().as_deref(), Some(subnet.id()));
    }
    assert_eq!(instances[0], at.ec2.instance(instances[0].id()));
    assert_ne!(instances[0], instances[1]);
}

fn instances_start_and_stop_one_by_one_and_all_at_once(at: &Fixture) {
    let (_, subnet, instances) = at.instances(3);
    for instance in &instances {
        instance.wait_until_running(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
    }
    instances[0].stop(|stop| stop).wait().unwrap();
    assert!(instances[0].meta().data().is_none(), "what was loaded is old");
    instances[0].wait_until_stopped(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
    assert_eq!(state(&instances[0]), "stopped");
    instances[0].start(|start| start).wait().unwrap();
    instances[0].wait_until_running(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
    let answers = subnet.instances().terminate().wait().unwrap();
    assert_eq!(answers.iter().map(|answer| answer.terminating_instances().len()).sum::<usize>(), 3);
    for instance in &instances {
        instance.wait_until_terminated(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
        assert_eq!(state(instance), "terminated");
    }
}

fn an_instance_leads_to_what_it_is_made_of(at: &Fixture) {
    let (vpc, subnet, instances) = at.instances(1);
    let instance = &instances[0];
    instance.wait_until_running(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
    instance.reload().wait().unwrap();
    assert_eq!(instance.vpc().wait().unwrap(), Some(vpc.clone()));
    assert_eq!(instance.subnet().wait().unwrap(), Some(subnet));
    assert_eq!(instance.key_pair().wait().unwrap(), None);
    assert_eq!(instance.image().wait().unwrap().unwrap().id(), instance.image_id().wait().unwrap().unwrap());
    let interfaces = instance.network_interfaces().wait().unwrap();
    assert_eq!(interfaces.len(), 1);
    let address = instance.private_ip_address().wait().unwrap();
    assert!(interfaces[0].meta().data().is_some(), "the instance knows them");
    assert_eq!(interfaces[0].private_ip_address().wait().unwrap(), address);
    assert_eq!(interfaces[0].attachment().wait().unwrap().unwrap().device_index, Some(0));
    assert_eq!(interfaces[0].vpc().wait().unwrap(), Some(vpc));
    for volume in instance.volumes() {
        assert_eq!(volume.unwrap().attachments().wait().unwrap()[0].instance_id(), Some(instance.id()));
    }
}

fn tags_are_made_and_taken(at: &Fixture) {
    let (_, subnet, instances) = at.instances(2);
    let tags = instances[0].create_tags(|create| create.tags(tag("Name", "web")).tags(tag("team", "ops"))).wait().unwrap();
    assert_eq!(
        format!("{tags:?}"),
        format!(
            "[ec2.Tag(resource_id='{0}', key='Name', value='web'), ec2.Tag(resource_id='{0}', key='team', value='ops')]",
            instances[0].id()
        )
    );
    instances[0].reload().wait().unwrap();
    assert_eq!(instances[0].tags().wait().unwrap().len(), 2);
    tags[0].delete(|delete| delete).wait().unwrap();
    instances[0].reload().wait().unwrap();
    assert_eq!(instances[0].tags().wait().unwrap(), [tag("team", "ops")]);
    instances[0].delete_tags(|delete| delete.tags(types::Tag::builder().key("team").build())).wait().unwrap();
    instances[0].reload().wait().unwrap();
    assert!(instances[0].tags().wait().unwrap().is_empty());
    subnet.instances().create_tags().params(|create| create.tags(tag("all", "yes"))).wait().unwrap();
    let tagged = subnet.instances().filter(|describe| describe.filters(filter("tag:all", "yes")));
    assert_eq!(tagged.into_iter().count(), 2);
    let both = at.ec2.create_tags(|create| {
        create.resources(instances[0].id()).resources(instances[1].id()).tags(tag("a", "1")).tags(tag("b", "2"))
    });
    assert_eq!(
        both.wait().unwrap().iter().map(|tag| (tag.resource_id(), tag.key())).collect::<Vec<_>>(),
        [(instances[0].id(), "a"), (instances[0].id(), "b"), (instances[1].id(), "a"), (instances[1].id(), "b"),]
    );
}

fn filters_of_a_collection_and_of_its_caller_both_hold(at: &Fixture) {
    let (_, subnet, instances) = at.instances(2);
    let (_, _, _) = at.instances(1);
    let only = subnet.instances().filter(|describe| describe.filters(filter("instance-id", instances[1].id())));
    assert_eq!(only.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [instances[1].clone()]);
    assert_eq!(subnet.instances().into_iter().count(), 2);
    assert_eq!(subnet.instances().limit(1).into_iter().count(), 1);
}

fn a_volume_becomes_a_snapshot(at: &Fixture) {
    let volume = at.ec2.create_volume(|create| create.availability_zone("us-east-1a").size(8)).wait().unwrap();
    assert!(volume.meta().data().is_some());
    assert_eq!(volume.size().wait().unwrap(), Some(8));
    assert_eq!(volume.availability_zone().wait().unwrap().as_deref(), Some("us-east-1a"));
    volume
        .meta()
        .client()
        .get_waiter()
        .volume_available(|describe| describe.volume_ids(volume.id()))
        .delay(Duration::from_secs(1))
        .wait()
        .unwrap();
    let snapshot = volume.create_snapshot(|create| create.description("nightly")).wait().unwrap();
    assert_eq!(snapshot.description().wait().unwrap().as_deref(), Some("nightly"));
    snapshot.wait_until_completed(|describe| describe).delay(Duration::from_secs(15)).wait().unwrap();
    assert_eq!(snapshot.volume().wait().unwrap(), Some(volume.clone()));
    assert_eq!(volume.snapshots().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [snapshot.clone()]);
    snapshot.delete(|delete| delete).wait().unwrap();
    volume.delete(|delete| delete).wait().unwrap();
    volume.meta().client().get_waiter().volume_deleted(|describe| describe.volume_ids(volume.id())).wait().unwrap();
    assert_eq!(volume.load().wait().unwrap_err().code(), Some("InvalidVolume.NotFound"));
}

fn a_vpc_and_what_is_in_it(at: &Fixture) {
    let (vpc, subnet) = at.network();
    vpc.wait_until_available(|describe| describe).delay(Duration::from_secs(1)).wait().unwrap();
    assert_eq!(vpc.cidr_block().wait().unwrap().as_deref(), Some("10.3.0.0/16"));
    assert_eq!(vpc.subnets().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [subnet.clone()]);
    assert_eq!(subnet.vpc().wait().unwrap(), Some(vpc.clone()));
    assert_eq!(vpc.security_groups().into_iter().count(), 1);
    assert_eq!(vpc.network_acls().into_iter().next().unwrap().unwrap().vpc().wait().unwrap(), Some(vpc.clone()));
    let gateway = at.ec2.create_internet_gateway(|create| create).wait().unwrap();
    gateway.attach_to_vpc(|attach| attach.vpc_id(vpc.id())).wait().unwrap();
    assert_eq!(vpc.internet_gateways().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [gateway.clone()]);
    vpc.detach_internet_gateway(|detach| detach.internet_gateway_id(gateway.id())).wait().unwrap();
    gateway.delete(|delete| delete).wait().unwrap();
    let interface = subnet.create_network_interface(|create| create.description("eth9")).wait().unwrap();
    assert_eq!(interface.description().wait().unwrap().as_deref(), Some("eth9"));
    assert_eq!(subnet.network_interfaces().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [interface.clone()]);
    interface.delete(|delete| delete).wait().unwrap();
    subnet.delete(|delete| delete).wait().unwrap();
    assert_eq!(vpc.subnets().into_iter().count(), 0);
}

fn route_tables_give_their_routes_and_associations(at: &Fixture) {
    let (vpc, subnet) = at.network();
    let table = vpc.create_route_table(|create| create).wait().unwrap();
    let gateway = at.ec2.create_internet_gateway(|create| create).wait().unwrap();
    gateway.attach_to_vpc(|attach| attach.vpc_id(vpc.id())).wait().unwrap();
    let route =
        table.create_route(|create| create.destination_cidr_block("0.0.0.0/0").gateway_id(gateway.id())).wait().unwrap().unwrap();
    assert_eq!(format!("{route:?}"), format!("ec2.Route(route_table_id='{}', destination_cidr_block='0.0.0.0/0')", table.id()));
    assert!(route.gateway_id().wait().is_err(), "a route has no load");
    let routes = table.routes().wait().unwrap();
    let found = routes.iter().find(|found| **found == route).unwrap();
    assert_eq!(found.gateway_id().wait().unwrap().as_deref(), Some(gateway.id()));
    assert_eq!(route.route_table(), table);
    let association = table.associate_with_subnet(|associate| associate.subnet_id(subnet.id())).wait().unwrap();
    let associations = table.associations().wait().unwrap();
    assert_eq!(associations, [association]);
    assert_eq!(associations[0].subnet().wait().unwrap(), Some(subnet));
    assert_eq!(associations[0].route_table().wait().unwrap(), Some(table.clone()));
    associations[0].delete(|delete| delete).wait().unwrap();
    route.delete(|delete| delete).wait().unwrap();
    table.reload().wait().unwrap();
    assert_eq!(table.routes().wait().unwrap().len(), 1);
    table.delete(|delete| delete).wait().unwrap();
}

fn security_groups_are_told_their_rules(at: &Fixture) {
    let (vpc, _) = at.network();
    let group = vpc.create_security_group(|create| create.group_name("web").description("web servers")).wait().unwrap();
    assert_eq!(group.group_name().wait().unwrap().as_deref(), Some("web"));
    assert!(group.ip_permissions().wait().unwrap().is_empty());
    let https = types::IpPermission::builder().ip_protocol("tcp").from_port(443).to_port(443);
    let https = https.ip_ranges(types::IpRange::builder().cidr_ip("0.0.0.0/0").build()).build();
    group.authorize_ingress(|authorize| authorize.ip_permissions(https.clone())).wait().unwrap();
    assert_eq!(group.ip_permissions().wait().unwrap()[0].from_port, Some(443));
    group.revoke_ingress(|revoke| revoke.ip_permissions(https)).wait().unwrap();
    assert!(group.ip_permissions().wait().unwrap().is_empty());
    group.delete(|delete| delete).wait().unwrap();
    assert_eq!(group.load().wait().unwrap_err().code(), Some("InvalidGroup.NotFound"));
}

fn key_pairs(at: &Fixture) {
    let name = format!("deploy-{}", std::process::id());
    let key = at.ec2.create_key_pair(|create| create.key_name(&name)).wait().unwrap();
    assert_eq!((key.name(), key.key_name()), (name.as_str(), name.as_str()));
    assert!(key.key_material().wait().unwrap().unwrap().contains("PRIVATE KEY"));
    let info = at.ec2.key_pair(&name);
    assert_eq!(info.key_fingerprint().wait().unwrap(), key.key_fingerprint().wait().unwrap());
    assert!(at.ec2.key_pairs().into_iter().any(|found| found.unwrap() == info));
    key.delete(|delete| delete).wait().unwrap();
    assert_eq!(info.load().wait().unwrap_err().code(), Some("InvalidKeyPair.NotFound"));
}

fn addresses(at: &Fixture) {
    let allocated = at.ec2.meta().client().allocate_address(|allocate| allocate.domain(types::DomainType::Vpc)).wait().unwrap();
    let address = at.ec2.vpc_address(allocated.allocation_id().unwrap());
    assert_eq!(address.public_ip().wait().unwrap().as_deref(), allocated.public_ip());
    assert_eq!(address.association().wait().unwrap(), None);
    assert!(at.ec2.vpc_addresses().into_iter().any(|found| found.unwrap() == address));
    // The parameter is among the data.
    address.release(|release| release).wait().unwrap();
    assert!(!at.ec2.vpc_addresses().into_iter().any(|found| found.unwrap() == address));
}

fn what_is_not_there_fails_as_the_service_says(at: &Fixture) {
    let instance = at.ec2.instance("i-0fedcba9876543210");
    assert_eq!(instance.state().wait().unwrap_err().code(), Some("InvalidInstanceID.NotFound"));
    assert_eq!(instance.vpc().wait().unwrap_err().code(), Some("InvalidInstanceID.NotFound"));
    // A description by filter finds nothing, and that is no refusal.
    let tag = at.ec2.tag("i-0fedcba9876543210", "no-such-key", "no-such-value");
    tag.load().wait().unwrap();
    assert!(tag.meta().data().is_none());
    let error = tag.resource_type().wait().unwrap_err();
    let shown =
        "ec2.Tag(resource_id='i-0fedcba9876543210', key='no-such-key', value='no-such-value') is not known to the service";
    assert_eq!(error.to_string(), shown);
}

/// In the fake alone: moto has no placement groups.
#[test]
fn a_placement_group_and_its_instances() {
    let at = Fixture::mock();
    let near = types::PlacementStrategy::Cluster;
    let group = at.ec2.create_placement_group(|create| create.group_name("near").strategy(near.clone())).wait().unwrap();
    assert_eq!((group.name(), group.strategy().wait().unwrap()), ("near", Some(near)));
    let image = at.ec2.images().filter(|images| images.owners("amazon")).into_iter().next().unwrap().unwrap();
    let place = types::Placement::builder().group_name("near").build();
    let run = at.ec2.create_instances(|run| {
        run.image_id(image.id()).instance_type(types::InstanceType::M5Large).placement(place).min_count(2).max_count(2)
    });
    let mut made = run.wait().unwrap();
    let mut found: Vec<Instance> = group.instances().into_iter().collect::<Result<_, _>>().unwrap();
    made.sort_by(|a, b| a.id().cmp(b.id()));
    found.sort_by(|a, b| a.id().cmp(b.id()));
    assert_eq!(found, made);
    assert!(group.delete(|delete| delete).wait().is_err());
    for instance in &found {
        instance.terminate(|terminate| terminate).wait().unwrap();
        instance.wait_until_terminated(|which| which).wait().unwrap();
    }
    group.delete(|delete| delete).wait().unwrap();
    assert_eq!(at.ec2.placement_groups().into_iter().count(), 0);
}
