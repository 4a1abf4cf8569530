//! `put`, `get` and trees between machines in memory: fabric's path rules.

use leyden::World;
use leyden::fabric::{Connection, Destination, Error, Source, Transfer};
use leyden::prelude::*;
use std::io::{Cursor, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

fn site() -> (World, Connection) {
    let world = World::new();
    world.fabric.host("web1").os.mkdir("/root");
    world.os.mkdir("/build");
    let batteries = world.batteries();
    batteries.os.ambient().chdir(Path::new("/build"));
    let connection = batteries.fabric.connection("root@web1");
    (world, connection)
}

fn path(text: &str) -> Option<PathBuf> {
    Some(text.into())
}

#[test]
fn put_paths() {
    let (world, c) = site();
    let far = world.fabric.host("web1").os;
    far.mkdir("/srv");
    world.os.write("/build/dir/app.txt", "hello");
    world.os.chmod("/build/dir/app.txt", 0o751);
    for (remote, expected) in [
        (None, "/root/app.txt"),
        (Some("other"), "/root/other"),
        (Some("/srv"), "/srv/app.txt"),
        (Some("/srv/"), "/srv/app.txt"),
        (Some("/srv/x"), "/srv/x"),
        (Some("."), "/root/./app.txt"),
    ] {
        let done = c.put("dir/app.txt", remote).wait().unwrap();
        assert_eq!(done.remote, Path::new(expected));
        assert_eq!((done.local, done.orig_local, done.size), (path("/build/dir/app.txt"), path("dir/app.txt"), 5));
        assert_eq!(done.orig_remote, remote.map(PathBuf::from));
        assert_eq!(far.read_text(expected).as_deref(), Some("hello"));
    }
    let os = far.handle();
    assert_eq!(os.stat("/srv/x").unwrap().permissions(), 0o751);
    c.put("dir/app.txt", "/srv/plain").preserve_mode(false).wait().unwrap();
    assert_eq!(os.stat("/srv/plain").unwrap().permissions(), 0o644);
    assert!(matches!(c.put("", "/srv/").wait(), Err(Error::Value(text)) if text == "Local path must not be empty!"));
    assert!(c.put("dir", "/srv/").wait().is_err(), "a directory is not a file");
    assert!(c.put("missing", "/srv/").wait().is_err());
    assert!(c.put("dir/app.txt", "/no/such/dir").wait().is_err());
}

#[test]
fn put_streams() {
    let (world, c) = site();
    let far = world.fabric.host("web1").os;
    far.mkdir("/srv");
    let mut cursor = Cursor::new(b"0123456789".to_vec());
    cursor.seek(SeekFrom::Start(4)).unwrap();
    c.put(Source::reader(&mut cursor), "/srv/x").wait().unwrap();
    assert_eq!(cursor.position(), 4, "the position is restored");
    assert_eq!(far.read_text("/srv/x").as_deref(), Some("0123456789"));
    let done = c.put(Source::named(&mut cursor, "named.txt"), "/srv").wait().unwrap();
    assert_eq!((done.remote, done.local), ("/srv/named.txt".into(), None));
    let error = c.put(Source::reader(&mut cursor), ()).wait().unwrap_err();
    assert_eq!(error.to_string(), "Must give non-empty remote path when local is a file-like object!");
    let error = c.put(Source::reader(&mut cursor), "/srv").wait().unwrap_err();
    assert_eq!(error.to_string(), "Can't put a file-like-object into a directory unless it has a non-empty .name attribute!");
}

#[test]
fn get_paths() {
    let (world, c) = site();
    let far = world.fabric.host("web1").os;
    far.write("/root/conf/{a}.txt", "far");
    far.write("/root/f.txt", "far");
    far.chmod("/root/f.txt", 0o604);
    for (local, expected) in [
        (None, "/build/f.txt"),
        (Some("other"), "/build/other"),
        (Some("sub/"), "/build/sub/f.txt"),
        (Some("deep/er/name"), "/build/deep/er/name"),
        (Some("{host}/{user}-{port}/{basename}"), "/build/web1/root-22/f.txt"),
        (Some("/tmp{dirname}/{{x}}"), "/tmp/root/{x}"),
    ] {
        let done = c.get("f.txt", local).wait().unwrap();
        assert_eq!(done.local, path(expected), "{local:?}");
        assert_eq!((done.remote.as_path(), done.orig_remote), (Path::new("/root/f.txt"), path("f.txt")));
        assert_eq!(world.os.read_text(expected).as_deref(), Some("far"));
    }
    let os = world.batteries().os;
    assert_eq!(os.stat("/build/f.txt").unwrap().permissions(), 0o604);
    c.get("f.txt", "plain").preserve_mode(false).wait().unwrap();
    assert_eq!(os.stat("/build/plain").unwrap().permissions(), 0o644);
    // A name with braces is not a template.
    assert_eq!(c.get("conf/{a}.txt", ()).wait().unwrap().local, path("/build/{a}.txt"));
    let mut bytes = Vec::new();
    c.get("f.txt", Destination::writer(&mut bytes)).wait().unwrap();
    assert_eq!(bytes, b"far");
    for (remote, local) in [("", "x"), ("f.txt", "{nothing}"), ("f.txt", "{"), ("f.txt", "}"), ("f.txt", "{0}")] {
        assert!(matches!(c.get(remote, local).wait(), Err(Error::Value(_))), "{remote} {local}");
    }
    world.os.write("/build/kept", "kept");
    assert!(c.get("missing", "kept").wait().is_err());
    assert_eq!(world.os.read_text("/build/kept").as_deref(), Some("kept"), "a failed get costs nothing");
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let (world, c) = site();
    let far = world.fabric.host("web1").os;
    far.write("/srv/app", "old");
    far.set_capacity(100_000);
    world.os.write("/build/app", vec![7; 3_000_000]);
    assert!(c.put("app", "/srv/app").wait().is_err());
    assert_eq!(far.read_text("/srv/app").as_deref(), Some("old"));
    assert_eq!(far.tree("/srv"), "app (3)\n", "and nothing beside it");
}

#[test]
fn trees_go_both_ways() {
    let (world, c) = site();
    let far = world.fabric.host("web1").os;
    for (name, content) in [("a", "1"), ("d/b", "22"), ("d/e/c", "333")] {
        world.os.write(format!("/build/tree/{name}"), content);
    }
    world.os.symlink("a", "/build/tree/link");
    world.os.chmod("/build/tree/d", 0o750);
    let transfer = Transfer::new(c);
    let report = transfer.put_tree("tree", "/srv").wait().unwrap();
    assert_eq!((report.files, report.directories, report.symlinks, report.bytes), (3, 3, 1, 6));
    assert_eq!(far.tree("/srv"), world.os.tree("/build/tree"));
    assert_eq!(far.handle().stat("/srv/d").unwrap().permissions(), 0o750);
    let back = transfer.get_tree("/srv", "back").wait().unwrap();
    assert_eq!(back, report);
    assert_eq!(world.os.tree("/build/back"), world.os.tree("/build/tree"));
    assert!(transfer.is_remote_dir("/srv").wait().unwrap());
    assert!(!transfer.is_remote_dir("/srv/a").wait().unwrap());
    assert!(!transfer.is_remote_dir("/nowhere").wait().unwrap());
}
