//! Editing the document. All of it goes through `Copy` handles: nothing needs `mut`, and what is being walked may be edited.

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

    /// Removes the node, with what is in it, from its place and gives it back. It can be inserted again.
    #[doc(alias = "bs4.PageElement.extract")]
    pub fn extract(self) -> Node<'a> {
        if self.id != ROOT {
            let _edit = self.doc.edit();
            self.doc.unlink(self.id);
        }
        self
    }

    /// Removes the node, with what is in it, for good. Handles of what is gone are empty and [`Node::decomposed`].
    ///
    /// Memory is given back with the document. Of the document itself, only the contents go.
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

    /// Puts something else, or several things, in the node's place: `tag.replace_with(["a", "b"])`, `tag.replace_with([other])`.
    ///
    /// DIFFERENCE: several things stand side by side then. Where one of them was an earlier sibling, Python puts what follows it one place
    /// too far.
    ///
    /// # Errors
    /// [`Error::Value`] when the node stands nowhere, or when it would be replaced with a tag that it stands in.
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
        // A string holds the place while the node, which may be among its own successors, is away.
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

    /// Puts the node into `wrapper`, last, and the wrapper into its place; gives the wrapper.
    ///
    /// # Errors
    /// [`Error::Value`] as [`Node::replace_with`].
    #[doc(alias = "bs4.PageElement.wrap")]
    pub fn wrap(self, wrapper: Tag<'a>) -> Result<Tag<'a>, Error> {
        self.replace_with(wrapper)?;
        wrapper.append(self)?;
        Ok(wrapper)
    }

    /// Inserts one thing or several right before the node; gives what was inserted.
    ///
    /// # Errors
    /// [`Error::Value`] when the node stands nowhere, is among what is inserted, or stands in it.
    #[doc(alias = "bs4.PageElement.insert_before")]
    pub fn insert_before<I>(self, pieces: impl IntoInsertables<'a, I>) -> Result<Vec<Node<'a>>, Error> {
        let parent = self.parent().ok_or(Error::Value("the element has no parent, so 'before' has no meaning"))?;
        let pieces = self.beside(pieces.into_insertables(), "an element cannot be inserted before itself")?;
        parent.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        parent.place(pieces, |_| self.id)
    }

    /// Inserts one thing or several right after the node; gives what was inserted.
    ///
    /// # Errors
    /// [`Error::Value`] when the node stands nowhere, is among what is inserted, or stands in it.
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
            // The piece itself may stand right behind: what is behind it then is where it goes.
            let next = self.doc.node(last.get()).next.get();
            if next == pieces[place] { self.doc.node(next).next.get() } else { next }
        };
        parent.place(pieces.clone(), next)
    }

    fn beside(self, pieces: Vec<Insertable<'a>>, problem: &'static str) -> Result<Vec<Insertable<'a>>, Error> {
        let is_self = |piece: &Insertable<'a>| matches!(piece.0, Piece::Node(node) if node.is(self));
        if pieces.iter().any(is_self) { Err(Error::Value(problem)) } else { Ok(pieces) }
    }

    /// A new tag of this node's document, which stands nowhere yet: see [`crate::bs4::BeautifulSoup::new_tag`].
    #[doc(alias = "bs4.PageElement.new_tag")]
    pub fn new_tag(self, tag: impl Into<crate::bs4::NewTag>) -> Tag<'a> {
        tag.into().create(self.doc)
    }

    /// A new string of this node's document, which stands nowhere yet: see [`crate::bs4::BeautifulSoup::new_string`].
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

    /// Inserts before the child that `before` names, or last; the lock is held.
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

    /// Appends a node or text; gives the node.
    ///
    /// # Errors
    /// [`Error::Value`] when the tag would stand in itself.
    #[doc(alias = "bs4.Tag.append")]
    pub fn append(self, piece: impl Into<Insertable<'a>>) -> Result<Node<'a>, Error> {
        let pieces = vec![piece.into()];
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        self.place(pieces, |_| NONE)?.pop().ok_or(Error::Value("the document has no contents"))
    }

    /// Appends several nodes or texts; gives the nodes. The contents of another tag: `tag.extend(other.contents())`.
    ///
    /// # Errors
    /// [`Error::Value`] when the tag would stand in itself; nothing is inserted then.
    #[doc(alias = "bs4.Tag.extend")]
    pub fn extend<T: Into<Insertable<'a>>>(self, pieces: impl IntoIterator<Item = T>) -> Result<Vec<Node<'a>>, Error> {
        let pieces: Vec<_> = pieces.into_iter().map(Into::into).collect();
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        self.place(pieces, |_| NONE)
    }

    /// Inserts one thing or several so that the first becomes child number `position`; past the end, they are appended.
    ///
    /// # Errors
    /// [`Error::Value`] when the tag would stand in itself; nothing is inserted then.
    #[doc(alias = "bs4.Tag.insert")]
    pub fn insert<I>(self, position: usize, pieces: impl IntoInsertables<'a, I>) -> Result<Vec<Node<'a>>, Error> {
        let pieces = pieces.into_insertables();
        self.check(&pieces)?;
        let pieces = self.adopt(pieces);
        let _edit = self.doc.edit();
        // As in Python, the position counts the node itself if it already stands here, before it.
        self.place(pieces, |place| self.doc.children(self.id).nth(position.saturating_add(place)).unwrap_or(NONE))
    }

    /// Puts the tag's contents in its place; gives the tag, which is empty then and stands nowhere.
    ///
    /// # Errors
    /// [`Error::Value`] when the tag stands nowhere.
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

    /// Extracts the contents; they live on where handles hold them. To destroy them, decompose each child.
    #[doc(alias = "bs4.Tag.clear")]
    pub fn clear(self) {
        let _edit = self.doc.edit();
        for id in self.doc.children(self.id).collect::<Vec<_>>() {
            self.doc.unlink(id);
        }
    }

    /// Replaces the contents with one string: Python's `tag.string = text`.
    pub fn set_string(self, text: impl Into<NewString>) -> NavigableString<'a> {
        self.clear();
        let string = self.new_string(text);
        let _edit = self.doc.edit();
        self.doc.link(string.id, self.id, NONE);
        string
    }

    /// Renames the tag: Python's `tag.name = name`. Whether it can be empty stays as it was.
    pub fn set_name(self, name: &str) {
        if self.is_document() {
            return;
        }
        let _edit = self.doc.edit();
        let old = self.doc.names.get(self.raw().a.get());
        let (prefix, namespace) = (old.prefix.as_deref(), old.namespace.as_deref());
        self.raw().a.set(self.doc.names.intern(name, None, prefix, namespace));
    }

    /// Sets an attribute: Python's `tag[name] = value`. In HTML, `false` removes it and `true` sets it to its own name.
    /// The value is taken as it is: `set("class", "a b")` sets one string, `set("class", ["a", "b"])` a list.
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

    /// Removes an attribute; nothing happens when there is none: Python's `del tag[name]`.
    pub fn remove_attr(self, name: &str) {
        let _edit = self.doc.edit();
        if self.raw().kind == ELEMENT
            && let (link, Some(known)) = self.find_attribute(name)
        {
            link.set(known.next.get());
        }
    }

    /// The link that leads to an attribute, or to the end of the list.
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

    /// Joins adjacent strings, here and in all tags within, so that the tree is what a parser would make of its own output.
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

/// Stores attributes for a new tag; the first of a name keeps its place, the last its value.
pub(crate) fn store_attributes(doc: &super::doc::Doc, attributes: &[(u32, String, u8)]) -> u32 {
    let mut first = NONE;
    for (name, text, kind) in attributes.iter().rev() {
        let (start, len) = doc.push_text(text.as_str());
        first = doc.push_attribute(RawAttribute { name: *name, start, len, kind: *kind, next: super::doc::Link::new(first) });
    }
    first
}
