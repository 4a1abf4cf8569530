//! S3's operations with a hook around each.

use std::sync::Arc;

use async_trait::async_trait;

use super::Around;
use crate::boto3::s3::Backend;
use crate::boto3::s3::operations::operations;
use crate::boto3::s3::shapes::*;
use crate::boto3::{ClientConfig, Result, Service};
use crate::layers::hook::{Call, Effect, Subject};

#[deny(clippy::missing_trait_methods)]
impl Service<dyn Backend> for Around<dyn Service<dyn Backend>> {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Around::new(self.inner.connect(config), &self.core))
    }
}

/// What an input has no field for. Inherent methods come first, so the inputs that have it answer for themselves.
pub(in crate::layers) trait Absent {
    fn get_bucket(&self) -> &Option<String> {
        &None
    }
    fn get_key(&self) -> &Option<String> {
        &None
    }
}
impl<T> Absent for T {}

/// Whether an operation of this name can change something.
pub(in crate::layers) fn effect(operation: &str) -> Effect {
    if ["get_", "head_", "list_", "select_"].iter().any(|prefix| operation.starts_with(prefix)) {
        Effect::Look
    } else {
        Effect::Change
    }
}

macro_rules! around {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl Backend for Around<dyn Backend> {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                // What it would send would pass the layer by. Presigning sends nothing.
                Ok(crate::boto3::s3::unsent(&self.inner.sdk().await?))
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let parts = [input.get_bucket(), input.get_key()];
                    let name = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
                    let call = Call {
                        operation: concat!("s3.", stringify!($operation)),
                        subject: Subject::Resource { name: name.into() },
                        effect: effect(stringify!($operation)),
                    };
                    self.core.awaited(call, |_| self.inner.$operation(input), |_| None).await
                }
            )*
        }
    };
}
operations!(around);
