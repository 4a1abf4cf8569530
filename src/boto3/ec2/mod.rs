//! EC2: `boto3.client("ec2")`, `boto3.resource("ec2")`.

pub mod backend;
mod client;
pub mod mock;
pub mod native;
mod operations;

pub use backend::{Backend, shapes};
pub use client::Client;

pub(in crate::boto3) use backend::Unready;
