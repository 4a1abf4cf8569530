//! The network: reqwest over rustls. It sends one hop; everything that makes it requests is above.
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
use super::backend::{Backend, Failure, Hop, Reply, Route};
use super::body::Body;
use super::headers::to_latin1;
use crate::wait::net::on_net;

/// The network. Connections are made when they are first needed.
#[derive(Debug, Default)]
pub struct Native {
    pools: Pools,
}

impl Native {
    /// No connection yet.
    pub fn new() -> Native {
        Native::default()
    }
}

fn build(route: &Route) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_title_case_headers()
        .tls_backend_preconfigured(tls::config(route)?)
        .pool_max_idle_per_host(route.pool.maxsize);
    if let Some(connect) = route.connect {
        builder = builder.connect_timeout(connect);
    }
    if let Some(proxy) = &route.proxy {
        let invalid = |error: &dyn std::fmt::Display| Failure::Proxy(error.to_string());
        let mut proxy = reqwest::Proxy::all(&proxy.0).map_err(|error| invalid(&error.without_url()))?;
        if let Some(authorization) = &route.proxy_authorization {
            let mut value = HeaderValue::from_bytes(&to_latin1(&authorization.0)).map_err(|error| invalid(&error))?;
            value.set_sensitive(true);
            proxy = proxy.custom_http_auth(value);
        }
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| Failure::Invalid(chain(&error.without_url())))
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
    same_host(&hop.url, &url)?;
    let mut request = Request::new(method, url);
    for (name, value) in &hop.headers {
        // Framing is decided by the body that is there, not by what a header claims: else one request could pass for two.
        if name.eq_ignore_ascii_case("Transfer-Encoding")
            || (name.eq_ignore_ascii_case("Content-Length") && !matches!(hop.body, Body::Empty))
        {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(&error))?;
        let value = HeaderValue::from_bytes(&to_latin1(value)).map_err(|error| invalid(&error))?;
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = match &hop.body {
        Body::Empty => None,
        Body::Bytes(bytes) => Some(bytes.clone().into()),
        Body::Stream(stream) => Some(reqwest::Body::wrap(Upload::start(stream, activity.cloned()))),
    };
    Ok(request)
}

/// The facade decided on credentials and cookies by the host that it saw: the connection must go to no other.
fn same_host(text: &str, url: &reqwest::Url) -> Result<(), Failure> {
    let seen = super::url::Split::new(text);
    let parsed = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_address = url.domain().is_none();
    let same = seen.hostname().is_some_and(|host| is_address || host.eq_ignore_ascii_case(parsed));
    let port = seen.effective_port() == url.port_or_known_default();
    if same && port { Ok(()) } else { Err(Failure::Invalid("the host is ambiguous".into())) }
}

/// Why it failed, by what reqwest, hyper, rustls and the kernel say.
fn failure(error: reqwest::Error, proxied: bool) -> Failure {
    let error = error.without_url();
    let text = chain(&error);
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

/// rustls' errors come wrapped in the standard library's, sometimes twice.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    // What tokio-rustls says when the other side hangs up in the middle of it.
    let hung_up = cause.is::<std::io::Error>() && cause.to_string() == "tls handshake eof";
    hung_up || cause.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}

/// The innermost causes say it best.
fn chain(error: &dyn std::error::Error) -> String {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        source = cause.source();
    }
    causes.join(": ")
}
