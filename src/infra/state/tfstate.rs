//! Reading Terraform's own state, version 4, for migration.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::entry::{Entry, Status};
use super::snapshot::{Output, Snapshot};
use crate::infra::address::Address;
use crate::infra::error::{Error, Result};
use crate::infra::resource::{Id, Token};
use crate::infra::value;

/// What [`read_tfstate`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tfstate {
    /// The objects whose type has a counterpart here, with Terraform's addresses without the type. [`Manage::push`](super::Manage::push)
    /// takes it; the next plan reads every object anew.
    pub snapshot: Snapshot,
    /// The addresses, with their types, that have none.
    pub skipped: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    outputs: std::collections::BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    index_key: Option<Value>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    attributes: Value,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    create_before_destroy: bool,
}

/// Types of Terraform's providers, the type here, and the attribute that is the id here.
const TYPES: &[(&str, &str, &str)] = &[
    ("terraform_data", "stored", "id"),
    ("local_file", "host.file", "filename"),
    ("local_sensitive_file", "host.file", "filename"),
    ("aws_s3_bucket", "s3.bucket", "id"),
];

/// Reads a Terraform state file (`terraform.tfstate`, version 4).
///
/// Objects keep their ids; their fields are read from the world by the next plan. `module.net.aws_s3_bucket.logs` becomes `net.logs`,
/// `terraform_data.app["a"]` becomes `app["a"]`. What has no counterpart is listed, not dropped silently.
///
/// ```
/// use leyden::infra::read_tfstate;
///
/// let text = br#"{"version": 4, "serial": 3, "lineage": "x", "resources": [{"mode": "managed", "type": "terraform_data",
///     "name": "a", "instances": [{"attributes": {"id": "1234", "input": {"value": "hi", "type": "string"}}}]}]}"#;
/// let state = read_tfstate(text)?.snapshot;
/// assert_eq!(state.get("a").unwrap().id.as_ref().unwrap().as_str(), "1234");
/// # Ok::<(), leyden::Error>(())
/// ```
pub fn read_tfstate(text: &[u8]) -> Result<Tfstate> {
    let corrupt = |error: serde_json::Error| Error::state("tfstate", format!("not a Terraform state: {error}"));
    let file: File = serde_json::from_slice(text).map_err(corrupt)?;
    if file.version != 4 {
        return Err(Error::state(
            "tfstate",
            format!("version {} of Terraform's format is not supported: only 4 is", file.version),
        ));
    }
    let mut snapshot = Snapshot::fresh(file.lineage, crate::infra::random_hex(16)?);
    (snapshot.serial, snapshot.outputs) = (file.serial, file.outputs);
    for output in snapshot.outputs.values_mut().filter(|output| output.sensitive) {
        output.value = value::salted(&snapshot.salt, &output.value);
    }
    let mut skipped = Vec::new();
    for block in file.resources.into_iter().filter(|block| block.mode == "managed") {
        let prefix = block.module.as_deref().map(module).unwrap_or_default();
        for instance in block.instances {
            let key = instance.index_key.map(|key| match key {
                Value::String(key) => format!("[{}]", Value::from(key)),
                key => format!("[\"{key}\"]"),
            });
            let address = Address::new(format!("{}{}", block.name, key.unwrap_or_default())).within(&prefix);
            let known = TYPES.iter().find(|(theirs, ..)| *theirs == block.kind);
            let id = known.and_then(|(_, _, attribute)| instance.attributes.get(*attribute)?.as_str());
            let (Some((_, kind, _)), Some(id)) = (known, id) else {
                skipped.push(format!("{}.{address}", block.kind));
                continue;
            };
            let (inputs, outputs) = match *kind {
                "stored" => stored(&instance.attributes),
                _ => (Value::Null, Value::Null),
            };
            let entry = Entry {
                address: address.clone(),
                kind: (*kind).to_owned(),
                version: 0,
                id: Some(Id::new(id)),
                inputs,
                outputs,
                depends_on: instance.dependencies.iter().map(|text| without_type(text)).collect(),
                status: if instance.status.as_deref() == Some("tainted") { Status::Tainted } else { Status::Ok },
                token: Token(crate::infra::random_hex(16)?),
                protect: false,
                create_first: instance.create_before_destroy,
                secret: BTreeSet::new(),
                deposed: instance.deposed.clone(),
            };
            snapshot.resources.insert((address, instance.deposed), entry);
        }
    }
    Ok(Tfstate { snapshot, skipped })
}

/// `module.net.module.dns` as a prefix: `net.dns`.
fn module(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').filter(|part| *part != "module").collect();
    parts.join(".")
}

/// `module.net.aws_s3_bucket.logs` as an address: `net.logs`.
fn without_type(text: &str) -> Address {
    let parts: Vec<&str> = text.split('.').collect();
    let (modules, own) = parts.split_at(parts.len().saturating_sub(2));
    Address::new(own.last().copied().unwrap_or(text)).within(&module(&modules.join(".")))
}

/// `terraform_data` keeps its dynamic values with their types.
fn stored(attributes: &Value) -> (Value, Value) {
    let plain = |name: &str| match attributes.get(name) {
        Some(Value::Object(object)) if object.contains_key("value") && object.contains_key("type") => object["value"].clone(),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    let inputs = serde_json::json!({ "input": plain("input"), "triggers_replace": plain("triggers_replace") });
    (inputs, serde_json::json!({ "output": plain("output") }))
}
