"""What programs/log.rs does, in Python: python3 log.py PATH."""

import re
import sys

PATTERN = re.compile(
    r'(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d+|-)'
)
lines = failed = sent = length = 0
with open(sys.argv[1], encoding="utf-8") as log:
    for line in log:
        if found := PATTERN.match(line):
            host, user, time, request, status, size = (found[name] for name in ("host", "user", "time", "request", "status", "size"))
            lines += 1
            failed += status.startswith("5")
            sent += int(size) if size != "-" else 0
            length += len(host) + len(user) + len(time) + len(request)
print([lines, failed, sent, length])
