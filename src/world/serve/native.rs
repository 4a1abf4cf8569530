//! HTTP over TCP: the one place of a world that opens a port.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the seam")]

use std::io;
use std::net::{SocketAddr, TcpListener as Listener, ToSocketAddrs as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::boto3::s3::mock::site::{self, Site};
use crate::mock::Clock;
use crate::wait::inside::enter;

/// A port that is listened on. Dropping it ends its connections.
pub(super) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) fn start(address: &str, remote: bool, site: Site, clock: Clock) -> io::Result<Server> {
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("serve S3 on {address}: {error}"));
        let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(failed)?.collect();
        if !remote && addresses.iter().any(|address| !address.ip().is_loopback()) {
            let reason = "not a loopback address, and danger_accept_remote_connections() was not called";
            return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, reason)));
        }
        let listener = Listener::bind(addresses.as_slice()).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let now = SystemTime::now();
        if clock.now() < now {
            clock.set(now);
        }
        let _inside = enter();
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        Ok(Server { address, task: tokio::spawn(accept(listener, site, clock)) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Takes connections until the task is aborted. They end with it.
async fn accept(listener: TcpListener, site: Site, clock: Clock) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, site.clone(), clock.clone()));
            }
            // Out of descriptors, say: the next one may be accepted.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, site: Site, clock: Clock) {
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request: hyper::Request<Incoming>| answer(request, site.clone(), clock.clone()));
    // An error is the client's, or planned.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

/// Answers a request. An error closes the connection.
async fn answer(request: hyper::Request<Incoming>, site: Site, clock: Clock) -> io::Result<Response<Answer>> {
    let now = SystemTime::now();
    if let Ok(behind) = now.duration_since(clock.now()) {
        clock.advance(behind);
    }
    let (head, body) = request.into_parts();
    let is_head = head.method == Method::HEAD;
    let mut asked = site::Request::new(head.method.as_str(), url(&head));
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    asked.headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    asked.body = collect(body).await?;
    match site.exchange(&asked, &[now]).await {
        Some(Ok(answer)) => response(answer, is_head),
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Err(io::Error::other("not an HTTP URL")),
    }
}

/// The URL as the client has it.
fn url(head: &Parts) -> String {
    if head.uri.scheme().is_some() {
        return head.uri.to_string();
    }
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}{}", head.uri)
}

async fn collect(mut body: Incoming) -> io::Result<Bytes> {
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else { continue };
        match first.is_empty() {
            true => first = data,
            false => rest.extend_from_slice(&data),
        }
    }
    Ok(if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() })
}

fn response(answer: site::Response, is_head: bool) -> io::Result<Response<Answer>> {
    let body = Some(answer.body).filter(|body| !body.is_empty());
    let mut response = Response::new(Answer { body, broken: answer.broken, flushed: false });
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(io::Error::other)?);
    }
    // hyper writes the length of the body that it has: none, for HEAD.
    if !is_head && !answer.broken {
        headers.remove(CONTENT_LENGTH);
    }
    Ok(response)
}

/// The body of an answer. One that is broken ends in an error after its bytes.
struct Answer {
    body: Option<Bytes>,
    broken: bool,
    flushed: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(match self.body.take() {
            Some(body) => Some(Ok(Frame::data(body))),
            // hyper drops what it has not written when a body fails, the head too. It writes when there is nothing to do.
            None if self.broken && !self.flushed => {
                self.flushed = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            None if self.broken => Some(Err(io::ErrorKind::ConnectionReset.into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        match self.broken {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.body.as_ref().map_or(0, |body| body.len() as u64)),
        }
    }
}
