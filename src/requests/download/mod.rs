//! [`Download`]: downloads into a file in constant memory, resumes after a lost connection, and
//! renames the file when it is complete.

#[cfg(feature = "progress")]
mod bar;
mod checksum;
mod part;
mod range;

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::checksum::Checksum;
use self::part::{PartFile, Place, Version, source};
use self::range::ContentRange;
use super::core::Watch;
use super::error::{Context, Error, Result};
use super::limits::DEFAULT_DOWNLOAD_TOTAL;
use super::request::{Request, RequestBuilder, SendOptions};
use super::response::Response;
use super::response::framing::body_length;
use super::session::Session;
use crate::wait::blocking::blocking;

/// The progress of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The bytes in the file so far.
    pub bytes: u64,
    /// The final size, if the server announces it.
    pub total: Option<u64>,
}

/// A finished download.
#[derive(Debug)]
#[non_exhaustive]
pub struct Downloaded {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The last response, its body consumed.
    pub response: Response,
}

type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// A download: configure it, then run it with `.wait()?` or `.await?`. [`RequestBuilder::download`]
/// returns it.
///
/// The bytes go into `<path>.part`, which is renamed after the last byte if the length and the
/// checksum match. After a lost connection the rest is requested, if the server supports ranges.
/// The part is kept after an error. The server is asked for the file without Content-Encoding. The
/// time limit is an hour unless `timeout` or `total` sets another.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::requests::mock::Reply;
///
/// let world = World::new();
/// world.requests.get("https://dist.test/tool.tgz").reply(Reply::new(200).body("bytes"));
/// let done = world.batteries().requests.get("https://dist.test/tool.tgz").download("/tool.tgz").wait()?;
/// assert_eq!((done.bytes, done.path.to_str()), (5, Some("/tool.tgz")));
/// # Ok::<(), leyden::requests::Error>(())
/// ```
#[must_use = "nothing is downloaded until `.wait()` or `.await`"]
pub struct Download {
    call: RequestBuilder,
    path: PathBuf,
    resume: bool,
    retries: u32,
    checksum: Option<Checksum>,
    report: Option<Report>,
}

impl Download {
    pub(super) fn new(call: RequestBuilder, path: PathBuf) -> Download {
        Download { call, path, resume: false, retries: 3, checksum: None, report: None }
    }

    /// Resumes a `.part` that an earlier call left, also one of another process. Default false.
    ///
    /// A file `.part.meta` describes the part: the version of the file (the server's `ETag` or
    /// `Last-Modified`), the URL without its query, the number of bytes written, and their CRC-32.
    /// A part that was truncated, replaced or never reached the disk does not match it. The rest is
    /// requested for that version only. If the server has another version by now, or does not
    /// identify versions, the whole file is downloaded again. A [checksum](Download::checksum)
    /// allows resuming even if the version is unknown.
    ///
    /// A part that belongs to another user, is a symbolic link, or has a second hard link is not
    /// resumed.
    pub fn resume(self, resume: bool) -> Download {
        Download { resume, ..self }
    }

    /// Sets how many lost connections in a row, without progress between them, are retried. Default
    /// 3.
    pub fn retries(self, retries: u32) -> Download {
        Download { retries, ..self }
    }

    /// Sets the expected checksum. On a mismatch the part is removed, and the error shows both
    /// checksums.
    pub fn checksum(self, checksum: Checksum) -> Download {
        Download { checksum: Some(checksum), ..self }
    }

    /// Sets a function that is called whenever bytes were written.
    pub fn progress(self, report: impl Fn(Progress) + Send + Sync + 'static) -> Download {
        Download { report: Some(Arc::new(report)), ..self }
    }

    /// An interrupt keeps the part, as a timeout does: the next call resumes it.
    async fn run(self) -> Result<Downloaded> {
        let interrupts = self.call.session.core.time.backend().interrupts();
        let (true, Ok(request)) = (interrupts.is_armed(), &self.call.request) else { return self.fetch().await };
        let context = Context::new(&request.method, &request.url, "interrupted by a signal");
        let fetched = interrupts.during(self.fetch()).await;
        fetched.unwrap_or_else(|interrupt| Err(Error::KeyboardInterrupt { context, interrupt }))
    }

    async fn fetch(self) -> Result<Downloaded> {
        let RequestBuilder { session, request, mut options } = self.call;
        let request = request?;
        let mut timeout = options.timeout.unwrap_or(session.timeout);
        if timeout.by_default {
            timeout.total = Some(timeout.total.unwrap_or_default().max(DEFAULT_DOWNLOAD_TOTAL));
        }
        options.stream = Some(true);
        let watch = Watch::start(&session.core.time, timeout);
        let place = Place { os: session.core.os.clone(), path: self.path.clone(), source: source(&request.url) };
        let (resume, checksum) = (self.resume, self.checksum);
        let part = blocking(move || PartFile::open(place, resume, checksum)).await?;
        let options = SendOptions { timeout: Some(timeout), ..options };
        let job = Job { session, request, options, watch, part: Arc::new(Mutex::new(part)), report: self.report };
        let mut cuts = 0;
        let response = loop {
            let before = job.part().size;
            match job.attempt().await {
                Ok(response) => break response,
                Err(error) => {
                    cuts = if job.part().size > before { 1 } else { cuts + 1 };
                    let again = matches!(error, Error::ChunkedEncoding(_) | Error::ReadTimeout(_) | Error::Connection(_));
                    if !again || cuts > self.retries || !job.can_resume() {
                        return Err(error);
                    }
                    // Wait a moment: the server may be restarting.
                    job.session.core.time.timer(Duration::from_millis(100) * cuts).await;
                }
            }
        };
        let url = response.url.clone();
        let bytes = job.on_part(move |part| part.finish(&url)).await?;
        Ok(Downloaded { path: self.path, bytes, response })
    }
}

impl IntoFuture for Download {
    type Output = Result<Downloaded>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("path", &self.path).field("checksum", &self.checksum).finish_non_exhaustive()
    }
}

struct Job {
    session: Session,
    request: Request,
    options: SendOptions,
    watch: Watch,
    part: Arc<Mutex<PartFile>>,
    report: Option<Report>,
}

impl Job {
    fn part(&self) -> MutexGuard<'_, PartFile> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs blocking file operations on another thread.
    async fn on_part<T: Send + 'static>(&self, work: impl FnOnce(&mut PartFile) -> Result<T> + Send + 'static) -> Result<T> {
        let part = self.part.clone();
        blocking(move || work(&mut part.lock().unwrap_or_else(PoisonError::into_inner))).await
    }

    /// Makes one attempt at the missing bytes.
    async fn attempt(&self) -> Result<Response> {
        let (mut response, until, total) = loop {
            let (from, version) = {
                let part = self.part();
                (part.size, part.version.clone())
            };
            let response = self.ask(from, version.as_ref()).await?;
            let range = response.headers.get("Content-Range").and_then(|range| ContentRange::parse(range));
            let now = Version::of(&response);
            let same = match (&version, &now) {
                (Some(version), Some(now)) => version.same_as(now),
                _ => true,
            };
            let known = version.as_ref().and_then(|version| version.total);
            match (response.status_code, range) {
                (206, Some(ContentRange { bytes: Some((first, last)), total })) if from > 0 && first == from && same => {
                    let total = total.or(known);
                    // Without the total length, this may be only a part of the rest: download the
                    // whole file again.
                    if total.is_none_or(|total| last >= total || known.is_some_and(|known| known != total)) {
                        self.on_part(|part| part.restart(None)).await?;
                        continue;
                    }
                    break (response, Some(last + 1), total);
                }
                // Already complete.
                (416, Some(ContentRange { total: Some(total), .. }))
                    if from == total && same && known.is_none_or(|known| known == total) =>
                {
                    return Ok(response);
                }
                // Of another version than requested.
                (206 | 416, _) if from > 0 => self.on_part(|part| part.restart(None)).await?,
                (200, _) => {
                    let encoded = response.headers.contains_key("Content-Encoding");
                    let length = body_length(&response.request.method, 200, response.version, response.raw_headers());
                    let length = length.ok().flatten().filter(|_| !encoded);
                    self.on_part(move |part| part.restart(now)).await?;
                    break (response, length, length);
                }
                (400..600, _) => return response.raise_for_status(),
                _ => return Err(Error::Unsupported("the response is neither the file nor the requested range")),
            }
        };
        let broken = |response: &Response, reason: &str| {
            Error::ChunkedEncoding(Context::new(&response.request.method, &response.url, reason))
        };
        let mut chunks = response.iter_content(None);
        while let Some(chunk) = chunks.next_chunk().await? {
            let size = self.part().size;
            if until.is_some_and(|until| chunk.len() as u64 > until.saturating_sub(size)) {
                return Err(broken(&response, "more bytes than the server announced"));
            }
            let bytes = self
                .on_part(move |part| {
                    part.write(&chunk)?;
                    Ok(part.size)
                })
                .await?;
            if let Some(report) = &self.report {
                report(Progress { bytes, total });
            }
        }
        // A server may return less than the rest: the next attempt requests what is missing.
        let size = self.part().size;
        if until.max(total).is_some_and(|end| size < end) {
            return Err(broken(&response, "the response is only a part of the file"));
        }
        Ok(response)
    }

    async fn ask(&self, from: u64, version: Option<&Version>) -> Result<Response> {
        let mut prepared = self.session.prepare_request(Request {
            method: self.request.method.clone(),
            url: self.request.url.clone(),
            headers: self.request.headers.clone(),
            params: self.request.params.clone(),
            auth: self.request.auth.clone(),
            cookies: self.request.cookies.clone(),
            hooks: self.request.hooks.clone(),
            ..Request::default()
        })?;
        prepared.headers.insert("Accept-Encoding", "identity");
        if from > 0 {
            prepared.headers.insert("Range", format!("bytes={from}-"));
            if let Some(version) = version {
                prepared.headers.insert("If-Range", version.validator.clone());
            }
        }
        let mut options = self.options.clone();
        options.timeout = options.timeout.map(|timeout| super::Timeout { total: self.watch.left(), ..timeout });
        let settings = self.session.merge_environment_settings(&prepared.url, &options);
        options.proxies = Some(settings.proxies);
        options.verify = Some(settings.verify);
        self.session.send_prepared(prepared, options).await
    }

    /// Returns true if the rest can be requested: the version is known, or a checksum verifies the
    /// result. From the start, a request is always possible.
    fn can_resume(&self) -> bool {
        self.part().can_go_on() && matches!(self.request.method.as_str(), "GET" | "get")
    }
}
