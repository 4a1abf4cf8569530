//! [`Engine`]: the common part of all transfers: backend, configuration, time limits.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::config::TransferConfig;
use super::limit::Bandwidth;
use crate::boto3::client::Context;
use crate::boto3::s3::backend::Backend;
use crate::boto3::s3::client::Client;
use crate::boto3::{Error, Result, When};
use crate::time::Time;
use crate::wait::BoxFuture;
use crate::wait::driver;

/// The number of attempts for a part that the service refused temporarily, in addition to the
/// backend's own retries.
const PART_ATTEMPTS: u32 = 3;

/// The time for cleaning up after a failed transfer.
pub(super) const TIDY: Duration = Duration::from_secs(30);

/// The requests of transfers, with shared concurrency and bandwidth. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3) struct Engine {
    pub(in crate::boto3::s3) backend: Arc<dyn Backend>,
    pub(in crate::boto3::s3) context: Context,
    pub(in crate::boto3::s3) config: TransferConfig,
    slots: Arc<Semaphore>,
    pub(super) bandwidth: Option<Arc<Bandwidth>>,
    /// The longest wait without progress.
    pub(super) stall: Duration,
}

impl Engine {
    pub(in crate::boto3::s3) fn new(client: &Client, config: TransferConfig) -> Engine {
        let (backend, context) = (client.backend.clone(), client.context.clone());
        Engine {
            slots: Arc::new(Semaphore::new(config.lanes().clamp(1, Semaphore::MAX_PERMITS))),
            bandwidth: config.max_bandwidth.map(|rate| Arc::new(Bandwidth::new(rate, context.time.clone()))),
            stall: context.config.read_timeout,
            backend,
            context,
            config,
        }
    }

    /// Waits for a slot among all requests of this engine.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        self.slots.clone().acquire_owned().await.ok()
    }

    /// Returns whether a checksum is sent if the service does not require one:
    /// `request_checksum_calculation`.
    pub(super) fn checksums_when_supported(&self) -> bool {
        self.context.config.request_checksum_calculation == When::Supported
    }

    /// Returns whether downloads are verified by default: `response_checksum_validation`.
    pub(super) fn validates_when_supported(&self) -> bool {
        self.context.config.response_checksum_validation == When::Supported
    }

    /// Repeats a request after a transient failure.
    pub(in crate::boto3::s3) async fn attempts<T, F: Future<Output = Result<T>>>(
        &self,
        mut call: impl FnMut() -> F,
    ) -> Result<T> {
        let mut tried = 0;
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tried += 1;
            if tried >= PART_ATTEMPTS || !is_transient(&error) {
                return Err(error);
            }
            self.pause(tried).await;
        }
    }

    /// The pause before the next attempt: 0.2 s, doubled each time, 20 s at most.
    pub(super) async fn pause(&self, tried: u32) {
        let wait = Duration::from_millis(100) * (1 << tried.min(8));
        self.context.time.timer(wait.min(Duration::from_secs(20))).await;
    }

    /// Ends a request that makes no progress for too long.
    pub(super) async fn watched<T>(
        &self,
        operation: &'static str,
        moved: &AtomicU64,
        future: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut future = pin!(future);
        let mut seen = moved.load(Ordering::Relaxed);
        let mut alarm = None;
        poll_fn(|context| {
            if let Poll::Ready(answer) = future.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            loop {
                let waiting = alarm.get_or_insert_with(|| self.context.time.timer(self.stall));
                if Pin::new(waiting).poll(context).is_pending() {
                    return Poll::Pending;
                }
                let now = moved.load(Ordering::Relaxed);
                if now == seen {
                    return Poll::Ready(Err(self.stalled(operation)));
                }
                (seen, alarm) = (now, None);
            }
        })
        .await
    }

    fn stalled(&self, operation: &'static str) -> Error {
        let config = &self.context.config;
        let endpoint = config.endpoint_url.as_deref().map(crate::secret::url::redact).or_else(|| config.region_name.clone());
        let endpoint = endpoint.unwrap_or_default();
        let why = format!("no byte for {:?}", self.stall);
        Error::Timeout { operation, endpoint, source: Some(why.into()) }
    }

    /// Runs a part as a separate task, so that several processors share the work; in memory on the
    /// waiting task, in order.
    pub(in crate::boto3::s3) fn lane<T: Send + 'static>(
        native: bool,
        part: impl Future<Output = T> + Send + 'static,
    ) -> BoxFuture<T> {
        if native { Box::pin(driver::beside(part)) } else { Box::pin(part) }
    }
}

/// Returns true if the same request may succeed later.
pub(super) fn is_transient(error: &Error) -> bool {
    match error {
        Error::Timeout { .. }
        | Error::EndpointConnection { .. }
        | Error::ResponseParser { .. }
        | Error::IncompleteRead { .. } => true,
        Error::Client(refusal) => {
            let code = refusal.code.as_str();
            refusal.status >= 500
                || refusal.status == 429
                || matches!(code, "SlowDown" | "RequestTimeout" | "ThrottlingException")
        }
        _ => false,
    }
}

/// The time limit of a whole transfer.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3) struct Budget {
    time: Time,
    operation: &'static str,
    budget: Option<Duration>,
    end: Duration,
}

impl Budget {
    /// Starts the clock.
    pub(in crate::boto3::s3) fn start(time: &Time, operation: &'static str, budget: Option<Duration>) -> Budget {
        let end = budget.map_or(Duration::MAX, |budget| time.monotonic().saturating_add(budget));
        Budget { time: time.clone(), operation, budget, end }
    }

    /// Returns the time left; `None` for no limit.
    pub(in crate::boto3::s3) fn left(&self) -> Result<Option<Duration>> {
        let Some(budget) = self.budget else { return Ok(None) };
        match self.end.saturating_sub(self.time.monotonic()) {
            Duration::ZERO => Err(Error::DeadlineExceeded { operation: self.operation, budget }),
            left => Ok(Some(left)),
        }
    }

    pub(in crate::boto3::s3) async fn run<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(budget) = self.budget else { return future.await };
        let mut future = pin!(future);
        let mut alarm = None;
        // Poll the work first: a result that is ready needs no clock.
        poll_fn(|context| {
            if let Poll::Ready(answer) = future.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            let alarm = alarm.get_or_insert_with(|| self.time.timer(self.end.saturating_sub(self.time.monotonic())));
            Pin::new(alarm).poll(context).map(|_| Err(Error::DeadlineExceeded { operation: self.operation, budget }))
        })
        .await
    }
}
