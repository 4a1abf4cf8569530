//! [`Address`]: the name of one declared object.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// The name of one declared object: `web`, `app["a"]`, `net.vpc`.
///
/// The text form is Terraform's without the type: names separated by dots, and at most one key in brackets. It is the object's
/// key in the state, in a plan, and in [`target`](super::PlanRequest::target).
///
/// ```
/// use leyden::infra::Address;
///
/// let address: Address = ("app", "a").into();
/// assert_eq!(address.to_string(), r#"app["a"]"#);
/// assert_eq!((address.name(), address.key()), ("app", Some("a".to_owned())));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[doc(alias = "terraform.resource.address")]
pub struct Address(String);

impl Address {
    /// The text as an address, checked by [`Address::check`] when it is declared.
    pub fn new(text: impl Into<String>) -> Address {
        Address(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without prefixes and key: `vpc` of `net.vpc["a"]`.
    pub fn name(&self) -> &str {
        let bare = self.without_key();
        bare.rsplit_once('.').map_or(bare, |(_, name)| name)
    }

    /// The prefix that [`Declare::within`](super::Declare::within) added: `net` of `net.vpc`.
    pub fn prefix(&self) -> Option<&str> {
        self.without_key().rsplit_once('.').map(|(prefix, _)| prefix)
    }

    /// The address without its key: `net.vpc` of `net.vpc["a"]`.
    pub fn without_key(&self) -> &str {
        self.0.split_once('[').map_or(self.0.as_str(), |(bare, _)| bare)
    }

    /// The key of an object that was declared in a loop: `a` of `app["a"]`.
    pub fn key(&self) -> Option<String> {
        let (_, key) = self.0.split_once('[')?;
        serde_json::from_str(key.strip_suffix(']')?).ok()
    }

    /// True if `other` is this object, an instance of it (`app["a"]` of `app`), or inside of this prefix (`net.vpc` of `net`).
    pub fn covers(&self, other: &Address) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
    }

    pub(super) fn within(&self, prefix: &str) -> Address {
        if prefix.is_empty() { self.clone() } else { Address(format!("{prefix}.{}", self.0)) }
    }

    /// Fails unless this is names of letters, digits, `_` and `-`, separated by dots, with at most one quoted key.
    pub fn check(&self) -> Result<()> {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        let key = self.0.contains('[');
        // One text for each key: `a["x"]` and `a[ "x" ]` would be two objects.
        let canonical = |key: String| self.0.ends_with(&format!("[{}]", serde_json::Value::from(key)));
        if self.without_key().split('.').all(word) && (!key || self.key().is_some_and(canonical)) {
            return Ok(());
        }
        Err(Error::Address { address: self.0.clone() })
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Address {
        Address(text.to_owned())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Address {
        Address(text)
    }
}

impl From<&Address> for Address {
    fn from(address: &Address) -> Address {
        address.clone()
    }
}

impl<K: fmt::Display> From<(&str, K)> for Address {
    /// One object of several: the key is a text, as in Terraform's `for_each`.
    fn from((name, key): (&str, K)) -> Address {
        Address(format!("{name}[{}]", serde_json::Value::from(key.to_string())))
    }
}

impl Borrow<str> for Address {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
