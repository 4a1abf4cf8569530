//! [`Call`]: an operation, ready to send.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};
use std::time::Duration;

use super::client::Context;
use super::{Error, Result};
use crate::wait::BoxFuture;

/// The default time limit of one call with all its retries: fifteen minutes. A body that is read
/// later has its own limit.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);

/// An operation to send with `.wait()?` or `.await?`.
///
/// Nothing is sent before that. Dropping the future ends the exchange.
#[must_use = "nothing is sent before `.wait()` or `.await`"]
pub struct Call<T> {
    future: BoxFuture<Result<T>>,
    operation: &'static str,
    timeout: Option<Duration>,
    context: Context,
}

impl<T: Send + 'static> Call<T> {
    pub(in crate::boto3) fn new(
        context: &Context,
        operation: &'static str,
        future: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Call<T> {
        Call { future: Box::pin(future), operation, timeout: Some(DEFAULT_TIMEOUT), context: context.clone() }
    }

    /// Sets the time limit of this call with all its retries; `None` means no limit. Default:
    /// [`DEFAULT_TIMEOUT`].
    ///
    /// DIFFERENCE: botocore has no such limit, only timeouts for connecting and for each read.
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Call<T> {
        self.timeout = timeout.into().into();
        self
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<Result<T>>;

    fn into_future(self) -> BoxFuture<Result<T>> {
        let (context, operation) = (self.context.clone(), self.operation);
        match self.timeout {
            Some(budget) => context.interruptible(operation, Limited { call: self, budget, alarm: None }),
            None => context.interruptible(operation, self.future),
        }
    }
}

/// A call with its deadline.
struct Limited<T> {
    call: Call<T>,
    budget: Duration,
    alarm: Option<BoxFuture<()>>,
}

impl<T> Future for Limited<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Waker<'_>) -> Poll<Result<T>> {
        let Limited { call, budget, alarm } = &mut *self;
        // Poll the operation first: a result that is ready needs no clock.
        if let Poll::Ready(answer) = call.future.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        let alarm = alarm.get_or_insert_with(|| call.context.time.timer(*budget));
        alarm.as_mut().poll(context).map(|()| Err(Error::DeadlineExceeded { operation: call.operation, budget: *budget }))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
