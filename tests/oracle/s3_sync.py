"""What the real `aws s3 sync` does: run over directories and a moto server, with files and objects of chosen times.

Writes tests/oracle/data/s3_sync.jsonl: a situation a line, with what the command printed, its exit status and what was left on both sides.
Runs with what tests/servers/requirements.txt has; LEYDEN_AWS names the `aws` of requirements-s3-sync.txt, which needs an environment of
its own. Nothing in it is random. Times are seconds from the start of 2026, below 1000; "now" is any time after.
"""

import sys

sys.path.pop(0)  # the programs beside this one are named after the modules that it imports

import datetime
import json
import logging
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import boto3
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

os.environ.update(AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="S", AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true")
AWS = os.environ.get("LEYDEN_AWS", "aws")
EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
SERVER = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
SERVER.start()
URL = "http://%s:%s" % SERVER.get_host_and_port()
S3 = boto3.client("s3", endpoint_url=URL)
HOME = pathlib.Path(tempfile.mkdtemp()).resolve()
OUT = []


def when(seconds):
    return seconds if seconds < 10_000 else "now"


def objects():
    found = {}
    for bucket in ("bucket", "other"):
        for name, key in (s3_backends["123456789012"]["aws"].buckets[bucket].keys.items()):
            modified = key.last_modified.replace(tzinfo=datetime.timezone.utc)
            found[f"{bucket}/{name}"] = [key.value.decode(), when((modified - EPOCH).total_seconds())]
    return dict(sorted(found.items()))


def files():
    found = {}
    for at, directories, names in os.walk(HOME):
        for name in sorted(directories + names):
            path = pathlib.Path(at, name)
            stat, local = path.lstat(), str(path.relative_to(HOME))
            if path.is_symlink():
                found[local] = ["link", os.readlink(path).replace(str(HOME), "/w")]
            elif path.is_dir():
                found[local] = ["directory"]
            elif path.is_file():
                found[local] = [path.read_text(), when(round(stat.st_mtime - EPOCH.timestamp(), 6))]
    return dict(sorted(found.items()))


def run(arguments):
    arguments = [one.replace("/w/", f"{HOME}/") for one in arguments]
    environment = dict(os.environ, AWS_ENDPOINT_URL=URL, AWS_MAX_ATTEMPTS="1", HOME="/nonexistent", LC_ALL="C.UTF-8")
    command = [AWS, "s3", "sync", "--no-progress", *arguments]
    ended = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True)
    # A line may have line breaks of a name in it: a line begins as these do.
    said = re.split(r"\n(?=\(dryrun\) |upload|download|copy|delete|warning: |fatal error: |\Z)", ended.stdout + "\n" + ended.stderr)
    lines = [line.replace(str(HOME), "/w").strip("\n") for line in said]
    return dict(args=[one.replace(str(HOME), "/w") for one in arguments], lines=sorted(filter(None, lines)), status=ended.returncode)


def case(name, *commands, local=(), remote=(), links=(), empty=("d",)):
    """`local` and `remote` are name -> (text, time[, storage class]); each command is what follows `aws s3 sync`."""
    local, remote, links = dict(local), dict(remote), dict(links)
    s3_backends.reset()
    shutil.rmtree(HOME)
    HOME.mkdir()
    for bucket in ("bucket", "other"):
        S3.create_bucket(Bucket=bucket)
    for path, (text, *more) in remote.items():
        bucket, key = path.split("/", 1)
        S3.put_object(Bucket=bucket, Key=key, Body=text.encode(), StorageClass=more[1] if len(more) > 1 else "STANDARD")
        modified = EPOCH + datetime.timedelta(seconds=more[0])
        s3_backends["123456789012"]["aws"].buckets[bucket].keys[key].last_modified = modified.replace(tzinfo=None)
    for directory in empty:
        HOME.joinpath(directory).mkdir(parents=True)
    for path, (text, time) in local.items():
        path = HOME / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (EPOCH.timestamp() + time,) * 2)
    for path, target in links.items():
        path = HOME / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    runs = [run(command if isinstance(command, list) else command.split()) for command in commands]
    links = {path: str(target).replace(str(HOME), "/w") for path, target in links.items()}
    before = dict(local=local, remote=remote, links=links, empty=empty)
    OUT.append(dict(name=name, before=before, runs=runs, local=files(), remote=objects()))


def three_ways(name, options, source, target, **more):
    """The same names on both sides: up, down, and between two buckets. The directory's times are told as they are."""
    options = options.split() if isinstance(options, str) else options
    at = lambda prefix, side: {f"{prefix}{key}": value for key, value in side.items()}
    case(f"{name}: up", ["d", "s3://bucket/p", *options], local=at("d/", source), remote=at("bucket/p/", target), **more)
    case(f"{name}: down", ["s3://bucket/p", "d", *options], local=at("d/", target), remote=at("bucket/p/", source), **more)
    case(f"{name}: across", ["s3://bucket/p", "s3://other/q", *options], remote=at("bucket/p/", source) | at("other/q/", target))


TREE = {name: (name, 10) for name in ("a.html", "a.tmp", "b.tmp", "sub/a.html", "sub/b.tmp", "sub/deep/a.html", "sub/deep/c.tmp", "sub.tmp/x")}
ODD = {name: ("odd", 10) for name in (
    "with space", "plus+plus", "per%20cent", "per%cent", "umlaut-ä", "umlaut-a\u0308", "日本", "emoji-\U0001f980", "\uff5e", "amp&=?#", "quote'\"", "a,b;c",
    "star*", "[x]", "back\\slash", "tilde~", "dollar$", "tab\t", " leading", "trailing ", "...", "..two", "dots..", ".hidden", "-dash", "s3:", "a:b@c")}


def comparisons():
    old, new = {"x": ("text", 10)}, {"x": ("TEXT", 20)}
    three_ways("new", "", old, {})
    three_ways("nothing anywhere", "", {}, {})
    three_ways("another size, source newer", "", {"x": ("longer", 20)}, old)
    three_ways("another size, source older", "", {"x": ("longer", 10)}, {"x": ("text", 20)})
    three_ways("same size, source newer", "", new, old)
    three_ways("same size, source older", "", old, new)
    three_ways("same size, same time", "", {"x": ("TEXT", 10)}, old)
    for option in ("--size-only", "--exact-timestamps", "--size-only --exact-timestamps"):
        three_ways(f"{option}, source newer", option, new, old)
        three_ways(f"{option}, source older", option, old, new)
        three_ways(f"{option}, same time", option, {"x": ("TEXT", 10)}, old)
        three_ways(f"{option}, another size", option, {"x": ("longer", 10)}, old)
    # A file's time has a fraction, an object's has none.
    for time in (9.75, 10.25, 10.000001):
        for options in ("", "--exact-timestamps"):
            case(f"a fraction of a second {time} {options}: up", f"d s3://bucket/p {options}", local={"d/x": ("TEXT", time)}, remote={"bucket/p/x": ("text", 10)})
            case(f"a fraction of a second {time} {options}: down", f"s3://bucket/p d {options}", local={"d/x": ("TEXT", time)}, remote={"bucket/p/x": ("text", 10)})
    three_ways("empty files", "", {"empty": ("", 10), "new/empty": ("", 10)}, {"empty": ("", 5)})
    three_ways("some of each", "--delete", {"both": ("b", 10), "new": ("n", 10), "size": ("larger", 10), "x/y/z": ("z", 10)},
               {"both": ("b", 10), "old": ("o", 10), "size": ("s", 10), "x/y/old": ("o", 10), "x.y": ("o", 10)})
    case("twice up", "d s3://bucket/p", "d s3://bucket/p", local={"d/x": ("x", 10), "d/s/y": ("y", 20.5)})
    case("twice down", "s3://bucket/p d", "s3://bucket/p d --exact-timestamps", remote={"bucket/p/x": ("x", 10), "bucket/p/s/y": ("y", 20)})
    case("twice across", "s3://bucket/p s3://other", "s3://bucket/p s3://other", remote={"bucket/p/x": ("x", 10), "bucket/p/s/y": ("y", 20)})
    case("there and back", "d s3://bucket", "s3://bucket e", "e s3://other/e/", local={"d/x": ("x", 10), "d/s/y": ("y", 20.5)})


def deletions():
    source, target = {"keep": ("k", 10)}, {"keep": ("k", 10), "gone": ("g", 10), "sub/gone": ("g", 10), "gone.log": ("l", 10)}
    three_ways("left alone without --delete", "", source, target)
    three_ways("--delete", "--delete", source, target)
    three_ways("--delete --dryrun", "--delete --dryrun", source | {"new": ("n", 10)}, target)
    three_ways("--dryrun", "--dryrun", source | {"new": ("n", 10)}, target)
    three_ways("excluded files are not deleted", ["--delete", "--exclude", "*.log"], source, target)
    three_ways("excluded of both sides", ["--delete", "--exclude", "gone*"], source | {"gone": ("other", 20)}, target)
    three_ways("all excluded", ["--delete", "--exclude", "*"], source, target)
    three_ways("an empty source deletes all", "--delete", {}, target)
    three_ways("a file where a directory was", "--delete", {"x": ("file", 10)}, {"x/y": ("y", 10), "x/z/z": ("z", 10)})
    three_ways("a directory where a file was", "--delete", {"x/y": ("y", 10), "x/z/z": ("z", 10)}, {"x": ("file", 10)})
    three_ways("a directory where a file is", "", {"x/y": ("y", 10), "z": ("z", 10)}, {"x": ("file", 10)})
    three_ways("a directory where an excluded file is", ["--delete", "--exclude", "x"], {"x/y": ("y", 10)}, {"x": ("file", 10)})
    case("a deep directory where a file was", "s3://bucket d --delete", local={"d/x/y": ("file", 10), "d/w": ("w", 10)}, remote={"bucket/x/y/z/1": ("1", 10), "bucket/x/y/z/2": ("2", 10)})
    case("directories remain", "s3://bucket d --delete", local={"d/x/y/z": ("z", 10), "d/a": ("a", 10)}, remote={"bucket/a": ("a", 10)})
    case("markers are not deleted", "d s3://bucket --delete", local={"d/a": ("a", 10)}, remote={"bucket/s/": ("", 10), "bucket/t/": ("text", 10), "bucket/s/x": ("x", 10)})
    case("the prefix's own marker", "d s3://bucket/s --delete", local={"d/a": ("a", 10)}, remote={"bucket/s/": ("", 10), "bucket/s/x": ("x", 10)})


def patterns():
    for number, options in enumerate((
        ["--exclude", "*.tmp"], ["--exclude", "*"], ["--exclude", "*", "--include", "*.html"], ["--include", "*.html", "--exclude", "*"],
        ["--include", "*.html"], ["--exclude", "sub/*"], ["--exclude", "sub*"], ["--exclude", "sub/"], ["--exclude", "sub"],
        ["--exclude", "sub/*", "--include", "sub/deep/*"], ["--exclude", "*/deep/*"], ["--exclude", "*deep*"], ["--exclude", "?.tmp"],
        ["--exclude", "sub?tmp*"], ["--exclude", "[ab].*"], ["--exclude", "[!a].*"], ["--exclude", "a.html"], ["--exclude", "*a.html"],
        ["--exclude", "*/a.html"], ["--exclude", "./a.html"], ["--exclude", "A.HTML"], ["--exclude", ""], ["--exclude", "**/*.tmp"],
        ["--exclude", "*", "--include", "*.tmp", "--exclude", "sub/*"], ["--exclude", "*.tmp", "--include", "b.tmp", "--exclude", "*"],
        ["--exclude", "*", "--include", "sub/*.html", "--include", "a.*"], ["--exclude", "[", "--exclude", "sub/[d]*"], ["--exclude", "[a-"],
        ["--exclude", "/w/d/a.*"], ["--exclude", "/a.*"], ["--exclude", "../d/a.*"], ["--exclude", "s3://bucket/p/a.*"],
    )):
        case(f"patterns {number}: up", ["d", "s3://bucket/p", "--delete", *options],
             local={f"d/{name}": value for name, value in TREE.items()}, remote={"bucket/p/gone.tmp": ("g", 10), "bucket/p/sub/gone.html": ("g", 10)})
        case(f"patterns {number}: down", ["s3://bucket/p", "d", "--delete", *options],
             remote={f"bucket/p/{name}": value for name, value in TREE.items()}, local={"d/gone.tmp": ("g", 10), "d/sub/gone.html": ("g", 10)})
    case("patterns across", ["s3://bucket/p", "s3://other", "--exclude", "*.tmp", "--include", "sub/*", "--exclude", "*/deep/*", "--delete"],
         remote={f"bucket/p/{name}": value for name, value in TREE.items()} | {"other/gone.tmp": ("g", 10), "other/sub/gone.tmp": ("g", 10)})
    case("an absolute pattern of the source, with --delete", ["d", "s3://bucket/p", "--delete", "--exclude", "/w/d/a.*"],
         local={"d/a.x": ("longer", 20), "d/b": ("b", 20)}, remote={"bucket/p/a.x": ("a", 10)})
    case("a root with a pattern's characters", ["d[1]", "s3://bucket", "--exclude", "*.tmp"], local={"d[1]/a.tmp": ("a", 10), "d[1]/b": ("b", 10)})
    case("a prefix with a pattern's characters", ["s3://bucket/p*", "d", "--exclude", "*.tmp"], remote={"bucket/p*/a.tmp": ("a", 10), "bucket/p*/b": ("b", 10)})
    case("a line break in an excluded name", ["d", "s3://bucket", "--exclude", "a*b"], local={"d/a\nb": ("a", 10), "d/c": ("c", 10)})
    case("a broken link that is excluded", ["d", "s3://bucket", "--exclude", "broken"], local={"d/x": ("x", 10)}, links={"d/broken": "nowhere"})
    nested = {"bucket/x": ("x", 20), "bucket/y": ("y", 20), "bucket/backup/x": ("x", 30), "bucket/backup/old": ("o", 30)}
    case("into a prefix of the source", "s3://bucket s3://bucket/backup", remote=nested)
    case("into a prefix of the source, which is excluded", ["s3://bucket", "s3://bucket/backup", "--exclude", "backup/*", "--delete"], remote=nested)


def places():
    objects = {f"bucket/{key}": (key, 10) for key in ("p", "p/x", "p/s/y", "pp/x", "p.x", "q/p/x", "x")}
    for source in ("s3://bucket/p", "s3://bucket/p/", "s3://bucket", "s3://bucket/", "s3://bucket/p/s", "s3://bucket/p/x", "s3://bucket/none", "s3://bucket//p", "s3://bucket/p//"):
        case(f"from {source}", f"{source} d", remote={key: value for key, value in objects.items() if key != "bucket/p"})
        case(f"from {source} across", f"{source} s3://other/to", remote=objects)
    for target in ("s3://other", "s3://other/", "s3://other/t", "s3://other/t/", "s3://other/t/u/", "s3://other//", "s3://other//t", "s3://other/t//"):
        case(f"to {target}", f"d {target} --delete", local={"d/x": ("x", 10), "d/s/y": ("y", 10)},
             remote={f"other/{key}": (key, 5) for key in ("t", "t/old", "tt", "t.x", "t/u/old", "/t/old", "t//old", "/old")})
    for place in ("d", "d/", "./d", "d/.", "/w/d", "d//", "d/../d", "d/s", ".", "e/../d"):
        case(f"of {place}", f"{place} s3://bucket", local={"d/x": ("x", 10), "d/s/y": ("y", 10)}, empty=("d", "e"))
        case(f"into {place}", f"s3://bucket {place} --delete", local={"d/old": ("x", 10)}, remote={"bucket/x": ("x", 10), "bucket/s/y": ("y", 10)}, empty=("d", "e"))
    case("into no directory", "s3://bucket new/deep", remote={"bucket/x": ("x", 10)})
    case("into no directory, nothing", "s3://bucket/none new/deep")
    case("into no directory, --dryrun", "s3://bucket new --dryrun", remote={"bucket/x": ("x", 10)})
    case("no source directory", "none s3://bucket --delete", remote={"bucket/x": ("x", 10)})
    case("no source bucket", "s3://nobody d --delete", local={"d/x": ("x", 10)})
    case("no source bucket, no directory", "s3://nobody new")
    case("no target bucket", "d s3://nobody", local={"d/x": ("x", 10)})
    case("no bucket across", "s3://bucket s3://nobody", remote={"bucket/x": ("x", 10)})
    case("no side in S3", "d e", local={"d/x": ("x", 10)})
    case("a file as the source", "d/x s3://bucket", local={"d/x": ("x", 10)})
    case("a file as the target", "s3://bucket d/x", local={"d/x": ("x", 10)}, remote={"bucket/y": ("y", 10)})
    case("empty directories", "d s3://bucket --delete", local={"d/x": ("x", 10)}, empty=("d", "d/e", "d/f/g"))
    case("an empty directory", "d s3://bucket")
    case("in the way of a directory", "s3://bucket d", local={"d/x": ("x", 10)}, remote={"bucket/x/y": ("y", 10), "bucket/z": ("z", 10)})
    case("a directory in the way", "s3://bucket d", empty=("d/x/y",), remote={"bucket/x": ("x", 10), "bucket/z": ("z", 10)})
    case("an empty directory in the way", "s3://bucket d", empty=("d/x",), remote={"bucket/x": ("x", 10), "bucket/z": ("z", 10)})


def links():
    local = {"d/x": ("x", 10), "e/y": ("y", 10), "e/s/z": ("z", 10)}
    ways = {"d/file": "../e/y", "d/directory": "../e", "d/broken": "nowhere", "d/absolute": str(HOME / "e/y")}
    for option in ("", "--follow-symlinks", "--no-follow-symlinks"):
        case(f"links up {option}", f"d s3://bucket --delete {option}", local=local, links=ways,
             remote={f"bucket/{key}": ("old", 5) for key in ("file", "directory/y", "directory/gone", "broken", "broken/x", "gone")})
        case(f"links down {option}", f"s3://bucket d {option}", local=local, links=ways,
             remote={f"bucket/{key}": ("new", 20) for key in ("file", "directory/y", "directory/new", "absolute")})
        case(f"links down and nothing there {option}", f"s3://bucket d --delete {option}", local=local, links=ways)
        case(f"a link as the source {option}", f"link s3://bucket {option}", local=local, links={"link": "e"})
        case(f"a link as the target {option}", f"s3://bucket link --delete {option}", local=local, links={"link": "e"}, remote={"bucket/new": ("n", 10)})
    case("links down to a broken one", "s3://bucket d", local=local, links=ways, remote={"bucket/broken": ("b", 10)})
    case("a circle, not followed", "d s3://bucket --no-follow-symlinks", local=local, links={"d/circle": "."})
    case("a circle", "d s3://bucket", local={"d/x": ("x", 10)}, links={"d/circle": "."})
    case("a link of links", "d s3://bucket", local=local, links={"d/one": "two", "d/two": "../e/y"})
    case("a link to itself", "d s3://bucket", local=local, links={"d/self": "self"})


def names():
    three_ways("odd names", "", ODD, {})
    three_ways("odd names that are there", "--delete", ODD, {name: ("longer", 5) for name in ODD})
    three_ways("odd names that are gone", "--delete", {}, ODD)
    for key in ("../up", "a/../../up", "a/../b", "a/..", "..", "/abs", "//abs", "a//b", "./dot", "a/./b", "a/.", ".", "a/", "a/b/", "/../up", "../d/x", "../d2/x", "a/../../d/x"):
        remote = {f"bucket/p/{key}": ("text", 10), "bucket/p/ok": ("ok", 10)}
        case(f"the key {key!r}: down", "s3://bucket/p d --delete", local={"d/here": ("h", 10)}, remote=remote)
        case(f"the key {key!r}: across", "s3://bucket/p s3://other/q", remote=remote)
        case(f"the key {key!r}: there", "d s3://bucket/p --delete", local={"d/ok": ("ok", 10)}, remote=remote)
    for text in ("", "text"):
        remote = {"bucket/p/": (text, 10), "bucket/p/s/": (text, 10), "bucket/p/s/x": ("x", 10), "bucket/p/t/": (text, 10)}
        case(f"markers {text!r}: down", "s3://bucket/p d", remote=remote)
        case(f"markers {text!r}: across", "s3://bucket/p s3://other/q --delete", remote=remote | {"other/q/u/": (text, 10)})
        case(f"markers {text!r}: there", "d s3://bucket/p --delete", remote=remote)
    case("names by bytes", "d s3://bucket --delete", local={f"d/{name}": (name, 10) for name in ("a/b", "a-b", "a.b", "a", "A", "a0b", "ab") if name != "a"},
         remote={f"bucket/{name}": (name, 20) for name in ("a/b", "a-b", "a.b", "a", "A", "a0b", "ab", "a!b")})


def options():
    archive = {"bucket/cold": ("c", 10, "GLACIER"), "bucket/deep": ("d", 10, "DEEP_ARCHIVE"), "bucket/instant": ("i", 10, "GLACIER_IR"), "bucket/warm": ("w", 10)}
    for option in ("", "--ignore-glacier-warnings"):
        case(f"archived down {option}", f"s3://bucket d --delete {option}", local={"d/cold": ("x", 10), "d/deep": ("longer", 10)}, remote=archive)
        case(f"archived across {option}", f"s3://bucket s3://other {option}", remote=archive)
        case(f"archived down, dry {option}", f"s3://bucket d --dryrun {option}", remote=archive)
    case("archived there", "d s3://bucket --delete", local={"d/cold": ("longer", 20)}, remote=archive)
    for way in ("ignore", "skip", "warn", "error"):
        case(f"--case-conflict {way}", f"s3://bucket d --dryrun --case-conflict {way}", local={"d/there": ("t", 5)},
             remote={f"bucket/{key}": ("k", 10) for key in ("A/b", "A/c", "a/b", "x", "X", "y", "there")})
        case(f"--case-conflict {way}, none", f"s3://bucket d --dryrun --case-conflict {way}", remote={f"bucket/{key}": ("k", 10) for key in ("A", "b")})
        case(f"--case-conflict {way}, in the way", f"s3://bucket d --dryrun --case-conflict {way}", empty=("d/x",), remote={"bucket/x": ("x", 10), "bucket/y": ("y", 10)})
        case(f"--case-conflict {way}, up", f"d s3://bucket --dryrun --case-conflict {way}", local={"d/A": ("a", 10), "d/a": ("a", 10)})
    case("--page-size", "s3://bucket d --page-size 2 --delete", local={"d/b": ("b", 10), "d/old": ("o", 10)}, remote={f"bucket/{key}": (key, 10) for key in "abcde"})
    case("--request-payer", "s3://bucket s3://other --request-payer requester --delete", remote={"bucket/x": ("x", 10), "other/y": ("y", 10)})


def ways_to_write_a_place():
    """`s3://` and a bucket, or an ARN: which is the bucket, which the key."""
    arn = "arn:aws:s3:us-west-2:123456789012:accesspoint"
    outposts = "arn:aws:s3-outposts:us-west-2:123456789012:outpost"
    texts = [
        "b", "b/", "b/k", "b/k/", "b//k", "b/k/l", f"{arn}/ap", f"{arn}/ap/", f"{arn}/ap/k", f"{arn}/ap/k/l/", f"{arn}:ap", f"{arn}:ap/k", f"{arn}/ap:k",
        f"{arn}/ap//k", "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/ap/k", "arn:aws:s3::123456789012:accesspoint/global.mrap/k",
        f"{outposts}/op-0/accesspoint/ap", f"{outposts}/op-0/accesspoint/ap/k", f"{outposts}:op-0:accesspoint:ap:k/l", f"{outposts}/op-0/accesspoint/ap//k",
        "arn:aws:s3:us-west-2:1234:accesspoint/ap/k", "arn:aws:s3:::b/k", f"{arn}", f"{arn}/",
    ]
    program = "import json,sys; from awscli.customizations.s3.utils import find_bucket_key as f; print(json.dumps([f(t) for t in json.load(sys.stdin)]))"
    python = str(pathlib.Path(shutil.which(AWS)).with_name("python"))
    answers = subprocess.run([python, "-c", program], input=json.dumps(texts), capture_output=True, text=True, check=True).stdout
    OUT.extend(dict(text=text, split=answer) for text, answer in zip(texts, json.loads(answers)))


def main():
    """All groups into the data file, or those that are named (in this order) to the standard output."""
    groups = (comparisons, deletions, patterns, places, links, names, options, ways_to_write_a_place)
    wanted = sys.argv[1:]
    for ask in groups:
        if not wanted or ask.__name__ in wanted:
            ask()
    path = pathlib.Path("/dev/stdout") if wanted else pathlib.Path(__file__).parent / "data" / "s3_sync.jsonl"
    path.write_text("".join(json.dumps(row, separators=(",", ":"), sort_keys=True) + "\n" for row in OUT))
    shutil.rmtree(HOME)


main()
