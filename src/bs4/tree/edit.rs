//! Editing the document through `Copy` handles: no `mut` is needed, and nodes may be edited while
//! iterating.

use super::doc::{DECOMPOSED, ELEMENT, NO_NAME, NONE, ROOT, Raw, RawAttribute};
use super::insertable::{Insertable, IntoInsertables, Piece};
use super::kinds::StringKind;
use super::node::{NavigableString, Node, Tag};
use super::value::NewValue;
use crate::bs4::NewString;
use crate::bs4::error::Error;
use std::sync::atomic::Ordering::Relaxed;

const IN_ITSELF: &str = "a tag cannot be inserted into itself";

impl<'a> Node<'a> {
    fn contains(self, id: u32) -> bool {
        let mut at = id;
        while at != NONE {
            if at == self.id {
                return true;
            }
            at = self.doc.node(at).parent.get();
        }
        false
    }

    /// Removes the node with its contents from its parent, and returns it. It can be inserted
    /// again.
    #[doc(alias = "bs4.PageElement.extract")]
    pub fn extract(self) -> Node<'a> {
        if self.id != ROOT {
            let _edit = self.doc.edit();
            self.doc.unlink(self.id);
        }
        self
    }

    /// Removes the node with its contents permanently. Remaining handles to it are empty and
    /// [`Node::decomposed`].
    ///
    /// The memory is freed with the document. For the document itself, only the contents are
    /// removed.
    #[doc(alias = "bs4.PageElement.decompose")]
    pub fn decompose(self) {
        let _edit = self.doc.edit();
        self.decompose_locked();
    }

    pub(crate) fn decompose_locked(self) {
        if self.id != ROOT {
            self.doc.unlink(self.id);
        }
        let gone: Vec<u32> = std::iter::once(self.id).chain(self.doc.descendants(self.id)).collect();
        for id in gone {
            let node = self.doc.node(id);
            for link in [&node.parent, &node.prev, &node.next, &node.first, &node.last] {
                link.set(NONE);
            }
            if id != ROOT {
                node.flags.fetch_or(DECOMPOSED, Relaxed);
                if node.kind == ELEMENT {
                    node.a.set(NO_NAME);
                    node.b.set(NONE);
                } else {
                    node.b.set(0);
                    node.a.set(0);
                }
            }
        }
    }

    /// Replaces the node by one or several others: `tag.replace_with(["a", "b"])`,
    /// `tag.replace_with([other])`.
    ///
    /// DIFFERENCE: several replacements become adjacent siblings. If one of them was an earlier
    /// sibling, Python puts the following ones one place too far.
    ///
    /// # Errors
    /// [`Error::Value`] if the node has no parent, or a replacement contains the node.
    #[doc(alias = "bs4.PageElement.replace_with")]
    pub fn replace_with<I>(self, with: impl IntoInsertables<'a, I>) -> Result<Node<'a>, Error> {
        let parent = self.parent().ok_or(Error::Value("an element that is not part of a tree cannot be replaced"))?;
        let pieces = with.into_insertables();
        if let [Insertable(Piece::Node(node))] = pieces.as_slice()
            && node.is(self)
        {
            return Ok(self);
        }
        parent.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        // A placeholder string keeps the position, because the node may be among its own
        // replacements.
        let (start, len) = self.doc.push_text("");
        let place = self.doc.push_node(Raw::new(StringKind::NavigableString.raw(), start, len));
        self.doc.link(place, parent.id, self.id);
        self.doc.unlink(self.id);
        let placed = parent.place(pieces, |_| place);
        if placed.is_err() {
            self.doc.link(self.id, parent.id, place);
        }
        self.doc.unlink(place);
        placed.map(|_| self)
    }

    /// Appends the node to `wrapper`, and puts the wrapper in the node's place. Returns the
    /// wrapper.
    ///
    /// # Errors
    /// Same as [`Node::replace_with`].
    #[doc(alias = "bs4.PageElement.wrap")]
    pub fn wrap(self, wrapper: Tag<'a>) -> Result<Tag<'a>, Error> {
        self.replace_with(wrapper)?;
        wrapper.append(self)?;
        Ok(wrapper)
    }

    /// Inserts one or several nodes before this node. Returns the inserted nodes.
    ///
    /// # Errors
    /// [`Error::Value`] if this node has no parent, is among the inserted nodes, or is inside one
    /// of them.
    #[doc(alias = "bs4.PageElement.insert_before")]
    pub fn insert_before<I>(self, pieces: impl IntoInsertables<'a, I>) -> Result<Vec<Node<'a>>, Error> {
        let parent = self.parent().ok_or(Error::Value("the element has no parent, so 'before' has no meaning"))?;
        let pieces = self.beside(pieces.into_insertables(), "an element cannot be inserted before itself")?;
        parent.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        parent.place(pieces, |_| self.id)
    }

    /// Inserts one or several nodes after this node. Returns the inserted nodes.
    ///
    /// # Errors
    /// [`Error::Value`] if this node has no parent, is among the inserted nodes, or is inside one
    /// of them.
    #[doc(alias = "bs4.PageElement.insert_after")]
    pub fn insert_after<I>(self, pieces: impl IntoInsertables<'a, I>) -> Result<Vec<Node<'a>>, Error> {
        let parent = self.parent().ok_or(Error::Value("the element has no parent, so 'after' has no meaning"))?;
        let pieces = self.beside(pieces.into_insertables(), "an element cannot be inserted after itself")?;
        parent.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        let last = std::cell::Cell::new(self.id);
        let next = |place: usize| {
            if place > 0 {
                last.set(pieces[place - 1]);
            }
            // The piece itself may already follow: insert before its successor.
            let next = self.doc.node(last.get()).next.get();
            if next == pieces[place] { self.doc.node(next).next.get() } else { next }
        };
        parent.place(pieces.clone(), next)
    }

    fn beside(self, pieces: Vec<Insertable<'a>>, problem: &'static str) -> Result<Vec<Insertable<'a>>, Error> {
        let is_self = |piece: &Insertable<'a>| matches!(piece.0, Piece::Node(node) if node.is(self));
        if pieces.iter().any(is_self) { Err(Error::Value(problem)) } else { Ok(pieces) }
    }

    /// Creates a tag in this node's document, without a parent: see
    /// [`crate::bs4::BeautifulSoup::new_tag`].
    #[doc(alias = "bs4.PageElement.new_tag")]
    pub fn new_tag(self, tag: impl Into<crate::bs4::NewTag>) -> Tag<'a> {
        tag.into().create(self.doc)
    }

    /// Creates a string in this node's document, without a parent: see
    /// [`crate::bs4::BeautifulSoup::new_string`].
    #[doc(alias = "bs4.PageElement.new_string")]
    pub fn new_string(self, string: impl Into<NewString>) -> NavigableString<'a> {
        let _edit = self.doc.edit();
        let NewString { text, kind } = string.into();
        let (start, len) = self.doc.push_text(text);
        NavigableString(Node { doc: self.doc, id: self.doc.push_node(Raw::new(kind.raw(), start, len)) })
    }
}

impl<'a> Tag<'a> {
    fn check(self, pieces: &[Insertable<'a>]) -> Result<(), Error> {
        for piece in pieces {
            if let Insertable(Piece::Node(node)) = piece
                && std::ptr::eq(node.doc, self.doc)
            {
                if node.id == ROOT || node.contains(self.id) {
                    return Err(Error::Value(IN_ITSELF));
                }
                if node.decomposed() {
                    return Err(Error::Value("a decomposed element cannot be inserted"));
                }
            }
        }
        if self.decomposed() {
            return Err(Error::Value("nothing can be inserted into a decomposed tag"));
        }
        Ok(())
    }

    /// Inserts before the child that `before` returns, or at the end. The caller holds the lock.
    fn place(self, pieces: Vec<u32>, before: impl Fn(usize) -> u32) -> Result<Vec<Node<'a>>, Error> {
        // Another thread may have edited since the pieces were checked.
        if pieces.iter().any(|&id| Node { doc: self.doc, id }.contains(self.id)) {
            return Err(Error::Value(IN_ITSELF));
        }
        for (place, &id) in pieces.iter().enumerate() {
            let before = before(place);
            if before != id {
                let stands_here = before != NONE && self.doc.node(before).parent.get() == self.id;
                self.doc.unlink(id);
                self.doc.link(id, self.id, if stands_here { before } else { NONE });
            }
        }
        Ok(pieces.into_iter().map(|id| Node { doc: self.doc, id }).collect())
    }

    /// Appends a node or text, and returns the node.
    ///
    /// # Errors
    /// [`Error::Value`] if the tag would contain itself.
    #[doc(alias = "bs4.Tag.append")]
    pub fn append(self, piece: impl Into<Insertable<'a>>) -> Result<Node<'a>, Error> {
        let pieces = vec![piece.into()];
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        self.place(pieces, |_| NONE)?.pop().ok_or(Error::Value("the document has no contents"))
    }

    /// Appends several nodes or texts, and returns the nodes. For the contents of another tag:
    /// `tag.extend(other.contents())`.
    ///
    /// # Errors
    /// [`Error::Value`] if the tag would contain itself; nothing is inserted then.
    #[doc(alias = "bs4.Tag.extend")]
    pub fn extend<T: Into<Insertable<'a>>>(self, pieces: impl IntoIterator<Item = T>) -> Result<Vec<Node<'a>>, Error> {
        let pieces: Vec<_> = pieces.into_iter().map(Into::into).collect();
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        self.place(pieces, |_| NONE)
    }

    /// Inserts one or several nodes, the first as child number `position`. Beyond the end they are
    /// appended.
    ///
    /// # Errors
    /// [`Error::Value`] if the tag would contain itself; nothing is inserted then.
    #[doc(alias = "bs4.Tag.insert")]
    pub fn insert<I>(self, position: usize, pieces: impl IntoInsertables<'a, I>) -> Result<Vec<Node<'a>>, Error> {
        let pieces = pieces.into_insertables();
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        // As in Python, the position counts the inserted node itself if it is already an earlier
        // child.
        self.place(pieces, |place| self.doc.children(self.id).nth(position.saturating_add(place)).unwrap_or(NONE))
    }

    /// Replaces the tag by its contents. Returns the tag, which is then empty and has no parent.
    ///
    /// # Errors
    /// [`Error::Value`] if the tag has no parent.
    #[doc(alias = "bs4.Tag.unwrap")]
    pub fn unwrap(self) -> Result<Tag<'a>, Error> {
        let parent = self.parent().ok_or(Error::Value("an element that is not part of a tree cannot be unwrapped"))?;
        let _edit = self.doc.edit();
        for id in self.doc.children(self.id).collect::<Vec<_>>() {
            self.doc.unlink(id);
            self.doc.link(id, parent.id, self.id);
        }
        self.doc.unlink(self.id);
        Ok(self)
    }

    /// Removes the contents, which existing handles keep. To destroy them, decompose each child.
    #[doc(alias = "bs4.Tag.clear")]
    pub fn clear(self) {
        let _edit = self.doc.edit();
        for id in self.doc.children(self.id).collect::<Vec<_>>() {
            self.doc.unlink(id);
        }
    }

    /// Replaces the contents by one string: Python's `tag.string = text`.
    pub fn set_string(self, text: impl Into<NewString>) -> NavigableString<'a> {
        self.clear();
        let string = self.new_string(text);
        let _edit = self.doc.edit();
        self.doc.link(string.id, self.id, NONE);
        string
    }

    /// Renames the tag: Python's `tag.name = name`. Whether it can be a void element does not
    /// change.
    pub fn set_name(self, name: &str) {
        if self.is_document() {
            return;
        }
        let _edit = self.doc.edit();
        let old = self.doc.names.get(self.raw().a.get());
        let (prefix, namespace) = (old.prefix.as_deref(), old.namespace.as_deref());
        self.raw().a.set(self.doc.names.intern(name, None, prefix, namespace));
    }

    /// Sets an attribute: Python's `tag[name] = value`. In HTML, `false` removes it and `true` sets
    /// it to its own name. Values are not split: `set("class", "a b")` sets one string,
    /// `set("class", ["a", "b"])` a list.
    pub fn set(self, name: &str, value: impl Into<NewValue>) {
        let Some((text, kind)) = value.into().text(name, self.doc.is_xml) else {
            self.remove_attr(name);
            return;
        };
        let _edit = self.doc.edit();
        if self.raw().kind != ELEMENT || self.decomposed() {
            return;
        }
        let (link, known) = self.find_attribute(name);
        if known.is_some_and(|known| known.kind == kind && *self.doc.slice(known.start, known.len) == *text) {
            return;
        }
        let (start, len) = self.doc.push_text(text);
        let (name, next) = match known {
            Some(known) => (known.name, known.next.get()),
            None => (self.doc.names.intern(name, None, None, None), NONE),
        };
        link.set(self.doc.push_attribute(RawAttribute { name, start, len, kind, next: super::doc::Link::new(next) }));
    }

    /// Removes an attribute, if it exists: Python's `del tag[name]`.
    pub fn remove_attr(self, name: &str) {
        let _edit = self.doc.edit();
        if self.raw().kind == ELEMENT
            && let (link, Some(known)) = self.find_attribute(name)
        {
            link.set(known.next.get());
        }
    }

    /// Returns the link to an attribute, or to the end of the list.
    fn find_attribute(self, name: &str) -> (&'a super::doc::Link, Option<&'a RawAttribute>) {
        let mut link = &self.raw().b;
        while link.get() != NONE {
            let attribute = self.doc.attribute(link.get());
            if &*self.doc.names.get(attribute.name).text == name {
                return (link, Some(attribute));
            }
            link = &attribute.next;
        }
        (link, None)
    }

    /// Joins adjacent strings, here and in all nested tags, as parsing the printed markup would.
    #[doc(alias = "bs4.Tag.smooth")]
    pub fn smooth(self) {
        let _edit = self.doc.edit();
        let joins = |id: u32| id != NONE && StringKind::of(self.doc.node(id).kind).is_some_and(|kind| !kind.is_preformatted());
        let strings: Vec<u32> = self.doc.descendants(self.id).filter(|&id| joins(id)).collect();
        for id in strings {
            let node = self.doc.node(id);
            let follows = |prev: u32| prev != NONE && joins(prev);
            if follows(node.prev.get()) || !joins(node.next.get()) {
                continue;
            }
            let mut text = self.doc.string(id).to_owned();
            while joins(node.next.get()) {
                let next = node.next.get();
                text.push_str(self.doc.string(next));
                self.doc.unlink(next);
            }
            let (start, len) = self.doc.push_text(text);
            let whole = self.doc.push_node(Raw::new(StringKind::NavigableString.raw(), start, len));
            self.doc.link(whole, node.parent.get(), id);
            self.doc.unlink(id);
        }
    }
}

/// Stores the attributes of a new tag. The first of a name determines its place, the last its
/// value.
pub(crate) fn store_attributes(doc: &super::doc::Doc, attributes: &[(u32, String, u8)]) -> u32 {
    let mut first = NONE;
    for (name, text, kind) in attributes.iter().rev() {
        let (start, len) = doc.push_text(text.as_str());
        first = doc.push_attribute(RawAttribute { name: *name, start, len, kind: *kind, next: super::doc::Link::new(first) });
    }
    first
}
