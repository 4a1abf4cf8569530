//! [`Download`]: downloads an object into a file or a writer.

pub(super) mod fetch;
pub(super) mod ledger;
pub(super) mod target;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use self::fetch::{Fetch, Sink, Span};
use self::target::{Plan, Target};
use super::args;
use super::engine::{Budget, Engine};
use super::pool::{self, Pool};
use super::progress::Event;
use super::settings::{Settings, configurable};
use crate::boto3::s3::client::Client;
use crate::boto3::s3::shapes::{GetObjectInputBuilder, GetObjectOutput};
use crate::boto3::{Error, Result};
use crate::os::Open;
use crate::wait::BoxFuture;
use crate::wait::driver;

const OPERATION: &str = "download_file";

/// A download: configure it, then run it with `.wait()?` or `.await?`. [`Client::download_file`]
/// returns it.
///
/// From [`multipart_threshold`](super::TransferConfig::multipart_threshold) bytes on the object is
/// downloaded in concurrent ranges, all of the same version (`If-Match`). They go into a temporary
/// file beside the target, which is renamed after the last byte, and removed on failure. A
/// truncated body is resumed where it ended.
#[must_use = "nothing is downloaded until `.wait()` or `.await`"]
pub struct Download {
    settings: Settings,
    bucket: String,
    key: String,
    filename: PathBuf,
    args: GetObjectInputBuilder,
    plan: Plan,
    known: Option<Known>,
}

/// The data of a listing, so that no HEAD is needed.
pub(in crate::boto3::s3) struct Known {
    pub(in crate::boto3::s3) size: u64,
    pub(in crate::boto3::s3) etag: Option<String>,
}

configurable!(Download);

impl Download {
    pub(in crate::boto3::s3) fn new(settings: Settings, bucket: String, key: String, filename: PathBuf) -> Download {
        Download { settings, bucket, key, filename, args: GetObjectInputBuilder::default(), plan: Plan::default(), known: None }
    }

    pub(in crate::boto3::s3) fn known(self, known: Known) -> Download {
        Download { known: Some(known), ..self }
    }

    /// `ExtraArgs`: sets further parameters, those of
    /// [`ALLOWED_DOWNLOAD_ARGS`](super::ALLOWED_DOWNLOAD_ARGS).
    pub fn extra_args(mut self, build: impl FnOnce(GetObjectInputBuilder) -> GetObjectInputBuilder) -> Download {
        self.args = build(self.args);
        self
    }

    /// Keeps the ranges of a failed download as `<filename>.part` (with `<filename>.part.state`),
    /// and resumes with them the next time, if the object has not changed. Default false. Only one
    /// process at a time: another one gets `EWOULDBLOCK`.
    pub fn resume(mut self, resume: bool) -> Download {
        self.plan.resume = resume;
        self
    }

    /// Sets whether the file and its directory entry are on the device before this returns. Default
    /// false, as for [`Open::sync`].
    pub fn sync(mut self, sync: bool) -> Download {
        self.plan.sync = sync;
        self
    }

    async fn run(self) -> Result<()> {
        let Download { settings, bucket, key, filename, args, plan, known } = self;
        args::check_download(&args)?;
        let (engine, budget) = settings.begin(OPERATION, &[&bucket])?;
        let os = engine.context.os.clone();
        let fetch = Fetch { engine, bucket, key, args, observers: settings.observers };
        // A pipe or a device is written in place, in order.
        if os.stat(&filename).is_ok_and(|stat| !stat.is_file() && !stat.is_dir()) {
            let open = Open::new(&filename).flags(crate::os::O_WRONLY);
            let file = os.open(open).map_err(|source| Error::File { what: "writing a download", source })?;
            return into_writer(fetch, &budget, Box::new(file)).await;
        }
        let start = match known {
            Some(Known { size, etag }) => Start { size, etag, first: None, empty: false },
            None => budget.run(Start::ask(&fetch)).await?,
        };
        into_file(fetch, &budget, &filename, plan, start).await
    }
}

impl IntoFuture for Download {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> BoxFuture<Result<()>> {
        // A body needs the timers of a runtime: use the crate's, whatever awaits this.
        let context = self.settings.client.context.clone();
        context.interruptible("download", driver::on_runtime(self.run()))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Download { bucket, key, filename, .. } = self;
        f.debug_struct("Download").field("bucket", bucket).field("key", key).field("filename", filename).finish_non_exhaustive()
    }
}

/// The state before the first byte.
struct Start {
    size: u64,
    etag: Option<String>,
    /// The response to the first range, if that was the first request.
    first: Option<GetObjectOutput>,
    /// The object is empty: nothing more to request.
    empty: bool,
}

impl Start {
    /// Requests size and ETag. If no checksum is verified, the first range returns both.
    async fn ask(fetch: &Fetch) -> Result<Start> {
        if fetch.engine.validates_when_supported() {
            let head = fetch.head().await?;
            let size = fetch::length("head_object", head.content_length)?;
            return Ok(Start { size, etag: head.e_tag, first: None, empty: false });
        }
        let chunk = fetch.engine.config.multipart_chunksize;
        match fetch.get(Some(format!("bytes=0-{}", chunk - 1)), None).await {
            Ok(first) => {
                let total = first.content_range().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
                let size = total.or_else(|| u64::try_from(first.content_length?).ok()).unwrap_or_default();
                Ok(Start { size, etag: first.e_tag.clone(), first: Some(first), empty: false })
            }
            // The range of an empty object.
            Err(error) if error.code() == Some("InvalidRange") => Ok(Start { size: 0, etag: None, first: None, empty: true }),
            Err(error) => Err(error),
        }
    }

    /// Returns the ranges: one for everything, or parts.
    fn spans(&self, fetch: &Fetch) -> Spans {
        let config = &fetch.engine.config;
        let whole = self.size == 0 || (self.first.is_none() && self.size < config.multipart_threshold);
        let count = match (self.empty, whole) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => self.size.div_ceil(config.multipart_chunksize),
        };
        Spans { size: self.size, chunk: if whole { None } else { Some(config.multipart_chunksize) }, count }
    }
}

/// Ranges, created lazily, because the service determines their number.
#[derive(Clone, Copy)]
struct Spans {
    size: u64,
    /// `None` for one range of everything.
    chunk: Option<u64>,
    count: u64,
}

impl Spans {
    fn get(&self, number: u64) -> Option<Span> {
        if number >= self.count {
            return None;
        }
        let Some(chunk) = self.chunk else { return Some(Span { start: 0, end: self.size, range: None }) };
        let start = number.checked_mul(chunk)?;
        let end = start.saturating_add(chunk).min(self.size);
        // The last range is open-ended, as in s3transfer.
        let last = if number + 1 == self.count { String::new() } else { (end - 1).to_string() };
        Some(Span { start, end, range: Some(format!("bytes={start}-{last}")) })
    }
}

async fn into_file(fetch: Fetch, budget: &Budget, filename: &Path, plan: Plan, mut start: Start) -> Result<()> {
    fetch.observers.tell(Event::Total(start.size));
    let os = fetch.engine.context.os.clone();
    let target =
        Target::open(&os, filename, plan, start.size, fetch.engine.config.multipart_chunksize, start.etag.as_deref()).await?;
    let (fetch, file, ledger) = (Arc::new(fetch), target.file(), target.ledger());
    let (native, lanes) = (file.blocks(), fetch.engine.config.lanes());
    let spans = start.spans(&fetch);
    let mut first = start.first.take();
    let jobs = (0..spans.count).filter_map(|number| -> Option<BoxFuture<_>> {
        let (span, first) = (spans.get(number)?, first.take());
        let number = usize::try_from(number).ok()?;
        if ledger.has(number) {
            fetch.observers.moved(span.end - span.start);
            return None;
        }
        let (fetch, etag, file, ledger) = (fetch.clone(), start.etag.clone(), file.clone(), ledger.clone());
        Some(Engine::lane(native, async move {
            fetch.span(&span, etag, first, &mut Sink::File(file)).await?;
            ledger.note(number).await
        }))
    });
    budget.run(pool::all(lanes, jobs)).await?;
    target.finish(&os, filename).await
}

enum Step {
    Fetched(Result<Sink>),
    Written(Sink, Result<()>),
}

/// Writes in order: a range that arrives early waits in memory, and only as many are requested as
/// may wait.
async fn into_writer(fetch: Fetch, budget: &Budget, writer: Box<dyn Write + Send>) -> Result<()> {
    let mut start = budget.run(Start::ask(&fetch)).await?;
    fetch.observers.tell(Event::Total(start.size));
    let config = &fetch.engine.config;
    let ahead = config.lanes().min(config.max_in_memory_download_chunks).max(1);
    let spans = start.spans(&fetch);
    let fetch = Arc::new(fetch);
    let mut sink = Sink::Writer { native: fetch.engine.context.native, stream: Some(writer) };
    let mut first = start.first.take();
    if let (1, Some(span)) = (spans.count, spans.get(0)) {
        budget.run(fetch.span(&span, start.etag.clone(), first, &mut sink)).await?;
        return sink.flush().await;
    }
    let count = usize::try_from(spans.count).map_err(|_| Error::Value(format!("an object of {} bytes", start.size)))?;
    let work = async {
        let (mut asked, mut written) = (0, 0);
        let (mut pool, mut waiting) = (Pool::new(), std::collections::BTreeMap::new());
        let mut idle = Some(sink);
        while written < count {
            while asked < written.saturating_add(ahead).min(count) {
                let Some(span) = spans.get(asked as u64) else { break };
                let (fetch, etag, first) = (fetch.clone(), start.etag.clone(), first.take());
                pool.push(
                    asked,
                    Box::pin(async move {
                        let mut sink = Sink::Memory(Vec::new());
                        Step::Fetched(fetch.span(&span, etag, first, &mut sink).await.map(|()| sink))
                    }),
                );
                asked += 1;
            }
            if let Some(Sink::Memory(chunks)) = waiting.remove(&written) {
                if let Some(mut sink) = idle.take() {
                    pool.push(
                        usize::MAX,
                        Box::pin(async move {
                            let done = sink.write(0, chunks).await;
                            Step::Written(sink, done)
                        }),
                    );
                } else {
                    waiting.insert(written, Sink::Memory(chunks));
                }
            }
            match pool.next().await {
                Some((number, Step::Fetched(sink))) => {
                    waiting.insert(number, sink?);
                }
                Some((_, Step::Written(sink, done))) => {
                    done?;
                    idle = Some(sink);
                    written += 1;
                }
                None => break,
            }
        }
        match idle {
            Some(mut sink) => sink.flush().await,
            None => Ok(()),
        }
    };
    budget.run(work).await
}

/// A download: configure it, then run it with `.wait()?` or `.await?`, which return the writer.
/// [`Client::download_fileobj`] returns it.
#[must_use = "nothing is downloaded until `.wait()` or `.await`"]
pub struct DownloadFileobj<W> {
    settings: Settings,
    bucket: String,
    key: String,
    writer: W,
    args: GetObjectInputBuilder,
}

impl<W> DownloadFileobj<W> {
    pub(in crate::boto3::s3) fn new(settings: Settings, bucket: String, key: String, writer: W) -> DownloadFileobj<W> {
        DownloadFileobj { settings, bucket, key, writer, args: GetObjectInputBuilder::default() }
    }

    /// `ExtraArgs`: sets further parameters, those of
    /// [`ALLOWED_DOWNLOAD_ARGS`](super::ALLOWED_DOWNLOAD_ARGS).
    pub fn extra_args(mut self, build: impl FnOnce(GetObjectInputBuilder) -> GetObjectInputBuilder) -> Self {
        self.args = build(self.args);
        self
    }
}

configurable!(DownloadFileobj<W>, W);

/// The caller's writer, which is returned to the caller.
struct Lent<W>(Arc<Mutex<W>>);

impl<W: Write> Write for Lent<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl<W: Write + Send + 'static> IntoFuture for DownloadFileobj<W> {
    type Output = Result<W>;
    type IntoFuture = BoxFuture<Result<W>>;

    fn into_future(self) -> BoxFuture<Result<W>> {
        let context = self.settings.client.context.clone();
        let run = async move {
            let DownloadFileobj { settings, bucket, key, writer, args } = self;
            args::check_download(&args)?;
            let (engine, budget) = settings.begin("download_fileobj", &[&bucket])?;
            let fetch = Fetch { engine, bucket, key, args, observers: settings.observers };
            let writer = Arc::new(Mutex::new(writer));
            into_writer(fetch, &budget, Box::new(Lent(writer.clone()))).await?;
            let writer = Arc::into_inner(writer).ok_or_else(|| Error::Value("the writer is still in use".into()))?;
            Ok(writer.into_inner().unwrap_or_else(PoisonError::into_inner))
        };
        context.interruptible("download_fileobj", driver::on_runtime(run))
    }
}

impl<W> fmt::Debug for DownloadFileobj<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadFileobj").field("bucket", &self.bucket).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Client {
    /// Downloads an object into a file: `download_file(Bucket, Key, Filename)`.
    ///
    /// # Errors
    /// [`Error::Client`], `404` for a missing object; [`Error::File`]; [`Error::S3DownloadFailed`]
    /// if the object changes during the download; [`Error::RetriesExceeded`] if the body is
    /// truncated each time.
    ///
    /// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/download_file.html>
    #[doc(alias = "S3.Client.download_file")]
    pub fn download_file(&self, bucket: impl Into<String>, key: impl Into<String>, filename: impl Into<PathBuf>) -> Download {
        Download::new(Settings::new(self), bucket.into(), key.into(), filename.into())
    }

    /// Downloads an object into a writer, in order: `download_fileobj(Bucket, Key, Fileobj)`. A
    /// separate thread writes to it, and the call returns it: `client.download_fileobj("b", "k",
    /// Vec::new()).wait()?` are the bytes. At most
    /// [`max_in_memory_download_chunks`](super::TransferConfig::max_in_memory_download_chunks)
    /// ranges are in memory.
    ///
    /// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/download_fileobj.html>
    #[doc(alias = "S3.Client.download_fileobj")]
    pub fn download_fileobj<W: Write + Send + 'static>(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        writer: W,
    ) -> DownloadFileobj<W> {
        DownloadFileobj::new(Settings::new(self), bucket.into(), key.into(), writer)
    }
}
