//! What the services have in common at the seam: how a client is configured, and who makes one.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let ec2 = world.batteries().boto3.client().region_name("eu-west-1").ec2();
//! // What was told and what was found in environment and files, together: this is what a service's backend is made of.
//! assert_eq!(ec2.meta().config().region_name.as_deref(), Some("eu-west-1"));
//! assert_eq!(ec2.meta().config().max_attempts, 3);
//! ```

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use super::config::{AddressingStyle, RetryMode, When};
use super::credentials::Chain;
use crate::Secret;

/// How a client shall be: what it was told, and what the session found in environment and files.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `region_name`. S3 has one always.
    pub region_name: Option<String>,
    /// `endpoint_url`: where the service is, if not at Amazon.
    pub endpoint_url: Option<String>,
    /// Where the credentials come from.
    pub credentials: Credentials,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long an answer may be awaited.
    pub read_timeout: Duration,
    /// How many connections are kept.
    pub max_pool_connections: usize,
    /// How often an exchange is made at most.
    pub max_attempts: u32,
    /// How it is tried again.
    pub retry_mode: RetryMode,
    /// The way out, with the hosts that need none.
    pub proxy: Option<Proxy>,
    /// The certificate authorities to trust instead of the machine's, PEM.
    pub ca_bundle: Option<Arc<[u8]>>,
    /// Where a bucket's name stands in a URL.
    pub addressing_style: AddressingStyle,
    /// S3's transfer acceleration.
    pub use_accelerate_endpoint: bool,
    /// Endpoints that speak IPv6 too.
    pub use_dualstack_endpoint: bool,
    /// Endpoints with validated cryptography.
    pub use_fips_endpoint: bool,
    /// When checksums go with requests.
    pub request_checksum_calculation: When,
    /// When checksums of answers are verified.
    pub response_checksum_validation: When,
    /// A name in the User-Agent.
    pub user_agent_appid: Option<String>,
    /// The profile, for those credentials that depend on more of it.
    pub profile_name: Option<String>,
    /// How to ask for credentials that are not [`Credentials::Static`].
    pub(in crate::boto3) chain: Arc<Chain>,
    /// The SDK configuration that the client is made of, if it is not made of environment and files.
    pub(in crate::boto3) sdk: Option<Arc<aws_config::SdkConfig>>,
}

/// Without the password that the URL may hold.
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
    /// botocore's `auto`: the bucket's name stands in the path where the endpoint is not Amazon's.
    pub fn path_style(&self) -> bool {
        match self.addressing_style {
            _ if self.use_accelerate_endpoint => false,
            AddressingStyle::Path => true,
            AddressingStyle::Virtual => false,
            AddressingStyle::Auto => self.endpoint_url.is_some(),
        }
    }
}

/// Where credentials come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// From what only asking can tell: a role, SSO, a process, a container, an instance.
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

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its URL, which may hold a password.
    pub url: Secret,
    /// The hosts that are reached without it, as `no_proxy` lists them.
    pub no_proxy: Option<String>,
}

/// Who makes clients of a service: the network, or a fake.
pub trait Service<B: ?Sized>: Debug + Send + Sync + 'static {
    /// A client. Nothing is asked of anybody before its first operation.
    fn connect(&self, config: ClientConfig) -> Arc<B>;
}
