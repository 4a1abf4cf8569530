//! [`Entry`]: what the state knows of one object.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::infra::address::Address;
use crate::infra::resource::{Id, LiveValue, Token};
use crate::infra::value;

/// How far an object has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It exists.
    #[default]
    Ok,
    /// It is being made, or its making was cut off: the next plan looks for it.
    Creating,
    /// It exists, and is replaced by the next apply.
    #[doc(alias = "terraform.apply.tainted_on_create_error")]
    Tainted,
}

/// What the state knows of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("terraform.state.instance", "terraform.state.resource"))]
pub struct Entry {
    /// Its address.
    pub address: Address,
    /// Its resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of the type's fields.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u32,
    /// Its id; None while it is being made.
    pub id: Option<Id>,
    /// Its fields, secrets hashed.
    pub inputs: Value,
    /// Its outputs, secrets hashed.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub outputs: Value,
    /// The objects that it was made after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// How far it has come.
    #[serde(default, skip_serializing_if = "is_ok")]
    pub status: Status,
    /// The token that it was made with.
    pub token: Token,
    /// Deleting it is refused, also when its declaration is gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
    /// Its replacement is made before it is deleted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub create_first: bool,
    /// The fields that are hashed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secret: BTreeSet<String>,
    /// Set for an object whose replacement exists under the same address, and which is still to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[doc(alias = "terraform.graph.deposed")]
    pub deposed: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_ok(status: &Status) -> bool {
    *status == Status::Ok
}

impl Entry {
    /// Fields, outputs and id in one map.
    pub fn attributes(&self) -> Value {
        value::attributes(self.id.as_ref().map(Id::as_str), &self.inputs, &self.outputs)
    }

    pub(in crate::infra) fn live(&self) -> LiveValue {
        LiveValue { inputs: self.inputs.clone(), outputs: self.outputs.clone() }
    }
}
