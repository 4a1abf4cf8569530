"""Asks the real platform module, with the machine's facts replaced; seeded: running it again changes nothing.

usage: python3 -P tests/oracle/platform.py > tests/oracle/data/platform.jsonl
"""
import json, os, platform, random, subprocess, tempfile

random.seed(20260101)


def emit(**case):
    print(json.dumps(case, separators=(",", ":")))


PIECES = ["__libc_init", "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.10", "GLIBC_", "GLIBC_.", "GLIBCXX_3.4", "libc.so.6", "libc.so", "libc_r.so.4.1",
          "libc_.so", "libc_pthread.so", "libc_rc1.so.4", "libc_p2.so.10.0", "libc_a.so.010", "libc_b7c.so.4.1.", "libcrypto.so.3", "libc.so.x", "libc.so.10", "libc.so.9.2", "_", "G", "l", "lib", "\0", "\0\0", "x", " ", "libc", "GLIBC_2.34\0GLIBC_2.4"]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "program")
    for _ in range(1500):
        text = "".join(random.choice(PIECES) for _ in range(random.randrange(0, 9))) + random.choice(["\0", "\0", ""])
        # A match that ends with the file stays unread in CPython; a terminating byte is what real programs have.
        if not text.endswith("\0"):
            text += "."
            text += "\0"
        with open(path, "wb") as file:
            file.write(text.encode("latin1"))
        emit(ask="libc_ver", binary=text, answer=list(platform.libc_ver(path)))

LINES = ['NAME=x', 'NAME="a b"', "NAME='a b'", 'ID="', 'ID=""', 'ID="open', "ID='mixed\"", 'PRETTY_NAME="q \\"in\\" \\$ \\` \\\\ \\n"', "# comment", "", " NAME=indented",
         "NAME =spaced", "NAME= spaced", "A.B=1", "9=9", "_=_", "=none", "VERSION_ID=12 ", 'X="a" ', "ID=a=b", "ID=\"a\"b\"", "KEY", "Ü=1", "K=ü", "ID='it'\\''s'", "T=\ttab"]
for _ in range(200):
    text = random.choice(["\n", "\n", "\r\n"]).join(random.choice(LINES) for _ in range(random.randrange(0, 8))) + random.choice(["", "\n"])
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        with open(file.name, encoding="utf-8") as lines:
            emit(ask="os_release", text=text, answer=platform._parse_os_release(lines))

WORDS = ["", "Linux", "SunOS", "FreeBSD", "unknown", "6.1.0-18-amd64", "5.11", "4.1.4", "5", "x", "6.0", "#1 SMP (Debian) 2024", "a/b\\c:d;e\"f", "x86_64", " padded ", "--", "-", "5.x.y", "i86pc"]
for _ in range(300):
    system, node, release, version, machine = facts = [random.choice(["Linux", "SunOS", "FreeBSD", "AIX"]), random.choice(WORDS)] + [random.choice(WORDS) for _ in range(3)]
    processor, libc = random.choice(["", "", machine, "sparc", "unknown"]), random.choice([["glibc", "2.36"], ["", ""], ["libc", "6"]])
    os.uname = lambda: os.uname_result(facts)
    subprocess.check_output = lambda *args, **kwargs: processor + "\n"
    platform.libc_ver = lambda *args, **kwargs: tuple(libc)
    platform.architecture = lambda *args, **kwargs: ("64bit", "ELF")
    platform._uname_cache = None
    answers = {}
    for aliased in (0, 1):
        for terse in (0, 1):
            platform._platform_cache.clear()
            answers[f"{aliased}{terse}"] = platform.platform(aliased, terse)
    emit(ask="platform", facts=facts, processor=processor, libc=libc, uname=list(platform.uname()), answers=answers,
         alias=list(platform.system_alias(system, release, version)))
