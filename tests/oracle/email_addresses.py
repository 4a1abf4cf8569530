"""Asks the real email package what it reads in lists of addresses, well-formed and broken.

    python3.13 tests/oracle/email_addresses.py

Python 3.13 (or 3.11.10 and later, 3.12.6 and later) has both readings, strict and lenient; the lenient one is that of 3.11.7.
"""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import email.policy
import email.utils
import json
import pathlib
import random

RANDOM = random.Random(20261130)
PIECES = (
    "a b ann@example.com <ann@example.com> Ann Smith , , ; : @ . < > ( ) [ ] \" \\ a@b c@d Team: (note) (a(b)c) \"q, x\" \"a b\"@c <@r,@q:u@h> [1.2.3.4] u@[1.2.3.4] é Zoë "
    "=?utf-8?q?Zo=C3=AB?= =?utf-8?b?QSwgQg==?= undisclosed-recipients:; root a..b@c .a@b a.@b O'Neil J. \\( \\\" <> <<a@b>> (unclosed \"unclosed"
).split(" ")
GLUE = ["", " ", " ", "  ", ", ", ",", "\t", "\n ", "\r\n "]
FIXED = [
    "alice@x.org bob@y.com", "A <a@b> <c@d>", "a@b@c", "x y@z", "A <>", "A <A <>>", "Smith, Ann <a@b>", "a@b,,c@d", "a@b <c@d>", "", " ", ",", ",,", "x:;", "x:y:z:;;", "<a@b", "a(b@c",
    "\"A\" <a@b>", "a@b;c@d", "John Q. Public <j@x>", "A (c) <a@b>", "a@b (c)", "<@r,@q:u@h>", "u@[1.2.3.4]", "é@b", "root", "alice@example.com <bob@example.com>", "a@malicious.org@important.com",
    "alice@example.com)bob@example.com", "alice@example.com(<bob@example.com>", "\"Jane Doe\" <jane@example.net>, \"John Doe\" <john@example.net>", "a : b@c, d@e ; , f@g",
]
WELL = [
    "Ann <ann@example.com>", "ann@example.com", "\"Smith, Ann\" <ann@example.com>", "=?utf-8?q?Zo=C3=AB?= <zoe@example.com>", "Team: a@b.c, Bob <d@e.f>;", "ann@example.com (Ann)", "\"a b\"@c.d", "u@[1.2.3.4]",
    "empty:;", "J. R. Public <j@x.y>", "<x@y.z>", "\"q\\\"uote\" <q@x.y>", "Ann (work) <a@b.c>",
]


def line():
    if RANDOM.random() < 0.3:
        return RANDOM.choice([", ", ",", ",, ", " , "]).join(RANDOM.choice(WELL) for _ in range(RANDOM.randrange(1, 5)))
    return "".join(RANDOM.choice(PIECES) + RANDOM.choice(GLUE) for _ in range(RANDOM.randrange(1, 9)))


def answer(ask):
    try:
        return ask()
    except RecursionError:
        return None


def registry(text):
    """The addresses of the header, or None where the strict reader finds something wrong."""
    try:
        header = email.policy.default.header_factory("To", text.replace("\r\n", "").replace("\n", ""))
    except Exception:
        return None
    if header.defects:
        return None
    return [[group.display_name, [[address.display_name, address.addr_spec] for address in group.addresses]] for group in header.groups]


def main():
    texts = FIXED + WELL + [line() for _ in range(3000)]
    rows = []
    for text in texts:
        rows.append({
            "text": text, "parseaddr": answer(lambda: email.utils.parseaddr(text, strict=False)), "parseaddr_strict": answer(lambda: email.utils.parseaddr(text)),
            "getaddresses": answer(lambda: email.utils.getaddresses([text], strict=False)), "getaddresses_strict": answer(lambda: email.utils.getaddresses([text])), "header": registry(text),
        })
    for _ in range(300):
        fields = [RANDOM.choice(texts) for _ in range(RANDOM.randrange(0, 4))]
        rows.append({
            "fields": fields, "getaddresses": answer(lambda: email.utils.getaddresses(fields, strict=False)), "getaddresses_strict": answer(lambda: email.utils.getaddresses(fields)),
        })
    for name, address in [("", "a@b"), ("Ann", "a@b"), ("Smith, Ann", "a@b"), ("Zoë", "a@b"), ('q"u\\o', "a@b"), ("A", "é@b.c"), ("x" * 50, "a@b"), ("a.b", "c@d"), ("é, (x)", "a@b"), ("A [x]", "a@b")]:
        try:
            rows.append({"formataddr": [name, address], "gives": email.utils.formataddr((name, address))})
        except UnicodeError as error:
            rows.append({"formataddr": [name, address], "error": type(error).__name__})
    out = pathlib.Path(__file__).parent / "data" / "email_addresses.jsonl"
    out.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))


main()
