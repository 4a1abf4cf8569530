#!/usr/bin/env python3
"""Asks ssh-keygen -F and a real ssh client what known_hosts files mean. Writes data/known_hosts.jsonl.

`find` cases are a file, a name, and the lines that `ssh-keygen -F` finds. `verdict` cases are a file and what the client says about a server
(OpenSSH's sshd, over a ProxyCommand) that shows a key: known, unknown, changed or revoked, and the line it names.

Needs openssh-client and openssh-server, and root.
"""
import sys
sys.path.pop(0)  # other files here have the names of modules
import base64, json, os, pathlib, random, re, shutil, subprocess, tempfile

OUT = pathlib.Path(__file__).with_name("data") / "known_hosts.jsonl"
rng = random.Random(20261130)
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="leyden-kh"))
os.makedirs("/run/sshd", exist_ok=True)
rows = []


def run(*args, **more):
    return subprocess.run([str(arg) for arg in args], stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)


def make_key(name, kind, *more):
    run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", ROOT / name, *more)
    kind, blob = (ROOT / f"{name}.pub").read_text().split()[:2]
    return f"{kind} {blob}"


KEYS = {name: make_key(name, kind, *more) for name, kind, more in [
    ("ed", "ed25519", []), ("ed2", "ed25519", []), ("ec", "ecdsa", []), ("ec384", "ecdsa", ["-b", "384"]), ("rsa", "rsa", ["-b", "2048"]), ("ca", "ed25519", []), ("ca2", "ed25519", []),
]}


def certify(key, authority, principals, name):
    shutil.copy(ROOT / f"{key}.pub", ROOT / f"{name}.pub")
    shutil.copy(ROOT / key, ROOT / name)
    run("ssh-keygen", "-q", "-s", ROOT / authority, "-I", name, "-h", *(["-n", principals] if principals else []), ROOT / f"{name}.pub")
    return (ROOT / f"{name}-cert.pub").read_text().split()[:2]


def hashed(line):
    path = ROOT / "hash"
    path.write_text(line + "\n")
    run("ssh-keygen", "-H", "-f", path)
    return path.read_text().strip()


def find(text, name):
    path = ROOT / "find"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run("ssh-keygen", "-F", name, "-f", path)
    rows.append({"find": name, "text": text, "lines": [int(n) for n in re.findall(r"found: line (\d+)", done.stdout)]})


def verdict(text, host, port, shown, certificate=None):
    """What the client says when the server shows this key."""
    path = ROOT / "known"
    path.write_text(text)
    config = ROOT / "sshd_config"
    config.write_text(f"HostKey {ROOT / shown}\n" + (f"HostCertificate {ROOT / certificate}-cert.pub\n" if certificate else "") + "UsePAM no\nPasswordAuthentication no\n")
    done = run("ssh", "-F", "/dev/null", "-p", port, "-o", f"UserKnownHostsFile={path}", "-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes",
               "-o", "UpdateHostKeys=no", "-o", f"ProxyCommand=/usr/sbin/sshd -i -f {config}", "-o", "IdentityFile=none", "-o", "IdentityAgent=none", f"nobody@{host}", "true", timeout=20)
    err = done.stderr
    answer = "unclear: " + err
    line = None
    if "is revoked" in err or "REVOKED HOST KEY" in err:
        answer = "revoked"
    elif "REMOTE HOST IDENTIFICATION HAS CHANGED" in err:
        answer = "changed"
        found = re.search(r"Offending .* key in \S+:(\d+)", err)
        line = int(found.group(1)) if found else None
    elif "host key is known" in err or "Host key verification failed" in err:
        answer = "unknown"
    elif "Permission denied" in err:
        answer = "known"
    row = {"verdict": answer, "line": line, "text": text, "host": host, "port": port, "key": KEYS[shown.removesuffix(".c")] if shown in KEYS else shown}
    if certificate:
        kind, blob = (ROOT / f"{certificate}-cert.pub").read_text().split()[:2]
        row["certificate"] = {"algorithm": kind, "blob": blob, **CERTIFICATES[certificate]}
    rows.append(row)


PATTERNS = ["web1", "web*", "*", "web?", "!web1,web*", "web*,!web1", "[web1]:2222", "[web*]:2222", "[*]:*", "web1,db", "db", "WEB1", "192.0.2.1", "192.0.2.*", "web1,192.0.2.1", "[::1]:2222", "::1", "*.example.org", "", ",", "!*", "web1,", "web1:2222", "[web1]:22", "[web1]"]
NAMES = ["web1", "web2", "WEB1", "[web1]:2222", "192.0.2.1", "[192.0.2.1]:2222", "::1", "a.example.org", "db", "[db]:22", "nothing"]


def lines():
    out = []
    for _ in range(rng.randint(1, 7)):
        key = KEYS[rng.choice(list(KEYS))]
        kind = rng.random()
        pattern = rng.choice(PATTERNS)
        line = f"{pattern} {key}"
        if kind < 0.15:
            name = rng.choice(["web1", "[web1]:2222", "192.0.2.1", "a.example.org"])
            line = hashed(f"{name} {key}")
        elif kind < 0.25:
            line = "@revoked " + line
        elif kind < 0.35:
            line = "@cert-authority " + line
        elif kind < 0.6:
            line = rng.choice(["# comment", "", "  " + line, "\t" + line, line + " a comment", line.replace(" ", "\t"), line + " ", "@unknown " + line, "@revoked @revoked " + line, line.replace(" ", "   "), "@revoked\t" + line])
        out.append(line)
    return "\n".join(out) + rng.choice(["\n", ""])


for pattern in PATTERNS:
    for name in NAMES:
        find(f"{pattern} {KEYS['ed']}\n", name)
for name in ["web1", "WEB1", "[web1]:2222", "a.example.org"]:
    text = hashed(f"{name.lower()} {KEYS['ed']}") + "\n"
    for other in NAMES:
        find(text, other)
for _ in range(150):
    find(lines(), rng.choice(NAMES))

for _ in range(130):
    verdict(lines(), rng.choice(["web1", "web2", "a.example.org"]), rng.choice([22, 22, 2222]), rng.choice(["ed", "ec", "rsa", "ed2"]))
for shown in ("ed", "rsa"):
    for other in ("ed2", "ec", "rsa", "ed"):
        for host in ("web1", "[web1]:2222", "web*"):
            for port in (22, 2222):
                verdict(f"{host} {KEYS[other]}\n", "web1", port, shown)
for other in ("ed", "ed2"):
    verdict(f"web1 {KEYS['ed2']}\nweb1 {KEYS['ed']}\n", "web1", 22, other)
    verdict(f"web1 {KEYS['ed']}\n@revoked * {KEYS['ed']}\n", "web1", 22, other)
    verdict(f"@revoked web1 {KEYS['ed']}\n", "web1", 22, other)
    verdict(f"@revoked other {KEYS['ed']}\nweb1 {KEYS['ed']}\n", "web1", 22, other)
    verdict(f"@revoked [web1]:2222 {KEYS['ed']}\nweb1 {KEYS['ed']}\n", "web1", 2222, other)
    verdict(f"@revoked web1 {KEYS['ed']}\n", "web1", 2222, other)

CERTIFICATES = {}
for name, (key, authority, principals) in {
    "c_web1": ("ed", "ca", "web1"), "c_any": ("ed", "ca", ""), "c_other": ("ed", "ca", "other"), "c_star": ("ed", "ca", "web*,db"), "c_ca2": ("ed", "ca2", "web1"), "c_ec": ("ec", "ca", "web1"),
}.items():
    certify(key, authority, principals, name)
    CERTIFICATES[name] = {"authority": KEYS[authority], "principals": principals.split(",") if principals else [], "key": KEYS[key]}
for name in CERTIFICATES:
    base = {"c_ec": "ec"}.get(name, "ed")
    for text in [
        f"@cert-authority web* {KEYS['ca']}\n", f"@cert-authority other {KEYS['ca']}\n", f"web1 {KEYS['ca']}\n", f"web1 {KEYS[base]}\n", f"@cert-authority * {KEYS['ca']}\n@revoked * {KEYS['ca']}\n",
        f"@cert-authority * {KEYS['ca']}\n@revoked * {KEYS[base]}\n", f"@cert-authority * {KEYS['ca']}\nweb1 {KEYS['ed2']}\n", f"web1 {KEYS['ed2']}\n", f"@cert-authority web1 {KEYS[base]}\n", "",
        f"@cert-authority [web1]:2222 {KEYS['ca']}\n",
    ]:
        for port in (22, 2222):
            verdict(text, "web1", port, base, name)

shutil.rmtree(ROOT)
unclear = [row for row in rows if str(row.get("verdict", "")).startswith("unclear")]
rows = [row for row in rows if row not in unclear]
with OUT.open("w") as out:
    for row in rows:
        print(json.dumps(row), file=out)
print(len(rows), "cases;", len(unclear), "unclear", unclear[:2], file=sys.stderr)
