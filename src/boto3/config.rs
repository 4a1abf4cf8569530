//! [`Config`]: the settings of a client, botocore's `Config`.

use std::str::FromStr;
use std::time::Duration;

use super::error::ConfigError;
use crate::Secret;

/// The settings of a client: botocore's
/// [`Config`](https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html).
/// Unset values are taken from the environment, then from the profile, then from the default.
#[derive(Clone, Debug, Default)]
#[doc(alias = "boto3.Config")]
pub struct Config {
    pub(super) region_name: Option<String>,
    pub(super) unsigned: bool,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) read_timeout: Option<Duration>,
    pub(super) max_pool_connections: Option<usize>,
    pub(super) max_attempts: Option<u32>,
    pub(super) retry_mode: Option<RetryMode>,
    /// URLs of proxies may contain passwords.
    pub(super) proxies: Option<Vec<(String, Secret)>>,
    pub(super) addressing_style: Option<AddressingStyle>,
    pub(super) use_accelerate_endpoint: Option<bool>,
    pub(super) use_dualstack_endpoint: Option<bool>,
    pub(super) use_fips_endpoint: Option<bool>,
    pub(super) request_checksum_calculation: Option<When>,
    pub(super) response_checksum_validation: Option<When>,
    pub(super) user_agent_appid: Option<String>,
    pub(super) ignore_configured_endpoint_urls: Option<bool>,
}

/// How a failed request is retried.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Exponential backoff, with a retry quota that repeated failures exhaust.
    #[default]
    Standard,
    /// Like `Standard`, with client-side rate limiting after throttling.
    Adaptive,
}

impl FromStr for RetryMode {
    type Err = ConfigError;

    /// `legacy` becomes `standard`. DIFFERENCE: its own list of errors is not implemented.
    fn from_str(text: &str) -> Result<RetryMode, ConfigError> {
        match text {
            "standard" | "legacy" => Ok(RetryMode::Standard),
            "adaptive" => Ok(RetryMode::Adaptive),
            _ => Err(ConfigError::InvalidRetryMode { mode: text.to_owned() }),
        }
    }
}

/// Where a bucket's name is placed in a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressingStyle {
    /// In the host for AWS, in the path for another `endpoint_url`.
    #[default]
    Auto,
    /// Always in the path.
    Path,
    /// Always in the host.
    Virtual,
}

impl FromStr for AddressingStyle {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<AddressingStyle, ConfigError> {
        match text {
            "auto" => Ok(AddressingStyle::Auto),
            "path" => Ok(AddressingStyle::Path),
            "virtual" => Ok(AddressingStyle::Virtual),
            _ => Err(ConfigError::invalid("addressing_style", text)),
        }
    }
}

/// When checksums are calculated or verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// Whenever the operation supports them.
    #[default]
    Supported,
    /// Only if the operation requires them: for S3-compatible stores without support for them.
    Required,
}

impl FromStr for When {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<When, ConfigError> {
        match text.to_ascii_lowercase().as_str() {
            "when_supported" => Ok(When::Supported),
            "when_required" => Ok(When::Required),
            _ => Err(ConfigError::invalid("checksum setting", text)),
        }
    }
}

impl Config {
    /// Creates empty settings.
    pub fn new() -> Config {
        Config::default()
    }

    /// Sets the region. An argument of the client takes precedence.
    pub fn region_name(mut self, region: impl Into<String>) -> Config {
        self.region_name = Some(region.into());
        self
    }

    /// Sends unsigned requests, without looking for credentials: `signature_version=UNSIGNED`, for
    /// public buckets.
    pub fn unsigned(mut self) -> Config {
        self.unsigned = true;
        self
    }

    /// Sets the connect timeout. Default: 60 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Config {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the read timeout. Default: 60 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Config {
        self.read_timeout = Some(timeout);
        self
    }

    /// Sets the maximum number of kept connections. Default: 10.
    pub fn max_pool_connections(mut self, connections: usize) -> Config {
        self.max_pool_connections = Some(connections);
        self
    }

    /// Sets the maximum number of attempts, including the first. Default: 3. botocore's
    /// `total_max_attempts`.
    pub fn max_attempts(mut self, attempts: u32) -> Config {
        self.max_attempts = Some(attempts);
        self
    }

    /// Sets the retry mode.
    pub fn retry_mode(mut self, mode: RetryMode) -> Config {
        self.retry_mode = Some(mode);
        self
    }

    /// Sets proxies by the scheme of the service's URL, instead of those of the environment; an
    /// empty list disables proxies.
    ///
    /// `[("https", "http://proxy:3128")]`
    pub fn proxies<S: Into<String>, U: Into<String>>(mut self, proxies: impl IntoIterator<Item = (S, U)>) -> Config {
        self.proxies = Some(proxies.into_iter().map(|(scheme, url)| (scheme.into(), Secret::new(url))).collect());
        self
    }

    /// Sets where a bucket's name is placed in a URL: `s3={"addressing_style": "path"}`.
    pub fn addressing_style(mut self, style: AddressingStyle) -> Config {
        self.addressing_style = Some(style);
        self
    }

    /// Sets whether to use S3's transfer acceleration: `s3={"use_accelerate_endpoint": True}`.
    pub fn use_accelerate_endpoint(mut self, on: bool) -> Config {
        self.use_accelerate_endpoint = Some(on);
        self
    }

    /// Sets whether to use dual-stack (IPv6) endpoints.
    pub fn use_dualstack_endpoint(mut self, on: bool) -> Config {
        self.use_dualstack_endpoint = Some(on);
        self
    }

    /// Sets whether to use FIPS endpoints.
    pub fn use_fips_endpoint(mut self, on: bool) -> Config {
        self.use_fips_endpoint = Some(on);
        self
    }

    /// Sets when requests are sent with checksums.
    pub fn request_checksum_calculation(mut self, when: When) -> Config {
        self.request_checksum_calculation = Some(when);
        self
    }

    /// Sets when checksums of responses are verified.
    pub fn response_checksum_validation(mut self, when: When) -> Config {
        self.response_checksum_validation = Some(when);
        self
    }

    /// Sets an application name for the User-Agent.
    pub fn user_agent_appid(mut self, name: impl Into<String>) -> Config {
        self.user_agent_appid = Some(name.into());
        self
    }

    /// Sets whether endpoint URLs in environment and files are ignored. That of the client's
    /// arguments still counts.
    pub fn ignore_configured_endpoint_urls(mut self, on: bool) -> Config {
        self.ignore_configured_endpoint_urls = Some(on);
        self
    }

    /// Merges two settings. Those of `other` take precedence.
    #[doc(alias = "boto3.Config.merge")]
    pub fn merge(self, other: Config) -> Config {
        Config {
            region_name: other.region_name.or(self.region_name),
            unsigned: other.unsigned || self.unsigned,
            connect_timeout: other.connect_timeout.or(self.connect_timeout),
            read_timeout: other.read_timeout.or(self.read_timeout),
            max_pool_connections: other.max_pool_connections.or(self.max_pool_connections),
            max_attempts: other.max_attempts.or(self.max_attempts),
            retry_mode: other.retry_mode.or(self.retry_mode),
            proxies: other.proxies.or(self.proxies),
            addressing_style: other.addressing_style.or(self.addressing_style),
            use_accelerate_endpoint: other.use_accelerate_endpoint.or(self.use_accelerate_endpoint),
            use_dualstack_endpoint: other.use_dualstack_endpoint.or(self.use_dualstack_endpoint),
            use_fips_endpoint: other.use_fips_endpoint.or(self.use_fips_endpoint),
            request_checksum_calculation: other.request_checksum_calculation.or(self.request_checksum_calculation),
            response_checksum_validation: other.response_checksum_validation.or(self.response_checksum_validation),
            user_agent_appid: other.user_agent_appid.or(self.user_agent_appid),
            ignore_configured_endpoint_urls: other.ignore_configured_endpoint_urls.or(self.ignore_configured_endpoint_urls),
        }
    }
}
