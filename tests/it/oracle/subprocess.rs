//! `subprocess`: the same programs as Python ran, on this machine.

use crate::support::oracle::{Replay, cases};
use leyden::os::Os;
use leyden::prelude::*;
use leyden::subprocess::{DEVNULL, Error, PIPE, Run, STDOUT, Stdio, Subprocess, list2cmdline};
use serde_json::{Value, json};

#[test]
fn subprocess() {
    let subprocess = Subprocess::native(Os::native().ambient().clone());
    let mut replay = Replay::default();
    for case in cases("subprocess") {
        let op = case["op"].as_str().unwrap();
        if op == "list2cmdline" {
            replay.check(&case["args"], list2cmdline(strings(&case["args"])), case["answer"].as_str().unwrap().to_owned());
            continue;
        }
        let text = is_text(&case["kwargs"]);
        let run = build(&case);
        let answer = match op {
            "run" => subprocess.run(run).wait().map(|done| {
                let stream = |bytes: Option<Vec<u8>>| bytes.map_or(Value::Null, |bytes| stream(bytes, text));
                json!({"returncode": done.returncode, "stdout": stream(done.stdout), "stderr": stream(done.stderr)})
            }),
            "call" => subprocess.call(run).wait().map(Value::from),
            "check_call" => subprocess.check_call(run).wait().map(|()| 0.into()),
            "check_output" => subprocess.check_output(run).wait().map(|output| stream(output, text)),
            "getoutput" => subprocess.getoutput(case["args"].as_str().unwrap()).wait().map(Value::from),
            "getstatusoutput" => subprocess.getstatusoutput(case["args"].as_str().unwrap()).wait().map(|answer| json!(answer)),
            "system" => subprocess.system(case["args"].as_str().unwrap()).wait().map(|status| status.0.into()),
            _ => panic!("{op}"),
        };
        let ignored = ["kill -13", "kill -25"].iter().any(|line| case["args"].as_str().is_some_and(|args| args.contains(line)));
        match (answer, case.get("raises")) {
            // DIFFERENCE: signals that the parent ignores work in the program, with `system` as with all others.
            (Ok(answer), None) if op == "system" && ignored => replay.check(&case, answer == 0, false),
            // DIFFERENCE: input of which nothing is left once it is encoded is empty. (Python trips over a variable of its own.)
            (Ok(answer), Some(python)) if python["class"] == "UnboundLocalError" => replay.check(&case, answer, "".into()),
            (Ok(answer), None) => replay.check(&case, answer, case["answer"].clone()),
            (Err(error), Some(python)) => replay.check(&case, describe(&error, python), expected(&case, python)),
            (Ok(answer), Some(python)) => replay.check(&case, answer, python.clone()),
            (Err(error), None) => replay.check(&case, error.to_string(), case["answer"].to_string()),
        }
    }
    replay.finish(1_100);
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        _ => value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn is_text(kwargs: &Value) -> bool {
    kwargs["text"] == true || kwargs["encoding"].is_string() || kwargs["errors"].is_string()
}

/// As the oracle writes them: text as it is, bytes as latin-1 under a key.
fn stream(bytes: Vec<u8>, text: bool) -> Value {
    if text {
        String::from_utf8(bytes).unwrap().into()
    } else {
        json!({"bytes": bytes.into_iter().map(char::from).collect::<String>()})
    }
}

fn build(case: &Value) -> Run {
    let mut run = Run::new(strings(&case["args"]));
    for (name, value) in case["kwargs"].as_object().unwrap() {
        let text = || value.as_str().unwrap();
        let on = value == true;
        run = match name.as_str() {
            "shell" => run.shell(on),
            "check" => run.check(on),
            "text" => run.text(on),
            "capture_output" => run.capture_output(on),
            "stdin" => run.stdin(stdio(text())),
            "stdout" => run.stdout(stdio(text())),
            "stderr" => run.stderr(stdio(text())),
            "encoding" => run.encoding(text()),
            "errors" => run.errors(text()),
            "executable" => run.executable(text()),
            "cwd" => run.cwd(text()),
            "timeout" => run.timeout(secs(value.as_f64().unwrap())),
            "input" => run.input(value["bytes"].as_str().map_or_else(|| value.as_str().unwrap_or_default().into(), latin1)),
            "env" => run.env(value.as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap()))),
            _ => panic!("{name}"),
        };
    }
    run
}

fn stdio(name: &str) -> Stdio {
    match name {
        "PIPE" => PIPE,
        "DEVNULL" => DEVNULL,
        "STDOUT" => STDOUT,
        _ => panic!("{name}"),
    }
}

/// An error in the oracle's words.
fn describe(error: &Error, python: &Value) -> Value {
    let mut told = json!({"class": class(error), "message": error.to_string()});
    let bytes = |bytes: Option<&[u8]>, like: &Value| match (bytes, like) {
        (None, _) => Value::Null,
        // DIFFERENCE: of a program that was too slow and had written nothing, the captured output is empty, not None.
        (Some([]), Value::Null) if error.is_timeout() => Value::Null,
        // DIFFERENCE: what a failed program had written is UTF-8 bytes in text mode, as in `CompletedProcess`.
        (Some(bytes), like) => stream(bytes.to_vec(), like.is_string()),
    };
    match error {
        Error::CalledProcess { returncode, .. } => {
            told["returncode"] = (*returncode).into();
            told["stdout"] = bytes(error.stdout(), &python["stdout"]);
            told["stderr"] = bytes(error.stderr(), &python["stderr"]);
        }
        Error::TimeoutExpired { .. } => {
            told["stdout"] = bytes(error.stdout(), &python["stdout"]);
            told["stderr"] = bytes(error.stderr(), &python["stderr"]);
        }
        Error::UnicodeDecode { position, .. } | Error::UnicodeEncode { position, .. } => told["start"] = (*position).into(),
        _ => {}
    }
    if let Some(errno) = error.errno() {
        told["errno"] = errno.into();
        told["filename"] = error.filename().unwrap().to_str().into();
    }
    // The words are compared where they are Python's; where they are leyden's own, the facts beside them are.
    if !matches!(error, Error::CalledProcess { .. } | Error::TimeoutExpired { .. } | Error::Lookup { .. }) {
        told["message"] = Value::Null;
    }
    told
}

fn class(error: &Error) -> &'static str {
    match error {
        Error::CalledProcess { .. } => "CalledProcessError",
        Error::TimeoutExpired { .. } => "TimeoutExpired",
        Error::FileNotFound(_) => "FileNotFoundError",
        Error::Permission(_) => "PermissionError",
        Error::NotADirectory(_) => "NotADirectoryError",
        Error::Os(_) => "OSError",
        Error::Value(_) => "ValueError",
        Error::Lookup { .. } => "LookupError",
        Error::UnicodeDecode { .. } => "UnicodeDecodeError",
        Error::UnicodeEncode { .. } => "UnicodeEncodeError",
        _ => "?",
    }
}

/// What leyden shall say where Python says this.
fn expected(case: &Value, python: &Value) -> Value {
    let mut python = python.clone();
    let message = python["message"].as_str().unwrap().to_owned();
    python["message"] = match python["class"].as_str().unwrap() {
        "CalledProcessError" | "TimeoutExpired" => words(case, &python, &message).into(),
        "LookupError" if message.starts_with("unknown encoding") => message.into(),
        "LookupError" => message.replace("unknown error handler name '", "unknown error handler: ").trim_end_matches('\'').into(),
        _ => Value::Null,
    };
    // DIFFERENCE: no arguments at all are a ValueError, not an IndexError.
    if python["class"] == "IndexError" {
        python["class"] = "ValueError".into();
    }
    python
}

/// DIFFERENCE: lower case, no full stop, signals as `SIGKILL (9)`, a list as one would type it; and the last line of the error.
fn words(case: &Value, python: &Value, message: &str) -> String {
    let list =
        format!("Command '[{}]'", strings(&case["args"]).iter().map(|arg| format!("'{arg}'")).collect::<Vec<_>>().join(", "));
    let typed = format!("command '{}'", strings(&case["args"]).join(" "));
    let mut words = message.replace(&list, &typed).replace("Command '", "command '");
    if words.ends_with('.') {
        words.pop();
    }
    if let Some((before, signal)) = words.clone().rsplit_once("<Signals.") {
        let (name, number) = signal.trim_end_matches('>').split_once(": ").unwrap();
        words = format!("{before}{name} ({number})");
    }
    let stderr = &python["stderr"];
    let stderr = stderr["bytes"].as_str().map(latin1).or_else(|| stderr.as_str().map(|text| text.as_bytes().to_vec()));
    let last = stderr.filter(|_| python["class"] == "CalledProcessError").and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let line = text.split(['\n', '\r']).rfind(|line| !line.trim_ascii().is_empty())?;
        Some(line.trim_ascii().to_owned())
    });
    last.map_or(words.clone(), |last| format!("{words}: {last}"))
}
