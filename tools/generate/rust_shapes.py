"""The shapes of Amazon's client for Rust, read from the sources that Cargo.lock names.

A type is a tuple: ("String",), ("i32",), ("DateTime",), ("opt", T), ("vec", T), ("map", K, V), ("struct", name), ("enum", name), ("output", name).
"""
import functools
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCALARS = {"::std::string::String": "String", "::aws_smithy_types::DateTime": "DateTime", "bool": "bool", "i32": "i32", "i64": "i64",
           "f32": "f32", "f64": "f64", "::aws_smithy_types::Blob": "Blob"}


def norm(name):
    """What is left of a name when its spelling is: `ChecksumCRC32C`, `checksum_crc32_c`."""
    return name.removeprefix("r#").replace("_", "").lower()


def copies(kind):
    return kind[0] in ("bool", "i32", "i64", "f32", "f64", "DateTime")


def show(kind):
    head, *rest = kind
    if head == "opt":
        return f"Option<{show(rest[0])}>"
    if head == "vec":
        return f"Vec<{show(rest[0])}>"
    if head == "map":
        return f"HashMap<{show(rest[0])}, {show(rest[1])}>"
    if head in ("struct", "enum"):
        return f"types::{rest[0]}"
    if head == "output":
        return rest[0]
    return head


@functools.cache
def sources():
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--features", "s3,ec2"], cwd=ROOT, check=True, capture_output=True,
    ).stdout
    return {p["name"]: pathlib.Path(p["manifest_path"]).parent for p in json.loads(metadata)["packages"]}


class Shapes:
    def __init__(self, crate):
        self.root = sources()[crate] / "src"
        self.files, self.kinds = {}, {}
        for path in (self.root / "types").glob("_*.rs"):
            text = path.read_text()
            for what, name in re.findall(r"^pub (struct|enum) (\w+) \{", text, re.M):
                self.kinds[name] = what
                self.files[name] = text

    def parse(self, text):
        text = text.strip()
        if text in SCALARS:
            return (SCALARS[text],)
        if match := re.fullmatch(r"::std::option::Option<(.+)>", text):
            return ("opt", self.parse(match[1]))
        if match := re.fullmatch(r"::std::vec::Vec<(.+)>", text):
            return ("vec", self.parse(match[1]))
        if match := re.fullmatch(r"::std::collections::HashMap<([^,]+),\s*(.+)>", text):
            return ("map", self.parse(match[1]), self.parse(match[2]))
        if match := re.fullmatch(r"crate::types::(\w+)", text):
            return (self.kinds[match[1]], match[1])
        return ("other", text)

    @functools.cache
    def source(self, kind):
        if kind[0] == "struct":
            return self.files[kind[1]]
        assert kind[0] == "output", kind

        directory = self.root / "operation"
        for path in directory.glob(f"*/_*_{kind[2]}.rs"):
            text = path.read_text()
            if re.search(rf"^pub struct {kind[1]} \{{", text, re.M):
                return text
        raise AssertionError(kind)

    @functools.cache
    def fields(self, kind):
        body = re.search(rf"^pub struct {kind[1]} \{{(.*?)^\}}", self.source(kind), re.M | re.S)[1]
        return {name: self.parse(of) for name, of in re.findall(r"^    pub (\w+|r#\w+): (.+),$", body, re.M)}

    @functools.cache
    def deprecated(self, kind, field):
        body = re.search(rf"^pub struct {kind[1]} \{{(.*?)^\}}", self.source(kind), re.M | re.S)[1]
        return re.search(rf"#\[deprecated[^\n]*\n    pub {field}:", body) is not None

    def find(self, kind, member):
        for name, of in self.fields(kind).items():
            if norm(name) == norm(member):
                return name, of
        return None, None

    def field(self, kind, member):
        name, of = self.find(kind, member)
        assert name, f"{member} is not in {kind}"
        return name, of

    @functools.cache
    def operation(self, operation, what):
        path = self.root / "operation" / operation / f"_{operation}_{what}.rs"
        name = re.search(rf"^pub struct (\w+{what.capitalize()}) \{{", path.read_text(), re.M)[1]
        return ("output", name, what)

    def output(self, operation):
        return self.operation(operation, "output")

    def input(self, operation):
        return self.operation(operation, "input")

    def named(self, name):
        if name in self.kinds:
            return (self.kinds[name], name)
        return ("output", name, "output")

    def at(self, kind, path):
        for name, _ in re.findall(r"(\w+)(\[\d*\])?", "" if path == "@" else path):
            _, of = self.field(kind, name)
            of = of[1] if of[0] == "opt" else of
            kind = of[1] if of[0] == "vec" else of
        return kind

    def fallible(self, kind):
        return re.search(r"pub fn build\(\s*self,?\s*\)\s*->\s*::std::result::Result", self.source(kind)) is not None


def snake_operation(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def formatted(text):
    command = ["rustfmt", "--edition", "2024", "--config-path", ROOT / "rustfmt.toml"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[:2000])
    return done.stdout
