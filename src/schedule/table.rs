//! [`Table`]: the jobs in the order in which they were added, and in the order in which they are due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::datetime::DateTime;
use super::error::Result;
use super::job::{Cell, Facts, Function, Hooks};
use super::rule::{Due, Planned};
use super::zone::Rules;

#[derive(Default)]
pub(super) struct Table {
    last_id: u64,
    pub(super) jobs: BTreeMap<u64, Arc<Cell>>,
    /// By local time and number: what is due is at the front, so that looking for it costs what is due, not what there is.
    local: BTreeSet<(i64, u64)>,
    /// By moment and number.
    utc: BTreeSet<(i64, u64)>,
}

impl Table {
    pub(super) fn insert(&mut self, facts: Facts, function: Function, hooks: Hooks) -> Arc<Cell> {
        self.last_id += 1;
        let cell = Arc::new(Cell { id: self.last_id, facts: Mutex::new(facts), function, hooks, inside: Mutex::default() });
        self.jobs.insert(cell.id, cell.clone());
        cell
    }

    fn index(&mut self, due: Due) -> (&mut BTreeSet<(i64, u64)>, i64) {
        match due {
            Due::Local(at) => (&mut self.local, at),
            Due::Utc(at) => (&mut self.utc, at),
        }
    }

    /// Sets when a job is due. One that has been removed only shows it.
    pub(super) fn plan(&mut self, cell: &Arc<Cell>, planned: Option<Planned>) {
        let mut facts = cell.lock();
        if let Some(before) = facts.planned.take() {
            let (index, at) = self.index(before.due);
            index.remove(&(at, cell.id));
        }
        facts.planned = planned;
        if let Some(planned) = planned.filter(|_| self.jobs.contains_key(&cell.id)) {
            let (index, at) = self.index(planned.due);
            index.insert((at, cell.id));
        }
    }

    pub(super) fn remove(&mut self, cell: &Arc<Cell>) {
        if self.jobs.remove(&cell.id).is_some()
            && let Some(planned) = cell.lock().planned
        {
            let (index, at) = self.index(planned.due);
            index.remove(&(at, cell.id));
        }
    }

    pub(super) fn tagged(&self, tag: Option<&str>) -> Vec<Arc<Cell>> {
        let wanted = |cell: &&Arc<Cell>| tag.is_none_or(|tag| cell.lock().tags.contains(tag));
        self.jobs.values().filter(wanted).cloned().collect()
    }

    /// The jobs that are due, in the order of their times, then of their numbers: Python's stable sort.
    pub(super) fn due(&self, local_now: i64, utc_now: i64, local: &Rules) -> Vec<(Arc<Cell>, Planned)> {
        let by_local = self.local.range(..=(local_now, u64::MAX)).copied();
        let by_utc = self.utc.range(..=(utc_now, u64::MAX)).map(|(at, id)| (local.local_of(*at), *id));
        let mut due: Vec<(i64, u64)> = by_local.chain(by_utc).collect();
        due.sort_unstable();
        let cells = due.into_iter().filter_map(|(_, id)| self.jobs.get(&id));
        cells.filter_map(|cell| Some((cell.clone(), cell.lock().planned?))).collect()
    }

    pub(super) fn first_due(&self, tag: Option<&str>, local: &Rules) -> Result<Option<DateTime>> {
        if tag.is_none() {
            let by_local = self.local.first().map(|(at, _)| *at);
            let by_utc = self.utc.first().map(|(at, _)| local.local_of(*at));
            return by_local.into_iter().chain(by_utc).min().map(DateTime::from_micros).transpose();
        }
        let times = self.tagged(tag).into_iter().filter_map(|cell| cell.lock().planned);
        times.map(|planned| planned.shown(local)).min_by_key(|at| at.as_ref().ok().copied()).transpose()
    }

    /// The first moment, as seen now, at which a job is due.
    pub(super) fn first_moment(&self, local: &Rules, now: i64) -> Option<i64> {
        let by_local = self.local.first().map(|(at, _)| local.moment_from(*at, now));
        by_local.into_iter().chain(self.utc.first().map(|(at, _)| *at)).min()
    }
}
