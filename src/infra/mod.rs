//! `infra`: a declared end state, a plan, a state, and an apply that is safe to repeat: what Terraform has and scripts lack.
//!
//! ```
//! use leyden::{infra::{host::File, Infra, State}, prelude::*};
//!
//! let world = World::new(); // in a test; on the machine: Batteries::included()
//! let infra = Infra::new("prod", State::file("/srv/prod.json"));
//! let motd = |text: &'static str| move |declare: &leyden::infra::Declare| declare.add("motd", File::new("/etc/motd", text)).map(drop).map_err(leyden::Error::from);
//! let plan = infra.plan(&world.batteries(), motd("hi\n")).wait()?;
//! assert!(plan.to_string().ends_with("Plan: 1 to add, 0 to change, 0 to destroy.\n"));
//! plan.apply(&world.batteries()).wait()?; // consumes the plan
//! assert!(infra.plan(&world.batteries(), motd("hi\n")).wait()?.is_empty()); // repeating it does nothing
//! assert_eq!(infra.plan(&world.batteries(), motd("ho\n")).wait()?.summary().change, 1);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! A declaration is a closure over [`Declare`]: it adds objects under addresses, and nothing else. [`Infra::plan`] compares them with the state
//! and with the world, [`Plan::apply`] does what differs. An object is any [`Resource`]: files, users, packages and services of
//! [`host`]s, buckets, instances, or one of your own.
//!
//! # Terraform and leyden
//!
//! | Terraform | leyden |
//! |---|---|
//! | `resource "t" "web" { .. }` | `declare.add("web", T { .. })?` |
//! | `for_each` | a loop: `declare.add(("app", zone), ..)?`; keys are texts |
//! | `other.attr` | `other.out(\|out\| &out.attr)`, `other.id()`, `other.attr("name")`: an [`Input`] |
//! | `lifecycle { .. }`, `depends_on`, `timeouts` | methods of [`Handle`]: `protect`, `create_first`, `ignore`, `replace_when`, `after`, .. |
//! | `provisioner` | [`Hook`] |
//! | `data` | [`Declare::data`] |
//! | `variable`, `output`, `check` | [`Declare::variable`], [`Declare::output`], [`Declare::check`] |
//! | `moved`, `removed`, `import` | [`Declare::moved`], [`Declare::forget`], [`Declare::import`] |
//! | `module` | a function over `&declare.within("net")` |
//! | `terraform plan -target=a -replace=b` | `infra.plan(..).target("a").replace("b")` |
//! | `terraform plan -out=f`, `terraform apply f` | [`Plan::save`], [`PlanRequest::saved_as`] |
//! | `terraform apply`, `destroy`, `refresh` | [`Plan::apply`], [`Infra::destroy`], [`Infra::refresh`] |
//! | `terraform show -json`, `output -json` | [`Plan::json`], [`Snapshot::json`], [`Snapshot::outputs_json`](state::Snapshot::outputs_json) |
//! | `terraform state ..`, `taint`, `force-unlock`, `workspace` | [`Infra::state`]: [`state::Manage`] |
//! | `backend "local"`, `"s3"`, `"http"` | [`State::file`], `State::s3`, `State::http` |
//!
//! # DIFFERENCE
//!
//! - **Pinned.** A plan keeps a hash of everything that it read. Apply reads each object again before it touches it, and stops that branch
//!   if it changed. Terraform overwrites such changes.
//! - **Protection is kept in the state**, so it holds as well when the declaration is gone. Terraform's `prevent_destroy` vanishes with its block.
//!   A plan that only adds or removes a protection is therefore not empty.
//! - **Secrets are salted hashes** in state, plan and JSON. Terraform writes them in clear. A secret output can therefore not be read from the state.
//! - **The intent is in the state before an object is made**, so a run that was killed makes nothing twice.
//! - An object with a natural id that exists already is not overwritten: [`Error::Exists`], unless [`Handle::adopt`] takes it over.
//! - An object is updated before what it no longer refers to is deleted. Terraform deletes first, unless `create_before_destroy` is set.
//! - `count` is a loop with keys; there are no integer keys, whose tail shifts.
//! - A saved plan is applied by the program that made it: [`PlanRequest::saved_as`] plans again, and refuses any difference.
//! - Addresses have no type in them: `web`, not `aws_instance.web`.
//! - With a target, what is left alone counts when the order of a replacement is chosen: Terraform does not see its `create_before_destroy`.
//! - A [`Hook`] before the deletion runs for the old object of [`Handle::create_first`] as well. Terraform passes over it.
//! - An output of an object that could not be made is not kept. Terraform keeps what it planned.
//! - An object that is gone already is only taken out of the state; Terraform shows no action for it.
//!
//! # What is not here
//!
//! | Terraform | why | instead |
//! |---|---|---|
//! | `count` | the tail shifts when one in the middle goes | a loop with text keys |
//! | import by a structured identity, provider identities | an id is one text | [`Declare::import`] |
//! | `-no-color`, `NO_COLOR` | the text has no colours | |
//! | `ephemeral` resources | a value that is not stored is a variable of the program | [`Input::secret`] |
//! | `action` blocks | a program has functions | a function over [`Batteries`] |
//! | `-generate-config-out` | Rust is not generated | [`Declare::import`] |
//! | policies of snapshots (`aws_dlm_lifecycle_policy`) | Data Lifecycle Manager is not part of the EC2 API | a job that calls `create_snapshot` |
//! | `aws_scheduler_schedule` | there is no client of EventBridge Scheduler | [`HandOver::eventbridge`](crate::schedule::hand_over::HandOver::eventbridge) |
//! | `console`, `fmt`, `get`, `login`, `test`, providers, HCL | Rust, cargo and `cargo test` | |

mod address;
mod apply;
#[cfg(all(feature = "cli", feature = "schedule"))]
mod cli;
mod declare;
mod error;
mod graph;
mod input;
pub mod plan;
pub mod resource;
pub mod resources;
pub mod state;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

pub use address::Address;
pub use apply::{Applied, Apply, Doing, Event, Interrupt};
pub use declare::{Data, DataHandle, Declare, Handle, Hook, OutputHandle, Variable};
pub use error::{Error, Result};
pub use input::Input;
pub use plan::{Action, Change, CheckResult, CheckStatus, OutputChange, Plan, PlanRequest, Reason, Summary};
pub use resource::{Field, Hosts, Id, Live, Resource, Scope, Token};
pub use resources::{Outputs, Stored, host};
pub use state::{Entry, LockInfo, Manage, Snapshot, State, Status, Tfstate, read_tfstate};

use crate::Batteries;
use declare::{Given, Variables};
use plan::Mode;
use resource::{Erased, Of};
use state::Store;

/// A set of declared objects with one state. Cheap to clone.
#[derive(Clone)]
pub struct Infra {
    name: Arc<str>,
    state: State,
    workspace: Arc<str>,
    registry: Arc<BTreeMap<&'static str, Arc<dyn Erased>>>,
    hosts: Option<Hosts>,
    given: Given,
    adopt: bool,
}

impl std::fmt::Debug for Infra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Infra").field("name", &self.name).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Infra {
    /// A set of this name, whose state is kept there. The resource types of this crate are registered.
    pub fn new(name: impl Into<String>, state: State) -> Infra {
        let infra = Infra {
            name: name.into().into(),
            state,
            workspace: "default".into(),
            registry: Arc::default(),
            hosts: None,
            given: Given::default(),
            adopt: false,
        };
        resources::register_all(infra)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Registers a resource type, so that objects of it can be deleted when they are declared no longer.
    #[must_use]
    #[doc(alias = "terraform.providers")]
    pub fn register<R: Resource>(mut self) -> Infra {
        Arc::make_mut(&mut self.registry).insert(R::TYPE, Arc::new(Of::<R>::new()));
        self
    }

    /// Another workspace: the same declaration with a state of its own. Default: `default`. The name is of letters, digits, `-` and `_`; with
    /// another one every plan fails.
    #[must_use]
    pub fn workspace(self, name: impl Into<String>) -> Infra {
        Infra { workspace: name.into().into(), ..self }
    }

    /// The workspace that `TF_WORKSPACE` names in the environment; this one if it names none.
    #[must_use]
    #[doc(alias = "terraform.workspace.TF_WORKSPACE")]
    pub fn workspace_from_environ(self, batteries: &Batteries) -> Infra {
        match batteries.os.environ.get("TF_WORKSPACE").and_then(|name| name.into_string().ok()) {
            Some(name) if !name.is_empty() => self.workspace(name),
            _ => self,
        }
    }

    /// The workspace's name.
    pub fn workspace_name(&self) -> &str {
        &self.workspace
    }

    /// How the batteries of other hosts are had: `move |host| Ok(fabric.connection(host).batteries().wait()?)`.
    ///
    /// ```
    /// # #[cfg(feature = "fabric")] {
    /// use leyden::{infra::{host::File, Infra, State}, prelude::*};
    ///
    /// let world = World::new();
    /// let web = world.fabric.host("web1");
    /// let Batteries { fabric, .. } = world.batteries(); // on the machine: `Batteries::included()`
    /// let infra = Infra::new("prod", State::file("/srv/prod.json"))
    ///     .hosts(move |host| Ok(fabric.connection(host).batteries().wait()?));
    /// let declare = |declare: &leyden::infra::Declare| {
    ///     declare.add("motd", File::new("/etc/motd", "hi\n").on("web1"))?;
    ///     Ok(())
    /// };
    /// infra.plan(&world.batteries(), declare).wait()?.apply(&world.batteries()).wait()?;
    /// assert_eq!(web.os.read_text("/etc/motd").unwrap(), "hi\n");
    /// # }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[must_use]
    #[doc(alias = "terraform.resource.connection")]
    pub fn hosts(self, hosts: impl Fn(&str) -> crate::Result<Batteries> + Send + Sync + 'static) -> Infra {
        Infra { hosts: Some(Arc::new(hosts)), ..self }
    }

    /// Takes over objects that exist already under their natural ids, as [`Handle::adopt`] does for one: for hosts that were set up by hand.
    #[must_use]
    pub fn adopt_existing(self) -> Infra {
        Infra { adopt: true, ..self }
    }

    /// Gives a variable a value: Terraform's `-var`. The last one wins.
    #[must_use]
    #[doc(alias = "terraform.plan.var")]
    pub fn variable(mut self, name: impl Into<String>, value: impl Serialize) -> Infra {
        // A value that cannot be written as JSON is null, which no type of a variable accepts.
        let value = serde_json::to_value(value).unwrap_or(serde_json::Value::Null);
        self.given.values.push((name.into(), value));
        self
    }

    /// Gives variables the values of a file, a JSON object: Terraform's `-var-file`.
    #[must_use]
    pub fn variable_file(mut self, path: impl Into<PathBuf>) -> Infra {
        self.given.files.push(path.into());
        self
    }

    /// Reads `terraform.tfvars.json` and `*.auto.tfvars.json` of a directory.
    #[must_use]
    pub fn variables_in(mut self, directory: impl Into<PathBuf>) -> Infra {
        self.given.directory = Some(directory.into());
        self
    }

    /// Compares what is declared with what is there.
    ///
    /// The closure runs at once; its error comes from `.wait()?`. It has to declare the same whenever it is called with the same variables:
    /// what it leaves out is deleted.
    pub fn plan(&self, batteries: &Batteries, declare: impl FnOnce(&Declare) -> crate::Result<()>) -> PlanRequest {
        PlanRequest::new(self.clone(), batteries, self.declared(batteries, declare), Mode::Normal)
    }

    /// Plans to delete everything in the state. Hooks and timeouts come from the declaration, where there is one: use
    /// `infra.plan(..).destroy()` for that.
    #[doc(alias = "terraform.destroy")]
    pub fn destroy(&self, batteries: &Batteries) -> PlanRequest {
        PlanRequest::new(self.clone(), batteries, self.declared(batteries, |_| Ok(())), Mode::Destroy)
    }

    /// Plans to take what changed outside into the state, and to touch nothing.
    #[doc(alias = "terraform.refresh")]
    pub fn refresh(&self, batteries: &Batteries) -> PlanRequest {
        let declared = self.declared(batteries, |declare| {
            declare.lock().absent = true;
            Ok(())
        });
        PlanRequest::new(self.clone(), batteries, declared, Mode::RefreshOnly)
    }

    /// Checks a declaration without state and world: types, addresses, references, cycles.
    #[doc(alias = "terraform.validate")]
    pub fn validate(&self, batteries: &Batteries, declare: impl FnOnce(&Declare) -> crate::Result<()>) -> Result<()> {
        plan::validate(&*self.declared(batteries, declare)?)
    }

    /// The state: to look at, and to edit.
    pub fn state(&self, batteries: &Batteries) -> Manage {
        Manage::new(self.clone(), batteries.clone())
    }

    /// The ids of all objects of a type that exist, managed or not.
    ///
    /// # Errors
    /// If the type is not registered, or does not support listing.
    pub fn existing(&self, batteries: &Batteries, kind: &str) -> Result<Vec<Id>> {
        let address = Address::from(kind);
        let registered =
            self.registered(kind).ok_or_else(|| Error::UnknownType { address: address.clone(), kind: kind.to_owned() })?;
        let scope = Scope::new(batteries.clone(), self.hosts.clone());
        crate::Wait::wait(registered.list(&scope)).map_err(|error| Error::Resource { address, action: "list", error })
    }

    fn declared(
        &self,
        batteries: &Batteries,
        declare: impl FnOnce(&Declare) -> crate::Result<()>,
    ) -> Result<Arc<declare::Declared>> {
        let variables = Arc::new(Variables::load(&self.given, batteries)?);
        let declaration = Declare::new(&self.workspace, variables);
        declare(&declaration).map_err(|error| match error.downcast::<Error>() {
            Ok(own) => own,
            Err(other) => Error::Declaration(other),
        })?;
        let mut declared = std::mem::take(&mut *declaration.lock());
        match declared.refused.take() {
            Some(refused) => Err(refused),
            None => Ok(Arc::new(declared)),
        }
    }

    fn registered(&self, kind: &str) -> Option<&dyn Erased> {
        self.registry.get(kind).map(|kind| &**kind)
    }

    fn store(&self, batteries: &Batteries) -> Result<Box<dyn Store>> {
        self.state.open(batteries, &self.workspace)
    }
}

/// Random hexadecimal digits, two a byte: tokens, salts, lock ids. From the system, not from the `os` battery: in memory that one repeats itself
/// in every world, and a lock id that two runs share is not one.
fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| Error::Unsupported(format!("no random bytes: {error}")))?;
    Ok(value::hex(&random))
}

/// A random UUID, version 4.
fn random_uuid() -> Result<String> {
    let hex = random_hex(16)?;
    let variant = ["8", "9", "a", "b"][usize::from(hex.as_bytes()[16]) % 4];
    Ok(format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]))
}
