//! Small questions about a resource type that planning and applying both ask.

use serde_json::Value;

use crate::infra::resource::{Field, LiveValue};

/// What was read, with the fields that cannot be read as the state has them.
pub(in crate::infra) fn write_only_fields(mut live: LiveValue, fields: &[Field], state: &Value) -> LiveValue {
    if let Some(inputs) = live.inputs.as_object_mut() {
        for field in fields.iter().filter(|field| field.write_only) {
            inputs.insert(field.name.to_owned(), state.get(field.name).cloned().unwrap_or(Value::Null));
        }
    }
    live
}
