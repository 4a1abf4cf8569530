//! S3: `boto3.client("s3")`, `boto3.resource("s3")`.

pub mod backend;
mod client;
mod injected;
pub mod mock;
pub mod native;
mod operations;
mod paginators;
mod presign;
pub mod resources;
pub mod sync;
pub mod transfer;
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub use presign::{Condition, EXPIRES_IN, Presign, PresignPost, PresignedPost, PresignedUrl, Presigner};
pub use resources::ServiceResource;
pub use waiters::Waiters;

pub use aws_sdk_s3::{primitives, types};

#[doc(no_inline)]
pub use aws_sdk_s3::{primitives, types};

pub(in crate::boto3) use backend::Unready;
