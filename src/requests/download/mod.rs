//! [`Download`]: into a file, in constant memory, taken up again after a cut, and under its name only when it is whole.

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

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes in the file so far.
    pub bytes: u64,
    /// Bytes that it will have, if the server says so.
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
    /// The last answer's head, its body consumed.
    pub response: Response,
}

type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// What [`RequestBuilder::download`] gives: configure it, then end it with `.wait()?` or `.await?`.
///
/// The bytes go into `<path>.part`, which is renamed when the last one is there, the length is right and the checksum too. After a cut the rest is asked for, if the server
/// can give it; the part stays after an error. The file is not decoded by the way: the server is asked for it as it is. The whole has an hour unless `timeout` or `total` says otherwise.
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

    /// Goes on with the `.part` that an earlier call has left, even in another process. Default false.
    ///
    /// Beside it lies `.part.meta`: which version of the file it is the beginning of (the server's `ETag` or `Last-Modified`), of which URL, query
    /// aside, how many bytes were written, and their CRC-32. A part that is cut, exchanged or was never on the disk does not match it. The rest is
    /// taken of that version alone. If the server has another by now, or does not tell versions apart, everything is fetched again. A
    /// [checksum](Download::checksum) makes up for a version that is not known.
    ///
    /// A part that belongs to another user, that is a link, or that has a second name, is not gone on with.
    pub fn resume(self, resume: bool) -> Download {
        Download { resume, ..self }
    }

    /// How many cuts in a row, without a byte in between, are put up with. Default 3.
    pub fn retries(self, retries: u32) -> Download {
        Download { retries, ..self }
    }

    /// What the bytes must hash to. If they do not, the part is removed, and the error tells both.
    pub fn checksum(self, checksum: Checksum) -> Download {
        Download { checksum: Some(checksum), ..self }
    }

    /// Called whenever bytes are in the file.
    pub fn progress(self, report: impl Fn(Progress) + Send + Sync + 'static) -> Download {
        Download { report: Some(Arc::new(report)), ..self }
    }

    /// An interrupt leaves the part as a deadline does: the next call resumes it.
    async fn run(self) -> Result<Downloaded> {
        let interrupts = self.call.session.core.time.backend().interrupts();
        let (true, Ok(request)) = (interrupts.is_armed(), &self.call.request) else { return self.fetch().await };
        let context = Context::new(&request.method, &request.url, "a signal came");
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
                    // A server that has just gone away needs a moment.
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

    /// Disks take their time.
    async fn on_part<T: Send + 'static>(&self, work: impl FnOnce(&mut PartFile) -> Result<T> + Send + 'static) -> Result<T> {
        let part = self.part.clone();
        blocking(move || work(&mut part.lock().unwrap_or_else(PoisonError::into_inner))).await
    }

    /// One go at what is missing.
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
                    // Without the length of the file, this may be a part of the rest: everything is fetched again.
                    if total.is_none_or(|total| last >= total || known.is_some_and(|known| known != total)) {
                        self.on_part(|part| part.restart(None)).await?;
                        continue;
                    }
                    break (response, Some(last + 1), total);
                }
                // All of it is there already.
                (416, Some(ContentRange { total: Some(total), .. }))
                    if from == total && same && known.is_none_or(|known| known == total) =>
                {
                    return Ok(response);
                }
                // Of another version, whatever the server was asked for.
                (206 | 416, _) if from > 0 => self.on_part(|part| part.restart(None)).await?,
                (200, _) => {
                    let encoded = response.headers.contains_key("Content-Encoding");
                    let length = body_length(&response.request.method, 200, response.version, response.raw_headers());
                    let length = length.ok().flatten().filter(|_| !encoded);
                    self.on_part(move |part| part.restart(now)).await?;
                    break (response, length, length);
                }
                (400..600, _) => return response.raise_for_status(),
                _ => return Err(Error::Unsupported("the server gave neither the file nor the part that was asked for")),
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
        // A server may give less than the rest: then the next attempt asks for what is missing.
        let size = self.part().size;
        if until.max(total).is_some_and(|end| size < end) {
            return Err(broken(&response, "the server gave a part of the file only"));
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

    /// The rest can be asked for only of something that is known to be the same, or that a checksum proves. The beginning can always be asked for again.
    fn can_resume(&self) -> bool {
        self.part().can_go_on() && matches!(self.request.method.as_str(), "GET" | "get")
    }
}
