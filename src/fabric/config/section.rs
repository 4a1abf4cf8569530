//! [`Section`]: a part of a configuration, and what Python's proxies of it do.

use super::Config;
use super::error::Error;
use super::value::{Dict, Value};

/// Where a value is: `"run.echo"`, or the names one by one where a name has a dot in it: `["a.b", "c"]`.
pub trait KeyPath {
    /// The names, the outermost first.
    fn keys(&self) -> Vec<String>;
}

impl KeyPath for str {
    fn keys(&self) -> Vec<String> {
        self.split('.').map(str::to_owned).collect()
    }
}

impl KeyPath for String {
    fn keys(&self) -> Vec<String> {
        self.as_str().keys()
    }
}

impl<S: AsRef<str>> KeyPath for [S] {
    fn keys(&self) -> Vec<String> {
        self.iter().map(|key| key.as_ref().to_owned()).collect()
    }
}

impl<S: AsRef<str>, const N: usize> KeyPath for [S; N] {
    fn keys(&self) -> Vec<String> {
        self.as_slice().keys()
    }
}

impl<S: AsRef<str>> KeyPath for Vec<S> {
    fn keys(&self) -> Vec<String> {
        self.as_slice().keys()
    }
}

impl<K: KeyPath + ?Sized> KeyPath for &K {
    fn keys(&self) -> Vec<String> {
        (**self).keys()
    }
}

/// A mapping inside of a configuration: `config.run` in Python. What is changed here is changed there.
#[derive(Debug)]
pub struct Section<'a> {
    pub(super) config: &'a mut Config,
    pub(super) path: Vec<String>,
}

impl Section<'_> {
    /// The mapping.
    pub fn dict(&self) -> &Dict {
        static EMPTY: std::sync::LazyLock<Dict> = std::sync::LazyLock::new(Dict::new);
        self.config.dict_at(&self.path).unwrap_or(&EMPTY)
    }

    fn below(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        path
    }

    /// The value of a key. [`Error::Key`] if it is not there.
    pub fn get(&self, key: &str) -> Result<&Value, Error> {
        self.dict().get(key).ok_or_else(|| Error::Key { key: self.below(key).join(".") })
    }

    /// Sets a key: it is kept above all levels.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> Result<(), Error> {
        self.config.modify(&self.below(key), value.into())
    }

    /// Removes a key: `del`. [`Error::Key`] if it is not there.
    pub fn remove(&mut self, key: &str) -> Result<Value, Error> {
        let value = self.get(key)?.clone();
        self.config.delete(&self.below(key))?;
        Ok(value)
    }

    /// `pop(key)`: removes a key and gives its value. [`Error::Key`] if it is not there.
    pub fn pop(&mut self, key: &str) -> Result<Value, Error> {
        self.remove(key)
    }

    /// `pop(key, default)`.
    pub fn pop_or(&mut self, key: &str, default: impl Into<Value>) -> Result<Value, Error> {
        if self.dict().contains_key(key) { self.remove(key) } else { Ok(default.into()) }
    }

    /// `popitem()`: removes the last entry and gives it. [`Error::Key`] if there is none.
    pub fn popitem(&mut self) -> Result<(String, Value), Error> {
        let last = self.dict().keys().last().map(str::to_owned);
        let key = last.ok_or_else(|| Error::Key { key: self.path.join(".") })?;
        let value = self.remove(&key)?;
        Ok((key, value))
    }

    /// `setdefault(key, default)`: the value of a key, which is set first where it is not there.
    pub fn setdefault(&mut self, key: &str, default: impl Into<Value>) -> Result<Value, Error> {
        if self.dict().contains_key(key) {
            return self.get(key).cloned();
        }
        // What was given, also where a level below has more of a mapping that had been removed.
        let default = default.into();
        self.set(key, default.clone())?;
        Ok(default)
    }

    /// `update(..)`: sets several keys.
    pub fn update<K: AsRef<str>, V: Into<Value>>(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), Error> {
        entries.into_iter().try_for_each(|(key, value)| self.set(key.as_ref(), value))
    }

    /// `clear()`: removes every key.
    pub fn clear(&mut self) -> Result<(), Error> {
        let keys: Vec<String> = self.dict().keys().map(str::to_owned).collect();
        keys.iter().try_for_each(|key| self.remove(key).map(drop))
    }

    /// A mapping in this one.
    pub fn section(&mut self, key: &str) -> Result<Section<'_>, Error> {
        let path = self.below(key);
        self.config.section_at(path)
    }

    /// True if the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.dict().contains_key(key)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.dict().len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.dict().is_empty()
    }
}
