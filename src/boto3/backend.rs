//! The common part of the services' backends: the configuration of a client, and the factory of
//! clients.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let ec2 = world.batteries().boto3.client().region_name("eu-west-1").ec2();
//! // The arguments combined with environment and files: a service's backend is created from this.
//! assert_eq!(ec2.meta().config().region_name.as_deref(), Some("eu-west-1"));
//! assert_eq!(ec2.meta().config().max_attempts, 3);
//! ```

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use super::config::{AddressingStyle, RetryMode, When};
use super::credentials::Chain;
use crate::Secret;

/// The configuration of a client: the arguments, combined with the session's settings from
/// environment and files.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `region_name`. S3 always has one.
    pub region_name: Option<String>,
    /// `endpoint_url`: the URL of the service, if it is not AWS.
    pub endpoint_url: Option<String>,
    /// The source of the credentials.
    pub credentials: Credentials,
    /// The connect timeout.
    pub connect_timeout: Duration,
    /// The read timeout.
    pub read_timeout: Duration,
    /// The maximum number of kept connections.
    pub max_pool_connections: usize,
    /// The maximum number of attempts for a request.
    pub max_attempts: u32,
    /// The retry mode.
    pub retry_mode: RetryMode,
    /// The proxy, with the hosts that bypass it.
    pub proxy: Option<Proxy>,
    /// The certificate authorities to trust instead of the machine's, PEM.
    pub ca_bundle: Option<Arc<[u8]>>,
    /// Where a bucket's name is placed in a URL.
    pub addressing_style: AddressingStyle,
    /// S3's transfer acceleration.
    pub use_accelerate_endpoint: bool,
    /// Whether to use dual-stack (IPv6) endpoints.
    pub use_dualstack_endpoint: bool,
    /// Whether to use FIPS endpoints.
    pub use_fips_endpoint: bool,
    /// When requests are sent with checksums.
    pub request_checksum_calculation: When,
    /// When checksums of responses are verified.
    pub response_checksum_validation: When,
    /// An application name for the User-Agent.
    pub user_agent_appid: Option<String>,
    /// The profile, for credentials that depend on further settings of it.
    pub profile_name: Option<String>,
    /// How to retrieve credentials that are not [`Credentials::Static`].
    pub(in crate::boto3) chain: Arc<Chain>,
    /// The SDK configuration that the client is made of, if it is not made of environment and files.
    pub(in crate::boto3) sdk: Option<Arc<aws_config::SdkConfig>>,
}

/// Omits the proxy's URL, which may contain a password.
impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("region_name", &self.region_name)
            .field("endpoint_url", &self.endpoint_url.as_deref().map(crate::secret::url::redact))
            .field("credentials", &self.credentials)
            .field("proxy", &self.proxy)
            .field("profile_name", &self.profile_name)
            .field("max_attempts", &self.max_attempts)
            .field("retry_mode", &self.retry_mode)
            .finish_non_exhaustive()
    }
}

impl Default for ClientConfig {
    fn default() -> ClientConfig {
        ClientConfig {
            region_name: None,
            endpoint_url: None,
            credentials: Credentials::Chain,
            connect_timeout: Duration::from_secs(60),
            read_timeout: Duration::from_secs(60),
            max_pool_connections: 10,
            max_attempts: 3,
            retry_mode: RetryMode::Standard,
            proxy: None,
            ca_bundle: None,
            addressing_style: AddressingStyle::Auto,
            use_accelerate_endpoint: false,
            use_dualstack_endpoint: false,
            use_fips_endpoint: false,
            request_checksum_calculation: When::Supported,
            response_checksum_validation: When::Supported,
            user_agent_appid: None,
            profile_name: None,
            chain: Arc::default(),
            sdk: None,
        }
    }
}

impl ClientConfig {
    /// botocore's `auto`: the bucket's name is in the path if the endpoint is not AWS.
    pub fn path_style(&self) -> bool {
        match self.addressing_style {
            _ if self.use_accelerate_endpoint => false,
            AddressingStyle::Path => true,
            AddressingStyle::Virtual => false,
            AddressingStyle::Auto => self.endpoint_url.is_some(),
        }
    }
}

/// The source of credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Credentials that must be requested: a role, SSO, a process, a container, an instance.
    #[default]
    Chain,
    /// These credentials.
    Static {
        /// `aws_access_key_id`
        access_key_id: String,
        /// `aws_secret_access_key`
        secret_access_key: Secret,
        /// `aws_session_token`
        session_token: Option<Secret>,
    },
    /// No credentials: requests are not signed. botocore's `UNSIGNED`.
    Unsigned,
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its URL, which may contain a password.
    pub url: Secret,
    /// The hosts that bypass it, in the format of `no_proxy`.
    pub no_proxy: Option<String>,
}

/// Creates clients of a service: on the network, or of a fake.
pub trait Service<B: ?Sized>: Debug + Send + Sync + 'static {
    /// Creates a client. Sends nothing before its first operation.
    fn connect(&self, config: ClientConfig) -> Arc<B>;
}
