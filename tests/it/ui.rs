//! Compile errors that teach: each file of tests/ui is compiled, and what the compiler prints has the lines that begin with `//~`.
//!
//! The files are compiled against the library that this binary was linked with, without cargo: nothing is built again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

fn modified(path: &Path) -> SystemTime {
    path.metadata().and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// What the compiler prints about a file, or None if it compiles.
fn compile(file: &Path, library: &Path) -> Option<String> {
    let deps = library.parent().unwrap();
    let run = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--out-dir"])
        // Not `-o /dev/null`: rustc renames what it has written over that path, and root may do so.
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .args(["--color=never", "-L"])
        .arg(format!("dependency={}", deps.display()))
        .arg("--extern")
        .arg(format!("leyden={}", library.display()))
        .arg(file)
        .output()
        .unwrap();
    (!run.status.success()).then(|| String::from_utf8_lossy(&run.stderr).into_owned())
}

/// The library with the features that the files use: builds with other features lie beside it.
fn library(right: &Path) -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let mut built: Vec<PathBuf> = std::fs::read_dir(exe.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libleyden-") && name.ends_with(".rlib") && modified(path) <= modified(&exe)
        })
        .collect();
    built.sort_by_key(|path| std::cmp::Reverse(modified(path)));
    let mut problem = String::from("no libleyden-*.rlib beside the test");
    for library in built {
        match compile(right, &library) {
            None => return library,
            Some(output) => problem = output,
        }
    }
    panic!("{} does not compile: {problem}", right.display());
}

#[test]
fn errors_of_the_compiler_say_what_to_write() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let right = folder.join("as_it_should_be.rs");
    let library = library(&right);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| *file != right);
    files.sort();
    assert!(files.len() > 10);
    let mut wrong = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let wanted: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//~ ")).collect();
        assert!(!wanted.is_empty(), "{} expects nothing", file.display());
        let Some(output) = compile(&file, &library) else {
            wrong.push(format!("{} compiles", file.display()));
            continue;
        };
        // The compiler breaks long notes into lines.
        let joined = output.split_whitespace().collect::<Vec<_>>().join(" ");
        let missing: Vec<&str> = wanted.into_iter().filter(|line| !joined.contains(line)).collect();
        if !missing.is_empty() {
            wrong.push(format!("{}: {missing:?} is not in\n{output}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
