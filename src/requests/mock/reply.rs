//! [`Reply`]: the reply to a planned request.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::requests::backend;
use crate::requests::headers::from_latin1;

/// A reply, which may be late, slow or broken.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::requests::mock::Reply;
///
/// let world = World::new();
/// world.requests.get("https://slow.test/").reply(Reply::new(200).body("half").stall());
/// let error = world.batteries().requests.get("https://slow.test/").timeout(secs(5)).wait().unwrap_err();
/// assert!(error.is_timeout());
/// assert_eq!(world.clock().elapsed(), secs(5)); // and no time passed outside
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    reason: Option<String>,
    headers: Vec<(String, String)>,
    pieces: VecDeque<Piece>,
    pub(super) delay: Duration,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Bytes(Bytes),
    Wait(Duration),
    Stall,
    Cut(&'static str),
}

impl Reply {
    /// Creates a reply with a status, its usual reason phrase and an empty body.
    pub fn new(status: u16) -> Reply {
        Reply { status, reason: None, headers: Vec::new(), pieces: VecDeque::new(), delay: Duration::ZERO }
    }

    /// Creates a redirect.
    pub fn redirect(status: u16, location: impl Into<String>) -> Reply {
        Reply::new(status).header("Location", location)
    }

    /// Sets the reason phrase. A phrase that is not ASCII is sent as empty.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Reply {
        self.reason = Some(reason.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a chunk to the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Reply {
        let body = body.into();
        if !body.is_empty() {
            self.pieces.push_back(Piece::Bytes(body));
        }
        self
    }

    /// Sets the body to this JSON, with its Content-Type.
    ///
    /// # Panics
    ///
    /// If the value cannot be serialized, which is a mistake in the test.
    #[must_use]
    pub fn json(self, json: &(impl serde::Serialize + ?Sized)) -> Reply {
        let json = serde_json::to_vec(json).unwrap_or_else(|error| panic!("cannot serialize to JSON: {error}"));
        self.header("Content-Type", "application/json").body(json)
    }

    /// Sets the body to this text as HTML, with its Content-Type.
    #[must_use]
    pub fn html(self, html: impl Into<String>) -> Reply {
        self.header("Content-Type", "text/html; charset=utf-8").body(html.into())
    }

    /// Delays the response head.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Reply {
        self.delay = delay;
        self
    }

    /// Pauses after the chunks added so far.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Reply {
        self.pieces.push_back(Piece::Wait(pause));
        self
    }

    /// Sends nothing more after the chunks added so far, without closing the connection.
    #[must_use]
    pub fn stall(mut self) -> Reply {
        self.pieces.push_back(Piece::Stall);
        self
    }

    /// Closes the connection after the chunks added so far.
    #[must_use]
    pub fn cut(mut self) -> Reply {
        self.pieces.push_back(Piece::Cut("connection closed before the body was complete"));
        self
    }

    /// Returns the head and the body. A response to HEAD has no body, nor have 1xx, 204 and 304.
    pub(super) fn into_parts(mut self, method: &str) -> (backend::Reply, VecDeque<Piece>) {
        // As from the network, a reason phrase that is not ASCII is empty.
        let reason = self.reason.unwrap_or_else(|| canonical_reason(self.status).into());
        let reason = if reason.is_ascii() { reason } else { String::new() };
        for (_, value) in &mut self.headers {
            // Bytes as Latin-1; text beyond it is sent in UTF-8.
            if value.chars().any(|c| c > '\u{ff}') {
                *value = from_latin1(value.as_bytes());
            }
        }
        let named = |name: &str| self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let known = self.pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_) | Piece::Wait(_)));
        if known && !named("Content-Length") && !named("Transfer-Encoding") {
            let length: usize =
                self.pieces.iter().map(|piece| if let Piece::Bytes(bytes) = piece { bytes.len() } else { 0 }).sum();
            self.headers.push(("Content-Length".into(), length.to_string()));
        }
        if method == "HEAD" || matches!(self.status, 100..200 | 204 | 304) {
            self.pieces.clear();
        }
        (backend::Reply::new(self.status, reason, self.headers, Box::new(Nothing)), self.pieces)
    }
}

struct Nothing;

#[async_trait::async_trait]
impl backend::Chunks for Nothing {
    async fn next(&mut self, _: Option<Duration>) -> Result<Option<Bytes>, backend::Failure> {
        Ok(None)
    }
}

fn canonical_reason(status: u16) -> &'static str {
    reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

impl From<u16> for Reply {
    fn from(status: u16) -> Reply {
        Reply::new(status)
    }
}
