//! `fabric.Config` and `invoke.Config`, call by call.

use crate::support::oracle::{Replay, cases};
use leyden::World;
use leyden::fabric::config::{Config, Dict, Error, Flavor, Section, Value};
use serde_json::Value as Json;

fn text(value: &Json) -> &str {
    value.as_str().unwrap()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole.into()),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(_) => Value::Dict(dict(json)),
    }
}

fn dict(json: &Json) -> Dict {
    json.as_object().unwrap().iter().map(|(key, item)| (key.clone(), value(item))).collect()
}

fn path(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|key| text(key).to_owned()).collect()
}

fn flavor(name: &str) -> Flavor {
    if name == "fabric" { Flavor::Fabric } else { Flavor::Invoke }
}

/// The class of Python's exception.
fn class(error: &Error) -> &'static str {
    match error {
        Error::AmbiguousEnvVar { .. } => "AmbiguousEnvVar",
        Error::UncastableEnvVar { .. } => "UncastableEnvVar",
        Error::AmbiguousMerge { .. } => "AmbiguousMergeError",
        Error::UnknownFileType { .. } => "UnknownFileType",
        Error::InvalidEnvVar { .. } => "ValueError",
        Error::Key { .. } => "KeyError",
        Error::NotAMapping { .. } => "TypeError",
        Error::SshConfig(leyden::fabric::ssh_config::Error::Read { .. }) => "FileNotFoundError",
        _ => "other",
    }
}

/// What leyden has one error for.
fn one_name(python: &str) -> &str {
    match python {
        // An attribute that is a key's; a mapping's method on something else.
        "AttributeError" => "KeyError",
        "JSONDecodeError" | "ParserError" | "ScannerError" => "other",
        _ => python,
    }
}

fn within<T>(config: &mut Config, at: &[String], act: impl FnOnce(&mut Section<'_>) -> Result<T, Error>) -> Result<T, Error> {
    act(&mut config.section(at)?)
}

fn none<T>(_: T) -> String {
    "None".into()
}

fn shown(value: &Value) -> String {
    format!("{value:?}")
}

fn call(config: &mut Config, op: &[Json]) -> Result<String, Error> {
    let at = |index: usize| path(&op[index]);
    Ok(match text(&op[0]) {
        "get" | "attr" => shown(config.get(at(1))?),
        "set" | "setattr" => none(config.set(at(1), value(&op[2]))?),
        "del" | "delattr" => none(config.remove(at(1))?),
        "pop" if op.len() == 3 && op[1] == Json::Array(vec![]) => shown(&config.pop(text(&op[2]))?),
        "pop" if op.len() == 3 => shown(&within(config, &at(1), |section| section.pop(text(&op[2])))?),
        "pop" if op[1] == Json::Array(vec![]) => shown(&config.pop_or(text(&op[2]), value(&op[3]))?),
        "pop" => shown(&within(config, &at(1), |section| section.pop_or(text(&op[2]), value(&op[3])))?),
        "setdefault" if op[1] == Json::Array(vec![]) => shown(&config.setdefault(text(&op[2]), value(&op[3]))?),
        "setdefault" => shown(&within(config, &at(1), |section| section.setdefault(text(&op[2]), value(&op[3])))?),
        "popitem" => {
            let (key, item) =
                if at(1).is_empty() { config.popitem()? } else { within(config, &at(1), |section| section.popitem())? };
            format!("({:?}, {item:?})", Value::from(key))
        }
        "update" if at(1).is_empty() => none(config.update(dict(&op[2]))?),
        "update" => none(within(config, &at(1), |section| section.update(dict(&op[2])))?),
        "clear" if at(1).is_empty() => none(config.clear()?),
        "clear" => none(within(config, &at(1), |section| section.clear())?),
        "contains" if at(1).is_empty() => shown(&Value::Bool(config.contains([text(&op[2])]))),
        "contains" => shown(&Value::Bool(within(config, &at(1), |section| Ok(section.contains(text(&op[2]))))?)),
        "len" if at(1).is_empty() => config.len().to_string(),
        "len" => within(config, &at(1), |section| Ok(section.len()))?.to_string(),
        "keys" if at(1).is_empty() => shown(&Value::from(config.iter().map(|(key, _)| key.to_owned()).collect::<Vec<_>>())),
        "keys" => within(config, &at(1), |section| Ok(Value::from(section.dict().keys().map(str::to_owned).collect::<Vec<_>>())))
            .map(|keys| shown(&keys))?,
        // DIFFERENCE: values of secret names are hidden. The cases have one password, `hi`.
        "repr" => format!("<Config: {:?}>", config.as_dict()).replace("'password': '***'", "'password': 'hi'"),
        "clone" => {
            *config = config.try_clone()?;
            none(())
        }
        "clone_into" => {
            *config = config.clone_into(flavor(text(&op[1])))?;
            none(())
        }
        "equals_clone" => shown(&Value::Bool(config.try_clone()? == *config)),
        "load_project" => none(config.load_project()?),
        "load_runtime" => none(config.load_runtime()?),
        "load_system" => none(config.load_system()?),
        "load_user" => none(config.load_user()?),
        "load_shell_env" => none(config.load_shell_env()?),
        "load_overrides" => none(config.load_overrides(dict(&op[1]))?),
        "load_collection" => none(config.load_collection(dict(&op[1]))?),
        "load_ssh_config" => none(config.load_ssh_config()?),
        "set_runtime_ssh_path" => {
            config.set_runtime_ssh_path(Some(text(&op[1]).into()));
            none(())
        }
        "lookup" => {
            let found = config.base_ssh_config().lookup(text(&op[1]))?;
            let list = [Some(found.hostname()), found.user(), found.get("port")];
            shown(&Value::List(list.into_iter().map(|item| item.map_or(Value::None, Value::from)).collect()))
        }
        other => panic!("no such call: {other}"),
    })
}

fn build(case: &Json) -> (World, Result<Config, Error>) {
    let world = World::new();
    for folder in ["etc", "home/.ssh", "project"] {
        world.os.mkdir(format!("/tmp/leyden-config/{folder}"));
    }
    for (path, content) in case["files"].as_object().unwrap() {
        world.os.write(path, text(content));
        world.os.chmod(path, 0o600);
    }
    let os = world.batteries().os;
    os.environ.clear();
    for (name, item) in case["env"].as_object().unwrap() {
        os.environ.set(name, text(item)).unwrap();
    }
    let mut builder = Config::builder(&os).flavor(flavor(text(&case["flavor"])));
    for (name, given) in case["kwargs"].as_object().unwrap() {
        builder = match name.as_str() {
            "system_prefix" => builder.system_prefix(text(given)),
            "user_prefix" => builder.user_prefix(text(given)),
            "project_location" => builder.project_location(text(given)),
            "runtime_path" => builder.runtime_path(text(given)),
            "system_ssh_path" => builder.system_ssh_path(text(given)),
            "user_ssh_path" => builder.user_ssh_path(text(given)),
            "runtime_ssh_path" => builder.runtime_ssh_path(text(given)),
            "lazy" => builder.lazy(given.as_bool().unwrap()),
            "defaults" => builder.defaults(dict(given)),
            "overrides" => builder.overrides(dict(given)),
            other => panic!("no such argument: {other}"),
        };
    }
    let built = builder.build();
    (world, built)
}

#[test]
fn config() {
    let mut replay = Replay::default();
    for (number, case) in cases("fabric_config").iter().enumerate().filter(|(_, case)| case.get("calls").is_some()) {
        let (_world, built) = build(case);
        let mut config = None;
        let mut failed = None;
        match built {
            Ok(built) => config = Some(built),
            Err(error) => failed = Some(error),
        }
        for call_made in case["calls"].as_array().unwrap() {
            let (op, python) = (call_made[0].as_array().unwrap(), &call_made[1]);
            let leyden = match (&mut config, failed.take()) {
                (_, Some(error)) => Err(error),
                (Some(_), None) if op[0] == "new" => Ok("None".to_owned()),
                (Some(config), None) => call(config, op),
                (None, None) => break,
            };
            let what = format!("case {number}: {}", Json::Array(op.clone()));
            match python.as_str() {
                // A text or a list has a length, and may contain something.
                Some(_) if matches!(leyden, Err(Error::NotAMapping { .. })) && matches!(text(&op[0]), "len" | "contains") => {}
                Some(python) => replay.check(what, leyden.map_err(|error| error.to_string()), Ok(python.to_owned())),
                None => {
                    let python_class = text(&python["e"]);
                    // DIFFERENCE: what was removed below a key that is not there any more.
                    if python_class == "KeyError" && text(&op[0]).starts_with("load_") {
                        break;
                    }
                    // Without its own keys, fabric's configuration cannot be copied in Python.
                    if python_class == "AttributeError" && text(&op[0]).contains("clone") {
                        break;
                    }
                    let Err(error) = leyden else {
                        replay.check(what, leyden.ok(), Some(format!("{python_class}: {}", python["s"])));
                        break;
                    };
                    // A key below something that is not a mapping: Python's error depends on what it is.
                    let loose = matches!(error, Error::Key { .. } | Error::NotAMapping { .. })
                        && matches!(python_class, "TypeError" | "AttributeError" | "KeyError" | "IndexError");
                    // A top level that is a list.
                    let top = matches!(error, Error::Parse { .. });
                    if !loose && !top {
                        replay.check(&what, class(&error), one_name(python_class));
                    }
                    if matches!(python_class, "AmbiguousMergeError" | "AmbiguousEnvVar") {
                        replay.check(&what, error.to_string(), text(&python["s"]).to_owned());
                    }
                    if python_class == "UncastableEnvVar" || matches!(error, Error::InvalidEnvVar { .. }) {
                        replay.check(&what, error.to_string().ends_with(text(&python["s"])), true);
                    }
                }
            }
        }
    }
    replay.finish(5000);
}

/// Texts of YAML, as the file of a system.
#[test]
fn yaml() {
    let mut replay = Replay::default();
    for case in cases("fabric_config").iter().filter(|case| case.get("yaml").is_some()) {
        let world = World::new();
        world.os.write("/etc/fabric.yaml", text(&case["yaml"]));
        let os = world.batteries().os;
        let config = Config::builder(&os).defaults(Dict::new()).lazy(true).build().and_then(|mut config| {
            config.load_system()?;
            Ok(config)
        });
        let leyden = config.map(|config| format!("{:?}", config.as_dict())).map_err(|error| error.to_string());
        let what = format!("{:?}", text(&case["yaml"]));
        match case.get("r").map(text) {
            // Not a mapping, keys that are not texts, dates: DIFFERENCE.
            Some(_) if case["odd"] == true => replay.check(what, leyden.is_err(), true),
            Some("None" | "''" | "[]") => replay.check(what, leyden, Ok("{}".to_owned())),
            Some(python) => replay.check(what, leyden, Ok(python.to_owned())),
            None => replay.check(format!("{what}: {}", case["e"]), leyden.is_err(), true),
        }
    }
    replay.finish(250);
}
