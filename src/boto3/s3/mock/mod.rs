//! S3 in memory: buckets, objects with their versions, multipart uploads.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let s3 = world.batteries().boto3.client().s3();
//! s3.create_bucket(|create| create.bucket("backups")).wait()?;
//! s3.put_object(|put| put.bucket("backups").key("a.txt").body(b"hello".to_vec().into())).wait()?;
//! assert_eq!(world.boto3.s3.object("backups", "a.txt").unwrap(), "hello");
//! let missing = s3.get_object(|get| get.bucket("backups").key("b.txt")).wait().unwrap_err();
//! assert_eq!(missing.code(), Some("NoSuchKey"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | buckets | AWS's rules for names, regions, [`Mock::taken`] for names of other accounts; a client of another region gets 301 |
//! | objects | ETags, checksums (CRC32, CRC32C, CRC64NVME, SHA1, SHA256), metadata, tags, storage classes, ranges, parts |
//! | conditions | on reads, on writes, on the source of a copy, on deletes |
//! | versions | with markers and null versions; object lock, retention and legal holds are obeyed |
//! | multipart uploads | checked like the service; [`Mock::uploads`] lists those neither completed nor aborted |
//! | configuration | stored, checked and returned; applied are encryption (as reported), ownership, public access of lists, object lock |
//! | archive | `restore_object` takes hours on the world's clock |
//! | time | `LastModified` is the world's clock, in whole seconds; [`Mock::latency`] delays each call |
//! | faults | `world.script().fail_next("s3.put_object", ..)`, [`Mock::cut`] for truncated bodies, [`Mock::corrupt`] for damaged objects, [`Mock::quota`], [`Mock::no_credentials`] |
//! | anonymous clients | may do what lists allow to everyone |
//! | HTTP | presigned URLs and forms for the world's `requests`, every modelled operation for [`Mock::sdk_client`]: [`site`] |
//! | not modelled | `select_object_content`, `list_directory_buckets`, `list_object_annotations`, MD5, SHA512 and XXHASH checksums, event holds: `NotImplemented`. Policies, lifecycle, replication, notification, logging and websites have no effect |

mod access;
mod buckets;
mod inventory;
mod listing;
mod objects;
mod refusal;
pub mod site;
mod state;
mod tagging;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::backend::{Backend, shapes::*};
use super::encoding::spelled;
use super::operations::operations;
use crate::boto3::Result;
use crate::boto3::backend::{ClientConfig, Credentials, Service};
use crate::boto3::error::Error;
use crate::mock::Script;
use refusal::{Answer, Refusal};
use state::{ACCOUNT, Cut, DEFAULT_REGION, Request, State, whole_seconds};

/// S3 in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
}

/// A multipart upload that was neither completed nor aborted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The upload id.
    pub upload_id: String,
    /// The numbers of the uploaded parts, with their sizes.
    pub parts: BTreeMap<i32, usize>,
}

impl Mock {
    pub(crate) fn new(script: Script) -> Mock {
        Mock { script, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the names of the buckets, in order.
    pub fn buckets(&self) -> Vec<String> {
        self.lock().buckets.keys().cloned().collect()
    }

    /// Returns the keys of a bucket whose current version is an object, in order. Empty if the
    /// bucket does not exist.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let state = self.lock();
        let Some(bucket) = state.buckets.get(bucket) else { return Vec::new() };
        bucket.objects.keys().filter(|key| bucket.current(key).is_some()).cloned().collect()
    }

    /// Returns the bytes of an object's current version, if it exists.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        Some(self.lock().buckets.get(bucket)?.current(key)?.object.as_ref()?.bytes.clone())
    }

    /// Returns the number of versions of a key, including delete markers.
    pub fn versions(&self, bucket: &str, key: &str) -> usize {
        self.lock().buckets.get(bucket).and_then(|bucket| bucket.objects.get(key)).map_or(0, Vec::len)
    }

    /// Returns the uploads in progress in all buckets; a correct script leaves none.
    pub fn uploads(&self) -> Vec<Upload> {
        let state = self.lock();
        let uploads = state.buckets.iter().flat_map(|(bucket, held)| held.uploads.iter().map(move |upload| (bucket, upload)));
        uploads
            .map(|(bucket, ((key, id), upload))| Upload {
                bucket: bucket.clone(),
                key: key.clone(),
                upload_id: id.clone(),
                parts: upload.parts.iter().map(|(number, part)| (*number, part.bytes.len())).collect(),
            })
            .collect()
    }

    /// Returns the total size of objects in all versions and of parts.
    pub fn size(&self) -> u64 {
        self.lock().buckets.values().map(state::Bucket::size).sum()
    }

    /// Reserves a bucket name for another account.
    pub fn taken(&self, bucket: impl Into<String>) -> &Mock {
        self.lock().taken.insert(bucket.into());
        self
    }

    /// Limits the total size in bytes; beyond it, writes fail with 403 `QuotaExceeded`. `None`, the
    /// default, means no limit.
    pub fn quota(&self, bytes: impl Into<Option<u64>>) -> &Mock {
        self.lock().quota = bytes.into();
        self
    }

    /// Sets the duration of each call on the world's clock. Default: zero.
    pub fn latency(&self, latency: Duration) -> &Mock {
        self.lock().latency = latency;
        self
    }

    /// Truncates the body of the next `get_object` of this object after some bytes. Several calls
    /// are queued.
    pub fn cut(&self, bucket: impl Into<String>, key: impl Into<String>, after: usize) -> &Mock {
        self.lock().cuts.push(Cut { bucket: bucket.into(), key: key.into(), after });
        self
    }

    /// Damages the bytes of an object's current version, as if they had been damaged on their way to S3: its size stays, its ETag and its
    /// checksum are those of the damaged bytes. So a check by ETag, by checksum or by content finds it, and one by size does not.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let s3 = world.batteries().boto3.client().s3();
    /// s3.create_bucket(|create| create.bucket("logs")).wait()?;
    /// s3.put_object(|put| put.bucket("logs").key("a.log").content("one\n")).wait()?;
    /// world.boto3.s3.corrupt("logs", "a.log");
    /// assert_ne!(s3.get_object(|get| get.bucket("logs").key("a.log")).wait()?.read()?, "one\n");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is no such object, or it is empty.
    pub fn corrupt(&self, bucket: &str, key: &str) -> &Mock {
        let damaged = self.lock().buckets.get_mut(bucket).and_then(|bucket| bucket.corrupt(key));
        assert!(damaged.is_some(), "s3://{bucket}/{key} has no byte to damage");
        self
    }

    /// Sets whether clients without explicit credentials find none.
    pub fn no_credentials(&self, none: bool) -> &Mock {
        self.lock().no_credentials = none;
        self
    }
}

impl Service<dyn Backend> for Mock {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Connected { mock: self.clone(), config })
    }
}

/// The fake from the view of one client.
#[derive(Debug)]
struct Connected {
    mock: Mock,
    config: ClientConfig,
}

/// The common part of every input: the operation, its resource, and the expected owner.
#[derive(Debug)]
struct Asked {
    operation: &'static str,
    bucket: Option<String>,
    key: Option<String>,
    owner: Option<String>,
}

impl Connected {
    /// The steps before every operation: log and faults, connection, credentials.
    async fn enter(&self, asked: &Asked, logged: &'static str) -> Result<()> {
        let subject = [&asked.bucket, &asked.key].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
        self.mock.script.enter::<Error>(logged, subject)?;
        let (latency, none) = {
            let state = self.mock.lock();
            (state.latency, state.no_credentials)
        };
        if none && matches!(self.config.credentials, Credentials::Chain) {
            return Err(Error::NoCredentials { operation: asked.operation, source: None });
        }
        if !latency.is_zero() {
            self.mock.script.clock().sleep(latency).await;
        }
        Ok(())
    }

    /// Receives a body, as far as it can be sent.
    async fn receive(&self, operation: &'static str, body: ByteStream) -> Result<Bytes> {
        if body.size_hint().0 > objects::LARGEST {
            // Refused by its headers: the body is not read.
            return Err(self.refused(operation, objects::too_large()));
        }
        match body.collect().await {
            Ok(bytes) => Ok(bytes.into_bytes()),
            Err(error) => {
                let endpoint =
                    self.config.endpoint_url.as_deref().map_or_else(|| self.region().to_owned(), crate::secret::url::redact);
                Err(Error::EndpointConnection { operation, endpoint, source: Some(Box::new(error)) })
            }
        }
    }

    fn region(&self) -> &str {
        self.config.region_name.as_deref().filter(|region| *region != "aws-global").unwrap_or(DEFAULT_REGION)
    }

    fn refused(&self, operation: &'static str, refusal: Refusal) -> Error {
        let id = self.mock.lock().ids.request();
        refusal.of(operation, id)
    }

    fn answer<T>(&self, asked: &Asked, body: Bytes, work: impl FnOnce(&mut Request<'_>) -> Answer<T>) -> Result<T> {
        let answer = {
            let mut state = self.mock.lock();
            let mut request =
                Request { state: &mut state, region: self.region(), now: whole_seconds(self.mock.script.clock().now()), body };
            let anonymous = matches!(self.config.credentials, Credentials::Unsigned);
            let admitted = match &asked.owner {
                Some(owner) if owner != ACCOUNT => Err(Refusal::access_denied("Access Denied")),
                _ if anonymous => request.admit_anybody(asked),
                _ => Ok(()),
            };
            admitted.and_then(|()| work(&mut request))
        };
        answer.map_err(|refusal| self.refused(asked.operation, refusal))
    }
}

/// Defaults for inputs without a field. Inherent methods take precedence, so inputs with the field
/// use their own.
trait Silent {
    fn get_bucket(&self) -> &Option<String> {
        &None
    }
    fn get_key(&self) -> &Option<String> {
        &None
    }
    fn get_expected_bucket_owner(&self) -> &Option<String> {
        &None
    }
}
impl<T> Silent for T {}

/// The operations that send a body.
macro_rules! body {
    ($connected:ident, put_object, $input:ident) => {
        $connected.receive("put_object", std::mem::take(&mut $input.body)).await?
    };
    ($connected:ident, upload_part, $input:ident) => {
        $connected.receive("upload_part", std::mem::take(&mut $input.body)).await?
    };
    ($connected:ident, $operation:ident, $input:ident) => {
        Bytes::new()
    };
}

macro_rules! mock {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Connected {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                Ok(self.mock.sdk_client_of(&self.config))
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    const OPERATION: &str = stringify!($operation);
                    let asked = Asked {
                        operation: OPERATION,
                        bucket: input.get_bucket().clone(),
                        key: input.get_key().clone(),
                        owner: input.get_expected_bucket_owner().clone(),
                    };
                    self.enter(&asked, concat!("s3.", stringify!($operation))).await?;
                    spelled!($operation, input, {
                        #[allow(unused_mut, reason = "a body is taken out")]
                        let mut input = input.build().map_err(|error| Error::ParamValidation { operation: OPERATION, report: error.to_string() })?;
                        let body = body!(self, $operation, input);
                        self.answer(&asked, body, |request| request.$operation(input))
                    })
                }
            )*
        }
    };
}
operations!(mock);

macro_rules! not_modelled {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        /// The operations that return [`Error::NotImplemented`]: queries on objects would need an
        /// SQL engine, directory buckets are another kind of bucket, and objects have no
        /// annotations here.
        pub const NOT_MODELLED: &[&str] = &[$(stringify!($operation)),*];

        impl Request<'_> {
            $(fn $operation(&mut self, _: aws_sdk_s3::operation::$operation::$Input) -> Answer<$Output> {
                Err(Refusal::NotModelled)
            })*
        }
    };
}

not_modelled! {
    list_directory_buckets(ListDirectoryBucketsInput) -> ListDirectoryBucketsOutput;
    list_object_annotations(ListObjectAnnotationsInput) -> ListObjectAnnotationsOutput;
    select_object_content(SelectObjectContentInput) -> SelectObjectContentOutput;
}
