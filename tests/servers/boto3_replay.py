"""Asks the S3 at a URL what tests/oracle/boto3_s3.py asked moto: `boto3_replay.py URL`. Prints a row for each row of its data."""

import importlib.util
import json
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
MADE_UP = ("VersionId", "UploadId", "NextContinuationToken", "CopySourceVersionId", "NextVersionIdMarker")


def oracle():
    spec = importlib.util.spec_from_file_location("boto3_s3_oracle", TESTS / "oracle/boto3_s3.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    sys.path.insert(0, "")  # the oracle takes the first entry away
    module = oracle()
    import boto3
    from botocore.config import Config

    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    client = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s", config=config)
    ask = module.Expanding(client)
    for line in module.DATA.read_text().splitlines():
        case = json.loads(line)
        if ask(case["op"], **case["params"]) < 0:
            ask.answers.append({})
            ask.rows.append({"error": "refused by boto3"})
    made_up = {answer[name] for answer in ask.answers for name in MADE_UP if answer.get(name) not in (None, "", "null")}

    def masked(value):
        if isinstance(value, dict):
            return {key: masked(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [masked(inner) for inner in value]
        return "<made up>" if isinstance(value, str) and value in made_up else value

    for row in ask.rows:
        print(json.dumps(masked({name: row[name] for name in ("answer", "error") if name in row})))


main()
