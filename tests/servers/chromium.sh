#!/usr/bin/env bash
# Opens an HTML file in headless Chromium at the widths of a phone and of a desktop, light and dark. Fails if the page is empty, if its console has a message, if a file that
# it shows is missing, or if it is wider than the window:
#   tests/servers/chromium.sh REPORT.html [SCREENSHOT.png]
# Chromium is Debian's, installed if it is missing; nothing but the file is opened, and nothing is kept but the screenshot.
set -euo pipefail
page=$(realpath -e "$1")
screenshot=${2:-}
command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium fonts-dejavu-core; } >&2
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

browse() {
  timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --disable-dev-shm-usage --user-data-dir="$profile/data" --virtual-time-budget=5000 \
    --enable-logging=stderr --hide-scrollbars "$@" 2>"$profile/log" || { cat "$profile/log"; echo "chromium failed on $page"; exit 1; }
}

# The page in a frame of each width: a script beside the page, not in it, measures what overflows.
for width in 375 1280; do
  python3 - "$page" "$width" >"$profile/frame.html" <<'PYTHON'
import html
import sys

page, width = sys.argv[1:]
text = open(page, encoding="utf-8").read()
print(f"""<!doctype html><meta charset=utf-8><title>measure</title>
<iframe id=f style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(text)}"></iframe>
<script>
f.onload = () => {{
  const d = f.contentDocument, wide = [...d.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > {width} + 1);
  document.title = JSON.stringify({{scroll: d.documentElement.scrollWidth, wide: wide.slice(0, 5).map(e => e.outerHTML.slice(0, 80))}});
}};
</script>""")
PYTHON
  browse --window-size=1400,1000 --dump-dom "file://$profile/frame.html" >"$profile/measured.html"
  python3 - "$page" "$width" "$profile/measured.html" <<'PYTHON'
import html
import json
import re
import sys

page, width, measured = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], encoding="utf-8").read()
title = html.unescape(re.search(r"<title>(.*?)</title>", measured, re.S)[1])
if title == "measure":
    sys.exit(f"{page}: the layout at {width} pixels could not be measured")
layout = json.loads(title)
if layout["scroll"] > width or layout["wide"]:
    sys.exit(f"{page} is {layout['scroll']} pixels wide in a window of {width}: {layout['wide']}")
print(f"{page} fits into {width} pixels")
PYTHON
done

browse --dump-dom "file://$page" >"$profile/dom.html"
# What a script writes or throws is in the log: `[..:INFO:CONSOLE:3] "..", source: file:///.. (3)`, in older versions with `CONSOLE(3)`.
python3 - "$page" "$profile/dom.html" "$profile/log" <<'PYTHON'
import html
import pathlib
import re
import sys

page, dom, log = sys.argv[1], *(open(path, encoding="utf-8", errors="replace").read() for path in sys.argv[2:])
messages = re.findall(r"^\[[^\]]*:CONSOLE[:(]\d+\)?\] (.*)$", log, re.M)
body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", dom)
text = " ".join(html.unescape(body).split())
for line in messages:
    print("console:", line)
if messages:
    sys.exit(f"{page} writes to the console")
# A picture that is missing writes nothing to the console.
files = [pathlib.Path(page).parent / html.unescape(name) for name in re.findall(r'<(?:img|script|source)\b[^>]*\bsrc="([^":]+)"', dom)]
if missing := [str(file) for file in files if not file.exists()]:
    sys.exit(f"{page} shows what is not there: {', '.join(missing)}")
if not text:
    sys.exit(f"{page} is empty")
print(f"{page} renders: {len(text)} characters, {dom.count('<svg')} pictures; it begins with {text[:60]!r}")
PYTHON

if [ -n "$screenshot" ]; then
  browse --window-size=900,1150 --screenshot="$(realpath -m "$screenshot")" "file://$page" >/dev/null
fi
