//! [`Form`]: pairs for a query or a form, from whatever a script has at hand.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::is_secret_name;
use crate::requests::url::quote::urlencode;
use crate::secret::url::redact_query;

/// A value in a query or a form. Its text is what Python's `str()` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Left out; in a session's parameters merged with a call's, it removes the parameter.
    None,
    /// One text.
    One(String),
    /// The key once for each: `a=1&a=2`.
    Many(Vec<String>),
    /// One value that is not text. A query escapes its bytes, a form with files sends them as they are.
    Bytes(Vec<u8>),
}

/// Pairs in their order: `[("q", "rust"), ("page", "2")]`, a map, or, for [`Value`]s of several kinds, `[("ids", Value::from([1, 2]))]`.
/// A text alone goes out as it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Form {
    /// Pairs, to be encoded.
    Pairs(Vec<(String, Value)>),
    /// Encoded already.
    Raw(String),
}

impl fmt::Debug for Form {
    /// Without the values of fields that hold secrets.
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
    /// True if there is nothing to send.
    pub fn is_empty(&self) -> bool {
        match self {
            Form::Pairs(pairs) => pairs.is_empty(),
            Form::Raw(text) => text.is_empty(),
        }
    }

    /// Sets a key, where it stood before if it was there.
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

    /// As `urllib.parse.urlencode(.., doseq=True)` writes it.
    pub fn encode(&self) -> String {
        match self {
            Form::Raw(text) => text.clone(),
            Form::Pairs(_) => urlencode(self.flat()),
        }
    }

    /// Every key with every of its values.
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

    /// `requests.sessions.merge_setting`: these, and those of the session that these do not name. None removes.
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
            // What the call names takes the session's place, all of it.
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
    /// Bytes of any kind: Python's `bytes`. They need not be UTF-8.
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
