//! S3: `boto3.client("s3")`, `boto3.resource("s3")`.

pub mod backend;
mod client;
pub mod mock;
pub mod native;
mod operations;
pub mod sync;
pub mod transfer;

pub use backend::{Backend, shapes};
pub use client::Client;

pub(in crate::boto3) use backend::Unready;
