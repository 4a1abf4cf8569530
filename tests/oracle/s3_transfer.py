"""Which requests boto3's managed transfers make: of given sizes and configurations, against a server that records and agrees.

Writes tests/oracle/data/s3_transfer.jsonl, a line a transfer. Needs boto3 (requirements.txt). Nothing in it is random.
"""

import sys

sys.path.pop(0)  # the programs beside this one are named after the modules that it imports

import io
import json
import os
import pathlib
import re
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

MIB = 1 << 20
KEPT = re.compile(
    r"^(range|if-match|x-amz-copy-source.*|x-amz-checksum-algorithm|x-amz-checksum-type|x-amz-sdk-checksum-algorithm"
    r"|x-amz-acl|x-amz-meta-.*|x-amz-storage-class|x-amz-tagging.*|x-amz-request-payer|x-amz-expected-bucket-owner"
    r"|x-amz-server-side-encryption.*|cache-control|content-disposition|content-language|x-amz-website-redirect-location"
    r"|x-amz-grant-.*|x-amz-metadata-directive|content-type)$"
)


class Server:
    """Says yes to everything; its one object has the size that was set."""

    def __init__(self):
        self.size, self.refuse, self.seen = 0, None, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def any(self):
                outer.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = any

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        if headers.get("expect") == "100-continue":
            request.send_response_only(100)
            request.end_headers()
        # botocore sends what it cannot rewind in chunks; the announced length is what counts here
        if headers.get("transfer-encoding") == "chunked":
            while True:
                length = int(request.rfile.readline().split(b";")[0], 16)
                request.rfile.read(length)
                request.rfile.readline()
                if not length:
                    break
        else:
            request.rfile.read(int(headers.get("content-length", 0)))
        url = urlsplit(request.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        query.pop("x-id", None)
        row = {"method": request.command, "query": query}
        kept = {name: value for name, value in headers.items() if KEPT.match(name)}
        # That a body is XML or nothing in particular says the protocol, not the caller.
        if kept.get("content-type") in ("application/xml", "binary/octet-stream", "application/octet-stream"):
            del kept["content-type"]
        if request.command == "PUT" and "x-amz-copy-source" not in kept and "tagging" not in query:
            row["length"] = int(headers.get("x-amz-decoded-content-length", headers.get("content-length", 0)))
        row["headers"] = kept
        self.seen.append(row)
        send = dict(ETag='"e"')
        status, body = 200, b""
        if self.refuse and self.refuse(row):
            status, body = 403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
        elif request.command == "HEAD":
            send["Content-Length"] = str(self.size)
        elif "uploads" in query:
            body = b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
        elif request.command == "POST":
            body = b'<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'
        elif request.command == "DELETE":
            status = 204
        elif request.command == "GET" and "tagging" in query:
            body = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
        elif request.command == "GET":
            start, end = 0, self.size
            if "range" in headers:
                start, end = headers["range"].removeprefix("bytes=").split("-")
                start, end = int(start), min(int(end) + 1 if end else self.size, self.size)
                if start >= self.size:
                    status, body = 416, b"<Error><Code>InvalidRange</Code><Message>no</Message></Error>"
                else:
                    status = 206
                    send["Content-Range"] = f"bytes {start}-{end - 1}/{self.size}"
            body = body or b"x" * (end - start)
        elif "x-amz-copy-source" in headers and "partNumber" in query:
            body = b'<CopyPartResult><ETag>"e"</ETag></CopyPartResult>'
        elif "x-amz-copy-source" in headers:
            body = b'<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'
        request.send_response_only(status)
        for name, value in send.items():
            request.send_header(name, value)
        if "Content-Length" not in send and status != 204:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


SERVER = Server()


def client(checksums):
    config = Config(
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        retries={"max_attempts": 0},
        s3={"addressing_style": "path"},
    )
    keys = dict(aws_access_key_id="A", aws_secret_access_key="S", region_name="us-east-1")
    return boto3.client("s3", endpoint_url=SERVER.url, config=config, **keys)


CLIENTS = {when: client(when) for when in ("when_supported", "when_required")}
OUT = []


def emit(**row):
    OUT.append(json.dumps(row, separators=(",", ":"), sort_keys=True))


def run(what, size, config, args=None, checksums="when_supported", refuse=None):
    SERVER.size, SERVER.seen, SERVER.refuse = size, [], refuse
    s3, transfer = CLIENTS[checksums], TransferConfig(**config)
    row = dict(what=what, size=size, config=config, args=args or {}, checksums=checksums)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "f")
        try:
            if what == "upload_file":
                with open(path, "wb") as file:
                    file.truncate(size)
                s3.upload_file(path, "b", "k", ExtraArgs=args, Config=transfer)
            elif what == "upload_fileobj":

                class Unseekable(io.RawIOBase):
                    left = size

                    def readable(self):
                        return True

                    def read(self, amount=-1):
                        length = self.left if amount is None or amount < 0 else min(amount, self.left)
                        self.left -= length
                        return bytes(length)

                s3.upload_fileobj(Unseekable(), "b", "k", ExtraArgs=args, Config=transfer)
            elif what == "download_file":
                s3.download_file("b", "k", path, ExtraArgs=args, Config=transfer)
                assert os.path.getsize(path) == size
            elif what == "copy":
                s3.copy({"Bucket": "b", "Key": "from"}, "b", "k", ExtraArgs=args, Config=transfer)
        except Exception as error:
            row["error"] = type(error).__name__
            if isinstance(error, ValueError):
                row["message"] = str(error)
    # A lane: which request comes first among those that run at once is nobody's promise.
    row["requests"] = sorted(SERVER.seen, key=lambda seen: json.dumps(seen, sort_keys=True))
    if refuse:
        row["refused"] = "partNumber=1"
    emit(**row)


def main():
    parts = dict(multipart_threshold=6 * MIB, multipart_chunksize=5 * MIB)
    for size in (0, 1, 6 * MIB - 1, 6 * MIB, 10 * MIB, 10 * MIB + 1, 12 * MIB):
        run("upload_file", size, parts)
    # A part has five megabytes at least, whatever is asked for.
    run("upload_file", 11 * MIB, dict(multipart_threshold=MIB, multipart_chunksize=MIB))
    run("upload_file", 8 * MIB, {})
    run("upload_file", 8 * MIB - 1, {})
    run("upload_file", 12 * MIB, parts, checksums="when_required")
    run("upload_file", 100, parts, checksums="when_required")
    for size in (0, 10, 6 * MIB - 1, 6 * MIB, 10 * MIB, 11 * MIB):
        run("upload_fileobj", size, parts)
    for threshold, chunk in ((8, 4), (8, 8), (5, 7), (1, 3)):
        for size in (0, 1, 4, 7, 8, 9, 16, 17):
            run("download_file", size, dict(multipart_threshold=threshold, multipart_chunksize=chunk))
    for size in (0, 1, 4, 8, 9, 16, 17):
        run("download_file", size, dict(multipart_threshold=8, multipart_chunksize=4), checksums="when_required")
    for size in (0, 1, 6 * MIB - 1, 6 * MIB, 10 * MIB, 10 * MIB + 1, 5 << 30, (5 << 30) + 1):
        run("copy", size, parts if size < 1 << 30 else dict(multipart_chunksize=512 * MIB))
    # The size of a part that an object of this size has: told by the first, the others are not made.
    first = dict(refuse=lambda row: row["query"].get("partNumber") == "1")
    for size in (10**9, 80 * 10**9, 10_000 * 8 * MIB, 10_000 * 8 * MIB + 1, 10**12, 5 * 10**12):
        for chunk in (8 * MIB, 100 * MIB, 1, 6 << 30):
            if size < 10**11 and chunk == 1:
                continue
            run("copy", size, dict(multipart_chunksize=chunk, max_concurrency=1, use_threads=False), **first)
    upload = dict(
        ACL="private", CacheControl="no-cache", ContentDisposition="inline", ContentLanguage="de", ContentType="text/plain",
        ExpectedBucketOwner="111122223333", GrantRead="id=1", Metadata={"colour": "blue"}, RequestPayer="requester",
        StorageClass="STANDARD_IA", Tagging="a=b", WebsiteRedirectLocation="/x",
    )
    # A header that is signed as it is sent: what was said of it.
    for size in (10, 6 * MIB):
        run("upload_file", size, parts, upload)
        run("upload_file", size, parts, dict(ChecksumAlgorithm="SHA256"))
        run("upload_file", size, parts, dict(ServerSideEncryption="AES256"))
        run("copy", size, parts, upload)
        run("copy", size, parts, dict(upload, MetadataDirective="REPLACE", TaggingDirective="REPLACE"))
        run("copy", size, parts, dict(TaggingDirective="COPY"))
        run("copy", size, parts, dict(CopySourceIfMatch='"e"'))
        run("download_file", size, parts, dict(RequestPayer="requester", ExpectedBucketOwner="111122223333", VersionId="v"))
        run("upload_file", size, parts, dict(IfNoneMatch="*"))
        run("copy", size, parts, dict(IfNoneMatch="*"))
        run("download_file", size, parts, dict(IfMatch="e"))
    for name in TransferConfig.DEFAULTS:
        if name in ("use_threads", "preferred_transfer_client", "max_request_concurrency", "max_io_queue_size"):
            continue
        try:
            TransferConfig(**{name: 0})
            message = None
        except ValueError as error:
            message = str(error)
        emit(what="config", name=name, message=message)
    defaults = TransferConfig()
    emit(what="defaults", values={name: getattr(defaults, name) for name in (
        "multipart_threshold", "multipart_chunksize", "max_concurrency", "use_threads", "max_bandwidth", "io_chunksize",
        "num_download_attempts", "max_in_memory_upload_chunks", "max_in_memory_download_chunks", "max_io_queue",
        "max_request_queue_size", "max_submission_queue_size", "max_submission_concurrency")})
    path = pathlib.Path(__file__).parent / "data" / "s3_transfer.jsonl"
    path.write_text("\n".join(OUT) + "\n")


main()
