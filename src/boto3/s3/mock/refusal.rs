//! [`Refusal`]: an error of the fake, before the operation is known.

use std::fmt;

use super::super::super::error::{ClientError, Error, api_name};

/// The result of an operation of the fake.
pub(super) type Answer<T> = Result<T, Refusal>;

/// The kind of error.
#[derive(Debug)]
pub(super) enum Refusal {
    /// An error of the service.
    Service { status: u16, code: &'static str, message: String },
    /// The bucket is in another region.
    Elsewhere { region: String },
    /// An error of the client before sending.
    Unsendable(String),
    /// Not modelled.
    NotModelled,
}

const ELSEWHERE: &str = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
                         future requests to this endpoint.";

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl fmt::Display) -> Refusal {
        Refusal::Service { status, code, message: message.to_string() }
    }

    pub(super) fn bad_request(code: &'static str, message: impl fmt::Display) -> Refusal {
        Refusal::new(400, code, message)
    }

    pub(super) fn invalid_argument(message: impl fmt::Display) -> Refusal {
        Refusal::bad_request("InvalidArgument", message)
    }

    pub(super) fn invalid_request(message: impl fmt::Display) -> Refusal {
        Refusal::bad_request("InvalidRequest", message)
    }

    pub(super) fn malformed_xml() -> Refusal {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Refusal::bad_request("MalformedXML", message)
    }

    pub(super) fn access_denied(message: impl fmt::Display) -> Refusal {
        Refusal::new(403, "AccessDenied", message)
    }

    pub(super) fn precondition_failed() -> Refusal {
        Refusal::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    }

    pub(super) fn no_such_key() -> Refusal {
        Refusal::new(404, "NoSuchKey", "The specified key does not exist.")
    }

    pub(super) fn no_such_upload() -> Refusal {
        let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
        Refusal::new(404, "NoSuchUpload", message)
    }

    pub(super) fn method_not_allowed() -> Refusal {
        Refusal::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    }

    pub(super) fn missing(parameter: &str) -> Refusal {
        Refusal::Unsendable(format!("missing required parameter {parameter:?}"))
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Refusal::Service { code, .. } => code,
            Refusal::Elsewhere { .. } => "PermanentRedirect",
            Refusal::Unsendable(_) | Refusal::NotModelled => "NotImplemented",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Refusal::Service { message, .. } | Refusal::Unsendable(message) => message.clone(),
            Refusal::Elsewhere { .. } => ELSEWHERE.to_owned(),
            Refusal::NotModelled => String::new(),
        }
    }

    /// Converts to the error that the caller sees.
    pub(super) fn of(self, operation: &'static str, request_id: String) -> Error {
        match self {
            Refusal::Elsewhere { region } => {
                let error = match operation.starts_with("head_") {
                    true => ClientError::without_body(operation, 301),
                    false => ClientError::new(api_name(operation), 301, "PermanentRedirect", ELSEWHERE),
                };
                ClientError { request_id: Some(request_id), bucket_region: Some(region), ..error }.into()
            }
            Refusal::Service { status, code, message } => {
                // The response to HEAD has no body, nor has 304: only the status of the service's
                // error is left.
                let mut error = if operation.starts_with("head_") || status == 304 {
                    ClientError::without_body(operation, status)
                } else {
                    ClientError::new(api_name(operation), status, code, message)
                };
                error.request_id = Some(request_id);
                error.into()
            }
            Refusal::Unsendable(report) => Error::ParamValidation { operation, report },
            Refusal::NotModelled => Error::NotImplemented { operation },
        }
    }
}
