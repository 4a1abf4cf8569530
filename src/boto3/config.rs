//! [`Config`]: how a client behaves, botocore's `Config`.

use std::str::FromStr;
use std::time::Duration;

use super::error::ConfigError;
use crate::Secret;

/// How a client behaves: botocore's
/// [`Config`](https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html). What is not said here is taken from the
/// environment, then from the profile, then from the default.
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
    /// URLs of proxies may hold passwords.
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

/// How often and how a failed exchange is tried again. <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// With growing pauses, and a budget that a service in trouble soon exhausts.
    #[default]
    Standard,
    /// And slower from the start where the service throttles.
    Adaptive,
}

impl FromStr for RetryMode {
    type Err = ConfigError;

    /// `legacy` is taken for `standard`. DIFFERENCE: its own list of errors is not there.
    fn from_str(text: &str) -> Result<RetryMode, ConfigError> {
        match text {
            "standard" | "legacy" => Ok(RetryMode::Standard),
            "adaptive" => Ok(RetryMode::Adaptive),
            _ => Err(ConfigError::InvalidRetryMode { mode: text.to_owned() }),
        }
    }
}

/// Where a bucket's name stands in a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressingStyle {
    /// In the host at Amazon, in the path at another `endpoint_url`.
    #[default]
    Auto,
    /// In the path, always.
    Path,
    /// In the host, always.
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

/// When checksums are made or verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// Wherever the operation knows of them.
    #[default]
    Supported,
    /// Only where it demands them: for stores that are not Amazon's and know no better.
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
    /// Nothing said.
    pub fn new() -> Config {
        Config::default()
    }

    /// The region. What the client is told itself goes before.
    pub fn region_name(mut self, region: impl Into<String>) -> Config {
        self.region_name = Some(region.into());
        self
    }

    /// Requests are not signed, no credentials are looked for: `signature_version=UNSIGNED`, for public buckets.
    pub fn unsigned(mut self) -> Config {
        self.unsigned = true;
        self
    }

    /// How long connecting may take. 60 seconds unless told.
    pub fn connect_timeout(mut self, timeout: Duration) -> Config {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long an answer may be awaited. 60 seconds unless told.
    pub fn read_timeout(mut self, timeout: Duration) -> Config {
        self.read_timeout = Some(timeout);
        self
    }

    /// How many connections are kept. 10 unless told.
    pub fn max_pool_connections(mut self, connections: usize) -> Config {
        self.max_pool_connections = Some(connections);
        self
    }

    /// How often an exchange is made at most, the first time included. 3 unless told. botocore's `total_max_attempts`.
    pub fn max_attempts(mut self, attempts: u32) -> Config {
        self.max_attempts = Some(attempts);
        self
    }

    /// How it is tried again.
    pub fn retry_mode(mut self, mode: RetryMode) -> Config {
        self.retry_mode = Some(mode);
        self
    }

    /// Proxies by the scheme of the service's URL, instead of those of the environment; none: no proxy.
    ///
    /// `[("https", "http://proxy:3128")]`
    pub fn proxies<S: Into<String>, U: Into<String>>(mut self, proxies: impl IntoIterator<Item = (S, U)>) -> Config {
        self.proxies = Some(proxies.into_iter().map(|(scheme, url)| (scheme.into(), Secret::new(url))).collect());
        self
    }

    /// Where a bucket's name stands in a URL: `s3={"addressing_style": "path"}`.
    pub fn addressing_style(mut self, style: AddressingStyle) -> Config {
        self.addressing_style = Some(style);
        self
    }

    /// S3's transfer acceleration: `s3={"use_accelerate_endpoint": True}`.
    pub fn use_accelerate_endpoint(mut self, on: bool) -> Config {
        self.use_accelerate_endpoint = Some(on);
        self
    }

    /// Endpoints that speak IPv6 too.
    pub fn use_dualstack_endpoint(mut self, on: bool) -> Config {
        self.use_dualstack_endpoint = Some(on);
        self
    }

    /// Endpoints with validated cryptography.
    pub fn use_fips_endpoint(mut self, on: bool) -> Config {
        self.use_fips_endpoint = Some(on);
        self
    }

    /// When checksums go with requests.
    pub fn request_checksum_calculation(mut self, when: When) -> Config {
        self.request_checksum_calculation = Some(when);
        self
    }

    /// When checksums of answers are verified.
    pub fn response_checksum_validation(mut self, when: When) -> Config {
        self.response_checksum_validation = Some(when);
        self
    }

    /// A name for this application in the User-Agent.
    pub fn user_agent_appid(mut self, name: impl Into<String>) -> Config {
        self.user_agent_appid = Some(name.into());
        self
    }

    /// True: only an `endpoint_url` that the client is told itself counts, not those of environment and files.
    pub fn ignore_configured_endpoint_urls(mut self, on: bool) -> Config {
        self.ignore_configured_endpoint_urls = Some(on);
        self
    }

    /// This configuration, and the other's word where both say something.
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
