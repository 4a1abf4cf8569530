//! [`Ledger`]: the state while an apply works on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Batteries;
use crate::infra::error::{Error, Result};
use crate::infra::plan::Plan;
use crate::infra::state::{Change, Entry, Held, Snapshot};

/// The state in memory and the place that every change of it goes to at once.
pub(super) struct Ledger(Mutex<State>);

struct State {
    held: Box<dyn Held>,
    snapshot: Snapshot,
    /// A change is in memory that could not be written.
    unsaved: bool,
}

impl Ledger {
    pub(super) fn new(held: Box<dyn Held>, snapshot: Snapshot) -> Ledger {
        Ledger(Mutex::new(State { held, snapshot, unsaved: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change, in memory in any case.
    pub(super) fn record(&self, change: &Change) -> Result<()> {
        let mut state = self.lock();
        let State { held, snapshot, unsaved } = &mut *state;
        snapshot.apply(change);
        let written = if *unsaved { held.replace(snapshot) } else { held.record(change, snapshot) };
        *unsaved = written.is_err();
        written
    }

    /// Notes a change before anything is done: if it cannot be written, it has not happened.
    pub(super) fn intend(&self, change: &Change) -> Result<()> {
        let mut state = self.lock();
        let State { held, snapshot, unsaved } = &mut *state;
        let before = snapshot.clone_one(change);
        snapshot.apply(change);
        let written = if *unsaved { held.replace(snapshot) } else { held.record(change, snapshot) };
        match &written {
            Ok(()) => *unsaved = false,
            Err(_) => {
                // What is in the file may be either: the next write is a whole one.
                *unsaved = true;
                snapshot.restore(before);
            }
        }
        written
    }

    pub(super) fn get(&self, address: &crate::infra::Address, deposed: Option<&str>) -> Option<Entry> {
        self.lock().snapshot.resources.get(&(address.clone(), deposed.map(str::to_owned))).cloned()
    }

    pub(super) fn salt(&self) -> String {
        self.lock().snapshot.salt.clone()
    }

    pub(super) fn outputs(&self) -> std::collections::BTreeMap<String, crate::infra::state::Output> {
        self.lock().snapshot.outputs.clone()
    }

    /// Compacts the state and gives the lock back. The state, and whether a change of it could not be written.
    pub(super) fn close(self) -> (Snapshot, bool, Result<()>) {
        let State { mut held, snapshot, unsaved } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if unsaved && held.replace(&snapshot).is_err() {
            return (snapshot, true, Ok(()));
        }
        let released = held.release(&snapshot);
        (snapshot, false, released)
    }
}

/// Writes a state that its place does not take to a file here, so that it is not lost.
pub(super) fn rescue(batteries: &Batteries, plan: &Plan, state: &Snapshot) -> Error {
    let path = format!("errored.{}.json", plan.infra.name());
    let saved = state.to_text().and_then(|text| {
        let open = crate::os::Open::new(&path).permissions(0o600);
        batteries.os.write_bytes(open, text).map_err(|error| Error::state(&path, error))
    });
    let problem = match saved {
        Ok(_) => format!("the state could not be written; it is in {path}: push it when the place works again"),
        Err(error) => format!("the state could not be written, and neither could a copy: {error}"),
    };
    Error::state(&plan.place, problem)
}
