//! The network in memory: plan replies, run the script, inspect its requests.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::requests::mock::Reply;
//!
//! let world = World::new();
//! world.requests.get("https://api.test/jobs").query("state", "open").reply(Reply::new(200).json(&["build", "test"]));
//! world.requests.post("https://api.test/jobs/*").reply(503).reply(201); // the last one stays
//!
//! let requests = world.batteries().requests;
//! let jobs: Vec<String> = requests.get("https://api.test/jobs").params([("state", "open")]).wait()?.json()?;
//! assert_eq!(jobs, ["build", "test"]);
//! assert_eq!(requests.post("https://api.test/jobs/build").wait()?.status_code, 503);
//! assert_eq!(requests.post("https://api.test/jobs/build").wait()?.status_code, 201);
//! assert_eq!(world.requests.requests()[2].method, "POST");
//!
//! let error = requests.get("https://elsewhere.test/").wait().unwrap_err();
//! assert!(error.is_connection_error()); // and its cause lists what was planned
//! # Ok::<(), leyden::requests::Error>(())
//! ```
//!
//! | Modelled | Not modelled |
//! |---|---|
//! | replies by method, URL (with `*`), query, headers, JSON and body; sequences; closures | DNS, sockets, the pool |
//! | delays and stalls on the world's clock, before the head and within the body | bandwidth |
//! | refused and lost connections, connect timeouts, TLS and proxy errors, truncated bodies | certificates: the test sets the TLS error |
//! | with `s3`: presigned URLs and forms of the world's own S3 | the rest of AWS |
//! | everything above the backend, which is the real code: redirects, cookies, auth, retries, decoding, limits | HTTP/2, folded headers, trailers |

mod plan;
mod reply;
mod url_pattern;

use std::collections::VecDeque;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

pub use plan::Plan;
pub use reply::Reply;
pub use url_pattern::UrlPattern;

use self::plan::{Answer, Planned};
use self::reply::Piece;
use super::Requests;
use super::backend::{self, Backend, Chunks, Failure, Hop, Route};
use super::core::Core;
use super::headers::Headers;
use super::request::body::Body;
use super::response::framing::body_length;
use crate::mock::Script;
use crate::os;
use crate::time;

/// How long the kernel tries to connect if there is no timeout.
const KERNEL_PATIENCE: Duration = Duration::from_secs(127);
/// The number of bytes of a request body that are kept for the test.
const KEPT: u64 = 16 << 20;

/// The network of a world. Clones share it.
#[derive(Clone)]
pub struct Mock {
    script: Script,
    os: os::mock::Mock,
    time: time::mock::Mock,
    state: Arc<Mutex<State>>,
    site: Option<Arc<dyn Site>>,
}

/// Another server of the same world, used for URLs without a plan.
#[async_trait::async_trait]
pub(crate) trait Site: Send + Sync + 'static {
    /// Returns `None` for URLs of other servers.
    async fn answer(&self, request: &Recorded) -> Option<Reply>;
}

#[derive(Default)]
struct State {
    plans: Vec<Planned>,
    recorded: Vec<Recorded>,
}

/// A request that was sent, whether answered or not. `Debug` hides secrets and the body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The URL, with its query.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body; for one larger than 16 MiB, its beginning.
    pub body: Bytes,
    /// The body's length.
    pub body_len: u64,
    /// The proxy and the trust settings.
    pub route: Arc<Route>,
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("method", &self.method)
            .field("url", &crate::secret::url::redact(&self.url))
            .field("headers", &self.headers)
            .field("body_len", &self.body_len)
            .field("route", &self.route)
            .finish()
    }
}

impl Recorded {
    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; `None` if it is not valid JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the query's pairs, unescaped.
    pub fn query(&self) -> Vec<(String, String)> {
        plan::query_of(&self.url)
    }
}

impl Mock {
    /// Creates a network without servers, on these files and clocks.
    pub fn new(script: Script, os: os::mock::Mock, time: time::mock::Mock) -> Mock {
        Mock { script, os, time, state: Arc::default(), site: None }
    }

    #[cfg_attr(not(feature = "s3"), allow(dead_code, reason = "only S3 serves HTTP in a world"))]
    pub(crate) fn with_site(self, site: impl Site) -> Mock {
        Mock { site: Some(Arc::new(site)), ..self }
    }

    /// Returns the battery on this network.
    pub fn handle(&self) -> Requests {
        Requests { core: Arc::new(Core::new(Arc::new(self.clone()), self.os.handle(), self.time.handle())) }
    }

    /// Plans replies for GET and this URL, in which `*` matches any text. A URL without a query
    /// matches any query.
    /// A regular expression works, too: see [`UrlPattern`].
    pub fn get(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("GET", url)
    }

    /// Plans replies for POST.
    pub fn post(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("POST", url)
    }

    /// Plans replies for PUT.
    pub fn put(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("PUT", url)
    }

    /// Plans replies for PATCH.
    pub fn patch(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("PATCH", url)
    }

    /// Plans replies for DELETE.
    pub fn delete(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("DELETE", url)
    }

    /// Plans replies for HEAD.
    pub fn head(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("HEAD", url)
    }

    /// Plans replies for OPTIONS.
    pub fn options(&self, url: impl Into<UrlPattern>) -> Plan {
        self.request("OPTIONS", url)
    }

    /// Plans replies for this method.
    pub fn request(&self, method: impl Into<String>, url: impl Into<UrlPattern>) -> Plan {
        Plan::add(self, Some(method.into()), url.into())
    }

    /// Plans replies for any method.
    pub fn any(&self, url: impl Into<UrlPattern>) -> Plan {
        Plan::add(self, None, url.into())
    }

    /// Returns all requests so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    /// Removes all plans and requests.
    pub fn reset(&self) {
        *self.lock() = State::default();
    }

    /// Returns the script that records the calls.
    pub fn script(&self) -> &Script {
        &self.script
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers from the last matching plan, otherwise from the world's own server. If there is
    /// neither, the connection fails.
    async fn answer(&self, request: &Recorded) -> Result<Answer, Failure> {
        let planned = self.lock().plans.iter_mut().rev().find(|plan| plan.fits(request)).and_then(Planned::next);
        if let Some(answer) = planned {
            return Ok(answer);
        }
        if let Some(site) = &self.site
            && let Some(reply) = site.answer(request).await
        {
            return Ok(Answer::Reply(Box::new(reply)));
        }
        let state = self.lock();
        let planned: Vec<String> = state.plans.iter().map(ToString::to_string).collect();
        Err(Failure::Connect(match planned.as_slice() {
            [] => "not planned in this world, which has no planned requests".into(),
            planned => format!("not planned in this world; planned: {}", planned.join(", ")),
        }))
    }

    /// Lets this much time pass, at most as much as the timeout allows.
    async fn pass(&self, wait: Duration, patience: Option<Duration>) -> Result<(), Failure> {
        let clock = self.script.clock();
        match patience {
            Some(patience) if patience <= wait => {
                clock.sleep(patience).await;
                Err(Failure::ReadTimeout)
            }
            _ if wait.is_zero() => Ok(()),
            _ => {
                clock.sleep(wait).await;
                Ok(())
            }
        }
    }
}

#[async_trait::async_trait]
impl Backend for Mock {
    async fn send(&self, hop: Hop) -> Result<backend::Reply, Failure> {
        self.script.enter::<Failure>("requests.send", format!("{} {}", hop.method, crate::secret::url::redact(&hop.url)))?;
        let request = record(&hop)?;
        self.lock().recorded.push(request.clone());
        let patience = shorter(hop.read, hop.total);
        let reply = match self.answer(&request).await? {
            Answer::Reply(reply) => *reply,
            Answer::Closure(closure) => closure(&request),
            Answer::Refused => return Err(Failure::Connect("connection refused".into())),
            Answer::Tls(why) => return Err(Failure::Tls(why)),
            Answer::Proxy(why) => return Err(Failure::Proxy(why)),
            Answer::Reset => return Err(Failure::Protocol("connection reset by peer".into())),
            Answer::ConnectTimeout => {
                let connect = shorter(hop.route.connect, hop.total).unwrap_or(KERNEL_PATIENCE);
                self.script.clock().sleep(connect).await;
                return Err(Failure::ConnectTimeout);
            }
        };
        self.pass(reply.delay, patience).await?;
        let (head, pieces) = reply.into_parts(&hop.method);
        if !(200..=999).contains(&head.status) && head.status != 101 {
            return Err(Failure::Protocol(format!("the reply has the status {}, which is not final", head.status)));
        }
        let left = body_length(&hop.method, head.status, head.version, &head.headers).map_err(Failure::Protocol)?;
        let body = Box::new(Pieces { mock: self.clone(), pieces, left });
        Ok(backend::Reply { body, ..head })
    }

    /// There are no connections to close.
    fn close(&self) {}
}

fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn record(hop: &Hop) -> Result<Recorded, Failure> {
    let (mut body, mut body_len) = (Vec::new(), 0);
    match &hop.body {
        Body::Empty => {}
        Body::Bytes(bytes) => {
            body = bytes.to_vec();
            body_len = bytes.len() as u64;
        }
        // A stream announced as empty is not read.
        Body::Stream(stream) if stream.is_empty() => {}
        Body::Stream(stream) => {
            let mut reader = stream.open();
            let failed = |error: std::io::Error| Failure::Body(error.to_string());
            body_len = reader.by_ref().take(KEPT).read_to_end(&mut body).map_err(failed)? as u64;
            body_len += std::io::copy(&mut reader, &mut std::io::sink()).map_err(failed)?;
            match stream.len() {
                Some(len) if body_len < len => return Err(Failure::Body("the body is shorter than announced".into())),
                Some(len) if body_len > len => return Err(Failure::Body("the body is longer than announced".into())),
                _ => {}
            }
        }
    }
    Ok(Recorded {
        method: hop.method.clone(),
        url: hop.url.clone(),
        headers: hop.headers.iter().cloned().collect(),
        body: body.into(),
        body_len,
        route: hop.route.clone(),
    })
}

struct Pieces {
    mock: Mock,
    pieces: VecDeque<Piece>,
    /// The rest of the announced length. Bytes beyond it are not part of the body.
    left: Option<u64>,
}

#[async_trait::async_trait]
impl Chunks for Pieces {
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        if self.left == Some(0) {
            return Ok(None);
        }
        match self.pieces.pop_front() {
            None if self.left.is_some() => Err(Failure::Protocol("connection closed before the body was complete".into())),
            None => Ok(None),
            Some(Piece::Bytes(mut bytes)) => {
                if let Some(left) = &mut self.left {
                    bytes.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= bytes.len() as u64;
                }
                Ok(Some(bytes))
            }
            Some(Piece::Wait(wait)) => {
                let mut left = patience;
                let mut wait = Some(wait);
                // Consecutive pauses count as one.
                while let Some(pause) = wait {
                    self.mock.pass(pause, left).await?;
                    left = left.map(|left| left.saturating_sub(pause));
                    wait = match self.pieces.front() {
                        Some(Piece::Wait(next)) => Some(*next),
                        _ => None,
                    };
                    if wait.is_some() {
                        self.pieces.pop_front();
                    }
                }
                self.next(left).await
            }
            Some(Piece::Stall) => {
                // Waits without end, within the mock.
                self.mock.pass(Duration::from_secs(100 * 365 * 86_400), patience).await?;
                Err(Failure::ReadTimeout)
            }
            Some(Piece::Cut(why)) => Err(Failure::Protocol(why.into())),
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Mock").field("plans", &state.plans.len()).field("requests", &state.recorded.len()).finish_non_exhaustive()
    }
}
