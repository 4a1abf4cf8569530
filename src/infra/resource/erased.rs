//! [`Erased`]: a resource type behind a pointer, speaking JSON.

use std::marker::PhantomData;
use std::pin::Pin;

use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Field, Id, Live, Resource, Scope, Token};

pub(in crate::infra) type Boxed<'a, T> = Pin<Box<dyn Future<Output = crate::Result<T>> + Send + 'a>>;

/// Inputs and outputs of an object as JSON, secrets in clear.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::infra) struct LiveValue {
    pub(in crate::infra) inputs: Value,
    pub(in crate::infra) outputs: Value,
}

pub(in crate::infra) trait Erased: Send + Sync {
    fn kind(&self) -> &'static str;
    fn version(&self) -> u32;
    fn fields(&self) -> &'static [Field];
    /// Fails if the fields are not of their types, or do not make sense together.
    fn validate(&self, inputs: &Value) -> crate::Result<()>;
    fn natural_id(&self, inputs: &Value) -> Option<Id>;
    fn changing_outputs(&self, inputs: &Value, was: &LiveValue) -> &'static [&'static str];
    fn planned_output(&self, inputs: &Value, name: &str) -> Option<Value>;
    fn upgrade(&self, from: u32, inputs: Value) -> crate::Result<Value>;
    fn find<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, token: &'a Token) -> Boxed<'a, Option<Id>>;
    fn lookup<'a>(&'a self, scope: &'a Scope, inputs: &'a Value) -> Boxed<'a, Option<Id>>;
    fn read<'a>(&'a self, scope: &'a Scope, id: &'a Id, was: Option<&'a LiveValue>) -> Boxed<'a, Option<LiveValue>>;
    fn create<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, token: &'a Token) -> Boxed<'a, (Id, Value)>;
    fn update<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, id: &'a Id, was: &'a LiveValue) -> Boxed<'a, Value>;
    fn delete<'a>(&'a self, scope: &'a Scope, id: &'a Id, was: &'a LiveValue) -> Boxed<'a, ()>;
    fn list<'a>(&'a self, scope: &'a Scope) -> Boxed<'a, Vec<Id>>;
    /// True if [`Resource::find`] can decide whether an object without a natural id was made.
    fn finds_by_token(&self) -> bool;
    /// The shape of the outputs.
    fn outputs(&self) -> Outputs;
}

pub(in crate::infra) struct Of<R>(PhantomData<fn() -> R>);

impl<R> Of<R> {
    pub(in crate::infra) fn new() -> Of<R> {
        Of(PhantomData)
    }
}

fn decode<T: DeserializeOwned>(what: &str, value: &Value) -> crate::Result<T> {
    T::deserialize(value).map_err(|error| crate::Error::other(format!("{what}: {error}")))
}

fn encode<T: Serialize>(what: &str, value: &T) -> crate::Result<Value> {
    serde_json::to_value(value).map_err(|error| crate::Error::other(format!("{what}: {error}")))
}

fn live<R: Resource>(value: &LiveValue) -> crate::Result<Live<R>> {
    Ok(Live::new(decode(R::TYPE, &value.inputs)?, decode(R::TYPE, &value.outputs)?))
}

impl<R: Resource> Erased for Of<R> {
    fn kind(&self) -> &'static str {
        R::TYPE
    }

    fn version(&self) -> u32 {
        R::VERSION
    }

    fn fields(&self) -> &'static [Field] {
        R::FIELDS
    }

    fn validate(&self, inputs: &Value) -> crate::Result<()> {
        decode::<R>(R::TYPE, inputs)?.validate()
    }

    fn natural_id(&self, inputs: &Value) -> Option<Id> {
        R::deserialize(inputs).ok()?.natural_id()
    }

    fn changing_outputs(&self, inputs: &Value, was: &LiveValue) -> &'static [&'static str] {
        match (R::deserialize(inputs), live::<R>(was)) {
            (Ok(declared), Ok(was)) => declared.changing_outputs(&was),
            _ => &[],
        }
    }

    fn planned_output(&self, inputs: &Value, name: &str) -> Option<Value> {
        R::deserialize(inputs).ok()?.planned_output(name)
    }

    fn upgrade(&self, from: u32, inputs: Value) -> crate::Result<Value> {
        R::upgrade(from, inputs)
    }

    fn find<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, token: &'a Token) -> Boxed<'a, Option<Id>> {
        Box::pin(async move { decode::<R>(R::TYPE, inputs)?.find(scope, token).await })
    }

    fn lookup<'a>(&'a self, scope: &'a Scope, inputs: &'a Value) -> Boxed<'a, Option<Id>> {
        Box::pin(async move { decode::<R>(R::TYPE, inputs)?.lookup(scope).await })
    }

    fn read<'a>(&'a self, scope: &'a Scope, id: &'a Id, was: Option<&'a LiveValue>) -> Boxed<'a, Option<LiveValue>> {
        Box::pin(async move {
            let was = was.and_then(|was| live::<R>(was).ok());
            let Some(found) = R::read(scope, id, was.as_ref()).await? else { return Ok(None) };
            Ok(Some(LiveValue { inputs: encode(R::TYPE, &found.inputs)?, outputs: encode(R::TYPE, &found.out)? }))
        })
    }

    fn create<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, token: &'a Token) -> Boxed<'a, (Id, Value)> {
        Box::pin(async move {
            let (id, out) = decode::<R>(R::TYPE, inputs)?.create(scope, token).await?;
            Ok((id, encode(R::TYPE, &out)?))
        })
    }

    fn update<'a>(&'a self, scope: &'a Scope, inputs: &'a Value, id: &'a Id, was: &'a LiveValue) -> Boxed<'a, Value> {
        Box::pin(async move {
            let out = decode::<R>(R::TYPE, inputs)?.update(scope, id, &live(was)?).await?;
            encode(R::TYPE, &out)
        })
    }

    fn delete<'a>(&'a self, scope: &'a Scope, id: &'a Id, was: &'a LiveValue) -> Boxed<'a, ()> {
        Box::pin(async move { R::delete(scope, id, &live(was)?).await })
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Boxed<'a, Vec<Id>> {
        Box::pin(R::list(scope))
    }

    fn finds_by_token(&self) -> bool {
        R::FINDS_BY_TOKEN
    }

    fn outputs(&self) -> Outputs {
        let mut outputs = Outputs::Whole;
        // Ends with an error as soon as the shape is known.
        let _ = <R::Out as Deserialize>::deserialize(Shape(&mut outputs));
        outputs
    }
}

/// The shape of a type's outputs: what can be known of them before the object is made.
#[derive(Clone, Copy)]
pub(in crate::infra) enum Outputs {
    /// There are none: `()`.
    None,
    /// A struct with these fields, each known or not.
    Fields(&'static [&'static str]),
    /// Anything else, a text or a map: known as a whole or not at all.
    Whole,
}

/// Asks a type for its shape: a derived `Deserialize` passes on the names of its fields.
struct Shape<'s>(&'s mut Outputs);

impl<'de> Deserializer<'de> for Shape<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = Outputs::Fields(fields);
        Err(serde::de::Error::custom("only the shape is asked for"))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        *self.0 = Outputs::None;
        Err(serde::de::Error::custom("only the shape is asked for"))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        // JSON has the value inside.
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("only the shape is asked for"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        seq tuple tuple_struct map enum identifier ignored_any
    }
}
