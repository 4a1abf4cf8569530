//! Whole trees: `shutil.copytree`, `shutil.rmtree` and `glob` of 20,000 files against Python, and against the standard library's own calls.
//!
//! Each round does the same work once with each of them, one after the other, in fresh directories; the medians of the rounds are compared.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

mod support;

use leyden::os::Os;
use leyden::os::glob::Glob;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::Python;

const DIRS: usize = 200;
const FILES: usize = 100;
const ROUNDS: usize = 9;

fn main() {
    // `cargo test --benches` and `--quick` only want to know that it runs.
    let asked = |option: &str| std::env::args().any(|arg| arg == option);
    let (dirs, rounds) = if asked("--bench") && !asked("--quick") { (DIRS, ROUNDS) } else { (2, 1) };
    let os = Os::native();
    let base = os.tempfile.temporary_directory(()).unwrap();
    let src = base.path().join("src");
    for dir in 0..dirs {
        let dir = src.join(format!("d{dir}/sub"));
        os.makedirs(&dir).unwrap();
        for file in 0..FILES {
            std::fs::write(dir.join(format!("f{file}.txt")), "x".repeat(10 + 37 * file)).unwrap();
        }
    }
    let mut python = Python::start();
    let (mut copies, mut removals, mut globs) = (Times::default(), Times::default(), Times::default());
    for round in 0..rounds {
        let dst = |who: &str| base.path().join(format!("{who}{round}"));
        let setup = format!("import shutil, glob\nsrc = {src:?}");
        let mut ask = |what: &str, stmt: String| python.time(&format!("{what}{round}"), &setup, &stmt, 1);
        let pattern = src.join("**/*.txt");
        // The first one in a round also pays for the disk writes of the round before, so they take turns.
        for turn in 0..3 {
            match (round + turn) % 3 {
                0 => {
                    copies.leyden.push(time(|| os.shutil.copytree(&src, dst("leyden")).map(drop).unwrap()));
                    globs
                        .leyden
                        .push(time(|| assert_eq!(os.glob.iglob(Glob::new(&pattern).recursive(true)).count(), dirs * FILES)));
                }
                1 => copies.raw.push(time(|| copy_std(&src, &dst("raw")))),
                _ => {
                    copies.python.push(ask("copy", format!("shutil.copytree(src, {:?})", dst("python"))));
                    globs.python.push(ask("glob", format!("glob.glob({pattern:?}, recursive=True)")));
                }
            }
        }
        for turn in 0..3 {
            match (round + turn) % 3 {
                0 => removals.leyden.push(time(|| os.shutil.rmtree(dst("leyden")).unwrap())),
                1 => removals.raw.push(time(|| std::fs::remove_dir_all(dst("raw")).unwrap())),
                _ => removals.python.push(ask("remove", format!("shutil.rmtree({:?})", dst("python")))),
            }
        }
    }
    let files = dirs * FILES;
    copies.report(&format!("shutil.copytree of {files} files"));
    removals.report(&format!("shutil.rmtree of {files} files"));
    globs.report(&format!("glob of {files} files"));
}

/// Data and permissions: less than copytree, which keeps times and attributes too.
fn copy_std(src: &Path, dst: &Path) {
    std::fs::create_dir(dst).unwrap();
    for entry in std::fs::read_dir(src).unwrap() {
        let entry = entry.unwrap();
        let to: PathBuf = dst.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_std(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[derive(Default)]
struct Times {
    leyden: Vec<Duration>,
    raw: Vec<Duration>,
    python: Vec<Duration>,
}

impl Times {
    fn report(&mut self, name: &str) {
        let [leyden, raw, python] = [&mut self.leyden, &mut self.raw, &mut self.python].map(|times| {
            times.sort();
            times.get(times.len() / 2).map(Duration::as_secs_f64)
        });
        let ratio = |other: Option<f64>| {
            other.zip(leyden).map_or_else(|| "-".into(), |(other, leyden)| format!("{:.2}x", other / leyden))
        };
        println!("RATIO | {name} | raw/leyden {} | python/leyden {}", ratio(raw), ratio(python));
    }
}
