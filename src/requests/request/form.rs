//! [`Form`]: pairs for a query or a form, converted from the usual collections.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::is_secret_name;
use crate::requests::url::quote::urlencode;
use crate::secret::url::redact_query;

/// A value in a query or a form. Its text is the result of Python's `str()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Left out. In a call's parameters, it removes the session's parameter of that name.
    None,
    /// One text.
    One(String),
    /// One pair for each value: `a=1&a=2`.
    Many(Vec<String>),
    /// Bytes. A query percent-encodes them, a form with files sends them unchanged.
    Bytes(Vec<u8>),
}

/// Ordered pairs: `[("q", "rust"), ("page", "2")]`, a map, or, for [`Value`]s of several kinds,
/// `[("ids", Value::from([1, 2]))]`. A single text is sent unchanged.
#[derive(Clone, PartialEq, Eq)]
pub enum Form {
    /// Pairs, to be encoded.
    Pairs(Vec<(String, Value)>),
    /// Already encoded.
    Raw(String),
}

impl fmt::Debug for Form {
    /// Omits the values of fields that hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Raw(text) => f.debug_tuple("Raw").field(&redact_query(text)).finish(),
            Form::Pairs(pairs) => {
                let mut list = f.debug_list();
                for (key, value) in pairs {
                    if is_secret_name(key) {
                        list.entry(&(key, format_args!("***")));
                    } else {
                        list.entry(&(key, value));
                    }
                }
                list.finish()
            }
        }
    }
}

impl Default for Form {
    fn default() -> Form {
        Form::Pairs(Vec::new())
    }
}

impl Form {
    /// Returns true if there is nothing to send.
    pub fn is_empty(&self) -> bool {
        match self {
            Form::Pairs(pairs) => pairs.is_empty(),
            Form::Raw(text) => text.is_empty(),
        }
    }

    /// Sets a key. An existing key keeps its position.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self {
            Form::Raw(_) => *self = Form::Pairs(vec![(key, value)]),
            Form::Pairs(pairs) => match pairs.iter_mut().find(|(own, _)| *own == key) {
                Some((_, own)) => *own = value,
                None => pairs.push((key, value)),
            },
        }
    }

    /// Encodes like `urllib.parse.urlencode(.., doseq=True)`.
    pub fn encode(&self) -> String {
        match self {
            Form::Raw(text) => text.clone(),
            Form::Pairs(_) => urlencode(self.flat()),
        }
    }

    /// Returns every pair of a key and one of its values.
    pub(super) fn flat(&self) -> Vec<(&str, &[u8])> {
        let mut flat = Vec::new();
        if let Form::Pairs(pairs) = self {
            for (key, value) in pairs {
                match value {
                    Value::None => {}
                    Value::One(text) => flat.push((key.as_str(), text.as_bytes())),
                    Value::Many(texts) => flat.extend(texts.iter().map(|text| (key.as_str(), text.as_bytes()))),
                    Value::Bytes(bytes) => flat.push((key.as_str(), bytes)),
                }
            }
        }
        flat
    }

    /// `requests.sessions.merge_setting`: these pairs, and those of the session with other keys.
    /// `None` removes a key.
    pub(in crate::requests) fn merged_over(self, session: &Form) -> Form {
        let (Form::Pairs(own), Form::Pairs(defaults)) = (&self, session) else {
            return if self.is_empty() { session.clone() } else { self };
        };
        if defaults.is_empty() {
            return self;
        }
        let named = |key: &str| own.iter().any(|(own, _)| own == key);
        let mut merged = Vec::new();
        for (key, value) in defaults {
            // A key of the call replaces the session's values of that key.
            if named(key) {
                merged.extend(own.iter().filter(|(own, _)| own == key).cloned());
            } else {
                merged.push((key.clone(), value.clone()));
            }
        }
        merged.extend(own.iter().filter(|(key, _)| !defaults.iter().any(|(default, _)| default == key)).cloned());
        merged.retain(|(_, value)| *value != Value::None);
        Form::Pairs(merged)
    }
}

impl From<&str> for Form {
    fn from(text: &str) -> Form {
        Form::Raw(text.into())
    }
}

impl From<String> for Form {
    fn from(text: String) -> Form {
        Form::Raw(text)
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Form {
    fn from(pairs: [(K, V); N]) -> Form {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> From<Vec<(K, V)>> for Form {
    fn from(pairs: Vec<(K, V)>) -> Form {
        pairs.into_iter().collect()
    }
}

impl<K: Clone + Into<String>, V: Clone + Into<Value>> From<&[(K, V)]> for Form {
    fn from(pairs: &[(K, V)]) -> Form {
        pairs.iter().cloned().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> From<BTreeMap<K, V>> for Form {
    fn from(pairs: BTreeMap<K, V>) -> Form {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> From<HashMap<K, V>> for Form {
    fn from(pairs: HashMap<K, V>) -> Form {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Form {
        Form::Pairs(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl Value {
    /// Creates a value from bytes, which need not be UTF-8.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Value {
        Value::Bytes(bytes.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::One(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::One(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::One(text.clone())
    }
}

impl From<bool> for Value {
    /// `True` or `False`.
    fn from(value: bool) -> Value {
        Value::One(if value { "True" } else { "False" }.into())
    }
}

impl From<f64> for Value {
    /// Python's `repr`: `1.0`, `1e+16`.
    fn from(value: f64) -> Value {
        Value::One(super::json::python_float(value))
    }
}

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Value {
                Value::One(value.to_string())
            }
        }
    )+};
}
integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::None, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        many(values)
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(values: [T; N]) -> Value {
        many(values)
    }
}

fn many<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    let mut texts = Vec::new();
    for value in values {
        match value.into() {
            Value::None => {}
            Value::One(text) => texts.push(text),
            Value::Many(more) => texts.extend(more),
            Value::Bytes(bytes) => texts.push(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
    Value::Many(texts)
}
