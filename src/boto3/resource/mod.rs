//! The object-oriented view of S3 and EC2: Python's [resources](https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html).
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let s3 = world.batteries().boto3.resource().s3();
//! let bucket = s3.create_bucket(|create| create.bucket("backups")).wait()?;
//! bucket.object("logs/a.txt").put(|put| put.body(b"hello".to_vec().into())).wait()?;
//! for object in bucket.objects().filter(|list| list.prefix("logs/")).limit(10) {
//!     let object = object?;
//!     assert_eq!((object.key(), object.size().wait()?), ("logs/a.txt", Some(5)));
//! }
//! bucket.objects().delete().wait()?;
//! assert_eq!(format!("{bucket:?}"), "s3.Bucket(name='backups')");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `boto3.resource("s3")` | [`boto3.resource().s3()`](super::Boto3::resource), a `ServiceResource` |
//! | `s3.Bucket("b")`, `bucket.Object("k")`, `bucket.Acl()` | `s3.bucket("b")`, `bucket.object("k")`, `bucket.acl()` |
//! | `instance.id` | `instance.id()` |
//! | `instance.state`, which may send a request | `instance.state().wait()?`, an [`Attribute`] |
//! | `instance.vpc`, the same | `instance.vpc().wait()?`, an Option; a Vec where there are several |
//! | `instance.load()`, `instance.reload()` | the same, `.wait()?` |
//! | `instance.stop(Force=True)` | `instance.stop(\|stop\| stop.force(true)).wait()?` |
//! | `ec2.create_instances(..)`, a list of `Instance` | the same, a Vec |
//! | `bucket.objects.filter(Prefix="x").limit(9)` | `bucket.objects().filter(\|list\| list.prefix("x")).limit(9)`, a [`Collection`](super::Collection) |
//! | `bucket.objects.page_size(9).pages()` | `bucket.objects().page_size(9).pages()` |
//! | `ec2.instances.filter(..).stop(Force=True)` | `ec2.instances().filter(..).stop().params(\|stop\| stop.force(true)).wait()?`, a [`Batch`](super::collection::Batch) |
//! | `instance.wait_until_running()` | `instance.wait_until_running(\|describe\| describe).wait()?`, a [`Waiter`](super::Waiter) |
//! | `instance.meta.client`, `.data`, `.resource_model` | [`instance.meta()`](Meta) with the same |
//! | `bucket == other`, `hash(bucket)`, `repr(bucket)` | `==`, `Hash`, `{bucket:?}` |
//!
//! # Differences
//!
//! DIFFERENCE, in what Python does quietly or by accident:
//! - an attribute that is a list is an empty one where Python has None; [`Meta::data`] keeps them apart.
//! - an attribute of what the service does not know is [`Error::ResourceLoad`], Python's `AttributeError: 'NoneType' ..`.
//! - what is said of a list parameter that the resource fills in itself, as `instance_ids`, is added to it; Python replaces it.
//! - in a reference or listing of several, what has no identifier is left out, as in Python, and each keeps its own data; Python's shift.
//! - an action that makes a resource, and whose answer does not name it, is [`Error::ResponseParser`]; Python gives `{}`. A route for
//!   IPv6 has no resource: `route_table.create_route` gives None.
//! - a batch action goes on after an empty page; Python ends there.
//! - `BucketLifecycle` speaks of lifecycle configurations: its own two operations were replaced by AWS in 2013.
//! - four attributes are newer than Amazon's client for Rust: `MultipartUpload.version_id`, `Snapshot.associated_kms_keys`, `Subnet.type`,
//!   `VpcPeeringConnection.multipath_resilience_status`.

mod connect;
mod model;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use connect::Resources;
pub use model::{Action, Model, Relation, Request};

use super::call::Call;
use super::client::Context;
use super::{Error, Result};
use crate::wait::BoxFuture;

/// The value of an attribute: end it by `.wait()?` or `.await?`.
///
/// It is there at once when the resource has its data; the first attribute of one that has none sends what `load()` sends.
/// Data come with the resources that a listing or an action gave; [`Meta::data`] tells.
pub type Attribute<T> = Call<T>;

/// What all resources have in common. Two are equal if they are of one class and their identifiers are; `Debug` writes them as
/// Python does: `s3.Bucket(name='b')`.
///
/// Clones share what was loaded.
#[doc(alias = "boto3.resources.ServiceResource")]
pub trait Resource: Clone + fmt::Debug + Send + Sync + 'static {
    /// The client of its service.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;
    /// What is loaded.
    type Data: fmt::Debug + Send + Sync + 'static;
    /// What the class is made of.
    const MODEL: Model;

    /// The client, and what is loaded.
    fn meta(&self) -> &Meta<Self>;

    /// Whence clocks come.
    fn context(&self) -> &Context;

    /// Asks the service for the data; None if it knows nothing of this. [`Error::ResourceLoad`] if the class has no `load()`.
    fn fetch(&self) -> BoxFuture<Result<Option<Self::Data>>> {
        let error = Error::ResourceLoad { resource: format!("{self:?}"), reason: "has no load method" };
        Box::pin(async { Err(error) })
    }
}

/// What a resource has beside its identifiers. Clones share what was loaded.
#[doc(alias = "boto3.resources.ServiceResource.meta")]
pub struct Meta<R: Resource> {
    pub(in crate::boto3) client: R::Client,
    data: Arc<Mutex<Option<Arc<R::Data>>>>,
}

impl<R: Resource> Meta<R> {
    pub(in crate::boto3) fn new(client: R::Client, data: Option<R::Data>) -> Meta<R> {
        Meta { client, data: Arc::new(Mutex::new(data.map(Arc::new))) }
    }

    /// The client that all requests go through.
    pub fn client(&self) -> &R::Client {
        &self.client
    }

    /// What is loaded, if anything is.
    pub fn data(&self) -> Option<Arc<R::Data>> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, data: Option<Arc<R::Data>>) {
        *self.data.lock().unwrap_or_else(PoisonError::into_inner) = data;
    }

    /// `s3`, `ec2`
    pub fn service_name(&self) -> &'static str {
        R::MODEL.service
    }

    /// The names of the identifiers.
    pub fn identifiers(&self) -> &'static [&'static str] {
        R::MODEL.identifiers
    }

    /// What the class is made of.
    pub fn resource_model(&self) -> Model {
        R::MODEL
    }
}

impl<R: Resource> Clone for Meta<R> {
    fn clone(&self) -> Meta<R> {
        Meta { client: self.client.clone(), data: self.data.clone() }
    }
}

impl<R: Resource> fmt::Debug for Meta<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("service_name", &self.service_name())
            .field("identifiers", &self.identifiers())
            .finish_non_exhaustive()
    }
}

/// What is loaded, or is now.
async fn loaded<R: Resource>(resource: &R) -> Result<Option<Arc<R::Data>>> {
    match resource.meta().data() {
        Some(data) => Ok(Some(data)),
        None => fetched(resource).await,
    }
}

async fn fetched<R: Resource>(resource: &R) -> Result<Option<Arc<R::Data>>> {
    let data = resource.fetch().await?.map(Arc::new);
    resource.meta().set(data.clone());
    Ok(data)
}

/// What its `load()` is called in an error.
fn loads<R: Resource>() -> &'static str {
    R::MODEL.load.map_or("load", |load| load.operation)
}

/// The action `load()`.
pub(in crate::boto3) fn load<R: Resource>(resource: &R) -> Call<()> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move { fetched(&resource).await.map(drop) })
}

/// All data at once.
pub(in crate::boto3) fn data<R: Resource>(resource: &R) -> Attribute<Arc<R::Data>> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move {
        let unknown = || Error::ResourceLoad { resource: format!("{resource:?}"), reason: "is not known to the service" };
        loaded(&resource).await?.ok_or_else(unknown)
    })
}

/// One of the data.
pub(in crate::boto3) fn attribute<R: Resource, T: Send + 'static>(resource: &R, read: fn(&R::Data) -> T) -> Attribute<T> {
    let data = data(resource).timeout(None);
    Call::new(resource.context(), loads::<R>(), async move { Ok(read(&*data.await?)) })
}

/// What the data point to: nothing, if the service knows nothing.
pub(in crate::boto3) fn reference<R: Resource, T: Default + Send + 'static>(
    resource: &R,
    read: fn(&R, &R::Data) -> T,
) -> Attribute<T> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move {
        Ok(loaded(&resource).await?.map_or_else(T::default, |data| read(&resource, &data)))
    })
}

/// A request of which the answer makes something. It may have changed what is loaded: that is loaded again at the next need.
pub(in crate::boto3) fn action<R: Resource, O: Send + 'static, T: Send + 'static>(
    resource: &R,
    operation: &'static str,
    call: Call<O>,
    build: impl FnOnce(O) -> Result<T> + Send + 'static,
) -> Call<T> {
    let (resource, call) = (resource.clone(), call.timeout(None));
    Call::new(&resource.context().clone(), operation, async move {
        let answer = call.await?;
        forget(&resource);
        build(answer)
    })
}

/// A request with a parameter that is among the data.
pub(in crate::boto3) fn action_with_data<R: Resource, O: Send + 'static>(
    resource: &R,
    operation: &'static str,
    send: impl FnOnce(&R, Option<Arc<R::Data>>) -> Result<Call<O>> + Send + 'static,
) -> Call<O> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), operation, async move {
        let data = loaded(&resource).await?;
        let answer = send(&resource, data)?.timeout(None).await?;
        forget(&resource);
        Ok(answer)
    })
}

fn forget<R: Resource>(resource: &R) {
    if R::MODEL.load.is_some() {
        resource.meta().set(None);
    }
}

/// What an answer must tell, or it is none.
pub(in crate::boto3) fn told<T>(operation: &'static str, member: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::ResponseParser { operation, source: Some(format!("it has no {member}").into()) })
}

/// What must be sent.
pub(in crate::boto3) fn needed<T>(operation: &'static str, member: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::ParamValidation { operation, report: format!("missing required parameter: {member:?}") })
}

/// What the builders of Amazon's client refuse.
pub(in crate::boto3) fn unfit(operation: &'static str, error: &dyn std::error::Error) -> Error {
    Error::ParamValidation { operation, report: error.to_string() }
}

/// What an identifier may be.
pub(in crate::boto3) trait Identifier {
    /// Python's `repr`.
    fn repr(&self) -> String;
}

impl Identifier for i32 {
    fn repr(&self) -> String {
        self.to_string()
    }
}

impl Identifier for String {
    fn repr(&self) -> String {
        let quote = if self.contains('\'') && !self.contains('"') { '"' } else { '\'' };
        let mut text = String::from(quote);
        for c in self.chars() {
            match c {
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\\' => text.push_str("\\\\"),
                c if c == quote => text.extend(['\\', c]),
                c if c.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(c))),
                c => text.push(c),
            }
        }
        text.push(quote);
        text
    }
}

/// A class of resources: the struct with its identifiers, and what does not depend on its model.
macro_rules! resource {
    (
        $(#[$attribute:meta])*
        $Name:ident { $($identifier:ident: $Type:ty),* } over $Client:ty, data $Data:ty, $model:expr
        $(, fetch |$this:ident| $fetch:expr)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone)]
        pub struct $Name {
            $(pub(in crate::boto3) $identifier: $Type,)*
            pub(in crate::boto3) meta: $crate::boto3::resource::Meta<$Name>,
        }

        impl $Name {
            pub(in crate::boto3) fn new(client: $Client, $($identifier: $Type,)* data: Option<$Data>) -> $Name {
                $Name { $($identifier,)* meta: $crate::boto3::resource::Meta::new(client, data) }
            }

            /// The client, and what is loaded.
            pub fn meta(&self) -> &$crate::boto3::resource::Meta<$Name> {
                &self.meta
            }

            /// All attributes at once, as Amazon's client gives them; loads them if they are not there.
            pub fn data(&self) -> $crate::boto3::resource::Attribute<std::sync::Arc<$Data>> {
                $crate::boto3::resource::data(self)
            }

            /// The names of what can be made from it without a request, in boto3's spelling.
            #[doc(alias = "boto3.resources.ServiceResource.get_available_subresources")]
            pub fn get_available_subresources(&self) -> Vec<&'static str> {
                <$Name as $crate::boto3::resource::Resource>::MODEL.subresources.iter().map(|resource| resource.name).collect()
            }
        }

        impl $crate::boto3::resource::Resource for $Name {
            type Client = $Client;
            type Data = $Data;
            const MODEL: $crate::boto3::resource::Model = $model;

            fn meta(&self) -> &$crate::boto3::resource::Meta<$Name> {
                &self.meta
            }

            fn context(&self) -> &$crate::boto3::client::Context {
                &self.meta.client.context
            }

            $(
                fn fetch(&self) -> $crate::wait::BoxFuture<$crate::boto3::Result<Option<$Data>>> {
                    let $this = self;
                    Box::pin($fetch)
                }
            )?
        }

        impl PartialEq for $Name {
            fn eq(&self, _other: &$Name) -> bool {
                true $(&& self.$identifier == _other.$identifier)*
            }
        }

        impl Eq for $Name {}

        impl std::hash::Hash for $Name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                stringify!($Name).hash(state);
                $(self.$identifier.hash(state);)*
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let model = <$Name as $crate::boto3::resource::Resource>::MODEL;
                let _identifiers: Vec<String> = vec![$(format!(
                    "{}={}",
                    stringify!($identifier),
                    $crate::boto3::resource::Identifier::repr(&self.$identifier)
                )),*];
                write!(f, "{}.{}({})", model.service, model.name, _identifiers.join(", "))
            }
        }
    };
}
pub(in crate::boto3) use resource;
