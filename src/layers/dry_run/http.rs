//! HTTP in a rehearsal: what only reads is sent, the rest is refused or answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::plan::Effect;
use super::{Entry, Log};
use crate::layers::around::is_safe;
use crate::requests::backend::{Backend, Chunks, Failure, Hop, Reply};
use crate::secret::url::redact;

/// What becomes of requests that could change something: all but GET, HEAD, OPTIONS and TRACE (RFC 9110 9.2.1).
///
/// ```
/// use leyden::layers::Http;
///
/// let http = Http::refuse().assume("POST", "https://hooks.example.com/*", 200, "ok").allow("http://127.0.0.1:8080/search");
/// ```
#[derive(Clone, Default)]
pub struct Http {
    allowed: Vec<String>,
    assumed: Vec<(String, String, u16, Vec<u8>)>,
}

impl std::fmt::Debug for Http {
    /// Shows which URLs, without their secrets and without the answers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let allowed: Vec<String> = self.allowed.iter().map(|url| redact(url)).collect();
        let assumed: Vec<String> = self.assumed.iter().map(|(method, url, ..)| format!("{method} {}", redact(url))).collect();
        f.debug_struct("Http").field("allowed", &allowed).field("assumed", &assumed).finish()
    }
}

impl Http {
    /// Every such request is refused with a reason.
    pub fn refuse() -> Http {
        Http::default()
    }

    /// Requests to this URL are sent whatever their method, because they only read. A `*` at the end stands for anything.
    pub fn allow(mut self, url: impl Into<String>) -> Http {
        self.allowed.push(url.into());
        self
    }

    /// A request is not sent: it is answered with this status and body. A `*` at the end of the URL stands for anything.
    pub fn assume(mut self, method: impl Into<String>, url: impl Into<String>, status: u16, body: impl Into<Vec<u8>>) -> Http {
        self.assumed.push((method.into(), url.into(), status, body.into()));
        self
    }
}

fn is_like(pattern: &str, url: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == url, |prefix| url.starts_with(prefix))
}

#[derive(Debug)]
pub(super) struct Rehearsed {
    inner: Arc<dyn Backend>,
    http: Http,
    log: Arc<Log>,
}

impl Rehearsed {
    pub(super) fn new(inner: Arc<dyn Backend>, http: Http, log: Arc<Log>) -> Rehearsed {
        Rehearsed { inner, http, log }
    }

    fn note(&self, hop: &Hop, assumed: Option<u16>) {
        let content_type = hop.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        self.log.push(Entry::Other(Effect::Request {
            method: hop.method.clone(),
            url: redact(&hop.url),
            content_type: content_type.map(|(_, value)| value.clone()),
            body: hop.body.len(),
            assumed,
        }));
    }
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Rehearsed {
    async fn send(&self, hop: Hop) -> Result<Reply, Failure> {
        if is_safe(&hop.method) || self.http.allowed.iter().any(|url| is_like(url, &hop.url)) {
            return self.inner.send(hop).await;
        }
        let answer = self.http.assumed.iter().find(|(method, url, ..)| *method == hop.method && is_like(url, &hop.url));
        let Some((_, _, status, body)) = answer else {
            self.note(&hop, None);
            return Err(Failure::Invalid("not sent in a rehearsal: allow the URL, or assume its answer".into()));
        };
        self.note(&hop, Some(*status));
        let headers = vec![("content-length".to_owned(), body.len().to_string())];
        Ok(Reply::new(*status, "", headers, Box::new(Once(Some(Bytes::from(body.clone()))))))
    }

    fn close(&self) {
        self.inner.close();
    }
}

/// A body in one piece.
struct Once(Option<Bytes>);

#[async_trait::async_trait]
impl Chunks for Once {
    async fn next(&mut self, _: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        Ok(self.0.take().filter(|bytes| !bytes.is_empty()))
    }
}
