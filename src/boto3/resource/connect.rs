//! [`Boto3::resource`].

use std::path::PathBuf;

use super::super::{Boto3, Clients, Config, Session};
use crate::Secret;

impl Boto3 {
    /// Returns the resource interface of a service, completed by the service's name:
    /// `boto3.resource().s3()`, `boto3.resource().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.resource")]
    pub fn resource(&self) -> Resources {
        Resources(self.client())
    }
}

impl Session {
    /// Returns the resource interface of a service, completed by the service's name:
    /// `session.resource().s3()`.
    #[doc(alias = "boto3.Session.resource")]
    pub fn resource(&self) -> Resources {
        Resources(self.client())
    }

    /// Returns the services with a resource interface.
    #[doc(alias = "boto3.Session.get_available_resources")]
    pub fn get_available_resources(&self) -> &'static [&'static str] {
        &[
            #[cfg(feature = "ec2")]
            "ec2",
            #[cfg(feature = "s3")]
            "s3",
        ]
    }
}

/// The settings of the underlying client, as in [`Clients`], completed by the service's name.
/// [`Boto3::resource`] returns it.
#[derive(Clone, Debug)]
#[must_use = "complete it with the service's name"]
pub struct Resources(Clients);

impl Resources {
    /// Sets the region, instead of the session's.
    pub fn region_name(self, region: impl Into<String>) -> Resources {
        Resources(self.0.region_name(region))
    }

    /// Sets the URL of the service, instead of AWS's: `http://127.0.0.1:9000`.
    pub fn endpoint_url(self, url: impl Into<String>) -> Resources {
        Resources(self.0.endpoint_url(url))
    }

    /// Sets the access key id, instead of the session's.
    pub fn aws_access_key_id(self, id: impl Into<String>) -> Resources {
        Resources(self.0.aws_access_key_id(id))
    }

    /// Sets the secret access key.
    pub fn aws_secret_access_key(self, key: impl Into<Secret>) -> Resources {
        Resources(self.0.aws_secret_access_key(key))
    }

    /// Sets the session token of temporary credentials.
    pub fn aws_session_token(self, token: impl Into<Secret>) -> Resources {
        Resources(self.0.aws_session_token(token))
    }

    /// Sets a file of certificate authorities, PEM, to trust instead of the machine's.
    pub fn verify(self, ca_bundle: impl Into<PathBuf>) -> Resources {
        Resources(self.0.verify(ca_bundle))
    }

    /// Sets further settings. In repeated calls, later settings take precedence.
    pub fn config(self, config: Config) -> Resources {
        Resources(self.0.config(config))
    }

    /// Returns S3's resource interface.
    #[cfg(feature = "s3")]
    pub fn s3(self) -> crate::boto3::s3::ServiceResource {
        crate::boto3::s3::ServiceResource::new(self.0.s3(), None)
    }

    /// Returns EC2's resource interface.
    #[cfg(feature = "ec2")]
    pub fn ec2(self) -> crate::boto3::ec2::ServiceResource {
        crate::boto3::ec2::ServiceResource::new(self.0.ec2(), None)
    }
}
