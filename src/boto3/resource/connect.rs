//! [`Boto3::resource`].

use std::path::PathBuf;

use super::super::{Boto3, Clients, Config, Session};
use crate::Secret;

impl Boto3 {
    /// The object-oriented view of a service, ended by the service's name: `boto3.resource().s3()`,
    /// `boto3.resource().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.resource")]
    pub fn resource(&self) -> Resources {
        Resources(self.client())
    }
}

impl Session {
    /// The object-oriented view of a service, ended by the service's name: `session.resource().s3()`.
    #[doc(alias = "boto3.Session.resource")]
    pub fn resource(&self) -> Resources {
        Resources(self.client())
    }

    /// The services that have it.
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

/// What [`Boto3::resource`] gives: how the client beneath shall be, as [`Clients`] says it, then of which service.
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

    /// The key's name, instead of the session's.
    pub fn aws_access_key_id(self, id: impl Into<String>) -> Resources {
        Resources(self.0.aws_access_key_id(id))
    }

    /// The key.
    pub fn aws_secret_access_key(self, key: impl Into<Secret>) -> Resources {
        Resources(self.0.aws_secret_access_key(key))
    }

    /// The token of temporary keys.
    pub fn aws_session_token(self, token: impl Into<Secret>) -> Resources {
        Resources(self.0.aws_session_token(token))
    }

    /// A file of certificate authorities, PEM, to trust instead of the machine's.
    pub fn verify(self, ca_bundle: impl Into<PathBuf>) -> Resources {
        Resources(self.0.verify(ca_bundle))
    }

    /// How the client behaves. Said twice, the later word counts.
    pub fn config(self, config: Config) -> Resources {
        Resources(self.0.config(config))
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
