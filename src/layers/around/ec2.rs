//! EC2's operations with a hook around each.

use std::sync::Arc;

use async_trait::async_trait;

use super::Around;
use crate::boto3::ec2::Backend;
use crate::boto3::ec2::operations::operations;
use crate::boto3::ec2::shapes::*;
use crate::boto3::{ClientConfig, Result, Service};
use crate::layers::hook::{Call, Effect, Subject};

#[deny(clippy::missing_trait_methods)]
impl Service<dyn Backend> for Around<dyn Service<dyn Backend>> {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Around::new(self.inner.connect(config), &self.core))
    }
}

/// Whether an operation of this name can change something.
pub(in crate::layers) fn effect(operation: &str) -> Effect {
    if ["get_", "describe_", "search_"].iter().any(|prefix| operation.starts_with(prefix)) {
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
            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let call = Call {
                        operation: concat!("ec2.", stringify!($operation)),
                        subject: Subject::Machine,
                        effect: effect(stringify!($operation)),
                    };
                    self.core.awaited(call, |_| self.inner.$operation(input), |_| None).await
                }
            )*
        }
    };
}
operations!(around);
