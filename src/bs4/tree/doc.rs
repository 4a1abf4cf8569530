//! The document: one arena of nodes whose links are atomics, so that a `Copy` handle can read and edit through `&Doc`.
//!
//! Text and names are append-only, so a handle can lend `&'a str` as long as the document lives,
//! whatever edits happen. A parse fills plain vectors; nodes created later are in `boxcar` vectors
//! after them. Edits hold `lock`; readers hold no lock. A reader during an edit sees each link
//! before or after the change, never an invalid one.

use super::names::Names;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// "No node", "no attribute", "no position".
pub(crate) const NONE: u32 = u32::MAX;
/// The document's own node.
pub(crate) const ROOT: u32 = 0;
/// Text offsets from here on are indexes into `Doc::texts`; smaller ones are offsets into
/// `Doc::text`.
const GROWN: u32 = 1 << 31;
/// The maximum size of a document's markup in bytes. Offsets stay below `GROWN`, with room for
/// expanded entities and line ends.
pub(crate) const MAX_MARKUP: usize = 1 << 30;

/// The name of a decomposed node.
pub(crate) const NO_NAME: u32 = 1;

/// A link or a small number that edits may change through a shared reference.
#[derive(Debug)]
pub(crate) struct Link(AtomicU32);

impl Link {
    pub(crate) const fn new(value: u32) -> Link {
        Link(AtomicU32::new(value))
    }
    #[inline]
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Relaxed)
    }
    #[inline]
    pub(crate) fn set(&self, value: u32) {
        self.0.store(value, Relaxed);
    }
}

/// The kind of a node. From `TEXT` on it is a string of a `StringKind`.
pub(crate) const DOCUMENT: u8 = 0;
pub(crate) const ELEMENT: u8 = 1;
pub(crate) const TEXT: u8 = 2;

/// Removed by `decompose`.
pub(crate) const DECOMPOSED: u8 = 1;
/// Printed as `<br/>` when it has no contents.
pub(crate) const CAN_BE_EMPTY: u8 = 2;
/// The kind of string that counts as this tag's text, in the bits from here on; 0 is `NavigableString` and `CData`.
pub(crate) const INTERESTING_SHIFT: u8 = 2;

/// A node of the arena.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) parent: Link,
    pub(crate) prev: Link,
    pub(crate) next: Link,
    pub(crate) first: Link,
    pub(crate) last: Link,
    /// An element's name; a string's start.
    pub(crate) a: Link,
    /// An element's first attribute; a string's length.
    pub(crate) b: Link,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) kind: u8,
    pub(crate) flags: AtomicU8,
}

impl Raw {
    pub(crate) fn new(kind: u8, a: u32, b: u32) -> Raw {
        let none = || Link::new(NONE);
        Raw {
            parent: none(),
            prev: none(),
            next: none(),
            first: none(),
            last: none(),
            a: Link::new(a),
            b: Link::new(b),
            line: 0,
            column: 0,
            kind,
            flags: AtomicU8::new(0),
        }
    }

    pub(crate) fn flags(&self) -> u8 {
        self.flags.load(Relaxed)
    }
}

/// An attribute's value, as text in the arena.
#[derive(Debug)]
pub(crate) struct RawAttribute {
    pub(crate) name: u32,
    pub(crate) start: u32,
    pub(crate) len: u32,
    pub(crate) kind: u8,
    pub(crate) next: Link,
}

/// A parsed document.
#[derive(Debug, Default)]
pub(crate) struct Doc {
    pub(crate) nodes: Vec<Raw>,
    grown_nodes: boxcar::Vec<Raw>,
    pub(crate) text: String,
    texts: boxcar::Vec<Box<str>>,
    pub(crate) attributes: Vec<RawAttribute>,
    grown_attributes: boxcar::Vec<RawAttribute>,
    pub(crate) names: Names,
    /// Prefixes declared anywhere in an XML document, the first declaration of each.
    pub(crate) namespaces: Vec<(String, String)>,
    pub(crate) is_xml: bool,
    lock: Mutex<()>,
}

impl Doc {
    /// Creates an empty document.
    pub(crate) fn new(is_xml: bool) -> Doc {
        let doc = Doc { is_xml, ..Doc::default() };
        let name = doc.names.intern(crate::bs4::ROOT_TAG_NAME, None, None, None);
        let no_name = doc.names.intern("", None, None, None);
        debug_assert_eq!(no_name, NO_NAME);
        Doc { nodes: vec![Raw::new(DOCUMENT, name, NONE)], ..doc }
    }

    /// Locks the document for an edit, so that edits do not interleave.
    pub(crate) fn edit(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn node(&self, id: u32) -> &Raw {
        let id = id as usize;
        match self.nodes.get(id) {
            Some(node) => node,
            None => &self.grown_nodes[id - self.nodes.len()],
        }
    }

    pub(crate) fn push_node(&self, node: Raw) -> u32 {
        (self.nodes.len() + self.grown_nodes.push(node)) as u32
    }

    #[inline]
    pub(crate) fn attribute(&self, id: u32) -> &RawAttribute {
        let id = id as usize;
        match self.attributes.get(id) {
            Some(attribute) => attribute,
            None => &self.grown_attributes[id - self.attributes.len()],
        }
    }

    pub(crate) fn push_attribute(&self, attribute: RawAttribute) -> u32 {
        (self.attributes.len() + self.grown_attributes.push(attribute)) as u32
    }

    /// The attributes of an element, in their order.
    pub(crate) fn attributes_of(&self, id: u32) -> impl Iterator<Item = (u32, &RawAttribute)> {
        let node = self.node(id);
        let mut at = if node.kind == ELEMENT { node.b.get() } else { NONE };
        std::iter::from_fn(move || {
            let id = at;
            (id != NONE).then(|| {
                let attribute = self.attribute(id);
                at = attribute.next.get();
                (id, attribute)
            })
        })
    }

    #[inline]
    pub(crate) fn slice(&self, start: u32, len: u32) -> &str {
        if start >= GROWN {
            self.texts.get((start - GROWN) as usize).map_or("", |text| text)
        } else {
            self.text.get(start as usize..start as usize + len as usize).unwrap_or_default()
        }
    }

    /// Stores a text until the document is dropped.
    pub(crate) fn push_text(&self, text: impl Into<Box<str>>) -> (u32, u32) {
        let text = text.into();
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        (GROWN + self.texts.push(text) as u32, len)
    }

    /// A string node's text; nothing for the others.
    #[inline]
    pub(crate) fn string(&self, id: u32) -> &str {
        let node = self.node(id);
        if node.kind >= TEXT { self.slice(node.a.get(), node.b.get()) } else { "" }
    }

    pub(crate) fn is_tag(&self, id: u32) -> bool {
        self.node(id).kind < TEXT
    }

    /// The tag's name without its prefix.
    #[inline]
    pub(crate) fn name(&self, id: u32) -> &str {
        &self.names.get(self.node(id).a.get()).text
    }

    /// The last node below `id` in document order, or `id` itself.
    pub(crate) fn last_descendant(&self, mut id: u32) -> u32 {
        loop {
            let last = self.node(id).last.get();
            if last == NONE {
                return id;
            }
            id = last;
        }
    }

    /// Returns the node after the contents of `id`, climbing no higher than `top`.
    #[inline]
    pub(crate) fn after(&self, mut id: u32, top: u32) -> u32 {
        while id != top && id != NONE {
            let node = self.node(id);
            let next = node.next.get();
            if next != NONE {
                return next;
            }
            id = node.parent.get();
        }
        NONE
    }

    /// The next node in document order below `top`.
    #[inline]
    pub(crate) fn following(&self, id: u32, top: u32) -> u32 {
        let first = self.node(id).first.get();
        if first != NONE { first } else { self.after(id, top) }
    }

    /// The nodes below `top` in document order.
    pub(crate) fn descendants(&self, top: u32) -> impl Iterator<Item = u32> {
        let mut at = self.node(top).first.get();
        std::iter::from_fn(move || {
            let id = at;
            (id != NONE).then(|| {
                at = self.following(id, top);
                id
            })
        })
    }

    /// The nodes right below `parent`.
    pub(crate) fn children(&self, parent: u32) -> impl Iterator<Item = u32> {
        let mut at = self.node(parent).first.get();
        std::iter::from_fn(move || {
            let id = at;
            (id != NONE).then(|| {
                at = self.node(id).next.get();
                id
            })
        })
    }

    /// Removes a node with its contents from its parent.
    pub(crate) fn unlink(&self, id: u32) {
        let node = self.node(id);
        let (parent, prev, next) = (node.parent.get(), node.prev.get(), node.next.get());
        if prev != NONE {
            self.node(prev).next.set(next);
        } else if parent != NONE {
            self.node(parent).first.set(next);
        }
        if next != NONE {
            self.node(next).prev.set(prev);
        } else if parent != NONE {
            self.node(parent).last.set(prev);
        }
        node.parent.set(NONE);
        node.prev.set(NONE);
        node.next.set(NONE);
    }

    /// Inserts a node without a parent below `parent`, before `before` or at the end.
    pub(crate) fn link(&self, id: u32, parent: u32, before: u32) {
        let node = self.node(id);
        let prev = if before == NONE { self.node(parent).last.get() } else { self.node(before).prev.get() };
        node.parent.set(parent);
        node.prev.set(prev);
        node.next.set(before);
        if prev == NONE {
            self.node(parent).first.set(id);
        } else {
            self.node(prev).next.set(id);
        }
        if before == NONE {
            self.node(parent).last.set(id);
        } else {
            self.node(before).prev.set(id);
        }
    }
}
