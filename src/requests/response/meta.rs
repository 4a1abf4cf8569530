//! [`ResponseMeta`]: what a program stores of a response.

use std::time::Duration;

use super::{Content, Response};
use crate::requests::headers::shown_value;
use crate::secret::url::redact;

/// What a response was, without its body and its secrets: for logs, caches and reports. With the feature `serde` it can be stored.
///
/// URLs are without credentials, with `***` for the values of parameters whose names hold secrets ([`is_secret_name`](crate::is_secret_name)). The
/// values of headers that carry secrets, such as `Set-Cookie`, are `***`.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::requests::mock::Reply;
///
/// let world = World::new();
/// world.requests.get("https://api.test/*").reply(Reply::new(200).header("Set-Cookie", "id=7").body("hello"));
/// let meta = world.batteries().requests.get("https://api.test/me?token=x").wait()?.meta();
/// assert_eq!((meta.status_code, meta.url.as_str(), meta.length), (200, "https://api.test/me?token=***", Some(5)));
/// assert_eq!(meta.headers[0].1, "***");
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ResponseMeta {
    /// The method of the request that it answers.
    pub method: String,
    /// Where it came from in the end.
    pub url: String,
    /// The status.
    pub status_code: u16,
    /// The reason phrase.
    pub reason: String,
    /// HTTP's version: 10, 11 or 20.
    pub version: u8,
    /// The headers as they came, repeats as repeats.
    pub headers: Vec<(String, String)>,
    /// The encoding that Content-Type tells.
    pub encoding: Option<String>,
    /// From the sending of the request until its head was there.
    pub elapsed: Duration,
    /// The length of the decoded body in bytes, if it was read.
    pub length: Option<u64>,
    /// The responses before it: redirects and challenges, oldest first.
    pub history: Vec<ResponseMeta>,
}

impl Response {
    /// What the response was, without its body and its secrets.
    pub fn meta(&self) -> ResponseMeta {
        ResponseMeta {
            method: self.request.method.clone(),
            url: redact(&self.url),
            status_code: self.status_code,
            reason: self.reason.clone(),
            version: self.version,
            headers: self.raw_headers.iter().map(|(name, value)| (name.clone(), shown_value(name, value))).collect(),
            encoding: self.encoding.clone(),
            elapsed: self.elapsed,
            length: match &self.content {
                Content::Read(bytes) => Some(bytes.len() as u64),
                Content::Unread(_) | Content::Consumed => None,
            },
            // The history of a redirect is not kept.
            history: self.history.iter().map(Response::meta).collect(),
        }
    }
}
