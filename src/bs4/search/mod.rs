//! `find_all` and the related searches.

pub(super) mod filter;
pub(super) mod strainer;

use self::filter::Filter;
use self::strainer::{ElementFilter, SoupStrainer};
use super::tree::node::{NavigableString, Node, Tag};
use std::ops::Deref;

/// The argument of `find_all` and the related searches: a name, several names, `true` for any tag,
/// a function of tags, a [`SoupStrainer`], [`string`] for strings, an [`ElementFilter`] for both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query",
    label = "expected a name, a list of names, a pattern, a function or a `SoupStrainer`",
    note = "pass a name (`\"a\"`), a list by value or slice (`[\"a\", \"b\"]`, `&names[..]`), a `&re::Pattern`, a closure `|tag: Tag| -> bool`, `true` for every tag, or a `SoupStrainer`, which has attributes"
)]
pub trait Query<'q> {
    /// The type of the results: [`Tag`], [`NavigableString`] for [`string`], or [`Node`] for an
    /// [`ElementFilter`].
    type Found<'a>: Found<'a>;
    /// Prepares the query.
    fn search(self) -> Search<'q>;
}

/// A result of a query.
pub trait Found<'a>: Copy {
    /// Converts a node, if it is of this type.
    fn from_node(node: Node<'a>) -> Option<Self>;
}

impl<'a> Found<'a> for Tag<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_tag()
    }
}

impl<'a> Found<'a> for NavigableString<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_string()
    }
}

impl<'a> Found<'a> for Node<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        Some(node)
    }
}

/// A prepared query.
#[derive(Debug)]
pub struct Search<'q>(Asked<'q>);

#[derive(Debug)]
enum Asked<'q> {
    Strainer(SoupStrainer<'q>),
    Element(ElementFilter<'q>),
}

/// Matches strings: Python's `find_all(string=...)`.
///
/// ```
/// use leyden::bs4::{BeautifulSoup, string};
/// let soup = BeautifulSoup::new("<p>one<b>two</b></p>");
/// assert_eq!(soup.find(string("two")).unwrap().parent().unwrap().name(), "b");
/// assert_eq!(soup.find_all(string(true)).len(), 2);
/// ```
pub fn string<'q>(filter: impl Into<Filter<'q>>) -> Strings<'q> {
    Strings(SoupStrainer::any().string(filter))
}

/// A query for strings. [`string`] creates it.
#[derive(Debug, Clone)]
pub struct Strings<'q>(SoupStrainer<'q>);

impl Strings<'_> {
    /// Sets the maximum number of results.
    pub fn limit(self, limit: usize) -> Self {
        Strings(self.0.limit(limit))
    }

    /// Sets whether all strings in a tag are searched, or only its direct children.
    pub fn recursive(self, recursive: bool) -> Self {
        Strings(self.0.recursive(recursive))
    }
}

impl<'q> Query<'q> for SoupStrainer<'q> {
    type Found<'a> = Tag<'a>;
    fn search(self) -> Search<'q> {
        Search(Asked::Strainer(self.or_all_tags()))
    }
}

impl<'q> Query<'q> for &SoupStrainer<'q> {
    type Found<'a> = Tag<'a>;
    fn search(self) -> Search<'q> {
        self.clone().search()
    }
}

impl<'q> Query<'q> for Strings<'q> {
    type Found<'a> = NavigableString<'a>;
    fn search(self) -> Search<'q> {
        Search(Asked::Strainer(self.0))
    }
}

impl<'q> Query<'q> for ElementFilter<'q> {
    type Found<'a> = Node<'a>;
    fn search(self) -> Search<'q> {
        Search(Asked::Element(self))
    }
}

// The compiler would ask for a closure where a beginner passes a number.
#[diagnostic::do_not_recommend]
impl<'q, F: for<'t> Fn(Tag<'t>) -> bool + Send + Sync + 'q> Query<'q> for F {
    type Found<'a> = Tag<'a>;
    fn search(self) -> Search<'q> {
        SoupStrainer::function(self).search()
    }
}

macro_rules! by_name {
    ($([$($generics:tt)*] $name:ty),* $(,)?) => {
        $(impl<'q, $($generics)*> Query<'q> for $name {
            type Found<'a> = Tag<'a>;
            fn search(self) -> Search<'q> {
                SoupStrainer::new(self).search()
            }
        })*
    };
}

by_name! {
    [] &'q str,
    [] &'q String,
    [] String,
    [] bool,
    [T: Into<Filter<'q>>, const N: usize] [T; N],
    [T: Into<Filter<'q>>] Vec<T>,
    [T: Clone + Into<Filter<'q>>] &[T],
    [] Filter<'q>,
    [] &crate::re::Pattern,
    [] crate::re::Pattern,
}

#[cfg(feature = "regex")]
by_name! {
    [] &regex::Regex,
    [] regex::Regex,
}

/// The results in search order: a list with the conditions of the search.
#[derive(Debug)]
#[doc(alias = "bs4.ResultSet")]
pub struct ResultSet<'q, T> {
    items: Vec<T>,
    source: Option<Search<'q>>,
}

impl<'q, T> ResultSet<'q, T> {
    pub(crate) fn selected(items: Vec<T>) -> Self {
        ResultSet { items, source: None }
    }

    /// Returns the conditions of the search; `None` for a selector or a function of nodes.
    #[doc(alias = "bs4.ResultSet.source")]
    pub fn source(&self) -> Option<&SoupStrainer<'q>> {
        match &self.source {
            Some(Search(Asked::Strainer(strainer))) => Some(strainer),
            _ => None,
        }
    }

    /// Returns the list alone.
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }
}

impl<T> Deref for ResultSet<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for ResultSet<'_, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'s, T> IntoIterator for &'s ResultSet<'_, T> {
    type Item = &'s T;
    type IntoIter = std::slice::Iter<'s, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Runs a query on some nodes.
fn run<'a, 'q, Q: Query<'q>>(
    query: Q,
    top: Node<'a>,
    max: Option<usize>,
    nodes: impl FnOnce(bool) -> Nodes<'a>,
) -> ResultSet<'q, Q::Found<'a>> {
    let search = query.search();
    let (limit, recursive) = match &search.0 {
        Asked::Strainer(strainer) => (strainer.limit, strainer.recursive),
        Asked::Element(_) => (None, true),
    };
    let limit = max.or(limit).unwrap_or(usize::MAX);
    let doc = top.doc;
    let nodes = nodes(recursive);
    let found = |id: u32| <Q::Found<'a>>::from_node(Node { doc, id });
    let items = match &search.0 {
        Asked::Strainer(strainer) => match strainer.names_only(doc) {
            Some(names) => {
                let fits = |id: &u32| {
                    let node = doc.node(*id);
                    node.kind < super::tree::doc::TEXT && names.contains(node.a.get())
                };
                nodes.collect(fits, found, limit)
            }
            None => nodes.collect(|&id| is_something(doc, id) && strainer.matches(Node { doc, id }), found, limit),
        },
        Asked::Element(filter) => {
            let passes = |id| filter.includes_everything() || is_something(doc, id);
            nodes.collect(|&id| passes(id) && filter.matches(Node { doc, id }), found, limit)
        }
    };
    ResultSet { items, source: Some(search) }
}

/// The truth value of a node in Python: an empty comment or doctype is skipped.
fn is_something(doc: &super::tree::doc::Doc, id: u32) -> bool {
    doc.is_tag(id) || !doc.string(id).is_empty()
}

/// The nodes to search.
enum Nodes<'a> {
    Descendants(Node<'a>),
    Other(Box<dyn Iterator<Item = u32> + 'a>),
}

impl<'a> Nodes<'a> {
    fn of<T: Into<Node<'a>>>(nodes: impl Iterator<Item = T> + 'a) -> Self {
        Nodes::Other(Box::new(nodes.map(|node| node.into().id)))
    }

    fn collect<T>(self, fits: impl FnMut(&u32) -> bool, found: impl FnMut(u32) -> Option<T>, limit: usize) -> Vec<T> {
        match self {
            Nodes::Descendants(top) => top.doc.descendants(top.id).filter(fits).filter_map(found).take(limit).collect(),
            Nodes::Other(nodes) => nodes.filter(fits).filter_map(found).take(limit).collect(),
        }
    }
}

macro_rules! relatives {
    ($($(#[$doc:meta])* $one:ident, $(#[$docs:meta])* $all:ident => $nodes:ident;)*) => {
        impl<'a> Node<'a> {
            $(
                $(#[$doc])*
                pub fn $one<'q, Q: Query<'q>>(self, query: Q) -> Option<Q::Found<'a>> {
                    run(query, self, Some(1), |_| Nodes::of(self.$nodes())).first().copied()
                }

                $(#[$docs])*
                pub fn $all<'q, Q: Query<'q>>(self, query: Q) -> ResultSet<'q, Q::Found<'a>> {
                    run(query, self, None, |_| Nodes::of(self.$nodes()))
                }
            )*
        }
    };
}

relatives! {
    /// Returns the first matching node after this one, in document order.
    #[doc(alias = "bs4.PageElement.find_next")]
    find_next,
    /// Returns all matching nodes after this one, in document order.
    #[doc(alias = "bs4.PageElement.find_all_next")]
    find_all_next => next_elements;

    /// Returns the nearest matching node before this one, in document order.
    #[doc(alias = "bs4.PageElement.find_previous")]
    find_previous,
    /// Returns all matching nodes before this one, the nearest first.
    #[doc(alias = "bs4.PageElement.find_all_previous")]
    find_all_previous => previous_elements;

    /// Returns the first matching node after this one, in the same tag.
    #[doc(alias = "bs4.PageElement.find_next_sibling")]
    find_next_sibling,
    /// Returns all matching nodes after this one, in the same tag.
    #[doc(alias = "bs4.PageElement.find_next_siblings")]
    find_next_siblings => next_siblings;

    /// Returns the nearest matching node before this one, in the same tag.
    #[doc(alias = "bs4.PageElement.find_previous_sibling")]
    find_previous_sibling,
    /// Returns all matching nodes before this one, in the same tag, the nearest first.
    #[doc(alias = "bs4.PageElement.find_previous_siblings")]
    find_previous_siblings => previous_siblings;

    /// Returns the nearest matching tag around this node.
    #[doc(alias = "bs4.PageElement.find_parent")]
    find_parent,
    /// Returns all matching tags around this node, the nearest first.
    #[doc(alias = "bs4.PageElement.find_parents")]
    find_parents => parents;
}

impl<'a> Tag<'a> {
    /// Returns the first match in this tag: see [`Tag::find_all`]. `soup.a` in Python is
    /// `soup.find("a")` here.
    #[doc(alias = "bs4.Tag.find")]
    pub fn find<'q, Q: Query<'q>>(self, query: Q) -> Option<Q::Found<'a>> {
        run(query, self.0, Some(1), |recursive| self.searched(recursive)).first().copied()
    }

    /// Returns all matches in this tag, in document order. The list is complete before it is
    /// returned, so the results may be edited freely.
    ///
    /// ```
    /// use leyden::bs4::{BeautifulSoup, SoupStrainer, Tag};
    /// let soup = BeautifulSoup::new("<p><a href=x>1</a><b>2</b></p>");
    /// assert_eq!(soup.find_all("a").len(), 1);
    /// assert_eq!(soup.find_all(["a", "b"]).len(), 2);
    /// assert_eq!(soup.find_all(|tag: Tag| tag.has_attr("href")).len(), 1);
    /// for tag in soup.find_all("a") {
    ///     tag.decompose();
    /// }
    /// assert_eq!(soup.find("p").unwrap().to_string(), "<p><b>2</b></p>");
    /// ```
    #[doc(alias = "bs4.Tag.find_all")]
    pub fn find_all<'q, Q: Query<'q>>(self, query: Q) -> ResultSet<'q, Q::Found<'a>> {
        run(query, self.0, None, |recursive| self.searched(recursive))
    }

    fn searched(self, recursive: bool) -> Nodes<'a> {
        if recursive { Nodes::Descendants(self.0) } else { Nodes::of(self.children()) }
    }
}
