//! [`Input`]: a value that is known now, or after apply.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::address::Address;
use super::error::{Error, Result};
use super::value::{self, FROM, LATER, SENSITIVE};

/// A field of a resource that can be given now, or taken from another object that has to exist first.
///
/// A plain value turns into one by `Into`. [`Handle::out`](super::Handle::out) gives one that is known once the object exists;
/// using it makes an edge in the graph. What is derived from it by [`Input::map`] and [`Input::zip`] is known when it is.
///
/// ```
/// use leyden::infra::Input;
///
/// let port: Input<u16> = 80.into();
/// assert_eq!(port.map(|port| format!(":{port}")).get().unwrap(), ":80");
/// ```
#[derive(Clone)]
#[doc(alias("terraform.unknown_value", "terraform.resource.implicit_dependency"))]
pub struct Input<T> {
    kind: Kind<T>,
    sensitive: bool,
}

#[derive(Clone)]
enum Kind<T> {
    Known(T),
    Later(Later),
}

#[derive(Clone)]
struct Later {
    number: usize,
    from: Vec<Address>,
    table: Table,
}

/// What the projections of one declaration look at.
pub(super) trait Lookup {
    /// The id, inputs and outputs of an object: None if it does not exist yet. Unknown values are marked.
    fn attributes(&self, address: &Address) -> Option<&Attributes>;
}

#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    pub(super) id: Option<String>,
    pub(super) inputs: Value,
    pub(super) outputs: Option<Value>,
}

type Projection = Arc<dyn Fn(&dyn Lookup) -> Result<Option<Value>> + Send + Sync>;

/// The projections of one declaration.
#[derive(Clone, Default)]
pub(super) struct Table(Arc<Mutex<Vec<Projection>>>);

impl Table {
    fn add(&self, projection: Projection) -> usize {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.push(projection);
        table.len() - 1
    }

    fn get(&self, number: usize) -> Option<Projection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    }

    /// The value with projections replaced by what they give. Unknown values are marked.
    pub(super) fn resolve(&self, value: &Value, lookup: &dyn Lookup) -> Result<Value> {
        value::resolve(value, &mut |number| match self.get(number) {
            Some(projection) => projection(lookup),
            None => Ok(None),
        })
    }
}

impl<T> Input<T> {
    /// A value that must not be shown. The state and the plan keep a salted hash of the field that holds it.
    #[doc(alias = "terraform.sensitive_value")]
    pub fn secret(value: impl Into<T>) -> Input<T> {
        Input { kind: Kind::Known(value.into()), sensitive: true }
    }

    /// The same value, not to be shown.
    pub fn sensitive(self) -> Input<T> {
        Input { sensitive: true, ..self }
    }

    /// The value, if it is known.
    pub fn get(&self) -> Option<&T> {
        match &self.kind {
            Kind::Known(value) => Some(value),
            Kind::Later(_) => None,
        }
    }

    /// The value, where a resource needs it to act. During apply every value is known.
    pub fn required(&self, field: &str) -> Result<&T> {
        self.get().ok_or_else(|| Error::Unknown { what: field.to_owned() })
    }

    pub(super) fn later(table: &Table, from: Vec<Address>, projection: Projection) -> Input<T> {
        let number = table.add(projection);
        Input { kind: Kind::Later(Later { number, from, table: table.clone() }), sensitive: false }
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Input<T> {
    /// A value derived from this one, known when this one is. A sensitive value gives a sensitive value.
    pub fn map<U: Serialize + Send + Sync + 'static>(self, map: impl Fn(T) -> U + Send + Sync + 'static) -> Input<U> {
        let kind = match self.kind {
            Kind::Known(value) => Kind::Known(map(value)),
            Kind::Later(Later { number, from, table }) => {
                let (from_table, names, sensitive) = (table.clone(), from.clone(), self.sensitive);
                let projection: Projection = Arc::new(move |lookup| {
                    let Some(value) = from_table.get(number).map_or(Ok(None), |inner| inner(lookup))? else { return Ok(None) };
                    encode(&map(decode(value, &names, sensitive)?)).map(Some)
                });
                Kind::Later(Later { number: table.add(projection), from, table })
            }
        };
        Input { kind, sensitive: self.sensitive }
    }

    /// A value derived from two: known when both are.
    pub fn zip<U>(self, other: Input<U>) -> Input<(T, U)>
    where
        T: Clone,
        U: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let sensitive = self.sensitive || other.sensitive;
        let mut zipped = match (self.kind, other.kind) {
            (Kind::Known(one), Kind::Known(two)) => Input { kind: Kind::Known((one, two)), sensitive },
            (Kind::Known(one), two) => Input { kind: two, sensitive }.map(move |two| (one.clone(), two)),
            (one, Kind::Known(two)) => Input { kind: one, sensitive }.map(move |one| (one, two.clone())),
            (Kind::Later(one), Kind::Later(two)) => {
                let (first, second, table) = (one.number, two.number, one.table.clone());
                let from = one.from.into_iter().chain(two.from).collect();
                let projection: Projection = Arc::new(move |lookup| {
                    let project = |number| table.get(number).map_or(Ok(None), |inner| inner(lookup));
                    Ok(project(first)?.zip(project(second)?).map(|(one, two)| Value::Array(vec![one, two])))
                });
                Input::later(&one.table, from, projection)
            }
        };
        zipped.sensitive = sensitive;
        zipped
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Unsupported(format!("a value cannot be written as JSON: {error}")))
}

/// The value of a reference. The error of a secret one has no part of it.
fn decode<T: DeserializeOwned>(value: Value, from: &[Address], sensitive: bool) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        let names = from.iter().map(Address::as_str).collect::<Vec<_>>().join(", ");
        let problem = if sensitive { "not of the expected type".to_owned() } else { error.to_string() };
        Error::Unsupported(format!("reference to {names}: {problem}"))
    })
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Input<T> {
        Input { kind: Kind::Known(value), sensitive: false }
    }
}

impl From<&str> for Input<String> {
    fn from(value: &str) -> Input<String> {
        value.to_owned().into()
    }
}

impl From<&crate::Secret> for Input<String> {
    fn from(value: &crate::Secret) -> Input<String> {
        Input::secret(value.expose())
    }
}

impl<T: Default> Default for Input<T> {
    fn default() -> Input<T> {
        T::default().into()
    }
}

impl<T: fmt::Debug> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Known(_) if self.sensitive => f.write_str("(sensitive value)"),
            Kind::Known(value) => value.fmt(f),
            Kind::Later(later) => write!(f, "(known after apply of {:?})", later.from),
        }
    }
}

impl<T: Serialize> Serialize for Input<T> {
    /// For the engine: marks what is unknown and what is sensitive. The state never holds these marks.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Known(value) if !self.sensitive => value.serialize(serializer),
            Kind::Known(value) => {
                let value = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
                json!({ SENSITIVE: value }).serialize(serializer)
            }
            Kind::Later(later) => {
                json!({ LATER: later.number, FROM: later.from, SENSITIVE: self.sensitive }).serialize(serializer)
            }
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Input<T>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value::is_unknown(&value) {
            let later = Later { number: usize::MAX, from: Vec::new(), table: Table::default() };
            return Ok(Input { kind: Kind::Later(later), sensitive: false });
        }
        serde_json::from_value::<T>(value).map(Input::<T>::from).map_err(serde::de::Error::custom)
    }
}
