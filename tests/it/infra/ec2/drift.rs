//! Every managed field: changed by hand, seen by a plan, and put right.

use leyden::boto3::ec2::primitives::Blob;
use leyden::boto3::ec2::types::{AttributeBooleanValue, AttributeValue, IpPermission, IpRange, RequestLaunchTemplateData, Tag};
use leyden::infra::Action;
use leyden::prelude::*;

use super::{KEY, Lab, cases, stack};

cases!(drift_of_every_field, what_is_gone_is_made_again);

type Hand = fn(&Lab);

fn tag(lab: &Lab, address: &str) {
    let tag = Tag::builder().key("version").value("by hand").build();
    lab.ec2.create_tags(|create| create.resources(lab.id(address)).tags(tag)).wait().unwrap();
}

fn foreign_tag(lab: &Lab, address: &str) {
    let tag = Tag::builder().key("foreign").value("x").build();
    lab.ec2.create_tags(|create| create.resources(lab.id(address)).tags(tag)).wait().unwrap();
}

fn permission(port: i32) -> IpPermission {
    let anywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).ip_ranges(anywhere).build()
}

fn no() -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(false).build()
}

/// The address and the field that a hand changes, what the plan does about it, and the hand.
const DRIFT: &[(&str, &str, Action, Hand)] = &[
    ("vpc", "tags", Action::Update, |lab| tag(lab, "vpc")),
    ("vpc", "tags", Action::Update, |lab| foreign_tag(lab, "vpc")),
    ("vpc", "enable_dns_hostnames", Action::Update, |lab| {
        lab.ec2.modify_vpc_attribute(|modify| modify.vpc_id(lab.id("vpc")).enable_dns_hostnames(no())).wait().unwrap();
    }),
    ("public", "map_public_ip_on_launch", Action::Update, |lab| {
        lab.ec2
            .modify_subnet_attribute(|modify| modify.subnet_id(lab.id("public")).map_public_ip_on_launch(no()))
            .wait()
            .unwrap();
    }),
    ("public", "tags", Action::Update, |lab| foreign_tag(lab, "public")),
    ("gateway", "tags", Action::Update, |lab| tag(lab, "gateway")),
    ("routes", "routes", Action::Update, |lab| {
        lab.ec2
            .delete_route(|delete| delete.route_table_id(lab.id("routes")).destination_cidr_block("0.0.0.0/0"))
            .wait()
            .unwrap();
    }),
    ("routes", "routes", Action::Update, |lab| {
        let (table, gateway) = (lab.id("routes"), lab.id("gateway"));
        lab.ec2
            .create_route(|create| create.route_table_id(table).destination_cidr_block("172.20.0.0/16").gateway_id(gateway))
            .wait()
            .unwrap();
    }),
    ("routes", "subnet_ids", Action::Update, |lab| {
        let tables = lab.ec2.describe_route_tables(|which| which.route_table_ids(lab.id("routes"))).wait().unwrap();
        let own = tables.route_tables()[0].associations()[0].route_table_association_id().unwrap().to_owned();
        lab.ec2.disassociate_route_table(|part| part.association_id(own)).wait().unwrap();
    }),
    ("routes", "subnet_ids", Action::Update, |lab| {
        // Into another table.
        let other = lab.ec2.create_route_table(|create| create.vpc_id(lab.id("vpc"))).wait().unwrap();
        let other = other.route_table().unwrap().route_table_id().unwrap().to_owned();
        let tables = lab.ec2.describe_route_tables(|which| which.route_table_ids(lab.id("routes"))).wait().unwrap();
        let own = tables.route_tables()[0].associations()[0].route_table_association_id().unwrap().to_owned();
        lab.ec2.replace_route_table_association(|to| to.association_id(own).route_table_id(other)).wait().unwrap();
    }),
    ("web", "ingress", Action::Update, |lab| {
        lab.ec2.authorize_security_group_ingress(|to| to.group_id(lab.id("web")).ip_permissions(permission(22))).wait().unwrap();
    }),
    ("web", "ingress", Action::Update, |lab| {
        lab.ec2.revoke_security_group_ingress(|to| to.group_id(lab.id("web")).ip_permissions(permission(443))).wait().unwrap();
    }),
    ("db", "egress", Action::Update, |lab| {
        lab.ec2.authorize_security_group_egress(|to| to.group_id(lab.id("db")).ip_permissions(permission(25))).wait().unwrap();
    }),
    ("web", "tags", Action::Update, |lab| foreign_tag(lab, "web")),
    ("key", "public_key", Action::Replace, |lab| {
        lab.ec2.delete_key_pair(|delete| delete.key_name("lab")).wait().unwrap();
        let other = KEY.replace("IGdYKK", "IGdYKL");
        lab.ec2.import_key_pair(|pair| pair.key_name("lab").public_key_material(Blob::new(other))).wait().unwrap();
    }),
    ("template", "instance_type", Action::Update, |lab| {
        let data = RequestLaunchTemplateData::builder().instance_type("t3.large".into()).image_id(&lab.image).build();
        lab.ec2
            .create_launch_template_version(|make| make.launch_template_name("lab").launch_template_data(data))
            .wait()
            .unwrap();
        let which = lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("lab")).wait().unwrap();
        let last = which.launch_template_versions().iter().filter_map(|version| version.version_number()).max().unwrap();
        lab.ec2
            .modify_launch_template(|modify| modify.launch_template_name("lab").default_version(last.to_string()))
            .wait()
            .unwrap();
    }),
    ("app", "tags", Action::Update, |lab| tag(lab, "app")),
    ("app", "state", Action::Update, |lab| {
        lab.ec2.stop_instances(|stop| stop.instance_ids(lab.id("app"))).wait().unwrap();
    }),
    ("app", "instance_type", Action::Update, |lab| {
        let id = lab.id("app");
        lab.ec2.stop_instances(|stop| stop.instance_ids(&id)).wait().unwrap();
        lab.settle();
        let kind = AttributeValue::builder().value("t3.large").build();
        lab.ec2.modify_instance_attribute(|modify| modify.instance_id(&id).instance_type(kind)).wait().unwrap();
        lab.ec2.start_instances(|start| start.instance_ids(&id)).wait().unwrap();
        lab.settle();
    }),
    ("app", "security_group_ids", Action::Update, |lab| {
        lab.ec2.modify_instance_attribute(|modify| modify.instance_id(lab.id("app")).groups(lab.id("db"))).wait().unwrap();
    }),
    ("data", "iops", Action::Update, |lab| {
        lab.ec2.modify_volume(|modify| modify.volume_id(lab.id("data")).iops(3500)).wait().unwrap();
        lab.settle();
    }),
    ("data", "tags", Action::Update, |lab| foreign_tag(lab, "data")),
    ("address", "instance_id", Action::Update, |lab| {
        let addresses = lab.ec2.describe_addresses(|which| which.allocation_ids(lab.id("address"))).wait().unwrap();
        let own = addresses.addresses()[0].association_id().unwrap().to_owned();
        lab.ec2.disassociate_address(|part| part.association_id(own)).wait().unwrap();
    }),
    ("address", "tags", Action::Update, |lab| tag(lab, "address")),
];

fn drift_of_every_field(lab: &Lab) {
    lab.apply(stack(&lab.image, 1));
    for (number, (address, field, action, hand)) in DRIFT.iter().enumerate() {
        lab.settle();
        hand(lab);
        let plan = lab.plan(stack(&lab.image, 1));
        let change = plan.change(*address).unwrap();
        assert_eq!(change.action, *action, "{number}: {address}.{field}\n{plan}");
        let (before, after) = (&change.before, &change.after);
        assert_ne!(before[*field], after[*field], "{number}: {address}.{field}\n{plan}");
        assert!(plan.drift().iter().any(|drift| drift.address.as_str() == *address), "{number}: {address}.{field}\n{plan}");
        plan.apply(&lab.batteries).wait().unwrap_or_else(|error| panic!("{number}: {address}.{field}: {error}"));
        let again = lab.plan(stack(&lab.image, 1));
        assert!(again.is_empty(), "{number}: {address}.{field}\n{again}");
    }
}

fn what_is_gone_is_made_again(lab: &Lab) {
    lab.apply(stack(&lab.image, 1));
    lab.settle();
    let gone: &[(&str, Hand)] = &[
        ("disk", |lab| {
            lab.ec2.detach_volume(|detach| detach.volume_id(lab.id("data"))).wait().unwrap();
            lab.settle();
        }),
        (r#"only["1"]"#, |lab| {
            lab.ec2.delete_volume(|delete| delete.volume_id(lab.id(r#"only["1"]"#))).wait().unwrap();
            lab.settle();
        }),
        ("key", |lab| {
            lab.ec2.delete_key_pair(|delete| delete.key_name("lab")).wait().unwrap();
        }),
        ("spare", |lab| {
            lab.ec2.delete_subnet(|delete| delete.subnet_id(lab.id("spare"))).wait().unwrap();
        }),
        ("db", |lab| {
            lab.ec2.delete_security_group(|delete| delete.group_id(lab.id("db"))).wait().unwrap();
        }),
        ("template", |lab| {
            lab.ec2.delete_launch_template(|delete| delete.launch_template_name("lab")).wait().unwrap();
        }),
    ];
    let before = lab.inventory().len();
    for (address, hand) in gone {
        hand(lab);
        let plan = lab.plan(stack(&lab.image, 1));
        assert_eq!(plan.change(*address).unwrap().action, Action::Create, "{address}\n{plan}");
        assert_eq!(plan.summary().add, 1, "{address}\n{plan}");
        lab.apply(stack(&lab.image, 1));
        assert_eq!(lab.inventory().len(), before, "{address}");
    }
    // A machine that was terminated takes its disk's attachment along; its address stays.
    lab.ec2.terminate_instances(|end| end.instance_ids(lab.id("app"))).wait().unwrap();
    lab.settle();
    let plan = lab.plan(stack(&lab.image, 1));
    assert_eq!((plan.change("app").unwrap().action, plan.summary().add), (Action::Create, 2), "{plan}");
    lab.apply(stack(&lab.image, 1));
    assert_eq!(lab.inventory().len(), before);
}
