"""Asks shutil: what copying, moving and removing make of a tree. Writes data/shutil_tree.jsonl: a tree, what is asked (in order), what came of it."""
import sys
here = sys.path.pop(0)
import os, shutil
sys.path.append(here)
from trees import *

rows = []


def do(step, base):
    name, args, options = step
    options = dict(options)
    if "ignore" in options:
        options["ignore"] = shutil.ignore_patterns(*options["ignore"])
    if name == "chdir":
        return os.chdir(*args)
    if options.get("path", "").startswith("<base>"):
        options["path"] = options["path"].replace("<base>", base)
    result = getattr(shutil, name)(*args, **options)
    return result if isinstance(result, str) else None


def case(tree, *steps):
    with fresh(tree) as base:
        outcomes = [outcome(lambda: do(step, base), base) for step in steps]
        os.chdir(base)
        rows.append({"tree": enc(tree), "do": enc(steps), "out": outcomes, "after": enc(describe())})


def s(name, *args, **options):
    return (name, args, options)


T1, T2, T3 = 1_000_000_001, 1_000_000_002, 1_100_000_003
FILES = [f("a", "alpha", 0o640, T1), f("b", "beta", 0o755, T2), d("dir"), f("dir/a", "old", 0o600), l("to_a", "a"), l("dangling", "nowhere"), l("to_dir", "dir"), l("self", "self"), p("pipe"), f("empty", "", 0o444, T3),
         f("\udcff", "raw", 0o644, T1), f("a dir.txt", "s p")]
for name in ("copyfile", "copy", "copy2"):
    for src in ("a", "b", "empty", "to_a", "dangling", "dir", "nowhere", "pipe", "self", "a/", "dir/"):
        for dst in ("new", "b", "dir", "dir/", "dir/new", "to_a", "dangling", "to_dir", "no/such", "new/", "a", "pipe", "dir/a", "self"):
            case(FILES, s(name, src, dst))
            if src in ("to_a", "dangling", "a", "self"):
                case(FILES, s(name, src, dst, follow_symlinks=False))
    case(FILES, s(name, "\udcff", "x"), s(name, "\udcff", "dir"))
for name in ("copymode", "copystat"):
    for src in ("a", "to_a", "dir", "nowhere", "dangling", "empty"):
        for dst in ("b", "to_a", "dir", "nowhere", "dangling", "to_dir"):
            for follow in (True, False):
                case(FILES, s(name, src, dst, follow_symlinks=follow))

TREE = [d("src", 0o750, T1), d("src/sub", 0o700, T2), f("src/sub/x.py", "x", 0o755, T3), f("src/sub/y.pyc", "y", 0o644, T1), f("src/a.txt", "a", 0o600, T2), d("src/empty", 0o711, T3), l("src/link", "a.txt"), l("src/dirlink", "sub"),
        f("src/ro", "ro", 0o444, T1), d("src/closed", 0o711, T1), f("src/closed/in", "in", 0o400, T2), d("src/tmpdir"), f("src/tmpdir/t.tmp", "t"), f("src/.dot", "dot")]
DANGLING = TREE + [l("src/dang", "nowhere"), l("src/sub/dang2", "../nothing")]
OTHER = [d("dst", 0o700), f("dst/keep", "keep", 0o600), f("dst/a.txt", "older", 0o644), d("dst/sub", 0o755), f("dst/sub/x.py", "older", 0o600)]
for tree in (TREE, DANGLING, TREE + [p("src/pipe"), p("src/sub/p2")]):
    for dst in ("dst", "deep/er/dst", "src/inner"):
        if dst == "src/inner":
            tree_dst = [s("copytree", "src/sub", "src/inner")]
            case(tree, *tree_dst)
            continue
        case(tree, s("copytree", "src", dst))
        case(tree, s("copytree", "src", dst, symlinks=True))
        case(tree, s("copytree", "src", dst, ignore=["*.pyc", "tmp*", "dang*"]))
        case(tree, s("copytree", "src", dst, symlinks=True, ignore=["sub", "link"]))
    case(tree + OTHER, s("copytree", "src", "dst"))
    case(tree + OTHER, s("copytree", "src", "dst", dirs_exist_ok=True))
    case(tree + OTHER, s("copytree", "src", "dst", dirs_exist_ok=True, symlinks=True))
    case(tree + OTHER, s("copytree", "src", "dst/a.txt"))
    case(tree + OTHER, s("copytree", "src", "dst/a.txt", dirs_exist_ok=True))
    case(tree + [f("dst", "a file")], s("copytree", "src", "dst", dirs_exist_ok=True))
    case(tree + [d("dst"), d("dst/a.txt"), f("dst/sub", "a file")], s("copytree", "src", "dst", dirs_exist_ok=True))
case(TREE, s("copytree", "nowhere", "dst"), s("copytree", "src/a.txt", "dst2"), s("copytree", "src", "dst3"), s("copytree", "dst3", "dst4"))
case(TREE, s("copytree", "src/", "dst/"))
case(TREE, s("copytree", "src/dirlink", "dst"))

for tree in (TREE, DANGLING, TREE + [p("src/pipe")]):
    case(tree, s("rmtree", "src"))
    case(tree, s("rmtree", "src/sub"), s("rmtree", "src/closed"), s("rmtree", "src/empty"))
    case(tree, s("rmtree", "src/link"), s("rmtree", "src/dirlink"), s("rmtree", "src/a.txt"), s("rmtree", "nowhere"))
    case(tree, s("rmtree", "src/link", ignore_errors=True), s("rmtree", "src/dirlink", ignore_errors=True), s("rmtree", "src/a.txt", ignore_errors=True), s("rmtree", "nowhere", ignore_errors=True))
    case(tree, s("rmtree", "src/"), s("rmtree", "."))
case([d("x"), d("x/y"), l("x/y/out", "../../keep"), d("keep"), f("keep/f", "f"), l("x/file", "../keep/f")], s("rmtree", "x"))

for src in ("a", "b", "dir", "to_a", "dangling", "to_dir", "nowhere", "pipe", "dir/", "self", "empty"):
    for dst in ("new", "b", "dir", "dir/", "to_dir", "no/such", "a", "dangling", "pipe", "full", "full/"):
        case(FILES + [d("full"), f("full/a", "there"), d("full/dir")], s("move", src, dst))
case(TREE, s("move", "src", "src/sub"), s("move", "src", "src"), s("move", "src/sub", "."), s("move", "src", "new/"), s("move", "sub/x.py", "moved"), s("move", "src/empty", "src/closed"))
case(TREE, s("move", "src/", "dst"), s("move", "dst", "src"), s("move", "src", "nowhere/x"))

# Links that lead nowhere, on the way and at the end of it.
case(FILES, s("rmtree", "dangling"), s("rmtree", "self"), s("rmtree", "to_a"), s("rmtree", "to_dir"), s("rmtree", "dangling", ignore_errors=True))
for dst in ("dangling/new", "dangling/new/er", "self/new", "a/new", "new/.", "new/./", "new/er/.", "dangling"):
    for ok in (True, False):
        case(FILES, s("copytree", "dir", dst, dirs_exist_ok=ok))
        case(FILES, s("copytree", "dangling", dst, dirs_exist_ok=ok), s("copytree", "a", dst, dirs_exist_ok=ok), s("copytree", "self", dst, dirs_exist_ok=ok))
    case(FILES, s("move", "dir", dst))
    case(FILES, s("move", "a", dst), s("move", "self", dst))

PROGRAMS = [d("bin"), f("bin/tool", "#!", 0o755), f("bin/plain", "", 0o644), d("bin/dir", 0o755), d("sbin"), f("sbin/tool", "#!", 0o755), f("sbin/other", "#!", 0o755), f("here", "#!", 0o755), l("bin/link", "tool"), l("bin/dang", "nowhere"), d("bin2"), f("bin2/plain", "", 0o755)]
for cmd in ("tool", "plain", "dir", "other", "here", "link", "dang", "nowhere", "./here", "bin/tool", "bin/plain", "bin/dir", "", "bin/nowhere", "dir/", "/nonexistent_x"):
    for path in ("bin", "bin:sbin", "sbin:bin", "", ":", "bin:bin", "nowhere:bin2:bin", "<base>/bin", ":bin", "bin/:sbin"):
        case(PROGRAMS, s("which", cmd, path=path))
    for mode in (os.F_OK, os.R_OK, os.F_OK | os.X_OK):
        case(PROGRAMS, s("which", cmd, mode=mode, path="bin:bin2"))
write("shutil_tree", rows)
