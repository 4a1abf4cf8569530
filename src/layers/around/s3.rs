//! S3's operations with a hook around each.

use std::borrow::Cow;
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
        let around = Around::new(self.inner.connect(config.clone()), &self.core);
        Arc::new(around.through(&config))
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
    fn get_copy_source(&self) -> &Option<String> {
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

impl Around<dyn Backend> {
    fn resource<'a>(&'a self, name: Cow<'a, str>, source: Option<&'a str>) -> Subject<'a> {
        Subject::Resource { name, source, through: self.through.iter().map(crate::Secret::expose).collect() }
    }
}

macro_rules! around {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl Backend for Around<dyn Backend> {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                let call = Call { operation: "s3.sdk", subject: self.resource("".into(), None), effect: Effect::Look };
                let sdk = self.core.awaited(call, |_| self.inner.sdk(), |_| None).await?;
                // What it would send would pass the layer by. Presigning sends nothing.
                Ok(crate::boto3::s3::unsent(&sdk))
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let parts = [input.get_bucket(), input.get_key()];
                    let name = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
                    let source = input.get_copy_source().clone();
                    let call = Call {
                        operation: concat!("s3.", stringify!($operation)),
                        subject: self.resource(name.into(), source.as_deref()),
                        effect: effect(stringify!($operation)),
                    };
                    self.core.awaited(call, |_| self.inner.$operation(input), |_| None).await
                }
            )*
        }
    };
}
operations!(around);
