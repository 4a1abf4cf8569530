//! [`Waiter`]: an operation, asked again and again until the world is as it should be.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let ec2 = World::new().batteries().boto3.client().region_name("eu-west-1").ec2();
//! let volume = ec2.create_volume(|create| create.availability_zone("eu-west-1a").size(8)).wait()?;
//! let id = volume.volume_id().unwrap_or_default();
//! ec2.get_waiter().volume_available(|describe| describe.volume_ids(id)).delay(secs(5)).wait()?;
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `client.get_waiter("instance_running").wait(InstanceIds=["i-1"])` | `client.get_waiter().instance_running(\|ask\| ask.instance_ids("i-1")).wait()?` |
//! | `WaiterConfig={"Delay": 5, "MaxAttempts": 20}` | `.delay(secs(5)).max_attempts(20)` |
//! | `client.waiter_names` | `client.waiter_names()` |
//! | `WaiterError`, `error.last_response` | [`Error::Waiter`], [`WaiterError::last_response`], [`WaiterError::last_error`] |
//!
//! DIFFERENCES: the whole wait has a budget; a list that is not in an answer is an empty one, where Python's `length(..)` raises.

mod model;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Result;
use super::call::{Call, DEFAULT_TIMEOUT};
use super::client::Context;
use super::error::{ClientError, Error};
use crate::wait::BoxFuture;

use model::Judged;
pub(in crate::boto3) use model::{Matcher, Model};

/// A wait that has not begun: end it by `.wait()?` or `.await?`. From `client.get_waiter()`.
///
/// It asks, compares the answer with the waiter's acceptors, in their order, sleeps and asks again. It fails with [`Error::Waiter`]
/// when an acceptor says so, when the service refuses in a way that no acceptor knows, and after its last attempt; any other error
/// ends it as it is.
///
/// All of it together has the budget of its sleeps and [`DEFAULT_TIMEOUT`], unless [`Waiter::timeout`] says otherwise.
#[must_use = "nothing is asked before `.wait()` or `.await`"]
#[doc(alias("boto3.Waiter", "boto3.Waiter.wait"))]
pub struct Waiter {
    context: Context,
    name: &'static str,
    config: WaiterConfig,
    timeout: Option<Option<Duration>>,
    progress: Option<Progress>,
    ask: Box<dyn FnMut(Duration) -> BoxFuture<Result<Judged>> + Send>,
}

type Progress = Box<dyn FnMut(&Attempt) + Send>;

/// How a waiter goes about it: [`Waiter::config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "boto3.Waiter.config")]
pub struct WaiterConfig {
    /// What is asked: `describe_instances`.
    pub operation: &'static str,
    /// The sleep between two attempts.
    pub delay: Duration,
    /// How often it is asked.
    pub max_attempts: u32,
}

/// What [`Waiter::progress`] hears after each answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The first is 1.
    pub number: u32,
    /// After so many the waiter gives up.
    pub max_attempts: u32,
    /// What the answer means.
    pub state: WaiterState,
}

/// What an answer means for a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaiterState {
    /// It is so.
    Success,
    /// It will never be so.
    Failure,
    /// Not yet.
    Retry,
}

impl Waiter {
    pub(in crate::boto3) fn new<O: Send + Sync + 'static>(
        context: &Context,
        model: &'static Model<O>,
        mut ask: impl FnMut() -> BoxFuture<Result<O>> + Send + 'static,
    ) -> Waiter {
        let budgets = context.clone();
        let ask = move |budget: Duration| -> BoxFuture<Result<Judged>> {
            let call = Call::new(&budgets, model.operation, ask()).timeout(budget);
            Box::pin(async move { model.judge(call.await) })
        };
        let config = WaiterConfig {
            operation: model.operation,
            delay: Duration::from_secs(model.delay),
            max_attempts: model.max_attempts,
        };
        Waiter { context: context.clone(), name: model.name, config, timeout: None, progress: None, ask: Box::new(ask) }
    }

    /// `InstanceRunning`
    #[doc(alias = "boto3.Waiter.name")]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it will go about it.
    pub fn config(&self) -> WaiterConfig {
        self.config
    }

    /// The sleep between two attempts, instead of the model's. `WaiterConfig.Delay`
    #[doc(alias = "boto3.Waiter.wait(WaiterConfig.Delay=)")]
    pub fn delay(mut self, delay: Duration) -> Waiter {
        self.config.delay = delay;
        self
    }

    /// How often it is asked, instead of the model's number; at least once. `WaiterConfig.MaxAttempts`
    #[doc(alias = "boto3.Waiter.wait(WaiterConfig.MaxAttempts=)")]
    pub fn max_attempts(mut self, attempts: u32) -> Waiter {
        self.config.max_attempts = attempts;
        self
    }

    /// The budget of the whole wait; None lifts it.
    ///
    /// DIFFERENCE: botocore has none beyond the number of attempts.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Waiter {
        self.timeout = Some(timeout.into());
        self
    }

    /// Called after each answer.
    ///
    /// DIFFERENCE: botocore's waiters are silent.
    pub fn progress(mut self, progress: impl FnMut(&Attempt) + Send + 'static) -> Waiter {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl IntoFuture for Waiter {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> BoxFuture<Result<()>> {
        let (context, operation) = (self.context.clone(), self.config.operation);
        context.interruptible(operation, self.run())
    }
}

impl Waiter {
    async fn run(mut self) -> Result<()> {
        let WaiterConfig { operation, delay, max_attempts } = self.config;
        let sleeps = delay.saturating_mul(max_attempts);
        let budget = self.timeout.unwrap_or_else(|| Some(DEFAULT_TIMEOUT.saturating_add(sleeps)));
        // By the clock, not by an alarm beside it all: a wait that is over in time has slept only its delays.
        let (time, start) = (self.context.time.clone(), self.context.time.monotonic());
        let left = || budget.map_or(Duration::MAX, |budget| budget.saturating_sub(time.monotonic().saturating_sub(start)));
        let late = || Error::DeadlineExceeded { operation, budget: budget.unwrap_or_default() };
        let (mut number, mut accepted) = (0, false);
        loop {
            let judged = match (self.ask)(left().min(DEFAULT_TIMEOUT)).await {
                Err(Error::DeadlineExceeded { .. }) if left().is_zero() => return Err(late()),
                answer => answer?,
            };
            number += 1;
            accepted |= judged.accepted;
            if let Some(progress) = &mut self.progress {
                progress(&Attempt { number, max_attempts, state: judged.state });
            }
            let (kind, reason) = match judged.state {
                WaiterState::Success => return Ok(()),
                WaiterState::Failure => (judged.failure, judged.reason),
                WaiterState::Retry if number < max_attempts => {
                    let left = left();
                    time.timer(delay.min(left)).await;
                    if delay > left {
                        return Err(late());
                    }
                    continue;
                }
                WaiterState::Retry if accepted => {
                    let reason = format!("Max attempts exceeded. Previously accepted state: {}", judged.reason);
                    (WaiterFailure::MaxAttempts, reason)
                }
                WaiterState::Retry => (WaiterFailure::MaxAttempts, "Max attempts exceeded".to_owned()),
            };
            return Err(WaiterError { name: self.name, kind, reason, attempts: number, last: judged.last }.into());
        }
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("name", &self.name).field("config", &self.config).finish_non_exhaustive()
    }
}

/// `WaiterError`: what was waited for did not come.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "boto3.botocore.WaiterError")]
pub struct WaiterError {
    /// Which waiter, as AWS spells it: `InstanceRunning`.
    pub name: &'static str,
    /// In which way.
    pub kind: WaiterFailure,
    /// botocore's words.
    pub reason: String,
    /// How often it was asked.
    pub attempts: u32,
    last: Last,
}

/// How a waiter fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaiterFailure {
    /// The answer says that it will never be so.
    TerminalState,
    /// Not so after the last attempt.
    MaxAttempts,
    /// The service refused, and the waiter does not know this refusal: [`WaiterError::last_error`].
    Refused,
}

#[derive(Clone)]
enum Last {
    Answer(Arc<dyn Any + Send + Sync>),
    Refusal(ClientError),
}

impl fmt::Debug for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It may hold what nobody shall read, as a password.
            Last::Answer(_) => f.write_str("Answer(..)"),
            Last::Refusal(refusal) => refusal.fmt(f),
        }
    }
}

impl WaiterError {
    /// The last answer, if it was one of this type: `error.last_response::<DescribeInstancesOutput>()`.
    pub fn last_response<O: 'static>(&self) -> Option<&O> {
        match &self.last {
            Last::Answer(answer) => answer.downcast_ref(),
            Last::Refusal(_) => None,
        }
    }

    /// The last answer, if the service refused.
    pub fn last_error(&self) -> Option<&ClientError> {
        match &self.last {
            Last::Answer(_) => None,
            Last::Refusal(refusal) => Some(refusal),
        }
    }
}

impl fmt::Display for WaiterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waiter {} failed: {}", self.name, self.reason)
    }
}

impl StdError for WaiterError {}

impl From<WaiterError> for Error {
    fn from(error: WaiterError) -> Error {
        Error::Waiter(Box::new(error))
    }
}

/// What `client.get_waiter()` gives, with a method for each waiter of the service.
macro_rules! waiters {
    ($Waiters:ident: $(
        #[doc(alias = $alias:literal)]
        $waiter:ident($name:literal) = $operation:ident($Input:ident) -> $Output:ident, every $delay:literal s, $attempts:literal times [
            $($state:ident: $matcher:expr;)+
        ]
    )+) => {
        /// The waiters of this service: `client.get_waiter().name(|parameters| ..)`, Python's `client.get_waiter("name").wait(..)`.
        #[derive(Clone, Debug)]
        pub struct $Waiters {
            client: super::Client,
        }

        impl $Waiters {
            /// What can be waited for.
            pub(super) const NAMES: &'static [&'static str] = &[$(stringify!($waiter)),+];

            pub(super) fn new(client: super::Client) -> $Waiters {
                $Waiters { client }
            }

            $(
                #[doc = concat!(
                    "Asks [`", stringify!($operation), "`](super::Client::", stringify!($operation), ") every ", $delay,
                    " seconds, ", $attempts, " times at most."
                )]
                #[doc(alias = $alias)]
                pub fn $waiter(&self, build: impl FnOnce($Input) -> $Input) -> $crate::boto3::waiter::Waiter {
                    const MODEL: $crate::boto3::waiter::Model<$Output> = $crate::boto3::waiter::Model {
                        name: $name,
                        operation: stringify!($operation),
                        delay: $delay,
                        max_attempts: $attempts,
                        acceptors: &[$(($matcher, $crate::boto3::waiter::WaiterState::$state)),+],
                    };
                    let (backend, input) = (self.client.backend.clone(), build($Input::default()));
                    $crate::boto3::waiter::Waiter::new(&self.client.context, &MODEL, move || {
                        let (backend, input) = (backend.clone(), input.clone());
                        Box::pin(async move { backend.$operation(input).await })
                    })
                }
            )+
        }
    };
}
pub(in crate::boto3) use waiters;
