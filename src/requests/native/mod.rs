//! The network: reqwest over rustls. It sends one hop; the rest of requests is implemented above
//! it.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod exchange;
mod pools;
mod tls;
mod upload;

use std::error::Error as _;
use std::sync::Arc;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, Request};

use self::exchange::Exchange;
use self::pools::Pools;
use self::upload::{Activity, Upload};
use super::auth::basic_auth_str;
use super::backend::{Backend, Failure, Hop, Reply, Route};
use super::headers::to_latin1;
use super::request::body::Body;
use super::request::prepare::get_auth_from_url;
use super::url::same_host;
use crate::Secret;
use crate::wait::net::on_net;

/// The network. Connects on first use.
#[derive(Default)]
pub struct Native {
    pools: Pools,
}

impl Native {
    /// Creates it without connections.
    pub fn new() -> Native {
        Native::default()
    }
}

impl std::fmt::Debug for Native {
    /// Omits the routes, which hold credentials of proxies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Native")
    }
}

/// reqwest's own retries stay on: at most two, and only for requests that an HTTP/2 server has not
/// begun to process (REFUSED_STREAM, GOAWAY; RFC 9113 8.7).
fn build(route: &Route) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .http1_title_case_headers()
        // Folded header lines are obsolete, but servers still send them (RFC 9112 5.2).
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .tls_backend_preconfigured(tls::config(route)?)
        .pool_max_idle_per_host(route.pool.maxsize);
    if let Some(connect) = route.connect {
        builder = builder.connect_timeout(connect);
    }
    if let Some(proxy) = &route.proxy {
        let invalid = |error: &dyn std::fmt::Display| Failure::Proxy(error.to_string());
        // reqwest would decode the credentials of the URL lossily.
        let (user, password) = get_auth_from_url(proxy.expose());
        let is_http = proxy.expose().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
        let from_url = (is_http && !(user.is_empty() && password.is_empty())).then(|| basic_auth_str(&user, &password));
        let mut proxy = reqwest::Proxy::all(proxy.expose()).map_err(|error| invalid(&error.without_url()))?;
        if let Some(authorization) = route.proxy_authorization.as_ref().map(Secret::expose).or(from_url.as_deref()) {
            let mut value = HeaderValue::from_bytes(&to_latin1(authorization)).map_err(|error| invalid(&error))?;
            value.set_sensitive(true);
            proxy = proxy.custom_http_auth(value);
        }
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| Failure::Invalid(crate::error::innermost(&error.without_url())))
}

#[async_trait::async_trait]
impl Backend for Native {
    async fn send(&self, hop: Hop) -> Result<Reply, Failure> {
        let activity = matches!(hop.body, Body::Stream(_)).then(|| Arc::new(Activity::new()));
        let request = request(&hop, activity.as_ref())?;
        let pool = self.pools.of(&hop.route, request.url(), build)?;
        let exchange = Exchange {
            client: pool.client,
            request,
            proxied: hop.route.proxy.is_some(),
            gate: pool.gate,
            read: hop.read,
            total: hop.total,
            activity,
        };
        on_net(exchange.run()).await
    }

    fn close(&self) {
        self.pools.clear();
    }
}

fn request(hop: &Hop, activity: Option<&Arc<Activity>>) -> Result<Request, Failure> {
    let invalid = |error: &dyn std::fmt::Display| Failure::Invalid(error.to_string());
    let method = Method::from_bytes(hop.method.as_bytes()).map_err(|error| invalid(&error))?;
    let url = reqwest::Url::parse(&hop.url).map_err(|error| invalid(&error))?;
    same_host(&hop.url, &url).map_err(Failure::Invalid)?;
    let mut request = Request::new(method, url);
    // A stream that is announced as empty is not read.
    let is_empty = hop.body.is_empty();
    for (name, value) in &hop.headers {
        // The body determines the framing, not a header of the caller: otherwise one request could
        // be parsed as two.
        if name.eq_ignore_ascii_case("Transfer-Encoding") || (name.eq_ignore_ascii_case("Content-Length") && !is_empty) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(&error))?;
        let value = HeaderValue::from_bytes(&to_latin1(value)).map_err(|error| invalid(&error))?;
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = match &hop.body {
        _ if is_empty => None,
        Body::Empty => None,
        Body::Bytes(bytes) => Some(bytes.clone().into()),
        Body::Stream(stream) => Some(reqwest::Body::wrap(Upload::start(stream, activity.cloned()))),
    };
    Ok(request)
}

/// Classifies an error by its causes from reqwest, hyper, rustls and the kernel.
fn failure(error: reqwest::Error, proxied: bool) -> Failure {
    let error = error.without_url();
    let text = crate::error::innermost(&error);
    let mut tls = false;
    let mut upload = false;
    let mut source = error.source();
    while let Some(cause) = source {
        tls |= is_tls(cause);
        upload |= cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_user);
        source = cause.source();
    }
    if tls {
        Failure::Tls(text)
    } else if error.is_connect() && error.is_timeout() {
        Failure::ConnectTimeout
    } else if error.is_connect() && proxied {
        Failure::Proxy(text)
    } else if error.is_connect() {
        Failure::Connect(text)
    } else if error.is_builder() {
        Failure::Invalid(text)
    } else if upload {
        Failure::Body(text)
    } else {
        Failure::Protocol(text)
    }
}

/// rustls' errors are wrapped in those of the standard library, sometimes twice.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    // The error of tokio-rustls if the peer closes the connection during the handshake.
    let hung_up = cause.is::<std::io::Error>() && cause.to_string() == "tls handshake eof";
    hung_up || cause.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}
