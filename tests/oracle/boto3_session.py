"""What boto3 finds in environment and files: python3 tests/oracle/boto3_session.py (boto3, as pinned in tests/servers/requirements.txt)"""

import sys

# Beside this file lies a re.py, which is not Python's.
sys.path.pop(0)

import itertools
import json
import os
import pathlib
import tempfile

import boto3
import botocore.exceptions

DATA = pathlib.Path(__file__).absolute().parent / "data/boto3_session.jsonl"

CONFIGS = {
    "none": None,
    "plain": "[default]\nregion = eu-west-1\nmax_attempts = 7\nretry_mode = adaptive\n\n[profile dev]\nregion: us-west-2\nAWS_ACCESS_KEY_ID = AKIDDEV\naws_secret_access_key=secret/dev\n",
    "services": "# a comment\n[default]\nservices = local\nregion = eu-north-1\ns3 =\n    addressing_style = path\n    use_accelerate_endpoint = false\n[services local]\ns3 =\n    endpoint_url = http://localhost:9000\nec2 =\n  endpoint_url = http://localhost:9001\n[profile dev]\nendpoint_url = http://localhost:9002\nignore_configured_endpoint_urls = true\n",
    "quoted": "[profile \"with space\"]\nregion = sa-east-1\n[profile 'dev']\nregion = ap-south-1\n[other]\nregion = nowhere-1\n",
    "broken": "region = eu-west-1\n[default]\n",
    "twice": "[default]\nregion = eu-west-1\n[default]\nregion = eu-west-2\n",
    "bad mode": "[default]\nregion = eu-west-1\nretry_mode = sometimes\n",
}
CREDENTIALS = {
    "none": None,
    "both": "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret/file\n[dev]\naws_access_key_id = AKIDSHARED\naws_secret_access_key = secret/shared\naws_session_token = token==\nregion = ca-central-1\n",
    "partial": "[default]\naws_access_key_id = AKIDFILE\n",
}
ENVIRONS = [
    {},
    {"AWS_DEFAULT_REGION": "us-east-2", "AWS_REGION": "us-west-1"},
    {"AWS_REGION": "us-west-1"},
    {"AWS_PROFILE": "dev"},
    {"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "default"},
    {"AWS_PROFILE": "with space"},
    {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret/env", "AWS_SESSION_TOKEN": "token/env"},
    {"AWS_ACCESS_KEY_ID": "AKIDENV"},
    {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_DEFAULT_REGION": "us-east-1"},
    {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_ENDPOINT_URL_S3": "http://localhost:2", "AWS_DEFAULT_REGION": "us-east-1"},
    {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
    {"AWS_MAX_ATTEMPTS": "9", "AWS_RETRY_MODE": "standard"},
    {"AWS_MAX_ATTEMPTS": "many"},
]
ARGUMENTS = [
    {},
    {"profile_name": "dev"},
    {"region_name": "eu-central-1"},
    {"aws_access_key_id": "AKIDARG", "aws_secret_access_key": "secret/arg"},
    {"aws_access_key_id": "AKIDARG"},
]

CLASSES = {"ConfigParseError": "ConfigParse", "ProfileNotFound": "ProfileNotFound", "PartialCredentialsError": "PartialCredentials",
           "NoRegionError": "NoRegion", "InvalidRetryModeError": "InvalidRetryMode", "ValueError": "InvalidSetting"}


def attempt(ask):
    try:
        return ask()
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        return {"error": CLASSES.get(type(error).__name__, type(error).__name__)}


def credentials(session):
    found = session.get_credentials()
    # What must be asked for is not asked for here.
    return found and [found.access_key, found.secret_key, found.token]


def client(session, service):
    client = session.client(service)
    own = client.meta.endpoint_url if client.meta.endpoint_url.startswith("http://") else None
    retries = client.meta.config.retries
    return {"region": client.meta.region_name if service == "ec2" else None, "endpoint_url": own,
            "retries": [retries["total_max_attempts"] if "total_max_attempts" in retries else retries.get("max_attempts"), retries["mode"]]}


def main():
    rows = []
    for (config, cred), environ, arguments in itertools.product(itertools.product(CONFIGS, CREDENTIALS), ENVIRONS, ARGUMENTS):
        # All pairs of files with nothing said, and all that is said with the pairs that matter.
        if (environ or arguments) and (config, cred) not in [("plain", "both"), ("plain", "none"), ("services", "partial"), ("none", "none"), ("quoted", "both")]:
            continue
        with tempfile.TemporaryDirectory() as home:
            directory = pathlib.Path(home, ".aws")
            directory.mkdir()
            for name, text in (("config", CONFIGS[config]), ("credentials", CREDENTIALS[cred])):
                if text is not None:
                    (directory / name).write_text(text)
            os.environ.clear()
            os.environ.update(environ, HOME=home, AWS_EC2_METADATA_DISABLED="true")
            row = {"config": CONFIGS[config], "credentials": CREDENTIALS[cred], "environ": environ, "arguments": arguments}
            session = attempt(lambda: boto3.Session(**arguments))
            if isinstance(session, dict):
                row["session"] = session
            else:
                row |= {"region": attempt(lambda: session.region_name), "profile": attempt(lambda: session.profile_name),
                        "profiles": attempt(lambda: sorted(session.available_profiles)), "keys": attempt(lambda: credentials(session)),
                        "s3": attempt(lambda: client(session, "s3")), "ec2": attempt(lambda: client(session, "ec2"))}
            rows.append(row)
    DATA.write_text("".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows))
    print(len(rows), "rows")


main()
