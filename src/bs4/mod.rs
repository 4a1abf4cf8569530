//! `bs4`: Beautiful Soup. Parses HTML and XML into a tree that can be searched, edited and printed.
//!
//! ```
//! use leyden::bs4::BeautifulSoup;
//!
//! let soup = BeautifulSoup::new("<p>See <a href=/a>this</a> and <a href=/b class='x y'>that</a>.<script>no()</script>");
//! for a in soup.find_all("a") {
//!     println!("{:?} {}", a.get("href"), a.text());
//! }
//! assert_eq!(soup.select("p > a.y")?[0].get("href"), Some("/b"));
//! for tag in soup.find_all("script") {
//!     tag.decompose();
//! }
//! assert_eq!(soup.find("p").unwrap().text(), "See this and that.");
//! # Ok::<(), leyden::bs4::Error>(())
//! ```
//!
//! The results are those of [beautifulsoup4
//! 4.15](https://www.crummy.com/software/BeautifulSoup/bs4/doc/) with html5lib for HTML and lxml
//! for XML, and of soupsieve for CSS. html5ever builds the HTML tree, according to the current
//! standard.
//!
//! # Names
//!
//! | Python | leyden |
//! |---|---|
//! | `BeautifulSoup(markup, "html5lib")`, `(markup, "xml")` | [`BeautifulSoup::new`], [`BeautifulSoup::xml`]; text or bytes |
//! | `BeautifulSoup(markup, name, from_encoding=, parse_only=, ...)` | [`TreeBuilder::named`]`(name)?.from_encoding(..).parse(markup)?` |
//! | `soup.a`, `soup.find("a")`, `soup.find_all("a")` | `soup.find("a")`, `soup.find_all("a")` |
//! | `find_all("a", class_="x", limit=2)` | `find_all(`[`SoupStrainer::new`]`("a").class_("x").limit(2))` |
//! | `find_all(lambda tag: ...)`, `find_all(string="x")` | `find_all(\|tag: Tag\| ..)`, `find_all(`[`string`]`("x"))` |
//! | `find_next`, `find_all_previous`, `find_parents`, ... | the same, on [`Node`] |
//! | `soup.select("p > a")`, `tag.css.match("a")` | `soup.select("p > a")?`, `tag.css().matches("a")?`: see [`css`] |
//! | `tag["href"]`, `tag.get("href")`, `tag["class"]` | [`Tag::get`]`("href")`, [`Tag::get_attribute_list`]`("class")` |
//! | `tag["href"] = x`, `del tag["href"]`, `tag.name = x`, `tag.string = x` | [`Tag::set`], [`Tag::remove_attr`], [`Tag::set_name`], [`Tag::set_string`] |
//! | `tag.string`, `.strings`, `.stripped_strings`, `get_text("\|", strip=True)` | `string()`, `strings()`, `stripped_strings()`, [`Node::get_text`] |
//! | `.parent`, `.children`, `.next_sibling`, `.next_elements`, ... | the same, as methods |
//! | `append`, `insert`, `replace_with`, `wrap`, `unwrap`, `extract`, `decompose`, ... | the same, on [`Tag`] and [`Node`] |
//! | `soup.new_tag("a", href=x, string="t")`, `soup.new_string("c", Comment)` | [`NewTag`], `soup.new_string(("c", StringKind::Comment))` |
//! | `str(tag)`, `tag.prettify()`, `tag.decode(formatter="html")`, `tag.encode("latin-1")` | `to_string()`, `prettify()`, `decode_with(`[`Formatter::html`]`())`, `encode("latin-1")?` |
//! | `a == b`, `a is b`, `copy.copy(tag)`, `len(tag)` | `a == b`, `a.is(b)`, `tag.copy()` or `soup.clone()`, `tag.len()` |
//! | `isinstance(x, Comment)` | [`NavigableString::kind`]`() == `[`StringKind::Comment`] |
//! | `UnicodeDammit(bytes)`, `EncodingDetector`, `EntitySubstitution` | [`UnicodeDammit`], [`EncodingDetector`], [`EntitySubstitution`] |
//! | — | with the feature `scraper`: `BeautifulSoup::try_from(&html)?`, `soup.select(&selector)?` with a `scraper::Selector` |
//! | — | [`Tag::table`], [`Tag::links`], [`TreeBuilder::fragment`] |
//!
//! # Editing while iterating
//!
//! [`Tag`], [`NavigableString`] and [`Node`] are `Copy`: a reference to the document and a number.
//! They edit through the shared reference, so no `mut` and no exclusive borrow is needed. Iterators
//! find their next node before they return one.
//!
//! ```
//! # use leyden::bs4::BeautifulSoup;
//! # let soup = BeautifulSoup::new("<ul><li>1<li><b>2</b></ul><!-- x -->");
//! for item in soup.find_all("li") {                 // for item in soup.find_all("li"):
//!     item.set("class", ["item", "seen"]);          //     item["class"] = ["item", "seen"]
//!     item.insert(0, "• ")?;                        //     item.insert(0, "• ")
//!     if let Some(bold) = item.find("b") {          //     if item.b:
//!         bold.unwrap()?;                           //         item.b.unwrap()
//!     }
//! }
//! for node in soup.descendants() {                  // for c in soup.find_all(string=lambda s: isinstance(s, Comment)):
//!     if node.as_string().is_some_and(|s| s.kind() == leyden::bs4::StringKind::Comment) {
//!         node.extract();                           //     c.extract()
//!     }
//! }
//! assert_eq!(soup.find("ul").unwrap().decode_contents(), r#"<li class="item seen">• 1</li><li class="item seen">• 2</li>"#);
//! # Ok::<(), leyden::bs4::Error>(())
//! ```
//!
//! A document is `Send` and `Sync`. Threads may read it concurrently. During an edit, other threads
//! see each link before or after the change: never an invalid one, but possibly half of a move. The
//! memory of removed nodes is freed with the document.
//!
//! # Untrusted input
//!
//! Any bytes produce a tree. Tags nested deeper than 512 become siblings, as in browsers, so time
//! and stack do not grow with the depth, and nothing recurses. Formatting tags that a hostile
//! document would reopen in each paragraph without end are closed. Beyond about a thousand open
//! formatting tags, further ones are empty tags. Table cells that span rows and columns are
//! repeated at most 250,000 times ([`Error::Limit`]). XML expands only its five predefined entities
//! and reads no DTD. Markup is limited to 1 GiB.
//!
//! # Differences
//!
//! - DIFFERENCE: HTML follows the current standard; html5lib 1.1 (2020) follows an older one. Any
//!   tag may occur in `select`, and `template` has separate parsing rules (its contents remain its
//!   children).
//! - DIFFERENCE: `html.parser` and `lxml`, which build different trees from invalid HTML, are
//!   [`Error::FeatureNotFound`].
//! - DIFFERENCE: HTML bytes without a declared encoding are UTF-8 if valid, otherwise guessed;
//!   html5lib uses windows-1252. The declared encoding and the use of replacement characters are
//!   also reported for HTML.
//! - DIFFERENCE: an encoding declared in XML is always used, and invalid bytes are replaced; Python
//!   tries other encodings.
//! - As with html5lib, `tbody` is implied: `select("table > tr")` finds nothing where `html.parser`
//!   finds the rows. Write `table tr` or `table > tbody > tr`. `ruby` follows the standard too.
//! - DIFFERENCE: `parse_only` also works for HTML.
//! - DIFFERENCE: [`Tag::get`] returns a list joined by spaces; a member of a list cannot contain a
//!   space.
//! - DIFFERENCE: `next_element` always agrees with the tree, where html5lib's rearranging breaks
//!   Beautiful Soup's chain. The document's own `next_element` is its first node, where Python
//!   often has none.
//! - DIFFERENCE: several replacements of `replace_with` become adjacent siblings. Booleans become
//!   attributes ([`NewValue`]) as in HTML. `limit(0)` is never a limit.
//! - DIFFERENCE: removing children while iterating over them skips none.
//! - Not implemented: `multi_valued_attributes`, `string_containers`, `element_classes`,
//!   `store_line_numbers`, `encode(errors=)`, attributes without a value, negative indents,
//!   `insert(-1, ..)`, and Python's codecs that `encoding_rs` lacks (`cp850`, `mac-greek`,
//!   `utf-7`).
//! - DIFFERENCE: a tag cannot be inserted into a tag inside it; Python creates a cycle.
//! - DIFFERENCE: a node of another document is copied over and removed there; the old handle then
//!   has no parent.
//! - DIFFERENCE: [`Tag::sourcepos`] of tags that the parser added is the position where they were
//!   added, never -1.
//! - DIFFERENCE: malformed XML ends at the first error that cannot be recovered; quick-xml and
//!   libxml2 recover differently.
//! - DIFFERENCE: Python's warnings (`MarkupResemblesLocatorWarning`, ...) are not given.
//! - The differences in encodings are at [`UnicodeDammit`], those in selectors at [`css`].

mod builder;
pub mod css;
mod encoding;
mod error;
mod output;
#[cfg(feature = "scraper")]
mod scraper;
mod search;
mod table;
mod tables;
mod tree;

pub use builder::tree_builder::{Markup, TreeBuilder};
pub use css::{Css, Selector};
pub use encoding::dammit::{Dammit, SmartQuotes, UnicodeDammit};
pub use encoding::detector::EncodingDetector;
pub use error::Error;
pub use output::Output;
pub use output::doctype::doctype;
pub use output::entities::{EntitySubstitution, numeric_character_reference};
pub use output::formatter::Formatter;
pub use search::filter::Filter;
pub use search::strainer::{ElementFilter, SoupStrainer};
pub use search::{Found, Query, ResultSet, Strings, string};
pub use table::Table;
pub use tree::copy::{NewString, NewTag};
pub use tree::insertable::{Insertable, IntoInsertables};
pub use tree::kinds::StringKind;
pub use tree::node::{NamespacedAttribute, NavigableString, Node, NodeId, Tag};
pub use tree::text::{GetText, STRIP};
pub use tree::value::{AttributeValue, NewValue};

use std::fmt;
use tree::doc::{Doc, ROOT};

/// The document's name as a tag.
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
    /// Parses HTML as browsers do. Only the first GiB of larger markup is parsed;
    /// [`TreeBuilder::parse`] returns an error for it.
    pub fn new<'m>(markup: impl Into<Markup<'m>>) -> BeautifulSoup {
        TreeBuilder::html().build(markup.into())
    }

    /// Parses XML: Python's `BeautifulSoup(markup, "xml")`.
    pub fn xml<'m>(markup: impl Into<Markup<'m>>) -> BeautifulSoup {
        TreeBuilder::xml().build(markup.into())
    }

    /// Returns the document as a tag, named `[document]`.
    pub fn root(&self) -> Tag<'_> {
        Tag(Node { doc: &self.doc, id: ROOT })
    }

    /// Returns true for an XML document.
    #[doc(alias = "bs4.BeautifulSoup.is_xml")]
    pub fn is_xml(&self) -> bool {
        self.doc.is_xml
    }

    /// Returns the strainer that the document was parsed with.
    #[doc(alias = "bs4.BeautifulSoup.parse_only")]
    pub fn parse_only(&self) -> Option<&SoupStrainer<'static>> {
        self.parse_only.as_ref()
    }

    /// Returns the encoding that the bytes were decoded with; `None` if the markup was text.
    #[doc(alias = "bs4.BeautifulSoup.original_encoding")]
    pub fn original_encoding(&self) -> Option<&str> {
        self.original_encoding.as_deref()
    }

    /// Returns the encoding that the document declared, whether it was correct or not.
    #[doc(alias = "bs4.BeautifulSoup.declared_html_encoding")]
    pub fn declared_html_encoding(&self) -> Option<&str> {
        self.declared_html_encoding.as_deref()
    }

    /// Returns true if some bytes could not be decoded and were replaced by U+FFFD.
    #[doc(alias = "bs4.BeautifulSoup.contains_replacement_characters")]
    pub fn contains_replacement_characters(&self) -> bool {
        self.contains_replacement_characters
    }

    /// Creates a tag without a parent, from a name or a [`NewTag`].
    #[doc(alias = "bs4.BeautifulSoup.new_tag")]
    pub fn new_tag(&self, tag: impl Into<NewTag>) -> Tag<'_> {
        self.root().0.new_tag(tag)
    }

    /// Creates a string without a parent: text, or `(text, kind)`.
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
            let id = tree::copy::copy_into(&self.doc, child, &doc, true);
            doc.link(id, ROOT, tree::doc::NONE);
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
