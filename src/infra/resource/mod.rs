//! [`Resource`]: a kind of object that can be declared, and the plain data that it speaks.
//!
//! ```
//! use leyden::infra::{Id, Live, Resource, Scope, Token};
//! use serde::{Deserialize, Serialize};
//!
//! /// A line in a file of one's own.
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! struct Marker {
//!     path: String,
//!     text: String,
//! }
//!
//! impl Resource for Marker {
//!     const TYPE: &'static str = "example.marker"; // the state's word for it: never renamed
//!     type Out = ();
//!
//!     // A marker cannot move: another path is another marker.
//!     const FIELDS: &'static [leyden::infra::Field] = &[leyden::infra::Field::new("path").force_new()];
//!     fn natural_id(&self) -> Option<Id> {
//!         Some(Id::new(&self.path)) // lets import, adoption and a run after a crash find it
//!     }
//!     async fn read(scope: &Scope, id: &Id, _: Option<&Live<Marker>>) -> leyden::Result<Option<Live<Marker>>> {
//!         if !scope.os.path.exists(id.as_str()) {
//!             return Ok(None);
//!         }
//!         let marker = Marker { path: id.to_string(), text: scope.os.read_text(id.as_str())? };
//!         Ok(Some(Live::new(marker, ())))
//!     }
//!     async fn create(&self, scope: &Scope, _: &Token) -> leyden::Result<(Id, ())> {
//!         scope.os.write_text(&self.path, &self.text)?;
//!         Ok((Id::new(&self.path), ()))
//!     }
//!     async fn update(&self, scope: &Scope, _: &Id, _: &Live<Marker>) -> leyden::Result<()> {
//!         scope.os.write_text(&self.path, &self.text)?;
//!         Ok(())
//!     }
//!     async fn delete(scope: &Scope, id: &Id, _: &Live<Marker>) -> leyden::Result<()> {
//!         Ok(scope.os.unlink(id.as_str())?)
//!     }
//! }
//!
//! use leyden::{infra::{Infra, State}, prelude::*};
//! let world = World::new();
//! let infra = Infra::new("demo", State::file("/demo.json")).register::<Marker>();
//! let declare = |declare: &leyden::infra::Declare| {
//!     declare.add("hello", Marker { path: "/hello".into(), text: "hi\n".into() })?;
//!     Ok(())
//! };
//! infra.plan(&world.batteries(), declare).wait()?.apply(&world.batteries()).wait()?;
//! assert_eq!(world.os.read_text("/hello").unwrap(), "hi\n");
//! assert!(infra.plan(&world.batteries(), declare).wait()?.is_empty()); // a second plan is empty
//! world.os.write("/hello", "changed by hand\n");
//! assert_eq!(infra.plan(&world.batteries(), declare).wait()?.summary().change, 1); // and drift is seen
//! # Ok::<(), leyden::Error>(())
//! ```

mod erased;
mod scope;

use std::fmt;
use std::future::Future;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use erased::{Erased, LiveValue, Of, Outputs};
pub use scope::{Hosts, Scope};

/// The identity of an object in the world: a path, an ARN, `i-0abc`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// The text as an id.
    pub fn new(text: impl Into<String>) -> Id {
        Id(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A random text of 32 hexadecimal digits that is in the state before [`Resource::create`] is called, and the same in every retry.
///
/// Send it as the service's idempotency token (`ClientToken`), or store it with the object, so that [`Resource::find`] finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub(super) String);

impl Token {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What [`Resource::read`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Live<R: Resource> {
    /// The fields as they are.
    pub inputs: R,
    /// What only the world knows.
    pub out: R::Out,
}

impl<R: Resource> Live<R> {
    /// Fields and outputs of one object.
    pub fn new(inputs: R, out: R::Out) -> Live<R> {
        Live { inputs, out }
    }
}

/// How changes of one field are treated. Fields that are not listed in [`Resource::FIELDS`] can be updated in place.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "terraform.provider.schema")]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) force_new: bool,
    pub(super) secret: bool,
    pub(super) computed: bool,
    pub(super) set: bool,
    pub(super) write_only: bool,
    /// `read` gives back what the state has: of a secret, its hash.
    pub(super) echoed: bool,
}

impl Field {
    /// A field by its name in JSON.
    pub const fn new(name: &'static str) -> Field {
        Field { name, force_new: false, secret: false, computed: false, set: false, write_only: false, echoed: false }
    }

    /// A change replaces the object.
    pub const fn force_new(self) -> Field {
        Field { force_new: true, ..self }
    }

    /// Never shown; plan and state keep a salted hash.
    pub const fn secret(self) -> Field {
        Field { secret: true, ..self }
    }

    /// If the declared value is null, the field is not managed: whatever it is stays.
    pub const fn computed(self) -> Field {
        Field { computed: true, ..self }
    }

    /// The order of the list does not matter.
    pub const fn set(self) -> Field {
        Field { set: true, ..self }
    }

    /// The world does not give it back, so it is compared with the hash in the state. Implies [`Field::secret`].
    #[doc(alias = "terraform.write_only_argument")]
    pub const fn write_only(self) -> Field {
        Field { write_only: true, secret: true, ..self }
    }

    /// The object is in the state alone: what is read is what the state has, of a secret its hash.
    pub(super) const fn echoed(self) -> Field {
        Field { echoed: true, ..self }
    }
}

/// A kind of object that can be declared. See the module for a whole one.
///
/// The value itself is the declaration: its fields, as serde writes them, are compared with what [`Resource::read`] finds. Every
/// method gets the batteries in its [`Scope`], so that a resource runs on the machine, in a [`World`](crate::World), and
/// on another host alike.
///
/// # Contract
///
/// - `read` gives None only if the object is certainly gone; an error if that cannot be decided.
/// - `read` after `create` or `update` gives what was declared: else a second plan is not empty.
/// - `update` gives the [`Out`](Resource::Out) that the object has afterwards.
/// - `changing_outputs` names every output that `update` may change: the plan shows the others as they are, and objects that refer to them
///   are planned with that. An output that changes and is not named makes the apply fail with [`Error::Inconsistent`](crate::infra::Error::Inconsistent).
/// - `planned_output` gives the value that the output has after `create`, or None. Another value makes the apply fail in the same way.
/// - `natural_id` is of one object: two addresses of one type with the same natural id are refused.
/// - `create` and `delete` may be called again after a crash, with the same token and id. Deleting what is gone is a success.
pub trait Resource: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The state's word for the kind: `s3.bucket`. Renaming it orphans the objects of existing states.
    const TYPE: &'static str;

    /// The version of the fields; see [`Resource::upgrade`].
    const VERSION: u32 = 0;

    /// True if [`Resource::find`] is written for this type, and decides by the token whether an object was made.
    const FINDS_BY_TOKEN: bool = false;

    /// What only the world knows: an id, an ARN, an address. `()` if there is nothing. The fields of a struct are unknown one by one until
    /// the object exists; anything else, such as a text or a map, is unknown as a whole.
    type Out: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// Fields that are not simply updated in place.
    const FIELDS: &'static [Field] = &[];

    /// Checks the declaration by itself, without the world: what a type cannot express. The error is shown with the address.
    fn validate(&self) -> crate::Result<()> {
        Ok(())
    }

    /// The id that the object has if it exists, where that follows from the declaration: it serves adoption, and finds the object
    /// again after a crash. None where the id is the world's choice, or a field that it needs is not known yet.
    fn natural_id(&self) -> Option<Id> {
        None
    }

    /// Finds an object that an interrupted [`Resource::create`] with this token may have made. Default: by its natural id.
    fn find(&self, scope: &Scope, token: &Token) -> impl Future<Output = crate::Result<Option<Id>>> + Send {
        let _ = token;
        async move {
            let Some(id) = self.natural_id() else { return Ok(None) };
            Ok(Self::read(scope, &id, None).await?.map(|_| id))
        }
    }

    /// Finds an existing object that [`Handle::adopt`](crate::infra::Handle::adopt) takes over: by a name that is not the id, for instance a
    /// tag. Default: the natural id. An error if several objects match.
    fn lookup(&self, scope: &Scope) -> impl Future<Output = crate::Result<Option<Id>>> + Send {
        let _ = scope;
        async { Ok(self.natural_id()) }
    }

    /// Reads an object. None: it is gone, so that the plan makes it again. `was` is what the state knows, without secrets.
    #[doc(alias = "terraform.provider.read_missing")]
    fn read(scope: &Scope, id: &Id, was: Option<&Live<Self>>) -> impl Future<Output = crate::Result<Option<Live<Self>>>> + Send;

    /// Makes the object.
    fn create(&self, scope: &Scope, token: &Token) -> impl Future<Output = crate::Result<(Id, Self::Out)>> + Send;

    /// Changes the object in place to what is declared, and gives its outputs as they are then; `was` was read just before. Outputs that this
    /// may change have to be among the [`changing_outputs`](Resource::changing_outputs).
    fn update(&self, scope: &Scope, id: &Id, was: &Live<Self>) -> impl Future<Output = crate::Result<Self::Out>> + Send;

    /// Removes the object; `was` was read just before.
    fn delete(scope: &Scope, id: &Id, was: &Live<Self>) -> impl Future<Output = crate::Result<()>> + Send;

    /// The outputs whose values an update from `was` to this may change: they are unknown until it is done. Default: none. If
    /// [`Out`](Resource::Out) has no named fields, any name means the whole.
    fn changing_outputs(&self, was: &Live<Self>) -> &'static [&'static str] {
        let _ = was;
        &[]
    }

    /// The value of an output that is known before the object is made. Default: none is.
    fn planned_output(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// The fields of an older version of this type as the fields of this one.
    #[doc(alias = "terraform.provider.schema_version")]
    fn upgrade(from: u32, value: Value) -> crate::Result<Value> {
        Err(crate::Error::other(format!(
            "{}: version {from} cannot be upgraded to {}: {} fields",
            Self::TYPE,
            Self::VERSION,
            value.as_object().map_or(0, serde_json::Map::len)
        )))
    }

    /// The objects of this kind that exist, for import of many. Default: not supported.
    #[doc(alias = "terraform.query")]
    fn list(scope: &Scope) -> impl Future<Output = crate::Result<Vec<Id>>> + Send {
        let _ = scope;
        async { Err(crate::Error::other(format!("{}: listing is not supported", Self::TYPE))) }
    }
}
