//! Amazon's services on the network: what their clients share.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::Result;
use super::backend::{ClientConfig, Credentials, Service};
use super::error::{ClientError, Error, api_name};

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

/// The configuration in the terms of Amazon's clients.
pub(super) async fn sdk_config(config: &ClientConfig) -> Result<SdkConfig> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = &config.region_name {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &config.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    match &config.credentials {
        Credentials::Chain => {}
        Credentials::Static { access_key_id, secret_access_key, session_token } => {
            let token = session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = aws_credential_types::Credentials::new(access_key_id, secret_access_key.expose(), token, None, "leyden");
            loader = loader.credentials_provider(keys);
        }
        Credentials::Unsigned => loader = loader.no_credentials(),
    }
    Ok(loader.load().await)
}

/// What went wrong, in botocore's terms.
pub(super) fn failure<E>(operation: &'static str, config: &ClientConfig, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let endpoint = config.endpoint_url.clone().or_else(|| config.region_name.clone()).unwrap_or_default();
    match &error {
        SdkError::ServiceError(refusal) => {
            let refusal = refusal.err();
            let status = status.unwrap_or_default();
            let code = refusal.code().map_or_else(|| status.to_string(), str::to_owned);
            let mut client = ClientError::new(api_name(operation), status, code, refusal.message().unwrap_or_default());
            client.request_id = refusal.request_id().map(str::to_owned);
            client.into()
        }
        SdkError::TimeoutError(_) => Error::Timeout { operation, endpoint, source: Some(Box::new(error)) },
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            Error::Timeout { operation, endpoint, source: Some(Box::new(error)) }
        }
        SdkError::DispatchFailure(_) => Error::EndpointConnection { operation, endpoint, source: Some(Box::new(error)) },
        SdkError::ResponseError(_) => Error::ResponseParser { operation, source: Some(Box::new(error)) },
        _ => Error::ParamValidation {
            operation,
            report: aws_smithy_types::error::display::DisplayErrorContext(&error).to_string(),
        },
    }
}
