//! EC2: `boto3.client("ec2")`, `boto3.resource("ec2")`.

pub mod backend;
mod client;
pub mod mock;
pub mod native;
mod operations;
mod paginators;
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub use waiters::Waiters;

pub(in crate::boto3) use backend::Unready;
