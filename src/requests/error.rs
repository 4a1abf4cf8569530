//! [`Error`]: the errors of `requests`, named after Python's exceptions.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::response::Response;
use crate::interrupt::KeyboardInterrupt;
use crate::secret::url::redact;

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The underlying cause of an error.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// An error of `requests`.
///
/// Each variant is a Python exception class. The `is_*` methods are the class hierarchy, so that
/// `except requests.ConnectionError` is `if error.is_connection_error()`. Neither `Display` nor
/// `Debug` shows a password.
///
/// <https://docs.python-requests.org/en/latest/api/#exceptions>
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ConnectionError`: no connection, or it was lost before the response head arrived.
    #[error("{}: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ConnectionError")]
    Connection(Box<Context>),
    /// `ProxyError`: the proxy cannot be reached or refused the request. Also a connection error.
    #[error("{}: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ProxyError")]
    Proxy(Box<Context>),
    /// `SSLError`: the TLS handshake failed. Also a connection error.
    #[error("{}: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.SSLError")]
    Ssl(Box<Context>),
    /// `ConnectTimeout`: no connection within the connect timeout. Also a connection error and a timeout.
    #[error("{}: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ConnectTimeout")]
    ConnectTimeout(Box<Context>),
    /// `ReadTimeout`: the server sent nothing for longer than the read timeout. Also a timeout.
    #[error("{}: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ReadTimeout")]
    ReadTimeout(Box<Context>),
    /// `Timeout`: the whole call took longer than its total timeout, which Python does not have.
    /// Also a timeout.
    #[error("{}: timed out after {budget:?}", context.request())]
    #[doc(alias = "requests.exceptions.Timeout")]
    Timeout {
        /// The request.
        context: Box<Context>,
        /// The total timeout.
        budget: Duration,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM arrived before the response: see
    /// [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt).
    #[error("{}: ended by {}", context.request(), interrupt.signal())]
    KeyboardInterrupt {
        /// The request.
        context: Box<Context>,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `TooManyRedirects`: more than `Session::max_redirects`.
    #[error("exceeded {limit} redirects")]
    #[doc(alias = "requests.exceptions.TooManyRedirects")]
    TooManyRedirects {
        /// How many are allowed.
        limit: usize,
        /// The redirect beyond the limit, with its history.
        response: Box<Response>,
    },
    /// `HTTPError`: `raise_for_status` on a 4xx or 5xx. The text is Python's.
    #[error("{message}")]
    #[doc(alias = "requests.exceptions.HTTPError")]
    Http {
        /// `404 Client Error: Not Found for url: https://…`
        message: String,
        /// The response.
        response: Box<Response>,
    },
    /// `ChunkedEncodingError`: the body is truncated, or its framing is invalid.
    #[error("{}: broken body: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ChunkedEncodingError")]
    ChunkedEncoding(Box<Context>),
    /// `ContentDecodingError`: the body is not valid in its Content-Encoding.
    #[error("{}: cannot decode the body: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.ContentDecodingError")]
    ContentDecoding(Box<Context>),
    /// The head or the body exceeds the [`Limits`](super::Limits).
    #[error("{}: the {what} has more than {limit} bytes", context.request())]
    TooLarge {
        /// The request.
        context: Box<Context>,
        /// `head` or `body`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// `RetryError`: no retries left, and the status of the last response is in the forcelist.
    #[error("{}: too many {status} error responses", context.request())]
    #[doc(alias = "requests.exceptions.RetryError")]
    Retry {
        /// The request.
        context: Box<Context>,
        /// The status of the last response.
        status: u16,
    },
    /// `StreamConsumedError`: the body was already streamed, and not kept.
    #[error("the content for this response was already consumed")]
    #[doc(alias = "requests.exceptions.StreamConsumedError")]
    StreamConsumed,
    /// The body of a streamed response was not read: call `.read()`, or iterate over it.
    #[error("the content for this response was not read yet")]
    NotRead,
    /// `UnrewindableBodyError`: the body would have to be sent again, but cannot be rewound.
    #[error("{}: cannot send the body a second time: {}", .0.request(), .0)]
    #[doc(alias = "requests.exceptions.UnrewindableBodyError")]
    UnrewindableBody(Box<Context>),
    /// `MissingSchema`: no `http://` or `https://`.
    #[error("invalid URL '{0}': no scheme supplied, perhaps you meant https://{0}?")]
    #[doc(alias = "requests.exceptions.MissingSchema")]
    MissingSchema(String),
    /// `InvalidSchema`: no adapter is mounted for this URL.
    #[error("no connection adapters were found for '{0}'")]
    #[doc(alias = "requests.exceptions.InvalidSchema")]
    InvalidSchema(String),
    /// `InvalidURL`: the URL is invalid.
    #[error("invalid URL '{url}': {reason}")]
    #[doc(alias = "requests.exceptions.InvalidURL")]
    InvalidUrl {
        /// The URL as given, without credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `InvalidProxyURL`: the proxy's URL is invalid. Also an invalid URL.
    #[error("invalid proxy URL '{url}': {reason}")]
    #[doc(alias = "requests.exceptions.InvalidProxyURL")]
    InvalidProxyUrl {
        /// The URL as given, without credentials.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `InvalidHeader`: leading space, a line break or a NUL in a header's name or value. The value is not shown: it may be a secret.
    #[error("invalid header {part} in '{}'", name.escape_debug())]
    #[doc(alias = "requests.exceptions.InvalidHeader")]
    InvalidHeader {
        /// The header.
        name: String,
        /// `name` or `value`.
        part: &'static str,
    },
    /// The method is not an HTTP token: it is empty, or contains a space or a line break. Python's
    /// `ValueError`.
    #[error("invalid method '{}'", .0.escape_debug())]
    InvalidMethod(String),
    /// `InvalidJSONError`: the value to send cannot be written as JSON.
    #[error("the value cannot be written as JSON: {0}")]
    #[doc(alias = "requests.exceptions.InvalidJSONError")]
    InvalidJson(serde_json::Error),
    /// `JSONDecodeError`: the body is not valid JSON, or does not match the requested type. Also an invalid JSON error.
    #[error("the body is not valid JSON, or does not match the requested type (at byte {pos}): {source}")]
    #[doc(alias = "requests.exceptions.JSONDecodeError")]
    JsonDecode {
        /// The parsed text. `Debug` shows only its length, because it may hold secrets.
        doc: Document,
        /// The byte offset of the error in `doc`.
        pos: usize,
        /// The reason: Python's `msg`, in serde's words.
        r#source: serde_json::Error,
    },
    /// `CookieConflictError`: several cookies have this name. Use
    /// [`RequestsCookieJar::get_from`](super::RequestsCookieJar::get_from) with domain and path.
    #[error("there are multiple cookies with name '{0}'")]
    #[doc(alias = "requests.cookies.CookieConflictError")]
    CookieConflict(String),
    /// A file could not be used: an upload, a download, or certificates.
    #[error("{what}: {source}")]
    File {
        /// The operation.
        what: &'static str,
        /// The system error, with the path.
        r#source: crate::os::Error,
    },
    /// The certificates, the client certificate or its key are invalid. Python's `OSError`.
    #[error("{path}: {reason}")]
    Certificate {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
    },
    /// The checksum of a download differs from the expected one.
    #[error("{url}: the checksum is {actual}, not {expected}")]
    Checksum {
        /// The URL, without credentials.
        url: String,
        /// The expected checksum.
        expected: String,
        /// The checksum of the downloaded bytes.
        actual: String,
    },
    /// A hook or a custom [`Auth`](super::auth::Auth) failed.
    #[error("a hook failed: {}", crate::error::chain(&**.0))]
    Hook(Cause),
    /// Python's `ValueError`: arguments that exclude each other.
    #[error("{0}")]
    Value(&'static str),
    /// An operation that is not supported, with the reason.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// The text of a body that is not valid JSON. Dereferences to `str`; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(String);

impl std::ops::Deref for Document {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Document {
    fn from(text: &str) -> Document {
        Document(text.into())
    }
}

impl PartialEq<str> for Document {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Document {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The failed request and the cause. As an error it displays the cause; [`Error`] adds the request.
pub struct Context {
    method: String,
    url: String,
    cause: Cause,
}

impl Context {
    /// Creates the context of a request. The URL is kept without its credentials.
    pub fn new(method: &str, url: &str, cause: impl Into<Cause>) -> Box<Context> {
        Box::new(Context { method: method.into(), url: redact(url), cause: cause.into() })
    }

    /// Returns the cause.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.cause
    }

    fn request(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {:?}", self.method, self.url, self.cause)
    }
}

impl StdError for Context {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.source()
    }
}

impl Error {
    pub(super) fn invalid_url(url: &str, reason: impl Into<String>) -> Error {
        Error::InvalidUrl { url: redact(url), reason: reason.into() }
    }

    /// Returns the name of Python's exception class: `"ConnectTimeout"`. For errors that Python
    /// does not have, the nearest base class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::KeyboardInterrupt { .. } => "KeyboardInterrupt",
            Error::Connection(_) => "ConnectionError",
            Error::Proxy(_) => "ProxyError",
            Error::Ssl(_) => "SSLError",
            Error::ConnectTimeout(_) => "ConnectTimeout",
            Error::ReadTimeout(_) => "ReadTimeout",
            Error::Timeout { .. } => "Timeout",
            Error::TooManyRedirects { .. } => "TooManyRedirects",
            Error::Http { .. } => "HTTPError",
            Error::ChunkedEncoding(_) => "ChunkedEncodingError",
            Error::ContentDecoding(_) => "ContentDecodingError",
            Error::TooLarge { .. } | Error::NotRead | Error::Checksum { .. } => "RequestException",
            Error::Retry { .. } => "RetryError",
            Error::StreamConsumed => "StreamConsumedError",
            Error::UnrewindableBody(_) => "UnrewindableBodyError",
            Error::MissingSchema(_) => "MissingSchema",
            Error::InvalidSchema(_) => "InvalidSchema",
            Error::InvalidUrl { .. } => "InvalidURL",
            Error::InvalidProxyUrl { .. } => "InvalidProxyURL",
            Error::InvalidHeader { .. } => "InvalidHeader",
            Error::InvalidJson(_) => "InvalidJSONError",
            Error::JsonDecode { .. } => "JSONDecodeError",
            Error::CookieConflict(_) => "CookieConflictError",
            Error::File { source, .. } => source.python_name(),
            Error::Certificate { .. } => "OSError",
            Error::InvalidMethod(_) | Error::Value(_) => "ValueError",
            Error::Hook(_) => "Exception",
            Error::Unsupported(_) => "NotImplementedError",
        }
    }

    /// Returns true where Python's `except RequestException` matches: all but errors of files,
    /// arguments and hooks.
    pub fn is_request_exception(&self) -> bool {
        !matches!(
            self,
            Error::CookieConflict(_)
                | Error::File { .. }
                | Error::Certificate { .. }
                | Error::InvalidMethod(_)
                | Error::Value(_)
                | Error::Hook(_)
                | Error::Unsupported(_)
        )
    }

    /// Returns true where Python's `except OSError` matches: `RequestException`, which derives from
    /// it, and errors of files.
    pub fn is_os_error(&self) -> bool {
        match self {
            Error::File { source, .. } => source.is_os_error(),
            Error::Certificate { .. } => true,
            _ => self.is_request_exception(),
        }
    }

    /// Returns true where Python's `except ConnectionError` matches: `Connection`, `Proxy`, `Ssl`,
    /// `ConnectTimeout`.
    pub fn is_connection_error(&self) -> bool {
        matches!(self, Error::Connection(_) | Error::Proxy(_) | Error::Ssl(_) | Error::ConnectTimeout(_))
    }

    /// Returns true where Python's `except Timeout` matches: `ConnectTimeout`, `ReadTimeout`, and
    /// the total timeout.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::ConnectTimeout(_) | Error::ReadTimeout(_) | Error::Timeout { .. })
    }

    /// Returns true where Python's `except HTTPError` matches: a 4xx or 5xx.
    pub fn is_http_error(&self) -> bool {
        matches!(self, Error::Http { .. })
    }

    /// Returns true where Python's `except InvalidURL` matches, which includes `InvalidProxyURL`.
    pub fn is_invalid_url(&self) -> bool {
        matches!(self, Error::InvalidUrl { .. } | Error::InvalidProxyUrl { .. })
    }

    /// Returns true where Python's `except InvalidJSONError` matches, which includes
    /// `JSONDecodeError`.
    pub fn is_invalid_json(&self) -> bool {
        matches!(self, Error::InvalidJson(_) | Error::JsonDecode { .. })
    }

    /// Returns true where Python's `except ValueError` matches: an invalid argument, or a body that
    /// is not valid JSON.
    pub fn is_value_error(&self) -> bool {
        self.is_invalid_url()
            || matches!(
                self,
                Error::MissingSchema(_)
                    | Error::InvalidSchema(_)
                    | Error::InvalidHeader { .. }
                    | Error::InvalidMethod(_)
                    | Error::JsonDecode { .. }
                    | Error::Value(_)
            )
    }

    /// `RequestException.response`: the response that the error concerns.
    #[doc(alias = "requests.exceptions.RequestException.response")]
    pub fn response(&self) -> Option<&Response> {
        match self {
            Error::Http { response, .. } | Error::TooManyRedirects { response, .. } => Some(response),
            _ => None,
        }
    }

    /// Returns the status of that response, or of the last one after the retries.
    pub fn status_code(&self) -> Option<u16> {
        match self {
            Error::Retry { status, .. } => Some(*status),
            _ => self.response().map(|response| response.status_code),
        }
    }

    /// Returns the method of the failed request, if one was sent.
    pub fn method(&self) -> Option<&str> {
        self.context().map(|context| context.method.as_str()).or_else(|| Some(self.response()?.request.method.as_str()))
    }

    /// Returns its URL, without credentials.
    pub fn url(&self) -> Option<String> {
        self.context().map(|context| context.url.clone()).or_else(|| Some(redact(&self.response()?.url)))
    }

    fn context(&self) -> Option<&Context> {
        match self {
            Error::Connection(context)
            | Error::Proxy(context)
            | Error::Ssl(context)
            | Error::ConnectTimeout(context)
            | Error::ReadTimeout(context)
            | Error::Timeout { context, .. }
            | Error::KeyboardInterrupt { context, .. }
            | Error::ChunkedEncoding(context)
            | Error::ContentDecoding(context)
            | Error::TooLarge { context, .. }
            | Error::Retry { context, .. }
            | Error::UnrewindableBody(context) => Some(context),
            _ => None,
        }
    }
}

crate::error::umbrella!(Error);
