//! [`Ledger`]: the state while an apply works on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::infra::error::Result;
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
