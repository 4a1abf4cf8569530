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
HIGH, NIGHTS = 85, 30
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
        page["took"] = 1000 * (time.monotonic() - begun)
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
    disks, devices = [], set()
    for device, kib, used, mount in re.findall(r"(?m)^(/dev/\S+)\s+(\d+)\s+\d+\s+\d+\s+(\d+)%\s+(/.*)$", df):
        if device not in devices:  # one that is mounted at several places is the first of them
            devices.add(device)
            disks.append((mount, int(used), int(kib)))
    full = sum(used > FULL for _, used, _ in disks)
    return (machine, now, disks), (f"{system}, {len(disks)} disks, {full} nearly full", False)


# The report.


def write(settings, pages, facts):
    machine, now, disks = facts
    directory = os.path.join(settings.out, "report")
    page, data, archive = (os.path.join(directory, "index.html"), os.path.join(directory, "report.json"), os.path.join(settings.out, ARCHIVE))
    full = [mount for mount, used, _ in disks if used > FULL]
    found = [{name: entry[name] for name in ("url", "status", "title", "problems")} for entry in pages]
    state = {"site": settings.url, "pages": found, "machine": machine, "full": full, "hosts": []}
    text = json.dumps(state, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    # Ports of loopback change from run to run; the site does not.
    fingerprint = f"{fnv(text.replace(settings.url, '/')):016x}"
    problems = [("this machine", f"{mount} is {used} % full") for mount, used, _ in disks if used > FULL]
    for entry in pages:
        linked = f" (linked from {path_of(settings, entry['linked_from'])})" if entry["linked_from"] else ""
        problems += [(path_of(settings, entry["url"]), problem + linked) for problem in entry["problems"]]
    day, history = time.strftime("%Y-%m-%d", time.gmtime()), os.path.join(settings.out, "history.json")
    before, points = {}, []
    if os.path.exists(data):
        with open(data, encoding="utf-8") as file:
            before = json.load(file)
    if os.path.exists(history):
        with open(history, encoding="utf-8") as file:
            points = json.load(file)
    same = before.get("fingerprint") == fingerprint and points and points[-1]["day"] == day
    if same and os.path.exists(page) and os.path.exists(archive):
        done = (f"{page} is up to date", False)
    else:
        os.makedirs(directory, exist_ok=True)
        disk = max((used for _, used, _ in disks), default=0)
        points = [point for point in points if point["day"] != day]
        points = (points + [{"day": day, "problems": len(problems), "ms": median(pages), "disk": disk}])[-NIGHTS:]
        replace(page, render(settings, pages, facts, points, time.strftime("%A, %d %B %Y, %H:%M"), problems))
        state.update(fingerprint=fingerprint, problems=len(problems))
        replace(data, json.dumps(state, sort_keys=True, ensure_ascii=False, indent=2) + "\n")
        shutil.make_archive(os.path.join(settings.out, "report"), "zip", root_dir=directory)
        replace(history, json.dumps(points, indent=2) + "\n")
        done = (f"written to {page}", True)
    with open(page, encoding="utf-8") as file:
        html = file.read()
    return {"fingerprint": fingerprint, "version": f"{fingerprint}-{day}", "html": html, "archive": archive, "problems": len(problems)}, done


def path_of(settings, url):
    return url.removeprefix(settings.url.rstrip("/"))


def median(pages):
    times = sorted(entry["took"] for entry in pages if entry["status"] is not None)
    return round(times[len(times) // 2], 1) if times else 0.0


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


# The page: problems first, then trends, then the details.


def render(settings, pages, facts, points, when, problems):
    machine, now, disks = facts
    site = entities.escape(settings.url)
    rows = "".join(f"<tr><th>{name}<td>{escape(value)}\n" for name, value in machine + now)
    return (
        '<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content="width=device-width,initial-scale=1">\n'
        f'<title>Nightly report</title>\n<link rel=icon href="data:,">\n<style>\n{STYLE}</style>\n'
        f'<header>\n<h1>Nightly report</h1>\n<p>{when} · <a href="{site}">{site}</a>\n</header>\n'
        f"{verdict(problems)}{tiles(pages, disks, points)}<h2>Website</h2>\n{website(settings, pages)}<h2>Disks</h2>\n{disk_table(disks)}"
        f"<h2>This machine</h2>\n<table>\n{rows}</table>\n<footer></footer>\n</html>\n"
    )


def escape(text):
    return entities.escape(text, quote=False).replace('"', "&quot;")


def count(number, what):
    return f"{number} {what}" + ("" if number == 1 else "s")


def verdict(problems):
    if not problems:
        return '<p class="verdict good">No problems.</p>\n'
    items = "".join(f"<li><b>{escape(place)}</b> {escape(text)}\n" for place, text in problems)
    return f'<p class="verdict bad">{count(len(problems), "problem")}.</p>\n<ul class=problems>\n{items}</ul>\n'


def tiles(pages, disks, points):
    def tile(name, value, key, what):
        return f"<div class=tile><span>{name}</span><strong>{value}</strong>{sparkline([point[key] for point in points], points, what)}</div>\n"

    disk = max((used for _, used, _ in disks), default=0)
    return (
        "<div class=tiles>\n"
        + tile("Problems", points[-1]["problems"], "problems", "problems")
        + tile(f"Median of {count(len(pages), 'page')}", f"{median(pages):.1f} ms", "ms", "ms")
        + tile("Fullest disk here", f"{disk} %", "disk", "%")
        + "</div>\n"
    )


def sparkline(values, points, what):
    if len(values) < 2:
        return "<small>no earlier nights</small>"
    most = max([1.0, *values])
    line = [(3 + at * 114 / (len(values) - 1), 33 - value / most * 28) for at, value in enumerate(values)]
    x, y = line[-1]
    return (
        f'<svg viewBox="0 0 120 36" preserveAspectRatio=xMinYMid role=img aria-label="{what}, {points[0]["day"]} to {points[-1]["day"]}, at most {most:.1f}">'
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in line)}" /><circle cx="{x:.1f}" cy="{y:.1f}" r="3" /></svg>'
        f"<small>{len(values)} nights, at most {most:.1f}</small>"
    )


def bar(percent, kind):
    return f'<div class=bar><i class={kind} style="width:{min(max(percent, 1), 100):.0f}%"></i></div>'


def website(settings, pages):
    slowest, rows = max(entry["took"] for entry in pages), ""
    for entry in sorted(pages, key=lambda entry: not entry["problems"]):
        path = path_of(settings, entry["url"])
        remarks = f"<small class=bad>{escape('; '.join(entry['problems']))}</small>" if entry["problems"] else ""
        rows += f"<tr><td class=\"{'bad' if entry['problems'] else 'good'} narrow\">{entry['status'] or '–'}"
        rows += f'<td><a href="{escape(entry["url"])}">{escape(entry["title"] or path)}</a> <small>{escape(path) if entry["title"] else ""}</small>{remarks}'
        rows += f"<td class=wide>{bar(100 * entry['took'] / slowest, 'time')}<td class=n>{entry['took']:.1f} ms\n"
    return f"<table>\n<tr><th class=narrow>Status<th>Page<th class=wide>Time<th>\n{rows}</table>\n"


def disk_table(disks):
    rows = ""
    for mount, used, kib in disks:
        kind = "bad" if used > FULL else "high" if used > HIGH else "good"
        rows += f"<tr><td>this machine<td><code>{escape(mount)}</code><td>{bar(used, kind)}<td class=n>{used} %"
        rows += f'<td class="n wide">{kib / 2**20:.1f} GiB\n'
    return f"<table>\n<tr><th>Machine<th>Mounted on<th>Used<th><th class=wide>\n{rows}</table>\n"


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/nightly/style.css"), encoding="utf-8") as file:
    STYLE = file.read()


# Amazon.


def declare(settings):
    """Makes the bucket, or changes what differs from this."""
    s3 = boto3.client("s3", region_name=REGION, endpoint_url=settings.endpoint_url)
    versioning = {"Status": "Enabled"}
    access = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    rules = [{"ID": "scratch", "Filter": {"Prefix": "scratch/"}, "Status": "Enabled", "Expiration": {"Days": 30}}]
    tags = [{"Key": "job", "Value": "nightly"}]
    changed = False
    try:
        s3.head_bucket(Bucket=BUCKET)
    except botocore.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        changed = True

    def read(get, name):
        try:
            return get(Bucket=BUCKET).get(name)
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            return None

    if read(s3.get_bucket_versioning, "Status") != "Enabled":
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioning)
        changed = True
    if read(s3.get_public_access_block, "PublicAccessBlockConfiguration") != access:
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=access)
        changed = True
    if read(s3.get_bucket_lifecycle_configuration, "Rules") != rules:
        s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})
        changed = True
    if read(s3.get_bucket_tagging, "TagSet") != tags:
        s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": tags})
        changed = True
    return None, (f"s3://{BUCKET} {'set up' if changed else 'is as declared'}", changed)


def back_up(settings, report):
    s3 = boto3.client("s3", region_name=REGION, endpoint_url=settings.endpoint_url)
    try:
        there = s3.head_object(Bucket=BUCKET, Key=ARCHIVE)["Metadata"].get("fingerprint")
    except botocore.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        there = None
    new = there != report["version"]
    if new:
        s3.upload_file(report["archive"], BUCKET, ARCHIVE, ExtraArgs={"Metadata": {"fingerprint": report["version"]}})
    old = []
    if there is not None:  # what was just uploaded for the first time has no older versions
        versions = []
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=ARCHIVE):
            versions += [version["VersionId"] for version in page.get("Versions", [])]  # newest first
        old = versions[KEEP:]
    for version in old:
        s3.delete_object(Bucket=BUCKET, Key=ARCHIVE, VersionId=version)
    text = f", {len(old)} old versions deleted" if old else " uploaded" if new else " is up to date"
    return None, (f"s3://{BUCKET}/{ARCHIVE}{text}", new or bool(old))


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

    step("bucket", declare, settings)
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
