"""What the oracle programs that touch files share: making a tree in a fresh directory, asking something there, describing the tree."""
import json, os, pathlib, shutil, stat, tempfile

DATA = pathlib.Path(__file__).with_name("data")
OLD = 1_600_000_000  # times before this one were set by the program, later ones by the system


def enc(value, base=None):
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    if isinstance(value, str):
        if base:
            value = value.replace(base, "<base>")
        try:
            value.encode()
            return value
        except UnicodeEncodeError:
            return {"hex": os.fsencode(value).hex()}
    if isinstance(value, (list, tuple, set)):
        return [enc(item, base) for item in value]
    if isinstance(value, dict):
        return {key: enc(item, base) for key, item in value.items()}
    return value


def d(path, mode=0o755, time=None):
    return {"p": path, "k": "d", "m": mode, "t": time}


def f(path, content="", mode=0o644, time=None):
    return {"p": path, "k": "f", "c": content, "m": mode, "t": time}


def l(path, target):
    return {"p": path, "k": "l", "c": target}


def p(path):
    return {"p": path, "k": "p"}


def build(nodes):
    for node in nodes:
        path = node["p"]
        if node["k"] == "d":
            os.mkdir(path)
        elif node["k"] == "f":
            with open(path, "w") as file:
                file.write(node["c"])
        elif node["k"] == "l":
            os.symlink(node["c"], path)
        else:
            os.mkfifo(path)
    for node in reversed(nodes):
        if "m" in node:
            os.chmod(node["p"], node["m"])
            if node["t"]:
                os.utime(node["p"], (node["t"], node["t"]))


def describe(top="."):
    """[path, kind, contents or target, mode, time if it is old], in order."""
    found = []
    for dirpath, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(dirpath, name)
            st = os.lstat(path)
            time = int(st.st_mtime) if st.st_mtime < OLD else None
            shown = os.path.relpath(path, top)
            if stat.S_ISLNK(st.st_mode):
                found.append([shown, "l", os.readlink(path), None, None])
            elif stat.S_ISDIR(st.st_mode):
                found.append([shown, "d", None, stat.S_IMODE(st.st_mode), time])
            elif stat.S_ISFIFO(st.st_mode):
                found.append([shown, "p", None, None, None])
            else:
                with open(path, encoding="latin-1", newline="") as file:
                    found.append([shown, "f", file.read(), stat.S_IMODE(st.st_mode), time])
    return sorted(found, key=lambda row: os.fsencode(row[0]))


def outcome(call, base):
    try:
        return {"r": enc(call(), base)}
    except shutil.Error as error:
        if isinstance(error.args[0], list):
            return {"e": "Error", "failures": sorted([enc(src, base), enc(dst, base)] for src, dst, _ in error.args[0])}
        return {"e": type(error).__name__}
    except OSError as error:
        return {"e": type(error).__name__, "errno": error.errno}
    except (ValueError, LookupError) as error:
        return {"e": type(error).__name__}


class fresh:
    """A directory with a tree in it, as the working directory."""

    def __init__(self, nodes):
        self.nodes = nodes

    def __enter__(self):
        self.old = os.getcwd()
        self.base = os.path.realpath(tempfile.mkdtemp())
        os.chdir(self.base)
        os.umask(0o022)
        os.chmod(self.base, 0o755)
        build(self.nodes)
        return self.base

    def __exit__(self, *_):
        os.chdir(self.old)
        shutil.rmtree(self.base)


def write(name, rows):
    with (DATA / (name + ".jsonl")).open("w") as out:
        for row in rows:
            out.write(json.dumps(row, separators=(",", ":")) + "\n")
