//! What the resources of AWS's services share.

use crate::boto3::Error;

/// The answer, or None where the service reports one of these codes: the object does not exist.
pub(super) fn found<T>(answer: Result<T, Error>, codes: &[&str]) -> crate::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code().is_some_and(|code| codes.contains(&code)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
