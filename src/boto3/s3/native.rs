//! S3 on the network: Amazon's own client.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use async_trait::async_trait;
use aws_sdk_s3::Client;
use tokio::sync::OnceCell;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use crate::boto3::Result;
use crate::boto3::backend::ClientConfig;
use crate::boto3::error::{ClientError, Error};
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
        let made = self.client.get_or_try_init(|| async {
            // As botocore: elsewhere than at Amazon a bucket has no host name of its own, unless one says so.
            let path_style = self.config.endpoint_url.is_some();
            let config = aws_sdk_s3::config::Builder::from(&sdk_config(&self.config).await?).force_path_style(path_style);
            Ok(Client::from_conf(config.build()))
        });
        made.await.cloned()
    }
}

/// Amazon's client makes up the code `NotFound` for an answer to HEAD, and has none for 304; botocore's code is then the status.
fn bodiless(operation: &'static str, error: Error) -> Error {
    match error {
        Error::Client(told)
            if operation.starts_with("head_") || (told.message.is_empty() && told.code == told.status.to_string()) =>
        {
            let request_id = told.request_id;
            ClientError { request_id, ..ClientError::without_body(operation, told.status) }.into()
        }
        error => error,
    }
}

macro_rules! native {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Native {
            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let client = self.client().await?;
                    // The connection must be driven by a runtime that outlives this call, whoever awaits it.
                    let answer = on_runtime(async move { input.send_with(&client).await }).await;
                    answer.map_err(|error| bodiless(stringify!($operation), failure(stringify!($operation), &self.config, error)))
                }
            )*
        }
    };
}
operations!(native);
