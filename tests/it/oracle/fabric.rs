//! What fabric 3.2.3 and invoke 2.2.1 answered: `tests/oracle/fabric.py`. Commands are replayed on a host in memory that gives what the
//! real server gave for the line; the line itself, the result and what was printed must be those of Python.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use leyden::fabric::config::{Config, Dict, Value as Setting};
use leyden::fabric::{
    Connect, Connection, Error, Fabric, FailingResponder, Hide, Out, Responder, RunResult, Stream, StreamWatcher,
    derive_shorthand,
};
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use serde_json::{Value, json};

fn cases(kind: &str) -> Vec<Value> {
    let text = include_str!("../../oracle/data/fabric.jsonl");
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let cases: Vec<Value> = cases.filter(|case| case["kind"] == kind).collect();
    assert!(!cases.is_empty(), "no case of {kind}");
    cases
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// Fails with every case that differs, unless it is a marked difference.
fn report(kind: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{kind}: {} differ\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}

fn setting(value: &Value) -> Setting {
    match value {
        Value::Null => Setting::None,
        Value::Bool(flag) => Setting::Bool(*flag),
        Value::Number(number) => Setting::Int(number.as_i64().unwrap().into()),
        Value::String(text) => Setting::Str(text.clone()),
        Value::Array(items) => Setting::List(items.iter().map(setting).collect()),
        Value::Object(entries) => {
            Setting::Dict(entries.iter().fold(Dict::new(), |dict, (key, value)| dict.with(key, setting(value))))
        }
    }
}

fn config(world: &World, user: &str, overrides: &Value) -> Config {
    let base = Dict::new().with("user", user).with("load_ssh_configs", false);
    let dict = overrides.as_object().into_iter().flatten().fold(base, |dict, (key, value)| dict.with(key, setting(value)));
    Config::builder(&world.batteries().os).overrides(dict).lazy(true).build().unwrap()
}

#[test]
fn host_strings() {
    let mut wrong = Vec::new();
    for case in cases("shorthand") {
        let answer = match derive_shorthand(&text(&case["text"])) {
            Ok(parts) => json!({"value": {"user": parts.user, "host": parts.host, "port": parts.port}}),
            Err(error) => json!({"error": "ValueError", "str": error.python_str(), "repr": error.python_repr()}),
        };
        if answer != case["answer"] {
            wrong.push(format!("{}: {answer}, Python {}", case["text"], case["answer"]));
        }
    }
    report("shorthand", wrong);
}

#[test]
fn connections() {
    let world = World::new();
    let fabric = world.batteries().fabric;
    let mut wrong = Vec::new();
    for case in cases("connection") {
        let mut connect = Connect::new(text(&case["host"])).config(config(&world, "local", &case["config"]));
        if let Some(user) = case["user"].as_str() {
            connect = connect.user(user);
        }
        if let Some(port) = case["port"].as_u64() {
            connect = connect.port(port.try_into().unwrap());
        }
        match case["gateway"].as_str() {
            Some("jump") => {
                let gateway = fabric.connection(Connect::new("gw").config(config(&world, "local", &case["config"])));
                connect = connect.gateway(gateway);
            }
            Some(command) => connect = connect.gateway(command),
            None => {}
        }
        let answer = match fabric.try_connection(connect) {
            // DIFFERENCE: connecting has a budget of 30 seconds by default.
            Ok(c) => json!({"value": {
                "host": c.host(), "original_host": c.original_host(), "user": c.user(), "port": c.port(), "repr": format!("{c:?}"),
                "forward_agent": c.forward_agent(), "connect_timeout": null, "inline_ssh_env": c.inline_ssh_env(),
                "is_connected": c.is_connected(), "cwd": c.cwd()}}),
            Err(error) => json!({"error": "ValueError", "str": error.python_str(), "repr": error.python_repr()}),
        };
        if answer != case["answer"] {
            wrong.push(format!("{case}\n  leyden {answer}"));
        }
    }
    let one = |host: &str| fabric.connection(Connect::new(host).config(config(&world, "local", &json!({}))));
    for case in cases("identity") {
        let (left, right) = (one(&text(&case["left"])), one(&text(&case["right"])));
        if json!([left == right, left < right]) != json!([case["equal"], case["less"]]) {
            wrong.push(case.to_string());
        }
    }
    report("connection", wrong);
}

fn scoped(connection: &Connection, case: &Value) -> Connection {
    let inner = strings(&case["cwds"]).into_iter().fold(connection.clone(), |connection, path| connection.cd(path));
    strings(&case["prefixes"]).into_iter().fold(inner, |connection, prefix| connection.prefix(prefix))
}

#[test]
fn directories_and_prefixes() {
    let world = World::new();
    let web = world.batteries().fabric.connection("h");
    let host = world.fabric.host("h");
    let mut wrong = Vec::new();
    for case in cases("scope") {
        let line = text(&case["line"]);
        host.shell(&line);
        let inner = scoped(&web, &case);
        let ran = inner.run("ls").hide(true).wait().map(|result| result.command);
        let ran = ran.unwrap_or_else(|error| error.to_string());
        if (inner.cwd(), ran.clone()) != (text(&case["cwd"]), line) {
            wrong.push(format!("{case}\n  leyden {:?} {ran:?}", inner.cwd()));
        }
    }
    report("scope", wrong);
}

fn result_of(fields: &Value) -> RunResult {
    let mut result = RunResult::new(text(&fields["stdout"]));
    result.stderr = text(&fields["stderr"]);
    result.command = text(&fields["command"]);
    result.exited = fields["exited"].as_i64().map(|exited| exited.try_into().unwrap());
    result.pty = fields["pty"].as_bool().unwrap_or_default();
    result.hide =
        strings(&fields["hide"]).iter().map(|name| if name == "stdout" { Stream::Stdout } else { Stream::Stderr }).collect();
    result
}

#[test]
fn results_and_exceptions() {
    let mut wrong = Vec::new();
    for case in cases("result") {
        let result = result_of(&case["fields"]);
        let tails = [(Stream::Stdout, 10), (Stream::Stderr, 10), (Stream::Stdout, 1), (Stream::Stderr, 3), (Stream::Stdout, 0)];
        let tails: Vec<String> = tails.iter().map(|(stream, count)| result.tail(*stream, *count)).collect();
        let answer = json!([result.to_string(), format!("{result:?}"), result.ok(), result.failed(), tails]);
        if answer != json!([case["str"], case["repr"], case["ok"], case["failed"], case["tails"]]) {
            wrong.push(format!("{case}\n  leyden {answer}"));
        }
    }
    for case in cases("exceptions") {
        let result = || Box::new(result_of(&case["fields"]));
        let timeout = Duration::from_secs_f64(case["timeout"].as_f64().unwrap());
        let errors = [
            Error::UnexpectedExit(result()),
            Error::CommandTimedOut { result: result(), timeout },
            Error::AuthFailure { result: result(), prompt: text(&case["prompt"]) },
            Error::Failure { result: result(), reason: leyden::fabric::WatcherError::ResponseNotAccepted("x".into()) },
        ];
        for (error, wanted) in errors.iter().zip(case["answers"].as_array().unwrap()) {
            let answer = json!({"str": error.python_str(), "repr": error.python_repr()});
            if answer != *wanted {
                wrong.push(format!("{wanted}\n  leyden {answer}"));
            }
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
        }
    }
    report("result", wrong);
}

fn hide(value: &Value) -> Result<Hide, Error> {
    match value {
        Value::String(name) => Hide::named(name),
        Value::Bool(all) => Ok(Hide::from(*all)),
        _ => Ok(Hide::Nothing),
    }
}

#[test]
fn words_for_hide() {
    let world = World::new();
    world.fabric.host("h").shell("x");
    let web = world.batteries().fabric.connection("h");
    let mut wrong = Vec::new();
    for case in cases("hide") {
        let answer = match hide(&case["value"]) {
            Ok(hide) => {
                let mut run = web.run("x").hide(hide);
                if case["out"] == true {
                    run = run.out_stream(Out::writer(Vec::new()));
                }
                if case["err"] == true {
                    run = run.err_stream(Out::writer(Vec::new()));
                }
                json!({"value": names(&run.wait().unwrap().hide)})
            }
            Err(error) => json!({"error": "ValueError", "str": error.python_str(), "repr": error.python_repr()}),
        };
        if answer != case["answer"] {
            wrong.push(format!("{case}\n  leyden {answer}"));
        }
    }
    report("hide", wrong);
}

fn names(streams: &[Stream]) -> Vec<&'static str> {
    streams.iter().map(|stream| if *stream == Stream::Stdout { "stdout" } else { "stderr" }).collect()
}

#[test]
fn watchers() {
    let mut wrong = Vec::new();
    for case in cases("watcher") {
        let pattern = text(&case["pattern"]);
        let mut watcher: Box<dyn StreamWatcher> = match case["sentinel"].as_str() {
            Some(sentinel) => Box::new(FailingResponder::new(&pattern, "answer\n", sentinel).unwrap()),
            None => Box::new(Responder::new(&pattern, "answer\n").unwrap()),
        };
        for step in case["steps"].as_array().unwrap() {
            let answer = match watcher.submit(&text(&step["stream"])) {
                Ok(responses) => json!({"value": responses.iter().map(|response| response.expose()).collect::<Vec<_>>()}),
                Err(error) => json!({"error": "ResponseNotAccepted", "str": error.to_string(), "repr": step["answer"]["repr"]}),
            };
            if answer != step["answer"] {
                wrong.push(format!("{pattern:?} {:?} {step}\n  leyden {answer}", case["sentinel"]));
            }
        }
    }
    report("watcher", wrong);
}

/// What Python does and leyden does otherwise on purpose.
fn is_difference(case: &Value) -> bool {
    let options = &case["options"];
    // A keyword that does not exist, and two that exclude each other, do not compile.
    options.get("nonsense").is_some()
        || options.get("disown").is_some()
        // sudo inside cd and prefix works.
        || (case["method"] == "sudo" && (!strings(&case["cwds"]).is_empty() || !strings(&case["prefixes"]).is_empty()))
}

#[test]
fn commands() {
    let mut wrong = Vec::new();
    let all = cases("command");
    let mut replayed = 0;
    for case in all.iter().filter(|case| !is_difference(case)) {
        replayed += 1;
        let (answer, wanted) = command(case);
        if answer != wanted {
            wrong.push(format!(
                "{}\n  Python {wanted}\n  leyden {answer}",
                json!([case["method"], case["command"], case["options"], case["config"]])
            ));
        }
    }
    assert!(replayed > 200, "{replayed} of {}", all.len());
    report("command", wrong);
}

fn command(case: &Value) -> (Value, Value) {
    let world = World::new();
    let outcome = &case["outcome"];
    let recorded = &outcome["result"];
    let lines = strings(&case["lines"]);
    let local = case["method"] == "local";
    // A server that does what the real one did for this line.
    let mut reply = Reply::new().stdout(text(&recorded["stdout"])).stderr(text(&recorded["stderr"]));
    let latin = case["options"]["encoding"] == "latin-1" || case["config"]["run"]["encoding"] == "latin-1";
    if latin {
        reply = Reply::new().stdout(latin1(&text(&recorded["stdout"]))).stderr(latin1(&text(&recorded["stderr"])));
    }
    if case["options"]["encoding"] == "ascii" {
        let bytes = |text: String| text.chars().map(|c| if c.is_ascii() { c as u8 } else { 0xff }).collect::<Vec<u8>>();
        reply = Reply::new().stdout(bytes(text(&recorded["stdout"]))).stderr(bytes(text(&recorded["stderr"])));
    }
    let timed_out = outcome["error"] == "CommandTimedOut";
    let sudo = case["method"] == "sudo";
    if case["options"].get("responders").is_some() {
        reply = reply.ignores_stdin();
    }
    reply = match recorded["exited"].as_i64() {
        _ if timed_out => reply.delay(secs(30)),
        Some(code) if code < 0 => reply.dies_of(if local { (-code).try_into().unwrap() } else { 9 }),
        Some(code) => reply.code(code.try_into().unwrap()),
        None => reply,
    };
    let host = world.fabric.host("h");
    let configured = config(&world, "root", &case["config"]);
    let fabric: Fabric = world.batteries().fabric;
    let web = fabric.connection(
        Connect::new("h").inline_ssh_env(case["inline"] == true && case["config"]["inline_ssh_env"] != false).config(configured),
    );
    let web = scoped(&web, case);
    let full = lines.first().cloned().unwrap_or_else(|| text(&recorded["command"]));
    if local {
        let shell = case["options"]["shell"].as_str().unwrap_or("/bin/bash").to_owned();
        world.subprocess.program([shell.as_str(), "-c", full.as_str()]).answer(reply);
    } else if sudo {
        // The prompt and the refusals, as sudo writes them; the program answers after the last line of input.
        let prompt = case["config"]["sudo"]["prompt"].as_str().unwrap_or("[sudo] password: ").to_owned();
        let good = case["options"]["password"] == "pw" || case["config"]["sudo"]["password"] == "pw";
        let errors = text(&recorded["stderr"]);
        if good {
            let rest = errors.strip_prefix(&prompt).unwrap_or(&errors).to_owned();
            let out = text(&recorded["stdout"]);
            let code = recorded["exited"].as_i64().unwrap_or(0);
            host.shell(&full).answer(
                Reply::new()
                    .ignores_stdin()
                    .stderr(prompt.clone())
                    .delay(secs(1))
                    .stdout(out)
                    .stderr(rest)
                    .code(code.try_into().unwrap()),
            );
        } else {
            host.shell(&full).answer(
                Reply::new()
                    .ignores_stdin()
                    .stderr(prompt.clone())
                    .delay(secs(1))
                    .stderr(format!("Sorry, try again.\n{prompt}"))
                    .delay(secs(60)),
            );
        }
    } else if !full.is_empty() || !lines.is_empty() {
        host.shell(&full).answer(reply);
    }
    let options = &case["options"];
    let buffers: BTreeMap<&str, Arc<Mutex<Vec<u8>>>> = ["out_stream", "err_stream"]
        .into_iter()
        .filter(|name| options[*name] == true)
        .map(|name| (name, Arc::default()))
        .collect();
    macro_rules! configured {
        ($run:expr) => {{
            let mut run = $run;
            for (key, value) in options.as_object().unwrap() {
                run = match key.as_str() {
                    "hide" => match hide(value) {
                        Ok(hide) => run.hide(hide),
                        Err(error) => return failed(&error, case, &world, &buffers, host.lines()),
                    },
                    "warn" => run.warn(value == true),
                    "pty" => run.pty(value == true),
                    "echo" => run.echo(value == true),
                    "dry" => run.dry(value == true),
                    "echo_format" => run.echo_format(text(value)),
                    "encoding" => run.encoding(text(value)),
                    "shell" => run.shell(text(value)),
                    "timeout" => run.timeout(Duration::from_secs_f64(value.as_f64().unwrap())),
                    "env" => value.as_array().unwrap().iter().fold(run, |run, pair| run.env(text(&pair[0]), text(&pair[1]))),
                    "out_stream" => run.out_stream(Out::shared(&buffers["out_stream"])),
                    "err_stream" => run.err_stream(Out::shared(&buffers["err_stream"])),
                    "responders" => value
                        .as_array()
                        .unwrap()
                        .iter()
                        .fold(run, |run, pair| run.watcher(Responder::new(&text(&pair[0]), text(&pair[1])).unwrap())),
                    "password" | "user" => run,
                    other => panic!("option {other}"),
                };
            }
            if let Some(input) = case["stdin"].as_str() {
                run = run.in_stream(input);
            }
            run
        }};
    }
    let line = text(&case["command"]);
    let result = match case["method"].as_str().unwrap() {
        "run" => configured!(web.run(line)).wait(),
        "local" => configured!(web.local(line)).wait(),
        _ => {
            let mut run = configured!(web.sudo(line));
            if let Some(password) = options["password"].as_str() {
                run = run.password(password);
            }
            if let Some(user) = options["user"].as_str() {
                run = run.user(user);
            }
            run.wait()
        }
    };
    match result {
        Ok(result) => compare(json!({"result": fields(&result, case)}), case, &world, &buffers, host.lines()),
        Err(error) => failed(&error, case, &world, &buffers, host.lines()),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn fields(result: &RunResult, case: &Value) -> Value {
    let mut value = json!({
        "stdout": result.stdout, "stderr": result.stderr, "exited": result.exited, "ok": result.ok(), "failed": result.failed(),
        "return_code": result.return_code(), "command": result.command, "shell": result.shell, "pty": result.pty, "hide": names(&result.hide),
        "str": result.to_string(), "repr": format!("{result:?}"),
        "tail": [result.tail(Stream::Stdout, 10), result.tail(Stream::Stderr, 2)], "bool": result.ok()});
    // DIFFERENCE: a local result has the variables that were given, not those of the process too.
    value["env"] = if case["method"] == "local" { case["outcome"]["result"]["env"].clone() } else { json!(result.env) };
    value
}

fn failed(
    error: &Error,
    case: &Value,
    world: &World,
    buffers: &BTreeMap<&str, Arc<Mutex<Vec<u8>>>>,
    lines: Vec<String>,
) -> (Value, Value) {
    let mut answer = json!({"str": error.python_str(), "repr": error.python_repr()});
    answer["error"] = json!(match error {
        Error::UnexpectedExit(_) => "UnexpectedExit",
        Error::CommandTimedOut { .. } => "CommandTimedOut",
        Error::AuthFailure { .. } => "AuthFailure",
        Error::Failure { .. } => "Failure",
        Error::Value(_) => "ValueError",
        _ => return (json!(format!("{error:?}")), case["outcome"].clone()),
    });
    if let Some(result) = error.result() {
        answer["result"] = fields(result, case);
        answer["reason"] = case["outcome"]["reason"].clone();
    }
    compare(answer, case, world, buffers, lines)
}

fn compare(
    answer: Value,
    case: &Value,
    world: &World,
    buffers: &BTreeMap<&str, Arc<Mutex<Vec<u8>>>>,
    lines: Vec<String>,
) -> (Value, Value) {
    let streams: BTreeMap<&str, String> =
        buffers.iter().map(|(name, bytes)| (*name, String::from_utf8(bytes.lock().unwrap().clone()).unwrap())).collect();
    let mut outcome = case["outcome"].clone();
    let mut answer = answer;
    // How much of the refused prompts was read when the watcher ended the command depends on the moment.
    if outcome["error"] == "AuthFailure" {
        for side in [&mut outcome, &mut answer] {
            side["result"] = json!({"exited": side["result"]["exited"], "command": side["result"]["command"]});
        }
    }
    let printed =
        if outcome["error"] == "AuthFailure" { json!([]) } else { json!([world.fabric.stdout(), world.fabric.stderr()]) };
    let wanted = if outcome["error"] == "AuthFailure" { json!([]) } else { case["printed"].clone() };
    let lines = if case["method"] == "local" { Vec::new() } else { lines };
    (
        json!({"outcome": answer, "lines": lines, "printed": printed, "streams": streams}),
        json!({"outcome": outcome, "lines": case["lines"], "printed": wanted, "streams": case["streams"]}),
    )
}

#[test]
fn groups() {
    let world = World::new();
    let fabric = world.batteries().fabric;
    let mut wrong = Vec::new();
    for case in cases("group_result") {
        let mut names = Vec::new();
        for entry in case["entries"].as_array().unwrap() {
            let name = text(&entry[0]);
            let host = name.rsplit('@').next().unwrap().split(':').next().unwrap().to_owned();
            names.push(Connect::new(name).config(config(&world, "local", &json!({}))));
            world.fabric.host(host).shell("job");
        }
        let entries = case["entries"].as_array().unwrap().clone();
        let group = fabric.group(names);
        let group_entries = entries.clone();
        let outcome = group.each(move |connection| -> Result<RunResult, Error> {
            let entry = group_entries.iter().find(|entry| {
                let name = text(&entry[0]);
                name.contains(connection.host())
            });
            let entry = entry.unwrap();
            let result = result_of(&json!({"command": entry[1], "exited": entry[2], "stdout": "", "stderr": "", "hide": []}));
            if result.ok() { Ok(result) } else { Err(Error::UnexpectedExit(Box::new(result))) }
        });
        let (result, exception) = match outcome.wait() {
            Ok(result) => (result, None),
            Err(exception) => {
                let texts = json!([exception.python_str(), exception.python_repr()]);
                (exception.result, Some(texts))
            }
        };
        let answer = json!([format!("{result:?}"), result.succeeded().count(), result.failed().count()]);
        if answer != json!([case["repr"], case["succeeded"], case["failed"]])
            || exception.is_some_and(|texts| texts != case["exception"])
        {
            wrong.push(format!("{case}\n  leyden {answer}"));
        }
    }
    report("group_result", wrong);
}
