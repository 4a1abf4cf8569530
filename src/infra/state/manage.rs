//! [`Manage`]: looking at a state and editing it, without a declaration.

use std::marker::PhantomData;

use super::entry::{Entry, Status};
use super::journal::Change;
use super::snapshot::Snapshot;
use super::store::Store;
use crate::Batteries;
use crate::infra::Infra;
use crate::infra::address::Address;
use crate::infra::error::{Error, Result};
use crate::wait::BoxFuture;

/// The state of one workspace, from [`Infra::state`]. Every method gives a [`Request`], ended by `.wait()?` or `.await?`.
#[derive(Clone, Debug)]
pub struct Manage {
    infra: Infra,
    batteries: Batteries,
}

/// Work on a state. Nothing is done before `.wait()` or `.await`.
#[must_use = "nothing happens until `.wait()` or `.await`"]
pub struct Request<T> {
    work: Box<dyn FnOnce() -> Result<T> + Send>,
    inline: bool,
    of: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

impl<T: Send + 'static> IntoFuture for Request<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<Result<T>>;

    fn into_future(self) -> BoxFuture<Result<T>> {
        crate::infra::apply::pool::blocking(self.inline, self.work)
    }
}

impl Manage {
    pub(in crate::infra) fn new(infra: Infra, batteries: Batteries) -> Manage {
        Manage { infra, batteries }
    }

    fn request<T: Send + 'static>(&self, work: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Request<T> {
        let (infra, batteries) = (self.infra.clone(), self.batteries.clone());
        let inline = crate::infra::apply::pool::in_memory(&batteries);
        Request { work: Box::new(move || work(&*infra.store(&batteries)?)), inline, of: PhantomData }
    }

    /// Edits the state under its lock; the text in the lock is `operation`.
    fn edit<T: Send + 'static>(
        &self,
        operation: &'static str,
        edit: impl FnOnce(&mut Snapshot) -> Result<(T, Vec<Change>)> + Send + 'static,
    ) -> Request<T> {
        self.request(move |store| {
            let mut held = store.lock(operation)?;
            let mut snapshot = load(store)?;
            let (answer, changes) = edit(&mut snapshot)?;
            for change in changes {
                snapshot.apply(&change);
                held.record(&change, &snapshot)?;
            }
            held.release(&snapshot)?;
            Ok(answer)
        })
    }

    /// The whole state; an empty one if there is none yet.
    #[doc(alias("terraform.state.pull", "terraform.show"))]
    pub fn pull(&self) -> Request<Snapshot> {
        self.request(load)
    }

    /// The addresses of all objects, sorted.
    #[doc(alias = "terraform.state.list")]
    pub fn list(&self) -> Request<Vec<Address>> {
        self.request(|store| Ok(load(store)?.addresses().into_iter().cloned().collect()))
    }

    /// One object.
    #[doc(alias = "terraform.state.show")]
    pub fn show(&self, address: impl Into<Address>) -> Request<Entry> {
        let address = address.into();
        self.request(move |store| find(&load(store)?, &address, "show").cloned())
    }

    /// Types and ids of all objects: `[{address, type, identity: {id}}]`.
    #[doc(alias = "terraform.state.identities")]
    pub fn identities(&self) -> Request<serde_json::Value> {
        self.request(|store| {
            let rows = load(store)?
                .resources
                .into_values()
                .map(|entry| serde_json::json!({ "address": entry.address, "type": entry.kind, "identity": { "id": entry.id } }));
            Ok(rows.collect())
        })
    }

    /// Renames an object, or all instances of one, without touching it. Gives how many were renamed.
    #[doc(alias = "terraform.state.mv")]
    pub fn mv(&self, from: impl Into<Address>, to: impl Into<Address>) -> Request<usize> {
        let (from, to) = (from.into(), to.into());
        self.edit("state mv", move |snapshot| {
            to.check()?;
            let changes = rename(snapshot, &from, &to)?;
            if changes.is_empty() {
                return Err(Error::UnknownAddress { address: from, what: "state mv" });
            }
            Ok((changes.iter().filter(|change| matches!(change, Change::Remove(..))).count(), changes))
        })
    }

    /// Forgets an object, or all instances of one; it is not deleted. Gives how many were forgotten.
    #[doc(alias = "terraform.state.rm")]
    pub fn rm(&self, address: impl Into<Address>) -> Request<usize> {
        let address = address.into();
        self.edit("state rm", move |snapshot| {
            let keys = snapshot.resources.keys().filter(|(found, _)| address.covers(found));
            let changes: Vec<Change> = keys.map(|(found, deposed)| Change::Remove(found.clone(), deposed.clone())).collect();
            match changes.len() {
                0 => Err(Error::UnknownAddress { address, what: "state rm" }),
                count => Ok((count, changes)),
            }
        })
    }

    /// Marks an object to be replaced by the next apply.
    #[doc(alias = "terraform.taint")]
    pub fn taint(&self, address: impl Into<Address>) -> Request<()> {
        self.mark("taint", address.into(), Status::Tainted)
    }

    /// Takes that mark off.
    #[doc(alias = "terraform.untaint")]
    pub fn untaint(&self, address: impl Into<Address>) -> Request<()> {
        self.mark("untaint", address.into(), Status::Ok)
    }

    fn mark(&self, operation: &'static str, address: Address, status: Status) -> Request<()> {
        self.edit(operation, move |snapshot| {
            let entry = find(snapshot, &address, operation)?;
            if entry.status == Status::Creating {
                return Err(Error::Field { address, problem: "its making was cut off: apply first".into() });
            }
            Ok(((), vec![Change::Put(Box::new(Entry { status, ..entry.clone() }))]))
        })
    }

    /// Replaces the whole state. Refused for another lineage or an older serial, unless there is no state yet.
    #[doc(alias = "terraform.state.push")]
    pub fn push(&self, snapshot: Snapshot) -> Request<()> {
        self.write("state push", snapshot, false)
    }

    /// Replaces the whole state, whatever is there.
    pub fn push_even_if_lineage_or_serial_differ(&self, snapshot: Snapshot) -> Request<()> {
        self.write("state push", snapshot, true)
    }

    /// Copies the state to another place: `infra` is the same with another [`State`](super::State). The old one stays.
    #[doc(alias = "terraform.init.migrate_state")]
    pub fn migrate_to(&self, infra: &Infra) -> Request<()> {
        let target = Manage::new(infra.clone(), self.batteries.clone());
        self.request(move |store| {
            let held = store.lock("migrate")?;
            let snapshot = load(store)?;
            let copied = (target.write("migrate", snapshot.clone(), false).work)();
            held.release(&snapshot)?;
            copied
        })
    }

    fn write(&self, operation: &'static str, snapshot: Snapshot, force: bool) -> Request<()> {
        self.request(move |store| {
            let mut held = store.lock(operation)?;
            if !force && let Some(found) = store.load()?.map(|found| found.snapshot) {
                if found.lineage != snapshot.lineage {
                    let problem = format!("lineage {} differs from {}", snapshot.lineage, found.lineage);
                    return Err(Error::state(store.place(), problem));
                }
                if found.serial > snapshot.serial {
                    let problem = format!("serial {} is older than {}", snapshot.serial, found.serial);
                    return Err(Error::state(store.place(), problem));
                }
            }
            held.replace(&snapshot)?;
            held.release(&snapshot)
        })
    }

    /// Removes the lock of another run, whose id is in the error that it caused. Only if that run certainly has ended: two runs
    /// at once can make things twice.
    #[doc(alias = "terraform.force_unlock")]
    pub fn force_unlock_although_another_run_may_be_active(&self, id: impl Into<String>) -> Request<()> {
        let id = id.into();
        self.request(move |store| store.break_lock(&id))
    }

    /// The workspaces that have a state, `default` first.
    #[doc(alias = "terraform.workspace")]
    pub fn workspaces(&self) -> Request<Vec<String>> {
        self.request(|store| {
            let mut names = vec!["default".to_owned()];
            names.extend(store.workspaces()?);
            Ok(names)
        })
    }

    /// Removes the state of this workspace. Refused for `default`, and while there are objects in it.
    pub fn delete_workspace(&self) -> Request<()> {
        let workspace = self.infra.workspace_name().to_owned();
        self.request(move |store| {
            if workspace == "default" {
                return Err(Error::state(store.place(), "workspace \"default\" cannot be deleted"));
            }
            let held = store.lock("workspace delete")?;
            let snapshot = load(store)?;
            if !snapshot.resources.is_empty() {
                return Err(Error::state(
                    store.place(),
                    format!("workspace {workspace:?} still has {} objects", snapshot.resources.len()),
                ));
            }
            store.remove()?;
            drop(held);
            Ok(())
        })
    }
}

fn find<'s>(snapshot: &'s Snapshot, address: &Address, what: &'static str) -> Result<&'s Entry> {
    snapshot.get(address).ok_or_else(|| Error::UnknownAddress { address: address.clone(), what })
}

/// The state, or a fresh one.
pub(in crate::infra) fn load(store: &dyn Store) -> Result<Snapshot> {
    Ok(match store.load()? {
        Some(parsed) => parsed.snapshot,
        None => Snapshot::fresh(crate::infra::random_uuid()?, crate::infra::random_hex(16)?),
    })
}

/// The changes that rename `from`, every instance of it, and all that is inside of this prefix.
pub(in crate::infra) fn rename(snapshot: &Snapshot, from: &Address, to: &Address) -> Result<Vec<Change>> {
    // References follow, or a later destroy would go in the wrong order.
    let moved = |address: &Address| match from.covers(address) {
        true => Address::new(format!("{to}{}", &address.as_str()[from.as_str().len()..])),
        false => address.clone(),
    };
    let depends_on = |entry: &Entry| entry.depends_on.iter().map(moved).collect::<Vec<Address>>();
    let mut changes = Vec::new();
    for ((found, deposed), entry) in &snapshot.resources {
        if !from.covers(found) {
            continue;
        }
        let renamed = moved(found);
        if snapshot.resources.contains_key(&(renamed.clone(), deposed.clone())) {
            return Err(Error::Duplicate { address: renamed });
        }
        changes.push(Change::Remove(found.clone(), deposed.clone()));
        changes.push(Change::Put(Box::new(Entry { address: renamed, depends_on: depends_on(entry), ..entry.clone() })));
    }
    if !changes.is_empty() {
        for entry in snapshot.resources.values().filter(|entry| !from.covers(&entry.address)) {
            if entry.depends_on.iter().any(|address| from.covers(address)) {
                changes.push(Change::Put(Box::new(Entry { depends_on: depends_on(entry), ..entry.clone() })));
            }
        }
    }
    Ok(changes)
}
