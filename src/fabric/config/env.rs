//! Variables of the environment as a level: `invoke.env.Environment`.

use super::error::Error;
use super::number;
use super::value::{Dict, Value};
use crate::os::Os;

/// The values that variables give to the keys that there are.
pub(super) fn load(config: &Dict, prefix: &str, os: &Os) -> Result<Dict, Error> {
    let mut level = Dict::new();
    let mut path = Vec::new();
    for (name, keys) in crawl(config, &mut path)? {
        let variable = format!("{prefix}{name}");
        let Some(text) = os.environ.get(&variable) else { continue };
        let old = keys.iter().try_fold(config, |dict, key| match dict.get(key) {
            Some(Value::Dict(dict)) => Ok(dict),
            other => Err(other),
        });
        let Err(Some(old)) = old else { continue };
        let text = text.to_str().ok_or_else(|| Error::InvalidEnvVar { name: variable.clone(), problem: "not UTF-8".into() })?;
        set(&mut level, &keys, cast(old, text, &variable)?);
    }
    Ok(level)
}

/// The names of variables, and the keys that they mean. Two keys of one name are an error.
fn crawl(dict: &Dict, path: &mut Vec<String>) -> Result<Vec<(String, Vec<String>)>, Error> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in dict.iter() {
        path.push(key.to_owned());
        let below = match value {
            Value::Dict(dict) => crawl(dict, path)?,
            _ => vec![(path.join("_").to_uppercase(), path.clone())],
        };
        path.pop();
        if let Some((name, _)) = below.iter().find(|(name, _)| found.iter().any(|(other, _)| other == name)) {
            return Err(Error::AmbiguousEnvVar { name: name.clone() });
        }
        found.extend(below);
    }
    Ok(found)
}

fn set(level: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [last] => {
            level.insert(last.as_str(), value);
        }
        [first, rest @ ..] => {
            if !level.contains_key(first) {
                level.insert(first.as_str(), Dict::new());
            }
            if let Some(Value::Dict(below)) = level.get_mut(first) {
                set(below, rest, value);
            }
        }
    }
}

/// The text as a value of the class that the key has.
fn cast(old: &Value, text: &str, variable: &str) -> Result<Value, Error> {
    let invalid = |problem| {
        let problem = if crate::is_secret_name(variable) { format!("not a valid {}", old.class()) } else { problem };
        Error::InvalidEnvVar { name: variable.to_owned(), problem }
    };
    match old {
        Value::Bool(_) => Ok(Value::Bool(text != "0" && !text.is_empty())),
        Value::Str(_) | Value::None => Ok(Value::Str(text.to_owned())),
        Value::List(_) => Err(Error::UncastableEnvVar { name: variable.to_owned(), class: old.class().to_owned() }),
        Value::Int(_) => number::int(text).map(Value::Int).map_err(invalid),
        Value::Float(_) => number::float(text).map(Value::Float).map_err(invalid),
        // `type("text")` is the class of texts.
        Value::Class(_) => Ok(Value::Class("str".into())),
        // Not a leaf.
        Value::Dict(_) => Ok(old.clone()),
    }
}
