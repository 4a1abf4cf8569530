"""Asks the real smtplib: what goes over the wire, and what each call answers, against a scripted server.

A script is the server's answers by verb (the last one stays; None hangs up) and the calls of the client.
"""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import itertools
import json
import pathlib
import smtplib
import socket
import threading

FEATURES = "mail.example\nSIZE 1000000\n8BITMIME\nPIPELINING\nSMTPUTF8\nDSN\nAUTH PLAIN LOGIN CRAM-MD5\nHELP"
USUAL = {
    "connect": [[220, "mail.example ESMTP"]],
    "ehlo": [[250, FEATURES]],
    "lhlo": [[250, FEATURES]],
    "helo": [[250, "mail.example"]],
    "mail": [[250, "OK"]],
    "rcpt": [[250, "OK"]],
    "data": [[354, "go on"]],
    "message": [[250, "queued"]],
    "rset": [[250, "reset"]],
    "noop": [[250, "OK"]],
    "quit": [[221, "bye"]],
    "vrfy": [[252, "maybe"]],
    "expn": [[250, "one@example\ntwo@example"]],
    "help": [[214, "help\nyourself"]],
    "auth": [[235, "welcome"]],
    "answer": [[235, "welcome"]],
    "starttls": [[454, "not now"]],
}


def serve(listener, replies, wire):
    queues = {verb: list(answers) for verb, answers in replies.items()}

    def answer(verb):
        queue = queues.get(verb, [[500, "what?"]])
        return queue.pop(0) if len(queue) > 1 else queue[0]

    def say(reply):
        if isinstance(reply, str):
            client.sendall(reply.encode("latin-1"))
            return
        code, text = reply
        lines = text.split("\n")
        for line in lines[:-1]:
            client.sendall(f"{code}-{line}\r\n".encode("latin-1"))
        client.sendall(f"{code} {lines[-1]}\r\n".encode("latin-1"))

    client, _ = listener.accept()
    stream = client.makefile("rb")
    with client:
        verb = "connect"
        reply = answer(verb)
        while True:
            if reply is None:
                client.shutdown(socket.SHUT_RDWR)
                return
            say(reply)
            code = reply[0] if not isinstance(reply, str) else 0
            if verb == "data" and code == 354:
                while line := stream.readline():
                    wire.append(line.decode("latin-1"))
                    if line == b".\r\n":
                        break
                verb = "message"
                reply = answer(verb)
                continue
            if verb == "quit" or code == 421:
                return
            line = stream.readline()
            if not line:
                return
            wire.append(line.decode("latin-1"))
            if code == 334:
                verb = "answer"
            else:
                words = line.decode("latin-1").split()
                verb = words[0].lower() if words else ""
            reply = answer(verb)


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def run(call, client):
    name, *args = call
    try:
        result = getattr(client, name)(*args)
    except smtplib.SMTPRecipientsRefused as error:
        return {"error": "RecipientsRefused", "refused": {who: [code, text(msg)] for who, (code, msg) in error.recipients.items()}}
    except smtplib.SMTPResponseException as error:
        return {"error": type(error).__name__[4:], "code": error.smtp_code, "msg": text(error.smtp_error)}
    except (smtplib.SMTPException, ValueError) as error:
        name = type(error).__name__
        return {"error": name[4:] if name.startswith("SMTP") else name}
    if name == "sendmail":
        return {"refused": {who: [code, text(msg)] for who, (code, msg) in result.items()}}
    if isinstance(result, tuple):
        return {"reply": [result[0], text(result[1])]}
    return {"value": text(result)}


def ask(name, calls, lmtp=False, **unusual):
    replies = {**USUAL, **unusual}
    state = None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = []
        thread = threading.Thread(target=serve, args=(listener, replies, wire))
        thread.start()
        kind = smtplib.LMTP if lmtp else smtplib.SMTP
        results = []
        try:
            client = kind("127.0.0.1", listener.getsockname()[1], local_hostname="client.example", timeout=5)
        except smtplib.SMTPResponseException as error:
            results.append({"error": type(error).__name__[4:], "code": error.smtp_code, "msg": text(error.smtp_error)})
        except smtplib.SMTPException as error:
            results.append({"error": type(error).__name__[4:]})
        else:
            for call in calls:
                results.append(run(call, client))
            features = dict(client.esmtp_features)
            state = [client.does_esmtp and True or False, features]
            client.close()
        thread.join(5)
    return {"name": name, "lmtp": lmtp, "replies": unusual, "calls": calls, "wire": wire, "results": results, "state": state}


def scripts():
    mail = ["sendmail", "ann@example.com", ["bob@example.org"], "Subject: hi\n\nhello\n"]
    two = ["sendmail", "ann@example.com", ["bob@example.org", "eve@example.org"], "Subject: hi\r\n\r\nhello\r\n"]
    again = ["noop"]
    yield "greeting", [["noop"], ["quit"]], {}
    for code in (220, 421, 554, 250):
        yield f"greeting {code}", [["noop"]], {"connect": [[code, "hm"]]}
    yield "hang up at once", [["noop"]], {"connect": [None]}
    yield "greeting of many lines", [["noop"]], {"connect": [[220, "one\ntwo\nthree"]]}
    for verb in ("ehlo", "helo"):
        for reply in ([250, "host"], [250, "host\nX\nY z"], [500, "what"], [502, "no"], [421, "closing"], None, "250\r\n", "abc\r\n", "25\r\n", "250-a\r\n250 b\r\n", "\r\n"):
            yield f"{verb} {reply}", [[verb], again], {verb: [reply]}
    for features in (
        "h\nAUTH=LOGIN", "h\nAUTH=LOGIN PLAIN\nAUTH CRAM-MD5", "h\nauth plain", "h\nSIZE", "h\nSize 10 20", "h\n 8BITMIME", "h\n-x", "h\nX-FOO bar baz",
        "h\nSTARTTLS\nSIZE  7 ", "h", "h\n", "h\nAUTH", "h\nauth=plain\nauth=login", "h\nPIPELINING\nPIPELINING x", "h\nDSN:1",
    ):
        yield f"features {features!r}", [["ehlo"]], {"ehlo": [[250, features]]}
    yield "helo after ehlo is refused", [mail, again], {"ehlo": [[502, "no"]]}
    yield "both are refused", [mail, again], {"ehlo": [[502, "no"]], "helo": [[504, "no"]]}
    for verb, argument in (("help", ""), ("help", "mail"), ("verify", "ann"), ("verify", "Ann <ann@example.com>"), ("vrfy", "a b"), ("expn", "list"), ("expn", "<list@example.com>")):
        yield f"{verb} {argument}", [[verb, argument]], {}
    for call in (["rset"], ["noop"], ["docmd", "XCLIENT", "a=b"], ["docmd", "noop"], ["putcmd", "noop"], ["docmd", "a\r\nb"], ["docmd", "noop", "x\ny"], ["ehlo", "other.example"], ["helo", "other.example"]):
        yield f"{call}", [call], {}
    for sender in ("ann@example.com", "Ann <ann@example.com>", "<ann@example.com>", "", "<>", '"odd ann"@example.com', "ann", "a\nb@c"):
        yield f"mail {sender!r}", [["ehlo"], ["mail", sender], ["rcpt", sender]], {}
    for options in (["BODY=8BITMIME"], ["size=7", "RET=HDRS"], ["SMTPUTF8"], ["smtputf8", "BODY=8BITMIME"]):
        yield f"options {options}", [["ehlo"], ["mail", "a@b.c", options], ["rcpt", "d@e.f", ["NOTIFY=NEVER"]]], {}
        yield f"options {options} with helo", [["helo"], ["mail", "a@b.c", options], ["rcpt", "d@e.f", ["NOTIFY=NEVER"]]], {}
        yield f"options {options} not offered", [["ehlo"], ["mail", "a@b.c", options], again], {"ehlo": [[250, "h"]]}
    yield "sendmail", [mail, mail, ["quit"]], {}
    yield "sendmail with options", [[*two, ["BODY=8BITMIME"], ["NOTIFY=SUCCESS"]]], {}
    yield "sendmail without esmtp", [[*two, ["BODY=8BITMIME"], ["NOTIFY=SUCCESS"]]], {"ehlo": [[500, "?"]]}
    yield "sendmail without size", [mail], {"ehlo": [[250, "h"]]}
    for code in (250, 421, 451, 452, 530, 550, 552):
        yield f"sender {code}", [mail, again], {"mail": [[code, "mail"]]}
    for first, second in itertools.product((250, 251, 252, 421, 450, 550), repeat=2):
        yield f"recipients {first} {second}", [two, again], {"rcpt": [[first, "first"], [second, "second"]]}
    for code in (250, 354, 421, 451, 503, 554):
        yield f"data {code}", [["ehlo"], ["mail", "a@b.c"], ["rcpt", "d@e.f"], ["data", "x\n"], again], {"data": [[code, "data"]]}
    for code in (250, 252, 421, 451, 452, 552, 554):
        yield f"message {code}", [mail, again], {"message": [[code, "message"]]}
    for verb in ("ehlo", "mail", "rcpt", "data", "message", "rset"):
        yield f"hang up at {verb}", [mail, again, ["rset"]], {verb: [None]}
    yield "rset hangs up after a refusal", [mail, again], {"mail": [[550, "no"]], "rset": [None]}
    for message in ("", "\n", ".", ".\n", "..\n.x\n", "a\n.\nb\n", "a\r.\rb", "a\r\n.b", "\r\n.\r\n", "no end", "x\n\n\n", ".\n.\n.\n", "a\rb\nc\r\nd"):
        yield f"message {message!r}", [["sendmail", "a@b.c", ["d@e.f"], message], again], {}
    for refused in ([535, "no"], [534, "no"], [504, "no"]):
        yield f"login refused {refused}", [["login", "ann", "pass"], again], {"auth": [refused], "answer": [refused]}
    challenge = [334, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"]
    for methods in ("PLAIN", "LOGIN", "CRAM-MD5", "LOGIN PLAIN", "PLAIN LOGIN CRAM-MD5", "XOAUTH2 GSSAPI", "plain"):
        ehlo = [[250, f"h\nAUTH {methods}"]]
        yield f"login {methods}", [["login", "ann", "tanstaaftanstaaf"], again], {"ehlo": ehlo}
        yield f"login {methods} challenged", [["login", "tim", "tanstaaftanstaaf"], again], {"ehlo": ehlo, "auth": [challenge]}
        yield f"login {methods} challenged twice", [["login", "tim", "pw"], again], {"ehlo": ehlo, "auth": [challenge], "answer": [challenge, [235, "in"]]}
        yield f"login {methods} refused", [["login", "tim", "pw"], again], {"ehlo": ehlo, "auth": [[535, "no"]], "answer": [[535, "no"]]}
    yield "login refused after a challenge", [["login", "tim", "pw"], again], {"auth": [challenge], "answer": [[535, "no"], [235, "in"]]}
    yield "login already", [["login", "tim", "pw"]], {"auth": [[503, "already"]]}
    yield "login not offered", [["login", "tim", "pw"], again], {"ehlo": [[250, "h\nSIZE 1"]]}
    yield "starttls not offered", [["starttls"], again], {}
    for code in (454, 501, 500):
        yield f"starttls {code}", [["starttls"], again], {"ehlo": [[250, "h\nSTARTTLS"]], "starttls": [[code, "no"]]}
    yield "quit", [["quit"], ["noop"]], {}
    yield "quit refused", [["quit"], ["noop"]], {"quit": [[500, "no"]]}


def main():
    out = pathlib.Path(__file__).parent / "data" / "smtp_wire.jsonl"
    with out.open("w") as file:
        print(json.dumps({"usual": USUAL}), file=file)
        for name, calls, replies in scripts():
            print(json.dumps(ask(name, calls, **replies)), file=file)
        print(json.dumps(ask("lmtp", [["ehlo"], ["sendmail", "a@b.c", ["d@e.f"], "x\n"], ["quit"]], lmtp=True)), file=file)


main()
