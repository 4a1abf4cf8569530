//! The seam of `requests`: one request over one connection, and the plain data that it speaks.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle stands on any backend; this one is the mock.
//! let Batteries { os, time, .. } = world.batteries();
//! let requests = leyden::requests::Requests::new(Arc::new(world.requests.clone()), os, time);
//! world.requests.get("https://example.test/").reply(204);
//! assert_eq!(requests.get("https://example.test/").wait()?.status_code, 204);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Redirects, cookies, auth, retries, proxies by environment, decoding and limits are written once, above it.

use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::adapters::{DEFAULT_POOLBLOCK, DEFAULT_POOLSIZE};
use super::request::body::Body;

/// What carries requests: Python's `BaseAdapter`.
///
/// # Contract
///
/// - **One hop.** [`Backend::send`] makes one exchange. It follows no redirect, keeps no cookie, adds no credentials and retries nothing
///   but a request that a kept connection lost before a byte of it went out.
/// - **As it is.** Method, URL and headers go out as they stand in the [`Hop`], but for `Host`, `Content-Length` and `Transfer-Encoding`,
///   which are the backend's own where the hop has none. The body comes back undecoded.
/// - **Patience.** A wait longer than [`Hop::read`] without progress ends in [`Failure::ReadTimeout`], a connection that takes longer than
///   [`Route::connect`] in [`Failure::ConnectTimeout`], and whatever it waits for, [`Hop::total`] ends it, in [`Failure::ReadTimeout`] too.
/// - **Proxies.** Credentials in the proxy's URL go to the proxy and to nobody else.
/// - **Dropping** a reply, or the future of a send, ends the exchange. Only a connection whose reply was read to its end is used again.
#[async_trait::async_trait]
#[doc(alias = "requests.adapters.BaseAdapter")]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Sends a request; the reply's head is there when this returns.
    #[doc(alias("requests.adapters.BaseAdapter.send", "requests.adapters.HTTPAdapter.send"))]
    async fn send(&self, hop: Hop) -> Result<Reply, Failure>;

    /// Lets go of the connections that are kept.
    #[doc(alias("requests.adapters.BaseAdapter.close", "requests.adapters.HTTPAdapter.close"))]
    fn close(&self);
}

/// One request, ready for the wire.
#[derive(Clone)]
#[non_exhaustive]
pub struct Hop {
    /// A token: checked.
    pub method: String,
    /// Absolute, quoted, without user name, password and fragment.
    pub url: String,
    /// In order. Names are tokens; values are Latin-1 without control characters: checked.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// How to get there.
    pub route: Arc<Route>,
    /// The longest silence.
    pub read: Option<Duration>,
    /// How long the exchange may take until the head is there.
    pub total: Option<Duration>,
}

impl Hop {
    /// A plain request: no headers, no body, no limits.
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

/// How a connection is made. Connections are shared between hops with an equal route to the same host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Route {
    /// Through this proxy.
    pub proxy: Option<ProxyUrl>,
    /// What the proxy gets as `Proxy-Authorization`, instead of the credentials in its URL.
    pub proxy_authorization: Option<Credentials>,
    /// Whom to trust.
    pub verify: Trust,
    /// Who we are: a certificate chain and its key, PEM.
    pub cert: Option<Pem>,
    /// How long connecting may take, TLS included.
    pub connect: Option<Duration>,
    /// How many connections are kept.
    pub pool: Pool,
}

/// How many connections are kept, and how many are in use: see [`HttpAdapter`](super::HttpAdapter). A backend without connections has no use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Pool {
    /// For how many hosts. Default 10.
    pub connections: usize,
    /// How many idle ones for each host. Default 10.
    pub maxsize: usize,
    /// Whether no more than `maxsize` are in use for a host at a time: others wait for their turn, as long as their budget lasts. Default false.
    pub block: bool,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { connections: DEFAULT_POOLSIZE, maxsize: DEFAULT_POOLSIZE, block: DEFAULT_POOLBLOCK }
    }
}

/// Whom to trust in TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Mozilla's roots, which Python's certifi has too.
    #[default]
    Roots,
    /// These certificates only, PEM.
    Bundle(Pem),
    /// Anybody: the connection can be read and changed by whoever sits on it.
    Anybody,
}

/// A proxy's URL, with its credentials: `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyUrl(pub String);

impl Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::secret::url::redact(&self.0))
    }
}

/// A header's value that is a secret: `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials(pub String);

impl Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Certificates or keys, in PEM. Equal by content; `Debug` hides it, for it may be a key.
#[derive(Clone)]
pub struct Pem {
    bytes: Arc<[u8]>,
    digest: [u8; 32],
}

impl Pem {
    /// From a file's contents.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Pem {
        use sha2::Digest as _;
        let bytes = bytes.into();
        let digest = sha2::Sha256::digest(&bytes).into();
        Pem { bytes, digest }
    }

    /// The text.
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

/// The head of a reply, and its body to come.
#[non_exhaustive]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The reason phrase: ASCII, or empty.
    pub reason: String,
    /// 10, 11 or 20: HTTP/1.0, HTTP/1.1, HTTP/2.
    pub version: u8,
    /// Names and values in order, repeats as repeats; bytes as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The body, undecoded.
    pub body: Box<dyn Chunks>,
}

impl Reply {
    /// A reply over HTTP/1.1.
    pub fn new(status: u16, reason: impl Into<String>, headers: Vec<(String, String)>, body: Box<dyn Chunks>) -> Reply {
        Reply { status, reason: reason.into(), version: 11, headers, body }
    }
}

impl Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply {} {}", self.status, self.reason)
    }
}

/// A reply's body, as it comes in.
#[async_trait::async_trait]
pub trait Chunks: Send {
    /// The next piece, never empty; None at the end. `patience` is the longest that it may wait.
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure>;
}

/// Why an exchange failed. The facade tells on which request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection: refused, unreachable, no such host.
    #[error("{0}")]
    Connect(String),
    /// No connection in time.
    #[error("connecting timed out")]
    ConnectTimeout,
    /// No trust in the server, or none of it in us; or no TLS at all.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The proxy cannot be reached, or refuses.
    #[error("proxy failed: {0}")]
    Proxy(String),
    /// Nothing came for too long.
    #[error("read timed out")]
    ReadTimeout,
    /// The connection broke, or what came is no HTTP.
    #[error("connection lost: {0}")]
    Protocol(String),
    /// The body that was to be sent could not be read.
    #[error("the body to send cannot be read: {0}")]
    Body(String),
    /// The URL, method or a header cannot be sent.
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
    /// The connection is refused.
    fn injected(_: &'static str) -> Failure {
        Failure::Connect("connection refused".into())
    }
}
