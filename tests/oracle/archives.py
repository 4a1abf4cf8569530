"""Asks shutil for archives and for what it unpacks from them, and makes archives that mean harm. Writes data/archives.jsonl."""
import sys
here = sys.path.pop(0)
import io, os, shutil, tarfile, zipfile
from unittest import mock
sys.path.append(here)
from trees import *

FORMATS = {"tar": ".tar", "gztar": ".tar.gz", "bztar": ".tar.bz2", "xztar": ".tar.xz", "zip": ".zip"}
T1, T2 = 1_000_000_001, 1_000_000_002
LONG = "long_" + "n" * 120
TREE = [d("src", 0o755, T1), d("src/sub", 0o750, T2), f("src/sub/x.py", "print()\n" * 50, 0o755, T2), f("src/a.txt", "a", 0o600, T1), d("src/empty", 0o755, T1), l("src/link", "a.txt"), l("src/dirlink", "sub"), f("src/ro", "ro", 0o444, T2),
        f("src/ü.txt", "umlaut", 0o644, T1), f("src/" + LONG, "long", 0o644, T1), l("src/longlink", "sub/" + "x" * 130), f("src/nothing", "", 0o644, T1), f("src/group", "g", 0o664, T1), f("src/exec_for_others", "e", 0o611, T1), d("other"), f("other/o", "o", 0o644, T1)]
rows = [{"tree": enc(TREE)}]


def members(path):
    if path.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            return [[info.filename, "d" if info.is_dir() else "f", (info.external_attr >> 16) & 0o7777, info.file_size, None, None] for info in archive.infolist()]
    kinds = {tarfile.REGTYPE: "f", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.LNKTYPE: "h"}
    with tarfile.open(path) as archive:
        return [[m.name, kinds[m.type], m.mode, m.size, m.linkname, int(m.mtime) if m.mtime < OLD else None] for m in archive.getmembers()]


def content(path):
    with open(path, "rb") as file:
        return file.read().hex()


with mock.patch("time.time", lambda: 0):
    for format, ending in FORMATS.items():
        for options in ({}, {"root_dir": "src"}, {"root_dir": "src", "base_dir": "sub"}, {"base_dir": "src"}, {"root_dir": "src", "base_dir": "."}, {"root_dir": ".", "base_dir": "src/sub"}, {"root_dir": "<base>", "base_dir": "other"},
                        {"root_dir": "nowhere"}, {"root_dir": "src/a.txt"}, {"base_dir": "nowhere"}, {"base_dir": "src/a.txt"}):
            for base_name in ("out/new/archive", "plain", "src/inside") if format in ("tar", "zip") else ("out/new/archive",):
                with fresh(TREE) as base:
                    real = {key: value.replace("<base>", base) for key, value in options.items()}
                    row = {"format": format, "base_name": base_name, "options": options, **outcome(lambda: shutil.make_archive(base_name, format, **real), base)}
                    if "r" in row:
                        found = members(base_name + ending)
                        # DIFFERENCE: Python's zip holds itself, as far as it was written by then.
                        row["members"] = [member for member in found if os.path.basename(member[0]) != os.path.basename(base_name + ending)]
                    rows.append(row)
                    if "r" in row and base_name == "out/new/archive" and options in ({"root_dir": "src"}, {"base_dir": "src"}):
                        shutil.unpack_archive(base_name + ending, "unpacked", **({} if format == "zip" else {"filter": "data"}))
                        rows.append({"unpack": base_name + ending, "hex": content(base_name + ending), "after": enc(describe("unpacked"))})
    with fresh([d("x"), f("x/one", "1", 0o644, T1)]) as base:
        os.link("x/one", "x/two")
        shutil.make_archive("hard", "tar", "x")
        rows.append({"hardlinks": content("hard.tar"), "members": members("hard.tar")})


def tar(*entries, mode="w"):
    """Entries: (name, type, linkname or contents, mode)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, kind, text, bits in entries:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.mtime = kind, bits, T1
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = text
                archive.addfile(info)
            else:
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def zipped(*entries, level=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as archive:
        for name, text, attr in entries:
            info = zipfile.ZipInfo(name, (2001, 9, 9, 1, 46, 40))
            info.external_attr, info.compress_type = attr << 16, level
            archive.writestr(info, text)
    return out.getvalue()


F, D, L, H = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
with mock.patch("time.time", lambda: 0):
    HOSTILE = {
        "dotdot.tar": tar(("../evil", F, "evil", 0o644)),
        "dotdot_inside.tar": tar(("a/../../evil", F, "evil", 0o644)),
        "dotdot_dir.tar": tar(("../evil", D, "", 0o755)),
        "dotdot_link.tar": tar(("../evil", L, "x", 0o777)),
        "absolute.tar": tar(("/tmp/leyden-evil", F, "evil", 0o644)),
        "link_out_absolute.tar": tar(("x", L, "/etc", 0o777), ("x/evil", F, "evil", 0o644)),
        "link_out.tar": tar(("x", L, "../outside", 0o777), ("x/evil", F, "evil", 0o644)),
        "link_out_deep.tar": tar(("a/b/x", L, "../../../outside", 0o777)),
        "through_own_link.tar": tar(("real", D, "", 0o755), ("x", L, "real", 0o777), ("x/f", F, "evil", 0o644)),
        "link_loses_depth.tar": tar(("a/b/c", D, "", 0o755), ("a/b/c/up", L, "../../..", 0o777), ("escape", L, "a/b/c/up/../outside", 0o777), ("escape/evil", F, "evil", 0o644)),
        "link_loses_depth_later.tar": tar(("escape", L, "a/b/c/up/../outside", 0o777), ("a/b/c", D, "", 0o755), ("a/b/c/up", L, "../../..", 0o777)),
        "link_in_the_way.tar": tar(("x", L, "real", 0o777), ("x", D, "", 0o777)),
        "chmod_through_link.tar": tar(("keep_link", L, "keep", 0o777), ("keep_link", D, "", 0o777)),
        "hardlink_out.tar": tar(("x", H, "../outside/secret", 0o644)),
        "hardlink_absolute.tar": tar(("x", H, "/etc/passwd", 0o644)),
        "hardlink_to_link.tar": tar(("l", L, "keep", 0o777), ("x", H, "l", 0o644)),
        "hardlink_missing.tar": tar(("x", H, "nowhere", 0o644)),
        "setuid.tar": tar(("d", D, "", 0o7777), ("d/s", F, "s", 0o6777), ("d/w", F, "w", 0o666), ("d/none", F, "n", 0o000)),
        "fifo.tar": tar(("p", tarfile.FIFOTYPE, "", 0o644)),
        "device.tar": tar(("p", tarfile.CHRTYPE, "", 0o666)),
        "over_link.tar": tar(("out/f", F, "evil", 0o644)),
        "over_file_link.tar": tar(("f", F, "new", 0o644)),
        "file_over_dir.tar": tar(("keep", F, "evil", 0o644)),
        "good_links.tar": tar(("bin/x", L, "../lib/./x.so", 0o777), ("lib/x.so", F, "lib", 0o644), ("top", L, "lib", 0o777), ("./dot/./f", F, "dot", 0o644), ("h", H, "lib/x.so", 0o600)),
        "long_name.tar.gz": tar(("n" * 1_500_000, F, "", 0o644), mode="w:gz"),
        "bomb.tar.gz": tar(("zeros", F, "\0" * 3_000_000, 0o644), mode="w:gz"),
        "many.tar.gz": tar(*((f"f{i}", F, "", 0o644) for i in range(2_000)), mode="w:gz"),
        "dotdot.zip": zipped(("../evil", "evil", 0o644)),
        "dotdot_inside.zip": zipped(("a/../../evil", "evil", 0o644)),
        "absolute.zip": zipped(("/tmp/leyden-evil", "evil", 0o644)),
        "link.zip": zipped(("l", "/etc/passwd", 0o120777), ("dir/", "", 0o755), ("s", "s", 0o6755)),
        "bomb.zip": zipped(("zeros", b"\0" * 3_000_000, 0o644), level=zipfile.ZIP_DEFLATED),
        "truncated.tar": tar(("a", F, "x" * 3000, 0o644))[:2000],
        "truncated.tar.gz": tar(("a", F, "x" * 3000, 0o644), mode="w:gz")[:-12],
        "damaged.tar.gz": tar(("a", F, "x" * 3000, 0o644), mode="w:gz")[:-8] + bytes(8),
        "truncated.zip": zipped(("a", "x" * 3000, 0o644))[:-30],
        "not.tar": b"this is no archive" * 100,
        "short.tar": b"short",
        "empty.tar": b"",
        "not.zip": b"this is no archive" * 100,
        "nothing.tar": tar(),
        "wrong_ending.tar": tar(("a", F, "gz", 0o644), mode="w:gz"),
        "no_known.ending": b"",
    }
for name, archive in HOSTILE.items():
    rows.append({"hostile": name, "hex": archive.hex()})
write("archives", rows)
