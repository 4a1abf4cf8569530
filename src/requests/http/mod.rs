//! `requests` for code that speaks [`http`](https://docs.rs/http) and [`tower`](https://docs.rs/tower-service). With the feature `http`.
//!
//! ```
//! use leyden::prelude::*;
//! use tower_service::Service;
//!
//! let world = World::new();
//! world.requests.get("https://api.test/jobs").header("X-Team", "ops").reply(leyden::requests::mock::Reply::new(200).body("[1]"));
//! let mut service = world.batteries().requests;
//! let request = http::Request::get("https://api.test/jobs").header("x-team", "ops").body(leyden::requests::http::Body::empty())?;
//! let response = service.call(request).wait()?;
//! assert_eq!((response.status(), response.into_body().bytes().wait()?), (http::StatusCode::OK, "[1]".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | `Requests`, [`Session`] | a [`tower_service::Service`] of `http::Request<B>` for any [`http_body::Body`] |
//! | [`Response::into_http`] | an `http::Response` whose body comes in as it is read |
//! | [`Requests::response`] | a [`Response`] from an `http::Response` |
//! | [`mock::Reply`](super::mock::Reply) | from an `http::Response` |
//! | [`ServiceBackend`] | the other way round: `requests` over a tower service, such as a router of axum |
//!
//! # The service
//!
//! A call does what [`Session::request`](super::Session::request) does: the session's headers are added where the request has none, redirects are followed, auth,
//! retries, proxies, limits and the deadline apply. A `Session` keeps cookies between calls; `Requests` does not. The body of the request is
//! collected before it is sent. The body of the response streams, and is decoded: then `Content-Encoding` and `Content-Length` are removed.
//! Repeated headers of a request are joined with `, ` (`Cookie` with `; `), since requests has one value a name.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::PoisonError;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use ::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use ::http::{StatusCode, Version};
use bytes::{Buf, Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use hyper::ext::ReasonPhrase;
use tower_service::Service;

use super::adapters::HttpAdapter;
use super::cookies::RequestsCookieJar;
use super::error::{Context, Error, Result};
use super::headers::{Headers, from_latin1, to_latin1};
use super::mock::Reply;
use super::request::prepare::PreparedRequest;
use super::response::decode::Decoder;
use super::response::encoding::get_encoding_from_headers;
use super::response::reader::Reader;
use super::response::{Content, Response};
use super::{Requests, Session};
use crate::secret::url::redact;
use crate::wait::BoxFuture;

mod backend;

pub use backend::ServiceBackend;

/// The URL that a response came from in the end, without credentials: an extension of the `http::Response`s made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalUrl(pub String);

/// A body: in memory, or read from the connection piece by piece.
pub struct Body(State);

/// The reader again, and the piece that it has read.
type Next = (Box<Reader>, Result<Option<Bytes>>);

enum State {
    Ready(Bytes),
    Idle(Box<Reader>),
    Reading(BoxFuture<Next>),
    Done,
}

impl Body {
    /// No body.
    pub fn empty() -> Body {
        Body(State::Done)
    }

    /// The whole body. `.wait()` or `.await`. [`Limits::body`](super::Limits) of the call is the most that it takes.
    ///
    /// # Errors
    /// What the call would have failed with: a lost connection, a deadline, a body that cannot be decoded or is too large.
    pub async fn bytes(self) -> Result<Bytes> {
        match self.0 {
            State::Ready(bytes) => Ok(bytes),
            State::Idle(mut reader) => reader.read_all().await,
            State::Done => Ok(Bytes::new()),
            State::Reading(reading) => {
                let (mut reader, first) = reading.await;
                let Some(first) = first? else { return Ok(Bytes::new()) };
                let rest = reader.read_all().await?;
                reader.check((first.len() + rest.len()) as u64)?;
                Ok([first, rest].concat().into())
            }
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Body {
        let bytes = bytes.into();
        Body(if bytes.is_empty() { State::Done } else { State::Ready(bytes) })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Ready(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            State::Done => f.write_str("Body(empty)"),
            State::Idle(_) | State::Reading(_) => f.write_str("Body(streaming)"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        loop {
            match std::mem::replace(&mut self.0, State::Done) {
                State::Ready(bytes) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                State::Done => return Poll::Ready(None),
                State::Idle(mut reader) => {
                    self.0 = State::Reading(Box::pin(async move {
                        let next = reader.next().await;
                        (reader, next)
                    }));
                }
                State::Reading(mut reading) => {
                    let Poll::Ready((reader, next)) = reading.as_mut().poll(context) else {
                        self.0 = State::Reading(reading);
                        return Poll::Pending;
                    };
                    // After the end or an error the connection is given back.
                    let Some(piece) = next.transpose() else { return Poll::Ready(None) };
                    if piece.is_ok() {
                        self.0 = State::Idle(reader);
                    }
                    return Poll::Ready(Some(piece.map(Frame::data)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, State::Done)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Ready(bytes) => SizeHint::with_exact(bytes.len() as u64),
            State::Done => SizeHint::with_exact(0),
            State::Idle(_) | State::Reading(_) => SizeHint::default(),
        }
    }
}

/// Collects a body.
async fn collect<B: http_body::Body>(body: B) -> Result<Bytes, B::Error> {
    let mut body = pin!(body);
    let mut all = BytesMut::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(mut data) = frame?.into_data() {
            all.extend_from_slice(&data.copy_to_bytes(data.remaining()));
        }
    }
    Ok(all.freeze())
}

/// Headers as requests has them: one value a name.
fn joined(headers: &HeaderMap) -> Headers {
    let mut all = Headers::new();
    for (name, value) in headers {
        let value = from_latin1(value.as_bytes());
        let value = match all.get(name.as_str()) {
            Some(before) => format!("{before}{}{value}", if name == ::http::header::COOKIE { "; " } else { ", " }),
            None => value,
        };
        all.insert(name.as_str(), value);
    }
    all
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), from_latin1(value.as_bytes()))).collect()
}

async fn call<B>(session: Session, request: ::http::Request<B>) -> Result<::http::Response<Body>>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    let (method, url) = (parts.method.as_str(), parts.uri.to_string());
    let body = collect(body).await.map_err(|error| {
        let reason = format!("the body to send cannot be read: {}", error.into());
        Error::Connection(Context::new(method, &url, reason))
    })?;
    let mut builder = session.request(method, &url).allow_redirects(method != "HEAD").stream(true);
    // The body that is there decides about its framing.
    let framing = |name: &str| name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("Transfer-Encoding");
    let headers = joined(&parts.headers);
    builder = builder.headers(headers.into_iter().filter(|(name, _)| !framing(name)));
    if !body.is_empty() {
        builder = builder.data(body);
    }
    builder.await?.into_http()
}

macro_rules! service {
    ($($handle:ty, $session:expr;)*) => {
        $(impl<B> Service<::http::Request<B>> for $handle
        where
            B: http_body::Body + Send + 'static,
            B::Data: Send,
            B::Error: Into<Box<dyn StdError + Send + Sync>>,
        {
            type Response = ::http::Response<Body>;
            type Error = Error;
            type Future = BoxFuture<Result<::http::Response<Body>>>;

            fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: ::http::Request<B>) -> Self::Future {
                Box::pin(call($session(self), request))
            }
        })*
    };
}

service! {
    Requests, |requests: &Requests| requests.session();
    Session, |session: &Session| session.clone();
}

impl Response {
    /// The response as an `http::Response`. A body that was not read streams, one that was read is in memory.
    ///
    /// The body is decoded, so that `Content-Encoding` and `Content-Length` are removed where it was encoded. The reason phrase is
    /// hyper's extension `ReasonPhrase`, the URL [`FinalUrl`].
    ///
    /// # Errors
    /// [`Error::StreamConsumed`] if the body was read in pieces; [`Error::Connection`] for a status or header that `http` does not take.
    pub fn into_http(self) -> Result<::http::Response<Body>> {
        let Response { status_code, reason, url, request, version, raw_headers, content, .. } = self;
        let invalid = |what: &str| Error::Connection(Context::new(&request.method, &url, format!("invalid {what}")));
        let body = match content {
            Content::Read(bytes) => bytes.into(),
            Content::Unread(reader) => Body(State::Idle(Box::new(reader.into_inner().unwrap_or_else(PoisonError::into_inner)))),
            Content::Consumed => return Err(Error::StreamConsumed),
        };
        let mut response = ::http::Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status_code).map_err(|_| invalid("status"))?;
        *response.version_mut() = match version {
            10 => Version::HTTP_10,
            20 => Version::HTTP_2,
            _ => Version::HTTP_11,
        };
        for (name, value) in &raw_headers {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("header name"))?;
            let value = HeaderValue::from_bytes(&to_latin1(value)).map_err(|_| invalid("header value"))?;
            response.headers_mut().append(header, value);
        }
        let encodings: Vec<String> =
            response.headers().get_all(CONTENT_ENCODING).iter().map(|value| from_latin1(value.as_bytes())).collect();
        if Decoder::new(&encodings.join(", ")).is_ok_and(|decoder| decoder.is_some()) {
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response.headers_mut().remove(TRANSFER_ENCODING);
        if let Ok(reason) = ReasonPhrase::try_from(reason.into_bytes()) {
            response.extensions_mut().insert(reason);
        }
        response.extensions_mut().insert(FinalUrl(redact(&url)));
        Ok(response)
    }
}

impl TryFrom<Response> for ::http::Response<Bytes> {
    type Error = Error;

    /// A response that was read, with its body in memory.
    fn try_from(response: Response) -> Result<::http::Response<Bytes>> {
        let content = response.content()?.clone();
        Ok(response.into_http()?.map(|_| content))
    }
}

impl Requests {
    /// A [`Response`] from an `http::Response` whose body is in memory and decoded. Its URL is the extension [`FinalUrl`], or empty.
    pub fn response(&self, response: ::http::Response<impl Into<Bytes>>) -> Response {
        let (parts, body) = response.into_parts();
        let url = parts.extensions.get::<FinalUrl>().map(|url| url.0.clone()).unwrap_or_default();
        let reason = match parts.extensions.get::<ReasonPhrase>() {
            Some(reason) => from_latin1(reason.as_bytes()),
            None => parts.status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let headers: Headers = joined(&parts.headers);
        let mut request = PreparedRequest::new(self);
        request.url.clone_from(&url);
        let cookies = RequestsCookieJar::new();
        let mut response = Response {
            status_code: parts.status.as_u16(),
            reason,
            url,
            encoding: get_encoding_from_headers(&headers),
            headers,
            history: Vec::new(),
            cookies: RequestsCookieJar::new(),
            elapsed: Duration::ZERO,
            version: number(parts.version),
            adapter: HttpAdapter::new(),
            raw_headers: listed(&parts.headers),
            next: None,
            content: Content::Read(body.into()),
            request,
        };
        self.session().take_cookies(&cookies, &response);
        response.cookies = cookies;
        response
    }
}

fn number(version: Version) -> u8 {
    match version {
        Version::HTTP_10 | Version::HTTP_09 => 10,
        Version::HTTP_2 => 20,
        _ => 11,
    }
}

impl<T: Into<Bytes>> From<::http::Response<T>> for Reply {
    /// Status, headers and body. The version is HTTP/1.1, as of every reply in memory.
    fn from(response: ::http::Response<T>) -> Reply {
        let (parts, body) = response.into_parts();
        let reply = listed(&parts.headers)
            .into_iter()
            .fold(Reply::new(parts.status.as_u16()), |reply, (name, value)| reply.header(name, value));
        match parts.extensions.get::<ReasonPhrase>() {
            Some(reason) => reply.reason(from_latin1(reason.as_bytes())),
            None => reply,
        }
        .body(body)
    }
}
