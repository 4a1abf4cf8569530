//! The handles: `Node`, `Tag` and `NavigableString`, all `Copy`.

use super::doc::{DECOMPOSED, Doc, ELEMENT, NONE, ROOT, TEXT};
use super::kinds::StringKind;
use super::value::AttributeValue;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;

/// Anything in a document: a [`Tag`] or a [`NavigableString`]. Python's `PageElement`.
///
/// A handle is a number and a reference: copy it freely. It stays valid whatever edits happen;
/// after [`Node::decompose`] it is empty, and [`Node::decomposed`] is true.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#kinds-of-objects>
#[derive(Clone, Copy)]
#[doc(alias("bs4.PageElement", "PageElement"))]
pub struct Node<'a> {
    pub(crate) doc: &'a Doc,
    pub(crate) id: u32,
}

/// A tag of the document, or the document itself. Everything a [`Node`] can do, a tag can.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#tag>
#[derive(Clone, Copy)]
#[doc(alias = "bs4.Tag")]
pub struct Tag<'a>(pub(crate) Node<'a>);

/// A string of the document: text, a comment, a doctype, ... Everything a [`Node`] can do, a string can.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#navigablestring>
#[derive(Clone, Copy)]
#[doc(alias = "bs4.NavigableString")]
pub struct NavigableString<'a>(pub(crate) Node<'a>);

/// The name of an attribute in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "bs4.NamespacedAttribute")]
pub struct NamespacedAttribute<'a> {
    /// The name as it is printed and found by [`Tag::get`]: `xlink:href`.
    pub full: &'a str,
    /// The prefix: `xlink`.
    pub prefix: &'a str,
    /// The name within the namespace: `href`; empty for `xmlns` itself.
    pub name: &'a str,
    /// The namespace's URI.
    pub namespace: &'a str,
}

/// The identity of a node in its document: Python's `is` and `id()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl<'a> Deref for Tag<'a> {
    type Target = Node<'a>;
    fn deref(&self) -> &Node<'a> {
        &self.0
    }
}

impl<'a> Deref for NavigableString<'a> {
    type Target = Node<'a>;
    fn deref(&self) -> &Node<'a> {
        &self.0
    }
}

impl<'a> From<Tag<'a>> for Node<'a> {
    fn from(tag: Tag<'a>) -> Node<'a> {
        tag.0
    }
}

impl<'a> From<NavigableString<'a>> for Node<'a> {
    fn from(string: NavigableString<'a>) -> Node<'a> {
        string.0
    }
}

impl<'a> Node<'a> {
    pub(crate) fn new(doc: &'a Doc, id: u32) -> Option<Node<'a>> {
        (id != NONE).then_some(Node { doc, id })
    }

    pub(crate) fn at(self, id: u32) -> Option<Node<'a>> {
        Node::new(self.doc, id)
    }

    /// Returns the node as a tag, if it is one.
    pub fn as_tag(self) -> Option<Tag<'a>> {
        self.doc.is_tag(self.id).then_some(Tag(self))
    }

    /// Returns the node as a string, if it is one.
    pub fn as_string(self) -> Option<NavigableString<'a>> {
        (!self.doc.is_tag(self.id)).then_some(NavigableString(self))
    }

    /// Returns the node's identity, for maps and sets.
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// Returns true if both handles refer to the same node: Python's `is`.
    pub fn is(self, other: impl Into<Node<'a>>) -> bool {
        let other = other.into();
        self.id == other.id && std::ptr::eq(self.doc, other.doc)
    }

    /// Returns true if the node was [decomposed](Node::decompose).
    #[doc(alias = "bs4.PageElement.decomposed")]
    pub fn decomposed(self) -> bool {
        self.doc.node(self.id).flags() & DECOMPOSED != 0
    }

    /// Returns true if the node itself is not printed, which applies only to the document.
    #[doc(alias = "bs4.PageElement.hidden")]
    pub fn hidden(self) -> bool {
        self.id == ROOT
    }

    /// Returns true if the node belongs to an XML document. (In Python, `None` for a string without
    /// a parent.)
    #[doc(alias = "bs4.PageElement.known_xml")]
    pub fn known_xml(self) -> bool {
        self.doc.is_xml
    }

    /// Returns the name of a tag; `None` for a string.
    #[doc(alias = "bs4.NavigableString.name")]
    pub fn name(self) -> Option<&'a str> {
        self.as_tag().map(Tag::name)
    }
}

impl<'a> Tag<'a> {
    pub(crate) fn raw(self) -> &'a super::doc::Raw {
        self.doc.node(self.id)
    }

    /// Returns the tag's name without prefix: `a`; for the document, `[document]`.
    #[doc(alias = "bs4.Tag.name")]
    pub fn name(self) -> &'a str {
        self.doc.name(self.id)
    }

    /// Returns the prefix of a tag in an XML namespace: `svg` of `<svg:rect>`; empty for the
    /// default namespace.
    #[doc(alias = "bs4.Tag.prefix")]
    pub fn prefix(self) -> Option<&'a str> {
        self.doc.names.get(self.raw().a.get()).prefix.as_deref()
    }

    /// Returns the namespace's URI: in parsed HTML, `http://www.w3.org/1999/xhtml` and those of SVG
    /// and MathML.
    #[doc(alias = "bs4.Tag.namespace")]
    pub fn namespace(self) -> Option<&'a str> {
        self.doc.names.get(self.raw().a.get()).namespace.as_deref()
    }

    /// Returns the line, from 1, on which the start tag ended; HTML only.
    #[doc(alias = "bs4.Tag.sourceline")]
    pub fn sourceline(self) -> Option<u32> {
        Some(self.raw().line).filter(|&line| line > 0)
    }

    /// Returns the column, from 0 and in characters, of the start tag's `>`; HTML only.
    #[doc(alias = "bs4.Tag.sourcepos")]
    pub fn sourcepos(self) -> Option<u32> {
        self.sourceline().map(|_| self.raw().column)
    }

    /// Returns true if the tag is printed as `<br/>` when it has no contents: the void tags of
    /// HTML, any tag of XML.
    #[doc(alias = "bs4.Tag.can_be_empty_element")]
    pub fn can_be_empty_element(self) -> bool {
        self.raw().flags() & super::doc::CAN_BE_EMPTY != 0
    }

    /// Returns true if the tag is printed as `<br/>`: it can be empty, and it is.
    #[doc(alias = "bs4.Tag.is_empty_element")]
    pub fn is_empty_element(self) -> bool {
        self.can_be_empty_element() && self.raw().first.get() == NONE
    }

    /// Returns an attribute's value: `tag.get("href")`. A list (`class`, `rel`, ...) is joined by
    /// spaces; [`Tag::get_attribute_list`] returns its members.
    ///
    /// DIFFERENCE: Python returns a list object for `class`.
    #[doc(alias = "bs4.Tag.get")]
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.value(name).map(AttributeValue::as_str)
    }

    /// Returns an attribute's value with its kind.
    pub fn value(self, name: &str) -> Option<AttributeValue<'a>> {
        self.attrs().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns an attribute's value as a list: one member for ordinary attributes, empty if the
    /// attribute does not exist.
    #[doc(alias = "bs4.Tag.get_attribute_list")]
    pub fn get_attribute_list(self, name: &str) -> Vec<&'a str> {
        self.value(name).map(|value| value.iter().collect()).unwrap_or_default()
    }

    /// Returns true if the tag has the attribute.
    #[doc(alias = "bs4.Tag.has_attr")]
    pub fn has_attr(self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Iterates over the attributes with their values, in document order. The name of an attribute
    /// in a namespace includes its prefix: `xlink:href`.
    #[doc(alias = "bs4.Tag.attrs")]
    pub fn attrs(self) -> impl Iterator<Item = (&'a str, AttributeValue<'a>)> {
        let doc = self.doc;
        doc.attributes_of(self.id).map(move |(_, attribute)| {
            let value = AttributeValue::new(doc.slice(attribute.start, attribute.len), attribute.kind);
            (&*doc.names.get(attribute.name).text, value)
        })
    }

    /// Iterates over the attributes in a namespace, such as `xlink:href` in SVG.
    pub fn namespaced_attrs(self) -> impl Iterator<Item = NamespacedAttribute<'a>> {
        let doc = self.doc;
        doc.attributes_of(self.id).filter_map(move |(_, attribute)| {
            let name = doc.names.get(attribute.name);
            Some(NamespacedAttribute {
                full: &name.text,
                prefix: name.prefix.as_deref().unwrap_or_default(),
                name: name.local.as_deref().unwrap_or_default(),
                namespace: name.namespace.as_deref()?,
            })
        })
    }

    /// Returns the number of direct children: Python's `len(tag)`.
    pub fn len(self) -> usize {
        self.doc.children(self.id).count()
    }

    /// Returns true if the tag has no contents.
    pub fn is_empty(self) -> bool {
        self.raw().first.get() == NONE
    }

    pub(crate) fn is_document(self) -> bool {
        self.id == ROOT
    }
}

impl<'a> NavigableString<'a> {
    /// Returns the text with entities resolved and without delimiters such as `<!--`.
    pub fn as_str(self) -> &'a str {
        self.doc.string(self.id)
    }

    /// Returns the kind of the string.
    pub fn kind(self) -> StringKind {
        StringKind::of(self.doc.node(self.id).kind).unwrap_or_default()
    }

    /// Returns the string itself, like [`Tag::string`].
    #[doc(alias = "bs4.NavigableString.string")]
    pub fn string(self) -> NavigableString<'a> {
        self
    }
}

impl AsRef<str> for NavigableString<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Prints the text with entities resolved; [`NavigableString::output_ready`] prints it as markup.
impl fmt::Display for NavigableString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for NavigableString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            StringKind::NavigableString => write!(f, "{:?}", self.as_str()),
            kind => write!(f, "{kind:?}({:?})", self.as_str()),
        }
    }
}

/// Prints the tag as markup: Python's `str(tag)`.
impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.decode())
    }
}

impl fmt::Debug for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Prints a tag as markup, a string as its text.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_tag() {
            Some(tag) => fmt::Display::fmt(&tag, f),
            None => f.write_str(self.doc.string(self.id)),
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_tag() {
            Some(tag) => fmt::Debug::fmt(&tag, f),
            None => fmt::Debug::fmt(&NavigableString(*self), f),
        }
    }
}

impl PartialEq<str> for NavigableString<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for NavigableString<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// Strings are equal if their text is, as in Python; [`Node::is`] compares identity.
impl PartialEq for NavigableString<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Tags are equal if their names, attributes and contents are, as in Python; [`Node::is`] compares
/// identity.
impl PartialEq for Tag<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.is(*other) {
            return true;
        }
        let (mut left, mut right) = (Some(self.id), Some(other.id));
        // Both trees are walked in parallel; each step compares the shape.
        while let (Some(a), Some(b)) = (left, right) {
            let (a_node, b_node) = (self.doc.node(a), other.doc.node(b));
            let ends = |node: &super::doc::Raw| (node.first.get() == NONE, node.next.get() == NONE);
            let same = match (a_node.kind >= TEXT, b_node.kind >= TEXT) {
                (true, true) => self.doc.string(a) == other.doc.string(b),
                (false, false) => same_tag(Tag(Node { doc: self.doc, id: a }), Tag(Node { doc: other.doc, id: b })),
                _ => false,
            };
            let (a_ends, b_ends) = (ends(a_node), ends(b_node));
            if !same || a_ends.0 != b_ends.0 || (a != self.id && a_ends.1 != b_ends.1) {
                return false;
            }
            let step = |doc: &Doc, id, top| Some(doc.following(id, top)).filter(|&id| id != NONE);
            (left, right) = (step(self.doc, a, self.id), step(other.doc, b, other.id));
        }
        left.is_none() && right.is_none()
    }
}

impl Eq for NavigableString<'_> {}
impl Eq for Tag<'_> {}
impl Eq for Node<'_> {}

/// The hash of the text, as in Python.
impl Hash for NavigableString<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// The hash of name, attributes and contents: tags that are equal count once in a `HashSet`. The time grows with the number of nodes in the tag.
/// Do not edit a tag that is in a set: its hash changes.
///
/// DIFFERENCE: Python hashes the markup, in which the order of the attributes counts, though it does not for `==`.
impl Hash for Tag<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Hash for Node<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(text) = self.as_string() {
            return text.hash(state);
        }
        let mut at = Some(self.id);
        while let Some(id) = at {
            let node = Node { doc: self.doc, id };
            match node.as_tag() {
                Some(tag) => {
                    // In no order, as they are compared.
                    let attributes = tag.attrs().map(|(name, value)| {
                        let mut one = DefaultHasher::new();
                        (name, value.as_str()).hash(&mut one);
                        one.finish()
                    });
                    (tag.name(), attributes.fold(0, u64::wrapping_add)).hash(state);
                }
                None => self.doc.string(id).hash(state),
            }
            at = Some(self.doc.following(id, self.id)).filter(|&id| id != NONE);
        }
    }
}

fn same_tag(a: Tag<'_>, b: Tag<'_>) -> bool {
    a.raw().kind.min(ELEMENT) == b.raw().kind.min(ELEMENT)
        && a.name() == b.name()
        && a.attrs().count() == b.attrs().count()
        && a.attrs().all(|(name, value)| b.value(name) == Some(value))
}
