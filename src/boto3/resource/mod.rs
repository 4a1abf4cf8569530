//! The resource interface of S3 and EC2: Python's
//! [resources](https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html).
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
//! DIFFERENCE, in implicit or accidental behaviour of Python:
//! - a list attribute is empty where Python has None; [`Meta::data`] distinguishes them.
//! - an attribute of a resource unknown to the service is [`Error::ResourceLoad`]; in Python it is
//!   `AttributeError: 'NoneType' ..`.
//! - values for a list parameter that the resource itself sets, such as `instance_ids`, are added
//!   to it; Python replaces it.
//! - in a reference or listing of several resources, those without an identifier are left out, as
//!   in Python, and each keeps its own data; Python's data shift.
//! - an action that creates a resource, and whose response does not identify it, is
//!   [`Error::ResponseParser`]; Python returns `{}`. A route for IPv6 has no resource:
//!   `route_table.create_route` returns `None`.
//! - a batch action continues after an empty page; Python ends there.
//! - `BucketLifecycle` uses lifecycle configurations: AWS replaced its own two operations in 2013.
//! - four attributes are newer than the AWS SDK for Rust: `MultipartUpload.version_id`,
//!   `Snapshot.associated_kms_keys`, `Subnet.type`,
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

/// The value of an attribute: `.wait()?` or `.await?`.
///
/// It is available at once if the resource has its data; otherwise the first attribute sends the
/// request of `load()`. Resources from a listing or an action have their data; [`Meta::data`]
/// returns them.
pub type Attribute<T> = Call<T>;

/// The common part of all resources. Two are equal if they have the same class and identifiers;
/// `Debug` writes them as Python does: `s3.Bucket(name='b')`.
///
/// Clones share the loaded data.
#[doc(alias = "boto3.resources.ServiceResource")]
pub trait Resource: Clone + fmt::Debug + Send + Sync + 'static {
    /// The client of its service.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;
    /// The loaded data.
    type Data: fmt::Debug + Send + Sync + 'static;
    /// The description of the class.
    const MODEL: Model;

    /// Returns the client and the loaded data.
    fn meta(&self) -> &Meta<Self>;

    /// Returns the source of clocks.
    fn context(&self) -> &Context;

    /// Requests the data; `None` if the service does not know the resource. [`Error::ResourceLoad`]
    /// if the class has no `load()`.
    fn fetch(&self) -> BoxFuture<Result<Option<Self::Data>>> {
        let error = Error::ResourceLoad { resource: format!("{self:?}"), reason: "has no load method" };
        Box::pin(async { Err(error) })
    }
}

/// The state of a resource other than its identifiers. Clones share the loaded data.
#[doc(alias = "boto3.resources.ServiceResource.meta")]
pub struct Meta<R: Resource> {
    pub(in crate::boto3) client: R::Client,
    data: Arc<Mutex<Option<Arc<R::Data>>>>,
}

impl<R: Resource> Meta<R> {
    pub(in crate::boto3) fn new(client: R::Client, data: Option<R::Data>) -> Meta<R> {
        Meta { client, data: Arc::new(Mutex::new(data.map(Arc::new))) }
    }

    /// Returns the client of all requests.
    pub fn client(&self) -> &R::Client {
        &self.client
    }

    /// Returns the loaded data, if any.
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

    /// Returns the names of the identifiers.
    pub fn identifiers(&self) -> &'static [&'static str] {
        R::MODEL.identifiers
    }

    /// Returns the description of the class.
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

/// Returns the data, loading them if necessary.
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

/// Returns the name of its `load()` in errors.
fn loads<R: Resource>() -> &'static str {
    R::MODEL.load.map_or("load", |load| load.operation)
}

/// The action `load()`.
pub(in crate::boto3) fn load<R: Resource>(resource: &R) -> Call<()> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move { fetched(&resource).await.map(drop) })
}

/// Returns all data.
pub(in crate::boto3) fn data<R: Resource>(resource: &R) -> Attribute<Arc<R::Data>> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move {
        let unknown = || Error::ResourceLoad { resource: format!("{resource:?}"), reason: "is not known to the service" };
        loaded(&resource).await?.ok_or_else(unknown)
    })
}

/// Returns a part of the data.
pub(in crate::boto3) fn attribute<R: Resource, T: Send + 'static>(resource: &R, read: fn(&R::Data) -> T) -> Attribute<T> {
    let data = data(resource).timeout(None);
    Call::new(resource.context(), loads::<R>(), async move { Ok(read(&*data.await?)) })
}

/// Returns the resource that the data refer to: none if the service does not know this resource.
pub(in crate::boto3) fn reference<R: Resource, T: Default + Send + 'static>(
    resource: &R,
    read: fn(&R, &R::Data) -> T,
) -> Attribute<T> {
    let resource = resource.clone();
    Call::new(&resource.context().clone(), loads::<R>(), async move {
        Ok(loaded(&resource).await?.map_or_else(T::default, |data| read(&resource, &data)))
    })
}

/// Sends a request and converts the response. It may change the loaded data, which are loaded again
/// when needed.
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

/// Sends a request with a parameter from the data.
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

/// Returns a required member of a response.
pub(in crate::boto3) fn told<T>(operation: &'static str, member: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::ResponseParser { operation, source: Some(format!("it has no {member}").into()) })
}

/// Returns a required parameter.
pub(in crate::boto3) fn needed<T>(operation: &'static str, member: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::ParamValidation { operation, report: format!("missing required parameter: {member:?}") })
}

/// Converts an error of the SDK's builders.
pub(in crate::boto3) fn unfit(operation: &'static str, error: &dyn std::error::Error) -> Error {
    Error::ParamValidation { operation, report: error.to_string() }
}

/// A type of identifiers.
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

/// Defines a class of resources: the struct with its identifiers, and the methods that do not
/// depend on its model.
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

            /// Returns the client and the loaded data.
            pub fn meta(&self) -> &$crate::boto3::resource::Meta<$Name> {
                &self.meta
            }

            /// Returns all attributes in the SDK's type, loading them if necessary.
            pub fn data(&self) -> $crate::boto3::resource::Attribute<std::sync::Arc<$Data>> {
                $crate::boto3::resource::data(self)
            }

            /// Returns the names of the resources that can be created from it without a request, in
            /// boto3's spelling.
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
