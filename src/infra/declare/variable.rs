//! [`Variable`]: a value from outside the program.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Declare;
use crate::Batteries;
use crate::infra::error::{Error, Result};
use crate::infra::input::Input;

/// Values for variables, the strongest last.
#[derive(Clone, Debug, Default)]
pub(in crate::infra) struct Given {
    pub(in crate::infra) files: Vec<std::path::PathBuf>,
    pub(in crate::infra) values: Vec<(String, Value)>,
    pub(in crate::infra) directory: Option<std::path::PathBuf>,
}

#[derive(Debug, Default)]
pub(in crate::infra) struct Variables(BTreeMap<String, Value>);

impl Variables {
    /// Environment, then files in their order, then single values.
    pub(in crate::infra) fn load(given: &Given, batteries: &Batteries) -> Result<Variables> {
        let mut all = BTreeMap::new();
        for (name, value) in batteries.os.environ.items() {
            if let (Some(name), Some(value)) = (name.to_str().and_then(|name| name.strip_prefix("TF_VAR_")), value.to_str()) {
                all.insert(name.to_owned(), from_text(value));
            }
        }
        let mut files = Vec::new();
        if let Some(directory) = &given.directory {
            let problem =
                |error: crate::os::Error| Error::Variable { name: directory.display().to_string(), problem: error.to_string() };
            let mut names = batteries.os.listdir(directory).map_err(problem)?;
            names.sort_unstable();
            files.extend(names.iter().filter(|name| *name == "terraform.tfvars.json").map(|name| directory.join(name)));
            files.extend(
                names
                    .iter()
                    .filter(|name| name.to_string_lossy().ends_with(".auto.tfvars.json"))
                    .map(|name| directory.join(name)),
            );
        }
        for path in files.iter().chain(&given.files) {
            let problem = |problem: String| Error::Variable { name: path.display().to_string(), problem };
            let text = batteries.os.read_bytes(path).map_err(|error| problem(error.to_string()))?;
            let values: BTreeMap<String, Value> =
                serde_json::from_slice(&text).map_err(|error| problem(format!("not a JSON object: {error}")))?;
            all.extend(values);
        }
        all.extend(given.values.iter().cloned());
        Ok(Variables(all))
    }
}

/// A text from the environment is JSON if it parses, as Terraform reads numbers, bools, lists and maps there; else a text.
fn from_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A value from outside: `declare.variable("region").default("eu-central-1").get::<String>()?`.
///
/// The last of these wins: the default, `TF_VAR_name` in the environment, `terraform.tfvars.json` and `*.auto.tfvars.json` of
/// [`Infra::variables_in`](crate::infra::Infra::variables_in), files of [`Infra::variable_file`](crate::infra::Infra::variable_file),
/// [`Infra::variable`](crate::infra::Infra::variable).
///
/// DIFFERENCE: files are JSON; `.tfvars` in HCL is not read.
#[derive(Clone, Debug)]
#[must_use = "end with `.get()` or `.secret()`"]
#[doc(alias("terraform.variable.precedence", "terraform.variable.TF_VAR_name", "terraform.variable.tfvars"))]
pub struct Variable {
    declare: Declare,
    name: String,
    default: Option<Value>,
    failed: Option<String>,
}

impl Variable {
    pub(super) fn new(declare: Declare, name: String) -> Variable {
        Variable { declare, name, default: None, failed: None }
    }

    /// The value if none is given.
    pub fn default(mut self, value: impl Serialize) -> Variable {
        match serde_json::to_value(value) {
            Ok(value) => self.default = Some(value),
            Err(error) => self.failed = Some(error.to_string()),
        }
        self
    }

    /// The value is refused with this message if `holds` is false. Several are looked at in their order.
    #[doc(alias = "terraform.variable.validation")]
    pub fn validate<T: DeserializeOwned>(mut self, holds: impl FnOnce(&T) -> bool, message: impl Into<String>) -> Variable {
        if self.failed.is_none() && self.value().is_some_and(|value| T::deserialize(value).is_ok_and(|value| !holds(&value))) {
            self.failed = Some(message.into());
        }
        self
    }

    fn value(&self) -> Option<&Value> {
        self.declare.variables.0.get(&self.name).or(self.default.as_ref())
    }

    fn read<T: DeserializeOwned>(self, show: bool) -> Result<T> {
        let problem = |problem: String| Error::Variable { name: self.name.clone(), problem };
        if let Some(failed) = self.failed.clone() {
            return Err(problem(failed));
        }
        let value = self.value().ok_or_else(|| problem("no value was given, and it has no default".into()))?.clone();
        let parsed = serde_json::from_value(value.clone());
        // The environment has only texts: "8080" may be the number or the text.
        let parsed = match (parsed, &value) {
            (Err(_), Value::Number(_) | Value::Bool(_)) => serde_json::from_value(Value::String(value.to_string())),
            (parsed, _) => parsed,
        };
        // serde's message would show the value.
        let parsed = parsed.map_err(|error| problem(if show { error.to_string() } else { "not of the expected type".into() }));
        self.declare.lock().variables.insert(self.name.clone(), show.then_some(value));
        parsed
    }

    /// The value.
    ///
    /// # Errors
    /// [`Error::Variable`]: there is no value, it is of another type, or a validation does not hold.
    pub fn get<T: DeserializeOwned>(self) -> Result<T> {
        self.read(true)
    }

    /// The value, never shown: fields that it is given to are hashed in plan and state.
    #[doc(alias("terraform.variable.sensitive", "terraform.variable.ephemeral"))]
    pub fn secret<T: DeserializeOwned>(self) -> Result<Input<T>> {
        self.read::<T>(false).map(Input::secret)
    }
}
