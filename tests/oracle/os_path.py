"""Asks posixpath about paths as text. Writes data/os_path.jsonl: {"f": function, "a": arguments, "r": result} or {.., "e": exception}."""
import itertools, json, os, pathlib, posixpath, random
from unittest import mock

random.seed(20240607)
OUT = pathlib.Path(__file__).with_name("data") / "os_path.jsonl"
rows, seen = [], set()


def enc(value):
    """Names that are not UTF-8 go as {"hex": ..}."""
    if isinstance(value, str):
        try:
            value.encode()
            return value
        except UnicodeEncodeError:
            return {"hex": os.fsencode(value).hex()}
    if isinstance(value, (list, tuple)):
        return [enc(item) for item in value]
    if isinstance(value, dict):
        return {key: enc(item) for key, item in value.items()}
    return value


def ask(name, *args, call=None, **extra):
    row = {"f": name, "a": enc(args), **enc(extra)}
    key = json.dumps(row, sort_keys=True)
    if key in seen:
        return
    seen.add(key)
    try:
        row["r"] = enc((call or getattr(posixpath, name))(*args))
    except (ValueError, OSError) as error:
        row["e"] = type(error).__name__
    rows.append(row)


PATHS = [
    "", "/", "//", "///", "////a", ".", "..", "./", "../", "a", "a/", "/a", "/a/", "//a", "///a", "a/b", "a//b", "a/b/", "a/./b", "a/../b",
    "a/b/..", "a/b/../..", "a/b/../../..", "../a", "../../a", "/..", "/../..", "/../a", "//..", "//../a", "/a/../..", "./a", "a/.", "/.",
    "/./a", "a/./", "...", "a/...", ".a", "..a", "a.", "a..", "a.b", "a.b.c", ".a.b", "..a.b", "...a.b", "a.b/c", "a/.b", "a/..b", "a/b.c/",
    "a.b/.c", "a.tar.gz", ".bashrc", "/etc/.hidden.conf", "/a/b/c/../../d", "a b/c d", "tab\there", "new\nline/x", "é/ü", "日本/語.txt",
    "a/é.tär.gz", "\udcff/a\udcfe.x", "a\udce9/../b", "a\x00b/../c", "~", "~/a", "~root", "~root/x", "~nosuchuser_x/y", "~/", "~//a", "a~",
    "~é/x", "/~", "$HOME", "C:\\x\\y", "a\\b/c", "-", "--/-x", "*/?[a]", "/usr/lib/python3/dist-packages/../x.py",
]
ALPHABET = ["a", "b", "cd", ".", "..", "/", "//", "e.f", ".g", "é", "\udcff", " ", "~", "$"]


def any_path(longest=7):
    return "".join(random.choice(ALPHABET) for _ in range(random.randint(0, longest)))


paths = PATHS + [any_path() for _ in range(160)]
for path in paths:
    for name in ("split", "basename", "dirname", "splitext", "splitdrive", "normpath", "normcase", "isabs"):
        ask(name, path)

for a, b in itertools.product(["", "/", "a", "a/", "/a", "../a", "é"], ["", "/", "b", "/b", "b/", "..", "//b", "\udcff"]):
    ask("join", a, b)
for _ in range(120):
    ask("join", *[any_path(3) for _ in range(random.randint(1, 5))])

for _ in range(140):
    stem = any_path(4)
    ask("commonprefix", [stem + any_path(4) for _ in range(random.randint(0, 4))])
    ask("commonpath", [stem + any_path(4) for _ in range(random.randint(0, 4))])
for group in (["é", "è"], ["aé", "a\udcc3"], ["日本", "日語"], ["\udcff", "\udcfe"], ["/usr/lib", "/usr/local/lib"], ["/a", "a"], ["/"], ["//a", "/a"],
              ["", ""], ["", "a"], [".", "./a"], ["a/./b", "a/b/c"], ["/a/b", "/a/bc"]):
    ask("commonprefix", group)
    ask("commonpath", group)

for cwd in ("/", "/home/ada", "/usr/lib/x", "//net/x", "/é"):
    with mock.patch("os.getcwd", lambda: cwd):
        for path in random.sample(paths, 28) + ["", "a", "/home/ada", "/home/bob/x", "../..", "/"]:
            ask("abspath", path, cwd=cwd)
            ask("relpath", path, cwd=cwd)
            ask("relpath", path, random.choice(["", ".", "..", "/", "/home", "/usr/lib", "b/c", "//a"]), cwd=cwd)

ENVIRONMENTS = [{}, {"A": "x", "B": "", "AB": "long/er", "HOME": "/home/ada"}, {"A": "$B", "B": "${A}", "a_1": "é", "1": "one", "": ""}, {"A": "\udcff", "é": "no"}]
TEXTS = ["", "$", "$$", "$A", "${A}", "$AB", "${AB}/x", "$A$B", "${A}${B}$AB", "a$A.b", "$A/$A", "${}", "${", "${A", "$}", "a$", "$$A", "$a_1-x", "$1", "${1}", "${ A }",
         "é$A", "$é", "${é}", "\udcfe$A", "${A$B}", "${a-b}", "$A\n${A\n}", "~/$A", "${{A}}", "$nosuch/${nosuch}"]
for environ in ENVIRONMENTS:
    with mock.patch.object(os, "environ", environ):
        for text in TEXTS:
            ask("expandvars", text, env=environ)

import pwd
homes = {"root": pwd.getpwnam("root").pw_dir, "": pwd.getpwuid(os.getuid()).pw_dir}
for environ in ({}, {"HOME": "/home/ada"}, {"HOME": "/home/ada/"}, {"HOME": "/"}, {"HOME": "//"}, {"HOME": ""}, {"HOME": "rel"}, {"HOME": "/\udcff"}):
    with mock.patch.object(os, "environ", environ):
        for text in ("~", "~/", "~/a", "~//a", "a~", "", "/~", "~root", "~root/a", "~nosuchuser_x", "~nosuchuser_x/a", "~é/a", "é", "~/\udcff"):
            ask("expanduser", text, env=environ, homes=homes)

OUT.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
