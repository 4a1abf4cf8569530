//! Buckets and objects of S3.
//!
//! ```
//! use leyden::{infra::{Infra, State, resources::s3::{Bucket, Object}}, prelude::*};
//!
//! let world = World::new();
//! let infra = Infra::new("demo", State::file("/demo.json"));
//! infra.plan(&world.batteries(), |declare| {
//!     let logs = declare.add("logs", Bucket::new("acme-logs").versioning().tag("owner", "ops").expire("old", "tmp/", 30))?.protect();
//!     declare.add("index", Object::new(logs.id(), "index.html", "<p>hi</p>").content_type("text/html"))?;
//!     Ok(())
//! }).wait()?.apply(&world.batteries()).wait()?;
//! assert_eq!(world.boto3.s3.buckets(), ["acme-logs"]);
//! # Ok::<(), leyden::Error>(())
//! ```

mod bucket;
mod configuration;
mod object;

pub use bucket::{Bucket, BucketOut, Encryption};
pub use object::{Object, ObjectOut};

use super::aws::found;
