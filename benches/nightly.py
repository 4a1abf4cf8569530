"""The nightly job as a whole program, in Rust and in Python (python/nightly.py), against the same site, moto and SMTP server.

Needs the packages of requirements.txt; figures.py has them and runs this. Each run begins with a bucket that holds older reports, volumes with older snapshots, and no
report; then the job runs twice. What both have left must be the same, or this fails. Prints Markdown: the medians of N runs, taken in turns.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request

os.environ["MOTO_ACCOUNT_ID"] = "123456789012"
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")

from aiosmtpd.smtp import SMTP  # noqa: E402
import boto3  # noqa: E402
from moto.core.serialize import S3Serializer  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

# moto 5.2 names the root of these answers after the operation. S3 has other names, which Amazon's client for Rust checks.
ROOTS = {
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketEncryption": "ServerSideEncryptionConfiguration",
    "GetPublicAccessBlock": "PublicAccessBlockConfiguration",
}
serialize = S3Serializer._serialize_body
S3Serializer._serialize_body = lambda self, body: serialize(
    self, {ROOTS.get(self.operation_model.name, root): value for root, value in body.items()}
)

HERE = pathlib.Path(__file__).resolve().parent
REGION, BUCKET = "eu-central-1", "nightly-reports"
SITE = 50

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("program", help="the nightly example, built with --release")
options.add_argument("--runs", type=int, default=10)
options = options.parse_args()


def pages():
    """A site of 50 pages, 40 KiB each, in which two things are wrong."""
    rows = "".join(f"<tr><td>{n}</td><td>jar {n}</td><td><b>{n * 7 % 100}</b> V</td><td>glass, foil &amp; water</td></tr>\n" for n in range(500))
    for n in range(SITE):
        links = " ".join(f"<a href='/page/{to}'>page {to}</a>" for to in (n // 2, 2 * n + 1, 2 * n + 2) if to < SITE)
        text = "TODO" if n == SITE // 2 else "A row of jars is a battery."
        broken = "<a href='/lost'>lost</a>" if n == SITE // 3 else ""
        yield f"/page/{n}", f"<!doctype html><html><head><title>Page {n}</title></head><body><h1>Page {n}</h1><p>{text} {links} {broken}</p><table>{rows}</table></body></html>"


def serve(loop, server):
    """Lets a server answer from now on, on a thread of its own; the address that it has."""
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return "127.0.0.1:%d" % server.sockets[0].getsockname()[1]


class Site:
    """Serves the pages from memory, on keep-alive connections."""

    def __init__(self):
        self.answers = {path: self.answer("200 OK", page) for path, page in pages()}
        self.answers["/"] = self.answers["/page/0"]
        self.missing = self.answer("404 Not Found", "<title>Not found</title>")
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(asyncio.start_server(self.talk, "127.0.0.1", 0))
        self.url = f"http://{serve(loop, server)}/"

    @staticmethod
    def answer(status, page):
        body = page.encode()
        return f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def talk(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self.answers.get(head.split()[1].decode(), self.missing))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


class Mails:
    def __init__(self):
        self.taken = []
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0))
        self.address = serve(loop, server)

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


class Amazon:
    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        self.url = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
        self.s3, self.ec2 = (boto3.client(name, region_name=REGION, endpoint_url=self.url) for name in ("s3", "ec2"))

    def prepare(self):
        urllib.request.urlopen(urllib.request.Request(self.url + "/moto-api/reset", method="POST")).close()
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        for n in range(4):
            self.s3.put_object(Bucket=BUCKET, Key="report.zip", Body=b"old", Metadata={"fingerprint": str(n)})
        self.names = {}
        for name in ("data", "mail", "web"):
            tags = [{"Key": "Backup", "Value": "nightly"}]
            volume = self.ec2.create_volume(
                AvailabilityZone=REGION + "a", Size=20, TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
            )["VolumeId"]
            self.names[volume] = name
            for day in range(1, 5):
                dated = [{"ResourceType": "snapshot", "Tags": tags + [{"Key": "Date", "Value": f"2020-01-0{day}"}]}]
                self.ec2.create_snapshot(VolumeId=volume, TagSpecifications=dated)

    def left(self):
        versions = self.s3.list_object_versions(Bucket=BUCKET)["Versions"]
        snapshots = self.ec2.describe_snapshots(Filters=[{"Name": "tag:Backup", "Values": ["nightly"]}])["Snapshots"]
        return {
            "metadata": self.s3.head_object(Bucket=BUCKET, Key="report.zip")["Metadata"],
            "versions": len(versions),
            "lifecycle": self.s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"],
            "access": self.s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"],
            "tags": self.s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"],
            "snapshots": sorted((self.names[found["VolumeId"]], *sorted(tag["Value"] for tag in found["Tags"])) for found in snapshots),
        }


def mail_of(message):
    parts = [(part.get_content_type(), part.get_filename()) for part in message.walk()]
    return {"headers": {name: message[name] for name in ("From", "To", "Subject")}, "parts": parts}


# A separate, small process: a child starts with the memory of its parent, which would be counted.
LAUNCHER = """
import os, sys, time
begun = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print(time.perf_counter() - begun, usage.ru_maxrss / 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run(args):
    """What it prints, in how many seconds, and its largest resident set in MiB."""
    launched = [sys.executable, "-S", "-c", LAUNCHER, *map(str, args)]
    done = subprocess.run(launched, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{args[0]} failed:\n{done.stdout}{done.stderr}")
    seconds, memory = done.stderr.splitlines()[-1].split()
    return done.stdout, float(seconds), float(memory)


def masked(text):
    return re.sub(r"\d+(\.\d+)?", "N", text)


amazon, mails, site = Amazon(), Mails(), Site()

programs = {"leyden": [options.program, "--live"], "Python": [sys.executable, HERE / "python/nightly.py"]}
measured = {name: [] for name in programs}
with tempfile.TemporaryDirectory(prefix="nightly-") as directory:
    out = pathlib.Path(directory, "out")
    common = ["--url", site.url, "--out", out, "--endpoint-url", amazon.url, "--smtp", mails.address]
    for turn in range(options.runs):
        results = {}
        for name, program in programs.items():
            shutil.rmtree(out, ignore_errors=True)
            mails.taken.clear()
            amazon.prepare()
            text, first, memory = run(program + common)
            again, second, _ = run(program + common)
            measured[name].append((first, second, memory))
            results[name] = {
                "first": masked(text),
                "second": masked(again),
                "report": json.loads((out / "report/report.json").read_text()),
                "html": masked((out / "report/index.html").read_text()),
                "amazon": amazon.left(),
                "mails": [mail_of(message) for message in mails.taken],
            }
        ours, theirs = results.values()
        for what in ours:
            if ours[what] != theirs[what]:
                sys.exit(f"{what}: leyden's\n{ours[what]}\nPython's\n{theirs[what]}")

print("| the nightly job | leyden | Python | Python's, leyden's = 1 |\n| --- | ---: | ---: | ---: |")
columns = [("first run", "{:.2f} s"), ("second run: no changes", "{:.2f} s"), ("largest resident set", "{:.0f} MiB")]
for at, (what, form) in enumerate(columns):
    ours, theirs = (statistics.median(row[at] for row in rows) for rows in measured.values())
    print(f"| {what} | {form.format(ours)} | {form.format(theirs)} | {theirs / ours:.1f} |")
