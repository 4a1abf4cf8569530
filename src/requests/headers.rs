//! [`CaseInsensitiveDict`]: headers with case-insensitive names, in order.

use std::fmt;

use super::error::{Error, Result};
use crate::is_secret_name;
use crate::secret::url::redact;

/// The headers of a request or a response.
pub type Headers = CaseInsensitiveDict<String>;

/// A map with case-insensitive keys. It keeps the case of the last insertion and the order of the
/// first.
///
/// Lookups are linear: a message has about a dozen headers. `Debug` hides the values of headers
/// that hold secrets.
///
/// <https://docs.python-requests.org/en/latest/api/#requests.structures.CaseInsensitiveDict>
#[derive(Clone)]
#[doc(alias = "requests.structures.CaseInsensitiveDict")]
pub struct CaseInsensitiveDict<V = String> {
    entries: Vec<(String, V)>,
}

impl<V> CaseInsensitiveDict<V> {
    /// Creates an empty map.
    pub fn new() -> Self {
        CaseInsensitiveDict { entries: Vec::new() }
    }

    /// Sets a value and returns the previous one.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<V>) -> Option<V> {
        let (key, value) = (key.into(), value.into());
        match self.position(&key) {
            Some(at) => {
                let (_, old) = std::mem::replace(&mut self.entries[at], (key, value));
                Some(old)
            }
            None => {
                self.entries.push((key, value));
                None
            }
        }
    }

    /// Returns the value.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.get")]
    pub fn get(&self, key: &str) -> Option<&V> {
        self.position(key).map(|at| &self.entries[at].1)
    }

    /// Returns true if the key exists.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Removes a key and returns its value: Python's `pop` and `del`.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.pop")]
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.position(key).map(|at| self.entries.remove(at).1)
    }

    /// Removes and returns the first entry.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.popitem")]
    pub fn popitem(&mut self) -> Option<(String, V)> {
        if self.entries.is_empty() { None } else { Some(self.entries.remove(0)) }
    }

    /// Returns the value, after inserting `default` if the key is missing.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.setdefault")]
    pub fn setdefault(&mut self, key: &str, default: impl Into<V>) -> &mut V {
        let at = self.position(key).unwrap_or_else(|| {
            self.entries.push((key.into(), default.into()));
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// Sets several values.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.update")]
    pub fn update<K: Into<String>, W: Into<V>>(&mut self, other: impl IntoIterator<Item = (K, W)>) {
        for (key, value) in other {
            self.insert(key, value);
        }
    }

    /// Iterates over the names, in the case of their last insertion.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.keys")]
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Iterates over the values.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.values")]
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Iterates over names and values.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.items")]
    pub fn items(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Like [`items`](CaseInsensitiveDict::items), with names in lower case.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.lower_items")]
    pub fn lower_items(&self) -> impl Iterator<Item = (String, &V)> {
        self.entries.iter().map(|(key, value)| (key.to_lowercase(), value))
    }

    /// Removes all entries.
    #[doc(alias = "requests.structures.CaseInsensitiveDict.clear")]
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|(own, _)| is_same_key(own, key))
    }
}

/// Python compares `key.lower()`.
fn is_same_key(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && !b.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

impl<V> Default for CaseInsensitiveDict<V> {
    fn default() -> Self {
        CaseInsensitiveDict::new()
    }
}

impl<V: PartialEq> PartialEq for CaseInsensitiveDict<V> {
    /// Compares names, ignoring case and order, and values.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.items().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<K: Into<String>, W: Into<V>, V> FromIterator<(K, W)> for CaseInsensitiveDict<V> {
    fn from_iter<I: IntoIterator<Item = (K, W)>>(entries: I) -> Self {
        let mut dict = CaseInsensitiveDict::new();
        dict.update(entries);
        dict
    }
}

impl<V> IntoIterator for CaseInsensitiveDict<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, V> IntoIterator for &'a CaseInsensitiveDict<V> {
    type Item = &'a (String, V);
    type IntoIter = std::slice::Iter<'a, (String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<V> std::ops::Index<&str> for CaseInsensitiveDict<V> {
    type Output = V;

    /// # Panics
    ///
    /// If the key is missing, as in Python. Use [`get`](CaseInsensitiveDict::get) for headers that
    /// a server may leave out.
    fn index(&self, key: &str) -> &V {
        self.get(key).unwrap_or_else(|| panic!("no header {key}"))
    }
}

/// Headers whose values are URLs, which may hold secrets.
const URLS: [&str; 4] = ["location", "content-location", "referer", "refresh"];

/// True for headers whose values are not shown. A challenge holds nonces.
fn is_secret_header(name: &str) -> bool {
    is_secret_name(name) || name.eq_ignore_ascii_case("www-authenticate")
}

/// A header's value as it may be stored.
pub(super) fn shown_value(name: &str, value: &str) -> String {
    if is_secret_header(name) {
        return "***".into();
    }
    if URLS.iter().any(|url| name.eq_ignore_ascii_case(url)) { redact(value) } else { value.to_owned() }
}

impl<V: fmt::Debug> fmt::Debug for CaseInsensitiveDict<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (key, value) in &self.entries {
            if is_secret_header(key) {
                map.entry(key, &format_args!("***"));
            } else if URLS.iter().any(|name| key.eq_ignore_ascii_case(name)) {
                map.entry(key, &format_args!("{}", redact(&format!("{value:?}"))));
            } else {
                map.entry(key, value);
            }
        }
        map.finish()
    }
}

/// Rejects text that would break out of its header.
///
/// Python rejects leading white space, a colon in the name, and line breaks. DIFFERENCE: NUL, other
/// control characters, names that are not HTTP tokens and characters beyond Latin-1 are rejected
/// here too; Python fails later or not at all.
#[doc(alias = "requests.utils.check_header_validity")]
pub fn check_header_validity(name: &str, value: &str) -> Result<()> {
    let invalid = |part| Error::InvalidHeader { name: name.into(), part };
    if !is_token(name) {
        return Err(invalid("name"));
    }
    let bad = |c: char| (c.is_control() && c != '\t' && !('\u{80}'..='\u{9f}').contains(&c)) || c > '\u{ff}';
    if value.starts_with(char::is_whitespace) || value.contains(bad) {
        return Err(invalid("value"));
    }
    Ok(())
}

/// Returns true for an HTTP token: a method, or a header's name.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Converts a header's text to bytes, one per character. `check_header_validity` has rejected other
/// characters.
pub(super) fn to_latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Decodes without losing a byte: as UTF-8 if valid, otherwise as Latin-1.
pub(super) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| from_latin1(error.as_bytes()))
}

/// Decodes a header's bytes.
pub(super) fn from_latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}
