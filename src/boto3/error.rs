//! [`Error`]: the errors of `boto3`, named after botocore's and boto3's exceptions.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::error::innermost;
use crate::interrupt::KeyboardInterrupt;
use crate::mock::Fault;

/// An error of another crate, as a cause.
pub(in crate::boto3) type Cause = Box<dyn StdError + Send + Sync>;

/// An error of `boto3`.
// Named `r#source` because `Display` shows the cause: thiserror would otherwise return it from
// `source()` too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ClientError`: the service refused.
    #[error(transparent)]
    Client(Box<ClientError>),
    /// `NoCredentialsError`
    #[error("no credentials for {operation}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials")]
    NoCredentials {
        /// The operation.
        operation: &'static str,
        /// The results of the places that were searched.
        source: Option<Cause>,
    },
    /// `CredentialRetrievalError`: a provider of credentials failed.
    #[error("could not retrieve credentials for {operation}{}", because(source))]
    CredentialRetrieval {
        /// The operation.
        operation: &'static str,
        /// The provider's error.
        r#source: Option<Cause>,
    },
    /// The arguments, the environment or the config files do not describe a usable client.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `EndpointConnectionError`: the endpoint does not answer.
    #[error("{operation}: cannot connect to {endpoint}{}", because(source))]
    EndpointConnection {
        /// The operation.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// The cause.
        r#source: Option<Cause>,
    },
    /// `ConnectionClosedError`: the connection was lost before the response.
    #[error("{operation}: {endpoint} closed the connection{}", because(source))]
    ConnectionClosed {
        /// The operation.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// The cause.
        r#source: Option<Cause>,
    },
    /// `SSLError`: the certificate was rejected, or the handshake failed.
    #[error("{operation}: TLS with {endpoint} failed{}", because(source))]
    Ssl {
        /// The operation.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// The cause.
        r#source: Option<Cause>,
    },
    /// `ConnectTimeoutError`, `ReadTimeoutError`
    #[error("{operation}: {endpoint} timed out{}", because(source))]
    Timeout {
        /// The operation.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// The timeout that expired.
        r#source: Option<Cause>,
    },
    /// The time limit of the call expired. botocore has no such limit.
    #[error("{operation} was not done within {budget:?}")]
    DeadlineExceeded {
        /// The operation.
        operation: &'static str,
        /// The limit.
        budget: Duration,
    },
    /// `ParamValidationError`: invalid parameters.
    #[error("{operation} cannot be sent: {report}")]
    ParamValidation {
        /// The operation.
        operation: &'static str,
        /// The parameter, and the reason.
        report: String,
    },
    /// `ResponseParserError`: the response cannot be parsed.
    #[error("{operation}: cannot read the response{}", because(source))]
    ResponseParser {
        /// The operation.
        operation: &'static str,
        /// The cause.
        r#source: Option<Cause>,
    },
    /// The backend does not have this operation: the fake does not model it, or a backend of your own has no method for it.
    #[error("{operation}: not implemented by this backend")]
    NotImplemented {
        /// The operation.
        operation: &'static str,
    },
    /// `PaginationError`: the pagination does not advance, or cannot resume.
    #[error("{operation} cannot go through its pages: {reason}")]
    Pagination {
        /// The operation.
        operation: &'static str,
        /// botocore's text, with the token.
        reason: String,
    },
    /// `WaiterError`: the awaited state was not reached.
    #[error(transparent)]
    Waiter(Box<super::waiter::WaiterError>),
    /// `ResourceLoadException`: the attributes of a resource cannot be loaded.
    #[error("{resource} {reason}")]
    ResourceLoad {
        /// The resource: `s3.ObjectVersion(bucket_name='b', object_key='k', id='1')`.
        resource: String,
        /// Its class has no `load()`, or the service does not know it.
        reason: &'static str,
    },
    /// `OSError`: a file of a transfer.
    #[error("{what}: {source}")]
    File {
        /// The operation.
        what: &'static str,
        /// The file, and the cause.
        r#source: crate::os::Error,
    },
    /// `OSError`, `ValueError`: an error of a reader or writer of the caller.
    #[error("{what}: {}", innermost(source))]
    Stream {
        /// The operation.
        what: &'static str,
        /// The cause.
        r#source: std::io::Error,
    },
    /// `ValueError`: an invalid argument. The text names it.
    #[error("{0}")]
    Value(String),
    /// `IncompleteReadError`, `ResponseStreamingError`: the body is truncated, or does not match
    /// its checksum.
    #[error("the body of {operation} ended after {received} of {expected} bytes{}", because(source))]
    IncompleteRead {
        /// The operation.
        operation: &'static str,
        /// The bytes received.
        received: u64,
        /// The bytes announced.
        expected: u64,
        /// The cause.
        r#source: Option<Cause>,
    },
    /// `S3UploadFailedError`: the service refused a file. Its error is the source.
    #[error("failed to upload {filename} to {bucket}/{key}: {source}")]
    S3UploadFailed {
        /// The file.
        filename: String,
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The service's error.
        r#source: Box<Error>,
    },
    /// `S3DownloadFailedError`: the object changed during the download.
    #[error("contents of stored object {key} in bucket {bucket} did not match expected ETag")]
    S3DownloadFailed {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// `S3CopyFailedError`: the source changed during the copy.
    #[error("contents of stored object {key} in bucket {bucket} did not match expected ETag, while copying")]
    S3CopyFailed {
        /// The source bucket.
        bucket: String,
        /// The source key.
        key: String,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM arrived first: see
    /// [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt).
    #[error("{operation} was ended by {}", interrupt.signal())]
    KeyboardInterrupt {
        /// The operation.
        operation: &'static str,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `S3ValidationError`: the service sent another range than requested.
    #[error("asked for {asked} of an object, the service sent {sent}")]
    S3Validation {
        /// The requested range.
        asked: String,
        /// `Content-Range`
        sent: String,
    },
    /// `RetriesExceededError`: the last attempt failed too.
    #[error("{operation} failed {attempts} times: {source}")]
    RetriesExceeded {
        /// The operation.
        operation: &'static str,
        /// The number of attempts.
        attempts: u32,
        /// The error of the last one.
        r#source: Box<Error>,
    },
    /// A file changed during the upload. s3transfer stores the mixture, or sends less than
    /// announced.
    #[error("{} changed while it was uploaded", path.display())]
    SourceChanged {
        /// The file.
        path: std::path::PathBuf,
    },
    /// Files of a sync that failed. The others are done.
    #[error("{failed} of {total} files were not synced, first: {source}")]
    Sync {
        /// The number of failed files.
        failed: usize,
        /// The total number of files.
        total: usize,
        /// The first error.
        r#source: Box<Error>,
    },
}

/// A client cannot be created: the exceptions that boto3 raises before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `NoRegionError`
    #[error("no region: set AWS_DEFAULT_REGION or region_name")]
    NoRegion,
    /// `InvalidRegionError`
    #[error("invalid region name {region_name:?}")]
    InvalidRegion {
        /// The region name.
        region_name: String,
    },
    /// `UnknownRegionError`
    #[error("no partition has a region {region_name:?}")]
    UnknownRegion {
        /// The region name.
        region_name: String,
    },
    /// `ProfileNotFound`
    #[error("no profile {profile:?} in {}{}", files.join(" and "), unread(unreadable))]
    ProfileNotFound {
        /// Its name.
        profile: String,
        /// The files that were searched.
        files: Vec<String>,
        /// The files that could not be read, with the reason.
        unreadable: Vec<String>,
    },
    /// `InvalidConfigError`: contradictory settings of a profile, or a reference to something that
    /// does not exist.
    #[error("{reason}")]
    InvalidConfig {
        /// The reason.
        reason: String,
    },
    /// `InfiniteLoopConfigError`: a cycle of `source_profile` settings.
    #[error("infinite loop of source_profile {source_profile:?}: {}", visited.join(", "))]
    InfiniteLoop {
        /// The profile that occurred again.
        source_profile: String,
        /// The profiles of the cycle.
        visited: Vec<String>,
    },
    /// `PartialCredentialsError`
    #[error("{place} has credentials without {missing}")]
    PartialCredentials {
        /// The place.
        place: &'static str,
        /// The missing setting.
        missing: &'static str,
    },
    /// `ConfigParseError`
    #[error("{}, line {line}: {reason}", path.display())]
    ConfigParse {
        /// The file.
        path: std::path::PathBuf,
        /// The line; 0 for the whole file.
        line: usize,
        /// The reason.
        reason: String,
    },
    /// `InvalidRetryModeError`
    #[error("invalid retry mode {mode:?}: expected standard, adaptive or legacy")]
    InvalidRetryMode {
        /// The value.
        mode: String,
    },
    /// `ValueError`: invalid URL of a service.
    #[error("invalid endpoint {url:?}: it must begin with http:// or https:// and contain a host")]
    InvalidEndpoint {
        /// The value.
        url: String,
    },
    /// The certificate authorities cannot be used.
    #[error("the certificate authorities in {} cannot be read: {reason}", path.display())]
    CaBundle {
        /// The file.
        path: std::path::PathBuf,
        /// The reason.
        reason: String,
    },
    /// An invalid value of a setting.
    #[error("{setting} cannot be {value:?}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// The value.
        value: String,
    },
}

fn unread(reasons: &[String]) -> String {
    reasons.iter().map(|reason| format!("; {reason}")).collect()
}

impl ConfigError {
    /// Returns the name of botocore's exception class: `"NoRegionError"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            ConfigError::NoRegion => "NoRegionError",
            ConfigError::InvalidRegion { .. } => "InvalidRegionError",
            ConfigError::UnknownRegion { .. } => "UnknownRegionError",
            ConfigError::ProfileNotFound { .. } => "ProfileNotFound",
            ConfigError::InvalidConfig { .. } => "InvalidConfigError",
            ConfigError::InfiniteLoop { .. } => "InfiniteLoopConfigError",
            ConfigError::PartialCredentials { .. } => "PartialCredentialsError",
            ConfigError::ConfigParse { .. } => "ConfigParseError",
            ConfigError::InvalidRetryMode { .. } => "InvalidRetryModeError",
            ConfigError::InvalidEndpoint { .. } | ConfigError::InvalidSetting { .. } => "ValueError",
            ConfigError::CaBundle { .. } => "OSError",
        }
    }

    pub(in crate::boto3) fn invalid(setting: &'static str, value: &str) -> ConfigError {
        ConfigError::InvalidSetting { setting, value: value.to_owned() }
    }
}

/// `ClientError`: an error of the service.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientError {
    /// `NoSuchBucket`, `InvalidInstanceID.NotFound`. For a response without a body (to HEAD), the
    /// status: `404`.
    pub code: String,
    /// The service's text.
    pub message: String,
    /// The operation in AWS's spelling: `PutObject`.
    pub operation: String,
    /// The HTTP status.
    pub status: u16,
    /// AWS's id of this request, which its support asks for.
    pub request_id: Option<String>,
    /// The region in the response: that of the bucket, if it differs from the request's.
    pub bucket_region: Option<String>,
}

impl ClientError {
    /// Creates an error of a service.
    pub fn new(operation: impl Into<String>, status: u16, code: impl Into<String>, message: impl Into<String>) -> ClientError {
        ClientError { code: code.into(), message: message.into(), operation: operation.into(), status, ..ClientError::default() }
    }

    /// Creates the error for a response without a body, like botocore: `404`, `Not Found`.
    pub(in crate::boto3) fn without_body(operation: &'static str, status: u16) -> ClientError {
        let message = super::native::reason(status);
        ClientError::new(api_name(operation), status, status.to_string(), message)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClientError { code, message, operation, .. } = self;
        write!(f, "an error occurred ({code}) when calling the {operation} operation: {message}")
    }
}

impl StdError for ClientError {}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Error {
        Error::Client(Box::new(error))
    }
}

/// Returns the reason, for the end of a line.
#[allow(clippy::ref_option, reason = "thiserror gives the field by reference")]
fn because(source: &Option<Cause>) -> String {
    source.as_ref().map_or_else(String::new, |source| format!(": {}", innermost(&**source)))
}

impl Error {
    /// Returns the name of the exception class of botocore, boto3 or s3transfer:
    /// `"NoCredentialsError"`. For errors that they do not have, the nearest base class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::KeyboardInterrupt { .. } => "KeyboardInterrupt",
            Error::Client(_) => "ClientError",
            Error::NoCredentials { .. } => "NoCredentialsError",
            Error::CredentialRetrieval { .. } => "CredentialRetrievalError",
            Error::Config(error) => error.python_name(),
            Error::EndpointConnection { .. } => "EndpointConnectionError",
            Error::ConnectionClosed { .. } => "ConnectionClosedError",
            Error::Ssl { .. } => "SSLError",
            Error::Timeout { .. } => "ReadTimeoutError",
            Error::DeadlineExceeded { .. } | Error::SourceChanged { .. } | Error::Sync { .. } => "Exception",
            Error::ParamValidation { .. } => "ParamValidationError",
            Error::ResponseParser { .. } => "ResponseParserError",
            Error::NotImplemented { .. } => "NotImplementedError",
            Error::Pagination { .. } => "PaginationError",
            Error::Waiter(_) => "WaiterError",
            Error::ResourceLoad { .. } => "ResourceLoadException",
            Error::File { source, .. } => source.python_name(),
            Error::Stream { source, .. } => crate::error::of_io(source),
            Error::Value(_) => "ValueError",
            Error::IncompleteRead { .. } => "IncompleteReadError",
            Error::S3UploadFailed { .. } => "S3UploadFailedError",
            Error::S3DownloadFailed { .. } => "S3DownloadFailedError",
            Error::S3CopyFailed { .. } => "S3CopyFailedError",
            Error::S3Validation { .. } => "S3ValidationError",
            Error::RetriesExceeded { .. } => "RetriesExceededError",
        }
    }

    /// Returns true where Python's `except OSError` matches: a file of a transfer, or the caller's
    /// reader or writer. No exception of botocore derives from `OSError`.
    pub fn is_os_error(&self) -> bool {
        match self {
            Error::File { source, .. } => source.is_os_error(),
            Error::Stream { .. } => true,
            _ => false,
        }
    }

    /// Returns true if a timeout or the time limit of the call ended it.
    pub fn is_timeout(&self) -> bool {
        match self {
            Error::Timeout { .. } | Error::DeadlineExceeded { .. } => true,
            Error::S3UploadFailed { source, .. } | Error::RetriesExceeded { source, .. } | Error::Sync { source, .. } => {
                source.is_timeout()
            }
            _ => false,
        }
    }

    /// Returns the service's error, if this is one: Python's `error.response["Error"]`.
    pub fn client(&self) -> Option<&ClientError> {
        match self {
            Error::Client(error) => Some(error),
            Error::S3UploadFailed { source, .. } | Error::RetriesExceeded { source, .. } | Error::Sync { source, .. } => {
                source.client()
            }
            _ => None,
        }
    }

    /// Returns true for an error of the service with this code: `except ClientError as e: if
    /// e.response["Error"]["Code"] == code`.
    ///
    /// ```
    /// # #[cfg(feature = "s3")] {
    /// use leyden::prelude::*;
    ///
    /// let s3 = World::new().batteries().boto3.client().s3();
    /// let error = s3.get_object(|get| get.bucket("none").key("k")).wait().unwrap_err();
    /// assert!(error.is_client_error("NoSuchBucket"));
    /// # }
    /// ```
    pub fn is_client_error(&self, code: &str) -> bool {
        self.code() == Some(code)
    }

    /// Returns the service's error code: `NoSuchKey`, `InvalidInstanceID.NotFound`.
    pub fn code(&self) -> Option<&str> {
        self.client().map(|error| error.code.as_str())
    }
}

impl Fault for Error {
    /// Returns the error of a failing service, after botocore's retries.
    fn injected(operation: &'static str) -> Error {
        ClientError::new(api_name(operation), 500, "InternalError", "We encountered an internal error. Please try again.").into()
    }
}

/// Converts `put_object` or `s3.put_object` to AWS's spelling: `PutObject`.
pub(crate) fn api_name(operation: &str) -> String {
    let name = operation.rsplit('.').next().unwrap_or(operation);
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

crate::error::umbrella!(Error);
