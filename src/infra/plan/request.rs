//! [`PlanRequest`]: a plan that is to be made, and its options.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Plan;
use super::build::Builder;
use crate::Batteries;
use crate::infra::Infra;
use crate::infra::address::Address;
use crate::infra::apply::pool;
use crate::infra::declare::Declared;
use crate::infra::error::{Error, Result};
use crate::infra::resource::Scope;
use crate::infra::state::{Held, Store};
use crate::wait::BoxFuture;

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::infra) enum Mode {
    #[default]
    Normal,
    /// Everything is deleted.
    Destroy,
    /// Only the state follows the world.
    RefreshOnly,
}

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) mode: Mode,
    pub(super) refresh: bool,
    pub(super) target: BTreeSet<Address>,
    pub(super) exclude: BTreeSet<Address>,
    pub(super) replace: BTreeSet<Address>,
    pub(super) parallel: usize,
    lock: bool,
    lock_timeout: Duration,
    saved: Option<PathBuf>,
}

/// A plan that is to be made: what [`Infra::plan`] gives. End it with `.wait()?` or `.await?`.
#[must_use = "nothing happens until `.wait()` or `.await`"]
pub struct PlanRequest {
    infra: Infra,
    batteries: Batteries,
    declared: Result<Arc<Declared>>,
    options: Options,
}

impl std::fmt::Debug for PlanRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanRequest").field("options", &self.options).finish_non_exhaustive()
    }
}

impl PlanRequest {
    pub(in crate::infra) fn new(infra: Infra, batteries: &Batteries, declared: Result<Arc<Declared>>, mode: Mode) -> PlanRequest {
        let options = Options {
            mode,
            refresh: true,
            target: BTreeSet::new(),
            exclude: BTreeSet::new(),
            replace: BTreeSet::new(),
            parallel: 10,
            lock: true,
            lock_timeout: Duration::ZERO,
            saved: None,
        };
        PlanRequest { infra, batteries: batteries.clone(), declared, options }
    }

    /// Plans to delete everything in the state.
    #[doc(alias = "terraform.plan.destroy")]
    pub fn destroy(mut self) -> PlanRequest {
        self.options.mode = Mode::Destroy;
        self
    }

    /// Plans only to take what changed outside into the state.
    #[doc(alias("terraform.plan.refresh_only", "terraform.apply.refresh_only"))]
    pub fn refresh_only(mut self) -> PlanRequest {
        self.options.mode = Mode::RefreshOnly;
        self
    }

    /// Trusts the state, and reads no object.
    #[doc(alias = "terraform.plan.refresh_false")]
    pub fn without_refresh(mut self) -> PlanRequest {
        self.options.refresh = false;
        self
    }

    /// Only this object and what it depends on; when everything is deleted, this and what depends on it. Can be repeated.
    #[doc(alias("terraform.plan.target", "terraform.plan.include", "terraform.destroy.target"))]
    pub fn target(mut self, address: impl Into<Address>) -> PlanRequest {
        self.options.target.insert(address.into());
        self
    }

    /// All but this object and what depends on it. Can be repeated.
    #[doc(alias = "terraform.plan.exclude")]
    pub fn exclude(mut self, address: impl Into<Address>) -> PlanRequest {
        self.options.exclude.insert(address.into());
        self
    }

    /// Replaces this object, whether it changed or not. Can be repeated.
    #[doc(alias = "terraform.plan.replace_flag")]
    pub fn replace(mut self, address: impl Into<Address>) -> PlanRequest {
        self.options.replace.insert(address.into());
        self
    }

    /// How many objects are read at once. Default: 10.
    #[doc(alias = "terraform.plan.parallelism")]
    pub fn parallel(mut self, limit: usize) -> PlanRequest {
        self.options.parallel = limit;
        self
    }

    /// Plans although another run may hold the lock. Only to look: what is read may be between two steps of that run.
    #[doc(alias = "terraform.plan.lock")]
    pub fn without_lock(mut self) -> PlanRequest {
        self.options.lock = false;
        self
    }

    /// How long to wait for the lock of another run. Default: not at all.
    #[doc(alias = "terraform.plan.lock_timeout")]
    pub fn lock_timeout(mut self, timeout: Duration) -> PlanRequest {
        self.options.lock_timeout = timeout;
        self
    }

    /// Fails with [`Error::Stale`] unless the plan is the one that [`Plan::save`] wrote: the same state, the same changes.
    #[doc(alias = "terraform.apply.saved_plan")]
    pub fn saved_as(mut self, path: impl Into<PathBuf>) -> PlanRequest {
        self.options.saved = Some(path.into());
        self
    }

    fn make(self) -> Result<Plan> {
        let declared = self.declared?;
        let scope = Scope::new(self.batteries.clone(), self.infra.hosts.clone());
        let store = self.infra.store(&self.batteries)?;
        let held = match self.options.lock {
            true => Some(take_lock(&*store, "plan", self.options.lock_timeout, &self.batteries)?),
            false => None,
        };
        let saved = match &self.options.saved {
            Some(path) => Some((path.display().to_string(), Plan::read_saved(&self.batteries, path)?)),
            None => None,
        };
        let mut builder = Builder::new(&self.infra, &scope, declared, &*store, &self.options)?;
        if let Some((_, saved)) = &saved {
            builder.as_saved(saved);
        }
        let plan = builder.plan()?;
        drop(held);
        if let Some((place, saved)) = &saved {
            plan.same_as_saved(place, saved)?;
        }
        Ok(plan)
    }
}

impl IntoFuture for PlanRequest {
    type Output = Result<Plan>;
    type IntoFuture = BoxFuture<Result<Plan>>;

    fn into_future(self) -> BoxFuture<Result<Plan>> {
        pool::blocking(pool::in_memory(&self.batteries), Box::new(move || self.make()))
    }
}

/// Takes the lock, and asks again once a second for so long.
pub(in crate::infra) fn take_lock(
    store: &dyn Store,
    operation: &str,
    timeout: Duration,
    batteries: &Batteries,
) -> Result<Box<dyn Held>> {
    const PAUSE: Duration = Duration::from_secs(1);
    let end = batteries.time.monotonic().saturating_add(timeout);
    loop {
        match store.lock(operation) {
            Err(Error::Locked { .. }) if batteries.time.monotonic() < end => batteries.time.sleep(PAUSE).wait(),
            answer => return answer,
        }
    }
}
