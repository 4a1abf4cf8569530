//! S3 in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use super::presign::offline;
use crate::boto3::Result;
use crate::boto3::backend::{ClientConfig, Service};
use crate::boto3::error::Error;
use crate::mock::Script;

/// S3 in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {}

impl Mock {
    pub(crate) fn new(script: Script) -> Mock {
        Mock { script, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service<dyn Backend> for Mock {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Connected { mock: self.clone(), config })
    }
}

/// The fake as one client sees it.
#[derive(Debug)]
struct Connected {
    mock: Mock,
    config: ClientConfig,
}

macro_rules! mock {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Connected {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                Ok(offline(&self.config))
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    self.mock.script.enter::<Error>(concat!("s3.", stringify!($operation)), "")?;
                    let _ = input;
                    Err(Error::NotImplemented { operation: stringify!($operation) })
                }
            )*
        }
    };
}
operations!(mock);
