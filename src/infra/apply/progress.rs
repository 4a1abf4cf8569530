//! [`Event`]: what an apply tells while it works.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::infra::address::Address;
use crate::infra::resource::Id;

/// What is being done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// A data source is read.
    Read,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

impl Doing {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Doing::Read => ("Reading", "Read"),
            Doing::Create => ("Creating", "Creation"),
            Doing::Update => ("Modifying", "Modifications"),
            Doing::Delete => ("Destroying", "Destruction"),
        }
    }

    pub(super) fn action(self) -> &'static str {
        match self {
            Doing::Read => "read",
            Doing::Create => "create",
            Doing::Update => "update",
            Doing::Delete => "delete",
        }
    }
}

/// A step of an apply. `Display` is Terraform's line, [`Event::json`] one of the objects of its `-json` stream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An operation begins.
    Start {
        /// The object.
        address: Address,
        /// What is done.
        doing: Doing,
        /// Its id, if it has one.
        id: Option<Id>,
    },
    /// It still goes on, after so long.
    Still {
        /// The object.
        address: Address,
        /// What is done.
        doing: Doing,
        /// The time since it began.
        elapsed: Duration,
    },
    /// It is done.
    Complete {
        /// The object.
        address: Address,
        /// What was done.
        doing: Doing,
        /// The time that it took.
        elapsed: Duration,
        /// The object's id, if it still has one.
        id: Option<Id>,
    },
    /// It failed.
    Failed {
        /// The object.
        address: Address,
        /// What was to be done.
        doing: Doing,
        /// Why it failed.
        error: String,
    },
    /// A hook runs.
    Hook {
        /// The object.
        address: Address,
        /// The hook.
        hook: String,
    },
    /// A hook failed, and that was declared to change nothing.
    HookFailed {
        /// The object.
        address: Address,
        /// The hook.
        hook: String,
        /// Why it failed.
        error: String,
    },
}

impl Event {
    /// The object.
    pub fn address(&self) -> &Address {
        match self {
            Event::Start { address, .. }
            | Event::Still { address, .. }
            | Event::Complete { address, .. }
            | Event::Failed { address, .. }
            | Event::Hook { address, .. }
            | Event::HookFailed { address, .. } => address,
        }
    }

    /// Terraform's machine-readable form: `apply_start`, `apply_progress`, `apply_complete`, `apply_errored`, `provision_start`,
    /// `provision_errored`.
    pub fn json(&self) -> Value {
        let hook = |address: &Address, kind: &str, more: Value| (kind.to_owned(), address.clone(), more);
        let (kind, address, more) = match self {
            Event::Start { address, doing, id } => hook(
                address,
                "apply_start",
                json!({ "action": doing.action(), "id_key": id.as_ref().map(|_| "id"), "id_value": id }),
            ),
            Event::Still { address, doing, elapsed } => {
                hook(address, "apply_progress", json!({ "action": doing.action(), "elapsed_seconds": elapsed.as_secs() }))
            }
            Event::Complete { address, doing, elapsed, id } => hook(
                address,
                "apply_complete",
                json!({ "action": doing.action(), "elapsed_seconds": elapsed.as_secs(), "id_key": id.as_ref().map(|_| "id"), "id_value": id }),
            ),
            Event::Failed { address, doing, error } => {
                hook(address, "apply_errored", json!({ "action": doing.action(), "error": error }))
            }
            Event::Hook { address, hook: name } => hook(address, "provision_start", json!({ "provisioner": name })),
            Event::HookFailed { address, hook: name, error } => {
                hook(address, "provision_errored", json!({ "provisioner": name, "error": error }))
            }
        };
        let mut body = json!({ "resource": { "addr": address, "resource_name": address.name(), "resource_key": address.key() } });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let level = if kind.ends_with("errored") { "error" } else { "info" };
        json!({ "@level": level, "@message": self.to_string(), "@module": "leyden.infra", "type": kind, "hook": body })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracket = |id: &Option<Id>| id.as_ref().map_or_else(String::new, |id| format!(" [id={id}]"));
        match self {
            Event::Start { address, doing, id } => write!(f, "{address}: {}...{}", doing.words().0, bracket(id)),
            Event::Still { address, doing, elapsed } => {
                write!(f, "{address}: Still {}... [{} elapsed]", doing.words().0.to_lowercase(), Clock(*elapsed))
            }
            Event::Complete { address, doing, elapsed, id } => {
                write!(f, "{address}: {} complete after {}{}", doing.words().1, Clock(*elapsed), bracket(id))
            }
            Event::Failed { error, .. } => f.write_str(error),
            Event::Hook { address, hook } => write!(f, "{address}: Provisioning with {hook}..."),
            Event::HookFailed { address, hook, error } => write!(f, "{address}: {hook} failed: {error}"),
        }
    }
}

/// `3s`, `1m5s`: whole seconds, as Terraform writes them.
struct Clock(Duration);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => write!(f, "{seconds}s"),
            (0, minutes, seconds) => write!(f, "{minutes}m{seconds}s"),
            (hours, minutes, seconds) => write!(f, "{hours}h{minutes}m{seconds}s"),
        }
    }
}

/// Where events go.
#[derive(Clone, Default)]
pub(super) struct Sink(Option<Show>);

type Show = Arc<dyn Fn(&Event) + Send + Sync>;

impl Sink {
    pub(super) fn new(show: impl Fn(&Event) + Send + Sync + 'static) -> Sink {
        Sink(Some(Arc::new(show)))
    }

    pub(super) fn send(&self, event: &Event) {
        if let Some(show) = &self.0 {
            show(event);
        }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}
