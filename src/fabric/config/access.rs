//! Reading and changing a configuration.

use std::fmt;
use std::path::Path;

use super::error::Error;
use super::section::{KeyPath, Section};
use super::value::{Dict, Value};
use super::{Config, Result};
use crate::subprocess::Subprocess;

impl Config {
    /// The merged mapping.
    pub fn as_dict(&self) -> &Dict {
        &self.merged
    }

    pub(super) fn dict_at(&self, path: &[String]) -> Option<&Dict> {
        path.iter().try_fold(&self.merged, |dict, key| dict.get(key)?.as_dict())
    }

    /// A value: `config.get("run.echo")?`. [`Error::Key`] if it is not there.
    pub fn get(&self, path: impl KeyPath) -> Result<&Value> {
        let keys = path.keys();
        let found = keys.split_last().and_then(|(last, parents)| self.dict_at(parents)?.get(last));
        found.ok_or_else(|| Error::Key { key: keys.join(".") })
    }

    /// Sets a value, above all levels. Its parents must be mappings. [`Error::AmbiguousMerge`] for a mapping in the place of something else.
    pub fn set(&mut self, path: impl KeyPath, value: impl Into<Value>) -> Result<()> {
        let keys = path.keys();
        let parents = keys.split_last().map_or(&[][..], |(_, parents)| parents);
        if self.dict_at(parents).is_none() {
            return Err(Error::NotAMapping { key: parents.join(".") });
        }
        self.modify(&keys, value.into())
    }

    /// Removes a key and gives its value: `del config["x"]`. [`Error::Key`] if it is not there.
    pub fn remove(&mut self, path: impl KeyPath) -> Result<Value> {
        let keys = path.keys();
        let value = self.get(&keys)?.clone();
        self.delete(&keys)?;
        Ok(value)
    }

    pub(super) fn modify(&mut self, keys: &[String], value: Value) -> Result<()> {
        let before = (self.modifications.clone(), self.deletions.clone());
        self.deletions.excise(keys);
        // Python changes the proxied mapping itself before it merges: a mapping in the place of a mapping is merged with it.
        place(&mut self.modifications, keys, value);
        match self.merged_levels() {
            Ok(merged) => {
                self.merged = merged;
                Ok(())
            }
            Err(error) => {
                (self.modifications, self.deletions) = before;
                Err(error)
            }
        }
    }

    pub(super) fn delete(&mut self, keys: &[String]) -> Result<()> {
        self.deletions.add(keys);
        self.merge()
    }

    /// A mapping in the configuration, to read and change. [`Error::NotAMapping`] if it is something else.
    pub fn section(&mut self, path: impl KeyPath) -> Result<Section<'_>> {
        self.section_at(path.keys())
    }

    pub(super) fn section_at(&mut self, path: Vec<String>) -> Result<Section<'_>> {
        let key = path.join(".");
        match self.get(&path) {
            Err(_) => Err(Error::Key { key }),
            Ok(Value::Dict(_)) => Ok(Section { config: self, path }),
            Ok(_) => Err(Error::NotAMapping { key }),
        }
    }

    fn root(&mut self) -> Section<'_> {
        Section { config: self, path: Vec::new() }
    }

    /// `pop(key)`. [`Error::Key`] if it is not there.
    #[doc(alias = "fabric.Config.pop")]
    pub fn pop(&mut self, key: &str) -> Result<Value> {
        self.root().pop(key)
    }

    /// `pop(key, default)`.
    pub fn pop_or(&mut self, key: &str, default: impl Into<Value>) -> Result<Value> {
        self.root().pop_or(key, default)
    }

    /// `popitem()`: removes the last key and gives it.
    #[doc(alias = "fabric.Config.popitem")]
    pub fn popitem(&mut self) -> Result<(String, Value)> {
        self.root().popitem()
    }

    /// `setdefault(key, default)`.
    #[doc(alias = "fabric.Config.setdefault")]
    pub fn setdefault(&mut self, key: &str, default: impl Into<Value>) -> Result<Value> {
        self.root().setdefault(key, default)
    }

    /// `update(..)`.
    #[doc(alias = "fabric.Config.update")]
    pub fn update<K: AsRef<str>, V: Into<Value>>(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        self.root().update(entries)
    }

    /// `clear()`: removes every key.
    #[doc(alias = "fabric.Config.clear")]
    pub fn clear(&mut self) -> Result<()> {
        self.root().clear()
    }

    /// True if there is such a key.
    pub fn contains(&self, path: impl KeyPath) -> bool {
        self.get(path).is_ok()
    }

    /// The keys of the top level and their values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.merged.iter()
    }

    /// How many keys the top level has.
    pub fn len(&self) -> usize {
        self.merged.len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.merged.is_empty()
    }

    /// The files that were read for the levels system, user, project and runtime.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let levels = [&self.system, &self.user, &self.project, &self.runtime];
        levels.into_iter().filter(|level| level.found == Some(true)).filter_map(|level| level.path.as_deref())
    }

    /// What runs the commands of `Match exec`.
    pub fn subprocess(&self) -> Option<&Subprocess> {
        self.subprocess.as_ref()
    }
}

fn place(level: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [last] => {
            level.insert(last.as_str(), value);
        }
        [first, rest @ ..] => {
            if !matches!(level.get(first), Some(Value::Dict(_))) {
                level.insert(first.as_str(), Dict::new());
            }
            if let Some(Value::Dict(below)) = level.get_mut(first) {
                place(below, rest, value);
            }
        }
    }
}

impl PartialEq for Config {
    /// The merged values are equal, wherever they come from.
    fn eq(&self, other: &Config) -> bool {
        self.merged == other.merged
    }
}

impl fmt::Debug for Config {
    /// Python's `repr()`, but for secrets, of which it shows none: those of a secret name, and the values of `run.env`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.merged.clone();
        if let Some(Value::Dict(run)) = shown.get_mut("run")
            && let Some(Value::Dict(env)) = run.get_mut("env")
        {
            let names: Vec<String> = env.keys().map(str::to_owned).collect();
            names.into_iter().for_each(|name| drop(env.insert(name, Value::from("***"))));
        }
        write!(f, "<Config: {shown:?}>")
    }
}
