"""Asks the real io.TextIOWrapper, of which sys.stdin and sys.stdout are made; seeded: running it again changes nothing.

usage: python3 -P tests/oracle/sys.py > tests/oracle/data/sys.jsonl
"""
import io, json, random

random.seed(20260101)
NEWLINES = {"universal": None, "any": "", "lf": "\n", "cr": "\r", "crlf": "\r\n"}
PIECES = ["a", "bc", "ü", "€", "😀", "\n", "\r", "\r\n", "\r\r", "\n\n", " ", "x" * 50]
BROKEN = [b"\xff", b"\xe2\x82", b"\xc3", b"\xf0\x9f\x98", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5"]


def emit(**case):
    print(json.dumps(case, separators=(",", ":"), ensure_ascii=False))


def reading(data, newline, encoding, errors, sized):
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors=errors, newline=NEWLINES[newline])
    steps = []
    for _ in range(random.randrange(1, 9)):
        ask = random.choice(["read", "readline", "readlines", "readall"] if sized else ["readline", "readlines", "readall"])
        size = random.choice([0, 1, 2, 3, 7, 60]) if ask in ("read", "readline", "readlines") and sized and random.random() < 0.7 else None
        if ask in ("read", "readall"):
            steps.append([ask, size, stream.read(-1 if size is None else size)])
        elif ask == "readline":
            steps.append([ask, size, stream.readline(-1 if size is None else size)])
        else:
            steps.append([ask, size, stream.readlines(-1 if size is None else size)])
        if ask == "readall":
            break
    emit(ask="read", data=data.hex(), newline=newline, encoding=encoding, errors=errors, steps=steps)


for _ in range(700):
    text = "".join(random.choice(PIECES) for _ in range(random.randrange(0, 14)))
    reading(text.encode(), random.choice(list(NEWLINES)), "utf-8", "strict", True)
for size in (8191, 8192, 8193):
    for tail in ("\r\nb", "\rb", "\nb", "üb", "€\r\n", "\r"):
        reading(("x" * size + tail).encode(), random.choice(["universal", "any", "crlf"]), "utf-8", "strict", True)
for _ in range(400):
    data = b"".join(random.choice([random.choice(PIECES).encode(), random.choice(BROKEN)]) for _ in range(random.randrange(0, 12)))
    errors = random.choice(["replace", "ignore", "backslashreplace"])
    reading(data, random.choice(list(NEWLINES)), random.choice(["utf-8", "utf-8", "ascii", "latin-1"]), errors, errors != "backslashreplace")

for _ in range(400):
    newline, encoding = random.choice(list(NEWLINES)), random.choice(["utf-8", "ascii", "latin-1"])
    errors = random.choice(["strict", "replace", "ignore", "backslashreplace", "xmlcharrefreplace"])
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=NEWLINES[newline])
    steps = []
    for _ in range(random.randrange(1, 6)):
        text = "".join(random.choice(PIECES + ["\x85", "Ā"]) for _ in range(random.randrange(0, 6)))
        try:
            steps.append([text, stream.write(text)])
        except UnicodeEncodeError:
            steps.append([text, "UnicodeEncodeError"])
    stream.flush()
    emit(ask="write", newline=newline, encoding=encoding, errors=errors, steps=steps, written=raw.getvalue().hex())
