#!/usr/bin/env bash
# Opens an HTML file in headless Chromium, and fails if the page is empty, its console says anything, or a file that it shows is missing:
#   tests/servers/chromium.sh REPORT.html
# Chromium is Debian's, installed if it is missing; nothing but the file is opened, and nothing of it is kept.
set -euo pipefail
page=$(realpath -e "$1")
command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium; } >&2
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --disable-dev-shm-usage --user-data-dir="$profile" --virtual-time-budget=5000 \
  --enable-logging=stderr --dump-dom "file://$page" >"$profile/dom.html" 2>"$profile/log" || { cat "$profile/log"; echo "chromium failed on $page"; exit 1; }

# What a script says or throws is in the log: `[..:INFO:CONSOLE:3] "..", source: file:///.. (3)`, in older versions with `CONSOLE(3)`.
python3 - "$page" "$profile/dom.html" "$profile/log" <<'PYTHON'
import html
import pathlib
import re
import sys

page, dom, log = sys.argv[1], *(open(path, encoding="utf-8", errors="replace").read() for path in sys.argv[2:])
said = re.findall(r"^\[[^\]]*:CONSOLE[:(]\d+\)?\] (.*)$", log, re.M)
body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", dom)
text = " ".join(html.unescape(body).split())
for line in said:
    print("console:", line)
if said:
    sys.exit(f"{page} says something on the console")
# A picture that is not there says nothing on the console.
files = [pathlib.Path(page).parent / html.unescape(name) for name in re.findall(r'<(?:img|script|source)\b[^>]*\bsrc="([^":]+)"', dom)]
if missing := [str(file) for file in files if not file.exists()]:
    sys.exit(f"{page} shows what is not there: {', '.join(missing)}")
if not text:
    sys.exit(f"{page} is empty")
print(f"{page} renders: {len(text)} characters, {dom.count('<svg')} pictures; it begins with {text[:60]!r}")
PYTHON
