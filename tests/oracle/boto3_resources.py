#!/usr/bin/env python3
"""What boto3's resources send and give, for tests/it/oracle/boto3_resources.rs.

No service is asked: each request is caught before it is sent, written down, and answered by a sample of its output shape in which each
value is another. So a row holds what real boto3 puts on the wire for one method of one class, and what it makes of an answer.

    python3 -m venv venv && venv/bin/pip install boto3==1.44.5 && venv/bin/python tests/oracle/boto3_resources.py
"""
import sys

sys.path.pop(0)  # this directory has a re.py

import base64
import collections
import datetime
import io
import json
import pathlib
import urllib.parse

import boto3
import botocore
from boto3.exceptions import ResourceLoadException
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import WaiterError
from xml.sax.saxutils import escape

assert botocore.__version__ == "1.44.5", botocore.__version__
OUT = pathlib.Path(__file__).resolve().parent / "data" / "boto3_resources.jsonl"
TAGS = [{"Key": "k1", "Value": "v1"}, {"Key": "k2", "Value": "v2"}]
# What a method must be told before it can name what it makes.
ARGUMENTS = {
    "S3.ServiceResource.create_bucket": {"Bucket": "bucket-9"},
    "S3.Bucket.put_object": {"Key": "key-9"},
    "EC2.ServiceResource.create_placement_group": {"GroupName": "group-9"},
    "EC2.ServiceResource.create_tags": {"Resources": ["id-8", "id-9"], "Tags": TAGS},
    "EC2.RouteTable.create_route": {"DestinationCidrBlock": "10.9.0.0/16"},
    "EC2.Snapshot.copy": {"SourceRegion": "eu-west-1"},
    **{f"S3.{name}.copy_from": {"CopySource": "bucket-9/key-9"} for name in ("Object", "ObjectSummary", "MultipartUploadPart")},
    "EC2.Instance.delete_tags": {"Tags": [{"Key": "k1"}]},
}
# Random, or added by botocore's client and none of a resource's business.
LEFT_OUT = {"ClientToken", "PresignedUrl", "DestinationRegion"}
# What says that there is more.
TOKENS = {"IsTruncated", "NextToken", "NextMarker", "NextKeyMarker", "NextUploadIdMarker", "NextVersionIdMarker", "NextPartNumberMarker",
          "ContinuationToken"}
# What S3 calls its answers, which botocore does not look at.
ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult", "ListObjects": "ListBucketResult", "ListObjectVersions": "ListVersionsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult", "ListParts": "ListPartsResult", "GetBucketAcl": "AccessControlPolicy",
    "GetObjectAcl": "AccessControlPolicy", "GetBucketCors": "CORSConfiguration", "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration", "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration", "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging", "GetBucketVersioning": "VersioningConfiguration", "GetBucketWebsite": "WebsiteConfiguration",
    "DeleteObjects": "DeleteResult", "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
}


class Sample:
    """An answer with a different value in each place."""

    def __init__(self, operation):
        self.count = 0
        self.operation = operation

    def next(self):
        self.count += 1
        return self.count

    def scalar(self, shape, name):
        n = self.next()
        if shape.type_name == "string":
            return shape.enum[n % len(shape.enum)] if getattr(shape, "enum", None) else f"{name}-{n}"
        if shape.type_name in ("integer", "long"):
            return str(n)
        if shape.type_name in ("float", "double"):
            return f"{n}.5"
        if shape.type_name == "boolean":
            return "true" if n % 2 else "false"
        if shape.type_name == "blob":
            return base64.b64encode(f"{name}-{n}".encode()).decode()
        assert shape.type_name == "timestamp", shape
        moment = datetime.datetime(2024, 1, 2, 3, 4, n % 60, tzinfo=datetime.timezone.utc)
        told = shape.serialization.get("timestampFormat")
        if told == "rfc822" or told is None and shape.serialization.get("location") == "header":
            return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def element(self, shape, key, name, above=()):
        """XML of a member; nothing of what holds itself."""
        if shape.name in above:
            return ""
        above = (*above, shape.name)
        if shape.type_name == "structure":
            attributes, inner = "", ""
            for member, of in shape.members.items():
                if member in TOKENS:
                    continue
                own = of.serialization.get("name", member)
                if of.serialization.get("xmlAttribute"):
                    attributes += f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {own}="{escape(self.scalar(of, member))}"'
                else:
                    inner += self.element(of, own, member, above)
            return f"<{key}{attributes}>{inner}</{key}>"
        if shape.type_name == "list":
            own = shape.member.serialization.get("name", "member")
            if shape.serialization.get("flattened"):
                own = shape.member.serialization.get("name", key)
                return "".join(self.element(shape.member, own, name, above) for _ in range(2))
            return f"<{key}>" + "".join(self.element(shape.member, own, name, above) for _ in range(2)) + f"</{key}>"
        if shape.type_name == "map":
            return ""
        return f"<{key}>{escape(self.scalar(shape, name))}</{key}>"

    def answer(self, protocol):
        shape, headers, body = self.operation.output_shape, {}, ""
        if protocol == "ec2":
            inner = self.element(shape, "x", "")[3:-4] if shape else "<return>true</return>"
            name = f"{self.operation.name}Response"
            return headers, f'<{name} xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{inner}</{name}>'
        if shape is None:
            return headers, body
        payload, rest = shape.serialization.get("payload"), ""
        for member, of in shape.members.items():
            where, own = of.serialization.get("location"), of.serialization.get("name", member)
            if where == "header":
                if own.lower() != "content-length" or self.operation.http["method"] == "HEAD":
                    headers[own] = self.scalar(of, member)
            elif where == "headers":
                headers[own + "one"] = f"meta-{self.next()}"
            elif member == payload:
                body = "payload" if of.type_name in ("blob", "string") else self.element(of, own, member)
            elif member not in TOKENS:
                rest += self.element(of, own, member)
        if rest and payload is None:
            root = ROOTS[self.operation.name]
            body = f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rest}</{root}>'
        return headers, body


class Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


class Service:
    def __init__(self, key):
        self.key, self.title, self.responses, self.exchanges = key, key.upper(), {}, []
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, request_checksum_calculation="when_required")
        self.resource = boto3.session.Session().resource(
            key, region_name="us-east-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="x", aws_secret_access_key="x", config=config,
        )
        self.client = self.resource.meta.client
        self.client.meta.events.register(f"before-send.{key}", self.catch)
        self.definitions = self.resource.Instance("x").meta.resource_model._resource_defs if key == "ec2" else \
            self.resource.Bucket("x").meta.resource_model._resource_defs

    def catch(self, request, event_name, **_):
        name = event_name.rsplit(".", 1)[-1]
        operation = xform_name(name)
        if operation not in self.responses:
            headers, body = Sample(self.client.meta.service_model.operation_model(name)).answer(self.key)
            self.responses[operation] = {"headers": headers, "body": body}
        answer = self.responses[operation]
        url = urllib.parse.urlsplit(request.url)
        body = request.body or b""
        body = body.read() if hasattr(body, "read") else body
        body = body.decode() if isinstance(body, bytes) else body
        if self.key == "ec2":
            pairs = [f"{k}={v}" for k, v in urllib.parse.parse_qsl(body, keep_blank_values=True) if k not in LEFT_OUT]
            wire = [request.method, url.path, "", *sorted(pairs)]
        else:
            query = sorted(part for part in url.query.split("&") if part)
            wire = [request.method, url.path, "&".join(query), body]
        self.exchanges.append([operation, *wire])
        return AWSResponse(request.url, 200, answer["headers"], Raw(answer["body"].encode()))

    def make(self, name):
        if name == "ServiceResource":
            return self.resource
        if name == "KeyPair":
            # It comes from a call, which belongs to no row.
            self.exchanges = []
            return self.resource.create_key_pair()
        identifiers = self.definitions[name].get("identifiers", [])
        values = [7 if i.get("type") == "integer" else f"{xform_name(i['name'])}-1" for i in identifiers]
        resource = getattr(self.resource, "KeyPair" if name == "KeyPairInfo" else name)(*values)
        return resource


def scalar(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return str(int(value.timestamp()))
    if isinstance(value, list):
        return f"[{len(value)}]"
    if isinstance(value, dict):
        return "{}"
    return str(value)


def attributes(resource, shape):
    model = resource.meta.resource_model
    return {name: scalar(getattr(resource, name)) for name in sorted(model.get_attributes(shape))}


def shown(service, given):
    """What a method gave, if that is resources: their repr, and their attributes as far as they are loaded."""
    given = given if isinstance(given, list) else [given]
    rows = []
    for item in given:
        if hasattr(item, "meta") and hasattr(item.meta, "resource_model"):
            shape = service.client.meta.service_model.shape_for(item.meta.resource_model.shape)
            rows.append({"repr": repr(item), "data": attributes(item, shape) if item.meta.data is not None else None})
    return rows


def methods(service, name):
    """The cases of a class: its name, and what to do with one."""
    resource = service.make(name)
    model, title = resource.meta.resource_model, f"{service.title}.{name}"
    custom = {"Instance": ["delete_tags"]}.get(name, [])

    def arguments(case):
        return ARGUMENTS.get(case) or ({"Tags": TAGS} if case.endswith(".create_tags") else {})

    if hasattr(resource, "load"):
        yield f"{title}.load", lambda r: (r.load(), r)[1]
    for action in sorted([a.name for a in model.actions] + custom):
        case = f"{title}.{action}"
        yield case, lambda r, action=action, case=case: getattr(r, action)(**arguments(case))
    for reference in sorted(r.name for r in model.references):
        yield f"{title}.{reference}", lambda r, reference=reference: getattr(r, reference)
    for subresource in sorted(model.subresources, key=lambda s: s.name):
        values = [7 if i.target == "PartNumber" else f"{xform_name(i.target)}-2" for i in subresource.resource.identifiers if i.source == "input"]
        yield f"{title}.{subresource.name}", lambda r, subresource=subresource, values=values: getattr(r, subresource.name)(*values)
    for collection in sorted(model.collections, key=lambda c: c.name):
        case = f"{title}.{collection.name}"
        yield case, lambda r, collection=collection: list(getattr(r, collection.name).all())
        for batch in sorted(a.name for a in collection.batch_actions):
            yield f"{case}.{batch}", lambda r, c=collection.name, batch=batch, case=f"{case}.{batch}": getattr(getattr(r, c), batch)(**arguments(case))
    for waiter in sorted(w.name for w in model.waiters):
        def wait(r, waiter=waiter):
            try:
                getattr(r, waiter)(WaiterConfig={"MaxAttempts": 1})
            except WaiterError:
                pass
        yield f"{title}.{waiter}", wait


def described(service, name):
    """A class, as it is to Python's own eyes."""
    resource = service.make(name)
    model = resource.meta.resource_model
    shape = service.client.meta.service_model.shape_for(model.shape) if model.shape else None
    quoted = type(resource)(*[7 if i == "part_number" else f"{i}\n'ü\\" for i in resource.meta.identifiers], client=service.client)
    return {
        "class": f"{service.title}.{name}",
        "service_name": resource.meta.service_name,
        "identifiers": resource.meta.identifiers,
        "attributes": sorted(model.get_attributes(shape)) if shape else [],
        "lists": sorted(n for n, (_, m) in (model.get_attributes(shape) if shape else {}).items() if m.type_name == "list"),
        "load": hasattr(resource, "load"),
        "reload": hasattr(resource, "reload"),
        "actions": [
            [a.name, xform_name(a.request.operation), [[p.target, p.source] for p in a.request.params]]
            for a in sorted(model.actions, key=lambda a: a.name)
        ],
        "subresources": resource.get_available_subresources(),
        "references": sorted([r.name, r.resource.type] for r in model.references),
        "collections": sorted(
            [c.name, xform_name(c.request.operation), c.resource.type, sorted(b.name for b in c.batch_actions),
             repr(getattr(resource, c.name).all())] for c in model.collections
        ),
        "waiters": sorted([w.name, xform_name(w.waiter_name)] for w in model.waiters),
        "repr": repr(resource),
        "quoted": repr(quoted),
    }


def main():
    rows = []
    for key in ("s3", "ec2"):
        service = Service(key)
        cases = []
        for name in ["ServiceResource", *service.definitions]:
            cases.append(described(service, name))
            for case, call in methods(service, name):
                resource = service.make(name)
                service.exchanges = []
                try:
                    given = {"gives": shown(service, call(resource))}
                except ResourceLoadException:
                    given = {"error": "ResourceLoad"}
                cases.append({"case": case, "exchanges": service.exchanges, **given})
        rows += [{"response": f"{key}.{name}", **answer} for name, answer in sorted(service.responses.items())]
        rows += cases
    OUT.write_text("".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows))
    kinds = collections.Counter(next(iter(row)) for row in rows)
    print(f"{OUT.name}: {dict(kinds)}, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
