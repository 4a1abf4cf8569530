//! Making a plan.

use std::collections::btree_map::Entry as MapEntry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::diff::{changed_fields, settle};
use super::refresh::{Found, refresh, state_of};
use super::request::{Mode, Options};
use super::{Action, Change, CheckResult, Plan, Reason};
use crate::infra::address::Address;
use crate::infra::apply::{self, watch};
use crate::infra::declare::{AnyData, Declared, Object, What};
use crate::infra::error::{Error, Result};
use crate::infra::input::{Attributes, Lookup};
use crate::infra::resource::{Erased, Id, LiveValue, Outputs, Scope};
use crate::infra::state::{Change as StateChange, Entry, Snapshot, Status, Store};
use crate::infra::{Infra, graph, state, value};

type Key = (Address, Option<String>);
pub(super) type Edges = BTreeMap<Address, BTreeSet<Address>>;

/// What is known of each object while the plan is made.
#[derive(Default)]
pub(in crate::infra) struct Known(pub(in crate::infra) BTreeMap<Address, Attributes>);

impl Lookup for Known {
    fn attributes(&self, address: &Address) -> Option<&Attributes> {
        self.0.get(address)
    }
}

pub(super) struct Builder<'a> {
    pub(super) infra: &'a Infra,
    pub(super) scope: &'a Scope,
    pub(super) declared: Arc<Declared>,
    pub(super) options: &'a Options,
    pub(super) place: String,
    pub(super) prior: Snapshot,
    pub(super) moves: Vec<StateChange>,
    pub(super) previous: BTreeMap<Address, Address>,
    pub(super) snapshot: Snapshot,
    pub(super) edges: Edges,
    pub(super) found: BTreeMap<Key, Found>,
    pub(super) known: Known,
    pub(super) changes: Vec<Change>,
    /// What was planned for an object, by its number in `changes`.
    pub(super) planned: BTreeMap<Address, usize>,
    pub(super) create_first: BTreeSet<Address>,
    ids: Ids,
    pub(super) checks: Vec<CheckResult>,
    pub(super) warnings: Vec<String>,
    protection: Vec<(Address, bool)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        infra: &'a Infra,
        scope: &'a Scope,
        declared: Arc<Declared>,
        store: &dyn Store,
        options: &'a Options,
    ) -> Result<Builder<'a>> {
        let prior = state::load(store)?;
        Ok(Builder {
            infra,
            scope,
            declared,
            options,
            place: store.place().to_owned(),
            moves: Vec::new(),
            previous: BTreeMap::new(),
            snapshot: prior.clone(),
            prior,
            edges: Edges::new(),
            found: BTreeMap::new(),
            known: Known::default(),
            changes: Vec::new(),
            planned: BTreeMap::new(),
            create_first: BTreeSet::new(),
            ids: Ids::default(),
            checks: Vec::new(),
            warnings: Vec::new(),
            protection: Vec::new(),
        })
    }

    /// A state that was never written is the fresh one of the saved plan: another would have another lineage, and another salt in its hashes.
    pub(super) fn as_saved(&mut self, saved: &Value) {
        if self.prior.serial == 0
            && let (Some(lineage), Some(salt)) = (saved["lineage"].as_str(), saved["salt"].as_str())
        {
            (self.prior.lineage, self.prior.salt) = (lineage.to_owned(), salt.to_owned());
            self.snapshot = self.prior.clone();
        }
    }

    pub(super) fn plan(mut self) -> Result<Plan> {
        let declared = self.declared.clone();
        validate_objects(&declared)?;
        self.edges = edges(&declared)?;
        let addresses: Vec<Address> = declared.objects.iter().map(|object| object.address.clone()).collect();
        let order = graph::order(&addresses, &self.edges)?;
        self.move_addresses()?;
        let wanted = self.wanted()?;
        self.create_first = self.create_first();
        self.found = if self.options.refresh {
            refresh(self.infra, self.scope, &declared, &self.snapshot, self.options.parallel)?
        } else {
            self.trusted()?
        };
        self.keep_found_ids();
        let drift = self.drift()?;
        if self.options.mode == Mode::Normal {
            for number in order {
                let object = &declared.objects[number];
                if wanted.as_ref().is_none_or(|wanted| wanted.contains(&object.address)) {
                    match &object.what {
                        What::Resource(kind) => self.resource(object, &**kind)?,
                        What::Data(data) => self.data(object, &**data)?,
                    }
                } else {
                    self.left_alone(&object.address);
                }
            }
        }
        if self.options.mode == Mode::RefreshOnly {
            declared.objects.iter().for_each(|object| self.left_alone(&object.address));
        } else {
            self.deletions(wanted.as_ref())?;
        }
        self.check_protection()?;
        let outputs = self.outputs(wanted.as_ref())?;
        self.run_checks()?;
        let live = self.found.into_iter().filter_map(|(key, found)| match found {
            Found::Live(_, live) => Some((key, live)),
            Found::Gone => None,
        });
        Ok(Plan {
            infra: self.infra.clone(),
            place: self.place,
            prior: self.prior,
            moves: self.moves,
            moved: self.snapshot,
            changes: self.changes,
            drift,
            outputs,
            checks: self.checks,
            warnings: self.warnings,
            protection: self.protection,
            live: Arc::new(live.collect()),
            edges: self.edges,
            mode: self.options.mode,
            variables: declared.variables.clone(),
            declared,
        })
    }

    /// Follows `moved` in the state.
    fn move_addresses(&mut self) -> Result<()> {
        let declared = self.declared.clone();
        for (from, to) in &declared.moved {
            if declared.object(from).is_some() {
                return Err(Error::Field { address: from.clone(), problem: format!("moved to {to}, but still declared") });
            }
            if self.snapshot.get(to).is_some() && self.snapshot.get(from).is_some() {
                self.warnings.push(format!("{from} was not moved: {to} exists already in the state"));
                continue;
            }
            let changes = state::rename(&self.snapshot, from, to)?;
            for change in &changes {
                if let StateChange::Put(entry) = change
                    && to.covers(&entry.address)
                    && entry.deposed.is_none()
                    && self.snapshot.get(&entry.address).is_none()
                {
                    let old = Address::new(format!("{from}{}", &entry.address.as_str()[to.as_str().len()..]));
                    let first = self.previous.remove(&old).unwrap_or(old);
                    self.previous.insert(entry.address.clone(), first);
                }
                self.snapshot.apply(change);
            }
            self.moves.extend(changes);
        }
        // An object whose type was renamed is read as the new type.
        let retyped: Vec<Entry> = self
            .snapshot
            .resources
            .values()
            .filter(|entry| entry.deposed.is_none())
            .filter_map(|entry| {
                let kind = declared.kind(&entry.address).filter(|kind| kind.kind() != entry.kind)?;
                let moved = self.previous.contains_key(&entry.address);
                moved.then(|| Entry {
                    kind: kind.kind().to_owned(),
                    version: kind.version(),
                    inputs: Value::Null,
                    outputs: Value::Null,
                    ..entry.clone()
                })
            })
            .collect();
        for entry in retyped {
            let change = StateChange::Put(Box::new(entry));
            self.snapshot.apply(&change);
            self.moves.push(change);
        }
        Ok(())
    }

    /// The addresses that the plan is limited to; None: all.
    fn wanted(&mut self) -> Result<Option<BTreeSet<Address>>> {
        let mut edges = self.edges.clone();
        // What is declared depends on what its declaration says; for what is deleted the state knows it.
        let destroy = self.options.mode == Mode::Destroy;
        for entry in self.snapshot.resources.values().filter(|entry| destroy || self.declared.object(&entry.address).is_none()) {
            edges.entry(entry.address.clone()).or_default().extend(entry.depends_on.iter().cloned());
        }
        let all: BTreeSet<Address> = self
            .declared
            .objects
            .iter()
            .map(|object| object.address.clone())
            .chain(self.snapshot.resources.keys().map(|(address, _)| address.clone()))
            .collect();
        let matching = |named: &BTreeSet<Address>, what: &'static str| {
            let mut found = BTreeSet::new();
            for address in named {
                let before = found.len();
                found.extend(all.iter().filter(|candidate| address.covers(candidate)).cloned());
                if found.len() == before && !found.iter().any(|candidate| address.covers(candidate)) {
                    return Err(Error::UnknownAddress { address: address.clone(), what });
                }
            }
            Ok(found)
        };
        matching(&self.options.replace, "replace")?;
        let (target, exclude) = (matching(&self.options.target, "target")?, matching(&self.options.exclude, "exclude")?);
        if target.is_empty() && exclude.is_empty() {
            return Ok(None);
        }
        self.warnings.push("resource targeting is in effect: the plan does not cover everything that is declared".to_owned());
        let dependents = graph::inverted(&edges);
        let mut wanted = match (target.is_empty(), self.options.mode) {
            (true, _) => all,
            (false, Mode::Destroy) => graph::closure(&target, &dependents),
            (false, _) => graph::closure(&target, &edges),
        };
        let left_out = match self.options.mode {
            // What an excluded object depends on cannot be deleted.
            Mode::Destroy => graph::closure(&exclude, &edges),
            _ => graph::closure(&exclude, &dependents),
        };
        wanted.retain(|address| !left_out.contains(address));
        Ok(Some(wanted))
    }

    /// The objects that are made before their predecessor is deleted: those declared so, and all that they depend on.
    fn create_first(&self) -> BTreeSet<Address> {
        let declared = self.declared.objects.iter().filter(|object| object.settings.create_first);
        graph::closure(&declared.map(|object| object.address.clone()).collect(), &self.edges)
    }

    /// Objects whose creation was interrupted before their ids were known, and that the token found: the ids go into the state before
    /// anything else, so that every later step has them.
    fn keep_found_ids(&mut self) {
        let unnamed = self.snapshot.resources.values().filter(|entry| entry.id.is_none()).filter_map(|entry| {
            match self.found.get(&(entry.address.clone(), entry.deposed.clone())) {
                Some(Found::Live(id, _)) => Some(Entry { id: Some(id.clone()), ..entry.clone() }),
                _ => None,
            }
        });
        let named: Vec<StateChange> = unnamed.map(|entry| StateChange::Put(Box::new(entry))).collect();
        named.iter().for_each(|change| self.snapshot.apply(change));
        self.moves.extend(named);
    }

    /// The state as if it had been read.
    fn trusted(&self) -> Result<BTreeMap<Key, Found>> {
        let found = self.snapshot.resources.values().map(|entry| {
            let kind = super::refresh::kind(self.infra, &self.declared, entry)?;
            let found = match &entry.id {
                Some(id) if entry.status != Status::Creating => Found::Live(id.clone(), state_of(kind, entry)?),
                _ => Found::Gone,
            };
            Ok(((entry.address.clone(), entry.deposed.clone()), found))
        });
        found.collect()
    }

    fn secret(&self, kind: &dyn Erased, inputs: &Value, entry: Option<&Entry>) -> BTreeSet<String> {
        let mut secret = crate::infra::resources::with_echoes(kind.kind(), value::sensitive_fields(inputs));
        secret.extend(kind.fields().iter().filter(|field| field.secret).map(|field| field.name.to_owned()));
        secret.extend(entry.into_iter().flat_map(|entry| entry.secret.iter().cloned()));
        secret
    }

    pub(super) fn redacted(&self, live: &LiveValue, secret: &BTreeSet<String>, kind: &dyn Erased) -> LiveValue {
        let mut shown = apply::redacted(live, secret, kind.fields(), &self.prior.salt);
        if !self.options.refresh {
            // What the state has is hashed already.
            for name in secret {
                for (shown, live) in [(&mut shown.inputs, &live.inputs), (&mut shown.outputs, &live.outputs)] {
                    if let (Some(shown), Some(kept)) = (shown.get_mut(name), live.get(name).filter(|kept| apply::is_hash(kept))) {
                        shown.clone_from(kept);
                    }
                }
            }
        }
        shown
    }

    /// What changed outside since the state was written.
    fn drift(&self) -> Result<Vec<Change>> {
        let mut drift = Vec::new();
        for entry in self.snapshot.resources.values().filter(|entry| entry.deposed.is_none() && entry.status != Status::Creating)
        {
            let Some(found) = self.found.get(&(entry.address.clone(), None)) else { continue };
            if entry.inputs.is_null() {
                continue; // came from another tool: nothing to compare with
            }
            let kind = super::refresh::kind(self.infra, &self.declared, entry)?;
            let before = entry.attributes();
            let (action, after) = match found {
                Found::Gone => (Action::Delete, Value::Null),
                Found::Live(id, live) => {
                    let live = self.redacted(live, &entry.secret, kind);
                    (Action::Update, value::attributes(Some(id.as_str()), &live.inputs, &live.outputs))
                }
            };
            if action == Action::Update && changed_fields(&before, &after, kind.fields()).is_empty() {
                continue;
            }
            drift.push(change(entry.address.clone(), kind.kind(), action, before, after, entry.secret.clone()));
        }
        Ok(drift)
    }

    /// An object that this plan does not look at: others see it as it is.
    fn left_alone(&mut self, address: &Address) {
        let key = (address.clone(), None);
        if let Some(Found::Live(id, live)) = self.found.get(&key) {
            let mut live = live.clone();
            if let Some(object) = self.declared.object(address)
                && let What::Resource(kind) = &object.what
                && let Ok(declared) = self.declared.table.resolve(&object.inputs, &self.known)
            {
                live = super::in_clear(live, &**kind, &declared, &self.prior.salt);
            }
            let attributes =
                Attributes { id: Some(id.to_string()), inputs: live.inputs.clone(), outputs: Some(live.outputs.clone()) };
            self.known.0.insert(address.clone(), attributes);
        }
    }

    /// A data source: read now, if it can be.
    fn data(&mut self, object: &Object, data: &dyn AnyData) -> Result<()> {
        let inputs = self.declared.table.resolve(&object.inputs, &self.known)?;
        let pending = object.settings.after.iter().any(|address| self.will_change(address));
        let reason =
            if value::has_unknown(&inputs) { Some(Reason::FieldsUnknown) } else { pending.then_some(Reason::DependencyPending) };
        let outputs = match reason {
            Some(_) => None,
            None => {
                let limit = object.settings.timeouts.read;
                let read = watch(&self.scope.time, limit, data.read(self.scope, &inputs));
                Some(read.map_err(|stop| stop.error(&object.address, "read"))?)
            }
        };
        let action = if outputs.is_some() { Action::NoOp } else { Action::Read };
        let secret = value::sensitive_fields(&object.inputs);
        let shown =
            value::attributes(None, &value::redact(&inputs, &secret, &self.prior.salt), outputs.as_ref().unwrap_or(&Value::Null));
        self.known.0.insert(object.address.clone(), Attributes { id: None, inputs, outputs });
        let mut change = change(object.address.clone(), data.kind(), action, Value::Null, shown, secret);
        (change.reason, change.is_data) = (reason, true);
        self.push(change);
        Ok(())
    }

    pub(super) fn will_change(&self, address: &Address) -> bool {
        let planned = self.planned.iter().filter(|(planned, _)| address.covers(planned));
        planned.map(|(_, number)| &self.changes[*number]).any(|change| change.action != Action::NoOp)
    }

    pub(super) fn push(&mut self, change: Change) {
        if change.deposed.is_none() {
            self.planned.insert(change.address.clone(), self.changes.len());
        }
        self.changes.push(change);
    }

    fn resource(&mut self, object: &Object, kind: &dyn Erased) -> Result<()> {
        let address = &object.address;
        let declared = self.declared.table.resolve(&object.inputs, &self.known)?;
        let mut importing = None;
        let entry = self.snapshot.get(address).cloned();
        if let Some(found) = entry.as_ref().filter(|entry| entry.kind != kind.kind()) {
            let problem = format!("the state has a {} here: move it or forget it first", found.kind);
            return Err(Error::Field { address: address.clone(), problem });
        }
        let mut live = match self.found.get(&(address.clone(), None)) {
            Some(Found::Live(id, live)) => Some((id.clone(), live.clone())),
            _ => None,
        };
        if entry.is_none() {
            importing = self.to_import(object, kind, &declared)?;
            if let Some((id, found)) = &importing {
                live = Some((id.clone(), found.clone()));
                self.found.insert((address.clone(), None), Found::Live(id.clone(), found.clone()));
            }
        }
        let is_field = |name: &str| declared.get(name).is_some() || super::diff::field(kind.fields(), name).is_some();
        for name in object.settings.ignore.iter().filter(|name| !is_field(name.split('.').next().unwrap_or_default())) {
            self.warnings.push(format!("{address}: ignore names {name:?}, which is not a field of {}", kind.kind()));
        }
        self.conditions(&address.to_string(), "resource", "precondition", &object.settings.preconditions)?;
        let secret = self.secret(kind, &object.inputs, entry.as_ref());
        let salt = self.prior.salt.clone();
        live = live.map(|(id, live)| (id, super::in_clear(live, kind, &declared, &salt)));
        let settled = settle(&declared, live.as_ref().map(|(_, live)| &live.inputs), kind.fields(), &object.settings);
        let (before, after) =
            (live.as_ref().map(|(_, live)| self.redacted(live, &secret, kind)), value::redact(&settled, &secret, &salt));
        let mut changed = before.as_ref().map(|before| changed_fields(&before.inputs, &after, kind.fields())).unwrap_or_default();
        // A field of a type that Rust's declaration no longer has is not a change.
        changed.retain(|name| after.get(name).is_some());
        let forced: Vec<String> = changed
            .iter()
            .filter(|name| super::diff::field(kind.fields(), name).is_some_and(|field| field.force_new))
            .cloned()
            .collect();
        let requested = object.settings.replace || self.options.replace.iter().any(|named| named.covers(address));
        let reason = match (&before, &entry) {
            (None, _) => None,
            (Some(_), Some(entry)) if entry.status == Status::Tainted => Some(Reason::Tainted),
            _ if requested => Some(Reason::Requested),
            _ if self.triggered(object)? => Some(Reason::Triggered),
            _ => (!forced.is_empty()).then_some(Reason::CannotUpdate),
        };
        let action = match (&before, reason) {
            (None, _) => Action::Create,
            (Some(_), Some(_)) if self.create_first.contains(address) => Action::ReplaceCreateFirst,
            (Some(_), Some(_)) => Action::Replace,
            (Some(_), None) if changed.is_empty() => Action::NoOp,
            (Some(_), None) => Action::Update,
        };
        let anew = action == Action::Create || action.is_replace();
        // A replacement does not inherit what the old object had.
        let inputs = if anew { settle(&declared, None, kind.fields(), &object.settings) } else { settled };
        let outputs = match &live {
            Some((_, live)) if !anew => {
                let mut outputs = live.outputs.clone();
                if action == Action::Update {
                    mark_unknown(&mut outputs, kind.outputs(), kind.changing_outputs(&inputs, live));
                }
                outputs
            }
            _ => match kind.outputs() {
                Outputs::None => Value::Null,
                Outputs::Whole => value::unknown(),
                Outputs::Fields(names) => {
                    let known = |name: &&'static str| {
                        let value = kind.planned_output(&inputs, name).unwrap_or_else(value::unknown);
                        ((*name).to_owned(), value)
                    };
                    Value::Object(names.iter().map(known).collect())
                }
            },
        };
        let id = live.as_ref().filter(|_| !anew).map(|(id, _)| id.to_string());
        let shown = LiveValue { inputs: inputs.clone(), outputs: outputs.clone() };
        let shown = apply::redacted(&shown, &secret, kind.fields(), &salt);
        let mut after = value::attributes(id.as_deref(), &shown.inputs, &shown.outputs);
        if anew && let Some(after) = after.as_object_mut() {
            after.insert("id".into(), value::unknown());
        }
        let before_shown = match (&before, &live) {
            (Some(before), Some((id, _))) => value::attributes(Some(id.as_str()), &before.inputs, &before.outputs),
            _ => Value::Null,
        };
        let mut change = change(address.clone(), kind.kind(), action, before_shown, after, secret);
        change.reason = reason;
        change.replace_paths = forced;
        change.previous_address = self.previous.get(address).cloned();
        self.ids.claim(address, kind, kind.natural_id(&declared))?;
        self.ids.claim(address, kind, importing.as_ref().map(|(id, _)| id.clone()))?;
        self.ids.claim(address, kind, id.as_deref().map(Id::new))?;
        change.importing = importing.map(|(id, _)| id);
        change.pin = before.as_ref().map(|before| apply::pin(before, kind.fields()));
        self.known.0.insert(address.clone(), Attributes { id, inputs, outputs: Some(outputs) });
        // Protection is kept in the state: without an apply, one that was taken off would hold for ever.
        if action == Action::NoOp
            && let Some(entry) = &entry
            && entry.protect != object.settings.protect
        {
            self.protection.push((address.clone(), object.settings.protect));
        }
        if action == Action::NoOp
            && let Some((_, live)) = &live
        {
            self.postconditions(object, live)?;
        }
        self.push(change);
        Ok(())
    }

    /// The existing object that a declaration without one in the state takes over.
    fn to_import(&self, object: &Object, kind: &dyn Erased, declared: &Value) -> Result<Option<(Id, LiveValue)>> {
        let address = &object.address;
        let import = self.declared.imports.iter().find(|(to, _)| to == address).map(|(_, id)| id.clone());
        let adopt = object.settings.adopt.unwrap_or(self.infra.adopt);
        let explicit = import.is_some();
        let limit = object.settings.timeouts.read;
        let id = match import {
            Some(id) => Some(id),
            None if adopt => {
                let looked_up = watch(&self.scope.time, limit, kind.lookup(self.scope, declared));
                looked_up.map_err(|stop| stop.error(address, "find"))?
            }
            None => None,
        };
        let Some(id) = id else { return Ok(None) };
        let read = watch(&self.scope.time, limit, kind.read(self.scope, &id, None));
        match read.map_err(|stop| stop.error(address, "read"))? {
            Some(live) => Ok(Some((id.clone(), super::write_only_fields(live, kind.fields(), &Value::Null)))),
            None if explicit => Err(Error::ImportMissing { address: address.clone(), id: id.to_string() }),
            None => Ok(None),
        }
    }

    /// True if an object that this one is to be replaced with changes.
    fn triggered(&self, object: &Object) -> Result<bool> {
        for (other, attribute) in &object.settings.replace_when {
            if self.declared.objects.iter().all(|object| !other.covers(&object.address)) {
                return Err(Error::UnknownAddress { address: other.clone(), what: "replace_when" });
            }
            for change in self.changes.iter().filter(|change| other.covers(&change.address) && !change.is_data) {
                let fires = match attribute {
                    None => change.action == Action::Update || change.action.is_replace(),
                    Some(name) => {
                        change.action != Action::NoOp
                            && change.before.get(name).unwrap_or(&Value::Null) != change.marked.get(name).unwrap_or(&Value::Null)
                    }
                };
                if fires {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Outputs without named fields become unknown as a whole.
fn mark_unknown(outputs: &mut Value, shape: Outputs, names: &[&str]) {
    match (shape, outputs.as_object_mut()) {
        _ if names.is_empty() => {}
        (Outputs::Fields(_), Some(outputs)) => {
            outputs.extend(names.iter().map(|name| ((*name).to_owned(), value::unknown())));
        }
        (Outputs::None, _) => {}
        _ => *outputs = value::unknown(),
    }
}

pub(super) fn change(
    address: Address,
    kind: &str,
    action: Action,
    before: Value,
    marked: Value,
    secret: BTreeSet<String>,
) -> Change {
    Change {
        address,
        previous_address: None,
        kind: kind.to_owned(),
        action,
        reason: None,
        before,
        after: value::known_part(&marked),
        replace_paths: Vec::new(),
        importing: None,
        deposed: None,
        marked,
        secret,
        is_data: false,
        pin: None,
    }
}

/// What each declared object depends on: by reference, by `after`, by `replace_when`.
fn edges(declared: &Declared) -> Result<Edges> {
    let mut all = Edges::new();
    let names: BTreeSet<&Address> = declared.objects.iter().map(|object| &object.address).collect();
    for object in &declared.objects {
        let mut found = BTreeSet::new();
        value::references(&object.inputs, &mut found);
        for (holds, _) in &object.settings.preconditions {
            value::references(holds, &mut found);
        }
        let named = object.settings.after.iter().map(|other| (other, "after"));
        let named = named.chain(object.settings.replace_when.iter().map(|(other, _)| (other, "replace_when")));
        for (other, what) in named {
            if names.contains(other) {
                found.insert(other.clone());
                continue;
            }
            // All instances, or all of a prefix.
            let near = names.range::<Address, _>(other..).take_while(|name| name.as_str().starts_with(other.as_str()));
            let mut covered = near.filter(|name| other.covers(name)).peekable();
            let any = covered.peek().is_some();
            found.extend(covered.map(|name| (*name).clone()));
            if !any {
                return Err(Error::UnknownAddress { address: other.clone(), what });
            }
        }
        if found.contains(&object.address) {
            return Err(Error::Cycle { addresses: vec![object.address.clone()] });
        }
        all.insert(object.address.clone(), found);
    }
    Ok(all)
}

/// The object that each address is, by type and id: two addresses of one object would undo each other's work for ever.
#[derive(Default)]
struct Ids(BTreeMap<(&'static str, Id), Address>);

impl Ids {
    fn claim(&mut self, address: &Address, kind: &dyn Erased, id: Option<Id>) -> Result<()> {
        let Some(id) = id else { return Ok(()) };
        match self.0.entry((kind.kind(), id.clone())) {
            MapEntry::Vacant(free) => {
                free.insert(address.clone());
                Ok(())
            }
            MapEntry::Occupied(taken) if taken.get() == address => Ok(()),
            MapEntry::Occupied(taken) => {
                let (address, first) = (address.clone(), taken.get().clone());
                Err(Error::SameObject { address, first, kind: kind.kind().to_owned(), id: id.to_string() })
            }
        }
    }
}

/// Checks a declaration by itself.
pub(in crate::infra) fn validate(declared: &Declared) -> Result<()> {
    validate_objects(declared)?;
    let addresses: Vec<Address> = declared.objects.iter().map(|object| object.address.clone()).collect();
    graph::order(&addresses, &edges(declared)?).map(drop)
}

fn validate_objects(declared: &Declared) -> Result<()> {
    for address in declared.moved.iter().flat_map(|(from, to)| [from, to]) {
        address.check()?;
    }
    let is_declared = |named: &Address| declared.objects.iter().any(|object| named.covers(&object.address));
    for (number, (to, _)) in declared.imports.iter().enumerate() {
        if declared.kind(to).is_none() {
            return Err(Error::Field { address: to.clone(), problem: "to be imported, but not declared".into() });
        }
        if declared.imports[..number].iter().any(|(earlier, _)| earlier == to) {
            return Err(Error::Field { address: to.clone(), problem: "imported twice".into() });
        }
    }
    if let Some(address) = declared.forget.iter().find(|address| is_declared(address)) {
        return Err(Error::Field { address: address.clone(), problem: "to be forgotten, but still declared".into() });
    }
    for (name, output) in &declared.outputs {
        if let Some(address) = output.after.iter().find(|address| !is_declared(address)) {
            let problem = format!("output {name:?} is to come after it, but it is not declared");
            return Err(Error::Field { address: address.clone(), problem });
        }
    }
    let mut ids = Ids::default();
    for object in &declared.objects {
        if let What::Resource(kind) = &object.what {
            let plain = declared.table.resolve(&object.inputs, &Known::default())?;
            let checked = kind.validate(&plain);
            checked.map_err(|error| Error::Field { address: object.address.clone(), problem: error.to_string() })?;
            ids.claim(&object.address, &**kind, kind.natural_id(&plain))?;
        }
    }
    Ok(())
}
