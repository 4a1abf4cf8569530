//! S3 on the network, through the AWS SDK.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod body;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use tokio::sync::OnceCell;

use super::backend::{Backend, shapes::*};
use super::encoding::spelled;
use super::operations::operations;
use crate::boto3::Result;
use crate::boto3::backend::ClientConfig;
use crate::boto3::error::{ClientError, Error};
use crate::boto3::native::{failure, sdk_config};
use crate::wait::inside::Inside;

/// A client of S3. The SDK's client is created on first use, because credentials may have to be
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
            let own = Builder::from(&shared).force_path_style(config.path_style()).accelerate(config.use_accelerate_endpoint);
            Ok(Client::from_conf(own.build()))
        });
        made.await.cloned()
    }
}

/// The response to HEAD has no body with an error code: botocore's code is the status, where the
/// SDK uses `NotFound`.
fn by_status(operation: &'static str, error: Error) -> Error {
    match error {
        Error::Client(told) if operation.starts_with("head_") => {
            let (request_id, bucket_region) = (told.request_id, told.bucket_region);
            ClientError { request_id, bucket_region, ..ClientError::without_body(operation, told.status) }.into()
        }
        // A successful status that is not a valid response is not a refusal.
        Error::Client(told) if told.status / 100 == 2 && told.code == told.status.to_string() => {
            Error::ResponseParser { operation, source: None }
        }
        error => error,
    }
}

/// The operations whose response has a body.
macro_rules! answered {
    (get_object, $answer:ident) => {{
        let mut answer = $answer;
        answer.body = body::anywhere(std::mem::take(&mut answer.body));
        answer
    }};
    ($operation:ident, $answer:ident) => {
        $answer
    };
}

/// Returns the client: directory buckets are listed without the session of one of them, which the
/// SDK would request.
macro_rules! asking {
    (list_directory_buckets, $client:expr) => {
        Client::from_conf($client.config().to_builder().disable_s3_express_session_auth(true).build())
    };
    ($operation:ident, $client:expr) => {
        $client
    };
}

/// Sets the default content type of S3, where the SDK sets another.
macro_rules! typed {
    (put_object, $input:ident) => {
        if $input.get_content_type().is_none() { $input.content_type(DEFAULT_TYPE) } else { $input }
    };
    ($operation:ident, $input:ident) => {
        $input
    };
}

/// The type of an object without one. boto3 sends none and S3 uses this one; the SDK would send
/// `application/octet-stream`.
const DEFAULT_TYPE: &str = "binary/octet-stream";

macro_rules! native {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Native {
            async fn sdk(&self) -> Result<Client> {
                self.client().await
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let input = typed!($operation, input);
                    let client = asking!($operation, self.client().await?);
                    let answer = spelled!($operation, input, Inside(Box::pin(input.send_with(&client))).await);
                    let answer = answer.map(|answer| answered!($operation, answer));
                    answer.map_err(|error| by_status(stringify!($operation), failure(stringify!($operation), &self.0.config, error)))
                }
            )*
        }
    };
}
operations!(native);
