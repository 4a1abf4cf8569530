//! S3: `boto3.client("s3")`, `boto3.resource("s3")`.

pub mod backend;
mod client;
pub mod mock;
pub mod native;
mod operations;

pub use backend::{Backend, shapes};
pub use client::Client;

#[doc(no_inline)]
pub use aws_sdk_s3::{primitives, types};

pub(in crate::boto3) use backend::Unready;
