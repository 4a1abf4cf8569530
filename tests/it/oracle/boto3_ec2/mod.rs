//! What boto3 got from a moto server, call by call: the fake gives it too, but for what stands in [`DIFFERENCES`].

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ec2::types::{Filter, InstanceType, IpPermission, IpRange, Tag, TagSpecification, UserIdGroupPair};
use leyden::boto3::{Error, ec2::Client};
use leyden::{Wait, World};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

mod networks;

/// DIFFERENCE: where the fake follows Amazon's documentation, and moto does not. What the call is known by, what the fake answers, why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("start_instances again", "", "moto says `pending` of what runs"),
    ("stop_instances again", "", "moto says `stopping` of what is stopped"),
    ("terminate_instances again", "", "moto says `shutting-down` of what is terminated"),
    ("\"Values\":[\"web-[12]\"]", "", "moto takes brackets for a set of letters, Amazon has `*` and `?` only"),
    ("\"CidrBlock\":\"10.0.3.0/29\"", "InvalidSubnet.Range", "Amazon has no subnet of less than 16 addresses"),
    ("\"CidrBlock\":\"10.0.4.0\"", "InvalidParameterValue", "an address without a length is no block"),
    (
        "create_security_group {\"Description\":\"again\",\"GroupName\":\"web\",\"VpcId\":\"vpc-0ff",
        "InvalidVpcID.NotFound",
        "moto takes any VPC",
    ),
    ("describe_subnets {\"Filters\":[{\"Name\":\"vpc-id\"", "", "the subnet of 8 addresses is there in moto"),
    ("delete_vpc", "", "moto does not delete a VPC while the subnet of 8 addresses is there"),
    (
        "accept_vpc_peering_connection {\"VpcPeeringConnectionId\":\"pcx-0ff",
        "InvalidVpcPeeringConnectionID.NotFound",
        "moto writes Id for the ID that boto3 waits for",
    ),
    ("delete_vpc again", "InvalidVpcID.NotFound", "the call before deleted it"),
];

#[test]
fn boto3_ec2() {
    let world = World::new();
    let ec2 =
        world.batteries().boto3.client().region_name("us-east-1").aws_access_key_id("test").aws_secret_access_key("test").ec2();
    let images = ec2.describe_images(|images| images.owners("amazon")).wait().unwrap().images.unwrap();
    let mut names = Names(BTreeMap::from([("$ami1".to_owned(), images[0].image_id.clone().unwrap())]));
    let mut replay = Replay::default();
    for (number, case) in cases("boto3_ec2").iter().enumerate() {
        let (operation, params) = (case["operation"].as_str().unwrap(), names.real(&case["params"]));
        let error = case["error"].as_str().unwrap_or_default();
        let again = if case["again"] == true { " again" } else { "" };
        let what = format!("{number}: {operation}{again} {}", case["params"]);
        let answer = ask(&ec2, operation, &Params(params));
        // moto takes no time for anything.
        if !operation.starts_with("describe_") {
            world.clock().advance(Duration::from_secs(150));
        }
        let own = answer.as_ref().err().map(|error| error.code().unwrap_or("not an answer").to_owned()).unwrap_or_default();
        if DIFFERENCES.iter().any(|known| what.contains(known.0) && known.1 == own) {
            continue;
        }
        match answer {
            Ok(answer) if error.is_empty() => {
                let same = names.learn(&case["answer"], &answer);
                replay.check(
                    what,
                    if same { case["answer"].to_string() } else { answer.to_string() },
                    case["answer"].to_string(),
                );
            }
            _ => replay.check(what, own, error.to_owned()),
        }
    }
    replay.finish(320);
}

/// The ids of the recording, and ours.
struct Names(BTreeMap<String, String>);

impl Names {
    fn real(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.0.get(text).unwrap_or(text)),
            Value::Array(all) => all.iter().map(|one| self.real(one)).collect(),
            Value::Object(all) => all.iter().map(|(key, own)| (key.clone(), self.real(own))).collect(),
            other => other.clone(),
        }
    }

    /// If an answer is the recorded one. An id that was not seen before is learned.
    fn learn(&mut self, recorded: &Value, own: &Value) -> bool {
        match (recorded, own) {
            (Value::String(recorded), Value::String(own)) if recorded.starts_with('$') => {
                self.0.entry(recorded.clone()).or_insert_with(|| own.clone()) == own
            }
            (Value::Array(recorded), Value::Array(own)) => {
                recorded.len() == own.len() && recorded.iter().zip(own).all(|(recorded, own)| self.learn(recorded, own))
            }
            (recorded, own) => recorded == own,
        }
    }
}

/// The parameters of a call.
struct Params(Value);

impl Params {
    fn text(&self, name: &str) -> Option<String> {
        self.0[name].as_str().map(str::to_owned)
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.0[name].as_array()?.iter().map(|one| one.as_str().unwrap().to_owned()).collect())
    }

    fn number(&self, name: &str) -> Option<i32> {
        self.0[name].as_i64().map(|number| number as i32)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    fn filters(&self) -> Option<Vec<Filter>> {
        self.filters_in("Filters")
    }

    /// Some operations call them `Filter`.
    fn filters_in(&self, name: &str) -> Option<Vec<Filter>> {
        let filters = self.0[name].as_array()?.iter().map(|one| {
            let one = Params(one.clone());
            Filter::builder().set_name(one.text("Name")).set_values(one.texts("Values")).build()
        });
        Some(filters.collect())
    }

    fn tags(&self, name: &str) -> Option<Vec<Tag>> {
        let tags = self.0[name].as_array()?.iter().map(|one| {
            Tag::builder()
                .set_key(one["Key"].as_str().map(str::to_owned))
                .set_value(one["Value"].as_str().map(str::to_owned))
                .build()
        });
        Some(tags.collect())
    }

    fn specifications(&self) -> Option<Vec<TagSpecification>> {
        let all = self.0["TagSpecifications"].as_array()?.iter().map(|one| {
            let one = Params(one.clone());
            TagSpecification::builder()
                .set_resource_type(one.text("ResourceType").map(|of| of.as_str().into()))
                .set_tags(one.tags("Tags"))
                .build()
        });
        Some(all.collect())
    }

    fn permissions(&self) -> Option<Vec<IpPermission>> {
        let all = self.0["IpPermissions"].as_array()?.iter().map(|one| {
            let one = Params(one.clone());
            let each = |name: &str, key: &str| -> Vec<String> {
                one.0[name].as_array().into_iter().flatten().map(|own| own[key].as_str().unwrap().to_owned()).collect()
            };
            let ranges = each("IpRanges", "CidrIp").into_iter().map(|block| IpRange::builder().cidr_ip(block).build());
            let groups =
                each("UserIdGroupPairs", "GroupId").into_iter().map(|id| UserIdGroupPair::builder().group_id(id).build());
            IpPermission::builder()
                .set_ip_protocol(one.text("IpProtocol"))
                .set_from_port(one.number("FromPort"))
                .set_to_port(one.number("ToPort"))
                .set_ip_ranges(Some(ranges.collect()))
                .set_user_id_group_pairs(Some(groups.collect()))
                .build()
        });
        Some(all.collect())
    }
}

fn tags(of: &[Tag]) -> Value {
    let mut tags: Vec<_> = of.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())).collect();
    tags.sort_unstable();
    json!(tags)
}

fn changes(of: &[aws_sdk_ec2::types::InstanceStateChange]) -> Value {
    let name = |state: Option<&aws_sdk_ec2::types::InstanceState>| state.unwrap().name().unwrap().as_str().to_owned();
    of.iter().map(|one| json!([one.instance_id(), name(one.previous_state()), name(one.current_state())])).collect()
}

fn permissions(of: &[IpPermission]) -> Value {
    let mut all: Vec<Value> = of
        .iter()
        .map(|one| {
            let mut blocks: Vec<_> = one.ip_ranges().iter().map(|range| range.cidr_ip()).collect();
            blocks.sort_unstable();
            let groups: Vec<_> = one.user_id_group_pairs().iter().map(|pair| pair.group_id()).collect();
            json!([one.ip_protocol(), one.from_port(), one.to_port(), blocks, groups])
        })
        .collect();
    all.sort_by_key(|one| (one[0].to_string(), one[1].as_i64()));
    Value::Array(all)
}

/// A call, and the part of its answer that was recorded.
fn ask(ec2: &Client, operation: &str, p: &Params) -> Result<Value, Error> {
    Ok(match operation {
        "run_instances" => {
            let answer = ec2.run_instances(|run| {
                run.set_image_id(p.text("ImageId"))
                    .set_min_count(p.number("MinCount"))
                    .set_max_count(p.number("MaxCount"))
                    .set_instance_type(p.text("InstanceType").map(|name| InstanceType::from(name.as_str())))
                    .set_subnet_id(p.text("SubnetId"))
                    .set_security_group_ids(p.texts("SecurityGroupIds"))
                    .set_tag_specifications(p.specifications())
            });
            let show = |one: &aws_sdk_ec2::types::Instance| {
                json!([
                    one.instance_id(),
                    one.state().unwrap().name().unwrap().as_str(),
                    one.ami_launch_index(),
                    tags(one.tags())
                ])
            };
            answer.wait()?.instances().iter().map(show).collect()
        }
        "describe_instances" => {
            let answer = ec2.describe_instances(|which| {
                which.set_instance_ids(p.texts("InstanceIds")).set_filters(p.filters()).set_max_results(p.number("MaxResults"))
            });
            let show = |one: &aws_sdk_ec2::types::Instance| {
                let state = one.state().unwrap();
                json!([
                    one.instance_id(),
                    state.name().unwrap().as_str(),
                    state.code(),
                    one.instance_type().unwrap().as_str(),
                    tags(one.tags())
                ])
            };
            answer.wait()?.reservations().iter().flat_map(|one| one.instances()).map(show).collect()
        }
        "start_instances" => changes(
            ec2.start_instances(|which| which.set_instance_ids(p.texts("InstanceIds")).set_dry_run(p.flag("DryRun")))
                .wait()?
                .starting_instances(),
        ),
        "stop_instances" => changes(
            ec2.stop_instances(|which| which.set_instance_ids(p.texts("InstanceIds")).set_dry_run(p.flag("DryRun")))
                .wait()?
                .stopping_instances(),
        ),
        "terminate_instances" => changes(
            ec2.terminate_instances(|which| which.set_instance_ids(p.texts("InstanceIds")).set_dry_run(p.flag("DryRun")))
                .wait()?
                .terminating_instances(),
        ),
        "reboot_instances" => {
            ec2.reboot_instances(|which| which.set_instance_ids(p.texts("InstanceIds")).set_dry_run(p.flag("DryRun"))).wait()?;
            Value::Null
        }
        "create_volume" => {
            let made = ec2.create_volume(|volume| {
                volume
                    .set_availability_zone(p.text("AvailabilityZone"))
                    .set_size(p.number("Size"))
                    .set_snapshot_id(p.text("SnapshotId"))
                    .set_tag_specifications(p.specifications())
            });
            let made = made.wait()?;
            // The zone is not recorded as ours: moto launches into another one of the six.
            json!([made.volume_id(), made.size(), p.text("AvailabilityZone"), made.encrypted(), tags(made.tags())])
        }
        "describe_volumes" => {
            let answer = ec2.describe_volumes(|which| which.set_volume_ids(p.texts("VolumeIds")).set_filters(p.filters()));
            let show = |one: &aws_sdk_ec2::types::Volume| {
                let attachments: Vec<_> = one.attachments().iter().map(|to| json!([to.instance_id(), to.device()])).collect();
                json!([one.volume_id(), one.state().unwrap().as_str(), one.size(), attachments, tags(one.tags())])
            };
            answer.wait()?.volumes().iter().map(show).collect()
        }
        "attach_volume" => {
            let to = ec2.attach_volume(|to| {
                to.set_volume_id(p.text("VolumeId")).set_instance_id(p.text("InstanceId")).set_device(p.text("Device"))
            });
            let to = to.wait()?;
            json!([to.volume_id(), to.instance_id(), to.device()])
        }
        "detach_volume" => {
            let to = ec2.detach_volume(|to| {
                to.set_volume_id(p.text("VolumeId")).set_instance_id(p.text("InstanceId")).set_device(p.text("Device"))
            });
            let to = to.wait()?;
            json!([to.volume_id(), to.instance_id(), to.device()])
        }
        "delete_volume" => gone(ec2.delete_volume(|which| which.set_volume_id(p.text("VolumeId"))).wait())?,
        "modify_volume" => {
            let change = ec2.modify_volume(|which| which.set_volume_id(p.text("VolumeId")).set_size(p.number("Size"))).wait()?;
            let change = change.volume_modification.unwrap();
            json!([change.original_size(), change.target_size()])
        }
        "create_snapshot" => {
            let made = ec2
                .create_snapshot(|which| which.set_volume_id(p.text("VolumeId")).set_description(p.text("Description")))
                .wait()?;
            json!([made.snapshot_id(), made.volume_id(), made.volume_size(), made.description()])
        }
        "describe_snapshots" => {
            let answer =
                ec2.describe_snapshots(|which| which.set_snapshot_ids(p.texts("SnapshotIds")).set_filters(p.filters())).wait()?;
            let show = |one: &aws_sdk_ec2::types::Snapshot| {
                json!([one.snapshot_id(), one.volume_id(), one.state().unwrap().as_str(), one.progress(), one.description()])
            };
            answer.snapshots().iter().map(show).collect()
        }
        "delete_snapshot" => gone(ec2.delete_snapshot(|which| which.set_snapshot_id(p.text("SnapshotId"))).wait())?,
        "create_tags" => {
            gone(ec2.create_tags(|which| which.set_resources(p.texts("Resources")).set_tags(p.tags("Tags"))).wait())?
        }
        "delete_tags" => {
            gone(ec2.delete_tags(|which| which.set_resources(p.texts("Resources")).set_tags(p.tags("Tags"))).wait())?
        }
        "describe_tags" => {
            let answer = ec2.describe_tags(|which| which.set_filters(p.filters())).wait()?;
            let show = |one: &aws_sdk_ec2::types::TagDescription| {
                json!([one.resource_id(), one.resource_type().unwrap().as_str(), one.key(), one.value()])
            };
            answer.tags().iter().map(show).collect()
        }
        _ => network(ec2, operation, p)?,
    })
}

fn gone<T>(answer: Result<T, Error>) -> Result<Value, Error> {
    answer.map(|_| Value::Null)
}

fn network(ec2: &Client, operation: &str, p: &Params) -> Result<Value, Error> {
    Ok(match operation {
        "create_vpc" => {
            let vpc = ec2.create_vpc(|vpc| vpc.set_cidr_block(p.text("CidrBlock"))).wait()?.vpc.unwrap();
            json!([vpc.vpc_id(), vpc.cidr_block(), vpc.is_default()])
        }
        "describe_vpcs" => {
            let answer = ec2.describe_vpcs(|which| which.set_vpc_ids(p.texts("VpcIds")).set_filters(p.filters())).wait()?;
            answer.vpcs().iter().map(|one| json!([one.vpc_id(), one.cidr_block(), one.state().unwrap().as_str()])).collect()
        }
        "delete_vpc" => gone(ec2.delete_vpc(|which| which.set_vpc_id(p.text("VpcId"))).wait())?,
        "create_subnet" => {
            let made = ec2
                .create_subnet(|subnet| subnet.set_vpc_id(p.text("VpcId")).set_cidr_block(p.text("CidrBlock")))
                .wait()?
                .subnet
                .unwrap();
            json!([made.subnet_id(), made.cidr_block(), made.available_ip_address_count()])
        }
        "describe_subnets" => {
            let answer =
                ec2.describe_subnets(|which| which.set_subnet_ids(p.texts("SubnetIds")).set_filters(p.filters())).wait()?;
            answer
                .subnets()
                .iter()
                .map(|one| json!([one.subnet_id(), one.cidr_block(), one.vpc_id(), one.map_public_ip_on_launch()]))
                .collect()
        }
        "delete_subnet" => gone(ec2.delete_subnet(|which| which.set_subnet_id(p.text("SubnetId"))).wait())?,
        "create_internet_gateway" => {
            json!(ec2.create_internet_gateway(|gateway| gateway).wait()?.internet_gateway.unwrap().internet_gateway_id)
        }
        "attach_internet_gateway" => gone(
            ec2.attach_internet_gateway(|to| to.set_internet_gateway_id(p.text("InternetGatewayId")).set_vpc_id(p.text("VpcId")))
                .wait(),
        )?,
        "detach_internet_gateway" => gone(
            ec2.detach_internet_gateway(|to| to.set_internet_gateway_id(p.text("InternetGatewayId")).set_vpc_id(p.text("VpcId")))
                .wait(),
        )?,
        "delete_internet_gateway" => {
            gone(ec2.delete_internet_gateway(|which| which.set_internet_gateway_id(p.text("InternetGatewayId"))).wait())?
        }
        "create_route_table" => {
            json!(ec2.create_route_table(|table| table.set_vpc_id(p.text("VpcId"))).wait()?.route_table.unwrap().route_table_id)
        }
        "describe_route_tables" => {
            let answer = ec2.describe_route_tables(|which| which.set_route_table_ids(p.texts("RouteTableIds"))).wait()?;
            let show = |one: &aws_sdk_ec2::types::RouteTable| {
                let mut blocks: Vec<_> = one.routes().iter().map(|route| route.destination_cidr_block()).collect();
                blocks.sort_unstable();
                json!([one.route_table_id(), blocks])
            };
            answer.route_tables().iter().map(show).collect()
        }
        "delete_route_table" => gone(ec2.delete_route_table(|which| which.set_route_table_id(p.text("RouteTableId"))).wait())?,
        "associate_route_table" => json!(
            ec2.associate_route_table(|to| to.set_route_table_id(p.text("RouteTableId")).set_subnet_id(p.text("SubnetId")))
                .wait()?
                .association_id
        ),
        "disassociate_route_table" => {
            gone(ec2.disassociate_route_table(|to| to.set_association_id(p.text("AssociationId"))).wait())?
        }
        "create_route" => {
            let route = ec2.create_route(|route| {
                route
                    .set_route_table_id(p.text("RouteTableId"))
                    .set_destination_cidr_block(p.text("DestinationCidrBlock"))
                    .set_gateway_id(p.text("GatewayId"))
                    .set_nat_gateway_id(p.text("NatGatewayId"))
                    .set_vpc_peering_connection_id(p.text("VpcPeeringConnectionId"))
            });
            gone(route.wait())?
        }
        "delete_route" => {
            let route = ec2.delete_route(|route| {
                route.set_route_table_id(p.text("RouteTableId")).set_destination_cidr_block(p.text("DestinationCidrBlock"))
            });
            gone(route.wait())?
        }
        "create_security_group" => {
            let group = ec2.create_security_group(|group| {
                group.set_group_name(p.text("GroupName")).set_description(p.text("Description")).set_vpc_id(p.text("VpcId"))
            });
            json!(group.wait()?.group_id)
        }
        "describe_security_groups" => {
            let answer =
                ec2.describe_security_groups(|which| which.set_group_ids(p.texts("GroupIds")).set_filters(p.filters())).wait()?;
            answer
                .security_groups()
                .iter()
                .map(|one| json!([one.group_id(), one.group_name(), permissions(one.ip_permissions())]))
                .collect()
        }
        "delete_security_group" => gone(ec2.delete_security_group(|which| which.set_group_id(p.text("GroupId"))).wait())?,
        "authorize_security_group_ingress" => gone(
            ec2.authorize_security_group_ingress(|rule| rule.set_group_id(p.text("GroupId")).set_ip_permissions(p.permissions()))
                .wait(),
        )?,
        "revoke_security_group_ingress" => gone(
            ec2.revoke_security_group_ingress(|rule| rule.set_group_id(p.text("GroupId")).set_ip_permissions(p.permissions()))
                .wait(),
        )?,
        "create_key_pair" => gone(ec2.create_key_pair(|pair| pair.set_key_name(p.text("KeyName"))).wait())?,
        "delete_key_pair" => gone(ec2.delete_key_pair(|pair| pair.set_key_name(p.text("KeyName"))).wait())?,
        "describe_key_pairs" => {
            let answer =
                ec2.describe_key_pairs(|which| which.set_key_names(p.texts("KeyNames")).set_filters(p.filters())).wait()?;
            answer.key_pairs().iter().map(|one| json!(one.key_name())).collect()
        }
        "allocate_address" => {
            let made = ec2
                .allocate_address(|address| address.set_domain(p.text("Domain").map(|domain| domain.as_str().into())))
                .wait()?;
            json!([made.allocation_id(), made.domain().unwrap().as_str()])
        }
        "associate_address" => {
            let made = ec2.associate_address(|to| {
                to.set_allocation_id(p.text("AllocationId"))
                    .set_instance_id(p.text("InstanceId"))
                    .set_allow_reassociation(p.flag("AllowReassociation"))
            });
            json!(made.wait()?.association_id)
        }
        "describe_addresses" => {
            let answer = ec2.describe_addresses(|which| which.set_allocation_ids(p.texts("AllocationIds"))).wait()?;
            answer.addresses().iter().map(|one| json!([one.allocation_id(), one.instance_id()])).collect()
        }
        "disassociate_address" => {
            gone(ec2.disassociate_address(|which| which.set_association_id(p.text("AssociationId"))).wait())?
        }
        "release_address" => gone(ec2.release_address(|which| which.set_allocation_id(p.text("AllocationId"))).wait())?,
        _ => networks::ask(ec2, operation, p)?,
    })
}
