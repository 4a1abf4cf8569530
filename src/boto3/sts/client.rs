//! [`Client`]: the operations of STS.

use std::sync::Arc;

use super::backend::{Backend, shapes::*};
use super::operations;
use crate::boto3::call::Call;
use crate::boto3::client::{Context, Meta};

/// A client of STS: Python's `boto3.client("sts")`. Clones share it, and its connections.
///
/// Each operation takes a closure that sets its parameters, and is sent with `.wait()?` or
/// `.await?`.
#[derive(Clone, Debug)]
#[doc(alias = "STS.Client")]
pub struct Client {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) context: Context,
}

impl Client {
    pub(in crate::boto3) fn new(backend: Arc<dyn Backend>, context: Context) -> Client {
        Client { backend, context }
    }

    /// Returns the properties of this client.
    pub fn meta(&self) -> Meta {
        self.context.meta("sts")
    }
}

macro_rules! client {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        impl Client {
            $(
                #[doc = concat!("[`", stringify!($operation), "`](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sts/client/", stringify!($operation), ".html)")]
                pub fn $operation(&self, build: impl FnOnce($Input) -> $Input) -> Call<$Output> {
                    let (backend, input) = (self.backend.clone(), build($Input::default()));
                    Call::new(&self.context, stringify!($operation), async move { backend.$operation(input).await })
                }
            )*
        }
    };
}
operations!(client);
