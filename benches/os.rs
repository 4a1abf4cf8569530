//! `os` against walkdir, the standard library and Python: walking, listing, reading and writing files.
#![allow(missing_docs, unreachable_pub, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use leyden::Batteries;
use leyden::os::Os;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::{Python, compare};

/// Files in directories of 90, ten to a level.
fn tree(root: &Path, files: usize) -> PathBuf {
    let top = root.join(format!("tree{files}"));
    for directory in 0..files / 90 {
        let path = top.join(format!("{}/{}/{}", directory % 10, directory / 10 % 10, directory));
        std::fs::create_dir_all(&path).unwrap();
        for file in 0..90 {
            std::fs::write(path.join(format!("file-{file:04}.txt")), "").unwrap();
        }
    }
    top
}

fn walks(c: &mut Criterion, py: &mut Python, os: &Os, root: &Path) {
    // Ten times the files must not take more than ten times as long.
    for files in [10_000, 100_000] {
        let top = tree(root, files);
        let setup = format!("import os\ntop = {:?}", top.to_str().unwrap());
        compare(
            c,
            py,
            &format!("walk of {files} files"),
            || os.walk(&top).map(|step| step.filenames.len()).sum::<usize>(),
            Some(&mut || {
                let entries = walkdir::WalkDir::new(&top).into_iter().map(Result::unwrap);
                entries.filter(|entry| entry.file_type().is_file()).count()
            }),
            (&setup, "sum(len(files) for _, _, files in os.walk(top))"),
        );
    }
    let flat = root.join("tree10000/0/0/0");
    let setup = format!("import os\nflat = {:?}", flat.to_str().unwrap());
    compare(
        c,
        py,
        "listdir of 90",
        || os.listdir(&flat).unwrap().len(),
        Some(&mut || std::fs::read_dir(&flat).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>().len()),
        (&setup, "os.listdir(flat)"),
    );
    compare(
        c,
        py,
        "scandir of 90",
        || os.scandir(&flat).unwrap().filter(|entry| entry.as_ref().unwrap().is_file().unwrap()).count(),
        Some(&mut || {
            std::fs::read_dir(&flat).unwrap().filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_file()).count()
        }),
        (&setup, "sum(entry.is_file() for entry in os.scandir(flat))"),
    );
}

fn files(c: &mut Criterion, py: &mut Python, os: &Os, root: &Path) {
    let (small, new, big) = (root.join("small"), root.join("new"), root.join("big"));
    std::fs::write(&small, "x".repeat(1000)).unwrap();
    std::fs::write(&big, "a line of some forty characters, or so..\n".repeat(250_000)).unwrap();
    let text = "y".repeat(1000);
    let setup = format!(
        "import os, pathlib\nsmall, new, big = map(pathlib.Path, ({:?}, {:?}, {:?}))\ntext = 'y' * 1000",
        small.to_str().unwrap(),
        new.to_str().unwrap(),
        big.to_str().unwrap()
    );
    compare(
        c,
        py,
        "stat",
        || os.stat(&small).unwrap().st_size,
        Some(&mut || std::fs::metadata(&small).unwrap().len()),
        (&setup, "os.stat(small)"),
    );
    compare(
        c,
        py,
        "read_text of 1 KB",
        || os.read_text(&small).unwrap().len(),
        Some(&mut || std::fs::read_to_string(&small).unwrap().len()),
        (&setup, "small.read_text()"),
    );
    compare(
        c,
        py,
        "read_bytes of 10 MB",
        || os.read_bytes(&big).unwrap().len(),
        Some(&mut || std::fs::read(&big).unwrap().len()),
        (&setup, "big.read_bytes()"),
    );
    compare(
        c,
        py,
        "lines of 10 MB",
        || os.open(&big).unwrap().lines().map(|line| line.unwrap().len()).sum::<usize>(),
        Some(&mut || BufReader::new(std::fs::File::open(&big).unwrap()).lines().map(|line| line.unwrap().len()).sum::<usize>()),
        (&setup, "sum(len(line) for line in open(big))"),
    );
    // What the standard library needs for the same promise: beside, with the same permissions, renamed over. Python makes no such promise.
    let beside = root.join("beside");
    std::fs::write(&new, "").unwrap();
    compare(
        c,
        py,
        "write_text of 1 KB over a file, in one step",
        || os.write_text(&new, &text).unwrap(),
        Some(&mut || {
            std::fs::write(&beside, &text).unwrap();
            std::fs::set_permissions(&beside, std::fs::metadata(&new).unwrap().permissions()).unwrap();
            std::fs::rename(&beside, &new).unwrap();
        }),
        (&setup, "new.write_text(text)"),
    );
    compare(
        c,
        py,
        "write 1 KB in place",
        || os.open(leyden::os::Open::new(&new).mode("w")).unwrap().write_text(&text).unwrap(),
        Some(&mut || std::fs::write(&new, &text).unwrap()),
        (&setup, "new.write_text(text)"),
    );
}

fn all(c: &mut Criterion) {
    let os = Batteries::included().os;
    let mut python = Python::start();
    // In memory where there is such a place: it is not the disk that is measured.
    let base = Some(PathBuf::from("/dev/shm")).filter(|path| path.is_dir()).unwrap_or_else(std::env::temp_dir);
    let root = base.join(format!("leyden-bench-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    walks(c, &mut python, &os, &root);
    files(c, &mut python, &os, &root);
    std::fs::remove_dir_all(&root).unwrap();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    targets = all
}
criterion_main!(benches);
