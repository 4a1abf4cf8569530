//! EC2: `boto3.client("ec2")`, `boto3.resource("ec2")`.

pub mod backend;
mod client;
mod injected;
pub mod mock;
pub mod native;
mod operations;
mod paginators;
pub mod resources;
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub use resources::ServiceResource;
pub use waiters::Waiters;

pub use aws_sdk_ec2::{primitives, types};

pub(in crate::boto3) use backend::Unready;
