//! [`Data`]: what is only read.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Declare;
use super::handle::{attribute, project};
use crate::infra::address::Address;
use crate::infra::input::{Input, Lookup};
use crate::infra::resource::Scope;

/// A question to the world whose answer others need: the newest image, the output of another state.
///
/// The value is the question; its fields may be [`Input`]s. A program can as well ask the batteries itself, before it declares: this is for
/// questions about objects that the same run makes.
pub trait Data: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The name of the kind, for plans.
    const TYPE: &'static str;

    /// The answer.
    type Out: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// Asks.
    fn read(&self, scope: &Scope) -> impl Future<Output = crate::Result<Self::Out>> + Send;
}

type Boxed<'a> = Pin<Box<dyn Future<Output = crate::Result<Value>> + Send + 'a>>;

pub(in crate::infra) trait AnyData: Send + Sync {
    fn kind(&self) -> &'static str;
    fn read<'a>(&'a self, scope: &'a Scope, inputs: &'a Value) -> Boxed<'a>;
}

struct Of<D>(PhantomData<fn() -> D>);

pub(super) fn erase<D: Data>() -> Arc<dyn AnyData> {
    Arc::new(Of::<D>(PhantomData))
}

impl<D: Data> AnyData for Of<D> {
    fn kind(&self) -> &'static str {
        D::TYPE
    }

    fn read<'a>(&'a self, scope: &'a Scope, inputs: &'a Value) -> Boxed<'a> {
        Box::pin(async move {
            let data = D::deserialize(inputs).map_err(|error| crate::Error::other(format!("{}: {error}", D::TYPE)))?;
            let out = data.read(scope).await?;
            serde_json::to_value(out).map_err(|error| crate::Error::other(format!("{}: {error}", D::TYPE)))
        })
    }
}

/// What [`Declare::data`] gives.
#[derive(Clone, Debug)]
pub struct DataHandle<D> {
    declare: Declare,
    address: Address,
    of: PhantomData<fn() -> D>,
}

impl<D> From<&DataHandle<D>> for Address {
    fn from(handle: &DataHandle<D>) -> Address {
        handle.address.clone()
    }
}

impl<D: Data> DataHandle<D> {
    pub(super) fn new(declare: Declare, address: Address) -> DataHandle<D> {
        DataHandle { declare, address, of: PhantomData }
    }

    /// A part of the answer, for a field of an object.
    pub fn out<T>(&self, select: impl Fn(&D::Out) -> &T + Send + Sync + 'static) -> Input<T>
    where
        T: Serialize + Clone + 'static,
    {
        let address = self.address.clone();
        let projection = move |lookup: &dyn Lookup| project::<D::Out, T>(lookup, &address, &|out| select(out).clone());
        Input::later(&self.declare.table, vec![self.address.clone()], Arc::new(projection))
    }

    /// A part of the answer by its name in JSON.
    pub fn attr<T>(&self, path: impl Into<String>) -> Input<T> {
        let (address, path) = (self.address.clone(), path.into());
        let projection = move |lookup: &dyn Lookup| attribute(lookup, &address, &path);
        Input::later(&self.declare.table, vec![self.address.clone()], Arc::new(projection))
    }

    /// Asks after this object is as declared, although no field refers to it.
    #[must_use]
    pub fn after(self, other: impl Into<Address>) -> DataHandle<D> {
        let other = other.into();
        self.declare.settings(&self.address, |settings| {
            settings.after.insert(other);
        });
        self
    }
}
