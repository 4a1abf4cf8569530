#!/usr/bin/env python3
"""Runs the ports among the examples and their Python originals on the same input: python3 tests/ports/compare.py DIRECTORY

DIRECTORY holds the built examples. What both print, and their exit codes, must be the same.
"""
import gzip
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = pathlib.Path(sys.argv[1]).resolve()
TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", re.M)


def both(name, args, prepare, path=False):
    """Runs both in directories of their own, which are first in the search path if `path` is true."""
    answers = []
    for program in ([EXAMPLES / name], [sys.executable, HERE / f"{name}.py"]):
        with tempfile.TemporaryDirectory() as work:
            prepare(pathlib.Path(work))
            environ = {**os.environ, "PATH": f"{work}:{os.environ['PATH']}"} if path else None
            run = subprocess.run([*program, *args], cwd=work, capture_output=True, text=True, env=environ)
            answers.append((TIME.sub("", run.stdout), run.stderr, run.returncode))
    if answers[0] != answers[1]:
        sys.exit(f"{name} {args}: the port gives\n{answers[0]}\nand the original\n{answers[1]}")
    return answers[0]


def log(rng, lines):
    """Lines of the combined format, and some that are not."""
    out = []
    for _ in range(lines):
        page = rng.choice(["/", "/cart?item=%d" % rng.randrange(9), "/caf\u00e9", "/pay", "/a%20b", "*"])
        method = rng.choice(["GET", "POST", "HEAD", "get"])
        size = rng.choice(["-", "0", str(rng.randrange(10**7))])
        client = rng.choice(["198.51.100.%d" % rng.randrange(5), "2001:db8::%x" % rng.randrange(4)])
        tail = rng.choice([' "-" "curl/8"', "", ' "https://a.test/" "Mozilla \\x22"', ' "-"'])
        status = rng.choice([200, 200, 200, 301, 304, 404, 500, 502, 99])
        line = f'{client} - - [01/Jan/2026:00:00:00 +0000] "{method} {page} HTTP/1.1" {status} {size}{tail}'.encode()
        out.append(rng.choice([line] * 9 + [b"\xff" + line, line + b"\r", b"", b"\x16\x03\x01"]))
    return b"\n".join(out) + rng.choice([b"", b"\n"])


def nginx():
    for seed in range(20):
        def prepare(work, seed=seed):
            rng = random.Random(seed)
            (work / "access.log").write_bytes(log(rng, 400))
            packed = gzip.compress(log(rng, 200), mtime=0) + gzip.compress(log(rng, 50), mtime=0)
            (work / "access.log.1.gz").write_bytes(packed)

        args = [["access.log"], ["--top", "3", "access.log", "access.log.1.gz"], ["--limit", "20", "access.log.1.gz"]][seed % 3]
        both("nginx_report", args, prepare)


def watchdog():
    # A systemctl of our own: the answers of each unit, one a line and the last for ever.
    script = """#!/bin/sh
cd "${0%/*}"
head -n 1 "$3.$2" >answer
[ "$(wc -l <"$3.$2")" -gt 1 ] && sed -i 1d "$3.$2"
exit "$(cat answer)"
"""
    for seed in range(10):
        def prepare(work, seed=seed):
            rng = random.Random(seed)
            (work / "systemctl").write_text(script)
            (work / "systemctl").chmod(0o755)
            for unit in ("web", "db", "cache"):
                for verb in ("is-active", "restart"):
                    answers = [rng.choice(["0", "0", "3"]) for _ in range(8)]
                    (work / f"{unit}.{verb}").write_text("\n".join(answers) + "\n")

        args = ["--interval", "0.01", "--rounds", "9", "--give-up", str(1 + seed % 3), "web", "db", "cache"]
        both("watchdog", args, prepare, path=True)


nginx()
watchdog()
print("nginx_report and watchdog print what their originals print")
