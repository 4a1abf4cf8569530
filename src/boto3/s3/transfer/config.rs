//! [`TransferConfig`]: how transfers are split into parts, and how many run at once.

use crate::boto3::{Error, Result};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The settings of transfers: Python's `boto3.s3.transfer.TransferConfig`, with its names, defaults
/// and checks.
///
/// ```
/// use leyden::boto3::s3::transfer::TransferConfig;
///
/// let config = TransferConfig::new().multipart_threshold(64 << 20).max_concurrency(4);
/// assert_eq!((config.max_concurrency, config.io_chunksize), (4, 256 << 10));
/// assert!(config.validate().is_ok() && TransferConfig::new().io_chunksize(0).validate().is_err());
/// ```
///
/// Sizes are bytes. Every setting must be greater than 0.
///
/// DIFFERENCE: there are no queues for parts: each is started when it can be sent, and written when
/// it arrives. So the sizes of s3transfer's queues ([`max_io_queue`](TransferConfig::max_io_queue),
/// `max_request_queue_size`, `max_submission_queue_size`) and its submission threads are stored and
/// checked, but have no effect.
///
/// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/customizations/s3.html#boto3.s3.transfer.TransferConfig>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "S3.TransferConfig")]
pub struct TransferConfig {
    /// The size from which an object is transferred in parts. 8 MiB.
    #[doc(alias = "S3.TransferConfig.multipart_threshold")]
    pub multipart_threshold: u64,
    /// The size of a part. 8 MiB; at least 5 MiB, at most 5 GiB, and doubled for sending until
    /// 10,000 parts suffice.
    #[doc(alias = "S3.TransferConfig.multipart_chunksize")]
    pub multipart_chunksize: u64,
    /// The maximum number of concurrent requests: `max_concurrency`, in s3transfer
    /// `max_request_concurrency`. 10.
    #[doc(alias("S3.TransferConfig.max_concurrency", "S3.TransferConfig.max_request_concurrency"))]
    pub max_concurrency: usize,
    /// False: one request at a time. Default true.
    #[doc(alias = "S3.TransferConfig.use_threads")]
    pub use_threads: bool,
    /// The bandwidth of all parts together in bytes per second. `None`: no limit.
    #[doc(alias = "S3.TransferConfig.max_bandwidth")]
    pub max_bandwidth: Option<u64>,
    /// The number of bytes collected before a write to a file. 256 KiB.
    #[doc(alias = "S3.TransferConfig.io_chunksize")]
    pub io_chunksize: u64,
    /// The number of attempts for a download, or a range of it, whose body is truncated. 5.
    #[doc(alias = "S3.TransferConfig.num_download_attempts")]
    pub num_download_attempts: u32,
    /// The number of parts of a reader in memory. 10.
    #[doc(alias = "S3.TransferConfig.max_in_memory_upload_chunks")]
    pub max_in_memory_upload_chunks: usize,
    /// The number of ranges for a writer in memory. 10.
    #[doc(alias = "S3.TransferConfig.max_in_memory_download_chunks")]
    pub max_in_memory_download_chunks: usize,
    /// No effect: see above. 100.
    #[doc(alias("S3.TransferConfig.max_io_queue", "S3.TransferConfig.max_io_queue_size"))]
    pub max_io_queue: usize,
    /// No effect: see above. 1000.
    #[doc(alias = "S3.TransferConfig.max_request_queue_size")]
    pub max_request_queue_size: usize,
    /// No effect: see above. 1000.
    #[doc(alias = "S3.TransferConfig.max_submission_queue_size")]
    pub max_submission_queue_size: usize,
    /// No effect: see above. 5.
    #[doc(alias = "S3.TransferConfig.max_submission_concurrency")]
    pub max_submission_concurrency: usize,
}

impl Default for TransferConfig {
    fn default() -> TransferConfig {
        TransferConfig {
            multipart_threshold: 8 * MIB,
            multipart_chunksize: 8 * MIB,
            max_concurrency: 10,
            use_threads: true,
            max_bandwidth: None,
            io_chunksize: 256 * KIB,
            num_download_attempts: 5,
            max_in_memory_upload_chunks: 10,
            max_in_memory_download_chunks: 10,
            max_io_queue: 100,
            max_request_queue_size: 1000,
            max_submission_queue_size: 1000,
            max_submission_concurrency: 5,
        }
    }
}

impl TransferConfig {
    /// Creates boto3's defaults.
    pub fn new() -> TransferConfig {
        TransferConfig::default()
    }

    /// Sets the size from which an object is transferred in parts.
    #[doc(alias = "S3.TransferConfig(multipart_threshold=)")]
    #[must_use]
    pub fn multipart_threshold(self, bytes: u64) -> TransferConfig {
        TransferConfig { multipart_threshold: bytes, ..self }
    }

    /// Sets the size of a part.
    #[doc(alias = "S3.TransferConfig(multipart_chunksize=)")]
    #[must_use]
    pub fn multipart_chunksize(self, bytes: u64) -> TransferConfig {
        TransferConfig { multipart_chunksize: bytes, ..self }
    }

    /// Sets the maximum number of concurrent requests.
    #[doc(alias = "S3.TransferConfig(max_concurrency=)")]
    #[must_use]
    pub fn max_concurrency(self, requests: usize) -> TransferConfig {
        TransferConfig { max_concurrency: requests, ..self }
    }

    /// Sets whether requests are concurrent.
    #[doc(alias = "S3.TransferConfig(use_threads=)")]
    #[must_use]
    pub fn use_threads(self, use_threads: bool) -> TransferConfig {
        TransferConfig { use_threads, ..self }
    }

    /// Sets the bandwidth of all parts together in bytes per second; `None`: no limit.
    #[doc(alias = "S3.TransferConfig(max_bandwidth=)")]
    #[must_use]
    pub fn max_bandwidth(self, bytes_per_second: impl Into<Option<u64>>) -> TransferConfig {
        TransferConfig { max_bandwidth: bytes_per_second.into(), ..self }
    }

    /// Sets the number of bytes collected before a write to a file.
    #[doc(alias = "S3.TransferConfig(io_chunksize=)")]
    #[must_use]
    pub fn io_chunksize(self, bytes: u64) -> TransferConfig {
        TransferConfig { io_chunksize: bytes, ..self }
    }

    /// Sets the number of attempts for a truncated body.
    #[doc(alias = "S3.TransferConfig(num_download_attempts=)")]
    #[must_use]
    pub fn num_download_attempts(self, attempts: u32) -> TransferConfig {
        TransferConfig { num_download_attempts: attempts, ..self }
    }

    /// No effect, see [`TransferConfig`].
    #[doc(alias = "S3.TransferConfig(max_io_queue=)")]
    #[must_use]
    pub fn max_io_queue(self, chunks: usize) -> TransferConfig {
        TransferConfig { max_io_queue: chunks, ..self }
    }

    /// Checks that every setting is greater than 0. Each transfer calls it first.
    ///
    /// # Errors
    /// [`Error::Value`], with boto3's text.
    pub fn validate(&self) -> Result<()> {
        let settings = [
            ("multipart_threshold", self.multipart_threshold),
            ("multipart_chunksize", self.multipart_chunksize),
            ("max_request_concurrency", self.max_concurrency as u64),
            ("max_submission_concurrency", self.max_submission_concurrency as u64),
            ("max_request_queue_size", self.max_request_queue_size as u64),
            ("max_submission_queue_size", self.max_submission_queue_size as u64),
            ("max_io_queue_size", self.max_io_queue as u64),
            ("io_chunksize", self.io_chunksize),
            ("num_download_attempts", self.num_download_attempts.into()),
            ("max_in_memory_upload_chunks", self.max_in_memory_upload_chunks as u64),
            ("max_in_memory_download_chunks", self.max_in_memory_download_chunks as u64),
            ("max_bandwidth", self.max_bandwidth.unwrap_or(1)),
        ];
        match settings.iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(Error::Value(format!("Provided parameter {name} of value 0 must be greater than 0."))),
            None => Ok(()),
        }
    }

    /// Returns the number of concurrent requests.
    pub(in crate::boto3::s3) fn lanes(&self) -> usize {
        if self.use_threads { self.max_concurrency } else { 1 }
    }
}

/// S3's limits, as in s3transfer.
pub(super) const MAX_PARTS: u64 = 10_000;
const MAX_PART: u64 = 5 << 30;
const MIN_PART: u64 = 5 << 20;

/// Returns a part size that S3 accepts: s3transfer's `ChunksizeAdjuster`.
pub(super) fn adjust_chunksize(chunksize: u64, size: Option<u64>) -> u64 {
    let mut adjusted = chunksize;
    if let Some(size) = size {
        while size.div_ceil(adjusted) > MAX_PARTS {
            adjusted = adjusted.saturating_mul(2);
        }
    }
    adjusted.clamp(MIN_PART, MAX_PART)
}
