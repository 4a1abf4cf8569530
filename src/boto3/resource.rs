//! What all resources have in common: identity, data that is loaded when it is first asked for, and the way back to the client.

mod connect;
mod model;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use connect::Resources;
pub use model::{Action, Model, Relation, Request};

use super::call::Call;
use super::client::Context;
use super::{Error, Result};
use crate::time::backend::BoxFuture;

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
                fn fetch(&self) -> $crate::time::backend::BoxFuture<$crate::boto3::Result<Option<$Data>>> {
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
