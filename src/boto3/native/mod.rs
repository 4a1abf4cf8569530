//! AWS services on the network: the common part of their clients.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod ask;
mod credentials;
mod process;
mod sso;
mod sts;

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::Result;
use super::backend::{ClientConfig, Credentials, Proxy, Service};
use super::config::{RetryMode, When};
use super::error::{Cause, ClientError, ConfigError, Error, api_name};
use credentials::Chained;

/// The network.
#[derive(Clone, Copy, Debug)]
pub struct Native;

#[cfg(feature = "s3")]
impl Service<dyn super::s3::Backend> for Native {
    fn connect(&self, config: ClientConfig) -> Arc<dyn super::s3::Backend> {
        Arc::new(super::s3::native::Native::new(config))
    }
}

#[cfg(feature = "ec2")]
impl Service<dyn super::ec2::Backend> for Native {
    fn connect(&self, config: ClientConfig) -> Arc<dyn super::ec2::Backend> {
        Arc::new(super::ec2::native::Native::new(config))
    }
}

impl Service<dyn super::sts::Backend> for Native {
    fn connect(&self, config: ClientConfig) -> Arc<dyn super::sts::Backend> {
        Arc::new(super::sts::native::Native::new(config))
    }
}

/// Converts the configuration for the SDK's clients. It is complete: they read no environment and
/// no files themselves.
pub(super) async fn sdk_config(config: &ClientConfig) -> Result<SdkConfig> {
    if let Some(sdk) = &config.sdk {
        return Ok(super::from_sdk::located(sdk, config));
    }
    let mut builder = unsigned(config)?;
    match &config.credentials {
        Credentials::Chain => {
            // The chain caches its credentials itself, and knows when to refresh them.
            builder = builder.identity_cache(IdentityCache::no_cache());
            builder = builder.credentials_provider(SharedCredentialsProvider::new(Chained::new(config)));
        }
        Credentials::Static { access_key_id, secret_access_key, session_token } => {
            let token = session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = aws_credential_types::Credentials::new(access_key_id, secret_access_key.expose(), token, None, "leyden");
            builder = builder.credentials_provider(SharedCredentialsProvider::new(keys));
        }
        Credentials::Unsigned => {}
    }
    Ok(builder.build())
}

/// Converts the configuration without credentials.
fn unsigned(config: &ClientConfig) -> Result<aws_types::sdk_config::Builder> {
    let timeouts = TimeoutConfig::builder().connect_timeout(config.connect_timeout).read_timeout(config.read_timeout).build();
    let retries = match config.retry_mode {
        RetryMode::Standard => RetryConfig::standard(),
        RetryMode::Adaptive => RetryConfig::adaptive(),
    };
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client(config)?)
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .identity_cache(IdentityCache::lazy().build())
        .timeout_config(timeouts)
        .retry_config(retries.with_max_attempts(config.max_attempts))
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(config.read_timeout).build())
        .use_dual_stack(config.use_dualstack_endpoint)
        .use_fips(config.use_fips_endpoint)
        .request_checksum_calculation(match config.request_checksum_calculation {
            When::Supported => RequestChecksumCalculation::WhenSupported,
            When::Required => RequestChecksumCalculation::WhenRequired,
        })
        .response_checksum_validation(match config.response_checksum_validation {
            When::Supported => ResponseChecksumValidation::WhenSupported,
            When::Required => ResponseChecksumValidation::WhenRequired,
        });
    builder.set_region(config.region_name.clone().map(Region::new));
    builder.set_endpoint_url(config.endpoint_url.clone());
    if let Some(name) = &config.user_agent_appid {
        builder = builder.app_name(AppName::new(name.clone()).map_err(|_| ConfigError::invalid("user_agent_appid", name))?);
    }
    Ok(builder)
}

/// Returns the certificate authorities to trust.
fn trust(config: &ClientConfig) -> Result<TlsContext, ConfigError> {
    let roots = match &config.ca_bundle {
        Some(pem) => TrustStore::empty().with_pem_certificate(pem.to_vec()),
        None => TrustStore::default(),
    };
    let trust = TlsContext::builder().with_trust_store(roots).build();
    trust.map_err(|_| ConfigError::invalid("ca_bundle", "not valid PEM"))
}

fn proxy(proxy: Option<&Proxy>) -> Result<ProxyConfig, ConfigError> {
    let Some(proxy) = proxy else { return Ok(ProxyConfig::disabled()) };
    let all = ProxyConfig::all(proxy.url.expose()).map_err(|_| ConfigError::invalid("proxy", "not a URL"))?;
    Ok(proxy.no_proxy.iter().fold(all, ProxyConfig::no_proxy))
}

fn http_client(config: &ClientConfig) -> Result<SharedHttpClient> {
    let (trust, proxy) = (trust(config)?, proxy(config.proxy.as_ref())?);
    let builder = aws_smithy_http_client::Builder::new().pool_max_idle_per_host(config.max_pool_connections);
    Ok(builder.build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone()).tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_context(trust.clone()).build()
    }))
}

/// Converts an error to botocore's terms.
pub(super) fn failure<E>(operation: &'static str, config: &ClientConfig, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16()).unwrap_or_default();
    let at = match &error {
        // A successful response that cannot be parsed is not a refusal.
        SdkError::ServiceError(_) if (200..300).contains(&status) && error.code().is_none() => Stage::Answer,
        SdkError::ServiceError(_) => Stage::Refused,
        SdkError::TimeoutError(_) => Stage::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Stage::Timeout,
        SdkError::DispatchFailure(_) => Stage::Sending,
        SdkError::ResponseError(_) => Stage::Answer,
        _ => Stage::Preparing,
    };
    let mut client = ClientError { status, request_id: error.request_id().map(str::to_owned), ..ClientError::default() };
    client.bucket_region = error.raw_response().and_then(bucket_region);
    client.code = error.code().map(str::to_owned).unwrap_or_default();
    client.message = error.message().map(str::to_owned).unwrap_or_default();
    explain(operation, config, at, client, error.into())
}

/// Returns the region that S3 names in response to a request to the wrong region: from a header, or
/// from the error document.
fn bucket_region(response: &HttpResponse) -> Option<String> {
    if let Some(region) = response.headers().get("x-amz-bucket-region") {
        return Some(region.to_owned());
    }
    let document = std::str::from_utf8(response.body().bytes()?).ok()?;
    let (region, _) = document.split_once("<Region>")?.1.split_once("</Region>")?;
    Some(region.to_owned())
}

/// The stage at which an exchange failed.
enum Stage {
    Preparing,
    Sending,
    Timeout,
    Answer,
    Refused,
}

// Separate from `failure`, which is compiled for each operation.
fn explain(operation: &'static str, config: &ClientConfig, at: Stage, mut client: ClientError, error: Cause) -> Error {
    let region = || config.region_name.as_ref().map(|region| format!("AWS in {region}"));
    let endpoint = config.endpoint_url.as_deref().map(crate::secret::url::redact).or_else(region).unwrap_or_default();
    if let Stage::Refused = at {
        client.operation = api_name(operation);
        // A response without a body, to HEAD, has only its status.
        if client.code.is_empty() {
            client.code = client.status.to_string();
        }
        if client.message.is_empty() {
            client.message = reason(client.status).to_owned();
        }
        return client.into();
    }
    if let Some(missing) = cause::<CredentialsError>(&*error) {
        // Refused by the service that provides credentials: botocore raises its ClientError.
        if let Some(refused) = cause::<ClientError>(missing) {
            return refused.clone().into();
        }
        if let Some(Error::Client(refused)) = cause::<Error>(missing) {
            return Error::Client(refused.clone());
        }
        let none = matches!(missing, CredentialsError::CredentialsNotLoaded(_));
        let source = Some(error);
        return if none { Error::NoCredentials { operation, source } } else { Error::CredentialRetrieval { operation, source } };
    }
    let tls = cause::<rustls::Error>(&*error).is_some();
    let closed = [io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe, io::ErrorKind::UnexpectedEof];
    let closed = cause::<io::Error>(&*error).is_some_and(|error| closed.contains(&error.kind()));
    match at {
        Stage::Timeout => Error::Timeout { operation, endpoint, source: Some(error) },
        Stage::Sending if tls => Error::Ssl { operation, endpoint, source: Some(error) },
        Stage::Sending if closed => Error::ConnectionClosed { operation, endpoint, source: Some(error) },
        Stage::Sending => Error::EndpointConnection { operation, endpoint, source: Some(error) },
        Stage::Answer => Error::ResponseParser { operation, source: Some(error) },
        Stage::Preparing | Stage::Refused => {
            Error::ParamValidation { operation, report: DisplayErrorContext(&*error).to_string() }
        }
    }
}

/// Returns the first cause of type `E`.
fn cause<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Returns HTTP's reason phrase, which botocore uses if the response has no body.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        416 => "Requested Range Not Satisfiable",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}
