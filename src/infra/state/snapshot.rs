//! [`Snapshot`]: a whole state.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entry::Entry;
use super::journal::Change;
use crate::infra::address::Address;
use crate::infra::error::Result;

/// An output of a run.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Output {
    /// The value; of a sensitive one a salted hash.
    pub value: Value,
    /// True if it must not be shown.
    #[serde(default)]
    pub sensitive: bool,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Debug = if self.sensitive { &format_args!("(sensitive value)") } else { &self.value };
        f.debug_struct("Output").field("value", value).field("sensitive", &self.sensitive).finish()
    }
}

/// A whole state at one moment.
#[derive(Clone, PartialEq)]
#[doc(alias = "terraform.state.file")]
pub struct Snapshot {
    pub(in crate::infra) lineage: String,
    pub(in crate::infra) serial: u64,
    pub(in crate::infra) salt: String,
    pub(in crate::infra) outputs: BTreeMap<String, Output>,
    /// By address; of one address, the object in use first, then the deposed ones.
    pub(in crate::infra) resources: BTreeMap<(Address, Option<String>), Entry>,
}

/// Entries as they were before a change, by their keys.
type Before = Vec<((Address, Option<String>), Option<Entry>)>;

/// How a snapshot is written: one line of JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) format: u64,
    lineage: String,
    serial: u64,
    salt: String,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<Entry>,
}

impl fmt::Debug for Snapshot {
    /// Without the salt: with it, a short secret could be guessed from its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("lineage", &self.lineage)
            .field("serial", &self.serial)
            .field("outputs", &self.outputs)
            .field("resources", &self.resources)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    /// An empty state with a lineage of its own.
    pub(in crate::infra) fn fresh(lineage: String, salt: String) -> Snapshot {
        Snapshot { lineage, serial: 0, salt, outputs: BTreeMap::new(), resources: BTreeMap::new() }
    }

    /// Identifies the state since it was made; a state of another lineage is refused.
    #[doc(alias = "terraform.state.lineage")]
    pub fn lineage(&self) -> &str {
        &self.lineage
    }

    /// Grows with each change.
    #[doc(alias = "terraform.state.serial")]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The objects, by address; deposed ones after the one in use.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.resources.values()
    }

    /// The addresses, each once.
    pub fn addresses(&self) -> Vec<&Address> {
        self.resources.values().filter(|entry| entry.deposed.is_none()).map(|entry| &entry.address).collect()
    }

    /// The object at an address.
    pub fn get(&self, address: impl Into<Address>) -> Option<&Entry> {
        self.resources.get(&(address.into(), None))
    }

    /// The text of a state file that holds this snapshot.
    pub fn to_text(&self) -> Result<Vec<u8>> {
        super::journal::write("snapshot", self)
    }

    /// The snapshot in the text of a state file.
    ///
    /// # Errors
    /// [`Error::State`](crate::infra::Error::State) for a text that is cut or corrupt, [`Error::NewerState`](crate::infra::Error::NewerState).
    pub fn from_text(text: impl AsRef<[u8]>) -> Result<Snapshot> {
        let parsed = super::journal::read("snapshot", text.as_ref())?;
        match parsed.cut {
            0 => Ok(parsed.snapshot),
            cut => Err(crate::infra::Error::state("snapshot", format!("the last line is cut off ({cut} bytes)"))),
        }
    }

    /// The outputs of the last apply.
    #[doc(alias("terraform.output.cmd", "terraform.data.terraform_remote_state"))]
    pub fn outputs(&self) -> &BTreeMap<String, Output> {
        &self.outputs
    }

    /// An output as Terraform's `-raw` prints it: a text, a number or a bool. None for any other, and for a sensitive one, of which
    /// the state has a hash only.
    #[doc(alias = "terraform.output.cmd.raw")]
    pub fn output_raw(&self, name: &str) -> Option<String> {
        match self.outputs.get(name).filter(|output| !output.sensitive).map(|output| &output.value)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// All outputs in the shape of `terraform output -json`.
    #[doc(alias = "terraform.output.cmd.json")]
    pub fn outputs_json(&self) -> Value {
        let outputs = self.outputs.iter().map(|(name, output)| {
            (name.clone(), json!({ "sensitive": output.sensitive, "type": kind_of(&output.value), "value": output.value }))
        });
        Value::Object(outputs.collect())
    }

    pub(in crate::infra) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(entry) => {
                let key = (entry.address.clone(), entry.deposed.clone());
                self.resources.insert(key, (**entry).clone());
            }
            Change::Remove(address, deposed) => {
                self.resources.remove(&(address.clone(), deposed.clone()));
            }
            Change::Depose(key, entry) => {
                let address = &entry.address;
                if let Some(mut old) = self.resources.remove(&(address.clone(), None)) {
                    old.deposed = Some(key.clone());
                    self.resources.insert((address.clone(), Some(key.clone())), old);
                }
                self.resources.insert((address.clone(), None), (**entry).clone());
            }
            Change::Reinstate(address, key) => {
                if let Some(mut old) = self.resources.remove(&(address.clone(), Some(key.clone()))) {
                    old.deposed = None;
                    self.resources.insert((address.clone(), None), old);
                }
            }
            Change::Outputs(outputs) => self.outputs.clone_from(outputs),
        }
        self.serial = self.serial.saturating_add(1);
    }

    /// The entries that a change touches, to be put back by [`Snapshot::restore`].
    pub(in crate::infra) fn clone_one(&self, change: &Change) -> Before {
        let keys = match change {
            Change::Put(entry) => vec![(entry.address.clone(), entry.deposed.clone())],
            Change::Remove(address, deposed) => vec![(address.clone(), deposed.clone())],
            Change::Depose(key, entry) => vec![(entry.address.clone(), None), (entry.address.clone(), Some(key.clone()))],
            Change::Reinstate(address, key) => vec![(address.clone(), None), (address.clone(), Some(key.clone()))],
            Change::Outputs(_) => Vec::new(),
        };
        keys.into_iter().map(|key| (key.clone(), self.resources.get(&key).cloned())).collect()
    }

    pub(in crate::infra) fn restore(&mut self, before: Before) {
        for (key, entry) in before {
            match entry {
                Some(entry) => self.resources.insert(key, entry),
                None => self.resources.remove(&key),
            };
        }
    }

    pub(super) fn written(&self) -> Written {
        Written {
            format: super::FORMAT,
            lineage: self.lineage.clone(),
            serial: self.serial,
            salt: self.salt.clone(),
            outputs: self.outputs.clone(),
            resources: self.resources.values().cloned().collect(),
        }
    }

    pub(super) fn of(written: Written) -> Snapshot {
        let resources = written.resources.into_iter().map(|entry| ((entry.address.clone(), entry.deposed.clone()), entry));
        Snapshot {
            lineage: written.lineage,
            serial: written.serial,
            salt: written.salt,
            outputs: written.outputs,
            resources: resources.collect(),
        }
    }
}

/// Terraform's name of a value's type.
pub(in crate::infra) fn kind_of(value: &Value) -> Value {
    match value {
        Value::Null => "dynamic".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(items) => json!(["tuple", items.iter().map(kind_of).collect::<Vec<_>>()]),
        Value::Object(object) => {
            let fields = object.iter().map(|(name, value)| (name.clone(), kind_of(value)));
            json!(["object", fields.collect::<serde_json::Map<_, _>>()])
        }
    }
}
