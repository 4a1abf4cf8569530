//! [`ServiceBackend`]: requests over a tower service.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ::http::header::{HOST, HeaderName, HeaderValue};
use bytes::{Buf, Bytes};
use hyper::ext::ReasonPhrase;
use tower_service::Service;

use super::{Body, listed, number};
use crate::requests::backend::{Backend, Chunks, Failure, Hop, Reply};
use crate::requests::headers::{from_latin1, to_latin1};
use crate::requests::request::body;
use crate::requests::url::Split;
use crate::wait::blocking::blocking;
use crate::wait::net::{Alarm, Attended, on_net};
use tokio::time::Instant;

/// A [`Backend`] that hands each request to a tower service: a router of axum in a test, or a client with middleware of the caller's.
///
/// The service gets absolute URIs and a `Host` header. It must make one exchange: redirects, cookies, auth and retries are above it. Proxies,
/// certificates and the connect timeout are not its concern, so a request that asks for a proxy, a client certificate or other trust than the default fails.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::requests::http::{Body, ServiceBackend};
/// use std::sync::Arc;
///
/// #[derive(Clone)]
/// struct Echo;
///
/// impl tower_service::Service<http::Request<Body>> for Echo {
///     type Response = http::Response<Body>;
///     type Error = std::convert::Infallible;
///     type Future = std::future::Ready<Result<http::Response<Body>, Self::Error>>;
///
///     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
///         std::task::Poll::Ready(Ok(()))
///     }
///
///     fn call(&mut self, request: http::Request<Body>) -> Self::Future {
///         std::future::ready(Ok(http::Response::new(request.into_body())))
///     }
/// }
///
/// let Batteries { os, time, .. } = World::new().batteries();
/// let requests = leyden::requests::Requests::new(Arc::new(ServiceBackend::new(Echo)), os, time);
/// assert_eq!(requests.post("http://echo.test/").data("hello").wait()?.text()?, "hello");
/// # Ok::<(), leyden::Error>(())
/// ```
pub struct ServiceBackend<S>(S);

impl<S> ServiceBackend<S> {
    /// Over this service, which is cloned for each request.
    pub fn new(service: S) -> ServiceBackend<S> {
        ServiceBackend(service)
    }
}

impl<S> fmt::Debug for ServiceBackend<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceBackend")
    }
}

#[async_trait::async_trait]
impl<S, B> Backend for ServiceBackend<S>
where
    S: Service<::http::Request<Body>, Response = ::http::Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    async fn send(&self, hop: Hop) -> Result<Reply, Failure> {
        crate::requests::native::only_default_route(&hop.route, "a tower service")?;
        let patience = hop.read.into_iter().chain(hop.total).min();
        let mut service = self.0.clone();
        let exchange = async move {
            let request = request(hop).await?;
            let failed = |error: S::Error| Failure::Protocol(crate::error::innermost(&*error.into()));
            poll_fn(|context| service.poll_ready(context)).await.map_err(failed)?;
            service.call(request).await.map_err(failed)
        };
        let response = on_net(within(patience, exchange)).await.unwrap_or(Err(Failure::ReadTimeout))?;
        let (parts, body) = response.into_parts();
        let reason = match parts.extensions.get::<ReasonPhrase>() {
            Some(reason) => from_latin1(reason.as_bytes()),
            None => parts.status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let reply = Reply::new(parts.status.as_u16(), reason, listed(&parts.headers), Box::new(Pieces(Box::pin(body))));
        Ok(Reply { version: number(parts.version), ..reply })
    }

    fn close(&self) {}
}

async fn request(hop: Hop) -> Result<::http::Request<Body>, Failure> {
    let invalid = |error: &dyn fmt::Display| Failure::Invalid(error.to_string());
    let body = match hop.body {
        body::Body::Empty => Body::empty(),
        body::Body::Bytes(bytes) => bytes.into(),
        body::Body::Stream(stream) => {
            let read = blocking(move || {
                let mut all = Vec::new();
                std::io::Read::read_to_end(&mut stream.open(), &mut all).map(|_| all)
            });
            read.await.map_err(|error| Failure::Body(error.to_string()))?.into()
        }
    };
    let mut request = ::http::Request::new(body);
    *request.method_mut() = ::http::Method::from_bytes(hop.method.as_bytes()).map_err(|error| invalid(&error))?;
    *request.uri_mut() = hop.url.parse().map_err(|error: ::http::uri::InvalidUri| invalid(&error))?;
    for (name, value) in &hop.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(&error))?;
        let value = HeaderValue::from_bytes(&to_latin1(value)).map_err(|error| invalid(&error))?;
        request.headers_mut().append(name, value);
    }
    if !request.headers().contains_key(HOST) {
        let host = HeaderValue::from_str(&Split::new(&hop.url).netloc).map_err(|error| invalid(&error))?;
        request.headers_mut().insert(HOST, host);
    }
    Ok(request)
}

/// A future's output. None: the patience is at its end.
async fn within<T>(patience: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    let end = patience.and_then(|patience| Instant::now().checked_add(patience));
    let _attended = Attended::new();
    let (mut alarm, mut future) = (Alarm::default(), std::pin::pin!(future));
    poll_fn(|context| match (future.as_mut().poll(context), end) {
        (Poll::Ready(output), _) => Poll::Ready(Some(output)),
        (Poll::Pending, Some(end)) => alarm.poll(end, context).map(|()| None),
        (Poll::Pending, None) => Poll::Pending,
    })
    .await
}

struct Pieces<B>(Pin<Box<B>>);

#[async_trait::async_trait]
impl<B> Chunks for Pieces<B>
where
    B: http_body::Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        let next = async {
            loop {
                let Some(frame) = poll_fn(|context| self.0.as_mut().poll_frame(context)).await else { return Ok(None) };
                let frame = frame.map_err(|error| Failure::Protocol(crate::error::innermost(&*error.into())))?;
                if let Ok(mut data) = frame.into_data()
                    && data.has_remaining()
                {
                    return Ok(Some(data.copy_to_bytes(data.remaining())));
                }
            }
        };
        within(patience, next).await.unwrap_or(Err(Failure::ReadTimeout))
    }
}
