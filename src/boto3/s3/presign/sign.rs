//! Lets the AWS SDK write and sign a request, and prevents it from being sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_runtime::auth::{HttpSignatureType, SigV4OperationSigningConfig, sigv4};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::config::interceptors::{BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{
    ConfigBag, Intercept, Region, RequestChecksumCalculation, ResponseChecksumValidation, RuntimeComponents,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::copy_object::CopyObjectInput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadInput;
use aws_sdk_s3::operation::put_object::PutObjectInput;
use aws_sdk_s3::operation::upload_part::UploadPartInput;
use aws_sigv4::http_request::SignableBody;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::ResolveCachedIdentity;
use aws_smithy_runtime_api::client::interceptors::disable_interceptor;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::GetIdentityResolver;

use super::{PresignedUrl, Send_};
use crate::boto3::backend::{self, ClientConfig};
use crate::boto3::error::Error;
use crate::boto3::{Result, s3};
use crate::wait::driver::on_runtime;

/// A signed request, and its signer.
pub(super) struct Signed {
    pub(super) url: PresignedUrl,
    components: Option<RuntimeComponents>,
}

/// Signs the request that `send` would send.
pub(super) async fn sign(
    backend: &dyn s3::Backend,
    region: Option<String>,
    operation: &'static str,
    now: SystemTime,
    expires_in: Duration,
    method: Option<String>,
    send: Send_,
) -> Result<Signed> {
    let slot = Slot::default();
    let config = backend.sdk().await?.config().to_builder();
    // The bucket's region, if it was found to differ from the client's.
    let config = match region {
        Some(region) => config.region(Region::new(region)),
        None => config,
    };
    let config = config
        .http_client(slot.clone())
        .interceptor(InUrl { slot: slot.clone(), expires_in, method })
        .time_source(StaticTimeSource::new(now))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // The body is not known yet; requests that need a checksum get one.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        // Otherwise it would request a session.
        .disable_s3_express_session_auth(true);
    let client = Client::from_conf(config.build());
    // Credentials may be requested, over connections that outlive this call.
    let answer = on_runtime(send(client)).await;
    let mut slot = slot.lock();
    match (slot.request.take(), answer) {
        (Some(request), _) => Ok(Signed { url: signed_url(request), components: slot.components.take() }),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(Error::NotImplemented { operation }),
    }
}

impl Signed {
    /// Returns the key that signed, for the form, whose policy is not part of a URL. `None` if
    /// nothing is signed.
    pub(super) async fn credentials(self) -> Option<Credentials> {
        let components = self.components?;
        let resolver = components.identity_resolver(sigv4::SCHEME_ID)?;
        let identity = on_runtime(async move {
            let bag = ConfigBag::base();
            components.identity_cache().resolve_cached_identity(resolver, &components, &bag).await
        });
        identity.await.ok()?.data::<Credentials>().cloned()
    }
}

fn signed_url(request: HttpRequest) -> PresignedUrl {
    let url = request.uri().to_owned();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let signed = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders=")).unwrap_or_default();
    let signed = signed.split("%3B").filter(|name| *name != "host");
    let headers = signed.filter_map(|name| Some((name.to_owned(), request.headers().get(name)?.to_owned())));
    PresignedUrl {
        headers: headers.collect(),
        method: request.method().to_owned(),
        body: request.body().bytes().map(bytes::Bytes::copy_from_slice).unwrap_or_default(),
        url,
    }
}

/// The same client, whose requests are signed and not sent: under a layer, which they would pass by.
pub(crate) fn unsent(client: &Client) -> Client {
    Client::from_conf(client.config().to_builder().http_client(Slot::default()).retry_config(RetryConfig::disabled()).build())
}

/// Captures requests instead of sending them.
#[derive(Clone, Debug, Default)]
struct Slot(Arc<Mutex<Caught>>);

#[derive(Debug, Default)]
struct Caught {
    request: Option<HttpRequest>,
    components: Option<RuntimeComponents>,
    /// Headers that the client guesses from the body, not set by the parameters.
    guessed: Vec<&'static str>,
}

impl Slot {
    fn lock(&self) -> std::sync::MutexGuard<'_, Caught> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpConnector for Slot {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.lock().request = Some(request);
        HttpConnectorFuture::ready(Err(ConnectorError::user("signed, and not to be sent".into())))
    }
}

impl HttpClient for Slot {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The AWS SDK computes no checksum if there is a header with this prefix.
const NO_CHECKSUM: &str = "x-amz-checksum-none";

/// Puts the signature into the URL, and makes the request the one that botocore would sign.
#[derive(Debug)]
struct InUrl {
    slot: Slot,
    expires_in: Duration,
    method: Option<String>,
}

impl Intercept for InUrl {
    fn name(&self) -> &'static str {
        "InUrl"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        let (length, kind) = if let Some(put) = input.downcast_ref::<PutObjectInput>() {
            (put.content_length.is_some(), put.content_type.is_some())
        } else if let Some(part) = input.downcast_ref::<UploadPartInput>() {
            (part.content_length.is_some(), false)
        } else {
            (
                false,
                input.downcast_ref::<CreateMultipartUploadInput>().is_some() || input.downcast_ref::<CopyObjectInput>().is_some(),
            )
        };
        let guessed = [("content-length", length), ("content-type", kind), ("expect", false)];
        self.slot.lock().guessed = guessed.into_iter().filter(|(_, told)| !told).map(|(name, _)| name).collect();
        let mut off = aws_smithy_types::config_bag::Layer::new("InUrl");
        off.store_put(disable_interceptor::<UserAgentInterceptor>("signed in the URL"));
        off.store_put(disable_interceptor::<InvocationIdInterceptor>("signed in the URL"));
        off.store_put(disable_interceptor::<RequestInfoInterceptor>("signed in the URL"));
        bag.push_layer(off);
        Ok(())
    }

    /// Removes the checksum of an empty body: the sender of the request may supply a body.
    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if request.body().content_length() == Some(0) {
            request.headers_mut().insert(NO_CHECKSUM, "");
        }
        Ok(())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let mut caught = self.slot.lock();
        request.headers_mut().remove(NO_CHECKSUM);
        for name in &caught.guessed {
            request.headers_mut().remove(name);
        }
        if let Some(method) = &self.method {
            request.set_method(method)?;
        }
        let uri = without_x_id(request.uri());
        request.set_uri(uri)?;
        // Without credentials there is nothing to sign, and the result is the bare URL, as in
        // botocore.
        if let Some(mut config) = bag.load::<SigV4OperationSigningConfig>().cloned() {
            let options = &mut config.signing_options;
            options.expires_in = Some(self.expires_in);
            options.signature_type = HttpSignatureType::HttpRequestQueryParams;
            options.payload_override = Some(SignableBody::UnsignedPayload);
            bag.interceptor_state().store_put(config);
            caught.components = Some(components.clone());
        }
        Ok(())
    }
}

/// Removes the name of the operation, which the AWS SDK adds for its logs, unlike botocore.
fn without_x_id(uri: &str) -> String {
    let Some((path, query)) = uri.split_once('?') else { return uri.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("x-id=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Returns the keys that a fake's client signs with; `None` if it does not sign.
pub(in crate::boto3::s3) fn keys(config: &ClientConfig) -> Option<Credentials> {
    let keys = |id: &str, secret: &str, token| Credentials::new(id, secret, token, None, "leyden");
    match &config.credentials {
        backend::Credentials::Static { access_key_id, secret_access_key, session_token } => {
            let token = session_token.as_ref().map(|token| token.expose().to_owned());
            Some(keys(access_key_id, secret_access_key.expose(), token))
        }
        backend::Credentials::Unsigned => None,
        // The keys of AWS's documentation.
        backend::Credentials::Chain => Some(keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)),
    }
}
