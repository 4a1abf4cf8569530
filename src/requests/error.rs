//! [`Error`]: what `requests` reports, named after Python's exceptions.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::response::Response;
use crate::interrupt::KeyboardInterrupt;
use crate::secret::url::redact;

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A cause: whatever made the call fail beneath.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// An error of `requests`.
///
/// Each variant is a Python exception class; the class hierarchy is in the `is_*` methods, so that
/// `except requests.ConnectionError` is `if error.is_connection_error()`. Neither text shows a password.
///
/// <https://docs.python-requests.org/en/latest/api/#exceptions>
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ConnectionError`: no connection, or it was lost before the answer's head was there.
    #[error("{}: connection failed", .0.request())]
    #[doc(alias = "requests.exceptions.ConnectionError")]
    Connection(#[source] Box<Context>),
    /// `ProxyError`: the proxy cannot be reached or refuses. Also a connection error.
    #[error("{}: the proxy failed", .0.request())]
    #[doc(alias = "requests.exceptions.ProxyError")]
    Proxy(#[source] Box<Context>),
    /// `SSLError`: no trust between client and server. Also a connection error.
    #[error("{}: TLS failed", .0.request())]
    #[doc(alias = "requests.exceptions.SSLError")]
    Ssl(#[source] Box<Context>),
    /// `ConnectTimeout`: no connection within the connect timeout. Also a connection error and a timeout.
    #[error("{}: no connection in time", .0.request())]
    #[doc(alias = "requests.exceptions.ConnectTimeout")]
    ConnectTimeout(#[source] Box<Context>),
    /// `ReadTimeout`: the server sent nothing for longer than the read timeout. Also a timeout.
    #[error("{}: no data in time", .0.request())]
    #[doc(alias = "requests.exceptions.ReadTimeout")]
    ReadTimeout(#[source] Box<Context>),
    /// `Timeout`: the whole call took longer than its total budget, which Python does not have. Also a timeout.
    #[error("{}: not done within {budget:?}", context.request())]
    #[doc(alias = "requests.exceptions.Timeout")]
    Timeout {
        /// The request.
        context: Box<Context>,
        /// The budget.
        budget: Duration,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM came before the answer: see [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt).
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
        /// The redirect that was one too many, with its history.
        response: Box<Response>,
    },
    /// `HTTPError`: `raise_for_status` found a 4xx or 5xx. The text is Python's.
    #[error("{message}")]
    #[doc(alias = "requests.exceptions.HTTPError")]
    Http {
        /// `404 Client Error: Not Found for url: https://…`
        message: String,
        /// The answer, whole.
        response: Box<Response>,
    },
    /// `ChunkedEncodingError`: the body broke off, or its framing is wrong.
    #[error("{}: the body is broken", .0.request())]
    #[doc(alias = "requests.exceptions.ChunkedEncodingError")]
    ChunkedEncoding(#[source] Box<Context>),
    /// `ContentDecodingError`: the body is not what Content-Encoding says.
    #[error("{}: the body cannot be decoded", .0.request())]
    #[doc(alias = "requests.exceptions.ContentDecodingError")]
    ContentDecoding(#[source] Box<Context>),
    /// The head or the body is larger than [`Limits`](super::Limits) allow.
    #[error("{}: the {what} has more than {limit} bytes", context.request())]
    TooLarge {
        /// The request.
        context: Box<Context>,
        /// `head` or `body`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// `RetryError`: the retries are used up, and the last answer had a status of the forcelist.
    #[error("{}: too many {status} error responses", context.request())]
    #[doc(alias = "requests.exceptions.RetryError")]
    Retry {
        /// The request.
        context: Box<Context>,
        /// The status of the last answer.
        status: u16,
    },
    /// `StreamConsumedError`: the body was streamed already, and not kept.
    #[error("the content for this response was already consumed")]
    #[doc(alias = "requests.exceptions.StreamConsumedError")]
    StreamConsumed,
    /// The body of a streamed response is not there yet: end it with `.read()`, or iterate over it.
    #[error("the content for this response was not read yet")]
    NotRead,
    /// `UnrewindableBodyError`: the body would have to be sent again, and cannot be.
    #[error("{}: the body cannot be sent a second time", .0.request())]
    #[doc(alias = "requests.exceptions.UnrewindableBodyError")]
    UnrewindableBody(#[source] Box<Context>),
    /// `MissingSchema`: no `http://` or `https://`.
    #[error("invalid URL '{0}': no scheme supplied, perhaps you meant https://{0}?")]
    #[doc(alias = "requests.exceptions.MissingSchema")]
    MissingSchema(String),
    /// `InvalidSchema`: no adapter is mounted for this URL.
    #[error("no connection adapters were found for '{0}'")]
    #[doc(alias = "requests.exceptions.InvalidSchema")]
    InvalidSchema(String),
    /// `InvalidURL`: this URL makes no sense.
    #[error("invalid URL '{url}': {reason}")]
    #[doc(alias = "requests.exceptions.InvalidURL")]
    InvalidUrl {
        /// The URL as given, without credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `InvalidProxyURL`: the proxy's URL makes no sense. Also an invalid URL.
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
    /// The method is no HTTP token: it holds a space or a line break, or nothing. Python's `ValueError`.
    #[error("invalid method '{}'", .0.escape_debug())]
    InvalidMethod(String),
    /// `InvalidJSONError`: the value that was to be sent cannot be JSON.
    #[error("the value cannot be written as JSON")]
    #[doc(alias = "requests.exceptions.InvalidJSONError")]
    InvalidJson(#[source] serde_json::Error),
    /// `JSONDecodeError`: the body is not valid JSON, or does not match the requested type. Also an invalid JSON error.
    #[error("the body is not valid JSON, or does not match the requested type (at byte {pos})")]
    #[doc(alias = "requests.exceptions.JSONDecodeError")]
    JsonDecode {
        /// The text that was parsed. `Debug` shows its length only: it may hold secrets.
        doc: Document,
        /// Where it went wrong: an offset into `doc`.
        pos: usize,
        /// What is wrong: `source().to_string()` is Python's `msg`, in serde's words.
        #[source]
        source: serde_json::Error,
    },
    /// `CookieConflictError`: several cookies bear this name; say of which domain and path.
    #[error("there are multiple cookies with name '{0}'")]
    #[doc(alias = "requests.cookies.CookieConflictError")]
    CookieConflict(String),
    /// A file to upload, to download to, or with certificates could not be used.
    #[error("{what} failed")]
    File {
        /// What was to be done with it.
        what: &'static str,
        /// The operating system's answer, with the path.
        #[source]
        source: crate::os::Error,
    },
    /// The certificates, the client certificate or its key cannot be used. Python's `OSError`.
    #[error("{path}: {reason}")]
    Certificate {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A download's bytes are not those that were promised.
    #[error("{url}: the checksum is {actual}, not {expected}")]
    Checksum {
        /// From where, without credentials.
        url: String,
        /// The checksum that was asked for.
        expected: String,
        /// The checksum of what came.
        actual: String,
    },
    /// A hook, or an [`Auth`](super::auth::Auth) of your own, failed.
    #[error("a hook failed")]
    Hook(#[source] Cause),
    /// Python's `ValueError`: these arguments do not go together.
    #[error("{0}")]
    Value(&'static str),
    /// This is not possible, for this reason.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// The text of a body that is not valid JSON. It is a `str`, and `Debug` does not show it.
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

/// Which request failed, and why. As an error it is the cause: [`Error`] names the request.
pub struct Context {
    method: String,
    url: String,
    cause: Cause,
}

impl Context {
    /// Of a request. The URL is kept without its credentials.
    pub fn new(method: &str, url: &str, cause: impl Into<Cause>) -> Box<Context> {
        Box::new(Context { method: method.into(), url: redact(url), cause: cause.into() })
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

    /// `except ConnectionError`: it, `ProxyError`, `SSLError`, `ConnectTimeout`.
    pub fn is_connection_error(&self) -> bool {
        matches!(self, Error::Connection(_) | Error::Proxy(_) | Error::Ssl(_) | Error::ConnectTimeout(_))
    }

    /// `except Timeout`: `ConnectTimeout`, `ReadTimeout`, and the total budget.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::ConnectTimeout(_) | Error::ReadTimeout(_) | Error::Timeout { .. })
    }

    /// `except HTTPError`: a 4xx or 5xx.
    pub fn is_http_error(&self) -> bool {
        matches!(self, Error::Http { .. })
    }

    /// `except InvalidURL`: it and `InvalidProxyURL`.
    pub fn is_invalid_url(&self) -> bool {
        matches!(self, Error::InvalidUrl { .. } | Error::InvalidProxyUrl { .. })
    }

    /// `except InvalidJSONError`: it and `JSONDecodeError`.
    pub fn is_invalid_json(&self) -> bool {
        matches!(self, Error::InvalidJson(_) | Error::JsonDecode { .. })
    }

    /// `except ValueError`: an argument is not valid, or the body is not valid JSON.
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

    /// `RequestException.response`: the answer that the error is about.
    #[doc(alias = "requests.exceptions.RequestException.response")]
    pub fn response(&self) -> Option<&Response> {
        match self {
            Error::Http { response, .. } | Error::TooManyRedirects { response, .. } => Some(response),
            _ => None,
        }
    }

    /// The status of that answer, or of the last one when retries ran out.
    pub fn status_code(&self) -> Option<u16> {
        match self {
            Error::Retry { status, .. } => Some(*status),
            _ => self.response().map(|response| response.status_code),
        }
    }

    /// The method of the request that failed, where one was sent.
    pub fn method(&self) -> Option<&str> {
        self.context().map(|context| context.method.as_str()).or_else(|| Some(self.response()?.request.method.as_str()))
    }

    /// Its URL, without credentials.
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
