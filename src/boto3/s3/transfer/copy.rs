//! [`Copy`]: copies an object within the service.

use std::fmt;
use std::sync::Arc;

use aws_sdk_s3::types::{Tag, TaggingDirective};

use super::args;
use super::config::adjust_chunksize;
use super::download::fetch;
use super::engine::{Budget, Engine};
use super::pool;
use super::progress::{Event, Observers};
use super::settings::{Settings, configurable};
use super::upload::multipart::Multipart;
use crate::boto3::s3::client::Client;
use crate::boto3::s3::shapes::{
    CopyObjectInputBuilder, GetObjectTaggingInputBuilder, HeadObjectOutput, PutObjectTaggingInputBuilder,
};
use crate::boto3::{Error, Result};
use crate::wait::BoxFuture;
use crate::wait::driver;

const OPERATION: &str = "copy";

/// Tags that exceed the length of a header are set by a separate request, as in aws-cli.
const LONGEST_HEADER: usize = 2048;

/// The source of a copy: Python's `{"Bucket": .., "Key": .., "VersionId": ..}`.
///
/// ```
/// use leyden::boto3::s3::transfer::CopySource;
///
/// let source = CopySource::new("photos", "2026/caf\u{e9} 1.jpg").version_id("v2");
/// assert_eq!(source.to_string(), "photos/2026/caf%C3%A9%201.jpg?versionId=v2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopySource {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl CopySource {
    /// The current version of an object.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> CopySource {
        CopySource { bucket: bucket.into(), key: key.into(), version_id: None }
    }

    /// Selects an older version.
    #[must_use]
    pub fn version_id(self, version_id: impl Into<String>) -> CopySource {
        CopySource { version_id: Some(version_id.into()), ..self }
    }
}

impl<B: Into<String>, K: Into<String>> From<(B, K)> for CopySource {
    fn from((bucket, key): (B, K)) -> CopySource {
        CopySource::new(bucket, key)
    }
}

/// The form of the header `x-amz-copy-source`: quoted.
impl fmt::Display for CopySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |f: &mut fmt::Formatter<'_>, text: &str| {
            text.bytes().try_for_each(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => write!(f, "{}", char::from(byte)),
                _ => write!(f, "%{byte:02X}"),
            })
        };
        quoted(f, &self.bucket)?;
        f.write_str("/")?;
        quoted(f, &self.key)?;
        match &self.version_id {
            Some(version) => {
                f.write_str("?versionId=")?;
                quoted(f, version)
            }
            None => Ok(()),
        }
    }
}

/// A copy: configure it, then run it with `.wait()?` or `.await?`. The object's bytes do not pass
/// through this machine. [`Client::copy`] returns it.
///
/// From [`multipart_threshold`](super::TransferConfig::multipart_threshold) bytes on it is copied
/// in parts, all of the same version (`CopySourceIfMatch`). The properties that a copy in one
/// request keeps (content type, metadata, tags, the kind of checksum) are then set explicitly, so
/// that the result does not depend on the size.
///
/// DIFFERENCE: s3transfer loses the tags of a large object unless `TaggingDirective` is given
/// (<https://github.com/aws/aws-cli/issues/7316>). A copy of a large object needs
/// `s3:GetObjectTagging`, as `CopyObject` does.
#[must_use = "nothing is copied until `.wait()` or `.await`"]
pub struct Copy {
    settings: Settings,
    from: CopySource,
    source_client: Option<Client>,
    bucket: String,
    key: String,
    args: CopyObjectInputBuilder,
    size: Option<u64>,
}

configurable!(Copy);

impl Copy {
    pub(in crate::boto3::s3) fn new(settings: Settings, from: CopySource, bucket: String, key: String) -> Copy {
        Copy { settings, from, source_client: None, bucket, key, args: CopyObjectInputBuilder::default(), size: None }
    }

    /// Sets the size from a listing: a copy in one request then needs no HEAD.
    pub(in crate::boto3::s3) fn known_size(self, size: u64) -> Copy {
        Copy { size: Some(size), ..self }
    }

    /// `ExtraArgs`: sets further parameters, those of
    /// [`ALLOWED_COPY_ARGS`](super::ALLOWED_COPY_ARGS). Metadata and tags require `REPLACE` as
    /// their directive, as in `CopyObject`.
    pub fn extra_args(mut self, build: impl FnOnce(CopyObjectInputBuilder) -> CopyObjectInputBuilder) -> Copy {
        self.args = build(self.args);
        self
    }

    /// Sets the client for requests about the source: of its region, or with permission to read it.
    /// Default: the same client.
    pub fn source_client(mut self, client: &Client) -> Copy {
        self.source_client = Some(client.clone());
        self
    }

    async fn run(self) -> Result<()> {
        let Copy { settings, from, source_client, bucket, key, args, size } = self;
        args::check_copy(&args)?;
        let (engine, budget) = settings.begin(OPERATION, &[&from.bucket, &bucket])?;
        let source = source_client.unwrap_or_else(|| settings.client.clone());
        let job = Arc::new(Job { engine, budget, source, from, bucket, key, args, observers: settings.observers });
        job.run(size).await
    }
}

impl IntoFuture for Copy {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> BoxFuture<Result<()>> {
        // A body needs the timers of a runtime: use the crate's, whatever awaits this.
        let context = self.settings.client.context.clone();
        context.interruptible("copy", driver::on_runtime(self.run()))
    }
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Copy { from, bucket, key, .. } = self;
        f.debug_struct("Copy").field("from", from).field("bucket", bucket).field("key", key).finish_non_exhaustive()
    }
}

struct Job {
    engine: Engine,
    budget: Budget,
    source: Client,
    from: CopySource,
    bucket: String,
    key: String,
    args: CopyObjectInputBuilder,
    observers: Observers,
}

impl Job {
    async fn run(self: &Arc<Job>, known: Option<u64>) -> Result<()> {
        if let Some(size) = known.filter(|size| *size < self.engine.config.multipart_threshold) {
            return self.in_one(size).await;
        }
        let head = self.budget.run(self.head()).await?;
        let size = fetch::length("head_object", head.content_length)?;
        if size < self.engine.config.multipart_threshold {
            return self.in_one(size).await;
        }
        self.observers.tell(Event::Total(size));
        // CopyObject copies the tags unless the directive prevents it.
        let copied = match self.args.get_tagging_directive() {
            None => self.budget.run(self.source_tags(head.version_id())).await?,
            Some(_) => Vec::new(),
        };
        let header = Some(encoded(&copied)).filter(|header| !header.is_empty() && header.len() <= LONGEST_HEADER);
        self.parts(&head, size, header.clone()).await?;
        self.budget.run(self.tags(if header.is_some() { Vec::new() } else { copied })).await
    }

    async fn in_one(&self, size: u64) -> Result<()> {
        self.observers.tell(Event::Total(size));
        self.budget.run(self.whole()).await?;
        self.observers.moved(size);
        Ok(())
    }

    async fn head(&self) -> Result<HeadObjectOutput> {
        let ask = || {
            let head = args::head_source(&self.args).bucket(&self.from.bucket).key(&self.from.key);
            self.source.backend.head_object(head.set_version_id(self.from.version_id.clone()))
        };
        self.engine.attempts(ask).await
    }

    async fn whole(&self) -> Result<()> {
        let _turn = self.engine.turn().await;
        let copy = || {
            let copy = self.args.clone().copy_source(self.from.to_string()).bucket(&self.bucket).key(&self.key);
            self.engine.backend.copy_object(copy)
        };
        self.engine.attempts(copy).await.map(|_| ())
    }

    /// Returns the tags of the source. A service without tags has none to copy.
    async fn source_tags(&self, version_id: Option<&str>) -> Result<Vec<Tag>> {
        let get = GetObjectTaggingInputBuilder::default()
            .bucket(&self.from.bucket)
            .key(&self.from.key)
            .set_version_id(self.from.version_id.clone().or_else(|| version_id.map(str::to_owned)))
            .set_request_payer(self.args.get_request_payer().clone())
            .set_expected_bucket_owner(self.args.get_expected_bucket_owner().clone());
        match self.engine.attempts(|| self.source.backend.get_object_tagging(get.clone())).await {
            Ok(answer) => Ok(answer.tag_set),
            Err(Error::Client(refusal)) if matches!(refusal.status, 405 | 501) || refusal.code == "NoSuchTagSet" => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    async fn parts(self: &Arc<Job>, head: &HeadObjectOutput, size: u64, tagging: Option<String>) -> Result<()> {
        let replace = self.args.get_metadata_directive().as_ref().is_some_and(|directive| directive.as_str() == "REPLACE");
        if self.args.get_annotation_directive().as_ref().is_some_and(|directive| directive.as_str() == "COPY") {
            return Err(Error::NotImplemented { operation: "list_object_annotations" });
        }
        let create = args::create_copy(&self.args, head, replace).bucket(&self.bucket).key(&self.key).set_tagging(tagging);
        let upload = self.budget.run(Multipart::create(&self.engine, create)).await?;
        let chunk = adjust_chunksize(self.engine.config.multipart_chunksize, Some(size));
        let (id, etag) = (upload.id(), head.e_tag.clone());
        let parts = (0..size.div_ceil(chunk)).map(|number| -> BoxFuture<_> {
            let (start, end) = (number * chunk, (number * chunk).saturating_add(chunk).min(size));
            let (job, id, etag) = (self.clone(), id.clone(), etag.clone());
            Box::pin(async move { job.part(id, number + 1, start, end, etag).await })
        });
        let copied = self.budget.run(pool::all(self.engine.config.lanes(), parts)).await;
        upload.complete(&self.engine, &self.budget, args::complete_copy(&self.args), copied).await.map(drop)
    }

    async fn part(
        &self,
        id: Option<String>,
        number: u64,
        start: u64,
        end: u64,
        etag: Option<String>,
    ) -> Result<aws_sdk_s3::types::CompletedPart> {
        let _turn = self.engine.turn().await;
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let copy = || {
            let part = args::part_copy(&self.args).copy_source(self.from.to_string()).bucket(&self.bucket).key(&self.key);
            let part = part.copy_source_range(format!("bytes={start}-{}", end - 1)).set_upload_id(id.clone()).part_number(number);
            let part = if etag.is_some() { part.set_copy_source_if_match(etag.clone()) } else { part };
            self.engine.backend.upload_part_copy(part)
        };
        let answer = self.engine.attempts(copy).await.map_err(|error| match error.code() {
            Some("PreconditionFailed") => Error::S3CopyFailed { bucket: self.from.bucket.clone(), key: self.from.key.clone() },
            _ => error,
        })?;
        self.observers.moved(end - start);
        Ok(args::copied(number, answer.copy_part_result()))
    }

    /// Sets the tags that do not fit the first request of a multipart copy.
    async fn tags(&self, copied: Vec<Tag>) -> Result<()> {
        let tags = match self.args.get_tagging_directive() {
            None => copied,
            Some(TaggingDirective::Copy) => self.source_tags(None).await?,
            Some(TaggingDirective::Replace) => parse(self.args.get_tagging().as_deref().unwrap_or_default())?,
            Some(_) => return Ok(()),
        };
        if tags.is_empty() {
            return Ok(());
        }
        let tagging = aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(tags)).build();
        let tagging = tagging.map_err(|error| Error::Value(error.to_string()))?;
        let put = PutObjectTaggingInputBuilder::default()
            .bucket(&self.bucket)
            .key(&self.key)
            .tagging(tagging)
            .set_request_payer(self.args.get_request_payer().clone())
            .set_expected_bucket_owner(self.args.get_expected_bucket_owner().clone())
            .set_checksum_algorithm(self.args.get_checksum_algorithm().clone());
        self.engine.attempts(|| self.engine.backend.put_object_tagging(put.clone())).await.map(|_| ())
    }
}

/// Encodes tags for the parameter `Tagging`.
fn encoded(tags: &[Tag]) -> String {
    let quoted = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    tags.iter().map(|tag| format!("{}={}", quoted(tag.key()), quoted(tag.value()))).collect::<Vec<_>>().join("&")
}

/// Parses `a=1&b=x%20y`, the parameter `Tagging`.
fn parse(tagging: &str) -> Result<Vec<Tag>> {
    let tags = tagging.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let tag = Tag::builder().key(unquote(key)).value(unquote(value)).build();
        tag.map_err(|error| Error::Value(error.to_string()))
    });
    tags.collect()
}

fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| tail.get(..2)).flatten().and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Client {
    /// Copies an object within the service: `copy(CopySource, Bucket, Key)`. `client.copy(("from", "key"), "to", "key")`.
    ///
    /// # Errors
    /// [`Error::S3CopyFailed`] if the source changes during the copy.
    ///
    /// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/copy.html>
    #[doc(alias = "S3.Client.copy")]
    pub fn copy(&self, copy_source: impl Into<CopySource>, bucket: impl Into<String>, key: impl Into<String>) -> Copy {
        Copy::new(Settings::new(self), copy_source.into(), bucket.into(), key.into())
    }
}
