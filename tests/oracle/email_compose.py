"""Asks the real email package what it reads in messages that leyden composes.

    python tests/oracle/email_compose.py cargo test --features smtplib --test it oracle::email_compose

The command is the test that replays the data: with LEYDEN_EMAIL_COMPOSED it writes what it composes there, one message in base64 a line.
"""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import base64
import email
import email.policy
import json
import os
import pathlib
import random
import subprocess
import tempfile

RANDOM = random.Random(20261122)
WORDS = "report disk full nightly Grüße naïve 東京 データ привет “quoted” a@b =?x?= ünïcödé backup, (ok) semi;colon \"q\" back\\slash verylongwordwithoutanybreakinitatallwhichisquitelong 😀".split()
NAMES = ["Ann", "Ann Smith", "Smith, Ann", "Jörg Müller", "田中 太郎", 'The "Boss"', "O'Neil", "a.b", "", "Ünï (x)"]
ADDRESSES = ["ann@example.com", "bob.smith@example.org", "x+tag@sub.example.net", "root@localhost"]
FILES = ["a.pdf", "übersicht.pdf", "with space.txt", 'q"uote.bin', "x" * 90 + ".txt", "日本" * 30 + ".txt", "semi;colon.csv", "back\\slash.bin", "per%cent'.bin"]


def phrase(n):
    return " ".join(RANDOM.choice(WORDS) for _ in range(n))


def text():
    kind = RANDOM.randrange(9)
    return [
        "", "plain ascii\nlines\n", phrase(30) + "\n", "\n".join(phrase(5) for _ in range(5)) + "\n", "x" * 500 + "\n" + "é" * 300 + "\n", ".dot\n..\n \ttabs \n=3D trailing  \n",
        "no end", "From here\n--boundary\n", "東" * 200 + "\n\n\n",
    ][kind]


def spec():
    people = [[RANDOM.choice(NAMES), RANDOM.choice(ADDRESSES)] for _ in range(RANDOM.randrange(1, 6))]
    found = {
        "from": [RANDOM.choice(NAMES), RANDOM.choice(ADDRESSES)], "to": people, "subject": phrase(RANDOM.randrange(0, 25)), "text": text(), "html": None, "related": None, "attachments": [], "inner": None,
        "cte": RANDOM.choice([None, None, "base64", "quoted-printable"]), "policy": RANDOM.choice(["default", "SMTP", "SMTPUTF8", "7bit"]),
    }
    if RANDOM.random() < 0.5:
        found["html"] = "<p>" + text() + "</p>"
        if RANDOM.random() < 0.5:
            found["related"] = base64.b64encode(RANDOM.randbytes(40)).decode()
    for _ in range(RANDOM.choice([0, 0, 1, 2])):
        found["attachments"].append([RANDOM.choice(FILES), base64.b64encode(RANDOM.randbytes(RANDOM.randrange(0, 200))).decode()])
    if RANDOM.random() < 0.2:
        found["inner"] = phrase(3)
    return found


def part(found):
    payload = None if found.is_multipart() else found.get_payload(decode=True)
    content = None
    if payload is not None:
        content = found.get_content() if found.get_content_maintype() == "text" else base64.b64encode(payload).decode()
    return [found.get_content_type(), found.get_content_disposition(), found.get_filename(), found["content-id"], content]


def read(raw, utf8):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    longest = max(len(line) for line in raw.replace(b"\r\n", b"\n").split(b"\n"))
    defects = [type(defect).__name__ for found in message.walk() for defect in found.defects]
    defects += [type(defect).__name__ for found in message.walk() for value in found.values() for defect in value.defects]
    if utf8:
        # RFC 6532 has what Python's parser of bytes calls undecodable.
        defects = [name for name in defects if name != "UndecodableBytesDefect"]
    return {
        "subject": str(message["subject"]), "from": people(message["from"]), "to": people(message["to"]), "parts": [part(found) for found in message.walk()], "defects": defects,
        "longest": longest, "ascii": raw.isascii(),
    }


def people(header):
    # UTF-8 in the header shows as surrogates here, and only here.
    names = [address.display_name.encode("utf-8", "surrogateescape").decode() for address in header.addresses]
    return [[name, address.addr_spec] for name, address in zip(names, header.addresses)]


def main():
    out = pathlib.Path(__file__).parent / "data" / "email_compose.jsonl"
    rows = [{"spec": spec()} for _ in range(250)]

    def write():
        out.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))

    write()
    with tempfile.NamedTemporaryFile() as composed:
        subprocess.run(sys.argv[1:], env={**os.environ, "LEYDEN_EMAIL_COMPOSED": composed.name}, check=True)
        lines = pathlib.Path(composed.name).read_text().splitlines()
    assert len(lines) == len(rows), len(lines)
    for row, line in zip(rows, lines):
        raw = base64.b64decode(line)
        row["raw"], row["read"] = raw.decode("latin-1"), read(raw, row["spec"]["policy"] == "SMTPUTF8")
    write()


main()
