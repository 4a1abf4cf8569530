//! A hook's failure as an error of `boto3`.

use super::Injected;
use crate::boto3::{ClientError, Error};
use crate::error::errno::ECONNRESET;
use crate::layers::hook::Failure;

impl From<Injected> for Error {
    fn from(Injected { operation, failure }: Injected) -> Error {
        let (service, name) = operation.split_once('.').unwrap_or(("aws", operation));
        let refused = |status, code: &str, message: &str| -> Error {
            ClientError::new(crate::boto3::api_name(name), status, code, message).into()
        };
        let endpoint = service.to_owned();
        match failure {
            // <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
            Failure::Throttled if service == "s3" => refused(503, "SlowDown", "Please reduce your request rate."),
            // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
            Failure::Throttled => refused(503, "RequestLimitExceeded", "Request limit exceeded."),
            Failure::Refused(why) => refused(403, "AccessDenied", &why.rule),
            Failure::NotRecorded(why) => refused(403, "AccessDenied", &why),
            Failure::Timeout => Error::Timeout { operation: name, endpoint, source: None },
            Failure::Reset => {
                let reset = std::io::Error::from_raw_os_error(ECONNRESET);
                Error::ConnectionClosed { operation: name, endpoint, source: Some(Box::new(reset)) }
            }
            Failure::Errno(errno) => {
                let source = Some(std::io::Error::from_raw_os_error(errno).into());
                Error::EndpointConnection { operation: name, endpoint, source }
            }
        }
    }
}
