//! [`Refusal`]: an error of EC2.

use std::fmt::Display;

use crate::boto3::error::{ClientError, Error, api_name};

/// The result of an operation, before the name of the operation is known.
pub(super) type Answer<T> = Result<T, Refusal>;

/// An error in EC2's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// An error of EC2.
    Client { code: &'static str, message: String },
    /// A request that EC2 may accept, but this fake does not model.
    NotModelled,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::Client { code, message: message.into() }
    }

    pub(super) fn dry_run() -> Refusal {
        Refusal::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
    }

    pub(super) fn missing(parameter: &str) -> Refusal {
        Refusal::new("MissingParameter", format!("The request must contain the parameter {parameter}"))
    }

    pub(super) fn value(message: impl Into<String>) -> Refusal {
        Refusal::new("InvalidParameterValue", message)
    }

    /// Returns `Value (x) for parameter y is invalid. Why.`
    pub(super) fn bad_value(value: impl Display, parameter: &str, why: &str) -> Refusal {
        Refusal::value(format!("Value ({value}) for parameter {parameter} is invalid. {why}").trim_end())
    }

    pub(super) fn combination(message: impl Into<String>) -> Refusal {
        Refusal::new("InvalidParameterCombination", message)
    }

    pub(super) fn dependency(message: impl Into<String>) -> Refusal {
        Refusal::new("DependencyViolation", message)
    }

    pub(super) fn not_permitted(message: impl Into<String>) -> Refusal {
        Refusal::new("OperationNotPermitted", message)
    }

    pub(super) fn named(self, operation: &'static str) -> Error {
        match self {
            Refusal::NotModelled => Error::NotImplemented { operation },
            Refusal::Client { code, message } => {
                let status = if code == "DryRunOperation" { 412 } else { 400 };
                ClientError::new(api_name(operation), status, code, message).into()
            }
        }
    }
}

/// Returns a required parameter.
pub(super) fn required<T>(value: Option<T>, parameter: &str) -> Answer<T> {
    value.ok_or_else(|| Refusal::missing(parameter))
}

/// Returns a list that must not be empty.
pub(super) fn required_list<'a, T>(values: &'a [T], parameter: &str) -> Answer<&'a [T]> {
    if values.is_empty() { Err(Refusal::missing(parameter)) } else { Ok(values) }
}
