//! [`Error`]: what `infra` reports. Each error names the address, and the field where there is one.

use std::fmt;
use std::time::Duration;

use super::address::Address;
use super::apply::Applied;
use super::state::LockInfo;

/// What every call of this module gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of `infra`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not an address.
    #[error("{address:?}: not a valid address: expected names separated by dots and at most one quoted key")]
    Address {
        /// The text.
        address: String,
    },
    /// Two objects were declared under one address.
    #[error("{address}: declared twice")]
    Duplicate {
        /// The address.
        address: Address,
    },
    /// Two addresses are one object of the world.
    #[error("{address}: is the same {kind} as {first}: {id:?}")]
    SameObject {
        /// The address.
        address: Address,
        /// The address that has the object already.
        first: Address,
        /// The type.
        kind: String,
        /// The id that both have.
        id: String,
    },
    /// Objects depend on each other in a circle.
    #[error("dependency cycle: {}", Chain(.addresses))]
    #[doc(alias = "terraform.graph.cycle")]
    Cycle {
        /// The objects of the circle, each depending on the next, the last on the first.
        addresses: Vec<Address>,
    },
    /// An address was named that is neither declared nor in the state.
    #[error("{address}: {what} names an object that is neither declared nor in the state")]
    UnknownAddress {
        /// The address.
        address: Address,
        /// What named it: `target`, `depends on`, ..
        what: &'static str,
    },
    /// The state holds an object of a type that is not registered.
    #[error("{address}: resource type {kind:?} is not registered: add Infra::register")]
    UnknownType {
        /// The address.
        address: Address,
        /// The type.
        kind: String,
    },
    /// A field has a value that its type does not accept.
    #[error("{address}: {problem}")]
    Field {
        /// The address.
        address: Address,
        /// The field and what is wrong with it.
        problem: String,
    },
    /// A protected object would be deleted or replaced.
    #[error("{address}: protected, but the plan would {action} it: remove the protection first{reason}")]
    #[doc(alias = "terraform.lifecycle.prevent_destroy")]
    Protected {
        /// The address.
        address: Address,
        /// `delete` or `replace`.
        action: &'static str,
        /// Which change forces it.
        reason: String,
    },
    /// The object exists already, and is not in the state.
    #[error("{address}: {id:?} exists already: use adopt() or import() to manage it")]
    Exists {
        /// The address.
        address: Address,
        /// The object's id.
        id: String,
    },
    /// The object to import does not exist.
    #[error("{address}: cannot import {id:?}: no such object")]
    ImportMissing {
        /// The address.
        address: Address,
        /// The id.
        id: String,
    },
    /// The object changed between plan and apply.
    #[error("{address}: changed since it was planned ({}): plan again", .fields.join(", "))]
    Drifted {
        /// The address.
        address: Address,
        /// The fields that changed.
        fields: Vec<String>,
    },
    /// A value that the plan showed is another after apply.
    #[error("{address}: {field} was planned as {planned} and became {applied}")]
    #[doc(alias = "terraform.plan.provider_consistency")]
    Inconsistent {
        /// The address.
        address: Address,
        /// The field.
        field: String,
        /// The planned value.
        planned: String,
        /// The value after apply.
        applied: String,
    },
    /// A condition does not hold.
    #[error("{address}: {kind} failed: {message}")]
    Condition {
        /// The address, or the name of the output.
        address: String,
        /// `precondition` or `postcondition`.
        kind: &'static str,
        /// The text that was declared with it.
        message: String,
    },
    /// A variable has no value, or one that is not valid.
    #[error("variable {name:?}: {problem}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A value is needed that is known only after apply.
    #[error("{what}: the value is known only after apply")]
    Unknown {
        /// What needs it.
        what: String,
    },
    /// An operation of a resource failed.
    #[error("{address}: {action}: {error}")]
    Resource {
        /// The address.
        address: Address,
        /// `read`, `create`, `update`, `delete`, ..
        action: &'static str,
        /// Why.
        error: crate::Error,
    },
    /// An operation took longer than its timeout.
    #[error("{address}: {action}: timed out after {} seconds", after.as_secs_f64())]
    Timeout {
        /// The address.
        address: Address,
        /// `read`, `create`, `update` or `delete`.
        action: &'static str,
        /// The timeout.
        after: Duration,
    },
    /// A hook failed.
    #[error("{address}: hook {hook}: {error}")]
    Hook {
        /// The address.
        address: Address,
        /// The hook.
        hook: String,
        /// Why.
        error: crate::Error,
    },
    /// Another run holds the lock of the state.
    #[error("{place}: state is locked: {holder}")]
    #[doc(alias = "terraform.lock.error")]
    Locked {
        /// The state.
        place: String,
        /// The holder, as far as its record can be read.
        holder: Box<LockInfo>,
    },
    /// The lock was lost while it was needed.
    #[error("{place}: the state lock {id} was lost: {problem}")]
    LostLock {
        /// The state.
        place: String,
        /// The lock's id.
        id: String,
        /// How it was noticed.
        problem: String,
    },
    /// The state could not be read or written, or is not valid. It was not changed.
    #[error("{place}: {problem}")]
    State {
        /// The state.
        place: String,
        /// What is wrong.
        problem: String,
        /// The error beneath, if there is one.
        #[source]
        source: Option<crate::Error>,
    },
    /// The state was written by a newer version.
    #[error("{place}: state format {format} is newer than this program supports ({supported})")]
    #[doc(alias = "terraform.state.version_check")]
    NewerState {
        /// The state.
        place: String,
        /// Its format.
        format: u64,
        /// The newest that is read.
        supported: u64,
    },
    /// The state is not the one that the plan was made from.
    #[error("{place}: plan is stale: {problem}")]
    #[doc(alias = "terraform.plan.stale")]
    Stale {
        /// The state.
        place: String,
        /// What differs.
        problem: String,
    },
    /// The apply was interrupted; what was running has finished and is in the state.
    #[error("interrupted: {} operations were not started", .0.skipped.len())]
    Interrupted(Box<Applied>),
    /// Some operations failed. What was done is in the state; objects that depend on the failed ones were left alone.
    #[error("{}", Failures(.0))]
    Apply(Box<Applied>),
    /// The declaration itself failed.
    #[error("{0}")]
    Declaration(crate::Error),
    /// What was asked for is not supported.
    #[error("{0}")]
    Unsupported(String),
}

impl Error {
    pub(super) fn state(place: impl fmt::Display, problem: impl fmt::Display) -> Error {
        Error::State { place: place.to_string(), problem: problem.to_string(), source: None }
    }

    /// True if a signal ended the operation.
    pub(super) fn is_interrupt(&self) -> bool {
        match self {
            Error::Resource { error, .. } | Error::Hook { error, .. } => error.interrupt().is_some(),
            _ => false,
        }
    }

    /// The address that the error is about, if there is one.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Error::Duplicate { address }
            | Error::SameObject { address, .. }
            | Error::UnknownAddress { address, .. }
            | Error::UnknownType { address, .. }
            | Error::Field { address, .. }
            | Error::Protected { address, .. }
            | Error::Exists { address, .. }
            | Error::ImportMissing { address, .. }
            | Error::Drifted { address, .. }
            | Error::Inconsistent { address, .. }
            | Error::Resource { address, .. }
            | Error::Timeout { address, .. }
            | Error::Hook { address, .. } => Some(address),
            _ => None,
        }
    }
}

struct Chain<'a>(&'a [Address]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for address in self.0 {
            write!(f, "{address} -> ")?;
        }
        self.0.first().map_or(Ok(()), |first| write!(f, "{first}"))
    }
}

struct Failures<'a>(&'a Applied);

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = &self.0.failures;
        match failures.first() {
            Some(first) if failures.len() == 1 => write!(f, "{first}"),
            Some(first) => write!(f, "{} operations failed, first {first}", failures.len()),
            None => write!(f, "the apply failed"),
        }
    }
}

crate::error::umbrella!(Error);
