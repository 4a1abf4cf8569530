//! `shutil`, `tempfile` and `os.path` where the oracle cannot look: what is kept when something fails, who may read what, whose times.

use crate::support::trees::Fixture;
use leyden::os::glob::Glob;
use leyden::os::shutil::archive::{MakeArchive, Unpack};
use leyden::os::shutil::{self, CopyTree, Owner, RmTree};
use leyden::os::tempfile::Temp;
use leyden::os::{Error, Os};
use leyden::world::torture;
use leyden::{Batteries, World};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_replaced_file_keeps_its_mode_and_is_another,
        a_file_with_two_names_is_written_in_place,
        a_big_file_is_copied_whole,
        copystat_keeps_nanoseconds_and_attributes,
        copytree_tells_of_each_failure_and_copies_the_rest,
        copytree_leaves_out_its_own_copy,
        copytree_takes_a_copy_function,
        rmtree_tells_of_each_failure,
        rmtree_of_a_deep_tree,
        rmtree_does_not_follow_a_link,
        disk_usage_adds_up,
        chown_knows_names,
        the_terminal_is_as_wide_as_the_variables_say,
        temporary_files_are_private_and_go_away,
        temporary_directories_go_away_with_their_contents,
        the_temporary_directory_is_the_environments,
        expanduser_asks_the_environment_then_the_passwords,
        same_files_are_known,
        iglob_reads_a_directory_when_its_turn_comes,
        glob_escapes,
    ]
);

fn a_replaced_file_keeps_its_mode_and_is_another(Fixture { os, .. }: &Fixture) {
    os.write_text("new", "new").unwrap();
    os.write_text("old", "old, and longer").unwrap();
    os.chmod("old", 0o640).unwrap();
    let mut reader = os.open("old").unwrap();
    os.shutil.copyfile("new", "old").unwrap();
    assert_eq!(os.read_text("old").unwrap(), "new");
    assert_eq!(os.stat("old").unwrap().permissions(), 0o640);
    assert_eq!(reader.read_text().unwrap(), "old, and longer", "who has it open goes on reading the old one");
    assert_eq!(os.listdir(".").unwrap().len(), 2, "nothing is left over");
}

fn a_file_with_two_names_is_written_in_place(Fixture { os, .. }: &Fixture) {
    os.write_text("new", "new").unwrap();
    os.write_text("one", "old").unwrap();
    os.link("one", "two").unwrap();
    os.shutil.copy("new", "one").unwrap();
    assert_eq!(os.read_text("two").unwrap(), "new");
    assert!(os.path.samefile("one", "two").unwrap());
}

fn a_big_file_is_copied_whole(Fixture { os, .. }: &Fixture) {
    let bytes: Vec<u8> = (0..3_000_001_u32).map(|at| (at % 251) as u8).collect();
    os.write_bytes("big", &bytes).unwrap();
    os.shutil.copy("big", "copy").unwrap();
    assert!(os.read_bytes("copy").unwrap() == bytes);
    let mut copied = Vec::new();
    let count = shutil::copyfileobj(&mut os.open("big").unwrap(), &mut copied).unwrap();
    assert!(count == 3_000_001 && copied == bytes);
}

fn copystat_keeps_nanoseconds_and_attributes(Fixture { os, .. }: &Fixture) {
    os.write_text("a", "").unwrap();
    os.write_text("b", "").unwrap();
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
    os.utime("a", (time, time)).unwrap();
    os.chmod("a", 0o751).unwrap();
    let has_attributes = os.setxattr("a", "user.leyden", b"x", Default::default()).is_ok();
    os.shutil.copystat("a", "b").unwrap();
    assert_eq!(os.path.getmtime("b").unwrap(), time);
    assert_eq!(os.stat("b").unwrap().permissions(), 0o751);
    if has_attributes {
        assert_eq!(os.getxattr("b", "user.leyden").unwrap(), b"x");
    }
}

fn copytree_tells_of_each_failure_and_copies_the_rest(Fixture { os, .. }: &Fixture) {
    os.makedirs("src/sub").unwrap();
    os.symlink("nowhere", "src/a_dangling").unwrap();
    os.mkfifo("src/sub/pipe", 0o644).unwrap();
    os.write_text("src/sub/z", "z").unwrap();
    let Err(Error::CopyTree(mut failures)) = os.shutil.copytree("src", "dst") else { panic!() };
    failures.sort_by(|a, b| a.src.cmp(&b.src));
    let [dangling, pipe] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!((dangling.src.as_path(), dangling.dst.as_path()), (Path::new("src/a_dangling"), Path::new("dst/a_dangling")));
    assert!(matches!(&dangling.why, Error::FileNotFound(_)) && matches!(&pipe.why, Error::SpecialFile { .. }), "{failures:?}");
    assert_eq!(os.read_text("dst/sub/z").unwrap(), "z");
}

fn copytree_leaves_out_its_own_copy(Fixture { os, .. }: &Fixture) {
    os.makedirs("src/sub").unwrap();
    os.write_text("src/sub/f", "f").unwrap();
    os.shutil.copytree("src", "src/sub/copy").unwrap();
    assert_eq!(os.read_text("src/sub/copy/sub/f").unwrap(), "f");
    assert!(!os.path.exists("src/sub/copy/sub/copy"));
}

fn copytree_takes_a_copy_function(Fixture { os, .. }: &Fixture) {
    os.mkdir("src").unwrap();
    os.write_text("src/a", "a").unwrap();
    os.write_text("src/b", "b").unwrap();
    let mut seen = Vec::new();
    let copy = |src: &Path, dst: &Path| {
        seen.push(src.to_path_buf());
        if src.ends_with("b") { Err(Error::Value("no b".into())) } else { os.shutil.copy(src, dst).map(drop) }
    };
    let done = os.shutil.copytree("src", CopyTree::new("dst").copy_function(copy));
    assert!(matches!(&done, Err(Error::CopyTree(failures)) if failures.len() == 1), "{done:?}");
    seen.sort();
    assert_eq!(seen, [Path::new("src/a"), Path::new("src/b")]);
    assert_eq!(os.listdir("dst").unwrap(), ["a"]);
}

fn rmtree_tells_of_each_failure(Fixture { os, .. }: &Fixture) {
    let mut told = Vec::new();
    let onerror = |error: Error| {
        told.push(error.filename().unwrap().to_path_buf());
        Ok(())
    };
    os.write_text("file", "").unwrap();
    os.shutil.rmtree(RmTree::new("file").onerror(onerror)).unwrap();
    assert_eq!(told, [Path::new("file"), Path::new("file")], "it is no directory: neither listed nor removed");
    assert!(os.path.exists("file"));
    let stopped = os.shutil.rmtree(RmTree::new("nowhere").onerror(Err));
    assert!(matches!(stopped, Err(Error::FileNotFound(_))));
    os.shutil.rmtree(RmTree::new("nowhere").ignore_errors(true)).unwrap();
}

fn rmtree_of_a_deep_tree(Fixture { os, .. }: &Fixture) {
    os.makedirs(format!("deep/{}", "d/".repeat(200))).unwrap();
    os.shutil.copytree("deep", "copy").unwrap();
    os.shutil.rmtree("deep").unwrap();
    os.shutil.rmtree("copy").unwrap();
    assert_eq!(os.listdir(".").unwrap().len(), 0);
}

fn rmtree_does_not_follow_a_link(Fixture { os, .. }: &Fixture) {
    os.mkdir("kept").unwrap();
    os.write_text("kept/f", "f").unwrap();
    os.symlink("kept", "link").unwrap();
    for path in ["link", "link/", "link//"] {
        assert_eq!(os.shutil.rmtree(path).unwrap_err().errno(), Some(40), "{path}");
    }
    assert_eq!(os.read_text("kept/f").unwrap(), "f");
}

fn disk_usage_adds_up(Fixture { os, .. }: &Fixture) {
    let usage = os.shutil.disk_usage(".").unwrap();
    assert!(usage.total > 0 && usage.used + usage.free <= usage.total, "{usage:?}");
    assert!(matches!(os.shutil.disk_usage("nowhere"), Err(Error::FileNotFound(_))));
}

fn chown_knows_names(Fixture { os, .. }: &Fixture) {
    os.write_text("f", "").unwrap();
    let me = os.stat("f").unwrap();
    os.shutil.chown("f", Owner::new().user(me.st_uid).group(me.st_gid)).unwrap();
    if me.st_uid == 0 {
        os.shutil.chown("f", Owner::new().user("root").group("root")).unwrap();
    }
    assert!(matches!(os.shutil.chown("f", Owner::new()), Err(Error::Value(_))));
    let unknown = os.shutil.chown("f", Owner::new().user("nobody_of_that_name")).unwrap_err();
    assert!(matches!(&unknown, Error::Lookup(text) if text.contains("nobody_of_that_name")), "{unknown:?}");
    assert!(matches!(os.shutil.chown("f", Owner::new().group("nobody_of_that_name")), Err(Error::Lookup(_))));
}

fn the_terminal_is_as_wide_as_the_variables_say(Fixture { os, .. }: &Fixture) {
    os.environ.set("COLUMNS", "123").unwrap();
    os.environ.set("LINES", "45").unwrap();
    let size = os.shutil.get_terminal_size((80, 24));
    assert_eq!((size.columns, size.lines), (123, 45));
    os.environ.set("COLUMNS", "wide").unwrap();
    let size = os.shutil.get_terminal_size((80, 24));
    assert!(size.columns > 0 && size.lines == 45);
}

fn temporary_files_are_private_and_go_away(Fixture { os, .. }: &Fixture) {
    let mut file = os.tempfile.named_temporary_file(Temp::new().dir(".").prefix("pre").suffix(".txt")).unwrap();
    let path = file.path().to_owned();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("pre") && name.ends_with(".txt") && name.len() == 15, "{name}");
    assert!(path.is_absolute());
    assert_eq!(os.stat(&path).unwrap().permissions(), 0o600);
    file.write_all(b"hello").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
    drop(file);
    assert!(!os.path.lexists(&path));
    let kept = os.tempfile.named_temporary_file(Temp::new().dir(".")).unwrap().keep();
    assert!(os.path.isfile(&kept));
    let (mut file, path) = os.tempfile.mkstemp(Temp::new().dir(".")).unwrap();
    file.write_all(b"mine").unwrap();
    file.close().unwrap();
    assert_eq!(os.read_text(path).unwrap(), "mine");
}

fn temporary_directories_go_away_with_their_contents(Fixture { os, .. }: &Fixture) {
    let one = os.tempfile.temporary_directory(Temp::new().dir(".")).unwrap();
    let two = os.tempfile.temporary_directory(Temp::new().dir(".")).unwrap();
    assert_ne!(one.path(), two.path());
    assert_eq!(os.stat(one.path()).unwrap().permissions(), 0o700);
    os.makedirs(one.path().join("a/b")).unwrap();
    os.write_text(one.path().join("a/f"), "f").unwrap();
    drop(one);
    two.cleanup().unwrap();
    assert_eq!(os.listdir(".").unwrap().len(), 0);
    let kept = os.tempfile.temporary_directory(Temp::new().dir(".").delete(false)).unwrap().path().to_owned();
    assert!(os.path.isdir(kept));
    assert!(matches!(os.tempfile.mkdtemp(Temp::new().dir("nowhere")), Err(Error::FileNotFound(_))));
}

fn the_temporary_directory_is_the_environments(Fixture { os, base, .. }: &Fixture) {
    for name in ["TMPDIR", "TEMP", "TMP"] {
        os.environ.remove(name);
    }
    assert_eq!(os.tempfile.gettempdir().unwrap(), Path::new("/tmp"));
    os.mkdir("mine").unwrap();
    os.environ.set("TMP", "mine").unwrap();
    assert_eq!(os.tempfile.gettempdir().unwrap(), base.join("mine"));
    os.environ.set("TMPDIR", "/nonexistent_x").unwrap();
    assert_eq!(os.tempfile.gettempdir().unwrap(), base.join("mine"));
    assert!(os.tempfile.mkdtemp(()).unwrap().starts_with(base.join("mine")));
}

fn expanduser_asks_the_environment_then_the_passwords(Fixture { os, .. }: &Fixture) {
    os.environ.set("HOME", "/home/ada").unwrap();
    os.environ.set("X", "x y").unwrap();
    assert_eq!(os.path.expanduser("~/f").as_os_str(), "/home/ada/f");
    assert_eq!(os.path.expanduser("~root/f").as_os_str(), "/root/f");
    assert_eq!(os.path.expanduser("~no_such_user/f").as_os_str(), "~no_such_user/f");
    assert_eq!(os.path.expandvars("$HOME/${X}/$no_such_variable").as_os_str(), "/home/ada/x y/$no_such_variable");
}

fn same_files_are_known(Fixture { os, .. }: &Fixture) {
    os.write_text("a", "").unwrap();
    os.write_text("b", "").unwrap();
    os.link("a", "also_a").unwrap();
    let [mut a, mut also_a, mut b] = ["a", "also_a", "b"].map(|path| os.open(path).unwrap());
    assert!(os.path.sameopenfile(&mut a, &mut also_a).unwrap() && !os.path.sameopenfile(&mut a, &mut b).unwrap());
    assert!(os.path.samestat(&os.stat("a").unwrap(), &os.stat("also_a").unwrap()));
    assert!(os.path.ismount("/") && !os.path.ismount("."));
}

fn iglob_reads_a_directory_when_its_turn_comes(Fixture { os, .. }: &Fixture) {
    os.makedirs("a").unwrap();
    os.makedirs("b").unwrap();
    let mut found = os.glob.iglob("*/f");
    os.write_text("a/f", "").unwrap();
    os.write_text("b/f", "").unwrap();
    assert_eq!(found.by_ref().count(), 2, "nothing below was read before it was asked for");
    assert_eq!(os.glob.glob(Glob::new("**").recursive(true).root_dir("a")), [Path::new("f")]);
}

fn glob_escapes(Fixture { os, .. }: &Fixture) {
    os.write_text("[a]*?", "").unwrap();
    os.write_text("a", "").unwrap();
    assert_eq!(os.glob.glob(os.glob.escape("[a]*?")), [Path::new("[a]*?")]);
}

// In memory alone: every call fails once.

fn contents(world: &World, path: &str) -> Option<String> {
    world.os.read(path).map(|bytes| String::from_utf8(bytes).unwrap())
}

fn leftovers(os: &Os, dir: &str) -> Result<(), String> {
    let left: Vec<_> = os.listdir(dir).unwrap().into_iter().filter(|name| name.to_string_lossy().contains("tmp")).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("{left:?} is left over")) }
}

#[test]
fn tortured_copies_never_lose_the_old_file() {
    torture(
        |world| {
            world.os.write("/d/new", "new".repeat(40_000));
            world.os.write("/d/old", "old");
        },
        |Batteries { os, .. }| os.shutil.copy2("/d/new", "/d/old"),
        |world, done| {
            leftovers(&world.batteries().os, "/d")?;
            match (contents(world, "/d/old").as_deref(), done) {
                (Some("old"), Err(_)) => Ok(()),
                (Some(new), _) if *new == "new".repeat(40_000) => Ok(()),
                (other, _) => Err(format!("{:?} bytes", other.map(str::len))),
            }
        },
    )
    .assert_ok();
}

#[test]
fn tortured_moves_never_lose_the_file() {
    torture(
        |world| {
            world.os.write("/d/sub/f", "precious");
            world.os.write("/d/g", "precious");
            world.os.mount("/other");
        },
        |Batteries { os, .. }| os.shutil.move_("/d", "/other/d"),
        |world, done| {
            for file in ["sub/f", "g"] {
                let places = [format!("/d/{file}"), format!("/other/d/{file}")].map(|path| contents(world, &path));
                if !places.iter().flatten().any(|text| text == "precious") {
                    return Err(format!("{file} is lost"));
                }
            }
            if done.is_ok() && world.batteries().os.path.exists("/d") { Err("it is still there".into()) } else { Ok(()) }
        },
    )
    .assert_ok();
}

#[test]
fn tortured_archives_are_whole_or_not_there() {
    for format in ["gztar", "zip"] {
        let ending = if format == "zip" { "/a.zip" } else { "/a.tar.gz" };
        torture(
            |world| {
                world.os.write("/src/f", "text");
                world.os.write("/src/sub/g", "more");
            },
            |Batteries { os, .. }| os.shutil.make_archive("/a", MakeArchive::new(format).root_dir("/src")),
            |world, done| {
                let os = world.batteries().os;
                leftovers(&os, "/")
                    .or_else(|left| if left.contains("\"tmp\"") && !left.contains(',') { Ok(()) } else { Err(left) })?;
                if !os.path.exists(ending) {
                    return if done.is_err() { Ok(()) } else { Err("no archive".into()) };
                }
                os.shutil.unpack_archive(Unpack::new(ending).extract_dir("/out")).map_err(|error| error.to_string())?;
                let whole = contents(world, "/out/f").as_deref() == Some("text")
                    && contents(world, "/out/sub/g").as_deref() == Some("more");
                if whole { Ok(()) } else { Err("half an archive".into()) }
            },
        )
        .assert_ok();
    }
}

#[test]
fn tortured_removals_and_temporary_files_do_not_panic() {
    torture(
        |world| {
            world.os.write("/d/sub/f", "x");
            world.os.write("/d/g", "x");
        },
        |Batteries { os, .. }| {
            let dir = os.tempfile.temporary_directory(())?;
            os.shutil.copytree("/d", dir.path().join("d"))?;
            os.shutil.rmtree("/d")
        },
        |world, done| {
            if done.is_ok() && world.batteries().os.path.exists("/d") { Err("it is still there".into()) } else { Ok(()) }
        },
    )
    .assert_ok();
}

#[test]
fn tortured_unpacking_leaves_no_part_of_a_file() {
    for format in ["bztar", "zip"] {
        let archive = std::cell::RefCell::new(Path::new("").to_path_buf());
        torture(
            |world| {
                world.os.write("/src/f", "text".repeat(50_000));
                world.os.write("/src/sub/g", "more");
                let made = world.batteries().os.shutil.make_archive("/a", MakeArchive::new(format).root_dir("/src")).unwrap();
                archive.replace(made);
                world.os.write("/out/f", "old");
                world.script().clear();
            },
            |Batteries { os, .. }| os.shutil.unpack_archive(Unpack::new(&*archive.borrow()).extract_dir("/out")),
            |world, done| {
                leftovers(&world.batteries().os, "/out")?;
                let f = contents(world, "/out/f").unwrap_or_default();
                let whole = f == "text".repeat(50_000) || done.is_err() && f == "old";
                if whole { Ok(()) } else { Err(format!("/out/f has {} bytes", f.len())) }
            },
        )
        .assert_ok();
    }
}
