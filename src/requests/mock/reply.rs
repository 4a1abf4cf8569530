//! [`Reply`]: what a planned request gets.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::requests::backend;
use crate::requests::headers::from_latin1;

/// A reply, whole, late, slow or broken.
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
    /// A status, with its usual reason phrase and an empty body.
    pub fn new(status: u16) -> Reply {
        Reply { status, reason: None, headers: Vec::new(), pieces: VecDeque::new(), delay: Duration::ZERO }
    }

    /// A redirect to there.
    pub fn redirect(status: u16, location: impl Into<String>) -> Reply {
        Reply::new(status).header("Location", location)
    }

    /// With this reason phrase: ASCII, else an empty one.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Reply {
        self.reason = Some(reason.into());
        self
    }

    /// With this header, after those of the same name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this body, or, the next time, with this added to it, as a piece of its own.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Reply {
        let body = body.into();
        if !body.is_empty() {
            self.pieces.push_back(Piece::Bytes(body));
        }
        self
    }

    /// With this JSON as its body, and the Content-Type for it.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON: a mistake in the test.
    #[must_use]
    pub fn json(self, json: &(impl serde::Serialize + ?Sized)) -> Reply {
        let json = serde_json::to_vec(json).unwrap_or_else(|error| panic!("this cannot be JSON: {error}"));
        self.header("Content-Type", "application/json").body(json)
    }

    /// With this text as its body, as HTML.
    #[must_use]
    pub fn html(self, html: impl Into<String>) -> Reply {
        self.header("Content-Type", "text/html; charset=utf-8").body(html.into())
    }

    /// Its head comes so late.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Reply {
        self.delay = delay;
        self
    }

    /// So much silence, after what the body has so far.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Reply {
        self.pieces.push_back(Piece::Wait(pause));
        self
    }

    /// After what the body has so far, silence for ever.
    #[must_use]
    pub fn stall(mut self) -> Reply {
        self.pieces.push_back(Piece::Stall);
        self
    }

    /// After what the body has so far, the connection is lost.
    #[must_use]
    pub fn cut(mut self) -> Reply {
        self.pieces.push_back(Piece::Cut("connection closed before the body was complete"));
        self
    }

    /// The head, and what follows. An answer to HEAD has no body, nor have 1xx, 204 and 304.
    pub(super) fn into_parts(mut self, method: &str) -> (backend::Reply, VecDeque<Piece>) {
        // As from the network: what is not ASCII in a reason phrase is not there.
        let reason = self.reason.unwrap_or_else(|| canonical_reason(self.status).into());
        let reason = if reason.is_ascii() { reason } else { String::new() };
        for (_, value) in &mut self.headers {
            // Bytes as Latin-1: what is beyond it goes out in UTF-8.
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
