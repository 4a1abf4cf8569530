"""Asks the real boto3, of a moto server, what EC2 answers; seeded: running it again changes nothing.

usage: python3 -P tests/oracle/boto3_ec2.py http://127.0.0.1:PORT > tests/oracle/data/boto3_ec2.jsonl

Every line is a call: the operation, its parameters, and the part of the answer that is compared, or the error. Ids are numbered in the
order in which they are first seen: `$i1`, `$vol2`.
"""
import json, random, re, sys, urllib.request

import boto3
from botocore.exceptions import ClientError

random.seed(20260101)
URL = sys.argv[1]
urllib.request.urlopen(urllib.request.Request(URL + "/moto-api/reset", method="POST")).read()
ec2 = boto3.client("ec2", region_name="us-east-1", endpoint_url=URL, aws_access_key_id="test", aws_secret_access_key="test")
IDS, SEEN, LAST = {}, {}, []
ID = re.compile(r"\b(i|vol|snap|ami|sg|sgr|vpc|subnet|igw|rtb|rtbassoc|eni|eipalloc|eipassoc|acl|dopt|key|nat|pcx|vpce|cgw|vgw|vpn|fl)-[0-9a-f]{8,17}\b")


def number(match):
    if match[0] not in IDS:
        SEEN[match[1]] = SEEN.get(match[1], 0) + 1
        IDS[match[0]] = f"${match[1]}{SEEN[match[1]]}"
    return IDS[match[0]] if "ffffffff" not in match[0] else match[0]


def plain(value):
    if isinstance(value, str):
        return ID.sub(number, value)
    if isinstance(value, dict):
        return {key: plain(own) for key, own in value.items()}
    return [plain(own) for own in value] if isinstance(value, (list, tuple)) else value


def state(change):
    return [change["InstanceId"], change["PreviousState"]["Name"], change["CurrentState"]["Name"]]


def tags(of):
    return sorted([tag["Key"], tag["Value"]] for tag in of.get("Tags", []))


def permissions(of):
    return sorted(
        [one["IpProtocol"], one.get("FromPort"), one.get("ToPort"), sorted(own["CidrIp"] for own in one["IpRanges"]), [own["GroupId"] for own in one["UserIdGroupPairs"]]]
        for one in of
    )


# What is compared of an answer.
SHOWN = {
    "run_instances": lambda a: [[one["InstanceId"], one["State"]["Name"], one["AmiLaunchIndex"], tags(one)] for one in a["Instances"]],
    "describe_instances": lambda a: [
        [one["InstanceId"], one["State"]["Name"], one["State"]["Code"], one["InstanceType"], tags(one)] for r in a["Reservations"] for one in r["Instances"]
    ],
    "start_instances": lambda a: [state(one) for one in a["StartingInstances"]],
    "stop_instances": lambda a: [state(one) for one in a["StoppingInstances"]],
    "terminate_instances": lambda a: [state(one) for one in a["TerminatingInstances"]],
    "create_volume": lambda a: [a["VolumeId"], a["Size"], a["AvailabilityZone"], a["Encrypted"], tags(a)],
    "describe_volumes": lambda a: [
        [one["VolumeId"], one["State"], one["Size"], [[to["InstanceId"], to["Device"]] for to in one["Attachments"]], tags(one)] for one in a["Volumes"]
    ],
    "attach_volume": lambda a: [a["VolumeId"], a["InstanceId"], a["Device"]],
    "detach_volume": lambda a: [a["VolumeId"], a["InstanceId"], a["Device"]],
    "modify_volume": lambda a: [a["VolumeModification"]["OriginalSize"], a["VolumeModification"]["TargetSize"]],
    "create_snapshot": lambda a: [a["SnapshotId"], a["VolumeId"], a["VolumeSize"], a["Description"]],
    "describe_snapshots": lambda a: [[one["SnapshotId"], one["VolumeId"], one["State"], one["Progress"], one["Description"]] for one in a["Snapshots"]],
    "describe_tags": lambda a: sorted(plain([one["ResourceId"], one["ResourceType"], one["Key"], one["Value"]]) for one in a["Tags"]),
    "create_security_group": lambda a: a["GroupId"],
    "describe_security_groups": lambda a: [[one["GroupId"], one["GroupName"], permissions(one["IpPermissions"])] for one in a["SecurityGroups"]],
    "create_vpc": lambda a: [a["Vpc"]["VpcId"], a["Vpc"]["CidrBlock"], a["Vpc"]["IsDefault"]],
    "describe_vpcs": lambda a: [[one["VpcId"], one["CidrBlock"], one["State"]] for one in a["Vpcs"]],
    "create_subnet": lambda a: [a["Subnet"]["SubnetId"], a["Subnet"]["CidrBlock"], a["Subnet"]["AvailableIpAddressCount"]],
    "describe_subnets": lambda a: sorted(plain([one["SubnetId"], one["CidrBlock"], one["VpcId"], one["MapPublicIpOnLaunch"]]) for one in a["Subnets"]),
    "describe_key_pairs": lambda a: [one["KeyName"] for one in a["KeyPairs"]],
    "allocate_address": lambda a: [a["AllocationId"], a["Domain"]],
    "describe_addresses": lambda a: [[one["AllocationId"], one.get("InstanceId") or None] for one in a["Addresses"]],
    "associate_address": lambda a: a["AssociationId"],
    "create_route_table": lambda a: a["RouteTable"]["RouteTableId"],
    "describe_route_tables": lambda a: [[one["RouteTableId"], sorted(own["DestinationCidrBlock"] for own in one["Routes"])] for one in a["RouteTables"]],
    "create_internet_gateway": lambda a: a["InternetGateway"]["InternetGatewayId"],
    "associate_route_table": lambda a: a["AssociationId"],
    "create_network_interface": lambda a: [a["NetworkInterface"][key] for key in ("NetworkInterfaceId", "SubnetId", "Description", "SourceDestCheck")],
    "describe_network_interfaces": lambda a: [
        [one["NetworkInterfaceId"], one["Description"], [own["PrivateIpAddress"] for own in one["PrivateIpAddresses"] if not own["Primary"]]]
        for one in a["NetworkInterfaces"]
    ],
    "describe_network_interface_attribute": lambda a: [a["NetworkInterfaceId"], a.get("Description", {}).get("Value"), a.get("SourceDestCheck", {}).get("Value")],
    "describe_addresses_attribute": lambda a: [one["AllocationId"] for one in a["Addresses"]],
    "create_nat_gateway": lambda a: [a["NatGateway"]["NatGatewayId"], a["NatGateway"]["SubnetId"], a["NatGateway"]["NatGatewayAddresses"][0]["AllocationId"]],
    "describe_nat_gateways": lambda a: [[one["NatGatewayId"], one["State"], one["SubnetId"], one["VpcId"]] for one in a["NatGateways"]],
    "delete_nat_gateway": lambda a: a["NatGatewayId"],
    "create_vpc_peering_connection": lambda a: peering(a["VpcPeeringConnection"]),
    "describe_vpc_peering_connections": lambda a: [peering(one) for one in a["VpcPeeringConnections"]],
    "accept_vpc_peering_connection": lambda a: a["VpcPeeringConnection"]["AccepterVpcInfo"]["CidrBlock"],
    "reject_vpc_peering_connection": lambda a: a["Return"],
    "delete_vpc_peering_connection": lambda a: a["Return"],
    "create_vpc_endpoint": lambda a: endpoint(a["VpcEndpoint"]),
    "describe_vpc_endpoints": lambda a: [endpoint(one) for one in a["VpcEndpoints"]],
    "modify_vpc_endpoint": lambda a: a["Return"],
    "create_customer_gateway": lambda a: [a["CustomerGateway"][key] for key in ("CustomerGatewayId", "IpAddress", "BgpAsn", "State")],
    "describe_customer_gateways": lambda a: [[one["CustomerGatewayId"], one["State"]] for one in a["CustomerGateways"]],
    "create_vpn_gateway": lambda a: [a["VpnGateway"]["VpnGatewayId"], a["VpnGateway"]["State"]],
    "attach_vpn_gateway": lambda a: a["VpcAttachment"]["VpcId"],
    "describe_vpn_gateways": lambda a: [
        [one["VpnGatewayId"], one["State"], [[to["VpcId"], to["State"]] for to in one.get("VpcAttachments", [])]] for one in a["VpnGateways"]
    ],
    "create_vpn_connection": lambda a: [a["VpnConnection"][key] for key in ("VpnConnectionId", "CustomerGatewayId", "VpnGatewayId", "Type")],
    "describe_vpn_connections": lambda a: [[one["VpnConnectionId"], one["State"]] for one in a["VpnConnections"]],
    "create_flow_logs": lambda a: a["FlowLogIds"],
    "describe_flow_logs": lambda a: [
        [one["FlowLogId"], one["ResourceId"], one["TrafficType"], one["LogGroupName"], one["MaxAggregationInterval"]] for one in a["FlowLogs"]
    ],
}


def peering(of):
    return [of["VpcPeeringConnectionId"], of["RequesterVpcInfo"]["VpcId"], of["AccepterVpcInfo"]["VpcId"], of["Status"]["Code"]]


def endpoint(of):
    return [of["VpcEndpointId"], of["VpcEndpointType"], of["ServiceName"], of["State"], sorted(plain(of.get("RouteTableIds", [])))]


def ask(operation, **params):
    case = {"operation": operation, "params": plain(params)}
    if LAST == [operation, params]:
        case["again"] = True
    LAST[:] = [operation, params]
    answer = None
    try:
        answer = getattr(ec2, operation)(**params)
        case["answer"] = plain(SHOWN.get(operation, lambda a: None)(answer))
    except ClientError as error:
        case["error"] = error.response["Error"]["Code"]
    print(json.dumps(case, separators=(",", ":")))
    return answer


def only(name, *values):
    return [{"Name": name, "Values": list(values)}]


def named(kind, **own):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in own.items()]}]


image = next(one["ImageId"] for one in ec2.describe_images(Owners=["amazon"])["Images"] if one["Architecture"] == "x86_64")
plain(image)

# Instances and their filters.
servers = []
for name, kind, env in [("web-1", "t2.micro", "prod"), ("web-2", "t2.micro", "test"), ("web-22", "t3.micro", "prod"), ("db-1", "m5.large", "prod"), ("Web-1", "m5.large", "test")]:
    made = ask("run_instances", ImageId=image, MinCount=1, MaxCount=1, InstanceType=kind, TagSpecifications=named("instance", Name=name, Env=env))
    servers.append(made["Instances"][0]["InstanceId"])
ask("stop_instances", InstanceIds=servers[1:2])
ask("terminate_instances", InstanceIds=servers[4:])
patterns = ["web-1", "web-*", "*-1", "web-?", "web-??", "*", "?eb-1", "WEB-1", "w*b*1", "", "db*", "*b*", "web-[12]"]
for pattern in patterns:
    ask("describe_instances", Filters=only("tag:Name", pattern))
for name, values in [
    ("instance-state-name", ["running"]), ("instance-state-name", ["stopped"]), ("instance-state-name", ["running", "stopped"]), ("instance-state-name", ["pending"]),
    ("instance-type", ["t2.micro"]), ("instance-type", ["t2.micro", "m5.large"]), ("instance-id", servers[:1]), ("instance-id", servers[1:3]),
    ("tag-key", ["Env"]), ("tag-key", ["Owner"]), ("tag-value", ["prod"]), ("tag:Env", ["prod", "test"]), ("image-id", [image]), ("architecture", ["x86_64"]),
    ("architecture", ["arm64"]), ("tag:Nothing", ["x"]),
]:
    ask("describe_instances", Filters=only(name, *values))
for _ in range(24):
    pool = [only("tag:Name", random.choice(patterns)), only("tag:Env", random.choice(["prod", "test", "*"])), only("instance-state-name", random.choice(["running", "stopped", "terminated"])), only("instance-type", random.choice(["t2.micro", "t3.micro", "m5.large"]))]
    ask("describe_instances", Filters=[one for chosen in random.sample(pool, random.randrange(2, 4)) for one in chosen])
ask("describe_instances", InstanceIds=servers[:2])
ask("describe_instances", InstanceIds=["i-0ffffffffffffffff"])
ask("describe_instances", InstanceIds=servers[:1], MaxResults=5)
for operation in ["start_instances", "stop_instances", "reboot_instances", "terminate_instances"]:
    ask(operation, InstanceIds=["i-0ffffffffffffffff"])
    ask(operation, InstanceIds=servers[:1], DryRun=True)
ask("start_instances", InstanceIds=servers[1:2])
ask("start_instances", InstanceIds=servers[1:2])
ask("stop_instances", InstanceIds=servers[:2])
ask("stop_instances", InstanceIds=servers[:2])
ask("describe_instances", Filters=only("instance-state-name", "stopped"))
ask("start_instances", InstanceIds=servers[:2])
ask("reboot_instances", InstanceIds=servers[:2])
ask("describe_instances", Filters=only("instance-state-name", "running"))
ask("run_instances", ImageId=image, MinCount=1, MaxCount=1, SubnetId="subnet-0ffffffffffffffff")
ask("run_instances", ImageId=image, MinCount=1, MaxCount=1, SecurityGroupIds=["sg-0ffffffffffffffff"])
ask("run_instances", ImageId=image, MinCount=3, MaxCount=3, InstanceType="t3.micro")

# Volumes and snapshots.
zone = ec2.describe_instances(InstanceIds=servers[:1])["Reservations"][0]["Instances"][0]["Placement"]["AvailabilityZone"]
volumes = [ask("create_volume", AvailabilityZone=zone, Size=size, TagSpecifications=named("volume", Name=f"data-{size}"))["VolumeId"] for size in (3, 5, 8)]
ask("create_volume", AvailabilityZone=zone)
ask("create_volume", AvailabilityZone=zone, SnapshotId="snap-0ffffffffffffffff")
ask("attach_volume", VolumeId=volumes[0], InstanceId=servers[0], Device="/dev/sdf")
ask("attach_volume", VolumeId=volumes[1], InstanceId="i-0ffffffffffffffff", Device="/dev/sdf")
ask("attach_volume", VolumeId="vol-0ffffffffffffffff", InstanceId=servers[0], Device="/dev/sdg")
ask("delete_volume", VolumeId=volumes[0])
ask("describe_volumes", VolumeIds=volumes)
for name, values in [("tag:Name", ["data-*"]), ("tag:Name", ["data-3", "data-8"]), ("tag:Name", ["data-?"]), ("volume-id", volumes[1:])]:
    ask("describe_volumes", Filters=only(name, *values))
for status in ("available", "in-use", "error"):
    ask("describe_volumes", Filters=only("status", status) + only("tag:Name", "data-*"))
for size in ("3", "5", "4"):
    ask("describe_volumes", Filters=only("size", size) + only("tag:Name", "data-*"))
ask("describe_volumes", Filters=only("attachment.instance-id", servers[0]) + only("tag:Name", "data-*"))
ask("describe_volumes", VolumeIds=["vol-0ffffffffffffffff"])
ask("modify_volume", VolumeId=volumes[1], Size=50)
ask("describe_volumes", VolumeIds=volumes[1:2])
snapshots = [ask("create_snapshot", VolumeId=volume, Description=f"night {at}")["SnapshotId"] for at, volume in enumerate(volumes)]
ask("create_snapshot", VolumeId="vol-0ffffffffffffffff")
ask("describe_snapshots", SnapshotIds=snapshots)
ask("describe_snapshots", SnapshotIds=snapshots[:1])
for value in ("night 0", "night *", "night ?", "day"):
    ask("describe_snapshots", Filters=only("description", value))
for volume in volumes:
    ask("describe_snapshots", Filters=only("volume-id", volume))
ask("describe_snapshots", SnapshotIds=["snap-0ffffffffffffffff"])
ask("delete_snapshot", SnapshotId=snapshots[0])
ask("delete_snapshot", SnapshotId=snapshots[0])
ask("detach_volume", VolumeId=volumes[0], InstanceId=servers[0], Device="/dev/sdf")
ask("describe_volumes", VolumeIds=volumes[:1])
ask("delete_volume", VolumeId=volumes[0])
ask("delete_volume", VolumeId=volumes[0])
ask("describe_volumes", VolumeIds=volumes[:1])

# Tags.
ask("create_tags", Resources=volumes[1:], Tags=[{"Key": "Env", "Value": "prod"}, {"Key": "Empty", "Value": ""}])
ask("create_tags", Resources=volumes[1:2], Tags=[{"Key": "Env", "Value": "test"}])
for name, values in [("resource-id", volumes[1:2]), ("resource-id", volumes[1:]), ("key", ["Empty"])]:
    ask("describe_tags", Filters=only(name, *values))
for key in ("Env", "Name", "Nothing"):
    ask("describe_tags", Filters=only("resource-id", volumes[2]) + only("key", key))
ask("delete_tags", Resources=volumes[1:2], Tags=[{"Key": "Env", "Value": "prod"}])
ask("describe_tags", Filters=only("resource-id", volumes[1]))
ask("delete_tags", Resources=volumes[1:2], Tags=[{"Key": "Env", "Value": "test"}])
ask("delete_tags", Resources=volumes[2:3], Tags=[{"Key": "Env"}])
ask("describe_tags", Filters=only("resource-id", *volumes[1:]))
ask("create_tags", Resources=volumes[1:2], Tags=[{"Key": f"key{n}", "Value": ""} for n in range(51)])
ask("create_tags", Resources=["odd"], Tags=[{"Key": "a", "Value": "b"}])

# Networks.
vpc = ask("create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
for block in ("10.0.0.0/8", "10.0.0.0/15", "10.0.0.0/29", "10.0.0.0/30"):
    ask("create_vpc", CidrBlock=block)
subnets = [ask("create_subnet", VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.0.1.0/24", "10.0.2.0/28")]
for block in ("10.0.1.0/24", "10.0.1.128/25", "10.0.0.0/16", "10.1.0.0/24", "10.0.3.0/29", "10.0.4.0"):
    ask("create_subnet", VpcId=vpc, CidrBlock=block)
ask("create_subnet", VpcId="vpc-0ffffffffffffffff", CidrBlock="10.0.9.0/24")
ask("describe_vpcs", VpcIds=[vpc])
ask("describe_vpcs", VpcIds=["vpc-0ffffffffffffffff"])
for value in ("10.0.0.0/16", "10.*", "192.168.0.0/16"):
    ask("describe_vpcs", Filters=only("cidr", value))
ask("describe_subnets", SubnetIds=subnets)
ask("describe_subnets", SubnetIds=["subnet-0ffffffffffffffff"])
ask("describe_subnets", Filters=only("vpc-id", vpc))
ask("describe_subnets", Filters=only("cidr-block", "10.0.2.0/28"))
gateway = ask("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
ask("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
ask("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
ask("delete_internet_gateway", InternetGatewayId=gateway)
table = ask("create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]
ask("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ask("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ask("create_route", RouteTableId=table, DestinationCidrBlock="8.8.8.0/24", GatewayId="igw-0ffffffffffffffff")
ask("describe_route_tables", RouteTableIds=[table])
association = ask("associate_route_table", RouteTableId=table, SubnetId=subnets[0])["AssociationId"]
ask("delete_route_table", RouteTableId=table)
ask("disassociate_route_table", AssociationId=association)
ask("delete_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
ask("delete_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
ask("delete_route_table", RouteTableId=table)
ask("delete_route_table", RouteTableId=table)
ask("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
ask("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
ask("delete_internet_gateway", InternetGatewayId=gateway)
ask("delete_internet_gateway", InternetGatewayId=gateway)

# Security groups.
web = ask("create_security_group", GroupName="web", Description="web", VpcId=vpc)["GroupId"]
database = ask("create_security_group", GroupName="db", Description="db", VpcId=vpc)["GroupId"]
ask("create_security_group", GroupName="web", Description="again", VpcId=vpc)
ask("create_security_group", GroupName="web", Description="again", VpcId="vpc-0ffffffffffffffff")


def rule(port, *blocks, group=None):
    one = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if blocks:
        one["IpRanges"] = [{"CidrIp": block} for block in blocks]
    if group:
        one["UserIdGroupPairs"] = [{"GroupId": group}]
    return [one]


for permissions_of in (rule(443, "0.0.0.0/0"), rule(22, "10.0.0.0/8", "192.168.0.0/16"), rule(443, "0.0.0.0/0"), rule(22, "10.0.0.0/99")):
    ask("authorize_security_group_ingress", GroupId=web, IpPermissions=permissions_of)
ask("authorize_security_group_ingress", GroupId=database, IpPermissions=rule(5432, group=web))
ask("authorize_security_group_ingress", GroupId="sg-0ffffffffffffffff", IpPermissions=rule(1, "0.0.0.0/0"))
ask("describe_security_groups", GroupIds=[web, database])
for name, value in [("group-name", "web"), ("group-name", "*"), ("ip-permission.cidr", "10.0.0.0/8"), ("ip-permission.from-port", "443"), ("ip-permission.group-id", web)]:
    ask("describe_security_groups", Filters=only("vpc-id", vpc) + only(name, value) + only("description", "web", "db"))
ask("revoke_security_group_ingress", GroupId=web, IpPermissions=rule(443, "0.0.0.0/0"))
ask("revoke_security_group_ingress", GroupId=web, IpPermissions=rule(443, "0.0.0.0/0"))
ask("describe_security_groups", GroupIds=[web])
ask("delete_security_group", GroupId=database)
ask("delete_security_group", GroupId=web)
ask("delete_security_group", GroupId=web)

# Keys and addresses.
for name in ("deploy", "backup", "deploy"):
    ask("create_key_pair", KeyName=name)
ask("describe_key_pairs", KeyNames=["deploy"])
ask("describe_key_pairs", KeyNames=["absent"])
ask("describe_key_pairs", Filters=only("key-name", "b*"))
ask("delete_key_pair", KeyName="deploy")
ask("delete_key_pair", KeyName="deploy")
ask("describe_key_pairs")
address = ask("allocate_address", Domain="vpc")["AllocationId"]
ask("associate_address", AllocationId=address, InstanceId=servers[0])
ask("associate_address", AllocationId=address, InstanceId=servers[2], AllowReassociation=False)
ask("describe_addresses", AllocationIds=[address])
ask("disassociate_address", AssociationId="eipassoc-0ffffffffffffffff")
ask("release_address", AllocationId="eipalloc-0ffffffffffffffff")
for subnet in subnets:
    ask("delete_subnet", SubnetId=subnet)
ask("delete_subnet", SubnetId=subnets[0])
ask("delete_vpc", VpcId=vpc)
ask("delete_vpc", VpcId=vpc)
ask("terminate_instances", InstanceIds=servers[:4])
ask("terminate_instances", InstanceIds=servers[:4])
ask("describe_instances", InstanceIds=servers[:4])

# Interfaces, NAT gateways, peering, endpoints, VPN, flow logs.
here, there = [ask("create_vpc", CidrBlock=block)["Vpc"]["VpcId"] for block in ("10.20.0.0/16", "10.21.0.0/16")]
inner = ask("create_subnet", VpcId=here, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
nics = [ask("create_network_interface", SubnetId=inner, Description=text)["NetworkInterface"]["NetworkInterfaceId"] for text in ("first", "second")]
ask("create_network_interface", SubnetId="subnet-0ffffffffffffffff")
ask("assign_private_ip_addresses", NetworkInterfaceId=nics[0], PrivateIpAddresses=["10.20.1.77", "10.20.1.78"])
ask("assign_private_ip_addresses", NetworkInterfaceId="eni-0ffffffffffffffff", PrivateIpAddresses=["10.20.1.79"])
ask("describe_network_interfaces", NetworkInterfaceIds=nics)
ask("unassign_private_ip_addresses", NetworkInterfaceId=nics[0], PrivateIpAddresses=["10.20.1.77"])
ask("unassign_private_ip_addresses", NetworkInterfaceId="eni-0ffffffffffffffff", PrivateIpAddresses=["10.20.1.77"])
ask("describe_network_interfaces", NetworkInterfaceIds=nics[:1])
ask("modify_network_interface_attribute", NetworkInterfaceId=nics[1], Description={"Value": "third"})
ask("modify_network_interface_attribute", NetworkInterfaceId="eni-0ffffffffffffffff", Description={"Value": "third"})
for attribute in ("description", "sourceDestCheck", "groupSet"):
    ask("describe_network_interface_attribute", NetworkInterfaceId=nics[1], Attribute=attribute)
ask("describe_network_interface_attribute", NetworkInterfaceId="eni-0ffffffffffffffff", Attribute="description")
for text in ("first", "third", "*ir*", "second"):
    ask("describe_network_interfaces", Filters=only("description", text) + only("subnet-id", inner))
way = ask("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
ask("attach_internet_gateway", InternetGatewayId=way, VpcId=here)
elastic = ask("allocate_address", Domain="vpc")["AllocationId"]
ask("describe_addresses_attribute", AllocationIds=[elastic])
ask("create_nat_gateway", SubnetId="subnet-0ffffffffffffffff", AllocationId=elastic)
ask("create_nat_gateway", SubnetId=inner, AllocationId="eipalloc-0ffffffffffffffff")
nat = ask("create_nat_gateway", SubnetId=inner, AllocationId=elastic)["NatGateway"]["NatGatewayId"]
ask("describe_nat_gateways", NatGatewayIds=[nat])
for name, value in [("state", "available"), ("state", "deleted"), ("subnet-id", inner), ("vpc-id", here), ("vpc-id", there), ("nat-gateway-id", nat)]:
    ask("describe_nat_gateways", Filter=only(name, value))
table = ask("create_route_table", VpcId=here)["RouteTable"]["RouteTableId"]
ask("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
ask("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
ask("describe_route_tables", RouteTableIds=[table])
ask("delete_nat_gateway", NatGatewayId=nat)
ask("describe_nat_gateways", NatGatewayIds=[nat])
peerings = [ask("create_vpc_peering_connection", VpcId=here, PeerVpcId=there)["VpcPeeringConnection"]["VpcPeeringConnectionId"] for _ in range(2)]
ask("create_vpc_peering_connection", VpcId=here, PeerVpcId="vpc-0ffffffffffffffff")
ask("create_vpc_peering_connection", VpcId="vpc-0ffffffffffffffff", PeerVpcId=there)
ask("describe_vpc_peering_connections", VpcPeeringConnectionIds=peerings)
ask("accept_vpc_peering_connection", VpcPeeringConnectionId=peerings[0])
ask("accept_vpc_peering_connection", VpcPeeringConnectionId=peerings[0])
ask("reject_vpc_peering_connection", VpcPeeringConnectionId=peerings[0])
ask("reject_vpc_peering_connection", VpcPeeringConnectionId=peerings[1])
ask("accept_vpc_peering_connection", VpcPeeringConnectionId=peerings[1])
ask("accept_vpc_peering_connection", VpcPeeringConnectionId="pcx-0ffffffffffffffff")
ask("describe_vpc_peering_connections", VpcPeeringConnectionIds=peerings)
ask("create_route", RouteTableId=table, DestinationCidrBlock="10.21.0.0/16", VpcPeeringConnectionId=peerings[0])
ask("describe_route_tables", RouteTableIds=[table])
ask("delete_vpc_peering_connection", VpcPeeringConnectionId=peerings[0])
ask("describe_vpc_peering_connections", VpcPeeringConnectionIds=peerings[:1])
files = "com.amazonaws.us-east-1.s3"
tables = [ask("create_route_table", VpcId=here)["RouteTable"]["RouteTableId"] for _ in range(2)]
door = ask("create_vpc_endpoint", VpcId=here, ServiceName=files, VpcEndpointType="Gateway", RouteTableIds=tables[:1])["VpcEndpoint"]["VpcEndpointId"]
ask("create_vpc_endpoint", VpcId="vpc-0ffffffffffffffff", ServiceName=files, VpcEndpointType="Gateway")
ask("modify_vpc_endpoint", VpcEndpointId=door, AddRouteTableIds=tables[1:])
ask("modify_vpc_endpoint", VpcEndpointId="vpce-0ffffffffffffffff", AddRouteTableIds=tables[1:])
ask("describe_vpc_endpoints", VpcEndpointIds=[door])
ask("describe_vpc_endpoints", VpcEndpointIds=["vpce-0ffffffffffffffff"])
for name, value in [("vpc-endpoint-type", "Gateway"), ("vpc-endpoint-type", "Interface"), ("service-name", files), ("vpc-id", there)]:
    ask("describe_vpc_endpoints", Filters=only(name, value))
office = ask("create_customer_gateway", Type="ipsec.1", PublicIp="205.251.242.54", BgpAsn=65534)["CustomerGateway"]["CustomerGatewayId"]
cloud = ask("create_vpn_gateway", Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
ask("attach_vpn_gateway", VpnGatewayId=cloud, VpcId=there)
ask("attach_vpn_gateway", VpnGatewayId="vgw-0ffffffffffffffff", VpcId=there)
ask("attach_vpn_gateway", VpnGatewayId=cloud, VpcId="vpc-0ffffffffffffffff")
ask("describe_vpn_gateways", VpnGatewayIds=[cloud])
for name, value in [("attachment.vpc-id", there), ("attachment.vpc-id", here), ("attachment.state", "attached"), ("vpn-gateway-id", cloud)]:
    ask("describe_vpn_gateways", Filters=only(name, value))
tunnel = ask("create_vpn_connection", Type="ipsec.1", CustomerGatewayId=office, VpnGatewayId=cloud)["VpnConnection"]["VpnConnectionId"]
ask("create_vpn_connection", Type="ipsec.1", CustomerGatewayId="cgw-0ffffffffffffffff", VpnGatewayId=cloud)
ask("delete_vpn_connection", VpnConnectionId="vpn-0ffffffffffffffff")
ask("describe_vpn_connections", VpnConnectionIds=[tunnel])
ask("describe_vpn_connections", VpnConnectionIds=["vpn-0ffffffffffffffff"])
ask("delete_vpn_connection", VpnConnectionId=tunnel)
ask("detach_vpn_gateway", VpnGatewayId=cloud, VpcId=here)
ask("detach_vpn_gateway", VpnGatewayId=cloud, VpcId=there)
ask("describe_vpn_connections", VpnConnectionIds=[tunnel])
ask("describe_vpn_gateways", VpnGatewayIds=[cloud])
ask("delete_vpn_gateway", VpnGatewayId=cloud)
ask("delete_vpn_gateway", VpnGatewayId="vgw-0ffffffffffffffff")
ask("delete_customer_gateway", CustomerGatewayId="cgw-0ffffffffffffffff")
ask("delete_customer_gateway", CustomerGatewayId=office)
ask("describe_customer_gateways", CustomerGatewayIds=[office])
role = "arn:aws:iam::123456789012:role/flow"


def flows(of, kind="VPC", **more):
    return ask("create_flow_logs", ResourceIds=of, ResourceType=kind, TrafficType="ALL", **more)


logs = flows([here, there], LogGroupName="flows", DeliverLogsPermissionArn=role)["FlowLogIds"]
flows([inner], "Subnet", LogGroupName="flows", DeliverLogsPermissionArn=role, MaxAggregationInterval=60)
flows([here], LogGroupName="flows", DeliverLogsPermissionArn=role)
flows(["vpc-0ffffffffffffffff"], LogGroupName="flows", DeliverLogsPermissionArn=role)
flows([here], LogGroupName="flows")
flows([here], DeliverLogsPermissionArn=role)
flows([here], LogGroupName="others", DeliverLogsPermissionArn=role, MaxAggregationInterval=10)
ask("describe_flow_logs", FlowLogIds=logs)
for name, value in [("resource-id", inner), ("resource-id", here), ("log-group-name", "flow*"), ("traffic-type", "ALL"), ("traffic-type", "REJECT")]:
    ask("describe_flow_logs", Filter=only(name, value))
ask("delete_flow_logs", FlowLogIds=logs[:1])
ask("delete_flow_logs", FlowLogIds=logs[:1])
ask("describe_flow_logs")
