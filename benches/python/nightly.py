"""The nightly job in plain Python: what examples/nightly does with --live, step by step, with the modules that leyden mirrors.

nightly.py --url URL [--out DIR] [--endpoint-url URL] [--smtp HOST[:PORT]] [--to ADDRESS]
"""

import argparse
import concurrent.futures
import email.message
import html as entities
import json
import os
import platform
import re
import shutil
import smtplib
import subprocess
import sys
import time
import urllib.parse

import boto3
import botocore.exceptions
import bs4
import requests

PAGES, WORKERS, LARGEST, FULL, KEEP = 50, 4, 2 * 1024 * 1024, 95, 3
BUCKET, REGION, ARCHIVE = "nightly-reports", "eu-central-1", "report.zip"
TAG, VALUE = "Backup", "nightly"
SENDER = "nightly@example.com"


# The site.


def crawl(start):
    seen, todo, pages = {start}, [(start, "")], []
    show = sys.stderr.isatty()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        while todo and len(pages) < PAGES:
            count = min(WORKERS, PAGES - len(pages))
            row, todo = todo[:count], todo[count:]
            for page in workers.map(lambda entry: check(*entry), row):
                # Without its first page there is no site to speak of.
                if not pages and page["status"] is None:
                    raise RuntimeError("; ".join(page["problems"]))
                for link in page["links"]:
                    if same_site(start, link) and link not in seen:
                        seen.add(link)
                        todo.append((link, page["url"]))
                pages.append(page)
            if show:
                done, known = len(pages), len(pages) + len(todo)
                print(f"\r[{'#' * (done * 30 // known):<30}] {done} of {known} pages", end="" if todo else "\n", file=sys.stderr)
    problems = sum(len(page["problems"]) for page in pages)
    return pages, (f"{len(pages)} pages, {problems} problem{'' if problems == 1 else 's'}", False)


def check(url, linked_from):
    page = {"url": url, "linked_from": linked_from, "status": None, "title": "", "problems": [], "links": []}
    begun = time.monotonic()
    try:
        response = requests.get(url, timeout=10)
    except requests.RequestException as error:
        page["problems"].append(str(error))
        return page
    finally:
        page["took"] = int(1000 * (time.monotonic() - begun))
    page["status"] = response.status_code
    if not response.ok:
        page["problems"].append(f"answers {response.status_code}")
    elif len(response.content) > LARGEST:
        page["problems"].append(f"is {len(response.content) // 1024} KiB large")
    elif response.headers.get("Content-Type", "").startswith("text/html"):
        read(page, response.content, response.url)
    return page


def read(page, content, base):
    soup = bs4.BeautifulSoup(content, "html.parser")
    title = soup.find("title")
    page["title"] = title.get_text().strip() if title else ""
    if not page["title"]:
        page["problems"].append("has no title")
    if re.search(r"(?i)\b(lorem ipsum|TODO|FIXME)\b", soup.get_text(" ")):
        page["problems"].append("has a placeholder in its text")
    links = (urllib.parse.urljoin(base, tag["href"]) for tag in soup.find_all(["a", "area"], href=True))
    page["links"] = [link for link in (link.split("#")[0] for link in links) if link]


def same_site(start, link):
    return start.split("/")[:3] == link.split("/")[:3]


# The machine.


def collect():
    system = platform.platform(aliased=True)
    machine = [["host", platform.node()], ["system", system], ["processors", str(os.cpu_count())], ["byte order", sys.byteorder]]
    now = [["load", " ".join(f"{value:.2f}" for value in os.getloadavg())]]
    try:
        uptime = subprocess.run("uptime", capture_output=True, check=True, text=True, timeout=10)
        now.append(["uptime", uptime.stdout.strip()])
    except (OSError, subprocess.SubprocessError):
        pass  # not every machine has it
    df = subprocess.run(["df", "-P", "-k"], capture_output=True, check=True, text=True, timeout=10).stdout
    disks = [(mount, int(used)) for used, mount in re.findall(r"(?m)^/dev/\S+(?:\s+\d+){3}\s+(\d+)%\s+(/.*)$", df)]
    full = sum(used > FULL for _, used in disks)
    return (machine, now, disks), (f"{system}, {len(disks)} disks, {full} nearly full", False)


# The report.


def write(settings, pages, facts):
    machine, now, disks = facts
    directory = os.path.join(settings.out, "report")
    page, data, archive = (os.path.join(directory, "index.html"), os.path.join(directory, "report.json"), os.path.join(settings.out, ARCHIVE))
    full = [mount for mount, used in disks if used > FULL]
    found = [{name: entry[name] for name in ("url", "status", "title", "problems")} for entry in pages]
    state = {"site": settings.url, "pages": found, "machine": machine, "full": full}
    text = json.dumps(state, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    # Ports of loopback change from run to run; the site does not.
    fingerprint = f"{fnv(text.replace(settings.url, '/')):016x}"
    problems = len(full) + sum(len(entry["problems"]) for entry in pages)
    before = {}
    if os.path.exists(data):
        with open(data, encoding="utf-8") as file:
            before = json.load(file)
    if before.get("fingerprint") == fingerprint and os.path.exists(page) and os.path.exists(archive):
        done = (f"{page} is up to date", False)
    else:
        os.makedirs(directory, exist_ok=True)
        replace(page, render(settings, pages, facts, time.strftime("%A, %d %B %Y, %H:%M"), problems))
        state.update(fingerprint=fingerprint, problems=problems)
        replace(data, json.dumps(state, sort_keys=True, ensure_ascii=False, indent=2) + "\n")
        shutil.make_archive(os.path.join(settings.out, "report"), "zip", root_dir=directory)
        done = (f"written to {page}", True)
    with open(page, encoding="utf-8") as file:
        return {"fingerprint": fingerprint, "html": file.read(), "archive": archive, "problems": problems}, done


def replace(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def fnv(text):
    """FNV-1a: enough to tell two reports apart."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def render(settings, pages, facts, when, problems):
    machine, now, disks = facts
    verdict = "<p class=good>No problems.</p>" if not problems else f"<p class=bad>{problems} problem{'' if problems == 1 else 's'}.</p>"
    rows = ""
    for page in pages:
        linked = f" (linked from {page['linked_from']})" if page["linked_from"] and page["problems"] else ""
        remarks = entities.escape("; ".join(page["problems"]) + linked)
        url, title = entities.escape(page["url"]), entities.escape(page["title"])
        rows += f"<tr class={'bad' if page['problems'] else 'good'}><td>{page['status'] or '–'}<td><a href=\"{url}\">{url}</a>"
        rows += f"<td>{title}<td class=n>{page['took']} ms<td>{remarks}\n"
    facts_rows = "".join(f"<tr><th>{name}<td>{entities.escape(value)}\n" for name, value in machine + now)
    site = entities.escape(settings.url)
    return (
        '<!doctype html>\n<html lang=en><meta charset=utf-8><title>Nightly report</title>\n<link rel=icon href="data:,">\n'
        f"<style>{STYLE}</style>\n<h1>Nightly report</h1>\n<p>{when}, <a href=\"{site}\">{site}</a></p>\n{verdict}\n"
        f"<h2>How long the pages took</h2>\n{chart([(page['title'], page['took'], str(page['took']) + ' ms') for page in pages])}\n"
        f"<h2>Pages</h2>\n<table><tr><th>Status<th>Address<th>Title<th>Took<th>Remarks\n{rows}</table>\n"
        f"<h2>Disks</h2>\n{chart([(mount, used, f'{used} %') for mount, used in disks])}\n"
        f"<h2>Machine</h2>\n<table>{facts_rows}</table>\n</html>\n"
    )


def chart(bars):
    most = max([1.0] + [length for _, length, _ in bars])
    rows = ""
    for at, (name, length, label) in enumerate(bars):
        y, width = at * 24, max(length / most * 380, 1)
        rows += f"<text x=190 y={y + 14} text-anchor=end>{entities.escape(name)}</text><rect x=200 y={y + 2} width={width:.0f} height=16 rx=3 />"
        rows += f"<text x={width + 206:.0f} y={y + 14}>{label}</text>"
    return f"<svg role=img width=660 height={len(bars) * 24}>{rows}</svg>"


STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{margin-bottom:0}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd}"
    ".n{text-align:right}.good td:first-child{color:#178a3d}.bad td:first-child{color:#c02020}p.good{color:#178a3d}p.bad{color:#c02020}"
    "svg rect{fill:#4a7fc1}svg text{font-size:12px;fill:#444}"
)


# Amazon.


def back_up(settings, report):
    s3 = boto3.client("s3", region_name=REGION, endpoint_url=settings.endpoint_url)
    ensure_bucket(s3)
    try:
        there = s3.head_object(Bucket=BUCKET, Key=ARCHIVE)["Metadata"].get("fingerprint")
    except botocore.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        there = None
    new = there != report["fingerprint"]
    if new:
        s3.upload_file(report["archive"], BUCKET, ARCHIVE, ExtraArgs={"Metadata": {"fingerprint": report["fingerprint"]}})
    versions = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=ARCHIVE):
        versions += [version["VersionId"] for version in page.get("Versions", [])]  # newest first
    old = versions[KEEP:]
    for version in old:
        s3.delete_object(Bucket=BUCKET, Key=ARCHIVE, VersionId=version)
    text = f", {len(old)} old versions deleted" if old else " uploaded" if new else " is up to date"
    return None, (f"s3://{BUCKET}/{ARCHIVE}{text}", new or bool(old))


def ensure_bucket(s3):
    try:
        s3.head_bucket(Bucket=BUCKET)
    except botocore.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def snapshot(settings):
    ec2 = boto3.client("ec2", region_name=REGION, endpoint_url=settings.endpoint_url)
    tagged = {"Name": f"tag:{TAG}", "Values": [VALUE]}
    ready = {"Name": "status", "Values": ["available", "in-use"]}
    volumes = []
    for page in ec2.get_paginator("describe_volumes").paginate(Filters=[tagged, ready]):
        volumes += [volume["VolumeId"] for volume in page["Volumes"]]
    snapshots = {}
    for page in ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=[tagged]):
        for found in page["Snapshots"]:
            snapshots.setdefault(found["VolumeId"], []).append(found)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    made = deleted = 0
    for volume in volumes:
        of_volume = sorted(snapshots.get(volume, []), key=date, reverse=True)
        if not of_volume or date(of_volume[0]) != today:
            tags = [{"Key": TAG, "Value": VALUE}, {"Key": "Date", "Value": today}]
            specification = [{"ResourceType": "snapshot", "Tags": tags}]
            ec2.create_snapshot(VolumeId=volume, Description=f"nightly {today}", TagSpecifications=specification)
            made += 1
        # Today's counts among those that are kept.
        for old in [found for found in of_volume if date(found) != today][KEEP - 1 :]:
            ec2.delete_snapshot(SnapshotId=old["SnapshotId"])
            deleted += 1
    return None, (f"{len(volumes)} volumes, {made} snapshots made, {deleted} deleted", made + deleted > 0)


def date(found):
    """The day of a snapshot, as its tag says."""
    return next((tag["Value"] for tag in found.get("Tags", []) if tag["Key"] == "Date"), "")


# The mail.


def send(settings, report):
    marker = os.path.join(settings.out, "mailed.txt")
    if os.path.exists(marker):
        with open(marker, encoding="utf-8") as file:
            if file.read().strip() == report["fingerprint"]:
                return None, (f"{settings.to} has it already", False)
    problems = report["problems"]
    message = email.message.EmailMessage()
    message["From"], message["To"] = SENDER, settings.to
    message["Subject"] = "Nightly report: " + ("no problems" if not problems else f"{problems} problem{'' if problems == 1 else 's'}")
    message.set_content(f"{problems} problems. The report is in the HTML part, and attached.\n")
    message.add_alternative(report["html"], subtype="html")
    with open(report["archive"], "rb") as file:
        message.add_attachment(file.read(), maintype="application", subtype="zip", filename=ARCHIVE)
    host, _, port = settings.smtp.partition(":")
    with smtplib.SMTP(host, int(port or 0), timeout=30) as smtp:
        smtp.send_message(message)
    # A run that dies before this line mails once more, rather than never.
    replace(marker, report["fingerprint"] + "\n")
    return None, (f"sent to {settings.to}", True)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--out", default="target/nightly")
    options.add_argument("--endpoint-url")
    options.add_argument("--smtp", default="localhost")
    options.add_argument("--to", default="ops@example.com")
    settings = options.parse_args()
    changed, failures = False, 0

    def step(name, work, *args):
        nonlocal changed, failures
        try:
            value, (text, new) = work(*args)
        except Exception as error:  # a step that fails does not keep the others from being done
            print(f"{name:<8} FAILED: {error}")
            failures += 1
            return None
        print(f"{name:<8} {text}")
        changed |= new
        return value

    pages = step("site", crawl, settings.url) or []
    facts = step("machine", collect) or ([], [], [])
    if report := step("report", write, settings, pages, facts):
        step("backup", back_up, settings, report)
        step("mail", send, settings, report)
    step("volumes", snapshot, settings)
    if failures:
        print(f"{failures} step{'' if failures == 1 else 's'} failed.")
        sys.exit(1)
    print("All done." if changed else "All done: no changes.")


if __name__ == "__main__":
    main()
