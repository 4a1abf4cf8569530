//! Random programs of reads, writes, seeks and cuts: what Python's `open` answered, on the mock and on the machine.

use crate::support::oracle::{Replay, cases};
use crate::support::site::Site;
use leyden::os::{self, Error, File, Open, Os};
use serde_json::{Value, json};
use std::io::{BufRead, Read, Seek, Write};

const EBADF: i32 = 9;
const EINVAL: i32 = 22;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn latin(value: &Value) -> Vec<u8> {
    text(value).chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
}

fn chars(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// What is long, as the oracle tells it.
fn short(text: &str) -> Value {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= 200 {
        return json!(text);
    }
    let tail: String = characters[characters.len() - 40..].iter().collect();
    json!({ "len": characters.len(), "sum": characters.iter().map(|c| u64::from(u32::from(*c))).sum::<u64>(), "tail": tail })
}

fn short_list(lines: &[String]) -> Value {
    if lines.len() < 60 {
        return json!(lines.iter().map(|line| short(line)).collect::<Vec<_>>());
    }
    json!({ "n": lines.len(), "all": short(&lines.concat()) })
}

fn before(case: &Value) -> Option<Vec<u8>> {
    match &case["c"] {
        Value::Null => None,
        Value::Array(parts) => {
            let mut bytes = latin(&parts[0]).repeat(parts[1].as_u64().unwrap() as usize);
            bytes.extend(latin(&parts[2]));
            Some(bytes)
        }
        all => Some(latin(all)),
    }
}

fn open(os: &Os, case: &Value) -> Result<File, Error> {
    let mut open = Open::new("f").mode(text(&case["m"]));
    for (key, value) in case["k"].as_object().unwrap() {
        open = match key.as_str() {
            "newline" => open.newline(text(value)),
            "encoding" => open.encoding(text(value)),
            "errors" => open.errors(text(value)),
            "buffering" => open.buffering(value.as_u64().unwrap() as usize),
            other => panic!("{other}"),
        };
    }
    os.open(open)
}

/// An error in the oracle's words: Python's UnsupportedOperation is what the mode does not allow.
fn failure(error: &Error) -> Value {
    match error {
        Error::UnicodeDecode { position, .. } => json!({ "e": "decode", "at": position }),
        Error::UnicodeEncode { position, .. } => json!({ "e": "encode", "at": position }),
        Error::Value(_) => json!({ "e": "unsupported" }),
        other => json!({ "e": other.errno() }),
    }
}

fn io(file: &File, error: &std::io::Error, operation: &str) -> Value {
    match error.raw_os_error() {
        Some(EBADF) if !operation.starts_with('p') => json!({ "e": "unsupported" }),
        // The kernel's word for a cut of what is open for reading alone.
        Some(EINVAL) if operation.starts_with("truncate") && !file.writable() => json!({ "e": "unsupported" }),
        errno => json!({ "e": errno }),
    }
}

fn text_step(file: &mut File, step: &[Value]) -> Result<Value, Error> {
    match text(&step[0]) {
        "read" => file.read_text().map(|text| short(&text)),
        "readline" => file.readline().map(|line| short(&line)),
        "readlines" | "lines" => file.readlines().map(|lines| short_list(&lines)),
        "write" => file.write_text(text(&step[1])).map(|count| json!(count)),
        "writelines" => file.writelines(step[1].as_array().unwrap().iter().map(text)).map(|()| Value::Null),
        other => panic!("{other}"),
    }
}

fn both_step(file: &mut File, step: &[Value], binary: bool) -> std::io::Result<Value> {
    let n = |at: usize| step[at].as_i64().unwrap();
    let whence = || [os::SEEK_SET, os::SEEK_CUR, os::SEEK_END][n(2) as usize];
    let errno = |error: Error| std::io::Error::from_raw_os_error(error.errno().unwrap());
    Ok(match text(&step[0]) {
        "read" if binary => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            short(&chars(&bytes))
        }
        "read_n" => {
            let mut bytes = Vec::new();
            Read::by_ref(file).take(n(1) as u64).read_to_end(&mut bytes)?;
            json!(chars(&bytes))
        }
        "readline" if binary => {
            let mut bytes = Vec::new();
            file.read_until(b'\n', &mut bytes)?;
            short(&chars(&bytes))
        }
        "readline_n" => {
            let mut bytes = Vec::new();
            Read::by_ref(file).take(n(1) as u64).read_until(b'\n', &mut bytes)?;
            json!(chars(&bytes))
        }
        "readlines" if binary => {
            let mut lines = Vec::new();
            loop {
                let mut bytes = Vec::new();
                if file.read_until(b'\n', &mut bytes)? == 0 {
                    break short_list(&lines);
                }
                lines.push(chars(&bytes));
            }
        }
        "write" if binary => {
            let bytes = latin(&step[1]);
            // `write_all` of nothing asks nobody.
            if bytes.is_empty() {
                assert_eq!(file.write(&bytes)?, 0);
            } else {
                file.write_all(&bytes)?;
            }
            json!(latin(&step[1]).len())
        }
        "truncate" => {
            file.truncate(n(1) as u64).map_err(errno)?;
            step[1].clone()
        }
        "truncate_here" => {
            file.truncate(None).map_err(errno)?;
            json!(file.stream_position()?)
        }
        "seek" => json!(file.lseek(n(1), whence()).map_err(errno)?),
        "here" | "tell" => json!(file.stream_position()?),
        "size" => json!(file.stat().map_err(errno)?.st_size),
        "pread" => json!(chars(&file.read_at(n(1) as usize, n(2) as u64).map_err(errno)?)),
        "pwrite" => json!(file.write_at(&latin(&step[1]), n(2) as u64).map_err(errno)?),
        "flush" => {
            file.flush()?;
            Value::Null
        }
        other => panic!("{other}"),
    })
}

fn run(mut file: File, case: &Value) -> Vec<Value> {
    let binary = text(&case["m"]).contains('b');
    let mut answers = Vec::new();
    for step in case["p"].as_array().unwrap() {
        let step = step.as_array().unwrap();
        let operation = text(&step[0]);
        let is_text = !binary && matches!(operation, "read" | "readline" | "readlines" | "lines" | "write" | "writelines");
        answers.push(match is_text {
            true => text_step(&mut file, step).unwrap_or_else(|error| failure(&error)),
            false => both_step(&mut file, step, binary).unwrap_or_else(|error| io(&file, &error, operation)),
        });
    }
    file.close().unwrap();
    answers
}

fn programs(site: fn() -> Site) {
    let mut replay = Replay::default();
    let Site { os, .. } = &site();
    for case in cases("os_file_io") {
        match before(&case) {
            Some(bytes) => drop(os.write_bytes("f", bytes).unwrap()),
            None => os.remove("f").or_else(|error| if error.errno() == Some(2) { Ok(()) } else { Err(error) }).unwrap(),
        }
        let opened = open(os, &case);
        let steps = case["p"].as_array().unwrap();
        let python: Vec<Value> = steps.iter().map(|step| step.as_array().unwrap().last().unwrap().clone()).collect();
        match opened {
            Ok(file) => {
                replay.check(&case, run(file, &case), python);
                replay.check(&case, short(&chars(&os.read_bytes("f").unwrap())), case["f"].clone());
            }
            Err(error) => replay.check(&case, json!(error.errno()), case["e"].clone()),
        }
    }
    replay.finish(5_000);
}

#[test]
fn programs_on_the_mock() {
    programs(Site::mock);
}

#[test]
fn programs_on_the_machine() {
    programs(Site::native);
}
