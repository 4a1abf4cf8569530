//! S3 on the network: Amazon's own client.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use async_trait::async_trait;
use aws_sdk_s3::Client;
use tokio::sync::OnceCell;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use crate::boto3::Result;
use crate::boto3::backend::ClientConfig;
use crate::boto3::native::{failure, sdk_config};
use crate::wait::driver::on_runtime;

/// A client of S3. It is made when it is first needed: credentials may have to be asked for.
#[derive(Debug)]
pub struct Native {
    config: ClientConfig,
    client: OnceCell<Client>,
}

impl Native {
    /// A client as configured.
    pub fn new(config: ClientConfig) -> Native {
        Native { config, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<Client> {
        let made = self.client.get_or_try_init(|| async { Ok(Client::new(&sdk_config(&self.config).await?)) });
        made.await.cloned()
    }
}

macro_rules! native {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Native {
            async fn sdk(&self) -> Result<Client> {
                self.client().await
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let client = self.client().await?;
                    // The connection must be driven by a runtime that outlives this call, whoever awaits it.
                    let answer = on_runtime(async move { input.send_with(&client).await }).await;
                    answer.map_err(|error| failure(stringify!($operation), &self.config, error))
                }
            )*
        }
    };
}
operations!(native);
