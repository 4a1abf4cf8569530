//! Making and changing one object.

use serde_json::{Map, Value};

use super::progress::{Doing, Event};
use super::step::{Run, guard, postconditions};
use super::watch::watch;
use crate::infra::declare::Object;
use crate::infra::error::{Error, Result};
use crate::infra::plan::{Action, Change, changed_fields, in_clear, settle, write_only_fields};
use crate::infra::resource::{Erased, LiveValue, Outputs, Token};
use crate::infra::state::{Change as StateChange, Entry, Status};
use crate::infra::{random_hex, value};

impl Run {
    pub(super) fn create(&self, number: usize, object: &Object, kind: &dyn Erased, change: &Change) -> Result<()> {
        let address = &object.address;
        let mut inputs = settle(&self.declared(object)?, None, kind.fields(), &object.settings);
        // A computed field that was not declared is the world's to choose.
        if let Some(inputs) = inputs.as_object_mut() {
            inputs.values_mut().filter(|value| value::is_unknown(value)).for_each(|value| *value = Value::Null);
        }
        let before = self.ledger.get(address, None);
        let interrupted = before.as_ref().filter(|entry| entry.status == Status::Creating);
        let token = interrupted.map_or_else(|| random_hex(16).map(Token), |entry| Ok(entry.token.clone()))?;
        let natural = kind.natural_id(&inputs);
        // With the intent in the state, an object of this id is taken to be ours. So it must not be there yet.
        let beside_old = change.action == Action::ReplaceCreateFirst;
        if let (Some(id), None, false) = (&natural, interrupted, beside_old)
            && self.read(Some(object), kind, address, id, None)?.is_some()
        {
            return Err(Error::Exists { address: address.clone(), id: id.to_string() });
        }
        let intent = LiveValue { inputs: inputs.clone(), outputs: Value::Null };
        let mut entry = self.entry(object, kind, change, natural, &intent, token.clone());
        entry.status = Status::Creating;
        let key = &self.deposed[number];
        let deposes = beside_old && before.is_some();
        self.ledger.intend(&if deposes {
            StateChange::Depose(key.clone(), Box::new(entry.clone()))
        } else {
            StateChange::Put(Box::new(entry.clone()))
        })?;
        let since = self.start(address, Doing::Create, None);
        let made = self.wait(address, Doing::Create, object.settings.timeouts.create, kind.create(&self.scope, &inputs, &token));
        let (id, outputs) = match made {
            Ok(made) => made,
            Err(error) => {
                self.after_failed_create(object, kind, &entry, deposes.then_some(key), &token);
                return Err(error);
            }
        };
        // From here on the object exists: it is in the state whatever follows.
        let mut live = LiveValue { inputs: inputs.clone(), outputs };
        let written = self.entry(object, kind, change, Some(id.clone()), &live, token.clone());
        self.ledger.record(&StateChange::Put(Box::new(written.clone())))?;
        if let Ok(Some(read)) = self.read(Some(object), kind, address, &id, Some(&written)) {
            live = in_clear(write_only_fields(read, kind.fields(), &inputs), kind, &inputs, &self.ledger.salt());
        }
        let mut entry = self.entry(object, kind, change, Some(id.clone()), &live, token);
        let hooked = self.hooks(object, false);
        if hooked.is_err() {
            entry.status = Status::Tainted;
        }
        if entry != written {
            self.ledger.record(&StateChange::Put(Box::new(entry)))?;
        }
        hooked?;
        self.complete(address, Doing::Create, since, Some(&id));
        guard(&self.summary).add += 1;
        self.see(address, Some(&id), &live);
        self.consistent(object, kind, &inputs, &live)?;
        if let Outputs::Fields(names) = kind.outputs() {
            let planned = |name: &&'static str| Some(((*name).to_owned(), kind.planned_output(&inputs, name)?));
            self.outputs_consistent(object, kind, &names.iter().filter_map(planned).collect(), &live.outputs)?;
        }
        postconditions(object, &live)
    }

    /// The intent stays in the state unless the object certainly is not there.
    fn after_failed_create(&self, object: &Object, kind: &dyn Erased, entry: &Entry, deposed: Option<&String>, token: &Token) {
        let limit = object.settings.timeouts.read;
        let found = match &entry.id {
            Some(id) => watch(&self.scope.time, limit, kind.read(&self.scope, id, None)).map(|live| live.is_some()),
            None => match kind.finds_by_token() {
                true => watch(&self.scope.time, limit, kind.find(&self.scope, &entry.inputs, token)).map(|id| id.is_some()),
                // Nothing can be asked: the token makes a second create give the same object.
                false => return,
            },
        };
        if let Ok(false) = found {
            let change = match deposed {
                Some(key) => StateChange::Reinstate(object.address.clone(), key.clone()),
                None => StateChange::Remove(object.address.clone(), None),
            };
            // The error of the create itself is what is reported.
            let _ = self.ledger.record(&change);
        }
    }

    /// Fails if a field became another than was declared: a second plan would not be empty.
    pub(super) fn consistent(&self, object: &Object, kind: &dyn Erased, declared: &Value, live: &LiveValue) -> Result<()> {
        let settled = settle(declared, Some(&live.inputs), kind.fields(), &object.settings);
        match changed_fields(&live.inputs, &settled, kind.fields()).first() {
            None => Ok(()),
            Some(field) => {
                let of = |value: &Value| value.get(field).cloned().unwrap_or_default();
                Err(self.inconsistent(object, kind, field, &of(&settled), &of(&live.inputs)))
            }
        }
    }

    /// Fails if an output became another than the plan showed: what depends on it was planned with the old value.
    fn outputs_consistent(
        &self,
        object: &Object,
        kind: &dyn Erased,
        planned: &Map<String, Value>,
        applied: &Value,
    ) -> Result<()> {
        let other = planned.iter().find(|(name, planned)| applied.get(name.as_str()).unwrap_or(&Value::Null) != *planned);
        let Some((name, planned)) = other else { return Ok(()) };
        Err(self.inconsistent(object, kind, name, planned, applied.get(name).unwrap_or(&Value::Null)))
    }

    fn inconsistent(&self, object: &Object, kind: &dyn Erased, field: &str, planned: &Value, applied: &Value) -> Error {
        let secret = kind.fields().iter().any(|known| known.name == field && known.secret)
            || value::sensitive_fields(&object.inputs).contains(field);
        let shown = |value: &Value| if secret { "(sensitive value)".to_owned() } else { value.to_string() };
        let (planned, applied) = (shown(planned), shown(applied));
        Error::Inconsistent { address: object.address.clone(), field: field.to_owned(), planned, applied }
    }

    pub(super) fn hooks(&self, object: &Object, before_delete: bool) -> Result<()> {
        for hook in object.settings.hooks.iter().filter(|hook| hook.before_delete == before_delete) {
            let (address, name) = (object.address.clone(), hook.name());
            self.progress.send(&Event::Hook { address: address.clone(), hook: name.clone() });
            if let Err(error) = hook.run(&self.scope) {
                if !hook.go_on {
                    return Err(Error::Hook { address, hook: name, error });
                }
                self.progress.send(&Event::HookFailed { address, hook: name, error: error.to_string() });
            }
        }
        Ok(())
    }

    pub(super) fn update(&self, object: &Object, kind: &dyn Erased, change: &Change) -> Result<()> {
        let address = &object.address;
        let before = self.ledger.get(address, None);
        let id = before.as_ref().and_then(|entry| entry.id.clone()).or_else(|| change.importing.clone());
        let id = id.ok_or_else(|| Error::Unknown { what: format!("{address}: id") })?;
        let token = before.as_ref().map_or_else(|| random_hex(16).map(Token), |entry| Ok(entry.token.clone()))?;
        let nothing = LiveValue::default();
        let reference =
            before.clone().unwrap_or_else(|| self.entry(object, kind, change, Some(id.clone()), &nothing, token.clone()));
        let live = self.read_again(Some(object), kind, change, &reference, &id)?;
        let live = live.ok_or_else(|| Error::Drifted { address: address.clone(), fields: vec!["deleted outside".into()] })?;
        let declared = self.declared(object)?;
        let live = in_clear(live, kind, &declared, &self.ledger.salt());
        let inputs = settle(&declared, Some(&live.inputs), kind.fields(), &object.settings);
        // What was unknown may turn out to be a change that cannot be made in place.
        let changed = changed_fields(&live.inputs, &inputs, kind.fields());
        let forced = changed.iter().find(|name| kind.fields().iter().any(|field| field.name == **name && field.force_new));
        if let Some(field) = forced {
            let problem = format!("{field} changed, which forces a replacement: plan again");
            return Err(Error::Field { address: address.clone(), problem });
        }
        if changed.is_empty() {
            // What was unknown turned out to be what is there already.
            let entry = self.entry(object, kind, change, Some(id.clone()), &live, token);
            if before.as_ref() != Some(&entry) {
                self.ledger.record(&StateChange::Put(Box::new(entry)))?;
            }
            guard(&self.summary).import += usize::from(change.importing.is_some());
            self.see(address, Some(&id), &live);
            return postconditions(object, &live);
        }
        let since = self.start(address, Doing::Update, Some(&id));
        let limit = object.settings.timeouts.update;
        let updated = self.wait(address, Doing::Update, limit, kind.update(&self.scope, &inputs, &id, &live));
        let written = match &updated {
            Ok(outputs) => {
                let live = LiveValue { inputs: inputs.clone(), outputs: outputs.clone() };
                self.entry(object, kind, change, Some(id.clone()), &live, token.clone())
            }
            Err(_) => reference,
        };
        let read = self.read(Some(object), kind, address, &id, Some(&written));
        let after = match (&updated, read) {
            (_, Ok(Some(read))) => match updated.is_ok() {
                true => write_only_fields(read, kind.fields(), &inputs),
                false => read,
            },
            (Ok(outputs), _) => LiveValue { inputs: inputs.clone(), outputs: outputs.clone() },
            (Err(_), _) => live.clone(),
        };
        let after = in_clear(after, kind, &inputs, &self.ledger.salt());
        let entry = self.entry(object, kind, change, Some(id.clone()), &after, token);
        let recorded = self.ledger.record(&StateChange::Put(Box::new(entry)));
        updated?;
        recorded?;
        self.complete(address, Doing::Update, since, Some(&id));
        let mut summary = guard(&self.summary);
        summary.change += 1;
        summary.import += usize::from(change.importing.is_some());
        drop(summary);
        self.see(address, Some(&id), &after);
        self.consistent(object, kind, &inputs, &after)?;
        let changing = kind.changing_outputs(&inputs, &live);
        let named = matches!(kind.outputs(), Outputs::Fields(_));
        match &live.outputs {
            // Without named fields, any name means the whole.
            _ if !named && !changing.is_empty() => {}
            Value::Object(outputs) => {
                let mut planned = outputs.clone();
                planned.retain(|name, _| !changing.contains(&name.as_str()));
                self.outputs_consistent(object, kind, &planned, &after.outputs)?;
            }
            output if *output != after.outputs => {
                return Err(self.inconsistent(object, kind, "the output", output, &after.outputs));
            }
            _ => {}
        }
        postconditions(object, &after)
    }
}
