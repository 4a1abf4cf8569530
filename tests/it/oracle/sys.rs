//! What Python's streams gave and wrote, replayed on scripted ones; and Python's facts beside ours.

use leyden::World;
use leyden::sys::{Encoding, Error, Errors, Newline, Reconfigure, Stream, Sys};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn configuration(case: &Value) -> Reconfigure {
    let newline = match case["newline"].as_str().unwrap() {
        "universal" => Newline::Universal,
        "any" => Newline::Any,
        "lf" => Newline::Lf,
        "cr" => Newline::Cr,
        _ => Newline::CrLf,
    };
    let encoding = match case["encoding"].as_str().unwrap() {
        "utf-8" => Encoding::Utf8,
        "ascii" => Encoding::Ascii,
        _ => Encoding::Latin1,
    };
    let errors = match case["errors"].as_str().unwrap() {
        "strict" => Errors::Strict,
        "replace" => Errors::Replace,
        "ignore" => Errors::Ignore,
        "backslashreplace" => Errors::BackslashReplace,
        _ => Errors::XmlCharRefReplace,
    };
    Reconfigure::new().newline(newline).encoding(encoding).errors(errors)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn python_answers_the_same() {
    let mut replay = Replay::default();
    for case in cases("sys") {
        let world = World::new();
        let sys = world.sys.handle();
        if case["ask"] == "read" {
            // DIFFERENCE: lines are found before bytes are left out.
            let data = hex(case["data"].as_str().unwrap());
            let left: Vec<u8> = data.iter().copied().filter(u8::is_ascii).collect();
            let pairs = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair == b"\r\n").count();
            if case["errors"] == "ignore" && pairs(&data) != pairs(&left) {
                continue;
            }
            world.sys.set_stdin(hex(case["data"].as_str().unwrap()));
            sys.stdin.reconfigure(configuration(&case)).unwrap();
            for step in case["steps"].as_array().unwrap() {
                let size = step[1].as_u64().map(|size| size as usize);
                let given = match step[0].as_str().unwrap() {
                    "readline" => json!(sys.stdin.readline(size).unwrap()),
                    "readlines" => json!(sys.stdin.readlines(size).unwrap()),
                    _ => json!(sys.stdin.read(size).unwrap()),
                };
                replay.check(format!("{step} of {case}"), given, step[2].clone());
            }
        } else {
            sys.stdout.reconfigure(configuration(&case)).unwrap();
            for step in case["steps"].as_array().unwrap() {
                let given = match sys.stdout.write(step[0].as_str().unwrap()) {
                    Ok(count) => json!(count),
                    Err(Error::UnicodeEncode { .. }) => json!("UnicodeEncodeError"),
                    Err(error) => panic!("{error:?}"),
                };
                replay.check(format!("{step} of {case}"), given, step[1].clone());
            }
            let written = world.sys.written(Stream::Stdout);
            replay.check(&case, written, hex(case["written"].as_str().unwrap()));
        }
    }
    replay.finish(3_000);
}

#[test]
#[ignore = "needs python3"]
fn python_says_the_same_of_this_machine() {
    let program = "import json, sys; f = sys.float_info; print(json.dumps([sys.platform, sys.byteorder, sys.maxsize, sys.maxunicode, \
                   [f.max, f.max_exp, f.max_10_exp, f.min, f.min_exp, f.min_10_exp, f.dig, f.mant_dig, f.epsilon, f.radix, f.rounds], \
                   sys.float_repr_style, sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.thread_info.name, sys.thread_info.version, \
                   [[s.name, s.mode, s.fileno(), s.isatty(), s.line_buffering, s.errors, s.readable(), s.writable(), s.write_through] \
                   for s in (sys.stdin, sys.stdout, sys.stderr)]]))";
    let output = std::process::Command::new("python3")
        .args(["-c", program])
        .env("PYTHONIOENCODING", "utf-8:strict")
        .env_remove("PYTHONUNBUFFERED")
        .env("LC_ALL", "C.UTF-8")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let python: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sys = Sys::new(std::sync::Arc::new({
        let null = || std::fs::File::options().read(true).write(true).open("/dev/null").unwrap();
        leyden::sys::native::Native::over(null(), null(), null())
    }));
    let f = sys.float_info();
    let streams = [&sys.stdin, &sys.stdout, &sys.stderr].map(|s| {
        json!([
            s.name(),
            s.mode(),
            s.fileno(),
            s.isatty().unwrap(),
            s.line_buffering(),
            s.errors(),
            s.readable(),
            s.writable(),
            s.write_through()
        ])
    });
    let info = sys.thread_info();
    let leyden = json!([
        sys.platform(),
        sys.byteorder(),
        sys.maxsize(),
        sys.maxunicode(),
        [
            json!(f.max),
            json!(f.max_exp),
            json!(f.max_10_exp),
            json!(f.min),
            json!(f.min_exp),
            json!(f.min_10_exp),
            json!(f.dig),
            json!(f.mant_dig),
            json!(f.epsilon),
            json!(f.radix),
            json!(f.rounds)
        ],
        sys.float_repr_style(),
        sys.getdefaultencoding(),
        sys.getfilesystemencoding(),
        info.name,
        info.version,
        streams,
    ]);
    assert_eq!(leyden, python);
}
