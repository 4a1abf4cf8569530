//! CSS selectors, as in soupsieve.
//!
//! ```
//! use leyden::bs4::BeautifulSoup;
//!
//! let soup = BeautifulSoup::new("<ul id=menu><li><a href=/>Home</a><li class=on><a href=/jobs>Jobs</a></ul>");
//! let hrefs: Vec<_> = soup.select("#menu > li:not(.on) a[href]")?.into_iter().filter_map(|a| a.get("href")).collect();
//! assert_eq!(hrefs, ["/"]);
//! assert!(soup.select_one("li.on")?.unwrap().css().matches(":nth-child(2)")?);
//! assert!(soup.select("li:nonsense").is_err());
//! # Ok::<(), leyden::bs4::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `soup.select("div > a")` | `soup.select("div > a")?` |
//! | `soup.select_one("#main")` | `soup.select_one("#main")?` |
//! | `tag.css.match("a[href]")` | `tag.css().matches("a[href]")?` |
//! | `tag.css.closest("div")`, `.filter("a")`, `.iselect("a")` | `tag.css().closest("div")?`, `.filter("a")?`, `.iselect("a")?` |
//! | `soup.css.compile("a")` | `Selector::new("a")?`, which each of them takes too |
//! | `tag.css.escape(name)` | `Css::escape(name)` |
//! | `select(s, namespaces={...})`, `custom={...}` | `Selector::builder().namespace(..).custom(..).compile(s)?` |
//!
//! An unknown selector is [`Error::SelectorSyntax`], never an empty result.
//!
//! `select("table > tr")` finds nothing in HTML: the parser puts rows into a `tbody`, as browsers do. Write `table tr` or `table > tbody > tr`.
//!
//! DIFFERENCE: `:-soup-contains(two words)` without quotes is an error; soupsieve takes it for
//! `:is(two words)`.
//!
//! DIFFERENCE: nesting and chains of combinators are limited to 128, to limit the stack. As in
//! soupsieve, a selector has at most 8,192 parts.

mod combine;
mod draft;
mod forms;
mod html;
mod ids;
mod inputs;
mod language;
mod lex;
mod matcher;
mod parse;
mod pseudo;
mod types;

use super::error::Error;
use super::search::ResultSet;
use super::tree::doc::{ELEMENT, NONE, ROOT};
use super::tree::node::{Node, Tag};
use matcher::{Matcher, Namespaces};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// A parsed selector, for repeated use.
///
/// ```
/// use leyden::bs4::{BeautifulSoup, css::Selector};
/// let links = Selector::new("a[href^=http]:not(.ad)")?;
/// let soup = BeautifulSoup::new("<a href=http://x>1</a><a class=ad href=http://y>2</a>");
/// assert_eq!(soup.select(&links)?.len(), 1);
/// # Ok::<(), leyden::bs4::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Selector {
    list: Arc<types::SelectorList>,
    namespaces: Option<Namespaces>,
}

impl Selector {
    /// Parses a selector. Namespace prefixes are those of the document it is used with.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.compile")]
    pub fn new(selector: &str) -> Result<Selector, Error> {
        Selector::builder().compile(selector)
    }

    /// Starts with namespaces and custom selectors, before parsing a selector.
    pub fn builder() -> SelectorBuilder {
        SelectorBuilder::default()
    }
}

/// Settings for a selector. [`Selector::builder`] returns it.
#[derive(Debug, Clone, Default)]
pub struct SelectorBuilder {
    namespaces: Option<Namespaces>,
    custom: Vec<(String, String)>,
}

impl SelectorBuilder {
    /// Defines a prefix; the empty one is for names without prefix. The document's prefixes are
    /// then ignored.
    pub fn namespace(mut self, prefix: impl Into<String>, uri: impl Into<String>) -> Self {
        self.namespaces.get_or_insert_default().push((prefix.into(), uri.into()));
        self
    }

    /// Defines a custom selector: `.custom(":--heading", "h1, h2, h3")`. It may use those defined
    /// before it.
    pub fn custom(mut self, name: impl Into<String>, selector: impl Into<String>) -> Self {
        self.custom.push((name.into(), selector.into()));
        self
    }

    /// Parses a selector.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    pub fn compile(self, selector: &str) -> Result<Selector, Error> {
        let mut custom = parse::Custom::new();
        for (name, text) in self.custom {
            let list = parse::parse(&text, &custom)?;
            custom.insert(lex::unescape(&name).to_ascii_lowercase(), Arc::new(list));
        }
        Ok(Selector { list: Arc::new(parse::parse(selector, &custom)?), namespaces: self.namespaces })
    }
}

/// A selector, as text or parsed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a CSS selector",
    label = "expected a text or a compiled selector",
    note = "pass a text (`\"div.post > a\"`) or what `bs4::css::Selector::new(..)?` gives"
)]
pub trait IntoSelector {
    /// Returns the parsed selector.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    fn into_selector(self) -> Result<Selector, Error>;
}

impl IntoSelector for &str {
    fn into_selector(self) -> Result<Selector, Error> {
        Selector::new(self)
    }
}

impl IntoSelector for &String {
    fn into_selector(self) -> Result<Selector, Error> {
        Selector::new(self)
    }
}

impl IntoSelector for &Selector {
    fn into_selector(self) -> Result<Selector, Error> {
        Ok(self.clone())
    }
}

impl IntoSelector for Selector {
    fn into_selector(self) -> Result<Selector, Error> {
        Ok(self)
    }
}

/// The CSS methods of a tag: Python's `tag.css`.
#[derive(Debug, Clone, Copy)]
#[doc(alias = "bs4.CSS")]
pub struct Css<'a> {
    tag: Tag<'a>,
}

impl<'a> Css<'a> {
    /// Returns the matching tags within this one, in document order.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.select")]
    pub fn select(self, selector: impl IntoSelector) -> Result<ResultSet<'static, Tag<'a>>, Error> {
        self.select_limit(selector, 0)
    }

    /// Returns the first matching tags within this one, at most `limit`; 0 means no limit.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    pub fn select_limit(self, selector: impl IntoSelector, limit: usize) -> Result<ResultSet<'static, Tag<'a>>, Error> {
        let selector = selector.into_selector()?;
        let namespaces = self.namespaces(&selector);
        let matcher = Matcher::new(self.tag, &namespaces);
        let found = matcher.visible(self.tag.id).filter(|&id| matcher.matches(id, &selector.list));
        let limit = if limit == 0 { usize::MAX } else { limit };
        Ok(ResultSet::selected(found.take(limit).map(|id| self.at(id)).collect()))
    }

    /// Returns the first matching tag within this one.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.select_one")]
    pub fn select_one(self, selector: impl IntoSelector) -> Result<Option<Tag<'a>>, Error> {
        Ok(self.select_limit(selector, 1)?.first().copied())
    }

    /// Iterates over the matching tags within this one. The tree may be edited meanwhile, so
    /// nothing is cached between tags: with `:nth-child` and the like, [`Css::select`] is faster.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.iselect")]
    pub fn iselect<S: IntoSelector>(self, selector: S) -> Result<impl Iterator<Item = Tag<'a>> + use<'a, S>, Error> {
        let selector = selector.into_selector()?;
        let namespaces = self.namespaces(&selector).into_owned();
        let (doc, top) = (self.tag.doc, self.tag.id);
        let mut at = doc.node(top).first.get();
        let tag = self.tag;
        let mut root = NONE;
        Ok(std::iter::from_fn(move || {
            while at != NONE {
                let id = at;
                let matcher = Matcher::with_root(tag, &namespaces, root);
                root = matcher.root;
                at = if matcher.is_template(id) { doc.after(id, top) } else { doc.following(id, top) };
                if matcher.matches(id, &selector.list) {
                    return Some(Tag(Node { doc, id }));
                }
            }
            None
        }))
    }

    /// Returns the tag itself if it matches, or the nearest matching tag around it.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.closest")]
    pub fn closest(self, selector: impl IntoSelector) -> Result<Option<Tag<'a>>, Error> {
        let selector = selector.into_selector()?;
        let namespaces = self.namespaces(&selector);
        let matcher = Matcher::new(self.tag, &namespaces);
        let mut at = self.tag.id;
        while at != NONE && !matcher.matches(at, &selector.list) {
            at = matcher.parent(at);
        }
        Ok(Node::new(self.tag.doc, at).map(Tag))
    }

    /// Returns true if the tag matches.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.match")]
    pub fn matches(self, selector: impl IntoSelector) -> Result<bool, Error> {
        let selector = selector.into_selector()?;
        let namespaces = self.namespaces(&selector);
        Ok(Matcher::new(self.tag, &namespaces).matches(self.tag.id, &selector.list))
    }

    /// Returns the matching direct children.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.CSS.filter")]
    pub fn filter(self, selector: impl IntoSelector) -> Result<ResultSet<'static, Tag<'a>>, Error> {
        let selector = selector.into_selector()?;
        let namespaces = self.namespaces(&selector);
        let matcher = Matcher::new(self.tag, &namespaces);
        let fits = self.tag.doc.children(self.tag.id).filter(|&id| matcher.matches(id, &selector.list));
        Ok(ResultSet::selected(fits.map(|id| self.at(id)).collect()))
    }

    /// Escapes a text as an identifier for a selector: `format!("#{}", Css::escape(id))`.
    #[doc(alias = "bs4.CSS.escape")]
    pub fn escape(identifier: &str) -> String {
        lex::escape(identifier)
    }

    fn at(self, id: u32) -> Tag<'a> {
        Tag(Node { doc: self.tag.doc, id })
    }

    /// Returns the selector's namespaces, or those in scope at the tag.
    fn namespaces<'s>(self, selector: &'s Selector) -> Cow<'s, Namespaces> {
        match &selector.namespaces {
            Some(namespaces) => Cow::Borrowed(namespaces),
            None => Cow::Owned(self.in_force()),
        }
    }

    fn in_force(self) -> Namespaces {
        let doc = self.tag.doc;
        if !doc.is_xml {
            return Namespaces::new();
        }
        if self.tag.id == ROOT {
            return doc.namespaces.clone();
        }
        let mut list: Namespaces = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        for node in self.tag.self_and_parents().filter(|node| doc.node(node.id).kind == ELEMENT) {
            for (_, attribute) in doc.attributes_of(node.id) {
                let name = doc.names.get(attribute.name);
                if name.prefix.as_deref() == Some("xmlns")
                    && let Some(prefix) = name.local.as_deref()
                    && known.insert(prefix)
                {
                    list.push((prefix.to_owned(), doc.slice(attribute.start, attribute.len).to_owned()));
                }
            }
        }
        list.extend(doc.namespaces.first().cloned());
        list
    }
}

impl<'a> Tag<'a> {
    /// Returns the CSS methods of the tag.
    #[doc(alias = "bs4.Tag.css")]
    pub fn css(self) -> Css<'a> {
        Css { tag: self }
    }

    /// Returns the tags within this one that a CSS selector matches, in document order.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.Tag.select")]
    pub fn select(self, selector: impl IntoSelector) -> Result<ResultSet<'static, Tag<'a>>, Error> {
        self.css().select(selector)
    }

    /// Returns the first tag within this one that a CSS selector matches.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`].
    #[doc(alias = "bs4.Tag.select_one")]
    pub fn select_one(self, selector: impl IntoSelector) -> Result<Option<Tag<'a>>, Error> {
        self.css().select_one(selector)
    }
}
