//! [`Call`]: an operation, ready to be sent.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::client::Context;
use super::{Error, Result};
use crate::time::Time;
use crate::time::backend::BoxFuture;

/// The budget of one call with all its retries, unless told otherwise: fifteen minutes. A body that is read later has its own.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);

/// An operation that was not sent yet: end it by `.wait()?` or `.await?`.
///
/// Dropping it before sends nothing; dropping the future ends the exchange.
#[must_use = "nothing is sent before `.wait()` or `.await`"]
pub struct Call<T> {
    future: BoxFuture<Result<T>>,
    operation: &'static str,
    timeout: Option<Duration>,
    time: Time,
}

impl<T: Send + 'static> Call<T> {
    pub(in crate::boto3) fn new(
        context: &Context,
        operation: &'static str,
        future: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Call<T> {
        Call { future: Box::pin(future), operation, timeout: Some(DEFAULT_TIMEOUT), time: context.time.clone() }
    }

    /// The budget of this call with all its retries; None lifts it. [`DEFAULT_TIMEOUT`] unless told.
    ///
    /// DIFFERENCE: botocore has none, its timeouts are for connecting and for each read.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Call<T> {
        self.timeout = timeout.into();
        self
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<Result<T>>;

    fn into_future(self) -> BoxFuture<Result<T>> {
        let Call { mut future, operation, timeout, time } = self;
        let Some(budget) = timeout else { return future };
        Box::pin(async move {
            let mut alarm = None;
            // The operation first: the clock is not asked for what is there at once.
            poll_fn(|context| {
                if let Poll::Ready(answer) = future.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                let alarm = alarm.get_or_insert_with(|| time.sleep(budget).into_future());
                Pin::new(alarm).poll(context).map(|_| Err(Error::DeadlineExceeded { operation, budget }))
            })
            .await
        })
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
