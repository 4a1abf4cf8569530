//! [`Handle`]: a declared object: its settings, and its outputs for others.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use super::{Declare, Hook};
use crate::infra::address::Address;
use crate::infra::error::{Error, Result};
use crate::infra::input::{Input, Lookup};
use crate::infra::resource::{Live, LiveValue, Resource};
use crate::infra::value;

/// A declared object. The methods that set something give it back: `declare.add("web", web)?.protect()`.
pub struct Handle<R> {
    declare: Declare,
    address: Address,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Handle<R> {
        Handle { declare: self.declare.clone(), address: self.address.clone(), of: PhantomData }
    }
}

impl<R> std::fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Handle({})", self.address)
    }
}

impl<R> From<&Handle<R>> for Address {
    fn from(handle: &Handle<R>) -> Address {
        handle.address.clone()
    }
}

/// The value of a projection of the outputs: None while they are not known.
pub(super) fn project<O, T>(lookup: &dyn Lookup, address: &Address, project: &dyn Fn(&O) -> T) -> Result<Option<Value>>
where
    O: serde::de::DeserializeOwned,
    T: Serialize,
{
    let Some(outputs) = lookup.attributes(address).and_then(|attributes| attributes.outputs.as_ref()) else { return Ok(None) };
    if value::has_unknown(outputs) {
        return Ok(None);
    }
    let field = |problem: serde_json::Error| Error::Field { address: address.clone(), problem: problem.to_string() };
    let outputs = O::deserialize(outputs).map_err(field)?;
    serde_json::to_value(project(&outputs)).map(Some).map_err(field)
}

/// The value of one attribute: None while it is not known.
pub(super) fn attribute(lookup: &dyn Lookup, address: &Address, path: &str) -> Result<Option<Value>> {
    let Some(attributes) = lookup.attributes(address) else { return Ok(None) };
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = match name {
        "id" => return Ok(attributes.id.clone().map(Value::from)),
        _ => attributes.outputs.as_ref().and_then(|outputs| outputs.get(name)).or_else(|| attributes.inputs.get(name)),
    };
    let Some(mut found) = found else {
        // While the object does not exist, its outputs and a wrong name look the same.
        let known = attributes.outputs.is_some();
        let problem = format!("has no attribute {name:?}");
        return if known { Err(Error::Field { address: address.clone(), problem }) } else { Ok(None) };
    };
    for part in rest.split('.').filter(|part| !part.is_empty()) {
        let next = part.parse::<usize>().ok().and_then(|at| found.get(at)).or_else(|| found.get(part));
        match next {
            Some(next) => found = next,
            None if value::is_unknown(found) => return Ok(None),
            None => return Err(Error::Field { address: address.clone(), problem: format!("has no attribute {path:?}") }),
        }
    }
    Ok((!value::has_unknown(found)).then(|| found.clone()))
}

impl<R: Resource> Handle<R> {
    pub(super) fn new(declare: Declare, address: Address) -> Handle<R> {
        Handle { declare, address, of: PhantomData }
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// An output of the object, for a field of another: `web.out(|out| &out.arn)`. Known once the object exists.
    pub fn out<T>(&self, select: impl Fn(&R::Out) -> &T + Send + Sync + 'static) -> Input<T>
    where
        T: Serialize + Clone + 'static,
    {
        let address = self.address.clone();
        let projection = move |lookup: &dyn Lookup| project::<R::Out, T>(lookup, &address, &|out: &R::Out| select(out).clone());
        let input = Input::later(&self.declare.table, vec![self.address.clone()], Arc::new(projection));
        // Which output is selected is not known here: one that is secret makes all of them so.
        let echoes = crate::infra::resources::echoes(R::TYPE);
        let secret = self.declare.secret_fields(&self.address);
        if echoes.iter().any(|(_, output)| secret.contains(*output)) { input.sensitive() } else { input }
    }

    /// The object's id. Known once the object exists.
    pub fn id(&self) -> Input<String> {
        self.attr("id")
    }

    /// Any attribute by its name in JSON, also a field: `web.attr("tags.Name")`. A field is known during plan where the object's own
    /// declaration knows it.
    pub fn attr<T>(&self, path: impl Into<String>) -> Input<T> {
        let (address, path) = (self.address.clone(), path.into());
        let name = path.split('.').next().unwrap_or_default();
        let secret = R::FIELDS.iter().any(|field| field.secret && name == field.name)
            || self.declare.secret_fields(&self.address).contains(name);
        let projection = move |lookup: &dyn Lookup| attribute(lookup, &address, &path);
        let input = Input::later(&self.declare.table, vec![self.address.clone()], Arc::new(projection));
        if secret { input.sensitive() } else { input }
    }

    fn set(self, set: impl FnOnce(&mut super::Settings)) -> Handle<R> {
        self.declare.settings(&self.address, set);
        self
    }

    /// Makes it after another object, although no field refers to that.
    #[doc(alias = "terraform.resource.depends_on")]
    pub fn after(self, other: impl Into<Address>) -> Handle<R> {
        let other = other.into();
        self.set(|settings| {
            settings.after.insert(other);
        })
    }

    /// Refuses every plan that would delete or replace it. Kept in the state, so it holds as well when the declaration is gone: to
    /// delete the object, apply once without the protection.
    pub fn protect(self) -> Handle<R> {
        self.set(|settings| settings.protect = true)
    }

    /// If it has to be replaced, makes the new one before it deletes the old one. Holds for what it depends on, too.
    #[doc(alias = "terraform.lifecycle.create_before_destroy")]
    pub fn create_first(self) -> Handle<R> {
        self.set(|settings| settings.create_first = true)
    }

    /// Leaves a field as it is once the object exists.
    #[doc(alias = "terraform.lifecycle.ignore_changes")]
    pub fn ignore(self, field: impl Into<String>) -> Handle<R> {
        let field = field.into();
        self.set(|settings| {
            settings.ignore.insert(field);
        })
    }

    /// Leaves all fields as they are once the object exists.
    pub fn ignore_all(self) -> Handle<R> {
        self.set(|settings| settings.ignore_all = true)
    }

    /// Replaces it whenever the other object is changed or replaced.
    #[doc(alias = "terraform.lifecycle.replace_triggered_by")]
    pub fn replace_when(self, other: impl Into<Address>) -> Handle<R> {
        let other = other.into();
        self.set(|settings| settings.replace_when.push((other, None)))
    }

    /// Replaces it whenever this attribute of the other object changes.
    pub fn replace_when_attr(self, other: impl Into<Address>, attribute: impl Into<String>) -> Handle<R> {
        let (other, attribute) = (other.into(), attribute.into());
        self.set(|settings| settings.replace_when.push((other, Some(attribute))))
    }

    /// Replaces it in this run.
    pub fn replace(self) -> Handle<R> {
        self.set(|settings| settings.replace = true)
    }

    /// If an object with its natural id exists already, takes it over, rather than fail.
    pub fn adopt(self) -> Handle<R> {
        self.set(|settings| settings.adopt = Some(true))
    }

    /// Has to hold before the object is made or changed: during plan if it is known then, else during apply.
    #[doc(alias = "terraform.lifecycle.precondition")]
    pub fn precondition(self, holds: impl Into<Input<bool>>, message: impl Into<String>) -> Handle<R> {
        // A bool and the marks can always be written.
        let holds = serde_json::to_value(holds.into()).unwrap_or(Value::Null);
        let message = message.into();
        self.set(|settings| settings.preconditions.push((holds, message)))
    }

    /// Has to hold of the object as it is after the run; otherwise what depends on it is not touched.
    #[doc(alias = "terraform.lifecycle.postcondition")]
    pub fn postcondition(
        self,
        holds: impl Fn(&Live<R>) -> bool + Send + Sync + 'static,
        message: impl Into<String>,
    ) -> Handle<R> {
        let message = message.into();
        let holds = move |live: &LiveValue| {
            let inputs = R::deserialize(&live.inputs).map_err(|error| error.to_string())?;
            let out = R::Out::deserialize(&live.outputs).map_err(|error| error.to_string())?;
            Ok(holds(&Live::new(inputs, out)))
        };
        self.set(|settings| settings.postconditions.push((Arc::new(holds), message)))
    }

    /// The longest time that making it may take. Default: no limit.
    #[doc(alias = "terraform.resource.timeouts")]
    pub fn create_timeout(self, limit: Duration) -> Handle<R> {
        self.set(|settings| settings.timeouts.create = Some(limit))
    }

    /// The longest time that reading it may take. Default: no limit.
    pub fn read_timeout(self, limit: Duration) -> Handle<R> {
        self.set(|settings| settings.timeouts.read = Some(limit))
    }

    /// The longest time that changing it may take. Default: no limit.
    pub fn update_timeout(self, limit: Duration) -> Handle<R> {
        self.set(|settings| settings.timeouts.update = Some(limit))
    }

    /// The longest time that deleting it may take. Default: no limit.
    pub fn delete_timeout(self, limit: Duration) -> Handle<R> {
        self.set(|settings| settings.timeouts.delete = Some(limit))
    }

    /// Does something after the object is made, or before it is deleted: see [`Hook`].
    pub fn hook(self, hook: Hook) -> Handle<R> {
        self.set(|settings| settings.hooks.push(hook.into_step()))
    }
}
