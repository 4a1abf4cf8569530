//! [`Upload`]: uploads a file or a reader into an object.

pub(super) mod multipart;
pub(super) mod piece;
pub(super) mod reader;

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedPart};
use bytes::Bytes;

use self::multipart::Multipart;
use self::piece::{Piece, Source};
use super::args;
use super::config::{MAX_PARTS, adjust_chunksize};
use super::engine::{Budget, Engine};
use super::file::SourceFile;
use super::pool;
use super::progress::{Event, Meter, Observers};
use super::settings::{Settings, configurable};
use crate::boto3::s3::client::Client;
use crate::boto3::s3::shapes::PutObjectInputBuilder;
use crate::boto3::{Error, Result};
use crate::wait::BoxFuture;
use crate::wait::driver;

pub(super) const OPERATION: &str = "upload_file";

/// An upload: configure it, then run it with `.wait()?` or `.await?`. [`Client::upload_file`] and
/// [`Client::upload_fileobj`] return it.
///
/// From [`multipart_threshold`](super::TransferConfig::multipart_threshold) bytes on the object is
/// sent in concurrent parts. A part that the service refused temporarily is sent again. On failure,
/// and if the transfer is dropped, the upload is aborted, and no part of it is left.
#[must_use = "nothing is sent before `.wait()` or `.await`"]
pub struct Upload {
    settings: Settings,
    from: From,
    bucket: String,
    key: String,
    args: PutObjectInputBuilder,
    size: Option<u64>,
}

enum From {
    File(PathBuf),
    Reader(Box<dyn Read + Send>),
}

configurable!(Upload);

impl Upload {
    pub(in crate::boto3::s3) fn file(settings: Settings, filename: PathBuf, bucket: String, key: String) -> Upload {
        Upload { settings, from: From::File(filename), bucket, key, args: PutObjectInputBuilder::default(), size: None }
    }

    pub(in crate::boto3::s3) fn reader(settings: Settings, reader: Box<dyn Read + Send>, bucket: String, key: String) -> Upload {
        Upload { settings, from: From::Reader(reader), bucket, key, args: PutObjectInputBuilder::default(), size: None }
    }

    /// `ExtraArgs`: sets further parameters of the object, those of
    /// [`ALLOWED_UPLOAD_ARGS`](super::ALLOWED_UPLOAD_ARGS). Each is sent with every request of the
    /// upload that accepts it.
    pub fn extra_args(mut self, build: impl FnOnce(PutObjectInputBuilder) -> PutObjectInputBuilder) -> Upload {
        self.args = build(self.args);
        self
    }

    /// Sets the size of a reader, if known: parts are then large enough for 10,000 of them to
    /// suffice. The size of a file is known.
    pub fn size(mut self, bytes: u64) -> Upload {
        self.size = Some(bytes);
        self
    }

    async fn run(self) -> Result<()> {
        let Upload { settings, from, bucket, key, args, size } = self;
        args::check_upload(&args)?;
        let (engine, budget) = settings.begin(OPERATION, &[&bucket])?;
        let algorithm = args::algorithm(&args, engine.checksums_when_supported());
        let job = Arc::new(Job { engine, budget, bucket, key, args, algorithm, observers: settings.observers });
        match from {
            From::File(path) => job.file(&path).await.map_err(|error| match error {
                refusal @ Error::Client(_) => Error::S3UploadFailed {
                    filename: path.display().to_string(),
                    bucket: job.bucket.clone(),
                    key: job.key.clone(),
                    source: Box::new(refusal),
                },
                error => error,
            }),
            From::Reader(stream) => reader::upload(&job, stream, size).await,
        }
    }
}

impl IntoFuture for Upload {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> BoxFuture<Result<()>> {
        // A body needs the timers of a runtime: use the crate's, whatever awaits this.
        let context = self.settings.client.context.clone();
        context.interruptible("upload", driver::on_runtime(self.run()))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("bucket", &self.bucket).field("key", &self.key).finish_non_exhaustive()
    }
}

/// A running upload.
pub(super) struct Job {
    pub(super) engine: Engine,
    pub(super) budget: Budget,
    bucket: String,
    key: String,
    args: PutObjectInputBuilder,
    algorithm: Option<ChecksumAlgorithm>,
    pub(super) observers: Observers,
}

impl Job {
    async fn file(self: &Arc<Job>, path: &Path) -> Result<()> {
        let file = Arc::new(SourceFile::open(&self.engine.context.os, path).await?);
        let size = file.stat.st_size;
        self.observers.tell(Event::Total(size));
        if size < self.engine.config.multipart_threshold {
            let piece = self.piece(Source::File(file), 0, size);
            return self.budget.run(self.put(&piece)).await;
        }
        let upload = self.budget.run(self.create()).await?;
        let chunk = adjust_chunksize(self.engine.config.multipart_chunksize, Some(size));
        let (native, id) = (file.file.blocks(), upload.id());
        let parts = (0..size.div_ceil(chunk)).map(|number| -> BoxFuture<_> {
            let offset = number * chunk;
            let piece = self.piece(Source::File(file.clone()), offset, chunk.min(size - offset));
            let (job, id) = (self.clone(), id.clone());
            Engine::lane(native, async move { job.part(id, number + 1, piece).await })
        });
        let sent = self.budget.run(pool::all(self.engine.config.lanes(), parts)).await;
        let sent = match sent {
            Ok(parts) => file.verify().await.map(|()| parts),
            Err(error) => Err(error),
        };
        self.complete(upload, sent).await
    }

    pub(super) fn piece(&self, source: Source, offset: u64, length: u64) -> Piece {
        Piece { source, offset, length, bandwidth: self.engine.bandwidth.clone() }
    }

    pub(super) async fn create(&self) -> Result<Multipart> {
        let create = args::create(&self.args, self.algorithm.as_ref()).bucket(&self.bucket).key(&self.key);
        Multipart::create(&self.engine, create).await
    }

    pub(super) async fn complete(&self, upload: Multipart, parts: Result<Vec<CompletedPart>>) -> Result<()> {
        upload.complete(&self.engine, &self.budget, args::complete(&self.args), parts).await
    }

    /// Uploads the whole object in one request.
    pub(super) async fn put(&self, piece: &Piece) -> Result<()> {
        let _turn = self.engine.turn().await;
        self.engine
            .attempts(|| {
                self.send("put_object", piece, async |body| {
                    let put = args::put(&self.args, self.algorithm.as_ref()).bucket(&self.bucket).key(&self.key);
                    self.engine.backend.put_object(put.body(body)).await
                })
            })
            .await
            .map(|_| ())
    }

    /// Uploads one part. `number` counts from 1.
    pub(super) async fn part(&self, id: Option<String>, number: u64, piece: Piece) -> Result<CompletedPart> {
        let _turn = self.engine.turn().await;
        let number = i32::try_from(number).ok().filter(|_| number <= MAX_PARTS).ok_or_else(|| {
            Error::Value(format!("more than {MAX_PARTS} parts: give the upload its size, or a larger multipart_chunksize"))
        })?;
        let part = self.engine.attempts(|| {
            self.send("upload_part", &piece, async |body| {
                let part = args::part(&self.args, self.algorithm.as_ref()).bucket(&self.bucket).key(&self.key);
                self.engine.backend.upload_part(part.set_upload_id(id.clone()).part_number(number).body(body)).await
            })
        });
        Ok(args::uploaded(number, &part.await?))
    }

    async fn send<T>(
        &self,
        operation: &'static str,
        piece: &Piece,
        request: impl AsyncFnOnce(aws_smithy_types::byte_stream::ByteStream) -> Result<T>,
    ) -> Result<T> {
        let meter = Meter::new(&self.observers);
        let body = piece.body(&meter).await?;
        match self.engine.watched(operation, &meter.moved, request(body)).await {
            Ok(answer) => {
                if piece.is_silent() && piece.length > 0 {
                    self.observers.moved(piece.length);
                }
                Ok(answer)
            }
            Err(error) => {
                meter.rewind();
                Err(meter.blame(error))
            }
        }
    }
}

impl Client {
    /// Uploads a file: `upload_file(Filename, Bucket, Key)`.
    ///
    /// # Errors
    /// [`Error::File`], also for a directory; [`Error::S3UploadFailed`] for errors of the service;
    /// [`Error::SourceChanged`] if the file changes before its last byte is read.
    ///
    /// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/upload_file.html>
    #[doc(alias(
        "S3.Client.upload_file",
        "S3.Client.upload_file(Filename=)",
        "S3.Client.upload_file(Bucket=)",
        "S3.Client.upload_file(Key=)",
        "S3.Client.upload_file(ExtraArgs=)",
        "S3.Client.upload_file(Callback=)",
        "S3.Client.upload_file(Config=)"
    ))]
    pub fn upload_file(&self, filename: impl Into<PathBuf>, bucket: impl Into<String>, key: impl Into<String>) -> Upload {
        Upload::file(Settings::new(self), filename.into(), bucket.into(), key.into())
    }

    /// Uploads the data of a reader, to its end: `upload_fileobj(Fileobj, Bucket, Key)`. A separate
    /// thread reads it. At most
    /// [`max_in_memory_upload_chunks`](super::TransferConfig::max_in_memory_upload_chunks) parts
    /// are in memory, and one that is being read.
    ///
    /// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/upload_fileobj.html>
    #[doc(alias = "S3.Client.upload_fileobj")]
    pub fn upload_fileobj(
        &self,
        reader: impl Read + Send + 'static,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> Upload {
        Upload::reader(Settings::new(self), Box::new(reader), bucket.into(), key.into())
    }
}

/// The bytes from a reader.
pub(super) fn in_memory(job: &Job, bytes: Bytes) -> Piece {
    let length = bytes.len() as u64;
    job.piece(Source::Memory(bytes), 0, length)
}
