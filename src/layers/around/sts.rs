//! STS's operations with a hook around each.

use std::sync::Arc;

use async_trait::async_trait;

use super::Around;
use crate::boto3::sts::Backend;
use crate::boto3::sts::operations;
use crate::boto3::sts::shapes::*;
use crate::boto3::{ClientConfig, Result, Service};
use crate::layers::hook::{Call, Effect, Subject};

#[deny(clippy::missing_trait_methods)]
impl Service<dyn Backend> for Around<dyn Service<dyn Backend>> {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Around::new(self.inner.connect(config), &self.core))
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
                        operation: concat!("sts.", stringify!($operation)),
                        subject: Subject::Machine,
                        effect: Effect::Look, // Credentials are made, nothing is changed.
                    };
                    self.core.awaited(call, |_| self.inner.$operation(input), |_| None).await
                }
            )*
        }
    };
}
operations!(around);
