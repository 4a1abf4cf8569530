//! The names of tags and attributes, each stored once: comparing two of them is comparing two numbers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A tag's or an attribute's name.
#[derive(Debug)]
pub(crate) struct Name {
    /// A tag's name without prefix; an attribute's as it is printed (`xlink:href`).
    pub(crate) text: Box<str>,
    /// The local name of an attribute in a namespace.
    pub(crate) local: Option<Box<str>>,
    pub(crate) prefix: Option<Box<str>>,
    pub(crate) namespace: Option<Box<str>>,
}

impl Name {
    fn is(&self, text: &str, local: Option<&str>, prefix: Option<&str>, namespace: Option<&str>) -> bool {
        *self.text == *text
            && self.local.as_deref() == local
            && self.prefix.as_deref() == prefix
            && self.namespace.as_deref() == namespace
    }
}

/// All names of a document.
#[derive(Debug, Default)]
pub(crate) struct Names {
    list: boxcar::Vec<Name>,
    /// The ids of the names with the same text, in any namespace.
    index: Mutex<HashMap<Box<str>, Vec<u32>>>,
    /// Names that share their text with many others, keyed by all their parts.
    crowded: Mutex<HashMap<NameKey, u32>>,
}

type NameKey = [Option<Box<str>>; 4];

/// The number of names with the same text that are searched linearly.
const FEW: usize = 16;

impl Names {
    #[inline]
    pub(crate) fn get(&self, id: u32) -> &Name {
        &self.list[id as usize]
    }

    /// Returns the ids of the names with this text, in any namespace.
    pub(crate) fn reading(&self, text: &str) -> Vec<u32> {
        let index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.get(text).cloned().unwrap_or_default()
    }

    /// Returns the id of a name, adding it if it is new.
    pub(crate) fn intern(&self, text: &str, local: Option<&str>, prefix: Option<&str>, namespace: Option<&str>) -> u32 {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let owned = |part: Option<&str>| part.map(Box::from);
        let ids = index.get(text).map_or(&[][..], Vec::as_slice);
        if let Some(&id) = ids.iter().take(FEW).find(|&&id| self.get(id).is(text, local, prefix, namespace)) {
            return id;
        }
        let mut crowded = self.crowded.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (ids.len() >= FEW).then(|| [owned(Some(text)), owned(local), owned(prefix), owned(namespace)]);
        if let Some(id) = key.as_ref().and_then(|key| crowded.get(key)) {
            return *id;
        }
        let name = Name { text: text.into(), local: owned(local), prefix: owned(prefix), namespace: owned(namespace) };
        let id = self.list.push(name) as u32;
        crowded.extend(key.map(|key| (key, id)));
        index.entry(text.into()).or_default().push(id);
        id
    }
}
