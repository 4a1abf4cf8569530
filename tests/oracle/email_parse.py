"""Asks the real email package what stands in a message: seeded messages, whole and broken, and what Python reads in them."""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import base64
import email
import email.policy
import email.utils
import json
import pathlib
import random
from email.message import EmailMessage

RANDOM = random.Random(20261122)
random.seed(20261122)  # the boundaries are drawn from here
WORDS = "report disk full nightly Grüße naïve 東京 データ привет “quoted” a@b =?x ünïcödé backup, (ok) semi;colon \"q\" back\\slash".split()
NAMES = ["Ann", "Ann Smith", "Smith, Ann", "Jörg Müller", "田中 太郎", 'The "Boss"', "O'Neil", "a.b", ""]
ADDRESSES = ["ann@example.com", "bob.smith@example.org", "x+tag@sub.example.net", "root@localhost"]


def phrase(n):
    return " ".join(RANDOM.choice(WORDS) for _ in range(n))


def person():
    return email.utils.formataddr((RANDOM.choice(NAMES), RANDOM.choice(ADDRESSES)))


def text():
    kind = RANDOM.randrange(6)
    if kind == 0:
        return ""
    if kind == 1:
        return "plain ascii\nlines\n"
    if kind == 2:
        return phrase(30) + "\n"
    if kind == 3:
        return "\n".join(phrase(5) for _ in range(5)) + "\n"
    if kind == 4:
        return "x" * 500 + "\n" + "é" * 300 + "\n"
    return ".dot\n..\n \ttabs \n=3D trailing  \n"


def compose():
    message = EmailMessage(policy=RANDOM.choice([email.policy.default, email.policy.SMTP]))
    message["From"] = person()
    message["To"] = ", ".join(person() for _ in range(RANDOM.randrange(1, 4)))
    message["Subject"] = phrase(RANDOM.randrange(0, 14))
    if RANDOM.random() < 0.3:
        message["X-Long"] = phrase(40)
    extra = {}
    if RANDOM.random() < 0.4:
        extra["cte"] = RANDOM.choice(["base64", "quoted-printable"])
    if RANDOM.random() < 0.3:
        extra["subtype"] = RANDOM.choice(["html", "csv"])
    message.set_content(text(), **extra)
    if RANDOM.random() < 0.5:
        message.add_alternative("<p>" + text() + "</p>", subtype="html")
        if RANDOM.random() < 0.5:
            message.get_payload()[1].add_related(RANDOM.randbytes(40), "image", "png", cid="<pic@x>")
    for _ in range(RANDOM.choice([0, 0, 1, 2])):
        name = RANDOM.choice(["a.pdf", "übersicht.pdf", "with space.txt", 'q"uote.bin', "x" * 90 + ".txt", "日本.txt"])
        if RANDOM.random() < 0.5:
            message.add_attachment(RANDOM.randbytes(RANDOM.randrange(0, 200)), "application", "octet-stream", filename=name)
        else:
            message.add_attachment(text(), filename=name)
    if RANDOM.random() < 0.2:
        inner = EmailMessage()
        inner["Subject"] = phrase(3)
        inner.set_content("inner\n")
        message.add_attachment(inner)
    return bytes(message)


BROKEN = [
    b"", b"\n", b"no header at all\n", b"Subject: x", b"Subject: x\n", b"Subject:x\nbody without blank\n", b" leading\nSubject: y\n\nz\n",
    b"From x\nSubject: y\n\nz\n", b"A: 1\nFrom y\nB: 2\n\nz\n", b"Subject: a\n b\n\tc\n\nbody\n", b"SUBJECT: upper\n\n", b"Subject: =?utf-8?q?a?= =?utf-8?b?Yg==?=\n\n",
    b"Subject: =?utf-8?q?a_b?= plain =?latin1?q?=E9?=\n\n", b"Subject: =?nope?q?a?=\n\n", b"Subject: =?utf-8?x?a?=\n\n", b"Subject: =?utf-8?b?bad!?=\n\n",
    b"Content-Type: multipart/mixed\n\nno boundary\n", b"Content-Type: multipart/mixed; boundary=b\n\nnever\n", b"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n\ntwo\n",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\nepilogue\n", b"Content-Type: multipart/mixed; boundary=\"b c\"\n\n--b c\nContent-Type: text/html\n\none\n--b c--\n",
    b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: inner\n\nbody\n--b--\n", b"Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: 8bit\n\n\xe9\xe8\n",
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!w6k=\n", b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw6k\n",
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C3=A9 =\nsoft = =Z9 \nend=", b"Content-Type: text\n\nx\n", b"Content-Type: TEXT/HTML; CHARSET=UTF-8\n\nx\n",
    b"Content-Type: text/plain; name*=utf-8''%e2%82%ac.txt\n\nx\n", b"Content-Type: text/plain; name*0=\"a\"; name*1=\"b.txt\"\n\nx\n",
    b"Content-Disposition: attachment; filename=\"=?utf-8?q?=C3=BC?=.txt\"\n\nx\n", b"Content-Disposition: ATTACHMENT; filename=x;\n\nx\n", b"Content-Disposition: inline\n\nx\n",
    b"To: =?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <a@b.c>\n\nx\n", b"To: =?utf-8?q?evil=40example=2Ecom=2C?= <a@b.c>\n\nx\n", b"To: =?utf-8?q?=3Cevil=40example=2Ecom=3E?= <a@b.c>\n\nx\n",
    b"To: =?utf-8?q?=22q=22?= <a@b.c>, =?utf-8?b?SsO2cmc=?= Smith <d@e.f>\n\nx\n", b"To: =?utf-8?q?G=C3=BC=3A?=: a@b.c, d@e.f;\n\nx\n", b"To: =?utf-8?q?evil=40example=2Ecom?=\n\nx\n",
    b"From: \"=?utf-8?q?a=2C_evil=40example=2Ecom?=\" <x@y.z>\n\nx\n", b"To: =?utf-8?q?a=2C_b?= <a@b.c>,\n =?utf-8?q?=5C=29=28?= <d@e.f>\n\nx\n", b"Subject: =?utf-8?q?a=2C?= b\n\nx\n",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b  \n\none\n--b\n--b\n--b--\n", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n", b"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n--b\nContent-Type: text/html\n\none\n--b--\n",
    b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n==3D a==\nb=\r\nc=C3=zz=\rgone\nd=4", b"Subject:\n folded\n\tagain\n\nx\n", b"Subject: \n  =?utf-8?q?=C3=BC?=\n b\n\nx\n", b"Date:\n Fri, 09 Nov 2001 01:08:47 -0000\nTo:\n a@b.c\n\nx\n",
    b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/disposition-notification\n\nReporting-UA: x\nDisposition: y\n\n--b\nContent-Type: message/partial; id=1\n\nSubject: p\n\nq\n--b--\n", b"Content-Type:\n text/html; charset=\"utf-8\"\n\nx\n",
    b"Content-Type: message/rfc822\n\nSubject: in\n\nbody\n", b"Content-Type: text/plain; charset=no-such\n\nabc\n", b"Content-Type: text/plain\r\n\r\ncrlf\r\nlines\r\n",
]


def content(part):
    if part.get_content_maintype() == "message" and part.is_multipart():
        inner = part.get_content()
        return {"bytes": base64.b64encode(inner).decode()} if isinstance(inner, bytes) else {"message": inner.keys()}
    if part.is_multipart():
        return None
    payload = part.get_payload(decode=True) or b""
    if part.get_content_maintype() != "text":
        return {"bytes": base64.b64encode(payload).decode()}
    try:
        return {"text": part.get_content()}
    except LookupError:
        return {"unknown charset": True}


def params(message):
    found = message.get_params()
    return found and [[name, email.utils.collapse_rfc2231_value(value)] for name, value in found]


def read(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return {
        "raw": raw.decode("latin-1"),
        "headers": [[name, str(value)] for name, value in message.items() if not name.lower().startswith("content-")],
        "to": [[a.display_name, a.addr_spec] for name in ("from", "to") if name in message for a in message[name].addresses],
        "parts": [
            [part.get_content_type(), part.get_filename(), part.get_content_disposition(), content(part)] for part in message.walk()
        ],
        "charsets": message.get_charsets(),
        "params": params(message),
        "unixfrom": message.get_unixfrom(),
        "attachments": len(list(message.iter_attachments())) if message.is_multipart() else 0,
    }


def main():
    out = pathlib.Path(__file__).parent / "data" / "email_parse.jsonl"
    with out.open("w") as file:
        for raw in BROKEN + [compose() for _ in range(220)]:
            line = json.dumps(read(raw))
            assert "\\udc" not in line, line
            print(line, file=file)
    with out.with_name("email_utils.jsonl").open("w") as file:
        for length in [0, 1, 1, 2, 2, 2] + [RANDOM.randrange(3, 9) for _ in range(200)]:
            word = "".join(RANDOM.choice('a\\"<> ü') for _ in range(length))
            for text in (word, f'"{word}"', f"<{word}>"):
                print(json.dumps({"text": text, "quote": email.utils.quote(text), "unquote": email.utils.unquote(text)}), file=file)


main()
