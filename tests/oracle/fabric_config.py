#!/usr/bin/env python3
"""Asks fabric.Config and invoke.Config. Writes data/fabric_config.jsonl.

    pip install fabric==3.2.3 invoke==2.2.1
    python3 tests/oracle/fabric_config.py

A case is a set of files, variables and arguments, and a list of calls with what each answered: a repr, or the class of the exception.
`yaml` cases are one text and the repr of what PyYAML reads.
"""
import sys
sys.path.pop(0)  # other files here have the names of modules
import json, os, pathlib, random, shutil

OUT = pathlib.Path(__file__).with_name("data") / "fabric_config.jsonl"
ROOT = "/tmp/leyden-config"
os.environ.clear()
os.environ.update({"HOME": f"{ROOT}/home", "PATH": "/usr/bin:/bin", "USER": "someone"})

import fabric.config
import invoke.config
from invoke.util import yaml

KLASS = {"fabric": fabric.config.Config, "invoke": invoke.config.Config}
rng = random.Random(20261130)
rows = []


def prepare(files):
    shutil.rmtree(ROOT, ignore_errors=True)
    for folder in ("etc", "home/.ssh", "project"):
        os.makedirs(f"{ROOT}/{folder}")
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pathlib.Path(path).write_text(text)


def at(config, path):
    for key in path:
        config = config[key]
    return config


def plain(value):
    data = getattr(value, "_config", None)
    return repr(data if data is not None else value)


def call(state, op, *args):
    config = state["config"]
    if op == "get":
        return plain(at(config, args[0]))
    if op == "attr":
        value = config
        for key in args[0]:
            value = getattr(value, key)
        return plain(value)
    if op == "set":
        at(config, args[0][:-1])[args[0][-1]] = args[1]
        return "None"
    if op == "setattr":
        setattr(at(config, args[0][:-1]), args[0][-1], args[1])
        return "None"
    if op == "del":
        del at(config, args[0][:-1])[args[0][-1]]
        return "None"
    if op == "delattr":
        delattr(at(config, args[0][:-1]), args[0][-1])
        return "None"
    if op in ("pop", "setdefault"):
        return plain(getattr(at(config, args[0]), op)(*args[1:]))
    if op == "popitem":
        key, value = at(config, args[0]).popitem()
        return repr((key, value))
    if op in ("update", "clear"):
        getattr(at(config, args[0]), op)(*args[1:])
        return "None"
    if op == "contains":
        return repr(args[1] in at(config, args[0]))
    if op == "len":
        return repr(len(at(config, args[0])))
    if op == "keys":
        return repr(list(at(config, args[0]).keys()))
    if op == "repr":
        return repr(config)
    if op == "clone":
        state["config"] = config.clone()
        return "None"
    if op == "clone_into":
        state["config"] = config.clone(into=KLASS[args[0]])
        return "None"
    if op == "equals_clone":
        return repr(config == config.clone())
    if op == "lookup":
        found = config.base_ssh_config.lookup(args[0])
        return repr([found.get("hostname"), found.get("user"), found.get("port")])
    return repr(getattr(config, op)(*args))


def ask(flavor, files, variables, kwargs, ops):
    prepare(files)
    base = dict(os.environ)
    os.environ.update(variables)
    row = {"flavor": flavor, "files": files, "env": {**base, **variables}, "kwargs": kwargs, "calls": []}
    state = {}
    given = dict(system_prefix=f"{ROOT}/etc/", user_prefix=f"{ROOT}/home/.")
    if flavor == "fabric":
        given.update(system_ssh_path=f"{ROOT}/etc/ssh_config", user_ssh_path=f"{ROOT}/home/.ssh/config")
    given.update(kwargs)
    try:
        state["config"] = KLASS[flavor](**json.loads(json.dumps(given, sort_keys=True)))
        row["calls"].append([["new"], "None"])
    except Exception as error:
        row["calls"].append([["new"], {"e": type(error).__name__, "s": str(error)}])
        ops = []
    row["kwargs"] = given
    for op in ops:
        try:
            answer = call(state, *json.loads(json.dumps(op, sort_keys=True)))
        except Exception as error:
            row["calls"].append([op, {"e": type(error).__name__, "s": str(error)}])
            # What failed to merge stays: every later call fails too.
            if type(error).__name__ == "AmbiguousMergeError":
                break
            continue
        row["calls"].append([op, answer])
    os.environ.clear()
    os.environ.update(base)
    rows.append(row)


def text_of(data, kind):
    return json.dumps(data) if kind == "json" else yaml.safe_dump(data)


PLACES = {"system": f"{ROOT}/etc/", "user": f"{ROOT}/home/.", "project": f"{ROOT}/project/"}


def files_of(flavor, levels):
    files = {}
    for level, (kind, data) in levels.items():
        path = f"{ROOT}/runtime.{kind}" if level == "runtime" else f"{PLACES[level]}{flavor}.{kind}"
        files[path] = data if isinstance(data, str) else text_of(data, kind)
    return files


LOADS = [["load_project"], ["load_runtime"], ["load_shell_env"]]


def fixed():
    for flavor in KLASS:
        ask(flavor, {}, {}, {"lazy": True}, [["repr"], ["keys", []], ["len", []]])
        ask(flavor, {}, {}, {}, [["repr"]])
        # Every level alone, and each pair.
        names = ["defaults", "collection", "system", "user", "project", "env", "runtime", "overrides", "set"]
        for one in names:
            for other in names:
                values = {one: 1, other: 2}
                kwargs, levels, variables, ops = {"project_location": f"{ROOT}/project", "runtime_path": f"{ROOT}/runtime.yaml"}, {}, {}, []
                for name in names:
                    data = {"x": {"y": values.get(name, 0)}}
                    if name not in values:
                        continue
                    if name in ("defaults", "overrides"):
                        kwargs[name] = {**data, **({"ssh_config_path": None, "load_ssh_configs": True} if name == "defaults" else {})}
                    elif name == "collection":
                        ops.append(["load_collection", data])
                    elif name == "env":
                        variables[f"{flavor.upper()}_X_Y"] = str(values[name])
                    elif name != "set":
                        levels[name] = ("yaml", data)
                ops += LOADS
                if "set" in values:
                    ops.append(["set", ["x", "y"], values["set"]] if one != "set" or other != "set" else ["set", ["x"], {"y": 2}])
                ask(flavor, files_of(flavor, levels), variables, kwargs, ops + [["get", ["x"]], ["repr"]])
        # Which file of several is read.
        for kinds in (["yaml", "yml"], ["yml", "json"], ["json"], ["yaml", "json"], ["yml"]):
            files = {f"{ROOT}/etc/{flavor}.{kind}": text_of({"x": kind}, kind) for kind in kinds}
            ask(flavor, files, {}, {}, [["get", ["x"]]])
        for name, text in [("runtime.txt", "x"), ("runtime", "x"), ("runtime.toml2", "x"), ("runtime.json", "{"), ("runtime.yaml", "a: [")]:
            ask(flavor, {f"{ROOT}/{name}": text}, {}, {"runtime_path": f"{ROOT}/{name}"}, [["load_runtime"], ["len", []]])
        ask(flavor, {}, {}, {"runtime_path": f"{ROOT}/missing.yaml"}, [["load_runtime"], ["len", []]])
        ask(flavor, {f"{ROOT}/etc/{flavor}.yaml": ""}, {}, {}, [["len", []]])
        ask(flavor, {f"{ROOT}/etc/{flavor}.yaml": "- a\n- b\n"}, {}, {}, [["len", []]])
        ask(flavor, {f"{ROOT}/etc/{flavor}.json": "[]"}, {}, {}, [["len", []]])
        # Loaded once: a second load reads nothing.
        ask(flavor, files_of(flavor, {"project": ("json", {"x": 1})}), {}, {"project_location": f"{ROOT}/project/"},
            [["get", ["x"]], ["load_project"], ["get", ["x"]], ["load_project"], ["get", ["x"]]])
        ask(flavor, files_of(flavor, {"system": ("json", {"x": 1}), "user": ("json", {"y": 1})}), {}, {"lazy": True},
            [["contains", [], "x"], ["load_system"], ["get", ["x"]], ["contains", [], "y"], ["load_user"], ["get", ["y"]]])
        # Variables.
        p = flavor.upper()
        data = {"b": True, "i": 5, "f": 1.5, "s": "x", "n": None, "l": [1], "d": {"deep": {"er": 3, "b_c": "z"}}, "a_b": {"c": 1}, "a": {"d_c": 2}, "empty": {}}
        for name, value in [
            ("B", ""), ("B", "0"), ("B", "1"), ("B", "false"), ("B", "no"), ("B", "00"), ("I", "7"), ("I", " 7 "), ("I", "+7"), ("I", "-7"), ("I", "1_000"),
            ("I", "_1"), ("I", "x"), ("I", ""), ("I", "1.5"), ("I", "0x10"), ("I", "007"), ("I", "99999999999999999999"), ("F", "2"), ("F", "2.5e3"), ("F", "inf"), ("F", "-nan"),
            ("F", "x"), ("F", "1_0.5"), ("F", ".5"), ("F", "5."), ("F", "1e400"), ("S", ""), ("S", "new"), ("S", "ünï"), ("N", "now"), ("N", ""), ("L", "1"), ("L", ""),
            ("D_DEEP_ER", "9"), ("D_DEEP_B_C", "zz"), ("D_DEEP", "9"), ("A_D_C", "3"), ("UNKNOWN", "1"), ("EMPTY", "1"), ("RUN_ECHO", "1"), ("RUN_HIDE", "both"),
            ("RUN_SHELL", "/bin/zsh"), ("SUDO_PASSWORD", "hi"), ("SUDO_USER", "me"), ("TASKS_DEDUPE", "0"), ("RUN_ENV", "x"), ("RUN_WATCHERS", "x"), ("TIMEOUTS_COMMAND", "5"),
            ("RUN_FALLBACK", ""), ("RUN_ECHO_FORMAT", "{command}"), ("RUNNERS_LOCAL", "x"), ("PORT", "2222"), ("USER", "u"), ("FORWARD_AGENT", "1"), ("GATEWAY", "gw"),
            ("CONNECT_KWARGS", "x"), ("INLINE_SSH_ENV", "0"), ("AUTHENTICATION_IDENTITIES", "x"), ("TIMEOUTS_CONNECT", "3"), ("LOAD_SSH_CONFIGS", "0"),
        ]:
            ask(flavor, files_of(flavor, {"system": ("json", data)}), {f"{p}_{name}": value}, {}, [["load_shell_env"], ["repr"]])
            ask(flavor, files_of(flavor, {"system": ("json", data)}), {name: value}, {}, [["load_shell_env"], ["len", []]])
        for ambiguous in ({"a": {"b": 1}, "a_b": 2}, {"a_b": {"c": 1}, "a": {"b_c": 1}}, {"A": 1, "a": 2}, {"a": {"b": {"c": 1}, "b_c": 2}}, {"a": {"b": {}}, "a_b": 2}):
            ask(flavor, files_of(flavor, {"system": ("json", ambiguous)}), {f"{p}_A_B": "1"}, {}, [["load_shell_env"], ["len", []]])
        # A level that does not fit.
        for low, high in [({"x": 1}, {"x": {"y": 1}}), ({"x": {"y": 1}}, {"x": 1}), ({"x": {"y": 1}}, {"x": None}), ({"x": None}, {"x": {"y": 1}}), ({"x": [1]}, {"x": {"a": 1}}),
                          ({"x": {"y": 1}}, {"x": [1]}), ({"x": {"y": {"z": 1}}}, {"x": {"y": "s"}}), ({"x": {}}, {"x": {}}), ({"x": "s"}, {"x": 1.5}), ({"x": True}, {"x": {}})]:
            ask(flavor, files_of(flavor, {"system": ("json", low), "user": ("json", high)}), {}, {}, [["get", ["x"]]])
            ask(flavor, files_of(flavor, {"system": ("json", low)}), {}, {}, [["set", ["x"], high["x"]], ["get", ["x"]], ["repr"]])
            ask(flavor, {}, {}, {"overrides": low}, [["load_overrides", high], ["get", ["x"]]])
            ask(flavor, {}, {}, {"overrides": low}, [["load_collection", high], ["get", ["x"]]])
    # fabric's own.
    ssh = {f"{ROOT}/home/.ssh/config": "Host web1\n  User fromuser\n", f"{ROOT}/etc/ssh_config": "Host *\n  User fromsystem\n  Port 2222\n", f"{ROOT}/own": "Host web1\n  HostName own.example.org\n"}
    for path in list(ssh):
        pass
    for kwargs in ({}, {"lazy": True}, {"runtime_ssh_path": f"{ROOT}/own"}, {"runtime_ssh_path": f"{ROOT}/none"}, {"overrides": {"ssh_config_path": f"{ROOT}/own"}},
                   {"overrides": {"ssh_config_path": f"{ROOT}/none"}}, {"overrides": {"load_ssh_configs": False}}, {"overrides": {"ssh_config_path": ""}}):
        ask("fabric", ssh, {}, kwargs, [["lookup", "web1"], ["lookup", "web2"], ["load_ssh_config"], ["lookup", "web1"], ["clone"], ["lookup", "web1"]])
    ask("fabric", ssh, {}, {"lazy": True}, [["set_runtime_ssh_path", f"{ROOT}/own"], ["load_ssh_config"], ["lookup", "web1"]])
    ask("invoke", ssh, {}, {}, [["clone_into", "fabric"], ["len", []], ["get", ["tasks"]], ["get", ["port"]]])
    ask("invoke", {}, {}, {"overrides": {"tasks": {"collection_name": "mine"}}}, [["clone_into", "fabric"], ["get", ["tasks"]]])
    ask("invoke", {}, {}, {}, [["set", ["port"], 99], ["clone_into", "fabric"], ["get", ["port"]]])


KEYS = ["a", "b", "run", "x", "sudo", "echo", "port", "deep"]
LEAVES = [0, 1, -5, True, False, None, "", "text", "it's", 'q"q', "ünï", "a\nb", 1.5, 1e20, 1e-7, 0.1, [], [1, "a"], [[1], {"k": 1}]]


def value(depth=0):
    if depth < 2 and rng.random() < 0.3:
        return {rng.choice(KEYS): value(depth + 1) for _ in range(rng.randint(0, 3))}
    return rng.choice(LEAVES)


def path():
    return [rng.choice(KEYS) for _ in range(rng.randint(1, 2))]


def where():
    return [] if rng.random() < 0.5 else [rng.choice(KEYS)]


def operation():
    kind = rng.choice(["get", "set", "set", "del", "pop", "popd", "popitem", "setdefault", "update", "clear", "contains", "len", "keys", "attr", "setattr", "delattr", "clone", "equals_clone", "load_shell_env", "load_overrides"])
    if kind in ("get", "del"):
        return [kind, path()]
    if kind in ("attr", "delattr"):
        return [kind, path()]
    if kind in ("set", "setattr"):
        return [kind, path(), value()]
    if kind == "pop":
        return ["pop", where(), rng.choice(KEYS)]
    if kind == "popd":
        return ["pop", where(), rng.choice(KEYS), rng.choice(LEAVES)]
    if kind == "setdefault":
        return ["setdefault", where(), rng.choice(KEYS), value()]
    if kind == "update":
        return ["update", where(), {rng.choice(KEYS): value() for _ in range(rng.randint(0, 2))}]
    if kind == "contains":
        return ["contains", where(), rng.choice(KEYS)]
    if kind == "load_overrides":
        return ["load_overrides", {rng.choice(KEYS): value() for _ in range(2)}]
    if kind in ("clone", "equals_clone", "load_shell_env"):
        return [kind]
    return [kind, where()]


def random_cases(count):
    for _ in range(count):
        flavor = rng.choice(list(KLASS))
        levels = {}
        for level in ("system", "user", "project", "runtime"):
            if rng.random() < 0.35:
                levels[level] = (rng.choice(["yaml", "json"]), {rng.choice(KEYS): value() for _ in range(rng.randint(0, 3))})
        kwargs = {"project_location": f"{ROOT}/project"}
        if "runtime" in levels:
            kwargs["runtime_path"] = f"{ROOT}/runtime.{levels['runtime'][0]}"
        if rng.random() < 0.3:
            kwargs["overrides"] = {rng.choice(KEYS): value() for _ in range(2)}
        variables = {f"{flavor.upper()}_{rng.choice(['A', 'B', 'X', 'RUN_ECHO', 'RUN_A', 'PORT', 'A_B', 'DEEP_X'])}": rng.choice(["", "0", "1", "v"])} if rng.random() < 0.4 else {}
        ops = rng.sample(LOADS, rng.randint(0, 3)) + [operation() for _ in range(rng.randint(1, 7))] + [["repr"]]
        ask(flavor, files_of(flavor, levels), variables, kwargs, ops)


SCALARS = """yes no on off true false Yes NO True TRUE yEs y n Y null ~ Null NULL nUll 0 1 -1 +1 007 010 08 0o10 0x1F 0b101 0b12 1_000 1__0 _1 1:30 1:30:45 01:30 1:75 190:20:30 1.5 1. .5
-.5 +.5 1e3 1.0e3 1.0e+3 1.e+3 1.5E-3 .inf -.INF .Inf .nan .NaN -.nan inf nan 1:30.5 1.2.3 1,000 0.0 -0.0 1e400 1.0e+400 'yes' "yes" '1' "1" 'null' !!str yes !!str 1 !!int "5" !!float 5 !!bool "yes"
!!null x 2001-12-14 2001-1-1 2001-12-14t21:59:43.10-05:00 2001-13 abc a:b a#b = << | @ [] {} [1,yes] {a:1} {a: yes, b: [~, 'x']} "\\u00e9\\n" 'it''s' -- --- ... 12345678901234567890 0x 0xg +0x10 -0b1 0_7 .e5 1.0e+ 9:9 .5_0 1_0.5_0""".split()
DOCUMENTS = [
    "a: 1\nb: 2\na: 3\n", "a: &x {k: 1}\nb: *x\n", "base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n", "d:\n  <<: [{a: 1, b: 1}, {b: 2, c: 2}]\n  c: 3\n", "<<: {a: 1}\na: 2\n", "a: |\n  x\n  y\n", "a: >\n  x\n  y\n\n  z\n", "a: |-\n  x\n",
    "a: |+\n  x\n\n", "# only a comment\n", "", "---\na: 1\n", "---\na: 1\n---\nb: 2\n", "a: 1\n...\n", "a:\n  - 1\n  - - 2\n    - 3\n", "a:\nb:\n", "? a\n: 1\n", "{a: 1, b}\n", "a: 'x\n  y'\n", "a: x\n  y\n", "1: a\n", "yes: a\n", "~: a\n", "1.5: a\n", "[a]: 1\n",
    "a: *undefined\n", "a: [1, 2\n", "a: {b: 1\n", "a: b: c\n", "a: 1\n b: 2\n", "- a\n", "just text\n", "5\n", "a: !custom x\n", "a: !!python/none x\n", "a: !!set {x}\n", "a: !!binary aGk=\n", "a: \"unclosed\n", "%YAML 1.1\n---\na: yes\n", "a: @x\n", "a: `x\n", "a: 1 # c\n",
    "a: x#y\n", "é: ü\n", "a: {}\nb: []\n", "a: - b\n", "a:   spaced   \n", "'quoted key': 1\n", "\"k\\ty\": 1\n", "a: [x, , y]\n", "a: 'tab\there'\n", "<<: x\n", "d:\n  <<: [1]\n", "a: !!str\n", "a: ! 5\n", "a: !!map {x: 1}\n", "a: !!seq [1]\n",
]


def supported(value):
    """What leyden reads: texts as keys, no dates, sets or bytes."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and supported(item) for key, item in value.items())
    if isinstance(value, list):
        return all(supported(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


def yaml_cases():
    texts = [f"k: {scalar}\n" for scalar in SCALARS] + [f"k: [{scalar}]\n" for scalar in SCALARS if not set(scalar) & set("[]{}|,!")] + DOCUMENTS
    for text in texts:
        row = {"yaml": text}
        try:
            loaded = yaml.safe_load(text)
            row["r"] = repr(loaded)
            row["odd"] = not supported(loaded) or (not isinstance(loaded, dict) and bool(loaded))
        except Exception as error:
            row["e"] = type(error).__name__
        rows.append(row)


fixed()
random_cases(700)
yaml_cases()
shutil.rmtree(ROOT, ignore_errors=True)
with OUT.open("w") as out:
    for row in rows:
        print(json.dumps(row), file=out)
print(len(rows), "cases", sum(len(row.get("calls", [1])) for row in rows), "answers", file=sys.stderr)
