"""Asks os.path and glob about a tree of files, directories and links. Writes data/os_tree.jsonl."""
import sys
here = sys.path.pop(0)
import glob, os
sys.path.append(here)
from trees import *

TREE = [
    d("a"), d("a/b"), d("a/b/c"), f("a/b/c/deep.txt", "deep"), f("a/one.txt", "1", time=1_000_000_001), f("a/two.py", "22", time=1_000_000_002), f("a/.hidden"), d("a/.dot"),
    f("a/.dot/in.txt"), d("e"), f("[x].txt"), f("x.txt"), f("star*"), f("quest?"), d("sp ace"), f("sp ace/f g.txt"), d("é"), f("é/ü.txt"), f("\udcff.bin"), p("pipe"),
    l("to_file", "a/one.txt"), l("to_dir", "a"), l("dangling", "nowhere"), l("self", "self"), l("loop1", "loop2"), l("loop2", "loop1"), l("abs", "/"), l("a/up", ".."), l("a/b/again", "../b"),
    l("chain", "to_dir/b"), l("through", "to_dir/../e"), l("dang_dir", "nowhere/x"), d("z"), f("z/A1.log"), f("z/a2.log"), f("z/B3.LOG"), l("z/loop", "."), l("dots", "./a/./b/.."), l("deep_dang", "a/b/nope/../c"),
]
PATHS = [node["p"] for node in TREE] + [
    "", ".", "..", "/", "a/", "a//b/", "a/./b", "a/b/..", "to_file/", "to_dir/", "to_dir/b/c/deep.txt", "nowhere", "a/nowhere/x", "a/one.txt/", "a/one.txt/x", "self/x", "self/../a", "loop1/a/../b", "loop1//b", "chain/c",
    "through", "through/x", "a/up/a/up/e", "dangling/x", "dang_dir/../y", "abs/etc", "z/loop/loop/a2.log", "~", "a\x00b", "/nonexistent_x/y", "a/b/again/again/c", "../", "dots/b", "deep_dang/x", "to_file/..", "to_file/../e",
]
PATTERNS = [
    "", "*", "**", "***", "a/*", "*/", "*/*", "*.txt", "a/*.txt", "*/*.txt", "*/*/*", "a/**", "**/", "**/*", "**/*.txt", "**/b", "**/b/", "**/b/**", "a/**/c", "a/**/c/*.txt", "a/**/*.txt", ".*", "a/.*", "a/.*/*", "**/.*", "**/.dot/*",
    "[[]x].txt", "[x].txt", "?.txt", "star[*]", "star*", "quest[?]", "quest?", "[!a]*", "[a-e]", "[ae]/*", "sp*/f*", "é/*", "*/ü.txt", "?", "??", "to_*", "to_dir/*", "to_dir/**", "dangling", "dangling/", "dang*", "self", "self/*", "loop*", "nowhere", "nowhere/*",
    "a", "a/", "a/one.txt", "a/one.txt/", "x.txt/", "z/*.log", "z/[a-zA-Z][0-9]*", "z/**/a2.log", "./*", "./a/*", "../*/nothing_like_this", "a//*", "a/./*", "a/../e*", "a/*/../*.txt", "*/../x.txt", "to_dir/../*.txt", "**/**", "**/../x.txt", "a**", "**a", "a/b**/c", "pipe", "pipe/*", "*.bin",
    "**/*", "*/**/", "a/b/c/**", "e/**", "e/*", "e/", "[", "[a", "a[", "a/[b]/c", "{a,e}", "a/b/../*", "z/loop/**",
]
rows = [{"tree": enc(TREE)}]
with fresh(TREE) as base:
    for path in dict.fromkeys(PATHS):
        row = {"p": enc(path)}
        for name in ("exists", "lexists", "isfile", "isdir", "islink", "ismount"):
            row[name] = getattr(os.path, name)(path)
        for name in ("getsize", "realpath", "abspath"):
            row[name] = outcome(lambda: getattr(os.path, name)(path), base)
        if row["isdir"]:
            del row["getsize"]  # a directory's size is the file system's business
        row["getmtime"] = outcome(lambda: int(os.path.getmtime(path)) if os.path.getmtime(path) < OLD else None, base)
        row["strict"] = outcome(lambda: os.path.realpath(path, strict=True), base)
        rows.append(row)
    for a in ("a", "a/b/again", "to_dir", "a/one.txt", "to_file", "dangling", "e", "through", "nowhere"):
        for b in ("a", "a/b", "to_dir/", "to_file", "./a/one.txt", "self", "e"):
            rows.append({"same": [a, b], **outcome(lambda: os.path.samefile(a, b), base)})

# The same without the links that lead round in circles, which a recursive pattern would follow, and one small circle.
STILL = [node for node in TREE if node["p"] not in ("abs", "a/up", "a/b/again", "z/loop")]
CIRCLE = [d("z"), f("z/x"), l("z/loop", ".")]


def ask(pattern, base, recursive=False, hidden=False, root=None):
    found = glob.glob(pattern, recursive=recursive, include_hidden=hidden, root_dir=root)
    return {"g": enc(pattern, base), "recursive": recursive, "hidden": hidden, "root": enc(root, base), "r": sorted(enc(found, base), key=str)}


rows.append({"tree": enc(STILL)})
with fresh(STILL) as base:
    for pattern in dict.fromkeys(PATTERNS):
        for recursive in (False, True):
            for hidden in (False, True):
                rows.append(ask(pattern, base, recursive, hidden))
        for root in ("a", "a/b/", "nowhere", "to_dir", base):
            rows.append(ask(pattern, base, True, False, root))
    rows.append(ask(glob.escape(base) + "/a/*", base))
    for path in ("a*b", "[x]", "?", "", "/a/b", "[[", "**"):
        rows.append({"escape": path, "r": glob.escape(path)})
rows.append({"tree": enc(CIRCLE)})
with fresh(CIRCLE) as base:
    for pattern in ("**", "**/x", "z/*/*/x", "**/loop/x"):
        rows.append(ask(pattern, base, True))
write("os_tree", rows)
