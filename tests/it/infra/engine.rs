//! Planning and applying, over values that live in the state and files.

use std::sync::{Arc, Mutex};

use leyden::infra::host::{Command, File};
use leyden::infra::{Action, Declare, Error, Hook, Input, Interrupt, Reason, Stored};
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use serde_json::{Value, json};

use super::{actions, apply, infra, plan};

fn nothing(_: &Declare) -> leyden::Result<()> {
    Ok(())
}

#[test]
fn a_second_plan_is_empty_and_a_destroy_leaves_nothing() {
    let world = World::new();
    let declare = |declare: &Declare| {
        let a = declare.add("a", Stored::new("x"))?;
        declare.add("b", Stored::of(a.out(|out| &out.output)))?;
        for key in ["one", "two"] {
            declare.add(("many", key), Stored::new(key))?.after(&a);
        }
        declare.output("b", a.id())?;
        Ok(())
    };
    let first = plan(&world, declare);
    let names = ["a", "b", "many[\"one\"]", "many[\"two\"]"];
    assert_eq!(actions(&first), names.map(|name| (name.to_owned(), Action::Create.words())));
    assert!(first.change("b").unwrap().is_unknown("input"));
    assert_eq!(first.detailed_exitcode(), 2);
    let applied = first.apply(&world.batteries()).wait().unwrap();
    assert_eq!(applied.to_string().lines().next().unwrap(), "Apply complete! Resources: 4 added, 0 changed, 0 destroyed.");
    let second = plan(&world, declare);
    assert!(second.is_empty(), "{second}");
    assert_eq!(second.to_string(), "No changes. The objects match the declaration.\n");
    let before = world.os.read("/infra/state.json");
    second.apply(&world.batteries()).wait().unwrap();
    assert_eq!(world.os.read("/infra/state.json"), before, "an equal state is not written again");
    let destroyed = infra().destroy(&world.batteries()).wait().unwrap();
    assert_eq!(destroyed.summary().destroy, 4);
    let order: Vec<String> = destroyed.changes().iter().map(|change| change.address.to_string()).collect();
    assert_eq!(order.last().unwrap(), "a", "what others depend on goes last: {order:?}");
    let applied = destroyed.apply(&world.batteries()).wait().unwrap();
    assert_eq!(applied.to_string(), "Destroy complete! Resources: 4 destroyed.\n");
    assert!(infra().state(&world.batteries()).list().wait().unwrap().is_empty());
}

#[test]
fn an_update_in_place_and_a_replacement() {
    let world = World::new();
    apply(&world, |declare| Ok(declare.add("a", Stored::new("x")).map(drop)?));
    let update = plan(&world, |declare| Ok(declare.add("a", Stored::new("y")).map(drop)?));
    assert_eq!(update.change("a").unwrap().action, Action::Update);
    assert!(update.to_string().contains("~ input  = \"x\" -> \"y\"\n      ~ output = \"x\" -> (known after apply)"), "{update}");
    let replace = plan(&world, |declare| Ok(declare.add("a", Stored::new("x").triggers_replace(json!(1))).map(drop)?));
    let change = replace.change("a").unwrap();
    assert_eq!((change.action, change.reason), (Action::Replace, Some(Reason::CannotUpdate)));
    assert_eq!(change.replace_paths, ["triggers_replace"]);
    assert!(replace.to_string().contains("+ triggers_replace = 1 # forces replacement"), "{replace}");
    let first = plan(&world, |declare| {
        declare.add("a", Stored::new("x").triggers_replace(json!(1)))?.create_first();
        Ok(())
    });
    assert_eq!(first.change("a").unwrap().action, Action::ReplaceCreateFirst);
    let done = first.apply(&world.batteries()).wait().unwrap();
    assert_eq!((done.summary.add, done.summary.destroy), (1, 1));
    assert_eq!(done.state.entries().count(), 1);
}

#[test]
fn create_first_spreads_to_what_it_depends_on() {
    let world = World::new();
    let declare = |value: i32| {
        move |declare: &Declare| {
            let base = declare.add("base", Stored::new("x").triggers_replace(json!(value)))?;
            declare.add("top", Stored::new("y").triggers_replace(base.id().map(Value::from)))?.create_first();
            Ok(())
        }
    };
    apply(&world, declare(1));
    let second = plan(&world, declare(2));
    assert!(second.changes().iter().all(|change| change.action == Action::ReplaceCreateFirst), "{second}");
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = steps.clone();
    let shown = second.apply(&world.batteries()).progress(move |event| seen.lock().unwrap().push(event.to_string()));
    shown.wait().unwrap();
    let steps: Vec<String> = steps.lock().unwrap().iter().map(|line| line.split(" [").next().unwrap().to_owned()).collect();
    assert_eq!(
        steps,
        [
            "base: Creating...",
            "base: Creation complete after 0s",
            "top: Creating...",
            "top: Creation complete after 0s",
            "top: Destroying...",
            "top: Destruction complete after 0s",
            "base: Destroying...",
            "base: Destruction complete after 0s",
        ]
    );
}

#[test]
fn bad_declarations_name_the_address() {
    let world = World::new();
    let error = |declare: &dyn Fn(&Declare) -> leyden::Result<()>| {
        infra().plan(&world.batteries(), declare).wait().unwrap_err().to_string()
    };
    assert_eq!(
        error(&|declare| {
            declare.add("a", Stored::new(1))?;
            Ok(declare.add("a", Stored::new(2)).map(drop)?)
        }),
        "a: declared twice"
    );
    assert_eq!(
        error(&|declare| Ok(declare.add("a b", Stored::new(1)).map(drop)?)),
        "\"a b\": not a valid address: expected names separated by dots and at most one quoted key"
    );
    assert_eq!(
        error(&|declare| {
            declare.add("a", Stored::new(1))?.after("b");
            declare.add("b", Stored::new(1))?.after("c");
            declare.add("c", Stored::new(1))?.after("a");
            Ok(())
        }),
        "dependency cycle: a -> b -> c -> a"
    );
    assert_eq!(
        error(&|declare| {
            declare.add("a", Stored::new(1))?.after("gone");
            Ok(())
        }),
        "gone: after names an object that is neither declared nor in the state"
    );
    assert_eq!(
        error(&|declare| Ok(declare.add("f", File::new("etc/motd", "")).map(drop)?)),
        "f: path \"etc/motd\" is not absolute and normalized"
    );
    let error = infra().plan(&world.batteries(), nothing).target("a").wait().unwrap_err();
    assert_eq!(error.to_string(), "a: target names an object that is neither declared nor in the state");
}

#[test]
fn protection_outlives_its_declaration() {
    let world = World::new();
    apply(&world, |declare| {
        declare.add("a", Stored::new("x"))?.protect();
        Ok(())
    });
    let gone = infra().plan(&world.batteries(), nothing).wait().unwrap_err();
    assert_eq!(gone.to_string(), "a: protected, but the plan would delete it: remove the protection first");
    let replaced = infra()
        .plan(&world.batteries(), |declare| {
            declare.add("a", Stored::new("x").triggers_replace(json!(1)))?.protect();
            Ok(())
        })
        .wait()
        .unwrap_err();
    assert_eq!(
        replaced.to_string(),
        "a: protected, but the plan would replace it: remove the protection first (changed: triggers_replace)"
    );
    assert!(infra().destroy(&world.batteries()).wait().is_err());
    // Applying without it takes it off, although nothing else changes.
    apply(&world, |declare| Ok(declare.add("a", Stored::new("x")).map(drop)?));
    assert_eq!(plan(&world, nothing).summary().destroy, 1);
}

#[test]
fn drift_is_seen_and_drift_after_the_plan_stops_that_branch() {
    let world = World::new();
    let declare = |text: &'static str| {
        move |declare: &Declare| {
            declare.add("a", File::new("/a", text))?;
            declare.add("b", File::new("/b", text))?;
            Ok(())
        }
    };
    apply(&world, declare("one\n"));
    world.os.write("/a", "by hand\n");
    let drifted = plan(&world, declare("one\n"));
    assert_eq!(drifted.drift().len(), 1);
    assert!(drifted.to_string().starts_with("Note: objects have changed outside\n\n  # a has changed\n"), "{drifted}");
    world.os.remove("/a");
    let gone = plan(&world, declare("one\n"));
    assert_eq!((gone.drift()[0].action, gone.change("a").unwrap().action), (Action::Delete, Action::Create));
    apply(&world, declare("one\n"));
    let second = plan(&world, declare("two\n"));
    world.os.write("/a", "by hand\n");
    let error = second.apply(&world.batteries()).wait().unwrap_err();
    assert_eq!(error.to_string(), "a: changed since it was planned (content): plan again");
    assert_eq!(world.os.read("/a").unwrap(), b"by hand\n");
    assert_eq!(world.os.read("/b").unwrap(), b"two\n", "the other branch went on");
    let stale = plan(&world, declare("three\n"));
    apply(&world, declare("two\n"));
    let error = stale.apply(&world.batteries()).wait().unwrap_err().to_string();
    assert!(error.starts_with("/infra/state.json: plan is stale: the state has serial"), "{error}");
}

#[test]
fn refresh_only_takes_drift_into_the_state() {
    let world = World::new();
    let declare = |declare: &Declare| Ok(declare.add("a", File::new("/a", "one\n")).map(drop)?);
    apply(&world, declare);
    world.os.write("/a", "two\n");
    let refresh = infra().refresh(&world.batteries()).wait().unwrap();
    assert!(!refresh.is_empty());
    assert!(refresh.changes().is_empty());
    refresh.apply(&world.batteries()).wait().unwrap();
    assert_eq!(infra().state(&world.batteries()).show("a").wait().unwrap().inputs["content"], "two\n");
    assert_eq!(world.os.read("/a").unwrap(), b"two\n");
}

#[test]
fn moved_forgotten_imported_and_adopted() {
    let world = World::new();
    world.os.write("/there", "old\n");
    apply(&world, |declare| {
        declare.add("a", Stored::new("x"))?;
        declare.add("b", File::new("/b", "b\n"))?;
        Ok(())
    });
    let second = plan(&world, |declare| {
        declare.add("new.a", Stored::new("x"))?;
        declare.moved("a", "middle");
        declare.moved("middle", "new.a");
        declare.forget("b");
        declare.add("there", File::new("/there", "new\n"))?;
        declare.import("there", "/there");
        Ok(())
    });
    let text = second.to_string();
    assert!(text.contains("# a has moved to new.a"), "{text}");
    assert!(text.contains("# b will no longer be managed, but will not be destroyed"), "{text}");
    assert!(text.contains("(imported from \"/there\")"), "{text}");
    assert!(text.contains("Plan: 1 to import, 0 to add, 1 to change, 0 to destroy."), "{text}");
    second.apply(&world.batteries()).wait().unwrap();
    assert_eq!(world.os.read("/there").unwrap(), b"new\n");
    assert!(world.os.exists("/b"));
    let addresses: Vec<String> =
        infra().state(&world.batteries()).list().wait().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["new.a", "there"]);
    // An existing object is not overwritten.
    let fresh = |adopt: bool| {
        move |declare: &Declare| {
            let file = declare.add("f", File::new("/b", "mine\n"))?;
            if adopt {
                file.adopt();
            }
            Ok(())
        }
    };
    let error = plan(&world, fresh(false)).apply(&world.batteries()).wait();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("f: \"/b\" exists already: use adopt() or import() to manage it"), "{error}");
    assert_eq!(world.os.read("/b").unwrap(), b"b\n");
    apply(&world, fresh(true));
    assert_eq!(world.os.read("/b").unwrap(), b"mine\n");
}

#[test]
fn targets_and_exclusions() {
    let world = World::new();
    let declare = |declare: &Declare| {
        let a = declare.add("a", Stored::new("a"))?;
        let b = declare.add("b", Stored::of(a.out(|out| &out.output)))?;
        declare.add("c", Stored::of(b.out(|out| &out.output)))?;
        declare.add("d", Stored::new("d"))?;
        Ok(())
    };
    let names =
        |plan: leyden::infra::Plan| -> Vec<String> { plan.changes().iter().map(|change| change.address.to_string()).collect() };
    let batteries = world.batteries();
    assert_eq!(names(infra().plan(&batteries, declare).target("b").wait().unwrap()), ["a", "b"]);
    assert_eq!(names(infra().plan(&batteries, declare).exclude("b").wait().unwrap()), ["a", "d"]);
    infra().plan(&batteries, declare).wait().unwrap().apply(&batteries).wait().unwrap();
    assert_eq!(names(infra().plan(&batteries, declare).destroy().target("b").wait().unwrap()), ["c", "b"]);
    let replaced = infra().plan(&batteries, declare).replace("d").wait().unwrap();
    assert_eq!(replaced.change("d").unwrap().reason, Some(Reason::Requested));
}

#[test]
fn failures_are_recorded_and_the_rest_goes_on() {
    let world = World::new();
    world.subprocess.program("bad").reply("", 3);
    let declare = |declare: &Declare| {
        let bad = declare.add("bad", Command::new(["bad"]))?;
        declare.add("after", Stored::new("x"))?.after(&bad);
        declare.add("beside", Stored::new("y"))?;
        declare.add("hooked", Stored::new("z"))?.hook(Hook::command(["bad"]));
        Ok(())
    };
    let error = plan(&world, declare).apply(&world.batteries()).wait().unwrap_err();
    let Error::Apply(applied) = &error else { panic!("{error}") };
    assert_eq!(applied.failures.len(), 2);
    assert_eq!(applied.failures[0].to_string(), "bad: create: command 'bad' returned non-zero exit status 3");
    assert_eq!(applied.failures[1].to_string(), "hooked: hook 'bad': command 'bad' returned non-zero exit status 3");
    assert_eq!(applied.skipped.iter().map(ToString::to_string).collect::<Vec<_>>(), ["after"]);
    assert_eq!(applied.exitcode(), 1);
    let next = plan(&world, declare);
    assert_eq!(next.change("beside").unwrap().action, Action::NoOp);
    assert_eq!(next.change("hooked").unwrap().reason, Some(Reason::Tainted));
    world.subprocess.program("bad").reply("", 0);
    let done = next.apply(&world.batteries()).wait().unwrap();
    assert!(done.failures.is_empty());
    assert!(plan(&world, declare).is_empty());
}

#[test]
fn an_interrupt_finishes_what_runs() {
    let world = World::new();
    let interrupt = Interrupt::new();
    let stop = interrupt.clone();
    let declare = |declare: &Declare| {
        for key in 0..5 {
            declare.add(("a", key), Stored::new(key))?;
        }
        Ok(())
    };
    let run = plan(&world, declare).apply(&world.batteries()).interrupt(&interrupt).progress(move |event| {
        if event.to_string().starts_with("a[\"1\"]: Creating") {
            stop.stop();
        }
    });
    let error = run.wait().unwrap_err();
    let Error::Interrupted(applied) = &error else { panic!("{error}") };
    assert_eq!((applied.summary.add, applied.skipped.len()), (2, 3));
    assert_eq!(error.to_string(), "interrupted: 3 operations were not started");
    assert_eq!(plan(&world, declare).summary().add, 3);
}

#[test]
fn conditions_and_checks() {
    let world = World::new();
    let declare = |known: bool, later: &'static str| {
        move |declare: &Declare| {
            let a = declare.add("a", Stored::new("x"))?.precondition(known, "a must be so");
            let b = declare.add("b", Stored::new("y"))?;
            let holds = a.out(|out| &out.output).map(move |output| output == later);
            b.precondition(holds, "a became another");
            declare.check("never", false, "it is looked at");
            Ok(())
        }
    };
    let error = infra().plan(&world.batteries(), declare(false, "x")).wait().unwrap_err();
    assert_eq!(error.to_string(), "a: precondition failed: a must be so");
    let error = plan(&world, declare(true, "z")).apply(&world.batteries()).wait().unwrap_err();
    assert_eq!(error.to_string(), "b: precondition failed: a became another");
    let good = plan(&world, declare(true, "x"));
    assert_eq!(good.warnings(), ["check never failed: it is looked at"]);
    good.apply(&world.batteries()).wait().unwrap();
    let error = infra()
        .plan(&world.batteries(), |declare| {
            declare.add("a", Stored::new("x"))?.postcondition(|live| live.out.output == "other", "not so");
            Ok(())
        })
        .wait()
        .unwrap_err();
    assert_eq!(error.to_string(), "a: postcondition failed: not so");
}

#[test]
fn triggers_ignored_fields_and_taint() {
    let world = World::new();
    let declare = |value: i32, owner: &'static str| {
        move |declare: &Declare| {
            let cause = declare.add("cause", Stored::new(value))?;
            declare.add("effect", Stored::new("y"))?.replace_when(&cause);
            declare.add("ignored", Stored::new(owner))?.ignore("input");
            declare.add("part", Stored::new(json!({"a": owner, "b": 1})))?.ignore("input.a");
            Ok(())
        }
    };
    apply(&world, declare(1, "x"));
    let second = plan(&world, declare(2, "y"));
    assert_eq!(second.change("effect").unwrap().reason, Some(Reason::Triggered));
    assert_eq!(second.change("ignored").unwrap().action, Action::NoOp);
    assert_eq!(second.change("part").unwrap().action, Action::NoOp);
    infra().state(&world.batteries()).taint("cause").wait().unwrap();
    let tainted = plan(&world, declare(1, "x"));
    assert!(tainted.to_string().contains("# cause is tainted, so must be replaced"), "{tainted}");
    infra().state(&world.batteries()).untaint("cause").wait().unwrap();
    assert!(plan(&world, declare(1, "x")).is_empty());
}

#[test]
fn secrets_are_hashed_everywhere() {
    let world = World::new();
    let declare = |secret: &'static str| {
        move |declare: &Declare| {
            declare.add("file", File::new("/secret", Input::secret(secret)).mode(0o600))?;
            declare.output("secret", Input::<String>::secret(secret))?;
            Ok(())
        }
    };
    let first = plan(&world, declare("hunter2-one"));
    let shown = format!("{first} {} {:?}", first.json(), first);
    assert!(shown.contains("(sensitive value)") && !shown.contains("hunter2"), "{shown}");
    let applied = first.apply(&world.batteries()).wait().unwrap();
    assert!(!applied.to_string().contains("hunter2"));
    assert_eq!(applied.outputs["secret"].value, "hunter2-one", "the caller may have it");
    assert_eq!(world.os.read("/secret").unwrap(), b"hunter2-one");
    assert!(plan(&world, declare("hunter2-one")).is_empty());
    let second = plan(&world, declare("hunter2-two"));
    assert_eq!(second.change("file").unwrap().action, Action::Update);
    second.apply(&world.batteries()).wait().unwrap();
    for name in world.os.listdir("/infra") {
        let text = world.os.read_text(std::path::Path::new("/infra").join(&name)).unwrap();
        assert!(!text.contains("hunter2"), "{name:?}: {text}");
    }
}

#[test]
fn variables_by_precedence() {
    let world = World::new();
    world.os.set_environ([("TF_VAR_region", "from-environment"), ("TF_VAR_count", "3")]);
    world.os.write("/vars.json", br#"{"region": "from-file", "port": 80}"#);
    let values = Arc::new(Mutex::new(Vec::new()));
    let run = |infra: leyden::infra::Infra| {
        let seen = values.clone();
        let declare = move |declare: &Declare| {
            let region: String = declare.variable("region").default("default").get()?;
            let count: u32 = declare.variable("count").default(1).validate(|n: &u32| *n < 9, "too many").get()?;
            seen.lock().unwrap().push((region, count));
            Ok(())
        };
        infra.plan(&world.batteries(), declare).wait().map(drop)
    };
    run(infra()).unwrap();
    run(infra().variable_file("/vars.json")).unwrap();
    run(infra().variable_file("/vars.json").variable("region", "given")).unwrap();
    let error = run(infra().variable("count", 12)).unwrap_err();
    assert_eq!(error.to_string(), "variable \"count\": too many");
    let expected = [("from-environment", 3), ("from-file", 3), ("given", 3)].map(|(region, count)| (region.to_owned(), count));
    assert_eq!(*values.lock().unwrap(), expected);
    let missing =
        infra().plan(&world.batteries(), |declare| declare.variable("none").get::<String>().map(drop).map_err(Into::into));
    assert_eq!(missing.wait().unwrap_err().to_string(), "variable \"none\": no value was given, and it has no default");
}

#[test]
fn a_saved_plan_is_applied_only_if_nothing_changed() {
    let world = World::new();
    let batteries = world.batteries();
    let declare = |text: &'static str| move |declare: &Declare| Ok(declare.add("a", File::new("/a", text)).map(drop)?);
    apply(&world, declare("one\n"));
    infra().plan(&batteries, declare("two\n")).wait().unwrap().save(&batteries, "/plan.json").unwrap();
    let error = infra().plan(&batteries, declare("three\n")).saved_as("/plan.json").wait().unwrap_err();
    assert_eq!(error.to_string(), "/plan.json: plan is stale: the declaration or the objects have changed since");
    let same = infra().plan(&batteries, declare("two\n")).saved_as("/plan.json").wait().unwrap();
    same.apply(&batteries).wait().unwrap();
    let error = infra().plan(&batteries, declare("two\n")).saved_as("/plan.json").wait().unwrap_err();
    assert_eq!(error.to_string(), "/plan.json: plan is stale: the state has changed since");
}

#[test]
fn progress_lines_are_terraforms() {
    let world = World::new();
    world.subprocess.program("slow").answer(Reply::new().delay(secs(25)).code(0));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    let declare = |declare: &Declare| Ok(declare.add("a", Command::new(["slow"])).map(drop)?);
    let run = plan(&world, declare).apply(&world.batteries());
    run.progress(move |event| seen.lock().unwrap().push(event.to_string())).wait().unwrap();
    let lines = lines.lock().unwrap();
    assert_eq!(lines[..3], ["a: Creating...", "a: Still creating... [10s elapsed]", "a: Still creating... [20s elapsed]"]);
    assert!(lines[3].starts_with("a: Creation complete after 25s [id="), "{}", lines[3]);
    // With a limit it is cut off.
    world.subprocess.program("hangs").answer(Reply::new().delay(secs(3600)).code(0));
    let hangs = plan(&world, |declare| {
        declare.add("a", Command::new(["slow"]))?;
        declare.add("b", Command::new(["hangs"]))?.create_timeout(secs(60));
        Ok(())
    });
    let error = hangs.apply(&world.batteries()).wait().unwrap_err();
    assert_eq!(error.to_string(), "b: create: timed out after 60 seconds");
}

#[test]
fn the_plans_text() {
    let world = World::new();
    let lines = |n: i32| (0..12).map(|at| format!("line {}\n", if at == 6 { n } else { at })).collect::<String>();
    apply(&world, |declare| Ok(declare.add("motd", File::new("/etc/motd", lines(6)).mode(0o644)).map(drop)?));
    let text = plan(&world, |declare| {
        declare.add("motd", File::new("/etc/motd", lines(66)).mode(0o600))?;
        declare.add("data", Stored::new(json!({"a": [1, 2], "b": "x"})))?;
        declare.output("size", 3)?;
        Ok(())
    });
    let expected = include_str!("plan.txt");
    assert_eq!(text.to_string(), expected, "\n{text}");
}
