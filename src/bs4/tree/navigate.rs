//! Navigating the document.
//!
//! Every iterator finds its next node before it returns one, so the current node may be edited,
//! moved or removed.

use super::doc::{NONE, ROOT};
use super::kinds::StringKind;
use super::node::{Node, Tag};
use crate::bs4::error::Error;
use std::iter::successors;

impl<'a> Node<'a> {
    /// Returns the parent tag; for the outermost tag, the document.
    #[doc(alias = "bs4.PageElement.parent")]
    pub fn parent(self) -> Option<Tag<'a>> {
        self.at(self.doc.node(self.id).parent.get()).map(Tag)
    }

    /// Iterates over the enclosing tags, the nearest first, the document last.
    #[doc(alias = "bs4.PageElement.parents")]
    pub fn parents(self) -> impl Iterator<Item = Tag<'a>> + use<'a> {
        successors(self.parent(), |tag| tag.parent())
    }

    /// Iterates over the node and its parents.
    #[doc(alias = "bs4.PageElement.self_and_parents")]
    pub fn self_and_parents(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.parents().map(Node::from))
    }

    /// Returns the next node in the same tag, often whitespace.
    #[doc(alias = "bs4.PageElement.next_sibling")]
    pub fn next_sibling(self) -> Option<Node<'a>> {
        self.at(self.doc.node(self.id).next.get())
    }

    /// Returns the previous node in the same tag, often whitespace.
    #[doc(alias = "bs4.PageElement.previous_sibling")]
    pub fn previous_sibling(self) -> Option<Node<'a>> {
        self.at(self.doc.node(self.id).prev.get())
    }

    /// Iterates over the following nodes in the same tag.
    #[doc(alias = "bs4.PageElement.next_siblings")]
    pub fn next_siblings(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        successors(self.next_sibling(), |node| node.next_sibling())
    }

    /// Iterates over the preceding nodes in the same tag, the nearest first.
    #[doc(alias = "bs4.PageElement.previous_siblings")]
    pub fn previous_siblings(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        successors(self.previous_sibling(), |node| node.previous_sibling())
    }

    /// Iterates over the node and the following nodes in the same tag.
    #[doc(alias = "bs4.PageElement.self_and_next_siblings")]
    pub fn self_and_next_siblings(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.next_siblings())
    }

    /// Iterates over the node and the preceding nodes in the same tag.
    #[doc(alias = "bs4.PageElement.self_and_previous_siblings")]
    pub fn self_and_previous_siblings(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.previous_siblings())
    }

    /// Returns the node that was parsed next: the first one inside, or the one after this.
    #[doc(alias = "bs4.PageElement.next_element")]
    pub fn next_element(self) -> Option<Node<'a>> {
        self.at(self.doc.following(self.id, NONE))
    }

    /// Returns the node that was parsed before this one.
    ///
    /// As in Beautiful Soup, the document precedes the first node only in HTML that does not begin
    /// with a doctype.
    #[doc(alias = "bs4.PageElement.previous_element")]
    pub fn previous_element(self) -> Option<Node<'a>> {
        let node = self.doc.node(self.id);
        let (prev, parent) = (node.prev.get(), node.parent.get());
        if prev != NONE {
            return self.at(self.doc.last_descendant(prev));
        }
        let after_nothing = parent == ROOT && (self.doc.is_xml || node.kind == StringKind::Doctype.raw());
        self.at(if after_nothing { NONE } else { parent })
    }

    /// Iterates over the nodes parsed after this one.
    #[doc(alias = "bs4.PageElement.next_elements")]
    pub fn next_elements(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        successors(self.next_element(), |node| node.next_element())
    }

    /// Iterates over the nodes parsed before this one, the nearest first.
    #[doc(alias = "bs4.PageElement.previous_elements")]
    pub fn previous_elements(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        successors(self.previous_element(), |node| node.previous_element())
    }

    /// Iterates over the node and the nodes parsed after it.
    #[doc(alias = "bs4.PageElement.self_and_next_elements")]
    pub fn self_and_next_elements(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.next_elements())
    }

    /// Iterates over the node and the nodes parsed before it.
    #[doc(alias = "bs4.PageElement.self_and_previous_elements")]
    pub fn self_and_previous_elements(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.previous_elements())
    }

    fn unless_hidden(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        Some(self).filter(|node| !node.hidden()).into_iter()
    }
}

impl<'a> Tag<'a> {
    /// Iterates over the direct children. The current node may be edited or removed; the iteration
    /// continues after it.
    #[doc(alias = "bs4.Tag.children")]
    pub fn children(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        successors(self.at(self.raw().first.get()), |node| node.next_sibling())
    }

    /// Returns the direct children as a `Vec`.
    #[doc(alias = "bs4.Tag.contents")]
    pub fn contents(self) -> Vec<Node<'a>> {
        self.children().collect()
    }

    /// Iterates over all nodes in this tag, in document order.
    #[doc(alias = "bs4.Tag.descendants")]
    pub fn descendants(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let (doc, top) = (self.doc, self.id);
        successors(self.at(self.raw().first.get()), move |node| Node::new(doc, doc.following(node.id, top)))
    }

    /// Iterates over the tag and all nodes in it.
    #[doc(alias = "bs4.Tag.self_and_descendants")]
    pub fn self_and_descendants(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.unless_hidden().chain(self.descendants())
    }

    /// Returns the position of a child.
    ///
    /// # Errors
    /// [`Error::Value`] if the node is not a child of this tag.
    #[doc(alias = "bs4.Tag.index")]
    pub fn index(self, node: impl Into<Node<'a>>) -> Result<usize, Error> {
        let node = node.into();
        self.children().position(|child| child.is(node)).ok_or(Error::Value("the element is not in the tag"))
    }
}
