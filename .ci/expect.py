"""Compares an example's output with what is expected: python3 .ci/expect.py EXPECTED OUTPUT

In EXPECTED a line that begins with "~ " is a regular expression, for what differs from run to run or from machine to machine, and a
line "..." stands for any lines. All else must be there word for word.
"""

import difflib
import re
import sys

expected, output = (open(path, encoding="utf-8").read().splitlines() for path in sys.argv[1:])


def pattern(line):
    if line == "...":
        return r"(?:.*\n)*?"
    return (line[2:] if line.startswith("~ ") else re.escape(line)) + r"\n"


if not re.fullmatch("".join(map(pattern, expected)), "".join(line + "\n" for line in output)):
    print("\n".join(difflib.unified_diff(expected, output, "expected", "printed", lineterm="")))
    sys.exit(1)
