//! S3 in a rehearsal: operations that are answered with an empty output, and not sent.

use std::sync::Arc;

use async_trait::async_trait;

use super::plan::Effect;
use super::{Entry, Log};
use crate::boto3::s3::Backend;
use crate::boto3::s3::operations::operations;
use crate::boto3::s3::shapes::*;
use crate::boto3::{ClientConfig, ClientError, Error, Result, Service};
use crate::layers::around::Absent as _;

#[derive(Debug)]
pub(super) struct Rehearsed<B: ?Sized> {
    inner: Arc<B>,
    /// The operations without the service's name: `put_object`.
    assumed: Vec<String>,
    log: Arc<Log>,
}

impl<B: ?Sized> Rehearsed<B> {
    pub(super) fn new(inner: Arc<B>, assumed: Vec<String>, log: Arc<Log>) -> Rehearsed<B> {
        Rehearsed { inner, assumed, log }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Service<dyn Backend> for Rehearsed<dyn Service<dyn Backend>> {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Rehearsed::new(self.inner.connect(config), self.assumed.clone(), self.log.clone()))
    }
}

/// An output without fields. Amazon's builders give a `Result` where a field is required.
trait Empty<Output> {
    fn output(self, operation: &str) -> Result<Output>;
}

impl<Output> Empty<Output> for Output {
    fn output(self, _: &str) -> Result<Output> {
        Ok(self)
    }
}

impl<Output> Empty<Output> for std::result::Result<Output, aws_smithy_types::error::operation::BuildError> {
    fn output(self, operation: &str) -> Result<Output> {
        self.map_err(|error| -> Error {
            let text = format!("a rehearsal has no output for {operation}: {error}");
            ClientError::new(crate::boto3::api_name(operation), 501, "NotImplemented", &text).into()
        })
    }
}

macro_rules! rehearsed {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl Backend for Rehearsed<dyn Backend> {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                self.inner.sdk().await
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    if !self.assumed.iter().any(|assumed| assumed == stringify!($operation)) {
                        return self.inner.$operation(input).await;
                    }
                    let parts = [input.get_bucket(), input.get_key()];
                    let subject = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
                    let operation = concat!("s3.", stringify!($operation)).to_owned();
                    self.log.push(Entry::Other(Effect::Remote { operation, subject, refused: false }));
                    Empty::<$Output>::output($Output::builder().build(), stringify!($operation))
                }
            )*
        }
    };
}
operations!(rehearsed);
