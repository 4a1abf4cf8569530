//! [`Request`]: what every operation of SFTP returns.

use std::path::PathBuf;
use std::pin::Pin;

use super::status::SftpError;
use crate::fabric::error::{Error, Result};

/// An operation that is done when it is awaited, or ended by `.wait()`.
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct Request<'a, T>(Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>);

impl<T> std::fmt::Debug for Request<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

impl<'a, T> IntoFuture for Request<'a, T> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

/// An operation on a path.
pub(super) fn request<'a, T>(
    operation: &'static str,
    path: PathBuf,
    work: impl Future<Output = Result<T, SftpError>> + Send + 'a,
) -> Request<'a, T> {
    Request(Box::pin(async move {
        work.await.map_err(|error| Error::Os { operation, path: path.display().to_string(), source: error.into() })
    }))
}
