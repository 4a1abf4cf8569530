"""Asks for Python's encodings: their names, and what each makes of random bytes and texts with each error handler.

Writes data/text_codecs.jsonl; running it again changes nothing. `text_codecs.py SEED COUNT FOLDER` asks others. Bytes are hex.
"""
import sys
here = sys.path.pop(0)
import codecs, io, json, pathlib, random, re
from encodings.aliases import aliases

SEED, COUNT, FOLDER = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 3 else (20261124, 2600, pathlib.Path(here) / "data")
rng = random.Random(SEED)
OURS = {"utf_8": "utf-8", "utf_8_sig": "utf-8-sig", "ascii": "ascii", "latin_1": "iso8859-1"}
NAMES = list(OURS) + [alias for alias, name in aliases.items() if name in OURS] + ["utf", "8", "latin", "iso", "1", "sig"]
rows = []


def known(name):
    """What a letter with an accent is in it; null where it is none of ours."""
    try:
        if codecs.lookup(name).name not in OURS.values():
            return None
        return "\xe9".encode(name).hex()
    except UnicodeEncodeError:
        return "-"
    except (LookupError, ValueError):
        return None


def name():
    made = rng.choice(NAMES)
    made = "".join(rng.choice([letter, letter, letter.upper(), letter.lower()]) for letter in made)
    if rng.random() < 0.8:
        made = re.sub("[_.]", lambda _: rng.choice(["-", "_", " ", ".", "--", "/", ":", "_-", "", "\xe9", "\0", "..", "\n"]), made)
    if rng.random() < 0.2:
        made = rng.choice([" ", "_", ".", "x", "-", "\u20ac", ""]) + made + rng.choice([" ", "_", ".", "x", "1", "\xdf", ""])
    return made


PIECES = [b"a", b"b c", b"\n", b"\n", b"\r", b"\r\n", b"\n\r", "\u00e9".encode(), "\u20ac".encode(), "\U0001f600".encode(), "\U0010ffff".encode(), b"\0", b"\x7f", b"\x1c", b"\x0b", "\x85".encode(), "\u2029".encode(),
          b"\x80", b"\xbf", b"\xff", b"\xfe", b"\xe9", b"\xc2", b"\xc1\xbf", b"\xe2\x82", b"\xe2", b"\xe0\x80", b"\xe0\x9f\xbf", b"\xef\xbf\xbf", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf0", b"\xf0\x80", b"\xf4\x8f\xbf", b"\xf4\x90\x80\x80",
          b"\xf5\x80\x80\x80", b"\xed\xa0\x80", b"\xed\x9f\xbf", b"\xed\xbf", b"\xc0\xaf", b"\xef\xbb\xbf", b"\xfc\x80\x80", b"\xef\xbb"]
LETTERS = ["a", "b\n", "\r\n", "\r", "\x7f", "\x80", "\xa0", "\xe9", "\xff", "\u0100", "\u20ac", "\ud7ff", "\ufeff", "\uffff", "\U00010000", "\U0001f600", "\U0010ffff", "\0", "&", "\\", "?"]
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "ascii", "latin-1"]


def bytes_():
    if rng.random() < 0.15:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(12)))
    made = b"".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 9)))
    return b"\xef\xbb\xbf" + made if rng.random() < 0.15 else made


def decode():
    encoding, errors = rng.choice(ENCODINGS), rng.choice(["strict", "ignore", "replace", "backslashreplace"])
    data = bytes_()
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(3)))
    row = {"ask": "decode", "encoding": encoding, "errors": errors, "data": data.hex(), "cuts": cuts}
    try:
        text = data.decode(encoding, errors)
        # Where a process is read at once, as subprocess does it; and as a stream does.
        row["text"] = text.replace("\r\n", "\n").replace("\r", "\n")
        mark = encoding == "utf-8-sig" and data in (b"\xef", b"\xef\xbb")
        if not mark and not (errors == "ignore" and re.search(rb"\r[\x80-\xff]+\n", data)):
            row["lines"] = [line.removesuffix("\n") for line in io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors=errors)]
    except UnicodeDecodeError as error:
        row["at"] = error.start + (3 if encoding == "utf-8-sig" and data.startswith(b"\xef\xbb\xbf") else 0)
    return row


def encode():
    encoding, errors = rng.choice(ENCODINGS), rng.choice(["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace"])
    text = "".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, 9)))
    row = {"ask": "encode", "encoding": encoding, "errors": errors, "text": text}
    try:
        row["data"] = text.encode(encoding, errors).hex()
    except UnicodeEncodeError as error:
        row["at"] = error.start
    return row


for _ in range(COUNT):
    asked = rng.choice(["name", "name", "decode", "decode", "decode", "encode"])
    if asked == "name":
        given = name()
        rows.append({"ask": "name", "name": given, "is": known(given)})
    else:
        rows.append(decode() if asked == "decode" else encode())
with (pathlib.Path(FOLDER) / "text_codecs.jsonl").open("w") as out:
    for row in rows:
        out.write(json.dumps(row, separators=(",", ":")) + "\n")
