//! Applies html5ever's tree construction to the arena.

use super::lines::Lines;
use crate::bs4::tables;
use crate::bs4::tree::doc::{Doc, ELEMENT, NONE, ROOT, Raw, RawAttribute, TEXT};
use crate::bs4::tree::kinds::StringKind;
use html5ever::interface::{ElementFlags, ExpandedName, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The number of cached names of tags and of attributes.
const RECENT: usize = 64;

/// Values of at least this many bytes are stored once when the tree builder repeats a tag.
const LONG_VALUE: usize = 32;

/// An element as the tree builder holds it: its node, and its name, which the tree builder requests
/// all the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handle<'n> {
    pub(super) id: u32,
    name: &'n TagName,
}

impl Handle<'_> {
    pub(super) fn local_name(&self) -> &LocalName {
        &self.name.qualified.local
    }
}

/// A tag's name in html5ever's form and in ours.
#[derive(Debug)]
pub(super) struct TagName {
    pub(super) qualified: QualName,
    id: u32,
    can_be_empty: bool,
    interesting: u8,
}

/// The names so far. Outlives the sink, so that handles can point into it.
pub(super) type TagNames = boxcar::Vec<TagName>;

/// The end position of the current token, and the elements that it created.
#[derive(Debug, Default)]
pub(super) struct Token {
    /// The elements that the token created, in order.
    pub(super) created: Vec<u32>,
    /// The number of their attributes, and of bytes in their values.
    pub(super) attributes: usize,
    pub(super) bytes: usize,
    /// Whether a created element is a copy that is not in the markup.
    pub(super) is_end_tag: bool,
}

#[derive(Debug)]
struct Building<'s> {
    doc: Doc,
    /// The depth at which the tree builder put each node; moves do not update it, so it only bounds the tree's depth.
    depths: Vec<u32>,
    /// Text nodes that grew after other text was stored behind them.
    growing: HashMap<u32, String>,
    names: HashMap<QualName, usize>,
    attribute_names: HashMap<QualName, u32>,
    /// The most recent names, each in the slot selected by its hash.
    recent_tags: [Option<usize>; RECENT],
    recent_attributes: [Option<(QualName, u32)>; RECENT],
    /// Where long attribute values are stored, by their source address: reopened tags share them.
    long_values: HashMap<(usize, usize), u32>,
    integration_points: HashSet<u32>,
    /// The attributes of elements that get more of them later (`html`, `body`).
    merged: HashMap<u32, (HashSet<u32>, u32)>,
    lines: Lines<'s>,
    token: Token,
    moved: usize,
    deepest: u32,
}

/// The arena under construction.
#[derive(Debug)]
pub(super) struct Sink<'n, 's> {
    tag_names: &'n TagNames,
    document: Handle<'n>,
    building: RefCell<Building<'s>>,
    /// The element whose name was requested last: the tree builder requests only that of its
    /// current node.
    asked: Cell<u32>,
    /// Whether the current doctype has a public and a system identifier, which the tree builder
    /// does not distinguish from empty ones.
    pub(super) doctype_ids: Cell<(bool, bool)>,
    pub(super) position: Cell<usize>,
}

impl<'n, 's> Sink<'n, 's> {
    pub(super) fn new(source: &'s str, tag_names: &'n TagNames) -> Sink<'n, 's> {
        let mut doc = Doc::new(false);
        doc.text.reserve(source.len() / 2);
        doc.nodes.reserve(source.len() / 24);
        let qualified = QualName::new(None, Namespace::default(), LocalName::default());
        tag_names.push(TagName { qualified, id: ROOT, can_be_empty: false, interesting: 0 });
        let building = Building {
            doc,
            depths: vec![0],
            growing: HashMap::new(),
            names: HashMap::new(),
            attribute_names: HashMap::new(),
            recent_tags: [None; RECENT],
            recent_attributes: [const { None }; RECENT],
            long_values: HashMap::new(),
            integration_points: HashSet::new(),
            merged: HashMap::new(),
            lines: Lines::new(source),
            token: Token::default(),
            moved: 0,
            deepest: 0,
        };
        Sink {
            tag_names,
            document: Handle { id: ROOT, name: &tag_names[0] },
            building: RefCell::new(building),
            asked: Cell::new(ROOT),
            doctype_ids: Cell::default(),
            position: Cell::default(),
        }
    }

    /// Starts counting for a new token.
    pub(super) fn begin(&self, is_end_tag: bool) {
        let token = &mut self.building.borrow_mut().token;
        token.created.clear();
        (token.attributes, token.bytes) = (0, 0);
        token.is_end_tag = is_end_tag;
    }

    /// Returns the last element that the last token created, and the number of elements.
    pub(super) fn created(&self) -> (Option<u32>, usize) {
        let token = &self.building.borrow().token;
        (token.created.last().copied(), token.created.len())
    }

    /// Returns the number of attributes that the last token created, plus one for each `bytes`
    /// bytes of their values.
    pub(super) fn created_attributes(&self, bytes: usize) -> usize {
        let token = &self.building.borrow().token;
        token.attributes + token.bytes / bytes
    }

    /// Returns the names of the elements that the last token created.
    pub(super) fn created_names(&self) -> Vec<LocalName> {
        let building = self.building.borrow();
        let local = |&id: &u32| building.doc.name(id).into();
        building.token.created.iter().map(local).collect()
    }

    pub(super) fn depth(&self, id: u32) -> u32 {
        self.building.borrow().depths.get(id as usize).copied().unwrap_or(0)
    }

    pub(super) fn parent(&self, id: u32) -> u32 {
        self.building.borrow().doc.node(id).parent.get()
    }

    /// Returns the element whose name was requested last.
    pub(super) fn asked(&self) -> u32 {
        self.asked.get()
    }

    /// Appends an HTML element without the tree builder.
    pub(super) fn insert_flat(&self, parent: u32, name: LocalName, attributes: Vec<Attribute>) {
        let qualified = QualName::new(None, html5ever::ns!(html), name);
        let element = self.create_element(qualified, attributes, ElementFlags::default());
        self.building.borrow_mut().put(element.id, parent, NONE);
    }

    /// Returns the parsed document with a maximum depth of `cap`.
    pub(super) fn into_doc(self, cap: u32) -> Doc {
        let Building { mut doc, growing, deepest, moved, .. } = self.building.into_inner();
        for (id, text) in growing {
            let (start, len) = (doc.text.len(), text.len());
            doc.text.push_str(&text);
            doc.node(id).a.set(start as u32);
            doc.node(id).b.set(len as u32);
        }
        if u64::from(deepest) + moved as u64 >= u64::from(cap) {
            super::flatten::flatten(&doc, cap);
        }
        doc
    }
}

impl Building<'_> {
    fn push(&mut self, node: Raw) -> u32 {
        let id = self.doc.nodes.len() as u32;
        self.doc.nodes.push(node);
        self.depths.push(0);
        id
    }

    fn store(&mut self, text: &str) -> (u32, u32) {
        let start = self.doc.text.len() as u32;
        self.doc.text.push_str(text);
        (start, text.len() as u32)
    }

    /// Places a node before `before` or at the end.
    fn put(&mut self, id: u32, parent: u32, before: u32) {
        if self.doc.node(id).parent.get() != NONE {
            self.doc.unlink(id);
            self.moved += 1;
        }
        self.doc.link(id, parent, before);
        let depth = self.depths[parent as usize] + 1;
        self.depths[id as usize] = depth;
        self.deepest = self.deepest.max(depth);
    }

    /// Adds text before `before` or at the end, joining it with adjacent text.
    fn put_text(&mut self, text: &str, parent: u32, before: u32) {
        let prev = if before == NONE { self.doc.node(parent).last.get() } else { self.doc.node(before).prev.get() };
        if prev == NONE || self.doc.node(prev).kind != TEXT {
            let (start, len) = self.store(text);
            let id = self.push(Raw::new(TEXT, start, len));
            self.put(id, parent, before);
            return;
        }
        let node = self.doc.node(prev);
        let (start, len) = (node.a.get(), node.b.get());
        if let Some(growing) = self.growing.get_mut(&prev) {
            growing.push_str(text);
        } else if (start + len) as usize == self.doc.text.len() {
            node.b.set(len + text.len() as u32);
            self.doc.text.push_str(text);
        } else {
            let grown = [self.doc.slice(start, len), text].concat();
            self.growing.insert(prev, grown);
        }
    }

    /// Returns the stored copy of a long value. An address may be reused for another value, so the
    /// text is compared.
    fn long_value(&mut self, value: &StrTendril, kind: u8) -> Option<(u32, u32)> {
        if value.len() < LONG_VALUE || kind == tables::LIST {
            return None;
        }
        let len = value.len() as u32;
        match self.long_values.entry((value.as_ptr() as usize, value.len())) {
            Entry::Occupied(known) if self.doc.slice(*known.get(), len) == &**value => Some((*known.get(), len)),
            entry => {
                entry.insert_entry(self.doc.text.len() as u32);
                None
            }
        }
    }

    fn attribute_name(&mut self, name: &QualName) -> u32 {
        let recent = name.local.get_hash() as usize % RECENT;
        if let Some((known, id)) = &self.recent_attributes[recent]
            && known == name
        {
            return *id;
        }
        let id = self.slow_attribute_name(name);
        self.recent_attributes[recent] = Some((name.clone(), id));
        id
    }

    fn slow_attribute_name(&mut self, name: &QualName) -> u32 {
        if let Some(&id) = self.attribute_names.get(name) {
            return id;
        }
        let id = if name.ns.is_empty() {
            self.doc.names.intern(&name.local, None, None, None)
        } else {
            let full = match &name.prefix {
                Some(prefix) if !prefix.is_empty() => format!("{prefix}:{}", name.local),
                _ => name.local.to_string(),
            };
            self.doc.names.intern(&full, Some(&name.local), name.prefix.as_deref(), Some(&name.ns))
        };
        self.attribute_names.insert(name.clone(), id);
        id
    }

    /// Stores an attribute of a tag; a list value is split and joined again.
    fn attribute(&mut self, tag: &str, attribute: &Attribute) -> u32 {
        let name = self.attribute_name(&attribute.name);
        let kind = tables::value_kind(tag, &attribute.name.local);
        let start = self.doc.text.len();
        let known = self.long_value(&attribute.value, kind);
        if let Some((start, len)) = known {
            let id = self.doc.attributes.len() as u32;
            self.doc.attributes.push(RawAttribute { name, start, len, kind, next: super::link_none() });
            return id;
        }
        if kind == tables::LIST {
            tables::join_tokens(&attribute.value, &mut self.doc.text);
        } else {
            self.doc.text.push_str(&attribute.value);
        }
        let len = (self.doc.text.len() - start) as u32;
        let id = self.doc.attributes.len() as u32;
        self.doc.attributes.push(RawAttribute { name, start: start as u32, len, kind, next: super::link_none() });
        id
    }
}

impl<'n> TreeSink for Sink<'n, '_> {
    type Handle = Handle<'n>;
    type Output = Self;
    type ElemName<'a>
        = ExpandedName<'a>
    where
        Self: 'a;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle<'n> {
        self.document
    }

    #[inline]
    fn elem_name<'a>(&'a self, target: &'a Handle<'n>) -> ExpandedName<'a> {
        self.asked.set(target.id);
        let name = &target.name.qualified;
        ExpandedName { ns: &name.ns, local: &name.local }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle<'n> {
        let mut building = self.building.borrow_mut();
        let building = &mut *building;
        let recent = name.local.get_hash() as usize % RECENT;
        let known = building.recent_tags[recent].filter(|&index| self.tag_names[index].qualified == name);
        let index = match known.or_else(|| building.names.get(&name).copied()) {
            Some(index) => index,
            None => {
                let id = building.doc.names.intern(&name.local, None, None, Some(&name.ns));
                let interesting = tables::interesting(&name.local);
                let can_be_empty = tables::is_void(&name.local);
                let index = self.tag_names.push(TagName { qualified: name.clone(), id, can_be_empty, interesting });
                building.names.insert(name.clone(), index);
                index
            }
        };
        building.recent_tags[recent] = Some(index);
        let tag_name = &self.tag_names[index];
        let mut node = Raw::new(ELEMENT, tag_name.id, NONE);
        *node.flags.get_mut() = super::element_flags(tag_name.can_be_empty, tag_name.interesting);
        if !building.token.is_end_tag || matches!(&*name.local, "p" | "br" | "html" | "head" | "body") {
            (node.line, node.column) = building.lines.advance(self.position.get());
        }
        let mut last = NONE;
        let stored = building.doc.text.len();
        for attribute in &attributes {
            let id = building.attribute(&name.local, attribute);
            if last == NONE {
                node.b.set(id);
            } else {
                building.doc.attributes[last as usize].next.set(id);
            }
            last = id;
        }
        building.token.attributes += attributes.len();
        building.token.bytes += building.doc.text.len() - stored;
        let is_meta = &*name.local == "meta";
        let id = building.push(node);
        if is_meta {
            super::set_up_substitutions(&mut building.doc, id);
        }
        if flags.mathml_annotation_xml_integration_point {
            building.integration_points.insert(id);
        }
        building.token.created.push(id);
        Handle { id, name: tag_name }
    }

    fn create_comment(&self, text: StrTendril) -> Handle<'n> {
        let mut building = self.building.borrow_mut();
        let (start, len) = building.store(&text);
        let id = building.push(Raw::new(StringKind::Comment.raw(), start, len));
        Handle { id, name: self.document.name }
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle<'n> {
        // HTML has no processing instructions: the tokenizer makes comments of them.
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle<'n>, child: NodeOrText<Handle<'n>>) {
        let mut building = self.building.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) => building.put(node.id, parent.id, NONE),
            NodeOrText::AppendText(text) => building.put_text(&text, parent.id, NONE),
        }
    }

    fn append_before_sibling(&self, sibling: &Handle<'n>, child: NodeOrText<Handle<'n>>) {
        let mut building = self.building.borrow_mut();
        let parent = building.doc.node(sibling.id).parent.get();
        if parent == NONE {
            return;
        }
        match child {
            NodeOrText::AppendNode(node) => building.put(node.id, parent, sibling.id),
            NodeOrText::AppendText(text) => building.put_text(&text, parent, sibling.id),
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle<'n>, previous: &Handle<'n>, child: NodeOrText<Handle<'n>>) {
        if self.parent(element.id) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        let (has_public, has_system) = self.doctype_ids.get();
        let text = crate::bs4::doctype(&name, has_public.then_some(&*public_id), has_system.then_some(&*system_id));
        let mut building = self.building.borrow_mut();
        let (start, len) = building.store(&text);
        let id = building.push(Raw::new(StringKind::Doctype.raw(), start, len));
        building.put(id, ROOT, NONE);
    }

    /// Beautiful Soup keeps a template's contents in the template.
    fn get_template_contents(&self, target: &Handle<'n>) -> Handle<'n> {
        *target
    }

    #[inline]
    fn same_node(&self, x: &Handle<'n>, y: &Handle<'n>) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &Handle<'n>, attributes: Vec<Attribute>) {
        let mut building = self.building.borrow_mut();
        let building = &mut *building;
        let (mut known, mut last) = building.merged.remove(&target.id).unwrap_or_else(|| {
            let mut last = NONE;
            let known = building.doc.attributes_of(target.id).inspect(|&(id, _)| last = id).map(|(_, a)| a.name).collect();
            (known, last)
        });
        for attribute in &attributes {
            if known.insert(building.attribute_name(&attribute.name)) {
                let id = building.attribute(&target.name.qualified.local, attribute);
                if last == NONE {
                    building.doc.node(target.id).b.set(id);
                } else {
                    building.doc.attributes[last as usize].next.set(id);
                }
                last = id;
            }
        }
        building.merged.insert(target.id, (known, last));
    }

    fn remove_from_parent(&self, target: &Handle<'n>) {
        let mut building = self.building.borrow_mut();
        building.moved += 1;
        building.doc.unlink(target.id);
    }

    fn reparent_children(&self, node: &Handle<'n>, new_parent: &Handle<'n>) {
        let mut building = self.building.borrow_mut();
        loop {
            let child = building.doc.node(node.id).first.get();
            if child == NONE {
                break;
            }
            building.put(child, new_parent.id, NONE);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle<'n>) -> bool {
        self.building.borrow().integration_points.contains(&handle.id)
    }
}
