//! [`Error`]: what `boto3` reports, named after botocore's and boto3's exceptions.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::error::innermost;
use crate::interrupt::KeyboardInterrupt;
use crate::mock::Fault;

/// Another crate's error, as a cause.
pub(in crate::boto3) type Cause = Box<dyn StdError + Send + Sync>;

/// An error of `boto3`.
// `r#source` is a cause that `Display` names: thiserror keeps it out of `source()`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ClientError`: the service refused.
    #[error(transparent)]
    Client(Box<ClientError>),
    /// `NoCredentialsError`
    #[error("no credentials for {operation}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials")]
    NoCredentials {
        /// What was to be done.
        operation: &'static str,
        /// What each place said.
        source: Option<Cause>,
    },
    /// `CredentialRetrievalError`: a provider of credentials failed.
    #[error("could not retrieve credentials for {operation}{}", because(source))]
    CredentialRetrieval {
        /// What was to be done.
        operation: &'static str,
        /// Who, and why.
        r#source: Option<Cause>,
    },
    /// What was asked for, or what stands in environment and files, makes no client.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `EndpointConnectionError`: nobody answers there.
    #[error("{operation}: cannot connect to {endpoint}{}", because(source))]
    EndpointConnection {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Why.
        r#source: Option<Cause>,
    },
    /// `ConnectionClosedError`: the connection broke before the answer was there.
    #[error("{operation}: {endpoint} closed the connection{}", because(source))]
    ConnectionClosed {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Why.
        r#source: Option<Cause>,
    },
    /// `SSLError`: the server's certificate or the handshake is not good.
    #[error("{operation}: TLS with {endpoint} failed{}", because(source))]
    Ssl {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Why.
        r#source: Option<Cause>,
    },
    /// `ConnectTimeoutError`, `ReadTimeoutError`
    #[error("{operation}: {endpoint} timed out{}", because(source))]
    Timeout {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Which wait it was.
        r#source: Option<Cause>,
    },
    /// The budget of the call is spent. botocore has no such limit.
    #[error("{operation} was not done within {budget:?}")]
    DeadlineExceeded {
        /// What was to be done.
        operation: &'static str,
        /// The limit.
        budget: Duration,
    },
    /// `ParamValidationError`: the parameters cannot be sent.
    #[error("{operation} cannot be sent: {report}")]
    ParamValidation {
        /// What was to be done.
        operation: &'static str,
        /// Which parameter, and why.
        report: String,
    },
    /// `ResponseParserError`: the service answers what cannot be read.
    #[error("{operation}: cannot read the response{}", because(source))]
    ResponseParser {
        /// What was to be done.
        operation: &'static str,
        /// Why.
        r#source: Option<Cause>,
    },
    /// The backend does not have this operation: the fake does not model it, or a backend of your own has no method for it.
    #[error("{operation}: not implemented by this backend")]
    NotImplemented {
        /// Which.
        operation: &'static str,
    },
    /// `PaginationError`: the listing would not end, or does not go on where it was told to.
    #[error("{operation} cannot go through its pages: {reason}")]
    Pagination {
        /// What was listed.
        operation: &'static str,
        /// botocore's words, with the token.
        reason: String,
    },
    /// `WaiterError`: what was waited for did not come.
    #[error(transparent)]
    Waiter(Box<super::waiter::WaiterError>),
    /// `ResourceLoadException`: the attributes of a resource cannot be had.
    #[error("{resource} {reason}")]
    ResourceLoad {
        /// Which: `s3.ObjectVersion(bucket_name='b', object_key='k', id='1')`.
        resource: String,
        /// Its class has no `load()`, or the service does not know it.
        reason: &'static str,
    },
    /// `OSError`: a file of a transfer.
    #[error("{what}: {source}")]
    File {
        /// What was being done.
        what: &'static str,
        /// Which file, and why not.
        r#source: crate::os::Error,
    },
    /// `OSError`, `ValueError`: what a reader or writer of the caller's reported.
    #[error("{what}: {}", innermost(source))]
    Stream {
        /// What was being done.
        what: &'static str,
        /// The cause.
        r#source: std::io::Error,
    },
    /// `ValueError`: an argument that makes no sense. The text says which.
    #[error("{0}")]
    Value(String),
    /// `IncompleteReadError`, `ResponseStreamingError`: the body ended before its time, or was not what its checksum says.
    #[error("the body of {operation} broke off after {received} of {expected} bytes{}", because(source))]
    IncompleteRead {
        /// What was being read.
        operation: &'static str,
        /// Bytes that came.
        received: u64,
        /// Bytes that had been announced.
        expected: u64,
        /// Why.
        r#source: Option<Cause>,
    },
    /// `S3UploadFailedError`: the service refused a file. Its refusal is the source.
    #[error("failed to upload {filename} to {bucket}/{key}: {source}")]
    S3UploadFailed {
        /// The file.
        filename: String,
        /// Where to.
        bucket: String,
        /// Where to.
        key: String,
        /// What the service said.
        r#source: Box<Error>,
    },
    /// `S3DownloadFailedError`: the object changed while it was read.
    #[error("contents of stored object {key} in bucket {bucket} did not match expected ETag")]
    S3DownloadFailed {
        /// Where from.
        bucket: String,
        /// Where from.
        key: String,
    },
    /// `S3CopyFailedError`: the source changed while it was copied.
    #[error("contents of stored object {key} in bucket {bucket} did not match expected ETag, while copying")]
    S3CopyFailed {
        /// Where from.
        bucket: String,
        /// Where from.
        key: String,
    },
    /// `KeyboardInterrupt`: SIGINT or SIGTERM came first: see [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt).
    #[error("{operation} was ended by {}", interrupt.signal())]
    KeyboardInterrupt {
        /// What was to be done.
        operation: &'static str,
        /// The signal.
        #[source]
        interrupt: KeyboardInterrupt,
    },
    /// `S3ValidationError`: the service sent another range than was asked for.
    #[error("asked for {asked} of an object, the service sent {sent}")]
    S3Validation {
        /// The range that was asked for.
        asked: String,
        /// `Content-Range`
        sent: String,
    },
    /// `RetriesExceededError`: the last of the attempts failed, too.
    #[error("{operation} failed {attempts} times: {source}")]
    RetriesExceeded {
        /// What was tried.
        operation: &'static str,
        /// How often.
        attempts: u32,
        /// Why the last one failed.
        r#source: Box<Error>,
    },
    /// A file changed while it was uploaded. s3transfer stores what it read, or sends less than it announced.
    #[error("{} changed while it was uploaded", path.display())]
    SourceChanged {
        /// Which.
        path: std::path::PathBuf,
    },
    /// Files of a sync that failed; the others were done.
    #[error("{failed} of {total} files were not synced, first: {source}")]
    Sync {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
        /// The first error.
        r#source: Box<Error>,
    },
}

/// Why no client can be made: the exceptions that boto3 raises before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `NoRegionError`
    #[error("no region: set AWS_DEFAULT_REGION, or say region_name")]
    NoRegion,
    /// `InvalidRegionError`
    #[error("{region_name:?} is no name of a region")]
    InvalidRegion {
        /// What was said.
        region_name: String,
    },
    /// `UnknownRegionError`
    #[error("no partition has a region {region_name:?}")]
    UnknownRegion {
        /// What was asked for.
        region_name: String,
    },
    /// `ProfileNotFound`
    #[error("no profile {profile:?} in {}{}", files.join(" and "), unread(unreadable))]
    ProfileNotFound {
        /// Its name.
        profile: String,
        /// The files that were looked at.
        files: Vec<String>,
        /// Why a file of them could not be read.
        unreadable: Vec<String>,
    },
    /// `InvalidConfigError`: the settings of a profile contradict each other, or name what does not exist.
    #[error("{reason}")]
    InvalidConfig {
        /// What is wrong.
        reason: String,
    },
    /// `InfiniteLoopConfigError`: profiles that are each other's `source_profile`.
    #[error("infinite loop of source_profile {source_profile:?}: {}", visited.join(", "))]
    InfiniteLoop {
        /// The profile that was met again.
        source_profile: String,
        /// The profiles on the way to it.
        visited: Vec<String>,
    },
    /// `PartialCredentialsError`
    #[error("{place} has credentials without {missing}")]
    PartialCredentials {
        /// Where.
        place: &'static str,
        /// What is not there.
        missing: &'static str,
    },
    /// `ConfigParseError`
    #[error("{}, line {line}: {reason}", path.display())]
    ConfigParse {
        /// The file.
        path: std::path::PathBuf,
        /// The line; 0 if it is the whole file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// `InvalidRetryModeError`
    #[error("{mode:?} is no retry mode: standard, adaptive, legacy")]
    InvalidRetryMode {
        /// What was said.
        mode: String,
    },
    /// `ValueError`: no URL of a service.
    #[error("{url:?} is no endpoint: it must begin with http:// or https://, and name a host")]
    InvalidEndpoint {
        /// What was said.
        url: String,
    },
    /// The certificate authorities cannot be read.
    #[error("the certificate authorities in {} cannot be read: {reason}", path.display())]
    CaBundle {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// A setting that has no such value.
    #[error("{setting} cannot be {value:?}")]
    InvalidSetting {
        /// Which.
        setting: &'static str,
        /// What was said.
        value: String,
    },
}

fn unread(reasons: &[String]) -> String {
    reasons.iter().map(|reason| format!("; {reason}")).collect()
}

impl ConfigError {
    /// The name of botocore's exception class: `"NoRegionError"`.
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

/// `ClientError`: the service refused, and says why.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientError {
    /// `NoSuchBucket`, `InvalidInstanceID.NotFound`. An answer without a body (to HEAD) has the status: `404`.
    pub code: String,
    /// The service's words.
    pub message: String,
    /// The operation, in AWS's spelling: `PutObject`.
    pub operation: String,
    /// The HTTP status.
    pub status: u16,
    /// AWS's name for this exchange, which its support asks for.
    pub request_id: Option<String>,
    /// The region that the service names in a refusal: that of the bucket, if it is not the request's.
    pub bucket_region: Option<String>,
}

impl ClientError {
    /// An error as a service gives it.
    pub fn new(operation: impl Into<String>, status: u16, code: impl Into<String>, message: impl Into<String>) -> ClientError {
        ClientError { code: code.into(), message: message.into(), operation: operation.into(), status, ..ClientError::default() }
    }

    /// An answer of which nothing but the status is left, as botocore puts it: `404`, `Not Found`.
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

/// The reason, for the end of a line.
#[allow(clippy::ref_option, reason = "thiserror gives the field by reference")]
fn because(source: &Option<Cause>) -> String {
    source.as_ref().map_or_else(String::new, |source| format!(": {}", innermost(&**source)))
}

impl Error {
    /// The name of the exception class of botocore, boto3 or s3transfer: `"NoCredentialsError"`. What they do not have gives the
    /// nearest base class.
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

    /// `except OSError`: a file of a transfer, or the caller's reader or writer. No exception of botocore derives from `OSError`.
    pub fn is_os_error(&self) -> bool {
        match self {
            Error::File { source, .. } => source.is_os_error(),
            Error::Stream { .. } => true,
            _ => false,
        }
    }

    /// True if a timeout or the budget of the call ended it.
    pub fn is_timeout(&self) -> bool {
        match self {
            Error::Timeout { .. } | Error::DeadlineExceeded { .. } => true,
            Error::S3UploadFailed { source, .. } | Error::RetriesExceeded { source, .. } | Error::Sync { source, .. } => {
                source.is_timeout()
            }
            _ => false,
        }
    }

    /// What the service said, if it is one of its refusals: Python's `error.response["Error"]`.
    pub fn client(&self) -> Option<&ClientError> {
        match self {
            Error::Client(error) => Some(error),
            Error::S3UploadFailed { source, .. } | Error::RetriesExceeded { source, .. } | Error::Sync { source, .. } => {
                source.client()
            }
            _ => None,
        }
    }

    /// True for a refusal of the service with this code: `except ClientError as e: if e.response["Error"]["Code"] == code`.
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

    /// The service's code: `NoSuchKey`, `InvalidInstanceID.NotFound`.
    pub fn code(&self) -> Option<&str> {
        self.client().map(|error| error.code.as_str())
    }
}

impl Fault for Error {
    /// What a service answers that has lost its footing, once botocore has given up trying again.
    fn injected(operation: &'static str) -> Error {
        ClientError::new(api_name(operation), 500, "InternalError", "We encountered an internal error. Please try again.").into()
    }
}

/// `put_object`, `s3.put_object` in AWS's spelling: `PutObject`.
pub(crate) fn api_name(operation: &str) -> String {
    let name = operation.rsplit('.').next().unwrap_or(operation);
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

crate::error::umbrella!(Error);
