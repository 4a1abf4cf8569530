//! What the real Terraform with its provider for AWS planned and did over moto, and ours over EC2 and S3 in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leyden::boto3::ec2::types::{AttributeBooleanValue, IpPermission, IpRange, Tag};
use leyden::infra::resources::{ec2, s3};
use leyden::infra::{Declare, Infra, Input, Plan, State};
use leyden::prelude::*;
use serde_json::{Value, json};

use crate::support::oracle;

type Ids = BTreeMap<String, Input<String>>;

/// The arguments of one resource of a declaration.
struct Arguments<'a> {
    given: &'a Value,
    ids: &'a Ids,
    images: &'a [String; 2],
}

impl Arguments<'_> {
    fn value(&self, value: &Value) -> Input<String> {
        match (value.get("ref").and_then(Value::as_str), value.as_str()) {
            (Some(path), _) => self.ids[path.split('.').next().unwrap()].clone(),
            (_, Some("AMI")) => self.images[0].as_str().into(),
            (_, Some("AMI2")) => self.images[1].as_str().into(),
            (_, Some(text)) => text.into(),
            _ => panic!("{value}"),
        }
    }

    fn input(&self, name: &str) -> Option<Input<String>> {
        self.given.get(name).map(|value| self.value(value))
    }

    fn required(&self, name: &str) -> Input<String> {
        self.input(name).unwrap_or_else(|| panic!("{name} of {}", self.given))
    }

    fn text(&self, name: &str) -> &str {
        self.given[name].as_str().unwrap_or_else(|| panic!("{name} of {}", self.given))
    }

    fn flag(&self, name: &str) -> bool {
        self.given[name] == true
    }

    fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given["tags"].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str().unwrap()))
    }
}

macro_rules! with_tags {
    ($arguments:ident, $made:expr) => {
        $arguments.tags().fold($made, |made, (key, value)| made.tag(key, value))
    };
}

fn add(declare: &Declare, name: &str, a: &Arguments<'_>) -> leyden::Result<Input<String>> {
    Ok(match a.given["kind"].as_str().unwrap() {
        "aws_vpc" => {
            let vpc = ec2::Vpc::new(a.text("cidr_block"));
            let vpc = match a.given["enable_dns_hostnames"].as_bool() {
                Some(true) => vpc.dns_hostnames(),
                Some(false) => vpc.no_dns_hostnames(),
                None => vpc,
            };
            declare.add(name, with_tags!(a, vpc))?.id()
        }
        "aws_subnet" => {
            let subnet = ec2::Subnet::new(a.required("vpc_id"), a.text("cidr_block")).zone(a.text("availability_zone"));
            let subnet = if a.flag("map_public_ip_on_launch") { subnet.public_addresses() } else { subnet };
            declare.add(name, with_tags!(a, subnet))?.id()
        }
        "aws_internet_gateway" => declare.add(name, with_tags!(a, ec2::InternetGateway::new(a.required("vpc_id"))))?.id(),
        "aws_security_group" => {
            let group = ec2::SecurityGroup::new(a.text("name")).description(a.text("description")).vpc(a.required("vpc_id"));
            let group = a.given["ingress"].as_array().into_iter().flatten().fold(group, |group, rule| {
                let port = u16::try_from(rule["from_port"].as_u64().unwrap()).unwrap();
                group.ingress(ec2::Rule::tcp(port).from(rule["cidr_blocks"][0].as_str().unwrap()))
            });
            declare.add(name, with_tags!(a, group))?.id()
        }
        "aws_key_pair" => declare.add(name, with_tags!(a, ec2::KeyPair::new(a.text("key_name"), a.required("public_key"))))?.id(),
        "aws_ebs_volume" => {
            let volume = ec2::Volume::new(a.text("availability_zone"), i32::try_from(a.given["size"].as_i64().unwrap()).unwrap());
            let volume = volume.volume_type(a.text("type"));
            let volume = if a.flag("encrypted") { volume.encrypted() } else { volume };
            declare.add(name, with_tags!(a, volume))?.id()
        }
        "aws_volume_attachment" => {
            let attachment = ec2::Attachment::new(a.required("volume_id"), a.required("instance_id"), a.text("device_name"));
            declare.add(name, attachment)?.id()
        }
        "aws_instance" => {
            let machine = ec2::Instance::new(a.required("ami"), a.text("instance_type")).subnet(a.required("subnet_id"));
            let machine = a.input("user_data").into_iter().fold(machine, ec2::Instance::user_data);
            let machine = a.input("key_name").into_iter().fold(machine, ec2::Instance::key);
            let groups = a.given["vpc_security_group_ids"].as_array().into_iter().flatten().map(|group| a.value(group));
            let machine = declare.add(name, with_tags!(a, groups.fold(machine, ec2::Instance::group)))?;
            // As the documentation of the gateway asks for.
            if a.ids.contains_key("gateway") { machine.after("gateway").id() } else { machine.id() }
        }
        "aws_eip" => {
            let address = a.input("instance").into_iter().fold(ec2::ElasticIp::new(), ec2::ElasticIp::instance);
            declare.add(name, with_tags!(a, address))?.id()
        }
        "aws_route_table" => {
            let table = ec2::RouteTable::new(a.required("vpc_id"));
            let table =
                a.given["route"].as_array().into_iter().flatten().fold(table, |table, route| {
                    table.route(route["cidr_block"].as_str().unwrap(), a.value(&route["gateway_id"]))
                });
            declare.add(name, with_tags!(a, table))?.id()
        }
        "aws_launch_template" => {
            let template = ec2::LaunchTemplate::new(a.text("name")).image(a.required("image_id"));
            declare.add(name, with_tags!(a, template.instance_type(a.text("instance_type"))))?.id()
        }
        "aws_s3_bucket" => declare.add(name, with_tags!(a, s3::Bucket::new(a.text("bucket"))))?.id(),
        "aws_s3_bucket_object" => {
            declare.add(name, s3::Object::new(a.required("bucket"), a.text("key"), a.text("content")))?.id()
        }
        other => panic!("{other}"),
    })
}

/// In an order in which every reference is declared before it is used.
fn declare(resources: &Value, images: &[String; 2], declare: &Declare) -> leyden::Result<()> {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => match object.get("ref").and_then(Value::as_str) {
                Some(path) => found.push(path.split('.').next().unwrap().to_owned()),
                None => object.values().for_each(|value| references(value, found)),
            },
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut ids = Ids::new();
    let mut todo: Vec<(&String, &Value)> = resources.as_object().unwrap().iter().collect();
    while !todo.is_empty() {
        let ready = |(_, given): &(&String, &Value)| {
            let mut needs = Vec::new();
            references(given, &mut needs);
            if given["kind"] == "aws_instance" && resources.get("gateway").is_some() {
                needs.push("gateway".to_owned());
            }
            needs.iter().all(|name| ids.contains_key(name))
        };
        let at = todo.iter().position(ready).unwrap();
        let (name, given) = todo.remove(at);
        let id = add(declare, name, &Arguments { given, ids: &ids, images })?;
        ids.insert(name.clone(), id);
    }
    Ok(())
}

/// Our name for an argument of Terraform's.
fn field(kind: &str, argument: &str) -> Option<&'static str> {
    Some(match (kind, argument) {
        ("aws_instance", "ami") | (_, "image_id") => "image_id",
        ("aws_instance", "vpc_security_group_ids") => "security_group_ids",
        ("aws_ebs_volume", "type") => "volume_type",
        ("aws_volume_attachment", "device_name") => "device",
        ("aws_eip", "instance") | (_, "instance_id") => "instance_id",
        ("aws_route_table", "route") => "routes",
        _ => {
            const SAME: &[&str] = &[
                "cidr_block",
                "vpc_id",
                "enable_dns_hostnames",
                "availability_zone",
                "map_public_ip_on_launch",
                "name",
                "description",
                "ingress",
                "key_name",
                "public_key",
                "size",
                "encrypted",
                "volume_id",
                "instance_type",
                "subnet_id",
                "user_data",
                "bucket",
                "key",
                "content",
                "tags",
            ];
            return SAME.iter().find(|same| **same == argument).copied();
        }
    })
}

/// Lists without an order.
fn unordered(value: &Value) -> Value {
    let Value::Array(items) = value else { return value.clone() };
    let mut items = items.clone();
    items.sort_by_key(Value::to_string);
    Value::Array(items)
}

/// Our plan as terraform_aws.py writes Terraform's.
fn rows(plan: &Plan, resources: &Value, before: &Value) -> Vec<Value> {
    let row = |change: &leyden::infra::Change| {
        let name = change.address.as_str();
        let arguments = [resources, before].into_iter().filter_map(|all| all[name].as_object()).flatten();
        let kind = resources[name]["kind"].as_str().or(before[name]["kind"].as_str()).unwrap_or_default();
        let mut changed: Vec<&str> = arguments.filter_map(|(argument, _)| field(kind, argument)).collect();
        changed.sort_unstable();
        changed.dedup();
        if change.before.is_null() || change.after.is_null() {
            changed.clear();
        }
        changed.retain(|field| unordered(&change.before[field]) != unordered(&change.after[field]));
        let mut forced = change.replace_paths.clone();
        forced.sort();
        json!({ "address": name, "actions": change.action.words(), "changed": changed, "replace_paths": forced })
    };
    let mut rows: Vec<Value> = plan.changes().iter().map(row).collect();
    rows.sort_by_key(|row| row["address"].to_string());
    rows
}

/// A row of Terraform's, with our names.
fn renamed(row: &Value, resources: &Value, before: &Value) -> Value {
    let name = row["address"].as_str().unwrap();
    let kind = resources[name]["kind"].as_str().or(before[name]["kind"].as_str()).unwrap_or_default();
    let fields = |list: &Value| {
        let names = list.as_array().unwrap().iter().filter_map(|argument| field(kind, argument.as_str().unwrap()));
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names
    };
    json!({
        "address": name,
        "actions": row["actions"],
        "changed": fields(&row["changed"]),
        "replace_paths": fields(&row["replace_paths"]),
    })
}

/// What a hand changes outside.
fn hand(world: &World, batteries: &Batteries, infra: &Infra, operation: &[Value]) {
    let client = batteries.boto3.client().ec2();
    let name = operation[1].as_str().unwrap();
    let entry = infra.state(batteries).show(name).wait().unwrap();
    let id = entry.id.as_ref().unwrap().as_str();
    let text = |at: usize| operation[at].as_str().unwrap().to_owned();
    let flag = || AttributeBooleanValue::builder().value(operation[2] == true).build();
    match (operation[0].as_str().unwrap(), entry.kind.as_str()) {
        ("tag", _) => {
            drop(client.create_tags(|tags| tags.resources(id).tags(leyden::boto3::ec2::tag(text(2), text(3)))).wait().unwrap());
        }
        ("untag", _) => {
            drop(client.delete_tags(|tags| tags.resources(id).tags(Tag::builder().key(text(2)).build())).wait().unwrap());
        }
        ("allow", _) => {
            let port = i32::try_from(operation[2].as_i64().unwrap()).unwrap();
            let everywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
            let rule = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).ip_ranges(everywhere).build();
            drop(client.authorize_security_group_ingress(|allow| allow.group_id(id).ip_permissions(rule)).wait().unwrap());
        }
        ("hostnames", _) => {
            drop(client.modify_vpc_attribute(|modify| modify.vpc_id(id).enable_dns_hostnames(flag())).wait().unwrap());
        }
        ("public", _) => {
            drop(client.modify_subnet_attribute(|modify| modify.subnet_id(id).map_public_ip_on_launch(flag())).wait().unwrap());
        }
        ("detach", _) => drop(client.detach_volume(|detach| detach.volume_id(id.split(':').next().unwrap())).wait().unwrap()),
        ("part", _) => {
            let address = client.describe_addresses(|which| which.allocation_ids(id)).wait().unwrap();
            let own = address.addresses()[0].association_id().unwrap().to_owned();
            drop(client.disassociate_address(|part| part.association_id(own)).wait().unwrap());
        }
        ("delete", "ec2.subnet") => drop(client.delete_subnet(|delete| delete.subnet_id(id)).wait().unwrap()),
        ("delete", "ec2.security_group") => drop(client.delete_security_group(|delete| delete.group_id(id)).wait().unwrap()),
        ("delete", "ec2.key_pair") => drop(client.delete_key_pair(|delete| delete.key_name(id)).wait().unwrap()),
        ("delete", "ec2.volume") => drop(client.delete_volume(|delete| delete.volume_id(id)).wait().unwrap()),
        ("delete", "ec2.instance") => drop(client.terminate_instances(|end| end.instance_ids(id)).wait().unwrap()),
        ("delete", "s3.object") => {
            let (bucket, key) = id.split_once('/').unwrap();
            let s3 = batteries.boto3.client().s3();
            drop(s3.delete_object(|delete| delete.bucket(bucket).key(key)).wait().unwrap());
        }
        other => panic!("{other:?}"),
    }
    world.clock().advance(std::time::Duration::from_secs(600));
}

fn replay(case: &Value) -> Result<usize, String> {
    let world = World::new();
    world.os.set_environ([("AWS_DEFAULT_REGION", "us-east-1")]);
    let batteries = world.batteries();
    let infra = Infra::new("oracle", State::file("/state.json"));
    let client = batteries.boto3.client().ec2();
    let offered = client.describe_images(|images| images.owners("amazon").filter("architecture", ["x86_64"])).wait().unwrap();
    let linux = offered.images().iter().filter(|image| image.platform().is_none()).filter_map(|image| image.image_id());
    let images: Vec<String> = linux.map(str::to_owned).collect();
    let images = [images[0].clone(), images[1].clone()];
    let (mut before, mut compared) = (json!({}), 0);
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let (given, answer) = (&step["declare"], &step["answer"]);
        for operation in given["hand"].as_array().into_iter().flatten() {
            hand(&world, &batteries, &infra, operation.as_array().unwrap());
        }
        let fail = |what: &str, ours: &Value, theirs: &Value| {
            if ours == theirs { Ok(()) } else { Err(format!("step {number}: {what}\n  ours   {ours}\n  theirs {theirs}")) }
        };
        let plan = infra.plan(&batteries, |d| declare(&given["resources"], &images, d)).wait();
        let plan = plan.map_err(|error| format!("step {number}: {error}"))?;
        fail("exit code", &json!(plan.detailed_exitcode()), &answer["plan_exitcode"])?;
        let ours = rows(&plan, &given["resources"], &before);
        let theirs: Vec<Value> =
            answer["changes"].as_array().unwrap().iter().map(|row| renamed(row, &given["resources"], &before)).collect();
        fail("changes", &json!(ours), &json!(theirs))?;
        if plan.detailed_exitcode() != 0 {
            let text = plan.to_string();
            fail("summary", &json!(text.lines().find(|line| line.starts_with("Plan:"))), &answer["summary"])?;
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let done = seen.clone();
        let exit = plan.apply(&batteries).parallel(1).progress(move |event| {
            let line = event.to_string();
            let words = ["Creation", "Modifications", "Destruction"];
            if let Some(word) = words.iter().find(|word| line.contains(&format!(": {word} complete"))) {
                done.lock().unwrap().push(json!([event.address(), word]));
            }
        });
        let exit = exit.wait();
        if json!(i32::from(exit.is_err())) != answer["apply_exitcode"] {
            return Err(format!("step {number}: apply ends with {exit:?}, Terraform's with {}", answer["apply_exitcode"]));
        }
        if let Err(error) = &exit {
            for code in answer["error"].as_array().unwrap() {
                let code = code.as_str().unwrap();
                if !format!("{error:?}").contains(code) {
                    return Err(format!("step {number}: {error} is not {code}"));
                }
            }
        }
        let mut done = seen.lock().unwrap().clone();
        done.sort_by_key(Value::to_string);
        let mut theirs = answer["done"].as_array().unwrap().clone();
        theirs.sort_by_key(Value::to_string);
        fail("done", &json!(done), &json!(theirs))?;
        let state = infra.state(&batteries).pull().wait().map_err(|error| error.to_string())?;
        let mut entries: Vec<&str> = state.entries().map(|entry| entry.address.as_str()).collect();
        entries.sort_unstable();
        fail("state", &json!(entries), &answer["state"])?;
        let again = infra.plan(&batteries, |d| declare(&given["resources"], &images, d)).wait();
        if exit.is_ok() && !again.map_err(|error| error.to_string())?.is_empty() {
            return Err(format!("step {number}: a second plan is not empty"));
        }
        before = given["resources"].clone();
        compared += 1;
        world.clock().advance(std::time::Duration::from_secs(8 * 3600));
    }
    Ok(compared)
}

#[test]
fn terraform_aws() {
    let (mut wrong, mut cases, mut steps) = (Vec::new(), 0, 0);
    for case in oracle::cases("terraform_aws") {
        cases += 1;
        match replay(&case) {
            Ok(compared) => steps += compared,
            Err(problem) => wrong.push(format!("{}: {problem}", case["case"])),
        }
    }
    println!("{cases} configurations, {steps} steps");
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 18, "{cases}");
}
