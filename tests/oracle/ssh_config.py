#!/usr/bin/env python3
"""Asks the real `ssh -G` what generated configurations mean.

    python3 tests/oracle/ssh_config.py >tests/oracle/data/ssh_config.jsonl

The first line has the facts of the machine that was asked; the others one configuration each: its files, the host, and either
the options that `ssh -G` prints (`changed`: unlike without a configuration; `same`: named in the files, with the default value)
or the place of the first error. `identities` are the files that `ssh -v` names, tokens expanded.

Needs OpenSSH's client (9.2 was asked). Writes below /tmp/leyden-ssh and ~/.ssh/leyden-oracle, and removes both.
"""
import sys
sys.path.pop(0)  # other files here have the names of modules
import json
import os
import pwd
import random
import re
import shutil
import socket
import subprocess

ROOT = "/tmp/leyden-ssh"
HOME = pwd.getpwuid(os.getuid()).pw_dir
BESIDE = os.path.join(HOME, ".ssh", "leyden-oracle")
VARIABLES = {"LEYDEN_A": "alpha", "LEYDEN_DIR": "/srv/keys", "LEYDEN_EMPTY": ""}
SHELL = {**os.environ, **VARIABLES, "SHELL": "/bin/sh"}

# A few values of each keyword, some of them wrong.
VALUES = {
    "AddKeysToAgent": ["yes", "no", "ask", "confirm", "confirm 5m", "90", "1h", "maybe", "yes 5m"],
    "AddressFamily": ["inet", "inet6", "any", "INET", "ipv4"],
    "BatchMode": ["yes", "no", "TRUE", "false", "on"],
    "BindAddress": ["192.0.2.1", '"192.0.2.2"'],
    "BindInterface": ["eth0"],
    "CanonicalDomains": ["example.org example.com", "none", "none example.org", "a..b", "Example.ORG.", "-x.org"],
    "CanonicalizeFallbackLocal": ["yes", "no"],
    "CanonicalizeMaxDots": ["0", "2", "x", "-1"],
    "CanonicalizePermittedCNAMEs": ["*.a.org:*.b.org", "none", "*", "a:b c:d", "a", "*.A.org:x.B.org"],
    "CertificateFile": ["~/.ssh/id_a-cert.pub", "/c/%n-cert.pub"],
    "CheckHostIP": ["yes", "no"],
    "Ciphers": ["aes128-ctr", "+aes128-cbc", "aes256-gcm@openssh.com,aes128-gcm@openssh.com"],
    "ClearAllForwardings": ["yes", "no"],
    "Compression": ["yes", "no", "maybe"],
    "ConnectionAttempts": ["1", "7", "x", "1x", "0"],
    "ConnectTimeout": ["10", "1m", "1m30s", "2h", "1d", "1w", "none", "0", "x", "5x", "1m1m", "15s", "60 # comment", "99999999999"],
    "ControlMaster": ["yes", "no", "auto", "autoask", "ask", "sometimes"],
    "ControlPath": ["~/.ssh/%r@%h:%p", "/tmp/%C", "none", "/tmp/%n-%L-%u-%i", "%d/x", "/tmp/${LEYDEN_A}", "/tmp/%%h", "/tmp/%k"],
    "ControlPersist": ["yes", "no", "10m", "0", "300", "forever"],
    "DynamicForward": ["1080", "127.0.0.1:1080", "[::1]:1080", "*:1080", "0", "x", "1080 extra"],
    "EscapeChar": ["~", "none", "%", "xx"],
    "ExitOnForwardFailure": ["yes", "no"],
    "FingerprintHash": ["md5", "sha256", "SHA512", "crc"],
    "ForwardAgent": ["yes", "no", "$SSH_OTHER", "/run/agent.sock", "/run/${LEYDEN_A}.sock"],
    "ForwardX11": ["yes", "no"],
    "ForwardX11Timeout": ["20m", "0", "x"],
    "ForwardX11Trusted": ["yes", "no"],
    "GatewayPorts": ["yes", "no", "clientspecified"],
    "GlobalKnownHostsFile": ["/etc/a /etc/b", "none", "/etc/only", "none /etc/a"],
    "HashKnownHosts": ["yes", "no"],
    "HostbasedAuthentication": ["yes", "no"],
    "HostKeyAlgorithms": ["ssh-ed25519", "+ssh-rsa", "-ssh-ed25519*"],
    "HostKeyAlias": ["alias", "alias.example.org"],
    "HostName": ["real.example.org", "%h.example.org", "192.0.2.7", "2001:db8::7", "REAL.Example.org", "%%h.org", '"quoted.example.org"', "a b", "%n.x"],
    "IdentitiesOnly": ["yes", "no"],
    "IdentityAgent": ["none", "SSH_AUTH_SOCK", "~/agent.sock", "/run/%u.sock", "$LEYDEN_A"],
    "IdentityFile": ["~/.ssh/id_one", "/keys/%r/%h", "id_rel", '"/keys/with space"', "/keys/with\\ space", "none", "/keys/%u-%n", "%d/.ssh/%L", "${LEYDEN_DIR}/k", "/keys/%i", "~root/.ssh/k", "~/.ssh/id_one"],
    "IPQoS": ["af21 cs1", "lowdelay", "ef", "0x10", "none", "bad", "cs6 le"],
    "KbdInteractiveAuthentication": ["yes", "no"],
    "ChallengeResponseAuthentication": ["yes", "no"],
    "KbdInteractiveDevices": ["pam"],
    "KexAlgorithms": ["curve25519-sha256", "-diffie*"],
    "LocalCommand": ["echo %h  'a b'", "= touch /tmp/x"],
    "LocalForward": ["8080 localhost:80", "127.0.0.1:8080 localhost:80", "[::1]:8080 [::1]:80", "/tmp/a.sock localhost:80", "8080 /run/b.sock", "/tmp/a.sock /tmp/b.sock", "8080", "x localhost:80", "8080 localhost", "8080 localhost:0", "*:8080 h:80", "8081 localhost:80 # c"],
    "LogLevel": ["QUIET", "info", "DEBUG", "DEBUG2", "verbose", "loud"],
    "MACs": ["hmac-sha2-256", "-*sha1*"],
    "NoHostAuthenticationForLocalhost": ["yes", "no"],
    "NumberOfPasswordPrompts": ["1", "5"],
    "PasswordAuthentication": ["yes", "no"],
    "PermitLocalCommand": ["yes", "no"],
    "PermitRemoteOpen": ["any", "none", "localhost:80", "h:80 g:*", "h:x", "any h:80", "[::1]:22"],
    "PKCS11Provider": ["/lib/p.so"],
    "Port": ["22", "2222", "65535", "0", "65536", "x", "22x", "http", '"2200"', "2222 23"],
    "PreferredAuthentications": ["publickey,password"],
    "Protocol": ["2", "1,2"],
    "ProxyCommand": ["nc %h %p", "none", "= nc -X 5 %h %p", '"quoted words" and more', "nc %h %p # not a comment", "ssh -W [%h]:%p gw"],
    "ProxyJump": ["gw", "u@gw:2222", "gw1,u2@gw2:22", "none", "ssh://u@gw:2200", "[2001:db8::1]:22", "gw:x", "a,,b", "u@[2001:db8::2]"],
    "ProxyUseFdpass": ["yes", "no"],
    "PubkeyAuthentication": ["yes", "no", "unbound", "host-bound", "maybe"],
    "RekeyLimit": ["1G", "1G 1h", "default none", "default", "500M 600", "4", "1X", "100K", "0", "1G x"],
    "RemoteCommand": ["uptime", "tmux attach -t %n"],
    "RemoteForward": ["9090 localhost:90", "9090", "0 localhost:90", "[::]:9090 h:90", "/tmp/r.sock h:90", "x"],
    "RequestTTY": ["yes", "no", "force", "auto", "never"],
    "RequiredRSASize": ["2048", "x"],
    "RevokedHostKeys": ["/etc/revoked"],
    "SecurityKeyProvider": ["internal", "/lib/sk.so"],
    "SendEnv": ["LANG LC_*", "FOO", "-LC_*", "A=B", "-NOTHING BAR", "LANG"],
    "ServerAliveCountMax": ["3", "10"],
    "ServerAliveInterval": ["0", "30", "1m", "x"],
    "SessionType": ["none", "subsystem", "default", "x"],
    "SetEnv": ["A=1 B=2", "A=1 A=2", "NOVALUE", '"C=with space"', "D="],
    "StdinNull": ["yes", "no"],
    "StreamLocalBindUnlink": ["yes", "no"],
    "StrictHostKeyChecking": ["yes", "no", "ask", "accept-new", "off", "maybe"],
    "SyslogFacility": ["AUTH", "local3", "x"],
    "TCPKeepAlive": ["yes", "no"],
    "KeepAlive": ["yes", "no"],
    "Tunnel": ["yes", "no", "point-to-point", "ethernet", "x"],
    "TunnelDevice": ["any", "1", "1:2", "any:3", "x"],
    "UpdateHostKeys": ["yes", "no", "ask"],
    "User": ["deploy", '"quoted user"', "u1", "Two", "a b"],
    "UserKnownHostsFile": ["~/.ssh/kh", "/a /b", "none", "/kh/%h", "/kh/${LEYDEN_A}", "none /a"],
    "VerifyHostKeyDNS": ["yes", "no", "ask"],
    "VisualHostKey": ["yes", "no"],
    "XAuthLocation": ["/usr/bin/xauth2"],
    "RhostsRSAAuthentication": ["yes"],
    "Cipher": ["3des"],
}
HOSTS = ["web1", "web2.example.org", "db", "DB", "a.b.c.d", "192.0.2.9", "x"]
PATTERNS = ["*", "web*", "web?", "!web2*", "db", "DB", "*.example.org", "?", "*.b.*", "!db", "192.0.2.*", '"web1"', "nothing", "web1,db", "[dw]eb1", "a*b*c*d", "!*"]
CRITERIA = [
    "all", "host web*", "host web1,db", "host *.example.org", "host !web1,*", "originalhost web1", "originalhost !db,*",
    "user deploy", "user root", "user !root,*", "localuser root", "localuser nobody", "!host web*", "!user root", "!localuser root",
    "exec true", "exec false", "!exec true", 'exec "test %n = web1"', 'exec "test %h = real.example.org"', 'exec "test %r = deploy"',
    'exec "exit 3"', "host web* user root", "final", "!final", "canonical", "!canonical", "final host *.example.org",
    'host "web1"', "HOST web1", 'exec "test -n %C"', 'exec "test %p = 2222"', "host web1 exec false", "all # comment", "canonical all",
]
BAD_CRITERIA = ["", "host", "nonsense x", "all host web1", "host web1 all", "exec", "user", "all all"]


def write(files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o600)


def clean():
    shutil.rmtree(ROOT, ignore_errors=True)
    shutil.rmtree(BESIDE, ignore_errors=True)
    os.makedirs(ROOT)
    os.makedirs(BESIDE)


def options(text):
    found = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key.lower(), []).append(value)
    return found


def run(*args):
    return subprocess.run(args, env=SHELL, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


DEFAULTS = {}


def ask(files, host):
    clean()
    write(files)
    main = f"{ROOT}/config"
    record = {"files": files, "host": host}
    done = run("ssh", "-G", "-F", main, "--", host)
    if "Could not resolve hostname" in done.stderr:
        return None  # CanonicalizePermittedCNAMEs asks the network
    if done.returncode:
        places = re.findall(r"^(/\S+?)(?: line |: line )(\d+): (?!Unsupported option)", done.stderr, re.M)
        record["error"] = [places[0][0], int(places[0][1])] if places else done.stderr.strip().splitlines()[-1]
        return record
    if host not in DEFAULTS:
        DEFAULTS[host] = options(run("ssh", "-G", "-F", "/dev/null", "--", host).stdout)
    named = {word.lower() for text in files.values() for word in re.findall(r"[A-Za-z0-9]+", text)}
    answer = options(done.stdout)
    record["changed"] = {key: value for key, value in answer.items() if DEFAULTS[host].get(key) != value and key != "host"}
    record["same"] = {key: value for key, value in answer.items() if DEFAULTS[host].get(key) == value and key in named and key != "host"}
    everything = "".join(files.values()).lower()
    if "identityfile" in everything and "canonical" not in everything and "localforward" not in everything:
        verbose = run("ssh", "-v", "-F", main, "-o", "ProxyCommand=true", "-o", "ControlPath=none", "-o", "BatchMode=yes", "--", host)
        record["identities"] = re.findall(r"^debug1: identity file (.*) type -?\d+$", verbose.stderr, re.M)
        record["identities"] = [name for name in record["identities"] if not name.endswith("-cert")]
    return record


def one_value(rng, keyword=None):
    keyword = keyword or rng.choice(list(VALUES))
    good = [value for value in VALUES[keyword]]
    return keyword, rng.choice(good)


def line(rng, keyword, value):
    spelled = rng.choice([keyword, keyword.lower(), keyword.upper(), keyword])
    between = rng.choice([" ", " ", "\t", " = ", "=", "   "])
    if value.startswith("="):
        between = " "
    return rng.choice(["", "  ", "\t"]) + spelled + between + value + rng.choice(["", "", "", " ", "\r"])


def block(rng, depth, files):
    kind = rng.random()
    lines = []
    if kind < 0.5:
        lines.append("Host " + " ".join(rng.sample(PATTERNS, rng.randint(1, 3))))
    elif kind < 0.85:
        lines.append("Match " + rng.choice(CRITERIA))
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.08:
            lines.append(rng.choice(["# a comment", "", "   # indented", "\t"]))
        if rng.random() < 0.12 and depth < 2:
            name = f"{ROOT}/inc{len(files)}.conf"
            how = rng.random()
            if how < 0.3:
                name = f"{BESIDE}/inc{len(files)}.conf"
            files[name] = ""
            files[name] = "\n".join("\n".join(block(rng, depth + 1, files)) for _ in range(rng.randint(1, 2))) + "\n"
            shown = name
            if name.startswith(BESIDE):
                shown = rng.choice(["leyden-oracle/" + os.path.basename(name), "~/.ssh/leyden-oracle/" + os.path.basename(name), "leyden-oracle/*.conf"])
            lines.append("Include " + rng.choice([shown, shown, f'"{shown}"', f"{shown} {ROOT}/missing.conf"]))
        else:
            likely = ["User", "HostName", "Port", "IdentityFile", "ProxyJump", "ProxyCommand", "SendEnv", "SetEnv", "LocalForward"]
            keyword, value = one_value(rng, rng.choice(likely) if rng.random() < 0.5 else None)
            lines.append(line(rng, keyword, value))
    return lines


def systematic():
    for keyword, values in VALUES.items():
        for value in values:
            yield {f"{ROOT}/config": f"{keyword} {value}\n"}, "web1"
    for criterion in CRITERIA + BAD_CRITERIA:
        yield {f"{ROOT}/config": f"Host web1\nHostName real.example.org\nPort 2222\nMatch {criterion}\nUser matched\n"}, "web1"
    for pattern in PATTERNS:
        for host in HOSTS[:4]:
            yield {f"{ROOT}/config": f"Host {pattern}\nUser matched\n"}, host
    texts = [
        "Port\n", "Port \n", "Nonsense yes\n", "IgnoreUnknown Non*\nNonsense yes\nUser u\n", "Nonsense yes\nIgnoreUnknown Non*\n",
        'User "unclosed\n', "User 'single quoted'\n", 'User "a\\"b"\n', "User a\\ b\n", "User a\\\\b\n", 'User ""\n', "User a#b\n", "User a #b\n",
        '"User" quoted\n', "User=x\n", "User = x\n", "User== x\n", "Host\nUser x\n", 'Host ""\nUser x\n', "Host web1 # c\nUser x\n",
        "User a\nUser b\n", "IdentityFile /a\nIdentityFile /b\nIdentityFile /a\n", "Host *\nUser a\nHost web1\nUser b\n",
        "ProxyJump gw\nProxyCommand nc\n", "ProxyCommand nc\nProxyJump gw\n", "ProxyJump none\nProxyCommand nc\n", "ProxyCommand none\nProxyJump gw\n",
        "ProxyJump none\nProxyJump gw\n", "Match final\nUser last\n", "User first\nMatch final\nUser last\nPort 99\n",
        "HostName other\nMatch host other\nUser o\n", "HostName %h.d\nMatch host web1.d\nUser o\n", "Match host other\nUser o\nHost web1\nHostName other\n",
        "Host !web1\nUser x\n", "Host web1 !web1\nUser x\n", "Host !web2 *\nUser x\n", "\ufeffUser x\n", "User x\fPort 22\n", "User x\f\n",
        "SendEnv A B\nSendEnv C\nSendEnv -A\n", "SetEnv A=1\nSetEnv B=2\n", "UserKnownHostsFile /a\nUserKnownHostsFile /b\n",
        "LocalForward 1 a:1\nLocalForward 2 b:2\nLocalForward 1 a:1\n", "CanonicalizeHostname no\nCanonicalDomains x.org\n",
        "Match exec \"echo out; true\"\nUser x\n", "Match host web1 !user root\nUser x\n", "Match user root\nUser x\nMatch user x\nPort 7\n",
    ]
    for text in texts:
        yield {f"{ROOT}/config": text}, "web1"
    # Includes: inactive ones, state after them, depth, order.
    yield {f"{ROOT}/config": f"Host db\nInclude {ROOT}/a\nHost *\nPort 9\n", f"{ROOT}/a": "User a\n"}, "web1"
    yield {f"{ROOT}/config": f"Host db\nInclude {ROOT}/a\n", f"{ROOT}/a": "Host *\nUser a\n"}, "web1"
    yield {f"{ROOT}/config": f"Host web1\nInclude {ROOT}/a\nPort 9\n", f"{ROOT}/a": "Host db\nUser a\n"}, "web1"
    yield {f"{ROOT}/config": f"Include {ROOT}/a\nPort 9\n", f"{ROOT}/a": "Host db\nUser a\n"}, "web1"
    yield {f"{ROOT}/config": f"Host db\nInclude {ROOT}/a\n", f"{ROOT}/a": "Nonsense\n"}, "web1"
    yield {f"{ROOT}/config": f"Include {ROOT}/*.conf\n", f"{ROOT}/b.conf": "User b\n", f"{ROOT}/a.conf": "User a\n", f"{ROOT}/.c.conf": "User c\n"}, "web1"
    yield {f"{ROOT}/config": f"Include {ROOT}/config\n"}, "web1"
    yield {f"{ROOT}/config": f"Include {ROOT}/missing {ROOT}/a\n", f"{ROOT}/a": "User a\n"}, "web1"
    chain = {f"{ROOT}/config": f"Include {ROOT}/d1\n"}
    for level in range(1, 16):
        chain[f"{ROOT}/d{level}"] = f"Include {ROOT}/d{level + 1}\n"
    yield {**chain, f"{ROOT}/d16": "User deep\n"}, "web1"
    yield {**chain, f"{ROOT}/d16": f"Include {ROOT}/d17\n", f"{ROOT}/d17": "User deep\n"}, "web1"
    yield {f"{ROOT}/config": "Include\n"}, "web1"
    yield {f"{ROOT}/config": 'Include ""\n'}, "web1"
    for host in HOSTS:
        yield {f"{ROOT}/config": "Host *\n  ControlPath /tmp/%C-%n-%h-%p-%r\n  User deploy\n  Port 2222\n"}, host


def show(record):
    if record:
        print(json.dumps(record))


def main():
    rng = random.Random(20261130)
    me = pwd.getpwuid(os.getuid())
    facts = {"user": me.pw_name, "uid": me.pw_uid, "home": me.pw_dir, "hostname": socket.gethostname(), "variables": VARIABLES,
             "version": subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.strip()}
    print(json.dumps(facts))
    for files, host in systematic():
        show(ask(files, host))
    for _ in range(400):
        files = {f"{ROOT}/config": ""}
        text = "\n".join("\n".join(block(rng, 0, files)) for _ in range(rng.randint(1, 4))) + "\n"
        files[f"{ROOT}/config"] = text
        show(ask(files, rng.choice(HOSTS)))
    shutil.rmtree(ROOT, ignore_errors=True)
    shutil.rmtree(BESIDE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
