//! Clients over a configuration of the AWS SDK.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};

use super::backend::{ClientConfig, Credentials};
use super::config::{AddressingStyle, Config, RetryMode, When};
use super::error::ConfigError;
use super::session::{Told, complete};

fn inapplicable(setting: &str) -> ConfigError {
    let reason = format!("{setting} cannot be set over an SDK configuration, which has its own HTTP client and profile");
    ConfigError::InvalidConfig { reason }
}

/// The configuration of a client: the SDK's, with what the client and its session were given.
pub(super) fn resolve(
    sdk: &SdkConfig,
    told: Told,
    session_region: Option<String>,
    session_keys: Option<Credentials>,
    profile_name: Option<&str>,
) -> Result<ClientConfig, ConfigError> {
    let Told { region_name, endpoint_url, keys, verify, config } = told;
    let refused = [
        ("profile_name", profile_name.is_some()),
        ("verify", verify.is_some()),
        ("proxies", config.proxies.is_some()),
        ("max_pool_connections", config.max_pool_connections.is_some()),
    ];
    if let Some((setting, _)) = refused.iter().find(|(_, given)| *given) {
        return Err(inapplicable(setting));
    }
    let region = region_name.or_else(|| config.region_name.clone()).or(session_region);
    let region = region.or_else(|| sdk.region().map(|region| region.as_ref().to_owned())).ok_or(ConfigError::NoRegion)?;
    let endpoint_url = endpoint_url.or_else(|| sdk.endpoint_url().map(str::to_owned));
    let credentials = match complete("the client", keys)?.or(session_keys) {
        _ if config.unsigned => Credentials::Unsigned,
        Some(keys) => keys,
        None if sdk.credentials_provider().is_none() => Credentials::Unsigned,
        None => Credentials::Chain,
    };
    let merged = merged(sdk, &config, &credentials)?;
    let (default, timeouts) = (ClientConfig::default(), merged.timeout_config());
    Ok(ClientConfig {
        region_name: Some(region),
        endpoint_url,
        credentials,
        connect_timeout: timeouts.and_then(TimeoutConfig::connect_timeout).unwrap_or(default.connect_timeout),
        read_timeout: timeouts.and_then(TimeoutConfig::read_timeout).unwrap_or(default.read_timeout),
        max_attempts: merged.retry_config().map_or(default.max_attempts, RetryConfig::max_attempts),
        retry_mode: config.retry_mode.unwrap_or_default(),
        addressing_style: config.addressing_style.unwrap_or(AddressingStyle::Auto),
        use_accelerate_endpoint: config.use_accelerate_endpoint.unwrap_or_default(),
        use_dualstack_endpoint: merged.use_dual_stack().unwrap_or_default(),
        use_fips_endpoint: merged.use_fips().unwrap_or_default(),
        user_agent_appid: merged.app_name().map(ToString::to_string),
        sdk: Some(Arc::new(merged)),
        ..default
    })
}

/// The SDK's configuration with what a [`Config`] sets.
fn merged(sdk: &SdkConfig, config: &Config, credentials: &Credentials) -> Result<SdkConfig, ConfigError> {
    let mut builder = sdk.to_builder();
    if config.retry_mode.is_some() || config.max_attempts.is_some() {
        let retries = match (config.retry_mode, sdk.retry_config()) {
            (Some(RetryMode::Adaptive), _) => RetryConfig::adaptive(),
            (None, Some(own)) => own.clone(),
            (Some(RetryMode::Standard), _) | (None, None) => RetryConfig::standard(),
        };
        builder.set_retry_config(Some(match config.max_attempts {
            Some(attempts) => retries.with_max_attempts(attempts.max(1)),
            None => retries,
        }));
    }
    if config.connect_timeout.is_some() || config.read_timeout.is_some() {
        let mut timeouts = sdk.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        timeouts.set_connect_timeout(config.connect_timeout.or_else(|| sdk.timeout_config()?.connect_timeout()));
        timeouts.set_read_timeout(config.read_timeout.or_else(|| sdk.timeout_config()?.read_timeout()));
        builder.set_timeout_config(Some(timeouts.build()));
    }
    if let Some(on) = config.use_dualstack_endpoint {
        builder.set_use_dual_stack(Some(on));
    }
    if let Some(on) = config.use_fips_endpoint {
        builder.set_use_fips(Some(on));
    }
    if let Some(when) = config.request_checksum_calculation {
        builder.set_request_checksum_calculation(Some(match when {
            When::Supported => RequestChecksumCalculation::WhenSupported,
            When::Required => RequestChecksumCalculation::WhenRequired,
        }));
    }
    if let Some(when) = config.response_checksum_validation {
        builder.set_response_checksum_validation(Some(match when {
            When::Supported => ResponseChecksumValidation::WhenSupported,
            When::Required => ResponseChecksumValidation::WhenRequired,
        }));
    }
    if let Some(name) = &config.user_agent_appid {
        let name = AppName::new(name.clone()).map_err(|_| ConfigError::invalid("user_agent_appid", name))?;
        builder.set_app_name(Some(name));
    }
    match credentials {
        Credentials::Chain => {}
        Credentials::Static { access_key_id, secret_access_key, session_token } => {
            let token = session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = aws_credential_types::Credentials::new(access_key_id, secret_access_key.expose(), token, None, "leyden");
            builder.set_credentials_provider(Some(SharedCredentialsProvider::new(keys)));
        }
        Credentials::Unsigned => {
            builder.set_credentials_provider(None);
        }
    }
    Ok(builder.build())
}

/// The configuration of Amazon's client, once the region of its bucket is known.
pub(super) fn located(sdk: &SdkConfig, config: &ClientConfig) -> SdkConfig {
    let mut builder = sdk.to_builder();
    builder.set_region(config.region_name.clone().map(Region::new));
    builder.set_endpoint_url(config.endpoint_url.clone());
    builder.build()
}
