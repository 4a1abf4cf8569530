//! [`Apply`]: doing what a plan says.

mod ledger;
mod objects;
mod ops;
pub(super) mod pool;
mod progress;
mod step;
mod watch;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::address::Address;
use super::error::{Error, Result};
use super::plan::{Plan, Summary, changed_fields};
use super::resource::{Field, LiveValue};
use super::state::{Output, Snapshot};
use super::{plan, value};
use crate::Batteries;
use crate::wait::BoxFuture;
use progress::Sink;
pub use progress::{Doing, Event};
pub(super) use step::postconditions;
pub(super) use watch::{Stop, watch};

/// Stops an apply from outside: what runs is finished and saved, nothing else is started. Clones share it.
///
/// After [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt), the first Ctrl-C or SIGTERM does the same, without this value, as it does in
/// Terraform: waits of running operations end, what they did is in the state, and `sys.finish(..)` ends with 130 or 143. An object whose
/// creation was cut off is found again by the next plan. The interrupt stays pending: a program that goes on reports it first, by
/// [`Sys::check_interrupt`](crate::sys::Sys::check_interrupt). A second signal ends the process; that is safe as well.
#[derive(Clone, Debug, Default)]
#[doc(alias = "terraform.apply.interrupt")]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// One that nothing has stopped yet.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// Starts nothing from now on.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// True after [`Interrupt::stop`].
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A plan that is to be applied: what [`Plan::apply`] gives. End it with `.wait()?` or `.await?`.
///
/// Objects are worked on as far as the graph allows, several at once on a machine; in a [`World`](crate::World) one after another in a
/// fixed order. Every step is in the state before the next one that needs it begins. If one fails, the objects that depend on it are left
/// alone, the others are finished, and the error is [`Error::Apply`].
///
/// If the place of the state takes no more writes, the state is written to `errored.NAME.json` in the working directory, and the error says so.
#[must_use = "nothing happens until `.wait()` or `.await`"]
#[derive(Debug)]
#[doc(alias("terraform.apply.partial_failure", "terraform.graph.walk", "terraform.graph.destroy_edges"))]
#[doc(alias("terraform.apply.state_per_step", "terraform.apply.idempotent", "terraform.apply.errored_tfstate"))]
pub struct Apply {
    plan: Plan,
    batteries: Batteries,
    parallel: usize,
    lock_timeout: Duration,
    progress: Sink,
    interrupt: Interrupt,
}

impl Apply {
    pub(super) fn new(plan: Plan, batteries: &Batteries) -> Apply {
        Apply {
            plan,
            batteries: batteries.clone(),
            parallel: 10,
            lock_timeout: Duration::ZERO,
            progress: Sink::default(),
            interrupt: Interrupt::new(),
        }
    }

    /// How many objects are worked on at once. Default: 10.
    pub fn parallel(self, limit: usize) -> Apply {
        Apply { parallel: limit, ..self }
    }

    /// How long to wait for the lock of another run. Default: not at all.
    pub fn lock_timeout(self, timeout: Duration) -> Apply {
        Apply { lock_timeout: timeout, ..self }
    }

    /// Is called with each step: `.progress(|event| println!("{event}"))` prints what Terraform prints.
    #[doc(alias("terraform.apply.progress", "terraform.plan.json_stream"))]
    pub fn progress(self, show: impl Fn(&Event) + Send + Sync + 'static) -> Apply {
        Apply { progress: Sink::new(show), ..self }
    }

    /// Lets this stop the apply.
    pub fn interrupt(self, interrupt: &Interrupt) -> Apply {
        Apply { interrupt: interrupt.clone(), ..self }
    }

    fn run(self) -> Result<Applied> {
        let store = self.plan.infra.store(&self.batteries)?;
        let held = plan::take_lock(&*store, "apply", self.lock_timeout, &self.batteries)?;
        let stale = |problem: String| Error::Stale { place: store.place().to_owned(), problem };
        let prior = &self.plan.prior;
        let snapshot = match store.load()? {
            Some(found) if found.snapshot.lineage != prior.lineage => {
                return Err(stale(format!("lineage {} differs from {}", found.snapshot.lineage, prior.lineage)));
            }
            Some(found) if found.snapshot.serial != prior.serial => {
                return Err(stale(format!(
                    "the state has serial {}, the plan was made from {}",
                    found.snapshot.serial, prior.serial
                )));
            }
            Some(found) => found.snapshot,
            None if prior.serial == 0 => prior.clone(),
            None => return Err(stale("the state is gone".into())),
        };
        let ledger = ledger::Ledger::new(held, snapshot);
        step::Run::new(self.plan, &self.batteries, ledger, self.progress, self.interrupt).all(self.parallel)
    }
}

impl IntoFuture for Apply {
    type Output = Result<Applied>;
    type IntoFuture = BoxFuture<Result<Applied>>;

    fn into_future(self) -> BoxFuture<Result<Applied>> {
        pool::blocking(pool::in_memory(&self.batteries), Box::new(move || self.run()))
    }
}

/// What an apply did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Applied {
    /// How many objects were touched.
    pub summary: Summary,
    /// What failed, in the order of the plan.
    pub failures: Vec<Error>,
    /// The objects that were left alone, because something that they depend on failed, or because of an interrupt.
    pub skipped: Vec<Address>,
    /// The outputs, sensitive ones in clear.
    pub outputs: BTreeMap<String, Output>,
    /// Checks that do not hold.
    pub warnings: Vec<String>,
    /// The state afterwards.
    pub state: Snapshot,
    pub(super) destroyed: bool,
}

impl Applied {
    /// 0 if all was done, else 1.
    #[doc(alias = "terraform.apply.exitcode")]
    pub fn exitcode(&self) -> i32 {
        i32::from(!self.failures.is_empty() || !self.skipped.is_empty())
    }
}

impl fmt::Display for Applied {
    /// `Apply complete! Resources: 1 added, 0 changed, 0 destroyed.`, and the outputs. If not all was done, `Apply incomplete!`, and what
    /// failed and what was left alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f: &mut dyn Write = &mut plan::Escaped(f);
        let Summary { import, add, change, destroy, forget } = self.summary;
        let ending = if self.exitcode() == 0 { "complete" } else { "incomplete" };
        if self.destroyed {
            writeln!(f, "Destroy {ending}! Resources: {destroy} destroyed.")?;
        } else {
            write!(f, "Apply {ending}! Resources: ")?;
            if import > 0 {
                write!(f, "{import} imported, ")?;
            }
            write!(f, "{add} added, {change} changed, {destroy} destroyed")?;
            if forget > 0 {
                write!(f, ", {forget} forgotten")?;
            }
            writeln!(f, ".")?;
        }
        self.failures.iter().try_for_each(|failure| writeln!(f, "Failed: {failure}"))?;
        self.skipped.iter().try_for_each(|address| writeln!(f, "Left alone: {address}"))?;
        if !self.outputs.is_empty() {
            writeln!(f, "\nOutputs:\n")?;
        }
        for (name, output) in &self.outputs {
            let value = if output.sensitive { "<sensitive>".to_owned() } else { output.value.to_string() };
            writeln!(f, "{name} = {value}")?;
        }
        Ok(())
    }
}

/// What was read, as it may be kept and compared: secrets as salted hashes.
pub(super) fn redacted(live: &LiveValue, secret: &std::collections::BTreeSet<String>, fields: &[Field], salt: &str) -> LiveValue {
    let hash = |value: &Value| {
        let mut hashed = value::redact(value, secret, salt);
        // What cannot be read comes from the state, where it is a hash already.
        if let (Some(hashed), Some(plain)) = (hashed.as_object_mut(), value.as_object()) {
            for field in fields.iter().filter(|field| field.write_only || field.echoed) {
                if let Some(kept) = plain.get(field.name).filter(|kept| is_hash(kept)) {
                    hashed.insert(field.name.to_owned(), kept.clone());
                }
            }
        }
        hashed
    };
    LiveValue { inputs: hash(&live.inputs), outputs: hash(&live.outputs) }
}

pub(super) fn is_hash(value: &Value) -> bool {
    value.as_str().and_then(|text| text.strip_prefix("sha256:")).is_some_and(|hex| hex.len() == 64)
}

/// A hash of what was read and redacted: what a plan is pinned to.
pub(super) fn pin(live: &LiveValue, fields: &[Field]) -> String {
    let mut inputs = live.inputs.clone();
    if let Some(inputs) = inputs.as_object_mut() {
        for field in fields.iter().filter(|field| field.set) {
            if let Some(Value::Array(items)) = inputs.get_mut(field.name) {
                items.sort_by_cached_key(Value::to_string);
            }
        }
    }
    value::digest(&Value::Array(vec![inputs, live.outputs.clone()]))
}

/// The attributes in which two readings differ.
pub(super) fn differences(one: &LiveValue, two: &LiveValue, fields: &[Field]) -> Vec<String> {
    let mut names = changed_fields(&one.inputs, &two.inputs, fields);
    names.extend(changed_fields(&one.outputs, &two.outputs, &[]));
    names
}
