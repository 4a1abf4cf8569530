//! The transfers that boto3 injects into its resources.

use std::io::{Read, Write};
use std::path::PathBuf;

use super::{Copy, CopySource, Download, DownloadFileobj, Upload};
use crate::boto3::s3::resources::{Bucket, Object};

impl Bucket {
    /// As [`Client::upload_file`](crate::boto3::s3::Client::upload_file), into this bucket.
    #[doc(alias = "S3.Bucket.upload_file")]
    pub fn upload_file(&self, filename: impl Into<PathBuf>, key: impl Into<String>) -> Upload {
        self.meta.client.upload_file(filename, &self.name, key)
    }

    /// As [`Client::upload_fileobj`](crate::boto3::s3::Client::upload_fileobj), into this bucket.
    #[doc(alias = "S3.Bucket.upload_fileobj")]
    pub fn upload_fileobj(&self, reader: impl Read + Send + 'static, key: impl Into<String>) -> Upload {
        self.meta.client.upload_fileobj(reader, &self.name, key)
    }

    /// As [`Client::download_file`](crate::boto3::s3::Client::download_file), from this bucket.
    #[doc(alias = "S3.Bucket.download_file")]
    pub fn download_file(&self, key: impl Into<String>, filename: impl Into<PathBuf>) -> Download {
        self.meta.client.download_file(&self.name, key, filename)
    }

    /// As [`Client::download_fileobj`](crate::boto3::s3::Client::download_fileobj), from this bucket.
    #[doc(alias = "S3.Bucket.download_fileobj")]
    pub fn download_fileobj<W: Write + Send + 'static>(&self, key: impl Into<String>, writer: W) -> DownloadFileobj<W> {
        self.meta.client.download_fileobj(&self.name, key, writer)
    }

    /// As [`Client::copy`](crate::boto3::s3::Client::copy), into this bucket.
    #[doc(alias = "S3.Bucket.copy")]
    pub fn copy(&self, copy_source: impl Into<CopySource>, key: impl Into<String>) -> Copy {
        self.meta.client.copy(copy_source, &self.name, key)
    }
}

impl Object {
    /// As [`Client::upload_file`](crate::boto3::s3::Client::upload_file), into this object.
    #[doc(alias = "S3.Object.upload_file")]
    pub fn upload_file(&self, filename: impl Into<PathBuf>) -> Upload {
        self.meta.client.upload_file(filename, &self.bucket_name, &self.key)
    }

    /// As [`Client::upload_fileobj`](crate::boto3::s3::Client::upload_fileobj), into this object.
    #[doc(alias = "S3.Object.upload_fileobj")]
    pub fn upload_fileobj(&self, reader: impl Read + Send + 'static) -> Upload {
        self.meta.client.upload_fileobj(reader, &self.bucket_name, &self.key)
    }

    /// As [`Client::download_file`](crate::boto3::s3::Client::download_file), of this object.
    #[doc(alias = "S3.Object.download_file")]
    pub fn download_file(&self, filename: impl Into<PathBuf>) -> Download {
        self.meta.client.download_file(&self.bucket_name, &self.key, filename)
    }

    /// As [`Client::download_fileobj`](crate::boto3::s3::Client::download_fileobj), of this object.
    #[doc(alias = "S3.Object.download_fileobj")]
    pub fn download_fileobj<W: Write + Send + 'static>(&self, writer: W) -> DownloadFileobj<W> {
        self.meta.client.download_fileobj(&self.bucket_name, &self.key, writer)
    }

    /// As [`Client::copy`](crate::boto3::s3::Client::copy), into this object.
    #[doc(alias = "S3.Object.copy")]
    pub fn copy(&self, copy_source: impl Into<CopySource>) -> Copy {
        self.meta.client.copy(copy_source, &self.bucket_name, &self.key)
    }
}
