//! The JSON of a plan: Terraform's `format_version` 1.2.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use serde_json::{Map, Value, json};

use super::{Action, Change, CheckStatus, OutputChange, Plan};
use crate::Batteries;
use crate::infra::address::Address;
use crate::infra::declare::What;
use crate::infra::error::{Error, Result};
use crate::infra::state::{Entry, Snapshot};
use crate::infra::value::{digest, has_unknown, unknown_part};

impl Plan {
    /// The plan in the shape of `terraform show -json PLANFILE`, `format_version` 1.2, for tools that read that.
    ///
    /// Secret values are salted hashes, and marked in `before_sensitive` and `after_sensitive`.
    #[doc(alias("terraform.plan.json", "terraform.plan.json.planned_values", "terraform.plan.json.prior_state"))]
    #[doc(alias("terraform.plan.json.variables", "terraform.plan.json.relevant_attributes"))]
    pub fn json(&self) -> Value {
        let variables = self.variables.iter().map(|(name, value)| {
            (name.clone(), json!({ "value": value.clone().unwrap_or_else(|| Value::from("(sensitive value)")) }))
        });
        let outputs = self.outputs.iter().map(|output| (output.name.clone(), output_json(output)));
        json!({
            "format_version": "1.2",
            "leyden_version": env!("CARGO_PKG_VERSION"),
            "variables": variables.collect::<Map<_, _>>(),
            "planned_values": self.planned_values(),
            "resource_drift": self.drift.iter().map(|change| self.change_json(change)).collect::<Vec<_>>(),
            "resource_changes": self.changes.iter().filter(|change| !change.is_data || change.action == Action::Read).map(|change| self.change_json(change)).collect::<Vec<_>>(),
            "output_changes": outputs.collect::<Map<_, _>>(),
            "prior_state": self.prior.json(),
            "configuration": self.configuration(),
            "relevant_attributes": self.relevant(),
            "checks": self.checks_json(),
            "applyable": !self.is_empty(),
            "complete": self.warnings.iter().all(|warning| !warning.starts_with("resource targeting")),
            "errored": false,
        })
    }

    fn change_json(&self, change: &Change) -> Value {
        let marks = |value: &Value| match value {
            Value::Null => Value::Bool(false),
            _ => Value::Object(
                change
                    .secret
                    .iter()
                    .filter(|name| value.get(name.as_str()).is_some_and(|value| !value.is_null()))
                    .map(|name| (name.clone(), Value::Bool(true)))
                    .collect(),
            ),
        };
        let paths: Vec<Value> = change.replace_paths.iter().map(|path| json!([path])).collect();
        let mut inner = json!({
            "actions": change.action.words(),
            "before": change.before,
            "after": change.after,
            "after_unknown": match &change.marked {
                Value::Null => Value::Bool(false),
                marked => unknown_part(marked),
            },
            "before_sensitive": marks(&change.before),
            "after_sensitive": marks(&change.marked),
        });
        let mut row = json!({
            "address": change.address,
            "mode": if change.is_data { "data" } else { "managed" },
            "type": change.kind,
            "name": change.address.name(),
            "provider_name": "leyden",
        });
        if let (Some(row), Some(inner)) = (row.as_object_mut(), inner.as_object_mut()) {
            if !paths.is_empty() {
                inner.insert("replace_paths".into(), paths.into());
            }
            if let Some(id) = &change.importing {
                inner.insert("importing".into(), json!({ "id": id }));
            }
            let optional = [
                ("index", change.address.key().map(Value::from)),
                ("module_address", change.address.prefix().map(module)),
                ("previous_address", change.previous_address.as_ref().map(|address| json!(address))),
                ("deposed", change.deposed.clone().map(Value::from)),
                ("action_reason", change.reason.map(|reason| Value::from(reason.word()))),
            ];
            row.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        row["change"] = inner;
        row
    }

    fn planned_values(&self) -> Value {
        let stays = |change: &&Change| change.deposed.is_none() && !matches!(change.action, Action::Delete | Action::Forget);
        let rows = self.changes.iter().filter(stays).map(|change| {
            json!({
                "address": change.address,
                "mode": if change.is_data { "data" } else { "managed" },
                "type": change.kind,
                "name": change.address.name(),
                "provider_name": "leyden",
                "values": change.after,
            })
        });
        let outputs = self.outputs.iter().filter(|output| output.action != Action::Delete).map(|output| {
            let mut row = json!({ "sensitive": output.sensitive });
            if !has_unknown(&output.marked) {
                row["value"] = output.after.clone();
            }
            (output.name.clone(), row)
        });
        json!({ "outputs": outputs.collect::<Map<_, _>>(), "root_module": { "resources": rows.collect::<Vec<_>>() } })
    }

    /// The declared objects as data: in Terraform's JSON this is the HCL.
    fn configuration(&self) -> Value {
        let rows = self.declared.objects.iter().map(|object| {
            json!({
                "address": object.address,
                "mode": if matches!(object.what, What::Data(_)) { "data" } else { "managed" },
                "type": object.kind(),
                "name": object.address.name(),
                "depends_on": self.edges.get(&object.address),
            })
        });
        json!({ "root_module": { "resources": rows.collect::<Vec<_>>() } })
    }

    /// The drifted attributes of objects that others refer to.
    fn relevant(&self) -> Vec<Value> {
        let refers = |address: &Address| self.edges.values().any(|on| on.contains(address));
        let mut rows = Vec::new();
        for change in self.drift.iter().filter(|change| refers(&change.address)) {
            let names = change
                .before
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, before)| change.marked.get(name.as_str()) != Some(*before));
            rows.extend(names.map(|(name, _)| json!({ "resource": change.address, "attribute": [name] })));
        }
        rows
    }

    fn checks_json(&self) -> Vec<Value> {
        let rows = self.checks.iter().map(|check| {
            let status = match check.status {
                CheckStatus::Pass => "pass",
                CheckStatus::Fail => "fail",
                CheckStatus::Unknown => "unknown",
            };
            let display = match check.kind {
                "check" => format!("check.{}", check.name),
                "output_value" => format!("output.{}", check.name),
                _ => check.name.clone(),
            };
            let problems = match check.status {
                CheckStatus::Fail => vec![json!({ "message": check.message })],
                _ => Vec::new(),
            };
            json!({
                "address": { "kind": check.kind, "name": check.name, "to_display": display },
                "status": status,
                "instances": [{ "address": { "to_display": display }, "status": status, "problems": problems }],
            })
        });
        rows.collect()
    }

    /// The plan as objects of Terraform's `-json` stream: `planned_change`, `resource_drift`, `change_summary`, `outputs`.
    pub fn json_stream(&self) -> Vec<Value> {
        let line = |kind: &str, message: String, more: (&str, Value)| json!({ "@level": "info", "@message": message, "@module": "leyden.infra", "type": kind, more.0: more.1 });
        let short = |change: &Change| {
            let action = match change.action {
                Action::NoOp => "noop",
                Action::Replace | Action::ReplaceCreateFirst => "replace",
                Action::Forget => "remove",
                other => other.words()[0],
            };
            let resource = json!({ "addr": change.address, "resource_type": change.kind, "resource_name": change.address.name(), "resource_key": change.address.key() });
            json!({ "resource": resource, "action": action, "reason": change.reason.map(super::Reason::word) })
        };
        let mut lines = Vec::new();
        for change in &self.drift {
            lines.push(line("resource_drift", format!("{}: Drift detected", change.address), ("change", short(change))));
        }
        for change in self.changes.iter().filter(|change| change.action != Action::NoOp) {
            lines.push(line(
                "planned_change",
                format!("{}: Plan to {}", change.address, change.action.words().join(" and ")),
                ("change", short(change)),
            ));
        }
        let summary = self.summary();
        let counts = json!({ "add": summary.add, "change": summary.change, "import": summary.import, "remove": summary.destroy, "operation": "plan" });
        let text = format!("Plan: {} to add, {} to change, {} to destroy.", summary.add, summary.change, summary.destroy);
        lines.push(line("change_summary", text, ("changes", counts)));
        lines
    }

    pub(super) fn saved(&self) -> Value {
        // The hashes of a state that was never written are made with this salt.
        let salt = (self.prior.serial == 0).then_some(&self.prior.salt);
        json!({ "leyden_plan": 1, "lineage": self.prior.lineage, "serial": self.prior.serial, "salt": salt, "fingerprint": self.fingerprint(), "plan": self.json() })
    }

    /// A hash of everything that the plan would do, and of what it was made from.
    fn fingerprint(&self) -> String {
        let rows = self.changes.iter().map(|change| {
            json!([
                change.address,
                change.action.words(),
                change.deposed,
                change.importing,
                change.previous_address,
                change.pin,
                change.marked
            ])
        });
        let outputs = self.outputs.iter().map(|output| json!([output.name, output.marked]));
        digest(&json!([rows.collect::<Vec<_>>(), outputs.collect::<Vec<_>>(), self.protection]))
    }

    /// What [`Plan::save`] wrote.
    pub(super) fn read_saved(batteries: &Batteries, path: &std::path::Path) -> Result<Value> {
        let place = path.display().to_string();
        let text =
            batteries.os.read_bytes(path).map_err(|error| Error::state(&place, format!("cannot read the plan: {error}")))?;
        let saved: Value =
            serde_json::from_slice(&text).map_err(|error| Error::state(&place, format!("not a saved plan: {error}")))?;
        if saved.get("leyden_plan").and_then(Value::as_u64) != Some(1) {
            return Err(Error::state(&place, "not a saved plan of this version"));
        }
        Ok(saved)
    }

    pub(super) fn same_as_saved(&self, place: &str, saved: &Value) -> Result<()> {
        let stale = |problem: &str| Error::Stale { place: place.to_owned(), problem: problem.to_owned() };
        if saved["serial"] != json!(self.prior.serial) || saved["lineage"] != json!(self.prior.lineage) {
            return Err(stale("the state has changed since"));
        }
        if saved["fingerprint"] != json!(self.fingerprint()) {
            return Err(stale("the declaration or the objects have changed since"));
        }
        Ok(())
    }
}

fn module(prefix: &str) -> Value {
    let parts: Vec<String> = prefix.split('.').map(|part| format!("module.{part}")).collect();
    parts.join(".").into()
}

fn output_json(output: &OutputChange) -> Value {
    json!({
        "actions": output.action.words(),
        "before": output.before,
        "after": output.after,
        "after_unknown": has_unknown(&output.marked),
        "before_sensitive": output.sensitive,
        "after_sensitive": output.sensitive,
    })
}

impl Snapshot {
    /// The state in the shape of `terraform show -json`.
    #[doc(alias = "terraform.show.json")]
    pub fn json(&self) -> Value {
        let row = |entry: &Entry| {
            let mut row = json!({
                "address": entry.address,
                "mode": "managed",
                "type": entry.kind,
                "name": entry.address.name(),
                "provider_name": "leyden",
                "schema_version": entry.version,
                "values": entry.attributes(),
                "depends_on": entry.depends_on,
            });
            let optional = [
                ("index", entry.address.key().map(Value::from)),
                ("tainted", (entry.status == crate::infra::state::Status::Tainted).then_some(Value::Bool(true))),
                ("deposed_key", entry.deposed.clone().map(Value::from)),
            ];
            if let Some(row) = row.as_object_mut() {
                row.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
            }
            row
        };
        let rows: Vec<Value> = self.entries().map(row).collect();
        json!({ "format_version": "1.0", "values": { "outputs": self.outputs_json(), "root_module": { "resources": rows } } })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Plan {
    /// As [`Plan::json`]: secret values are salted hashes.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
