//! `SoupStrainer`: the conditions of one search, and `ElementFilter`: a function instead of conditions.

use super::filter::{Filter, Rule};
use crate::bs4::tree::doc::{ELEMENT, NONE, ROOT, TEXT};
use crate::bs4::tree::node::{Node, Tag};
use crate::bs4::tree::value::AttributeValue;
use std::borrow::Cow;
use std::fmt;

/// The conditions of a search: the arguments of Python's `find_all` and of `parse_only`.
///
/// | Python | leyden |
/// |---|---|
/// | `find_all("a")` | `find_all("a")` |
/// | `find_all("a", class_="x", id=True)` | `find_all(SoupStrainer::new("a").class_("x").id(true))` |
/// | `find_all(attrs={"data-x": "1"})` | `find_all(SoupStrainer::any().attr("data-x", "1"))` |
/// | `find_all("a", string="x", limit=2, recursive=False)` | `find_all(SoupStrainer::new("a").string("x").limit(2).recursive(false))` |
///
/// ```
/// use leyden::bs4::{BeautifulSoup, SoupStrainer};
/// let soup = BeautifulSoup::new(r#"<p class="a b"><a href="/x">x</a><a>y</a></p>"#);
/// assert_eq!(soup.find_all(SoupStrainer::new("p").class_("b")).len(), 1);
/// assert_eq!(soup.find_all(SoupStrainer::any().attr("href", |v: Option<&str>| v.is_some_and(|v| v.starts_with('/')))).len(), 1);
/// assert_eq!(soup.find(SoupStrainer::new("a").string("y")).unwrap().to_string(), "<a>y</a>");
/// ```
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#searching-the-tree>
#[derive(Debug, Clone)]
#[doc(alias = "bs4.SoupStrainer")]
pub struct SoupStrainer<'q> {
    names: Vec<Rule<'q>>,
    attributes: Vec<(Cow<'q, str>, Vec<Rule<'q>>)>,
    strings: Vec<Rule<'q>>,
    pub(crate) limit: Option<usize>,
    pub(crate) recursive: bool,
}

impl<'q> SoupStrainer<'q> {
    /// Matches tags with this name.
    pub fn new(name: impl Into<Filter<'q>>) -> Self {
        SoupStrainer { names: name.into().0, ..SoupStrainer::any() }
    }

    /// Matches tags with any name.
    pub fn any() -> Self {
        SoupStrainer { names: Vec::new(), attributes: Vec::new(), strings: Vec::new(), limit: None, recursive: true }
    }

    /// Matches tags for which a function returns true.
    pub fn function(function: impl for<'t> Fn(Tag<'t>) -> bool + Send + Sync + 'q) -> Self {
        SoupStrainer { names: Filter::tag(function).0, ..SoupStrainer::any() }
    }

    /// Matches tags with a matching attribute. Two conditions on one attribute are alternatives, as
    /// in Python.
    pub fn attr(mut self, name: impl Into<Cow<'q, str>>, value: impl Into<Filter<'q>>) -> Self {
        let name = name.into();
        let rules = value.into().0;
        match self.attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(rules),
            None => self.attributes.push((name, rules)),
        }
        self
    }

    /// Matches tags with a CSS class: one of the classes, or the whole attribute as written.
    pub fn class_(self, class: impl Into<Filter<'q>>) -> Self {
        self.attr("class", class)
    }

    /// Matches tags with this `id`.
    pub fn id(self, id: impl Into<Filter<'q>>) -> Self {
        self.attr("id", id)
    }

    /// Matches tags whose [`Tag::string`] matches; without any other condition, matching strings.
    pub fn string(mut self, string: impl Into<Filter<'q>>) -> Self {
        self.strings.extend(string.into().0);
        self
    }

    /// Sets the maximum number of results; 0 means no limit. `parse_only` ignores it.
    ///
    /// DIFFERENCE: with 0, Python returns all results for a single name, and one for any other
    /// condition.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit).filter(|&limit| limit > 0);
        self
    }

    /// Sets whether all descendants are searched, or only the direct children. `parse_only` ignores
    /// it.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Returns true if there is no condition.
    #[doc(alias = "bs4.SoupStrainer.includes_everything")]
    pub fn includes_everything(&self) -> bool {
        self.names.is_empty() && self.attributes.is_empty() && self.strings.is_empty()
    }

    /// Returns true if nothing can match while parsing: an empty list, or a string and a tag at
    /// once.
    #[doc(alias = "bs4.SoupStrainer.excludes_everything")]
    pub fn excludes_everything(&self) -> bool {
        let contradicts = !self.strings.is_empty() && (!self.names.is_empty() || !self.attributes.is_empty());
        let lists = self.attributes.iter().map(|(_, rules)| rules).chain([&self.names, &self.strings]);
        contradicts || lists.flatten().any(|rule| matches!(rule, Rule::Nothing))
    }

    /// Returns true if a tag or a string matches.
    #[doc(alias = "bs4.SoupStrainer.match")]
    pub fn matches(&self, node: Node<'_>) -> bool {
        match node.as_tag() {
            _ if self.includes_everything() => true,
            Some(tag) => self.matches_tag(tag),
            None => self.names.is_empty() && self.attributes.is_empty() && self.matches_any_string_rule(node.doc.string(node.id)),
        }
    }

    /// Returns true if a tag matches.
    #[doc(alias = "bs4.SoupStrainer.matches_tag")]
    pub fn matches_tag(&self, tag: Tag<'_>) -> bool {
        if self.names.is_empty() && self.attributes.is_empty() {
            return false;
        }
        (self.names.is_empty() || self.matches_name(tag))
            && self.matches_attributes(tag)
            && (self.strings.is_empty()
                || tag.string().is_some_and(|string| self.strings.iter().any(|rule| rule.matches(Some(string.as_str())))))
    }

    fn matches_name(&self, tag: Tag<'_>) -> bool {
        let prefixed = || tag.prefix().filter(|prefix| !prefix.is_empty()).map(|prefix| format!("{prefix}:{}", tag.name()));
        self.names.iter().any(|rule| match rule {
            Rule::Tag(function) => function(tag),
            Rule::String(function) => function(Some(tag.name())),
            rule => rule.matches(Some(tag.name())) || prefixed().is_some_and(|name| rule.matches(Some(&name))),
        })
    }

    fn matches_attributes(&self, tag: Tag<'_>) -> bool {
        self.attributes.iter().all(|(name, rules)| matches_value(tag.value(name), rules))
    }

    /// Returns true if a string matches the conditions on strings, or there are none.
    #[doc(alias = "bs4.SoupStrainer.matches_any_string_rule")]
    pub fn matches_any_string_rule(&self, string: &str) -> bool {
        self.strings.is_empty() || self.strings.iter().any(|rule| rule.matches(Some(string)))
    }

    /// Returns true if a tag is kept, with its contents, while parsing.
    #[doc(alias = "bs4.SoupStrainer.allow_tag_creation")]
    pub fn allow_tag_creation(&self, tag: Tag<'_>) -> bool {
        self.strings.is_empty() && (self.names.is_empty() || self.matches_name(tag)) && self.matches_attributes(tag)
    }

    /// Returns true if a string outside all kept tags is kept while parsing.
    #[doc(alias = "bs4.SoupStrainer.allow_string_creation")]
    pub fn allow_string_creation(&self, string: &str) -> bool {
        self.names.is_empty() && self.attributes.is_empty() && self.matches_any_string_rule(string)
    }

    /// Without any condition, a search returns all tags and no strings.
    pub(crate) fn or_all_tags(mut self) -> Self {
        if self.includes_everything() {
            self.names.push(Rule::Present(true));
        }
        self
    }

    /// Returns the matching names, if only the name decides; otherwise `None`.
    pub(crate) fn names_only(&self, doc: &crate::bs4::tree::doc::Doc) -> Option<FittingNames> {
        if self.names.is_empty() || !self.attributes.is_empty() || !self.strings.is_empty() {
            return None;
        }
        let mut ids = Vec::new();
        for rule in &self.names {
            match rule {
                Rule::Text(text) => {
                    ids.extend(doc.names.reading(text));
                    for (colon, _) in text.match_indices(':').filter(|(colon, _)| *colon > 0) {
                        let prefixed = |id: &u32| doc.names.get(*id).prefix.as_deref() == Some(&text[..colon]);
                        ids.extend(doc.names.reading(&text[colon + 1..]).into_iter().filter(prefixed));
                    }
                }
                Rule::Present(true) => return Some(FittingNames::All),
                Rule::Present(false) | Rule::Nothing => {}
                Rule::Pattern(_) | Rule::String(_) | Rule::Tag(_) => return None,
                #[cfg(feature = "regex")]
                Rule::Regex(_) => return None,
            }
        }
        Some(FittingNames::These(ids))
    }

    /// Keeps the matching parts of a freshly parsed document: the outermost tags with their
    /// contents, and strings outside of them.
    pub(crate) fn strain(&self, doc: &crate::bs4::tree::doc::Doc) {
        let mut kept = Vec::new();
        let mut id = doc.node(ROOT).first.get();
        while id != NONE {
            let node = doc.node(id);
            let keep = if node.kind == ELEMENT {
                self.allow_tag_creation(Tag(Node { doc, id }))
            } else {
                node.kind >= TEXT && self.allow_string_creation(doc.string(id))
            };
            if keep {
                kept.push(id);
            }
            id = if keep { doc.after(id, ROOT) } else { doc.following(id, ROOT) };
        }
        for child in doc.children(ROOT).collect::<Vec<_>>() {
            doc.unlink(child);
        }
        for id in kept {
            doc.unlink(id);
            doc.link(id, ROOT, NONE);
        }
    }
}

/// The tag names of a search.
#[derive(Debug)]
pub(crate) enum FittingNames {
    All,
    These(Vec<u32>),
}

impl FittingNames {
    #[inline]
    pub(crate) fn contains(&self, name: u32) -> bool {
        match self {
            FittingNames::All => true,
            FittingNames::These(ids) => ids.contains(&name),
        }
    }
}

/// Returns true if an attribute's value matches: one member of a list, or all of it.
fn matches_value(value: Option<AttributeValue<'_>>, rules: &[Rule<'_>]) -> bool {
    let any = |value: Option<&str>| rules.iter().any(|rule| rule.matches(value));
    match value {
        None => any(None),
        Some(value) if value.is_list() => {
            let mut members = value.iter();
            members.clone().any(|member| any(Some(member)))
                || (members.nth(1).is_some() || value.as_str().is_empty()) && any(Some(value.as_str()))
        }
        Some(value) => any(Some(value.as_str())),
    }
}

type NodeFunction<'q> = dyn for<'t> Fn(Node<'t>) -> bool + Send + Sync + 'q;

/// A function of tags and strings as a search condition: `soup.find_all(ElementFilter::new(|node|
/// ..))`.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#advanced-search-techniques>
#[doc(alias = "bs4.ElementFilter")]
pub struct ElementFilter<'q> {
    function: Option<Box<NodeFunction<'q>>>,
}

impl fmt::Debug for ElementFilter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementFilter").field("includes_everything", &self.includes_everything()).finish()
    }
}

impl<'q> ElementFilter<'q> {
    /// Matches nodes for which a function returns true.
    pub fn new(function: impl for<'t> Fn(Node<'t>) -> bool + Send + Sync + 'q) -> Self {
        ElementFilter { function: Some(Box::new(function)) }
    }

    /// Matches everything.
    pub fn everything() -> Self {
        ElementFilter { function: None }
    }

    /// Returns true if there is no function.
    #[doc(alias = "bs4.ElementFilter.includes_everything")]
    pub fn includes_everything(&self) -> bool {
        self.function.is_none()
    }

    /// Always false: a function's results are not known in advance.
    #[doc(alias = "bs4.ElementFilter.excludes_everything")]
    pub fn excludes_everything(&self) -> bool {
        false
    }

    /// Returns true if a node matches.
    #[doc(alias = "bs4.ElementFilter.match")]
    pub fn matches(&self, node: Node<'_>) -> bool {
        self.function.as_ref().is_none_or(|function| function(node))
    }

    /// Iterates over the matching nodes.
    #[doc(alias = "bs4.ElementFilter.filter")]
    pub fn filter<'a>(&self, nodes: impl IntoIterator<Item = Node<'a>>) -> impl Iterator<Item = Node<'a>> {
        nodes.into_iter().filter(|node| self.matches(*node))
    }

    /// Returns the first matching node.
    #[doc(alias = "bs4.ElementFilter.find")]
    pub fn find<'a>(&self, nodes: impl IntoIterator<Item = Node<'a>>) -> Option<Node<'a>> {
        self.filter(nodes).next()
    }

    /// Returns the matching nodes, at most `limit`; 0 means no limit.
    #[doc(alias = "bs4.ElementFilter.find_all")]
    pub fn find_all<'a>(&self, nodes: impl IntoIterator<Item = Node<'a>>, limit: usize) -> Vec<Node<'a>> {
        self.filter(nodes).take(if limit == 0 { usize::MAX } else { limit }).collect()
    }

    /// Always true: a function does not restrict parsing.
    #[doc(alias = "bs4.ElementFilter.allow_tag_creation")]
    pub fn allow_tag_creation(&self, _: Tag<'_>) -> bool {
        true
    }

    /// Always true: a function does not restrict parsing.
    #[doc(alias = "bs4.ElementFilter.allow_string_creation")]
    pub fn allow_string_creation(&self, _: &str) -> bool {
        true
    }
}
