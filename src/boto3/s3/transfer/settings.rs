//! [`Settings`]: the settings of every transfer.

use std::time::Duration;

use super::config::TransferConfig;
use super::engine::{Budget, Engine};
use super::progress::{Event, Observers};
use crate::boto3::s3::client::Client;
use crate::boto3::{Error, Result};

/// The default time limit of a whole transfer: a day. A terabyte takes that long at 100 Mbit/s.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(86_400);

#[derive(Clone, Debug)]
pub(in crate::boto3::s3) struct Settings {
    pub(super) client: Client,
    /// That of a manager, which its transfers share.
    engine: Option<Engine>,
    config: TransferConfig,
    pub(super) observers: Observers,
    timeout: Option<Duration>,
    stall: Option<Duration>,
}

impl Settings {
    pub(in crate::boto3::s3) fn new(client: &Client) -> Settings {
        Settings {
            client: client.clone(),
            engine: None,
            config: TransferConfig::default(),
            observers: Observers::default(),
            timeout: Some(DEFAULT_TIMEOUT),
            stall: None,
        }
    }

    /// Shares the limits of another engine.
    pub(in crate::boto3::s3) fn shared(client: &Client, engine: &Engine) -> Settings {
        Settings { engine: Some(engine.clone()), config: engine.config.clone(), ..Settings::new(client) }
    }

    pub(in crate::boto3::s3) fn set_config(&mut self, config: TransferConfig) {
        (self.engine, self.config) = (None, config);
    }

    pub(super) fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    pub(super) fn set_stall(&mut self, stall: Duration) {
        self.stall = Some(stall);
    }

    pub(super) fn observe(&mut self, mut callback: impl FnMut(i64) + Send + 'static) {
        self.observers.add(move |event| {
            if let Event::Moved(bytes) = event {
                callback(bytes);
            }
        });
    }

    /// Begins: starts the clock.
    pub(super) fn begin(&self, operation: &'static str, buckets: &[&str]) -> Result<(Engine, Budget)> {
        self.config.validate()?;
        if buckets.iter().any(|bucket| is_object_lambda(bucket)) {
            let report = "TransferManager methods do not support S3 Object Lambda resource. Use direct client calls instead.";
            return Err(Error::Value(report.into()));
        }
        let mut engine = self.engine.clone().unwrap_or_else(|| Engine::new(&self.client, self.config.clone()));
        let budget = Budget::start(&engine.context.time, operation, self.timeout);
        engine.stall = self.stall.unwrap_or(engine.stall);
        Ok((engine, budget))
    }
}

/// s3transfer's `^arn:(aws).*:s3-object-lambda:[a-z\-0-9]+:[0-9]{12}:accesspoint[/:][a-zA-Z0-9\-]{1,63}`.
fn is_object_lambda(bucket: &str) -> bool {
    let Some(rest) = bucket.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":s3-object-lambda:")) else { return false };
    let mut fields = rest.1.splitn(3, ':');
    let region = fields.next().is_some_and(|region| {
        !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    });
    let account = fields.next().is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let point = fields.next().and_then(|point| point.strip_prefix("accesspoint")).is_some_and(|point| {
        let name = point.strip_prefix(['/', ':']).unwrap_or_default();
        name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    region && account && point
}

/// The methods that configure a transfer, the same for all; `settings` is the field with
/// [`Settings`].
macro_rules! configurable {
    ($Transfer:ty $(, $W:ident)?) => {
        impl$(<$W>)? $Transfer {
            /// Sets how it is split into parts, and how many are sent at once. For a transfer of an
            /// [`S3Transfer`](super::S3Transfer), this replaces the manager's settings and shared
            /// limits.
            pub fn config(mut self, config: super::TransferConfig) -> Self {
                self.settings.set_config(config);
                self
            }

            /// Sets a function that gets the number of bytes transferred since its last call;
            /// negative when a part is repeated. It may be called from any thread, one call at a
            /// time.
            #[doc(alias = "S3.transfer.Callback")]
            pub fn callback(mut self, callback: impl FnMut(i64) + Send + 'static) -> Self {
                self.settings.observe(callback);
                self
            }

            /// Shows a progress bar on standard error, if that is a terminal. Requires the feature
            /// `progress`.
            #[cfg(feature = "progress")]
            pub fn progress(mut self) -> Self {
                self.settings.observers.add_bar();
                self
            }

            /// Sets the time limit of the whole; `None` means no limit. Default:
            /// [`DEFAULT_TIMEOUT`](super::DEFAULT_TIMEOUT). An interrupted transfer is aborted or
            /// removed.
            pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Self {
                self.settings.set_timeout(timeout.into().into());
                self
            }

            /// Sets how long a request may make no progress before it is repeated. Default: the
            /// client's `read_timeout`, a minute.
            pub fn stall(mut self, patience: std::time::Duration) -> Self {
                self.settings.set_stall(patience);
                self
            }
        }
    };
}
pub(super) use configurable;
