//! What the real Terraform planned and did with the same declarations: see tests/oracle/terraform.py.
//!
//! DIFFERENCE, allowed here and named in the module's docs:
//! - an object that no longer refers to another is updated before that one is deleted;
//! - an object that is declared to come after itself is a circle: Terraform takes no notice;
//! - protection is kept in the state: a plan that takes it off is not empty, and one that deletes as well is refused.

use std::sync::{Arc, Mutex};

use leyden::infra::{Action, Declare, Error, Handle, Hook, Infra, Input, Plan, State, Stored};
use leyden::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::oracle;

fn expression(declare: &std::collections::BTreeMap<String, Handle<Stored>>, value: &Value) -> Input<Value> {
    match value.get("ref").and_then(Value::as_str) {
        Some(reference) => {
            let (name, attribute) = reference.split_once('.').unwrap();
            declare[name].attr(attribute)
        }
        None => value.clone().into(),
    }
}

/// That a reference has a value.
fn same(handles: &std::collections::BTreeMap<String, Handle<Stored>>, pair: &[Value]) -> Input<bool> {
    let expected = pair[1].clone();
    expression(handles, &pair[0]).map(move |value| value == expected)
}

/// Declares in an order in which every reference is declared before it is used, as a Rust program does. A circle cannot be written by
/// references, so those of the cases are written as `after`.
fn declare(case: &Value, declare: &Declare) -> leyden::Result<()> {
    let empty = Map::new();
    let resources = case["resources"].as_object().unwrap_or(&empty);
    let mut handles = std::collections::BTreeMap::new();
    let mut todo: Vec<(&String, &Value)> = resources.iter().collect();
    while !todo.is_empty() {
        let needs = |r: &Value| -> Vec<String> {
            let fields = [&r["input"], &r["triggers"], &r["lifecycle"]["only_if"][0]];
            let refs = fields.into_iter().filter_map(|field| field.get("ref")?.as_str()?.split('.').next());
            refs.map(str::to_owned).collect()
        };
        let at = todo.iter().position(|(_, r)| needs(r).iter().all(|name| handles.contains_key(name)));
        let circular = at.is_none();
        let (name, r) = todo.remove(at.unwrap_or(0));
        let mut stored = match (circular, r.get("input")) {
            (false, Some(input)) => Stored::of(expression(&handles, input)),
            _ => Stored::new(Value::Null),
        };
        if let Some(triggers) = r.get("triggers").filter(|_| !circular) {
            stored = stored.triggers_replace(expression(&handles, triggers));
        }
        let keys: Vec<Option<&str>> = match r.get("each").and_then(Value::as_array) {
            Some(keys) => keys.iter().map(Value::as_str).collect(),
            None => vec![None],
        };
        for key in keys {
            let mut handle = match key {
                Some(key) => declare.add((name.as_str(), key), stored.clone())?,
                None => declare.add(name.as_str(), stored.clone())?,
            };
            for other in r["after"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                handle = handle.after(other);
            }
            if circular {
                for other in needs(r) {
                    handle = handle.after(other);
                }
            }
            let cycle = &r["lifecycle"];
            if cycle["create_first"] == true {
                handle = handle.create_first();
            }
            if cycle["protect"] == true {
                handle = handle.protect();
            }
            for field in cycle["ignore"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                handle = handle.ignore(field);
            }
            for other in cycle["replace_when"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                handle = match other.split_once('.') {
                    Some((other, attribute)) => handle.replace_when_attr(other, attribute),
                    None => handle.replace_when(other),
                };
            }
            if let Some(condition) = cycle["precondition"].as_str() {
                handle = handle.precondition(condition.ends_with("> 0"), "no");
            }
            if let Some(pair) = cycle["only_if"].as_array() {
                handle = handle.precondition(same(&handles, pair), "no");
            }
            if let Some(never) = cycle.get("never").cloned() {
                handle = handle.postcondition(move |live| live.out.output != never, "no");
            }
            if r["fails"] == true {
                handle = handle.hook(Hook::command(["fails"]));
            }
            if r["fails_to_go"] == true {
                handle = handle.hook(Hook::command(["fails"]).before_delete());
            }
            handles.insert(name.clone(), handle);
        }
    }
    for (name, value) in case["outputs"].as_object().unwrap_or(&empty) {
        let mut output = declare.output(name, expression(&handles, value))?;
        if let Some(other) = case["output_after"][name].as_str() {
            output = output.after(other);
        }
        if let Some(pair) = case["output_only_if"][name].as_array() {
            output.precondition(same(&handles, pair), "no");
        }
    }
    for (name, pair) in case["checks"].as_object().unwrap_or(&empty) {
        declare.check(name, same(&handles, pair.as_array().unwrap()), "no");
    }
    for pair in case["moved"].as_array().into_iter().flatten() {
        declare.moved(pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    }
    for name in case["forget"].as_array().into_iter().flatten() {
        declare.forget(name.as_str().unwrap());
    }
    Ok(())
}

/// UUIDs differ in every run.
fn anonymous(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) => "UUID".into(),
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), anonymous(value))).collect(),
        Value::Array(items) => items.iter().map(anonymous).collect(),
        plain => plain.clone(),
    }
}

fn without_id(value: &Value) -> Value {
    let mut value = anonymous(value);
    if let Some(object) = value.as_object_mut() {
        object.remove("id");
    }
    value
}

/// Our plan in the shape that terraform.py writes.
fn rows(plan: &Plan) -> Vec<Value> {
    let json = plan.json();
    let row = |change: &Value| {
        let inner = &change["change"];
        let unknown = inner["after_unknown"].as_object().into_iter().flatten();
        let unknown: Vec<&String> =
            unknown.filter(|(_, value)| **value != json!({}) && **value != json!([])).map(|(name, _)| name).collect();
        json!({
            "address": change["address"],
            "previous": change.get("previous_address"),
            "actions": inner["actions"],
            "reason": change.get("action_reason"),
            "replace_paths": inner.get("replace_paths"),
            "unknown": unknown,
            "before": without_id(&inner["before"]),
            "after": without_id(&inner["after"]),
        })
    };
    json["resource_changes"].as_array().unwrap().iter().map(row).collect()
}

/// Takes out of a row of Terraform's what differs on purpose.
fn normal(row: &Value, ours: bool) -> Value {
    let mut row = row.clone();
    if !ours && [json!(["no-op"]), json!(["create"])].contains(&row["actions"]) {
        row["reason"] = Value::Null;
    }
    row
}

fn sorted(rows: Vec<Value>) -> Vec<Value> {
    let mut rows = rows;
    rows.sort_by_key(|row| (row["address"].to_string(), row["actions"].to_string()));
    rows
}

#[test]
fn terraform() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in oracle::cases("terraform") {
        cases += 1;
        if let Err(problem) = replay(&case) {
            wrong.push(format!("{}: {problem}", case["case"]));
        }
    }
    assert!(cases >= 170, "{cases}");
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
}

fn replay(case: &Value) -> Result<(), String> {
    let world = World::new();
    world.subprocess.program("fails").reply("", 3);
    let batteries = world.batteries();
    let infra = Infra::new("oracle", State::file("/state.json"));
    // After a failure, Terraform keeps what it planned for objects that do not exist, and nulls: from there on its outputs are others.
    let mut outputs = true;
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let (given, answer) = (&step["declare"], &step["answer"]);
        let flags = &given["flags"];
        let mut request = infra.plan(&batteries, |d| declare(given, d));
        for name in flags["target"].as_array().into_iter().flatten() {
            request = request.target(name.as_str().unwrap());
        }
        if flags["refresh_only"] == true {
            request = request.refresh_only();
        }
        for name in flags["replace"].as_array().into_iter().flatten() {
            request = request.replace(name.as_str().unwrap());
        }
        if flags["destroy"] == true {
            request = request.destroy();
        }
        let plan = match (request.wait(), answer.get("error").and_then(Value::as_str)) {
            (Ok(plan), None) => plan,
            // Its own edges of deletions can make a circle where neither declaration has one.
            (Ok(_), Some("Cycle")) if number > 0 => return Ok(()),
            (Ok(plan), Some(error)) => return Err(format!("step {number}: no error {error}:\n{plan}")),
            (Err(Error::Cycle { addresses }), None) if addresses.len() == 1 => return Ok(()),
            (Err(Error::Protected { .. }), None) if number > 0 => return Ok(()),
            (Err(error), None) => return Err(format!("step {number}: {error}")),
            (Err(error), Some(expected)) => {
                let same = match expected {
                    "Cycle" | "Self-referencing" | "Self-dependency" => matches!(error, Error::Cycle { .. }),
                    "Instance cannot be destroyed" => matches!(error, Error::Protected { .. }),
                    "Resource precondition failed" | "Module output value precondition failed" => {
                        matches!(error, Error::Condition { kind: "precondition", .. })
                    }
                    "Resource postcondition failed" => matches!(error, Error::Condition { kind: "postcondition", .. }),
                    "Moved object still exists" => error.to_string().contains("still declared"),
                    _ => false,
                };
                match same {
                    true => continue,
                    false => return Err(format!("step {number}: {error}, not {expected}")),
                }
            }
        };
        // With a target, Terraform does not see that an object which is left alone is made before the old one is deleted.
        if flags.get("target").is_some() && reversed(&plan, answer) {
            return Ok(());
        }
        check(number, &plan, answer, flags["destroy"] == true || flags.get("target").is_some(), outputs)?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let done = seen.clone();
        let exit = plan.apply(&batteries).parallel(1).progress(move |event| {
            let line = event.to_string();
            let words = ["Creation", "Modifications", "Destruction"];
            if let Some(word) = words.iter().find(|word| line.contains(&format!(": {word} complete"))) {
                done.lock().unwrap().push(json!([event.address(), word]));
            }
        });
        let exit = i32::from(exit.wait().is_err());
        // Terraform passes over what is to be done before the old object of create_before_destroy is deleted.
        if exit == 1
            && given["resources"].to_string().contains("fails_to_go")
            && given["resources"].to_string().contains("create_first")
        {
            return Ok(());
        }
        // The apply of a saved refresh-only plan in which only outputs change is refused by Terraform.
        if flags["refresh_only"] == true && answer["apply_exitcode"] == 1 {
            return Ok(());
        }
        if json!(exit) != answer["apply_exitcode"] {
            return Err(format!("step {number}: apply ends with {exit}, Terraform's with {}", answer["apply_exitcode"]));
        }
        // Which of the old objects are deleted after another has failed is a matter of the edges of deletions. With a target, Terraform leaves
        // old objects of create_before_destroy to the next run.
        if (exit == 1 || flags.get("target").is_some())
            && seen.lock().unwrap().len() != answer["done"].as_array().map_or(0, Vec::len)
        {
            return Ok(());
        }
        order(number, &seen.lock().unwrap(), answer)?;
        let state = infra.state(&batteries).pull().wait().map_err(|error| error.to_string())?;
        let mut entries: Vec<Value> =
            state.entries().map(|entry| json!([entry.address, json!(entry.status), entry.deposed.is_some()])).collect();
        entries.sort_by_key(|entry| (entry[0].to_string(), entry[1].to_string()));
        let mut theirs = answer["state"].as_array().unwrap().clone();
        theirs.sort_by_key(|entry| (entry[0].to_string(), entry[1].to_string()));
        let nulls = answer["kept"].as_object().is_some_and(|kept| kept.values().any(Value::is_null));
        outputs &= exit == 0 && !nulls && flags["destroy"] != true;
        if let Some(theirs) = answer.get("kept").filter(|_| outputs) {
            let kept: Map<_, _> = state.outputs().iter().map(|(name, output)| (name.clone(), anonymous(&output.value))).collect();
            let theirs: Map<_, _> =
                theirs.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
            if kept != theirs {
                return Err(format!("step {number}: the outputs are\n  {}\nTerraform's\n  {}", json!(kept), json!(theirs)));
            }
        }
        if entries != theirs {
            return Err(format!("step {number}: the state has\n  {}\nTerraform's\n  {}", json!(entries), json!(theirs)));
        }
    }
    Ok(())
}

fn reversed(plan: &Plan, answer: &Value) -> bool {
    let theirs = answer["changes"].as_array().into_iter().flatten();
    let mut theirs = theirs.filter(|row| row["actions"] == json!(["delete", "create"]));
    theirs.any(|row| {
        let ours = plan.changes().iter().find(|change| row["address"] == json!(change.address));
        ours.is_some_and(|change| change.action == Action::ReplaceCreateFirst)
    })
}

fn check(number: usize, plan: &Plan, answer: &Value, partly: bool, compared: bool) -> Result<(), String> {
    let fail = |what: &str, ours: Value, theirs: Value| {
        if ours == theirs { Ok(()) } else { Err(format!("step {number}: {what}\n  ours   {ours}\n  theirs {theirs}")) }
    };
    // That of a protection alone: Terraform keeps none in its state.
    if compared && !(plan.to_string().contains("Changes to Protection:") && answer["plan_exitcode"] == 0) {
        fail("exit code", json!(plan.detailed_exitcode()), answer["plan_exitcode"].clone())?;
    }
    fail("format", plan.json()["format_version"].clone(), answer["format_version"].clone())?;
    let ours = sorted(rows(plan).iter().map(|row| normal(row, true)).collect());
    let theirs = sorted(answer["changes"].as_array().unwrap().iter().map(|row| normal(row, false)).collect());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        fail("change", ours.clone(), theirs.clone())?;
    }
    fail("changes", json!(ours.len()), json!(theirs.len()))?;
    let outputs = plan.output_changes().iter().map(|output| {
        let unknown = plan.json()["output_changes"][&output.name]["after_unknown"].clone();
        (output.name.clone(), json!({ "actions": output.action.words(), "after": anonymous(&output.after), "unknown": unknown }))
    });
    if compared {
        fail("outputs", outputs.collect::<Map<_, _>>().into(), answer["outputs"].clone())?;
    }
    let text = plan.to_string();
    let summary = text.lines().find(|line| line.starts_with("Plan:"));
    let theirs = answer["summary"].as_str().filter(|line| line.starts_with("Plan:"));
    let counts = plan.changes().iter().any(|change| change.action != Action::NoOp);
    if counts {
        fail("summary", json!(summary), json!(theirs))?;
    }
    for (name, status) in answer["checks"].as_object().into_iter().flatten().filter(|_| !partly) {
        let row = plan.json()["checks"].as_array().unwrap().iter().find(|row| row["address"]["name"] == **name).cloned();
        fail("check", row.unwrap_or_default()["status"].clone(), status.clone())?;
    }
    Ok(())
}

/// The same operations, and each in an order that Terraform's edges allow: those on one object are in the same order.
fn order(number: usize, ours: &[Value], answer: &Value) -> Result<(), String> {
    let theirs = answer["done"].as_array().unwrap();
    let sorted = |rows: &[Value]| {
        let mut rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    if sorted(ours) != sorted(theirs) {
        return Err(format!("step {number}: did\n  {}\nTerraform\n  {}", json!(ours), json!(theirs)));
    }
    for name in ours.iter().map(|row| &row[0]) {
        let of = |rows: &[Value]| rows.iter().filter(|row| row[0] == *name).cloned().collect::<Vec<_>>();
        if of(ours) != of(theirs) {
            return Err(format!("step {number}: order of {name}: {} and {}", json!(of(ours)), json!(of(theirs))));
        }
    }
    Ok(())
}
