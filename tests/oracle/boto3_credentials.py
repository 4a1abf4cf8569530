"""Who signs: python3 tests/oracle/boto3_credentials.py (boto3, as pinned in tests/servers/requirements.txt)

Each case is an environment, files, and a session. The real boto3 calls S3 on loopback, where every service that gives credentials is
faked as well. What is written is the access key that signed, or the class of the error, and what was asked on the way.
"""

import sys

# Beside this file lies a re.py, which is not Python's.
sys.path.pop(0)

import base64
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATA = pathlib.Path(__file__).absolute().parent / "data/boto3_credentials.jsonl"
FAR = "2099-01-01T00:00:00Z"
PAST = "2001-01-01T00:00:00Z"

ENV = {"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "secret"}
IMDS = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/ok"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/ok"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/WEBENV"}
TOKEN = {"token": "web-token"}
KEYS = "aws_access_key_id = {0}\naws_secret_access_key = secret\n"
ROLE = "role_arn = arn:aws:iam::1:role/{0}\n"


def profile(name, text):
    return ("[default]\n" if name == "default" else f"[profile {name}]\n") + text


def program(text, code=0):
    return f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n"


def printed(key, **more):
    return json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "secret"} | more)


P = lambda text: profile("p", text)
BASE = profile("base", KEYS.format("BASEKEY"))
SSO = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
SSO_LEGACY = SSO + "sso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
SSO_SESSION = SSO + "sso_session = corp\n"
SESSION = "[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"


def cached(name, **token):
    return {f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json": json.dumps(token)}


GOOD = cached("https://x.awsapps.com/start", accessToken="good", expiresAt=FAR)
REFRESH = dict(clientId="i", clientSecret="s", refreshToken="again", registrationExpiresAt=FAR)


def case(what, environ=None, config="", credentials="", named=None, files=None):
    return {"what": what, "environ": environ or {}, "config": config, "credentials": credentials, "profile": named, "files": files or {}}


OFF = {"AWS_EC2_METADATA_DISABLED": "true"}
CASES = [
    case("keys of the environment", ENV),
    case("a name without a key", {"AWS_ACCESS_KEY_ID": "ENVKEY"} | OFF),
    case("a key without a name", {"AWS_SECRET_ACCESS_KEY": "x"} | OFF),
    case("environment that ends later", ENV | {"AWS_CREDENTIAL_EXPIRATION": FAR}),
    case("environment that has ended", ENV | {"AWS_CREDENTIAL_EXPIRATION": PAST}),
    case("environment before the default profile", ENV, credentials="[default]\n" + KEYS.format("FILEKEY")),
    case("environment before AWS_PROFILE", ENV | {"AWS_PROFILE": "p"}, P(KEYS.format("PKEY"))),
    case("a profile in code before the environment", ENV, P(KEYS.format("PKEY")), named="p"),
    case("a process of a profile in code before the environment", ENV, P("credential_process = {home}/run\n"), named="p", files={"run": program(printed("PROCKEY"))}),
    case("a role of a profile in code before the environment", ENV, P(ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
    case("the environment before a role of AWS_PROFILE", ENV | {"AWS_PROFILE": "p"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE),
    case("a role of AWS_PROFILE", {"AWS_PROFILE": "p"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE),
    case("a role of the default profile, from keys beside it", {}, profile("default", ROLE.format("R1") + "source_profile = default\n" + KEYS.format("DKEY"))),
    case("two roles in a chain", {}, P(ROLE.format("R2") + "source_profile = q\n") + profile("q", ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
    case("three roles in a chain", {}, P(ROLE.format("R3") + "source_profile = o\n") + profile("o", ROLE.format("R2") + "source_profile = q\n") + profile("q", ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
    case("a chain whose middle has keys", {}, P(ROLE.format("R2") + "source_profile = q\n") + profile("q", ROLE.format("R1") + "source_profile = base\n" + KEYS.format("QKEY")) + BASE, named="p"),
    case("a source in the credentials file", {}, P(ROLE.format("R1") + "source_profile = base\n"), credentials="[base]\n" + KEYS.format("SHAREDKEY"), named="p"),
    case("a source with a process", {}, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", "credential_process = {home}/run\n"), named="p", files={"run": program(printed("PROCKEY"))}),
    case("a source with a web identity", {}, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", ROLE.format("W1") + "web_identity_token_file = {home}/token\n"), named="p", files=TOKEN),
    case("a source with SSO", {}, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", SSO_LEGACY), named="p", files=GOOD),
    case("a source that does not exist, on an instance", IMDS, P(ROLE.format("R1") + "source_profile = gone\n"), named="p"),
    case("a source without credentials, on an instance", IMDS, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", "region = eu-west-1\n"), named="p"),
    case("a loop of two", IMDS, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", ROLE.format("R2") + "source_profile = p\n"), named="p"),
    case("a loop of three behind the first", IMDS, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", ROLE.format("R2") + "source_profile = o\n") + profile("o", ROLE.format("R3") + "source_profile = q\n"), named="p"),
    case("its own source, without keys", IMDS, P(ROLE.format("R1") + "source_profile = p\n"), named="p"),
    case("a role without a source", IMDS, P(ROLE.format("R1")), named="p"),
    case("a role with two sources", IMDS, P(ROLE.format("R1") + "source_profile = base\ncredential_source = Environment\n") + BASE, named="p"),
    case("an unknown credential_source", IMDS, P(ROLE.format("R1") + "credential_source = Moon\n"), named="p"),
    case("credential_source in lower case", ENV, P(ROLE.format("R1") + "credential_source = environment\n"), named="p"),
    case("credential_source Environment", ENV, P(ROLE.format("R1") + "credential_source = Environment\n"), named="p"),
    case("credential_source Environment, which has none", IMDS, P(ROLE.format("R1") + "credential_source = Environment\n"), named="p"),
    case("credential_source EcsContainer", CONTAINER, P(ROLE.format("R1") + "credential_source = EcsContainer\n"), named="p"),
    case("credential_source EcsContainer, not in a container", IMDS, P(ROLE.format("R1") + "credential_source = EcsContainer\n"), named="p"),
    case("credential_source Ec2InstanceMetadata", IMDS, P(ROLE.format("R1") + "credential_source = Ec2InstanceMetadata\n"), named="p"),
    case("credential_source Ec2InstanceMetadata, no role", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/norole"}, P(ROLE.format("R1") + "credential_source = Ec2InstanceMetadata\n"), named="p"),
    case("a role that is refused", {}, P(ROLE.format("DENIED") + "source_profile = base\n") + BASE, named="p"),
    case("half of the keys in a source", {}, P(ROLE.format("R1") + "source_profile = q\n") + profile("q", "aws_access_key_id = X\n"), named="p"),
    case("a bad duration is left out", {}, P(ROLE.format("R1") + "source_profile = base\nduration_seconds = soon\nexternal_id = ext-1\nrole_session_name = me\n") + BASE, named="p"),
    case("a web identity of the environment", WEB, files=TOKEN),
    case("a web identity of the environment before files", WEB, credentials="[default]\n" + KEYS.format("FILEKEY"), files=TOKEN),
    case("a role of the profile before a web identity of the environment", WEB | {"AWS_PROFILE": "p"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE, files=TOKEN),
    case("a profile in code without a web identity of the environment", WEB, P(KEYS.format("PKEY")), named="p", files=TOKEN),
    case("a web identity without a role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"} | IMDS, files=TOKEN),
    case("a web identity without its file", WEB | IMDS),
    case("a web identity with a bad token", WEB | IMDS, files={"token": "stolen"}),
    case("a web identity of a profile", {}, P(ROLE.format("W1") + "web_identity_token_file = {home}/token\n"), named="p", files=TOKEN),
    case("SSO, legacy", {}, P(SSO_LEGACY), named="p", files=GOOD),
    case("SSO without a token", IMDS, P(SSO_LEGACY), named="p"),
    case("SSO with an expired token", IMDS, P(SSO_LEGACY), named="p", files=cached("https://x.awsapps.com/start", accessToken="good", expiresAt=PAST)),
    case("SSO with a refused token", IMDS, P(SSO_LEGACY), named="p", files=cached("https://x.awsapps.com/start", accessToken="bad", expiresAt=FAR)),
    case("SSO without a region", IMDS, P(SSO + "sso_start_url = https://x.awsapps.com/start\n"), named="p"),
    case("SSO before keys of the profile", {}, P(SSO_LEGACY + KEYS.format("PKEY")), named="p", files=GOOD),
    case("SSO of a session", {}, P(SSO_SESSION) + SESSION, named="p", files=cached("corp", accessToken="good", expiresAt=FAR)),
    case("SSO of a session, refreshed", {}, P(SSO_SESSION) + SESSION, named="p", files=cached("corp", accessToken="old", expiresAt=PAST, **REFRESH)),
    case("SSO of a session, its registration over", IMDS, P(SSO_SESSION) + SESSION, named="p", files=cached("corp", accessToken="old", expiresAt=PAST, **(REFRESH | {"registrationExpiresAt": PAST}))),
    case("SSO of a session that is not there", IMDS, P(SSO_SESSION), named="p"),
    case("SSO that contradicts its session", IMDS, P(SSO_SESSION + "sso_region = eu-west-1\n") + SESSION, named="p", files=cached("corp", accessToken="good", expiresAt=FAR)),
    case("keys of the credentials file before a process", {}, P("credential_process = {home}/run\n"), credentials="[p]\n" + KEYS.format("SHAREDKEY"), named="p", files={"run": program(printed("PROCKEY"))}),
    case("a process before keys of the config file", {}, P("credential_process = {home}/run\n" + KEYS.format("PKEY")), named="p", files={"run": program(printed("PROCKEY"))}),
    case("a process with a semicolon is no shell", {}, P("credential_process = {home}/run ; echo no\n"), named="p", files={"run": program(printed("PROCKEY"))}),
    case("a process with quoted arguments", {}, P("credential_process = \"{home}/run it\" 'a b'\n"), named="p", files={"run it": program(printed("PROCKEY"))}),
    case("a process that fails", IMDS, P("credential_process = {home}/run\n"), named="p", files={"run": program(printed("PROCKEY"), 3)}),
    case("a process that is not there", IMDS, P("credential_process = {home}/gone\n"), named="p"),
    case("a process of version 2", IMDS, P("credential_process = {home}/run\n"), named="p", files={"run": program('{"Version": 2}')}),
    case("a process that prints no JSON", IMDS, P("credential_process = {home}/run\n"), named="p", files={"run": program("hello")}),
    case("a process without a secret", IMDS, P("credential_process = {home}/run\n"), named="p", files={"run": program('{"Version": 1, "AccessKeyId": "X"}')}),
    case("a process whose credentials have ended", IMDS, P("credential_process = {home}/run\n"), named="p", files={"run": program(printed("PROCKEY", Expiration=PAST, SessionToken="t"))}),
    case("a container", CONTAINER),
    case("a container before an instance", CONTAINER | IMDS),
    case("files before a container", CONTAINER, credentials="[default]\n" + KEYS.format("FILEKEY")),
    case("a container with a token", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/token", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in"}),
    case("a container with a token in a file", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/token", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"}, files={"token": "let me in"}),
    case("a container's token with a line end", CONTAINER | IMDS | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\nb"}),
    case("a container that fails", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/500"} | IMDS),
    case("a container whose credentials have ended", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/expired"} | IMDS),
    case("a container on another host", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"} | IMDS),
    case("a container's name that begins as an address of Amazon's", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost.evil.invalid/x"} | IMDS),
    case("an instance", IMDS),
    case("an instance of version 1", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/v1"}),
    case("an instance of version 1, which is disabled", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/v1", "AWS_EC2_METADATA_V1_DISABLED": "true"}),
    case("an instance without a role", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/norole"}),
    case("an instance with an error for a role", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/error"}),
    case("an instance whose credentials have ended", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/expired"}),
    case("an instance, disabled", IMDS | OFF),
    case("an instance, for a profile in code without credentials", IMDS, P("region = eu-west-1\n"), named="p"),
    case("no instance", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}),
    case("an unknown mode of the endpoint", IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv5"}),
    case("an unknown profile", ENV, named="gone"),
    case("other files by the environment", {"AWS_CONFIG_FILE": "{home}/c", "AWS_SHARED_CREDENTIALS_FILE": "{home}/s"}, P(KEYS.format("WRONG")), credentials="[default]\n" + KEYS.format("WRONG"), files={"c": profile("default", "region = eu-west-1\n"), "s": "[default]\n" + KEYS.format("OTHER")}),
    case("a proxy for https, and a container", CONTAINER | {"HTTPS_PROXY": "{proxy}"}),
    case("a proxy for https, and an instance", IMDS | {"HTTPS_PROXY": "{proxy}"}),
    case("a proxy for https, and STS over http", {"HTTPS_PROXY": "{proxy}"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
    case("a proxy for https, and STS over https", {"HTTPS_PROXY": "{proxy}", "AWS_ENDPOINT_URL_STS": "", "AWS_MAX_ATTEMPTS": "1"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
    case("a proxy for https without a scheme", {"HTTPS_PROXY": "{proxy_host}", "AWS_ENDPOINT_URL_STS": "", "AWS_MAX_ATTEMPTS": "1"}, P(ROLE.format("R1") + "source_profile = base\n") + BASE, named="p"),
]

CLASSES = {name: "CredentialRetrieval" for name in (
    # All of them: what should give credentials does not.
    "CredentialRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError", "RuntimeError", "FileNotFoundError", "JSONDecodeError",
    "MetadataRetrievalError", "TokenRetrievalError", "ValueError", "ProxyConnectionError", "PermissionError")}
CLASSES |= {"InvalidConfigError": "InvalidConfig", "InfiniteLoopConfigError": "InfiniteLoop", "PartialCredentialsError": "PartialCredentials",
            "NoCredentialsError": "NoCredentials", "ProfileNotFound": "ProfileNotFound", "InvalidIMDSEndpointModeError": "InvalidSetting"}


class Fake(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def log_message(self, *_):
        pass

    def key(self):
        found = re.search("Credential=([^/]+)/", self.headers.get("Authorization") or "")
        return found and found[1]

    def reply(self, status, body="", kind="application/json", error=None):
        body = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if error:
            self.send_header("x-amzn-errortype", error)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_CONNECT(self):
        self.seen.append(f"CONNECT {self.path}")
        self.reply(502)

    def do_PUT(self):
        self.do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path.startswith("/token"):
            self.seen.append("token " + json.loads(body)["refreshToken"])
            return self.reply(200, {"accessToken": "good", "expiresIn": 3600, "refreshToken": "next"})
        form = dict(urllib.parse.parse_qsl(body))
        action, role = form["Action"], form["RoleArn"].rpartition("/")[2]
        extra = "".join(f" {name}={form[name]}" for name in ("ExternalId", "DurationSeconds") if name in form)
        named = "" if form["RoleSessionName"].startswith("botocore-session-") else f" as {form['RoleSessionName']}"
        self.seen.append(f"{action} {role} by {self.key()}{named}{extra}")
        refusal = {"DENIED": (403, "AccessDenied")}.get(role)
        if action == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"] != "web-token":
            refusal = (400, "InvalidIdentityToken")
        if refusal:
            return self.reply(refusal[0], f"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal[1]}</Code><Message>no</Message></Error></ErrorResponse>", "text/xml")
        keys = f"<Credentials><AccessKeyId>KEY{role}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{FAR}</Expiration></Credentials>"
        arn = f"<AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/{role}/s</Arn></AssumedRoleUser>"
        self.reply(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{keys}{arn}</{action}Result></{action}Response>', "text/xml")

    def do_GET(self):
        path = self.path.partition("?")[0]
        keys = lambda key, end=FAR: {"Code": "Success", "AccessKeyId": key, "SecretAccessKey": "secret", "Token": "t", "Expiration": end}
        if path.startswith("/s3"):
            self.seen.append(f"s3 by {self.key()}")
            return self.reply(200, '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets/></ListAllMyBucketsResult>', "application/xml")
        self.seen.append(f"{self.command} {path}")
        if path == "/federation/credentials":
            if self.headers["x-amz-sso_bearer_token"] != "good":
                return self.reply(401, {"message": "Session token not found or invalid"}, error="UnauthorizedException")
            return self.reply(200, {"roleCredentials": {"accessKeyId": "SSOKEY", "secretAccessKey": "secret", "sessionToken": "t", "expiration": 4070908800000}})
        if path == "/container/ok":
            return self.reply(200, keys("CONTAINERKEY"))
        if path == "/container/token":
            return self.reply(200, keys("CONTAINERKEY")) if self.headers["Authorization"] == "let me in" else self.reply(403)
        if path == "/container/expired":
            return self.reply(200, keys("CONTAINERKEY", PAST))
        if path.startswith("/imds/"):
            _, _, kind, rest = path.split("/", 3)
            if rest == "latest/api/token":
                return self.reply(404) if kind == "v1" else self.reply(200, "imds-token", "text/plain")
            if kind != "v1" and self.headers["x-aws-ec2-metadata-token"] != "imds-token":
                return self.reply(401)
            if kind == "norole":
                return self.reply(404)
            if rest == "latest/meta-data/iam/security-credentials/":
                return self.reply(200, "the-role", "text/plain")
            if kind == "error":
                return self.reply(200, {"Code": "AssumeRoleUnauthorizedAccess", "Message": "no"})
            return self.reply(200, keys("INSTANCEKEY", PAST if kind == "expired" else FAR))
        self.reply(500)


def ask(row, url):
    import boto3
    import botocore.exceptions

    try:
        session = boto3.Session(profile_name=row["profile"]) if row["profile"] else boto3.Session()
        session.client("s3", endpoint_url=url + "/s3", region_name="us-east-1").list_buckets()
    except botocore.exceptions.ClientError as error:
        return "Client " + error.response["Error"]["Code"]
    except Exception as error:
        return CLASSES.get(type(error).__name__, type(error).__name__)
    return None


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = "127.0.0.1:%d" % server.server_port
    rows = []
    for row in CASES:
        with tempfile.TemporaryDirectory() as home:
            fill = lambda text: text.replace("{url}", f"http://{host}").replace("{proxy}", f"http://{host}").replace("{proxy_host}", host).replace("{home}", home)
            for name, text in (row["files"] | {".aws/config": row["config"], ".aws/credentials": row["credentials"]}).items():
                path = pathlib.Path(home, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(fill(text))
                path.chmod(0o700)
            defaults = {"AWS_ENDPOINT_URL_STS": "{url}/sts", "AWS_ENDPOINT_URL_SSO": "{url}", "AWS_ENDPOINT_URL_SSO_OIDC": "{url}"}
            environ = {name: fill(text) for name, text in (defaults | row["environ"]).items()}
            environ = {name: text for name, text in environ.items() if text} | {"HOME": home, "PATH": os.environ["PATH"]}
            Fake.seen.clear()
            argument = json.dumps([row, f"http://{host}"])
            done = subprocess.run([sys.executable, __file__, argument], env=environ, capture_output=True, text=True)
            error = json.loads(done.stdout or "null") if not done.returncode else sys.exit(done.stderr)
            rows.append(row | {"error": error, "seen": list(Fake.seen)})
    DATA.write_text("".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows))
    print(len(rows), "rows")


if len(sys.argv) > 1:
    print(json.dumps(ask(*json.loads(sys.argv[1]))))
else:
    main()
