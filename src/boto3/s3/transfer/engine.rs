//! [`Engine`]: what all transfers have: a backend, a configuration, and their patience.

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

/// A part that the service could not take is sent this often; the backend has tried again before, in its own way.
const PART_ATTEMPTS: u32 = 3;

/// What is left for tidying up when a transfer has failed.
pub(super) const TIDY: Duration = Duration::from_secs(30);

/// The requests that transfers make, and what they share: lanes and bandwidth. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3) struct Engine {
    pub(in crate::boto3::s3) backend: Arc<dyn Backend>,
    pub(in crate::boto3::s3) context: Context,
    pub(in crate::boto3::s3) config: TransferConfig,
    slots: Arc<Semaphore>,
    pub(super) bandwidth: Option<Arc<Bandwidth>>,
    /// The longest wait without a byte.
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

    /// A turn among all requests of this engine.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes it.
        self.slots.clone().acquire_owned().await.ok()
    }

    /// Whether a checksum is sent where the service does not ask for one: `request_checksum_calculation`.
    pub(super) fn checksums_when_supported(&self) -> bool {
        self.context.config.request_checksum_calculation == When::Supported
    }

    /// Whether downloads are verified where nobody asked for it: `response_checksum_validation`.
    pub(super) fn validates_when_supported(&self) -> bool {
        self.context.config.response_checksum_validation == When::Supported
    }

    /// Makes a request again that failed for a reason which may pass.
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

    /// The wait before the next attempt: 0.2 s, twice that each time, 20 s at most.
    pub(super) async fn pause(&self, tried: u32) {
        let wait = Duration::from_millis(100) * (1 << tried.min(8));
        self.context.time.timer(wait.min(Duration::from_secs(20))).await;
    }

    /// Ends a request that moves no byte for too long.
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

    /// A part as a task beside its siblings, so that several processors share the work; in memory on the task that waits, in order.
    pub(in crate::boto3::s3) fn lane<T: Send + 'static>(
        native: bool,
        part: impl Future<Output = T> + Send + 'static,
    ) -> BoxFuture<T> {
        if native { Box::pin(driver::beside(part)) } else { Box::pin(part) }
    }
}

/// True where the same request may succeed in a moment.
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

/// The time that a whole transfer has.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3) struct Budget {
    time: Time,
    operation: &'static str,
    budget: Option<Duration>,
    end: Duration,
}

impl Budget {
    /// The clock starts now.
    pub(in crate::boto3::s3) fn start(time: &Time, operation: &'static str, budget: Option<Duration>) -> Budget {
        let end = budget.map_or(Duration::MAX, |budget| time.monotonic().saturating_add(budget));
        Budget { time: time.clone(), operation, budget, end }
    }

    /// What is left of it; None for no limit.
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
        // The work first: the clock is not asked for what is there at once.
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
