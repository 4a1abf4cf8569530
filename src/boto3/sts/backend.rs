//! The backend of STS: one method per operation, with the inputs and outputs of the AWS SDK.
//!
//! ```
//! # use leyden::{prelude::*, boto3::{ClientConfig, Service, sts::{Backend, shapes::GetCallerIdentityInputBuilder}}};
//! let world = World::new();
//! // The network and the fake have the same interface.
//! let service = world.boto3.sts.connect(ClientConfig::default());
//! assert_eq!(service.get_caller_identity(GetCallerIdentityInputBuilder::default()).wait()?.account(), Some("123456789012"));
//! # Ok::<(), leyden::Error>(())
//! ```

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::operations;
use crate::boto3::{ClientConfig, ConfigError, Error, Result, Service};

macro_rules! backend {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        /// The inputs (as builders) and outputs of all operations, under their names in the AWS
        /// SDK.
        pub mod shapes {
            $(pub use aws_sdk_sts::operation::$operation::{$Output, builders::$Input};)*
        }
        use shapes::*;

        /// STS, as accessed by one client of one account and region.
        ///
        /// # Contract
        ///
        /// - One method is one operation, without waiting or state.
        /// - A refusal of the service is [`Error::Client`](crate::boto3::Error::Client) with the
        ///   service's error code. A request that did not reach the service, or whose response did
        ///   not arrive, is botocore's error for that case.
        /// - A failure that botocore would retry has been retried, according to the configuration.
        /// - Dropping the future ends the exchange.
        /// - The default of each operation is [`Error::NotImplemented`](crate::boto3::Error::NotImplemented), so that a backend of your own has only what
        ///   its script uses. See [`Boto3::with_sts`](crate::boto3::Boto3::with_sts).
        #[async_trait]
        pub trait Backend: Debug + Send + Sync + 'static {
            $(
                #[doc = concat!("`", stringify!($operation), "`")]
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    let _ = input;
                    Err(Error::NotImplemented { operation: stringify!($operation) })
                }
            )*
        }

        /// Every client is this backend, whatever it was configured with.
        impl<B: Backend> Service<dyn Backend> for Arc<B> {
            fn connect(&self, _: ClientConfig) -> Arc<dyn Backend> {
                self.clone()
            }
        }

        /// A client that could not be created: every operation returns the reason.
        #[derive(Debug)]
        pub(in crate::boto3) struct Unready(pub(in crate::boto3) ConfigError);

        #[async_trait]
        impl Backend for Unready {
            $(
                async fn $operation(&self, _: $Input) -> Result<$Output> {
                    Err(self.0.clone().into())
                }
            )*
        }
    };
}
operations!(backend);
