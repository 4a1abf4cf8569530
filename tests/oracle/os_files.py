"""Asks Python's os, open and os.walk. Run it with Python 3.11: it writes data/os_files.jsonl, and running it again changes nothing.

Each case of kind "op" is: steps that prepare an empty directory, one operation in it, what it answered (or the exception's class, errno, filename and
filename2), and what the directory holds afterwards. Only what root and other users see alike is asked.
"""
import itertools, json, os, pathlib, stat, sys, tempfile

OUT = pathlib.Path(__file__).parent / "data" / "os_files.jsonl"
cases = []
os.umask(0o022)


def tree(top="."):
    """Every entry: path, type, and contents or target."""
    found = []
    for root, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.relpath(os.path.join(root, name), top)
            mode = os.lstat(os.path.join(root, name)).st_mode
            if stat.S_ISLNK(mode):
                found.append([path, "link", os.readlink(os.path.join(root, name))])
            elif stat.S_ISDIR(mode):
                found.append([path, "dir", ""])
            elif stat.S_ISREG(mode):
                found.append([path, "file", pathlib.Path(root, name).read_bytes().decode("latin-1")])
            else:
                found.append([path, "fifo" if stat.S_ISFIFO(mode) else "other", ""])
    return sorted(found)


def prepare(steps):
    for step, *args in steps:
        {
            "mkdir": lambda p: os.makedirs(p, exist_ok=True),
            "write": lambda p, t: pathlib.Path(p).write_bytes(t.encode("latin-1")),
            "symlink": os.symlink,
            "link": os.link,
            "mkfifo": os.mkfifo,
        }[step](*args)


def failure(error):
    if isinstance(error, UnicodeError):
        return {"class": type(error).__name__, "start": error.start}
    if isinstance(error, OSError):
        name = lambda value: value if isinstance(value, str) else None  # a descriptor is none
        return {"class": type(error).__name__, "errno": error.errno, "file": name(error.filename), "file2": name(error.filename2)}
    return {"class": type(error).__name__, "text": str(error)}


def opened(path, mode, kwargs, actions):
    results = []
    with open(path, mode, **kwargs) as f:
        for action, *args in actions:
            value = getattr(f, action)(*args)
            results.append(value.decode("latin-1") if isinstance(value, bytes) else value)
    return results


OPS = {
    "mkdir": os.mkdir, "rmdir": os.rmdir, "remove": os.remove, "unlink": os.unlink, "rename": os.rename, "replace": os.replace,
    "link": os.link, "link_nofollow": lambda a, b: os.link(a, b, follow_symlinks=False), "symlink": os.symlink, "readlink": os.readlink,
    "makedirs": lambda p, ok: os.makedirs(p, exist_ok=ok), "removedirs": os.removedirs, "renames": os.renames,
    "listdir": lambda p: sorted(os.listdir(p)), "scandir": lambda p: sorted([e.name, e.is_dir(), e.is_file(), e.is_symlink()] for e in os.scandir(p)),
    "truncate": os.truncate, "mkfifo": os.mkfifo, "mknod": lambda p, m: os.mknod(p, m),
    "stat": lambda p: kind(os.stat(p)), "lstat": lambda p: kind(os.lstat(p)),
    "chmod": lambda p, m: [os.chmod(p, m), stat.S_IMODE(os.stat(p).st_mode)][1],
    "utime": lambda p, a, m: [os.utime(p, ns=(a, m)), [os.stat(p).st_atime_ns, os.stat(p).st_mtime_ns]][1],
    "access": lambda p, m: os.access(p, m),
    "exists": os.path.exists, "getxattr": lambda p, n: os.getxattr(p, n).decode(),
    "removexattr": os.removexattr, "statvfs": lambda p: os.statvfs(p).f_namemax, "chdir": os.chdir,
    "read_text": lambda p: opened(p, "r", {"encoding": "utf-8"}, [["read"]])[0],  # pathlib's changes the path
    "open": opened,
}


def kind(st):
    return [stat.S_IFMT(st.st_mode), st.st_nlink if not stat.S_ISDIR(st.st_mode) else None, st.st_size if not stat.S_ISDIR(st.st_mode) else None]


def op(steps, name, *args):
    with tempfile.TemporaryDirectory() as top:
        home = os.getcwd()
        os.chdir(top)
        try:
            prepare(steps)
            try:
                answer = {"ok": OPS[name](*args)}
            except (OSError, ValueError, LookupError) as error:
                answer = {"error": failure(error)}
            os.chdir(top)
            cases.append({"kind": "op", "steps": steps, "op": name, "args": args, "answer": answer, "tree": tree()})
        finally:
            os.chdir(home)


BASE = [
    ["mkdir", "d/sub"], ["mkdir", "empty"], ["write", "f", "data"], ["write", "g", "other"], ["write", "d/f", "in d"],
    ["symlink", "f", "lf"], ["symlink", "d", "ld"], ["symlink", "none", "dangling"], ["symlink", "loop2", "loop1"], ["symlink", "loop1", "loop2"],
    ["link", "g", "g2"], ["mkfifo", "fifo"],
]
NAMES = ["f", "d", "empty", "lf", "ld", "dangling", "loop1", "none", "f/x", "none/x", "d/", "f/", "ld/", "fifo", "", ".", "..", "n" * 256, "g", "d/sub/..", "/"]

for name in NAMES:
    for one in ["mkdir", "rmdir", "remove", "unlink", "readlink", "listdir", "stat", "lstat", "exists", "read_text", "mkfifo", "removedirs", "chdir", "scandir", "statvfs"]:
        if one in ("rmdir", "removedirs", "mkdir", "remove", "unlink") and name in (".", "..", "/"):
            if one != "rmdir" or name != ".":
                continue
        if one in ("listdir", "scandir") and name in ("..", "/"):
            continue
        if one == "read_text" and name == "fifo":
            continue
        op(BASE, one, name)
    for ok in (True, False):
        if name not in ("..", "/"):
            op(BASE, "makedirs", name, ok)
    for mode in (os.F_OK, os.R_OK, os.R_OK | os.W_OK):
        if name not in ("..", "/"):
            op(BASE, "access", name, mode)
    op(BASE, "truncate", name, 2) if name not in ("fifo",) else None
    op(BASE, "getxattr", name, "user.none") if name not in ("fifo", "..", "/") else None

PAIRS = ["f", "g", "g2", "d", "empty", "lf", "ld", "dangling", "loop1", "none", "d/new", "f/x", "none/x", "d/sub", "d/sub/x", "new/", "", "n" * 256, "fifo"]
for a, b in itertools.product(PAIRS, repeat=2):
    for one in ("rename", "link", "symlink"):
        op(BASE, one, a, b)
for a, b in itertools.product(["f", "g", "lf", "ld", "d", "dangling", "none"], ["new", "f", "none/x", "d/new"]):
    for one in ("replace", "renames", "link_nofollow"):
        op(BASE, one, a, b)
for a, b in [("d/sub", "x/y/z"), ("d/f", "x/y"), ("f", "d/sub/deep/er"), ("d/f", "d/g"), ("empty", "d/e"), ("d/f", "d/sub/f")]:
    op(BASE, "renames", a, b)
for name in ["a/b/c", "a/b/c/", "a//b", "a/./b", "a/b/.", "d/new/new", "d/sub/../x", "f/a/b", "dangling/a", "ld/x/y", "lf", "./a", "a/../b"]:
    for ok in (True, False):
        op(BASE, "makedirs", name, ok)
for name, mode in itertools.product(["f", "d", "lf", "none", "dangling", "f/x"], [0o600, 0o755, 0o4755, 0o1777, 0]):
    op(BASE, "chmod", name, mode)
for name, (a, m) in itertools.product(["f", "d", "lf", "none"], [(0, 0), (10**18 + 7, 2 * 10**18), (-1, -1_500_000_000), (1, 999_999_999)]):
    op(BASE, "utime", name, a, m)
for name, mode in itertools.product(["new", "f", "none/x"], [stat.S_IFIFO | 0o644, stat.S_IFREG | 0o600, 0o600]):
    op(BASE, "mknod", name, mode)
for name in ["f", "d", "none"]:
    op(BASE, "removexattr", name, "user.none")

# open: every mode on every kind of path; then what is read and written.
LETTERS = ["r", "w", "x", "a", "r+", "w+", "x+", "a+", "rb", "wb", "xb", "ab", "rb+", "r+b", "+r", "br", "wt", "at+", "", "b", "t", "+", "rw", "ra", "rwa", "wx", "rbt", "tb", "rr", "w++", "U", "rU", "z", "rz", "R"]
for mode in LETTERS:
    for name in ["f", "none", "d", "lf", "dangling", "ld", "loop1", "none/x", "f/x", "", "n" * 256]:
        op(BASE, "open", name, mode, {}, [])
for mode, keyword in itertools.product(["r", "rb", "w", "wb"], [{"encoding": "utf-8"}, {"errors": "strict"}, {"newline": ""}, {"newline": "x"}, {"newline": "\n\r"}, {"buffering": 0}, {"encoding": "nonsense"}, {"encoding": "nonsense", "newline": "x"}]):
    if mode == "w" and ("nonsense" in keyword.values() or keyword.get("newline") in ("x", "\n\r") or "buffering" in keyword):
        continue  # DIFFERENCE: Python empties the file before it looks at these
    op(BASE, "open", "f", mode, keyword, [])

TEXTS = [b"", b"one", b"one\n", b"one\ntwo", b"a\r\nb\rc\nd", b"\r", b"\r\r\n", b"\n\r", b"\r\n" * 3, b"caf\xc3\xa9\n", b"caf\xe9\r\nx", b"\xff\xfe", b"ok\n\xe2\x82", b"\xe2\x82\xac\r\n", b"\xef\xbb\xbfbom\n", b"\xef\xbb", b"\xed\xa0\x80", b"a\xf0\x9f\x98\x80b", b"a\x80\xe2b\xf0\x9fc", b"x\0y\n"]
for text in TEXTS:
    start = [["write", "t", text.decode("latin-1")]]
    for newline in (None, "", "\n", "\r", "\r\n"):
        for encoding in ("utf-8", "latin-1", "ascii", "utf-8-sig"):
            for errors in ("strict", "ignore", "replace", "backslashreplace") if newline is None else ("strict",):
                keywords = {"newline": newline, "encoding": encoding, "errors": errors}
                op(start, "open", "t", "r", keywords, [["read"]])
                if errors == "strict" and encoding in ("utf-8", "latin-1"):
                    op(start, "open", "t", "r", keywords, [["readlines"]])
for text in ["", "x", "a\nb\n", "\r\n", "caf\u00e9\n", "\u20ac\n", "\U0001f600"]:
    for newline in (None, "", "\n", "\r", "\r\n"):
        for encoding in ("utf-8", "latin-1", "ascii", "utf-8-sig"):
            for errors in ("strict", "ignore", "replace", "backslashreplace") if newline is None else ("strict",):
                op([["write", "t", "0"]], "open", "t", "w", {"newline": newline, "encoding": encoding, "errors": errors}, [["write", text]])
BYTES = [
    ("rb+", [["read", 2], ["tell"], ["write", "XY"], ["tell"], ["read"]]),
    ("rb+", [["seek", 3], ["truncate"], ["tell"], ["seek", 0], ["read"]]),
    ("rb+", [["truncate", 10], ["read"]]),
    ("ab+", [["tell"], ["write", "Z"], ["tell"], ["seek", 0], ["read"]]),
    ("ab+", [["seek", 0], ["write", "Z"], ["tell"], ["seek", 0], ["read"]]),
    ("wb+", [["write", "abc"], ["seek", 1], ["write", "X"], ["seek", 0], ["read"]]),
    ("wb", [["seek", 5], ["write", "x"]]),
    ("rb", [["seek", -2, 2], ["read"], ["seek", -1, 1], ["read"], ["seek", 100], ["read"], ["tell"]]),
    ("rb", [["seek", -9, 2]]), ("rb", [["seek", -1]]), ("rb", [["readline"], ["tell"], ["readline"], ["readline"]]),
    ("xb", [["write", "x"]]), ("rb+", [["readline"], ["write", "!"], ["readline"], ["tell"]]),
]
for mode, actions in BYTES:
    op([["write", "f", "one\ntwo\n"]] if mode != "xb" else [], "open", "f", mode, {}, [[a, *(x.encode() if isinstance(x, str) else x for x in args)] for a, *args in actions])
    cases[-1]["args"] = ("f", mode, {}, actions)

# Walks. The order of a directory is the file system's: each step is sorted, and from the top down that makes the order of all of it.
WALKS = [
    BASE[:2] + [["write", "d/f", ""], ["write", "d/sub/g", ""]],
    [["mkdir", "a/b/c/d"], ["mkdir", "a/x"], ["write", "a/1", ""], ["write", "a/b/2", ""], ["symlink", "a/b", "la"], ["symlink", "../x", "a/lx"], ["symlink", "none", "a/dangling"], ["mkfifo", "a/fifo"]],
    [["mkdir", "only"]], [["write", "file", ""]], [],
    [["mkdir", f"w/{i}/{j}"] for i in range(5) for j in range(4)] + [["write", f"w/{i}/{i}.txt", ""] for i in range(5)],
]
PRUNES = {"none": lambda d: d, "first": lambda d: d[1:], "all": lambda d: [], "reverse": lambda d: d[::-1], "b": lambda d: [n for n in d if n != "b"]}


def walk(steps, top, topdown, follow, prune, fwalk):
    with tempfile.TemporaryDirectory() as place:
        home = os.getcwd()
        os.chdir(place)
        try:
            prepare(steps)
            seen, errors = [], []
            onerror = lambda error: errors.append([type(error).__name__, error.errno, error.filename])
            try:
                walker = os.fwalk(top, topdown, onerror, follow_symlinks=follow) if fwalk else os.walk(top, topdown, onerror, follow)
                for path, dirs, files, *_ in walker:
                    dirs.sort()
                    dirs[:] = PRUNES[prune](dirs)
                    seen.append([path, list(dirs), sorted(files)])
                failed = None
            except OSError as error:
                failed = failure(error)
            if not topdown:
                seen.sort()
            case = {"kind": "walk", "steps": steps, "top": top, "topdown": topdown, "follow": follow, "prune": prune, "fwalk": fwalk}
            cases.append({**case, "seen": seen, "errors": errors if not fwalk else [], "failed": failed})
        finally:
            os.chdir(home)


for steps in WALKS:
    for top in (".", "a", "a/", "w", "la", "none", "file", "./a/b"):
        for topdown, follow, fwalk in itertools.product([True, False], repeat=3):
            for prune in PRUNES if topdown else ["none"]:
                walk(steps, top, topdown, follow, prune, fwalk)

# Wait statuses, modes, devices, names and numbers.
for status in sorted({*range(0, 0x200), *range(0, 0x10000, 0x1f7), *(0x100 * n for n in range(256)), *(0x7f + 0x100 * n for n in range(65)), 0xffff, 0x137f, 0x8b, 0x86}):
    try:
        code = os.waitstatus_to_exitcode(status)
    except ValueError as error:
        code = str(error)
    helpers = [bool(f(status)) for f in (os.WIFEXITED, os.WIFSIGNALED, os.WIFSTOPPED, os.WIFCONTINUED, os.WCOREDUMP)]
    cases.append({"kind": "status", "status": status, "is": helpers, "numbers": [os.WEXITSTATUS(status), os.WTERMSIG(status), os.WSTOPSIG(status)], "code": code})
for mode in [f | p for f in (0, 0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o120000, 0o140000) for p in (0, 0o644, 0o4755, 0o7777)]:
    cases.append({"kind": "mode", "mode": mode, "is": [stat.S_ISDIR(mode), stat.S_ISREG(mode), stat.S_ISLNK(mode)], "imode": stat.S_IMODE(mode), "ifmt": stat.S_IFMT(mode)})
for device in [0, 1, 0x103, 0xfe01, 0x801, 0x123456789abc, (5 << 8) | 1] + [os.makedev(a, b) for a in (0, 1, 4095, 4096, 70000) for b in (0, 255, 256, 1048575, 70000)]:
    cases.append({"kind": "device", "device": device, "major": os.major(device), "minor": os.minor(device), "again": os.makedev(os.major(device), os.minor(device))})
for errno in range(1, 134):
    cases.append({"kind": "strerror", "errno": errno, "text": os.strerror(errno)})
numbers = {n: getattr(os, n) for n in dir(os) if n.startswith(("EX_", "ST_", "CLD_")) and isinstance(getattr(os, n), int)}
texts = {n: getattr(os, n) for n in ("name", "sep", "extsep", "pathsep", "linesep", "curdir", "pardir", "defpath", "devnull")}
cases.append({"kind": "constants", "numbers": numbers, "texts": texts, "xattr_size_max": os.XATTR_SIZE_MAX, "ngroups_max": os.NGROUPS_MAX, "tmp_max": os.TMP_MAX})
cases.append({"kind": "names", "sysconf": os.sysconf_names, "pathconf": os.pathconf_names})

# The trees repeat: they stand once.
trees = []
def number(value):
    if value not in trees:
        trees.append(value)
    return trees.index(value)
for case in cases:
    for key in ("steps", "tree"):
        if key in case:
            case[key] = number(case[key])
with OUT.open("w") as out:
    for value in [{"kind": "trees", "trees": trees}, *cases]:
        out.write(json.dumps(value, separators=(",", ":"), sort_keys=True) + "\n")
print(len(cases), "cases", OUT.stat().st_size, "bytes")
