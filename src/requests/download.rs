//! [`Download`]: into a file, in constant memory, taken up again after a cut, and under its name only when it is whole.

#[cfg(feature = "progress")]
mod bar;

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sha2::Digest as _;

use super::auth::hex;
use super::core::Watch;
use super::error::{Error, Result};
use super::limits::DEFAULT_DOWNLOAD_TOTAL;
use super::request::{Request, RequestBuilder, SendOptions};
use super::response::Response;
use super::session::Session;
use super::url::redact;
use crate::os::backend::{Handle, OpenFlags};

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes in the file so far.
    pub bytes: u64,
    /// Bytes that it will have, if the server says so.
    pub total: Option<u64>,
}

/// What a download's bytes must hash to, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// MD5: against accidents only.
    Md5(String),
    /// SHA-1: against accidents only.
    Sha1(String),
    /// SHA-256.
    Sha256(String),
    /// SHA-512.
    Sha512(String),
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

    /// Goes on with the `.part` that an earlier call has left. Default false: nobody knows whether the server still has the same file, unless a checksum says so.
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

    async fn run(self) -> Result<Downloaded> {
        let RequestBuilder { session, request, mut options } = self.call;
        let request = request?;
        let mut timeout = options.timeout.unwrap_or(session.timeout);
        if timeout.by_default {
            timeout.total = Some(timeout.total.unwrap_or_default().max(DEFAULT_DOWNLOAD_TOTAL));
        }
        options.stream = Some(true);
        let mut job = Job {
            watch: Watch::start(&session.core.time, timeout),
            part: PartFile::open(&session, &self.path, self.resume, self.checksum.as_ref())?,
            session,
            request,
            options: SendOptions { timeout: Some(timeout), ..options },
            validator: None,
            report: self.report,
        };
        let mut cuts = 0;
        let response = loop {
            let before = job.part.size;
            match job.attempt().await {
                Ok(response) => break response,
                Err(error) => {
                    cuts = if job.part.size > before { 1 } else { cuts + 1 };
                    let again = matches!(error, Error::ChunkedEncoding(_) | Error::ReadTimeout(_) | Error::Connection(_));
                    if !again || cuts > self.retries || !job.can_resume() {
                        return Err(error);
                    }
                    // A server that has just gone away needs a moment.
                    job.session.core.time.sleep(Duration::from_millis(100) * cuts).await;
                }
            }
        };
        let bytes = job.part.finish(&job.session, &self.path, self.checksum.as_ref(), &response.url)?;
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
    part: PartFile,
    /// What the server calls this version of the file: the rest must be of the same.
    validator: Option<String>,
    report: Option<Report>,
}

impl Job {
    /// One request, for what is missing.
    async fn attempt(&mut self) -> Result<Response> {
        let from = self.part.size;
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
            if let Some(validator) = &self.validator {
                prepared.headers.insert("If-Range", validator.clone());
            }
        }
        let mut options = self.options.clone();
        options.timeout = options.timeout.map(|timeout| super::Timeout { total: self.watch.left(), ..timeout });
        let settings = self.session.merge_environment_settings(&prepared.url, &options);
        options.proxies = Some(settings.proxies);
        options.verify = Some(settings.verify);
        let mut response = self.session.send_prepared(prepared, options).await?;
        let range = response.headers.get("Content-Range").map_or("", String::as_str);
        match response.status_code {
            206 if range_start(range) == Some(from) => {}
            // All of it is there already.
            416 if from > 0 && range_total(range) == Some(from) => return Ok(response),
            200 => self.part.restart()?,
            400..600 => return response.raise_for_status(),
            _ => return Err(Error::Unsupported("the server gave neither the file nor the part that was asked for")),
        }
        let encoded = response.headers.contains_key("Content-Encoding");
        let strong = |etag: &&String| !etag.starts_with("W/");
        self.validator = response
            .headers
            .get("ETag")
            .filter(strong)
            .or_else(|| response.headers.get("Last-Modified"))
            .filter(|_| !encoded)
            .cloned();
        let length = response.headers.get("Content-Length").and_then(|length| length.parse::<u64>().ok());
        let total = length.filter(|_| !encoded).map(|length| length + self.part.size);
        let mut chunks = response.iter_content(None);
        while let Some(chunk) = chunks.next_chunk().await? {
            self.part.write(&chunk)?;
            if let Some(report) = &self.report {
                report(Progress { bytes: self.part.size, total });
            }
        }
        Ok(response)
    }

    /// The rest can be asked for only of something that has not changed meanwhile. The beginning can always be asked for again.
    fn can_resume(&self) -> bool {
        (self.part.size == 0 || self.validator.is_some()) && matches!(self.request.method.as_str(), "GET" | "get")
    }
}

/// The file that is not whole yet.
struct PartFile {
    path: PathBuf,
    file: Box<dyn Handle>,
    size: u64,
    hash: Option<Hash>,
    checksum: Option<Checksum>,
}

impl PartFile {
    fn open(session: &Session, path: &Path, resume: bool, checksum: Option<&Checksum>) -> Result<PartFile> {
        let os = &session.core.os;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let flags = OpenFlags { read: true, write: true, create: true, truncate: !resume, ..OpenFlags::default() };
        let file =
            os.backend().open(&os.ambient().resolve(&part), flags, 0o666).map_err(|error| failed("open", &part, &error))?;
        let mut part = PartFile { path: part, file, size: 0, hash: checksum.map(Hash::new), checksum: checksum.cloned() };
        // What is there already is part of the checksum.
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = part.file.read(&mut buffer).map_err(|error| failed("read", &part.path, &error))?;
            if read == 0 {
                return Ok(part);
            }
            part.size += read as u64;
            part.update(&buffer[..read]);
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(failed("write", &self.path, &std::io::Error::from_raw_os_error(28))),
                Ok(written) => rest = &rest[written..],
                Err(error) => return Err(failed("write", &self.path, &error)),
            }
        }
        self.size += bytes.len() as u64;
        self.update(bytes);
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        if self.size > 0 {
            self.file.truncate(0).map_err(|error| failed("ftruncate", &self.path, &error))?;
            self.file.seek(std::io::SeekFrom::Start(0)).map_err(|error| failed("lseek", &self.path, &error))?;
            self.size = 0;
            self.hash = self.checksum.as_ref().map(Hash::new);
        }
        Ok(())
    }

    fn finish(self, session: &Session, path: &Path, checksum: Option<&Checksum>, url: &str) -> Result<u64> {
        let os = &session.core.os;
        let resolved = os.ambient().resolve(&self.path).into_owned();
        if let (Some(hash), Some(checksum)) = (self.hash, checksum) {
            let (expected, actual) = (checksum.digits().to_lowercase(), hash.digits());
            if expected != actual {
                // Nothing to go on with.
                os.backend().unlink(&resolved).map_err(|error| failed("unlink", &self.path, &error))?;
                return Err(Error::Checksum { url: redact(url), expected, actual });
            }
        }
        self.file.sync(true).map_err(|error| failed("fdatasync", &self.path, &error))?;
        os.backend().rename(&resolved, &os.ambient().resolve(path)).map_err(|error| failed("rename", path, &error))?;
        Ok(self.size)
    }
}

fn failed(operation: &'static str, path: &Path, error: &std::io::Error) -> Error {
    Error::File { what: "writing a download", source: crate::os::Error::new(operation, error, Some(path), None) }
}

/// `bytes 5-9/10`: 5.
fn range_start(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

/// `bytes */10`: 10.
fn range_total(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('/')?.1.parse().ok()
}

impl Checksum {
    fn digits(&self) -> &str {
        match self {
            Checksum::Md5(digits) | Checksum::Sha1(digits) | Checksum::Sha256(digits) | Checksum::Sha512(digits) => digits,
        }
    }
}

enum Hash {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hash {
    fn new(checksum: &Checksum) -> Hash {
        match checksum {
            Checksum::Md5(_) => Hash::Md5(md5::Md5::new()),
            Checksum::Sha1(_) => Hash::Sha1(sha1::Sha1::new()),
            Checksum::Sha256(_) => Hash::Sha256(sha2::Sha256::new()),
            Checksum::Sha512(_) => Hash::Sha512(sha2::Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Md5(hash) => hash.update(bytes),
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    fn digits(self) -> String {
        match self {
            Hash::Md5(hash) => hex(&hash.finalize()),
            Hash::Sha1(hash) => hex(&hash.finalize()),
            Hash::Sha256(hash) => hex(&hash.finalize()),
            Hash::Sha512(hash) => hex(&hash.finalize()),
        }
    }
}
