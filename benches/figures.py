"""All figures in one run: python3 benches/figures.py [--quick] [--runs N] [--bench NAME ..] [--feature NAME ..] [--skip PART ..]

Prints Markdown: what machine this is; the nightly job as a whole program, in Rust and in Python; size and start-up of programs; how long each feature
takes to build from nothing, and in how much memory; every bench as leyden against the crate beneath it and against Python. Benches run N times (3), and
what is printed is the median of the runs' medians.
--quick runs each bench once and briefly: it shows that all works, and its figures are not for quoting.
--into FILE puts it there too, in the place of what stands between <!-- figures --> and <!-- end of figures -->.
--bench and --feature choose some; --skip leaves out a part: benches, nightly, programs, jobs, builds. Progress is printed on stderr.
"""

import argparse
import collections
import contextlib
import io
import os
import pathlib
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())
# A package of its own: what leyden is measured against is not built by those who use leyden.
BENCH_MANIFEST = tomllib.loads((ROOT / "benches/Cargo.toml").read_text())
BENCHES = [bench["name"] for bench in BENCH_MANIFEST["bench"]]
# What a user may switch on: not the ones that share code.
FEATURES = [name for name in MANIFEST["features"] if name not in ("aws", "tokio")]

# An example, its features, its input, and Python: for the first the same work, for the others no more than the imports.
PROGRAMS = [
    ("sys", "sys", "one\ntwo\n", "import sys\nfor n, line in enumerate(sys.stdin, 1): print(f'{n:4}', line, end='')"),
    ("mail_merge", "os,sys,re,smtplib", "", "import csv, email.message, os, re, smtplib, string, sys"),
    ("scrape_table", "os,sys,requests,bs4", "", "import bs4, html5lib, csv, requests, sys"),
]

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--quick", action="store_true")
options.add_argument("--runs", type=int)
options.add_argument("--into", type=pathlib.Path, metavar="FILE")
options.add_argument("--bench", nargs="*", choices=BENCHES, default=BENCHES)
options.add_argument("--feature", nargs="*", choices=FEATURES, default=FEATURES)
options.add_argument("--skip", nargs="*", choices=["benches", "nightly", "programs", "jobs", "builds"], default=[])
options = options.parse_args()
runs = options.runs or (1 if options.quick else 3)


def say(text):
    print(f"[{time.strftime('%T')}] {text}", file=sys.stderr, flush=True)


def run(*args, **more):
    done = subprocess.run([str(arg) for arg in args], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))} failed with {done.returncode}\n{done.stderr[-4000:]}")
    return done.stdout


def cargo(*args, **environ):
    return run("cargo", *args, env={**os.environ, "CARGO_TERM_COLOR": "never", **environ})


def python():
    """An interpreter with what leyden is measured against."""
    home = TARGET / "figures-venv"
    if not (home / "bin/python").exists():
        venv.create(home, with_pip=True)
    run(home / "bin/python", "-m", "pip", "install", "--quiet", "-r", ROOT / "benches/requirements.txt")
    return home / "bin/python"


def machine(interpreter):
    cpus = re.findall(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / 2**20
    rust = run("rustc", "--version").split()[1]
    versions = run(interpreter, "-c", "import sys; print(sys.version.split()[0])").strip()
    load = os.getloadavg()[0]
    return (
        f"{len(cpus) or os.cpu_count()} cores of {cpus[0] if cpus else os.uname().machine}, {memory:.0f} GiB, Linux {os.uname().release.split('-')[0]}, "
        f"Rust {rust}, Python {versions}; load at the start {load:.1f}; "
        + ("one brief run: not for quoting." if options.quick else "medians of one run." if runs == 1 else f"medians of {runs} runs.")
    )


def required(bench):
    return next(entry.get("required-features", []) for entry in BENCH_MANIFEST["bench"] if entry["name"] == bench)


def benches(interpreter):
    # The same features for all, so that it is all built once.
    features = sorted({feature for bench in options.bench for feature in required(bench)})
    common = ["bench", "--locked", "--manifest-path", ROOT / "benches/Cargo.toml", "--target-dir", TARGET]
    common += ["--no-default-features", "--features", ",".join(features)]
    say("building the benches")
    cargo(*common, "--no-run")
    rival = {}
    if "boto3" in options.bench:
        cargo("build", "--release", "--locked", "--manifest-path", ROOT / "benches/transfer-manager/Cargo.toml", "--target-dir", TARGET)
        rival["LEYDEN_BENCH_RIVAL"] = str(TARGET / "release/transfer-manager")
    ratios, notes = collections.defaultdict(lambda: collections.defaultdict(list)), {}
    for turn in range(runs):
        for bench in options.bench:
            say(f"bench {bench}, run {turn + 1} of {runs}")
            brief = ["--quick"] if options.quick else []
            for line in cargo(*common, "--bench", bench, "--", *brief, CARGO_TARGET_DIR=str(TARGET), LEYDEN_PYTHON=str(interpreter), **rival).splitlines():
                kind, *parts = [part.strip() for part in line.split(" | ")]
                if kind not in ("RATIO", "GROWTH", "MEMORY"):
                    continue
                found = dict(re.findall(r"(raw|python)/leyden ([\d.]+)x", line))
                for against, ratio in found.items():
                    ratios[bench, parts[0]][against].append(float(ratio))
                rest = [part for part in parts[1:] if not re.match(r"(raw|python)/leyden", part)]
                if rest:
                    task = f"`{parts[0]}`" if "*" in parts[0] else parts[0]
                    notes[parts[0], *rest[:-1]] = f"{task}: {', '.join(rest)} ({bench})"
    print("\n<details>\n<summary>Every bench</summary>\n")
    print("| task | bench | leyden's time, the raw crate's = 1 | Python's time, leyden's = 1 |\n| --- | --- | ---: | ---: |")
    for (bench, task), against in ratios.items():
        raw, py = (statistics.median(against[name]) if name in against else None for name in ("raw", "python"))
        times = f"{py:,.0f}" if py and py >= 100 else f"{py:.3g}" if py else ""
        print(f"| {task} | {bench} | {f'{1 / raw:.2f}' if raw else ''} | {times} |")
    print()
    for note in notes.values():
        print(f"- {note}")
    print("\n</details>")


def nightly(interpreter):
    say("building nightly")
    cargo("build", "--release", "--locked", "--quiet", "--all-features", "--example", "nightly")
    say("nightly, in Rust and in Python")
    program = TARGET / "release/examples/nightly"
    print("\n" + run(interpreter, ROOT / "benches/nightly.py", program, "--runs", 2 if options.quick else 10), end="")
    print(f"\n- nightly's size, stripped: {stripped(program).stat().st_size / 2**20:.1f} MiB")


def stripped(program):
    slim = TARGET / "figures-program"
    run("strip", "-o", slim, program)
    return slim


def timed(args, given):
    times = []
    for _ in range(5 if options.quick else 50):
        start = time.perf_counter()
        subprocess.run([str(arg) for arg in args], input=given, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def programs(interpreter):
    print("\n| program | features | size, stripped | whole run | Python |\n| --- | --- | ---: | ---: | ---: |")
    for name, features, given, script in PROGRAMS:
        say(f"program {name}")
        profile = ["--release", "--locked", "--quiet", "--no-default-features"]
        cargo("build", *profile, "--features", features, "--example", name)
        program = stripped(TARGET / "release/examples" / name)
        ours, theirs = timed([program], given), timed([interpreter, "-c", script], given)
        size = program.stat().st_size / 2**20
        print(f"| {name} | `{features}` | {size:.1f} MiB | {ours:.1f} ms | {theirs:.0f} ms |")


def spent(args):
    """The processor time of a run, in seconds, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = run(*args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, printed


def access_log(path, lines):
    """Writes a log of so many lines in the combined format, always the same."""
    dice = random.Random(7)
    with open(path, "w") as log:
        for _ in range(lines):
            host, day, page = (dice.randrange(1 << 24), dice.randrange(1, 29), dice.randrange(1000))
            user, status, size = dice.choice(["-", "ada", "grace"]), dice.choice([200, 200, 304, 404, 503]), dice.choice(["-", 512, 40960])
            log.write(
                f'10.{host >> 16}.{host >> 8 & 255}.{host & 255} - {user} [{day:02}/Nov/2026:10:11:12 +0000] "GET /items/{page}?page={day} HTTP/1.1" '
                f'{status} {size} "https://example.com/list/{page}" "Mozilla/5.0 (X11; Linux x86_64) Firefox/{page}.0"\n'
            )


def tree(path, files):
    """Makes a tree of so many files, 20 in a directory."""
    for number in range(files):
        directory = path / f"{number // 400}/{number // 20}"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{number}.{'txt' if number % 2 else 'log'}").write_text("x" * (number % 20 * 100))


def jobs(interpreter):
    """Whole programs of benches/programs, at 1 and 10 times the work: leyden's, the peer's and Python's processor time."""
    say("building programs of benches")
    common = ["build", "--locked", "--quiet", "--manifest-path", ROOT / "benches/Cargo.toml", "--target-dir", TARGET, "--bins"]
    common += ["--no-default-features", "--features", "log,tree"]
    cargo(*common, "--release")
    cargo(*common)
    print("\n| job | work | leyden | debug build | peer crate | Python | Python's, leyden's = 1 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="leyden-figures-") as directory:
        directory = pathlib.Path(directory)
        work = []
        for scale in (1, 10):
            lines, files = 4_000 * scale if options.quick else 40_000 * scale, 200 * scale if options.quick else 2_000 * scale
            access_log(directory / f"log{scale}", lines)
            tree(directory / f"tree{scale}", files)
            work += [
                ("log", f"{lines:,} lines", [], directory / f"log{scale}"),
                ("tree", f"walk of {files:,} files", ["walk"], directory / f"tree{scale}"),
                ("tree", f"glob in {files:,} files", ["glob"], directory / f"tree{scale}"),
            ]
        for name, size, what, path in work:
            say(f"job {name}, {size}")
            release, debug = TARGET / "release" / name, TARGET / "debug" / name
            programs = [[release, "leyden"], [debug, "leyden"], [release, "peer"], [interpreter, ROOT / f"benches/python/{name}.py"]]
            times, printed = [[] for _ in programs], set()
            for _ in range(1 if options.quick else 5):
                for program, taken in zip(programs, times):
                    seconds, text = spent([*program, *what, path])
                    taken.append(seconds)
                    printed.add(text)
            if len(printed) != 1:
                sys.exit(f"{name}, {size}: the programs disagree: {printed}")
            ours, slow, peer, theirs = (1000 * statistics.median(taken) for taken in times)
            print(f"| {name} | {size} | {ours:.0f} ms | {slow:.0f} ms | {peer:.0f} ms | {theirs:.0f} ms | {theirs / max(ours, 1):.1f} |")


def build(*args):
    """How long cargo works, in seconds, and the largest resident set of a process beneath it, in GiB."""
    start = time.perf_counter()
    process = subprocess.Popen(["cargo", *args], cwd=ROOT, env={**os.environ, "CARGO_INCREMENTAL": "0"})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"cargo {' '.join(args)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20


def builds():
    print("\n| feature | build from nothing, debug | largest compiler | crates |\n| --- | ---: | ---: | ---: |")
    for feature in options.feature:
        say(f"building {feature} from nothing")
        choice = ["--locked", "--quiet", "--no-default-features", "--features", feature]
        cargo("fetch", "--locked")  # the network is not measured
        with tempfile.TemporaryDirectory(prefix="leyden-figures-") as target:
            seconds, memory = build("build", *choice, "--lib", "--target-dir", target)
        tree = cargo("tree", "--locked", "--no-default-features", "--features", feature, "--edges", "normal", "--prefix", "none", "--no-dedupe")
        print(f"| `{feature}` | {seconds:.0f} s | {memory:.1f} GiB | {len(set(tree.split(chr(10)))) - 2} |", flush=True)


class Tee(io.StringIO):
    """Keeps what is printed."""

    def write(self, text):
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def put(figures, path):
    before, start, rest = path.read_text().partition("<!-- figures -->\n")
    _, end, after = rest.partition("<!-- end of figures -->")
    if not end:
        sys.exit(f"{path} has no place for figures")
    path.write_text(f"{before}{start}{figures.strip()}\n{end}{after}")


interpreter = python()
with contextlib.redirect_stdout(Tee()) as figures:
    print(machine(interpreter) + "\n")
    for part in (nightly, programs, jobs):
        if part.__name__ not in options.skip:
            part(interpreter)
    if "builds" not in options.skip:
        builds()
    if "benches" not in options.skip:
        benches(interpreter)
if options.into:
    put(figures.getvalue(), options.into)
