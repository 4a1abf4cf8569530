//! States: files, locks, corruption, commands.

use leyden::infra::{Declare, Error, Infra, Snapshot, State, Stored, read_tfstate};
use leyden::prelude::*;

use super::{apply, infra, plan};

fn three(declare: &Declare) -> leyden::Result<()> {
    let a = declare.add("a", Stored::new("a"))?;
    declare.add(("b", "x"), Stored::new("x"))?.after(&a);
    declare.add(("b", "y"), Stored::new("y"))?.after(&a);
    declare.output("name", "value")?;
    declare.output("list", vec![1, 2])?;
    Ok(())
}

const PATH: &str = "/infra/state.json";

#[test]
fn a_state_is_one_line_after_a_run_and_the_one_before_is_kept() {
    let world = World::new();
    apply(&world, three);
    let text = world.os.read_text(PATH).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["format"], 1);
    assert_eq!(world.os.stat(PATH).unwrap().st_mode & 0o777, 0o600);
    apply(&world, |declare| {
        three(declare)?;
        Ok(declare.add("c", Stored::new("c")).map(drop)?)
    });
    assert_eq!(world.os.read_text("/infra/state.json.backup").unwrap(), text);
    assert!(!world.os.exists("/infra/.state.json.lock.info"));
}

#[test]
fn another_run_is_refused_with_the_holder() {
    let world = World::new();
    world.os.set_environ([("LOGNAME", "ann")]);
    let batteries = world.batteries();
    apply(&world, three);
    // While an apply works, its hook finds the state locked.
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let (inner, there) = (seen.clone(), batteries.clone());
    let run = plan(&world, |declare| {
        three(declare)?;
        Ok(declare.add("c", Stored::new("c")).map(drop)?)
    })
    .apply(&batteries)
    .progress(move |_| {
        let error = infra().plan(&there, three).wait().unwrap_err();
        *inner.lock().unwrap() = error.to_string();
    });
    run.wait().unwrap();
    let text = seen.lock().unwrap().clone();
    assert!(text.starts_with("/infra/state.json: state is locked: held by ann@"), "{text}");
    assert!(text.contains(" for apply since 2026-01-01T00:00:00Z (id "), "{text}");
    assert!(infra().plan(&batteries, three).wait().is_ok());
}

#[test]
fn a_lock_that_was_broken_stops_the_run_that_held_it() {
    let world = World::new();
    let batteries = world.batteries();
    let there = batteries.clone();
    let broken = std::sync::atomic::AtomicBool::new(false);
    let run = plan(&world, three).apply(&batteries).progress(move |event| {
        if event.to_string() == "a: Creating..." && !broken.swap(true, std::sync::atomic::Ordering::SeqCst) {
            let Err(Error::Locked { holder, .. }) = infra().plan(&there, three).wait() else { panic!("not locked") };
            let state = infra().state(&there);
            assert!(state.force_unlock_although_another_run_may_be_active("wrong").wait().is_err());
            state.force_unlock_although_another_run_may_be_active(holder.id).wait().unwrap();
        }
    });
    let error = run.wait().unwrap_err();
    let Error::Apply(applied) = &error else { panic!("{error}") };
    assert!(matches!(applied.failures[0], Error::LostLock { .. }), "{error:?}");
    assert_eq!(applied.summary.add, 0);
    assert_eq!(applied.skipped.len(), 2);
}

#[test]
fn what_is_cut_or_corrupt_or_newer_is_never_overwritten() {
    let world = World::new();
    apply(&world, three);
    let whole = world.os.read(PATH).unwrap();
    for cut in [1, whole.len() / 2, whole.len() - 2] {
        world.os.write(PATH, &whole[..cut]);
        let error = infra().plan(&world.batteries(), three).wait().unwrap_err().to_string();
        assert!(error.starts_with("/infra/state.json: corrupt state: line 1"), "{error}");
        assert_eq!(world.os.read(PATH).unwrap(), whole[..cut]);
    }
    world.os.write(PATH, "");
    assert!(infra().plan(&world.batteries(), three).wait().is_err());
    let newer = String::from_utf8(whole.clone()).unwrap().replace("\"format\":1", "\"format\":2");
    world.os.write(PATH, newer);
    let error = infra().plan(&world.batteries(), three).wait().unwrap_err();
    assert_eq!(error.to_string(), "/infra/state.json: state format 2 is newer than this program supports (1)");
    // A broken line between whole ones is corrupt; a broken last line is what a crash leaves.
    let journal = [&whole[..], b"{\"serial\":"].concat();
    world.os.write(PATH, [&journal[..], b"\n{}\n"].concat());
    let error = infra().plan(&world.batteries(), three).wait().unwrap_err().to_string();
    assert!(error.contains("corrupt state: line 2"), "{error}");
    world.os.write(PATH, &journal);
    let next = plan(&world, |declare| Ok(declare.add("a", Stored::new("a")).map(drop)?));
    assert_eq!(next.summary().destroy, 2);
    next.apply(&world.batteries()).wait().unwrap();
    let kept = world.os.listdir("/infra").into_iter().find(|name| name.to_string_lossy().starts_with("state.json.cut-")).unwrap();
    assert_eq!(world.os.read(std::path::Path::new("/infra").join(kept)).unwrap(), journal);
}

#[test]
fn commands_on_a_state() {
    let world = World::new();
    apply(&world, three);
    let batteries = world.batteries();
    let state = infra().state(&batteries);
    let list = || state.list().wait().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(list(), ["a", "b[\"x\"]", "b[\"y\"]"]);
    assert_eq!(state.show("a").wait().unwrap().attributes()["output"], "a");
    assert!(state.show("z").wait().is_err());
    assert_eq!(state.mv("b", "net.c").wait().unwrap(), 2);
    assert_eq!(list(), ["a", "net.c[\"x\"]", "net.c[\"y\"]"]);
    assert_eq!(state.mv("a", "first").wait().unwrap(), 1);
    assert_eq!(state.show("net.c[\"x\"]").wait().unwrap().depends_on[0].to_string(), "first");
    let pulled = state.pull().wait().unwrap();
    assert_eq!(pulled.output_raw("name").as_deref(), Some("value"));
    assert_eq!(pulled.output_raw("list"), None);
    assert_eq!(pulled.outputs_json()["list"]["type"], serde_json::json!(["tuple", ["number", "number"]]));
    assert_eq!(pulled.json()["values"]["root_module"]["resources"][1]["index"], "x");
    assert_eq!(state.identities().wait().unwrap()[0]["address"], "first");
    assert_eq!(state.rm("net").wait().unwrap(), 2);
    assert_eq!(list(), ["first"]);
    let error = state.push(pulled.clone()).wait().unwrap_err().to_string();
    assert!(error.contains("is older than"), "{error}");
    state.push_even_if_lineage_or_serial_differ(pulled.clone()).wait().unwrap();
    assert_eq!(list().len(), 3);
    let other = Infra::new("other", State::file("/other/state.json"));
    state.migrate_to(&other).wait().unwrap();
    assert_eq!(other.state(&batteries).pull().wait().unwrap(), pulled);
    let text = pulled.to_text().unwrap();
    assert_eq!(Snapshot::from_text(&text).unwrap(), pulled);
    assert!(Snapshot::from_text(&text[..text.len() / 2]).is_err());
}

#[test]
fn workspaces_have_states_of_their_own() {
    let world = World::new();
    let batteries = world.batteries();
    apply(&world, three);
    let staging = infra().workspace("staging");
    let declare = |declare: &Declare| Ok(declare.add("only", Stored::new(declare.workspace())).map(drop)?);
    staging.plan(&batteries, declare).wait().unwrap().apply(&batteries).wait().unwrap();
    assert!(world.os.exists("/infra/state.staging.json"));
    assert_eq!(infra().state(&batteries).workspaces().wait().unwrap(), ["default", "staging"]);
    assert!(staging.state(&batteries).delete_workspace().wait().unwrap_err().to_string().contains("still has 1 objects"));
    staging.destroy(&batteries).wait().unwrap().apply(&batteries).wait().unwrap();
    staging.state(&batteries).delete_workspace().wait().unwrap();
    assert!(infra().state(&batteries).delete_workspace().wait().is_err());
    assert_eq!(infra().state(&batteries).workspaces().wait().unwrap(), ["default"]);
    world.os.set_environ([("TF_WORKSPACE", "prod")]);
    assert_eq!(infra().workspace_from_environ(&batteries).workspace_name(), "prod");
}

#[test]
fn a_state_of_terraform_is_read() {
    let text = include_str!("terraform.tfstate");
    let found = read_tfstate(text.as_bytes()).unwrap();
    assert_eq!(found.skipped, ["null_resource.other"]);
    let state = found.snapshot;
    let addresses: Vec<String> = state.addresses().iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["a", "net.b[\"x\"]"]);
    assert_eq!(state.get("net.b[\"x\"]").unwrap().depends_on[0].to_string(), "a");
    let world = World::new();
    infra().state(&world.batteries()).push(state).wait().unwrap();
    let next = plan(&world, |declare| {
        let a = declare.add("a", Stored::new("hello"))?;
        declare.within("net").add(("b", "x"), Stored::of(a.out(|out| &out.output)))?;
        Ok(())
    });
    assert_eq!(next.summary(), leyden::infra::Summary::default(), "{next}");
}

#[test]
fn a_place_that_takes_no_write_leaves_a_copy() {
    let world = World::new();
    let first = plan(&world, three);
    world.os.mkdir("/elsewhere");
    world.os.mount("/infra");
    let there = world.clone();
    let run = first.apply(&world.batteries()).progress(move |event| {
        if event.to_string() == "a: Creating..." {
            there.os.set_read_only("/infra", true);
        }
    });
    let error = run.wait().unwrap_err();
    let Error::Apply(applied) = &error else { panic!("{error}") };
    let last = applied.failures.last().unwrap().to_string();
    assert!(last.contains("it is in errored.test.json"), "{last}");
    let kept = Snapshot::from_text(world.os.read("/errored.test.json").unwrap()).unwrap();
    assert!(kept.get("a").unwrap().id.is_some());
}
