//! Managed transfers: files, readers and writers to and from objects, in concurrent parts.
//!
//! ```no_run
//! use leyden::prelude::*;
//!
//! let s3 = Batteries::included().boto3.client().s3();
//! s3.upload_file("out/reports/today.html", "backups", "today.html").wait()?;
//! s3.download_file("backups", "today.html", "/tmp/today.html").callback(|bytes| println!("{bytes} more")).wait()?;
//! let bytes = s3.download_fileobj("backups", "today.html", Vec::new()).wait()?;
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `client.upload_file(f, b, k, ExtraArgs={"ACL": ..}, Callback=c, Config=t)` | `client.upload_file(f, b, k).extra_args(\|put\| put.acl(..)).callback(c).config(t).wait()?` |
//! | `client.upload_fileobj(fileobj, b, k)` | `client.upload_fileobj(reader, b, k).wait()?`, any `Read` |
//! | `client.download_file(b, k, f)` | `client.download_file(b, k, f).wait()?`; `.resume(true)` continues an earlier one |
//! | `client.download_fileobj(b, k, fileobj)` | `let writer = client.download_fileobj(b, k, writer).wait()?`, any `Write` |
//! | `client.copy({"Bucket": b, "Key": k}, b2, k2, SourceClient=c)` | `client.copy((b, k), b2, k2).source_client(&c).wait()?` |
//! | `TransferConfig(multipart_threshold=..)` | [`TransferConfig`] |
//! | `S3Transfer(client, config)` | [`S3Transfer`] |
//! | `boto3.exceptions.S3UploadFailedError`, `RetriesExceededError` | [`Error::S3UploadFailed`], [`Error::RetriesExceeded`] |
//! | `s3transfer.exceptions.S3DownloadFailedError`, `S3CopyFailedError` | [`Error::S3DownloadFailed`], [`Error::S3CopyFailed`] |
//!
//! They are implemented on top of the backend's operations, so they behave the same in memory and
//! on the network. The requests (their number, parts and parameters) are those of s3transfer.
//! `aws-sdk-s3-transfer-manager` is not used: it is tied to the SDK's client and cannot use a
//! backend, it opens files itself, adds a second HTTP stack and a second crypto provider, and is a
//! preview.
//!
//! # DIFFERENCE
//!
//! - A part that the service refused temporarily is sent again, up to three times, in addition to
//!   the backend's retries; s3transfer leaves that to botocore.
//! - A truncated body is resumed where it ended, not at the start of its range; the callback gets
//!   no negative number.
//! - A file that changes during its upload is [`Error::SourceChanged`], and nothing is stored.
//!   s3transfer stores a mixture of both versions.
//! - A whole transfer has [`DEFAULT_TIMEOUT`]. A request without progress within the client's
//!   `read_timeout` is repeated.
//! - `extra_args` takes the parameters of `PutObject`, so `ChecksumType` and `MpuObjectSize` cannot
//!   be set; the former follows from a given checksum. A multipart copy with `AnnotationDirective`
//!   `COPY` is [`Error::NotImplemented`].
//! - A reader has no size, unless [`Upload::size`] sets it: it is sent in parts of
//!   `multipart_chunksize`, at most 10,000. Python seeks to the end of a file.
//! - A writer is written in order, even where Python would seek.
//! - [`TransferConfig`]: the sizes of s3transfer's queues have no effect,
//!   `preferred_transfer_client` (the C runtime) is not implemented.

mod args;
mod config;
mod copy;
mod download;
mod engine;
mod file;
mod limit;
mod manager;
mod pool;
mod progress;
mod resources;
mod settings;
mod upload;

pub(super) use engine::{Budget, Engine};
pub(super) use pool::Pool;
pub(super) use settings::Settings;

pub use args::{ALLOWED_COPY_ARGS, ALLOWED_DOWNLOAD_ARGS, ALLOWED_UPLOAD_ARGS};
pub use config::TransferConfig;
pub use copy::{Copy, CopySource};
pub(in crate::boto3::s3) use download::Known;
pub use download::{Download, DownloadFileobj};
pub use manager::S3Transfer;
pub use settings::DEFAULT_TIMEOUT;
pub use upload::Upload;

#[cfg(doc)]
use crate::boto3::Error;
