//! Small questions about a resource type that planning and applying both ask.

use serde_json::Value;

use crate::infra::resource::{Erased, Field, LiveValue};
use crate::infra::{resources, value};

/// What was read, with the fields that cannot be read as the state has them.
pub(in crate::infra) fn write_only_fields(mut live: LiveValue, fields: &[Field], state: &Value) -> LiveValue {
    if let Some(inputs) = live.inputs.as_object_mut() {
        for field in fields.iter().filter(|field| field.write_only) {
            inputs.insert(field.name.to_owned(), state.get(field.name).cloned().unwrap_or(Value::Null));
        }
    }
    live
}

/// What was read, with secrets in clear where the declared ones have the hashes that the state has.
pub(in crate::infra) fn in_clear(mut live: LiveValue, kind: &dyn Erased, declared: &Value, salt: &str) -> LiveValue {
    let replace = |map: &mut Value, name: &str, field: &str| {
        if let (Some(kept), Some(plain)) = (map.get_mut(name), declared.get(field))
            && !value::has_unknown(plain)
            && *kept == value::salted(salt, plain)
        {
            *kept = plain.clone();
        }
    };
    for field in kind.fields().iter().filter(|field| field.echoed) {
        replace(&mut live.inputs, field.name, field.name);
    }
    for (field, output) in resources::echoes(kind.kind()) {
        replace(&mut live.outputs, output, field);
    }
    live
}
