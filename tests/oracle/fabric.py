"""Asks fabric 3.2.3 and invoke 2.2.1 what they do; writes tests/oracle/data/fabric.jsonl.

    . tests/servers/sshd.sh && python -P tests/oracle/fabric.py > tests/oracle/data/fabric.jsonl

Commands run on the real sshd of tests/servers/sshd.sh, which logs the command line that each channel asked for. A `sudo` of the
server's own home directory asks for the password `pw` as sudo does.
"""
import io, itertools, json, os, random, re, sys, stat

from fabric import Config, Connection, SerialGroup, ThreadingGroup
from fabric.connection import derive_shorthand
from fabric.exceptions import GroupException
from fabric.group import GroupResult
from invoke import FailingResponder, Responder, Result, UnexpectedExit, Failure
from invoke.exceptions import AuthFailure, CommandTimedOut, ResponseNotAccepted, WatcherError
from invoke.runners import normalize_hide

random.seed(20261130)
HOST, PORT = os.environ["LEYDEN_SSHD"].split(":")
DIR = os.environ["LEYDEN_SSHD_DIR"]
REAL = sys.stdout


def emit(kind, **fields):
    REAL.write(json.dumps({"kind": kind, **fields}, sort_keys=True) + "\n")


def shown(call):
    try:
        return {"value": call()}
    except Exception as error:
        return {"error": type(error).__name__, "str": str(error), "repr": repr(error)}


def result_fields(result):
    return None if result is None else {
        "stdout": result.stdout, "stderr": result.stderr, "exited": result.exited, "ok": result.ok, "failed": result.failed,
        "return_code": result.return_code, "command": result.command, "shell": result.shell, "env": {name: value for name, value in result.env.items() if os.environ.get(name) != value},
        "pty": result.pty, "hide": list(result.hide), "str": str(result), "repr": repr(result),
        "tail": [result.tail("stdout"), result.tail("stderr", 2)], "bool": bool(result)}


# --- host strings

pieces_user = ["", "user@", "a@b@", "@", "dep loy@", "ü@"]
pieces_host = ["host", "", "10.0.0.1", "::1", "fe80::1", "[::1]", "host.example.com", "h-1"]
pieces_port = ["", ":22", ":2222", ":", ":0", ":abc", ": 22", ":2_2", ":-5", ":+7", ":22 ", ":1__0", ":0x16", ":99999"]
strings = ["".join(parts) for parts in itertools.product(pieces_user, pieces_host, pieces_port)]
for text in random.sample(strings, 150) + ["host:22:33", "user@host:22:33", "a:b", "@:22", "@", ":", "@@", "user@@host"]:
    emit("shorthand", text=text, answer=shown(lambda: derive_shorthand(text)))

# --- connections


def config(**overrides):
    return Config(overrides={"user": "local", "load_ssh_configs": False, **overrides}, lazy=True)


for host, user, port, gateway, conf in itertools.product(
    ["web1", "deploy@web1", "web1:2222", "deploy@web1:2222", "local@web1", "web1:22", "::1"],
    [None, "ops", "local", ""], [None, 22, 2222], [None, "ssh gw nc %h %p", "jump"], [{}, {"port": 2222}, {"user": "ops"}]):
    if random.random() > 0.45:
        continue
    made = (lambda: Connection("gw", config=config(**conf))) if gateway == "jump" else (lambda: gateway)

    def ask():
        c = Connection(host, user=user, port=port, gateway=made(), config=config(**conf))
        return {"host": c.host, "original_host": c.original_host, "user": c.user, "port": c.port, "repr": repr(c), "forward_agent": c.forward_agent,
                "connect_timeout": c.connect_timeout, "inline_ssh_env": c.inline_ssh_env, "is_connected": c.is_connected, "cwd": c.cwd}
    emit("connection", host=host, user=user, port=port, gateway=gateway, config=conf, answer=shown(ask))

a = lambda *args, **kwargs: Connection(*args, config=config(), **kwargs)
for left, right in [(("h",), ("h",)), (("h",), ("h:22",)), (("u@h",), ("h",)), (("h:1",), ("h:2",)), (("a",), ("b",)), (("local@h",), ("h",)), (("b@a",), ("a@b",))]:
    emit("identity", left=left[0], right=right[0], equal=a(*left) == a(*right), less=a(*left) < a(*right))

# --- directories and prefixes

cwd_parts = ["/var/www", "site one", "~", "~/app", "sub", "..", "a b c", "/", "x/", "./y", "ünï", "$HOME/z", "*", "~user", "", "-", "a\\ b"]
for _ in range(70):
    cwds = [random.choice(cwd_parts) for _ in range(random.randint(0, 4))]
    prefixes = [random.choice(["workon env", "source /x", "export A=1", "umask 022"]) for _ in range(random.randint(0, 3))]
    c = a("h")
    c.command_cwds.extend(cwds)
    c.command_prefixes.extend(prefixes)
    emit("scope", cwds=cwds, prefixes=prefixes, cwd=c.cwd, line=c._prefix_commands("ls"))

# --- results and exceptions by themselves

texts = ["", "out", "out\n", "a\nb\nc\n", "\n".join(map(str, range(30))), "tab\tend  \n\n", "quote's \"both\"", "ü\u2028sep\x0bvt\x1c", "\r\ncr\rlf\n", "   ", "\x1b[1mbold"]
commands = ["ls", "it's", 'say "hi"', "both ' and \"", "tab\t", "new\nline", "ünï €", "\x00nul", "back\\slash", "\u200b"]
for index in range(70):
    fields = dict(stdout=random.choice(texts), stderr=random.choice(texts), command=random.choice(commands), exited=random.choice([0, 1, 2, 127, 255, -1, -15, None]),
                  pty=random.random() < 0.3, hide=random.choice([(), ("stdout",), ("stderr",), ("stdout", "stderr")]), shell="/bin/bash", encoding="utf-8")
    result = Result(**fields)
    emit("result", fields={**fields, "hide": list(fields["hide"])}, str=str(result), repr=repr(result), ok=result.ok, failed=result.failed,
         tails=[result.tail("stdout"), result.tail("stderr"), result.tail("stdout", 1), result.tail("stderr", 3), result.tail("stdout", 0)])
    timeout = random.choice([1, 5, 0.5, 30, 2.25])
    prompt = random.choice(["[sudo] password: ", "it's: ", "Pass\n"])
    errors = [UnexpectedExit(result), CommandTimedOut(result, timeout=timeout), AuthFailure(result=result, prompt=prompt), Failure(result, reason=ResponseNotAccepted("x"))]
    emit("exceptions", fields={**fields, "hide": list(fields["hide"])}, timeout=timeout, prompt=prompt,
         answers=[{"str": str(error), "repr": repr(error)} for error in errors])

for val, out, err in itertools.product([None, False, "out", "stdout", "err", "stderr", "both", True, "foo", "", "Both"], [None, "x"], [None, "x"]):
    emit("hide", value=val, out=out is not None, err=err is not None, answer=shown(lambda: list(normalize_hide(val, out, err))))

# --- watchers

alphabet = ["Pass: ", "word", "\n", "Sorry, try again.\n", "y/N ", "[sudo] password: ", "ok", "aa"]
patterns = ["Pass: ", r"a+", r"P.*d", r"y/N", re.escape("[sudo] password: "), r"(?m)^ok", r"\w+\n", "", r"o|k", r"s.a"]
for index in range(110):
    pattern = random.choice(patterns)
    failing = index % 2
    sentinel = random.choice(["Sorry, try again.\n", "wrong", "ok", r"S\w+"])
    watcher = FailingResponder(pattern, "answer\n", sentinel) if failing else Responder(pattern, "answer\n")
    stream, steps = "", []
    for _ in range(random.randint(1, 5)):
        stream += "".join(random.choice(alphabet) for _ in range(random.randint(0, 3)))
        steps.append({"stream": stream, "answer": shown(lambda: list(watcher.submit(stream)))})
    emit("watcher", pattern=pattern, sentinel=sentinel if failing else None, steps=steps)

# --- commands on a server

os.makedirs(f"{DIR}/home/bin", exist_ok=True)
os.makedirs(f"{DIR}/home/dir/sub dir", exist_ok=True)
with open(f"{DIR}/home/bin/sudo", "w") as file:
    file.write(r"""#!/usr/bin/env python3
import os, sys
args, prompt = sys.argv[1:], "Password: "
while args and args[0].startswith("-"):
    option = args.pop(0)
    if option == "-p": prompt = args.pop(0)
    elif option == "-u": args.pop(0)
for attempt in range(3):
    sys.stderr.write(prompt); sys.stderr.flush()
    if sys.stdin.readline().rstrip("\n") == "pw":
        os.execvp(args[0], args)
    if attempt < 2: sys.stderr.write("Sorry, try again.\n"); sys.stderr.flush()
sys.stderr.write("sudo: 3 incorrect password attempts\n"); sys.exit(1)
""")
os.chmod(f"{DIR}/home/bin/sudo", 0o755)
profile = open(f"{DIR}/run").read()
if "home/bin" not in profile:
    open(f"{DIR}/run", "w").write(profile.replace('cd "$HOME"', 'cd "$HOME"\nexport PATH="$HOME/bin:$PATH"'))


def connect(**kwargs):
    conf = Config(overrides={"load_ssh_configs": False, "user": "root", **kwargs.pop("overrides", {})}, lazy=True)
    return Connection(HOST, port=int(PORT), config=conf, connect_kwargs={"key_filename": f"{DIR}/client_key", "allow_agent": False, "look_for_keys": False}, **kwargs)


def lines():
    return open(f"{DIR}/commands.log").read().split("\0")[:-1]


connection = connect()
protocol = connect(inline_ssh_env=False)


def ask(method, command, cwds=(), prefixes=(), options=None, inline=True, config_overrides=None, stdin=None):
    options = dict(options or {})
    c = connect(overrides=config_overrides) if config_overrides else (connection if inline else protocol)
    c.command_cwds[:], c.command_prefixes[:] = list(cwds), list(prefixes)
    given = dict(options)
    given["in_stream"] = io.StringIO(stdin) if stdin is not None else False
    watchers = given.pop("responders", None)
    if watchers is not None:
        given["watchers"] = [Responder(*pair) for pair in watchers]
    streams = {}
    for name in ("out_stream", "err_stream"):
        if given.get(name):
            given[name] = streams[name] = io.StringIO()
    before = len(lines())
    out, err = io.StringIO(), io.StringIO()
    saved = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    outcome = {}
    try:
        outcome["result"] = result_fields(getattr(c, method)(command, **given))
    except Failure as error:
        outcome.update(error=type(error).__name__, str=str(error), repr=repr(error), result=result_fields(error.result),
                       reason=None if getattr(error, "reason", None) is None else [type(error.reason).__name__, str(error.reason)])
    except Exception as error:
        outcome.update(error=type(error).__name__, str=str(error), repr=repr(error))
    finally:
        sys.stdout, sys.stderr = saved
    if "env" in options:
        options["env"] = list(options["env"].items())
    emit("command", method=method, command=command, cwds=list(cwds), prefixes=list(prefixes), options=options, inline=inline, config=config_overrides or {},
         stdin=stdin, lines=lines()[before:] if method != "local" else [], outcome=outcome, printed=[out.getvalue(), err.getvalue()],
         streams={name: stream.getvalue() for name, stream in streams.items()})


plain = ["echo hi", "true", "false", "exit 3", "echo out; echo err >&2", "printf 'no newline'", "printf 'a\\nb\\nc\\n'", "echo $((6*7))", "cat", "printf '\\303\\274'",
         "printf '\\377x'", "kill -9 $$", "sh -c 'exit 255'", "no-such-command-here", "echo \"it's\"", "for i in $(seq 20); do echo line $i; done; exit 7", "echo '  spaces  '", ""]
for command in plain:
    for options in [{}, {"hide": True}, {"warn": True}, {"hide": True, "warn": True}, {"hide": "out"}, {"hide": "err", "warn": True}, {"echo": True, "warn": True}]:
        if random.random() < 0.62 or options == {"hide": True}:
            ask("run", command, options=options, stdin="typed\n" if command == "cat" else None)
for options in [{"echo": True, "hide": True}, {"echo": True, "hide": "both"}, {"echo": True, "echo_format": ">>> {command}"}, {"echo": True, "echo_format": "{{{command}}}"},
                {"dry": True}, {"dry": True, "hide": True}, {"dry": True, "echo_format": "[{command}]"}, {"hide": "stdout", "echo": True}, {"out_stream": True}, {"out_stream": True, "hide": True},
                {"err_stream": True, "hide": True}, {"err_stream": True, "out_stream": True}, {"encoding": "latin-1", "hide": True}, {"encoding": "ascii", "hide": True}, {"warn": False},
                {"hide": False}, {"hide": None}, {"hide": "foo"}, {"nonsense": 1}, {"asynchronous": True, "disown": True}]:
    ask("run", "echo out; echo err >&2; printf '\\303\\274\\n'", options=options)
for env in [{"A": "1"}, {"B": "2", "A": "1"}, {"Z": "", "A": "x"}, {"PATH_X": "/a:/b"}, {"LONG": "a.b-c_d/e@f%g+h=i,j:k"}]:
    for method, inline in [("run", True), ("run", False), ("sudo", True)]:
        options = {"env": env, "hide": True}
        if method == "sudo":
            options["password"] = "pw"
        ask(method, "echo $A-$B", options=options, inline=inline)
for cwds, prefixes in [(["dir"], []), (["dir", "sub dir"], []), (["/"], ["true"]), ([], ["echo pre"]), (["dir"], ["export X=1", "echo $X"]), (["/nowhere"], []), (["dir", "/tmp"], []), ([], ["false"]), (["~"], []), (["dir/"], ["true", "true"])]:
    ask("run", "echo done", cwds=cwds, prefixes=prefixes, options={"hide": True, "warn": True})
    ask("run", "echo done", cwds=cwds, prefixes=prefixes, options={"hide": True}, inline=True)
for command in ["echo as root", "sh -c 'echo err >&2; exit 4'", "echo a && echo b", "echo 'quoted word'"]:
    for options in [{"password": "pw"}, {"password": "pw", "user": "www"}, {"password": "bad"}, {"password": "pw", "warn": True}, {"password": "pw", "hide": False}, {"password": "pw", "echo": True, "user": "deploy"}]:
        ask("sudo", command, options={"hide": True, **options})
for overrides in [{"sudo": {"password": "pw"}}, {"sudo": {"password": "pw", "user": "ops"}}, {"sudo": {"password": "pw", "prompt": "PW> "}}, {"sudo": {"password": "nope", "prompt": "PW> "}}]:
    ask("sudo", "echo configured", options={"hide": True}, config_overrides=overrides)
for overrides in [{"run": {"warn": True}}, {"run": {"hide": True}}, {"run": {"echo": True}}, {"run": {"hide": "out", "echo": True}}, {"run": {"env": {"A": "conf"}}}, {"run": {"dry": True}},
                  {"run": {"echo": True, "echo_format": "+ {command}"}}, {"inline_ssh_env": False}, {"run": {"encoding": "latin-1"}}]:
    ask("run", "echo $A; echo err >&2; exit 2", options={}, config_overrides=overrides)
    ask("run", "echo ok", options={"env": {"A": "given"}}, config_overrides=overrides)
for responders, command in [([["name\\? ", "Ann\n"]], "printf 'name? '; read n; echo hi $n"), ([["a", "1\n"], ["b", "2\n"]], "printf a; read x; printf b; read y; echo $x$y"), ([["never", "x"]], "echo quiet")]:
    ask("run", command, options={"hide": True, "responders": responders})
for timeout in [1, 0.5]:
    ask("run", "echo begun; sleep 30", options={"hide": True, "timeout": timeout})
    ask("run", "echo quick", options={"hide": True, "timeout": 30})
    ask("local", "echo begun; exec sleep 30", options={"hide": True, "timeout": timeout})
for command in ["echo hi", "exit 3", "echo out; echo err >&2", "cat", "kill -9 $$", "kill -15 $$", "echo $A", "no-such-command-here", "printf '\\377x'"]:
    for options in [{"hide": True}, {"warn": True}, {"hide": True, "env": {"A": "x y"}}, {"hide": True, "shell": "/bin/sh", "warn": True}, {"echo": True, "warn": True}, {"dry": True}]:
        if random.random() < 0.75:
            ask("local", command, options=options, stdin="typed\n" if command == "cat" else None)
ask("local", "pwd", cwds=["/tmp"], options={"hide": True})
ask("local", "echo x", prefixes=["echo y"], options={"hide": True})

# --- groups

for kind in (SerialGroup, ThreadingGroup):
    for command in ["echo hi", "exit 3"]:
        group = kind.from_connections([connect(), connect()][:1])
        saved = sys.stdout
        sys.stdout = io.StringIO()
        try:
            result, error = group.run(command, hide=True, in_stream=False), None
        except GroupException as exception:
            result, error = exception.result, exception
        finally:
            sys.stdout = saved
        place = f"host={HOST} port={PORT}"
        hidden = lambda text: text.replace(place, "HOST")
        emit("group", group=kind.__name__, command=command, repr=hidden(repr(result)), failed=len(result.failed), succeeded=len(result.succeeded),
             error=None if error is None else {"type": type(error).__name__, "str": hidden(str(error)), "repr": hidden(repr(error))})
for index in range(30):
    hosts = random.sample(["web1", "web2", "ops@db1", "cache:2222", "local@x"], random.randint(0, 4))
    result, entries = GroupResult(), []
    for host in hosts:
        command, exited = random.choice(commands), random.choice([0, 0, 1, 127])
        inner = Result(command=command, exited=exited)
        result[a(host)] = inner if exited == 0 else UnexpectedExit(inner)
        entries.append([host, command, exited])
    emit("group_result", entries=entries, repr=repr(result), exception=[str(GroupException(result)), repr(GroupException(result))],
         succeeded=len(result.succeeded), failed=len(result.failed))
