#!/usr/bin/env python3
"""Report what is in the access logs of nginx: the original of examples/nginx_report.rs."""
import argparse
import collections
import gzip
import re
import sys

LINE = re.compile(
    r'(?P<client>\S+) \S+ \S+ \[(?P<time>[^]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" '
    r'(?P<status>\d{3}) (?P<bytes>\d+|-)(?: "[^"]*" "[^"]*")?\s*$'
)


def lines(log):
    with (gzip.open if log.endswith(".gz") else open)(log, "rb") as file:
        for line in file:
            yield line.removesuffix(b"\n").decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--limit", type=float)
    args = parser.parse_args()
    requests = traffic = unreadable = errors = 0
    counters = {name: collections.Counter() for name in ("status", "page", "client")}
    for log in args.logs:
        for line in lines(log):
            found = LINE.match(line)
            if not found:
                unreadable += 1
                continue
            requests += 1
            traffic += 0 if found["bytes"] == "-" else int(found["bytes"])
            errors += found["status"].startswith("5")
            counters["status"][found["status"]] += 1
            counters["page"][found["path"].split("?")[0]] += 1
            counters["client"][found["client"]] += 1
    print(f"{requests} requests, {traffic / 1048576:.1f} MiB, {errors} errors, {unreadable} unreadable lines")
    for title, counter in counters.items():
        print(f"{title:>8}")
        for key, count in counter.most_common(args.top):
            print(f"{count:8} {key}")
    failed = 100 * errors / max(requests, 1)
    if args.limit is not None and failed > args.limit:
        sys.exit(f"{failed:.1f} % of the requests failed")


main()
