//! S3's wire format: which operation a request is, its input, and the answer.
//!
//! `routes`, `operations`, `read` and `write` are generated from botocore's model of S3, over the SDK's own shapes. The crate s3s carries the
//! same format over shapes of its own: it would bring a second copy of every type, and lacks what the model has had since (annotations,
//! event holds, newer checksums).

mod operations;
#[allow(deprecated, reason = "a prefix of a rule is taken and kept where S3 still does")]
mod read;
mod reply;
mod route;
mod routes;
mod text;
#[allow(deprecated, reason = "a prefix of a rule is taken and kept where S3 still does")]
mod write;
mod xml;

pub(super) use operations::call;
pub(super) use reply::{HTTP_DATE, Reply};
pub(super) use route::{Level, Route, route};
pub(super) use text::FromText;
pub(super) use xml::{Element, FromXml, Malformed, Xml};
