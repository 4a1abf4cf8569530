//! [`Client`]: S3's operations.

use std::sync::Arc;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use super::paginators::Paginator;
use super::waiters::Waiters;
use crate::boto3::StreamingBody;
use crate::boto3::call::Call;
use crate::boto3::client::{Context, Meta};

/// A client of S3: Python's `boto3.client("s3")`. Clones share it, and its connections.
///
/// Each operation takes a closure that sets its parameters, and is sent with `.wait()?` or
/// `.await?`.
#[derive(Clone, Debug)]
#[doc(alias = "S3.Client")]
pub struct Client {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) context: Context,
}

impl Client {
    pub(in crate::boto3) fn new(backend: Arc<dyn Backend>, context: Context) -> Client {
        Client { backend, context }
    }

    /// Lists page by page: `client.paginate().list_objects_v2(|list| list.bucket("b"))`.
    #[doc(alias("boto3.Client.get_paginator", "boto3.Paginator.paginate"))]
    pub fn paginate(&self) -> Paginator {
        Paginator::new(self.clone())
    }

    /// Returns true if [`Client::paginate`] has a method of this name.
    #[doc(alias = "boto3.Client.can_paginate")]
    pub fn can_paginate(&self, operation: &str) -> bool {
        Paginator::OPERATIONS.contains(&operation)
    }

    /// Waits for a state: `client.get_waiter().bucket_exists(|head| head.bucket("b")).wait()?`.
    #[doc(alias = "boto3.Client.get_waiter")]
    pub fn get_waiter(&self) -> Waiters {
        Waiters::new(self.clone())
    }

    /// Returns the names of the methods of [`Client::get_waiter`].
    #[doc(alias = "boto3.Client.waiter_names")]
    pub fn waiter_names(&self) -> &'static [&'static str] {
        Waiters::NAMES
    }

    /// Returns the body of a response for reading in chunks: botocore's `response["Body"]`. (The
    /// SDK's `object.body` is read at once, or in asynchronous code.)
    pub fn body(&self, object: GetObjectOutput) -> StreamingBody {
        let expected = object.content_length.and_then(|length| u64::try_from(length).ok());
        StreamingBody::new(object.body, expected, self.context.clone())
    }

    /// Amazon's own client, configured as this one, for operations that are not carried here and for code that takes it. In a world it is
    /// answered in memory. Under a layer, such as a rehearsal, its requests fail: they would pass the layer by.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let s3 = World::new().batteries().boto3.client().s3();
    /// let sdk: aws_sdk_s3::Client = s3.sdk().wait()?;
    /// sdk.create_bucket().bucket("backups").send().wait()?;
    /// assert_eq!(s3.list_buckets(|list| list).wait()?.buckets().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sdk(&self) -> Call<aws_sdk_s3::Client> {
        let backend = self.backend.clone();
        Call::new(&self.context, "sdk", async move { backend.sdk().await })
    }

    /// Returns the properties of this client.
    pub fn meta(&self) -> Meta {
        self.context.meta("s3")
    }
}

macro_rules! client {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        impl Client {
            $(
                #[doc = concat!("[`", stringify!($operation), "`](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/", stringify!($operation), ".html)")]
                pub fn $operation(&self, build: impl FnOnce($Input) -> $Input) -> Call<$Output> {
                    let (backend, input) = (self.backend.clone(), build($Input::default()));
                    Call::new(&self.context, stringify!($operation), async move { backend.$operation(input).await })
                }
            )*
        }
    };
}
operations!(client);
