"""Asks os.walk, os.fwalk, os.scandir, glob and os.path about random trees: hostile names, links into circles, directories that may not be read.

Writes data/os_wild.jsonl; running it again changes nothing. `os_wild.py SEED COUNT FOLDER` asks others. It needs root: the trees of mode "nobody" are nobody's.

A line: the tree, whose it is, and what was asked. The order of a directory is the file system's: each step is sorted, before it is given back from the
top down, all of them together from the bottom up.
"""
import sys
here = sys.path.pop(0)
import glob, json, os, pathlib, random
sys.path.append(here)
import trees
from trees import d, enc, f, l, outcome, p

SEED, COUNT, FOLDER = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 3 else (20261125, 650, pathlib.Path(here) / "data")
rng = random.Random(SEED)
NOBODY = 65534
NAMES = ["a", "b", "c", "ab", "B", ".h", ".git", "a b", "\n", "a\nb", "\udcff", "\udcc3a", "\u00e9", "[a]", "[", "]", "*", "?", "!a", "-", "~", "a.txt", "b.txt", "...", "..a", "\\", "a\\", "{x,y}", "$HOME", "\u65e5"]
STEPS = 60  # a circle of links never ends


def tree(nobody):
    dirs, nodes, taken = [""], [], set()
    for _ in range(rng.randint(1, 14)):
        parent = rng.choice(dirs[-4:] + dirs[:1])
        path = os.path.join(parent, rng.choice(NAMES))
        if path in taken:
            continue
        taken.add(path)
        kind = rng.choice("dddfflllp" if len(dirs) < 7 else "ffl")
        if kind == "d":
            nodes.append(d(path, rng.choice([0o755] * 5 + [0o311, 0o444, 0o000, 0o555, 0o700]) if nobody else 0o755))
            dirs.append(path)
        elif kind == "f":
            nodes.append(f(path, "x" * rng.randint(0, 3)))
        elif kind == "l":
            up = "../" * path.count("/")
            target = rng.choice([".", "..", "none", rng.choice(NAMES), up + (rng.choice(dirs) or "."), up + rng.choice(sorted(taken)), up + rng.choice(sorted(taken)) + "/", os.path.basename(path)])
            nodes.append(l(path, target if target.count("..") <= path.count("/") else "."))
        else:
            nodes.append(p(path))
    return nodes


def somewhere(nodes):
    """A path in the tree or near it, as somebody may write it."""
    path = rng.choice([".", "", rng.choice(NAMES)] + [node["p"] for node in nodes] * 2)
    if rng.random() < 0.3:
        path = os.path.join(path, rng.choice([".", "..", "./a", "../", "", rng.choice(NAMES)]))
    if rng.random() < 0.15:
        path = path.replace("/", rng.choice(["//", "/./"])) + rng.choice(["", "/", "//", "/."])
    inside = os.path.realpath(path).startswith(os.getcwd())
    return path if inside and not path.startswith("/") else "a"


def circles(nodes, more_than=1):
    """More than one link to a directory may lead round in more ways than anybody can wait for."""
    return sum(node["k"] == "l" and os.path.isdir(node["p"]) for node in nodes) > more_than


def walk(nodes, fwalk, nobody):
    top = somewhere(nodes) if rng.random() < 0.4 else "."
    if fwalk and os.path.exists(top) and not os.path.isdir(top) and not os.path.isfile(top):
        top = "."  # Python waits for a writer of the pipe
    topdown, follow = rng.random() < 0.7, rng.random() < 0.4
    follow = follow and (topdown or not circles(nodes, 0 if fwalk else 1))  # open directories follow links for ever
    if fwalk and nobody and not follow and circles(nodes, 0):
        fwalk = False  # Python opens also the link that it does not walk into, and tells that it could not
    linked = fwalk and circles(nodes, 0)  # and where a link leads nowhere now, it tells that, too
    prunes, seen, errors, failed = [], [], [], None
    onerror = lambda error: errors.append([error.errno] if fwalk else [error.errno, error.filename])
    try:
        steps = os.fwalk(top, topdown, onerror, follow_symlinks=follow) if fwalk else os.walk(top, topdown, onerror, follow)
        for path, dirs, files, *_ in steps:
            dirs.sort(key=os.fsencode)
            if topdown:
                prune = rng.choice(["", "", "", "", "first", "last", "reverse", "all", "ghost", "file", "swap", "gone"])
                if prune == "first":
                    del dirs[:1]
                elif prune == "last":
                    del dirs[-1:]
                elif prune == "reverse":
                    dirs.reverse()
                elif prune == "all":
                    dirs.clear()
                elif prune == "ghost":
                    dirs.append("ghost")
                elif prune == "file" and not fwalk:
                    dirs.extend(sorted(files, key=os.fsencode)[:1])
                elif prune == "swap" and dirs and not follow and not linked:
                    # The first directory gets another name, and a link stands in its place.
                    first = os.path.join(path, dirs[0])
                    try:
                        os.rename(first, first + "~was")
                        os.symlink(".", first)
                    except OSError:
                        pass
                elif prune == "gone" and dirs and not linked:
                    try:
                        os.rename(os.path.join(path, dirs[0]), os.path.join(path, dirs[0] + "~was"))
                    except OSError:
                        pass
                # What was not done is not done again.
                not_done = prune == "swap" and follow or prune == "file" and fwalk or prune in ("swap", "gone") and linked
                prunes.append("" if not_done else prune)
            seen.append([path, list(dirs), sorted(files, key=os.fsencode)])
            if len(seen) == STEPS:
                break
    except OSError as error:
        failed = error.errno
    if not topdown:
        if len(seen) == STEPS:
            return None
        seen.sort(key=lambda step: os.fsencode(step[0]))
        errors.sort(key=str)
    row = {"ask": "fwalk" if fwalk else "walk", "top": enc(top), "topdown": topdown, "follow": follow, "prunes": prunes, "seen": enc(seen), "errors": enc(errors)}
    return {**row, "failed": failed} if failed else row


def scandir(nodes):
    path = somewhere(nodes)
    row = {"ask": "scandir", "path": enc(path)}
    try:
        found = sorted(os.scandir(path), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        return {**row, "failed": error.errno}

    def fact(ask):
        try:
            return ask()
        except OSError as error:
            return error.errno
    facts = lambda e: [e.path, e.is_symlink(), fact(e.is_dir), fact(e.is_file), fact(lambda: e.is_dir(follow_symlinks=False)), fact(lambda: e.is_file(follow_symlinks=False)), fact(lambda: e.stat().st_ino == os.stat(path + "/" + e.name).st_ino),
                       fact(lambda: e.stat(follow_symlinks=False).st_ino == e.inode())]
    return {**row, "r": [enc(facts(entry)) for entry in found]}


def pattern(nodes):
    parts = []
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(NAMES)
        parts.append(rng.choice(["*", "*", "**", "**", ".*", "?", "??", "[ab]*", "[!a]*", "[]a]", "[a", "[[]*", "[!-~]", "[^a]", "*\n*", "?\n?", "[\udc80-\udcff]*", ".", "..", "", name, glob.escape(name), name[:1] + "*", "*" + name[-1:]]))
    made = "/".join(parts) + rng.choice(["", "", "", "/"])
    return made if made.count("..") <= 0 and not made.startswith("/") else "*"


def globbed(nodes, base):
    made = pattern(nodes)
    recursive, hidden = rng.random() < 0.6 and not circles(nodes), rng.random() < 0.3
    root = somewhere(nodes) if rng.random() < 0.2 else None
    found = glob.glob(made, recursive=recursive, include_hidden=hidden, root_dir=root)
    if len(found) > 150:
        return None
    return {"ask": "glob", "g": enc(made), "recursive": recursive, "hidden": hidden, "root": enc(root), "r": sorted(enc(found), key=str)}


def paths(nodes, base):
    path = somewhere(nodes)
    row = {"ask": "path", "p": enc(path)}
    for name in ("exists", "lexists", "isfile", "isdir", "islink", "ismount"):
        row[name] = getattr(os.path, name)(path)
    row["realpath"] = outcome(lambda: os.path.realpath(path), base)
    row["strict"] = outcome(lambda: os.path.realpath(path, strict=True), base)
    return row


with (pathlib.Path(FOLDER) / "os_wild.jsonl").open("w") as out:
    for _ in range(COUNT):
        nobody = rng.random() < 0.4
        nodes = tree(nobody)
        place = trees.fresh([])
        asked = []
        with place as base:
            os.chown(base, NOBODY, NOBODY) if nobody else None
            os.seteuid(NOBODY) if nobody else None
            trees.build(nodes)
            for _ in range(rng.randint(2, 5)):
                asked.append(globbed(nodes, base))
                asked.append(paths(nodes, base))
            asked.append(scandir(nodes))
            # Last, since a walk may change the tree.
            asked.append(walk(nodes, rng.random() < 0.4, nobody))
            os.seteuid(0)
        row = {"tree": enc(nodes), "nobody": nobody, "asked": [row for row in asked if row]}
        out.write(json.dumps(row, separators=(",", ":")) + "\n")
