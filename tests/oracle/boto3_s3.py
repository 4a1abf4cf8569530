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
from botocore.exceptions import ClientError
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
    "list_object_versions": "IsTruncated Versions[Key,VersionId,IsLatest,Size] DeleteMarkers[Key,VersionId,IsLatest] CommonPrefixes[Prefix]",
    "create_multipart_upload": "Bucket Key UploadId",
    "upload_part": "ETag",
    "upload_part_copy": "CopyPartResult.ETag",
    "complete_multipart_upload": "Bucket Key ETag VersionId",
    "list_parts": "IsTruncated Parts[PartNumber,Size,ETag]",
    "list_multipart_uploads": "IsTruncated Uploads[Key,UploadId]",
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
    server.stop()
    made_up = {value for answer in ask.answers for name, value in answer.items() if name in ("VersionId", "UploadId", "NextContinuationToken", "CopySourceVersionId") and value and value != "null"}

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
