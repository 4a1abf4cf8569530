//! [`S3Transfer`]: transfers with shared limits.

use std::io::{Read, Write};
use std::path::PathBuf;

use super::config::TransferConfig;
use super::copy::{Copy, CopySource};
use super::download::{Download, DownloadFileobj};
use super::engine::Engine;
use super::settings::Settings;
use super::upload::Upload;
use crate::boto3::Result;
use crate::boto3::s3::client::Client;

/// Transfers that share concurrency and bandwidth: Python's `boto3.s3.transfer.S3Transfer(client,
/// config)`.
///
/// However many of them run at once, there are at most
/// [`max_concurrency`](TransferConfig::max_concurrency) requests, and
/// [`max_bandwidth`](TransferConfig::max_bandwidth) applies to all of them together. There is
/// nothing to close: a transfer that is not awaited does not run. Clones share the limits too.
///
/// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/customizations/s3.html#boto3.s3.transfer.S3Transfer>
#[derive(Clone, Debug)]
#[doc(alias("S3.S3Transfer", "S3.S3Transfer.__enter__", "S3.S3Transfer.__exit__"))]
pub struct S3Transfer {
    client: Client,
    engine: Engine,
}

impl S3Transfer {
    /// Creates a manager with these limits.
    ///
    /// # Errors
    /// [`Error::Value`](crate::boto3::Error::Value), as [`TransferConfig::validate`].
    pub fn new(client: &Client, config: TransferConfig) -> Result<S3Transfer> {
        config.validate()?;
        Ok(S3Transfer { client: client.clone(), engine: Engine::new(client, config) })
    }

    /// As [`Client::upload_file`].
    #[doc(alias = "S3.S3Transfer.upload_file")]
    pub fn upload_file(&self, filename: impl Into<PathBuf>, bucket: impl Into<String>, key: impl Into<String>) -> Upload {
        Upload::file(self.settings(), filename.into(), bucket.into(), key.into())
    }

    /// As [`Client::upload_fileobj`].
    pub fn upload_fileobj(
        &self,
        reader: impl Read + Send + 'static,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> Upload {
        Upload::reader(self.settings(), Box::new(reader), bucket.into(), key.into())
    }

    /// As [`Client::download_file`].
    #[doc(alias = "S3.S3Transfer.download_file")]
    pub fn download_file(&self, bucket: impl Into<String>, key: impl Into<String>, filename: impl Into<PathBuf>) -> Download {
        Download::new(self.settings(), bucket.into(), key.into(), filename.into())
    }

    /// As [`Client::download_fileobj`].
    pub fn download_fileobj<W: Write + Send + 'static>(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        writer: W,
    ) -> DownloadFileobj<W> {
        DownloadFileobj::new(self.settings(), bucket.into(), key.into(), writer)
    }

    /// As [`Client::copy`].
    pub fn copy(&self, copy_source: impl Into<CopySource>, bucket: impl Into<String>, key: impl Into<String>) -> Copy {
        Copy::new(self.settings(), copy_source.into(), bucket.into(), key.into())
    }

    fn settings(&self) -> Settings {
        Settings::shared(&self.client, &self.engine)
    }
}
