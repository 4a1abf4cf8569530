//! The network: reqwest over rustls. It sends one hop; everything that makes it requests is above.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod tls;

use std::collections::HashMap;
use std::error::Error as _;
use std::io::Read;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Version};
use tokio::sync::mpsc;

use super::backend::{Backend, Chunks, Failure, Hop, Reply, Route};
use super::body::{Body, Stream};
use super::headers::{from_latin1, to_latin1};
use crate::wait::driver::{on_runtime, spawn_blocking, within};

/// The network. Clients, and with them the connections that are kept, are made when they are first needed, one for each way to connect.
#[derive(Debug, Default)]
pub struct Native {
    clients: Mutex<HashMap<Route, Client>>,
}

/// A script that connects in ever new ways does not keep them all.
const MAX_CLIENTS: usize = 64;
/// How much of a body is read at a time, and how many such pieces wait for the connection.
const PIECE: usize = 64 * 1024;
const PIECES_AHEAD: usize = 4;

impl Native {
    /// No connection yet.
    pub fn new() -> Native {
        Native::default()
    }

    fn client(&self, route: &Route) -> Result<Client, Failure> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(route) {
            return Ok(client.clone());
        }
        let client = build(route)?;
        if clients.len() >= MAX_CLIENTS {
            clients.clear();
        }
        clients.insert(route.clone(), client.clone());
        Ok(client)
    }
}

fn build(route: &Route) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_title_case_headers()
        .tls_backend_preconfigured(tls::config(route)?)
        .pool_max_idle_per_host(route.pool_maxsize.unwrap_or(usize::MAX));
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
        let client = self.client(&hop.route)?;
        let activity = Arc::new(Activity::new());
        let request = request(&hop, &activity)?;
        let proxied = hop.route.proxy.is_some();
        // The connection must be driven by a runtime that outlives this call, whoever awaits it.
        on_runtime(async move { exchange(client, request, proxied, hop.read, hop.total, &activity).await }).await
    }

    fn close(&self) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn request(hop: &Hop, activity: &Arc<Activity>) -> Result<Request, Failure> {
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
        Body::Stream(stream) => Some(reqwest::Body::wrap(Upload::start(stream, activity.clone()))),
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

/// When something last went out: silence is counted from then.
#[derive(Debug)]
struct Activity {
    start: Instant,
    last: AtomicU64,
}

impl Activity {
    fn new() -> Activity {
        Activity { start: Instant::now(), last: AtomicU64::new(0) }
    }

    fn touch(&self) {
        self.last.store(self.start.elapsed().as_millis().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn silence(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)))
    }
}

async fn exchange(
    client: Client,
    request: Request,
    proxied: bool,
    read: Option<Duration>,
    total: Option<Duration>,
    activity: &Activity,
) -> Result<Reply, Failure> {
    let streams = request.body().is_some_and(|body| body.as_bytes().is_none());
    let mut sending = Box::pin(client.execute(request));
    let start = Instant::now();
    let response = loop {
        let left = total.map(|total| total.saturating_sub(start.elapsed()));
        let silence = if streams { activity.silence() } else { start.elapsed() };
        let quiet = read.map(|read| read.saturating_sub(silence));
        let patience = match (left, quiet) {
            (Some(left), Some(quiet)) => Some(left.min(quiet)),
            (left, quiet) => left.or(quiet),
        };
        match within(patience, sending.as_mut()).await {
            Some(response) => break response.map_err(|error| failure(error, proxied))?,
            None if total.is_some_and(|total| start.elapsed() >= total) => return Err(Failure::ReadTimeout),
            // Bytes went out meanwhile: the silence begins anew.
            None if streams && read.is_some_and(|read| activity.silence() < read) => {}
            None => return Err(Failure::ReadTimeout),
        }
    };
    let status = response.status();
    let reason = match response.extensions().get::<hyper::ext::ReasonPhrase>() {
        Some(reason) => from_latin1(reason.as_bytes()),
        None => status.canonical_reason().unwrap_or_default().to_owned(),
    };
    let version = match response.version() {
        Version::HTTP_10 | Version::HTTP_09 => 10,
        Version::HTTP_2 => 20,
        _ => 11,
    };
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), from_latin1(value.as_bytes())));
    let headers = headers.collect();
    Ok(Reply { version, ..Reply::new(status.as_u16(), reason, headers, Box::new(Download(response))) })
}

struct Download(reqwest::Response);

#[async_trait::async_trait]
impl Chunks for Download {
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        loop {
            match within(patience, Box::pin(self.0.chunk())).await {
                None => return Err(Failure::ReadTimeout),
                Some(Err(error)) => return Err(failure(error, false)),
                Some(Ok(Some(chunk))) if chunk.is_empty() => {}
                Some(Ok(chunk)) => return Ok(chunk),
            }
        }
    }
}

/// A body that a thread reads a few pieces ahead of the connection: files and readers block.
struct Upload {
    pieces: mpsc::Receiver<std::io::Result<Bytes>>,
    activity: Arc<Activity>,
    left: Option<u64>,
}

impl Upload {
    fn start(stream: &Stream, activity: Arc<Activity>) -> Upload {
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        let mut reader = stream.open();
        spawn_blocking(move || {
            loop {
                let mut piece = vec![0; PIECE];
                let read = reader.read(&mut piece);
                let ended = !matches!(read, Ok(read) if read > 0);
                if !matches!(read, Ok(0)) {
                    let piece = read.map(|read| {
                        piece.truncate(read);
                        Bytes::from(piece)
                    });
                    if sender.blocking_send(piece).is_err() {
                        return;
                    }
                }
                if ended {
                    return;
                }
            }
        });
        Upload { pieces, activity, left: stream.len().filter(|&len| len > 0) }
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let piece = std::task::ready!(self.pieces.poll_recv(context));
        self.activity.touch();
        Poll::Ready(match piece {
            None if self.left.is_some_and(|left| left > 0) => {
                Some(Err(std::io::Error::other("the body is shorter than announced")))
            }
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(piece)) => {
                let length = piece.len() as u64;
                match &mut self.left {
                    Some(left) if length > *left => {
                        return Poll::Ready(Some(Err(std::io::Error::other("the body is longer than announced"))));
                    }
                    Some(left) => *left -= length,
                    None => {}
                }
                Some(Ok(http_body::Frame::data(piece)))
            }
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.left.map_or_else(http_body::SizeHint::new, http_body::SizeHint::with_exact)
    }
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
