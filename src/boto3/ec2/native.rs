//! EC2 on the network, through the AWS SDK.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::Client;
use tokio::sync::OnceCell;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use crate::boto3::Result;
use crate::boto3::backend::ClientConfig;
use crate::boto3::native::{failure, sdk_config};
use crate::wait::inside::Inside;

/// A client of EC2. The SDK's client is created on first use, because credentials may have to be
/// requested.
#[derive(Clone, Debug)]
pub struct Native(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: ClientConfig,
    client: OnceCell<Client>,
}

impl Native {
    /// Creates a client with this configuration.
    pub fn new(config: ClientConfig) -> Native {
        Native(Arc::new(Inner { config, client: OnceCell::new() }))
    }

    /// Returns the SDK's client, for operations that are not implemented here.
    pub async fn client(&self) -> Result<Client> {
        let Inner { config, client } = &*self.0;
        let made = client.get_or_try_init(|| async {
            let shared = Inside(Box::pin(sdk_config(config))).await?;
            Ok(Client::new(&shared))
        });
        made.await.cloned()
    }
}

macro_rules! native {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Native {
            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let client = self.client().await?;
                    let answer = Inside(Box::pin(input.send_with(&client))).await;
                    answer.map_err(|error| failure(stringify!($operation), &self.0.config, error))
                }
            )*
        }
    };
}
operations!(native);
