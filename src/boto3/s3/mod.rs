//! S3: `boto3.client("s3")`, `boto3.resource("s3")`.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let s3 = world.batteries().boto3.client().s3();
//! s3.create_bucket(|create| create.bucket("backups")).wait()?;
//! s3.put_object(|put| put.bucket("backups").key("k").body(b"data".to_vec().into())).wait()?;
//! assert_eq!(s3.head_object(|head| head.bucket("backups").key("k")).wait()?.content_length(), Some(4));
//! assert_eq!(s3.get_object(|get| get.bucket("backups").key("?")).wait().unwrap_err().code(), Some("NoSuchKey"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! [`Client`] has the operations, [`resources`] the resource classes, [`transfer`] managed
//! transfers, [`sync`] whole directories; [`mock`] is S3 in memory. Shapes, enumerations and
//! streams are the SDK's: [`types`], [`primitives`].

pub mod backend;
mod client;
mod encoding;
mod injected;
pub mod mock;
pub mod native;
pub(crate) mod operations;
mod paginators;
mod presign;
pub(in crate::boto3) mod regions;
mod replay;
#[allow(clippy::redundant_closure, reason = "generated: one form for every shape")]
pub mod resources;
mod short;
pub mod sync;
pub mod transfer;
#[allow(clippy::redundant_closure_for_method_calls, reason = "generated: one form for every shape")]
mod waiters;

pub use backend::{Backend, shapes};
pub use client::Client;
pub use paginators::Paginator;
pub(crate) use presign::unsent;
pub use presign::{Condition, EXPIRES_IN, Presign, PresignPost, PresignedPost, PresignedUrl, Presigner};
pub use resources::ServiceResource;
pub use short::{Content, Read};
pub use waiters::Waiters;

pub use aws_sdk_s3::{primitives, types};

#[doc(no_inline)]
pub(in crate::boto3) use backend::Unready;
