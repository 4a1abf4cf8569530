"""Asks the real botocore 1.44.5 to sign URLs and forms, and writes tests/oracle/data/boto3_presign.jsonl. A second run changes nothing.

    python3 -m venv venv && venv/bin/pip install boto3==1.44.5 && venv/bin/python tests/oracle/boto3_presign.py

The clock stands still, the keys are those of Amazon's documentation. The client is told what leyden does without being told: signature
version 4, the region's own host.
"""
import sys

sys.path = [p for p in sys.path if not p.endswith("tests/oracle")]  # re.py beside this file must not shadow Python's

import datetime
import json
import os
import pathlib
import re

for name in list(os.environ):
    if name.startswith("AWS_"):
        del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.environ["AWS_EC2_METADATA_DISABLED"] = "/dev/null"

import boto3
import botocore
import botocore.auth
import botocore.signers
from botocore import xform_name
from botocore.config import Config

assert botocore.__version__ == "1.44.5", botocore.__version__
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
botocore.auth.get_current_datetime = botocore.signers.get_current_datetime = lambda remove_tzinfo=True: (
    NOW.replace(tzinfo=None) if remove_tzinfo else NOW
)
ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
OUT = []


def client(region="eu-west-1", endpoint=None, token=None, style=None):
    style = style or ("path" if endpoint else "virtual")
    config = Config(signature_version="s3v4", s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional"})
    return boto3.client("s3", region_name=region, endpoint_url=endpoint, aws_session_token=token, config=config, **KEYS)


def told(how):
    return {name: value for name, value in how.items() if value is not None}


def url(operation, params, expires=None, method=None, **how):
    try:
        more = {} if expires is None else {"ExpiresIn": expires}
        answer = {"url": client(**how).generate_presigned_url(operation, Params=dict(params), HttpMethod=method, **more)}
    except Exception as error:
        answer = {"err": type(error).__name__}
    params = {name: value.isoformat() if isinstance(value, datetime.datetime) else value for name, value in params.items()}
    OUT.append({"kind": "url", "ask": operation, "params": params, **told({"expires": expires, "method": method, **how}), **answer})


def post(bucket, key, fields=None, conditions=None, expires=None, **how):
    more = {} if expires is None else {"ExpiresIn": expires}
    answer = client(**how).generate_presigned_post(bucket, key, Fields=fields, Conditions=conditions, **more)
    OUT.append({"kind": "post", "bucket": bucket, "key": key, "fields": fields or {}, "conditions": conditions or [],
                **told({"expires": expires, **how}), "url": answer["url"], "answer": list(answer["fields"].items())})


# Every operation that is carried, with what it must have ---------------------------------------------------------------
VALUES = {"Bucket": "some-bucket", "Key": "some/key", "UploadId": "u-1", "PartNumber": 3, "CopySource": "other/src",
          "ObjectAttributes": ["ETag", "ObjectSize"]}
carried = re.findall(r"^\s+(\w+)\(\w+InputBuilder\)", (ROOT / "src/boto3/s3/operations.rs").read_text(), re.M)
model = client().meta.service_model
names = {xform_name(name): name for name in model.operation_names}
LISTS = ("list_objects", "list_objects_v2", "list_object_versions", "list_multipart_uploads")
for operation in carried:
    shape = model.operation_model(names[operation]).input_shape
    required = shape.required_members if shape else []
    params = {}
    for name in required:
        member = shape.members[name]
        if member.type_name == "structure":
            params = None  # its parameters are XML: botocore takes that for JSON, and fails
            break
        params[name] = VALUES.get(name, "x")
    if operation in LISTS:
        params["EncodingType"] = "url"  # botocore asks for it by itself
    if params is not None and operation not in ("select_object_content",):
        url(operation, params)

# Keys ------------------------------------------------------------------------------------------------------------------
for key in ["a", "a b", "a+b", "a%20b", "100%", "a?b", "a#b", "a&b=c", "~tilde", "bang!", "it's", "(paren)", "star*", "semi;colon",
            "co:lon", "a@b", "a,b", "do$$ar", 'quo"te', "<less>", "{brace}", "[bracket]", "pi|pe", "back\\slash", "ca^ret", "tick`",
            "a//b", "/lead", "trail/", "./x", "../x", "a/../b", "a/./b", "..", ".", "üñí/ço∂é", "日本語.txt", "😀", "tab\tkey", "new\nline",
            "e\u0301", "a=b", "k" * 900, "=", "&", "x/y/z.tar.gz", "a%2Fb", "\u00a0", "\x7f"]:
    url("get_object", {"Bucket": "some-bucket", "Key": key})

# Parameters ------------------------------------------------------------------------------------------------------------
WHEN = datetime.datetime(2025, 12, 31, 23, 59, 58, tzinfo=datetime.timezone.utc)
for more in [{"VersionId": "v 1+/="}, {"VersionId": "null"}, {"PartNumber": 2}, {"ResponseContentType": "text/plain; charset=utf-8"},
             {"ResponseContentDisposition": 'attachment; filename="a b.txt"'}, {"ResponseContentEncoding": "gzip"},
             {"ResponseContentLanguage": "de"}, {"ResponseCacheControl": "no-cache, max-age=0"}, {"ResponseExpires": WHEN},
             {"ResponseContentDisposition": "attachment; filename*=UTF-8''%e2%82%ac.txt", "VersionId": "x"},
             {"Range": "bytes=0-9"}, {"IfMatch": '"abc"'}, {"IfNoneMatch": "*"}, {"IfModifiedSince": WHEN},
             {"RequestPayer": "requester"}, {"ExpectedBucketOwner": "111122223333"}]:
    url("get_object", {"Bucket": "some-bucket", "Key": "k", **more})
for more in [{"ContentType": "text/plain"}, {"ContentType": "application/octet-stream"}, {"ContentLength": 5}, {"ACL": "public-read"},
             {"Metadata": {"Color": "red", "size": "a  b"}}, {"StorageClass": "STANDARD_IA"}, {"ServerSideEncryption": "AES256"},
             {"CacheControl": "max-age=60"}, {"ContentDisposition": "inline"}, {"Tagging": "a=b&c=d"}, {"IfNoneMatch": "*"},
             {"ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}, {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="},
             {"WebsiteRedirectLocation": "/x"}, {"ContentEncoding": "gzip", "ContentLanguage": "de", "ContentType": "a/b"}]:
    url("put_object", {"Bucket": "some-bucket", "Key": "k", **more})
url("create_multipart_upload", {"Bucket": "some-bucket", "Key": "k", "ContentType": "video/mp4"})
url("upload_part", {"Bucket": "some-bucket", "Key": "k", "UploadId": "a.b_c-d~e/f+", "PartNumber": 10000, "ContentLength": 9})
url("list_objects_v2", {"Bucket": "some-bucket", "Prefix": "a b/ü", "Delimiter": "/", "MaxKeys": 7, "EncodingType": "url"})
url("list_object_versions", {"Bucket": "some-bucket", "KeyMarker": "k", "VersionIdMarker": "v", "EncodingType": "url"})
url("head_object", {"Bucket": "some-bucket", "Key": "k", "VersionId": "v"})
url("delete_object", {"Bucket": "some-bucket", "Key": "k", "VersionId": "v"})
url("copy_object", {"Bucket": "some-bucket", "Key": "k", "CopySource": "other/s%20rc?versionId=1"})

# How -------------------------------------------------------------------------------------------------------------------
GET = {"Bucket": "some-bucket", "Key": "a/b"}
for region in ["us-east-1", "us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-2"]:
    url("get_object", GET, region=region)
for endpoint in ["http://127.0.0.1:9000", "http://localhost:9000", "https://minio.example.com", "https://minio.example.com:8443/base"]:
    url("get_object", GET, endpoint=endpoint)
    url("list_buckets", {}, endpoint=endpoint)
for bucket in ["with.dots", "abc", "123-4", "arn:aws:s3:eu-west-1:123456789012:accesspoint/point"]:
    url("get_object", {"Bucket": bucket, "Key": "k"})
for expires in [0, 1, 60, 604800, 604801]:
    url("get_object", GET, expires=expires)
for method in ["HEAD", "PUT", "DELETE"]:
    url("get_object", GET, method=method)
for operation in ["get_object", "put_object"]:
    url(operation, GET, token="FwoGZXIvYXdzE//token+with/odd=chars==")
url("get_object", GET, style="path")

# Forms -----------------------------------------------------------------------------------------------------------------
post("some-bucket", "k")
post("some-bucket", "uploads/${filename}")
post("some-bucket", "${filename}")
post("some-bucket", "ü/\"quoted\" \\ 😀\n")
post("some-bucket", "k", expires=60)
post("some-bucket", "k", {"acl": "public-read", "Content-Type": "image/png"},
     [{"acl": "public-read"}, ["starts-with", "$Content-Type", "image/"], ["content-length-range", 1, 1048576]])
post("some-bucket", "k", {"x-amz-meta-ü": "ö"}, [["eq", "$x-amz-meta-ü", "ö"]])
post("some-bucket", "k", {"key": "overwritten", "success_action_status": "201"}, [{"success_action_status": "201"}])
post("some-bucket", "k", {"redirect": "https://example.com/?a=b"}, [["starts-with", "$redirect", ""]])
post("some-bucket", "k", region="us-east-1")
post("some-bucket", "k", region="cn-north-1")
post("with.dots", "k")
post("some-bucket", "k", endpoint="http://127.0.0.1:9000")
post("some-bucket", "k", endpoint="https://minio.example.com/base")
post("some-bucket", "k", token="FwoGZXIvYXdzE//token+with/odd=chars==")

path = ROOT / "tests/oracle/data/boto3_presign.jsonl"
path.write_text("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in OUT))
print(len(OUT), "cases", sum("err" in line for line in OUT), "errors")
