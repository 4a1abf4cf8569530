//! [`Fetch`]: the requests of a download.

use std::io::Write;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;

use crate::boto3::s3::shapes::{GetObjectInputBuilder, GetObjectOutput, HeadObjectOutput};
use crate::boto3::s3::transfer::args;
use crate::boto3::s3::transfer::engine::{Engine, is_transient};
use crate::boto3::s3::transfer::file::File;
use crate::boto3::s3::transfer::progress::{Event, Observers};
use crate::boto3::{Error, Result};
use crate::wait::driver;

const OPERATION: &str = "get_object";

/// An object to download.
pub(super) struct Fetch {
    pub(in crate::boto3::s3::transfer) engine: Engine,
    pub(in crate::boto3::s3::transfer) bucket: String,
    pub(in crate::boto3::s3::transfer) key: String,
    pub(in crate::boto3::s3::transfer) args: GetObjectInputBuilder,
    pub(in crate::boto3::s3::transfer) observers: Observers,
}

/// A range of the object, and its first request.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(in crate::boto3::s3::transfer) start: u64,
    pub(in crate::boto3::s3::transfer) end: u64,
    pub(in crate::boto3::s3::transfer) range: Option<String>,
}

/// The destination of bytes.
pub(super) enum Sink {
    File(File),
    Memory(Vec<Bytes>),
    Writer { native: bool, stream: Option<Box<dyn Write + Send>> },
}

const WRITING: &str = "writing a download";

impl Sink {
    pub(in crate::boto3::s3::transfer) async fn write(&mut self, offset: u64, chunks: Vec<Bytes>) -> Result<()> {
        match self {
            Sink::File(file) => file.write_at(WRITING, offset, chunks).await,
            Sink::Memory(kept) => {
                kept.extend(chunks);
                Ok(())
            }
            Sink::Writer { native, stream: writer } => {
                let Some(mut stream) = writer.take() else { return Ok(()) };
                let writing = move || {
                    let done = chunks.iter().try_for_each(|chunk| stream.write_all(chunk));
                    (stream, done)
                };
                let (stream, done) = driver::blocking(*native, writing).await;
                *writer = Some(stream);
                done.map_err(|source| Error::Stream { what: WRITING, source })
            }
        }
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        let Sink::Writer { native, stream } = self else { return Ok(()) };
        let Some(mut stream) = stream.take() else { return Ok(()) };
        driver::blocking(*native, move || stream.flush()).await.map_err(|source| Error::Stream { what: WRITING, source })
    }

    /// The file has its full length from the start: truncates it if less arrives.
    async fn cut(&mut self, length: u64) -> Result<()> {
        match self {
            Sink::File(file) => file.run(WRITING, "ftruncate", move |handle| handle.truncate(length)).await,
            Sink::Writer { .. } | Sink::Memory(_) => Ok(()),
        }
    }

    /// Returns true if written bytes can be written again.
    fn can_rewind(&self) -> bool {
        matches!(self, Sink::File(_))
    }
}

impl Fetch {
    pub(in crate::boto3::s3::transfer) async fn head(&self) -> Result<HeadObjectOutput> {
        let ask = || self.engine.backend.head_object(args::head(&self.args).bucket(&self.bucket).key(&self.key));
        self.engine.attempts(|| self.engine.watched("head_object", &STILL, ask())).await
    }

    pub(in crate::boto3::s3::transfer) async fn get(&self, range: Option<String>, etag: Option<&str>) -> Result<GetObjectOutput> {
        let ask = || {
            let get = self.args.clone().bucket(&self.bucket).key(&self.key).set_range(range.clone());
            self.engine.backend.get_object(get.set_if_match(etag.map(str::to_owned)))
        };
        let answer = self.engine.attempts(|| self.engine.watched(OPERATION, &STILL, ask())).await;
        let answer = answer.map_err(|error| match error.code() {
            Some("PreconditionFailed" | "412") if etag.is_some() => {
                Error::S3DownloadFailed { bucket: self.bucket.clone(), key: self.key.clone() }
            }
            _ => error,
        })?;
        if let (Some(asked), Some(sent)) = (&range, answer.content_range()) {
            validate(asked, sent)?;
        }
        Ok(answer)
    }

    /// Downloads a range into the sink; a truncated body is continued, as long as the object is the
    /// same.
    pub(super) async fn span(
        &self,
        span: &Span,
        etag: Option<String>,
        mut first: Option<GetObjectOutput>,
        sink: &mut Sink,
    ) -> Result<()> {
        let _turn = self.engine.turn().await;
        let attempts = self.engine.config.num_download_attempts;
        let (mut at, mut end, mut etag) = (span.start, span.end, etag);
        let mut tried = 0;
        loop {
            let answer = match first.take() {
                Some(answer) => answer,
                None if at == span.start => {
                    // The whole object needs no condition: the response is of a single version.
                    let condition = etag.as_deref().filter(|_| span.range.is_some());
                    self.get(span.range.clone(), condition).await?
                }
                None => self.get(Some(format!("bytes={at}-{}", end - 1)), etag.as_deref()).await?,
            };
            if at == span.start && span.range.is_none() {
                // It may have changed since the size was requested.
                end = answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(end);
                if end < span.end {
                    sink.cut(end).await?;
                }
                etag = answer.e_tag.clone().or(etag);
            }
            let error = match self.body(answer, &mut at, end, sink).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            tried += 1;
            if !is_transient(&error) {
                return Err(error);
            }
            // All bytes arrived, but do not match the checksum.
            if at >= end && at > span.start {
                if !sink.can_rewind() && !matches!(sink, Sink::Memory(_)) {
                    return Err(error);
                }
                if let Sink::Memory(kept) = sink {
                    kept.clear();
                }
                self.observers.tell(Event::Moved(-i64::try_from(at - span.start).unwrap_or(i64::MAX)));
                at = span.start;
            }
            if tried >= attempts {
                return Err(Error::RetriesExceeded { operation: OPERATION, attempts, source: Box::new(error) });
            }
            self.engine.pause(tried).await;
        }
    }

    /// Reads a response's body, and updates `at`.
    async fn body(&self, answer: GetObjectOutput, at: &mut u64, end: u64, sink: &mut Sink) -> Result<()> {
        let start = *at;
        let mut body = answer.body;
        let (mut gathered, mut bytes) = (Vec::new(), 0);
        let ended = loop {
            let chunk = self.engine.watched(OPERATION, &STILL, async { Ok(body.next().await) }).await;
            let chunk = match chunk {
                Err(error) => break Err(error),
                Ok(None) => break Ok(()),
                Ok(Some(Err(error))) => break Err(self.broke(start, *at + bytes, end, Some(Box::new(error)))),
                Ok(Some(Ok(chunk))) => chunk,
            };
            if *at + bytes + chunk.len() as u64 > end {
                break Err(self.broke(start, *at + bytes + chunk.len() as u64, end, None));
            }
            if let Some(bandwidth) = &self.engine.bandwidth {
                bandwidth.take(chunk.len()).await;
            }
            bytes += chunk.len() as u64;
            self.observers.moved(chunk.len() as u64);
            gathered.push(chunk);
            if bytes >= self.engine.config.io_chunksize {
                sink.write(*at, std::mem::take(&mut gathered)).await?;
                *at += std::mem::take(&mut bytes);
            }
        };
        // Bytes before the failure count.
        if !gathered.is_empty() {
            sink.write(*at, gathered).await?;
            *at += bytes;
        }
        ended?;
        if *at == end { Ok(()) } else { Err(self.broke(start, *at, end, None)) }
    }

    fn broke(&self, start: u64, at: u64, end: u64, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::IncompleteRead { operation: OPERATION, received: at - start, expected: end - start, source }
    }
}

/// Returns the announced length of a response; a missing one means an empty object.
///
/// # Errors
/// [`Error::ResponseParser`] for a length below zero.
pub(in crate::boto3::s3::transfer) fn length(operation: &'static str, announced: Option<i64>) -> Result<u64> {
    let announced = announced.unwrap_or_default();
    u64::try_from(announced).map_err(|_| {
        let why = format!("Content-Length of {announced}");
        Error::ResponseParser { operation, source: Some(why.into()) }
    })
}

/// No progress while waiting for a response.
static STILL: AtomicU64 = AtomicU64::new(0);

/// s3transfer's check: the range begins at the requested place, and does not extend beyond it.
fn validate(asked: &str, sent: &str) -> Result<()> {
    let bounds = |range: &str| -> Option<(u64, Option<u64>)> {
        let (start, end) = range.split_once('-')?;
        Some((start.parse().ok()?, end.parse().ok()))
    };
    let wanted = asked.strip_prefix("bytes=").and_then(bounds);
    let got = sent.strip_prefix("bytes ").and_then(|sent| bounds(sent.split('/').next()?));
    let fits = match (wanted, got) {
        (Some((start, end)), Some((from, to))) => from == start && end.zip(to).is_none_or(|(end, to)| to <= end),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Error::S3Validation { asked: asked.into(), sent: sent.into() }) }
}
