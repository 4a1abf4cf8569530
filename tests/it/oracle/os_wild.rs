//! Random trees: what Python's `os.walk`, `os.fwalk`, `os.scandir`, `glob` and `os.path` answered, on the mock and on the machine.

use crate::support::oracle::{Replay, cases, is_root};
use crate::support::trees::{Fixture, class, name, shown};
use leyden::os::glob::Glob;
use leyden::os::path::RealPath;
use leyden::os::{Error, FileType, Os, Step, Walk};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::path::Path;

const NOBODY: u32 = 65_534;
const STEPS: usize = 60;

fn plain(name: impl AsRef<OsStr>) -> Value {
    shown(name, Path::new("<base>"))
}

fn plain_all(names: &[OsString]) -> Vec<Value> {
    names.iter().map(plain).collect()
}

/// What the caller of a walk does with a step, as the oracle did it.
fn change(os: &Os, step: &mut Step, prune: &str) {
    let first = step.dirnames.first().map(|first| step.dirpath.join(first));
    let away = |first: &Path| {
        let mut was = first.as_os_str().to_owned();
        was.push("~was");
        os.rename(first, was)
    };
    match prune {
        "first" => drop(step.dirnames.drain(..step.dirnames.len().min(1))),
        "last" => drop(step.dirnames.pop()),
        "reverse" => step.dirnames.reverse(),
        "all" => step.dirnames.clear(),
        "ghost" => step.dirnames.push("ghost".into()),
        "file" => step.dirnames.extend(step.filenames.iter().min().cloned()),
        "swap" => drop(first.map(|first| away(&first).and_then(|()| os.symlink(".", &first)))),
        "gone" => drop(first.map(|first| away(&first))),
        _ => {}
    }
}

fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_key(Value::to_string);
    values
}

fn walk(os: &Os, asked: &Value) -> Value {
    let (topdown, fwalk) = (asked["topdown"] == true, asked["ask"] == "fwalk");
    let mut prunes = asked["prunes"].as_array().unwrap().iter();
    let (mut seen, mut errors, mut failed) = (Vec::new(), Vec::new(), Value::Null);
    let mut visit = |step: &mut Step| {
        step.dirnames.sort();
        if topdown {
            // Where the oracle gave up, or leyden goes on for longer, nothing is changed any more.
            change(os, step, prunes.next().and_then(Value::as_str).unwrap_or_default());
        }
        step.filenames.sort();
        seen.push((step.dirpath.clone().into_os_string(), plain_all(&step.dirnames), plain_all(&step.filenames)));
        seen.len() < STEPS
    };
    let onerror = |error: Error| {
        errors.push(match fwalk {
            true => json!([error.errno()]),
            false => json!([error.errno(), error.filename().map(plain)]),
        });
    };
    let options = Walk::new(name(&asked["top"])).topdown(topdown).followlinks(asked["follow"] == true).onerror(onerror);
    if fwalk {
        match os.fwalk(options) {
            Ok(mut walk) => while walk.step().is_some_and(|(step, _)| visit(step)) {},
            Err(error) => failed = json!(error.errno()),
        }
    } else {
        let mut walk = os.walk(options);
        while walk.step().is_some_and(&mut visit) {}
    }
    if !topdown {
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        errors = sorted(errors);
    }
    let seen: Vec<Value> = seen.into_iter().map(|(path, dirs, files)| json!([plain(path), dirs, files])).collect();
    json!([seen, errors, failed])
}

fn scandir(os: &Os, path: OsString) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    for entry in os.scandir(&path)? {
        let entry = entry?;
        let fact = |answer: Result<bool, Error>| answer.map_or_else(|error| json!(error.errno()), Value::from);
        let itself = |wanted| fact(entry.file_type().map(|found| found == Some(wanted)));
        let mut again = path.clone();
        again.push("/");
        again.push(entry.name());
        let facts = json!([
            plain(entry.path()),
            entry.is_symlink()?,
            fact(entry.is_dir()),
            fact(entry.is_file()),
            itself(FileType::Dir),
            itself(FileType::File),
            fact(entry.stat().and_then(|stat| Ok(stat.st_ino == os.stat(again)?.st_ino))),
            fact(entry.lstat().map(|stat| stat.st_ino == entry.inode())),
        ]);
        found.push((entry.name().to_owned(), facts));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found.into_iter().map(|(_, facts)| facts).collect())
}

fn outcome(result: Result<std::path::PathBuf, Error>, base: &Path) -> Value {
    match result {
        Ok(path) => json!({ "r": shown(path, base) }),
        Err(error) => match class(&error) {
            (class, Some(errno)) => json!({ "e": class, "errno": errno }),
            (class, None) => json!({ "e": class }),
        },
    }
}

/// `nobody`: whether the trees are asked about that are nobody's, whom modes keep out.
fn wild(make: fn() -> Fixture, native: bool, nobody: bool) {
    let mut replay = Replay::default();
    for case in cases("os_wild") {
        if case["nobody"] == true && !nobody {
            continue;
        }
        let fixture = make();
        let Fixture { os, base, .. } = &fixture;
        if case["nobody"] == true && !native {
            os.chown(base, NOBODY, NOBODY).unwrap();
            os.seteuid(NOBODY).unwrap();
        }
        fixture.build(&case["tree"]);
        for asked in case["asked"].as_array().unwrap() {
            let what = format!("{asked} in {}", case["tree"]);
            match asked["ask"].as_str().unwrap() {
                "glob" => {
                    let glob = Glob::new(name(&asked["g"])).recursive(asked["recursive"] == true);
                    let glob = glob.include_hidden(asked["hidden"] == true);
                    let found = os.glob.glob(if asked["root"].is_null() { glob } else { glob.root_dir(name(&asked["root"])) });
                    let python = asked["r"].as_array().unwrap().clone();
                    replay.check(what, sorted(found.into_iter().map(plain).collect()), sorted(python));
                }
                "path" => {
                    let path = || name(&asked["p"]);
                    let is = [
                        ("exists", os.path.exists(path())),
                        ("lexists", os.path.lexists(path())),
                        ("isfile", os.path.isfile(path())),
                        ("isdir", os.path.isdir(path())),
                        ("islink", os.path.islink(path())),
                        ("ismount", os.path.ismount(path())),
                    ];
                    for (question, answer) in is {
                        replay.check(format!("{question} {what}"), json!(answer), asked[question].clone());
                    }
                    let strict = os.path.realpath(RealPath::new(path()).strict(true));
                    replay.check(&what, outcome(os.path.realpath(path()), base), asked["realpath"].clone());
                    replay.check(&what, outcome(strict, base), asked["strict"].clone());
                }
                "scandir" => {
                    let (leyden, failed) = match scandir(os, name(&asked["path"])) {
                        Ok(found) => (json!(found), Value::Null),
                        Err(error) => (Value::Null, json!(error.errno())),
                    };
                    replay.check(&what, leyden, asked["r"].clone());
                    replay.check(&what, failed, asked["failed"].clone());
                }
                _ => {
                    let errors = asked["errors"].as_array().unwrap().clone();
                    let errors = if asked["topdown"] == true { errors } else { sorted(errors) };
                    replay.check(&what, walk(os, asked), json!([asked["seen"], errors, asked["failed"]]));
                }
            }
        }
    }
    replay.finish(if nobody { 4_000 } else { 2_000 });
}

#[test]
fn trees_in_memory() {
    wild(Fixture::mock, false, true);
}

#[test]
fn trees_on_the_machine() {
    wild(Fixture::native, true, !is_root());
}

/// Row S19 of the list of faults: a pattern is read once.
#[test]
fn translating_takes_time_for_the_length() {
    use leyden::os::fnmatch::translate;
    let start = std::time::Instant::now();
    for unit in ["[a-", "[", "[!", "a", "*[", "z-a", "[z-a"] {
        for (before, after) in [("", ""), ("[", "]"), ("[!", "x]"), ("", "]")] {
            let pattern = before.to_owned() + &unit.repeat(100_000) + after;
            assert!(translate(&pattern).ends_with(r"\Z"));
        }
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
