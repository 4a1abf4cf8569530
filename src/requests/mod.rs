//! `requests`: HTTP for people.
//!
//! ```
//! use leyden::prelude::*;
//!
//! fn titles(Batteries { requests, .. }: &Batteries) -> leyden::Result<Vec<String>> {
//!     let posts = requests.get("https://blog.test/posts").params([("page", 2)]).wait()?.raise_for_status()?;
//!     Ok(posts.json()?)
//! }
//!
//! let world = World::new();
//! world.requests.get("https://blog.test/posts?page=2").reply(leyden::requests::mock::Reply::new(200).json(&["Hello"]));
//! assert_eq!(titles(&world.batteries()).unwrap(), ["Hello"]);
//! ```
//!
//! Python's [requests](https://docs.python-requests.org/) on [reqwest](https://docs.rs/reqwest) and rustls. reqwest carries one request at a time; redirects, cookies,
//! authentication, retries, decoding and limits are above it, and Python's: so the mock has them too.
//!
//! | Python | leyden |
//! |---|---|
//! | `requests.get(url, params=p)` | [`requests.get(url).params(p).wait()?`](Requests::get), or `.await?` |
//! | `requests.post(url, json=j, headers=h)` | `requests.post(url).json(&j).headers(h).wait()?` |
//! | `files={"f": open("a.bin", "rb")}` | `.file("f", Part::file("a.bin"))`, streamed |
//! | `data=open("big.iso", "rb")` | `.data(Data::file("big.iso"))`, streamed |
//! | `auth=("user", "pass")`, `HTTPDigestAuth(..)` | `.auth(("user", "pass"))`, [`auth`] |
//! | `timeout=5`, `timeout=(3, 30)`, `timeout=None` | `.timeout(secs(5))`, `.timeout((secs(3), secs(30)))`, `.timeout(None)` |
//! | `with requests.Session() as s:` | [`let mut s = requests.session();`](Session) |
//! | `s.mount("https://", HTTPAdapter(max_retries=Retry(..)))` | `s.mount("https://", HttpAdapter::new().max_retries(Retry::new(3)))` |
//! | `r.status_code`, `r.headers["a"]`, `r.json()`, `r.text` | `r.status_code`, `r.headers["a"]`, `r.json()?`, `r.text()?` |
//! | `r.raise_for_status()` | `r.raise_for_status()?`, which gives `r` back |
//! | `stream=True`, `r.iter_content(n)`, `r.iter_lines()` | `.stream(true)`, `r.iter_content(n)`, `r.iter_lines()` |
//! | `except requests.Timeout` | [`error.is_timeout()`](Error::is_timeout) |
//! | - | `.download("file")`: resumed, checked, renamed into place |
//!
//! # DIFFERENCES
//!
//! Time and size:
//!
//! - A call has 60 seconds in total by default ([`Timeout`]), and heads and bodies have a maximum
//!   size ([`Limits`]).
//! - A timeout within the body is `ReadTimeout`.
//! - A truncated gzip body is an error, and so is one with a corrupt later member.
//! - A retry is skipped if its pause exceeds the time left.
//! - The body of a redirect or a challenge is kept up to 64 KiB; a longer one is discarded.
//! - zstd windows are limited to 8 MiB (RFC 9659).
//!
//! Credentials:
//!
//! - `.netrc` is used only on request ([`Session::netrc`]).
//! - Digest answers, cookies without a domain and headers whose name suggests a secret
//!   ([`is_secret_name`](crate::is_secret_name), such as `X-Api-Key`) are not sent after a redirect
//!   to another host. `Proxy-Authorization` is only sent to a proxy.
//! - Errors, `Debug` and history do not show passwords or tokens.
//! - Digest challenges are parsed, and the first supported one is answered.
//!
//! Cookies follow RFC 6265 and its successor draft:
//!
//! - A cookie without `Domain` belongs to its host alone, and public suffixes are rejected.
//! - A `Secure` cookie must arrive over TLS, and is not replaced without it. The name prefixes of
//!   the successor draft are checked.
//! - An invalid attribute is ignored, and the last one of a name counts. Values keep their quotes.
//!   Dates have no time zone. A jar has limits.
//! - A host without a dot and an IPv6 address get back the cookies that they set for themselves.
//! - A cookie with an invalid month in `Expires` becomes a session cookie; Python drops all cookies
//!   of the response.
//!
//! Headers and bodies:
//!
//! - Names must be HTTP tokens. They are sent in Title-Case over HTTP/1.1 and in lower case over
//!   HTTP/2, and received in lower case.
//! - `Transfer-Encoding`, and a `Content-Length` that does not fit the body, are not sent. An empty
//!   file has `Content-Length: 0`.
//! - `Accept: */*` is sent even if the session has no `Accept`; `User-Agent` is `leyden/…`;
//!   `Accept-Encoding` also names `br` and `zstd`.
//! - A `'` in a query is sent as `%27`.
//! - NaN is written as `null` in JSON, and is an error in received JSON.
//! - A `Content-Length` that is not a number, or several that differ, is a lost connection.
//! - A reason phrase with bytes above 0x7F is empty.
//!
//! Settings: a session's `verify` takes precedence over `REQUESTS_CA_BUNDLE`. A session's
//! parameters are added to a call's, also if they are a list. `no_proxy` supports IPv6 addresses
//! and networks.
//!
//! Text: [`apparent_encoding`](Response::apparent_encoding) uses another detector. Legacy encodings
//! have the web's tables; code pages of DOS and EBCDIC, UTF-7 and similar encodings are unknown.
//! `iter_lines` does not depend on chunk boundaries.
//!
//! URLs: host names follow UTS 46, which allows emoji. A line end in a URL is an error, where
//! requests escapes it. A byte of a `Location` that is not UTF-8 is escaped, where requests raises
//! `UnicodeDecodeError`; several different `Location` headers are an error. Escapes have ASCII
//! digits: `%٣٣` is not one. Redirects in [`Response::history`] have no history of their own.
//!
//! Connection pools belong to the battery, not to the session: `close` affects all sessions, and
//! adapters with equal settings share a pool. `pool_maxsize(0)` keeps no connection.

pub mod adapters;
pub mod auth;
pub mod backend;
#[doc(alias = "requests.codes")]
pub mod codes;
pub mod cookies;
mod core;
mod default_headers;
mod download;
mod error;
mod headers;
mod hooks;
mod limits;
pub mod mock;
pub mod native;
mod proxies;
mod request;
mod response;
mod send;
mod session;
mod tls;
mod url;
pub mod utils;

use std::sync::Arc;

pub use adapters::{HttpAdapter, RequestHistory, Retry, Tries};
pub use auth::{Auth, HttpBasicAuth, HttpBearerAuth, HttpDigestAuth, HttpProxyAuth};
pub use backend::{Backend, Failure};
pub use cookies::{Cookie, RequestsCookieJar};
pub use download::{Checksum, Download, Downloaded, Progress};
pub use error::{Cause, Context, Document, Error, Result};
pub use headers::{CaseInsensitiveDict, Headers};
pub use hooks::{Event, Hook, Hooks};
pub use limits::{DEFAULT_DOWNLOAD_TOTAL, DEFAULT_TOTAL, Limits, Timeout};
pub use proxies::Proxies;
pub use request::body::{Body, Stream};
pub use request::form::{Form, Value};
pub use request::multipart::Part;
pub use request::prepare::PreparedRequest;
pub use request::{Data, Request, RequestBuilder, SendOptions, Sending};
#[cfg(feature = "record")]
pub(crate) use response::decode::decoded;
pub use response::iter::{IterContent, IterLines, IterText, Raw};
pub use response::{Read, Response};
pub use session::{Session, Settings};
pub use tls::{Cert, DEFAULT_CA_BUNDLE_PATH, Verify};

use self::core::Core;
use crate::os::Os;
use crate::time::Time;

/// A handle on the network: Python's module `requests` as a value. Cheap to clone; clones share
/// connections.
///
/// Each call has a session of its own, as in Python, but connections are kept for later calls.
#[derive(Clone, Debug)]
pub struct Requests {
    core: Arc<Core>,
}

impl Requests {
    /// A handle on the network, with this machine's files, environment and clocks. Connects on the
    /// first call.
    pub fn native(os: Os, time: Time) -> Requests {
        Requests::new(Arc::new(native::Native::new()), os, time)
    }

    /// A handle on any backend. `os` provides files for uploads and downloads, certificates and the
    /// environment; `time` the clocks.
    pub fn new(backend: Arc<dyn Backend>, os: Os, time: Time) -> Requests {
        Requests { core: Arc::new(Core::new(backend, os, time)) }
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.core.backend
    }

    /// Creates a session: settings and cookies for several calls.
    #[doc(alias = "requests.session")]
    pub fn session(&self) -> Session {
        Session::on(self.core.clone())
    }

    /// Any method. <https://docs.python-requests.org/en/latest/api/#requests.request>
    #[doc(alias = "requests.request")]
    pub fn request(&self, method: &str, url: impl AsRef<str>) -> RequestBuilder {
        self.session().request(method, url)
    }

    /// GET, following redirects. <https://docs.python-requests.org/en/latest/api/#requests.get>
    #[doc(alias = "requests.get")]
    pub fn get(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("GET", url)
    }

    /// OPTIONS, following redirects. <https://docs.python-requests.org/en/latest/api/#requests.options>
    #[doc(alias = "requests.options")]
    pub fn options(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("OPTIONS", url)
    }

    /// HEAD. Does not follow redirects by default.
    /// <https://docs.python-requests.org/en/latest/api/#requests.head>
    #[doc(alias = "requests.head")]
    pub fn head(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.session().head(url)
    }

    /// POST: with `.data(..)`, `.json(..)` or `.file(..)`. <https://docs.python-requests.org/en/latest/api/#requests.post>
    #[doc(alias = "requests.post")]
    pub fn post(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("POST", url)
    }

    /// PUT. <https://docs.python-requests.org/en/latest/api/#requests.put>
    #[doc(alias = "requests.put")]
    pub fn put(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("PUT", url)
    }

    /// PATCH. <https://docs.python-requests.org/en/latest/api/#requests.patch>
    #[doc(alias = "requests.patch")]
    pub fn patch(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("PATCH", url)
    }

    /// DELETE. <https://docs.python-requests.org/en/latest/api/#requests.delete>
    #[doc(alias = "requests.delete")]
    pub fn delete(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request("DELETE", url)
    }
}
