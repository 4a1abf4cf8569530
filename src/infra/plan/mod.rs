//! [`Plan`]: what an apply would do, and why.
//!
//! ```
//! use leyden::{infra::{Action, Infra, State, Stored}, prelude::*};
//!
//! let world = World::new();
//! let infra = Infra::new("demo", State::file("/demo.json"));
//! let plan = infra.plan(&world.batteries(), |declare| Ok(declare.add("a", Stored::new("x")).map(drop)?)).wait()?;
//! assert_eq!(plan.change("a").unwrap().action, Action::Create);
//! assert_eq!(plan.json()["resource_changes"][0]["change"]["actions"][0], "create");
//! # Ok::<(), leyden::Error>(())
//! ```

mod build;
mod diff;
mod json;
mod refresh;
mod request;
mod rest;
mod text;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::address::Address;
use super::apply::Apply;
use super::declare::Declared;
use super::error::{Error, Result};
use super::resource::{Id, LiveValue};
use super::state::{Change as StateChange, Snapshot};
use super::{Infra, value};
use crate::Batteries;
pub(super) use build::{Known, validate};
pub(super) use diff::{changed_fields, settle};
pub(super) use refresh::kind;
pub use request::PlanRequest;
pub(super) use request::{Mode, take_lock};
pub(super) use text::Escaped;
pub(super) use update::{in_clear, write_only_fields};

/// What happens to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    #[doc(alias = "terraform.plan.noop")]
    NoOp,
    /// A data source is read during apply.
    #[doc(alias = "terraform.plan.read")]
    Read,
    /// It is made.
    #[doc(alias = "terraform.plan.create")]
    Create,
    /// It is changed in place.
    #[doc(alias = "terraform.plan.update")]
    Update,
    /// It is deleted and made anew.
    #[doc(alias = "terraform.plan.replace")]
    Replace,
    /// It is made anew, and the old one deleted afterwards.
    #[doc(alias = "terraform.plan.replace_create_first")]
    ReplaceCreateFirst,
    /// It is deleted.
    #[doc(alias = "terraform.plan.delete")]
    Delete,
    /// It is taken out of the state and stays.
    #[doc(alias = "terraform.plan.forget")]
    Forget,
}

impl Action {
    /// Terraform's words for it in a plan's JSON.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Action::NoOp => &["no-op"],
            Action::Read => &["read"],
            Action::Create => &["create"],
            Action::Update => &["update"],
            Action::Replace => &["delete", "create"],
            Action::ReplaceCreateFirst => &["create", "delete"],
            Action::Delete => &["delete"],
            Action::Forget => &["forget"],
        }
    }

    /// True for both kinds of replacement.
    pub fn is_replace(self) -> bool {
        matches!(self, Action::Replace | Action::ReplaceCreateFirst)
    }
}

/// Why an action was chosen, where it does not follow from the declaration alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "terraform.plan.action_reason")]
pub enum Reason {
    /// The object is tainted.
    Tainted,
    /// A field changed that cannot be changed in place.
    CannotUpdate,
    /// Replacement was asked for.
    Requested,
    /// An object in `replace_when` changed.
    Triggered,
    /// It is not declared any more.
    NotDeclared,
    /// Other instances are declared, but not this key.
    KeyNotDeclared,
    /// A field of a data source is known only after apply.
    FieldsUnknown,
    /// A data source waits for an object that changes.
    DependencyPending,
}

impl Reason {
    /// Terraform's word for it in a plan's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Tainted => "replace_because_tainted",
            Reason::CannotUpdate => "replace_because_cannot_update",
            Reason::Requested => "replace_by_request",
            Reason::Triggered => "replace_by_triggers",
            Reason::NotDeclared => "delete_because_no_resource_config",
            Reason::KeyNotDeclared => "delete_because_each_key",
            Reason::FieldsUnknown => "read_because_config_unknown",
            Reason::DependencyPending => "read_because_dependency_pending",
        }
    }
}

/// What is planned for one object. Secret values in it are salted hashes.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "terraform.plan.json.change")]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// The address that it had before, if it was moved.
    pub previous_address: Option<Address>,
    /// Its resource type.
    pub kind: String,
    /// What happens.
    pub action: Action,
    /// Why.
    pub reason: Option<Reason>,
    /// Fields, outputs and id before; null if there is no object.
    pub before: Value,
    /// The same after, without what is known only then; null if there is no object.
    pub after: Value,
    /// The fields whose change forces the replacement.
    pub replace_paths: Vec<String>,
    /// The id of the existing object that is imported or adopted.
    pub importing: Option<Id>,
    /// For the old object of a replacement that was cut off: its key.
    pub deposed: Option<String>,
    /// `after` with marks where it is not known.
    pub(super) marked: Value,
    pub(super) secret: BTreeSet<String>,
    pub(super) is_data: bool,
    /// Hash of what was read.
    pub(super) pin: Option<String>,
}

impl Change {
    /// True if the value of this attribute is known only after apply.
    pub fn is_unknown(&self, attribute: &str) -> bool {
        self.marked.get(attribute).is_some_and(value::has_unknown)
    }
}

/// What is planned for one output.
#[derive(Clone)]
#[non_exhaustive]
#[doc(alias = "terraform.plan.json.output_changes")]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// `NoOp`, `Create`, `Update` or `Delete`.
    pub action: Action,
    /// The value before; null if there was none.
    pub before: Value,
    /// The value after; null if there is none, or if it is known only then.
    pub after: Value,
    /// True if it must not be shown.
    pub sensitive: bool,
    pub(super) marked: Value,
}

impl std::fmt::Debug for OutputChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("OutputChange");
        shown.field("name", &self.name).field("action", &self.action).field("sensitive", &self.sensitive);
        if !self.sensitive {
            shown.field("before", &self.before).field("after", &self.after);
        }
        shown.finish_non_exhaustive()
    }
}

/// What became of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It is known only after apply.
    Unknown,
}

/// A `check`, a precondition or a postcondition, and what became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "terraform.plan.json.checks")]
pub struct CheckResult {
    /// The check's name or the object's address.
    pub name: String,
    /// `check`, `resource` or `output_value`, as in Terraform's JSON.
    pub kind: &'static str,
    /// What became of it.
    pub status: CheckStatus,
    /// The declared text.
    pub message: String,
}

/// How many objects a plan touches; a replacement is one to add and one to destroy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("terraform.plan.summary", "terraform.apply.summary"))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Summary {
    /// Imported or adopted.
    pub import: usize,
    /// Made.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted.
    pub destroy: usize,
    /// Taken out of the state.
    pub forget: usize,
}

/// What an apply would do: a value to look at, print, save, and apply once.
///
/// `Display` is the text that Terraform's users know. [`Plan::json`] is Terraform's JSON.
#[must_use = "a plan does nothing until it is applied"]
#[derive(Clone)]
#[doc(alias("terraform.plan", "terraform.plan.render"))]
pub struct Plan {
    pub(super) infra: Infra,
    pub(super) place: String,
    /// The state as it was read.
    pub(super) prior: Snapshot,
    /// What moves change in it before anything else.
    pub(super) moves: Vec<StateChange>,
    /// The state after the moves.
    pub(super) moved: Snapshot,
    pub(super) changes: Vec<Change>,
    pub(super) drift: Vec<Change>,
    pub(super) outputs: Vec<OutputChange>,
    pub(super) checks: Vec<CheckResult>,
    pub(super) warnings: Vec<String>,
    /// Objects that stay as they are, and whose protection in the state does not: true if they will be protected.
    pub(super) protection: Vec<(Address, bool)>,
    pub(super) declared: Arc<Declared>,
    /// Objects as they were read, by address and deposed key; secrets in clear.
    pub(super) live: Arc<BTreeMap<(Address, Option<String>), LiveValue>>,
    /// The edges of what is declared.
    pub(super) edges: BTreeMap<Address, BTreeSet<Address>>,
    pub(super) mode: Mode,
    pub(super) variables: BTreeMap<String, Option<Value>>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("place", &self.place).field("changes", &self.changes).finish_non_exhaustive()
    }
}

impl Plan {
    /// What happens to each object and each data source, in an order in which it can be done; those to which nothing happens too.
    #[doc(alias = "terraform.plan.json.resource_changes")]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What changed outside since the last apply: `Update` for a changed object, `Delete` for one that is gone.
    #[doc(alias("terraform.drift", "terraform.plan.json.resource_drift", "terraform.drift.deleted"))]
    pub fn drift(&self) -> &[Change] {
        &self.drift
    }

    /// What happens to the outputs.
    pub fn output_changes(&self) -> &[OutputChange] {
        &self.outputs
    }

    /// The conditions that were looked at.
    pub fn checks(&self) -> &[CheckResult] {
        &self.checks
    }

    /// What a person should know: checks that do not hold, targets that leave the rest alone.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The warnings in one line each, without the explanations.
    #[doc(alias = "terraform.plan.compact_warnings")]
    pub fn warning_titles(&self) -> Vec<&str> {
        self.warnings.iter().map(|warning| warning.split_once(": ").map_or(warning.as_str(), |(title, _)| title)).collect()
    }

    /// True if an apply would change nothing, not even the state.
    pub fn is_empty(&self) -> bool {
        let quiet =
            |change: &Change| change.action == Action::NoOp && change.previous_address.is_none() && change.importing.is_none();
        let settled = self.mode != Mode::RefreshOnly || self.drift.is_empty();
        settled
            && self.protection.is_empty()
            && self.changes.iter().all(quiet)
            && self.outputs.iter().all(|output| output.action == Action::NoOp)
    }

    /// 0 if the plan is empty, else 2. (An error is 1: there is no plan then.)
    #[doc(alias = "terraform.plan.detailed_exitcode")]
    pub fn detailed_exitcode(&self) -> i32 {
        if self.is_empty() { 0 } else { 2 }
    }

    /// How many objects are touched.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in self.changes.iter().filter(|change| !change.is_data) {
            summary.import += usize::from(change.importing.is_some());
            match change.action {
                Action::Create => summary.add += 1,
                Action::Update => summary.change += 1,
                Action::Delete => summary.destroy += 1,
                Action::Forget => summary.forget += 1,
                Action::Replace | Action::ReplaceCreateFirst => {
                    summary.add += 1;
                    summary.destroy += 1;
                }
                Action::NoOp | Action::Read => {}
            }
        }
        summary
    }

    /// What is planned for one object.
    pub fn change(&self, address: impl Into<Address>) -> Option<&Change> {
        let address = address.into();
        self.changes.iter().find(|change| change.address == address && change.deposed.is_none())
    }

    /// The declared objects and what each depends on, as DOT.
    #[doc(alias("terraform.graph", "terraform.graph.dag"))]
    pub fn dot(&self) -> String {
        let nodes: Vec<Address> = self.changes.iter().map(|change| change.address.clone()).collect();
        super::graph::dot(&nodes, &self.edges)
    }

    /// Does it, with these batteries: see [`Apply`].
    #[doc(alias("terraform.apply", "terraform.apply.auto_approve"))]
    pub fn apply(self, batteries: &Batteries) -> Apply {
        Apply::new(self, batteries)
    }

    /// Writes the plan to a file, for [`PlanRequest::saved_as`] in a later run. Secrets in it are salted hashes.
    #[doc(alias = "terraform.plan.out")]
    pub fn save(&self, batteries: &Batteries, path: impl Into<PathBuf>) -> Result<()> {
        let path = path.into();
        let text = serde_json::to_vec_pretty(&self.saved()).unwrap_or_default();
        let open = crate::os::Open::new(&path).permissions(0o600);
        let written = batteries.os.write_bytes(open, text);
        written.map(drop).map_err(|error| Error::State {
            place: path.display().to_string(),
            problem: format!("cannot save the plan: {error}"),
            source: Some(error.into()),
        })
    }
}
