//! New nodes and copies of nodes.

use super::doc::{CAN_BE_EMPTY, Doc, ELEMENT, NONE, ROOT, Raw, RawAttribute, TEXT};
use super::kinds::StringKind;
use super::node::{NavigableString, Node, Tag};
use super::value::NewValue;
use crate::bs4::{builder, tables};

/// The description of a new tag: `soup.new_tag("b")`, `soup.new_tag(NewTag::new("a").attr("href",
/// url).string("here"))`.
#[derive(Debug, Clone)]
pub struct NewTag {
    name: String,
    namespace: Option<String>,
    prefix: Option<String>,
    attributes: Vec<(String, NewValue)>,
    string: Option<NewString>,
    source: Option<(u32, u32)>,
}

impl NewTag {
    /// Creates a tag without namespace, attributes and contents.
    pub fn new(name: impl Into<String>) -> NewTag {
        NewTag { name: name.into(), namespace: None, prefix: None, attributes: Vec::new(), string: None, source: None }
    }

    /// Sets the namespace's URI.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the namespace's prefix, printed before the name: `svg` of `<svg:rect>`. Python's
    /// `nsprefix`.
    pub fn nsprefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Adds an attribute. In HTML, a text for `class` and other list attributes is split into a
    /// list, as a parser does.
    pub fn attr(mut self, name: impl Into<String>, value: impl Into<NewValue>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// Sets the contents.
    pub fn string(mut self, text: impl Into<NewString>) -> Self {
        self.string = Some(text.into());
        self
    }

    /// Sets the source position: a line from 1, a column from 0. Python's `sourceline` and
    /// `sourcepos`.
    pub fn source(mut self, line: u32, column: u32) -> Self {
        self.source = Some((line, column));
        self
    }

    pub(crate) fn create(self, doc: &Doc) -> Tag<'_> {
        let edit = doc.edit();
        let name = doc.names.intern(&self.name, None, self.prefix.as_deref(), self.namespace.as_deref());
        let mut attributes: Vec<(u32, String, u8)> = Vec::new();
        for (key, value) in self.attributes {
            let Some((mut text, mut kind)) = value.text(&key, doc.is_xml) else { continue };
            if !doc.is_xml && kind == tables::PLAIN && tables::value_kind(&self.name.to_lowercase(), &key) == tables::LIST {
                let mut joined = String::new();
                tables::join_tokens(&text, &mut joined);
                (text, kind) = (joined, tables::LIST);
            }
            let id = doc.names.intern(&key, None, None, None);
            match attributes.iter_mut().find(|(known, ..)| *known == id) {
                Some(known) => *known = (id, text, kind),
                None => attributes.push((id, text, kind)),
            }
        }
        if !doc.is_xml && self.name == "meta" {
            mark_encoding(doc, &mut attributes);
        }
        let mut node = Raw::new(ELEMENT, name, super::edit::store_attributes(doc, &attributes));
        let (can_be_empty, interesting) =
            if doc.is_xml { (true, 0) } else { (tables::is_void(&self.name), tables::interesting(&self.name)) };
        *node.flags.get_mut() = builder::element_flags(can_be_empty, interesting);
        (node.line, node.column) = self.source.unwrap_or_default();
        let tag = Tag(Node { doc, id: doc.push_node(node) });
        drop(edit);
        if let Some(string) = self.string {
            tag.set_string(string);
        }
        tag
    }
}

fn mark_encoding(doc: &Doc, attributes: &mut [(u32, String, u8)]) {
    let find = |attributes: &[(u32, String, u8)], name: &str| attributes.iter().position(|a| &*doc.names.get(a.0).text == name);
    if let Some(charset) = find(attributes, "charset") {
        attributes[charset].2 = tables::CHARSET;
    } else if let (Some(content), Some(equiv)) = (find(attributes, "content"), find(attributes, "http-equiv"))
        && attributes[equiv].1.eq_ignore_ascii_case("content-type")
    {
        attributes[content].2 = tables::CONTENT;
    }
}

impl<T: Into<String>> From<T> for NewTag {
    fn from(name: T) -> NewTag {
        NewTag::new(name)
    }
}

/// The description of a new string: `soup.new_string("text")`, `soup.new_string(("a comment",
/// StringKind::Comment))`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewString {
    pub(crate) text: String,
    pub(crate) kind: StringKind,
}

impl From<&str> for NewString {
    fn from(text: &str) -> NewString {
        NewString { text: text.to_owned(), kind: StringKind::NavigableString }
    }
}

impl From<&String> for NewString {
    fn from(text: &String) -> NewString {
        text.as_str().into()
    }
}

impl From<String> for NewString {
    fn from(text: String) -> NewString {
        NewString { text, kind: StringKind::NavigableString }
    }
}

impl<T: Into<String>> From<(T, StringKind)> for NewString {
    fn from((text, kind): (T, StringKind)) -> NewString {
        NewString { text: text.into(), kind }
    }
}

impl From<NavigableString<'_>> for NewString {
    fn from(string: NavigableString<'_>) -> NewString {
        NewString { text: string.as_str().to_owned(), kind: string.kind() }
    }
}

/// Copies a node (with its contents if `deep`) and returns the copy, which has no parent. The
/// caller holds the lock of `to`.
pub(crate) fn copy_into(from: &Doc, id: u32, to: &Doc, deep: bool) -> u32 {
    let top = copy_one(from, id, to);
    if !deep {
        return top;
    }
    let mut parents = vec![(id, top)];
    for node in from.descendants(id).collect::<Vec<_>>() {
        let parent = from.node(node).parent.get();
        while parents.last().is_some_and(|&(original, _)| original != parent) {
            parents.pop();
        }
        let copied = copy_one(from, node, to);
        if let Some(&(_, parent)) = parents.last() {
            to.link(copied, parent, NONE);
        }
        if from.is_tag(node) {
            parents.push((node, copied));
        }
    }
    top
}

fn copy_one(from: &Doc, id: u32, to: &Doc) -> u32 {
    let node = from.node(id);
    if node.kind >= TEXT {
        let (start, len) = if std::ptr::eq(from, to) { (node.a.get(), node.b.get()) } else { to.push_text(from.string(id)) };
        return to.push_node(Raw::new(node.kind, start, len));
    }
    let intern = |name: u32| {
        let name = from.names.get(name);
        to.names.intern(&name.text, name.local.as_deref(), name.prefix.as_deref(), name.namespace.as_deref())
    };
    let mut first = NONE;
    let attributes: Vec<_> = from.attributes_of(id).map(|(_, attribute)| attribute).collect();
    for attribute in attributes.into_iter().rev() {
        let (start, len) = if std::ptr::eq(from, to) {
            (attribute.start, attribute.len)
        } else {
            to.push_text(from.slice(attribute.start, attribute.len))
        };
        let (name, kind, next) = (intern(attribute.name), attribute.kind, super::doc::Link::new(first));
        first = to.push_attribute(RawAttribute { name, start, len, kind, next });
    }
    let mut copy = Raw::new(ELEMENT, intern(node.a.get()), first);
    *copy.flags.get_mut() = node.flags();
    if id == ROOT {
        *copy.flags.get_mut() &= !CAN_BE_EMPTY;
    }
    (copy.line, copy.column) = (node.line, node.column);
    to.push_node(copy)
}

impl<'a> Node<'a> {
    /// Copies the node with its contents. The copy is in the same document, without a parent:
    /// Python's `copy.copy(node)`.
    pub fn copy(self) -> Node<'a> {
        let _edit = self.doc.edit();
        Node { doc: self.doc, id: copy_into(self.doc, self.id, self.doc, true) }
    }
}

impl<'a> Tag<'a> {
    /// Copies the tag with its contents. The copy is in the same document, without a parent:
    /// Python's `copy.copy(tag)`.
    pub fn copy(self) -> Tag<'a> {
        Tag(self.0.copy())
    }

    /// Copies the tag without its contents.
    pub fn copy_self(self) -> Tag<'a> {
        let _edit = self.doc.edit();
        Tag(Node { doc: self.doc, id: copy_into(self.doc, self.id, self.doc, false) })
    }
}
