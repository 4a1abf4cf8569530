//! EC2: `boto3.client("ec2")`, `boto3.resource("ec2")`.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let ec2 = World::new().batteries().boto3.client().region_name("eu-west-1").ec2();
//! let volume = ec2.create_volume(|create| create.availability_zone("eu-west-1a").size(8)).wait()?;
//! let id = volume.volume_id().unwrap_or_default();
//! ec2.get_waiter().volume_available(|describe| describe.volume_ids(id)).wait()?;
//! ec2.create_snapshot(|create| create.volume_id(id).description("before the update")).wait()?;
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! [`Client`] has the operations, [`resources`] the resource classes; [`mock`] is EC2 in memory.
//! Shapes and enumerations are the SDK's: [`types`].

pub mod backend;
mod client;
mod injected;
pub mod mock;
pub mod native;
pub(crate) mod operations;
mod paginators;
#[allow(clippy::redundant_closure, reason = "generated: one form for every shape")]
pub mod resources;
mod short;
#[allow(clippy::redundant_closure_for_method_calls, reason = "generated: one form for every shape")]
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub use resources::ServiceResource;
pub use short::{Filters, tag, tag_value};
pub use waiters::Waiters;

pub use aws_sdk_ec2::{primitives, types};

pub(in crate::boto3) use backend::Unready;
