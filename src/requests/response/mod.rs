//! [`Response`]: the result of a request.

pub(super) mod decode;
pub(super) mod encoding;
pub(super) mod framing;
pub(super) mod iter;
pub(super) mod links;
pub(super) mod meta;
pub(super) mod reader;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use self::encoding::{Codec, guess};
use self::iter::{IterContent, IterLines, Raw};
use self::links::parse_header_links;
use self::reader::Reader;
use super::adapters::HttpAdapter;
use super::cookies::RequestsCookieJar;
use super::error::{Error, Result};
use super::headers::Headers;
use super::request::json::guess_json_utf;
use super::request::prepare::PreparedRequest;
use crate::secret::url::redact;

/// The response to a request.
///
/// Its body is in memory, unless the request was made with `.stream(true)`. Then
/// [`Response::iter_content`], [`Response::iter_lines`] or [`Response::raw`] read it as it arrives,
/// or [`Response::read`] reads all of it. Dropping the response closes an unread connection.
///
/// <https://docs.python-requests.org/en/latest/api/#requests.Response>
#[doc(alias = "requests.Response")]
#[non_exhaustive]
pub struct Response {
    /// 200, 404, ...: see [`codes`](super::codes).
    #[doc(alias = "requests.Response.status_code")]
    pub status_code: u16,
    /// The reason phrase: `OK`, `Not Found`, ..., as the server sent it. DIFFERENCE: a phrase with
    /// a byte above 0x7F is empty, because hyper does not expose it; requests decodes it. HTTP/2
    /// has no phrases: then it is the usual one of the status.
    #[doc(alias = "requests.Response.reason")]
    pub reason: String,
    /// The final URL.
    #[doc(alias = "requests.Response.url")]
    pub url: String,
    /// Headers with case-insensitive names; repeated headers are joined by a comma.
    #[doc(alias = "requests.Response.headers")]
    pub headers: Headers,
    /// The previous responses: redirects and challenges, oldest first.
    #[doc(alias = "requests.Response.history")]
    pub history: Vec<Response>,
    /// The charset of Content-Type. Set it before [`Response::text`] to override it.
    #[doc(alias = "requests.Response.encoding")]
    pub encoding: Option<String>,
    /// The cookies that this response has set.
    #[doc(alias = "requests.Response.cookies")]
    pub cookies: RequestsCookieJar,
    /// The time from sending the request to the arrival of the response head.
    #[doc(alias = "requests.Response.elapsed")]
    pub elapsed: Duration,
    /// The request that it answers.
    #[doc(alias = "requests.Response.request")]
    pub request: PreparedRequest,
    /// The HTTP version: 10, 11 or 20. In Python it is `raw.version`.
    pub version: u8,
    pub(super) adapter: HttpAdapter,
    pub(super) raw_headers: Vec<(String, String)>,
    pub(super) next: Option<Box<PreparedRequest>>,
    pub(super) content: Content,
}

/// The state of the body.
pub(super) enum Content {
    // Never contended: the lock only makes the response `Sync`, because the connection is not.
    Unread(Box<Mutex<Reader>>),
    Read(Bytes),
    Consumed,
}

impl Response {
    /// True unless the status is a 4xx or 5xx.
    #[doc(alias = "requests.Response.ok")]
    pub fn ok(&self) -> bool {
        !(400..600).contains(&self.status_code)
    }

    /// Returns true for a redirect that can be followed: 301, 302, 303, 307 or 308 with a Location.
    #[doc(alias = "requests.Response.is_redirect")]
    pub fn is_redirect(&self) -> bool {
        matches!(self.status_code, 301 | 302 | 303 | 307 | 308) && self.headers.contains_key("Location")
    }

    /// Returns true for a permanent redirect (301 or 308).
    #[doc(alias = "requests.Response.is_permanent_redirect")]
    pub fn is_permanent_redirect(&self) -> bool {
        matches!(self.status_code, 301 | 308) && self.headers.contains_key("Location")
    }

    /// Returns the request that would follow this redirect, if redirects are not followed.
    #[doc(alias = "requests.Response.next")]
    pub fn next(&self) -> Option<&PreparedRequest> {
        self.next.as_deref()
    }

    /// Returns the adapter that sent the request.
    #[doc(alias = "requests.Response.connection")]
    pub fn connection(&self) -> &HttpAdapter {
        &self.adapter
    }

    /// Returns the response unless it is a 4xx or 5xx. Otherwise fails with Python's text; the
    /// error contains the response.
    #[doc(alias = "requests.Response.raise_for_status")]
    pub fn raise_for_status(self) -> Result<Response> {
        let whose = match self.status_code {
            400..500 => "Client",
            500..600 => "Server",
            _ => return Ok(self),
        };
        let message = format!("{} {whose} Error: {} for url: {}", self.status_code, self.reason, redact(&self.url));
        Err(Error::Http { message, response: Box::new(self) })
    }

    /// Returns the decoded body. Fails for a streamed response that was not read.
    #[doc(alias = "requests.Response.content")]
    pub fn content(&self) -> Result<&Bytes> {
        match &self.content {
            Content::Read(bytes) => Ok(bytes),
            Content::Unread(_) => Err(Error::NotRead),
            Content::Consumed => Err(Error::StreamConsumed),
        }
    }

    /// Reads the body of a streamed response, as access to `content` does in Python. `.wait()` or
    /// `.await`.
    pub fn read(&mut self) -> Read<'_> {
        Read(self)
    }

    /// Returns the body as text, decoded with [`Response::encoding`] or, if there is none, with the
    /// detected encoding. Bytes that cannot be decoded become U+FFFD.
    #[doc(alias("requests.Response.text", "requests.utils.get_unicode_from_response"))]
    pub fn text(&self) -> Result<String> {
        let content = self.content()?;
        let name = self.encoding.as_deref().or_else(|| guess(content));
        let codec = name.and_then(Codec::by_name).unwrap_or(Codec::Utf8);
        Ok(codec.decode(content))
    }

    /// Detects the encoding of the body. `None` if it is empty.
    #[doc(alias = "requests.Response.apparent_encoding")]
    pub fn apparent_encoding(&self) -> Result<Option<&'static str>> {
        self.content().map(|content| guess(content))
    }

    /// Parses the body as JSON: into a `serde_json::Value` or any deserializable type.
    ///
    /// DIFFERENCE: `NaN`, `Infinity` and `-Infinity` are not JSON (RFC 8259 6) and are an error
    /// that names them. Python reads them as floats.
    #[doc(alias = "requests.Response.json")]
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let content = self.content()?;
        // UTF-8, the usual case, needs no copy.
        let utf8 = match self.encoding.as_deref() {
            None => content.len() > 3 && guess_json_utf(content) == Some("utf-8"),
            Some(name) => Codec::by_name(name) == Some(Codec::Utf8),
        };
        if utf8 && let Ok(text) = std::str::from_utf8(content) {
            return loads(text);
        }
        if self.encoding.is_none()
            && content.len() > 3
            && let Some(codec) = guess_json_utf(content).and_then(Codec::by_name)
        {
            let text = codec.decode(content);
            if !text.contains('\u{fffd}') {
                return loads(&text);
            }
        }
        loads(&self.text()?)
    }

    /// Returns the `Link` header, keyed by `rel`, or by URL if there is none.
    #[doc(alias = "requests.Response.links")]
    pub fn links(&self) -> Vec<(String, Vec<(String, String)>)> {
        let header = self.headers.get("Link").map_or("", String::as_str);
        let mut links: Vec<(String, Vec<(String, String)>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for link in parse_header_links(header) {
            let field =
                |name: &str| link.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.clone());
            let Some(key) = field("rel").or_else(|| link.iter().find(|(own, _)| own == "url").map(|(_, url)| url.clone())) else {
                continue;
            };
            let place = *places.entry(key.clone()).or_insert(links.len());
            match links.get_mut(place) {
                Some((_, own)) => *own = link,
                None => links.push((key, link)),
            }
        }
        links
    }

    /// Returns the body in chunks of this many bytes, the last one shorter; `None`: as they arrive.
    /// An iterator, or `next_chunk().await`.
    #[doc(alias = "requests.Response.iter_content")]
    pub fn iter_content(&mut self, chunk_size: impl Into<Option<usize>>) -> IterContent<'_> {
        IterContent::new(self, chunk_size.into())
    }

    /// Returns the lines of the body without line ends. An iterator, or `next_line().await`.
    #[doc(alias = "requests.Response.iter_lines")]
    pub fn iter_lines(&mut self) -> IterLines<'_> {
        IterLines::new(self)
    }

    /// Returns the body of a streamed response as received, not decoded: a [`std::io::Read`].
    #[doc(alias = "requests.Response.raw")]
    pub fn raw(&mut self) -> Raw<'_> {
        Raw::new(self)
    }

    /// Returns the headers as received, repeated headers kept separate.
    pub fn raw_headers(&self) -> &[(String, String)] {
        &self.raw_headers
    }

    /// Discards the unread body and its connection. Dropping the response does the same.
    #[doc(alias = "requests.Response.close")]
    pub fn close(&mut self) {
        if matches!(self.content, Content::Unread(_)) {
            self.content = Content::Consumed;
        }
    }

    pub(super) async fn fetch(&mut self) -> Result<()> {
        if let Content::Unread(reader) = &mut self.content {
            let read = reader.get_mut().unwrap_or_else(PoisonError::into_inner).read_all().await;
            // The data before an error is gone, and the rest must not be taken for the whole.
            self.content = Content::Consumed;
            self.content = Content::Read(read?);
        }
        Ok(())
    }

    /// Reads the body of an intermediate response, so that its connection can be reused. A small
    /// body is kept, as in requests. A large one is discarded with its connection, so that a chain
    /// of redirects cannot fill the memory.
    pub(super) async fn settle(&mut self) {
        if let Content::Unread(reader) = &mut self.content {
            let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
            reader.only_small();
            self.content = match reader.read_all().await {
                Ok(bytes) => Content::Read(bytes),
                Err(_) => Content::Consumed,
            };
        }
    }

    pub(super) fn set_cookie_headers(&self) -> impl Iterator<Item = &str> {
        self.raw_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value.as_str())
    }
}

/// Reads a body. [`Response::read`] returns it.
#[derive(Debug)]
#[must_use = "nothing is read until `.wait()` or `.await`"]
pub struct Read<'a>(&'a mut Response);

impl<'a> IntoFuture for Read<'a> {
    type Output = Result<&'a Bytes>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.0.fetch().await?;
            self.0.content()
        })
    }
}

fn loads<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|source| {
        // serde counts lines and columns from one.
        let line: usize = text.split_inclusive('\n').take(source.line().saturating_sub(1)).map(str::len).sum();
        let pos = (line + source.column().saturating_sub(1)).min(text.len());
        // Python writes and reads these names.
        let name = ["-Infinity", "Infinity", "NaN"].into_iter().find_map(|name| {
            // serde reports the first letter that it cannot use: the second letter of a name that
            // starts like a number.
            let start = (pos.saturating_sub(2)..=pos).find(|&at| text.get(at..).is_some_and(|rest| rest.starts_with(name)))?;
            Some((name, start))
        });
        match name {
            Some((name, pos)) => {
                let source = serde::de::Error::custom(format_args!("{name} is not valid JSON"));
                Error::JsonDecode { doc: text.into(), pos, source }
            }
            None => Error::JsonDecode { doc: text.into(), pos, source },
        }
    })
}

impl fmt::Debug for Response {
    /// `<Response [200]>`, as in Python.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Response [{}]>", self.status_code)
    }
}
