#!/usr/bin/env python3
"""Writes src/boto3/{s3,ec2}/resources/: boto3's resource classes, from boto3's own model and the shapes of Amazon's client for Rust.

It reads the sources of that client that Cargo.lock names, so they must be there. `--check` writes nothing.

    python3 -m venv venv && venv/bin/pip install boto3==1.44.5 && venv/bin/python tools/generate/boto3_resources.py
"""
import re
import sys

import boto3
from boto3.resources.model import ResourceModel

from resource_names import DATA, HEADER, INJECTED_LOAD, REPLACED, snake
from resource_writer import Writer, code
from rust_shapes import ROOT, Shapes, formatted, show

assert boto3.__version__ == "1.44.5", boto3.__version__


class Class:
    """One class of the model, and what Rust must know of it."""

    def __init__(self, service, name, definition):
        self.service = service
        self.name = name
        self.model = ResourceModel(name, definition, service.definitions)
        self.shape = service.model.shape_for(self.model.shape) if self.model.shape else None
        self.model.load_rename_map(self.shape)
        self.full = f"{service.key}.{name}"
        types = {snake(i["name"]): i.get("type", "string") for i in definition.get("identifiers", [])}
        self.identifiers = [(i.name, "i32" if types[i.name] == "integer" else "String") for i in self.model.identifiers]
        self.loads = self.model.load is not None or self.full in INJECTED_LOAD
        self.data = self.data_type()

    def data_type(self):
        shapes = self.service.shapes
        if self.name == "ServiceResource":
            return None
        if self.model.load:
            output = shapes.output(self.service.operation(self.model.load.request.operation))
            return shapes.at(output, self.model.load.path)
        name = DATA.get(self.full, self.model.shape)
        return shapes.named(name)


class Service:
    def __init__(self, key, version):
        session = boto3.session.Session()
        self.key = key
        self.title = key.upper()
        loader = session._loader
        resources = loader.load_service_model(key, "resources-1", version)
        client = session.client(key, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.model = client.meta.service_model
        self.definitions = resources["resources"]
        self.shapes = Shapes(f"aws-sdk-{key}")
        table = (ROOT / f"src/boto3/{key}/operations.rs").read_text()
        self.operations = {m[0]: (m[1], m[2]) for m in re.findall(r"^\s+(\w+)\((\w+)\) -> (\w+);", table, re.M)}
        pages = loader.load_service_model(key, "paginators-1", version)["pagination"]
        self.pageable = {snake(name) for name in pages}
        self.classes = {name: Class(self, name, d) for name, d in self.definitions.items()}
        self.root = Class(self, "ServiceResource", resources["service"])
        # ResourceModel knows the service by its absence from the definitions.
        self.conversions = {}

    def operation(self, name):
        operation = snake(REPLACED.get(name, name))
        assert operation in self.operations, f"{self.key}: {operation} is not carried"
        return operation

    def all(self):
        return [self.root, *self.classes.values()]

    def convert(self, source, target, value):
        """`value` of type `source` as `target`."""
        if source == target:
            return value
        name = f"{snake(target[1])}_of_{snake(source[1])}"
        self.conversions[name] = (source, target)
        return f"convert::{name}({value})"


def conversions(service):
    """Functions that make one shape of another: what boto3 leaves to names in a dictionary."""
    if not service.conversions:
        return None
    done, out = set(), []
    while todo := [name for name in service.conversions if name not in done]:
        name = sorted(todo)[0]
        done.add(name)
        source, target = service.conversions[name]
        assert not service.shapes.fallible(target), target
        lines, deprecated = [], False
        for field, of in service.shapes.fields(target).items():
            have = service.shapes.fields(source).get(field)
            if have is None and (name, field) == ("object_of_head_object_output", "size"):
                lines.append("to.size = from.content_length;")
                continue
            if have is None:
                continue
            deprecated |= service.shapes.deprecated(target, field)
            lines.append(f"to.{field} = {turned(service, have, of, f'from.{field}')};")
        allow = "#[allow(deprecated)]\n" if deprecated else ""
        out.append(
            f"/// What the names of {show(source).split('::')[-1]} tell of {show(target).split('::')[-1]}.\n{allow}"
            f"pub(in crate::boto3) fn {name}(from: {show(source)}) -> {show(target)} {{\n"
            f"let mut to = {show(target)}::builder().build();\n" + "\n".join(lines) + "\nto\n}\n"
        )
    text = "\n".join(out)
    outputs = sorted({n for n in re.findall(r"(?<![\w:])(\w+Output)\b", code(text))})
    uses = f"use aws_sdk_{service.key}::types;\n" + (f"use super::super::shapes::{{{', '.join(outputs)}}};\n" if outputs else "")
    return HEADER + "//! Shapes of other names that a resource takes for its own.\n\n" + uses + "\n" + text.replace("convert::", "")


def turned(service, have, of, value):
    if have == of:
        return value
    assert have[0] == of[0] == "opt", (have, of)
    have, of = have[1], of[1]
    if have[0] == of[0] == "vec":
        inner = service.convert(have[1], of[1], "item")
        return f"{value}.map(|items| items.into_iter().map({inner.partition('(')[0]}).collect())"
    if of[0] == "enum":
        text = "text.as_str()"
        return f"{value}.map(|text| {show(of)}::from({text}))"
    if have[0] == of[0] == "struct":
        return f"{value}.map({service.convert(have, of, 'item').partition('(')[0]})"
    raise AssertionError((have, of))


EXAMPLES = {
    "s3": """//! ```
//! # use leyden::prelude::*;
//! let s3 = World::new().batteries().boto3.resource().s3();
//! let bucket = s3.bucket("backups");
//! bucket.create(|create| create).wait()?;
//! bucket.object("today.txt").put(|put| put.body(b"all is well".to_vec().into())).wait()?;
//! assert_eq!(bucket.objects().into_iter().next().transpose()?.map(|object| object.key().to_owned()).as_deref(), Some("today.txt"));
//! # Ok::<(), leyden::Error>(())
//! ```
""",
    "ec2": """//! ```
//! # use leyden::prelude::*;
//! let ec2 = World::new().batteries().boto3.resource().region_name("eu-west-1").ec2();
//! let vpc = ec2.create_vpc(|create| create.cidr_block("10.0.0.0/16")).wait()?;
//! vpc.create_subnet(|create| create.cidr_block("10.0.1.0/24")).wait()?;
//! let subnets = vpc.subnets().into_iter().collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(subnets[0].cidr_block().wait()?.as_deref(), Some("10.0.1.0/24"));
//! # Ok::<(), leyden::Error>(())
//! ```
""",
}


def files(service):
    found = {}
    for cls in service.all():
        name = "service_resource" if cls is service.root else snake(cls.name)
        found[f"{name}.rs"] = Writer(service, cls).file()
    # The injected load answers with another shape.
    if service.key == "s3":
        service.convert(service.shapes.output("head_object"), ("struct", "Object"), "")
    convert = conversions(service)
    modules = sorted(found)
    lines = [f"mod {name.removesuffix('.rs')};" for name in modules]
    uses = [f"pub use {name.removesuffix('.rs')}::{cls.name};" for name, cls in sorted(zip(found, service.all()))]
    if convert:
        found["convert.rs"] = convert
        lines.insert(0, "pub(super) mod convert;")
    head = f"//! The classes of `boto3.resource(\"{service.key}\")`.\n//!\n{EXAMPLES[service.key]}//!\n//! [`ServiceResource`] leads to all of them.\n\n"
    found["mod.rs"] = HEADER + head + "\n".join(lines) + "\n\n" + "\n".join(uses) + "\n"
    return found


def main():
    check = "--check" in sys.argv[1:]
    changed = []
    for key, version in (("s3", "2006-03-01"), ("ec2", "2016-11-15")):
        service = Service(key, version)
        model = boto3.session.Session()._loader.load_service_model(key, "waiters-2", version)
        service.waiters = {name: waiter["operation"] for name, waiter in model["waiters"].items()}
        directory = ROOT / f"src/boto3/{key}/resources"
        directory.mkdir(exist_ok=True)
        wanted = files(service)
        for name, text in wanted.items():
            text = formatted(text)
            path = directory / name
            if not path.exists() or path.read_text() != text:
                changed.append(str(path.relative_to(ROOT)))
                if not check:
                    path.write_text(text)
        for path in directory.glob("*.rs"):
            if path.name not in wanted:
                changed.append(str(path.relative_to(ROOT)))
                if not check:
                    path.unlink()
    if check and changed:
        sys.exit("not what the generator writes: " + ", ".join(changed))
    print(f"{len(changed)} files changed")


if __name__ == "__main__":
    main()
