//! The backend of `requests`: one request over one connection, and its data types.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let Batteries { os, time, .. } = world.batteries();
//! let requests = leyden::requests::Requests::new(Arc::new(world.requests.clone()), os, time);
//! world.requests.get("https://example.test/").reply(204);
//! assert_eq!(requests.get("https://example.test/").wait()?.status_code, 204);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Redirects, cookies, auth, retries, proxies from the environment, decoding and limits are
//! implemented once, on top of it.

use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::adapters::{DEFAULT_POOLBLOCK, DEFAULT_POOLSIZE};
use super::request::body::Body;
use crate::Secret;

/// The transport of requests: Python's `BaseAdapter`.
///
/// # Contract
///
/// - **One exchange.** [`Backend::send`] makes one exchange. It does not follow redirects, keep
///   cookies or add credentials. It retries only a request whose reused connection was closed
///   before a byte was sent.
/// - **Unchanged.** Method, URL and headers are sent as they are in the [`Hop`]. The backend adds
///   `Host`, `Content-Length` and `Transfer-Encoding` if the hop has none. The body is returned
///   undecoded.
/// - **Timeouts.** A wait longer than [`Hop::read`] without progress is [`Failure::ReadTimeout`]. A
///   connection that takes longer than [`Route::connect`] is [`Failure::ConnectTimeout`].
///   [`Hop::total`] ends any wait, also with [`Failure::ReadTimeout`].
/// - **Proxies.** Credentials in the proxy's URL are sent to the proxy only.
/// - **Dropping** a reply, or the future of a send, ends the exchange. A connection is reused only
///   after its reply was read to the end.
#[async_trait::async_trait]
#[doc(alias = "requests.adapters.BaseAdapter")]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Sends a request and returns when the response head has arrived.
    #[doc(alias("requests.adapters.BaseAdapter.send", "requests.adapters.HTTPAdapter.send"))]
    async fn send(&self, hop: Hop) -> Result<Reply, Failure>;

    /// Closes the idle connections.
    #[doc(alias("requests.adapters.BaseAdapter.close", "requests.adapters.HTTPAdapter.close"))]
    fn close(&self);
}

/// One request, ready to send.
#[derive(Clone)]
#[non_exhaustive]
pub struct Hop {
    /// The method, a valid token.
    pub method: String,
    /// The URL: absolute and quoted, without user name, password and fragment.
    pub url: String,
    /// The headers in order. Names are valid tokens; values are Latin-1 without control characters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// The route to the server.
    pub route: Arc<Route>,
    /// The read timeout: the longest time without progress.
    pub read: Option<Duration>,
    /// The time limit until the head has arrived.
    pub total: Option<Duration>,
}

impl Hop {
    /// Creates a request without headers, body and limits.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Hop {
        Hop {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Body::Empty,
            route: Arc::default(),
            read: None,
            total: None,
        }
    }
}

impl Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hop {} {} {:?}", self.method, crate::secret::url::redact(&self.url), self.body)
    }
}

/// How to connect. Hops with equal routes to the same host share connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Route {
    /// The proxy to use.
    pub proxy: Option<ProxyUrl>,
    /// The `Proxy-Authorization` header for the proxy, instead of the credentials in its URL.
    pub proxy_authorization: Option<Secret>,
    /// The certificates to trust.
    pub verify: Trust,
    /// The client certificate: a chain and its key, PEM.
    pub cert: Option<Pem>,
    /// The connect timeout, TLS handshake included.
    pub connect: Option<Duration>,
    /// The limits of the connection pool.
    pub pool: Pool,
}

/// The limits of the connection pool: see [`HttpAdapter`](super::HttpAdapter). A backend without
/// connections ignores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Pool {
    /// The number of hosts. Default 10.
    pub connections: usize,
    /// The number of idle connections per host. Default 10.
    pub maxsize: usize,
    /// Whether at most `maxsize` connections per host are in use at a time; other calls wait until
    /// their time is up. Default false.
    pub block: bool,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { connections: DEFAULT_POOLSIZE, maxsize: DEFAULT_POOLSIZE, block: DEFAULT_POOLBLOCK }
    }
}

/// The certificates that TLS trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Mozilla's roots, as in Python's certifi.
    #[default]
    Roots,
    /// These certificates only, PEM.
    Bundle(Pem),
    /// Any certificate: an attacker on the network path can read and change all data.
    Anybody,
}

/// A proxy's URL, with its credentials: `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyUrl(Secret);

impl ProxyUrl {
    /// Wraps a URL.
    pub fn new(url: impl Into<String>) -> ProxyUrl {
        ProxyUrl(Secret::new(url))
    }

    /// The URL with its credentials, for the connection that needs them.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::secret::url::redact(self.expose()))
    }
}

/// Certificates or keys in PEM, compared by content. `Debug` hides them, because they may be
/// private keys.
#[derive(Clone)]
pub struct Pem {
    bytes: Arc<[u8]>,
    digest: [u8; 32],
}

impl Pem {
    /// Wraps the contents of a file.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Pem {
        use sha2::Digest as _;
        let bytes = bytes.into();
        let digest = sha2::Sha256::digest(&bytes).into();
        Pem { bytes, digest }
    }

    /// Returns the PEM text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Pem {
    fn eq(&self, other: &Pem) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Pem {}

impl Hash for Pem {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} bytes)", self.bytes.len())
    }
}

/// The head of a response, and its body still to be read.
#[non_exhaustive]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The reason phrase: ASCII, or empty.
    pub reason: String,
    /// 10, 11 or 20: HTTP/1.0, HTTP/1.1, HTTP/2.
    pub version: u8,
    /// Names and values in order, repeated headers kept separate; bytes decoded as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The body, undecoded.
    pub body: Box<dyn Chunks>,
}

impl Reply {
    /// Creates an HTTP/1.1 reply.
    pub fn new(status: u16, reason: impl Into<String>, headers: Vec<(String, String)>, body: Box<dyn Chunks>) -> Reply {
        Reply { status, reason: reason.into(), version: 11, headers, body }
    }
}

impl Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply {} {}", self.status, self.reason)
    }
}

/// The body of a response, read in chunks.
#[async_trait::async_trait]
pub trait Chunks: Send {
    /// Returns the next chunk, never empty; `None` at the end. Waits for at most `patience`.
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure>;
}

/// Why an exchange failed. The caller adds the request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection: refused, unreachable, unknown host.
    #[error("{0}")]
    Connect(String),
    /// The connect timeout expired.
    #[error("connecting timed out")]
    ConnectTimeout,
    /// The TLS handshake failed, or a certificate was rejected by either side.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The proxy cannot be reached or refused the request.
    #[error("proxy failed: {0}")]
    Proxy(String),
    /// The read timeout expired.
    #[error("read timed out")]
    ReadTimeout,
    /// The connection was lost, or the response is not valid HTTP.
    #[error("connection lost: {0}")]
    Protocol(String),
    /// The request body could not be read.
    #[error("cannot read the request body: {0}")]
    Body(String),
    /// The URL, the method or a header cannot be sent.
    #[error("cannot be sent: {0}")]
    Invalid(String),
    /// The trusted certificates cannot be used.
    #[error("bad certificate: {0}")]
    Certificate(String),
    /// The client certificate cannot be used.
    #[error("bad client certificate: {0}")]
    ClientCertificate(String),
    /// The key of the client certificate cannot be used, or belongs to another certificate.
    #[error("bad client key: {0}")]
    ClientKey(String),
}

impl crate::mock::Fault for Failure {
    /// "connection refused".
    fn injected(_: &'static str) -> Failure {
        Failure::Connect("connection refused".into())
    }
}
