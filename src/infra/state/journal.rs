//! The text of a state: a snapshot in one line, then one line for each change since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::Entry;
use super::snapshot::{Output, Snapshot, Written};
use crate::infra::address::Address;
use crate::infra::error::{Error, Result};

/// One step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::infra) enum Change {
    Put(Box<Entry>),
    Remove(Address, Option<String>),
    /// The object in use becomes a deposed one with this key, and the entry takes its place.
    Depose(String, Box<Entry>),
    /// The deposed object with this key is in use again; what took its place is forgotten.
    Reinstate(Address, String),
    Outputs(BTreeMap<String, Output>),
}

#[derive(Serialize, Deserialize)]
struct Line {
    serial: u64,
    #[serde(flatten)]
    change: Change,
}

/// A text that was read.
pub(in crate::infra) struct Parsed {
    pub(in crate::infra) snapshot: Snapshot,
    /// Bytes at the end that are a line cut off while it was written.
    pub(super) cut: usize,
}

/// The snapshot as a text.
pub(super) fn write(place: &str, snapshot: &Snapshot) -> Result<Vec<u8>> {
    line(place, &snapshot.written())
}

/// One change as a text; `serial` is the state's after it.
pub(super) fn write_change(place: &str, serial: u64, change: &Change) -> Result<Vec<u8>> {
    line(place, &Line { serial, change: change.clone() })
}

fn line(place: &str, value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value).map_err(|error| Error::state(place, format!("not writable as JSON: {error}")))?;
    text.push(b'\n');
    Ok(text)
}

/// Reads a text. A last line without its end was cut off by a crash: the step that it tells of is looked for in the world by the
/// next plan, because its intent is in the line before. Anything else that is not valid is an error.
pub(super) fn read(place: &str, text: &[u8]) -> Result<Parsed> {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (mut whole, mut tail) = text.split_at(end);
    // A snapshot alone may lack its newline: an editor took it off. Cut JSON does not parse.
    if whole.is_empty() || serde_json::from_slice::<Value>(tail).is_ok() {
        (whole, tail) = (text, &[]);
    }
    let mut lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().ok_or_else(|| Error::state(place, "empty state file"))?;
    let mut snapshot = Snapshot::of(head(place, first)?);
    for (number, line) in lines.enumerate() {
        let Line { serial, change } = serde_json::from_slice(line)
            .map_err(|error| Error::state(place, format!("corrupt state: line {}: {error}", number + 2)))?;
        if Some(serial) != snapshot.serial.checked_add(1) {
            let problem = format!("corrupt state: line {}: serial {serial} follows {}", number + 2, snapshot.serial);
            return Err(Error::state(place, problem));
        }
        snapshot.apply(&change);
    }
    Ok(Parsed { snapshot, cut: tail.len() })
}

fn head(place: &str, line: &[u8]) -> Result<Written> {
    let corrupt = |error: serde_json::Error| Error::state(place, format!("corrupt state: line 1: {error}"));
    // The format first: the fields of a newer one may not be those of this.
    let value: Value = serde_json::from_slice(line).map_err(corrupt)?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format > super::FORMAT => {
            Err(Error::NewerState { place: place.to_owned(), format, supported: super::FORMAT })
        }
        Some(_) => serde_json::from_value(value).map_err(corrupt),
        None if value.get("terraform_version").is_some() => {
            Err(Error::state(place, "a state of Terraform: read it with infra::read_tfstate and push what it gives"))
        }
        None => Err(Error::state(place, "corrupt state: line 1: no format")),
    }
}
