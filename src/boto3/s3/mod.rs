//! S3: `boto3.client("s3")`, `boto3.resource("s3")`.

pub mod backend;
mod client;
pub mod mock;
pub mod native;
mod operations;
mod paginators;
mod presign;
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub use presign::{Condition, EXPIRES_IN, Presign, PresignPost, PresignedPost, PresignedUrl, Presigner};
pub use waiters::Waiters;

pub(in crate::boto3) use backend::Unready;
