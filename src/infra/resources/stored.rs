//! [`Stored`]: a value that lives in the state alone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::infra::{Input, random_uuid};

/// A value that lives in the state alone: Terraform's `terraform_data`. Others can be replaced when it changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[doc(alias = "terraform.terraform_data")]
pub struct Stored {
    input: Input<Value>,
    triggers_replace: Input<Value>,
}

/// The outputs of [`Stored`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredOut {
    /// The input, once it was applied.
    pub output: Value,
}

impl Stored {
    /// This value.
    pub fn new(input: impl Into<Value>) -> Stored {
        Stored { input: Input::from(input.into()), triggers_replace: Input::from(Value::Null) }
    }

    /// A value that may come from another object.
    pub fn of(input: impl Into<Input<Value>>) -> Stored {
        Stored { input: input.into(), triggers_replace: Input::from(Value::Null) }
    }

    /// A change of this value replaces the object, and gives it another id.
    #[must_use]
    pub fn triggers_replace(self, value: impl Into<Input<Value>>) -> Stored {
        Stored { triggers_replace: value.into(), ..self }
    }
}

impl Resource for Stored {
    const TYPE: &'static str = "stored";
    type Out = StoredOut;

    const FIELDS: &'static [Field] =
        &[Field::new("input").echoed(), Field::new("output").echoed(), Field::new("triggers_replace").force_new().echoed()];

    async fn read(_: &Scope, _: &Id, was: Option<&Live<Stored>>) -> crate::Result<Option<Live<Stored>>> {
        Ok(was.cloned())
    }

    async fn create(&self, _: &Scope, _: &Token) -> crate::Result<(Id, StoredOut)> {
        Ok((Id::new(random_uuid()?), StoredOut { output: self.input.required("input")?.clone() }))
    }

    async fn update(&self, _: &Scope, _: &Id, _: &Live<Stored>) -> crate::Result<StoredOut> {
        Ok(StoredOut { output: self.input.required("input")?.clone() })
    }

    async fn delete(_: &Scope, _: &Id, _: &Live<Stored>) -> crate::Result<()> {
        Ok(())
    }

    fn planned_output(&self, name: &str) -> Option<Value> {
        (name == "output" && self.input.get() == Some(&Value::Null)).then_some(Value::Null)
    }

    fn changing_outputs(&self, was: &Live<Stored>) -> &'static [&'static str] {
        if self.input.get() == was.inputs.input.get() { &[] } else { &["output"] }
    }
}
