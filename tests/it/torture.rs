//! Jobs of the facade, with each of their calls failing in turn.
#![cfg(feature = "os")]

use leyden::prelude::*;
use leyden::world::{torture, torture_lasting};

/// Nothing but these names: no temporary file stays behind.
fn only(world: &World, dir: &str, allowed: &[&str]) -> Result<(), String> {
    match world.os.listdir(dir).into_iter().find(|name| !allowed.iter().any(|allowed| name == allowed)) {
        Some(name) => Err(format!("{name:?} was left behind")),
        None => Ok(()),
    }
}

fn one_of(world: &World, path: &str, allowed: &[Option<&str>]) -> Result<(), String> {
    let found = world.os.read_text(path);
    if allowed.contains(&found.as_deref()) { Ok(()) } else { Err(format!("{path} holds {found:?}")) }
}

#[test]
fn write_text_leaves_the_old_file_or_the_new_one() {
    torture(
        |world| world.os.write("/d/report", "old"),
        |Batteries { os, .. }| os.write_text("/d/report", "new"),
        |world, result| {
            only(world, "/d", &["report"])?;
            one_of(world, "/d/report", &[Some("old"), Some("new")])?;
            if result.is_ok() { one_of(world, "/d/report", &[Some("new")]) } else { Ok(()) }
        },
    )
    .assert_ok();
}

#[test]
fn write_text_of_a_new_file_leaves_nothing_or_all_of_it() {
    torture(
        |world| world.os.mkdir("/d"),
        |Batteries { os, .. }| os.write_text(Open::new("/d/report").sync(true), "new"),
        |world, _| {
            only(world, "/d", &["report"])?;
            one_of(world, "/d/report", &[None, Some("new")])
        },
    )
    .assert_ok();
}

#[test]
fn write_bytes_through_a_link_keeps_the_link() {
    torture(
        |world| {
            world.os.write("/d/target", "old");
            world.os.symlink("target", "/d/link");
        },
        |Batteries { os, .. }| os.write_bytes("/d/link", vec![b'n'; 3]),
        |world, _| {
            only(world, "/d", &["link", "target"])?;
            one_of(world, "/d/target", &[Some("old"), Some("nnn")])?;
            world.os.readlink("/d/link").map(drop).ok_or("the link is gone".into())
        },
    )
    .assert_ok();
}

#[test]
fn a_replaced_file_never_shows_to_others() {
    torture(
        |world| {
            world.os.write("/d/secret", "old");
            world.os.chmod("/d/secret", 0o600);
        },
        |Batteries { os, .. }| os.write_text("/d/secret", "new"),
        |world, _| {
            let mode = world.os.stat("/d/secret").map(|stat| stat.permissions());
            if mode == Some(0o600) { Ok(()) } else { Err(format!("mode {mode:?}")) }
        },
    )
    .assert_ok();
}

#[test]
fn makedirs_makes_a_beginning_of_the_path() {
    torture(
        |_| {},
        |Batteries { os, .. }| os.makedirs(MakeDirs::new("/a/b/c").exist_ok(true)),
        |world, result| match (&*world.os.tree("/a"), result.is_ok()) {
            ("b/\nb/c/\n", _) | ("b/\n" | "", false) => Ok(()),
            (tree, _) => Err(tree.to_owned()),
        },
    )
    .assert_ok();
}

#[test]
fn renames_loses_nothing() {
    torture(
        |world| world.os.write("/a/b/file", "precious"),
        |Batteries { os, .. }| os.renames("/a/b/file", "/c/d/file"),
        |world, _| {
            let places = ["/a/b/file", "/c/d/file"].map(|path| world.os.read_text(path));
            let found = places.iter().flatten().count();
            if found == 1 { Ok(()) } else { Err(format!("{found} files")) }
        },
    )
    .assert_ok();
}

#[test]
fn removedirs_removes_from_the_leaf_up() {
    torture(
        |world| {
            world.os.mkdir("/a/b/c");
            world.os.write("/a/kept", "");
        },
        |Batteries { os, .. }| os.removedirs("/a/b/c"),
        |world, result| match (&*world.os.tree("/a"), result.is_ok()) {
            ("b/\nb/c/\nkept (0)\n", false) | ("b/\nkept (0)\n" | "kept (0)\n", true) => Ok(()),
            (tree, ok) => Err(format!("{ok}: {tree}")),
        },
    )
    .assert_ok();
}

#[test]
fn a_walk_tells_every_error_and_goes_on() {
    torture(
        |world| {
            for dir in ["a", "b", "c"] {
                world.os.write(format!("/top/{dir}/file"), "");
            }
        },
        |Batteries { os, .. }| {
            let mut errors = Vec::new();
            let dirs = os.walk(Walk::new("/top").onerror(|error| errors.push(error))).count();
            if errors.is_empty() { Ok(dirs) } else { Err((dirs, errors.len())) }
        },
        |_, result| match result {
            // An entry whose type cannot be asked for is passed over, as in Python.
            Ok(3..=4) | Err((0 | 3, 1)) => Ok(()),
            other => Err(format!("{other:?}")),
        },
    )
    .assert_ok();
}

#[test]
fn appending_keeps_what_was_there() {
    torture(
        |world| world.os.write("/log", "one\n"),
        |Batteries { os, .. }| {
            let mut file = os.open(Open::new("/log").mode("a"))?;
            file.write_text("two\n")?;
            file.close()
        },
        |world, _| one_of(world, "/log", &[Some("one\n"), Some("one\ntwo\n")]),
    )
    .assert_ok();
}

#[test]
fn reading_gives_everything_or_an_error() {
    let contents = "line\n".repeat(50_000);
    torture(
        |world| world.os.write("/big", &contents),
        |Batteries { os, .. }| os.read_text("/big"),
        |_, result| match result {
            Ok(text) if *text != contents => Err(format!("{} bytes", text.len())),
            _ => Ok(()),
        },
    )
    .assert_ok();
}

#[test]
fn lines_give_a_beginning_and_then_the_error() {
    let contents = "line\n".repeat(50_000);
    torture(
        |world| world.os.write("/big", &contents),
        |Batteries { os, .. }| {
            let mut count = 0;
            for line in os.open("/big")?.lines() {
                assert_eq!(line?, "line");
                count += 1;
            }
            Ok::<_, leyden::os::Error>(count)
        },
        |_, result| if result.as_ref().is_ok_and(|count| *count != 50_000) { Err(format!("{result:?}")) } else { Ok(()) },
    )
    .assert_ok();
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let world = World::new();
    world.os.write("/d/report", "old");
    world.os.set_capacity(8192 + 4096);
    let os = world.batteries().os;
    let error = os.write_bytes("/d/report", vec![b'n'; 100_000]).unwrap_err();
    assert_eq!(error.errno(), Some(28));
    assert_eq!(world.os.tree("/d"), "report (3)\n");
    assert_eq!(world.os.read_text("/d/report").unwrap(), "old");
}

#[test]
fn a_fault_that_lasts_outlasts_a_retry() {
    let job = |Batteries { os, .. }: &Batteries| os.mkdir("/d").or_else(|_| os.mkdir("/d"));
    torture(|_| (), job, |world, _| world.os.exists("/d").then_some(()).ok_or("no directory".into())).assert_ok();
    let report = torture_lasting(
        |_| (),
        job,
        |world, result| match (result, world.os.exists("/d")) {
            (Ok(()), true) | (Err(_), false) => Ok(()),
            other => Err(format!("{other:?}")),
        },
    );
    report.assert_ok();
    assert_eq!(report.calls, 1);
    let broken = torture_lasting(|_| (), job, |world, _| world.os.exists("/d").then_some(()).ok_or("no directory".into()));
    assert_eq!(broken.troubles.len(), 1, "the second attempt fails too: {broken}");
}

#[test]
fn faults_by_subject_match_whole_parts() {
    for (wanted, path, hit) in [
        ("b.log", "/b.log", true),
        ("/b.log", "/b.log", true),
        ("log", "/log", true),
        ("b.log", "/web.log", false),
        ("b.log", "/b.log.1", false),
        ("b", "/b-1", false),
        ("b", "/a-b", false),
        ("é", "/é", true),
        ("é", "/bé", false),
    ] {
        let world = World::new();
        world.script().fail_on("os.mkdir", wanted, std::io::Error::from_raw_os_error(28));
        let errno = world.batteries().os.mkdir(path).err().and_then(|error| error.errno());
        assert_eq!(errno, hit.then_some(28), "{wanted} {path}");
        assert_eq!(world.script().pending_faults(), usize::from(!hit), "a fault is not used up elsewhere");
    }
}

#[test]
fn a_planned_fault_comes_before_one_that_lasts() {
    let world = World::new();
    let os = world.batteries().os;
    world.script().keep_failing("os", || std::io::Error::from_raw_os_error(30));
    world.script().fail_next("os.mkdir", std::io::Error::from_raw_os_error(28));
    let errno = |path: &str| os.mkdir(path).err().and_then(|error| error.errno());
    assert_eq!([errno("/a"), errno("/a"), errno("/b")], [Some(28), Some(30), Some(30)]);
    world.script().stop_failing("os");
    assert_eq!(errno("/a"), None);
    assert!(world.script().calls().iter().take(3).all(|call| call.failed));
}

#[test]
fn a_job_without_end_runs_for_a_while() {
    let world = World::new();
    let beats = world.run_for(3600, |Batteries { tempfile, time, .. }| -> leyden::Result<()> {
        let scratch = tempfile.temporary_directory(())?;
        loop {
            world.os.write(scratch.path().join("beat"), "");
            time.sleep(60).wait();
        }
    });
    assert!(beats.is_none());
    assert_eq!(world.script().count("time.sleep"), 61);
    assert!(world.os.listdir("/tmp").is_empty(), "what the job held is dropped");
    assert!(matches!(world.run_for(1, |Batteries { os, .. }| os.mkdir("/after")), Some(Ok(()))), "the limit is lifted");
    world.batteries().time.sleep(100_000).wait();
}

#[test]
#[should_panic(expected = "does not sleep")]
fn a_job_that_does_not_sleep_is_a_failure() {
    World::new().run_for(60, |Batteries { os, .. }| {
        loop {
            drop(os.listdir("/"));
        }
    });
}

#[test]
#[should_panic(expected = "its own")]
fn a_panic_of_the_job_stays_a_panic() {
    World::new().run_for(60, |_| panic!("its own"));
}
