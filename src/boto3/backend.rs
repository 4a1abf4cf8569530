//! What the services have in common at the seam: how a client is configured, and who makes one.

use std::fmt::Debug;
use std::sync::Arc;

use crate::Secret;

/// How a client shall be: what [`Boto3::client`](super::Boto3::client) was told, and what the session found in files and environment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `region_name`
    pub region_name: Option<String>,
    /// `endpoint_url`
    pub endpoint_url: Option<String>,
    /// Where the credentials come from.
    pub credentials: Credentials,
}

/// Where credentials come from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// The chain: environment, files, SSO, processes, containers, instances.
    #[default]
    Chain,
    /// These.
    Static {
        /// `aws_access_key_id`
        access_key_id: String,
        /// `aws_secret_access_key`
        secret_access_key: Secret,
        /// `aws_session_token`
        session_token: Option<Secret>,
    },
    /// None: requests are not signed. botocore's `UNSIGNED`.
    Unsigned,
}

/// Who makes clients of a service: the network, or a fake.
pub trait Service<B: ?Sized>: Debug + Send + Sync + 'static {
    /// A client. Nothing is asked of anybody before its first operation.
    fn connect(&self, config: ClientConfig) -> Arc<B>;
}
