//! Values in flight: JSON with marks for what is not known yet and for what must not be shown.
//!
//! The marks are object keys that begin with NUL, which no value of a user has.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::address::Address;

/// `{LATER: number, FROM: [address], SENSITIVE: bool}`: the result of a projection.
pub(super) const LATER: &str = "\0later";
pub(super) const FROM: &str = "\0from";
/// `{SENSITIVE: value}`: a value that must not be shown.
pub(super) const SENSITIVE: &str = "\0sensitive";
/// `{UNKNOWN: true}`: known after apply.
const UNKNOWN: &str = "\0unknown";

pub(super) fn unknown() -> Value {
    Value::Object(Map::from_iter([(UNKNOWN.to_owned(), Value::Bool(true))]))
}

/// True if this very value is unknown.
pub(super) fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.contains_key(UNKNOWN) || object.contains_key(LATER))
}

/// True if this value or one inside of it is unknown.
pub(super) fn has_unknown(value: &Value) -> bool {
    is_unknown(value)
        || match value {
            Value::Object(object) => object.values().any(has_unknown),
            Value::Array(items) => items.iter().any(has_unknown),
            _ => false,
        }
}

pub(super) fn is_sensitive(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            object.get(SENSITIVE).is_some_and(|mark| !object.contains_key(LATER) || mark == &Value::Bool(true))
                || object.values().any(is_sensitive)
        }
        Value::Array(items) => items.iter().any(is_sensitive),
        _ => false,
    }
}

/// The top-level fields in which there is a sensitive mark.
pub(super) fn sensitive_fields(value: &Value) -> BTreeSet<String> {
    let fields = value.as_object().into_iter().flatten();
    fields.filter(|(_, value)| is_sensitive(value)).map(|(name, _)| name.clone()).collect()
}

/// The addresses whose projections are in the value.
pub(super) fn references(value: &Value, found: &mut BTreeSet<Address>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(from)) = object.get(FROM) {
                found.extend(from.iter().filter_map(Value::as_str).map(Address::from));
                return;
            }
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// The value with every projection replaced by its result, or by an unknown, and every sensitive mark taken off.
pub(super) fn resolve<E>(value: &Value, project: &mut impl FnMut(usize) -> Result<Option<Value>, E>) -> Result<Value, E> {
    Ok(match value {
        Value::Object(object) => {
            if let Some(number) = object.get(LATER).and_then(Value::as_u64) {
                let result = project(usize::try_from(number).unwrap_or(usize::MAX))?;
                return result.as_ref().map_or_else(|| Ok(unknown()), |value| resolve(value, project));
            }
            if let Some(inner) = object.get(SENSITIVE) {
                return resolve(inner, project);
            }
            let fields = object.iter().map(|(name, value)| Ok((name.clone(), resolve(value, project)?)));
            Value::Object(fields.collect::<Result<_, E>>()?)
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| resolve(item, project)).collect::<Result<_, E>>()?),
        plain => plain.clone(),
    })
}

/// A salted hash: all that a state or a plan keeps of a secret.
pub(super) fn salted(salt: &str, value: &Value) -> Value {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update([0]);
    hash.update(value.to_string().as_bytes());
    Value::String(format!("sha256:{}", hex(&hash.finalize())))
}

/// The value with its secret fields as salted hashes. Null and unknown stay.
pub(super) fn redact(value: &Value, secret: &BTreeSet<String>, salt: &str) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        for name in secret {
            if let Some(field) = object.get_mut(name)
                && !field.is_null()
                && !has_unknown(field)
            {
                *field = salted(salt, field);
            }
        }
    }
    value
}

/// A hash of a value that was redacted already.
pub(super) fn digest(value: &Value) -> String {
    hex(&Sha256::digest(value.to_string().as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

/// Inputs, outputs and id of an object in one map, as Terraform shows attributes. Outputs win over inputs of the same name.
pub(super) fn attributes(id: Option<&str>, inputs: &Value, outputs: &Value) -> Value {
    let mut all = inputs.as_object().cloned().unwrap_or_default();
    // Outputs that are not a map have no names to be shown under.
    all.extend(outputs.as_object().filter(|_| !is_unknown(outputs)).cloned().unwrap_or_default());
    if let Some(id) = id {
        all.insert("id".into(), id.into());
    }
    Value::Object(all)
}

/// The value with unknowns left out (`planned_values`), or null where it is unknown itself.
pub(super) fn known_part(value: &Value) -> Value {
    match value {
        value if is_unknown(value) => Value::Null,
        Value::Object(object) => {
            let known = object.iter().filter(|(_, value)| !is_unknown(value));
            Value::Object(known.map(|(name, value)| (name.clone(), known_part(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(known_part).collect()),
        plain => plain.clone(),
    }
}

/// Terraform's `after_unknown`: true where the value is unknown, in the shape of the value; objects leave the rest out.
pub(super) fn unknown_part(value: &Value) -> Value {
    match value {
        value if is_unknown(value) => Value::Bool(true),
        Value::Object(object) => {
            let parts = object.iter().map(|(name, value)| (name.clone(), unknown_part(value)));
            Value::Object(parts.filter(|(_, part)| *part != Value::Bool(false)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(unknown_part).collect()),
        _ => Value::Bool(false),
    }
}
