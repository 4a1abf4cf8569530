//! The body of a response as it comes in: decoded in bounded steps, within the call's time and limits.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::backend::{Chunks, Failure};
use super::core::Watch;
use super::decode::Decoder;
use super::error::{Context, Error, Result};
use super::limits::Limits;

/// A body that is still in the connection.
pub(super) struct Reader {
    chunks: Box<dyn Chunks>,
    decoder: Option<Decoder>,
    watch: Watch,
    limits: Limits,
    method: String,
    url: String,
    ended: bool,
}

impl Reader {
    pub(super) fn new(
        chunks: Box<dyn Chunks>,
        encoding: Option<&str>,
        watch: Watch,
        limits: Limits,
        method: &str,
        url: &str,
    ) -> Result<Reader> {
        let decoder = encoding.map_or(Ok(None), Decoder::new);
        let decoder = decoder.map_err(|reason| Error::ContentDecoding(Context::new(method, url, reason)))?;
        Ok(Reader { chunks, decoder, watch, limits, method: method.into(), url: url.into(), ended: false })
    }

    /// The next piece as it came over the wire.
    pub(super) async fn next_raw(&mut self) -> Result<Option<Bytes>> {
        if self.ended {
            return Ok(None);
        }
        let patience = self.watch.patience(&self.method, &self.url)?;
        match self.chunks.next(patience).await {
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Ok(chunk) => Ok(chunk),
            Err(failure) => {
                self.ended = true;
                Err(self.error(failure))
            }
        }
    }

    /// The next decoded piece.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(decoder) = &mut self.decoder
                && let Some(piece) = decoder.pull().map_err(|reason| self.undecodable(reason))?
            {
                return Ok(Some(piece));
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

    /// All of it, as far as the limit allows.
    pub(super) async fn read_all(&mut self) -> Result<Bytes> {
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

    fn check(&self, size: u64) -> Result<()> {
        match self.limits.body {
            Some(limit) if size > limit => {
                let context = Context::new(&self.method, &self.url, "too much data");
                Err(Error::TooLarge { context, what: "body", limit })
            }
            _ => Ok(()),
        }
    }

    fn undecodable(&self, reason: String) -> Error {
        Error::ContentDecoding(Context::new(&self.method, &self.url, reason))
    }

    /// DIFFERENCE: a server that falls silent in the middle of the body is `ReadTimeout`; requests makes it a ConnectionError that is no Timeout.
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

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}
