//! The common state of all clients, in addition to their backend.

use std::sync::Arc;

use super::Boto3;
use super::backend::ClientConfig;
use super::{Error, Result};
use crate::os::Os;
use crate::time::Time;
use crate::wait::BoxFuture;

/// The parts of a client that come from its handle: files to transfer, clocks, configuration.
#[derive(Clone, Debug)]
pub struct Context {
    pub(in crate::boto3) os: Os,
    pub(in crate::boto3) time: Time,
    pub(in crate::boto3) config: Arc<ClientConfig>,
    /// Whether the service is real, so that other work of a call may take time as well.
    pub(in crate::boto3) native: bool,
    /// The known regions of buckets.
    #[cfg(feature = "s3")]
    pub(in crate::boto3) regions: super::s3::regions::Regions,
}

impl Context {
    /// Runs blocking work until an interrupt ends it.
    pub(in crate::boto3) fn interruptible<T: Send + 'static>(
        &self,
        operation: &'static str,
        future: impl Future<Output = Result<T>> + Send + 'static,
    ) -> BoxFuture<Result<T>> {
        let interrupts = self.time.backend().interrupts();
        if !interrupts.is_armed() {
            return Box::pin(future);
        }
        let done = async move { interrupts.during(future).await };
        Box::pin(async move { done.await.unwrap_or_else(|interrupt| Err(Error::KeyboardInterrupt { operation, interrupt })) })
    }

    pub(super) fn new(boto3: Boto3, config: ClientConfig) -> Context {
        Context {
            os: boto3.os,
            time: boto3.time,
            config: Arc::new(config),
            native: boto3.native,
            #[cfg(feature = "s3")]
            regions: Default::default(),
        }
    }

    pub(in crate::boto3) fn meta(&self, service_name: &'static str) -> Meta {
        Meta { service_name, config: self.config.clone() }
    }
}

/// The properties of a client: boto3's `client.meta`.
#[derive(Clone, Debug)]
#[doc(alias = "boto3.Client.meta")]
pub struct Meta {
    service_name: &'static str,
    config: Arc<ClientConfig>,
}

impl Meta {
    /// `"s3"`, `"ec2"`.
    pub fn service_name(&self) -> &'static str {
        self.service_name
    }

    /// Returns the region, if there is one.
    pub fn region_name(&self) -> Option<&str> {
        self.config.region_name.as_deref()
    }

    /// Returns the custom endpoint URL, if one is set.
    pub fn endpoint_url(&self) -> Option<&str> {
        self.config.endpoint_url.as_deref()
    }

    /// Returns the resolved configuration.
    pub fn config(&self) -> &ClientConfig {
        &self.config
    }
}
