"""Lets the real botocore 1.44.5 go through listings and wait, over scripted answers, and writes tests/oracle/data/boto3_pages.jsonl:
each answer on the wire, each request that came, what came out of it. A second run changes nothing.

    python3 -m venv venv && venv/bin/pip install boto3==1.44.5 && venv/bin/python tests/oracle/boto3_pages.py
"""
import sys

sys.path = [p for p in sys.path if not p.endswith("tests/oracle")]  # re.py beside this file must not shadow Python's

import datetime
import io
import json
import os
import pathlib
import re
import urllib.parse

for name in list(os.environ):
    if name.startswith("AWS_"):
        del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"

import boto3
import botocore
import botocore.waiter
from botocore import xform_name
from botocore.awsrequest import AWSResponse

assert botocore.__version__ == "1.44.5", botocore.__version__
ROOT = pathlib.Path(__file__).resolve().parents[2]
botocore.waiter.time.sleep = lambda seconds: None
ROOTS = {"ListObjects": "ListBucketResult", "ListObjectsV2": "ListBucketResult", "ListObjectVersions": "ListVersionsResult",
         "ListMultipartUploads": "ListMultipartUploadsResult", "ListParts": "ListPartsResult", "ListBuckets": "ListAllMyBucketsResult",
         "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult", "ListObjectAnnotations": "ListObjectAnnotationsOutput"}
VALUES = {"Bucket": "some-bucket", "Key": "k", "UploadId": "u", "PrefixListId": "pl-1", "InstanceId": "i-1"}


class Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


class Wire:
    """Answers what it is told, and keeps what it was asked and what it said."""

    def __init__(self, service, answer, kept=()):
        self.asked, self.said, self.answer, self.kept = [], [], answer, kept
        self.client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
        self.client.meta.events.register_first("before-send", self.send)

    def send(self, request, **_):
        query = urllib.parse.urlsplit(request.url).query
        body = request.body or b""
        body = body if isinstance(body, str) else body.decode()
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True) + urllib.parse.parse_qsl(body, keep_blank_values=True)
        asked = {name: value for name, value in pairs if name in self.kept}
        self.asked.append(asked)
        status, text = self.answer(asked)
        self.said.append([status, text])
        return AWSResponse(request.url, status, {}, Raw(text.encode()))


def wire_name(shape, fallback):
    return shape.serialization.get("name", fallback)


def scalar(shape):
    """A member of text that holds any word."""
    for name, member in shape.members.items():
        if member.type_name == "string" and not member.enum and not member.serialization.get("xmlAttribute"):
            return wire_name(member, name)


def listed(shape, name, items):
    member = shape.members[name]
    plain = member.member.type_name == "string"
    field = None if plain else scalar(member.member)
    rows = [item if plain else f"<{field}>{item}</{field}>" if field else "" for item in items]
    outer = wire_name(member, name)
    if member.serialization.get("flattened"):
        return "".join(f"<{outer}>{row}</{outer}>" for row in rows), bool(field)
    inner = wire_name(member.member, "member")
    return f"<{outer}>{''.join(f'<{inner}>{row}</{inner}>' for row in rows)}</{outer}>", bool(field)


def as_list(value):
    return value if isinstance(value, list) else [value]


def envelope(name, inner):
    return f"<{ROOTS.get(name, name + 'Response')}>{inner}</{ROOTS.get(name, name + 'Response')}>"


def asks(model, config):
    """The parameters that say which page, and how large, as they are on the wire."""
    ec2 = model.service_model.service_name == "ec2"  # its parameters are the wire names with a capital

    def sent(member):
        wire = wire_name(model.input_shape.members[member], member)
        return wire[0].upper() + wire[1:] if ec2 else wire

    limit = config.get("limit_key")
    return [sent(token) for token in as_list(config["input_token"])], limit and sent(limit)


def server(name, model, config, total, stuck):
    """A listing of `total` items, two a page unless asked otherwise. Its tokens say where to go on."""
    shape, lists = model.output_shape, as_list(config["result_key"])
    inputs, limit = asks(model, config)
    outputs = as_list(config["output_token"])
    outputs = [token.split(" ||")[0] for token in outputs]

    def answer(asked):
        at = int(re.sub(r"\D", "", asked.get(inputs[0], "")) or 0)
        if name == "ListObjects" and inputs[0] in asked:
            at += 1  # its token is the last key that was had
        end = min(at + int(asked.get(limit, 2)), total)
        text, named = listed(shape, lists[0], [f"item-{n}" for n in range(at, end)])
        for other in lists[1:]:
            text += listed(shape, other, [f"other-{at}"])[0]
        more = end < total or stuck
        if "more_results" in config:
            text += f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        if more and config["output_token"] != "NextMarker || Contents[-1].Key":
            for n, token in enumerate(outputs):
                member = shape.members[token]
                kind = "" if member.type_name == "integer" else "tu"[n]
                text += "<{0}>{1}{2}</{0}>".format(wire_name(member, token), kind, 0 if stuck else end)
        return 200, envelope(name, text)

    return answer


def run(paginate, key):
    result, pages = {"pages": []}, None
    try:
        pages = paginate()
        for page in pages:
            result["pages"].append(len(page.get(key) or []))
    except Exception as error:
        result["err"] = type(error).__name__
    result["resume"] = pages and pages.resume_token
    return result


def value(shape, name=None):
    """Anything that botocore takes for this."""
    if name in VALUES:
        return VALUES[name]
    match shape.type_name:
        case "list":
            return [value(shape.member)] * max(1, shape.metadata.get("min", 1))
        case "structure":
            return {name: value(shape.members[name], name) for name in shape.required_members}
        case "integer" | "long":
            return shape.metadata.get("min", 1)
        case "timestamp":
            return datetime.datetime(2026, 1, 2)
        case "string":
            return (shape.enum or ["x" * shape.metadata.get("min", 1)])[0]
    raise AssertionError(shape)


def required(model, config):
    """What the operation cannot do without, but for the size of a page: that is the listing's to say."""
    shape = model.input_shape
    names = shape.required_members if shape else []
    return {name: value(shape.members[name], name) for name in names if name != config.get("limit_key")}


def pages(service):
    carried = set(re.findall(r"^\s+(\w+)\(\w+InputBuilder\)", (ROOT / f"src/boto3/{service}/operations.rs").read_text(), re.M))
    client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
    for name in sorted(client.meta.service_model.operation_names):
        operation = xform_name(name)
        if operation not in carried or not client.can_paginate(operation):
            continue
        model = client.meta.service_model.operation_model(name)
        config = client.get_paginator(operation)._pagination_cfg
        hows = [{}, {"PageSize": 5}, {"MaxItems": 3}, {"MaxItems": 4}, {"MaxItems": 6, "PageSize": 5}]
        token = {"list_objects": "item-1", "list_parts": "2"}.get(operation, "t2")
        if operation in ("describe_instances", "describe_tags") or service == "s3":
            hows += [{"MaxItems": n} for n in (0, 1, 2, 7, 8, 9)] + [{"StartingToken": token}]
            hows += [{"StartingToken": text} for text in ("None___1", "None", "!", "a___b___c___d", f"{token}___1")]
            hows += ["resume", "stuck"]
        resume = None
        for how in hows:
            stuck = how == "stuck"
            if stuck:
                how = {}
            elif how == "resume":
                if resume is None:
                    continue
                how = {"StartingToken": resume, "MaxItems": 1}
            inputs, limit = asks(model, config)
            wire = Wire(service, server(name, model, config, 8, stuck), [*inputs, limit])
            key = as_list(config["result_key"])[0]
            listing = wire.client.get_paginator(operation)
            result = run(lambda: listing.paginate(PaginationConfig=dict(how), **required(model, config)), key)
            if result.get("err") == "ParamValidationError":
                continue  # it knows the least page size that a service takes; leyden leaves that to the service
            if how == {"MaxItems": 3}:
                resume = result["resume"]
            yield {"service": service, "ask": operation, "how": how, "asked": wire.asked, "said": wire.said, **result}


# Waiting ---------------------------------------------------------------------------------------------------------------
def nested(shape, path, values):
    """`A[].B[].C.D` as XML with one item a value."""
    first, *rest = path.split(".")
    name = first.removesuffix("[]")
    member = shape.members[name]
    outer = wire_name(member, name)
    if first.endswith("[]"):
        inner = wire_name(member.member, "item")
        items = [nested(member.member, ".".join(rest), [value]) if rest else "" for value in values]
        return f"<{outer}>{''.join(f'<{inner}>{item}</{inner}>' for item in items)}</{outer}>"
    inside = nested(member, ".".join(rest), values) if rest else values[0]
    return f"<{outer}>{inside}</{outer}>"


def refusal(service, code, status=400):
    if service == "s3":
        return status, ""
    return status, f"<Response><Errors><Error><Code>{code}</Code><Message>No.</Message></Error></Errors><RequestID>r</RequestID></Response>"


def scripts(service, waiter, model):
    """Answers in a row that lead through the waiter's states."""
    name = waiter["operation"]
    good, bad, codes, statuses, path = [], [], [], [], None
    for acceptor in waiter["acceptors"]:
        kind, state, expected = acceptor["matcher"], acceptor["state"], acceptor["expected"]
        if kind == "status":
            statuses.append(expected)
        elif kind == "error":
            codes.append(expected)
        else:
            path = acceptor["argument"]
            if kind != "path":
                (good if state == "success" else bad).append(expected)
    ok = lambda inner: (200, envelope(name, inner))
    if statuses and service == "s3":
        for status in (200, 404, 403, 405):  # 301 and 400 make botocore look for the bucket's region first
            yield [refusal(service, "", status)] * 3
        yield [refusal(service, "", 404), refusal(service, "", 200)]
        yield [refusal(service, "", 200), refusal(service, "", 404)] * 2
        return
    no, unknown = [refusal(service, code) for code in codes], refusal(service, "Unauthorized")
    if path is None:
        yield no * 3
        yield no + [ok("")]
        yield [unknown]
        return
    length = re.fullmatch(r"length\((.+?)\) .*", path)
    if length:
        # Without expected values: there, or not there.
        path = length[1]
        text = not path.endswith("]") and "." not in path
        full = ok(nested(model.output_shape, path, ["x"]))
        empty = ok(nested(model.output_shape, path, [""] if text else []))
        if not good:
            yield [full]
            yield [empty, full]
            yield [empty] * 3
            yield no + [unknown]
            yield no + [full]
            return
        yield [empty]
    say = lambda *values: ok(nested(model.output_shape, path, list(values)))
    paths = [a["argument"] for a in waiter["acceptors"] if a["matcher"] in ("pathAll", "pathAny")]
    path = paths[0]
    yield [say(good[0])]
    yield [say("other"), say(good[0], good[0])]
    yield [say(good[0], "other")] * 3
    yield [say("other")] * 3
    yield [say()] * 3
    for value in good[1:] + bad:
        yield [say("other"), say(value), say(good[0])]
        yield [say(good[0], value)] * 3
    for code in no:
        yield [code, say(good[0])]
        yield [code] * 3
        yield [say("other"), code, say("other")]
    yield [unknown]


def waits(service):
    client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
    models = client._get_waiter_config()["waiters"]
    for camel, waiter in sorted(models.items()):
        model = client.meta.service_model.operation_model(waiter["operation"])
        for script in scripts(service, waiter, model):
            script = script[:3]
            rest = iter(script)
            wire = Wire(service, lambda _: next(rest))
            parameters = {name: VALUES.get(name, "x") for name in (model.input_shape.required_members or [])}
            result = {}
            try:
                wire.client.get_waiter(xform_name(camel)).wait(WaiterConfig={"MaxAttempts": len(script)}, **parameters)
            except botocore.exceptions.WaiterError as error:
                result["err"] = str(error)
            config = [waiter["delay"], waiter["maxAttempts"]]
            yield {"service": service, "ask": xform_name(camel), "config": config, "said": script, "asked": len(wire.said), **result}


lines = [*pages("s3"), *pages("ec2"), *waits("s3"), *waits("ec2")]
text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
(ROOT / "tests/oracle/data/boto3_pages.jsonl").write_text(text)
print(len(lines), "cases", sum("err" in line for line in lines), "errors", len(text), "bytes")
