//! `bs4`: Beautiful Soup.

mod builder;
mod charset;
mod copy;
pub mod css;
mod dammit;
mod detector;
mod doc;
mod edit;
mod entities;
mod error;
mod filter;
mod formatter;
mod forward;
mod kinds;
mod names;
mod navigate;
mod node;
mod output;
mod prescan;
mod search;
mod smart_quotes;
mod strainer;
mod table;
mod tables;
mod text;
mod tree_builder;
mod value;

pub use copy::{NewString, NewTag};
pub use css::{Css, Selector};
pub use dammit::{Dammit, SmartQuotes, UnicodeDammit};
pub use detector::EncodingDetector;
pub use edit::{Insertable, IntoInsertables};
pub use entities::{EntitySubstitution, numeric_character_reference};
pub use error::Error;
pub use filter::Filter;
pub use formatter::Formatter;
pub use kinds::{StringKind, doctype};
pub use node::{NamespacedAttribute, NavigableString, Node, NodeId, Tag};
pub use output::Output;
pub use search::{Found, Query, ResultSet, Strings, string};
pub use strainer::{ElementFilter, SoupStrainer};
pub use table::Table;
pub use text::GetText;
pub use tree_builder::{Markup, TreeBuilder};
pub use value::{AttributeValue, NewValue};

use doc::{Doc, ROOT};
use std::fmt;

/// The name of the document as a tag.
#[doc(alias = "bs4.BeautifulSoup.ROOT_TAG_NAME")]
pub const ROOT_TAG_NAME: &str = "[document]";

/// A parsed document.
#[doc(alias = "bs4.BeautifulSoup")]
pub struct BeautifulSoup {
    doc: Doc,
    parse_only: Option<SoupStrainer<'static>>,
    original_encoding: Option<String>,
    declared_html_encoding: Option<String>,
    contains_replacement_characters: bool,
}

impl BeautifulSoup {
    /// Parses HTML, as browsers do. Of markup beyond 1 GiB the beginning is parsed; [`TreeBuilder::parse`] has an error for it.
    pub fn new<'m>(markup: impl Into<Markup<'m>>) -> BeautifulSoup {
        TreeBuilder::html().build(markup.into())
    }

    /// Parses XML: Python's `BeautifulSoup(markup, "xml")`.
    pub fn xml<'m>(markup: impl Into<Markup<'m>>) -> BeautifulSoup {
        TreeBuilder::xml().build(markup.into())
    }

    /// The document as a tag, named `[document]`.
    pub fn root(&self) -> Tag<'_> {
        Tag(Node { doc: &self.doc, id: ROOT })
    }

    /// Whether the document is XML.
    #[doc(alias = "bs4.BeautifulSoup.is_xml")]
    pub fn is_xml(&self) -> bool {
        self.doc.is_xml
    }

    /// The strainer with which the document was parsed.
    #[doc(alias = "bs4.BeautifulSoup.parse_only")]
    pub fn parse_only(&self) -> Option<&SoupStrainer<'static>> {
        self.parse_only.as_ref()
    }

    /// The encoding from which the bytes were read; `None` if the markup was text.
    #[doc(alias = "bs4.BeautifulSoup.original_encoding")]
    pub fn original_encoding(&self) -> Option<&str> {
        self.original_encoding.as_deref()
    }

    /// The encoding that the document's bytes declared, whether or not it was the right one.
    #[doc(alias = "bs4.BeautifulSoup.declared_html_encoding")]
    pub fn declared_html_encoding(&self) -> Option<&str> {
        self.declared_html_encoding.as_deref()
    }

    /// Whether some bytes could not be read and U+FFFD stands for them.
    #[doc(alias = "bs4.BeautifulSoup.contains_replacement_characters")]
    pub fn contains_replacement_characters(&self) -> bool {
        self.contains_replacement_characters
    }

    /// A new tag, which stands nowhere yet: by name, or as [`NewTag`] describes it.
    #[doc(alias = "bs4.BeautifulSoup.new_tag")]
    pub fn new_tag(&self, tag: impl Into<NewTag>) -> Tag<'_> {
        self.root().0.new_tag(tag)
    }

    /// A new string, which stands nowhere yet: text, or `(text, kind)`.
    #[doc(alias = "bs4.BeautifulSoup.new_string")]
    pub fn new_string(&self, string: impl Into<NewString>) -> NavigableString<'_> {
        self.root().0.new_string(string)
    }
}

/// A deep copy: Python's `copy.copy(soup)`.
impl Clone for BeautifulSoup {
    fn clone(&self) -> Self {
        let mut doc = Doc::new(self.doc.is_xml);
        doc.namespaces.clone_from(&self.doc.namespaces);
        for child in self.doc.children(ROOT) {
            let id = copy::copy_into(&self.doc, child, &doc, true);
            doc.link(id, ROOT, doc::NONE);
        }
        BeautifulSoup {
            doc,
            parse_only: self.parse_only.clone(),
            original_encoding: self.original_encoding.clone(),
            declared_html_encoding: self.declared_html_encoding.clone(),
            contains_replacement_characters: self.contains_replacement_characters,
        }
    }
}

/// Prints the document as markup: Python's `str(soup)`.
impl fmt::Display for BeautifulSoup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.root(), f)
    }
}

impl fmt::Debug for BeautifulSoup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Documents are equal when their contents are.
impl PartialEq for BeautifulSoup {
    fn eq(&self, other: &Self) -> bool {
        self.root() == other.root()
    }
}
