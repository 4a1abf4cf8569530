//! Python's encodings and error handlers, where text is read and written: whole files, lines of files, and the streams of programs.

use crate::support::oracle::{Replay, cases};
use crate::support::site::Site;
use leyden::os::{Error, Open, Os};
use leyden::subprocess::{self, Subprocess, mock::Reply};
use leyden::{Batteries, World};
use serde_json::{Value, json};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn bytes(digits: &str) -> Vec<u8> {
    digits.as_bytes().chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file "f" in the encoding of the case.
fn file(case: &Value) -> Open {
    Open::new("f").encoding(text(&case["encoding"])).errors(text(&case["errors"]))
}

/// The text, or where it is none.
fn python(case: &Value, answer: &str) -> Value {
    if case["at"].is_null() { case[answer].clone() } else { case["at"].clone() }
}

fn of_file(answer: Result<Value, Error>) -> Value {
    answer.unwrap_or_else(|error| match error {
        Error::UnicodeDecode { position, .. } | Error::UnicodeEncode { position, .. } => json!(position),
        error => panic!("{error:?}"),
    })
}

fn of_program(answer: Result<Value, subprocess::Error>) -> Value {
    answer.unwrap_or_else(|error| match error {
        subprocess::Error::UnicodeDecode { position, .. } | subprocess::Error::UnicodeEncode { position, .. } => json!(position),
        error => panic!("{error:?}"),
    })
}

fn names(os: &Os, case: &Value) -> Value {
    match os.write_text(Open::new("f").encoding(text(&case["name"])), "\u{e9}") {
        Ok(_) => json!(hex(&os.read_bytes("f").unwrap())),
        Err(Error::UnicodeEncode { .. }) => json!("-"),
        Err(Error::Lookup(_) | Error::Value(_)) => Value::Null,
        Err(error) => panic!("{error:?}"),
    }
}

fn files(site: fn() -> Site) {
    let mut replay = Replay::default();
    let Site { os, .. } = &site();
    for case in cases("text_codecs") {
        // DIFFERENCE: a part of a byte order mark.
        let mark = case["encoding"] == "utf-8-sig" && matches!(case["data"].as_str(), Some("ef" | "efbb"));
        match text(&case["ask"]) {
            "name" => replay.check(&case, names(os, &case), case["is"].clone()),
            "decode" if !mark => {
                os.write_bytes("f", bytes(text(&case["data"]))).unwrap();
                let whole = of_file(os.read_text(file(&case)).map(Value::from));
                replay.check(&case, whole, python(&case, "text"));
                let opened = os.open(file(&case)).and_then(|mut file| file.read_text());
                replay.check(&case, of_file(opened.map(Value::from)), python(&case, "text"));
                if case["lines"].is_array() {
                    let lines: Result<Vec<_>, _> = os.open(file(&case).buffering(3)).unwrap().lines().collect();
                    replay.check(&case, of_file(lines.map(Value::from)), case["lines"].clone());
                }
            }
            "encode" => {
                let written = os.write_text(file(&case), text(&case["text"]));
                let written = of_file(written.map(|_| json!(hex(&os.read_bytes("f").unwrap()))));
                replay.check(&case, written, python(&case, "data"));
                let newline = file(&case).newline("\n").mode("w");
                let written = os.open(newline).unwrap().write_text(text(&case["text"]));
                let written = of_file(written.map(|_| json!(hex(&os.read_bytes("f").unwrap()))));
                replay.check(&case, written, python(&case, "data"));
            }
            _ => {}
        }
    }
    replay.finish(4_000);
}

#[test]
fn files_on_the_mock() {
    files(Site::mock);
}

#[test]
fn files_on_the_machine() {
    files(Site::native);
}

/// `every`: how many cases one is asked of.
fn programs(subprocess: &Subprocess, every: usize, at_least: usize, writes: impl Fn(&[String]) -> Vec<String>) {
    let mut replay = Replay::default();
    let asked = cases("text_codecs").into_iter().filter(|case| case["ask"] != "name").step_by(every);
    for case in asked {
        let (encoding, errors) = (text(&case["encoding"]), text(&case["errors"]));
        if case["ask"] == "encode" {
            // A program that tells in ASCII which bytes it gets.
            let run = subprocess.run(["od", "-An", "-v", "-tx1"]).encoding(encoding).errors(errors).input(text(&case["text"]));
            let got = run.capture_output(true).wait().and_then(|done| done.stdout_text());
            let got = got.map(|told| json!(told.split_whitespace().collect::<String>()));
            replay.check(&case, of_program(got), python(&case, "data"));
            continue;
        }
        let data = text(&case["data"]);
        let mut cuts: Vec<usize> =
            case["cuts"].as_array().unwrap().iter().map(|cut| 2 * cut.as_u64().unwrap() as usize).collect();
        cuts.insert(0, 0);
        cuts.push(data.len());
        let argv = writes(&cuts.windows(2).map(|ends| data[ends[0]..ends[1]].to_owned()).collect::<Vec<_>>());
        let run = || subprocess.run(argv.clone()).encoding(encoding).errors(errors);
        let whole = run().capture_output(true).wait().map(|done| json!(String::from_utf8(done.stdout.unwrap()).unwrap()));
        replay.check(&case, of_program(whole), python(&case, "text"));
        if case["lines"].is_array() {
            let lines: Result<Vec<_>, _> = run().lines().unwrap().collect();
            replay.check(&case, of_program(lines.map(Value::from)), case["lines"].clone());
        }
    }
    replay.finish(at_least);
}

#[test]
fn programs_in_memory() {
    let world = World::new();
    world.subprocess.program("od").runs(|call| Reply::new().stdout(hex(&call.stdin)));
    world.subprocess.program("parts").runs(|call| {
        let parts = call.argv.iter().skip(1).map(|part| bytes(part.to_str().unwrap()));
        parts.fold(Reply::new(), Reply::stdout)
    });
    programs(&world.batteries().subprocess, 2, 1_300, |parts| [&["parts".to_owned()], parts].concat());
}

#[test]
fn programs_on_the_machine() {
    programs(&Batteries::included().subprocess, 8, 300, |parts| {
        let octal: String = bytes(&parts.concat()).iter().map(|byte| format!("\\0{byte:03o}")).collect();
        vec!["printf".to_owned(), "%b".to_owned(), octal]
    });
}
