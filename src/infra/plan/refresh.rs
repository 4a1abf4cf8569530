//! Reading every object of the state.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::update::write_only_fields;
use crate::infra::Infra;
use crate::infra::address::Address;
use crate::infra::apply::pool::{self, Done};
use crate::infra::apply::{Stop, watch};
use crate::infra::declare::Declared;
use crate::infra::error::{Error, Result};
use crate::infra::resource::{Erased, Id, LiveValue, Scope};
use crate::infra::state::{Entry, Snapshot};

type Key = (Address, Option<String>);

/// What was found of one object of the state.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// It is there.
    Live(Id, LiveValue),
    /// It is gone, or was never made.
    Gone,
}

/// The type of an object: as it is declared, else as it is registered.
pub(in crate::infra) fn kind<'d>(infra: &'d Infra, declared: &'d Declared, entry: &Entry) -> Result<&'d dyn Erased> {
    if let Some(kind) = declared.kind(&entry.address).filter(|kind| kind.kind() == entry.kind) {
        return Ok(kind);
    }
    infra.registered(&entry.kind).ok_or_else(|| Error::UnknownType { address: entry.address.clone(), kind: entry.kind.clone() })
}

/// Reads all of them, some at a time. The first error, in the order of the addresses, ends the plan.
pub(super) fn refresh(
    infra: &Infra,
    scope: &Scope,
    declared: &Declared,
    snapshot: &Snapshot,
    parallel: usize,
) -> Result<BTreeMap<Key, Found>> {
    let entries: Vec<&Entry> = snapshot.resources.values().collect();
    let found: Mutex<BTreeMap<Key, Result<Found>>> = Mutex::default();
    pool::walk(&vec![Vec::new(); entries.len()], parallel, pool::in_memory(scope), &|number| {
        let entry = entries[number];
        let result = kind(infra, declared, entry).and_then(|kind| read(scope, declared, kind, entry));
        let key = (entry.address.clone(), entry.deposed.clone());
        let done = if result.is_ok() { Done::Yes } else { Done::No };
        found.lock().unwrap_or_else(PoisonError::into_inner).insert(key, result);
        done
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().map(|(key, found)| Ok((key, found?))).collect()
}

fn read(scope: &Scope, declared: &Declared, kind: &dyn Erased, entry: &Entry) -> Result<Found> {
    let limit = declared.object(&entry.address).and_then(|object| object.settings.timeouts.read);
    let was = state_of(kind, entry)?;
    let stopped = |action: &'static str| move |stop: Stop| stop.error(&entry.address, action);
    let id = match &entry.id {
        Some(id) => id.clone(),
        // The making was cut off, and the id is the world's choice: the token finds the object.
        None => {
            let found = watch(&scope.time, limit, kind.find(scope, &entry.inputs, &entry.token)).map_err(stopped("find"))?;
            let Some(id) = found else { return Ok(Found::Gone) };
            id
        }
    };
    let live = watch(&scope.time, limit, kind.read(scope, &id, Some(&was))).map_err(stopped("read"))?;
    Ok(match live {
        Some(live) => Found::Live(id, write_only_fields(live, kind.fields(), &was.inputs)),
        None => Found::Gone,
    })
}

/// What the state has, in the present version of the type.
pub(super) fn state_of(kind: &dyn Erased, entry: &Entry) -> Result<LiveValue> {
    let mut live = entry.live();
    if entry.version > kind.version() {
        let problem = format!("version {} of {} is newer than this program's ({})", entry.version, entry.kind, kind.version());
        return Err(Error::Field { address: entry.address.clone(), problem });
    }
    if entry.version < kind.version() {
        let upgraded = kind.upgrade(entry.version, live.inputs);
        live.inputs = upgraded.map_err(|error| Error::Resource { address: entry.address.clone(), action: "upgrade", error })?;
    }
    Ok(live)
}
