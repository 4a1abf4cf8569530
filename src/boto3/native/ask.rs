//! Small requests to sources of credentials: containers, instances, IAM Identity Center.

use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::super::error::Cause;

/// The maximum size of a response. Documents with credentials have one or two thousand bytes.
const LARGEST: usize = 1 << 20;

/// A request.
pub(super) struct Ask<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: Option<String>,
    pub(super) timeout: Duration,
    pub(super) proxy: ProxyConfig,
    pub(super) tls: TlsContext,
}

/// Returns the status and the text of the response.
///
/// # Errors
/// A connection failure; a response that is late, longer than [`LARGEST`], or not UTF-8.
pub(super) async fn ask(ask: Ask<'_>) -> Result<(u16, String), Cause> {
    let Ask { method, url, headers, body, timeout, proxy, tls } = ask;
    let settings = HttpConnectorSettings::builder().connect_timeout(timeout).read_timeout(timeout).build();
    let connector = Connector::builder().proxy_config(proxy).connector_settings(settings).sleep_impl(TokioSleep::new());
    let connector = connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build();
    let length = body.as_ref().map(|body| body.len().to_string());
    let mut request = HttpRequest::new(body.map_or_else(SdkBody::empty, SdkBody::from));
    request.set_method(method)?;
    request.set_uri(url.to_owned())?;
    for (name, value) in headers {
        request
            .headers_mut()
            .try_insert(*name, (*value).to_owned())
            .map_err(|_| format!("invalid value of the header {name}"))?;
    }
    if let Some(length) = length {
        request.headers_mut().try_insert("content-length", length).map_err(|_| "invalid length")?;
    }
    let exchange = async {
        let answer = connector.call(request).await?;
        let status = answer.status().as_u16();
        let mut stream = ByteStream::new(answer.into_body());
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > LARGEST {
                return Err(format!("answer of more than {LARGEST} bytes").into());
            }
        }
        Ok((status, String::from_utf8(bytes).map_err(|_| "answer is not UTF-8")?))
    };
    // A server that sends a byte from time to time cannot block this.
    match tokio::time::timeout(timeout.saturating_mul(2), exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {timeout:?}").into()),
    }
}
