//! Matches elements against selectors, with caches for repeated questions.

use super::ids::IdMap;
use super::types::{self, Combinator, Nth, Relation, Selector, SelectorList, TagName, is_space};
use crate::bs4::tables::strip;
use crate::bs4::tree::doc::{Doc, ELEMENT, NONE, ROOT, TEXT};
use crate::bs4::tree::kinds::StringKind;
use crate::bs4::tree::node::{Node, Tag};
use crate::bs4::tree::value::AttributeValue;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Prefixes and their namespaces.
pub(super) type Namespaces = Vec<(String, String)>;

/// The positions of the children of one parent, counted from the first and from the last.
type Places = IdMap<u32, (i64, i64)>;

/// Positions up to this one are counted each time.
const NEAR: i64 = 16;

/// One matching of one selector, seen from one element.
pub(super) struct Matcher<'m> {
    pub(super) doc: &'m Doc,
    namespaces: &'m Namespaces,
    html_namespaces: Namespaces,
    pub(super) root: u32,
    scope: u32,
    pub(super) is_xml: bool,
    is_html: bool,
    has_namespaces: bool,
    memo: RefCell<IdMap<(usize, u32), bool>>,
    positions: RefCell<IdMap<(usize, u32), Places>>,
    pub(super) forms: RefCell<HashMap<u32, Rc<super::forms::Forms>>>,
    pub(super) selects: RefCell<HashMap<u32, Rc<HashMap<u32, bool>>>>,
    /// The declared language, by the element that was searched for it.
    pub(super) languages: RefCell<HashMap<u32, Option<String>>>,
}

impl<'m> Matcher<'m> {
    pub(super) fn new(tag: Tag<'m>, namespaces: &'m Namespaces) -> Self {
        Matcher::with_root(tag, namespaces, NONE)
    }

    /// Like [`Matcher::new`], with the root element from an earlier match, as long as it still is
    /// one.
    pub(super) fn with_root(tag: Tag<'m>, namespaces: &'m Namespaces, known: u32) -> Self {
        let doc = tag.doc;
        let mut top = tag.id;
        while let Some(parent) = Some(doc.node(top).parent.get()).filter(|&parent| parent != NONE && parent != ROOT) {
            top = parent;
        }
        let root = if top == ROOT && known != NONE && doc.node(known).parent.get() == ROOT {
            known
        } else if top == ROOT {
            doc.children(ROOT).find(|&id| doc.is_tag(id)).unwrap_or(NONE)
        } else {
            top
        };
        let mut matcher = Matcher {
            doc,
            namespaces,
            html_namespaces: vec![("html".to_owned(), XHTML.to_owned())],
            root,
            scope: if tag.id == top { root } else { tag.id },
            is_xml: doc.is_xml,
            is_html: true,
            has_namespaces: false,
            memo: RefCell::default(),
            positions: RefCell::default(),
            forms: RefCell::default(),
            selects: RefCell::default(),
            languages: RefCell::default(),
        };
        if root != NONE {
            let namespace = matcher.tag(root).namespace().unwrap_or_default();
            matcher.has_namespaces = !namespace.is_empty();
            matcher.is_html = !matcher.is_xml || namespace == XHTML;
        } else {
            matcher.is_html = !matcher.is_xml;
        }
        matcher
    }

    pub(super) fn tag(&self, id: u32) -> Tag<'m> {
        Tag(Node { doc: self.doc, id })
    }

    pub(super) fn is_element(&self, id: u32) -> bool {
        id != NONE && self.doc.node(id).kind == ELEMENT
    }

    /// Whether an element fits.
    pub(super) fn matches(&self, id: u32, list: &SelectorList) -> bool {
        self.is_element(id) && self.matches_list(id, list, self.namespaces)
    }

    fn matches_list(&self, id: u32, list: &SelectorList, namespaces: &Namespaces) -> bool {
        let namespaces = if list.is_html { &self.html_namespaces } else { namespaces };
        if list.is_html && !self.is_html {
            return false;
        }
        let fits = list.selectors.iter().flatten().any(|selector| self.matches_selector(id, selector, namespaces));
        // An empty negation is the only list that does not match when it has no condition.
        if list.is_not { !fits && !list.selectors.is_empty() } else { fits }
    }

    fn matches_selector(&self, id: u32, selector: &Selector, namespaces: &Namespaces) -> bool {
        let flag = |flag: u32| selector.flags & flag != 0;
        let tag = self.tag(id);
        selector.tag.as_ref().is_none_or(|wanted| self.matches_tag(tag, wanted, namespaces))
            && (!flag(types::DEFINED) || self.matches_defined(tag))
            && (!flag(types::ROOT) || self.matches_root(id))
            && (!flag(types::SCOPE) || self.scope == id)
            && (!flag(types::PLACEHOLDER_SHOWN) || self.matches_placeholder_shown(tag))
            && (!flag(types::EDITABLE) || self.matches_editable(id))
            && selector.nth.iter().all(|nth| self.matches_nth(id, nth, namespaces))
            && (!flag(types::EMPTY) || self.matches_empty(id))
            && selector.ids.iter().all(|wanted| self.value(tag, "id").map_or("", AttributeValue::as_str) == wanted)
            && self.matches_classes(tag, &selector.classes)
            && selector.attributes.iter().all(|attribute| self.matches_attribute(tag, attribute, namespaces))
            && (!flag(types::IN_RANGE | types::OUT_OF_RANGE) || self.matches_range(tag, flag(types::IN_RANGE)))
            && (selector.lang.is_empty() || self.matches_lang(id, &selector.lang))
            && selector.selectors.iter().all(|list| self.matches_list(id, list, namespaces))
            && selector.relation.as_ref().is_none_or(|relation| self.matches_relation(id, relation, namespaces))
            && (!flag(types::DEFAULT) || self.matches_default(id))
            && (!flag(types::INDETERMINATE) || self.matches_indeterminate(id))
            && (!flag(types::CHECKED) || self.matches_checked(id))
            && (!flag(types::DIR_LTR | types::DIR_RTL)
                || self.matches_dir(id, selector.flags & (types::DIR_LTR | types::DIR_RTL)))
            && selector.contains.iter().all(|contains| self.matches_contains(id, contains))
    }

    // Names and attributes.

    pub(super) fn supports_namespaces(&self) -> bool {
        self.is_xml || self.has_namespaces
    }

    pub(super) fn namespace(&self, tag: Tag<'m>) -> &'m str {
        if self.supports_namespaces() { tag.namespace().unwrap_or_default() } else { XHTML }
    }

    pub(super) fn is_html_tag(&self, tag: Tag<'m>) -> bool {
        self.namespace(tag) == XHTML
    }

    /// Whether the tag is this one, given in lower case.
    pub(super) fn is_named(&self, tag: Tag<'m>, name: &str) -> bool {
        if self.is_xml { tag.name() == name } else { tag.name().eq_ignore_ascii_case(name) }
    }

    /// Whether it is this tag of HTML.
    pub(super) fn is_html_named(&self, tag: Tag<'m>, name: &str) -> bool {
        self.is_named(tag, name) && self.is_html_tag(tag)
    }

    fn matches_tag(&self, tag: Tag<'m>, wanted: &TagName, namespaces: &Namespaces) -> bool {
        let named = wanted.name == "*"
            || if self.is_xml { tag.name() == wanted.name } else { tag.name().eq_ignore_ascii_case(&wanted.name) };
        if !named {
            return false;
        }
        let uri = |prefix: &str| namespaces.iter().find(|(known, _)| known == prefix).map(|(_, uri)| uri.as_str());
        let namespace = || self.namespace(tag);
        match wanted.prefix.as_deref() {
            None => uri("").is_none_or(|default| default == namespace()),
            Some("") => namespace().is_empty(),
            Some("*") => true,
            Some(prefix) => uri(prefix).is_some_and(|uri| uri == namespace()),
        }
    }

    /// Returns an attribute by its name in lower case; XML compares case-sensitively.
    pub(super) fn value(&self, tag: Tag<'m>, name: &str) -> Option<AttributeValue<'m>> {
        let fits = |known: &str| if self.is_xml { known == name } else { known.eq_ignore_ascii_case(name) };
        tag.attrs().find(|(known, _)| fits(known)).map(|(_, value)| value)
    }

    /// Returns an attribute's text in lower case; empty if it does not exist.
    pub(super) fn lower(&self, tag: Tag<'m>, name: &str) -> String {
        self.value(tag, name).map_or("", AttributeValue::as_str).to_ascii_lowercase()
    }

    fn matches_classes(&self, tag: Tag<'m>, classes: &[String]) -> bool {
        if classes.is_empty() {
            return true;
        }
        let Some(value) = self.value(tag, "class") else { return false };
        let text = value.as_str();
        classes.iter().all(|class| text.split(is_space).any(|known| known == class))
    }

    fn matches_attribute(&self, tag: Tag<'m>, wanted: &types::Attribute, namespaces: &Namespaces) -> bool {
        let Some(value) = self.attribute(tag, wanted, namespaces) else { return wanted.inverse };
        let for_xml = wanted.xml_test.is_some() && (self.is_xml || !self.is_html_tag(tag));
        let (test, ignore_case) = if for_xml { (&wanted.xml_test, false) } else { (&wanted.test, wanted.ignore_case) };
        match test {
            None => true,
            Some(test) if ignore_case => test.matches(&value.to_ascii_lowercase()),
            Some(test) => test.matches(value),
        }
    }

    fn attribute(&self, tag: Tag<'m>, wanted: &types::Attribute, namespaces: &Namespaces) -> Option<&'m str> {
        let same = |a: &str, b: &str| if self.is_xml { a == b } else { a.eq_ignore_ascii_case(b) };
        let mut uri = None;
        if self.supports_namespaces() && !wanted.prefix.is_empty() {
            uri = namespaces.iter().find(|(known, _)| *known == wanted.prefix).map(|(_, uri)| uri.as_str());
            if uri.is_none() && wanted.prefix != "*" {
                return None;
            }
        }
        let fits = |name: &crate::bs4::tree::names::Name| match uri {
            None if self.supports_namespaces() => same(&wanted.name, &name.text),
            None => wanted.name.eq_ignore_ascii_case(&name.text),
            Some(uri) => {
                name.namespace.as_deref() == Some(uri) && name.local.as_deref().is_some_and(|local| same(&wanted.name, local))
            }
        };
        let found = self.doc.attributes_of(tag.id).find(|(_, attribute)| fits(self.doc.names.get(attribute.name)));
        found.map(|(_, attribute)| self.doc.slice(attribute.start, attribute.len))
    }

    // The tree.

    /// Returns true for an HTML template, whose contents are not part of the document.
    pub(super) fn is_template(&self, id: u32) -> bool {
        let node = self.doc.node(id);
        if node.kind != ELEMENT {
            return false;
        }
        let name = self.doc.names.get(node.a.get());
        let named = if self.is_xml { &*name.text == "template" } else { name.text.eq_ignore_ascii_case("template") };
        named && (!self.supports_namespaces() || name.namespace.as_deref() == Some(XHTML))
    }

    /// The parent, unless it is the document or a template.
    pub(super) fn parent(&self, id: u32) -> u32 {
        let parent = self.doc.node(id).parent.get();
        if parent == ROOT || parent != NONE && self.is_template(parent) { NONE } else { parent }
    }

    pub(super) fn next_tag(&self, id: u32) -> u32 {
        let mut at = self.doc.node(id).next.get();
        while at != NONE && !self.doc.is_tag(at) {
            at = self.doc.node(at).next.get();
        }
        at
    }

    fn previous_tag(&self, id: u32) -> u32 {
        let mut at = self.doc.node(id).prev.get();
        while at != NONE && !self.doc.is_tag(at) {
            at = self.doc.node(at).prev.get();
        }
        at
    }

    /// Returns the first child tag; `NONE` for a template.
    pub(super) fn first_tag(&self, id: u32) -> u32 {
        if self.is_template(id) {
            return NONE;
        }
        let first = self.doc.node(id).first.get();
        if first == NONE || self.doc.is_tag(first) { first } else { self.next_tag(first) }
    }

    /// The tags right in an element.
    pub(super) fn child_tags(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        let some = |id: u32| Some(id).filter(|&id| id != NONE);
        std::iter::successors(some(self.first_tag(id)), move |&id| some(self.next_tag(id)))
    }

    /// Iterates over all nodes in an element, except those in nested templates.
    pub(super) fn visible(&self, top: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.doc.node(top).first.get();
        std::iter::from_fn(move || {
            let id = at;
            (id != NONE).then(|| {
                at = if self.is_template(id) { self.doc.after(id, top) } else { self.doc.following(id, top) };
                id
            })
        })
    }

    /// Returns true if a string counts as content: not a comment, declaration, CDATA section,
    /// instruction or doctype.
    pub(super) fn is_content(&self, id: u32) -> bool {
        let kind = self.doc.node(id).kind;
        kind >= TEXT && StringKind::of(kind).is_some_and(|kind| !kind.is_preformatted())
    }

    fn matches_root(&self, id: u32) -> bool {
        let alone = |id: u32| {
            let is_text = self.is_content(id) && !strip(self.doc.string(id)).is_empty();
            !(self.doc.is_tag(id) || is_text || self.doc.node(id).kind == StringKind::CData.raw())
        };
        let node = Node { doc: self.doc, id };
        id == self.root && node.previous_siblings().all(|n| alone(n.id)) && node.next_siblings().all(|n| alone(n.id))
    }

    fn matches_empty(&self, id: u32) -> bool {
        let is_nothing = |id: u32| !self.doc.is_tag(id) && (!self.is_content(id) || self.doc.string(id).chars().all(is_space));
        self.is_template(id) || self.doc.children(id).all(is_nothing)
    }

    // Combinators. Results are cached under the relation's address, which is valid as long as the
    // selector.

    fn remembered(&self, key: usize, id: u32) -> Option<bool> {
        self.memo.borrow().get(&(key, id)).copied()
    }

    fn remember(&self, key: usize, ids: &[u32], value: bool) {
        self.memo.borrow_mut().extend(ids.iter().map(|&id| ((key, id), value)));
    }

    fn matches_relation(&self, id: u32, relation: &Relation, namespaces: &Namespaces) -> bool {
        let matches = |id: u32| id != NONE && self.is_element(id) && self.matches_list(id, &relation.list, namespaces);
        let key = std::ptr::from_ref(relation) as usize;
        match relation.combinator {
            Combinator::Child => matches(self.parent(id)),
            Combinator::Adjacent => matches(self.previous_tag(id)),
            Combinator::HasAdjacent => matches(self.next_tag(id)),
            Combinator::HasChild => self.child_tags(id).any(matches),
            Combinator::Descendant => self.along(key, id, |id| self.parent(id), matches),
            Combinator::Sibling => self.along(key, id, |id| self.previous_tag(id), matches),
            Combinator::HasSibling => self.along(key, id, |id| self.next_tag(id), matches),
            Combinator::HasDescendant => self.has_descendant(key, id, matches),
        }
    }

    /// Returns true if an element reached by `step` matches; each is checked once.
    fn along(&self, key: usize, id: u32, step: impl Fn(u32) -> u32, matches: impl Fn(u32) -> bool) -> bool {
        let (mut visited, mut found, mut at) = (Vec::new(), false, step(id));
        while at != NONE && !found {
            if let Some(known) = self.remembered(key, at) {
                found = known;
                break;
            }
            visited.push(at);
            found = matches(at);
            at = step(at);
        }
        self.remember(key, &visited, found);
        found
    }

    fn has_descendant(&self, key: usize, id: u32, matches: impl Fn(u32) -> bool) -> bool {
        let mut path = Vec::new();
        let mut at = self.first_tag(id);
        let found = loop {
            if at == NONE {
                let Some(done) = path.pop() else { break false };
                self.remember(key, &[done], false);
                at = self.next_tag(done);
                continue;
            }
            match self.remembered(key, at) {
                Some(true) => break true,
                Some(false) => {
                    at = self.next_tag(at);
                    continue;
                }
                None => {}
            }
            path.push(at);
            if matches(at) {
                break true;
            }
            at = self.first_tag(at);
        };
        self.remember(key, &path, found);
        found
    }

    /// Checks an element's position among its siblings, counted as `nth` says.
    fn matches_nth(&self, id: u32, nth: &Nth, namespaces: &Namespaces) -> bool {
        let fits = |id: u32| nth.of.as_ref().is_none_or(|list| self.matches_list(id, list, namespaces));
        let parent = self.doc.node(id).parent.get();
        let position = if parent == NONE {
            fits(id).then_some((1, 1))
        } else if nth.a == 0 && nth.b <= NEAR && nth.of.is_none() && !nth.of_type {
            return self.stands_at(id, nth.b, nth.last);
        } else {
            let key = (std::ptr::from_ref(nth) as usize, parent);
            let known = self.positions.borrow().get(&key).map(|places| places.get(&id).copied());
            known.unwrap_or_else(|| {
                let places = self.places(parent, nth, fits);
                let place = places.get(&id).copied();
                self.positions.borrow_mut().insert(key, places);
                place
            })
        };
        let Some((first, last)) = position else { return false };
        let difference = (if nth.last { last } else { first }).saturating_sub(nth.b);
        if nth.a == 0 { difference == 0 } else { difference % nth.a == 0 && difference / nth.a >= 0 }
    }

    /// Returns true if an element is at this position from the first or the last: counted instead
    /// of cached.
    fn stands_at(&self, id: u32, place: i64, last: bool) -> bool {
        let mut at = id;
        for _ in 0..place {
            if at == NONE {
                return false;
            }
            at = if last { self.next_tag(at) } else { self.previous_tag(at) };
        }
        place > 0 && at == NONE
    }

    fn places(&self, parent: u32, nth: &Nth, fits: impl Fn(u32) -> bool) -> Places {
        let mut groups: HashMap<(String, &str), Vec<u32>> = HashMap::new();
        for id in self.doc.children(parent).filter(|&id| self.is_element(id) && fits(id)) {
            let tag = self.tag(id);
            let name = || if self.is_xml { tag.name().to_owned() } else { tag.name().to_ascii_lowercase() };
            let key = if nth.of_type { (name(), self.namespace(tag)) } else { Default::default() };
            groups.entry(key).or_default().push(id);
        }
        let mut places = Places::default();
        for group in groups.into_values() {
            let count = group.len() as i64;
            places.extend((1..).zip(group).map(|(place, id): (i64, u32)| (id, (place, count - place + 1))));
        }
        places
    }
}
