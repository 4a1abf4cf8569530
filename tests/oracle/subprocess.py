#!/usr/bin/env python3
"""Asks Python's subprocess and writes what it answers: tests/oracle/data/subprocess.jsonl. Seeded: again is the same.

A case is {"op", "args", "kwargs", "answer"} or, where Python raises, "raises". Bytes are written as latin-1 text, under a key that says so.
It needs /bin/sh, cat, env and true.
"""
import sys
sys.path.pop(0)  # this file's own name is the module's
import json, os, pathlib, random, re, subprocess

SEED = 20260101
OUT = pathlib.Path(__file__).parent / "data" / "subprocess.jsonl"
rng = random.Random(SEED)
cases = []


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def raised(error):
    out = {"class": type(error).__name__, "message": str(error)}
    if isinstance(error, OSError):
        out["errno"] = error.errno
        out["filename"] = plain(error.filename)
    if isinstance(error, (subprocess.CalledProcessError, subprocess.TimeoutExpired)):
        out["stdout"], out["stderr"] = plain(error.stdout), plain(error.stderr)
    if isinstance(error, subprocess.CalledProcessError):
        out["returncode"] = error.returncode
    if isinstance(error, subprocess.TimeoutExpired):
        # Python tells the time that was left when it began to wait: a little less, and never the same.
        out["message"] = re.sub(r"after ([\d.]+)", lambda match: f"after {round(float(match[1]), 3)}", str(error))
    if isinstance(error, UnicodeDecodeError):
        out["start"] = error.start
    if isinstance(error, UnicodeEncodeError):
        out["start"] = error.start
    return out


STREAMS = {"PIPE": subprocess.PIPE, "DEVNULL": subprocess.DEVNULL, "STDOUT": subprocess.STDOUT}


def ask(op, args, **kwargs):
    real = {k: STREAMS.get(v, v) if k in ("stdin", "stdout", "stderr") else v for k, v in kwargs.items()}
    case = {"op": op, "args": plain(args), "kwargs": {k: plain(v) for k, v in kwargs.items()}}
    try:
        if op == "run":
            done = subprocess.run(args, **real)
            case["answer"] = {"returncode": done.returncode, "stdout": plain(done.stdout), "stderr": plain(done.stderr)}
        elif op == "system":
            case["answer"] = os.system(args)
        else:
            case["answer"] = plain(getattr(subprocess, op)(args, **real))
    except Exception as error:  # the answer is which one
        case["raises"] = raised(error)
    cases.append(case)


def printf(data):
    return "printf '" + "".join(f"\\{byte:03o}" for byte in data) + "'"


# list2cmdline: by hand what the documentation describes, then at random.
for args in [[], [""], ["a"], ["a b"], ["a", "b c", ""], ["a\tb"], ['"'], ['a"b'], ["\\"], ["a\\b"], ["a b\\"], ['\\"'], ["a\\\\b"],
             ['a\\"b c'], ["\\\\\\"], ["\\\\ \\\\"], ["'a'"], ["a\nb"], ["%PATH%"], ["^"], ["é ü"]]:
    ask("list2cmdline", args)
for _ in range(180):
    args = ["".join(rng.choice('ab \t"\\\\\\\'') for _ in range(rng.randrange(0, 9))) for _ in range(rng.randrange(1, 5))]
    ask("list2cmdline", args)

# Exit statuses, messages, outputs.
for code in [0, 1, 2, 3, 64, 126, 127, 128, 129, 200, 254, 255]:
    ask("run", f"exit {code}", shell=True)
    ask("run", f"exit {code}", shell=True, check=True)
    ask("call", f"exit {code}", shell=True)
    ask("check_call", f"exit {code}", shell=True)
    ask("getstatusoutput", f"exit {code}")
    ask("system", f"exit {code}")
for signal in [4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 35, 50, 64]:
    ask("run", f"kill -{signal} $$", shell=True)
    ask("run", f"kill -{signal} $$", shell=True, check=True)
    ask("getstatusoutput", f"kill -{signal} $$")
    ask("system", f"ulimit -c 0; kill -{signal} $$")
for _ in range(60):
    out, err = (bytes(rng.choice(b"ab\n\r \xc3\xa9\xff") for _ in range(rng.randrange(0, 12))) for _ in "oe")
    line = f"{printf(out)}; {printf(err)} >&2; exit {rng.choice([0, 0, 1, 3])}"
    if not out:
        line = line.replace("printf ''; ", "", 1)
    if not err:
        line = line.replace("printf '' >&2; ", "", 1)
    kwargs = {"shell": True}
    if rng.random() < 0.6:
        kwargs["capture_output"] = True
    else:
        kwargs["stdout"] = rng.choice(["PIPE", "DEVNULL"])
        kwargs["stderr"] = rng.choice(["PIPE", "DEVNULL", "STDOUT"])
    if rng.random() < 0.3:
        kwargs["check"] = True
    if rng.random() < 0.4:
        kwargs["text"] = True
    ask("run", line, **kwargs)
    ask("check_output", line, shell=True, stderr="STDOUT")
    ask("getoutput", line)
    ask("getstatusoutput", line)

# Text mode.
samples = [b"", b"\n", b"\r", b"\r\n", b"\n\r", b"a\r\r\nb", b"a\rb\nc\r\nd", b"\xc3\xa9\n", b"\xff", b"a\xffb", b"\xc3", b"a\xc3(b", b"\xe2\x82\xac\r",
           b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\xef\xbb\xbfa", b"\x80\x81\r\n", b"\xe2\x82\xff\xf0\x9f"]
for data in samples:
    ask("run", printf(data) if data else "true", shell=True, stdout="PIPE", text=True)
    ask("getoutput", printf(data) if data else "true")
    for encoding in ["utf-8", "ascii", "latin-1"]:
        for errors in ["strict", "replace", "ignore", "backslashreplace"]:
            ask("check_output", printf(data) if data else "true", shell=True, encoding=encoding, errors=errors)
for text in ["", "a", "é", "a€b", "😀", "a\nb", "ÿ\u0100"]:
    for encoding in ["utf-8", "ascii", "latin-1"]:
        for errors in ["strict", "replace", "ignore", "backslashreplace", "xmlcharrefreplace"]:
            ask("check_output", ["cat"], input=text, encoding=encoding, errors=errors)
for name in ["UTF8", "utf_8", "U8", "US-ASCII", "latin_1", "ISO-8859-1", "iso8859-1", "L1", "no-such-encoding"]:
    ask("check_output", printf(b"a"), shell=True, encoding=name)
ask("check_output", printf(b"\xff"), shell=True, encoding="utf-8", errors="no-such-handler")

# Arguments, environment, directory, shell.
for args in [["a"], ["a b", "c"], ["", " "], ["$HOME", "`id`", "*"], ['"', "'", "\\"], ["a\nb"], ["é", "€"], ["-n", "--", "-"]]:
    ask("check_output", ["sh", "-c", "for a; do printf '[%s]' \"$a\"; done", "x", *args])
    ask("check_output", ["for a; do printf '[%s]' \"$a\"; done", "x", *args], shell=True)
for executable in [None, "/bin/sh", "sh"]:
    ask("check_output", ["name", "-c", "echo $0"], executable=executable or "/bin/sh")
ask("check_output", "echo $0", shell=True)
ask("check_output", "echo $0", shell=True, executable="/bin/sh")
ask("check_output", ["echo $0 $1", "zero", "one"], shell=True)
ask("check_output", ["echo $0"], shell=True)
for env in [{}, {"A": "b"}, {"A": "b=c", "B": ""}, {"A": "é"}]:
    ask("check_output", ["/usr/bin/env"], env=env)
    ask("check_output", ["env"], env=env)
ask("check_output", ["env"], env={"PATH": "/nonexistent"})
ask("check_output", ["env"], env={"PATH": ""})
ask("check_output", ["env"], env={"PATH": "/nonexistent:/usr/bin:/bin"})
ask("check_output", ["env"], env={"PATH": "/etc/passwd:/usr/bin:/bin"})
for cwd in ["/", "/usr", "/usr/bin/.."]:
    ask("check_output", ["pwd", "-P"], cwd=cwd)
    ask("check_output", ["./env"], cwd="/usr/bin", env={"A": cwd})

# What cannot be run.
for args in [["no-such-program-x"], ["/nonexistent/x"], ["./no-such-x"], [""], ["/"], ["/etc"], ["."], [".."], ["/etc/passwd"], ["/etc/passwd/x"],
             ["echo hi"], ["/bin/"], ["/bin/sh/"], ["a" * 300], ["/" + "a" * 300], ["true\0"], ["true", "a\0b"], "no-such-program-x", "echo hi", []]:
    ask("run", args)
    ask("check_output", args)
    if args:
        ask("run", args, env={"A": "b"})
        ask("run", args, cwd="/usr")
for cwd in ["/nonexistent", "/etc/passwd", "/etc/passwd/x", "", "/a\0b", "/" + "a" * 300]:
    ask("run", ["true"], cwd=cwd)
    ask("run", ["no-such-program-x"], cwd=cwd)
    ask("run", "exit 0", shell=True, cwd=cwd)
for env in [{"A=B": "c"}, {"=": "c"}, {"A\0": "c"}, {"A": "c\0"}, {"": "c"}]:
    ask("run", ["true"], env=env)
ask("run", "exit 0\0", shell=True)
ask("run", ["true"], executable="no-such-program-x")
ask("run", ["true"], executable="/etc")

# Arguments that do not go together.
for kwargs in [{"input": b"", "stdin": "PIPE"}, {"input": b"x", "stdin": "DEVNULL"}, {"capture_output": True, "stdout": "PIPE"},
               {"capture_output": True, "stderr": "DEVNULL"}, {"capture_output": True, "stderr": "STDOUT"}, {"input": b"x", "capture_output": True},
               {"stdin": "DEVNULL", "stdout": "PIPE"}, {"stdout": "PIPE", "stderr": "STDOUT"}, {"stderr": "STDOUT"}]:
    ask("run", ["cat"] if "stdin" in kwargs or "input" in kwargs else ["true"], **kwargs)
ask("check_output", ["true"], stdout="PIPE")
ask("check_output", ["true"], stdout="DEVNULL")
ask("check_output", ["cat"], input=b"in")
ask("check_output", ["cat"], input=b"")

# Too long.
for kwargs in [{}, {"capture_output": True}, {"stdout": "PIPE"}, {"capture_output": True, "text": True}]:
    for timeout in [0.2, 0.25]:
        ask("run", ["sleep", "30"], timeout=timeout, **kwargs)
        ask("run", "printf some; printf more >&2; exec sleep 30", shell=True, timeout=timeout, **{"stdout": "DEVNULL", "stderr": "DEVNULL"} if not kwargs else kwargs)
ask("check_output", ["sleep", "30"], timeout=0.2)
ask("call", ["sleep", "30"], timeout=0.2)
ask("check_call", ["sleep", "30"], timeout=0.2)

OUT.parent.mkdir(exist_ok=True)
OUT.write_text("".join(json.dumps(case, separators=(",", ":")) + "\n" for case in cases))
print(len(cases), "cases", file=sys.stderr)
