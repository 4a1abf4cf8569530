//! [`Declare`]: what a declaration closure is given to say what there is to be.

mod data;
mod handle;
mod hook;
mod variable;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::address::Address;
use super::error::{Error, Result};
use super::input::{Input, Table};
use super::resource::{Erased, Id, LiveValue, Of, Resource};
use super::value;
pub(super) use data::AnyData;
pub use data::{Data, DataHandle};
pub use handle::Handle;
pub use hook::Hook;
pub(super) use hook::Step;
pub use variable::Variable;
pub(super) use variable::{Given, Variables};

/// The declaration of one run: objects, data, outputs, and changes of addresses.
///
/// Clones share what was declared.
#[derive(Clone)]
pub struct Declare {
    pub(super) shared: Arc<Mutex<Declared>>,
    table: Table,
    prefix: String,
    workspace: Arc<str>,
    variables: Arc<Variables>,
}

/// Everything that was declared.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) objects: Vec<Object>,
    numbers: BTreeMap<Address, usize>,
    pub(super) moved: Vec<(Address, Address)>,
    pub(super) forget: Vec<Address>,
    pub(super) imports: Vec<(Address, Id)>,
    pub(super) outputs: BTreeMap<String, DeclaredOutput>,
    pub(super) checks: Vec<Check>,
    pub(super) table: Table,
    /// Variables that were asked for, with their values; None: sensitive.
    pub(super) variables: BTreeMap<String, Option<Value>>,
    /// The first declaration that was refused. A closure that passes over the error must not plan without the object.
    pub(super) refused: Option<Error>,
    /// There is no declaration: objects and outputs are those of the state.
    pub(super) absent: bool,
}

/// One declared object or data source.
pub(super) struct Object {
    pub(super) address: Address,
    pub(super) what: What,
    /// Fields, with marks.
    pub(super) inputs: Value,
    pub(super) settings: Settings,
}

pub(super) enum What {
    Resource(Arc<dyn Erased>),
    Data(Arc<dyn AnyData>),
}

impl Declared {
    pub(super) fn object(&self, address: &Address) -> Option<&Object> {
        self.numbers.get(address).and_then(|number| self.objects.get(*number))
    }

    /// The type of a declared resource.
    pub(super) fn kind(&self, address: &Address) -> Option<&dyn Erased> {
        match &self.object(address)?.what {
            What::Resource(kind) => Some(&**kind),
            What::Data(_) => None,
        }
    }
}

impl Object {
    pub(super) fn kind(&self) -> &'static str {
        match &self.what {
            What::Resource(kind) => kind.kind(),
            What::Data(data) => data.kind(),
        }
    }
}

/// Terraform's lifecycle block, and what belongs to it.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) after: BTreeSet<Address>,
    pub(super) protect: bool,
    pub(super) create_first: bool,
    pub(super) ignore: BTreeSet<String>,
    pub(super) ignore_all: bool,
    pub(super) replace_when: Vec<(Address, Option<String>)>,
    pub(super) replace: bool,
    pub(super) adopt: Option<bool>,
    pub(super) preconditions: Vec<(Value, String)>,
    pub(super) postconditions: Vec<(Postcondition, String)>,
    pub(super) timeouts: Timeouts,
    pub(super) hooks: Vec<Step>,
}

type Postcondition = Arc<dyn Fn(&LiveValue) -> Result<bool, String> + Send + Sync>;

/// Limits of single operations. None: no limit of infra's own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timeouts {
    pub(super) create: Option<Duration>,
    pub(super) read: Option<Duration>,
    pub(super) update: Option<Duration>,
    pub(super) delete: Option<Duration>,
}

#[derive(Default)]
pub(super) struct DeclaredOutput {
    pub(super) value: Value,
    pub(super) sensitive: bool,
    pub(super) after: BTreeSet<Address>,
    pub(super) preconditions: Vec<(Value, String)>,
}

pub(super) struct Check {
    pub(super) name: String,
    pub(super) holds: Value,
    pub(super) message: String,
}

impl Declare {
    pub(super) fn new(workspace: &str, variables: Arc<Variables>) -> Declare {
        let declared = Declared::default();
        let table = declared.table.clone();
        Declare { shared: Arc::new(Mutex::new(declared)), table, prefix: String::new(), workspace: workspace.into(), variables }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Declared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn address(&self, name: impl Into<Address>) -> Address {
        name.into().within(&self.prefix)
    }

    /// Declares an object under an address: `"web"`, or `("app", "a")` for one of several. The [`Handle`] holds its settings and
    /// gives its outputs to others.
    ///
    /// # Errors
    /// [`Error::Duplicate`], [`Error::Address`]; [`Error::Field`] for fields that cannot be written as JSON. A plan of a closure that passes
    /// over the error fails with it.
    #[doc(alias("terraform.resource", "terraform.resource.for_each"))]
    pub fn add<R: Resource>(&self, name: impl Into<Address>, resource: R) -> Result<Handle<R>> {
        let address = self.insert(self.address(name), What::Resource(Arc::new(Of::<R>::new())), &resource)?;
        Ok(Handle::new(self.clone(), address))
    }

    /// Declares something that is only read: during plan where its fields are known then, else during apply.
    #[doc(alias = "terraform.data")]
    pub fn data<D: Data>(&self, name: impl Into<Address>, data: D) -> Result<DataHandle<D>> {
        let address = self.insert(self.address(name), What::Data(data::erase::<D>()), &data)?;
        Ok(DataHandle::new(self.clone(), address))
    }

    fn insert(&self, address: Address, what: What, fields: &impl Serialize) -> Result<Address> {
        self.try_insert(&address, what, fields).map_err(|error| self.refuse(error))?;
        Ok(address)
    }

    fn try_insert(&self, address: &Address, what: What, fields: &impl Serialize) -> Result<()> {
        let inputs = to_json(address, fields)?;
        address.check()?;
        let mut declared = self.lock();
        let number = declared.objects.len();
        match declared.numbers.entry(address.clone()) {
            Entry::Occupied(_) => return Err(Error::Duplicate { address: address.clone() }),
            Entry::Vacant(free) => free.insert(number),
        };
        declared.objects.push(Object { address: address.clone(), what, inputs, settings: Settings::default() });
        Ok(())
    }

    /// Notes an error, so that the plan fails although the closure may pass over it.
    fn refuse(&self, error: Error) -> Error {
        self.lock().refused.get_or_insert_with(|| match &error {
            Error::Duplicate { address } => Error::Duplicate { address: address.clone() },
            Error::Address { address } => Error::Address { address: address.clone() },
            Error::Field { address, problem } => Error::Field { address: address.clone(), problem: problem.clone() },
            other => Error::Declaration(crate::Error::other(other.to_string())),
        });
        error
    }

    /// The fields and outputs of a declared object that must not be shown.
    fn secret_fields(&self, address: &Address) -> BTreeSet<String> {
        let declared = self.lock();
        let object = declared.numbers.get(address).and_then(|number| declared.objects.get(*number));
        object
            .map(|object| super::resources::with_echoes(object.kind(), value::sensitive_fields(&object.inputs)))
            .unwrap_or_default()
    }

    /// Changes the settings of an object that is declared.
    fn settings(&self, address: &Address, set: impl FnOnce(&mut Settings)) {
        let mut declared = self.lock();
        if let Some(number) = declared.numbers.get(address).copied() {
            set(&mut declared.objects[number].settings);
        }
    }

    /// The same declaration with a prefix for every address: a module is a function over `declare.within("net")`.
    #[must_use]
    pub fn within(&self, prefix: &str) -> Declare {
        let prefix = Address::from(prefix).within(&self.prefix).as_str().to_owned();
        Declare { prefix, ..self.clone() }
    }

    /// The object at `from`, or every instance of it, is the one at `to` now. Chains are followed. Nothing happens if `from` is
    /// not in the state.
    #[doc(alias("terraform.moved", "terraform.moved.type_change"))]
    pub fn moved(&self, from: impl Into<Address>, to: impl Into<Address>) {
        let moved = (self.address(from), self.address(to));
        self.lock().moved.push(moved);
    }

    /// An object that is declared no longer is taken out of the state, and not deleted.
    #[doc(alias("terraform.removed", "terraform.lifecycle.destroy"))]
    pub fn forget(&self, address: impl Into<Address>) {
        let address = self.address(address);
        self.lock().forget.push(address);
    }

    /// The declared object at this address is the existing one with this id. Nothing happens if the address is in the state already.
    #[doc(alias("terraform.import", "terraform.import.block", "terraform.import.block.for_each"))]
    pub fn import(&self, address: impl Into<Address>, id: impl Into<String>) {
        let import = (self.address(address), Id::new(id));
        self.lock().imports.push(import);
    }

    /// A value that is kept in the state and shown at the end of an apply: a plain one, an [`Input`], or anything that holds some.
    ///
    /// # Errors
    /// If the value cannot be written as JSON, or if there is an output of this name already. A plan of a closure that passes over the
    /// error fails with it.
    #[doc(alias = "terraform.output")]
    pub fn output(&self, name: impl Into<String>, value: impl Serialize) -> Result<OutputHandle> {
        let name = name.into();
        let failed =
            |problem: String| self.refuse(Error::Declaration(crate::Error::other(format!("output {name:?}: {problem}"))));
        let value = serde_json::to_value(value).map_err(|error| failed(error.to_string()))?;
        if name.is_empty() || name.contains(['\n', '\t']) {
            return Err(failed("not a valid name".into()));
        }
        if self.lock().outputs.contains_key(&name) {
            return Err(failed("declared twice".into()));
        }
        let sensitive = value::is_sensitive(&value);
        let output = DeclaredOutput { value, sensitive, ..DeclaredOutput::default() };
        self.lock().outputs.insert(name.clone(), output);
        Ok(OutputHandle { declare: self.clone(), name })
    }

    /// A condition that is looked at in each run, with a warning if it does not hold. It stops nothing.
    #[doc(alias = "terraform.check")]
    pub fn check(&self, name: impl Into<String>, holds: impl Into<Input<bool>>, message: impl Into<String>) {
        let holds = serde_json::to_value(holds.into()).unwrap_or(Value::Null);
        self.lock().checks.push(Check { name: name.into(), holds, message: message.into() });
    }

    /// A value from outside: see [`Variable`].
    #[doc(alias = "terraform.variable")]
    pub fn variable(&self, name: impl Into<String>) -> Variable {
        Variable::new(self.clone(), name.into())
    }

    /// The workspace's name: `default` unless another was chosen.
    #[doc(alias = "terraform.workspace.name")]
    pub fn workspace(&self) -> &str {
        &self.workspace
    }
}

impl fmt::Debug for Declare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<Address> = self.lock().objects.iter().map(|object| object.address.clone()).collect();
        f.debug_struct("Declare").field("objects", &addresses).finish_non_exhaustive()
    }
}

fn to_json(address: &Address, value: &impl Serialize) -> Result<Value> {
    match serde_json::to_value(value) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(other) => Err(Error::Field { address: address.clone(), problem: format!("fields are not a map but {other}") }),
        Err(error) => Err(Error::Field { address: address.clone(), problem: error.to_string() }),
    }
}

/// What [`Declare::output`] gives: settings of the output.
#[derive(Clone, Debug)]
pub struct OutputHandle {
    declare: Declare,
    name: String,
}

impl OutputHandle {
    fn set(self, set: impl FnOnce(&mut DeclaredOutput)) -> OutputHandle {
        if let Some(output) = self.declare.lock().outputs.get_mut(&self.name) {
            set(output);
        }
        self
    }

    /// It is not shown, and the state keeps a salted hash of it.
    #[doc(alias = "terraform.output.sensitive")]
    pub fn sensitive(self) -> OutputHandle {
        self.set(|output| output.sensitive = true)
    }

    /// Keeps its old value if this object fails, although its value does not come from there.
    #[doc(alias = "terraform.output.depends_on")]
    pub fn after(self, address: impl Into<Address>) -> OutputHandle {
        let address = address.into();
        self.set(|output| {
            output.after.insert(address);
        })
    }

    /// It is an error if this does not hold.
    #[doc(alias = "terraform.output.precondition")]
    pub fn precondition(self, holds: impl Into<Input<bool>>, message: impl Into<String>) -> OutputHandle {
        let holds = serde_json::to_value(holds.into()).unwrap_or(Value::Null);
        self.set(|output| output.preconditions.push((holds, message.into())))
    }
}
