"""Asks for all of Python's encodings that are not Chinese, Japanese or Korean: names, random bytes and texts with each handler, lines.

Writes data/text_encodings.jsonl; running it again changes nothing. `text_encodings.py SEED COUNT FOLDER` asks others. Bytes are hex. A
lone surrogate U+DC80 to U+DCFF, which JSON of Rust cannot hold, is written as U+10DC80 to U+10DCFF.
"""
import sys
here = sys.path.pop(0)
import codecs, io, json, pathlib, pkgutil, random, encodings
from encodings.aliases import aliases

SEED, COUNT, FOLDER = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 3 else (20261130, 3000, pathlib.Path(here) / "data")
rng = random.Random(SEED)
WIDE = ["utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"]
OTHER = {"charmap", "undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "mbcs", "oem"}
HERE = pathlib.Path(here).parent.parent / "src" / "text" / "single_byte.txt"
SINGLE = [line.split(" ")[0] for line in HERE.read_text().splitlines()]
ALL = SINGLE + WIDE * 8 + ["utf_8", "utf_8_sig", "ascii", "latin_1"] * 3
rows = []
plain = lambda text: "".join(chr(ord(c) + 0x100000) if 0xdc80 <= ord(c) <= 0xdcff else c for c in text)
LETTERS = ["a", "b", " ", "\n", "\r", "\r\n", "?", "&", "\\", "\xe9", "\xa0", "\x85", "\u20ac", "\u0416", "\u03b1", "\u05d0", "\u0627", "\u0e01", "\u2500", "\ufeff", "\uffff", "\U0001f600", "\U0010ffff", "\0", "\udc80", "\udcff"]


def text(letters=LETTERS):
    return "".join(rng.choice(letters) for _ in range(rng.randrange(9)))


def data(encoding):
    made = text([letter for letter in LETTERS if not "\udc80" <= letter <= "\udcff"]).encode(encoding, "ignore")
    if rng.random() < 0.5:
        made += bytes(rng.randrange(256) for _ in range(rng.randrange(7)))
    if rng.random() < 0.2:
        made = rng.choice([b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\0\xd8\0", b"\0\xdc", b"\xd8\0\xdc\0", b"\0\0\x11\0"]) + made
    return made


for name in sorted(set(aliases) | set(aliases.values()) | {module.name for module in pkgutil.iter_modules(encodings.__path__)}):
    for spelling in (name, name.upper().replace("_", "-")):
        try:
            info = codecs.lookup(spelling)
            known = info.name if info._is_text_encoding and info.name.replace("-", "_") not in OTHER else None
        except LookupError:
            known = None
        rows.append({"ask": "name", "name": spelling, "r": known})
for _ in range(COUNT):
    encoding = rng.choice(ALL)
    ask = rng.choice(["decode", "decode", "encode", "encode", "lines"])
    errors = rng.choice(["strict", "ignore", "replace", "backslashreplace", "surrogateescape"] + ["xmlcharrefreplace"] * (ask == "encode"))
    row = {"ask": ask, "encoding": encoding, "errors": errors}
    try:
        if ask == "decode":
            row["data"] = (given := data(encoding)).hex()
            row["r"] = plain(given.decode(encoding, errors))
        elif ask == "encode":
            given = text()
            row["text"] = plain(given)
            # As a file holds it.
            file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors, newline="")
            file.write(given)
            file.flush()
            row["r"] = file.buffer.getvalue().hex()
        else:
            given = text([letter for letter in LETTERS if not "\udc80" <= letter <= "\udcff"]).encode(encoding, "ignore")
            newline = rng.choice([None, "", "\n", "\r", "\r\n"])
            row |= {"data": given.hex(), "newline": newline, "errors": "strict"}
            row["r"] = io.TextIOWrapper(io.BytesIO(given), encoding=encoding, newline=newline).readlines()
    except UnicodeError as error:
        row["at"] = error.start
    rows.append(row)
with open(pathlib.Path(FOLDER) / "text_encodings.jsonl", "w") as file:
    for row in rows:
        file.write(json.dumps(row) + "\n")
