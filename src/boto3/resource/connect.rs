//! [`Boto3::resource`].

use super::super::{Boto3, Clients};

impl Boto3 {
    /// The object-oriented view of a service, ended by the service's name: `boto3.resource().s3()`,
    /// `boto3.resource().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.resource")]
    pub fn resource(&self) -> Resources {
        Resources(self.client())
    }
}

/// What [`Boto3::resource`] gives: how the client beneath shall be, then of which service.
#[derive(Clone, Debug)]
#[must_use = "end it with the service's name"]
pub struct Resources(Clients);

impl Resources {
    /// The region, instead of the session's.
    pub fn region_name(self, region: impl Into<String>) -> Resources {
        Resources(self.0.region_name(region))
    }

    /// Where the service is, instead of at Amazon: `http://127.0.0.1:9000`.
    pub fn endpoint_url(self, url: impl Into<String>) -> Resources {
        Resources(self.0.endpoint_url(url))
    }

    /// S3.
    #[cfg(feature = "s3")]
    pub fn s3(self) -> crate::boto3::s3::ServiceResource {
        crate::boto3::s3::ServiceResource::new(self.0.s3(), None)
    }

    /// EC2.
    #[cfg(feature = "ec2")]
    pub fn ec2(self) -> crate::boto3::ec2::ServiceResource {
        crate::boto3::ec2::ServiceResource::new(self.0.ec2(), None)
    }
}
