//! [`Error`]: what `boto3` reports, named after botocore's and boto3's exceptions.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::mock::Fault;

/// Another crate's error, as a cause.
pub(in crate::boto3) type Cause = Box<dyn StdError + Send + Sync>;

/// An error of `boto3`.
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
    /// `NoRegionError`
    #[error("{operation} needs a region: set AWS_DEFAULT_REGION, or say region_name")]
    NoRegion {
        /// What was to be done.
        operation: &'static str,
    },
    /// `EndpointConnectionError`: nobody answers there.
    #[error("{operation} cannot reach {endpoint}")]
    EndpointConnection {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Why.
        source: Option<Cause>,
    },
    /// `ConnectTimeoutError`, `ReadTimeoutError`
    #[error("{operation} at {endpoint} took too long")]
    Timeout {
        /// What was to be done.
        operation: &'static str,
        /// The URL, or the service and region.
        endpoint: String,
        /// Which wait it was.
        source: Option<Cause>,
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
    #[error("the answer to {operation} cannot be read")]
    ResponseParser {
        /// What was to be done.
        operation: &'static str,
        /// Why.
        source: Option<Cause>,
    },
    /// The fake does not model this operation.
    #[error("{operation} is not modelled in memory")]
    NotImplemented {
        /// Which.
        operation: &'static str,
    },
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
}

impl ClientError {
    /// An error as a service gives it.
    pub fn new(operation: impl Into<String>, status: u16, code: impl Into<String>, message: impl Into<String>) -> ClientError {
        ClientError { code: code.into(), message: message.into(), operation: operation.into(), status, request_id: None }
    }

    /// An answer of which nothing but the status is left, as botocore puts it: `404`, `Not Found`.
    pub(in crate::boto3) fn without_body(operation: &'static str, status: u16) -> ClientError {
        let message = match status {
            301 => "Moved Permanently",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            412 => "Precondition Failed",
            416 => "Requested Range Not Satisfiable",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            503 => "Service Unavailable",
            _ => "",
        };
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

impl Error {
    /// What the service said, if it is one of its refusals: Python's `error.response["Error"]`.
    pub fn client(&self) -> Option<&ClientError> {
        match self {
            Error::Client(error) => Some(error),
            _ => None,
        }
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
pub(in crate::boto3) fn api_name(operation: &str) -> String {
    let name = operation.rsplit('.').next().unwrap_or(operation);
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

crate::error::umbrella!(Error);
