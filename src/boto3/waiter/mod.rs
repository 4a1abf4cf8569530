//! [`Waiter`]: polls an operation until a state is reached.
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
//! DIFFERENCES: the whole wait has a time limit; a list that is missing in a response is empty,
//! where Python's `length(..)` raises.

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

/// A wait to run with `.wait()?` or `.await?`. From `client.get_waiter()`.
///
/// It polls: sends the request, compares the response with the waiter's acceptors in their order,
/// and sleeps. It fails with [`Error::Waiter`] if an acceptor says so, if the service returns an
/// error that no acceptor handles, and after its last attempt. Any other error is returned
/// unchanged.
///
/// The time limit of the whole is the sum of its sleeps and [`DEFAULT_TIMEOUT`], unless
/// [`Waiter::timeout`] sets another.
#[must_use = "nothing is sent before `.wait()` or `.await`"]
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

/// The settings of a waiter: [`Waiter::config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "boto3.Waiter.config")]
pub struct WaiterConfig {
    /// The polled operation: `describe_instances`.
    pub operation: &'static str,
    /// The pause between two attempts.
    pub delay: Duration,
    /// The maximum number of attempts.
    pub max_attempts: u32,
}

/// The argument of the function of [`Waiter::progress`] after each response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// The maximum number of attempts.
    pub max_attempts: u32,
    /// The result of the attempt.
    pub state: WaiterState,
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaiterState {
    /// The state is reached.
    Success,
    /// The state cannot be reached.
    Failure,
    /// The state is not reached yet.
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

    /// Returns the settings.
    pub fn config(&self) -> WaiterConfig {
        self.config
    }

    /// Sets the pause between two attempts, instead of the model's. `WaiterConfig.Delay`
    #[doc(alias = "boto3.Waiter.wait(WaiterConfig.Delay=)")]
    pub fn delay(mut self, delay: Duration) -> Waiter {
        self.config.delay = delay;
        self
    }

    /// Sets the maximum number of attempts, instead of the model's; at least one.
    /// `WaiterConfig.MaxAttempts`
    #[doc(alias = "boto3.Waiter.wait(WaiterConfig.MaxAttempts=)")]
    pub fn max_attempts(mut self, attempts: u32) -> Waiter {
        self.config.max_attempts = attempts;
        self
    }

    /// Sets the time limit of the whole wait; `None` means no limit.
    ///
    /// DIFFERENCE: botocore has only the number of attempts.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Waiter {
        self.timeout = Some(timeout.into().into());
        self
    }

    /// Sets a function that is called after each response.
    ///
    /// DIFFERENCE: botocore's waiters have no progress report.
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
        // Checks the clock, instead of racing a timer: a wait that ends in time has slept only its
        // delays.
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

/// `WaiterError`: the awaited state was not reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "boto3.botocore.WaiterError")]
pub struct WaiterError {
    /// The waiter, in AWS's spelling: `InstanceRunning`.
    pub name: &'static str,
    /// The kind of failure.
    pub kind: WaiterFailure,
    /// botocore's text.
    pub reason: String,
    /// The number of attempts.
    pub attempts: u32,
    last: Last,
}

/// The kind of a waiter's failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaiterFailure {
    /// The response shows that the state cannot be reached.
    TerminalState,
    /// The state was not reached after the last attempt.
    MaxAttempts,
    /// The service returned an error that the waiter does not handle: [`WaiterError::last_error`].
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
            // It may contain secrets, such as a password.
            Last::Answer(_) => f.write_str("Answer(..)"),
            Last::Refusal(refusal) => refusal.fmt(f),
        }
    }
}

impl WaiterError {
    /// Returns the last response, if it is of this type:
    /// `error.last_response::<DescribeInstancesOutput>()`.
    pub fn last_response<O: 'static>(&self) -> Option<&O> {
        match &self.last {
            Last::Answer(answer) => answer.downcast_ref(),
            Last::Refusal(_) => None,
        }
    }

    /// Returns the last error of the service.
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

/// The type of `client.get_waiter()`, with a method for each waiter of the service.
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
            /// The names of the waiters.
            pub(super) const NAMES: &'static [&'static str] = &[$(stringify!($waiter)),+];

            pub(super) fn new(client: super::Client) -> $Waiters {
                $Waiters { client }
            }

            $(
                #[doc = concat!(
                    "Polls [`", stringify!($operation), "`](super::Client::", stringify!($operation), ") every ", $delay,
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
