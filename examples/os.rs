//! Rotates a log directory: on this machine, and then in memory, where a disk fails halfway.
//!
//! cargo run --example os --features os

use leyden::os::{Open, Os, Walk};
use leyden::prelude::*;
use std::path::Path;

/// Moves the files in `logs` into `archive`, one directory per host, and writes an index.
fn rotate(os: &Os, logs: &Path, archive: &Path) -> leyden::Result<usize> {
    let (mut walk, mut moved, mut index) = (os.walk(logs), 0, String::new());
    while let Some(step) = walk.step() {
        step.dirnames.retain(|name| name != "private"); // not walked into
        step.dirnames.sort();
        for name in &step.filenames {
            let from = step.dirpath.join(name);
            let to = archive.join(from.strip_prefix(logs).other()?);
            let lines = os.open(&from)?.lines().count();
            os.renames(&from, &to)?; // creates the directories it needs
            index += &format!("{} {lines}\n", to.display());
            moved += 1;
        }
    }
    // Replaced in one step: a concurrent reader sees either the old index or the new one.
    os.write_text(Open::new(archive.join("INDEX")).permissions(0o640), index)?;
    Ok(moved)
}

fn arrange(os: &Os, logs: &Path) -> leyden::Result<()> {
    for (name, text) in [("web1/access.log", "GET /\nGET /a\n"), ("web2/access.log", "GET /b\n"), ("private/keys", "secret\n")] {
        os.makedirs(leyden::os::MakeDirs::new(logs.join(name).parent().unwrap_or(logs)).exist_ok(true))?;
        os.write_text(logs.join(name), text)?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> leyden::Result<()> {
    let os = Batteries::included().os;
    let base = os.tempfile.temporary_directory(())?;
    os.chdir(base.path())?; // of this handle: the process stays where it is
    os.umask(0o022);
    arrange(&os, Path::new("logs"))?;
    println!(
        "{} files moved on {}, where they are now:",
        rotate(&os, Path::new("logs"), Path::new("archive"))?,
        os.uname().sysname
    );
    let mut walk = os.walk(Walk::new(".").onerror(|error| println!("  {error}")));
    while let Some(step) = walk.step() {
        step.dirnames.sort();
        for name in &step.filenames {
            let path = step.dirpath.join(name);
            println!("  {:>4} bytes {:o} {}", os.stat(&path)?.st_size, os.stat(&path)?.permissions(), path.display());
        }
    }
    base.cleanup()?;

    // The same script in memory. The first rename is refused: by the disk, in this world.
    let world = World::new();
    let os = world.batteries().os;
    arrange(&os, Path::new("/logs"))?;
    os.makedirs("/archive")?;
    os.write_text("/archive/INDEX", "yesterday's\n")?;
    os.environ.set("TODAY", "in memory")?;
    world.script().clear();
    world.script().fail_next("os.rename", std::io::Error::from_raw_os_error(5));
    let error = rotate(&os, Path::new("/logs"), Path::new("/archive")).err();
    println!("in memory, with a failing disk: {}", error.map_or_else(String::new, |error| error.to_string()));
    println!("the index is still {:?}, after {} calls", os.read_text("/archive/INDEX")?, world.script().count("os"));
    Ok(())
}
