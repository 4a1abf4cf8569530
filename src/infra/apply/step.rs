//! One apply: every operation of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::ledger::{Ledger, rescue};
use super::ops::{Op, operations};
use super::pool::{self, Done};
use super::progress::{Doing, Event, Sink};
use super::watch::{Stop, watch, watch_with};
use super::{Applied, Interrupt, differences, pin, redacted};
use crate::Batteries;
use crate::infra::address::Address;
use crate::infra::declare::{AnyData, Object, What};
use crate::infra::error::{Error, Result};
use crate::infra::input::Attributes;
use crate::infra::plan::{Action, Change, Known, Mode, Plan, Summary, in_clear, kind, write_only_fields};
use crate::infra::resource::{Erased, Id, LiveValue, Scope, Token};
use crate::infra::state::{Change as StateChange, Entry, Output, Status};
use crate::infra::{random_hex, value};

pub(super) struct Run {
    pub(super) plan: Plan,
    pub(super) scope: Scope,
    pub(super) batteries: Batteries,
    pub(super) ledger: Ledger,
    pub(super) progress: Sink,
    pub(super) interrupt: Interrupt,
    /// A signal has stopped this run. It is reported while the run ends, so that the state can still be saved.
    signalled: AtomicBool,
    pub(super) known: Mutex<Known>,
    pub(super) failures: Mutex<BTreeMap<usize, Error>>,
    pub(super) summary: Mutex<Summary>,
    /// Operations that were not started because of an interrupt, or because the lock was lost.
    pub(super) not_started: Mutex<Vec<usize>>,
    /// The lock was lost: nothing is started any more.
    pub(super) lost: AtomicBool,
    /// The keys under which old objects are deposed, by the number of their change.
    pub(super) deposed: Vec<String>,
}

pub(super) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fails unless every postcondition of the object holds.
pub(in crate::infra) fn postconditions(object: &Object, live: &LiveValue) -> Result<()> {
    for (holds, message) in &object.settings.postconditions {
        match holds(live) {
            Ok(true) => {}
            Ok(false) => {
                let address = object.address.to_string();
                return Err(Error::Condition { address, kind: "postcondition", message: message.clone() });
            }
            Err(problem) => return Err(Error::Field { address: object.address.clone(), problem }),
        }
    }
    Ok(())
}

impl Run {
    pub(super) fn new(plan: Plan, batteries: &Batteries, ledger: Ledger, progress: Sink, interrupt: Interrupt) -> Run {
        let scope = Scope::new(batteries.clone(), plan.infra.hosts.clone());
        let deposed = (0..plan.changes.len()).map(|number| format!("{number:08x}")).collect();
        Run {
            plan,
            scope,
            batteries: batteries.clone(),
            ledger,
            progress,
            interrupt,
            signalled: AtomicBool::new(false),
            known: Mutex::default(),
            failures: Mutex::default(),
            summary: Mutex::default(),
            not_started: Mutex::default(),
            lost: AtomicBool::new(false),
            deposed,
        }
    }

    pub(super) fn all(mut self, parallel: usize) -> Result<Applied> {
        for key in &mut self.deposed {
            *key = random_hex(4)?;
        }
        for change in &self.plan.moves {
            self.ledger.record(change)?;
        }
        if self.plan.mode == Mode::RefreshOnly {
            self.accept_drift()?;
        }
        self.see_what_stays();
        let (ops, before) = operations(&self.plan);
        let skipped = pool::walk(&before, parallel, pool::in_memory(&self.batteries), &|at| self.visit(at, ops[at]));
        let not_started = std::mem::take(&mut *guard(&self.not_started));
        let mut skipped: Vec<Address> = skipped
            .into_iter()
            .chain(not_started)
            .map(|at| match ops[at] {
                Op::Make(number) | Op::End(number) => self.plan.changes[number].address.clone(),
            })
            .collect();
        skipped.sort_unstable();
        skipped.dedup();
        let (signalled, batteries) = (self.signalled.load(Ordering::SeqCst), self.batteries.clone());
        let done = self.finish(skipped);
        if signalled {
            // The program has still to end: `Sys::finish` makes the signal its exit code.
            batteries.time.backend().interrupts().put_back();
        }
        done
    }

    /// True once nothing may be started any more: [`Interrupt::stop`] was called, or the program was asked to end by a signal.
    fn is_stopped(&self) -> bool {
        if self.batteries.time.backend().interrupts().check().is_err() {
            self.signal();
        }
        self.interrupt.is_stopped() || self.lost.load(Ordering::SeqCst)
    }

    fn signal(&self) {
        self.signalled.store(true, Ordering::SeqCst);
        self.interrupt.stop();
    }

    /// Objects that this run does not touch are visible to those that it does.
    fn see_what_stays(&self) {
        let mut known = guard(&self.known);
        for ((address, deposed), live) in &*self.plan.live {
            let id = self.ledger.get(address, None).and_then(|entry| entry.id);
            if deposed.is_none() {
                let id = id.map(|id| id.to_string());
                known
                    .0
                    .insert(address.clone(), Attributes { id, inputs: live.inputs.clone(), outputs: Some(live.outputs.clone()) });
            }
        }
    }

    fn visit(&self, at: usize, op: Op) -> Done {
        let number = match op {
            Op::Make(number) | Op::End(number) => number,
        };
        let change = &self.plan.changes[number];
        let idle = op == Op::Make(number) && change.action == Action::NoOp && change.importing.is_none();
        if self.is_stopped() && !idle {
            guard(&self.not_started).push(at);
            return Done::No;
        }
        let result = match op {
            Op::Make(number) => self.make(number, change),
            Op::End(number) => self.end(number, change),
        };
        let Err(error) = result else { return Done::Yes };
        if matches!(error, Error::LostLock { .. }) {
            self.lost.store(true, Ordering::SeqCst);
        }
        // A wait that a signal ended.
        if error.is_interrupt() {
            self.signal();
        }
        let doing = doing(op, change.action);
        self.progress.send(&Event::Failed { address: change.address.clone(), doing, error: error.to_string() });
        guard(&self.failures).insert(at, error);
        Done::No
    }

    fn kind_of(&self, change: &Change, entry: Option<&Entry>) -> Result<&dyn Erased> {
        if let Some(kind) = self.plan.declared.kind(&change.address).filter(|kind| kind.kind() == change.kind) {
            return Ok(kind);
        }
        match entry {
            Some(entry) => kind(&self.plan.infra, &self.plan.declared, entry),
            None => Err(Error::UnknownType { address: change.address.clone(), kind: change.kind.clone() }),
        }
    }

    fn make(&self, number: usize, change: &Change) -> Result<()> {
        let address = &change.address;
        let Some(object) = self.plan.declared.object(address) else { return Ok(()) };
        let kind = match &object.what {
            What::Resource(kind) => &**kind,
            What::Data(data) => return self.data(object, &**data, change),
        };
        self.preconditions(object)?;
        match change.action {
            Action::NoOp => self.keep(object, kind, change),
            Action::Update => self.update(object, kind, change),
            _ => self.create(number, object, kind, change),
        }
    }

    fn preconditions(&self, object: &Object) -> Result<()> {
        for (holds, message) in &object.settings.preconditions {
            let holds = self.plan.declared.table.resolve(holds, &*guard(&self.known))?;
            if holds != Value::Bool(true) {
                let address = object.address.to_string();
                return Err(Error::Condition { address, kind: "precondition", message: message.clone() });
            }
        }
        Ok(())
    }

    /// The declared fields, all known.
    pub(super) fn declared(&self, object: &Object) -> Result<Value> {
        let declared = self.plan.declared.table.resolve(&object.inputs, &*guard(&self.known))?;
        if value::has_unknown(&declared) {
            return Err(Error::Unknown { what: object.address.to_string() });
        }
        Ok(declared)
    }

    pub(super) fn see(&self, address: &Address, id: Option<&Id>, live: &LiveValue) {
        let attributes =
            Attributes { id: id.map(Id::to_string), inputs: live.inputs.clone(), outputs: Some(live.outputs.clone()) };
        guard(&self.known).0.insert(address.clone(), attributes);
    }

    pub(super) fn entry(
        &self,
        object: &Object,
        kind: &dyn Erased,
        change: &Change,
        id: Option<Id>,
        live: &LiveValue,
        token: Token,
    ) -> Entry {
        let live = redacted(live, &change.secret, kind.fields(), &self.ledger.salt());
        Entry {
            address: object.address.clone(),
            kind: kind.kind().to_owned(),
            version: kind.version(),
            id,
            inputs: live.inputs,
            outputs: live.outputs,
            depends_on: self.plan.edges.get(&object.address).into_iter().flatten().cloned().collect(),
            status: Status::Ok,
            token,
            protect: object.settings.protect,
            create_first: object.settings.create_first,
            secret: change.secret.clone(),
            deposed: None,
        }
    }

    /// An object that stays as it is. Its entry may differ: drift that is ignored, other dependencies, an import.
    fn keep(&self, object: &Object, kind: &dyn Erased, change: &Change) -> Result<()> {
        let Some(live) = self.plan.live.get(&(object.address.clone(), None)) else { return Ok(()) };
        let before = self.ledger.get(&object.address, None);
        let id = before.as_ref().and_then(|entry| entry.id.clone()).or_else(|| change.importing.clone());
        let token = before.as_ref().map_or_else(|| random_hex(16).map(Token), |entry| Ok(entry.token.clone()))?;
        let mut live = live.clone();
        self.keep_write_only(object, kind, &mut live)?;
        let entry = self.entry(object, kind, change, id, &live, token);
        if before.as_ref() != Some(&entry) {
            self.ledger.record(&StateChange::Put(Box::new(entry.clone())))?;
        }
        if change.importing.is_some() {
            guard(&self.summary).import += 1;
        }
        self.see(&object.address, entry.id.as_ref(), &live);
        Ok(())
    }

    /// Fields that cannot be read are what was declared.
    fn keep_write_only(&self, object: &Object, kind: &dyn Erased, live: &mut LiveValue) -> Result<()> {
        if kind.fields().iter().any(|field| field.write_only || field.echoed) {
            let declared = self.declared(object)?;
            let read = write_only_fields(std::mem::take(live), kind.fields(), &declared);
            *live = in_clear(read, kind, &declared, &self.ledger.salt());
        }
        Ok(())
    }

    pub(super) fn read(
        &self,
        object: Option<&Object>,
        kind: &dyn Erased,
        address: &Address,
        id: &Id,
        entry: Option<&Entry>,
    ) -> Result<Option<LiveValue>> {
        let limit = object.and_then(|object| object.settings.timeouts.read);
        let was = entry.map(Entry::live);
        let read = watch(&self.scope.time, limit, kind.read(&self.scope, id, was.as_ref()));
        let live = read.map_err(|stop| stop.error(address, "read"))?;
        let kept = entry.map_or(&Value::Null, |entry| &entry.inputs);
        Ok(live.map(|live| write_only_fields(live, kind.fields(), kept)))
    }

    /// The object as it is now; an error if that is not what was planned with.
    pub(super) fn read_again(
        &self,
        object: Option<&Object>,
        kind: &dyn Erased,
        change: &Change,
        entry: &Entry,
        id: &Id,
    ) -> Result<Option<LiveValue>> {
        let Some(live) = self.read(object, kind, &change.address, id, Some(entry))? else { return Ok(None) };
        let now = redacted(&live, &change.secret, kind.fields(), &self.ledger.salt());
        if change.pin.as_ref().is_some_and(|planned| *planned != pin(&now, kind.fields())) {
            let key = (change.address.clone(), change.deposed.clone());
            let then = self.plan.live.get(&key).map(|then| redacted(then, &change.secret, kind.fields(), &self.ledger.salt()));
            let fields = then.map(|then| differences(&then, &now, kind.fields())).unwrap_or_default();
            return Err(Error::Drifted { address: change.address.clone(), fields });
        }
        Ok(Some(live))
    }

    pub(super) fn start(&self, address: &Address, doing: Doing, id: Option<&Id>) -> std::time::Duration {
        self.progress.send(&Event::Start { address: address.clone(), doing, id: id.cloned() });
        self.batteries.time.monotonic()
    }

    pub(super) fn complete(&self, address: &Address, doing: Doing, since: std::time::Duration, id: Option<&Id>) {
        let elapsed = self.batteries.time.monotonic().saturating_sub(since);
        self.progress.send(&Event::Complete { address: address.clone(), doing, elapsed, id: id.cloned() });
    }

    /// Waits for an operation, with a sign of life.
    pub(super) fn wait<T: Send>(
        &self,
        address: &Address,
        doing: Doing,
        limit: Option<std::time::Duration>,
        operation: std::pin::Pin<Box<dyn Future<Output = crate::Result<T>> + Send + '_>>,
    ) -> Result<T> {
        let alive = |elapsed| self.progress.send(&Event::Still { address: address.clone(), doing, elapsed });
        watch_with(&self.scope.time, limit, &alive, operation).map_err(|stop: Stop| stop.error(address, doing.action()))
    }

    fn data(&self, object: &Object, data: &dyn AnyData, change: &Change) -> Result<()> {
        let inputs = self.declared(object)?;
        let since = self.start(&object.address, Doing::Read, None);
        let outputs = self.wait(&object.address, Doing::Read, object.settings.timeouts.read, data.read(&self.scope, &inputs))?;
        if change.action == Action::Read {
            self.complete(&object.address, Doing::Read, since, None);
        }
        self.see(&object.address, None, &LiveValue { inputs, outputs });
        Ok(())
    }

    /// Deletes an object, or takes it out of the state.
    fn end(&self, number: usize, change: &Change) -> Result<()> {
        let address = &change.address;
        let deposed = match change.action {
            Action::ReplaceCreateFirst => Some(self.deposed[number].clone()),
            _ => change.deposed.clone(),
        };
        let Some(entry) = self.ledger.get(address, deposed.as_deref()) else { return Ok(()) };
        let removed = StateChange::Remove(address.clone(), deposed.clone());
        if change.action == Action::Forget {
            self.ledger.record(&removed)?;
            guard(&self.summary).forget += usize::from(change.pin.is_some());
            return Ok(());
        }
        let kind = self.kind_of(change, Some(&entry))?;
        let object = self.plan.declared.object(address);
        if let Some(id) = &entry.id
            && let Some(live) = self.read_again(object, kind, change, &entry, id)?
        {
            if let Some(object) = object {
                self.hooks(object, true)?;
            }
            let since = self.start(address, Doing::Delete, Some(id));
            let limit = object.and_then(|object| object.settings.timeouts.delete);
            self.wait(address, Doing::Delete, limit, kind.delete(&self.scope, id, &live))?;
            self.complete(address, Doing::Delete, since, None);
        }
        guard(&self.summary).destroy += 1;
        self.ledger.record(&removed)
    }

    /// Takes what changed outside into the state.
    fn accept_drift(&self) -> Result<()> {
        for change in &self.plan.drift {
            let key = (change.address.clone(), None);
            let Some(entry) = self.ledger.get(&change.address, None) else { continue };
            let kind = self.kind_of(change, Some(&entry))?;
            match self.plan.live.get(&key) {
                None => self.ledger.record(&StateChange::Remove(change.address.clone(), None))?,
                Some(live) => {
                    let live = redacted(live, &change.secret, kind.fields(), &self.ledger.salt());
                    let entry = Entry { inputs: live.inputs, outputs: live.outputs, ..entry };
                    self.ledger.record(&StateChange::Put(Box::new(entry)))?;
                }
            }
        }
        Ok(())
    }

    /// Outputs, checks, the last write.
    fn finish(self, skipped: Vec<Address>) -> Result<Applied> {
        let mut failures: Vec<Error> = Vec::new();
        let declared = self.plan.declared.clone();
        let salt = self.ledger.salt();
        let prior = self.ledger.outputs();
        let (mut kept, mut shown) = (BTreeMap::new(), BTreeMap::new());
        let mut warnings = Vec::new();
        let known = guard(&self.known);
        let broken: BTreeSet<Address> = {
            let (ops, _) = operations(&self.plan);
            let at = |at: &usize| match ops[*at] {
                Op::Make(number) | Op::End(number) => self.plan.changes[number].address.clone(),
            };
            guard(&self.failures).keys().map(at).chain(skipped.iter().cloned()).collect()
        };
        let absent = self.plan.mode == Mode::RefreshOnly && declared.absent;
        if self.plan.mode != Mode::Destroy && !absent {
            for (name, output) in &declared.outputs {
                let refused = output
                    .preconditions
                    .iter()
                    .find(|(holds, _)| declared.table.resolve(holds, &*known).is_ok_and(|holds| holds == Value::Bool(false)));
                if let Some((_, message)) = refused {
                    let (address, message) = (name.clone(), message.clone());
                    failures.push(Error::Condition { address, kind: "precondition", message });
                }
                let waits = output.after.iter().any(|on| broken.iter().any(|address| on.covers(address)));
                if refused.is_some() || waits || !self.plan.outputs.iter().any(|planned| planned.name == *name) {
                    kept.extend(prior.get(name).map(|output| (name.clone(), output.clone())));
                    continue;
                }
                match declared.table.resolve(&output.value, &*known) {
                    // A null is not kept: Terraform does not, either.
                    Ok(Value::Null) => {}
                    Ok(value) if !value::has_unknown(&value) => {
                        let hidden = if output.sensitive { value::salted(&salt, &value) } else { value.clone() };
                        kept.insert(name.clone(), Output { value: hidden, sensitive: output.sensitive });
                        shown.insert(name.clone(), Output { value, sensitive: output.sensitive });
                    }
                    Ok(_) => kept.extend(prior.get(name).map(|output| (name.clone(), output.clone()))),
                    Err(error) => failures.push(error),
                }
            }
            // A plan with targets leaves those alone that it does not show.
            let gone = |name: &String| self.plan.outputs.iter().any(|planned| planned.name == *name);
            kept.extend(
                prior
                    .iter()
                    .filter(|(name, _)| !declared.outputs.contains_key(*name) && !gone(name))
                    .map(|(name, output)| (name.clone(), output.clone())),
            );
            for check in &declared.checks {
                if declared.table.resolve(&check.holds, &*known).is_ok_and(|holds| holds == Value::Bool(false)) {
                    warnings.push(format!("check {} failed: {}", check.name, check.message));
                }
            }
        } else if absent || self.plan.outputs.is_empty() || !skipped.is_empty() || !guard(&self.failures).is_empty() {
            kept.clone_from(&prior);
        }
        drop(known);
        if kept != prior
            && let Err(error) = self.ledger.record(&StateChange::Outputs(kept))
        {
            failures.push(error);
        }
        let mut all: Vec<Error> = self.failures.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect();
        all.append(&mut failures);
        let (state, unsaved, released) = self.ledger.close();
        if unsaved {
            all.push(rescue(&self.batteries, &self.plan, &state));
        }
        all.extend(released.err());
        let applied = Applied {
            summary: self.summary.into_inner().unwrap_or_else(PoisonError::into_inner),
            failures: all,
            skipped,
            outputs: shown,
            warnings,
            state,
            destroyed: self.plan.mode == Mode::Destroy,
        };
        if !applied.failures.is_empty() {
            return Err(Error::Apply(Box::new(applied)));
        }
        if !applied.skipped.is_empty() {
            return Err(Error::Interrupted(Box::new(applied)));
        }
        Ok(applied)
    }
}

fn doing(op: Op, action: Action) -> Doing {
    match (op, action) {
        (Op::End(_), _) => Doing::Delete,
        (Op::Make(_), Action::Update) => Doing::Update,
        (Op::Make(_), Action::Read) => Doing::Read,
        _ => Doing::Create,
    }
}
