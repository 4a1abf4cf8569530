//! HTTP exchanges with a hook around each, and around each piece of a body.

use std::time::Duration;

use bytes::Bytes;

use super::{Around, Core, Injected};
use crate::layers::hook::{Call, Failure, Subject};
use crate::requests::backend::{Backend, Chunks, Failure as Lost, Hop, ProxyUrl, Reply};

/// RFC 9110 9.2.1: the methods that only read.
pub(in crate::layers) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

impl From<Injected> for Lost {
    fn from(Injected { failure, .. }: Injected) -> Lost {
        match failure {
            Failure::Timeout => Lost::ReadTimeout,
            Failure::Reset => Lost::Protocol("connection reset by peer".into()),
            Failure::Throttled => Lost::Protocol("the server closed the connection: too many requests".into()),
            Failure::Errno(errno) => Lost::Connect(std::io::Error::from_raw_os_error(errno).to_string()),
            Failure::Refused(refused) => Lost::Invalid(refused.to_string()),
            Failure::NotRecorded(why) => Lost::Invalid(why.to_string()),
        }
    }
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    async fn send(&self, hop: Hop) -> Result<Reply, Lost> {
        let (method, url) = (hop.method.clone(), hop.url.clone());
        let route = hop.route.clone();
        let proxy = route.proxy.as_ref().map(ProxyUrl::expose);
        let subject = Subject::Request { method: &method, url: &url, proxy };
        let call = if is_safe(&method) { Call::look("requests.send", subject) } else { Call::change("requests.send", subject) };
        let cut = std::sync::atomic::AtomicUsize::new(usize::MAX);
        let send = |most: usize| {
            cut.store(most, std::sync::atomic::Ordering::Relaxed);
            self.inner.send(hop)
        };
        let mut reply = self.core.awaited(call, send, |_| None).await?;
        let left = cut.into_inner();
        reply.body = Box::new(Watched { inner: reply.body, url, left, core: self.core.clone() });
        Ok(reply)
    }

    fn close(&self) {
        self.inner.close();
    }
}

/// A body. `left` is how many bytes of it a hook lets through before it breaks off.
struct Watched {
    inner: Box<dyn Chunks>,
    url: String,
    left: usize,
    core: Core,
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl Chunks for Watched {
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Lost> {
        if self.left == 0 {
            return Err(Lost::Protocol("connection reset by peer".into()));
        }
        let call = Call::look("requests.read", Subject::Request { method: "GET", url: &self.url, proxy: None });
        let length = |chunk: &Option<Bytes>| chunk.as_ref().and_then(|chunk| u64::try_from(chunk.len()).ok());
        let chunk = self.core.awaited(call, |_| self.inner.next(patience), length).await?;
        Ok(chunk.map(|chunk| {
            let chunk = chunk.slice(..chunk.len().min(self.left));
            if self.left != usize::MAX {
                self.left -= chunk.len();
            }
            chunk
        }))
    }
}
