//! [`HttpAdapter`]: a backend with its retries and its pool, mounted on a session by URL prefix.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::requests::{HttpAdapter, Retry};
//!
//! let world = World::new();
//! world.requests.get("https://api.test/").reply(503).reply(200);
//! let mut session = world.batteries().requests.session();
//! session.mount("https://api.test/", HttpAdapter::new().max_retries(Retry::new(2).status_forcelist([503])));
//! assert_eq!(session.get("https://api.test/").wait()?.status_code, 200);
//! # Ok::<(), leyden::Error>(())
//! ```

use std::sync::{Arc, LazyLock};

use super::auth::basic_auth_str;
use super::backend::{Backend, Pool};
use super::error::{Error, Result};
use super::headers::Headers;
use super::proxies::{Proxies, select_proxy};
use super::request::prepare::{PreparedRequest, get_auth_from_url};
pub use super::send::retry::{RequestHistory, Retry, Tries};
use super::url::{Split, parse_url};
use super::utils::{prepend_scheme_if_needed, urldefragauth};
use crate::secret::url::redact;

/// Whether calls wait when a pool is full.
#[doc(alias = "requests.adapters.DEFAULT_POOLBLOCK")]
pub const DEFAULT_POOLBLOCK: bool = false;
/// The number of hosts with kept connections, and of idle connections per host.
#[doc(alias = "requests.adapters.DEFAULT_POOLSIZE")]
pub const DEFAULT_POOLSIZE: usize = 10;
/// The number of retries of an adapter.
#[doc(alias = "requests.adapters.DEFAULT_RETRIES")]
pub const DEFAULT_RETRIES: u32 = 0;
/// How long to wait for a free connection. `None`: as long as the call has time.
#[doc(alias = "requests.adapters.DEFAULT_POOL_TIMEOUT")]
pub const DEFAULT_POOL_TIMEOUT: Option<std::time::Duration> = None;

/// The transport of a session's requests for the URLs that it is mounted on.
///
/// `session.mount("https://", HttpAdapter::new().max_retries(3))`. Use your own [`Backend`], or a
/// mock's, for some URLs with `session.mount("https://api.test/",
/// HttpAdapter::with_backend(backend))`.
///
/// DIFFERENCE: adapters with the same pool settings over the same backend share their connections.
/// A session that is created for each call does not reconnect each time.
#[derive(Clone, Debug)]
#[doc(alias = "requests.adapters.HTTPAdapter")]
pub struct HttpAdapter {
    pub(super) backend: Option<Arc<dyn Backend>>,
    // In an `Arc`, because a session is cloned for each call.
    pub(super) max_retries: Arc<Retry>,
    pub(super) pool: Pool,
}

static NO_RETRIES: LazyLock<Arc<Retry>> = LazyLock::new(|| Arc::new(Retry::none()));

impl HttpAdapter {
    /// Creates an adapter over the battery's own backend.
    pub fn new() -> HttpAdapter {
        HttpAdapter { backend: None, max_retries: NO_RETRIES.clone(), pool: Pool::default() }
    }

    /// Creates an adapter over this backend.
    pub fn with_backend(backend: Arc<dyn Backend>) -> HttpAdapter {
        HttpAdapter { backend: Some(backend), ..HttpAdapter::new() }
    }

    /// Sets the retries: a number, or a [`Retry`]. Default: none.
    ///
    /// As in requests, a number counts only connections that could not be established; a [`Retry`]
    /// has a count for each kind of failure.
    #[must_use]
    pub fn max_retries(self, retries: impl Into<Retry>) -> HttpAdapter {
        HttpAdapter { max_retries: Arc::new(retries.into()), ..self }
    }

    /// Sets the number of hosts whose connections are kept. Beyond it, the connections of the least
    /// recently used host are closed. Default 10.
    #[must_use]
    pub fn pool_connections(mut self, hosts: usize) -> HttpAdapter {
        self.pool.connections = hosts;
        self
    }

    /// Sets the number of idle connections kept per host. Default 10. DIFFERENCE: 0 keeps none; in
    /// urllib3 it means no limit.
    #[must_use]
    pub fn pool_maxsize(mut self, size: usize) -> HttpAdapter {
        self.pool.maxsize = size;
        self
    }

    /// Sets whether calls beyond `pool_maxsize` wait for a free connection until their time is up.
    /// Default false: they open connections that are not kept.
    #[must_use]
    pub fn pool_block(mut self, block: bool) -> HttpAdapter {
        self.pool.block = block;
        self
    }

    /// Returns the headers for a proxy: its credentials.
    #[doc(alias = "requests.adapters.HTTPAdapter.proxy_headers")]
    pub fn proxy_headers(&self, proxy: &str) -> Headers {
        let (user, password) = get_auth_from_url(proxy);
        let mut headers = Headers::new();
        if !user.is_empty() {
            headers.insert("Proxy-Authorization", basic_auth_str(&user, &password));
        }
        headers
    }

    /// Returns the target of the request line: the whole URL for a plain request through a proxy,
    /// otherwise the path.
    #[doc(alias = "requests.adapters.HTTPAdapter.request_url")]
    pub fn request_url(&self, request: &PreparedRequest, proxies: &Proxies) -> String {
        let proxied = select_proxy(&request.url, proxies)
            .is_some_and(|proxy| !Split::new(proxy).scheme.starts_with("socks") && Split::new(&request.url).scheme != "https");
        if proxied { urldefragauth(&request.url) } else { request.path_url() }
    }
}

impl Default for HttpAdapter {
    fn default() -> HttpAdapter {
        HttpAdapter::new()
    }
}

/// Returns the full URL of the proxy for a URL.
#[doc(alias("requests.adapters.HTTPAdapter.proxy_manager_for"))]
pub(super) fn proxy_for(url: &str, proxies: &Proxies) -> Result<Option<String>> {
    let Some(proxy) = select_proxy(url, proxies).filter(|proxy| !proxy.is_empty()) else { return Ok(None) };
    let invalid = |reason| Error::InvalidProxyUrl { url: redact(proxy), reason };
    let proxy = prepend_scheme_if_needed(proxy, "http").map_err(|_| invalid("it is malformed"))?;
    let parsed = parse_url(&proxy).map_err(|_| invalid("it is malformed"))?;
    if parsed.host.is_none_or(|host| host.is_empty()) {
        return Err(invalid("it is malformed and could be missing the host"));
    }
    match parsed.scheme.as_deref() {
        Some("http" | "https" | "socks5" | "socks5h" | "socks4" | "socks4a") => Ok(Some(proxy)),
        _ => Err(invalid("unsupported scheme: expected http, https, socks5 or socks5h")),
    }
}
