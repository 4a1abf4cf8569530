//! `boto3`: Amazon S3 and EC2.
//!
//! Python's [boto3](https://boto3.amazonaws.com/v1/documentation/api/latest/index.html), on Amazon's own clients for Rust.

pub mod backend;
mod call;
mod client;
mod error;
mod json;
pub mod mock;
pub mod native;
pub mod paginate;
pub mod waiter;

#[cfg(feature = "ec2")]
pub mod ec2;
#[cfg(feature = "s3")]
pub mod s3;

use std::sync::Arc;

pub use backend::{ClientConfig, Service};
pub use call::{Call, DEFAULT_TIMEOUT};
pub use client::Context;
pub use error::{ClientError, Error};
pub use paginate::Pages;
pub use waiter::{Waiter, WaiterError};

use crate::os::Os;
use crate::time::Time;

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The handle: Python's module `boto3` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Boto3 {
    os: Os,
    time: Time,
    #[cfg(feature = "s3")]
    s3: Arc<dyn Service<dyn s3::Backend>>,
    #[cfg(feature = "ec2")]
    ec2: Arc<dyn Service<dyn ec2::Backend>>,
}

impl Boto3 {
    /// Amazon's services, over this machine's network, with its files and environment.
    pub fn native(os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            #[cfg(feature = "s3")]
            s3: Arc::new(native::Native),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(native::Native),
        }
    }

    pub(crate) fn in_memory(mock: &mock::Mock, os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            #[cfg(feature = "s3")]
            s3: Arc::new(mock.s3.clone()),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(mock.ec2.clone()),
        }
    }

    /// A client, ended by the service's name: `boto3.client().s3()`, `boto3.client().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.client")]
    pub fn client(&self) -> Clients {
        Clients { boto3: self.clone(), config: ClientConfig::default() }
    }
}

/// What [`Boto3::client`] gives: how the client shall be, then which.
#[derive(Clone, Debug)]
#[must_use = "end it with the service's name"]
pub struct Clients {
    boto3: Boto3,
    config: ClientConfig,
}

impl Clients {
    /// The region, instead of the session's.
    pub fn region_name(mut self, region: impl Into<String>) -> Clients {
        self.config.region_name = Some(region.into());
        self
    }

    /// Where the service is, instead of at Amazon: `http://127.0.0.1:9000`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Clients {
        self.config.endpoint_url = Some(url.into());
        self
    }

    /// S3.
    #[cfg(feature = "s3")]
    pub fn s3(self) -> s3::Client {
        let Boto3 { os, time, s3, .. } = self.boto3;
        s3::Client::new(s3.connect(self.config.clone()), Context { os, time, config: Arc::new(self.config) })
    }

    /// EC2.
    #[cfg(feature = "ec2")]
    pub fn ec2(self) -> ec2::Client {
        let Boto3 { os, time, ec2, .. } = self.boto3;
        ec2::Client::new(ec2.connect(self.config.clone()), Context { os, time, config: Arc::new(self.config) })
    }
}
