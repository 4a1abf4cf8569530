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
ID = re.compile(r"\b(i|vol|snap|ami|sg|sgr|vpc|subnet|igw|rtb|rtbassoc|eni|eipalloc|eipassoc|acl|dopt|key)-[0-9a-f]{8,17}\b")


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
}


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
