//! Comparing what is declared with what is there.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::infra::declare::Settings;
use crate::infra::resource::Field;
use crate::infra::value;

/// The declared fields with those that are not managed as they are: ignored ones, and computed ones that are null.
pub(in crate::infra) fn settle(declared: &Value, live: Option<&Value>, fields: &[Field], settings: &Settings) -> Value {
    let mut settled = declared.as_object().cloned().unwrap_or_default();
    for (name, declared) in &mut settled {
        let computed = declared.is_null() && field(fields, name).is_some_and(|field| field.computed);
        match live {
            Some(live) if computed || settings.ignore_all || settings.ignore.contains(name) => {
                *declared = live.get(name).cloned().unwrap_or(Value::Null);
            }
            None if computed => *declared = value::unknown(),
            _ => {}
        }
    }
    // A dotted name ignores one part of a map: `tags.owner`.
    for path in settings.ignore.iter().filter(|path| path.contains('.')) {
        if let Some(live) = live {
            keep_part(&mut settled, live, path);
        }
    }
    Value::Object(settled)
}

fn keep_part(settled: &mut Map<String, Value>, live: &Value, path: &str) {
    let Some((name, key)) = path.split_once('.') else { return };
    let Some(Value::Object(part)) = settled.get_mut(name) else { return };
    match live.get(name).and_then(|live| live.get(key)) {
        Some(value) => part.insert(key.to_owned(), value.clone()),
        None => part.remove(key),
    };
}

/// The fields that differ. An unknown value differs from everything.
pub(in crate::infra) fn changed_fields(before: &Value, after: &Value, fields: &[Field]) -> Vec<String> {
    let names: BTreeSet<&String> = after.as_object().into_iter().flat_map(Map::keys).collect();
    let differs = |name: &&&String| {
        let (before, after) = (before.get(name.as_str()), after.get(name.as_str()));
        let set = field(fields, name).is_some_and(|field| field.set);
        match (before, after) {
            (_, Some(after)) if value::has_unknown(after) => true,
            (Some(before), Some(after)) if set => sorted(before) != sorted(after),
            (before, after) => before.unwrap_or(&Value::Null) != after.unwrap_or(&Value::Null),
        }
    };
    names.iter().filter(differs).map(|name| (*name).clone()).collect()
}

pub(super) fn field<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.name == name)
}

fn sorted(value: &Value) -> Value {
    let Value::Array(items) = value else { return value.clone() };
    let mut items = items.clone();
    items.sort_by_cached_key(Value::to_string);
    Value::Array(items)
}
