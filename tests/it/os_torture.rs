//! What is left of a file when any one call on the way fails.

use leyden::os::{Error, MakeDirs, Open, Walk};
use leyden::world::torture;
use leyden::{Batteries, World};

fn old_file(world: &World) {
    let os = world.batteries().os;
    os.makedirs("/srv/real").unwrap();
    os.write_text("/srv/real/report", "old").unwrap();
    os.chmod("/srv/real/report", 0o640).unwrap();
    os.setxattr("/srv/real/report", "user.note", b"kept", leyden::os::XattrFlags::Either).unwrap();
    os.symlink("real/report", "/srv/link").unwrap();
}

/// The file is the old one or the new one, whole, with all that belongs to it; and nothing lies beside it but what could not be removed.
fn old_or_new(world: &World, result: &Result<usize, Error>) -> Result<(), String> {
    let failed: Vec<_> = world.script().calls().into_iter().filter(|call| call.failed).collect();
    let os = world.batteries().os;
    let text = os.read_text("/srv/real/report").map_err(|error| error.to_string())?;
    let names = os.listdir("/srv/real").map_err(|error| error.to_string())?;
    let stat = os.stat("/srv/real/report").map_err(|error| error.to_string())?;
    let note = os.getxattr("/srv/real/report", "user.note").map_err(|error| error.to_string())?;
    match (result, text.as_str()) {
        (Ok(3), "new") | (Err(_), "old") => {}
        // The directory could not be written to the device after the rename.
        (Err(_), "new") if failed.iter().all(|call| matches!(call.operation, "os.sync" | "os.open")) => {}
        other => return Err(format!("{other:?}")),
    }
    if stat.permissions() != 0o640 || note != b"kept" {
        return Err(format!("{:o} {note:?}", stat.permissions()));
    }
    let left_over = names.len() > 1 && failed.iter().all(|call| call.operation != "os.unlink");
    if left_over { Err(format!("{names:?} after {failed:?}")) } else { Ok(()) }
}

#[test]
fn write_text_leaves_the_old_or_the_new() {
    torture(old_file, |Batteries { os, .. }| os.write_text("/srv/real/report", "new"), old_or_new).assert_ok();
}

#[test]
fn write_text_through_a_link_leaves_the_old_or_the_new() {
    torture(old_file, |Batteries { os, .. }| os.write_text("/srv/link", "new"), old_or_new).assert_ok();
}

#[test]
fn write_bytes_with_sync_leaves_the_old_or_the_new() {
    let job = |Batteries { os, .. }: &Batteries| os.write_bytes(Open::new("/srv/real/report").sync(true), "new");
    torture(old_file, job, old_or_new).assert_ok();
}

#[test]
fn a_new_file_is_there_whole_or_not_at_all() {
    let invariant = |world: &World, result: &Result<usize, Error>| {
        let os = world.batteries().os;
        match (result, os.listdir("/new").unwrap().len(), os.read_text("/new/file").ok().as_deref()) {
            (Ok(4), 1, Some("text")) | (Err(_), 0, None) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    };
    torture(
        |world| world.batteries().os.mkdir("/new").unwrap(),
        |Batteries { os, .. }| os.write_text("/new/file", "text"),
        invariant,
    )
    .assert_ok();
}

#[test]
fn a_file_that_is_closed_says_whether_it_was_written() {
    let job = |Batteries { os, .. }: &Batteries| {
        let mut file = os.open(Open::new("/log").mode("w"))?;
        for line in 0..10_000 {
            file.write_text(format!("{line}\n"))?;
        }
        file.close()
    };
    let invariant = |world: &World, result: &Result<(), Error>| match (result, world.batteries().os.read_text("/log")) {
        (Ok(()), Ok(text)) if text.lines().count() == 10_000 => Ok(()),
        (Err(_), _) => Ok(()),
        other => Err(format!("{:?}", other.0)),
    };
    torture(|_| (), job, invariant).assert_ok();
}

#[test]
fn directories_and_walks_fail_cleanly() {
    let job = |Batteries { os, .. }: &Batteries| {
        os.makedirs(MakeDirs::new("/a/b/c").exist_ok(true))?;
        os.write_text("/a/b/c/file", "x")?;
        os.renames("/a/b/c/file", "/d/e/file")?;
        let mut errors = Vec::new();
        let met = os.walk(Walk::new("/d").topdown(false).onerror(|error| errors.push(error))).count();
        let open = os.fwalk("/d")?.count();
        Ok::<_, Error>((met, open, errors))
    };
    let invariant = |world: &World, result: &Result<(usize, usize, Vec<Error>), Error>| {
        let os = world.batteries().os;
        match result {
            Ok((met, _, errors)) if *met < 2 && errors.is_empty() => Err("a walk lost a directory and told nobody".into()),
            // A rename that failed lost nothing.
            Err(_) if os.path.exists("/a/b/c/file") == os.path.exists("/d/e/file") && os.path.exists("/a/b/c/file") => {
                Err("the file is there twice".into())
            }
            _ => Ok(()),
        }
    };
    torture(|_| (), job, invariant).assert_ok();
}
