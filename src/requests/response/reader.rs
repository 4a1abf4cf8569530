//! Reads the body of a response: decodes it in bounded steps, within the call's time and size
//! limits.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::decode::{Decoder, Pulled, Trouble};
use crate::requests::backend::{Chunks, Failure};
use crate::requests::core::Watch;
use crate::requests::error::{Context, Error, Result};
use crate::requests::limits::Limits;

/// The number of decoded chunks before yielding to the executor.
const TURN: u32 = 16;
/// The largest body that is read only to free its connection: of a redirect or a challenge.
const SMALL: u64 = 64 * 1024;

/// A body that is still on the connection.
pub(in crate::requests) struct Reader {
    chunks: Box<dyn Chunks>,
    decoder: Option<Decoder>,
    watch: Watch,
    limits: Limits,
    /// The number of announced bytes that have not arrived.
    missing: Option<u64>,
    /// The number of bytes that may still arrive.
    wire: Option<u64>,
    pieces: u32,
    method: String,
    url: String,
    ended: bool,
}

impl Reader {
    pub(in crate::requests) fn new(
        chunks: Box<dyn Chunks>,
        encoding: Option<&str>,
        length: Option<u64>,
        watch: Watch,
        limits: Limits,
        (method, url): (&str, &str),
    ) -> Result<Reader> {
        let decoder = encoding.map_or(Ok(None), Decoder::new);
        let decoder = decoder.map_err(|reason| Error::ContentDecoding(Context::new(method, url, reason)))?;
        let (method, url) = (method.to_owned(), url.to_owned());
        Ok(Reader { chunks, decoder, watch, limits, missing: length, wire: None, pieces: 0, method, url, ended: false })
    }

    /// Returns the next chunk as received.
    ///
    /// An end before the announced length is an error, whatever the protocol reports: an HTTP/2
    /// stream that is reset with NO_ERROR is truncated too.
    pub(super) async fn next_raw(&mut self) -> Result<Option<Bytes>> {
        if self.ended {
            return Ok(None);
        }
        let patience = self.watch.patience(&self.method, &self.url)?;
        let next = self.chunks.next(patience).await;
        self.ended = !matches!(next, Ok(Some(_)));
        let chunk = next.map_err(|failure| self.error(failure))?;
        let length = chunk.as_ref().map(|chunk| chunk.len() as u64);
        match (&mut self.missing, length) {
            (Some(missing @ 1..), None) => {
                let reason = format!("connection closed {missing} bytes before the end of the body");
                return Err(self.error(Failure::Protocol(reason)));
            }
            (Some(missing), Some(length)) if length > *missing => {
                self.ended = true;
                return Err(self.error(Failure::Protocol("more bytes than Content-Length announces".into())));
            }
            (Some(missing), Some(length)) => *missing -= length,
            _ => {}
        }
        if let (Some(wire), Some(length)) = (&mut self.wire, length) {
            match wire.checked_sub(length) {
                Some(left) => *wire = left,
                None => {
                    self.ended = true;
                    return Err(self.too_large());
                }
            }
        }
        Ok(chunk)
    }

    /// Returns the next decoded chunk.
    ///
    /// Decoding checks the time limit and yields, because the peer decides how much work a byte
    /// takes.
    pub(in crate::requests) async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(decoder) = &mut self.decoder {
                self.watch.patience(&self.method, &self.url)?;
                self.pieces += 1;
                if self.pieces.is_multiple_of(TURN) {
                    yield_once().await;
                }
                match decoder.pull(self.limits.body) {
                    Ok(Pulled::Piece(piece)) => return Ok(Some(piece)),
                    Ok(Pulled::Working) => continue,
                    Ok(Pulled::Hungry) => {}
                    Err(Trouble::Corrupt(reason)) => return Err(self.undecodable(reason)),
                    Err(Trouble::TooLarge) => return Err(self.too_large()),
                }
            }
            let chunk = self.next_raw().await?;
            match (&mut self.decoder, chunk) {
                (None, chunk) => return Ok(chunk),
                (Some(decoder), Some(chunk)) => decoder.push(chunk),
                (Some(decoder), None) => {
                    return decoder.finish().map(|()| None).map_err(|reason| self.undecodable(reason));
                }
            }
        }
    }

    /// Reads the whole body, up to the limit.
    pub(in crate::requests) async fn read_all(&mut self) -> Result<Bytes> {
        if let (Some(limit), true) = (self.limits.body, self.decoder.is_some()) {
            // Encoded data is hardly larger than decoded data; data that is could decode to nothing
            // without end.
            let most = limit.saturating_add(limit / 8).saturating_add(SMALL);
            self.wire = Some(self.wire.map_or(most, |wire| wire.min(most)));
        }
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let mut size = first.len() as u64;
        self.check(size)?;
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            size += chunk.len() as u64;
            self.check(size)?;
            all.extend_from_slice(&chunk);
            next = self.next().await?;
        }
        Ok(all.freeze())
    }

    /// Limits the rest of the body to 64 KiB, decoded and as received.
    pub(super) fn only_small(&mut self) {
        self.limits.body = Some(self.limits.body.map_or(SMALL, |limit| limit.min(SMALL)));
        self.wire = Some(SMALL);
    }

    /// Fails if a chunk of this size may not be held in memory.
    pub(in crate::requests) fn check(&self, size: u64) -> Result<()> {
        match self.limits.body {
            Some(limit) if size > limit => Err(self.too_large()),
            _ => Ok(()),
        }
    }

    fn too_large(&self) -> Error {
        let context = Context::new(&self.method, &self.url, "too much data");
        Error::TooLarge { context, what: "body", limit: self.limits.body.unwrap_or(SMALL) }
    }

    fn undecodable(&self, reason: String) -> Error {
        Error::ContentDecoding(Context::new(&self.method, &self.url, reason))
    }

    /// DIFFERENCE: a server that stops sending within the body is `ReadTimeout`; in requests it is
    /// a `ConnectionError` that is not a `Timeout`.
    fn error(&self, failure: Failure) -> Error {
        if matches!(failure, Failure::ReadTimeout)
            && let Some(error) = self.watch.expired(&self.method, &self.url)
        {
            return error;
        }
        let wrap = match failure {
            Failure::ReadTimeout => Error::ReadTimeout,
            Failure::Tls(_) => Error::Ssl,
            _ => Error::ChunkedEncoding,
        };
        wrap(Context::new(&self.method, &self.url, failure))
    }
}

/// Yields to the executor once.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}
