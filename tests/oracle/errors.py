"""Asks Python which class an errno raises, and which classes an exception derives from.

    pip install requests beautifulsoup4 schedule boto3 fabric
    python3 tests/oracle/errors.py > tests/oracle/data/errors.jsonl
"""

import sys

sys.path.pop(0)  # else re.py beside this file is Python's re

import builtins
import importlib
import json

MODULES = [
    "builtins", "io", "shutil", "tarfile", "ssl", "subprocess", "smtplib", "email.errors", "re", "json",
    "requests.exceptions", "requests.cookies", "bs4", "bs4.builder", "soupsieve", "schedule", "pytz",
    "botocore.exceptions", "botocore.parsers", "boto3.exceptions", "s3transfer.exceptions",
    "fabric.exceptions", "invoke.exceptions", "paramiko.ssh_exception",
]

for errno in range(1, 134):
    print(json.dumps({"errno": errno, "class": type(OSError(errno, "why")).__name__}))

for name in MODULES:
    try:
        module = importlib.import_module(name)
    except ImportError:
        continue
    for attribute, value in sorted(vars(module).items()):
        if isinstance(value, type) and issubclass(value, BaseException) and (value.__module__ == name or name != "builtins"):
            bases = [f"{base.__module__}.{base.__name__}" for base in value.__mro__]
            print(json.dumps({"module": name, "name": attribute, "bases": bases}))
