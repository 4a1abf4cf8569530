//! [`Model`]: botocore's description of a waiter, and the evaluation of a response.

use std::fmt;
use std::sync::Arc;

use super::{Last, WaiterFailure, WaiterState};
use crate::boto3::Result;
use crate::boto3::error::{ClientError, Error};

/// A waiter of botocore's model, over an operation's typed output.
#[derive(Debug)]
pub(in crate::boto3) struct Model<O: 'static> {
    pub(in crate::boto3) name: &'static str,
    pub(in crate::boto3) operation: &'static str,
    pub(in crate::boto3) delay: u64,
    pub(in crate::boto3) max_attempts: u32,
    pub(in crate::boto3) acceptors: &'static [(Matcher<O>, WaiterState)],
}

/// The condition of an acceptor, with its expected value; those on a path have its JMESPath for the
/// message, and the same in Rust.
#[derive(Debug)]
pub(in crate::boto3) enum Matcher<O> {
    /// This HTTP status. An output has status 200: none of the polled operations succeeds with
    /// another.
    Status(u16),
    /// This error code.
    Error(&'static str),
    /// The expression is true.
    True(&'static str, fn(&O) -> bool),
    /// All elements of the list are equal to this, and it is not empty.
    All(&'static str, &'static str, fn(&O) -> Vec<&str>),
    /// An element of the list is equal to this.
    Any(&'static str, &'static str, fn(&O) -> Vec<&str>),
}

pub(super) struct Judged {
    pub(super) state: WaiterState,
    /// Whether an acceptor decided.
    pub(super) accepted: bool,
    pub(super) failure: WaiterFailure,
    pub(super) reason: String,
    pub(super) last: Last,
}

impl<O: Send + Sync + 'static> Model<O> {
    pub(super) fn judge(&self, answer: Result<O>) -> Result<Judged> {
        let answer = match answer {
            Err(Error::Client(refusal)) => Err(*refusal),
            other => Ok(other?),
        };
        let found = self.acceptors.iter().find(|(matcher, _)| matcher.accepts(&answer));
        // botocore explains the last acceptor if none has accepted.
        let explained = found.or(self.acceptors.last()).map(|(matcher, _)| matcher.to_string()).unwrap_or_default();
        let (state, failure, reason) = match (found, &answer) {
            (Some((_, WaiterState::Failure)), _) => {
                let reason = format!("Waiter encountered a terminal failure state: {explained}");
                (WaiterState::Failure, WaiterFailure::TerminalState, reason)
            }
            (None, Err(ClientError { code, message, .. })) => {
                (WaiterState::Failure, WaiterFailure::Refused, format!("An error occurred ({code}): {message}"))
            }
            _ => (found.map_or(WaiterState::Retry, |(_, state)| *state), WaiterFailure::MaxAttempts, explained),
        };
        let last = match answer {
            Ok(answer) => Last::Answer(Arc::new(answer)),
            Err(refusal) => Last::Refusal(refusal),
        };
        Ok(Judged { state, accepted: found.is_some(), failure, reason, last })
    }
}

impl<O> Matcher<O> {
    fn accepts(&self, answer: &Result<O, ClientError>) -> bool {
        match (self, answer) {
            (Matcher::Status(expected), Ok(_)) => *expected == 200,
            (Matcher::Status(expected), Err(refusal)) => *expected == refusal.status,
            (Matcher::Error(expected), Err(refusal)) => *expected == refusal.code,
            (Matcher::True(_, holds), Ok(answer)) => holds(answer),
            (Matcher::All(expected, _, list), Ok(answer)) => {
                let list = list(answer);
                !list.is_empty() && list.iter().all(|item| item == expected)
            }
            (Matcher::Any(expected, _, list), Ok(answer)) => list(answer).contains(expected),
            _ => false,
        }
    }
}

impl<O> fmt::Display for Matcher<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Matcher::Status(expected) => write!(f, "Matched expected HTTP status code: {expected}"),
            Matcher::Error(expected) => write!(f, "Matched expected service error code: {expected}"),
            Matcher::True(path, _) => write!(f, "For expression \"{path}\" we matched expected path: \"True\""),
            Matcher::All(expected, path, _) => {
                write!(f, "For expression \"{path}\" all members matched expected path: \"{expected}\"")
            }
            Matcher::Any(expected, path, _) => {
                write!(f, "For expression \"{path}\" we matched expected path: \"{expected}\" at least once")
            }
        }
    }
}
