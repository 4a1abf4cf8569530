//! Managed transfers: files, readers and writers to and from objects, in parts, several at once.
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
//! | `client.download_file(b, k, f)` | `client.download_file(b, k, f).wait()?`; `.resume(true)` goes on with what an earlier one left |
//! | `client.download_fileobj(b, k, fileobj)` | `let writer = client.download_fileobj(b, k, writer).wait()?`, any `Write` |
//! | `client.copy({"Bucket": b, "Key": k}, b2, k2, SourceClient=c)` | `client.copy((b, k), b2, k2).source_client(&c).wait()?` |
//! | `TransferConfig(multipart_threshold=..)` | [`TransferConfig`] |
//! | `S3Transfer(client, config)` | [`S3Transfer`] |
//! | `boto3.exceptions.S3UploadFailedError`, `RetriesExceededError` | [`Error::S3UploadFailed`], [`Error::RetriesExceeded`] |
//! | `s3transfer.exceptions.S3DownloadFailedError`, `S3CopyFailedError` | [`Error::S3DownloadFailed`], [`Error::S3CopyFailed`] |
//!
//! They are written over the operations of the seam, so they are the same in memory and on the network; and the requests they make
//! (how many, of which parts, with which parameters) are those of s3transfer. `aws-sdk-s3-transfer-manager` is not used: it is bound to Amazon's client and
//! cannot be put over a seam, it opens files itself, brings a second HTTP stack and a second crypto provider, and is a preview.
//!
//! A file of 8 MiB or more ([`TransferConfig`]) goes in parts. The ETag of such an object is not the MD5 of its bytes: it ends in `-` and the number of parts. To
//! verify an upload, compare the checksum in [`Uploaded`], or read the object back.
//!
//! # DIFFERENCE
//!
//! - An upload gives back what was stored ([`Uploaded`]: size, ETag, version, checksum). Python gives None.
//! - A part that the service could not take is sent again, up to three times, whoever tried again before; s3transfer leaves that to botocore.
//! - A body that broke off is taken up where it stopped, not at the start of its range; the callback sees no step back.
//! - A file that changes while it is uploaded is [`Error::SourceChanged`], and nothing is stored. s3transfer stores a mixture of both.
//! - A whole transfer has [`DEFAULT_TIMEOUT`], and a request moves a byte within the client's `read_timeout`, or it is given up and made again.
//! - `extra_args` takes the parameters of `PutObject`, so `ChecksumType` and `MpuObjectSize` cannot be said; the former follows from a checksum that is given. A copy in parts with
//!   `AnnotationDirective` `COPY` is [`Error::NotImplemented`].
//! - A reader has no size, unless [`Upload::size`] says so: it goes in parts of `multipart_chunksize`, 10,000 at most. Python asks a file where its end is.
//! - A writer is written to in order, also where Python would seek.
//! - [`TransferConfig`]: the sizes of s3transfer's queues bound nothing, `preferred_transfer_client` (the C runtime) is not there.

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
mod uploaded;

pub(super) use engine::{Budget, Engine};
pub(super) use file::is_native;
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
pub use uploaded::Uploaded;

#[cfg(doc)]
use crate::boto3::Error;
