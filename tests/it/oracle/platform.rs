//! What Python's `platform` answered, replayed on machines of the same facts; and the two beside each other on this one.

use leyden::World;
use leyden::platform::{Kernel, Platform, PlatformOptions};
use serde_json::{Value, json};
use std::path::Path;

use crate::support::oracle::{Replay, cases};

#[test]
fn python_answers_the_same() {
    let mut replay = Replay::default();
    for case in cases("platform") {
        let world = World::new();
        let platform = world.platform.handle();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match case["ask"].as_str().unwrap() {
            "libc_ver" => {
                world.platform.write("/program", text(&case["binary"]));
                replay.check(&case, json!(platform.libc_ver(Path::new("/program")).unwrap()), case["answer"].clone());
            }
            "os_release" => {
                world.platform.write("/etc/os-release", text(&case["text"]));
                replay.check(&case, json!(platform.freedesktop_os_release().unwrap()), case["answer"].clone());
            }
            "platform" => {
                let fact = |at: usize| text(&case["facts"][at]);
                world.platform.set_uname(Kernel {
                    system: fact(0),
                    node: fact(1),
                    release: fact(2),
                    version: fact(3),
                    machine: fact(4),
                });
                world.platform.set_processor(case["processor"].as_str());
                let (lib, version) = (text(&case["libc"][0]), text(&case["libc"][1]));
                world.platform.set_libc((lib.as_str(), version.as_str()));
                let answer = |aliased, terse| json!(platform.platform_with(PlatformOptions::new().aliased(aliased).terse(terse)));
                let answers = json!({ "00": answer(false, false), "01": answer(false, true), "10": answer(true, false), "11": answer(true, true) });
                replay.check(&case, answers, case["answers"].clone());
                let u = platform.uname();
                replay.check(
                    &case,
                    json!([u.system, u.node, u.release, u.version, u.machine, u.processor]),
                    case["uname"].clone(),
                );
                let alias = platform.system_alias(&fact(0), &fact(2), &fact(3));
                replay.check(&case, json!(alias), case["alias"].clone());
            }
            other => panic!("{other}"),
        }
    }
    replay.finish(1_000);
}

#[test]
#[ignore = "needs python3"]
fn python_says_the_same_of_this_machine() {
    let program = "import json, platform as p, sys; print(json.dumps([list(p.uname()), p.platform(), p.platform(1, 1), p.libc_ver(), \
                   p.libc_ver(sys.executable), p.freedesktop_os_release(), p.python_version(), p.python_version_tuple(), sys.executable]))";
    let output = std::process::Command::new("python3").args(["-c", program]).output().unwrap();
    let python: Value = serde_json::from_slice(&output.stdout).unwrap();
    let platform = Platform::native();
    let u = platform.uname();
    let executable = python[8].as_str().unwrap();
    let leyden = json!([
        [u.system, u.node, u.release, u.version, u.machine, u.processor],
        platform.platform(),
        platform.platform_with(PlatformOptions::new().aliased(true).terse(true)),
        platform.libc_ver(None).unwrap(),
        platform.libc_ver(Path::new(executable)).unwrap(),
        platform.freedesktop_os_release().unwrap(),
        platform.python_version().unwrap(),
        platform.python_version_tuple().unwrap(),
        executable,
    ]);
    assert_eq!(leyden, python);
}
