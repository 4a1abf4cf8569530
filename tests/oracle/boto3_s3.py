"""Asks boto3 what S3 answers: moto's server, to which each call goes over the wire.

Writes tests/oracle/data/boto3_s3.jsonl: a call a line, in order, each on what those before it have left. What a server makes up
(versions, uploads, tokens) is named by the call that gave it: {"$": [call, field]}.
"""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import json
import pathlib
import random

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from moto.server import ThreadedMotoServer

DATA = pathlib.Path(__file__).parent / "data" / "boto3_s3.jsonl"

OBJECT = "ETag ContentLength ContentType ContentRange Metadata CacheControl ContentDisposition ContentLanguage VersionId TagCount StorageClass PartsCount"
ENTRY = "Key Size ETag StorageClass"
FIELDS = {
    "put_object": "ETag ChecksumCRC32 VersionId",
    "get_object": OBJECT + " Body",
    "head_object": OBJECT,
    "copy_object": "CopyObjectResult.ETag CopySourceVersionId VersionId",
    "delete_object": "DeleteMarker VersionId",
    "delete_objects": "Deleted[Key,VersionId,DeleteMarker] Errors[Key,Code]",
    "list_objects_v2": f"KeyCount IsTruncated MaxKeys Prefix Delimiter StartAfter NextContinuationToken Contents[{ENTRY.replace(' ', ',')}] CommonPrefixes[Prefix]",
    "list_objects": f"IsTruncated MaxKeys Prefix NextMarker Contents[{ENTRY.replace(' ', ',')}] CommonPrefixes[Prefix]",
    "list_object_versions": "IsTruncated NextKeyMarker NextVersionIdMarker Versions[Key,VersionId,IsLatest,Size] DeleteMarkers[Key,VersionId,IsLatest] CommonPrefixes[Prefix]",
    "create_multipart_upload": "Bucket Key UploadId",
    "upload_part": "ETag",
    "upload_part_copy": "CopyPartResult.ETag",
    "complete_multipart_upload": "Bucket Key ETag VersionId",
    "list_parts": "IsTruncated NextPartNumberMarker Parts[PartNumber,Size,ETag]",
    "list_multipart_uploads": "IsTruncated NextKeyMarker Uploads[Key,UploadId] CommonPrefixes[Prefix]",
    "get_bucket_location": "LocationConstraint",
    "get_bucket_versioning": "Status",
    "get_object_tagging": "TagSet[Key,Value]",
    "get_bucket_tagging": "TagSet[Key,Value]",
    "get_bucket_policy": "Policy",
    "get_bucket_acl": "Grants[Permission]",
    "get_object_acl": "Grants[Permission]",
    "get_object_attributes": "ETag ObjectSize StorageClass",
}


def field(answer: dict, path: str):
    """`A`, `A.B`, `A[x,y]`: what the answer says there."""
    name, bracket, inner = path.partition("[")
    if bracket:
        return [{one: entry[one] for one in inner[:-1].split(",") if one in entry} for entry in answer.get(name, [])] or None
    value = answer
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value.read().decode("latin-1") if hasattr(value, "read") else value


class Oracle:
    def __init__(self, client):
        self.client, self.rows, self.answers = client, [], []

    def __call__(self, op: str, **params) -> int:
        sent = {name: self.resolve(value) for name, value in params.items()}
        try:
            answer = getattr(self.client, op)(**sent)
            told = {path: field(answer, path) for path in FIELDS.get(op, "").split()}
            # Given as bytes to the caller, they are read once.
            self.answers.append(told)
            row = {"answer": {path.partition("[")[0]: value for path, value in told.items() if value not in (None, "", {}, [])}}
        except ParamValidationError:
            return -1  # boto3 refuses by itself: nobody is asked
        except ClientError as error:
            self.answers.append({})
            said = error.response["Error"]
            row = {"error": [said["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], said.get("Message", "")]}
        self.rows.append({"op": op, "params": params, **row})
        return len(self.rows) - 1

    def resolve(self, value):
        if isinstance(value, dict) and set(value) == {"$"}:
            call, name = value["$"]
            return self.answers[call][name]
        if isinstance(value, dict):
            return {key: self.resolve(inner) for key, inner in value.items()}
        return [self.resolve(inner) for inner in value] if isinstance(value, list) else value


def ref(call: int, name: str) -> dict:
    return {"$": [call, name]}


def objects(ask: Oracle) -> None:
    bucket = "objects"
    ask("create_bucket", Bucket=bucket)
    for key, body in [("a.txt", "hello"), ("empty", ""), ("dir/b", "bb"), ("dir/c d", "ccc"), ("ümlaut", "ü"), ("plus+", "p"), ("100%", "q")]:
        ask("put_object", Bucket=bucket, Key=key, Body=body)
        ask("get_object", Bucket=bucket, Key=key)
        ask("head_object", Bucket=bucket, Key=key)
    ask("put_object", Bucket=bucket, Key="meta", Body="m", Metadata={"owner": "ann", "run": "7"}, ContentType="text/x", CacheControl="no-cache", ContentLanguage="de", ContentDisposition="inline")
    ask("get_object", Bucket=bucket, Key="meta")
    ask("head_object", Bucket=bucket, Key="meta")
    for at in ["bytes=0-1", "bytes=2-", "bytes=-2", "bytes=1-99", "bytes=5-", "bytes=9-10", "bytes=4-4", "bytes=-5", "bytes=-9"]:
        ask("get_object", Bucket=bucket, Key="a.txt", Range=at)
    for name in ["get_object", "head_object", "get_object_tagging", "get_object_acl"]:
        ask(name, Bucket=bucket, Key="missing")
        ask(name, Bucket="no-such-bucket", Key="missing")
    right, wrong = '"5d41402abc4b2a76b9719d911017c592"', '"00000000000000000000000000000000"'
    for name in ["get_object", "head_object"]:
        for condition in ["IfMatch", "IfNoneMatch"]:
            for tag in [right, wrong]:
                ask(name, Bucket=bucket, Key="a.txt", **{condition: tag})
    ask("put_object", Bucket=bucket, Key="a.txt", Body="no", IfNoneMatch="*")
    ask("put_object", Bucket=bucket, Key="new", Body="yes", IfNoneMatch="*")
    ask("copy_object", Bucket=bucket, Key="copy", CopySource=f"{bucket}/a.txt")
    ask("get_object", Bucket=bucket, Key="copy")
    ask("copy_object", Bucket=bucket, Key="copy2", CopySource=f"{bucket}/meta")
    ask("head_object", Bucket=bucket, Key="copy2")
    ask("copy_object", Bucket=bucket, Key="copy3", CopySource=f"{bucket}/meta", MetadataDirective="REPLACE", Metadata={"x": "y"}, ContentType="text/y")
    ask("head_object", Bucket=bucket, Key="copy3")
    ask("copy_object", Bucket=bucket, Key="copy4", CopySource=f"{bucket}/missing")
    ask("copy_object", Bucket=bucket, Key="a.txt", CopySource=f"{bucket}/a.txt")
    ask("copy_object", Bucket=bucket, Key="copy5", CopySource=f"{bucket}/a.txt", CopySourceIfMatch=wrong)
    ask("copy_object", Bucket=bucket, Key="copy5", CopySource=f"{bucket}/a.txt", CopySourceIfNoneMatch=right)
    ask("put_object", Bucket=bucket, Key="ia", Body="x", StorageClass="STANDARD_IA")
    ask("head_object", Bucket=bucket, Key="ia")
    ask("put_object", Bucket=bucket, Key="tagged", Body="x", Tagging="k=v&l=w")
    ask("get_object_tagging", Bucket=bucket, Key="tagged")
    ask("head_object", Bucket=bucket, Key="tagged")
    ask("get_object_attributes", Bucket=bucket, Key="a.txt", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])
    ask("delete_object", Bucket=bucket, Key="copy")
    ask("delete_object", Bucket=bucket, Key="copy")
    ask("get_object", Bucket=bucket, Key="copy")
    ask("delete_objects", Bucket=bucket, Delete={"Objects": [{"Key": "new"}, {"Key": "missing"}]})
    ask("delete_objects", Bucket=bucket, Delete={"Objects": [{"Key": "ia"}], "Quiet": True})
    ask("delete_bucket", Bucket=bucket)


def buckets(ask: Oracle) -> None:
    ask("delete_bucket", Bucket="no-such-bucket")
    ask("head_bucket", Bucket="no-such-bucket")
    ask("create_bucket", Bucket="plain")
    ask("head_bucket", Bucket="plain")
    ask("create_bucket", Bucket="plain")
    ask("get_bucket_location", Bucket="plain")
    ask("create_bucket", Bucket="ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    ask("get_bucket_location", Bucket="ireland")
    ask("create_bucket", Bucket="bad", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    ask("create_bucket", Bucket="ab")
    for missing in ["cors", "lifecycle_configuration", "policy", "website", "tagging", "replication", "ownership_controls"]:
        if missing == "ownership_controls":
            continue
        ask(f"get_bucket_{missing}", Bucket="plain")
        ask(f"get_bucket_{missing}", Bucket="no-such-bucket")
    ask("get_object_lock_configuration", Bucket="plain")
    ask("get_bucket_versioning", Bucket="plain")
    ask("get_bucket_acl", Bucket="plain")
    ask("put_bucket_tagging", Bucket="plain", Tagging={"TagSet": [{"Key": "team", "Value": "ops"}]})
    ask("get_bucket_tagging", Bucket="plain")
    ask("delete_bucket_tagging", Bucket="plain")
    ask("get_bucket_tagging", Bucket="plain")
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::plain/*"}]}'
    ask("put_bucket_policy", Bucket="plain", Policy=policy)
    ask("get_bucket_policy", Bucket="plain")
    ask("delete_bucket_policy", Bucket="plain")
    ask("get_bucket_policy", Bucket="plain")
    ask("delete_bucket", Bucket="plain")
    ask("head_bucket", Bucket="plain")


def listings(ask: Oracle, dice: random.Random) -> None:
    bucket = "listings"
    ask("create_bucket", Bucket=bucket)
    keys = sorted({"/".join(dice.choice(["a", "b", "c", "ä", "x y"]) for _ in range(dice.randint(1, 3))) for _ in range(24)})
    for key in keys:
        ask("put_object", Bucket=bucket, Key=key, Body=key)
    for prefix in ["", "a", "a/", "b/c", "z"]:
        for delimiter in ["", "/"]:
            query = {name: value for name, value in [("Prefix", prefix), ("Delimiter", delimiter)] if value}
            ask("list_objects_v2", Bucket=bucket, **query)
            ask("list_objects", Bucket=bucket, **query)
            ask("list_object_versions", Bucket=bucket, **query)
    for size in [1, 2, 5, 100]:
        for delimiter in ["", "/"]:
            query = {"Delimiter": delimiter} if delimiter else {}
            call = ask("list_objects_v2", Bucket=bucket, MaxKeys=size, **query)
            for _ in range(4):
                if not ask.answers[call]["IsTruncated"]:
                    break
                call = ask("list_objects_v2", Bucket=bucket, MaxKeys=size, ContinuationToken=ref(call, "NextContinuationToken"), **query)
    for after in ["a", "b", "zzz", keys[5]]:
        ask("list_objects_v2", Bucket=bucket, StartAfter=after)
        ask("list_objects", Bucket=bucket, Marker=after, MaxKeys=3)
    ask("list_objects_v2", Bucket="no-such-bucket")
    ask("list_objects", Bucket="no-such-bucket")


def versions(ask: Oracle) -> None:
    bucket = "versions"
    ask("create_bucket", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="a", Body="before")
    ask("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ask("get_bucket_versioning", Bucket=bucket)
    one = ask("put_object", Bucket=bucket, Key="a", Body="one")
    two = ask("put_object", Bucket=bucket, Key="a", Body="two")
    ask("get_object", Bucket=bucket, Key="a", VersionId=ref(one, "VersionId"))
    ask("get_object", Bucket=bucket, Key="a")
    ask("get_object", Bucket=bucket, Key="a", VersionId="null")
    ask("list_object_versions", Bucket=bucket)
    marker = ask("delete_object", Bucket=bucket, Key="a")
    ask("get_object", Bucket=bucket, Key="a")
    ask("head_object", Bucket=bucket, Key="a")
    ask("list_objects_v2", Bucket=bucket)
    ask("list_object_versions", Bucket=bucket)
    ask("get_object", Bucket=bucket, Key="a", VersionId=ref(marker, "VersionId"))
    ask("delete_object", Bucket=bucket, Key="a", VersionId=ref(marker, "VersionId"))
    ask("get_object", Bucket=bucket, Key="a")
    ask("delete_object", Bucket=bucket, Key="a", VersionId=ref(two, "VersionId"))
    ask("get_object", Bucket=bucket, Key="a")
    ask("copy_object", Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a", "VersionId": "null"})
    ask("get_object", Bucket=bucket, Key="b")
    ask("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    ask("get_bucket_versioning", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="a", Body="suspended")
    ask("get_object", Bucket=bucket, Key="a", VersionId=ref(one, "VersionId"))
    ask("delete_bucket", Bucket=bucket)


def multipart(ask: Oracle) -> None:
    bucket, mib = "multipart", 1 << 20
    ask("create_bucket", Bucket=bucket)
    upload = ask("create_multipart_upload", Bucket=bucket, Key="big")
    id = ref(upload, "UploadId")
    ask("list_multipart_uploads", Bucket=bucket)
    one = ask("upload_part", Bucket=bucket, Key="big", UploadId=id, PartNumber=1, Body={"*": ["a", 5 * mib]})
    two = ask("upload_part", Bucket=bucket, Key="big", UploadId=id, PartNumber=2, Body="bbb")
    ask("list_parts", Bucket=bucket, Key="big", UploadId=id)
    parts = [{"PartNumber": 1, "ETag": ref(one, "ETag")}, {"PartNumber": 2, "ETag": ref(two, "ETag")}]
    done = {"Bucket": bucket, "Key": "big", "UploadId": id}
    ask("complete_multipart_upload", **done, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]})
    ask("complete_multipart_upload", **done, MultipartUpload={"Parts": parts[::-1]})
    ask("complete_multipart_upload", **done, MultipartUpload={"Parts": parts})
    ask("complete_multipart_upload", **done, MultipartUpload={"Parts": parts})
    ask("head_object", Bucket=bucket, Key="big")
    ask("head_object", Bucket=bucket, Key="big", PartNumber=2)
    ask("get_object", Bucket=bucket, Key="big", Range="bytes=5242878-5242881")
    ask("list_multipart_uploads", Bucket=bucket)
    ask("list_parts", Bucket=bucket, Key="big", UploadId=id)
    small = ask("create_multipart_upload", Bucket=bucket, Key="small")
    id = ref(small, "UploadId")
    parts = []
    for number in [1, 2]:
        part = ask("upload_part", Bucket=bucket, Key="small", UploadId=id, PartNumber=number, Body="x")
        parts.append({"PartNumber": number, "ETag": ref(part, "ETag")})
    ask("complete_multipart_upload", Bucket=bucket, Key="small", UploadId=id, MultipartUpload={"Parts": parts})
    copied = ask("upload_part_copy", Bucket=bucket, Key="small", UploadId=id, PartNumber=1, CopySource=f"{bucket}/big", CopySourceRange="bytes=0-4")
    ask("complete_multipart_upload", Bucket=bucket, Key="small", UploadId=id, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": ref(copied, "CopyPartResult.ETag")}]})
    ask("get_object", Bucket=bucket, Key="small")
    gone = ask("create_multipart_upload", Bucket=bucket, Key="gone")
    ask("abort_multipart_upload", Bucket=bucket, Key="gone", UploadId=ref(gone, "UploadId"))
    ask("upload_part", Bucket=bucket, Key="gone", UploadId=ref(gone, "UploadId"), PartNumber=1, Body="x")
    ask("abort_multipart_upload", Bucket=bucket, Key="gone", UploadId=ref(gone, "UploadId"))


def conditions(ask: Oracle) -> None:
    bucket = "conditions"
    ask("create_bucket", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="a", Body="hello")
    right, bare, wrong = '"5d41402abc4b2a76b9719d911017c592"', "5d41402abc4b2a76b9719d911017c592", '"00000000000000000000000000000000"'
    ask("put_object", Bucket=bucket, Key="a", Body="no", IfMatch=wrong)
    ask("put_object", Bucket=bucket, Key="missing", Body="no", IfMatch=right)
    ask("put_object", Bucket=bucket, Key="a", Body="hello", IfMatch=right)
    ask("put_object", Bucket=bucket, Key="a", Body="hello", IfMatch=bare)
    ask("put_object", Bucket=bucket, Key="other", Body="no", IfNoneMatch=right)
    for name in ["get_object", "head_object"]:
        for tag in [bare, "*"]:
            ask(name, Bucket=bucket, Key="a", IfMatch=tag)
            ask(name, Bucket=bucket, Key="a", IfNoneMatch=tag)
        ask(name, Bucket=bucket, Key="a", IfMatch=wrong, IfNoneMatch=right)
        ask(name, Bucket=bucket, Key="missing", IfMatch=right)
    ask("put_object", Bucket=bucket, Key="empty", Body="")
    for at in ["bytes=0-0", "bytes=4-", "bytes=5-5", "bytes=-0", "bytes=-1", "bytes=-100", "bytes=3-1", "bytes=0-1,3-4", "bytes=", "bytes=a-b", "octets=0-1", "0-1", "bytes=0-99999999999"]:
        ask("get_object", Bucket=bucket, Key="a", Range=at)
        ask("head_object", Bucket=bucket, Key="a", Range=at)
        ask("get_object", Bucket=bucket, Key="empty", Range=at)
    ask("delete_object", Bucket=bucket, Key="a", IfMatch=wrong)
    ask("delete_object", Bucket=bucket, Key="a", IfMatch=right)
    ask("delete_object", Bucket=bucket, Key="a", IfMatch=right)


def copies(ask: Oracle) -> None:
    bucket = "copies"
    ask("create_bucket", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="from", Body="x", Metadata={"a": "b"}, ContentType="text/x", CacheControl="no-cache", Tagging="k=v", StorageClass="STANDARD_IA")
    ask("copy_object", Bucket=bucket, Key="plain", CopySource=f"{bucket}/from")
    ask("copy_object", Bucket=bucket, Key="ignored", CopySource=f"{bucket}/from", Metadata={"c": "d"}, ContentType="text/y")
    ask("copy_object", Bucket=bucket, Key="metadata", CopySource=f"{bucket}/from", MetadataDirective="REPLACE", Metadata={"c": "d"})
    ask("copy_object", Bucket=bucket, Key="nothing", CopySource=f"{bucket}/from", MetadataDirective="REPLACE")
    ask("copy_object", Bucket=bucket, Key="tags", CopySource=f"{bucket}/from", TaggingDirective="REPLACE", Tagging="l=w")
    ask("copy_object", Bucket=bucket, Key="no tags", CopySource=f"{bucket}/from", TaggingDirective="REPLACE")
    ask("copy_object", Bucket=bucket, Key="tags ignored", CopySource=f"{bucket}/from", Tagging="l=w")
    ask("copy_object", Bucket=bucket, Key="class", CopySource=f"{bucket}/from", StorageClass="GLACIER_IR")
    for key in ["plain", "ignored", "metadata", "nothing", "tags", "no tags", "tags ignored", "class"]:
        ask("head_object", Bucket=bucket, Key=key)
        ask("get_object_tagging", Bucket=bucket, Key=key)
    ask("copy_object", Bucket=bucket, Key="from", CopySource=f"{bucket}/from", MetadataDirective="REPLACE", Metadata={"e": "f"})
    ask("head_object", Bucket=bucket, Key="from")
    ask("copy_object", Bucket=bucket, Key="from", CopySource=f"{bucket}/from", StorageClass="STANDARD")
    ask("copy_object", Bucket=bucket, Key="from", CopySource=f"{bucket}/from", TaggingDirective="REPLACE", Tagging="m=n")
    ask("copy_object", Bucket=bucket, Key="x", CopySource="no-such-bucket/from")
    ask("copy_object", Bucket="no-such-bucket", Key="x", CopySource=f"{bucket}/from")
    ask("copy_object", Bucket=bucket, Key="x", CopySource=f"{bucket}/")
    ask("copy_object", Bucket=bucket, Key="x", CopySource=bucket)
    ask("copy_object", Bucket=bucket, Key="slash", CopySource=f"/{bucket}/from")
    ask("put_object", Bucket=bucket, Key="ä +%/é?", Body="odd")
    ask("copy_object", Bucket=bucket, Key="odd", CopySource={"Bucket": bucket, "Key": "ä +%/é?"})
    ask("get_object", Bucket=bucket, Key="odd")


def tags(ask: Oracle) -> None:
    bucket = "tags"
    ask("create_bucket", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="a", Body="x")
    ask("get_object_tagging", Bucket=bucket, Key="a")

    def named(*pairs):
        return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs]}

    many = [(f"k{number}", "v") for number in range(11)]
    for pairs in [many[:10], [("k" * 128, "v" * 256)], [("k", "")], [("k", "a b+c-d=e.f_g:h/i@j")], [("ä", "é")], []]:
        ask("put_object_tagging", Bucket=bucket, Key="a", Tagging=named(*pairs))
        ask("get_object_tagging", Bucket=bucket, Key="a")
    for pairs in [many, [("k", "v"), ("k", "w")], [("k" * 129, "v")], [("k", "v" * 257)], [("aws:x", "v")], [("k<", "v")], [("k", "v!")], [("k\t", "v")]]:
        ask("put_object_tagging", Bucket=bucket, Key="a", Tagging=named(*pairs))
    ask("put_object_tagging", Bucket=bucket, Key="missing", Tagging=named(("k", "v")))
    ask("put_object_tagging", Bucket="no-such-bucket", Key="a", Tagging=named(("k", "v")))
    ask("put_object_tagging", Bucket=bucket, Key="a", Tagging=named(("k", "v")))
    ask("head_object", Bucket=bucket, Key="a")
    ask("delete_object_tagging", Bucket=bucket, Key="a")
    ask("get_object_tagging", Bucket=bucket, Key="a")
    ask("delete_object_tagging", Bucket=bucket, Key="missing")
    for pairs in [many, [("k", "v"), ("k", "w")], [("aws:x", "v")], [(f"k{number}", "v") for number in range(51)]]:
        ask("put_bucket_tagging", Bucket=bucket, Tagging=named(*pairs))
    for text in ["k", "k=v&", "a%20b=c+d", "k=a%3Db", ""]:
        ask("put_object", Bucket=bucket, Key="said", Body="x", Tagging=text)
        ask("get_object_tagging", Bucket=bucket, Key="said")
    for text in ["k=v&k=w", "=v", "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11", "k=" + "v" * 257, "k=%3C"]:
        ask("put_object", Bucket=bucket, Key="refused", Body="x", Tagging=text)


def subresources(ask: Oracle) -> None:
    bucket = "subresources"
    ask("create_bucket", Bucket=bucket)
    ask("put_object", Bucket=bucket, Key="a", Body="x")
    names = ["bucket_cors", "bucket_lifecycle_configuration", "bucket_website", "bucket_replication", "bucket_encryption", "bucket_logging",
             "bucket_notification_configuration", "bucket_request_payment", "bucket_accelerate_configuration", "bucket_ownership_controls", "public_access_block",
             "bucket_policy_status", "object_lock_configuration"]
    for name in names:
        ask(f"get_{name}", Bucket=bucket)
        ask(f"get_{name}", Bucket="no-such-bucket")
    for name in ["bucket_cors", "bucket_lifecycle", "bucket_website", "bucket_encryption", "bucket_tagging", "bucket_policy", "bucket_ownership_controls", "public_access_block"]:
        ask(f"delete_{name}", Bucket=bucket)
        ask(f"delete_{name}", Bucket="no-such-bucket")
    for name in ["get_object_legal_hold", "get_object_retention"]:
        ask(name, Bucket=bucket, Key="a")
        ask(name, Bucket=bucket, Key="missing")
    for acl in ["private", "public-read", "public-read-write", "authenticated-read", "bucket-owner-full-control"]:
        ask("put_object_acl", Bucket=bucket, Key="a", ACL=acl)
        ask("get_object_acl", Bucket=bucket, Key="a")
    ask("put_object_acl", Bucket=bucket, Key="missing", ACL="private")
    ask("put_object_acl", Bucket=bucket, Key="a", ACL="nonsense")


def pages(ask: Oracle) -> None:
    bucket = "pages"
    ask("create_bucket", Bucket=bucket)
    for key in ["a b", "a/1", "a/2", "b/1", "c", "c+d", "é", "é/x", "z%"]:
        ask("put_object", Bucket=bucket, Key=key, Body=key)
    for query in [dict(EncodingType="url"), dict(EncodingType="url", Delimiter="/", Prefix="é"), dict(StartAfter="a/", Delimiter="/"), dict(StartAfter="a/1", Delimiter="/"),
                  dict(StartAfter="a0"), dict(MaxKeys=0), dict(MaxKeys=2000), dict(MaxKeys=2, Delimiter="/"), dict(Delimiter="b"), dict(Delimiter="/", Prefix="a"),
                  dict(Delimiter="/1"), dict(Prefix="a/", StartAfter="z"), dict(ContinuationToken="nonsense")]:
        ask("list_objects_v2", Bucket=bucket, **query)
    ask("list_objects_v2", Bucket=bucket, MaxKeys=-1)
    for query in [dict(Delimiter="/", MaxKeys=2), dict(Delimiter="/", Marker="a/"), dict(Delimiter="/", Marker="a/1"), dict(MaxKeys=0), dict(EncodingType="url")]:
        ask("list_objects", Bucket=bucket, **query)
    ask("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ["a/1", "c", "c"]:
        ask("put_object", Bucket=bucket, Key=key, Body="again")
    for key in ["c", "b/1"]:
        ask("delete_object", Bucket=bucket, Key=key)
    for query in [dict(), dict(Delimiter="/"), dict(Prefix="c"), dict(MaxKeys=3), dict(MaxKeys=1, Prefix="c"), dict(KeyMarker="b"), dict(KeyMarker="c"), dict(KeyMarker="c", Prefix="c"), dict(VersionIdMarker="x")]:
        ask("list_object_versions", Bucket=bucket, **query)
    first = ask("list_object_versions", Bucket=bucket, MaxKeys=2)
    ask("list_object_versions", Bucket=bucket, MaxKeys=2, KeyMarker=ref(first, "NextKeyMarker"), VersionIdMarker=ref(first, "NextVersionIdMarker"))
    ask("list_objects_v2", Bucket=bucket)
    ask("delete_object", Bucket=bucket, Key="never")
    ask("delete_bucket", Bucket=bucket)


def parts(ask: Oracle) -> None:
    bucket, mib = "parts", 1 << 20
    ask("create_bucket", Bucket=bucket)
    ask("create_multipart_upload", Bucket="no-such-bucket", Key="k")
    upload = ask("create_multipart_upload", Bucket=bucket, Key="k", Metadata={"a": "b"}, ContentType="text/x", StorageClass="STANDARD_IA", Tagging="k=v")
    id = ref(upload, "UploadId")
    at = {"Bucket": bucket, "Key": "k", "UploadId": id}
    ask("complete_multipart_upload", **at, MultipartUpload={"Parts": []})
    for number in [0, 10_001, -1]:
        ask("upload_part", **at, PartNumber=number, Body="x")
    ask("upload_part", Bucket=bucket, Key="k", UploadId="nonsense", PartNumber=1, Body="x")
    tags = {number: ask("upload_part", **at, PartNumber=number, Body={"*": [text, size]}) for number, text, size in [(2, "a", 5 * mib), (4, "b", 5 * mib), (5, "c", 3), (7, "d", 3)]}
    for query in [dict(), dict(MaxParts=2), dict(PartNumberMarker=2), dict(PartNumberMarker=4, MaxParts=1), dict(PartNumberMarker=9), dict(MaxParts=0)]:
        ask("list_parts", **at, **query)
    ask("list_parts", Bucket=bucket, Key="k", UploadId="nonsense")

    def done(*numbers, **change):
        return {"Parts": [{"PartNumber": number, "ETag": change.get(f"_{number}", ref(tags[number], "ETag") if number in tags else '"0"')} for number in numbers]}

    ask("complete_multipart_upload", **at, MultipartUpload=done(2, 3))
    ask("complete_multipart_upload", **at, MultipartUpload=done(2, _2='"00000000000000000000000000000000"'))
    # Each to an upload of its own: moto takes some for good.
    for numbers in [(4, 2), (2, 2), (2, 5, 7)]:
        upload = ask("create_multipart_upload", Bucket=bucket, Key="wrong")
        to = {"Bucket": bucket, "Key": "wrong", "UploadId": ref(upload, "UploadId")}
        for number, text, size in [(2, "a", 5 * mib), (4, "b", 5 * mib), (5, "c", 3), (7, "d", 3)]:
            ask("upload_part", **to, PartNumber=number, Body={"*": [text, size]})
        ask("complete_multipart_upload", **to, MultipartUpload=done(*numbers))
    upload = ask("create_multipart_upload", Bucket=bucket, Key="wrong")
    ask("upload_part", Bucket=bucket, Key="other", UploadId=ref(upload, "UploadId"), PartNumber=1, Body="x")
    ask("complete_multipart_upload", Bucket=bucket, Key="k", UploadId="nonsense", MultipartUpload=done(2))
    ask("complete_multipart_upload", **at, MultipartUpload=done(2, 4, 7))
    ask("head_object", Bucket=bucket, Key="k")
    ask("get_object_tagging", Bucket=bucket, Key="k")
    ask("get_object", Bucket=bucket, Key="k", Range="bytes=-4")
    for key in ["a/1", "a/2", "b"]:
        ask("create_multipart_upload", Bucket=bucket, Key=key)
    for query in [dict(), dict(Prefix="a/"), dict(Delimiter="/"), dict(MaxUploads=1), dict(KeyMarker="a/1")]:
        ask("list_multipart_uploads", Bucket=bucket, **query)
    ask("put_object", Bucket=bucket, Key="from", Body="hello")
    upload = ask("create_multipart_upload", Bucket=bucket, Key="k")
    at = {"Bucket": bucket, "Key": "k", "UploadId": ref(upload, "UploadId")}
    for text in ["bytes=0-4", "bytes=1-2", "bytes=0-5", "bytes=-2", "bytes=3-", "bytes=5-6", "0-1"]:
        ask("upload_part_copy", **at, PartNumber=1, CopySource=f"{bucket}/from", CopySourceRange=text)
    ask("upload_part_copy", **at, PartNumber=1, CopySource=f"{bucket}/missing")
    ask("upload_part_copy", **at, PartNumber=1, CopySource="no-such-bucket/from")
    ask("abort_multipart_upload", Bucket=bucket, Key="k", UploadId="nonsense")
    ask("delete_bucket", Bucket=bucket)


class Expanding(Oracle):
    """Long bodies are written as {"*": [text, times]}."""

    def resolve(self, value):
        if isinstance(value, dict) and set(value) == {"*"}:
            text, times = value["*"]
            return text * times
        return super().resolve(value)


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s", config=config)
    ask = Expanding(client)
    buckets(ask)
    objects(ask)
    listings(ask, random.Random(7))
    versions(ask)
    multipart(ask)
    for more in (conditions, copies, tags, subresources, pages, parts):
        more(ask)
    server.stop()
    made_up = {value for answer in ask.answers for name, value in answer.items() if name in ("VersionId", "UploadId", "NextContinuationToken", "CopySourceVersionId", "NextVersionIdMarker") and value and value != "null"}

    def masked(value):
        if isinstance(value, dict):
            return {key: masked(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [masked(inner) for inner in value]
        return "<made up>" if isinstance(value, str) and value in made_up else value

    with DATA.open("w") as out:
        for row in ask.rows:
            out.write(json.dumps(masked(row), ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(ask.rows), "calls")


if __name__ == "__main__":
    main()
