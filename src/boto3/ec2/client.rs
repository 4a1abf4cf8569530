//! [`Client`]: EC2's operations.

use std::sync::Arc;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use super::paginators::Paginator;
use super::waiters::Waiters;
use crate::boto3::call::Call;
use crate::boto3::client::{Context, Meta};

/// A client of EC2: Python's `boto3.client("ec2")`. Clones share it, and its connections.
///
/// Each operation takes a closure that sets its parameters, and is sent with `.wait()?` or
/// `.await?`.
#[derive(Clone, Debug)]
#[doc(alias = "EC2.Client")]
pub struct Client {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) context: Context,
}

impl Client {
    pub(in crate::boto3) fn new(backend: Arc<dyn Backend>, context: Context) -> Client {
        Client { backend, context }
    }

    /// Lists page by page: `client.paginate().describe_instances(|describe| describe)`.
    #[doc(alias("boto3.Client.get_paginator", "boto3.Paginator.paginate"))]
    pub fn paginate(&self) -> Paginator {
        Paginator::new(self.clone())
    }

    /// Returns true if [`Client::paginate`] has a method of this name.
    #[doc(alias = "boto3.Client.can_paginate")]
    pub fn can_paginate(&self, operation: &str) -> bool {
        Paginator::OPERATIONS.contains(&operation)
    }

    /// Waits for a state: `client.get_waiter().instance_running(|describe|
    /// describe.instance_ids("i-1")).wait()?`.
    #[doc(alias = "boto3.Client.get_waiter")]
    pub fn get_waiter(&self) -> Waiters {
        Waiters::new(self.clone())
    }

    /// Returns the names of the methods of [`Client::get_waiter`].
    #[doc(alias = "boto3.Client.waiter_names")]
    pub fn waiter_names(&self) -> &'static [&'static str] {
        Waiters::NAMES
    }

    /// Returns the properties of this client.
    pub fn meta(&self) -> Meta {
        self.context.meta("ec2")
    }
}

macro_rules! client {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        impl Client {
            $(
                #[doc = concat!("[`", stringify!($operation), "`](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ec2/client/", stringify!($operation), ".html)")]
                pub fn $operation(&self, build: impl FnOnce($Input) -> $Input) -> Call<$Output> {
                    let (backend, input) = (self.backend.clone(), build($Input::default()));
                    Call::new(&self.context, stringify!($operation), async move { backend.$operation(input).await })
                }
            )*
        }
    };
}
operations!(client);
