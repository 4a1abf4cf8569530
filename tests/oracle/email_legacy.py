"""Asks the real email package about its older half: Header, the mime classes, payloads and charsets, RFC 2231, the parsers and the strict policy."""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import email
import email.encoders
import email.errors
import email.header
import email.mime.application
import email.mime.audio
import email.mime.base
import email.mime.image
import email.mime.message
import email.mime.multipart
import email.mime.text
import email.parser
import email.policy
import email.utils
import io
import json
import pathlib
import random
import re

RANDOM = random.Random(20261122)
WORDS = "report disk full nightly Grüße naïve 東京 データ привет “quoted” a@b =?x ünïcödé backup, (ok) semi;colon \"q\" back\\slash verylongwordwithoutanybreakinit".split()
CHARSETS = ["us-ascii", "utf-8", "iso-8859-1", "latin-1", "iso-8859-15", "koi8-r", "iso-2022-jp", "euc-jp", "shift_jis", "windows-1252", "iso-8859-2", "UTF-8"]
ASCII = [word for word in WORDS if word.isascii()]


def phrase(n, words=WORDS):
    return " ".join(RANDOM.choice(words) for _ in range(n))


def attempt(call):
    try:
        return call()
    except (ValueError, LookupError, email.errors.MessageError, TypeError) as error:
        return {"error": type(error).__name__ if not isinstance(error, (UnicodeError, LookupError)) else "ValueError"}


def pairs(decoded):
    return [[(text if isinstance(text, bytes) else text.encode()).decode("latin-1"), charset] for text, charset in decoded]


def headers():
    for _ in range(500):
        chunks = [[phrase(RANDOM.choice([0, 1, 1, 2, 3, 8, 20])) + RANDOM.choice(["", "", " ", "\n x", "\nEvil: 1"]), RANDOM.choice([None, *CHARSETS])] for _ in range(RANDOM.choice([0, 1, 1, 1, 2, 3]))]
        options = {}
        if RANDOM.random() < 0.3:
            options["maxlinelen"] = RANDOM.choice([0, 20, 40, 76, 998])
        if RANDOM.random() < 0.4:
            options["header_name"] = RANDOM.choice(["Subject", "X-Very-Long-Header-Name-Indeed"])
        if RANDOM.random() < 0.2:
            options["continuation_ws"] = "\t"
        charset = RANDOM.choice([None, "utf-8", "iso-8859-1"])

        def run():
            header = email.header.Header(charset=charset, **options)
            for text, name in chunks:
                header.append(text, name)
            shown = str(header)
            encoded = header.encode()
            return {"str": shown, "encode": encoded, "crlf": header.encode(splitchars=" ;", linesep="\r\n")}

        yield {"kind": "header", "charset": charset, "options": options, "chunks": chunks, "gives": attempt(run)}


def decoding():
    plain = ["", "plain", "=?", "=?utf-8?q?a?=", "=?utf-8?q?a?= =?utf-8?q?b?=", "x =?utf-8?q?a?= y", "=?utf-8?q?a?=  b  =?utf-8?b?Yg==?=", "=?utf-8?b?Yg?=", "=?utf-8?b?Yg=?=", "=?utf-8?b?Y?=", "=?utf-8?b??=", "=?utf-8?q??=",
             "=?utf-8?x?a?=", "=?UTF-8*en?Q?a_b=3D?=", "=?utf-8?q?a?==?latin-1?q?=E9?=", "=?utf-8?q?a\n b?=", "a\n =?utf-8?q?b?=\n c", "=?utf-8?q?a?=\n =?utf-8?q?b?=", "=?utf-8?q?a?= \n =?utf-8?q?b?=", "=?utf-8?q?=zz=4?=", "=?no-such?q?a?=",
             "=?us-ascii?q?a?= b", "=?utf-8?b?!!w6k=?=", "=?utf-8?b?w6k===?=", "=?utf-8?b?w6kx?= =?utf-8?q?=C3?=", "(=?utf-8?q?a?=)", "=?utf-8?q?=C3?= =?utf-8?q?=A9?="]
    for _ in range(200):
        header = email.header.Header(header_name="Subject")
        for _ in range(RANDOM.choice([1, 2, 3])):
            header.append(phrase(RANDOM.choice([1, 2, 8])), RANDOM.choice(["us-ascii", "utf-8", "utf-8", "utf-8"]))
        plain.append(attempt(lambda: header.encode()))
    for text in plain:
        if isinstance(text, dict):
            continue
        decoded = attempt(lambda: pairs(email.header.decode_header(text)))
        made = attempt(lambda: str(email.header.make_header(email.header.decode_header(text))))
        yield {"kind": "decode", "text": text, "gives": decoded, "make": made}


def rfc2231():
    values = ["plain", '"quoted"', "utf-8'en'%e2%82%ac", "us-ascii''a%20b", "'", "''", "no-such''%41", "%41%zz", "iso-8859-1'de'%fc", 'a"b', "a\\b", "utf-8''%"]
    names = ["name", "name*", "name*0", "name*1", "name*0*", "name*1*", "name*10", "file-name*", "file*x", "*", "title*2*", "title*1", "Title*0*"]
    for _ in range(400):
        params = [["text/plain", ""]] + [[RANDOM.choice(names), RANDOM.choice(values)] for _ in range(RANDOM.randrange(0, 5))]
        if len({name.rstrip("*") for name, _ in params}) < len(params):
            continue
        decoded = attempt(lambda: email.utils.decode_params([tuple(pair) for pair in params]))
        if isinstance(decoded, dict):
            continue
        gives = [[name, list(value) if isinstance(value, tuple) else value, email.utils.collapse_rfc2231_value(value)] for name, value in decoded]
        yield {"kind": "params", "params": params, "gives": gives}


def shape(message):
    """What is written, and what that is."""
    return {"bytes": message.as_bytes().decode("latin-1"), "charset": message.get_charset() and str(message.get_charset())}


TEXTS = ["", "a\n", "plain ascii\nlines\n", "Grüße\n", "x" * 200 + "\n", "é" * 100 + "\n", "trailing \t\n=eq\n.dot\n", "東京\n", "no end", "a\r\nb\rc\n", " ", "é" * 25 + " ", "y" * 74 + " \n" + "z" * 75 + " \n" + "w" * 76 + " \n"]


def composed():
    for text in TEXTS:
        for charset in [None, "utf-8", "us-ascii", "iso-8859-1", "koi8-r", "iso-2022-jp", "no-such"]:
            yield {"kind": "mimetext", "text": text, "charset": charset, "gives": attempt(lambda: shape(email.mime.text.MIMEText(text, "html", charset)))}
        for cte in ["base64", "quopri", "7or8bit", "noop"]:
            def encode():
                message = email.mime.application.MIMEApplication(text.encode(), "x-y", getattr(email.encoders, f"encode_{cte}"), name="a b.bin")
                return shape(message)

            yield {"kind": "application", "text": text, "encoder": cte, "gives": attempt(encode)}
    for head in [b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a..", b"123456JFIF", b"123456Exif", b"\xff\xd8\xff\xdb", b"MM", b"II*", b"\x01\xda", b"P1 ", b"P4\n", b"P5\t", b"P6\r", b"P7 ", b"P", b"\x59\xa6\x6a\x95", b"#define x",
                 b"BM", b"RIFF1234WEBP", b"RIFF1234WAVEfmt ", b"RIFF1234WAVE", b"\x76\x2f\x31\x01", b"", b"x", b".snd", b"FORM1234AIFF", b"FORM1234AIFC", b"FORM1234"]:
        raw = head.decode("latin-1")
        yield {"kind": "image", "bytes": raw, "gives": attempt(lambda: shape(email.mime.image.MIMEImage(head)))}
        yield {"kind": "audio", "bytes": raw, "gives": attempt(lambda: shape(email.mime.audio.MIMEAudio(head)))}
    for charset in [None, "utf-8", "us-ascii", "iso-8859-1", "koi8-r", "iso-8859-15", "latin-1", "UTF-8"]:
        for kind in [None, "text/html", 'text/plain; format=flowed; charset="us-ascii"', "image/png"]:
            for text in ["plain\n", "na\u00efve\n", ""]:
                if charset is None and not text.isascii():
                    continue

                def payload():
                    message = email.message.EmailMessage()
                    if kind:
                        message["Content-Type"] = kind
                    message.set_payload(text, charset)
                    before = shape(message)
                    message.set_type("text/x-new")
                    typed = shape(message)
                    message.set_charset(None)
                    return [before, typed, shape(message)]

                yield {"kind": "payload", "type": kind, "text": text, "charset": charset, "gives": attempt(payload)}


STREAMS = [
    b"", b"\n", b"Subject: x", b"Subject:x\nbody without blank\n", b" leading\nSubject: y\n\nz\n", b"A: 1\nFrom y\nB: 2\n\nz\n", b": no name\nA: 1\n\nx", b"Content-Type: multipart/mixed\n\nno boundary\n",
    b"Content-Type: multipart/mixed; boundary=b\n\nnever\n", b"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n\ntwo\n", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\nepilogue\n",
    b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\none\n--b--\n", b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--b\nbroken\n",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed\n\nx\n--b--\n", b"Content-Type: message/rfc822\n\nSubject: in\nbody\n", b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: inner\n\nbody\n--b--\n",
]


def parsers():
    for raw in STREAMS:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        only = email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(raw)
        strict = attempt(lambda: email.message_from_bytes(raw, policy=email.policy.strict) is not None and "fine")
        feed = email.parser.BytesFeedParser(policy=email.policy.default)
        for at in range(0, len(raw), 7):
            feed.feed(raw[at : at + 7])
        fed = feed.close()
        name = lambda defect: re.sub("Defect$", "", type(defect).__name__)
        yield {
            "kind": "parser", "raw": raw.decode("latin-1"), "keys": message.keys(), "defects": [[name(d) for d in part.defects] for part in message.walk()],
            "only": [only.keys(), only.get_payload(decode=True).decode("latin-1")], "fed": [[name(d) for d in part.defects] for part in fed.walk()],
            "strict": strict if isinstance(strict, str) else re.sub("Defect$", "", strict["error"]),
            "file": email.message_from_binary_file(io.BytesIO(raw), policy=email.policy.default).keys(),
        }


def main():
    out = pathlib.Path(__file__).parent / "data" / "email_legacy.jsonl"
    with out.open("w") as file:
        for cases in (headers, decoding, rfc2231, composed, parsers):
            for case in cases():
                print(json.dumps(case, separators=(",", ":")), file=file)


main()
