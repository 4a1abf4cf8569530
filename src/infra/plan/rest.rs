//! What a plan holds beside the declared objects: deletions, protection, conditions, outputs, checks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::build::{Builder, Edges, change};
use super::refresh::Found;
use super::request::Mode;
use super::{Action, CheckResult, CheckStatus, OutputChange, Reason};
use crate::infra::address::Address;
use crate::infra::apply;
use crate::infra::declare::{DeclaredOutput, Object};
use crate::infra::error::{Error, Result};
use crate::infra::resource::LiveValue;
use crate::infra::state::Entry;
use crate::infra::{graph, value};

impl Builder<'_> {
    /// Objects that are in the state and not declared, or all of them.
    pub(super) fn deletions(&mut self, wanted: Option<&BTreeSet<Address>>) -> Result<()> {
        let entries: Vec<Entry> = self.snapshot.resources.values().cloned().collect();
        let declared = self.declared.clone();
        let names: BTreeSet<&str> = declared.objects.iter().map(|object| object.address.without_key()).collect();
        let mut rows = Vec::new();
        for entry in entries {
            let declared = self.declared.object(&entry.address);
            let in_use = entry.deposed.is_none() && self.options.mode == Mode::Normal;
            if (in_use && declared.is_some()) || wanted.is_some_and(|wanted| !wanted.contains(&entry.address)) {
                continue;
            }
            let kind = super::refresh::kind(self.infra, &self.declared, &entry)?;
            let forget = self.declared.forget.iter().any(|forget| forget.covers(&entry.address)) && declared.is_none();
            let found = self.found.get(&(entry.address.clone(), entry.deposed.clone()));
            let (before, pin) = match found {
                Some(Found::Live(id, live)) => {
                    let live = self.redacted(live, &entry.secret, kind);
                    let pin = apply::pin(&live, kind.fields());
                    (value::attributes(Some(id.as_str()), &live.inputs, &live.outputs), Some(pin))
                }
                _ => (entry.attributes(), None),
            };
            // It is gone already: the state follows without a delete.
            let action = if forget || pin.is_none() { Action::Forget } else { Action::Delete };
            let sibling = names.contains(entry.address.without_key());
            let mut change = change(entry.address.clone(), kind.kind(), action, before, Value::Null, entry.secret.clone());
            change.pin = pin;
            change.deposed = entry.deposed.clone();
            change.reason = match self.options.mode {
                Mode::Normal if entry.deposed.is_none() && change.pin.is_some() => {
                    Some(if sibling && entry.address.key().is_some() { Reason::KeyNotDeclared } else { Reason::NotDeclared })
                }
                _ => None,
            };
            rows.push(change);
        }
        // Dependents go first.
        let addresses: Vec<Address> = rows.iter().map(|row| row.address.clone()).collect();
        let state_edges: Edges = self
            .snapshot
            .resources
            .values()
            .map(|entry| (entry.address.clone(), entry.depends_on.iter().cloned().collect()))
            .collect();
        let order = graph::order(&addresses, &graph::inverted(&state_edges)).unwrap_or_else(|_| (0..rows.len()).collect());
        for number in order {
            self.push(rows[number].clone());
        }
        Ok(())
    }

    pub(super) fn check_protection(&self) -> Result<()> {
        for change in &self.changes {
            let entry = self.snapshot.resources.get(&(change.address.clone(), change.deposed.clone()));
            let declared = self.declared.object(&change.address).is_some_and(|object| object.settings.protect);
            let action = match change.action {
                Action::Delete => "delete",
                Action::Replace | Action::ReplaceCreateFirst => "replace",
                _ => continue,
            };
            if declared || entry.is_some_and(|entry| entry.protect) {
                let reason = match change.replace_paths.is_empty() {
                    true => String::new(),
                    false => format!(" (changed: {})", change.replace_paths.join(", ")),
                };
                return Err(Error::Protected { address: change.address.clone(), action, reason });
            }
        }
        Ok(())
    }

    /// Preconditions: those that are known now have to hold.
    pub(super) fn conditions(
        &mut self,
        name: &str,
        kind: &'static str,
        what: &'static str,
        conditions: &[(Value, String)],
    ) -> Result<()> {
        for (holds, message) in conditions {
            let status = match self.declared.table.resolve(holds, &self.known)? {
                Value::Bool(false) => {
                    return Err(Error::Condition { address: name.to_owned(), kind: what, message: message.clone() });
                }
                value if value::has_unknown(&value) => CheckStatus::Unknown,
                _ => CheckStatus::Pass,
            };
            self.checks.push(CheckResult { name: name.to_owned(), kind, status, message: message.clone() });
        }
        Ok(())
    }

    pub(super) fn postconditions(&mut self, object: &Object, live: &LiveValue) -> Result<()> {
        for (_, message) in &object.settings.postconditions {
            let name = object.address.to_string();
            self.checks.push(CheckResult { name, kind: "resource", status: CheckStatus::Pass, message: message.clone() });
        }
        apply::postconditions(object, live)
    }

    pub(super) fn outputs(&mut self, wanted: Option<&BTreeSet<Address>>) -> Result<Vec<OutputChange>> {
        let declared = self.declared.clone();
        let mut changes = Vec::new();
        let prior = &self.prior.outputs.clone();
        // Infra::refresh has no declaration: the outputs stay as they are.
        if self.options.mode == Mode::RefreshOnly && declared.absent {
            return Ok(changes);
        }
        let keeps = self.options.mode != Mode::Destroy;
        // With targets, only the outputs of what is targeted; others would be unknown, or be gone.
        let covered = |output: &DeclaredOutput| {
            let mut from = output.after.clone();
            value::references(&output.value, &mut from);
            wanted
                .is_none_or(|wanted| !from.is_empty() && from.iter().all(|from| wanted.iter().any(|wanted| from.covers(wanted))))
        };
        for (name, output) in declared.outputs.iter().filter(|(_, output)| keeps && covered(output)) {
            self.conditions(name, "output_value", "precondition", &output.preconditions)?;
            let mut after = self.declared.table.resolve(&output.value, &self.known)?;
            if output.sensitive && !value::has_unknown(&after) {
                after = value::salted(&self.prior.salt, &after);
            }
            let before = prior.get(name).map(|output| output.value.clone());
            let action = match &before {
                None if after.is_null() => Action::NoOp,
                None => Action::Create,
                Some(before) if *before == after => Action::NoOp,
                Some(_) => Action::Update,
            };
            changes.push(OutputChange {
                name: name.clone(),
                action,
                before: before.unwrap_or(Value::Null),
                after: value::known_part(&after),
                sensitive: output.sensitive,
                marked: after,
            });
        }
        let gone = prior.iter().filter(|(name, _)| wanted.is_none() && (!keeps || !declared.outputs.contains_key(*name)));
        for (name, output) in gone {
            changes.push(OutputChange {
                name: name.clone(),
                action: Action::Delete,
                before: output.value.clone(),
                after: Value::Null,
                sensitive: output.sensitive,
                marked: Value::Null,
            });
        }
        changes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(changes)
    }

    pub(super) fn run_checks(&mut self) -> Result<()> {
        if self.options.mode == Mode::Destroy {
            return Ok(());
        }
        for check in &self.declared.checks {
            let status = match self.declared.table.resolve(&check.holds, &self.known)? {
                Value::Bool(true) => CheckStatus::Pass,
                value if value::has_unknown(&value) => CheckStatus::Unknown,
                _ => CheckStatus::Fail,
            };
            if status == CheckStatus::Fail {
                self.warnings.push(format!("check {} failed: {}", check.name, check.message));
            }
            self.checks.push(CheckResult { name: check.name.clone(), kind: "check", status, message: check.message.clone() });
        }
        Ok(())
    }
}
