//! Amazon's own client, whose HTTP client is the fake.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::config::{RuntimeComponents, StalledStreamProtectionConfig};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;

use super::super::Mock;
use super::super::objects::body::cut;
use super::{Request, Response, Site};
use crate::boto3::backend::ClientConfig;
use crate::boto3::error::Error;
use crate::boto3::s3::presign::keys;
use crate::mock::Clock;

impl Mock {
    /// Amazon's own client of this S3, for code that is written on the AWS SDK: its requests are answered in memory, over the wire format,
    /// and its pauses between attempts take time of the world's clock only.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let world = World::new();
    /// let s3: aws_sdk_s3::Client = world.boto3.s3.sdk_client();
    /// s3.create_bucket().bucket("backups").send().await?;
    /// s3.put_object().bucket("backups").key("a.txt").body(b"hello".to_vec().into()).send().await?;
    /// assert_eq!(world.boto3.s3.object("backups", "a.txt").unwrap(), "hello");
    /// # Ok::<(), aws_sdk_s3::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// It is a client of us-east-1. Build another from its configuration: `client.config().to_builder().region(..)`.
    pub fn sdk_client(&self) -> Client {
        Client::from_conf(aws_sdk_s3::config::Builder::from(&self.sdk_config(&ClientConfig::default())).build())
    }

    /// A client as configured. What it signs is checked with the configuration's keys.
    pub(in crate::boto3::s3) fn sdk_client_of(&self, config: &ClientConfig) -> Client {
        let own = aws_sdk_s3::config::Builder::from(&self.sdk_config(config));
        let own = own.force_path_style(config.path_style()).accelerate(config.use_accelerate_endpoint);
        Client::from_conf(match keys(config) {
            Some(_) => own.build(),
            None => own.allow_no_auth().build(),
        })
    }

    /// What the clients of the SDK have in common in this world.
    pub(in crate::boto3) fn sdk_config(&self, config: &ClientConfig) -> SdkConfig {
        let keys = keys(config);
        if let Some(keys) = &keys {
            self.lock().signers.insert(keys.access_key_id().to_owned(), config.clone());
        }
        let region = config.region_name.clone().unwrap_or_else(|| super::super::DEFAULT_REGION.to_owned());
        let clock = WorldTime(self.script.clock().clone());
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .http_client(SharedHttpClient::new(InMemory(self.site())))
            .sleep_impl(SharedAsyncSleep::new(clock.clone()))
            .time_source(SharedTimeSource::new(clock))
            // It compares a body's progress with timers, which take no time here.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .use_dual_stack(config.use_dualstack_endpoint)
            .use_fips(config.use_fips_endpoint);
        builder.set_endpoint_url(config.endpoint_url.clone());
        builder.set_credentials_provider(keys.map(SharedCredentialsProvider::new));
        builder.build()
    }
}

/// The world's clock, as the SDK asks it.
#[derive(Clone, Debug)]
struct WorldTime(Clock);

impl AsyncSleep for WorldTime {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.0.sleep(duration))
    }
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

/// The network of the SDK's clients: there is S3, and nothing else.
#[derive(Clone, Debug)]
struct InMemory(Site);

impl HttpClient for InMemory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InMemory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let site = self.0.clone();
        HttpConnectorFuture::new(async move {
            let (method, url) = (request.method().to_owned(), request.uri().to_owned());
            let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let body = collect(request.into_body()).await.map_err(ConnectorError::user)?;
            let mut asked = Request::new(method, url);
            (asked.headers, asked.body) = (headers, body);
            let host = super::Target::of(&asked.url).map_or_else(|| asked.url.clone(), |target| target.host);
            let elsewhere = || ConnectorError::io(format!("{host}: not a host of S3 in this world").into());
            match site.exchange(&asked, &[]).await.ok_or_else(elsewhere)? {
                Ok(response) => answer(response, asked.method == "HEAD"),
                Err(Error::Timeout { source, operation, .. }) => {
                    Err(ConnectorError::timeout(source.unwrap_or_else(|| format!("{operation}: timed out").into())))
                }
                Err(error) => Err(ConnectorError::io(error.into())),
            }
        })
    }
}

/// The bytes of a body.
async fn collect(mut body: SdkBody) -> Result<Bytes, aws_smithy_types::body::Error> {
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        // Trailers are within the body: it is `aws-chunked`.
        let Ok(data) = frame?.into_data() else { continue };
        match first.is_empty() {
            true => first = data,
            false => rest.extend_from_slice(&data),
        }
    }
    Ok(if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() })
}

fn answer(response: Response, is_head: bool) -> Result<HttpResponse, ConnectorError> {
    let Response { status, headers, body, broken } = response;
    let length = body.len();
    let body = match broken {
        false => SdkBody::from(body),
        true => cut(body, length).into_inner(),
    };
    let status =
        status.try_into().map_err(|error: aws_smithy_runtime_api::http::HttpError| ConnectorError::user(error.into()))?;
    let mut response = HttpResponse::new(status, body);
    let has_length = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    for (name, value) in headers {
        let appended = response.headers_mut().try_append(name, value);
        appended.map_err(|error| ConnectorError::user(error.into()))?;
    }
    if !has_length && !is_head {
        let _ = response.headers_mut().try_insert("Content-Length", length.to_string());
    }
    Ok(response)
}
