//! Faults that a user met: secrets that leaked or never settled, protection that stayed, declarations with a slip of the pen.

use leyden::infra::host::{Archive, CronLine, Directory, File};
use leyden::infra::{Declare, Infra, Input, State, Stored};
use leyden::prelude::*;
use serde_json::{Value, json};

use super::{actions, apply, infra, plan};

fn refused(world: &World, declare: impl FnOnce(&Declare) -> leyden::Result<()>) -> String {
    infra().plan(&world.batteries(), declare).wait().map(|plan| plan.to_string()).unwrap_err().to_string()
}

/// All files of the state's directory.
fn state_files(world: &World) -> String {
    let names = world.os.listdir("/infra");
    names.iter().map(|name| world.os.read_text(std::path::Path::new("/infra").join(name)).unwrap()).collect()
}

fn secrets(text: &'static str) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        let file = declare.add("file", File::new("/f", Input::secret(text)))?;
        declare.output("by_attr", file.attr::<String>("content"))?;
        declare.output("by_map", file.attr::<String>("content").map(|text| text + "!"))?;
        declare.add("copy", File::new("/g", file.attr::<String>("content")))?;
        let stored = declare.add("stored", Stored::of(Input::<Value>::secret(json!(text))))?;
        declare.output("by_out", stored.out(|out| &out.output))?;
        declare.add("copy_of_stored", Stored::of(stored.out(|out| &out.output)))?;
        declare.add(
            "on_disk",
            File::new("/h", stored.out(|out| &out.output).map(|value| value.as_str().unwrap_or("").to_owned())),
        )?;
        declare.add("trigger", Stored::new("x").triggers_replace(Input::secret(json!(text))))?;
        Ok(())
    }
}

#[test]
fn a_secret_stays_one_in_what_refers_to_it() {
    let world = World::new();
    let first = plan(&world, secrets("hunter2-one"));
    let shown = format!("{first}\n{}\n{first:?}", first.json());
    assert!(!shown.contains("hunter2"), "{shown}");
    let applied = first.apply(&world.batteries()).wait().unwrap();
    assert!(!format!("{applied}{applied:?}").contains("hunter2"), "{applied}");
    assert!(!state_files(&world).contains("hunter2"), "{}", state_files(&world));
    assert_eq!(applied.outputs["by_out"].value, "hunter2-one", "the caller may have it");
    assert_eq!(
        (world.os.read_text("/g").unwrap(), world.os.read_text("/h").unwrap()),
        ("hunter2-one".into(), "hunter2-one".into())
    );
    let again = plan(&world, secrets("hunter2-one"));
    assert!(again.is_empty(), "{again}");
    let trusted = infra().plan(&world.batteries(), secrets("hunter2-one")).without_refresh().wait().unwrap();
    assert!(trusted.is_empty(), "{trusted}");
    let other = plan(&world, secrets("hunter2-two"));
    assert_eq!(other.change("stored").unwrap().action.words(), ["update"]);
    assert_eq!(other.change("trigger").unwrap().action.words(), ["delete", "create"]);
    let applied = other.apply(&world.batteries()).wait().unwrap();
    assert_eq!(applied.outputs["by_map"].value, "hunter2-two!");
    assert_eq!(world.os.read_text("/h").unwrap(), "hunter2-two");
    assert!(!state_files(&world).contains("hunter2"), "{}", state_files(&world));
    assert!(plan(&world, secrets("hunter2-two")).is_empty());
    let error = refused(&world, |declare| {
        let file = declare.add("file", File::new("/f", Input::secret("hunter2")))?;
        declare.add("copy", File::new("/g", file.attr::<u32>("content").map(|number| number.to_string())))?;
        Ok(())
    });
    assert_eq!(error, "reference to file: not of the expected type");
}

#[test]
fn a_saved_first_plan_may_hold_a_secret() {
    let world = World::new();
    let batteries = world.batteries();
    plan(&world, secrets("hunter2")).save(&batteries, "/plan.json").unwrap();
    assert!(!world.os.read_text("/plan.json").unwrap().contains("hunter2"));
    let other = infra().plan(&batteries, secrets("hunter3")).saved_as("/plan.json").wait().map(drop).unwrap_err();
    assert_eq!(other.to_string(), "/plan.json: plan is stale: the declaration or the objects have changed since");
    infra().plan(&batteries, secrets("hunter2")).saved_as("/plan.json").wait().unwrap().apply(&batteries).wait().unwrap();
    assert!(plan(&world, secrets("hunter2")).is_empty());
}

#[test]
fn a_protection_alone_is_a_change() {
    let world = World::new();
    let declare = |protect: bool| {
        move |declare: &Declare| {
            let file = declare.add("file", File::new("/f", "x"))?;
            if protect {
                file.protect();
            }
            Ok(())
        }
    };
    apply(&world, declare(true));
    let plain = plan(&world, declare(false));
    assert_eq!((plain.is_empty(), plain.detailed_exitcode()), (false, 2));
    assert_eq!(plain.to_string(), "Changes to Protection:\n  - file will no longer be protected\n");
    plain.apply(&world.batteries()).wait().unwrap();
    assert!(plan(&world, declare(false)).is_empty());
    assert_eq!(actions(&plan(&world, |_| Ok(()))), [("file".into(), &["delete"][..])]);
    assert!(plan(&world, declare(true)).to_string().contains("+ file will be protected"));
}

#[test]
fn a_prefix_is_renamed_with_what_its_objects_depend_on() {
    let world = World::new();
    apply(&world, |declare| {
        let net = declare.within("net");
        let directory = net.add("z", Directory::new("/d"))?;
        net.add("a", File::new("/d/f", "x"))?.after(&directory);
        Ok(())
    });
    let state = infra().state(&world.batteries());
    assert_eq!(state.mv("net", "core").wait().unwrap(), 2);
    assert_eq!(state.show("core.a").wait().unwrap().depends_on, ["core.z".into()]);
    infra().destroy(&world.batteries()).wait().unwrap().apply(&world.batteries()).wait().unwrap();
}

#[test]
fn slips_in_a_declaration_are_errors() {
    let world = World::new();
    let stored = || Stored::new("x");
    let cases: Vec<(&str, String)> = vec![
        (
            "zz: replace_when names an object that is neither declared nor in the state",
            refused(&world, |declare| {
                declare.add("a", stored())?.replace_when("zz");
                Ok(())
            }),
        ),
        (
            "zz: to be imported, but not declared",
            refused(&world, |declare| {
                declare.import("zz", "1");
                Ok(())
            }),
        ),
        (
            "a: imported twice",
            refused(&world, |declare| {
                declare.add("a", File::new("/f", ""))?;
                declare.import("a", "/f");
                declare.import("a", "/g");
                Ok(())
            }),
        ),
        (
            "a: to be forgotten, but still declared",
            refused(&world, |declare| {
                declare.add("a", stored())?;
                declare.forget("a");
                Ok(())
            }),
        ),
        (
            "zz: output \"o\" is to come after it, but it is not declared",
            refused(&world, |declare| {
                declare.output("o", 1)?.after("zz");
                Ok(())
            }),
        ),
        ("output \"o\\n\": not a valid name", refused(&world, |declare| Ok(declare.output("o\n", 1).map(drop)?))),
        (
            "reference to a: invalid type: string \"/f\", expected u32",
            refused(&world, |declare| {
                let a = declare.add("a", File::new("/f", ""))?;
                declare.output("o", a.attr::<u32>("path").map(|number| number + 1))?;
                Ok(())
            }),
        ),
    ];
    for (expected, found) in cases {
        assert_eq!(found, expected);
    }
    assert!(refused(&world, |declare| Ok(declare.add("a[ \"x\" ]", stored()).map(drop)?)).contains("not a valid address"));
    assert!(
        refused(&world, |declare| {
            declare.moved("b c", "a");
            Ok(declare.add("a", stored()).map(drop)?)
        })
        .contains("\"b c\": not a valid address")
    );
    let warned = plan(&world, |declare| {
        declare.add("a", stored())?.ignore("inptu");
        Ok(())
    });
    assert_eq!(warned.warnings(), ["a: ignore names \"inptu\", which is not a field of stored"]);
}

#[test]
fn refresh_only_takes_the_outputs_into_the_state() {
    let world = World::new();
    let batteries = world.batteries();
    let declare = |declare: &Declare| {
        let file = declare.add("file", File::new("/f", "one"))?.ignore("content");
        declare.output("text", file.attr::<String>("content"))?;
        Ok(())
    };
    apply(&world, declare);
    world.os.write("/f", "two");
    let taken = infra().plan(&batteries, declare).refresh_only().wait().unwrap();
    assert_eq!(taken.output_changes()[0].after, "two");
    taken.apply(&batteries).wait().unwrap();
    let state = infra().state(&batteries).pull().wait().unwrap();
    assert_eq!(state.outputs()["text"].value, "two");
    // Without a declaration there is nothing to compute them from.
    infra().refresh(&batteries).wait().unwrap().apply(&batteries).wait().unwrap();
    assert_eq!(infra().state(&batteries).pull().wait().unwrap().outputs()["text"].value, "two");
}

#[test]
fn an_output_whose_condition_fails_keeps_its_old_value() {
    let world = World::new();
    let batteries = world.batteries();
    let declare = |text: &'static str| {
        move |declare: &Declare| {
            let stored = declare.add("s", Stored::new(text))?;
            let holds = stored.out(|out| &out.output).map(|value| value == "one");
            declare.output("o", stored.out(|out| &out.output))?.precondition(holds, "only one");
            Ok(())
        }
    };
    apply(&world, declare("one"));
    let error = plan(&world, declare("two")).apply(&batteries).wait().unwrap_err();
    assert_eq!(error.to_string(), "o: precondition failed: only one");
    assert_eq!(infra().state(&batteries).pull().wait().unwrap().outputs()["o"].value, "one");
}

#[test]
fn a_target_covers_its_outputs_alone() {
    let world = World::new();
    let batteries = world.batteries();
    let declare = |declare: &Declare| {
        let (a, b) = (declare.add("a", Stored::new("a"))?, declare.add("b", Stored::new("b"))?);
        declare.output("of_a", a.out(|out| &out.output))?;
        declare.output("of_b", b.out(|out| &out.output))?;
        Ok(())
    };
    let targeted = infra().plan(&batteries, declare).target("a").wait().unwrap();
    assert_eq!(targeted.output_changes().iter().map(|output| output.name.as_str()).collect::<Vec<_>>(), ["of_a"]);
    targeted.apply(&batteries).wait().unwrap();
    apply(&world, declare);
    // What is not declared any more is left alone as well.
    let targeted =
        infra().plan(&batteries, |declare| Ok(declare.add("a", Stored::new("x")).map(drop)?)).target("a").wait().unwrap();
    targeted.apply(&batteries).wait().unwrap();
    assert_eq!(infra().state(&batteries).pull().wait().unwrap().outputs().len(), 2);
}

#[test]
fn workspaces_cannot_reach_out_of_their_place() {
    let world = World::new();
    let batteries = world.batteries();
    let declare = |declare: &Declare| Ok(declare.add("s", Stored::new("x")).map(drop)?);
    for name in ["../x", "a/b", "", "a.b", "a b"] {
        let error = infra().workspace(name).plan(&batteries, declare).wait().map(drop).unwrap_err();
        let expected = format!("/infra/state.json: invalid workspace name {name:?}: expected letters, digits, '-' and '_'");
        assert_eq!(error.to_string(), expected);
    }
    // A state without an extension: its backup is not a workspace.
    let plain = Infra::new("x", State::file("/p/state"));
    for text in ["one", "two"] {
        let plan = plain.plan(&batteries, |declare| Ok(declare.add("s", Stored::new(text)).map(drop)?)).wait().unwrap();
        plan.apply(&batteries).wait().unwrap();
    }
    assert!(world.os.exists("/p/state.backup"));
    assert_eq!(plain.state(&batteries).workspaces().wait().unwrap(), ["default"]);
    let error = plain.workspace("backup").plan(&batteries, declare).wait().map(drop).unwrap_err();
    assert!(error.to_string().contains("would be the backup of another state"), "{error}");
}

#[cfg(feature = "s3")]
#[test]
fn workspaces_in_a_bucket_are_listed_from_each_of_them() {
    let world = World::new();
    world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("states")).wait().unwrap();
    let batteries = world.batteries();
    let infra = Infra::new("x", State::s3("states", "prod.json").workspace_prefix("teams"));
    let declare = |declare: &Declare| Ok(declare.add("s", Stored::new("x")).map(drop)?);
    for name in ["default", "blue"] {
        infra.clone().workspace(name).plan(&batteries, declare).wait().unwrap().apply(&batteries).wait().unwrap();
    }
    for name in ["default", "blue"] {
        let names = infra.clone().workspace(name).state(&batteries).workspaces().wait().unwrap();
        assert_eq!(names, ["default", "blue"], "{name}");
    }
}

#[test]
fn a_file_never_shows_old_contents_under_a_new_mode() {
    let world = World::new();
    apply(&world, |declare| Ok(declare.add("f", File::new("/f", "secret").mode(0o600)).map(drop)?));
    let opened = plan(&world, |declare| Ok(declare.add("f", File::new("/f", "public").mode(0o644)).map(drop)?));
    let calls = world.script();
    opened.apply(&world.batteries()).wait().unwrap();
    let calls: Vec<String> = calls.calls().iter().map(ToString::to_string).collect();
    let last = calls
        .iter()
        .rfind(|call| call.contains("(/f") && !call.contains("stat") && !call.contains("read") && !call.contains("open"));
    assert!(
        last.is_some_and(|call| call.contains("chmod")),
        "{:?}",
        calls.iter().filter(|call| call.contains("f)")).collect::<Vec<_>>()
    );
    assert_eq!(world.os.read_text("/f").unwrap(), "public");
}

#[test]
fn resources_of_hosts_settle() {
    let world = World::new();
    world.os.write("/src/a", "a");
    world.os.mkdir("/etc/cron.d");
    let declare = |declare: &Declare| {
        declare.add("tgz", Archive::new("/o.tgz", "/src"))?;
        declare.add("cron", CronLine::new("job", "0  3 * * *", "root", "x"))?;
        declare.add("numbers", File::new("/numbers", "x").owner("0").group("0"))?;
        declare.add("directory", Directory::new("/numbered").owner("0").group("0"))?;
        Ok(())
    };
    apply(&world, declare);
    let again = plan(&world, declare);
    assert!(again.is_empty(), "{again}");
    let error = refused(&world, |declare| Ok(declare.add("x", Archive::new("/src/o.zip", "/src")).map(drop)?));
    assert_eq!(error, "x: path \"/src/o.zip\" is inside of the source \"/src\"");
    let error = refused(&world, |declare| Ok(declare.add("x", CronLine::new("job", "@daily", "root", " x")).map(drop)?));
    assert_eq!(error, "x: command \" x\" begins or ends with white space");
    assert!(
        refused(&world, |declare| Ok(declare.add("x", File::new("/a\0b", "")).map(drop)?))
            .contains("not absolute and normalized")
    );
}

#[test]
fn an_object_below_a_file_is_gone() {
    let world = World::new();
    world.os.mkdir("/d");
    let declare = |declare: &Declare| Ok(declare.add("f", File::new("/d/f", "x")).map(drop)?);
    apply(&world, declare);
    world.os.remove("/d/f");
    world.os.remove("/d");
    world.os.write("/d", "a file now");
    assert_eq!(plan(&world, declare).change("f").unwrap().action.words(), ["create"]);
    infra().destroy(&world.batteries()).wait().unwrap().apply(&world.batteries()).wait().unwrap();
}
